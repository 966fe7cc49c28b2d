//! Sales orders: from draft to confirmed, lists, one order's whole story, and cancelling by reversal.

pub mod draft;
pub mod export;
pub mod list;

use crate::api::Context;
use crate::api::orders::*;
use crate::ledger::views::{CollectionView, IntentView, OrderView};
use crate::ledger::{Fault, OperationRow};
use crate::terminal::Terminal;
use crate::transact::{Done, Tx};
use domain::id::{OpId, OrderId, StaffId};
use domain::intent::TransactionRecord;
use domain::operation::{Basis, OpBody, OrderCancel, OrderSubmit};
use domain::{Code, Money, capital::capital};

/// Submits and confirms a draft (F12).
///
/// # Errors
/// `NotFound`, what the content lacks, and what the file says.
pub fn confirm(context: &Context<'_>, input: OrderKey) -> Result<Done<OrderDetail>, Code> {
    let staff = context.actor()?;
    let done = context.terminal.ledger().transact("order_confirm", |tx| {
        submit_draft(tx, staff, input.order)?;
        Ok(())
    })?;
    draft::forget(context.terminal, input.order);
    let value = detail(context, input)?;
    Ok(Done {
        value,
        changed: done.changed,
    })
}

/// A draft becomes an order, inside the transaction of whatever else happens with it.
pub(crate) fn submit_draft(tx: &mut Tx<'_>, staff: StaffId, order: OrderId) -> Result<OpId, Fault> {
    let held = tx.draft::<DraftContent>(order)?;
    let content = draft::as_content(&held.body)?;
    content.submittable()?;
    let layout = crate::ledger::config(tx.conn())?
        .config
        .layouts
        .order_create;
    if layout.required && content.payment_method.is_none() {
        return Err(Code::BadField {
            field: "payment_method".to_owned(),
        }
        .into());
    }
    tx.remove_draft(order)?;
    let body = OrderSubmit {
        order,
        number: held.number,
        content,
        confirm: true,
    };
    tx.append(staff, OpBody::OrderSubmit(body), &[])
}

/// One order with everything about it.
///
/// # Errors
/// `NotFound`, and what the file says.
pub fn detail(context: &Context<'_>, input: OrderKey) -> Result<OrderDetail, Code> {
    let terminal = context.terminal;
    let ledger = terminal.ledger();
    let order = ledger.order(input.order)?;
    let collections = ledger.collections_of(input.order)?;
    let intents = ledger.intents_of(input.order)?;
    let transaction_records = ledger.transaction_records_of(&collections)?;
    let operations = ledger.operations_of(input.order)?;
    let timeline = timeline(
        terminal,
        &order,
        &operations,
        &collections,
        &intents,
        &transaction_records,
    );
    Ok(OrderDetail {
        capital: capital(order.order.total_fen),
        order,
        collections,
        intents,
        transaction_records,
        timeline,
    })
}

/// Cancels an order by reversal.
///
/// # Errors
/// `BadField` without a reason, `OrderNotOpen`, `NotFound`, and what the file says.
pub fn cancel(context: &Context<'_>, input: OrderCancelInput) -> Result<Done<OrderDetail>, Code> {
    let staff = context.actor()?;
    if input.reason.trim().is_empty() {
        return Err(Code::BadField {
            field: "reason".to_owned(),
        });
    }
    let done = context.terminal.ledger().transact("order_cancel", |tx| {
        let missing = || Code::NotFound {
            what: "order".to_owned(),
        };
        let held = crate::ledger::order(tx.conn(), input.order)?.ok_or_else(missing)?;
        if !held.live_intents.is_empty() {
            return Err(Code::OrderFrozen.into());
        }
        let body = OrderCancel {
            order: input.order,
            on: basis(&held),
            reason: input.reason.trim().to_owned(),
        };
        tx.append(staff, OpBody::OrderCancel(body), &[])?;
        Ok(())
    })?;
    let value = detail(context, OrderKey { order: input.order })?;
    Ok(Done {
        value,
        changed: done.changed,
    })
}

/// What an edit made now is made on (rule 4.3).
fn basis(held: &OrderView) -> Basis {
    if held.pending {
        Basis::Operation(held.order.revised_by)
    } else {
        Basis::Revision(held.order.revision)
    }
}

/// Why is it paid? Every operation, intent, collection and channel message, oldest first.
fn timeline(
    terminal: &Terminal,
    order: &OrderView,
    operations: &[OperationRow],
    collections: &[CollectionView],
    intents: &[IntentView],
    records: &[TransactionRecord],
) -> Vec<TimelineEntry> {
    let name = |staff: StaffId| crate::staff::name_of(terminal, staff);
    let mut out = Vec::new();
    let made_here = !operations.is_empty();
    if !made_here {
        out.push(TimelineEntry {
            at: order.order.ordered_at,
            kind: "order_submit".to_owned(),
            staff_name: name(order.order.staff),
            subject: order.order.number.clone(),
            amount_fen: order.order.total_fen,
            op_id: None,
            pending: false,
            refused: None,
        });
    }
    for operation in operations {
        out.push(TimelineEntry {
            at: operation.at,
            kind: operation.kind.clone(),
            staff_name: name(operation.staff),
            subject: order.order.number.clone(),
            amount_fen: if operation.kind == "order_submit" {
                order.order.total_fen
            } else {
                Money::ZERO
            },
            op_id: Some(operation.op_id),
            pending: operation.pending,
            refused: operation.reason.clone(),
        });
    }
    for held in intents {
        out.push(TimelineEntry {
            at: held.intent.opened_at,
            kind: "intent_open".to_owned(),
            staff_name: held.intent.staff.map(name).unwrap_or_default(),
            subject: held.intent.check_code.clone(),
            amount_fen: held.intent.amount_fen,
            op_id: held.intent.opened_by,
            pending: held.pending,
            refused: held.attention.clone(),
        });
    }
    for record in records {
        out.push(TimelineEntry {
            at: record.paid_at,
            kind: "transaction_record".to_owned(),
            staff_name: String::new(),
            subject: record.provider_no.clone(),
            amount_fen: record.gross_fen,
            op_id: None,
            pending: false,
            refused: None,
        });
    }
    for held in collections {
        let collection = &held.collection;
        out.push(TimelineEntry {
            at: collection.recorded_at,
            kind: "collection_record".to_owned(),
            staff_name: collection.recorded_by.map(name).unwrap_or_default(),
            subject: collection.number.clone(),
            amount_fen: collection.amount_fen,
            op_id: None,
            pending: held.pending,
            refused: held.attention.clone(),
        });
    }
    out.sort_by_key(|entry| entry.at);
    out
}

#[cfg(test)]
mod tests;
