//! What must hold when the weather is over, looked at from outside: in the backend's file, in the
//! terminals' files, and in the channels' memory. Each sentence names the invariant that it breaks.

use crate::process::BackendProcess;
use crate::sim::Did;
use crate::station::Station;
use crate::world::World;
use domain::collection::{CollectionState, PaymentCollection};
use domain::id::{IntentId, OpId, OrderId, RefundId};
use domain::intent::{PaymentIntent, TransactionRecord};
use domain::operation::{Basis, OpBody};
use domain::order::SalesOrder;
use domain::refund::Refund;
use domain::{Money, Timestamp};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use std::collections::{BTreeMap, BTreeSet};
use wire::change::{Cursor, Doc};
use wire::envelope::SignedOperation;
use wire::protocol::{Caller, Head, SnapshotRequest};
use wire::verdict::{Verdict, VerdictKind, Wait};

fn look(backend: &BackendProcess) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(backend.path(), flags).expect("the backend's file opens")
}

/// Whether the backend has the operation that opened an intent.
pub(crate) fn backend_knows(backend: &BackendProcess, intent: IntentId) -> bool {
    let sql = "SELECT body IS NOT NULL FROM payment_intent WHERE intent = ?1";
    let conn = look(backend);
    let known = conn
        .query_row(sql, [intent.to_string()], |row| row.get(0))
        .optional();
    known
        .expect("the backend's file is readable")
        .unwrap_or(false)
}

/// Intents that may still be paid. A link whose operation was never applied (it hangs on a rejected
/// order) is none: it freezes nothing and pays nothing by itself.
pub(crate) fn live_intents(backend: &BackendProcess) -> BTreeSet<IntentId> {
    let conn = look(backend);
    let mut select = conn
        .prepare("SELECT intent FROM payment_intent WHERE live = 1 AND body IS NOT NULL")
        .expect("intents are readable");
    let rows = select
        .query_map([], |row| row.get::<_, String>(0))
        .expect("intents are readable");
    rows.map(|id| id.expect("a row").parse().expect("a stored id"))
        .collect()
}

/// What the backend has of one operation.
#[derive(Debug)]
struct Judged {
    operation: SignedOperation,
    quarantined: bool,
    verdict: Verdict,
}

fn operations(backend: &BackendProcess) -> BTreeMap<OpId, Judged> {
    let conn = look(backend);
    let mut select = conn
        .prepare("SELECT op_id, bytes, signature, quarantined, verdict FROM operation")
        .expect("operations are readable");
    let rows = select.query_map([], |row| {
        let (op, signature): (String, String) = (row.get(0)?, row.get(2)?);
        let verdict: String = row.get(4)?;
        let judged = Judged {
            operation: SignedOperation {
                bytes: row.get(1)?,
                signature: signature.parse().expect("a stored signature"),
            },
            quarantined: row.get(3)?,
            verdict: serde_json::from_str(&verdict).expect("a stored verdict"),
        };
        Ok((op.parse().expect("a stored id"), judged))
    });
    rows.expect("operations are readable")
        .map(|row| row.expect("a row"))
        .collect()
}

/// Whether an operation may stay pending for good: it hangs on one that was rejected, itself or
/// through others (rule 4.7), and names it; or on a live intent.
fn hangs(
    judged: &BTreeMap<OpId, Judged>,
    live: &BTreeSet<IntentId>,
    op: OpId,
    depth: usize,
) -> Result<(), String> {
    let Some(held) = judged.get(&op) else {
        return Err(format!(
            "invariant 2: operation {op} never reached the backend"
        ));
    };
    let wait = match &held.verdict.kind {
        VerdictKind::Blocked { wait } => wait,
        other => return Err(format!("operation {op} is pending and judged {other:?}")),
    };
    let on = match wait {
        Wait::Operation(on) => on,
        Wait::Intent(intent) if live.contains(intent) => return Ok(()),
        other => {
            return Err(format!(
                "invariant 7: operation {op} waits for {other:?}, which is over"
            ));
        }
    };
    let operation = held.operation.open().map_err(|error| error.to_string())?;
    let basis = match &operation.body {
        OpBody::OrderEdit(body) => Some(body.on),
        OpBody::OrderCancel(body) => Some(body.on),
        OpBody::OrderApprove(body) | OpBody::OrderReject(body) => Some(body.on),
        _ => None,
    };
    if !operation.depends_on.contains(on) && basis != Some(Basis::Operation(*on)) {
        return Err(format!(
            "invariant 7: {op} is blocked by {on}, on which it does not depend"
        ));
    }
    let rejected = judged
        .get(on)
        .is_some_and(|held| matches!(held.verdict.kind, VerdictKind::Rejected { .. }));
    if rejected {
        return Ok(());
    }
    if depth == 0 {
        return Err(format!("invariant 7: {op} hangs on a ring of operations"));
    }
    hangs(judged, live, *on, depth - 1)
}

