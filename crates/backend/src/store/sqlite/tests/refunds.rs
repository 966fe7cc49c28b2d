//! Refunds as the channel and people make them: the books stay whole, nothing goes back twice, and
//! no more goes back than came.

mod bills;
mod suspense;

use crate::facts::JobKind;
use crate::payments::refunds::RefundSettled;
use crate::store::Store as _;
use crate::testing::{Desk, FINANCE, LEAD, SALES, World, cancel, distributor, edit, fen};
use domain::Code;
use domain::channel::Channel;
use domain::collection::{Allocation, PaymentCollection, PaymentMethod};
use domain::id::{IntentId, OrderId, RefundId, StaffId, TransactionRecordId};
use domain::intent::TransactionRecord;
use domain::ledger::{Account, RefundFrom};
use domain::operation::{OpBody, RefundDecide, RefundRequest};
use domain::refund::{Refund, RefundState, out_refund_no};
use gateways::{Headers, Proof, RefundEnd, RefundRecord, Source};
use proptest::prelude::*;
use rusqlite::params;
use wire::Env as _;
use wire::change::Doc;
use wire::verdict::VerdictKind;

/// A paid order, and what its payment left behind.
struct Paid {
    world: World,
    desk: Desk,
    order: OrderId,
    record: TransactionRecord,
}

fn paid(channel: Channel, total: i64) -> Paid {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), total);
    let (intent, _) = desk.ask(&world, distributor(1), Some(order), total);
    let attempt = world.attempt(intent, channel);
    world.pay(&attempt);
    let record = record_of(&world, &mut desk, intent);
    Paid {
        world,
        desk,
        order,
        record,
    }
}

fn record_of(world: &World, desk: &mut Desk, intent: IntentId) -> TransactionRecord {
    desk.pull_all(world);
    let records = desk
        .seen
        .iter()
        .rev()
        .filter_map(|change| match &change.doc {
            Doc::TransactionRecord(record) => Some(record.clone()),
            _ => None,
        });
    let mut records = records.filter(|record| record.intent == Some(intent));
    records.next().unwrap()
}

fn ask(
    world: &World,
    record: &TransactionRecord,
    from: RefundFrom,
    order: Option<OrderId>,
    amount: i64,
) -> RefundRequest {
    let part = |order| Allocation {
        order,
        amount_fen: fen(amount),
    };
    RefundRequest {
        refund: RefundId(world.env.uuid()),
        transaction_record: record.id,
        channel: record.channel,
        collection: record.collection,
        subject: "HQ".into(),
        distributor: record.distributor.unwrap(),
        distributor_name: String::new(),
        from,
        allocations: order.into_iter().map(part).collect(),
        amount_fen: fen(amount),
        reason: "退货".into(),
    }
}

fn decide(refund: RefundId) -> RefundDecide {
    RefundDecide {
        refund,
        reason: String::new(),
    }
}

impl Paid {
    fn ask(&mut self, from: RefundFrom, amount: i64) -> (RefundId, VerdictKind) {
        let order = (from == RefundFrom::Allocations).then_some(self.order);
        let body = ask(&self.world, &self.record, from, order, amount);
        let id = body.refund;
        (id, self.act(SALES, OpBody::RefundRequest(body)))
    }

    fn act(&mut self, staff: StaffId, body: OpBody) -> VerdictKind {
        self.desk.act(&self.world, staff, body)
    }

    fn approve(&mut self, refund: RefundId) -> VerdictKind {
        self.act(LEAD, OpBody::RefundApprove(decide(refund)))
    }

    /// Asked for, approved, and told to the channel.
    fn sent(&mut self, from: RefundFrom, amount: i64) -> Refund {
        let (id, verdict) = self.ask(from, amount);
        assert_eq!(verdict, VerdictKind::Applied);
        assert_eq!(self.approve(id), VerdictKind::Applied);
        self.begin(id)
    }

    fn begin(&self, id: RefundId) -> Refund {
        let begun = self.world.store.begin_refund(&self.world.cx(), id);
        begun.unwrap().unwrap().refund
    }

    fn says(&self, refund: &Refund, end: RefundEnd) -> RefundSettled {
        settle(&self.world, &said(&self.record, refund, end))
    }

    fn held(&self, id: RefundId) -> Refund {
        let all = self.world.store.refunds(&self.world.cx()).unwrap();
        all.into_iter().find(|refund| refund.id == id).unwrap()
    }

