//! The help page that this product makes true, statement by statement (S1 to S28): `cargo xtask
//! seed` runs exactly these. `docs/seed-map.md` says where each statement lives. Most are stories
//! through the window's own pages, in a browser without a screen, over a real terminal, a real
//! backend and the sandbox.
#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "where a step of a story fails, the story must fail, and say what it saw"
)]

mod channels;
mod collections;
mod config;
mod house;
mod kiosk;
mod orders;
mod wallet;
