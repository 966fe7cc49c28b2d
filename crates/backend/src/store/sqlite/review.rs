//! Work under review: what it says, for the person who decides by name, and the decision (rule 4.9).

use super::manage::{self, Change};
use super::rows::{all, counted, document, documents, of_word, one, parsed, small};
use super::work::Work;
use super::{push, sql};
use crate::store::{Act, StoreError};
use domain::code::Code;
use domain::collection::PaymentCollection;
use domain::distributor::Distributor;
use domain::id::{CollectionId, DistributorId, OpId, StaffId};
use domain::operation::OpBody;
use domain::order::OrderContent;
use domain::role::{Permission, separate};
use domain::staff::Staff;
use domain::terminal::{
    ReviewCause, ReviewDecision, ReviewView, TerminalAct, WaitingWork, WorkContent, WorkLine,
    reason,
};
use domain::{Money, Timestamp};
use rusqlite::{Row, params};
use std::collections::BTreeMap;
use wire::envelope::{Operation, SignedOperation};
use wire::protocol::Refused;
use wire::verdict::VerdictKind;

/// How many are shown at once.
const SHOWN: i64 = 200;
/// How many decisions are told beside them.
const DECIDED: usize = 50;

fn refused(reason: Code) -> StoreError {
    Refused::Rule { reason }.into()
}

/// What waits, and what was decided.
pub(super) fn view(work: &Work<'_>, act: Act) -> Result<ReviewView, StoreError> {
    work.admit(act.staff, Permission::ReviewDecide)?;
    let staff: Vec<Staff> = documents(work.tx, sql::STAFF_ALL, params![work.company], "staff")?;
    let names: BTreeMap<StaffId, String> =
        staff.into_iter().map(|one| (one.id, one.name)).collect();
    let rows = all(
        work.tx,
        sql::OPERATIONS_UNDER_REVIEW,
        params![work.company, SHOWN],
        stored,
    )?;
    let mut waiting = Vec::with_capacity(rows.len());
    for row in rows {
        waiting.push(of_row(work, row, &names)?);
    }
    let total = one(
        work.tx,
        sql::OPERATIONS_UNDER_REVIEW_COUNT,
        params![work.company],
        |row| row.get::<_, i64>(0),
    )?;
    let decided = manage::changes(work.tx, &work.company)?
        .into_iter()
        .filter(|change| matches!(change.act, TerminalAct::Released | TerminalAct::Rejected))
        .take(DECIDED)
        .collect();
    Ok(ReviewView {
        work: waiting,
        total: small(total.unwrap_or(0))?,
        decided,
    })
}

/// Releases or rejects one operation, by name: never one's own, and never before what it builds on.
pub(super) fn decide(
    work: &mut Work<'_>,
    act: Act,
    op: OpId,
    decision: &ReviewDecision,
) -> Result<(), StoreError> {
    let reviewer = work.admit(act.staff, Permission::ReviewDecide)?;
    let key = params![work.company, op.to_string()];
    let row = one(work.tx, sql::OPERATION_UNDER_REVIEW, key, stored)?;
    let row = row.ok_or_else(|| refused(Code::AlreadyDecided))?;
    separate(act.staff, parsed(&row.staff, "staff id")?).map_err(refused)?;
    let (terminal_code, kind) = (row.terminal_code.clone(), row.kind.clone());
    let operation = row.operation()?.open().ok();
    let subject = match &operation {
        Some(operation) => content(work, operation)?.number,
        None => String::new(),
    };
    let (done, why, rejected) = match decision {
        ReviewDecision::Release => {
            if !operation.as_ref().is_some_and(releasable) {
                return Err(refused(Code::ReviewRejectOnly));
            }
            if builds_on(work, operation.as_ref())? {
                return Err(refused(Code::BuildsOnUnapplied));
            }
            (TerminalAct::Released, String::new(), None)
        }
        ReviewDecision::Reject { reason: why } => {
            let why = reason(why).map_err(refused)?;
            let code = Code::RejectedInReview {
                reason: why.clone(),
            };
            (TerminalAct::Rejected, why, Some(code))
        }
    };
    let verdict = push::review(work, op, rejected)?;
    let key = params![work.company, op.to_string()];
    let items = all(work.tx, sql::ATTENTION_OF_REVIEW, key, |row| {
        row.get::<_, String>(0)
    })?;
    for item in items {
        work.attention_done(parsed(&item, "attention id")?)?;
    }
    let change = Change {
        act: done,
        terminal_code,
        kind,
        subject,
        before: "review".to_owned(),
        after: verdict_word(&verdict).to_owned(),
        reason: why,
    };
    manage::note(work, act, &reviewer, change)
}

