//! The backend's answer to an operation (rules 4.6–4.8). A verdict is signed by the backend, because
//! after a restore from an old backup it is the terminal's proof of what had been applied (8.4).

use crate::keys::{KeyError, Keypair, PublicKey, Signature};
use domain::Code;
use domain::id::{IntentId, OpId};
use serde::{Deserialize, Serialize};

/// What a blocked operation waits for (rule 4.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", content = "id", rename_all = "snake_case")]
pub enum Wait {
    /// Another operation, not yet applied or rejected.
    Operation(OpId),
    /// A live payment intent.
    Intent(IntentId),
    /// A person's decision.
    Review,
    /// A version of the backend that knows the kind.
    Version,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum VerdictKind {
    /// Done as asked.
    Applied,
    /// Done; something differs from what the terminal showed, and is an item to look at (4.8).
    AppliedWithDifference {
        /// What differs.
        difference: Code,
    },
    /// Not done, and it won't be.
    Rejected {
        /// Why.
        reason: Code,
    },
    /// Not done yet. The only verdict that may change.
    Blocked {
        /// What it waits for.
        wait: Wait,
    },
}

impl VerdictKind {
    /// Whether it can still change.
    pub fn settled(&self) -> bool {
        !matches!(self, VerdictKind::Blocked { .. })
    }

    /// Whether the operation took effect.
    pub fn applied(&self) -> bool {
        matches!(
            self,
            VerdictKind::Applied | VerdictKind::AppliedWithDifference { .. }
        )
    }
}

/// The answer to one operation, signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Which operation.
    pub op_id: OpId,
    /// Its incarnation.
    pub incarnation: u32,
    /// Its number in the incarnation.
    pub seq: u64,
    /// The answer.
    #[serde(flatten)]
    pub kind: VerdictKind,
    /// The backend's signature over the rest.
    pub signature: Signature,
}

impl Verdict {
    /// A signed verdict.
    pub fn seal(
        op_id: OpId,
        incarnation: u32,
        seq: u64,
        kind: VerdictKind,
        key: &Keypair,
    ) -> Verdict {
        let signature = key.sign(&signed_text(op_id, incarnation, seq, &kind));
        Verdict {
            op_id,
            incarnation,
            seq,
            kind,
            signature,
        }
    }

    /// Checks that the backend said so.
    ///
    /// # Errors
    /// [`KeyError::BadSignature`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), KeyError> {
        let text = signed_text(self.op_id, self.incarnation, self.seq, &self.kind);
        key.verify(&text, &self.signature)
    }
}

fn signed_text(op_id: OpId, incarnation: u32, seq: u64, kind: &VerdictKind) -> Vec<u8> {
    // Unit and struct variants of these enums always serialise; an empty text never verifies.
    let kind = serde_json::to_string(kind).unwrap_or_default();
    format!("fieldtill verdict 1\n{op_id}\n{incarnation}\n{seq}\n{kind}\n").into_bytes()
}
