//! The one way in and the one way out: money that comes is applied to the orders it was asked for,
//! as far as they still owe (rule 5.7); money that an order no longer takes goes back to where it
//! came from (rule 5.8). Both keep collections, allocations, orders and accounts in step.

use crate::books::{Books, Stop};
use domain::Money;
use domain::allocation::{Applied, Asked, apply};
use domain::code::Code;
use domain::collection::{Allocation, CollectionState, PaymentCollection, PaymentMethod, Purpose};
use domain::id::{CollectionId, DistributorId, OrderId};
use domain::ledger::{self, Source};
use domain::order::OrderState;

/// Applies `money` of a distributor to the orders asked, and raises what they have been paid.
/// The caller posts the entry. What is left is the result's rest.
pub fn pay_orders(
    books: &mut Books<'_>,
    collection: CollectionId,
    distributor: DistributorId,
    money: Money,
    asked: &[Allocation],
) -> Result<Applied<OrderId>, Stop> {
    let asked: Vec<Asked<OrderId>> = asked
        .iter()
        .map(|part| {
            let order = books.facts.orders.get(&part.order);
            let owed = order
                .filter(|order| order.content.distributor == distributor)
                .map_or(Money::ZERO, domain::order::SalesOrder::owed);
            Asked {
                order: part.order,
                asked: part.amount_fen,
                owed,
            }
        })
        .collect();
    let applied = apply(money, &asked);
    for (id, part) in &applied.orders {
        let Some(mut order) = books.facts.orders.get(id).cloned() else {
            continue;
        };
        order.paid_fen = add(order.paid_fen, *part)?;
        books.put_order(order);
        let payers = books.facts.payers.get(id);
        let held = payers.and_then(|held| held.iter().find(|p| p.collection == collection));
        let held = held.map_or(Money::ZERO, |payer| payer.amount);
        books.allocate(collection, *id, add(held, *part)?);
    }
    Ok(applied)
}

/// Books money from outside, or out of a hold, for a collection that is not confirmed yet: applies
/// it, posts it and confirms the collection. With `apply_now` false (late money) nothing is applied
/// to orders. Answers what was applied.
///
/// # Errors
/// A posting that the ledger refuses.
pub fn receive(
    books: &mut Books<'_>,
    mut collection: PaymentCollection,
    source: Source,
    apply_now: bool,
    cause: &str,
) -> Result<Money, Stop> {
    let (distributor, amount) = (collection.distributor, collection.amount_fen);
    let asked = std::mem::take(&mut collection.allocations);
    let mut applied = Money::ZERO;
    let entry = if collection.purpose == Purpose::PrepaidDeposit {
        ledger::top_up(source, distributor, amount)?
    } else {
        let asked: &[Allocation] = if apply_now { &asked } else { &[] };
        let result = pay_orders(books, collection.id, distributor, amount, asked)?;
        collection.allocations = allocations(&result);
        collection.unapplied_fen = result.rest;
        applied = result.applied;
        ledger::money_in(source, distributor, amount, result.applied)?
    };
    collection.state = CollectionState::Confirmed;
    books.put_collection(collection);
    books.post(entry, cause)?;
    Ok(applied)
}

/// The allocations that a result stands for.
pub fn allocations(applied: &Applied<OrderId>) -> Vec<Allocation> {
    let part = |(order, amount_fen): &(OrderId, Money)| Allocation {
        order: *order,
        amount_fen: *amount_fen,
    };
    applied.orders.iter().map(part).collect()
}

/// Releases what an order has been paid beyond what it now takes: the newest money first, to the
/// deposit if it came from there, else to unapplied (rule 5.8).
///
/// # Errors
/// A posting that the ledger refuses.
pub fn release_excess(books: &mut Books<'_>, id: OrderId, cause: &str) -> Result<(), Stop> {
    let Some(mut order) = books.facts.orders.get(&id).cloned() else {
        return Ok(());
    };
    let takes = match order.state {
        OrderState::Cancelled => Money::ZERO,
        _ => order.total_fen.max(Money::ZERO),
    };
    let mut excess = sub(order.paid_fen, takes)?;
    if !excess.is_positive() {
        return Ok(());
    }
    let (mut to_unapplied, mut to_deposit) = (Money::ZERO, Money::ZERO);
    let payers = books.facts.payers.get(&id).cloned().unwrap_or_default();
    for payer in payers.iter().rev() {
        let part = payer.amount.min(excess);
        let Some(mut collection) = books.facts.collections.get(&payer.collection).cloned() else {
            continue;
        };
        if !part.is_positive() {
            continue;
        }
        let left = sub(payer.amount, part)?;
        for allocation in &mut collection.allocations {
            if allocation.order == id {
                allocation.amount_fen = left;
            }
        }
        collection
            .allocations
            .retain(|allocation| allocation.amount_fen.is_positive());
        if collection.method == PaymentMethod::Deposit {
            to_deposit = add(to_deposit, part)?;
        } else {
            to_unapplied = add(to_unapplied, part)?;
            collection.unapplied_fen = add(collection.unapplied_fen, part)?;
        }
        books.put_collection(collection);
        books.allocate(payer.collection, id, left);
        excess = sub(excess, part)?;
    }
    if excess.is_positive() {
        let trace = format!("order {id} was paid {} by nobody known", excess.fen());
        return Err(Code::Internal { trace }.into());
    }
    let distributor = order.content.distributor;
    order.paid_fen = takes;
    books.put_order(order);
    let entry = ledger::order_excess_released(distributor, to_unapplied, to_deposit)?;
    books.post(entry, cause)
}

/// A sum that stays in range, or the refusal.
pub fn add(a: Money, b: Money) -> Result<Money, Stop> {
    a.checked_add(b)
        .ok_or_else(|| Code::AmountTooLarge { row: 0 }.into())
}

/// A difference that stays in range, or the refusal.
pub fn sub(a: Money, b: Money) -> Result<Money, Stop> {
    a.checked_sub(b)
        .ok_or_else(|| Code::AmountTooLarge { row: 0 }.into())
}
