//! GET /v3/certificates: the platform certificates, encrypted with the APIv3 key.
//!
//! After a rotation both the old and the new one are listed, as the live gateway does around a
//! change, so that a client which refreshes in time never meets an unknown serial.

use super::{ApiError, Outcome, rfc3339};
use crate::crypto::seal;
use crate::state::App;
use serde_json::json;

pub(super) fn list(app: &App) -> Result<Outcome, ApiError> {
    let mut state = app.lock();
    let certificates = state.certificates.clone();
    let mut data = Vec::new();
    for certificate in certificates {
        let nonce = state.ids.letters("certificate nonce", 12);
        let key = app.keys.api_v3_key();
        let ciphertext = seal(
            key,
            nonce.as_bytes(),
            b"certificate",
            certificate.pem.as_bytes(),
        )
        .map_err(|error| ApiError::internal(&error))?;
        data.push(json!({
            "serial_no": certificate.serial,
            "effective_time": rfc3339(certificate.not_before),
            "expire_time": rfc3339(certificate.not_after),
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM",
                "nonce": nonce,
                "associated_data": "certificate",
                "ciphertext": ciphertext,
            },
        }));
    }
    Ok(Outcome::ok(json!({"data": data})))
}
