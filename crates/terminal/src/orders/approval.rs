//! Orders that a rule of the company stops: found as they are submitted, decided by somebody else, both
//! offline as well.

use super::{basis, detail, freed};
use crate::api::Context;
use crate::api::orders::{OrderCancelInput, OrderDetail, OrderKey};
use crate::ledger::Fault;
use crate::terminal::Terminal;
use crate::transact::{Done, Tx};
use domain::Code;
use domain::approval::{ApprovalReason, Credit};
use domain::config::Config;
use domain::id::{OrderId, ProductId};
use domain::operation::{OpBody, OrderDecide};
use domain::order::OrderContent;
use domain::quantity::UnitPrice;
use domain::role::separate;
use std::collections::BTreeMap;

/// Why an order with this content would wait, by what is held here.
///
/// # Errors
/// What the files say.
pub(crate) fn needed(
    terminal: &Terminal,
    tx: &Tx<'_>,
    config: &Config,
    order: OrderId,
    content: &OrderContent,
) -> Result<Option<ApprovalReason>, Fault> {
    let mut floors: BTreeMap<ProductId, UnitPrice> = BTreeMap::new();
    if config.price_floor {
        for line in &content.lines {
            let product = terminal.catalogue().product(line.product)?;
            let floor = product.and_then(|product| product.floor_price);
            floors.extend(floor.map(|floor| (line.product, floor)));
        }
    }
    let buyer = crate::distributors::find_in(terminal, tx.conn(), content.distributor)?;
    let credit = Credit {
        limit_fen: buyer.credit_limit_fen,
        owed_fen: crate::ledger::owed_besides(tx.conn(), content.distributor, order)?,
    };
    let paid = crate::ledger::order(tx.conn(), order)?.map(|held| held.order.paid_fen);
    Ok(domain::approval::needed(
        config,
        content,
        &content.totals()?,
        paid.unwrap_or(domain::Money::ZERO),
        credit,
        |product| floors.get(&product).copied(),
    ))
}

/// Approves an order that waits: it is confirmed.
///
/// # Errors
/// `AlreadyDecided`, `SamePerson`, `NotFound`, and what the file says.
pub fn approve(context: &Context<'_>, input: OrderKey) -> Result<Done<OrderDetail>, Code> {
    decide(context, input.order, String::new(), OpBody::OrderApprove)
}

/// Rejects one: it is cancelled.
///
/// # Errors
/// `BadField` without a reason, and those of [`approve`].
pub fn reject(context: &Context<'_>, input: OrderCancelInput) -> Result<Done<OrderDetail>, Code> {
    let reason = input.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(Code::BadField {
            field: "reason".to_owned(),
        });
    }
    decide(context, input.order, reason, OpBody::OrderReject)
}

fn decide(
    context: &Context<'_>,
    order: OrderId,
    reason: String,
    body: fn(OrderDecide) -> OpBody,
) -> Result<Done<OrderDetail>, Code> {
    let staff = context.actor()?;
    let done = context.terminal.ledger().transact("order_decide", |tx| {
        let held = tx.order(order)?;
        if held.order.state != domain::order::OrderState::Submitted {
            return Err(Code::AlreadyDecided.into());
        }
        separate(staff, held.order.staff)?;
        let on = basis(&held);
        tx.append(staff, body(OrderDecide { order, on, reason }), &[])?;
        Ok(())
    })?;
    freed(context.terminal, order)?;
    Ok(Done {
        value: detail(context, OrderKey { order })?,
        changed: done.changed,
    })
}
