//! What becomes of an operation: a pure function from the operation and the loaded facts to a
//! verdict and a list of writes (rules 4.6, 8.2). Roles and separation of duties are checked here
//! again, whatever the terminal's screen allowed (rule 9.5).

mod attention;
mod catalogue;
mod collections;
mod config;
mod distributors;
mod intents;
mod matches;
mod orders;
mod refunds;
mod staff;

pub(crate) use staff::changed as changed_staff;

use crate::books::{About, Books, Stop};
use crate::facts::{Facts, Needs, Write};
use domain::code::Code;
use domain::id::ProductId;
use domain::money_match::MatchFrom;
use domain::operation::{Basis, OpBody};
use domain::order::OrderContent;
use domain::role;
use wire::envelope::Operation;
use wire::verdict::VerdictKind;
use wire::{Env, PublicKey};

/// A verdict and what it does.
#[derive(Debug)]
pub struct Decision {
    /// The answer.
    pub verdict: VerdictKind,
    /// What to write; for a rejection only what reports it.
    pub writes: Vec<Write>,
}

/// What [`decide`] has to look at for this operation.
pub fn needs(operation: &Operation) -> Needs {
    let mut needs = Needs {
        staff: Some(operation.staff),
        ..Needs::default()
    };
    match &operation.body {
        OpBody::OrderSubmit(body) => {
            needs.orders.insert(body.order);
            needs.distributors.insert(body.content.distributor);
            needs.names.insert(body.number.clone());
            needs.layouts = Some(body.config);
            needs.floors.extend(products(&body.content));
        }
        OpBody::OrderEdit(body) => {
            needs.layouts = Some(body.config);
            needs.orders.insert(body.order);
            needs.mended.extend(operation_of(body.on));
            needs.floors.extend(products(&body.content));
        }
        OpBody::OrderApprove(body) | OpBody::OrderReject(body) => {
            needs.orders.insert(body.order);
            needs.decided = Some(body.order);
            needs.mended.extend(operation_of(body.on));
        }
        OpBody::OrderCancel(body) => {
            needs.orders.insert(body.order);
            needs.mended.extend(operation_of(body.on));
        }
        OpBody::DraftDiscard(body) => {
            needs.orders.insert(body.order);
            needs.names.insert(body.number.clone());
        }
        OpBody::IntentOpen(body) => {
            needs.config = true;
            needs.intents.insert(body.intent);
            needs.distributors.insert(body.distributor);
            needs
                .orders
                .extend(body.allocations.iter().map(|part| part.order));
        }
        OpBody::IntentClose(body) => {
            needs.intents.insert(body.intent);
        }
        OpBody::IntentProof(body) => {
            needs.intents.insert(body.intent);
        }
        OpBody::CollectionRecord(body) => {
            needs.collections.insert(body.collection);
            needs.distributors.insert(body.distributor);
            needs
                .orders
                .extend(body.allocations.iter().map(|part| part.order));
            needs.names.insert(body.number.clone());
        }
        OpBody::CollectionConfirm(body) | OpBody::CollectionReject(body) => {
            needs.collections.insert(body.collection);
        }
        OpBody::DepositRelease(body) => {
            needs.distributors.insert(body.distributor);
        }
        OpBody::DistributorCreate(body) => {
            needs.distributors.insert(body.distributor.id);
            needs.names.insert(code_name(&body.distributor.code));
        }
        OpBody::RefundRequest(body) => {
            needs.refunds.insert(body.refund);
            needs.payments.insert(body.transaction_record);
        }
        OpBody::RefundApprove(body) | OpBody::RefundReject(body) => {
            needs.refunds.insert(body.refund);
        }
        OpBody::MatchPropose(body) => {
            needs.matches.insert(body.money_match);
            needs.distributors.insert(body.distributor);
            let orders = body.allocations.iter().map(|part| part.order);
            needs.orders.extend(orders);
            match body.from {
                MatchFrom::Unapplied { collection } => {
                    needs.collections.insert(collection);
                }
                MatchFrom::Unidentified { transaction_record } => {
                    needs.payments.insert(transaction_record);
                }
                MatchFrom::Deposit => {}
            }
        }
        OpBody::MatchApprove(body) | OpBody::MatchReject(body) => {
            needs.matches.insert(body.money_match);
        }
        OpBody::HeldMoneyFree(body) => {
            needs.held.insert(body.transaction_record);
            needs.distributors.insert(body.distributor);
        }
        OpBody::AttentionClose(body) => {
            needs.attention.insert(body.attention);
        }
        OpBody::ConfigChange(_) => needs.config = true,
        OpBody::StaffChange(_) => {
            needs.config = true;
            needs.everybody = true;
        }
        OpBody::CatalogueChange(body) => catalogue::needs(body, &mut needs),
    }
    needs
}

fn products(content: &OrderContent) -> impl Iterator<Item = ProductId> {
    content.lines.iter().map(|line| line.product)
}

/// The operation that an edit was made on, if it was made on one.
pub fn operation_of(basis: Basis) -> Option<domain::id::OpId> {
    match basis {
        Basis::Operation(op) => Some(op),
        Basis::Revision(_) => None,
    }
}

/// A distributor's code among the names of [`Facts::taken`], apart from document numbers.
pub fn code_name(code: &str) -> String {
    format!("distributor:{code}")
}

