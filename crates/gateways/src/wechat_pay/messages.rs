//! The JSON of WeChat Pay API v3, and the one place where its verified answers become facts.
//! Amounts are integers of fen; `amount.total` is what counts, coupons included (rule 6.7).

use super::cipher::Sealed;
use super::config::WechatPayConfig;
use crate::callback::Notice;
use crate::error::CallbackError;
use crate::evidence::{Evidence, EvidenceRecord, Proof, RefundEnd, RefundEvidence, RefundRecord};
use crate::gateway::RefundState;
use crate::text;
use domain::Money;
use domain::channel::Channel;
use serde::{Deserialize, Serialize};

/// An order to place. Field order is fixed: a repetition must be the same to the byte.
#[derive(Serialize)]
pub(super) struct Order<'a> {
    pub(super) appid: &'a str,
    pub(super) mchid: &'a str,
    pub(super) description: &'a str,
    pub(super) out_trade_no: &'a str,
    pub(super) time_expire: String,
    pub(super) notify_url: &'a str,
    pub(super) amount: OrderAmount,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payer: Option<Payer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scene_info: Option<Scene<'a>>,
}

#[derive(Serialize)]
pub(super) struct OrderAmount {
    pub(super) total: i64,
    pub(super) currency: &'static str,
}

#[derive(Serialize)]
pub(super) struct Payer<'a> {
    pub(super) openid: &'a str,
}

#[derive(Serialize)]
pub(super) struct Scene<'a> {
    pub(super) payer_client_ip: &'a str,
    pub(super) h5_info: H5Info,
}

#[derive(Serialize)]
pub(super) struct H5Info {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
pub(super) struct Close<'a> {
    pub(super) mchid: &'a str,
}

#[derive(Serialize)]
pub(super) struct Refund<'a> {
    pub(super) out_trade_no: &'a str,
    pub(super) out_refund_no: &'a str,
    pub(super) reason: &'a str,
    pub(super) notify_url: &'a str,
    pub(super) amount: RefundAmount,
}

#[derive(Serialize)]
pub(super) struct RefundAmount {
    pub(super) refund: i64,
    pub(super) total: i64,
    pub(super) currency: &'static str,
}

/// The answer to an order: one of the three, by product.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Prepared {
    pub(super) prepay_id: Option<String>,
    pub(super) code_url: Option<String>,
    pub(super) h5_url: Option<String>,
}

/// A refusal.
#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: String,
}

/// Where a bill can be fetched from, for five minutes.
#[derive(Deserialize)]
pub(super) struct BillLink {
    pub(super) hash_type: String,
    pub(super) hash_value: String,
    pub(super) download_url: String,
}

/// A trade, as in a query's answer and in a callback's encrypted part.
#[derive(Deserialize)]
pub(super) struct Transaction {
    appid: String,
    mchid: String,
    pub(super) out_trade_no: String,
    pub(super) trade_state: String,
    transaction_id: Option<String>,
    success_time: Option<String>,
    payer: Option<TransactionPayer>,
    amount: Option<TransactionAmount>,
}

#[derive(Deserialize)]
struct TransactionPayer {
    openid: Option<String>,
}

#[derive(Deserialize)]
struct TransactionAmount {
    total: i64,
    payer_total: Option<i64>,
    currency: Option<String>,
}

impl Transaction {
    pub(super) fn read(bytes: &[u8]) -> Result<Transaction, CallbackError> {
        serde_json::from_slice(bytes).map_err(|_| malformed("transaction"))
    }

    /// The account must be this binding's; the app is left to settlement, which compares it.
    pub(super) fn check_merchant(&self, config: &WechatPayConfig) -> Result<(), CallbackError> {
        if self.mchid == config.mchid {
            return Ok(());
        }
        Err(CallbackError::OtherMerchant {
            merchant_no: self.mchid.clone(),
        })
    }

    /// Whether money came, refunded since or not.
    pub(super) fn was_paid(&self) -> bool {
        matches!(self.trade_state.as_str(), "SUCCESS" | "REFUND")
    }

    /// Evidence of a paid trade whose bytes were verified.
    pub(super) fn evidence(
        self,
        config: &WechatPayConfig,
        proof: Proof,
    ) -> Result<Evidence, CallbackError> {
        self.check_merchant(config)?;
        if !self.was_paid() {
            return Err(malformed("trade_state"));
        }
        let amount = self.amount.ok_or(malformed("amount"))?;
        check_currency(amount.currency)?;
        let payer_paid_fen = amount.payer_total.map(money).transpose()?;
        let paid_at = self.success_time.as_deref().and_then(text::parse_rfc3339);
        Ok(Evidence::of_verified(EvidenceRecord {
            channel: Channel::WechatPay,
            merchant_no: self.mchid,
            app_id: self.appid,
            out_trade_no: self.out_trade_no,
            provider_no: some_text(self.transaction_id).ok_or(malformed("transaction_id"))?,
            amount_fen: above_zero(amount.total)?,
            payer_paid_fen,
            payer: self.payer.and_then(|payer| some_text(payer.openid)),
            paid_at_ms: paid_at.ok_or(malformed("success_time"))?,
            proof,
        }))
    }
}

