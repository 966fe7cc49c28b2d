//! Alipay's trade bill: a ZIP archive of two GBK files, the rows (业务明细) and their totals (汇总).
//! The entries' names are GBK too and say nothing that is needed, so a file is known by its first
//! line. Around the table stand lines that begin with `#`; those at its end state counts and what
//! the merchant received. Signs differ between samples (refunds and fees come with a minus or
//! without), so amounts count by their size and the kind of the row says which way they went.

use super::columns::{Columns, Row, yuan};
use super::error::{BillError, BillProblem};
use super::{Bill, BillKind, BillRow, MAX_BILL_BYTES, MAX_RATIO, fees};
use domain::Money;
use domain::channel::Channel;
use encoding_rs::GBK;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::io::{Cursor, Read as _};

/// A bill has two entries; a few more do no harm.
const MAX_ENTRIES: usize = 8;

const AMOUNTS: &[&str] = &[
    ORDERED,
    RECEIVED,
    "支付宝红包(元)",
    "集分宝(元)",
    "支付宝优惠(元)",
    DISCOUNT,
    "券核销金额(元)",
    "商家红包消费金额(元)",
    "卡消费金额(元)",
    FEE,
    "分润(元)",
];
const NEEDED: &[&str] = &[
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "完成时间",
    REQUEST,
];
const NOT_READ: &[&str] = &[
    "商品名称",
    "创建时间",
    "门店编号",
    "门店名称",
    "操作员",
    "终端号",
    "对方账户",
    "券名称",
    "备注",
];
const ORDERED: &str = "订单金额(元)";
const RECEIVED: &str = "商家实收(元)";
const DISCOUNT: &str = "商家优惠(元)";
const FEE: &str = "服务费(元)";
const REQUEST: &str = "退款批次号/请求号";

const SHOP: &str = "门店编号";
const PAYMENTS: &str = "交易订单总笔数";
const REFUNDS: &str = "退款订单总笔数";
const TOTALS_NEEDED: &[&str] = &[SHOP, PAYMENTS, REFUNDS, ORDERED, RECEIVED, DISCOUNT, FEE];
const TOTALS_NOT_READ: &[&str] = &[
    "门店名称",
    "支付宝优惠(元)",
    "卡消费金额(元)",
    "分润(元)",
    "实收净额(元)",
];

