//! Bills from end to end: fetch or read one, ask the channel about payments in it that nobody here
//! has heard of, and match it with the books. A bill is unsigned, so it books nothing itself: the
//! query's signed answer goes to `settle` like any other, and the match comes after.

use crate::host::{Host, HostError};
use crate::payments::bill::BillSummary;
use crate::store::{Job, JobEnd, StoreError};
use crate::wallet::Gateways;
use domain::Timestamp;
use domain::channel::Channel;
use domain::time::{DAY_MS, MINUTE_MS};
use gateways::bill::{Bill, BillError, read_bill};
use gateways::{Answer, BillFile, Gateway, TradeState};
use jiff::civil::{Date, time};
use jiff::tz::{TimeZone, offset};
use std::sync::Arc;

/// How many payments of one bill are asked about; what is left stays a difference, and importing
/// the bill again asks on.
const ASKED: usize = 500;
/// How many days back a missed bill is fetched: a weekend with the backend switched off.
const DAYS_BACK: i64 = 3;
/// Channels have the bill of a day from about this time of the next.
const FETCHED_AT: jiff::civil::Time = time(10, 0, 0, 0);
/// How long until a bill that is being made is asked for again.
const AGAIN_MS: i64 = 30 * MINUTE_MS;

/// Why a bill was not matched.
#[derive(Debug, thiserror::Error)]
pub enum BillFailure {
    /// The file is no whole bill of that day.
    #[error(transparent)]
    Bill(#[from] BillError),
    /// The bill is of another merchant account.
    #[error(
        "this bill is of {channel} account {merchant_no}, which is not bound here; download the \
         company's own"
    )]
    OtherMerchant {
        /// Which channel.
        channel: &'static str,
        /// Whose bill it is.
        merchant_no: String,
    },
    /// No account of that channel is bound.
    #[error("no {0} account is bound; start the backend with its wallet file first")]
    NotBound(&'static str),
    /// The account's keys are not here, so nothing can be fetched.
    #[error(
        "there are no keys of the {0} account; name its wallet file, or the bill's with --file"
    )]
    NoKeys(&'static str),
    /// The channel did not hand it out.
    #[error("the channel has not handed out the bill: {0}; try again later")]
    NotFetched(String),
    /// The store's.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl From<StoreError> for BillFailure {
    fn from(error: StoreError) -> BillFailure {
        BillFailure::Host(error.into())
    }
}

/// A channel's stable name.
pub const fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::WechatPay => "wechat_pay",
        Channel::Alipay => "alipay",
    }
}

/// A bill that was matched.
#[derive(Debug)]
pub struct Matched {
    /// The counts.
    pub summary: BillSummary,
    /// Payments that nobody here had heard of, and that the channel's answer booked.
    pub settled: usize,
    /// What was met in the file and not read.
    pub warnings: Vec<String>,
}

impl Host {
    /// Matches a bill given as a file.
    ///
    /// # Errors
    /// [`BillFailure`]; nothing was changed.
    pub async fn import_bill(
        self: &Arc<Host>,
        channel: Channel,
        day: Date,
        name: &str,
        bytes: &[u8],
    ) -> Result<Matched, BillFailure> {
        let bill = read_bill(channel, name, bytes, day)?;
        let bindings = self.read(move |store, cx| store.bindings(cx)).await?;
        let mut ours = bindings.iter().filter(|held| held.channel == channel);
        let merchant_no = match &bill.merchant_no {
            Some(named) => ours
                .find(|held| held.merchant_no == *named)
                .ok_or_else(|| BillFailure::OtherMerchant {
                    channel: channel_name(channel),
                    merchant_no: named.clone(),
                })?,
            // A day without trades names nobody: it is the active account's, the first.
            None => ours
                .next()
                .ok_or(BillFailure::NotBound(channel_name(channel)))?,
        };
        let merchant_no = merchant_no.merchant_no.clone();
        self.match_bill(bill, merchant_no, day).await
    }

    /// Fetches an account's bill of a day and matches it.
    ///
    /// # Errors
    /// [`BillFailure`]; nothing was changed.
    pub async fn fetch_bill(
        self: &Arc<Host>,
        gateway: &Arc<dyn Gateway>,
        day: Date,
    ) -> Result<Matched, BillFailure> {
        let (channel, merchant_no) = (gateway.channel(), gateway.merchant_no().to_owned());
        let today = self.now().business_day();
        if day.tomorrow().map_or(true, |next| self.now() < ten(next)) {
            let early = "a day's bill is there from ten in the morning of the next";
            return Err(BillFailure::NotFetched(early.to_owned()));
        }
        let bill = match gateway.bill(day).await {
            Answer::Done(BillFile::File { name, bytes }) => read_bill(channel, &name, &bytes, day)?,
            // Both channels say the same of a day without trades and of a bill that is late. When
            // money of that day is booked here it is late, until another day has passed.
            Answer::Done(BillFile::NoTrades)
                if day.tomorrow().is_ok_and(|next| next >= today)
                    && self.booked(channel, &merchant_no, day).await? =>
            {
                let late = "it says there is none, but money of that day is booked here";
                return Err(BillFailure::NotFetched(late.to_owned()));
            }
            Answer::Done(BillFile::NoTrades) => Bill {
                channel,
                merchant_no: Some(merchant_no.clone()),
                rows: Vec::new(),
                fee_fen: domain::Money::ZERO,
                warnings: Vec::new(),
            },
            Answer::Rejected { code, message } => {
                return Err(BillFailure::NotFetched(format!("{code}: {message}")));
            }
            Answer::Unknown { why } => return Err(BillFailure::NotFetched(why.to_string())),
        };
        if bill
            .merchant_no
            .as_ref()
            .is_some_and(|named| *named != merchant_no)
        {
            return Err(BillFailure::OtherMerchant {
                channel: channel_name(channel),
                merchant_no: bill.merchant_no.unwrap_or_default(),
            });
        }
        self.match_bill(bill, merchant_no, day).await
    }

