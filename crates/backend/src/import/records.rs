//! What a row of each kind of file must hold. A zero price is a price; an empty floor or limit is
//! none. Codes keep their leading zeros: they are text and are never read as numbers.

use super::table::{self, Column, Row, Table};
use super::{ImportError, Limits, Named, Reason, Source, Watch};
use domain::Timestamp;
use domain::money::{Money, MoneyError};
use domain::quantity::{QuantityError, UnitPrice};
use domain::time::HOUR_MS;
use jiff::civil::DateTime;
use std::collections::HashMap;

/// A product as a file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductRow {
    /// The company's code.
    pub code: String,
    /// Barcode; may be empty.
    pub barcode: String,
    /// Name.
    pub name: String,
    /// Specification; may be empty.
    pub spec: String,
    /// Unit of sale; may be empty.
    pub unit: String,
    /// Yuan per unit.
    pub list_price: UnitPrice,
    /// Yuan per unit, where the file has a second price.
    pub retail_price: Option<UnitPrice>,
    /// Lowest price without approval.
    pub floor_price: Option<UnitPrice>,
}

/// A price as a file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRow {
    /// The price book's name.
    pub price_book: String,
    /// The product's code.
    pub product: String,
    /// Yuan per unit.
    pub unit_price: UnitPrice,
    /// First instant of validity.
    pub valid_from: Timestamp,
    /// First instant after it; `None` for open end.
    pub valid_to: Option<Timestamp>,
}

/// A distributor as a file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistributorRow {
    /// Its row in the file.
    pub row: u64,
    /// The company's code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Phone; may be empty.
    pub phone: String,
    /// Region; may be empty.
    pub region: String,
    /// The price book's name; may be empty.
    pub price_book: String,
    /// Credit limit; `None` for none.
    pub credit_limit_fen: Option<Money>,
}

const CODE: &[&str] = &[
    "code",
    "编码",
    "产品编码",
    "商品编码",
    "货号",
    "sku",
    "product code",
];
const NAME: &[&str] = &["name", "名称", "产品名称", "商品名称", "品名"];

const PRODUCT: &[Column] = &[
    Column {
        field: "code",
        names: CODE,
        required: true,
    },
    Column {
        field: "name",
        names: NAME,
        required: true,
    },
    Column {
        field: "list_price",
        names: &["list price", "标准价", "价格", "单价"],
        required: true,
    },
    Column {
        field: "unit",
        names: &["unit", "单位", "计量单位"],
        required: false,
    },
    Column {
        field: "spec",
        names: &["spec", "规格", "规格型号", "brief"],
        required: false,
    },
    Column {
        field: "barcode",
        names: &["barcode", "条码", "条形码", "ean"],
        required: false,
    },
    Column {
        field: "retail_price",
        names: &["retail price", "零售价"],
        required: false,
    },
    Column {
        field: "floor_price",
        names: &["floor price", "最低价", "限价"],
        required: false,
    },
];

const PRICE: &[Column] = &[
    Column {
        field: "price_book",
        names: &["price book", "价目表"],
        required: true,
    },
    Column {
        field: "product",
        names: CODE,
        required: true,
    },
    Column {
        field: "unit_price",
        names: &["unit price", "单价", "价格", "price"],
        required: true,
    },
    Column {
        field: "valid_from",
        names: &["valid from", "生效日期"],
        required: false,
    },
    Column {
        field: "valid_to",
        names: &["valid to", "失效日期"],
        required: false,
    },
];

const DISTRIBUTOR: &[Column] = &[
    Column {
        field: "code",
        names: &["code", "编码", "客户编码", "经销商编码"],
        required: true,
    },
    Column {
        field: "name",
        names: &["name", "名称", "客户名称", "经销商名称"],
        required: true,
    },
    Column {
        field: "phone",
        names: &["phone", "电话", "手机", "联系电话"],
        required: false,
    },
    Column {
        field: "region",
        names: &["region", "地区", "区域"],
        required: false,
    },
    Column {
        field: "price_book",
        names: &["price book", "价目表"],
        required: false,
    },
    Column {
        field: "credit_limit",
        names: &["credit limit", "信用额度"],
        required: false,
    },
];

