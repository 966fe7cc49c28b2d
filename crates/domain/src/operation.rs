//! The bodies of operations: everything a person does that matters, as data (rule 4.1). The
//! envelope with sequence, chain and signature is the wire's; here is only what was decided, so that
//! the rules can be applied to it anywhere.
//!
//! A field may be added with a default; a field's meaning never changes. That is what lets a queued
//! body outlive an upgrade (rule 4.11).

use crate::channel::Channel;
use crate::collection::{Allocation, PaymentMethod, Purpose};
use crate::config::Config;
use crate::distributor::Distributor;
use crate::history::CatalogueItem;
use crate::id::{
    AttentionId, CollectionId, DistributorId, IntentId, MatchId, OpId, OrderId, RefundId, StaffId,
    TerminalId, TransactionRecordId,
};
use crate::ledger::RefundFrom;
use crate::money::Money;
use crate::money_match::{MatchFrom, MatchTo};
use crate::order::OrderContent;
use crate::role::Permission;
use crate::staff::StaffTerms;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Who did it, where and when: the part of the envelope that rules need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The operation.
    pub op_id: OpId,
    /// Who.
    pub staff: StaffId,
    /// Where.
    pub terminal: TerminalId,
    /// When, by the terminal's clock.
    pub at: Timestamp,
}

/// What an edit was made on (rule 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A revision that the backend gave.
    Revision(u32),
    /// The terminal's own earlier operation, still pending.
    Operation(OpId),
}

/// An order's first operation: submit, and confirm where no approval is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSubmit {
    /// The order.
    pub order: OrderId,
    /// Its number.
    pub number: String,
    /// What was decided.
    pub content: OrderContent,
    /// Submit and confirm in one act.
    pub confirm: bool,
    /// The version of the configuration whose layout it was made by; 0 from programs that did not
    /// say.
    #[serde(default, skip_serializing_if = "unsaid")]
    pub config: u32,
}

/// For versions of the configuration.
fn unsaid(version: &u32) -> bool {
    *version == 0
}

/// New content for an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEdit {
    /// The order.
    pub order: OrderId,
    /// The revision it was made on.
    pub on: Basis,
    /// The new content.
    pub content: OrderContent,
    /// The version of the configuration whose layout it was made by; 0 from programs that did not
    /// say.
    #[serde(default, skip_serializing_if = "unsaid")]
    pub config: u32,
    /// It waits for approval.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hold: bool,
}

/// Another person's decision on an order that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDecide {
    /// Which.
    pub order: OrderId,
    /// The revision that was looked at.
    pub on: Basis,
    /// Why it is rejected; empty when approved.
    #[serde(default)]
    pub reason: String,
}

/// The reversal of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCancel {
    /// The order.
    pub order: OrderId,
    /// The revision it was made on.
    pub on: Basis,
    /// Why.
    pub reason: String,
}

/// A payment intent opened, with the body of its offline link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentOpen {
    /// The ticket it takes.
    pub intent: IntentId,
    /// What for.
    pub purpose: Purpose,
    /// Who is asked.
    pub distributor: DistributorId,
    /// How much.
    pub amount_fen: Money,
    /// Which orders.
    pub allocations: Vec<Allocation>,
    /// The asking revision.
    pub revision: u16,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The distributor's number as it stands in the link; 0 while unknown.
    pub distributor_number: u32,
}

/// A payment intent given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentClose {
    /// Which.
    pub intent: IntentId,
}

/// An offline proof accepted (rule 6.6): a receipt code or a signed receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentProof {
    /// Which intent.
    pub intent: IntentId,
    /// The text that was typed or scanned.
    pub proof: String,
}

/// A collection recorded by hand, or a deposit spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionRecord {
    /// Identity.
    pub collection: CollectionId,
    /// Its number.
    pub number: String,
    /// What for.
    pub purpose: Purpose,
    /// How it was paid: cash, bank transfer, cheque or deposit.
    pub method: PaymentMethod,
    /// Whose money.
    pub distributor: DistributorId,
    /// The name at that time.
    pub distributor_name: String,
    /// How much.
    pub amount_fen: Money,
    /// Which orders it pays.
    pub allocations: Vec<Allocation>,
    /// Free text.
    pub note: String,
    /// SHA-256 of the slip photo, hex; empty when there is none.
    #[serde(default)]
    pub slip_sha256: String,
    /// The lease had run out.
    #[serde(default)]
    pub after_lease: bool,
}

/// Finance's decision on a collection under review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionDecide {
    /// Which.
    pub collection: CollectionId,
    /// Why it is rejected; empty when confirmed.
    #[serde(default)]
    pub reason: String,
}

