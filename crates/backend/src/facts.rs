//! What the rules decide on, and what they decide: plain values. A store loads [`Facts`] and writes
//! [`Write`]s in one transaction; the rules in between touch nothing else, so that two stores can
//! never differ in a rule (rule 8.2).

use domain::channel::Channel;
use domain::collection::{Allocation, PaymentCollection, Purpose};
use domain::config::{ConfigVersion, Layouts};
use domain::distributor::Distributor;
use domain::history::{CatalogueItem, CatalogueKey, HistoryLine};
use domain::id::{
    AttentionId, CollectionId, CompanyId, DistributorId, IntentId, MatchId, OpId, OrderId,
    ProductId, RefundId, StaffId, TerminalId, TransactionRecordId,
};
use domain::intent::{AttemptState, PaymentIntent, TransactionRecord};
use domain::ledger::Entry;
use domain::money_match::MoneyMatch;
use domain::order::SalesOrder;
use domain::quantity::UnitPrice;
use domain::refund::Refund;
use domain::staff::{Staff, StaffVersion};
use domain::{Money, Timestamp};
use gateways::{EvidenceRecord, RefundRecord};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use wire::change::Attention;
use wire::link::LinkBody;

/// The tenant as the program was set up for it; what an administrator decides is its configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Identity.
    pub id: CompanyId,
    /// The seller's name as payers see it.
    pub seller: String,
    /// Where payers' phones reach the cashier, without a trailing slash.
    pub public_url: String,
    /// How long an unused ticket can start an intent, milliseconds.
    pub ticket_life_ms: i64,
}

/// What a terminal's signed link asked for, bound at its first sight (rule 6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundLink {
    /// The terminal that signed it.
    pub terminal: TerminalId,
    /// The distributor's number in it; 0 when the terminal had none.
    pub distributor_number: u32,
    /// How much.
    pub amount_fen: Money,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What for.
    pub purpose: Purpose,
    /// The asking revision.
    pub revision: u16,
}

impl From<LinkBody> for BoundLink {
    fn from(body: LinkBody) -> BoundLink {
        BoundLink {
            terminal: body.terminal,
            distributor_number: body.distributor_number,
            amount_fen: body.amount_fen,
            expires_at: body.expires_at,
            purpose: body.purpose,
            revision: body.revision,
        }
    }
}

/// One order placed with a channel for an intent (rules 6.8–6.10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Our number for it, computed from intent, channel and ordinal.
    pub out_trade_no: String,
    /// For which intent.
    pub intent: IntentId,
    /// With which channel.
    pub channel: Channel,
    /// Counts the intent's attempts with this channel, from 1.
    pub ordinal: u8,
    /// Where it stands.
    pub state: AttemptState,
    /// The merchant account it was placed with.
    pub merchant_no: String,
    /// The app it was placed with.
    pub app_id: String,
    /// How much.
    pub amount_fen: Money,
    /// When the channel ends it: never later than the intent's end.
    pub time_expire: Timestamp,
    /// Who pays and how, as the cashier knows it: the same order may be repeated only with the same.
    pub payer_key: String,
    /// What the channel answered to the order, for a page that is opened again.
    pub offer: String,
    /// Since when the channel says that it knows no such trade.
    pub no_trade_since: Option<Timestamp>,
    /// Its row was lost with a restored backup and computed again.
    #[serde(default)]
    pub recalled: bool,
}

impl Attempt {
    /// Whether the payer may be paying it now: the intent can't end before this one does.
    pub fn pending(&self) -> bool {
        matches!(
            self.state,
            AttemptState::Created | AttemptState::Open | AttemptState::Unknown
        )
    }
}

/// An ask with everything that hangs on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// The document, once its operation has arrived.
    pub doc: Option<PaymentIntent>,
    /// The first link body seen for it.
    pub link: Option<BoundLink>,
    /// Somebody wants it ended: it ends with its last pending attempt.
    pub closing: bool,
    /// Its attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

