//! One transaction's work: carries out what the rules decided, gathers the changes that terminals
//! must learn, and numbers them last, so that the head row is held no longer than it must be
//! (rule 8.3).

use super::rows::{all, counted, document, money, one, parsed, run, signed, text, word};
use super::{load, matches, refunds, sql};
use crate::facts::Write;
use crate::store::{Context, StoreError};
use domain::code::Code;
use domain::id::{CollectionId, DistributorId, IntentId, OpId, OrderId, StaffId, TerminalId};
use domain::ledger::Account;
use domain::money::Money;
use domain::order::SalesOrder;
use domain::role::{Permission, require};
use domain::staff::Staff;
use rusqlite::{Connection, params};
use std::collections::BTreeSet;
use wire::change::{Allotment, DepositBalance, Doc};
use wire::protocol::Refused;

/// A change that has no number yet.
#[derive(Debug)]
struct Pending {
    scope: Option<TerminalId>,
    caused_by: Option<OpId>,
    doc: Doc,
}

/// A transaction in progress.
pub(super) struct Work<'a> {
    pub(super) tx: &'a Connection,
    pub(super) cx: &'a Context<'a>,
    /// The company's id as text: first in every key.
    pub(super) company: String,
    changes: Vec<Pending>,
    touched: BTreeSet<DistributorId>,
    /// Collections whose running total of what they pay must follow their allocations.
    collected: BTreeSet<CollectionId>,
    /// Intents that ended here: operations may wait for them.
    pub(super) ended: Vec<IntentId>,
}

