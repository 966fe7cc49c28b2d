//! How this terminal looks: kept in its ledger, so that it is there before anybody unlocks.

use crate::api::settings::Settings;
use crate::api::{Context, Nothing};
use crate::transact::{Done, Tag};
use domain::Code;

/// How this terminal looks.
///
/// # Errors
/// What the file says.
pub fn get(context: &Context<'_>, _: Nothing) -> Result<Settings, Code> {
    context
        .terminal
        .ledger()
        .setting("look")
        .map(Option::unwrap_or_default)
}

/// Changes it.
///
/// # Errors
/// What the file says.
pub fn set(context: &Context<'_>, input: Settings) -> Result<Done<Nothing>, Code> {
    context.terminal.ledger().transact("settings_set", |tx| {
        tx.put_setting("look", &input)?;
        tx.mark(Tag::Settings);
        Ok(Nothing {})
    })
}
