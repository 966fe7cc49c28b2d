//! `ledger.db` opened: one writer, a few readers, and who this terminal is.
//!
//! Everything is written through [`Ledger::transact`](crate::transact), which also says what changed.
//! Reading never waits for writing (rule 4.5).

mod config;
mod documents;
mod filter;
mod fold;
mod history;
mod keys;
mod lookups;
mod oplog;
pub(crate) mod order_list;
mod queries;
mod refunds;
pub(crate) mod schema;
mod session;
mod slips;
mod staff;
#[cfg(test)]
pub(crate) mod tests;
pub mod views;

pub use config::OwnChange;
pub use history::OwnCatalogueChange;
pub use keys::{DocKey, DocKind};
pub use lookups::UnlockFailures;
pub use oplog::OperationRow;
pub use order_list::{Cell, OrderFilter};
pub use queries::{OutboxCounts, PAGE, Page};
pub use session::{Clock, Identity, LeaseStanding};
pub use staff::OwnStaffChange;

pub(crate) use config::{config, own_config_change};
pub(crate) use documents::{apply_base, refold, set_touches};
pub(crate) use fold::{folds_into, refers_to};
pub(crate) use history::own_catalogue_changes;
pub(crate) use keys::{from_blob, id_blob, int, uint};
pub(crate) use oplog::{
    after, backend_seq, find, head, insert as oplog_insert, note_verdict, operation_hash,
    set_backend_seq, settle, unsettle_after,
};
pub(crate) use queries::{
    collection, deposit, draft, intent, made_here, order, owed_besides, proved_unpaid, superseded,
    tickets_left,
};
pub(crate) use refunds::refund;
pub(crate) use session::{lease, store_identity, store_lease, stored_lease};
pub(crate) use slips::slip_of;
pub(crate) use staff::own_staff_changes;

use crate::files::{Files, OpenError};
use crate::transact::Tag;
use domain::staff::Lease;
use domain::{Code, Timestamp};
use rusqlite::{Connection, ErrorCode};
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::{broadcast, watch};
use wire::Env;

/// Idle readers that are kept; more are opened when needed and closed after use.
const READERS: usize = 4;

/// Changes that a slow listener may be behind before it must read everything anew.
const CHANGED_KEPT: usize = 256;

