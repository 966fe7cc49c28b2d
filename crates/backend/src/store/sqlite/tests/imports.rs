//! Files from an administrator's terminal: everything wrong with one is counted and the first of it
//! named; it comes in whole or not at all; the history has one line; terminals learn it as they learn
//! everything else. In a debug build the two large ones take nine and four seconds.

use crate::import::{Reason, Report, Upload};
use crate::store::{Act, Store as _, StoreError};
use crate::testing::{ADMIN, FINANCE, SALES, World};
use domain::code::Code;
use domain::history::{HistoryEvent, HistoryLine, ImportCounts, ImportKind};
use domain::id::{DepartmentId, StaffId, TerminalId};
use domain::role::Role;
use domain::staff::{Department, Staff};
use std::fmt::Write as _;
use uuid::Uuid;
use wire::change::Doc;
use wire::import::{ImportReport, Named, Problem};
use wire::keys::Hash;
use wire::protocol::Refused;

const ROWS: usize = 100_000;

fn by(staff: StaffId) -> Act {
    Act {
        staff,
        terminal: TerminalId(7),
    }
}

fn asked(
    world: &World,
    staff: StaffId,
    kind: ImportKind,
    text: &str,
    take: bool,
) -> Result<ImportReport, StoreError> {
    let upload = Upload::new(kind, "file.csv".into(), text.as_bytes().to_vec());
    world.store.import(&world.cx(), by(staff), &upload, take)
}

fn taken(world: &World, kind: ImportKind, text: &str) -> ImportReport {
    asked(world, ADMIN, kind, text, true).unwrap()
}

/// Where each problem of a report is.
fn places(report: &Report) -> Vec<(u64, &str, &Reason)> {
    let place = |problem: &'_ Problem| problem.row;
    assert!(report.problems.is_sorted_by_key(place));
    report
        .problems
        .iter()
        .map(|problem| (problem.row, problem.column.as_str(), &problem.reason))
        .collect()
}

fn lines(world: &World) -> Vec<HistoryLine> {
    let mut desk = world.enrol("T98");
    desk.pull_all(world);
    let line = |doc: &Doc| match doc {
        Doc::HistoryLine(line) => Some(line.clone()),
        _ => None,
    };
    desk.seen
        .iter()
        .filter_map(|change| line(&change.doc))
        .collect()
}

fn counts(rows: u32, added: u32, changed: u32) -> ImportCounts {
    ImportCounts {
        rows,
        added,
        changed,
    }
}

#[test]
fn a_hundred_thousand_products_with_one_in_a_hundred_bad_come_in_whole_or_not_at_all() {
    let world = World::new();
    let before = world.store.head(&world.cx()).unwrap();
    let mut bad = "编码,名称,价格\n".to_owned();
    let mut good = bad.clone();
    for row in 0..ROWS {
        let price = if row % 100 == 7 { "dear" } else { "12.50" };
        writeln!(bad, "P{row:06},产品 {row},{price}").unwrap();
        writeln!(good, "P{row:06},产品 {row},12.50").unwrap();
    }
    let report = taken(&world, ImportKind::Products, &bad);
    assert_eq!((report.taken, report.problems.total), (false, 1_000));
    assert_eq!(report.problems.problems.len(), Report::LISTED);
    let dear = Reason::NotANumber("dear".into());
    // Row 1 is the header.
    assert_eq!(places(&report.problems)[1], (109, "价格", &dear));
    assert!(world.store.known(&world.cx()).unwrap().products.is_empty());
    assert_eq!(world.store.head(&world.cx()).unwrap(), before);

    let looked = asked(&world, ADMIN, ImportKind::Products, &good, false).unwrap();
    assert_eq!(
        (looked.taken, looked.counts),
        (false, counts(100_000, 100_000, 0))
    );
    assert_eq!(world.store.head(&world.cx()).unwrap(), before);

    let report = taken(&world, ImportKind::Products, &good);
    assert_eq!((report.taken, report.counts), (true, looked.counts));
    let known = world.store.known(&world.cx()).unwrap().products;
    assert_eq!(known.len(), ROWS);
    assert_eq!(known["P000007"].list_price.to_string(), "12.5");
    let head = world.store.head(&world.cx()).unwrap();
    // One step of the feed for each product, and the history's line.
    assert_eq!(head.seq - before.seq, 100_001);
}

