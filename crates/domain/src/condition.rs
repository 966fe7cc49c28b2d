//! Conditions decide when a button shows and which rows a list filter keeps: one evaluator for
//! terminal, backend and connectors. Groups are joined by OR, the conditions inside one by AND; no
//! group at all means "always". They are a convenience: a condition never replaces a rule.
//!
//! **Meaning.** NULL is a missing value; an empty text counts as NULL. Every test is plainly true
//! or false, there is no third value:
//!
//! | operator | values | on a value | on NULL |
//! |---|---|---|---|
//! | `EQ` | 1 | equal; text to the letter, numbers by value (1.0 is 1) | false |
//! | `N` | 1 | not equal | true |
//! | `GT` `GTE` `LT` `LTE` | 1 | greater, …; not for text, choice, boolean | false |
//! | `IN` | 1 or more | equal to one of them | false |
//! | `NIN` | 1 or more | equal to none of them | true |
//! | `BETWEEN` | 2 | from the first to the second, both included | false |
//! | `LIKE` | 1 | text contains it; `a` is `A`, other letters count as they are, `%` and `_` are letters | false |
//! | `IS` | 0 | false | true |
//! | `ISN` | 0 | true | false |
//!
//! A set is checked once, when saved and when loaded; what names an unknown field or operator is
//! refused then, and its owner stays hidden.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::code::Code;
use crate::money::{Money, PlainNumber};
use crate::time::Timestamp;

/// Most groups in a set.
pub const MAX_GROUPS: usize = 20;
/// Most conditions in a group.
pub const MAX_CONDITIONS: usize = 20;
/// Most values in a condition.
pub const MAX_VALUES: usize = 200;
/// Most characters in a value.
pub const MAX_VALUE_CHARS: usize = 200;

/// One test of one field, as it is stored and sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Condition {
    /// Which field.
    pub field_name: String,
    /// Which test.
    pub operator: Operator,
    /// What to compare with, as text: money in fen, dates `2026-11-22`, points in time in
    /// milliseconds, booleans `true` and `false`.
    pub field_values: Vec<String>,
}

/// Groups joined by OR, conditions inside a group by AND.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Conditions(pub Vec<Vec<Condition>>);

/// A test; see the module's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    N,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// One of.
    In,
    /// None of.
    Nin,
    /// From the first to the second, both included.
    Between,
    /// Contains.
    Like,
    /// Has no value.
    Is,
    /// Has a value.
    Isn,
    /// One that this program does not know: the set that holds it is refused, not the whole
    /// document around it.
    #[serde(other)]
    Unknown,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Free text.
    Text,
    /// One word of a fixed list.
    Choice,
    /// A decimal.
    Number,
    /// An amount in fen.
    Money,
    /// A calendar day.
    Date,
    /// A point in time.
    Timestamp,
    /// Yes or no.
    Boolean,
}

/// The fields that conditions on one object may name.
pub type Fields = BTreeMap<&'static str, FieldType>;

/// The value of a field in one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Missing.
    Null,
    /// Of a text or choice field.
    Text(String),
    /// Of a number field.
    Number(Decimal),
    /// Of a money field.
    Money(Money),
    /// Of a date field.
    Date(Date),
    /// Of a timestamp field.
    Timestamp(Timestamp),
    /// Of a boolean field.
    Boolean(bool),
}

impl Value {
    fn is_null(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    fn fits(&self, field: FieldType) -> bool {
        match self {
            Value::Null => true,
            Value::Text(_) => matches!(field, FieldType::Text | FieldType::Choice),
            Value::Number(_) => field == FieldType::Number,
            Value::Money(_) => field == FieldType::Money,
            Value::Date(_) => field == FieldType::Date,
            Value::Timestamp(_) => field == FieldType::Timestamp,
            Value::Boolean(_) => field == FieldType::Boolean,
        }
    }
}

/// Why a set of conditions was refused, or could not be evaluated on a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// There is no such field.
    #[error("there is no field \"{0}\": choose one of the object's fields")]
    UnknownField(String),
    /// This program does not know the operator.
    #[error("the condition on \"{0}\" has an operator that this version does not know")]
    UnknownOperator(String),
    /// The operator does not go with the field's type.
    #[error("{operator:?} does not go with the field \"{field}\": choose another operator")]
    OperatorDoesNotFit {
        /// The field.
        field: String,
        /// The operator.
        operator: Operator,
    },
    /// Too few or too many values.
    #[error("the condition on \"{field}\" has {given} values, which its operator does not take")]
    WrongNumberOfValues {
        /// The field.
        field: String,
        /// How many were given.
        given: usize,
    },
    /// A value is not of the field's type, or is empty.
    #[error("\"{value}\" is not a value of the field \"{field}\"")]
    BadValue {
        /// The field.
        field: String,
        /// The value as given.
        value: String,
    },
    /// BETWEEN from a higher to a lower value.
    #[error("the range on \"{0}\" ends before it begins: swap its two values")]
    EmptyRange(String),
    /// A group without conditions would always be true.
    #[error("a group has no conditions: add one or remove the group")]
    EmptyGroup,
    /// More groups, conditions, values or characters than allowed.
    #[error("the conditions are larger than allowed: split or shorten them")]
    TooLarge,
    /// A row holds something else than the field's type: the program is wrong, not the condition.
    #[error("the row's \"{0}\" is not of the field's type")]
    RowDoesNotFit(String),
}

