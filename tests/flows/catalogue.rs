//! The catalogue in an administrator's hands, and the lists of orders that departments make.

use crate::desk::Desk;
use domain::code::Code;
use domain::distributor::Distributor;
use domain::history::{CatalogueItem, HistoryEvent};
use domain::id::{DepartmentId, OrderId, PriceBookId};
use domain::product::{Price, PriceBook, Product};
use domain::quantity::UnitPrice;
use domain::role::Role;
use domain::staff::{Department, StaffTerms};
use domain::{Money, Timestamp};
use serde_json::{Value, json};
use terminal::api::catalogue::{HistoryEntry, OwnCatalogueChange, PriceBookEntry, ProductEntry};
use terminal::api::config::ConfigView;
use terminal::api::distributors::DistributorView;
use terminal::api::orders::ProductRow;
use terminal::api::staff::StaffView;
use terminal::ledger::views::OrderRow;
use testkit::company;
use uuid::Uuid;

/// The administrator's number among the staff.
const ADMIN: usize = 4;

fn unlock(desk: &mut Desk, at: usize, who: usize) {
    let input = json!({ "staff": company::staff(who), "pin": company::PIN });
    let _: Value = desk.call(at, "unlock", input);
}

fn product(desk: &mut Desk, at: usize, code: &str) -> ProductEntry {
    let input = json!({ "query": code, "after": null, "limit": 10 });
    let found: Vec<ProductEntry> = desk.call(at, "product_list", input);
    let mut found = found.into_iter();
    found
        .find(|one| one.product.code == code)
        .expect("is there")
}

fn change(
    desk: &mut Desk,
    at: usize,
    before: Option<CatalogueItem>,
    after: CatalogueItem,
) -> Vec<OwnCatalogueChange> {
    let input = json!({ "before": before, "after": after });
    desk.call(at, "catalogue_change", input)
}

fn yuan(text: &str) -> UnitPrice {
    UnitPrice::parse(text).expect("a price")
}

#[test]
fn a_price_that_an_administrator_changes_is_every_terminals_price_and_stands_in_the_history() {
    let mut desk = Desk::open();
    desk.sync();
    unlock(&mut desk, 1, ADMIN);
    let held = product(&mut desk, 1, "P001").product;
    let dearer = Product {
        list_price: yuan("19.90"),
        ..held.clone()
    };
    let item = |it: &Product| CatalogueItem::Product(it.clone());
    change(&mut desk, 1, Some(item(&held)), item(&dearer));
    let book = PriceBook {
        id: PriceBookId(Uuid::from_u128(99)),
        name: "新客户".into(),
    };
    change(&mut desk, 1, None, CatalogueItem::PriceBook(book.clone()));
    desk.sync();
    let price = CatalogueItem::Price(Price {
        price_book: book.id,
        product: dearer.id,
        unit_price: yuan("15"),
        valid_from: Timestamp(0),
        valid_to: None,
    });
    change(&mut desk, 1, None, price);
    let view: DistributorView = desk.call(
        1,
        "distributor_get",
        json!({ "distributor": company::distributor(1) }),
    );
    let before = view.distributor;
    let after = Distributor {
        price_book: Some(book.id),
        credit_limit_fen: Some(Money::from_fen(100_000)),
        ..before.clone()
    };
    let item = |it: &Distributor| CatalogueItem::Distributor(it.clone());
    let own = change(&mut desk, 1, Some(item(&before)), item(&after));
    assert_eq!(own.len(), 2, "both wait for the backend: {own:?}");
    desk.sync();

    let asked = json!({ "query": "P001", "distributor": company::distributor(1), "limit": 5 });
    let rows: Vec<ProductRow> = desk.call(0, "product_search", asked);
    assert_eq!(rows[0].unit_price, yuan("15"));
    let asked = json!({ "query": "P001", "distributor": company::distributor(2), "limit": 5 });
    let rows: Vec<ProductRow> = desk.call(0, "product_search", asked);
    assert_eq!(rows[0].unit_price, yuan("19.90"));
    let own: Vec<OwnCatalogueChange> = desk.call(1, "catalogue_own", json!({}));
    assert_eq!(own, []);
    let books: Vec<PriceBookEntry> = desk.call(1, "price_book_list", json!({}));
    let new = books.iter().find(|one| one.price_book == book);
    assert_eq!(
        new.map(|one| (one.products, one.distributors)),
        Some((1, 1))
    );
    let lines: Vec<HistoryEntry> = desk.call(1, "history_lines", json!({}));
    assert_eq!(lines.len(), 4);
    assert!(
        lines.iter().all(
            |entry| entry.line.author == company::staff(ADMIN) && !entry.author_name.is_empty()
        )
    );
    let first = CatalogueItem::Product(held);
    assert!(lines.iter().any(|entry| {
        matches!(&entry.line.what, HistoryEvent::Changed { before: Some(before), .. } if *before == first)
    }));
    desk.closes();
}

