//! Sales orders: from draft to confirmed, lists, one order's whole story, and cancelling by reversal.

pub mod approval;
pub mod draft;
pub mod export;
pub mod list;

use crate::api::Context;
use crate::api::orders::*;
use crate::ledger::views::{CollectionView, IntentView, MatchView, OrderView};
use crate::ledger::{Fault, OperationRow};
use crate::terminal::Terminal;
use crate::transact::{Done, Tx};
use domain::collection::{CollectionState, PaymentMethod};
use domain::config::FieldRule;
use domain::id::{OpId, OrderId, StaffId, TerminalId};
use domain::intent::TransactionRecord;
use domain::money_match::MatchState;
use domain::operation::{Basis, OpBody, OrderCancel, OrderEdit, OrderSubmit};
use domain::order::{OrderContent, RevisionKind};
use domain::{Code, Money, capital::capital};
use std::time::Duration;

/// How long saving changes to an order that a QR asks for waits for the backend to end that QR, so
/// that the next one asks for the new total.
const FREED_WAIT: Duration = Duration::from_secs(3);

/// Submits and confirms a draft (F12), or makes its changes to a confirmed order. What QRs still ask
/// for that order is superseded by the new revision (rule 5.5).
///
/// # Errors
/// `NotFound`, `Conflict` when the order was changed meanwhile, `OrderNotOpen`, what the content
/// lacks, and what the file says.
pub fn confirm(context: &Context<'_>, input: OrderKey) -> Result<Done<OrderDetail>, Code> {
    let staff = context.actor()?;
    let done = context.terminal.ledger().transact("order_confirm", |tx| {
        submit_draft(context.terminal, tx, staff, input.order)?;
        Ok(())
    })?;
    draft::forget(context.terminal, input.order);
    freed(context.terminal, input.order)?;
    let value = detail(context, input)?;
    Ok(Done {
        value,
        changed: done.changed,
    })
}

/// A draft becomes an order, or a new revision of the one it changes, inside the transaction of
/// whatever else happens with it.
///
/// # Errors
/// Those of [`confirm`].
pub(crate) fn submit_draft(
    terminal: &Terminal,
    tx: &mut Tx<'_>,
    staff: StaffId,
    order: OrderId,
) -> Result<OpId, Fault> {
    let held = tx.draft::<DraftContent>(order)?;
    let mut content = draft::as_content(&held.body)?;
    content.submittable()?;
    let config = crate::ledger::config(tx.conn())?;
    let waits = approval::needed(terminal, tx, &config.config, order, &content)?.is_some();
    let (layouts, config) = (config.config.layouts, config.version);
    let body = match held.body.edits {
        None => {
            content.payment_method = paid_by(layouts.order_create, None, &content)?;
            OpBody::OrderSubmit(OrderSubmit {
                order,
                number: held.number,
                content,
                confirm: !waits,
                config,
            })
        }
        Some(on) => {
            let changed = tx.order(order)?.order;
            changed.based_on(&on)?;
            changed.open()?;
            let before = changed.content.payment_method;
            content.payment_method = paid_by(layouts.order_edit, before, &content)?;
            OpBody::OrderEdit(OrderEdit {
                order,
                on,
                content,
                config,
                hold: waits,
            })
        }
    };
    tx.remove_draft(order)?;
    tx.append(staff, body, &[])
}

/// Payment Method as a page leaves it.
fn paid_by(
    page: FieldRule,
    before: Option<PaymentMethod>,
    content: &OrderContent,
) -> Result<Option<PaymentMethod>, Code> {
    let method = page.keeps(before, content.payment_method);
    page.admits(before, method)?;
    Ok(method)
}

