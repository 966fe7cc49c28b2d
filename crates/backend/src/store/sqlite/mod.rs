//! The store in one SQLite file: the embedded default. WAL with `synchronous=FULL`, so that what is
//! answered survives a power cut (invariant 1); one writer behind a lock, readers beside it, each
//! on a snapshot of its own.

mod bill_list;
mod bills;
mod catalogue;
mod config;
mod feed;
mod import;
mod jobs;
mod load;
mod manage;
mod matches;
mod migrate;
mod payments;
mod push;
mod reads;
mod recovery;
mod refunds;
mod review;
mod rows;
mod slips;
mod sql;
mod terminals;
mod wallet;
mod work;

#[cfg(test)]
mod tests;

use crate::decide::changed_staff;
use crate::facts::{Attempt, Company, JobKind, Write};
use crate::import::Upload;
use crate::payments::asks::{Answered, Begin, Observed};
use crate::payments::refunds::{Outgoing, RefundSettled};
use crate::payments::settle::Settled;
use crate::store::{
    AccountBalance, Act, Batch, CashierView, Contact, Context, Job, JobEnd, Known, PaidReceipt,
    RawCallback, SavedBinding, Store, StoreError, Summary, Tally, WalletBinding,
};
use domain::Timestamp;
use domain::bill::{BillEntry, BillKey, BillOrigin, BillSummary, BillView};
use domain::channel::Channel;
use domain::code::Code;
use domain::collection::PaymentCollection;
use domain::config::{Config, ConfigVersion};
use domain::distributor::Distributor;
use domain::id::{IntentId, OpId, RefundId, StaffId, TerminalId, WalletBindingId};
use domain::operation::StaffChange;
use domain::order::SalesOrder;
use domain::product::{Price, PriceBook, Product};
use domain::refund::Refund;
use domain::role::Permission;
use domain::staff::Staff;
use domain::terminal::{IssuedCode, ReviewDecision, ReviewView, TerminalsView};
use domain::wallet::{BindingDetails, MiniProgramDetails, WalletView};
use gateways::bill::{Bill, FlowBill};
use gateways::{Evidence, EvidenceRecord, RefundEvidence, RefundRecord};
use jiff::civil::Date;
pub use migrate::migrate;
use rows::{documents, run, text, word};
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;
use wire::import::ImportReport;
use wire::link::Link;
use wire::protocol::{
    EnrolReply, EnrolRequest, PullReply, PullRequest, PushReply, PushRequest, Refused,
    SnapshotPage, SnapshotRequest,
};
use wire::{Cursor, PublicKey};
use work::Work;

/// How many idle readers are kept.
const READERS: usize = 8;
/// Prepared statements kept by each connection: all of them.
const STATEMENTS: usize = 180;

/// A backend's memory in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    path: Option<PathBuf>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in another thread left no half-written transaction behind: it was rolled back.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn settings(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

/// Makes the names of a new database and its log durable: without it a power cut after the first
/// acknowledged write can lose the file itself (invariant 1). Windows has no such step.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new(".")).to_owned();
        std::fs::File::open(&folder)
            .and_then(|open| open.sync_all())
            .map_err(|source| StoreError::Folder { folder, source })?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

