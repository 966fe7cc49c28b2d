//! What can be wrong with a bill, and where.

/// A bill that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {problem}", place(.line, .column))]
pub struct BillError {
    /// Which file, or which entry of an archive.
    pub file: String,
    /// Which line, from 1; 0 for the whole file.
    pub line: usize,
    /// Which column, by its name; empty for the whole line.
    pub column: String,
    /// What is wrong there.
    pub problem: BillProblem,
}

/// What is wrong with a bill.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BillProblem {
    /// It is larger than any bill.
    #[error("larger than 64 MiB, or packed more than 200-fold; this is not a bill")]
    TooLarge,
    /// It is no archive.
    #[error("not a readable ZIP archive ({0}); download the bill again")]
    Archive(String),
    /// It begins like a packed file and is none.
    #[error("not a readable GZIP file ({0}); download the bill again")]
    Packed(String),
    /// The archive lacks one of its two files.
    #[error("the archive has no {0}; download the bill again")]
    NoEntry(&'static str),
    /// The bytes are not text.
    #[error("not {0} text; download the bill again, and don't save it from a spreadsheet")]
    Encoding(&'static str),
    /// A column that is needed is not there.
    #[error(
        "this column is missing; take the bill (trade: of type ALL; fund-flow: of the basic account) as the channel wrote it"
    )]
    NoColumn,
    /// A column stands twice.
    #[error("this column stands twice; download the bill again")]
    TwoColumns,
    /// A line has another number of fields than the header.
    #[error("{found} fields instead of {wanted}; the line is cut or damaged")]
    Fields {
        /// How many there are.
        found: usize,
        /// How many the header has.
        wanted: usize,
    },
    /// A value of a WeChat Pay bill without its mark.
    #[error("the value has no ` before it; the line is damaged")]
    NoMark,
    /// A part that every bill has is not there.
    #[error("{0} is missing; the file is cut, download it again")]
    Cut(&'static str),
    /// A line that no bill has at this place.
    #[error("`{0}` does not belong here; download the bill again")]
    Unexpected(String),
    /// A value is not of its documented form.
    #[error("`{value}` is not {wanted}")]
    Value {
        /// What stands there.
        value: String,
        /// What should.
        wanted: &'static str,
    },
    /// A row that stood before.
    #[error("`{0}` stands in the bill twice")]
    Twice(String),
    /// The rows don't add up.
    #[error("the rows add up to {rows}, the bill says {stated}; a row is missing or altered")]
    Sum {
        /// What the rows add up to.
        rows: String,
        /// What the bill says.
        stated: String,
    },
}

impl BillError {
    /// About a whole file.
    pub(super) fn file(file: &str, problem: BillProblem) -> BillError {
        BillError::at(file, 0, "", problem)
    }

    /// About a place.
    pub(super) fn at(file: &str, line: usize, column: &str, problem: BillProblem) -> BillError {
        BillError {
            file: file.to_owned(),
            line,
            column: column.to_owned(),
            problem,
        }
    }
}

fn place(line: &usize, column: &str) -> String {
    match (line, column) {
        (0, _) => String::new(),
        (line, "") => format!(", line {line}"),
        (line, column) => format!(", line {line}, column {column}"),
    }
}