/// Decides an operation whose chain, signature and dependencies are in order. `key` is the
/// backend's public key: it made the receipts that a terminal accepts while offline.
pub fn decide(operation: &Operation, facts: Facts, env: &dyn Env, key: &PublicKey) -> Decision {
    let mut books = Books::new(facts, env);
    match run(operation, &mut books, key) {
        Ok(verdict) => Decision {
            verdict,
            writes: books.finish(),
        },
        Err(Stop::Block(wait)) => Decision {
            verdict: VerdictKind::Blocked { wait },
            writes: Vec::new(),
        },
        Err(Stop::Reject(reason)) => Decision {
            writes: report(operation, books, &reason),
            verdict: reject(reason),
        },
    }
}

fn reject(reason: Code) -> VerdictKind {
    VerdictKind::Rejected { reason }
}

/// What a rejection leaves behind: an item for a person and, for an intent, a ticket that can't be
/// used any more, because its QR may be in the world already.
fn report(operation: &Operation, books: Books<'_>, reason: &Code) -> Vec<Write> {
    let env = books.env();
    let mut clean = Books::new(books.facts, env);
    if let OpBody::IntentOpen(body) = &operation.body {
        let ours = clean.facts.tickets.get(&body.intent);
        if ours.is_some_and(|ticket| ticket.terminal == operation.terminal && !ticket.used) {
            clean.note(Write::TicketUsed(body.intent));
        }
    }
    let subject = format!("{} {}", operation.body.kind(), reason.name());
    clean.attention(
        "rejected",
        About {
            op: Some(operation.op_id),
            subject,
            ..About::default()
        },
    );
    clean.finish()
}

fn run(operation: &Operation, books: &mut Books<'_>, key: &PublicKey) -> Result<VerdictKind, Stop> {
    let staff = books.facts.staff.clone().filter(|staff| staff.active);
    let staff = staff.ok_or(Code::UnknownStaff)?;
    role::require(staff.role, operation.body.permission())?;
    let origin = operation.origin();
    match &operation.body {
        OpBody::OrderSubmit(body) => orders::submit(books, body, &origin),
        OpBody::OrderEdit(body) => orders::edit(books, body, &origin),
        OpBody::OrderCancel(body) => orders::cancel(books, body, &origin),
        OpBody::OrderApprove(body) => orders::decide(books, body, true, &origin),
        OpBody::OrderReject(body) => orders::decide(books, body, false, &origin),
        OpBody::DraftDiscard(body) => orders::discard(books, body),
        OpBody::IntentOpen(body) => intents::open(books, body, &origin),
        OpBody::IntentClose(body) => intents::close(books, body),
        OpBody::IntentProof(body) => intents::proof(books, body, &origin, key),
        OpBody::CollectionRecord(body) => collections::record(books, body, &origin),
        OpBody::CollectionConfirm(body) => collections::confirm(books, body, &origin),
        OpBody::CollectionReject(body) => collections::reject(books, body, &origin),
        OpBody::DepositRelease(body) => collections::release(books, body, &origin),
        OpBody::DistributorCreate(body) => distributors::create(books, body),
        OpBody::RefundRequest(body) => refunds::request(books, body, &origin),
        OpBody::RefundApprove(body) => refunds::approve(books, body, &origin),
        OpBody::RefundReject(body) => refunds::reject(books, body, &origin),
        OpBody::MatchPropose(body) => matches::propose(books, body, &origin),
        OpBody::MatchApprove(body) => matches::approve(books, body, &origin),
        OpBody::MatchReject(body) => matches::reject(books, body, &origin),
        OpBody::HeldMoneyFree(body) => matches::free(books, body, &origin),
        OpBody::AttentionClose(body) => attention::close(books, body, &origin),
        OpBody::ConfigChange(body) => config::change(books, body, &origin),
        OpBody::StaffChange(body) => staff::change(books, body, &origin),
        OpBody::CatalogueChange(body) => catalogue::change(books, body, &origin),
    }
}

/// A document number must carry the code of the terminal's incarnation and be new (rule 5.2).
fn check_number(books: &Books<'_>, number: &str) -> Result<(), Stop> {
    let prefix = format!("{}-", books.facts.terminal_code);
    if !number.starts_with(&prefix) {
        return Err(Code::BadField {
            field: "number".into(),
        }
        .into());
    }
    if books.facts.taken.contains(number) {
        return Err(Code::AlreadyExists {
            what: "number".into(),
        }
        .into());
    }
    Ok(())
}

/// Sum of what is asked of orders must name orders of that distributor.
fn check_orders(
    books: &Books<'_>,
    distributor: domain::id::DistributorId,
    allocations: &[domain::collection::Allocation],
) -> Result<(), Stop> {
    for allocation in allocations {
        let order = books.facts.orders.get(&allocation.order);
        if order.is_none_or(|order| order.content.distributor != distributor) {
            return Err(Code::NotFound {
                what: "order".into(),
            }
            .into());
        }
    }
    Ok(())
}

/// Orders that wait for approval are neither asked for nor paid from a deposit. What has ended has
/// rules of its own.
fn payable(books: &Books<'_>, allocations: &[domain::collection::Allocation]) -> Result<(), Stop> {
    for allocation in allocations {
        let order = books.facts.orders.get(&allocation.order);
        if let Some(Err(why @ Code::ApprovalNeeded { .. })) = order.map(|order| order.payable()) {
            return Err(why.into());
        }
    }
    Ok(())
}

fn known_distributor(
    books: &Books<'_>,
    id: domain::id::DistributorId,
) -> Result<domain::distributor::Distributor, Stop> {
    let known = books.facts.distributors.get(&id).cloned();
    known.ok_or_else(|| {
        Code::NotFound {
            what: "distributor".into(),
        }
        .into()
    })
}

#[cfg(test)]
pub(crate) mod tests;
