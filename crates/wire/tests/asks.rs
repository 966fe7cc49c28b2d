//! What a terminal asks the backend past its log, as it stands on the wire: each needs the network
//! by its nature. The same care as in `golden.rs`.

use domain::id::*;
use domain::wallet::{
    BindingDetails, BindingStatus, BindingView, MiniProgramDetails, MiniProgramView, OwnerCheck,
    WalletAct, WalletChange, WalletView,
};
use domain::{Code, Timestamp, channel::Channel};
use insta::assert_json_snapshot;
use uuid::Uuid;
use wire::code::{CodeReply, CodeRequest};
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
