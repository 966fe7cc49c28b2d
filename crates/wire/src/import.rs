//! Files that an administrator brings in at a terminal, and what the backend says to them: a file
//! comes in whole or not at all, and one that can't come in says which row, which column and why.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::history::{ImportCounts, ImportKind};
use domain::id::StaffId;
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;

/// Most bytes of a file that travels.
pub const IMPORT_BYTES: usize = 32 << 20;

/// Asks what a file would do, or takes it; the terminal signs it like every other request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRequest {
    /// The administrator who is unlocked there.
    pub staff: StaffId,
    /// What the file holds.
    pub kind: ImportKind,
    /// The file's name.
    pub name: String,
    /// Its bytes in base64.
    pub file: String,
    /// False looks only; nothing is written.
    pub take: bool,
}

impl fmt::Debug for ImportRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportRequest")
            .field("kind", &self.kind)
            .field("name", &self.name)
            .field("take", &self.take)
            .finish_non_exhaustive()
    }
}

impl ImportRequest {
    /// The file's bytes, if they are base64 of no more than [`IMPORT_BYTES`].
    pub fn open(&self) -> Option<Vec<u8>> {
        if self.file.len() > IMPORT_BYTES.div_ceil(3) * 4 {
            return None;
        }
        STANDARD.decode(&self.file).ok()
    }
}

/// What a file does, or why it does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportReport {
    /// SHA-256 of the file's bytes, hex.
    pub sha256: String,
    /// What it does, or would do; zeros when it has problems.
    pub counts: ImportCounts,
    /// It is in force now.
    pub taken: bool,
    /// What is wrong with it. With any problem nothing of it is taken.
    pub problems: Report,
}

/// What a code should have named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// A product.
    Product,
    /// A distributor.
    Distributor,
    /// A price book.
    PriceBook,
    /// A department.
    Department,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Named::Product => "product",
            Named::Distributor => "distributor",
            Named::PriceBook => "price book",
            Named::Department => "department",
        })
    }
}

/// What of a file has a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Its bytes.
    FileBytes,
    /// The bytes that it unpacks to.
    UnpackedBytes,
    /// How many times larger it unpacks to.
    Ratio,
    /// The parts of a workbook.
    Parts,
    /// Its rows.
    Rows,
    /// Its columns.
    Columns,
    /// The lines of one order.
    OrderLines,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Measure::FileBytes => "the file's size in bytes",
            Measure::UnpackedBytes => "the unpacked size in bytes",
            Measure::Ratio => "the ratio of unpacked to packed size",
            Measure::Parts => "the number of parts",
            Measure::Rows => "the number of rows",
            Measure::Columns => "the number of columns",
            Measure::OrderLines => "the lines of an order",
        })
    }
}

/// Why a cell, row or file can't come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "reason", content = "params", rename_all = "snake_case")]
pub enum Reason {
    /// Nothing in it.
    #[error("the file is empty; choose one with a header row and data")]
    Empty,
    /// It can't be unpacked.
    #[error("the file can't be read: {0}; save it anew")]
    Unreadable(String),
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
    /// A code, or a name that has to be unique, that an earlier row has.
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
        /// What it should have named.
        what: Named,
        /// The code.
        code: String,
    },
    /// A cell longer than allowed.
    #[error("the cell has more than {0} characters")]
    LongCell(usize),
    /// A person's name that screens have no room for.
    #[error("\"{0}\" is no name of up to 40 characters on one line")]
    BadName(String),
    /// A word that is no role.
    #[error("\"{0}\" is no role; write sales, finance, finance_lead or admin")]
    UnknownRole(String),
    /// A word that says neither yes nor no.
    #[error("\"{0}\" is neither yes nor no")]
    NotAFlag(String),
    /// Nobody with a PIN would be left who may manage staff.
    #[error("no administrator with a PIN would be left; keep one")]
    NoAdmin,
    /// A rule refused what the rows say.
    #[error("{0}")]
    Refused(String),
    /// Too large, too many, or packed too tightly to be honest.
    #[error("{what} is over the limit of {limit}; split the file")]
    Limit {
        /// What is too large.
        what: Measure,
        /// How large it may be.
        limit: u64,
    },
    /// Not a file of the kind it claims to be.
    #[error("the file can't be read as a workbook: {0}")]
    Workbook(String),
}

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Report {
    /// The first problems, in the order of their rows.
    pub problems: Vec<Problem>,
    /// How many there are in all.
    pub total: u64,
}

impl Report {
    /// How many problems are kept.
    pub const LISTED: usize = 200;

    /// Counts one more, and keeps it while there is room.
    pub fn add(&mut self, problem: Problem) {
        self.total += 1;
        if self.problems.len() < Report::LISTED {
            self.problems.push(problem);
        }
    }

    /// A report of one problem.
    pub fn of(problem: Problem) -> Report {
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
