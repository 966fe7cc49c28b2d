//! A list of orders as a file that a spreadsheet opens: every order that the filter keeps, one after
//! the other, so that a hundred thousand take no more memory than one. The file has its name only
//! once it is whole and on disk. It is not encrypted: who exports takes it out of the ledger's care.

use crate::api::Context;
use crate::api::orders::*;
use crate::files::{EXPORTS, OpenError, owner_only, sync_dir};
use crate::ledger::{Cell, OrderFilter};
use crate::transact::Done;
use domain::Code;
use domain::Timestamp;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// What makes spreadsheets read UTF-8 as such.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// Writes the file. Answers after it is durable.
///
/// # Errors
/// `BadField` `columns` for none, or naming the field that orders don't have; `BadCondition`,
/// `Locked`, and `DiskFull` or `ReadOnly` naming the file.
pub fn export(context: &Context<'_>, input: OrderExport) -> Result<Done<OrderExported>, Code> {
    if input.columns.is_empty() {
        return Err(Code::BadField {
            field: "columns".to_owned(),
        });
    }
    let filter = OrderFilter {
        staff: super::list::whose(context, input.scenario)?,
        distributor: input.distributor,
        payment_states: input.payment_states,
        text: input.query,
        conditions: input.conditions,
    };
    let terminal = context.terminal;
    let folder = terminal.ledger().files().dir().join(EXPORTS);
    std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    let (file, part) = free_name(&folder, terminal.env().now());
    let written = write(&part, |out| {
        let head: Vec<String> = input.columns.iter().map(|c| cell_text(&c.title)).collect();
        row(out, &part, &head)?;
        let wanted: Vec<&str> = input.columns.iter().map(|c| c.field.as_str()).collect();
        let mut rows = 0_u32;
        terminal.ledger().each_order(&filter, &wanted, |cells| {
            let cells = cells.iter().zip(&input.columns);
            let texts: Vec<String> = cells
                .map(|(cell, column)| written_as(cell, column))
                .collect();
            rows = rows.saturating_add(1);
            row(out, &part, &texts)
        })?;
        Ok(rows)
    });
    let named = written.and_then(|rows| {
        std::fs::rename(&part, &file).map_err(|error| failed(&file, &error))?;
        sync_dir(&folder).map_err(|error| failed(&file, &error))?;
        Ok(rows)
    });
    let rows = named.inspect_err(|_| {
        // A part of an export helps nobody; if it can't go, it is still named as a part.
        let _ = std::fs::remove_file(&part);
    })?;
    Ok(Done {
        value: OrderExported {
            file: file.display().to_string(),
            rows,
        },
        changed: Vec::new(),
    })
}

fn failed(file: &Path, error: &std::io::Error) -> Code {
    OpenError::of_io(file, error).code()
}

type Out = csv::Writer<BufWriter<File>>;

fn write(part: &Path, fill: impl FnOnce(&mut Out) -> Result<u32, Code>) -> Result<u32, Code> {
    let io = |error: std::io::Error| failed(part, &error);
    let mut file = owner_only()
        .write(true)
        .create(true)
        .truncate(true)
        .open(part)
        .map_err(io)?;
    file.write_all(BOM).map_err(io)?;
    let mut out = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(BufWriter::new(file));
    let rows = fill(&mut out)?;
    let buffer = out.into_inner().map_err(|error| io(error.into_error()))?;
    let file = buffer
        .into_inner()
        .map_err(|error| io(error.into_error()))?;
    file.sync_all().map_err(io)?;
    Ok(rows)
}

fn row(out: &mut Out, part: &Path, cells: &[String]) -> Result<(), Code> {
    out.write_record(cells).map_err(|error| {
        let error = match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => std::io::Error::other(format!("{other:?}")),
        };
        failed(part, &error)
    })
}

/// `orders-20261122-104105.csv`, and with a number behind it when that is taken.
fn free_name(folder: &Path, now: Timestamp) -> (PathBuf, PathBuf) {
    let time: String = clock(now).chars().filter(char::is_ascii_digit).collect();
    let seconds = local_ms(now).rem_euclid(MINUTE_MS) / 1_000;
    let base = format!(
        "orders-{}-{time}{seconds:02}",
        now.business_day().strftime("%Y%m%d")
    );
    let name = (1_u32..)
        .map(|n| match n {
            1 => base.clone(),
            _ => format!("{base}-{n}"),
        })
        .find(|name| !folder.join(format!("{name}.csv")).exists())
        .unwrap_or_else(|| base.clone());
    (
        folder.join(format!("{name}.csv")),
        folder.join(format!("{name}.csv.part")),
    )
}

/// Milliseconds since midnight where the company is.
fn local_ms(at: Timestamp) -> i64 {
    at.plus_ms(8 * HOUR_MS).0.rem_euclid(DAY_MS)
}

fn clock(at: Timestamp) -> String {
    let ms = local_ms(at);
    format!("{:02}:{:02}", ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS)
}

fn written_as(cell: &Cell, column: &ExportColumn) -> String {
    let word = |word: &str| cell_text(column.words.get(word).map_or(word, String::as_str));
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => word(text),
        Cell::Count(count) => count.to_string(),
        // Ours and never a formula: a credit note must stay a number that can be added up.
        Cell::Money(amount) => amount.to_yuan_string(),
        Cell::Day(at) => at.business_day().to_string(),
        Cell::At(at) => format!("{} {}", at.business_day(), clock(*at)),
        Cell::Flag(yes) => word(if *yes { "true" } else { "false" }),
    }
}

/// Text that a spreadsheet takes for nothing but text. What it would run as a formula gets an
/// apostrophe before it (OWASP, "CSV Injection", full-width signs too); what it would turn into a
/// number or a date, as codes with leading zeros, gets a tab.
fn cell_text(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let number = text.starts_with(|first: char| first.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || " .,:/-+%eE".contains(c));
    if formula {
        format!("'{text}")
    } else if number {
        format!("\t{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_a_code_never_a_number() {
        for (text, written) in [
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+86", "'+86"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("＝1+1", "'＝1+1"),
            ("00123", "\t00123"),
            ("20261122000000000001", "\t20261122000000000001"),
            ("1E5", "\t1E5"),
            ("3/4", "\t3/4"),
            ("T07-261122-0037", "T07-261122-0037"),
            ("7号店", "7号店"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(cell_text(text), written, "{text:?}");
        }
    }

    #[test]
    fn a_name_says_when_and_is_not_taken_twice() {
        let dir = tempfile::tempdir().unwrap();
        let now = Timestamp(1_795_315_265_000); // 2026-11-22 10:41:05 in Shanghai
        let (first, _) = free_name(dir.path(), now);
        assert_eq!(first.file_name().unwrap(), "orders-20261122-104105.csv");
        std::fs::write(first, "").unwrap();
        let (second, part) = free_name(dir.path(), now);
        assert_eq!(second.file_name().unwrap(), "orders-20261122-104105-2.csv");
        assert_eq!(
            part.file_name().unwrap(),
            "orders-20261122-104105-2.csv.part"
        );
    }
}
