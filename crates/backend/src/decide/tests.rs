//! The rules on facts made by hand: no store, no terminal.

use super::{Decision, decide, needs};
use crate::facts::{Facts, Write};
use crate::testing::{
    FINANCE, LEAD, SALES, START, TestEnv, World, company, content, distributor, fen, staff,
};
use domain::Timestamp;
use domain::code::Code;
use domain::collection::{PaymentCollection, PaymentMethod, Purpose};
use domain::config::{FieldRule, Layouts};
use domain::distributor::Distributor;
use domain::history::CatalogueItem;
use domain::id::{CollectionId, OpId, OrderId, StaffId, TerminalId};
use domain::operation::{
    CollectionDecide, CollectionRecord, DistributorCreate, OpBody, OrderSubmit, Origin,
};
use uuid::Uuid;
use wire::envelope::Operation;
use wire::keys::Hash;
use wire::verdict::VerdictKind;

fn operation(by: StaffId, body: OpBody) -> Operation {
    Operation {
        op_id: OpId(Uuid::from_u128(500)),
        terminal: TerminalId(1),
        incarnation: 1,
        seq: 1,
        staff: by,
        at: Timestamp(START),
        schema: 1,
        depends_on: Vec::new(),
        replaces: None,
        prev_hash: Hash::ZERO,
        body,
    }
}

fn facts(by: StaffId) -> Facts {
    let mut facts = Facts::of(company());
    facts.staff = staff().into_iter().find(|member| member.id == by);
    facts.terminal_code = "T01".into();
    facts.next_distributor = 42;
    facts
}

fn judged(env: &TestEnv, operation: &Operation, facts: Facts) -> Decision {
    decide(
        operation,
        facts,
        env,
        &wire::Keypair::from_seed([9; 32]).public(),
    )
}

fn shop(code: &str) -> Distributor {
    Distributor {
        id: distributor(9),
        number: 0,
        code: code.into(),
        name: "新店".into(),
        phone: String::new(),
        region: String::new(),
        price_book: None,
        credit_limit_fen: Some(fen(9_999)),
        active: true,
    }
}

fn recorded(by: StaffId) -> PaymentCollection {
    let body = CollectionRecord {
        collection: CollectionId(Uuid::from_u128(8)),
        number: "T01-261123-0001".into(),
        purpose: Purpose::PrepaidDeposit,
        method: PaymentMethod::Cash,
        distributor: distributor(1),
        distributor_name: String::new(),
        amount_fen: fen(100),
        allocations: Vec::new(),
        note: String::new(),
        slip_sha256: String::new(),
        after_lease: false,
    };
    let origin = Origin {
        op_id: OpId(Uuid::from_u128(1)),
        staff: by,
        terminal: TerminalId(1),
        at: Timestamp(START),
    };
    PaymentCollection::record(&body, &origin).unwrap()
}

#[test]
fn a_new_distributor_gets_its_number_here_and_no_credit() {
    let world = World::new();
    let body = OpBody::DistributorCreate(DistributorCreate {
        distributor: shop(""),
    });
    let operation = operation(SALES, body);
    let decision = judged(&world.env, &operation, facts(SALES));
    assert_eq!(decision.verdict, VerdictKind::Applied);
    let made = decision.writes.iter().find_map(|write| match write {
        Write::Item(CatalogueItem::Distributor(made)) => Some(made.clone()),
        _ => None,
    });
    let made = made.unwrap();
    assert_eq!(
        (made.number, made.code.as_str(), made.credit_limit_fen),
        (42, "N42", None)
    );
    assert!(decision.writes.contains(&Write::NextDistributor(43)));
}

#[test]
fn a_distributor_code_is_taken_once() {
    let world = World::new();
    let body = OpBody::DistributorCreate(DistributorCreate {
        distributor: shop("K7"),
    });
    let operation = operation(SALES, body);
    let asked = needs(&operation);
    let mut facts = facts(SALES);
    facts.taken.extend(asked.names);
    let reason = Code::AlreadyExists {
        what: "distributor_code".into(),
    };
    let decision = judged(&world.env, &operation, facts);
    assert_eq!(decision.verdict, VerdictKind::Rejected { reason });
    assert!(matches!(decision.writes.as_slice(), [Write::Attention(_)]));
}

#[test]
fn the_recorder_never_confirms_whatever_the_role() {
    let world = World::new();
    for by in [FINANCE, LEAD] {
        let body = CollectionDecide {
            collection: CollectionId(Uuid::from_u128(8)),
            reason: String::new(),
        };
        let operation = operation(by, OpBody::CollectionConfirm(body));
        let mut own = facts(by);
        own.collections
            .insert(CollectionId(Uuid::from_u128(8)), recorded(by));
        let mut others = facts(by);
        others
            .collections
            .insert(CollectionId(Uuid::from_u128(8)), recorded(SALES));
        let reason = Code::SamePerson;
        let verdict = judged(&world.env, &operation, own).verdict;
        assert_eq!(verdict, VerdictKind::Rejected { reason });
        assert_eq!(
            judged(&world.env, &operation, others).verdict,
            VerdictKind::Applied
        );
    }
}

#[test]
fn an_order_needs_a_known_distributor_and_active_staff() {
    let world = World::new();
    let body = OpBody::OrderSubmit(OrderSubmit {
        order: OrderId(Uuid::from_u128(3)),
        number: "T01-261123-0001".into(),
        content: content(distributor(1), 100),
        confirm: true,
        config: 0,
    });
    let operation = operation(SALES, body);
    let reason = Code::NotFound {
        what: "distributor".into(),
    };
    let verdict = judged(&world.env, &operation, facts(SALES)).verdict;
    assert_eq!(verdict, VerdictKind::Rejected { reason });
    let mut gone = facts(SALES);
    gone.staff.as_mut().unwrap().active = false;
    let verdict = judged(&world.env, &operation, gone).verdict;
    assert_eq!(
        verdict,
        VerdictKind::Rejected {
            reason: Code::UnknownStaff
        }
    );
}

/// What the backend says to an order with this method, made by a page that must have one.
fn by_page(method: Option<PaymentMethod>, named: bool) -> VerdictKind {
    let world = World::new();
    let must = FieldRule {
        required: true,
        ..FieldRule::default()
    };
    let layouts = Layouts {
        order_create: must,
        ..Layouts::default()
    };
    let mut facts = facts(SALES);
    let buyer = shop("K7");
    facts.distributors.insert(buyer.id, buyer.clone());
    facts.config.config.layouts = layouts;
    facts.layouts = named.then_some(layouts);
    let mut content = content(buyer.id, 100);
    content.payment_method = method;
    let body = OpBody::OrderSubmit(OrderSubmit {
        order: OrderId(Uuid::from_u128(3)),
        number: "T01-261123-0001".into(),
        content,
        confirm: true,
        config: 1,
    });
    judged(&world.env, &operation(SALES, body), facts).verdict
}

#[test]
fn an_order_is_held_to_the_page_it_was_made_by() {
    let reason = || Code::BadField {
        field: "payment_method".into(),
    };
    let cash = Some(PaymentMethod::Cash);
    assert_eq!(by_page(cash, true), VerdictKind::Applied);
    assert_eq!(
        by_page(None, true),
        VerdictKind::Rejected { reason: reason() }
    );
    // Nobody knows what the terminal showed: what was agreed with the buyer stands, and is looked at.
    assert_eq!(
        by_page(None, false),
        VerdictKind::AppliedWithDifference {
            difference: reason()
        }
    );
}
