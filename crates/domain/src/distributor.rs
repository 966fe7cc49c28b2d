//! Who buys. A distributor may be made on a terminal offline; its number is given by the backend
//! and is 0 until then (rule 6.2).

use crate::id::{DistributorId, PriceBookId};
use crate::money::Money;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Distributor {
    /// Identity.
    pub id: DistributorId,
    /// Short number given by the backend, carried in offline payment links; 0 before it is given.
    pub number: u32,
    /// The company's code for it; may be empty until the backend knows it.
    pub code: String,
    /// Legal or trading name.
    pub name: String,
    /// Contact phone; may be empty.
    pub phone: String,
    /// Region as free text; may be empty.
    pub region: String,
    /// Which price book applies.
    pub price_book: Option<PriceBookId>,
    /// How much may be owed at once; `None` where no limit is set.
    pub credit_limit_fen: Option<Money>,
    /// False once it no longer buys.
    pub active: bool,
}
