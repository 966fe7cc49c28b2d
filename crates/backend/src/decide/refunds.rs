//! Refunds: one person asks, another approves, and the approval sets the money aside in the same
//! transaction or is refused (rule 5.8). From there the channel decides; see `payments::refunds`.

use crate::books::{Books, Stop};
use crate::facts::JobKind;
use crate::payments::money::{add, sub};
use domain::Money;
use domain::code::Code;
use domain::collection::{CollectionState, PaymentCollection, Purpose};
use domain::ledger::{self, Account, RefundFrom};
use domain::operation::{Origin, RefundDecide, RefundRequest};
use domain::refund::{Refund, left};
use wire::verdict::VerdictKind;

pub(super) fn request(
    books: &mut Books<'_>,
    body: &RefundRequest,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    if books.facts.refunds.contains_key(&body.refund) {
        return Err(Code::AlreadyExists {
            what: "refund".into(),
        }
        .into());
    }
    let mut refund = Refund::request(body, origin)?;
    check(books, &refund)?;
    named(books, &mut refund);
    books.put_refund(refund, Money::ZERO, None);
    Ok(VerdictKind::Applied)
}

pub(super) fn approve(
    books: &mut Books<'_>,
    body: &RefundDecide,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let mut refund = held(books, body)?;
    refund.approve(origin, books.now)?;
    check(books, &refund)?;
    let cause = origin.op_id.to_string();
    set_aside(books, &refund)?;
    let entry = ledger::refund_approved(refund.from, refund.distributor, refund.amount_fen)?;
    books.post(entry, &cause)?;
    let now = books.now;
    books.job(JobKind::Refund, refund.id.to_string(), now);
    let counted = refund.amount_fen;
    books.put_refund(refund, counted, None);
    Ok(VerdictKind::Applied)
}

pub(super) fn reject(
    books: &mut Books<'_>,
    body: &RefundDecide,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let mut refund = held(books, body)?;
    refund.reject(origin, &body.reason, books.now)?;
    books.put_refund(refund, Money::ZERO, None);
    Ok(VerdictKind::Applied)
}

fn held(books: &Books<'_>, body: &RefundDecide) -> Result<Refund, Stop> {
    let held = books.facts.refunds.get(&body.refund).cloned();
    held.ok_or_else(|| not_found("refund"))
}

fn not_found(what: &str) -> Stop {
    Code::NotFound { what: what.into() }.into()
}

/// Who approves reads the backend's names, not what the request calls things.
fn named(books: &Books<'_>, refund: &mut Refund) {
    let facts = &books.facts;
    let held = refund.collection.and_then(|id| facts.collections.get(&id));
    let payment = facts.payments.get(&refund.transaction_record);
    let number = held.map(|held| &held.number);
    if let Some(number) = number.or(payment.map(|payment| &payment.record.provider_no)) {
        refund.subject.clone_from(number);
    }
    if let Some(known) = facts.distributors.get(&refund.distributor) {
        refund.distributor_name.clone_from(&known.name);
    }
}

/// The payment must be as the request says, be booked as somebody's, and what is asked for must be
/// there: in the payment, and in what it takes from.
fn check(books: &Books<'_>, refund: &Refund) -> Result<(), Stop> {
    let payment = books
        .facts
        .payments
        .get(&refund.transaction_record)
        .ok_or_else(|| not_found("transaction_record"))?;
    let record = &payment.record;
    if record.distributor != Some(refund.distributor)
        || record.collection != refund.collection
        || record.channel != refund.channel
    {
        return Err(Code::NotRefundable.into());
    }
    let there =
        left(record.gross_fen, &books.facts.refunds_of(record.id)).min(within(books, refund)?);
    if there < refund.amount_fen {
        return Err(Code::RefundTooLarge {
            left_fen: there.fen().to_string(),
        }
        .into());
    }
    Ok(())
}

/// What there is in what the refund takes from.
fn within(books: &Books<'_>, refund: &Refund) -> Result<Money, Stop> {
    let distributor = refund.distributor;
    let collection = collection(books, refund)?;
    match (refund.from, collection) {
        (RefundFrom::Refundable, None) => Ok(books.balance(&Account::Refundable { distributor })),
        (RefundFrom::Unapplied, Some(held)) => Ok(held
            .unapplied_fen
            .min(books.balance(&Account::Unapplied { distributor }))),
        (RefundFrom::Deposit, Some(held)) if held.purpose == Purpose::PrepaidDeposit => {
            let rest = sub(held.amount_fen, held.refunded_fen)?;
            Ok(rest.min(books.balance(&Account::DepositAvailable { distributor })))
        }
        (RefundFrom::Allocations, Some(held)) => {
            let mut there = Money::ZERO;
            for part in &refund.allocations {
                let mut parts = held.allocations.iter();
                let held = parts.find(|held| held.order == part.order);
                let held = held.map_or(Money::ZERO, |held| held.amount_fen);
                there = add(there, held.min(part.amount_fen))?;
            }
            Ok(there)
        }
        _ => Err(Code::NotRefundable.into()),
    }
}

fn collection(books: &Books<'_>, refund: &Refund) -> Result<Option<PaymentCollection>, Stop> {
    let Some(id) = refund.collection else {
        return Ok(None);
    };
    let held = books.facts.collections.get(&id).cloned();
    let held = held.ok_or_else(|| not_found("collection"))?;
    if held.state != CollectionState::Confirmed {
        return Err(Code::NotRefundable.into());
    }
    Ok(Some(held))
}

/// Takes the amount out of the collection, and out of the orders that its allocations paid.
fn set_aside(books: &mut Books<'_>, refund: &Refund) -> Result<(), Stop> {
    let Some(mut held) = collection(books, refund)? else {
        return Ok(());
    };
    held.refunded_fen = add(held.refunded_fen, refund.amount_fen)?;
    if refund.from == RefundFrom::Unapplied {
        held.unapplied_fen = sub(held.unapplied_fen, refund.amount_fen)?;
    }
    for part in &refund.allocations {
        let found = books.facts.orders.get(&part.order).cloned();
        let mut order = found.ok_or_else(|| not_found("order"))?;
        order.paid_fen = sub(order.paid_fen, part.amount_fen)?;
        books.put_order(order);
        let mut parts = held.allocations.iter_mut();
        let held_part = parts.find(|held| held.order == part.order);
        let held_part = held_part.ok_or_else(|| not_found("allocation"))?;
        held_part.amount_fen = sub(held_part.amount_fen, part.amount_fen)?;
        let rest = held_part.amount_fen;
        books.allocate(held.id, part.order, rest);
    }
    held.allocations
        .retain(|part| part.amount_fen.is_positive());
    books.put_collection(held);
    Ok(())
}