fn pending(station: &Station) -> Vec<OpId> {
    let read = station.terminal().ledger().read(|conn| {
        let sql = "SELECT op_id FROM operation WHERE settled_by IS NULL ORDER BY position";
        let rows = conn
            .prepare_cached(sql)?
            .query_map([], |row| Ok(OpId(uuid::Uuid::from_bytes(row.get(0)?))))?
            .collect::<rusqlite::Result<Vec<OpId>>>()?;
        Ok(rows)
    });
    read.expect("the ledger is readable")
}

/// Why a terminal is not at rest yet.
/// `live` are the intents that may stay as they are.
pub(crate) fn unrest(
    station: &Station,
    backend: &BackendProcess,
    head: Cursor,
    live: &BTreeSet<IntentId>,
) -> Option<String> {
    if station.engine().in_flight() {
        return Some("has a request under way".to_owned());
    }
    let terminal = station.terminal();
    if terminal.has_unsent().expect("the ledger is readable") {
        return Some("has unsent operations".to_owned());
    }
    let held: String = terminal
        .ledger()
        .read(|conn| Ok(conn.query_row("SELECT at FROM cursor", [], |row| row.get(0))?))
        .expect("the ledger is readable");
    let catalogue = terminal
        .catalogue()
        .cursor()
        .expect("the catalogue is readable");
    if held != head.to_string() || catalogue != Some(head) {
        return Some(format!("has heard up to {held}, the feed is at {head}"));
    }
    let pending = pending(station);
    if pending.is_empty() {
        return None;
    }
    let judged = operations(backend);
    pending
        .iter()
        .find_map(|op| hangs(&judged, live, *op, judged.len()).err())
}

/// How much the company did.
pub(super) fn did(backend: &BackendProcess) -> Did {
    let conn = look(backend);
    let count = |sql: &str| -> u64 {
        let count: i64 = conn.query_row(sql, [], |row| row.get(0)).expect("a count");
        u64::try_from(count).unwrap_or(0)
    };
    Did {
        operations: count("SELECT count(*) FROM operation"),
        orders: count("SELECT count(*) FROM sales_order"),
        confirmed: count("SELECT count(*) FROM payment_collection WHERE state = 'confirmed'"),
        rejected: count("SELECT count(*) FROM operation WHERE settled = 1 AND applied = 0"),
    }
}

/// Puts the end state into the trace, so that two runs that end differently never look the same.
pub(super) fn close_trace(world: &mut World) {
    for judged in operations(&world.backend).into_values() {
        world.note(&format!(
            "{} {:?}",
            judged.verdict.op_id, judged.verdict.kind
        ));
    }
    let head = {
        let central = world.backend.central();
        central
            .store()
            .head(&central.context())
            .expect("the head is readable")
    };
    world.note(&format!("the feed ends at {head}"));
}

/// Everything that contradicts an invariant of a world at rest.
pub(crate) fn contradictions(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    operations_once(world, &mut wrong);
    same_documents(world, &mut wrong);
    books(world, &mut wrong);
    documents(world, &mut wrong);
    channels(world, &mut wrong);
    history(world, &mut wrong);
    wrong
}

/// Invariant 2: every promised operation is at the backend, once, under its own number.
fn operations_once(world: &World, wrong: &mut Vec<String>) {
    let judged = operations(&world.backend);
    let mut promised = BTreeSet::new();
    for (index, station) in world.stations.iter().enumerate() {
        promised.extend(station.acked.iter().copied());
        for op in &station.acked {
            match judged.get(op) {
                None => wrong.push(format!(
                    "invariant 2: acknowledged operation {op} of t{index} is not at the backend"
                )),
                Some(held) if held.quarantined => {
                    wrong.push(format!(
                        "invariant 2: operation {op} of t{index} is in quarantine"
                    ));
                }
                Some(_) => {}
            }
        }
    }
    for op in judged.keys().filter(|op| !promised.contains(op)) {
        wrong.push(format!(
            "invariant 2: the backend has {op}, which nobody did"
        ));
    }
    let live = live_intents(&world.backend);
    for (op, held) in &judged {
        if !held.verdict.kind.settled()
            && let Err(what) = hangs(&judged, &live, *op, judged.len())
        {
            wrong.push(what);
        }
    }
}

