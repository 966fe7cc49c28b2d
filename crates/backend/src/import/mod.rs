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
mod table;

pub use batch::{Files, prepare};
pub use history::{HistoryInvoice, HistoryLine, read_history};
pub use orders::{named_products, past_order};
pub use records::{
    DistributorRow, PriceRow, ProductRow, read_distributors, read_prices, read_products,
};
pub use regions::read_regions;
pub use table::{Column, Row, Table};

use std::fmt;
use std::path::{Path, PathBuf};
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

/// Why a cell, row or file can't come in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Nothing in it.
    #[error("the file is empty; choose one with a header row and data")]
    Empty,
    /// Bytes that are no text of a known encoding.
    #[error("the text is neither UTF-8 nor GB18030; save the file as CSV UTF-8")]
    Encoding,
    /// UTF-16 text, as some programs write "Unicode text".
    #[error("the text is UTF-16; save the file as CSV UTF-8")]
    Utf16,
    /// A column that must be there is not.
    #[error("this column is missing; add it to the header row (also accepted: {also})")]
    MissingColumn {
        /// Its other names.
        also: String,
    },
    /// A column stands twice.
    #[error("this column stands twice in the header row")]
    DoubleColumn,
    /// A row of another width than the header.
    #[error("the row has {found} cells, the header {wanted}; check quotes and separators")]
    Width {
        /// How many it has.
        found: usize,
        /// How many the header has.
        wanted: usize,
    },
    /// A cell that must not be empty is.
    #[error("the cell is empty; a value is needed")]
    Blank,
    /// A number was needed.
    #[error("\"{0}\" is not a number; write digits such as 12.50")]
    NotANumber(String),
    /// A price or limit below zero.
    #[error("{0} is negative; write 0 or more")]
    Negative(String),
    /// More decimals than are kept.
    #[error("{value} has more than {places} decimals; round it first")]
    Places {
        /// As written.
        value: String,
        /// How many are kept.
        places: u32,
    },
    /// A number beyond what is handled.
    #[error("{0} is out of range")]
    Range(String),
    /// A date that can't be read.
    #[error("\"{0}\" is not a date; write 2026-11-22 or 2026-11-22 08:30:00")]
    NotADate(String),
    /// A code that an earlier row has.
    #[error("the code {code} stands in row {first} already; codes are unique")]
    Duplicate {
        /// The code.
        code: String,
        /// Where it stands first.
        first: u64,
    },
    /// A name of something unknown.
    #[error("no {what} has the code {code}")]
    Unknown {
        /// `product`, `distributor` …
        what: &'static str,
        /// The code.
        code: String,
    },
    /// A cell longer than allowed.
    #[error("the cell has more than {0} characters")]
    LongCell(usize),
    /// A rule refused what the rows say.
    #[error("{0}")]
    Refused(String),
    /// Too large, too many, or packed too tightly to be honest.
    #[error("{what} is over the limit of {limit}; split the file")]
    Limit {
        /// What is too large.
        what: &'static str,
        /// How large it may be.
        limit: u64,
    },
    /// Not a file of the kind it claims to be.
    #[error("the file can't be read as a workbook: {0}")]
    Workbook(String),
}

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The row as a spreadsheet or editor counts it, from 1; 0 when it is about the whole file.
    pub row: u64,
    /// The column's name as in the header; empty when it is about the whole row or file.
    pub column: String,
    /// What is wrong.
    pub reason: Reason,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.row > 0 {
            write!(f, ", row {}", self.row)?;
        }
        if !self.column.is_empty() {
            write!(f, ", column {}", self.column)?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Everything that is wrong with a file; the first [`Report::LISTED`] problems in full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The first problems, in the order of their rows.
    pub problems: Vec<Problem>,
    /// How many there are in all.
    pub total: u64,
}

impl Report {
    /// How many problems are kept.
    pub const LISTED: usize = 200;

    fn add(&mut self, problem: Problem) {
        self.total += 1;
        if self.problems.len() < Report::LISTED {
            self.problems.push(problem);
        }
    }

    fn of(problem: Problem) -> Report {
        Report {
            problems: vec![problem],
            total: 1,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "nothing was imported; {} problem(s):", self.total)?;
        for problem in &self.problems {
            writeln!(f, "  {problem}")?;
        }
        let more = self.total.saturating_sub(self.problems.len() as u64);
        if more > 0 {
            writeln!(f, "  … and {more} more")?;
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

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |n| n.to_string_lossy().into(),
    )
}

fn whole_file(path: &Path, reason: Reason) -> ImportError {
    at_row(path, 0, reason)
}

fn at_row(path: &Path, row: u64, reason: Reason) -> ImportError {
    let problem = Problem {
        file: name_of(path),
        row,
        column: String::new(),
        reason,
    };
    ImportError::Rejected(Report::of(problem))
}

#[cfg(test)]
mod tests;
