//! Who is at the terminal.

use domain::Timestamp;
use domain::id::StaffId;
use domain::role::{Permission, Role};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A person on the unlock screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StaffRow {
    /// Who.
    pub id: StaffId,
    /// Name.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// Who is unlocked, and on what leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SessionView {
    /// False before enrolment.
    pub enrolled: bool,
    /// This terminal's code, e.g. T07.
    pub terminal_code: String,
    /// The seller's name.
    pub seller: String,
    /// Who is unlocked; `None` while locked.
    pub staff: Option<StaffRow>,
    /// What that person may do.
    pub permissions: Vec<Permission>,
    /// When the lease runs out.
    pub lease_expires_at: Timestamp,
    /// It has run out: no offline QR, no deposit spend (rule 9.1).
    pub lease_ended: bool,
    /// Whether online payment is switched on.
    pub online_payment: bool,
}

/// Unlocks with a PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Unlock {
    /// Who.
    pub staff: StaffId,
    /// The PIN.
    pub pin: String,
}
