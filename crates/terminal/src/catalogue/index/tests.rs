//! The index against what a person expects (curated names), and against a slow reader of the same
//! rules that shares none of its machinery (the oracle).

use super::*;
use pinyin::ToPinyinMulti;
use proptest::prelude::*;
use uuid::Uuid;

#[derive(Clone, Debug)]
struct Row {
    id: u128,
    keys: [String; 2],
    phone: String,
    text: [String; 2],
}

fn put(shelf: &mut Shelf, row: &Row) {
    shelf.put(&Entry {
        id: Uuid::from_u128(row.id),
        keys: [&row.keys[0], &row.keys[1]],
        phone: &row.phone,
        text: [&row.text[0], &row.text[1]],
    });
}

fn names(names: &[&str]) -> Shelf {
    let mut shelf = Shelf::default();
    for (id, name) in (0u128..).zip(names) {
        let empty = String::new;
        let text = [(*name).to_owned(), empty()];
        put(
            &mut shelf,
            &Row {
                id,
                keys: [empty(), empty()],
                phone: empty(),
                text,
            },
        );
    }
    shelf.settle();
    shelf
}

fn found(shelf: &Shelf, query: &str) -> Vec<(u128, Rank)> {
    let hits = shelf.search(query, &[], usize::MAX).into_iter();
    hits.map(|(slot, rank)| (shelf.id(slot).unwrap().as_u128(), rank))
        .collect()
}

/// Names whose usual reading is not the first one of a dictionary, and how people type them.
const HETERONYMS: [(&str, &str, &str); 22] = [
    ("重庆", "cq", "chongqing"),
    ("重庆", "zq", "zhongqing"),
    ("厦门", "xm", "xiamen"),
    ("长沙银行", "csyh", "changshayinhang"),
    ("单县", "sx", "shanxian"),
    ("长春", "cc", "changchun"),
    ("蚌埠", "bb", "bengbu"),
    ("六安", "la", "luan"),
    ("亳州", "bz", "bozhou"),
    ("台州", "tz", "taizhou"),
    ("乐清", "yq", "yueqing"),
    ("东阿", "de", "donge"),
    ("番禺", "py", "panyu"),
    ("朝阳", "cy", "chaoyang"),
    ("大厦", "ds", "dasha"),
    ("行唐", "xt", "xingtang"),
    ("铅山", "ys", "yanshan"),
    ("洪洞", "ht", "hongtong"),
    ("丽水", "ls", "lishui"),
    ("会计", "kj", "kuaiji"),
    ("绿茶", "lc", "lvcha"),
    ("绿茶", "lc", "lucha"),
];

#[test]
fn every_heteronym_is_found_by_each_of_its_readings() {
    let shelf = names(&HETERONYMS.map(|(name, _, _)| name));
    for (id, (name, initials, full)) in (0u128..).zip(HETERONYMS) {
        for (query, rank) in [(initials, Rank::Initials), (full, Rank::FullPinyin)] {
            assert!(
                found(&shelf, query).contains(&(id, rank)),
                "{name} by {query}"
            );
            let shouted = query.to_uppercase();
            assert!(
                found(&shelf, &shouted).contains(&(id, rank)),
                "{name} by {shouted}"
            );
        }
    }
    assert_eq!(found(&shelf, "qc"), []);
}

#[test]
fn full_pinyin_may_be_spaced_and_unfinished_but_whole_before_the_end() {
    let shelf = names(&["重庆火锅", "西安", "先锋"]);
    for query in [
        "chongqing",
        "chong q",
        "chongq",
        "chong qing h",
        "chon",
        "ch",
        "qinghuo",
    ] {
        assert_eq!(found(&shelf, query), [(0, Rank::FullPinyin)], "{query}");
    }
    assert_eq!(found(&shelf, "choqing"), []);
    assert_eq!(
        found(&shelf, "xian"),
        [(1, Rank::FullPinyin), (2, Rank::FullPinyin)]
    );
    assert_eq!(found(&shelf, "xi'an"), found(&shelf, "xian"));
}

#[test]
fn letters_and_digits_take_part_in_the_pinyin_of_a_mixed_name() {
    let shelf = names(&["T恤XL 2件装", "Tx 500 white", "咖啡豆500g"]);
    assert_eq!(
        found(&shelf, "tx"),
        [(0, Rank::Initials), (1, Rank::Substring)]
    );
    assert_eq!(found(&shelf, "txxl2jz"), [(0, Rank::Initials)]);
    assert_eq!(found(&shelf, "kfd500"), [(2, Rank::Initials)]);
    assert_eq!(
        found(&shelf, "500"),
        [(1, Rank::Substring), (2, Rank::Substring)]
    );
    assert_eq!(found(&shelf, "WHITE"), [(1, Rank::Substring)]);
    assert_eq!(found(&shelf, "ｗｈｉｔｅ"), [(1, Rank::Substring)]);
}

