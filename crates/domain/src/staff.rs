//! Who uses a terminal, and the lease that lets it work without the backend (rule 9.1).

use crate::id::{StaffId, TerminalId};
use crate::money::Money;
use crate::role::Role;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A person as terminals know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Staff {
    /// Identity.
    pub id: StaffId,
    /// Name shown on the unlock screen and in every timeline.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Argon2id verifier of the PIN in PHC form; the terminal mixes its own secret in (rule 9.3).
    pub pin_verifier: String,
    /// False once they have left.
    pub active: bool,
}

/// The backend's leave for one terminal to work offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Lease {
    /// For which terminal.
    pub terminal: TerminalId,
    /// Its code in this incarnation, e.g. T07.
    pub terminal_code: String,
    /// The seller's name as payers see it.
    pub seller: String,
    /// Where payers' phones reach the cashier, without a trailing slash.
    pub public_url: String,
    /// Everybody who may unlock it.
    pub staff: Vec<Staff>,
    /// How much may be handed out on an offline proof alone.
    pub offline_proof_limit_fen: Money,
    /// When it was issued, by the backend's clock.
    pub issued_at: Timestamp,
    /// When it runs out.
    pub expires_at: Timestamp,
}
