//! Push and pull through the real database: repeats, lost replies, forks, blocked work.

use crate::store::{Store as _, StoreError};
use crate::testing::{
    ADMIN, Desk, FINANCE, LEAD, SALES, World, by, cancel, company, content, distributor, edit, fen,
};
use domain::code::Code;
use domain::collection::{PaymentMethod, Purpose};
use domain::id::{CollectionId, IntentId, OrderId};
use domain::operation::{CollectionRecord, OpBody, OrderSubmit};
use domain::order::OrderState;
use domain::terminal::ReviewDecision;
use std::collections::BTreeMap;
use wire::change::{Cursor, Doc};
use wire::envelope::SignedOperation;
use wire::protocol::{PULL_BATCH, PullRequest, Refused, SnapshotRequest};
use wire::slip::Slip;
use wire::verdict::{VerdictKind, Wait};

fn submit(desk: &mut Desk, world: &World, total: i64) -> OpBody {
    OpBody::OrderSubmit(OrderSubmit {
        order: OrderId(wire::Env::uuid(&world.env)),
        number: desk.number(),
        content: content(distributor(1), total),
        confirm: true,
        config: 0,
    })
}

fn rejected(reason: Code) -> VerdictKind {
    VerdictKind::Rejected { reason }
}

fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Refused {
    match result {
        Err(StoreError::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_repeated_push_answers_the_same_bytes_and_does_nothing_twice() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let body = submit(&mut desk, &world, 500);
    let (_, good) = desk.sign(&world, SALES, body.clone(), vec![]);
    let (_, twice) = desk.sign(&world, SALES, body, vec![]);
    let request = desk.push(vec![good, twice]);
    let first = serde_json::to_vec(&world.store.push(&world.cx(), &request).unwrap()).unwrap();
    let head = world.store.head(&world.cx()).unwrap();
    for _ in 0..3 {
        let again = world.store.push(&world.cx(), &request).unwrap();
        assert_eq!(serde_json::to_vec(&again).unwrap(), first);
    }
    assert_eq!(world.store.head(&world.cx()).unwrap(), head);
    assert_eq!(world.store.orders(&world.cx()).unwrap().len(), 1);
    world.check();
}

#[test]
fn a_lost_reply_heals_through_the_feed() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let body = submit(&mut desk, &world, 500);
    let (op, signed) = desk.sign(&world, SALES, body, vec![]);
    // The reply is lost; the terminal pulls before it pushes again.
    world
        .store
        .push(&world.cx(), &desk.push(vec![signed]))
        .unwrap();
    desk.pull_all(&world);
    let at = |wanted: &dyn Fn(&Doc) -> bool| {
        desk.seen
            .iter()
            .position(|change| wanted(&change.doc))
            .unwrap()
    };
    let verdict = at(&|doc| matches!(doc, Doc::Verdict(v) if v.op_id == op && v.kind.applied()));
    let order = at(&|doc| matches!(doc, Doc::SalesOrder(_)));
    assert!(order < verdict);
}

#[test]
fn a_verdict_goes_to_its_own_terminal_only() {
    let world = World::new();
    let (mut one, mut two) = (world.enrol("T01"), world.enrol("T02"));
    one.order(&world, distributor(1), 700);
    two.pull_all(&world);
    assert!(
        two.seen
            .iter()
            .any(|change| matches!(change.doc, Doc::SalesOrder(_)))
    );
    assert!(
        !two.seen
            .iter()
            .any(|change| matches!(change.doc, Doc::Verdict(_)))
    );
    assert!(two.seen.iter().all(|change| change.seq <= two.cursor.seq));
    one.pull_all(&world);
    assert!(
        one.seen
            .iter()
            .any(|change| matches!(change.doc, Doc::Verdict(_)))
    );
    assert_eq!(one.cursor, world.store.head(&world.cx()).unwrap());
}

#[test]
fn one_bad_operation_blocks_nothing_but_its_dependents_until_it_is_mended() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let mut bad = submit(&mut desk, &world, 500);
    if let OpBody::OrderSubmit(body) = &mut bad {
        body.content.lines[0].amount_fen = fen(499);
    }
    let mut operations = Vec::new();
    let (bad_op, signed) = desk.sign(&world, SALES, bad.clone(), vec![]);
    operations.push(signed);
    let dependent = submit(&mut desk, &world, 100);
    operations.push(desk.sign(&world, SALES, dependent, vec![bad_op]).1);
    let free = submit(&mut desk, &world, 100);
    operations.push(desk.sign(&world, SALES, free, vec![]).1);
    let reply = world
        .store
        .push(&world.cx(), &desk.push(operations))
        .unwrap();
    let kinds: Vec<VerdictKind> = reply.verdicts.into_iter().map(|v| v.kind).collect();
    let wait = Wait::Operation(bad_op);
    assert_eq!(
        kinds,
        [
            rejected(Code::ArithmeticDiffers { row: 1 }),
            VerdictKind::Blocked { wait },
            VerdictKind::Applied
        ]
    );
    // Mending names the one it replaces; what waited is judged again by itself.
    if let OpBody::OrderSubmit(body) = &mut bad {
        body.content.lines[0].amount_fen = fen(500);
    }
    let (op, signed) = desk.sign(&world, SALES, bad, vec![]);
    let mut operation = signed.open().unwrap();
    operation.replaces = Some(bad_op);
    let signed = SignedOperation::seal(&operation, &desk.key).unwrap();
    desk.head.hash = signed.hash();
    let reply = world
        .store
        .push(&world.cx(), &desk.push(vec![signed]))
        .unwrap();
    assert_eq!(
        (reply.verdicts[0].op_id, &reply.verdicts[0].kind),
        (op, &VerdictKind::Applied)
    );
    desk.pull_all(&world);
    let applied = desk
        .seen
        .iter()
        .filter(|c| matches!(&c.doc, Doc::Verdict(v) if v.kind.applied()));
    assert_eq!(applied.count(), 3);
    assert_eq!(world.store.summary(&world.cx()).unwrap().blocked, 0);
}