impl SqliteStore {
    /// Opens or makes the file, and brings it to this program's schema.
    ///
    /// # Errors
    /// The file can't be opened, is no database, or is of another schema.
    pub fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        let mut connection = Connection::open(path)?;
        settings(&connection)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        migrate(&mut connection)?;
        sync_folder(path)?;
        Ok(SqliteStore {
            path: Some(path.to_owned()),
            writer: Mutex::new(connection),
            readers: Mutex::new(Vec::new()),
        })
    }

    /// A store that lives as long as the value, for tests and the simulator. Readers share the
    /// writer's connection.
    ///
    /// # Errors
    /// The schema can't be made.
    pub fn in_memory() -> Result<SqliteStore, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        settings(&connection)?;
        migrate(&mut connection)?;
        Ok(SqliteStore {
            path: None,
            writer: Mutex::new(connection),
            readers: Mutex::new(Vec::new()),
        })
    }

    /// Runs a read on one snapshot of the data.
    fn read<T>(
        &self,
        act: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let Some(path) = &self.path else {
            let mut writer = locked(&self.writer);
            let tx = writer.transaction()?;
            return act(&tx);
        };
        let idle = locked(&self.readers).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let reader = Connection::open_with_flags(path, flags)?;
                settings(&reader)?;
                reader
            }
        };
        let tx = reader.transaction()?;
        let result = act(&tx);
        drop(tx);
        let mut readers = locked(&self.readers);
        if readers.len() < READERS {
            readers.push(reader);
        }
        result
    }

    /// Runs a write in one transaction; committed if it succeeds.
    fn write<T>(
        &self,
        cx: &Context<'_>,
        act: impl FnOnce(&mut Work<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut writer = locked(&self.writer);
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = act(&mut Work::new(&tx, cx))?;
        tx.commit()?;
        Ok(result)
    }

    /// Books the verified facts of a payment: what [`Store::settle`] does once it holds evidence.
    pub(crate) fn settle_record(
        &self,
        cx: &Context<'_>,
        proof: &EvidenceRecord,
    ) -> Result<Settled, StoreError> {
        self.write(cx, |work| payments::settle(work, proof))
    }

    /// Books the verified facts of a refund: what [`Store::settle_refund`] does once it holds
    /// evidence.
    pub(crate) fn settle_refund_record(
        &self,
        cx: &Context<'_>,
        proof: &RefundRecord,
    ) -> Result<RefundSettled, StoreError> {
        self.write(cx, |work| refunds::settle(work, proof))
    }
}

impl Store for SqliteStore {
    fn put_company(&self, cx: &Context<'_>, company: &Company) -> Result<(), StoreError> {
        self.write(cx, |work| {
            run(
                work.tx,
                sql::COMPANY_PUT,
                params![work.company, text(company)?],
            )?;
            run(work.tx, sql::HEAD_NEW, params![work.company])?;
            Ok(())
        })
    }

    fn company(&self, cx: &Context<'_>) -> Result<Company, StoreError> {
        self.read(|tx| load::company(tx, cx))
    }

    fn put_config(&self, cx: &Context<'_>, config: &Config) -> Result<(), StoreError> {
        self.write(cx, |work| {
            config::set_up(work, config)?;
            work.flush(true)?;
            Ok(())
        })
    }

    fn config(&self, cx: &Context<'_>) -> Result<ConfigVersion, StoreError> {
        self.read(|tx| config::current(tx, &cx.company.to_string()))
    }

    fn config_history(&self, cx: &Context<'_>) -> Result<Vec<ConfigVersion>, StoreError> {
        self.read(|tx| config::history(tx, &cx.company.to_string()))
    }

    fn change_staff(&self, cx: &Context<'_>, change: &StaffChange) -> Result<(), StoreError> {
        self.write(cx, |work| {
            let key = params![work.company];
            let everybody: Vec<Staff> = documents(work.tx, sql::STAFF_ALL, key, "staff")?;
            let departments = config::current(work.tx, &work.company)?.config.departments;
            let (by, now) = ((OpId(cx.env.uuid()), None), cx.env.now());
            let (staff, version) = changed_staff(&everybody, &departments, change, by, now)
                .map_err(|reason| Refused::Rule { reason })?;
            work.apply(vec![Write::Staff { staff, version }], None)?;
            work.flush(true)?;
            Ok(())
        })
    }

    fn put_staff(&self, cx: &Context<'_>, staff: &Staff) -> Result<(), StoreError> {
        self.write(cx, |work| {
            let row = params![work.company, staff.id.to_string(), text(staff)?];
            run(work.tx, sql::STAFF_PUT, row)?;
            Ok(())
        })
    }

    fn staff(&self, cx: &Context<'_>) -> Result<Vec<Staff>, StoreError> {
        self.read(|tx| documents(tx, sql::STAFF_ALL, params![cx.company.to_string()], "staff"))
    }

    fn put_binding(&self, cx: &Context<'_>, binding: &WalletBinding) -> Result<(), StoreError> {
        self.write(cx, |work| {
            let channel = word(&binding.channel)?;
            if binding.active {
                run(work.tx, sql::BINDING_RETIRE, params![work.company, channel])?;
            }
            let row = params![
                work.company,
                channel,
                binding.merchant_no,
                binding.app_id,
                binding.holder,
                binding.active
            ];
            run(work.tx, sql::BINDING_PUT, row)?;
            config::announce_bindings(work)?;
            work.flush(true)?;
            Ok(())
        })
    }

