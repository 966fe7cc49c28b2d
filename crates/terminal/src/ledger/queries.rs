//! Reading the ledger: single documents with what is beside them, and lists that stay fast with a
//! million orders because every filter and order of them lies in an index.

use super::fold::Marks;
use super::oplog::{OPERATION_ROW, OperationRow};
use super::views::{AttentionItem, CollectionView, DepositView, IntentView, OrderView};
use super::{DocKey, DocKind, Fault, Ledger, from_blob, id_blob, uint};
use crate::transact::Draft;
use domain::collection::PaymentCollection;
use domain::distributor::Distributor;
use domain::id::{
    CollectionId, DistributorId, IntentId, OpId, OrderId, StaffId, TransactionRecordId,
};
use domain::intent::{PaymentIntent, TransactionRecord};
use domain::order::SalesOrder;
use domain::{Code, Money, Timestamp};
use rusqlite::{Connection, Row, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use wire::Operation;
use wire::change::{Attention, DepositBalance};

/// Most rows of a page.
pub const PAGE: u32 = 200;

/// Which part of a list, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Page {
    /// Only what is older than this; `None` for the newest.
    pub before: Option<Timestamp>,
    /// How many, at most [`PAGE`].
    pub limit: u32,
}

impl Default for Page {
    fn default() -> Page {
        Page {
            before: None,
            limit: 50,
        }
    }
}

impl Page {
    pub(super) fn bounds(self) -> (i64, u32) {
        (
            self.before.map_or(i64::MAX, |at| at.0),
            self.limit.min(PAGE),
        )
    }
}

/// How the outbox stands, counted from the log itself and never from network events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutboxCounts {
    /// Not known to be recorded by the backend.
    #[ts(type = "number")]
    pub unsent: u64,
    /// Without a final verdict through the feed.
    #[ts(type = "number")]
    pub pending: u64,
    /// Rejected or differing, and not looked at.
    #[ts(type = "number")]
    pub needs_look: u64,
    /// Tickets left for offline QR codes.
    #[ts(type = "number")]
    pub tickets: u64,
}

pub(super) struct Folded<D> {
    pub(super) doc: D,
    pub(super) marks: Marks,
    pub(super) pending: bool,
}

pub(super) const FOLDED: &str = "SELECT coalesce(view, base), marks, pending > 0 FROM document ";

pub(super) fn folded<D: DeserializeOwned>(row: &Row<'_>) -> Result<Folded<D>, Fault> {
    let doc = serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
    let marks: Option<String> = row.get(1)?;
    let marks = marks
        .as_deref()
        .map(serde_json::from_str)
        .transpose()?
        .unwrap_or_default();
    Ok(Folded {
        doc,
        marks,
        pending: row.get(2)?,
    })
}

pub(super) fn one<D: DeserializeOwned>(
    conn: &Connection,
    key: DocKey,
) -> Result<Option<Folded<D>>, Fault> {
    let mut select = conn.prepare_cached(&format!("{FOLDED} WHERE kind = ?1 AND id = ?2"))?;
    let mut rows = select.query(params![key.kind.as_str(), key.id])?;
    rows.next()?.map(folded).transpose()
}

pub(super) fn newest<D: DeserializeOwned>(
    conn: &Connection,
    kind: DocKind,
    distributor: Option<DistributorId>,
    page: Page,
) -> Result<Vec<Folded<D>>, Fault> {
    let (before, limit) = page.bounds();
    let order = "ORDER BY at DESC, id LIMIT";
    let mut out = Vec::new();
    let mut take = |row: &Row<'_>| -> Result<(), Fault> {
        out.push(folded(row)?);
        Ok(())
    };
    if let Some(distributor) = distributor {
        let sql = format!("{FOLDED} WHERE kind = ?1 AND distributor = ?2 AND at < ?3 {order} ?4");
        let mut select = conn.prepare_cached(&sql)?;
        let mut rows = select.query(params![
            kind.as_str(),
            id_blob(distributor.0),
            before,
            limit
        ])?;
        while let Some(row) = rows.next()? {
            take(row)?;
        }
    } else {
        let sql = format!("{FOLDED} WHERE kind = ?1 AND at < ?2 {order} ?3");
        let mut select = conn.prepare_cached(&sql)?;
        let mut rows = select.query(params![kind.as_str(), before, limit])?;
        while let Some(row) = rows.next()? {
            take(row)?;
        }
    }
    Ok(out)
}

