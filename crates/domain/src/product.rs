//! What is sold and at which price for whom. Products and price books belong to the backend; a
//! terminal holds a disposable copy (rule 4.4), and an order line copies what it needs, so that a
//! later price never changes an order that was made.

use crate::id::{PriceBookId, ProductId};
use crate::quantity::UnitPrice;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One thing that can be ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Product {
    /// Identity.
    pub id: ProductId,
    /// The company's code, unique among its products.
    pub code: String,
    /// EAN-13 or another barcode; empty when there is none.
    pub barcode: String,
    /// Name as printed on orders.
    pub name: String,
    /// Specification; may be empty.
    pub spec: String,
    /// Unit of sale, e.g. 件.
    pub unit: String,
    /// Price where no price book says otherwise, yuan per unit.
    pub list_price: UnitPrice,
    /// Lowest price that needs no approval; `None` when there is no floor.
    pub floor_price: Option<UnitPrice>,
    /// False once it is no longer sold; it stays for the documents that name it.
    pub active: bool,
}

/// A named list of prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PriceBook {
    /// Identity.
    pub id: PriceBookId,
    /// Name shown beside prices.
    pub name: String,
}

/// The price of one product in one price book while it is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Price {
    /// The book it stands in.
    pub price_book: PriceBookId,
    /// The product.
    pub product: ProductId,
    /// Yuan per unit.
    pub unit_price: UnitPrice,
    /// First instant of validity.
    pub valid_from: Timestamp,
    /// First instant after validity; `None` for open end.
    pub valid_to: Option<Timestamp>,
}
