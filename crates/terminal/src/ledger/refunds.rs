//! Refunds in the ledger, and what of a payment could still go back by what this file holds. The
//! backend's books decide; these sums only keep a person from asking for what can't be.

use super::queries::{FOLDED, Folded, folded, newest, one};
use super::views::RefundView;
use super::{DocKey, DocKind, Fault, Ledger, PAGE, Page};
use domain::id::{CollectionId, DistributorId, RefundId, TransactionRecordId};
use domain::intent::TransactionRecord;
use domain::refund::{Refund, left};
use domain::{Code, Money};
use rusqlite::Connection;
use wire::change::DepositBalance;

fn view(held: Folded<Refund>) -> RefundView {
    RefundView {
        refund: held.doc,
        deciding: held.marks.deciding,
        pending: held.pending,
        attention: held.marks.problem,
    }
}

/// A refund.
///
/// # Errors
/// What the file says.
pub(crate) fn refund(conn: &Connection, id: RefundId) -> Result<Option<RefundView>, Fault> {
    Ok(one::<Refund>(conn, id.into())?.map(view))
}

/// What may still go back on a payment, by the refunds that are held.
fn still_left(conn: &Connection, record: &TransactionRecord) -> Result<Money, Fault> {
    let mut select = conn.prepare_cached(&format!(
        "{FOLDED} WHERE kind = 'refund'
           AND json_extract(coalesce(view, base), '$.transaction_record') = ?1"
    ))?;
    let mut rows = select.query([record.id.to_string()])?;
    let mut refunds = Vec::new();
    while let Some(row) = rows.next()? {
        refunds.push(folded::<Refund>(row)?.doc);
    }
    Ok(left(record.gross_fen, &refunds))
}

impl Ledger {
    /// Refunds, newest first; with `waiting` only those that wait for a decision.
    ///
    /// # Errors
    /// What the file says.
    pub fn refunds(&self, waiting: bool, page: Page) -> Result<Vec<RefundView>, Code> {
        self.read(|conn| {
            if !waiting {
                let rows = newest(conn, DocKind::Refund, None, page)?;
                return Ok(rows.into_iter().map(view).collect());
            }
            let mut select = conn.prepare_cached(&format!(
                "{FOLDED} WHERE kind = 'refund' AND state = 'requested'
                 ORDER BY at DESC LIMIT {PAGE}"
            ))?;
            let mut rows = select.query([])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                out.push(view(folded(row)?));
            }
            Ok(out)
        })
    }

    /// The refunds of one collection, newest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn refunds_of(&self, collection: CollectionId) -> Result<Vec<RefundView>, Code> {
        self.read(|conn| {
            let mut select = conn.prepare_cached(&format!(
                "{FOLDED} WHERE kind = 'refund'
                   AND json_extract(coalesce(view, base), '$.collection') = ?1
                 ORDER BY at DESC LIMIT {PAGE}"
            ))?;
            let mut rows = select.query([collection.to_string()])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                out.push(view(folded(row)?));
            }
            Ok(out)
        })
    }

    /// A payment, and what may still go back on it.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn payment(&self, id: TransactionRecordId) -> Result<(TransactionRecord, Money), Code> {
        self.read(|conn| {
            let held = one::<TransactionRecord>(conn, id.into())?;
            let record = held.map(|held| held.doc).ok_or_else(|| Code::NotFound {
                what: "transaction_record".to_owned(),
            })?;
            let left = still_left(conn, &record)?;
            Ok((record, left))
        })
    }

    /// What of a deposit is not reserved for a terminal.
    ///
    /// # Errors
    /// What the file says.
    pub fn deposit_available(&self, of: DistributorId) -> Result<Money, Code> {
        self.read(|conn| {
            let held = one::<DepositBalance>(conn, DocKey::deposit(of))?;
            Ok(held.map_or(Money::ZERO, |held| held.doc.available_fen))
        })
    }

    /// Payments that came twice, newest first, and what may still go back on each; none that has
    /// gone back whole.
    ///
    /// # Errors
    /// What the file says.
    pub fn refundable(&self) -> Result<Vec<(TransactionRecord, Money)>, Code> {
        self.read(|conn| {
            let mut select = conn.prepare_cached(&format!(
                "{FOLDED} WHERE kind = 'transaction_record' AND distributor IS NOT NULL
                   AND json_extract(base, '$.collection') IS NULL
                 ORDER BY at DESC LIMIT {PAGE}"
            ))?;
            let mut rows = select.query([])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                let record = folded::<TransactionRecord>(row)?.doc;
                let left = still_left(conn, &record)?;
                if left.is_positive() {
                    out.push((record, left));
                }
            }
            Ok(out)
        })
    }
}
