//! Looks from outside: counts for `/metrics`, balances, and the audit that finds contradictions
//! between documents, allocations and accounts.

use super::rows::{all, counted, money};
use super::sql;
use crate::store::{AccountBalance, StoreError, Summary, Tally};
use rusqlite::{Connection, params};

pub(super) fn summary(tx: &Connection, company: &str) -> Result<Summary, StoreError> {
    let row: [i64; 9] = tx
        .prepare_cached(sql::SUMMARY)?
        .query_row(params![company], |row| {
            let mut values = [0; 9];
            for (index, value) in values.iter_mut().enumerate() {
                *value = row.get(index)?;
            }
            Ok(values)
        })?;
    let [
        feed,
        operations,
        blocked,
        orders,
        collections,
        intents,
        jobs,
        attention,
        postings,
    ] = row;
    Ok(Summary {
        feed_seq: counted(feed)?,
        operations: counted(operations)?,
        blocked: counted(blocked)?,
        orders: counted(orders)?,
        confirmed_collections: counted(collections)?,
        live_intents: counted(intents)?,
        jobs: counted(jobs)?,
        attention: counted(attention)?,
        postings_fen: money(postings),
    })
}

pub(super) fn tally(tx: &Connection, company: &str) -> Result<Vec<Tally>, StoreError> {
    let mut rows = Vec::new();
    for (what, query) in [
        ("operations", sql::TALLY_OPERATIONS),
        ("attempts", sql::TALLY_ATTEMPTS),
        ("collections", sql::TALLY_COLLECTIONS),
        ("callbacks", sql::TALLY_CALLBACKS),
    ] {
        rows.extend(all(tx, query, params![company], |row| {
            let count: i64 = row.get(1)?;
            Ok(Tally {
                what,
                state: row.get(0)?,
                count: u64::try_from(count).unwrap_or(0),
            })
        })?);
    }
    Ok(rows)
}

pub(super) fn trial_balance(
    tx: &Connection,
    company: &str,
) -> Result<Vec<AccountBalance>, StoreError> {
    all(tx, sql::TRIAL_BALANCE, params![company], |row| {
        Ok(AccountBalance {
            account: row.get(0)?,
            balance_fen: money(row.get(1)?),
            postings_fen: money(row.get(2)?),
        })
    })
}

pub(super) fn audit(tx: &Connection, company: &str) -> Result<Vec<String>, StoreError> {
    all(tx, sql::AUDIT, params![company], |row| row.get(0))
}
