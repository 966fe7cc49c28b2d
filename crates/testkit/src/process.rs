//! The backend as a process that can be killed: its file is copied as it lies at that moment, WAL
//! included, and opened again from the copy, which is what a killed process leaves.

use crate::company;
use crate::env::VirtualEnv;
use backend::{Central, SqliteStore, Tuning};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wire::Keypair;

/// The name of the backend's file.
pub(crate) const FILE: &str = "backend.db";
/// Few tickets and cheap receipt codes: a world is opened thousands of times.
const TUNING: Tuning = Tuning {
    tickets: 5,
    ticket_memory_kib: 8,
};

#[derive(Debug)]
pub(crate) struct BackendProcess {
    dir: PathBuf,
    env: Arc<VirtualEnv>,
    lives: u32,
    central: Option<Central>,
}

impl BackendProcess {
    pub(crate) fn open(dir: &Path, env: &Arc<VirtualEnv>) -> BackendProcess {
        let central = Some(start(dir, env));
        BackendProcess {
            dir: dir.to_owned(),
            env: Arc::clone(env),
            lives: 0,
            central,
        }
    }

    pub(crate) fn central(&self) -> &Central {
        self.central
            .as_ref()
            .expect("the backend runs between two kills")
    }

    /// Kills the process and starts it again on what it left.
    pub(crate) fn kill(&mut self) {
        self.lives += 1;
        let next = next_life(&self.dir, self.lives, &[FILE]);
        self.central = None;
        let _ = std::fs::remove_dir_all(&self.dir);
        self.dir = next;
        self.central = Some(start(&self.dir, &self.env));
    }

    /// Ends the process in order.
    pub(crate) fn end(mut self) {
        self.central = None;
    }

    /// Where its file lies.
    pub(crate) fn path(&self) -> PathBuf {
        self.dir.join(FILE)
    }
}

fn start(dir: &Path, env: &Arc<VirtualEnv>) -> Central {
    let store = SqliteStore::open(&dir.join(FILE)).expect("the backend's file opens");
    let key = Keypair::from_seed([42; 32]);
    Central::new(
        Arc::new(store),
        Arc::clone(env) as _,
        key,
        company::company(),
        TUNING,
    )
}

/// Copies databases into a fresh folder beside this one. The index of a WAL is not
/// copied: whoever opens the file makes it anew.
pub(crate) fn next_life(dir: &Path, life: u32, names: &[&str]) -> PathBuf {
    let mut name = dir
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    name.truncate(name.find('-').unwrap_or(name.len()));
    let next = dir.with_file_name(format!("{name}-{life}"));
    copy(dir, &next, names);
    next
}

/// Copies databases with their WAL.
pub(crate) fn copy(from: &Path, to: &Path, names: &[&str]) {
    std::fs::create_dir_all(to).expect("a folder");
    for name in names {
        for part in [(*name).to_owned(), format!("{name}-wal")] {
            if from.join(&part).exists() {
                std::fs::copy(from.join(&part), to.join(&part)).expect("a database is copied");
            }
        }
    }
}
