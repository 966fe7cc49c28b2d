//! Bills from end to end: fetch or read one, ask the channel about payments in it that nobody here
//! has heard of, and match it with the books. A bill is unsigned, so it books nothing itself: the
//! query's signed answer goes to `settle` like any other, and the match comes after.

mod requests;

use crate::host::{Host, HostError};
use crate::store::{Job, JobEnd, StoreError};
use crate::wallet::Gateways;
use domain::Timestamp;
use domain::bill::{BillKey, BillOrigin, BillSummary, BillType};
use domain::channel::Channel;
use domain::time::{DAY_MS, MINUTE_MS};
use gateways::bill::{Bill, BillError, FlowBill, read_bill, read_flows};
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
    /// The channel can't have it yet.
    #[error("the channel does not have the bill yet: {0}")]
    NotReady(&'static str),
    /// A bill that the channel has not.
    #[error("{0} has no such bill")]
    NoSuchBill(&'static str),
    /// A fund-flow bill without the trade bill of its day.
    #[error("match the trade bill of that day first: a fund-flow bill is matched with it")]
    TradeBillFirst,
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
    pub settled: u32,
    /// What was met in the file and not read.
    pub warnings: Vec<String>,
}

/// A bill that is to be read from a file.
#[derive(Clone, Debug)]
pub struct WantedBill {
    /// Which channel's.
    pub channel: Channel,
    /// Of which account; `None`: of the one that the bill names, or else of the active one.
    pub merchant_no: Option<String>,
    /// Of which day.
    pub day: Date,
    /// Which of that day's.
    pub bill: BillType,
}

/// The bills that a channel has.
const fn types_of(channel: Channel) -> &'static [BillType] {
    match channel {
        // In this order: the second is matched with the first.
        Channel::WechatPay => &[BillType::Trade, BillType::FundFlow],
        Channel::Alipay => &[BillType::Trade],
    }
}

fn has(channel: Channel, bill: BillType) -> Result<(), BillFailure> {
    match types_of(channel).contains(&bill) {
        true => Ok(()),
        false => Err(BillFailure::NoSuchBill(channel_name(channel))),
    }
}

impl Host {
    /// Matches a bill given as a file.
    ///
    /// # Errors
    /// [`BillFailure`]; nothing was changed.
    pub async fn import_bill(
        self: &Arc<Host>,
        wanted: WantedBill,
        name: &str,
        bytes: &[u8],
        origin: BillOrigin,
    ) -> Result<Matched, BillFailure> {
        let (channel, day) = (wanted.channel, wanted.day);
        has(channel, wanted.bill)?;
        let read = Read::of(channel, wanted.bill, name, bytes, day)?;
        let bindings = self.read(move |store, cx| store.bindings(cx)).await?;
        let mut ours = bindings.iter().filter(|held| held.channel == channel);
        let other = |merchant_no: &str| BillFailure::OtherMerchant {
            channel: channel_name(channel),
            merchant_no: merchant_no.to_owned(),
        };
        let named = read.merchant_no();
        let account = match named.or(wanted.merchant_no.as_deref()) {
            Some(named) => ours.find(|held| held.merchant_no == *named),
            // A bill may name nobody: it is the active account's, the first.
            None => ours.next(),
        };
        let account = account.map(|held| held.merchant_no.clone());
        let merchant_no = match (account, named) {
            (Some(account), _) => account,
            (None, Some(named)) => return Err(other(named)),
            (None, None) => return Err(BillFailure::NotBound(channel_name(channel))),
        };
        if wanted.merchant_no.is_some_and(|asked| asked != merchant_no) {
            return Err(other(&merchant_no));
        }
        let key = BillKey {
            channel,
            merchant_no,
            day,
            bill: wanted.bill,
        };
        self.match_read(read, key, origin).await
    }

