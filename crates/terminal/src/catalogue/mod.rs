//! Products, price books and distributors as this terminal knows them: `catalogue.db` and the
//! index that searches it (rule 4.4).
//!
//! The file is a disposable copy of what the backend says. It has its own cursor, written in the
//! same transaction as the rows, and is rebuilt from a snapshot beside the old file and then put
//! in its place; `ledger.db` is never touched here.

pub mod index;
mod pages;
mod rebuild;
mod rows;
#[cfg(test)]
mod tests;

use domain::Timestamp;
use domain::distributor::Distributor;
use domain::id::{DistributorId, PriceBookId, ProductId};
use domain::product::{PriceBook, Product};
use domain::quantity::UnitPrice;
use index::{Index, Rank};
pub use pages::CodePage;
pub use rebuild::Rebuild;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use ts_rs::TS;
use wire::change::{Change, Cursor, Doc};

/// How long a search waits for the index that is being built at start; a build takes about one
/// second for 250,000 rows.
const WAIT_FOR_INDEX: Duration = Duration::from_secs(30);

/// Opens an encrypted file of the terminal, creating it if it is missing. The key and the
/// connection's settings are the caller's.
pub type OpenFile = Arc<
    dyn Fn(&Path) -> Result<Connection, Box<dyn std::error::Error + Send + Sync>> + Send + Sync,
>;

/// What can go wrong with `catalogue.db`. The file can always be rebuilt by a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file can't be opened.
    #[error("{} can't be opened: check the disk and the folder's permissions", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file was written by a newer program.
    #[error("catalogue.db has schema {found}, this program knows {known}: fetch a new snapshot")]
    Newer {
        /// The file's schema.
        found: u32,
        /// The newest schema this program knows.
        known: u32,
    },
    /// A row can't be read.
    #[error("catalogue.db: {field} of {table} {row} is damaged: fetch a new snapshot")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The row's identity.
        row: String,
        /// What of it.
        field: &'static str,
    },
    /// SQLite refused.
    #[error("catalogue.db: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A file could not be moved into place.
    #[error("{} can't be replaced by a new snapshot: close other programs that use it",
            path.display())]
    Replace {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The search index could not be built at start.
    #[error("products can't be searched, the index was not built: {reason}")]
    NoIndex {
        /// The message of the error that ended the build.
        reason: String,
    },
    /// The search index is still being built.
    #[error("products can't be searched yet, the index is being built: try again")]
    IndexNotReady,
    /// An earlier replacement of the file failed half way.
    #[error("catalogue.db is closed after a failed replacement: start the program again")]
    Closed,
}

impl CatalogueError {
    fn damaged(table: &'static str, row: &str, field: &'static str) -> CatalogueError {
        CatalogueError::Damaged {
            table,
            row: row.to_owned(),
            field,
        }
    }
}

/// A product with what it costs a distributor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PricedProduct {
    /// The product.
    pub product: Product,
    /// Yuan per unit.
    pub unit_price: UnitPrice,
    /// The book that says so; `None` for the list price.
    pub price_book: Option<PriceBookId>,
}

/// A product that was searched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProductHit {
    /// What it is and costs.
    #[serde(flatten)]
    pub priced: PricedProduct,
    /// How well it matches.
    pub rank: Rank,
}

/// A distributor that was searched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DistributorHit {
    /// Who.
    pub distributor: Distributor,
    /// How well it matches.
    pub rank: Rank,
}

enum Searchable {
    /// Documents that were applied meanwhile wait here for the index.
    Building(Vec<Doc>),
    Ready(Box<Index>),
    Failed(String),
}

struct Shared {
    state: Mutex<Searchable>,
    changed: Condvar,
}

/// The catalogue: file and index together. Methods may be called from any thread; reading never
/// waits for `apply`.
pub struct Catalogue {
    path: PathBuf,
    open: OpenFile,
    /// Locked before `reader` where both are needed. `None` only after a failed replacement.
    writer: Mutex<Option<Connection>>,
    reader: Mutex<Option<Connection>>,
    search: Arc<Shared>,
    builder: Mutex<Option<JoinHandle<()>>>,
}

