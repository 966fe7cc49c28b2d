//! Why a measurement stopped. A number that can't be taken because a tool or a file is not there is
//! no failure: that is printed in its place.

use std::path::{Path, PathBuf};

/// Why a measurement stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// An argument.
    #[error("argument {0}")]
    Usage(String),
    /// A command of the terminal was refused.
    #[error("the terminal refused: {0}")]
    Terminal(#[from] domain::Code),
    /// The terminal's files.
    #[error(transparent)]
    Open(#[from] terminal::files::OpenError),
    /// The terminal's ledger.
    #[error(transparent)]
    Ledger(#[from] terminal::ledger::Fault),
    /// A reply could not be written into the terminal's files.
    #[error("a reply can't be applied: {0}")]
    Apply(#[from] terminal::sync::ApplyError),
    /// The backend did not answer.
    #[error(transparent)]
    Call(#[from] wire::protocol::CallError),
    /// The backend's store.
    #[error(transparent)]
    Store(#[from] backend::StoreError),
    /// The company that is measured with.
    #[error(transparent)]
    Demo(#[from] backend::demo::DemoError),
    /// The imported file.
    #[error(transparent)]
    Import(#[from] backend::import::ImportError),
    /// A bare database.
    #[error("bare SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// An answer that is not what it should be.
    #[error("an answer can't be read: {0}")]
    Json(#[from] serde_json::Error),
    /// A QR code.
    #[error(transparent)]
    Qr(#[from] terminal::qr::QrFailure),
    /// The counterpart's QR code.
    #[error("the QR crate alone: {0}")]
    QrAlone(#[from] qrcode::types::QrError),
    /// The window, its driver, or what they stand on.
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Window(#[from] fieldtill_tests::drive::error::DriveError),
    /// A file.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A part that runs in a process of its own.
    #[error("the part `{part}` did not work: {why}")]
    Part {
        /// Which.
        part: String,
        /// How it ended.
        why: String,
    },
    /// Something that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The counterpart does not hold the same rows.
    #[error("the bare file has {bare} operations and the terminal's {ours}: not the same work")]
    Unequal {
        /// In the bare file.
        bare: i64,
        /// In the terminal's.
        ours: i64,
    },
}

impl BenchError {
    pub(crate) fn file(path: &Path, source: std::io::Error) -> BenchError {
        BenchError::File {
            path: path.to_owned(),
            source,
        }
    }
}
