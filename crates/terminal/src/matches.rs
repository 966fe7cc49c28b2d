//! Money without a home: what there is of it, where people say that it belongs, and attention items
//! that end. One proposes, another approves, the backend moves (rules 5.7, 6.5, 6.7, 7.4); nothing
//! moves here, and a pending decision shows as such until the backend has it.

use crate::api::matches::*;
use crate::api::{Context, Nothing};
use crate::ledger::Page;
use crate::ledger::views::MatchView;
use crate::terminal::Terminal;
use crate::transact::Done;
use domain::collection::CollectionState;
use domain::id::{DistributorId, MatchId};
use domain::intent::TransactionRecord;
use domain::money_match::{MatchFrom, MatchTo};
use domain::operation::{AttentionClose, HeldMoneyFree, MatchDecide, MatchPropose, OpBody};
use domain::{Code, Money};
use std::collections::BTreeMap;
use wire::change::DepositBalance;

/// A page of matches, newest first.
///
/// # Errors
/// What the file says.
pub fn list(context: &Context<'_>, input: MatchList) -> Result<Vec<MatchRow>, Code> {
    let page = Page {
        before: input.before,
        limit: input.limit,
    };
    let terminal = context.terminal;
    let rows = terminal.ledger().matches(input.waiting_only, page)?;
    rows.into_iter().map(|view| row(terminal, view)).collect()
}

fn row(terminal: &Terminal, view: MatchView) -> Result<MatchRow, Code> {
    let ledger = terminal.ledger();
    let mut order_numbers = Vec::new();
    for part in &view.money_match.allocations {
        order_numbers.push(ledger.order(part.order)?.order.number);
    }
    let record = match view.money_match.from {
        MatchFrom::Unapplied { collection } => {
            ledger.collection(collection)?.collection.transaction_record
        }
        MatchFrom::Unidentified { transaction_record } => Some(transaction_record),
        MatchFrom::Deposit => None,
    };
    let evidence = match record {
        Some(record) => ledger.transaction_record(record)?,
        None => None,
    };
    Ok(MatchRow {
        proposed_by_name: crate::staff::name_of(terminal, view.money_match.proposed_by),
        view,
        order_numbers,
        evidence,
    })
}

/// All money that has no home yet, by what this terminal holds.
///
/// # Errors
/// What the files say.
pub fn open_money(context: &Context<'_>, _: Nothing) -> Result<Vec<OpenMoney>, Code> {
    let terminal = context.terminal;
    let ledger = terminal.ledger();
    let page = Page {
        before: None,
        limit: crate::ledger::PAGE,
    };
    let proposed: Vec<MatchFrom> = ledger
        .matches(true, page)?
        .into_iter()
        .map(|view| view.money_match.from)
        .collect();
    let suspended: BTreeMap<DistributorId, DepositBalance> = ledger
        .suspended()?
        .into_iter()
        .map(|held| (held.distributor, held))
        .collect();
    let suspense = |of: DistributorId| {
        let held = suspended.get(&of);
        held.map_or(Money::ZERO, |held| held.suspense_fen.neg())
    };
    let mut out = Vec::new();
    for (record, freeing) in ledger.nobodys()? {
        let from = MatchFrom::Unidentified {
            transaction_record: record.id,
        };
        let waiting = freeing || proposed.contains(&from);
        out.push(nobodys(terminal, record, waiting)?);
    }
    for held in ledger.unapplied()? {
        let evidence = match held.transaction_record {
            Some(record) => ledger.transaction_record(record)?,
            None => None,
        };
        out.push(OpenMoney {
            kind: OpenKind::Unapplied,
            collection: Some(held.id),
            evidence,
            subject: held.number,
            distributor: Some(held.distributor),
            distributor_name: held.distributor_name,
            amount_fen: held.unapplied_fen,
            suspense_fen: suspense(held.distributor),
            available_fen: Money::ZERO,
            at: held.recorded_at,
            waiting: proposed.contains(&MatchFrom::Unapplied {
                collection: held.id,
            }),
        });
    }
    for held in suspended.into_values() {
        let found = crate::distributors::find(terminal, held.distributor)?;
        out.push(OpenMoney {
            kind: OpenKind::Suspense,
            collection: None,
            evidence: None,
            subject: found.code,
            distributor: Some(held.distributor),
            distributor_name: found.name,
            amount_fen: held.suspense_fen.neg(),
            suspense_fen: held.suspense_fen.neg(),
            available_fen: held.available_fen,
            at: held.as_of,
            waiting: false,
        });
    }
    Ok(out)
}

