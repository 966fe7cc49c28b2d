//! Settlement through the real database: once, in any order, and always in balance.

use crate::facts::JobKind;
use crate::payments::asks::{Begin, Observed};
use crate::payments::settle::Settled;
use crate::store::sqlite::SqliteStore;
use crate::store::{CashierView, JobEnd, Store as _};
use crate::testing::{Desk, FINANCE, LEAD, SALES, World, cancel, distributor, edit, evidence, fen};
use domain::channel::Channel;
use domain::code::Code;
use domain::collection::{CollectionState, PaymentMethod};
use domain::id::{IntentId, OrderId};
use domain::intent::{IntentOutcome, IntentState, PaymentIntent};
use domain::ledger::Account;
use domain::operation::{DepositRelease, IntentClose, IntentProof, OpBody};
use domain::order::PaymentState;
use wire::change::Doc;
use wire::link::Link;
use wire::verdict::{VerdictKind, Wait};

const WECHAT: Channel = Channel::WechatPay;

fn intent_doc(world: &World, desk: &mut Desk, id: IntentId) -> PaymentIntent {
    desk.pull_all(world);
    let of = |doc: &Doc| match doc {
        Doc::PaymentIntent(doc) if doc.id == id => Some(doc.clone()),
        _ => None,
    };
    desk.seen
        .iter()
        .rev()
        .find_map(|change| of(&change.doc))
        .unwrap()
}

fn payment(world: &World, order: OrderId) -> (PaymentState, i64) {
    let orders = world.store.orders(&world.cx()).unwrap();
    let order = orders.iter().find(|held| held.id == order).unwrap();
    (order.payment_state(), order.paid_fen.fen())
}

fn kinds(world: &World) -> Vec<String> {
    world
        .store
        .attention(&world.cx())
        .unwrap()
        .into_iter()
        .map(|item| item.kind)
        .collect()
}

#[test]
fn a_paid_intent_pays_its_order_and_makes_collection_record_and_postings() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), 630_600);
    let (intent, verdict) = desk.ask(&world, distributor(1), Some(order), 630_600);
    assert_eq!(verdict, VerdictKind::Applied);
    let code = intent_doc(&world, &mut desk, intent).pay_code.unwrap();
    let link = Link::parse(&code).unwrap();
    let CashierView::Payable(view) = world.store.open_link(&world.cx(), &link).unwrap() else {
        panic!("not payable");
    };
    assert_eq!((view.amount_fen, view.channels.len()), (fen(630_600), 2));
    assert_eq!(view.order_numbers, ["T01-261123-0001"]);
    let attempt = world.attempt(intent, WECHAT);
    assert_eq!(
        intent_doc(&world, &mut desk, intent).state,
        IntentState::Paying
    );
    let paid = Settled::Paid {
        intent,
        outcome: IntentOutcome::Exact,
    };
    assert_eq!(world.pay(&attempt), paid);
    assert_eq!(payment(&world, order), (PaymentState::Paid, 630_600));
    let doc = intent_doc(&world, &mut desk, intent);
    assert_eq!(
        (doc.state, doc.outcome),
        (IntentState::Paid, Some(IntentOutcome::Exact))
    );
    let collections = world.store.collections(&world.cx()).unwrap();
    assert_eq!(collections.len(), 1);
    assert_eq!(collections[0].state, CollectionState::Confirmed);
    assert_eq!(collections[0].method, PaymentMethod::QrCode);
    assert!(collections[0].number.starts_with("HQ-"));
    let CashierView::Paid(_, receipt) = world.store.open_link(&world.cx(), &link).unwrap() else {
        panic!("not paid");
    };
    let signed = wire::receipt::Receipt::open(&receipt.signed, &world.key.public()).unwrap();
    assert_eq!((signed.intent, signed.amount_fen), (intent, fen(630_600)));
    let proof = OpBody::IntentProof(IntentProof {
        intent,
        proof: receipt.receipt_code,
    });
    assert_eq!(desk.act(&world, SALES, proof), VerdictKind::Applied);
    let forged = OpBody::IntentProof(IntentProof {
        intent,
        proof: "ABCD0000".into(),
    });
    let refused = Code::BadProof { tries_left: 0 };
    assert_eq!(
        desk.act(&world, SALES, forged),
        VerdictKind::Rejected { reason: refused }
    );
    world.check();
}