    fn collection(&self) -> PaymentCollection {
        let all = self.world.store.collections(&self.world.cx()).unwrap();
        let mut all = all.into_iter();
        all.find(|held| Some(held.id) == self.record.collection)
            .unwrap()
    }

    fn paid_fen(&self) -> i64 {
        let all = self.world.store.orders(&self.world.cx()).unwrap();
        let mut all = all.iter();
        all.find(|order| order.id == self.order)
            .unwrap()
            .paid_fen
            .fen()
    }

    fn balance(&self, of: fn(domain::id::DistributorId) -> Account) -> i64 {
        self.world.balance(&of(distributor(1)))
    }

    fn clearing(&self) -> i64 {
        let channel = self.record.channel;
        self.world.balance(&Account::ChannelClearing { channel })
    }
}

fn refunding(distributor: domain::id::DistributorId) -> Account {
    Account::Refunding { distributor }
}

fn unapplied(distributor: domain::id::DistributorId) -> Account {
    Account::Unapplied { distributor }
}

fn suspense(distributor: domain::id::DistributorId) -> Account {
    Account::Suspense { distributor }
}

fn said(record: &TransactionRecord, refund: &Refund, end: RefundEnd) -> RefundRecord {
    RefundRecord {
        channel: record.channel,
        merchant_no: "M1".into(),
        out_trade_no: record.out_trade_no.clone(),
        out_refund_no: refund.out_refund_no.clone().unwrap(),
        provider_no: "R1".into(),
        amount_fen: refund.amount_fen,
        end,
        proof: Proof {
            source: Source::Query,
            received_at_ms: 0,
            headers: Headers::default(),
            body: b"{}".to_vec(),
        },
    }
}

fn settle(world: &World, proof: &RefundRecord) -> RefundSettled {
    let settled = world.store.settle_refund_record(&world.cx(), proof);
    settled.unwrap()
}

fn items(world: &World, kind: &str) -> usize {
    let all = world.store.attention(&world.cx()).unwrap();
    all.iter().filter(|item| item.kind == kind).count()
}

fn too_large(left: i64) -> VerdictKind {
    VerdictKind::Rejected {
        reason: Code::RefundTooLarge {
            left_fen: left.to_string(),
        },
    }
}

fn rejected(reason: Code) -> VerdictKind {
    VerdictKind::Rejected { reason }
}

#[test]
fn an_allocation_goes_back_and_the_order_owes_it_again() {
    let mut p = paid(Channel::WechatPay, 1_000);
    let (id, verdict) = p.ask(RefundFrom::Allocations, 300);
    assert_eq!(verdict, VerdictKind::Applied);
    assert_eq!((p.paid_fen(), p.balance(refunding)), (1_000, 0));
    // The request called things otherwise; who approves reads what they are.
    let asked = p.held(id);
    assert_eq!(asked.subject, p.collection().number);
    assert_eq!(asked.distributor_name, "经销商 1");
    assert_eq!(p.approve(id), VerdictKind::Applied);
    assert_eq!((p.paid_fen(), p.balance(refunding)), (700, 300));
    assert_eq!(p.collection().refunded_fen, fen(300));
    p.world.check();
    let refund = p.begin(id);
    assert_eq!(refund.state, RefundState::Sending);
    assert_eq!(p.says(&refund, RefundEnd::Succeeded), RefundSettled::Done);
    assert_eq!(
        p.says(&refund, RefundEnd::Succeeded),
        RefundSettled::Already
    );
    // The channel's last word can't be taken back.
    assert_eq!(p.says(&refund, RefundEnd::Closed), RefundSettled::Already);
    assert_eq!((p.clearing(), p.balance(refunding)), (-700, 0));
    assert_eq!(p.held(id).state, RefundState::Done);
    p.world.check();
    // The feed tells it, too.
    p.desk.pull_all(&p.world);
    let told = p
        .desk
        .seen
        .iter()
        .rev()
        .find_map(|change| match &change.doc {
            Doc::Refund(doc) => Some(doc.clone()),
            _ => None,
        });
    assert_eq!(told, Some(p.held(id)));
}

