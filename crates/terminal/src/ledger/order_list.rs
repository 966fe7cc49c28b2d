//! The order list: which orders, by whom, meeting which conditions. Everything is decided in SQLite;
//! what is computed comes from the same columns that the list shows, so that a filter can't disagree
//! with the row it kept. How far an order is paid is the backend's word alone (rule 5.4).

use super::filter::{self, Column, DAY_OF_AT};
use super::queries::Page;
use super::views::OrderRow;
use super::{Fault, Ledger, from_blob, id_blob};
use domain::condition::Conditions;
use domain::id::{DistributorId, OrderId, StaffId};
use domain::order::{PaymentState, fields::fields};
use domain::{Code, Money, Timestamp};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// Which orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Only of this distributor.
    pub distributor: Option<DistributorId>,
    /// Only by one of these.
    pub staff: Option<BTreeSet<StaffId>>,
    /// Only these payment states, and then no cancelled ones; empty for all.
    pub payment_states: Vec<PaymentState>,
    /// Only whose number or whose distributor's name holds this; empty for all.
    pub text: String,
    /// Only those that meet these.
    pub conditions: Conditions,
}

/// What one order has in one of its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text, or the word of a choice.
    Text(String),
    /// A count.
    Count(i64),
    /// An amount.
    Money(Money),
    /// A day of the company's calendar.
    Day(Timestamp),
    /// A point in time.
    At(Timestamp),
    /// Yes or no.
    Flag(bool),
}

pub(super) const ORDER_ROW: &str = "SELECT id, number, distributor,
    json_extract(coalesce(view, base), '$.content.distributor_name'), state, payment_state,
    total_fen, paid_fen, waiting_fen, asked_fen, at, pending > 0,
    coalesce(json_extract(marks, '$.problem') IS NOT NULL, 0) FROM document ";

fn unit<T: DeserializeOwned>(word: String) -> Result<T, Fault> {
    Ok(serde_json::from_value(serde_json::Value::String(word))?)
}

pub(super) fn order_row(row: &Row<'_>) -> Result<OrderRow, Fault> {
    Ok(OrderRow {
        id: OrderId(from_blob(&row.get::<_, [u8; 16]>(0)?, "document.id")?),
        number: row.get(1)?,
        distributor: DistributorId(from_blob(&row.get::<_, [u8; 16]>(2)?, "distributor")?),
        distributor_name: row.get(3)?,
        state: unit(row.get(4)?)?,
        payment_state: unit(row.get(5)?)?,
        total_fen: Money::from_fen(row.get(6)?),
        paid_fen: Money::from_fen(row.get(7)?),
        waiting_fen: Money::from_fen(row.get(8)?),
        asked_fen: Money::from_fen(row.get(9)?),
        ordered_at: Timestamp(row.get(10)?),
        pending: row.get(11)?,
        attention: row.get(12)?,
    })
}

/// Where each of an order's fields is held. `paid_fen`, and with it the payment state, is base's
/// alone: the fold never raises it.
fn column(field: &str) -> Option<Column> {
    let sql = match field {
        "number" => "number",
        "distributor_name" => "json_extract(coalesce(view, base), '$.content.distributor_name')",
        "remark" => "json_extract(coalesce(view, base), '$.content.remark')",
        "staff" => "json_extract(coalesce(view, base), '$.staff')",
        "state" => "state",
        "payment_state" => "payment_state",
        "payment_method" => "json_extract(coalesce(view, base), '$.content.payment_method')",
        "lines" => "json_array_length(coalesce(view, base), '$.content.lines')",
        "total_fen" => "total_fen",
        "paid_fen" => "paid_fen",
        "owed_fen" => "iif(state = 'cancelled', 0, max(total_fen - paid_fen, 0))",
        "waiting_fen" => "waiting_fen",
        "asked_fen" => "asked_fen",
        "ordered_on" => DAY_OF_AT,
        "ordered_at" => "at",
        "pending" => "(pending > 0)",
        "to_look_at" => "(json_extract(marks, '$.problem') IS NOT NULL)",
        _ => return None,
    };
    Some(Column { sql, decimals: 0 })
}

fn read_cell(field: &str, row: &Row<'_>, at: usize) -> Result<Cell, Fault> {
    Ok(match field {
        "lines" => Cell::Count(row.get(at)?),
        "ordered_on" => Cell::Day(Timestamp(row.get(at)?)),
        "ordered_at" => Cell::At(Timestamp(row.get(at)?)),
        "pending" | "to_look_at" => Cell::Flag(row.get(at)?),
        money if money.ends_with("_fen") => Cell::Money(Money::from_fen(row.get(at)?)),
        _ => row
            .get::<_, Option<String>>(at)?
            .map_or(Cell::Empty, Cell::Text),
    })
}

