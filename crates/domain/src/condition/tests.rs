//! The evaluator against a naive oracle, over the wire, on random conditions and rows.

use super::*;
use proptest::prelude::*;

fn fields() -> Fields {
    Fields::from([
        ("name", FieldType::Text),
        ("state", FieldType::Choice),
        ("quantity", FieldType::Number),
        ("total_fen", FieldType::Money),
        ("ordered_on", FieldType::Date),
        ("at", FieldType::Timestamp),
        ("frozen", FieldType::Boolean),
    ])
}

fn condition(field: &str, operator: &str, values: &[&str]) -> Condition {
    serde_json::from_value(serde_json::json!({
        "field_name": field, "operator": operator, "field_values": values,
    }))
    .unwrap()
}

fn check_one(one: &Condition) -> Result<CheckedConditions, ConditionError> {
    Conditions(vec![vec![one.clone()]]).check(&fields())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

#[test]
fn the_table_of_meanings() {
    let day = |day| Value::Date(jiff::civil::date(2026, 11, day));
    for (field, operator, values, value, expected) in [
        ("name", "EQ", &["华东"][..], text("华东"), true),
        ("name", "EQ", &["a"], text("A"), false),
        ("name", "EQ", &["a"], Value::Null, false),
        ("name", "N", &["a"], text("b"), true),
        ("name", "N", &["a"], Value::Null, true),
        ("name", "N", &["a"], text(""), true),
        ("name", "LIKE", &["东"], text("华东区"), true),
        ("name", "LIKE", &["Ab"], text("xaBx"), true),
        ("name", "LIKE", &["É"], text("é"), false),
        ("name", "LIKE", &["%"], text("abc"), false),
        ("name", "LIKE", &["50%"], text("save 50%"), true),
        ("name", "LIKE", &["a"], Value::Null, false),
        ("name", "IS", &[], text(""), true),
        ("name", "ISN", &[], text(""), false),
        ("name", "ISN", &[], text(" "), true),
        ("state", "IN", &["draft", "closed"], text("closed"), true),
        ("state", "IN", &["draft"], Value::Null, false),
        ("state", "NIN", &["draft"], text("draft"), false),
        ("state", "NIN", &["draft"], Value::Null, true),
        ("quantity", "EQ", &["1.0"], number("1"), true),
        ("quantity", "GT", &["1"], number("1.000001"), true),
        ("quantity", "GTE", &["-1"], number("-1"), true),
        ("quantity", "GT", &["1"], number("1.0"), false),
        ("quantity", "GTE", &["1"], number("0.999999"), false),
        ("quantity", "LT", &["10"], number("9"), true),
        ("quantity", "LT", &["10"], number("10"), false),
        ("quantity", "LTE", &["10"], number("10.0"), true),
        ("quantity", "LTE", &["10"], number("10.000001"), false),
        ("quantity", "LTE", &["10"], Value::Null, false),
        (
            "total_fen",
            "BETWEEN",
            &["100", "200"],
            Value::Money(Money::from_fen(100)),
            true,
        ),
        (
            "total_fen",
            "BETWEEN",
            &["100", "200"],
            Value::Money(Money::from_fen(200)),
            true,
        ),
        (
            "total_fen",
            "BETWEEN",
            &["100", "200"],
            Value::Money(Money::from_fen(201)),
            false,
        ),
        ("total_fen", "BETWEEN", &["100", "100"], Value::Null, false),
        ("ordered_on", "GT", &["2026-11-09"], day(10), true),
        ("at", "LT", &["-1"], Value::Timestamp(Timestamp(-2)), true),
        ("frozen", "EQ", &["true"], Value::Boolean(true), true),
        ("frozen", "N", &["true"], Value::Null, true),
        ("frozen", "IS", &[], Value::Null, true),
    ] {
        let one = condition(field, operator, values);
        let checked = check_one(&one).unwrap();
        let met = checked.matches(|name| (name == field).then(|| value.clone()));
        assert_eq!(
            met,
            Ok(expected),
            "{field} {operator} {values:?} on {value:?}"
        );
    }
}

#[test]
fn what_cannot_be_meant_is_refused_when_saved() {
    let field = || "name".to_owned();
    assert_eq!(
        check_one(&condition("nme", "EQ", &["a"])),
        Err(ConditionError::UnknownField("nme".to_owned()))
    );
    assert_eq!(
        check_one(&condition("name", "NLIKE", &["a"])),
        Err(ConditionError::UnknownOperator(field()))
    );
    for (name, operator, values) in [
        ("name", "GT", &["a"][..]),
        ("state", "LIKE", &["a"]),
        ("state", "BETWEEN", &["a", "b"]),
        ("frozen", "IN", &["true"]),
        ("total_fen", "LIKE", &["1"]),
    ] {
        let refused = check_one(&condition(name, operator, values));
        assert!(
            matches!(refused, Err(ConditionError::OperatorDoesNotFit { .. })),
            "{name} {operator}: {refused:?}"
        );
    }
    for (name, operator, values) in [
        ("name", "EQ", &[][..]),
        ("name", "EQ", &["a", "b"]),
        ("name", "IS", &["a"]),
        ("state", "IN", &[]),
        ("quantity", "BETWEEN", &["1"]),
    ] {
        let refused = check_one(&condition(name, operator, values));
        assert!(
            matches!(refused, Err(ConditionError::WrongNumberOfValues { .. })),
            "{name} {operator}: {refused:?}"
        );
    }
    for (name, value) in [
        ("name", ""),
        ("quantity", "many"),
        ("quantity", "1e9"),
        ("total_fen", "1.5"),
        ("total_fen", "+1"),
        ("total_fen", "9999999999999999"),
        ("ordered_on", "2026-02-30"),
        ("ordered_on", "20261122"),
        ("at", "2026-11-22"),
        ("frozen", "yes"),
    ] {
        let refused = check_one(&condition(name, "EQ", &[value]));
        assert!(
            matches!(refused, Err(ConditionError::BadValue { .. })),
            "{name} {value}: {refused:?}"
        );
    }
    assert_eq!(
        check_one(&condition("quantity", "BETWEEN", &["2", "1"])),
        Err(ConditionError::EmptyRange("quantity".to_owned()))
    );
    assert_eq!(
        Conditions(vec![vec![]]).check(&fields()),
        Err(ConditionError::EmptyGroup)
    );
    let one = || condition("name", "EQ", &["a"]);
    for large in [
        Conditions(vec![vec![one()]; MAX_GROUPS + 1]),
        Conditions(vec![vec![one(); MAX_CONDITIONS + 1]]),
        Conditions(vec![vec![condition("name", "IN", &["a"; MAX_VALUES + 1])]]),
        Conditions(vec![vec![condition(
            "name",
            "EQ",
            &[&"长".repeat(MAX_VALUE_CHARS + 1)],
        )]]),
    ] {
        assert_eq!(large.check(&fields()), Err(ConditionError::TooLarge));
    }
}

#[test]
fn no_group_is_always_and_a_foreign_row_is_an_error() {
    let always = Conditions::default().check(&fields()).unwrap();
    assert_eq!(always.matches(|_| None), Ok(true));
    let checked = check_one(&condition("name", "EQ", &["a"])).unwrap();
    assert_eq!(
        checked.matches(|_| None),
        Err(ConditionError::UnknownField("name".to_owned()))
    );
    assert_eq!(
        checked.matches(|_| Some(Value::Boolean(true))),
        Err(ConditionError::RowDoesNotFit("name".to_owned()))
    );
}

/// The first cells of the table under a heading of docs/conditions.md, with the rest of each row.
fn documented(heading: &str) -> Vec<(String, Vec<String>)> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/conditions.md");
    let page = std::fs::read_to_string(file).unwrap();
    page.lines()
        .skip_while(|line| *line != heading)
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|row| {
            let mut cells = row.split('|').skip(1).map(|cell| cell.trim().to_owned());
            let name = cells.next().unwrap().replace('`', "");
            (name, cells.collect())
        })
        .collect()
}

