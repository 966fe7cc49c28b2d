//! An administrator's configuration takes the place of the one it was made on, whole, or not at all:
//! of two who save the same page the second sees a conflict.

use crate::books::{Books, Stop};
use crate::facts::Write;
use domain::code::Code;
use domain::config::ConfigVersion;
use domain::operation::{ConfigChange, Origin};
use wire::verdict::VerdictKind;

pub(super) fn change(
    books: &mut Books<'_>,
    body: &ConfigChange,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let held = &books.facts.config;
    if body.on != held.version {
        return Err(Code::Conflict { held: held.version }.into());
    }
    body.config
        .replaces(&held.config, held.bindings)
        .map_err(Code::from)?;
    let made = ConfigVersion {
        version: held.version.saturating_add(1),
        at: books.now,
        author: Some(origin.staff),
        op: Some(origin.op_id),
        bindings: held.bindings,
        mini_program: held.mini_program,
        config: body.config.clone(),
    };
    books.note(Write::Config(made));
    Ok(VerdictKind::Applied)
}