/// `WHERE …` with its values in the order of its `?`.
fn narrowed(filter: &OrderFilter) -> Result<(String, Vec<Sql>), Fault> {
    let mut sql = "WHERE kind = 'sales_order'".to_owned();
    let mut values = Vec::new();
    if let Some(distributor) = filter.distributor {
        sql.push_str(" AND distributor = ?");
        values.push(Sql::Blob(id_blob(distributor.0).to_vec()));
    }
    if let Some(staff) = &filter.staff {
        sql.push_str(
            " AND json_extract(coalesce(view, base), '$.staff')
                  IN (SELECT value FROM json_each(?))",
        );
        values.push(Sql::Text(serde_json::to_string(staff)?));
    }
    if !filter.payment_states.is_empty() {
        sql.push_str(
            " AND state <> 'cancelled' AND payment_state IN (SELECT value FROM json_each(?))",
        );
        values.push(Sql::Text(serde_json::to_string(&filter.payment_states)?));
    }
    let text = filter.text.trim();
    if !text.is_empty() {
        sql.push_str(
            " AND (instr(number, upper(?)) > 0
              OR instr(lower(json_extract(coalesce(view, base), '$.content.distributor_name')),
                       lower(?)) > 0)",
        );
        values.push(Sql::Text(text.to_owned()));
        values.push(Sql::Text(text.to_owned()));
    }
    let checked = filter.conditions.check(&fields()).map_err(Code::from)?;
    if !checked.groups().is_empty() {
        let lowered = filter::lower(&checked, column).map_err(Code::from)?;
        sql.push_str(" AND ");
        sql.push_str(&lowered.sql);
        values.extend(lowered.values);
    }
    Ok((sql, values))
}

fn orders(conn: &Connection, filter: &OrderFilter, page: Page) -> Result<Vec<OrderRow>, Fault> {
    let (before, limit) = page.bounds();
    let (narrowed, values) = narrowed(filter)?;
    let take = |more: &str, last: [Sql; 2], out: &mut Vec<OrderRow>| -> Result<(), Fault> {
        let sql = format!("{ORDER_ROW} {narrowed} AND {more}");
        let mut select = conn.prepare_cached(&sql)?;
        let values = values.iter().cloned().chain(last);
        let mut rows = select.query(rusqlite::params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            out.push(order_row(row)?);
        }
        Ok(())
    };
    let mut out = Vec::new();
    let first = [Sql::Integer(before), Sql::Integer(limit.into())];
    take("at < ? ORDER BY at DESC, id LIMIT ?", first, &mut out)?;
    // The next page begins before the last one's moment: who shares that moment comes with this one.
    if let Some(last) = out.last().filter(|_| out.len() == limit as usize) {
        let same = [
            Sql::Integer(last.ordered_at.0),
            Sql::Blob(id_blob(last.id.0).to_vec()),
        ];
        take("at = ? AND id > ? ORDER BY id", same, &mut out)?;
    }
    Ok(out)
}

impl Ledger {
    /// Orders, newest first.
    ///
    /// # Errors
    /// `BadCondition`, and what the file says.
    pub fn orders(&self, filter: &OrderFilter, page: Page) -> Result<Vec<OrderRow>, Code> {
        self.read(|conn| orders(conn, filter, page))
    }

    /// Gives `take` the named fields of every order that the filter keeps, newest first, one after
    /// the other at one moment of the file, however many there are.
    ///
    /// # Errors
    /// `BadField` for a field that orders don't have, `BadCondition`, what `take` refuses, and what
    /// the file says.
    pub fn each_order(
        &self,
        filter: &OrderFilter,
        wanted: &[&str],
        mut take: impl FnMut(&[Cell]) -> Result<(), Code>,
    ) -> Result<(), Code> {
        self.read(|conn| {
            let mut columns = Vec::with_capacity(wanted.len());
            for field in wanted {
                let unknown = || Code::BadField {
                    field: (*field).to_owned(),
                };
                let held = column(field).ok_or_else(unknown)?;
                // The day is made of the point in time where it is written.
                columns.push(if *field == "ordered_on" {
                    "at"
                } else {
                    held.sql
                });
            }
            let (narrowed, values) = narrowed(filter)?;
            let columns = columns.join(", ");
            let sql = format!("SELECT {columns} FROM document {narrowed} ORDER BY at DESC, id");
            let mut select = conn.prepare(&sql)?;
            let mut rows = select.query(rusqlite::params_from_iter(values))?;
            let mut cells = Vec::with_capacity(wanted.len());
            while let Some(row) = rows.next()? {
                cells.clear();
                for (at, field) in wanted.iter().enumerate() {
                    cells.push(read_cell(field, row, at)?);
                }
                take(&cells)?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
