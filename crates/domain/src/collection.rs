//! Payment collections: money that has been received. Online ones are born confirmed at settlement;
//! cash, transfers and cheques wait for finance; a deposit spend puts held money to use (rule 5.6).

use crate::code::Code;
use crate::id::{
    CollectionId, DistributorId, IntentId, OrderId, StaffId, TerminalId, TransactionRecordId,
};
use crate::money::Money;
use crate::operation::{CollectionRecord, Origin};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What money is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Pays orders.
    OrderPayment,
    /// Goes to the distributor's deposit; takes no allocations.
    PrepaidDeposit,
    /// Anything else; stays unapplied until finance says.
    Other,
}

/// How it is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// Cashier page opened or sent as a link.
    Online,
    /// QR on a screen.
    QrCode,
    /// Banknotes.
    Cash,
    /// Bank transfer.
    BankTransfer,
    /// Cheque.
    Cheque,
    /// Held deposit put to use.
    Deposit,
}

impl PaymentMethod {
    /// Whether a person records it and finance confirms it.
    pub fn recorded_by_hand(self) -> bool {
        matches!(
            self,
            PaymentMethod::Cash | PaymentMethod::BankTransfer | PaymentMethod::Cheque
        )
    }

    fn unnamed() -> PaymentMethod {
        PaymentMethod::BankTransfer
    }
}

/// The part of a collection or intent that pays one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Allocation {
    /// Which order.
    pub order: OrderId,
    /// How much of it.
    pub amount_fen: Money,
}

/// Where a collection stands; never backwards (invariant 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CollectionState {
    /// Recorded, waiting for finance (or, for a deposit spend, for the backend).
    UnderReview,
    /// Money.
    Confirmed,
    /// Not money.
    Rejected,
}

/// Money that has been received, or is recorded and waits for finance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PaymentCollection {
    /// Identity.
    pub id: CollectionId,
    /// The recording terminal's number, or the backend's own for online money.
    pub number: String,
    /// What it is for.
    pub purpose: Purpose,
    /// How it was paid; a document from before collections named it is read as a bank transfer.
    #[serde(default = "PaymentMethod::unnamed")]
    pub method: PaymentMethod,
    /// Whose money.
    pub distributor: DistributorId,
    /// The distributor's name at that time.
    pub distributor_name: String,
    /// How much.
    pub amount_fen: Money,
    /// Where it stands.
    pub state: CollectionState,
    /// Under review: what was asked. Confirmed: what was applied (rule 5.7).
    pub allocations: Vec<Allocation>,
    /// Confirmed money that pays no order yet.
    pub unapplied_fen: Money,
    /// Refunded, or set aside for an approved refund (rule 5.8).
    #[serde(default)]
    pub refunded_fen: Money,
    /// Moved to the deposit, or used to cover a suspense, by finance's decision.
    #[serde(default)]
    pub moved_fen: Money,
    /// Free text, e.g. the cheque's number.
    pub note: String,
    /// SHA-256 of the slip's photo, hex; empty where there is none.
    #[serde(default)]
    pub slip_sha256: String,
    /// Who recorded it; `None` for online money.
    pub recorded_by: Option<StaffId>,
    /// Which finance staff confirmed or rejected it.
    pub decided_by: Option<StaffId>,
    /// Why it was rejected; empty otherwise.
    pub reason: String,
    /// The intent it settled.
    pub intent: Option<IntentId>,
    /// What the channel said.
    pub transaction_record: Option<TransactionRecordId>,
    /// The recording terminal; `None` for online money without one.
    pub terminal: Option<TerminalId>,
    /// When it was recorded or settled.
    pub recorded_at: Timestamp,
    /// Recorded after the terminal's lease had run out (rule 9.1).
    pub after_lease: bool,
}

