//! Money without a home, and the matches that give it one, by what this file holds. The backend's
//! books decide; these reads only show a person what there is to be decided.

use super::queries::{FOLDED, Folded, folded, newest, one};
use super::views::MatchView;
use super::{DocKind, Fault, Ledger, PAGE, Page, id_blob};
use domain::Code;
use domain::collection::PaymentCollection;
use domain::id::{CollectionId, DistributorId, MatchId, OrderId};
use domain::intent::TransactionRecord;
use domain::money_match::{MatchState, MatchTo, MoneyMatch};
use rusqlite::{Connection, Params};
use serde::de::DeserializeOwned;
use wire::change::{Attention, DepositBalance};

fn view(held: Folded<MoneyMatch>) -> MatchView {
    MatchView {
        money_match: held.doc,
        deciding: held.marks.deciding,
        pending: held.pending,
        attention: held.marks.problem,
    }
}

/// A match.
///
/// # Errors
/// What the file says.
pub(crate) fn money_match(conn: &Connection, id: MatchId) -> Result<Option<MatchView>, Fault> {
    Ok(one::<MoneyMatch>(conn, id.into())?.map(view))
}

/// Whether an attention item is open, and whether it is being closed here.
///
/// # Errors
/// What the file says.
pub(crate) fn attention_stands(
    conn: &Connection,
    id: domain::id::AttentionId,
) -> Result<Option<(bool, bool)>, Fault> {
    let held = one::<Attention>(conn, id.into())?;
    Ok(held.map(|held| (!held.doc.done, held.marks.closing)))
}

/// A payment, and whether it is being freed here.
///
/// # Errors
/// What the file says.
pub(crate) fn payment_stands(
    conn: &Connection,
    id: domain::id::TransactionRecordId,
) -> Result<Option<(TransactionRecord, bool)>, Fault> {
    let held = one::<TransactionRecord>(conn, id.into())?;
    Ok(held.map(|held| (held.doc, held.marks.deciding.is_some())))
}

fn many<D: DeserializeOwned>(
    conn: &Connection,
    rest: &str,
    params: impl Params,
) -> Result<Vec<Folded<D>>, Fault> {
    let mut select = conn.prepare_cached(&format!("{FOLDED} WHERE {rest}"))?;
    let mut rows = select.query(params)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(folded(row)?);
    }
    Ok(out)
}

impl Ledger {
    /// Matches, newest first; with `waiting` only those that wait for a decision.
    ///
    /// # Errors
    /// What the file says.
    pub fn matches(&self, waiting: bool, page: Page) -> Result<Vec<MatchView>, Code> {
        self.read(|conn| {
            let rows = if waiting {
                many(
                    conn,
                    &format!(
                        "kind = 'money_match' AND state = 'proposed' ORDER BY at DESC LIMIT {PAGE}"
                    ),
                    [],
                )?
            } else {
                newest(conn, DocKind::MoneyMatch, None, page)?
            };
            Ok(rows.into_iter().map(view).collect())
        })
    }

    /// The matches that name an order, oldest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn matches_of(&self, order: OrderId) -> Result<Vec<MatchView>, Code> {
        self.read(|conn| {
            let rest = "kind = 'money_match' AND EXISTS (
                SELECT 1 FROM json_each(coalesce(view, base), '$.allocations') part
                WHERE json_extract(part.value, '$.order') = ?1) ORDER BY at";
            let rows = many(conn, rest, [order.to_string()])?;
            Ok(rows.into_iter().map(view).collect())
        })
    }

    /// What approved matches moved out of collections into a distributor's deposit.
    ///
    /// # Errors
    /// What the file says.
    pub fn moved_to_deposit(
        &self,
        of: DistributorId,
    ) -> Result<Vec<(CollectionId, domain::Money)>, Code> {
        self.read(|conn| {
            let rest = "kind = 'money_match' AND distributor = ?1 AND state = 'approved'";
            let rows = many::<MoneyMatch>(conn, rest, [id_blob(of.0)])?;
            let moved = rows.into_iter().filter_map(|held| match held.doc.from {
                domain::money_match::MatchFrom::Unapplied { collection }
                    if held.doc.to == MatchTo::Deposit
                        && held.doc.state == MatchState::Approved =>
                {
                    Some((collection, held.doc.moved_fen))
                }
                _ => None,
            });
            Ok(moved.collect())
        })
    }

    /// Confirmed collections with an unapplied rest, newest first.
    ///
    /// # Errors
    /// What the file says.
    pub fn unapplied(&self) -> Result<Vec<PaymentCollection>, Code> {
        self.read(|conn| {
            // Whose money it can be at all is few; their collections lie in an index.
            let rest = format!(
                "kind = 'payment_collection' AND state = 'confirmed' AND distributor IN (
                   SELECT id FROM document WHERE kind = 'deposit_balance'
                     AND json_extract(base, '$.unapplied_fen') <> '0')
                   AND json_extract(base, '$.unapplied_fen') <> '0'
                 ORDER BY at DESC LIMIT {PAGE}"
            );
            let rows = many::<PaymentCollection>(conn, &rest, [])?;
            Ok(rows.into_iter().map(|held| held.doc).collect())
        })
    }

    /// Payments that are nobody's yet, newest first, and whether each is being freed here.
    ///
    /// # Errors
    /// What the file says.
    pub fn nobodys(&self) -> Result<Vec<(TransactionRecord, bool)>, Code> {
        self.read(|conn| {
            let rest = format!(
                "kind = 'transaction_record' AND distributor IS NULL
                 ORDER BY at DESC LIMIT {PAGE}"
            );
            let rows = many::<TransactionRecord>(conn, &rest, [])?;
            let row = |held: Folded<TransactionRecord>| (held.doc, held.marks.deciding.is_some());
            Ok(rows.into_iter().map(row).collect())
        })
    }

    /// Distributors for whom something stands in suspense.
    ///
    /// # Errors
    /// What the file says.
    pub fn suspended(&self) -> Result<Vec<DepositBalance>, Code> {
        self.read(|conn| {
            let rest = format!(
                "kind = 'deposit_balance' AND json_extract(base, '$.suspense_fen') IS NOT NULL
                 ORDER BY at DESC LIMIT {PAGE}"
            );
            let rows = many::<DepositBalance>(conn, &rest, [])?;
            Ok(rows.into_iter().map(|held| held.doc).collect())
        })
    }
}
