//! Staff as an administrator decides about them: read from the lease, changed by operations that the
//! backend decides. A PIN leaves this function only as its verifier.

use crate::api::staff::*;
use crate::api::{Context, Nothing};
use crate::ledger;
use crate::transact::{Done, Tag};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, SaltString};
use domain::Code;
use domain::id::StaffId;
use domain::operation::{OpBody, StaffChange};
use domain::staff::{StaffTerms, StaffVersion, check_terms};
use std::time::Duration;

/// How long saving waits for the backend's word before it shows the change as waiting.
const VERDICT_WAIT: Duration = Duration::from_secs(3);

/// Everybody, those who left too, and own changes that are not in force.
///
/// # Errors
/// What the file says.
pub fn members(context: &Context<'_>, _: Nothing) -> Result<StaffView, Code> {
    let ledger = context.terminal.ledger();
    let lease = ledger.lease()?.lease;
    let member = |staff: domain::staff::Staff| StaffMember {
        id: staff.id,
        revision: staff.revision,
        terms: staff.terms(),
        has_pin: staff.has_pin(),
    };
    let own = |own: ledger::OwnStaffChange| OwnStaffChange {
        op: own.op_id,
        staff: own.change.staff,
        terms: own.change.terms,
        refused: own.refused,
    };
    Ok(StaffView {
        members: lease.staff.into_iter().map(member).collect(),
        own: ledger.own_staff_changes()?.into_iter().map(own).collect(),
    })
}

/// Adds somebody, changes what holds for them, or sets their PIN anew. With the backend in reach the
/// answer is what it decided; otherwise the change waits.
///
/// # Errors
/// `Conflict` when it was made on another revision than the one held here, what
/// [`check_terms`] refuses, `BadField` for the PIN, and the backend's refusal.
pub fn change(context: &Context<'_>, input: StaffChangeInput) -> Result<Done<StaffView>, Code> {
    let terminal = context.terminal;
    let actor = context.actor()?;
    let env = terminal.env();
    let pin_verifier = match &input.pin {
        Some(pin) => Some(verifier(env, domain::staff::pin(pin)?)?),
        None => None,
    };
    let staff = input.staff.unwrap_or_else(|| StaffId(env.uuid()));
    let terms = StaffTerms {
        name: domain::staff::name(&input.terms.name)?.to_owned(),
        ..input.terms
    };
    let done = terminal.ledger().transact("staff_change", |tx| {
        let lease = ledger::lease(tx.conn())?;
        let held = lease.staff.iter().find(|one| one.id == staff);
        match (held, input.on) {
            (None, None) if pin_verifier.is_none() => {
                let field = "pin".into();
                return Err(Code::BadField { field }.into());
            }
            (None, None) => {}
            (Some(held), Some(on)) if held.revision == on => {}
            (Some(held), _) => {
                let held = held.revision;
                return Err(Code::Conflict { held }.into());
            }
            (None, Some(_)) => return Err(Code::UnknownStaff.into()),
        }
        let config = ledger::config(tx.conn())?.config;
        check_terms(&lease.staff, &config.departments, staff, &terms)?;
        for own in ledger::own_staff_changes(tx.conn())? {
            // Whoever saves again has seen why the last one was refused.
            if own.change.staff == staff && own.refused.is_some() {
                tx.looked_at(own.op_id)?;
            }
        }
        tx.mark(Tag::Staff);
        let body = StaffChange {
            staff,
            on: input.on,
            terms,
            pin_verifier,
        };
        tx.append(actor, OpBody::StaffChange(body), &[])
    })?;
    if terminal.online() {
        let op = done.value;
        terminal.wait_until(VERDICT_WAIT, || {
            let own = terminal.ledger().own_staff_changes()?;
            let waits = |one: &ledger::OwnStaffChange| one.op_id == op && one.refused.is_none();
            Ok(!own.iter().any(waits))
        })?;
    }
    Ok(Done {
        value: members(context, Nothing {})?,
        changed: done.changed,
    })
}

/// Lets go of an own change that was refused.
///
/// # Errors
/// `NotFound` for any other operation.
pub fn keep(context: &Context<'_>, input: OwnStaffKey) -> Result<Done<Nothing>, Code> {
    context.terminal.ledger().transact("staff_keep", |tx| {
        let own = ledger::own_staff_changes(tx.conn())?;
        if !own
            .iter()
            .any(|one| one.op_id == input.op && one.refused.is_some())
        {
            let what = "operation".into();
            return Err(Code::NotFound { what }.into());
        }
        tx.looked_at(input.op)?;
        tx.mark(Tag::Staff);
        Ok(Nothing {})
    })
}

/// Every change of staff that this terminal holds, the newest first.
///
/// # Errors
/// What the file says.
pub fn history(context: &Context<'_>, _: Nothing) -> Result<Vec<StaffEntry>, Code> {
    let entry = |version: StaffVersion| StaffEntry {
        author_name: version
            .author
            .map(|staff| super::name_of(context.terminal, staff))
            .unwrap_or_default(),
        version,
    };
    let versions = context.terminal.ledger().staff_history()?;
    Ok(versions.into_iter().map(entry).collect())
}

fn verifier(env: &dyn wire::Env, pin: &str) -> Result<String, Code> {
    let made = || {
        let mut salt = [0u8; 16];
        env.random(&mut salt);
        let salt = SaltString::encode_b64(&salt)?;
        Ok(Argon2::default()
            .hash_password(pin.as_bytes(), &salt)?
            .to_string())
    };
    made().map_err(|error: argon2::password_hash::Error| Code::Internal {
        trace: error.to_string(),
    })
}