#[test]
fn an_operation_waits_for_one_that_has_not_come() {
    let world = World::new();
    let (mut one, mut two) = (world.enrol("T01"), world.enrol("T02"));
    let (body, waiting) = (submit(&mut one, &world, 100), submit(&mut two, &world, 100));
    let (first, signed) = one.sign(&world, SALES, body, vec![]);
    let (_, after) = two.sign(&world, SALES, waiting, vec![first]);
    let reply = world
        .store
        .push(&world.cx(), &two.push(vec![after]))
        .unwrap();
    let wait = Wait::Operation(first);
    assert_eq!(reply.verdicts[0].kind, VerdictKind::Blocked { wait });
    world
        .store
        .push(&world.cx(), &one.push(vec![signed]))
        .unwrap();
    two.pull_all(&world);
    let mut kinds = two.seen.iter().filter_map(|change| match &change.doc {
        Doc::Verdict(verdict) => Some(verdict.kind.settled()),
        _ => None,
    });
    // Only the latest word is needed, but both came, in order.
    assert_eq!(
        (kinds.next(), kinds.next(), kinds.next()),
        (Some(false), Some(true), None)
    );
}

#[test]
fn damaged_bytes_are_recorded_and_the_chain_goes_on() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let body = submit(&mut desk, &world, 100);
    let (_, mut broken) = desk.sign(&world, SALES, body, vec![]);
    let last = broken.bytes.len() - 20;
    broken.bytes[last] ^= 1;
    let body = submit(&mut desk, &world, 100);
    let (_, good) = desk.sign(&world, SALES, body, vec![]);
    let request = desk.push(vec![broken, good]);
    let reply = world.store.push(&world.cx(), &request).unwrap();
    assert_eq!(reply.verdicts[0].kind, rejected(Code::Damaged));
    assert_eq!(reply.verdicts[1].kind, VerdictKind::Applied);
    assert_eq!(reply.head, desk.head);
    let again = world.store.push(&world.cx(), &request).unwrap();
    assert_eq!(again.verdicts, reply.verdicts);
}

#[test]
fn an_unknown_kind_waits_for_a_newer_program() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let body = submit(&mut desk, &world, 100);
    let (_, signed) = desk.sign(&world, SALES, body, vec![]);
    let text = String::from_utf8(signed.bytes)
        .unwrap()
        .replace("order_submit", "order_teleport");
    let bytes = text.into_bytes();
    let signature = desk.key.sign(&bytes);
    let signed = SignedOperation { bytes, signature };
    desk.head.hash = signed.hash();
    let reply = world
        .store
        .push(&world.cx(), &desk.push(vec![signed]))
        .unwrap();
    assert_eq!(
        reply.verdicts[0].kind,
        VerdictKind::Blocked {
            wait: Wait::Version
        }
    );
    desk.order(&world, distributor(1), 100);
}

