//! What the terminal still has to say, and how well it hears.

use crate::ledger::OperationRow;
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How the terminal stands to the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Connectivity {
    /// The last contact succeeded.
    Online,
    /// The last contact failed.
    Offline,
    /// Switched to "work offline" by a person.
    WorkOffline,
    /// The backend refuses this terminal until it is enrolled again.
    EnrolAgain,
}

/// What the connectivity chip and the outbox head show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SyncView {
    /// How it stands.
    pub connectivity: Connectivity,
    /// Since when.
    pub since: Timestamp,
    /// Last successful contact; `None` for never.
    pub last_contact: Option<Timestamp>,
    /// Operations that the feed has not answered yet: a count of rows, never a flag.
    pub pending: u32,
    /// Open attention items.
    pub attention: u32,
    /// Tickets left for offline QRs.
    pub tickets_left: u32,
    /// Requests made since start.
    pub requests: u64,
    /// Date of the catalogue; `None` while it is empty.
    pub catalogue_as_of: Option<Timestamp>,
}

/// Switches "work offline".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorkOffline {
    /// On or off.
    pub on: bool,
}

/// One operation of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct OutboxRow {
    /// The operation and how it stands.
    pub operation: OperationRow,
    /// Who did it.
    pub staff_name: String,
    /// The number of the document it is about; empty when it has none.
    pub subject: String,
}