/// An order with everything beside it. Inside a transaction it sees what the transaction did.
///
/// # Errors
/// What the file says.
pub(crate) fn order(conn: &Connection, id: OrderId) -> Result<Option<OrderView>, Fault> {
    let Some(held) = one::<SalesOrder>(conn, id.into())? else {
        return Ok(None);
    };
    let blob = id_blob(id.0);
    let (waiting, asked): (i64, i64) = conn
        .prepare_cached(
            "SELECT waiting_fen, asked_fen FROM document WHERE kind = 'sales_order' AND id = ?1",
        )?
        .query_row([blob], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let live: Vec<[u8; 16]> = conn
        .prepare_cached(
            "SELECT id FROM claim WHERE order_id = ?1 AND kind = 'payment_intent'
               AND state IN ('asked', 'waiting')",
        )?
        .query_map([blob], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(OrderView {
        payment_state: held.doc.payment_state(),
        owed_fen: held.doc.owed(),
        waiting_fen: Money::from_fen(waiting),
        asked_fen: Money::from_fen(asked),
        live_intents: live.into_iter().map(intent_id).collect(),
        pending: held.pending,
        attention: held.marks.problem,
        order: held.doc,
    }))
}

pub(super) fn intent_id(blob: [u8; 16]) -> IntentId {
    IntentId(u64::try_from(u128::from_be_bytes(blob)).unwrap_or(u64::MAX))
}

/// A collection.
///
/// # Errors
/// What the file says.
pub(crate) fn collection(
    conn: &Connection,
    id: CollectionId,
) -> Result<Option<CollectionView>, Fault> {
    Ok(one::<PaymentCollection>(conn, id.into())?.map(collection_view))
}

fn collection_view(held: Folded<PaymentCollection>) -> CollectionView {
    CollectionView {
        collection: held.doc,
        deciding: held.marks.deciding,
        pending: held.pending,
        attention: held.marks.problem,
    }
}

/// An intent.
///
/// # Errors
/// What the file says.
pub(crate) fn intent(conn: &Connection, id: IntentId) -> Result<Option<IntentView>, Fault> {
    Ok(one::<PaymentIntent>(conn, id.into())?.map(intent_view))
}

fn intent_view(held: Folded<PaymentIntent>) -> IntentView {
    IntentView {
        intent: held.doc,
        closing: held.marks.closing,
        pending: held.pending,
        attention: held.marks.problem,
    }
}

/// Whether the order was changed here after the intent was opened here: the new revision supersedes
/// the ask, however late the backend hears of it (rule 5.5).
///
/// # Errors
/// What the file says.
pub(crate) fn superseded(
    conn: &Connection,
    order: &SalesOrder,
    intent: &PaymentIntent,
) -> Result<bool, Fault> {
    let Some(opened_by) = intent.opened_by else {
        return Ok(false);
    };
    let later: Option<bool> = conn
        .prepare_cached(
            "SELECT (SELECT position FROM operation WHERE op_id = ?1)
                  < (SELECT position FROM operation WHERE op_id = ?2)",
        )?
        .query_row([id_blob(opened_by.0), id_blob(order.revised_by.0)], |row| {
            row.get(0)
        })?;
    Ok(later.unwrap_or(false))
}

/// What a channel said.
///
/// # Errors
/// What the file says.
pub(super) fn transaction_record(
    conn: &Connection,
    id: TransactionRecordId,
) -> Result<Option<TransactionRecord>, Fault> {
    Ok(one::<TransactionRecord>(conn, id.into())?.map(|held| held.doc))
}

/// A deposit as this terminal may use it; `None` where the backend has said nothing of one.
///
/// # Errors
/// What the file says.
/// Sum of what a distributor owes on all orders held here but one.
pub(crate) fn owed_besides(
    conn: &Connection,
    of: DistributorId,
    but: OrderId,
) -> Result<Money, Fault> {
    let mut select = conn.prepare_cached(
        "SELECT coalesce(sum(max(total_fen - paid_fen, 0)), 0) FROM document
         WHERE kind = 'sales_order' AND distributor = ?1 AND id <> ?2 AND state <> 'cancelled'",
    )?;
    let key = params![id_blob(of.0), id_blob(but.0)];
    let fen: i64 = select.query_row(key, |row| row.get(0))?;
    Ok(Money::from_fen(fen))
}

/// Sum of this terminal's asks that were proved offline and that no money has confirmed.
pub(crate) fn proved_unpaid(conn: &Connection, me: domain::id::TerminalId) -> Result<Money, Fault> {
    let live = live_intents(conn)?;
    let gone = live.iter().map(|held| &held.intent);
    let gone = gone.filter(|intent| intent.terminal == me && intent.proved_offline);
    Money::sum(gone.map(|intent| intent.amount_fen))
        .map_err(|_| Code::AmountTooLarge { row: 0 }.into())
}

fn live_intents(conn: &Connection) -> Result<Vec<IntentView>, Fault> {
    let sql = format!(
        "{FOLDED} WHERE kind = 'payment_intent'
           AND state IN ('created', 'presented', 'paying') ORDER BY at DESC"
    );
    let mut select = conn.prepare_cached(&sql)?;
    let mut rows = select.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(intent_view(folded(row)?));
    }
    Ok(out)
}

