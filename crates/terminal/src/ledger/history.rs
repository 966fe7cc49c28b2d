//! The history of the company's own data as this terminal holds it, and own changes of the catalogue
//! that the backend has not taken.

use super::{Fault, Ledger};
use domain::Code;
use domain::history::HistoryLine;
use domain::id::OpId;
use domain::operation::{CatalogueChange, OpBody};
use rusqlite::Connection;
use wire::Operation;

/// Most lines of the history that are shown.
const HISTORY_SHOWN: u32 = 500;

/// An own change of the catalogue that is not in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCatalogueChange {
    /// Its operation.
    pub op_id: OpId,
    /// What was asked for.
    pub change: CatalogueChange,
    /// Why it was refused; `None` while the backend's word is awaited.
    pub refused: Option<Code>,
}

impl Ledger {
    /// Lines of the history, the newest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn history_lines(&self) -> Result<Vec<HistoryLine>, Code> {
        self.read(|conn| {
            let mut select = conn.prepare_cached(
                "SELECT base FROM document WHERE kind = 'history_line' AND base IS NOT NULL
                 ORDER BY at DESC, base_seq DESC LIMIT ?1",
            )?;
            let mut rows = select.query([HISTORY_SHOWN])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                let base = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
                out.push(serde_json::from_str(base)?);
            }
            Ok(out)
        })
    }

    /// Own changes of the catalogue that are not in force, the newest first: waiting, or refused and
    /// not let go of.
    ///
    /// # Errors
    /// What the file says.
    pub fn own_catalogue_changes(&self) -> Result<Vec<OwnCatalogueChange>, Code> {
        self.read(own_catalogue_changes)
    }
}

/// Inside a transaction it sees what the transaction did.
pub(crate) fn own_catalogue_changes(conn: &Connection) -> Result<Vec<OwnCatalogueChange>, Fault> {
    let mut select = conn.prepare_cached(
        "SELECT bytes, verdict, settled_by IS NULL FROM operation
         WHERE kind = 'catalogue_change' AND (settled_by IS NULL OR needs_look = 1)
         ORDER BY position DESC",
    )?;
    let mut rows = select.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(0)?;
        let (verdict, pending): (Option<String>, bool) = (row.get(1)?, row.get(2)?);
        let operation: Operation = serde_json::from_slice(&bytes)?;
        let OpBody::CatalogueChange(change) = operation.body else {
            return Err(Fault::Damaged {
                what: "operation.kind",
            });
        };
        let refused = match verdict {
            Some(verdict) if !pending => super::oplog::refusal(&verdict)?,
            _ => None,
        };
        out.push(OwnCatalogueChange {
            op_id: operation.op_id,
            change,
            refused,
        });
    }
    Ok(out)
}
