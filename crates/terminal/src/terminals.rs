//! The company's terminals and work under review. Both live at the backend; this terminal carries
//! the requests of administrators and finance there, signed, and writes nothing of them here.

use crate::api::terminals::{
    ReviewKey, ReviewRejectInput, TerminalCodeInput, TerminalRevokeInput, TerminalsDone,
};
use crate::api::{Context, Nothing};
use crate::transact::{Done, Tag};
use domain::Code;
use domain::terminal::{ReviewDecision, ReviewView, TerminalsView, reason};
use wire::terminals::{TerminalsAsk, TerminalsReply, TerminalsRequest};

/// The terminals.
///
/// # Errors
/// `Unreachable`, and the backend's refusals.
pub fn get(context: &Context<'_>, _: Nothing) -> Result<TerminalsView, Code> {
    Ok(terminals(context, TerminalsAsk::View)?.view)
}

/// A one-time code.
///
/// # Errors
/// `BadField` with `terminal_code`, `Unreachable`.
pub fn code(context: &Context<'_>, input: TerminalCodeInput) -> Result<Done<TerminalsDone>, Code> {
    let terminal_code = input.terminal_code.trim().to_uppercase();
    done(terminals(
        context,
        TerminalsAsk::IssueCode { terminal_code },
    )?)
}

/// The end of a terminal's access.
///
/// # Errors
/// `BadField` with `reason`, `NotEnrolled`, `Unreachable`.
pub fn revoke(
    context: &Context<'_>,
    input: TerminalRevokeInput,
) -> Result<Done<TerminalsDone>, Code> {
    let ask = TerminalsAsk::Revoke {
        terminal_code: input.terminal_code,
        reason: reason(&input.reason)?,
    };
    done(terminals(context, ask)?)
}

/// Work that waits for a review.
///
/// # Errors
/// `Unreachable`, and the backend's refusals.
pub fn under_review(context: &Context<'_>, _: Nothing) -> Result<ReviewView, Code> {
    review(context, TerminalsAsk::Review)
}

/// Releases one operation of it.
///
/// # Errors
/// `AlreadyDecided`, `SamePerson`, `BuildsOnUnapplied`, `Unreachable`.
pub fn release(context: &Context<'_>, input: ReviewKey) -> Result<Done<ReviewView>, Code> {
    decide(context, input, ReviewDecision::Release)
}

/// Rejects one operation of it.
///
/// # Errors
/// `BadField` with `reason`, `AlreadyDecided`, `SamePerson`, `Unreachable`.
pub fn reject(context: &Context<'_>, input: ReviewRejectInput) -> Result<Done<ReviewView>, Code> {
    let reason = reason(&input.reason)?;
    let key = ReviewKey { op: input.op };
    decide(context, key, ReviewDecision::Reject { reason })
}

fn done(value: TerminalsDone) -> Result<Done<TerminalsDone>, Code> {
    Ok(Done {
        value,
        changed: vec![Tag::Terminals],
    })
}

fn decide(
    context: &Context<'_>,
    ReviewKey { op }: ReviewKey,
    decision: ReviewDecision,
) -> Result<Done<ReviewView>, Code> {
    Ok(Done {
        value: review(context, TerminalsAsk::Decide { op, decision })?,
        changed: vec![Tag::Terminals],
    })
}

fn terminals(context: &Context<'_>, what: TerminalsAsk) -> Result<TerminalsDone, Code> {
    match ask(context, what)? {
        TerminalsReply::Terminals { view, issued } => Ok(TerminalsDone { view, issued }),
        TerminalsReply::Review { .. } => Err(Code::Damaged),
    }
}

fn review(context: &Context<'_>, what: TerminalsAsk) -> Result<ReviewView, Code> {
    match ask(context, what)? {
        TerminalsReply::Review { view } => Ok(view),
        TerminalsReply::Terminals { .. } => Err(Code::Damaged),
    }
}

fn ask(context: &Context<'_>, ask: TerminalsAsk) -> Result<TerminalsReply, Code> {
    let staff = context.actor()?;
    let sync = context.terminal.sync().ok_or(Code::Unreachable)?;
    sync.ask_terminals(&TerminalsRequest { staff, ask })
}