pub(crate) fn deposit(
    conn: &Connection,
    me: domain::id::TerminalId,
    of: DistributorId,
) -> Result<Option<DepositView>, Fault> {
    let Some(held) = one::<DepositBalance>(conn, DocKey::deposit(of))? else {
        return Ok(None);
    };
    let less = |from: Money, amount: Money| from.checked_sub(amount).unwrap_or(Money::ZERO);
    let allotments = &held.doc.allotments;
    let mine = allotments.iter().find(|allotment| allotment.terminal == me);
    let reserve = mine.map_or(Money::ZERO, |allotment| allotment.amount_fen);
    let reserve = less(less(reserve, held.marks.spend_fen), held.marks.release_fen);
    let balance = allotments
        .iter()
        .try_fold(held.doc.available_fen, |sum, part| {
            sum.checked_add(part.amount_fen)
        })
        .unwrap_or(Money::MAX);
    Ok(Some(DepositView {
        distributor: of,
        balance_fen: balance,
        reserve_fen: reserve.max(Money::ZERO),
        waiting_fen: held.marks.spend_fen,
        unapplied_fen: held.doc.unapplied_fen,
        owed_fen: held.doc.owed_fen,
        as_of: held.doc.as_of,
        pending: held.pending,
    }))
}

/// A distributor made here that the catalogue may not have yet (rule 4.4).
///
/// # Errors
/// What the file says.
pub(crate) fn made_here(
    conn: &Connection,
    id: DistributorId,
) -> Result<Option<Distributor>, Fault> {
    Ok(one::<Distributor>(conn, DocKey::distributor(id))?.map(|held| held.doc))
}

/// A draft.
///
/// # Errors
/// What the file says.
pub(crate) fn draft<T: DeserializeOwned>(
    conn: &Connection,
    order: OrderId,
) -> Result<Option<Draft<T>>, Fault> {
    let mut select =
        conn.prepare_cached("SELECT id, number, staff, body, saved_at FROM draft WHERE id = ?1")?;
    let mut rows = select.query([id_blob(order.0)])?;
    rows.next()?.map(read_draft).transpose()
}

