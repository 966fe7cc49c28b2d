//! Orders that wait for a head of finance, decided offline as well; and how much goes on offline
//! proofs.

use crate::desk::{Desk, assert_paid_by_channel};
use domain::Money;
use domain::approval::ApprovalReason;
use domain::channel::Channel;
use domain::code::Code;
use domain::distributor::Distributor;
use domain::history::CatalogueItem;
use domain::id::OrderId;
use domain::order::OrderState;
use domain::product::Product;
use domain::quantity::UnitPrice;
use serde_json::{Value, json};
use terminal::api::catalogue::ProductEntry;
use terminal::api::config::ConfigView;
use terminal::api::distributors::DistributorView;
use testkit::company;

const LEAD: usize = 3;
const ADMIN: usize = 4;

fn unlock(desk: &mut Desk, at: usize, who: usize) {
    let input = json!({ "staff": company::staff(who), "pin": company::PIN });
    let _: Value = desk.call(at, "unlock", input);
}

/// The administrator switches the policies on, gives P001 a floor price and the second distributor a
/// limit.
fn strict(desk: &mut Desk, floor: &str, limit: i64) {
    desk.sync();
    unlock(desk, 2, ADMIN);
    let held: ConfigView = desk.call(2, "config", json!({}));
    let mut config = held.current.config;
    config.price_floor = true;
    config.credit_block = true;
    let input = json!({ "on": held.current.version, "config": config });
    let _: ConfigView = desk.call(2, "config_change", input);
    let input = json!({ "query": "P001", "after": null, "limit": 1 });
    let found: Vec<ProductEntry> = desk.call(2, "product_list", input);
    let before = found[0].product.clone();
    let after = Product {
        floor_price: Some(UnitPrice::parse(floor).expect("a price")),
        ..before.clone()
    };
    let item = CatalogueItem::Product;
    let input = json!({ "before": item(before), "after": item(after) });
    let _: Value = desk.call(2, "catalogue_change", input);
    let input = json!({ "distributor": company::distributor(1) });
    let view: DistributorView = desk.call(2, "distributor_get", input);
    let after = Distributor {
        credit_limit_fen: Some(Money::from_fen(limit)),
        ..view.distributor.clone()
    };
    let item = CatalogueItem::Distributor;
    let input = json!({ "before": item(view.distributor), "after": item(after) });
    let _: Value = desk.call(2, "catalogue_change", input);
    desk.sync();
}

fn state(desk: &mut Desk, at: usize, order: OrderId) -> OrderState {
    desk.order(at, order).order.order.state
}

#[test]
fn an_order_below_the_floor_waits_offline_and_is_payable_once_a_lead_has_approved_it() {
    let mut desk = Desk::open();
    strict(&mut desk, "1000", 100_000_000);
    desk.world.work_offline(0, true).expect("offline");
    let draft = desk.draft(0, company::distributor(1), &[("P001", 1)]);
    assert_eq!(draft.notices[0].kind, "below_floor");
    let pay = json!({ "orders": [draft.order], "amount_fen": null });
    let waits = Code::ApprovalNeeded { why: None };
    assert_eq!(desk.refused(0, "pay_orders", pay.clone()), waits);
    let made = desk.f12(0, draft.order);
    assert_eq!(made.order.order.state, OrderState::Submitted);
    assert_eq!(desk.refused(0, "pay_orders", pay), waits);
    desk.world.work_offline(0, false).expect("online");
    desk.sync();

    let decided = json!({ "order": draft.order });
    let role = domain::role::Role::Admin;
    assert_eq!(
        desk.refused(2, "order_approve", decided.clone()),
        Code::NotAllowed { role }
    );
    unlock(&mut desk, 2, LEAD);
    desk.world.work_offline(2, true).expect("offline");
    let _: Value = desk.call(2, "order_approve", decided);
    assert_eq!(state(&mut desk, 2, draft.order), OrderState::Confirmed);
    assert_eq!(state(&mut desk, 0, draft.order), OrderState::Submitted);
    desk.world.work_offline(2, false).expect("online");
    desk.sync();
    assert_eq!(state(&mut desk, 0, draft.order), OrderState::Confirmed);
    desk.f9(0, draft.order);
    desk.closes();
}

