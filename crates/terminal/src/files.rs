//! The terminal's folder: two encrypted files, one key, one lock.
//!
//! `ledger.db` holds what must never be lost; it is in WAL mode with `synchronous=FULL`, because
//! NORMAL loses acknowledged orders in a power cut. `catalogue.db` is a disposable copy (rule 4.4).
//! A file that opens without a key is refused (9.4), a second instance is refused (4.5), and nothing
//! here ever deletes a file: every failure names the file and the way out.
//!
//! The key is kept in an owner-only file beside them until the operating system's keychain holds it:
//! who can read this folder as its owner can read the ledger.

use domain::Code;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use wire::Env;

/// Name of the file that must never be lost.
pub const LEDGER: &str = "ledger.db";
/// Name of the disposable file.
pub const CATALOGUE: &str = "catalogue.db";
/// Name of the file whose OS lock keeps a second instance out.
pub const LOCK: &str = "terminal.lock";
/// Name of the folder for what people take away: not encrypted.
pub const EXPORTS: &str = "exports";
/// Name of the key's file.
pub const KEY: &str = "terminal.key";

/// Commits are rare and large reads are many; a longer WAL spares checkpoint fsyncs (P1).
const WAL_PAGES: i64 = 4_000;
/// Only a checkpoint or a backup can hold the lock for a moment; nobody else writes.
const BUSY: Duration = Duration::from_secs(10);

/// Why the terminal's files can't be used. Each message names the file and the way out.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another instance holds the lock.
    #[error("Fieldtill is already running with the folder {}: use the open window", dir.display())]
    AlreadyRunning {
        /// The folder.
        dir: PathBuf,
    },
    /// The disk is full.
    #[error("the disk is full, {} can't be written: free some space and start again", file.display())]
    DiskFull {
        /// Which file.
        file: PathBuf,
    },
    /// The folder or file can't be written.
    #[error("{} can't be written: give your user write permission or choose another folder",
            file.display())]
    ReadOnly {
        /// Which file.
        file: PathBuf,
    },
    /// Damaged, or encrypted with another key.
    #[error("{} is damaged or was made with another key: it was left as it is; put back a backup \
             of it together with {KEY}, or enrol in a new folder", file.display())]
    Corrupt {
        /// Which file.
        file: PathBuf,
    },
    /// Not encrypted.
    #[error("{} is not encrypted and was not made by Fieldtill: move it away and start again",
            file.display())]
    Plain {
        /// Which file.
        file: PathBuf,
    },
    /// The database is there and its key is not.
    #[error("{} is missing, {LEDGER} can't be read without it: put it back from a backup",
            file.display())]
    KeyMissing {
        /// The key's file.
        file: PathBuf,
    },
    /// The key's file does not hold a key.
    #[error("{} does not hold a key: put it back from a backup", file.display())]
    KeyDamaged {
        /// The key's file.
        file: PathBuf,
    },
    /// Written by a newer program, or its schema history was changed.
    #[error("{} was written by another version of Fieldtill ({detail}): install the newest version",
            file.display())]
    OtherVersion {
        /// Which file.
        file: PathBuf,
        /// What does not fit.
        detail: String,
    },
    /// A schema step failed; the file is as it was.
    #[error("{} could not be brought to this version and is as it was before: {detail}; a dated \
             copy lies beside it", file.display())]
    Upgrade {
        /// Which file.
        file: PathBuf,
        /// What failed.
        detail: String,
    },
    /// Built without encryption.
    #[error("this program was built without SQLCipher: install a released version")]
    NoCipher,
    /// The disposable file.
    #[error(transparent)]
    Catalogue(#[from] crate::catalogue::CatalogueError),
    /// Anything else, as the system says it.
    #[error("{} can't be used: {detail}", file.display())]
    Other {
        /// Which file.
        file: PathBuf,
        /// What was said.
        detail: String,
    },
}

impl OpenError {
    /// What a person is told, as a code: the window makes the sentence.
    pub fn code(&self) -> Code {
        let name = |file: &Path| file.display().to_string();
        match self {
            OpenError::AlreadyRunning { .. } => Code::AlreadyRunning,
            OpenError::DiskFull { file } => Code::DiskFull { file: name(file) },
            OpenError::ReadOnly { file } => Code::ReadOnly { file: name(file) },
            OpenError::Corrupt { file }
            | OpenError::Plain { file }
            | OpenError::KeyMissing { file }
            | OpenError::KeyDamaged { file } => Code::CorruptFile { file: name(file) },
            OpenError::OtherVersion { .. }
            | OpenError::Upgrade { .. }
            | OpenError::NoCipher
            | OpenError::Catalogue(_)
            | OpenError::Other { .. } => Code::Internal {
                trace: self.to_string(),
            },
        }
    }

