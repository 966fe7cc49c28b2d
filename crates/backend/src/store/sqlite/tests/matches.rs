//! Money without a home finds one by two people, or by a finance lead who frees it: once, never more
//! than there is, and the attention items about it end with it.

use crate::payments::asks::Observed;
use crate::store::sqlite::{SqliteStore, locked};
use crate::store::{Store as _, StoreError};
use crate::testing::{Desk, FINANCE, LEAD, SALES, World, cancel, distributor, evidence, fen};
use domain::Code;
use domain::channel::Channel;
use domain::collection::{Allocation, PaymentCollection};
use domain::id::{AttentionId, CollectionId, IntentId, MatchId, OrderId, StaffId};
use domain::intent::{IntentOutcome, IntentState, PaymentIntent, TransactionRecord};
use domain::ledger::Account;
use domain::money_match::{MatchFrom, MatchState, MatchTo, MoneyMatch};
use domain::operation::{AttentionClose, HeldMoneyFree, MatchDecide, MatchPropose, OpBody};
use proptest::prelude::*;
use wire::Env as _;
use wire::change::{Attention, Doc};
use wire::link::Link;
use wire::verdict::VerdictKind;

const WECHAT: Channel = Channel::WechatPay;

pub(super) struct Rig {
    pub(super) world: World,
    pub(super) desk: Desk,
}

fn rig() -> Rig {
    on(World::new())
}

fn on(world: World) -> Rig {
    let desk = world.enrol("T01");
    Rig { world, desk }
}

fn part(order: OrderId, amount: i64) -> Allocation {
    Allocation {
        order,
        amount_fen: fen(amount),
    }
}

fn rejected(reason: Code) -> VerdictKind {
    VerdictKind::Rejected { reason }
}

fn too_large(left: i64) -> VerdictKind {
    rejected(Code::MatchTooLarge {
        left_fen: left.to_string(),
    })
}

impl Rig {
    fn act(&mut self, staff: StaffId, body: OpBody) -> VerdictKind {
        self.desk.act(&self.world, staff, body)
    }

    fn order(&mut self, total: i64) -> OrderId {
        self.desk.order(&self.world, distributor(1), total)
    }

    /// Money that came after its ask had ended: all of it unapplied.
    fn late(&mut self, amount: i64) -> CollectionId {
        let order = self.order(amount);
        let (intent, _) = self
            .desk
            .ask(&self.world, distributor(1), Some(order), amount);
        let attempt = self.world.attempt(intent, WECHAT);
        self.world.pass(300_000);
        let cx = self.world.cx();
        self.world.store.expire(&cx, intent).unwrap();
        self.world
            .store
            .observe(&cx, &attempt.out_trade_no, Observed::Closed)
            .unwrap();
        self.world.pay(&attempt);
        self.desk.act(&self.world, SALES, cancel(order, 1));
        let held = self.collections();
        held.iter()
            .find(|held| held.intent == Some(intent))
            .unwrap()
            .id
    }

    /// Money of an app that is not the attempt's: it fits nothing.
    fn unidentified(&mut self, amount: i64) -> TransactionRecord {
        let order = self.order(amount);
        let (intent, _) = self
            .desk
            .ask(&self.world, distributor(1), Some(order), amount);
        let mut proof = evidence(&self.world.attempt(intent, WECHAT), 1);
        proof.app_id = "A2".into();
        self.world.settle(&proof).unwrap();
        self.record(&proof.provider_no)
    }

    fn record(&mut self, provider_no: &str) -> TransactionRecord {
        self.desk.pull_all(&self.world);
        let of = |doc: &Doc| match doc {
            Doc::TransactionRecord(doc) if doc.provider_no == provider_no => Some(doc.clone()),
            _ => None,
        };
        let mut seen = self.desk.seen.iter().rev();
        seen.find_map(|change| of(&change.doc)).unwrap()
    }

    fn collections(&self) -> Vec<PaymentCollection> {
        self.world.store.collections(&self.world.cx()).unwrap()
    }

    fn collection(&self, id: CollectionId) -> PaymentCollection {
        let mut all = self.collections().into_iter();
        all.find(|held| held.id == id).unwrap()
    }

    fn paid(&self, order: OrderId) -> i64 {
        let all = self.world.store.orders(&self.world.cx()).unwrap();
        let mut all = all.iter();
        all.find(|held| held.id == order).unwrap().paid_fen.fen()
    }

