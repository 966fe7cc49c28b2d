//! The three-way match: what a channel's bill says against the transaction records of these books,
//! the attempts behind them and their refunds. A bill is no evidence (it is unsigned), so it books
//! no money that came or went: it sets fees on money that is booked, and puts every difference
//! before a person.

use crate::books::{About, Books, Stop};
use crate::facts::{Attempt, JobKind};
use domain::Money;
use domain::bill::{BillSummary, Found};
use domain::id::AttentionId;
use domain::intent::{AttemptState, TransactionRecord};
use domain::ledger;
use domain::refund::{Refund, RefundState};
use gateways::bill::{Bill, BillKind, BillRow};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod flows;

pub use flows::{
    Trades, book as book_flows, reconcile as reconcile_flows, summary as summary_of_flows,
};

/// The kind of attention item that a difference makes; `None` for none.
const fn attention(found: Found) -> Option<&'static str> {
    match found {
        Found::Matched | Found::Other => None,
        Found::OnlyHere => Some("bill_only_here"),
        Found::OnlyProvider => Some("bill_only_provider"),
        Found::AmountDiffers => Some("bill_amount_differs"),
        Found::FeeDiffers => Some("bill_fee_differs"),
    }
}

/// One line of a reconciliation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillItem {
    /// Names the money: what it is, the channel's number, for a refund our number of it.
    pub key: String,
    /// How it stands.
    pub found: Found,
    /// The channel's number of the trade.
    pub provider_no: String,
    /// Our number of the attempt.
    pub out_trade_no: String,
    /// What is booked here.
    pub here_fen: Option<Money>,
    /// What the bill says.
    pub there_fen: Option<Money>,
    /// What the channel kept by the bill.
    pub fee_fen: Money,
    /// Where the attempt stands that the number names; `None` when it names none of ours.
    pub attempt: Option<AttemptState>,
    /// The channel's words for it, of a fund-flow bill.
    #[serde(default)]
    pub note: String,
}

/// What an earlier import of this day's bill, or of a neighbour's, left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierItem {
    /// How it stood.
    pub found: Found,
    /// What of it is still before a person's eyes.
    pub attention: Option<AttentionId>,
    /// Whether the fee it names has been posted.
    pub fee_posted: bool,
}

/// What the books know of a bill's money.
#[derive(Clone, Debug, Default)]
pub struct Ours {
    /// Transaction records by the channel's number: those that the bill names, and those of its
    /// account and day. `true`: the money waits for its operation.
    pub records: BTreeMap<String, (TransactionRecord, bool)>,
    /// Those of them that were paid on the bill's day.
    pub of_day: Vec<String>,
    /// Attempts that the bill's rows name.
    pub attempts: BTreeMap<String, Attempt>,
    /// Refunds by our number: those that the bill's rows name, and those in `refunds_of_day`.
    pub refunds: BTreeMap<String, Refund>,
    /// Refunds of its account that were paid out on the bill's day and that no other day's bill
    /// names: the channel's number of the payment, and ours of the refund.
    pub refunds_of_day: Vec<(String, String)>,
    /// Items of earlier imports by key.
    pub earlier: BTreeMap<String, EarlierItem>,
}

/// Matches a bill with the books. Pure; every row makes one item, and every record and refund of
/// the day that no row and no earlier bill names makes one more.
pub fn reconcile(bill: &Bill, ours: &Ours) -> Vec<BillItem> {
    let mut items: Vec<BillItem> = bill.rows.iter().map(|row| item(row, ours)).collect();
    let named = |number: &String| {
        let mut payments = bill.rows.iter().filter(|r| r.kind == BillKind::Payment);
        payments.any(|row| row.provider_no == *number)
    };
    for number in ours.of_day.iter().filter(|number| !named(number)) {
        let Some((record, _)) = ours.records.get(number) else {
            continue;
        };
        // A trade at midnight may stand in the bill of the day beside: then its fee is known.
        if record.fee_fen.is_some() {
            continue;
        }
        items.push(BillItem {
            key: payment_key(number),
            found: Found::OnlyHere,
            provider_no: number.clone(),
            out_trade_no: record.out_trade_no.clone(),
            here_fen: Some(record.gross_fen),
            there_fen: None,
            fee_fen: Money::ZERO,
            attempt: ours.attempts.get(&record.out_trade_no).map(|a| a.state),
            note: String::new(),
        });
    }
    let named: BTreeSet<String> = bill.rows.iter().map(key).collect();
    for (provider_no, number) in &ours.refunds_of_day {
        let key = refund_key(provider_no, number);
        let (refund, record) = (ours.refunds.get(number), ours.records.get(provider_no));
        let (Some(refund), Some((record, _)), false) = (refund, record, named.contains(&key))
        else {
            continue;
        };
        items.push(BillItem {
            key,
            found: Found::OnlyHere,
            provider_no: provider_no.clone(),
            out_trade_no: record.out_trade_no.clone(),
            here_fen: Some(refund.amount_fen),
            there_fen: None,
            fee_fen: Money::ZERO,
            attempt: ours.attempts.get(&record.out_trade_no).map(|a| a.state),
            note: String::new(),
        });
    }
    items
}

