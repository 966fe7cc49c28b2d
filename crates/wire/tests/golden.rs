//! Every message as it stands on the wire. A snapshot that changes is a change of format: queued
//! operations and old terminals have to live with it, so it needs a new version or a default.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::Code;
use domain::channel::{Bindings, MiniProgram};
use domain::collection::*;
use domain::condition::{Condition, Conditions, Operator};
use domain::config::{Config, ConfigVersion};
use domain::distributor::Distributor;
use domain::history::{CatalogueItem, HistoryEvent, HistoryLine, ImportCounts, ImportKind};
use domain::id::*;
use domain::intent::*;
use domain::money_match::{Concern, MatchFrom, MatchTo, MoneyMatch};
use domain::operation::*;
use domain::order::*;
use domain::product::*;
use domain::quantity::{LineDiscount, Quantity, UnitPrice};
use domain::refund::Refund;
use domain::role::Role;
use domain::staff::{Lease, Staff, StaffTerms, StaffVersion};
use domain::{Money, Timestamp, channel::Channel};
use insta::assert_json_snapshot;
use uuid::Uuid;
use wire::change::{Allotment, Attention, Change, Cursor, DepositBalance, Doc};
use wire::envelope::{Operation, SignedOperation};
use wire::keys::{Hash, Keypair};
use wire::protocol::*;
use wire::verdict::{Verdict, VerdictKind, Wait};

const AT: Timestamp = Timestamp(1_795_400_000_000);

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn key() -> Keypair {
    Keypair::from_seed([9; 32])
}

fn content() -> OrderContent {
    OrderContent {
        distributor: DistributorId(id(4)),
        distributor_name: "重庆渝中百货".into(),
        lines: vec![OrderLine {
            product: ProductId(id(5)),
            code: "1006013".into(),
            name: "双宫茧桑蚕丝被".into(),
            unit: "件".into(),
            quantity: Quantity::parse("4").unwrap(),
            unit_price: UnitPrice::parse("699").unwrap(),
            discount: LineDiscount::None,
            price_book: Some(PriceBookId(id(6))),
            price_as_of: AT,
            amount_fen: Money::from_fen(279_600),
        }],
        discount: LineDiscount::Amount(Money::from_fen(600)),
        payment_method: Some(PaymentMethod::QrCode),
        remark: "周五前送到".into(),
    }
}

fn allocation() -> Allocation {
    Allocation {
        order: OrderId(id(3)),
        amount_fen: Money::from_fen(279_000),
    }
}

