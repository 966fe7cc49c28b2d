//! Applying replies, on real files, against a small backend that keeps a feed in memory. It knows
//! orders only and is trusted; what it must not be trusted with is tested by changing its replies.

use super::*;
use crate::files::DatabaseKey;
use crate::terminal::Terminal;
use domain::distributor::Distributor;
use domain::id::{CompanyId, DistributorId, OpId, OrderId, StaffId, TerminalId};
use domain::operation::{DistributorCreate, OpBody, OrderSubmit};
use domain::order::{OrderContent, OrderLine, SalesOrder};
use domain::quantity::{LineDiscount, Quantity, UnitPrice, line_amount};
use domain::role::Role;
use domain::staff::{Lease, Staff};
use domain::{Code, Money, Timestamp};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;
use wire::change::{Change, Cursor, Doc};
use wire::keys::{Hash, Keypair};
use wire::protocol::{
    Backend, CallError, EnrolReply, EnrolRequest, Head, PullReply, PullRequest, PushReply,
    PushRequest, Refused, SignedLease, SnapshotPage, SnapshotRequest,
};
use wire::verdict::{Verdict, VerdictKind, Wait};
use wire::{SignedOperation, SystemEnv};

const SALES: StaffId = StaffId(Uuid::from_u128(1));
const TERMINAL: TerminalId = TerminalId(7);
const PAGE: usize = 2;

#[derive(Default)]
struct Central {
    epoch: u32,
    log: Vec<SignedOperation>,
    verdicts: Vec<Verdict>,
    feed: Vec<Doc>,
    reject: Option<Code>,
    block: bool,
    lease_at: i64,
    calls: Vec<&'static str>,
    unreachable: bool,
}

#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Central>>);

fn key() -> Keypair {
    Keypair::from_seed([9; 32])
}

impl Central {
    fn lease(&self) -> SignedLease {
        let person = Staff {
            id: SALES,
            name: "x".into(),
            role: Role::Sales,
            pin_verifier: String::new(),
            active: true,
            department: None,
            revision: 0,
        };
        let lease = Lease {
            terminal: TERMINAL,
            terminal_code: "T07".into(),
            seller: "S".into(),
            public_url: "http://x".into(),
            staff: vec![person],
            offline_proof_limit_fen: Money::ZERO,
            issued_at: Timestamp(self.lease_at),
            expires_at: Timestamp(self.lease_at + 1),
        };
        SignedLease::seal(&lease, &key()).unwrap()
    }

    fn head(&self) -> Head {
        let hash = self.log.last().map_or(Hash::ZERO, SignedOperation::hash);
        Head {
            incarnation: 1,
            seq: self.log.len() as u64,
            hash,
        }
    }

    fn change(&self, index: usize) -> Change {
        let doc = self.feed[index].clone();
        Change {
            seq: index as u64 + 1,
            tag: 1,
            caused_by: None,
            doc,
        }
    }

    fn at(&self, seq: usize) -> Cursor {
        Cursor {
            epoch: self.epoch,
            seq: seq as u64,
            tag: u32::from(seq > 0),
        }
    }

    fn record(&mut self, sealed: &SignedOperation) {
        let operation = sealed.open().unwrap();
        assert_eq!(operation.seq, self.log.len() as u64 + 1);
        assert_eq!(operation.prev_hash, self.head().hash);
        self.log.push(sealed.clone());
        let kind = match &self.reject {
            _ if self.block => VerdictKind::Blocked { wait: Wait::Review },
            Some(reason) => VerdictKind::Rejected {
                reason: reason.clone(),
            },
            None => VerdictKind::Applied,
        };
        if kind.applied() {
            match &operation.body {
                OpBody::OrderSubmit(body) => self.feed.push(Doc::SalesOrder(
                    SalesOrder::submit(body, &operation.origin()).unwrap(),
                )),
                OpBody::DistributorCreate(body) => self.feed.push(Doc::Distributor(Distributor {
                    number: 42,
                    ..body.distributor.clone()
                })),
                other => panic!("{}", other.kind()),
            }
        }
        let verdict = Verdict::seal(operation.op_id, 1, operation.seq, kind, &key());
        self.verdicts.push(verdict.clone());
        self.feed.push(Doc::Verdict(verdict));
    }
}