fn payment_key(provider_no: &str) -> String {
    format!("payment {provider_no}")
}

/// The key of a refund: the channel's number of the payment, and ours of the refund.
pub fn refund_key(provider_no: &str, number: &str) -> String {
    format!("refund {provider_no} {number}")
}

/// The key of a row: an item of an earlier import has the same.
pub fn key(row: &BillRow) -> String {
    match &row.out_refund_no {
        Some(number) => refund_key(&row.provider_no, number),
        None => payment_key(&row.provider_no),
    }
}

fn item(row: &BillRow, ours: &Ours) -> BillItem {
    let attempt = ours.attempts.get(&row.out_trade_no);
    let record = ours.records.get(&row.provider_no).map(|(record, _)| record);
    let (found, here_fen) = match row.kind {
        BillKind::Payment => payment(row, record, attempt),
        BillKind::Refund => refund(row, record, ours),
    };
    BillItem {
        key: key(row),
        found,
        provider_no: row.provider_no.clone(),
        out_trade_no: row.out_trade_no.clone(),
        here_fen,
        there_fen: Some(row.gross_fen),
        fee_fen: row.fee_fen,
        attempt: attempt.map(|attempt| attempt.state),
        note: String::new(),
    }
}

fn refund(
    row: &BillRow,
    record: Option<&TransactionRecord>,
    ours: &Ours,
) -> (Found, Option<Money>) {
    let number = row.out_refund_no.as_deref().unwrap_or_default();
    let Some(refund) = ours.refunds.get(number) else {
        return (Found::OnlyProvider, None);
    };
    let here = refund.amount_fen;
    let of_trade = record.is_some_and(|record| record.id == refund.transaction_record);
    // One that is under way is no difference: `book` has the channel asked about it.
    let stands = refund.state == RefundState::Done || refund.state.under_way();
    let found = if here == row.gross_fen && of_trade && stands {
        Found::Matched
    } else {
        Found::AmountDiffers
    };
    (found, Some(here))
}

fn payment(
    row: &BillRow,
    record: Option<&TransactionRecord>,
    attempt: Option<&Attempt>,
) -> (Found, Option<Money>) {
    let Some(record) = record else {
        return (Found::OnlyProvider, None);
    };
    let here = record.gross_fen;
    // Money that was booked for an ask must stand on an attempt that is paid with this amount;
    // money that fitted none was reported when it came.
    let fits = record.intent.is_none()
        || attempt.is_some_and(|a| a.state == AttemptState::Paid && a.amount_fen == here);
    let found = if here != row.gross_fen || record.out_trade_no != row.out_trade_no || !fits {
        Found::AmountDiffers
    } else if record.fee_fen.is_some_and(|fee| fee != row.fee_fen) {
        Found::FeeDiffers
    } else {
        Found::Matched
    };
    (found, Some(here))
}

/// What a reconciliation leaves of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The item.
    pub item: BillItem,
    /// The attention item that it made or kept.
    pub attention: Option<AttentionId>,
    /// Whether its fee is posted.
    pub fee_posted: bool,
}

/// Books what a reconciliation found: fees on what matched, once, and each new difference before a
/// person. A difference that is unchanged keeps its attention item; answers, beside the items, the
/// attention items that have become pointless. Refunds that the bill names and that have not left
/// here are asked about at once.
///
/// # Errors
/// A posting that the ledger refuses.
pub fn book(
    books: &mut Books<'_>,
    bill: &Bill,
    ours: &Ours,
    items: Vec<BillItem>,
) -> Result<(Vec<Noted>, Vec<AttentionId>), Stop> {
    let mut noted = Vec::with_capacity(items.len());
    let mut standing = Standing::new(&ours.earlier);
    for item in items {
        let earlier = ours.earlier.get(&item.key);
        let attention = attention(item.found)
            .and_then(|kind| standing.keep_or(&item, || books.raise(kind, about(&item, ours))));
        if let Some(refund) = refund_of(&item, ours).filter(|r| r.state != RefundState::Done) {
            books.job(JobKind::Refund, refund.id.to_string(), books.now);
        }
        let mut fee_posted = earlier.is_some_and(|earlier| earlier.fee_posted);
        if item.found == Found::Matched {
            let known = ours.records.get(&item.provider_no);
            let refund = item.key != payment_key(&item.provider_no);
            if let Some((record, held)) = known.filter(|_| !refund) {
                fee_posted |= record.fee_fen.is_some();
                if !fee_posted {
                    let mut record = record.clone();
                    record.fee_fen = Some(item.fee_fen);
                    books.put_record(record, None, *held);
                }
            }
            if !fee_posted {
                post_fee(books, bill, &item)?;
                fee_posted = true;
            }
        }
        noted.push(Noted {
            item,
            attention,
            fee_posted,
        });
    }
    Ok((noted, standing.pointless()))
}