fn bodies() -> Vec<OpBody> {
    let order = OrderId(id(3));
    let decide = |reason: &str| CollectionDecide {
        collection: CollectionId(id(7)),
        reason: reason.into(),
    };
    vec![
        OpBody::OrderSubmit(OrderSubmit {
            order,
            number: "T07-261122-0031".into(),
            content: content(),
            confirm: true,
            config: 0,
        }),
        OpBody::OrderEdit(OrderEdit {
            order,
            on: Basis::Revision(1),
            content: content(),
            config: 0,
            hold: false,
        }),
        OpBody::OrderCancel(OrderCancel {
            order,
            on: Basis::Operation(OpId(id(1))),
            reason: "客户取消".into(),
        }),
        OpBody::DraftDiscard(DraftDiscard {
            order,
            number: "T07-261122-0032".into(),
        }),
        OpBody::IntentOpen(IntentOpen {
            intent: IntentId(8),
            purpose: Purpose::OrderPayment,
            distributor: DistributorId(id(4)),
            amount_fen: Money::from_fen(279_000),
            allocations: vec![allocation()],
            revision: 1,
            expires_at: AT.plus_ms(900_000),
            distributor_number: 42,
        }),
        OpBody::IntentClose(IntentClose {
            intent: IntentId(8),
        }),
        OpBody::IntentProof(IntentProof {
            intent: IntentId(8),
            proof: "7K3QX2MP".into(),
        }),
        OpBody::CollectionRecord(CollectionRecord {
            collection: CollectionId(id(7)),
            number: "T07-261122-0033".into(),
            purpose: Purpose::OrderPayment,
            method: PaymentMethod::Cash,
            distributor: DistributorId(id(4)),
            distributor_name: "重庆渝中百货".into(),
            amount_fen: Money::from_fen(279_000),
            allocations: vec![allocation()],
            note: String::new(),
            slip_sha256: String::new(),
            after_lease: false,
        }),
        OpBody::CollectionConfirm(decide("")),
        OpBody::CollectionReject(decide("假币")),
        OpBody::DepositRelease(DepositRelease {
            distributor: DistributorId(id(4)),
            amount_fen: Money::from_fen(5_000),
        }),
        OpBody::DistributorCreate(DistributorCreate {
            distributor: distributor(),
        }),
        OpBody::RefundRequest(refund_request()),
        OpBody::RefundApprove(RefundDecide {
            refund: RefundId(id(10)),
            reason: String::new(),
        }),
        OpBody::RefundReject(RefundDecide {
            refund: RefundId(id(10)),
            reason: "货已发出".into(),
        }),
        OpBody::MatchPropose(match_propose()),
        OpBody::MatchApprove(MatchDecide {
            money_match: MatchId(id(13)),
            reason: String::new(),
        }),
        OpBody::MatchReject(MatchDecide {
            money_match: MatchId(id(13)),
            reason: "不是他的".into(),
        }),
        OpBody::HeldMoneyFree(HeldMoneyFree {
            transaction_record: TransactionRecordId(id(9)),
            distributor: DistributorId(id(4)),
            reason: "终端丢失".into(),
        }),
        OpBody::AttentionClose(AttentionClose {
            attention: AttentionId(id(12)),
            reason: "已核对".into(),
        }),
        OpBody::ConfigChange(ConfigChange {
            on: 3,
            config: config(),
        }),
        OpBody::StaffChange(StaffChange {
            staff: StaffId(id(2)),
            on: Some(1),
            terms: staff_terms(),
            pin_verifier: Some("$argon2id$".into()),
        }),
        OpBody::CatalogueChange(CatalogueChange {
            before: Some(CatalogueItem::PriceBook(PriceBook {
                id: PriceBookId(id(6)),
                name: "西南一级".into(),
            })),
            after: CatalogueItem::PriceBook(PriceBook {
                id: PriceBookId(id(6)),
                name: "西南".into(),
            }),
        }),
        OpBody::OrderApprove(OrderDecide {
            order: OrderId(id(3)),
            on: Basis::Revision(1),
            reason: String::new(),
        }),
        OpBody::OrderReject(OrderDecide {
            order: OrderId(id(3)),
            on: Basis::Revision(1),
            reason: "低于成本".into(),
        }),
    ]
}

fn refund_request() -> RefundRequest {
    RefundRequest {
        refund: RefundId(id(10)),
        transaction_record: TransactionRecordId(id(9)),
        channel: Channel::WechatPay,
        collection: Some(CollectionId(id(7))),
        subject: "HQ-261122-0001".into(),
        distributor: DistributorId(id(4)),
        distributor_name: "重庆渝中百货".into(),
        from: domain::ledger::RefundFrom::Allocations,
        allocations: vec![allocation()],
        amount_fen: Money::from_fen(279_000),
        reason: "退货".into(),
    }
}

fn match_propose() -> MatchPropose {
    MatchPropose {
        money_match: MatchId(id(13)),
        from: MatchFrom::Unapplied {
            collection: CollectionId(id(7)),
        },
        to: MatchTo::Orders,
        subject: "HQ-261122-0001".into(),
        distributor: DistributorId(id(4)),
        distributor_name: "重庆渝中百货".into(),
        allocations: vec![allocation()],
        amount_fen: Money::from_fen(279_000),
        reason: "付错了单".into(),
    }
}

fn config() -> Config {
    let mut config = Config {
        online_payment_enabled: true,
        ..Config::default()
    };
    config.buttons[0].conditions = Conditions(vec![vec![Condition {
        field_name: "owed_fen".into(),
        operator: Operator::Gt,
        field_values: vec!["0".into()],
    }]]);
    config
}

fn distributor() -> Distributor {
    Distributor {
        id: DistributorId(id(4)),
        number: 0,
        code: String::new(),
        name: "重庆渝中百货".into(),
        phone: "13800001849".into(),
        region: "重庆市".into(),
        price_book: None,
        credit_limit_fen: Some(Money::from_fen(5_000_000)),
        active: true,
    }
}