/// Reads the archive.
pub(super) fn read(file: &str, bytes: &[u8], day: Date) -> Result<Bill, BillError> {
    let unreadable = |error: zip::result::ZipError| {
        BillError::file(file, BillProblem::Archive(error.to_string()))
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let too_large = || BillError::file(file, BillProblem::TooLarge);
    if archive.len() > MAX_ENTRIES {
        return Err(too_large());
    }
    let (mut rows, mut totals, mut warnings, mut all) = (None, None, Vec::new(), 0);
    for index in 0..archive.len() {
        let name = format!("{file}, entry {}", index + 1);
        let entry = archive.by_index(index).map_err(unreadable)?;
        if entry.size() > entry.compressed_size().saturating_mul(MAX_RATIO).max(4096) {
            return Err(too_large());
        }
        // What the archive says of its size is a claim: the limit is on what comes out.
        let mut content = Vec::new();
        let left = MAX_BILL_BYTES.saturating_sub(all);
        let limit = u64::try_from(left).unwrap_or(u64::MAX);
        let mut entry = entry.take(limit.saturating_add(1));
        entry
            .read_to_end(&mut content)
            .map_err(|error| BillError::file(&name, BillProblem::Archive(error.to_string())))?;
        if content.len() > left {
            return Err(too_large());
        }
        all += content.len();
        let lines = decode(&name, &content)?;
        let first = lines.first().map_or("", |line| line.trim());
        let slot = match first {
            "#支付宝业务明细查询" => &mut rows,
            "#支付宝业务汇总查询" => &mut totals,
            _ => {
                warnings.push(format!("{name}: not a part of a bill, not read"));
                continue;
            }
        };
        if slot.is_some() {
            let problem = BillProblem::Unexpected(first.to_owned());
            return Err(BillError::at(&name, 1, "", problem));
        }
        *slot = Some((name, lines));
    }
    let missing = |what| BillError::file(file, BillProblem::NoEntry(what));
    let (name, lines) = rows.ok_or_else(|| missing("业务明细 (rows)"))?;
    let mut bill = Read::default();
    bill.rows(&name, &lines, day, &mut warnings)?;
    let (name, lines) = totals.ok_or_else(|| missing("汇总 (totals)"))?;
    bill.totals(&name, &lines, &mut warnings)?;
    bill.finish(file, warnings)
}

/// The lines of a GBK text. No byte of a GBK character is a line's end, so a broken one spoils its
/// own line only, and is named with its column.
fn decode(file: &str, content: &[u8]) -> Result<Vec<String>, BillError> {
    let mut header: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for (index, line) in content.split(|byte| *byte == b'\n').enumerate() {
        let (text, broken) = GBK.decode_without_bom_handling(line);
        if broken {
            let field = |field: &&[u8]| GBK.decode_without_bom_handling(field).1;
            let at = line
                .split(|byte| *byte == b',')
                .position(|part| field(&part));
            let column = at.and_then(|at| header.get(at)).map_or("", String::as_str);
            let problem = BillProblem::Encoding("GBK");
            return Err(BillError::at(file, index + 1, column, problem));
        }
        let text = text.strip_suffix('\r').unwrap_or(&text).to_owned();
        if header.is_empty() && !text.starts_with('#') && !text.is_empty() {
            header = fields(&text)
                .iter()
                .map(|name| name.trim().to_owned())
                .collect();
        }
        lines.push(text);
    }
    Ok(lines)
}

/// A line's fields: quoted where they hold a comma.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let (mut quoted, mut letters) = (false, line.chars().peekable());
    while let Some(letter) = letters.next() {
        let Some(field) = fields.last_mut() else {
            continue;
        };
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => field.push(other),
        }
    }
    fields
}

/// A file's parts: lines before the table, the table with its line numbers, lines behind it.
struct Parts<'a> {
    before: Vec<&'a str>,
    table: Vec<(usize, &'a str)>,
    after: Vec<(usize, &'a str)>,
}

fn parts<'a>(file: &str, lines: &'a [String]) -> Result<Parts<'a>, BillError> {
    let (mut before, mut table, mut after) = (Vec::new(), Vec::new(), Vec::new());
    // 0: before the table, 1: in it, 2: behind it.
    let mut stage = 0;
    for (index, line) in lines.iter().enumerate() {
        let (number, line) = (index + 1, line.trim_end());
        let rule = line.starts_with("#---");
        match stage {
            0 if rule => stage = 1,
            1 if rule => stage = 2,
            0 if line.starts_with('#') => before.push(line),
            1 if !line.starts_with('#') && !line.is_empty() => table.push((number, line)),
            2 if line.starts_with('#') => after.push((number, line)),
            2 if line.is_empty() => {}
            _ => {
                let problem = BillProblem::Unexpected(line.chars().take(40).collect());
                return Err(BillError::at(file, number, "", problem));
            }
        }
    }
    if stage != 2 {
        let cut = BillProblem::Cut("the line behind the table (列表结束)");
        return Err(BillError::at(file, lines.len(), "", cut));
    }
    Ok(Parts {
        before,
        table,
        after,
    })
}

/// What the rows of one kind add up to.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: u64,
    ordered: Decimal,
    received: Decimal,
    discount: Decimal,
}

#[derive(Default)]
struct Read {
    merchant_no: String,
    rows: Vec<BillRow>,
    fees: Vec<Decimal>,
    payments: Sums,
    refunds: Sums,
    seen: BTreeSet<String>,
}

