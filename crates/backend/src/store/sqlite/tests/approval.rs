//! Orders that a rule of the company stops, whatever their terminal knew of it, and whose word lets
//! them go on.

use crate::store::Store as _;
use crate::testing::{Desk, FINANCE, LEAD, SALES, START, World, content, distributor, edit, fen};
use domain::approval::ApprovalReason;
use domain::code::Code;
use domain::collection::PaymentMethod;
use domain::config::Config;
use domain::distributor::Distributor;
use domain::id::{OrderId, ProductId, StaffId};
use domain::operation::{Basis, OpBody, OrderDecide, OrderEdit, OrderSubmit};
use domain::order::{OrderState, SalesOrder};
use domain::product::Product;
use domain::quantity::UnitPrice;
use domain::role::Role;
use uuid::Uuid;
use wire::verdict::VerdictKind;

/// Floor price 5.00 on the product that orders here are made of; credit limit 10.00 on the first
/// distributor.
fn strict() -> World {
    let world = World::new();
    let cx = world.cx();
    let config = Config {
        price_floor: true,
        credit_block: true,
        ..world.store.config(&cx).unwrap().config
    };
    world.store.put_config(&cx, &config).unwrap();
    let product = Product {
        id: ProductId(Uuid::from_u128(5)),
        code: "A-1".into(),
        barcode: String::new(),
        name: "水".into(),
        spec: String::new(),
        unit: "件".into(),
        list_price: UnitPrice::parse("6").unwrap(),
        floor_price: Some(UnitPrice::parse("5").unwrap()),
        active: true,
    };
    world.store.put_products(&cx, &[product]).unwrap();
    let known = world.store.known(&cx).unwrap().distributors;
    let mut all = known.into_values();
    let first = all.find(|one| one.id == distributor(1)).unwrap();
    let limited = Distributor {
        credit_limit_fen: Some(fen(1_000)),
        ..first
    };
    world.store.put_distributors(&cx, &[limited]).unwrap();
    world
}

fn submit(
    desk: &mut Desk,
    world: &World,
    by: StaffId,
    total: i64,
    confirm: bool,
) -> (OrderId, VerdictKind) {
    let order = OrderId(Uuid::from_u128(
        u128::from(u64::try_from(START).unwrap()) + u128::from(desk.sent.len() as u32),
    ));
    let body = OpBody::OrderSubmit(OrderSubmit {
        order,
        number: desk.number(),
        content: content(distributor(1), total),
        confirm,
        config: 0,
    });
    (order, desk.act(world, by, body))
}

fn decide(order: OrderId, revision: u32, approve: bool) -> OpBody {
    let body = OrderDecide {
        order,
        on: Basis::Revision(revision),
        reason: String::new(),
    };
    if approve {
        OpBody::OrderApprove(body)
    } else {
        OpBody::OrderReject(body)
    }
}

fn held(world: &World, id: OrderId) -> SalesOrder {
    let all = world.store.orders(&world.cx()).unwrap();
    all.into_iter().find(|order| order.id == id).unwrap()
}

fn stopped(why: ApprovalReason) -> VerdictKind {
    VerdictKind::AppliedWithDifference {
        difference: Code::ApprovalNeeded { why: Some(why) },
    }
}

fn rejected(reason: Code) -> VerdictKind {
    VerdictKind::Rejected { reason }
}