    fn bindings(&self, cx: &Context<'_>) -> Result<Vec<WalletBinding>, StoreError> {
        self.read(|tx| load::bindings(tx, &cx.company.to_string()))
    }

    fn save_binding(
        &self,
        cx: &Context<'_>,
        act: Act,
        details: &BindingDetails,
        secret: &[u8],
    ) -> Result<WalletBindingId, StoreError> {
        self.write(cx, |work| wallet::save(work, act, details, secret))
    }

    fn saved_binding(
        &self,
        cx: &Context<'_>,
        binding: WalletBindingId,
    ) -> Result<SavedBinding, StoreError> {
        self.read(|tx| wallet::saved(tx, &cx.company.to_string(), binding))
    }

    fn serving_bindings(&self, cx: &Context<'_>) -> Result<Vec<SavedBinding>, StoreError> {
        self.read(|tx| wallet::serving(tx, &cx.company.to_string()))
    }

    fn binding_tested(
        &self,
        cx: &Context<'_>,
        act: Act,
        binding: WalletBindingId,
        outcome: Result<(), Code>,
    ) -> Result<(), StoreError> {
        self.write(cx, |work| wallet::tested(work, act, binding, outcome))
    }

    fn activate_binding(
        &self,
        cx: &Context<'_>,
        act: Act,
        binding: WalletBindingId,
        replaces: Option<&str>,
    ) -> Result<SavedBinding, StoreError> {
        self.write(cx, |work| {
            let held = wallet::activate(work, act, binding, replaces)?;
            work.flush(true)?;
            Ok(held)
        })
    }

    fn bind_mini_program(
        &self,
        cx: &Context<'_>,
        act: Act,
        details: MiniProgramDetails,
    ) -> Result<(), StoreError> {
        self.write(cx, |work| {
            wallet::bind_mini_program(work, act, details)?;
            work.flush(true)?;
            Ok(())
        })
    }

    fn wallet(&self, cx: &Context<'_>, act: Act) -> Result<WalletView, StoreError> {
        self.write(cx, |work| {
            wallet::admitted(work, act)?;
            wallet::view(work.tx, &work.company)
        })
    }

    fn issue_enrolment_code(
        &self,
        cx: &Context<'_>,
        base_code: &str,
        ttl_ms: i64,
    ) -> Result<String, StoreError> {
        self.write(cx, |work| terminals::issue_code(work, base_code, ttl_ms))
    }

    fn enrol(&self, cx: &Context<'_>, r: &EnrolRequest) -> Result<EnrolReply, StoreError> {
        self.write(cx, |work| terminals::enrol(work, r))
    }

    fn terminal_key(
        &self,
        cx: &Context<'_>,
        terminal: TerminalId,
    ) -> Result<Option<PublicKey>, StoreError> {
        self.read(|tx| terminals::current_key(tx, &cx.company.to_string(), terminal))
    }

    fn revoked_key(
        &self,
        cx: &Context<'_>,
        terminal: TerminalId,
    ) -> Result<Option<PublicKey>, StoreError> {
        self.read(|tx| terminals::revoked_key(tx, &cx.company.to_string(), terminal))
    }

    fn revoke_terminal(&self, cx: &Context<'_>, base_code: &str) -> Result<(), StoreError> {
        self.write(cx, |work| {
            let key = params![work.company, base_code];
            if run(work.tx, sql::TERMINAL_REVOKE, key)? == 0 {
                let reason = Code::NotEnrolled;
                return Err(Refused::Rule { reason }.into());
            }
            Ok(())
        })
    }

    fn note_contacts(&self, cx: &Context<'_>, contacts: &[Contact]) -> Result<(), StoreError> {
        self.write(cx, |work| manage::note_contacts(work, contacts))
    }

    fn terminals(&self, cx: &Context<'_>, act: Act) -> Result<TerminalsView, StoreError> {
        self.write(cx, |work| manage::view(work, act))
    }

    fn issue_code_by(
        &self,
        cx: &Context<'_>,
        act: Act,
        base_code: &str,
        ttl_ms: i64,
    ) -> Result<IssuedCode, StoreError> {
        self.write(cx, |work| manage::issue_code(work, act, base_code, ttl_ms))
    }

