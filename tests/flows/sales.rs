//! What sellers do with orders that are confirmed already, and what an administrator's decision means
//! for money that is being asked for.

use crate::desk::{Desk, assert_paid_by_channel};
use domain::Money;
use domain::channel::Channel;
use domain::code::Code;
use domain::collection::PaymentMethod;
use domain::config::FieldRule;
use domain::id::OrderId;
use domain::intent::IntentState;
use domain::order::OrderState;
use serde_json::{Value, json};
use terminal::api::config::ConfigView;
use terminal::api::orders::{DraftRow, DraftView, OrderDetail};
use terminal::api::payments::{BulkRow, LiveAsk, PayView};
use testkit::company;

/// The administrator's number among the staff.
const ADMIN: usize = 4;

fn change(desk: &mut Desk, at: usize, order: OrderId, quantity: &str) -> DraftView {
    let begun: DraftView = desk.call(at, "order_edit", json!({ "order": order }));
    assert!(begun.content.edits.is_some());
    let edit = json!({ "edit": "set_quantity", "line": 0, "quantity": quantity });
    desk.edit(at, order, edit)
}

/// An administrator at terminal 2 decides.
fn decide(desk: &mut Desk, decision: impl FnOnce(&mut domain::config::Config)) {
    let input = json!({ "staff": company::staff(ADMIN), "pin": company::PIN });
    let _: Value = desk.call(2, "unlock", input);
    let held: ConfigView = desk.call(2, "config", json!({}));
    let mut config = held.current.config;
    decision(&mut config);
    let input = json!({ "on": held.current.version, "config": config });
    let _: ConfigView = desk.call(2, "config_change", input);
    desk.sync();
}

#[test]
fn a_confirmed_order_is_changed_and_the_next_qr_asks_for_the_new_total() {
    let mut desk = Desk::open();
    desk.sync();
    let buyer = desk.distributor(0, "cqyz");
    let draft = desk.draft(0, buyer, &[("P001", 2)]);
    let shown = desk.f9(0, draft.order);
    let order = draft.order;
    let before = desk.order(0, order).order;
    desk.sync();

    let changed = change(&mut desk, 0, order, "3");
    assert_eq!(changed.number, before.order.number);
    assert_ne!(changed.totals.total_fen, before.order.total_fen);
    let other = desk.distributor(0, "xmsm");
    let moved = json!({ "order": order, "edit": "set_distributor", "distributor": other });
    assert_eq!(
        desk.refused(0, "draft_edit", moved),
        Code::DistributorChanged
    );
    // A new order is not what is being changed, and the list of drafts tells them apart.
    let fresh: DraftView = desk.call(0, "draft_open", json!({ "order": null, "fresh": false }));
    assert_ne!(fresh.order, order);
    let drafts: Vec<DraftRow> = desk.call(0, "draft_list", json!({}));
    assert!(drafts.iter().any(|row| row.order == order && row.edits));

    let saved = desk.f12(0, order);
    assert_eq!(saved.order.order.total_fen, changed.totals.total_fen);
    assert_eq!(saved.order.order.revision, 2);
    // Before the backend has heard of it the old QR may be paid; the new one asks for the new total.
    let next = desk.f9(0, order);
    assert_eq!(next.intent.intent.amount_fen, changed.totals.total_fen);
    desk.sync();
    let old: PayView = desk.sheet(0, shown.intent.intent.id);
    assert_eq!(old.intent.intent.state, IntentState::Closed);
    let link = desk.sheet(0, next.intent.intent.id).link;
    desk.world.pay(&link, Channel::WechatPay);
    desk.sync();
    let paid = desk.order(0, order);
    assert_paid_by_channel(&paid);
    let kinds: Vec<&str> = paid.timeline.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds.last(), Some(&"posting"));
    for kind in [
        "order_submit",
        "order_edit",
        "intent_open",
        "attempt",
        "transaction_record",
    ] {
        assert!(kinds.contains(&kind), "{kind} of {kinds:?}");
    }
    desk.closes();
}

#[test]
fn a_change_on_an_order_that_moved_on_is_a_conflict_and_can_be_dropped() {
    let mut desk = Desk::open();
    desk.sync();
    let buyer = desk.distributor(0, "cqyz");
    let draft = desk.draft(0, buyer, &[("P001", 2)]);
    let order = desk.f12(0, draft.order).order.order.id;
    desk.sync();
    change(&mut desk, 0, order, "5");
    let theirs = change(&mut desk, 1, order, "4");
    desk.f12(1, order);
    desk.sync();
    let conflict = Code::Conflict { held: 2 };
    let input = json!({ "order": order });
    assert_eq!(desk.refused(0, "order_confirm", input.clone()), conflict);
    let _: Value = desk.call(0, "draft_discard", input);
    let held: OrderDetail = desk.order(0, order);
    assert_eq!(held.order.order.total_fen, theirs.totals.total_fen);
    assert_eq!(
        held.order.order.state,
        OrderState::Confirmed,
        "only the changes are dropped"
    );
    desk.closes();
}

