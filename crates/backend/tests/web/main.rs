//! The backend over real sockets: what terminals, payers and channels send, as bytes on the wire.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod api;
mod bills;
mod browser;
mod cashier;
mod channel_keys;
mod codes;
mod hostile;
mod imports;
mod log;
mod paying;
mod recovery;
mod refunds;
mod signed_by_channel;
mod surfaces;
mod wallet;
mod world;
