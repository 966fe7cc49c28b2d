//! The encrypted parts of callbacks and of the certificate list: AES-256-GCM under the API v3 key.
//! Whatever is wrong with key, nonce or text is an error, never a panic.

use crate::error::{CallbackError, ConfigError};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use ring::aead::{AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use serde::Deserialize;

/// The API v3 key: 32 characters, used as 32 bytes.
pub(crate) struct ApiV3Key(LessSafeKey);

impl ApiV3Key {
    pub(crate) fn read(text: &str) -> Result<ApiV3Key, ConfigError> {
        let problem = "the API v3 key has exactly 32 characters";
        ApiV3Key::of(&AES_256_GCM, text.as_bytes()).ok_or(ConfigError::Field {
            field: "api_v3_key",
            problem,
        })
    }

    /// One published vector has a key of 16 bytes; only the tests may ask for another algorithm.
    pub(super) fn of(algorithm: &'static Algorithm, key: &[u8]) -> Option<ApiV3Key> {
        UnboundKey::new(algorithm, key)
            .ok()
            .map(|key| ApiV3Key(LessSafeKey::new(key)))
    }

    /// The plain bytes of an encrypted part.
    pub(crate) fn open(&self, sealed: &Sealed) -> Result<Vec<u8>, CallbackError> {
        let shut = CallbackError::Undecryptable;
        if sealed.algorithm != "AEAD_AES_256_GCM" {
            return Err(CallbackError::Malformed {
                what: "resource.algorithm",
            });
        }
        let Ok(nonce) = Nonce::try_assume_unique_for_key(sealed.nonce.as_bytes()) else {
            return Err(shut);
        };
        let Ok(mut bytes) = BASE64_STANDARD.decode(&sealed.ciphertext) else {
            return Err(shut);
        };
        let aad = Aad::from(sealed.associated_data.as_bytes());
        match self.0.open_in_place(nonce, aad, &mut bytes) {
            Ok(plain) => Ok(plain.to_vec()),
            Err(_) => Err(shut),
        }
    }
}

impl std::fmt::Debug for ApiV3Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiV3Key(…)")
    }
}

/// An encrypted part as it stands in JSON.
#[derive(Deserialize)]
pub(crate) struct Sealed {
    pub(super) algorithm: String,
    pub(super) ciphertext: String,
    #[serde(default)]
    pub(super) associated_data: String,
    pub(super) nonce: String,
    #[serde(default)]
    pub(super) original_type: String,
}
