//! Money without a home as the screens need it, and the acts that end it.

use crate::ledger::views::MatchView;
use domain::collection::Allocation;
use domain::id::{AttentionId, CollectionId, DistributorId, MatchId, TransactionRecordId};
use domain::intent::TransactionRecord;
use domain::money_match::{MatchFrom, MatchTo};
use domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names one match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MatchKey {
    /// Which.
    pub money_match: MatchId,
}

/// Proposes where money belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MatchNew {
    /// Which money.
    pub from: MatchFrom,
    /// Where it is to go.
    pub to: MatchTo,
    /// Whose money it is, or is to be.
    pub distributor: DistributorId,
    /// Which orders get how much, if it goes to orders.
    pub allocations: Vec<Allocation>,
    /// How much.
    pub amount_fen: Money,
    /// Why it belongs there.
    pub reason: String,
}

/// Turns a proposal down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MatchRejectInput {
    /// Which.
    pub money_match: MatchId,
    /// Why.
    pub reason: String,
}

/// A page of matches, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MatchList {
    /// Only those that wait for a decision.
    pub waiting_only: bool,
    /// Only what is older than this; `None` for the newest.
    pub before: Option<Timestamp>,
    /// At most how many rows.
    pub limit: u32,
}

/// A match with the numbers of the orders that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MatchRow {
    /// The match.
    pub view: MatchView,
    /// Who proposed it.
    pub proposed_by_name: String,
    /// The orders' numbers, as its allocations name them.
    pub order_numbers: Vec<String>,
    /// What the channel said of the money, if it came through one.
    pub evidence: Option<TransactionRecord>,
}

/// Frees a payment held under a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HeldMoneyFreeInput {
    /// Which payment.
    pub transaction_record: TransactionRecordId,
    /// Whose it is.
    pub distributor: DistributorId,
    /// Why its operation is not waited for.
    pub reason: String,
}

/// Closes an item of the attention list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AttentionCloseInput {
    /// Which.
    pub attention: AttentionId,
    /// How it was dealt with, or why it is accepted.
    pub reason: String,
}

/// Why money has no home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OpenKind {
    /// It pays no order yet.
    Unapplied,
    /// It fits no attempt.
    Unidentified,
    /// It came before its operation.
    Held,
    /// It is gone although it was not there.
    Suspense,
}

/// Money that has no home yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenMoney {
    /// Why.
    pub kind: OpenKind,
    /// The collection that it is the rest of.
    pub collection: Option<CollectionId>,
    /// What the channel said of it, if it came through one.
    pub evidence: Option<TransactionRecord>,
    /// The collection's number, the channel's number, or the distributor's code.
    pub subject: String,
    /// Whose it is; of money that is nobody's yet, who was asked by what its number names.
    pub distributor: Option<DistributorId>,
    /// Their name; empty otherwise.
    pub distributor_name: String,
    /// How much.
    pub amount_fen: Money,
    /// What stands in suspense for its distributor.
    pub suspense_fen: Money,
    /// What its distributor's deposit could cover of that.
    pub available_fen: Money,
    /// When it came.
    pub at: Timestamp,
    /// A proposal about it waits, or it is being freed.
    pub waiting: bool,
}
