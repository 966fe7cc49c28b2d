//! WeChat Pay's callbacks: an encrypted resource inside a signed envelope.
//!
//! The resource is sealed once per attempt with a fresh nonce, and the signature is over the
//! very bytes that are sent.

use super::orders::{Order, OrderState, success_event};
use super::{rfc3339, signing_key};
use crate::crypto::{seal, sign};
use crate::delivery::{Content, Envelope, Notice, Spoil};
use crate::state::App;
use openssl::error::ErrorStack;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

/// What happened, before it is sealed.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) event_type: &'static str,
    pub(crate) original_type: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) resource: Value,
}

/// The notification of a paid order; `None` when it isn't paid.
pub(crate) fn success_notice(app: &App, order: &Order) -> Option<Notice> {
    let OrderState::Paid(paid) = &order.state else {
        return None;
    };
    Some(Notice {
        out_trade_no: order.out_trade_no.clone(),
        id: paid.notification_id.clone(),
        url: order.notify_url.clone(),
        content: Content::WechatPay(success_event(app, order)),
    })
}

/// The event sealed, signed and ready to post.
pub(crate) fn envelope(
    app: &App,
    id: &str,
    event: &Event,
    spoil: Spoil,
) -> Result<Envelope, ErrorStack> {
    let (seal_nonce, nonce) = {
        let mut state = app.lock();
        (
            state.ids.letters("resource nonce", 12),
            state.ids.letters("callback nonce", 32),
        )
    };
    let now = app.now();
    let aad = event.original_type;
    let plain = event.resource.to_string();
    let key = app.keys.api_v3_key();
    let body = json!({
        "id": id,
        "create_time": rfc3339(now),
        "event_type": event.event_type,
        "resource_type": "encrypt-resource",
        "summary": event.summary,
        "resource": {
            "original_type": event.original_type,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": seal(key, seal_nonce.as_bytes(), aad.as_bytes(), plain.as_bytes())?,
            "associated_data": aad,
            "nonce": seal_nonce,
        },
    })
    .to_string();
    // Without a serial asked for, a key is always there.
    let (serial, key) = signing_key(app, None)
        .unwrap_or_else(|_| (app.keys.pub_key_id().to_owned(), app.keys.pub_key.clone()));
    let timestamp = now.as_second().to_string();
    let spoilt = if spoil == Spoil::BadSignature {
        "spoilt"
    } else {
        ""
    };
    let message = format!("{timestamp}\n{nonce}\n{body}\n{spoilt}");
    let mut signature = sign(&key, message.as_bytes())?;
    if spoil == Spoil::Signtest {
        signature = format!("WECHATPAY/SIGNTEST/{signature}");
    }
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/json"),
        ("accept", "*/*"),
        ("user-agent", "Mozilla/4.0"),
        ("pragma", "no-cache"),
        ("wechatpay-nonce", &nonce),
        ("wechatpay-timestamp", &timestamp),
        ("wechatpay-serial", &serial),
        ("wechatpay-signature", &signature),
        ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    Ok(Envelope { headers, body })
}