#[test]
fn a_rolled_back_terminal_is_found_at_first_contact_and_its_work_is_kept_for_review() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    desk.order(&world, distributor(1), 100);
    let saved = desk.head;
    desk.order(&world, distributor(1), 200);
    // The computer's disk is restored: the second order never happened there.
    desk.head = saved;
    let pull = PullRequest {
        caller: desk.caller(),
        after: Cursor::default(),
        tickets: 9,
    };
    let after = saved.seq;
    assert_eq!(
        refused(world.store.pull(&world.cx(), &pull)),
        Refused::Forked { after }
    );
    let body = submit(&mut desk, &world, 300);
    let (op, signed) = desk.sign(&world, SALES, body, vec![]);
    let push = desk.push(vec![signed]);
    assert_eq!(
        refused(world.store.push(&world.cx(), &push)),
        Refused::Forked { after }
    );
    assert_eq!(world.store.orders(&world.cx()).unwrap().len(), 2);
    // It enrols again; finance releases the quarantined work by name.
    let mut next = world.enrol("T01");
    assert_eq!((next.terminal, next.code.as_str()), (desk.terminal, "T01A"));
    assert_eq!(
        refused(world.store.pull(&world.cx(), &pull)),
        Refused::Forked { after: 0 }
    );
    next.pull_all(&world);
    let waiting = next.seen.iter().any(|change| match &change.doc {
        Doc::Verdict(v) => v.op_id == op && v.kind == VerdictKind::Blocked { wait: Wait::Review },
        _ => false,
    });
    assert!(waiting);
    let by_sales = world
        .store
        .review(&world.cx(), by(&next, SALES), op, &ReviewDecision::Release);
    assert!(matches!(refused(by_sales), Refused::Rule { .. }));
    world
        .store
        .review(
            &world.cx(),
            by(&next, FINANCE),
            op,
            &ReviewDecision::Release,
        )
        .unwrap();
    let twice = world.store.review(
        &world.cx(),
        by(&next, FINANCE),
        op,
        &ReviewDecision::Release,
    );
    assert!(matches!(refused(twice), Refused::Rule { .. }));
    // Its own number was free: the released order takes effect.
    next.pull_all(&world);
    let settled = next.seen.iter().any(|change| match &change.doc {
        Doc::Verdict(v) => v.op_id == op && v.kind == VerdictKind::Applied,
        _ => false,
    });
    assert!(settled);
    world.check();
}

#[test]
fn what_an_ended_incarnation_still_had_is_kept_for_review() {
    let world = World::new();
    let mut old = world.enrol("T01");
    old.order(&world, distributor(1), 100);
    let body = submit(&mut old, &world, 200);
    let (op, unsent) = old.sign(&world, SALES, body, vec![]);
    let new = world.enrol("T01");
    let reply = world
        .store
        .push(&world.cx(), &new.push(vec![unsent]))
        .unwrap();
    assert_eq!(reply.verdicts[0].op_id, op);
    assert_eq!(
        reply.verdicts[0].kind,
        VerdictKind::Blocked { wait: Wait::Review }
    );
    assert_eq!(reply.head, new.head);
    let reject = ReviewDecision::Reject {
        reason: "旧机".into(),
    };
    world
        .store
        .review(&world.cx(), by(&new, LEAD), op, &reject)
        .unwrap();
    assert_eq!(world.store.orders(&world.cx()).unwrap().len(), 1);
}

#[test]
fn a_gap_is_answered_with_the_head_to_send_from() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let first = submit(&mut desk, &world, 100);
    let (_, first) = desk.sign(&world, SALES, first, vec![]);
    let second = submit(&mut desk, &world, 100);
    let (_, second) = desk.sign(&world, SALES, second, vec![]);
    let reply = world
        .store
        .push(&world.cx(), &desk.push(vec![second.clone()]))
        .unwrap();
    assert_eq!((reply.head.seq, reply.verdicts.len()), (0, 0));
    let reply = world
        .store
        .push(&world.cx(), &desk.push(vec![first, second]))
        .unwrap();
    assert_eq!((reply.head, reply.verdicts.len()), (desk.head, 2));
}

