//! The working copy on which one decision is made: facts that can be changed, and the list of what
//! was changed. A document that is put twice is written once; a posting that would break a floor is
//! refused here already, before any CHECK of a store has to (rule 8.2).

use crate::facts::{Ask, Attempt, Facts, JobKind, Write};
use domain::collection::{Allocation, PaymentCollection};
use domain::id::{AttentionId, CollectionId, DistributorId, IntentId, OpId, OrderId, TerminalId};
use domain::intent::TransactionRecord;
use domain::ledger::{Account, Entry, LedgerError};
use domain::money_match::Concern;
use domain::order::SalesOrder;
use domain::refund::Refund;
use domain::{Code, Money, Timestamp};
use gateways::{EvidenceRecord, RefundRecord};
use std::collections::{BTreeMap, BTreeSet};
use wire::Env;
use wire::change::Attention;
use wire::verdict::Wait;

/// Why a decision ends without an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Not done, and it won't be.
    Reject(Code),
    /// Not done yet.
    Block(Wait),
}

impl From<Code> for Stop {
    fn from(code: Code) -> Stop {
        Stop::Reject(code)
    }
}

/// A posting that the rules refuse is a bug of a rule, not of the person: it is rejected under a
/// text that finds it in the log.
impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Stop {
        match error {
            LedgerError::Money(_) => Stop::Reject(Code::AmountTooLarge { row: 0 }),
            other => Stop::Reject(Code::Internal {
                trace: format!("ledger: {other}"),
            }),
        }
    }
}

/// Facts under change.
#[derive(Debug)]
pub struct Books<'a> {
    /// What is known, changes included.
    pub facts: Facts,
    /// The moment of the decision, by the backend's clock.
    pub now: Timestamp,
    env: &'a dyn Env,
    orders: BTreeSet<OrderId>,
    collections: BTreeSet<CollectionId>,
    asks: BTreeSet<IntentId>,
    attempts: BTreeMap<String, Attempt>,
    allocations: Vec<(CollectionId, Allocation)>,
    first: Vec<Write>,
    last: Vec<Write>,
}

impl<'a> Books<'a> {
    /// Opens the books on these facts.
    pub fn new(facts: Facts, env: &'a dyn Env) -> Books<'a> {
        Books {
            facts,
            now: env.now(),
            env,
            orders: BTreeSet::new(),
            collections: BTreeSet::new(),
            asks: BTreeSet::new(),
            attempts: BTreeMap::new(),
            allocations: Vec::new(),
            first: Vec::new(),
            last: Vec::new(),
        }
    }

    /// Where ids and codes come from.
    pub fn env(&self) -> &'a dyn Env {
        self.env
    }

    /// Notes a write that stands by itself and comes before the documents.
    pub fn note(&mut self, write: Write) {
        self.first.push(write);
    }

    /// Puts an order.
    pub fn put_order(&mut self, order: SalesOrder) {
        self.orders.insert(order.id);
        self.facts.orders.insert(order.id, order);
    }

    /// Puts a collection.
    pub fn put_collection(&mut self, collection: PaymentCollection) {
        self.collections.insert(collection.id);
        self.facts.collections.insert(collection.id, collection);
    }

    /// Changes an ask, making it if there is none.
    pub fn ask_mut(&mut self, intent: IntentId) -> &mut Ask {
        self.asks.insert(intent);
        self.facts.asks.entry(intent).or_default()
    }

    /// Puts an attempt of an intent that is among the facts.
    pub fn put_attempt(&mut self, attempt: Attempt) {
        let ask = self.facts.asks.entry(attempt.intent).or_default();
        match ask
            .attempts
            .iter_mut()
            .find(|held| held.out_trade_no == attempt.out_trade_no)
        {
            Some(held) => held.clone_from(&attempt),
            None => ask.attempts.push(attempt.clone()),
        }
        self.attempts.insert(attempt.out_trade_no.clone(), attempt);
    }

    /// Puts a transaction record.
    pub fn put_record(
        &mut self,
        record: TransactionRecord,
        proof: Option<EvidenceRecord>,
        held: bool,
    ) {
        self.last.push(Write::Record {
            record,
            proof,
            held,
        });
    }

    /// Puts a refund, with its part of what goes back on its payment.
    pub fn put_refund(&mut self, doc: Refund, counted: Money, proof: Option<RefundRecord>) {
        self.facts.refunds.insert(doc.id, doc.clone());
        self.last.push(Write::Refund {
            doc,
            counted,
            proof,
        });
    }

