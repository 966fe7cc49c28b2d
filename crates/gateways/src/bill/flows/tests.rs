//! A bill of our own after the documented columns, and every way in which one can be spoilt.

use super::*;
use crate::bill::{MAX_BILL_BYTES, read_flows};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::civil::date;
use std::io::Write as _;

const DAY: Date = date(2026, 11, 24);
const HEADER: &str = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号";
const ROWS: [&str; 5] = [
    "`2026-11-24 10:00:00,`4200001,`1900001,`交易,`交易,`收入,`125.00,`225.00,`system,`,`FT1",
    "`2026-11-24 10:00:00,`4200001,`1900002,`交易,`扣除交易手续费,`支出,`0.75,`224.25,`system,`,`FT1",
    "`2026-11-24 12:00:00,`5030001,`1900003,`退款,`退款,`支出,`25.00,`199.25,`1900@1900,`缺货\\ 尾款,`FR1",
    "`2026-11-24 12:00:00,`5030001,`1900004,`退款手续费返还,`退款,`收入,`0.15,`199.40,`system,`,`FR1",
    "`2026-11-24 23:00:00,`1100001,`1900005,`提现,`提现,`支出,`100.00,`99.40,`1900@1900,`,`",
];
const SUMMARY: &str = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";
const TOTALS: &str = "`5.0,`2.0,`125.15,`3.0,`125.75";

/// Our own, after the documented columns.
fn own() -> String {
    format!(
        "\u{feff}{HEADER}\r\n{}\r\n{SUMMARY}\r\n{TOTALS}\r\n",
        ROWS.join("\r\n")
    )
}

