//! Photos of slips: stored with the operations that name them, in their transaction, each once.

use super::rows::{one, run};
use super::sql;
use super::work::Work;
use crate::store::StoreError;
use domain::id::TerminalId;
use domain::operation::OpBody;
use rusqlite::{Connection, params};
use std::collections::BTreeSet;
use wire::protocol::PushRequest;

/// Stores the photos of a push that one of its operations names. Anything else is left out: a photo
/// never holds the log up, and what finance sees is then a collection without its photo.
pub(super) fn keep(
    work: &mut Work<'_>,
    terminal: TerminalId,
    r: &PushRequest,
) -> Result<(), StoreError> {
    if r.slips.is_empty() {
        return Ok(());
    }
    let named: BTreeSet<String> = r
        .operations
        .iter()
        .filter_map(|operation| match operation.open().ok()?.body {
            OpBody::CollectionRecord(body) => Some(body.slip_sha256),
            _ => None,
        })
        .collect();
    for slip in &r.slips {
        let jpeg = slip.open().filter(|_| named.contains(&slip.sha256));
        let Some(jpeg) = jpeg else {
            tracing::warn!(target: "audit", %terminal, "a slip is not what an operation names");
            continue;
        };
        let row = params![
            work.company,
            slip.sha256,
            terminal.to_string(),
            work.cx.env.now().0,
            jpeg
        ];
        run(work.tx, sql::SLIP_NEW, row)?;
    }
    Ok(())
}

/// A photo by its name.
pub(super) fn get(
    tx: &Connection,
    company: &str,
    sha256: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    one(tx, sql::SLIP_GET, params![company, sha256], |row| {
        row.get(0)
    })
}
