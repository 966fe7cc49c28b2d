//! How pending operations change what is shown (rules 4.1, 4.2): base plus the operations that it
//! does not contain yet, in log order, by the same `domain` functions that the backend decides with.
//!
//! The fold never makes money. A pending confirmation leaves the collection under review with a
//! mark; a pending deposit spend lowers what may be spent here and shows as waiting; `paid` and
//! `confirmed` come from base alone.

use super::DocKey;
use domain::collection::{Allocation, CollectionState, PaymentCollection, PaymentMethod};
use domain::config::ConfigVersion;
use domain::distributor::Distributor;
use domain::history::HistoryLine;
use domain::id::OrderId;
use domain::intent::{IntentState, PaymentIntent, TransactionRecord};
use domain::money_match::{MatchState, MoneyMatch};
use domain::operation::{IntentOpen, OpBody};
use domain::order::SalesOrder;
use domain::refund::{Refund, RefundState};
use domain::staff::StaffVersion;
use domain::{Code, Money, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;
use wire::Operation;
use wire::change::{Attention, DepositBalance};

/// Finance's decision that the backend has not taken yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Deciding {
    /// To be confirmed.
    Confirm,
    /// To be rejected.
    Reject,
}

/// What pending operations say beside the document itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marks {
    /// Finance decided here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deciding: Option<Deciding>,
    /// The intent is given up here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) closing: bool,
    /// Deposit spent here and not yet booked.
    #[serde(default)]
    pub(crate) spend_fen: Money,
    /// Reserve given back here and not yet booked.
    #[serde(default)]
    pub(crate) release_fen: Money,
    /// A pending operation does not fit any more; the backend will refuse it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<Code>,
}

/// What a document does to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) order: OrderId,
    /// `asked`, `waiting`, `applied`, or `ended` for an intent that asks no more.
    pub(crate) state: &'static str,
    pub(crate) amount_fen: Money,
}

/// The columns that lists are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) number: Option<String>,
    pub(crate) distributor: Option<Uuid>,
    pub(crate) state: String,
    pub(crate) payment_state: Option<String>,
    pub(crate) total_fen: Money,
    pub(crate) paid_fen: Money,
    pub(crate) at: Timestamp,
}

/// A document of the ledger.
pub(crate) trait Folding: Serialize + DeserializeOwned {
    /// Base with the pending operations on top; `None` when there is neither.
    fn fold(base: Option<Self>, pending: &[Operation], marks: &mut Marks) -> Option<Self>;
    /// What lists show.
    fn columns(&self) -> Columns;
    /// What it does to orders.
    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }
}

