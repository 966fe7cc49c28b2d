//! The order list as the window uses it: through THE LIST of commands, on a real folder.

use crate::api::dispatch;
use crate::files::DatabaseKey;
use crate::ledger::order_list::tests::many_more;
use crate::ledger::tests::{FINANCE, SALES, apply, enrol, order_id, staff, submit};
use crate::staff::name_of;
use crate::terminal::Terminal;
use domain::Code;
use domain::condition::ConditionProblem;
use domain::id::{OpId, TerminalId};
use domain::operation::{Basis, OpBody, OrderCancel, OrderEdit, Origin};
use domain::role::Role;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;
use wire::SystemEnv;

fn open(dir: &Path) -> Terminal {
    let key = DatabaseKey::from_bytes([1; 32]);
    Terminal::open(dir, key, Arc::new(SystemEnv::new())).unwrap()
}

/// Three orders: two of the seller's, one with a name that a spreadsheet would run.
fn desk(dir: &Path) -> Terminal {
    let terminal = open(dir);
    enrol(terminal.ledger());
    let ledger = terminal.ledger();
    ledger
        .transact("orders", |tx| {
            for n in 30..33 {
                submit(tx, order_id(n))?;
            }
            Ok(())
        })
        .unwrap();
    let mut order = ledger.order(order_id(31)).unwrap().order;
    order.staff = FINANCE;
    order.number = "00012".into();
    order.content.distributor_name = "=HYPERLINK(\"http://x\"), 行\n二".into();
    assert!(apply(ledger, order.id, &order, 1));
    terminal.session().set(Some(staff(SALES, Role::Sales)));
    terminal
}

fn call(terminal: &Terminal, command: &str, input: Value) -> Result<Value, Code> {
    dispatch(terminal, command, input).map(|answer| answer.value)
}

fn listed(scenario: &str, conditions: &Value) -> Value {
    json!({ "scenario": scenario, "payment_states": [], "distributor": null, "query": "",
            "conditions": conditions, "before": null, "limit": 50 })
}

fn export(conditions: &Value, fields: &[&str]) -> Value {
    let columns: Vec<Value> = fields
        .iter()
        .map(|field| json!({ "field": field, "title": format!("列 {field}"), "words": { "unpaid": "未付", "false": "否", "true": "是" } }))
        .collect();
    json!({ "scenario": "all", "payment_states": [], "distributor": null, "query": "",
            "conditions": conditions, "columns": columns })
}

#[test]
fn a_list_is_ones_own_or_everybodys_and_meets_its_conditions() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = desk(dir.path());
    let rows = |input: Value| {
        let rows = call(&terminal, "order_list", input).unwrap();
        rows.as_array().unwrap().len()
    };
    assert_eq!(rows(listed("all", &json!([]))), 3);
    assert_eq!(rows(listed("mine", &json!([]))), 2);
    let leading =
        json!([[{ "field_name": "number", "operator": "LIKE", "field_values": ["0001"] }]]);
    // The seller's first number ends in 0001, the other's begins so.
    assert_eq!(
        (
            rows(listed("mine", &leading)),
            rows(listed("all", &leading))
        ),
        (1, 2)
    );
    let other = json!([[{ "field_name": "staff", "operator": "N", "field_values": [SALES] }]]);
    assert_eq!(
        (rows(listed("all", &other)), rows(listed("mine", &other))),
        (1, 0)
    );
    let mut older = listed("all", &json!([]));
    older.as_object_mut().unwrap().remove("conditions");
    assert_eq!(
        rows(older),
        3,
        "a caller that knows no conditions asks for all"
    );
}

#[test]
fn what_other_terminals_changed_stands_in_the_timeline_once() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = desk(dir.path());
    let ledger = terminal.ledger();
    let order = order_id(30);
    let mut held = ledger.order(order).unwrap().order;
    let edit = OrderEdit {
        order,
        on: Basis::Operation(held.revised_by),
        content: held.content.clone(),
        config: 0,
        hold: false,
    };
    let body = OpBody::OrderEdit(edit.clone());
    let own = ledger
        .transact("edit", |tx| tx.append(SALES, body, &[]))
        .unwrap()
        .value;
    let now = terminal.env().now();
    let origin = |op: OpId, ms: i64| Origin {
        op_id: op,
        staff: FINANCE,
        terminal: TerminalId(9),
        at: now.plus_ms(ms),
    };
    // As the backend tells it: the own edit, another's, and another's cancellation.
    let theirs = [50, 51].map(|n| OpId(Uuid::from_u128(n)));
    held = held.edit(&edit, &origin(own, 0)).unwrap();
    let edit = OrderEdit {
        on: Basis::Revision(held.revision),
        ..edit
    };
    held = held.edit(&edit, &origin(theirs[0], 1_000)).unwrap();
    let cancel = OrderCancel {
        order,
        on: Basis::Revision(held.revision),
        reason: "r".into(),
    };
    held = held.cancel(&cancel, &origin(theirs[1], 2_000)).unwrap();
    assert!(apply(ledger, order, &held, 9));
    let detail = call(&terminal, "order_detail", json!({ "order": order })).unwrap();
    let told: Vec<_> = detail["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            let elsewhere = entry["elsewhere"].as_bool().unwrap();
            (text("kind"), text("staff_name"), elsewhere)
        })
        .collect();
    let (seller, finance) = (name_of(&terminal, SALES), name_of(&terminal, FINANCE));
    assert!(!finance.is_empty());
    let expected = [
        ("order_submit", &seller, false),
        ("order_edit", &seller, false),
        ("order_edit", &finance, true),
        ("order_cancel", &finance, true),
    ];
    let expected = expected.map(|(kind, who, where_)| (kind.to_owned(), who.clone(), where_));
    assert_eq!(told, expected);
}