#[test]
fn cancelling_an_order_ends_its_qr() {
    let mut desk = Desk::open();
    desk.sync();
    let buyer = desk.distributor(0, "cqyz");
    let draft = desk.draft(0, buyer, &[("P001", 2)]);
    let sheet = desk.f9(0, draft.order);
    desk.sync();
    let input = json!({ "order": draft.order, "reason": "  " });
    let reason = Code::BadField {
        field: "reason".into(),
    };
    assert_eq!(desk.refused(0, "order_cancel", input), reason);
    let input = json!({ "order": draft.order, "reason": "客户取消" });
    let _: OrderDetail = desk.call(0, "order_cancel", input);
    desk.sync();
    let held = desk.order(1, draft.order);
    assert_eq!(held.order.order.state, OrderState::Cancelled);
    let ended = desk.sheet(0, sheet.intent.intent.id);
    assert_eq!(ended.intent.intent.state, IntentState::Closed);
    desk.closes();
}

#[test]
fn the_pages_layout_holds_for_new_and_for_changed_orders() {
    let mut desk = Desk::open();
    desk.sync();
    let buyer = desk.distributor(0, "cqyz");
    let first = desk.draft(0, buyer, &[("P001", 1)]);
    let order = desk.f12(0, first.order).order.order.id;
    desk.sync();
    decide(&mut desk, |config| {
        config.layouts.order_create = FieldRule {
            required: true,
            ..FieldRule::default()
        };
        config.layouts.order_edit = FieldRule {
            readonly: true,
            ..FieldRule::default()
        };
    });
    let missing = Code::BadField {
        field: "payment_method".into(),
    };
    let second = desk.draft(0, buyer, &[("P001", 1)]);
    let input = json!({ "order": second.order });
    assert_eq!(desk.refused(0, "order_confirm", input), missing);
    let cash = json!({ "edit": "set_payment_method", "payment_method": "cash" });
    desk.edit(0, second.order, cash.clone());
    desk.f12(0, second.order);
    // Where the page only shows the method, a change keeps it.
    change(&mut desk, 0, order, "2");
    desk.edit(0, order, cash);
    let saved = desk.f12(0, order);
    assert_eq!(saved.order.order.content.payment_method, None);
    desk.sync();
    let made = desk.order(1, second.order).order.order;
    assert_eq!(made.content.payment_method, Some(PaymentMethod::Cash));
    desk.closes();
}

#[test]
fn switching_online_payment_off_orphans_nothing_that_is_being_asked_for() {
    let mut desk = Desk::open();
    desk.sync();
    let buyer = desk.distributor(0, "cqyz");
    let draft = desk.draft(0, buyer, &[("P001", 2)]);
    let paid_later = desk.f9(0, draft.order);
    let other = desk.draft(1, buyer, &[("P001", 1)]);
    let given_up = desk.f9(1, other.order);
    desk.sync();
    let asks: Vec<LiveAsk> = desk.call(2, "pay_asks", json!({}));
    assert_eq!(asks.len(), 2);
    assert!(
        asks.iter()
            .all(|ask| ask.order_numbers.len() == 1 && !ask.staff_name.is_empty())
    );
    decide(&mut desk, |config| {
        config.online_payment_enabled = false;
        config.collection_online_payment_enabled = false;
    });
    // Nothing new is asked for; what was asked can be paid, or given up.
    let third = desk.draft(0, buyer, &[("P001", 1)]);
    let input = json!({ "orders": [third.order], "amount_fen": null });
    assert_eq!(desk.refused(0, "pay_orders", input), Code::OnlinePaymentOff);
    let link = desk.sheet(0, paid_later.intent.intent.id).link;
    desk.world.pay(&link, Channel::Alipay);
    let _: PayView = desk.call(
        1,
        "pay_close",
        json!({ "intent": given_up.intent.intent.id }),
    );
    desk.sync();
    assert_paid_by_channel(&desk.order(0, draft.order));
    let ended = desk.sheet(1, given_up.intent.intent.id);
    assert_eq!(ended.intent.intent.state, IntentState::Closed);
    assert_eq!(desk.call::<Vec<LiveAsk>>(2, "pay_asks", json!({})), []);
    desk.closes();
}