/// What takes effect at finance's word: what a seller does. A revoked terminal's key proves no
/// person, so decisions about money and an administrator's acts that it signed in somebody's name
/// are only rejected; whoever may can do them again.
fn releasable(operation: &Operation) -> bool {
    matches!(
        operation.body,
        OpBody::OrderSubmit(_)
            | OpBody::OrderEdit(_)
            | OpBody::OrderCancel(_)
            | OpBody::DraftDiscard(_)
            | OpBody::IntentOpen(_)
            | OpBody::IntentClose(_)
            | OpBody::IntentProof(_)
            | OpBody::CollectionRecord(_)
            | OpBody::DistributorCreate(_)
            | OpBody::RefundRequest(_)
    )
}

/// The verdict's word, as it stands in JSON.
fn verdict_word(kind: &VerdictKind) -> &'static str {
    match kind {
        VerdictKind::Applied => "applied",
        VerdictKind::AppliedWithDifference { .. } => "applied_with_difference",
        VerdictKind::Rejected { .. } => "rejected",
        VerdictKind::Blocked { .. } => "blocked",
    }
}

struct Stored {
    op: String,
    terminal_code: String,
    incarnation: u32,
    seq: i64,
    kind: String,
    staff: String,
    received_at: i64,
    cause: Option<String>,
    bytes: Vec<u8>,
    signature: String,
}

impl Stored {
    fn operation(&self) -> Result<SignedOperation, StoreError> {
        Ok(SignedOperation {
            bytes: self.bytes.clone(),
            signature: parsed(&self.signature, "signature")?,
        })
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        op: row.get(0)?,
        terminal_code: row.get(1)?,
        incarnation: row.get(2)?,
        seq: row.get(3)?,
        kind: row.get(4)?,
        staff: row.get(5)?,
        received_at: row.get(6)?,
        cause: row.get(7)?,
        bytes: row.get(8)?,
        signature: row.get(9)?,
    })
}

fn of_row(
    work: &Work<'_>,
    row: Stored,
    names: &BTreeMap<StaffId, String>,
) -> Result<WaitingWork, StoreError> {
    let signed = row.operation()?;
    let at = signed.header().map_or(Timestamp(0), |header| header.at);
    let operation = signed.open().ok();
    let staff: StaffId = parsed(&row.staff, "staff id")?;
    Ok(WaitingWork {
        op: parsed(&row.op, "operation id")?,
        terminal_code: row.terminal_code,
        incarnation: row.incarnation,
        seq: counted(row.seq)?,
        kind: row.kind,
        staff,
        staff_name: names.get(&staff).cloned().unwrap_or_default(),
        at,
        received_at: Timestamp(row.received_at),
        cause: cause(row.cause)?,
        builds_on: builds_on(work, operation.as_ref())?,
        content: operation
            .map(|operation| content(work, &operation))
            .transpose()?,
    })
}

/// The stored cause; before causes were kept, a fork was the one that a running terminal could meet.
fn cause(word: Option<String>) -> Result<ReviewCause, StoreError> {
    match word {
        Some(word) => of_word(word, "cause of a review"),
        None => Ok(ReviewCause::Forked),
    }
}

