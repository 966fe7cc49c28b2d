//! The client of the Alipay open API (V2 gateway) for one account, in key or certificate mode. Pages (wap, page) are
//! signed URLs that the payer opens, so nothing is asked of Alipay and no trade exists before the
//! payer arrives: "no such trade" is then not an end. `alipay.trade.cancel` refunds a paid trade
//! and is therefore used nowhere.

mod config;
mod messages;
mod sign;
mod trust;

#[cfg(test)]
mod vectors;

pub use config::{AlipayConfig, AlipayTrust};

use crate::ambient::Ambient;
use crate::bill::MAX_BILL_BYTES;
use crate::callback::{CallbackReply, Notice};
use crate::error::{CallbackError, ConfigError, Why};
use crate::evidence::{Evidence, EvidenceRecord, Proof, Source};
use crate::gateway::{
    Answer, BillFile, Closed, CreateOrder, Created, Gateway, Product, RefundOrder, RefundState,
    TradeState,
};
use crate::headers::Headers;
use crate::http::{DOWNLOAD, Reply, send, send_for};
use crate::keys::PrivateKey;
use crate::text;
use domain::channel::Channel;
use jiff::civil::Date;
use reqwest::Url;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sign::Slices;
use std::sync::Arc;
use trust::Trust;

/// One account at Alipay.
pub struct Alipay {
    config: AlipayConfig,
    gateway: Url,
    key: PrivateKey,
    trust: Trust,
    http: reqwest::Client,
    ambient: Arc<dyn Ambient>,
}

/// An answer after its signature was looked at.
enum Heard {
    /// Code 10000, verified: the raw characters of the object, and the whole answer.
    Done { content: String, proof: Proof },
    /// Any other code that decides.
    Refused {
        status: u16,
        code: String,
        message: String,
        signed: bool,
    },
}

