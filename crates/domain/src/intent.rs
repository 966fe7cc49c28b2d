//! Payment intents: the ask before money (invariant 5), the attempts made for it at a channel, and
//! what the channel said. Only the backend moves an intent past `presented`.

use crate::channel::Channel;
use crate::collection::{Allocation, Purpose};
use crate::id::{
    CollectionId, DistributorId, IntentId, OpId, StaffId, TerminalId, TransactionRecordId,
};
use crate::money::Money;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where an intent stands (rule 5.9). Later states never step back to earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IntentState {
    /// Made, not yet shown to a payer.
    Created,
    /// The backend has it; a payer may open it.
    Presented,
    /// An attempt is open at a channel.
    Paying,
    /// Nothing came before its end.
    Expired,
    /// Ended on purpose: cancelled, or superseded by another revision.
    Closed,
    /// Money has come and is booked.
    Paid,
}

impl IntentState {
    /// Whether money may still be expected, which freezes the order (rule 5.5).
    pub fn live(self) -> bool {
        matches!(
            self,
            IntentState::Created | IntentState::Presented | IntentState::Paying
        )
    }
}

/// How the money that came relates to what was asked (rule 5.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IntentOutcome {
    /// What was asked, in time, all of it applied as asked.
    Exact,
    /// Less could be applied than was asked; the rest is unapplied.
    Partial,
    /// More came than was owed.
    Over,
    /// It came after the end.
    Late,
    /// A second payment for the same intent; it is refundable.
    Duplicate,
}

/// The ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PaymentIntent {
    /// Identity: the number of the ticket it was made with.
    pub id: IntentId,
    /// What the money is for.
    pub purpose: Purpose,
    /// Who is asked.
    pub distributor: DistributorId,
    /// How much.
    pub amount_fen: Money,
    /// Which orders it pays, and how much of each.
    pub allocations: Vec<Allocation>,
    /// The asking revision; a new ask for the same thing counts up.
    pub revision: u16,
    /// Where it stands.
    pub state: IntentState,
    /// The channel's answer is unknown; only a query or a close ends that.
    pub unknown: bool,
    /// The payer's phone proved payment to an offline terminal (rule 6.6).
    pub proved_offline: bool,
    /// Code of the short payment link, once the backend has minted it (rule 6.1).
    pub pay_code: Option<String>,
    /// Four digits that terminal and cashier both show.
    pub check_code: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How it ended, once money has come.
    pub outcome: Option<IntentOutcome>,
    /// The collection that the payment made.
    pub collection: Option<CollectionId>,
    /// Who opened it; `None` when the backend met the link before the operation (rule 6.5).
    pub staff: Option<StaffId>,
    /// On which terminal.
    pub terminal: TerminalId,
    /// The operation that opened it; `None` before it has arrived.
    pub opened_by: Option<OpId>,
    /// When it was opened.
    pub opened_at: Timestamp,
}

/// Where an attempt stands at its channel. Ranks only climb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Recorded here, not yet known to the channel.
    Created,
    /// Offered to the payer.
    Open,
    /// The channel's answer is unknown; a query or close decides.
    Unknown,
    /// Closed as far as the channel can say; queried until its own end (rule 6.8).
    CloseUnconfirmed,
    /// Closed without money.
    Closed,
    /// Paid.
    Paid,
}

/// What a channel says happened: made by the backend at settlement, never typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TransactionRecord {
    /// Identity.
    pub id: TransactionRecordId,
    /// Which channel.
    pub channel: Channel,
    /// The channel's own number; unique within the channel.
    pub provider_no: String,
    /// The number we gave the attempt.
    pub out_trade_no: String,
    /// Who paid, shortened for privacy.
    pub payer: String,
    /// What the channel reports, before fees.
    pub gross_fen: Money,
    /// The channel's fee; `None` until a bill says it.
    pub fee_fen: Option<Money>,
    /// When it was paid, by the channel's clock.
    pub paid_at: Timestamp,
    /// The intent it settled; `None` for money that named none of ours.
    pub intent: Option<IntentId>,
    /// The collection it made; `None` for refundable and unidentified money.
    pub collection: Option<CollectionId>,
    /// Whose money it is, where known.
    pub distributor: Option<DistributorId>,
    /// Who was asked by what its number names, while the money is nobody's: a hint for people.
    #[serde(default)]
    pub asked: Option<DistributorId>,
}

/// Issued by the backend while online; makes one QR while offline (rules 6.2, 6.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Ticket {
    /// Becomes the intent's id.
    pub id: IntentId,
    /// Salt of the receipt code's hash, base64.
    pub salt: String,
    /// Argon2id of the receipt code, base64: checks a code, makes none.
    pub code_hash: String,
    /// When it can no longer start an intent.
    pub expires_at: Timestamp,
}