#[test]
fn ranks_come_in_order_and_recent_rows_first_inside_a_rank() {
    let mut shelf = Shelf::default();
    let rows = [
        (1, "a9", "", "清水 ABCQ", ""),
        (2, "b1", "", "山城重庆", ""),
        (3, "b2", "", "重庆", ""),
        (4, "cq-7", "", "无关", ""),
        (5, "CQ", "", "别的", ""),
        (6, "b3", "", "重庆老店", ""),
        (7, "b4", "", "长乐", ""),
    ];
    for (id, code, barcode, name, phone) in rows {
        let keys = [code.to_owned(), barcode.to_owned()];
        let text = [name.to_owned(), String::new()];
        put(
            &mut shelf,
            &Row {
                id,
                keys,
                phone: phone.to_owned(),
                text,
            },
        );
    }
    shelf.settle();
    let ids = |recent: &[u128], limit| -> Vec<u128> {
        let recent: Vec<u32> = recent
            .iter()
            .map(|&id| shelf.slot(Uuid::from_u128(id)).unwrap())
            .collect();
        let hits = shelf.search("cq", &recent, limit).into_iter();
        hits.map(|(slot, _)| shelf.id(slot).unwrap().as_u128())
            .collect()
    };
    assert_eq!(ids(&[], 10), [5, 4, 3, 6, 2, 1]);
    assert_eq!(ids(&[2, 6, 4, 7], 10), [5, 4, 2, 6, 3, 1]);
    assert_eq!(ids(&[2, 2], 3), [5, 4, 2]);
    assert_eq!(ids(&[1], 3), [5, 4, 3]);
    assert_eq!(ids(&[], 0), [0u128; 0]);
}

#[test]
fn a_phone_is_found_by_its_tail_and_a_barcode_by_all_or_its_beginning() {
    let mut index = Index::default();
    let id = DistributorId(Uuid::from_u128(1));
    let row = |phone| DistributorRow {
        id,
        number: 4711,
        code: "D-1",
        name: "长沙店",
        phone,
    };
    index.put_distributor_row(&row("138 0731-2345"));
    let product = ProductId(Uuid::from_u128(2));
    index.put_product_row(&ProductRow {
        id: product,
        code: "1006002",
        barcode: "6901234567892",
        name: "四件套",
        spec: "1.8m床",
    });
    index.settle();
    for (query, rank) in [
        ("2345", Some(Rank::PhoneTail)),
        ("1-2345", Some(Rank::PhoneTail)),
        ("13807312345", Some(Rank::Exact)),
        ("345", None),
        ("1380", None),
        ("4711", Some(Rank::Exact)),
        ("47", Some(Rank::CodePrefix)),
        ("d-1", Some(Rank::Exact)),
        ("沙", Some(Rank::Substring)),
    ] {
        let hits = index.search_distributors(query, 5);
        assert_eq!(
            hits,
            rank.map(|rank| Hit { id, rank })
                .into_iter()
                .collect::<Vec<_>>()
        );
    }
    for (query, rank) in [
        ("6901234567892", Rank::Exact),
        ("６９０１２３４５６７８９２", Rank::Exact),
        ("690123", Rank::CodePrefix),
        ("1006002", Rank::Exact),
        ("sjt1", Rank::Initials),
        ("套 1.8", Rank::Substring),
    ] {
        let hits = index.search_products(query, &[], 5);
        assert_eq!(hits, [Hit { id: product, rank }], "{query}");
    }
    assert_eq!(index.search_products(" \u{3000} ", &[], 5), []);
    assert_eq!(index.search_products(&"x".repeat(10_000), &[], 5), []);
}

/// The rules again, slowly, on text.
fn oracle(row: &Row, query: &str) -> Option<Rank> {
    let fold = |text: &str| glyphs::fold(text).collect::<String>();
    let query = fold(query);
    let keys: Vec<String> = row.keys.iter().map(|key| fold(key)).collect();
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let tail = query
        .chars()
        .all(|c| c.is_ascii_digit() || " -+".contains(c));
    let tail = Some(digits(&query)).filter(|digits| tail && digits.len() >= 4);
    let phone = digits(&row.phone);
    let text = fold(&format!("{} {}", row.text[0], row.text[1]));
    let typed: String = query
        .chars()
        .filter(|c| !" '’".contains(*c))
        .map(|c| if c == 'ü' { 'v' } else { c })
        .collect();
    let pinyin = typed.chars().all(|c| c.is_ascii_alphanumeric())
        && typed.chars().any(|c| c.is_ascii_alphabetic());
    let starts = || {
        text.char_indices()
            .map(|(at, _)| text[at..].chars().collect::<Vec<_>>())
    };
    if keys.contains(&query) || tail.as_ref().is_some_and(|tail| *tail == phone) {
        Some(Rank::Exact)
    } else if keys.iter().any(|key| key.starts_with(&query)) {
        Some(Rank::CodePrefix)
    } else if tail.is_some_and(|tail| phone.ends_with(&tail)) {
        Some(Rank::PhoneTail)
    } else if pinyin && starts().any(|text| by_initials(&text, &typed, false)) {
        Some(Rank::Initials)
    } else if pinyin
        && typed.len() > 1
        && starts().any(|text| text[0].to_pinyin_multi().is_some() && by_sounds(&text, &typed))
    {
        Some(Rank::FullPinyin)
    } else {
        text.contains(&query).then_some(Rank::Substring)
    }
}

