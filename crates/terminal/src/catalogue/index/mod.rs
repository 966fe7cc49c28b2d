//! The one box that finds products and distributors, in memory.
//!
//! What people type is a code, a scanned barcode, pinyin initials, whole pinyin, a piece of the
//! name or the end of a phone number, and they don't say which. SQLite's full-text search knows
//! none of the readings of 重 and cannot find two Chinese characters by trigrams, so the index is
//! our own, built from `catalogue.db` at start and kept up row by row.

mod glyphs;
mod matching;
mod query;
mod shelf;
#[cfg(test)]
mod tests;

use domain::distributor::Distributor;
use domain::id::{DistributorId, ProductId};
use domain::product::Product;
use serde::{Deserialize, Serialize};
use shelf::{Entry, Shelf};
use ts_rs::TS;

/// How well a row matches, best first. Inside a rank recent rows come first, then names that begin
/// with what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// The whole code, barcode, number or phone.
    Exact,
    /// The beginning of a code, barcode or number.
    CodePrefix,
    /// The last digits of a phone number, four or more.
    PhoneTail,
    /// First letters of neighbouring characters, each by any of its readings.
    Initials,
    /// Whole readings, the last one perhaps unfinished.
    FullPinyin,
    /// A piece of the name or specification as it is written.
    Substring,
}

/// A row that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<Id> {
    /// Which row.
    pub id: Id,
    /// How well it matches.
    pub rank: Rank,
}

/// The index over products and distributors. Changes are seen after `settle`.
#[derive(Debug, Default)]
pub struct Index {
    products: Shelf,
    distributors: Shelf,
}

impl Index {
    /// Adds or replaces a product; one that is not sold any more is no longer found.
    pub fn put_product(&mut self, product: &Product) {
        if product.active {
            self.put_product_row(&ProductRow {
                id: product.id,
                code: &product.code,
                barcode: &product.barcode,
                name: &product.name,
                spec: &product.spec,
            });
        } else {
            self.products.remove(product.id.0);
        }
    }

    /// Adds or replaces a distributor; one that does not buy any more is no longer found.
    pub fn put_distributor(&mut self, distributor: &Distributor) {
        if distributor.active {
            self.put_distributor_row(&DistributorRow {
                id: distributor.id,
                number: distributor.number,
                code: &distributor.code,
                name: &distributor.name,
                phone: &distributor.phone,
            });
        } else {
            self.distributors.remove(distributor.id.0);
        }
    }

    pub(super) fn put_product_row(&mut self, row: &ProductRow<'_>) {
        self.products.put(&Entry {
            id: row.id.0,
            keys: [row.code, row.barcode],
            phone: "",
            text: [row.name, row.spec],
        });
    }

    pub(super) fn put_distributor_row(&mut self, row: &DistributorRow<'_>) {
        // Number 0 is no number yet (rule 6.2).
        let number = if row.number == 0 {
            String::new()
        } else {
            row.number.to_string()
        };
        self.distributors.put(&Entry {
            id: row.id.0,
            keys: [row.code, &number],
            phone: row.phone,
            text: [row.name, ""],
        });
    }

    /// Makes all rows put since the last call visible to every kind of query.
    pub fn settle(&mut self) {
        self.products.settle();
        self.distributors.settle();
    }

    /// Settles, and gives back memory that a whole build reserved too much.
    pub fn finish(&mut self) {
        self.settle();
        self.products.shrink();
        self.distributors.shrink();
    }

    /// The best `limit` products for a query of any length; nothing for white space. `recent` are
    /// the distributor's latest products, the latest first.
    pub fn search_products(
        &self,
        query: &str,
        recent: &[ProductId],
        limit: usize,
    ) -> Vec<Hit<ProductId>> {
        let recent: Vec<u32> = recent
            .iter()
            .filter_map(|id| self.products.slot(id.0))
            .collect();
        let hits = self.products.search(query, &recent, limit).into_iter();
        hits.filter_map(|(slot, rank)| {
            Some(Hit {
                id: ProductId(self.products.id(slot)?),
                rank,
            })
        })
        .collect()
    }

    /// The best `limit` distributors for a query of any length; nothing for white space.
    pub fn search_distributors(&self, query: &str, limit: usize) -> Vec<Hit<DistributorId>> {
        let hits = self.distributors.search(query, &[], limit).into_iter();
        hits.filter_map(|(slot, rank)| {
            Some(Hit {
                id: DistributorId(self.distributors.id(slot)?),
                rank,
            })
        })
        .collect()
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> usize {
        self.products.bytes() + self.distributors.bytes()
    }
}

/// What the index reads of a product.
pub(super) struct ProductRow<'a> {
    pub(super) id: ProductId,
    pub(super) code: &'a str,
    pub(super) barcode: &'a str,
    pub(super) name: &'a str,
    pub(super) spec: &'a str,
}

/// What the index reads of a distributor.
pub(super) struct DistributorRow<'a> {
    pub(super) id: DistributorId,
    pub(super) number: u32,
    pub(super) code: &'a str,
    pub(super) name: &'a str,
    pub(super) phone: &'a str,
}
