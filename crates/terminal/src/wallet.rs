//! The corporate wallet. It lives at the backend; this terminal carries an administrator's requests
//! there, signed, with keys sealed for the backend's process. Nothing of it is written here.

use crate::api::wallet::{
    MiniProgramBind, WalletActivate, WalletBindingKey, WalletDone, WalletSave,
};
use crate::api::{Context, Nothing};
use crate::transact::{Done, Tag};
use domain::Code;
use domain::wallet::WalletView;
use wire::sealed::seal;
use wire::wallet::{Binding, WalletAsk, WalletReply, WalletRequest, seal_context};

/// How it stands.
///
/// # Errors
/// `Unreachable`, and the backend's refusals.
pub fn get(context: &Context<'_>, _: Nothing) -> Result<WalletView, Code> {
    Ok(act(context, WalletAsk::View)?.wallet)
}

/// Saves a merchant account and its keys as a draft.
///
/// # Errors
/// `BadField` with the field's name, `Unreachable`.
pub fn save(context: &Context<'_>, input: WalletSave) -> Result<Done<WalletDone>, Code> {
    let details = input.details.checked()?;
    let WalletReply::Exchange { exchange, key } = ask(context, WalletAsk::Exchange)? else {
        return Err(Code::Damaged);
    };
    let terminal = context.terminal.ledger().identity();
    let terminal = terminal.ok_or(Code::NotEnrolled)?.terminal;
    let binding = Binding {
        details,
        credentials: input.credentials,
    };
    let plain = serde_json::to_vec(&binding).map_err(|_| Code::Damaged)?;
    let sealed = seal(&key, &seal_context(terminal, &exchange), &plain).map_err(|error| {
        tracing::error!(%error, "keys can't be sealed");
        Code::Damaged
    })?;
    done(act(context, WalletAsk::Save { exchange, sealed })?)
}

/// Makes the self-test of a saved one; the view says how it went.
///
/// # Errors
/// `NotFound`, `Unreachable`.
pub fn test(context: &Context<'_>, input: WalletBindingKey) -> Result<Done<WalletDone>, Code> {
    let WalletBindingKey { binding } = input;
    done(act(context, WalletAsk::Test { binding })?)
}

/// Puts a tested one to use.
///
/// # Errors
/// `WalletNotTested`, `WalletLimit`, `Unreachable`.
pub fn activate(context: &Context<'_>, input: WalletActivate) -> Result<Done<WalletDone>, Code> {
    let WalletActivate { binding, replaces } = input;
    done(act(context, WalletAsk::Activate { binding, replaces })?)
}

/// Binds the dedicated mini program; the view says what its owner check found.
///
/// # Errors
/// `BadField`, `Unreachable`.
pub fn mini_program(
    context: &Context<'_>,
    input: MiniProgramBind,
) -> Result<Done<WalletDone>, Code> {
    let details = input.details.checked()?;
    done(act(context, WalletAsk::MiniProgram { details })?)
}

fn done(value: WalletDone) -> Result<Done<WalletDone>, Code> {
    Ok(Done {
        value,
        changed: vec![Tag::Config],
    })
}

fn act(context: &Context<'_>, what: WalletAsk) -> Result<WalletDone, Code> {
    match ask(context, what)? {
        WalletReply::Wallet { wallet, binding } => Ok(WalletDone { wallet, binding }),
        WalletReply::Exchange { .. } => Err(Code::Damaged),
    }
}

fn ask(context: &Context<'_>, ask: WalletAsk) -> Result<WalletReply, Code> {
    let staff = context.actor()?;
    let sync = context.terminal.sync().ok_or(Code::Unreachable)?;
    sync.ask_wallet(&WalletRequest { staff, ask })
}
