//! A snapshot becomes a fresh file beside the old one, and takes its place only when it is whole:
//! a broken download or a crash leaves the old catalogue as it was.
//!
//! A write-ahead log left behind by one file would be read into the other, so both files are
//! brought to a single file and closed before the rename.

use super::{Catalogue, CatalogueError, Searchable, lock, open_at, rows, write_batch};
use rusqlite::Connection;
use std::io;
use std::path::{Path, PathBuf};
use wire::change::{Change, Cursor};

/// A catalogue being filled from a snapshot. Dropped without `finish`, it changes nothing.
pub struct Rebuild<'a> {
    catalogue: &'a Catalogue,
    fresh: PathBuf,
    db: Connection,
}

impl<'a> Rebuild<'a> {
    pub(super) fn begin(catalogue: &'a Catalogue) -> Result<Rebuild<'a>, CatalogueError> {
        let fresh = beside(&catalogue.path, ".new");
        // The rest of an earlier attempt: a partial copy of what the backend has.
        for suffix in ["", "-wal", "-shm", "-journal"] {
            match std::fs::remove_file(beside(&fresh, suffix)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(CatalogueError::Replace {
                        path: fresh,
                        source: error,
                    });
                }
                _ => {}
            }
        }
        let mut db = open_at(&catalogue.open, &fresh)?;
        rows::migrate(&mut db)?;
        Ok(Rebuild {
            catalogue,
            fresh,
            db,
        })
    }

    /// Adds rows of the snapshot, in one transaction a call; other documents are passed over.
    ///
    /// # Errors
    /// When the fresh file can't be written.
    pub fn put(&mut self, changes: &[Change]) -> Result<(), CatalogueError> {
        write_batch(&mut self.db, changes, None)?;
        Ok(())
    }

    /// Records the snapshot's cursor, builds the index and swaps both in.
    ///
    /// # Errors
    /// When the fresh file can't be completed or moved; the old catalogue then stays, except if
    /// the file can't even be opened again, which every later call reports.
    pub fn finish(self, cursor: Cursor) -> Result<(), CatalogueError> {
        let Rebuild {
            catalogue,
            fresh,
            db,
        } = self;
        rows::set_cursor(&db, cursor)?;
        let index = rows::build_index(&db)?;
        close_whole(db)?;

        // The builder of the start reads the old file through a connection of its own.
        if let Some(builder) = lock(&catalogue.builder).take() {
            drop(builder.join());
        }
        let mut writer = lock(&catalogue.writer);
        let mut reader = lock(&catalogue.reader);
        drop(reader.take());
        let swapped = match writer.take() {
            Some(old) => close_whole(old),
            None => Ok(()),
        }
        .and_then(|()| replace(&fresh, &catalogue.path));
        *writer = Some(open_at(&catalogue.open, &catalogue.path)?);
        *reader = Some(open_at(&catalogue.open, &catalogue.path)?);
        swapped?;
        *lock(&catalogue.search.state) = Searchable::Ready(Box::new(index));
        catalogue.search.changed.notify_all();
        Ok(())
    }
}

/// Brings everything into the one file and closes it; refuses while another connection is open.
fn close_whole(db: Connection) -> Result<(), CatalogueError> {
    let mode: String = db.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode != "delete" {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
            None,
        )
        .into());
    }
    db.close().map_err(|(_, error)| error.into())
}

fn replace(fresh: &Path, path: &Path) -> Result<(), CatalogueError> {
    std::fs::rename(fresh, path)
        .and_then(|()| sync_folder(path))
        .map_err(|source| CatalogueError::Replace {
            path: path.to_owned(),
            source,
        })
}

/// Makes the rename last. Windows keeps its directories itself and can't open one to sync it.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => std::fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
