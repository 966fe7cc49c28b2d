//! File and index together: batches, prices by time, snapshots put in place.

use super::*;
use domain::history::CatalogueItem;
use domain::product::Price;
use proptest::prelude::*;
use uuid::Uuid;

const DAY: Timestamp = Timestamp(1_795_363_200_000);

fn open_file() -> OpenFile {
    Arc::new(|path| {
        let db = Connection::open(path)?;
        db.pragma_update(
            None,
            "key",
            "x'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'",
        )?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.busy_timeout(Duration::from_secs(5))?;
        Ok(db)
    })
}

fn catalogue(folder: &tempfile::TempDir) -> Catalogue {
    Catalogue::open(&folder.path().join("catalogue.db"), open_file()).unwrap()
}

fn price(text: &str) -> UnitPrice {
    UnitPrice::parse(text).unwrap()
}

fn product(id: u128, code: &str, name: &str) -> Product {
    Product {
        id: ProductId(Uuid::from_u128(id)),
        code: code.to_owned(),
        barcode: format!("69{code}"),
        name: name.to_owned(),
        spec: String::new(),
        unit: "件".to_owned(),
        list_price: price("12.5"),
        floor_price: Some(price("9.123456")),
        active: true,
    }
}

fn distributor(id: u128, name: &str) -> Distributor {
    Distributor {
        id: DistributorId(Uuid::from_u128(id)),
        number: u32::try_from(id).unwrap(),
        code: format!("D{id}"),
        name: name.to_owned(),
        phone: "13800138000".to_owned(),
        region: "重庆市".to_owned(),
        price_book: Some(PriceBookId(Uuid::from_u128(77))),
        credit_limit_fen: Some(domain::Money::from_fen(500_000)),
        active: true,
    }
}

fn change(seq: u64, doc: Doc) -> Change {
    Change {
        seq,
        tag: 7,
        caused_by: None,
        doc,
    }
}

fn at(seq: u64) -> Cursor {
    Cursor {
        epoch: 1,
        seq,
        tag: 7,
    }
}

fn codes(catalogue: &Catalogue, query: &str) -> Vec<String> {
    let hits = catalogue
        .search_products(query, &[], 100, None, DAY)
        .unwrap();
    hits.into_iter()
        .map(|hit| hit.priced.product.code)
        .collect()
}

#[test]
fn what_was_applied_is_read_back_and_found_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (tea, shop) = (product(1, "100", "重庆沱茶"), distributor(4, "厦门店"));
    let first = catalogue(&folder);
    assert_eq!(first.cursor().unwrap(), None);
    first
        .apply(
            &[
                change(1, Doc::Product(tea.clone())),
                change(2, Doc::Distributor(shop.clone())),
            ],
            at(2),
        )
        .unwrap();
    let check = |catalogue: &Catalogue| {
        assert_eq!(catalogue.cursor().unwrap(), Some(at(2)));
        assert_eq!(catalogue.product(tea.id).unwrap().as_ref(), Some(&tea));
        assert_eq!(
            catalogue.distributor(shop.id).unwrap().as_ref(),
            Some(&shop)
        );
        assert_eq!(
            catalogue.find_by_code(" 69100\t").unwrap().as_ref(),
            Some(&tea)
        );
        assert_eq!(catalogue.find_by_code("").unwrap(), None);
        assert_eq!(codes(catalogue, "cqtc"), ["100"]);
        let shops = catalogue.search_distributors("xmd", 5).unwrap();
        assert_eq!(
            shops,
            [DistributorHit {
                distributor: shop.clone(),
                rank: Rank::Initials
            }]
        );
        assert!(catalogue.ready() && catalogue.index_bytes() > Some(0));
    };
    check(&first);
    drop(first);
    check(&catalogue(&folder));
    // The file is not readable without the key.
    let head = std::fs::read(folder.path().join("catalogue.db")).unwrap();
    assert!(!head.starts_with(b"SQLite format 3"));
}