fn operation(body: OpBody) -> Operation {
    Operation {
        op_id: OpId(id(1)),
        terminal: TerminalId(7),
        incarnation: 1,
        seq: 12,
        staff: StaffId(id(2)),
        at: AT,
        schema: wire::OPERATION_SCHEMA,
        depends_on: vec![OpId(id(9))],
        replaces: None,
        prev_hash: Hash::of(b"before"),
        body,
    }
}

fn head() -> Head {
    Head {
        incarnation: 1,
        seq: 12,
        hash: Hash::of(b"head"),
    }
}

fn caller() -> Caller {
    Caller {
        terminal: TerminalId(7),
        head: head(),
    }
}

fn staff_terms() -> StaffTerms {
    StaffTerms {
        name: "销售 01".into(),
        role: Role::Sales,
        department: Some(DepartmentId(id(12))),
        active: true,
    }
}

fn lease() -> SignedLease {
    let lease = Lease {
        terminal: TerminalId(7),
        terminal_code: "T07".into(),
        seller: "锦绣家纺有限公司".into(),
        public_url: "http://192.0.2.7:8443".into(),
        staff: vec![Staff {
            id: StaffId(id(2)),
            name: "销售 01".into(),
            role: Role::Sales,
            pin_verifier: "$argon2id$".into(),
            active: true,
            department: None,
            revision: 0,
        }],
        offline_proof_limit_fen: Money::from_fen(1_000_000),
        issued_at: AT,
        expires_at: AT.plus_ms(72 * 3_600_000),
    };
    SignedLease::seal(&lease, &key()).unwrap()
}

#[test]
fn operations() {
    for body in bodies() {
        let kind = body.kind();
        let operation = operation(body);
        assert_json_snapshot!(format!("operation_{kind}"), operation);
        let sealed = SignedOperation::seal(&operation, &key()).unwrap();
        sealed.verify(&key().public()).unwrap();
        assert_eq!(sealed.open().unwrap(), operation);
        assert_eq!(sealed.header().unwrap().kind, kind);
    }
}

#[test]
fn an_operation_of_an_unknown_kind_still_shows_its_envelope() {
    let text = serde_json::to_string(&operation(bodies().remove(0))).unwrap();
    let later = text.replace("order_submit", "order_teleport");
    let sealed = SignedOperation {
        signature: key().sign(later.as_bytes()),
        bytes: later.into(),
    };
    assert_eq!(sealed.header().unwrap().kind, "order_teleport");
    assert!(sealed.open().is_err());
}

#[test]
fn verdicts() {
    let kinds = [
        ("applied", VerdictKind::Applied),
        (
            "applied_with_difference",
            VerdictKind::AppliedWithDifference {
                difference: Code::OverAllocated,
            },
        ),
        (
            "rejected",
            VerdictKind::Rejected {
                reason: Code::Conflict { held: 4 },
            },
        ),
        (
            "blocked_operation",
            VerdictKind::Blocked {
                wait: Wait::Operation(OpId(id(9))),
            },
        ),
        (
            "blocked_intent",
            VerdictKind::Blocked {
                wait: Wait::Intent(IntentId(8)),
            },
        ),
        (
            "blocked_review",
            VerdictKind::Blocked { wait: Wait::Review },
        ),
    ];
    for (name, kind) in kinds {
        let verdict = Verdict::seal(OpId(id(1)), 1, 12, kind, &key());
        verdict.verify(&key().public()).unwrap();
        assert_json_snapshot!(format!("verdict_{name}"), verdict);
        let mut forged = verdict.clone();
        forged.seq += 1;
        assert!(forged.verify(&key().public()).is_err());
    }
}

