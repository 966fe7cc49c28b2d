//! The SQL of `catalogue.db`: its schema, rows in and rows out. Writing is idempotent: a row is
//! replaced only by a change with a higher number (rule 4.12).

use super::CatalogueError;
use super::index::{DistributorRow, Index, ProductRow};
use domain::Timestamp;
use domain::distributor::Distributor;
use domain::id::{DistributorId, PriceBookId, ProductId};
use domain::money::Money;
use domain::product::{Price, PriceBook, Product};
use domain::quantity::UnitPrice;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::str::FromStr;
use wire::change::{Change, Cursor, Doc};

/// Schema steps in order; the n-th brings a file to `user_version` n.
const MIGRATIONS: [&str; 1] = [include_str!(
    "../../../../migrations/terminal/catalogue/0001_catalogue.sql"
)];

/// Brings a file to this program's schema, each step in its own transaction.
pub(super) fn migrate(db: &mut Connection) -> Result<(), CatalogueError> {
    let found: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let mut known = 0;
    for (version, sql) in (1u32..).zip(MIGRATIONS) {
        known = version;
        if version <= found {
            continue;
        }
        let step = db.transaction()?;
        step.execute_batch(sql)?;
        step.pragma_update(None, "user_version", version)?;
        step.commit()?;
    }
    if found > known {
        return Err(CatalogueError::Newer { found, known });
    }
    Ok(())
}

pub(super) fn cursor(db: &Connection) -> Result<Option<Cursor>, CatalogueError> {
    let text: Option<String> = db
        .query_row("SELECT cursor FROM meta", [], |row| row.get(0))
        .optional()?;
    text.map(|text| parsed(&text, "cursor", "meta")).transpose()
}

pub(super) fn set_cursor(db: &Connection, cursor: Cursor) -> Result<(), CatalogueError> {
    db.prepare_cached(
        "INSERT INTO meta (only, cursor) VALUES (1, ?1)
         ON CONFLICT (only) DO UPDATE SET cursor = excluded.cursor",
    )?
    .execute([cursor.to_string()])?;
    Ok(())
}

/// Writes one change; `false` if it is not of the catalogue or not newer than what is held.
pub(super) fn write(db: &Connection, change: &Change) -> Result<bool, CatalogueError> {
    let seq = i64::try_from(change.seq).unwrap_or(i64::MAX);
    let written = match &change.doc {
        Doc::Product(it) => db
            .prepare_cached(
                "INSERT INTO product (id, code, barcode, name, spec, unit, list_price,
                                      floor_price, active, seq)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (id) DO UPDATE SET code = excluded.code,
                     barcode = excluded.barcode, name = excluded.name, spec = excluded.spec,
                     unit = excluded.unit, list_price = excluded.list_price,
                     floor_price = excluded.floor_price, active = excluded.active,
                     seq = excluded.seq
                 WHERE excluded.seq > product.seq",
            )?
            .execute(params![
                it.id.to_string(),
                it.code,
                it.barcode,
                it.name,
                it.spec,
                it.unit,
                it.list_price.to_string(),
                it.floor_price.map(|price| price.to_string()),
                it.active,
                seq,
            ])?,
        Doc::PriceBook(it) => db
            .prepare_cached(
                "INSERT INTO price_book (id, name, seq) VALUES (?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, seq = excluded.seq
                 WHERE excluded.seq > price_book.seq",
            )?
            .execute(params![it.id.to_string(), it.name, seq])?,
        Doc::Price(it) => db
            .prepare_cached(
                "INSERT INTO price (price_book_id, product_id, unit_price, valid_from, valid_to,
                                    seq)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (price_book_id, product_id, valid_from) DO UPDATE SET
                     unit_price = excluded.unit_price, valid_to = excluded.valid_to,
                     seq = excluded.seq
                 WHERE excluded.seq > price.seq",
            )?
            .execute(params![
                it.price_book.to_string(),
                it.product.to_string(),
                it.unit_price.to_string(),
                it.valid_from.0,
                it.valid_to.map(|at| at.0),
                seq,
            ])?,
        Doc::Distributor(it) => db
            .prepare_cached(
                "INSERT INTO distributor (id, number, code, name, phone, region, price_book_id,
                                          credit_limit_fen, active, seq)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (id) DO UPDATE SET number = excluded.number, code = excluded.code,
                     name = excluded.name, phone = excluded.phone, region = excluded.region,
                     price_book_id = excluded.price_book_id,
                     credit_limit_fen = excluded.credit_limit_fen, active = excluded.active,
                     seq = excluded.seq
                 WHERE excluded.seq > distributor.seq",
            )?
            .execute(params![
                it.id.to_string(),
                it.number,
                it.code,
                it.name,
                it.phone,
                it.region,
                it.price_book.map(|book| book.to_string()),
                it.credit_limit_fen.map(Money::fen),
                it.active,
                seq,
            ])?,
        _ => 0,
    };
    Ok(written > 0)
}

const PRODUCT_BY_ID: &str =
    "SELECT id, code, barcode, name, spec, unit, list_price, floor_price, active
     FROM product WHERE id = ?1";

