//! A small world for this crate's tests: a backend on SQLite in memory, a clock that stands still
//! until it is moved, and terminals that sign what they send.

use crate::facts::{Attempt, Company};
use crate::payments::asks::{Answered, Begin};
use crate::payments::settle::Settled;
use crate::store::sqlite::SqliteStore;
use crate::store::{Context, Store, StoreError, Tuning, WalletBinding};
use domain::channel::Channel;
use domain::collection::{Allocation, PaymentMethod, Purpose};
use domain::distributor::Distributor;
use domain::id::{
    CollectionId, CompanyId, DistributorId, IntentId, OpId, OrderId, ProductId, StaffId, TerminalId,
};
use domain::operation::{
    Basis, CollectionDecide, CollectionRecord, IntentOpen, OpBody, OrderCancel, OrderEdit,
    OrderSubmit,
};
use domain::order::{OrderContent, OrderLine};
use domain::quantity::{LineDiscount, Quantity, UnitPrice};
use domain::role::Role;
use domain::staff::Staff;
use domain::time::DAY_MS;
use domain::{Money, Timestamp};
use gateways::{EvidenceRecord, Headers, Proof, Source};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;
use wire::change::{Change, Cursor, Doc};
use wire::envelope::{Operation, SignedOperation};
use wire::keys::Hash;
use wire::link::LinkBody;
use wire::protocol::{Caller, EnrolRequest, Head, PullReply, PullRequest, PushReply, PushRequest};
use wire::verdict::VerdictKind;
use wire::{Env, Keypair, OPERATION_SCHEMA, PROTOCOL_VERSION};

pub(crate) const START: i64 = 1_795_000_000_000;

/// A clock that is moved by hand and random numbers that repeat.
#[derive(Debug)]
pub(crate) struct TestEnv {
    pub(crate) now: AtomicI64,
    pub(crate) state: Mutex<u64>,
}

impl Env for TestEnv {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    fn random(&self, bytes: &mut [u8]) {
        let mut state = self.state.lock().unwrap();
        for byte in bytes {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = (*state >> 33) as u8;
        }
    }
}

/// A backend with one company, four staff and two merchant accounts.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) store: SqliteStore,
    pub(crate) env: TestEnv,
    pub(crate) key: Keypair,
    pub(crate) tuning: Tuning,
}

pub(crate) const SALES: StaffId = StaffId(Uuid::from_u128(1));
pub(crate) const FINANCE: StaffId = StaffId(Uuid::from_u128(2));
pub(crate) const LEAD: StaffId = StaffId(Uuid::from_u128(3));
pub(crate) const ADMIN: StaffId = StaffId(Uuid::from_u128(4));

pub(crate) fn company() -> Company {
    Company {
        id: CompanyId(Uuid::from_u128(77)),
        seller: "北方商贸".into(),
        public_url: "http://pay.example".into(),
        ticket_life_ms: 30 * DAY_MS,
    }
}

pub(crate) fn fen(fen: i64) -> Money {
    Money::from_fen(fen)
}

pub(crate) fn staff() -> Vec<Staff> {
    [
        (SALES, Role::Sales),
        (FINANCE, Role::Finance),
        (LEAD, Role::FinanceLead),
        (ADMIN, Role::Admin),
    ]
    .into_iter()
    .map(|(id, role)| Staff {
        id,
        name: format!("{role:?}"),
        role,
        pin_verifier: String::new(),
        active: true,
        department: None,
        revision: 0,
    })
    .collect()
}

pub(crate) fn distributor(n: u128) -> DistributorId {
    DistributorId(Uuid::from_u128(1_000 + n))
}

impl World {
    pub(crate) fn new() -> World {
        World::on(SqliteStore::in_memory().unwrap())
    }