#[test]
fn an_order_below_the_floor_waits_is_not_paid_and_goes_on_when_a_lead_says_so() {
    let world = strict();
    let mut desk = world.enrol("T01");
    desk.top_up(&world, distributor(1), 1_000);
    let (order, verdict) = submit(&mut desk, &world, SALES, 499, true);
    assert_eq!(verdict, stopped(ApprovalReason::BelowFloor));
    assert_eq!(held(&world, order).state, OrderState::Submitted);
    let waits = rejected(Code::ApprovalNeeded { why: None });
    assert_eq!(desk.ask(&world, distributor(1), Some(order), 499).1, waits);
    let paid = desk.record(
        &world,
        PaymentMethod::Deposit,
        distributor(1),
        Some(order),
        499,
    );
    assert_eq!(paid.1, waits);
    for (staff, role) in [(SALES, Role::Sales), (FINANCE, Role::Finance)] {
        let verdict = desk.act(&world, staff, decide(order, 1, true));
        assert_eq!(verdict, rejected(Code::NotAllowed { role }));
    }
    let stale = desk.act(&world, LEAD, decide(order, 7, true));
    assert_eq!(stale, rejected(Code::Conflict { held: 1 }));
    let verdict = desk.act(&world, LEAD, decide(order, 1, true));
    assert_eq!(verdict, VerdictKind::Applied);
    let now = held(&world, order);
    assert_eq!((now.state, now.revision), (OrderState::Confirmed, 2));
    let (_, verdict) = desk.ask(&world, distributor(1), Some(order), 499);
    assert_eq!(verdict, VerdictKind::Applied);
    let twice = desk.act(&world, LEAD, decide(order, 2, true));
    assert_eq!(twice, rejected(Code::AlreadyDecided));
    world.check();
}

#[test]
fn what_takes_a_distributor_beyond_the_limit_waits_and_a_rejected_order_owes_nothing() {
    let world = strict();
    let mut desk = world.enrol("T01");
    let (_, verdict) = submit(&mut desk, &world, SALES, 600, true);
    assert_eq!(verdict, VerdictKind::Applied);
    let (second, verdict) = submit(&mut desk, &world, SALES, 500, true);
    assert_eq!(verdict, stopped(ApprovalReason::OverCredit));
    let verdict = desk.act(&world, LEAD, decide(second, 1, false));
    assert_eq!(verdict, VerdictKind::Applied);
    let gone = held(&world, second);
    assert_eq!((gone.state, gone.owed()), (OrderState::Cancelled, fen(0)));
    // What was turned down takes no credit; a terminal that knew it holds its order itself.
    let (third, verdict) = submit(&mut desk, &world, SALES, 501, false);
    assert_eq!(verdict, VerdictKind::Applied);
    assert_eq!(held(&world, third).state, OrderState::Submitted);
    // A change that fits again needs nobody's word.
    let verdict = desk.act(&world, SALES, edit(third, 1, distributor(1), 400));
    assert_eq!(verdict, stopped(ApprovalReason::BelowFloor));
    let dearer = desk.act(&world, SALES, edit(third, 2, distributor(1), 400));
    assert_eq!(dearer, stopped(ApprovalReason::BelowFloor));
    let other = world.store.config(&world.cx()).unwrap().config;
    let off = Config {
        price_floor: false,
        ..other
    };
    world.store.put_config(&world.cx(), &off).unwrap();
    let verdict = desk.act(&world, SALES, edit(third, 3, distributor(1), 400));
    assert_eq!(verdict, VerdictKind::Applied);
    assert_eq!(held(&world, third).state, OrderState::Confirmed);
    world.check();
}

#[test]
fn whoever_made_the_order_or_its_present_revision_has_no_word_on_it() {
    let world = strict();
    let mut desk = world.enrol("T01");
    let (own, _) = submit(&mut desk, &world, LEAD, 499, true);
    let same = rejected(Code::SamePerson);
    assert_eq!(desk.act(&world, LEAD, decide(own, 1, true)), same);
    let (order, _) = submit(&mut desk, &world, SALES, 499, true);
    let cheaper = OpBody::OrderEdit(OrderEdit {
        order,
        on: Basis::Revision(1),
        content: content(distributor(1), 100),
        config: 0,
        hold: true,
    });
    assert_eq!(desk.act(&world, LEAD, cheaper), VerdictKind::Applied);
    assert_eq!(desk.act(&world, LEAD, decide(order, 2, true)), same);
    assert_eq!(desk.act(&world, LEAD, decide(order, 2, false)), same);
    assert_eq!(held(&world, order).state, OrderState::Submitted);
}