#[test]
fn an_older_change_never_overwrites_a_newer_one_and_inactive_rows_are_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = catalogue(&folder);
    catalogue
        .apply(&[change(5, Doc::Product(product(1, "100", "新名")))], at(5))
        .unwrap();
    catalogue
        .apply(&[change(4, Doc::Product(product(1, "100", "旧名")))], at(5))
        .unwrap();
    assert_eq!(codes(&catalogue, "新名"), ["100"]);
    assert_eq!(codes(&catalogue, "旧名"), [""; 0]);
    let gone = Product {
        active: false,
        ..product(1, "100", "新名")
    };
    catalogue
        .apply(&[change(6, Doc::Product(gone.clone()))], at(6))
        .unwrap();
    assert_eq!(codes(&catalogue, "100"), [""; 0]);
    assert_eq!(catalogue.product(gone.id).unwrap(), Some(gone));
}

#[test]
fn the_price_is_the_books_at_that_time_else_the_list_price() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = catalogue(&folder);
    let book = PriceBookId(Uuid::from_u128(77));
    let tea = product(1, "100", "沱茶");
    let entry = |unit_price, from: i64, to: Option<i64>| {
        Doc::Price(Price {
            price_book: book,
            product: tea.id,
            unit_price: price(unit_price),
            valid_from: DAY.plus_ms(from),
            valid_to: to.map(|to| DAY.plus_ms(to)),
        })
    };
    catalogue
        .apply(
            &[
                change(1, Doc::Product(tea.clone())),
                change(
                    2,
                    Doc::PriceBook(PriceBook {
                        id: book,
                        name: "华南".to_owned(),
                    }),
                ),
                change(3, entry("10", 0, Some(100))),
                change(4, entry("8.000001", 50, Some(60))),
            ],
            at(4),
        )
        .unwrap();
    let cost = |book, ms| {
        let priced = catalogue
            .priced(tea.clone(), book, DAY.plus_ms(ms))
            .unwrap();
        (priced.unit_price.to_string(), priced.price_book)
    };
    let of_book = |text: &str| (text.to_owned(), Some(book));
    let list = (price("12.5").to_string(), None);
    assert_eq!(cost(Some(book), -1), list);
    assert_eq!(cost(Some(book), 0), of_book("10"));
    assert_eq!(cost(Some(book), 50), of_book("8.000001"));
    assert_eq!(cost(Some(book), 60), of_book("10"));
    assert_eq!(cost(Some(book), 100), list);
    assert_eq!(cost(None, 50), list);
    let hit = catalogue
        .search_products("100", &[], 1, Some(book), DAY)
        .unwrap()
        .remove(0);
    assert_eq!(
        (hit.priced.unit_price, hit.priced.price_book),
        (price("10"), Some(book))
    );
    assert_eq!(catalogue.price_book(book).unwrap().unwrap().name, "华南");
}

