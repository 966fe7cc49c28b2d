//! Requests and replies, and the trait that both ends implement: the terminal's HTTP client by
//! asking, the backend by answering. The simulator plugs one into the other with nothing between.

use crate::change::{Change, Cursor};
use crate::envelope::SignedOperation;
use crate::keys::{Hash, KeyError, Keypair, PublicKey, Signature};
use crate::slip::Slip;
use crate::verdict::Verdict;
use domain::config::ConfigVersion;
use domain::id::{CompanyId, TerminalId};
use domain::staff::Lease;
use domain::{Code, Timestamp};
use serde::{Deserialize, Serialize};
use std::future::Future;

/// Most operations in one push.
pub const PUSH_BATCH: usize = 50;
/// Most changes in one reply to a pull.
pub const PULL_BATCH: usize = 500;

/// How far a terminal's log reaches (rule 4.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Which life of the log.
    pub incarnation: u32,
    /// Number of the last operation; 0 for none.
    pub seq: u64,
    /// Its hash; zeros for none.
    pub hash: Hash,
}

/// Who asks. The transport proves it: over HTTP by the request's signature (rule 9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The terminal.
    pub terminal: TerminalId,
    /// Its log's head when it asked.
    pub head: Head,
}

/// Enrolment by one-time code (rule 9.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The code an administrator gave.
    pub code: String,
    /// The terminal's fresh public key.
    pub key: PublicKey,
    /// The terminal's protocol version.
    pub protocol: u16,
}

/// The terminal's new identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolReply {
    /// The company.
    pub company: CompanyId,
    /// The terminal.
    pub terminal: TerminalId,
    /// Which life of its log begins.
    pub incarnation: u32,
    /// The key that signs everything the backend says, to be pinned.
    pub backend_key: PublicKey,
    /// Leave to work.
    pub lease: SignedLease,
    /// The configuration in force, so that the terminal is what the administrator decided from its
    /// first moment; `None` while nobody decided anything. It comes again through the feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<ConfigVersion>,
}

/// A lease and the backend's signature over its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedLease {
    /// The lease's JSON.
    pub text: String,
    /// The backend's signature over `text`.
    pub signature: Signature,
}

impl SignedLease {
    /// Writes and signs a lease.
    ///
    /// # Errors
    /// [`LeaseError::Unreadable`] if it can't be written as JSON.
    pub fn seal(lease: &Lease, key: &Keypair) -> Result<SignedLease, LeaseError> {
        let text = serde_json::to_string(lease)?;
        let signature = key.sign(text.as_bytes());
        Ok(SignedLease { text, signature })
    }

    /// Checks and reads it.
    ///
    /// # Errors
    /// [`LeaseError`].
    pub fn open(&self, key: &PublicKey) -> Result<Lease, LeaseError> {
        key.verify(self.text.as_bytes(), &self.signature)?;
        Ok(serde_json::from_str(&self.text)?)
    }
}

/// Why a lease can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// The backend did not sign it.
    #[error("lease is not the backend's: {0}")]
    Forged(#[from] KeyError),
    /// Not a lease of a form known here.
    #[error("lease can't be read by this version: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// A contiguous run of operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushRequest {
    /// Who.
    pub caller: Caller,
    /// The operations in log order, at most [`PUSH_BATCH`].
    pub operations: Vec<SignedOperation>,
    /// The photos of slips that these operations name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slips: Vec<Slip>,
}

/// What became of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushReply {
    /// One verdict for each operation that the backend has recorded, in log order.
    pub verdicts: Vec<Verdict>,
    /// The terminal's head as the backend has it after this request.
    pub head: Head,
    /// The backend's clock.
    pub at: Timestamp,
}

/// Asks for what happened since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// Who.
    pub caller: Caller,
    /// From where.
    pub after: Cursor,
    /// Tickets that the terminal still has; the backend tops them up.
    pub tickets: u32,
}

/// What happened since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullReply {
    /// Changes this terminal may see, in order, at most [`PULL_BATCH`].
    pub changes: Vec<Change>,
    /// Everything up to here has been considered; filtered numbers are not gaps (4.12).
    pub complete_to: Cursor,
    /// More is waiting.
    pub more: bool,
    /// The terminal's head as the backend has it (4.9).
    pub head: Head,
    /// A renewed lease.
    pub lease: SignedLease,
    /// The backend's clock.
    pub at: Timestamp,
}

/// Asks for the whole state (rule 4.14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotRequest {
    /// Who.
    pub caller: Caller,
    /// `None` to begin; else the token of the last page, to resume.
    pub resume: Option<String>,
}

/// One page of the whole state. Its cursor is the feed's head when the first page was made, also
/// when resumed; pages are whole documents, later changes come by pull.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotPage {
    /// Documents as changes, each with its own number.
    pub changes: Vec<Change>,
    /// The cursor to pull from once the last page is applied.
    pub cursor: Cursor,
    /// Token for the next page; `None` on the last.
    pub next: Option<String>,
    /// How many documents there are in all, for progress.
    pub total: u64,
}

/// Why the backend would not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refused", rename_all = "snake_case")]
pub enum Refused {
    /// The cursor is of another epoch, ahead of the head, or has another tag (8.4): begin again
    /// with a snapshot of this epoch.
    #[error("the feed was restored: begin again from a snapshot of epoch {epoch}")]
    NewEpoch {
        /// The epoch that is in force.
        epoch: u32,
    },
    /// The log forked: this terminal's files were cloned or rolled back (4.9).
    #[error("the terminal's log forked after operation {after}: enrol again")]
    Forked {
        /// The last operation both agree on.
        after: u64,
    },
    /// The terminal's key is revoked.
    #[error("the terminal is revoked: its unsent work is quarantined for review")]
    Revoked,
    /// The version is too old or too new.
    #[error("protocol version {asked} is not spoken here, only {least}..={most}")]
    Version {
        /// What was asked.
        asked: u16,
        /// Lowest.
        least: u16,
        /// Highest.
        most: u16,
    },
    /// Too many requests; come back later.
    #[error("busy: ask again in {seconds} s")]
    Busy {
        /// When.
        seconds: u32,
    },
    /// A rule.
    #[error("refused: {reason}")]
    Rule {
        /// Which.
        reason: Code,
    },
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It answered, and refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No answer, or one that does not verify: it may have taken effect.
    #[error("the backend can't be reached or did not answer properly: {0}")]
    Unreachable(String),
}

/// What a backend does for terminals. Implemented by the terminal's HTTP client and by the backend.
pub trait Backend: Send + Sync {
    /// Enrols a terminal.
    fn enrol(&self, r: EnrolRequest) -> impl Future<Output = Result<EnrolReply, CallError>> + Send;
    /// Takes operations, answers verdicts. Repeating it answers the same.
    fn push(&self, r: PushRequest) -> impl Future<Output = Result<PushReply, CallError>> + Send;
    /// Answers changes.
    fn pull(&self, r: PullRequest) -> impl Future<Output = Result<PullReply, CallError>> + Send;
    /// Answers the whole state, by pages.
    fn snapshot(
        &self,
        r: SnapshotRequest,
    ) -> impl Future<Output = Result<SnapshotPage, CallError>> + Send;
}
