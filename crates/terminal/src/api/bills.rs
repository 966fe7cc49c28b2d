//! The channels' bills, which the backend keeps: every command here needs the network.

use domain::bill::BillKey;
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;

/// Names a bill that is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BillFetch {
    /// Which.
    pub key: BillKey,
}

/// A bill's file, as downloaded from the merchant's console.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BillImport {
    /// Which bill it is.
    pub key: BillKey,
    /// The file's name, for errors and for the record.
    pub name: String,
    /// Its bytes in base64.
    pub content: String,
}

impl fmt::Debug for BillImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BillImport")
            .field("key", &self.key)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
