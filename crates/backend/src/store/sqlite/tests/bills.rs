//! A bill through the real database: fees land once, differences stand before a person once, and
//! everything stays in balance.

use crate::facts::JobKind;
use crate::store::{Act, Store as _};
use crate::testing::{START, World, distributor, evidence, fen, staff};
use domain::Timestamp;
use domain::bill::{BillKey, BillOrigin, BillSummary, BillType, Found};
use domain::channel::Channel;
use domain::id::TerminalId;
use domain::ledger::Account;
use gateways::EvidenceRecord;
use gateways::bill::{Bill, BillKind, BillRow, Flow, FlowBill, FlowKind};
use jiff::civil::Date;

const WECHAT: Channel = Channel::WechatPay;

fn day() -> Date {
    Timestamp(START).business_day()
}

/// A world with one paid intent of 1,000.00 and what the channel says of it.
fn paid() -> (World, EvidenceRecord) {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), 100_000);
    let (intent, _) = desk.ask(&world, distributor(1), Some(order), 100_000);
    let attempt = world.attempt(intent, WECHAT);
    world.pay(&attempt);
    (world, evidence(&attempt, 1))
}

fn row(proof: &EvidenceRecord, fee: i64) -> BillRow {
    BillRow {
        line: 2,
        kind: BillKind::Payment,
        provider_no: proof.provider_no.clone(),
        out_trade_no: proof.out_trade_no.clone(),
        out_refund_no: None,
        at_ms: START,
        gross_fen: proof.amount_fen,
        fee_fen: fen(fee),
    }
}

fn bill(rows: Vec<BillRow>) -> Bill {
    Bill {
        channel: WECHAT,
        merchant_no: None,
        fee_fen: domain::Money::sum(rows.iter().map(|row| row.fee_fen)).unwrap(),
        rows,
        warnings: Vec::new(),
    }
}

fn reconcile(world: &World, proof: &EvidenceRecord, bill: &Bill, day: Date) -> BillSummary {
    let summary = world.store.reconcile_bill(
        &world.cx(),
        bill,
        &proof.merchant_no,
        day,
        &BillOrigin::default(),
    );
    world.check();
    summary.unwrap()
}

fn key(proof: &EvidenceRecord, day: Date, bill: BillType) -> BillKey {
    BillKey {
        channel: WECHAT,
        merchant_no: proof.merchant_no.clone(),
        day,
        bill,
    }
}

/// Open attention items that a bill made.
fn open(world: &World) -> Vec<String> {
    let items = world.store.attention(&world.cx()).unwrap();
    let open = items.into_iter().filter(|item| !item.done);
    let kinds = open.map(|item| item.kind);
    kinds
        .filter(|kind| kind.starts_with("bill_") || kind.starts_with("flow_"))
        .collect()
}

fn fees(world: &World) -> i64 {
    world.balance(&Account::Fees { channel: WECHAT })
}

#[test]
fn a_fee_lands_on_the_record_and_in_the_books_once() {
    let (world, proof) = paid();
    let mut desk = world.enrol("T02");
    let one = bill(vec![row(&proof, 600)]);
    assert!(world.store.unbooked(&world.cx(), &one).unwrap().is_empty());
    for _ in 0..3 {
        let summary = reconcile(&world, &proof, &one, day());
        assert_eq!(summary.count(Found::Matched), 1);
        assert_eq!(summary.net_fen(), Some(fen(100_000 - 600)));
        assert_eq!(fees(&world).abs(), 600);
        assert!(open(&world).is_empty());
    }
    desk.pull_all(&world);
    let told = desk.seen.iter().rev().find_map(|change| match &change.doc {
        wire::change::Doc::TransactionRecord(record) => Some(record.fee_fen),
        _ => None,
    });
    assert_eq!(told, Some(Some(fen(600))), "terminals learn the fee");
    // Another bill with another fee changes nothing and is put before a person.
    let other = bill(vec![row(&proof, 500)]);
    let summary = reconcile(&world, &proof, &other, day());
    assert_eq!(summary.count(Found::FeeDiffers), 1);
    assert_eq!(
        (fees(&world).abs(), open(&world)),
        (600, vec!["bill_fee_differs".to_owned()])
    );
    reconcile(&world, &proof, &one, day());
    assert!(open(&world).is_empty(), "the first bill again is in order");
}

#[test]
fn a_difference_stands_before_a_person_once_and_leaves_when_it_is_mended() {
    let (world, proof) = paid();
    let empty = bill(vec![]);
    for _ in 0..2 {
        let summary = reconcile(&world, &proof, &empty, day());
        assert_eq!(summary.count(Found::OnlyHere), 1);
        assert_eq!(open(&world), ["bill_only_here"]);
    }
    let mut less = row(&proof, 600);
    less.gross_fen = fen(99_999);
    reconcile(&world, &proof, &bill(vec![less]), day());
    assert_eq!(
        (open(&world), fees(&world)),
        (vec!["bill_amount_differs".to_owned()], 0)
    );
    let mut stranger = row(&proof, 30);
    stranger.provider_no = "4200".into();
    stranger.out_trade_no = "SHOP1".into();
    let both = bill(vec![row(&proof, 600), stranger]);
    assert_eq!(world.store.unbooked(&world.cx(), &both).unwrap(), ["SHOP1"]);
    let summary = reconcile(&world, &proof, &both, day());
    assert_eq!(
        (
            summary.count(Found::Matched),
            summary.count(Found::OnlyProvider)
        ),
        (1, 1)
    );
    assert_eq!(open(&world), ["bill_only_provider"]);
    assert_eq!(
        fees(&world).abs(),
        600,
        "no fee of money that is not booked"
    );
}