impl<'a> Work<'a> {
    pub(super) fn new(tx: &'a Connection, cx: &'a Context<'a>) -> Work<'a> {
        Work {
            tx,
            cx,
            company: cx.company.to_string(),
            changes: Vec::new(),
            touched: BTreeSet::new(),
            collected: BTreeSet::new(),
            ended: Vec::new(),
        }
    }

    /// How many changes are gathered: what a savepoint goes back to.
    pub(super) fn mark(&self) -> (usize, usize) {
        (self.changes.len(), self.ended.len())
    }

    /// Forgets what was gathered since the mark.
    pub(super) fn back_to(&mut self, mark: (usize, usize)) {
        self.changes.truncate(mark.0);
        self.ended.truncate(mark.1);
        self.touched.clear();
        self.collected.clear();
    }

    /// Only an active member of staff whose role may do this.
    ///
    /// # Errors
    /// `UnknownStaff`, `NotAllowed`.
    pub(super) fn admit(&self, staff: StaffId, permission: Permission) -> Result<(), StoreError> {
        let key = params![self.company, staff.to_string()];
        let staff: Option<Staff> = document(self.tx, sql::STAFF_GET, key, "staff")?;
        let staff = staff.filter(|staff| staff.active);
        let role = staff.ok_or(Code::UnknownStaff).map(|staff| staff.role);
        let admitted = role.and_then(|role| require(role, permission));
        admitted.map_err(|reason| Refused::Rule { reason }.into())
    }

    /// Gathers a change.
    pub(super) fn change(&mut self, scope: Option<TerminalId>, cause: Option<OpId>, doc: Doc) {
        self.changes.push(Pending {
            scope,
            caused_by: cause,
            doc,
        });
    }

    /// Carries out a decision, balances included.
    pub(super) fn apply(
        &mut self,
        writes: Vec<Write>,
        cause: Option<OpId>,
    ) -> Result<(), StoreError> {
        // Allocations name collections and orders that are written by now; entries name nothing.
        for write in writes {
            self.write(write, cause)?;
        }
        for collection in std::mem::take(&mut self.collected) {
            let key = params![self.company, collection.to_string()];
            run(self.tx, sql::COLLECTION_APPLIED, key)?;
        }
        for distributor in std::mem::take(&mut self.touched) {
            if let Some(balance) = self.balance(distributor)? {
                self.change(None, cause, Doc::DepositBalance(balance));
            }
        }
        Ok(())
    }

    fn write(&mut self, write: Write, cause: Option<OpId>) -> Result<(), StoreError> {
        let company = self.company.clone();
        match write {
            Write::Order(doc) => {
                self.put_order(&doc, false)?;
                self.change(None, cause, Doc::SalesOrder(doc));
            }
            Write::Ask {
                intent,
                doc,
                link,
                closing,
                live,
            } => {
                let key = intent.to_string();
                let was = one(self.tx, sql::INTENT_LIVE, params![company, key], |row| {
                    row.get::<_, bool>(0)
                })?;
                let link = link.map(|link| text(&link)).transpose()?;
                let body = doc.as_ref().map(text).transpose()?;
                let code = doc.as_ref().and_then(|doc| doc.pay_code.clone());
                let row = params![company, key, live, closing, code, link, body];
                run(self.tx, sql::INTENT_PUT, row)?;
                if was == Some(true) && !live {
                    self.ended.push(intent);
                }
                if let Some(doc) = doc {
                    let sql = if live {
                        sql::INTENT_ORDER_PUT
                    } else {
                        sql::INTENT_ORDER_DROP
                    };
                    for part in &doc.allocations {
                        run(self.tx, sql, params![company, part.order.to_string(), key])?;
                    }
                    self.change(None, cause, Doc::PaymentIntent(doc));
                }
            }
            Write::Attempt(doc) => {
                run(
                    self.tx,
                    sql::ATTEMPT_PUT,
                    params![
                        company,
                        doc.out_trade_no,
                        doc.intent.to_string(),
                        word(&doc.channel)?,
                        doc.ordinal,
                        word(&doc.state)?,
                        doc.pending(),
                        text(&doc)?
                    ],
                )?;
            }
            Write::Record {
                record,
                proof,
                held,
            } => {
                let channel = word(&record.channel)?;
                let collection = record.collection.map(|id| id.to_string());
                let body = text(&record)?;
                match proof {
                    Some(proof) => run(
                        self.tx,
                        sql::RECORD_NEW,
                        params![
                            company,
                            channel,
                            record.provider_no,
                            record.id.to_string(),
                            record.intent.map(|id| id.to_string()),
                            collection,
                            record.gross_fen.fen(),
                            held,
                            body,
                            text(&proof)?
                        ],
                    )?,
                    None => run(
                        self.tx,
                        sql::RECORD_UPDATE,
                        params![company, channel, record.provider_no, collection, held, body],
                    )?,
                };
                self.change(None, cause, Doc::TransactionRecord(record));
            }
            Write::Collection(doc) => {
                let id = doc.id.to_string();
                run(self.tx, sql::NUMBER_PUT, params![company, doc.number, id])?;
                run(
                    self.tx,
                    sql::COLLECTION_PUT,
                    params![
                        company,
                        id,
                        doc.distributor.to_string(),
                        doc.number,
                        word(&doc.method)?,
                        word(&doc.purpose)?,
                        word(&doc.state)?,
                        doc.amount_fen.fen(),
                        doc.unapplied_fen.fen(),
                        doc.intent.map(|id| id.to_string()),
                        text(&doc)?
                    ],
                )?;
                self.collected.insert(doc.id);
                self.change(None, cause, Doc::PaymentCollection(doc));
            }
            Write::Refund {
                doc,
                counted,
                proof,
            } => {
                refunds::put(self, &doc, counted, proof.as_ref())?;
                self.change(None, cause, Doc::Refund(doc));
            }
            Write::Match(doc) => {
                matches::put(self, &doc)?;
                self.change(None, cause, Doc::MoneyMatch(doc));
            }
            Write::Allocation {
                collection,
                allocation,
            } => {
                self.collected.insert(collection);
                let order = allocation.order.to_string();
                let fen = allocation.amount_fen.fen();
                let row = params![company, order, collection.to_string(), fen];
                run(self.tx, sql::ALLOCATION_PUT, row)?;
            }
            Write::Entry { entry, cause } => self.post(&entry, &cause)?,
            Write::Config(made) => super::config::put(self, made, cause)?,
            Write::Staff { staff, version } => {
                let row = params![company, staff.id.to_string(), text(&staff)?];
                run(self.tx, sql::STAFF_PUT, row)?;
                self.change(None, cause, Doc::StaffVersion(version));
            }
            Write::Item(item) => super::catalogue::put(self, item, cause)?,
            Write::History(line) => self.change(None, cause, Doc::HistoryLine(line)),
            Write::Attention(item) => self.put_attention(item, cause)?,
            Write::TicketUsed(intent) => {
                let key = intent.to_string();
                run(self.tx, sql::TICKET_USE, params![company, key])?;
                // A used ticket is of no use in a snapshot.
                run(self.tx, sql::CHANGE_OLD, params![company, "ticket", key])?;
            }
            Write::TicketAgain {
                intent,
                terminal,
                expires_at,
            } => super::recovery::reissue(self, intent, terminal, expires_at)?,
            Write::Discarded { number, order } => {
                run(
                    self.tx,
                    sql::NUMBER_PUT,
                    params![company, number, order.to_string()],
                )?;
            }
            Write::Served {
                distributor,
                terminal,
            } => {
                let row = params![company, distributor.to_string(), terminal.to_string()];
                run(self.tx, sql::DISTRIBUTOR_SERVED, row)?;
            }
            Write::NextDistributor(value) => {
                run(
                    self.tx,
                    sql::COUNTER_PUT,
                    params![company, "distributor", value],
                )?;
            }
            Write::NextNumber(value) => {
                run(self.tx, sql::COUNTER_PUT, params![company, "number", value])?;
            }
            Write::Job {
                kind,
                subject,
                due_at,
            } => {
                run(
                    self.tx,
                    sql::JOB_PUT,
                    params![company, word(&kind)?, subject, due_at.0],
                )?;
            }
            Write::NoJob { kind, subject } => {
                run(
                    self.tx,
                    sql::JOB_DROP,
                    params![company, word(&kind)?, subject],
                )?;
            }
        }
        Ok(())
    }

    /// Writes a distributor's row; the caller gathers the change.
    pub(super) fn put_distributor(
        &self,
        doc: &domain::distributor::Distributor,
    ) -> Result<(), StoreError> {
        let row = params![
            self.company,
            doc.id.to_string(),
            doc.number,
            doc.code,
            text(doc)?
        ];
        run(self.tx, sql::DISTRIBUTOR_PUT, row)?;
        Ok(())
    }

    /// Writes an order's row and moves what its distributor owes by the difference.
    pub(super) fn put_order(&mut self, doc: &SalesOrder, history: bool) -> Result<(), StoreError> {
        let before = self.order(doc.id)?.map_or(Money::ZERO, |held| held.owed());
        let delta = doc.owed().fen() - before.fen();
        let id = doc.id.to_string();
        run(
            self.tx,
            sql::NUMBER_PUT,
            params![self.company, doc.number, id],
        )?;
        run(
            self.tx,
            sql::ORDER_PUT,
            params![
                self.company,
                id,
                doc.content.distributor.to_string(),
                doc.number,
                word(&doc.state)?,
                doc.revision,
                doc.total_fen.fen(),
                doc.paid_fen.fen(),
                history,
                text(doc)?
            ],
        )?;
        if delta != 0 {
            let distributor = doc.content.distributor;
            let row = params![self.company, distributor.to_string(), delta];
            run(self.tx, sql::DISTRIBUTOR_OWES, row)?;
            self.touched.insert(distributor);
        }
        Ok(())
    }

    /// An order as stored.
    pub(super) fn order(&self, id: OrderId) -> Result<Option<SalesOrder>, StoreError> {
        document(
            self.tx,
            sql::ORDER_GET,
            params![self.company, id.to_string()],
            "order",
        )
    }

    /// Stores an attention item and gathers its change.
    pub(super) fn put_attention(
        &mut self,
        item: wire::change::Attention,
        cause: Option<OpId>,
    ) -> Result<(), StoreError> {
        let concern = item.concern.map(|concern| concern.to_string());
        let row = params![
            self.company,
            item.id.to_string(),
            item.done,
            text(&item)?,
            concern
        ];
        run(self.tx, sql::ATTENTION_PUT, row)?;
        self.change(None, cause, Doc::Attention(item));
        Ok(())
    }

    /// Marks an attention item as dealt with.
    pub(super) fn attention_done(&mut self, id: domain::id::AttentionId) -> Result<(), StoreError> {
        let key = params![self.company, id.to_string()];
        let item: Option<wire::change::Attention> =
            document(self.tx, sql::ATTENTION_GET, key, "attention")?;
        if let Some(mut item) = item.filter(|item| !item.done) {
            item.done = true;
            self.put_attention(item, None)?;
        }
        Ok(())
    }

    fn post(&mut self, entry: &domain::ledger::Entry, cause: &str) -> Result<(), StoreError> {
        let id = self.cx.env.uuid().to_string();
        let at = self.cx.env.now().0;
        for (line, posting) in entry.postings().iter().enumerate() {
            let name = posting.account.to_string();
            let fen = posting.amount_fen.fen();
            let (distributor, terminal) = owner(&posting.account);
            self.touched.extend(distributor);
            if run(self.tx, sql::ACCOUNT_ADD, params![self.company, name, fen])? == 0 {
                let row = params![
                    self.company,
                    name,
                    posting.account.kind(),
                    distributor.map(|id| id.to_string()),
                    terminal.map(|id| id.to_string()),
                    fen
                ];
                run(self.tx, sql::ACCOUNT_NEW, row)?;
            }
            let line = i64::try_from(line).unwrap_or(i64::MAX);
            let row = params![self.company, id, line, name, fen, cause, at];
            run(self.tx, sql::POSTING_NEW, row)?;
        }

        Ok(())
    }

    /// A distributor's deposit as its accounts stand.
    fn balance(&self, id: DistributorId) -> Result<Option<DepositBalance>, StoreError> {
        let key = id.to_string();
        let owed = one(
            self.tx,
            sql::DISTRIBUTOR_OWED,
            params![self.company, key],
            |row| row.get::<_, i64>(0),
        )?;
        let Some(owed) = owed else { return Ok(None) };
        let mut balance = DepositBalance {
            distributor: id,
            available_fen: Money::ZERO,
            allotments: Vec::new(),
            unapplied_fen: Money::ZERO,
            suspense_fen: Money::ZERO,
            owed_fen: money(owed),
            as_of: self.cx.env.now(),
        };
        let accounts = all(
            self.tx,
            sql::ACCOUNTS_OF,
            params![self.company, key],
            |row| {
                Ok((
                    row.get::<_, String>(1)?,
                    row.get::<_, Option<String>>(2)?,
                    row.get::<_, i64>(3)?,
                ))
            },
        )?;
        for (kind, terminal, fen) in accounts {
            match (kind.as_str(), terminal) {
                ("deposit_available", _) => balance.available_fen = money(fen),
                ("unapplied", _) => balance.unapplied_fen = money(fen),
                ("suspense", _) => balance.suspense_fen = money(fen),
                ("deposit_allotted", Some(terminal)) if fen != 0 => {
                    let terminal = parsed(&terminal, "terminal id")?;
                    balance.allotments.push(Allotment {
                        terminal,
                        amount_fen: money(fen),
                    });
                }
                _ => {}
            }
        }
        Ok(Some(balance))
    }

    /// Numbers the gathered changes and writes them: the last thing before the commit. With
    /// `together` a pull never splits them. Answers the newest number.
    pub(super) fn flush(&mut self, together: bool) -> Result<u64, StoreError> {
        let changes = std::mem::take(&mut self.changes);
        let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
        if count == 0 {
            let head = one(self.tx, sql::HEAD_GET, params![self.company], |r| {
                r.get::<_, i64>(1)
            })?;
            return counted(head.unwrap_or(0));
        }
        let newest: i64 = self
            .tx
            .prepare_cached(sql::HEAD_ADD)?
            .query_row(params![self.company, count], |row| row.get(0))?;
        let first = newest - count + 1;
        for (seq, change) in (first..=newest).zip(changes) {
            let (doc, key) = name_of(&change.doc);
            let mut tag = [0u8; 4];
            self.cx.env.random(&mut tag);
            // Zero stands for no change at all in a cursor.
            let tag = u32::from_be_bytes(tag).max(1);
            run(self.tx, sql::CHANGE_OLD, params![self.company, doc, key])?;
            run(
                self.tx,
                sql::CHANGE_NEW,
                params![
                    self.company,
                    seq,
                    tag,
                    if together { first } else { seq },
                    change.scope.map(|id| id.to_string()),
                    doc,
                    key,
                    change.caused_by.map(|id| id.to_string()),
                    text(&change.doc)?
                ],
            )?;
        }
        counted(newest)
    }

    /// The next of a counter, which is taken.
    pub(super) fn take(&self, name: &str) -> Result<u32, StoreError> {
        let value = load::counter(self.tx, &self.company, name)?;
        let next = signed(u64::from(value) + 1)?;
        run(self.tx, sql::COUNTER_PUT, params![self.company, name, next])?;
        Ok(value)
    }
}

/// Where the feed stands.
pub(super) fn head(
    tx: &Connection,
    company: &str,
    cx: &Context<'_>,
) -> Result<wire::Cursor, StoreError> {
    let row = one(tx, sql::HEAD_GET, params![company], |row| {
        Ok((
            row.get::<_, u32>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, u32>(2)?,
        ))
    })?;
    let (epoch, seq, tag) = row.ok_or(StoreError::NoCompany(cx.company))?;
    Ok(wire::Cursor {
        epoch,
        seq: counted(seq)?,
        tag,
    })
}

fn owner(account: &Account) -> (Option<DistributorId>, Option<TerminalId>) {
    match *account {
        Account::Applied { distributor }
        | Account::Unapplied { distributor }
        | Account::DepositAvailable { distributor }
        | Account::Refundable { distributor }
        | Account::Refunding { distributor }
        | Account::Suspense { distributor } => (Some(distributor), None),
        Account::DepositAllotted {
            distributor,
            terminal,
        } => (Some(distributor), Some(terminal)),
        Account::ChannelClearing { .. }
        | Account::CashInHand { .. }
        | Account::Fees { .. }
        | Account::Unidentified { .. }
        | Account::HeldTicket { .. } => (None, None),
    }
}

/// A document's kind and key: one document has one latest change.
fn name_of(doc: &Doc) -> (&'static str, String) {
    match doc {
        Doc::Product(doc) => ("product", doc.id.to_string()),
        Doc::PriceBook(doc) => ("price_book", doc.id.to_string()),
        Doc::Price(doc) => {
            let key = format!("{}:{}:{}", doc.price_book, doc.product, doc.valid_from.0);
            ("price", key)
        }
        Doc::Distributor(doc) => ("distributor", doc.id.to_string()),
        Doc::SalesOrder(doc) => ("sales_order", doc.id.to_string()),
        Doc::PaymentCollection(doc) => ("payment_collection", doc.id.to_string()),
        Doc::PaymentIntent(doc) => ("payment_intent", doc.id.to_string()),
        Doc::TransactionRecord(doc) => ("transaction_record", doc.id.to_string()),
        Doc::DepositBalance(doc) => ("deposit_balance", doc.distributor.to_string()),
        Doc::Ticket(doc) => ("ticket", doc.id.to_string()),
        Doc::Verdict(doc) => ("verdict", doc.op_id.to_string()),
        Doc::Attention(doc) => ("attention", doc.id.to_string()),
        Doc::Refund(doc) => ("refund", doc.id.to_string()),
        Doc::MoneyMatch(doc) => ("money_match", doc.id.to_string()),
        Doc::Config(doc) => ("config", doc.version.to_string()),
        Doc::StaffVersion(doc) => ("staff_version", doc.op.to_string()),
        Doc::HistoryLine(doc) => ("history_line", doc.id.to_string()),
    }
}