#[test]
fn a_hundred_deliveries_from_many_threads_make_one_collection() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(SqliteStore::open(&folder.path().join("backend.db")).unwrap());
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), 900);
    let (intent, _) = desk.ask(&world, distributor(1), Some(order), 900);
    let proof = evidence(&world.attempt(intent, WECHAT), 1);
    let deliver = || {
        (0..10)
            .filter(|_| world.settle(&proof).unwrap() != Settled::Already)
            .count()
    };
    let booked: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..10).map(|_| scope.spawn(deliver)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(booked, 1);
    assert_eq!(world.store.collections(&world.cx()).unwrap().len(), 1);
    assert_eq!(payment(&world, order), (PaymentState::Paid, 900));
    world.check();
}

#[test]
fn an_ask_paid_with_another_amount_still_ends_and_frees_its_order() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), 900);
    let (intent, _) = desk.ask(&world, distributor(1), Some(order), 900);
    let mut wrong = evidence(&world.attempt(intent, WECHAT), 1);
    wrong.amount_fen = fen(899);
    assert_eq!(world.settle(&wrong).unwrap(), Settled::Unidentified);
    let close = OpBody::IntentClose(IntentClose { intent });
    assert_eq!(desk.act(&world, SALES, close), VerdictKind::Applied);
    assert_eq!(
        intent_doc(&world, &mut desk, intent).state,
        IntentState::Closed
    );
    assert_eq!(payment(&world, order), (PaymentState::Unpaid, 0));
    world.check();
}

#[test]
fn evidence_that_does_not_match_moves_nothing_and_is_booked_unidentified() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), 900);
    let (intent, _) = desk.ask(&world, distributor(1), Some(order), 900);
    let good = evidence(&world.attempt(intent, WECHAT), 1);
    let mut wrong = Vec::new();
    for n in 0..4 {
        let mut proof = good.clone();
        proof.provider_no = format!("W{n}");
        match n {
            0 => proof.amount_fen = fen(899),
            1 => proof.app_id = "A2".into(),
            2 => proof.channel = Channel::Alipay,
            _ => proof.out_trade_no = "FT-not-ours".into(),
        }
        wrong.push(proof);
    }
    for proof in &wrong {
        assert_eq!(world.settle(proof).unwrap(), Settled::Unidentified);
        assert_eq!(world.settle(proof).unwrap(), Settled::Already);
    }
    let mut foreign = good.clone();
    foreign.merchant_no = "M2".into();
    assert_eq!(world.settle(&foreign).unwrap(), Settled::NotOurs);
    assert_eq!(payment(&world, order), (PaymentState::Unpaid, 0));
    assert_eq!(
        intent_doc(&world, &mut desk, intent).state,
        IntentState::Paying
    );
    assert_eq!(world.store.collections(&world.cx()).unwrap().len(), 0);
    let kinds = kinds(&world);
    assert_eq!(
        kinds.iter().filter(|kind| *kind == "wrong_amount").count(),
        1
    );
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| *kind == "unidentified_money")
            .count(),
        3
    );
    assert_eq!(
        world.balance(&Account::Unidentified { channel: WECHAT }),
        899 + 900 + 900
    );
    world.check();
    assert!(matches!(world.settle(&good).unwrap(), Settled::Paid { .. }));
    world.check();
}

