//! The feed to terminals: pull, snapshot, and the chores that a contact brings (rules 4.12–4.14,
//! 7.2, 8.4). Answering reads only; what has to be written first is found out by reading.

use super::rows::{all, counted, one, parsed, read, run, signed, text};
use super::terminals::{self, CODE_LEN};
use super::work::{Work, head};
use super::{load, sql};
use crate::facts::Write;
use crate::store::{Context, StoreError};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::{IntentId, TerminalId, crockford};
use domain::intent::Ticket;
use domain::ledger;
use domain::money::Money;
use rusqlite::{Connection, params};
use wire::change::{Change, Cursor, Doc};
use wire::protocol::{
    Caller, PULL_BATCH, PullReply, PullRequest, Refused, SnapshotPage, SnapshotRequest,
};

/// What has to be written before a pull can be answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chores {
    /// Tickets to issue.
    pub(super) tickets: u32,
    /// Deposits to allot.
    pub(super) grants: bool,
    /// The cursor is of a feed that this one has replaced without saying so.
    pub(super) restored: bool,
}

impl Chores {
    /// Whether there is anything to write.
    pub(super) fn any(self) -> bool {
        self != Chores::default()
    }
}

/// Whether a cursor is of this feed.
enum Feed {
    Same,
    Other,
    Restored,
}

fn feed_of(
    tx: &Connection,
    company: &str,
    after: &Cursor,
    head: &Cursor,
) -> Result<Feed, StoreError> {
    if *after == Cursor::default() {
        return Ok(Feed::Same);
    }
    if after.epoch != head.epoch {
        return Ok(Feed::Other);
    }
    if after.seq == 0 {
        return Ok(Feed::Same);
    }
    let key = params![company, signed(after.seq)?];
    let tag = one(tx, sql::CHANGE_TAG, key, |row| row.get::<_, u32>(0))?;
    Ok(if tag == Some(after.tag) {
        Feed::Same
    } else {
        Feed::Restored
    })
}

fn admit(
    tx: &Connection,
    company: &str,
    caller: &Caller,
) -> Result<terminals::TerminalRow, StoreError> {
    let row = terminals::admitted(tx, company, caller.terminal)?;
    match crate::chain::forked(&row.held, &caller.head) {
        Some(after) => Err(Refused::Forked { after }.into()),
        None => Ok(row),
    }
}

/// Finds out what a pull has to write first.
pub(super) fn chores(
    tx: &Connection,
    cx: &Context<'_>,
    r: &PullRequest,
) -> Result<Chores, StoreError> {
    let company = cx.company.to_string();
    admit(tx, &company, &r.caller)?;
    let head = head(tx, &company, cx)?;
    match feed_of(tx, &company, &r.after, &head)? {
        Feed::Same => {}
        Feed::Other => return Err(Refused::NewEpoch { epoch: head.epoch }.into()),
        Feed::Restored => {
            return Ok(Chores {
                restored: true,
                ..Chores::default()
            });
        }
    }
    let terminal = r.caller.terminal.to_string();
    let mut tickets = cx.tuning.tickets.saturating_sub(r.tickets);
    if tickets > 0 {
        // What was issued and not pulled yet counts: a lost reply must not issue them again.
        let key = params![company, signed(r.after.seq)?, terminal];
        let on_the_way = one(tx, sql::TICKETS_UNDELIVERED, key, |row| {
            row.get::<_, u32>(0)
        })?;
        tickets = tickets.saturating_sub(on_the_way.unwrap_or(0));
    }
    let due = one(tx, sql::GRANTS_DUE, params![company, terminal], |_| Ok(()))?;
    Ok(Chores {
        tickets,
        grants: due.is_some(),
        restored: false,
    })
}

/// A ticket and its receipt code. Slow on purpose, so it is made outside any transaction.
pub(super) struct Fresh {
    id: IntentId,
    receipt_code: String,
    salt: [u8; 16],
    hash: [u8; 32],
}

/// Makes tickets.
pub(super) fn fresh_tickets(cx: &Context<'_>, count: u32) -> Result<Vec<Fresh>, StoreError> {
    let rule = |error: argon2::Error| StoreError::Rule(format!("receipt code: {error}"));
    let cost = Params::new(cx.tuning.ticket_memory_kib, 1, 1, Some(32)).map_err(rule)?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost);
    let fresh = || {
        let receipt_code = crockford(u128::from(cx.env.number()), CODE_LEN);
        let (mut salt, mut hash) = ([0u8; 16], [0u8; 32]);
        cx.env.random(&mut salt);
        argon
            .hash_password_into(receipt_code.as_bytes(), &salt, &mut hash)
            .map_err(rule)?;
        Ok(Fresh {
            id: IntentId(cx.env.number()),
            receipt_code,
            salt,
            hash,
        })
    };
    (0..count).map(|_| fresh()).collect()
}

/// Writes what has to be written first.
pub(super) fn do_chores(
    work: &mut Work<'_>,
    r: &PullRequest,
    tickets: Vec<Fresh>,
) -> Result<Result<(), Refused>, StoreError> {
    let due = chores(work.tx, work.cx, r)?;
    let terminal = r.caller.terminal;
    if due.restored {
        let epoch = super::recovery::begin_epoch(work)?;
        tracing::warn!(epoch, cursor = %r.after, "the feed was restored: a new epoch begins");
        return Ok(Err(Refused::NewEpoch { epoch }));
    }
    let life = load::company(work.tx, work.cx)?.ticket_life_ms;
    let expires_at = work.cx.env.now().plus_ms(life);
    for fresh in tickets
        .into_iter()
        .take(usize::try_from(due.tickets).unwrap_or(0))
    {
        let ticket = Ticket {
            id: fresh.id,
            salt: STANDARD.encode(fresh.salt),
            code_hash: STANDARD.encode(fresh.hash),
            expires_at,
        };
        let row = params![
            work.company,
            ticket.id.to_string(),
            terminal.to_string(),
            fresh.receipt_code,
            expires_at.0,
            text(&ticket)?
        ];
        run(work.tx, sql::TICKET_NEW, row)?;
        work.change(Some(terminal), None, Doc::Ticket(ticket));
    }
    grant(work, terminal)?;
    work.flush(true)?;
    Ok(Ok(()))
}