fn read(text: &str) -> Result<FlowBill, BillError> {
    read_flows("flows.csv", text.as_bytes(), DAY)
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_fund_flow_bill_is_read_with_its_kinds_and_its_balance() {
    let bill = read(&own()).unwrap();
    let flows: Vec<(FlowKind, i64, &str)> = bill
        .flows
        .iter()
        .map(|flow| (flow.kind, flow.amount_fen.fen(), flow.voucher.as_str()))
        .collect();
    assert_eq!(
        flows,
        [
            (FlowKind::Payment, 12_500, "FT1"),
            (FlowKind::Fee, -75, "FT1"),
            (FlowKind::Refund, -2_500, "FR1"),
            (FlowKind::Fee, 15, "FR1"),
            (FlowKind::Other, -10_000, ""),
        ]
    );
    assert_eq!(bill.in_fen, Money::from_fen(12_515));
    assert_eq!(bill.out_fen, Money::from_fen(12_575));
    assert_eq!(bill.balance_fen(), Some(Money::from_fen(9_940)));
    assert!(bill.warnings.is_empty(), "{:?}", bill.warnings);
    assert_eq!(bill.flows[1].name, "交易 · 扣除交易手续费");
    // Older files have full-width brackets; columns come in any order.
    let wide = own().replace("(元)", "（元）");
    assert_eq!(read(&wide).unwrap(), bill);
    // The whole of it, packed.
    let packed = read_flows("flows.csv", &gzip(own().as_bytes()), DAY).unwrap();
    assert_eq!(packed, bill);
}

#[test]
fn a_balance_that_does_not_follow_and_a_new_column_are_said() {
    let odd = own().replace("`99.40", "`99.41");
    let bill = read(&odd).unwrap();
    assert_eq!(
        bill.warnings,
        ["flows.csv, line 6: the balance does not follow from the line before"]
    );
    let more = own()
        .replace("业务凭证号\r", "业务凭证号,新栏目\r")
        .replace("FT1\r", "FT1,`\r")
        .replace("FR1\r", "FR1,`\r")
        .replace("`\r\n资", "`,`\r\n资");
    let bill = read(&more).unwrap();
    assert!(bill.warnings[0].contains("新栏目"), "{:?}", bill.warnings);
}

#[test]
fn no_spoilt_fund_flow_bill_is_taken() {
    let whole = own();
    let text = whole.trim_end();
    for (at, _) in text.char_indices() {
        // The last digits of a total may be cut unseen only where nothing is lost: nowhere here.
        assert!(read(&text[..at]).is_err(), "cut at {at}: {}", &text[..at]);
    }
    for name in NEEDED {
        let renamed = whole.replacen(name, "别的", 1);
        let error = read(&renamed).unwrap_err();
        assert_eq!((error.line, error.column.as_str()), (1, *name));
        assert_eq!(error.problem, BillProblem::NoColumn);
    }
    for name in super::TOTALS {
        let error = read(&whole.replacen(&format!("{name},"), "别的,", 1).replacen(
            &format!(",{name}\r"),
            ",别的\r",
            1,
        ));
        let error = error.unwrap_err();
        assert_eq!((error.line, error.column.as_str()), (7, *name));
    }
    // Every digit of every amount and every total.
    let mut cases = 0;
    for (line, content) in whole.split("\r\n").enumerate().skip(1) {
        for (at, digit) in content.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            let field = content[..at].matches(',').count();
            let counts = if line < 6 { field == 6 } else { line == 7 };
            if !counts {
                continue;
            }
            let other = if digit == '9' {
                '8'
            } else {
                char::from(digit as u8 + 1)
            };
            let mut altered: Vec<String> = whole.split("\r\n").map(str::to_owned).collect();
            altered[line].replace_range(at..=at, &other.to_string());
            let error = read(&altered.join("\r\n")).unwrap_err();
            assert!(error.line > 0 && !error.column.is_empty(), "{error}");
            cases += 1;
        }
    }
    assert!(cases > 25, "{cases}");
    for (from, to, line, column) in [
        ("`收入,`125.00", "`入,`125.00", 2, WAY),
        ("`收入,`125.00", "`支出,`125.00", 8, COUNT_IN),
        ("`125.00", "`-125.00", 2, AMOUNT),
        ("`224.25", "`", 3, BALANCE),
        ("`1900002", "`", 3, FLOW_NO),
        ("`2026-11-24 23", "`2026-11-25 23", 6, AT),
    ] {
        let error = read(&whole.replacen(from, to, 1)).unwrap_err();
        assert_eq!(
            (error.line, error.column.as_str()),
            (line, column),
            "{error}"
        );
    }
    let twice = whole.replacen("`1900002,`交易,`扣除交易手续费", "`1900001,`交易,`交易", 1);
    let error = read(&twice).unwrap_err();
    assert_eq!(
        (error.line, error.problem),
        (3, BillProblem::Twice("1900001".into()))
    );
}

#[test]
fn a_packed_bill_that_is_cut_broken_or_a_bomb_is_refused() {
    let mut broken = gzip(own().as_bytes());
    for cut in 2..broken.len() {
        assert!(
            read_flows("f", &broken[..cut], DAY).is_err(),
            "cut at {cut}"
        );
    }
    let last = broken.len() - 1;
    broken[last] ^= 1;
    let problem = |bytes: &[u8]| read_flows("f", bytes, DAY).unwrap_err().problem;
    assert!(matches!(problem(&broken), BillProblem::Packed(_)));
    assert_eq!(
        problem(&gzip(&vec![b'0'; 4 * 1024 * 1024])),
        BillProblem::TooLarge
    );
    assert_eq!(
        problem(&vec![b'0'; MAX_BILL_BYTES + 1]),
        BillProblem::TooLarge
    );
}

proptest::proptest! {
    /// Whatever stands in it, an answer comes; a bill that is taken adds up.
    #[test]
    fn no_bytes_break_the_reader(
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300),
        at in 0usize..1500,
    ) {
        let _ = read_flows("f", &bytes, DAY);
        let mut text = own().into_bytes();
        let at = at.min(text.len());
        text.splice(at..at, bytes.iter().copied());
        if let Ok(bill) = read_flows("f", &text, DAY) {
            let sum = Money::sum(bill.flows.iter().map(|flow| flow.amount_fen)).unwrap();
            proptest::prop_assert_eq!(Some(sum), bill.in_fen.checked_sub(bill.out_fen));
        }
    }
}
