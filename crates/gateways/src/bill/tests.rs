//! Both readers against bills that are whole, and against every way of spoiling one. WeChat Pay's
//! published bill is read where it is present; Alipay publishes none, so its sample is our own,
//! written here by the documented layout (`docs/payments.md` says so).

use super::*;
use crate::vectors;
use encoding_rs::GBK;
use jiff::civil::date;
use std::io::Write as _;

fn wechat(text: &str, day: Date) -> Result<Bill, BillError> {
    read_bill(Channel::WechatPay, "bill.csv", text.as_bytes(), day)
}

const WECHAT_HEADER: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const WECHAT_SUMMARY: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

/// A bill of our own with a payment, a second one and a refund of the first.
fn own_wechat() -> String {
    let row = |time: &str,
               state: &str,
               no: &str,
               paid: &str,
               refund: (&str, &str, &str),
               fee: &str| {
        let (id, number, back) = refund;
        format!(
            "`2026-11-24 {time},`wx1,`1900001109,`0,`,`42000{no},`FT{no},`openid,`JSAPI,`{state},`OTHERS,\
             `CNY,`{paid},`0.00,`{id},`{number},`{back},`0.00,`,`,`a\\ b,`,`{fee},`0.60%,`{paid},`{back},`"
        )
    };
    let none = ("0", "0", "0.00");
    [
        format!("\u{feff}{WECHAT_HEADER}"),
        row("00:00:00", "SUCCESS", "1001", "125.00", none, "0.75000"),
        row("23:59:59", "SUCCESS", "1002", "0.99", none, "0.00594"),
        row(
            "12:00:00",
            "REFUND",
            "1001",
            "0.00",
            ("5001", "FTR1", "25.00"),
            "-0.15000",
        ),
        WECHAT_SUMMARY.to_owned(),
        "`3.0,`125.99,`25.00,`0.00,`0.61,`125.99,`25.00".to_owned(),
        String::new(),
    ]
    .join("\r\n")
}

const DAY: Date = date(2026, 11, 24);

#[test]
fn a_bill_of_wechat_pay_is_read_by_the_names_of_its_columns() {
    let bill = wechat(&own_wechat(), DAY).unwrap();
    assert_eq!(bill.merchant_no.as_deref(), Some("1900001109"));
    assert_eq!((bill.rows.len(), bill.fee_fen), (3, Money::from_fen(61)));
    assert_eq!(bill.warnings, [""; 0]);
    let refund = &bill.rows[2];
    assert_eq!((refund.kind, refund.line), (BillKind::Refund, 4));
    assert_eq!(refund.out_refund_no.as_deref(), Some("FTR1"));
    assert_eq!(refund.gross_fen, Money::from_fen(2500));
    let fees: Vec<i64> = bill.rows.iter().map(|row| row.fee_fen.fen()).collect();
    assert_eq!(fees, [75, 1, -15], "parts of a fen are shared out");
    // The same columns in another order make the same bill.
    let turned: Vec<String> = own_wechat()
        .trim_start_matches('\u{feff}')
        .split("\r\n")
        .enumerate()
        .map(|(index, line)| match index {
            0 => line.split(',').rev().collect::<Vec<_>>().join(","),
            1..=3 => {
                let parts = line.trim_start_matches('`').split(",`");
                let mut parts: Vec<&str> = parts.collect();
                parts.reverse();
                format!("`{}", parts.join(",`"))
            }
            _ => line.to_owned(),
        })
        .collect();
    assert_eq!(wechat(&turned.join("\n"), DAY).unwrap(), bill);
}

#[test]
fn a_day_without_trades_is_an_empty_bill_and_an_empty_file_is_none() {
    let zero = "`0,`0.00,`0.00,`0.00,`0.00,`0.00,`0.00";
    let bill = wechat(&format!("{WECHAT_HEADER}\n{WECHAT_SUMMARY}\n{zero}\n"), DAY).unwrap();
    assert!(bill.rows.is_empty() && bill.merchant_no.is_none());
    for text in [
        "",
        "\n",
        WECHAT_HEADER,
        &format!("{WECHAT_HEADER}\n{WECHAT_SUMMARY}\n"),
    ] {
        assert!(wechat(text, DAY).is_err(), "{text}");
    }
}