#[test]
fn who_asked_never_approves_and_only_a_lead_does() {
    let mut p = paid(Channel::Alipay, 1_000);
    let body = ask(
        &p.world,
        &p.record,
        RefundFrom::Allocations,
        Some(p.order),
        300,
    );
    let id = body.refund;
    // A lead has no leave to ask, finance none to approve.
    let lead = p.act(LEAD, OpBody::RefundRequest(body.clone()));
    assert!(matches!(lead, VerdictKind::Rejected { .. }), "{lead:?}");
    assert_eq!(
        p.act(FINANCE, OpBody::RefundRequest(body)),
        VerdictKind::Applied
    );
    for staff in [FINANCE, SALES] {
        let verdict = p.act(staff, OpBody::RefundApprove(decide(id)));
        let refused = matches!(
            verdict,
            VerdictKind::Rejected {
                reason: Code::NotAllowed { .. }
            }
        );
        assert!(refused, "{verdict:?}");
    }
    // Somebody who asked and became a lead since is still who asked.
    let mut promoted = crate::testing::staff()
        .into_iter()
        .find(|member| member.id == FINANCE)
        .unwrap();
    promoted.role = domain::role::Role::FinanceLead;
    p.world.store.put_staff(&p.world.cx(), &promoted).unwrap();
    for body in [
        OpBody::RefundApprove(decide(id)),
        OpBody::RefundReject(decide(id)),
    ] {
        assert_eq!(p.act(FINANCE, body), rejected(Code::SamePerson));
    }
    assert_eq!(p.held(id).state, RefundState::Requested);
    assert_eq!(
        p.act(LEAD, OpBody::RefundReject(decide(id))),
        VerdictKind::Applied
    );
    assert_eq!(p.approve(id), rejected(Code::AlreadyDecided));
    assert_eq!((p.balance(refunding), p.paid_fen()), (0, 1_000));
    p.world.check();
}

#[test]
fn more_than_is_there_is_refused_at_the_request_and_at_the_approval() {
    let mut p = paid(Channel::Alipay, 1_000);
    assert_eq!(p.ask(RefundFrom::Allocations, 1_001).1, too_large(1_000));
    assert_eq!(p.ask(RefundFrom::Unapplied, 1).1, too_large(0));
    let deposit = p.ask(RefundFrom::Deposit, 1).1;
    assert_eq!(deposit, rejected(Code::NotRefundable));
    // Two requests for the same money: the second approval finds it gone.
    let (first, _) = p.ask(RefundFrom::Allocations, 700);
    let (second, verdict) = p.ask(RefundFrom::Allocations, 700);
    assert_eq!(verdict, VerdictKind::Applied);
    assert_eq!(p.approve(first), VerdictKind::Applied);
    assert_eq!(p.approve(second), too_large(300));
    assert_eq!(p.held(second).state, RefundState::Requested);
    p.world.check();
}

#[test]
fn the_database_itself_refuses_to_give_back_more_than_was_paid() {
    let mut p = paid(Channel::Alipay, 1_000);
    let refund = p.sent(RefundFrom::Allocations, 600);
    let row = |counted: i64| {
        p.world.store.write(&p.world.cx(), |work| {
            let key = params![
                work.company,
                RefundId(p.world.env.uuid()).to_string(),
                p.record.id.to_string(),
                distributor(1).to_string(),
                Option::<String>::None,
                "approved",
                counted,
                counted,
                "{}",
                Option::<String>::None
            ];
            super::super::rows::run(work.tx, super::super::sql::REFUND_PUT, key)?;
            let key = params![work.company, p.record.id.to_string()];
            super::super::rows::run(work.tx, super::super::sql::RECORD_REFUNDED, key)?;
            Ok(())
        })
    };
    let refused = row(401).unwrap_err().to_string();
    assert!(refused.contains("CHECK"), "{refused}");
    p.world.check();
    assert_eq!(p.held(refund.id).state, RefundState::Sending);
    row(400).unwrap();
}

#[test]
fn a_failure_gives_the_money_back_and_tells_finance() {
    for end in [RefundEnd::Closed, RefundEnd::Abnormal] {
        let mut p = paid(Channel::WechatPay, 1_000);
        let refund = p.sent(RefundFrom::Allocations, 300);
        assert_eq!(p.says(&refund, end), RefundSettled::Failed);
        assert_eq!(p.says(&refund, end), RefundSettled::Already);
        // The order's part does not come back by itself.
        assert_eq!((p.paid_fen(), p.balance(unapplied)), (700, 300));
        assert_eq!(p.collection().unapplied_fen, fen(300));
        assert_eq!((p.balance(refunding), p.clearing()), (0, -1_000));
        assert_eq!(items(&p.world, "refund_failed"), 1);
        p.world.check();
        // The rest can go back under another number.
        let again = p.sent(RefundFrom::Unapplied, 300);
        assert_ne!(again.out_refund_no, refund.out_refund_no);
        assert_eq!(p.says(&again, RefundEnd::Succeeded), RefundSettled::Done);
        p.world.check();
    }
}

