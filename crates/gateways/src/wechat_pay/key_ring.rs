//! The keys that WeChat Pay may sign with. While a company moves from platform certificates to
//! public keys both kinds arrive for a week, and a certificate has a successor before it ends: so
//! several at once, chosen by the exact name in the message, never "the only one we have".

use super::config::VerificationKey;
use crate::error::{CallbackError, ConfigError};
use crate::keys::{Certificate, PublicKey};
use std::collections::HashMap;

/// How the ids of public keys begin.
const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_";

struct Entry {
    key: PublicKey,
    /// Milliseconds since 1970, both ends included.
    from_ms: i64,
    until_ms: i64,
}

/// Verification keys by serial or id.
pub(crate) struct KeyRing {
    keys: HashMap<String, Entry>,
    /// The id that answers should be signed with, when there is a public key.
    preferred: Option<String>,
}

impl KeyRing {
    pub(crate) fn of(configured: &[VerificationKey]) -> Result<KeyRing, ConfigError> {
        let mut ring = KeyRing {
            keys: HashMap::new(),
            preferred: None,
        };
        for key in configured {
            match key {
                VerificationKey::PlatformCertificate { pem } => {
                    let field = "verification_keys";
                    ring.add(Certificate::read(pem).ok_or(ConfigError::PublicKey { field })?);
                }
                VerificationKey::PublicKey {
                    id,
                    pem,
                    valid_from_ms,
                    valid_until_ms,
                } => {
                    if !id.starts_with(PUBLIC_KEY_ID) {
                        let problem = "an id must begin with PUB_KEY_ID_";
                        return Err(ConfigError::Field {
                            field: "verification_keys",
                            problem,
                        });
                    }
                    let entry = Entry {
                        key: PublicKey::read("verification_keys", pem)?,
                        from_ms: valid_from_ms.unwrap_or(i64::MIN),
                        until_ms: valid_until_ms.unwrap_or(i64::MAX),
                    };
                    ring.keys.insert(id.clone(), entry);
                    ring.preferred = Some(id.clone());
                }
            }
        }
        if ring.keys.is_empty() {
            Err(ConfigError::NoVerificationKey)
        } else {
            Ok(ring)
        }
    }

    /// Adds a platform certificate.
    pub(crate) fn add(&mut self, certificate: Certificate) {
        let entry = Entry {
            key: certificate.key,
            from_ms: certificate.not_before.saturating_mul(1000),
            until_ms: certificate
                .not_after
                .saturating_mul(1000)
                .saturating_add(999),
        };
        self.keys.insert(name(&certificate.serial), entry);
    }

    /// What to send as `Wechatpay-Serial`: the last public key given, if any.
    pub(crate) fn preferred(&self) -> Option<&str> {
        self.preferred.as_deref()
    }

    /// The key of that name, if it is valid at that time.
    pub(crate) fn key(&self, serial: &str, at_ms: i64) -> Result<&PublicKey, CallbackError> {
        let serial = name(serial);
        match self.keys.get(&serial) {
            None => Err(CallbackError::UnknownKey { serial }),
            Some(entry) if at_ms < entry.from_ms || at_ms > entry.until_ms => {
                Err(CallbackError::KeyNotValid { serial })
            }
            Some(entry) => Ok(&entry.key),
        }
    }
}

/// Certificate serials are numbers, written with or without leading zeros and in either case; ids
/// of public keys are texts.
pub(super) fn name(serial: &str) -> String {
    if serial.starts_with(PUBLIC_KEY_ID) {
        return serial.to_owned();
    }
    serial.trim_start_matches('0').to_ascii_uppercase()
}
