//! Why a tour ended before its end.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Every way in which the tour fails. Anything that is not as it should be is `Wrong`.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// A program that the tour needs is not there.
    #[error("{what} is not on PATH: `cargo xtask run --tour` installs what is missing")]
    Missing {
        /// Its names.
        what: String,
    },
    /// A program did not start, or ended early.
    #[error("{name} did not start: {why}")]
    Program {
        /// Which.
        name: &'static str,
        /// Why.
        why: String,
    },
    /// A file.
    #[error("{}: {why}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A window's or a browser's driver refused.
    #[error("the {who} could not do it: {why}")]
    Driver {
        /// Whose.
        who: &'static str,
        /// What it said.
        why: String,
    },
    /// A state was waited for in vain.
    #[error("waited {} s for {what}; last seen: {seen}", within.as_secs())]
    NotReached {
        /// Which state.
        what: String,
        /// How long.
        within: Duration,
        /// What was there instead.
        seen: String,
    },
    /// Something is not as it should be.
    #[error("{0}")]
    Wrong(String),
    /// The tour was asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl DriveError {
    pub fn file(file: &Path, error: &dyn std::fmt::Display) -> DriveError {
        DriveError::File {
            file: file.to_owned(),
            why: error.to_string(),
        }
    }
}

/// Fails unless both are the same.
pub fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    is: T,
    should_be: T,
) -> Result<(), DriveError> {
    if is == should_be {
        return Ok(());
    }
    Err(DriveError::Wrong(format!(
        "{what} is {is:?} and should be {should_be:?}"
    )))
}

/// Fails unless it holds.
pub fn holds(what: &str, is_so: bool) -> Result<(), DriveError> {
    if is_so {
        Ok(())
    } else {
        Err(DriveError::Wrong(format!("not so: {what}")))
    }
}