#[test]
fn another_channel_waits_for_the_close_and_a_second_success_is_refundable() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), 900);
    let (intent, _) = desk.ask(&world, distributor(1), Some(order), 900);
    let first = world.attempt(intent, Channel::Alipay);
    let cx = world.cx();
    let begin = |channel, payer| {
        world
            .store
            .begin_attempt(&cx, intent, channel, payer)
            .unwrap()
    };
    assert!(matches!(begin(Channel::Alipay, "payer"), Begin::Offered(_)));
    assert!(matches!(
        begin(Channel::Alipay, "another"),
        Begin::CloseFirst(_)
    ));
    assert!(matches!(begin(WECHAT, "payer"), Begin::CloseFirst(_)));
    // Alipay can't say while its code is unscanned: the switch goes on (rule 6.8).
    let unsure = Observed::NoSuchTrade { to_close: true };
    world
        .store
        .observe(&cx, &first.out_trade_no, unsure)
        .unwrap();
    let second = world.attempt(intent, WECHAT);
    let paid = Settled::Paid {
        intent,
        outcome: IntentOutcome::Exact,
    };
    assert_eq!(world.pay(&second), paid);
    let twice = Settled::Paid {
        intent,
        outcome: IntentOutcome::Duplicate,
    };
    assert_eq!(world.pay(&first), twice);
    assert_eq!(
        world.balance(&Account::Refundable {
            distributor: distributor(1)
        }),
        900
    );
    assert_eq!(payment(&world, order), (PaymentState::Paid, 900));
    assert!(kinds(&world).contains(&"duplicate_payment".to_owned()));
    assert_eq!(
        world.store.begin_attempt(&cx, intent, WECHAT, "x").unwrap(),
        Begin::NotPayable
    );
    world.check();
}

#[test]
fn an_intent_expires_only_with_its_attempt_and_later_money_is_late() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let cx = world.cx();
    let order = desk.order(&world, distributor(1), 900);
    let (intent, _) = desk.ask(&world, distributor(1), Some(order), 900);
    let attempt = world.attempt(intent, WECHAT);
    world.store.expire(&cx, intent).unwrap();
    assert_eq!(
        intent_doc(&world, &mut desk, intent).state,
        IntentState::Paying
    );
    world.pass(300_000);
    world.store.expire(&cx, intent).unwrap();
    assert_eq!(
        intent_doc(&world, &mut desk, intent).state,
        IntentState::Paying
    );
    let jobs = world.store.claim_jobs(&cx, "w", 10, 1_000).unwrap();
    assert!(jobs.iter().any(|job| job.kind == JobKind::Close));
    assert!(
        world
            .store
            .claim_jobs(&cx, "other", 10, 1_000)
            .unwrap()
            .is_empty()
    );
    for job in &jobs {
        world.store.finish_job(&cx, job, JobEnd::Done).unwrap();
    }
    world
        .store
        .observe(&cx, &attempt.out_trade_no, Observed::Closed)
        .unwrap();
    assert_eq!(
        intent_doc(&world, &mut desk, intent).state,
        IntentState::Expired
    );
    let late = Settled::Paid {
        intent,
        outcome: IntentOutcome::Late,
    };
    assert_eq!(world.pay(&attempt), late);
    assert_eq!(payment(&world, order), (PaymentState::Unpaid, 0));
    assert_eq!(
        world.balance(&Account::Unapplied {
            distributor: distributor(1)
        }),
        900
    );
    assert!(kinds(&world).contains(&"late_money".to_owned()));
    world.check();
}

#[test]
fn no_such_trade_ends_an_attempt_only_two_minutes_past_its_end_and_asked_twice() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let cx = world.cx();
    let (intent, _) = desk.ask(&world, distributor(1), None, 900);
    let attempt = world.attempt(intent, Channel::Alipay);
    let state = |world: &World| {
        world
            .store
            .attempt(&cx, &attempt.out_trade_no)
            .unwrap()
            .unwrap()
            .state
    };
    let none = Observed::NoSuchTrade { to_close: false };
    let see = |ms: i64| {
        world.pass(ms);
        world
            .store
            .observe(&cx, &attempt.out_trade_no, none)
            .unwrap();
        state(&world)
    };
    use domain::intent::AttemptState::{Closed, Open};
    assert_eq!(see(0), Open);
    assert_eq!(see(300_000), Open);
    assert_eq!(see(120_000), Open);
    assert_eq!(see(59_000), Open);
    assert_eq!(see(1_000), Closed);
    assert_eq!(
        intent_doc(&world, &mut desk, intent).state,
        IntentState::Expired
    );
}

