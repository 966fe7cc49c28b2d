//! Reading what the commands ask beside single documents and pages: what surrounds an order, what a
//! distributor bought lately, and the terminal's own small records.

use super::order_list;
use super::queries::{self, PAGE};
use super::views::{CollectionView, IntentView, OrderRow};
use super::{DocKey, DocKind, Fault, Ledger, id_blob};
use crate::transact::Tx;
use domain::id::{DistributorId, IntentId, OrderId, ProductId, StaffId, TransactionRecordId};
use domain::intent::TransactionRecord;
use domain::operation::{IntentOpen, OpBody};
use domain::{Code, Timestamp};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::Operation;

/// Wrong PINs of one person since the last right one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnlockFailures {
    /// How many.
    pub count: u32,
    /// When the last one was.
    pub last_at: Timestamp,
}

impl Ledger {
    /// A distributor's orders that owe something, the oldest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn open_orders(&self, of: DistributorId) -> Result<Vec<OrderRow>, Code> {
        self.read(|conn| {
            let sql = format!(
                "{} WHERE kind = 'sales_order' AND distributor = ?1
                   AND payment_state IN ('unpaid', 'partly_paid') AND state <> 'cancelled'
                 ORDER BY at LIMIT {PAGE}",
                order_list::ORDER_ROW
            );
            let mut select = conn.prepare_cached(&sql)?;
            let mut rows = select.query([id_blob(of.0)])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                out.push(order_list::order_row(row)?);
            }
            Ok(out)
        })
    }

    /// The intents that ask, or asked, for an order.
    ///
    /// # Errors
    /// What the file says.
    pub fn intents_of(&self, order: OrderId) -> Result<Vec<IntentView>, Code> {
        self.read(|conn| {
            let ids = queries::sources(conn, order, DocKind::PaymentIntent)?;
            let views = ids
                .into_iter()
                .map(|id| queries::intent(conn, queries::intent_id(id)));
            views.filter_map(Result::transpose).collect()
        })
    }

    /// What a channel said of one payment.
    ///
    /// # Errors
    /// What the file says.
    pub fn transaction_record(
        &self,
        id: TransactionRecordId,
    ) -> Result<Option<TransactionRecord>, Code> {
        self.read(|conn| queries::transaction_record(conn, id))
    }

    /// What the channels said about collections.
    ///
    /// # Errors
    /// What the file says.
    pub fn transaction_records_of(
        &self,
        collections: &[CollectionView],
    ) -> Result<Vec<TransactionRecord>, Code> {
        self.read(|conn| {
            let mut out = Vec::new();
            for id in collections
                .iter()
                .filter_map(|held| held.collection.transaction_record)
            {
                out.extend(queries::transaction_record(conn, id)?);
            }
            Ok(out)
        })
    }

    /// The products of a distributor's latest orders, the latest first, each once.
    ///
    /// # Errors
    /// What the file says.
    pub fn recent_products(&self, of: DistributorId, limit: u32) -> Result<Vec<ProductId>, Code> {
        self.read(|conn| {
            let mut select = conn.prepare_cached(
                "SELECT json_extract(line.value, '$.product') FROM (
                   SELECT coalesce(view, base) AS doc, at FROM document
                   WHERE kind = 'sales_order' AND distributor = ?1 ORDER BY at DESC LIMIT 20
                 ) latest, json_each(latest.doc, '$.content.lines') line
                 ORDER BY latest.at DESC LIMIT ?2",
            )?;
            let mut rows = select.query(params![id_blob(of.0), limit])?;
            let mut out: Vec<ProductId> = Vec::new();
            while let Some(row) = rows.next()? {
                let id: String = row.get(0)?;
                let id = id
                    .parse()
                    .map_err(|_| Fault::Damaged { what: "order line" })?;
                if !out.contains(&id) {
                    out.push(id);
                }
            }
            Ok(out)
        })
    }

    /// The distributor's number as this terminal put it into an intent's link.
    ///
    /// # Errors
    /// `NotFound` for an intent that was not opened here.
    pub fn intent_distributor_number(&self, intent: IntentId) -> Result<u32, Code> {
        self.read(|conn| {
            let bytes: Option<Vec<u8>> = conn
                .prepare_cached(
                    "SELECT bytes FROM operation WHERE kind = 'intent_open' AND position IN
                       (SELECT position FROM touch WHERE kind = 'payment_intent' AND id = ?1)",
                )?
                .query_row([DocKey::from(intent).id], |row| row.get(0))
                .optional()?;
            let missing = || Code::NotFound {
                what: "intent".to_owned(),
            };
            let operation: Operation = serde_json::from_slice(&bytes.ok_or_else(missing)?)?;
            match operation.body {
                OpBody::IntentOpen(IntentOpen {
                    distributor_number, ..
                }) => Ok(distributor_number),
                _ => Err(Fault::Damaged {
                    what: "operation.kind",
                }),
            }
        })
    }

    /// The number of the document that an operation is about; empty when it has none.
    ///
    /// # Errors
    /// What the file says.
    pub fn subject_of(&self, op: domain::id::OpId) -> Result<String, Code> {
        self.read(|conn| {
            let number: Option<Option<String>> = conn
                .prepare_cached(
                    "SELECT d.number FROM operation o
                     JOIN touch t ON t.position = o.position
                     JOIN document d ON d.kind = t.kind AND d.id = t.id
                     WHERE o.op_id = ?1 AND d.number IS NOT NULL LIMIT 1",
                )?
                .query_row([id_blob(op.0)], |row| row.get(0))
                .optional()?;
            Ok(number.flatten().unwrap_or_default())
        })
    }

    /// A small record of the terminal's own.
    ///
    /// # Errors
    /// What the file says.
    pub fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Code> {
        self.read(|conn| {
            let text: Option<String> = conn
                .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()?;
            Ok(text.as_deref().map(serde_json::from_str).transpose()?)
        })
    }
}

