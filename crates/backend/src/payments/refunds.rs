//! How a refund ends: by the channel's verified word, in whatever order and however often it comes
//! (rule 5.8). Success empties `refunding`; a final failure gives the money back and puts it before
//! finance; a success after that is believed, because the money has left, and is put before finance
//! as well.

use crate::books::{About, Books, Stop};
use crate::facts::JobKind;
use crate::payments::money::{add, sub};
use domain::Money;
use domain::id::RefundId;
use domain::ledger::{self, RefundFrom, Source};
use domain::money_match::Concern;
use domain::refund::{Refund, RefundState, RefundStep, counted};
use gateways::{RefundEnd, RefundRecord};

/// What became of the channel's word on a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundSettled {
    /// It was known; nothing was written.
    Already,
    /// The merchant account is none of the company's: nothing was written.
    NotOurs,
    /// Nobody approved it here: before finance (rule 6.7).
    Unknown,
    /// It names a refund of ours and states other facts: before finance, nothing moved.
    Differs,
    /// The money has left.
    Done,
    /// It won't leave; it is back where a failed refund's money goes.
    Failed,
    /// The money has left although the channel had said that it would not.
    DoneLate,
}

/// A refund that is to be sent, with what the channel has to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The refund.
    pub refund: Refund,
    /// The merchant account that the payment came to.
    pub merchant_no: String,
    /// The app it was placed with.
    pub app_id: String,
    /// The number of the attempt that was paid.
    pub out_trade_no: String,
    /// What was paid in all.
    pub paid_fen: Money,
}

/// The refund to be sent or asked about; `None` when nothing is to be heard of it any more. From
/// here it counts as told to the channel.
pub fn outgoing(books: &mut Books<'_>, id: RefundId) -> Option<Outgoing> {
    let mut refund = books.facts.refunds.get(&id).cloned()?;
    let payment = books
        .facts
        .payments
        .get(&refund.transaction_record)?
        .clone();
    if !refund.state.under_way() && refund.state != RefundState::Failed {
        return None;
    }
    if refund.send() {
        put(books, refund.clone(), None);
    }
    Some(Outgoing {
        refund,
        merchant_no: payment.merchant_no,
        app_id: payment.app_id,
        out_trade_no: payment.record.out_trade_no,
        paid_fen: payment.record.gross_fen,
    })
}

/// Books what a channel's verified word says of a refund of ours.
///
/// # Errors
/// A posting that the ledger refuses.
pub fn settle(
    books: &mut Books<'_>,
    refund: &Refund,
    proof: &RefundRecord,
) -> Result<RefundSettled, Stop> {
    let payment = books.facts.payments.get(&refund.transaction_record);
    let fits = payment.is_some_and(|payment| {
        payment.record.channel == proof.channel
            && payment.merchant_no == proof.merchant_no
            && payment.record.out_trade_no == proof.out_trade_no
            && refund.amount_fen == proof.amount_fen
    });
    if !fits {
        return Ok(RefundSettled::Differs);
    }
    match proof.end {
        RefundEnd::Succeeded => end(books, refund, None, Some(proof)),
        RefundEnd::Closed => end(books, refund, Some("CLOSED"), Some(proof)),
        RefundEnd::Abnormal => end(books, refund, Some("ABNORMAL"), Some(proof)),
    }
}

/// Books that the channel refused a refund for good and holds none under its number.
///
/// # Errors
/// A posting that the ledger refuses.
pub fn refused(books: &mut Books<'_>, id: RefundId, code: &str) -> Result<RefundSettled, Stop> {
    match books.facts.refunds.get(&id).cloned() {
        Some(refund) => end(books, &refund, Some(code), None),
        None => Ok(RefundSettled::Already),
    }
}