/// Allots what is available of the distributors that this terminal serves (rule 7.2).
fn grant(work: &mut Work<'_>, terminal: TerminalId) -> Result<(), StoreError> {
    let key = params![work.company, terminal.to_string()];
    let due = all(work.tx, sql::GRANTS_DUE, key, |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
    })?;
    for (distributor, fen) in due {
        let distributor = parsed(&distributor, "distributor id")?;
        let entry = ledger::allotment_granted(distributor, terminal, Money::from_fen(fen))
            .map_err(|error| StoreError::Rule(error.to_string()))?;
        let cause = format!("allotment {terminal}");
        work.apply(vec![Write::Entry { entry, cause }], None)?;
    }
    Ok(())
}

type Row = (i64, u32, i64, Option<String>, String);

fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
    ))
}

fn changes(rows: &[Row]) -> Result<Vec<Change>, StoreError> {
    rows.iter()
        .map(|(seq, tag, _, caused_by, body)| {
            let caused_by = caused_by
                .as_deref()
                .map(|op| parsed(op, "operation id"))
                .transpose()?;
            Ok(Change {
                seq: counted(*seq)?,
                tag: *tag,
                caused_by,
                doc: read(body, "change")?,
            })
        })
        .collect()
}

/// Cuts a page of at most `PULL_BATCH` where a transaction ends. `None` when one transaction alone
/// is larger: it is then asked for whole.
fn cut(rows: &mut Vec<Row>) -> Option<bool> {
    if rows.len() <= PULL_BATCH {
        return Some(false);
    }
    let open = rows[PULL_BATCH].2;
    rows.truncate(PULL_BATCH);
    rows.retain(|row| row.2 != open);
    if rows.is_empty() { None } else { Some(true) }
}

const PAGE: i64 = PULL_BATCH as i64 + 1;

/// Answers a pull.
pub(super) fn pull(
    tx: &Connection,
    cx: &Context<'_>,
    r: &PullRequest,
) -> Result<PullReply, StoreError> {
    let company = cx.company.to_string();
    let terminal = admit(tx, &company, &r.caller)?;
    let head = head(tx, &company, cx)?;
    if !matches!(feed_of(tx, &company, &r.after, &head)?, Feed::Same) {
        return Err(Refused::NewEpoch { epoch: head.epoch }.into());
    }
    let (after, scope) = (signed(r.after.seq)?, r.caller.terminal.to_string());
    let mut rows = all(
        tx,
        sql::CHANGES_AFTER,
        params![company, after, scope, PAGE],
        row,
    )?;
    let group = rows.first().map_or(0, |row| row.2);
    let more = match cut(&mut rows) {
        Some(more) => more,
        None => {
            let key = params![company, after, scope, group];
            rows = all(tx, sql::CHANGES_OF_GROUP, key, row)?;
            true
        }
    };
    let complete_to = match rows.last() {
        Some((seq, tag, ..)) if more => Cursor {
            epoch: head.epoch,
            seq: counted(*seq)?,
            tag: *tag,
        },
        _ => head,
    };
    Ok(PullReply {
        changes: changes(&rows)?,
        complete_to,
        more,
        head: terminal.held.head,
        lease: terminals::lease(tx, cx, r.caller.terminal, &terminal.code)?,
        at: cx.env.now(),
    })
}

/// Answers a page of the whole state. The token is `<cursor>.<last number sent>`.
pub(super) fn snapshot(
    tx: &Connection,
    cx: &Context<'_>,
    r: &SnapshotRequest,
) -> Result<SnapshotPage, StoreError> {
    let company = cx.company.to_string();
    admit(tx, &company, &r.caller)?;
    let head = head(tx, &company, cx)?;
    let (cursor, after) = match &r.resume {
        None => (head, 0),
        Some(token) => token_of(token).ok_or(Refused::NewEpoch { epoch: head.epoch })?,
    };
    // A new epoch starts the snapshot again; so does a head that this feed never had.
    if !matches!(feed_of(tx, &company, &cursor, &head)?, Feed::Same) {
        return Err(Refused::NewEpoch { epoch: head.epoch }.into());
    }
    let (scope, last) = (r.caller.terminal.to_string(), signed(cursor.seq)?);
    let mut rows = all(
        tx,
        sql::SNAPSHOT_PAGE,
        params![company, after, scope, PAGE, last],
        row,
    )?;
    let group = rows.first().map_or(0, |row| row.2);
    let more = match cut(&mut rows) {
        Some(more) => more,
        None => {
            let key = params![company, after, scope, group, last];
            rows = all(tx, sql::SNAPSHOT_GROUP, key, row)?;
            true
        }
    };
    let key = params![company, last, scope];
    let total = one(tx, sql::SNAPSHOT_TOTAL, key, |row| row.get::<_, i64>(0))?;
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| format!("{cursor}.{}", row.0));
    Ok(SnapshotPage {
        changes: changes(&rows)?,
        cursor,
        next,
        total: counted(total.unwrap_or(0))?,
    })
}

fn token_of(token: &str) -> Option<(Cursor, i64)> {
    let (cursor, after) = token.rsplit_once('.')?;
    Some((cursor.parse().ok()?, after.parse().ok()?))
}
