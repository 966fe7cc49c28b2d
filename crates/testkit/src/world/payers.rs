//! Payers with their wallets, and the backend's background work that settles what they pay. The
//! work is done in the steps of the backend's own worker, without its clock and its threads.

use super::{Happening, JOB_LEASE_MS, World};
use crate::net::{Fault, Weather};
use crate::wallets::Said;
use backend::facts::JobKind;
use backend::payments::asks::{Answered, Begin, Observed};
use backend::payments::query_delay_ms;
use backend::store::{CashierView, Job, JobEnd};
use domain::Money;
use domain::channel::Channel;
use domain::id::IntentId;
use domain::intent::AttemptState;
use domain::time::MINUTE_MS;
use gateways::{Evidence, Source};
use wire::link::Link;

impl World {
    /// A payer opens a link at this moment.
    pub(crate) fn plan_payer(&mut self, ms: u64, link: &str, channel: Channel, pays: bool) {
        let link = link.to_owned();
        self.later(
            ms,
            Happening::OpensLink {
                link,
                channel,
                pays,
            },
        );
    }

    pub(super) fn opens(&mut self, link: &str, channel: Channel, pays: bool) {
        let code = link.rsplit('/').next().unwrap_or_default();
        let link = Link::parse(code).expect("a terminal shows a good link");
        let central = self.backend.central();
        let view = central
            .act(|store, cx| store.open_link(cx, &link))
            .expect("a link opens");
        let word = format!("{view:?}");
        let word = word.split('(').next().unwrap_or_default().to_owned();
        if let CashierView::Payable(ask) | CashierView::Unknown(ask) = view {
            let mut attempt = self.begin_attempt(ask.intent, channel);
            if let Some(Begin::CloseFirst(other)) = &attempt {
                self.close(&other.out_trade_no);
                attempt = self.begin_attempt(ask.intent, channel);
            }
            if let Some(Begin::Create(attempt) | Begin::Offered(attempt)) = attempt {
                let number = attempt.out_trade_no.clone();
                self.wallets.place(&attempt);
                let lost = self.weather == Weather::Rough && self.dice.percent(8);
                let answer = if lost {
                    self.counts.count(Fault::ChannelAnswerLost);
                    Answered::Unknown
                } else {
                    Answered::Created {
                        offer: "offer".to_owned(),
                    }
                };
                let central = self.backend.central();
                central
                    .act(|store, cx| store.attempt_answered(cx, &number, answer))
                    .expect("the answer is recorded");
                if pays {
                    let ms = self.dice.between(500, 25_000);
                    self.later(ms, Happening::Pays { number });
                }
            }
        }
        self.note(&format!("payer opens {link:?}: {word}"));
        self.after_backend();
    }

    fn begin_attempt(&self, intent: IntentId, channel: Channel) -> Option<Begin> {
        let central = self.backend.central();
        let begun = central.act(|store, cx| store.begin_attempt(cx, intent, channel, "payer"));
        Some(begun.expect("an attempt begins or is refused"))
    }

    pub(super) fn pays(&mut self, number: &str) {
        let Some(trade) = self.wallets.trade(number) else {
            return;
        };
        let (asked, intent) = (trade.attempt.amount_fen, trade.attempt.intent);
        let rough = self.weather == Weather::Rough;
        let wrong = rough && self.dice.percent(2);
        let amount = if wrong {
            Money::from_fen(asked.fen() + 1)
        } else {
            asked
        };
        let others = self
            .wallets
            .trades()
            .filter(|trade| trade.attempt.intent == intent);
        let twice = others.filter(|trade| trade.paid().is_some()).count() > 0;
        let paid = self.wallets.pay(number, self.clock.now(), amount);
        self.note(&format!("payer pays {number} {amount}: {paid}"));
        if !paid {
            return;
        }
        if wrong {
            self.counts.count(Fault::WrongAmount);
        }
        if twice {
            self.counts.count(Fault::PaidTwice);
        }
        if !crate::sim::backend_knows(&self.backend, intent) {
            self.counts.count(Fault::PaidBeforeOperation);
        }
        if rough && self.dice.percent(25) {
            self.counts.count(Fault::CallbackLost);
            return;
        }
        let ms = self.dice.between(50, 3_000);
        self.later(
            ms,
            Happening::Callback {
                number: number.to_owned(),
            },
        );
        if rough && self.dice.percent(25) {
            self.counts.count(Fault::CallbackRepeated);
            let ms = self.dice.between(50, 200_000);
            self.later(
                ms,
                Happening::Callback {
                    number: number.to_owned(),
                },
            );
        }
    }

