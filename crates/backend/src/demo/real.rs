//! A company made from a folder of real files: a shop's products, a wholesaler's month of invoices,
//! and the names of regions. Prices of the invoices are pounds in truth and are read as yuan, which
//! is said where the program speaks. Lines are taken as they stand: repeated, negative, at 0.

use super::seeded::{Seeded, ean13, id, number_of, phone};
use crate::import::{
    HistoryInvoice, ImportError, Limits, ProductRow, Watch, named_products, past_order,
    read_history, read_products, read_regions,
};
use crate::store::Batch;
use domain::Timestamp;
use domain::code::Code;
use domain::distributor::Distributor;
use domain::id::{DistributorId, PriceBookId, ProductId, StaffId};
use domain::product::{Price, PriceBook, Product};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

const PRODUCTS: &str = "litemall_products.csv";
const REGIONS: &str = "litemall_regions.csv";
const INVOICES: &str = "uci_online_retail_536365_539999.csv.gz";
const PHONE_SEED: u64 = 536_365;
/// Who buys without a number.
const PASSER_BY: &str = "散客";

/// Why a folder did not become a company. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum RealError {
    /// A file of it.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A past order can't be one of ours.
    #[error("{}: order {number} can't be taken over: {code}", path.display())]
    Order {
        /// The file.
        path: PathBuf,
        /// The order.
        number: String,
        /// Why.
        code: Code,
    },
}

/// What was made, in words for whoever started the program.
pub(super) fn notes(batch: &Batch) -> Vec<String> {
    vec![
        format!(
            "{} products, {} distributors, {} past orders; barcodes are made from codes, phones \
             from seed {PHONE_SEED}",
            batch.products.len(),
            batch.distributors.len(),
            batch.history.len()
        ),
        "prices of the invoices are read as yuan (the file is in pounds)".to_owned(),
        "data: UCI Online Retail (D. Chen, 2015), CC BY 4.0; linlinjava/litemall, MIT".to_owned(),
    ]
}

/// Reads the folder.
pub(super) fn make(
    folder: &Path,
    staff: StaffId,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<Batch, RealError> {
    let shop = read_products(&folder.join(PRODUCTS).into(), limits, watch)?;
    let regions = read_regions(&folder.join(REGIONS).into(), limits, watch)?;
    let path = folder.join(INVOICES);
    let invoices = read_history(&path.clone().into(), limits, watch)?;
    let mut batch = Batch::default();
    let mut barcodes = HashSet::new();
    take_shop(&mut batch, shop, &mut barcodes);
    take_named(&mut batch, &invoices, &mut barcodes);
    let buyers = take_buyers(&mut batch, &invoices, &regions);
    let known: HashMap<&str, &Product> = batch
        .products
        .iter()
        .map(|product| (product.code.as_str(), product))
        .collect();
    let mut history = Vec::with_capacity(invoices.len());
    for invoice in &invoices {
        let Some(buyer) = buyers
            .get(invoice.customer.as_str())
            .map(|at| &batch.distributors[*at])
        else {
            continue;
        };
        let made = past_order(
            invoice,
            id("past order", &invoice.number),
            staff,
            buyer,
            |code| known.get(code).map(|product| product.id),
            |code| {
                known
                    .get(code)
                    .map(|product| product.unit.clone())
                    .unwrap_or_default()
            },
        );
        history.push(made.map_err(|code| RealError::Order {
            path: path.clone(),
            number: invoice.number.clone(),
            code,
        })?);
    }
    batch.history = history;
    Ok(batch)
}

/// A barcode that no product before it has.
fn barcode(taken: &mut HashSet<String>, code: &str) -> String {
    let mut made = ean13(code);
    let mut turn = 1;
    while !taken.insert(made.clone()) {
        made = ean13(&format!("{code} {turn}"));
        turn += 1;
    }
    made
}

fn take_shop(batch: &mut Batch, rows: Vec<ProductRow>, barcodes: &mut HashSet<String>) {
    let book = PriceBook {
        id: PriceBookId(id("price_book", "零售价")),
        name: "零售价".into(),
    };
    for row in rows {
        let product = ProductId(id("product", &row.code));
        if let Some(unit_price) = row.retail_price {
            batch.prices.push(Price {
                price_book: book.id,
                product,
                unit_price,
                valid_from: Timestamp(0),
                valid_to: None,
            });
        }
        let made = barcode(barcodes, &row.code);
        batch.products.push(Product {
            id: product,
            barcode: if row.barcode.is_empty() {
                made
            } else {
                row.barcode
            },
            code: row.code,
            name: row.name,
            spec: row.spec,
            unit: if row.unit.is_empty() {
                "件".into()
            } else {
                row.unit
            },
            list_price: row.list_price,
            floor_price: row.floor_price,
            active: true,
        });
    }
    batch.price_books.push(book);
}

/// The second set: what the invoices name. A code that the shop has too stays the shop's.
fn take_named(batch: &mut Batch, invoices: &[HistoryInvoice], barcodes: &mut HashSet<String>) {
    let held: HashSet<String> = batch.products.iter().map(|p| p.code.clone()).collect();
    let named = named_products(invoices, |line| Product {
        id: ProductId(id("product", &line.code)),
        code: line.code.clone(),
        barcode: String::new(),
        name: line.code.clone(),
        spec: String::new(),
        unit: "件".into(),
        list_price: domain::quantity::UnitPrice::ZERO,
        floor_price: None,
        active: true,
    });
    let fresh = named
        .into_iter()
        .filter(|product| !held.contains(&product.code));
    let with_barcode = fresh.map(|product| {
        let barcode = barcode(barcodes, &product.code);
        Product { barcode, ..product }
    });
    batch.products.extend(with_barcode);
}

/// Each customer number becomes a distributor named by a region; where each stands in the batch.
fn take_buyers<'i>(
    batch: &mut Batch,
    invoices: &'i [HistoryInvoice],
    regions: &[(String, String)],
) -> HashMap<&'i str, usize> {
    let mut seeded = Seeded::new(PHONE_SEED);
    let book = batch.price_books.first().map(|book| book.id);
    let mut places: HashMap<&str, usize> = HashMap::new();
    for invoice in invoices {
        let customer = invoice.customer.as_str();
        if places.contains_key(customer) {
            continue;
        }
        places.insert(customer, batch.distributors.len());
        let number = u32::try_from(batch.distributors.len() + 1).unwrap_or(0);
        let pick = number_of(customer) % (regions.len().max(1) as u64);
        let (name, region) = usize::try_from(pick)
            .ok()
            .and_then(|pick| regions.get(pick).cloned())
            .unwrap_or_default();
        let passer_by = customer.is_empty();
        let code = if passer_by {
            PASSER_BY.to_owned()
        } else {
            customer.to_owned()
        };
        batch.distributors.push(Distributor {
            id: DistributorId(id("distributor", &code)),
            number,
            name: if passer_by {
                PASSER_BY.to_owned()
            } else {
                format!("{name}{customer}")
            },
            code,
            phone: if passer_by {
                String::new()
            } else {
                phone(&mut seeded)
            },
            region: if passer_by { String::new() } else { region },
            price_book: book.filter(|_| number % 2 == 0),
            credit_limit_fen: None,
            active: true,
        });
    }
    places
}
