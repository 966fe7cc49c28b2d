//! The store: intent-level acts, each one transaction, and the values they speak in. A store loads
//! facts, lets the rules decide, and writes what they decided; it holds no rule of its own, so that
//! SQLite and PostgreSQL can't differ in one (rules 8.1, 8.2).

pub mod sqlite;

use crate::facts::{Attempt, Company, JobKind};
use crate::import::Upload;
use crate::payments::asks::{Answered, Begin, Observed};
use crate::payments::refunds::{Outgoing, RefundSettled};
use crate::payments::settle::Settled;
use domain::bill::{BillEntry, BillKey, BillOrigin, BillSummary, BillView};
use domain::channel::Channel;
use domain::code::Code;
use domain::collection::{PaymentCollection, Purpose};
use domain::config::{Config, ConfigVersion};
use domain::distributor::Distributor;
use domain::history::ImportCounts;
use domain::id::{
    CompanyId, IntentId, OpId, PriceBookId, ProductId, RefundId, StaffId, TerminalId,
    WalletBindingId,
};
use domain::operation::StaffChange;
use domain::order::SalesOrder;
use domain::product::{Price, PriceBook, Product};
use domain::refund::Refund;
use domain::staff::Staff;
use domain::terminal::{IssuedCode, ReviewDecision, ReviewView, TerminalsView};
use domain::wallet::{BindingDetails, BindingStatus, MiniProgramDetails, WalletView};
use domain::{Money, Timestamp};
use gateways::bill::{Bill, FlowBill};
use gateways::{Evidence, RefundEvidence};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;
use wire::import::ImportReport;
use wire::link::Link;
use wire::protocol::{
    EnrolReply, EnrolRequest, Head, PullReply, PullRequest, PushReply, PushRequest, Refused,
    SnapshotPage, SnapshotRequest,
};
use wire::{Cursor, Env, Keypair, PublicKey};

/// For whom and with what a store acts: the tenant, the clock and randomness, the backend's key.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The tenant.
    pub company: CompanyId,
    /// Time and randomness.
    pub env: &'a dyn Env,
    /// Signs verdicts and leases.
    pub key: &'a Keypair,
    /// How much is done in advance.
    pub tuning: &'a Tuning,
}

/// How much is done in advance. The defaults are the product's; the simulator makes them small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// How many unused tickets a terminal is kept at.
    pub tickets: u32,
    /// Memory of a receipt code's Argon2id, KiB; terminals check with 8,192.
    pub ticket_memory_kib: u32,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning {
            tickets: 50,
            ticket_memory_kib: 8_192,
        }
    }
}

/// Why a store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A rule of the protocol.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The file's schema is not this program's.
    #[error("the database can't be opened: {0}")]
    Migration(String),
    /// The folder of the database can't be made durable.
    #[error("the folder {folder} can't be synced: {source}; check the disk and its rights")]
    Folder {
        /// Which.
        folder: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The company's row is missing: it is made by `put_company`.
    #[error("company {0} is not set up: run the program's set-up first")]
    NoCompany(CompanyId),
    /// A row that this program wrote can't be read by it.
    #[error("stored {what} can't be read: {reason}; restore the file from a backup")]
    Corrupt {
        /// What it should be.
        what: &'static str,
        /// Why it can't be read.
        reason: String,
    },
    /// The database failed: disk, lock, constraint.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A rule's writes contradict each other: a bug, nothing was written.
    #[error("nothing was written: {0}")]
    Rule(String),
}

/// What the cashier shows for a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CashierView {
    /// It can be paid.
    Payable(AskView),
    /// It was paid; the receipt goes to the payer's phone (rule 6.6).
    Paid(AskView, PaidReceipt),
    /// Its time is over.
    Expired(AskView),
    /// Another revision took its place, or it was cancelled.
    Superseded,
    /// The channel's answer is awaited; nothing new can be started.
    Unknown(AskView),
    /// Not a link of this company: no amount, no name is shown (rule 6.4).
    Refused,
}