impl Ask {
    /// How much; the bound link's word counts (rule 6.4).
    pub fn amount(&self) -> Option<Money> {
        self.link
            .map(|l| l.amount_fen)
            .or_else(|| self.doc.as_ref().map(|d| d.amount_fen))
    }

    /// When it ends.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.link
            .map(|l| l.expires_at)
            .or_else(|| self.doc.as_ref().map(|d| d.expires_at))
    }

    /// What for.
    pub fn purpose(&self) -> Option<Purpose> {
        self.link
            .map(|l| l.purpose)
            .or_else(|| self.doc.as_ref().map(|d| d.purpose))
    }

    /// Which terminal asked.
    pub fn terminal(&self) -> Option<TerminalId> {
        self.link
            .map(|l| l.terminal)
            .or_else(|| self.doc.as_ref().map(|d| d.terminal))
    }

    /// The four digits that the terminal shows beside it.
    pub fn check_code(&self, intent: IntentId) -> Option<String> {
        if let Some(link) = &self.link {
            return Some(wire::link::check_code(
                intent,
                link.amount_fen,
                link.revision,
            ));
        }
        self.doc.as_ref().map(|doc| doc.check_code.clone())
    }

    /// Whether money may still be expected.
    pub fn live(&self) -> bool {
        match &self.doc {
            Some(doc) => doc.state.live(),
            None => self.link.is_some() && !self.paid(),
        }
    }

    /// Whether money has come.
    pub fn paid(&self) -> bool {
        self.attempts
            .iter()
            .any(|attempt| attempt.state == AttemptState::Paid)
    }

    /// Whether an attempt may be being paid now.
    pub fn pending(&self) -> bool {
        self.attempts.iter().any(Attempt::pending)
    }

    /// The attempt on offer.
    pub fn offered(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.pending())
    }
}

/// A ticket as issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketFacts {
    /// Which terminal may use it.
    pub terminal: TerminalId,
    /// What the payer's phone will show.
    pub receipt_code: String,
    /// When it can no longer start an intent.
    pub expires_at: Timestamp,
    /// Whether its operation has come.
    pub used: bool,
}

/// What one collection pays on one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payer {
    /// Which collection.
    pub collection: CollectionId,
    /// How much.
    pub amount: Money,
}

/// A payment with the merchant account that it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// What the channel said.
    pub record: TransactionRecord,
    /// The merchant account.
    pub merchant_no: String,
    /// The app it was placed with.
    pub app_id: String,
}

/// What the rules may look at. Only what was asked for is loaded; see [`Needs`].
#[derive(Clone, Debug)]
pub struct Facts {
    /// The tenant.
    pub company: Company,
    /// The configuration in force, if it was asked for.
    pub config: ConfigVersion,
    /// The layouts that the operation says it was made by; `None` if it names no version that is
    /// known.
    pub layouts: Option<Layouts>,
    /// Who acts, if anybody does and is known.
    pub staff: Option<Staff>,
    /// Floor prices of the products asked for, while the configuration has them.
    pub floors: BTreeMap<ProductId, UnitPrice>,
    /// What the distributors here owe on all their orders, while the configuration asks for it.
    pub owed: BTreeMap<DistributorId, Money>,
    /// Who made the present revision of the order that is decided on.
    pub requester: Option<StaffId>,
    /// All staff, if they were asked for.
    pub everybody: Vec<Staff>,
    /// Things of the catalogue that were asked for and are there.
    pub items: BTreeMap<CatalogueKey, CatalogueItem>,
    /// The code of the acting terminal in the operation's incarnation.
    pub terminal_code: String,
    /// Orders, by id.
    pub orders: BTreeMap<OrderId, SalesOrder>,
    /// What pays each of these orders, oldest first.
    pub payers: BTreeMap<OrderId, Vec<Payer>>,
    /// Intents named, and the live ones that name these orders.
    pub asks: BTreeMap<IntentId, Ask>,
    /// Tickets of the named intents.
    pub tickets: BTreeMap<IntentId, TicketFacts>,
    /// Money that came for the named intents, oldest first, and whether it is still held.
    pub records: BTreeMap<IntentId, Vec<(TransactionRecord, bool)>>,
    /// Collections.
    pub collections: BTreeMap<CollectionId, PaymentCollection>,
    /// Refunds named, and all others of the same payments.
    pub refunds: BTreeMap<RefundId, Refund>,
    /// Payments named, and those of these refunds.
    pub payments: BTreeMap<TransactionRecordId, Payment>,
    /// Matches named.
    pub matches: BTreeMap<MatchId, MoneyMatch>,
    /// Attention items named, and the open ones about the money of what is named.
    pub attention: BTreeMap<AttentionId, Attention>,
    /// Distributors named or whose documents are here.
    pub distributors: BTreeMap<DistributorId, Distributor>,
    /// Balances by [`domain::ledger::Account`]'s name; an account that is not here stands at zero.
    pub balances: BTreeMap<String, Money>,
    /// Which of the asked numbers, codes and names are taken.
    pub taken: BTreeSet<String>,
    /// For rejected operations named: the applied operation that mended it (rule 4.7).
    pub menders: BTreeMap<OpId, OpId>,
    /// When a backup was put back last; loaded with intents.
    pub restored_at: Option<Timestamp>,
    /// The next distributor number.
    pub next_distributor: u32,
    /// The next of the backend's own document numbers.
    pub next_number: u32,
}

