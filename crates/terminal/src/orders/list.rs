//! The order list's commands: a page of it, what its conditions may name, and how each person likes
//! it. Lists with a name are a local record of who made them: they say nothing to the backend.

use crate::api::orders::*;
use crate::api::{Context, Nothing};
use crate::ledger::views::OrderRow;
use crate::ledger::{OrderFilter, Page};
use crate::transact::{Done, Tag};
use domain::Code;
use domain::condition::Operator;
use domain::id::StaffId;
use domain::staff::colleagues;
use std::collections::BTreeSet;

/// Most lists with a name.
const MAX_SAVED: usize = 50;
/// Most characters of a name.
const MAX_NAME_CHARS: usize = 40;

/// A page of orders, newest first.
///
/// # Errors
/// `Locked`, `BadCondition`, and what the file says.
pub fn page(context: &Context<'_>, input: OrderList) -> Result<Vec<OrderRow>, Code> {
    let filter = OrderFilter {
        staff: whose(context, input.scenario)?,
        distributor: input.distributor,
        payment_states: input.payment_states,
        text: input.query,
        conditions: input.conditions,
    };
    let page = Page {
        before: input.before,
        limit: input.limit,
    };
    context.terminal.ledger().orders(&filter, page)
}

pub(super) fn whose(
    context: &Context<'_>,
    scenario: OrderScenario,
) -> Result<Option<BTreeSet<StaffId>>, Code> {
    match scenario {
        OrderScenario::Mine => Ok(Some(BTreeSet::from([context.actor()?]))),
        OrderScenario::Department => {
            let ledger = context.terminal.ledger();
            let departments = ledger.config()?.config.departments;
            let everybody = ledger.lease()?.lease.staff;
            let found = colleagues(&everybody, &departments, context.actor()?);
            Ok(Some(found))
        }
        OrderScenario::All => Ok(None),
    }
}

/// What conditions on orders may name.
///
/// # Errors
/// None.
pub fn fields(_: &Context<'_>, _: Nothing) -> Result<Vec<OrderField>, Code> {
    let operators = |field_type| {
        Operator::ALL
            .into_iter()
            .filter(|operator| operator.goes_with(field_type))
            .collect()
    };
    Ok(domain::order::fields::fields()
        .into_iter()
        .map(|(name, field_type)| OrderField {
            name: name.to_owned(),
            field_type,
            operators: operators(field_type),
        })
        .collect())
}

fn record_of(staff: StaffId) -> String {
    format!("order_list:{staff}")
}

/// How the person who is unlocked likes the order list.
///
/// # Errors
/// `Locked`, and what the file says.
pub fn setup(context: &Context<'_>, _: Nothing) -> Result<OrderListSetup, Code> {
    let record = record_of(context.actor()?);
    let held = context.terminal.ledger().setting(&record)?;
    Ok(held.unwrap_or_default())
}

/// Changes it. What can't be used is refused here, not when the list is opened.
///
/// # Errors
/// `BadField` `name` for a name that is empty, too long or there twice, or for too many lists,
/// `BadCondition`, `Locked`, and what the file says.
pub fn set_up(context: &Context<'_>, mut input: OrderListSetup) -> Result<Done<Nothing>, Code> {
    let record = record_of(context.actor()?);
    let bad_name = || Code::BadField {
        field: "name".to_owned(),
    };
    if input.saved.len() > MAX_SAVED {
        return Err(bad_name());
    }
    let mut names = BTreeSet::new();
    for list in &mut input.saved {
        list.name = list.name.trim().to_owned();
        let chars = list.name.chars().count();
        if chars == 0 || chars > MAX_NAME_CHARS || !names.insert(list.name.clone()) {
            return Err(bad_name());
        }
        list.conditions.check(&domain::order::fields::fields())?;
    }
    let ledger = context.terminal.ledger();
    ledger.transact("order_list_set_up", |tx| {
        tx.put_setting(&record, &input)?;
        tx.mark(Tag::Settings);
        Ok(Nothing {})
    })
}
