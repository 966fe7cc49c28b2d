//! Drafts and orders as the screens need them.

use crate::ledger::views::{CollectionView, IntentView, OrderView};
use domain::collection::PaymentMethod;
use domain::condition::{Conditions, FieldType, Operator};
use domain::id::{DistributorId, OpId, OrderId, PriceBookId, ProductId};
use domain::intent::TransactionRecord;
use domain::operation::Basis;
use domain::order::{OrderLine, OrderTotals, PaymentState};
use domain::quantity::{LineDiscount, Quantity, UnitPrice};
use domain::{Code, Money, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A product search for one distributor's prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProductSearch {
    /// What was typed: code, barcode, pinyin initials, full pinyin, part of the name.
    pub query: String,
    /// Whose prices, and whose recent products come first.
    pub distributor: Option<DistributorId>,
    /// At most how many rows.
    pub limit: u32,
}

/// One hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProductRow {
    /// Which.
    pub id: ProductId,
    /// Code.
    pub code: String,
    /// Barcode; may be empty.
    pub barcode: String,
    /// Name.
    pub name: String,
    /// Specification; may be empty.
    pub spec: String,
    /// Unit.
    pub unit: String,
    /// Price for that distributor now.
    pub unit_price: UnitPrice,
    /// The price book it comes from; `None` for the list price.
    pub price_book: Option<PriceBookId>,
    /// When prices were last heard from the backend.
    pub as_of: Timestamp,
}

/// Names one order or draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderKey {
    /// Which.
    pub order: OrderId,
}

/// Names an order, or none for a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftOpen {
    /// The draft to go on with; `None` for the last one left open, or a new one.
    pub order: Option<OrderId>,
    /// A new one even if another is open.
    pub fresh: bool,
}

/// A line of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftLine {
    /// The line as it would be submitted.
    #[serde(flatten)]
    pub line: OrderLine,
    /// Its price was typed by hand: another distributor's prices leave it alone.
    pub price_typed: bool,
}

/// What a draft holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftContent {
    /// Who buys; `None` until one is chosen.
    pub distributor: Option<DistributorId>,
    /// Their name; empty until one is chosen.
    pub distributor_name: String,
    /// The lines.
    pub lines: Vec<DraftLine>,
    /// Discount on the whole order.
    pub discount: LineDiscount,
    /// How the buyer means to pay.
    pub payment_method: Option<PaymentMethod>,
    /// Free text.
    pub remark: String,
    /// What of a confirmed order it was begun on; `None` for a new order.
    #[serde(default)]
    pub edits: Option<Basis>,
}

/// A draft as it stands on disk (rule 5.3): saved at every change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftView {
    /// Its id, which becomes the order's.
    pub order: OrderId,
    /// Its number.
    pub number: String,
    /// What it holds.
    pub content: DraftContent,
    /// The sums.
    pub totals: OrderTotals,
    /// The total in Chinese capitals.
    pub capital: String,
    /// Notices for each line, by line index.
    pub notices: Vec<LineNotice>,
    /// When it was last written.
    pub saved_at: Timestamp,
}

/// Something to know about a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LineNotice {
    /// Line index from 0.
    pub line: u32,
    /// `below_floor`, or `price_changed` when the catalogue now says otherwise.
    pub kind: String,
}

/// One change to a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum DraftEdit {
    /// Chooses who buys; lines whose price was not typed by hand are priced anew.
    SetDistributor {
        /// Who.
        distributor: DistributorId,
    },
    /// Adds a line; the same product at the same price adds to its line.
    AddLine {
        /// What.
        product: ProductId,
        /// How many.
        quantity: Quantity,
    },
    /// Adds lines from pasted text: a code and a quantity in each row.
    Paste {
        /// The text.
        text: String,
    },
    /// Sets a quantity.
    SetQuantity {
        /// Line index from 0.
        line: u32,
        /// How many.
        quantity: Quantity,
    },
    /// Types a price by hand.
    SetPrice {
        /// Line index from 0.
        line: u32,
        /// Yuan per unit.
        unit_price: UnitPrice,
    },
    /// Sets a line's discount.
    SetLineDiscount {
        /// Line index from 0.
        line: u32,
        /// The discount.
        discount: LineDiscount,
    },
    /// Doubles a line.
    DuplicateLine {
        /// Line index from 0.
        line: u32,
    },
    /// Removes a line.
    RemoveLine {
        /// Line index from 0.
        line: u32,
    },
    /// Sets the whole order's discount.
    SetDiscount {
        /// The discount.
        discount: LineDiscount,
    },
    /// Sets the remark.
    SetRemark {
        /// The text.
        remark: String,
    },
    /// Sets how the buyer means to pay.
    SetPaymentMethod {
        /// The method.
        payment_method: Option<PaymentMethod>,
    },
    /// Takes the last change back.
    Undo,
    /// Does it again.
    Redo,
}

