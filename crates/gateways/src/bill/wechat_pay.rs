//! WeChat Pay's trade bill of type ALL: UTF-8 with a byte order mark, a plain header, values each
//! behind a backtick, and a summary of two lines at the end. Text of payers can hold no comma and no
//! new line (WeChat escapes both), and a value may begin with anything but the mark, so a line is
//! split on a comma with the mark behind it.

use super::columns::{Columns, Row, yuan};
use super::error::{BillError, BillProblem};
use super::{Bill, BillKind, BillRow, fees};
use domain::Money;
use domain::channel::Channel;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

const NEEDED: &[&str] = &[
    "交易时间",
    "商户号",
    "微信订单号",
    "商户订单号",
    "交易状态",
    "货币种类",
    "应结订单金额",
    "代金券金额",
    "微信退款单号",
    "商户退款单号",
    "退款金额",
    "充值券退款金额",
    "手续费",
    "订单金额",
    "申请退款金额",
];
const NOT_READ: &[&str] = &[
    "公众账号ID",
    "特约商户号",
    "设备号",
    "用户标识",
    "交易类型",
    "付款银行",
    "退款类型",
    "退款状态",
    "商品名称",
    "商户数据包",
    "费率",
    "费率备注",
];
const COUNT: &str = "总交易单数";
/// Columns and the total that each adds up to.
const SUMS: &[(&str, &str)] = &[
    ("应结订单金额", "应结订单总金额"),
    ("退款金额", "退款总金额"),
    ("充值券退款金额", "充值券退款总金额"),
    (FEE, FEE_TOTAL),
    ("订单金额", "订单总金额"),
    ("申请退款金额", "申请退款总金额"),
];
const FEE: &str = "手续费";
const FEE_TOTAL: &str = "手续费总金额";

/// The columns of one of WeChat Pay's tables, and what its summary states.
pub(super) struct Layout<'a> {
    pub(super) needed: &'a [&'a str],
    pub(super) not_read: &'a [&'a str],
    pub(super) totals: &'a [&'a str],
}

/// A part of a table, in the order of the file.
pub(super) enum Part<'a> {
    /// A row.
    Row(&'a Row<'a>),
    /// The summary's row, behind all others.
    Totals(&'a Row<'a>),
}

/// Reads the bill.
pub(super) fn read(file: &str, bytes: &[u8], day: Date) -> Result<Bill, BillError> {
    let totals: Vec<&str> = SUMS
        .iter()
        .map(|(_, total)| *total)
        .chain([COUNT])
        .collect();
    let layout = Layout {
        needed: NEEDED,
        not_read: NOT_READ,
        totals: &totals,
    };
    let mut read = Read::default();
    let warnings = walk(file, bytes, &layout, |part| match part {
        Part::Row(row) => read.row(row, day),
        Part::Totals(last) => read.check(last),
    })?;
    read.bill(file, warnings)
}

/// Goes through a table and its summary, both of which must be whole; answers what was met and not
/// read.
pub(super) fn walk(
    file: &str,
    bytes: &[u8],
    layout: &Layout<'_>,
    mut each: impl FnMut(Part<'_>) -> Result<(), BillError>,
) -> Result<Vec<String>, BillError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines = bytes
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .enumerate()
        .map(|(index, line)| {
            let line = std::str::from_utf8(line);
            let broken = BillProblem::Encoding("UTF-8");
            line.map(|line| (index + 1, line))
                .map_err(|_| BillError::at(file, index + 1, "", broken))
        });
    let cut = |what| BillError::file(file, BillProblem::Cut(what));
    let (line, header) = lines.next().ok_or_else(|| cut("the header"))??;
    let columns = Columns::read(file, line, &plain(header), layout.needed)?;
    let summary = loop {
        let (line, text) = lines.next().ok_or_else(|| cut("the summary"))??;
        if !text.starts_with('`') {
            break (line, plain(text));
        }
        each(Part::Row(&columns.row(line, marked(file, line, text)?)?))?;
    };
    let last = Columns::read(file, summary.0, &summary.1, layout.totals)?;
    let (line, text) = lines.next().ok_or_else(|| cut("the summary's row"))??;
    if text.is_empty() {
        let cut = BillProblem::Cut("the summary's row");
        return Err(BillError::at(file, line, "", cut));
    }
    each(Part::Totals(&last.row(line, marked(file, line, text)?)?))?;
    for rest in lines {
        let (line, text) = rest?;
        if !text.is_empty() {
            let problem = BillProblem::Unexpected(text.chars().take(40).collect());
            return Err(BillError::at(file, line, "", problem));
        }
    }
    let mut warnings = columns.unknown(&[layout.needed, layout.not_read]);
    warnings.extend(last.unknown(&[layout.totals]));
    Ok(warnings)
}

