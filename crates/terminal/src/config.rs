//! The company's configuration on a terminal: read from the ledger, so that it holds offline with its
//! date; changed by an administrator's operation, which the backend decides.

use crate::api::config::*;
use crate::api::{Context, Nothing};
use crate::ledger;
use crate::transact::{Done, Tag};
use domain::Code;
use domain::channel::{Surface, channels};
use domain::config::{Button, ConfigVersion};
use domain::id::{OrderId, StaffId};
use domain::operation::{ConfigChange, OpBody};
use std::time::Duration;

/// How long saving waits for the backend's word before it shows the change as waiting.
const VERDICT_WAIT: Duration = Duration::from_secs(3);

/// The configuration that this terminal works by.
///
/// # Errors
/// What the file says.
pub fn get(context: &Context<'_>, _: Nothing) -> Result<ConfigView, Code> {
    let ledger = context.terminal.ledger();
    let current = ledger.config()?;
    let own = ledger.own_config_change()?.map(|own| OwnConfigChange {
        on: own.change.on,
        config: own.change.config,
        at: own.at,
        refused: own.refused,
    });
    let surface = |surface| SurfaceChannels {
        surface,
        channels: channels(
            surface,
            current.config.mode,
            current.bindings,
            current.mini_program,
        ),
    };
    Ok(ConfigView {
        author_name: author(context, current.author),
        heard_at: ledger.last_contact(),
        own,
        surfaces: Surface::ALL.into_iter().map(surface).collect(),
        current,
    })
}

fn author(context: &Context<'_>, author: Option<StaffId>) -> String {
    author.map_or_else(String::new, |staff| {
        crate::staff::name_of(context.terminal, staff)
    })
}

/// Changes it. With the backend in reach the answer says what it decided; otherwise the change waits
/// and the configuration in force stays as it is.
///
/// # Errors
/// `Conflict` when it was made on another version than the one held here, `ConfigWaiting`,
/// `BadConfig`, and what the file says.
pub fn change(context: &Context<'_>, input: ConfigChangeInput) -> Result<Done<ConfigView>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    let done = terminal.ledger().transact("config_change", |tx| {
        let held = ledger::config(tx.conn())?;
        if input.on != held.version {
            return Err(Code::Conflict { held: held.version }.into());
        }
        input
            .config
            .replaces(&held.config, held.bindings)
            .map_err(Code::from)?;
        if let Some(own) = ledger::own_config_change(tx.conn())? {
            if own.refused.is_none() {
                return Err(Code::ConfigWaiting.into());
            }
            // Whoever saves again has seen why the last one was refused.
            tx.looked_at(own.op_id)?;
        }
        let body = ConfigChange {
            on: input.on,
            config: input.config,
        };
        tx.mark(Tag::Config);
        tx.append(staff, OpBody::ConfigChange(body), &[])
    })?;
    if terminal.online() {
        let op = done.value;
        terminal.wait_until(VERDICT_WAIT, || {
            let own = terminal.ledger().own_config_change()?;
            Ok(own.is_none_or(|own| own.op_id != op || own.refused.is_some()))
        })?;
    }
    Ok(Done {
        value: get(context, Nothing {})?,
        changed: done.changed,
    })
}

/// Keeps the configuration in force: an own change that was refused is done with.
///
/// # Errors
/// What the file says.
pub fn keep(context: &Context<'_>, _: Nothing) -> Result<Done<Nothing>, Code> {
    context.terminal.ledger().transact("config_keep", |tx| {
        let refused = ledger::own_config_change(tx.conn())?.filter(|own| own.refused.is_some());
        if let Some(own) = refused {
            tx.looked_at(own.op_id)?;
            tx.mark(Tag::Config);
        }
        Ok(Nothing {})
    })
}

/// Every version that this terminal holds, the newest first.
///
/// # Errors
/// What the file says.
pub fn history(context: &Context<'_>, _: Nothing) -> Result<Vec<ConfigEntry>, Code> {
    let entry = |version: ConfigVersion| ConfigEntry {
        author_name: author(context, version.author),
        version,
    };
    let versions = context.terminal.ledger().config_history()?;
    Ok(versions.into_iter().map(entry).collect())
}

/// Which buttons show here, and on which orders.
///
/// # Errors
/// `NotFound` for an order that is not held, and what the file says.
pub fn buttons(context: &Context<'_>, input: ButtonsInput) -> Result<ButtonsView, Code> {
    let role = context.staff()?.role;
    let config = context.terminal.ledger().config()?.config;
    let at = config.buttons_at(input.object, role, input.placement);
    let shown = |order: &OrderId| -> Result<OrderButtons, Code> {
        let view = context.terminal.ledger().order(*order)?;
        let frozen = !view.live_intents.is_empty();
        let shows = |button: &&&Button| {
            let shows = config.shows_on(button, &view.facts(), frozen, role, input.placement);
            shows.unwrap_or_else(|error| {
                tracing::warn!(button = %button.path(), %error, "a button is hidden");
                false
            })
        };
        Ok(OrderButtons {
            order: *order,
            buttons: at.iter().filter(shows).map(|button| button.name).collect(),
        })
    };
    Ok(ButtonsView {
        orders: input.orders.iter().map(shown).collect::<Result<_, _>>()?,
        buttons: at
            .iter()
            .map(|button| ButtonView {
                name: button.name,
                label_zh: button.label_zh.clone(),
                label_en: button.label_en.clone(),
            })
            .collect(),
    })
}
