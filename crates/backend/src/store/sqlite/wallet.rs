//! The corporate wallet: bindings with their sealed keys, who did what to them, the mini program.

use super::rows::{all, document, of_word, one, parsed, read, run, text, word};
use super::work::Work;
use super::{config, sql};
use crate::store::{Act, SavedBinding, StoreError};
use domain::channel::{Channel, MiniProgram};
use domain::code::Code;
use domain::id::WalletBindingId;
use domain::role::Permission;
use domain::wallet::{
    BindingDetails, BindingStatus, BindingView, MiniProgramDetails, MiniProgramView, WalletAct,
    WalletChange, WalletView, owner_check,
};
use domain::{Timestamp, wallet::OwnerCheck};
use rusqlite::{Connection, Row, params};
use wire::protocol::Refused;

fn refused(reason: Code) -> StoreError {
    Refused::Rule { reason }.into()
}

/// Only an active member of staff whose role binds wallets.
pub(super) fn admitted(work: &Work<'_>, act: Act) -> Result<(), StoreError> {
    work.admit(act.staff, Permission::WalletBind).map(|_| ())
}

/// Keeps a binding as a draft.
pub(super) fn save(
    work: &mut Work<'_>,
    act: Act,
    details: &BindingDetails,
    secret: &[u8],
) -> Result<WalletBindingId, StoreError> {
    admitted(work, act)?;
    let binding = WalletBindingId(work.cx.env.uuid());
    let row = params![
        work.company,
        binding.to_string(),
        word(&details.channel)?,
        details.merchant_no,
        details.app_id,
        details.holder,
        details.credit_code,
        act.staff.to_string(),
        work.cx.env.now().0,
        secret
    ];
    run(work.tx, sql::MERCHANT_NEW, row)?;
    note(work, act, WalletAct::Saved, String::new(), named(details))?;
    Ok(binding)
}

/// Puts the outcome of a self-test on record. One in use stays in use whatever a later test says.
pub(super) fn tested(
    work: &mut Work<'_>,
    act: Act,
    binding: WalletBindingId,
    outcome: Result<(), Code>,
) -> Result<(), StoreError> {
    admitted(work, act)?;
    let held = saved(work.tx, &work.company, binding)?;
    let (status, done, after) = match &outcome {
        Ok(()) => (BindingStatus::Tested, WalletAct::Tested, String::new()),
        Err(code) => (BindingStatus::Failed, WalletAct::Failed, code.name()),
    };
    let status = match held.status {
        BindingStatus::Active | BindingStatus::Retired => held.status,
        _ => status,
    };
    let refused = outcome.err().map(|code| text(&code)).transpose()?;
    let at = work.cx.env.now().0;
    let row = params![
        work.company,
        binding.to_string(),
        word(&status)?,
        refused,
        at
    ];
    run(work.tx, sql::MERCHANT_TESTED, row)?;
    note(work, act, done, named(&held.details), after)
}

/// Puts a tested binding to use. The one it replaces has to be named, so that of two administrators
/// who bind at the same time only one succeeds; it is retired, not forgotten.
pub(super) fn activate(
    work: &mut Work<'_>,
    act: Act,
    binding: WalletBindingId,
    replaces: Option<&str>,
) -> Result<SavedBinding, StoreError> {
    admitted(work, act)?;
    let mut held = saved(work.tx, &work.company, binding)?;
    match held.status {
        BindingStatus::Tested => {}
        BindingStatus::Active => return Ok(held),
        _ => return Err(refused(Code::WalletNotTested)),
    }
    let channel = word(&held.details.channel)?;
    let active = one(
        work.tx,
        sql::BINDING_ACTIVE,
        params![work.company, channel],
        |row| row.get::<_, String>(0),
    )?;
    if let Some(merchant_no) = active.clone().filter(|active| replaces != Some(active)) {
        return Err(refused(Code::WalletLimit { merchant_no }));
    }
    run(
        work.tx,
        sql::MERCHANT_RETIRE,
        params![work.company, channel],
    )?;
    run(work.tx, sql::BINDING_RETIRE, params![work.company, channel])?;
    let details = &held.details;
    let row = params![
        work.company,
        channel,
        details.merchant_no,
        details.app_id,
        details.holder,
        true
    ];
    run(work.tx, sql::BINDING_PUT, row)?;
    let row = params![work.company, binding.to_string()];
    run(work.tx, sql::MERCHANT_ACTIVATE, row)?;
    let after = named(details);
    held.status = BindingStatus::Active;
    if held.details.channel == Channel::WechatPay {
        compare_owner(work)?;
    }
    note(
        work,
        act,
        WalletAct::Activated,
        active.unwrap_or_default(),
        after,
    )?;
    config::announce_bindings(work)?;
    Ok(held)
}

