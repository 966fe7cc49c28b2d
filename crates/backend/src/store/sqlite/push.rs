//! Takes operations in (rules 4.6–4.10). Each is recorded with its verdict, whatever the verdict:
//! the log never stalls. What was waiting for it is judged again in the same transaction.

use super::rows::{all, one, parsed, read, run, signed, text};
use super::terminals::TerminalRow;
use super::work::Work;
use super::{load, sql, terminals};
use crate::chain::{self, Place};
use crate::decide;
use crate::store::StoreError;
use domain::code::Code;
use domain::id::{IntentId, OpId, TerminalId};
use domain::operation::OpBody;
use rusqlite::params;
use std::collections::VecDeque;
use wire::change::{Attention, Doc};
use wire::envelope::{Header, Operation, SignedOperation};
use wire::protocol::{PUSH_BATCH, PushReply, PushRequest, Refused};
use wire::verdict::{Verdict, VerdictKind, Wait};
use wire::{OPERATION_SCHEMA, PublicKey};

/// How many schemas before the present one are still read (rule 4.11).
const OLDER_SCHEMAS: u16 = 3;
/// Every kind this program knows: one that it can't read in spite of that is damaged, any other
/// waits for a newer program.
const KINDS: [&str; 25] = [
    "order_submit",
    "order_edit",
    "order_cancel",
    "draft_discard",
    "intent_open",
    "intent_close",
    "intent_proof",
    "collection_record",
    "collection_confirm",
    "collection_reject",
    "deposit_release",
    "distributor_create",
    "refund_request",
    "refund_approve",
    "refund_reject",
    "match_propose",
    "match_approve",
    "match_reject",
    "held_money_free",
    "attention_close",
    "config_change",
    "staff_change",
    "catalogue_change",
    "order_approve",
    "order_reject",
];

/// What an operation waited for has ended.
enum Wake {
    Operation(OpId),
    Intent(IntentId),
}

/// Takes a run of operations. The transaction is to be committed also when the answer is a refusal:
/// what was quarantined stays.
pub(super) fn push(
    work: &mut Work<'_>,
    r: &PushRequest,
) -> Result<Result<PushReply, Refused>, StoreError> {
    let terminal = r.caller.terminal;
    let mut row = terminals::known(work.tx, &work.company, terminal)?;
    let (mut verdicts, mut fork) = (Vec::with_capacity(r.operations.len()), None);
    if r.operations.is_empty() {
        fork = chain::forked(&row.held, &r.caller.head);
    }
    if r.caller.head.incarnation != row.held.head.incarnation {
        fork = Some(0);
    }
    for operation in r.operations.iter().take(PUSH_BATCH) {
        match take(work, terminal, &mut row, operation, fork.is_some())? {
            Taken::Verdict(verdict) => verdicts.push(verdict),
            Taken::Fork { after } => fork = fork.or(Some(after)),
            Taken::Gap => break,
        }
    }
    terminals::put_head(work, terminal, &row)?;
    super::slips::keep(work, terminal, r)?;
    work.flush(true)?;
    if row.revoked {
        return Ok(Err(Refused::Revoked));
    }
    if let Some(after) = fork {
        return Ok(Err(Refused::Forked { after }));
    }
    Ok(Ok(PushReply {
        verdicts,
        head: row.held.head,
        at: work.cx.env.now(),
    }))
}

enum Taken {
    Verdict(Verdict),
    Fork { after: u64 },
    Gap,
}

