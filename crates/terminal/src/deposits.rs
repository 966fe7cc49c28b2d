//! Prepaid deposits on a terminal: what is held, what this terminal may spend of it, and spending it
//! on an order (section 7). A spend takes from the terminal's reserve at once; the order is paid when
//! the backend has applied it.

use crate::api::Context;
use crate::api::collections::*;
use crate::api::distributors::DistributorKey;
use crate::ledger::{PAGE, Page};
use crate::transact::Done;
use domain::collection::{Allocation, CollectionState, PaymentMethod, Purpose};
use domain::id::CollectionId;
use domain::operation::{CollectionRecord, OpBody};
use domain::{Code, Money};

/// A distributor's deposit with what moved it.
///
/// # Errors
/// `NotFound`, and what the file says.
pub fn get(context: &Context<'_>, input: DistributorKey) -> Result<DepositDetail, Code> {
    let terminal = context.terminal;
    let page = Page {
        before: None,
        limit: PAGE,
    };
    let held = terminal
        .ledger()
        .collections(Some(input.distributor), page)?;
    let entries = held
        .into_iter()
        .filter_map(|held| {
            let amount_fen = match (held.collection.method, held.collection.purpose) {
                (PaymentMethod::Deposit, _) => held.collection.amount_fen.neg(),
                (_, Purpose::PrepaidDeposit) => held.collection.amount_fen,
                _ => return None,
            };
            let counts = held.collection.state != CollectionState::Rejected;
            counts.then_some(DepositEntry {
                collection: held,
                amount_fen,
            })
        })
        .collect();
    Ok(DepositDetail {
        distributor: input.distributor,
        distributor_name: crate::distributors::name_of(terminal, input.distributor)?,
        deposit: terminal.ledger().deposit(input.distributor)?,
        entries,
    })
}

/// Pays an order from the deposit, as far as this terminal's reserve and the order allow.
///
/// # Errors
/// `DepositShort`, `LeaseEnded`, `AlreadyAsked` when nothing is left to pay, `NotFound`, and what
/// the file says.
pub fn pay(context: &Context<'_>, input: DepositPay) -> Result<Done<CollectionKey>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    let standing = terminal.ledger().lease()?;
    if standing.ended || (standing.clock_behind && !terminal.online()) {
        return Err(Code::LeaseEnded);
    }
    let me = terminal
        .ledger()
        .identity()
        .ok_or(Code::NotEnrolled)?
        .terminal;
    let done = terminal.ledger().transact("deposit_pay", |tx| {
        let missing = || Code::NotFound {
            what: "order".to_owned(),
        };
        if crate::ledger::order(tx.conn(), input.order)?.is_none() {
            crate::orders::submit_draft(terminal, tx, staff, input.order)?;
        }
        let order = crate::ledger::order(tx.conn(), input.order)?.ok_or_else(missing)?;
        order.order.payable()?;
        let distributor = order.order.content.distributor;
        let free = order.free();
        if !free.is_positive() {
            return Err(Code::AlreadyAsked.into());
        }
        let reserve = crate::ledger::deposit(tx.conn(), me, distributor)?
            .map_or(Money::ZERO, |deposit| deposit.reserve_fen);
        let amount = input.amount_fen.unwrap_or_else(|| free.min(reserve));
        if !amount.is_positive() || amount > reserve {
            return Err(Code::DepositShort {
                available_fen: reserve.fen().to_string(),
            }
            .into());
        }
        if amount > free {
            return Err(Code::OverAllocated.into());
        }
        let collection = CollectionId(tx.env().uuid());
        let body = CollectionRecord {
            collection,
            number: tx.next_number()?,
            purpose: Purpose::OrderPayment,
            method: PaymentMethod::Deposit,
            distributor,
            distributor_name: order.order.content.distributor_name,
            amount_fen: amount,
            allocations: vec![Allocation {
                order: input.order,
                amount_fen: amount,
            }],
            note: String::new(),
            slip_sha256: String::new(),
            after_lease: false,
        };
        body.check()?;
        tx.append(staff, OpBody::CollectionRecord(body), &[])?;
        Ok(CollectionKey { collection })
    })?;
    crate::orders::draft::forget(terminal, input.order);
    Ok(done)
}