impl Facts {
    /// Nothing is known but the company.
    pub fn of(company: Company) -> Facts {
        Facts {
            company,
            config: ConfigVersion::default(),
            layouts: None,
            staff: None,
            floors: BTreeMap::new(),
            owed: BTreeMap::new(),
            requester: None,
            everybody: Vec::new(),
            items: BTreeMap::new(),
            terminal_code: String::new(),
            orders: BTreeMap::new(),
            payers: BTreeMap::new(),
            asks: BTreeMap::new(),
            tickets: BTreeMap::new(),
            records: BTreeMap::new(),
            collections: BTreeMap::new(),
            refunds: BTreeMap::new(),
            payments: BTreeMap::new(),
            matches: BTreeMap::new(),
            attention: BTreeMap::new(),
            distributors: BTreeMap::new(),
            balances: BTreeMap::new(),
            taken: BTreeSet::new(),
            menders: BTreeMap::new(),
            restored_at: None,
            next_distributor: 1,
            next_number: 1,
        }
    }

    /// The refunds of one payment.
    pub fn refunds_of(&self, record: TransactionRecordId) -> Vec<Refund> {
        let all = self.refunds.values();
        all.filter(|refund| refund.transaction_record == record)
            .cloned()
            .collect()
    }
}

/// What a rule wants to look at. The store loads it with what hangs on it: an order's payers and
/// live intents, a collection's and an intent's orders, every document's distributor, every
/// distributor's balances.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Who acts.
    pub staff: Option<StaffId>,
    /// The configuration.
    pub config: bool,
    /// The configuration, and the layouts of this version of it.
    pub layouts: Option<u32>,
    /// Products whose floor prices matter.
    pub floors: BTreeSet<ProductId>,
    /// The order that is decided on.
    pub decided: Option<OrderId>,
    /// All staff.
    pub everybody: bool,
    /// Things of the catalogue.
    pub items: BTreeSet<CatalogueKey>,
    /// Orders.
    pub orders: BTreeSet<OrderId>,
    /// Intents, with ticket, attempts and held money.
    pub intents: BTreeSet<IntentId>,
    /// Collections.
    pub collections: BTreeSet<CollectionId>,
    /// Refunds, with their payments and what those paid.
    pub refunds: BTreeSet<RefundId>,
    /// Payments, with what they paid and their refunds.
    pub payments: BTreeSet<TransactionRecordId>,
    /// Matches, with their money, what it may go to, and the open attention items about it.
    pub matches: BTreeSet<MatchId>,
    /// Payments held under a ticket, with it and the open attention items about them.
    pub held: BTreeSet<TransactionRecordId>,
    /// Attention items, with the money that they are about.
    pub attention: BTreeSet<AttentionId>,
    /// Distributors.
    pub distributors: BTreeSet<DistributorId>,
    /// A distributor by its number in a link.
    pub distributor_number: Option<u32>,
    /// Document numbers, and codes and names of the catalogue, that are about to be used.
    pub names: BTreeSet<String>,
    /// Rejected operations whose mending matters.
    pub mended: BTreeSet<OpId>,
}