#[test]
fn pages_hold_what_is_retired_too_in_the_order_of_codes_with_every_price() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = catalogue(&folder);
    let retired = Product {
        active: false,
        ..product(2, "B2", "旧水")
    };
    let book = PriceBook {
        id: PriceBookId(Uuid::from_u128(77)),
        name: "西南".into(),
    };
    let priced = |from: i64| domain::product::Price {
        price_book: book.id,
        product: ProductId(Uuid::from_u128(1)),
        unit_price: price("9"),
        valid_from: Timestamp(from),
        valid_to: None,
    };
    let docs = [
        Doc::Product(product(1, "C3", "新水")),
        Doc::Product(retired.clone()),
        Doc::Product(product(3, "A1", "茶")),
        Doc::PriceBook(book.clone()),
        Doc::Price(priced(9)),
        Doc::Price(priced(0)),
        Doc::Distributor(distributor(5, "渝中")),
    ];
    let changes: Vec<Change> = (1..).zip(docs).map(|(seq, doc)| change(seq, doc)).collect();
    catalogue.apply(&changes, at(7)).unwrap();
    let codes = |text: &str, after: Option<&str>, limit: u32| -> Vec<String> {
        let page = CodePage { text, after, limit };
        let found = catalogue.product_page(page).unwrap();
        found.into_iter().map(|(product, _)| product.code).collect()
    };
    assert_eq!(codes("", None, 2), ["A1", "B2"]);
    assert_eq!(codes("", Some("B2"), 2), ["C3"]);
    assert_eq!(codes("水", None, 9), ["B2", "C3"]);
    assert_eq!(codes("c3", None, 9), ["C3"]);
    let page = CodePage {
        text: "C3",
        after: None,
        limit: 9,
    };
    assert_eq!(
        catalogue.product_page(page).unwrap()[0].1,
        [priced(0), priced(9)]
    );
    assert_eq!(catalogue.price_books().unwrap(), [(book.clone(), 1, 1)]);
    let page = CodePage { text: "d5", ..page };
    assert_eq!(
        catalogue.distributor_page(page).unwrap(),
        [distributor(5, "渝中")]
    );
    for item in [
        CatalogueItem::Product(retired),
        CatalogueItem::PriceBook(book.clone()),
        CatalogueItem::Price(priced(9)),
        CatalogueItem::Distributor(distributor(5, "渝中")),
    ] {
        assert_eq!(catalogue.item(item.key()).unwrap(), Some(item));
    }
    let none = CatalogueItem::Price(priced(1)).key();
    assert_eq!(catalogue.item(none).unwrap(), None);
}

#[test]
fn a_batch_that_fails_leaves_neither_rows_nor_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = catalogue(&folder);
    catalogue
        .apply(&[change(1, Doc::Product(product(1, "100", "沱茶")))], at(1))
        .unwrap();
    // A trigger stands for a disk that fails half way through the batch.
    lock(&catalogue.writer)
        .as_ref()
        .unwrap()
        .execute_batch(
            "CREATE TEMP TRIGGER fails BEFORE INSERT ON distributor
             BEGIN SELECT RAISE(ABORT, 'disk'); END",
        )
        .unwrap();
    let batch = [
        change(2, Doc::Product(product(2, "200", "绿茶"))),
        change(3, Doc::Distributor(distributor(4, "厦门店"))),
    ];
    assert!(matches!(
        catalogue.apply(&batch, at(3)),
        Err(CatalogueError::Sqlite(_))
    ));
    assert_eq!(catalogue.cursor().unwrap(), Some(at(1)));
    assert_eq!(codes(&catalogue, "茶"), ["100"]);
    assert_eq!(catalogue.find_by_code("200").unwrap(), None);
}

#[test]
fn a_snapshot_takes_the_place_of_the_old_file_only_when_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let held = catalogue(&folder);
    held.apply(
        &[change(900, Doc::Product(product(1, "100", "沱茶")))],
        at(900),
    )
    .unwrap();
    let mut broken = held.rebuild().unwrap();
    broken
        .put(&[change(1, Doc::Product(product(2, "200", "绿茶")))])
        .unwrap();
    drop(broken);
    assert_eq!(codes(&held, "茶"), ["100"]);

    let other_epoch = Cursor {
        epoch: 2,
        seq: 3,
        tag: 1,
    };
    let mut whole = held.rebuild().unwrap();
    whole
        .put(&[change(2, Doc::Product(product(3, "300", "红茶")))])
        .unwrap();
    whole
        .put(&[change(3, Doc::Product(product(1, "100", "白茶")))])
        .unwrap();
    assert_eq!(codes(&held, "茶"), ["100"]);
    whole.finish(other_epoch).unwrap();
    let check = |held: &Catalogue| {
        assert_eq!(held.cursor().unwrap(), Some(other_epoch));
        assert_eq!(codes(held, "茶"), ["100", "300"]);
        assert_eq!(codes(held, "沱茶"), [""; 0]);
        // Number 3 of the new epoch stands, though the old file had 900.
        assert_eq!(held.find_by_code("100").unwrap().unwrap().name, "白茶");
    };
    check(&held);
    held.apply(
        &[change(4, Doc::Product(product(4, "400", "水")))],
        other_epoch,
    )
    .unwrap();
    drop(held);
    check(&catalogue(&folder));
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(left, ["catalogue.db"]);
}