#[test]
fn a_pull_never_splits_a_transaction() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    for _ in 0..9 {
        let mut run = Vec::new();
        for _ in 0..48 {
            let body = submit(&mut desk, &world, 100);
            run.push(desk.sign(&world, SALES, body, vec![]).1);
        }
        world.store.push(&world.cx(), &desk.push(run)).unwrap();
    }
    let (mut pages, mut told) = (0, BTreeMap::new());
    loop {
        let reply = desk.pull(&world);
        pages += 1;
        // An order and the verdict on its operation stand in the same reply.
        for change in &reply.changes {
            if let (Doc::SalesOrder(_), Some(op)) = (&change.doc, change.caused_by) {
                told.insert(op, pages);
            }
            if let Doc::Verdict(verdict) = &change.doc {
                assert_eq!(told.get(&verdict.op_id), Some(&pages));
            }
        }
        assert!(reply.changes.len() <= PULL_BATCH);
        if !reply.more {
            break;
        }
    }
    assert!(pages > 2, "{pages}");
    assert_eq!(told.len(), 432);
}

#[test]
fn a_transaction_larger_than_a_page_comes_whole() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let rows = world
        .store
        .read(|tx| super::super::load::bindings(tx, "none"))
        .unwrap();
    assert!(rows.is_empty());
    world
        .store
        .write(&world.cx(), |work| {
            for n in 0..PULL_BATCH + 20 {
                let number = IntentId(n as u64);
                let attention = wire::change::Attention {
                    id: domain::id::AttentionId(wire::Env::uuid(&world.env)),
                    kind: "difference".into(),
                    op: None,
                    distributor: None,
                    amount_fen: fen(1),
                    subject: number.to_string(),
                    at: wire::Env::now(&world.env),
                    done: false,
                    concern: None,
                    closed: None,
                };
                work.put_attention(attention, None)?;
            }
            work.flush(true)
        })
        .unwrap();
    let mut sizes = Vec::new();
    loop {
        let reply = desk.pull(&world);
        let items = reply
            .changes
            .iter()
            .filter(|c| matches!(c.doc, Doc::Attention(_)));
        sizes.push(items.count());
        if !reply.more {
            break;
        }
    }
    assert_eq!(
        sizes.iter().filter(|size| **size > 0).collect::<Vec<_>>(),
        [&(PULL_BATCH + 20)]
    );
}

#[test]
fn a_snapshot_equals_what_the_feed_told_also_when_it_is_resumed_over_changes() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    for _ in 0..8 {
        let mut run = Vec::new();
        for _ in 0..45 {
            let body = submit(&mut desk, &world, 100);
            run.push(desk.sign(&world, SALES, body, vec![]).1);
        }
        world.store.push(&world.cx(), &desk.push(run)).unwrap();
    }
    let mut docs = BTreeMap::new();
    let (mut resume, mut pages) = (None, 0);
    let cursor = loop {
        let request = SnapshotRequest {
            caller: desk.caller(),
            resume,
        };
        let page = world.store.snapshot(&world.cx(), &request).unwrap();
        for change in page.changes {
            docs.insert(key(&change.doc), (change.seq, change.doc));
        }
        pages += 1;
        desk.order(&world, distributor(2), 1_000);
        resume = page.next;
        if resume.is_none() {
            break page.cursor;
        }
    };
    assert!(pages >= 2, "{pages}");
    desk.cursor = cursor;
    desk.seen.clear();
    desk.pull_all(&world);
    let later = std::mem::take(&mut desk.seen);
    for change in later {
        docs.insert(key(&change.doc), (change.seq, change.doc));
    }
    let mut told = BTreeMap::new();
    desk.cursor = Cursor::default();
    desk.pull_all(&world);
    for change in std::mem::take(&mut desk.seen) {
        told.insert(key(&change.doc), (change.seq, change.doc));
    }
    assert_eq!(docs.len(), told.len());
    assert_eq!(docs, told);
}

