//! The tables of what is refused, and what shows where.

use super::*;
use crate::Money;
use crate::collection::PaymentMethod;
use crate::condition::{Condition, Operator};
use crate::id::{DistributorId, OrderId, TerminalId};
use crate::order::{OrderContent, SalesOrder};
use crate::quantity::LineDiscount;
use uuid::Uuid;

const BOUND: Bindings = Bindings {
    wechat_pay: true,
    alipay: false,
};

fn on() -> Config {
    Config {
        online_payment_enabled: true,
        collection_online_payment_enabled: true,
        ..Config::default()
    }
}

fn with(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = on();
    change(&mut config);
    config
}

fn when(field: &str, operator: Operator, values: &[&str]) -> Conditions {
    Conditions(vec![vec![Condition {
        field_name: field.into(),
        operator,
        field_values: values.iter().map(|value| (*value).to_owned()).collect(),
    }]])
}

fn order() -> SalesOrder {
    SalesOrder {
        id: OrderId(Uuid::from_u128(1)),
        number: "T07-261122-0001".into(),
        revision: 1,
        revised_by: OpId(Uuid::from_u128(2)),
        revisions: Vec::new(),
        state: OrderState::Confirmed,
        content: OrderContent {
            distributor: DistributorId(Uuid::from_u128(3)),
            distributor_name: "重庆锦里".into(),
            lines: Vec::new(),
            discount: LineDiscount::None,
            payment_method: Some(PaymentMethod::Online),
            remark: String::new(),
        },
        total_fen: Money::from_fen(10_000),
        paid_fen: Money::from_fen(4_000),
        staff: StaffId(Uuid::from_u128(4)),
        terminal: TerminalId(7),
        ordered_at: Timestamp(1_795_400_000_000),
    }
}

fn facts(order: &SalesOrder) -> OrderFacts<'_> {
    OrderFacts {
        order,
        waiting_fen: Money::ZERO,
        asked_fen: Money::ZERO,
        pending: false,
        to_look_at: false,
    }
}

fn shows(config: &Config, order: &SalesOrder, frozen: bool, role: Role, at: Placement) -> bool {
    let button = &config.buttons[0];
    config
        .shows_on(button, &facts(order), frozen, role, at)
        .unwrap()
}

#[test]
fn what_the_product_begins_with_is_off_and_in_order() {
    let config = Config::default();
    assert_eq!(config.check(), Ok(()));
    assert!(!config.online_payment_enabled);
    assert!(!config.layouts.order_list.show_online_payment_button);
    assert!(config.layouts.order_create.visible && config.layouts.order_edit.visible);
    assert_eq!(on().check(), Ok(()));
}

#[test]
fn every_refusal_names_its_field() {
    use ConfigProblem as P;
    let button = "buttons.sales_order.online_payment";
    let table: Vec<(Config, String, P)> = vec![
        (
            with(|c| c.intent_lifetime_s = 59),
            "intent_lifetime_s".into(),
            P::OutOfRange,
        ),
        (
            with(|c| c.intent_lifetime_s = 86_401),
            "intent_lifetime_s".into(),
            P::OutOfRange,
        ),
        (
            with(|c| c.online_payment_enabled = false),
            "collection_online_payment_enabled".into(),
            P::NeedsOnlinePayment,
        ),
        (
            with(|c| {
                c.layouts.order_create = FieldRule {
                    visible: false,
                    required: true,
                    readonly: false,
                }
            }),
            "layouts.order_create.payment_method".into(),
            P::RequiredHidden,
        ),
        (
            with(|c| {
                c.layouts.collection_create = FieldRule {
                    visible: true,
                    required: true,
                    readonly: true,
                }
            }),
            "layouts.collection_create.payment_method".into(),
            P::RequiredReadonly,
        ),
        (
            with(|c| {
                c.buttons.remove(0);
            }),
            button.into(),
            P::PresetMissing,
        ),
        (
            with(|c| c.buttons.push(c.buttons[1].clone())),
            "buttons.payment_collection.online_payment".into(),
            P::NotAPreset,
        ),
        (
            with(|c| {
                let mut own = c.buttons[0].clone();
                own.name = ButtonName::QrCodePayment;
                c.buttons.push(own);
            }),
            "buttons.sales_order.qr_code_payment".into(),
            P::NotAPreset,
        ),
        (
            with(|c| c.buttons[0].label_zh = " ".into()),
            format!("{button}.label_zh"),
            P::BadLabel,
        ),
        (
            with(|c| c.buttons[0].label_en = "x".repeat(25)),
            format!("{button}.label_en"),
            P::BadLabel,
        ),
        (
            with(|c| c.buttons[0].placements.clear()),
            format!("{button}.placements"),
            P::NoPlacement,
        ),
        (
            with(|c| c.buttons[0].roles.clear()),
            format!("{button}.roles"),
            P::NoRole,
        ),
        (
            with(|c| c.buttons[0].conditions = when("colour", Operator::Eq, &["red"])),
            format!("{button}.conditions.colour"),
            P::UnknownField,
        ),
        (
            with(|c| c.buttons[0].conditions = when("number", Operator::Unknown, &["1"])),
            format!("{button}.conditions.number"),
            P::UnknownOperator,
        ),
        (
            with(|c| c.buttons[0].conditions = when("state", Operator::Gt, &["closed"])),
            format!("{button}.conditions.state"),
            P::UnknownOperator,
        ),
        (
            with(|c| c.buttons[0].conditions = when("owed_fen", Operator::Gt, &["a lot"])),
            format!("{button}.conditions.owed_fen"),
            P::BadValue,
        ),
        (
            with(|c| c.buttons[0].conditions = when("owed_fen", Operator::Between, &["9", "1"])),
            format!("{button}.conditions.owed_fen"),
            P::BadValue,
        ),
        (
            with(|c| c.buttons[0].conditions = Conditions(vec![vec![]])),
            format!("{button}.conditions"),
            P::BadGroup,
        ),
        (
            with(|c| c.buttons[1].conditions = when("number", Operator::Isn, &[])),
            "buttons.payment_collection.online_payment.conditions.number".into(),
            P::UnknownField,
        ),
    ];
    for (config, field, problem) in table {
        assert_eq!(config.check(), Err(BadConfig { field, problem }));
    }
}