/// Reads products. A code may stand once.
///
/// # Errors
/// See [`ImportError`].
pub fn read_products(
    from: &Source,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<Vec<ProductRow>, ImportError> {
    let mut rows = Vec::new();
    let mut seen = Seen::default();
    table::read(from, PRODUCT, limits, watch, |table, row| {
        let code = table
            .needed(row, "code")
            .and_then(|code| seen.once(table, row, "code", code));
        let name = table.needed(row, "name").map(str::to_owned);
        let list_price = table.needed(row, "list_price");
        let list_price = list_price.and_then(|text| price(table, row, "list_price", text));
        let retail_price = optional(table, row, "retail_price", price);
        let floor_price = optional(table, row, "floor_price", price);
        if let (Some(code), Some(name), Some(list_price)) = (code, name, list_price) {
            rows.push(ProductRow {
                code,
                name,
                list_price,
                retail_price,
                floor_price,
                barcode: table.text(row, "barcode").to_owned(),
                spec: table.text(row, "spec").to_owned(),
                unit: table.text(row, "unit").to_owned(),
            });
        }
    })?;
    Ok(rows)
}

/// Reads prices. `known` says whether a product with this code is there.
///
/// # Errors
/// See [`ImportError`].
pub fn read_prices(
    from: &Source,
    limits: &Limits,
    known: &dyn Fn(&str) -> bool,
    watch: &mut Watch<'_>,
) -> Result<Vec<PriceRow>, ImportError> {
    let mut rows = Vec::new();
    let mut seen = Seen::default();
    table::read(from, PRICE, limits, watch, |table, row| {
        let book = table.needed(row, "price_book").map(str::to_owned);
        let product = table.needed(row, "product");
        if let Some(code) = product.filter(|code| !known(code)) {
            let reason = Reason::Unknown {
                what: Named::Product,
                code: code.to_owned(),
            };
            table.problem(row, "product", reason);
        }
        let unit_price = table.needed(row, "unit_price");
        let unit_price = unit_price.and_then(|text| price(table, row, "unit_price", text));
        let from = optional(table, row, "valid_from", date).unwrap_or(Timestamp(0));
        let to = optional(table, row, "valid_to", date);
        if let (Some(price_book), Some(product), Some(unit_price)) = (book, product, unit_price) {
            let key = format!("{price_book} / {product} / {}", from.0);
            if seen.once(table, row, "product", &key).is_some() {
                rows.push(PriceRow {
                    price_book,
                    product: product.to_owned(),
                    unit_price,
                    valid_from: from,
                    valid_to: to,
                });
            }
        }
    })?;
    Ok(rows)
}

/// Reads distributors. A code may stand once.
///
/// # Errors
/// See [`ImportError`].
pub fn read_distributors(
    from: &Source,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<Vec<DistributorRow>, ImportError> {
    let mut rows = Vec::new();
    let mut seen = Seen::default();
    table::read(from, DISTRIBUTOR, limits, watch, |table, row| {
        let code = table
            .needed(row, "code")
            .and_then(|code| seen.once(table, row, "code", code));
        let name = table.needed(row, "name").map(str::to_owned);
        let credit_limit_fen = optional(table, row, "credit_limit", yuan);
        if let (Some(code), Some(name)) = (code, name) {
            rows.push(DistributorRow {
                row: row.number,
                code,
                name,
                credit_limit_fen,
                phone: table.text(row, "phone").to_owned(),
                region: table.text(row, "region").to_owned(),
                price_book: table.text(row, "price_book").to_owned(),
            });
        }
    })?;
    Ok(rows)
}

/// The codes of earlier rows.
#[derive(Default)]
pub(super) struct Seen(HashMap<String, u64>);

impl Seen {
    /// The code, if it has not stood in `field` before.
    pub(super) fn once(
        &mut self,
        table: &mut Table,
        row: &Row<'_>,
        field: &str,
        code: &str,
    ) -> Option<String> {
        match self.0.get(code) {
            Some(first) => {
                let reason = Reason::Duplicate {
                    code: code.to_owned(),
                    first: *first,
                };
                table.problem(row, field, reason);
                None
            }
            None => {
                self.0.insert(code.to_owned(), row.number);
                Some(code.to_owned())
            }
        }
    }
}

type Reader<T> = fn(&mut Table, &Row<'_>, &str, &str) -> Option<T>;

fn optional<T>(
    table: &mut Table,
    row: &Row<'_>,
    field: &'static str,
    read: Reader<T>,
) -> Option<T> {
    match table.text(row, field) {
        "" => None,
        text => read(table, row, field, text),
    }
}

/// A price of 0 or more with at most 6 decimals.
pub(super) fn price(
    table: &mut Table,
    row: &Row<'_>,
    field: &str,
    text: &str,
) -> Option<UnitPrice> {
    UnitPrice::parse(text)
        .map_err(|error| table.problem(row, field, reason(text, error)))
        .ok()
}

/// Why a number was refused, in the words of a report.
pub(super) fn reason(text: &str, error: QuantityError) -> Reason {
    match error {
        QuantityError::NotANumber(text) => Reason::NotANumber(text),
        QuantityError::TooManyPlaces { value, places } => Reason::Places { value, places },
        _ if text.starts_with('-') => Reason::Negative(text.to_owned()),
        _ => Reason::Range(text.to_owned()),
    }
}

/// An amount of 0 or more with at most 2 decimals.
fn yuan(table: &mut Table, row: &Row<'_>, field: &str, text: &str) -> Option<Money> {
    let refused = match Money::parse_yuan(text) {
        Ok(amount) if !amount.is_negative() => return Some(amount),
        Ok(_) => Reason::Negative(text.to_owned()),
        Err(MoneyError::NotAnAmount(text)) => Reason::NotANumber(text),
        Err(MoneyError::TooManyDecimals(value)) => Reason::Places { value, places: 2 },
        Err(_) => Reason::Range(text.to_owned()),
    };
    table.problem(row, field, refused);
    None
}

/// A day or a moment by the company's clock (UTC+8).
pub(super) fn date(table: &mut Table, row: &Row<'_>, field: &str, text: &str) -> Option<Timestamp> {
    let plain = text.replace(['/', '.'], "-").replace('T', " ");
    let read = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| DateTime::strptime(form, &plain).ok())
        .or_else(|| {
            let day = jiff::civil::Date::strptime("%Y-%m-%d", &plain).ok()?;
            Some(day.at(0, 0, 0, 0))
        });
    let utc = read.and_then(|at| at.to_zoned(jiff::tz::TimeZone::UTC).ok());
    match utc {
        Some(at) => Some(Timestamp(at.timestamp().as_millisecond()).plus_ms(-8 * HOUR_MS)),
        None => {
            table.problem(row, field, Reason::NotADate(text.to_owned()));
            None
        }
    }
}
