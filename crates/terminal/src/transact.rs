//! The one write path. Every change to `ledger.db` is one closure in one `BEGIN IMMEDIATE`
//! transaction and one commit, durable before anything is shown (invariant 1); it either happens
//! whole or not at all, and it says what it changed, so that the user interface refreshes exactly
//! that. There is no event bus.

use crate::ledger::views::{CollectionView, DepositView, IntentView, OrderView};
use crate::ledger::{
    DocKey, DocKind, Fault, Identity, Ledger, Writer, folds_into, id_blob, oplog_insert, refers_to,
    refold,
};
use domain::code::Code;
use domain::id::{CollectionId, DistributorId, IntentId, OpId, OrderId, StaffId};
use domain::intent::Ticket;
use domain::number::DocumentNumber;
use domain::operation::{DraftDiscard, OpBody};
use domain::staff::Lease;
use domain::{Timestamp, role};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use ts_rs::TS;
use wire::{Env, Operation, SignedOperation};

/// What a write changed, and what a query reads: the cache keys of the user interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// Sales orders.
    Orders,
    /// Payment collections, transaction records and refunds.
    Collections,
    /// Payment intents and tickets.
    Intents,
    /// Deposits.
    Deposits,
    /// Distributors.
    Distributors,
    /// Products and prices.
    Products,
    /// Staff and lease.
    Staff,
    /// Outbox and connectivity.
    Sync,
    /// Who is enrolled and unlocked.
    Session,
    /// Drafts.
    Drafts,
    /// The attention list.
    Attention,
    /// How this terminal looks.
    Settings,
    /// What the customer window shows.
    Display,
    /// The company's configuration.
    Config,
    /// What was done to the catalogue, and by files.
    History,
}

impl Tag {
    /// Every tag, for whoever missed what changed.
    pub const ALL: [Tag; 15] = [
        Tag::Orders,
        Tag::Collections,
        Tag::Intents,
        Tag::Deposits,
        Tag::Distributors,
        Tag::Products,
        Tag::Staff,
        Tag::Sync,
        Tag::Session,
        Tag::Drafts,
        Tag::Attention,
        Tag::Settings,
        Tag::Display,
        Tag::Config,
        Tag::History,
    ];

    /// The tag that a document's changes show under.
    pub(crate) fn of(kind: DocKind) -> Tag {
        match kind {
            DocKind::SalesOrder => Tag::Orders,
            DocKind::PaymentCollection
            | DocKind::TransactionRecord
            | DocKind::Refund
            | DocKind::MoneyMatch => Tag::Collections,
            DocKind::PaymentIntent => Tag::Intents,
            DocKind::DepositBalance => Tag::Deposits,
            DocKind::Distributor => Tag::Distributors,
            DocKind::Attention => Tag::Attention,
            DocKind::Config => Tag::Config,
            DocKind::StaffVersion => Tag::Staff,
            DocKind::HistoryLine => Tag::History,
        }
    }
}

/// What a write made, and what it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done<T> {
    /// What the closure returned.
    pub value: T,
    /// What was changed, sorted, each once.
    pub changed: Vec<Tag>,
}

/// A draft as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft<T> {
    /// The order it will become.
    pub order: OrderId,
    /// Its number, taken when it was first saved (rule 5.2).
    pub number: String,
    /// Whose.
    pub staff: StaffId,
    /// What was typed so far.
    pub body: T,
    /// When it was last saved.
    pub saved_at: Timestamp,
}

/// A ticket that was taken, with how often a wrong receipt code was typed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenTicket {
    /// The ticket.
    pub ticket: Ticket,
    /// Wrong codes so far; five lock it (rule 6.6).
    pub wrong_codes: u32,
}

/// One transaction under way.
pub struct Tx<'a> {
    pub(crate) conn: &'a Connection,
    identity: Option<Arc<Identity>>,
    lease: &'a mut Option<Arc<Lease>>,
    env: &'a dyn Env,
    changed: BTreeSet<Tag>,
    appended: bool,
}

impl Ledger {
    /// Runs one act as one durable transaction. If `act` fails, nothing of it remains.
    ///
    /// # Errors
    /// What `act` refuses, or what the file says: `DiskFull`, `ReadOnly`, `CorruptFile`, `Internal`.
    pub fn transact<T>(
        &self,
        label: &'static str,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>,
    ) -> Result<Done<T>, Code> {
        self.try_transact(act)
            .map_err(|fault| fault.into_code(label))
    }

