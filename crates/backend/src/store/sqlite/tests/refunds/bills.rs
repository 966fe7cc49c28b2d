//! Refunds in a channel's bill, through the real database: matched by their number, asked about
//! while they are under way, and before a person once where they differ.

use super::*;
use crate::store::JobEnd;
use domain::Money;
use domain::bill::{BillOrigin, BillSummary, Found};
use domain::time::DAY_MS;
use gateways::bill::{Bill, BillKind, BillRow};
use jiff::civil::Date;
use std::sync::atomic::Ordering;

/// Matches a bill of that day that names the payment and these refunds, each with its fee.
fn billed(p: &Paid, day: Date, rows: &[(&Refund, i64)]) -> BillSummary {
    let payment = BillRow {
        line: 2,
        kind: BillKind::Payment,
        provider_no: p.record.provider_no.clone(),
        out_trade_no: p.record.out_trade_no.clone(),
        out_refund_no: None,
        at_ms: p.record.paid_at.0,
        gross_fen: p.record.gross_fen,
        fee_fen: fen(6),
    };
    let refunds = rows.iter().map(|(refund, fee)| BillRow {
        kind: BillKind::Refund,
        out_refund_no: refund.out_refund_no.clone(),
        gross_fen: refund.amount_fen,
        fee_fen: fen(*fee),
        ..payment.clone()
    });
    let rows: Vec<BillRow> = std::iter::once(payment.clone()).chain(refunds).collect();
    let bill = Bill {
        channel: p.record.channel,
        merchant_no: None,
        fee_fen: Money::sum(rows.iter().map(|row| row.fee_fen)).unwrap(),
        rows,
        warnings: Vec::new(),
    };
    let store = &p.world.store;
    let summary = store.reconcile_bill(&p.world.cx(), &bill, "M1", day, &BillOrigin::default());
    p.world.check();
    summary.unwrap()
}

/// Open attention items of bills.
fn differences(world: &World) -> Vec<String> {
    let items = world.store.attention(&world.cx()).unwrap();
    let open = items.into_iter().filter(|item| !item.done);
    let kinds = open.map(|item| item.kind);
    kinds.filter(|kind| kind.starts_with("bill_")).collect()
}

/// The work on refunds that is due now.
fn due(world: &World) -> Vec<String> {
    let jobs = world.store.claim_jobs(&world.cx(), "w", 50, 1_000).unwrap();
    let ours = jobs.into_iter().filter(|job| job.kind == JobKind::Refund);
    ours.map(|job| {
        let later = JobEnd::Again(world.env.now().plus_ms(DAY_MS));
        world.store.finish_job(&world.cx(), &job, later).unwrap();
        job.subject
    })
    .collect()
}

#[test]
fn a_refund_in_its_days_bill_matches_and_gives_its_fee_back_once() {
    let mut p = paid(Channel::WechatPay, 1_000);
    let day = p.world.env.now().business_day();
    let refund = p.sent(RefundFrom::Allocations, 300);
    assert_eq!(p.says(&refund, RefundEnd::Succeeded), RefundSettled::Done);
    for _ in 0..2 {
        let summary = billed(&p, day, &[]);
        assert_eq!(summary.count(Found::OnlyHere), 1);
        assert_eq!(differences(&p.world), ["bill_only_here"]);
    }
    let channel = p.record.channel;
    for _ in 0..2 {
        let summary = billed(&p, day, &[(&refund, -2)]);
        assert_eq!(summary.count(Found::Matched), 2, "{summary:?}");
        assert!(differences(&p.world).is_empty(), "it is mended");
        let fees = p.world.balance(&Account::Fees { channel });
        assert_eq!(fees.abs(), 6 - 2);
    }
    let more = Refund {
        amount_fen: fen(301),
        ..refund.clone()
    };
    billed(&p, day, &[(&more, -2)]);
    assert_eq!(differences(&p.world), ["bill_amount_differs"]);
    let strange = Refund {
        out_refund_no: Some("CONSOLE1".into()),
        ..refund.clone()
    };
    billed(&p, day, &[(&refund, -2), (&strange, 0)]);
    assert_eq!(differences(&p.world), ["bill_only_provider"]);
}

#[test]
fn a_refund_that_a_bill_names_before_the_channel_said_so_is_asked_about() {
    let mut p = paid(Channel::Alipay, 1_000);
    let day = p.world.env.now().business_day();
    let refund = p.sent(RefundFrom::Allocations, 300);
    due(&p.world);
    assert_eq!(billed(&p, day, &[]).count(Found::OnlyHere), 0);
    assert!(due(&p.world).is_empty(), "under way, and nothing names it");
    assert_eq!(
        billed(&p, day, &[(&refund, 0)]).count(Found::Matched),
        2,
        "under way is no difference"
    );
    assert_eq!(due(&p.world), [refund.id.to_string()]);
    assert_eq!(p.held(refund.id).state, RefundState::Sending);
    // It is heard of on the next day, whose bill does not name it again.
    p.world.env.now.fetch_add(DAY_MS, Ordering::SeqCst);
    assert_eq!(p.says(&refund, RefundEnd::Succeeded), RefundSettled::Done);
    let next = day.tomorrow().unwrap();
    assert_eq!(billed(&p, next, &[]).count(Found::OnlyHere), 0);
    assert!(differences(&p.world).is_empty());
    billed(&p, day, &[(&refund, 0)]);
    assert!(due(&p.world).is_empty(), "nothing is left to ask");
}

#[test]
fn a_failed_refund_in_a_bill_is_a_difference_until_the_channel_says_that_it_left() {
    let mut p = paid(Channel::WechatPay, 1_000);
    let day = p.world.env.now().business_day();
    let refund = p.sent(RefundFrom::Allocations, 300);
    assert_eq!(p.says(&refund, RefundEnd::Closed), RefundSettled::Failed);
    due(&p.world);
    assert_eq!(billed(&p, day, &[]).count(Found::OnlyHere), 0);
    billed(&p, day, &[(&refund, 0)]);
    assert_eq!(differences(&p.world), ["bill_amount_differs"]);
    assert_eq!(due(&p.world), [refund.id.to_string()]);
    assert_eq!(
        p.says(&refund, RefundEnd::Succeeded),
        RefundSettled::DoneLate
    );
    billed(&p, day, &[(&refund, 0)]);
    assert!(differences(&p.world).is_empty());
}
