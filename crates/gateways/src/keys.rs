//! RSA keys and secrets. Both channels sign with RSASSA-PKCS1-v1_5 and SHA-256; ring does it (the
//! `rsa` crate leaks timing). Keys are taken in every form in which the channels hand them out: PEM
//! of PKCS#8, PKCS#1, SPKI or a certificate, and Alipay's bare base64. Nothing here prints a key.

use crate::error::ConfigError;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use ring::rand::SystemRandom;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::SubjectPublicKeyInfo;

/// A text that must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself; for signing and for encrypted storage only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Our own signing key.
pub(crate) struct PrivateKey {
    pair: RsaKeyPair,
    random: SystemRandom,
}

impl PrivateKey {
    /// Reads PEM (PKCS#8 or PKCS#1) or bare base64 of either.
    pub(crate) fn read(field: &'static str, text: &Secret) -> Result<PrivateKey, ConfigError> {
        let (_, der) = der(text.expose()).ok_or(ConfigError::PrivateKey { field })?;
        let pair = RsaKeyPair::from_pkcs8(&der)
            .or_else(|_| RsaKeyPair::from_der(&der))
            .map_err(|_| ConfigError::PrivateKey { field })?;
        Ok(PrivateKey {
            pair,
            random: SystemRandom::new(),
        })
    }

    /// Whether `public` is its other half.
    pub(crate) fn is_of(&self, public: &PublicKey) -> bool {
        self.pair.public().as_ref() == public.0
    }

    /// The base64 signature of `message`; `None` when the system gives no randomness.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<String> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature)
            .ok()?;
        Some(BASE64_STANDARD.encode(signature))
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

/// A key that verifies a channel's signatures: the PKCS#1 bytes that ring wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Reads PEM (SPKI or certificate) or bare base64 of an SPKI.
    pub(crate) fn read(field: &'static str, text: &str) -> Result<PublicKey, ConfigError> {
        let bad = ConfigError::PublicKey { field };
        match der(text) {
            Some((Some(label), der)) if label == "CERTIFICATE" => Certificate::from_der(&der)
                .map(|certificate| certificate.key)
                .ok_or(bad),
            Some((_, der)) => PublicKey::from_spki(&der).ok_or(bad),
            None => Err(bad),
        }
    }

    fn from_spki(der: &[u8]) -> Option<PublicKey> {
        let (rest, spki) = SubjectPublicKeyInfo::from_der(der).ok()?;
        rest.is_empty().then(|| PublicKey::from_parsed(&spki))?
    }

    fn from_parsed(spki: &SubjectPublicKeyInfo<'_>) -> Option<PublicKey> {
        let rsa = matches!(
            spki.parsed(),
            Ok(x509_parser::public_key::PublicKey::RSA(_))
        );
        rsa.then(|| PublicKey(spki.subject_public_key.data.to_vec()))
    }

    /// Whether `signature` (base64) is this key's over `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = BASE64_STANDARD.decode(signature) else {
            return false;
        };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0)
            .verify(message, &signature)
            .is_ok()
    }
}

/// What is needed of a certificate: its number, its key and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// Serial number in upper-case hex.
    pub(crate) serial: String,
    pub(crate) key: PublicKey,
    /// Seconds since 1970, both ends included.
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
}

impl Certificate {
    /// Reads one PEM certificate with an RSA key.
    pub(crate) fn read(text: &str) -> Option<Certificate> {
        match der(text)? {
            (Some(label), der) if label == "CERTIFICATE" => Certificate::from_der(&der),
            _ => None,
        }
    }

    fn from_der(der: &[u8]) -> Option<Certificate> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        Certificate::of(&certificate)
    }

    /// Whether it may be used at that time, in milliseconds since 1970.
    pub(crate) fn valid_at(&self, at_ms: i64) -> bool {
        let at = at_ms.div_euclid(1_000);
        self.not_before <= at && at <= self.not_after
    }

    /// Of one that is read already.
    pub(crate) fn of(certificate: &X509Certificate<'_>) -> Option<Certificate> {
        Some(Certificate {
            serial: format!("{:X}", certificate.tbs_certificate.serial),
            key: PublicKey::from_parsed(certificate.public_key())?,
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
        })
    }
}

/// The label (`None` for bare base64) and bytes of a key file.
fn der(text: &str) -> Option<(Option<String>, Vec<u8>)> {
    if text.contains("-----BEGIN") {
        let (_, pem) = x509_parser::pem::parse_x509_pem(text.as_bytes()).ok()?;
        return Some((Some(pem.label), pem.contents));
    }
    let bare: String = text.split_ascii_whitespace().collect();
    BASE64_STANDARD.decode(bare).ok().map(|der| (None, der))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = include_str!("../tests/data/merchant_key.pem");
    const PUBLIC: &str = include_str!("../tests/data/merchant_public.pem");
    const SIGNED: &[u8] = include_bytes!("../tests/data/signed.txt");

    /// Signed by openssl; the scheme has no randomness, so ours must be the same to the byte.
    #[test]
    fn openssl_signs_the_same() {
        let signature = include_str!("../tests/data/signed.b64");
        let key = PrivateKey::read("test", &Secret::new(KEY)).unwrap();
        assert_eq!(key.sign(SIGNED).as_deref(), Some(signature));
        let public = PublicKey::read("test", PUBLIC).unwrap();
        assert!(public.verifies(SIGNED, signature));
        for bad in [
            "",
            "!",
            "AAAA",
            &format!("WECHATPAY/SIGNTEST/{signature}"),
            &signature[4..],
        ] {
            assert!(!public.verifies(SIGNED, bad), "{bad}");
        }
        let other = PublicKey::read("test", include_str!("../tests/data/channel_public.pem"));
        assert!(!other.unwrap().verifies(SIGNED, signature));
    }

    #[test]
    fn a_certificate_and_its_public_key_are_one() {
        let pem = include_str!("../tests/data/channel_certificate.pem");
        let certificate = Certificate::read(pem).unwrap();
        assert_eq!(
            certificate.serial,
            "A1B2C3D4E5F60718293A4B5C6D7E8F901234567"
        );
        let public = include_str!("../tests/data/channel_public.pem");
        assert_eq!(
            Ok(&certificate.key),
            PublicKey::read("test", public).as_ref()
        );
        assert_eq!(Ok(&certificate.key), PublicKey::read("test", pem).as_ref());
        assert_eq!(Certificate::read(public), None);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "-----BEGIN", "AAAA", "not base64!", &PUBLIC[..200]] {
            assert!(PublicKey::read("test", text).is_err(), "{text}");
            assert!(
                PrivateKey::read("test", &Secret::new(text)).is_err(),
                "{text}"
            );
        }
        assert!(PublicKey::read("test", KEY).is_err());
        assert!(PrivateKey::read("test", &Secret::new(PUBLIC)).is_err());
    }
}