fn take(
    work: &mut Work<'_>,
    terminal: TerminalId,
    row: &mut TerminalRow,
    operation: &SignedOperation,
    forked: bool,
) -> Result<Taken, StoreError> {
    if let Some(verdict) = held(work, terminal, operation)? {
        return Ok(Taken::Verdict(verdict));
    }
    let header = operation
        .header()
        .ok()
        .filter(|header| header.terminal == terminal);
    let verified = match &header {
        Some(header) => key_of(work, terminal, header.incarnation)?
            .is_some_and(|(_, key)| operation.verify(&key).is_ok()),
        None => false,
    };
    let Some(header) = header.filter(|_| verified) else {
        if forked || row.revoked {
            return Ok(Taken::Gap);
        }
        // Its own words can't be trusted, so it stands where the next one is expected.
        return damaged(work, terminal, row, operation).map(Taken::Verdict);
    };
    if known_id(work, header.op_id)? {
        // The same id with other bytes: only a cloned log makes that.
        return Ok(Taken::Fork {
            after: header.seq.saturating_sub(1),
        });
    }
    let place = chain::place(&row.held, &header);
    if forked || row.revoked || !matches!(place, Place::Next | Place::Gap) {
        let kind = VerdictKind::Blocked { wait: Wait::Review };
        let verdict = seal(work, &header, kind);
        record(work, terminal, &header, operation, true, &verdict)?;
        report(work, "review", &header)?;
        tell(work, terminal, &verdict);
        return Ok(match place {
            Place::Fork { after } => Taken::Fork { after },
            _ => Taken::Verdict(verdict),
        });
    }
    if place == Place::Gap {
        return Ok(Taken::Gap);
    }
    row.held = chain::advanced(&row.held, operation, false);
    let (kind, replaces) = match readable(operation, &header) {
        Ok(parsed) => (judge(work, &parsed)?, parsed.replaces),
        Err(kind) => (kind, None),
    };
    let verdict = seal(work, &header, kind);
    record(work, terminal, &header, operation, false, &verdict)?;
    tell(work, terminal, &verdict);
    let mut wakes = VecDeque::new();
    wake_for(work, &verdict, replaces, &mut wakes);
    wake(work, wakes)?;
    Ok(Taken::Verdict(verdict))
}

/// The stored verdict of an operation that is held already, byte for byte the same.
fn held(
    work: &Work<'_>,
    terminal: TerminalId,
    operation: &SignedOperation,
) -> Result<Option<Verdict>, StoreError> {
    let key = params![
        work.company,
        terminal.to_string(),
        operation.hash().to_string()
    ];
    let text = one(work.tx, sql::OPERATION_BY_HASH, key, |row| {
        row.get::<_, String>(0)
    })?;
    text.map(|text| read(&text, "verdict")).transpose()
}

fn known_id(work: &Work<'_>, op: OpId) -> Result<bool, StoreError> {
    let key = params![work.company, op.to_string()];
    Ok(one(work.tx, sql::OPERATION_BY_ID, key, |_| Ok(()))?.is_some())
}