impl Alipay {
    /// Checks the binding and makes its client. Sends nothing.
    pub fn new(
        config: AlipayConfig,
        http: reqwest::Client,
        ambient: Arc<dyn Ambient>,
    ) -> Result<Alipay, ConfigError> {
        for (field, value) in [("app_id", &config.app_id), ("seller_id", &config.seller_id)] {
            if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
                return Err(ConfigError::Field {
                    field,
                    problem: "must be digits only",
                });
            }
        }
        let no_url = ConfigError::Field {
            field: "gateway_url",
            problem: "is not a URL with a host",
        };
        let Ok(gateway) = Url::parse(&config.gateway_url) else {
            return Err(no_url);
        };
        if !gateway.has_host() || gateway.query().is_some() {
            return Err(no_url);
        }
        let key = PrivateKey::read("app_private_key_pem", &config.app_private_key_pem)?;
        let trust = Trust::read(&config.trust, &key)?;
        Ok(Alipay {
            config,
            gateway,
            key,
            trust,
            http,
            ambient,
        })
    }

    /// All parameters of a request, signed.
    fn params(
        &self,
        method: &'static str,
        biz_content: &impl Serialize,
        addresses: &[(&'static str, &str)],
    ) -> Result<Vec<(&'static str, String)>, Why> {
        let biz_content =
            serde_json::to_string(biz_content).map_err(|_| Why::NotSent { what: "body" })?;
        let timestamp =
            text::beijing(self.ambient.unix_ms()).ok_or(Why::NotSent { what: "timestamp" })?;
        let mut params = vec![
            ("app_id", self.config.app_id.clone()),
            ("method", method.to_owned()),
            ("format", "JSON".to_owned()),
            ("charset", "utf-8".to_owned()),
            ("sign_type", "RSA2".to_owned()),
            ("timestamp", timestamp),
            ("version", "1.0".to_owned()),
            ("biz_content", biz_content),
        ];
        params.extend(self.trust.params());
        params.extend(
            addresses
                .iter()
                .map(|(name, url)| (*name, (*url).to_owned())),
        );
        params.retain(|(_, value)| !value.is_empty());
        let text = sign::text(params.iter().map(|(name, value)| (*name, value.as_str())));
        let sign = self
            .key
            .sign(text.as_bytes())
            .ok_or(Why::NotSent { what: "signature" })?;
        params.push(("sign", sign));
        Ok(params)
    }

    async fn call(
        &self,
        method: &'static str,
        biz_content: &impl Serialize,
        addresses: &[(&'static str, &str)],
    ) -> Result<Heard, Why> {
        let reply = self.exchange(method, biz_content, addresses).await?;
        self.hear(method, reply)
    }

    /// Signs and sends; what is answered is not looked at.
    async fn exchange(
        &self,
        method: &'static str,
        biz_content: &impl Serialize,
        addresses: &[(&'static str, &str)],
    ) -> Result<Reply, Why> {
        let params = self.params(method, biz_content, addresses)?;
        // The long part goes into the body, the rest into the query, as in Alipay's own clients:
        // the charset must be known before the body is read.
        let (body, query): (Vec<_>, Vec<_>) = params
            .into_iter()
            .partition(|(name, _)| *name == "biz_content");
        let mut url = self.gateway.clone();
        url.query_pairs_mut().extend_pairs(&query);
        let request = self.http.post(url).form(&body).build();
        let request = request.map_err(|_| Why::NotSent { what: "request" })?;
        send(&self.http, request).await
    }

    fn hear(&self, method: &str, reply: Reply) -> Result<Heard, Why> {
        let Reply { status, body, .. } = reply;
        if status != 200 {
            let message = "not an answer of Alipay".to_owned();
            return Err(Why::Unsigned {
                status,
                code: String::new(),
                message,
            });
        }
        let slices = sign::slices(method, &body)?;
        let signed = slices.sign.is_some();
        if signed {
            let verified = self.verify(&slices, self.ambient.unix_ms());
            if let (Trust::Certificates(certificates), Err(CallbackError::UnknownKey { serial })) =
                (&self.trust, &verified)
            {
                certificates.miss(serial);
            }
            verified?;
        }
        let verdict: messages::Verdict = read(slices.content)?;
        let code = verdict.specific();
        if verdict.undecided() {
            return Err(Why::NotYet { status, code });
        }
        if verdict.code != "10000" {
            let message = verdict.text().to_owned();
            return Ok(Heard::Refused {
                status,
                code,
                message,
                signed,
            });
        }
        if !signed {
            return Err(CallbackError::BadSignature.into());
        }
        let content = slices.content.to_owned();
        let received_at_ms = self.ambient.unix_ms();
        let headers = Headers::default();
        let proof = Proof {
            source: Source::Query,
            received_at_ms,
            headers,
            body,
        };
        Ok(Heard::Done { content, proof })
    }

    async fn try_create(&self, order: &CreateOrder) -> Result<Answer<Created>, Why> {
        let (method, product_code, return_url) = match &order.product {
            Product::AlipayWap { return_url } => {
                ("alipay.trade.wap.pay", "QUICK_WAP_WAY", return_url.as_str())
            }
            Product::AlipayPage { return_url } => (
                "alipay.trade.page.pay",
                "FAST_INSTANT_TRADE_PAY",
                return_url.as_str(),
            ),
            Product::AlipayPrecreate => (
                "alipay.trade.precreate",
                self.config.precreate_product_code.as_str(),
                "",
            ),
            _ => {
                return Ok(Answer::rejected(
                    "PRODUCT",
                    "Alipay does not offer this product",
                ));
            }
        };
        let Some(total_amount) = text::yuan(order.amount) else {
            return Ok(Answer::rejected(
                "AMOUNT",
                "an order must be for more than zero",
            ));
        };
        let time_expire = text::beijing(order.time_expire_ms).ok_or(Why::NotSent {
            what: "time_expire",
        })?;
        let biz_content = messages::Order {
            out_trade_no: &order.out_trade_no,
            total_amount,
            // Alipay refuses these three in a subject.
            subject: order.description.replace(['/', '=', '&'], " "),
            product_code,
            time_expire,
            seller_id: &self.config.seller_id,
            quit_url: (method == "alipay.trade.wap.pay").then_some(return_url),
        };
        let addresses = [
            ("notify_url", order.notify_url.as_str()),
            ("return_url", return_url),
        ];
        if order.product != Product::AlipayPrecreate {
            let params = self.params(method, &biz_content, &addresses)?;
            let mut url = self.gateway.clone();
            url.query_pairs_mut().extend_pairs(&params);
            return Ok(Answer::Done(Created::Redirect { url: url.into() }));
        }
        match self.call(method, &biz_content, &addresses).await? {
            Heard::Done { content, .. } => {
                let precreated: messages::Precreated = read(&content)?;
                same_number(&precreated.out_trade_no, &order.out_trade_no)?;
                Ok(Answer::Done(Created::Qr {
                    code: precreated.qr_code,
                }))
            }
            // Placing moves no money: an unsigned refusal can be believed.
            Heard::Refused { code, message, .. } => Ok(Answer::Rejected { code, message }),
        }
    }

    async fn try_query(&self, out_trade_no: &str) -> Result<Answer<TradeState>, Why> {
        let biz_content = messages::ByNumber { out_trade_no };
        match self.call("alipay.trade.query", &biz_content, &[]).await? {
            Heard::Done { content, proof } => {
                let trade = messages::Trade::read(&content)?;
                same_number(&trade.out_trade_no, out_trade_no)?;
                Ok(Answer::Done(trade.state(&self.config, proof)?))
            }
            Heard::Refused { code, signed, .. } if code == "ACQ.TRADE_NOT_EXIST" => {
                Ok(Answer::Done(TradeState::NoSuchTrade { signed }))
            }
            refused => believe_signed(refused),
        }
    }

    async fn try_close(&self, out_trade_no: &str) -> Result<Answer<Closed>, Why> {
        let biz_content = messages::ByNumber { out_trade_no };
        match self.call("alipay.trade.close", &biz_content, &[]).await? {
            Heard::Done { content, .. } => {
                let closed: messages::ClosedTrade = read(&content)?;
                if !closed.out_trade_no.is_empty() {
                    same_number(&closed.out_trade_no, out_trade_no)?;
                }
                Ok(Answer::Done(Closed::Closed))
            }
            Heard::Refused {
                status,
                code,
                message,
                signed,
            } => match code.as_str() {
                "ACQ.TRADE_NOT_EXIST" => Ok(Answer::Done(Closed::NoSuchTrade { signed })),
                // Whoever said so: to query is never wrong.
                "ACQ.TRADE_STATUS_ERROR"
                | "ACQ.REASON_TRADE_STATUS_INVALID"
                | "ACQ.REASON_ILLEGAL_STATUS"
                | "ACQ.TRADE_HAS_SUCCESS"
                | "ACQ.TRADE_HAS_CLOSE" => Ok(Answer::Done(Closed::QueryDecides)),
                _ => believe_signed(Heard::Refused {
                    status,
                    code,
                    message,
                    signed,
                }),
            },
        }
    }

    async fn try_refund(&self, refund: &RefundOrder) -> Result<Answer<RefundState>, Why> {
        let Some(refund_amount) = text::yuan(refund.refund) else {
            return Ok(Answer::rejected(
                "AMOUNT",
                "a refund must be of more than zero",
            ));
        };
        let biz_content = messages::Refund {
            out_trade_no: &refund.out_trade_no,
            out_request_no: &refund.out_refund_no,
            refund_amount,
            refund_reason: &refund.reason,
        };
        match self.call("alipay.trade.refund", &biz_content, &[]).await? {
            Heard::Done { content, proof } => {
                let answer: messages::Refunded = read(&content)?;
                same_number(&answer.out_trade_no, &refund.out_trade_no)?;
                if answer.fund_change != "Y" {
                    // Repeated, or not moved yet: the refund query says which.
                    return Ok(Answer::Done(RefundState::Processing));
                }
                let number = &refund.out_refund_no;
                let evidence = answer.evidence(&self.config, number, refund.refund, proof);
                Ok(Answer::Done(RefundState::Ended(evidence)))
            }
            refused => believe_signed(refused),
        }
    }

    async fn try_refund_query(
        &self,
        out_trade_no: &str,
        out_request_no: &str,
    ) -> Result<Answer<RefundState>, Why> {
        let biz_content = messages::RefundQuery {
            out_trade_no,
            out_request_no,
        };
        let method = "alipay.trade.fastpay.refund.query";
        match self.call(method, &biz_content, &[]).await? {
            Heard::Done { content, proof } => {
                let found: messages::RefundFound = read(&content)?;
                if found.out_request_no.is_empty() {
                    return Ok(Answer::Done(RefundState::NoSuchRefund { signed: true }));
                }
                same_number(&found.out_request_no, out_request_no)?;
                same_number(&found.out_trade_no, out_trade_no)?;
                Ok(Answer::Done(match found.refund_status.as_str() {
                    "REFUND_SUCCESS" => RefundState::Ended(found.evidence(&self.config, proof)?),
                    _ => RefundState::Processing,
                }))
            }
            Heard::Refused { code, signed, .. } if code == "ACQ.TRADE_NOT_EXIST" => {
                Ok(Answer::Done(RefundState::NoSuchRefund { signed }))
            }
            refused => believe_signed(refused),
        }
    }

    async fn try_bill(&self, day: Date) -> Result<Answer<BillFile>, Why> {
        let biz_content = messages::BillOfDay {
            bill_type: "trade",
            bill_date: day.to_string(),
        };
        let method = "alipay.data.dataservice.bill.downloadurl.query";
        let content = match self.call(method, &biz_content, &[]).await? {
            Heard::Done { content, .. } => content,
            // A bill moves no money: an unsigned refusal can be believed.
            Heard::Refused { code, .. } if no_bill(&code) => {
                return Ok(Answer::Done(BillFile::NoTrades));
            }
            Heard::Refused { code, message, .. } => return Ok(Answer::Rejected { code, message }),
        };
        let link: messages::BillLink = read(&content)?;
        let request = self.http.get(&link.bill_download_url).timeout(DOWNLOAD);
        let request = request.build().map_err(|_| Why::NotSent { what: "URL" })?;
        // The file is not signed and Alipay states no hash of it: its archive carries checksums, and
        // its rows must add up to its totals.
        let reply = send_for(&self.http, request, MAX_BILL_BYTES).await?;
        if reply.status != 200 {
            let (status, code) = (reply.status, String::new());
            return Err(Why::NotYet { status, code });
        }
        Ok(Answer::Done(BillFile::File {
            name: format!("alipay {day}"),
            bytes: reply.body,
        }))
    }

    /// Verified notice of a callback's bytes.
    fn notice(&self, proof: Proof) -> Result<Notice, CallbackError> {
        let fields = sign::form(&proof.body)?;
        let field = |name: &'static str| {
            fields
                .get(name)
                .ok_or(CallbackError::Missing { name })
                .map(String::as_str)
        };
        let kind = field("sign_type")?;
        if kind != "RSA2" {
            return Err(CallbackError::SignatureKind {
                kind: kind.to_owned(),
            });
        }
        let sign = field("sign")?;
        let sn = fields.get("alipay_cert_sn").map(String::as_str);
        let text = sign::notice_text(&fields);
        self.trust
            .verify(sn, text.as_bytes(), sign, proof.received_at_ms)?;
        messages::notice(&fields, &self.config, proof)
    }
}

/// Codes come with a prefix or without, and in either case.
fn no_bill(code: &str) -> bool {
    let code = code.to_ascii_uppercase().replace('-', "_");
    code.ends_with("NO_BILL_DATA") || code.ends_with("BILL_NOT_EXIST")
}

fn read<T: DeserializeOwned>(content: &str) -> Result<T, CallbackError> {
    serde_json::from_str(content).map_err(|_| CallbackError::Malformed { what: "answer" })
}

fn same_number(answered: &str, asked: &str) -> Result<(), Why> {
    if answered == asked {
        Ok(())
    } else {
        Err(Why::Mismatch { what: "number" })
    }
}

/// A refusal counts as one when it is signed; otherwise nothing is known.
fn believe_signed<T>(heard: Heard) -> Result<Answer<T>, Why> {
    match heard {
        Heard::Refused {
            signed: true,
            code,
            message,
            ..
        } => Ok(Answer::Rejected { code, message }),
        Heard::Refused {
            status,
            code,
            message,
            ..
        } => Err(Why::Unsigned {
            status,
            code,
            message,
        }),
        Heard::Done { .. } => Err(Why::Mismatch { what: "answer" }),
    }
}

#[async_trait::async_trait]
impl Gateway for Alipay {
    fn channel(&self) -> Channel {
        Channel::Alipay
    }

    fn merchant_no(&self) -> &str {
        &self.config.seller_id
    }

    fn app_id(&self) -> &str {
        &self.config.app_id
    }

    async fn create(&self, order: &CreateOrder) -> Answer<Created> {
        if !text::fits_both_channels(&order.out_trade_no) {
            return Answer::bad_number();
        }
        Answer::of(self.try_create(order).await)
    }

    async fn query(&self, out_trade_no: &str) -> Answer<TradeState> {
        if !text::fits_both_channels(out_trade_no) {
            return Answer::bad_number();
        }
        Answer::of(self.try_query(out_trade_no).await)
    }

    async fn close(&self, out_trade_no: &str) -> Answer<Closed> {
        if !text::fits_both_channels(out_trade_no) {
            return Answer::bad_number();
        }
        Answer::of(self.try_close(out_trade_no).await)
    }

    async fn refund(&self, refund: &RefundOrder) -> Answer<RefundState> {
        if !text::fits_both_channels(&refund.out_refund_no) {
            return Answer::bad_number();
        }
        Answer::of(self.try_refund(refund).await)
    }

    async fn refund_query(&self, out_trade_no: &str, out_refund_no: &str) -> Answer<RefundState> {
        if !text::fits_both_channels(out_refund_no) {
            return Answer::bad_number();
        }
        Answer::of(self.try_refund_query(out_trade_no, out_refund_no).await)
    }

    async fn bill(&self, day: Date) -> Answer<BillFile> {
        Answer::of(self.try_bill(day).await)
    }

    /// A notice carries its signature in the form; headers prove nothing here.
    fn read_callback(&self, headers: &Headers, body: &[u8]) -> Result<Notice, CallbackError> {
        self.read_stored_callback(headers, body, self.ambient.unix_ms())
    }

    fn read_stored_callback(
        &self,
        _headers: &Headers,
        body: &[u8],
        received_at_ms: i64,
    ) -> Result<Notice, CallbackError> {
        self.notice(Proof {
            source: Source::Callback,
            received_at_ms,
            headers: Headers::default(),
            body: body.to_vec(),
        })
    }

    fn callback_reply(&self, accepted: bool) -> CallbackReply {
        let (status, body) = if accepted {
            (200, "success")
        } else {
            (400, "fail")
        };
        CallbackReply {
            status,
            content_type: Some("text/plain"),
            body,
        }
    }

    fn bindable(&self) -> Result<(), ConfigError> {
        self.trust.timely(self.ambient.unix_ms())
    }

    fn misses_key(&self) -> bool {
        match &self.trust {
            Trust::Key(_) => false,
            Trust::Certificates(certificates) => certificates.missed().is_some(),
        }
    }

    async fn refresh_keys(&self) -> Answer<usize> {
        Answer::of(self.try_refresh().await)
    }

    fn reverify(&self, record: &EvidenceRecord) -> Result<Evidence, CallbackError> {
        let proof = record.proof.clone();
        let evidence = match proof.source {
            Source::Callback => match self.notice(proof)? {
                Notice::Payment(evidence) => evidence,
                _ => return Err(CallbackError::RecordDiffers),
            },
            Source::Query => self.evidence_of_query(proof)?,
            Source::Close | Source::Bill => return Err(CallbackError::RecordDiffers),
        };
        if evidence.to_record() == *record {
            Ok(evidence)
        } else {
            Err(CallbackError::RecordDiffers)
        }
    }
}

impl Alipay {
    /// Whether an answer is Alipay's, as at that time.
    fn verify(&self, slices: &Slices<'_>, at_ms: i64) -> Result<(), CallbackError> {
        let sign = slices.sign.as_deref().ok_or(CallbackError::BadSignature)?;
        let sn = slices.cert_sn.as_deref();
        self.trust
            .verify(sn, slices.content.as_bytes(), sign, at_ms)
    }

    /// Fetches the certificate that signed a message and isn't held. The answer is signed with it,
    /// so nothing but the roots can prove it.
    async fn try_refresh(&self) -> Result<Answer<usize>, Why> {
        let Trust::Certificates(certificates) = &self.trust else {
            return Ok(Answer::rejected(
                "PRODUCT",
                "a key is bound, no certificates",
            ));
        };
        let Some(alipay_cert_sn) = certificates.missed() else {
            return Ok(Answer::Done(0));
        };
        let method = "alipay.open.app.alipaycert.download";
        let biz_content = messages::CertificateBySn {
            alipay_cert_sn: &alipay_cert_sn,
        };
        let reply = self.exchange(method, &biz_content, &[]).await?;
        let slices = sign::slices(method, &reply.body)?;
        let verdict: messages::Verdict = read(slices.content)?;
        if verdict.code != "10000" {
            let (code, message) = (verdict.specific(), verdict.text().to_owned());
            return Ok(Answer::Rejected { code, message });
        }
        let downloaded: messages::DownloadedCertificate = read(slices.content)?;
        let pem = downloaded.pem().ok_or(CallbackError::Malformed {
            what: "certificate",
        })?;
        certificates.add(&alipay_cert_sn, &pem)?;
        Ok(Answer::Done(1))
    }

    fn evidence_of_query(&self, proof: Proof) -> Result<Evidence, CallbackError> {
        let body = proof.body.clone();
        let slices = sign::slices("alipay.trade.query", &body)?;
        self.verify(&slices, proof.received_at_ms)?;
        match messages::Trade::read(slices.content)?.state(&self.config, proof)? {
            TradeState::Success(evidence) | TradeState::Refunded(evidence) => Ok(evidence),
            _ => Err(CallbackError::RecordDiffers),
        }
    }
}