    fn item(&self, kind: &str) -> Attention {
        let all = self.world.store.attention(&self.world.cx()).unwrap();
        all.into_iter().rfind(|item| item.kind == kind).unwrap()
    }

    fn held(&mut self, id: MatchId) -> MoneyMatch {
        self.desk.pull_all(&self.world);
        let of = |doc: &Doc| match doc {
            Doc::MoneyMatch(doc) if doc.id == id => Some(doc.clone()),
            _ => None,
        };
        let mut seen = self.desk.seen.iter().rev();
        seen.find_map(|change| of(&change.doc)).unwrap()
    }

    fn body(
        &self,
        from: MatchFrom,
        to: MatchTo,
        amount: i64,
        parts: &[Allocation],
    ) -> MatchPropose {
        MatchPropose {
            money_match: MatchId(self.world.env.uuid()),
            from,
            to,
            subject: "x".into(),
            distributor: distributor(1),
            distributor_name: "x".into(),
            allocations: parts.to_vec(),
            amount_fen: fen(amount),
            reason: "付款人确认".into(),
        }
    }

    fn propose(
        &mut self,
        from: MatchFrom,
        to: MatchTo,
        amount: i64,
        parts: &[Allocation],
    ) -> (MatchId, VerdictKind) {
        let body = self.body(from, to, amount, parts);
        let id = body.money_match;
        (id, self.act(FINANCE, OpBody::MatchPropose(body)))
    }

    fn proposed(
        &mut self,
        from: MatchFrom,
        to: MatchTo,
        amount: i64,
        parts: &[Allocation],
    ) -> MatchId {
        let (id, verdict) = self.propose(from, to, amount, parts);
        assert_eq!(verdict, VerdictKind::Applied);
        id
    }

    fn approve(&mut self, id: MatchId) -> VerdictKind {
        self.act(LEAD, OpBody::MatchApprove(decide(id)))
    }

    fn close(&mut self, attention: AttentionId) -> VerdictKind {
        let reason = "已核对".into();
        let body = AttentionClose { attention, reason };
        self.act(FINANCE, OpBody::AttentionClose(body))
    }

    fn free(&mut self, record: &TransactionRecord, of: u128) -> VerdictKind {
        let body = HeldMoneyFree {
            transaction_record: record.id,
            distributor: distributor(of),
            reason: "终端丢失".into(),
        };
        self.act(LEAD, OpBody::HeldMoneyFree(body))
    }

    fn unapplied(&self) -> i64 {
        self.world.balance(&Account::Unapplied {
            distributor: distributor(1),
        })
    }

    fn available(&self) -> i64 {
        self.world.balance(&Account::DepositAvailable {
            distributor: distributor(1),
        })
    }

    fn intent(&mut self, id: IntentId) -> PaymentIntent {
        self.desk.pull_all(&self.world);
        let of = |doc: &Doc| match doc {
            Doc::PaymentIntent(doc) if doc.id == id => Some(doc.clone()),
            _ => None,
        };
        let mut seen = self.desk.seen.iter().rev();
        seen.find_map(|change| of(&change.doc)).unwrap()
    }
}

fn decide(money_match: MatchId) -> MatchDecide {
    MatchDecide {
        money_match,
        reason: String::new(),
    }
}

fn unapplied(collection: CollectionId) -> MatchFrom {
    MatchFrom::Unapplied { collection }
}

#[test]
fn late_money_pays_named_orders_once_two_people_say_so() {
    let mut r = rig();
    let money = r.late(900);
    let (first, second) = (r.order(500), r.order(700));
    let item = r.item("late_money");
    let refused = Code::MoneyStillOpen {
        open_fen: "900".into(),
    };
    assert_eq!(r.close(item.id), rejected(refused));
    let parts = [part(first, 500), part(second, 100)];
    let id = r.proposed(unapplied(money), MatchTo::Orders, 600, &parts);
    // Nothing moves by a proposal; who approves reads the backend's names.
    assert_eq!((r.unapplied(), r.paid(first)), (900, 0));
    let held = r.held(id);
    assert_eq!(held.subject, r.collection(money).number);
    assert_eq!(held.distributor_name, "经销商 1");
    assert_eq!(r.approve(id), VerdictKind::Applied);
    assert_eq!(
        (r.unapplied(), r.paid(first), r.paid(second)),
        (300, 500, 100)
    );
    assert_eq!(r.collection(money).unapplied_fen, fen(300));
    let held = r.held(id);
    assert_eq!(
        (held.state, held.moved_fen),
        (MatchState::Approved, fen(600))
    );
    assert_eq!(held.decided_by, Some(LEAD));
    // A double approval applies once.
    assert_eq!(r.approve(id), rejected(Code::AlreadyDecided));
    assert!(!r.item("late_money").done);
    r.world.check();
    // The same collection pays more of the same order; with the last fen the item closes itself.
    let id = r.proposed(unapplied(money), MatchTo::Orders, 300, &[part(second, 300)]);
    assert_eq!(r.approve(id), VerdictKind::Applied);
    assert_eq!((r.unapplied(), r.paid(second)), (0, 400));
    assert_eq!(r.collection(money).allocations.len(), 2);
    let item = r.item("late_money");
    assert!(item.done);
    assert_eq!(item.closed.map(|closed| closed.by), Some(LEAD));
    r.world.check();
}

