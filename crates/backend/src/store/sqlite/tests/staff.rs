//! Staff by an administrator's word: author, before and after, two at once, the last administrator,
//! and what a lease carries of it.

use crate::setup::{Pin, SetupError, add_staff, change_pin, leave, verifier};
use crate::store::Store;
use crate::testing::{ADMIN, FINANCE, SALES, World};
use domain::code::Code;
use domain::config::Config;
use domain::id::{DepartmentId, StaffId};
use domain::operation::{ConfigChange, OpBody, StaffChange};
use domain::role::Role;
use domain::staff::{Department, Lease, Staff, StaffTerms};
use uuid::Uuid;
use wire::change::Doc;
use wire::verdict::VerdictKind;

const NEW: StaffId = StaffId(Uuid::from_u128(90));
const EAST: DepartmentId = DepartmentId(Uuid::from_u128(91));

fn rejected(reason: Code) -> VerdictKind {
    VerdictKind::Rejected { reason }
}

fn terms(name: &str, role: Role) -> StaffTerms {
    StaffTerms {
        name: name.into(),
        role,
        department: None,
        active: true,
    }
}

fn change(staff: StaffId, on: Option<u32>, terms: StaffTerms, pin: Option<String>) -> OpBody {
    OpBody::StaffChange(StaffChange {
        staff,
        on,
        terms,
        pin_verifier: pin,
    })
}

fn held(world: &World, id: StaffId) -> Option<Staff> {
    let all = world.store.staff(&world.cx()).unwrap();
    all.into_iter().find(|one| one.id == id)
}

fn lease(world: &World) -> Lease {
    let mut desk = world.enrol("T99");
    let reply = desk.pull(world);
    serde_json::from_str(&reply.lease.text).unwrap()
}

#[test]
fn a_new_member_of_staff_has_author_before_and_after_in_the_feed_and_stands_in_the_lease() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let mut config = world.store.config(&world.cx()).unwrap().config;
    config.departments.push(Department {
        id: EAST,
        name: "华东".into(),
        parent: None,
    });
    config.lease_hours = 24;
    let body = OpBody::ConfigChange(ConfigChange { on: 1, config });
    assert_eq!(desk.act(&world, ADMIN, body), VerdictKind::Applied);

    let pin = verifier(&world.env, "482913").unwrap();
    let first = terms("赵新", Role::Sales);
    let verdict = desk.act(
        &world,
        ADMIN,
        change(NEW, None, first.clone(), Some(pin.clone())),
    );
    assert_eq!(verdict, VerdictKind::Applied);
    let second = StaffTerms {
        department: Some(EAST),
        ..terms("赵新", Role::Finance)
    };
    let verdict = desk.act(&world, ADMIN, change(NEW, Some(1), second.clone(), None));
    assert_eq!(verdict, VerdictKind::Applied);

    let now = held(&world, NEW).unwrap();
    assert_eq!(
        (now.revision, now.terms(), &now.pin_verifier),
        (2, second.clone(), &pin)
    );
    desk.pull_all(&world);
    let lines: Vec<_> = desk
        .seen
        .iter()
        .filter_map(|change| match &change.doc {
            Doc::StaffVersion(line) => Some((
                line.author,
                line.before.clone(),
                line.after.clone(),
                line.pin_reset,
            )),
            _ => None,
        })
        .collect();
    assert_eq!(
        lines,
        [
            (Some(ADMIN), None, first.clone(), true),
            (Some(ADMIN), Some(first), second, false)
        ]
    );
    let lease = lease(&world);
    assert!(lease.staff.contains(&now));
    assert_eq!(lease.expires_at.since_ms(lease.issued_at), 24 * 3_600_000);
}

