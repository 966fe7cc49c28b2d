//! WeChat Pay's fund-flow bill: what went into the merchant's account and out of it, each with the
//! balance behind it. Written like the trade bill. It names no merchant, so whoever reads it says
//! whose it is.

use super::error::{BillError, BillProblem};
use super::fees;
use super::wechat_pay::{Layout, Part, walk};
use crate::bill::columns::Row;
use domain::Money;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

const AT: &str = "记账时间";
const BUSINESS_NO: &str = "微信支付业务单号";
const FLOW_NO: &str = "资金流水单号";
const NAME: &str = "业务名称";
const TYPE: &str = "业务类型";
const WAY: &str = "收支类型";
const AMOUNT: &str = "收支金额(元)";
const BALANCE: &str = "账户结余(元)";
const VOUCHER: &str = "业务凭证号";
const NEEDED: &[&str] = &[
    AT,
    BUSINESS_NO,
    FLOW_NO,
    NAME,
    TYPE,
    WAY,
    AMOUNT,
    BALANCE,
    VOUCHER,
];
const NOT_READ: &[&str] = &["资金变更提交申请人", "备注"];

const COUNT: &str = "资金流水总笔数";
const COUNT_IN: &str = "收入笔数";
const SUM_IN: &str = "收入金额";
const COUNT_OUT: &str = "支出笔数";
const SUM_OUT: &str = "支出金额";
const TOTALS: &[&str] = &[COUNT, COUNT_IN, SUM_IN, COUNT_OUT, SUM_OUT];

/// What a flow is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowKind {
    /// A payer paid (交易).
    Payment,
    /// A payer was paid back (退款).
    Refund,
    /// The channel kept a fee, or gave one back (手续费).
    Fee,
    /// Anything else: a withdrawal (提现), a top-up of the account, what froze and thawed.
    Other,
}

/// One line of a fund-flow bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Where it stands in its file, from 1.
    pub line: usize,
    /// What it is about.
    pub kind: FlowKind,
    /// The channel's words for it: 业务名称, and 业务类型 where that says something else.
    pub name: String,
    /// The channel's number of the trade, the refund or the withdrawal.
    pub business_no: String,
    /// The channel's number of the flow.
    pub flow_no: String,
    /// The business voucher number: ours of the attempt or of the refund; may be empty.
    pub voucher: String,
    /// When, by the channel's clock, milliseconds since 1970.
    pub at_ms: i64,
    /// What came into the account; below zero where it left.
    pub amount_fen: Money,
    /// What the account held behind it.
    pub balance_fen: Money,
}

/// A fund-flow bill whose rows add up to its totals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowBill {
    /// Its lines, as they stand.
    pub flows: Vec<Flow>,
    /// What came in.
    pub in_fen: Money,
    /// What went out, above zero.
    pub out_fen: Money,
    /// What was met and not read, and where the balance does not follow from the line before.
    pub warnings: Vec<String>,
}

impl FlowBill {
    /// What the account held at the end of the day; `None` on a day without flows.
    pub fn balance_fen(&self) -> Option<Money> {
        self.flows.last().map(|flow| flow.balance_fen)
    }
}

/// Reads the bill.
pub(super) fn read(file: &str, bytes: &[u8], day: Date) -> Result<FlowBill, BillError> {
    let layout = Layout {
        needed: NEEDED,
        not_read: NOT_READ,
        totals: TOTALS,
    };
    let mut read = Read::default();
    let warnings = walk(file, bytes, &layout, |part| match part {
        Part::Row(row) => read.row(row, day),
        Part::Totals(last) => read.check(last),
    })?;
    read.bill(file, warnings)
}

#[derive(Default)]
struct Read {
    flows: Vec<Flow>,
    came: (u64, Decimal),
    went: (u64, Decimal),
    seen: BTreeSet<(String, String)>,
}

impl Read {
    fn row(&mut self, row: &Row<'_>, day: Date) -> Result<(), BillError> {
        let yuan = row.yuan(AMOUNT, 2)?;
        let amount = fees::rounded(yuan)
            .filter(|amount| amount.is_positive())
            .ok_or_else(|| row.bad(AMOUNT, "above zero"))?;
        let gone = Money::ZERO.checked_sub(amount).unwrap_or_default();
        let (sum, amount_fen) = match row.text(WAY) {
            "收入" => (&mut self.came, amount),
            "支出" => (&mut self.went, gone),
            _ => return Err(row.bad(WAY, "收入 or 支出")),
        };
        sum.0 += 1;
        sum.1 = sum
            .1
            .checked_add(yuan)
            .ok_or_else(|| row.bad(AMOUNT, "an amount that can be added up"))?;
        let balance_fen = fees::rounded(row.yuan(BALANCE, 2)?)
            .ok_or_else(|| row.bad(BALANCE, "an amount that can be added up"))?;
        let (name, other) = (row.need(NAME)?, row.need(TYPE)?);
        let kind = kind(&name, &other, amount_fen.is_positive());
        let name = if name == other {
            name
        } else {
            format!("{name} · {other}")
        };
        let flow_no = row.need(FLOW_NO)?;
        if !self.seen.insert((flow_no.clone(), name.clone())) {
            return Err(row.error(FLOW_NO, BillProblem::Twice(flow_no)));
        }
        self.flows.push(Flow {
            line: row.line,
            kind,
            name,
            business_no: row.need(BUSINESS_NO)?,
            flow_no,
            voucher: row.text(VOUCHER).to_owned(),
            at_ms: row.time(AT, day)?,
            amount_fen,
            balance_fen,
        });
        Ok(())
    }

    /// The rows must add up to the summary's row, counts and amounts of both ways.
    fn check(&self, last: &Row<'_>) -> Result<(), BillError> {
        for (column, rows) in [
            (COUNT, self.came.0 + self.went.0),
            (COUNT_IN, self.came.0),
            (COUNT_OUT, self.went.0),
        ] {
            last.same(column, rows.into(), last.count(column)?)?;
        }
        last.same(SUM_IN, self.came.1, last.yuan(SUM_IN, 2)?)?;
        last.same(SUM_OUT, self.went.1, last.yuan(SUM_OUT, 2)?)
    }

    fn bill(self, file: &str, mut warnings: Vec<String>) -> Result<FlowBill, BillError> {
        let too_large = || BillError::file(file, BillProblem::TooLarge);
        // The order of lines is not promised: a balance that does not follow is said, not refused.
        let follows = |pair: &[Flow]| {
            let [before, flow] = pair else { return true };
            before.balance_fen.checked_add(flow.amount_fen) == Some(flow.balance_fen)
        };
        if let Some(at) = self.flows.windows(2).position(|pair| !follows(pair)) {
            let line = self.flows.get(at + 1).map_or(0, |flow| flow.line);
            warnings.push(format!(
                "{file}, line {line}: the balance does not follow from the line before"
            ));
        }
        Ok(FlowBill {
            in_fen: fees::rounded(self.came.1).ok_or_else(too_large)?,
            out_fen: fees::rounded(self.went.1).ok_or_else(too_large)?,
            flows: self.flows,
            warnings,
        })
    }
}

/// Fees are named by more than one word, and stand beside 交易 and 退款 in either column.
fn kind(name: &str, other: &str, came: bool) -> FlowKind {
    let says = |word: &str| name == word || other == word;
    if name.contains("手续费") || other.contains("手续费") {
        FlowKind::Fee
    } else if says("交易") && came {
        FlowKind::Payment
    } else if says("退款") && !came {
        FlowKind::Refund
    } else {
        FlowKind::Other
    }
}

#[cfg(test)]
mod tests;
