//! Refunds: money that goes back to where it came from (rule 5.8). One person asks, another
//! approves; the approving operation fixes the number that the channel is given (rule 6.10), so that
//! a call whose answer was lost is repeated and never made twice.

use crate::channel::Channel;
use crate::code::Code;
use crate::collection::{Allocation, Purpose, check_allocations};
use crate::id::{
    CollectionId, DistributorId, OpId, RefundId, StaffId, TerminalId, TransactionRecordId,
    crockford,
};
use crate::ledger::RefundFrom;
use crate::money::Money;
use crate::operation::{Origin, RefundRequest};
use crate::role;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where a refund stands. Ranks only climb: a channel that reports success after it reported
/// failure is believed, the other way round it is not (invariant 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Waits for somebody else's approval; no money is set aside.
    Requested,
    /// Not approved.
    Rejected,
    /// Approved: the money is set aside.
    Approved,
    /// The channel has been, or may have been, told.
    Sending,
    /// The channel will not pay it out; the money is back.
    Failed,
    /// The money has left.
    Done,
}

impl RefundState {
    /// Whether its money is set aside and has not left yet.
    pub fn under_way(self) -> bool {
        matches!(self, RefundState::Approved | RefundState::Sending)
    }
}

/// Money on its way back to the source of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Refund {
    /// Identity.
    pub id: RefundId,
    /// The payment it goes back on.
    pub transaction_record: TransactionRecordId,
    /// The channel of that payment.
    pub channel: Channel,
    /// The collection that the payment made; `None` for money that came twice.
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
    pub allocations: Vec<Allocation>,
    /// How much.
    pub amount_fen: Money,
    /// Why, as the payer reads it.
    pub reason: String,
    /// Where it stands.
    pub state: RefundState,
    /// Who asked.
    pub requested_by: StaffId,
    /// On which terminal.
    pub terminal: TerminalId,
    /// When.
    pub requested_at: Timestamp,
    /// Who approved or rejected it.
    pub decided_by: Option<StaffId>,
    /// When, by the backend's clock.
    pub decided_at: Option<Timestamp>,
    /// Why it was rejected, or the channel's word for why it failed; empty otherwise.
    pub refused_for: String,
    /// The number that the channel is given, from the approval on.
    pub out_refund_no: Option<String>,
    /// When it was paid out or failed, by the backend's clock.
    pub ended_at: Option<Timestamp>,
}

/// What the channel's word did to a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStep {
    /// Nothing: it was known, or an earlier rank.
    Nothing,
    /// The money left.
    Done,
    /// It will not leave.
    Failed,
    /// It left although the channel had said that it would not.
    DoneLate,
}

/// The number of a refund at its channel, computed from the approving operation and never drawn
/// (rule 6.10): `FR` and the operation's id, 28 of `[0-9A-Z]`.
pub fn out_refund_no(approved_by: OpId) -> String {
    format!("FR{}", crockford(approved_by.0.as_u128(), 26))
}

/// How much of each refund of one payment counts against what was paid: what has left in full,
/// what is under way as far as the rest allows. The sum is never more than `paid`.
pub fn counted(paid: Money, refunds: &[Refund]) -> Vec<(RefundId, Money)> {
    let mut left = paid;
    let mut out: Vec<(RefundId, Money)> = Vec::with_capacity(refunds.len());
    let done = refunds.iter().filter(|r| r.state == RefundState::Done);
    let under_way = refunds.iter().filter(|r| r.state.under_way());
    for refund in done.chain(under_way) {
        let part = refund.amount_fen.min(left);
        left = left.checked_sub(part).unwrap_or(Money::ZERO);
        out.push((refund.id, part));
    }
    out
}

/// What may still be approved of one payment.
pub fn left(paid: Money, refunds: &[Refund]) -> Money {
    counted(paid, refunds)
        .iter()
        .try_fold(paid, |left, (_, part)| left.checked_sub(*part))
        .unwrap_or(Money::ZERO)
}

impl RefundRequest {
    /// Checks what needs no other document.
    ///
    /// # Errors
    /// `AmountNotPositive`, `BadField` without a reason, or with allocations that are not exactly
    /// the amount, `OrderTwice`, `OverAllocated`, `NotRefundable` where what it takes from does not
    /// fit the payment.
    pub fn check(&self) -> Result<(), Code> {
        let bad = |field: &str| {
            Err(Code::BadField {
                field: field.to_owned(),
            })
        };
        if !self.amount_fen.is_positive() {
            return Err(Code::AmountNotPositive);
        }
        if self.reason.trim().is_empty() {
            return bad("reason");
        }
        if (self.from == RefundFrom::Refundable) != self.collection.is_none() {
            return Err(Code::NotRefundable);
        }
        if self.from != RefundFrom::Allocations {
            return if self.allocations.is_empty() {
                Ok(())
            } else {
                bad("allocations")
            };
        }
        check_allocations(Purpose::OrderPayment, self.amount_fen, &self.allocations)?;
        let sum = Money::sum(self.allocations.iter().map(|part| part.amount_fen));
        if sum == Ok(self.amount_fen) {
            Ok(())
        } else {
            bad("allocations")
        }
    }
}

