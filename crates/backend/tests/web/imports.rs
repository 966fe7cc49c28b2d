//! Files of an administrator's terminal over HTTP: signed, checked whole, taken whole.

use crate::world::{Terminal, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::code::Code;
use domain::history::{HistoryEvent, ImportKind};
use domain::role::Role;
use wire::change::Doc;
use wire::import::{ImportReport, ImportRequest, Reason};
use wire::protocol::Refused;

async fn sent(
    terminal: &Terminal<'_>,
    role: Role,
    file: &str,
    take: bool,
) -> Result<ImportReport, Code> {
    let request = ImportRequest {
        staff: terminal.world.staff(role),
        kind: ImportKind::Products,
        name: "新品.csv".into(),
        file: file.into(),
        take,
    };
    let body = serde_json::to_vec(&request).unwrap();
    let answer = terminal.call("POST", "/v1/import", body).await;
    assert!(answer.signed, "{answer:?}");
    match answer.status {
        200 => Ok(serde_json::from_slice(&answer.body).unwrap()),
        _ => match serde_json::from_slice(&answer.body).unwrap() {
            Refused::Rule { reason } => Err(reason),
            other => panic!("{other:?}"),
        },
    }
}

#[tokio::test]
async fn a_file_is_looked_at_mended_and_taken_and_the_terminal_learns_it() {
    let world = World::plain().await;
    let terminal = world.enrolled("T07").await;
    let bad = STANDARD.encode("编码,名称,价格\nX1,新品,1.50\nX2,,1\n");
    let report = sent(&terminal, Role::Admin, &bad, true).await.unwrap();
    assert_eq!((report.taken, report.problems.total), (false, 1));
    let problem = &report.problems.problems[0];
    assert_eq!(
        (problem.row, problem.column.as_str(), &problem.reason),
        (3, "名称", &Reason::Blank)
    );
    let good = STANDARD.encode("编码,名称,价格\nX1,新品,1.50\nX2,另一个,1\n");
    let looked = sent(&terminal, Role::Admin, &good, false).await.unwrap();
    assert_eq!((looked.taken, looked.counts.added), (false, 2));
    let report = sent(&terminal, Role::Admin, &good, true).await.unwrap();
    assert!(report.taken);
    let seen = terminal.pull_all().await;
    let new = |doc: &Doc| matches!(doc, Doc::Product(product) if product.code == "X2");
    assert_eq!(seen.iter().filter(|doc| new(doc)).count(), 1);
    let line = seen.iter().find_map(|doc| match doc {
        Doc::HistoryLine(line) => Some(line.clone()),
        _ => None,
    });
    let line = line.unwrap();
    assert_eq!(line.terminal, terminal.id);
    assert!(
        matches!(line.what, HistoryEvent::Imported { ref file, ref sha256, .. }
            if file == "新品.csv" && *sha256 == report.sha256)
    );
}

#[tokio::test]
async fn somebody_else_s_file_and_what_is_no_file_are_refused() {
    let world = World::plain().await;
    let terminal = world.enrolled("T07").await;
    let good = STANDARD.encode("编码,名称,价格\nX1,新品,1.50\n");
    let role = Role::Sales;
    let refused = sent(&terminal, role, &good, true).await;
    assert_eq!(refused, Err(Code::NotAllowed { role }));
    let field = "file".to_owned();
    let refused = sent(&terminal, Role::Admin, "%%%", true).await;
    assert_eq!(refused, Err(Code::BadField { field }));
}
