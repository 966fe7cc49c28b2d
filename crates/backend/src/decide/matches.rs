//! Money finds its home: one person proposes where it belongs, another approves, and the approval
//! moves it in the same transaction or is refused (rules 5.7, 6.7, 7.4, 9.5). Money held under a
//! ticket is freed by a finance lead alone, by name (rule 6.5). What is settled by that closes the
//! attention items about it.

use super::attention::close_settled;
use super::{check_orders, known_distributor};
use crate::books::{Books, Stop};
use crate::facts::Write;
use crate::payments::money::{add, allocations, pay_orders, receive, sub};
use crate::payments::settle::new_collection;
use domain::Money;
use domain::code::Code;
use domain::collection::{Allocation, CollectionState, PaymentCollection, Purpose};
use domain::id::CollectionId;
use domain::intent::TransactionRecord;
use domain::ledger::{self, Account, Source};
use domain::money_match::{MatchFrom, MatchTo, MoneyMatch};
use domain::operation::{HeldMoneyFree, MatchDecide, MatchPropose, Origin};
use wire::verdict::VerdictKind;

pub(super) fn propose(
    books: &mut Books<'_>,
    body: &MatchPropose,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    if books.facts.matches.contains_key(&body.money_match) {
        return Err(Code::AlreadyExists {
            what: "money_match".into(),
        }
        .into());
    }
    let mut made = MoneyMatch::propose(body, origin)?;
    check(books, &made)?;
    named(books, &mut made)?;
    books.note(Write::Match(made));
    Ok(VerdictKind::Applied)
}

pub(super) fn approve(
    books: &mut Books<'_>,
    body: &MatchDecide,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let mut doc = held(books, body)?;
    doc.approve(origin, books.now)?;
    check(books, &doc)?;
    let cause = origin.op_id.to_string();
    let (moved, short) = match doc.from {
        MatchFrom::Unapplied { collection } => from_unapplied(books, &doc, collection, &cause)?,
        MatchFrom::Unidentified { .. } => from_unidentified(books, &doc, origin, &cause)?,
        MatchFrom::Deposit => {
            let entry = ledger::suspense_covered(doc.distributor, doc.amount_fen)?;
            books.post(entry, &cause)?;
            (doc.amount_fen, false)
        }
    };
    doc.moved_fen = moved;
    let reason = doc.reason.clone();
    books.note(Write::Match(doc));
    close_settled(books, origin, &reason)?;
    if short {
        // An order took less than was proposed; the rest stays where it was.
        return Ok(VerdictKind::AppliedWithDifference {
            difference: Code::OverAllocated,
        });
    }
    Ok(VerdictKind::Applied)
}

pub(super) fn reject(
    books: &mut Books<'_>,
    body: &MatchDecide,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let mut doc = held(books, body)?;
    doc.reject(origin, &body.reason, books.now)?;
    books.note(Write::Match(doc));
    Ok(VerdictKind::Applied)
}

/// Frees money held under a ticket: it becomes the unapplied money of the ticket's distributor.
/// Should the operation come after all, its ask was paid late (see `payments::settle::book_held`).
pub(super) fn free(
    books: &mut Books<'_>,
    body: &HeldMoneyFree,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let reason = body.reason.trim();
    if reason.is_empty() {
        return bad_field("reason");
    }
    let mut record = payment(books, body.transaction_record)?;
    let intent = record.intent.ok_or(Code::NotMatchable)?;
    let records = books.facts.records.get(&intent);
    let mut records = records.into_iter().flatten();
    if !records.any(|(known, held)| known.id == record.id && *held) {
        return Err(Code::AlreadyDecided.into());
    }
    let distributor = known_distributor(books, body.distributor)?;
    if record.asked.is_some_and(|asked| asked != distributor.id) {
        return bad_field("distributor");
    }
    let ask = books.facts.asks.get(&intent);
    let terminal = ask.and_then(crate::facts::Ask::terminal);
    let mut collection = new_collection(books, &record, Purpose::Other);
    collection.distributor = distributor.id;
    collection.distributor_name = distributor.name;
    collection.intent = Some(intent);
    collection.terminal = terminal;
    collection.decided_by = Some(origin.staff);
    collection.note = reason.to_owned();
    record.collection = Some(collection.id);
    record.distributor = Some(distributor.id);
    let source = Source::Held(intent);
    receive(books, collection, source, false, &origin.op_id.to_string())?;
    owned(books, record);
    close_settled(books, origin, reason)?;
    Ok(VerdictKind::Applied)
}

fn bad_field(field: &str) -> Result<VerdictKind, Stop> {
    Err(Code::BadField {
        field: field.to_owned(),
    }
    .into())
}

fn not_found(what: &str) -> Stop {
    Code::NotFound { what: what.into() }.into()
}

fn held(books: &Books<'_>, body: &MatchDecide) -> Result<MoneyMatch, Stop> {
    let held = books.facts.matches.get(&body.money_match).cloned();
    held.ok_or_else(|| not_found("money_match"))
}

fn payment(
    books: &Books<'_>,
    id: domain::id::TransactionRecordId,
) -> Result<TransactionRecord, Stop> {
    let payment = books.facts.payments.get(&id);
    let payment = payment.ok_or_else(|| not_found("transaction_record"))?;
    Ok(payment.record.clone())
}

fn confirmed(books: &Books<'_>, id: CollectionId) -> Result<PaymentCollection, Stop> {
    let held = books.facts.collections.get(&id).cloned();
    let held = held.ok_or_else(|| not_found("collection"))?;
    if held.state != CollectionState::Confirmed {
        return Err(Code::NotMatchable.into());
    }
    Ok(held)
}

