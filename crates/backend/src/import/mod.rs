//! Reads what a company already has: products, price books, distributors and past orders from CSV
//! or XLSX. A file comes in whole or not at all, and a file that can't come in says which row, which
//! column and why, because "71 of 74 rows imported" helps nobody.
//!
//! Files come from outside: size, ratio of compression, rows and columns are bounded before they
//! are believed, and every reader streams.

mod archive;
mod batch;
mod delimited;
mod encoding;
mod history;
mod orders;
mod records;
mod regions;
mod source;
mod staff;
mod table;
mod upload;

pub use batch::{Files, prepare};
pub use history::{HistoryInvoice, HistoryLine, read_history};
pub use orders::{named_products, past_order};
pub use records::{
    DistributorRow, PriceRow, ProductRow, read_distributors, read_prices, read_products,
};
pub use regions::read_regions;
pub use source::Source;
pub use staff::{StaffRow, read_staff};
pub use table::{Column, Row, Table};
pub use upload::{Ground, Outcome, Upload, judge};
pub use wire::import::{Measure, Named, Problem, Reason, Report};

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// How much a file may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file as it lies on the disk.
    pub file_bytes: u64,
    /// Bytes of all it unpacks to.
    pub unpacked_bytes: u64,
    /// How many times larger than its packed size a part may be, once it is beyond 1 MiB.
    pub ratio: u64,
    /// Rows below the header.
    pub rows: u64,
    /// Columns.
    pub columns: usize,
    /// Characters of one cell.
    pub cell_chars: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            file_bytes: 64 << 20,
            unpacked_bytes: 256 << 20,
            ratio: 100,
            rows: 1_000_000,
            columns: 200,
            cell_chars: 4_000,
        }
    }
}

/// Who may stop a reading, and who hears how far it is.
pub struct Watch<'a> {
    /// Set from elsewhere to stop: nothing is kept then.
    pub cancel: &'a AtomicBool,
    /// Called with the number of rows read so far, every 1,000 rows and at the end.
    pub progress: &'a mut dyn FnMut(u64),
}

impl Watch<'_> {
    fn tick(&mut self, rows: u64) -> Result<(), ImportError> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(ImportError::Cancelled);
        }
        if rows.is_multiple_of(1_000) {
            (self.progress)(rows);
        }
        Ok(())
    }
}

/// Why a file did not come in. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Its content.
    #[error("{0}")]
    Rejected(Report),
    /// Somebody stopped it.
    #[error("the import was stopped; nothing was imported")]
    Cancelled,
    /// It can't be read at all.
    #[error("{} can't be read: {source}; check the path and its rights", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

fn whole_file(from: &Source, reason: Reason) -> ImportError {
    at_row(from, 0, reason)
}

fn at_row(from: &Source, row: u64, reason: Reason) -> ImportError {
    let problem = Problem {
        file: from.name(),
        row,
        column: String::new(),
        reason,
    };
    ImportError::Rejected(Report::of(problem))
}

#[cfg(test)]
mod tests;
