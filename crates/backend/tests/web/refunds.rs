//! Refunds through the sandbox, by the production clients: asked for by one person, approved by
//! another, sent by the job, and heard of by answer, query or callback.

use crate::bills::{gateway, to_the_next_morning};
use crate::browser::{Browser, CHROME};
use crate::paying::{asked, opened, paid, pay_by_alipay, pay_by_wechat};
use crate::world::{Asked, Terminal, World};
use backend::jobs::run_due;
use domain::Money;
use domain::bill::{BillOrigin, BillType, Found};
use domain::channel::Channel;
use domain::collection::Allocation;
use domain::id::RefundId;
use domain::intent::TransactionRecord;
use domain::ledger::RefundFrom;
use domain::operation::{OpBody, RefundDecide, RefundRequest};
use domain::refund::{Refund, RefundState};
use domain::role::Role;
use domain::time::{DAY_MS, MINUTE_MS};
use gateways::{Answer, RefundOrder};
use sandbox::{ApiOperation, Faults, RefundStatus};
use std::collections::BTreeSet;
use wire::Env as _;
use wire::change::Doc;
use wire::verdict::VerdictKind;

/// An order paid by this wallet, with what the channel said of it.
async fn order_paid_by<'w>(
    world: &'w World,
    wallet: &str,
) -> (Terminal<'w>, Asked, TransactionRecord) {
    let (terminal, asked, link) = asked(world).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(world, &mut phone, &link, wallet).await;
    match wallet {
        "wechat" => pay_by_wechat(&mut phone, &page).await,
        _ => pay_by_alipay(&mut phone, &page).await,
    };
    run_due(&world.host).await.unwrap();
    world.env.forward(MINUTE_MS);
    run_due(&world.host).await.unwrap();
    paid(world, &asked).await;
    let docs = terminal.pull_all().await;
    let record = docs.into_iter().find_map(|doc| match doc {
        Doc::TransactionRecord(record) => Some(record),
        _ => None,
    });
    (terminal, asked, record.unwrap())
}

pub(crate) fn part(
    world: &World,
    asked: &Asked,
    record: &TransactionRecord,
    fen: i64,
) -> RefundRequest {
    let amount_fen = Money::from_fen(fen);
    RefundRequest {
        refund: RefundId(world.env.uuid()),
        transaction_record: record.id,
        channel: record.channel,
        collection: record.collection,
        subject: asked.order_number.clone(),
        distributor: record.distributor.unwrap(),
        distributor_name: String::new(),
        from: RefundFrom::Allocations,
        allocations: vec![Allocation {
            order: asked.order,
            amount_fen,
        }],
        amount_fen,
        reason: "退货".into(),
    }
}

/// Finance asks, a lead approves; answers the verdicts.
pub(crate) async fn ask_and_approve(
    world: &World,
    terminal: &Terminal<'_>,
    requests: Vec<RefundRequest>,
) -> Vec<VerdictKind> {
    let (finance, lead) = (world.staff(Role::Finance), world.staff(Role::FinanceLead));
    let mut verdicts = Vec::new();
    for chunk in requests.chunks(20) {
        let operations = chunk.iter().flat_map(|request| {
            let decide = RefundDecide {
                refund: request.refund,
                reason: String::new(),
            };
            [
                terminal.sign(finance, OpBody::RefundRequest(request.clone())),
                terminal.sign(lead, OpBody::RefundApprove(decide)),
            ]
        });
        let reply = terminal.push(operations.collect()).await;
        verdicts.extend(reply.verdicts.into_iter().map(|verdict| verdict.kind));
    }
    verdicts
}

pub(crate) fn refunds(world: &World) -> Vec<Refund> {
    world.store(|store, cx| store.refunds(cx)).unwrap()
}

fn balance(world: &World, account: &str) -> i64 {
    let rows = world.store(|store, cx| store.trial_balance(cx)).unwrap();
    let named = rows.iter().filter(|row| row.account.starts_with(account));
    named.map(|row| row.balance_fen.fen()).sum()
}