#[test]
fn a_snapshot_that_cannot_be_moved_leaves_the_old_catalogue_at_work() {
    let folder = tempfile::tempdir().unwrap();
    let held = catalogue(&folder);
    held.apply(&[change(1, Doc::Product(product(1, "100", "沱茶")))], at(1))
        .unwrap();
    // Somebody else reads the old file.
    let other = (open_file())(&folder.path().join("catalogue.db")).unwrap();
    other.execute_batch("BEGIN; SELECT * FROM product").unwrap();
    let mut fresh = held.rebuild().unwrap();
    fresh
        .put(&[change(1, Doc::Product(product(2, "200", "绿茶")))])
        .unwrap();
    assert!(fresh.finish(at(9)).is_err());
    assert_eq!(held.cursor().unwrap(), Some(at(1)));
    assert_eq!(codes(&held, "茶"), ["100"]);
}

#[test]
fn a_file_of_a_newer_program_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalogue.db");
    drop(catalogue(&folder));
    (open_file())(&path)
        .unwrap()
        .pragma_update(None, "user_version", 9)
        .unwrap();
    let refused = Catalogue::open(&path, open_file());
    assert!(matches!(
        refused,
        Err(CatalogueError::Newer { found: 9, known: 1 })
    ));
    assert!(path.exists());
}

#[test]
fn a_scanned_code_is_looked_up_by_index_never_by_a_scan_of_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let held = catalogue(&folder);
    let reader = lock(&held.reader);
    let plan: Vec<String> = reader
        .as_ref()
        .unwrap()
        .prepare(&format!("EXPLAIN QUERY PLAN {}", rows::PRODUCT_BY_CODE))
        .unwrap()
        .query_map(["1"], |row| row.get(3))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(
        plan.iter().any(|step| step.contains("product_by_barcode")),
        "{plan:?}"
    );
    assert!(
        !plan.iter().any(|step| step.starts_with("SCAN")),
        "{plan:?}"
    );
}

fn any_doc() -> impl Strategy<Value = Doc> {
    let word = "[重厦茶水]{1,3}";
    prop_oneof![
        (0u128..5, "[0-9]{1,2}", word, any::<bool>()).prop_map(|(id, code, name, active)| {
            Doc::Product(Product {
                active,
                ..product(id, &code, &name)
            })
        }),
        (0u128..4, word, any::<bool>()).prop_map(|(id, name, active)| Doc::Distributor(
            Distributor {
                active,
                ..distributor(id, &name)
            }
        )),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Batches may be cut, repeated and come late: the end is the newest of each document, in the
    /// file and in the index.
    #[test]
    fn repeating_and_reordering_batches_changes_nothing(
        docs in prop::collection::vec(any_doc(), 1..16),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        query in "[重厦茶水]|[0-9]|c|s",
    ) {
        let changes: Vec<Change> =
            (1u64..).zip(docs).map(|(seq, doc)| change(seq, doc)).collect();
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let straight = catalogue(&one);
        straight.apply(&changes, at(99)).unwrap();
        let messy = catalogue(&two);
        for start in order {
            messy.apply(&changes[start.index(changes.len())..], at(1)).unwrap();
        }
        messy.apply(&changes, at(99)).unwrap();
        messy.apply(&changes, at(99)).unwrap();
        let mut expected = codes(&straight, &query);
        expected.sort();
        // The order inside a rank may differ between a fresh and an old index; a restart, which
        // reads the file, makes it the same.
        let mut seen = codes(&messy, &query);
        seen.sort();
        prop_assert_eq!(&seen, &expected);
        drop(messy);
        let mut again = codes(&catalogue(&two), &query);
        again.sort();
        prop_assert_eq!(again, expected);
    }
}