fn docs() -> Vec<(&'static str, Doc)> {
    let origin = Origin {
        op_id: OpId(id(1)),
        staff: StaffId(id(2)),
        terminal: TerminalId(7),
        at: AT,
    };
    let mut bodies = bodies();
    let OpBody::CollectionRecord(record) = bodies.remove(7) else {
        unreachable!()
    };
    let OpBody::OrderSubmit(submit) = bodies.remove(0) else {
        unreachable!()
    };
    let mut refund = Refund::request(&refund_request(), &origin).unwrap();
    let approver = Origin {
        op_id: OpId(id(14)),
        staff: StaffId(id(15)),
        ..origin
    };
    refund.approve(&approver, AT).unwrap();
    vec![
        (
            "product",
            Doc::Product(Product {
                id: ProductId(id(5)),
                code: "1006013".into(),
                barcode: "6900010060135".into(),
                name: "双宫茧桑蚕丝被".into(),
                spec: "空调被".into(),
                unit: "件".into(),
                list_price: UnitPrice::parse("719").unwrap(),
                floor_price: Some(UnitPrice::parse("650").unwrap()),
                active: true,
            }),
        ),
        (
            "price_book",
            Doc::PriceBook(PriceBook {
                id: PriceBookId(id(6)),
                name: "西南一级".into(),
            }),
        ),
        (
            "price",
            Doc::Price(Price {
                price_book: PriceBookId(id(6)),
                product: ProductId(id(5)),
                unit_price: UnitPrice::parse("699").unwrap(),
                valid_from: AT,
                valid_to: None,
            }),
        ),
        ("distributor", Doc::Distributor(distributor())),
        (
            "sales_order",
            Doc::SalesOrder(SalesOrder::submit(&submit, &origin).unwrap()),
        ),
        (
            "payment_collection",
            Doc::PaymentCollection(PaymentCollection::record(&record, &origin).unwrap()),
        ),
        (
            "payment_intent",
            Doc::PaymentIntent(PaymentIntent {
                id: IntentId(8),
                purpose: Purpose::OrderPayment,
                distributor: DistributorId(id(4)),
                amount_fen: Money::from_fen(279_000),
                allocations: vec![allocation()],
                revision: 1,
                state: IntentState::Paid,
                unknown: false,
                proved_offline: true,
                pay_code: Some("0123456789ABC".into()),
                check_code: "4827".into(),
                expires_at: AT.plus_ms(900_000),
                outcome: Some(IntentOutcome::Exact),
                collection: Some(CollectionId(id(7))),
                staff: Some(StaffId(id(2))),
                terminal: TerminalId(7),
                opened_by: Some(OpId(id(1))),
                opened_at: AT,
            }),
        ),
        (
            "transaction_record",
            Doc::TransactionRecord(TransactionRecord {
                id: TransactionRecordId(id(11)),
                channel: Channel::WechatPay,
                provider_no: "4200001234202611221234567890".into(),
                out_trade_no: "FT0000000000008W01".into(),
                payer: "o***9x".into(),
                gross_fen: Money::from_fen(279_000),
                fee_fen: None,
                paid_at: AT,
                intent: Some(IntentId(8)),
                collection: Some(CollectionId(id(7))),
                distributor: Some(DistributorId(id(4))),
                asked: None,
            }),
        ),
        (
            "deposit_balance",
            Doc::DepositBalance(DepositBalance {
                distributor: DistributorId(id(4)),
                available_fen: Money::ZERO,
                allotments: vec![Allotment {
                    terminal: TerminalId(7),
                    amount_fen: Money::from_fen(300_000),
                }],
                unapplied_fen: Money::ZERO,
                suspense_fen: Money::ZERO,
                owed_fen: Money::from_fen(279_000),
                as_of: AT,
            }),
        ),
        (
            "ticket",
            Doc::Ticket(Ticket {
                id: IntentId(8),
                salt: "c2FsdA".into(),
                code_hash: "aGFzaA".into(),
                expires_at: AT,
            }),
        ),
        (
            "verdict",
            Doc::Verdict(Verdict::seal(
                OpId(id(1)),
                1,
                12,
                VerdictKind::Applied,
                &key(),
            )),
        ),
        (
            "attention",
            Doc::Attention(Attention {
                id: AttentionId(id(12)),
                kind: "wrong_amount".into(),
                op: None,
                distributor: None,
                amount_fen: Money::from_fen(1),
                subject: "4200001234202611221234567890".into(),
                at: AT,
                done: false,
                concern: Some(Concern::TransactionRecord(TransactionRecordId(id(9)))),
                closed: None,
            }),
        ),
        ("refund", Doc::Refund(refund)),
        (
            "money_match",
            Doc::MoneyMatch(MoneyMatch::propose(&match_propose(), &origin).unwrap()),
        ),
        (
            "staff_version",
            Doc::StaffVersion(StaffVersion {
                op: OpId(id(11)),
                at: AT,
                author: Some(StaffId(id(5))),
                staff: StaffId(id(2)),
                before: None,
                after: staff_terms(),
                pin_reset: true,
            }),
        ),
        (
            "history_line",
            Doc::HistoryLine(HistoryLine {
                id: HistoryLineId(id(16)),
                at: AT,
                author: StaffId(id(2)),
                terminal: TerminalId(7),
                what: HistoryEvent::Imported {
                    kind: ImportKind::Products,
                    file: "products.csv".into(),
                    sha256: Hash::of(b"file").to_string(),
                    counts: ImportCounts {
                        rows: 3,
                        added: 1,
                        changed: 1,
                    },
                },
            }),
        ),
        (
            "config",
            Doc::Config(ConfigVersion {
                version: 4,
                at: AT,
                author: Some(StaffId(id(2))),
                op: Some(OpId(id(1))),
                bindings: Bindings {
                    wechat_pay: true,
                    alipay: false,
                },
                mini_program: MiniProgram::SameOwner,
                config: config(),
            }),
        ),
    ]
}