impl Refund {
    /// The refund as it stands right after it was asked for.
    ///
    /// # Errors
    /// Those of [`RefundRequest::check`].
    pub fn request(body: &RefundRequest, origin: &Origin) -> Result<Refund, Code> {
        body.check()?;
        Ok(Refund {
            id: body.refund,
            transaction_record: body.transaction_record,
            channel: body.channel,
            collection: body.collection,
            subject: body.subject.clone(),
            distributor: body.distributor,
            distributor_name: body.distributor_name.clone(),
            from: body.from,
            allocations: body.allocations.clone(),
            amount_fen: body.amount_fen,
            reason: body.reason.trim().to_owned(),
            state: RefundState::Requested,
            requested_by: origin.staff,
            terminal: origin.terminal,
            requested_at: origin.at,
            decided_by: None,
            decided_at: None,
            refused_for: String::new(),
            out_refund_no: None,
            ended_at: None,
        })
    }

    /// Whether this person may approve or reject it: never who asked (rule 9.5), never twice.
    ///
    /// # Errors
    /// `AlreadyDecided`, `SamePerson`.
    pub fn may_decide(&self, staff: StaffId) -> Result<(), Code> {
        if self.state != RefundState::Requested {
            return Err(Code::AlreadyDecided);
        }
        role::separate(staff, self.requested_by)
    }

    /// Approves it and fixes its number.
    ///
    /// # Errors
    /// Those of [`Refund::may_decide`].
    pub fn approve(&mut self, origin: &Origin, now: Timestamp) -> Result<(), Code> {
        self.may_decide(origin.staff)?;
        self.state = RefundState::Approved;
        self.decided_by = Some(origin.staff);
        self.decided_at = Some(now);
        self.out_refund_no = Some(out_refund_no(origin.op_id));
        Ok(())
    }

    /// Rejects it.
    ///
    /// # Errors
    /// Those of [`Refund::may_decide`].
    pub fn reject(&mut self, origin: &Origin, reason: &str, now: Timestamp) -> Result<(), Code> {
        self.may_decide(origin.staff)?;
        self.state = RefundState::Rejected;
        self.decided_by = Some(origin.staff);
        self.decided_at = Some(now);
        self.refused_for = reason.trim().to_owned();
        Ok(())
    }

    /// Notes that the channel is about to be told; false when it was noted before.
    pub fn send(&mut self) -> bool {
        let first = self.state == RefundState::Approved;
        if first {
            self.state = RefundState::Sending;
        }
        first
    }