#[test]
fn many_orders_are_asked_for_at_once_and_each_row_says_what_became_of_it() {
    let mut desk = Desk::open();
    desk.sync();
    let (first, second) = (desk.distributor(0, "cqyz"), desk.distributor(0, "xmsm"));
    let mut made = Vec::new();
    for (buyer, quantity) in [(first, 1), (first, 2), (second, 3), (first, 4)] {
        let draft = desk.draft(0, buyer, &[("P001", quantity)]);
        made.push(desk.f12(0, draft.order).order.order.id);
    }
    let asked_already = desk.f9(0, made[3]);
    desk.sync();
    // The list's button is off until switched on: then no row passes.
    let input = json!({ "orders": made });
    let rows: Vec<BulkRow> = desk.call(0, "pay_bulk", input.clone());
    let hidden = rows
        .iter()
        .all(|row| row.refused == Some(Code::ButtonHidden));
    assert!(hidden && rows.len() == 4, "{rows:?}");
    decide(&mut desk, |config| {
        config.layouts.order_list.show_online_payment_button = true;
    });
    let rows: Vec<BulkRow> = desk.call(0, "pay_bulk", input);
    assert_eq!(rows[3].refused, Some(Code::AlreadyAsked));
    assert_eq!(rows[3].intent, None);
    assert!(rows[0].intent.is_some() && rows[0].intent == rows[1].intent);
    assert!(rows[2].intent.is_some() && rows[2].intent != rows[0].intent);
    let sheet = desk.sheet(0, rows[0].intent.expect("it is asked for"));
    let sum = rows[0].asked_fen.checked_add(rows[1].asked_fen);
    assert_eq!(Some(sheet.intent.intent.amount_fen), sum);
    assert_ne!(sheet.intent.intent.id, asked_already.intent.intent.id);
    let twice = json!({ "orders": [made[0], made[0]] });
    let field = Code::BadField {
        field: "orders".into(),
    };
    assert_eq!(desk.refused(0, "pay_bulk", twice), field);
    desk.closes();
}

#[test]
fn a_standalone_collection_is_paid_online_as_the_person_allocated_it() {
    let mut desk = Desk::open();
    desk.sync();
    let buyer = desk.distributor(0, "cqyz");
    let mut made = Vec::new();
    for quantity in [1, 2] {
        let draft = desk.draft(0, buyer, &[("P001", quantity)]);
        made.push(desk.f12(0, draft.order).order);
    }
    desk.sync();
    let (older, newer) = (&made[0].order, &made[1].order);
    let rest = Money::from_fen(123);
    let amount = newer.total_fen.checked_add(rest).expect("it fits");
    let ask = json!({
        "distributor": buyer, "purpose": "order_payment", "amount_fen": amount,
        "allocations": [{ "order": newer.id, "amount_fen": newer.total_fen }],
    });
    assert_eq!(
        desk.refused(0, "pay_collection", ask.clone()),
        Code::OnlinePaymentOff,
        "the switch of collections is its own"
    );
    decide(&mut desk, |config| {
        config.collection_online_payment_enabled = true;
    });
    let mut deposit = ask.clone();
    deposit["purpose"] = json!("prepaid_deposit");
    assert_eq!(
        desk.refused(0, "pay_collection", deposit),
        Code::AllocationOnDeposit
    );
    let sheet: PayView = desk.call(0, "pay_collection", ask.clone());
    assert_eq!(desk.refused(0, "pay_collection", ask), Code::AlreadyAsked);
    desk.sync();
    let link = desk.sheet(0, sheet.intent.intent.id).link;
    desk.world.pay(&link, Channel::WechatPay);
    desk.sync();
    assert_paid_by_channel_with(&desk.order(0, newer.id), amount);
    assert_eq!(desk.order(0, older.id).order.order.paid_fen, Money::ZERO);
    let paid = desk.sheet(0, sheet.intent.intent.id).collection;
    let paid = paid.expect("it made itself").collection;
    assert_eq!((paid.unapplied_fen, paid.recorded_by), (rest, None));
    desk.closes();
}

/// The order is paid by a collection of `amount` that nobody typed.
fn assert_paid_by_channel_with(order: &OrderDetail, amount: Money) {
    assert_eq!(order.order.owed_fen, Money::ZERO);
    let [record] = order.transaction_records.as_slice() else {
        panic!("{:?}", order.transaction_records)
    };
    assert_eq!(record.gross_fen, amount);
}
