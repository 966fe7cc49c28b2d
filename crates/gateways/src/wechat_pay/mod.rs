//! The client of WeChat Pay API v3 for one merchant account. Only answers that WeChat Pay signed
//! with a key of the binding make anything known; an unsigned refusal counts where it can move no
//! money (placing an order) and is unknown anywhere else, because a proxy could have said it.

mod call;
mod certificates;
mod cipher;
mod clock;
mod config;
mod key_ring;
mod messages;
mod sign;

#[cfg(test)]
mod vectors;

pub use config::{VerificationKey, WechatPayConfig};

use crate::ambient::Ambient;
use crate::bill::unpack;
use crate::callback::{CallbackReply, Notice};
use crate::error::{CallbackError, ConfigError, Why};
use crate::evidence::{Evidence, EvidenceRecord, Proof, Source};
use crate::gateway::{
    Answer, BillFile, Closed, CreateOrder, Created, Gateway, PayParams, Product, RefundOrder,
    RefundState, TradeState,
};
use crate::headers::Headers;
use crate::http::send;
use crate::keys::PrivateKey;
use crate::text;
use call::{Heard, believe_signed};
use cipher::ApiV3Key;
use clock::ClockGuard;
use domain::channel::Channel;
use jiff::civil::Date;
use key_ring::KeyRing;
use reqwest::{Method, Url};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

/// One merchant account at WeChat Pay.
pub struct WechatPay {
    config: WechatPayConfig,
    key: PrivateKey,
    cipher: ApiV3Key,
    keys: RwLock<KeyRing>,
    /// A message named a key that isn't held.
    missed_key: AtomicBool,
    clock: ClockGuard,
    http: reqwest::Client,
    ambient: Arc<dyn Ambient>,
}

impl WechatPay {
    /// Checks the binding and makes its client. Sends nothing.
    pub fn new(
        config: WechatPayConfig,
        http: reqwest::Client,
        ambient: Arc<dyn Ambient>,
    ) -> Result<WechatPay, ConfigError> {
        for (field, value) in [
            ("mchid", &config.mchid),
            ("appid", &config.appid),
            ("merchant_serial", &config.merchant_serial),
        ] {
            if value.is_empty() || !value.bytes().all(|b| b.is_ascii_alphanumeric()) {
                let problem = "must be letters and digits, without blanks";
                return Err(ConfigError::Field { field, problem });
            }
        }
        for (field, value) in [
            ("api_base", &config.api_base),
            ("authorise_base", &config.authorise_base),
            ("oauth_base", &config.oauth_base),
        ] {
            if !matches!(Url::parse(value), Ok(url) if url.has_host()) {
                return Err(ConfigError::Field {
                    field,
                    problem: "is not a URL with a host",
                });
            }
        }
        Ok(WechatPay {
            key: PrivateKey::read("merchant_key_pem", &config.merchant_key_pem)?,
            cipher: ApiV3Key::read(config.api_v3_key.expose())?,
            keys: RwLock::new(KeyRing::of(&config.verification_keys)?),
            missed_key: AtomicBool::new(false),
            clock: ClockGuard::default(),
            config,
            http,
            ambient,
        })
    }