    /// Fetches an account's bill of a day and matches it.
    ///
    /// # Errors
    /// [`BillFailure`]; nothing was changed.
    pub async fn fetch_bill(
        self: &Arc<Host>,
        gateway: &Arc<dyn Gateway>,
        day: Date,
        bill: BillType,
        origin: BillOrigin,
    ) -> Result<Matched, BillFailure> {
        let (channel, merchant_no) = (gateway.channel(), gateway.merchant_no().to_owned());
        has(channel, bill)?;
        let today = self.now().business_day();
        if day.tomorrow().map_or(true, |next| self.now() < ten(next)) {
            let early = "a day's bill is there from ten in the morning of the next";
            return Err(BillFailure::NotReady(early));
        }
        let file = match bill {
            BillType::Trade => gateway.bill(day).await,
            BillType::FundFlow => gateway.flows(day).await,
        };
        let read = match file {
            Answer::Done(BillFile::File { name, bytes }) => {
                Read::of(channel, bill, &name, &bytes, day)?
            }
            // Both channels say the same of a day without trades and of a bill that is late. When
            // money of that day is booked here it is late, until another day has passed.
            Answer::Done(BillFile::NoTrades)
                if day.tomorrow().is_ok_and(|next| next >= today)
                    && self.booked(channel, &merchant_no, day).await? =>
            {
                let late = "it says there is none, but money of that day is booked here";
                return Err(BillFailure::NotReady(late));
            }
            Answer::Done(BillFile::NoTrades) => Read::none(channel, bill, &merchant_no),
            Answer::Rejected { code, message } => {
                return Err(BillFailure::NotFetched(format!("{code}: {message}")));
            }
            Answer::Unknown { why } => return Err(BillFailure::NotFetched(why.to_string())),
        };
        if let Some(named) = read.merchant_no().filter(|named| *named != merchant_no) {
            return Err(BillFailure::OtherMerchant {
                channel: channel_name(channel),
                merchant_no: named.to_owned(),
            });
        }
        let key = BillKey {
            channel,
            merchant_no,
            day,
            bill,
        };
        self.match_read(read, key, origin).await
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

    async fn match_read(
        self: &Arc<Host>,
        read: Read,
        key: BillKey,
        origin: BillOrigin,
    ) -> Result<Matched, BillFailure> {
        match read {
            Read::Trade(bill) => self.match_bill(bill, key, origin).await,
            Read::FundFlow(bill) => self.match_flows(bill, key, origin).await,
        }
    }

    async fn match_bill(
        self: &Arc<Host>,
        bill: Bill,
        key: BillKey,
        origin: BillOrigin,
    ) -> Result<Matched, BillFailure> {
        let bill = Arc::new(bill);
        let held = Arc::clone(&bill);
        let unbooked = self
            .read(move |store, cx| store.unbooked(cx, &held))
            .await?;
        let mut settled = 0;
        for number in unbooked.iter().take(ASKED) {
            let new = self.ask_about(&bill, &key.merchant_no, number).await?;
            settled += u32::from(new);
        }
        let (held, day) = (Arc::clone(&bill), key.day);
        let summary = self
            .act(move |store, cx| {
                store.reconcile_bill(cx, &held, &key.merchant_no, key.day, &origin)
            })
            .await?;
        tracing::info!(channel = channel_name(bill.channel), %day, ?summary, "bill matched");
        Ok(Matched {
            summary,
            settled,
            warnings: bill.warnings.clone(),
        })
    }

    async fn match_flows(
        self: &Arc<Host>,
        bill: FlowBill,
        key: BillKey,
        origin: BillOrigin,
    ) -> Result<Matched, BillFailure> {
        let trade = BillKey {
            bill: BillType::Trade,
            ..key.clone()
        };
        let known = self.read(move |store, cx| store.bill_matched(cx, &trade));
        if !known.await? {
            return Err(BillFailure::TradeBillFirst);
        }
        let (day, warnings) = (key.day, bill.warnings.clone());
        let summary = self
            .act(move |store, cx| store.reconcile_flows(cx, &bill, &key, &origin))
            .await?;
        tracing::info!(%day, ?summary, "fund-flow bill matched");
        Ok(Matched {
            summary,
            settled: 0,
            warnings,
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

/// A bill as it was read.
enum Read {
    Trade(Bill),
    FundFlow(FlowBill),
}

impl Read {
    fn of(
        channel: Channel,
        bill: BillType,
        name: &str,
        bytes: &[u8],
        day: Date,
    ) -> Result<Read, BillError> {
        Ok(match bill {
            BillType::Trade => Read::Trade(read_bill(channel, name, bytes, day)?),
            BillType::FundFlow => Read::FundFlow(read_flows(name, bytes, day)?),
        })
    }

    /// The bill of a day on which nothing happened.
    fn none(channel: Channel, bill: BillType, merchant_no: &str) -> Read {
        match bill {
            BillType::Trade => Read::Trade(Bill {
                channel,
                merchant_no: Some(merchant_no.to_owned()),
                rows: Vec::new(),
                fee_fen: domain::Money::ZERO,
                warnings: Vec::new(),
            }),
            BillType::FundFlow => Read::FundFlow(FlowBill::default()),
        }
    }

    /// The account that it names.
    fn merchant_no(&self) -> Option<&str> {
        match self {
            Read::Trade(bill) => bill.merchant_no.as_deref(),
            Read::FundFlow(_) => None,
        }
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
    let mut late = false;
    for back in (1..=DAYS_BACK).rev() {
        let Ok(day) = today.checked_sub(jiff::Span::new().days(back)) else {
            continue;
        };
        for bill in types_of(gateway.channel()) {
            let key = BillKey {
                channel: gateway.channel(),
                merchant_no: gateway.merchant_no().to_owned(),
                day,
                bill: *bill,
            };
            let known = host.read(move |store, cx| store.bill_matched(cx, &key));
            if known.await? {
                continue;
            }
            let origin = BillOrigin::default();
            if let Err(error) = host.fetch_bill(&gateway, day, *bill, origin).await {
                let account = &job.subject;
                tracing::error!(%account, %day, ?bill, %error, "no bill; it is asked for again");
                late = true;
                // The day's other bill would be matched with this one; other days don't wait.
                break;
            }
        }
    }
    Ok(JobEnd::Again(if late {
        host.now().plus_ms(AGAIN_MS)
    } else {
        next_fetch(host.now())
    }))
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
