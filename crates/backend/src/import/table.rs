//! A table whatever file it came from: named columns found by any of their names, rows one by one.
//! Readers above say what a cell must be; this is where row and column of a problem come from.

use super::{
    ImportError, Limits, Measure, Problem, Reason, Report, Source, Watch, archive, delimited,
    whole_file,
};
use std::collections::BTreeMap;
use std::io::Read as _;

/// A column that a reader knows.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the program.
    pub field: &'static str,
    /// Its names in files, compared without case and blanks.
    pub names: &'static [&'static str],
    /// Whether a file must have it.
    pub required: bool,
}

/// Where each known column stands.
#[derive(Debug)]
pub struct Table {
    file: String,
    width: usize,
    columns: BTreeMap<&'static str, (usize, String)>,
    limits: Limits,
    /// What is wrong so far.
    pub(super) report: Report,
}

/// One row.
#[derive(Debug)]
pub struct Row<'a> {
    /// As a spreadsheet counts, from 1 for the header.
    pub number: u64,
    cells: &'a [String],
}

impl Table {
    fn new(from: &Source, known: &[Column], limits: &Limits, header: &[String]) -> Table {
        let mut table = Table {
            file: from.name(),
            width: header.len(),
            columns: BTreeMap::new(),
            limits: *limits,
            report: Report::default(),
        };
        for column in known {
            let is = |cell: &String| column.names.iter().any(|name| same(name, cell));
            let mut found = header.iter().enumerate().filter(|(_, cell)| is(cell));
            match (found.next(), found.next()) {
                (Some((at, name)), None) => {
                    table
                        .columns
                        .insert(column.field, (at, name.trim().to_owned()));
                }
                (Some((_, name)), Some(_)) => {
                    table.add(1, name.trim(), Reason::DoubleColumn);
                }
                (None, _) if column.required => {
                    let (first, also) = column.names.split_first().unwrap_or((&"", &[]));
                    table.add(
                        1,
                        first,
                        Reason::MissingColumn {
                            also: also.join(", "),
                        },
                    );
                }
                (None, _) => {}
            }
        }
        table
    }

    fn add(&mut self, row: u64, column: &str, reason: Reason) {
        let column = column.to_owned();
        self.report.add(Problem {
            file: self.file.clone(),
            row,
            column,
            reason,
        });
    }

    /// Reports a cell.
    pub fn problem(&mut self, row: &Row<'_>, field: &str, reason: Reason) {
        let column = self
            .columns
            .get(field)
            .map(|(_, name)| name.clone())
            .unwrap_or_default();
        self.add(row.number, &column, reason);
    }

    /// A cell's text, trimmed; empty where the file has no such column.
    pub fn text<'r>(&self, row: &Row<'r>, field: &str) -> &'r str {
        let at = self.columns.get(field).map(|(at, _)| *at);
        at.and_then(|at| row.cells.get(at))
            .map_or("", |cell| cell.trim())
    }

    /// A cell's text; an empty one is a problem.
    pub fn needed<'r>(&mut self, row: &Row<'r>, field: &str) -> Option<&'r str> {
        let text = self.text(row, field);
        if text.is_empty() {
            self.problem(row, field, Reason::Blank);
            return None;
        }
        Some(text)
    }
}

fn same(name: &str, cell: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '*'))
            .flat_map(char::to_lowercase)
            .collect()
    };
    plain(name) == plain(cell)
}

/// Takes the rows of a file one by one.
pub(super) trait Sink {
    /// The first row that is not empty.
    fn header(&mut self, cells: &[String]) -> Result<(), ImportError>;
    /// Each later row that is not empty; `number` counts from 1 as an editor does.
    fn row(&mut self, number: u64, cells: &[String]) -> Result<(), ImportError>;
}

struct Taker<'a, 'w, F> {
    from: &'a Source,
    known: &'a [Column],
    limits: &'a Limits,
    watch: &'a mut Watch<'w>,
    table: Option<Table>,
    rows: u64,
    take: F,
}

impl<F: FnMut(&mut Table, &Row<'_>)> Sink for Taker<'_, '_, F> {
    fn header(&mut self, cells: &[String]) -> Result<(), ImportError> {
        if cells.len() > self.limits.columns {
            let limit = self.limits.columns as u64;
            let reason = Reason::Limit {
                what: Measure::Columns,
                limit,
            };
            return Err(whole_file(self.from, reason));
        }
        let table = Table::new(self.from, self.known, self.limits, cells);
        if table.report.total > 0 {
            return Err(ImportError::Rejected(table.report));
        }
        self.table = Some(table);
        Ok(())
    }

    fn row(&mut self, number: u64, cells: &[String]) -> Result<(), ImportError> {
        let Some(table) = &mut self.table else {
            return Ok(());
        };
        self.rows += 1;
        if self.rows > self.limits.rows {
            let reason = Reason::Limit {
                what: Measure::Rows,
                limit: self.limits.rows,
            };
            return Err(whole_file(self.from, reason));
        }
        self.watch.tick(self.rows)?;
        let row = Row { number, cells };
        if cells.len() != table.width {
            let (found, wanted) = (cells.len(), table.width);
            table.add(number, "", Reason::Width { found, wanted });
            return Ok(());
        }
        let longest = table.limits.cell_chars;
        if cells
            .iter()
            .any(|cell| cell.len() > longest && cell.chars().count() > longest)
        {
            table.add(number, "", Reason::LongCell(longest));
            return Ok(());
        }
        (self.take)(table, &row);
        Ok(())
    }
}

/// Reads a file row by row. `take` reports what it does not like; if anything was reported, the
/// reading ends with all of it and the caller keeps nothing.
pub(super) fn read(
    from: &Source,
    known: &[Column],
    limits: &Limits,
    watch: &mut Watch<'_>,
    take: impl FnMut(&mut Table, &Row<'_>),
) -> Result<(), ImportError> {
    let mut sink = Taker {
        from,
        known,
        limits,
        watch,
        table: None,
        rows: 0,
        take,
    };
    if is_workbook(from, limits)? {
        archive::read(from, limits, &mut sink)?;
    } else {
        delimited::read(from, limits, &mut sink)?;
    }
    let rows = sink.rows;
    (sink.watch.progress)(rows);
    match sink.table {
        Some(table) if table.report.total > 0 => Err(ImportError::Rejected(table.report)),
        Some(_) if rows > 0 => Ok(()),
        _ => Err(whole_file(from, Reason::Empty)),
    }
}

/// A workbook is known by its first bytes: names lie more often.
fn is_workbook(from: &Source, limits: &Limits) -> Result<bool, ImportError> {
    let mut input = super::encoding::open(from, limits)?;
    let mut first = [0u8; 4];
    match input.read_exact(&mut first) {
        Ok(()) => Ok(&first == b"PK\x03\x04"),
        Err(_) => Ok(false),
    }
}