/// Reserve given back (rule 7.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositRelease {
    /// Whose deposit.
    pub distributor: DistributorId,
    /// How much.
    pub amount_fen: Money,
}

/// A distributor made on a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DistributorCreate {
    /// The distributor, with number 0.
    pub distributor: Distributor,
}

/// A number whose draft was thrown away: it stays, cancelled, so that numbers have no gaps (5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftDiscard {
    /// The order that never was.
    pub order: OrderId,
    /// Its number.
    pub number: String,
}

/// Money asked to go back to where it came from (rule 5.8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRequest {
    /// Identity.
    pub refund: RefundId,
    /// The payment it goes back on.
    pub transaction_record: TransactionRecordId,
    /// That payment's channel.
    pub channel: Channel,
    /// The collection that it made; `None` for money that came twice.
    pub collection: Option<CollectionId>,
    /// The collection's number, or the channel's for money that came twice.
    pub subject: String,
    /// Whose money.
    pub distributor: DistributorId,
    /// The name at that time.
    pub distributor_name: String,
    /// What it takes from.
    pub from: RefundFrom,
    /// Which orders lose how much, if it takes from allocations.
    #[serde(default)]
    pub allocations: Vec<Allocation>,
    /// How much.
    pub amount_fen: Money,
    /// Why, as the payer reads it.
    pub reason: String,
}

/// Another person's decision on a refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundDecide {
    /// Which.
    pub refund: RefundId,
    /// Why it is rejected; empty when approved.
    #[serde(default)]
    pub reason: String,
}

/// A proposal of where money without a home belongs (rules 5.7, 6.7, 7.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchPropose {
    /// Identity.
    pub money_match: MatchId,
    /// Which money.
    pub from: MatchFrom,
    /// Where it is to go.
    pub to: MatchTo,
    /// The collection's number, the channel's number, or the distributor's code.
    pub subject: String,
    /// Whose money it is, or is to be.
    pub distributor: DistributorId,
    /// The name at that time.
    pub distributor_name: String,
    /// Which orders get how much, if it goes to orders.
    #[serde(default)]
    pub allocations: Vec<Allocation>,
    /// How much.
    pub amount_fen: Money,
    /// Why it belongs there.
    pub reason: String,
}

/// Another person's decision on such a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchDecide {
    /// Which.
    pub money_match: MatchId,
    /// Why it is rejected; empty when approved.
    #[serde(default)]
    pub reason: String,
}

/// Money held under a ticket, freed without its operation (rule 6.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldMoneyFree {
    /// Which payment.
    pub transaction_record: TransactionRecordId,
    /// Whose it is: the ticket's distributor, where its link names one.
    pub distributor: DistributorId,
    /// Why its operation is not waited for.
    pub reason: String,
}

/// An item of the attention list that is dealt with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionClose {
    /// Which.
    pub attention: AttentionId,
    /// How, or why it is accepted.
    pub reason: String,
}

/// An administrator's decision: the whole configuration as it is to be from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigChange {
    /// The version it was made on; on any other it is a conflict.
    pub on: u32,
    /// The configuration.
    pub config: Config,
}

/// An administrator's decision about a member of staff. The PIN itself never travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffChange {
    /// Whom.
    pub staff: StaffId,
    /// The revision it was made on, on any other it is a conflict; `None` for somebody new.
    pub on: Option<u32>,
    /// What holds from now on.
    pub terms: StaffTerms,
    /// The Argon2id verifier of a new PIN in PHC form; `None` keeps the old one.
    #[serde(default)]
    pub pin_verifier: Option<String>,
}

