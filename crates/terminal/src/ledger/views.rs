//! Documents as they are shown: the folded document, and beside it what is waiting. Waiting amounts
//! are never added into what is paid or held (rules 4.2, 5.4).

pub use super::fold::Deciding;
use domain::collection::PaymentCollection;
use domain::id::{AttentionId, DistributorId, IntentId, OpId, OrderId};
use domain::intent::PaymentIntent;
use domain::money_match::{Concern, MoneyMatch};
use domain::order::fields::OrderFacts;
use domain::order::{OrderState, PaymentState, SalesOrder};
use domain::refund::Refund;
use domain::{Code, Money, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A sales order with everything beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderView {
    /// The order, own pending operations folded in.
    pub order: SalesOrder,
    /// How far it is paid, by the backend's word alone.
    pub payment_state: PaymentState,
    /// What is still owed by the backend's word alone.
    pub owed_fen: Money,
    /// Recorded and not confirmed yet, spent from a deposit and not booked yet, or proved by a
    /// receipt code.
    pub waiting_fen: Money,
    /// Asked for by intents that are live.
    pub asked_fen: Money,
    /// Those intents; while there is one the order is frozen (rule 5.5).
    pub live_intents: Vec<IntentId>,
    /// Own operations on it are pending.
    pub pending: bool,
    /// Why an own operation on it was refused, differs, or does not fit any more.
    pub attention: Option<Code>,
}

impl OrderView {
    /// What may still be asked for or paid.
    pub fn free(&self) -> Money {
        free(self.owed_fen, self.waiting_fen, self.asked_fen)
    }

    /// What conditions may ask of it.
    pub fn facts(&self) -> OrderFacts<'_> {
        OrderFacts {
            order: &self.order,
            waiting_fen: self.waiting_fen,
            asked_fen: self.asked_fen,
            pending: self.pending,
            to_look_at: self.attention.is_some(),
        }
    }
}

/// What is owed and neither waiting nor asked for by a live intent: asking for more would take money
/// twice for one debt (rule 5.7).
fn free(owed: Money, waiting: Money, asked: Money) -> Money {
    owed.checked_sub(waiting)
        .and_then(|rest| rest.checked_sub(asked))
        .map_or(Money::ZERO, |rest| rest.max(Money::ZERO))
}

/// A sales order as a row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderRow {
    /// Identity.
    pub id: OrderId,
    /// Its number.
    pub number: String,
    /// Who buys.
    pub distributor: DistributorId,
    /// The buyer's name as the order has it.
    pub distributor_name: String,
    /// Where it stands.
    pub state: OrderState,
    /// How far it is paid.
    pub payment_state: PaymentState,
    /// What is to be paid.
    pub total_fen: Money,
    /// What is confirmed.
    pub paid_fen: Money,
    /// What is waiting.
    pub waiting_fen: Money,
    /// What live intents ask for.
    pub asked_fen: Money,
    /// When it was made.
    pub ordered_at: Timestamp,
    /// Own operations on it are pending.
    pub pending: bool,
    /// There is something to look at.
    pub attention: bool,
}

impl OrderRow {
    /// What may still be asked for or paid. The row must be of an order that is not cancelled.
    pub fn free(&self) -> Money {
        let owed = self.total_fen.checked_sub(self.paid_fen);
        free(
            owed.unwrap_or(Money::ZERO),
            self.waiting_fen,
            self.asked_fen,
        )
    }
}

/// A payment collection with what is beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CollectionView {
    /// The collection.
    pub collection: PaymentCollection,
    /// Finance decided here and the backend has not said so yet.
    pub deciding: Option<Deciding>,
    /// Own operations on it are pending.
    pub pending: bool,
    /// Why an own operation on it was refused or differs.
    pub attention: Option<Code>,
}

/// A refund with what is beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefundView {
    /// The refund.
    pub refund: Refund,
    /// It was decided here and the backend has not said so yet.
    pub deciding: Option<Deciding>,
    /// Own operations on it are pending.
    pub pending: bool,
    /// Why an own operation on it was refused or differs.
    pub attention: Option<Code>,
}

/// A match with what is beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MatchView {
    /// The match.
    pub money_match: MoneyMatch,
    /// It was decided here and the backend has not said so yet.
    pub deciding: Option<Deciding>,
    /// Own operations on it are pending.
    pub pending: bool,
    /// Why an own operation on it was refused or differs.
    pub attention: Option<Code>,
}

/// A payment intent with what is beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IntentView {
    /// The intent.
    pub intent: PaymentIntent,
    /// Given up here; the payer may still hold the QR until the backend says closed.
    pub closing: bool,
    /// Own operations on it are pending: the backend may not know it yet.
    pub pending: bool,
    /// Why an own operation on it was refused or differs.
    pub attention: Option<Code>,
}

/// A prepaid deposit as this terminal may use it (rule 7.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DepositView {
    /// Whose.
    pub distributor: DistributorId,
    /// Available and all allotments, by the backend's books.
    pub balance_fen: Money,
    /// What this terminal may spend now: its allotment less own spends and releases that are not
    /// booked yet. Never raised by a local act.
    pub reserve_fen: Money,
    /// Spent here and not booked yet.
    pub waiting_fen: Money,
    /// Confirmed money that pays no order.
    pub unapplied_fen: Money,
    /// What is owed on orders.
    pub owed_fen: Money,
    /// As of when the backend said so.
    pub as_of: Timestamp,
    /// Own operations on it are pending.
    pub pending: bool,
}

/// Something a person has to look at: an own operation, or what the backend found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "item", rename_all = "snake_case")]
pub enum AttentionItem {
    /// An own operation was rejected, or applied with a difference.
    Operation {
        /// Which.
        op_id: OpId,
        /// What was done.
        kind: String,
        /// `rejected` or `applied_with_difference`.
        verdict: String,
        /// Why.
        reason: Option<Code>,
        /// When it was done.
        at: Timestamp,
    },
    /// The backend's item.
    Backend {
        /// Which.
        id: AttentionId,
        /// What happened, as a stable word.
        kind: String,
        /// Whose money, where known.
        distributor: Option<DistributorId>,
        /// How much.
        amount_fen: Money,
        /// What it names.
        subject: String,
        /// When it arose.
        at: Timestamp,
        /// The money that it is about, where it is about money that must find a home.
        concern: Option<Concern>,
        /// It is being closed here and the backend has not said so yet.
        closing: bool,
    },
}
