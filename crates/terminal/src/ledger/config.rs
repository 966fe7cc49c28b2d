//! The configuration as this terminal holds it: every version that the backend sent, and own changes
//! that the backend has not taken. A change is never shown as done before base says so.

use super::{Fault, Ledger};
use domain::config::ConfigVersion;
use domain::id::OpId;
use domain::operation::{ConfigChange, OpBody};
use domain::{Code, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use wire::Operation;

/// An own change that is not in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnChange {
    /// Its operation.
    pub op_id: OpId,
    /// What was asked for.
    pub change: ConfigChange,
    /// When.
    pub at: Timestamp,
    /// Why it was refused; `None` while the backend's word is awaited.
    pub refused: Option<Code>,
}

impl Ledger {
    /// The configuration in force here; version 0 before the first one came.
    ///
    /// # Errors
    /// What the file says.
    pub fn config(&self) -> Result<ConfigVersion, Code> {
        self.read(config)
    }

    /// Every version, the newest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn config_history(&self) -> Result<Vec<ConfigVersion>, Code> {
        self.read(|conn| {
            let mut select = conn.prepare_cached(
                "SELECT base FROM document WHERE kind = 'config' AND base IS NOT NULL
                 ORDER BY id DESC",
            )?;
            let mut rows = select.query([])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                let base = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
                out.push(serde_json::from_str(base)?);
            }
            Ok(out)
        })
    }

    /// The newest own change that is not in force: waiting, or refused and not replaced since.
    ///
    /// # Errors
    /// What the file says.
    pub fn own_config_change(&self) -> Result<Option<OwnChange>, Code> {
        self.read(own_config_change)
    }
}

/// Inside a transaction it sees what the transaction did.
pub(crate) fn config(conn: &Connection) -> Result<ConfigVersion, Fault> {
    let base: Option<String> = conn
        .prepare_cached(
            "SELECT base FROM document WHERE kind = 'config' AND base IS NOT NULL
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(base
        .map(|base| serde_json::from_str(&base))
        .transpose()?
        .unwrap_or_default())
}

/// Waiting ones first: there is at most one of them.
pub(crate) fn own_config_change(conn: &Connection) -> Result<Option<OwnChange>, Fault> {
    let row: Option<(Vec<u8>, Option<String>, bool)> = conn
        .prepare_cached(
            "SELECT bytes, verdict, settled_by IS NULL FROM operation
             WHERE kind = 'config_change' AND (settled_by IS NULL OR needs_look = 1)
             ORDER BY position DESC LIMIT 1",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((bytes, verdict, pending)) = row else {
        return Ok(None);
    };
    let operation: Operation = serde_json::from_slice(&bytes)?;
    let OpBody::ConfigChange(change) = operation.body else {
        return Err(Fault::Damaged {
            what: "operation.kind",
        });
    };
    let refused = match verdict {
        Some(verdict) if !pending => super::oplog::refusal(&verdict)?,
        _ => None,
    };
    Ok(Some(OwnChange {
        op_id: operation.op_id,
        change,
        at: operation.at,
        refused,
    }))
}
