//! Requests made from the files, and replies written into them. Each reply is one transaction per
//! file together with that file's cursor, so that a crash anywhere repeats and never skips
//! (rules 4.1, 4.4, 4.12–4.14). The catalogue goes first: when an operation stops being pending, the
//! distributor it made is already there.
//!
//! A reply that brings nothing writes nothing: an idle terminal costs no fsync (P8).

use crate::ledger::{
    self, DocKey, Fault, Identity, apply_base, note_verdict, refold, settle, store_lease,
};
use crate::terminal::Terminal;
use crate::transact::{Tag, Tx};
use domain::Timestamp;
use domain::time::HOUR_MS;
use rusqlite::{Connection, params};
use serde::Serialize;
use std::sync::Arc;
use wire::change::{Change, Cursor, Doc};
use wire::protocol::{
    Caller, Head, PUSH_BATCH, PullReply, PullRequest, PushReply, PushRequest, SignedLease,
    SnapshotPage, SnapshotRequest,
};
use wire::verdict::Verdict;

/// A push carries at least one operation and about this many bytes: it must fit a slow line's
/// patience (R12).
const PUSH_BYTES: usize = 512 * 1024;
/// A renewed lease is written when it is this much longer, or differs in substance.
const LEASE_STEP_MS: i64 = HOUR_MS;

/// Why a reply could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A verdict or lease in it is not the backend's.
    #[error("the reply carries something that the backend did not sign")]
    Forged,
    /// The backend's log of this terminal is not a part of this one (rule 4.9).
    #[error(
        "the backend has other operations of this terminal than this file: it was rolled back \
             or cloned"
    )]
    Forked,
    /// This terminal's files.
    #[error(transparent)]
    Store(#[from] Fault),
}

impl From<domain::Code> for ApplyError {
    fn from(code: domain::Code) -> ApplyError {
        ApplyError::Store(code.into())
    }
}

/// What a reply came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The backend has more of the same.
    pub more: bool,
    /// Operations are still to be sent.
    pub unsent: bool,
    /// The feed is applied up to here in both files.
    pub applied_to: u64,
    /// It brought something new; a push that did not must not be repeated at once.
    pub progress: bool,
}

impl Terminal {
    fn me(&self) -> Result<Arc<Identity>, Fault> {
        self.ledger()
            .identity()
            .ok_or_else(|| domain::Code::NotEnrolled.into())
    }

    /// The next operations to send; `None` when the backend has all.
    ///
    /// # Errors
    /// `NotEnrolled` and what the file says.
    pub fn push_request(&self) -> Result<Option<PushRequest>, Fault> {
        let me = self.me()?;
        self.ledger().try_read(|conn| {
            let sent = ledger::backend_seq(conn, me.incarnation)?;
            let mut operations = ledger::after(conn, me.incarnation, sent, PUSH_BATCH)?;
            let (mut bytes, mut fits, mut slips) = (0, 0, Vec::new());
            for operation in &operations {
                if bytes >= PUSH_BYTES {
                    break;
                }
                fits += 1;
                bytes += operation.bytes.len();
                // A photo goes with the operation that names it: both are there, or neither.
                if let Some(slip) = ledger::slip_of(conn, operation)? {
                    bytes += slip.jpeg.len();
                    slips.push(slip);
                }
            }
            operations.truncate(fits);
            if operations.is_empty() {
                return Ok(None);
            }
            Ok(Some(PushRequest {
                caller: caller(conn, &me)?,
                operations,
                slips,
            }))
        })
    }

    /// Asks for what is newer than the older of the two files.
    ///
    /// # Errors
    /// `NotEnrolled` and what the files say.
    pub fn pull_request(&self) -> Result<PullRequest, Fault> {
        let me = self.me()?;
        let catalogue = self.catalogue().cursor()?.unwrap_or_default();
        let now = self.env().now();
        self.ledger().try_read(|conn| {
            let held = cursor(conn)?;
            let after = if catalogue.seq < held.seq {
                catalogue
            } else {
                held
            };
            let tickets = u32::try_from(ledger::tickets_left(conn, now)?).unwrap_or(u32::MAX);
            Ok(PullRequest {
                caller: caller(conn, &me)?,
                after,
                tickets,
            })
        })
    }

