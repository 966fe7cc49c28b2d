//! The JSON and forms of the Alipay open API, and the one place where its verified answers become
//! facts. Amounts are texts of yuan, times are Beijing's without saying so.

use super::config::AlipayConfig;
use crate::callback::Notice;
use crate::error::CallbackError;
use crate::evidence::{Evidence, EvidenceRecord, Proof, RefundEnd, RefundEvidence, RefundRecord};
use crate::gateway::TradeState;
use crate::text;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use domain::Money;
use domain::channel::Channel;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names a certificate of Alipay's.
#[derive(Serialize)]
pub(super) struct CertificateBySn<'a> {
    pub(super) alipay_cert_sn: &'a str,
}

/// The certificate, with what leads to a root.
#[derive(Deserialize)]
pub(super) struct DownloadedCertificate {
    /// Base64 of PEM.
    alipay_cert_content: String,
}

impl DownloadedCertificate {
    pub(super) fn pem(&self) -> Option<String> {
        let bytes = BASE64_STANDARD.decode(&self.alipay_cert_content).ok()?;
        String::from_utf8(bytes).ok()
    }
}

/// `biz_content` of an order.
#[derive(Serialize)]
pub(super) struct Order<'a> {
    pub(super) out_trade_no: &'a str,
    pub(super) total_amount: String,
    pub(super) subject: String,
    pub(super) product_code: &'a str,
    pub(super) time_expire: String,
    pub(super) seller_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quit_url: Option<&'a str>,
}

/// `biz_content` of a query or close.
#[derive(Serialize)]
pub(super) struct ByNumber<'a> {
    pub(super) out_trade_no: &'a str,
}

/// `biz_content` of a bill.
#[derive(Serialize)]
pub(super) struct BillOfDay {
    pub(super) bill_type: &'static str,
    pub(super) bill_date: String,
}

/// Where a bill can be fetched from, for 30 seconds.
#[derive(Deserialize)]
pub(super) struct BillLink {
    pub(super) bill_download_url: String,
}

/// `biz_content` of a refund.
#[derive(Serialize)]
pub(super) struct Refund<'a> {
    pub(super) out_trade_no: &'a str,
    pub(super) out_request_no: &'a str,
    pub(super) refund_amount: String,
    pub(super) refund_reason: &'a str,
}

/// `biz_content` of a refund query.
#[derive(Serialize)]
pub(super) struct RefundQuery<'a> {
    pub(super) out_trade_no: &'a str,
    pub(super) out_request_no: &'a str,
}

/// What every answer begins with.
#[derive(Deserialize)]
pub(super) struct Verdict {
    pub(super) code: String,
    #[serde(default)]
    pub(super) msg: String,
    #[serde(default)]
    sub_code: String,
    #[serde(default)]
    sub_msg: String,
}

impl Verdict {
    /// The most specific code, with the channel's known misspelling mended.
    pub(super) fn specific(&self) -> String {
        if self.sub_code.is_empty() {
            return self.code.clone();
        }
        self.sub_code.replacen("AQC.", "ACQ.", 1)
    }

    pub(super) fn text(&self) -> &str {
        if self.sub_msg.is_empty() {
            &self.msg
        } else {
            &self.sub_msg
        }
    }

    /// Whether the channel itself doesn't know the outcome, or has no time for us now.
    pub(super) fn undecided(&self) -> bool {
        let code = self.specific();
        matches!(self.code.as_str(), "10003" | "20000")
            || code.ends_with("SYSTEM_ERROR")
            || code.contains("unknow-error")
            || code.contains("call-limited")
    }
}

/// The answer to a precreate.
#[derive(Deserialize)]
pub(super) struct Precreated {
    pub(super) out_trade_no: String,
    pub(super) qr_code: String,
}

/// The answer to a close.
#[derive(Deserialize)]
pub(super) struct ClosedTrade {
    #[serde(default)]
    pub(super) out_trade_no: String,
}

/// The answer to a query.
#[derive(Deserialize)]
pub(super) struct Trade {
    pub(super) out_trade_no: String,
    trade_no: String,
    trade_status: String,
    total_amount: String,
    #[serde(default)]
    buyer_user_id: String,
    #[serde(default)]
    buyer_open_id: String,
    #[serde(default)]
    buyer_pay_amount: String,
    #[serde(default)]
    send_pay_date: String,
}

impl Trade {
    pub(super) fn read(content: &str) -> Result<Trade, CallbackError> {
        serde_json::from_str(content).map_err(|_| malformed("trade"))
    }

    /// `TRADE_CLOSED` is also what a wholly refunded trade becomes: then it has a time of payment.
    pub(super) fn state(
        self,
        config: &AlipayConfig,
        proof: Proof,
    ) -> Result<TradeState, CallbackError> {
        match self.trade_status.as_str() {
            "WAIT_BUYER_PAY" => Ok(TradeState::NotPaid),
            "TRADE_SUCCESS" | "TRADE_FINISHED" => {
                self.evidence(config, proof).map(TradeState::Success)
            }
            "TRADE_CLOSED" if self.send_pay_date.is_empty() => Ok(TradeState::Closed),
            "TRADE_CLOSED" => self.evidence(config, proof).map(TradeState::Refunded),
            _ => Err(malformed("trade_status")),
        }
    }

