//! What staff at a terminal ask about the company's terminals and about work under review. It needs
//! the network: what is asked about lies at the backend alone, which keeps who did what.

use domain::id::{OpId, StaffId};
use domain::terminal::{IssuedCode, ReviewDecision, ReviewView, TerminalsView};
use serde::{Deserialize, Serialize};

/// A request; the terminal signs it like every other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalsRequest {
    /// Who is unlocked there.
    pub staff: StaffId,
    /// What is wanted.
    pub ask: TerminalsAsk,
}

/// What can be asked: the first three by administrators, the last two by finance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum TerminalsAsk {
    /// The terminals.
    View,
    /// A one-time code for a new terminal, or for the next incarnation of one.
    IssueCode {
        /// Its code without incarnation, e.g. `T07`.
        terminal_code: String,
    },
    /// The end of a terminal's access.
    Revoke {
        /// Its code without incarnation.
        terminal_code: String,
        /// Why.
        reason: String,
    },
    /// Work that waits for a review.
    Review,
    /// A decision about one operation of it.
    Decide {
        /// Which.
        op: OpId,
        /// What.
        decision: ReviewDecision,
    },
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum TerminalsReply {
    /// The terminals as they are now.
    Terminals {
        /// The view.
        view: TerminalsView,
        /// The code that was asked for.
        issued: Option<IssuedCode>,
    },
    /// Work under review as it is now.
    Review {
        /// The view.
        view: ReviewView,
    },
}
