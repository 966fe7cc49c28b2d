//! Terminals by an administrator's word, what a revoked one still sends, and finance's decisions
//! about work under review.

use crate::store::{Contact, Store as _, StoreError};
use crate::testing::{
    ADMIN, Desk, FINANCE, LEAD, SALES, World, by, cancel, content, distributor, fen,
};
use domain::code::Code;
use domain::id::{OpId, OrderId};
use domain::operation::{Basis, OpBody, OrderCancel, OrderSubmit};
use domain::order::OrderState;
use domain::role::Role;
use domain::terminal::{
    ReviewCause, ReviewDecision, ReviewView, TerminalAct, TerminalState, TerminalView, WaitingWork,
};
use domain::time::{HOUR_MS, MINUTE_MS};
use wire::change::Doc;
use wire::envelope::SignedOperation;
use wire::protocol::{Head, PullRequest, Refused};
use wire::verdict::{VerdictKind, Wait};

const RELEASE: ReviewDecision = ReviewDecision::Release;

fn reject(reason: &str) -> ReviewDecision {
    let reason = reason.into();
    ReviewDecision::Reject { reason }
}

fn code<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Code {
    match result {
        Err(StoreError::Refused(Refused::Rule { reason })) => reason,
        other => panic!("{other:?}"),
    }
}

fn submit(desk: &mut Desk, world: &World, total: i64) -> (OrderId, OpBody) {
    let order = OrderId(wire::Env::uuid(&world.env));
    let body = OrderSubmit {
        order,
        number: desk.number(),
        content: content(distributor(1), total),
        confirm: true,
        config: 0,
    };
    (order, OpBody::OrderSubmit(body))
}

fn revoke(world: &World, admin: &Desk, terminal: &str) {
    let act = by(admin, ADMIN);
    world
        .store
        .revoke_by(&world.cx(), act, terminal, " 丢失 ")
        .unwrap();
}

fn waiting(world: &World, desk: &Desk) -> ReviewView {
    let act = by(desk, FINANCE);
    world.store.under_review(&world.cx(), act).unwrap()
}

fn decide(
    world: &World,
    desk: &Desk,
    op: OpId,
    decision: &ReviewDecision,
) -> Result<(), StoreError> {
    let act = by(desk, FINANCE);
    world.store.review(&world.cx(), act, op, decision)
}

fn terminal(world: &World, admin: &Desk, code: &str) -> TerminalView {
    let act = by(admin, ADMIN);
    let view = world.store.terminals(&world.cx(), act).unwrap();
    let mut all = view.terminals.into_iter();
    all.find(|one| one.terminal_code == code).unwrap()
}

fn verdicts(world: &World, op: OpId) -> Vec<VerdictKind> {
    let bodies = world.store.write(&world.cx(), |work| {
        let sql = "SELECT body FROM change WHERE doc = 'verdict' AND doc_key = ?1 ORDER BY seq";
        super::super::rows::all(work.tx, sql, [op.to_string()], |row| {
            row.get::<_, String>(0)
        })
    });
    let kind = |body: &String| match serde_json::from_str(body).unwrap() {
        Doc::Verdict(verdict) => verdict.kind,
        other => panic!("{other:?}"),
    };
    bodies.unwrap().iter().map(kind).collect()
}

/// A revoked terminal's order and its cancellation, which builds on it; signed, not sent.
fn lost(world: &World, desk: &mut Desk) -> [(OpId, SignedOperation); 2] {
    let (order, body) = submit(desk, world, 300);
    let first = desk.sign(world, SALES, body, vec![]);
    let body = OpBody::OrderCancel(OrderCancel {
        order,
        on: Basis::Operation(first.0),
        reason: "客户退单".into(),
    });
    let second = desk.sign(world, SALES, body, vec![first.0]);
    [first, second]
}