/// The money must be there and be what the proposal says; it may go to the named distributor only.
fn check(books: &Books<'_>, doc: &MoneyMatch) -> Result<(), Stop> {
    let distributor = known_distributor(books, doc.distributor)?.id;
    check_orders(books, distributor, &doc.allocations)?;
    super::payable(books, &doc.allocations)?;
    let mut there = match doc.from {
        MatchFrom::Unapplied { collection } => {
            let held = confirmed(books, collection)?;
            if held.distributor != distributor {
                return Err(Code::NotMatchable.into());
            }
            held.unapplied_fen
                .min(books.balance(&Account::Unapplied { distributor }))
        }
        MatchFrom::Unidentified { transaction_record } => {
            let record = payment(books, transaction_record)?;
            if record.intent.is_some() || record.distributor.is_some() {
                return Err(Code::NotMatchable.into());
            }
            // It is one payment, and goes back as one: it is somebody's whole.
            if doc.amount_fen < record.gross_fen {
                return Err(Code::NotMatchable.into());
            }
            record.gross_fen
        }
        MatchFrom::Deposit => books.balance(&Account::DepositAvailable { distributor }),
    };
    if doc.to == MatchTo::Suspense {
        there = there.min(suspended(books, doc));
    }
    if there < doc.amount_fen {
        return Err(Code::MatchTooLarge {
            left_fen: there.fen().to_string(),
        }
        .into());
    }
    Ok(())
}

/// What stands in suspense for the match's distributor, as a positive amount.
fn suspended(books: &Books<'_>, doc: &MoneyMatch) -> Money {
    let distributor = doc.distributor;
    books
        .balance(&Account::Suspense { distributor })
        .neg()
        .max(Money::ZERO)
}

/// Who approves reads the backend's names, not what the proposal calls things.
fn named(books: &Books<'_>, doc: &mut MoneyMatch) -> Result<(), Stop> {
    let distributor = known_distributor(books, doc.distributor)?;
    doc.subject = match doc.from {
        MatchFrom::Unapplied { collection } => confirmed(books, collection)?.number,
        MatchFrom::Unidentified { transaction_record } => {
            payment(books, transaction_record)?.provider_no
        }
        MatchFrom::Deposit => distributor.code,
    };
    doc.distributor_name = distributor.name;
    Ok(())
}

/// Moves a part of a collection's unapplied rest. Answers how much, and whether orders took less.
fn from_unapplied(
    books: &mut Books<'_>,
    doc: &MoneyMatch,
    id: CollectionId,
    cause: &str,
) -> Result<(Money, bool), Stop> {
    let mut collection = confirmed(books, id)?;
    let (distributor, amount) = (doc.distributor, doc.amount_fen);
    let (entry, moved) = match doc.to {
        MatchTo::Orders => {
            let paid = pay_orders(books, id, distributor, amount, &doc.allocations)?;
            if paid.applied.is_zero() {
                return Err(Code::NothingOwed.into());
            }
            for part in allocations(&paid) {
                let mut held = collection.allocations.iter_mut();
                match held.find(|held| held.order == part.order) {
                    Some(held) => held.amount_fen = add(held.amount_fen, part.amount_fen)?,
                    None => collection.allocations.push(part),
                }
            }
            let entry = ledger::unapplied_allocated(distributor, paid.applied)?;
            (entry, paid.applied)
        }
        MatchTo::Deposit => (ledger::unapplied_deposited(distributor, amount)?, amount),
        MatchTo::Suspense => {
            let entry = ledger::suspense_covered_by_unapplied(distributor, amount)?;
            (entry, amount)
        }
        MatchTo::Unapplied => return Err(Code::NotMatchable.into()),
    };
    if doc.to != MatchTo::Orders {
        collection.moved_fen = add(collection.moved_fen, moved)?;
    }
    collection.unapplied_fen = sub(collection.unapplied_fen, moved)?;
    books.put_collection(collection);
    books.post(entry, cause)?;
    Ok((moved, moved < amount))
}

/// Unidentified money becomes a collection of its distributor, and goes where any other would.
fn from_unidentified(
    books: &mut Books<'_>,
    doc: &MoneyMatch,
    origin: &Origin,
    cause: &str,
) -> Result<(Money, bool), Stop> {
    let MatchFrom::Unidentified { transaction_record } = doc.from else {
        return Err(Code::NotMatchable.into());
    };
    let mut record = payment(books, transaction_record)?;
    let purpose = match doc.to {
        MatchTo::Deposit => Purpose::PrepaidDeposit,
        MatchTo::Orders => Purpose::OrderPayment,
        MatchTo::Unapplied | MatchTo::Suspense => Purpose::Other,
    };
    let mut collection = new_collection(books, &record, purpose);
    collection.distributor = doc.distributor;
    collection
        .distributor_name
        .clone_from(&doc.distributor_name);
    collection.allocations.clone_from(&doc.allocations);
    collection.terminal = Some(doc.terminal);
    collection.recorded_by = Some(doc.proposed_by);
    collection.decided_by = Some(origin.staff);
    collection.note.clone_from(&doc.reason);
    record.collection = Some(collection.id);
    record.distributor = Some(doc.distributor);
    let source = Source::Unidentified(record.channel);
    let applied = receive(books, collection, source, true, cause)?;
    owned(books, record);
    let asked = Money::sum(doc.allocations.iter().map(part_of))
        .map_err(domain::ledger::LedgerError::from)?;
    Ok((doc.amount_fen, applied < asked))
}

fn part_of(part: &Allocation) -> Money {
    part.amount_fen
}

/// A payment is somebody's from here.
fn owned(books: &mut Books<'_>, mut record: TransactionRecord) {
    record.asked = None;
    if let Some(payment) = books.facts.payments.get_mut(&record.id) {
        payment.record.clone_from(&record);
    }
    books.put_record(record, None, false);
}
