//! The operation log in SQL: outbox, audit trail and idempotency key at once (section 4).

use super::{Fault, from_blob, int, uint};
use domain::id::{OpId, StaffId};
use domain::{Code, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use ts_rs::TS;
use wire::keys::{Hash, Signature};
use wire::protocol::Head;
use wire::verdict::{Verdict, VerdictKind};
use wire::{Operation, SignedOperation};

/// Operations of one incarnation lie within this many positions.
const INCARNATION: u64 = 1 << 40;

pub(crate) fn position(incarnation: u32, seq: u64) -> i64 {
    int(u64::from(incarnation) * INCARNATION + seq)
}

fn incarnation_and_seq(position: i64) -> (u32, u64) {
    let position = uint(position);
    (
        u32::try_from(position / INCARNATION).unwrap_or(u32::MAX),
        position % INCARNATION,
    )
}

/// An operation as the outbox shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct OperationRow {
    /// Identity.
    pub op_id: OpId,
    /// Its number in its incarnation.
    #[ts(type = "number")]
    pub seq: u64,
    /// What was done, e.g. `order_submit`.
    pub kind: String,
    /// Who.
    pub staff: StaffId,
    /// When.
    pub at: Timestamp,
    /// The backend's last word: `applied`, `applied_with_difference`, `rejected`, `blocked`; `None`
    /// before any.
    pub verdict: Option<String>,
    /// Why it was rejected, or what differs.
    pub reason: Option<Code>,
    /// Still waiting for the feed to carry a final verdict.
    pub pending: bool,
    /// Nobody has looked at its refusal or difference yet.
    pub needs_look: bool,
}

pub(crate) const OPERATION_ROW: &str = "SELECT position, op_id, kind, staff, at, verdict, settled_by IS NULL, needs_look FROM operation";

impl OperationRow {
    pub(crate) fn read(row: &Row<'_>) -> Result<OperationRow, Fault> {
        let verdict: Option<String> = row.get(5)?;
        let verdict: Option<Verdict> = verdict.as_deref().map(serde_json::from_str).transpose()?;
        let (_, seq) = incarnation_and_seq(row.get(0)?);
        Ok(OperationRow {
            op_id: OpId(from_blob(
                row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?,
                "op_id",
            )?),
            seq,
            kind: row.get(2)?,
            staff: StaffId(from_blob(
                row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?,
                "operation.staff",
            )?),
            at: Timestamp(row.get(4)?),
            reason: verdict.as_ref().and_then(|verdict| reason(&verdict.kind)),
            verdict: verdict.map(|verdict| verdict_word(&verdict.kind).to_owned()),
            pending: row.get(6)?,
            needs_look: row.get(7)?,
        })
    }
}

fn verdict_word(kind: &VerdictKind) -> &'static str {
    match kind {
        VerdictKind::Applied => "applied",
        VerdictKind::AppliedWithDifference { .. } => "applied_with_difference",
        VerdictKind::Rejected { .. } => "rejected",
        VerdictKind::Blocked { .. } => "blocked",
    }
}

fn reason(kind: &VerdictKind) -> Option<Code> {
    match kind {
        VerdictKind::AppliedWithDifference { difference } => Some(difference.clone()),
        VerdictKind::Rejected { reason } => Some(reason.clone()),
        VerdictKind::Applied | VerdictKind::Blocked { .. } => None,
    }
}

/// Why a stored verdict refuses or differs.
pub(super) fn refusal(verdict: &str) -> Result<Option<Code>, Fault> {
    let verdict: Verdict = serde_json::from_str(verdict)?;
    Ok(reason(&verdict.kind))
}