    /// Asks for the whole state: from where the last page ended, or from the beginning.
    ///
    /// # Errors
    /// `NotEnrolled` and what the file says.
    pub fn snapshot_request(&self, restart: bool) -> Result<SnapshotRequest, Fault> {
        let me = self.me()?;
        self.ledger().try_read(|conn| {
            let resume: Option<String> =
                conn.query_row("SELECT snapshot_next FROM cursor", [], |row| row.get(0))?;
            let resume = if restart { None } else { resume };
            Ok(SnapshotRequest {
                caller: caller(conn, &me)?,
                resume,
            })
        })
    }

    /// Whether a file has to be filled before pulling makes sense.
    ///
    /// # Errors
    /// What the files say.
    pub fn needs_snapshot(&self) -> Result<bool, Fault> {
        let catalogue = self.catalogue().cursor()?.unwrap_or_default();
        self.ledger().try_read(|conn| {
            let held = cursor(conn)?;
            let begun: bool =
                conn.query_row("SELECT snapshot_next IS NOT NULL FROM cursor", [], |row| {
                    row.get(0)
                })?;
            let empty = catalogue.seq == 0 || held.seq == 0;
            Ok(begun || empty || catalogue.epoch != held.epoch)
        })
    }

    /// Whether operations are to be sent.
    ///
    /// # Errors
    /// `NotEnrolled` and what the file says.
    pub fn has_unsent(&self) -> Result<bool, Fault> {
        let me = self.me()?;
        self.ledger().try_read(|conn| unsent(conn, me.incarnation))
    }

    /// Writes what a push came to. Verdicts are kept as proof; only the feed ends the pending state.
    ///
    /// # Errors
    /// [`ApplyError`].
    pub fn apply_push(&self, reply: &PushReply) -> Result<Applied, ApplyError> {
        let me = self.me()?;
        verify_all(reply.verdicts.iter(), &me)?;
        let (before, fits) = self.ledger().try_read(|conn| {
            Ok((
                ledger::backend_seq(conn, me.incarnation)?,
                fits(conn, &me, &reply.head)?,
            ))
        })?;
        if !fits {
            return Err(ApplyError::Forked);
        }
        if reply.verdicts.is_empty() && reply.head.seq == before {
            let unsent = self.has_unsent()?;
            return Ok(Applied {
                unsent,
                ..Applied::default()
            });
        }
        let done = self.ledger().try_transact(|tx| {
            let mut progress = take_head(tx, &me, &reply.head)?;
            for verdict in &reply.verdicts {
                if let Some((position, _)) = ledger::find(tx.conn(), verdict.op_id)? {
                    progress |= note_verdict(tx.conn(), position, verdict)?;
                }
            }
            if progress {
                tx.mark(Tag::Sync);
            }
            let unsent = unsent(tx.conn(), me.incarnation)?;
            Ok(Applied {
                more: false,
                unsent,
                applied_to: 0,
                progress,
            })
        })?;
        Ok(done.value)
    }