fn me(station: &Station) -> Caller {
    let identity = station.terminal().ledger().identity().expect("enrolled");
    let read = station.terminal().ledger().read(|conn| {
        let sql = "SELECT head_seq, head_hash FROM log WHERE incarnation = ?1";
        Ok(conn.query_row(sql, [identity.incarnation], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?))
        })?)
    });
    let (seq, hash) = read.expect("the log's head is readable");
    let head = Head {
        incarnation: identity.incarnation,
        seq: u64::try_from(seq).unwrap_or(0),
        hash: wire::keys::Hash(hash),
    };
    Caller {
        terminal: identity.terminal,
        head,
    }
}

/// What the backend would tell a terminal that knows nothing.
fn told(world: &World, station: &Station) -> Vec<Doc> {
    let central = world.backend.central();
    let (mut docs, mut resume) = (Vec::new(), None);
    loop {
        let request = SnapshotRequest {
            caller: me(station),
            resume,
        };
        let page = central.snapshot_now(&request).expect("a snapshot");
        docs.extend(page.changes.into_iter().map(|change| change.doc));
        resume = page.next;
        if resume.is_none() {
            return docs;
        }
    }
}

fn key(doc: &Doc) -> Option<(&'static str, uuid::Uuid, String)> {
    let of = |kind, id: uuid::Uuid, json: serde_json::Result<String>| {
        Some((kind, id, json.expect("a document is JSON")))
    };
    match doc {
        Doc::SalesOrder(d) => of("sales_order", d.id.0, serde_json::to_string(d)),
        Doc::PaymentCollection(d) => of("payment_collection", d.id.0, serde_json::to_string(d)),
        Doc::PaymentIntent(d) => of(
            "payment_intent",
            uuid::Uuid::from_u128(u128::from(d.id.0)),
            serde_json::to_string(d),
        ),
        Doc::TransactionRecord(d) => of("transaction_record", d.id.0, serde_json::to_string(d)),
        Doc::DepositBalance(d) => of("deposit_balance", d.distributor.0, serde_json::to_string(d)),
        Doc::Attention(d) => of("attention", d.id.0, serde_json::to_string(d)),
        Doc::Refund(d) => of("refund", d.id.0, serde_json::to_string(d)),
        Doc::MoneyMatch(d) => of("money_match", d.id.0, serde_json::to_string(d)),
        Doc::Config(d) => {
            let id = uuid::Uuid::from_u128(u128::from(d.version));
            of("config", id, serde_json::to_string(d))
        }
        Doc::StaffVersion(d) => of("staff_version", d.op.0, serde_json::to_string(d)),
        Doc::HistoryLine(d) => of("history_line", d.id.0, serde_json::to_string(d)),
        _ => None,
    }
}

type Row = (String, [u8; 16], Option<String>, Option<String>, i64);

/// What terminals show is what the backend has: document for document, byte for byte.
fn same_documents(world: &World, wrong: &mut Vec<String>) {
    for (index, station) in world.stations.iter().enumerate() {
        let docs = told(world, station);
        let hanging = !pending(station).is_empty();
        let expected: BTreeMap<(&str, uuid::Uuid), String> = docs
            .iter()
            .filter_map(key)
            .map(|(kind, id, json)| ((kind, id), json))
            .collect();
        let read = station.terminal().ledger().read(|conn| {
            let sql = "SELECT kind, id, base, view, pending FROM document ORDER BY kind, id";
            let rows = conn
                .prepare(sql)?
                .query_map([], |row| {
                    Ok((
                        row.get(0)?,
                        row.get(1)?,
                        row.get(2)?,
                        row.get(3)?,
                        row.get(4)?,
                    ))
                })?
                .collect::<rusqlite::Result<Vec<Row>>>()?;
            Ok(rows)
        });
        let held = read.expect("documents are readable");
        let mut seen = 0;
        for (kind, id, base, view, pending) in held {
            let id = uuid::Uuid::from_bytes(id);
            let wanted = expected.get(&(kind.as_str(), id));
            seen += usize::from(base.is_some());
            if base.as_ref() != wanted {
                wrong.push(format!(
                    "t{index} holds another {kind} {id} than the backend"
                ));
            }
            // An operation that hangs on a rejected one goes on being shown as waiting.
            if !hanging && (pending != 0 || view.is_some()) {
                wrong.push(format!(
                    "t{index} shows {kind} {id} as waiting, and nothing is"
                ));
            }
        }
        if seen != expected.len() {
            let count = expected.len();
            wrong.push(format!(
                "t{index} holds {seen} documents, the backend tells {count}"
            ));
        }
        for doc in &docs {
            if let Doc::Distributor(wanted) = doc {
                let held = station.terminal().catalogue().distributor(wanted.id);
                if held.expect("the catalogue is readable").as_ref() != Some(wanted) {
                    wrong.push(format!(
                        "t{index} holds another distributor {}",
                        wanted.code
                    ));
                }
            }
        }
    }
}

