//! One meaning, three times, on a million random pairs of a set of conditions and a row: the
//! evaluator; the set as it comes over the wire, lowered and run by SQLite; and a naive reading of the
//! table in docs/conditions.md, written here on the rows' texts with nothing of the code under test.

use super::*;
use domain::condition::{Condition, Conditions, Fields};
use domain::{Money, Timestamp};
use rusqlite::{Connection, params, params_from_iter};

const FIELDS: [(&str, FieldType); 7] = [
    ("name", FieldType::Text),
    ("state", FieldType::Choice),
    ("quantity", FieldType::Number),
    ("total_fen", FieldType::Money),
    ("ordered_on", FieldType::Date),
    ("at", FieldType::Timestamp),
    ("frozen", FieldType::Boolean),
];
const OPERATORS: [&str; 12] = [
    "EQ", "N", "GT", "GTE", "LT", "LTE", "IN", "NIN", "BETWEEN", "LIKE", "IS", "ISN",
];
const STATES: [&str; 4] = ["draft", "Draft", "closed", "已关闭"];
/// Letters that meanings differ on: ASCII case, other scripts' case, full width, wildcards, quotes.
const LETTERS: [&str; 20] = [
    "a", "A", "b", "B", "é", "É", "华", "东", "区", "１", "Ａ", "ａ", "%", "_", "'", "\"", "\\",
    " ", "ß", "😀",
];

/// SplitMix64, so that a seed plays a run again.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// A row as texts: what a person would read; `None` is NULL.
#[derive(Clone, Debug)]
struct Seen([Option<String>; 7]);

fn random_text(dice: &mut Dice, least: usize, most: usize) -> String {
    let letters = least + dice.below(most - least + 1);
    (0..letters).map(|_| dice.pick(&LETTERS)).collect()
}

fn random_decimal(dice: &mut Dice, most_decimals: usize) -> String {
    let sign = if dice.below(3) == 0 { "-" } else { "" };
    let whole = match dice.below(12) {
        0 => dice.next() % 1_000_000_000_000,
        _ => dice.next() % 4,
    };
    let decimals: String = (0..dice.below(most_decimals + 1))
        .map(|_| dice.pick(&["0", "0", "0", "1", "5", "9"]))
        .collect();
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{decimals}")
}

fn random_whole(dice: &mut Dice) -> String {
    let small = i64::try_from(dice.below(9)).unwrap() - 4;
    match dice.below(10) {
        0 => (small * 99_999_999_999).to_string(),
        _ => small.to_string(),
    }
}

fn random_day(dice: &mut Dice) -> String {
    let year = [1969, 1970, 2024, 2026][dice.below(4)];
    let month = [1, 2, 12][dice.below(3)];
    format!("{year}-{month:02}-{:02}", 1 + dice.below(29).min(27))
}

/// A value of a field; a row's number has at most the six decimals that its column holds.
fn random_value(dice: &mut Dice, field: usize, in_row: bool) -> String {
    match field {
        0 => random_text(dice, usize::from(!in_row), if in_row { 6 } else { 2 }),
        1 => dice.pick(&STATES).to_owned(),
        2 => random_decimal(dice, if in_row { 6 } else { 9 }),
        4 => random_day(dice),
        6 => dice.pick(&["true", "false"]).to_owned(),
        _ => random_whole(dice),
    }
}

fn random_row(dice: &mut Dice) -> Seen {
    Seen(std::array::from_fn(|field| {
        (dice.below(6) > 0).then(|| random_value(dice, field, true))
    }))
}

fn random_condition(dice: &mut Dice) -> (usize, Condition) {
    loop {
        let field = dice.below(FIELDS.len());
        let word = dice.pick(&OPERATORS);
        let operator: domain::condition::Operator =
            serde_json::from_value(serde_json::json!(word)).unwrap();
        if !operator.goes_with(FIELDS[field].1) {
            continue;
        }
        let count = match word {
            "IS" | "ISN" => 0,
            "IN" | "NIN" => 1 + dice.below(4),
            "BETWEEN" => 2,
            _ => 1,
        };
        let mut values: Vec<String> = (0..count)
            .map(|_| random_value(dice, field, false))
            .collect();
        if word == "BETWEEN" && naive_order(field, &values[0], &values[1]).is_gt() {
            values.swap(0, 1);
        }
        let condition = Condition {
            field_name: FIELDS[field].0.to_owned(),
            operator,
            field_values: values,
        };
        return (field, condition);
    }
}

