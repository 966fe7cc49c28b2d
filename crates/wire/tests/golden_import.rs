//! Files of an import as they stand on the wire, and what is said to them.

use domain::history::{ImportCounts, ImportKind};
use domain::id::StaffId;
use insta::assert_json_snapshot;
use uuid::Uuid;
use wire::import::{ImportReport, ImportRequest, Measure, Named, Problem, Reason, Report};
use wire::keys::Hash;

#[test]
fn an_import() {
    let request = ImportRequest {
        staff: StaffId(Uuid::from_u128(2)),
        kind: ImportKind::Distributors,
        name: "d.csv".into(),
        file: "Y29kZSxuYW1lCg==".into(),
        take: true,
    };
    assert_eq!(request.open().as_deref(), Some(b"code,name\n".as_slice()));
    assert_json_snapshot!("import_request", request);
    let at = |row, column: &str, reason| Problem {
        file: "d.csv".into(),
        row,
        column: column.into(),
        reason,
    };
    let report = ImportReport {
        sha256: Hash::of(b"file").to_string(),
        counts: ImportCounts::default(),
        taken: false,
        problems: Report {
            problems: vec![
                at(0, "", Reason::Empty),
                at(3, "code", Reason::Blank),
                at(4, "list price", Reason::NotANumber("dear".into())),
                at(
                    5,
                    "price book",
                    Reason::Unknown {
                        what: Named::PriceBook,
                        code: "x".into(),
                    },
                ),
                at(
                    6,
                    "",
                    Reason::Limit {
                        what: Measure::Rows,
                        limit: 5,
                    },
                ),
            ],
            total: 9,
        },
    };
    assert_json_snapshot!("import_report", report);
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<ImportReport>(&text).unwrap(), report);
}