    /// Puts what the operating system said into our words.
    pub fn of_io(file: &Path, error: &std::io::Error) -> OpenError {
        let file = file.to_owned();
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                OpenError::ReadOnly { file }
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => OpenError::DiskFull { file },
            _ => OpenError::Other {
                file,
                detail: error.to_string(),
            },
        }
    }

    /// Puts what SQLite said into our words.
    pub fn of_sqlite(file: &Path, error: &rusqlite::Error) -> OpenError {
        let file = file.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => OpenError::DiskFull { file },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                OpenError::ReadOnly { file }
            }
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                OpenError::Corrupt { file }
            }
            _ => OpenError::Other {
                file,
                detail: error.to_string(),
            },
        }
    }
}

/// The raw 32 bytes that encrypt both files. Not printable.
#[derive(Clone)]
pub struct DatabaseKey([u8; 32]);

impl fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseKey")
    }
}

impl DatabaseKey {
    /// A key that is stored elsewhere.
    pub fn from_bytes(bytes: [u8; 32]) -> DatabaseKey {
        DatabaseKey(bytes)
    }

    fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Reads the folder's key, or makes one in a folder that has no ledger yet.
///
/// # Errors
/// [`OpenError::KeyMissing`] where there is a ledger without its key, [`OpenError::KeyDamaged`],
/// and what the operating system says.
pub fn load_or_make_key(dir: &Path, env: &dyn Env) -> Result<DatabaseKey, OpenError> {
    let file = dir.join(KEY);
    match std::fs::read_to_string(&file) {
        Ok(text) => read_key(&text).ok_or(OpenError::KeyDamaged { file }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if dir.join(LEDGER).exists() {
                return Err(OpenError::KeyMissing { file });
            }
            std::fs::create_dir_all(dir).map_err(|error| OpenError::of_io(dir, &error))?;
            let mut bytes = [0; 32];
            env.random(&mut bytes);
            let key = DatabaseKey(bytes);
            let write = || -> std::io::Result<()> {
                let mut out = owner_only().write(true).create_new(true).open(&file)?;
                out.write_all(key.hex().as_bytes())?;
                out.sync_all()?;
                sync_dir(dir)
            };
            write().map_err(|error| OpenError::of_io(&file, &error))?;
            Ok(key)
        }
        Err(error) => Err(OpenError::of_io(&file, &error)),
    }
}

fn read_key(text: &str) -> Option<DatabaseKey> {
    text.trim()
        .parse::<wire::keys::Hash>()
        .ok()
        .map(|hash| DatabaseKey(hash.0))
}

#[cfg(unix)]
pub(crate) fn owner_only() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// On Windows a file inherits the folder's access list, and the user's profile folder is already
/// closed to other users.
#[cfg(not(unix))]
pub(crate) fn owner_only() -> OpenOptions {
    OpenOptions::new()
}

/// Makes a new name in a folder survive a power cut.
#[cfg(unix)]
pub(crate) fn sync_dir(dir: &Path) -> std::io::Result<()> {
    File::open(dir)?.sync_all()
}

/// NTFS journals names with the file itself, and Windows can't open a folder to flush it.
#[cfg(not(unix))]
pub(crate) fn sync_dir(_dir: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The folder, locked for this process, and the means to open its files.
#[derive(Debug)]
pub struct Files {
    dir: PathBuf,
    key: DatabaseKey,
    /// Held open for its lock, which the operating system drops with the process.
    _lock: File,
}

impl Files {
    /// Takes the folder for this process.
    ///
    /// # Errors
    /// [`OpenError::AlreadyRunning`], [`OpenError::Plain`] and what the operating system says.
    pub fn open(dir: &Path, key: DatabaseKey) -> Result<Files, OpenError> {
        std::fs::create_dir_all(dir).map_err(|error| OpenError::of_io(dir, &error))?;
        let path = dir.join(LOCK);
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| OpenError::of_io(&path, &error))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::AlreadyRunning {
                dir: dir.to_owned(),
            },
            TryLockError::Error(error) => OpenError::of_io(&path, &error),
        })?;
        for name in [LEDGER, CATALOGUE] {
            refuse_plain(&dir.join(name))?;
        }
        Ok(Files {
            dir: dir.to_owned(),
            key,
            _lock: lock,
        })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the ledger lies.
    pub fn ledger_path(&self) -> PathBuf {
        self.dir.join(LEDGER)
    }