fn builds_on(work: &Work<'_>, operation: Option<&Operation>) -> Result<bool, StoreError> {
    match operation {
        Some(operation) => Ok(push::unsatisfied(work, operation)?.is_some()),
        None => Ok(false),
    }
}

/// What an operation says, as far as a person needs it to decide.
fn content(work: &Work<'_>, operation: &Operation) -> Result<WorkContent, StoreError> {
    let none = WorkContent::default;
    Ok(match &operation.body {
        OpBody::OrderSubmit(body) => order(&body.content, body.number.clone()),
        OpBody::OrderEdit(body) => {
            let held = work.order(body.order)?;
            order(
                &body.content,
                held.map_or_else(String::new, |held| held.number),
            )
        }
        OpBody::OrderCancel(body) => {
            let held = work.order(body.order)?;
            let mut says = held.map_or_else(none, |held| order(&held.content, held.number));
            says.note = body.reason.clone();
            says
        }
        OpBody::DraftDiscard(body) => WorkContent {
            number: body.number.clone(),
            ..none()
        },
        OpBody::IntentOpen(body) => WorkContent {
            distributor_name: name_of(work, body.distributor)?,
            amount_fen: Some(body.amount_fen),
            ..none()
        },
        OpBody::CollectionRecord(body) => WorkContent {
            number: body.number.clone(),
            distributor_name: body.distributor_name.clone(),
            amount_fen: Some(body.amount_fen),
            method: Some(body.method),
            note: body.note.clone(),
            ..none()
        },
        OpBody::CollectionConfirm(body) | OpBody::CollectionReject(body) => {
            let mut says = collection(work, body.collection)?;
            says.note = body.reason.clone();
            says
        }
        OpBody::DepositRelease(body) => WorkContent {
            distributor_name: name_of(work, body.distributor)?,
            amount_fen: Some(body.amount_fen),
            ..none()
        },
        OpBody::DistributorCreate(body) => WorkContent {
            distributor_name: body.distributor.name.clone(),
            ..none()
        },
        OpBody::RefundRequest(body) => WorkContent {
            number: body.subject.clone(),
            distributor_name: body.distributor_name.clone(),
            amount_fen: Some(body.amount_fen),
            note: body.reason.clone(),
            ..none()
        },
        OpBody::RefundApprove(body) | OpBody::RefundReject(body) => WorkContent {
            note: body.reason.clone(),
            ..none()
        },
        OpBody::StaffChange(body) => WorkContent {
            note: body.terms.name.clone(),
            ..none()
        },
        _ => none(),
    })
}

fn order(content: &OrderContent, number: String) -> WorkContent {
    WorkContent {
        number,
        distributor_name: content.distributor_name.clone(),
        amount_fen: content.totals().ok().map(|totals| totals.total_fen),
        method: content.payment_method,
        lines: content
            .lines
            .iter()
            .map(|line| WorkLine {
                name: line.name.clone(),
                quantity: line.quantity.to_string(),
                unit: line.unit.clone(),
                amount_fen: line.amount_fen,
            })
            .collect(),
        note: content.remark.clone(),
    }
}

fn name_of(work: &Work<'_>, distributor: DistributorId) -> Result<String, StoreError> {
    let key = params![work.company, distributor.to_string()];
    let held: Option<Distributor> = document(work.tx, sql::DISTRIBUTOR_GET, key, "distributor")?;
    Ok(held.map(|held| held.name).unwrap_or_default())
}

fn collection(work: &Work<'_>, id: CollectionId) -> Result<WorkContent, StoreError> {
    let key = params![work.company, id.to_string()];
    let held: Option<PaymentCollection> =
        document(work.tx, sql::COLLECTION_GET, key, "collection")?;
    Ok(held.map_or_else(WorkContent::default, |held| WorkContent {
        number: held.number,
        distributor_name: held.distributor_name,
        amount_fen: Some(held.amount_fen).filter(|fen| *fen != Money::ZERO),
        method: Some(held.method),
        ..WorkContent::default()
    }))
}