// ---- the naive reading ---------------------------------------------------------------------------

/// Compares two values as a person would: dates and texts letter by letter, numbers by value.
fn naive_order(field: usize, one: &str, other: &str) -> std::cmp::Ordering {
    if matches!(field, 2 | 3 | 5) {
        naive_number(one).cmp(&naive_number(other))
    } else {
        one.cmp(other)
    }
}

/// A decimal with at most twelve decimals as so many millionths of a millionth.
fn naive_number(text: &str) -> i128 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    sign * format!("{whole}{decimals:0<12}").parse::<i128>().unwrap()
}

fn naive_fold(letter: char) -> char {
    match letter {
        'A' => 'a',
        'B' => 'b',
        'D' => 'd',
        other => other,
    }
}

fn naive_contains(text: &str, part: &str) -> bool {
    let text: Vec<char> = text.chars().map(naive_fold).collect();
    let part: Vec<char> = part.chars().map(naive_fold).collect();
    (0..text.len()).any(|from| {
        part.iter()
            .enumerate()
            .all(|(at, letter)| text.get(from + at) == Some(letter))
    })
}

fn naive(field: usize, operator: &str, values: &[String], held: Option<&str>) -> bool {
    let held = match held {
        Some("") | None => return matches!(operator, "IS" | "N" | "NIN"),
        Some(held) => held,
    };
    let against = |at: usize| naive_order(field, held, &values[at]);
    match operator {
        "IS" => false,
        "ISN" => true,
        "EQ" => against(0).is_eq(),
        "N" => against(0).is_ne(),
        "GT" => against(0).is_gt(),
        "GTE" => against(0).is_ge(),
        "LT" => against(0).is_lt(),
        "LTE" => against(0).is_le(),
        "IN" => (0..values.len()).any(|at| against(at).is_eq()),
        "NIN" => !(0..values.len()).any(|at| against(at).is_eq()),
        "BETWEEN" => against(0).is_ge() && against(1).is_le(),
        "LIKE" => naive_contains(held, &values[0]),
        other => panic!("{other} has no reading"),
    }
}

// ---- the rows as the evaluator and as SQLite get them ----------------------------------------------

fn value_of(field: usize, text: Option<&str>) -> Value {
    let Some(text) = text else {
        return Value::Null;
    };
    match field {
        0 | 1 => Value::Text(text.to_owned()),
        2 => Value::Number(text.parse().unwrap()),
        3 => Value::Money(Money::from_fen(text.parse().unwrap())),
        4 => Value::Date(text.parse().unwrap()),
        5 => Value::Timestamp(Timestamp(text.parse().unwrap())),
        _ => Value::Boolean(text == "true"),
    }
}

fn column_of(field: &str) -> Option<Column> {
    let (sql, decimals) = match field {
        "name" => ("name", 0),
        "state" => ("json_extract(doc, '$.state')", 0),
        "quantity" => ("quantity", 6),
        "total_fen" => ("total_fen", 0),
        // As the order list has it: a day is worked out from a point in time.
        "ordered_on" => (DAY_OF_AT, 0),
        "at" => ("point", 0),
        "frozen" => ("(frozen > 0)", 0),
        _ => return None,
    };
    Some(Column { sql, decimals })
}

