//! Documents in SQL: the backend's last word, the view folded over it, the columns that lists are
//! made of, and what collections and intents do to orders.

use super::fold::{Claim, Columns, Folding, Marks};
use super::{DocKey, DocKind, Fault, int};
use domain::collection::PaymentCollection;
use domain::config::ConfigVersion;
use domain::distributor::Distributor;
use domain::history::HistoryLine;
use domain::intent::{PaymentIntent, TransactionRecord};
use domain::money_match::MoneyMatch;
use domain::order::SalesOrder;
use domain::refund::Refund;
use domain::staff::StaffVersion;
use rusqlite::{Connection, OptionalExtension, params};
use wire::Operation;
use wire::change::{Attention, DepositBalance};

/// The backend's last word on a document.
#[derive(Clone, Debug, Default)]
struct Base {
    json: Option<String>,
    epoch: u32,
    seq: u64,
}

fn base(conn: &Connection, key: DocKey) -> Result<Base, Fault> {
    let row: Option<(Option<String>, u32, i64)> = conn
        .prepare_cached(
            "SELECT base, base_epoch, base_seq FROM document WHERE kind = ?1 AND id = ?2",
        )?
        .query_row(params![key.kind.as_str(), key.id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((json, epoch, seq)) = row else {
        return Ok(Base::default());
    };
    Ok(Base {
        json,
        epoch,
        seq: super::uint(seq),
    })
}

/// Takes the backend's word on a document, unless what is held is as new (rule 4.12). A word of a
/// later epoch is newer whatever its number.
pub(crate) fn apply_base(
    conn: &Connection,
    key: DocKey,
    json: String,
    epoch: u32,
    seq: u64,
) -> Result<bool, Fault> {
    let held = base(conn, key)?;
    if held.json.is_some() && (held.epoch, held.seq) >= (epoch, seq) {
        return Ok(false);
    }
    fold_any(
        conn,
        key,
        &Base {
            json: Some(json),
            epoch,
            seq,
        },
    )?;
    Ok(true)
}

/// Folds a document anew after its pending operations changed.
pub(crate) fn refold(conn: &Connection, key: DocKey) -> Result<(), Fault> {
    let base = base(conn, key)?;
    fold_any(conn, key, &base)
}

fn fold_any(conn: &Connection, key: DocKey, base: &Base) -> Result<(), Fault> {
    match key.kind {
        DocKind::SalesOrder => fold::<SalesOrder>(conn, key, base),
        DocKind::PaymentCollection => fold::<PaymentCollection>(conn, key, base),
        DocKind::PaymentIntent => fold::<PaymentIntent>(conn, key, base),
        DocKind::TransactionRecord => fold::<TransactionRecord>(conn, key, base),
        DocKind::DepositBalance => fold::<DepositBalance>(conn, key, base),
        DocKind::Distributor => fold::<Distributor>(conn, key, base),
        DocKind::Attention => fold::<Attention>(conn, key, base),
        DocKind::Refund => fold::<Refund>(conn, key, base),
        DocKind::MoneyMatch => fold::<MoneyMatch>(conn, key, base),
        DocKind::Config => fold::<ConfigVersion>(conn, key, base),
        DocKind::StaffVersion => fold::<StaffVersion>(conn, key, base),
        DocKind::HistoryLine => fold::<HistoryLine>(conn, key, base),
    }
}

fn fold<D: Folding>(conn: &Connection, key: DocKey, base: &Base) -> Result<(), Fault> {
    let (pending, problem) = own_operations(conn, key)?;
    let stored = base
        .json
        .as_deref()
        .map(serde_json::from_str::<D>)
        .transpose()?;
    let mut marks = Marks {
        problem,
        ..Marks::default()
    };
    let view = D::fold(stored, &pending, &mut marks);
    let Some(view) = view else {
        conn.prepare_cached("DELETE FROM document WHERE kind = ?1 AND id = ?2")?
            .execute(params![key.kind.as_str(), key.id])?;
        return set_claims(conn, key, &[]);
    };
    let json = if pending.is_empty() {
        None
    } else {
        Some(serde_json::to_string(&view)?)
    };
    let marks = if marks == Marks::default() {
        None
    } else {
        Some(serde_json::to_string(&marks)?)
    };
    write(conn, key, base, json, marks, pending.len(), &view.columns())?;
    if matches!(
        key.kind,
        DocKind::PaymentCollection | DocKind::PaymentIntent
    ) {
        set_claims(conn, key, &view.claims())?;
    }
    Ok(())
}

/// The document's pending operations in log order, and why the last settled one that nobody has
/// looked at was refused.
fn own_operations(
    conn: &Connection,
    key: DocKey,
) -> Result<(Vec<Operation>, Option<domain::Code>), Fault> {
    let mut select = conn.prepare_cached(
        "SELECT t.state, o.bytes, o.verdict
         FROM touch t JOIN operation o ON o.position = t.position
         WHERE t.kind = ?1 AND t.id = ?2 AND t.state > 0 ORDER BY t.position",
    )?;
    let mut rows = select.query(params![key.kind.as_str(), key.id])?;
    let (mut pending, mut problem) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? == 1 {
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            pending.push(serde_json::from_slice(bytes)?);
        } else if let Some(verdict) = row.get::<_, Option<String>>(2)? {
            problem = super::oplog::refusal(&verdict)?;
        }
    }
    Ok((pending, problem))
}

fn write(
    conn: &Connection,
    key: DocKey,
    base: &Base,
    view: Option<String>,
    marks: Option<String>,
    pending: usize,
    columns: &Columns,
) -> Result<(), Fault> {
    conn.prepare_cached(include_str!("write_document.sql"))?
        .execute(params![
            key.kind.as_str(),
            key.id,
            base.json,
            base.epoch,
            int(base.seq),
            view,
            marks,
            i64::try_from(pending).unwrap_or(i64::MAX),
            columns.number,
            columns.distributor.map(super::id_blob),
            columns.state,
            columns.payment_state,
            columns.total_fen.fen(),
            columns.paid_fen.fen(),
            columns.at.0,
        ])?;
    Ok(())
}

/// Replaces what a collection or an intent does to orders, and brings those orders' sums up.
fn set_claims(conn: &Connection, key: DocKey, claims: &[Claim]) -> Result<(), Fault> {
    if !matches!(
        key.kind,
        DocKind::PaymentCollection | DocKind::PaymentIntent
    ) {
        return Ok(());
    }
    let kind = key.kind.as_str();
    let mut orders: Vec<[u8; 16]> = conn
        .prepare_cached("DELETE FROM claim WHERE kind = ?1 AND id = ?2 RETURNING order_id")?
        .query_map(params![kind, key.id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for claim in claims {
        let order = super::id_blob(claim.order.0);
        conn.prepare_cached(
            "INSERT INTO claim (order_id, kind, id, state, amount_fen) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (order_id, kind, id) DO UPDATE SET
               state = excluded.state, amount_fen = amount_fen + excluded.amount_fen",
        )?
        .execute(params![
            order,
            kind,
            key.id,
            claim.state,
            claim.amount_fen.fen()
        ])?;
        orders.push(order);
    }
    orders.sort_unstable();
    orders.dedup();
    for order in orders {
        conn.prepare_cached(include_str!("sum_claims.sql"))?
            .execute([order])?;
    }
    Ok(())
}

/// Ends the pending state of an operation's documents and folds them anew. `state` is 0, or 2 where
/// a person has to look.
pub(crate) fn set_touches(
    conn: &Connection,
    position: i64,
    state: i64,
) -> Result<Vec<DocKey>, Fault> {
    let rows: Vec<(String, [u8; 16])> = conn
        .prepare_cached("UPDATE touch SET state = ?2 WHERE position = ?1 RETURNING kind, id")?
        .query_map(params![position, state], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut keys = Vec::with_capacity(rows.len());
    for (kind, id) in rows {
        let key = DocKey {
            kind: DocKind::parse(&kind)?,
            id,
        };
        refold(conn, key)?;
        keys.push(key);
    }
    Ok(keys)
}
