//! A channel's own code for an ask: WeChat Pay's Native, Alipay's precreate. It is an order that
//! exists at the channel, so only the backend can have it made; the link (rules 6.1, 6.2) needs
//! nobody. A terminal that is online can show either.

use domain::Timestamp;
use domain::channel::Channel;
use domain::id::{IntentId, StaffId};
use serde::{Deserialize, Serialize};

/// Asks for a code; asking again while it is offered answers the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRequest {
    /// Who shows it.
    pub staff: StaffId,
    /// For which ask.
    pub intent: IntentId,
    /// Of which channel.
    pub channel: Channel,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum CodeReply {
    /// The order is placed.
    Code {
        /// What the QR says; only this channel's wallet understands it.
        text: String,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// A channel's answer is unknown, or the payer is paying elsewhere: ask again shortly.
    Wait,
    /// Nothing can be paid on it any more; the feed says why.
    Over,
    /// The channel takes no such payment: not bound, outside its limits, or refused there.
    Refused,
}
