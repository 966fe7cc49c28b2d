//! Terminals as an administrator sees them, and the work that waits for a review by name
//! (rules 4.9, 9.1).

use crate::code::Code;
use crate::collection::PaymentMethod;
use crate::id::{OpId, StaffId};
use crate::money::Money;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Longest reason for revoking a terminal or rejecting work, in characters.
pub const REASON_CHARS: usize = 200;

/// A reason as it is kept: without blanks around it, and never empty.
///
/// # Errors
/// `BadField` with `reason`.
pub fn reason(text: &str) -> Result<String, Code> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > REASON_CHARS {
        let field = "reason".to_owned();
        return Err(Code::BadField { field });
    }
    Ok(text.to_owned())
}

/// How far a terminal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TerminalState {
    /// A code was given; nobody has used it yet.
    Awaited,
    /// It may work.
    Enrolled,
    /// Its access has ended; what it still sends waits for a review.
    Revoked,
}

/// What a terminal said when it was last in touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TerminalContact {
    /// When, by the backend's clock.
    pub at: Timestamp,
    /// The program's version; empty when it did not say.
    pub version: String,
    /// How many operations it had then that the backend still lacks.
    #[ts(type = "number")]
    pub unsynced: u64,
}

/// One terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TerminalView {
    /// Its code without incarnation, e.g. `T07`.
    pub terminal_code: String,
    /// The code that stands in the numbers of its present incarnation, e.g. `T07A`; empty while
    /// it is awaited.
    pub number_code: String,
    /// Which life of its log; 0 while it is awaited.
    pub incarnation: u32,
    /// How far it is.
    pub state: TerminalState,
    /// When its present incarnation was enrolled.
    pub enrolled_at: Option<Timestamp>,
    /// Until when it may work without a contact.
    pub lease_ends_at: Option<Timestamp>,
    /// Its last contact; `None` while there was none since this was kept.
    pub contact: Option<TerminalContact>,
    /// Until when a code that was given for it can be used.
    pub code_ends_at: Option<Timestamp>,
    /// How many of its operations wait for a review.
    pub under_review: u32,
}

/// A one-time code, shown once: the backend keeps only its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IssuedCode {
    /// For which terminal.
    pub terminal_code: String,
    /// The code.
    pub code: String,
    /// Until when it can be used.
    pub ends_at: Timestamp,
}

/// What was done about terminals or work under review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TerminalAct {
    /// A one-time code was given.
    CodeIssued,
    /// Access was ended.
    Revoked,
    /// Work under review was released.
    Released,
    /// Work under review was rejected.
    Rejected,
}

/// One act, as the history tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TerminalChange {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub staff: StaffId,
    /// That person's name.
    pub staff_name: String,
    /// What.
    pub act: TerminalAct,
    /// About which terminal: its code.
    pub terminal_code: String,
    /// The kind of the operation that was decided on; empty for acts on terminals.
    pub kind: String,
    /// The number of its document, where it has one.
    pub subject: String,
    /// A stable word: a terminal's state, or `review`; empty for a terminal that was not there.
    pub before: String,
    /// A stable word: a terminal's state, or a verdict.
    pub after: String,
    /// Why; empty where no reason is asked.
    pub reason: String,
}

/// The company's terminals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TerminalsView {
    /// Every terminal, by its code.
    pub terminals: Vec<TerminalView>,
    /// What was done, newest first.
    pub changes: Vec<TerminalChange>,
}

/// Why work waits for a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReviewCause {
    /// It came from a terminal whose access had ended.
    Revoked,
    /// It lies past a fork of the terminal's log: its files were cloned or rolled back.
    Forked,
    /// Its incarnation had ended: the terminal was enrolled again.
    Ended,
}

/// One line of an order under review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorkLine {
    /// The product's name.
    pub name: String,
    /// How many, as typed.
    pub quantity: String,
    /// Its unit.
    pub unit: String,
    /// What the line comes to.
    pub amount_fen: Money,
}

/// What an operation says, for a person. What does not apply is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorkContent {
    /// The number of its document.
    pub number: String,
    /// The distributor's name.
    pub distributor_name: String,
    /// What it comes to.
    pub amount_fen: Option<Money>,
    /// How it was paid.
    pub method: Option<PaymentMethod>,
    /// The lines of an order.
    pub lines: Vec<WorkLine>,
    /// Remark, note or reason, as typed.
    pub note: String,
}

/// An operation that waits for a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WaitingWork {
    /// Which.
    pub op: OpId,
    /// From which terminal: its code without incarnation.
    pub terminal_code: String,
    /// Which life of that terminal's log.
    pub incarnation: u32,
    /// Its number in the log.
    #[ts(type = "number")]
    pub seq: u64,
    /// What it does, e.g. `order_submit`.
    pub kind: String,
    /// Who did it.
    pub staff: StaffId,
    /// That person's name; empty when nobody of that id is known.
    pub staff_name: String,
    /// When, by the terminal's clock.
    pub at: Timestamp,
    /// When it came here.
    pub received_at: Timestamp,
    /// Why it waits.
    pub cause: ReviewCause,
    /// It builds on work that is not applied: that has to be released first, and if it is
    /// rejected, this can only be rejected too.
    pub builds_on: bool,
    /// What it says; `None` when this program can't read it.
    pub content: Option<WorkContent>,
}

/// Work under review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReviewView {
    /// What waits, each terminal's in the order of its log; at most 200.
    pub work: Vec<WaitingWork>,
    /// How much waits in all.
    pub total: u32,
    /// What was decided, newest first.
    pub decided: Vec<TerminalChange>,
}

/// A decision about work under review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum ReviewDecision {
    /// It is judged now as if it had just come, under the name of who did it.
    Release,
    /// It never takes effect.
    Reject {
        /// Why.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_trimmed_and_neither_empty_nor_endless() {
        assert_eq!(reason(" 丢失 \n"), Ok("丢失".to_owned()));
        let refused = Err(Code::BadField {
            field: "reason".into(),
        });
        assert_eq!(reason(" \t"), refused);
        assert!(reason(&"字".repeat(REASON_CHARS)).is_ok());
        assert_eq!(reason(&"字".repeat(REASON_CHARS + 1)), refused);
    }
}
