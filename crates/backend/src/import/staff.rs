//! Staff. A file names people and says what they are; it holds no PINs: a list of PINs in plain text
//! must not lie about. Whoever is new has none, can unlock nothing, and is given one in the console.

use super::records::Seen;
use super::table::{self, Column};
use super::{ImportError, Limits, Named, Problem, Reason, Report, Source, Watch};
use domain::history::ImportCounts;
use domain::id::{DepartmentId, StaffId};
use domain::role::{Permission, Role, allows};
use domain::staff::{Department, Staff};
use std::collections::{BTreeMap, HashMap};
use wire::Env;

/// A member of staff as a file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRow {
    /// The row in the file.
    pub row: u64,
    /// Name; unique among those who work here.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The department's name, or the way to it with `/` between; empty where the file says nothing.
    pub department: String,
    /// False once they have left.
    pub active: bool,
}

const STAFF: &[Column] = &[
    Column {
        field: "name",
        names: &["name", "姓名", "员工姓名", "员工"],
        required: true,
    },
    Column {
        field: "role",
        names: &["role", "角色"],
        required: true,
    },
    Column {
        field: "department",
        names: &["department", "部门"],
        required: false,
    },
    Column {
        field: "active",
        names: &["active", "在职"],
        required: false,
    },
];

/// What files call the roles, beside their own words.
const ROLES: [(&str, Role); 4] = [
    ("销售", Role::Sales),
    ("财务", Role::Finance),
    ("财务主管", Role::FinanceLead),
    ("管理员", Role::Admin),
];

/// Reads staff. A name may stand once.
///
/// # Errors
/// See [`ImportError`].
pub fn read_staff(
    from: &Source,
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<Vec<StaffRow>, ImportError> {
    let mut rows = Vec::new();
    let mut seen = Seen::default();
    table::read(from, STAFF, limits, watch, |table, row| {
        let name = table.needed(row, "name").and_then(|text| {
            if domain::staff::name(text) == Ok(text) {
                seen.once(table, row, "name", text)
            } else {
                table.problem(row, "name", Reason::BadName(text.to_owned()));
                None
            }
        });
        let role = table.needed(row, "role").and_then(|text| {
            let found = role_of(text);
            if found.is_none() {
                table.problem(row, "role", Reason::UnknownRole(text.to_owned()));
            }
            found
        });
        let active = match table.text(row, "active").to_lowercase().as_str() {
            "" | "yes" | "true" | "1" | "是" | "在职" => Some(true),
            "no" | "false" | "0" | "否" | "离职" | "已离职" => Some(false),
            other => {
                table.problem(row, "active", Reason::NotAFlag(other.to_owned()));
                None
            }
        };
        if let (Some(name), Some(role), Some(active)) = (name, role, active) {
            rows.push(StaffRow {
                row: row.number,
                name,
                role,
                department: table.text(row, "department").to_owned(),
                active,
            });
        }
    })?;
    Ok(rows)
}

fn role_of(text: &str) -> Option<Role> {
    let plain = text.to_lowercase().replace([' ', '-'], "_");
    let own = Role::ALL.into_iter().find(|role| role.word() == plain);
    own.or_else(|| {
        let other = ROLES.iter().find(|(word, _)| *word == text);
        other.map(|(_, role)| *role)
    })
}

/// Lays the rows over the people who are there; whoever bears the name keeps identity and PIN.
/// Answers those that have to be written.
///
/// # Errors
/// A report: departments that are not there or not the only ones of that name, and nobody left with
/// a PIN who may manage staff.
pub(super) fn laid_over(
    rows: Vec<StaffRow>,
    from: &Source,
    everybody: &[Staff],
    departments: &[Department],
    env: &dyn Env,
) -> Result<(Vec<Staff>, ImportCounts), ImportError> {
    let places = places(departments);
    // Of two who bore a name the one that works here comes first.
    let mut by_name: HashMap<&str, &Staff> = HashMap::new();
    for one in everybody {
        let held = by_name.entry(&one.name).or_insert(one);
        if one.active {
            *held = one;
        }
    }
    let (mut report, mut counts, mut out) =
        (Report::default(), ImportCounts::default(), Vec::new());
    for row in rows {
        let held = by_name.get(row.name.as_str()).copied();
        let department = match row.department.as_str() {
            "" => held.and_then(|held| held.department),
            named => match places.get(named) {
                Some(Some(id)) => Some(*id),
                _ => {
                    report.add(Problem {
                        file: from.name(),
                        row: row.row,
                        column: "department".to_owned(),
                        reason: Reason::Unknown {
                            what: Named::Department,
                            code: named.to_owned(),
                        },
                    });
                    continue;
                }
            },
        };
        let mut staff = Staff {
            id: held.map_or_else(|| StaffId(env.uuid()), |held| held.id),
            pin_verifier: held.map_or_else(String::new, |held| held.pin_verifier.clone()),
            revision: held.map_or(0, |held| held.revision),
            name: row.name,
            role: row.role,
            active: row.active,
            department,
        };
        if counts.count(held, &staff) {
            staff.revision = staff.revision.saturating_add(1);
            out.push(staff);
        }
    }
    let after: BTreeMap<StaffId, &Staff> =
        everybody.iter().chain(&out).map(|s| (s.id, s)).collect();
    let manages = |staff: &Staff| {
        staff.active && staff.has_pin() && allows(staff.role, Permission::StaffManage)
    };
    if report.total == 0 && !after.values().any(|staff| manages(staff)) {
        report.add(Problem {
            file: from.name(),
            row: 0,
            column: String::new(),
            reason: Reason::NoAdmin,
        });
    }
    if report.total > 0 {
        return Err(ImportError::Rejected(report));
    }
    Ok((out, counts))
}

/// Departments by name and by the way to them; `None` for a name that several bear.
fn places(departments: &[Department]) -> HashMap<String, Option<DepartmentId>> {
    let by_id: HashMap<DepartmentId, &Department> =
        departments.iter().map(|one| (one.id, one)).collect();
    let mut places: HashMap<String, Option<DepartmentId>> = HashMap::new();
    for one in departments {
        let mut way = vec![one.name.as_str()];
        let mut above = one.parent;
        while let Some(parent) = above.and_then(|id| by_id.get(&id)) {
            way.push(&parent.name);
            above = parent.parent;
        }
        way.reverse();
        let mut put = |name: String| {
            places
                .entry(name)
                .and_modify(|held| {
                    if *held != Some(one.id) {
                        *held = None;
                    }
                })
                .or_insert(Some(one.id));
        };
        put(one.name.clone());
        put(way.join("/"));
    }
    places
}
