//! Several files as one batch: what they name is looked up among what the company has and what the
//! same batch brings. A code that the company has keeps its identity and takes the file's values; a
//! column that a file lacks changes nothing.

use super::{
    ImportError, Limits, Named, Problem, Reason, Report, Source, Watch, past_order,
    read_distributors, read_history, read_prices, read_products,
};
use crate::store::{Batch, Known};
use domain::distributor::Distributor;
use domain::id::{DistributorId, PriceBookId, ProductId, StaffId};
use domain::product::{Price, PriceBook, Product};
use uuid::Uuid;
use wire::Env;
use wire::keys::Hash;

/// The files of one import; any may be missing.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Products.
    pub products: Option<Source>,
    /// Prices.
    pub prices: Option<Source>,
    /// Distributors.
    pub distributors: Option<Source>,
    /// Past orders.
    pub orders: Option<Source>,
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
    if let Some(from) = &files.products {
        products(from, &mut known, &mut batch, env, limits, watch)?;
    }
    if let Some(from) = &files.prices {
        prices(from, &mut known, &mut batch, env, limits, watch)?;
    }
    if let Some(from) = &files.distributors {
        distributors(from, &mut known, &mut batch, env, limits, watch)?;
    }
    if let Some(from) = &files.orders {
        orders(from, &known, &mut batch, staff, limits, watch)?;
    }
    Ok(batch)
}

fn products(
    from: &Source,
    known: &mut Known,
    batch: &mut Batch,
    env: &dyn Env,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<(), ImportError> {
    for row in read_products(from, limits, watch)? {
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
        if batch.counts.count(held, &product) {
            known.products.insert(product.code.clone(), product.clone());
            batch.products.push(product);
        }
    }
    Ok(())
}

fn prices(
    from: &Source,
    known: &mut Known,
    batch: &mut Batch,
    env: &dyn Env,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<(), ImportError> {
    let there = |code: &str| known.products.contains_key(code);
    let rows = read_prices(from, limits, &there, watch)?;
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
        let price = Price {
            price_book,
            product,
            unit_price: row.unit_price,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        };
        let held = known.prices.get(&(price_book, product, row.valid_from));
        if batch.counts.count(held, &price) {
            batch.prices.push(price);
        }
    }
    Ok(())
}

fn distributors(
    from: &Source,
    known: &mut Known,
    batch: &mut Batch,
    env: &dyn Env,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<(), ImportError> {
    let mut report = Report::default();
    for row in read_distributors(from, limits, watch)? {
        let held = known.distributors.get(&row.code);
        let book = known.price_books.get(&row.price_book).map(|book| book.id);
        if book.is_none() && !row.price_book.is_empty() {
            report.add(Problem {
                file: from.name(),
                row: row.row,
                column: "price book".to_owned(),
                reason: Reason::Unknown {
                    what: Named::PriceBook,
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
        if batch.counts.count(held, &distributor) {
            batch.distributors.push(distributor.clone());
            known
                .distributors
                .insert(distributor.code.clone(), distributor);
        }
    }
    if report.total > 0 {
        Err(ImportError::Rejected(report))
    } else {
        Ok(())
    }
}

fn orders(
    from: &Source,
    known: &Known,
    batch: &mut Batch,
    staff: StaffId,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<(), ImportError> {
    let mut report = Report::default();
    for invoice in read_history(from, limits, watch)? {
        let before = report.total;
        let mut problem = |row, column: &str, reason| {
            let (file, column) = (from.name(), column.to_owned());
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
                    what: Named::Distributor,
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
                    what: Named::Product,
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
                file: from.name(),
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