/// What kind of background work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Ask the channel about the attempt named.
    Query,
    /// Close the attempt named at its channel.
    Close,
    /// End the intent named.
    Expire,
    /// Process the stored callback named.
    Callback,
    /// Send the refund named, or ask what became of it.
    Refund,
    /// Fetch the bills of the merchant account named, every day.
    Bill,
    /// Ask the channels about attempts of the intent named that a restored backup may lack.
    Recall,
}

/// One step of a decision. Each is whole: writing it needs no further rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// An order, new or changed.
    Order(SalesOrder),
    /// An intent, its mark, and the orders it keeps frozen while it is live.
    Ask {
        /// Which.
        intent: IntentId,
        /// The document, once there is one.
        doc: Option<PaymentIntent>,
        /// The bound link body.
        link: Option<BoundLink>,
        /// See [`Ask::closing`].
        closing: bool,
        /// See [`Ask::live`].
        live: bool,
    },
    /// An attempt, new or changed.
    Attempt(Attempt),
    /// A transaction record; the proof is given when it is new.
    Record {
        /// The record.
        record: TransactionRecord,
        /// The channel's verified bytes.
        proof: Option<EvidenceRecord>,
        /// The money waits for its operation.
        held: bool,
    },
    /// A collection, new or changed.
    Collection(PaymentCollection),
    /// A refund, new or changed.
    Refund {
        /// The document.
        doc: Refund,
        /// Its part of what has gone back, or is set aside to, on its payment.
        counted: Money,
        /// The channel's verified word on how it ended.
        proof: Option<RefundRecord>,
    },
    /// A match, new or decided.
    Match(MoneyMatch),
    /// What a collection pays on an order from now on; zero for nothing any more.
    Allocation {
        /// Which collection.
        collection: CollectionId,
        /// Which order, and how much.
        allocation: Allocation,
    },
    /// A move of money.
    Entry {
        /// The postings.
        entry: Entry,
        /// What it is for: an operation's id or a provider number.
        cause: String,
    },
    /// A new version of the configuration.
    Config(ConfigVersion),
    /// A member of staff, new or changed, with the line of its history.
    Staff {
        /// As they are from now on.
        staff: Staff,
        /// What was decided.
        version: StaffVersion,
    },
    /// A thing of the catalogue, new or changed.
    Item(CatalogueItem),
    /// A line of the history.
    History(HistoryLine),
    /// Something for a person to look at.
    Attention(Attention),
    /// The ticket can start no further intent.
    TicketUsed(IntentId),
    /// A ticket that a restored backup lacks and its terminal has used.
    TicketAgain {
        /// Which.
        intent: IntentId,
        /// Whose.
        terminal: TerminalId,
        /// When the ask made with it ends.
        expires_at: Timestamp,
    },
    /// A number that was given to a draft which was thrown away.
    Discarded {
        /// The number.
        number: String,
        /// The order that never was.
        order: OrderId,
    },
    /// The terminal deals with the distributor now (rule 7.2).
    Served {
        /// The distributor.
        distributor: DistributorId,
        /// The terminal.
        terminal: TerminalId,
    },
    /// The next distributor number is this.
    NextDistributor(u32),
    /// The backend's next document number is this.
    NextNumber(u32),
    /// Work to be done, no later than this; an earlier time wins.
    Job {
        /// What.
        kind: JobKind,
        /// On what.
        subject: String,
        /// When.
        due_at: Timestamp,
    },
    /// Work that has become pointless.
    NoJob {
        /// What.
        kind: JobKind,
        /// On what.
        subject: String,
    },
}
