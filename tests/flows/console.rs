//! The administrator's console, through the same commands as its window: what is decided at one
//! terminal is what the others work by, online and offline.

use crate::desk::Desk;
use domain::code::Code;
use domain::config::{ButtonName, ConfigProblem};
use domain::role::Role;
use serde_json::{Value, json};
use terminal::api::config::{ButtonsView, ConfigEntry, ConfigView};
use terminal::api::staff::SessionView;
use testkit::company;

/// The administrator's number among the staff.
const ADMIN: usize = 4;

fn unlock(desk: &mut Desk, at: usize, staff: usize) {
    let input = json!({ "staff": company::staff(staff), "pin": company::PIN });
    let _: Value = desk.call(at, "unlock", input);
}

fn config(desk: &mut Desk, at: usize) -> ConfigView {
    desk.call(at, "config", json!({}))
}

fn save(desk: &mut Desk, at: usize, on: u32, config: &domain::config::Config) -> ConfigView {
    desk.call(at, "config_change", json!({ "on": on, "config": config }))
}

fn on_list(desk: &mut Desk, at: usize, order: domain::id::OrderId) -> ButtonsView {
    let input = json!({ "object": "sales_order", "placement": "list_row", "orders": [order] });
    desk.call(at, "buttons", input)
}

#[test]
fn a_switch_reaches_the_sellers_and_holds_while_they_are_offline() {
    let mut desk = Desk::open();
    desk.sync();
    let distributor = desk.distributor(0, "cqyz");
    let draft = desk.draft(0, distributor, &[("P001", 2)]);
    let order = desk.f12(0, draft.order).order.order.id;
    desk.sync();
    // The list's button is off until switched on; the detail's is on.
    assert_eq!(on_list(&mut desk, 0, order).buttons, []);
    let input = json!({ "object": "sales_order", "placement": "detail", "orders": [order] });
    let detail: ButtonsView = desk.call(0, "buttons", input);
    assert_eq!(detail.orders[0].buttons, [ButtonName::OnlinePayment]);

    unlock(&mut desk, 1, ADMIN);
    let held = config(&mut desk, 1);
    assert_eq!(held.current.version, 1);
    assert!(held.current.bindings.wechat_pay && held.current.bindings.alipay);
    let mut wanted = held.current.config;
    wanted.layouts.order_list.show_online_payment_button = true;
    wanted.buttons[0].label_en = "Pay now".into();
    let waiting = save(&mut desk, 1, 1, &wanted);
    assert_eq!(waiting.current.version, 1, "only the backend's word counts");
    assert_eq!(waiting.own.map(|own| own.refused), Some(None));
    let again = json!({ "on": 1, "config": wanted });
    assert_eq!(desk.refused(1, "config_change", again), Code::ConfigWaiting);
    desk.sync();
    let now = config(&mut desk, 1);
    assert_eq!((now.current.version, now.own), (2, None));
    assert_eq!(now.author_name, "孙管");
    let shown = on_list(&mut desk, 0, order);
    assert_eq!(shown.buttons[0].label_en, "Pay now");
    assert_eq!(shown.orders[0].buttons, [ButtonName::OnlinePayment]);

    // Off: a seller who heard it and then lost the network asks for nothing online.
    wanted.online_payment_enabled = false;
    save(&mut desk, 1, 2, &wanted);
    desk.sync();
    desk.world.work_offline(0, true).unwrap();
    let input = json!({ "orders": [order], "amount_fen": null });
    assert_eq!(desk.refused(0, "pay_orders", input), Code::OnlinePaymentOff);
    assert_eq!(on_list(&mut desk, 0, order).buttons, []);
    let session: SessionView = desk.call(0, "session_state", json!({}));
    assert!(!session.online_payment);
    let offline = config(&mut desk, 0);
    assert_eq!((offline.current.version, offline.current.at), {
        let told = config(&mut desk, 1).current;
        (told.version, told.at)
    });

    // Restoring a version is a new version with its content; the seller learns it with the network.
    let history: Vec<ConfigEntry> = desk.call(1, "config_history", json!({}));
    let versions: Vec<u32> = history.iter().map(|entry| entry.version.version).collect();
    assert_eq!(versions, [3, 2, 1]);
    save(&mut desk, 1, 3, &history[1].version.config);
    desk.world.work_offline(0, false).unwrap();
    desk.sync();
    assert_eq!(config(&mut desk, 0).current.version, 4);
    let sheet = desk.f9(0, order);
    assert_eq!(sheet.intent.intent.allocations[0].order, order);
    desk.closes();
}

#[test]
fn the_second_of_two_administrators_sees_both_versions_and_a_seller_changes_nothing() {
    let mut desk = Desk::open();
    desk.sync();
    unlock(&mut desk, 0, ADMIN);
    unlock(&mut desk, 1, ADMIN);
    let held = config(&mut desk, 0).current;
    let mut first = held.config.clone();
    first.intent_lifetime_s = 600;
    let mut second = held.config;
    second.intent_lifetime_s = 1_200;
    desk.world.work_offline(1, true).unwrap();
    save(&mut desk, 1, 1, &second);
    save(&mut desk, 0, 1, &first);
    desk.sync();
    desk.world.work_offline(1, false).unwrap();
    desk.sync();
    let view = config(&mut desk, 1);
    assert_eq!(view.current.config.intent_lifetime_s, 600);
    let own = view.own.expect("the refused one is kept");
    assert_eq!(own.config.intent_lifetime_s, 1_200);
    assert_eq!(own.refused, Some(Code::Conflict { held: 2 }));
    // Having seen both, the second decides again on what is held.
    let stale = json!({ "on": 1, "config": second });
    let refused = desk.refused(1, "config_change", stale);
    assert_eq!(refused, Code::Conflict { held: 2 });
    save(&mut desk, 1, 2, &second);
    desk.sync();
    let view = config(&mut desk, 0);
    assert_eq!((view.current.version, view.own), (3, None));
    assert_eq!(view.current.config.intent_lifetime_s, 1_200);

    let mut bad = second.clone();
    bad.buttons[0].placements.clear();
    let input = json!({ "on": 3, "config": bad });
    let reason = Code::BadConfig {
        field: "buttons.sales_order.online_payment.placements".into(),
        problem: ConfigProblem::NoPlacement,
    };
    assert_eq!(desk.refused(0, "config_change", input), reason);
    unlock(&mut desk, 0, 0);
    let input = json!({ "on": 3, "config": first });
    let role = Role::Sales;
    assert_eq!(
        desk.refused(0, "config_change", input),
        Code::NotAllowed { role }
    );
    desk.closes();
}
