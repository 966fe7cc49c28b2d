//! The clients on the wire: the contract that every gateway keeps, and what is particular to each
//! channel, against fakes that answer over loopback.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bills;
mod certificates;
mod channels;
mod contract;
mod fakes;
