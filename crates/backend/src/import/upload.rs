//! A file that an administrator sent: what it would do to what the company has.

use super::{
    Files, ImportError, Limits, Problem, Reason, Report, Source, Watch, prepare, read_staff, staff,
};
use crate::store::{Batch, Known};
use domain::history::{ImportCounts, ImportKind};
use domain::id::StaffId;
use domain::staff::{Department, Staff};
use std::sync::atomic::AtomicBool;
use wire::Env;
use wire::import::IMPORT_BYTES;
use wire::keys::Hash;

/// A file of one kind, whole.
#[derive(Clone, Debug)]
pub struct Upload {
    /// What it holds.
    pub kind: ImportKind,
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    from: Source,
}

impl Upload {
    /// Takes the bytes in.
    pub fn new(kind: ImportKind, name: String, bytes: Vec<u8>) -> Upload {
        Upload {
            kind,
            sha256: Hash::of(&bytes).to_string(),
            from: Source::Bytes {
                name: name.clone(),
                bytes: bytes.into(),
            },
            name,
        }
    }
}

/// What a file is laid over.
#[derive(Clone, Debug, Default)]
pub struct Ground {
    /// The catalogue; empty for staff.
    pub known: Known,
    /// Everybody; empty for the catalogue.
    pub everybody: Vec<Staff>,
    /// The departments that staff may belong to.
    pub departments: Vec<Department>,
}

/// What a file does.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// To the catalogue.
    pub batch: Batch,
    /// To staff.
    pub staff: Vec<Staff>,
    /// How many rows it had, and what they are to what was there.
    pub counts: ImportCounts,
}

/// Reads a file and lays it over what is there. Nothing is written here.
///
/// # Errors
/// Everything that is wrong with it.
pub fn judge(
    upload: &Upload,
    ground: Ground,
    actor: StaffId,
    env: &dyn Env,
) -> Result<Outcome, Report> {
    let limits = Limits {
        file_bytes: IMPORT_BYTES as u64,
        ..Limits::default()
    };
    let never = AtomicBool::new(false);
    let mut watch = Watch {
        cancel: &never,
        progress: &mut |_| {},
    };
    let one = || Some(upload.from.clone());
    let mut files = Files::default();
    match upload.kind {
        ImportKind::Products => files.products = one(),
        ImportKind::Prices => files.prices = one(),
        ImportKind::Distributors => files.distributors = one(),
        ImportKind::Staff => {
            let rows = read_staff(&upload.from, &limits, &mut watch).map_err(told)?;
            let Ground {
                everybody,
                departments,
                ..
            } = ground;
            let laid = staff::laid_over(rows, &upload.from, &everybody, &departments, env);
            let (staff, counts) = laid.map_err(told)?;
            return Ok(Outcome {
                staff,
                counts,
                ..Outcome::default()
            });
        }
    }
    let batch = prepare(&files, ground.known, actor, env, &limits, &mut watch).map_err(told)?;
    let counts = batch.counts;
    Ok(Outcome {
        batch,
        counts,
        ..Outcome::default()
    })
}

/// Bytes in memory fail to be read only where they are packed and torn.
fn told(error: ImportError) -> Report {
    match error {
        ImportError::Rejected(report) => report,
        ImportError::File { path, source } => Report::of(Problem {
            file: path.display().to_string(),
            row: 0,
            column: String::new(),
            reason: Reason::Unreadable(source.to_string()),
        }),
        ImportError::Cancelled => Report::default(),
    }
}