/// What is wrong with a set of conditions, as a word for the window's sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConditionProblem {
    /// There is no such field.
    UnknownField,
    /// This program does not know the operator.
    UnknownOperator,
    /// The operator does not go with the field's type.
    OperatorDoesNotFit,
    /// Too few or too many values.
    WrongNumberOfValues,
    /// A value is not of the field's type, or is empty.
    BadValue,
    /// A range ends before it begins.
    EmptyRange,
    /// A group has no conditions; it has no field.
    EmptyGroup,
    /// Larger than allowed; it has no field.
    TooLarge,
}

impl From<ConditionError> for Code {
    fn from(error: ConditionError) -> Code {
        use ConditionProblem as P;
        let (field, problem) = match error {
            ConditionError::UnknownField(field) => (field, P::UnknownField),
            ConditionError::UnknownOperator(field) => (field, P::UnknownOperator),
            ConditionError::OperatorDoesNotFit { field, .. } => (field, P::OperatorDoesNotFit),
            ConditionError::WrongNumberOfValues { field, .. } => (field, P::WrongNumberOfValues),
            ConditionError::BadValue { field, .. } => (field, P::BadValue),
            ConditionError::EmptyRange(field) => (field, P::EmptyRange),
            ConditionError::EmptyGroup => (String::new(), P::EmptyGroup),
            ConditionError::TooLarge => (String::new(), P::TooLarge),
            ConditionError::RowDoesNotFit(field) => {
                return Code::Internal {
                    trace: format!("field {field}"),
                };
            }
        };
        Code::BadCondition { field, problem }
    }
}

/// What one checked condition asks of a value; a store lowers it to SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Equal to one of these.
    OneOf(Vec<Value>),
    /// Missing, or equal to none of these.
    NoneOf(Vec<Value>),
    /// Within these bounds.
    Range {
        /// The lower bound, and whether it is included.
        low: Option<(Value, bool)>,
        /// The upper bound, and whether it is included.
        high: Option<(Value, bool)>,
    },
    /// Contains this, already in ASCII lower case.
    Contains(String),
    /// Missing.
    Missing,
    /// Not missing.
    Present,
}

/// One checked condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedCondition {
    /// Which field.
    pub field_name: String,
    /// Its type.
    pub field_type: FieldType,
    /// What is asked of it.
    pub test: Test,
}

/// Conditions that name only known fields and operators, with typed values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckedConditions(Vec<Vec<CheckedCondition>>);

impl Conditions {
    /// Checks the set against the fields of its object.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(&self, fields: &Fields) -> Result<CheckedConditions, ConditionError> {
        if self.0.len() > MAX_GROUPS || self.0.iter().any(|group| group.len() > MAX_CONDITIONS) {
            return Err(ConditionError::TooLarge);
        }
        if self.0.iter().any(Vec::is_empty) {
            return Err(ConditionError::EmptyGroup);
        }
        let group = |group: &Vec<Condition>| group.iter().map(|c| c.check(fields)).collect();
        self.0
            .iter()
            .map(group)
            .collect::<Result<_, _>>()
            .map(CheckedConditions)
    }
}

impl Condition {
    fn check(&self, fields: &Fields) -> Result<CheckedCondition, ConditionError> {
        let field = || self.field_name.clone();
        let field_type = *fields
            .get(self.field_name.as_str())
            .ok_or_else(|| ConditionError::UnknownField(field()))?;
        if self.operator == Operator::Unknown {
            return Err(ConditionError::UnknownOperator(field()));
        }
        if !self.operator.goes_with(field_type) {
            let operator = self.operator;
            return Err(ConditionError::OperatorDoesNotFit {
                field: field(),
                operator,
            });
        }
        let too_long = |value: &String| value.chars().count() > MAX_VALUE_CHARS;
        if self.field_values.len() > MAX_VALUES || self.field_values.iter().any(too_long) {
            return Err(ConditionError::TooLarge);
        }
        let mut values = Vec::with_capacity(self.field_values.len());
        for text in &self.field_values {
            let value = read_value(text, field_type).filter(|value| !value.is_null());
            let bad = || ConditionError::BadValue {
                field: field(),
                value: text.clone(),
            };
            values.push(value.ok_or_else(bad)?);
        }
        let given = values.len();
        let test =
            self.operator
                .test(values)
                .ok_or_else(|| ConditionError::WrongNumberOfValues {
                    field: field(),
                    given,
                })?;
        if let Test::Range {
            low: Some((low, _)),
            high: Some((high, _)),
        } = &test
            && low > high
        {
            return Err(ConditionError::EmptyRange(field()));
        }
        Ok(CheckedCondition {
            field_name: field(),
            field_type,
            test,
        })
    }
}