    fn revoke_by(
        &self,
        cx: &Context<'_>,
        act: Act,
        base_code: &str,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.write(cx, |work| manage::revoke(work, act, base_code, reason))
    }

    fn push(&self, cx: &Context<'_>, r: &PushRequest) -> Result<PushReply, StoreError> {
        #[cfg(feature = "planted")]
        if crate::planted::active(crate::planted::Bug::AcknowledgeBeforeCommit) {
            let mut writer = locked(&self.writer);
            let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            return Ok(push::push(&mut Work::new(&tx, cx), r)??);
        }
        // A refusal is committed as well: what was quarantined stays (rule 4.9).
        Ok(self.write(cx, |work| push::push(work, r))??)
    }

    fn pull(&self, cx: &Context<'_>, r: &PullRequest) -> Result<PullReply, StoreError> {
        let chores = self.read(|tx| feed::chores(tx, cx, r))?;
        if chores.any() {
            let tickets = feed::fresh_tickets(cx, chores.tickets)?;
            self.write(cx, |work| feed::do_chores(work, r, tickets))??;
        }
        self.read(|tx| feed::pull(tx, cx, r))
    }

    fn snapshot(&self, cx: &Context<'_>, r: &SnapshotRequest) -> Result<SnapshotPage, StoreError> {
        self.read(|tx| feed::snapshot(tx, cx, r))
    }

    fn slip(&self, cx: &Context<'_>, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|tx| slips::get(tx, &cx.company.to_string(), sha256))
    }

    fn head(&self, cx: &Context<'_>) -> Result<Cursor, StoreError> {
        self.read(|tx| work::head(tx, &cx.company.to_string(), cx))
    }

    fn under_review(&self, cx: &Context<'_>, act: Act) -> Result<ReviewView, StoreError> {
        self.write(cx, |work| review::view(work, act))
    }

    fn review(
        &self,
        cx: &Context<'_>,
        act: Act,
        op: OpId,
        decision: &ReviewDecision,
    ) -> Result<(), StoreError> {
        self.write(cx, |work| {
            review::decide(work, act, op, decision)?;
            work.flush(true)?;
            Ok(())
        })
    }

    fn resume_versions(&self, cx: &Context<'_>) -> Result<(), StoreError> {
        self.write(cx, |work| {
            config::announce_unsent(work)?;
            push::resume_versions(work)?;
            work.flush(true)?;
            Ok(())
        })
    }

    fn put_products(&self, cx: &Context<'_>, rows: &[Product]) -> Result<(), StoreError> {
        self.write(cx, |work| catalogue::products(work, rows))
    }

    fn put_price_books(&self, cx: &Context<'_>, rows: &[PriceBook]) -> Result<(), StoreError> {
        self.write(cx, |work| catalogue::price_books(work, rows))
    }

    fn put_prices(&self, cx: &Context<'_>, rows: &[Price]) -> Result<(), StoreError> {
        self.write(cx, |work| catalogue::prices(work, rows))
    }

    fn put_distributors(&self, cx: &Context<'_>, rows: &[Distributor]) -> Result<(), StoreError> {
        self.write(cx, |work| catalogue::distributors(work, rows))
    }

    fn put_history_orders(&self, cx: &Context<'_>, rows: &[SalesOrder]) -> Result<(), StoreError> {
        self.write(cx, |work| catalogue::history_orders(work, rows))
    }

    fn take_over(&self, cx: &Context<'_>, batch: &Batch) -> Result<(), StoreError> {
        self.write(cx, |work| import::take_over(work, batch))
    }

    fn import(
        &self,
        cx: &Context<'_>,
        act: Act,
        upload: &Upload,
        take: bool,
    ) -> Result<ImportReport, StoreError> {
        self.write(cx, |work| import::import(work, act, upload, take))
    }

    fn known(&self, cx: &Context<'_>) -> Result<Known, StoreError> {
        self.read(|tx| catalogue::known(tx, &cx.company.to_string()))
    }

    fn open_link(&self, cx: &Context<'_>, link: &Link) -> Result<CashierView, StoreError> {
        let intent = self.write(cx, |work| payments::bind(work, link))?;
        match intent {
            Some(intent) => self.read(|tx| payments::view(tx, cx, intent)),
            None => Ok(CashierView::Refused),
        }
    }

