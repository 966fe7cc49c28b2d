//! One product, price book, price or distributor by an administrator's word: in force with a line of
//! its history, refused when it is no longer what was looked at.

use crate::store::Store as _;
use crate::testing::{ADMIN, LEAD, SALES, World, distributor, fen};
use domain::Timestamp;
use domain::code::Code;
use domain::distributor::Distributor;
use domain::history::{CatalogueItem, HistoryEvent, HistoryLine};
use domain::id::{DistributorId, PriceBookId, ProductId, StaffId};
use domain::operation::{CatalogueChange, OpBody};
use domain::product::{Price, PriceBook, Product};
use domain::quantity::UnitPrice;
use domain::role::Role;
use uuid::Uuid;
use wire::change::Doc;
use wire::verdict::VerdictKind;

fn rejected(reason: Code) -> VerdictKind {
    VerdictKind::Rejected { reason }
}

fn field(name: &str) -> VerdictKind {
    rejected(Code::BadField { field: name.into() })
}

fn change(before: Option<CatalogueItem>, after: CatalogueItem) -> OpBody {
    OpBody::CatalogueChange(CatalogueChange { before, after })
}

fn product(n: u128, code: &str, price: &str) -> CatalogueItem {
    CatalogueItem::Product(Product {
        id: ProductId(Uuid::from_u128(n)),
        code: code.into(),
        barcode: String::new(),
        name: "水".into(),
        spec: String::new(),
        unit: "件".into(),
        list_price: UnitPrice::parse(price).unwrap(),
        floor_price: None,
        active: true,
    })
}

fn book(n: u128, name: &str) -> CatalogueItem {
    CatalogueItem::PriceBook(PriceBook {
        id: PriceBookId(Uuid::from_u128(n)),
        name: name.into(),
    })
}

fn price(book: u128, product: u128, text: &str, valid_to: Option<i64>) -> CatalogueItem {
    CatalogueItem::Price(Price {
        price_book: PriceBookId(Uuid::from_u128(book)),
        product: ProductId(Uuid::from_u128(product)),
        unit_price: UnitPrice::parse(text).unwrap(),
        valid_from: Timestamp(5),
        valid_to: valid_to.map(Timestamp),
    })
}

fn held(world: &World, id: DistributorId) -> Distributor {
    let known = world.store.known(&world.cx()).unwrap().distributors;
    known.into_values().find(|one| one.id == id).unwrap()
}

#[test]
fn a_change_is_in_force_with_author_before_and_after_at_every_terminal() {
    let world = World::new();
    let (mut desk, mut other) = (world.enrol("T01"), world.enrol("T02"));
    let steps = [
        (None, product(1, "A", "1.50")),
        (Some(product(1, "A", "1.50")), product(1, "B", "2")),
        (None, book(9, "批发")),
        (None, price(9, 1, "1.20", None)),
        (
            Some(price(9, 1, "1.20", None)),
            price(9, 1, "1.20", Some(7)),
        ),
    ];
    for (before, after) in steps.clone() {
        let verdict = desk.act(&world, ADMIN, change(before, after));
        assert_eq!(verdict, VerdictKind::Applied);
    }
    other.pull_all(&world);
    let told = |doc: &Doc| match doc {
        Doc::HistoryLine(HistoryLine { author, what, .. }) => match what {
            HistoryEvent::Changed { before, after } => {
                Some((*author, before.clone(), after.clone()))
            }
            HistoryEvent::Imported { .. } => None,
        },
        _ => None,
    };
    let lines: Vec<(StaffId, _, _)> = other.seen.iter().filter_map(|c| told(&c.doc)).collect();
    assert_eq!(lines, steps.map(|(before, after)| (ADMIN, before, after)));
    let known = world.store.known(&world.cx()).unwrap();
    assert_eq!(known.products["B"].list_price.to_string(), "2");
    assert!(!known.products.contains_key("A"));
    assert_eq!(known.prices.len(), 1);
}

#[test]
fn the_second_of_two_is_told_and_what_rests_on_nothing_is_refused() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    assert_eq!(
        desk.act(&world, ADMIN, change(None, product(1, "A", "1"))),
        VerdictKind::Applied
    );
    let meanwhile = rejected(Code::ChangedMeanwhile);
    for (before, after) in [
        (None, product(1, "A", "2")),
        (Some(product(1, "A", "9")), product(1, "A", "2")),
        (Some(product(2, "C", "1")), product(2, "C", "2")),
    ] {
        assert_eq!(desk.act(&world, ADMIN, change(before, after)), meanwhile);
    }
    let exists = |what: &str| rejected(Code::AlreadyExists { what: what.into() });
    let missing = |what: &str| rejected(Code::NotFound { what: what.into() });
    let mut ask = |before, after| desk.act(&world, ADMIN, change(before, after));
    assert_eq!(ask(None, product(2, "A", "1")), exists("product_code"));
    assert_eq!(ask(None, product(2, "", "1")), field("code"));
    assert_eq!(ask(None, book(9, "批发")), VerdictKind::Applied);
    assert_eq!(ask(None, book(8, "批发")), exists("price_book_name"));
    assert_eq!(ask(None, price(7, 1, "1", None)), missing("price_book"));
    assert_eq!(ask(None, price(9, 3, "1", None)), missing("product"));
    assert_eq!(ask(None, price(9, 1, "1", Some(5))), field("valid_to"));
    for (staff, role) in [(SALES, Role::Sales), (LEAD, Role::FinanceLead)] {
        let verdict = desk.act(&world, staff, change(None, book(5, "零售")));
        assert_eq!(verdict, rejected(Code::NotAllowed { role }));
    }
}

#[test]
fn a_distributors_terms_change_and_its_number_stays() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    assert_eq!(
        desk.act(&world, ADMIN, change(None, book(9, "批发"))),
        VerdictKind::Applied
    );
    let before = held(&world, distributor(1));
    let after = Distributor {
        credit_limit_fen: Some(fen(50_000)),
        price_book: Some(PriceBookId(Uuid::from_u128(9))),
        ..before.clone()
    };
    let item = |it: &Distributor| CatalogueItem::Distributor(it.clone());
    let mut ask = |before: Option<&Distributor>, after: &Distributor| {
        desk.act(&world, ADMIN, change(before.map(item), item(after)))
    };
    assert_eq!(ask(Some(&before), &after), VerdictKind::Applied);
    assert_eq!(held(&world, distributor(1)), after);
    let other = Distributor {
        number: 77,
        ..after.clone()
    };
    assert_eq!(ask(Some(&after), &other), field("number"));
    let negative = Distributor {
        credit_limit_fen: Some(fen(-1)),
        ..after.clone()
    };
    assert_eq!(ask(Some(&after), &negative), field("credit_limit"));
    let nobody = Distributor {
        price_book: Some(PriceBookId(Uuid::nil())),
        ..after.clone()
    };
    let what = "price_book".into();
    assert_eq!(
        ask(Some(&after), &nobody),
        rejected(Code::NotFound { what })
    );
    let new = Distributor {
        id: DistributorId(Uuid::from_u128(55)),
        number: 0,
        code: String::new(),
        name: "新店".into(),
        ..after.clone()
    };
    assert_eq!(ask(None, &new), VerdictKind::Applied);
    let made = held(&world, new.id);
    assert!(made.number > after.number);
    assert_eq!(made.code, format!("N{}", made.number));
    let taken = Distributor {
        id: DistributorId(Uuid::from_u128(56)),
        code: made.code,
        ..new
    };
    let what = "distributor_code".into();
    assert_eq!(ask(None, &taken), rejected(Code::AlreadyExists { what }));
}
