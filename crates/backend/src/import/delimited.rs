//! CSV, by the `csv` crate over decoded text. Files whose header holds tabs or semicolons and no
//! comma are read with those: spreadsheets write what the computer's region says.

use super::encoding::{self, Utf8};
use super::table::Sink;
use super::{ImportError, Limits, Reason, Source, at_row};
use std::io::Read;

pub(super) fn read(from: &Source, limits: &Limits, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let encoding = encoding::detect(from, limits)?;
    let separator = separator(&mut Utf8::new(encoding::open(from, limits)?, encoding));
    let text = Utf8::new(encoding::open(from, limits)?, encoding);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text);
    let mut record = csv::StringRecord::new();
    let mut cells: Vec<String> = Vec::new();
    let mut header = true;
    loop {
        let more = reader
            .read_record(&mut record)
            .map_err(|error| match error.into_kind() {
                csv::ErrorKind::Io(error) => from.failed(error),
                other => at_row(from, 0, Reason::Refused(format!("{other:?}"))),
            })?;
        if !more {
            return Ok(());
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        cells.clear();
        cells.extend(record.iter().map(str::to_owned));
        if std::mem::take(&mut header) {
            sink.header(&cells)?;
        } else {
            sink.row(record.position().map_or(0, csv::Position::line), &cells)?;
        }
    }
}

fn separator(text: &mut impl Read) -> u8 {
    let mut first = vec![0u8; 4096];
    let read = text.read(&mut first).unwrap_or(0);
    let line = first[..read]
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
    match (count(b','), count(b'\t'), count(b';')) {
        (0, 0, 1..) => b';',
        (0, 1.., _) => b'\t',
        _ => b',',
    }
}
