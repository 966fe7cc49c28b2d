//! Worlds for tests: three terminals and a backend in one process, on virtual time, with real files
//! and no sockets, so that a seed repeats a run to the last byte. [`sim`] puts faults into such a
//! world and looks for what they broke; the flow tests tell the product's stories in a calm one.
//!
//! Dev only. Everything is behind the feature `planted`, because it needs doors that no product has.
#![cfg(feature = "planted")]
#![warn(missing_docs)]
#![expect(
    clippy::expect_used,
    reason = "where a world for tests can't be built or looked at, the test must fail"
)]

pub mod company;
pub mod env;
mod net;
pub mod plant;
mod process;
pub mod sim;
mod station;
pub mod wallets;
pub mod world;

pub use env::{Clock, Dice, VirtualEnv};
pub use plant::Plant;
pub use world::{Stage, World};