/// A refund, as in answers and in a callback's encrypted part.
#[derive(Deserialize)]
pub(super) struct RefundAnswer {
    mchid: Option<String>,
    out_trade_no: String,
    pub(super) out_refund_no: String,
    refund_id: String,
    #[serde(alias = "refund_status")]
    status: String,
    amount: RefundAnswerAmount,
}

#[derive(Deserialize)]
struct RefundAnswerAmount {
    refund: i64,
    currency: Option<String>,
}

impl RefundAnswer {
    pub(super) fn read(bytes: &[u8]) -> Result<RefundAnswer, CallbackError> {
        serde_json::from_slice(bytes).map_err(|_| malformed("refund"))
    }

    pub(super) fn state(
        self,
        config: &WechatPayConfig,
        proof: Proof,
    ) -> Result<RefundState, CallbackError> {
        if let Some(mchid) = self.mchid
            && mchid != config.mchid
        {
            return Err(CallbackError::OtherMerchant { merchant_no: mchid });
        }
        check_currency(self.amount.currency)?;
        let end = match self.status.as_str() {
            "PROCESSING" => return Ok(RefundState::Processing),
            "SUCCESS" => RefundEnd::Succeeded,
            "CLOSED" => RefundEnd::Closed,
            "ABNORMAL" => RefundEnd::Abnormal,
            _ => return Err(malformed("refund status")),
        };
        Ok(RefundState::Ended(RefundEvidence::of_verified(
            RefundRecord {
                channel: Channel::WechatPay,
                merchant_no: config.mchid.clone(),
                out_trade_no: self.out_trade_no,
                out_refund_no: self.out_refund_no,
                provider_no: self.refund_id,
                amount_fen: above_zero(self.amount.refund)?,
                end,
                proof,
            },
        )))
    }
}

/// The envelope of a callback.
#[derive(Deserialize)]
pub(super) struct Event {
    pub(super) event_type: String,
    pub(super) resource: Sealed,
}

impl Event {
    pub(super) fn read(bytes: &[u8]) -> Result<Event, CallbackError> {
        serde_json::from_slice(bytes).map_err(|_| malformed("event"))
    }

    /// What the opened part says.
    pub(super) fn notice(
        self,
        plain: &[u8],
        config: &WechatPayConfig,
        proof: Proof,
    ) -> Result<Notice, CallbackError> {
        match self.resource.original_type.as_str() {
            "transaction" if self.event_type == "TRANSACTION.SUCCESS" => Transaction::read(plain)?
                .evidence(config, proof)
                .map(Notice::Payment),
            "refund" => match RefundAnswer::read(plain)?.state(config, proof)? {
                RefundState::Ended(evidence) => Ok(Notice::Refund(evidence)),
                _ => Ok(Notice::Other {
                    event: self.event_type,
                }),
            },
            "" => Err(malformed("resource.original_type")),
            _ => Ok(Notice::Other {
                event: self.event_type,
            }),
        }
    }
}

/// The list of platform certificates.
#[derive(Deserialize)]
pub(super) struct Certificates {
    pub(super) data: Vec<CertificateItem>,
}

#[derive(Deserialize)]
pub(super) struct CertificateItem {
    pub(super) serial_no: String,
    pub(super) encrypt_certificate: Sealed,
}

/// What the openid exchange answers: an openid, or an error number.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OpenidAnswer {
    pub(super) openid: Option<String>,
    pub(super) errcode: Option<i64>,
    pub(super) errmsg: String,
}

fn check_currency(currency: Option<String>) -> Result<(), CallbackError> {
    match currency {
        Some(currency) if currency != "CNY" => Err(CallbackError::Currency { currency }),
        _ => Ok(()),
    }
}

fn money(fen: i64) -> Result<Money, CallbackError> {
    let amount = Money::try_from_fen(fen.into()).map_err(|_| malformed("amount"))?;
    if amount.is_negative() {
        Err(malformed("amount"))
    } else {
        Ok(amount)
    }
}

fn above_zero(fen: i64) -> Result<Money, CallbackError> {
    money(fen).and_then(|amount| {
        if amount.is_zero() {
            Err(malformed("amount"))
        } else {
            Ok(amount)
        }
    })
}

fn some_text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn malformed(what: &'static str) -> CallbackError {
    CallbackError::Malformed { what }
}