    async fn booked(
        self: &Arc<Host>,
        channel: Channel,
        merchant_no: &str,
        day: Date,
    ) -> Result<bool, HostError> {
        let merchant_no = merchant_no.to_owned();
        self.read(move |store, cx| store.booked_on(cx, channel, &merchant_no, day))
            .await
    }

    async fn match_bill(
        self: &Arc<Host>,
        bill: Bill,
        merchant_no: String,
        day: Date,
    ) -> Result<Matched, BillFailure> {
        let bill = Arc::new(bill);
        let held = Arc::clone(&bill);
        let unbooked = self
            .read(move |store, cx| store.unbooked(cx, &held))
            .await?;
        let mut settled = 0;
        for number in unbooked.iter().take(ASKED) {
            settled += usize::from(self.ask_about(&bill, &merchant_no, number).await?);
        }
        let held = Arc::clone(&bill);
        let summary = self
            .act(move |store, cx| store.reconcile_bill(cx, &held, &merchant_no, day))
            .await?;
        tracing::info!(channel = channel_name(bill.channel), %day, ?summary, "bill matched");
        Ok(Matched {
            summary,
            settled,
            warnings: bill.warnings.clone(),
        })
    }

    /// Asks the channel about a payment that only its bill knows; whether its answer booked it.
    async fn ask_about(
        self: &Arc<Host>,
        bill: &Bill,
        merchant_no: &str,
        number: &str,
    ) -> Result<bool, HostError> {
        for gateway in self.gateways().of_channel(bill.channel) {
            if gateway.merchant_no() != merchant_no {
                continue;
            }
            match gateway.query(number).await {
                Answer::Done(TradeState::Success(evidence) | TradeState::Refunded(evidence)) => {
                    self.settle(evidence).await?;
                    return Ok(true);
                }
                other => tracing::warn!(%number, ?other, "a payment that only a bill knows"),
            }
        }
        Ok(false)
    }
}

/// Asks for a job for each bound account that fetches its bills from now on.
///
/// # Errors
/// The store's.
pub async fn schedule(host: &Arc<Host>) -> Result<(), HostError> {
    for channel in Channel::ALL {
        let accounts = host.gateways().of_channel(channel);
        let accounts: Vec<String> = accounts.map(|g| g.merchant_no().to_owned()).collect();
        for merchant_no in accounts {
            let subject = format!("{}:{merchant_no}", channel_name(channel));
            let due = next_fetch(host.now());
            host.act(move |store, cx| {
                store.put_job(cx, crate::facts::JobKind::Bill, &subject, due)
            })
            .await?;
        }
    }
    Ok(())
}

/// Fetches the bills of the last days that were not matched yet, the oldest first.
pub(crate) async fn run(host: &Arc<Host>, job: &Job) -> Result<JobEnd, HostError> {
    let Some(gateway) = account(&host.gateways(), &job.subject) else {
        // Its keys are gone: a job is asked for again when they are back.
        return Ok(JobEnd::Done);
    };
    let today = host.now().business_day();
    for back in (1..=DAYS_BACK).rev() {
        let Ok(day) = today.checked_sub(jiff::Span::new().days(back)) else {
            continue;
        };
        let (channel, merchant_no) = (gateway.channel(), gateway.merchant_no().to_owned());
        let known = host
            .read(move |store, cx| store.bill_known(cx, channel, &merchant_no, day))
            .await?;
        if known {
            continue;
        }
        if let Err(error) = host.fetch_bill(&gateway, day).await {
            tracing::error!(account = %job.subject, %day, %error, "no bill; it is asked for again");
            return Ok(JobEnd::Again(host.now().plus_ms(AGAIN_MS)));
        }
    }
    Ok(JobEnd::Again(next_fetch(host.now())))
}

fn account(gateways: &Gateways, subject: &str) -> Option<Arc<dyn Gateway>> {
    let (name, merchant_no) = subject.split_once(':')?;
    let channel = Channel::ALL
        .into_iter()
        .find(|c| channel_name(*c) == name)?;
    gateways
        .of_channel(channel)
        .find(|gateway| gateway.merchant_no() == merchant_no)
}

/// Ten in the morning of a day in Beijing; a day beyond the calendar never comes.
fn ten(day: Date) -> Timestamp {
    let at = day.to_datetime(FETCHED_AT);
    let at = at.to_zoned(TimeZone::fixed(offset(8)));
    at.map_or(Timestamp(i64::MAX), |at| {
        Timestamp(at.timestamp().as_millisecond())
    })
}

/// Ten in the morning, the next time it comes, in Beijing.
fn next_fetch(now: Timestamp) -> Timestamp {
    let at = ten(now.business_day());
    if at > now { at } else { at.plus_ms(DAY_MS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_is_fetched_at_ten_in_beijing_the_next_time() {
        // 2026-11-25T09:59:59+08:00
        let before = Timestamp(1_795_571_999_000);
        assert_eq!(next_fetch(before), Timestamp(1_795_572_000_000));
        assert_eq!(
            next_fetch(Timestamp(1_795_572_000_000)),
            Timestamp(1_795_572_000_000 + DAY_MS)
        );
    }
}
