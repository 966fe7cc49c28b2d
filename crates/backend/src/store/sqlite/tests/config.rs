//! The administrator's configuration: by versions, one at a time, and what it switches.

use crate::store::Store;
use crate::testing::{ADMIN, LEAD, SALES, World, distributor};
use domain::channel::Bindings;
use domain::code::Code;
use domain::config::{Config, ConfigProblem, ConfigVersion};
use domain::operation::{ConfigChange, OpBody};
use domain::role::Role;
use rusqlite::Connection;
use wire::change::Doc;
use wire::verdict::VerdictKind;

fn change(on: u32, config: Config) -> OpBody {
    OpBody::ConfigChange(ConfigChange { on, config })
}

fn rejected(reason: Code) -> VerdictKind {
    VerdictKind::Rejected { reason }
}

fn held(world: &World) -> ConfigVersion {
    world.store.config(&world.cx()).unwrap()
}

#[test]
fn an_administrators_change_is_a_new_version_and_reaches_every_terminal() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let mut other = world.enrol("T02");
    let before = held(&world);
    assert_eq!((before.version, before.author), (1, None));
    let mut config = before.config.clone();
    config.layouts.order_list.show_online_payment_button = true;
    let verdict = desk.act(&world, ADMIN, change(1, config.clone()));
    assert_eq!(verdict, VerdictKind::Applied);
    let now = held(&world);
    assert_eq!(
        (now.version, now.author, &now.config),
        (2, Some(ADMIN), &config)
    );
    assert_eq!(now.op.is_some(), desk.sent.len() == 1);
    other.pull_all(&world);
    let sent: Vec<&ConfigVersion> = other
        .seen
        .iter()
        .filter_map(|change| match &change.doc {
            Doc::Config(version) => Some(version),
            _ => None,
        })
        .collect();
    assert_eq!(sent, [&before, &now]);
    // Before and after stay: the history is the rows themselves.
    let history = world.store.config_history(&world.cx()).unwrap();
    assert_eq!(history, [before, now]);
}

#[test]
fn of_two_who_save_the_same_version_the_second_is_told_which_one_is_held() {
    let world = World::new();
    let (mut first, mut second) = (world.enrol("T01"), world.enrol("T02"));
    let mut config = held(&world).config;
    config.intent_lifetime_s = 600;
    let verdict = first.act(&world, ADMIN, change(1, config.clone()));
    assert_eq!(verdict, VerdictKind::Applied);
    config.intent_lifetime_s = 1_200;
    let verdict = second.act(&world, ADMIN, change(1, config.clone()));
    assert_eq!(verdict, rejected(Code::Conflict { held: 2 }));
    assert_eq!(held(&world).config.intent_lifetime_s, 600);
    let verdict = second.act(&world, ADMIN, change(2, config));
    assert_eq!(verdict, VerdictKind::Applied);
    assert_eq!(held(&world).version, 3);
}

#[test]
fn nobody_but_an_administrator_configures() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    for (staff, role) in [(SALES, Role::Sales), (LEAD, Role::FinanceLead)] {
        let verdict = desk.act(&world, staff, change(1, Config::default()));
        assert_eq!(verdict, rejected(Code::NotAllowed { role }));
    }
    assert_eq!(held(&world).version, 1);
}

#[test]
fn online_payment_is_not_switched_on_without_a_wallet_and_off_refuses_new_asks() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let on = held(&world).config;
    let off = Config {
        online_payment_enabled: false,
        ..on.clone()
    };
    let order = desk.order(&world, distributor(1), 10_000);
    let verdict = desk.act(&world, ADMIN, change(1, off));
    assert_eq!(verdict, VerdictKind::Applied);
    let body = desk.ask_body(&world, distributor(1), Some(order), 10_000);
    let verdict = desk.act(&world, SALES, OpBody::IntentOpen(body));
    assert_eq!(verdict, rejected(Code::OnlinePaymentOff));

    for mut binding in world.store.bindings(&world.cx()).unwrap() {
        binding.active = false;
        world.store.put_binding(&world.cx(), &binding).unwrap();
    }
    assert_eq!(held(&world).bindings, Bindings::default());
    desk.pull_all(&world);
    let told = desk.seen.iter().rev().find_map(|change| match &change.doc {
        Doc::Config(version) => Some(version.clone()),
        _ => None,
    });
    assert_eq!(told, Some(held(&world)), "terminals learn what is bound");
    let verdict = desk.act(&world, ADMIN, change(2, on));
    let reason = Code::BadConfig {
        field: "online_payment_enabled".into(),
        problem: ConfigProblem::NoWallet,
    };
    assert_eq!(verdict, rejected(reason));
}

#[test]
fn older_settings_become_the_first_version_and_are_told_once() {
    let world = World::new();
    world
        .store
        .write(&world.cx(), |work| {
            // As a file of the program before: no versions, the two settings in the company's row.
            work.tx.execute_batch(
                "DELETE FROM change; DROP TABLE config_version;
                 UPDATE company SET settings = json_set(settings,
                   '$.online_payment', json('true'), '$.intent_life_ms', 300000)",
            )?;
            work.tx.execute_batch(include_str!(
                "../../../../../../migrations/backend/sqlite/0004_config.sql"
            ))?;
            Ok(())
        })
        .unwrap();
    let expected = Config {
        online_payment_enabled: true,
        intent_lifetime_s: 300,
        ..Config::default()
    };
    assert_eq!((held(&world).version, held(&world).config), (1, expected));
    for _ in 0..2 {
        world.store.resume_versions(&world.cx()).unwrap();
    }
    let told: i64 = world
        .store
        .read(|tx: &Connection| {
            let sql = "SELECT count(*) FROM change WHERE doc = 'config'";
            Ok(tx.query_row(sql, [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(told, 1);
}
