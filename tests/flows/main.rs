//! Stories through the whole product, in a calm world on virtual time: real terminals on real files,
//! a real backend, payers and channels in process.
#![expect(
    clippy::expect_used,
    reason = "where a step of a story fails, the story must fail"
)]

mod approval;
mod catalogue;
mod console;
mod desk;
mod order_to_cash;
mod refunds;
mod sales;
mod staff;
