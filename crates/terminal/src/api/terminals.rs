//! The company's terminals and work under review, which the backend keeps: every command here needs
//! the network.

use domain::id::OpId;
use domain::terminal::{IssuedCode, TerminalsView};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for a one-time code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TerminalCodeInput {
    /// For which terminal: T and two digits.
    pub terminal_code: String,
}

/// Ends a terminal's access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TerminalRevokeInput {
    /// Which.
    pub terminal_code: String,
    /// Why.
    pub reason: String,
}

/// The terminals after an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TerminalsDone {
    /// How they stand.
    pub view: TerminalsView,
    /// The code that was asked for; it is shown once.
    pub issued: Option<IssuedCode>,
}

/// Names work under review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReviewKey {
    /// Which operation.
    pub op: OpId,
}

/// Rejects work under review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReviewRejectInput {
    /// Which operation.
    pub op: OpId,
    /// Why.
    pub reason: String,
}