impl Tx<'_> {
    /// Keeps a small record of the terminal's own.
    ///
    /// # Errors
    /// What the file says.
    pub fn put_setting<T: Serialize>(&mut self, name: &str, value: &T) -> Result<(), Fault> {
        self.conn
            .prepare_cached(
                "INSERT INTO setting (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )?
            .execute(params![name, serde_json::to_string(value)?])?;
        Ok(())
    }

    /// Wrong PINs of a person so far.
    ///
    /// # Errors
    /// What the file says.
    pub fn unlock_failures(&self, staff: StaffId) -> Result<UnlockFailures, Fault> {
        let held = self
            .conn
            .prepare_cached("SELECT count, last_at FROM unlock_failure WHERE staff = ?1")?
            .query_row([id_blob(staff.0)], |row| {
                Ok(UnlockFailures {
                    count: row.get(0)?,
                    last_at: Timestamp(row.get(1)?),
                })
            })
            .optional()?;
        Ok(held.unwrap_or_default())
    }

    /// Counts a try as a wrong PIN until it proves right.
    ///
    /// # Errors
    /// What the file says.
    pub fn count_unlock_failure(&mut self, staff: StaffId) -> Result<(), Fault> {
        let now = self.now();
        self.conn
            .prepare_cached(
                "INSERT INTO unlock_failure (staff, count, last_at) VALUES (?1, 1, ?2)
                 ON CONFLICT (staff) DO UPDATE SET count = count + 1, last_at = excluded.last_at",
            )?
            .execute(params![id_blob(staff.0), now.0])?;
        Ok(())
    }

    /// Forgets wrong PINs after a right one.
    ///
    /// # Errors
    /// What the file says.
    pub fn forget_unlock_failures(&mut self, staff: StaffId) -> Result<(), Fault> {
        self.conn
            .prepare_cached("DELETE FROM unlock_failure WHERE staff = ?1")?
            .execute([id_blob(staff.0)])?;
        Ok(())
    }
}