fn key(doc: &Doc) -> String {
    match doc {
        Doc::SalesOrder(doc) => format!("o{}", doc.id),
        Doc::DepositBalance(doc) => format!("b{}", doc.distributor),
        Doc::Distributor(doc) => format!("d{}", doc.id),
        Doc::Ticket(doc) => format!("t{}", doc.id),
        Doc::Verdict(doc) => format!("v{}", doc.op_id),
        Doc::Config(doc) => format!("config {}", doc.version),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_restored_feed_begins_a_new_epoch() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    desk.order(&world, distributor(1), 100);
    desk.pull_all(&world);
    let good = desk.cursor;
    let pull = |after| PullRequest {
        caller: desk.caller(),
        after,
        tickets: 9,
    };
    for cursor in [
        Cursor {
            seq: good.seq + 5,
            ..good
        },
        Cursor {
            tag: good.tag ^ 1,
            ..good
        },
    ] {
        let request = pull(Cursor {
            epoch: world.store.head(&world.cx()).unwrap().epoch,
            ..cursor
        });
        let answer = refused(world.store.pull(&world.cx(), &request));
        let epoch = world.store.head(&world.cx()).unwrap().epoch;
        assert_eq!(answer, Refused::NewEpoch { epoch });
    }
    assert_eq!(world.store.head(&world.cx()).unwrap().epoch, 3);
    let old = refused(world.store.pull(&world.cx(), &pull(good)));
    assert_eq!(old, Refused::NewEpoch { epoch: 3 });
    assert_eq!(world.store.head(&world.cx()).unwrap().epoch, 3);
}

#[test]
fn tickets_are_topped_up_once_however_often_the_reply_is_lost() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    for _ in 0..4 {
        let request = PullRequest {
            caller: desk.caller(),
            after: desk.cursor,
            tickets: 0,
        };
        world.store.pull(&world.cx(), &request).unwrap();
    }
    desk.pull_all(&world);
    assert_eq!(desk.tickets().len(), 3);
    let head = world.store.head(&world.cx()).unwrap();
    desk.pull(&world);
    assert_eq!(
        world.store.head(&world.cx()).unwrap(),
        head,
        "nothing to do writes nothing"
    );
}

#[test]
fn enrolment_codes_work_once_and_in_time() {
    let world = World::new();
    let cx = world.cx();
    let key = wire::Keypair::from_seed([3; 32]).public();
    let request = |code: &str| wire::protocol::EnrolRequest {
        code: code.to_owned(),
        key,
        protocol: wire::PROTOCOL_VERSION,
    };
    let code = world.store.issue_enrolment_code(&cx, "T05", 1_000).unwrap();
    let wrong = refused(world.store.enrol(&cx, &request("00000000")));
    assert_eq!(
        wrong,
        Refused::Rule {
            reason: Code::BadEnrolmentCode
        }
    );
    let typed = format!("{} {}", &code[..4].to_lowercase(), &code[4..]);
    let reply = world.store.enrol(&cx, &request(&typed)).unwrap();
    assert_eq!(
        world.store.terminal_key(&cx, reply.terminal).unwrap(),
        Some(key)
    );
    assert!(world.store.enrol(&cx, &request(&code)).is_err());
    let late = world.store.issue_enrolment_code(&cx, "T06", 1_000).unwrap();
    world.pass(1_000);
    assert!(world.store.enrol(&cx, &request(&late)).is_err());
    assert!(world.store.issue_enrolment_code(&cx, "7", 1_000).is_err());
    assert!(world.store.revoke_terminal(&cx, "T99").is_err());
    world.store.revoke_terminal(&cx, "T05").unwrap();
    assert_eq!(world.store.terminal_key(&cx, reply.terminal).unwrap(), None);
}

#[test]
fn roles_conflicts_and_numbers_are_checked_again() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let body = submit(&mut desk, &world, 100);
    let role = domain::role::Role::Admin;
    assert_eq!(
        desk.act(&world, ADMIN, body),
        rejected(Code::NotAllowed { role })
    );
    let mut body = submit(&mut desk, &world, 100);
    if let OpBody::OrderSubmit(order) = &mut body {
        order.number = "T09-261123-0001".into();
    }
    let field = Code::BadField {
        field: "number".into(),
    };
    assert_eq!(desk.act(&world, SALES, body), rejected(field));
    let order = desk.order(&world, distributor(1), 100);
    let to = distributor(1);
    assert_eq!(
        desk.act(&world, SALES, edit(order, 1, to, 200)),
        VerdictKind::Applied
    );
    let conflict = rejected(Code::Conflict { held: 2 });
    assert_eq!(desk.act(&world, SALES, edit(order, 1, to, 300)), conflict);
    assert_eq!(
        desk.act(&world, SALES, cancel(order, 2)),
        VerdictKind::Applied
    );
    let orders = world.store.orders(&world.cx()).unwrap();
    assert_eq!(orders[0].state, OrderState::Cancelled);
    let rejections = world.store.attention(&world.cx()).unwrap();
    assert_eq!(
        rejections
            .iter()
            .filter(|item| item.kind == "rejected")
            .count(),
        3
    );
    assert!(rejections.iter().all(|item| item.op.is_some()));
    assert_eq!(world.store.company(&world.cx()).unwrap(), company());
}