/// The ask behind a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskView {
    /// Which intent.
    pub intent: IntentId,
    /// The seller's name.
    pub seller: String,
    /// The distributor's name, once known.
    pub distributor: Option<String>,
    /// The orders it pays, once known.
    pub order_numbers: Vec<String>,
    /// How much.
    pub amount_fen: Money,
    /// What for.
    pub purpose: Purpose,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The four digits that the terminal shows too.
    pub check_code: String,
    /// The channels with an active merchant account that take this amount.
    pub channels: Vec<Channel>,
    /// Those with an active merchant account that take no such amount.
    pub outside_limits: Vec<Channel>,
    /// Whether WeChat Pay may be paid by H5.
    pub wechat_h5: bool,
    /// The attempt that is pending, if one is.
    pub pending: Option<Attempt>,
}

/// What the payer's phone shows after paying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidReceipt {
    /// Eight characters that an offline terminal can check.
    pub receipt_code: String,
    /// The text of the receipt's QR, signed by the backend over intent and amount.
    pub signed: String,
    /// How much came.
    pub amount_fen: Money,
    /// When, by the channel's clock.
    pub paid_at: Timestamp,
    /// The channel's number.
    pub provider_no: String,
}

/// A merchant account of the company, without its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletBinding {
    /// With which channel.
    pub channel: Channel,
    /// The merchant number.
    pub merchant_no: String,
    /// The app that orders are placed with.
    pub app_id: String,
    /// The holder's legal name.
    pub holder: String,
    /// Whether new attempts use it; at most one for each channel.
    pub active: bool,
}

/// Who does something at the backend, and from where: what an operation's origin is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// Who.
    pub staff: StaffId,
    /// At which terminal.
    pub terminal: TerminalId,
}

/// When a terminal was last in touch, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Which.
    pub terminal: TerminalId,
    /// When.
    pub at: Timestamp,
    /// When its leave to work was last renewed, if it was since this was last kept.
    pub leased_at: Option<Timestamp>,
    /// The program's version; empty when it did not say.
    pub version: String,
    /// How far its log reached.
    pub head: Head,
}

/// A wallet binding with its keys, sealed by the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedBinding {
    /// Which.
    pub binding: WalletBindingId,
    /// Whose.
    pub details: BindingDetails,
    /// How far it is.
    pub status: BindingStatus,
    /// Its keys, sealed.
    pub secret: Vec<u8>,
}

/// Work claimed by one worker for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What.
    pub kind: JobKind,
    /// On what: an attempt's number, an intent or a callback.
    pub subject: String,
    /// How often it was tried before.
    pub tries: u32,
    /// Whose claim it is.
    pub worker: String,
}

/// What becomes of a claimed job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// It is done.
    Done,
    /// It is tried again then.
    Again(Timestamp),
}

/// A raw callback, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawCallback {
    /// Which channel's address it came to.
    pub channel: Channel,
    /// Its headers as JSON.
    pub headers: String,
    /// Its body, byte for byte.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at: Timestamp,
}

/// Counts for `/metrics` and for a look from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Number of the newest change.
    pub feed_seq: u64,
    /// Operations received.
    pub operations: u64,
    /// Operations that wait for something.
    pub blocked: u64,
    /// Orders.
    pub orders: u64,
    /// Collections that are money.
    pub confirmed_collections: u64,
    /// Asks that may still be paid.
    pub live_intents: u64,
    /// Background jobs, due or not.
    pub jobs: u64,
    /// Attention items that nobody has dealt with.
    pub attention: u64,
    /// Sum of all postings; anything but zero is a defect (invariant 3).
    pub postings_fen: Money,
}

/// One account's standing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountBalance {
    /// The account's name.
    pub account: String,
    /// Its balance by its running total.
    pub balance_fen: Money,
    /// Its balance by its postings; must be the same.
    pub postings_fen: Money,
}

/// A catalogue, and past orders, taken over at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Products.
    pub products: Vec<Product>,
    /// Price books.
    pub price_books: Vec<PriceBook>,
    /// Prices.
    pub prices: Vec<Price>,
    /// Distributors; those with number 0 are given one.
    pub distributors: Vec<Distributor>,
    /// Orders of an earlier system; nothing is owed or posted for paid ones.
    pub history: Vec<SalesOrder>,
    /// How many rows the files had, past orders aside, and what they are to what was there. Only
    /// rows that say something new are here.
    pub counts: ImportCounts,
}

