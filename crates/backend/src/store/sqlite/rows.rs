//! Small steps that every query takes: documents to and from text, words of enums, numbers between
//! Rust's and SQLite's types.

use crate::store::StoreError;
use domain::Money;
use rusqlite::{Connection, OptionalExtension as _, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a stored document.
pub(super) fn read<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt {
        what,
        reason: error.to_string(),
    })
}

/// Writes a document.
pub(super) fn text<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Rule(error.to_string()))
}

/// The word of a unit variant, as it stands in JSON.
pub(super) fn word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(StoreError::Rule("an enum without a word".into())),
    }
}

/// The variant of a word.
pub(super) fn of_word<T: DeserializeOwned>(
    word: String,
    what: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(word)).map_err(|error| StoreError::Corrupt {
        what,
        reason: error.to_string(),
    })
}

/// Parses an id or key that was stored as text.
pub(super) fn parsed<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, StoreError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| StoreError::Corrupt {
        what,
        reason: error.to_string(),
    })
}

/// A counter that SQLite holds signed.
pub(super) fn signed(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Rule(format!("{value} is too large to store")))
}

/// A counter that SQLite held signed.
pub(super) fn counted(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Corrupt {
        what: "counter",
        reason: format!("{value} < 0"),
    })
}

/// A smaller counter.
pub(super) fn small(value: i64) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| StoreError::Corrupt {
        what: "counter",
        reason: format!("{value}"),
    })
}

/// An amount of a row.
pub(super) fn money(fen: i64) -> Money {
    Money::from_fen(fen)
}

/// One row or none.
pub(super) fn one<T>(
    tx: &Connection,
    sql: &str,
    params: impl Params,
    map: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    Ok(tx.prepare_cached(sql)?.query_row(params, map).optional()?)
}

/// Every row.
pub(super) fn all<T>(
    tx: &Connection,
    sql: &str,
    params: impl Params,
    map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = tx.prepare_cached(sql)?;
    let rows = statement.query_map(params, map)?;
    Ok(rows.collect::<rusqlite::Result<Vec<T>>>()?)
}

/// Runs a statement; the number of rows it changed.
pub(super) fn run(tx: &Connection, sql: &str, params: impl Params) -> Result<usize, StoreError> {
    Ok(tx.prepare_cached(sql)?.execute(params)?)
}

/// The document of one row, if it is there.
pub(super) fn document<T: DeserializeOwned>(
    tx: &Connection,
    sql: &str,
    params: impl Params,
    what: &'static str,
) -> Result<Option<T>, StoreError> {
    match one(tx, sql, params, |row| row.get::<_, String>(0))? {
        Some(body) => read(&body, what).map(Some),
        None => Ok(None),
    }
}

/// The documents of every row.
pub(super) fn documents<T: DeserializeOwned>(
    tx: &Connection,
    sql: &str,
    params: impl Params,
    what: &'static str,
) -> Result<Vec<T>, StoreError> {
    let bodies = all(tx, sql, params, |row| row.get::<_, String>(0))?;
    bodies.iter().map(|body| read(body, what)).collect()
}