#[test]
fn the_second_of_two_who_change_a_product_sees_both_and_sales_change_nothing() {
    let mut desk = Desk::open();
    desk.sync();
    unlock(&mut desk, 0, ADMIN);
    unlock(&mut desk, 1, ADMIN);
    let seen = product(&mut desk, 1, "P002").product;
    let named = |name: &str| {
        CatalogueItem::Product(Product {
            name: name.into(),
            ..seen.clone()
        })
    };
    let before = || Some(CatalogueItem::Product(seen.clone()));
    desk.world.work_offline(1, true).expect("offline");
    let waiting = change(&mut desk, 1, before(), named("第二"));
    assert_eq!(waiting[0].refused, None);
    change(&mut desk, 0, before(), named("第一"));
    desk.sync();
    desk.world.work_offline(1, false).expect("online");
    desk.sync();
    let own: Vec<OwnCatalogueChange> = desk.call(1, "catalogue_own", json!({}));
    assert_eq!(own[0].refused, Some(Code::ChangedMeanwhile));
    assert_eq!(own[0].held, Some(named("第一")));
    assert_eq!(own[0].after, named("第二"));
    // What was looked at is no longer what is held: that is refused here already.
    let stale = json!({ "before": before(), "after": named("第三") });
    assert_eq!(
        desk.refused(1, "catalogue_change", stale),
        Code::ChangedMeanwhile
    );
    change(&mut desk, 1, own[0].held.clone(), named("第二"));
    desk.sync();
    let own: Vec<OwnCatalogueChange> = desk.call(1, "catalogue_own", json!({}));
    assert_eq!(own, []);
    assert_eq!(product(&mut desk, 0, "P002").product.name, "第二");
    unlock(&mut desk, 0, 0);
    let role = Role::Sales;
    for (command, input) in [
        (
            "catalogue_change",
            json!({ "before": null, "after": named("x") }),
        ),
        (
            "product_list",
            json!({ "query": "", "after": null, "limit": 5 }),
        ),
        (
            "data_import",
            json!({ "kind": "products", "name": "a.csv", "file": "", "take": true }),
        ),
    ] {
        assert_eq!(
            desk.refused(0, command, input),
            Code::NotAllowed { role },
            "{command}"
        );
    }
    desk.closes();
}

#[test]
fn my_department_s_orders_are_those_of_its_staff_and_of_its_parts() {
    let mut desk = Desk::open();
    desk.sync();
    let place = |n: u128| DepartmentId(Uuid::from_u128(n));
    let department = |n, name: &str, parent: Option<u128>| Department {
        id: place(n),
        name: name.into(),
        parent: parent.map(place),
    };
    unlock(&mut desk, 2, ADMIN);
    let held: ConfigView = desk.call(2, "config", json!({}));
    let mut config = held.current.config;
    config.departments = vec![department(1, "华东", None), department(2, "上海", Some(1))];
    let input = json!({ "on": held.current.version, "config": config });
    let _: ConfigView = desk.call(2, "config_change", input);
    desk.sync();
    let view: StaffView = desk.call(2, "staff_members", json!({}));
    for (who, department) in [(0, 1), (1, 2)] {
        let member = view
            .members
            .iter()
            .find(|one| one.id == company::staff(who));
        let member = member.expect("is there");
        let terms = StaffTerms {
            department: Some(place(department)),
            ..member.terms.clone()
        };
        let input =
            json!({ "staff": member.id, "on": member.revision, "terms": terms, "pin": null });
        let _: StaffView = desk.call(2, "staff_change", input);
    }
    desk.sync();
    let buyer = company::distributor(1);
    let mut made: Vec<OrderId> = Vec::new();
    for (at, who) in [(0, 0), (1, 1), (2, 3)] {
        unlock(&mut desk, at, who);
        let draft = desk.draft(at, buyer, &[("P001", 1)]);
        let _: Value = desk.call(at, "order_confirm", json!({ "order": draft.order }));
        made.push(draft.order);
    }
    desk.sync();
    let mut listed = |at: usize, scenario: &str| -> Vec<OrderId> {
        let input = json!({ "scenario": scenario, "payment_states": [], "distributor": null,
            "query": "", "conditions": [], "before": null, "limit": 100 });
        let rows: Vec<OrderRow> = desk.call(at, "order_list", input);
        let mut ids: Vec<OrderId> = rows.into_iter().map(|row| row.id).collect();
        ids.sort_by_key(|id| made.iter().position(|one| one == id));
        ids
    };
    // The head of the east sees its part's orders, the part not those above it.
    assert_eq!(listed(0, "department"), made[..2]);
    assert_eq!(listed(1, "department"), made[1..2]);
    assert_eq!(listed(0, "mine"), made[..1]);
    // Of no department: the own ones.
    assert_eq!(listed(2, "department"), made[2..]);
    assert_eq!(listed(2, "all"), made);
    desk.closes();
}
