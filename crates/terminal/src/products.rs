//! Product search for one distributor: its recent products first, at its prices.

use crate::api::Context;
use crate::api::orders::{ProductRow, ProductSearch};
use crate::ledger::Fault;
use domain::Code;

/// How many recent products rank first.
const RECENT: u32 = 200;

/// Finds products with a distributor's prices.
///
/// # Errors
/// What the files say.
pub fn search(context: &Context<'_>, input: ProductSearch) -> Result<Vec<ProductRow>, Code> {
    let terminal = context.terminal;
    let (book, recent) = match input.distributor {
        Some(id) => (
            crate::distributors::find(terminal, id)?.price_book,
            terminal.ledger().recent_products(id, RECENT)?,
        ),
        None => (None, Vec::new()),
    };
    let now = terminal.ledger().env().now();
    let as_of = terminal.catalogue_as_of().unwrap_or(now);
    let hits = terminal
        .catalogue()
        .search_products(&input.query, &recent, input.limit as usize, book, now)
        .map_err(|error| Fault::from(error).into_code("product_search"))?;
    Ok(hits
        .into_iter()
        .map(|hit| ProductRow {
            id: hit.priced.product.id,
            code: hit.priced.product.code,
            barcode: hit.priced.product.barcode,
            name: hit.priced.product.name,
            spec: hit.priced.product.spec,
            unit: hit.priced.product.unit,
            unit_price: hit.priced.unit_price,
            price_book: hit.priced.price_book,
            as_of,
        })
        .collect())
}
