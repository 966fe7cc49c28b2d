//! XLSX. A workbook is a ZIP archive, so it can be small and unpack to anything; every part is
//! unpacked once into nothing, counted, before the reader of workbooks sees the file. What an
//! archive claims about its own sizes is checked too, but never believed.

use super::source::Input;
use super::table::Sink;
use super::{ImportError, Limits, Measure, Reason, Source, whole_file};
use calamine::{DataRef, Reader as _, Xlsx, XlsxError};
use std::io::Read;

/// More parts than any workbook of data has.
const PARTS: usize = 2_000;
/// Small parts of XML pack very well; only beyond this does the ratio say anything.
const RATIO_FROM: u64 = 1 << 20;

pub(super) fn read(from: &Source, limits: &Limits, sink: &mut dyn Sink) -> Result<(), ImportError> {
    weigh(from, limits)?;
    let broken = |error: XlsxError| whole_file(from, Reason::Workbook(error.to_string()));
    let mut book: Xlsx<_> = Xlsx::new(open(from)?).map_err(broken)?;
    let Some(sheet) = book.sheet_names().first().cloned() else {
        return Err(whole_file(from, Reason::Empty));
    };
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(broken)?;
    let mut row = Vec::new();
    let mut number = None;
    let mut width = 0usize;
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (at, column) = cell.get_position();
        if number != Some(at) {
            if let Some(done) = number {
                hand_over(sink, done, &mut row, &mut width)?;
            }
            number = Some(at);
        }
        let column = column as usize;
        if column >= limits.columns {
            let limit = limits.columns as u64;
            return Err(whole_file(
                from,
                Reason::Limit {
                    what: Measure::Columns,
                    limit,
                },
            ));
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = text(cell.get_value());
    }
    match number {
        Some(done) => hand_over(sink, done, &mut row, &mut width),
        None => Ok(()),
    }
}

/// Empty cells at a row's end are not stored in a workbook: they are added up to the header's width.
fn hand_over(
    sink: &mut dyn Sink,
    at: u32,
    row: &mut Vec<String>,
    width: &mut usize,
) -> Result<(), ImportError> {
    if row.iter().any(|cell| !cell.trim().is_empty()) {
        if *width == 0 {
            *width = row.len();
            sink.header(row)?;
        } else {
            while row.len() > *width && row.last().is_some_and(|cell| cell.trim().is_empty()) {
                row.pop();
            }
            if row.len() < *width {
                row.resize(*width, String::new());
            }
            sink.row(u64::from(at) + 1, row)?;
        }
    }
    row.clear();
    Ok(())
}

/// A cell as text. A number is written with the fewest digits that name it, which gives back what
/// was typed up to 15 digits; nothing is computed with it.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

fn open(from: &Source) -> Result<Box<dyn Input>, ImportError> {
    Ok(from.open()?.0)
}

/// Unpacks every part into nothing, and refuses what would become too large.
fn weigh(from: &Source, limits: &Limits) -> Result<(), ImportError> {
    let broken =
        |error: &dyn std::fmt::Display| whole_file(from, Reason::Workbook(error.to_string()));
    let mut archive = zip::ZipArchive::new(open(from)?).map_err(|error| broken(&error))?;
    if archive.len() > PARTS {
        let reason = Reason::Limit {
            what: Measure::Parts,
            limit: PARTS as u64,
        };
        return Err(whole_file(from, reason));
    }
    let mut left = limits.unpacked_bytes;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| broken(&error))?;
        let packed = part.compressed_size().max(1);
        let too_tight = |size: u64| size > RATIO_FROM && size / packed > limits.ratio;
        let claimed = part.size();
        if claimed > left || too_tight(claimed) {
            return Err(bomb(from, limits, claimed > left));
        }
        let most = left.min(RATIO_FROM.max(packed.saturating_mul(limits.ratio))) + 1;
        let counted = std::io::copy(&mut part.take(most), &mut std::io::sink());
        let size = counted.map_err(|error| broken(&error))?;
        if size > left || too_tight(size) {
            return Err(bomb(from, limits, size > left));
        }
        left -= size;
    }
    Ok(())
}

fn bomb(from: &Source, limits: &Limits, by_size: bool) -> ImportError {
    let reason = if by_size {
        Reason::Limit {
            what: Measure::UnpackedBytes,
            limit: limits.unpacked_bytes,
        }
    } else {
        Reason::Limit {
            what: Measure::Ratio,
            limit: limits.ratio,
        }
    };
    whole_file(from, reason)
}
