//! Past orders as documents. They are closed and owe nothing: what an earlier system settled is not
//! settled again, and no money is posted for it.

use super::{HistoryInvoice, HistoryLine};
use domain::code::Code;
use domain::distributor::Distributor;
use domain::id::{OpId, OrderId, ProductId, StaffId, TerminalId};
use domain::money::Money;
use domain::order::{OrderContent, OrderLine, OrderState, SalesOrder};
use domain::product::Product;
use domain::quantity::{LineDiscount, line_amount};
use uuid::Uuid;

/// The order that an invoice was.
///
/// # Errors
/// An amount that is out of range.
pub fn past_order(
    invoice: &HistoryInvoice,
    id: Uuid,
    staff: StaffId,
    buyer: &Distributor,
    product: impl Fn(&str) -> Option<ProductId>,
    unit: impl Fn(&str) -> String,
) -> Result<SalesOrder, Code> {
    let lines = invoice.lines.iter().enumerate().map(|(at, line)| {
        let row = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let product = product(&line.code).ok_or_else(|| Code::NotFound {
            what: format!("product {}", line.code),
        })?;
        order_line(invoice, line, product, unit(&line.code)).ok_or(Code::AmountTooLarge { row })
    });
    let content = OrderContent {
        distributor: buyer.id,
        distributor_name: buyer.name.clone(),
        lines: lines.collect::<Result<_, Code>>()?,
        discount: LineDiscount::None,
        payment_method: None,
        remark: String::new(),
    };
    let total_fen = content.totals()?.total_fen;
    Ok(SalesOrder {
        id: OrderId(id),
        number: invoice.number.clone(),
        revision: 1,
        revised_by: OpId(id),
        revisions: Vec::new(),
        state: OrderState::Closed,
        content,
        total_fen,
        paid_fen: total_fen.max(Money::ZERO),
        staff,
        terminal: TerminalId(0),
        ordered_at: invoice.at,
    })
}

fn order_line(
    invoice: &HistoryInvoice,
    line: &HistoryLine,
    product: ProductId,
    unit: String,
) -> Option<OrderLine> {
    let discount = LineDiscount::None;
    Some(OrderLine {
        product,
        code: line.code.clone(),
        name: if line.name.is_empty() {
            line.code.clone()
        } else {
            line.name.clone()
        },
        unit,
        quantity: line.quantity,
        unit_price: line.unit_price,
        discount,
        price_book: None,
        price_as_of: invoice.at,
        amount_fen: line_amount(line.quantity, line.unit_price, &discount).ok()?,
    })
}

/// The products that past orders name, in the order in which they first stand there.
pub fn named_products(
    invoices: &[HistoryInvoice],
    make: impl Fn(&HistoryLine) -> Product,
) -> Vec<Product> {
    let mut places = std::collections::HashMap::new();
    let mut products: Vec<Product> = Vec::new();
    for line in invoices.iter().flat_map(|invoice| &invoice.lines) {
        let place = *places.entry(line.code.as_str()).or_insert_with(|| {
            products.push(make(line));
            products.len() - 1
        });
        let product: &mut Product = &mut products[place];
        // The first name that says something, the first price that is one.
        if product.name == product.code && !line.name.is_empty() {
            product.name.clone_from(&line.name);
        }
        if product.list_price.decimal().is_zero() {
            product.list_price = line.unit_price;
        }
    }
    products
}
