//! The headless terminal: everything the desktop app does, without a window. Orders, collections and
//! payment intents are written here first and synced later; the window, the loopback bridge and the
//! tests all use it through one list of commands, [`api`].

pub mod api;
pub mod bulk;
pub mod catalogue;
pub mod codes;
pub mod collections;
pub mod config;
pub mod deposits;
pub mod display;
pub mod distributors;
pub mod files;
pub mod ledger;
pub mod orders;
pub mod payments;
pub mod planted;
pub mod products;
pub mod qr;
pub mod refunds;
pub mod settings;
pub mod slips;
pub mod staff;
pub mod sync;
pub mod terminal;
pub mod transact;
pub mod upkeep;
pub mod wallet;

pub use domain::Code;
pub use wire::SystemEnv;