    /// Writes what a pull brought.
    ///
    /// # Errors
    /// [`ApplyError`].
    pub fn apply_pull(&self, reply: &PullReply) -> Result<Applied, ApplyError> {
        let me = self.me()?;
        verify_all(verdicts(&reply.changes), &me)?;
        reply
            .lease
            .open(&me.backend_key)
            .map_err(|_| ApplyError::Forged)?;
        self.ledger().hear(reply.at);
        let to = reply.complete_to;
        let before_seq = self.fill_catalogue(&reply.changes, to)?;

        let (held, before, fits, news) = self.ledger().try_read(|conn| {
            let held = cursor(conn)?;
            let before = ledger::backend_seq(conn, me.incarnation)?;
            let news = lease_is_news(conn, &reply.lease, reply.at)?;
            Ok((held, before, fits(conn, &me, &reply.head)?, news))
        })?;
        if !fits {
            return Err(ApplyError::Forked);
        }
        // Whichever file was behind: a page of products alone is progress, too.
        let progress = !reply.changes.is_empty() && to.seq > before_seq.min(held.seq);
        let applied_to = to.seq.max(before_seq).min(to.seq.max(held.seq));
        if to.seq <= held.seq && reply.head.seq == before && !news {
            let unsent = self.has_unsent()?;
            return Ok(Applied {
                more: reply.more,
                unsent,
                applied_to,
                progress,
            });
        }
        if crate::planted::on(crate::planted::Planted::CursorBeforeApply) && to.seq > held.seq {
            self.ledger().try_transact(|tx| set_cursor(tx.conn(), to))?;
        }
        let done = self.ledger().try_transact(|tx| {
            take_head(tx, &me, &reply.head)?;
            for change in reply.changes.iter().filter(|change| change.seq > held.seq) {
                apply_change(tx, change, to.epoch)?;
            }
            if to.seq > held.seq {
                set_cursor(tx.conn(), to)?;
            }
            if news {
                store_lease(tx.conn(), &reply.lease, reply.at)?;
                tx.forget_lease();
            }
            let unsent = unsent(tx.conn(), me.incarnation)?;
            Ok(Applied {
                more: reply.more,
                unsent,
                applied_to,
                progress,
            })
        })?;
        Ok(done.value)
    }

    /// The catalogue's part of a reply, with the catalogue's own cursor. Returns how far it was.
    fn fill_catalogue(&self, changes: &[Change], to: Cursor) -> Result<u64, Fault> {
        let held = self.catalogue().cursor()?.unwrap_or_default();
        if to.seq <= held.seq {
            return Ok(held.seq);
        }
        let newer: Vec<Change> = changes
            .iter()
            .filter(|change| change.seq > held.seq && change.doc.catalogue())
            .cloned()
            .collect();
        self.catalogue().apply(&newer, to)?;
        self.announce_catalogue(&newer);
        Ok(held.seq)
    }

    fn announce_catalogue(&self, changes: &[Change]) {
        let mut tags = Vec::new();
        let of = |change: &Change| matches!(change.doc, Doc::Distributor(_));
        if changes.iter().any(of) {
            tags.push(Tag::Distributors);
        }
        if changes.iter().any(|change| !of(change)) {
            tags.push(Tag::Products);
        }
        self.ledger().announce(&tags, false);
    }

    /// Writes one page of the whole state. A file takes part while it is empty or of another epoch;
    /// its cursor moves only with the last page, so that any crash resumes.
    ///
    /// # Errors
    /// [`ApplyError`].
    pub fn apply_snapshot(&self, page: &SnapshotPage) -> Result<Applied, ApplyError> {
        let me = self.me()?;
        verify_all(verdicts(&page.changes), &me)?;
        let to = page.cursor;
        self.snapshot_catalogue(page)?;
        let done = self.ledger().try_transact(|tx| {
            let held = cursor(tx.conn())?;
            let takes_part = held.seq == 0 || held.epoch != to.epoch;
            if takes_part {
                for change in &page.changes {
                    apply_change(tx, change, to.epoch)?;
                }
            }
            tx.conn().execute(
                "UPDATE cursor SET snapshot_cursor = ?1, snapshot_next = ?2",
                params![page.next.as_ref().map(|_| to.to_string()), page.next],
            )?;
            if takes_part && page.next.is_none() {
                sweep(tx, to.epoch)?;
                set_cursor(tx.conn(), to)?;
            }
            tx.mark(Tag::Sync);
            let unsent = unsent(tx.conn(), me.incarnation)?;
            let applied_to = if page.next.is_none() { to.seq } else { 0 };
            Ok(Applied {
                more: page.next.is_some(),
                unsent,
                applied_to,
                progress: true,
            })
        })?;
        Ok(done.value)
    }