#[test]
fn each_person_keeps_named_lists_and_what_cannot_be_used_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = desk(dir.path());
    let list = |name: &str, field: &str| {
        json!({ "name": name, "scenario": "mine",
                "conditions": [[{ "field_name": field, "operator": "IS", "field_values": [] }]] })
    };
    let keep = |lists: Value| {
        let input = json!({ "saved": lists, "hidden_columns": ["paid"] });
        call(&terminal, "order_list_set_up", input)
    };
    keep(json!([list(" 无备注 ", "remark")])).unwrap();
    assert_eq!(
        keep(json!([list("x", "colour")])),
        Err(Code::BadCondition {
            field: "colour".into(),
            problem: ConditionProblem::UnknownField
        })
    );
    let name = Code::BadField {
        field: "name".into(),
    };
    assert_eq!(keep(json!([list(" ", "remark")])), Err(name.clone()));
    assert_eq!(
        keep(json!([list("x", "remark"), list("x ", "remark")])),
        Err(name)
    );
    terminal.session().set(Some(staff(FINANCE, Role::Finance)));
    let other = call(&terminal, "order_list_setup", json!({})).unwrap();
    assert_eq!(other, json!({ "saved": [], "hidden_columns": [] }));
    drop(terminal);
    let again = open(dir.path());
    again.session().set(Some(staff(SALES, Role::Sales)));
    let held = call(&again, "order_list_setup", json!({})).unwrap();
    assert_eq!(
        held,
        json!({ "saved": [list("无备注", "remark")], "hidden_columns": ["paid"] })
    );
}

#[test]
fn an_export_is_whole_named_and_safe_to_open() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = desk(dir.path());
    let fields = [
        "number",
        "distributor_name",
        "total_fen",
        "payment_state",
        "pending",
        "payment_method",
    ];
    let done = call(&terminal, "order_export", export(&json!([]), &fields)).unwrap();
    assert_eq!(done["rows"], 3);
    let file = Path::new(done["file"].as_str().unwrap());
    assert_eq!(file.parent().unwrap(), dir.path().join("exports"));
    let text = std::fs::read_to_string(file).unwrap();
    let head = "\u{feff}列 number,列 distributor_name,列 total_fen,列 payment_state,列 pending,列 payment_method\r\n";
    assert!(text.starts_with(head), "{text}");
    let evil = "\t00012,\"'=HYPERLINK(\"\"http://x\"\"), 行\n二\",30.00,未付,是,\r\n";
    assert!(text.contains(evil), "{text}");
    assert_eq!(text.matches("\r\n").count(), 4);
    let one = json!([[{ "field_name": "number", "operator": "EQ", "field_values": ["00012"] }]]);
    let narrowed = call(&terminal, "order_export", export(&one, &fields)).unwrap();
    assert_eq!(narrowed["rows"], 1);
    assert_ne!(
        narrowed["file"], done["file"],
        "an earlier export stays as it is"
    );
}

#[test]
fn a_hundred_thousand_orders_are_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = desk(dir.path());
    many_more(terminal.ledger(), "00012", 99_997);
    let fields = [
        "number",
        "distributor_name",
        "ordered_at",
        "total_fen",
        "payment_state",
    ];
    let done = call(&terminal, "order_export", export(&json!([]), &fields)).unwrap();
    assert_eq!(done["rows"], 100_000);
    let text = std::fs::read_to_string(done["file"].as_str().unwrap()).unwrap();
    assert_eq!(text.matches("\r\n").count(), 100_001);
    let small = json!([[{ "field_name": "total_fen", "operator": "BETWEEN", "field_values": ["101", "110"] }]]);
    let done = call(&terminal, "order_export", export(&small, &fields)).unwrap();
    assert_eq!(done["rows"], 10);
}

#[test]
fn a_refused_export_leaves_no_file_behind() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = desk(dir.path());
    let none = json!([]);
    let colour = || Code::BadField {
        field: "colour".into(),
    };
    let asked = call(
        &terminal,
        "order_export",
        export(&none, &["number", "colour"]),
    );
    assert_eq!(asked, Err(colour()));
    let bad = json!([[{ "field_name": "colour", "operator": "IS", "field_values": [] }]]);
    let asked = call(&terminal, "order_export", export(&bad, &["number"]));
    assert!(matches!(asked, Err(Code::BadCondition { .. })), "{asked:?}");
    assert!(call(&terminal, "order_export", export(&none, &[])).is_err());
    let left: Vec<_> = std::fs::read_dir(dir.path().join("exports"))
        .unwrap()
        .collect();
    assert!(left.is_empty(), "{left:?}");
    std::fs::remove_dir(dir.path().join("exports")).unwrap();
    std::fs::write(dir.path().join("exports"), "in the way").unwrap();
    let asked = call(&terminal, "order_export", export(&none, &["number"]));
    assert!(
        asked.is_err(),
        "a file stands where the folder should be: {asked:?}"
    );
    terminal.session().set(None);
    let asked = call(&terminal, "order_export", export(&none, &["number"]));
    assert_eq!(asked, Err(Code::Locked));
}