/// The code and key of a terminal's incarnation.
fn key_of(
    work: &Work<'_>,
    terminal: TerminalId,
    incarnation: u32,
) -> Result<Option<(String, PublicKey)>, StoreError> {
    let key = params![work.company, terminal.to_string(), incarnation];
    let row = one(work.tx, sql::INCARNATION_GET, key, |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    row.map(|(code, key)| Ok((code, parsed(&key, "public key")?)))
        .transpose()
}

/// Records damaged bytes as rejected in the next place; the chain goes on from the `prev_hash` of
/// what follows (rule 4.10).
fn damaged(
    work: &mut Work<'_>,
    terminal: TerminalId,
    row: &mut TerminalRow,
    operation: &SignedOperation,
) -> Result<Verdict, StoreError> {
    let named = operation.header().ok().map(|header| header.op_id);
    let op_id = match named {
        Some(op_id) if !known_id(work, op_id)? => op_id,
        _ => OpId(work.cx.env.uuid()),
    };
    row.held = chain::advanced(&row.held, operation, true);
    let head = row.held.head;
    let kind = VerdictKind::Rejected {
        reason: Code::Damaged,
    };
    let verdict = Verdict::seal(op_id, head.incarnation, head.seq, kind, work.cx.key);
    let header = Header {
        op_id,
        terminal,
        incarnation: head.incarnation,
        seq: head.seq,
        staff: domain::id::StaffId(uuid::Uuid::nil()),
        at: work.cx.env.now(),
        schema: 0,
        kind: "damaged".to_owned(),
        depends_on: Vec::new(),
        replaces: None,
        prev_hash: wire::keys::Hash::ZERO,
    };
    record(work, terminal, &header, operation, false, &verdict)?;
    report(work, "rejected", &header)?;
    tell(work, terminal, &verdict);
    Ok(verdict)
}

/// Puts an operation that the rules never saw before a person.
fn report(work: &mut Work<'_>, kind: &str, header: &Header) -> Result<(), StoreError> {
    let item = Attention {
        id: domain::id::AttentionId(work.cx.env.uuid()),
        kind: kind.to_owned(),
        op: Some(header.op_id),
        distributor: None,
        amount_fen: domain::Money::ZERO,
        subject: format!("{} {}", header.terminal, header.kind),
        at: work.cx.env.now(),
        done: false,
        concern: None,
        closed: None,
    };
    work.put_attention(item, Some(header.op_id))
}

/// The operation, or the verdict that its being unreadable leads to.
fn readable(operation: &SignedOperation, header: &Header) -> Result<Operation, VerdictKind> {
    if header.schema > OPERATION_SCHEMA {
        return Err(VerdictKind::Blocked {
            wait: Wait::Version,
        });
    }
    if header.schema.saturating_add(OLDER_SCHEMAS) < OPERATION_SCHEMA {
        let reason = Code::UnknownVersion {
            kind: header.kind.clone(),
        };
        return Err(VerdictKind::Rejected { reason });
    }
    operation.open().map_err(|_| {
        if KINDS.contains(&header.kind.as_str()) {
            VerdictKind::Rejected {
                reason: Code::BadField {
                    field: "body".into(),
                },
            }
        } else {
            VerdictKind::Blocked {
                wait: Wait::Version,
            }
        }
    })
}

/// Judges a readable operation: what it depends on, then the rules, in a savepoint of its own.
pub(super) fn judge(work: &mut Work<'_>, operation: &Operation) -> Result<VerdictKind, StoreError> {
    let basis = match &operation.body {
        OpBody::OrderEdit(body) => decide::operation_of(body.on),
        OpBody::OrderCancel(body) => decide::operation_of(body.on),
        OpBody::OrderApprove(body) | OpBody::OrderReject(body) => decide::operation_of(body.on),
        _ => None,
    };
    for op in operation.depends_on.iter().copied().chain(basis) {
        if !satisfied(work, op)? {
            return Ok(VerdictKind::Blocked {
                wait: Wait::Operation(op),
            });
        }
    }
    let code = key_of(work, operation.terminal, operation.incarnation)?;
    let mark = work.mark();
    work.tx.execute_batch("SAVEPOINT operation")?;
    let outcome = decided(
        work,
        operation,
        code.map(|(code, _)| code).unwrap_or_default(),
    );
    match outcome {
        Ok(kind) => {
            work.tx.execute_batch("RELEASE operation")?;
            Ok(kind)
        }
        Err(StoreError::Sqlite(rusqlite::Error::SqliteFailure(error, reason)))
            if error.code == rusqlite::ErrorCode::ConstraintViolation =>
        {
            // A rule let something through that the database refuses. The operation is rejected, so
            // that the terminal's log goes on, and the text leads to the rule.
            work.tx
                .execute_batch("ROLLBACK TO operation; RELEASE operation")?;
            work.back_to(mark);
            let trace = reason.unwrap_or_else(|| error.to_string());
            tracing::error!(op = %operation.op_id, %trace, "a rule's writes were refused");
            Ok(VerdictKind::Rejected {
                reason: Code::Internal { trace },
            })
        }
        Err(other) => Err(other),
    }
}

fn decided(
    work: &mut Work<'_>,
    operation: &Operation,
    terminal_code: String,
) -> Result<VerdictKind, StoreError> {
    let mut facts = load::facts(work.tx, work.cx, &decide::needs(operation))?;
    facts.terminal_code = terminal_code;
    let decision = decide::decide(operation, facts, work.cx.env, &work.cx.key.public());
    work.apply(decision.writes, Some(operation.op_id))?;
    Ok(decision.verdict)
}

/// Applied, or rejected and mended since (rule 4.7).
fn satisfied(work: &Work<'_>, op: OpId) -> Result<bool, StoreError> {
    let key = params![work.company, op.to_string()];
    let state = one(work.tx, sql::OPERATION_STATE, key, |row| {
        Ok((row.get::<_, bool>(0)?, row.get::<_, bool>(1)?))
    })?;
    match state {
        Some((_, true)) => Ok(true),
        Some((true, false)) => {
            let key = params![work.company, op.to_string()];
            Ok(one(work.tx, sql::OPERATION_MENDER, key, |_| Ok(()))?.is_some())
        }
        _ => Ok(false),
    }
}

fn seal(work: &Work<'_>, header: &Header, kind: VerdictKind) -> Verdict {
    Verdict::seal(
        header.op_id,
        header.incarnation,
        header.seq,
        kind,
        work.cx.key,
    )
}

fn record(
    work: &Work<'_>,
    terminal: TerminalId,
    header: &Header,
    operation: &SignedOperation,
    quarantined: bool,
    verdict: &Verdict,
) -> Result<(), StoreError> {
    let (wait_for, wait_id) = waits(&verdict.kind);
    run(
        work.tx,
        sql::OPERATION_NEW,
        params![
            work.company,
            header.op_id.to_string(),
            terminal.to_string(),
            header.incarnation,
            signed(header.seq)?,
            quarantined,
            operation.hash().to_string(),
            header.kind,
            header.staff.to_string(),
            header.replaces.map(|op| op.to_string()),
            operation.bytes,
            operation.signature.to_string(),
            work.cx.env.now().0,
            verdict.kind.settled(),
            verdict.kind.applied(),
            wait_for,
            wait_id,
            text(verdict)?
        ],
    )?;
    Ok(())
}

fn waits(kind: &VerdictKind) -> (Option<&'static str>, Option<String>) {
    match kind {
        VerdictKind::Blocked { wait } => match wait {
            Wait::Operation(op) => (Some("operation"), Some(op.to_string())),
            Wait::Intent(intent) => (Some("intent"), Some(intent.to_string())),
            Wait::Review => (Some("review"), None),
            Wait::Version => (Some("version"), None),
        },
        _ => (None, None),
    }
}

/// Puts a verdict on the feed of its terminal (rule 4.12).
fn tell(work: &mut Work<'_>, terminal: TerminalId, verdict: &Verdict) {
    #[cfg(feature = "planted")]
    if crate::planted::active(crate::planted::Bug::DroppedVerdict) {
        return;
    }
    work.change(
        Some(terminal),
        Some(verdict.op_id),
        Doc::Verdict(verdict.clone()),
    );
}

fn wake_for(
    work: &mut Work<'_>,
    verdict: &Verdict,
    replaces: Option<OpId>,
    wakes: &mut VecDeque<Wake>,
) {
    if verdict.kind.applied() {
        wakes.push_back(Wake::Operation(verdict.op_id));
        wakes.extend(replaces.map(Wake::Operation));
    }
    wakes.extend(work.ended.drain(..).map(Wake::Intent));
}

/// Judges again what waited for intents that ended in this transaction.
pub(super) fn wake_ended(work: &mut Work<'_>) -> Result<(), StoreError> {
    let wakes = work.ended.drain(..).map(Wake::Intent).collect();
    wake(work, wakes)
}

/// Judges again what waited, in log order, and what waited for that.
fn wake(work: &mut Work<'_>, mut wakes: VecDeque<Wake>) -> Result<(), StoreError> {
    while let Some(wake) = wakes.pop_front() {
        let (kind, id) = match wake {
            Wake::Operation(op) => ("operation", op.to_string()),
            Wake::Intent(intent) => ("intent", intent.to_string()),
        };
        let key = params![work.company, kind, id];
        let waiting = all(work.tx, sql::OPERATION_WAITING, key, |row| {
            row.get::<_, String>(0)
        })?;
        for op in waiting {
            again(work, parsed(&op, "operation id")?, &mut wakes)?;
        }
    }
    Ok(())
}

fn again(work: &mut Work<'_>, op: OpId, wakes: &mut VecDeque<Wake>) -> Result<(), StoreError> {
    let Some((header, operation)) = stored(work, op)? else {
        return Ok(());
    };
    let (kind, replaces) = match readable(&operation, &header) {
        Ok(parsed) => (judge(work, &parsed)?, parsed.replaces),
        Err(kind) => (kind, None),
    };
    settle_verdict(work, &header, kind, replaces, wakes)
}

fn settle_verdict(
    work: &mut Work<'_>,
    header: &Header,
    kind: VerdictKind,
    replaces: Option<OpId>,
    wakes: &mut VecDeque<Wake>,
) -> Result<(), StoreError> {
    let verdict = seal(work, header, kind);
    let (wait_for, wait_id) = waits(&verdict.kind);
    run(
        work.tx,
        sql::OPERATION_DECIDE,
        params![
            work.company,
            header.op_id.to_string(),
            verdict.kind.settled(),
            verdict.kind.applied(),
            wait_for,
            wait_id,
            text(&verdict)?
        ],
    )?;
    tell(work, header.terminal, &verdict);
    wake_for(work, &verdict, replaces, wakes);
    Ok(())
}

fn stored(work: &Work<'_>, op: OpId) -> Result<Option<(Header, SignedOperation)>, StoreError> {
    let key = params![work.company, op.to_string()];
    let row = one(work.tx, sql::OPERATION_BYTES, key, |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?))
    })?;
    let Some((bytes, signature)) = row else {
        return Ok(None);
    };
    let operation = SignedOperation {
        bytes,
        signature: parsed(&signature, "signature")?,
    };
    let header = operation.header().map_err(|error| StoreError::Corrupt {
        what: "operation",
        reason: error.to_string(),
    })?;
    Ok(Some((header, operation)))
}