fn sounds(c: char) -> Vec<String> {
    if c.is_ascii_alphanumeric() {
        return vec![c.to_string()];
    }
    let plain = c
        .to_pinyin_multi()
        .into_iter()
        .flatten()
        .map(|sound| sound.plain());
    plain
        .flat_map(|sound| [sound.replace('ü', "v"), sound.replace('ü', "u")])
        .collect()
}

fn by_initials(text: &[char], typed: &str, han: bool) -> bool {
    let Some((&c, rest)) = text.split_first() else {
        return typed.is_empty() && han;
    };
    if typed.is_empty() {
        return han;
    }
    let sounds = sounds(c);
    if sounds.is_empty() {
        return by_initials(rest, typed, han);
    }
    sounds.iter().any(|sound| sound[..1] == typed[..1])
        && by_initials(rest, &typed[1..], han || !c.is_ascii())
}

fn by_sounds(text: &[char], typed: &str) -> bool {
    let Some((&c, rest)) = text.split_first() else {
        return false;
    };
    let sounds = sounds(c);
    if sounds.is_empty() {
        return by_sounds(rest, typed);
    }
    sounds.iter().any(|sound| {
        sound.starts_with(typed)
            || typed
                .strip_prefix(sound.as_str())
                .is_some_and(|typed| by_sounds(rest, typed))
    })
}

fn name() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "[重庆厦门长沙银行单县绿茶安乐山]{1,4}",
        2 => "[a-cxzA-C ]{1,4}",
        1 => "[0-9.、 （）-]{1,3}",
    ];
    prop::collection::vec(word, 1..4).prop_map(|words| words.concat())
}

fn any_query() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{1,4}",
        2 => "(chong|qing|xia|men|chang|sha|yin|xing|dan|shan|lv|lu|an| |'){1,3}[a-z]?",
        2 => "[重庆厦门长沙银行单县绿茶]{1,2}",
        1 => "[a-cA-C0-9 .]{1,5}",
        1 => "[0-9]{4,6}",
        1 => "\\PC{1,4}",
    ]
}