/// Cuts, renames and alters a whole bill of WeChat Pay in every place that counts; answers how many
/// spoilt bills were refused.
fn spoil_wechat(text: &str, day: Date) -> usize {
    let mut cases = 0;
    let mut refused = |spoilt: &str, what: &str| {
        cases += 1;
        match wechat(spoilt, day) {
            Err(error) => error,
            Ok(_) => panic!("taken although {what}"),
        }
    };
    let text = text.trim_start_matches('\u{feff}');
    let whole = text.trim_end();
    // `25` is what `25.00` is: such a cut takes nothing away.
    let needed = whole.trim_end_matches('0').trim_end_matches('.').len();
    for (at, _) in whole.char_indices().filter(|(at, _)| *at < needed) {
        refused(&whole[..at], &format!("cut at byte {at}"));
    }
    let lines: Vec<&str> = whole.split("\r\n").collect();
    let (header, summary) = (lines[0], lines.len() - 2);
    for line in 0..lines.len() {
        let mut left = lines.clone();
        left.remove(line);
        refused(&left.join("\r\n"), &format!("line {} is gone", line + 1));
        if line > 0 && line < summary {
            let mut twice = lines.clone();
            twice.insert(line, lines[line]);
            refused(
                &twice.join("\r\n"),
                &format!("line {} stands twice", line + 1),
            );
        }
    }
    let names: Vec<&str> = header.split(',').collect();
    let read: Vec<&str> = names
        .iter()
        .filter(|name| !not_read(name))
        .copied()
        .collect();
    assert_eq!(read.len(), 15);
    for name in &read {
        let renamed = with_column(text, name, "新栏目");
        let error = refused(&renamed, &format!("{name} is renamed"));
        assert_eq!((error.line, error.column.as_str()), (1, *name));
        assert_eq!(error.problem, BillProblem::NoColumn);
    }
    for name in lines[summary].split(',') {
        let mut renamed = lines.clone();
        let line = lines[summary].replacen(name, "合计", 1);
        renamed[summary] = &line;
        let error = refused(&renamed.join("\n"), &format!("{name} is renamed"));
        assert_eq!(error.line, summary + 1);
    }
    // Every digit of an amount, a time or a total, one by one. A fee's parts of a fen vanish in the
    // rounding of the total.
    for (index, line) in lines.iter().enumerate().skip(1) {
        if index == summary {
            continue;
        }
        let values: Vec<&str> = line.trim_start_matches('`').split(",`").collect();
        for (column, value) in values.iter().enumerate() {
            let name = if index < summary { names[column] } else { "" };
            let fee = name == "手续费";
            if index < summary && !name.ends_with("金额") && !fee && name != "交易时间"
                || name == "代金券金额"
            {
                continue;
            }
            let fen = value
                .find('.')
                .map_or(value.len(), |dot| (dot + 3).min(value.len()));
            for (at, digit) in value.char_indices() {
                // The time of day is not covered by anything, its form is.
                let counts = digit.is_ascii_digit()
                    && !(fee && at >= fen)
                    && !(name == "交易时间" && at > 9);
                if !counts {
                    continue;
                }
                let other = if digit == '9' {
                    '8'
                } else {
                    char::from(digit as u8 + 1)
                };
                let mut altered = (*value).to_owned();
                altered.replace_range(at..=at, &other.to_string());
                let mut fields = values.clone();
                fields[column] = &altered;
                let line = format!("`{}", fields.join(",`"));
                let mut all = lines.clone();
                all[index] = &line;
                let what = format!("line {}, {name}: {value} became {altered}", index + 1);
                let error = refused(&all.join("\r\n"), &what);
                assert!(
                    error.line > 0 && !error.column.is_empty(),
                    "{what}: {error}"
                );
            }
        }
    }
    cases
}

