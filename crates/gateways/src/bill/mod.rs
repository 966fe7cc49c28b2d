//! Bills: what a channel says, the day after, that it did. A bill is unsigned text, so it is never
//! evidence; it is read strictly instead. Columns are found by their names, every amount column
//! must be there, and the sums of the rows must equal the channel's own totals: a file that is cut,
//! renamed or damaged is an error with its line and column, never a bill of less money.

mod alipay;
mod columns;
mod error;
mod fees;
mod flows;
mod packed;
mod wechat_pay;

#[cfg(test)]
mod tests;

pub use error::{BillError, BillProblem};
pub use flows::{Flow, FlowBill, FlowKind};
pub(crate) use packed::unpack;

use domain::Money;
use domain::channel::Channel;
use jiff::civil::Date;

/// Whether a row is money that came or money that went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BillKind {
    /// A payer paid.
    Payment,
    /// A payer was paid back.
    Refund,
}

/// One line of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillRow {
    /// Where it stands in its file, from 1.
    pub line: usize,
    /// Which way the money went.
    pub kind: BillKind,
    /// The channel's number of the trade.
    pub provider_no: String,
    /// Our number of the attempt.
    pub out_trade_no: String,
    /// Our number of the refund.
    pub out_refund_no: Option<String>,
    /// When, by the channel's clock, milliseconds since 1970.
    pub at_ms: i64,
    /// What was ordered, or what went back; above zero either way.
    pub gross_fen: Money,
    /// What the channel kept of it (手续费, 服务费); below zero where it gave some back. Rows may
    /// hold parts of a fen: the parts are shared out so that all rows add up to the bill's total.
    pub fee_fen: Money,
}

/// A bill whose rows add up to its totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// Whose.
    pub channel: Channel,
    /// The merchant account; WeChat Pay's bill of a day without trades names none.
    pub merchant_no: Option<String>,
    /// Its lines, as they stand.
    pub rows: Vec<BillRow>,
    /// What the channel kept in all.
    pub fee_fen: Money,
    /// What was met and not read: new columns, mostly.
    pub warnings: Vec<String>,
}

/// The largest file that is read, in bytes; an archive's entries count unpacked.
pub const MAX_BILL_BYTES: usize = 64 * 1024 * 1024;

/// How far a bill may be packed.
const MAX_RATIO: u64 = 200;

/// Reads a channel's bill of a day (in Beijing); WeChat Pay's may be packed. `file` is its name, for
/// errors.
///
/// # Errors
/// [`BillError`]: where, and what is wrong there.
pub fn read_bill(channel: Channel, file: &str, bytes: &[u8], day: Date) -> Result<Bill, BillError> {
    if bytes.len() > MAX_BILL_BYTES {
        return Err(BillError::file(file, BillProblem::TooLarge));
    }
    match channel {
        Channel::WechatPay => wechat_pay::read(file, &unpack(file, bytes)?, day),
        Channel::Alipay => alipay::read(file, bytes, day),
    }
}

/// Reads WeChat Pay's fund-flow bill of a day (in Beijing), packed or not; Alipay has none of this
/// form. `file` is its name, for errors.
///
/// # Errors
/// [`BillError`]: where, and what is wrong there.
pub fn read_flows(file: &str, bytes: &[u8], day: Date) -> Result<FlowBill, BillError> {
    if bytes.len() > MAX_BILL_BYTES {
        return Err(BillError::file(file, BillProblem::TooLarge));
    }
    flows::read(file, &unpack(file, bytes)?, day)
}