/// A payment that is nobody's: held under its ticket, or of no attempt at all.
fn nobodys(
    terminal: &Terminal,
    record: TransactionRecord,
    waiting: bool,
) -> Result<OpenMoney, Code> {
    let distributor_name = match record.asked {
        Some(id) => crate::distributors::name_of(terminal, id)?,
        None => String::new(),
    };
    Ok(OpenMoney {
        kind: match record.intent {
            Some(_) => OpenKind::Held,
            None => OpenKind::Unidentified,
        },
        collection: None,
        subject: record.provider_no.clone(),
        distributor: record.asked,
        distributor_name,
        amount_fen: record.gross_fen,
        suspense_fen: Money::ZERO,
        available_fen: Money::ZERO,
        at: record.paid_at,
        evidence: Some(record),
        waiting,
    })
}

/// Proposes where money belongs.
///
/// # Errors
/// Those of [`MatchPropose::check`], `NotMatchable` for money that is somebody else's or not
/// confirmed, `MatchTooLarge`, and what the file says.
pub fn propose(context: &Context<'_>, input: MatchNew) -> Result<Done<MatchKey>, Code> {
    let staff = context.actor()?;
    let ledger = context.terminal.ledger();
    let distributor = crate::distributors::find(context.terminal, input.distributor)?;
    let (subject, there) = asked_of(context, &input, &distributor.code)?;
    if input.amount_fen > there {
        return Err(Code::MatchTooLarge {
            left_fen: there.fen().to_string(),
        });
    }
    ledger.transact("match_propose", |tx| {
        let money_match = MatchId(tx.env().uuid());
        let body = MatchPropose {
            money_match,
            from: input.from,
            to: input.to,
            subject,
            distributor: input.distributor,
            distributor_name: distributor.name,
            allocations: input.allocations,
            amount_fen: input.amount_fen,
            reason: input.reason.trim().to_owned(),
        };
        body.check()?;
        tx.append(staff, OpBody::MatchPropose(body), &[])?;
        Ok(MatchKey { money_match })
    })
}

/// What the proposal calls the money, and how much of it there is.
fn asked_of(context: &Context<'_>, input: &MatchNew, code: &str) -> Result<(String, Money), Code> {
    let ledger = context.terminal.ledger();
    let (subject, there) = match input.from {
        MatchFrom::Unapplied { collection } => {
            let held = ledger.collection(collection)?.collection;
            let theirs = held.distributor == input.distributor;
            if !theirs || held.state != CollectionState::Confirmed {
                return Err(Code::NotMatchable);
            }
            (held.number, held.unapplied_fen)
        }
        MatchFrom::Unidentified { transaction_record } => {
            let (record, _) = ledger.payment(transaction_record)?;
            if record.intent.is_some() || record.distributor.is_some() {
                return Err(Code::NotMatchable);
            }
            (record.provider_no, record.gross_fen)
        }
        MatchFrom::Deposit => {
            let available = ledger.deposit_available(input.distributor)?;
            (code.to_owned(), available)
        }
    };
    if input.to != MatchTo::Suspense {
        return Ok((subject, there));
    }
    let suspended = ledger.suspended()?;
    let mut suspended = suspended.iter();
    let held = suspended.find(|held| held.distributor == input.distributor);
    let open = held.map_or(Money::ZERO, |held| held.suspense_fen.neg());
    Ok((subject, there.min(open)))
}

