//! What terminal and backend say to each other: signed operations, verdicts, the change feed, the
//! payment link, and the one trait that both the HTTP client and the backend implement.
//!
//! Nothing here decides anything; rules live in `domain`. Everything here is a format that outlives
//! a release, so every message has a golden file in `tests/golden`.
#![warn(missing_docs)]

pub mod change;
pub mod code;
pub mod env;
pub mod envelope;
pub mod import;
pub mod keys;
pub mod link;
pub mod protocol;
pub mod receipt;
pub mod request;
pub mod sealed;
pub mod slip;
pub mod verdict;
pub mod wallet;

pub use change::{Change, Cursor, Doc};
pub use env::{Env, SystemEnv};
pub use envelope::{Operation, SignedOperation};
pub use keys::{Keypair, PublicKey, Signature};
pub use protocol::Backend;
pub use verdict::{Verdict, VerdictKind};

/// The protocol's version. A backend accepts this one and the three before it (rule 4.11).
pub const PROTOCOL_VERSION: u16 = 1;
/// The schema of operation bodies.
pub const OPERATION_SCHEMA: u16 = 1;
