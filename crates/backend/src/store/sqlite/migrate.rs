//! Brings a database file to this program's schema. Migrations are append-only; the checksum of
//! each is kept in the file, so that a changed migration, or a file of a newer program, is refused
//! with a plain sentence instead of being half understood.

use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use wire::keys::Hash;

/// Every migration, oldest first. Never reorder, change or remove one.
const MIGRATIONS: &[(&str, &str)] = &[
    (
        "0001_base",
        include_str!("../../../../../migrations/backend/sqlite/0001_base.sql"),
    ),
    (
        "0002_refund",
        include_str!("../../../../../migrations/backend/sqlite/0002_refund.sql"),
    ),
    (
        "0003_bill",
        include_str!("../../../../../migrations/backend/sqlite/0003_bill.sql"),
    ),
    (
        "0004_config",
        include_str!("../../../../../migrations/backend/sqlite/0004_config.sql"),
    ),
    (
        "0005_wallet",
        include_str!("../../../../../migrations/backend/sqlite/0005_wallet.sql"),
    ),
    (
        "0006_slip",
        include_str!("../../../../../migrations/backend/sqlite/0006_slip.sql"),
    ),
    (
        "0007_recovery",
        include_str!("../../../../../migrations/backend/sqlite/0007_recovery.sql"),
    ),
    (
        "0008_finance",
        include_str!("../../../../../migrations/backend/sqlite/0008_finance.sql"),
    ),
];

/// Applies what is missing, in one transaction for each migration.
///
/// # Errors
/// [`StoreError::Migration`] when an applied migration differs from this program's, or the file has
/// one that this program does not know.
pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migration (
           position INTEGER NOT NULL PRIMARY KEY,
           name     TEXT    NOT NULL,
           checksum TEXT    NOT NULL
         ) STRICT",
    )?;
    for (index, (name, sql)) in MIGRATIONS.iter().enumerate() {
        let position = i64::try_from(index + 1).unwrap_or(i64::MAX);
        let checksum = Hash::of(sql.as_bytes()).to_string();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let held: Option<(String, String)> = tx
            .query_row(
                "SELECT name, checksum FROM schema_migration WHERE position = ?1",
                params![position],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        match held {
            Some((held_name, held_sum)) if held_name == *name && held_sum == checksum => {}
            Some((held_name, _)) => {
                return Err(StoreError::Migration(format!(
                    "the file's migration {held_name} differs from this program's {name}: \
                     open it with the program that made it"
                )));
            }
            None => {
                tx.execute_batch(sql)?;
                tx.execute(
                    "INSERT INTO schema_migration (position, name, checksum) VALUES (?1, ?2, ?3)",
                    params![position, name, checksum],
                )?;
            }
        }
        tx.commit()?;
    }
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let newest: i64 = connection.query_row(
        "SELECT coalesce(max(position), 0) FROM schema_migration",
        [],
        |row| row.get(0),
    )?;
    if newest > known {
        return Err(StoreError::Migration(format!(
            "the file has migration {newest}, this program knows {known}: upgrade the program"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrating_twice_changes_nothing_and_a_changed_migration_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        connection
            .execute("UPDATE schema_migration SET checksum = 'other'", [])
            .unwrap();
        assert!(matches!(
            migrate(&mut connection),
            Err(StoreError::Migration(_))
        ));
    }

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection
            .execute(
                "INSERT INTO schema_migration VALUES (900, 'later', 'x')",
                [],
            )
            .unwrap();
        assert!(matches!(
            migrate(&mut connection),
            Err(StoreError::Migration(_))
        ));
    }
}