    pub(crate) fn on(store: SqliteStore) -> World {
        let world = World {
            store,
            env: TestEnv {
                now: AtomicI64::new(START),
                state: Mutex::new(9),
            },
            key: Keypair::from_seed([9; 32]),
            tuning: Tuning {
                tickets: 3,
                ticket_memory_kib: 8,
            },
        };
        let cx = world.cx();
        world.store.put_company(&cx, &company()).unwrap();
        for member in staff() {
            world.store.put_staff(&cx, &member).unwrap();
        }
        for channel in Channel::ALL {
            let binding = WalletBinding {
                channel,
                merchant_no: "M1".into(),
                app_id: "A1".into(),
                holder: "北方商贸有限公司".into(),
                active: true,
            };
            world.store.put_binding(&cx, &binding).unwrap();
        }
        let config = domain::config::Config {
            online_payment_enabled: true,
            intent_lifetime_s: 300,
            ..domain::config::Config::default()
        };
        world.store.put_config(&cx, &config).unwrap();
        let rows: Vec<Distributor> = (1..=3)
            .map(|n| Distributor {
                id: distributor(n),
                number: 0,
                code: String::new(),
                name: format!("经销商 {n}"),
                phone: String::new(),
                region: String::new(),
                price_book: None,
                credit_limit_fen: None,
                active: true,
            })
            .collect();
        world.store.put_distributors(&cx, &rows).unwrap();
        world
    }

    pub(crate) fn cx(&self) -> Context<'_> {
        Context {
            company: company().id,
            env: &self.env,
            key: &self.key,
            tuning: &self.tuning,
        }
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.env.now.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn enrol(&self, base_code: &str) -> Desk {
        let cx = self.cx();
        let code = self
            .store
            .issue_enrolment_code(&cx, base_code, 600_000)
            .unwrap();
        let key = Keypair::generate(&self.env);
        let request = EnrolRequest {
            code,
            key: key.public(),
            protocol: PROTOCOL_VERSION,
        };
        let reply = self.store.enrol(&cx, &request).unwrap();
        let lease = reply.lease.open(&self.key.public()).unwrap();
        let head = Head {
            incarnation: reply.incarnation,
            seq: 0,
            hash: Hash::ZERO,
        };
        Desk {
            terminal: reply.terminal,
            code: lease.terminal_code,
            key,
            head,
            cursor: Cursor::default(),
            numbers: 0,
            sent: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// The books must contradict nothing (invariant 3).
    pub(crate) fn check(&self) {
        let cx = self.cx();
        assert_eq!(self.store.audit(&cx).unwrap(), Vec::<String>::new());
        let postings = self.store.summary(&cx).unwrap().postings_fen;
        assert_eq!(postings, Money::ZERO);
        for account in self.store.trial_balance(&cx).unwrap() {
            assert_eq!(
                account.balance_fen, account.postings_fen,
                "{}",
                account.account
            );
        }
    }

    pub(crate) fn balance(&self, account: &domain::ledger::Account) -> i64 {
        let name = account.to_string();
        let all = self.store.trial_balance(&self.cx()).unwrap();
        all.iter()
            .find(|row| row.account == name)
            .map_or(0, |row| row.balance_fen.fen())
    }

    /// Places an attempt as the cashier does.
    pub(crate) fn attempt(&self, intent: IntentId, channel: Channel) -> Attempt {
        let cx = self.cx();
        let begin = self
            .store
            .begin_attempt(&cx, intent, channel, "payer")
            .unwrap();
        let Begin::Create(attempt) = begin else {
            panic!("{begin:?}")
        };
        let answer = Answered::Created {
            offer: "offer".into(),
        };
        self.store
            .attempt_answered(&cx, &attempt.out_trade_no, answer)
            .unwrap();
        attempt
    }

    /// The channel reports this attempt as paid.
    pub(crate) fn pay(&self, attempt: &Attempt) -> Settled {
        self.settle(&evidence(attempt, 1)).unwrap()
    }

    pub(crate) fn settle(&self, proof: &EvidenceRecord) -> Result<Settled, StoreError> {
        self.store.settle_record(&self.cx(), proof)
    }
}

/// What the channel says of an attempt; `nth` tells payments of the same attempt apart.
pub(crate) fn evidence(attempt: &Attempt, nth: u32) -> EvidenceRecord {
    EvidenceRecord {
        channel: attempt.channel,
        merchant_no: attempt.merchant_no.clone(),
        app_id: attempt.app_id.clone(),
        out_trade_no: attempt.out_trade_no.clone(),
        provider_no: format!("P{}-{nth}", attempt.out_trade_no),
        amount_fen: attempt.amount_fen,
        payer_paid_fen: None,
        payer: Some("openid-of-somebody".into()),
        paid_at_ms: START,
        proof: Proof {
            source: Source::Query,
            received_at_ms: START,
            headers: Headers::default(),
            body: b"{}".to_vec(),
        },
    }
}

/// A terminal, as far as the backend can tell.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) terminal: TerminalId,
    pub(crate) code: String,
    pub(crate) key: Keypair,
    pub(crate) head: Head,
    pub(crate) cursor: Cursor,
    numbers: u32,
    pub(crate) sent: Vec<SignedOperation>,
    pub(crate) seen: Vec<Change>,
}

impl Desk {
    pub(crate) fn caller(&self) -> Caller {
        Caller {
            terminal: self.terminal,
            head: self.head,
        }
    }