/// Why an act inside a transaction stops. `?` makes it from a refusal, from SQLite and from JSON.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Code),
    /// The file.
    #[error("ledger.db: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Stored or to be stored JSON.
    #[error("ledger.db: a document can't be read or written: {0}")]
    Json(#[from] serde_json::Error),
    /// Stored text that is no id, hash or key.
    #[error("ledger.db: {what} is damaged")]
    Damaged {
        /// Which column.
        what: &'static str,
    },
    /// An operation can't be sealed or read.
    #[error(transparent)]
    Envelope(#[from] wire::envelope::EnvelopeError),
    /// A stored or received lease can't be used.
    #[error(transparent)]
    Lease(#[from] wire::protocol::LeaseError),
    /// The catalogue's file.
    #[error(transparent)]
    Catalogue(#[from] crate::catalogue::CatalogueError),
    /// Another connection to the ledger can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl Fault {
    /// What the person is told. What should not happen is logged under a number that the message
    /// carries.
    pub fn into_code(self, label: &str) -> Code {
        let file = || crate::files::LEDGER.to_owned();
        let error = match self {
            Fault::Refused(code) => return code,
            Fault::Open(OpenError::DiskFull { .. }) => return Code::DiskFull { file: file() },
            Fault::Open(OpenError::ReadOnly { .. }) => return Code::ReadOnly { file: file() },
            Fault::Sqlite(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => return Code::DiskFull { file: file() },
                Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
                    return Code::ReadOnly { file: file() };
                }
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                    tracing::error!(label, %error, "the ledger is damaged");
                    return Code::CorruptFile { file: file() };
                }
                _ => Fault::Sqlite(error),
            },
            other => other,
        };
        let trace = wire::keys::Hash::of(format!("{label} {error}").as_bytes());
        let trace = trace.to_string().split_off(56);
        tracing::error!(label, trace, %error, "an act failed that should not");
        Code::Internal { trace }
    }
}

pub(crate) struct Writer {
    pub(crate) conn: Connection,
    /// Read once; forgotten when a new one is stored.
    pub(crate) lease: Option<Arc<Lease>>,
}

struct Inner {
    files: Files,
    env: Arc<dyn Env>,
    writer: Mutex<Writer>,
    /// Apart from the writer, so that reading never waits for it.
    identity: RwLock<Option<Arc<Identity>>>,
    readers: Mutex<Vec<Connection>>,
    changed: broadcast::Sender<Vec<Tag>>,
    appended: watch::Sender<u64>,
    /// The backend's time in its newest verified reply: written down only now and then, so that an
    /// idle terminal writes nothing.
    heard_at: AtomicI64,
}

/// The ledger; cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("files", &self.inner.files)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Opens the ledger of a folder and brings it to this program's schema. Also returns the dated
    /// copy that was made, if the schema had to change.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(files: Files, env: Arc<dyn Env>) -> Result<(Ledger, Option<PathBuf>), OpenError> {
        let path = files.ledger_path();
        let mut conn = files.open_ledger()?;
        let copy = schema::bring_up(&mut conn, &path, schema::STEPS, env.now())?;
        let identity = session::load(&conn).map_err(|fault| match fault {
            Fault::Sqlite(error) => OpenError::of_sqlite(&path, &error),
            other => OpenError::Other {
                file: path.clone(),
                detail: other.to_string(),
            },
        })?;
        let writer = Mutex::new(Writer { conn, lease: None });
        let inner = Inner {
            files,
            env,
            writer,
            identity: RwLock::new(identity.map(Arc::new)),
            readers: Mutex::new(Vec::new()),
            changed: broadcast::Sender::new(CHANGED_KEPT),
            appended: watch::Sender::new(0),
            heard_at: AtomicI64::new(0),
        };
        Ok((
            Ledger {
                inner: Arc::new(inner),
            },
            copy,
        ))
    }

    /// The folder and its key.
    pub fn files(&self) -> &Files {
        &self.inner.files
    }

    /// Time and randomness.
    pub fn env(&self) -> &dyn Env {
        &*self.inner.env
    }

    pub(crate) fn writer(&self) -> MutexGuard<'_, Writer> {
        // A panic inside a transaction rolls it back; nothing half done is behind the lock.
        self.inner
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads, at one moment of the file, without waiting for the writer.
    ///
    /// # Errors
    /// What `read` refuses, or what the file says.
    pub fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Code> {
        self.try_read(read).map_err(|fault| fault.into_code("read"))
    }

    pub(crate) fn try_read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let idle = self.readers().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => self.inner.files.open_ledger_reader()?,
        };
        let out = {
            let _moment = conn.unchecked_transaction()?;
            read(&conn)
        };
        let mut readers = self.readers();
        if readers.len() < READERS {
            readers.push(conn);
        }
        out
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.inner
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn announce(&self, changed: &[Tag], appended: bool) {
        if !changed.is_empty() {
            // Nobody listening is fine: what is read later is read from the file.
            let _ = self.inner.changed.send(changed.to_vec());
        }
        if appended {
            self.inner.appended.send_modify(|count| *count += 1);
        }
    }

    /// Notes the backend's time in a verified reply.
    pub(crate) fn hear(&self, at: Timestamp) {
        self.inner.heard_at.fetch_max(at.0, Ordering::Relaxed);
    }

    pub(crate) fn heard_at(&self) -> Timestamp {
        Timestamp(self.inner.heard_at.load(Ordering::Relaxed))
    }

    /// What every committed write and every applied change changed, for the user interface.
    pub fn changes(&self) -> broadcast::Receiver<Vec<Tag>> {
        self.inner.changed.subscribe()
    }

    /// Ticks whenever an operation was appended.
    pub fn appended(&self) -> watch::Receiver<u64> {
        self.inner.appended.subscribe()
    }

    /// Who this terminal is; `None` before it is enrolled.
    pub fn identity(&self) -> Option<Arc<Identity>> {
        self.inner
            .identity
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_identity(&self, identity: Option<Arc<Identity>>) {
        *self
            .inner
            .identity
            .write()
            .unwrap_or_else(PoisonError::into_inner) = identity;
    }
}