    fn asked_by(
        &self,
        cx: &Context<'_>,
        staff: StaffId,
        intent: IntentId,
    ) -> Result<CashierView, StoreError> {
        self.write(cx, |work| {
            work.admit(staff, Permission::IntentOpen)?;
            if load::ask(work.tx, &work.company, intent)?.doc.is_none() {
                return Ok(CashierView::Refused);
            }
            payments::view(work.tx, cx, intent)
        })
    }

    fn begin_attempt(
        &self,
        cx: &Context<'_>,
        intent: IntentId,
        channel: Channel,
        payer_key: &str,
    ) -> Result<Begin, StoreError> {
        self.write(cx, |work| payments::begin(work, intent, channel, payer_key))
    }

    fn attempt(&self, cx: &Context<'_>, number: &str) -> Result<Option<Attempt>, StoreError> {
        self.read(|tx| payments::attempt(tx, &cx.company.to_string(), number))
    }

    fn attempt_answered(
        &self,
        cx: &Context<'_>,
        number: &str,
        answer: Answered,
    ) -> Result<(), StoreError> {
        self.write(cx, |work| payments::answered(work, number, answer))
    }

    fn observe(
        &self,
        cx: &Context<'_>,
        number: &str,
        observed: Observed,
    ) -> Result<(), StoreError> {
        self.write(cx, |work| payments::observe(work, number, observed))
    }

    fn expire(&self, cx: &Context<'_>, intent: IntentId) -> Result<(), StoreError> {
        self.write(cx, |work| payments::expire(work, intent))
    }

    fn begin_epoch(&self, cx: &Context<'_>) -> Result<u32, StoreError> {
        self.write(cx, |work| recovery::begin_epoch(work))
    }

    fn recall(&self, cx: &Context<'_>, intent: IntentId) -> Result<(), StoreError> {
        self.write(cx, |work| recovery::recall(work, intent))
    }

    fn settle(&self, cx: &Context<'_>, evidence: &Evidence) -> Result<Settled, StoreError> {
        self.settle_record(cx, &evidence.to_record())
    }

    fn begin_refund(
        &self,
        cx: &Context<'_>,
        refund: RefundId,
    ) -> Result<Option<Outgoing>, StoreError> {
        self.write(cx, |work| refunds::begin(work, refund))
    }

    fn settle_refund(
        &self,
        cx: &Context<'_>,
        evidence: &RefundEvidence,
    ) -> Result<RefundSettled, StoreError> {
        self.settle_refund_record(cx, &evidence.to_record())
    }

    fn refund_refused(
        &self,
        cx: &Context<'_>,
        refund: RefundId,
        code: &str,
    ) -> Result<RefundSettled, StoreError> {
        self.write(cx, |work| refunds::refused(work, refund, code))
    }

    fn refunds(&self, cx: &Context<'_>) -> Result<Vec<Refund>, StoreError> {
        self.read(|tx| refunds::all(tx, &cx.company.to_string()))
    }

    fn receipt(
        &self,
        cx: &Context<'_>,
        intent: IntentId,
    ) -> Result<Option<PaidReceipt>, StoreError> {
        self.read(|tx| payments::receipt(tx, cx, intent))
    }

    fn unbooked(&self, cx: &Context<'_>, bill: &Bill) -> Result<Vec<String>, StoreError> {
        self.read(|tx| bills::unbooked(tx, &cx.company.to_string(), bill))
    }

    fn reconcile_bill(
        &self,
        cx: &Context<'_>,
        bill: &Bill,
        merchant_no: &str,
        day: Date,
        origin: &BillOrigin,
    ) -> Result<BillSummary, StoreError> {
        self.write(cx, |work| {
            bills::reconcile(work, bill, merchant_no, day, origin)
        })
    }

    fn reconcile_flows(
        &self,
        cx: &Context<'_>,
        bill: &FlowBill,
        key: &BillKey,
        origin: &BillOrigin,
    ) -> Result<BillSummary, StoreError> {
        self.write(cx, |work| {
            bill_list::reconcile_flows(work, bill, key, origin)
        })
    }

    fn bill_matched(&self, cx: &Context<'_>, key: &BillKey) -> Result<bool, StoreError> {
        self.read(|tx| bill_list::matched(tx, &cx.company.to_string(), key))
    }

