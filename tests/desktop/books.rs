//! The end of the tour: the backend's books, and whether the terminal has the same.
//!
//! Both programs have ended by then. The backend's file is looked at as a copy, so that looking
//! changes nothing; the terminal's is opened the way the app opens it.

use backend::folder::Folder;
use backend::store::{AccountBalance, Context, Store as _};
use backend::{SqliteStore, Tuning};
use domain::Money;
use domain::collection::{CollectionState, PaymentCollection, PaymentMethod, Purpose};
use domain::id::CompanyId;
use domain::order::{PaymentState, SalesOrder};
use fieldtill_tests::drive::error::{DriveError, holds, same};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use terminal::files::load_or_make_key;
use terminal::terminal::Terminal;
use wire::change::Attention;
use wire::{Keypair, SystemEnv};

/// One collection as the tour expects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) method: PaymentMethod,
    pub(crate) purpose: Purpose,
    pub(crate) amount: Money,
}

/// The backend's file, closed by its program.
#[derive(Debug)]
pub(crate) struct Books {
    store: SqliteStore,
    company: CompanyId,
    key: Keypair,
    env: SystemEnv,
    tuning: Tuning,
}

impl Books {
    /// Opens a copy of the folder.
    pub(crate) fn open(folder: &Path) -> Result<Books, DriveError> {
        let copy = folder.with_extension("looked-at");
        let failed = |error: std::io::Error| DriveError::file(&copy, &error);
        fs::create_dir_all(&copy).map_err(failed)?;
        for entry in fs::read_dir(folder).map_err(failed)?.flatten() {
            if entry.path().is_file() {
                fs::copy(entry.path(), copy.join(entry.file_name())).map_err(failed)?;
            }
        }
        let env = SystemEnv::new();
        let wrong = |error: backend::folder::FolderError| DriveError::Wrong(error.to_string());
        let folder = Folder::beside(&copy).map_err(wrong)?;
        let (company, key) = folder.identity(&env).map_err(wrong)?;
        let store = folder.open_store().map_err(wrong)?;
        Ok(Books {
            store,
            company,
            key,
            env,
            tuning: Tuning::default(),
        })
    }

    fn context(&self) -> Context<'_> {
        Context {
            company: self.company,
            env: &self.env,
            key: &self.key,
            tuning: &self.tuning,
        }
    }

    pub(crate) fn collections(&self) -> Result<Vec<PaymentCollection>, DriveError> {
        self.store.collections(&self.context()).map_err(wrong)
    }

    pub(crate) fn orders(&self) -> Result<Vec<SalesOrder>, DriveError> {
        self.store.orders(&self.context()).map_err(wrong)
    }

    pub(crate) fn order(&self, number: &str) -> Result<SalesOrder, DriveError> {
        let found = self
            .orders()?
            .into_iter()
            .find(|order| order.number == number);
        found.ok_or_else(|| DriveError::Wrong(format!("the backend has no order {number}")))
    }

    pub(crate) fn attention(&self) -> Result<Vec<Attention>, DriveError> {
        self.store.attention(&self.context()).map_err(wrong)
    }

    /// The accounts, checked: the running totals are the postings' sums, all of them come to zero,
    /// and the store's own audit finds nothing.
    pub(crate) fn trial_balance(&self) -> Result<Vec<AccountBalance>, DriveError> {
        let accounts = self.store.trial_balance(&self.context()).map_err(wrong)?;
        for account in &accounts {
            same(&account.account, account.postings_fen, account.balance_fen)?;
        }
        let sum = Money::sum(accounts.iter().map(|account| account.postings_fen)).map_err(wrong)?;
        same("the sum of all postings", sum, Money::ZERO)?;
        let summary = self.store.summary(&self.context()).map_err(wrong)?;
        same(
            "the sum of all postings, counted by the store",
            summary.postings_fen,
            Money::ZERO,
        )?;
        same("operations that wait", summary.blocked, 0)?;
        let audit = self.store.audit(&self.context()).map_err(wrong)?;
        holds(
            &format!("the audit finds nothing: {audit:?}"),
            audit.is_empty(),
        )?;
        Ok(accounts)
    }

    /// Exactly these collections are confirmed, and nothing else is recorded; what came through a
    /// channel has its transaction record.
    pub(crate) fn expect(&self, expected: &[Expected]) -> Result<(), DriveError> {
        let mut left = expected.to_vec();
        for collection in self.collections()? {
            let number = &collection.number;
            same(number, collection.state, CollectionState::Confirmed)?;
            let online = matches!(
                collection.method,
                PaymentMethod::QrCode | PaymentMethod::Online
            );
            let record = collection.transaction_record.is_some();
            same(
                &format!("{number} has a transaction record"),
                record,
                online,
            )?;
            same(
                &format!("{number} was typed"),
                collection.recorded_by.is_some(),
                !online,
            )?;
            let is = Expected {
                method: collection.method,
                purpose: collection.purpose,
                amount: collection.amount_fen,
            };
            let Some(at) = left.iter().position(|one| *one == is) else {
                return Err(DriveError::Wrong(format!(
                    "{number} was not expected: {is:?}"
                )));
            };
            left.swap_remove(at);
        }
        holds(
            &format!("no expected collection is missing: {left:?}"),
            left.is_empty(),
        )
    }

    /// The order stands at this payment state.
    pub(crate) fn payment_state(&self, number: &str) -> Result<PaymentState, DriveError> {
        Ok(self.order(number)?.payment_state())
    }
}

