//! From order to cash, as the main job has it: sell, show a QR, be paid, with and without a network;
//! top a deposit up and pay from it; take cash and have finance confirm it.

use crate::desk::{Desk, assert_paid_by_channel};
use domain::channel::Channel;
use domain::code::Code;
use domain::collection::CollectionState;
use domain::intent::IntentState;
use domain::order::PaymentState;
use domain::{Money, role::Role};
use serde_json::{Value, json};

/// By code, barcode, pinyin initials, name and full pinyin.
const FIVE_LINES: [(&str, u32); 5] = [
    ("P001", 2),
    ("6900000000003", 1),
    ("kqs", 12),
    ("抽纸", 3),
    ("dianchi", 5),
];

#[test]
fn an_order_of_five_lines_is_paid_by_qr() {
    let mut desk = Desk::open();
    let distributor = desk.distributor(0, "cqyz");
    let draft = desk.draft(0, distributor, &FIVE_LINES);
    assert_eq!(draft.content.lines.len(), 5);
    let discount = json!({
        "edit": "set_line_discount", "line": 0, "discount": { "kind": "percent", "value": "10" },
    });
    let draft = desk.edit(0, draft.order, discount);

    let sheet = desk.f9(0, draft.order);
    assert_eq!(sheet.intent.intent.amount_fen, draft.totals.total_fen);
    desk.sync();
    let sheet = desk.sheet(0, sheet.intent.intent.id);
    assert!(!sheet.offline_link, "the backend has minted the short link");
    assert_eq!(
        desk.order(0, draft.order).order.payment_state,
        PaymentState::Unpaid
    );

    desk.world.pay(&sheet.link, Channel::WechatPay);
    desk.sync();
    let order = desk.order(0, draft.order);
    assert_eq!(order.order.payment_state, PaymentState::Paid);
    assert_paid_by_channel(&order);
    assert_eq!(
        desk.sheet(0, sheet.intent.intent.id).intent.intent.state,
        IntentState::Paid
    );
    assert_paid_by_channel(&desk.order(2, draft.order));
    desk.closes();
}

#[test]
fn offline_the_same_and_the_terminal_says_waiting_until_it_is_online_again() {
    let mut desk = Desk::open();
    desk.world.work_offline(0, true).unwrap();
    let before = desk.world.requests(0);
    let distributor = desk.distributor(0, "xmsm");
    let draft = desk.draft(0, distributor, &FIVE_LINES);
    let sheet = desk.f9(0, draft.order);
    assert!(sheet.offline_link, "signed here, with a ticket");

    desk.world.pay(&sheet.link, Channel::Alipay);
    let order = desk.order(0, draft.order);
    assert_eq!(
        order.order.payment_state,
        PaymentState::Unpaid,
        "only the backend makes paid"
    );
    assert_eq!(order.order.live_intents, [sheet.intent.intent.id]);
    assert_eq!(desk.world.requests(0), before, "nothing was sent");

    desk.world.work_offline(0, false).unwrap();
    desk.sync();
    assert_paid_by_channel(&desk.order(0, draft.order));
    desk.closes();
}

#[test]
fn a_deposit_is_topped_up_by_qr_and_pays_an_order() {
    let mut desk = Desk::open();
    let distributor = desk.distributor(1, "D002");
    let top_up = json!({ "distributor": distributor, "amount_fen": "200000" });
    let sheet: terminal::api::payments::PayView = desk.call(1, "pay_top_up", top_up);
    desk.sync();
    desk.world.pay(&sheet.link, Channel::Alipay);
    desk.sync();
    let held = desk.deposit(1, distributor).deposit.unwrap();
    assert_eq!(held.balance_fen, Money::from_fen(200_000));
    assert_eq!(
        held.reserve_fen, held.balance_fen,
        "allotted to the terminal that serves them"
    );

    let draft = desk.draft(1, distributor, &[("fbm", 4), ("大米", 2)]);
    let order = desk.f12(1, draft.order);
    let spend = json!({ "order": draft.order, "amount_fen": null });
    let _: Value = desk.call(1, "deposit_pay", spend);
    let waiting = desk.order(1, draft.order).order;
    assert_eq!(waiting.waiting_fen, order.order.owed_fen);
    assert_eq!(waiting.payment_state, PaymentState::Unpaid);
    desk.sync();
    assert_eq!(
        desk.order(1, draft.order).order.payment_state,
        PaymentState::Paid
    );
    let left = desk.deposit(1, distributor).deposit.unwrap().balance_fen;
    assert_eq!(
        left.checked_add(order.order.owed_fen),
        Some(held.balance_fen)
    );
    desk.closes();
}

#[test]
fn cash_is_taken_by_sales_and_confirmed_by_finance() {
    let mut desk = Desk::open();
    let distributor = desk.distributor(0, "D003");
    let draft = desk.draft(0, distributor, &[("P004", 3)]);
    let order = desk.f12(0, draft.order);
    let collection = desk.takes_cash(0, &order);
    let confirm = json!({ "collection": collection });
    let refused = desk.refused(0, "collection_confirm", confirm.clone());
    assert_eq!(refused, Code::NotAllowed { role: Role::Sales });
    desk.sync();

    assert_eq!(desk.under_review(2).len(), 1);
    let _: Value = desk.call(2, "collection_confirm", confirm);
    let still = desk.under_review(2);
    assert_eq!(
        still[0].collection.state,
        CollectionState::UnderReview,
        "waiting is no money"
    );
    assert!(still[0].deciding.is_some());
    desk.sync();
    assert_eq!(
        desk.order(0, draft.order).order.payment_state,
        PaymentState::Paid
    );
    assert!(desk.under_review(2).is_empty());
    desk.closes();
}

#[test]
fn a_restart_between_any_two_steps_changes_nothing() {
    let mut desk = Desk::open();
    let distributor = desk.distributor(0, "重庆");
    let draft = desk.draft(0, distributor, &FIVE_LINES[..3]);
    desk.world.restart(0).unwrap();
    for (typed, quantity) in &FIVE_LINES[3..] {
        desk.line(0, draft.order, distributor, typed, *quantity);
        desk.world.restart(0).unwrap();
    }
    let sheet = desk.f9(0, draft.order);
    desk.world.restart(0).unwrap();
    assert_eq!(
        desk.sheet(0, sheet.intent.intent.id).link,
        sheet.link,
        "the same QR as before"
    );
    desk.world.pay(&sheet.link, Channel::WechatPay);
    desk.world.restart(0).unwrap();
    desk.sync();
    desk.world.restart(0).unwrap();
    let order = desk.order(0, draft.order);
    assert_eq!(order.order.order.content.lines.len(), 5);
    assert_eq!(order.order.order.number, draft.number);
    assert_paid_by_channel(&order);
    desk.closes();
}
