//! After a backup was put back. What was written since it was made is gone, attempts with it, and
//! their payers may have paid. The numbers of attempts are computed (rule 6.10), so they are
//! computed again and the channel is asked, for every ask that the backup holds open and for every
//! one that a terminal sends again.

use super::rows::{all, one, run};
use super::work::Work;
use super::{jobs, load, payments, sql};
use crate::facts::{Attempt, JobKind};
use crate::payments::{asks, settle};
use crate::store::StoreError;
use domain::Timestamp;
use domain::channel::Channel;
use domain::id::IntentId;
use gateways::EvidenceRecord;
use rusqlite::{Connection, params};

/// When a backup was put back last, if ever.
pub(super) fn restored_at(tx: &Connection, company: &str) -> Result<Option<Timestamp>, StoreError> {
    let at = one(tx, sql::HEAD_RESTORED, params![company], |row| {
        row.get::<_, Option<i64>>(0)
    })?;
    Ok(at.flatten().map(Timestamp))
}

/// Begins a new epoch: terminals begin again with a snapshot and send what is missing here, and
/// every open ask is recalled. Answers its number.
pub(super) fn begin_epoch(work: &Work<'_>) -> Result<u32, StoreError> {
    let now = work.cx.env.now();
    let epoch = work
        .tx
        .prepare_cached(sql::HEAD_EPOCH)?
        .query_row(params![work.company, now.0], |row| row.get(0))?;
    let open = all(work.tx, sql::INTENTS_LIVE, params![work.company], |row| {
        row.get::<_, String>(0)
    })?;
    for intent in open {
        jobs::put(work, JobKind::Recall, &intent, now)?;
    }
    Ok(epoch)
}

/// Computes the attempts of an ask that may have been lost; each is closed at its channel, which
/// says as well whether it was paid.
pub(super) fn recall(work: &mut Work<'_>, intent: IntentId) -> Result<(), StoreError> {
    let mut books = payments::books(work, intent)?;
    for channel in Channel::ALL {
        if let Some(account) = load::active_binding(work.tx, &work.company, channel)? {
            asks::recall(&mut books, intent, channel, &account);
        }
    }
    payments::write(work, books)
}

/// The lost attempt that evidence names: its number says which intent it was for. `None` while no
/// backup was ever put back, or when the number, its ticket or the account is none of ours.
pub(super) fn lost_attempt(
    work: &Work<'_>,
    proof: &EvidenceRecord,
) -> Result<Option<Attempt>, StoreError> {
    if restored_at(work.tx, &work.company)?.is_none() {
        return Ok(None);
    }
    let ours = load::bindings(work.tx, &work.company)?.iter().any(|b| {
        b.channel == proof.channel && b.merchant_no == proof.merchant_no && b.app_id == proof.app_id
    });
    let Some(intent) = crate::payments::intent_of(&proof.out_trade_no).filter(|_| ours) else {
        return Ok(None);
    };
    // Without its ticket nobody is known to have asked; money can't be held under it.
    if load::ticket(work.tx, &work.company, intent)?.is_none() {
        return Ok(None);
    }
    let ask = load::ask(work.tx, &work.company, intent)?;
    Ok(settle::lost_attempt(intent, &ask, proof))
}

/// Issues a ticket again that was lost after a terminal had used it. The payer's phone can show a
/// receipt then; its code is a new one, which the terminal's hash does not know.
pub(super) fn reissue(
    work: &Work<'_>,
    intent: IntentId,
    terminal: domain::id::TerminalId,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let code = domain::id::crockford(u128::from(work.cx.env.number()), super::terminals::CODE_LEN);
    let (intent, terminal) = (intent.to_string(), terminal.to_string());
    let row = params![work.company, intent, terminal, code, expires_at.0, "{}"];
    run(work.tx, sql::TICKET_NEW, row)?;
    Ok(())
}