#[tokio::test]
async fn a_paid_order_is_partly_refunded_by_each_channel_and_the_books_end_right() {
    for wallet in ["wechat", "alipay"] {
        let world = World::with_sandbox().await;
        let (terminal, asked, record) = order_paid_by(&world, wallet).await;
        let paid = asked.amount.fen();
        let requests = vec![
            part(&world, &asked, &record, 100),
            part(&world, &asked, &record, 250),
        ];
        let verdicts = ask_and_approve(&world, &terminal, requests).await;
        assert!(verdicts.iter().all(VerdictKind::applied), "{verdicts:?}");
        assert_eq!(world.the_order(asked.order).paid_fen.fen(), paid - 350);
        assert_eq!(balance(&world, "refunding"), 350);
        world.audited();
        world.work();
        world
            .until("both refunds to be done", |store, cx| {
                let all = store.refunds(cx).unwrap();
                all.iter().all(|refund| refund.state == RefundState::Done)
            })
            .await;
        assert_eq!(balance(&world, "refunding"), 0);
        assert_eq!(balance(&world, "channel_clearing"), 350 - paid);
        assert_eq!(world.the_order(asked.order).paid_fen.fen(), paid - 350);
        // Only the original trade was touched, and by exactly as much.
        let trades = world.sandbox().orders();
        assert_eq!(trades.len(), 1);
        assert_eq!(trades[0].refunded_fen, 350, "{trades:?}");
        world.audited();
        // Terminals hear of it.
        let docs = terminal.pull_all().await;
        let told = docs
            .iter()
            .filter(|doc| matches!(doc, Doc::Refund(refund) if refund.state == RefundState::Done));
        assert_eq!(told.count(), 2);
        // The channel's bill of the day says the same.
        let day = world.host.now().business_day();
        to_the_next_morning(&world);
        let gateway = gateway(&world, record.channel);
        let bill = world
            .host
            .fetch_bill(&gateway, day, BillType::Trade, BillOrigin::default())
            .await
            .unwrap();
        assert_eq!((bill.summary.payments, bill.summary.refunds), (1, 2));
        assert_eq!(bill.summary.count(Found::Matched), 3, "{bill:?}");
        world.audited();
    }
}

#[tokio::test]
async fn fifty_partial_refunds_with_lost_answers_go_back_once_each() {
    let world = World::with_sandbox().await;
    let (terminal, asked, record) = order_paid_by(&world, "wechat").await;
    let paid = asked.amount.fen();
    let each = paid / 50;
    let amounts = (0..50).map(|n| if n == 49 { paid - each * 49 } else { each });
    let requests = amounts.map(|fen| part(&world, &asked, &record, fen));
    let verdicts = ask_and_approve(&world, &terminal, requests.collect()).await;
    assert!(verdicts.iter().all(VerdictKind::applied), "{verdicts:?}");
    let numbers = |world: &World| -> BTreeSet<String> {
        let all = refunds(world).into_iter();
        all.filter_map(|refund| refund.out_refund_no).collect()
    };
    let fixed = numbers(&world);
    assert_eq!(fixed.len(), 50);
    // Answers that took effect are lost, the channel stumbles, and no callback comes.
    world.sandbox().set_faults(Faults {
        timeout_after_taking: 30,
        status_500: 15,
        status_202: 5,
        drop_callback: 40,
        only: Some(ApiOperation::Refund),
        ..Faults::default()
    });
    let mut rounds = 0;
    while refunds(&world).iter().any(|r| r.state != RefundState::Done) {
        run_due(&world.host).await.unwrap();
        world.audited();
        world.env.forward(MINUTE_MS);
        rounds += 1;
        assert!(
            rounds < 10,
            "stuck for more than ten minutes: {:?}",
            refunds(&world)
        );
    }
    assert!(rounds > 1, "no answer was lost");
    assert_eq!(numbers(&world), fixed, "a number is kept over every retry");
    assert_eq!(world.sandbox().orders()[0].refunded_fen, paid);
    assert_eq!(balance(&world, "channel_clearing"), 0);
    assert_eq!(balance(&world, "refunding"), 0);
    assert_eq!(world.the_order(asked.order).paid_fen, Money::ZERO);
    world.audited();
    // Nothing is left to give back.
    let more = ask_and_approve(&world, &terminal, vec![part(&world, &asked, &record, 1)]).await;
    assert!(!more[0].applied() && !more[1].applied(), "{more:?}");
}

/// What somebody does in the channel's own console: a refund that nobody approved here.
async fn in_the_console(world: &World, record: &TransactionRecord, fen: i64) {
    let path = match record.channel {
        Channel::WechatPay => "wechat_pay",
        Channel::Alipay => "alipay",
    };
    let order = RefundOrder {
        out_trade_no: record.out_trade_no.clone(),
        out_refund_no: "CONSOLE001".into(),
        refund: Money::from_fen(fen),
        total: record.gross_fen,
        reason: "console".into(),
        notify_url: format!("{}/callbacks/{path}", world.public),
    };
    let gateways = world.host.gateways();
    let gateway = gateways.of_channel(record.channel).next().unwrap();
    let answer = gateway.refund(&order).await;
    assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
}

