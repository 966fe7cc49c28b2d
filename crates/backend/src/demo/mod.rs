//! The demo: a company with staff, and a catalogue either of our own making or from a folder of real
//! files. It is made once, in one transaction; starting the demo again changes nothing.

mod company;
mod real;
mod seeded;

pub use real::RealError;

use crate::facts::Company;
use crate::import::{Limits, Watch};
use crate::setup;
use crate::store::{Context, Store, StoreError};
use domain::config::Config;
use domain::id::StaffId;
use domain::role::Role;
use domain::staff::Staff;
use domain::time::MINUTE_MS;
use std::path::Path;

/// The terminals that the demo has codes for.
pub const TERMINALS: [&str; 3] = ["T07", "T08", "T09"];
/// How long an enrolment code is good (rule 9.1).
pub const CODE_LIFE_MS: i64 = 10 * MINUTE_MS;

/// A member of the demo's staff and the PIN, which the demo says out loud.
#[derive(Clone, Copy, Debug)]
pub struct DemoStaff {
    /// Name.
    pub name: &'static str,
    /// Role.
    pub role: Role,
    /// PIN.
    pub pin: &'static str,
}

/// Everybody.
pub const STAFF: [DemoStaff; 5] = [
    DemoStaff {
        name: "销售 01",
        role: Role::Sales,
        pin: "1001",
    },
    DemoStaff {
        name: "销售 02",
        role: Role::Sales,
        pin: "1002",
    },
    DemoStaff {
        name: "财务 01",
        role: Role::Finance,
        pin: "2001",
    },
    DemoStaff {
        name: "财务主管",
        role: Role::FinanceLead,
        pin: "3001",
    },
    DemoStaff {
        name: "管理员",
        role: Role::Admin,
        pin: "9001",
    },
];

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder of files.
    #[error(transparent)]
    Real(#[from] RealError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A PIN can't be made into a verifier.
    #[error("a PIN's verifier can't be made: {0}")]
    Pin(argon2::password_hash::Error),
}

/// Makes the demo's company unless it is there; answers what to say about it. Online payment is on
/// where its merchant accounts are `bound` from the start.
///
/// # Errors
/// [`DemoError`]; nothing was written then, or it is written again the next time.
pub fn make(
    store: &dyn Store,
    cx: &Context<'_>,
    public_url: &str,
    import: Option<&Path>,
    bound: bool,
    watch: &mut Watch<'_>,
) -> Result<Vec<String>, DemoError> {
    put_company(store, cx, public_url)?;
    if store.config(cx)?.version == 0 {
        store.put_config(cx, &config(bound))?;
    }
    // Staff come last: where they are, all is.
    if !store.staff(cx)?.is_empty() {
        return Ok(vec![
            "the demo company is there already; nothing was imported".to_owned(),
        ]);
    }
    let admin = StaffId(seeded::id("staff", "管理员"));
    let (batch, notes) = match import {
        Some(folder) => {
            let batch = real::make(folder, admin, &Limits::default(), watch)?;
            let notes = real::notes(&batch);
            (batch, notes)
        }
        None => {
            let batch = company::make();
            let note = format!(
                "demo company: {} products, {} distributors, made from seed {}",
                batch.products.len(),
                batch.distributors.len(),
                company::SEED
            );
            (batch, vec![note])
        }
    };
    store.take_over(cx, &batch)?;
    for member in STAFF {
        store.put_staff(cx, &staff(cx, member)?)?;
    }
    Ok(notes)
}

/// What the demo's administrator begins with: online payment is on, Payment Method and the list's
/// button wait to be exposed. The merchant accounts are bound at the program's start.
fn config(bound: bool) -> Config {
    let mut config = Config {
        online_payment_enabled: bound,
        ..Config::default()
    };
    config.layouts.order_create.visible = false;
    config.layouts.order_edit.visible = false;
    config
}

fn put_company(store: &dyn Store, cx: &Context<'_>, public_url: &str) -> Result<(), StoreError> {
    let company = match store.company(cx) {
        Ok(company) => Company {
            public_url: public_url.to_owned(),
            ..company
        },
        Err(StoreError::NoCompany(_)) => setup::company(cx, "锦绣家纺有限公司", public_url),
        Err(other) => return Err(other),
    };
    store.put_company(cx, &company)
}

fn staff(cx: &Context<'_>, member: DemoStaff) -> Result<Staff, DemoError> {
    Ok(Staff {
        id: StaffId(seeded::id("staff", member.name)),
        name: member.name.to_owned(),
        role: member.role,
        pin_verifier: setup::verifier(cx.env, member.pin).map_err(DemoError::Pin)?,
        active: true,
        department: None,
        revision: 0,
    })
}