    fn snapshot_catalogue(&self, page: &SnapshotPage) -> Result<(), Fault> {
        let to = page.cursor;
        let begun = Cursor {
            epoch: to.epoch,
            seq: 0,
            tag: 0,
        };
        let held = self.catalogue().cursor()?;
        if held.is_some_and(|held| held.epoch == to.epoch && held.seq > 0) {
            return Ok(());
        }
        if held.is_some_and(|held| held.epoch != to.epoch && held.seq > 0) {
            // Numbers of another epoch can't be compared with this one's: begin empty.
            self.catalogue().rebuild()?.finish(begun)?;
        }
        let mine: Vec<Change> = page
            .changes
            .iter()
            .filter(|change| change.doc.catalogue())
            .cloned()
            .collect();
        let at = if page.next.is_none() { to } else { begun };
        self.catalogue().apply(&mine, at)?;
        self.announce_catalogue(&mine);
        Ok(())
    }
}

fn caller(conn: &Connection, me: &Identity) -> Result<Caller, Fault> {
    Ok(Caller {
        terminal: me.terminal,
        head: ledger::head(conn, me.incarnation)?,
    })
}

fn unsent(conn: &Connection, incarnation: u32) -> Result<bool, Fault> {
    Ok(ledger::head(conn, incarnation)?.seq > ledger::backend_seq(conn, incarnation)?)
}

/// How far the ledger has applied the feed.
pub(crate) fn cursor(conn: &Connection) -> Result<Cursor, Fault> {
    let text: String = conn
        .prepare_cached("SELECT at FROM cursor")?
        .query_row([], |row| row.get(0))?;
    text.parse().map_err(|_| Fault::Damaged { what: "cursor" })
}

fn set_cursor(conn: &Connection, to: Cursor) -> Result<(), Fault> {
    conn.prepare_cached("UPDATE cursor SET at = ?1")?
        .execute([to.to_string()])?;
    Ok(())
}

fn verdicts(changes: &[Change]) -> impl Iterator<Item = &Verdict> {
    changes.iter().filter_map(|change| match &change.doc {
        Doc::Verdict(verdict) => Some(verdict),
        _ => None,
    })
}

fn verify_all<'a>(
    mut verdicts: impl Iterator<Item = &'a Verdict>,
    me: &Identity,
) -> Result<(), ApplyError> {
    verdicts.try_for_each(|verdict| {
        verdict
            .verify(&me.backend_key)
            .map_err(|_| ApplyError::Forged)
    })
}

/// Whether the backend's head is one that this log has passed through.
fn fits(conn: &Connection, me: &Identity, head: &Head) -> Result<bool, Fault> {
    if head.incarnation != me.incarnation {
        return Ok(false);
    }
    Ok(ledger::operation_hash(conn, me.incarnation, head.seq)? == Some(head.hash))
}

/// Notes how far the backend has the log. Where it has less than it once had, it was restored:
/// those operations are sent again (rules 4.9, 8.4).
fn take_head(tx: &mut Tx<'_>, me: &Identity, head: &Head) -> Result<bool, Fault> {
    let before = ledger::backend_seq(tx.conn(), me.incarnation)?;
    if head.seq == before {
        return Ok(false);
    }
    ledger::set_backend_seq(tx.conn(), me.incarnation, head.seq)?;
    if head.seq < before {
        for key in ledger::unsettle_after(tx.conn(), me.incarnation, head.seq)? {
            tx.mark(Tag::of(key.kind));
        }
    }
    tx.mark(Tag::Sync);
    Ok(head.seq > before)
}

/// Whether a lease says something new, or is enough longer to be worth a write.
fn lease_is_news(conn: &Connection, renewed: &SignedLease, at: Timestamp) -> Result<bool, Fault> {
    let Some(held) = ledger::stored_lease(conn)? else {
        return Ok(true);
    };
    if held.text == renewed.text {
        return Ok(false);
    }
    let read = |lease: &SignedLease| serde_json::from_str::<domain::staff::Lease>(&lease.text);
    let (held, mut renewed) = (read(&held)?, read(renewed)?);
    let longer = renewed.expires_at.since_ms(held.expires_at);
    let later = at.since_ms(held.issued_at);
    (renewed.expires_at, renewed.issued_at) = (held.expires_at, held.issued_at);
    Ok(held != renewed || longer.max(later) >= LEASE_STEP_MS)
}

