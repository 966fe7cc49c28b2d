//! The pay sheet.

use crate::ledger::views::{CollectionView, IntentView};
use domain::channel::Channel;
use domain::collection::{Allocation, Purpose};
use domain::config::QrMode;
use domain::id::{DistributorId, IntentId, OrderId, TransactionRecordId};
use domain::intent::TransactionRecord;
use domain::{Code, Money, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Opens the pay sheet for orders. A draft among them is submitted and confirmed in the same act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PayOrders {
    /// One distributor's orders, or one draft.
    pub orders: Vec<OrderId>,
    /// How much to ask; `None` for all that is owed.
    pub amount_fen: Option<Money>,
}

/// Asks for the money of many orders, of whatever distributors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PayBulk {
    /// Confirmed orders, each once.
    pub orders: Vec<OrderId>,
}

/// What became of one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BulkRow {
    /// Which order.
    pub order: OrderId,
    /// Its number.
    pub number: String,
    /// Who buys.
    pub distributor_name: String,
    /// What could be asked for it.
    pub asked_fen: Money,
    /// The intent that asks for it, with others of the same distributor; `None` if it is refused.
    pub intent: Option<IntentId>,
    /// Why it is not asked for.
    pub refused: Option<Code>,
}

/// Opens the pay sheet for a collection that is paid online: it makes itself once the money has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PayCollection {
    /// Who pays.
    pub distributor: DistributorId,
    /// What for.
    pub purpose: Purpose,
    /// How much.
    pub amount_fen: Money,
    /// Which orders it pays; what they leave of the amount stays unapplied.
    pub allocations: Vec<Allocation>,
}

/// Opens the pay sheet for a top-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PayTopUp {
    /// Whose deposit.
    pub distributor: DistributorId,
    /// How much.
    pub amount_fen: Money,
}

/// Names one intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IntentKey {
    /// Which.
    pub intent: IntentId,
}

/// Names one QR of an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QrKey {
    /// Which intent.
    pub intent: IntentId,
    /// The channel whose own code it is; `None` for the link, which either wallet opens.
    pub channel: Option<Channel>,
}

/// Asks for a channel's own code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PayCode {
    /// Which intent.
    pub intent: IntentId,
    /// Which channel.
    pub channel: Channel,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum PayCodeView {
    /// The code.
    Code {
        /// As SVG, one unit a module, quiet zone of 4 (rule 6.3).
        qr_svg: String,
        /// Modules a side, quiet zone included.
        qr_modules: u32,
    },
    /// An answer of a channel is awaited; ask again shortly.
    Wait,
    /// Nothing can be paid any more; the pay sheet says why.
    Over,
    /// The channel takes no such payment.
    Refused,
}

/// An ask for money that is still live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LiveAsk {
    /// The intent.
    pub intent: IntentView,
    /// Who is asked.
    pub distributor_name: String,
    /// The numbers of the orders it pays.
    pub order_numbers: Vec<String>,
    /// Who asks; empty where the operation has not been heard of.
    pub staff_name: String,
}

/// Names what a channel said of one payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TransactionRecordKey {
    /// Which.
    pub transaction_record: TransactionRecordId,
}

/// A receipt code typed, or a receipt scanned, from the payer's phone (rule 6.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PayProof {
    /// Which intent.
    pub intent: IntentId,
    /// The text.
    pub proof: String,
}

/// The pay sheet as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PayView {
    /// The intent.
    pub intent: IntentView,
    /// The amount in Chinese capitals.
    pub capital: String,
    /// Who is asked.
    pub distributor_name: String,
    /// The numbers of the orders it pays.
    pub order_numbers: Vec<String>,
    /// What the QR says.
    pub link: String,
    /// In demos: the sandbox's phone opened on that link.
    pub phone_link: Option<String>,
    /// The channels whose own code can be shown now: bound, within their limits, and online.
    pub code_channels: Vec<Channel>,
    /// Which QR the sheet begins with while it can.
    pub qr_mode: QrMode,
    /// The link was signed here; false when the backend minted it.
    pub offline_link: bool,
    /// The QR as SVG, one unit a module, quiet zone of 4 (rule 6.3).
    pub qr_svg: String,
    /// Modules a side, quiet zone included.
    pub qr_modules: u32,
    /// Milliseconds left by the terminal's clock; 0 when over.
    pub left_ms: u64,
    /// Tickets left for offline QRs.
    pub tickets_left: u32,
    /// Whether the backend was reachable at the last attempt.
    pub online: bool,
    /// The collection that the payment made.
    pub collection: Option<CollectionView>,
    /// What the channel said.
    pub transaction_record: Option<TransactionRecord>,
}

/// What the customer window shows. Nothing else crosses to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "show", rename_all = "snake_case")]
pub enum DisplayState {
    /// The seller's name only: blank between customers.
    Idle {
        /// The seller's name.
        seller: String,
    },
    /// A QR to pay.
    Pay {
        /// Who is asked.
        distributor_name: String,
        /// How much.
        amount_fen: Money,
        /// What for.
        purpose: Purpose,
        /// Four digits to compare with the phone; a channel's own code leads to no page that shows
        /// them.
        check_code: String,
        /// The only channel whose wallet understands this QR; `None` for either.
        channel: Option<Channel>,
        /// The QR.
        qr_svg: String,
        /// Modules a side, quiet zone included.
        qr_modules: u32,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// Money has come.
    Paid {
        /// How much.
        amount_fen: Money,
    },
}