#[test]
fn changes() {
    for (name, doc) in docs() {
        let change = Change {
            seq: 77,
            tag: 5,
            caused_by: Some(OpId(id(1))),
            doc,
        };
        assert_json_snapshot!(format!("change_{name}"), change);
        let text = serde_json::to_string(&change).unwrap();
        assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change);
    }
}

#[test]
fn requests_and_replies() {
    let cursor = Cursor {
        epoch: 1,
        seq: 77,
        tag: 5,
    };
    let sealed = SignedOperation::seal(&operation(bodies().remove(5)), &key()).unwrap();
    assert_json_snapshot!(
        "enrol_request",
        EnrolRequest {
            code: "7K3QX2MP".into(),
            key: key().public(),
            protocol: 1
        }
    );
    assert_json_snapshot!(
        "enrol_reply",
        EnrolReply {
            company: CompanyId(id(13)),
            terminal: TerminalId(7),
            incarnation: 1,
            backend_key: key().public(),
            lease: lease(),
            config: None,
        }
    );
    assert_json_snapshot!(
        "push_request",
        PushRequest {
            caller: caller(),
            operations: vec![sealed],
            slips: Vec::new(),
        }
    );
    let verdict = Verdict::seal(OpId(id(1)), 1, 12, VerdictKind::Applied, &key());
    assert_json_snapshot!(
        "push_reply",
        PushReply {
            verdicts: vec![verdict],
            head: head(),
            at: AT
        }
    );
    assert_json_snapshot!(
        "pull_request",
        PullRequest {
            caller: caller(),
            after: cursor,
            tickets: 48
        }
    );
    assert_json_snapshot!(
        "pull_reply",
        PullReply {
            changes: vec![],
            complete_to: cursor,
            more: false,
            head: head(),
            lease: lease(),
            at: AT,
        }
    );
    assert_json_snapshot!(
        "snapshot_request",
        SnapshotRequest {
            caller: caller(),
            resume: Some("2000".into())
        }
    );
    assert_json_snapshot!(
        "snapshot_page",
        SnapshotPage {
            changes: vec![],
            cursor,
            next: None,
            total: 3_210
        }
    );
    assert!(lease().open(&Keypair::from_seed([1; 32]).public()).is_err());
}

#[test]
fn refusals() {
    assert_json_snapshot!(
        "refused",
        [
            Refused::NewEpoch { epoch: 2 },
            Refused::Forked { after: 9 },
            Refused::Revoked,
            Refused::Version {
                asked: 9,
                least: 1,
                most: 1
            },
            Refused::Busy { seconds: 30 },
            Refused::Rule {
                reason: Code::BadEnrolmentCode
            },
        ]
    );
}

#[test]
fn the_payment_link_and_the_receipt() {
    let body = wire::link::LinkBody {
        terminal: TerminalId(7),
        intent: IntentId(8),
        distributor_number: 42,
        amount_fen: Money::from_fen(279_000),
        expires_at: Timestamp(1_795_400_900_000),
        purpose: Purpose::OrderPayment,
        revision: 1,
    };
    let receipt = wire::receipt::Receipt {
        intent: IntentId(8),
        amount_fen: Money::from_fen(279_000),
        paid_at: AT,
        provider_no: "4200001234202611221234567890".into(),
    };
    assert_json_snapshot!(
        "payment_link",
        [
            body.seal(&key()).unwrap(),
            body.check_code(),
            receipt.seal(&key())
        ]
    );
}