/// Whole documents of an earlier epoch that the snapshot does not hold are not the backend's word
/// any more. What own pending operations make of them stays.
fn sweep(tx: &mut Tx<'_>, epoch: u32) -> Result<(), Fault> {
    let stale: Vec<(String, [u8; 16])> = tx
        .conn()
        .prepare(
            "UPDATE document SET base = NULL, base_seq = 0 WHERE base IS NOT NULL
               AND base_epoch <> ?1 RETURNING kind, id",
        )?
        .query_map([epoch], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (kind, id) in stale {
        let key = DocKey {
            kind: ledger::DocKind::parse(&kind)?,
            id,
        };
        refold(tx.conn(), key)?;
        tx.mark(Tag::of(key.kind));
    }
    Ok(())
}

fn apply_change(tx: &mut Tx<'_>, change: &Change, epoch: u32) -> Result<(), Fault> {
    fn json(doc: &impl Serialize) -> Result<String, Fault> {
        Ok(serde_json::to_string(doc)?)
    }
    let (key, json) = match &change.doc {
        Doc::Product(_) | Doc::PriceBook(_) | Doc::Price(_) | Doc::Distributor(_) => return Ok(()),
        Doc::Ticket(ticket) => {
            tx.conn()
                .prepare_cached(
                    "INSERT INTO ticket (id, body, expires_at) VALUES (?1, ?2, ?3)
                     ON CONFLICT (id) DO NOTHING",
                )?
                .execute(params![
                    DocKey::from(ticket.id).id,
                    json(ticket)?,
                    ticket.expires_at.0
                ])?;
            tx.mark(Tag::Intents);
            return Ok(());
        }
        Doc::Verdict(verdict) => return take_verdict(tx, verdict, change.seq),
        Doc::SalesOrder(doc) => (doc.id.into(), json(doc)?),
        Doc::PaymentCollection(doc) => (doc.id.into(), json(doc)?),
        Doc::PaymentIntent(doc) => (doc.id.into(), json(doc)?),
        Doc::TransactionRecord(doc) => (doc.id.into(), json(doc)?),
        Doc::DepositBalance(doc) => (DocKey::deposit(doc.distributor), json(doc)?),
        Doc::Attention(doc) => (doc.id.into(), json(doc)?),
        Doc::Refund(doc) => (doc.id.into(), json(doc)?),
        Doc::MoneyMatch(doc) => (doc.id.into(), json(doc)?),
        Doc::Config(doc) => (DocKey::config(doc.version), json(doc)?),
        Doc::StaffVersion(doc) => (DocKey::staff_version(doc.op), json(doc)?),
        Doc::HistoryLine(doc) => (doc.id.into(), json(doc)?),
    };
    let key: DocKey = key;
    if apply_base(tx.conn(), key, json, epoch, change.seq)? {
        tx.mark(Tag::of(key.kind));
        if matches!(
            change.doc,
            Doc::PaymentCollection(_) | Doc::PaymentIntent(_)
        ) {
            tx.mark(Tag::Orders);
        }
    }
    Ok(())
}

/// A verdict that came through the feed ends the pending state, unless it is `blocked`.
fn take_verdict(tx: &mut Tx<'_>, verdict: &Verdict, seq: u64) -> Result<(), Fault> {
    let Some((position, pending)) = ledger::find(tx.conn(), verdict.op_id)? else {
        return Ok(());
    };
    if !pending {
        return Ok(());
    }
    tx.mark(Tag::Sync);
    if !verdict.kind.settled() {
        note_verdict(tx.conn(), position, verdict)?;
        return Ok(());
    }
    for key in settle(tx.conn(), position, verdict, seq)? {
        tx.mark(Tag::of(key.kind));
        if matches!(
            key.kind,
            ledger::DocKind::PaymentCollection | ledger::DocKind::PaymentIntent
        ) {
            tx.mark(Tag::Orders);
        }
    }
    if !matches!(verdict.kind, wire::VerdictKind::Applied) {
        tx.mark(Tag::Attention);
    }
    Ok(())
}