    /// The answer names neither app nor seller: it is signed with the key pair that Alipay keeps
    /// for this app alone, so both are the binding's.
    fn evidence(self, config: &AlipayConfig, proof: Proof) -> Result<Evidence, CallbackError> {
        // Alipay leaves the time out of some answers; the trade is paid all the same.
        let paid_at_ms = if self.send_pay_date.is_empty() {
            proof.received_at_ms
        } else {
            text::parse_beijing(&self.send_pay_date).ok_or(malformed("send_pay_date"))?
        };
        Ok(Evidence::of_verified(EvidenceRecord {
            channel: Channel::Alipay,
            merchant_no: config.seller_id.clone(),
            app_id: config.app_id.clone(),
            out_trade_no: self.out_trade_no,
            provider_no: some_text(&self.trade_no).ok_or(malformed("trade_no"))?,
            amount_fen: amount(&self.total_amount, "total_amount")?,
            payer_paid_fen: optional_amount(&self.buyer_pay_amount, "buyer_pay_amount")?,
            payer: some_text(&self.buyer_user_id).or_else(|| some_text(&self.buyer_open_id)),
            paid_at_ms,
            proof,
        }))
    }
}

/// The answer to a refund.
#[derive(Deserialize)]
pub(super) struct Refunded {
    pub(super) out_trade_no: String,
    trade_no: String,
    #[serde(default)]
    pub(super) fund_change: String,
}

/// The answer to a refund query; a number that Alipay doesn't know is answered without data.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct RefundFound {
    trade_no: String,
    pub(super) out_trade_no: String,
    pub(super) out_request_no: String,
    pub(super) refund_status: String,
    refund_amount: String,
}

impl RefundFound {
    pub(super) fn evidence(
        self,
        config: &AlipayConfig,
        proof: Proof,
    ) -> Result<RefundEvidence, CallbackError> {
        Ok(RefundEvidence::of_verified(RefundRecord {
            channel: Channel::Alipay,
            merchant_no: config.seller_id.clone(),
            out_trade_no: self.out_trade_no,
            out_refund_no: self.out_request_no,
            provider_no: self.trade_no,
            amount_fen: amount(&self.refund_amount, "refund_amount")?,
            end: RefundEnd::Succeeded,
            proof,
        }))
    }
}

impl Refunded {
    /// The answer names the sum of all refunds of the trade, not this one: `fund_change=Y` says
    /// that the asked amount moved now.
    pub(super) fn evidence(
        self,
        config: &AlipayConfig,
        out_refund_no: &str,
        amount: Money,
        proof: Proof,
    ) -> RefundEvidence {
        RefundEvidence::of_verified(RefundRecord {
            channel: Channel::Alipay,
            merchant_no: config.seller_id.clone(),
            out_trade_no: self.out_trade_no,
            out_refund_no: out_refund_no.to_owned(),
            provider_no: self.trade_no,
            amount_fen: amount,
            end: RefundEnd::Succeeded,
            proof,
        })
    }
}

/// What a verified notice says.
pub(super) fn notice(
    fields: &BTreeMap<String, String>,
    config: &AlipayConfig,
    proof: Proof,
) -> Result<Notice, CallbackError> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    // The signed text does not say where a value ends: with its `&` a value could swallow the fields
    // behind it under the same signature. Nothing that decides has one.
    let need = |name: &'static str| {
        some_text(field(name))
            .filter(|text| !text.contains('&'))
            .ok_or(malformed(name))
    };
    if field("notify_type") != "trade_status_sync" {
        return Ok(Notice::Other {
            event: field("notify_type").to_owned(),
        });
    }
    let merchant_no = need("seller_id")?;
    if merchant_no != config.seller_id {
        return Err(CallbackError::OtherMerchant { merchant_no });
    }
    let status = need("trade_status")?;
    if !matches!(status.as_str(), "TRADE_SUCCESS" | "TRADE_FINISHED") {
        return Ok(Notice::Other { event: status });
    }
    let paid_at = text::parse_beijing(field("gmt_payment")).ok_or(malformed("gmt_payment"))?;
    Ok(Notice::Payment(Evidence::of_verified(EvidenceRecord {
        channel: Channel::Alipay,
        merchant_no,
        app_id: need("app_id")?,
        out_trade_no: need("out_trade_no")?,
        provider_no: need("trade_no")?,
        amount_fen: amount(field("total_amount"), "total_amount")?,
        payer_paid_fen: optional_amount(field("buyer_pay_amount"), "buyer_pay_amount")?,
        payer: some_text(field("buyer_id")).or_else(|| some_text(field("buyer_open_id"))),
        paid_at_ms: paid_at,
        proof,
    })))
}

