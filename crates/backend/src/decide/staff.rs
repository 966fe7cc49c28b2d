//! Who works here and as what, by an administrator's word. Two who change the same person: the second
//! sees a conflict.

use crate::books::{Books, Stop};
use crate::facts::Write;
use argon2::{Algorithm, Params, PasswordHash};
use domain::code::Code;
use domain::operation::{Origin, StaffChange};
use domain::staff::{Staff, StaffVersion, check_terms};
use wire::verdict::VerdictKind;

pub(super) fn change(
    books: &mut Books<'_>,
    body: &StaffChange,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let everybody = &books.facts.everybody;
    let held = everybody.iter().find(|one| one.id == body.staff);
    match (held, body.on) {
        (None, None) => {}
        (Some(held), Some(on)) if held.revision == on => {}
        (Some(held), _) => {
            let held = held.revision;
            return Err(Code::Conflict { held }.into());
        }
        (None, Some(_)) => return Err(Code::UnknownStaff.into()),
    }
    let departments = &books.facts.config.config.departments;
    check_terms(everybody, departments, body.staff, &body.terms)?;
    let verifier = match (&body.pin_verifier, held) {
        (Some(verifier), _) if strong(verifier) => verifier.clone(),
        (None, Some(held)) => held.pin_verifier.clone(),
        _ => {
            let field = "pin".into();
            return Err(Code::BadField { field }.into());
        }
    };
    let terms = body.terms.clone();
    let staff = Staff {
        id: body.staff,
        name: terms.name.clone(),
        role: terms.role,
        pin_verifier: verifier,
        active: terms.active,
        department: terms.department,
        revision: held.map_or(0, |held| held.revision).saturating_add(1),
    };
    let version = StaffVersion {
        op: origin.op_id,
        at: books.now,
        author: origin.staff,
        staff: body.staff,
        before: held.map(Staff::terms),
        after: terms,
        pin_reset: body.pin_verifier.is_some(),
    };
    books.note(Write::Staff { staff, version });
    Ok(VerdictKind::Applied)
}

/// A verifier costs what every terminal is ready to pay for an unlock, no more and no less.
fn strong(verifier: &str) -> bool {
    PasswordHash::new(verifier).is_ok_and(|hash| {
        Algorithm::try_from(hash.algorithm) == Ok(Algorithm::Argon2id)
            && Params::try_from(&hash).is_ok_and(|params| {
                let usual = Params::DEFAULT;
                (params.m_cost(), params.t_cost(), params.p_cost())
                    == (usual.m_cost(), usual.t_cost(), usual.p_cost())
            })
            && hash.salt.is_some()
            && hash.hash.is_some()
    })
}
