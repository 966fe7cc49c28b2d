//! The channels' bills. They live at the backend; this terminal carries finance's questions there,
//! signed, and a file that is to be imported. Nothing of it is written here.

use crate::api::bills::{BillFetch, BillImport};
use crate::api::{Context, Nothing};
use crate::transact::{Done, Tag};
use domain::Code;
use domain::bill::{BillDone, BillEntry, BillFault, BillKey, BillView};
use wire::bill::{BillUpload, BillsAsk, BillsReply, BillsRequest};

/// The bills of the last days.
///
/// # Errors
/// `Unreachable`, and the backend's refusals.
pub fn list(context: &Context<'_>, _: Nothing) -> Result<Vec<BillEntry>, Code> {
    match ask(context, BillsAsk::List)? {
        BillsReply::List { entries } => Ok(entries),
        _ => Err(Code::Damaged),
    }
}

/// One bill with its sums of money.
///
/// # Errors
/// `Unreachable`, and the backend's refusals.
pub fn view(context: &Context<'_>, key: BillKey) -> Result<BillView, Code> {
    match ask(context, BillsAsk::View { key })? {
        BillsReply::View { view } => Ok(view),
        _ => Err(Code::Damaged),
    }
}

/// Has the backend fetch a bill from its channel and match it.
///
/// # Errors
/// `BillNotReady`, `ChannelSilent`, `BadBill`, `Unreachable`.
pub fn fetch(context: &Context<'_>, input: BillFetch) -> Result<Done<BillDone>, Code> {
    done(ask(context, BillsAsk::Fetch { key: input.key })?)
}

/// Has the backend read a bill's file and match it.
///
/// # Errors
/// `BadBill` with line and column, `BillOfOther`, `TradeBillFirst`, `Unreachable`.
pub fn import(context: &Context<'_>, input: BillImport) -> Result<Done<BillDone>, Code> {
    let file = BillUpload {
        name: input.name,
        content: input.content,
    };
    if file.open().is_none() {
        return Err(Code::BadBill {
            file: file.name,
            line: 0,
            column: String::new(),
            problem: BillFault::TooLarge,
            value: String::new(),
            wanted: String::new(),
        });
    }
    let key = input.key;
    done(ask(context, BillsAsk::Import { key, file })?)
}

fn done(reply: BillsReply) -> Result<Done<BillDone>, Code> {
    match reply {
        BillsReply::Done { done } => Ok(Done {
            value: done,
            changed: vec![Tag::Bills],
        }),
        _ => Err(Code::Damaged),
    }
}

fn ask(context: &Context<'_>, ask: BillsAsk) -> Result<BillsReply, Code> {
    let staff = context.actor()?;
    let sync = context.terminal.sync().ok_or(Code::Unreachable)?;
    sync.ask_bills(&BillsRequest { staff, ask })
}