/// Binds the mini program and compares its owner with the active WeChat Pay account's holder.
pub(super) fn bind_mini_program(
    work: &mut Work<'_>,
    act: Act,
    details: MiniProgramDetails,
) -> Result<(), StoreError> {
    admitted(work, act)?;
    let before = held_mini_program(work.tx, &work.company)?;
    let before = before.map_or_else(String::new, |held| named_program(&held.details));
    let after = named_program(&details);
    let bound = MiniProgramView {
        details,
        owner: OwnerCheck::NoAccount,
        holder: String::new(),
        bound_by: act.staff,
        bound_at: work.cx.env.now(),
    };
    put_mini_program(work, &bound)?;
    compare_owner(work)?;
    note(work, act, WalletAct::MiniProgramBound, before, after)?;
    config::announce_bindings(work)
}

fn named(details: &BindingDetails) -> String {
    let BindingDetails {
        merchant_no,
        app_id,
        holder,
        ..
    } = details;
    format!("{merchant_no} · {app_id} · {holder}")
}

fn named_program(details: &MiniProgramDetails) -> String {
    format!("{} · {}", details.app_id, details.owner)
}

/// Compares the mini program's owner anew: when it is bound, and when the account changes.
fn compare_owner(work: &mut Work<'_>) -> Result<(), StoreError> {
    let Some(mut bound) = held_mini_program(work.tx, &work.company)? else {
        return Ok(());
    };
    let account = active_account(work.tx, &work.company, Channel::WechatPay)?;
    bound.owner = owner_check(&bound.details, account.as_ref());
    bound.holder = account.map_or_else(String::new, |account| account.holder);
    put_mini_program(work, &bound)
}

fn put_mini_program(work: &mut Work<'_>, bound: &MiniProgramView) -> Result<(), StoreError> {
    let row = params![work.company, text(bound)?];
    run(work.tx, sql::MINI_PROGRAM_PUT, row)?;
    Ok(())
}

fn held_mini_program(
    tx: &Connection,
    company: &str,
) -> Result<Option<MiniProgramView>, StoreError> {
    document(tx, sql::MINI_PROGRAM_GET, params![company], "mini program")
}

/// What is known of the mini program.
pub(super) fn mini_program(tx: &Connection, company: &str) -> Result<MiniProgram, StoreError> {
    let held = held_mini_program(tx, company)?;
    Ok(held.map_or(MiniProgram::NotHosted, |held| held.owner.mini_program()))
}

/// The active account of a channel, from the console or from the operator's file.
fn active_account(
    tx: &Connection,
    company: &str,
    channel: Channel,
) -> Result<Option<BindingDetails>, StoreError> {
    let all = view(tx, company)?.bindings;
    let mut active = all
        .into_iter()
        .filter(|held| held.status == BindingStatus::Active && held.details.channel == channel);
    Ok(active.next().map(|held| held.details))
}

fn note(
    work: &mut Work<'_>,
    act: Act,
    done: WalletAct,
    before: String,
    after: String,
) -> Result<(), StoreError> {
    let change = WalletChange {
        at: work.cx.env.now(),
        staff: act.staff,
        act: done,
        before,
        after,
    };
    let row = params![
        work.company,
        act.staff.to_string(),
        act.terminal.to_string(),
        text(&change)?
    ];
    run(work.tx, sql::WALLET_CHANGE_NEW, row)?;
    Ok(())
}

