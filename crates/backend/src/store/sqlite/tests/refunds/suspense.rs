//! What a refund that succeeded after it had failed left in suspense: covered by two people's word out
//! of the distributor's own money, never beyond it, and open before them until then.

use super::*;
use domain::id::MatchId;
use domain::money_match::{MatchFrom, MatchTo};
use domain::operation::{AttentionClose, MatchDecide, MatchPropose};

/// 600 stand in suspense; the collection has 600 unapplied.
fn late() -> Paid {
    let mut p = paid(Channel::WechatPay, 1_000);
    let first = p.sent(RefundFrom::Allocations, 700);
    assert_eq!(p.says(&first, RefundEnd::Closed), RefundSettled::Failed);
    let second = p.sent(RefundFrom::Unapplied, 600);
    let late = p.says(&first, RefundEnd::Succeeded);
    assert_eq!(late, RefundSettled::DoneLate);
    assert_eq!(p.says(&second, RefundEnd::Closed), RefundSettled::Failed);
    assert_eq!((p.balance(unapplied), p.balance(suspense)), (600, -600));
    p
}

fn cover(p: &Paid, from: MatchFrom, amount: i64) -> MatchPropose {
    MatchPropose {
        money_match: MatchId(p.world.env.uuid()),
        from,
        to: MatchTo::Suspense,
        subject: String::new(),
        distributor: distributor(1),
        distributor_name: String::new(),
        allocations: Vec::new(),
        amount_fen: fen(amount),
        reason: "退款已到账".into(),
    }
}

fn covered(p: &mut Paid, from: MatchFrom, amount: i64) {
    let body = cover(p, from, amount);
    let decide = MatchDecide {
        money_match: body.money_match,
        reason: String::new(),
    };
    let proposed = p.act(FINANCE, OpBody::MatchPropose(body));
    assert_eq!(proposed, VerdictKind::Applied);
    let approved = p.act(LEAD, OpBody::MatchApprove(decide));
    assert_eq!(approved, VerdictKind::Applied);
    p.world.check();
}

fn refused(p: &mut Paid, from: MatchFrom, amount: i64, left: i64) {
    let body = cover(p, from, amount);
    let reason = Code::MatchTooLarge {
        left_fen: left.to_string(),
    };
    let verdict = p.act(FINANCE, OpBody::MatchPropose(body));
    assert_eq!(verdict, rejected(reason));
}

fn rest_of(p: &Paid) -> MatchFrom {
    MatchFrom::Unapplied {
        collection: p.record.collection.unwrap(),
    }
}

fn closed(p: &Paid) -> bool {
    let all = p.world.store.attention(&p.world.cx()).unwrap();
    let mut all = all.iter();
    all.any(|item| item.kind == "late_refund" && item.done)
}

#[test]
fn the_collections_rest_covers_it_and_the_item_closes_with_the_last_fen() {
    let mut p = late();
    let all = p.world.store.attention(&p.world.cx()).unwrap();
    let item = all.iter().find(|item| item.kind == "late_refund").unwrap();
    let close = OpBody::AttentionClose(AttentionClose {
        attention: item.id,
        reason: "x".into(),
    });
    let open = Code::MoneyStillOpen {
        open_fen: "600".into(),
    };
    assert_eq!(p.act(FINANCE, close), rejected(open));
    let from = rest_of(&p);
    covered(&mut p, from, 400);
    assert_eq!((p.balance(unapplied), p.balance(suspense)), (200, -200));
    assert!(!closed(&p));
    covered(&mut p, from, 200);
    assert_eq!((p.balance(unapplied), p.balance(suspense)), (0, 0));
    assert!(closed(&p));
    refused(&mut p, from, 1, 0);
}

#[test]
fn the_deposit_covers_it_as_far_as_it_is_available_and_never_beyond_it() {
    let mut p = late();
    refused(&mut p, MatchFrom::Deposit, 1, 0);
    p.desk.top_up(&p.world, distributor(1), 500);
    refused(&mut p, MatchFrom::Deposit, 501, 500);
    covered(&mut p, MatchFrom::Deposit, 500);
    p.desk.top_up(&p.world, distributor(1), 500);
    refused(&mut p, MatchFrom::Deposit, 101, 100);
    covered(&mut p, MatchFrom::Deposit, 100);
    assert_eq!((p.balance(unapplied), p.balance(suspense)), (600, 0));
    assert!(closed(&p));
}