#[test]
fn a_success_after_a_failure_is_booked_and_told() {
    let mut p = paid(Channel::WechatPay, 1_000);
    let refund = p.sent(RefundFrom::Allocations, 300);
    assert_eq!(p.says(&refund, RefundEnd::Abnormal), RefundSettled::Failed);
    // It is still asked about.
    assert_eq!(p.begin(refund.id).state, RefundState::Failed);
    let late = p.says(&refund, RefundEnd::Succeeded);
    assert_eq!(late, RefundSettled::DoneLate);
    assert_eq!(p.held(refund.id).state, RefundState::Done);
    assert_eq!((p.balance(unapplied), p.clearing()), (0, -700));
    assert_eq!(items(&p.world, "late_refund"), 1);
    p.world.check();
}

#[test]
fn a_late_success_whose_money_is_used_elsewhere_stands_open_until_finance_clears_it() {
    let mut p = paid(Channel::WechatPay, 1_000);
    let first = p.sent(RefundFrom::Allocations, 700);
    assert_eq!(p.says(&first, RefundEnd::Closed), RefundSettled::Failed);
    let second = p.sent(RefundFrom::Unapplied, 600);
    let late = p.says(&first, RefundEnd::Succeeded);
    assert_eq!(late, RefundSettled::DoneLate);
    assert_eq!((p.balance(unapplied), p.balance(suspense)), (0, -600));
    assert_eq!((p.balance(refunding), p.clearing()), (600, -300));
    p.world.check();
    // The channel can't pay the second one out: what it set aside is there for finance to clear by.
    assert_eq!(p.says(&second, RefundEnd::Closed), RefundSettled::Failed);
    assert_eq!((p.balance(unapplied), p.balance(suspense)), (600, -600));
    p.world.check();
}

#[test]
fn a_refusal_for_good_fails_it_and_the_number_stays() {
    let mut p = paid(Channel::Alipay, 1_000);
    let refund = p.sent(RefundFrom::Allocations, 300);
    for _ in 0..3 {
        let again = p.begin(refund.id);
        assert_eq!(again.out_refund_no, refund.out_refund_no);
    }
    let (cx, code) = (p.world.cx(), "ACQ.TRADE_HAS_FINISHED");
    let refused = p.world.store.refund_refused(&cx, refund.id, code);
    assert_eq!(refused.unwrap(), RefundSettled::Failed);
    assert_eq!(p.held(refund.id).refused_for, code);
    let again = p.world.store.refund_refused(&cx, refund.id, code);
    assert_eq!(again.unwrap(), RefundSettled::Already);
    p.world.check();
}

#[test]
fn what_states_other_facts_moves_nothing_and_is_told_once() {
    let mut p = paid(Channel::WechatPay, 1_000);
    let refund = p.sent(RefundFrom::Allocations, 300);
    let good = said(&p.record, &refund, RefundEnd::Succeeded);
    let stranger = RefundRecord {
        merchant_no: "M2".into(),
        ..good.clone()
    };
    assert_eq!(settle(&p.world, &stranger), RefundSettled::NotOurs);
    let unknown = RefundRecord {
        out_refund_no: "FR0".into(),
        ..good.clone()
    };
    let amount = RefundRecord {
        amount_fen: fen(301),
        ..good.clone()
    };
    let trade = RefundRecord {
        out_trade_no: "FT0".into(),
        ..good.clone()
    };
    let channel = RefundRecord {
        channel: Channel::Alipay,
        ..good.clone()
    };
    for (wrong, first) in [
        (unknown, RefundSettled::Unknown),
        (amount, RefundSettled::Differs),
        (trade, RefundSettled::Differs),
        (channel, RefundSettled::Differs),
    ] {
        let before = p.world.store.attention(&p.world.cx()).unwrap().len();
        let again = settle(&p.world, &wrong);
        // Two that state the same facts are the same item.
        assert!(
            again == first || again == RefundSettled::Already,
            "{again:?}"
        );
        for _ in 0..20 {
            assert_eq!(settle(&p.world, &wrong), RefundSettled::Already);
        }
        let after = p.world.store.attention(&p.world.cx()).unwrap().len();
        assert!(after <= before + 1);
        assert_eq!(p.held(refund.id).state, RefundState::Sending);
        p.world.check();
    }
    assert_eq!(items(&p.world, "unknown_refund"), 1);
    assert!(items(&p.world, "refund_differs") >= 2);
    assert_eq!(settle(&p.world, &good), RefundSettled::Done);
}