/// Invariants 3 and 6: the books.
fn books(world: &World, wrong: &mut Vec<String>) {
    let central = world.backend.central();
    let (store, cx) = (central.store(), central.context());
    let balances = store.trial_balance(&cx).expect("accounts are readable");
    let sum: i64 = balances
        .iter()
        .map(|account| account.balance_fen.fen())
        .sum();
    if sum != 0 {
        wrong.push(format!("invariant 3: all accounts together are {sum} fen"));
    }
    for account in &balances {
        if account.balance_fen != account.postings_fen {
            wrong.push(format!(
                "invariant 3: {} differs from its postings",
                account.account
            ));
        }
        if account.account.starts_with("deposit") && account.balance_fen < Money::ZERO {
            wrong.push(format!(
                "invariant 6: {} is {}",
                account.account, account.balance_fen
            ));
        }
    }
    wrong.extend(store.audit(&cx).expect("the audit runs"));
}

/// Orders and collections: each once, and what is paid is covered by money.
fn documents(world: &World, wrong: &mut Vec<String>) {
    let central = world.backend.central();
    let (store, cx) = (central.store(), central.context());
    let orders = store.orders(&cx).expect("orders are readable");
    let collections = store.collections(&cx).expect("collections are readable");
    let mut numbers = BTreeSet::new();
    let all = orders.iter().map(|order| &order.number);
    for number in all.chain(collections.iter().map(|collection| &collection.number)) {
        if !numbers.insert(number) {
            wrong.push(format!("invariant 2: number {number} was given twice"));
        }
    }
    let mut intents = BTreeSet::new();
    for intent in collections
        .iter()
        .filter_map(|collection| collection.intent)
    {
        if !intents.insert(intent) {
            wrong.push(format!("invariant 2: intent {intent} made two collections"));
        }
    }
    for order in &orders {
        let parts = collections
            .iter()
            .filter(|collection| collection.state == CollectionState::Confirmed)
            .flat_map(|collection| &collection.allocations)
            .filter(|part| part.order == order.id)
            .map(|part| part.amount_fen.fen());
        let covered: i64 = parts.sum();
        if covered != order.paid_fen.fen() {
            wrong.push(format!(
                "invariant 4: order {} is paid {} and {covered} fen of collections say so",
                order.number, order.paid_fen
            ));
        }
    }
}

/// Invariant 3: every fen that a channel reports is booked, once, as reported.
fn channels(world: &World, wrong: &mut Vec<String>) {
    let conn = look(&world.backend);
    let mut select = conn
        .prepare("SELECT provider_no, gross_fen FROM transaction_record")
        .expect("records are readable");
    let rows = select.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
    });
    let booked: Vec<(String, i64)> = rows
        .expect("records are readable")
        .map(|row| row.expect("a row"))
        .collect();
    let mut paid = 0;
    for trade in world.wallets.trades() {
        let Some(amount) = trade.paid() else { continue };
        paid += 1;
        let times = booked
            .iter()
            .filter(|row| **row == (trade.provider_no.clone(), amount.fen()));
        let times = times.count();
        if times != 1 {
            let number = &trade.attempt.out_trade_no;
            wrong.push(format!(
                "invariant 3: the money of {number} is booked {times} times"
            ));
        }
    }
    if booked.len() != paid {
        wrong.push(format!(
            "invariant 3: {} records for {paid} payments",
            booked.len()
        ));
    }
}