#[test]
fn what_a_revoked_terminal_still_sends_is_kept_in_order_and_takes_no_effect_by_itself() {
    let world = World::new();
    let admin = world.enrol("T02");
    let mut desk = world.enrol("T01");
    desk.order(&world, distributor(1), 100);
    revoke(&world, &admin, "T01");
    let [(first, one), (second, two)] = lost(&world, &mut desk);
    let review = VerdictKind::Blocked { wait: Wait::Review };
    // In two pushes, the second one after its answer was lost once.
    for operation in [one, two.clone(), two] {
        let push = desk.push(vec![operation]);
        let reply = world.store.push(&world.cx(), &push).unwrap();
        assert_eq!(reply.verdicts[0].kind, review);
        reply.verdicts[0].verify(&world.key.public()).unwrap();
    }
    // Handed over, it is told; and it hears nothing of the company any more.
    let push = desk.push(Vec::new());
    let told = world.store.push(&world.cx(), &push);
    assert!(matches!(told, Err(StoreError::Refused(Refused::Revoked))));
    let pull = PullRequest {
        caller: desk.caller(),
        after: desk.cursor,
        tickets: 0,
    };
    let told = world.store.pull(&world.cx(), &pull);
    assert!(matches!(told, Err(StoreError::Refused(Refused::Revoked))));
    assert_eq!(world.store.orders(&world.cx()).unwrap().len(), 1);

    let view = waiting(&world, &admin);
    let seen: Vec<_> = view.work.iter().map(|work| (work.op, work.seq)).collect();
    assert_eq!((seen, view.total), (vec![(first, 2), (second, 3)], 2));
    let WaitingWork {
        cause, builds_on, ..
    } = view.work[0].clone();
    assert_eq!((cause, builds_on), (ReviewCause::Revoked, false));
    assert!(view.work[1].builds_on);
    let says = view.work[0].content.clone().unwrap();
    assert_eq!(says.amount_fen, Some(fen(300)));
    assert_eq!(
        (says.lines.len(), says.number.as_str()),
        (1, "T01-261123-0002")
    );
    assert_eq!(view.work[1].content.clone().unwrap().note, "客户退单");
    assert_eq!(terminal(&world, &admin, "T01").under_review, 2);
    world.check();
}

#[test]
fn a_decision_or_an_administrators_act_is_only_rejected_whoever_signed_it() {
    let world = World::new();
    let admin = world.enrol("T02");
    let mut desk = world.enrol("T01");
    revoke(&world, &admin, "T01");
    let close = domain::operation::AttentionClose {
        attention: domain::id::AttentionId(wire::Env::uuid(&world.env)),
        reason: "已处理".into(),
    };
    // The key of a terminal that was lost, in the name of a lead.
    let (op, signed) = desk.sign(&world, LEAD, OpBody::AttentionClose(close), vec![]);
    let push = desk.push(vec![signed]);
    world.store.push(&world.cx(), &push).unwrap();
    let released = decide(&world, &admin, op, &RELEASE);
    assert_eq!(code(released), Code::ReviewRejectOnly);
    decide(&world, &admin, op, &reject("终端丢失")).unwrap();
    assert_eq!(waiting(&world, &admin).total, 0);
}

#[test]
fn a_number_that_no_log_reaches_keeps_nobodys_contact_away() {
    let world = World::new();
    let admin = world.enrol("T02");
    let contact = Contact {
        terminal: admin.terminal,
        at: wire::Env::now(&world.env),
        leased_at: None,
        version: "9".into(),
        head: Head {
            seq: u64::MAX,
            ..admin.head
        },
    };
    world.store.note_contacts(&world.cx(), &[contact]).unwrap();
    let kept = terminal(&world, &admin, "T02").contact.unwrap();
    assert_eq!(kept.version, "9");
}