/// An administrator's decision about one product, price book, price or distributor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueChange {
    /// As it was looked at; if it is anything else by now it is a conflict. `None` for something new.
    pub before: Option<CatalogueItem>,
    /// As it is to be.
    pub after: CatalogueItem,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum OpBody {
    /// See [`OrderSubmit`].
    OrderSubmit(OrderSubmit),
    /// See [`OrderEdit`].
    OrderEdit(OrderEdit),
    /// See [`OrderCancel`].
    OrderCancel(OrderCancel),
    /// See [`DraftDiscard`].
    DraftDiscard(DraftDiscard),
    /// See [`IntentOpen`].
    IntentOpen(IntentOpen),
    /// See [`IntentClose`].
    IntentClose(IntentClose),
    /// See [`IntentProof`].
    IntentProof(IntentProof),
    /// See [`CollectionRecord`].
    CollectionRecord(CollectionRecord),
    /// Finance says it is money.
    CollectionConfirm(CollectionDecide),
    /// Finance says it is not.
    CollectionReject(CollectionDecide),
    /// See [`DepositRelease`].
    DepositRelease(DepositRelease),
    /// See [`DistributorCreate`].
    DistributorCreate(DistributorCreate),
    /// See [`RefundRequest`].
    RefundRequest(RefundRequest),
    /// The money is set aside and goes back.
    RefundApprove(RefundDecide),
    /// It does not.
    RefundReject(RefundDecide),
    /// See [`MatchPropose`].
    MatchPropose(MatchPropose),
    /// The money moves.
    MatchApprove(MatchDecide),
    /// It does not.
    MatchReject(MatchDecide),
    /// See [`HeldMoneyFree`].
    HeldMoneyFree(HeldMoneyFree),
    /// See [`AttentionClose`].
    AttentionClose(AttentionClose),
    /// See [`ConfigChange`].
    ConfigChange(ConfigChange),
    /// See [`StaffChange`].
    StaffChange(StaffChange),
    /// See [`CatalogueChange`].
    CatalogueChange(CatalogueChange),
    /// The order is confirmed.
    OrderApprove(OrderDecide),
    /// It is cancelled.
    OrderReject(OrderDecide),
}

impl OpBody {
    /// The name of the kind, as it stands in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            OpBody::OrderSubmit(_) => "order_submit",
            OpBody::OrderEdit(_) => "order_edit",
            OpBody::OrderCancel(_) => "order_cancel",
            OpBody::DraftDiscard(_) => "draft_discard",
            OpBody::IntentOpen(_) => "intent_open",
            OpBody::IntentClose(_) => "intent_close",
            OpBody::IntentProof(_) => "intent_proof",
            OpBody::CollectionRecord(_) => "collection_record",
            OpBody::CollectionConfirm(_) => "collection_confirm",
            OpBody::CollectionReject(_) => "collection_reject",
            OpBody::DepositRelease(_) => "deposit_release",
            OpBody::DistributorCreate(_) => "distributor_create",
            OpBody::RefundRequest(_) => "refund_request",
            OpBody::RefundApprove(_) => "refund_approve",
            OpBody::RefundReject(_) => "refund_reject",
            OpBody::MatchPropose(_) => "match_propose",
            OpBody::MatchApprove(_) => "match_approve",
            OpBody::MatchReject(_) => "match_reject",
            OpBody::HeldMoneyFree(_) => "held_money_free",
            OpBody::AttentionClose(_) => "attention_close",
            OpBody::ConfigChange(_) => "config_change",
            OpBody::StaffChange(_) => "staff_change",
            OpBody::CatalogueChange(_) => "catalogue_change",
            OpBody::OrderApprove(_) => "order_approve",
            OpBody::OrderReject(_) => "order_reject",
        }
    }

    /// What a person must be allowed to do for this.
    pub fn permission(&self) -> Permission {
        match self {
            OpBody::OrderSubmit(_) | OpBody::OrderEdit(_) | OpBody::DraftDiscard(_) => {
                Permission::OrderCreate
            }
            OpBody::OrderCancel(_) => Permission::OrderCancel,
            OpBody::IntentOpen(_) | OpBody::IntentClose(_) | OpBody::IntentProof(_) => {
                Permission::IntentOpen
            }
            OpBody::CollectionRecord(record) if record.method == PaymentMethod::Deposit => {
                Permission::DepositSpend
            }
            OpBody::CollectionRecord(_) => Permission::CollectionRecord,
            OpBody::CollectionConfirm(_) => Permission::CollectionConfirm,
            OpBody::CollectionReject(_) => Permission::CollectionReject,
            OpBody::DepositRelease(_) => Permission::DepositSpend,
            OpBody::DistributorCreate(_) => Permission::DistributorCreate,
            OpBody::RefundRequest(_) => Permission::RefundRequest,
            OpBody::RefundApprove(_) | OpBody::RefundReject(_) => Permission::RefundApprove,
            OpBody::MatchPropose(_) => Permission::MatchMoneyPropose,
            OpBody::MatchApprove(_) | OpBody::MatchReject(_) => Permission::MatchMoneyApprove,
            OpBody::HeldMoneyFree(_) => Permission::HeldMoneyFree,
            OpBody::AttentionClose(_) => Permission::AttentionClose,
            OpBody::ConfigChange(_) => Permission::Configure,
            OpBody::StaffChange(_) => Permission::StaffManage,
            OpBody::CatalogueChange(_) => Permission::CatalogueImport,
            OpBody::OrderApprove(_) | OpBody::OrderReject(_) => Permission::OrderApprove,
        }
    }
}
