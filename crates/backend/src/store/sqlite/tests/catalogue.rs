//! What is imported reaches terminals by feed and by snapshot.

use crate::store::{Store as _, StoreError};
use crate::testing::{SALES, World, content, distributor, edit, fen};
use domain::Timestamp;
use domain::collection::PaymentMethod;
use domain::distributor::Distributor;
use domain::id::{DistributorId, OpId, OrderId, PriceBookId, ProductId, TerminalId};
use domain::order::{OrderState, SalesOrder};
use domain::product::{Price, PriceBook, Product};
use domain::quantity::UnitPrice;
use uuid::Uuid;
use wire::change::Doc;
use wire::verdict::VerdictKind;

fn product(n: u128, code: &str) -> Product {
    Product {
        id: ProductId(Uuid::from_u128(n)),
        code: code.into(),
        barcode: String::new(),
        name: "水".into(),
        spec: String::new(),
        unit: "件".into(),
        list_price: UnitPrice::parse("1.50").unwrap(),
        floor_price: None,
        active: true,
    }
}

#[test]
fn a_batch_is_all_or_nothing_and_reaches_terminals() {
    let world = World::new();
    let cx = world.cx();
    let mut desk = world.enrol("T01");
    world
        .store
        .put_products(&cx, &[product(1, "A"), product(2, "B")])
        .unwrap();
    let twice = world
        .store
        .put_products(&cx, &[product(3, "C"), product(4, "A")]);
    assert!(matches!(twice, Err(StoreError::Sqlite(_))));
    let book = PriceBookId(Uuid::from_u128(9));
    let named = PriceBook {
        id: book,
        name: "批发".into(),
    };
    world.store.put_price_books(&cx, &[named]).unwrap();
    let price = Price {
        price_book: book,
        product: ProductId(Uuid::from_u128(1)),
        unit_price: UnitPrice::parse("1.20").unwrap(),
        valid_from: Timestamp(0),
        valid_to: None,
    };
    world.store.put_prices(&cx, &[price]).unwrap();
    desk.pull_all(&world);
    let count = |wanted: &dyn Fn(&Doc) -> bool| {
        desk.seen
            .iter()
            .filter(|change| wanted(&change.doc))
            .count()
    };
    assert_eq!(count(&|doc| matches!(doc, Doc::Product(_))), 2);
    assert_eq!(
        count(&|doc| matches!(doc, Doc::PriceBook(_) | Doc::Price(_))),
        2
    );
    assert_eq!(
        count(&|doc| matches!(doc, Doc::Distributor(held) if held.number > 0)),
        3
    );
}

#[test]
fn distributors_keep_their_number_and_new_ones_go_on_from_the_highest() {
    let world = World::new();
    let cx = world.cx();
    let row = |n: u128, number| Distributor {
        id: DistributorId(Uuid::from_u128(n)),
        number,
        code: format!("K{n}"),
        name: "店".into(),
        phone: String::new(),
        region: String::new(),
        price_book: None,
        credit_limit_fen: None,
        active: true,
    };
    world
        .store
        .put_distributors(&cx, &[row(50, 90), row(51, 0), row(50, 0)])
        .unwrap();
    let mut desk = world.enrol("T01");
    desk.pull_all(&world);
    let numbers: Vec<u32> = desk
        .seen
        .iter()
        .filter_map(|change| match &change.doc {
            Doc::Distributor(held) => Some(held.number),
            _ => None,
        })
        .collect();
    // The feed tells every step; a number once given stays.
    assert_eq!(numbers, [1, 2, 3, 90, 91, 90]);
}

#[test]
fn earlier_orders_are_taken_over_without_postings() {
    let world = World::new();
    let cx = world.cx();
    let mut desk = world.enrol("T01");
    let order = |n: u128, state, paid| SalesOrder {
        id: OrderId(Uuid::from_u128(n)),
        number: format!("OLD-{n}"),
        revision: 1,
        revised_by: OpId(Uuid::nil()),
        revisions: Vec::new(),
        state,
        content: content(distributor(1), 500),
        total_fen: fen(500),
        paid_fen: fen(paid),
        staff: SALES,
        terminal: TerminalId(0),
        ordered_at: Timestamp(0),
    };
    let rows = [
        order(1, OrderState::Closed, 500),
        order(2, OrderState::Confirmed, 0),
    ];
    world.store.put_history_orders(&cx, &rows).unwrap();
    world.check();
    desk.pull_all(&world);
    let owed = desk.seen.iter().rev().find_map(|change| match &change.doc {
        Doc::DepositBalance(balance) => Some(balance.owed_fen),
        _ => None,
    });
    assert_eq!(owed, Some(fen(500)));
    // An open one lives on: it can be edited and paid.
    let (id, d) = (OrderId(Uuid::from_u128(2)), distributor(1));
    assert_eq!(
        desk.act(&world, SALES, edit(id, 1, d, 300)),
        VerdictKind::Applied
    );
    desk.top_up(&world, d, 300);
    let (_, verdict) = desk.record(&world, PaymentMethod::Deposit, d, Some(id), 300);
    assert_eq!(verdict, VerdictKind::Applied);
    assert_eq!(world.store.summary(&cx).unwrap().orders, 2);
}