#[test]
fn released_work_is_judged_under_its_own_author_in_the_order_of_its_log_and_told() {
    let world = World::new();
    let admin = world.enrol("T02");
    let mut desk = world.enrol("T01");
    revoke(&world, &admin, "T01");
    let [(first, one), (second, two)] = lost(&world, &mut desk);
    let push = desk.push(vec![one, two]);
    world.store.push(&world.cx(), &push).unwrap();
    let open = |world: &World| {
        let items = world.store.attention(&world.cx()).unwrap();
        items
            .iter()
            .filter(|item| item.kind == "review" && !item.done)
            .count()
    };
    assert_eq!(open(&world), 2);

    let early = decide(&world, &admin, second, &RELEASE);
    assert_eq!(code(early), Code::BuildsOnUnapplied);
    decide(&world, &admin, first, &RELEASE).unwrap();
    let again = decide(&world, &admin, first, &RELEASE);
    assert_eq!(code(again), Code::AlreadyDecided);
    let orders = world.store.orders(&world.cx()).unwrap();
    assert_eq!((orders.len(), orders[0].staff), (1, SALES));
    assert_eq!(orders[0].state, OrderState::Confirmed);
    decide(&world, &admin, second, &RELEASE).unwrap();
    let orders = world.store.orders(&world.cx()).unwrap();
    assert_eq!(orders[0].state, OrderState::Cancelled);
    assert_eq!(open(&world), 0);
    let applied = [
        VerdictKind::Blocked { wait: Wait::Review },
        VerdictKind::Applied,
    ];
    assert_eq!(verdicts(&world, first), applied);
    assert_eq!(verdicts(&world, second), applied);

    let view = waiting(&world, &admin);
    assert_eq!((view.work.len(), view.total), (0, 0));
    let told: Vec<_> = view
        .decided
        .iter()
        .map(|one| {
            (
                one.act,
                one.staff,
                one.kind.as_str(),
                one.before.as_str(),
                one.after.as_str(),
            )
        })
        .collect();
    let released = TerminalAct::Released;
    assert_eq!(
        told,
        [
            (released, FINANCE, "order_cancel", "review", "applied"),
            (released, FINANCE, "order_submit", "review", "applied")
        ]
    );
    assert_eq!(view.decided[1].subject, "T01-261123-0001");
    world.check();
}

#[test]
fn rejected_work_never_takes_effect_and_what_builds_on_it_can_only_be_rejected() {
    let world = World::new();
    let admin = world.enrol("T02");
    let mut desk = world.enrol("T01");
    revoke(&world, &admin, "T01");
    let [(first, one), (second, two)] = lost(&world, &mut desk);
    let push = desk.push(vec![one, two]);
    world.store.push(&world.cx(), &push).unwrap();
    let field = Code::BadField {
        field: "reason".into(),
    };
    assert_eq!(code(decide(&world, &admin, first, &reject("  "))), field);
    decide(&world, &admin, first, &reject("不是本公司的单")).unwrap();
    let reason = Code::RejectedInReview {
        reason: "不是本公司的单".into(),
    };
    let last = verdicts(&world, first).pop();
    assert_eq!(last, Some(VerdictKind::Rejected { reason }));
    assert_eq!(
        code(decide(&world, &admin, second, &RELEASE)),
        Code::BuildsOnUnapplied
    );
    decide(&world, &admin, second, &reject("同上")).unwrap();
    assert_eq!(world.store.orders(&world.cx()).unwrap(), []);
    let view = waiting(&world, &admin);
    assert_eq!((view.total, view.decided[0].reason.as_str()), (0, "同上"));
    world.check();
}

#[test]
fn only_finance_decides_and_nobody_on_their_own_work_and_only_administrators_manage_terminals() {
    let world = World::new();
    let admin = world.enrol("T02");
    let mut desk = world.enrol("T01");
    revoke(&world, &admin, "T01");
    let (_, body) = submit(&mut desk, &world, 300);
    let (op, signed) = desk.sign(&world, FINANCE, body, vec![]);
    let push = desk.push(vec![signed]);
    world.store.push(&world.cx(), &push).unwrap();
    assert_eq!(code(decide(&world, &admin, op, &RELEASE)), Code::SamePerson);
    let (cx, store) = (world.cx(), &world.store);
    for (staff, role) in [(SALES, Role::Sales), (ADMIN, Role::Admin)] {
        let act = by(&admin, staff);
        let refused = Code::NotAllowed { role };
        assert_eq!(code(store.review(&cx, act, op, &RELEASE)), refused);
        assert_eq!(code(store.under_review(&cx, act)), refused);
    }
    for (staff, role) in [(SALES, Role::Sales), (LEAD, Role::FinanceLead)] {
        let act = by(&admin, staff);
        let refused = Code::NotAllowed { role };
        assert_eq!(code(store.terminals(&cx, act)), refused);
        assert_eq!(code(store.revoke_by(&cx, act, "T02", "x")), refused);
        assert_eq!(code(store.issue_code_by(&cx, act, "T09", 1)), refused);
    }
    let act = by(&admin, LEAD);
    store.review(&cx, act, op, &RELEASE).unwrap();
    assert_eq!(store.orders(&cx).unwrap()[0].staff, FINANCE);
}