    /// Opens the ledger for its one writer, creating it if it is missing.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_ledger(&self) -> Result<Connection, OpenError> {
        let path = self.ledger_path();
        let born = !path.exists();
        let conn = connect(&path, &self.key, OpenFlags::default(), "FULL")?;
        if born {
            sync_dir(&self.dir).map_err(|error| OpenError::of_io(&path, &error))?;
        }
        Ok(conn)
    }

    /// Opens the ledger for reading only.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_ledger_reader(&self) -> Result<Connection, OpenError> {
        let path = self.ledger_path();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = connect_bare(&path, &self.key, flags)?;
        conn.pragma_update(None, "query_only", true)
            .map_err(|error| OpenError::of_sqlite(&path, &error))?;
        Ok(conn)
    }

    /// Where the catalogue lies.
    pub fn catalogue_path(&self) -> PathBuf {
        self.dir.join(CATALOGUE)
    }

    /// Opens files that can be fetched again: the catalogue, and the one that will replace it. A
    /// damaged one is put aside under another name, and a fresh one fetches the same from the
    /// backend. The key is right: it has opened the ledger.
    pub fn disposable(&self) -> crate::catalogue::OpenFile {
        let key = self.key.clone();
        Arc::new(move |path| {
            refuse_plain(path)?;
            let open = || connect(path, &key, OpenFlags::default(), "NORMAL");
            match open() {
                Err(OpenError::Corrupt { .. }) => {
                    put_aside(path).map_err(|error| OpenError::of_io(path, &error))?;
                    Ok(open()?)
                }
                opened => Ok(opened?),
            }
        })
    }
}

/// Renames a damaged file and what SQLite keeps beside it; nothing is deleted.
fn put_aside(path: &Path) -> std::io::Result<()> {
    let name = |file: &Path, tail: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(tail);
        PathBuf::from(name)
    };
    let aside = (1..)
        .map(|n: u32| name(path, &format!(".damaged-{n}")))
        .find(|aside| !aside.exists())
        .unwrap_or_else(|| name(path, ".damaged"));
    tracing::error!(file = %path.display(), aside = %aside.display(), "a damaged file is put aside");
    for tail in ["-wal", "-shm"] {
        if name(path, tail).exists() {
            std::fs::rename(name(path, tail), name(&aside, tail))?;
        }
    }
    std::fs::rename(path, aside)
}

/// A plain SQLite file begins with these bytes; an encrypted one with random salt.
fn refuse_plain(path: &Path) -> Result<(), OpenError> {
    let mut start = [0; 16];
    let plain = match File::open(path) {
        Ok(mut file) => file.read_exact(&mut start).is_ok() && &start == b"SQLite format 3\0",
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => return Err(OpenError::of_io(path, &error)),
    };
    if plain {
        Err(OpenError::Plain {
            file: path.to_owned(),
        })
    } else {
        Ok(())
    }
}

fn connect(
    path: &Path,
    key: &DatabaseKey,
    flags: OpenFlags,
    synchronous: &str,
) -> Result<Connection, OpenError> {
    let conn = connect_bare(path, key, flags)?;
    let set = || -> rusqlite::Result<()> {
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        conn.pragma_update(None, "synchronous", synchronous)?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.pragma_update_and_check(None, "wal_autocheckpoint", WAL_PAGES, |_| Ok(()))
    };
    set().map_err(|error| OpenError::of_sqlite(path, &error))?;
    Ok(conn)
}