impl Operator {
    /// Every operator that can be chosen.
    pub const ALL: [Operator; 12] = [
        Operator::Eq,
        Operator::N,
        Operator::Gt,
        Operator::Gte,
        Operator::Lt,
        Operator::Lte,
        Operator::In,
        Operator::Nin,
        Operator::Between,
        Operator::Like,
        Operator::Is,
        Operator::Isn,
    ];

    /// Whether a field of this type may be asked so.
    pub fn goes_with(self, field: FieldType) -> bool {
        let text = field == FieldType::Text;
        let boolean = field == FieldType::Boolean;
        let ordered = !text && !boolean && field != FieldType::Choice;
        match self {
            Operator::Eq | Operator::N | Operator::Is | Operator::Isn => true,
            Operator::In | Operator::Nin => !boolean,
            Operator::Like => text,
            Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte | Operator::Between => {
                ordered
            }
            Operator::Unknown => false,
        }
    }

    /// `None` when the operator does not take this many values.
    fn test(self, mut values: Vec<Value>) -> Option<Test> {
        let takes = match self {
            Operator::Is | Operator::Isn => values.is_empty(),
            Operator::In | Operator::Nin => !values.is_empty(),
            Operator::Between => values.len() == 2,
            _ => values.len() == 1,
        };
        if !takes {
            return None;
        }
        let above = |value, included| Test::Range {
            low: Some((value, included)),
            high: None,
        };
        let below = |value, included| Test::Range {
            low: None,
            high: Some((value, included)),
        };
        Some(match self {
            Operator::Eq | Operator::In => Test::OneOf(values),
            Operator::N | Operator::Nin => Test::NoneOf(values),
            Operator::Gt => above(values.pop()?, false),
            Operator::Gte => above(values.pop()?, true),
            Operator::Lt => below(values.pop()?, false),
            Operator::Lte => below(values.pop()?, true),
            Operator::Between => {
                let high = values.pop()?;
                Test::Range {
                    low: Some((values.pop()?, true)),
                    high: Some((high, true)),
                }
            }
            Operator::Like => match values.pop()? {
                Value::Text(part) => Test::Contains(part.to_ascii_lowercase()),
                _ => return None,
            },
            Operator::Is => Test::Missing,
            Operator::Isn => Test::Present,
            Operator::Unknown => return None,
        })
    }
}

fn read_value(text: &str, field: FieldType) -> Option<Value> {
    // One value has one spelling, so that the same condition is the same text everywhere.
    let whole = |text: &str| text.parse::<i64>().ok().filter(|n| n.to_string() == text);
    match field {
        FieldType::Text | FieldType::Choice => Some(Value::Text(text.to_owned())),
        FieldType::Number => PlainNumber::read(text, false)?.decimal().map(Value::Number),
        FieldType::Money => Money::try_from_fen(whole(text)?.into())
            .ok()
            .map(Value::Money),
        FieldType::Date => text
            .parse()
            .ok()
            .filter(|day: &Date| day.to_string() == text)
            .map(Value::Date),
        FieldType::Timestamp => whole(text).map(|ms| Value::Timestamp(Timestamp(ms))),
        FieldType::Boolean => match text {
            "true" => Some(Value::Boolean(true)),
            "false" => Some(Value::Boolean(false)),
            _ => None,
        },
    }
}

impl CheckedConditions {
    /// The groups, for a store that lowers them to SQL.
    pub fn groups(&self) -> &[Vec<CheckedCondition>] {
        &self.0
    }

    /// Whether the row meets at least one group, or there is none. `row` gives the value of a
    /// field, `None` for a field it does not have.
    ///
    /// # Errors
    /// `UnknownField` and `RowDoesNotFit` when the row is not of the object that the set was
    /// checked for; its owner is then hidden, and the error logged.
    pub fn matches(&self, row: impl Fn(&str) -> Option<Value>) -> Result<bool, ConditionError> {
        for group in &self.0 {
            let mut all = true;
            for condition in group {
                all = all && condition.holds(&row)?;
            }
            if all {
                return Ok(true);
            }
        }
        Ok(self.0.is_empty())
    }
}

impl CheckedCondition {
    fn holds(&self, row: &impl Fn(&str) -> Option<Value>) -> Result<bool, ConditionError> {
        let name = &self.field_name;
        let value = row(name).ok_or_else(|| ConditionError::UnknownField(name.clone()))?;
        if !value.fits(self.field_type) {
            return Err(ConditionError::RowDoesNotFit(name.clone()));
        }
        let missing = value.is_null();
        Ok(match &self.test {
            Test::Missing => missing,
            Test::Present => !missing,
            Test::OneOf(values) => !missing && values.contains(&value),
            Test::NoneOf(values) => missing || !values.contains(&value),
            Test::Range { low, high } => {
                let after =
                    |(low, included): &(Value, bool)| value > *low || (*included && value == *low);
                let before = |(high, included): &(Value, bool)| {
                    value < *high || (*included && value == *high)
                };
                !missing && low.as_ref().is_none_or(after) && high.as_ref().is_none_or(before)
            }
            Test::Contains(part) => match &value {
                Value::Text(text) => text.to_ascii_lowercase().contains(part),
                _ => false,
            },
        })
    }
}

#[cfg(test)]
mod tests;