fn store(conn: &Connection, rows: &[Seen], dice: &mut Dice) {
    conn.execute_batch(
        "DROP TABLE IF EXISTS row;
         CREATE TABLE row (id INTEGER PRIMARY KEY, name TEXT, doc TEXT NOT NULL, quantity INTEGER,
           total_fen INTEGER, at INTEGER, point INTEGER, frozen INTEGER) STRICT;
         BEGIN",
    )
    .unwrap();
    let mut insert = conn
        .prepare("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .unwrap();
    for (id, Seen(texts)) in rows.iter().enumerate() {
        let millionths = texts[2]
            .as_deref()
            .map(|text| i64::try_from(naive_number(text) / 1_000_000).unwrap());
        // Some moment of that day in Shanghai.
        let at = texts[4].as_deref().map(|text| {
            let day: jiff::civil::Date = text.parse().unwrap();
            let midnight = day
                .at(0, 0, 0, 0)
                .to_zoned(jiff::tz::TimeZone::UTC)
                .unwrap();
            midnight.timestamp().as_millisecond() - 28_800_000
                + i64::try_from(dice.below(86_400_000)).unwrap()
        });
        insert
            .execute(params![
                i64::try_from(id).unwrap(),
                texts[0],
                serde_json::json!({ "state": texts[1] }).to_string(),
                millionths,
                texts[3].as_deref().map(|text| text.parse::<i64>().unwrap()),
                at,
                texts[5].as_deref().map(|text| text.parse::<i64>().unwrap()),
                texts[6]
                    .as_deref()
                    .map(|text| if text == "true" { 3 } else { 0 }),
            ])
            .unwrap();
    }
    drop(insert);
    conn.execute_batch("COMMIT").unwrap();
}

fn kept_by_sqlite(conn: &Connection, sent: &Conditions, fields: &Fields, rows: usize) -> Vec<bool> {
    let lowered = lower(&sent.check(fields).unwrap(), column_of).unwrap();
    // Not in a WHERE: there a NULL would look like a 0.
    let sql = format!("SELECT id, {} FROM row", lowered.sql);
    let mut select = conn.prepare(&sql).unwrap();
    let mut got = select.query(params_from_iter(lowered.values)).unwrap();
    let mut kept = vec![None; rows];
    while let Some(row) = got.next().unwrap() {
        let id = usize::try_from(row.get::<_, i64>(0).unwrap()).unwrap();
        kept[id] = Some(row.get::<_, i64>(1).unwrap() == 1);
    }
    kept.into_iter().map(Option::unwrap).collect()
}

const BATCHES: usize = 40;
const SETS: usize = 50;
const ROWS: usize = 500;

#[test]
fn evaluator_sqlite_and_a_naive_reading_agree_on_a_million_pairs() {
    let seed = match std::env::var("FIELDTILL_CONDITIONS_SEED") {
        Ok(text) => text.parse().expect("FIELDTILL_CONDITIONS_SEED is a number"),
        Err(_) => 4,
    };
    let mut dice = Dice(seed);
    let fields = Fields::from(FIELDS);
    let conn = Connection::open_in_memory().unwrap();
    let (mut pairs, mut met) = (0_u64, 0_u64);
    let mut asked = std::collections::BTreeMap::new();
    for batch in 0..BATCHES {
        let rows: Vec<Seen> = (0..ROWS).map(|_| random_row(&mut dice)).collect();
        store(&conn, &rows, &mut dice);
        let typed: Vec<[Value; 7]> = rows
            .iter()
            .map(|Seen(texts)| std::array::from_fn(|at| value_of(at, texts[at].as_deref())))
            .collect();
        for _ in 0..SETS {
            let groups: Vec<Vec<(usize, Condition)>> = (0..dice.below(4))
                .map(|_| {
                    (0..=dice.below(3))
                        .map(|_| random_condition(&mut dice))
                        .collect()
                })
                .collect();
            let set = Conditions(
                groups
                    .iter()
                    .map(|group| group.iter().map(|(_, one)| one.clone()).collect())
                    .collect(),
            );
            let sent: Conditions =
                serde_json::from_str(&serde_json::to_string(&set).unwrap()).unwrap();
            assert_eq!(sent, set, "the wire");
            let in_sql = kept_by_sqlite(&conn, &sent, &fields, ROWS);
            let checked = set.check(&fields).unwrap();
            let words: Vec<Vec<(usize, String, &[String])>> = groups
                .iter()
                .map(|group| {
                    let word = |one: &Condition| {
                        let word = serde_json::to_value(one.operator).unwrap();
                        word.as_str().unwrap().to_owned()
                    };
                    group
                        .iter()
                        .map(|(field, one)| (*field, word(one), &one.field_values[..]))
                        .collect()
                })
                .collect();
            for (field, word, _) in words.iter().flatten() {
                *asked.entry((*field, word.clone())).or_insert(0) += ROWS;
            }
            for (id, Seen(texts)) in rows.iter().enumerate() {
                let value = |name: &str| {
                    let at = FIELDS.iter().position(|(field, _)| *field == name)?;
                    Some(typed[id][at].clone())
                };
                let evaluated = checked.matches(value).unwrap();
                let expected = words.is_empty()
                    || words.iter().any(|group| {
                        group.iter().all(|(field, word, values)| {
                            naive(*field, word, values, texts[*field].as_deref())
                        })
                    });
                assert!(
                    evaluated == expected && in_sql[id] == expected,
                    "seed {seed}, batch {batch}: naive {expected}, evaluator {evaluated}, SQLite {}\n\
                     {}\non {texts:?}",
                    in_sql[id],
                    serde_json::to_string(&set).unwrap(),
                );
                pairs += 1;
                met += u64::from(expected);
            }
        }
    }
    println!("{pairs} pairs, {met} met, seed {seed}; rows asked by field and operator: {asked:?}");
    assert_eq!(pairs, 1_000_000);
    // Whatever the seed, the run has asked every field by every operator that goes with it, and
    // neither outcome is rare.
    let possible = FIELDS.iter().flat_map(|(_, field_type)| {
        domain::condition::Operator::ALL
            .into_iter()
            .filter(|operator| operator.goes_with(*field_type))
    });
    assert_eq!(asked.len(), possible.count());
    assert!(met > pairs / 10 && met < pairs * 9 / 10, "{met} of {pairs}");
}

#[test]
fn no_value_is_ever_part_of_the_sql() {
    let fields = Fields::from(FIELDS);
    let evil = "') OR 1=1; DROP TABLE row; --";
    let set = Conditions(vec![vec![Condition {
        field_name: "name".into(),
        operator: domain::condition::Operator::In,
        field_values: vec![evil.into(), "a".into()],
    }]]);
    let lowered = lower(&set.check(&fields).unwrap(), column_of).unwrap();
    assert_eq!(lowered.sql, "((ifnull(name IN (?, ?), 0)))");
    assert_eq!(lowered.values.len(), 2);
}

#[test]
fn the_largest_set_still_runs_and_numbers_beyond_the_integers_mean_what_they_say() {
    use domain::condition::Operator as O;
    let fields = Fields::from(FIELDS);
    let conn = Connection::open_in_memory().unwrap();
    let row = |quantity: &str| Seen([None, None, Some(quantity.into()), None, None, None, None]);
    store(&conn, &[row("1"), row("-1")], &mut Dice(0));
    let huge = "79228162514264337593543950335";
    let minus = format!("-{huge}");
    let ask = |operator, value: &str| {
        let set = Conditions(vec![vec![Condition {
            field_name: "quantity".into(),
            operator,
            field_values: vec![value.into()],
        }]]);
        kept_by_sqlite(&conn, &set, &fields, 2)
    };
    for operator in [O::Lt, O::Lte, O::N] {
        assert_eq!(ask(operator, huge), [true, true]);
    }
    for operator in [O::Gt, O::Gte, O::Eq] {
        assert_eq!(ask(operator, huge), [false, false]);
    }
    assert_eq!(ask(O::Gt, &minus), [true, true]);
    assert_eq!(ask(O::Lt, &minus), [false, false]);
    let one = |n: usize| Condition {
        field_name: "name".into(),
        operator: O::In,
        field_values: vec!["a".into(); n],
    };
    let wide = Conditions(vec![vec![one(70); 20]; 20]);
    assert_eq!(kept_by_sqlite(&conn, &wide, &fields, 2), [false, false]);
    let wider = Conditions(vec![vec![one(200); 20]; 20]);
    assert_eq!(
        lower(&wider.check(&fields).unwrap(), column_of),
        Err(ConditionError::TooLarge)
    );
}