#[test]
fn terminals_are_shown_as_they_last_said_and_every_act_has_author_before_and_after() {
    let world = World::new();
    let admin = world.enrol("T02");
    let desk = world.enrol("T01");
    let fresh = terminal(&world, &admin, "T01");
    assert_eq!(
        (fresh.state, fresh.contact),
        (TerminalState::Enrolled, None)
    );
    let enrolled_at = fresh.enrolled_at.unwrap();
    assert_eq!(fresh.lease_ends_at, Some(enrolled_at.plus_ms(72 * HOUR_MS)));

    world.pass(HOUR_MS);
    let at = wire::Env::now(&world.env);
    let contact = Contact {
        terminal: desk.terminal,
        at,
        leased_at: Some(at),
        version: "0.1.0".into(),
        head: Head {
            seq: 4,
            ..desk.head
        },
    };
    world.store.note_contacts(&world.cx(), &[contact]).unwrap();
    let shown = terminal(&world, &admin, "T01");
    let said = shown.contact.unwrap();
    assert_eq!(
        (said.at, said.unsynced, said.version.as_str()),
        (at, 4, "0.1.0")
    );
    assert_eq!(shown.lease_ends_at, Some(at.plus_ms(72 * HOUR_MS)));

    let (cx, act) = (world.cx(), by(&admin, ADMIN));
    let issued = world
        .store
        .issue_code_by(&cx, act, "T09", 10 * MINUTE_MS)
        .unwrap();
    assert_eq!(issued.ends_at, at.plus_ms(10 * MINUTE_MS));
    let awaited = terminal(&world, &admin, "T09");
    assert_eq!(awaited.state, TerminalState::Awaited);
    assert_eq!(awaited.code_ends_at, Some(issued.ends_at));
    for _ in 0..2 {
        revoke(&world, &admin, "T01");
    }
    assert_eq!(
        terminal(&world, &admin, "T01").state,
        TerminalState::Revoked
    );
    let field = Code::BadField {
        field: "reason".into(),
    };
    assert_eq!(code(world.store.revoke_by(&cx, act, "T02", " ")), field);
    let unknown = world.store.revoke_by(&cx, act, "T44", "x");
    assert_eq!(code(unknown), Code::NotEnrolled);

    let view = world.store.terminals(&cx, act).unwrap();
    let told: Vec<_> = view
        .changes
        .iter()
        .map(|one| {
            (
                one.act,
                one.terminal_code.as_str(),
                one.before.as_str(),
                one.after.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (TerminalAct::Revoked, "T01", "enrolled", "revoked"),
            (TerminalAct::CodeIssued, "T09", "", "awaited")
        ]
    );
    assert_eq!(
        (view.changes[0].staff, view.changes[0].reason.as_str()),
        (ADMIN, "丢失")
    );
    // Enrolled again it is a new incarnation, about whose log the old contact says nothing.
    world.enrol("T01");
    let next = terminal(&world, &admin, "T01");
    assert_eq!(
        (next.state, next.number_code.as_str()),
        (TerminalState::Enrolled, "T01A")
    );
    assert_eq!((next.incarnation, next.contact), (2, None));
}

#[test]
fn an_edit_of_work_that_was_never_sent_waits_with_its_cause_and_other_work_goes_on() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let order = desk.order(&world, distributor(1), 100);
    let mut next = world.enrol("T01");
    let (op, old) = desk.sign(&world, SALES, cancel(order, 1), vec![]);
    let push = next.push(vec![old]);
    world.store.push(&world.cx(), &push).unwrap();
    next.order(&world, distributor(1), 200);
    let view = waiting(&world, &next);
    assert_eq!(
        (view.work[0].op, view.work[0].cause),
        (op, ReviewCause::Ended)
    );
    let says = view.work[0].content.clone().unwrap();
    assert_eq!(says.number, "T01-261123-0001");
    decide(&world, &next, op, &RELEASE).unwrap();
    let orders = world.store.orders(&world.cx()).unwrap();
    let cancelled = orders
        .iter()
        .filter(|one| one.state == OrderState::Cancelled);
    assert_eq!(cancelled.map(|one| one.id).collect::<Vec<_>>(), [order]);
}