/// The word that a unit variant has in JSON.
pub(crate) fn word(variant: &impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn claims(state: &'static str, allocations: &[Allocation]) -> Vec<Claim> {
    let claim = |part: &Allocation| Claim {
        order: part.order,
        state,
        amount_fen: part.amount_fen,
    };
    allocations.iter().map(claim).collect()
}

impl Folding for SalesOrder {
    fn fold(base: Option<SalesOrder>, ops: &[Operation], marks: &mut Marks) -> Option<SalesOrder> {
        // Base may already contain some of them: its change can come a reply before the verdict.
        let known = base.as_ref().and_then(|order| {
            ops.iter()
                .rposition(|operation| operation.op_id == order.revised_by)
        });
        let ops = &ops[known.map_or(0, |index| index + 1)..];
        ops.iter().fold(base, |order, operation| {
            let origin = operation.origin();
            let next = match (&operation.body, &order) {
                (OpBody::OrderSubmit(body), None) => SalesOrder::submit(body, &origin).map(Some),
                (OpBody::OrderEdit(body), Some(order)) => order.edit(body, &origin).map(Some),
                (OpBody::OrderCancel(body), Some(order)) => order.cancel(body, &origin).map(Some),
                (OpBody::OrderApprove(body), Some(order)) => {
                    order.decide(body, true, &origin).map(Some)
                }
                (OpBody::OrderReject(body), Some(order)) => {
                    order.decide(body, false, &origin).map(Some)
                }
                _ => return order,
            };
            next.unwrap_or_else(|problem| {
                marks.problem = Some(problem);
                order
            })
        })
    }

    fn columns(&self) -> Columns {
        Columns {
            number: Some(self.number.clone()),
            distributor: Some(self.content.distributor.0),
            state: word(&self.state),
            payment_state: Some(word(&self.payment_state())),
            total_fen: self.total_fen,
            paid_fen: self.paid_fen,
            at: self.ordered_at,
        }
    }
}

impl Folding for PaymentCollection {
    fn fold(
        base: Option<PaymentCollection>,
        ops: &[Operation],
        marks: &mut Marks,
    ) -> Option<PaymentCollection> {
        ops.iter().fold(base, |collection, operation| {
            let undecided = collection
                .as_ref()
                .is_some_and(|held| held.state == CollectionState::UnderReview);
            match &operation.body {
                OpBody::CollectionRecord(body) if collection.is_none() => {
                    match PaymentCollection::record(body, &operation.origin()) {
                        Ok(made) => return Some(made),
                        Err(problem) => marks.problem = Some(problem),
                    }
                }
                OpBody::CollectionConfirm(_) if undecided => {
                    marks.deciding = Some(Deciding::Confirm);
                }
                OpBody::CollectionReject(_) if undecided => {
                    marks.deciding = Some(Deciding::Reject);
                }
                _ => {}
            }
            collection
        })
    }

    fn columns(&self) -> Columns {
        Columns {
            number: Some(self.number.clone()),
            distributor: Some(self.distributor.0),
            state: word(&self.state),
            total_fen: self.amount_fen,
            at: self.recorded_at,
            ..Columns::default()
        }
    }

    fn claims(&self) -> Vec<Claim> {
        match self.state {
            CollectionState::UnderReview => claims("waiting", &self.allocations),
            CollectionState::Confirmed => claims("applied", &self.allocations),
            CollectionState::Rejected => Vec::new(),
        }
    }
}

fn opened(body: &IntentOpen, operation: &Operation) -> PaymentIntent {
    PaymentIntent {
        id: body.intent,
        purpose: body.purpose,
        distributor: body.distributor,
        amount_fen: body.amount_fen,
        allocations: body.allocations.clone(),
        revision: body.revision,
        state: IntentState::Created,
        unknown: false,
        proved_offline: false,
        pay_code: None,
        check_code: wire::link::check_code(body.intent, body.amount_fen, body.revision),
        expires_at: body.expires_at,
        outcome: None,
        collection: None,
        staff: Some(operation.staff),
        terminal: operation.terminal,
        opened_by: Some(operation.op_id),
        opened_at: operation.at,
    }
}

impl Folding for PaymentIntent {
    fn fold(
        base: Option<PaymentIntent>,
        ops: &[Operation],
        marks: &mut Marks,
    ) -> Option<PaymentIntent> {
        ops.iter().fold(base, |mut intent, operation| {
            match (&operation.body, &mut intent) {
                (OpBody::IntentOpen(body), None) => return Some(opened(body, operation)),
                // Only the backend says closed: the payer may hold the QR already (rule 5.5).
                (OpBody::IntentClose(_), Some(held)) if held.state.live() => marks.closing = true,
                (OpBody::IntentProof(_), Some(held)) => held.proved_offline = true,
                _ => {}
            }
            intent
        })
    }

    fn columns(&self) -> Columns {
        Columns {
            distributor: Some(self.distributor.0),
            state: word(&self.state),
            total_fen: self.amount_fen,
            at: self.opened_at,
            ..Columns::default()
        }
    }

    fn claims(&self) -> Vec<Claim> {
        match (self.state.live(), self.proved_offline) {
            (true, true) => claims("waiting", &self.allocations),
            (true, false) => claims("asked", &self.allocations),
            // It counts for nothing any more, and stays in the order's story.
            (false, _) => claims("ended", &self.allocations),
        }
    }
}

impl Folding for TransactionRecord {
    fn fold(base: Option<Self>, ops: &[Operation], marks: &mut Marks) -> Option<Self> {
        // Only the backend frees held money: until it has, this is a wish (rule 4.2).
        let freeing = |op: &Operation| matches!(op.body, OpBody::HeldMoneyFree(_));
        let held = base.as_ref().is_some_and(|held| held.distributor.is_none());
        marks.deciding = (held && ops.iter().any(freeing)).then_some(Deciding::Confirm);
        base
    }

    fn columns(&self) -> Columns {
        Columns {
            number: Some(self.provider_no.clone()),
            distributor: self.distributor.map(|id| id.0),
            state: word(&self.channel),
            total_fen: self.gross_fen,
            at: self.paid_at,
            ..Columns::default()
        }
    }
}

impl Folding for DepositBalance {
    fn fold(base: Option<Self>, ops: &[Operation], marks: &mut Marks) -> Option<Self> {
        // Base does not contain them yet: the balance's change and the verdict that ends their
        // waiting come in one reply.
        for operation in ops {
            let (sum, amount) = match &operation.body {
                OpBody::CollectionRecord(body) => (&mut marks.spend_fen, body.amount_fen),
                OpBody::DepositRelease(body) => (&mut marks.release_fen, body.amount_fen),
                _ => continue,
            };
            *sum = sum.checked_add(amount).unwrap_or(Money::MAX);
        }
        base
    }

    fn columns(&self) -> Columns {
        let balance = self
            .allotments
            .iter()
            .try_fold(self.available_fen, |sum, allotment| {
                sum.checked_add(allotment.amount_fen)
            });
        Columns {
            distributor: Some(self.distributor.0),
            state: "held".to_owned(),
            total_fen: balance.unwrap_or(Money::MAX),
            at: self.as_of,
            ..Columns::default()
        }
    }
}

impl Folding for Distributor {
    fn fold(base: Option<Self>, ops: &[Operation], _: &mut Marks) -> Option<Self> {
        ops.iter()
            .fold(base, |distributor, operation| match &operation.body {
                OpBody::DistributorCreate(body) => Some(body.distributor.clone()),
                _ => distributor,
            })
    }

    fn columns(&self) -> Columns {
        Columns {
            number: Some(self.code.clone()),
            distributor: Some(self.id.0),
            state: "made_here".to_owned(),
            ..Columns::default()
        }
    }
}

impl Folding for Attention {
    fn fold(base: Option<Self>, ops: &[Operation], marks: &mut Marks) -> Option<Self> {
        // Only the backend closes it: the money it is about may be open.
        let closing = |op: &Operation| matches!(op.body, OpBody::AttentionClose(_));
        marks.closing = base.as_ref().is_some_and(|held| !held.done) && ops.iter().any(closing);
        base
    }

    fn columns(&self) -> Columns {
        Columns {
            distributor: self.distributor.map(|id| id.0),
            state: if self.done { "done" } else { "open" }.to_owned(),
            total_fen: self.amount_fen,
            at: self.at,
            ..Columns::default()
        }
    }
}

impl Folding for Refund {
    fn fold(base: Option<Refund>, ops: &[Operation], marks: &mut Marks) -> Option<Refund> {
        ops.iter().fold(base, |refund, operation| {
            let undecided = refund
                .as_ref()
                .is_some_and(|held| held.state == RefundState::Requested);
            match &operation.body {
                OpBody::RefundRequest(body) if refund.is_none() => {
                    match Refund::request(body, &operation.origin()) {
                        Ok(made) => return Some(made),
                        Err(problem) => marks.problem = Some(problem),
                    }
                }
                // Only the backend sets money aside: until it has, this is a wish (rule 4.2).
                OpBody::RefundApprove(_) if undecided => marks.deciding = Some(Deciding::Confirm),
                OpBody::RefundReject(_) if undecided => marks.deciding = Some(Deciding::Reject),
                _ => {}
            }
            refund
        })
    }

    fn columns(&self) -> Columns {
        Columns {
            number: Some(self.subject.clone()),
            distributor: Some(self.distributor.0),
            state: word(&self.state),
            total_fen: self.amount_fen,
            at: self.requested_at,
            ..Columns::default()
        }
    }
}

impl Folding for MoneyMatch {
    fn fold(base: Option<MoneyMatch>, ops: &[Operation], marks: &mut Marks) -> Option<MoneyMatch> {
        ops.iter().fold(base, |held, operation| {
            let undecided = held
                .as_ref()
                .is_some_and(|held| held.state == MatchState::Proposed);
            match &operation.body {
                OpBody::MatchPropose(body) if held.is_none() => {
                    match MoneyMatch::propose(body, &operation.origin()) {
                        Ok(made) => return Some(made),
                        Err(problem) => marks.problem = Some(problem),
                    }
                }
                // Only the backend moves money: until it has, this is a wish (rule 4.2).
                OpBody::MatchApprove(_) if undecided => marks.deciding = Some(Deciding::Confirm),
                OpBody::MatchReject(_) if undecided => marks.deciding = Some(Deciding::Reject),
                _ => {}
            }
            held
        })
    }

    fn columns(&self) -> Columns {
        Columns {
            number: Some(self.subject.clone()),
            distributor: Some(self.distributor.0),
            state: word(&self.state),
            total_fen: self.amount_fen,
            at: self.proposed_at,
            ..Columns::default()
        }
    }
}

impl Folding for ConfigVersion {
    fn fold(base: Option<Self>, _: &[Operation], _: &mut Marks) -> Option<Self> {
        base
    }

    fn columns(&self) -> Columns {
        Columns {
            state: "held".to_owned(),
            at: self.at,
            ..Columns::default()
        }
    }
}

impl Folding for HistoryLine {
    fn fold(base: Option<Self>, _: &[Operation], _: &mut Marks) -> Option<Self> {
        base
    }

    fn columns(&self) -> Columns {
        Columns {
            state: "held".to_owned(),
            at: self.at,
            ..Columns::default()
        }
    }
}

impl Folding for StaffVersion {
    fn fold(base: Option<Self>, _: &[Operation], _: &mut Marks) -> Option<Self> {
        base
    }

    fn columns(&self) -> Columns {
        Columns {
            state: "held".to_owned(),
            at: self.at,
            ..Columns::default()
        }
    }
}

/// The documents that an operation folds into. A discarded draft makes none: its number is kept by
/// the log.
pub(crate) fn folds_into(body: &OpBody) -> Vec<DocKey> {
    match body {
        OpBody::OrderSubmit(body) => vec![body.order.into()],
        OpBody::OrderEdit(body) => vec![body.order.into()],
        OpBody::OrderCancel(body) => vec![body.order.into()],
        OpBody::OrderApprove(body) | OpBody::OrderReject(body) => vec![body.order.into()],
        // A change of configuration, staff or catalogue is nothing before the backend has decided it.
        OpBody::DraftDiscard(_)
        | OpBody::ConfigChange(_)
        | OpBody::StaffChange(_)
        | OpBody::CatalogueChange(_) => Vec::new(),
        OpBody::IntentOpen(body) => vec![body.intent.into()],
        OpBody::IntentClose(body) => vec![body.intent.into()],
        OpBody::IntentProof(body) => vec![body.intent.into()],
        OpBody::CollectionRecord(body) if body.method == PaymentMethod::Deposit => {
            vec![body.collection.into(), DocKey::deposit(body.distributor)]
        }
        OpBody::CollectionRecord(body) => vec![body.collection.into()],
        OpBody::CollectionConfirm(body) | OpBody::CollectionReject(body) => {
            vec![body.collection.into()]
        }
        OpBody::DepositRelease(body) => vec![DocKey::deposit(body.distributor)],
        OpBody::DistributorCreate(body) => vec![DocKey::distributor(body.distributor.id)],
        OpBody::RefundRequest(body) => vec![body.refund.into()],
        OpBody::RefundApprove(body) | OpBody::RefundReject(body) => vec![body.refund.into()],
        OpBody::MatchPropose(body) => vec![body.money_match.into()],
        OpBody::MatchApprove(body) | OpBody::MatchReject(body) => vec![body.money_match.into()],
        OpBody::HeldMoneyFree(body) => vec![body.transaction_record.into()],
        OpBody::AttentionClose(body) => vec![body.attention.into()],
    }
}

/// The documents whose pending operations must be applied before this one can be judged. A deposit
/// is not among them: two spends of it stand each for itself.
pub(crate) fn refers_to(body: &OpBody) -> Vec<DocKey> {
    fn orders(allocations: &[Allocation], out: &mut Vec<DocKey>) {
        out.extend(allocations.iter().map(|part| DocKey::from(part.order)));
    }
    let mut out = Vec::new();
    match body {
        OpBody::OrderSubmit(body) => out.push(DocKey::distributor(body.content.distributor)),
        OpBody::OrderEdit(body) => out.push(body.order.into()),
        OpBody::OrderCancel(body) => out.push(body.order.into()),
        OpBody::OrderApprove(body) | OpBody::OrderReject(body) => out.push(body.order.into()),
        OpBody::IntentOpen(body) => {
            out.push(DocKey::distributor(body.distributor));
            orders(&body.allocations, &mut out);
        }
        OpBody::IntentClose(body) => out.push(body.intent.into()),
        OpBody::IntentProof(body) => out.push(body.intent.into()),
        OpBody::CollectionRecord(body) => {
            out.push(DocKey::distributor(body.distributor));
            orders(&body.allocations, &mut out);
        }
        OpBody::CollectionConfirm(body) | OpBody::CollectionReject(body) => {
            out.push(body.collection.into());
        }
        OpBody::RefundRequest(body) => orders(&body.allocations, &mut out),
        OpBody::RefundApprove(body) | OpBody::RefundReject(body) => out.push(body.refund.into()),
        OpBody::MatchPropose(body) => {
            out.push(DocKey::distributor(body.distributor));
            orders(&body.allocations, &mut out);
        }
        OpBody::MatchApprove(body) | OpBody::MatchReject(body) => {
            out.push(body.money_match.into());
        }
        OpBody::HeldMoneyFree(body) => out.push(DocKey::distributor(body.distributor)),
        OpBody::DraftDiscard(_)
        | OpBody::DepositRelease(_)
        | OpBody::DistributorCreate(_)
        | OpBody::AttentionClose(_)
        | OpBody::ConfigChange(_)
        | OpBody::StaffChange(_)
        | OpBody::CatalogueChange(_) => {}
    }
    out
}