#[test]
fn what_switches_money_on_needs_a_wallet_and_what_is_on_stays() {
    let none = Bindings::default();
    let before = Config::default();
    let refused = on().replaces(&before, none);
    assert_eq!(
        refused,
        bad("online_payment_enabled", ConfigProblem::NoWallet)
    );
    assert_eq!(on().replaces(&before, BOUND), Ok(()));
    // A wallet that was retired later does not forbid to save something else, or to switch off.
    let other = with(|c| c.mode = CompanyMode::OneAndN);
    assert_eq!(other.replaces(&on(), none), Ok(()));
    assert_eq!(before.replaces(&on(), none), Ok(()));
    let orders_only = with(|c| c.collection_online_payment_enabled = false);
    let refused = on().replaces(&orders_only, none);
    assert_eq!(
        refused,
        bad("collection_online_payment_enabled", ConfigProblem::NoWallet)
    );
}

#[test]
fn the_list_shows_the_button_only_when_switched_on_and_the_detail_does_at_once() {
    let order = order();
    let (sales, detail, list) = (Role::Sales, Placement::Detail, Placement::ListRow);
    assert!(!shows(&Config::default(), &order, false, sales, detail));
    assert!(shows(&on(), &order, false, sales, detail));
    assert!(!shows(&on(), &order, false, sales, list));
    let listed = with(|c| c.layouts.order_list.show_online_payment_button = true);
    assert!(shows(&listed, &order, false, sales, list));
    assert!(!shows(&listed, &order, false, sales, Placement::Edit));
    assert!(!shows(&listed, &order, false, Role::Admin, list));
    let collections = listed.buttons_at(ButtonObject::PaymentCollection, sales, Placement::Create);
    assert_eq!(collections.len(), 2);
    let off = with(|c| c.collection_online_payment_enabled = false);
    let collections = off.buttons_at(ButtonObject::PaymentCollection, sales, Placement::Create);
    assert!(collections.is_empty());
}

#[test]
fn a_locked_order_shows_the_button_only_where_that_is_wanted() {
    let (order, detail) = (order(), Placement::Detail);
    let hidden = with(|c| c.buttons[0].show_when_locked = false);
    assert!(shows(&hidden, &order, false, Role::Sales, detail));
    assert!(!shows(&hidden, &order, true, Role::Sales, detail));
    assert!(shows(&on(), &order, true, Role::Sales, detail));
    let cancelled = SalesOrder {
        state: OrderState::Cancelled,
        ..order
    };
    assert!(!shows(&hidden, &cancelled, false, Role::Sales, detail));
}

#[test]
fn conditions_are_asked_of_the_orders_own_fields() {
    let order = order();
    for (field, operator, values, expected) in [
        ("owed_fen", Operator::Eq, ["6000"].as_slice(), true),
        ("owed_fen", Operator::Gt, &["6000"], false),
        (
            "payment_state",
            Operator::In,
            &["unpaid", "partly_paid"],
            true,
        ),
        ("payment_method", Operator::Eq, &["online"], true),
        ("payment_method", Operator::Is, &[], false),
        ("remark", Operator::Is, &[], true),
        ("distributor_name", Operator::Like, &["锦里"], true),
        ("lines", Operator::Eq, &["0"], true),
        ("ordered_on", Operator::Eq, &["2026-11-23"], true),
        ("number", Operator::N, &["T07-261122-0001"], false),
    ] {
        let config = with(|c| c.buttons[0].conditions = when(field, operator, values));
        assert_eq!(config.check(), Ok(()), "{field}");
        let held = shows(&config, &order, false, Role::Sales, Placement::Detail);
        assert_eq!(held, expected, "{field} {operator:?} {values:?}");
    }
}

#[test]
fn a_stored_document_with_missing_parts_takes_the_defaults() {
    let stored = r#"{"online_payment_enabled":true,"intent_lifetime_s":300}"#;
    let config: Config = serde_json::from_str(stored).unwrap();
    let expected = Config {
        online_payment_enabled: true,
        intent_lifetime_s: 300,
        ..Config::default()
    };
    assert_eq!(config, expected);
}

#[test]
fn a_page_admits_only_what_it_can_have_made() {
    use crate::collection::PaymentMethod::{Cash, Online};
    let rule = |visible, required, readonly| FieldRule {
        visible,
        required,
        readonly,
    };
    let refused = || {
        Err(Code::BadField {
            field: "payment_method".into(),
        })
    };
    let open = rule(true, false, false);
    assert_eq!(open.admits(None, Some(Cash)), Ok(()));
    assert_eq!(open.admits(Some(Cash), None), Ok(()));
    let must = rule(true, true, false);
    assert_eq!(must.admits(None, Some(Cash)), Ok(()));
    assert_eq!(must.admits(Some(Cash), None), refused());
    for fixed in [rule(true, false, true), rule(false, false, false)] {
        assert_eq!(fixed.keeps(Some(Cash), Some(Online)), Some(Cash));
        assert_eq!(fixed.admits(Some(Cash), Some(Cash)), Ok(()));
        assert_eq!(fixed.admits(Some(Cash), Some(Online)), refused());
        assert_eq!(fixed.admits(None, Some(Online)), refused());
    }
}