fn items(world: &World, kind: &str) -> usize {
    let all = world.store(|store, cx| store.attention(cx)).unwrap();
    all.iter().filter(|item| item.kind == kind).count()
}

#[tokio::test]
async fn what_the_channel_refuses_for_good_comes_back_and_finance_is_told() {
    for (wallet, patience_ms) in [("alipay", 0), ("wechat", DAY_MS)] {
        let world = World::with_sandbox().await;
        let (terminal, asked, record) = order_paid_by(&world, wallet).await;
        // So much has gone back already that the channel can't take this one.
        in_the_console(&world, &record, asked.amount.fen() - 50).await;
        let request = part(&world, &asked, &record, 100);
        let verdicts = ask_and_approve(&world, &terminal, vec![request]).await;
        assert!(verdicts.iter().all(VerdictKind::applied), "{verdicts:?}");
        run_due(&world.host).await.unwrap();
        if patience_ms > 0 {
            // WeChat Pay signs no refusal: it is borne for a day, and not for ever.
            assert_eq!(refunds(&world)[0].state, RefundState::Sending);
            world.env.forward(patience_ms);
            run_due(&world.host).await.unwrap();
        }
        let refund = refunds(&world).remove(0);
        assert_eq!(refund.state, RefundState::Failed, "{refund:?}");
        assert!(!refund.refused_for.is_empty());
        assert_eq!(items(&world, "refund_failed"), 1);
        assert_eq!(balance(&world, "refunding"), 0);
        assert_eq!(balance(&world, "unapplied"), 100);
        world.audited();
    }
}

#[tokio::test]
async fn a_refund_that_nobody_approved_is_told_once_and_moves_nothing() {
    let world = World::with_sandbox().await;
    let (_terminal, asked, record) = order_paid_by(&world, "wechat").await;
    world.work();
    world.sandbox().set_faults(Faults {
        repeat: 2,
        ..Faults::default()
    });
    in_the_console(&world, &record, 70).await;
    world
        .until("finance to be told", |store, cx| {
            let items = store.attention(cx).unwrap();
            items.iter().any(|item| item.kind == "unknown_refund")
        })
        .await;
    run_due(&world.host).await.unwrap();
    assert_eq!(items(&world, "unknown_refund"), 1);
    assert_eq!(refunds(&world), Vec::new());
    assert_eq!(world.the_order(asked.order).paid_fen, asked.amount);
    world.audited();
}

/// A merchant can settle a failed refund in the channel's own console: the money then leaves late.
#[tokio::test]
async fn a_refund_that_fails_and_then_succeeds_late_is_booked_both_times() {
    for end in ["closed", "abnormal"] {
        let world = World::with_sandbox().await;
        let (terminal, asked, record) = order_paid_by(&world, "wechat").await;
        let paid = asked.amount.fen();
        let mut faults = Faults::default();
        match end {
            "closed" => faults.refund_closed = 1,
            _ => faults.refund_abnormal = 1,
        }
        world.sandbox().set_faults(faults);
        let request = part(&world, &asked, &record, 100);
        let verdicts = ask_and_approve(&world, &terminal, vec![request]).await;
        assert!(verdicts.iter().all(VerdictKind::applied), "{verdicts:?}");
        world.work();
        world
            .until("the refund to have failed", |store, cx| {
                store.refunds(cx).unwrap()[0].state == RefundState::Failed
            })
            .await;
        assert_eq!(items(&world, "refund_failed"), 1, "{end}");
        assert_eq!(
            (balance(&world, "refunding"), balance(&world, "unapplied")),
            (0, 100)
        );
        assert_eq!(balance(&world, "channel_clearing"), -paid);
        world.audited();

        let number = refunds(&world)[0].out_refund_no.clone().unwrap();
        assert!(world.sandbox().end_refund(&number, RefundStatus::Success));
        world
            .until("the late success to be booked", |store, cx| {
                store.refunds(cx).unwrap()[0].state == RefundState::Done
            })
            .await;
        assert_eq!(items(&world, "late_refund"), 1, "{end}");
        // Out of where the failure put it: nobody can spend it a second time.
        assert_eq!(
            (balance(&world, "refunding"), balance(&world, "unapplied")),
            (0, 0)
        );
        assert_eq!(balance(&world, "channel_clearing"), 100 - paid);
        assert_eq!(world.the_order(asked.order).paid_fen.fen(), paid - 100);
        world.audited();
    }
}