impl Read {
    fn rows(
        &mut self,
        file: &str,
        lines: &[String],
        day: Date,
        warnings: &mut Vec<String>,
    ) -> Result<(), BillError> {
        let parts = parts(file, lines)?;
        self.merchant_no = account(file, &parts.before)?;
        let mut table = parts.table.into_iter();
        let cut = |what| BillError::file(file, BillProblem::Cut(what));
        let (line, header) = table.next().ok_or_else(|| cut("the header"))?;
        let needed: Vec<&str> = NEEDED.iter().chain(AMOUNTS).copied().collect();
        let columns = Columns::read(file, line, &fields(header), &needed)?;
        for (line, text) in table {
            self.row(&columns.row(line, fields(text))?, day)?;
        }
        for (label, sums) in [("#交易合计", self.payments), ("#退款合计", self.refunds)] {
            let found = parts.after.iter().find(|(_, text)| text.starts_with(label));
            let Some((line, text)) = found else {
                let what = "a line of totals (交易合计, 退款合计)";
                return Err(BillError::at(
                    file,
                    lines.len(),
                    label,
                    BillProblem::Cut(what),
                ));
            };
            total_line(file, *line, text, sums)?;
        }
        if !parts
            .after
            .iter()
            .any(|(_, text)| text.starts_with("#导出时间"))
        {
            let what = BillProblem::Cut("the last line (导出时间)");
            return Err(BillError::at(file, lines.len(), "", what));
        }
        warnings.extend(columns.unknown(&[NEEDED, AMOUNTS, NOT_READ]));
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>, day: Date) -> Result<(), BillError> {
        for column in AMOUNTS {
            row.yuan(column, if *column == FEE { 5 } else { 2 })?;
        }
        let kind = match row.text("业务类型") {
            "交易" => BillKind::Payment,
            "退款" => BillKind::Refund,
            _ => return Err(row.bad("业务类型", "交易 or 退款")),
        };
        let refund = kind == BillKind::Refund;
        let ordered = row.yuan(ORDERED, 2)?;
        if !refund && ordered.is_sign_negative() {
            return Err(row.bad(ORDERED, "above zero"));
        }
        let gross_fen = fees::rounded(ordered.abs())
            .filter(|gross| gross.is_positive())
            .ok_or_else(|| row.bad(ORDERED, "above zero"))?;
        let sums = if refund {
            &mut self.refunds
        } else {
            &mut self.payments
        };
        sums.count += 1;
        for (sum, column) in [
            (&mut sums.ordered, ORDERED),
            (&mut sums.received, RECEIVED),
            (&mut sums.discount, DISCOUNT),
        ] {
            *sum = sum
                .checked_add(row.yuan(column, 2)?.abs())
                .ok_or_else(|| row.bad(column, "an amount that can be added up"))?;
        }
        // A fee is kept on a payment and given back on a refund.
        let fee = row.yuan(FEE, 5)?.abs();
        self.fees.push(if refund { -fee } else { fee });
        let provider_no = row.need("支付宝交易号")?;
        let out_refund_no = refund.then(|| row.need(REQUEST)).transpose()?;
        let key = format!("{provider_no} {}", out_refund_no.as_deref().unwrap_or(""));
        if !self.seen.insert(key.clone()) {
            return Err(row.error("支付宝交易号", BillProblem::Twice(key)));
        }
        self.rows.push(BillRow {
            line: row.line,
            kind,
            provider_no,
            out_trade_no: row.need("商户订单号")?,
            out_refund_no,
            at_ms: row.time("完成时间", day)?,
            gross_fen,
            fee_fen: Money::ZERO,
        });
        Ok(())
    }

    /// The second file: its row 合计 states what all shops come to, refunds taken off.
    fn totals(
        &self,
        file: &str,
        lines: &[String],
        warnings: &mut Vec<String>,
    ) -> Result<(), BillError> {
        let parts = parts(file, lines)?;
        let other = account(file, &parts.before)?;
        if other != self.merchant_no {
            let problem = BillProblem::Unexpected(format!("account {other}"));
            return Err(BillError::file(file, problem));
        }
        let mut table = parts.table.into_iter();
        let cut = |what| BillError::file(file, BillProblem::Cut(what));
        let (line, header) = table.next().ok_or_else(|| cut("the header"))?;
        let columns = Columns::read(file, line, &fields(header), TOTALS_NEEDED)?;
        let mut found = false;
        for (line, text) in table {
            let row = columns.row(line, fields(text))?;
            if row.text(SHOP) != "合计" {
                continue;
            }
            found = true;
            row.same(PAYMENTS, self.payments.count.into(), row.count(PAYMENTS)?)?;
            row.same(REFUNDS, self.refunds.count.into(), row.count(REFUNDS)?)?;
            let (paid, back) = (&self.payments, &self.refunds);
            for (column, paid, back) in [
                (ORDERED, paid.ordered, back.ordered),
                (RECEIVED, paid.received, back.received),
                (DISCOUNT, paid.discount, back.discount),
            ] {
                let net = paid.checked_sub(back).unwrap_or_default();
                row.same(column, net, row.yuan(column, 2)?)?;
            }
            let fee = self.fee_total(file)?.abs();
            let fee = yuan(&fee.to_yuan_string(), 2).unwrap_or_default();
            row.same(FEE, fee, row.yuan(FEE, 2)?.abs())?;
        }
        if !found {
            return Err(cut("the row 合计"));
        }
        warnings.extend(columns.unknown(&[TOTALS_NEEDED, TOTALS_NOT_READ]));
        Ok(())
    }