#[test]
fn the_docs_list_exactly_these_operators_and_what_they_go_with() {
    let types = [
        FieldType::Text,
        FieldType::Choice,
        FieldType::Number,
        FieldType::Money,
        FieldType::Date,
        FieldType::Timestamp,
        FieldType::Boolean,
    ];
    let documented = documented("## Operators");
    assert_eq!(documented.len(), Operator::ALL.len());
    for (operator, (name, cells)) in Operator::ALL.into_iter().zip(documented) {
        // No arm for the rest: an operator that is added must be put into ALL, and so into the docs.
        match operator {
            Operator::Eq | Operator::N | Operator::Gt | Operator::Gte | Operator::Lt => {}
            Operator::Lte | Operator::In | Operator::Nin | Operator::Between => {}
            Operator::Like | Operator::Is | Operator::Isn | Operator::Unknown => {}
        }
        assert_eq!(serde_json::to_value(operator).unwrap(), name);
        let word = |field_type: FieldType| {
            let word = serde_json::to_value(field_type).unwrap();
            word.as_str().unwrap().to_owned()
        };
        let goes_with: Vec<String> = types
            .into_iter()
            .filter(|field_type| operator.goes_with(*field_type))
            .map(word)
            .collect();
        let said: Vec<String> = match cells[1].as_str() {
            "every type" => types.into_iter().map(word).collect(),
            "all but boolean" => types[..6].iter().copied().map(word).collect(),
            listed => listed.split(", ").map(str::to_owned).collect(),
        };
        assert_eq!(said, goes_with, "{name}");
        let (field, value) = if operator.goes_with(FieldType::Choice) {
            ("state", "a")
        } else if operator.goes_with(FieldType::Number) {
            ("quantity", "1")
        } else {
            ("name", "a")
        };
        let count = match cells[0].as_str() {
            "0" => 0,
            "2" => 2,
            _ => 1,
        };
        let on_null = check_one(&condition(field, &name, &vec![value; count])).unwrap();
        let met = on_null.matches(|_| Some(Value::Null)).unwrap();
        assert_eq!(cells[3].replace('*', ""), met.to_string(), "{name} on NULL");
    }
}

