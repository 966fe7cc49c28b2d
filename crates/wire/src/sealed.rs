//! Secrets on their way to the backend: an X25519 exchange with a key that the backend made for this
//! one message, HKDF-SHA256, AES-256-GCM (RFC 7748, 5869, 5116). The reply that names the backend's
//! half is signed with the key that terminals have pinned, so nobody between the two can read what is
//! sealed, whatever carries it. Each side's half is used once and forgotten.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::SystemRandom;
use serde::{Deserialize, Serialize};

/// What was sealed can't be opened, or nothing can be sealed for this half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not a key, not the text that was sealed, or meant for something else.
    #[error("it can't be opened: it was changed, or sealed for another exchange; begin again")]
    Damaged,
    /// The random source of the computer failed.
    #[error("no key can be made: the computer's random source failed; try again")]
    NoRandom,
}

/// One half of an exchange.
pub struct Half {
    secret: EphemeralPrivateKey,
    public: Vec<u8>,
}

impl std::fmt::Debug for Half {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Half")
    }
}

/// Something that only the other half's holder can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The sealer's public half, base64url.
    pub key: String,
    /// Ciphertext and tag, base64url.
    pub text: String,
}

impl Half {
    /// A fresh one.
    ///
    /// # Errors
    /// [`SealError::NoRandom`].
    pub fn generate() -> Result<Half, SealError> {
        let failed = |_| SealError::NoRandom;
        let secret =
            EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).map_err(failed)?;
        let public = secret.compute_public_key().map_err(failed)?;
        let public = public.as_ref().to_vec();
        Ok(Half { secret, public })
    }

    /// The public half, base64url.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.public)
    }

    /// Opens what was sealed for this half and this context.
    ///
    /// # Errors
    /// [`SealError::Damaged`].
    pub fn open(self, context: &str, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError::Damaged);
        let other = decode(&sealed.key)?;
        let mut text = decode(&sealed.text)?;
        let ends = [other.clone(), self.public.clone()];
        let key = agreed(self.secret, &other, &ends)?;
        let plain = key
            .open_in_place(once(), Aad::from(context.as_bytes()), &mut text)
            .map_err(|_| SealError::Damaged)?;
        Ok(plain.to_vec())
    }
}

/// Seals for the holder of a half. `context` says what it is for, and has to be said again to open.
///
/// # Errors
/// [`SealError::Damaged`] when `recipient` is no public half, [`SealError::NoRandom`].
pub fn seal(recipient: &str, context: &str, plain: &[u8]) -> Result<Sealed, SealError> {
    let other = URL_SAFE_NO_PAD
        .decode(recipient)
        .map_err(|_| SealError::Damaged)?;
    let own = Half::generate()?;
    let ends = [own.public.clone(), other.clone()];
    let key = agreed(own.secret, &other, &ends)?;
    let mut text = plain.to_vec();
    key.seal_in_place_append_tag(once(), Aad::from(context.as_bytes()), &mut text)
        .map_err(|_| SealError::Damaged)?;
    Ok(Sealed {
        key: URL_SAFE_NO_PAD.encode(own.public),
        text: URL_SAFE_NO_PAD.encode(text),
    })
}

/// The key has this one message, so its nonce may be constant.
fn once() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn agreed(
    own: EphemeralPrivateKey,
    other: &[u8],
    ends: &[Vec<u8>; 2],
) -> Result<LessSafeKey, SealError> {
    let salt = ends.concat();
    let other = UnparsedPublicKey::new(&X25519, other);
    let made = agree_ephemeral(own, &other, |shared| {
        let made = Salt::new(HKDF_SHA256, &salt).extract(shared);
        let info = [b"fieldtill sealed 1".as_slice()];
        let made = made.expand(&info, &AES_256_GCM)?;
        Ok(LessSafeKey::new(UnboundKey::from(made)))
    });
    made.and_then(|key: Result<_, ring::error::Unspecified>| key)
        .map_err(|_| SealError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_other_half_opens_it_and_only_for_what_it_was_sealed_for() {
        let half = Half::generate().unwrap();
        let sealed = seal(&half.public(), "wallet T07", b"a key").unwrap();
        assert!(!format!("{sealed:?}").contains("a key"));
        assert_eq!(half.open("wallet T07", &sealed).unwrap(), b"a key");

        let half = Half::generate().unwrap();
        let sealed = seal(&half.public(), "wallet T07", b"a key").unwrap();
        assert_eq!(half.open("wallet T08", &sealed), Err(SealError::Damaged));

        let half = Half::generate().unwrap();
        let other = Half::generate().unwrap();
        let sealed = seal(&half.public(), "x", b"a key").unwrap();
        assert_eq!(other.open("x", &sealed), Err(SealError::Damaged));
    }

    #[test]
    fn every_changed_letter_is_noticed() {
        let whole = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        for at in 0..5 + AES_256_GCM.tag_len() {
            let half = Half::generate().unwrap();
            let mut sealed = seal(&half.public(), "x", b"a key").unwrap();
            let mut bytes = whole(&sealed.text);
            bytes[at] ^= 1;
            sealed.text = URL_SAFE_NO_PAD.encode(bytes);
            assert_eq!(half.open("x", &sealed), Err(SealError::Damaged));
        }
        assert_eq!(seal("no key", "x", b""), Err(SealError::Damaged));
    }
}
