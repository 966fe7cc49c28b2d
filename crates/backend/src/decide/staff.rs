//! Who works here and as what, by the word of an administrator or of the backend's operator. Two who
//! change the same person: the second sees a conflict.

use crate::books::{Books, Stop};
use crate::facts::Write;
use argon2::{Algorithm, Params, PasswordHash};
use domain::Timestamp;
use domain::code::Code;
use domain::id::{OpId, StaffId};
use domain::operation::{Origin, StaffChange};
use domain::staff::{Department, Staff, StaffVersion, check_terms};
use wire::verdict::VerdictKind;

pub(super) fn change(
    books: &mut Books<'_>,
    body: &StaffChange,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let (facts, by) = (&books.facts, (origin.op_id, Some(origin.staff)));
    let departments = &facts.config.config.departments;
    let (staff, version) = changed(&facts.everybody, departments, body, by, books.now)?;
    books.note(Write::Staff { staff, version });
    Ok(VerdictKind::Applied)
}

/// Who somebody is after a change, and its line in the history. `by` is the operation and who made
/// it, nobody being the operator.
///
/// # Errors
/// `Conflict`, `UnknownStaff`, `BadField` for the PIN, and what [`check_terms`] refuses.
pub(crate) fn changed(
    everybody: &[Staff],
    departments: &[Department],
    body: &StaffChange,
    (op, author): (OpId, Option<StaffId>),
    at: Timestamp,
) -> Result<(Staff, StaffVersion), Code> {
    let held = everybody.iter().find(|one| one.id == body.staff);
    match (held, body.on) {
        (None, None) => {}
        (Some(held), Some(on)) if held.revision == on => {}
        (Some(held), _) => {
            let held = held.revision;
            return Err(Code::Conflict { held });
        }
        (None, Some(_)) => return Err(Code::UnknownStaff),
    }
    check_terms(everybody, departments, body.staff, &body.terms)?;
    let verifier = match (&body.pin_verifier, held) {
        (Some(verifier), _) if strong(verifier) => verifier.clone(),
        (None, Some(held)) => held.pin_verifier.clone(),
        _ => {
            let field = "pin".into();
            return Err(Code::BadField { field });
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
        op,
        at,
        author,
        staff: body.staff,
        before: held.map(Staff::terms),
        after: terms,
        pin_reset: body.pin_verifier.is_some(),
    };
    Ok((staff, version))
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