/// The bill with one column of its header called otherwise.
fn with_column(text: &str, name: &str, other: &str) -> String {
    let (header, rest) = text.split_once("\r\n").unwrap();
    let header = header.split(',');
    let header: Vec<&str> = header.map(|n| if n == name { other } else { n }).collect();
    format!("{}\r\n{rest}", header.join(","))
}

/// A column that may be called anything, with a warning.
fn not_read(name: &str) -> bool {
    let bill = own_wechat();
    let bill = wechat(
        &with_column(bill.trim_start_matches('\u{feff}'), name, "新栏目"),
        DAY,
    );
    bill.is_ok_and(|bill| bill.warnings.len() == 1 && bill.warnings[0].contains("新栏目"))
}

#[test]
fn no_spoilt_bill_of_wechat_pay_is_taken() {
    assert!(spoil_wechat(&own_wechat(), DAY) > 500);
}

#[test]
fn the_published_bill_of_wechat_pay() {
    let file = "wechat_tradebill_ALL.csv";
    let Some(text) = vectors::shared(&format!("vectors/{file}")) else {
        return;
    };
    let day = date(2019, 2, 19);
    let bill = wechat(&text, day).unwrap();
    assert_eq!((bill.rows.len(), bill.fee_fen), (45, Money::from_fen(8)));
    let of = |kind| {
        let rows = bill.rows.iter().filter(move |row| row.kind == kind);
        Money::sum(rows.map(|row| row.gross_fen)).unwrap().fen()
    };
    assert_eq!((of(BillKind::Payment), of(BillKind::Refund)), (47, 14));
    assert_eq!(bill.merchant_no.as_deref(), Some("1921000401"));
    assert!(bill.warnings.is_empty());
    assert!(wechat(&text, DAY).is_err(), "another day's");
    let cases = spoil_wechat(&text, day);
    println!("vectors: {file}: {cases} cases");
}

const ALIPAY_HEADER: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

fn alipay_row(no: &str, kind: &str, amount: &str, request: &str, fee: &str) -> String {
    format!(
        "202611242200{no}\t,FT{no}\t,{kind},\"床品, 四件套\",2026-11-24 09:00:00,2026-11-24 09:00:05,,,,,\
         买家(***),{amount},{amount},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,{request},{fee},0.00,"
    )
}

/// The two files of a bill of our own.
fn own_alipay() -> [String; 2] {
    let head = |title: &str| {
        format!(
            "#{title}\n#账号：[20880000000000156]\n#起始日期：[2026年11月24日 00:00:00]   终止日期：[2026年11月25日 00:00:00]\n"
        )
    };
    let rows = [
        alipay_row("1001", "交易", "125.00", "", "-0.75"),
        alipay_row("1002", "交易", "0.99", "", "-0.01"),
        alipay_row("1001", "退款", "-25.00", "FTR1", "0.15"),
    ];
    let detail = format!(
        "{}#-----业务明细列表-----\n{ALIPAY_HEADER}\n{}\n#-----业务明细列表结束-----\n\
         #交易合计：2笔，商家实收共125.99元，商家优惠共0.00元\n\
         #退款合计：1笔，商家实收退款共-25.00元，商家优惠退款共0.00元\n\
         #导出时间：[2026年11月25日 09:30:00]\n",
        head("支付宝业务明细查询"),
        rows.join("\n"),
    );
    let totals = format!(
        "{}#-----业务汇总列表-----\n门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）\n\
         合计,,2,1,100.99,100.99,0.00,0.00,0.00,-0.61,0.00,100.38\n#-----业务汇总列表结束-----\n\
         #导出时间：[2026年11月25日 09:30:00]\n",
        head("支付宝业务汇总查询"),
    );
    [detail, totals].map(|text| text.replace('\n', "\r\n"))
}