#[test]
fn who_proposed_never_approves_and_only_the_right_roles_act() {
    let mut r = rig();
    let money = r.late(900);
    let body = r.body(unapplied(money), MatchTo::Deposit, 900, &[]);
    for staff in [SALES, LEAD] {
        let verdict = r.act(staff, OpBody::MatchPropose(body.clone()));
        assert!(matches!(
            verdict,
            VerdictKind::Rejected {
                reason: Code::NotAllowed { .. }
            }
        ));
    }
    assert_eq!(
        r.act(FINANCE, OpBody::MatchPropose(body.clone())),
        VerdictKind::Applied
    );
    let approve = OpBody::MatchApprove(decide(body.money_match));
    assert!(matches!(
        r.act(FINANCE, approve.clone()),
        VerdictKind::Rejected {
            reason: Code::NotAllowed { .. }
        }
    ));
    // Promoted meanwhile, they still decide nothing of their own.
    let mut promoted = crate::testing::staff();
    promoted[1].role = domain::role::Role::FinanceLead;
    r.world
        .store
        .put_staff(&r.world.cx(), &promoted[1])
        .unwrap();
    assert_eq!(r.act(FINANCE, approve), rejected(Code::SamePerson));
    assert_eq!((r.unapplied(), r.available()), (900, 0));
    assert_eq!(r.approve(body.money_match), VerdictKind::Applied);
    assert_eq!(r.unapplied(), 0);
    assert_eq!(r.collection(money).moved_fen, fen(900));
    r.world.check();
}

#[test]
fn a_rejected_proposal_moves_nothing_and_stays_rejected() {
    let mut r = rig();
    let money = r.late(900);
    let id = r.proposed(unapplied(money), MatchTo::Deposit, 900, &[]);
    let body = MatchDecide {
        money_match: id,
        reason: "不是他的".into(),
    };
    assert_eq!(r.act(LEAD, OpBody::MatchReject(body)), VerdictKind::Applied);
    assert_eq!(r.approve(id), rejected(Code::AlreadyDecided));
    assert_eq!(r.held(id).refused_for, "不是他的");
    assert_eq!(r.unapplied(), 900);
    r.world.check();
}

#[test]
fn an_order_that_owes_less_by_then_takes_what_it_owes() {
    let mut r = rig();
    let money = r.late(900);
    let order = r.order(500);
    let id = r.proposed(unapplied(money), MatchTo::Orders, 500, &[part(order, 500)]);
    let other = r.late(200);
    let small = r.proposed(unapplied(other), MatchTo::Orders, 200, &[part(order, 200)]);
    assert_eq!(r.approve(small), VerdictKind::Applied);
    let difference = Code::OverAllocated;
    assert_eq!(
        r.approve(id),
        VerdictKind::AppliedWithDifference { difference }
    );
    assert_eq!((r.paid(order), r.held(id).moved_fen), (500, fen(300)));
    assert_eq!(r.collection(money).unapplied_fen, fen(600));
    let id = r.proposed(unapplied(money), MatchTo::Orders, 500, &[part(order, 500)]);
    assert_eq!(r.approve(id), rejected(Code::NothingOwed));
    assert_eq!(r.held(id).state, MatchState::Proposed);
    r.world.check();
}

#[test]
fn another_distributors_orders_and_more_than_there_is_are_refused() {
    let mut r = rig();
    let money = r.late(900);
    let theirs = r.desk.order(&r.world, distributor(2), 500);
    let (_, verdict) = r.propose(unapplied(money), MatchTo::Orders, 500, &[part(theirs, 500)]);
    let missing = Code::NotFound {
        what: "order".into(),
    };
    assert_eq!(verdict, rejected(missing));
    let (_, verdict) = r.propose(unapplied(money), MatchTo::Deposit, 901, &[]);
    assert_eq!(verdict, too_large(900));
    let mut body = r.body(unapplied(money), MatchTo::Deposit, 900, &[]);
    body.distributor = distributor(2);
    let verdict = r.act(FINANCE, OpBody::MatchPropose(body));
    assert_eq!(verdict, rejected(Code::NotMatchable));
    r.world.check();
}