impl Catalogue {
    /// Opens or creates the file and begins to build the index in the background.
    ///
    /// # Errors
    /// When the file can't be opened, is of a newer program or is no catalogue.
    pub fn open(path: &Path, open: OpenFile) -> Result<Catalogue, CatalogueError> {
        let mut writer = open_at(&open, path)?;
        rows::migrate(&mut writer)?;
        let reader = open_at(&open, path)?;
        let source = open_at(&open, path)?;
        let search = Arc::new(Shared {
            state: Mutex::new(Searchable::Building(Vec::new())),
            changed: Condvar::new(),
        });
        let target = Arc::clone(&search);
        let builder = std::thread::spawn(move || target.built(rows::build_index(&source)));
        Ok(Catalogue {
            path: path.to_owned(),
            open,
            writer: Mutex::new(Some(writer)),
            reader: Mutex::new(Some(reader)),
            search,
            builder: Mutex::new(Some(builder)),
        })
    }

    /// How far the feed has been applied; `None` in a new file.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn cursor(&self) -> Result<Option<Cursor>, CatalogueError> {
        self.read(rows::cursor)
    }

    /// A product, also one that is no longer sold.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn product(&self, id: ProductId) -> Result<Option<Product>, CatalogueError> {
        self.read(|db| rows::product(db, id))
    }

    /// The product with exactly this code or barcode, as a scanner asks; without the index.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find_by_code(&self, code: &str) -> Result<Option<Product>, CatalogueError> {
        self.read(|db| rows::product_by_code(db, code.trim()))
    }

    /// A price book.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn price_book(&self, id: PriceBookId) -> Result<Option<PriceBook>, CatalogueError> {
        self.read(|db| rows::price_book(db, id))
    }

    /// A distributor, also one that no longer buys.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn distributor(&self, id: DistributorId) -> Result<Option<Distributor>, CatalogueError> {
        self.read(|db| rows::distributor(db, id))
    }

    /// What a product costs by a distributor's price book at a point in time: the book's price of
    /// that time, else the list price.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn priced(
        &self,
        product: Product,
        book: Option<PriceBookId>,
        at: Timestamp,
    ) -> Result<PricedProduct, CatalogueError> {
        self.read(|db| priced(db, product, book, at))
    }

    /// The best `limit` products for what was typed, with prices of `book` at `at`. `recent` are
    /// the distributor's latest products, the latest first. Waits for the index at start.
    ///
    /// # Errors
    /// When the file can't be read or the index could not be built.
    pub fn search_products(
        &self,
        query: &str,
        recent: &[ProductId],
        limit: usize,
        book: Option<PriceBookId>,
        at: Timestamp,
    ) -> Result<Vec<ProductHit>, CatalogueError> {
        let hits = self
            .search
            .with(|index| index.search_products(query, recent, limit))?;
        self.read(|db| {
            let mut out = Vec::with_capacity(hits.len());
            for hit in hits {
                if let Some(product) = rows::product(db, hit.id)? {
                    let priced = priced(db, product, book, at)?;
                    out.push(ProductHit {
                        priced,
                        rank: hit.rank,
                    });
                }
            }
            Ok(out)
        })
    }

    /// The best `limit` distributors for what was typed. Waits for the index at start.
    ///
    /// # Errors
    /// When the file can't be read or the index could not be built.
    pub fn search_distributors(
        &self,
        query: &str,
        limit: usize,
    ) -> Result<Vec<DistributorHit>, CatalogueError> {
        let hits = self
            .search
            .with(|index| index.search_distributors(query, limit))?;
        self.read(|db| {
            let mut out = Vec::with_capacity(hits.len());
            for hit in hits {
                if let Some(distributor) = rows::distributor(db, hit.id)? {
                    out.push(DistributorHit {
                        distributor,
                        rank: hit.rank,
                    });
                }
            }
            Ok(out)
        })
    }

    /// Whether searches answer at once.
    pub fn ready(&self) -> bool {
        matches!(*lock(&self.search.state), Searchable::Ready(_))
    }

    /// Bytes of memory that the index holds; `None` while there is none.
    pub fn index_bytes(&self) -> Option<usize> {
        match &*lock(&self.search.state) {
            Searchable::Ready(index) => Some(index.bytes()),
            _ => None,
        }
    }

    /// Applies a batch of the feed and its cursor in one transaction, then updates the index.
    /// Documents that are not of the catalogue are passed over; so are those not newer than what
    /// is held, which makes repeating a batch harmless.
    ///
    /// # Errors
    /// When the file can't be written; nothing of the batch is then applied.
    pub fn apply(&self, changes: &[Change], cursor: Cursor) -> Result<(), CatalogueError> {
        let mut writer = lock(&self.writer);
        let db = writer.as_mut().ok_or(CatalogueError::Closed)?;
        let written = write_batch(db, changes, Some(cursor))?;
        // Still under the writer's lock: the index sees batches in the order of the file.
        self.search.update(written);
        Ok(())
    }

    /// Begins a fresh file for a snapshot. The present one serves until `Rebuild::finish`.
    ///
    /// # Errors
    /// When the fresh file can't be made.
    pub fn rebuild(&self) -> Result<Rebuild<'_>, CatalogueError> {
        Rebuild::begin(self)
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, CatalogueError>,
    ) -> Result<T, CatalogueError> {
        read(lock(&self.reader).as_ref().ok_or(CatalogueError::Closed)?)
    }
}

