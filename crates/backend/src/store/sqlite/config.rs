//! The configuration: every version a row, the newest in force.

use super::rows::{all, one, parsed, read, run, small, text};
use super::work::Work;
use super::{load, sql, wallet};
use crate::store::StoreError;
use domain::Timestamp;
use domain::channel::{Bindings, MiniProgram};
use domain::config::{Config, ConfigVersion, Layouts};
use rusqlite::{Connection, Row, params};
use wire::change::Doc;

type Stored = (i64, i64, Option<String>, Option<String>, String);

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
    ))
}

fn version(row: Stored, known: Known) -> Result<ConfigVersion, StoreError> {
    let (version, at, author, op, config) = row;
    Ok(ConfigVersion {
        version: small(version)?,
        at: Timestamp(at),
        author: author.map(|id| parsed(&id, "staff id")).transpose()?,
        op: op.map(|id| parsed(&id, "operation id")).transpose()?,
        bindings: known.bindings,
        mini_program: known.mini_program,
        config: read(&config, "configuration")?,
    })
}

/// What the configuration rests on and administrators don't decide in it.
#[derive(Clone, Copy)]
struct Known {
    bindings: Bindings,
    mini_program: MiniProgram,
}

fn known(tx: &Connection, company: &str) -> Result<Known, StoreError> {
    Ok(Known {
        bindings: bindings(tx, company)?,
        mini_program: wallet::mini_program(tx, company)?,
    })
}

/// Which channels have an active merchant account.
fn bindings(tx: &Connection, company: &str) -> Result<Bindings, StoreError> {
    let mut bound = Bindings::default();
    for binding in load::bindings(tx, company)? {
        match binding.channel {
            domain::channel::Channel::WechatPay => bound.wechat_pay |= binding.active,
            domain::channel::Channel::Alipay => bound.alipay |= binding.active,
        }
    }
    Ok(bound)
}

/// The configuration in force.
pub(super) fn current(tx: &Connection, company: &str) -> Result<ConfigVersion, StoreError> {
    let known = known(tx, company)?;
    match one(tx, sql::CONFIG_CURRENT, params![company], stored)? {
        Some(row) => version(row, known),
        None => Ok(ConfigVersion {
            bindings: known.bindings,
            mini_program: known.mini_program,
            ..ConfigVersion::default()
        }),
    }
}

/// The layouts of one version; `None` if there was no such version.
pub(super) fn layouts_of(
    tx: &Connection,
    company: &str,
    version: u32,
) -> Result<Option<Layouts>, StoreError> {
    let text: Option<String> = one(tx, sql::CONFIG_OF, params![company, version], |row| {
        row.get(0)
    })?;
    let config = text.map(|text| read::<Config>(&text, "configuration"));
    Ok(config.transpose()?.map(|config| config.layouts))
}

/// Every version, the oldest first.
pub(super) fn history(tx: &Connection, company: &str) -> Result<Vec<ConfigVersion>, StoreError> {
    let known = known(tx, company)?;
    let rows = all(tx, sql::CONFIG_ALL, params![company], stored)?;
    rows.into_iter().map(|row| version(row, known)).collect()
}

/// Stores a new version and gathers its change.
pub(super) fn put(
    work: &mut Work<'_>,
    made: ConfigVersion,
    cause: Option<domain::id::OpId>,
) -> Result<(), StoreError> {
    let row = params![
        work.company,
        made.version,
        made.at.0,
        made.author.map(|id| id.to_string()),
        made.op.map(|id| id.to_string()),
        text(&made.config)?
    ];
    run(work.tx, sql::CONFIG_NEW, row)?;
    work.change(None, cause, Doc::Config(made));
    Ok(())
}

/// Sets the program up with a configuration; one that is in force already makes no version.
pub(super) fn set_up(work: &mut Work<'_>, config: &Config) -> Result<(), StoreError> {
    config
        .check()
        .map_err(|error| StoreError::Rule(format!("configuration: {error}")))?;
    let held = current(work.tx, &work.company)?;
    if held.version > 0 && held.config == *config {
        return Ok(());
    }
    let made = ConfigVersion {
        version: held.version.saturating_add(1),
        at: work.cx.env.now(),
        author: None,
        op: None,
        bindings: held.bindings,
        mini_program: held.mini_program,
        config: config.clone(),
    };
    put(work, made, None)
}

/// Tells terminals which channels are bound now.
pub(super) fn announce_bindings(work: &mut Work<'_>) -> Result<(), StoreError> {
    let held = current(work.tx, &work.company)?;
    if held.version > 0 {
        work.change(None, None, Doc::Config(held));
    }
    Ok(())
}

/// Puts on the feed what an upgrade made out of older settings.
pub(super) fn announce_unsent(work: &mut Work<'_>) -> Result<(), StoreError> {
    if one(work.tx, sql::CONFIG_SENT, params![work.company], |_| Ok(()))?.is_some() {
        return Ok(());
    }
    for made in history(work.tx, &work.company)? {
        work.change(None, None, Doc::Config(made));
    }
    Ok(())
}
