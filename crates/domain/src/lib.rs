//! Fieldtill's rules, pure: no I/O, no async, no clock. Terminal and backend decide with this same
//! crate, so that a total, a permission or a posting can never differ between them (invariant 9).
#![warn(missing_docs)]

pub mod allocation;
pub mod approval;
pub mod capital;
pub mod channel;
pub mod condition;
pub mod ledger;
pub mod money;
pub mod number;
pub mod quantity;
pub mod role;

pub mod code;
pub mod collection;
pub mod config;
pub mod distributor;
pub mod fee;
pub mod history;
pub mod id;
pub mod intent;
pub mod money_match;
pub mod operation;
pub mod order;
pub mod product;
pub mod refund;
pub mod staff;
pub mod time;
pub mod wallet;
pub use code::Code;
pub use money::Money;
pub use time::Timestamp;
