//! Money that goes back, as people do it: sales asks, somebody else approves, and the screen says
//! what waits for whom.

use crate::desk::Desk;
use domain::channel::Channel;
use domain::code::Code;
use domain::ledger::RefundFrom;
use domain::order::PaymentState;
use domain::refund::RefundState;
use domain::role::Role;
use domain::{Money, id::RefundId};
use serde_json::{Value, json};
use terminal::api::refunds::{RefundKey, RefundOptions};
use terminal::ledger::views::{Deciding, RefundView};

fn waiting(desk: &mut Desk, at: usize) -> Vec<RefundView> {
    let input = json!({ "waiting_only": true, "before": null, "limit": 20 });
    desk.call(at, "refund_list", input)
}

fn the_refund(desk: &mut Desk, at: usize, id: RefundId) -> RefundView {
    let input = json!({ "waiting_only": false, "before": null, "limit": 20 });
    let all: Vec<RefundView> = desk.call(at, "refund_list", input);
    let found = all.into_iter().find(|view| view.refund.id == id);
    found.expect("the refund is listed")
}

#[test]
fn a_part_of_a_paid_order_is_asked_for_by_one_and_approved_by_another() {
    let mut desk = Desk::open();
    let distributor = desk.distributor(0, "cqyz");
    let draft = desk.draft(0, distributor, &[("P004", 3)]);
    let sheet = desk.f9(0, draft.order);
    desk.sync();
    desk.world.pay(&sheet.link, Channel::WechatPay);
    desk.sync();
    let order = desk.order(0, draft.order);
    let collection = order.collections[0].collection.clone();
    let key = json!({ "collection": collection.id });
    let options: RefundOptions = desk.call(0, "refund_options", key.clone());
    let [choice] = options.choices.as_slice() else {
        panic!("{options:?}")
    };
    assert_eq!(choice.from, RefundFrom::Allocations);
    assert_eq!(choice.order, Some(draft.order));
    assert_eq!(choice.max_fen, collection.amount_fen);

    let ask = |fen: i64, reason: &str| {
        json!({
            "transaction_record": collection.transaction_record, "from": "allocations",
            "allocations": [{ "order": draft.order, "amount_fen": fen.to_string() }],
            "amount_fen": fen.to_string(), "reason": reason,
        })
    };
    let more = collection.amount_fen.fen() + 1;
    let refused = desk.refused(0, "refund_request", ask(more, "x"));
    let left_fen = collection.amount_fen.fen().to_string();
    assert_eq!(refused, Code::RefundTooLarge { left_fen });
    let silent = desk.refused(0, "refund_request", ask(100, " "));
    assert!(matches!(silent, Code::BadField { .. }), "{silent:?}");
    let asked: RefundKey = desk.call(0, "refund_request", ask(100, "退货"));
    let id = json!({ "refund": asked.refund });
    let refused = desk.refused(0, "refund_approve", id.clone());
    assert_eq!(refused, Code::NotAllowed { role: Role::Sales });
    desk.sync();

    assert_eq!(waiting(&mut desk, 2).len(), 1);
    let lead = desk.refused(2, "refund_request", ask(100, "x"));
    let role = Role::FinanceLead;
    assert_eq!(lead, Code::NotAllowed { role });
    let _: Value = desk.call(2, "refund_approve", id.clone());
    let still = the_refund(&mut desk, 2, asked.refund);
    assert_eq!(still.refund.state, RefundState::Requested);
    assert_eq!(
        still.deciding,
        Some(Deciding::Confirm),
        "waiting is no money"
    );
    let again = desk.refused(2, "refund_approve", id);
    assert_eq!(again, Code::AlreadyDecided);
    let before = desk.order(0, draft.order).order.order.paid_fen;
    assert_eq!(before, collection.amount_fen);
    desk.sync();

    for at in [0, 2] {
        let approved = the_refund(&mut desk, at, asked.refund);
        assert_eq!(approved.refund.state, RefundState::Approved);
        assert!(approved.refund.out_refund_no.is_some() && approved.deciding.is_none());
        let order = desk.order(at, draft.order);
        assert_eq!(order.order.owed_fen, Money::from_fen(100));
        assert_eq!(order.order.payment_state, PaymentState::PartlyPaid);
    }
    let options: RefundOptions = desk.call(0, "refund_options", key);
    assert_eq!(
        options.choices[0].max_fen.fen(),
        collection.amount_fen.fen() - 100
    );
    assert_eq!(options.refunds.len(), 1);
    desk.closes();
}

#[test]
fn cash_offers_no_way_back_through_a_channel() {
    let mut desk = Desk::open();
    let distributor = desk.distributor(0, "D003");
    let draft = desk.draft(0, distributor, &[("P004", 3)]);
    let order = desk.f12(0, draft.order);
    let collection = desk.takes_cash(0, &order);
    desk.sync();
    let key = json!({ "collection": collection });
    let _: Value = desk.call(2, "collection_confirm", key.clone());
    desk.sync();
    let options: RefundOptions = desk.call(0, "refund_options", key);
    assert_eq!(options.transaction_record, None);
    assert!(options.choices.is_empty());
    desk.closes();
}