#[test]
fn a_hundred_thousand_staff_with_one_in_a_hundred_bad_come_in_whole_or_not_at_all() {
    let world = World::new();
    let pin = crate::setup::verifier(&world.env, "482913").unwrap();
    let everybody = world.store.staff(&world.cx()).unwrap();
    let admin = everybody.iter().find(|one| one.id == ADMIN).unwrap();
    let admin = Staff {
        pin_verifier: pin,
        ..admin.clone()
    };
    world.store.put_staff(&world.cx(), &admin).unwrap();
    let (mut bad, mut good) = ("姓名,角色\n".to_owned(), "姓名,角色\n".to_owned());
    for row in 0..ROWS {
        let role = if row % 100 == 7 { "boss" } else { "销售" };
        writeln!(bad, "员工 {row},{role}").unwrap();
        writeln!(good, "员工 {row},销售").unwrap();
    }
    let report = taken(&world, ImportKind::Staff, &bad);
    assert_eq!((report.taken, report.problems.total), (false, 1_000));
    let boss = Reason::UnknownRole("boss".into());
    assert_eq!(places(&report.problems)[0], (9, "角色", &boss));
    assert_eq!(
        world.store.staff(&world.cx()).unwrap().len(),
        everybody.len()
    );
    let report = taken(&world, ImportKind::Staff, &good);
    assert_eq!(
        (report.taken, report.counts),
        (true, counts(100_000, 100_000, 0))
    );
    let now = world.store.staff(&world.cx()).unwrap();
    assert_eq!(now.len(), everybody.len() + ROWS);
    assert!(now.contains(&admin));
}

#[test]
fn an_import_is_one_line_of_the_history_and_writes_only_what_is_new() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let first = "code,name,list price\nA,水,1\nB,茶,2\n";
    assert_eq!(
        taken(&world, ImportKind::Products, first).counts,
        counts(2, 2, 0)
    );
    desk.pull_all(&world);
    let held = desk.seen.len();
    let second = "code,name,list price\nA,水,1\nB,茶,3\nC,酒,9\n";
    let report = taken(&world, ImportKind::Products, second);
    assert_eq!(report.counts, counts(3, 1, 1));
    desk.pull_all(&world);
    let products = |doc: &Doc| matches!(doc, Doc::Product(_));
    let told = desk.seen[held..]
        .iter()
        .filter(|change| products(&change.doc));
    assert_eq!(told.count(), 2);
    let [_, line] = &lines(&world)[..] else {
        panic!("{:?}", lines(&world));
    };
    assert_eq!((line.author, line.terminal), (ADMIN, TerminalId(7)));
    assert_eq!(
        line.what,
        HistoryEvent::Imported {
            kind: ImportKind::Products,
            file: "file.csv".into(),
            sha256: Hash::of(second.as_bytes()).to_string(),
            counts: counts(3, 1, 1),
        }
    );
}

#[test]
fn prices_and_distributors_are_laid_over_what_is_there() {
    let world = World::new();
    taken(
        &world,
        ImportKind::Products,
        "code,name,list price\nA,水,1\n",
    );
    let prices = "price book,code,price\n批发,A,0.80\n";
    assert_eq!(
        taken(&world, ImportKind::Prices, prices).counts,
        counts(1, 1, 0)
    );
    assert_eq!(
        taken(&world, ImportKind::Prices, prices).counts,
        counts(1, 0, 0)
    );
    let rows = "code,name,price book,credit limit\nK1,渝中百货,批发,500.00\nK2,店,零售,\n";
    let report = taken(&world, ImportKind::Distributors, rows);
    let missing = Reason::Unknown {
        what: Named::PriceBook,
        code: "零售".into(),
    };
    assert_eq!(places(&report.problems), [(3, "price book", &missing)]);
    assert!(!report.taken);
    let report = taken(&world, ImportKind::Distributors, &rows.replace("零售", ""));
    assert_eq!((report.taken, report.counts), (true, counts(2, 2, 0)));
    let known = world.store.known(&world.cx()).unwrap();
    let book = known.price_books["批发"].id;
    assert_eq!(known.distributors["K1"].price_book, Some(book));
    assert!(known.distributors["K2"].number > known.distributors["K1"].number);
}