    pub(super) fn settle(&mut self, evidence: &Evidence) {
        let central = self.backend.central();
        let settled = central.act(|store, cx| store.settle(cx, evidence));
        let settled = settled.expect("verified money is always booked");
        self.note(&format!("settle {}: {settled:?}", evidence.out_trade_no()));
        self.after_backend();
    }

    /// Records what a channel said; true when there is nothing more to ask.
    fn said(&mut self, number: &str, said: Said, to_close: bool) -> bool {
        let (observed, over) = match said {
            Said::Paid(evidence) => {
                self.settle(&evidence);
                return true;
            }
            Said::NotPaid => (Observed::NotPaid, false),
            Said::Closed => (Observed::Closed, true),
            Said::NoSuchTrade => (Observed::NoSuchTrade { to_close }, to_close),
        };
        self.observe(number, observed);
        over
    }

    fn observe(&mut self, number: &str, observed: Observed) {
        self.note(&format!("observe {number}: {observed:?}"));
        let central = self.backend.central();
        central
            .act(|store, cx| store.observe(cx, number, observed))
            .expect("it is recorded");
    }

    fn close(&mut self, number: &str) -> bool {
        let said = self.wallets.close(number, self.clock.now());
        self.said(number, said, true)
    }

    /// The backend's background work that is due, in the steps of its own worker, with channels that
    /// answer at once or not at all.
    pub(super) fn jobs(&mut self) {
        self.jobs_at = None;
        let central = self.backend.central();
        let claimed = central
            .act(|store, cx| store.claim_jobs(cx, "worker", 16, JOB_LEASE_MS))
            .expect("jobs are claimed");
        for job in claimed {
            let end = self.job(&job);
            self.note(&format!("job {:?} {}: {end:?}", job.kind, job.subject));
            let central = self.backend.central();
            central
                .act(|store, cx| store.finish_job(cx, &job, end))
                .expect("a job ends");
        }
        self.after_backend();
    }

    fn job(&mut self, job: &Job) -> JobEnd {
        let number = job.subject.as_str();
        match job.kind {
            JobKind::Query | JobKind::Close => self.ask_channel(job),
            JobKind::Expire => {
                if let Ok(intent) = number.parse() {
                    let central = self.backend.central();
                    central
                        .act(|store, cx| store.expire(cx, intent))
                        .expect("an intent expires");
                }
                JobEnd::Done
            }
            JobKind::Recall => {
                if let Ok(intent) = number.parse() {
                    let central = self.backend.central();
                    central
                        .act(|store, cx| store.recall(cx, intent))
                        .expect("an intent is recalled");
                }
                JobEnd::Done
            }
            // Nobody here refunds or writes bills, and callbacks are brought by hand.
            JobKind::Callback | JobKind::Refund | JobKind::Bill => JobEnd::Done,
        }
    }

    fn ask_channel(&mut self, job: &Job) -> JobEnd {
        let (now, number) = (self.clock.now(), job.subject.as_str());
        let central = self.backend.central();
        let attempt = central
            .store()
            .attempt(&central.context(), number)
            .expect("readable");
        let ended = |state| matches!(state, AttemptState::Closed | AttemptState::Paid);
        let Some(attempt) = attempt.filter(|attempt| !ended(attempt.state)) else {
            return JobEnd::Done;
        };
        let silent = self.weather == Weather::Rough && self.dice.percent(10);
        let closes = job.kind == JobKind::Close;
        let over = if silent {
            self.counts.count(Fault::ChannelSilent);
            if closes {
                self.observe(number, Observed::Unknown);
            }
            false
        } else if closes {
            self.close(number)
        } else {
            let said = self.wallets.query(number, now, Source::Query);
            self.said(number, said, false)
        };
        if over {
            return JobEnd::Done;
        }
        let wait = if closes {
            query_delay_ms(job.tries).max(10_000)
        } else if now >= attempt.time_expire {
            MINUTE_MS
        } else {
            query_delay_ms(job.tries + 1).min(30_000)
        };
        JobEnd::Again(now.plus_ms(wait))
    }
}
