//! Money without a home, as finance gives it one: one person proposes, another approves, and the
//! order's story says who did.

use crate::desk::Desk;
use domain::code::Code;
use domain::id::MatchId;
use domain::money_match::{MatchFrom, MatchState, MatchTo};
use domain::order::PaymentState;
use domain::role::Role;
use serde_json::{Value, json};
use terminal::api::matches::{MatchKey, MatchRow, OpenKind, OpenMoney};
use terminal::ledger::views::Deciding;
use testkit::company::staff;

const FINANCE: usize = 2;
const LEAD: usize = 3;

fn the_match(desk: &mut Desk, at: usize, id: MatchId) -> MatchRow {
    let input = json!({ "waiting_only": false, "before": null, "limit": 20 });
    let all: Vec<MatchRow> = desk.call(at, "match_list", input);
    let found = all.into_iter().find(|row| row.view.money_match.id == id);
    found.expect("the match is listed")
}

#[test]
fn the_money_of_a_cancelled_order_pays_another_by_two_peoples_word() {
    let mut desk = Desk::open();
    let distributor = desk.distributor(0, "D003");
    let first = desk.draft(0, distributor, &[("P004", 3)]);
    let first = desk.f12(0, first.order);
    let collection = desk.takes_cash(0, &first);
    desk.sync();
    let _: Value = desk.call(2, "collection_confirm", json!({ "collection": collection }));
    let second = desk.draft(0, distributor, &[("P004", 2)]);
    let second = desk.f12(0, second.order).order.order;
    desk.sync();
    let cancel = json!({ "order": first.order.order.id, "reason": "客户不要了" });
    let _: Value = desk.call(0, "order_cancel", cancel);
    desk.sync();

    // A seller sees none of it.
    let refused = desk.refused(0, "open_money", json!({}));
    assert_eq!(refused, Code::NotAllowed { role: Role::Sales });
    desk.world.unlock(2, staff(FINANCE));
    let open: Vec<OpenMoney> = desk.call(2, "open_money", json!({}));
    let [money] = open.as_slice() else {
        panic!("{open:?}")
    };
    assert_eq!((money.kind, money.waiting), (OpenKind::Unapplied, false));
    assert_eq!(money.amount_fen, first.order.order.total_fen);
    let propose = |fen: i64| {
        json!({
            "from": MatchFrom::Unapplied { collection }, "to": MatchTo::Orders,
            "distributor": distributor, "amount_fen": fen.to_string(), "reason": "客户改订",
            "allocations": [{ "order": second.id, "amount_fen": fen.to_string() }],
        })
    };
    let more = money.amount_fen.fen() + 1;
    let left_fen = money.amount_fen.fen().to_string();
    let refused = desk.refused(2, "match_propose", propose(more));
    assert_eq!(refused, Code::MatchTooLarge { left_fen });
    let owed = second.total_fen.fen();
    let made: MatchKey = desk.call(2, "match_propose", propose(owed));
    let key = json!({ "money_match": made.money_match });
    let role = Role::Finance;
    let refused = desk.refused(2, "match_approve", key.clone());
    assert_eq!(refused, Code::NotAllowed { role });
    let open: Vec<OpenMoney> = desk.call(2, "open_money", json!({}));
    assert!(open[0].waiting);
    desk.sync();

    desk.world.unlock(2, staff(LEAD));
    let row = the_match(&mut desk, 2, made.money_match);
    assert_eq!(row.order_numbers, [second.number.as_str()]);
    let _: Value = desk.call(2, "match_approve", key.clone());
    let row = the_match(&mut desk, 2, made.money_match);
    assert_eq!(row.view.deciding, Some(Deciding::Confirm));
    assert_eq!(row.view.money_match.state, MatchState::Proposed);
    let again = desk.refused(2, "match_approve", key);
    assert_eq!(again, Code::AlreadyDecided);
    let still = desk.order(2, second.id).order;
    assert_eq!(
        still.payment_state,
        PaymentState::Unpaid,
        "waiting is no money"
    );
    desk.sync();

    let paid = desk.order(0, second.id);
    assert_eq!(paid.order.payment_state, PaymentState::Paid);
    let kinds: Vec<&str> = paid.timeline.iter().map(|one| one.kind.as_str()).collect();
    assert!(kinds.contains(&"match_propose") && kinds.contains(&"match_approve"));
    let row = the_match(&mut desk, 2, made.money_match);
    assert_eq!(row.view.money_match.state, MatchState::Approved);
    let open: Vec<OpenMoney> = desk.call(2, "open_money", json!({}));
    let rest = first.order.order.total_fen.fen() - owed;
    assert_eq!(open[0].amount_fen.fen(), rest);
    desk.closes();
}

#[test]
fn an_item_is_closed_by_finance_with_a_reason_and_goes_from_every_list() {
    let mut desk = Desk::open();
    let distributor = desk.distributor(0, "D003");
    let draft = desk.draft(0, distributor, &[("P004", 3)]);
    let order = desk.f12(0, draft.order).order.order.id;
    desk.sync();
    // Both cancel it; the second hears that it was done.
    let cancel = json!({ "order": order, "reason": "x" });
    let _: Value = desk.call(0, "order_cancel", cancel.clone());
    let _: Value = desk.call(1, "order_cancel", cancel);
    desk.sync();
    desk.world.unlock(2, staff(FINANCE));
    let items: Vec<Value> = desk.call(2, "attention_list", json!({}));
    let [item] = items.as_slice() else {
        panic!("{items:?}")
    };
    let close = |reason: &str| json!({ "attention": item["id"], "reason": reason });
    let silent = desk.refused(2, "attention_close", close(" "));
    assert!(matches!(silent, Code::BadField { .. }), "{silent:?}");
    let _: Value = desk.call(2, "attention_close", close("两人都点了作废"));
    let items: Vec<Value> = desk.call(2, "attention_list", json!({}));
    assert_eq!(items[0]["closing"], true);
    let again = desk.refused(2, "attention_close", close("x"));
    assert_eq!(again, Code::AlreadyDecided);
    desk.sync();
    let items: Vec<Value> = desk.call(2, "attention_list", json!({}));
    assert_eq!(items, Vec::<Value>::new());
    desk.closes();
}