    pub(crate) fn number(&mut self) -> String {
        self.numbers += 1;
        format!("{}-261123-{:04}", self.code, self.numbers)
    }

    /// Signs an operation onto the log, without sending it.
    pub(crate) fn sign(
        &mut self,
        world: &World,
        staff: StaffId,
        body: OpBody,
        depends_on: Vec<OpId>,
    ) -> (OpId, SignedOperation) {
        let op_id = OpId(world.env.uuid());
        self.head.seq += 1;
        let operation = Operation {
            op_id,
            terminal: self.terminal,
            incarnation: self.head.incarnation,
            seq: self.head.seq,
            staff,
            at: world.env.now(),
            schema: OPERATION_SCHEMA,
            depends_on,
            replaces: None,
            prev_hash: self.head.hash,
            body,
        };
        let signed = SignedOperation::seal(&operation, &self.key).unwrap();
        self.head.hash = signed.hash();
        self.sent.push(signed.clone());
        (op_id, signed)
    }

    pub(crate) fn push(&self, operations: Vec<SignedOperation>) -> PushRequest {
        PushRequest {
            caller: self.caller(),
            operations,
            slips: Vec::new(),
        }
    }

    /// Signs, sends, and answers the verdict.
    pub(crate) fn act(&mut self, world: &World, staff: StaffId, body: OpBody) -> VerdictKind {
        let (_, signed) = self.sign(world, staff, body, Vec::new());
        let reply: PushReply = world
            .store
            .push(&world.cx(), &self.push(vec![signed]))
            .unwrap();
        reply.verdicts[0].verify(&world.key.public()).unwrap();
        reply.verdicts[0].kind.clone()
    }

    pub(crate) fn pull(&mut self, world: &World) -> PullReply {
        let request = PullRequest {
            caller: self.caller(),
            after: self.cursor,
            tickets: u32::try_from(self.tickets().len()).unwrap(),
        };
        let reply = world.store.pull(&world.cx(), &request).unwrap();
        self.cursor = reply.complete_to;
        self.seen.extend(reply.changes.clone());
        reply
    }

    pub(crate) fn pull_all(&mut self, world: &World) {
        while self.pull(world).more {}
    }

    /// Tickets that came and were not used yet.
    pub(crate) fn tickets(&self) -> Vec<IntentId> {
        let used: Vec<IntentId> = self
            .sent
            .iter()
            .filter_map(|op| match op.open().ok()?.body {
                OpBody::IntentOpen(body) => Some(body.intent),
                _ => None,
            })
            .collect();
        let came = self.seen.iter().filter_map(|change| match &change.doc {
            Doc::Ticket(ticket) => Some(ticket.id),
            _ => None,
        });
        came.filter(|id| !used.contains(id)).collect()
    }

    pub(crate) fn ticket(&mut self, world: &World) -> IntentId {
        if self.tickets().is_empty() {
            self.pull_all(world);
        }
        self.tickets()[0]
    }

    pub(crate) fn order(
        &mut self,
        world: &World,
        distributor: DistributorId,
        total: i64,
    ) -> OrderId {
        let order = OrderId(world.env.uuid());
        let body = OpBody::OrderSubmit(OrderSubmit {
            order,
            number: self.number(),
            content: content(distributor, total),
            confirm: true,
            config: 0,
        });
        assert_eq!(self.act(world, SALES, body), VerdictKind::Applied);
        order
    }

