//! The SQLite store as terminals, payers and finance meet it.

mod approval;
mod bills;
mod catalogue;
mod changes;
mod config;
mod imports;
mod interleavings;
mod matches;
mod money;
mod play;
mod random;
mod refunds;
mod staff;
mod sync;

use super::sql;
use rusqlite::Connection;

#[test]
fn every_query_prepares() {
    let mut connection = Connection::open_in_memory().unwrap();
    super::migrate(&mut connection).unwrap();
    for (name, text) in sql::ALL {
        if let Err(error) = connection.prepare(text) {
            panic!("{name}: {error}");
        }
    }
    assert!(sql::ALL.len() > 80 && sql::ALL.len() <= super::STATEMENTS);
}

#[test]
fn every_key_leads_with_the_company() {
    let mut connection = Connection::open_in_memory().unwrap();
    super::migrate(&mut connection).unwrap();
    let mut statement = connection
        .prepare(
            "SELECT m.name, i.name, c.name FROM sqlite_schema m, pragma_index_list(m.name) i,
               pragma_index_info(i.name) c
             WHERE m.type = 'table' AND m.name NOT IN ('schema_migration') AND c.seqno = 0",
        )
        .unwrap();
    let keys: Vec<(String, String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(keys.len() > 30);
    for (table, index, first) in keys {
        assert_eq!(first, "company", "{table} {index}");
    }
}
