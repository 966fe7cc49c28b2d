//! Ed25519 keys: each terminal signs what it does, the backend signs what it says (rules 4.1, 9.2).
//! Secret halves never leave their process except sealed; they are not printable.

use crate::env::Env;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The text, bytes or signature does not verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 32 bytes of base64url.
    #[error("not a public key: 43 characters of base64url are needed")]
    NotAKey,
    /// Not 64 bytes of base64url.
    #[error("not a signature: 86 characters of base64url are needed")]
    NotASignature,
    /// The signature is not of these bytes by this key.
    #[error("the signature does not verify: the bytes were changed or signed by another key")]
    BadSignature,
}

/// A secret key and its public half.
pub struct Keypair {
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

impl fmt::Debug for Keypair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keypair({})", self.public())
    }
}

impl Keypair {
    /// A fresh key.
    pub fn generate(env: &dyn Env) -> Keypair {
        let mut seed = [0u8; 32];
        env.random(&mut seed);
        Keypair::from_seed(seed)
    }

    /// The key of a stored seed.
    #[expect(clippy::expect_used, reason = "every 32 bytes are an Ed25519 seed")]
    pub fn from_seed(seed: [u8; 32]) -> Keypair {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes are a seed");
        Keypair { seed, pair }
    }

    /// The seed, for sealed storage.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0u8; 32];
        bytes.copy_from_slice(self.pair.public_key().as_ref());
        PublicKey(bytes)
    }

    /// Signs bytes.
    pub fn sign(&self, bytes: &[u8]) -> Signature {
        let mut out = [0u8; 64];
        out.copy_from_slice(self.pair.sign(bytes).as_ref());
        Signature(out)
    }
}

/// A public key; as text base64url without padding.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Checks a signature.
    ///
    /// # Errors
    /// [`KeyError::BadSignature`].
    pub fn verify(&self, bytes: &[u8], signature: &Signature) -> Result<(), KeyError> {
        UnparsedPublicKey::new(&ED25519, self.0)
            .verify(bytes, &signature.0)
            .map_err(|_| KeyError::BadSignature)
    }
}

/// A signature; as text base64url without padding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

macro_rules! as_text {
    ($name:ident, $bytes:literal, $error:expr) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = KeyError;
            fn from_str(text: &str) -> Result<$name, KeyError> {
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| $error)?;
                <[u8; $bytes]>::try_from(bytes)
                    .map($name)
                    .map_err(|_| $error)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<$name, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

as_text!(PublicKey, 32, KeyError::NotAKey);
as_text!(Signature, 64, KeyError::NotASignature);

/// SHA-256; as text lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What stands before the first operation of an incarnation.
    pub const ZERO: Hash = Hash([0; 32]);

    /// The hash of bytes.
    pub fn of(bytes: &[u8]) -> Hash {
        let mut out = [0u8; 32];
        out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
        Hash(out)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a hash: 64 hexadecimal digits are needed")]
pub struct NotAHash;

impl std::str::FromStr for Hash {
    type Err = NotAHash;
    fn from_str(text: &str) -> Result<Hash, NotAHash> {
        let mut out = [0u8; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(NotAHash);
        }
        for (index, slot) in out.iter_mut().enumerate() {
            *slot =
                u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).map_err(|_| NotAHash)?;
        }
        Ok(Hash(out))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Hash, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::SystemEnv;

    #[test]
    fn a_signature_is_of_these_bytes_and_this_key() {
        let env = SystemEnv::new();
        let (ours, theirs) = (Keypair::generate(&env), Keypair::generate(&env));
        let signature = ours.sign(b"pay 100");
        assert_eq!(ours.public().verify(b"pay 100", &signature), Ok(()));
        assert_eq!(
            ours.public().verify(b"pay 101", &signature),
            Err(KeyError::BadSignature)
        );
        assert_eq!(
            theirs.public().verify(b"pay 100", &signature),
            Err(KeyError::BadSignature)
        );
    }

    #[test]
    fn keys_signatures_and_hashes_round_trip_as_text() {
        let pair = Keypair::from_seed([7; 32]);
        let signature = pair.sign(b"x");
        assert_eq!(pair.public().to_string().parse(), Ok(pair.public()));
        assert_eq!(signature.to_string().parse(), Ok(signature));
        assert_eq!(Hash::of(b"x").to_string().parse(), Ok(Hash::of(b"x")));
        assert_eq!("zz".parse::<Hash>(), Err(NotAHash));
    }

    #[test]
    fn a_secret_key_does_not_print_its_seed() {
        let pair = Keypair::from_seed([7; 32]);
        assert_eq!(format!("{pair:?}"), format!("Keypair({})", pair.public()));
    }
}
