//! Setting up a real company from the command line: the company itself, its staff, and an end for a
//! terminal that was lost. The first administrator has to come from somewhere that no terminal
//! reaches; whoever has a shell on the backend has it all anyway.

use crate::facts::Company;
use crate::store::{Context, Store, StoreError};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, SaltString};
use domain::code::Code;
use domain::id::StaffId;
use domain::operation::StaffChange;
use domain::role::Role;
use domain::staff::{MAX_NAME_CHARS, PIN_DIGITS, Staff, StaffTerms};
use domain::time::DAY_MS;
use std::str::FromStr;
use wire::Env;
use wire::protocol::Refused;

/// Why nothing was set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There is one already.
    #[error("there is a company here already: {0}; nothing was changed")]
    CompanyThere(String),
    /// A name that can't be shown.
    #[error(
        "the name `{0}` is empty, longer than {MAX_NAME_CHARS} characters, or holds a control character"
    )]
    Name(String),
    /// A PIN that is none.
    #[error(
        "a PIN has {} to {} digits, and not all of them the same",
        PIN_DIGITS.start(),
        PIN_DIGITS.end()
    )]
    Pin,
    /// Two people could not be told apart on the unlock screen.
    #[error("there is an active member of staff named `{0}` already; choose a name that differs")]
    NameTaken(String),
    /// Nobody could give anybody access again.
    #[error("`{0}` is the last administrator; add another first")]
    LastAdmin(String),
    /// Nobody of that name works here.
    #[error("no active member of staff is named `{0}`")]
    Nobody(String),
    /// A PIN's verifier can't be computed.
    #[error("a PIN's verifier can't be made: {0}")]
    Verifier(argon2::password_hash::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A PIN as somebody chose it. Does not print.
pub struct Pin(String);

impl FromStr for Pin {
    type Err = SetupError;

    fn from_str(typed: &str) -> Result<Pin, SetupError> {
        let digits = domain::staff::pin(typed).map_err(|_| SetupError::Pin)?;
        Ok(Pin(digits.to_owned()))
    }
}

/// A company as it begins; whether it takes online payments is its configuration's.
#[must_use]
pub fn company(cx: &Context<'_>, seller: &str, public_url: &str) -> Company {
    Company {
        id: cx.company,
        seller: seller.to_owned(),
        public_url: public_url.to_owned(),
        ticket_life_ms: 30 * DAY_MS,
    }
}

/// The Argon2id verifier of a PIN, in PHC form (rule 9.3).
///
/// # Errors
/// The library's own.
pub fn verifier(env: &dyn Env, pin: &str) -> Result<String, argon2::password_hash::Error> {
    let mut salt = [0u8; 16];
    env.random(&mut salt);
    let salt = SaltString::encode_b64(&salt)?;
    let hash = Argon2::default().hash_password(pin.as_bytes(), &salt)?;
    Ok(hash.to_string())
}

/// Makes the company and its first administrator.
///
/// # Errors
/// [`SetupError`]; a company that is there is left as it is.
pub fn found(
    store: &dyn Store,
    cx: &Context<'_>,
    seller: &str,
    admin: &str,
    pin: &Pin,
) -> Result<(), SetupError> {
    let seller = named(seller)?;
    match store.company(cx) {
        Err(StoreError::NoCompany(_)) => {}
        // An end between company and administrator: the same call goes on from there.
        Ok(there) if there.seller == seller && store.staff(cx)?.is_empty() => {}
        Ok(there) => return Err(SetupError::CompanyThere(there.seller)),
        Err(other) => return Err(other.into()),
    }
    let first = member(cx, admin, Role::Admin, pin)?;
    store.put_company(cx, &company(cx, &seller, ""))?;
    change(store, cx, first)
}

/// Adds a member of staff; terminals know them after their next contact. Answers the name.
///
/// # Errors
/// [`SetupError`].
pub fn add_staff(
    store: &dyn Store,
    cx: &Context<'_>,
    name: &str,
    role: Role,
    pin: &Pin,
) -> Result<String, SetupError> {
    store.company(cx)?;
    let member = member(cx, name, role, pin)?;
    let name = member.terms.name.clone();
    change(store, cx, member)?;
    Ok(name)
}

/// Gives a member of staff a new PIN.
///
/// # Errors
/// [`SetupError`].
pub fn change_pin(
    store: &dyn Store,
    cx: &Context<'_>,
    name: &str,
    pin: &Pin,
) -> Result<(), SetupError> {
    let pin_verifier = verifier(cx.env, &pin.0).map_err(SetupError::Verifier)?;
    let held = by_name(store, cx, name)?;
    change(
        store,
        cx,
        StaffChange {
            pin_verifier: Some(pin_verifier),
            ..held
        },
    )
}

/// Ends a member's access; their name stays on what they did.
///
/// # Errors
/// [`SetupError`].
pub fn leave(store: &dyn Store, cx: &Context<'_>, name: &str) -> Result<(), SetupError> {
    let mut left = by_name(store, cx, name)?;
    left.terms.active = false;
    change(store, cx, left)
}

fn change(store: &dyn Store, cx: &Context<'_>, change: StaffChange) -> Result<(), SetupError> {
    store.change_staff(cx, &change).map_err(|error| {
        let name = change.terms.name;
        match error {
            StoreError::Refused(Refused::Rule { reason }) => match reason {
                Code::LastAdmin => SetupError::LastAdmin(name),
                Code::AlreadyExists { .. } => SetupError::NameTaken(name),
                reason => StoreError::Refused(Refused::Rule { reason }).into(),
            },
            other => other.into(),
        }
    })
}

/// A change of somebody active that changes nothing yet.
fn by_name(store: &dyn Store, cx: &Context<'_>, name: &str) -> Result<StaffChange, SetupError> {
    let named = |member: &Staff| member.active && member.name == name.trim();
    let held = store.staff(cx)?.into_iter().find(named);
    let held = held.ok_or_else(|| SetupError::Nobody(name.to_owned()))?;
    Ok(StaffChange {
        staff: held.id,
        on: Some(held.revision),
        terms: held.terms(),
        pin_verifier: None,
    })
}

fn member(cx: &Context<'_>, name: &str, role: Role, pin: &Pin) -> Result<StaffChange, SetupError> {
    Ok(StaffChange {
        staff: StaffId(cx.env.uuid()),
        on: None,
        terms: StaffTerms {
            name: named(name)?,
            role,
            department: None,
            active: true,
        },
        pin_verifier: Some(verifier(cx.env, &pin.0).map_err(SetupError::Verifier)?),
    })
}

fn named(name: &str) -> Result<String, SetupError> {
    let plain = domain::staff::name(name).map_err(|_| SetupError::Name(name.to_owned()))?;
    Ok(plain.to_owned())
}
