//! The counterpart of P1: exactly the rows that the terminal's act left behind, written by one
//! prepared transaction into a file of the same schema, indexes, journal and durability. It signs,
//! hashes, checks and reads nothing: what the core does beyond it is what the ratio shows.

use crate::failure::BenchError;
use domain::id::OrderId;
use rusqlite::types::Value;
use rusqlite::{Connection, TransactionBehavior, params, params_from_iter};
use terminal::ledger::Ledger;

/// The rows of one act.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    order: [u8; 16],
    draft: Vec<Value>,
    tickets: Vec<Vec<Value>>,
    operations: Vec<Vec<Value>>,
    touches: Vec<Vec<Value>>,
    documents: Vec<Vec<Value>>,
    claims: Vec<Vec<Value>>,
    head: Vec<Value>,
    high_water: i64,
}

const SINCE: &str = "SELECT DISTINCT kind, id FROM touch WHERE position > ?1";

/// The newest operation's place in the log.
pub(crate) fn newest(ledger: &Ledger) -> Result<i64, BenchError> {
    Ok(ledger.read(|conn| {
        let newest = "SELECT coalesce(max(position), 0) FROM operation";
        Ok(conn.query_row(newest, [], |row| row.get(0))?)
    })?)
}

impl Rows {
    /// The draft, before the act takes it away.
    pub(crate) fn before(ledger: &Ledger, order: OrderId) -> Result<Rows, BenchError> {
        let id = order.0.into_bytes();
        let draft =
            ledger.read(|conn| Ok(all(conn, "SELECT * FROM draft WHERE id = ?1", [id])?))?;
        let draft = draft
            .into_iter()
            .next()
            .ok_or(BenchError::Missing("the draft"))?;
        Ok(Rows {
            order: id,
            draft,
            ..Rows::default()
        })
    }

    /// What the act wrote: everything after the operation at `since`, up to the one at `until`.
    pub(crate) fn after(&mut self, ledger: &Ledger, since: i64) -> Result<(), BenchError> {
        ledger.read(|conn| {
            let of = |table: &str| format!("SELECT * FROM {table} WHERE (kind, id) IN ({SINCE})");
            let operations = "SELECT * FROM operation WHERE position > ?1 ORDER BY position";
            self.operations = all(conn, operations, [since])?;
            self.touches = all(conn, "SELECT * FROM touch WHERE position > ?1", [since])?;
            self.documents = all(conn, &of("document"), [since])?;
            self.claims = all(conn, &of("claim"), [since])?;
            let tickets = format!("SELECT * FROM ticket WHERE id IN (SELECT id FROM ({SINCE}))");
            self.tickets = all(conn, &tickets, [since])?;
            let head = "SELECT head_seq, head_hash, incarnation FROM log ORDER BY incarnation DESC";
            self.head = all(conn, head, [])?.into_iter().next().unwrap_or_default();
            let water = "SELECT high_water_at FROM device";
            self.high_water = conn.query_row(water, [], |row| row.get(0))?;
            Ok(())
        })?;
        Ok(())
    }

    /// Puts into a bare file what the act found there: the draft, and the tickets it took.
    pub(crate) fn prepare(&self, bare: &Connection) -> Result<(), BenchError> {
        put(bare, "draft", &self.draft)?;
        for ticket in &self.tickets {
            put(bare, "ticket", ticket)?;
            bare.prepare_cached("UPDATE ticket SET taken = 0 WHERE id = ?1")?
                .execute(params_from_iter(ticket.first()))?;
        }
        Ok(())
    }

    /// The act's rows in one durable transaction.
    pub(crate) fn write(&self, bare: &mut Connection) -> Result<(), BenchError> {
        let tx = bare.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.prepare_cached("DELETE FROM draft WHERE id = ?1")?
            .execute([self.order])?;
        let tables = [
            ("operation", &self.operations),
            ("touch", &self.touches),
            ("document", &self.documents),
            ("claim", &self.claims),
        ];
        for (table, rows) in tables {
            for row in rows {
                put(&tx, table, row)?;
            }
        }
        for ticket in &self.tickets {
            tx.prepare_cached("UPDATE ticket SET taken = 1 WHERE id = ?1")?
                .execute(params_from_iter(ticket.first()))?;
        }
        tx.prepare_cached("UPDATE log SET head_seq = ?1, head_hash = ?2 WHERE incarnation = ?3")?
            .execute(params_from_iter(&self.head))?;
        tx.prepare_cached("UPDATE device SET high_water_at = ?1 WHERE high_water_at < ?1")?
            .execute([self.high_water])?;
        tx.commit()?;
        Ok(())
    }
}

fn all<P: rusqlite::Params>(
    conn: &Connection,
    select: &str,
    params: P,
) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut select = conn.prepare_cached(select)?;
    let width = select.column_count();
    let rows = select.query_map(params, |row| (0..width).map(|at| row.get(at)).collect())?;
    rows.collect()
}

fn put(conn: &Connection, table: &str, row: &[Value]) -> rusqlite::Result<()> {
    let marks = vec!["?"; row.len()].join(", ");
    conn.prepare_cached(&format!("INSERT INTO {table} VALUES ({marks})"))?
        .execute(params_from_iter(row))?;
    Ok(())
}

/// Makes a plain file with the schema of an encrypted one, set as the terminal sets its own.
pub(crate) fn plain_like(
    encrypted: &Connection,
    path: &std::path::Path,
) -> Result<Connection, BenchError> {
    let plain = Connection::open(path)?;
    for name in [
        "journal_mode",
        "synchronous",
        "foreign_keys",
        "wal_autocheckpoint",
    ] {
        let held: Value = encrypted.pragma_query_value(None, name, |row| row.get(0))?;
        plain.pragma_update(None, name, held)?;
    }
    plain.set_prepared_statement_cache_capacity(128);
    let schema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
    for row in all(encrypted, schema, [])? {
        if let Some(Value::Text(sql)) = row.first() {
            plain.execute_batch(sql)?;
        }
    }
    Ok(plain)
}

/// Rows that the acts only change are there before the first of them, as in the terminal's file.
pub(crate) fn begin(ledger: &Ledger, bare: &Connection) -> Result<(), BenchError> {
    let (log, device) = ledger.read(|conn| {
        Ok((
            all(conn, "SELECT * FROM log", [])?,
            all(conn, "SELECT * FROM device", [])?,
        ))
    })?;
    bare.execute_batch("DELETE FROM log; DELETE FROM device")?;
    for (table, rows) in [("log", log), ("device", device)] {
        for row in rows {
            put(bare, table, &row)?;
        }
    }
    Ok(())
}

/// Empties the journal, so that a round begins with none.
pub(crate) fn checkpoint(conn: &Connection) -> Result<(), BenchError> {
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", params![], |_| Ok(()))?;
    Ok(())
}

/// Operations in a file.
pub(crate) fn operations(conn: &Connection) -> Result<i64, BenchError> {
    Ok(conn.query_row("SELECT count(*) FROM operation", [], |row| row.get(0))?)
}
