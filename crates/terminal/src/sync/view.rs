//! What people see of sync: the connectivity chip, the outbox, the attention list. Counts are counts
//! of rows in the ledger, never of network events.

use super::engine::SyncPhase;
use crate::api::sync::*;
use crate::api::{Context, Nothing};
use crate::ledger::views::AttentionItem;
use crate::terminal::Terminal;
use crate::transact::Done;
use domain::Code;

/// How many settled operations the outbox shows below those that are not done.
const SETTLED_SHOWN: u32 = 0;

/// How the terminal stands to the backend.
///
/// # Errors
/// What the file says.
pub fn status(context: &Context<'_>, _: Nothing) -> Result<SyncView, Code> {
    let terminal = context.terminal;
    let counts = terminal.ledger().outbox_counts()?;
    let narrow = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(SyncView {
        connectivity: connectivity(terminal)?,
        since: terminal
            .sync()
            .map_or_else(|| terminal.env().now(), |sync| sync.since()),
        last_contact: terminal.ledger().last_contact(),
        pending: narrow(counts.pending),
        attention: narrow(terminal.ledger().attention()?.len() as u64),
        tickets_left: narrow(counts.tickets),
        requests: terminal.sync().map_or(0, |sync| sync.requests()),
        catalogue_as_of: terminal.catalogue_as_of(),
    })
}

fn connectivity(terminal: &Terminal) -> Result<Connectivity, Code> {
    if terminal.ledger().work_offline()? {
        return Ok(Connectivity::WorkOffline);
    }
    let Some(sync) = terminal.sync() else {
        return Ok(Connectivity::Offline);
    };
    let status = *sync.status().borrow();
    Ok(match status.phase {
        SyncPhase::Forked | SyncPhase::Revoked | SyncPhase::Version => Connectivity::EnrolAgain,
        _ if status.reachable => Connectivity::Online,
        _ => Connectivity::Offline,
    })
}

/// Contacts the backend now.
///
/// # Errors
/// `Unreachable` while sync does not run.
pub fn now(context: &Context<'_>, _: Nothing) -> Result<Done<Nothing>, Code> {
    context.terminal.sync().ok_or(Code::Unreachable)?.sync_now();
    Ok(Done {
        value: Nothing {},
        changed: Vec::new(),
    })
}

/// Switches "work offline".
///
/// # Errors
/// What the file says.
pub fn work_offline(context: &Context<'_>, input: WorkOffline) -> Result<Done<Nothing>, Code> {
    match context.terminal.sync() {
        Some(sync) => sync.work_offline(input.on)?,
        None => {
            context
                .terminal
                .ledger()
                .transact("work_offline", |tx| tx.set_work_offline(input.on))?;
        }
    }
    Ok(Done {
        value: Nothing {},
        changed: vec![crate::transact::Tag::Sync],
    })
}

/// Operations that are not done, oldest first.
///
/// # Errors
/// What the file says.
pub fn outbox(context: &Context<'_>, _: Nothing) -> Result<Vec<OutboxRow>, Code> {
    let ledger = context.terminal.ledger();
    let row = |operation: crate::ledger::OperationRow| -> Result<OutboxRow, Code> {
        Ok(OutboxRow {
            staff_name: crate::staff::name_of(context.terminal, operation.staff),
            subject: ledger.subject_of(operation.op_id)?,
            operation,
        })
    };
    ledger.outbox(SETTLED_SHOWN)?.into_iter().map(row).collect()
}

/// Things for a person to look at, newest first.
///
/// # Errors
/// What the file says.
pub fn attention(context: &Context<'_>, _: Nothing) -> Result<Vec<AttentionItem>, Code> {
    context.terminal.ledger().attention()
}
