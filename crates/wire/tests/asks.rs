//! What a terminal asks the backend past its log, as it stands on the wire: each needs the network
//! by its nature. The same care as in `golden.rs`.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::history::{ImportCounts, ImportKind};
use domain::id::*;
use domain::wallet::{
    BindingDetails, BindingStatus, BindingView, MiniProgramDetails, MiniProgramView, OwnerCheck,
    WalletAct, WalletChange, WalletView,
};
use domain::{Code, Timestamp, channel::Channel};
use insta::assert_json_snapshot;
use uuid::Uuid;
use wire::code::{CodeReply, CodeRequest};
use wire::import::{ImportReport, ImportRequest, Measure, Named, Problem, Reason, Report};
use wire::keys::Hash;
use wire::sealed::Sealed;
use wire::wallet::{AlipayTrust, Binding, Credentials, WalletAsk, WalletReply, WalletRequest};

const AT: Timestamp = Timestamp(1_795_400_000_000);

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

#[test]
fn channel_codes() {
    let request = CodeRequest {
        staff: StaffId(id(2)),
        intent: IntentId(77),
        channel: Channel::WechatPay,
    };
    let replies = [
        CodeReply::Code {
            text: "weixin://wxpay/bizpayurl/up?pr=x".into(),
            expires_at: Timestamp(1_763_776_800_000),
        },
        CodeReply::Wait,
        CodeReply::Over,
        CodeReply::Refused,
    ];
    assert_json_snapshot!("channel_codes", (request, replies));
}

/// Sealed text differs each time, so a fixed one stands for it.
#[test]
fn the_wallet() {
    let sealed = Sealed {
        key: "AAAA".into(),
        text: "BBBB".into(),
    };
    let binding = WalletBindingId(id(15));
    let ask = |ask| WalletRequest {
        staff: StaffId(id(2)),
        ask,
    };
    let mini_program = MiniProgramDetails {
        app_id: "wx0000000000000009".into(),
        owner: "重庆远征商贸有限公司".into(),
        credit_code: String::new(),
    };
    let asks = [
        WalletAsk::View,
        WalletAsk::Exchange,
        WalletAsk::Save {
            exchange: "x1".into(),
            sealed,
        },
        WalletAsk::Test { binding },
        WalletAsk::Activate {
            binding,
            replaces: Some("1900000001".into()),
        },
        WalletAsk::MiniProgram {
            details: mini_program.clone(),
        },
    ];
    assert_json_snapshot!("wallet_requests", asks.map(ask));
    let details = BindingDetails {
        channel: Channel::Alipay,
        merchant_no: "2088000000000001".into(),
        app_id: "2021000000000001".into(),
        holder: "重庆远征商贸有限公司".into(),
        credit_code: String::new(),
    };
    let bound = Binding {
        details: details.clone(),
        credentials: Credentials::Alipay {
            app_private_key_pem: "-----BEGIN PRIVATE KEY-----".into(),
            trust: AlipayTrust::PublicKey {
                alipay_public_key_pem: "-----BEGIN PUBLIC KEY-----".into(),
            },
        },
    };
    assert_json_snapshot!("wallet_binding", bound);
    let view = BindingView {
        binding: Some(binding),
        details,
        status: BindingStatus::Failed,
        refused: Some(Code::ChannelSilent {
            reason: "transport".into(),
        }),
        tested_at: Some(AT),
        saved_by: Some(StaffId(id(2))),
        saved_at: Some(AT),
    };
    let change = WalletChange {
        at: AT,
        staff: StaffId(id(2)),
        act: WalletAct::Saved,
        before: String::new(),
        after: "alipay 2088000000000001 draft".into(),
    };
    let wallet = WalletView {
        bindings: vec![view],
        mini_program: Some(MiniProgramView {
            details: mini_program,
            owner: OwnerCheck::NoAccount,
            holder: String::new(),
            bound_by: StaffId(id(2)),
            bound_at: AT,
        }),
        changes: vec![change],
    };
    let replies = [
        WalletReply::Exchange {
            exchange: "x1".into(),
            key: "AAAA".into(),
        },
        WalletReply::Wallet {
            wallet,
            binding: Some(binding),
        },
    ];
    assert_json_snapshot!("wallet_replies", replies);
}

#[test]
fn an_import() {
    let request = ImportRequest {
        staff: StaffId(id(2)),
        kind: ImportKind::Distributors,
        name: "d.csv".into(),
        file: "Y29kZSxuYW1lCg==".into(),
        take: true,
    };
    assert_eq!(request.open().as_deref(), Some(b"code,name\n".as_slice()));
    assert_json_snapshot!("import_request", request);
    let at = |row, column: &str, reason| Problem {
        file: "d.csv".into(),
        row,
        column: column.into(),
        reason,
    };
    let report = ImportReport {
        sha256: Hash::of(b"file").to_string(),
        counts: ImportCounts::default(),
        taken: false,
        problems: Report {
            problems: vec![
                at(0, "", Reason::Empty),
                at(3, "code", Reason::Blank),
                at(4, "list price", Reason::NotANumber("dear".into())),
                at(
                    5,
                    "price book",
                    Reason::Unknown {
                        what: Named::PriceBook,
                        code: "x".into(),
                    },
                ),
                at(
                    6,
                    "",
                    Reason::Limit {
                        what: Measure::Rows,
                        limit: 5,
                    },
                ),
            ],
            total: 9,
        },
    };
    assert_json_snapshot!("import_report", report);
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<ImportReport>(&text).unwrap(), report);
}
