//! Background work: everything settles and ends here, whether callbacks come or not (rule 6.11). Work
//! is claimed from the store with a lease, so that it runs once however many instances there are
//! and again if one of them dies with it (rule 8.7).

use crate::attempts::Heard;
use crate::bills;
use crate::callbacks;
use crate::codes::on_a_screen;
use crate::facts::{Attempt, JobKind};
use crate::host::{Host, HostError};
use crate::payments::query_delay_ms;
use crate::store::{Job, JobEnd};
use domain::Timestamp;
use domain::intent::AttemptState;
use domain::time::MINUTE_MS;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a claimed job is ours: longer than two whole calls to a channel take.
const LEASE_MS: i64 = 30_000;
/// Jobs worked on at the same time.
const AT_ONCE: usize = 16;
/// How long after an attempt's end it is asked about every minute (rule 6.9 needs two minutes and
/// two answers a minute apart).
const AFTER_END_MS: i64 = 10 * MINUTE_MS;

/// How fast background work goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Every wait between questions to a channel is divided by this; 1 is the product's.
    pub divisor: i64,
    /// How often the store is looked at when nobody rings, milliseconds.
    pub idle_ms: u64,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            divisor: 1,
            idle_ms: 1_000,
        }
    }
}

impl Pace {
    /// For demos and tests: no wait is longer than it has to be.
    pub fn fast() -> Pace {
        Pace {
            divisor: 10,
            idle_ms: 200,
        }
    }

    pub(crate) fn of(self, ms: i64) -> i64 {
        (ms / self.divisor.max(1)).max(100)
    }

    /// When an attempt is asked about again: every 10 s while it is on a screen, at most 30 s
    /// apart while it can be paid, every minute just after its end, then ever more rarely.
    pub fn next_query(self, attempt: &Attempt, now: Timestamp, tries: u32, watched: bool) -> i64 {
        let past_end = now.since_ms(attempt.time_expire);
        let wait = if past_end >= AFTER_END_MS {
            query_delay_ms(tries.max(4))
        } else if past_end >= 0 {
            MINUTE_MS
        } else if watched {
            10_000
        } else {
            query_delay_ms(tries.saturating_add(1)).min(30_000)
        };
        self.of(wait)
    }
}

/// How often it is written down when terminals were last in touch.
const CONTACTS_MS: i64 = MINUTE_MS;

async fn keep_contacts(host: &Arc<Host>) {
    let central = Arc::clone(host.central());
    let kept = tokio::task::spawn_blocking(move || central.keep_contacts());
    if let Ok(Err(error)) = kept.await {
        tracing::error!(%error, "the last contacts of terminals can't be kept");
    }
}

/// Works until `stop` ends.
pub async fn run(host: Arc<Host>, stop: impl Future<Output = ()>) {
    let worker = format!("{:016x}", host.central().env().number());
    let mut running: JoinSet<()> = JoinSet::new();
    let idle = Duration::from_millis(host.settings().pace.idle_ms.max(10));
    let mut kept_at = host.now();
    tokio::pin!(stop);
    loop {
        if host.now().since_ms(kept_at) >= CONTACTS_MS {
            kept_at = host.now();
            keep_contacts(&host).await;
        }
        let mut wait = idle;
        if host.keys_due() {
            let host = Arc::clone(&host);
            running.spawn(async move { host.refresh_keys().await });
        }
        match claim(&host, &worker, AT_ONCE.saturating_sub(running.len())).await {
            Ok(jobs) => {
                for job in jobs {
                    let host = Arc::clone(&host);
                    running.spawn(async move { finish(&host, job).await });
                }
                if running.len() < AT_ONCE {
                    wait = wait.min(until_next(&host).await.unwrap_or(idle));
                }
            }
            Err(error) => tracing::error!(%error, "background work can't be claimed"),
        }
        tokio::select! {
            () = &mut stop => return,
            () = host.bell.notified() => {}
            () = tokio::time::sleep(wait) => {}
            Some(_) = running.join_next() => {}
        }
    }
}

/// Does everything that is due now, one after the other; how many that was.
///
/// # Errors
/// The store's.
pub async fn run_due(host: &Arc<Host>) -> Result<usize, HostError> {
    let mut done = 0;
    if host.keys_due() {
        host.refresh_keys().await;
    }
    loop {
        let jobs = claim(host, "due", AT_ONCE).await?;
        if jobs.is_empty() {
            return Ok(done);
        }
        for job in jobs {
            finish(host, job).await;
            done += 1;
        }
    }
}

async fn claim(host: &Arc<Host>, worker: &str, limit: usize) -> Result<Vec<Job>, HostError> {
    let limit = u32::try_from(limit).unwrap_or(0);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let worker = worker.to_owned();
    host.read(move |store, cx| store.claim_jobs(cx, &worker, limit, LEASE_MS))
        .await
}

