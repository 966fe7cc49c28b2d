//! One signed request and its answer. What an answer may claim is decided here, once for all calls:
//! a 2xx body only with a signature, a refusal only with a code, anything else is unknown.

use super::key_ring::KeyRing;
use super::{WechatPay, messages, sign};
use crate::bill::MAX_BILL_BYTES;
use crate::error::{CallbackError, Why};
use crate::evidence::{Proof, Source};
use crate::gateway::Answer;
use crate::headers::Headers;
use crate::http::{DOWNLOAD, Reply, send, send_for};
use reqwest::{Method, Url};
use serde::Serialize;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// An answer after its signature was looked at.
pub(super) enum Heard {
    /// 2xx, verified.
    Done(Proof),
    /// A refusal with a code.
    Refused {
        status: u16,
        code: String,
        message: String,
        signed: bool,
    },
}

impl WechatPay {
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Heard, Why> {
        let unserialisable = |_| Why::NotSent { what: "body" };
        let body = body
            .map(serde_json::to_vec)
            .transpose()
            .map_err(unserialisable)?;
        let reply = self.exchange(method, path, body).await?;
        self.hear(reply)
    }

    /// Signs, sends, and learns the clock's distance from the answer.
    pub(super) async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Reply, Why> {
        self.check_clock().await?;
        let base = self.config.api_base.trim_end_matches('/');
        let url = Url::parse(&format!("{base}{path}")).map_err(|_| Why::NotSent { what: "URL" })?;
        let bytes = body.as_deref().unwrap_or_default();
        let authorization = self.authorization(&method, &url, bytes)?;
        let mut request = self
            .http
            .request(method, url)
            .header("Accept", "application/json")
            .header(
                "User-Agent",
                concat!("fieldtill-gateways/", env!("CARGO_PKG_VERSION")),
            )
            .header("Authorization", authorization);
        if let Some(id) = self.keys().preferred() {
            request = request.header("Wechatpay-Serial", id);
        }
        if let Some(body) = body {
            request = request
                .header("Content-Type", "application/json")
                .body(body);
        }
        let request = request
            .build()
            .map_err(|_| Why::NotSent { what: "request" })?;
        let reply = send(&self.http, request).await?;
        self.clock.measure(&reply.headers, self.ambient.unix_ms());
        Ok(reply)
    }

    /// Gets a file from an address that a verified answer named. The request is signed like any
    /// other; what comes back is not, so the caller compares its hash.
    pub(super) async fn download(&self, url: &str) -> Result<Vec<u8>, Why> {
        let url = Url::parse(url).map_err(|_| Why::NotSent { what: "URL" })?;
        let authorization = self.authorization(&Method::GET, &url, b"")?;
        let request = self
            .http
            .get(url)
            .timeout(DOWNLOAD)
            .header("Accept", "*/*")
            .header("Authorization", authorization)
            .build()
            .map_err(|_| Why::NotSent { what: "request" })?;
        let Reply { status, body, .. } = send_for(&self.http, request, MAX_BILL_BYTES).await?;
        if status == 200 {
            return Ok(body);
        }
        let refusal = serde_json::from_slice::<messages::Refusal>(&body).ok();
        let code = refusal.map(|refusal| refusal.code).unwrap_or_default();
        Err(Why::NotYet { status, code })
    }

    fn authorization(&self, method: &Method, url: &Url, body: &[u8]) -> Result<String, Why> {
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let timestamp = self.ambient.unix_ms().div_euclid(1000);
        let nonce = self.ambient.nonce();
        let text = sign::request_text(method.as_str(), &target, timestamp, &nonce, body);
        let signature = self
            .key
            .sign(&text)
            .ok_or(Why::NotSent { what: "signature" })?;
        let serial = &self.config.merchant_serial;
        let mchid = &self.config.mchid;
        Ok(sign::authorization(
            "SHA256-RSA2048",
            mchid,
            &nonce,
            timestamp,
            serial,
            &signature,
        ))
    }

    /// Once the clock was found wrong, an unsigned request measures it again before the next
    /// signed one: it may have been set meanwhile.
    async fn check_clock(&self) -> Result<(), Why> {
        if self.clock.too_far().is_none() {
            return Ok(());
        }
        let probe = self.http.get(&self.config.api_base).build();
        let reply = send(&self.http, probe.map_err(|_| Why::NotSent { what: "URL" })?).await?;
        self.clock.measure(&reply.headers, self.ambient.unix_ms());
        match self.clock.too_far() {
            Some(seconds) => Err(Why::ClockSkew { seconds }),
            None => Ok(()),
        }
    }

    pub(super) fn hear(&self, reply: Reply) -> Result<Heard, Why> {
        let Reply {
            status,
            headers,
            body,
        } = reply;
        let now_ms = self.ambient.unix_ms();
        let signed = sign::is_signed(&headers);
        let refusal = serde_json::from_slice::<messages::Refusal>(&body).ok();
        match (status, refusal) {
            (202 | 429 | 500.., refusal) => Err(Why::NotYet {
                status,
                code: refusal.map(|r| r.code).unwrap_or_default(),
            }),
            // A 2xx body with a code is a refusal in an envelope of success.
            (200..=299 | 400..=499, Some(refusal)) => {
                if signed || status < 300 {
                    self.verify(now_ms, &headers, &body)?;
                }
                let messages::Refusal { code, message } = refusal;
                match code.as_str() {
                    "SYSTEM_ERROR"
                    | "SYSTEMERROR"
                    | "FREQUENCY_LIMITED"
                    | "RATELIMIT_EXCEEDED"
                    | "SERVICE_UNAVAILABLE" => Err(Why::NotYet { status, code }),
                    _ => Ok(Heard::Refused {
                        status,
                        code,
                        message,
                        signed,
                    }),
                }
            }
            (200 | 204, None) => {
                self.verify(now_ms, &headers, &body)?;
                let headers = headers.with_prefix("Wechatpay-");
                let proof = Proof {
                    source: Source::Query,
                    received_at_ms: now_ms,
                    headers,
                    body,
                };
                Ok(Heard::Done(proof))
            }
            (status, None | Some(_)) => {
                let message = "not an answer of WeChat Pay".to_owned();
                Err(Why::Unsigned {
                    status,
                    code: String::new(),
                    message,
                })
            }
        }
    }

    /// Checks a message's signature with the keys held now. One that names a key which isn't held is
    /// remembered, so that the keys are fetched anew.
    pub(super) fn verify(
        &self,
        now_ms: i64,
        headers: &Headers,
        body: &[u8],
    ) -> Result<(), CallbackError> {
        let verified = sign::verify(&self.keys(), now_ms, headers, body);
        if matches!(verified, Err(CallbackError::UnknownKey { .. })) {
            self.missed_key.store(true, Ordering::Relaxed);
        }
        verified
    }

    pub(super) fn keys(&self) -> std::sync::RwLockReadGuard<'_, KeyRing> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A refusal counts as one when it is signed; otherwise nothing is known.
pub(super) fn believe_signed<T>(heard: Heard) -> Result<Answer<T>, Why> {
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
        Heard::Done(_) => Err(Why::Mismatch { what: "answer" }),
    }
}
