//! Collections and deposits as the screens need them.

use crate::ledger::views::{CollectionView, DepositView};
use domain::collection::{Allocation, PaymentMethod, Purpose};
use domain::id::{CollectionId, DistributorId, OrderId};
use domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names one collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CollectionKey {
    /// Which.
    pub collection: CollectionId,
}

/// Records cash, a transfer or a cheque.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CollectionNew {
    /// Whose money.
    pub distributor: DistributorId,
    /// What for.
    pub purpose: Purpose,
    /// How it was paid.
    pub method: PaymentMethod,
    /// How much.
    pub amount_fen: Money,
    /// Which orders it pays.
    pub allocations: Vec<Allocation>,
    /// Free text, e.g. the cheque's number.
    pub note: String,
    /// A photo of the slip: a JPEG or PNG file in base64.
    #[serde(default)]
    pub slip: Option<String>,
}

/// The photo of a slip.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SlipView {
    /// The JPEG in base64.
    pub jpeg: String,
}

impl std::fmt::Debug for SlipView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlipView").finish_non_exhaustive()
    }
}

/// Rejects a collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CollectionRejectInput {
    /// Which.
    pub collection: CollectionId,
    /// Why.
    pub reason: String,
}

/// A page of collections, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CollectionList {
    /// Only those that wait for finance.
    pub under_review_only: bool,
    /// Only this distributor's.
    pub distributor: Option<DistributorId>,
    /// Only what is older than this; `None` for the newest.
    pub before: Option<Timestamp>,
    /// At most how many rows.
    pub limit: u32,
}

/// Asks how money would fall on a distributor's open orders, oldest first (rule 5.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AllocateSuggest {
    /// Whose orders.
    pub distributor: DistributorId,
    /// How much there is.
    pub amount_fen: Money,
}

/// One open order in a suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AllocationRow {
    /// Which order.
    pub order: OrderId,
    /// Its number.
    pub number: String,
    /// When it was made.
    pub ordered_at: Timestamp,
    /// What is owed on it by the backend's books.
    pub owed_fen: Money,
    /// What else already waits for it.
    pub waiting_fen: Money,
    /// The suggested part.
    pub amount_fen: Money,
}

/// A suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AllocationSuggestion {
    /// Open orders, oldest first.
    pub rows: Vec<AllocationRow>,
    /// What pays none of them.
    pub rest_fen: Money,
    /// The date of the orders it was made from.
    pub as_of: Option<Timestamp>,
}

/// Pays an order from the distributor's deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DepositPay {
    /// Which order.
    pub order: OrderId,
    /// How much; `None` for as much as reserve and order allow.
    pub amount_fen: Option<Money>,
}

/// One movement of a deposit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DepositEntry {
    /// The collection that moved it: a top-up, or a spend.
    pub collection: CollectionView,
    /// What it added (positive) or took (negative).
    pub amount_fen: Money,
}

/// A distributor's deposit with what moved it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DepositDetail {
    /// Whose.
    pub distributor: DistributorId,
    /// Their name.
    pub distributor_name: String,
    /// How it stands; `None` where the backend has said nothing of one.
    pub deposit: Option<DepositView>,
    /// Movements, newest first.
    pub entries: Vec<DepositEntry>,
}