impl CollectionRecord {
    /// Checks what needs no other document: a positive amount, a method that people record, no
    /// allocations on a top-up, allocations positive and within the amount, no order twice, a slip
    /// only on money that came by hand.
    ///
    /// # Errors
    /// `AmountNotPositive`, `MethodNotRecordable`, `DepositPaysOrdersOnly`,
    /// `AllocationOnDeposit`, `OverAllocated`, `OrderTwice`, `BadField` `slip_sha256`.
    pub fn check(&self) -> Result<(), Code> {
        if self.amount_fen <= Money::ZERO {
            return Err(Code::AmountNotPositive);
        }
        if !self.method.recorded_by_hand() && self.method != PaymentMethod::Deposit {
            return Err(Code::MethodNotRecordable);
        }
        if self.method == PaymentMethod::Deposit && self.purpose != Purpose::OrderPayment {
            return Err(Code::DepositPaysOrdersOnly);
        }
        let named = !self.slip_sha256.is_empty();
        if named && !(self.method.recorded_by_hand() && is_sha256(&self.slip_sha256)) {
            return Err(Code::BadField {
                field: "slip_sha256".to_owned(),
            });
        }
        check_allocations(self.purpose, self.amount_fen, &self.allocations)
    }
}

/// 64 lower-case hexadecimal digits.
fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The rules of allocations that need no other document.
///
/// # Errors
/// `AllocationOnDeposit`, `OverAllocated`, `OrderTwice`, `AmountNotPositive`.
pub fn check_allocations(
    purpose: Purpose,
    amount: Money,
    allocations: &[Allocation],
) -> Result<(), Code> {
    if purpose != Purpose::OrderPayment && !allocations.is_empty() {
        return Err(Code::AllocationOnDeposit);
    }
    let mut rest = amount;
    for (index, allocation) in allocations.iter().enumerate() {
        if allocation.amount_fen <= Money::ZERO {
            return Err(Code::AmountNotPositive);
        }
        if allocations[..index]
            .iter()
            .any(|earlier| earlier.order == allocation.order)
        {
            return Err(Code::OrderTwice);
        }
        rest = rest
            .checked_sub(allocation.amount_fen)
            .ok_or(Code::OverAllocated)?;
        if rest < Money::ZERO {
            return Err(Code::OverAllocated);
        }
    }
    Ok(())
}

impl PaymentCollection {
    /// The collection as it stands right after it was recorded: under review, whatever the method.
    ///
    /// # Errors
    /// Those of [`CollectionRecord::check`].
    pub fn record(body: &CollectionRecord, origin: &Origin) -> Result<PaymentCollection, Code> {
        body.check()?;
        Ok(PaymentCollection {
            id: body.collection,
            number: body.number.clone(),
            purpose: body.purpose,
            method: body.method,
            distributor: body.distributor,
            distributor_name: body.distributor_name.clone(),
            amount_fen: body.amount_fen,
            state: CollectionState::UnderReview,
            allocations: body.allocations.clone(),
            unapplied_fen: Money::ZERO,
            refunded_fen: Money::ZERO,
            moved_fen: Money::ZERO,
            note: body.note.clone(),
            slip_sha256: body.slip_sha256.clone(),
            recorded_by: Some(origin.staff),
            decided_by: None,
            reason: String::new(),
            intent: None,
            transaction_record: None,
            terminal: Some(origin.terminal),
            recorded_at: origin.at,
            after_lease: body.after_lease,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_collection_from_before_methods_is_a_bank_transfer() {
        let body = CollectionRecord {
            collection: CollectionId(Uuid::from_u128(1)),
            number: "T07-C-1".into(),
            purpose: Purpose::Other,
            method: PaymentMethod::Cheque,
            distributor: DistributorId(Uuid::from_u128(2)),
            distributor_name: "d".into(),
            amount_fen: Money::from_fen(100),
            allocations: Vec::new(),
            note: String::new(),
            slip_sha256: String::new(),
            after_lease: false,
        };
        let origin = Origin {
            op_id: crate::id::OpId(Uuid::from_u128(3)),
            staff: StaffId(Uuid::from_u128(4)),
            terminal: TerminalId(1),
            at: Timestamp(9),
        };
        let now = PaymentCollection::record(&body, &origin).unwrap();
        let mut older = serde_json::to_value(&now).unwrap();
        older.as_object_mut().unwrap().remove("method");
        let read: PaymentCollection = serde_json::from_value(older).unwrap();
        let method = PaymentMethod::BankTransfer;
        assert_eq!(read, PaymentCollection { method, ..now });
    }
}
