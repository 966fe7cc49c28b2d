//! Money that came and has no home yet: a collection's unapplied rest, money that fits no attempt,
//! a spend that stands in suspense. One person proposes where it belongs, another approves, and the
//! approval moves it in one transaction or is refused (rules 5.7, 6.7, 7.4, 9.5).

use crate::code::Code;
use crate::collection::{Allocation, Purpose, check_allocations};
use crate::id::{CollectionId, DistributorId, MatchId, StaffId, TerminalId, TransactionRecordId};
use crate::money::Money;
use crate::operation::{MatchPropose, Origin};
use crate::role;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;

/// Which money a match moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MatchFrom {
    /// A collection's unapplied rest.
    Unapplied {
        /// Which collection.
        collection: CollectionId,
    },
    /// Verified money that fits no attempt, always whole.
    Unidentified {
        /// Which payment.
        transaction_record: TransactionRecordId,
    },
    /// What is available of the distributor's deposit.
    Deposit,
}

/// Where a match puts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MatchTo {
    /// Named orders of the distributor.
    Orders,
    /// The distributor's money, for no order yet.
    Unapplied,
    /// The distributor's deposit.
    Deposit,
    /// What stands in suspense for the distributor.
    Suspense,
}

/// Where a match stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MatchState {
    /// Waits for somebody else's approval; nothing has moved.
    Proposed,
    /// Not approved.
    Rejected,
    /// Approved, and moved in the same transaction.
    Approved,
}

/// A proposal of where money belongs, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MoneyMatch {
    /// Identity.
    pub id: MatchId,
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
    /// Which orders get how much.
    pub allocations: Vec<Allocation>,
    /// How much.
    pub amount_fen: Money,
    /// What the approval moved; less than the amount where orders owed less by then.
    pub moved_fen: Money,
    /// Why it belongs there.
    pub reason: String,
    /// Where it stands.
    pub state: MatchState,
    /// Who proposed it.
    pub proposed_by: StaffId,
    /// On which terminal.
    pub terminal: TerminalId,
    /// When.
    pub proposed_at: Timestamp,
    /// Who approved or rejected it.
    pub decided_by: Option<StaffId>,
    /// When, by the backend's clock.
    pub decided_at: Option<Timestamp>,
    /// Why it was rejected; empty otherwise.
    pub refused_for: String,
}

/// The money that an attention item is about: while any of it is open, the item can't be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Concern {
    /// A collection's unapplied rest.
    Collection(CollectionId),
    /// A payment that is nobody's yet, or that came twice.
    TransactionRecord(TransactionRecordId),
    /// What stands in suspense for a distributor.
    Suspense(DistributorId),
}

/// The one name of what is concerned, `kind:id`: a store's key.
impl fmt::Display for Concern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Concern::Collection(id) => write!(f, "collection:{id}"),
            Concern::TransactionRecord(id) => write!(f, "transaction_record:{id}"),
            Concern::Suspense(id) => write!(f, "suspense:{id}"),
        }
    }
}

impl MatchFrom {
    /// Whether money from here may go there.
    pub const fn fits(self, to: MatchTo) -> bool {
        match self {
            MatchFrom::Unapplied { .. } => !matches!(to, MatchTo::Unapplied),
            MatchFrom::Unidentified { .. } => !matches!(to, MatchTo::Suspense),
            MatchFrom::Deposit => matches!(to, MatchTo::Suspense),
        }
    }

    /// What an attention item about this money concerns.
    pub const fn concern(self) -> Option<Concern> {
        match self {
            MatchFrom::Unapplied { collection } => Some(Concern::Collection(collection)),
            MatchFrom::Unidentified { transaction_record } => {
                Some(Concern::TransactionRecord(transaction_record))
            }
            MatchFrom::Deposit => None,
        }
    }
}

impl MatchPropose {
    /// Checks what needs no other document.
    ///
    /// # Errors
    /// `AmountNotPositive`, `BadField` without a reason or with allocations that don't fit,
    /// `NotMatchable` where this money can't go there, `OverAllocated`, `OrderTwice`.
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
        if !self.from.fits(self.to) {
            return Err(Code::NotMatchable);
        }
        if (self.to == MatchTo::Orders) == self.allocations.is_empty() {
            return bad("allocations");
        }
        check_allocations(Purpose::OrderPayment, self.amount_fen, &self.allocations)?;
        // Of unidentified money the rest stays unapplied; of unapplied money it is not asked for.
        let whole = self.to == MatchTo::Orders && matches!(self.from, MatchFrom::Unapplied { .. });
        let sum = Money::sum(self.allocations.iter().map(|part| part.amount_fen));
        if whole && sum != Ok(self.amount_fen) {
            return bad("allocations");
        }
        Ok(())
    }
}

impl MoneyMatch {
    /// The match as it stands right after it was proposed.
    ///
    /// # Errors
    /// Those of [`MatchPropose::check`].
    pub fn propose(body: &MatchPropose, origin: &Origin) -> Result<MoneyMatch, Code> {
        body.check()?;
        Ok(MoneyMatch {
            id: body.money_match,
            from: body.from,
            to: body.to,
            subject: body.subject.clone(),
            distributor: body.distributor,
            distributor_name: body.distributor_name.clone(),
            allocations: body.allocations.clone(),
            amount_fen: body.amount_fen,
            moved_fen: Money::ZERO,
            reason: body.reason.trim().to_owned(),
            state: MatchState::Proposed,
            proposed_by: origin.staff,
            terminal: origin.terminal,
            proposed_at: origin.at,
            decided_by: None,
            decided_at: None,
            refused_for: String::new(),
        })
    }