impl Fake {
    fn with<T>(&self, act: impl FnOnce(&mut Central) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    fn call<T>(
        &self,
        name: &'static str,
        act: impl FnOnce(&mut Central) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        self.with(|central| {
            central.calls.push(name);
            if central.unreachable {
                return Err(CallError::Unreachable("cut".into()));
            }
            act(central)
        })
    }
}

impl Backend for Fake {
    async fn enrol(&self, r: EnrolRequest) -> Result<EnrolReply, CallError> {
        self.call("enrol", |central| {
            if r.code != "GOOD" {
                return Err(Refused::Rule {
                    reason: Code::BadEnrolmentCode,
                }
                .into());
            }
            Ok(EnrolReply {
                company: CompanyId(Uuid::from_u128(100)),
                terminal: TERMINAL,
                incarnation: 1,
                backend_key: key().public(),
                lease: central.lease(),
            })
        })
    }

    async fn push(&self, r: PushRequest) -> Result<PushReply, CallError> {
        self.call("push", |central| {
            for sealed in &r.operations {
                let seq = sealed.header().unwrap().seq as usize;
                if seq > central.log.len() {
                    central.record(sealed);
                }
            }
            let ops: Vec<OpId> = r
                .operations
                .iter()
                .map(|sealed| sealed.header().unwrap().op_id)
                .collect();
            let verdicts = central.verdicts.iter().filter(|v| ops.contains(&v.op_id));
            let verdicts = verdicts.cloned().collect();
            Ok(PushReply {
                verdicts,
                head: central.head(),
                at: Timestamp(central.lease_at),
            })
        })
    }

    async fn pull(&self, r: PullRequest) -> Result<PullReply, CallError> {
        self.call("pull", |central| {
            if r.after.epoch != central.epoch {
                return Err(Refused::NewEpoch {
                    epoch: central.epoch,
                }
                .into());
            }
            let from = r.after.seq as usize;
            let to = (from + PAGE * 2).min(central.feed.len());
            Ok(PullReply {
                changes: (from..to).map(|index| central.change(index)).collect(),
                complete_to: central.at(to),
                more: to < central.feed.len(),
                head: central.head(),
                lease: central.lease(),
                at: Timestamp(central.lease_at),
            })
        })
    }

