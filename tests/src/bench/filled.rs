//! A terminal's folder as it is after years: many products, distributors and past orders, put into a
//! backend in this process and brought over by the terminal's own first contact. The rows are made
//! up, always the same ones: names of Chinese syllables with a number, codes and barcodes like real
//! ones.

use crate::desk::Desk;
use crate::failure::BenchError;
use backend::import::{HistoryInvoice, HistoryLine, past_order};
use backend::store::Batch;
use domain::Timestamp;
use domain::distributor::Distributor;
use domain::id::{DistributorId, ProductId, StaffId};
use domain::product::Product;
use domain::quantity::{Quantity, UnitPrice};
use std::path::Path;
use std::time::Instant;
use uuid::Uuid;

/// How many rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) products: u32,
    pub(crate) distributors: u32,
    pub(crate) orders: u32,
}

impl Size {
    /// The design's proportions, by the number of products: 200,000 : 50,000 : 100,000.
    pub(crate) fn of(products: u32) -> Size {
        Size {
            products,
            distributors: products / 4,
            orders: products / 2,
        }
    }
}

const WORDS: [&str; 24] = [
    "纯棉", "床单", "枕套", "被芯", "毛巾", "浴巾", "窗帘", "地垫", "蚕丝", "亚麻", "绒面", "提花",
    "加厚", "双人", "单人", "儿童", "四季", "冬季", "夏凉", "印花", "素色", "条纹", "套件", "靠垫",
];
const LINES: u32 = 3;
const DAY_MS: i64 = 86_400_000;
/// 1 January 2025.
const FROM: Timestamp = Timestamp(1_735_660_800_000);

/// A product's code, and so how it is typed.
pub(crate) fn code(nth: u32) -> String {
    (1_000_000 + u64::from(nth) * 37).to_string()
}

fn words(nth: u32) -> String {
    let at = |nth: u32| {
        let nth = usize::try_from(nth).unwrap_or_default();
        WORDS.get(nth % WORDS.len()).copied().unwrap_or_default()
    };
    format!("{}{}{}", at(nth), at(nth / 24 + 7), at(nth / 576 + 13))
}

fn product(nth: u32) -> Result<Product, BenchError> {
    let price = UnitPrice::parse("12.5").map_err(|_| BenchError::Missing("a price"))?;
    Ok(Product {
        id: ProductId(Uuid::from_u128(u128::from(nth + 1) << 64)),
        code: code(nth),
        barcode: format!("690{nth:010}"),
        name: format!("{} {}号", words(nth), nth % 400),
        spec: String::new(),
        unit: "件".to_owned(),
        list_price: price,
        floor_price: None,
        active: true,
    })
}

fn distributor(nth: u32) -> Distributor {
    Distributor {
        id: DistributorId(Uuid::from_u128(u128::from(nth + 1) << 64 | 1)),
        number: 0,
        code: format!("K{nth:06}"),
        name: format!("{}商贸{nth}", words(nth)),
        phone: format!("138{nth:08}"),
        region: String::new(),
        price_book: None,
        credit_limit_fen: None,
        active: true,
    }
}

fn batch(size: Size) -> Result<Batch, BenchError> {
    let products = (0..size.products)
        .map(product)
        .collect::<Result<Vec<_>, _>>()?;
    let distributors: Vec<Distributor> = (0..size.distributors).map(distributor).collect();
    let quantity = Quantity::parse("2").map_err(|_| BenchError::Missing("a quantity"))?;
    let history = (0..size.orders).map(|nth| {
        let line = |line: u32| {
            let product = product((nth * 7 + line) % size.products)?;
            Ok::<_, BenchError>(HistoryLine {
                row: 1,
                code: product.code,
                name: product.name,
                quantity,
                unit_price: product.list_price,
            })
        };
        let buyer = distributor(nth % size.distributors);
        let invoice = HistoryInvoice {
            number: format!("A{nth:07}"),
            customer: buyer.code.clone(),
            at: Timestamp(FROM.0 + i64::from(nth % 600) * DAY_MS),
            lines: (0..LINES).map(line).collect::<Result<_, _>>()?,
            row: 1,
        };
        let id = Uuid::from_u128(u128::from(nth + 1) << 64 | 2);
        let staff = StaffId(Uuid::from_u128(2));
        let by_code = |wanted: &str| {
            let nth = wanted.parse::<u32>().ok()?.checked_sub(1_000_000)? / 37;
            Some(ProductId(Uuid::from_u128(u128::from(nth + 1) << 64)))
        };
        let order = past_order(&invoice, id, staff, &buyer, by_code, |_| "件".to_owned());
        Ok::<_, BenchError>(order?)
    });
    Ok(Batch {
        history: history.collect::<Result<_, _>>()?,
        products,
        distributors,
        ..Batch::default()
    })
}

/// Makes the folder, with tickets for payments; nothing of it is open afterwards.
///
/// # Errors
/// When the backend refuses the rows or the terminal its pages.
pub(crate) fn make(dir: &Path, size: Size, tickets: u32) -> Result<(), BenchError> {
    std::fs::create_dir_all(dir).map_err(|error| BenchError::file(dir, error))?;
    let started = Instant::now();
    let batch = batch(size)?;
    let desk = Desk::open_filled(dir, tickets, |central| {
        Ok(central.act(|store, cx| store.take_over(cx, &batch))?)
    });
    drop(desk?);
    println!(
        "window: a terminal with {} products, {} distributors, {} past orders of {LINES} lines, and \
         the demo's company (filled in {:.0} s)",
        size.products,
        size.distributors,
        size.orders,
        started.elapsed().as_secs_f64()
    );
    Ok(())
}