/// How far an incarnation's log reaches.
pub(crate) fn head(conn: &Connection, incarnation: u32) -> Result<Head, Fault> {
    let row: Option<(i64, [u8; 32])> = conn
        .prepare_cached("SELECT head_seq, head_hash FROM log WHERE incarnation = ?1")?
        .query_row([incarnation], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (seq, hash) = row.ok_or(Fault::Damaged { what: "log" })?;
    Ok(Head {
        incarnation,
        seq: uint(seq),
        hash: Hash(hash),
    })
}

/// How far the backend said it has the log.
pub(crate) fn backend_seq(conn: &Connection, incarnation: u32) -> Result<u64, Fault> {
    let seq: i64 = conn
        .prepare_cached("SELECT backend_seq FROM log WHERE incarnation = ?1")?
        .query_row([incarnation], |row| row.get(0))?;
    Ok(uint(seq))
}

pub(crate) fn set_backend_seq(conn: &Connection, incarnation: u32, seq: u64) -> Result<(), Fault> {
    conn.prepare_cached("UPDATE log SET backend_seq = ?2 WHERE incarnation = ?1")?
        .execute(params![incarnation, int(seq)])?;
    Ok(())
}

/// Writes a sealed operation and moves the head.
pub(crate) fn insert(
    conn: &Connection,
    operation: &Operation,
    sealed: &SignedOperation,
) -> Result<i64, Fault> {
    let position = position(operation.incarnation, operation.seq);
    // Under the planted fault the number was given before; else the key refuses that.
    let insert = if crate::planted::on(crate::planted::Planted::ReusedSeq) {
        "INSERT OR REPLACE INTO operation (position, op_id, kind, staff, at, bytes, signature)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    } else {
        "INSERT INTO operation (position, op_id, kind, staff, at, bytes, signature)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    };
    conn.prepare_cached(insert)?.execute(params![
        position,
        super::id_blob(operation.op_id.0),
        operation.body.kind(),
        super::id_blob(operation.staff.0),
        operation.at.0,
        sealed.bytes,
        sealed.signature.0,
    ])?;
    conn.prepare_cached("UPDATE log SET head_seq = ?2, head_hash = ?3 WHERE incarnation = ?1")?
        .execute(params![
            operation.incarnation,
            int(operation.seq),
            sealed.hash().0
        ])?;
    conn.prepare_cached("UPDATE device SET high_water_at = ?1 WHERE high_water_at < ?1")?
        .execute([operation.at.0])?;
    Ok(position)
}

/// The next operations after `seq`, at most `limit`, byte for byte.
pub(crate) fn after(
    conn: &Connection,
    incarnation: u32,
    seq: u64,
    limit: usize,
) -> Result<Vec<SignedOperation>, Fault> {
    let mut select = conn.prepare_cached(
        "SELECT bytes, signature FROM operation WHERE position > ?1 AND position < ?2
         ORDER BY position LIMIT ?3",
    )?;
    let (from, to) = (position(incarnation, seq), position(incarnation + 1, 0));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = select.query_map(params![from, to, limit], |row| {
        Ok(SignedOperation {
            bytes: row.get(0)?,
            signature: Signature(row.get(1)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The hash of one operation; zeros for number 0, `None` for one that is not in this log.
pub(crate) fn operation_hash(
    conn: &Connection,
    incarnation: u32,
    seq: u64,
) -> Result<Option<Hash>, Fault> {
    if seq == 0 {
        return Ok(Some(Hash::ZERO));
    }
    let mut select = conn.prepare_cached("SELECT bytes FROM operation WHERE position = ?1")?;
    let mut rows = select.query([position(incarnation, seq)])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Hash::of(
        row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?,
    )))
}

/// Where an operation lies, if it is of this log.
pub(crate) fn find(conn: &Connection, op: OpId) -> Result<Option<(i64, bool)>, Fault> {
    Ok(conn
        .prepare_cached("SELECT position, settled_by IS NULL FROM operation WHERE op_id = ?1")?
        .query_row([super::id_blob(op.0)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Keeps a verdict that came with a push: proof, and news for the outbox. Only the feed settles.
pub(crate) fn note_verdict(
    conn: &Connection,
    position: i64,
    verdict: &Verdict,
) -> Result<bool, Fault> {
    let changed = conn
        .prepare_cached(
            "UPDATE operation SET verdict = ?2
             WHERE position = ?1 AND settled_by IS NULL AND verdict IS NOT ?2",
        )?
        .execute(params![position, serde_json::to_string(verdict)?])?;
    Ok(changed > 0)
}

/// Takes a final verdict that the feed carried. Returns the documents that were folded anew.
pub(crate) fn settle(
    conn: &Connection,
    position: i64,
    verdict: &Verdict,
    change_seq: u64,
) -> Result<Vec<super::DocKey>, Fault> {
    let look = !matches!(verdict.kind, VerdictKind::Applied);
    conn.prepare_cached(
        "UPDATE operation SET verdict = ?2, settled_by = ?3, needs_look = ?4 WHERE position = ?1",
    )?
    .execute(params![
        position,
        serde_json::to_string(verdict)?,
        int(change_seq),
        look
    ])?;
    if crate::planted::on(crate::planted::Planted::DoubleFold) {
        return Ok(Vec::new());
    }
    super::set_touches(conn, position, if look { 2 } else { 0 })
}

/// Makes operations after `seq` pending again: the backend lost them in a restore (rule 8.4).
/// Their verdicts stay as proof of what had been applied.
pub(crate) fn unsettle_after(
    conn: &Connection,
    incarnation: u32,
    seq: u64,
) -> Result<Vec<super::DocKey>, Fault> {
    let (from, to) = (position(incarnation, seq), position(incarnation + 1, 0));
    let positions: Vec<i64> = conn
        .prepare_cached(
            "UPDATE operation SET settled_by = NULL, needs_look = 0
             WHERE position > ?1 AND position < ?2 AND settled_by IS NOT NULL RETURNING position",
        )?
        .query_map(params![from, to], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut keys = Vec::new();
    for position in positions {
        keys.extend(super::set_touches(conn, position, 1)?);
    }
    Ok(keys)
}