fn plain(header: &str) -> Vec<String> {
    header.split(',').map(str::to_owned).collect()
}

fn marked(file: &str, line: usize, text: &str) -> Result<Vec<String>, BillError> {
    let values = text
        .strip_prefix('`')
        .ok_or_else(|| BillError::at(file, line, "", BillProblem::NoMark))?;
    Ok(values.split(",`").map(str::to_owned).collect())
}

#[derive(Default)]
struct Read {
    merchant_no: Option<String>,
    rows: Vec<BillRow>,
    fees: Vec<Decimal>,
    sums: [Decimal; SUMS.len()],
    seen: BTreeSet<String>,
}

impl Read {
    fn row(&mut self, row: &Row<'_>, day: Date) -> Result<(), BillError> {
        if row.text("货币种类") != "CNY" {
            return Err(row.bad("货币种类", "CNY, the only currency that is booked"));
        }
        let merchant = row.need("商户号")?;
        if self.merchant_no.get_or_insert_with(|| merchant.clone()) != &merchant {
            return Err(row.bad("商户号", "the merchant of the rows before"));
        }
        for (sum, (column, _)) in self.sums.iter_mut().zip(SUMS) {
            let decimals = if *column == FEE { 5 } else { 2 };
            *sum = sum
                .checked_add(row.yuan(column, decimals)?)
                .ok_or_else(|| row.bad(column, "an amount that can be added up"))?;
        }
        row.yuan("代金券金额", 2)?;
        let (kind, amount, other) = match row.text("交易状态") {
            "SUCCESS" => (BillKind::Payment, "订单金额", "申请退款金额"),
            "REFUND" | "REVOKED" => (BillKind::Refund, "申请退款金额", "订单金额"),
            _ => return Err(row.bad("交易状态", "SUCCESS, REFUND or REVOKED")),
        };
        if !row.yuan(other, 2)?.is_zero() {
            return Err(row.bad(other, "0.00 in a row of this 交易状态"));
        }
        let gross_fen = fees::rounded(row.yuan(amount, 2)?)
            .filter(|gross| gross.is_positive())
            .ok_or_else(|| row.bad(amount, "above zero"))?;
        let provider_no = row.need("微信订单号")?;
        let refund = kind == BillKind::Refund;
        let key = if refund {
            "微信退款单号"
        } else {
            "微信订单号"
        };
        if refund && row.text(key) == "0" {
            return Err(row.bad(key, "the number of a refund"));
        }
        let out_trade_no = row.need("商户订单号")?;
        if !self
            .seen
            .insert(format!("{} {out_trade_no}", row.need(key)?))
        {
            let twice = BillProblem::Twice(row.text(key).to_owned());
            return Err(row.error(key, twice));
        }
        self.fees.push(row.yuan(FEE, 5)?);
        self.rows.push(BillRow {
            line: row.line,
            kind,
            provider_no,
            out_trade_no,
            out_refund_no: refund.then(|| row.need("商户退款单号")).transpose()?,
            at_ms: row.time("交易时间", day)?,
            gross_fen,
            fee_fen: Money::ZERO,
        });
        Ok(())
    }

    /// The rows must add up to the summary's row; only the fees are rounded, at the total.
    fn check(&self, last: &Row<'_>) -> Result<(), BillError> {
        let stated = last.count(COUNT)?;
        last.same(COUNT, Decimal::from(self.rows.len()), stated)?;
        for (sum, (column, total)) in self.sums.iter().zip(SUMS) {
            let rows = match *column {
                FEE => fees::rounded(*sum).and_then(|fen| yuan(&fen.to_yuan_string(), 2)),
                _ => Some(*sum),
            };
            let rows = rows.ok_or_else(|| last.bad(total, "an amount that can be added up"))?;
            last.same(total, rows, last.yuan(total, 2)?)?;
        }
        Ok(())
    }

    fn bill(mut self, file: &str, warnings: Vec<String>) -> Result<Bill, BillError> {
        let (shares, fee_fen) =
            fees::share(&self.fees).ok_or_else(|| BillError::file(file, BillProblem::TooLarge))?;
        for (row, fee) in self.rows.iter_mut().zip(shares) {
            row.fee_fen = fee;
        }
        Ok(Bill {
            channel: Channel::WechatPay,
            merchant_no: self.merchant_no,
            rows: self.rows,
            fee_fen,
            warnings,
        })
    }
}