fn end(
    books: &mut Books<'_>,
    refund: &Refund,
    failure: Option<&str>,
    proof: Option<&RefundRecord>,
) -> Result<RefundSettled, Stop> {
    let mut refund = refund.clone();
    let cause = refund.out_refund_no.clone().unwrap_or_default();
    let (from, distributor, amount) = (refund.from, refund.distributor, refund.amount_fen);
    let about = About {
        distributor: Some(distributor),
        amount,
        subject: format!("{} {cause}", refund.subject),
        ..About::default()
    };
    let settled = match refund.end(failure, books.now) {
        RefundStep::Nothing => return Ok(RefundSettled::Already),
        RefundStep::Done => {
            let source = Source::Channel(refund.channel);
            let entry = ledger::refund_succeeded(source, distributor, amount)?;
            books.post(entry, &cause)?;
            books.no_job(JobKind::Refund, &refund.id.to_string());
            RefundSettled::Done
        }
        RefundStep::Failed => {
            give_back(books, &refund)?;
            let entry = ledger::refund_failed(from, distributor, amount)?;
            books.post(entry, &cause)?;
            books.attention("refund_failed", about);
            RefundSettled::Failed
        }
        RefundStep::DoneLate => {
            let there = take_again(books, &refund)?;
            let channel = refund.channel;
            let entry = ledger::refund_succeeded_late(channel, from, distributor, amount, there)?;
            books.post(entry, &cause)?;
            // What was not there any more stands in suspense until finance has covered it.
            let concern = (there < amount).then_some(Concern::Suspense(distributor));
            books.attention("late_refund", About { concern, ..about });
            books.no_job(JobKind::Refund, &refund.id.to_string());
            RefundSettled::DoneLate
        }
    };
    put(books, refund, proof);
    Ok(settled)
}

/// Puts a refund with its part of what was paid. What has left counts first: others that are under
/// way then count only as far as the channel can still pay them out.
fn put(books: &mut Books<'_>, refund: Refund, proof: Option<&RefundRecord>) {
    let record = refund.transaction_record;
    let paid = books.facts.payments.get(&record);
    let paid = paid.map_or(Money::ZERO, |payment| payment.record.gross_fen);
    let before = counted(paid, &books.facts.refunds_of(record));
    let id = refund.id;
    books.facts.refunds.insert(id, refund.clone());
    let after = counted(paid, &books.facts.refunds_of(record));
    let part = |parts: &[(RefundId, Money)], id: RefundId| {
        let found = parts.iter().find(|(held, _)| *held == id);
        found.map_or(Money::ZERO, |(_, part)| *part)
    };
    // The ones that give way come first: the running total is checked at every step.
    let others: Vec<Refund> = books.facts.refunds_of(record);
    for other in others.into_iter().filter(|other| other.id != id) {
        let now = part(&after, other.id);
        if now < part(&before, other.id) {
            books.put_refund(other, now, None);
        }
    }
    books.put_refund(refund, part(&after, id), proof.cloned());
    let others: Vec<Refund> = books.facts.refunds_of(record);
    for other in others.into_iter().filter(|other| other.id != id) {
        let now = part(&after, other.id);
        if now > part(&before, other.id) {
            books.put_refund(other, now, None);
        }
    }
}

/// A failed refund's money is the collection's again: unapplied, or the top-up's.
fn give_back(books: &mut Books<'_>, refund: &Refund) -> Result<(), Stop> {
    let held = refund
        .collection
        .and_then(|id| books.facts.collections.get(&id).cloned());
    if let Some(mut held) = held {
        held.refunded_fen = sub(held.refunded_fen, refund.amount_fen)?;
        if refund.from != RefundFrom::Deposit {
            held.unapplied_fen = add(held.unapplied_fen, refund.amount_fen)?;
        }
        books.put_collection(held);
    }
    Ok(())
}

/// Takes again what a failed refund gave back, as far as it is there.
fn take_again(books: &mut Books<'_>, refund: &Refund) -> Result<Money, Stop> {
    let account = ledger::given_back_to(refund.from, refund.distributor);
    let mut there = refund.amount_fen.min(books.balance(&account));
    let held = refund
        .collection
        .and_then(|id| books.facts.collections.get(&id).cloned());
    if let Some(mut held) = held {
        if refund.from == RefundFrom::Deposit {
            there = there.min(sub(held.amount_fen, held.refunded_fen)?);
        } else {
            there = there.min(held.unapplied_fen);
            held.unapplied_fen = sub(held.unapplied_fen, there)?;
        }
        held.refunded_fen = add(held.refunded_fen, there)?;
        books.put_collection(held);
    }
    Ok(there.max(Money::ZERO))
}
