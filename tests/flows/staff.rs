//! Staff through the console's commands: who comes, changes and leaves, at every terminal.

use crate::desk::Desk;
use domain::code::Code;
use domain::id::DepartmentId;
use domain::role::Role;
use domain::staff::Department;
use serde_json::{Value, json};
use terminal::api::config::ConfigView;
use terminal::api::staff::{SessionView, StaffEntry, StaffMember, StaffRow, StaffView};
use testkit::company;
use uuid::Uuid;

/// The administrator's number among the staff.
const ADMIN: usize = 4;
const PIN: &str = "482913";

fn unlock(desk: &mut Desk, at: usize) {
    let input = json!({ "staff": company::staff(ADMIN), "pin": company::PIN });
    let _: Value = desk.call(at, "unlock", input);
}

fn add(desk: &mut Desk, at: usize, name: &str, department: Option<DepartmentId>) -> StaffView {
    let terms = json!({ "name": name, "role": "sales", "department": department, "active": true });
    let input = json!({ "staff": null, "on": null, "terms": terms, "pin": PIN });
    desk.call(at, "staff_change", input)
}

fn member(desk: &mut Desk, at: usize, name: &str) -> StaffMember {
    let view: StaffView = desk.call(at, "staff_members", json!({}));
    let mut members = view.members.into_iter();
    members
        .find(|one| one.terms.name == name)
        .expect("is there")
}

fn change(member: &StaffMember, to: &domain::staff::StaffTerms) -> Value {
    json!({ "staff": member.id, "on": member.revision, "terms": to, "pin": null })
}

#[test]
fn somebody_new_unlocks_another_terminal_with_their_pin_and_department_and_can_leave_again() {
    let mut desk = Desk::open();
    desk.sync();
    unlock(&mut desk, 1);
    let held: ConfigView = desk.call(1, "config", json!({}));
    let mut config = held.current.config;
    let east = DepartmentId(Uuid::from_u128(5));
    config.departments.push(Department {
        id: east,
        name: "华东".into(),
        parent: None,
    });
    let input = json!({ "on": held.current.version, "config": config });
    let _: ConfigView = desk.call(1, "config_change", input);
    desk.sync();

    add(&mut desk, 1, " 赵新 ", Some(east));
    desk.sync();
    let new = member(&mut desk, 1, "赵新");
    assert_eq!((new.revision, new.terms.department), (1, Some(east)));
    let input = json!({ "staff": new.id, "pin": PIN });
    let session: SessionView = desk.call(0, "unlock", input.clone());
    let who = session.staff.expect("unlocked");
    assert_eq!((who.name.as_str(), who.department), ("赵新", Some(east)));

    let left = domain::staff::StaffTerms {
        active: false,
        ..new.terms.clone()
    };
    let _: StaffView = desk.call(1, "staff_change", change(&new, &left));
    desk.sync();
    assert_eq!(desk.refused(0, "unlock", input), Code::UnknownStaff);
    let shown: Vec<StaffRow> = desk.call(0, "staff_list", json!({}));
    assert!(shown.iter().all(|one| one.id != new.id));
    let history: Vec<StaffEntry> = desk.call(1, "staff_history", json!({}));
    let lines: Vec<_> = history
        .iter()
        .map(|entry| {
            (
                &entry.version.before,
                &entry.version.after,
                entry.version.pin_reset,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (&Some(new.terms.clone()), &left, false),
            (&None, &new.terms, true)
        ]
    );
    assert!(
        history
            .iter()
            .all(|entry| entry.version.author == Some(company::staff(ADMIN)))
    );
    desk.closes();
}

#[test]
fn the_second_of_two_who_change_a_person_sees_both_and_the_last_administrator_stays() {
    let mut desk = Desk::open();
    desk.sync();
    unlock(&mut desk, 0);
    unlock(&mut desk, 1);
    add(&mut desk, 0, "赵新", None);
    desk.sync();
    let seen = member(&mut desk, 1, "赵新");
    desk.world.work_offline(1, true).unwrap();
    let finance = domain::staff::StaffTerms {
        role: Role::Finance,
        ..seen.terms.clone()
    };
    let lead = domain::staff::StaffTerms {
        role: Role::FinanceLead,
        ..seen.terms.clone()
    };
    let waiting: StaffView = desk.call(1, "staff_change", change(&seen, &lead));
    assert_eq!(waiting.own[0].refused, None);
    let _: StaffView = desk.call(0, "staff_change", change(&seen, &finance));
    desk.sync();
    desk.world.work_offline(1, false).unwrap();
    desk.sync();
    let view: StaffView = desk.call(1, "staff_members", json!({}));
    assert_eq!(member(&mut desk, 1, "赵新").terms, finance);
    assert_eq!(view.own[0].terms, lead);
    assert_eq!(view.own[0].refused, Some(Code::Conflict { held: 2 }));
    let _: Value = desk.call(1, "staff_keep", json!({ "op": view.own[0].op }));
    let view: StaffView = desk.call(1, "staff_members", json!({}));
    assert_eq!(view.own, []);

    let admin = view
        .members
        .iter()
        .find(|one| one.id == company::staff(ADMIN));
    let admin = admin.expect("the administrator").clone();
    let sales = domain::staff::StaffTerms {
        role: Role::Sales,
        ..admin.terms.clone()
    };
    let input = change(&admin, &sales);
    assert_eq!(desk.refused(1, "staff_change", input), Code::LastAdmin);
    for pin in ["1234", "111111", "12345x"] {
        let terms = json!({ "name": "甲", "role": "sales", "department": null, "active": true });
        let input = json!({ "staff": null, "on": null, "terms": terms, "pin": pin });
        let field = "pin".into();
        assert_eq!(
            desk.refused(1, "staff_change", input),
            Code::BadField { field }
        );
    }
    desk.closes();
}