#[test]
fn only_who_may_brings_a_file_in_and_nobody_locks_the_company_out() {
    let world = World::new();
    let products = "code,name,list price\nA,水,1\n";
    for (staff, role) in [(SALES, Role::Sales), (FINANCE, Role::Finance)] {
        for kind in [ImportKind::Products, ImportKind::Staff] {
            let refused = asked(&world, staff, kind, products, false);
            let reason = Code::NotAllowed { role };
            assert!(
                matches!(&refused, Err(StoreError::Refused(Refused::Rule { reason: why })) if *why == reason),
                "{refused:?}"
            );
        }
    }
    let nobody = asked(
        &world,
        StaffId(Uuid::nil()),
        ImportKind::Products,
        products,
        true,
    );
    assert!(matches!(
        nobody,
        Err(StoreError::Refused(Refused::Rule {
            reason: Code::UnknownStaff
        }))
    ));
    // The administrator here has no PIN, as somebody from a file has none: that is nobody who could
    // mend it.
    let report = taken(&world, ImportKind::Staff, "name,role\n新人,admin\n");
    assert_eq!(places(&report.problems), [(0, "", &Reason::NoAdmin)]);
    assert!(lines(&world).is_empty());
}

#[test]
fn staff_of_a_file_keep_who_they_are_and_name_their_department() {
    let world = World::new();
    let pin = crate::setup::verifier(&world.env, "482913").unwrap();
    for mut one in world.store.staff(&world.cx()).unwrap() {
        one.pin_verifier.clone_from(&pin);
        world.store.put_staff(&world.cx(), &one).unwrap();
    }
    let department = |n: u128, name: &str, parent: Option<u128>| Department {
        id: DepartmentId(Uuid::from_u128(n)),
        name: name.into(),
        parent: parent.map(|n| DepartmentId(Uuid::from_u128(n))),
    };
    let mut config = world.store.config(&world.cx()).unwrap().config;
    config.departments = vec![
        department(1, "华东", None),
        department(2, "华南", None),
        department(3, "一部", Some(1)),
        department(4, "一部", Some(2)),
    ];
    world.store.put_config(&world.cx(), &config).unwrap();
    let text = "name,role,department,active\nSales,sales,华东,yes\nFinance,finance,一部,\n新人,销售,海外,\n";
    let report = taken(&world, ImportKind::Staff, text);
    let unknown = |code: &str| Reason::Unknown {
        what: Named::Department,
        code: code.into(),
    };
    assert_eq!(
        places(&report.problems),
        [
            (3, "department", &unknown("一部")),
            (4, "department", &unknown("海外"))
        ]
    );
    let text = text.replace("一部", "华南/一部").replace("海外", "");
    assert_eq!(
        taken(&world, ImportKind::Staff, &text).counts,
        counts(3, 1, 2)
    );
    let now = world.store.staff(&world.cx()).unwrap();
    let sales = now.iter().find(|one| one.id == SALES).unwrap();
    assert_eq!(sales.department, Some(DepartmentId(Uuid::from_u128(1))));
    assert_eq!((sales.revision, &sales.pin_verifier), (1, &pin));
    let finance = now.iter().find(|one| one.id == FINANCE).unwrap();
    assert_eq!(finance.department, Some(DepartmentId(Uuid::from_u128(4))));
    let new = now.iter().find(|one| one.name == "新人").unwrap();
    assert_eq!(
        (new.role, new.pin_verifier.as_str(), new.active),
        (Role::Sales, "", true)
    );
}
