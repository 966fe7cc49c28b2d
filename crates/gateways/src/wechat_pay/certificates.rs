//! Platform certificates: the list that WeChat Pay publishes to merchants who have no public key
//! yet. The API v3 key opens it and is the root of trust: the list's own certificate signs it.

use super::call::Heard;
use super::cipher::ApiV3Key;
use super::key_ring::{KeyRing, name};
use super::{WechatPay, messages, sign};
use crate::error::{CallbackError, Why};
use crate::gateway::Answer;
use crate::keys::Certificate;
use reqwest::Method;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

impl WechatPay {
    /// The list is opened with the API v3 key, and its answer is verified with a certificate of the
    /// list itself: the API v3 key is the root of trust here. Merchants with public keys have no
    /// certificates: `Rejected`, `RESOURCE_NOT_EXISTS`.
    pub(super) async fn certificates(&self) -> Result<Answer<usize>, Why> {
        let reply = self.exchange(Method::GET, "/v3/certificates", None).await?;
        if reply.status != 200 {
            return Ok(match self.hear(reply)? {
                Heard::Refused { code, message, .. } => {
                    // There is nothing to fetch, whatever a stranger's message named.
                    self.missed_key.store(false, Ordering::Relaxed);
                    Answer::Rejected { code, message }
                }
                Heard::Done(_) => Why::Mismatch {
                    what: "certificates",
                }
                .into(),
            });
        }
        let fresh = open_certificates(&self.cipher, &reply.body)?;
        let now = self.ambient.unix_ms();
        let count = fresh.len();
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        // A list that proves false must leave no key behind: judge it with a ring of its own.
        let mut own = KeyRing::of(&self.config.verification_keys).map_err(|_| Why::NotSent {
            what: "verification keys",
        })?;
        fresh
            .iter()
            .cloned()
            .for_each(|certificate| own.add(certificate));
        sign::verify(&own, now, &reply.headers, &reply.body)?;
        fresh
            .into_iter()
            .for_each(|certificate| keys.add(certificate));
        self.missed_key.store(false, Ordering::Relaxed);
        Ok(Answer::Done(count))
    }
}

/// The certificates of a downloaded list.
pub(super) fn open_certificates(
    cipher: &ApiV3Key,
    body: &[u8],
) -> Result<Vec<Certificate>, CallbackError> {
    let malformed = CallbackError::Malformed {
        what: "certificate list",
    };
    let Ok(list) = serde_json::from_slice::<messages::Certificates>(body) else {
        return Err(malformed);
    };
    let mut certificates = Vec::new();
    for item in list.data {
        let pem = cipher.open(&item.encrypt_certificate)?;
        let certificate = std::str::from_utf8(&pem).ok().and_then(Certificate::read);
        match certificate {
            Some(certificate) if name(&certificate.serial) == name(&item.serial_no) => {
                certificates.push(certificate);
            }
            _ => return Err(malformed),
        }
    }
    Ok(certificates)
}