#[test]
fn money_before_its_operation_is_held_and_booked_when_it_comes() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), 900);
    let body = desk.ask_body(&world, distributor(1), Some(order), 900);
    let text = desk.link(&body);
    let link = Link::parse(&text).unwrap();
    let CashierView::Payable(view) = world.store.open_link(&world.cx(), &link).unwrap() else {
        panic!("not payable");
    };
    assert_eq!(
        (view.intent, view.distributor, view.order_numbers.len()),
        (body.intent, None, 0)
    );
    let attempt = world.attempt(body.intent, WECHAT);
    assert_eq!(
        world.pay(&attempt),
        Settled::Held {
            intent: body.intent
        }
    );
    assert_eq!(
        world.balance(&Account::HeldTicket {
            ticket: body.intent
        }),
        900
    );
    assert!(matches!(
        world.store.open_link(&world.cx(), &link).unwrap(),
        CashierView::Paid(..)
    ));
    world.check();
    // Hours later the terminal is online again.
    world.pass(9_000_000);
    let intent = body.intent;
    assert_eq!(
        desk.act(&world, SALES, OpBody::IntentOpen(body)),
        VerdictKind::Applied
    );
    assert_eq!(world.balance(&Account::HeldTicket { ticket: intent }), 0);
    assert_eq!(payment(&world, order), (PaymentState::Paid, 900));
    let doc = intent_doc(&world, &mut desk, intent);
    assert_eq!(
        (doc.state, doc.outcome),
        (IntentState::Paid, Some(IntentOutcome::Exact))
    );
    world.check();
}

#[test]
fn a_top_up_before_its_operation_goes_to_the_deposit_if_the_distributor_is_known() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    for (number, held) in [(1, 0), (0, 500)] {
        let mut body = desk.ask_body(&world, distributor(1), None, 500);
        body.distributor_number = number;
        let link = Link::parse(&desk.link(&body)).unwrap();
        world.store.open_link(&world.cx(), &link).unwrap();
        let attempt = world.attempt(body.intent, WECHAT);
        world.pay(&attempt);
        assert_eq!(
            world.balance(&Account::HeldTicket {
                ticket: body.intent
            }),
            held
        );
        let intent = body.intent;
        assert_eq!(
            desk.act(&world, SALES, OpBody::IntentOpen(body)),
            VerdictKind::Applied
        );
        assert_eq!(
            intent_doc(&world, &mut desk, intent).state,
            IntentState::Paid
        );
        world.check();
    }
    let total = world.balance(&Account::DepositAvailable {
        distributor: distributor(1),
    }) + world.balance(&Account::DepositAllotted {
        distributor: distributor(1),
        terminal: desk.terminal,
    });
    assert_eq!(total, 1_000);
}

#[test]
fn the_first_body_seen_for_a_ticket_counts() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), 900);
    let body = desk.ask_body(&world, distributor(1), Some(order), 500);
    let shown = Link::parse(&desk.link(&body)).unwrap();
    let mut other = body.clone();
    other.amount_fen = fen(1);
    let changed = Link::parse(&desk.link(&other)).unwrap();
    assert!(matches!(
        world.store.open_link(&world.cx(), &shown).unwrap(),
        CashierView::Payable(_)
    ));
    assert_eq!(
        world.store.open_link(&world.cx(), &changed).unwrap(),
        CashierView::Refused
    );
    let mut lowered = body.clone();
    lowered.amount_fen = fen(400);
    lowered.allocations[0].amount_fen = fen(400);
    let verdict = desk.act(&world, SALES, OpBody::IntentOpen(lowered));
    assert!(
        matches!(verdict, VerdictKind::AppliedWithDifference { .. }),
        "{verdict:?}"
    );
    assert_eq!(
        intent_doc(&world, &mut desk, body.intent).amount_fen,
        fen(500)
    );
    assert_eq!(kinds(&world), ["link_differs", "link_differs"]);
    // A link of another terminal's key, or of a ticket that is not the terminal's, asks for nothing.
    let stranger = world.enrol("T02");
    let stolen = Link::parse(&stranger.link(&body)).unwrap();
    assert_eq!(
        world.store.open_link(&world.cx(), &stolen).unwrap(),
        CashierView::Refused
    );
    let unknown = Link::parse("0000000000000").unwrap();
    assert_eq!(
        world.store.open_link(&world.cx(), &unknown).unwrap(),
        CashierView::Refused
    );
}