/// How long until something is due. What is due and not ours to claim is somebody else's. Looking
/// also tells this process's listeners of what another process committed (rule 8.5).
async fn until_next(host: &Arc<Host>) -> Option<Duration> {
    let central = Arc::clone(host.central());
    let look = move || central.act(|store, cx| store.next_job_at(cx));
    let next = tokio::task::spawn_blocking(look).await.ok()?.ok()??;
    let ms = next.since_ms(host.now()).max(100);
    Some(Duration::from_millis(u64::try_from(ms).unwrap_or(100)))
}

async fn finish(host: &Arc<Host>, job: Job) {
    let end = match work(host, &job).await {
        Ok(end) => end,
        Err(error) => {
            tracing::error!(kind = ?job.kind, subject = %job.subject, %error, "job failed");
            JobEnd::Again(host.now().plus_ms(host.settings().pace.of(30_000)))
        }
    };
    if let Err(error) = host
        .read(move |store, cx| store.finish_job(cx, &job, end))
        .await
    {
        // Its lease runs out, and it is done again.
        tracing::error!(%error, "a job's end could not be stored");
    }
}

async fn work(host: &Arc<Host>, job: &Job) -> Result<JobEnd, HostError> {
    match job.kind {
        JobKind::Query | JobKind::Close => {
            let number = job.subject.clone();
            let attempt = host
                .read(move |store, cx| store.attempt(cx, &number))
                .await?;
            let over = |a: &Attempt| matches!(a.state, AttemptState::Closed | AttemptState::Paid);
            match attempt.filter(|attempt| !over(attempt)) {
                Some(attempt) if job.kind == JobKind::Query => query(host, job, &attempt).await,
                Some(attempt) => close(host, job, &attempt).await,
                None => Ok(JobEnd::Done),
            }
        }
        JobKind::Expire => {
            let Ok(intent) = job.subject.parse() else {
                return Ok(JobEnd::Done);
            };
            host.act(move |store, cx| store.expire(cx, intent)).await?;
            Ok(JobEnd::Done)
        }
        JobKind::Recall => {
            let Ok(intent) = job.subject.parse() else {
                return Ok(JobEnd::Done);
            };
            host.act(move |store, cx| store.recall(cx, intent)).await?;
            Ok(JobEnd::Done)
        }
        JobKind::Callback => {
            let Ok(id) = job.subject.parse() else {
                return Ok(JobEnd::Done);
            };
            callbacks::process(host, id).await?;
            Ok(JobEnd::Done)
        }
        JobKind::Refund => match job.subject.parse() {
            Ok(id) => host.refund(job, id).await,
            Err(_) => Ok(JobEnd::Done),
        },
        JobKind::Bill => bills::run(host, job).await,
    }
}

async fn query(host: &Arc<Host>, job: &Job, attempt: &Attempt) -> Result<JobEnd, HostError> {
    match host.query(attempt).await? {
        Heard::Paid | Heard::Closed => Ok(JobEnd::Done),
        Heard::Unpaid | Heard::NoTrade | Heard::Unknown => {
            let (now, watched) = (
                host.now(),
                on_a_screen(attempt) || host.recently_looked_at(attempt.intent),
            );
            let wait = host
                .settings()
                .pace
                .next_query(attempt, now, job.tries, watched);
            Ok(JobEnd::Again(now.plus_ms(wait)))
        }
    }
}

async fn close(host: &Arc<Host>, job: &Job, attempt: &Attempt) -> Result<JobEnd, HostError> {
    match host.close(attempt).await? {
        // What the channel does not know is asked about until its own end (rule 6.8).
        Heard::Paid | Heard::Closed | Heard::NoTrade => Ok(JobEnd::Done),
        Heard::Unpaid | Heard::Unknown => {
            let wait = host
                .settings()
                .pace
                .of(query_delay_ms(job.tries).max(10_000));
            Ok(JobEnd::Again(host.now().plus_ms(wait)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::channel::Channel;
    use domain::id::IntentId;
    use domain::money::Money;

    fn attempt() -> Attempt {
        Attempt {
            out_trade_no: "FT1".into(),
            intent: IntentId(1),
            channel: Channel::Alipay,
            ordinal: 1,
            state: AttemptState::Open,
            merchant_no: String::new(),
            app_id: String::new(),
            amount_fen: Money::from_fen(1),
            time_expire: Timestamp(15 * MINUTE_MS),
            payer_key: String::new(),
            offer: String::new(),
            no_trade_since: None,
            recalled: false,
        }
    }

    #[test]
    fn an_attempt_is_asked_about_often_while_it_can_be_paid_and_never_forgotten() {
        let (pace, a) = (Pace::default(), attempt());
        let at = |ms, tries, recent| pace.next_query(&a, Timestamp(ms), tries, recent);
        assert_eq!(at(60_000, 0, true), 10_000);
        assert_eq!(at(60_000, 9, false), 30_000);
        assert_eq!(at(16 * MINUTE_MS, 30, false), MINUTE_MS);
        assert_eq!(at(30 * MINUTE_MS, 3, false), 300_000);
        assert_eq!(at(90 * MINUTE_MS, 60, false), 1_800_000);
        assert_eq!(Pace::fast().next_query(&a, Timestamp(0), 0, true), 1_000);
    }
}
