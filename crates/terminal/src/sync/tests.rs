//! Applying replies, on real files, against the small backend of [`central`]; what a backend must
//! not be trusted with is tested by changing its replies.

mod central;

use super::*;
use central::*;
use domain::config::{Config, ConfigVersion};
use domain::id::DistributorId;
use domain::operation::{DistributorCreate, OpBody};
use domain::order::SalesOrder;
use domain::{Code, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;
use wire::change::Doc;
use wire::keys::Hash;
use wire::protocol::{Backend as _, Head, SignedLease};
use wire::verdict::{Verdict, VerdictKind};

#[tokio::test]
async fn enrolment_takes_a_good_code_once_and_keeps_an_identity_with_work() {
    let rig = rig(1).await;
    let refused = rig.terminal.enrol(&rig.backend, "http://x", "BAD").await;
    assert_eq!(refused, Err(Code::BadEnrolmentCode));
    submit(&rig.terminal, 30);
    let refused = rig.terminal.enrol(&rig.backend, "http://x", "GOOD").await;
    assert_eq!(
        refused,
        Err(Code::AlreadyExists {
            what: "enrolment".into()
        })
    );
    drop(rig.terminal);
    let identity = open(rig.dir.path()).ledger().identity().unwrap();
    assert_eq!((identity.terminal, identity.incarnation), (TERMINAL, 1));
    assert_eq!(identity.backend_url, "http://127.0.0.1:9");
}

#[tokio::test]
async fn enrolment_brings_the_configuration_and_the_feed_only_a_newer_one() {
    let rig = rig(0).await;
    let held = rig.terminal.ledger().config().unwrap();
    assert_eq!(
        (held.version, held.config.online_payment_enabled),
        (3, true)
    );
    let of_the_feed = |version, on| {
        Doc::Config(ConfigVersion {
            version,
            config: Config {
                online_payment_enabled: on,
                ..Config::default()
            },
            ..ConfigVersion::default()
        })
    };
    rig.backend.with(|central| {
        central.feed.push(of_the_feed(3, true));
        central.feed.push(of_the_feed(4, false));
    });
    ask(
        &rig.terminal,
        &rig.backend,
        What::Snapshot { restart: false },
    )
    .await
    .unwrap();
    let held = rig.terminal.ledger().config().unwrap();
    assert_eq!(
        (held.version, held.config.online_payment_enabled),
        (4, false)
    );
}

#[tokio::test]
async fn a_new_terminal_fills_itself_page_by_page_and_resumes_after_a_restart() {
    let rig = rig(5).await;
    assert!(rig.terminal.needs_snapshot().unwrap());
    ask(
        &rig.terminal,
        &rig.backend,
        What::Snapshot { restart: false },
    )
    .await
    .unwrap();
    drop(rig.terminal);
    let terminal = open(rig.dir.path());
    assert!(terminal.needs_snapshot().unwrap());
    // What comes after the first page was made comes by pull.
    rig.backend
        .with(|central| central.feed.push(Doc::Distributor(buyer(6))));
    let asked = settle_down(&terminal, &rig.backend).await;
    let page = What::Snapshot { restart: false };
    assert_eq!(
        asked,
        [page, page, What::Pull],
        "three pages in all, one of them before"
    );
    for n in 1..=6 {
        let id = DistributorId(Uuid::from_u128(n));
        assert!(
            terminal.catalogue().distributor(id).unwrap().is_some(),
            "{n}"
        );
    }
    assert!(!terminal.needs_snapshot().unwrap());
}

#[tokio::test]
async fn an_operation_is_pending_until_the_feed_says_so_and_repeats_change_nothing() {
    let rig = rig(1).await;
    settle_down(&rig.terminal, &rig.backend).await;
    let order = submit(&rig.terminal, 30);
    let request = rig.terminal.push_request().unwrap().unwrap();
    let pushed = rig.backend.push(request.clone()).await.unwrap();
    let applied = rig.terminal.apply_push(&pushed).unwrap();
    assert!(applied.progress && !applied.unsent);
    let again = rig
        .terminal
        .apply_push(&rig.backend.push(request).await.unwrap())
        .unwrap();
    assert!(!again.progress, "a repeated reply brings nothing");
    let counts = rig.terminal.ledger().outbox_counts().unwrap();
    assert_eq!((counts.unsent, counts.pending), (0, 1));

    let pull = rig.terminal.pull_request().unwrap();
    let pulled = rig.backend.pull(pull).await.unwrap();
    for round in 0..2 {
        rig.terminal.apply_pull(&pulled).unwrap();
        let view = rig.terminal.ledger().order(order).unwrap();
        assert!(!view.pending && view.order.revision == 1, "round {round}");
        assert_eq!(rig.terminal.ledger().outbox_counts().unwrap().pending, 0);
    }
}

#[tokio::test]
async fn a_lost_push_reply_heals_through_the_feed() {
    let rig = rig(1).await;
    settle_down(&rig.terminal, &rig.backend).await;
    submit(&rig.terminal, 30);
    let request = rig.terminal.push_request().unwrap().unwrap();
    rig.backend.push(request).await.unwrap();
    ask(&rig.terminal, &rig.backend, What::Pull).await.unwrap();
    let counts = rig.terminal.ledger().outbox_counts().unwrap();
    assert_eq!((counts.unsent, counts.pending), (0, 0));
    assert!(rig.terminal.push_request().unwrap().is_none());
}

#[tokio::test]
async fn a_rejected_operation_leaves_with_its_reason_and_a_blocked_one_stays() {
    let rig = rig(1).await;
    rig.backend
        .with(|central| central.reject = Some(Code::OrderFrozen));
    let order = submit(&rig.terminal, 30);
    settle_down(&rig.terminal, &rig.backend).await;
    let gone = rig.terminal.ledger().order(order);
    assert_eq!(
        gone,
        Err(Code::NotFound {
            what: "order".into()
        }),
        "nothing but the operation"
    );
    assert_eq!(rig.terminal.ledger().attention().unwrap().len(), 1);

    rig.backend.with(|central| central.block = true);
    let order = submit(&rig.terminal, 31);
    settle_down(&rig.terminal, &rig.backend).await;
    assert!(rig.terminal.ledger().order(order).unwrap().pending);
    assert_eq!(rig.terminal.ledger().outbox_counts().unwrap().pending, 1);
    // Decided later: the verdict is sent again.
    rig.backend.with(|central| {
        let op = central.log[1].open().unwrap();
        let OpBody::OrderSubmit(body) = &op.body else {
            panic!()
        };
        let order = SalesOrder::submit(body, &op.origin()).unwrap();
        central.feed.push(Doc::SalesOrder(order));
        let verdict = Verdict::seal(op.op_id, 1, 2, VerdictKind::Applied, &key());
        central.feed.push(Doc::Verdict(verdict));
    });
    settle_down(&rig.terminal, &rig.backend).await;
    assert!(!rig.terminal.ledger().order(order).unwrap().pending);
}

#[tokio::test]
async fn pages_of_products_alone_are_pulled_without_a_pause_and_a_lagging_file_catches_up() {
    let rig = rig(1).await;
    settle_down(&rig.terminal, &rig.backend).await;
    let more = |n: u128| (n..n + 12).map(|n| Doc::Distributor(buyer(n)));
    rig.backend.with(|central| central.feed.extend(more(2)));
    assert_eq!(
        settle_down(&rig.terminal, &rig.backend).await,
        [What::Pull; 3]
    );
    // The ledger got further than the catalogue: a crash between the two files, the other way.
    rig.backend.with(|central| central.feed.extend(more(14)));
    rig.terminal
        .ledger()
        .transact("ahead", |tx| {
            tx.conn().execute("UPDATE cursor SET at = '1.25.1'", [])?;
            Ok(())
        })
        .unwrap();
    assert_eq!(
        settle_down(&rig.terminal, &rig.backend).await,
        [What::Pull; 3]
    );
    let last = DistributorId(Uuid::from_u128(25));
    assert!(
        rig.terminal
            .catalogue()
            .distributor(last)
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_distributor_made_here_is_never_in_neither_file() {
    let rig = rig(1).await;
    settle_down(&rig.terminal, &rig.backend).await;
    let made = buyer(9);
    let body = OpBody::DistributorCreate(DistributorCreate {
        distributor: made.clone(),
    });
    rig.terminal
        .ledger()
        .transact("new", |tx| tx.append(SALES, body, &[]))
        .unwrap();
    assert_eq!(
        rig.terminal
            .ledger()
            .made_here(made.id)
            .unwrap()
            .unwrap()
            .number,
        0
    );
    settle_down(&rig.terminal, &rig.backend).await;
    assert!(rig.terminal.ledger().made_here(made.id).unwrap().is_none());
    assert_eq!(
        rig.terminal
            .catalogue()
            .distributor(made.id)
            .unwrap()
            .unwrap()
            .number,
        42
    );
}

#[tokio::test]
async fn what_the_backend_did_not_sign_is_thrown_away_whole() {
    let rig = rig(1).await;
    settle_down(&rig.terminal, &rig.backend).await;
    submit(&rig.terminal, 30);
    let request = rig.terminal.push_request().unwrap().unwrap();
    let good = rig.backend.push(request).await.unwrap();
    let mut forged = good.clone();
    forged.verdicts[0].kind = VerdictKind::Rejected {
        reason: Code::OrderFrozen,
    };
    assert!(matches!(
        rig.terminal.apply_push(&forged),
        Err(ApplyError::Forged)
    ));
    let good = rig
        .backend
        .pull(rig.terminal.pull_request().unwrap())
        .await
        .unwrap();
    let mut forged = good.clone();
    forged.lease = SignedLease {
        text: forged.lease.text.replace("x", "y"),
        ..forged.lease
    };
    assert!(matches!(
        rig.terminal.apply_pull(&forged),
        Err(ApplyError::Forged)
    ));
    assert_eq!(rig.terminal.ledger().outbox_counts().unwrap().pending, 1);
    rig.terminal.apply_pull(&good).unwrap();
    assert_eq!(rig.terminal.ledger().outbox_counts().unwrap().pending, 0);
}

#[tokio::test]
async fn a_rolled_back_file_is_found_at_the_first_contact() {
    let rig = rig(1).await;
    settle_down(&rig.terminal, &rig.backend).await;
    submit(&rig.terminal, 30);
    let mut reply = rig
        .backend
        .pull(rig.terminal.pull_request().unwrap())
        .await
        .unwrap();
    reply.head = Head {
        incarnation: 1,
        seq: 2,
        hash: Hash([4; 32]),
    };
    assert!(
        matches!(rig.terminal.apply_pull(&reply), Err(ApplyError::Forked)),
        "never sent so far"
    );
    reply.head = Head {
        incarnation: 1,
        seq: 1,
        hash: Hash([4; 32]),
    };
    assert!(
        matches!(rig.terminal.apply_pull(&reply), Err(ApplyError::Forked)),
        "another hash"
    );
}

#[tokio::test]
async fn a_backend_restored_from_a_backup_gets_everything_again() {
    let rig = rig(3).await;
    settle_down(&rig.terminal, &rig.backend).await;
    let first = submit(&rig.terminal, 30);
    settle_down(&rig.terminal, &rig.backend).await;
    let backup = rig
        .backend
        .with(|central| (central.log.clone(), central.feed.clone()));
    let second = submit(&rig.terminal, 31);
    settle_down(&rig.terminal, &rig.backend).await;
    assert_eq!(rig.terminal.ledger().outbox_counts().unwrap().pending, 0);
    rig.backend.with(|central| {
        (central.log, central.feed) = backup;
        central.verdicts.truncate(1);
        central.epoch = 2;
        central.feed.truncate(central.feed.len());
    });
    let asked = settle_down(&rig.terminal, &rig.backend).await;
    assert_eq!(asked[..2], [What::Pull, What::Snapshot { restart: true }]);
    assert!(asked.contains(&What::Push), "{asked:?}");
    for order in [first, second] {
        let view = rig.terminal.ledger().order(order).unwrap();
        assert!(!view.pending, "{asked:?}");
    }
    assert_eq!(rig.backend.with(|central| central.log.len()), 2);
    let id = DistributorId(Uuid::from_u128(3));
    assert!(rig.terminal.catalogue().distributor(id).unwrap().is_some());
}

#[tokio::test]
async fn nothing_new_writes_nothing() {
    let rig = rig(2).await;
    submit(&rig.terminal, 30);
    settle_down(&rig.terminal, &rig.backend).await;
    let before = ledger_bytes(rig.dir.path());
    rig.backend.with(|central| central.lease_at += 60_000);
    assert_eq!(settle_down(&rig.terminal, &rig.backend).await, [What::Pull]);
    assert!(
        before == ledger_bytes(rig.dir.path()),
        "an idle pull wrote to the ledger"
    );
    assert_eq!(
        rig.terminal.ledger().last_contact(),
        Some(Timestamp(61_000))
    );
    rig.backend
        .with(|central| central.lease_at += domain::time::HOUR_MS);
    settle_down(&rig.terminal, &rig.backend).await;
    assert!(
        before != ledger_bytes(rig.dir.path()),
        "an hour later the lease is renewed"
    );
}

#[cfg(feature = "planted")]
#[tokio::test]
async fn the_planted_cursor_before_apply_loses_a_document_in_a_crash_and_the_right_order_does_not()
{
    use crate::planted::{Planted, crash_after_commits, plant};
    for (fault, lost) in [(None, false), (Some(Planted::CursorBeforeApply), true)] {
        let rig = rig(1).await;
        settle_down(&rig.terminal, &rig.backend).await;
        submit(&rig.terminal, 30);
        ask(&rig.terminal, &rig.backend, What::Push).await.unwrap();
        plant(fault);
        crash_after_commits(Some(u32::from(lost)));
        assert!(ask(&rig.terminal, &rig.backend, What::Pull).await.is_err());
        crash_after_commits(None);
        plant(None);
        drop(rig.terminal);
        let terminal = open(rig.dir.path());
        settle_down(&terminal, &rig.backend).await;
        assert_eq!(terminal.ledger().outbox_counts().unwrap().pending > 0, lost);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_driver_sends_settles_and_keeps_still_offline() {
    let rig = rig(3).await;
    let sync = Sync::start(&rig.terminal, Arc::new(rig.backend.clone())).unwrap();
    let mut changes = rig.terminal.ledger().changes();
    let order = submit(&rig.terminal, 30);
    let patience = Duration::from_secs(30);
    tokio::time::timeout(patience, async {
        while rig.terminal.ledger().outbox_counts().unwrap().pending > 0 {
            changes.recv().await.unwrap();
        }
    })
    .await
    .unwrap();
    assert!(!rig.terminal.ledger().order(order).unwrap().pending);
    assert!(sync.requests() >= 3);

    sync.work_offline(true).unwrap();
    let mut status = sync.status();
    status
        .wait_for(|status| status.phase == SyncPhase::WorkOffline)
        .await
        .unwrap();
    let before = rig.backend.with(|central| central.calls.len());
    submit(&rig.terminal, 31);
    sync.sync_now();
    assert!(
        rig.terminal.ledger().work_offline().unwrap(),
        "remembered over restarts"
    );
    sync.work_offline(false).unwrap();
    tokio::time::timeout(patience, async {
        while rig.terminal.ledger().outbox_counts().unwrap().pending > 0 {
            changes.recv().await.unwrap();
        }
    })
    .await
    .unwrap();
    let calls = rig.backend.with(|central| central.calls[before..].to_vec());
    assert_eq!(
        calls[0], "push",
        "nothing was asked while offline: {calls:?}"
    );
}
