//! Refunds: asked for by one person, approved by another, sent by the backend (rule 5.8). Nothing
//! is set aside or given back here; a pending decision shows as such until the backend has it.

use crate::api::collections::CollectionKey;
use crate::api::refunds::*;
use crate::api::{Context, Nothing};
use crate::ledger::Page;
use crate::ledger::views::RefundView;
use crate::transact::Done;
use domain::collection::{CollectionState, PaymentCollection, Purpose};
use domain::id::RefundId;
use domain::intent::TransactionRecord;
use domain::ledger::RefundFrom;
use domain::operation::{OpBody, RefundDecide, RefundRequest};
use domain::{Code, Money};

/// A page of refunds, newest first.
///
/// # Errors
/// What the file says.
pub fn list(context: &Context<'_>, input: RefundList) -> Result<Vec<RefundView>, Code> {
    let page = Page {
        before: input.before,
        limit: input.limit,
    };
    context.terminal.ledger().refunds(input.waiting_only, page)
}

/// What of a collection's money could go back to its source.
///
/// # Errors
/// `NotFound`, and what the file says.
pub fn options(context: &Context<'_>, input: CollectionKey) -> Result<RefundOptions, Code> {
    let ledger = context.terminal.ledger();
    let held = ledger.collection(input.collection)?.collection;
    let mut out = RefundOptions {
        transaction_record: held.transaction_record,
        choices: Vec::new(),
        refunds: ledger.refunds_of(held.id)?,
    };
    if held.state != CollectionState::Confirmed {
        return Ok(out);
    }
    let Some(record) = held.transaction_record else {
        return Ok(out);
    };
    let (_, left) = ledger.payment(record)?;
    for (from, order, there) in sources(context, &held)? {
        let max_fen = there.min(left);
        if !max_fen.is_positive() {
            continue;
        }
        let order_number = match order {
            Some(order) => ledger.order(order)?.order.number,
            None => String::new(),
        };
        out.choices.push(RefundChoice {
            from,
            order,
            order_number,
            max_fen,
        });
    }
    Ok(out)
}

type Part = (RefundFrom, Option<domain::id::OrderId>, Money);

fn sources(context: &Context<'_>, held: &PaymentCollection) -> Result<Vec<Part>, Code> {
    if held.purpose == Purpose::PrepaidDeposit {
        let available = context
            .terminal
            .ledger()
            .deposit_available(held.distributor)?;
        let rest = held.amount_fen.checked_sub(held.refunded_fen);
        let there = available.min(rest.unwrap_or(Money::ZERO));
        return Ok(vec![(RefundFrom::Deposit, None, there)]);
    }
    let mut parts = vec![(RefundFrom::Unapplied, None, held.unapplied_fen)];
    let allocated = held.allocations.iter();
    parts
        .extend(allocated.map(|part| (RefundFrom::Allocations, Some(part.order), part.amount_fen)));
    Ok(parts)
}

/// Payments that came twice and have not gone back.
///
/// # Errors
/// What the file says.
pub fn refundable(context: &Context<'_>, _: Nothing) -> Result<Vec<RefundableMoney>, Code> {
    let rows = context.terminal.ledger().refundable()?;
    rows.into_iter()
        .filter_map(|(record, left_fen)| {
            let distributor = record.distributor?;
            Some((record, distributor, left_fen))
        })
        .map(|(record, distributor, left_fen)| {
            let found = crate::distributors::find(context.terminal, distributor)?;
            Ok(RefundableMoney {
                transaction_record: record.id,
                channel: record.channel,
                provider_no: record.provider_no,
                distributor,
                distributor_name: found.name,
                left_fen,
                paid_at: record.paid_at,
            })
        })
        .collect()
}

/// Asks for a refund.
///
/// # Errors
/// Those of [`RefundRequest::check`], `NotRefundable` for money that is nobody's yet,
/// `RefundTooLarge`, and what the file says.
pub fn request(context: &Context<'_>, input: RefundNew) -> Result<Done<RefundKey>, Code> {
    let staff = context.actor()?;
    let ledger = context.terminal.ledger();
    let (record, left) = ledger.payment(input.transaction_record)?;
    let distributor = record.distributor.ok_or(Code::NotRefundable)?;
    let (subject, there) = asked_of(context, &record, &input)?;
    let there = there.min(left);
    if input.amount_fen > there {
        return Err(Code::RefundTooLarge {
            left_fen: there.fen().to_string(),
        });
    }
    let distributor_name = crate::distributors::find(context.terminal, distributor)?.name;
    ledger.transact("refund_request", |tx| {
        let refund = RefundId(tx.env().uuid());
        let body = RefundRequest {
            refund,
            transaction_record: record.id,
            channel: record.channel,
            collection: record.collection,
            subject,
            distributor,
            distributor_name,
            from: input.from,
            allocations: input.allocations,
            amount_fen: input.amount_fen,
            reason: input.reason.trim().to_owned(),
        };
        body.check()?;
        tx.append(staff, OpBody::RefundRequest(body), &[])?;
        Ok(RefundKey { refund })
    })
}

/// What the request calls the money, and how much of it there is where it takes from.
fn asked_of(
    context: &Context<'_>,
    record: &TransactionRecord,
    input: &RefundNew,
) -> Result<(String, Money), Code> {
    let Some(collection) = record.collection else {
        return Ok((record.provider_no.clone(), record.gross_fen));
    };
    let held = context.terminal.ledger().collection(collection)?.collection;
    let parts = sources(context, &held)?;
    let named = |order| {
        input
            .allocations
            .iter()
            .any(|part| Some(part.order) == order)
    };
    let there = parts
        .into_iter()
        .filter(|(from, order, _)| *from == input.from && (order.is_none() || named(*order)))
        .map(|(_, _, there)| there);
    let there = Money::sum(there).map_err(|_| Code::AmountTooLarge { row: 0 })?;
    Ok((held.number, there))
}

/// Approves a refund.
///
/// # Errors
/// `SamePerson`, `AlreadyDecided`, `NotFound`, and what the file says.
pub fn approve(context: &Context<'_>, input: RefundKey) -> Result<Done<Nothing>, Code> {
    let body = RefundDecide {
        refund: input.refund,
        reason: String::new(),
    };
    decide(context, input.refund, OpBody::RefundApprove(body))
}

/// Rejects a refund.
///
/// # Errors
/// `BadField` without a reason, `SamePerson`, `AlreadyDecided`, `NotFound`, and what the file says.
pub fn reject(context: &Context<'_>, input: RefundRejectInput) -> Result<Done<Nothing>, Code> {
    let reason = input.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(Code::BadField {
            field: "reason".to_owned(),
        });
    }
    let body = RefundDecide {
        refund: input.refund,
        reason,
    };
    decide(context, input.refund, OpBody::RefundReject(body))
}

fn decide(context: &Context<'_>, id: RefundId, body: OpBody) -> Result<Done<Nothing>, Code> {
    let staff = context.actor()?;
    context.terminal.ledger().transact("refund_decide", |tx| {
        let held = crate::ledger::refund(tx.conn(), id)?.ok_or_else(|| Code::NotFound {
            what: "refund".to_owned(),
        })?;
        if held.deciding.is_some() {
            return Err(Code::AlreadyDecided.into());
        }
        held.refund.may_decide(staff)?;
        tx.append(staff, body, &[])?;
        Ok(Nothing {})
    })
}