fn amount(text: &str, what: &'static str) -> Result<Money, CallbackError> {
    text::parse_yuan(text)
        .filter(|amount| amount.fen() > 0)
        .ok_or(malformed(what))
}

fn optional_amount(text: &str, what: &'static str) -> Result<Option<Money>, CallbackError> {
    if text.is_empty() {
        return Ok(None);
    }
    text::parse_yuan(text).map(Some).ok_or(malformed(what))
}

fn some_text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn malformed(what: &'static str) -> CallbackError {
    CallbackError::Malformed { what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alipay::AlipayTrust;

    #[test]
    fn undecided_is_not_refused_in_any_spelling() {
        let verdict = |json: &str| serde_json::from_str::<Verdict>(json).unwrap();
        for json in [
            r#"{"code":"10003"}"#,
            r#"{"code":"20000","sub_code":"isp.unknow-error"}"#,
            r#"{"code":"20000","sub_code":"aop.unknow-error"}"#,
            r#"{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}"#,
            r#"{"code":"40004","sub_code":"AQC.SYSTEM_ERROR"}"#,
            r#"{"code":"40005","sub_code":"isv.app-call-limited"}"#,
        ] {
            assert!(verdict(json).undecided(), "{json}");
        }
        let refused = verdict(r#"{"code":"40004","msg":"m","sub_code":"AQC.TRADE_NOT_EXIST"}"#);
        assert!(!refused.undecided());
        assert_eq!(
            (refused.specific().as_str(), refused.text()),
            ("ACQ.TRADE_NOT_EXIST", "m")
        );
        assert_eq!(verdict(r#"{"code":"40002","msg":"m"}"#).specific(), "40002");
    }

    /// One signature, two forms: the second has swallowed a field into its number.
    #[test]
    fn a_number_that_swallowed_the_next_field_is_refused() {
        let config = AlipayConfig {
            gateway_url: String::new(),
            app_id: "1".into(),
            seller_id: "2".into(),
            app_private_key_pem: crate::keys::Secret::new(""),
            trust: AlipayTrust::PublicKey {
                alipay_public_key_pem: String::new(),
            },
            precreate_product_code: String::new(),
        };
        let proof = || Proof {
            source: crate::evidence::Source::Callback,
            received_at_ms: 7,
            headers: crate::headers::Headers::default(),
            body: Vec::new(),
        };
        let form = |body: &str| super::super::sign::form(body.as_bytes()).unwrap();
        let rest = "app_id=1&gmt_payment=2027-01-01 08:00:00&notify_type=trade_status_sync\
                    &seller_id=2&total_amount=1.00&trade_no=3&trade_status=TRADE_SUCCESS";
        let sent = form(&format!("{rest}&out_trade_no=FT1&point_amount=0.00"));
        let merged = form(&format!("{rest}&out_trade_no=FT1%26point_amount%3D0.00"));
        let signed = super::super::sign::notice_text;
        assert_eq!(signed(&sent), signed(&merged));
        let Ok(Notice::Payment(evidence)) = notice(&sent, &config, proof()) else {
            panic!("an honest notice is taken");
        };
        assert_eq!(evidence.out_trade_no(), "FT1");
        assert_eq!(
            notice(&merged, &config, proof()),
            Err(malformed("out_trade_no"))
        );
    }

    /// A wholly refunded trade is closed, too, but was paid: only that one has a time of payment.
    #[test]
    fn a_closed_trade_was_paid_if_it_has_a_time_of_payment() {
        let config = AlipayConfig {
            gateway_url: String::new(),
            app_id: "1".into(),
            seller_id: "2".into(),
            app_private_key_pem: crate::keys::Secret::new(""),
            trust: AlipayTrust::PublicKey {
                alipay_public_key_pem: String::new(),
            },
            precreate_product_code: String::new(),
        };
        let proof = || Proof {
            source: crate::evidence::Source::Query,
            received_at_ms: 7,
            headers: crate::headers::Headers::default(),
            body: Vec::new(),
        };
        let state = |status: &str, paid_at: &str| {
            let json = format!(
                r#"{{"out_trade_no":"n","trade_no":"t","trade_status":"{status}",
                    "total_amount":"1.00","send_pay_date":"{paid_at}"}}"#
            );
            Trade::read(&json).and_then(|trade| trade.state(&config, proof()))
        };
        assert_eq!(state("TRADE_CLOSED", ""), Ok(TradeState::Closed));
        let Ok(TradeState::Refunded(_)) = state("TRADE_CLOSED", "2027-01-01 08:00:00") else {
            panic!()
        };
        let Ok(TradeState::Success(evidence)) = state("TRADE_FINISHED", "") else {
            panic!()
        };
        assert_eq!(evidence.paid_at_ms(), 7, "paid all the same");
        assert!(state("TRADE_SUCCESS", "yesterday").is_err());
        assert!(state("TRADE_UNHEARD_OF", "").is_err());
    }
}