fn connect_bare(path: &Path, key: &DatabaseKey, flags: OpenFlags) -> Result<Connection, OpenError> {
    let open = || -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags(path, flags)?;
        // What it would print about a wrong key is said by the error that follows.
        conn.execute_batch("PRAGMA cipher_log_level = NONE")?;
        conn.execute_batch(&format!("PRAGMA key = \"x'{}'\"", key.hex()))?;
        conn.busy_timeout(BUSY)?;
        conn.set_prepared_statement_cache_capacity(128);
        // The first read is where a wrong key or a damaged header shows.
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(conn)
    };
    let conn = open().map_err(|error| OpenError::of_sqlite(path, &error))?;
    conn.pragma_query_value(None, "cipher_version", |row| row.get::<_, String>(0))
        .map_err(|_| OpenError::NoCipher)?;
    Ok(conn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::SystemEnv;

    fn key(byte: u8) -> DatabaseKey {
        DatabaseKey([byte; 32])
    }

    #[test]
    fn the_ledger_is_encrypted_durable_and_kept_from_a_second_instance() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(dir.path(), key(1)).unwrap();
        let conn = files.open_ledger().unwrap();
        conn.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES ('secret words')")
            .unwrap();
        let mode: String = conn
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .unwrap();
        let full: i64 = conn
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .unwrap();
        assert_eq!((mode.as_str(), full), ("wal", 2));
        assert!(matches!(
            Files::open(dir.path(), key(1)),
            Err(OpenError::AlreadyRunning { .. })
        ));
        drop((conn, files));
        let bytes = std::fs::read(dir.path().join(LEDGER)).unwrap();
        assert!(!bytes.windows(12).any(|part| part == b"secret words"));
        assert!(
            Files::open(dir.path(), key(1)).is_ok(),
            "the lock goes with the process"
        );
    }

    #[test]
    fn a_wrong_key_a_corrupt_and_a_plain_file_are_refused_and_left_as_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(LEDGER);
        let files = Files::open(dir.path(), key(1)).unwrap();
        files
            .open_ledger()
            .unwrap()
            .execute_batch("CREATE TABLE t (x)")
            .unwrap();
        drop(files);
        let before = std::fs::read(&path).unwrap();
        let files = Files::open(dir.path(), key(2)).unwrap();
        let refused = files.open_ledger().unwrap_err();
        assert!(matches!(refused, OpenError::Corrupt { .. }), "{refused}");
        assert!(refused.to_string().contains(LEDGER));
        assert_eq!(std::fs::read(&path).unwrap(), before);

        std::fs::write(&path, b"something else entirely, long enough for a header").unwrap();
        assert!(matches!(
            files.open_ledger(),
            Err(OpenError::Corrupt { .. })
        ));
        assert!(path.exists());
        drop(files);

        std::fs::remove_file(&path).unwrap();
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE t (x)")
            .unwrap();
        assert!(matches!(
            Files::open(dir.path(), key(1)),
            Err(OpenError::Plain { .. })
        ));
    }

    #[test]
    fn a_damaged_catalogue_is_put_aside_and_begun_afresh() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(dir.path(), key(1)).unwrap();
        let (path, open) = (files.catalogue_path(), files.disposable());
        for n in 1..=2 {
            let damaged = b"not what it was, and long enough to have a header".repeat(n);
            std::fs::write(&path, &damaged).unwrap();
            open(&path)
                .unwrap()
                .execute_batch("CREATE TABLE t (x)")
                .unwrap();
            let aside = dir.path().join(format!("catalogue.db.damaged-{n}"));
            assert_eq!(std::fs::read(aside).unwrap(), damaged);
        }
    }

    #[test]
    fn what_the_system_says_becomes_a_plain_message() {
        use rusqlite::ffi;
        let sqlite = |code| {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            OpenError::of_sqlite(Path::new("a/ledger.db"), &error)
        };
        assert!(matches!(
            sqlite(ffi::SQLITE_FULL),
            OpenError::DiskFull { .. }
        ));
        assert!(matches!(
            sqlite(ffi::SQLITE_READONLY),
            OpenError::ReadOnly { .. }
        ));
        assert!(matches!(
            sqlite(ffi::SQLITE_CANTOPEN),
            OpenError::ReadOnly { .. }
        ));
        assert!(matches!(
            sqlite(ffi::SQLITE_CORRUPT),
            OpenError::Corrupt { .. }
        ));
        assert!(matches!(
            sqlite(ffi::SQLITE_NOTADB),
            OpenError::Corrupt { .. }
        ));
        for (kind, word) in [
            (ErrorKind::PermissionDenied, "permission"),
            (ErrorKind::ReadOnlyFilesystem, "permission"),
            (ErrorKind::StorageFull, "free some space"),
        ] {
            let error = OpenError::of_io(Path::new("a/ledger.db"), &kind.into());
            let text = error.to_string();
            assert!(text.contains(word) && text.contains("ledger.db"), "{text}");
        }
    }

    /// Not even root may make a folder there.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_can_not_be_written_is_named() {
        let dir = Path::new("/sys/fieldtill");
        let refused = Files::open(dir, key(1)).unwrap_err();
        assert!(matches!(refused, OpenError::ReadOnly { .. }), "{refused}");
        assert!(refused.to_string().contains("/sys/fieldtill"));
        assert_eq!(
            refused.code(),
            Code::ReadOnly {
                file: "/sys/fieldtill".into()
            }
        );
    }

    #[test]
    fn a_key_is_made_once_and_never_replaced_under_a_ledger() {
        let dir = tempfile::tempdir().unwrap();
        let env = SystemEnv::new();
        let made = load_or_make_key(dir.path(), &env).unwrap();
        assert_eq!(load_or_make_key(dir.path(), &env).unwrap().0, made.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(dir.path().join(KEY))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let files = Files::open(dir.path(), made).unwrap();
        files
            .open_ledger()
            .unwrap()
            .execute_batch("CREATE TABLE t (x)")
            .unwrap();
        std::fs::remove_file(dir.path().join(KEY)).unwrap();
        assert!(matches!(
            load_or_make_key(dir.path(), &env),
            Err(OpenError::KeyMissing { .. })
        ));
        std::fs::write(dir.path().join(KEY), "zz").unwrap();
        assert!(matches!(
            load_or_make_key(dir.path(), &env),
            Err(OpenError::KeyDamaged { .. })
        ));
    }
}
