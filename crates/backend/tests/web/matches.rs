//! Money without a home, from the channel's wire to its home: proposed by one person, approved by
//! another, or freed by a finance lead, and given back from there like any other.

use crate::browser::{Browser, CHROME};
use crate::paying::{asked, opened, pay_by_wechat};
use crate::refunds::{ask_and_approve, refunds};
use crate::world::{Terminal, World};
use backend::jobs::run_due;
use domain::Money;
use domain::code::Code;
use domain::collection::Allocation;
use domain::id::{MatchId, RefundId};
use domain::intent::TransactionRecord;
use domain::ledger::RefundFrom;
use domain::money_match::{Concern, MatchFrom, MatchTo};
use domain::operation::{
    AttentionClose, HeldMoneyFree, MatchDecide, MatchPropose, OpBody, RefundRequest,
};
use domain::order::PaymentState;
use domain::refund::RefundState;
use domain::role::Role;
use domain::time::MINUTE_MS;
use sandbox::Faults;
use wire::Env as _;
use wire::change::Doc;
use wire::verdict::VerdictKind;

async fn act(world: &World, terminal: &Terminal<'_>, role: Role, body: OpBody) -> VerdictKind {
    let signed = terminal.sign(world.staff(role), body);
    let mut reply = terminal.push(vec![signed]).await;
    reply.verdicts.remove(0).kind
}

async fn the_record(terminal: &Terminal<'_>) -> TransactionRecord {
    let docs = terminal.pull_all().await;
    let records = docs.into_iter().rev().filter_map(|doc| match doc {
        Doc::TransactionRecord(record) => Some(record),
        _ => None,
    });
    records.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_wrong_amount_pays_its_order_once_two_people_say_so() {
    let world = World::with_sandbox().await;
    world.sandbox().set_faults(Faults {
        wrong_amount: 1,
        wrong_amount_by_fen: 7,
        repeat: 1,
        ..Faults::default()
    });
    world.work();
    let (terminal, asked, link) = asked(&world).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "wechat").await;
    pay_by_wechat(&mut phone, &page).await;
    world
        .until("the item", |store, cx| {
            let items = store.attention(cx).unwrap();
            items.iter().any(|item| item.kind == "wrong_amount")
        })
        .await;
    let record = the_record(&terminal).await;
    assert_eq!(record.gross_fen.fen(), asked.amount.fen() + 7);
    let items = world.store(|store, cx| store.attention(cx)).unwrap();
    let [item] = items.as_slice() else {
        panic!("{items:?}")
    };
    assert_eq!(item.concern, Some(Concern::TransactionRecord(record.id)));
    let order = world.the_order(asked.order);
    assert_eq!(item.distributor, Some(order.content.distributor));
    // No word closes it while the money is nobody's.
    let close = OpBody::AttentionClose(AttentionClose {
        attention: item.id,
        reason: "x".into(),
    });
    let open = Code::MoneyStillOpen {
        open_fen: record.gross_fen.fen().to_string(),
    };
    assert_eq!(
        act(&world, &terminal, Role::Finance, close).await,
        VerdictKind::Rejected { reason: open }
    );
    let propose = MatchPropose {
        money_match: MatchId(world.env.uuid()),
        from: MatchFrom::Unidentified {
            transaction_record: record.id,
        },
        to: MatchTo::Orders,
        subject: String::new(),
        distributor: order.content.distributor,
        distributor_name: String::new(),
        allocations: vec![Allocation {
            order: asked.order,
            amount_fen: asked.amount,
        }],
        amount_fen: record.gross_fen,
        reason: "付款人来电确认".into(),
    };
    let approve = OpBody::MatchApprove(MatchDecide {
        money_match: propose.money_match,
        reason: String::new(),
    });
    let propose = OpBody::MatchPropose(propose);
    let proposed = act(&world, &terminal, Role::Finance, propose).await;
    assert_eq!(proposed, VerdictKind::Applied);
    let (first, second) = (
        act(&world, &terminal, Role::FinanceLead, approve.clone()).await,
        act(&world, &terminal, Role::FinanceLead, approve).await,
    );
    assert_eq!(first, VerdictKind::Applied);
    let reason = Code::AlreadyDecided;
    assert_eq!(second, VerdictKind::Rejected { reason });
    let paid = world.the_order(asked.order);
    assert_eq!(paid.payment_state(), PaymentState::Paid);
    let [held] = world
        .store(|store, cx| store.collections(cx))
        .unwrap()
        .try_into()
        .unwrap();
    let held: domain::collection::PaymentCollection = held;
    assert_eq!(held.unapplied_fen, Money::from_fen(7));
    let items = world.store(|store, cx| store.attention(cx)).unwrap();
    assert!(items.iter().any(|held| held.id == item.id && held.done));
    world.audited();
}

#[tokio::test]
async fn held_money_is_freed_by_a_lead_and_goes_back_by_its_channel() {
    let world = World::with_sandbox().await;
    let terminal = world.enrolled("T07").await;
    let asked = terminal.ask(false).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &asked.signed_link, "wechat").await;
    pay_by_wechat(&mut phone, &page).await;
    for _ in 0..2 {
        run_due(&world.host).await.unwrap();
        world.env.forward(MINUTE_MS);
    }
    let record = the_record(&terminal).await;
    assert_eq!(
        (record.intent, record.distributor),
        (Some(asked.intent), None)
    );
    let known = world.store(|store, cx| store.known(cx)).unwrap();
    let buyer = known.distributors.values().next().unwrap().id;
    let free = OpBody::HeldMoneyFree(HeldMoneyFree {
        transaction_record: record.id,
        distributor: buyer,
        reason: "终端摔坏了".into(),
    });
    let freed = act(&world, &terminal, Role::FinanceLead, free).await;
    assert_eq!(freed, VerdictKind::Applied);
    world.audited();
    let record = the_record(&terminal).await;
    assert_eq!(record.distributor, Some(buyer));
    let request = RefundRequest {
        refund: RefundId(world.env.uuid()),
        transaction_record: record.id,
        channel: record.channel,
        collection: record.collection,
        subject: String::new(),
        distributor: buyer,
        distributor_name: String::new(),
        from: RefundFrom::Unapplied,
        allocations: Vec::new(),
        amount_fen: record.gross_fen,
        reason: "退回".into(),
    };
    let verdicts = ask_and_approve(&world, &terminal, vec![request]).await;
    assert!(verdicts.iter().all(VerdictKind::applied), "{verdicts:?}");
    for _ in 0..3 {
        run_due(&world.host).await.unwrap();
        world.env.forward(MINUTE_MS);
    }
    let done = refunds(&world);
    assert_eq!(done[0].state, RefundState::Done);
    assert_eq!(
        world.sandbox().orders()[0].refunded_fen,
        record.gross_fen.fen()
    );
    world.audited();
}