    fn fee_total(&self, file: &str) -> Result<Money, BillError> {
        let shared = fees::share(&self.fees);
        shared
            .map(|(_, total)| total)
            .ok_or_else(|| BillError::file(file, BillProblem::TooLarge))
    }

    fn finish(mut self, file: &str, warnings: Vec<String>) -> Result<Bill, BillError> {
        let (shares, fee_fen) =
            fees::share(&self.fees).ok_or_else(|| BillError::file(file, BillProblem::TooLarge))?;
        for (row, fee) in self.rows.iter_mut().zip(shares) {
            row.fee_fen = fee;
        }
        Ok(Bill {
            channel: Channel::Alipay,
            merchant_no: Some(self.merchant_no),
            rows: self.rows,
            fee_fen,
            warnings,
        })
    }
}

/// `#账号：[2088…0156]`
fn account(file: &str, before: &[&str]) -> Result<String, BillError> {
    let number = before
        .iter()
        .find_map(|line| line.strip_prefix("#账号："))
        .and_then(|rest| rest.trim().strip_prefix('[')?.strip_suffix(']'))
        .filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    number
        .map(str::to_owned)
        .ok_or_else(|| BillError::file(file, BillProblem::Cut("the line of the account (账号)")))
}

/// `#交易合计：3笔，商家实收共36.00元，商家优惠共0.00元`: the count, and every amount whose name is known.
fn total_line(file: &str, line: usize, text: &str, sums: Sums) -> Result<(), BillError> {
    let column = text
        .split('：')
        .next()
        .unwrap_or(text)
        .trim_start_matches('#');
    let error = |problem| BillError::at(file, line, column, problem);
    let value = |value: &str, wanted| {
        let value = value.chars().take(64).collect();
        error(BillProblem::Value { value, wanted })
    };
    let same = |rows: Decimal, stated: Decimal| {
        if rows == stated {
            return Ok(());
        }
        let (rows, stated) = (rows.normalize().to_string(), stated.normalize().to_string());
        Err(error(BillProblem::Sum { rows, stated }))
    };
    let (_, rest) = text
        .split_once('：')
        .ok_or_else(|| error(BillProblem::Cut("the total")))?;
    let mut stated = rest.split('，');
    let count = stated.next().unwrap_or_default();
    let counted = count.trim().strip_suffix('笔').and_then(|n| yuan(n, 0));
    same(
        sums.count.into(),
        counted.ok_or_else(|| value(count, "a count such as 3笔"))?,
    )?;
    let (mut received, mut discount) = (false, false);
    for part in stated {
        let amount = part
            .trim()
            .strip_suffix('元')
            .and_then(|part| part.rsplit_once('共'))
            .and_then(|(name, amount)| Some((name, yuan(amount, 2)?.abs())));
        let (name, amount) = amount.ok_or_else(|| value(part, "an amount such as 共36.00元"))?;
        if name.starts_with("商家实收") {
            received = true;
            same(sums.received, amount)?;
        } else if name.starts_with("商家优惠") {
            discount = true;
            same(sums.discount, amount)?;
        }
    }
    if received && discount {
        Ok(())
    } else {
        Err(error(BillProblem::Cut("the total of 商家实收 or 商家优惠")))
    }
}