#[test]
fn an_edit_supersedes_the_own_ask_and_waits_for_anothers() {
    let world = World::new();
    let (mut one, mut two) = (world.enrol("T01"), world.enrol("T02"));
    let order = one.order(&world, distributor(1), 900);
    let (intent, _) = one.ask(&world, distributor(1), Some(order), 900);
    let blocked = VerdictKind::Blocked {
        wait: Wait::Intent(intent),
    };
    assert_eq!(
        two.act(&world, SALES, edit(order, 1, distributor(1), 500)),
        blocked
    );
    assert_eq!(
        one.act(&world, SALES, edit(order, 1, distributor(1), 700)),
        VerdictKind::Applied
    );
    let code = intent_doc(&world, &mut one, intent).pay_code.unwrap();
    let link = Link::parse(&code).unwrap();
    let view = world.store.open_link(&world.cx(), &link).unwrap();
    assert_eq!(view, CashierView::Superseded);
    // The other's edit was judged again when the ask ended: the order has moved on.
    two.pull_all(&world);
    let decided = two.seen.iter().any(|change| match &change.doc {
        Doc::Verdict(verdict) => verdict.kind.settled(),
        _ => false,
    });
    assert!(decided);
    assert_eq!(world.store.summary(&world.cx()).unwrap().blocked, 0);
}

#[test]
fn live_asks_may_not_exceed_what_is_owed_and_a_new_one_replaces_the_own() {
    let world = World::new();
    let (mut one, mut two) = (world.enrol("T01"), world.enrol("T02"));
    let order = one.order(&world, distributor(1), 900);
    let (first, _) = one.ask(&world, distributor(1), Some(order), 900);
    let asked = VerdictKind::Rejected {
        reason: Code::AlreadyAsked,
    };
    let (lost, verdict) = two.ask(&world, distributor(1), Some(order), 1);
    assert_eq!(verdict, asked);
    let view = super::super::payments::view;
    let seen = world.store.read(|tx| view(tx, &world.cx(), lost)).unwrap();
    assert_eq!(seen, CashierView::Superseded);
    let (second, verdict) = one.ask(&world, distributor(1), Some(order), 900);
    assert_eq!(verdict, VerdictKind::Applied);
    assert_eq!(
        intent_doc(&world, &mut one, first).state,
        IntentState::Closed
    );
    world.attempt(second, WECHAT);
    assert_eq!(one.ask(&world, distributor(1), Some(order), 900).1, asked);
    let close = OpBody::IntentClose(IntentClose { intent: second });
    assert_eq!(one.act(&world, SALES, close), VerdictKind::Applied);
    assert_eq!(
        intent_doc(&world, &mut one, second).state,
        IntentState::Paying
    );
}

#[test]
fn a_deposit_is_allotted_spent_released_and_never_below_zero() {
    let world = World::new();
    let (mut one, mut two) = (world.enrol("T01"), world.enrol("T02"));
    let d = distributor(1);
    let allotted = |desk: &Desk| {
        world.balance(&Account::DepositAllotted {
            distributor: d,
            terminal: desk.terminal,
        })
    };
    let available = || world.balance(&Account::DepositAvailable { distributor: d });
    one.top_up(&world, d, 1_000);
    assert_eq!(available(), 1_000);
    one.pull_all(&world);
    assert_eq!((available(), allotted(&one)), (0, 1_000));
    let order = one.order(&world, d, 700);
    let method = PaymentMethod::Deposit;
    let short = Code::DepositShort {
        available_fen: "0".into(),
    };
    let (_, verdict) = two.record(&world, method, d, Some(order), 700);
    assert_eq!(verdict, VerdictKind::Rejected { reason: short });
    let (id, verdict) = one.record(&world, method, d, Some(order), 700);
    assert_eq!(verdict, VerdictKind::Applied);
    assert_eq!(payment(&world, order), (PaymentState::Paid, 700));
    assert_eq!(allotted(&one), 300);
    let collections = world.store.collections(&world.cx()).unwrap();
    let spent = collections.iter().find(|held| held.id == id).unwrap();
    assert_eq!(
        (spent.state, spent.decided_by),
        (CollectionState::Confirmed, None)
    );
    let release = |amount| {
        OpBody::DepositRelease(DepositRelease {
            distributor: d,
            amount_fen: fen(amount),
        })
    };
    assert_eq!(one.act(&world, SALES, release(100)), VerdictKind::Applied);
    let short = Code::DepositShort {
        available_fen: "200".into(),
    };
    assert_eq!(
        one.act(&world, SALES, release(201)),
        VerdictKind::Rejected { reason: short }
    );
    // A cancelled order gives deposit money back to the deposit, not to unapplied (rule 5.8).
    assert_eq!(
        one.act(&world, SALES, cancel(order, 1)),
        VerdictKind::Applied
    );
    assert_eq!((available(), allotted(&one)), (800, 200));
    assert_eq!(world.balance(&Account::Unapplied { distributor: d }), 0);
    // What an order no longer takes goes back, and is a difference.
    let order = one.order(&world, d, 500);
    let (_, verdict) = one.record(&world, method, d, Some(order), 600);
    assert!(matches!(verdict, VerdictKind::AppliedWithDifference { .. }));
    assert_eq!(payment(&world, order), (PaymentState::Paid, 500));
    assert_eq!(available() + allotted(&one), 500);
    world.check();
}

