//! Distributors as the screens need them.

use domain::distributor::Distributor;
use domain::id::DistributorId;
use domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A search in one box: code, pinyin initials, full pinyin, part of the name, phone tail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DistributorSearch {
    /// What was typed.
    pub query: String,
    /// At most how many rows.
    pub limit: u32,
}

/// One hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DistributorRow {
    /// Which.
    pub id: DistributorId,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// Region.
    pub region: String,
}

/// Names one distributor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DistributorKey {
    /// Which.
    pub distributor: DistributorId,
}

/// One distributor with where the money stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DistributorView {
    /// The distributor.
    pub distributor: Distributor,
    /// Name of its price book; empty for list prices.
    pub price_book_name: String,
    /// What is owed on orders, by the backend's books.
    pub owed_fen: Money,
    /// Confirmed money that pays no order yet.
    pub unapplied_fen: Money,
    /// The whole deposit: available and all allotments.
    pub deposit_fen: Money,
    /// What this terminal may spend of it offline, less its own pending spends.
    pub reserve_fen: Money,
    /// The books' date; `None` while nothing is known.
    pub as_of: Option<Timestamp>,
}

/// A distributor made here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DistributorNew {
    /// Name; needed.
    pub name: String,
    /// Phone; may be empty.
    pub phone: String,
    /// Region; may be empty.
    pub region: String,
}