    pub(crate) fn try_transact<T>(
        &self,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>,
    ) -> Result<Done<T>, Fault> {
        let mut writer = self.writer();
        let Writer { conn, lease } = &mut *writer;
        let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut tx = Tx {
            conn: &transaction,
            identity: self.identity(),
            lease,
            env: self.env(),
            changed: BTreeSet::new(),
            appended: false,
        };
        let value = act(&mut tx)?;
        let (changed, appended, identity_now) = (tx.changed, tx.appended, tx.identity);
        if !crate::planted::may_commit() {
            return Err(Code::Internal {
                trace: "crash".to_owned(),
            }
            .into());
        }
        transaction.commit()?;
        self.set_identity(identity_now);
        drop(writer);
        let changed: Vec<Tag> = changed.into_iter().collect();
        self.announce(&changed, appended);
        Ok(Done { value, changed })
    }
}

impl Tx<'_> {
    /// The connection, for reading inside the transaction. Writing goes through the methods here.
    pub fn conn(&self) -> &Connection {
        self.conn
    }

    /// The wall clock.
    pub fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// Time and randomness.
    pub fn env(&self) -> &dyn Env {
        self.env
    }

    /// Says that something under this tag changed.
    pub fn mark(&mut self, tag: Tag) {
        self.changed.insert(tag);
    }

    /// Who this terminal is.
    ///
    /// # Errors
    /// `NotEnrolled`.
    pub fn identity(&self) -> Result<Arc<Identity>, Fault> {
        self.identity
            .clone()
            .ok_or_else(|| Code::NotEnrolled.into())
    }

    pub(crate) fn set_identity(&mut self, identity: Identity) {
        self.identity = Some(Arc::new(identity));
        self.forget_lease();
        self.mark(Tag::Session);
    }

    pub(crate) fn forget_lease(&mut self) {
        *self.lease = None;
        self.mark(Tag::Staff);
    }

    /// The newest lease.
    ///
    /// # Errors
    /// `NotEnrolled`.
    pub fn lease(&mut self) -> Result<Arc<Lease>, Fault> {
        if let Some(lease) = &*self.lease {
            return Ok(Arc::clone(lease));
        }
        let read = Arc::new(crate::ledger::lease(self.conn)?);
        *self.lease = Some(Arc::clone(&read));
        Ok(read)
    }

    /// Appends one operation to the log and folds it into its documents (rule 4.1). It depends on
    /// `depends_on` and on the pending operations of every document that it builds on. Who may not
    /// do it by the lease is refused here, whatever the user interface let through (rule 9.5).
    ///
    /// # Errors
    /// `NotEnrolled`, `UnknownStaff`, `NotAllowed`, and what the fold says of it.
    pub fn append(
        &mut self,
        staff: StaffId,
        body: OpBody,
        depends_on: &[OpId],
    ) -> Result<OpId, Fault> {
        self.append_mending(staff, body, depends_on, None)
    }

    /// The same for an operation that mends a rejected one (rule 4.7).
    ///
    /// # Errors
    /// Those of [`Tx::append`].
    pub fn append_mending(
        &mut self,
        staff: StaffId,
        body: OpBody,
        depends_on: &[OpId],
        replaces: Option<OpId>,
    ) -> Result<OpId, Fault> {
        let identity = self.identity()?;
        let lease = self.lease()?;
        let person = lease
            .staff
            .iter()
            .find(|person| person.id == staff && person.active);
        role::require(person.ok_or(Code::UnknownStaff)?.role, body.permission())?;
        let mut depends_on = depends_on.to_vec();
        for key in refers_to(&body) {
            depends_on.extend(self.last_pending(key)?);
        }
        depends_on.sort_unstable();
        depends_on.dedup();
        let (seq, prev_hash) = self.next_place(identity.incarnation)?;
        let touched = folds_into(&body);
        let operation = Operation {
            op_id: OpId(self.env.uuid()),
            terminal: identity.terminal,
            incarnation: identity.incarnation,
            seq,
            staff,
            at: self.env.now(),
            schema: wire::OPERATION_SCHEMA,
            depends_on,
            replaces,
            prev_hash,
            body,
        };
        let sealed = SignedOperation::seal(&operation, &identity.key)?;
        let position = oplog_insert(self.conn, &operation, &sealed)?;
        for key in &touched {
            self.conn
                .prepare_cached(
                    "INSERT INTO touch (kind, id, position, state) VALUES (?1, ?2, ?3, 1)",
                )?
                .execute(params![key.kind.as_str(), key.id, position])?;
            refold(self.conn, *key)?;
            self.mark(Tag::of(key.kind));
        }
        for key in refers_to(&operation.body) {
            self.mark(Tag::of(key.kind));
        }
        self.mark(Tag::Sync);
        self.appended = true;
        Ok(operation.op_id)
    }

    /// The next number and the hash that it chains to.
    fn next_place(&self, incarnation: u32) -> Result<(u64, wire::keys::Hash), Fault> {
        let head = crate::ledger::head(self.conn, incarnation)?;
        if crate::planted::on(crate::planted::Planted::ReusedSeq) && head.seq > 0 {
            let acknowledged = crate::ledger::backend_seq(self.conn, incarnation)?;
            if acknowledged == head.seq {
                return Ok((head.seq, head.hash));
            }
        }
        Ok((head.seq + 1, head.hash))
    }

    fn last_pending(&self, key: DocKey) -> Result<Option<OpId>, Fault> {
        let id: Option<[u8; 16]> = self
            .conn
            .prepare_cached(
                "SELECT o.op_id FROM touch t JOIN operation o ON o.position = t.position
                 WHERE t.kind = ?1 AND t.id = ?2 AND t.state = 1
                 ORDER BY t.position DESC LIMIT 1",
            )?
            .query_row(params![key.kind.as_str(), key.id], |row| row.get(0))
            .optional()?;
        Ok(id.map(|id| OpId(uuid::Uuid::from_bytes(id))))
    }

    /// Takes the next document number (rule 5.2): gap-free within the incarnation, because it is
    /// taken in the transaction that uses it.
    ///
    /// # Errors
    /// `NotEnrolled`; `BadField` `clock` when the year has no two-digit name.
    pub fn next_number(&mut self) -> Result<String, Fault> {
        let identity = self.identity()?;
        let lease = self.lease()?;
        let code = lease.terminal_code.parse().map_err(|_| Fault::Damaged {
            what: "lease.terminal_code",
        })?;
        let taken: i64 = self
            .conn
            .prepare_cached(
                "UPDATE log SET next_number = next_number + 1 WHERE incarnation = ?1
                 RETURNING next_number - 1",
            )?
            .query_row([identity.incarnation], |row| row.get(0))?;
        let day = self.env.now().business_day();
        let number =
            DocumentNumber::new(code, day, u64::try_from(taken).unwrap_or(0)).map_err(|_| {
                Code::BadField {
                    field: "clock".to_owned(),
                }
            })?;
        Ok(number.to_string())
    }

    /// Takes a ticket for one payment intent: the one that ends first among those still good.
    ///
    /// # Errors
    /// `NoTicket`.
    pub fn take_ticket(&mut self, now: Timestamp) -> Result<Ticket, Fault> {
        let body: Option<String> = self
            .conn
            .prepare_cached(
                "UPDATE ticket SET taken = 1 WHERE id = (
                   SELECT id FROM ticket WHERE taken = 0 AND expires_at > ?1
                   ORDER BY expires_at, id LIMIT 1) RETURNING body",
            )?
            .query_row([now.0], |row| row.get(0))
            .optional()?;
        let body = body.ok_or(Code::NoTicket)?;
        self.mark(Tag::Intents);
        Ok(serde_json::from_str(&body)?)
    }

    /// A ticket that an intent was made with.
    ///
    /// # Errors
    /// `BadTicket`.
    pub fn taken_ticket(&self, intent: IntentId) -> Result<TakenTicket, Fault> {
        let row: Option<(String, u32)> = self
            .conn
            .prepare_cached("SELECT body, wrong_codes FROM ticket WHERE id = ?1 AND taken = 1")?
            .query_row([DocKey::from(intent).id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let (body, wrong_codes) = row.ok_or(Code::BadTicket)?;
        Ok(TakenTicket {
            ticket: serde_json::from_str(&body)?,
            wrong_codes,
        })
    }

    /// Counts a wrong receipt code; returns how many there are now.
    ///
    /// # Errors
    /// `BadTicket`.
    pub fn count_wrong_code(&mut self, intent: IntentId) -> Result<u32, Fault> {
        let count = self
            .conn
            .prepare_cached(
                "UPDATE ticket SET wrong_codes = wrong_codes + 1 WHERE id = ?1 AND taken = 1
                 RETURNING wrong_codes",
            )?
            .query_row([DocKey::from(intent).id], |row| row.get(0))
            .optional()?;
        self.mark(Tag::Intents);
        Ok(count.ok_or(Code::BadTicket)?)
    }

    /// Saves a draft. The first time it takes a number, which is its order's for good.
    ///
    /// # Errors
    /// Those of [`Tx::next_number`].
    pub fn save_draft<T: Serialize>(
        &mut self,
        order: OrderId,
        staff: StaffId,
        body: &T,
    ) -> Result<String, Fault> {
        let id = id_blob(order.0);
        let held: Option<String> = self
            .conn
            .prepare_cached("SELECT number FROM draft WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        let number = match held {
            Some(number) => number,
            None => self.next_number()?,
        };
        self.put_draft(order, &number, staff, body)?;
        Ok(number)
    }

    /// Writes a draft under a number that is known: its own, or that of the confirmed order it changes.
    ///
    /// # Errors
    /// What the file says.
    pub fn put_draft<T: Serialize>(
        &mut self,
        order: OrderId,
        number: &str,
        staff: StaffId,
        body: &T,
    ) -> Result<(), Fault> {
        let id = id_blob(order.0);
        self.conn
            .prepare_cached(
                "INSERT INTO draft (id, number, staff, body, saved_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (id) DO UPDATE SET
                   staff = excluded.staff, body = excluded.body, saved_at = excluded.saved_at",
            )?
            .execute(params![
                id,
                number,
                id_blob(staff.0),
                serde_json::to_string(body)?,
                self.env.now().0
            ])?;
        self.mark(Tag::Drafts);
        Ok(())
    }

    /// A draft.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn draft<T: DeserializeOwned>(&self, order: OrderId) -> Result<Draft<T>, Fault> {
        crate::ledger::draft(self.conn, order)?.ok_or_else(|| not_found("draft"))
    }

    /// Removes a draft that becomes an order in this transaction.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn remove_draft(&mut self, order: OrderId) -> Result<(), Fault> {
        let gone = self
            .conn
            .prepare_cached("DELETE FROM draft WHERE id = ?1")?
            .execute([id_blob(order.0)])?;
        if gone == 0 {
            return Err(not_found("draft"));
        }
        self.mark(Tag::Drafts);
        Ok(())
    }

    /// Throws a draft away; its number stays in the log as cancelled (rule 5.2).
    ///
    /// # Errors
    /// `NotFound` and those of [`Tx::append`].
    pub fn discard_draft(&mut self, staff: StaffId, order: OrderId) -> Result<OpId, Fault> {
        let draft: Draft<serde_json::Value> = self.draft(order)?;
        self.remove_draft(order)?;
        self.append(
            staff,
            OpBody::DraftDiscard(DraftDiscard {
                order,
                number: draft.number,
            }),
            &[],
        )
    }

    /// Marks an own refused or differing operation as looked at.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn looked_at(&mut self, op: OpId) -> Result<(), Fault> {
        let position: Option<i64> = self
            .conn
            .prepare_cached(
                "UPDATE operation SET needs_look = 0 WHERE op_id = ?1 AND needs_look = 1
                 RETURNING position",
            )?
            .query_row([id_blob(op.0)], |row| row.get(0))
            .optional()?;
        let position = position.ok_or_else(|| not_found("operation"))?;
        for key in crate::ledger::set_touches(self.conn, position, 0)? {
            self.mark(Tag::of(key.kind));
        }
        self.mark(Tag::Attention);
        self.mark(Tag::Sync);
        Ok(())
    }

    /// Switches "work offline" on or off; it stays so over restarts.
    ///
    /// # Errors
    /// What the file says.
    pub fn set_work_offline(&mut self, on: bool) -> Result<(), Fault> {
        self.conn
            .execute("UPDATE device SET work_offline = ?1", [on])?;
        self.mark(Tag::Sync);
        Ok(())
    }

    /// An order as this transaction sees it.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn order(&self, id: OrderId) -> Result<OrderView, Fault> {
        crate::ledger::order(self.conn, id)?.ok_or_else(|| not_found("order"))
    }

    /// A collection as this transaction sees it.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn collection(&self, id: CollectionId) -> Result<CollectionView, Fault> {
        crate::ledger::collection(self.conn, id)?.ok_or_else(|| not_found("collection"))
    }

    /// An intent as this transaction sees it.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn intent(&self, id: IntentId) -> Result<IntentView, Fault> {
        crate::ledger::intent(self.conn, id)?.ok_or_else(|| not_found("intent"))
    }

    /// A deposit as this transaction sees it; `None` where the backend has told of none.
    ///
    /// # Errors
    /// `NotEnrolled`.
    pub fn deposit(&self, of: DistributorId) -> Result<Option<DepositView>, Fault> {
        crate::ledger::deposit(self.conn, self.identity()?.terminal, of)
    }
}

fn not_found(what: &str) -> Fault {
    Code::NotFound {
        what: what.to_owned(),
    }
    .into()
}
