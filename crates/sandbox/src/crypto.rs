//! Signatures, encryption and repeatable ids, all through OpenSSL.
//!
//! The product's gateway client uses another library on purpose: if both sides shared one
//! implementation, a mistake in it would verify happily against itself.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private, Public};
use openssl::sign::{Signer, Verifier};
use openssl::symm::{Cipher, encrypt_aead};

/// RSASSA-PKCS1-v1_5 with SHA-256, as base64: the signature of both channels.
pub(crate) fn sign(key: &PKey<Private>, text: &[u8]) -> Result<String, ErrorStack> {
    let mut signer = Signer::new(MessageDigest::sha256(), key)?;
    Ok(STANDARD.encode(signer.sign_oneshot_to_vec(text)?))
}

/// Whether `signature` (base64) is `key`'s over `text`. Anything malformed is simply not.
pub(crate) fn verifies(key: &PKey<Public>, text: &[u8], signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else {
        return false;
    };
    Verifier::new(MessageDigest::sha256(), key)
        .and_then(|mut verifier| verifier.verify_oneshot(&signature, text))
        .unwrap_or(false)
}

/// AES-256-GCM as WeChat Pay writes it: base64 of the ciphertext with its 16-byte tag behind.
pub(crate) fn seal(
    key: &[u8],
    nonce: &[u8],
    associated_data: &[u8],
    plain: &[u8],
) -> Result<String, ErrorStack> {
    let mut tag = [0_u8; 16];
    let mut sealed = encrypt_aead(
        Cipher::aes_256_gcm(),
        key,
        Some(nonce),
        associated_data,
        plain,
        &mut tag,
    )?;
    sealed.extend_from_slice(&tag);
    Ok(STANDARD.encode(sealed))
}

/// A name for a person at an app: the same in every run, as an openid is in the real world.
pub(crate) fn stable_token(parts: &[&str], length: usize) -> String {
    let digest = openssl::sha::sha256(parts.join("\n").as_bytes());
    URL_SAFE_NO_PAD
        .encode(digest)
        .chars()
        .take(length)
        .collect()
}

/// Ids that one seed repeats and that never repeat within a run.
pub(crate) struct Ids {
    seed: u64,
    drawn: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    fn digest(&mut self, purpose: &str) -> [u8; 32] {
        self.drawn += 1;
        openssl::sha::sha256(format!("{}/{}/{purpose}", self.seed, self.drawn).as_bytes())
    }

    /// `length` (at most 32) decimal digits.
    pub(crate) fn digits(&mut self, purpose: &str, length: usize) -> String {
        self.digest(purpose)
            .iter()
            .take(length)
            .map(|b| char::from(b'0' + b % 10))
            .collect()
    }

    /// `length` (at most 32) lower-case hex digits.
    pub(crate) fn hex(&mut self, purpose: &str, length: usize) -> String {
        self.digest(purpose)
            .iter()
            .take(length)
            .map(|b| format!("{:x}", b % 16))
            .collect()
    }

    /// `length` (at most 32) letters and digits.
    pub(crate) fn letters(&mut self, purpose: &str, length: usize) -> String {
        const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let signs = self.digest(purpose);
        signs
            .iter()
            .take(length)
            .map(|b| char::from(SIGNS[usize::from(b % 32)]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::rsa::Rsa;
    use openssl::symm::decrypt_aead;

    #[test]
    fn a_signature_holds_for_its_text_only() {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let public = PKey::public_key_from_pem(&key.public_key_to_pem().unwrap()).unwrap();
        let signature = sign(&key, b"GET\n/v3\n").unwrap();
        assert!(verifies(&public, b"GET\n/v3\n", &signature));
        assert!(!verifies(&public, b"GET\n/v4\n", &signature));
        assert!(!verifies(
            &public,
            b"GET\n/v3\n",
            &format!("WECHATPAY/SIGNTEST/{signature}")
        ));
        assert!(!verifies(&public, b"GET\n/v3\n", ""));
    }

    #[test]
    fn a_sealed_text_opens_with_key_nonce_and_associated_data() {
        let key = [7_u8; 32];
        let sealed = STANDARD.decode(seal(&key, b"123456789012", b"certificate", b"text").unwrap());
        let sealed = sealed.unwrap();
        let (body, tag) = sealed.split_at(sealed.len() - 16);
        let open = |aad: &[u8]| {
            decrypt_aead(
                Cipher::aes_256_gcm(),
                &key,
                Some(b"123456789012"),
                aad,
                body,
                tag,
            )
        };
        assert_eq!(open(b"certificate").unwrap(), b"text");
        assert!(open(b"transaction").is_err());
    }

    #[test]
    fn one_seed_repeats_a_run_and_no_id_within_it() {
        let run = |seed| {
            let mut ids = Ids::new(seed);
            (0..500)
                .map(|_| ids.letters("prepay", 20))
                .collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let distinct: std::collections::BTreeSet<_> = run(1).into_iter().collect();
        assert_eq!(distinct.len(), 500);
    }
}