/// What of earlier imports stands before a person.
struct Standing<'a> {
    earlier: &'a BTreeMap<String, EarlierItem>,
    over: BTreeMap<&'a str, AttentionId>,
}

impl<'a> Standing<'a> {
    fn new(earlier: &'a BTreeMap<String, EarlierItem>) -> Standing<'a> {
        let held = |(key, item): (&'a String, &EarlierItem)| Some((key.as_str(), item.attention?));
        Standing {
            earlier,
            over: earlier.iter().filter_map(held).collect(),
        }
    }

    /// The attention item of a difference: the earlier one if it stands as it did.
    fn keep_or(
        &mut self,
        item: &BillItem,
        raise: impl FnOnce() -> AttentionId,
    ) -> Option<AttentionId> {
        let earlier = self.earlier.get(&item.key);
        if earlier.is_some_and(|earlier| earlier.found == item.found) {
            return self.over.remove(item.key.as_str());
        }
        Some(raise())
    }

    /// Attention items of differences that are none any more.
    fn pointless(self) -> Vec<AttentionId> {
        self.over.into_values().collect()
    }
}

/// The refund of ours that an item is about.
fn refund_of<'a>(item: &BillItem, ours: &'a Ours) -> Option<&'a Refund> {
    let (_, number) = refund_number(&item.key)?;
    ours.refunds.get(number)
}

fn post_fee(books: &mut Books<'_>, bill: &Bill, item: &BillItem) -> Result<(), Stop> {
    let fee = item.fee_fen;
    if fee.is_zero() {
        return Ok(());
    }
    let entry = ledger::channel_fee(bill.channel, fee.abs())?;
    let entry = if fee.is_negative() {
        entry.mirror()
    } else {
        entry
    };
    books.post(entry, &item.provider_no)
}

fn about(item: &BillItem, ours: &Ours) -> About {
    let record = ours
        .records
        .get(&item.provider_no)
        .map(|(record, _)| record);
    let amount = match (item.found, record.and_then(|record| record.fee_fen)) {
        (Found::FeeDiffers, Some(fee)) => fee.checked_sub(item.fee_fen).unwrap_or(fee).abs(),
        _ => item.there_fen.or(item.here_fen).unwrap_or(Money::ZERO),
    };
    About {
        distributor: record.and_then(|record| record.distributor),
        amount,
        ..about_number(item)
    }
}

/// What is known of an item by itself: its numbers, and how much it is.
fn about_number(item: &BillItem) -> About {
    let mut subject = format!("{} {}", item.out_trade_no, item.provider_no);
    if let Some((_, number)) = refund_number(&item.key) {
        subject = format!("{subject} {number}");
    }
    About {
        amount: item
            .there_fen
            .or(item.here_fen)
            .unwrap_or(Money::ZERO)
            .abs(),
        subject,
        ..About::default()
    }
}

/// The channel's number of the payment and ours of the refund, in a refund's key or its fee's.
pub fn refund_number(key: &str) -> Option<(&str, &str)> {
    let key = key.strip_prefix("fee ").unwrap_or(key);
    key.strip_prefix("refund ")?.rsplit_once(' ')
}

/// Counts a bill and its items.
pub fn summary(bill: &Bill, items: &[BillItem]) -> BillSummary {
    let mut summary = BillSummary {
        fee_fen: bill.fee_fen,
        ..BillSummary::default()
    };
    for row in &bill.rows {
        let (count, sum) = match row.kind {
            BillKind::Payment => (&mut summary.payments, &mut summary.gross_fen),
            BillKind::Refund => (&mut summary.refunds, &mut summary.refunded_fen),
        };
        *count += 1;
        // A bill whose sum is beyond the range was refused when it was read.
        *sum = sum.checked_add(row.gross_fen).unwrap_or(Money::MAX);
    }
    count(&mut summary, items);
    summary
}

fn count(summary: &mut BillSummary, items: &[BillItem]) {
    for item in items {
        *summary.found.entry(item.found).or_default() += 1;
    }
}

#[cfg(test)]
mod tests;
