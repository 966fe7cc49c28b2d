//! Who uses a terminal, the departments they belong to, and the lease that lets a terminal work
//! without the backend (rule 9.1).

use crate::code::Code;
use crate::id::{DepartmentId, OpId, StaffId, TerminalId};
use crate::money::Money;
use crate::role::Role;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use ts_rs::TS;

/// Most characters of a name that screens and receipts have room for.
pub const MAX_NAME_CHARS: usize = 40;
/// How many digits a PIN has (payment rules ask for six at least).
pub const PIN_DIGITS: std::ops::RangeInclusive<usize> = 6..=12;

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
    /// Empty for somebody who has none yet.
    pub pin_verifier: String,
    /// False once they have left.
    pub active: bool,
    /// Where they belong; `None` for nowhere in particular.
    #[serde(default)]
    pub department: Option<DepartmentId>,
    /// Counts the changes that administrators made.
    #[serde(default)]
    pub revision: u32,
}

/// What an administrator decides about a member of staff, without the PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StaffTerms {
    /// Name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Where they belong.
    pub department: Option<DepartmentId>,
    /// False once they have left.
    pub active: bool,
}

/// One change of a member of staff, as the history keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StaffVersion {
    /// The operation that made it; a number of its own for the operator's.
    pub op: OpId,
    /// When the backend took it.
    pub at: Timestamp,
    /// Who decided it; `None` for the backend's operator, who has no terminal to sign at.
    pub author: Option<StaffId>,
    /// About whom.
    pub staff: StaffId,
    /// What held before; `None` for somebody new.
    pub before: Option<StaffTerms>,
    /// What holds from now on.
    pub after: StaffTerms,
    /// The PIN was set anew.
    pub pin_reset: bool,
}

/// A part of the company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Department {
    /// Identity.
    pub id: DepartmentId,
    /// Name.
    pub name: String,
    /// The one it is a part of.
    pub parent: Option<DepartmentId>,
}

impl Staff {
    /// Whether they can unlock anything: somebody from a file is given a PIN later.
    pub fn has_pin(&self) -> bool {
        !self.pin_verifier.is_empty()
    }

    /// What was decided about them.
    pub fn terms(&self) -> StaffTerms {
        StaffTerms {
            name: self.name.clone(),
            role: self.role,
            department: self.department,
            active: self.active,
        }
    }
}

/// A person's or department's name without the spaces around it: one line that screens have room
/// for.
///
/// # Errors
/// `BadField` for any other text.
pub fn name(typed: &str) -> Result<&str, Code> {
    let plain = typed.trim();
    let good = !plain.is_empty()
        && plain.chars().count() <= MAX_NAME_CHARS
        && !plain.chars().any(char::is_control);
    if good {
        Ok(plain)
    } else {
        Err(Code::BadField {
            field: "name".into(),
        })
    }
}

/// A PIN's digits: six to twelve of them, not all the same.
///
/// # Errors
/// `BadField` for any other text.
pub fn pin(typed: &str) -> Result<&str, Code> {
    let digits = typed.trim();
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let varied = digits.bytes().any(|b| Some(b) != digits.bytes().next());
    if plain && varied && PIN_DIGITS.contains(&digits.len()) {
        Ok(digits)
    } else {
        Err(Code::BadField {
            field: "pin".into(),
        })
    }
}

/// Whether new terms for a member of staff fit everybody else's.
///
/// # Errors
/// `BadField` for the name, `AlreadyExists` for one that somebody active bears (the unlock screen
/// could not tell them apart), `NotFound` for a department that is not there, `LastAdmin`.
pub fn check_terms(
    everybody: &[Staff],
    departments: &[Department],
    whom: StaffId,
    terms: &StaffTerms,
) -> Result<(), Code> {
    if name(&terms.name)? != terms.name {
        return Err(Code::BadField {
            field: "name".into(),
        });
    }
    let others = || everybody.iter().filter(|one| one.id != whom && one.active);
    if terms.active && others().any(|one| one.name == terms.name) {
        return Err(Code::AlreadyExists {
            what: "staff_name".into(),
        });
    }
    let there = |id| departments.iter().any(|department| department.id == id);
    if terms.department.is_some_and(|id| !there(id)) {
        return Err(Code::NotFound {
            what: "department".into(),
        });
    }
    let stays = terms.active && terms.role == Role::Admin;
    if !stays && !others().any(|one| one.role == Role::Admin) {
        return Err(Code::LastAdmin);
    }
    Ok(())
}

/// Who belongs to somebody's department or to a part of it, those who left too: their orders stay the
/// department's. Whoever belongs to no department is alone.
pub fn colleagues(
    everybody: &[Staff],
    departments: &[Department],
    of: StaffId,
) -> BTreeSet<StaffId> {
    let mine = everybody.iter().find(|one| one.id == of);
    let Some(mine) = mine.and_then(|one| one.department) else {
        return BTreeSet::from([of]);
    };
    let mut below = BTreeSet::from([mine]);
    // A tree of n departments is known after n rounds at most.
    for _ in departments {
        let parts = departments
            .iter()
            .filter(|one| one.parent.is_some_and(|up| below.contains(&up)));
        let parts: Vec<DepartmentId> = parts.map(|one| one.id).collect();
        below.extend(parts);
    }
    let belongs = |one: &&Staff| one.department.is_some_and(|place| below.contains(&place));
    everybody.iter().filter(belongs).map(|one| one.id).collect()
}

/// The first department whose name can't be used or stands twice under one parent, or whose chain of
/// parents does not end.
pub(crate) fn misplaced(departments: &[Department]) -> Option<(usize, Misplaced)> {
    let parents: BTreeMap<DepartmentId, Option<DepartmentId>> =
        departments.iter().map(|one| (one.id, one.parent)).collect();
    departments.iter().enumerate().find_map(|(at, one)| {
        let twice = departments.iter().take(at).any(|other| {
            other.id == one.id || (other.parent, &other.name) == (one.parent, &one.name)
        });
        if twice || name(&one.name) != Ok(one.name.as_str()) {
            return Some((at, Misplaced::Name));
        }
        let mut above = one.parent;
        for _ in 0..departments.len() {
            let parent = above?;
            let Some(next) = parents.get(&parent) else {
                return Some((at, Misplaced::Parent));
            };
            above = *next;
        }
        above.map(|_| (at, Misplaced::Parent))
    })
}

/// What is wrong with a department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misplaced {
    /// Its name.
    Name,
    /// Its parent.
    Parent,
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

#[cfg(test)]
mod tests;
