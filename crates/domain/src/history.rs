//! What an administrator did to the company's own data: products, price books, prices, distributors
//! and staff. Each line says who, where and when, and before and after; a file that was imported is
//! one line, whatever it changed.

use crate::distributor::Distributor;
use crate::id::{HistoryLineId, StaffId, TerminalId};
use crate::product::{Price, PriceBook, Product};
use crate::role::Permission;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a file of an import holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// Products.
    Products,
    /// Prices, with their price books.
    Prices,
    /// Distributors.
    Distributors,
    /// Staff.
    Staff,
}

impl ImportKind {
    /// What a person must be allowed to do for it.
    pub const fn permission(self) -> Permission {
        match self {
            ImportKind::Products | ImportKind::Prices | ImportKind::Distributors => {
                Permission::CatalogueImport
            }
            ImportKind::Staff => Permission::StaffManage,
        }
    }
}

/// How many rows a file had and what they are to what was there. The rest of the rows say what holds
/// already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportCounts {
    /// Rows below the header.
    pub rows: u32,
    /// Those that are new.
    pub added: u32,
    /// Those that change what was there.
    pub changed: u32,
}

impl ImportCounts {
    /// Counts one row by what was there and what is to be; `true` if it has to be written.
    pub fn count<T: PartialEq>(&mut self, before: Option<&T>, after: &T) -> bool {
        self.rows = self.rows.saturating_add(1);
        match before {
            None => self.added = self.added.saturating_add(1),
            Some(before) if before != after => self.changed = self.changed.saturating_add(1),
            Some(_) => return false,
        }
        true
    }
}

/// One thing of the catalogue, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "item", content = "body", rename_all = "snake_case")]
pub enum CatalogueItem {
    /// A product.
    Product(Product),
    /// A price book.
    PriceBook(PriceBook),
    /// A price.
    Price(Price),
    /// A distributor.
    Distributor(Distributor),
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum HistoryEvent {
    /// A file came in, whole.
    Imported {
        /// What it held.
        kind: ImportKind,
        /// Its name.
        file: String,
        /// SHA-256 of its bytes, hex.
        sha256: String,
        /// What it did.
        counts: ImportCounts,
    },
    /// One thing of the catalogue was made or changed.
    Changed {
        /// As it was; `None` for something new.
        before: Option<CatalogueItem>,
        /// As it is from now on.
        after: CatalogueItem,
    },
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HistoryLine {
    /// Identity.
    pub id: HistoryLineId,
    /// When the backend took it.
    pub at: Timestamp,
    /// Who decided it.
    pub author: StaffId,
    /// Where.
    pub terminal: TerminalId,
    /// What was done.
    pub what: HistoryEvent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_says_what_holds_is_counted_and_not_written() {
        let mut counts = ImportCounts::default();
        assert!(counts.count(None, &1));
        assert!(counts.count(Some(&1), &2));
        assert!(!counts.count(Some(&2), &2));
        assert_eq!((counts.rows, counts.added, counts.changed), (3, 1, 1));
    }
}