#[test]
fn what_waited_for_a_newer_program_is_judged_when_it_runs() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let body = submit(&mut desk, &world, 100);
    let (op, signed) = desk.sign(&world, SALES, body, vec![]);
    world
        .store
        .push(&world.cx(), &desk.push(vec![signed]))
        .unwrap();
    // As if an older program had not known the kind.
    world
        .store
        .write(&world.cx(), |work| {
            work.tx.execute_batch(
                "DELETE FROM sales_order; DELETE FROM number;
                 UPDATE operation SET settled = 0, applied = 0, wait_for = 'version'",
            )?;
            Ok(())
        })
        .unwrap();
    world.store.resume_versions(&world.cx()).unwrap();
    desk.pull_all(&world);
    let verdicts = desk.seen.iter().filter(|change| match &change.doc {
        Doc::Verdict(verdict) => verdict.op_id == op && verdict.kind == VerdictKind::Applied,
        _ => false,
    });
    assert_eq!(verdicts.count(), 2);
    assert_eq!(world.store.orders(&world.cx()).unwrap().len(), 1);
}

#[cfg(feature = "planted")]
#[test]
fn planted_bugs_do_what_they_say() {
    use crate::planted::{Bug, plant};
    let world = World::new();
    let mut desk = world.enrol("T01");
    let body = submit(&mut desk, &world, 100);
    let (_, signed) = desk.sign(&world, SALES, body, vec![]);
    let push = desk.push(vec![signed]);
    plant(Some(Bug::AcknowledgeBeforeCommit));
    let reply = world.store.push(&world.cx(), &push).unwrap();
    assert_eq!((reply.verdicts.len(), reply.head), (1, desk.head));
    assert_eq!(world.store.orders(&world.cx()).unwrap().len(), 0);
    plant(Some(Bug::DroppedVerdict));
    world.store.push(&world.cx(), &push).unwrap();
    plant(None);
    desk.pull_all(&world);
    assert!(
        desk.seen
            .iter()
            .any(|change| matches!(change.doc, Doc::SalesOrder(_)))
    );
    assert!(
        !desk
            .seen
            .iter()
            .any(|change| matches!(change.doc, Doc::Verdict(_)))
    );
}

#[test]
fn a_slip_is_kept_once_and_only_as_what_an_operation_names() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let photo = |byte: u8| Slip::of(&[&[0xff, 0xd8, 0xff][..], &[byte; 99]].concat());
    let (named, stray) = (photo(1), photo(2));
    let forged = Slip {
        jpeg: stray.jpeg.clone(),
        ..named.clone()
    };
    let record = |desk: &mut Desk| {
        OpBody::CollectionRecord(CollectionRecord {
            collection: CollectionId(wire::Env::uuid(&world.env)),
            number: desk.number(),
            purpose: Purpose::PrepaidDeposit,
            method: PaymentMethod::Cheque,
            distributor: distributor(1),
            distributor_name: String::new(),
            amount_fen: fen(100),
            allocations: Vec::new(),
            note: String::new(),
            slip_sha256: named.sha256.clone(),
            after_lease: false,
        })
    };
    let held = |sha256: &str| world.store.slip(&world.cx(), sha256).unwrap();
    let body = record(&mut desk);
    let (_, first) = desk.sign(&world, SALES, body, vec![]);
    let mut request = desk.push(vec![first]);
    request.slips = vec![forged, stray.clone()];
    let reply = world.store.push(&world.cx(), &request).unwrap();
    assert!(
        reply.verdicts[0].kind.applied(),
        "a photo never holds the log up"
    );
    assert_eq!((held(&named.sha256), held(&stray.sha256)), (None, None));
    // A lost reply, another operation with the same photo: still one.
    request.slips = vec![named.clone()];
    for _ in 0..2 {
        world.store.push(&world.cx(), &request).unwrap();
    }
    let body = record(&mut desk);
    let (_, second) = desk.sign(&world, SALES, body, vec![]);
    let mut again = desk.push(vec![second]);
    again.slips = vec![named.clone()];
    world.store.push(&world.cx(), &again).unwrap();
    assert_eq!(held(&named.sha256), named.open());
    world.check();
}