/// With the backend in reach, waits a moment until an order that was changed is asked for no more.
fn freed(terminal: &Terminal, order: OrderId) -> Result<(), Code> {
    let held = |order| terminal.ledger().order(order);
    if terminal.online() && !held(order)?.live_intents.is_empty() {
        terminal.wait_until(FREED_WAIT, || Ok(held(order)?.live_intents.is_empty()))?;
    }
    Ok(())
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
        &ledger.matches_of(input.order)?,
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

/// Cancels an order by reversal. What QRs still ask for it is superseded; one that is being paid, or
/// that another terminal shows, ends first, and the reversal waits for it (rule 5.5).
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
        held.order.open()?;
        let body = OrderCancel {
            order: input.order,
            on: basis(&held),
            reason: input.reason.trim().to_owned(),
        };
        tx.append(staff, OpBody::OrderCancel(body), &[])?;
        Ok(())
    })?;
    freed(context.terminal, input.order)?;
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
    matches: &[MatchView],
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
            // What an import brought was made on none.
            elsewhere: order.order.terminal != TerminalId(0),
            pending: false,
            refused: None,
        });
    }
    let told = |op: OpId| operations.iter().any(|operation| operation.op_id == op);
    for revision in order.order.revisions.iter().filter(|one| !told(one.op)) {
        let kind = match revision.kind {
            RevisionKind::OrderEdit => "order_edit",
            RevisionKind::OrderCancel => "order_cancel",
            RevisionKind::OrderApprove => "order_approve",
            RevisionKind::OrderReject => "order_reject",
        };
        out.push(TimelineEntry {
            at: revision.at,
            kind: kind.to_owned(),
            staff_name: name(revision.staff),
            subject: order.order.number.clone(),
            amount_fen: match revision.kind {
                RevisionKind::OrderEdit => revision.total_fen,
                _ => Money::ZERO,
            },
            op_id: None,
            elsewhere: true,
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
            elsewhere: false,
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
            elsewhere: false,
            pending: held.pending,
            refused: held.attention.clone(),
        });
    }
    for record in records {
        out.push(TimelineEntry {
            at: record.paid_at,
            kind: "attempt".to_owned(),
            staff_name: String::new(),
            subject: record.out_trade_no.clone(),
            amount_fen: record.gross_fen,
            op_id: None,
            elsewhere: false,
            pending: false,
            refused: None,
        });
        out.push(TimelineEntry {
            at: record.paid_at,
            kind: "transaction_record".to_owned(),
            staff_name: String::new(),
            subject: record.provider_no.clone(),
            amount_fen: record.gross_fen,
            op_id: None,
            elsewhere: false,
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
            elsewhere: false,
            pending: held.pending,
            refused: held.attention.clone(),
        });
        // What confirmed money did to this order, and on whose word.
        if collection.state == CollectionState::Confirmed {
            let parts = collection.allocations.iter();
            for part in parts.filter(|part| part.order == order.order.id) {
                out.push(TimelineEntry {
                    at: collection.recorded_at,
                    kind: "posting".to_owned(),
                    staff_name: collection.decided_by.map(name).unwrap_or_default(),
                    subject: collection.number.clone(),
                    amount_fen: part.amount_fen,
                    op_id: None,
                    elsewhere: false,
                    pending: false,
                    refused: None,
                });
            }
        }
    }
    for held in matches {
        out.extend(match_entries(order, held, name));
    }
    out.sort_by_key(|entry| entry.at);
    out
}

/// What a match proposed for this order, and what was decided.
fn match_entries(
    order: &OrderView,
    held: &MatchView,
    name: impl Fn(StaffId) -> String,
) -> Vec<TimelineEntry> {
    let doc = &held.money_match;
    let mut parts = doc.allocations.iter();
    let part = parts.find(|part| part.order == order.order.id);
    let entry = |at, kind: &str, staff| TimelineEntry {
        at,
        kind: kind.to_owned(),
        staff_name: name(staff),
        subject: doc.subject.clone(),
        amount_fen: part.map_or(Money::ZERO, |part| part.amount_fen),
        op_id: None,
        elsewhere: false,
        pending: held.pending,
        refused: None,
    };
    let mut out = vec![entry(doc.proposed_at, "match_propose", doc.proposed_by)];
    let decided = match doc.state {
        MatchState::Proposed => None,
        MatchState::Approved => Some("match_approve"),
        MatchState::Rejected => Some("match_reject"),
    };
    if let (Some(kind), Some(at), Some(by)) = (decided, doc.decided_at, doc.decided_by) {
        out.push(entry(at, kind, by));
    }
    out
}

#[cfg(test)]
mod tests;