    async fn snapshot(&self, r: SnapshotRequest) -> Result<SnapshotPage, CallError> {
        self.call("snapshot", |central| {
            let (from, end) = match &r.resume {
                None => (0, central.feed.len()),
                Some(token) => {
                    let (from, end) = token.split_once('/').unwrap();
                    (from.parse().unwrap(), end.parse().unwrap())
                }
            };
            let to = (from + PAGE).min(end);
            Ok(SnapshotPage {
                changes: (from..to).map(|index| central.change(index)).collect(),
                cursor: central.at(end),
                next: (to < end).then(|| format!("{to}/{end}")),
                total: end as u64,
            })
        })
    }
}

struct Rig {
    dir: tempfile::TempDir,
    terminal: Terminal,
    backend: Fake,
}

fn open(dir: &Path) -> Terminal {
    let key = DatabaseKey::from_bytes([1; 32]);
    Terminal::open(dir, key, Arc::new(SystemEnv::new())).unwrap()
}

fn buyer(n: u128) -> Distributor {
    Distributor {
        id: DistributorId(Uuid::from_u128(n)),
        number: 0,
        code: format!("D{n}"),
        name: "重庆".into(),
        phone: String::new(),
        region: String::new(),
        price_book: None,
        credit_limit_fen: None,
        active: true,
    }
}

/// An enrolled terminal whose backend has `distributors` rows to fill it with.
async fn rig(distributors: u128) -> Rig {
    let dir = tempfile::tempdir().unwrap();
    let backend = Fake::default();
    backend.with(|central| {
        central.epoch = 1;
        central.lease_at = 1_000;
        central.feed = (1..=distributors)
            .map(|n| Doc::Distributor(buyer(n)))
            .collect();
    });
    let terminal = open(dir.path());
    terminal
        .enrol(&backend, "http://127.0.0.1:9/", " good ")
        .await
        .unwrap();
    Rig {
        dir,
        terminal,
        backend,
    }
}

fn submit(terminal: &Terminal, n: u128) -> OrderId {
    let order = OrderId(Uuid::from_u128(n));
    let (quantity, unit_price) = (
        Quantity::parse("3").unwrap(),
        UnitPrice::parse("10").unwrap(),
    );
    let line = OrderLine {
        product: domain::id::ProductId(Uuid::from_u128(20)),
        code: "A".into(),
        name: "A".into(),
        unit: "件".into(),
        quantity,
        unit_price,
        discount: LineDiscount::None,
        price_book: None,
        price_as_of: Timestamp(0),
        amount_fen: line_amount(quantity, unit_price, &LineDiscount::None).unwrap(),
    };
    let content = OrderContent {
        distributor: DistributorId(Uuid::from_u128(1)),
        distributor_name: "重庆".into(),
        lines: vec![line],
        discount: LineDiscount::None,
        payment_method: None,
        remark: String::new(),
    };
    let done = terminal.ledger().transact("order", |tx| {
        let number = tx.next_number()?;
        let body = OrderSubmit {
            order,
            number,
            content,
            confirm: true,
        };
        tx.append(SALES, OpBody::OrderSubmit(body), &[])
    });
    done.unwrap();
    order
}

/// Drives the engine until it rests, as `run` does, without threads or time.
async fn settle_down(terminal: &Terminal, backend: &Fake) -> Vec<What> {
    let mut engine = Engine::new();
    let mut asked = Vec::new();
    let mut queue = std::collections::VecDeque::from([Event::Started {
        unsent: terminal.has_unsent().unwrap(),
        needs_snapshot: terminal.needs_snapshot().unwrap(),
        work_offline: false,
    }]);
    let mut reply: Option<Result<Applied, Failure>> = None;
    while let Some(event) = queue.pop_front() {
        for effect in engine.step(asked.len() as u64, 0, event) {
            match effect {
                Effect::Send { id, what } => {
                    asked.push(what);
                    assert!(asked.len() < 50, "goes round: {asked:?}");
                    let answer = ask(terminal, backend, what).await;
                    queue.push_back(match &answer {
                        Ok(_) => Event::Replied { id },
                        Err(failure) => Event::Failed {
                            id,
                            failure: *failure,
                        },
                    });
                    reply = Some(answer);
                }
                Effect::Apply { id } => {
                    let applied = reply.take().unwrap().unwrap();
                    queue.push_back(Event::Applied { id, applied });
                }
                Effect::Arm { .. } | Effect::Disarm | Effect::Status(_) => {}
            }
        }
    }
    asked
}

async fn ask(terminal: &Terminal, backend: &Fake, what: What) -> Result<Applied, Failure> {
    let applied = match what {
        What::Push => {
            let request = terminal.push_request().unwrap().unwrap();
            terminal.apply_push(&backend.push(request).await.map_err(|e| call_failure(&e))?)
        }
        What::Pull => {
            let request = terminal.pull_request().unwrap();
            terminal.apply_pull(&backend.pull(request).await.map_err(|e| call_failure(&e))?)
        }
        What::Snapshot { restart } => {
            let request = terminal.snapshot_request(restart).unwrap();
            terminal.apply_snapshot(
                &backend
                    .snapshot(request)
                    .await
                    .map_err(|e| call_failure(&e))?,
            )
        }
    };
    applied.map_err(|error| apply_failure(&error))
}

fn ledger_bytes(dir: &Path) -> Vec<u8> {
    std::fs::read(dir.join("ledger.db-wal")).unwrap_or_default()
}

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