fn any_row() -> impl Strategy<Value = Row> {
    let key = || prop_oneof![Just(String::new()), "[a-cA-C]{0,2}[0-9]{1,5}", "[cqx]{1,3}"];
    (
        [key(), key()],
        "(1[0-9]{3,7})?",
        name(),
        prop_oneof![Just(String::new()), name()],
    )
        .prop_map(|(keys, phone, name, spec)| Row {
            id: 0,
            keys,
            phone,
            text: [name, spec],
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// The same rows, in the same ranks, as the oracle finds; after replacements and removals too.
    #[test]
    fn the_index_finds_what_the_rules_say(
        first in prop::collection::vec(any_row(), 1..20),
        second in prop::collection::vec((0u128..24, any_row(), any::<bool>()), 0..12),
        queries in prop::collection::vec(any_query(), 1..12),
        limit in 1usize..6,
    ) {
        let mut shelf = Shelf::default();
        let mut held = std::collections::BTreeMap::new();
        for (id, row) in (0u128..).zip(first) {
            let row = Row { id, ..row };
            put(&mut shelf, &row);
            held.insert(id, row);
        }
        shelf.settle();
        for (id, row, gone) in second {
            if gone {
                shelf.remove(Uuid::from_u128(id));
                held.remove(&id);
            } else {
                let row = Row { id, ..row };
                put(&mut shelf, &row);
                held.insert(id, row);
            }
        }
        shelf.settle();
        for query in queries.iter().filter(|query| !query.trim().is_empty()) {
            let expected: std::collections::BTreeMap<u128, Rank> =
                held.values().filter_map(|row| Some((row.id, oracle(row, query)?))).collect();
            let all = found(&shelf, query);
            let found: std::collections::BTreeMap<u128, Rank> = all.iter().copied().collect();
            prop_assert_eq!(all.len(), found.len(), "twice: {}", query);
            prop_assert_eq!(&found, &expected, "query {:?} over {:?}", query, held);
            prop_assert!(all.is_sorted_by_key(|&(_, rank)| rank));
            // A limit cuts the same list off; so does an early end of the pass.
            let few: Vec<_> = shelf.search(query, &[], limit).into_iter()
                .map(|(slot, rank)| (shelf.id(slot).unwrap().as_u128(), rank)).collect();
            prop_assert_eq!(&few[..], &all[..limit.min(all.len())], "{}", query);
        }
    }
}

#[test]
fn a_shelf_that_was_rewritten_many_times_stays_small_and_right() {
    let mut shelf = Shelf::default();
    let row = |id: u128, round: u128| Row {
        id,
        keys: [format!("c{id}-{round}"), String::new()],
        phone: String::new(),
        text: [format!("重庆小面{round}号{id}"), String::new()],
    };
    let mut first = 0;
    for round in 0..60 {
        for id in 0..500 {
            put(&mut shelf, &row(id, round));
        }
        shelf.settle();
        if round == 0 {
            first = shelf.bytes();
        }
    }
    assert!(
        shelf.bytes() < 8 * first + 400_000,
        "{} from {first}",
        shelf.bytes()
    );
    assert_eq!(found(&shelf, "c7-59"), [(7, Rank::Exact)]);
    assert_eq!(found(&shelf, "c7-58"), []);
    assert_eq!(found(&shelf, "cqxm59h499"), [(499, Rank::Initials)]);
    assert_eq!(found(&shelf, "面58"), []);
}

/// The shared data, where it is present: every region and product is found by the pinyin of its
/// characters' readings, by its two first characters and by its code.
#[test]
fn real_regions_and_products_are_found_every_way() {
    let shared = std::env::var_os("FIELDTILL_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        std::path::PathBuf::from,
    );
    let mut cases = 0;
    for file in ["litemall_regions.csv", "litemall_products.csv"] {
        let path = shared.join("data").join(file);
        let Ok(text) = std::fs::read_to_string(&path) else {
            assert!(
                std::env::var_os("CI").is_none(),
                "{} is missing",
                path.display()
            );
            println!("not run: {} is missing", path.display());
            return;
        };
        let region = file.contains("regions");
        let rows: Vec<(String, String)> = text
            .lines()
            .skip(1)
            .filter_map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                let (code, name) = if region {
                    (cells[0], cells[2])
                } else {
                    (cells[0], cells[1])
                };
                (!name.contains('"')).then(|| (code.to_owned(), name.to_owned()))
            })
            .collect();
        let mut shelf = Shelf::default();
        for (id, (code, name)) in (0u128..).zip(&rows) {
            let keys = [code.clone(), String::new()];
            let text = [name.clone(), String::new()];
            put(
                &mut shelf,
                &Row {
                    id,
                    keys,
                    phone: String::new(),
                    text,
                },
            );
        }
        shelf.settle();
        // To stay quick, every nineteenth row.
        for (id, (code, name)) in (0u128..).zip(&rows).step_by(19) {
            let chars: Vec<char> = name.chars().filter(|&c| !sounds(c).is_empty()).collect();
            let Some(most) = chars.iter().map(|&c| sounds(c).len()).max() else {
                continue;
            };
            for reading in 0..most {
                let said: Vec<String> = chars
                    .iter()
                    .map(|&c| sounds(c)[reading % sounds(c).len()].clone())
                    .collect();
                let initials: String = said
                    .iter()
                    .filter_map(|sound| sound.chars().next())
                    .collect();
                let rank = |query: &str| {
                    found(&shelf, query)
                        .into_iter()
                        .find(|&(hit, _)| hit == id)
                        .map(|hit| hit.1)
                };
                if chars.iter().any(|c| !c.is_ascii()) && initials.len() <= 64 {
                    assert_eq!(rank(&initials), Some(Rank::Initials), "{name} {initials}");
                }
                let full: String = said.concat();
                if !chars[0].is_ascii() && full.len() <= 64 {
                    assert!(rank(&full) <= Some(Rank::FullPinyin), "{name} {full}");
                    assert!(rank(&full).is_some(), "{name} {full}");
                }
                cases += 2;
            }
            let two: String = name.chars().take(2).collect();
            assert!(
                found(&shelf, &two).iter().any(|&(hit, _)| hit == id),
                "{name} {two}"
            );
            assert_eq!(found(&shelf, code)[0], (id, Rank::Exact), "{name} {code}");
            cases += 2;
        }
        let curated = [
            ("cq", "重庆市"),
            ("xm", "厦门市"),
            ("sx", "单县"),
            ("css", "长沙市"),
        ];
        for (query, name) in curated.into_iter().filter(|_| region) {
            let hits = found(&shelf, query);
            assert!(
                hits.iter().any(|&(id, _)| rows[id as usize].1 == name),
                "{name} by {query}"
            );
            cases += 1;
        }
    }
    println!("{cases} search cases over the shared data");
}