fn packed(files: &[Vec<u8>]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (index, file) in files.iter().enumerate() {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(format!("{index}.csv"), options).unwrap();
        zip.write_all(file).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn gbk(text: &str) -> Vec<u8> {
    GBK.encode(text).0.into_owned()
}

fn alipay(files: &[String]) -> Result<Bill, BillError> {
    let files: Vec<Vec<u8>> = files.iter().map(|text| gbk(text)).collect();
    read_bill(Channel::Alipay, "bill.zip", &packed(&files), DAY)
}

#[test]
fn a_bill_of_alipay_is_read_from_both_its_files() {
    let files = own_alipay();
    let bill = alipay(&files).unwrap();
    assert_eq!(bill.merchant_no.as_deref(), Some("20880000000000156"));
    let rows: Vec<_> = bill
        .rows
        .iter()
        .map(|row| {
            (
                row.kind,
                row.provider_no.as_str(),
                row.gross_fen.fen(),
                row.fee_fen.fen(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (BillKind::Payment, "2026112422001001", 12500, 75),
            (BillKind::Payment, "2026112422001002", 99, 1),
            (BillKind::Refund, "2026112422001001", 2500, -15),
        ]
    );
    assert_eq!(bill.rows[2].out_refund_no.as_deref(), Some("FTR1"));
    assert_eq!(bill.fee_fen, Money::from_fen(61));
    assert!(bill.warnings.is_empty(), "{:?}", bill.warnings);
    let [detail, totals] = &files;
    assert_eq!(alipay(&[totals.clone(), detail.clone()]).unwrap(), bill);
    // Other samples write refunds without a minus and fees with none.
    let plain = detail.replace("-25.00", "25.00").replace("-0.75", "0.75");
    assert_eq!(alipay(&[plain, totals.clone()]).unwrap().rows, bill.rows);
    let more = detail
        .replacen("备注", "备注,新栏目", 1)
        .replace("0.00,\r\n", "0.00,,\r\n");
    let warned = alipay(&[more, totals.clone()]).unwrap();
    assert!(
        warned.warnings[0].contains("新栏目"),
        "{:?}",
        warned.warnings
    );
}

#[test]
fn no_spoilt_bill_of_alipay_is_taken() {
    let [detail, totals] = own_alipay();
    let mut cases = 0;
    let mut refused = |files: &[String], what: &str| {
        cases += 1;
        match alipay(files) {
            Err(error) => error,
            Ok(_) => panic!("taken although {what}"),
        }
    };
    refused(std::slice::from_ref(&detail), "the totals are missing");
    refused(std::slice::from_ref(&totals), "the rows are missing");
    refused(
        &[detail.clone(), detail.clone(), totals.clone()],
        "there are two of one",
    );
    // The line of the time of export is the last of the rows' file; of the totals' file, the line
    // behind the table is what says that it is whole.
    let lines: Vec<&str> = detail.trim_end().split("\r\n").collect();
    for keep in 0..lines.len() {
        let cut = lines[..keep].join("\r\n");
        refused(&[cut, totals.clone()], &format!("{keep} lines are left"));
    }
    for (at, _) in detail
        .char_indices()
        .filter(|(at, _)| *at < detail.find("#导出").unwrap())
    {
        refused(
            &[detail[..at].to_owned(), totals.clone()],
            &format!("cut at {at}"),
        );
    }
    let end = totals.find("#-----业务汇总列表结束").unwrap();
    for (at, _) in totals.char_indices().filter(|(at, _)| *at < end) {
        refused(
            &[detail.clone(), totals[..at].to_owned()],
            &format!("totals cut at {at}"),
        );
    }
    for name in [
        "支付宝交易号",
        "商户订单号",
        "业务类型",
        "完成时间",
        "退款批次号/请求号",
    ]
    .into_iter()
    .chain(
        ALIPAY_HEADER
            .split(',')
            .filter(|name| name.ends_with("（元）")),
    ) {
        let renamed = detail.replacen(&format!("{name},"), "别的,", 1);
        let error = refused(&[renamed, totals.clone()], &format!("{name} is renamed"));
        let name = name.replace('（', "(").replace('）', ")");
        assert_eq!((error.line, error.column.as_str()), (5, name.as_str()));
    }
    // Every digit of what is added up, in rows, lines of totals and the other file.
    for (file, text) in [&detail, &totals].into_iter().enumerate() {
        for (line, content) in text.split("\r\n").enumerate().skip(4) {
            for (at, digit) in content.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
                let field = content[..at].matches(',').count();
                let counts = match file {
                    0 if line < 5 => false,
                    // A comma of the quoted name counts: 12 and 13 are the ordered and received.
                    0 if line < 8 => matches!(field, 12 | 13 | 17 | 23),
                    0 => content.contains("合计"),
                    _ => line == 5 && matches!(field, 2..=5 | 7 | 9),
                };
                if !counts {
                    continue;
                }
                let other = if digit == '9' {
                    '8'
                } else {
                    char::from(digit as u8 + 1)
                };
                let mut altered: Vec<String> = text.split("\r\n").map(str::to_owned).collect();
                altered[line].replace_range(at..=at, &other.to_string());
                let mut files = [detail.clone(), totals.clone()];
                files[file] = altered.join("\r\n");
                let what = format!("file {file}, line {}: {}", line + 1, altered[line]);
                let error = refused(&files, &what);
                assert!(error.line > 0, "{what}: {error}");
            }
        }
    }
    assert!(cases > 500, "{cases}");
}

#[test]
fn broken_gbk_is_named_with_its_line_and_column() {
    let [detail, totals] = own_alipay();
    let mut bytes = gbk(&detail);
    let name = gbk("买家");
    let at = bytes.windows(4).position(|part| part == name).unwrap();
    // A first byte of a character with something behind it that can't be a second.
    bytes[at] = 0xff;
    let zip = packed(&[bytes, gbk(&totals)]);
    let error = read_bill(Channel::Alipay, "bill.zip", &zip, DAY).unwrap_err();
    assert_eq!(
        (error.line, error.problem.clone()),
        (6, BillProblem::Encoding("GBK"))
    );
    assert!(
        error
            .to_string()
            .starts_with("bill.zip, entry 1, line 6, column "),
        "{error}"
    );
    // The same file saved as UTF-8 is no bill either: nothing in it is found.
    let utf8: Vec<Vec<u8>> = own_alipay().map(String::into_bytes).to_vec();
    assert!(read_bill(Channel::Alipay, "bill.zip", &packed(&utf8), DAY).is_err());
}

#[test]
fn archives_that_are_too_much_or_not_one_are_refused() {
    let [detail, totals] = own_alipay().map(|text| gbk(&text));
    let bomb = packed(&[detail.clone(), totals.clone(), vec![b' '; 8 * 1024 * 1024]]);
    let read = |bytes: &[u8]| read_bill(Channel::Alipay, "bill.zip", bytes, DAY).map(|_| ());
    assert_eq!(read(&bomb).unwrap_err().problem, BillProblem::TooLarge);
    let many: Vec<Vec<u8>> = (0..9).map(|_| detail.clone()).collect();
    assert_eq!(
        read(&packed(&many)).unwrap_err().problem,
        BillProblem::TooLarge
    );
    let whole = packed(&[detail, totals]);
    assert!(read(&whole).is_ok());
    for cut in (0..whole.len()).step_by(7) {
        assert!(read(&whole[..cut]).is_err(), "cut at {cut}");
    }
    assert!(read(own_wechat().as_bytes()).is_err());
    assert!(wechat("PK\u{3}\u{4}", DAY).is_err());
}

proptest::proptest! {
    /// Whatever the bytes, an answer comes; a bill that is taken has rows that add up.
    #[test]
    fn no_bytes_break_a_reader(
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300),
        at in 0usize..2000,
    ) {
        for channel in [Channel::WechatPay, Channel::Alipay] {
            let _ = read_bill(channel, "f", &bytes, DAY);
        }
        let mut text = own_wechat().into_bytes();
        let at = at.min(text.len());
        text.splice(at..at, bytes.iter().copied());
        if let Ok(bill) = read_bill(Channel::WechatPay, "f", &text, DAY) {
            let sum = Money::sum(bill.rows.iter().map(|row| row.fee_fen)).unwrap();
            proptest::prop_assert_eq!(sum, bill.fee_fen);
            proptest::prop_assert_eq!(bill.rows.len(), 3);
        }
    }
}
