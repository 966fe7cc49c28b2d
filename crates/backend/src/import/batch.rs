//! Several files as one batch: what they name is looked up among what the company has and what the
//! same batch brings. A code that the company has keeps its identity and takes the file's values; a
//! column that a file lacks changes nothing.

use super::{
    ImportError, Limits, Problem, Reason, Report, Watch, name_of, past_order, read_distributors,
    read_history, read_prices, read_products,
};
use crate::store::{Batch, Known};
use domain::distributor::Distributor;
use domain::id::{DistributorId, PriceBookId, ProductId, StaffId};
use domain::product::{Price, PriceBook, Product};
use std::path::{Path, PathBuf};
use uuid::Uuid;
use wire::Env;
use wire::keys::Hash;

/// The files of one import; any may be missing.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Products.
    pub products: Option<PathBuf>,
    /// Prices.
    pub prices: Option<PathBuf>,
    /// Distributors.
    pub distributors: Option<PathBuf>,
    /// Past orders.
    pub orders: Option<PathBuf>,
}

/// Reads the files and makes the batch. Nothing is written here.
///
/// # Errors
/// See [`ImportError`]; a report covers the first file that has problems.
pub fn prepare(
    files: &Files,
    mut known: Known,
    staff: StaffId,
    env: &dyn Env,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<Batch, ImportError> {
    let mut batch = Batch::default();
    if let Some(path) = &files.products {
        products(path, &mut known, &mut batch, env, limits, watch)?;
    }
    if let Some(path) = &files.prices {
        prices(path, &mut known, &mut batch, env, limits, watch)?;
    }
    if let Some(path) = &files.distributors {
        distributors(path, &mut known, &mut batch, env, limits, watch)?;
    }
    if let Some(path) = &files.orders {
        orders(path, &known, &mut batch, staff, limits, watch)?;
    }
    Ok(batch)
}

fn products(
    path: &Path,
    known: &mut Known,
    batch: &mut Batch,
    env: &dyn Env,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<(), ImportError> {
    for row in read_products(path, limits, watch)? {
        let held = known.products.get(&row.code);
        let kept = |new: String, old: fn(&Product) -> &String| match held {
            Some(product) if new.is_empty() => old(product).clone(),
            _ => new,
        };
        let product = Product {
            id: held.map_or_else(|| ProductId(env.uuid()), |product| product.id),
            barcode: kept(row.barcode, |product| &product.barcode),
            spec: kept(row.spec, |product| &product.spec),
            unit: kept(row.unit, |product| &product.unit),
            floor_price: row
                .floor_price
                .or(held.and_then(|product| product.floor_price)),
            code: row.code,
            name: row.name,
            list_price: row.list_price,
            active: true,
        };
        known.products.insert(product.code.clone(), product.clone());
        batch.products.push(product);
    }
    Ok(())
}

fn prices(
    path: &Path,
    known: &mut Known,
    batch: &mut Batch,
    env: &dyn Env,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<(), ImportError> {
    let there = |code: &str| known.products.contains_key(code);
    let rows = read_prices(path, limits, &there, watch)?;
    for row in rows {
        let Some(product) = known.products.get(&row.product).map(|product| product.id) else {
            continue;
        };
        let price_book = match known.price_books.get(&row.price_book) {
            Some(book) => book.id,
            None => {
                let book = PriceBook {
                    id: PriceBookId(env.uuid()),
                    name: row.price_book.clone(),
                };
                batch.price_books.push(book.clone());
                known.price_books.insert(row.price_book, book.clone());
                book.id
            }
        };
        batch.prices.push(Price {
            price_book,
            product,
            unit_price: row.unit_price,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        });
    }
    Ok(())
}

fn distributors(
    path: &Path,
    known: &mut Known,
    batch: &mut Batch,
    env: &dyn Env,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<(), ImportError> {
    let mut report = Report::default();
    for row in read_distributors(path, limits, watch)? {
        let held = known.distributors.get(&row.code);
        let book = known.price_books.get(&row.price_book).map(|book| book.id);
        if book.is_none() && !row.price_book.is_empty() {
            report.add(Problem {
                file: name_of(path),
                row: row.row,
                column: "price book".to_owned(),
                reason: Reason::Unknown {
                    what: "price book",
                    code: row.price_book,
                },
            });
            continue;
        }
        let kept = |new: String, old: fn(&Distributor) -> &String| match held {
            Some(distributor) if new.is_empty() => old(distributor).clone(),
            _ => new,
        };
        let distributor = Distributor {
            id: held.map_or_else(|| DistributorId(env.uuid()), |held| held.id),
            number: held.map_or(0, |held| held.number),
            phone: kept(row.phone, |held| &held.phone),
            region: kept(row.region, |held| &held.region),
            price_book: book.or(held.and_then(|held| held.price_book)),
            credit_limit_fen: row
                .credit_limit_fen
                .or(held.and_then(|h| h.credit_limit_fen)),
            code: row.code,
            name: row.name,
            active: true,
        };
        known
            .distributors
            .insert(distributor.code.clone(), distributor.clone());
        batch.distributors.push(distributor);
    }
    if report.total > 0 {
        Err(ImportError::Rejected(report))
    } else {
        Ok(())
    }
}

fn orders(
    path: &Path,
    known: &Known,
    batch: &mut Batch,
    staff: StaffId,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<(), ImportError> {
    let mut report = Report::default();
    for invoice in read_history(path, limits, watch)? {
        let before = report.total;
        let mut problem = |row, column: &str, reason| {
            let (file, column) = (name_of(path), column.to_owned());
            report.add(Problem {
                file,
                row,
                column,
                reason,
            });
        };
        let buyer = known.distributors.get(&invoice.customer);
        if buyer.is_none() {
            let code = invoice.customer.clone();
            problem(
                invoice.row,
                "customer",
                Reason::Unknown {
                    what: "distributor",
                    code,
                },
            );
        }
        for line in invoice
            .lines
            .iter()
            .filter(|line| !known.products.contains_key(&line.code))
        {
            let code = line.code.clone();
            problem(
                line.row,
                "code",
                Reason::Unknown {
                    what: "product",
                    code,
                },
            );
        }
        let Some(buyer) = buyer.filter(|_| report.total == before) else {
            continue;
        };
        let product = |code: &str| known.products.get(code);
        let order = past_order(
            &invoice,
            order_id(&invoice.number),
            staff,
            buyer,
            |code| product(code).map(|product| product.id),
            |code| {
                product(code)
                    .map(|product| product.unit.clone())
                    .unwrap_or_default()
            },
        );
        match order {
            Ok(order) => batch.history.push(order),
            Err(code) => report.add(Problem {
                file: name_of(path),
                row: invoice.row,
                column: String::new(),
                reason: Reason::Refused(format!("order {}: {code}", invoice.number)),
            }),
        }
    }
    if report.total > 0 {
        Err(ImportError::Rejected(report))
    } else {
        Ok(())
    }
}

/// The same past order, imported again, is the same order.
fn order_id(number: &str) -> Uuid {
    let hash = Hash::of(format!("fieldtill past order\n{number}").as_bytes()).0;
    let mut random = [0u8; 10];
    random.copy_from_slice(&hash[..10]);
    uuid::Builder::from_unix_timestamp_millis(0, &random).into_uuid()
}