fn wrong(error: impl std::fmt::Display) -> DriveError {
    DriveError::Wrong(error.to_string())
}

/// Opens the terminal's own file and compares every document with the backend's. Answers how many
/// documents were compared. Beside the collections' transaction records there are `unbooked` ones.
pub(crate) fn compare(
    books: &Books,
    terminal_folder: &Path,
    unbooked: usize,
) -> Result<usize, DriveError> {
    let env = Arc::new(SystemEnv::new());
    let key = load_or_make_key(terminal_folder, &*env).map_err(wrong)?;
    let terminal = Terminal::open(terminal_folder, key, env).map_err(wrong)?;
    let ledger = terminal.ledger();
    let counts = ledger.outbox_counts().map_err(wrong)?;
    same(
        "operations that the feed has not answered",
        counts.pending,
        0,
    )?;

    let orders = books.orders()?;
    for order in &orders {
        let held = ledger.order(order.id).map_err(wrong)?;
        same(&order.number, &held.order, order)?;
    }
    let collections = books.collections()?;
    let mut records = unbooked;
    for collection in &collections {
        let held = ledger.collection(collection.id).map_err(wrong)?;
        same(&collection.number, &held.collection, collection)?;
        records += usize::from(collection.transaction_record.is_some());
    }
    for (kind, many) in [
        ("sales_order", orders.len()),
        ("payment_collection", collections.len()),
        ("transaction_record", records),
    ] {
        let sql = "SELECT count(*) FROM document WHERE kind = ?1";
        let held: i64 = ledger
            .read(|conn| Ok(conn.query_row(sql, [kind], |row| row.get(0))?))
            .map_err(wrong)?;
        same(
            &format!("the terminal's documents of kind {kind}"),
            usize::try_from(held).ok(),
            Some(many),
        )?;
    }
    let deposits = ledger.deposits().map_err(wrong)?;
    let held = Money::sum(deposits.iter().map(|deposit| deposit.balance_fen)).map_err(wrong)?;
    let accounts = books.trial_balance()?;
    let booked = accounts
        .iter()
        .filter(|account| account.account.starts_with("deposit_"));
    let booked = Money::sum(booked.map(|account| account.balance_fen)).map_err(wrong)?;
    same("the terminal's deposits together", held, booked)?;
    Ok(orders.len() + collections.len() + records)
}

/// The trial balance as lines for people.
pub(crate) fn lines(accounts: &[AccountBalance]) -> Result<Vec<String>, DriveError> {
    let line = |amount: Money, what: &str| format!("{:>14}  {what}", amount.to_yuan_string());
    let sum = Money::sum(accounts.iter().map(|account| account.balance_fen)).map_err(wrong)?;
    let of = |account: &AccountBalance| line(account.balance_fen, &account.account);
    let mut lines: Vec<String> = accounts.iter().map(of).collect();
    lines.push(line(sum, &format!("sum of {} accounts", accounts.len())));
    Ok(lines)
}