impl Drop for Catalogue {
    fn drop(&mut self) {
        if let Some(builder) = lock(&self.builder).take()
            && builder.join().is_err()
        {
            tracing::error!("the thread that builds the search index panicked");
        }
    }
}

impl Shared {
    /// Puts a built index in place, with what was applied meanwhile.
    fn built(&self, built: Result<Index, CatalogueError>) {
        let mut state = lock(&self.state);
        *state = match (
            built,
            std::mem::replace(&mut *state, Searchable::Building(Vec::new())),
        ) {
            // A snapshot was swapped in while the old file was still being read.
            (_, newer @ Searchable::Ready(_)) => newer,
            (Ok(mut index), Searchable::Building(waiting)) => {
                put_all(&mut index, &waiting);
                Searchable::Ready(Box::new(index))
            }
            (Ok(index), Searchable::Failed(_)) => Searchable::Ready(Box::new(index)),
            (Err(error), _) => {
                tracing::error!(%error, "the search index was not built");
                Searchable::Failed(error.to_string())
            }
        };
        self.changed.notify_all();
    }

    fn update(&self, docs: Vec<Doc>) {
        match &mut *lock(&self.state) {
            Searchable::Building(waiting) => waiting.extend(docs),
            Searchable::Ready(index) => put_all(index, &docs),
            Searchable::Failed(_) => {}
        }
    }

    fn with<T>(&self, search: impl FnOnce(&Index) -> T) -> Result<T, CatalogueError> {
        let building = |state: &mut Searchable| matches!(state, Searchable::Building(_));
        let (state, _) = self
            .changed
            .wait_timeout_while(lock(&self.state), WAIT_FOR_INDEX, building)
            .unwrap_or_else(PoisonError::into_inner);
        match &*state {
            Searchable::Ready(index) => Ok(search(index)),
            Searchable::Building(_) => Err(CatalogueError::IndexNotReady),
            Searchable::Failed(reason) => Err(CatalogueError::NoIndex {
                reason: reason.clone(),
            }),
        }
    }
}

fn put_all(index: &mut Index, docs: &[Doc]) {
    for doc in docs {
        match doc {
            Doc::Product(product) => index.put_product(product),
            Doc::Distributor(distributor) => index.put_distributor(distributor),
            _ => {}
        }
    }
    index.settle();
}

/// Writes a batch in one transaction; returns what was newer than what was held.
fn write_batch(
    db: &mut Connection,
    changes: &[Change],
    cursor: Option<Cursor>,
) -> Result<Vec<Doc>, CatalogueError> {
    let batch = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut written = Vec::new();
    for change in changes {
        if rows::write(&batch, change)? {
            written.push(change.doc.clone());
        }
    }
    if let Some(cursor) = cursor {
        rows::set_cursor(&batch, cursor)?;
    }
    batch.commit()?;
    Ok(written)
}

fn priced(
    db: &Connection,
    product: Product,
    book: Option<PriceBookId>,
    at: Timestamp,
) -> Result<PricedProduct, CatalogueError> {
    let price = match book {
        Some(book) => rows::price(db, book, product.id, at)?,
        None => None,
    };
    let unit_price = price
        .as_ref()
        .map_or(product.list_price, |price| price.unit_price);
    let price_book = price.map(|price| price.price_book);
    Ok(PricedProduct {
        product,
        unit_price,
        price_book,
    })
}

fn open_at(open: &OpenFile, path: &Path) -> Result<Connection, CatalogueError> {
    open(path).map_err(|source| CatalogueError::Open {
        path: path.to_owned(),
        source,
    })
}

/// A panic elsewhere leaves nothing half done behind these locks: what they guard is replaced
/// whole or written in transactions.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
