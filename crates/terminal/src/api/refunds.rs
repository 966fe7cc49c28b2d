//! Refunds as the screens need them.

use crate::ledger::views::RefundView;
use domain::channel::Channel;
use domain::collection::Allocation;
use domain::id::{DistributorId, OrderId, RefundId, TransactionRecordId};
use domain::ledger::RefundFrom;
use domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names one refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefundKey {
    /// Which.
    pub refund: RefundId,
}

/// Asks for money to go back to where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefundNew {
    /// The payment it goes back on.
    pub transaction_record: TransactionRecordId,
    /// What it takes from.
    pub from: RefundFrom,
    /// Which orders lose how much, if it takes from allocations.
    pub allocations: Vec<Allocation>,
    /// How much.
    pub amount_fen: Money,
    /// Why, as the payer reads it.
    pub reason: String,
}

/// Rejects a refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefundRejectInput {
    /// Which.
    pub refund: RefundId,
    /// Why.
    pub reason: String,
}

/// A page of refunds, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefundList {
    /// Only those that wait for a decision.
    pub waiting_only: bool,
    /// Only what is older than this; `None` for the newest.
    pub before: Option<Timestamp>,
    /// At most how many rows.
    pub limit: u32,
}

/// One thing that a refund may take from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefundChoice {
    /// What.
    pub from: RefundFrom,
    /// The order that would lose it, if it is an allocation.
    pub order: Option<OrderId>,
    /// That order's number; empty otherwise.
    pub order_number: String,
    /// At most how much.
    pub max_fen: Money,
}

/// What of a collection's money could go back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefundOptions {
    /// The payment; `None` for money that came through no channel and can't go back through one.
    pub transaction_record: Option<TransactionRecordId>,
    /// What it could take from; empty when nothing is left.
    pub choices: Vec<RefundChoice>,
    /// The collection's refunds so far, newest first.
    pub refunds: Vec<RefundView>,
}

/// A payment that came twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefundableMoney {
    /// The payment.
    pub transaction_record: TransactionRecordId,
    /// Its channel.
    pub channel: Channel,
    /// The channel's number.
    pub provider_no: String,
    /// Whose money.
    pub distributor: DistributorId,
    /// Their name.
    pub distributor_name: String,
    /// What has not gone back of it.
    pub left_fen: Money,
    /// When it came.
    pub paid_at: Timestamp,
}
