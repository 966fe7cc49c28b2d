//! The texts that WeChat Pay API v3 signs, and the check of what it signed. The bytes that are
//! signed are the bytes that are sent and received, never a re-serialised copy.

use super::key_ring::KeyRing;
use crate::error::CallbackError;
use crate::headers::Headers;

/// Name of the only accepted kind of signature.
const SCHEMA: &str = "WECHATPAY2-SHA256-RSA2048";
/// A message further than this from our clock is refused, as the channel's own clients do.
const WINDOW_S: u64 = 300;

/// What a request signs: five lines, each ended, the body's too when it is empty.
/// `target` is path and query exactly as sent; `timestamp` is in seconds.
pub(crate) fn request_text(
    method: &str,
    target: &str,
    timestamp: i64,
    nonce: &str,
    body: &[u8],
) -> Vec<u8> {
    let mut text = format!("{method}\n{target}\n{timestamp}\n{nonce}\n").into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    text
}

/// The `Authorization` header. `kind` is `SHA256-RSA2048`.
pub(crate) fn authorization(
    kind: &str,
    mchid: &str,
    nonce: &str,
    timestamp: i64,
    serial: &str,
    signature: &str,
) -> String {
    format!(
        "WECHATPAY2-{kind} mchid=\"{mchid}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",\
         serial_no=\"{serial}\",signature=\"{signature}\""
    )
}

/// What the payer's WeChat checks before it opens a prepared order.
pub(crate) fn pay_text(appid: &str, timestamp: &str, nonce: &str, package: &str) -> Vec<u8> {
    format!("{appid}\n{timestamp}\n{nonce}\n{package}\n").into_bytes()
}

/// Verifies an answer or a callback. The channel now and then sends a deliberately bad signature
/// (`WECHATPAY/SIGNTEST/…`): it gets no special pass, it is bad like any other.
pub(crate) fn verify(
    keys: &KeyRing,
    now_ms: i64,
    headers: &Headers,
    body: &[u8],
) -> Result<(), CallbackError> {
    let timestamp = headers.need("Wechatpay-Timestamp")?;
    let nonce = headers.need("Wechatpay-Nonce")?;
    let serial = headers.need("Wechatpay-Serial")?;
    let signature = headers.need("Wechatpay-Signature")?;
    if let Some(kind) = headers.one("Wechatpay-Signature-Type")?
        && kind != SCHEMA
    {
        return Err(CallbackError::SignatureKind {
            kind: kind.to_owned(),
        });
    }
    let sent_s: i64 = timestamp.parse().map_err(|_| CallbackError::Malformed {
        what: "Wechatpay-Timestamp",
    })?;
    let seconds = now_ms.div_euclid(1000).abs_diff(sent_s);
    if seconds >= WINDOW_S {
        return Err(CallbackError::Stale { seconds });
    }
    let mut text = format!("{timestamp}\n{nonce}\n").into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    if keys.key(serial, now_ms)?.verifies(&text, signature) {
        Ok(())
    } else {
        Err(CallbackError::BadSignature)
    }
}

/// Whether an answer carries a signature at all: live refusals don't.
pub(crate) fn is_signed(headers: &Headers) -> bool {
    headers
        .pairs()
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("Wechatpay-Signature"))
}
