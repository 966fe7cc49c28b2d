//! Who may be what, and which trees of departments stand.

use super::*;
use uuid::Uuid;

fn id(n: u128) -> StaffId {
    StaffId(Uuid::from_u128(n))
}

fn department(n: u128, name: &str, parent: Option<u128>) -> Department {
    let id = |n| DepartmentId(Uuid::from_u128(n));
    Department {
        id: id(n),
        name: name.into(),
        parent: parent.map(id),
    }
}

fn person(n: u128, name: &str, role: Role) -> Staff {
    Staff {
        id: id(n),
        name: name.into(),
        role,
        pin_verifier: String::new(),
        active: true,
        department: None,
        revision: 0,
    }
}

#[test]
fn a_pin_is_six_to_twelve_digits_that_differ() {
    for good in ["482913", " 482913\n", "111112", "123456789012"] {
        assert!(pin(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "48291",
        "1234567890123",
        "48291a",
        "111111",
        "４８２９１３",
    ] {
        assert!(matches!(pin(bad), Err(Code::BadField { .. })), "{bad}");
    }
}

#[test]
fn a_name_is_one_line_that_screens_have_room_for() {
    assert_eq!(name("  张三 "), Ok("张三"));
    assert!(name(&"长".repeat(40)).is_ok());
    for bad in [" ", "a\nb", &"长".repeat(41)] {
        assert!(matches!(name(bad), Err(Code::BadField { .. })), "{bad}");
    }
}

#[test]
fn the_last_active_administrator_stays_one() {
    let mut everybody = vec![
        person(1, "甲", Role::Admin),
        person(2, "乙", Role::Sales),
        person(3, "丙", Role::Admin),
    ];
    everybody[2].active = false;
    let check = |everybody: &[Staff], n: u128, role, active| {
        let terms = StaffTerms {
            role,
            active,
            ..everybody[usize::try_from(n).unwrap() - 1].terms()
        };
        check_terms(everybody, &[], id(n), &terms)
    };
    assert_eq!(
        check(&everybody, 1, Role::Sales, true),
        Err(Code::LastAdmin)
    );
    assert_eq!(
        check(&everybody, 1, Role::Admin, false),
        Err(Code::LastAdmin)
    );
    assert_eq!(check(&everybody, 1, Role::Admin, true), Ok(()));
    assert_eq!(check(&everybody, 2, Role::Finance, false), Ok(()));
    everybody[2].active = true;
    assert_eq!(check(&everybody, 1, Role::Sales, true), Ok(()));
}

#[test]
fn two_active_people_differ_by_name_and_a_department_must_be_there() {
    let mut everybody = vec![person(1, "甲", Role::Admin), person(2, "乙", Role::Sales)];
    let mut terms = StaffTerms {
        name: "甲".into(),
        ..everybody[1].terms()
    };
    let refused = check_terms(&everybody, &[], id(2), &terms);
    assert!(matches!(refused, Err(Code::AlreadyExists { .. })));
    terms.active = false;
    assert_eq!(check_terms(&everybody, &[], id(2), &terms), Ok(()));
    everybody[1].active = false;
    let east = department(7, "华东", None);
    terms.department = Some(east.id);
    let refused = check_terms(&everybody, &[], id(2), &terms);
    assert!(matches!(refused, Err(Code::NotFound { .. })));
    assert_eq!(check_terms(&everybody, &[east], id(2), &terms), Ok(()));
}

#[test]
fn departments_are_a_tree() {
    let good = [
        department(1, "销售", None),
        department(2, "华东", Some(1)),
        department(3, "上海", Some(2)),
        department(4, "销售", Some(1)),
    ];
    assert_eq!(misplaced(&good), None);
    let cycle = [department(1, "a", Some(2)), department(2, "b", Some(1))];
    assert_eq!(misplaced(&cycle), Some((0, Misplaced::Parent)));
    let itself = [department(1, "a", Some(1))];
    assert_eq!(misplaced(&itself), Some((0, Misplaced::Parent)));
    let orphan = [department(1, "a", None), department(2, "b", Some(9))];
    assert_eq!(misplaced(&orphan), Some((1, Misplaced::Parent)));
    for twice in [
        department(1, "b", None),
        department(2, "a", None),
        department(2, " ", None),
    ] {
        let all = [department(1, "a", None), twice];
        assert_eq!(misplaced(&all), Some((1, Misplaced::Name)), "{all:?}");
    }
}

#[test]
fn a_department_s_colleagues_are_those_of_it_and_of_its_parts() {
    let place = |n| Some(DepartmentId(Uuid::from_u128(n)));
    let tree = [
        department(1, "华东", None),
        department(2, "上海", Some(1)),
        department(3, "浦东", Some(2)),
        department(4, "华南", None),
    ];
    let at = |n, place| Staff {
        department: place,
        ..person(n, "x", Role::Sales)
    };
    let left = Staff {
        active: false,
        ..at(6, place(3))
    };
    let all = [
        at(1, place(1)),
        at(2, place(2)),
        at(3, place(3)),
        at(4, place(4)),
        at(5, None),
        left,
    ];
    let of = |n| colleagues(&all, &tree, id(n));
    let ids = |list: &[u128]| list.iter().map(|n| id(*n)).collect::<BTreeSet<_>>();
    assert_eq!(of(1), ids(&[1, 2, 3, 6]));
    assert_eq!(of(2), ids(&[2, 3, 6]));
    assert_eq!(of(4), ids(&[4]));
    // Of no department, and unknown: alone.
    assert_eq!(of(5), ids(&[5]));
    assert_eq!(of(9), ids(&[9]));
}