#[test]
fn two_approvals_at_once_never_take_the_rest_below_zero() {
    let folder = tempfile::tempdir().unwrap();
    let mut r = on(World::on(
        SqliteStore::open(&folder.path().join("backend.db")).unwrap(),
    ));
    let money = r.late(900);
    let ids = [0, 1].map(|_| r.proposed(unapplied(money), MatchTo::Deposit, 600, &[]));
    let mut desks = [r.world.enrol("T02"), r.world.enrol("T03")];
    let world = &r.world;
    let verdicts: Vec<VerdictKind> = std::thread::scope(|scope| {
        let threads: Vec<_> = desks
            .iter_mut()
            .zip(ids)
            .map(|(desk, id)| {
                scope.spawn(move || desk.act(world, LEAD, OpBody::MatchApprove(decide(id))))
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let applied = verdicts.iter().filter(|v| v.applied()).count();
    assert_eq!(applied, 1, "{verdicts:?}");
    assert!(verdicts.contains(&too_large(300)), "{verdicts:?}");
    assert_eq!(
        (r.unapplied(), r.collection(money).unapplied_fen),
        (300, fen(300))
    );
    r.world.check();
}

#[test]
fn the_database_itself_refuses_what_a_rule_would_let_through() {
    let mut r = rig();
    let money = r.late(900);
    let order = r.order(900);
    let id = r.proposed(unapplied(money), MatchTo::Orders, 900, &[part(order, 900)]);
    assert_eq!(r.approve(id), VerdictKind::Applied);
    let connection = locked(&r.world.store.writer);
    // A rest that is paid out already.
    let unapplied = connection.execute(
        "UPDATE payment_collection SET unapplied_fen = 1 WHERE collection = ?1",
        [money.to_string()],
    );
    assert!(unapplied.unwrap_err().to_string().contains("CHECK"));
    // A decision that was made before.
    drop(connection);
    let doc = r.held(id);
    let again = r.world.store.write(&r.world.cx(), |work| {
        super::super::matches::put(work, &doc)?;
        Ok(())
    });
    assert!(matches!(again, Err(StoreError::Rule(_))), "{again:?}");
    r.world.check();
}

#[test]
fn unidentified_money_becomes_somebodys_collection_once() {
    let mut r = rig();
    let record = r.unidentified(900);
    let item = r.item("unidentified_money");
    let refused = Code::MoneyStillOpen {
        open_fen: "900".into(),
    };
    assert_eq!(r.close(item.id), rejected(refused));
    let order = r.order(500);
    let from = MatchFrom::Unidentified {
        transaction_record: record.id,
    };
    let (_, verdict) = r.propose(from, MatchTo::Unapplied, 899, &[]);
    assert_eq!(verdict, rejected(Code::NotMatchable));
    let id = r.proposed(from, MatchTo::Orders, 900, &[part(order, 500)]);
    let second = r.proposed(from, MatchTo::Deposit, 900, &[]);
    assert_eq!(r.approve(id), VerdictKind::Applied);
    assert_eq!((r.paid(order), r.unapplied()), (500, 400));
    assert_eq!(
        r.world.balance(&Account::Unidentified { channel: WECHAT }),
        0
    );
    let owned = r.record(&record.provider_no);
    assert_eq!(
        (owned.distributor, owned.asked),
        (Some(distributor(1)), None)
    );
    let made = r.collection(owned.collection.unwrap());
    assert_eq!(
        (made.recorded_by, made.decided_by),
        (Some(FINANCE), Some(LEAD))
    );
    assert_eq!(made.transaction_record, Some(record.id));
    assert!(r.item("unidentified_money").done);
    // The other proposal comes too late.
    assert_eq!(r.approve(second), rejected(Code::NotMatchable));
    // The evidence comes again: it was booked.
    r.world.check();
}

#[test]
fn unidentified_money_tops_a_deposit_up() {
    let mut r = rig();
    let record = r.unidentified(900);
    let from = MatchFrom::Unidentified {
        transaction_record: record.id,
    };
    let id = r.proposed(from, MatchTo::Deposit, 900, &[]);
    assert_eq!(r.approve(id), VerdictKind::Applied);
    assert_eq!((r.unapplied(), r.available()), (0, 900));
    r.world.check();
}

#[test]
fn held_money_is_freed_by_name_and_a_later_operation_finds_it_late() {
    let mut r = rig();
    let order = r.order(900);
    let mut body = r.desk.ask_body(&r.world, distributor(1), Some(order), 900);
    body.distributor_number = 1;
    let link = Link::parse(&r.desk.link(&body)).unwrap();
    r.world.store.open_link(&r.world.cx(), &link).unwrap();
    let attempt = r.world.attempt(body.intent, WECHAT);
    let proof = evidence(&attempt, 1);
    r.world.settle(&proof).unwrap();
    let record = r.record(&proof.provider_no);
    assert_eq!(record.asked, Some(distributor(1)));
    let propose = r.propose(
        MatchFrom::Unidentified {
            transaction_record: record.id,
        },
        MatchTo::Unapplied,
        900,
        &[],
    );
    assert_eq!(propose.1, rejected(Code::NotMatchable));
    // The ticket's link names its distributor, and no other will do.
    let bad = Code::BadField {
        field: "distributor".into(),
    };
    assert_eq!(r.free(&record, 2), rejected(bad));
    let free = HeldMoneyFree {
        transaction_record: record.id,
        distributor: distributor(1),
        reason: "x".into(),
    };
    assert!(matches!(
        r.act(FINANCE, OpBody::HeldMoneyFree(free)),
        VerdictKind::Rejected {
            reason: Code::NotAllowed { .. }
        }
    ));
    assert_eq!(r.free(&record, 1), VerdictKind::Applied);
    assert_eq!(r.free(&record, 1), rejected(Code::AlreadyDecided));
    let ticket = body.intent;
    assert_eq!(r.world.balance(&Account::HeldTicket { ticket }), 0);
    assert_eq!((r.unapplied(), r.paid(order)), (900, 0));
    r.world.check();
    // The terminal was found after all.
    let verdict = r.act(SALES, OpBody::IntentOpen(body));
    assert_eq!(verdict, VerdictKind::Applied);
    let doc = r.intent(ticket);
    assert_eq!(
        (doc.state, doc.outcome),
        (IntentState::Paid, Some(IntentOutcome::Late))
    );
    assert_eq!((r.unapplied(), r.paid(order)), (900, 0));
    let money = doc.collection.unwrap();
    let id = r.proposed(unapplied(money), MatchTo::Orders, 900, &[part(order, 900)]);
    assert_eq!(r.approve(id), VerdictKind::Applied);
    assert_eq!(r.paid(order), 900);
    r.world.check();
}

#[test]
fn held_money_of_a_distributor_the_link_does_not_name_is_freed_to_the_one_that_is_named() {
    let mut r = rig();
    let body = r.desk.ask_body(&r.world, distributor(1), None, 500);
    let link = Link::parse(&r.desk.link(&body)).unwrap();
    r.world.store.open_link(&r.world.cx(), &link).unwrap();
    let proof = evidence(&r.world.attempt(body.intent, WECHAT), 1);
    r.world.settle(&proof).unwrap();
    let record = r.record(&proof.provider_no);
    assert_eq!(r.free(&record, 1), VerdictKind::Applied);
    assert_eq!(r.unapplied(), 500);
    r.world.check();
}

#[test]
fn an_item_is_closed_with_a_reason_once() {
    let mut r = rig();
    let verdict = r.act(SALES, cancel(OrderId(r.world.env.uuid()), 1));
    assert!(matches!(verdict, VerdictKind::Rejected { .. }));
    let item = r.item("rejected");
    let silent = AttentionClose {
        attention: item.id,
        reason: " ".into(),
    };
    let bad = Code::BadField {
        field: "reason".into(),
    };
    assert_eq!(
        r.act(FINANCE, OpBody::AttentionClose(silent)),
        rejected(bad)
    );
    assert_eq!(r.close(item.id), VerdictKind::Applied);
    assert_eq!(r.close(item.id), rejected(Code::AlreadyDecided));
    let all = r.world.store.attention(&r.world.cx()).unwrap();
    let closed = all.into_iter().find(|held| held.id == item.id).unwrap();
    let closed = closed.closed.unwrap();
    assert_eq!((closed.by, closed.reason.as_str()), (FINANCE, "已核对"));
    let unknown = AttentionId(r.world.env.uuid());
    let missing = Code::NotFound {
        what: "attention".into(),
    };
    assert_eq!(r.close(unknown), rejected(missing));
}

#[derive(Clone, Debug)]
enum Step {
    Late(i64),
    Stray(i64),
    Order(i64),
    Cancel(usize),
    Propose {
        money: usize,
        to: u8,
        amount: i64,
        order: usize,
    },
    Stranger {
        money: usize,
        to: u8,
        order: usize,
    },
    Approve(usize),
    Reject(usize),
    Close(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (index, amount) = (0..4_usize, 1..2_000_i64);
    let order = index.clone();
    prop_oneof![
        1 => amount.clone().prop_map(Step::Late),
        1 => amount.clone().prop_map(Step::Stray),
        1 => amount.clone().prop_map(Step::Order),
        1 => index.clone().prop_map(Step::Cancel),
        3 => (index.clone(), 0..3_u8, amount, order.clone()).prop_map(
            |(money, to, amount, order)| Step::Propose { money, to, amount, order }
        ),
        2 => (index.clone(), 0..3_u8, order)
            .prop_map(|(money, to, order)| Step::Stranger { money, to, order }),
        4 => (0..12_usize).prop_map(Step::Approve),
        1 => (0..12_usize).prop_map(Step::Reject),
        1 => index.prop_map(Step::Close),
    ]
}

fn run(steps: Vec<Step>) {
    let mut r = rig();
    let (mut late, mut strays, mut orders, mut matches) = (vec![], vec![], vec![], vec![]);
    let mut came = 0;
    for step in steps {
        match step {
            Step::Late(amount) => {
                late.push(r.late(amount));
                came += amount;
            }
            Step::Stray(amount) => {
                strays.push(r.unidentified(amount));
                came += amount;
            }
            Step::Order(total) => orders.push(r.order(total)),
            Step::Cancel(order) => {
                if let Some(id) = orders.get(order) {
                    r.act(SALES, cancel(*id, 1));
                }
            }
            Step::Propose {
                money,
                to,
                amount,
                order,
            } => {
                let Some(money) = late.get(money) else {
                    continue;
                };
                let parts: Vec<_> = orders
                    .get(order)
                    .map(|id| part(*id, amount))
                    .into_iter()
                    .collect();
                let (to, parts) = match to {
                    0 => (MatchTo::Deposit, Vec::new()),
                    1 => (MatchTo::Suspense, Vec::new()),
                    _ => (MatchTo::Orders, parts),
                };
                matches.push(r.propose(unapplied(*money), to, amount, &parts).0);
            }
            Step::Stranger { money, to, order } => {
                let Some(record) = strays.get(money) else {
                    continue;
                };
                let amount = record.gross_fen.fen();
                let from = MatchFrom::Unidentified {
                    transaction_record: record.id,
                };
                let parts: Vec<_> = orders
                    .get(order)
                    .map(|id| part(*id, amount))
                    .into_iter()
                    .collect();
                let (to, parts) = match to {
                    0 => (MatchTo::Deposit, Vec::new()),
                    1 => (MatchTo::Unapplied, Vec::new()),
                    _ => (MatchTo::Orders, parts),
                };
                matches.push(r.propose(from, to, amount, &parts).0);
            }
            Step::Approve(index) => {
                if let Some(id) = matches.get(index) {
                    r.approve(*id);
                }
            }
            Step::Reject(index) => {
                if let Some(id) = matches.get(index) {
                    r.act(LEAD, OpBody::MatchReject(decide(*id)));
                }
            }
            Step::Close(index) => {
                let all = r.world.store.attention(&r.world.cx()).unwrap();
                if let Some(item) = all.get(index) {
                    r.close(item.id);
                }
            }
        }
        r.world.check();
        // Money in is money booked, wherever it was put.
        let clearing = r
            .world
            .balance(&Account::ChannelClearing { channel: WECHAT });
        assert_eq!(clearing, -came);
    }
    let all = r.world.store.attention(&r.world.cx()).unwrap();
    assert!(
        all.iter().all(|item| !item.subject.contains("internal")),
        "{all:?}"
    );
    // Nothing is closed while its money is open.
    let open = all
        .iter()
        .filter(|item| item.kind == "unidentified_money" && !item.done);
    let open: i64 = open.map(|item| item.amount_fen.fen()).sum();
    assert_eq!(
        r.world.balance(&Account::Unidentified { channel: WECHAT }),
        open
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_propose_and_decide_the_books_hold_what_came(
        steps in prop::collection::vec(step(), 1..50),
    ) {
        run(steps);
    }
}