type Stored = (
    String,
    [String; 6],
    (Option<String>, Option<i64>, String, i64),
    Vec<u8>,
);

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let details = [
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
    ];
    let rest = (row.get(7)?, row.get(8)?, row.get(9)?, row.get(10)?);
    Ok((row.get(0)?, details, rest, row.get(11)?))
}

fn binding(row: Stored) -> Result<(SavedBinding, BindingView), StoreError> {
    let (id, [channel, merchant_no, app_id, holder, credit_code, status], rest, secret) = row;
    let (refused, tested_at, saved_by, saved_at) = rest;
    let id: WalletBindingId = parsed(&id, "wallet binding")?;
    let details = BindingDetails {
        channel: of_word(channel, "channel")?,
        merchant_no,
        app_id,
        holder,
        credit_code,
    };
    let status = of_word(status, "status of a wallet binding")?;
    let view = BindingView {
        binding: Some(id),
        details: details.clone(),
        status,
        refused: refused.map(|code| read(&code, "code")).transpose()?,
        tested_at: tested_at.map(Timestamp),
        saved_by: Some(parsed(&saved_by, "staff id")?),
        saved_at: Some(Timestamp(saved_at)),
    };
    let saved = SavedBinding {
        binding: id,
        details,
        status,
        secret,
    };
    Ok((saved, view))
}

/// One binding with its sealed keys.
pub(super) fn saved(
    tx: &Connection,
    company: &str,
    id: WalletBindingId,
) -> Result<SavedBinding, StoreError> {
    let key = params![company, id.to_string()];
    let row = one(tx, sql::MERCHANT_GET, key, stored)?.ok_or_else(|| {
        refused(Code::NotFound {
            what: "wallet_binding".to_owned(),
        })
    })?;
    Ok(binding(row)?.0)
}

/// Every binding that serves or served, with its sealed keys; those in use last.
pub(super) fn serving(tx: &Connection, company: &str) -> Result<Vec<SavedBinding>, StoreError> {
    let rows = all(tx, sql::MERCHANT_ALL, params![company], stored)?;
    let mut held = Vec::new();
    for row in rows {
        let (saved, _) = binding(row)?;
        if matches!(saved.status, BindingStatus::Active | BindingStatus::Retired) {
            held.push(saved);
        }
    }
    held.sort_by_key(|saved| saved.status == BindingStatus::Active);
    Ok(held)
}

/// The wallet as the console shows it.
pub(super) fn view(tx: &Connection, company: &str) -> Result<WalletView, StoreError> {
    let rows = all(tx, sql::MERCHANT_ALL, params![company], stored)?;
    let mut bindings = Vec::new();
    for row in rows {
        bindings.push(binding(row)?.1);
    }
    for plain in super::load::bindings(tx, company)? {
        let known = bindings.iter().any(|held| {
            held.details.channel == plain.channel
                && held.details.merchant_no == plain.merchant_no
                && held.details.app_id == plain.app_id
                && matches!(held.status, BindingStatus::Active | BindingStatus::Retired)
        });
        if known {
            continue;
        }
        bindings.push(BindingView {
            binding: None,
            details: BindingDetails {
                channel: plain.channel,
                merchant_no: plain.merchant_no,
                app_id: plain.app_id,
                holder: plain.holder,
                credit_code: String::new(),
            },
            status: if plain.active {
                BindingStatus::Active
            } else {
                BindingStatus::Retired
            },
            refused: None,
            tested_at: None,
            saved_by: None,
            saved_at: None,
        });
    }
    bindings.sort_by_key(|held| {
        let later = held.saved_at.map_or(0, |at| -at.0);
        (held.status != BindingStatus::Active, later)
    });
    let changes = all(tx, sql::WALLET_CHANGES, params![company], |row| {
        row.get::<_, String>(0)
    })?;
    Ok(WalletView {
        bindings,
        mini_program: held_mini_program(tx, company)?,
        changes: changes
            .iter()
            .map(|change| read(change, "wallet change"))
            .collect::<Result<_, _>>()?,
    })
}
