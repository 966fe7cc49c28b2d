//! The sandbox as a merchant, a payer and a test meet it: over HTTP, with a client written here
//! from the channels' documents, on OpenSSL, sharing nothing with the product's client.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where it can't go on"
)]

mod alipay;
mod control;
mod phone;
mod wechat_pay;
mod world;