pub(super) const PRODUCT_BY_CODE: &str =
    "SELECT id, code, barcode, name, spec, unit, list_price, floor_price, active
     FROM product WHERE code = ?1 OR (barcode = ?1 AND barcode <> '')
     ORDER BY active DESC, code = ?1 DESC, code, id LIMIT 1";

pub(super) fn product(db: &Connection, id: ProductId) -> Result<Option<Product>, CatalogueError> {
    let mut select = db.prepare_cached(PRODUCT_BY_ID)?;
    let mut rows = select.query([id.to_string()])?;
    rows.next()?.map(read_product).transpose()
}

/// The product with this code, else the one with this barcode; one that is sold before one that
/// no longer is.
pub(super) fn product_by_code(
    db: &Connection,
    code: &str,
) -> Result<Option<Product>, CatalogueError> {
    let mut select = db.prepare_cached(PRODUCT_BY_CODE)?;
    let mut rows = select.query([code])?;
    rows.next()?.map(read_product).transpose()
}

fn read_product(row: &Row<'_>) -> Result<Product, CatalogueError> {
    let id: String = row.get(0)?;
    let price = |text: String| {
        UnitPrice::parse(&text).map_err(|_| CatalogueError::damaged("product", &id, "price"))
    };
    Ok(Product {
        id: parsed(&id, &id, "product")?,
        code: row.get(1)?,
        barcode: row.get(2)?,
        name: row.get(3)?,
        spec: row.get(4)?,
        unit: row.get(5)?,
        list_price: price(row.get(6)?)?,
        floor_price: row.get::<_, Option<String>>(7)?.map(price).transpose()?,
        active: row.get(8)?,
    })
}

/// What a product costs in a price book at a point in time, if the book says so then.
pub(super) fn price(
    db: &Connection,
    book: PriceBookId,
    product: ProductId,
    at: Timestamp,
) -> Result<Option<Price>, CatalogueError> {
    let mut select = db.prepare_cached(
        "SELECT unit_price, valid_from, valid_to FROM price
         WHERE price_book_id = ?1 AND product_id = ?2 AND valid_from <= ?3
           AND (valid_to IS NULL OR ?3 < valid_to)
         ORDER BY valid_from DESC LIMIT 1",
    )?;
    let mut rows = select.query(params![book.to_string(), product.to_string(), at.0])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let text: String = row.get(0)?;
    let unit_price = UnitPrice::parse(&text)
        .map_err(|_| CatalogueError::damaged("price", &product.to_string(), "unit_price"))?;
    Ok(Some(Price {
        price_book: book,
        product,
        unit_price,
        valid_from: Timestamp(row.get(1)?),
        valid_to: row.get::<_, Option<i64>>(2)?.map(Timestamp),
    }))
}

pub(super) fn price_book(
    db: &Connection,
    id: PriceBookId,
) -> Result<Option<PriceBook>, CatalogueError> {
    let mut select = db.prepare_cached("SELECT name FROM price_book WHERE id = ?1")?;
    let name = select
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    Ok(name.map(|name| PriceBook { id, name }))
}

pub(super) fn distributor(
    db: &Connection,
    id: DistributorId,
) -> Result<Option<Distributor>, CatalogueError> {
    let mut select = db.prepare_cached(
        "SELECT number, code, name, phone, region, price_book_id, credit_limit_fen, active
         FROM distributor WHERE id = ?1",
    )?;
    let mut rows = select.query([id.to_string()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let book: Option<String> = row.get(5)?;
    Ok(Some(Distributor {
        id,
        number: row.get(0)?,
        code: row.get(1)?,
        name: row.get(2)?,
        phone: row.get(3)?,
        region: row.get(4)?,
        price_book: book
            .map(|book| parsed(&book, &book, "distributor"))
            .transpose()?,
        credit_limit_fen: row.get::<_, Option<i64>>(6)?.map(Money::from_fen),
        active: row.get(7)?,
    }))
}

/// Reads every row that can be found into a fresh index, in the order of codes.
pub(super) fn build_index(db: &Connection) -> Result<Index, CatalogueError> {
    let mut index = Index::default();
    let mut select =
        db.prepare("SELECT id, code, barcode, name, spec FROM product WHERE active ORDER BY code")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let id = text(row, 0)?;
        index.put_product_row(&ProductRow {
            id: parsed(id, id, "product")?,
            code: text(row, 1)?,
            barcode: text(row, 2)?,
            name: text(row, 3)?,
            spec: text(row, 4)?,
        });
    }
    let mut select = db.prepare(
        "SELECT id, number, code, name, phone FROM distributor WHERE active ORDER BY code",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let id = text(row, 0)?;
        index.put_distributor_row(&DistributorRow {
            id: parsed(id, id, "distributor")?,
            number: row.get(1)?,
            code: text(row, 2)?,
            name: text(row, 3)?,
            phone: text(row, 4)?,
        });
    }
    index.finish();
    Ok(index)
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, CatalogueError> {
    Ok(row
        .get_ref(column)?
        .as_str()
        .map_err(rusqlite::Error::from)?)
}

pub(super) fn parsed<T: FromStr>(
    text: &str,
    row: &str,
    table: &'static str,
) -> Result<T, CatalogueError> {
    text.parse()
        .map_err(|_| CatalogueError::damaged(table, row, "id"))
}
