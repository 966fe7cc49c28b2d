//! What an administrator did to the company's own data: products, price books, prices, distributors
//! and staff. Each line says who, where and when, and before and after; a file that was imported is
//! one line, whatever it changed.

use crate::code::Code;
use crate::distributor::Distributor;
use crate::id::{DistributorId, HistoryLineId, PriceBookId, ProductId, StaffId, TerminalId};
use crate::product::{Price, PriceBook, Product};
use crate::role::Permission;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Most characters of a code, unit, phone or barcode.
pub const MAX_CODE_CHARS: usize = 60;
/// Most characters of a name, specification or region.
pub const MAX_TEXT_CHARS: usize = 200;

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

/// Which thing of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CatalogueKey {
    /// A product.
    Product(ProductId),
    /// A price book.
    PriceBook(PriceBookId),
    /// The price of a product in a price book from an instant on.
    Price(PriceBookId, ProductId, Timestamp),
    /// A distributor.
    Distributor(DistributorId),
}

impl CatalogueItem {
    /// Which thing it is.
    pub fn key(&self) -> CatalogueKey {
        match self {
            CatalogueItem::Product(it) => CatalogueKey::Product(it.id),
            CatalogueItem::PriceBook(it) => CatalogueKey::PriceBook(it.id),
            CatalogueItem::Price(it) => {
                CatalogueKey::Price(it.price_book, it.product, it.valid_from)
            }
            CatalogueItem::Distributor(it) => CatalogueKey::Distributor(it.id),
        }
    }

    /// Whether it can stand in the catalogue.
    ///
    /// # Errors
    /// `BadField` with the field's name.
    pub fn check(&self) -> Result<(), Code> {
        match self {
            CatalogueItem::Product(it) => {
                line("code", &it.code, MAX_CODE_CHARS, true)?;
                line("name", &it.name, MAX_TEXT_CHARS, true)?;
                line("unit", &it.unit, MAX_CODE_CHARS, false)?;
                line("spec", &it.spec, MAX_TEXT_CHARS, false)?;
                line("barcode", &it.barcode, MAX_CODE_CHARS, false)
            }
            CatalogueItem::PriceBook(it) => line("name", &it.name, MAX_TEXT_CHARS, true),
            CatalogueItem::Price(it) => match it.valid_to {
                Some(end) if end <= it.valid_from => Err(bad("valid_to")),
                _ => Ok(()),
            },
            CatalogueItem::Distributor(it) => {
                line("code", &it.code, MAX_CODE_CHARS, it.number > 0)?;
                line("name", &it.name, MAX_TEXT_CHARS, true)?;
                line("phone", &it.phone, MAX_CODE_CHARS, false)?;
                line("region", &it.region, MAX_TEXT_CHARS, false)?;
                match it.credit_limit_fen {
                    Some(limit) if limit.is_negative() => Err(bad("credit_limit")),
                    _ => Ok(()),
                }
            }
        }
    }
}

fn bad(field: &str) -> Code {
    Code::BadField {
        field: field.to_owned(),
    }
}

/// One line without spaces around it.
fn line(field: &str, text: &str, most: usize, needed: bool) -> Result<(), Code> {
    let good = text.trim() == text
        && !(needed && text.is_empty())
        && text.chars().count() <= most
        && !text.chars().any(char::is_control);
    if good { Ok(()) } else { Err(bad(field)) }
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
    fn what_can_t_stand_in_the_catalogue_names_its_field() {
        let book = |name: &str| {
            CatalogueItem::PriceBook(PriceBook {
                id: PriceBookId(uuid::Uuid::nil()),
                name: name.into(),
            })
        };
        assert_eq!(book("批发").check(), Ok(()));
        for name in ["", " 批发", "批\n发", &"x".repeat(201)] {
            assert_eq!(book(name).check(), Err(bad("name")), "{name}");
        }
        let price = |to| {
            CatalogueItem::Price(Price {
                price_book: PriceBookId(uuid::Uuid::nil()),
                product: ProductId(uuid::Uuid::nil()),
                unit_price: crate::quantity::UnitPrice::parse("1").unwrap(),
                valid_from: Timestamp(5),
                valid_to: to,
            })
        };
        assert_eq!(price(None).check(), Ok(()));
        assert_eq!(price(Some(Timestamp(6))).check(), Ok(()));
        assert_eq!(price(Some(Timestamp(5))).check(), Err(bad("valid_to")));
    }

    #[test]
    fn a_row_that_says_what_holds_is_counted_and_not_written() {
        let mut counts = ImportCounts::default();
        assert!(counts.count(None, &1));
        assert!(counts.count(Some(&1), &2));
        assert!(!counts.count(Some(&2), &2));
        assert_eq!((counts.rows, counts.added, counts.changed), (3, 1, 1));
    }
}
