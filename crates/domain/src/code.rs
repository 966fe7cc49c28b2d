//! Every refusal has a code with typed parameters. Text for people is made from them in the user
//! interface and on the cashier page, in each language; no rule ever writes a sentence.

use crate::approval::ApprovalReason;
use crate::bill::BillFault;
use crate::condition::ConditionProblem;
use crate::config::{BadConfig, ConfigProblem};
use crate::role::Role;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why something was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "code", content = "params", rename_all = "snake_case")]
#[error("{}", self.name())]
pub enum Code {
    /// An order needs at least one line.
    EmptyOrder,
    /// An order has more lines than it may.
    TooManyLines {
        /// How many it may have.
        max: u32,
    },
    /// The stored amount of a line is not what its figures give.
    ArithmeticDiffers {
        /// Which line, from 1.
        row: u32,
    },
    /// An amount is beyond what can be handled.
    AmountTooLarge {
        /// Which line, from 1; 0 when it is no line's.
        row: u32,
    },
    /// A discount takes off more than there is.
    DiscountTooLarge,
    /// The order's sum is below zero.
    NegativeTotal,
    /// The document was changed meanwhile.
    Conflict {
        /// The revision that is held.
        held: u32,
    },
    /// The order is closed or cancelled.
    OrderNotOpen,
    /// An order keeps its distributor.
    DistributorChanged,
    /// An amount must be above zero.
    AmountNotPositive,
    /// Online money is never recorded by hand.
    MethodNotRecordable,
    /// A deposit pays orders only.
    DepositPaysOrdersOnly,
    /// A top-up takes no allocations.
    AllocationOnDeposit,
    /// More is allocated than there is.
    OverAllocated,
    /// An order stands twice among the allocations.
    OrderTwice,
    /// The role may not do this.
    NotAllowed {
        /// The role that tried.
        role: Role,
    },
    /// One's own entry or request can't be decided by oneself.
    SamePerson,
    /// The staff is unknown or inactive.
    UnknownStaff,
    /// Nothing is known under this id.
    NotFound {
        /// The kind of thing.
        what: String,
    },
    /// The id is taken by something else.
    AlreadyExists {
        /// The kind of thing.
        what: String,
    },
    /// The collection was already confirmed or rejected.
    AlreadyDecided,
    /// The ticket is unknown, used, or belongs to another terminal.
    BadTicket,
    /// The ticket or intent is past its end.
    Expired,
    /// The order is frozen by a live payment intent.
    OrderFrozen,
    /// Live intents would exceed what is owed.
    AlreadyAsked,
    /// The administrator's conditions leave this document out, or the button does not stand there.
    ButtonHidden,
    /// Nothing is owed any more.
    NothingOwed,
    /// The photo of a slip can't be taken.
    BadSlip {
        /// Why.
        problem: SlipProblem,
    },
    /// The deposit, or this terminal's reserve of it, does not cover the amount.
    DepositShort {
        /// What is there, in fen.
        available_fen: String,
    },
    /// Online payment is switched off or no wallet is bound.
    OnlinePaymentOff,
    /// No channel takes a payment of this amount.
    AmountOutsideLimits {
        /// The least that one of them takes, in fen; empty when there is no such limit.
        least_fen: String,
        /// The most that one of them takes, in fen; empty when there is no such limit.
        most_fen: String,
    },
    /// No ticket is left; one contact with the backend brings new ones.
    NoTicket,
    /// The lease has run out; one contact with the backend renews it.
    LeaseEnded,
    /// The terminal is locked.
    Locked,
    /// Wrong PIN.
    WrongPin {
        /// Seconds to wait before the next try.
        wait_s: u32,
    },
    /// The receipt code or receipt is not that of this intent.
    BadProof {
        /// Tries left before the ticket locks.
        tries_left: u32,
    },
    /// The terminal is not enrolled.
    NotEnrolled,
    /// The enrolment code is wrong, used or too old.
    BadEnrolmentCode,
    /// The backend can't be reached, and this needs it.
    Unreachable,
    /// A field holds something that can't be used.
    BadField {
        /// The field's name.
        field: String,
    },
    /// Signature or chain did not verify.
    Damaged,
    /// This version can't read that kind or schema.
    UnknownVersion {
        /// The kind.
        kind: String,
    },
    /// The disk is full.
    DiskFull {
        /// The file that could not be written.
        file: String,
    },
    /// The file or folder can't be written.
    ReadOnly {
        /// Which.
        file: String,
    },
    /// The database file is damaged or not ours.
    CorruptFile {
        /// Which.
        file: String,
    },
    /// Another instance holds the files.
    AlreadyRunning,
    /// A set of conditions can't be used.
    BadCondition {
        /// The field that it names; empty when it is about the whole set.
        field: String,
        /// What is wrong.
        problem: ConditionProblem,
    },
    /// Something failed that should not; the log has it.
    Internal {
        /// A number to find it in the log by.
        trace: String,
    },
    /// Only money that came through a payment channel, and is known to be somebody's, goes back to
    /// its source.
    NotRefundable,
    /// More is to go back than there is.
    RefundTooLarge {
        /// What could go back, in fen.
        left_fen: String,
    },
    /// Money of this kind can't be put there, or is somebody's already.
    NotMatchable,
    /// More is to be moved than there is.
    MatchTooLarge {
        /// What could be moved, in fen.
        left_fen: String,
    },
    /// An item can't be closed by hand while the money that it is about is open.
    MoneyStillOpen {
        /// How much of it, in fen.
        open_fen: String,
    },
    /// An item can't be closed by hand while the work that it is about waits for a review.
    ReviewStillOpen,
    /// A configuration can't be worked by.
    BadConfig {
        /// The path of the field.
        field: String,
        /// What is wrong with it.
        problem: ConfigProblem,
    },
    /// An earlier change of the configuration waits for the backend's word.
    ConfigWaiting,
    /// Nobody would be left who may configure and manage staff.
    LastAdmin,
    /// The channel has an active merchant account already, and this act does not name it as the one
    /// to be replaced.
    WalletLimit {
        /// The account that is active.
        merchant_no: String,
    },
    /// The wallet binding has not passed its self-test.
    WalletNotTested,
    /// The channel refused the self-test.
    ChannelRefused {
        /// The channel's own code.
        reason: String,
    },
    /// The channel gave no answer that could be verified.
    ChannelSilent {
        /// What is known about it.
        reason: String,
    },
    /// The key exchange that sealed this is over; begin again.
    SealExpired,
    /// Somebody changed it since it was looked at.
    ChangedMeanwhile,
    /// The order waits for approval, or would have to.
    ApprovalNeeded {
        /// Why; `None` for one that waits already.
        why: Option<ApprovalReason>,
    },
    /// This terminal has let enough go on offline proofs; the backend has to be reached first.
    OfflineProofLimit {
        /// What may still go, in fen.
        left_fen: String,
    },
    /// A bill's file can't be taken; nothing of it was.
    BadBill {
        /// The file, or the entry of an archive.
        file: String,
        /// The line, from 1; 0 for the whole file.
        line: u32,
        /// The column's name; empty for the whole line.
        column: String,
        /// What is wrong there.
        problem: BillFault,
        /// What stands there; empty when nothing does.
        value: String,
        /// What should, where that is a figure; empty otherwise.
        wanted: String,
    },
    /// The bill is of another merchant account than the one named.
    BillOfOther {
        /// Whose it is.
        merchant_no: String,
    },
    /// The channel does not have the bill of that day yet.
    BillNotReady,
    /// A fund-flow bill is matched with the trade bill of its day, and that one is missing.
    TradeBillFirst,
    /// Work under review was rejected by finance.
    RejectedInReview {
        /// Why, as typed.
        reason: String,
    },
    /// Work under review builds on work that is not applied.
    BuildsOnUnapplied,
    /// Work under review is a decision or an administrator's act: it can only be rejected.
    ReviewRejectOnly,
}