#[test]
fn the_docs_list_exactly_the_fields_of_sales_orders() {
    let said: std::collections::BTreeMap<String, String> = documented("## Fields of sales orders")
        .into_iter()
        .map(|(name, cells)| (name, cells[0].clone()))
        .collect();
    let held: std::collections::BTreeMap<String, String> = crate::order::fields::fields()
        .into_iter()
        .map(|(name, field_type)| {
            let word = serde_json::to_value(field_type).unwrap();
            (name.to_owned(), word.as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(said, held);
}

/// The table of meanings again, on whole numbers and without any of the code above.
fn oracle(operator: &str, values: &[i64], held: Option<i64>) -> bool {
    match (operator, held) {
        ("IS", held) => held.is_none(),
        ("ISN", held) => held.is_some(),
        ("N" | "NIN", None) => true,
        (_, None) => false,
        ("EQ" | "IN", Some(held)) => values.contains(&held),
        ("N" | "NIN", Some(held)) => values.iter().all(|value| *value != held),
        ("GT", Some(held)) => held > values[0],
        ("GTE", Some(held)) => held >= values[0],
        ("LT", Some(held)) => held < values[0],
        ("LTE", Some(held)) => held <= values[0],
        (_, Some(held)) => values[0] <= held && held <= values[1],
    }
}

fn any_test() -> impl Strategy<Value = (&'static str, Vec<i64>)> {
    let one = prop::sample::select(&["EQ", "N", "GT", "GTE", "LT", "LTE"][..]);
    let many = prop::sample::select(&["IN", "NIN"][..]);
    let none = prop::sample::select(&["IS", "ISN"][..]);
    prop_oneof![
        (one, prop::collection::vec(-2_i64..3, 1)),
        (many, prop::collection::vec(-2_i64..3, 1..4)),
        (none, Just(Vec::new())),
        (-2_i64..3, 0_i64..3).prop_map(|(low, more)| ("BETWEEN", vec![low, low + more])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_set_decides_as_the_naive_reading_of_it(
        groups in prop::collection::vec(
            prop::collection::vec((any_test(), prop::bool::ANY), 1..4), 0..4,
        ),
        money in prop::option::of(-3_i64..4),
        count in prop::option::of(-3_i64..4),
    ) {
        let mut expected = groups.is_empty();
        let mut set = Vec::new();
        for group in &groups {
            let mut all = true;
            let mut conditions = Vec::new();
            for ((operator, values), on_money) in group {
                all &= oracle(operator, values, if *on_money { money } else { count });
                let texts: Vec<String> = values.iter().map(i64::to_string).collect();
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let field = if *on_money { "total_fen" } else { "quantity" };
                conditions.push(condition(field, operator, &texts));
            }
            expected |= all;
            set.push(conditions);
        }
        let set = Conditions(set);
        let sent: Conditions =
            serde_json::from_str(&serde_json::to_string(&set).unwrap()).unwrap();
        prop_assert_eq!(&sent, &set);
        let met = sent.check(&fields()).unwrap().matches(|name| match name {
            "total_fen" => Some(money.map_or(Value::Null, |m| Value::Money(Money::from_fen(m)))),
            _ => Some(count.map_or(Value::Null, |n| Value::Number(n.into()))),
        });
        prop_assert_eq!(met, Ok(expected));
    }
}