    fn order<'a>(&'a self, order: &'a CreateOrder) -> Option<(&'static str, messages::Order<'a>)> {
        let (path, payer, scene_info) = match &order.product {
            Product::WechatJsapi { openid } => ("jsapi", Some(messages::Payer { openid }), None),
            Product::WechatNative => ("native", None, None),
            Product::WechatH5 { client_ip } => {
                let h5_info = messages::H5Info { kind: "Wap" };
                (
                    "h5",
                    None,
                    Some(messages::Scene {
                        payer_client_ip: client_ip,
                        h5_info,
                    }),
                )
            }
            _ => return None,
        };
        let body = messages::Order {
            appid: &self.config.appid,
            mchid: &self.config.mchid,
            description: &order.description,
            out_trade_no: &order.out_trade_no,
            time_expire: text::rfc3339(order.time_expire_ms)?,
            notify_url: &order.notify_url,
            amount: messages::OrderAmount {
                total: order.amount.fen(),
                currency: "CNY",
            },
            payer,
            scene_info,
        };
        Some((path, body))
    }

    async fn try_create(&self, order: &CreateOrder) -> Result<Answer<Created>, Why> {
        let Some((path, body)) = self.order(order) else {
            return Ok(Answer::rejected(
                "PRODUCT",
                "WeChat Pay does not offer this product",
            ));
        };
        let path = format!("/v3/pay/transactions/{path}");
        let proof = match self.call(Method::POST, &path, Some(&body)).await? {
            Heard::Done(proof) => proof,
            // Placing moves no money: an unsigned refusal can be believed.
            Heard::Refused { code, message, .. } => return Ok(Answer::Rejected { code, message }),
        };
        let prepared: messages::Prepared =
            serde_json::from_slice(&proof.body).map_err(|_| CallbackError::Malformed {
                what: "prepared order",
            })?;
        let created = match (&order.product, prepared) {
            (
                Product::WechatJsapi { .. },
                messages::Prepared {
                    prepay_id: Some(id),
                    ..
                },
            ) => {
                let pay_params = self.pay_params(&id)?;
                Created::Jsapi {
                    prepay_id: id,
                    pay_params,
                }
            }
            (
                Product::WechatNative,
                messages::Prepared {
                    code_url: Some(code),
                    ..
                },
            ) => Created::Qr { code },
            (
                Product::WechatH5 { .. },
                messages::Prepared {
                    h5_url: Some(url), ..
                },
            ) => Created::Redirect { url },
            _ => {
                return Err(Why::Mismatch {
                    what: "prepared order",
                });
            }
        };
        Ok(Answer::Done(created))
    }

    fn pay_params(&self, prepay_id: &str) -> Result<PayParams, Why> {
        let app_id = self.config.appid.clone();
        let time_stamp = self.ambient.unix_ms().div_euclid(1000).to_string();
        let nonce_str = self.ambient.nonce();
        let package = format!("prepay_id={prepay_id}");
        let text = sign::pay_text(&app_id, &time_stamp, &nonce_str, &package);
        let pay_sign = self.key.sign(&text).ok_or(Why::NotSent {
            what: "pay signature",
        })?;
        Ok(PayParams {
            app_id,
            time_stamp,
            nonce_str,
            package,
            sign_type: "RSA",
            pay_sign,
        })
    }

    async fn try_query(&self, out_trade_no: &str) -> Result<Answer<TradeState>, Why> {
        let mchid = &self.config.mchid;
        let path = format!("/v3/pay/transactions/out-trade-no/{out_trade_no}?mchid={mchid}");
        let proof = match self.call(Method::GET, &path, NO_BODY).await? {
            Heard::Done(proof) => proof,
            Heard::Refused { code, signed, .. } if code == "ORDER_NOT_EXIST" => {
                return Ok(Answer::Done(TradeState::NoSuchTrade { signed }));
            }
            refused => return believe_signed(refused),
        };
        let trade = messages::Transaction::read(&proof.body)?;
        trade.check_merchant(&self.config)?;
        if trade.out_trade_no != out_trade_no {
            return Err(Why::Mismatch {
                what: "out_trade_no",
            });
        }
        Ok(Answer::Done(match trade.trade_state.as_str() {
            "SUCCESS" => TradeState::Success(trade.evidence(&self.config, proof)?),
            "REFUND" => TradeState::Refunded(trade.evidence(&self.config, proof)?),
            "NOTPAY" | "PAYERROR" => TradeState::NotPaid,
            "USERPAYING" | "ACCEPT" => TradeState::Paying,
            "CLOSED" | "REVOKED" => TradeState::Closed,
            _ => {
                return Err(CallbackError::Malformed {
                    what: "trade_state",
                }
                .into());
            }
        }))
    }

    async fn try_close(&self, out_trade_no: &str) -> Result<Answer<Closed>, Why> {
        let path = format!("/v3/pay/transactions/out-trade-no/{out_trade_no}/close");
        let body = messages::Close {
            mchid: &self.config.mchid,
        };
        match self.call(Method::POST, &path, Some(&body)).await? {
            Heard::Done(_) => Ok(Answer::Done(Closed::Closed)),
            Heard::Refused {
                code,
                signed,
                status,
                message,
            } => match code.as_str() {
                "ORDER_NOT_EXIST" => Ok(Answer::Done(Closed::NoSuchTrade { signed })),
                // Whoever said so: to query is never wrong.
                "ORDERPAID" | "ORDER_PAID" | "ORDER_CLOSED" | "ORDERCLOSED" | "TRADE_ERROR"
                | "INVALID_REQUEST" => Ok(Answer::Done(Closed::QueryDecides)),
                _ => believe_signed(Heard::Refused {
                    status,
                    code,
                    message,
                    signed,
                }),
            },
        }
    }

    async fn try_refund(
        &self,
        method: Method,
        path: &str,
        body: Option<&messages::Refund<'_>>,
        out_refund_no: &str,
    ) -> Result<Answer<RefundState>, Why> {
        let proof = match self.call(method, path, body).await? {
            Heard::Done(proof) => proof,
            Heard::Refused { code, signed, .. }
                if body.is_none() && code == "RESOURCE_NOT_EXISTS" =>
            {
                return Ok(Answer::Done(RefundState::NoSuchRefund { signed }));
            }
            refused => return believe_signed(refused),
        };
        let refund = messages::RefundAnswer::read(&proof.body)?;
        if refund.out_refund_no != out_refund_no {
            return Err(Why::Mismatch {
                what: "out_refund_no",
            });
        }
        Ok(Answer::Done(refund.state(&self.config, proof)?))
    }

    /// Asks for a statement, packed, and gets it from the address that the answer names.
    async fn try_statement(&self, path: &str, name: String) -> Result<Answer<BillFile>, Why> {
        let proof = match self.call(Method::GET, path, NO_BODY).await? {
            Heard::Done(proof) => proof,
            // A bill moves no money: an unsigned refusal can be believed.
            Heard::Refused { code, .. } if code == "NO_STATEMENT_EXIST" => {
                return Ok(Answer::Done(BillFile::NoTrades));
            }
            Heard::Refused { code, status, .. } if code == "STATEMENT_CREATING" => {
                return Err(Why::NotYet { status, code });
            }
            Heard::Refused { code, message, .. } => return Ok(Answer::Rejected { code, message }),
        };
        let link: messages::BillLink = serde_json::from_slice(&proof.body)
            .map_err(|_| CallbackError::Malformed { what: "bill" })?;
        if link.hash_type != "SHA1" {
            return Err(Why::Mismatch { what: "hash_type" });
        }
        let file = self.download(&link.download_url).await?;
        let mismatch = |what| Why::Mismatch { what };
        let bytes = unpack(&name, &file).map_err(|_| mismatch("packing of the bill"))?;
        // The hash is of the bill before it was packed; the document does not rule out the file.
        let announced = |bytes: &[u8]| {
            let hash = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
            let hash: String = hash.as_ref().iter().map(|b| format!("{b:02x}")).collect();
            hash.eq_ignore_ascii_case(&link.hash_value)
        };
        if !announced(&bytes) && !announced(&file) {
            return Err(mismatch("hash of the bill"));
        }
        let bytes = bytes.into_owned();
        Ok(Answer::Done(BillFile::File { name, bytes }))
    }

    async fn try_openid(&self, code: &str) -> Result<Answer<String>, Why> {
        let base = self.config.oauth_base.trim_end_matches('/');
        let request = self
            .http
            .get(format!("{base}/sns/oauth2/access_token"))
            .query(&[
                ("appid", self.config.appid.as_str()),
                ("secret", self.config.app_secret.expose()),
                ("code", code),
                ("grant_type", "authorization_code"),
            ]);
        let request = request.build().map_err(|_| Why::NotSent { what: "URL" })?;
        let reply = send(&self.http, request).await?;
        let status = reply.status;
        let answer: messages::OpenidAnswer =
            serde_json::from_slice(&reply.body).map_err(|_| CallbackError::Malformed {
                what: "openid answer",
            })?;
        Ok(match answer {
            messages::OpenidAnswer {
                openid: Some(openid),
                ..
            } if status == 200 => Answer::Done(openid),
            messages::OpenidAnswer {
                errcode: Some(code @ 1..),
                errmsg,
                ..
            } => Answer::Rejected {
                code: code.to_string(),
                message: errmsg,
            },
            // -1: busy.
            other => {
                let code = other.errcode.unwrap_or_default().to_string();
                Why::NotYet { status, code }.into()
            }
        })
    }

    /// Verified notice of a callback's bytes, as at `proof.received_at_ms`.
    fn notice(&self, headers: &Headers, proof: Proof) -> Result<Notice, CallbackError> {
        self.verify(proof.received_at_ms, headers, &proof.body)?;
        let event = messages::Event::read(&proof.body)?;
        let plain = self.cipher.open(&event.resource)?;
        event.notice(&plain, &self.config, proof)
    }
}

