//! Payment collections that people record and finance confirms (rule 5.6). The recorder never
//! confirms; what is confirmed becomes money at the backend, never here.

use crate::api::collections::*;
use crate::api::{Context, Nothing};
use crate::ledger::views::CollectionView;
use crate::ledger::{Fault, Page};
use crate::transact::Done;
use domain::allocation::auto_allocate;
use domain::collection::CollectionState;
use domain::id::{CollectionId, OrderId, StaffId};
use domain::operation::{CollectionDecide, CollectionRecord, OpBody};
use domain::{Code, Money};

/// Records cash, a transfer or a cheque; it waits for finance.
///
/// # Errors
/// Those of [`CollectionRecord::check`], `BadSlip`, `MethodNotRecordable` for a deposit, and what the file
/// says.
pub fn record(context: &Context<'_>, input: CollectionNew) -> Result<Done<CollectionKey>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    if !input.method.recorded_by_hand() {
        return Err(Code::MethodNotRecordable);
    }
    let after_lease = terminal.ledger().lease()?.ended;
    let found = crate::distributors::find(terminal, input.distributor)?;
    // Decoded and scaled before the one writer is held.
    let photo = input.slip.as_deref().map(crate::slips::taken).transpose()?;
    terminal.ledger().transact("collection_record", |tx| {
        let collection = CollectionId(tx.env().uuid());
        let body = CollectionRecord {
            collection,
            number: tx.next_number()?,
            purpose: input.purpose,
            method: input.method,
            distributor: input.distributor,
            distributor_name: found.name,
            amount_fen: input.amount_fen,
            allocations: input.allocations,
            note: input.note.trim().to_owned(),
            slip_sha256: photo
                .as_ref()
                .map_or_else(String::new, |photo| photo.sha256.clone()),
            after_lease,
        };
        body.check()?;
        if let Some(photo) = &photo {
            tx.keep_slip(&photo.sha256, &photo.jpeg)?;
        }
        tx.append(staff, OpBody::CollectionRecord(body), &[])?;
        Ok(CollectionKey { collection })
    })
}

/// A page of collections, newest first.
///
/// # Errors
/// What the file says.
pub fn list(context: &Context<'_>, input: CollectionList) -> Result<Vec<CollectionView>, Code> {
    let ledger = context.terminal.ledger();
    if input.under_review_only {
        return ledger.collections_under_review();
    }
    ledger.collections(
        input.distributor,
        Page {
            before: input.before,
            limit: input.limit,
        },
    )
}

/// Finance says it is money.
///
/// # Errors
/// `SamePerson`, `AlreadyDecided`, `NotFound`, and what the file says.
pub fn confirm(context: &Context<'_>, input: CollectionKey) -> Result<Done<Nothing>, Code> {
    let body = CollectionDecide {
        collection: input.collection,
        reason: String::new(),
    };
    decide(context, input.collection, OpBody::CollectionConfirm(body))
}

/// Finance says it is not.
///
/// # Errors
/// `BadField` without a reason, `SamePerson`, `AlreadyDecided`, `NotFound`, and what the file says.
pub fn reject(context: &Context<'_>, input: CollectionRejectInput) -> Result<Done<Nothing>, Code> {
    let reason = input.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(Code::BadField {
            field: "reason".to_owned(),
        });
    }
    let body = CollectionDecide {
        collection: input.collection,
        reason,
    };
    decide(context, input.collection, OpBody::CollectionReject(body))
}

fn decide(
    context: &Context<'_>,
    collection: CollectionId,
    body: OpBody,
) -> Result<Done<Nothing>, Code> {
    let staff = context.actor()?;
    context
        .terminal
        .ledger()
        .transact("collection_decide", |tx| {
            let missing = || Code::NotFound {
                what: "collection".to_owned(),
            };
            let held = crate::ledger::collection(tx.conn(), collection)?.ok_or_else(missing)?;
            may_decide(&held, staff)?;
            tx.append(staff, body, &[])?;
            Ok(Nothing {})
        })
}

fn may_decide(held: &CollectionView, staff: StaffId) -> Result<(), Fault> {
    // A deposit spend is the backend's to apply; finance has nothing to confirm in it (rule 5.6).
    if !held.collection.method.recorded_by_hand() {
        return Err(Code::MethodNotRecordable.into());
    }
    if held.collection.state != CollectionState::UnderReview || held.deciding.is_some() {
        return Err(Code::AlreadyDecided.into());
    }
    if let Some(recorder) = held.collection.recorded_by {
        domain::role::separate(staff, recorder)?;
    }
    Ok(())
}

/// How money would fall on a distributor's open orders, oldest first (rule 5.7). Works offline, on
/// the orders that are held, and says of when they are.
///
/// # Errors
/// What the file says.
pub fn suggest(
    context: &Context<'_>,
    input: AllocateSuggest,
) -> Result<AllocationSuggestion, Code> {
    let ledger = context.terminal.ledger();
    let open = ledger.open_orders(input.distributor)?;
    let owed: Vec<(OrderId, Money)> = open.iter().map(|row| (row.id, row.free())).collect();
    let parts = auto_allocate(input.amount_fen, &owed);
    let used = Money::sum(parts.iter().map(|(_, part)| *part));
    let rest_fen = used
        .ok()
        .and_then(|used| input.amount_fen.checked_sub(used))
        .ok_or(Code::AmountTooLarge { row: 0 })?;
    let rows = open
        .iter()
        .map(|row| AllocationRow {
            order: row.id,
            number: row.number.clone(),
            ordered_at: row.ordered_at,
            owed_fen: row.free(),
            waiting_fen: row.waiting_fen,
            amount_fen: parts
                .iter()
                .find(|(order, _)| *order == row.id)
                .map_or(Money::ZERO, |(_, part)| *part),
        })
        .collect();
    let as_of = ledger
        .deposit(input.distributor)?
        .map(|deposit| deposit.as_of);
    Ok(AllocationSuggestion {
        rows,
        rest_fen,
        as_of,
    })
}