/// Invariant 4 over the whole feed: nothing that was paid steps back, save by a named fact.
fn history(world: &World, wrong: &mut Vec<String>) {
    let conn = look(&world.backend);
    let mut select = conn
        .prepare(
            "SELECT body FROM change WHERE doc IN ('sales_order', 'payment_collection',
                  'payment_intent', 'transaction_record', 'refund') ORDER BY seq",
        )
        .expect("the feed is readable");
    let rows = select.query_map([], |row| row.get::<_, String>(0));
    let mut before = Before {
        taken: approved_refunds(&conn),
        ..Before::default()
    };
    for body in rows.expect("the feed is readable") {
        let doc: Doc = serde_json::from_str(&body.expect("a row")).expect("a change is a document");
        if let Err(what) = before.then(doc) {
            wrong.push(format!("invariant 4: {what}"));
        }
    }
}

/// What approved refunds took from orders.
fn approved_refunds(conn: &Connection) -> BTreeMap<OrderId, Money> {
    let mut select = conn
        .prepare("SELECT body FROM refund WHERE state NOT IN ('requested', 'rejected')")
        .expect("refunds are readable");
    let rows = select.query_map([], |row| row.get::<_, String>(0));
    let mut taken = BTreeMap::new();
    for body in rows.expect("refunds are readable") {
        let refund: Refund = serde_json::from_str(&body.expect("a row")).expect("a refund");
        for part in refund.allocations {
            let sum: &mut Money = taken.entry(part.order).or_default();
            *sum = sum.checked_add(part.amount_fen).expect("in range");
        }
    }
    taken
}

#[derive(Default)]
struct Before {
    /// What is left of what refunds may take from each order.
    taken: BTreeMap<OrderId, Money>,
    refunds: BTreeMap<RefundId, Refund>,
    orders: BTreeMap<String, SalesOrder>,
    collections: BTreeMap<String, PaymentCollection>,
    intents: BTreeMap<String, PaymentIntent>,
    records: BTreeMap<String, TransactionRecord>,
}

impl Before {
    fn then(&mut self, doc: Doc) -> Result<(), String> {
        match doc {
            Doc::SalesOrder(now) => {
                let number = now.number.clone();
                let Some(then) = self.orders.insert(number.clone(), now.clone()) else {
                    return Ok(());
                };
                // An edit, a cancellation or a refund is the named fact that sets money free
                // (rule 5.8).
                let fact = now.revision > then.revision;
                if now.paid_fen < then.paid_fen && !fact {
                    let left = self.taken.entry(now.id).or_default();
                    let fall = then.paid_fen.checked_sub(now.paid_fen);
                    match fall.and_then(|fall| left.checked_sub(fall)) {
                        Some(rest) if !rest.is_negative() => *left = rest,
                        _ => {
                            let was = then.paid_fen;
                            return Err(format!("order {number} was paid {was} before"));
                        }
                    }
                }
                if now.revision < then.revision {
                    return Err(format!(
                        "order {number} went back to revision {}",
                        now.revision
                    ));
                }
            }
            Doc::PaymentCollection(now) => {
                let number = now.number.clone();
                let Some(then) = self.collections.insert(number.clone(), now.clone()) else {
                    return Ok(());
                };
                if then.state != CollectionState::UnderReview && then.state != now.state {
                    return Err(format!("collection {number} was {:?} before", then.state));
                }
            }
            Doc::PaymentIntent(now) => {
                let id = now.id.to_string();
                let Some(then) = self.intents.insert(id.clone(), now.clone()) else {
                    return Ok(());
                };
                if now.state < then.state {
                    return Err(format!(
                        "intent {id} went from {:?} to {:?}",
                        then.state, now.state
                    ));
                }
            }
            Doc::TransactionRecord(now) => {
                let number = now.provider_no.clone();
                let Some(then) = self.records.insert(number.clone(), now.clone()) else {
                    return Ok(());
                };
                if (then.gross_fen, then.paid_at) != (now.gross_fen, now.paid_at)
                    || then.paid_at == Timestamp(0)
                {
                    return Err(format!("the record of {number} was changed"));
                }
            }
            Doc::Refund(now) => {
                let id = now.id;
                let Some(then) = self.refunds.insert(id, now.clone()) else {
                    return Ok(());
                };
                let renamed =
                    then.out_refund_no.is_some() && then.out_refund_no != now.out_refund_no;
                if now.state < then.state || renamed {
                    return Err(format!("refund {id} went back from {then:?}"));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
