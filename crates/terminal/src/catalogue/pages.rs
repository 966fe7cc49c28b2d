//! The whole catalogue page by page, in the order of codes, what is retired too: for whoever looks
//! after it. Search in one box is the index's.

use super::{Catalogue, CatalogueError, rows};
use domain::Timestamp;
use domain::distributor::Distributor;
use domain::history::{CatalogueItem, CatalogueKey};
use domain::id::{DistributorId, PriceBookId, ProductId};
use domain::product::{Price, PriceBook, Product};
use domain::quantity::UnitPrice;
use rusqlite::{Connection, params};

/// A part of a list.
#[derive(Clone, Copy, Debug)]
pub struct CodePage<'a> {
    /// Part of a code or name, in any case; empty for all.
    pub text: &'a str,
    /// Only codes behind this one; `None` for the first page.
    pub after: Option<&'a str>,
    /// At most how many.
    pub limit: u32,
}

impl Catalogue {
    /// Products with every price that price books give them.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn product_page(
        &self,
        page: CodePage<'_>,
    ) -> Result<Vec<(Product, Vec<Price>)>, CatalogueError> {
        self.read(|db| {
            let ids = codes::<ProductId>(db, "product", page)?;
            let mut out = Vec::with_capacity(ids.len());
            for id in ids {
                if let Some(product) = rows::product(db, id)? {
                    out.push((product, prices_of(db, id)?));
                }
            }
            Ok(out)
        })
    }

    /// Distributors.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn distributor_page(&self, page: CodePage<'_>) -> Result<Vec<Distributor>, CatalogueError> {
        self.read(|db| {
            let ids = codes::<DistributorId>(db, "distributor", page)?;
            let mut out = Vec::with_capacity(ids.len());
            for id in ids {
                out.extend(rows::distributor(db, id)?);
            }
            Ok(out)
        })
    }

    /// Price books by name, each with how many products it prices and how many distributors buy by it.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn price_books(&self) -> Result<Vec<(PriceBook, u32, u32)>, CatalogueError> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT id, name,
                    (SELECT count(DISTINCT product_id) FROM price WHERE price_book_id = id),
                    (SELECT count(*) FROM distributor d WHERE d.price_book_id = price_book.id)
                 FROM price_book ORDER BY name, id",
            )?;
            let mut found = select.query([])?;
            let mut out = Vec::new();
            while let Some(row) = found.next()? {
                let id: String = row.get(0)?;
                let book = PriceBook {
                    id: rows::parsed(&id, &id, "price_book")?,
                    name: row.get(1)?,
                };
                out.push((book, row.get(2)?, row.get(3)?));
            }
            Ok(out)
        })
    }

    /// One thing as it is held here.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn item(&self, key: CatalogueKey) -> Result<Option<CatalogueItem>, CatalogueError> {
        self.read(|db| {
            Ok(match key {
                CatalogueKey::Product(id) => rows::product(db, id)?.map(CatalogueItem::Product),
                CatalogueKey::PriceBook(id) => {
                    rows::price_book(db, id)?.map(CatalogueItem::PriceBook)
                }
                CatalogueKey::Price(book, product, from) => {
                    let mut prices = prices_of(db, product)?;
                    prices.retain(|price| (price.price_book, price.valid_from) == (book, from));
                    prices.pop().map(CatalogueItem::Price)
                }
                CatalogueKey::Distributor(id) => {
                    rows::distributor(db, id)?.map(CatalogueItem::Distributor)
                }
            })
        })
    }
}

fn codes<Id: std::str::FromStr>(
    db: &Connection,
    table: &'static str,
    page: CodePage<'_>,
) -> Result<Vec<Id>, CatalogueError> {
    // A code is unique at the backend, so it alone says where a page ends.
    let sql = format!(
        "SELECT id FROM {table}
         WHERE code > ?1
           AND (?2 = '' OR instr(lower(code), lower(?2)) > 0 OR instr(lower(name), lower(?2)) > 0)
         ORDER BY code LIMIT ?3"
    );
    let mut select = db.prepare_cached(&sql)?;
    let after = page.after.unwrap_or_default();
    let mut found = select.query(params![after, page.text.trim(), page.limit])?;
    let mut out = Vec::new();
    while let Some(row) = found.next()? {
        let id: String = row.get(0)?;
        out.push(rows::parsed(&id, &id, table)?);
    }
    Ok(out)
}

fn prices_of(db: &Connection, product: ProductId) -> Result<Vec<Price>, CatalogueError> {
    let mut select = db.prepare_cached(
        "SELECT p.price_book_id, p.unit_price, p.valid_from, p.valid_to
         FROM price_book b JOIN price p ON p.price_book_id = b.id AND p.product_id = ?1
         ORDER BY b.name, b.id, p.valid_from",
    )?;
    let id = product.to_string();
    let mut found = select.query([&id])?;
    let mut out = Vec::new();
    while let Some(row) = found.next()? {
        let (book, text): (String, String) = (row.get(0)?, row.get(1)?);
        let price_book: PriceBookId = rows::parsed(&book, &book, "price")?;
        out.push(Price {
            price_book,
            product,
            unit_price: UnitPrice::parse(&text)
                .map_err(|_| CatalogueError::damaged("price", &id, "unit_price"))?,
            valid_from: Timestamp(row.get(2)?),
            valid_to: row.get::<_, Option<i64>>(3)?.map(Timestamp),
        });
    }
    Ok(out)
}
