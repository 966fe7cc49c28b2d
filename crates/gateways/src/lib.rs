//! The clients of WeChat Pay (API v3) and Alipay (open platform, V2 gateway).
//!
//! Only the backend links this crate: merchant keys live there and nowhere else (invariant 11).
//! Everything a channel says is verified here, before anybody may act on it; what is left is
//! either [`Evidence`], which nobody else can make, or an answer that says how much it proves.
//! Hosts, keys and merchant numbers are configuration, so that the sandbox is met by this same code.
//!
//! Hands: [`Gateway`] is the trait, [`wechat_pay::WechatPay`] and [`alipay::Alipay`] its two
//! implementations, [`bill`] the reader of what they bill, [`http_client`] the connection both share, [`Ambient`] their clock and nonces.
#![warn(missing_docs)]

pub mod alipay;
mod ambient;
pub mod bill;
mod callback;
mod error;
mod evidence;
mod gateway;
mod headers;
mod http;
mod keys;
mod text;
pub mod wechat_pay;

#[cfg(test)]
mod vectors;

pub use ambient::Ambient;
pub use callback::{CallbackReply, Notice};
pub use error::{CallbackError, ConfigError, Why};
pub use evidence::{
    Evidence, EvidenceRecord, Proof, RefundEnd, RefundEvidence, RefundRecord, Source,
};
pub use gateway::{
    Answer, BillFile, Closed, CreateOrder, Created, Gateway, PayParams, Product, RefundOrder,
    RefundState, TradeState,
};
pub use headers::Headers;
pub use http::http_client;
pub use keys::Secret;
