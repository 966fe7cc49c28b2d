//! The central backend: authority on money. It takes the terminals' signed operations, judges them
//! by the same rules, books what the payment channels report, and tells every terminal what changed.
//!
//! Layers, from the inside: `facts` and `books` are the values that rules work on; `decide`,
//! `payments` and `chain` are the rules, pure; `store` loads facts and writes decisions, one
//! transaction each; [`Central`] is the whole as terminals see it. Around it: `host` (a running
//! backend), `http` and `cashier` (what is asked over the network), `attempts`, `callbacks`,
//! `bills` and `jobs` (the payment channels), `refunds` (money going back), `folder`, `wallet`,
//! `import`, `setup` and `demo` (what it starts from).
#![warn(missing_docs)]

mod attempts;
pub mod bills;
mod bindings;
pub mod books;
pub mod callbacks;
mod cashier;
pub mod central;
pub mod chain;
mod channel_keys;
mod codes;
mod contacts;
pub mod decide;
pub mod demo;
pub mod facts;
pub mod folder;
pub mod host;
pub mod http;
pub mod import;
pub mod jobs;
mod limit;
mod manage;
mod metrics;
pub mod payments;
#[cfg(feature = "planted")]
pub mod planted;
mod refunds;
pub mod setup;
pub mod store;
#[cfg(test)]
mod testing;
pub mod vault;
pub mod wallet;

pub use central::Central;
pub use facts::Company;
pub use store::sqlite::SqliteStore;
pub use store::{Context, Store, StoreError, Tuning};
