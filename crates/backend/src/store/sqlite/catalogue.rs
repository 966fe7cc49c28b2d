//! Takes over products, prices, distributors and earlier orders in batches: all or nothing, and
//! each row its own step of the feed, because none depends on another.

use super::rows::{document, documents, run, text};
use super::work::Work;
use super::{load, sql};
use crate::facts::Write;
use crate::store::{Known, StoreError};
use domain::distributor::Distributor;
use domain::history::CatalogueItem;
use domain::id::OpId;
use domain::order::SalesOrder;
use domain::product::{Price, PriceBook, Product};
use rusqlite::{Connection, params};
use wire::change::Doc;

pub(super) fn products(work: &mut Work<'_>, rows: &[Product]) -> Result<(), StoreError> {
    for row in rows {
        put(work, CatalogueItem::Product(row.clone()), None)?;
    }
    work.flush(false)?;
    Ok(())
}

pub(super) fn price_books(work: &mut Work<'_>, rows: &[PriceBook]) -> Result<(), StoreError> {
    for row in rows {
        put(work, CatalogueItem::PriceBook(row.clone()), None)?;
    }
    work.flush(false)?;
    Ok(())
}

pub(super) fn prices(work: &mut Work<'_>, rows: &[Price]) -> Result<(), StoreError> {
    for row in rows {
        put(work, CatalogueItem::Price(row.clone()), None)?;
    }
    work.flush(false)?;
    Ok(())
}

/// Writes one thing of the catalogue and gathers its change.
pub(super) fn put(
    work: &mut Work<'_>,
    item: CatalogueItem,
    cause: Option<OpId>,
) -> Result<(), StoreError> {
    let doc = match item {
        CatalogueItem::Product(row) => {
            let values = params![work.company, row.id.to_string(), row.code, text(&row)?];
            run(work.tx, sql::PRODUCT_PUT, values)?;
            Doc::Product(row)
        }
        CatalogueItem::PriceBook(row) => {
            let values = params![work.company, row.id.to_string(), text(&row)?];
            run(work.tx, sql::PRICE_BOOK_PUT, values)?;
            Doc::PriceBook(row)
        }
        CatalogueItem::Price(row) => {
            let values = params![
                work.company,
                row.price_book.to_string(),
                row.product.to_string(),
                row.valid_from.0,
                text(&row)?
            ];
            run(work.tx, sql::PRICE_PUT, values)?;
            Doc::Price(row)
        }
        CatalogueItem::Distributor(row) => {
            work.put_distributor(&row)?;
            Doc::Distributor(row)
        }
    };
    work.change(None, cause, doc);
    Ok(())
}

pub(super) fn distributors(work: &mut Work<'_>, rows: &[Distributor]) -> Result<(), StoreError> {
    for row in rows {
        let key = params![work.company, row.id.to_string()];
        let held: Option<Distributor> =
            document(work.tx, sql::DISTRIBUTOR_GET, key, "distributor")?;
        let number = match (held, row.number) {
            (Some(held), _) => held.number,
            (None, 0) => work.take("distributor")?,
            (None, number) => {
                let next = load::counter(work.tx, &work.company, "distributor")?;
                let next = next.max(number.saturating_add(1));
                work.apply(vec![Write::NextDistributor(next)], None)?;
                number
            }
        };
        let code = if row.code.is_empty() {
            format!("N{number}")
        } else {
            row.code.clone()
        };
        let doc = Distributor {
            number,
            code,
            ..row.clone()
        };
        put(work, CatalogueItem::Distributor(doc), None)?;
    }
    work.flush(false)?;
    Ok(())
}

pub(super) fn history_orders(work: &mut Work<'_>, rows: &[SalesOrder]) -> Result<(), StoreError> {
    for row in rows {
        work.put_order(row, true)?;
        work.change(None, None, Doc::SalesOrder(row.clone()));
    }
    work.apply(Vec::new(), None)?;
    work.flush(false)?;
    Ok(())
}

pub(super) fn known(tx: &Connection, company: &str) -> Result<Known, StoreError> {
    let products: Vec<Product> = documents(tx, sql::PRODUCT_ALL, params![company], "product")?;
    let books: Vec<PriceBook> = documents(tx, sql::PRICE_BOOK_ALL, params![company], "price book")?;
    let prices: Vec<Price> = documents(tx, sql::PRICE_ALL, params![company], "price")?;
    let distributors: Vec<Distributor> =
        documents(tx, sql::DISTRIBUTOR_ALL, params![company], "distributor")?;
    Ok(Known {
        products: products
            .into_iter()
            .map(|row| (row.code.clone(), row))
            .collect(),
        price_books: books
            .into_iter()
            .map(|row| (row.name.clone(), row))
            .collect(),
        prices: prices
            .into_iter()
            .map(|row| ((row.price_book, row.product, row.valid_from), row))
            .collect(),
        distributors: distributors
            .into_iter()
            .map(|row| (row.code.clone(), row))
            .collect(),
    })
}