#[test]
fn of_two_who_change_the_same_person_the_second_is_told_and_nobody_else_may() {
    let world = World::new();
    let (mut one, mut two) = (world.enrol("T01"), world.enrol("T02"));
    let promoted = terms("Sales", Role::Finance);
    let verdict = one.act(
        &world,
        ADMIN,
        change(SALES, Some(0), promoted.clone(), None),
    );
    assert_eq!(verdict, VerdictKind::Applied);
    let left = StaffTerms {
        active: false,
        ..terms("Sales", Role::Sales)
    };
    let verdict = two.act(&world, ADMIN, change(SALES, Some(0), left.clone(), None));
    assert_eq!(verdict, rejected(Code::Conflict { held: 1 }));
    let verdict = two.act(&world, ADMIN, change(SALES, None, left.clone(), None));
    assert_eq!(verdict, rejected(Code::Conflict { held: 1 }));
    assert_eq!(held(&world, SALES).unwrap().terms(), promoted);
    let role = Role::Finance;
    let verdict = two.act(&world, FINANCE, change(SALES, Some(1), left, None));
    assert_eq!(verdict, rejected(Code::NotAllowed { role }));
}

#[test]
fn the_last_administrator_stays_and_a_pin_comes_as_a_full_strength_verifier() {
    let world = World::new();
    let mut desk = world.enrol("T01");
    let admin = held(&world, ADMIN).unwrap();
    let gone = StaffTerms {
        active: false,
        ..admin.terms()
    };
    let verdict = desk.act(&world, ADMIN, change(ADMIN, Some(0), gone, None));
    assert_eq!(verdict, rejected(Code::LastAdmin));
    let weak =
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY";
    for pin in [None, Some("482913".to_owned()), Some(weak.to_owned())] {
        let verdict = desk.act(
            &world,
            ADMIN,
            change(NEW, None, terms("赵新", Role::Sales), pin),
        );
        assert_eq!(
            verdict,
            rejected(Code::BadField {
                field: "pin".into()
            })
        );
    }
    assert_eq!(held(&world, NEW), None);
}

#[test]
fn a_configuration_of_before_has_the_lease_and_no_departments() {
    let old: Config = serde_json::from_str("{}").unwrap();
    assert_eq!((old.lease_hours, old.departments.len()), (72, 0));
}

#[test]
fn what_the_operator_changes_goes_by_the_same_rule_and_has_its_line() {
    let world = World::new();
    let (store, cx): (&dyn Store, _) = (&world.store, world.cx());
    let mut desk = world.enrol("T01");
    let pin = |digits: &str| digits.parse::<Pin>().unwrap();
    add_staff(store, &cx, "赵新", Role::Sales, &pin("482913")).unwrap();
    let taken = add_staff(store, &cx, " 赵新 ", Role::Sales, &pin("482913"));
    assert!(matches!(taken, Err(SetupError::NameTaken(name)) if name == "赵新"));
    change_pin(store, &cx, "赵新", &pin("593024")).unwrap();
    leave(store, &cx, "赵新").unwrap();
    let again = leave(store, &cx, "赵新");
    assert!(matches!(again, Err(SetupError::Nobody(name)) if name == "赵新"));
    let admin = held(&world, ADMIN).unwrap();
    let last = leave(store, &cx, &admin.name);
    assert!(matches!(last, Err(SetupError::LastAdmin(name)) if name == admin.name));
    assert_eq!(held(&world, ADMIN), Some(admin));

    desk.pull_all(&world);
    let lines: Vec<_> = desk
        .seen
        .iter()
        .filter_map(|change| match &change.doc {
            Doc::StaffVersion(line) => Some((
                line.author,
                line.before.clone(),
                line.after.clone(),
                line.pin_reset,
            )),
            _ => None,
        })
        .collect();
    let there = terms("赵新", Role::Sales);
    let gone = StaffTerms {
        active: false,
        ..there.clone()
    };
    assert_eq!(
        lines,
        [
            (None, None, there.clone(), true),
            (None, Some(there.clone()), there.clone(), true),
            (None, Some(there), gone, false)
        ]
    );
}
