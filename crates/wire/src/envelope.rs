//! The operation's envelope. Its exact bytes are stored, hashed into the terminal's chain, signed
//! and sent as stored, so no canonical form of JSON is needed and nothing is ever written anew
//! (design rule 4.1; 4.11: queued bodies are never rewritten).

use crate::keys::{Hash, KeyError, Keypair, PublicKey, Signature};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;
use domain::id::{OpId, StaffId, TerminalId};
use domain::operation::{OpBody, Origin};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One signed act of one staff member on one terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Identity; the idempotency key everywhere.
    pub op_id: OpId,
    /// Where.
    pub terminal: TerminalId,
    /// Which life of that terminal's log.
    pub incarnation: u32,
    /// Counts from 1 within the incarnation, without gaps.
    pub seq: u64,
    /// Who.
    pub staff: StaffId,
    /// When, by the terminal's clock.
    pub at: Timestamp,
    /// Version of the body's format.
    pub schema: u16,
    /// Operations that must have been applied before this one can be judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<OpId>,
    /// The rejected operation that this one mends (rule 4.7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<OpId>,
    /// Hash of the operation before it in this incarnation; zeros for the first.
    pub prev_hash: Hash,
    /// What was done.
    #[serde(flatten)]
    pub body: OpBody,
}

/// The envelope alone: what can be read even when the body's kind is not known (rule 4.10).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Header {
    /// See [`Operation::op_id`].
    pub op_id: OpId,
    /// See [`Operation::terminal`].
    pub terminal: TerminalId,
    /// See [`Operation::incarnation`].
    pub incarnation: u32,
    /// See [`Operation::seq`].
    pub seq: u64,
    /// See [`Operation::staff`].
    pub staff: StaffId,
    /// See [`Operation::at`].
    pub at: Timestamp,
    /// See [`Operation::schema`].
    pub schema: u16,
    /// The body's kind.
    pub kind: String,
    /// See [`Operation::depends_on`].
    #[serde(default)]
    pub depends_on: Vec<OpId>,
    /// See [`Operation::replaces`].
    #[serde(default)]
    pub replaces: Option<OpId>,
    /// See [`Operation::prev_hash`].
    pub prev_hash: Hash,
}

impl Operation {
    /// The part that rules need.
    pub fn origin(&self) -> Origin {
        Origin {
            op_id: self.op_id,
            staff: self.staff,
            terminal: self.terminal,
            at: self.at,
        }
    }
}

/// An operation as stored and sent: its bytes and the terminal's signature over them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedOperation {
    /// The operation's JSON, byte for byte as first written.
    #[serde(with = "base64_bytes")]
    pub bytes: Vec<u8>,
    /// The terminal's signature over `bytes`.
    pub signature: Signature,
}

/// Why an operation can't be read.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The signature is not the terminal's over these bytes.
    #[error("operation is damaged: {0}")]
    Damaged(#[from] KeyError),
    /// The bytes are not an operation of a kind and schema known here.
    #[error("operation can't be read by this version: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl SignedOperation {
    /// Writes and signs an operation.
    ///
    /// # Errors
    /// [`EnvelopeError::Unreadable`] if it can't be written as JSON.
    pub fn seal(operation: &Operation, key: &Keypair) -> Result<SignedOperation, EnvelopeError> {
        let bytes = serde_json::to_vec(operation)?;
        let signature = key.sign(&bytes);
        Ok(SignedOperation { bytes, signature })
    }

    /// The hash that the next operation chains to.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.bytes)
    }

    /// Checks that `key` signed these bytes.
    ///
    /// # Errors
    /// [`EnvelopeError::Damaged`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), EnvelopeError> {
        Ok(key.verify(&self.bytes, &self.signature)?)
    }

    /// Reads the envelope, whatever the body's kind.
    ///
    /// # Errors
    /// [`EnvelopeError::Unreadable`].
    pub fn header(&self) -> Result<Header, EnvelopeError> {
        Ok(serde_json::from_slice(&self.bytes)?)
    }

    /// Reads the whole operation.
    ///
    /// # Errors
    /// [`EnvelopeError::Unreadable`].
    pub fn open(&self) -> Result<Operation, EnvelopeError> {
        Ok(serde_json::from_slice(&self.bytes)?)
    }
}

pub(crate) mod base64_bytes {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        STANDARD
            .decode(text.as_bytes())
            .map_err(serde::de::Error::custom)
    }
}