#[test]
fn cash_waits_for_finance_and_the_recorder_never_confirms() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), 1_000);
    let (id, verdict) = desk.record(
        &world,
        PaymentMethod::Cash,
        distributor(1),
        Some(order),
        1_000,
    );
    assert_eq!(verdict, VerdictKind::Applied);
    assert_eq!(payment(&world, order), (PaymentState::Unpaid, 0));
    let role = domain::role::Role::Sales;
    let refused = VerdictKind::Rejected {
        reason: Code::NotAllowed { role },
    };
    assert_eq!(desk.confirm(&world, SALES, id), refused);
    // The order is lowered before finance confirms: the rest stays unapplied (rule 5.7).
    assert_eq!(
        desk.act(&world, SALES, edit(order, 1, distributor(1), 600)),
        VerdictKind::Applied
    );
    assert_eq!(desk.confirm(&world, FINANCE, id), VerdictKind::Applied);
    assert_eq!(payment(&world, order), (PaymentState::Paid, 600));
    assert_eq!(
        world.balance(&Account::Unapplied {
            distributor: distributor(1)
        }),
        400
    );
    let decided = VerdictKind::Rejected {
        reason: Code::AlreadyDecided,
    };
    assert_eq!(desk.confirm(&world, LEAD, id), decided);
    assert_eq!(
        desk.act(&world, SALES, edit(order, 2, distributor(1), 500)),
        VerdictKind::Applied
    );
    assert_eq!(
        world.balance(&Account::Unapplied {
            distributor: distributor(1)
        }),
        500
    );
    world.check();
}

#[test]
fn a_callback_is_stored_before_it_is_worked_on() {
    let world = World::new();
    let cx = world.cx();
    let raw = crate::store::RawCallback {
        channel: WECHAT,
        headers: "[]".into(),
        body: vec![0, 159, 146, 150],
        received_at: wire::Env::now(&world.env),
    };
    let id = world.store.store_callback(&cx, &raw).unwrap();
    assert_eq!(world.store.callback(&cx, id).unwrap(), Some(raw));
    let jobs = world.store.claim_jobs(&cx, "w", 1, 1_000).unwrap();
    assert_eq!(
        (jobs[0].kind, jobs[0].subject.as_str()),
        (JobKind::Callback, &*id.to_string())
    );
    let later = wire::Env::now(&world.env).plus_ms(5_000);
    world
        .store
        .finish_job(&cx, &jobs[0], JobEnd::Again(later))
        .unwrap();
    assert_eq!(world.store.next_job_at(&cx).unwrap(), Some(later));
    world.pass(5_000);
    assert_eq!(
        world.store.claim_jobs(&cx, "w", 1, 1_000).unwrap()[0].tries,
        1
    );
    // A worker that died: its claim runs out.
    world.pass(1_000);
    assert_eq!(
        world
            .store
            .claim_jobs(&cx, "other", 1, 1_000)
            .unwrap()
            .len(),
        1
    );
    world.store.callback_outcome(&cx, id, "settled").unwrap();
}
