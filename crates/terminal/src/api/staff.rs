//! Who is at the terminal.

use domain::id::{DepartmentId, OpId, StaffId};
use domain::role::{Permission, Role};
use domain::staff::{StaffTerms, StaffVersion};
use domain::{Code, Timestamp};
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
    /// Where they belong.
    pub department: Option<DepartmentId>,
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

/// The company's staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StaffView {
    /// Everybody as the backend's last lease has them, those who left too.
    pub members: Vec<StaffMember>,
    /// Own changes that are not in force.
    pub own: Vec<OwnStaffChange>,
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StaffMember {
    /// Who.
    pub id: StaffId,
    /// Counts the changes; names what a change was made on.
    pub revision: u32,
    /// What holds for them.
    pub terms: StaffTerms,
    /// Whether they can unlock anything.
    pub has_pin: bool,
}

/// An own change that is not in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnStaffChange {
    /// Its operation.
    pub op: OpId,
    /// About whom.
    pub staff: StaffId,
    /// What was asked for.
    pub terms: StaffTerms,
    /// Why it was refused; `None` while the backend's word is awaited.
    pub refused: Option<Code>,
}

/// Adds or changes a member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StaffChangeInput {
    /// Whom; `None` for somebody new.
    pub staff: Option<StaffId>,
    /// The revision that was looked at; `None` for somebody new.
    pub on: Option<u32>,
    /// What is to hold.
    pub terms: StaffTerms,
    /// A new PIN; `None` keeps the old one.
    pub pin: Option<String>,
}

/// One own change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnStaffKey {
    /// Its operation.
    pub op: OpId,
}

/// One change of a member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StaffEntry {
    /// What was decided.
    pub version: StaffVersion,
    /// Who decided it; empty for the backend's operator.
    pub author_name: String,
}