#[test]
fn money_that_came_twice_goes_back_and_a_top_up_only_out_of_what_is_free() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), 500);
    let (intent, _) = desk.ask(&world, distributor(1), Some(order), 500);
    let attempt = world.attempt(intent, Channel::Alipay);
    world.pay(&attempt);
    world
        .settle(&crate::testing::evidence(&attempt, 2))
        .unwrap();
    let twice = record_of(&world, &mut desk, intent);
    assert_eq!(twice.collection, None);
    let mut p = Paid {
        world,
        desk,
        order,
        record: twice,
    };
    assert_eq!(p.ask(RefundFrom::Refundable, 501).1, too_large(500));
    assert_eq!(
        p.ask(RefundFrom::Unapplied, 5).1,
        rejected(Code::NotRefundable)
    );
    let refund = p.sent(RefundFrom::Refundable, 500);
    assert_eq!(p.says(&refund, RefundEnd::Succeeded), RefundSettled::Done);
    assert_eq!(p.clearing(), -500);
    assert_eq!(p.paid_fen(), 500);
    p.world.check();

    let (intent, _) = p.desk.ask(&p.world, distributor(2), None, 800);
    let attempt = p.world.attempt(intent, Channel::WechatPay);
    p.world.pay(&attempt);
    let all = p.world.store.collections(&p.world.cx()).unwrap();
    let top_up = all.iter().find(|held| held.intent == Some(intent)).unwrap();
    let record = TransactionRecord {
        id: top_up.transaction_record.unwrap(),
        channel: Channel::WechatPay,
        out_trade_no: attempt.out_trade_no,
        collection: Some(top_up.id),
        distributor: Some(distributor(2)),
        ..p.record.clone()
    };
    p.record = record;
    let refund = p.sent(RefundFrom::Deposit, 300);
    let fails = p.says(&refund, RefundEnd::Closed);
    assert_eq!(fails, RefundSettled::Failed);
    let available = Account::DepositAvailable {
        distributor: distributor(2),
    };
    assert_eq!(p.world.balance(&available), 800);
    assert_eq!(p.collection().refunded_fen, fen(0));
    // The next pull lets the terminal spend it offline: from there it is nobody's to give back.
    p.desk.pull_all(&p.world);
    assert_eq!(p.world.balance(&available), 0);
    assert_eq!(p.ask(RefundFrom::Deposit, 1).1, too_large(0));
    p.world.check();
}

#[test]
fn cash_never_leaves_through_a_channel() {
    let mut p = paid(Channel::Alipay, 1_000);
    let (_, verdict) = p
        .desk
        .record(&p.world, PaymentMethod::Cash, distributor(1), None, 100);
    assert_eq!(verdict, VerdictKind::Applied);
    let held = p.record.clone();
    p.record.id = TransactionRecordId(uuid::Uuid::nil());
    let missing = rejected(Code::NotFound {
        what: "transaction_record".into(),
    });
    assert_eq!(p.ask(RefundFrom::Unapplied, 1).1, missing);
    // Nor can one payment stand for another distributor's or another collection's.
    p.record = TransactionRecord {
        distributor: Some(distributor(2)),
        ..held.clone()
    };
    let refused = rejected(Code::NotRefundable);
    assert_eq!(p.ask(RefundFrom::Allocations, 1).1, refused);
    p.record = TransactionRecord {
        collection: None,
        ..held
    };
    assert_eq!(p.ask(RefundFrom::Refundable, 1).1, refused);
    p.world.check();
}

/// What the channel of a test knows: refunds by number, and how each will end.
#[derive(Default)]
struct FakeChannel {
    taken: Vec<(String, i64, RefundEnd)>,
}

impl FakeChannel {
    /// Takes a refund; the same number again is the same refund. Never more than was paid.
    fn take(&mut self, number: &str, amount: i64, paid: i64, end: RefundEnd) -> bool {
        if let Some((_, held, _)) = self.taken.iter().find(|(held, ..)| held == number) {
            assert_eq!(*held, amount, "one number is one refund for ever");
            return true;
        }
        let gone: i64 = self.gone();
        if gone + amount > paid {
            return false;
        }
        self.taken.push((number.to_owned(), amount, end));
        true
    }