/// What the catalogue holds, by the names that files use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Products by code.
    pub products: BTreeMap<String, Product>,
    /// Distributors by code.
    pub distributors: BTreeMap<String, Distributor>,
    /// Price books by name.
    pub price_books: BTreeMap<String, PriceBook>,
    /// Prices by book, product and first instant.
    pub prices: BTreeMap<(PriceBookId, ProductId, Timestamp), Price>,
}

/// How many facts of a kind are in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// `operations`, `attempts` …
    pub what: &'static str,
    /// The state, as it stands in JSON.
    pub state: String,
    /// How many.
    pub count: u64,
}

/// A backend's memory. Every act is one transaction and may be repeated.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Sets up the tenant, or changes its settings.
    fn put_company(&self, cx: &Context<'_>, company: &Company) -> Result<(), StoreError>;
    /// The tenant's settings.
    fn company(&self, cx: &Context<'_>) -> Result<Company, StoreError>;
    /// Sets the program up with a configuration, as the operator does: no wallet is asked for. A
    /// later change is an administrator's operation.
    fn put_config(&self, cx: &Context<'_>, config: &Config) -> Result<(), StoreError>;
    /// The configuration in force; version 0 while nobody decided anything.
    fn config(&self, cx: &Context<'_>) -> Result<ConfigVersion, StoreError>;
    /// Every version of the configuration, the oldest first.
    fn config_history(&self, cx: &Context<'_>) -> Result<Vec<ConfigVersion>, StoreError>;
    /// Changes a member of staff by the operator's word, by the rule that an administrator's goes by
    /// and with a line in the history; terminals learn it with their next lease.
    fn change_staff(&self, cx: &Context<'_>, change: &StaffChange) -> Result<(), StoreError>;
    /// Makes a member of staff of a company that begins with them.
    fn put_staff(&self, cx: &Context<'_>, staff: &Staff) -> Result<(), StoreError>;
    /// Everybody, the inactive too.
    fn staff(&self, cx: &Context<'_>) -> Result<Vec<Staff>, StoreError>;
    /// Adds or changes a merchant account; an active one retires the channel's other.
    fn put_binding(&self, cx: &Context<'_>, binding: &WalletBinding) -> Result<(), StoreError>;
    /// Every merchant account, retired ones too: they still receive late money.
    fn bindings(&self, cx: &Context<'_>) -> Result<Vec<WalletBinding>, StoreError>;

    /// Keeps a merchant account and its sealed keys as a draft (role `admin`, as every act here).
    fn save_binding(
        &self,
        cx: &Context<'_>,
        act: Act,
        details: &BindingDetails,
        secret: &[u8],
    ) -> Result<WalletBindingId, StoreError>;
    /// One of them with its sealed keys.
    fn saved_binding(
        &self,
        cx: &Context<'_>,
        binding: WalletBindingId,
    ) -> Result<SavedBinding, StoreError>;
    /// Those in use or retired with their sealed keys, those in use last.
    fn serving_bindings(&self, cx: &Context<'_>) -> Result<Vec<SavedBinding>, StoreError>;
    /// Puts the outcome of a self-test on record.
    fn binding_tested(
        &self,
        cx: &Context<'_>,
        act: Act,
        binding: WalletBindingId,
        outcome: Result<(), Code>,
    ) -> Result<(), StoreError>;
    /// Puts a tested one to use; `replaces` names the merchant number of the active one that it
    /// retires, and the act is refused when another one is active.
    fn activate_binding(
        &self,
        cx: &Context<'_>,
        act: Act,
        binding: WalletBindingId,
        replaces: Option<&str>,
    ) -> Result<SavedBinding, StoreError>;
    /// Binds the dedicated mini program and compares its owner.
    fn bind_mini_program(
        &self,
        cx: &Context<'_>,
        act: Act,
        details: MiniProgramDetails,
    ) -> Result<(), StoreError>;
    /// The wallet as the console shows it.
    fn wallet(&self, cx: &Context<'_>, act: Act) -> Result<WalletView, StoreError>;

    /// The photo of a slip by its SHA-256, if a terminal has sent it.
    fn slip(&self, cx: &Context<'_>, sha256: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// A one-time code for the terminal with this base code (T07); a terminal that exists begins
    /// its next incarnation with it (rules 5.2, 9.1).
    fn issue_enrolment_code(
        &self,
        cx: &Context<'_>,
        base_code: &str,
        ttl_ms: i64,
    ) -> Result<String, StoreError>;
    /// Enrols a terminal by such a code.
    fn enrol(&self, cx: &Context<'_>, r: &EnrolRequest) -> Result<EnrolReply, StoreError>;
    /// The key that a terminal signs its requests with; `None` when unknown or revoked.
    fn terminal_key(
        &self,
        cx: &Context<'_>,
        terminal: TerminalId,
    ) -> Result<Option<PublicKey>, StoreError>;
    /// The key of a terminal that is revoked: what it signs is answered so, and nothing else is.
    fn revoked_key(
        &self,
        cx: &Context<'_>,
        terminal: TerminalId,
    ) -> Result<Option<PublicKey>, StoreError>;
    /// Ends the access of the terminal with this code (without incarnation, e.g. `T07`); what it
    /// still sends is kept for review.
    fn revoke_terminal(&self, cx: &Context<'_>, base_code: &str) -> Result<(), StoreError>;
    /// Keeps when terminals were last in touch.
    fn note_contacts(&self, cx: &Context<'_>, contacts: &[Contact]) -> Result<(), StoreError>;
    /// Every terminal, and what was done about them (role `admin`, as the next two).
    fn terminals(&self, cx: &Context<'_>, act: Act) -> Result<TerminalsView, StoreError>;
    /// A one-time code, by name.
    fn issue_code_by(
        &self,
        cx: &Context<'_>,
        act: Act,
        base_code: &str,
        ttl_ms: i64,
    ) -> Result<IssuedCode, StoreError>;
    /// [`Store::revoke_terminal`], by name and with a reason. A second time changes nothing.
    fn revoke_by(
        &self,
        cx: &Context<'_>,
        act: Act,
        base_code: &str,
        reason: &str,
    ) -> Result<(), StoreError>;

    /// Takes operations (rules 4.6–4.10). Repeating it answers the same.
    fn push(&self, cx: &Context<'_>, r: &PushRequest) -> Result<PushReply, StoreError>;
    /// Answers changes, and on the way tops up tickets and allotments (rules 4.12, 7.2).
    fn pull(&self, cx: &Context<'_>, r: &PullRequest) -> Result<PullReply, StoreError>;
    /// Answers a page of the whole state (rule 4.14).
    fn snapshot(&self, cx: &Context<'_>, r: &SnapshotRequest) -> Result<SnapshotPage, StoreError>;
    /// Where the feed stands.
    fn head(&self, cx: &Context<'_>) -> Result<Cursor, StoreError>;
    /// Work that waits for a review (role `finance`, as the next).
    fn under_review(&self, cx: &Context<'_>, act: Act) -> Result<ReviewView, StoreError>;
    /// Releases or rejects an operation that waits for a review, by name (rule 4.9).
    fn review(
        &self,
        cx: &Context<'_>,
        act: Act,
        op: OpId,
        decision: &ReviewDecision,
    ) -> Result<(), StoreError>;
    /// Judges again what waited for a newer program: call it once at start (rule 4.10).
    fn resume_versions(&self, cx: &Context<'_>) -> Result<(), StoreError>;

    /// Adds or changes products; all or nothing.
    fn put_products(&self, cx: &Context<'_>, rows: &[Product]) -> Result<(), StoreError>;
    /// Adds or changes price books; all or nothing.
    fn put_price_books(&self, cx: &Context<'_>, rows: &[PriceBook]) -> Result<(), StoreError>;
    /// Adds or changes prices; all or nothing.
    fn put_prices(&self, cx: &Context<'_>, rows: &[Price]) -> Result<(), StoreError>;
    /// Adds or changes distributors; those with number 0 are given one; all or nothing.
    fn put_distributors(&self, cx: &Context<'_>, rows: &[Distributor]) -> Result<(), StoreError>;
    /// Takes over orders of an earlier system; nothing is owed or posted for paid ones.
    fn put_history_orders(&self, cx: &Context<'_>, rows: &[SalesOrder]) -> Result<(), StoreError>;
    /// All of a batch in one transaction, or nothing of it.
    fn take_over(&self, cx: &Context<'_>, batch: &Batch) -> Result<(), StoreError>;
    /// Looks at a file that an administrator sent, or takes it: all of it, with one line in the
    /// history, or nothing.
    fn import(
        &self,
        cx: &Context<'_>,
        act: Act,
        upload: &Upload,
        take: bool,
    ) -> Result<ImportReport, StoreError>;
    /// What the catalogue holds.
    fn known(&self, cx: &Context<'_>) -> Result<Known, StoreError>;

    /// What the cashier shows for a link; binds a signed body at its first sight (rule 6.4).
    fn open_link(&self, cx: &Context<'_>, link: &Link) -> Result<CashierView, StoreError>;
    /// The same of an ask by its id, for a member of staff who may ask for money; `Refused` for an
    /// ask that is not known yet.
    fn asked_by(
        &self,
        cx: &Context<'_>,
        staff: StaffId,
        intent: IntentId,
    ) -> Result<CashierView, StoreError>;
    /// Starts or resumes an attempt; at most one is offered (rule 6.8).
    fn begin_attempt(
        &self,
        cx: &Context<'_>,
        intent: IntentId,
        channel: Channel,
        payer_key: &str,
    ) -> Result<Begin, StoreError>;
    /// An attempt by its number.
    fn attempt(&self, cx: &Context<'_>, number: &str) -> Result<Option<Attempt>, StoreError>;
    /// Records how the channel answered when the order was placed.
    fn attempt_answered(
        &self,
        cx: &Context<'_>,
        number: &str,
        answer: Answered,
    ) -> Result<(), StoreError>;
    /// Records what a query or a close said, other than that it was paid.
    fn observe(&self, cx: &Context<'_>, number: &str, observed: Observed)
    -> Result<(), StoreError>;
    /// Ends an intent whose time is over: at once, or by closing what is pending (rule 6.9).
    fn expire(&self, cx: &Context<'_>, intent: IntentId) -> Result<(), StoreError>;
    /// Says that a backup was put back: a new epoch begins, terminals send again what is missing,
    /// and every open ask is recalled (rule 8.4). Answers the epoch's number.
    fn begin_epoch(&self, cx: &Context<'_>) -> Result<u32, StoreError>;
    /// Computes attempts of an intent that a restored backup may lack, to be asked about.
    fn recall(&self, cx: &Context<'_>, intent: IntentId) -> Result<(), StoreError>;
    /// Books verified evidence, once (rules 6.5–6.9).
    fn settle(&self, cx: &Context<'_>, evidence: &Evidence) -> Result<Settled, StoreError>;
    /// The refund to be sent or asked about, noted as told to the channel; `None` when there is
    /// nothing to hear of it any more (rule 5.8).
    fn begin_refund(
        &self,
        cx: &Context<'_>,
        refund: RefundId,
    ) -> Result<Option<Outgoing>, StoreError>;
    /// Books the channel's verified word on a refund, once.
    fn settle_refund(
        &self,
        cx: &Context<'_>,
        evidence: &RefundEvidence,
    ) -> Result<RefundSettled, StoreError>;
    /// Books that the channel refused a refund for good and holds none under its number.
    fn refund_refused(
        &self,
        cx: &Context<'_>,
        refund: RefundId,
        code: &str,
    ) -> Result<RefundSettled, StoreError>;
    /// What the payer's phone shows; `None` while no money is booked for the intent.
    fn receipt(
        &self,
        cx: &Context<'_>,
        intent: IntentId,
    ) -> Result<Option<PaidReceipt>, StoreError>;

    /// Our numbers of the payments in a bill that no transaction record here stands for.
    fn unbooked(&self, cx: &Context<'_>, bill: &Bill) -> Result<Vec<String>, StoreError>;
    /// Matches a merchant account's bill of a day with the books, sets fees, and puts differences
    /// before a person. Repeating it with the same bill changes nothing.
    fn reconcile_bill(
        &self,
        cx: &Context<'_>,
        bill: &Bill,
        merchant_no: &str,
        day: Date,
        origin: &BillOrigin,
    ) -> Result<BillSummary, StoreError>;
    /// Matches a merchant account's fund-flow bill with the trade bills around it, which are to be
    /// matched before, and puts differences before a person.
    fn reconcile_flows(
        &self,
        cx: &Context<'_>,
        bill: &FlowBill,
        key: &BillKey,
        origin: &BillOrigin,
    ) -> Result<BillSummary, StoreError>;
    /// Whether that day's bill of this type has been matched.
    fn bill_matched(&self, cx: &Context<'_>, key: &BillKey) -> Result<bool, StoreError>;
    /// Bills from a day on, for whoever may match bills; missing ones are not among them.
    fn bills_since(
        &self,
        cx: &Context<'_>,
        act: Act,
        day: Date,
    ) -> Result<Vec<BillEntry>, StoreError>;
    /// One bill with its sums of money, differences first, for whoever may match bills.
    fn bill_view(&self, cx: &Context<'_>, act: Act, key: &BillKey) -> Result<BillView, StoreError>;
    /// Whether an account's payments or refunds of that day are booked.
    fn booked_on(
        &self,
        cx: &Context<'_>,
        channel: Channel,
        merchant_no: &str,
        day: Date,
    ) -> Result<bool, StoreError>;
    /// Asks for background work, no later than then.
    fn put_job(
        &self,
        cx: &Context<'_>,
        kind: JobKind,
        subject: &str,
        due_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Stores a callback before it is answered, with the job that will process it.
    fn store_callback(&self, cx: &Context<'_>, raw: &RawCallback) -> Result<Uuid, StoreError>;
    /// A stored callback.
    fn callback(&self, cx: &Context<'_>, id: Uuid) -> Result<Option<RawCallback>, StoreError>;
    /// Notes what became of it.
    fn callback_outcome(&self, cx: &Context<'_>, id: Uuid, outcome: &str)
    -> Result<(), StoreError>;
    /// Claims due jobs for `lease_ms`; nobody else gets them meanwhile (rule 8.7).
    fn claim_jobs(
        &self,
        cx: &Context<'_>,
        worker: &str,
        limit: u32,
        lease_ms: i64,
    ) -> Result<Vec<Job>, StoreError>;
    /// Ends or postpones a job that this worker still holds.
    fn finish_job(&self, cx: &Context<'_>, job: &Job, end: JobEnd) -> Result<(), StoreError>;
    /// When the next job is due.
    fn next_job_at(&self, cx: &Context<'_>) -> Result<Option<Timestamp>, StoreError>;

    /// Counts.
    fn summary(&self, cx: &Context<'_>) -> Result<Summary, StoreError>;
    /// Counts by state: operations by verdict, attempts, intents, collections, callbacks.
    fn tally(&self, cx: &Context<'_>) -> Result<Vec<Tally>, StoreError>;
    /// Every collection.
    fn collections(&self, cx: &Context<'_>) -> Result<Vec<PaymentCollection>, StoreError>;
    /// Every order.
    fn orders(&self, cx: &Context<'_>) -> Result<Vec<SalesOrder>, StoreError>;
    /// Every refund.
    fn refunds(&self, cx: &Context<'_>) -> Result<Vec<Refund>, StoreError>;
    /// Every attention item.
    fn attention(&self, cx: &Context<'_>) -> Result<Vec<wire::change::Attention>, StoreError>;
    /// Every account with its balance, by running total and by postings.
    fn trial_balance(&self, cx: &Context<'_>) -> Result<Vec<AccountBalance>, StoreError>;
    /// What contradicts the invariants of money; empty when all is well.
    fn audit(&self, cx: &Context<'_>) -> Result<Vec<String>, StoreError>;
}
