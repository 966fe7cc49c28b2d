//! A table's header and one row of it: fields by the names of their columns.

use super::error::{BillError, BillProblem};
use crate::text;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The header of a table.
pub(super) struct Columns<'a> {
    file: &'a str,
    line: usize,
    width: usize,
    by_name: BTreeMap<String, usize>,
}

/// A row of a table.
pub(super) struct Row<'a> {
    columns: &'a Columns<'a>,
    pub(super) line: usize,
    fields: Vec<String>,
}

/// Names are compared with half-width brackets and without blanks: both forms are in use.
fn normal(name: &str) -> String {
    name.trim().replace('（', "(").replace('）', ")")
}

impl<'a> Columns<'a> {
    /// Reads a header: every needed column must be there, none may stand twice.
    pub(super) fn read(
        file: &'a str,
        line: usize,
        header: &[String],
        needed: &[&str],
    ) -> Result<Columns<'a>, BillError> {
        let mut by_name = BTreeMap::new();
        for (index, name) in header.iter().enumerate() {
            if by_name.insert(normal(name), index).is_some() {
                return Err(BillError::at(file, line, name, BillProblem::TwoColumns));
            }
        }
        for name in needed {
            if !by_name.contains_key(*name) {
                return Err(BillError::at(file, line, name, BillProblem::NoColumn));
            }
        }
        Ok(Columns {
            file,
            line,
            width: header.len(),
            by_name,
        })
    }

    /// The columns that are neither read nor known.
    pub(super) fn unknown(&self, known: &[&[&str]]) -> Vec<String> {
        let known = |name: &&String| known.iter().any(|list| list.contains(&name.as_str()));
        self.by_name
            .keys()
            .filter(|name| !known(name))
            .map(|name| {
                let (file, line) = (self.file, self.line);
                format!("{file}, line {line}: column {name} is not known and was not read")
            })
            .collect()
    }

    /// One row, which must be as wide as the header.
    pub(super) fn row(&'a self, line: usize, fields: Vec<String>) -> Result<Row<'a>, BillError> {
        if fields.len() != self.width {
            let problem = BillProblem::Fields {
                found: fields.len(),
                wanted: self.width,
            };
            return Err(BillError::at(self.file, line, "", problem));
        }
        Ok(Row {
            columns: self,
            line,
            fields,
        })
    }
}

impl Row<'_> {
    /// A field as it stands, without the blanks and tabs around it.
    pub(super) fn text(&self, column: &str) -> &str {
        let index = self.columns.by_name.get(column);
        index.map_or("", |index| self.fields[*index].trim())
    }

    /// A field that may not be empty.
    pub(super) fn need(&self, column: &str) -> Result<String, BillError> {
        match self.text(column) {
            "" => Err(self.bad(column, "filled in")),
            text => Ok(text.to_owned()),
        }
    }

    /// An amount of yuan with at most `decimals` decimals.
    pub(super) fn yuan(&self, column: &str, decimals: usize) -> Result<Decimal, BillError> {
        yuan(self.text(column), decimals)
            .ok_or_else(|| self.bad(column, "an amount in yuan such as 12.30"))
    }

    /// A count; WeChat Pay writes it as `45.0`.
    pub(super) fn count(&self, column: &str) -> Result<Decimal, BillError> {
        yuan(self.text(column), 1)
            .filter(|count| count.is_integer() && !count.is_sign_negative())
            .ok_or_else(|| self.bad(column, "a count"))
    }

    /// A time of the given day in Beijing, as milliseconds since 1970.
    pub(super) fn time(&self, column: &str, day: Date) -> Result<i64, BillError> {
        let at_ms = text::parse_beijing(self.text(column))
            .filter(|_| self.text(column).len() == "2026-11-24 10:00:00".len())
            .ok_or_else(|| self.bad(column, "a time such as 2026-11-24 10:00:00"))?;
        let on = jiff::Timestamp::from_millisecond(at_ms)
            .map(|at| at.to_zoned(TimeZone::fixed(BEIJING)).date());
        if on.is_ok_and(|on| on == day) {
            Ok(at_ms)
        } else {
            Err(self.bad(
                column,
                "on the day of this bill; name the day that the bill is of",
            ))
        }
    }

    /// The rows' sum must be what this row states.
    pub(super) fn same(
        &self,
        column: &str,
        rows: Decimal,
        stated: Decimal,
    ) -> Result<(), BillError> {
        if rows == stated {
            return Ok(());
        }
        let problem = BillProblem::Sum {
            rows: rows.normalize().to_string(),
            stated: stated.normalize().to_string(),
        };
        Err(self.error(column, problem))
    }

    /// What stands in a column is not what should.
    pub(super) fn bad(&self, column: &str, wanted: &'static str) -> BillError {
        let value = self.text(column).chars().take(64).collect();
        self.error(column, BillProblem::Value { value, wanted })
    }

    pub(super) fn error(&self, column: &str, problem: BillProblem) -> BillError {
        BillError::at(self.columns.file, self.line, column, problem)
    }
}

const BEIJING: Offset = jiff::tz::offset(8);

/// Digits with at most `decimals` decimals, with a minus or without: no blanks, no plus, no
/// exponent, nothing empty.
pub(super) fn yuan(text: &str, decimals: usize) -> Option<Decimal> {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = match plain.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, part)) => (whole, part),
        None => (plain, ""),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let fits = (1..=13).contains(&whole.len()) && part.len() <= decimals;
    if !fits || !digits(whole) || !digits(part) {
        return None;
    }
    Decimal::from_str_exact(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_strictly_and_never_as_zero() {
        assert_eq!(yuan("0.01", 2), Some(Decimal::new(1, 2)));
        assert_eq!(yuan("-12.3", 2), Some(Decimal::new(-123, 1)));
        assert_eq!(yuan("0.60000", 5), Some(Decimal::new(60_000, 5)));
        for bad in [
            "", "-", ".", "1.", ".5", "0.001", "+1", " 1", "1e2", "1,0", "NaN", "１", "--1",
            "1.0.0",
        ] {
            assert_eq!(yuan(bad, 2), None, "{bad}");
        }
    }
}
