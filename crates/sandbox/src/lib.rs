//! The sandbox (演练渠道): a program that plays WeChat Pay API v3 and the Alipay V2 gateway on
//! the wire, and the payer's phone.
//!
//! Neither channel offers a test merchant whose callbacks can be provoked, so demos and tests
//! pay here, through the product's ordinary client: nothing in the product knows a "fake
//! payment". For that to prove anything the sandbox is as strict as the real gateways are, and
//! shares no code with the client. It can also be told to misbehave as they do (`Faults`).
//!
//! Rooms: `wechat_pay`, `alipay` (the wire), `phone` (the payer), `delivery` (callbacks and
//! their retries), `control` (what tests ask of it), `keys`, `state`.

mod alipay;
mod certificates;
mod control;
mod crypto;
mod delivery;
mod faults;
mod html;
mod keys;
mod phone;
mod server;
mod state;
#[cfg(test)]
mod vectors;
mod wechat_pay;

pub use certificates::AlipayCertificates;
pub use control::{OrderView, PayError, PayOutcome, Payment};
pub use delivery::Delivery;
pub use faults::{ApiOperation, Faults};
pub use keys::{
    AlipayMerchant, Merchant, PlatformKey, PlatformKeyKind, SandboxKeys, WeChatPayMerchant,
};
pub use server::{Clock, KeySource, RunningSandbox, Sandbox, SandboxConfig, system_clock};
pub use state::Channel;
pub use wechat_pay::refunds::RefundStatus;

use std::path::PathBuf;

/// Why the sandbox can't start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A file or folder can't be read or written.
    #[error("the sandbox can't use {}: {source}; check the folder's rights or name another", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The key file isn't what the sandbox wrote.
    #[error(
        "the sandbox's key file {} is damaged ({source}); move it away and start again to get \
         new keys (the backend's wallet binding must then be made anew)",
        path.display()
    )]
    KeyFile {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The address is taken or not ours.
    #[error("the sandbox can't listen on {address}: {source}; choose another with --listen")]
    Listen {
        /// The address asked for.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A public or cashier address isn't one.
    #[error("`{text}` isn't an address like http://192.168.1.5:8480: {source}")]
    Address {
        /// What was given.
        text: String,
        /// What is wrong with it.
        source: url::ParseError,
    },
    /// OpenSSL refused.
    #[error("OpenSSL can't make or read a key: {0}")]
    Crypto(#[from] openssl::error::ErrorStack),
    /// The client that delivers callbacks can't be made.
    #[error("the client that delivers callbacks can't be made: {0}")]
    Client(#[from] reqwest::Error),
}
