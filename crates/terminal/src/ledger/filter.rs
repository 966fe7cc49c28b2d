//! Conditions as SQL, so that a list is narrowed where its rows lie. The text is made of the columns'
//! own expressions and `?` alone; every value travels as a parameter. It means exactly what
//! `domain::condition` says row by row, with no third truth value: each test gives 0 or 1, also on
//! NULL.
//!
//! Whatever has an order (amounts, numbers, days, points in time) is an integer on both sides. A
//! value between two integers is equal to none, and bounds are rounded inwards.

use domain::condition::{
    CheckedCondition, CheckedConditions, ConditionError, FieldType, Test, Value,
};
use rusqlite::types::Value as Sql;
use rust_decimal::Decimal;

/// Most parameters of one statement; SQLite's own limit is 32,766.
const MAX_PARAMETERS: usize = 30_000;

/// Where a field is held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// An expression of ours: text for texts and choices, 0 or 1 for yes and no, else an integer.
    /// Money is in fen, a point in time in milliseconds, a day is counted from 1970.
    pub(crate) sql: &'static str,
    /// Decimals of a number that the integer holds; 0 for everything else.
    pub(crate) decimals: u32,
}

/// The company's calendar day of column `at`, counted from 1970 (`Timestamp::business_day`): SQLite's
/// `/` cuts towards zero, so the rest of the day is taken off first.
pub(crate) const DAY_OF_AT: &str = "((at + 28800000 \
    - ((at + 28800000) % 86400000 + 86400000) % 86400000) / 86400000)";

/// Conditions as one expression, and its values in the order of its `?`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lowered {
    pub(crate) sql: String,
    pub(crate) values: Vec<Sql>,
}

/// Lowers a set to SQL; no group at all is `1`.
///
/// # Errors
/// `UnknownField` for a field without a column, `TooLarge`, and `RowDoesNotFit` for a test that
/// texts do not take: the check lets none through.
pub(crate) fn lower(
    conditions: &CheckedConditions,
    column: impl Fn(&str) -> Option<Column>,
) -> Result<Lowered, ConditionError> {
    let mut values = Vec::new();
    let mut groups = Vec::with_capacity(conditions.groups().len());
    for group in conditions.groups() {
        let mut all = Vec::with_capacity(group.len());
        for condition in group {
            let name = &condition.field_name;
            let held = column(name).ok_or_else(|| ConditionError::UnknownField(name.clone()))?;
            all.push(one(condition, held, &mut values)?);
        }
        groups.push(format!("({})", all.join(" AND ")));
    }
    if values.len() > MAX_PARAMETERS {
        return Err(ConditionError::TooLarge);
    }
    let sql = if groups.is_empty() {
        "1".to_owned()
    } else {
        format!("({})", groups.join(" OR "))
    };
    Ok(Lowered { sql, values })
}

fn one(
    condition: &CheckedCondition,
    held: Column,
    values: &mut Vec<Sql>,
) -> Result<String, ConditionError> {
    let e = held.sql;
    let text = matches!(condition.field_type, FieldType::Text | FieldType::Choice);
    Ok(match &condition.test {
        Test::Missing if text => format!("ifnull({e}, '') = ''"),
        Test::Missing => format!("{e} IS NULL"),
        Test::Present if text => format!("ifnull({e}, '') <> ''"),
        Test::Present => format!("{e} IS NOT NULL"),
        Test::OneOf(wanted) => match list(wanted, held, values) {
            Some(list) => format!("ifnull({e} IN ({list}), 0)"),
            None => "0".to_owned(),
        },
        Test::NoneOf(unwanted) => match list(unwanted, held, values) {
            Some(list) => format!("ifnull({e} NOT IN ({list}), 1)"),
            None => "1".to_owned(),
        },
        Test::Contains(part) => {
            values.push(Sql::Text(part.clone()));
            format!("ifnull(instr(lower({e}), ?) > 0, 0)")
        }
        Test::Range { low, high } => {
            let fit = |bound: &Option<(Value, bool)>| match bound {
                None => Ok(None),
                Some((value, included)) => exact(value, held.decimals)
                    .map(|at| Some((at, *included)))
                    .ok_or_else(|| ConditionError::RowDoesNotFit(condition.field_name.clone())),
            };
            range(e, fit(low)?, fit(high)?, values)
        }
    })
}

/// `?, ?` with the values that the column can hold at all; `None` when it can hold none of them.
fn list(wanted: &[Value], held: Column, values: &mut Vec<Sql>) -> Option<String> {
    let before = values.len();
    for value in wanted {
        match value {
            Value::Text(text) => values.push(Sql::Text(text.clone())),
            other => {
                let whole = exact(other, held.decimals)
                    .filter(|at| at.whole)
                    .and_then(|at| i64::try_from(at.floor).ok());
                values.extend(whole.map(Sql::Integer));
            }
        }
    }
    let count = values.len() - before;
    (count > 0).then(|| vec!["?"; count].join(", "))
}

/// A value on the column's scale: its floor, and whether it is that integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exact {
    floor: i128,
    whole: bool,
}

fn exact(value: &Value, decimals: u32) -> Option<Exact> {
    let whole = |floor: i64| {
        Some(Exact {
            floor: floor.into(),
            whole: true,
        })
    };
    match value {
        Value::Null | Value::Text(_) => None,
        Value::Number(number) => Some(scaled(*number, decimals)),
        Value::Money(money) => whole(money.fen()),
        Value::Date(day) => {
            let since = day.since(jiff::civil::date(1970, 1, 1)).ok()?;
            whole(since.get_days().into())
        }
        Value::Timestamp(at) => whole(at.0),
        Value::Boolean(yes) => whole((*yes).into()),
    }
}

fn scaled(number: Decimal, decimals: u32) -> Exact {
    let (mantissa, scale) = (number.mantissa(), number.scale());
    if scale <= decimals {
        // At most 29 digits of mantissa; beyond the integers a saturated value is as good as any.
        let factor = 10_i128.saturating_pow(decimals - scale);
        return Exact {
            floor: mantissa.saturating_mul(factor),
            whole: true,
        };
    }
    let parts = 10_i128.saturating_pow(scale - decimals);
    Exact {
        floor: mantissa.div_euclid(parts),
        whole: mantissa.rem_euclid(parts) == 0,
    }
}

fn range(
    e: &str,
    low: Option<(Exact, bool)>,
    high: Option<(Exact, bool)>,
    values: &mut Vec<Sql>,
) -> String {
    // The lowest and the highest integer within the bounds.
    let least = low.map(|(at, included)| {
        let next = i128::from(!(at.whole && included));
        at.floor.saturating_add(next)
    });
    let most = high.map(|(at, included)| {
        let before = i128::from(at.whole && !included);
        at.floor.saturating_sub(before)
    });
    let beyond =
        least.is_some_and(|at| at > i64::MAX.into()) || most.is_some_and(|at| at < i64::MIN.into());
    if beyond {
        return "0".to_owned();
    }
    let mut tests = Vec::with_capacity(2);
    if let Some(at) = least {
        values.push(Sql::Integer(i64::try_from(at).unwrap_or(i64::MIN)));
        tests.push(format!("{e} >= ?"));
    }
    if let Some(at) = most {
        values.push(Sql::Integer(i64::try_from(at).unwrap_or(i64::MAX)));
        tests.push(format!("{e} <= ?"));
    }
    format!("ifnull({}, 0)", tests.join(" AND "))
}

#[cfg(test)]
mod tests;
