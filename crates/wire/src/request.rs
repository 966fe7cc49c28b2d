//! Signing of HTTP requests and replies (rule 9.2): no bearer token that could expire or leak, and
//! no proxy in between that could say "paid". The request's signature covers method, path with
//! query, body, time and nonce; the reply's covers the request's nonce, the status and the body, so
//! that an old reply can't be played back for a new request.

use crate::keys::{Hash, KeyError, Keypair, PublicKey, Signature};
use domain::Timestamp;
use domain::id::TerminalId;

/// Header with the terminal's id.
pub const TERMINAL: &str = "fieldtill-terminal";
/// Header with the request's time, milliseconds.
pub const TIME: &str = "fieldtill-time";
/// Header with the request's nonce.
pub const NONCE: &str = "fieldtill-nonce";
/// Header with the signature of request or reply.
pub const SIGNATURE: &str = "fieldtill-signature";
/// Header with the protocol version.
pub const PROTOCOL: &str = "fieldtill-protocol";
/// Header with the program's version, for administrators to read; not signed, nothing rests on it.
pub const VERSION: &str = "fieldtill-version";

/// What a request's signature covers.
#[derive(Clone, Debug)]
pub struct RequestText<'a> {
    /// Upper-case method.
    pub method: &'a str,
    /// Path and query exactly as sent.
    pub target: &'a str,
    /// The terminal.
    pub terminal: TerminalId,
    /// When it was sent, by the terminal's clock.
    pub time: Timestamp,
    /// Never used before by this terminal.
    pub nonce: &'a str,
    /// The body's bytes.
    pub body: &'a [u8],
}

impl RequestText<'_> {
    fn text(&self) -> Vec<u8> {
        format!(
            "fieldtill request 1\n{}\n{}\n{}\n{}\n{}\n{}\n",
            self.method,
            self.target,
            self.terminal,
            self.time.0,
            self.nonce,
            Hash::of(self.body)
        )
        .into_bytes()
    }

    /// Signs the request.
    pub fn sign(&self, key: &Keypair) -> Signature {
        key.sign(&self.text())
    }

    /// Checks the request.
    ///
    /// # Errors
    /// [`KeyError::BadSignature`].
    pub fn verify(&self, key: &PublicKey, signature: &Signature) -> Result<(), KeyError> {
        key.verify(&self.text(), signature)
    }
}

fn reply_text(nonce: &str, status: u16, body: &[u8]) -> Vec<u8> {
    format!("fieldtill reply 1\n{nonce}\n{status}\n{}\n", Hash::of(body)).into_bytes()
}

/// Signs a reply to the request with `nonce`.
pub fn sign_reply(key: &Keypair, nonce: &str, status: u16, body: &[u8]) -> Signature {
    key.sign(&reply_text(nonce, status, body))
}

/// Checks a reply to the request with `nonce`.
///
/// # Errors
/// [`KeyError::BadSignature`].
pub fn verify_reply(
    key: &PublicKey,
    nonce: &str,
    status: u16,
    body: &[u8],
    signature: &Signature,
) -> Result<(), KeyError> {
    key.verify(&reply_text(nonce, status, body), signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_belongs_to_one_request_one_status_one_body() {
        let key = Keypair::from_seed([1; 32]);
        let signature = sign_reply(&key, "n1", 200, b"unpaid");
        let check = |nonce, status, body| {
            verify_reply(&key.public(), nonce, status, body, &signature).is_ok()
        };
        assert!(check("n1", 200, b"unpaid"));
        assert!(!check("n2", 200, b"unpaid"));
        assert!(!check("n1", 500, b"unpaid"));
        assert!(!check("n1", 200, b"paid"));
    }

    #[test]
    fn every_part_of_a_request_is_covered() {
        let key = Keypair::from_seed([1; 32]);
        let base = RequestText {
            method: "POST",
            target: "/v1/ops",
            terminal: TerminalId(1),
            time: Timestamp(5),
            nonce: "n",
            body: b"x",
        };
        let signature = base.sign(&key);
        assert!(base.verify(&key.public(), &signature).is_ok());
        let others = [
            RequestText {
                method: "GET",
                ..base.clone()
            },
            RequestText {
                target: "/v1/ops?x",
                ..base.clone()
            },
            RequestText {
                terminal: TerminalId(2),
                ..base.clone()
            },
            RequestText {
                time: Timestamp(6),
                ..base.clone()
            },
            RequestText {
                nonce: "m",
                ..base.clone()
            },
            RequestText {
                body: b"y",
                ..base.clone()
            },
        ];
        for other in others {
            assert!(
                other.verify(&key.public(), &signature).is_err(),
                "{other:?}"
            );
        }
    }
}