    fn gone(&self) -> i64 {
        let succeeded = |end| matches!(end, RefundEnd::Succeeded);
        let gone = self.taken.iter().filter(|(_, _, end)| succeeded(*end));
        gone.map(|(_, amount, _)| amount).sum()
    }

    fn find(&self, number: &str) -> Option<RefundEnd> {
        let mut taken = self.taken.iter();
        taken.find(|(held, ..)| held == number).map(|t| t.2)
    }
}

/// What happens to one partial refund: how much, how often its answer is lost, how it ends, how
/// often it is told, and what people do to the order meanwhile.
type Partial = (i64, u32, bool, u32, u8);

fn run(partials: Vec<Partial>, total: i64) {
    let mut p = paid(Channel::WechatPay, total);
    let mut channel = FakeChannel::default();
    let (mut sent, mut numbers) = (Vec::new(), Vec::new());
    for (amount, lost, fails, told, meanwhile) in partials {
        let from = if p.collection().unapplied_fen >= fen(amount) {
            RefundFrom::Unapplied
        } else {
            RefundFrom::Allocations
        };
        let (id, verdict) = p.ask(from, amount);
        let orders = p.world.store.orders(&p.world.cx()).unwrap();
        let revision = orders[0].revision;
        match meanwhile {
            0 => {
                let body = edit(p.order, revision, distributor(1), (total / 2).max(1));
                p.act(SALES, body);
            }
            1 => {
                p.act(SALES, cancel(p.order, revision));
            }
            _ => {}
        }
        if verdict.applied() && p.approve(id).applied() {
            let end = if fails {
                RefundEnd::Closed
            } else {
                RefundEnd::Succeeded
            };
            sent.push((id, lost, end, told));
        }
        p.world.check();
    }
    // Rounds of the job: ask, send, lose answers, ask again; at last every answer arrives.
    for round in 0..8_u32 {
        for (id, lost, end, told) in &sent {
            let cx = p.world.cx();
            let Some(out) = p.world.store.begin_refund(&cx, *id).unwrap() else {
                continue;
            };
            let number = out.refund.out_refund_no.clone().unwrap();
            numbers.push((*id, number.clone()));
            let amount = out.refund.amount_fen.fen();
            if channel.find(&number).is_none()
                && !channel.take(&number, amount, total, *end)
                && round >= *lost
            {
                let refused = p.world.store.refund_refused(&cx, *id, "RULE_LIMIT");
                refused.unwrap();
                continue;
            }
            if let (Some(end), true) = (channel.find(&number), round >= *lost) {
                for _ in 0..=*told {
                    p.says(&out.refund, end);
                }
            }
            p.world.check();
        }
    }
    for refund in p.world.store.refunds(&p.world.cx()).unwrap() {
        assert!(!refund.state.under_way(), "stuck: {refund:?}");
        if let Some(number) = &refund.out_refund_no {
            let all = numbers.iter().filter(|(id, _)| *id == refund.id);
            assert!(all.into_iter().all(|(_, used)| used == number));
        }
    }
    assert_eq!(p.clearing(), channel.gone() - total);
    assert!(channel.gone() <= total);
    assert_eq!(p.balance(refunding), 0);
    p.world.check();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn fifty_partial_refunds_with_lost_answers_never_exceed_what_was_paid_and_none_sticks(
        partials in prop::collection::vec(
            (1..400_i64, 0..7_u32, prop::bool::weighted(0.2), 0..3_u32, 0..40_u8), 50),
        total in 2_000..9_000_i64,
    ) {
        run(partials, total);
    }
}

#[test]
fn an_approval_asks_for_the_work_and_fixes_the_number() {
    let mut p = paid(Channel::Alipay, 1_000);
    let (id, _) = p.ask(RefundFrom::Allocations, 300);
    assert_eq!(p.approve(id), VerdictKind::Applied);
    let approval = p.desk.sent.last().unwrap().open().unwrap().op_id;
    assert_eq!(p.held(id).out_refund_no, Some(out_refund_no(approval)));
    let jobs = p.world.store.claim_jobs(&p.world.cx(), "w", 50, 1_000);
    let jobs = jobs.unwrap();
    let ours = |job: &&crate::store::Job| job.kind == JobKind::Refund;
    let ours: Vec<_> = jobs.iter().filter(ours).collect();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0].subject, id.to_string());
}
