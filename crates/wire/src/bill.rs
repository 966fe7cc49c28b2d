//! What finance's terminal asks the backend about the channels' bills. Bills are the backend's: a
//! terminal carries the question, or a file, and keeps nothing of either.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::bill::{BillDone, BillEntry, BillKey, BillView};
use domain::id::StaffId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most bytes of a file that is imported from a window; larger ones are imported at the backend.
pub const BILL_FILE_BYTES: usize = 24 * 1024 * 1024;

/// A request; the terminal signs it like every other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillsRequest {
    /// Who is unlocked there.
    pub staff: StaffId,
    /// What is wanted.
    pub ask: BillsAsk,
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum BillsAsk {
    /// The bills of the last days, missing ones too.
    List,
    /// One bill with its sums of money.
    View {
        /// Which.
        key: BillKey,
    },
    /// Fetches a bill from its channel and matches it.
    Fetch {
        /// Which.
        key: BillKey,
    },
    /// Matches a bill that was downloaded from the merchant's console.
    Import {
        /// Which.
        key: BillKey,
        /// The file.
        file: BillUpload,
    },
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum BillsReply {
    /// The bills of the last days, newest first.
    List {
        /// Them.
        entries: Vec<BillEntry>,
    },
    /// One bill.
    View {
        /// It.
        view: BillView,
    },
    /// A bill that was fetched or imported.
    Done {
        /// It, and what was new.
        done: BillDone,
    },
}

/// A bill's file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillUpload {
    /// Its name, for errors and for the record.
    pub name: String,
    /// Its bytes in base64.
    pub content: String,
}

impl fmt::Debug for BillUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BillUpload")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl BillUpload {
    /// The bytes, if there are no more than [`BILL_FILE_BYTES`].
    pub fn open(&self) -> Option<Vec<u8>> {
        if self.content.len() > BILL_FILE_BYTES.div_ceil(3) * 4 {
            return None;
        }
        let bytes = STANDARD.decode(&self.content).ok()?;
        (bytes.len() <= BILL_FILE_BYTES).then_some(bytes)
    }
}
