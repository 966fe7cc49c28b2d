//! Products, price books, prices and distributors as an administrator looks after them, and files.

use domain::Code;
use domain::history::{CatalogueItem, HistoryLine, ImportKind};
use domain::id::OpId;
use domain::product::{Price, PriceBook, Product};
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;

/// A page of a list that is ordered by code, what is retired too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CatalogueList {
    /// Part of a code or name; empty for all.
    pub query: String,
    /// Only what stands behind this code; `None` for the first page.
    pub after: Option<String>,
    /// At most how many rows.
    pub limit: u32,
}

/// A product with what price books say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProductEntry {
    /// The product.
    pub product: Product,
    /// Every price, past and coming ones too.
    pub prices: Vec<Price>,
}

/// A price book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PriceBookEntry {
    /// The book.
    pub price_book: PriceBook,
    /// How many products it has a price for.
    pub products: u32,
    /// How many distributors buy by it.
    pub distributors: u32,
}

/// Makes or changes one thing of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CatalogueChangeInput {
    /// As it was looked at; `None` for something new.
    pub before: Option<CatalogueItem>,
    /// As it is to be.
    pub after: CatalogueItem,
}

/// An own change that is not in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnCatalogueChange {
    /// Its operation.
    pub op: OpId,
    /// What it is about, by its own codes and names.
    pub subject: String,
    /// What was asked for.
    pub after: CatalogueItem,
    /// What holds now; `None` while there is no such thing.
    pub held: Option<CatalogueItem>,
    /// Why it was refused; `None` while the backend's word is awaited.
    pub refused: Option<Code>,
}

/// One own change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnCatalogueKey {
    /// Its operation.
    pub op: OpId,
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HistoryEntry {
    /// What was done.
    pub line: HistoryLine,
    /// Who did it.
    pub author_name: String,
    /// What it is about, by its own codes and names: the thing, or the file.
    pub subject: String,
}

/// A file to be looked at or taken; needs the network.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DataImport {
    /// What it holds.
    pub kind: ImportKind,
    /// Its name.
    pub name: String,
    /// Its bytes in base64.
    pub file: String,
    /// False looks only; nothing is written.
    pub take: bool,
}

impl fmt::Debug for DataImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataImport")
            .field("kind", &self.kind)
            .field("name", &self.name)
            .field("take", &self.take)
            .finish_non_exhaustive()
    }
}