fn read_draft<T: DeserializeOwned>(row: &Row<'_>) -> Result<Draft<T>, Fault> {
    Ok(Draft {
        order: OrderId(from_blob(&row.get::<_, [u8; 16]>(0)?, "draft.id")?),
        number: row.get(1)?,
        staff: StaffId(from_blob(&row.get::<_, [u8; 16]>(2)?, "draft.staff")?),
        body: serde_json::from_str(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?,
        saved_at: Timestamp(row.get(4)?),
    })
}

impl Ledger {
    /// An order.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn order(&self, id: OrderId) -> Result<OrderView, Code> {
        self.read(|conn| Ok(order(conn, id)?.ok_or_else(|| not_found("order"))?))
    }

    /// A collection.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn collection(&self, id: CollectionId) -> Result<CollectionView, Code> {
        self.read(|conn| Ok(collection(conn, id)?.ok_or_else(|| not_found("collection"))?))
    }

    /// An intent.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn intent(&self, id: IntentId) -> Result<IntentView, Code> {
        self.read(|conn| Ok(intent(conn, id)?.ok_or_else(|| not_found("intent"))?))
    }

    /// A deposit as this terminal may use it.
    ///
    /// # Errors
    /// `NotEnrolled`.
    pub fn deposit(&self, of: DistributorId) -> Result<Option<DepositView>, Code> {
        let identity = self.identity().ok_or(Code::NotEnrolled)?;
        self.read(|conn| deposit(conn, identity.terminal, of))
    }

    /// Every deposit that the backend has told of.
    ///
    /// # Errors
    /// `NotEnrolled`.
    pub fn deposits(&self) -> Result<Vec<DepositView>, Code> {
        let identity = self.identity().ok_or(Code::NotEnrolled)?;
        self.read(|conn| {
            let ids: Vec<[u8; 16]> = conn
                .prepare_cached("SELECT id FROM document WHERE kind = 'deposit_balance'")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let of = |id: [u8; 16]| DistributorId(uuid::Uuid::from_bytes(id));
            ids.into_iter()
                .filter_map(|id| deposit(conn, identity.terminal, of(id)).transpose())
                .collect()
        })
    }

    /// Collections, newest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn collections(
        &self,
        of: Option<DistributorId>,
        page: Page,
    ) -> Result<Vec<CollectionView>, Code> {
        self.read(|conn| {
            let rows = newest(conn, DocKind::PaymentCollection, of, page)?;
            Ok(rows.into_iter().map(collection_view).collect())
        })
    }

    /// Collections that wait for finance, newest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn collections_under_review(&self) -> Result<Vec<CollectionView>, Code> {
        self.read(|conn| {
            let sql = format!(
                "{FOLDED} WHERE kind = 'payment_collection' AND state = 'under_review'
                 ORDER BY at DESC LIMIT {PAGE}"
            );
            let mut select = conn.prepare_cached(&sql)?;
            let mut rows = select.query([])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                out.push(collection_view(folded(row)?));
            }
            Ok(out)
        })
    }

    /// The collections that pay, or mean to pay, an order.
    ///
    /// # Errors
    /// What the file says.
    pub fn collections_of(&self, order: OrderId) -> Result<Vec<CollectionView>, Code> {
        self.read(|conn| {
            let views = sources(conn, order, DocKind::PaymentCollection)?
                .into_iter()
                .map(|id| collection(conn, CollectionId(uuid::Uuid::from_bytes(id))));
            views.filter_map(Result::transpose).collect()
        })
    }

    /// Intents, newest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn intents(&self, of: Option<DistributorId>, page: Page) -> Result<Vec<IntentView>, Code> {
        self.read(|conn| {
            let rows = newest(conn, DocKind::PaymentIntent, of, page)?;
            Ok(rows.into_iter().map(intent_view).collect())
        })
    }

    /// Every intent that is still live, newest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn live_intents(&self) -> Result<Vec<IntentView>, Code> {
        self.read(live_intents)
    }

    /// Transaction records, newest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn transaction_records(
        &self,
        of: Option<DistributorId>,
        page: Page,
    ) -> Result<Vec<TransactionRecord>, Code> {
        self.read(|conn| {
            let rows = newest(conn, DocKind::TransactionRecord, of, page)?;
            Ok(rows
                .into_iter()
                .map(|held: Folded<TransactionRecord>| held.doc)
                .collect())
        })
    }

    /// A distributor made here that the catalogue may not have yet.
    ///
    /// # Errors
    /// What the file says.
    pub fn made_here(&self, id: DistributorId) -> Result<Option<Distributor>, Code> {
        self.read(|conn| made_here(conn, id))
    }

    /// Every distributor made here that the backend does not know yet.
    ///
    /// # Errors
    /// What the file says.
    pub fn all_made_here(&self) -> Result<Vec<Distributor>, Code> {
        self.read(|conn| {
            let all = newest(
                conn,
                DocKind::Distributor,
                None,
                Page {
                    before: None,
                    limit: PAGE,
                },
            )?;
            Ok(all
                .into_iter()
                .map(|held: Folded<Distributor>| held.doc)
                .collect())
        })
    }

    /// Drafts of one member of staff, the last saved first.
    ///
    /// # Errors
    /// What the file says.
    pub fn drafts<T: DeserializeOwned>(&self, staff: StaffId) -> Result<Vec<Draft<T>>, Code> {
        self.read(|conn| {
            let mut select = conn.prepare_cached(
                "SELECT id, number, staff, body, saved_at FROM draft WHERE staff = ?1
                 ORDER BY saved_at DESC",
            )?;
            let mut rows = select.query([id_blob(staff.0)])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                out.push(read_draft(row)?);
            }
            Ok(out)
        })
    }

    /// One draft.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn draft<T: DeserializeOwned>(&self, order: OrderId) -> Result<Draft<T>, Code> {
        self.read(|conn| Ok(draft(conn, order)?.ok_or_else(|| not_found("draft"))?))
    }

    /// The operations of one document in log order: its timeline as this terminal acted.
    ///
    /// # Errors
    /// What the file says.
    pub fn operations_of(&self, key: impl Into<DocKey>) -> Result<Vec<OperationRow>, Code> {
        let key = key.into();
        self.read(|conn| {
            let mut select = conn.prepare_cached(&format!(
                "{OPERATION_ROW} WHERE position IN
                   (SELECT position FROM touch WHERE kind = ?1 AND id = ?2) ORDER BY position"
            ))?;
            let mut rows = select.query(params![key.kind.as_str(), key.id])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                out.push(OperationRow::read(row)?);
            }
            Ok(out)
        })
    }

    /// One own operation as it was signed: what a rejected one said, to be mended.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn operation(&self, id: OpId) -> Result<Operation, Code> {
        self.read(|conn| {
            let mut select = conn.prepare_cached("SELECT bytes FROM operation WHERE op_id = ?1")?;
            let mut rows = select.query([id_blob(id.0)])?;
            let row = rows.next()?.ok_or_else(|| not_found("operation"))?;
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            Ok(serde_json::from_slice(bytes)?)
        })
    }

    /// The outbox: what is pending or to be looked at, oldest first, then the latest settled ones.
    ///
    /// # Errors
    /// What the file says.
    pub fn outbox(&self, settled: u32) -> Result<Vec<OperationRow>, Code> {
        self.read(|conn| {
            let mut out = Vec::new();
            let mut take = |sql: &str, limit: u32| -> Result<(), Fault> {
                let mut select = conn.prepare_cached(sql)?;
                let mut rows = select.query([limit])?;
                while let Some(row) = rows.next()? {
                    out.push(OperationRow::read(row)?);
                }
                Ok(())
            };
            take(
                &format!("{OPERATION_ROW} WHERE settled_by IS NULL ORDER BY position LIMIT ?1"),
                PAGE,
            )?;
            take(
                &format!("{OPERATION_ROW} WHERE needs_look = 1 ORDER BY position LIMIT ?1"),
                PAGE,
            )?;
            take(
                &format!(
                    "{OPERATION_ROW} WHERE settled_by IS NOT NULL AND needs_look = 0
                     ORDER BY position DESC LIMIT ?1"
                ),
                settled.min(PAGE),
            )?;
            Ok(out)
        })
    }

    /// How the outbox stands.
    ///
    /// # Errors
    /// What the file says.
    pub fn outbox_counts(&self) -> Result<OutboxCounts, Code> {
        let now = self.env().now();
        let incarnation = self.identity().map(|identity| identity.incarnation);
        self.read(|conn| {
            let count = |sql: &str| -> Result<u64, Fault> {
                Ok(uint(
                    conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?,
                ))
            };
            let unsent = match incarnation {
                None => 0,
                Some(incarnation) => super::head(conn, incarnation)?
                    .seq
                    .saturating_sub(super::backend_seq(conn, incarnation)?),
            };
            Ok(OutboxCounts {
                unsent,
                pending: count("SELECT count(*) FROM operation WHERE settled_by IS NULL")?,
                needs_look: count("SELECT count(*) FROM operation WHERE needs_look = 1")?,
                tickets: tickets_left(conn, now)?,
            })
        })
    }

    /// What a person has to look at, the newest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn attention(&self) -> Result<Vec<AttentionItem>, Code> {
        self.read(|conn| {
            let mut out = Vec::new();
            let mut own = std::collections::BTreeSet::new();
            let mut select = conn.prepare_cached(&format!(
                "{OPERATION_ROW} WHERE needs_look = 1 ORDER BY position DESC LIMIT {PAGE}"
            ))?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let row = OperationRow::read(row)?;
                own.insert(row.op_id);
                out.push(AttentionItem::Operation {
                    op_id: row.op_id,
                    kind: row.kind,
                    verdict: row.verdict.unwrap_or_default(),
                    reason: row.reason,
                    at: row.at,
                });
            }
            let page = Page {
                before: None,
                limit: PAGE,
            };
            for item in newest::<Attention>(conn, DocKind::Attention, None, page)? {
                let item = item.doc;
                if item.done || item.op.is_some_and(|op| own.contains(&op)) {
                    continue;
                }
                out.push(AttentionItem::Backend {
                    id: item.id,
                    kind: item.kind,
                    distributor: item.distributor,
                    amount_fen: item.amount_fen,
                    subject: item.subject,
                    at: item.at,
                });
            }
            Ok(out)
        })
    }
}

/// Tickets that can still start an intent.
pub(crate) fn tickets_left(conn: &Connection, now: Timestamp) -> Result<u64, Fault> {
    let left: i64 = conn
        .prepare_cached("SELECT count(*) FROM ticket WHERE taken = 0 AND expires_at > ?1")?
        .query_row([now.0], |row| row.get(0))?;
    Ok(uint(left))
}

pub(super) fn sources(
    conn: &Connection,
    order: OrderId,
    kind: DocKind,
) -> Result<Vec<[u8; 16]>, Fault> {
    let mut select =
        conn.prepare_cached("SELECT id FROM claim WHERE order_id = ?1 AND kind = ?2 ORDER BY id")?;
    let rows = select.query_map(params![id_blob(order.0), kind.as_str()], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn not_found(what: &str) -> Code {
    Code::NotFound {
        what: what.to_owned(),
    }
}
