//! Brings `ledger.db` to this program's schema. Steps are append-only and their checksums are
//! verified, so that a file never has a history that nobody wrote. Before the first step that a file
//! with data needs, a dated copy is made beside it, and all steps and their checks are one
//! transaction: either the file is at the new schema and whole, or it is as it was.

use crate::files::{OpenError, sync_dir};
use domain::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use wire::keys::Hash;

/// One step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

/// The ledger's history.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "0001_start",
        sql: include_str!("../../../../migrations/terminal/ledger/0001_start.sql"),
    },
    Step {
        name: "0003_slips",
        sql: include_str!("../../../../migrations/terminal/ledger/0003_slips.sql"),
    },
];

/// Runs the steps that `conn` has not seen. Returns the copy that was made, if one was needed.
pub(crate) fn bring_up(
    conn: &mut Connection,
    path: &Path,
    steps: &[Step],
    now: Timestamp,
) -> Result<Option<PathBuf>, OpenError> {
    let sqlite = |error: rusqlite::Error| OpenError::of_sqlite(path, &error);
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_step (
           number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL,
           ran_at INTEGER NOT NULL) STRICT",
    )
    .map_err(sqlite)?;
    let seen = seen(conn).map_err(sqlite)?;
    let other = |detail: String| OpenError::OtherVersion {
        file: path.to_owned(),
        detail,
    };
    if seen.len() > steps.len() {
        return Err(other(format!(
            "schema {}, this one knows {}",
            seen.len(),
            steps.len()
        )));
    }
    for ((name, sha256), step) in seen.iter().zip(steps) {
        if name != step.name || *sha256 != Hash::of(step.sql.as_bytes()).to_string() {
            return Err(other(format!("schema step {name} differs")));
        }
    }
    if seen.len() == steps.len() {
        return Ok(None);
    }
    let copy = if seen.is_empty() {
        None
    } else {
        Some(copy_aside(conn, path, seen.len(), now)?)
    };
    let upgrade = |detail: String| OpenError::Upgrade {
        file: path.to_owned(),
        detail,
    };
    run(conn, &steps[seen.len()..], seen.len(), now).map_err(
        |error| match OpenError::of_sqlite(path, &error) {
            OpenError::Other { detail, .. } => upgrade(detail),
            known => known,
        },
    )?;
    Ok(copy)
}

fn seen(conn: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    conn.prepare("SELECT name, sha256 FROM schema_step ORDER BY number")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn run(conn: &mut Connection, steps: &[Step], done: usize, now: Timestamp) -> rusqlite::Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (index, step) in steps.iter().enumerate() {
        tx.execute_batch(step.sql)?;
        let number = i64::try_from(done + index + 1).unwrap_or(i64::MAX);
        let sha256 = Hash::of(step.sql.as_bytes()).to_string();
        tx.execute(
            "INSERT INTO schema_step (number, name, sha256, ran_at) VALUES (?1, ?2, ?3, ?4)",
            params![number, step.name, sha256, now.0],
        )?;
    }
    let whole: String = tx.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    let orphans: i64 =
        tx.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
            row.get(0)
        })?;
    if whole != "ok" || orphans > 0 {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
            Some(whole),
        ));
    }
    tx.commit()
}

