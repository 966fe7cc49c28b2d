//! The Online Payment button over many orders: it always shows, every row is checked when it is
//! pressed, and the answer has one result for each. One QR asks one distributor, so the orders that
//! pass are asked for by one intent a distributor; what is refused holds up nothing else.

use crate::api::Context;
use crate::api::payments::*;
use crate::ledger::views::OrderView;
use crate::transact::{Done, Tag};
use domain::Code;
use domain::config::{ButtonName, ButtonObject, Config, Placement};
use domain::id::{DistributorId, OrderId};
use domain::order::OrderState;
use domain::role::Role;
use std::collections::BTreeSet;

/// Most orders in one go.
const MOST: usize = 200;

/// Asks for the money of many orders.
///
/// # Errors
/// `BadField` `orders` for none, too many or one twice; `NotFound` for one that is not held; what the
/// file says. What an order or a distributor's ask is refused for stands in its row.
pub fn pay_bulk(context: &Context<'_>, input: PayBulk) -> Result<Done<Vec<BulkRow>>, Code> {
    let terminal = context.terminal;
    let role = context.staff()?.role;
    let once: BTreeSet<OrderId> = input.orders.iter().copied().collect();
    if once.is_empty() || once.len() != input.orders.len() || once.len() > MOST {
        return Err(Code::BadField {
            field: "orders".to_owned(),
        });
    }
    let config = terminal.ledger().config()?.config;
    let mut rows = Vec::new();
    let mut buyers: Vec<DistributorId> = Vec::new();
    for order in &input.orders {
        let view = terminal.ledger().order(*order)?;
        let buyer = view.order.content.distributor;
        if !buyers.contains(&buyer) {
            buyers.push(buyer);
        }
        let refused = refusal(&config, role, &view);
        rows.push((
            buyer,
            BulkRow {
                order: *order,
                asked_fen: view.free(),
                number: view.order.number,
                distributor_name: view.order.content.distributor_name,
                intent: None,
                refused,
            },
        ));
    }
    let mut changed: BTreeSet<Tag> = BTreeSet::new();
    for buyer in buyers {
        let open =
            |(of, row): &&mut (DistributorId, BulkRow)| *of == buyer && row.refused.is_none();
        let asked = rows.iter_mut().filter(open).map(|(_, row)| row.order);
        let orders: Vec<OrderId> = asked.collect();
        if orders.is_empty() {
            continue;
        }
        let sheet = crate::payments::pay_orders(
            context,
            PayOrders {
                orders,
                amount_fen: None,
            },
        );
        let told = sheet.map(|done| {
            changed.extend(done.changed);
            done.value.intent.intent.id
        });
        for (_, row) in rows.iter_mut().filter(open) {
            match &told {
                Ok(intent) => row.intent = Some(*intent),
                Err(code) => row.refused = Some(code.clone()),
            }
        }
    }
    Ok(Done {
        value: rows.into_iter().map(|(_, row)| row).collect(),
        changed: changed.into_iter().collect(),
    })
}

/// Why an order is not asked for, if it is not.
fn refusal(config: &Config, role: Role, view: &OrderView) -> Option<Code> {
    if !config.online_payment_enabled {
        return Some(Code::OnlinePaymentOff);
    }
    let button = config.button(ButtonObject::SalesOrder, ButtonName::OnlinePayment)?;
    let frozen = !view.live_intents.is_empty();
    let shows = config.shows_on(button, &view.facts(), frozen, role, Placement::ListBulk);
    if !shows.unwrap_or_else(|error| {
        tracing::warn!(button = %button.path(), %error, "a button is hidden");
        false
    }) {
        return Some(Code::ButtonHidden);
    }
    if view.order.state != OrderState::Confirmed {
        return Some(Code::OrderNotOpen);
    }
    if view.owed_fen.is_zero() {
        return Some(Code::NothingOwed);
    }
    (!view.free().is_positive()).then_some(Code::AlreadyAsked)
}