const NO_BODY: Option<&()> = None;

#[async_trait::async_trait]
impl Gateway for WechatPay {
    fn channel(&self) -> Channel {
        Channel::WechatPay
    }

    fn merchant_no(&self) -> &str {
        &self.config.mchid
    }

    fn app_id(&self) -> &str {
        &self.config.appid
    }

    async fn create(&self, order: &CreateOrder) -> Answer<Created> {
        if !text::fits_both_channels(&order.out_trade_no) {
            return Answer::bad_number();
        }
        if order.amount.fen() <= 0 {
            return Answer::rejected("AMOUNT", "an order must be for more than zero");
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
        let body = messages::Refund {
            out_trade_no: &refund.out_trade_no,
            out_refund_no: &refund.out_refund_no,
            reason: &refund.reason,
            notify_url: &refund.notify_url,
            amount: messages::RefundAmount {
                refund: refund.refund.fen(),
                total: refund.total.fen(),
                currency: "CNY",
            },
        };
        let path = "/v3/refund/domestic/refunds";
        Answer::of(
            self.try_refund(Method::POST, path, Some(&body), &refund.out_refund_no)
                .await,
        )
    }

    async fn refund_query(&self, _out_trade_no: &str, out_refund_no: &str) -> Answer<RefundState> {
        if !text::fits_both_channels(out_refund_no) {
            return Answer::bad_number();
        }
        let path = format!("/v3/refund/domestic/refunds/{out_refund_no}");
        Answer::of(
            self.try_refund(Method::GET, &path, None, out_refund_no)
                .await,
        )
    }

    async fn bill(&self, day: Date) -> Answer<BillFile> {
        let path = format!("/v3/bill/tradebill?bill_date={day}&bill_type=ALL&tar_type=GZIP");
        let name = format!("wechat_pay {day}");
        Answer::of(self.try_statement(&path, name).await)
    }

    async fn flows(&self, day: Date) -> Answer<BillFile> {
        let path =
            format!("/v3/bill/fundflowbill?bill_date={day}&account_type=BASIC&tar_type=GZIP");
        let name = format!("wechat_pay fund flows {day}");
        Answer::of(self.try_statement(&path, name).await)
    }

    fn read_callback(&self, headers: &Headers, body: &[u8]) -> Result<Notice, CallbackError> {
        self.read_stored_callback(headers, body, self.ambient.unix_ms())
    }

    fn read_stored_callback(
        &self,
        headers: &Headers,
        body: &[u8],
        received_at_ms: i64,
    ) -> Result<Notice, CallbackError> {
        let proof = Proof {
            source: Source::Callback,
            received_at_ms,
            headers: headers.with_prefix("Wechatpay-"),
            body: body.to_vec(),
        };
        self.notice(headers, proof)
    }

    fn callback_reply(&self, accepted: bool) -> CallbackReply {
        if accepted {
            return CallbackReply {
                status: 204,
                content_type: None,
                body: "",
            };
        }
        CallbackReply {
            status: 400,
            content_type: Some("application/json"),
            body: r#"{"code":"FAIL","message":"refused"}"#,
        }
    }

    fn reverify(&self, record: &EvidenceRecord) -> Result<Evidence, CallbackError> {
        let proof = record.proof.clone();
        let evidence = match proof.source {
            Source::Callback => match self.notice(&record.proof.headers, proof)? {
                Notice::Payment(evidence) => evidence,
                _ => return Err(CallbackError::RecordDiffers),
            },
            Source::Query => {
                let at_ms = proof.received_at_ms;
                self.verify(at_ms, &record.proof.headers, &proof.body)?;
                messages::Transaction::read(&proof.body)?.evidence(&self.config, proof)?
            }
            Source::Close | Source::Bill => return Err(CallbackError::RecordDiffers),
        };
        if evidence.to_record() == *record {
            Ok(evidence)
        } else {
            Err(CallbackError::RecordDiffers)
        }
    }

    fn authorise_url(&self, redirect_uri: &str, state: &str) -> Option<String> {
        let base = self.config.authorise_base.trim_end_matches('/');
        // WeChat wants these parameters in this order.
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("appid", &self.config.appid)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", "snsapi_base")
            .append_pair("state", state)
            .finish();
        Some(format!(
            "{base}/connect/oauth2/authorize?{query}#wechat_redirect"
        ))
    }

    async fn openid(&self, code: &str) -> Answer<String> {
        Answer::of(self.try_openid(code).await)
    }

    fn misses_key(&self) -> bool {
        self.missed_key.load(Ordering::Relaxed)
    }

    async fn refresh_keys(&self) -> Answer<usize> {
        Answer::of(self.certificates().await)
    }
}
