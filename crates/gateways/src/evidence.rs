//! The proof that money came (invariant 4). [`Evidence`] can be made in this crate only, and only
//! from bytes whose signature was checked, so that a function which asks for it can't be called
//! with a claim. It keeps those bytes: what is stored can be verified again, and is, before it
//! becomes evidence a second time.
//!
//! ```compile_fail,E0451
//! # fn record() -> gateways::EvidenceRecord { unimplemented!() }
//! // Private field: there is no way from facts to evidence that passes by the signature.
//! let forged = gateways::Evidence { record: record() };
//! ```
//!
//! ```compile_fail,E0277
//! let forged: gateways::Evidence = serde_json::from_str("{}").unwrap();
//! ```

use crate::headers::Headers;
use domain::Money;
use domain::channel::Channel;
use serde::{Deserialize, Serialize};

/// How the channel told us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The channel called us.
    Callback,
    /// The answer to a query.
    Query,
    /// The answer to a close.
    Close,
    /// A line of a bill.
    Bill,
}

/// The channel's own bytes, as verified.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// How they came.
    pub source: Source,
    /// When they were verified, milliseconds since 1970: the time that signatures are judged at.
    pub received_at_ms: i64,
    /// The headers that carry the signature (none for Alipay, which signs inside the body).
    pub headers: Headers,
    /// The body, byte for byte; base64 in JSON.
    #[serde(with = "base64_bytes")]
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.body.len();
        write!(
            f,
            "Proof({:?} at {} ms, {bytes} bytes)",
            self.source, self.received_at_ms
        )
    }
}

/// The verified facts of a payment and their proof, in the form in which they are stored. Anybody
/// can write one; only [`Gateway::reverify`](crate::Gateway::reverify) turns it into evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRecord {
    /// Which channel.
    pub channel: Channel,
    /// The merchant account: WeChat Pay's mchid, Alipay's seller id.
    pub merchant_no: String,
    /// The app the order was placed with.
    pub app_id: String,
    /// The number we gave the attempt.
    pub out_trade_no: String,
    /// The channel's number: WeChat Pay's transaction id, Alipay's trade number.
    pub provider_no: String,
    /// What was ordered and has been paid, before coupons and fees.
    pub amount_fen: Money,
    /// What the payer's wallet gave, where it says so; less than the amount when a coupon helped.
    pub payer_paid_fen: Option<Money>,
    /// Who paid: openid, or buyer id. Some answers leave it out.
    pub payer: Option<String>,
    /// When it was paid by the channel's clock, milliseconds since 1970.
    pub paid_at_ms: i64,
    /// The bytes that prove it.
    pub proof: Proof,
}

/// Proof that a channel has taken money for an order of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    record: EvidenceRecord,
}

impl Evidence {
    /// For this crate's readers, after the signature over `record.proof` was checked and the facts
    /// were read from those same bytes.
    pub(crate) fn of_verified(record: EvidenceRecord) -> Evidence {
        Evidence { record }
    }

    /// Evidence of nothing but the caller's word, for the simulator: virtual time has no channel
    /// that could sign. The feature is guarded by `tests/tidy.rs`: no program that people get has
    /// it.
    #[cfg(feature = "testdoor")]
    pub fn testdoor(record: EvidenceRecord) -> Evidence {
        Evidence { record }
    }

    /// Which channel.
    pub fn channel(&self) -> Channel {
        self.record.channel
    }

    /// The merchant account.
    pub fn merchant_no(&self) -> &str {
        &self.record.merchant_no
    }

    /// The app the order was placed with.
    pub fn app_id(&self) -> &str {
        &self.record.app_id
    }

    /// The number we gave the attempt.
    pub fn out_trade_no(&self) -> &str {
        &self.record.out_trade_no
    }

    /// The channel's number; with the channel it names this money once and for all (rule 6.7).
    pub fn provider_no(&self) -> &str {
        &self.record.provider_no
    }

    /// What was ordered and has been paid, before coupons and fees. Always above zero.
    pub fn amount(&self) -> Money {
        self.record.amount_fen
    }

    /// What the payer's wallet gave, where the channel says so.
    pub fn payer_paid(&self) -> Option<Money> {
        self.record.payer_paid_fen
    }

    /// Openid or buyer id, where the channel says so.
    pub fn payer(&self) -> Option<&str> {
        self.record.payer.as_deref()
    }

    /// When it was paid by the channel's clock, milliseconds since 1970.
    pub fn paid_at_ms(&self) -> i64 {
        self.record.paid_at_ms
    }

    /// How the channel told us.
    pub fn source(&self) -> Source {
        self.record.proof.source
    }

    /// The body it was read from, byte for byte.
    pub fn raw(&self) -> &[u8] {
        &self.record.proof.body
    }

    /// The facts and their proof, to be stored.
    pub fn to_record(&self) -> EvidenceRecord {
        self.record.clone()
    }
}

/// How a refund ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundEnd {
    /// The money has gone back.
    Succeeded,
    /// Nothing was sent back; a new refund needs a new number.
    Closed,
    /// The payer's account can't take it; a person has to act in the merchant's console.
    Abnormal,
}

/// The verified facts of a refund, in the form in which they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRecord {
    /// Which channel.
    pub channel: Channel,
    /// The merchant account.
    pub merchant_no: String,
    /// The number of the attempt whose money goes back.
    pub out_trade_no: String,
    /// The number we gave the refund.
    pub out_refund_no: String,
    /// The channel's number of the refund; Alipay gives none, there it is the trade's.
    pub provider_no: String,
    /// What goes back.
    pub amount_fen: Money,
    /// How it ended.
    pub end: RefundEnd,
    /// The bytes that prove it.
    pub proof: Proof,
}

/// Proof of how a refund ended. Like [`Evidence`], made in this crate only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundEvidence {
    record: RefundRecord,
}

impl RefundEvidence {
    pub(crate) fn of_verified(record: RefundRecord) -> RefundEvidence {
        RefundEvidence { record }
    }

    /// The number we gave the refund.
    pub fn out_refund_no(&self) -> &str {
        &self.record.out_refund_no
    }

    /// What goes back.
    pub fn amount(&self) -> Money {
        self.record.amount_fen
    }

    /// How it ended.
    pub fn end(&self) -> RefundEnd {
        self.record.end
    }

    /// The facts and their proof, to be stored.
    pub fn to_record(&self) -> RefundRecord {
        self.record.clone()
    }
}

mod base64_bytes {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        BASE64_STANDARD
            .decode(text)
            .map_err(serde::de::Error::custom)
    }
}