/// A whole, encrypted copy beside the file; one that is already there is kept under another name.
fn copy_aside(
    conn: &Connection,
    path: &Path,
    schema: usize,
    now: Timestamp,
) -> Result<PathBuf, OpenError> {
    let day = now.business_day();
    let base = format!("ledger-before-{}-schema-{schema}", day.strftime("%Y%m%d"));
    let dir = path.parent().unwrap_or(Path::new("."));
    let copy = (0..)
        .map(|n| {
            if n == 0 {
                format!("{base}.db")
            } else {
                format!("{base}-{n}.db")
            }
        })
        .map(|name| dir.join(name))
        .find(|candidate| !candidate.exists())
        .unwrap_or_else(|| dir.join(format!("{base}.db")));
    conn.execute("VACUUM INTO ?1", [copy.to_string_lossy()])
        .map_err(|error| OpenError::of_sqlite(&copy, &error))?;
    sync_dir(dir).map_err(|error| OpenError::of_io(&copy, &error))?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{DatabaseKey, Files, LEDGER};

    const NOW: Timestamp = Timestamp(1_795_400_000_000);
    const ONE: Step = Step {
        name: "0001",
        sql: "CREATE TABLE a (x) STRICT",
    };
    const ONE_OK: Step = Step {
        name: "0001",
        sql: "CREATE TABLE a (x INTEGER) STRICT",
    };
    const TWO: Step = Step {
        name: "0002",
        sql: "ALTER TABLE a ADD COLUMN y INTEGER",
    };
    const BAD: Step = Step {
        name: "0002",
        sql: "ALTER TABLE a ADD COLUMN y INTEGER; SELECT nonsense FROM a",
    };

    #[test]
    fn every_step_of_the_ledger_runs_on_a_fresh_file_and_once() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(dir.path(), DatabaseKey::from_bytes([1; 32])).unwrap();
        let mut conn = files.open_ledger().unwrap();
        assert_eq!(
            bring_up(&mut conn, &files.ledger_path(), STEPS, NOW).unwrap(),
            None
        );
        assert_eq!(
            bring_up(&mut conn, &files.ledger_path(), STEPS, NOW).unwrap(),
            None
        );
    }

    #[test]
    fn an_upgrade_makes_an_encrypted_copy_first_and_a_failed_one_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let key = DatabaseKey::from_bytes([1; 32]);
        let files = Files::open(dir.path(), key.clone()).unwrap();
        let path = files.ledger_path();
        let mut conn = files.open_ledger().unwrap();
        assert!(
            bring_up(&mut conn, &path, &[ONE], NOW).is_err(),
            "STRICT wants a type"
        );
        bring_up(&mut conn, &path, &[ONE_OK], NOW).unwrap();
        conn.execute_batch("INSERT INTO a VALUES (7)").unwrap();

        let refused = bring_up(&mut conn, &path, &[ONE_OK, BAD], NOW).unwrap_err();
        assert!(matches!(refused, OpenError::Upgrade { .. }), "{refused}");
        assert!(conn.prepare("SELECT y FROM a").is_err(), "rolled back");

        let copy = bring_up(&mut conn, &path, &[ONE_OK, TWO], NOW)
            .unwrap()
            .unwrap();
        assert_eq!(
            copy.file_name().unwrap(),
            "ledger-before-20261123-schema-1-1.db"
        );
        assert!(conn.prepare("SELECT x, y FROM a").is_ok());
        drop((conn, files));

        let aside = tempfile::tempdir().unwrap();
        std::fs::copy(&copy, aside.path().join(LEDGER)).unwrap();
        let old = Files::open(aside.path(), key)
            .unwrap()
            .open_ledger()
            .unwrap();
        assert_eq!(
            old.query_row("SELECT x FROM a", [], |row| row.get::<_, i64>(0)),
            Ok(7)
        );
        assert!(old.prepare("SELECT y FROM a").is_err());
    }

    #[test]
    fn a_newer_file_and_a_changed_history_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(dir.path(), DatabaseKey::from_bytes([1; 32])).unwrap();
        let path = files.ledger_path();
        let mut conn = files.open_ledger().unwrap();
        bring_up(&mut conn, &path, &[ONE_OK, TWO], NOW).unwrap();
        let newer = bring_up(&mut conn, &path, &[ONE_OK], NOW);
        assert!(matches!(newer, Err(OpenError::OtherVersion { .. })));
        let changed = bring_up(&mut conn, &path, &[ONE_OK, BAD], NOW);
        assert!(matches!(changed, Err(OpenError::OtherVersion { .. })));
    }
}