/// Why the photo of a slip can't be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SlipProblem {
    /// Neither a JPEG nor a PNG.
    NotAPhoto,
    /// The file has too many bytes.
    TooLarge,
    /// The picture has too many points.
    TooManyPixels,
    /// The file is damaged.
    Unreadable,
}

impl From<BadConfig> for Code {
    fn from(bad: BadConfig) -> Code {
        Code::BadConfig {
            field: bad.field,
            problem: bad.problem,
        }
    }
}

impl Code {
    /// The code as it stands in JSON.
    pub fn name(&self) -> String {
        serde_name(self)
    }
}

/// Reads the serde tag of a code without a second list of names.
fn serde_name(code: &Code) -> String {
    let debug = format!("{code:?}");
    let variant = debug.split([' ', '{', '(']).next().unwrap_or_default();
    let mut name = String::with_capacity(variant.len() + 4);
    for (index, letter) in variant.chars().enumerate() {
        if letter.is_ascii_uppercase() && index > 0 {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_json_tag() {
        for code in [
            Code::EmptyOrder,
            Code::TooManyLines { max: 2 },
            Code::NotFound {
                what: "order".into(),
            },
            Code::Internal { trace: "x".into() },
        ] {
            let json = serde_json::to_value(&code).unwrap();
            assert_eq!(json["code"], code.name());
        }
    }
}
