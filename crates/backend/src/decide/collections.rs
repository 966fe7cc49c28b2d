//! Money recorded by hand waits for finance; a deposit spend takes effect here and at once, because
//! the money is held already (rules 5.6, 7.1).

use super::{check_number, check_orders, known_distributor, payable};
use crate::books::{About, Books, Stop};
use crate::payments::money::{add, allocations, pay_orders, receive, sub};
use domain::code::Code;
use domain::collection::{CollectionState, PaymentCollection, PaymentMethod};
use domain::id::CollectionId;
use domain::ledger::{self, Account, Reserve, Source};
use domain::operation::{CollectionDecide, CollectionRecord, DepositRelease, Origin};
use domain::role;
use wire::verdict::VerdictKind;

pub(super) fn record(
    books: &mut Books<'_>,
    body: &CollectionRecord,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    if books.facts.collections.contains_key(&body.collection) {
        return Err(Code::AlreadyExists {
            what: "collection".into(),
        }
        .into());
    }
    known_distributor(books, body.distributor)?;
    check_number(books, &body.number)?;
    check_orders(books, body.distributor, &body.allocations)?;
    let collection = PaymentCollection::record(body, origin)?;
    books.served(body.distributor, origin.terminal);
    if body.method == PaymentMethod::Deposit {
        payable(books, &body.allocations)?;
        return spend(books, collection, origin);
    }
    books.put_collection(collection);
    Ok(VerdictKind::Applied)
}

/// Spends this terminal's reserve first, then what is available; what the orders no longer take
/// goes back to available and is a difference to look at (rules 4.8, 7.1).
fn spend(
    books: &mut Books<'_>,
    mut collection: PaymentCollection,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let (distributor, amount) = (collection.distributor, collection.amount_fen);
    let allotted = books.balance(&Account::DepositAllotted {
        distributor,
        terminal: origin.terminal,
    });
    let available = books.balance(&Account::DepositAvailable { distributor });
    let reach = add(allotted, available)?;
    if reach < amount {
        return Err(Code::DepositShort {
            available_fen: reach.fen().to_string(),
        }
        .into());
    }
    let result = pay_orders(
        books,
        collection.id,
        distributor,
        amount,
        &collection.allocations,
    )?;
    if result.applied.is_zero() {
        return Err(Code::OverAllocated.into());
    }
    let from_reserve = amount.min(allotted);
    let mut applied_left = result.applied;
    let reserve = Reserve::Allotted(origin.terminal);
    let parts = [
        (reserve, from_reserve),
        (Reserve::Available, sub(amount, from_reserve)?),
    ];
    for (reserve, part) in parts {
        if !part.is_positive() {
            continue;
        }
        let applied = part.min(applied_left);
        applied_left = sub(applied_left, applied)?;
        // Available money that no order takes stays where it is: nothing to post.
        if reserve == Reserve::Available && applied.is_zero() {
            continue;
        }
        let entry = ledger::deposit_spent(reserve, distributor, part, applied)?;
        books.post(entry, &origin.op_id.to_string())?;
    }
    collection.allocations = allocations(&result);
    collection.state = CollectionState::Confirmed;
    let subject = collection.number.clone();
    books.put_collection(collection);
    if result.rest.is_zero() {
        return Ok(VerdictKind::Applied);
    }
    let about = About {
        op: Some(origin.op_id),
        distributor: Some(distributor),
        amount: result.rest,
        subject,
        ..About::default()
    };
    books.attention("difference", about);
    Ok(VerdictKind::AppliedWithDifference {
        difference: Code::OverAllocated,
    })
}

pub(super) fn confirm(
    books: &mut Books<'_>,
    body: &CollectionDecide,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let mut collection = undecided(books, body.collection, origin)?;
    collection.decided_by = Some(origin.staff);
    let source = Source::Offline(collection.method);
    receive(books, collection, source, true, &origin.op_id.to_string())?;
    Ok(VerdictKind::Applied)
}

pub(super) fn reject(
    books: &mut Books<'_>,
    body: &CollectionDecide,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let mut collection = undecided(books, body.collection, origin)?;
    collection.decided_by = Some(origin.staff);
    collection.state = CollectionState::Rejected;
    collection.reason.clone_from(&body.reason);
    books.put_collection(collection);
    Ok(VerdictKind::Applied)
}

/// A collection under review that this person may decide: never the recorder (rule 9.5).
fn undecided(
    books: &Books<'_>,
    id: CollectionId,
    origin: &Origin,
) -> Result<PaymentCollection, Stop> {
    let held = books.facts.collections.get(&id).cloned();
    let held = held.ok_or_else(|| Code::NotFound {
        what: "collection".into(),
    })?;
    if held.state != CollectionState::UnderReview {
        return Err(Code::AlreadyDecided.into());
    }
    if let Some(recorder) = held.recorded_by {
        role::separate(origin.staff, recorder)?;
    }
    Ok(held)
}

pub(super) fn release(
    books: &mut Books<'_>,
    body: &DepositRelease,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    if !body.amount_fen.is_positive() {
        return Err(Code::AmountNotPositive.into());
    }
    let (distributor, terminal) = (body.distributor, origin.terminal);
    let held = books.balance(&Account::DepositAllotted {
        distributor,
        terminal,
    });
    if held < body.amount_fen {
        return Err(Code::DepositShort {
            available_fen: held.fen().to_string(),
        }
        .into());
    }
    let entry = ledger::allotment_released(distributor, terminal, body.amount_fen)?;
    books.post(entry, &origin.op_id.to_string())?;
    Ok(VerdictKind::Applied)
}