/// Approves a match.
///
/// # Errors
/// `SamePerson`, `AlreadyDecided`, `NotFound`, and what the file says.
pub fn approve(context: &Context<'_>, input: MatchKey) -> Result<Done<Nothing>, Code> {
    let body = MatchDecide {
        money_match: input.money_match,
        reason: String::new(),
    };
    decide(context, input.money_match, OpBody::MatchApprove(body))
}

/// Turns a match down.
///
/// # Errors
/// `BadField` without a reason, `SamePerson`, `AlreadyDecided`, `NotFound`, and what the file says.
pub fn reject(context: &Context<'_>, input: MatchRejectInput) -> Result<Done<Nothing>, Code> {
    let body = MatchDecide {
        money_match: input.money_match,
        reason: reason(&input.reason)?,
    };
    decide(context, input.money_match, OpBody::MatchReject(body))
}

fn reason(text: &str) -> Result<String, Code> {
    match text.trim() {
        "" => Err(Code::BadField {
            field: "reason".to_owned(),
        }),
        text => Ok(text.to_owned()),
    }
}

fn not_found(what: &str) -> Code {
    Code::NotFound {
        what: what.to_owned(),
    }
}

fn decide(context: &Context<'_>, id: MatchId, body: OpBody) -> Result<Done<Nothing>, Code> {
    let staff = context.actor()?;
    context.terminal.ledger().transact("match_decide", |tx| {
        let held = crate::ledger::money_match(tx.conn(), id)?;
        let held = held.ok_or_else(|| not_found("money_match"))?;
        if held.deciding.is_some() {
            return Err(Code::AlreadyDecided.into());
        }
        held.money_match.may_decide(staff)?;
        tx.append(staff, body, &[])?;
        Ok(Nothing {})
    })
}

/// Frees a payment held under a ticket.
///
/// # Errors
/// `BadField` without a reason, `NotMatchable` for money that is not held, `AlreadyDecided`,
/// `NotFound`, and what the file says.
pub fn free(context: &Context<'_>, input: HeldMoneyFreeInput) -> Result<Done<Nothing>, Code> {
    let staff = context.actor()?;
    let body = HeldMoneyFree {
        transaction_record: input.transaction_record,
        distributor: crate::distributors::find(context.terminal, input.distributor)?.id,
        reason: reason(&input.reason)?,
    };
    context.terminal.ledger().transact("held_money_free", |tx| {
        let held = crate::ledger::payment_stands(tx.conn(), input.transaction_record)?;
        let (record, freeing) = held.ok_or_else(|| not_found("transaction_record"))?;
        if record.intent.is_none() {
            return Err(Code::NotMatchable.into());
        }
        if freeing || record.distributor.is_some() {
            return Err(Code::AlreadyDecided.into());
        }
        tx.append(staff, OpBody::HeldMoneyFree(body), &[])?;
        Ok(Nothing {})
    })
}

/// Closes an item of the attention list; the backend refuses it while the money is open.
///
/// # Errors
/// `BadField` without a reason, `AlreadyDecided`, `NotFound`, and what the file says.
pub fn close(context: &Context<'_>, input: AttentionCloseInput) -> Result<Done<Nothing>, Code> {
    let staff = context.actor()?;
    let body = AttentionClose {
        attention: input.attention,
        reason: reason(&input.reason)?,
    };
    context.terminal.ledger().transact("attention_close", |tx| {
        let held = crate::ledger::attention_stands(tx.conn(), input.attention)?;
        let (open, closing) = held.ok_or_else(|| not_found("attention"))?;
        if !open || closing {
            return Err(Code::AlreadyDecided.into());
        }
        tx.append(staff, OpBody::AttentionClose(body), &[])?;
        Ok(Nothing {})
    })
}