    /// Takes the channel's last word: `failure` is its word for why nothing will leave.
    pub fn end(&mut self, failure: Option<&str>, at: Timestamp) -> RefundStep {
        let step = match (self.state, failure) {
            (state, Some(_)) if state.under_way() => RefundStep::Failed,
            (state, None) if state.under_way() => RefundStep::Done,
            (RefundState::Failed, None) => RefundStep::DoneLate,
            _ => return RefundStep::Nothing,
        };
        self.state = match step {
            RefundStep::Failed => RefundState::Failed,
            _ => RefundState::Done,
        };
        self.refused_for = failure.unwrap_or_default().to_owned();
        self.ended_at = Some(at);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::OrderId;
    use proptest::prelude::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(7);

    fn origin(op: u128, staff: u128) -> Origin {
        Origin {
            op_id: OpId(Uuid::from_u128(op)),
            staff: StaffId(Uuid::from_u128(staff)),
            terminal: TerminalId(1),
            at: Timestamp(5),
        }
    }

    fn body(fen: i64) -> RefundRequest {
        RefundRequest {
            refund: RefundId(Uuid::from_u128(9)),
            transaction_record: TransactionRecordId(Uuid::from_u128(8)),
            channel: Channel::Alipay,
            collection: Some(CollectionId(Uuid::from_u128(7))),
            subject: "HQ-261123-0001".into(),
            distributor: DistributorId(Uuid::from_u128(6)),
            distributor_name: String::new(),
            from: RefundFrom::Unapplied,
            allocations: Vec::new(),
            amount_fen: Money::from_fen(fen),
            reason: "多付".into(),
        }
    }

    #[test]
    fn who_asked_never_decides_and_nobody_decides_twice() {
        let asked = Refund::request(&body(5), &origin(1, 2)).unwrap();
        let mut refund = asked.clone();
        assert_eq!(refund.approve(&origin(3, 2), NOW), Err(Code::SamePerson));
        assert_eq!(
            refund.reject(&origin(3, 2), "x", NOW),
            Err(Code::SamePerson)
        );
        assert_eq!(refund, asked);
        refund.approve(&origin(3, 4), NOW).unwrap();
        assert_eq!(
            refund.approve(&origin(5, 6), NOW),
            Err(Code::AlreadyDecided)
        );
        assert_eq!(
            refund.reject(&origin(5, 6), "x", NOW),
            Err(Code::AlreadyDecided)
        );
    }

    #[test]
    fn the_number_is_the_approvals_and_fits_both_channels() {
        let number = out_refund_no(OpId(Uuid::from_u128(u128::MAX)));
        assert_eq!(number, out_refund_no(OpId(Uuid::from_u128(u128::MAX))));
        assert_ne!(number, out_refund_no(OpId(Uuid::from_u128(u128::MAX - 1))));
        assert_eq!(number.len(), 28);
        assert!(
            number
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        );
    }

    #[test]
    fn a_request_names_what_it_takes_from() {
        let part = |fen| Allocation {
            order: OrderId(Uuid::from_u128(1)),
            amount_fen: Money::from_fen(fen),
        };
        assert_eq!(body(0).check(), Err(Code::AmountNotPositive));
        let silent = RefundRequest {
            reason: " ".into(),
            ..body(5)
        };
        assert!(matches!(silent.check(), Err(Code::BadField { .. })));
        let twice = RefundRequest {
            from: RefundFrom::Refundable,
            ..body(5)
        };
        assert_eq!(twice.check(), Err(Code::NotRefundable));
        for (from, allocations, good) in [
            (RefundFrom::Allocations, vec![part(5)], true),
            (RefundFrom::Allocations, vec![part(4)], false),
            (RefundFrom::Allocations, vec![part(2), part(3)], false),
            (RefundFrom::Allocations, Vec::new(), false),
            (RefundFrom::Unapplied, vec![part(5)], false),
        ] {
            let request = RefundRequest {
                from,
                allocations,
                ..body(5)
            };
            assert_eq!(request.check().is_ok(), good, "{request:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_heard_in_whatever_order_ranks_climb_and_money_moves_once(
            words in prop::collection::vec(prop::option::of(Just("CLOSED")), 0..8),
            sent in any::<bool>(),
        ) {
            let mut refund = Refund::request(&body(5), &origin(1, 2)).unwrap();
            refund.approve(&origin(3, 4), NOW).unwrap();
            let number = refund.out_refund_no.clone();
            prop_assert!(!sent || refund.send());
            let (mut rank, mut out, mut back) = (refund.state, 0, 0);
            for word in &words {
                match refund.end(*word, Timestamp(9)) {
                    RefundStep::Nothing => {}
                    RefundStep::Done => out += 1,
                    RefundStep::Failed => back += 1,
                    RefundStep::DoneLate => { out += 1; back -= 1; }
                }
                prop_assert!(refund.state >= rank);
                rank = refund.state;
            }
            let succeeded = words.iter().any(Option::is_none);
            prop_assert_eq!(out, i32::from(succeeded));
            prop_assert_eq!(back, i32::from(!succeeded && !words.is_empty()));
            prop_assert_eq!(refund.out_refund_no, number);
        }

        #[test]
        fn what_counts_is_never_more_than_was_paid(
            paid in 0..500_i64,
            rows in prop::collection::vec((1..300_i64, 0..6_usize), 0..6),
        ) {
            let states = [
                RefundState::Requested, RefundState::Rejected, RefundState::Approved,
                RefundState::Sending, RefundState::Failed, RefundState::Done,
            ];
            let refunds: Vec<Refund> = rows.iter().map(|(fen, state)| {
                let mut refund = Refund::request(&body(*fen), &origin(1, 2)).unwrap();
                refund.state = states[*state];
                refund
            }).collect();
            let paid = Money::from_fen(paid);
            let parts = counted(paid, &refunds);
            let sum = Money::sum(parts.iter().map(|(_, part)| *part)).unwrap();
            prop_assert!(sum <= paid);
            prop_assert_eq!(paid.checked_sub(sum), Some(left(paid, &refunds)));
        }
    }
}