    /// Opens an intent for an order (or, without one, a deposit top-up).
    pub(crate) fn ask(
        &mut self,
        world: &World,
        distributor: DistributorId,
        order: Option<OrderId>,
        amount: i64,
    ) -> (IntentId, VerdictKind) {
        let body = self.ask_body(world, distributor, order, amount);
        let intent = body.intent;
        (intent, self.act(world, SALES, OpBody::IntentOpen(body)))
    }

    pub(crate) fn ask_body(
        &mut self,
        world: &World,
        distributor: DistributorId,
        order: Option<OrderId>,
        amount: i64,
    ) -> IntentOpen {
        let part = |order| Allocation {
            order,
            amount_fen: fen(amount),
        };
        IntentOpen {
            intent: self.ticket(world),
            purpose: order.map_or(Purpose::PrepaidDeposit, |_| Purpose::OrderPayment),
            distributor,
            amount_fen: fen(amount),
            allocations: order.into_iter().map(part).collect(),
            revision: 1,
            expires_at: Timestamp(world.env.now().0 + 300_000),
            distributor_number: 0,
        }
    }

    /// The offline link of an ask.
    pub(crate) fn link(&self, body: &IntentOpen) -> String {
        let link = LinkBody {
            terminal: self.terminal,
            intent: body.intent,
            distributor_number: body.distributor_number,
            amount_fen: body.amount_fen,
            expires_at: body.expires_at,
            purpose: body.purpose,
            revision: body.revision,
        };
        link.seal(&self.key).unwrap()
    }

    pub(crate) fn record(
        &mut self,
        world: &World,
        method: PaymentMethod,
        distributor: DistributorId,
        order: Option<OrderId>,
        amount: i64,
    ) -> (CollectionId, VerdictKind) {
        let collection = CollectionId(world.env.uuid());
        let part = |order| Allocation {
            order,
            amount_fen: fen(amount),
        };
        let body = OpBody::CollectionRecord(CollectionRecord {
            collection,
            number: self.number(),
            purpose: order.map_or(Purpose::PrepaidDeposit, |_| Purpose::OrderPayment),
            method,
            distributor,
            distributor_name: String::new(),
            amount_fen: fen(amount),
            allocations: order.into_iter().map(part).collect(),
            note: String::new(),
            slip_sha256: String::new(),
            after_lease: false,
        });
        (collection, self.act(world, SALES, body))
    }

    pub(crate) fn confirm(
        &mut self,
        world: &World,
        staff: StaffId,
        collection: CollectionId,
    ) -> VerdictKind {
        let body = CollectionDecide {
            collection,
            reason: String::new(),
        };
        self.act(world, staff, OpBody::CollectionConfirm(body))
    }

    /// Tops a deposit up by cash that finance confirms.
    pub(crate) fn top_up(&mut self, world: &World, distributor: DistributorId, amount: i64) {
        let (id, verdict) = self.record(world, PaymentMethod::Cash, distributor, None, amount);
        assert_eq!(verdict, VerdictKind::Applied);
        assert_eq!(self.confirm(world, FINANCE, id), VerdictKind::Applied);
    }
}

pub(crate) fn content(distributor: DistributorId, total: i64) -> OrderContent {
    let unit_price = UnitPrice::parse(&format!("{}.{:02}", total / 100, total % 100)).unwrap();
    OrderContent {
        distributor,
        distributor_name: "经销商".into(),
        lines: vec![OrderLine {
            product: ProductId(Uuid::from_u128(5)),
            code: "A-1".into(),
            name: "水".into(),
            unit: "件".into(),
            quantity: Quantity::parse("1").unwrap(),
            unit_price,
            discount: LineDiscount::None,
            price_book: None,
            price_as_of: Timestamp(START),
            amount_fen: fen(total),
        }],
        discount: LineDiscount::None,
        payment_method: None,
        remark: String::new(),
    }
}

pub(crate) fn edit(order: OrderId, revision: u32, to: DistributorId, total: i64) -> OpBody {
    OpBody::OrderEdit(OrderEdit {
        order,
        on: Basis::Revision(revision),
        content: content(to, total),
        config: 0,
        hold: false,
    })
}

pub(crate) fn cancel(order: OrderId, revision: u32) -> OpBody {
    OpBody::OrderCancel(OrderCancel {
        order,
        on: Basis::Revision(revision),
        reason: String::new(),
    })
}
