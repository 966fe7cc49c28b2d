//! What a callback says once it is verified, and what the channel wants to hear back. A callback is
//! a hint that speeds settlement up; a schedule of queries settles without it (rule 6.11).

use crate::evidence::{Evidence, RefundEvidence};

/// The content of a verified callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Money came.
    Payment(Evidence),
    /// A refund reached an end, or its money left.
    Refund(RefundEvidence),
    /// Verified, but no money fact: acknowledge it, do nothing.
    Other {
        /// The channel's name for the event.
        event: String,
    },
}

/// The answer that a channel understands. Send exactly these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackReply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, `None` for an empty body.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: &'static str,
}
