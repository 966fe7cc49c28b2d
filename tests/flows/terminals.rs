//! A terminal is lost with work on it that was never sent: revoked, its work comes all the same,
//! waits for finance, and takes effect once somebody has released it.

use crate::desk::Desk;
use backend::store::Act;
use domain::code::Code;
use domain::id::TerminalId;
use domain::order::OrderState;
use domain::terminal::{ReviewCause, ReviewDecision};
use serde_json::{Value, json};
use terminal::api::orders::OrderDetail;
use testkit::company;

const FINANCE: usize = 2;
const ADMIN: usize = 4;

fn act(staff: usize) -> Act {
    Act {
        staff: company::staff(staff),
        terminal: TerminalId(0),
    }
}

#[test]
fn unsent_work_of_a_revoked_terminal_waits_and_once_released_stands_at_the_other_terminal() {
    let mut desk = Desk::open();
    desk.sync();
    desk.world.work_offline(0, true).expect("it is allowed");
    let distributor = desk.distributor(0, "cqyz");
    let draft = desk.draft(0, distributor, &[("P001", 2)]);
    let order = desk.f12(0, draft.order).order.order;
    let code = order.number[..3].to_owned();
    let revoked = desk
        .world
        .backend()
        .act(|store, cx| store.revoke_by(cx, act(ADMIN), &code, "电脑丢失"));
    revoked.expect("an administrator may");

    desk.world.work_offline(0, false).expect("it is allowed");
    // It hands over what it has, and hears nothing of the company any more.
    desk.world.sync().expect_err("it never catches up");
    let view = desk
        .world
        .backend()
        .act(|store, cx| store.under_review(cx, act(FINANCE)));
    let view = view.expect("finance may look");
    let [work] = view.work.as_slice() else {
        panic!("{view:?}")
    };
    assert_eq!(
        (work.cause, work.staff),
        (ReviewCause::Revoked, order.staff)
    );
    let says = work.content.clone().expect("it is readable");
    assert_eq!(
        (says.number, says.amount_fen),
        (order.number.clone(), Some(order.total_fen))
    );
    let outbox: Value = desk.call(0, "outbox_list", json!({}));
    let held = &outbox[0]["operation"];
    assert_eq!(held["verdict"], "blocked");
    assert_eq!(held["pending"], true);
    desk.world.work_offline(0, true).expect("it is allowed");
    desk.sync();
    let unknown = desk.refused(1, "order_detail", json!({ "order": order.id }));
    assert!(matches!(unknown, Code::NotFound { .. }), "{unknown:?}");

    let released = desk.world.backend().act(|store, cx| {
        let release = ReviewDecision::Release;
        store.review(cx, act(FINANCE), work.op, &release)
    });
    released.expect("finance releases it");
    desk.sync();
    let seen: OrderDetail = desk.order(1, order.id);
    let seen = seen.order.order;
    assert_eq!(
        (seen.state, seen.staff),
        (OrderState::Confirmed, order.staff)
    );
    assert_eq!(
        (seen.number, seen.total_fen),
        (order.number, order.total_fen)
    );
}
