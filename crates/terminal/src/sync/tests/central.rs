//! A small backend that keeps a feed in memory, and a terminal beside it. It knows orders only and is
//! trusted.

use crate::files::DatabaseKey;
use crate::sync::*;
use crate::terminal::Terminal;
use domain::config::{Config, ConfigVersion};
use domain::distributor::Distributor;
use domain::id::{CompanyId, DistributorId, OpId, OrderId, StaffId, TerminalId};
use domain::operation::{OpBody, OrderSubmit};
use domain::order::{OrderContent, OrderLine, SalesOrder};
use domain::quantity::{LineDiscount, Quantity, UnitPrice, line_amount};
use domain::role::Role;
use domain::staff::{Lease, Staff};
use domain::{Code, Money, Timestamp};
use std::path::Path;
use std::sync::{Arc, Mutex};
use uuid::Uuid;
use wire::change::{Change, Cursor, Doc};
use wire::keys::{Hash, Keypair};
use wire::protocol::{
    Backend, CallError, EnrolReply, EnrolRequest, Head, PullReply, PullRequest, PushReply,
    PushRequest, Refused, SignedLease, SnapshotPage, SnapshotRequest,
};
use wire::verdict::{Verdict, VerdictKind, Wait};
use wire::{SignedOperation, SystemEnv};

pub(super) const SALES: StaffId = StaffId(Uuid::from_u128(1));
pub(super) const TERMINAL: TerminalId = TerminalId(7);
pub(super) const PAGE: usize = 2;

#[derive(Default)]
pub(super) struct Central {
    pub(super) epoch: u32,
    pub(super) log: Vec<SignedOperation>,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) feed: Vec<Doc>,
    pub(super) reject: Option<Code>,
    pub(super) block: bool,
    pub(super) lease_at: i64,
    pub(super) calls: Vec<&'static str>,
    pub(super) unreachable: bool,
}

#[derive(Clone, Default)]
pub(super) struct Fake(Arc<Mutex<Central>>);

pub(super) fn key() -> Keypair {
    Keypair::from_seed([9; 32])
}

impl Central {
    pub(super) fn lease(&self) -> SignedLease {
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

    pub(super) fn head(&self) -> Head {
        let hash = self.log.last().map_or(Hash::ZERO, SignedOperation::hash);
        Head {
            incarnation: 1,
            seq: self.log.len() as u64,
            hash,
        }
    }

    pub(super) fn change(&self, index: usize) -> Change {
        let doc = self.feed[index].clone();
        Change {
            seq: index as u64 + 1,
            tag: 1,
            caused_by: None,
            doc,
        }
    }

    pub(super) fn at(&self, seq: usize) -> Cursor {
        Cursor {
            epoch: self.epoch,
            seq: seq as u64,
            tag: u32::from(seq > 0),
        }
    }

    pub(super) fn record(&mut self, sealed: &SignedOperation) {
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
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Central) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    pub(super) fn call<T>(
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
                config: Some(ConfigVersion {
                    version: 3,
                    config: Config {
                        online_payment_enabled: true,
                        ..Config::default()
                    },
                    ..ConfigVersion::default()
                }),
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

pub(super) struct Rig {
    pub(super) dir: tempfile::TempDir,
    pub(super) terminal: Terminal,
    pub(super) backend: Fake,
}

pub(super) fn open(dir: &Path) -> Terminal {
    let key = DatabaseKey::from_bytes([1; 32]);
    Terminal::open(dir, key, Arc::new(SystemEnv::new())).unwrap()
}

pub(super) fn buyer(n: u128) -> Distributor {
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
pub(super) async fn rig(distributors: u128) -> Rig {
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

pub(super) fn submit(terminal: &Terminal, n: u128) -> OrderId {
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
            config: 0,
        };
        tx.append(SALES, OpBody::OrderSubmit(body), &[])
    });
    done.unwrap();
    order
}

/// Drives the engine until it rests, as `run` does, without threads or time.
pub(super) async fn settle_down(terminal: &Terminal, backend: &Fake) -> Vec<What> {
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

pub(super) async fn ask(
    terminal: &Terminal,
    backend: &Fake,
    what: What,
) -> Result<Applied, Failure> {
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

pub(super) fn ledger_bytes(dir: &Path) -> Vec<u8> {
    std::fs::read(dir.join("ledger.db-wal")).unwrap_or_default()
}
