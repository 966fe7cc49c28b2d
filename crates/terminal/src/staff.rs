//! Who is at the terminal. A PIN opens it; wrong ones cost time that neither a restart nor a changed
//! clock gives back (rule 9.3). Roles come from the signed lease.

pub mod change;

use crate::api::staff::*;
use crate::api::{Context, Nothing};
use crate::terminal::Terminal;
use crate::transact::{Done, Tag};
use argon2::{Argon2, PasswordHash, PasswordVerifier as _};
use domain::Code;
use domain::Timestamp;
use domain::id::StaffId;
use domain::role::{Permission, allows};
use domain::staff::Staff;
use std::sync::{Mutex, PoisonError};

/// Wrong PINs that cost nothing but the try.
const FREE_TRIES: u32 = 4;
/// Longest wait between two tries, seconds.
const LONGEST_WAIT_S: u32 = 3_600;

/// Who is unlocked, in memory only: a restart locks.
#[derive(Debug, Default)]
pub struct Session {
    staff: Mutex<Option<Staff>>,
}

impl Session {
    /// Who is unlocked.
    pub fn staff(&self) -> Option<Staff> {
        self.staff
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set(&self, staff: Option<Staff>) {
        *self.staff.lock().unwrap_or_else(PoisonError::into_inner) = staff;
    }
}

/// Who is unlocked, and on what leave.
///
/// # Errors
/// What the file says.
pub fn session_state(context: &Context<'_>, _: Nothing) -> Result<SessionView, Code> {
    state(context.terminal)
}

fn state(terminal: &Terminal) -> Result<SessionView, Code> {
    let staff = terminal.session().staff();
    let standing = match terminal.ledger().lease() {
        Ok(standing) => standing,
        Err(Code::NotEnrolled) => {
            return Ok(SessionView {
                enrolled: false,
                terminal_code: String::new(),
                seller: String::new(),
                staff: None,
                permissions: Vec::new(),
                lease_expires_at: Timestamp(0),
                lease_ended: true,
                online_payment: false,
            });
        }
        Err(other) => return Err(other),
    };
    let permissions = staff.as_ref().map_or_else(Vec::new, |staff| {
        Permission::ALL
            .iter()
            .copied()
            .filter(|p| allows(staff.role, *p))
            .collect()
    });
    Ok(SessionView {
        enrolled: true,
        terminal_code: standing.lease.terminal_code,
        seller: standing.lease.seller,
        staff: staff.map(|staff| row(&staff)),
        permissions,
        lease_expires_at: standing.lease.expires_at,
        lease_ended: standing.ended,
        online_payment: terminal.ledger().config()?.config.online_payment_enabled,
    })
}

fn row(staff: &Staff) -> StaffRow {
    StaffRow {
        id: staff.id,
        name: staff.name.clone(),
        role: staff.role,
        department: staff.department,
    }
}

/// Everybody who may unlock this terminal. Whoever came with a file and was given no PIN yet can't.
///
/// # Errors
/// What the file says.
pub fn staff_list(context: &Context<'_>, _: Nothing) -> Result<Vec<StaffRow>, Code> {
    match context.terminal.ledger().lease() {
        Ok(standing) => Ok(standing
            .lease
            .staff
            .iter()
            .filter(|staff| staff.active && staff.has_pin())
            .map(row)
            .collect()),
        Err(Code::NotEnrolled) => Ok(Vec::new()),
        Err(other) => Err(other),
    }
}

/// Unlocks with a PIN. The try is on disk before the PIN is looked at, so pulling the plug costs it.
///
/// # Errors
/// `WrongPin` with the seconds to wait, `UnknownStaff`, and what the file says.
pub fn unlock(context: &Context<'_>, input: Unlock) -> Result<Done<SessionView>, Code> {
    let terminal = context.terminal;
    let staff = terminal.ledger().staff(input.staff)?;
    let wrong = terminal.ledger().transact("unlock", |tx| {
        let held = tx.unlock_failures(staff.id)?;
        let wait_s = wait_after(held.count);
        // With a clock set back nothing seems to have been waited: it never ends the wait early.
        if tx.now().since_ms(held.last_at) < i64::from(wait_s) * 1000 {
            return Err(Code::WrongPin { wait_s }.into());
        }
        tx.count_unlock_failure(staff.id)?;
        Ok(held.count)
    })?;
    let fits = PasswordHash::new(&staff.pin_verifier).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(input.pin.as_bytes(), &hash)
            .is_ok()
    });
    if !fits {
        return Err(Code::WrongPin {
            wait_s: wait_after(wrong.value + 1),
        });
    }
    terminal
        .ledger()
        .transact("unlock", |tx| tx.forget_unlock_failures(staff.id))?;
    terminal.session().set(Some(staff));
    Ok(Done {
        value: state(terminal)?,
        changed: vec![Tag::Session],
    })
}

/// Seconds to wait after so many wrong PINs: none at first, then doubling.
fn wait_after(wrong: u32) -> u32 {
    match wrong.checked_sub(FREE_TRIES) {
        None | Some(0) => 0,
        Some(over) => 5u32
            .saturating_mul(1 << over.min(16).saturating_sub(1))
            .min(LONGEST_WAIT_S),
    }
}

/// Locks; drafts and running QRs stay.
///
/// # Errors
/// None.
pub fn lock(context: &Context<'_>, _: Nothing) -> Result<Done<Nothing>, Code> {
    context.terminal.session().set(None);
    Ok(Done {
        value: Nothing {},
        changed: vec![Tag::Session],
    })
}

/// A person's name by the newest lease; empty for somebody it does not list.
pub(crate) fn name_of(terminal: &Terminal, staff: StaffId) -> String {
    terminal
        .ledger()
        .staff(staff)
        .map(|staff| staff.name)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_pins_cost_more_and_more_time() {
        let waits: Vec<u32> = (0..9).map(wait_after).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 5, 10, 20, 40]);
        assert_eq!(wait_after(u32::MAX), LONGEST_WAIT_S);
    }
}
