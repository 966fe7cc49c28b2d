//! THE LIST: every command of the terminal, once. The dispatcher, the permission check, the
//! TypeScript client with its cache tags, and the table in the docs all come from here; a command
//! without role, tags or types does not compile.
//!
//! Reads say which tags they depend on; writes answer what they changed, and the user interface
//! drops exactly that from its cache. Errors cross as [`Code`]s with parameters; text for people is
//! made in the user interface.

pub mod catalogue;
pub mod collections;
pub mod config;
pub mod distributors;
pub mod orders;
pub mod payments;
pub mod refunds;
pub mod settings;
pub mod staff;
pub mod sync;
pub mod typescript;
pub mod wallet;

use crate::ledger::views::{AttentionItem, CollectionView, OrderRow, RefundView};
use crate::terminal::Terminal;
use crate::transact::{Done, Tag};
use catalogue::*;
use collections::*;
use config::*;
use distributors::*;
use domain::Code;
use domain::distributor::Distributor;
use domain::fee::Fee;
use domain::id::{DistributorId, StaffId};
use domain::role::{Permission, allows};
use domain::staff::Staff;
use domain::wallet::WalletView;
use orders::*;
use payments::*;
use refunds::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use settings::*;
use staff::*;
use sync::*;
use ts_rs::TS;
use wallet::*;
use wire::import::ImportReport;

/// No input, or no output. In JSON an empty object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// Who may use a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody in front of the screen, locked or not.
    Anybody,
    /// Whoever is unlocked.
    Unlocked,
    /// Whoever is unlocked and has this permission.
    Needs(Permission),
}

/// A command as the docs and the client's generator see it.
#[derive(Clone, Copy, Debug)]
pub struct CommandInfo {
    /// Name.
    pub name: &'static str,
    /// Who may use it.
    pub access: Access,
    /// Whether it writes.
    pub writes: bool,
    /// Tags a read depends on; tags a write may change.
    pub tags: &'static [Tag],
    /// What it is for.
    pub about: &'static str,
}

/// What a command answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The output.
    pub value: Value,
    /// What a write changed; empty for reads.
    pub changed: Vec<Tag>,
}

/// Who asks, and of which terminal.
#[derive(Debug)]
pub struct Context<'a> {
    /// The terminal.
    pub terminal: &'a Terminal,
    staff: Option<Staff>,
}

impl Context<'_> {
    /// The person who is unlocked.
    ///
    /// # Errors
    /// [`Code::Locked`].
    pub fn staff(&self) -> Result<&Staff, Code> {
        self.staff.as_ref().ok_or(Code::Locked)
    }

    /// That person's id.
    ///
    /// # Errors
    /// [`Code::Locked`].
    pub fn actor(&self) -> Result<StaffId, Code> {
        self.staff().map(|staff| staff.id)
    }

    fn admit(&self, access: Access) -> Result<(), Code> {
        match access {
            Access::Anybody => Ok(()),
            Access::Unlocked => self.staff().map(|_| ()),
            Access::Needs(permission) => {
                let role = self.staff()?.role;
                if allows(role, permission) {
                    Ok(())
                } else {
                    Err(Code::NotAllowed { role })
                }
            }
        }
    }
}