/// Releases or rejects an operation that waits for a person (rule 4.9). A release judges it as if
/// it had just come; where the log had gone on, that is often a conflict, and says so.
pub(super) fn review(work: &mut Work<'_>, op: OpId, release: bool) -> Result<(), StoreError> {
    let key = params![work.company, op.to_string()];
    let waiting = one(work.tx, sql::OPERATION_FOR_REVIEW, key, |_| Ok(()))?;
    if waiting.is_none() {
        let reason = Code::NotFound {
            what: "operation".into(),
        };
        return Err(Refused::Rule { reason }.into());
    }
    let mut wakes = VecDeque::new();
    if release {
        again(work, op, &mut wakes)?;
    } else if let Some((header, _)) = stored(work, op)? {
        let kind = VerdictKind::Rejected {
            reason: Code::Conflict { held: 0 },
        };
        settle_verdict(work, &header, kind, None, &mut wakes)?;
    }
    wake(work, wakes)
}

/// Judges again what waited for a newer program, which this one may be (rule 4.10).
pub(super) fn resume_versions(work: &mut Work<'_>) -> Result<(), StoreError> {
    let key = params![work.company];
    let waiting = all(work.tx, sql::OPERATION_FOR_VERSION, key, |row| {
        row.get::<_, String>(0)
    })?;
    let mut wakes = VecDeque::new();
    for op in waiting {
        let op = parsed(&op, "operation id")?;
        let Some((header, operation)) = stored(work, op)? else {
            continue;
        };
        if readable(&operation, &header).is_ok() {
            again(work, op, &mut wakes)?;
        }
    }
    wake(work, wakes)
}
