//! Orders of an earlier system: one row a line, invoices in the file's own order, returns and
//! cancellations included. Nothing is corrected here; what was sold at 0, or twice, was.

use super::records::{date, price, reason};
use super::table::{self, Column};
use super::{ImportError, Limits, Measure, Reason, Source, Watch};
use domain::Timestamp;
use domain::quantity::{Quantity, UnitPrice};
use std::collections::HashMap;

/// One past order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryInvoice {
    /// The row of its first line.
    pub row: u64,
    /// Its number in the earlier system.
    pub number: String,
    /// When it was made.
    pub at: Timestamp,
    /// The buyer's code; empty for a passer-by.
    pub customer: String,
    /// Its lines in the file's order.
    pub lines: Vec<HistoryLine>,
}

/// One line of a past order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// Its row in the file.
    pub row: u64,
    /// The product's code.
    pub code: String,
    /// What the line calls it; may be empty.
    pub name: String,
    /// How many; negative on a return.
    pub quantity: Quantity,
    /// Yuan per unit.
    pub unit_price: UnitPrice,
}

const HISTORY: &[Column] = &[
    Column {
        field: "number",
        names: &["invoice no", "order number", "订单编号", "单号"],
        required: true,
    },
    Column {
        field: "code",
        names: &["stock code", "code", "产品编码", "商品编码", "编码"],
        required: true,
    },
    Column {
        field: "name",
        names: &["description", "name", "产品名称", "名称"],
        required: false,
    },
    Column {
        field: "quantity",
        names: &["quantity", "数量"],
        required: true,
    },
    Column {
        field: "date",
        names: &["invoice date", "date", "日期", "下单日期"],
        required: true,
    },
    Column {
        field: "price",
        names: &["unit price", "单价", "价格"],
        required: true,
    },
    Column {
        field: "customer",
        names: &["customer id", "customer", "客户编码", "经销商编码"],
        required: true,
    },
];

/// Reads past orders. Lines with the same number make one order, placed where it first stands.
///
/// # Errors
/// See [`ImportError`]. An order with more lines than an order may have is a problem of its row.
pub fn read_history(
    from: &Source,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<Vec<HistoryInvoice>, ImportError> {
    let mut invoices: Vec<HistoryInvoice> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    table::read(from, HISTORY, limits, watch, |table, row| {
        let number = table.needed(row, "number").map(str::to_owned);
        let code = table.needed(row, "code").map(str::to_owned);
        let quantity = table.needed(row, "quantity").and_then(|text| {
            let read = Quantity::parse(text);
            read.map_err(|error| table.problem(row, "quantity", reason(text, error)))
                .ok()
        });
        let at = table
            .needed(row, "date")
            .and_then(|text| date(table, row, "date", text));
        let unit_price = table.needed(row, "price");
        let unit_price = unit_price.and_then(|text| price(table, row, "price", text));
        let (Some(number), Some(code), Some(quantity), Some(at), Some(unit_price)) =
            (number, code, quantity, at, unit_price)
        else {
            return;
        };
        let customer = table.text(row, "customer");
        let place = *places.entry(number.clone()).or_insert_with(|| {
            let customer = customer.to_owned();
            let (row, lines) = (row.number, Vec::new());
            invoices.push(HistoryInvoice {
                row,
                number,
                at,
                customer,
                lines,
            });
            invoices.len() - 1
        });
        let invoice = &mut invoices[place];
        if invoice.customer != customer {
            let text = format!(
                "order {} has another customer in an earlier row",
                invoice.number
            );
            table.problem(row, "customer", Reason::Refused(text));
        }
        if invoice.lines.len() == domain::order::MAX_LINES {
            let limit = domain::order::MAX_LINES as u64;
            table.problem(
                row,
                "number",
                Reason::Limit {
                    what: Measure::OrderLines,
                    limit,
                },
            );
            return;
        }
        let name = table.text(row, "name").to_owned();
        invoice.lines.push(HistoryLine {
            row: row.number,
            code,
            name,
            quantity,
            unit_price,
        });
    })?;
    Ok(invoices)
}