#[test]
fn a_trade_at_midnight_may_stand_in_the_next_days_bill() {
    let (world, proof) = paid();
    reconcile(&world, &proof, &bill(vec![]), day());
    assert_eq!(open(&world), ["bill_only_here"]);
    let next = day().tomorrow().unwrap();
    reconcile(&world, &proof, &bill(vec![row(&proof, 600)]), next);
    assert!(open(&world).is_empty(), "the neighbour's bill mends it");
    let summary = reconcile(&world, &proof, &bill(vec![]), day());
    assert_eq!(summary.count(Found::OnlyHere), 0);
    let known = |day| {
        world
            .store
            .bill_matched(&world.cx(), &key(&proof, day, BillType::Trade))
    };
    assert!(known(day()).unwrap() && known(next).unwrap());
    assert!(!known(next.tomorrow().unwrap()).unwrap());
}

#[test]
fn another_account_or_channel_is_not_matched_with_these_records() {
    let (world, proof) = paid();
    let cx = world.cx();
    let other =
        world
            .store
            .reconcile_bill(&cx, &bill(vec![]), "other", day(), &BillOrigin::default());
    assert_eq!(other.unwrap().count(Found::OnlyHere), 0);
    let mut alipay = bill(vec![]);
    alipay.channel = Channel::Alipay;
    let summary = reconcile(&world, &proof, &alipay, day());
    assert_eq!(summary.count(Found::OnlyHere), 0);
    let jobs = world.store.summary(&cx).unwrap().jobs;
    let (at, subject) = (Timestamp(START), "wechat_pay:1");
    for _ in 0..2 {
        world
            .store
            .put_job(&cx, JobKind::Bill, subject, at)
            .unwrap();
    }
    assert_eq!(world.store.summary(&cx).unwrap().jobs, jobs + 1);
}

fn flow(kind: FlowKind, proof: &EvidenceRecord, amount: i64) -> Flow {
    Flow {
        line: 2,
        kind,
        name: "交易".into(),
        business_no: proof.provider_no.clone(),
        flow_no: format!("1900{amount}"),
        voucher: proof.out_trade_no.clone(),
        at_ms: START,
        amount_fen: fen(amount),
        balance_fen: fen(500_000),
    }
}

#[test]
fn a_flow_that_the_trade_bill_does_not_explain_stands_before_a_person_until_it_does() {
    let (world, proof) = paid();
    let origin = BillOrigin::default();
    let match_flows = |flows: Vec<Flow>| {
        let bill = FlowBill {
            flows,
            ..FlowBill::default()
        };
        let key = key(&proof, day(), BillType::FundFlow);
        let summary = world
            .store
            .reconcile_flows(&world.cx(), &bill, &key, &origin);
        world.check();
        summary.unwrap()
    };
    reconcile(&world, &proof, &bill(vec![row(&proof, 600)]), day());
    let mut all = vec![
        flow(FlowKind::Payment, &proof, 100_000),
        flow(FlowKind::Fee, &proof, -600),
        flow(FlowKind::Other, &proof, -50_000),
    ];
    for _ in 0..2 {
        let summary = match_flows(all.clone());
        assert_eq!(
            (summary.count(Found::Matched), summary.count(Found::Other)),
            (2, 1)
        );
        assert!(open(&world).is_empty());
    }
    all[1].amount_fen = fen(-601);
    for _ in 0..2 {
        match_flows(all.clone());
        assert_eq!(open(&world), ["flow_fee_differs"]);
    }
    match_flows(vec![]);
    assert_eq!(open(&world), ["flow_missing"; 2]);
    let mut strange = flow(FlowKind::Refund, &proof, -10);
    strange.voucher = "SHOP1".into();
    all.push(strange);
    all[1].amount_fen = fen(-600);
    match_flows(all);
    assert_eq!(open(&world), ["flow_unexplained"]);
    assert_eq!(fees(&world).abs(), 600, "flows book nothing");
}

#[test]
fn finance_sees_each_sum_and_sales_sees_none() {
    let (world, proof) = paid();
    reconcile(&world, &proof, &bill(vec![]), day());
    let view = |role| {
        let mut staff = staff().into_iter();
        let act = Act {
            staff: staff.find(|one| one.role == role).unwrap().id,
            terminal: TerminalId(1),
        };
        let key = key(&proof, day(), BillType::Trade);
        world.store.bill_view(&world.cx(), act, &key)
    };
    let seen = view(domain::role::Role::Finance).unwrap();
    let summary = seen.entry.matched.unwrap();
    assert_eq!(
        (summary.open, summary.summary.count(Found::OnlyHere)),
        (1, 1)
    );
    assert_eq!(seen.items.len(), 1);
    let item = &seen.items[0];
    assert_eq!((item.found, item.open), (Found::OnlyHere, Some(true)));
    assert_eq!(item.here_fen, Some(proof.amount_fen));
    assert_eq!(item.number, proof.out_trade_no);
    assert!(view(domain::role::Role::Sales).is_err());
    assert!(view(domain::role::Role::Admin).is_err());
}