/// A change to one draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftChange {
    /// Which draft.
    pub order: OrderId,
    /// The change.
    #[serde(flatten)]
    pub edit: DraftEdit,
}

/// A draft in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftRow {
    /// Which.
    pub order: OrderId,
    /// Number.
    pub number: String,
    /// Who buys; empty while not chosen.
    pub distributor_name: String,
    /// How many lines.
    pub lines: u32,
    /// The sum.
    pub total_fen: Money,
    /// It changes a confirmed order.
    pub edits: bool,
    /// When it was last written.
    pub saved_at: Timestamp,
}

/// Which orders a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OrderScenario {
    /// Made by the person who is unlocked.
    Mine,
    /// Made by anybody of that person's department or of a part of it.
    Department,
    /// Everybody's.
    #[default]
    All,
}

/// A page of orders, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderList {
    /// Whose.
    pub scenario: OrderScenario,
    /// Only these payment states; empty for all.
    pub payment_states: Vec<PaymentState>,
    /// Only this distributor's.
    pub distributor: Option<DistributorId>,
    /// Part of the number or of the distributor's name; empty for all.
    pub query: String,
    /// Only those that meet these; no group for all.
    #[serde(default)]
    pub conditions: Conditions,
    /// Only what is older than this; `None` for the newest.
    pub before: Option<Timestamp>,
    /// At most how many rows; those of the very moment of the last one come with it.
    pub limit: u32,
}

/// One order with everything about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderDetail {
    /// The order.
    pub order: OrderView,
    /// The total in Chinese capitals.
    pub capital: String,
    /// Collections that pay it.
    pub collections: Vec<CollectionView>,
    /// Intents that asked for it.
    pub intents: Vec<IntentView>,
    /// What the channels said about them.
    pub transaction_records: Vec<TransactionRecord>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineEntry>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TimelineEntry {
    /// When, by the clock of who did it.
    pub at: Timestamp,
    /// An operation's kind; `attempt` and `transaction_record` for what went through a channel; `posting`
    /// for what confirmed money did to the order.
    pub kind: String,
    /// Who; empty when the backend did it.
    pub staff_name: String,
    /// A number that it names: order, collection, provider.
    pub subject: String,
    /// How much money it is about; zero for none.
    pub amount_fen: Money,
    /// The operation, when this terminal made it.
    pub op_id: Option<OpId>,
    /// It was made on another terminal, or on this one before it was enrolled anew.
    pub elsewhere: bool,
    /// It is this terminal's and not answered through the feed yet.
    pub pending: bool,
    /// Why it was refused, if it was.
    pub refused: Option<Code>,
}

/// Cancels an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderCancelInput {
    /// Which.
    pub order: OrderId,
    /// Why.
    pub reason: String,
}

/// A field of sales orders that conditions and exports may name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderField {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub field_type: FieldType,
    /// What it may be asked.
    pub operators: Vec<Operator>,
}

/// A list that somebody gave a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SavedOrderList {
    /// Its name.
    pub name: String,
    /// Whose orders.
    pub scenario: OrderScenario,
    /// Which of them.
    pub conditions: Conditions,
}

/// How one person likes the order list; kept on this terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderListSetup {
    /// The lists with a name, in the order shown.
    pub saved: Vec<SavedOrderList>,
    /// The columns that are left out, by the window's names for them.
    pub hidden_columns: Vec<String>,
}

/// A column of an export, in the window's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportColumn {
    /// Which field.
    pub field: String,
    /// The head of the column.
    pub title: String,
    /// What to write for a choice, or for `true` and `false`; a word that is not here stays itself.
    pub words: std::collections::BTreeMap<String, String>,
}

/// Every order that a list shows, page or not, as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderExport {
    /// Whose.
    pub scenario: OrderScenario,
    /// Only these payment states; empty for all.
    pub payment_states: Vec<PaymentState>,
    /// Only this distributor's.
    pub distributor: Option<DistributorId>,
    /// Part of the number or of the distributor's name; empty for all.
    pub query: String,
    /// Only those that meet these; no group for all.
    pub conditions: Conditions,
    /// The columns from left to right.
    pub columns: Vec<ExportColumn>,
}

/// An export that is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderExported {
    /// The file, with its folder.
    pub file: String,
    /// How many orders it holds.
    pub rows: u32,
}
