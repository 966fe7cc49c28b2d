//! Channels' bills as finance sees them: which days are matched with the books, and how each sum of
//! money stands.

use crate::channel::Channel;
use crate::id::{StaffId, TerminalId};
use crate::money::Money;
use crate::time::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Which of a channel's bills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BillType {
    /// What was paid, paid back and kept, trade by trade.
    Trade,
    /// What moved the merchant's account, with its balance. WeChat Pay's only.
    FundFlow,
}

/// Names a bill.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct BillKey {
    /// Which channel's.
    pub channel: Channel,
    /// Of which merchant account.
    pub merchant_no: String,
    /// Of which day in Beijing, `2026-11-24`.
    #[ts(type = "string")]
    pub day: Date,
    /// Which of that day's.
    pub bill: BillType,
}

/// How a bill came. By itself, when nobody and no file is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BillOrigin {
    /// The file that it was read from; `None` when it was fetched.
    pub file: Option<String>,
    /// Who asked for it or imported it.
    pub staff: Option<StaffId>,
    /// At which terminal.
    pub terminal: Option<TerminalId>,
}

/// How one sum of money stands in two sources: of a trade bill in the books and in the bill, of a
/// fund-flow bill in the trade bill and in the flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// The same in both.
    Matched,
    /// In the first only.
    OnlyHere,
    /// In the bill only.
    OnlyProvider,
    /// In both, with another amount, or for an attempt or a refund that stands otherwise.
    AmountDiffers,
    /// In both, and the fee is another one.
    FeeDiffers,
    /// In the bill, and of no trade: a withdrawal, a top-up of the account. No difference.
    Other,
}

impl Found {
    /// Whether a person has to look at it.
    pub const fn differs(self) -> bool {
        !matches!(self, Found::Matched | Found::Other)
    }
}

/// What a bill comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BillSummary {
    /// Rows of payments.
    pub payments: u32,
    /// Rows of refunds.
    pub refunds: u32,
    /// Items by how they stand.
    #[ts(type = "Partial<Record<Found, number>>")]
    pub found: BTreeMap<Found, u32>,
    /// What came, before fees and refunds.
    pub gross_fen: Money,
    /// What went back.
    pub refunded_fen: Money,
    /// What the channel kept.
    pub fee_fen: Money,
    /// Of a fund-flow bill: what came in and went out besides, below zero when more went out.
    #[serde(default)]
    pub other_fen: Money,
    /// Of a fund-flow bill: what the account held at the day's end.
    #[serde(default)]
    pub balance_fen: Option<Money>,
}

impl BillSummary {
    /// How many items stand so.
    pub fn count(&self, found: Found) -> u32 {
        self.found.get(&found).copied().unwrap_or(0)
    }

    /// What remains with the company of payments: what came, less what went back and what was kept.
    pub fn net_fen(&self) -> Option<Money> {
        self.gross_fen
            .checked_sub(self.refunded_fen)?
            .checked_sub(self.fee_fen)
    }
}

/// A bill that was matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BillMatched {
    /// When, the last time.
    pub at: Timestamp,
    /// How it came.
    pub origin: BillOrigin,
    /// What it comes to.
    pub summary: BillSummary,
    /// Differences that are before a person still.
    pub open: u32,
}

/// A bill of a day: there, or missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BillEntry {
    /// Which.
    pub key: BillKey,
    /// What became of it; `None` when it is missing.
    pub matched: Option<BillMatched>,
}

/// What a row of a bill is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BillMoney {
    /// A payer paid.
    Payment,
    /// A payer was paid back.
    Refund,
    /// The channel kept a fee, or gave one back.
    Fee,
    /// Anything else that moved the account.
    Other,
}

/// One sum of money of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BillItemView {
    /// Names it within the bill.
    pub key: String,
    /// What it is about.
    pub money: BillMoney,
    /// How it stands.
    pub found: Found,
    /// Our number of the attempt or of the refund; empty when the bill names none.
    pub number: String,
    /// The channel's number.
    pub provider_no: String,
    /// What the first source says.
    pub here_fen: Option<Money>,
    /// What the bill says; below zero where money left the account.
    pub there_fen: Option<Money>,
    /// What the channel kept of it by the trade bill.
    pub fee_fen: Option<Money>,
    /// The channel's words for it; empty in a trade bill.
    pub note: String,
    /// Whether it is before a person still; `None` when it never was.
    pub open: Option<bool>,
}

/// One bill with its sums of money, differences first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BillView {
    /// Which, and how it stands.
    pub entry: BillEntry,
    /// Its sums.
    pub items: Vec<BillItemView>,
    /// How many more there are than are told.
    pub left_out: u32,
}

/// A bill after an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BillDone {
    /// How it stands.
    pub view: BillView,
    /// Payments that nobody here had heard of, and that the channel's answer booked.
    pub settled: u32,
    /// How many things were met in the file and not read; the backend's log names them.
    pub warnings: u32,
}

/// What is wrong at a place of a bill's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BillFault {
    /// Larger than any bill, or packed too far.
    TooLarge,
    /// No readable archive.
    Archive,
    /// One of the archive's files is missing.
    NoEntry,
    /// The bytes are not text of the channel's encoding.
    Encoding,
    /// A column is missing.
    NoColumn,
    /// A column stands twice.
    TwoColumns,
    /// A line has another number of fields than the header.
    Fields,
    /// A value lacks its mark.
    NoMark,
    /// The file is cut.
    Cut,
    /// A line that does not belong there.
    Unexpected,
    /// A value of another form.
    Value,
    /// A row stands twice.
    Twice,
    /// The rows don't add up to the stated total.
    Sum,
}