#[test]
fn an_order_beyond_the_limit_is_turned_down_with_a_reason_and_not_by_who_made_it() {
    let mut desk = Desk::open();
    strict(&mut desk, "0", 1);
    unlock(&mut desk, 1, LEAD);
    let own = desk.draft(1, company::distributor(1), &[("P001", 1)]);
    assert_eq!(
        desk.f12(1, own.order).order.order.state,
        OrderState::Submitted
    );
    let decided = json!({ "order": own.order });
    assert_eq!(desk.refused(1, "order_approve", decided), Code::SamePerson);
    let draft = desk.draft(0, company::distributor(1), &[("P001", 1)]);
    assert_eq!(
        desk.f12(0, draft.order).order.order.state,
        OrderState::Submitted
    );
    desk.sync();
    let field = "reason".to_owned();
    let input = json!({ "order": draft.order, "reason": " " });
    assert_eq!(
        desk.refused(1, "order_reject", input),
        Code::BadField { field }
    );
    let input = json!({ "order": draft.order, "reason": "先付旧账" });
    let _: Value = desk.call(1, "order_reject", input);
    desk.sync();
    assert_eq!(state(&mut desk, 0, draft.order), OrderState::Cancelled);
    assert_eq!(desk.order(0, draft.order).order.owed_fen, Money::ZERO);
    // Another distributor has no limit.
    let free = desk.draft(0, company::distributor(2), &[("P001", 1)]);
    assert_eq!(
        desk.f12(0, free.order).order.order.state,
        OrderState::Confirmed
    );
    desk.closes();
}

#[test]
fn a_terminal_that_knew_nothing_of_the_rule_is_told_what_became_of_its_order() {
    let mut desk = Desk::open();
    desk.sync();
    desk.world.work_offline(0, true).expect("offline");
    strict(&mut desk, "1000", 100_000_000);
    let draft = desk.draft(0, company::distributor(1), &[("P001", 1)]);
    assert_eq!(
        desk.f12(0, draft.order).order.order.state,
        OrderState::Confirmed
    );
    desk.world.work_offline(0, false).expect("online");
    desk.sync();
    let held = desk.order(0, draft.order);
    assert_eq!(held.order.order.state, OrderState::Submitted);
    let why = Some(ApprovalReason::BelowFloor);
    let told = held
        .timeline
        .iter()
        .find(|entry| entry.kind == "order_submit");
    assert_eq!(
        told.and_then(|entry| entry.refused.clone()),
        Some(Code::ApprovalNeeded { why })
    );
    desk.closes();
}

#[test]
fn a_terminal_lets_only_so_much_go_on_proofs_that_no_money_has_confirmed() {
    let mut desk = Desk::open();
    desk.sync();
    unlock(&mut desk, 2, ADMIN);
    let draft = desk.draft(0, company::distributor(1), &[("P001", 1)]);
    let total = draft.totals.total_fen;
    let held: ConfigView = desk.call(2, "config", json!({}));
    let mut config = held.current.config;
    config.offline_proof_limit_fen = total;
    let input = json!({ "on": held.current.version, "config": config });
    let _: ConfigView = desk.call(2, "config_change", input);
    desk.sync();

    desk.world.work_offline(0, true).expect("offline");
    let first = desk.f9(0, draft.order);
    let other = desk.draft(0, company::distributor(2), &[("P001", 1)]);
    let second = desk.f9(0, other.order);
    for sheet in [&first, &second] {
        desk.world.pay(&sheet.link, Channel::Alipay);
    }
    desk.sync();
    let proof = |desk: &Desk, intent| {
        let central = desk.world.backend();
        let receipt = central.store().receipt(&central.context(), intent);
        let receipt = receipt.expect("the store answers").expect("it is paid");
        json!({ "intent": intent, "proof": receipt.signed })
    };
    let shown = proof(&desk, first.intent.intent.id);
    let _: Value = desk.call(0, "pay_proof", shown.clone());
    // The same proof once more lets nothing more go.
    let _: Value = desk.call(0, "pay_proof", shown);
    let shown = proof(&desk, second.intent.intent.id);
    let left_fen = "0".to_owned();
    assert_eq!(
        desk.refused(0, "pay_proof", shown),
        Code::OfflineProofLimit { left_fen }
    );
    desk.world.work_offline(0, false).expect("online");
    desk.sync();
    for order in [draft.order, other.order] {
        assert_paid_by_channel(&desk.order(0, order));
    }
    desk.closes();
}