    /// Whether this person may approve or reject it: never who proposed (rule 9.5), never twice.
    ///
    /// # Errors
    /// `AlreadyDecided`, `SamePerson`.
    pub fn may_decide(&self, staff: StaffId) -> Result<(), Code> {
        if self.state != MatchState::Proposed {
            return Err(Code::AlreadyDecided);
        }
        role::separate(staff, self.proposed_by)
    }

    /// Approves it; the caller moves the money and notes how much.
    ///
    /// # Errors
    /// Those of [`MoneyMatch::may_decide`].
    pub fn approve(&mut self, origin: &Origin, now: Timestamp) -> Result<(), Code> {
        self.may_decide(origin.staff)?;
        self.state = MatchState::Approved;
        self.decided_by = Some(origin.staff);
        self.decided_at = Some(now);
        Ok(())
    }

    /// Rejects it.
    ///
    /// # Errors
    /// Those of [`MoneyMatch::may_decide`].
    pub fn reject(&mut self, origin: &Origin, reason: &str, now: Timestamp) -> Result<(), Code> {
        self.may_decide(origin.staff)?;
        self.state = MatchState::Rejected;
        self.decided_by = Some(origin.staff);
        self.decided_at = Some(now);
        self.refused_for = reason.trim().to_owned();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{OpId, OrderId};
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(7);

    fn origin(staff: u128) -> Origin {
        Origin {
            op_id: OpId(Uuid::from_u128(1)),
            staff: StaffId(Uuid::from_u128(staff)),
            terminal: TerminalId(1),
            at: Timestamp(5),
        }
    }

    fn body(from: MatchFrom, to: MatchTo, parts: &[i64]) -> MatchPropose {
        let part = |(n, fen): (usize, &i64)| Allocation {
            order: OrderId(Uuid::from_u128(n as u128)),
            amount_fen: Money::from_fen(*fen),
        };
        MatchPropose {
            money_match: MatchId(Uuid::from_u128(9)),
            from,
            to,
            subject: "HQ-261123-0001".into(),
            distributor: DistributorId(Uuid::from_u128(6)),
            distributor_name: String::new(),
            allocations: parts.iter().enumerate().map(part).collect(),
            amount_fen: Money::from_fen(10),
            reason: "付错了单".into(),
        }
    }

    const UNAPPLIED: MatchFrom = MatchFrom::Unapplied {
        collection: CollectionId(Uuid::from_u128(7)),
    };
    const UNIDENTIFIED: MatchFrom = MatchFrom::Unidentified {
        transaction_record: TransactionRecordId(Uuid::from_u128(8)),
    };

    #[test]
    fn money_goes_only_where_it_may_and_names_its_orders() {
        use MatchTo::{Deposit, Orders, Suspense, Unapplied};
        for (from, to, parts, good) in [
            (UNAPPLIED, Orders, &[4, 6][..], true),
            (UNAPPLIED, Orders, &[4][..], false),
            (UNAPPLIED, Orders, &[][..], false),
            (UNAPPLIED, Deposit, &[][..], true),
            (UNAPPLIED, Deposit, &[10][..], false),
            (UNAPPLIED, Suspense, &[][..], true),
            (UNAPPLIED, Unapplied, &[][..], false),
            (UNIDENTIFIED, Orders, &[4][..], true),
            (UNIDENTIFIED, Orders, &[4, 7][..], false),
            (UNIDENTIFIED, Unapplied, &[][..], true),
            (UNIDENTIFIED, Deposit, &[][..], true),
            (UNIDENTIFIED, Suspense, &[][..], false),
            (MatchFrom::Deposit, Suspense, &[][..], true),
            (MatchFrom::Deposit, Orders, &[10][..], false),
        ] {
            let body = body(from, to, parts);
            assert_eq!(body.check().is_ok(), good, "{body:?}");
        }
        let silent = MatchPropose {
            reason: " ".into(),
            ..body(UNAPPLIED, Deposit, &[])
        };
        assert!(matches!(silent.check(), Err(Code::BadField { .. })));
    }

    #[test]
    fn who_proposed_never_decides_and_nobody_decides_twice() {
        let proposed =
            MoneyMatch::propose(&body(UNAPPLIED, MatchTo::Deposit, &[]), &origin(2)).unwrap();
        let mut held = proposed.clone();
        assert_eq!(held.approve(&origin(2), NOW), Err(Code::SamePerson));
        assert_eq!(held.reject(&origin(2), "x", NOW), Err(Code::SamePerson));
        assert_eq!(held, proposed);
        held.approve(&origin(4), NOW).unwrap();
        assert_eq!(held.approve(&origin(5), NOW), Err(Code::AlreadyDecided));
        assert_eq!(held.reject(&origin(5), "x", NOW), Err(Code::AlreadyDecided));
    }
}