    /// Books what a collection pays on an order from now on.
    pub fn allocate(&mut self, collection: CollectionId, order: OrderId, amount_fen: Money) {
        let payers = self.facts.payers.entry(order).or_default();
        match payers
            .iter_mut()
            .find(|payer| payer.collection == collection)
        {
            Some(payer) => payer.amount = amount_fen,
            None => payers.push(crate::facts::Payer {
                collection,
                amount: amount_fen,
            }),
        }
        self.allocations
            .push((collection, Allocation { order, amount_fen }));
    }

    /// The balance of an account.
    pub fn balance(&self, account: &Account) -> Money {
        self.facts
            .balances
            .get(&account.to_string())
            .copied()
            .unwrap_or(Money::ZERO)
    }

    /// Posts an entry.
    ///
    /// # Errors
    /// A floor would be broken, or an amount is out of range.
    pub fn post(&mut self, entry: Entry, cause: &str) -> Result<(), Stop> {
        for posting in entry.postings() {
            let name = posting.account.to_string();
            let held = self.balance(&posting.account);
            let balance = held
                .checked_add(posting.amount_fen)
                .ok_or(Stop::Reject(Code::AmountTooLarge { row: 0 }))?;
            if posting.account.floor().is_some_and(|floor| balance < floor) {
                let trace = format!("{name} would fall to {}", balance.fen());
                return Err(Stop::Reject(Code::Internal { trace }));
            }
            self.facts.balances.insert(name, balance);
        }
        self.last.push(Write::Entry {
            entry,
            cause: cause.to_owned(),
        });
        Ok(())
    }

    /// Puts something before a person.
    pub fn attention(&mut self, kind: &str, about: About) {
        self.raise(kind, about);
    }

    /// Puts something before a person, and answers its name.
    pub fn raise(&mut self, kind: &str, about: About) -> AttentionId {
        let id = AttentionId(self.env.uuid());
        self.last.push(Write::Attention(Attention {
            id,
            kind: kind.to_owned(),
            op: about.op,
            distributor: about.distributor,
            amount_fen: about.amount,
            subject: about.subject,
            at: self.now,
            done: false,
            concern: about.concern,
            closed: None,
        }));
        id
    }

    /// Notes who serves a distributor (rule 7.2).
    pub fn served(&mut self, distributor: DistributorId, terminal: TerminalId) {
        self.first.push(Write::Served {
            distributor,
            terminal,
        });
    }

    /// Asks for background work.
    pub fn job(&mut self, kind: JobKind, subject: String, due_at: Timestamp) {
        self.last.push(Write::Job {
            kind,
            subject,
            due_at,
        });
    }

    /// Drops background work.
    pub fn no_job(&mut self, kind: JobKind, subject: &str) {
        self.last.push(Write::NoJob {
            kind,
            subject: subject.to_owned(),
        });
    }

    /// The backend's own next document number (rule 5.2).
    pub fn own_number(&mut self) -> String {
        let number = self.facts.next_number;
        self.facts.next_number = number.saturating_add(1);
        self.first.push(Write::NextNumber(self.facts.next_number));
        let day = self.now.business_day();
        let (year, month) = (day.year().rem_euclid(100), day.month());
        format!("HQ-{year:02}{month:02}{:02}-{number:04}", day.day())
    }

    /// Everything that was decided, in the order in which terminals should learn it.
    pub fn finish(self) -> Vec<Write> {
        let Books {
            facts,
            mut first,
            last,
            ..
        } = self;
        let orders = self.orders.iter().filter_map(|id| facts.orders.get(id));
        first.extend(orders.cloned().map(Write::Order));
        for id in &self.asks {
            if let Some(ask) = facts.asks.get(id) {
                first.push(Write::Ask {
                    intent: *id,
                    doc: ask.doc.clone(),
                    link: ask.link,
                    closing: ask.closing,
                    live: ask.live(),
                });
            }
        }
        first.extend(self.attempts.into_values().map(Write::Attempt));
        let collections = self
            .collections
            .iter()
            .filter_map(|id| facts.collections.get(id));
        first.extend(collections.cloned().map(Write::Collection));
        first.extend(
            self.allocations
                .into_iter()
                .map(|(collection, allocation)| Write::Allocation {
                    collection,
                    allocation,
                }),
        );
        first.extend(last);
        first
    }
}

/// What an attention item is about.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Whose operation.
    pub op: Option<OpId>,
    /// Which distributor.
    pub distributor: Option<DistributorId>,
    /// How much.
    pub amount: Money,
    /// Order number, provider number, …
    pub subject: String,
    /// The money that must find a home before it can be closed.
    pub concern: Option<Concern>,
}
