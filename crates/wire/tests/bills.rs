//! What finance's terminal and the backend say to each other about bills, as it travels.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use domain::bill::{
    BillEntry, BillItemView, BillKey, BillMatched, BillMoney, BillOrigin, BillSummary, BillType,
    BillView, Found,
};
use domain::channel::Channel;
use domain::id::{StaffId, TerminalId};
use domain::{Money, Timestamp};
use insta::assert_json_snapshot;
use wire::bill::{BILL_FILE_BYTES, BillUpload, BillsAsk, BillsReply, BillsRequest};

fn key(bill: BillType) -> BillKey {
    BillKey {
        channel: Channel::WechatPay,
        merchant_no: "1900000109".into(),
        day: "2026-11-24".parse().unwrap(),
        bill,
    }
}

fn staff() -> StaffId {
    StaffId(uuid::Uuid::from_u128(2))
}

#[test]
fn requests_and_replies_travel_as_they_always_did() {
    let asks = [
        BillsAsk::List,
        BillsAsk::View {
            key: key(BillType::Trade),
        },
        BillsAsk::Fetch {
            key: key(BillType::FundFlow),
        },
        BillsAsk::Import {
            key: key(BillType::Trade),
            file: BillUpload {
                name: "账单.csv".into(),
                content: "5Lqk5piT".into(),
            },
        },
    ];
    let ask = |ask| BillsRequest {
        staff: staff(),
        ask,
    };
    assert_json_snapshot!("bill_requests", asks.map(ask));
    let matched = BillMatched {
        at: Timestamp(1_795_572_000_000),
        origin: BillOrigin {
            file: Some("账单.csv".into()),
            staff: Some(staff()),
            terminal: Some(TerminalId(7)),
        },
        summary: BillSummary {
            payments: 1,
            found: [(Found::Matched, 1), (Found::Other, 1)].into(),
            gross_fen: Money::from_fen(12_500),
            fee_fen: Money::from_fen(75),
            other_fen: Money::from_fen(-10_000),
            balance_fen: Some(Money::from_fen(2_425)),
            ..BillSummary::default()
        },
        open: 0,
    };
    let entry = BillEntry {
        key: key(BillType::FundFlow),
        matched: Some(matched),
    };
    let item = BillItemView {
        key: "payment 42".into(),
        money: BillMoney::Payment,
        found: Found::Matched,
        number: "FT42".into(),
        provider_no: "42".into(),
        here_fen: Some(Money::from_fen(12_500)),
        there_fen: Some(Money::from_fen(12_500)),
        fee_fen: None,
        note: "交易".into(),
        open: None,
    };
    let missing = BillEntry {
        key: key(BillType::Trade),
        matched: None,
    };
    let replies = [
        BillsReply::List {
            entries: vec![entry.clone(), missing],
        },
        BillsReply::View {
            view: BillView {
                entry,
                items: vec![item],
                left_out: 0,
            },
        },
    ];
    assert_json_snapshot!("bill_replies", replies);
}

#[test]
fn a_file_that_is_too_large_or_no_base64_is_not_opened() {
    let open = |content: String| {
        let name = "f".into();
        BillUpload { name, content }.open()
    };
    assert_eq!(open("5Lqk5piT".into()).unwrap(), "交易".as_bytes());
    assert_eq!(open("5Lqk5pi".into()), None);
    assert_eq!(open("A".repeat(BILL_FILE_BYTES / 3 * 4 + 8)), None);
}