    fn bills_since(
        &self,
        cx: &Context<'_>,
        act: Act,
        day: Date,
    ) -> Result<Vec<BillEntry>, StoreError> {
        self.read(|tx| bill_list::since(tx, &cx.company.to_string(), act, day))
    }

    fn bill_view(&self, cx: &Context<'_>, act: Act, key: &BillKey) -> Result<BillView, StoreError> {
        self.read(|tx| bill_list::view(tx, &cx.company.to_string(), act, key))
    }

    fn booked_on(
        &self,
        cx: &Context<'_>,
        channel: Channel,
        merchant_no: &str,
        day: Date,
    ) -> Result<bool, StoreError> {
        let company = cx.company.to_string();
        self.read(|tx| {
            let paid = bills::paid_on(tx, &company, channel, merchant_no, day)?;
            let back = bills::refunded_on(tx, &company, channel, merchant_no, day)?;
            Ok(!paid.is_empty() || !back.is_empty())
        })
    }

    fn put_job(
        &self,
        cx: &Context<'_>,
        kind: JobKind,
        subject: &str,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(cx, |work| jobs::put(work, kind, subject, due_at))
    }

    fn store_callback(&self, cx: &Context<'_>, raw: &RawCallback) -> Result<Uuid, StoreError> {
        self.write(cx, |work| jobs::store_callback(work, raw))
    }

    fn callback(&self, cx: &Context<'_>, id: Uuid) -> Result<Option<RawCallback>, StoreError> {
        self.read(|tx| jobs::callback(tx, &cx.company.to_string(), id))
    }

    fn callback_outcome(
        &self,
        cx: &Context<'_>,
        id: Uuid,
        outcome: &str,
    ) -> Result<(), StoreError> {
        self.write(cx, |work| {
            let row = params![work.company, id.to_string(), outcome];
            run(work.tx, sql::CALLBACK_OUTCOME, row)?;
            Ok(())
        })
    }

    fn claim_jobs(
        &self,
        cx: &Context<'_>,
        worker: &str,
        limit: u32,
        lease_ms: i64,
    ) -> Result<Vec<Job>, StoreError> {
        // Nothing due is the rule, and costs a read only.
        let due = self.read(|tx| jobs::next_at(tx, &cx.company.to_string()))?;
        if due.is_none_or(|due| due > cx.env.now()) {
            return Ok(Vec::new());
        }
        self.write(cx, |work| jobs::claim(work, worker, limit, lease_ms))
    }

    fn finish_job(&self, cx: &Context<'_>, job: &Job, end: JobEnd) -> Result<(), StoreError> {
        self.write(cx, |work| jobs::finish(work, job, end))
    }

    fn next_job_at(&self, cx: &Context<'_>) -> Result<Option<Timestamp>, StoreError> {
        self.read(|tx| jobs::next_at(tx, &cx.company.to_string()))
    }

    fn summary(&self, cx: &Context<'_>) -> Result<Summary, StoreError> {
        self.read(|tx| reads::summary(tx, &cx.company.to_string()))
    }

    fn tally(&self, cx: &Context<'_>) -> Result<Vec<Tally>, StoreError> {
        self.read(|tx| reads::tally(tx, &cx.company.to_string()))
    }

    fn collections(&self, cx: &Context<'_>) -> Result<Vec<PaymentCollection>, StoreError> {
        let key = params![cx.company.to_string()];
        self.read(|tx| documents(tx, sql::COLLECTION_ALL, key, "collection"))
    }

    fn orders(&self, cx: &Context<'_>) -> Result<Vec<SalesOrder>, StoreError> {
        self.read(|tx| documents(tx, sql::ORDER_ALL, params![cx.company.to_string()], "order"))
    }

    fn attention(&self, cx: &Context<'_>) -> Result<Vec<wire::change::Attention>, StoreError> {
        let key = params![cx.company.to_string()];
        self.read(|tx| documents(tx, sql::ATTENTION_ALL, key, "attention"))
    }

    fn trial_balance(&self, cx: &Context<'_>) -> Result<Vec<AccountBalance>, StoreError> {
        self.read(|tx| reads::trial_balance(tx, &cx.company.to_string()))
    }

    fn audit(&self, cx: &Context<'_>) -> Result<Vec<String>, StoreError> {
        self.read(|tx| reads::audit(tx, &cx.company.to_string()))
    }
}