macro_rules! commands {
    ($($(#[doc = $about:literal])* $mode:ident $name:ident($input:ty) -> $output:ty
        = $function:path, $access:expr, [$($tag:ident),*];)*) => {
        /// Every command.
        pub const COMMANDS: &[CommandInfo] = &[$(CommandInfo {
            name: stringify!($name),
            access: $access,
            writes: commands!(@writes $mode),
            tags: &[$(Tag::$tag),*],
            about: concat!($($about),*).trim_ascii_start(),
        }),*];

        /// Runs one command. Blocks on the disk; callers on an async runtime use a blocking thread.
        ///
        /// # Errors
        /// `NotFound` for a command that is not on the list, `BadField` for input of another shape,
        /// `Locked` and `NotAllowed`, and whatever the command itself refuses.
        pub fn dispatch(terminal: &Terminal, command: &str, input: Value) -> Result<Answer, Code> {
            let context = Context { terminal, staff: terminal.session().staff() };
            match command {
                $(stringify!($name) => {
                    context.admit($access)?;
                    let input: $input = serde_json::from_value(input)
                        .map_err(|error| Code::BadField { field: error.to_string() })?;
                    commands!(@run $mode, $function, &context, input, $output)
                })*
                _ => Err(Code::NotFound { what: format!("command {command}") }),
            }
        }

        fn visit_types(types: &mut typescript::Types) {
            $(types.command::<$input, $output>(stringify!($name));)*
        }
    };
    (@writes read) => { false };
    (@writes write) => { true };
    (@run read, $function:path, $context:expr, $input:expr, $output:ty) => {{
        let value: $output = $function($context, $input)?;
        Ok(Answer { value: json(&value)?, changed: Vec::new() })
    }};
    (@run write, $function:path, $context:expr, $input:expr, $output:ty) => {{
        let done: Done<$output> = $function($context, $input)?;
        Ok(Answer { value: json(&done.value)?, changed: done.changed })
    }};
}

fn json<T: Serialize>(value: &T) -> Result<Value, Code> {
    serde_json::to_value(value).map_err(|error| Code::Internal {
        trace: error.to_string(),
    })
}

use Access::{Anybody, Needs, Unlocked};
use Permission as P;

commands! {
    /// Who is unlocked, and on what leave.
    read session_state(Nothing) -> SessionView = crate::staff::session_state, Anybody, [Session, Staff, Config];
    /// Everybody who may unlock this terminal.
    read staff_list(Nothing) -> Vec<StaffRow> = crate::staff::staff_list, Anybody, [Staff];
    /// Unlocks with a PIN.
    write unlock(Unlock) -> SessionView = crate::staff::unlock, Anybody, [Session];
    /// Locks; drafts and running QRs stay.
    write lock(Nothing) -> Nothing = crate::staff::lock, Anybody, [Session];
    /// How this terminal looks.
    read settings_get(Nothing) -> Settings = crate::settings::get, Anybody, [Settings];
    /// Changes how this terminal looks.
    write settings_set(Settings) -> Nothing = crate::settings::set, Anybody, [Settings];

    /// Finds distributors.
    read distributor_search(DistributorSearch) -> Vec<DistributorRow> = crate::distributors::search, Unlocked, [Distributors];
    /// One distributor with where the money stands.
    read distributor_get(DistributorKey) -> DistributorView = crate::distributors::get, Unlocked, [Distributors, Deposits, Orders, Collections];
    /// Makes a distributor, online or not.
    write distributor_create(DistributorNew) -> DistributorId = crate::distributors::create, Needs(P::DistributorCreate), [Distributors, Sync];
    /// Finds products with a distributor's prices.
    read product_search(ProductSearch) -> Vec<ProductRow> = crate::products::search, Unlocked, [Products];

    /// Goes on with a draft, or begins one. A new draft takes its number when it is first changed.
    write draft_open(DraftOpen) -> DraftView = crate::orders::draft::open, Needs(P::OrderCreate), [Drafts];
    /// Drafts on this terminal, last written first.
    read draft_list(Nothing) -> Vec<DraftRow> = crate::orders::draft::list, Unlocked, [Drafts];
    /// Changes a draft; it is on disk before this answers.
    write draft_edit(DraftChange) -> DraftView = crate::orders::draft::edit, Needs(P::OrderCreate), [Drafts];
    /// Throws a draft away; its number stays, cancelled.
    write draft_discard(OrderKey) -> Nothing = crate::orders::draft::discard, Needs(P::OrderCreate), [Drafts, Sync];
    /// Submits and confirms a draft, or makes its changes to a confirmed order (F12).
    write order_confirm(OrderKey) -> OrderDetail = crate::orders::confirm, Needs(P::OrderCreate), [Orders, Drafts, Deposits, Sync];
    /// A page of orders.
    read order_list(OrderList) -> Vec<OrderRow> = crate::orders::list::page, Unlocked, [Orders];
    /// What conditions on orders may name.
    read order_fields(Nothing) -> Vec<OrderField> = crate::orders::list::fields, Unlocked, [Session];
    /// How the person who is unlocked likes the order list.
    read order_list_setup(Nothing) -> OrderListSetup = crate::orders::list::setup, Unlocked, [Settings];
    /// Changes that.
    write order_list_set_up(OrderListSetup) -> Nothing = crate::orders::list::set_up, Unlocked, [Settings];
    /// Writes every order of a list into a file for a spreadsheet.
    write order_export(OrderExport) -> OrderExported = crate::orders::export::export, Needs(P::DocumentRead), [];
    /// One order with everything about it.
    read order_detail(OrderKey) -> OrderDetail = crate::orders::detail, Unlocked, [Orders, Collections, Intents];
    /// Opens a confirmed order for changes; F12 makes them.
    write order_edit(OrderKey) -> DraftView = crate::orders::draft::edit_order, Needs(P::OrderCreate), [Drafts];
    /// Cancels an order by reversal.
    write order_cancel(OrderCancelInput) -> OrderDetail = crate::orders::cancel, Needs(P::OrderCancel), [Orders, Deposits, Sync];
    /// Approves an order that waits for it.
    write order_approve(OrderKey) -> OrderDetail = crate::orders::approval::approve, Needs(P::OrderApprove), [Orders, Deposits, Sync];
    /// Rejects an order that waits for approval: it is cancelled.
    write order_reject(OrderCancelInput) -> OrderDetail = crate::orders::approval::reject, Needs(P::OrderApprove), [Orders, Deposits, Sync];
    /// Begins a draft with another order's content at today's prices.
    write order_copy(OrderKey) -> DraftView = crate::orders::draft::copy, Needs(P::OrderCreate), [Drafts];

    /// Opens the pay sheet for orders, or submits a draft and opens it (F9).
    write pay_orders(PayOrders) -> PayView = crate::payments::pay_orders, Needs(P::IntentOpen), [Intents, Orders, Drafts, Sync];
    /// Asks for the money of many orders, row by row.
    write pay_bulk(PayBulk) -> Vec<BulkRow> = crate::bulk::pay_bulk, Needs(P::IntentOpen), [Intents, Orders, Sync];
    /// Opens the pay sheet for a standalone collection.
    write pay_collection(PayCollection) -> PayView = crate::payments::pay_collection, Needs(P::IntentOpen), [Intents, Orders, Sync];
    /// Opens the pay sheet for a top-up.
    write pay_top_up(PayTopUp) -> PayView = crate::payments::pay_top_up, Needs(P::IntentOpen), [Intents, Sync];
    /// The pay sheet as it stands.
    read pay_view(IntentKey) -> PayView = crate::payments::view, Unlocked, [Intents, Collections, Sync];
    /// What the channel keeps of a payment, as far as it is known.
    read payment_fee(TransactionRecordKey) -> Fee = crate::payments::fee, Unlocked, [Collections, Config];
    /// Intents of this terminal that are still live.
    read pay_live(Nothing) -> Vec<PayView> = crate::payments::live, Unlocked, [Intents];
    /// Every ask for money that is still live, on whatever terminal, as this one holds them.
    read pay_asks(Nothing) -> Vec<LiveAsk> = crate::payments::asks, Unlocked, [Intents];
    /// Gives an intent up; the backend closes it at the channel first.
    write pay_close(IntentKey) -> PayView = crate::payments::close, Needs(P::IntentOpen), [Intents, Orders, Sync];
    /// Checks a receipt code or receipt from the payer's phone.
    write pay_proof(PayProof) -> PayView = crate::payments::proof, Needs(P::IntentOpen), [Intents, Orders, Sync];
    /// Has a channel make its own code for an intent; needs the network.
    write pay_code(PayCode) -> PayCodeView = crate::codes::pay_code, Needs(P::IntentOpen), [Display];
    /// Shows an intent's QR on the customer window.
    write display_show(QrKey) -> Nothing = crate::display::show, Needs(P::IntentOpen), [Display];
    /// Opens the payment page of an intent in the user's browser.
    write open_link(IntentKey) -> Nothing = crate::payments::open_link, Needs(P::IntentOpen), [];
    /// Opens a demo's payment link on the sandbox's phone, in the user's browser.
    write open_phone(QrKey) -> Nothing = crate::payments::open_phone, Unlocked, [];
    /// Blanks the customer window.
    write display_clear(Nothing) -> Nothing = crate::display::clear, Unlocked, [Display];

    /// Records cash, a transfer or a cheque; it waits for finance.
    write collection_record(CollectionNew) -> CollectionKey = crate::collections::record, Needs(P::CollectionRecord), [Collections, Orders, Deposits, Sync];
    /// A page of collections.
    read collection_list(CollectionList) -> Vec<CollectionView> = crate::collections::list, Unlocked, [Collections];
    /// The photo of a collection's slip.
    read collection_slip(CollectionKey) -> SlipView = crate::slips::of, Unlocked, [Collections];
    /// Finance says it is money.
    write collection_confirm(CollectionKey) -> Nothing = crate::collections::confirm, Needs(P::CollectionConfirm), [Collections, Orders, Deposits, Sync];
    /// Finance says it is not.
    write collection_reject(CollectionRejectInput) -> Nothing = crate::collections::reject, Needs(P::CollectionReject), [Collections, Orders, Sync];
    /// How money would fall on open orders.
    read allocate_suggest(AllocateSuggest) -> AllocationSuggestion = crate::collections::suggest, Unlocked, [Orders, Collections];
    /// A distributor's deposit.
    read deposit_get(DistributorKey) -> DepositDetail = crate::deposits::get, Unlocked, [Deposits, Collections];
    /// Pays an order from the deposit.
    write deposit_pay(DepositPay) -> CollectionKey = crate::deposits::pay, Needs(P::DepositSpend), [Deposits, Collections, Orders, Sync];

    /// How the terminal stands to the backend.
    read sync_status(Nothing) -> SyncView = crate::sync::view::status, Anybody, [Sync, Attention];
    /// Contacts the backend now.
    write sync_now(Nothing) -> Nothing = crate::sync::view::now, Unlocked, [Sync];
    /// Switches "work offline".
    write work_offline(WorkOffline) -> Nothing = crate::sync::view::work_offline, Unlocked, [Sync];
    /// Operations that are not done, oldest first.
    read outbox_list(Nothing) -> Vec<OutboxRow> = crate::sync::view::outbox, Unlocked, [Sync];
    /// Things for a person to look at, newest first.
    read attention_list(Nothing) -> Vec<AttentionItem> = crate::sync::view::attention, Unlocked, [Attention];

    /// A page of refunds.
    read refund_list(RefundList) -> Vec<RefundView> = crate::refunds::list, Unlocked, [Collections];
    /// What of a collection's money could go back to its source.
    read refund_options(CollectionKey) -> RefundOptions = crate::refunds::options, Unlocked, [Collections, Orders, Deposits];
    /// Payments that came twice and have not gone back.
    read refundable_list(Nothing) -> Vec<RefundableMoney> = crate::refunds::refundable, Unlocked, [Collections];
    /// Asks for a refund; somebody else approves it.
    write refund_request(RefundNew) -> RefundKey = crate::refunds::request, Needs(P::RefundRequest), [Collections, Sync];
    /// Approves a refund: the backend sets the money aside and sends it.
    write refund_approve(RefundKey) -> Nothing = crate::refunds::approve, Needs(P::RefundApprove), [Collections, Sync];
    /// Rejects a refund.
    write refund_reject(RefundRejectInput) -> Nothing = crate::refunds::reject, Needs(P::RefundApprove), [Collections, Sync];
    /// The configuration that this terminal works by, and its date.
    read config(Nothing) -> ConfigView = crate::config::get, Unlocked, [Config, Sync];
    /// Changes the configuration, whole; the backend decides.
    write config_change(ConfigChangeInput) -> ConfigView = crate::config::change, Needs(P::Configure), [Config, Sync];
    /// Keeps the configuration in force: an own change that was refused is done with.
    write config_keep(Nothing) -> Nothing = crate::config::keep, Needs(P::Configure), [Config, Attention, Sync];
    /// Every version of the configuration, newest first.
    read config_history(Nothing) -> Vec<ConfigEntry> = crate::config::history, Needs(P::Configure), [Config];
    /// The corporate wallet, which the backend keeps; needs the network.
    read wallet(Nothing) -> WalletView = crate::wallet::get, Needs(P::WalletBind), [Config];
    /// Saves a merchant account and its keys at the backend as a draft; the keys go sealed.
    write wallet_save(WalletSave) -> WalletDone = crate::wallet::save, Needs(P::WalletBind), [Config];
    /// Makes the live self-test of a saved binding.
    write wallet_test(WalletBindingKey) -> WalletDone = crate::wallet::test, Needs(P::WalletBind), [Config];
    /// Puts a tested binding to use; the one it replaces is retired.
    write wallet_activate(WalletActivate) -> WalletDone = crate::wallet::activate, Needs(P::WalletBind), [Config];
    /// Binds the dedicated mini program and compares its owner.
    write mini_program_bind(MiniProgramBind) -> WalletDone = crate::wallet::mini_program, Needs(P::WalletBind), [Config];
    /// The company's staff, and own changes of it that are not in force.
    read staff_members(Nothing) -> StaffView = crate::staff::change::members, Needs(P::StaffManage), [Staff, Sync];
    /// Adds or changes a member of staff; the backend decides.
    write staff_change(StaffChangeInput) -> StaffView = crate::staff::change::change, Needs(P::StaffManage), [Staff, Sync];
    /// Lets go of an own change of staff that was refused.
    write staff_keep(OwnStaffKey) -> Nothing = crate::staff::change::keep, Needs(P::StaffManage), [Staff, Attention, Sync];
    /// Changes of staff, newest first.
    read staff_history(Nothing) -> Vec<StaffEntry> = crate::staff::change::history, Needs(P::StaffManage), [Staff];
    /// A page of products with their prices, what is no longer sold too.
    read product_list(CatalogueList) -> Vec<ProductEntry> = crate::upkeep::products, Needs(P::CatalogueImport), [Products];
    /// Every price book.
    read price_book_list(Nothing) -> Vec<PriceBookEntry> = crate::upkeep::price_books, Needs(P::CatalogueImport), [Products, Distributors];
    /// A page of distributors, those that no longer buy too.
    read distributor_list(CatalogueList) -> Vec<Distributor> = crate::upkeep::distributors, Needs(P::CatalogueImport), [Distributors];
    /// Own changes of the catalogue that are not in force.
    read catalogue_own(Nothing) -> Vec<OwnCatalogueChange> = crate::upkeep::own, Needs(P::CatalogueImport), [Products, Distributors, Sync];
    /// Makes or changes a product, price book, price or distributor; the backend decides.
    write catalogue_change(CatalogueChangeInput) -> Vec<OwnCatalogueChange> = crate::upkeep::change, Needs(P::CatalogueImport), [Products, Distributors, History, Sync];
    /// Lets go of an own change of the catalogue that was refused.
    write catalogue_keep(OwnCatalogueKey) -> Nothing = crate::upkeep::keep, Needs(P::CatalogueImport), [Products, Distributors, Attention, Sync];
    /// What was done to the catalogue and by files, newest first.
    read history_lines(Nothing) -> Vec<HistoryEntry> = crate::upkeep::history, Needs(P::CatalogueImport), [History];
    /// Has the backend look at a file of products, prices, distributors or staff, or take it.
    write data_import(DataImport) -> ImportReport = crate::upkeep::import, Needs(P::CatalogueImport), [Products, Distributors, Staff, History];
    /// Which buttons show at a place, and on which orders.
    read buttons(ButtonsInput) -> ButtonsView = crate::config::buttons, Unlocked, [Config, Orders, Intents, Session];
}
