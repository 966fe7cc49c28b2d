//! What is particular to each channel: the payer's identity and signed parameters at WeChat Pay, its
//! two kinds of keys and its clock; Alipay's page and its notices; refunds; and bindings that can't
//! work, which must say so without printing a key.

use crate::fakes::{
    Fake, Fault, MERCHANT_PUBLIC, NOW_MS, State, Still, Trade, alipay, serve, wechat,
};
use domain::Money;
use gateways::alipay::{Alipay, AlipayTrust};
use gateways::wechat_pay::{VerificationKey, WechatPay};
use gateways::{
    Answer, CallbackError, ConfigError, CreateOrder, Created, Gateway, Headers, Notice, Product,
    RefundEnd, RefundOrder, RefundState, Secret, Why, http_client,
};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;

fn order(product: Product) -> CreateOrder {
    CreateOrder {
        out_trade_no: "trade_one".into(),
        amount: Money::from_fen(630_600),
        description: "A/B=C&D 订单".into(),
        time_expire_ms: NOW_MS + 600_999,
        notify_url: "https://pay.example.com/callback".into(),
        product,
    }
}

#[tokio::test]
async fn wechats_payer_is_known_by_openid_and_gets_signed_parameters() {
    let fake = Arc::new(wechat::Wechat::default());
    let gateway = wechat::client(&serve(fake).await, Still::new());
    let url = gateway
        .authorise_url("https://pay.example.com/p/x?a=1", "state1")
        .unwrap();
    assert!(url.ends_with(
        "/connect/oauth2/authorize?appid=wx0000000000000001&redirect_uri=https%3A%2F%2F\
         pay.example.com%2Fp%2Fx%3Fa%3D1&response_type=code&scope=snsapi_base&state=state1\
         #wechat_redirect"
    ));
    assert_eq!(
        gateway.openid("good").await,
        Answer::Done("openid-of-tests".into())
    );
    let refused = gateway.openid("used").await;
    assert!(
        matches!(&refused, Answer::Rejected { code, .. } if code == "40029"),
        "{refused:?}"
    );

    let openid = "openid-of-tests".to_owned();
    let created = gateway
        .create(&order(Product::WechatJsapi { openid }))
        .await;
    let Answer::Done(Created::Jsapi {
        prepay_id,
        pay_params,
    }) = created
    else {
        panic!()
    };
    assert_eq!(prepay_id, "wx-prepared");
    let text = format!(
        "wx0000000000000001\n{}\n{}\nprepay_id=wx-prepared\n",
        pay_params.time_stamp, pay_params.nonce_str
    );
    assert!(crate::fakes::verifies(
        MERCHANT_PUBLIC,
        text.as_bytes(),
        &pay_params.pay_sign
    ));
    let json = serde_json::to_value(&pay_params).unwrap();
    let names: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "appId",
            "nonceStr",
            "package",
            "paySign",
            "signType",
            "timeStamp"
        ]
    );
}

#[tokio::test]
async fn a_wrong_clock_signs_nothing_until_it_is_set() {
    let fake = Arc::new(wechat::Wechat::default());
    let clock = Still::new();
    let gateway = wechat::client(&serve(fake.clone()).await, clock.clone());
    fake.books().date_shift_ms.store(-241_000, Ordering::SeqCst);
    assert!(
        matches!(gateway.query("never_made").await, Answer::Done(_)),
        "it measures here"
    );
    for _ in 0..2 {
        let refused = gateway.query("never_made").await;
        assert_eq!(
            refused,
            Answer::Unknown {
                why: Why::ClockSkew { seconds: 241 }
            }
        );
    }
    clock.ms.fetch_sub(241_000, Ordering::SeqCst);
    assert!(
        matches!(gateway.query("never_made").await, Answer::Done(_)),
        "the clock was set"
    );
}

#[tokio::test]
async fn both_kinds_of_keys_verify_at_once_and_no_other() {
    let root = "http://127.0.0.1:9";
    let gateway = wechat::client(root, Still::new());
    let trade = Trade {
        fen: 100,
        state: State::Paid,
        body: vec![],
    };
    let content = wechat::transaction("trade_one", &trade);
    let kind = ("TRANSACTION.SUCCESS", "transaction");
    for serial in [
        wechat::CERTIFICATE_SERIAL,
        &wechat::CERTIFICATE_SERIAL[1..],
        wechat::KEY_ID,
    ] {
        let (headers, body) = wechat::callback(kind, &content, serial);
        assert!(matches!(
            gateway.read_callback(&headers, &body),
            Ok(Notice::Payment(_))
        ));
    }
    let (headers, body) = wechat::callback(kind, &content, "PUB_KEY_ID_1");
    let refused = gateway.read_callback(&headers, &body);
    assert_eq!(
        refused,
        Err(CallbackError::UnknownKey {
            serial: "PUB_KEY_ID_1".into()
        })
    );

    let mut config = wechat::config(root);
    config.verification_keys = vec![VerificationKey::PublicKey {
        id: wechat::KEY_ID.into(),
        pem: crate::fakes::CHANNEL_PUBLIC.into(),
        valid_from_ms: None,
        valid_until_ms: Some(NOW_MS - 1),
    }];
    let expired = WechatPay::new(config, http_client().unwrap(), Still::new()).unwrap();
    let (headers, body) = wechat::callback(kind, &content, wechat::KEY_ID);
    let refused = expired.read_callback(&headers, &body);
    assert_eq!(
        refused,
        Err(CallbackError::KeyNotValid {
            serial: wechat::KEY_ID.into()
        })
    );
}

#[tokio::test]
async fn a_certificate_list_is_believed_only_when_it_proves_itself() {
    let fake = Arc::new(wechat::Wechat::default());
    let mut config = wechat::config(&serve(fake.clone()).await);
    config.verification_keys.remove(0);
    let gateway = WechatPay::new(config, http_client().unwrap(), Still::new()).unwrap();
    let trade = Trade {
        fen: 100,
        state: State::Paid,
        body: vec![],
    };
    let content = wechat::transaction("trade_one", &trade);
    let kind = ("TRANSACTION.SUCCESS", "transaction");
    let (headers, body) = wechat::callback(kind, &content, wechat::CERTIFICATE_SERIAL);
    for fault in [
        Fault::Forged,
        Fault::Tampered,
        Fault::Unsigned,
        Fault::Portal,
    ] {
        *fake.books().fault.lock().unwrap() = Some(fault);
        let refused = gateway.refresh_keys().await;
        assert!(
            matches!(refused, Answer::Unknown { .. }),
            "{fault:?}: {refused:?}"
        );
        let refused = gateway.read_callback(&headers, &body);
        assert!(
            matches!(refused, Err(CallbackError::UnknownKey { .. })),
            "{fault:?}"
        );
        assert!(gateway.misses_key(), "{fault:?}");
    }
    assert_eq!(gateway.refresh_keys().await, Answer::Done(1));
    assert!(!gateway.misses_key());
    assert!(matches!(
        gateway.read_callback(&headers, &body),
        Ok(Notice::Payment(_))
    ));
}

#[tokio::test]
async fn a_merchant_without_certificates_is_made_to_look_for_them_once_by_a_stranger() {
    let fake = Arc::new(wechat::Wechat::default());
    fake.keys_only.store(true, Ordering::SeqCst);
    let gateway = wechat::client(&serve(fake.clone()).await, Still::new());
    let trade = Trade {
        fen: 100,
        state: State::Paid,
        body: vec![],
    };
    let content = wechat::transaction("trade_one", &trade);
    let (headers, body) =
        wechat::callback(("TRANSACTION.SUCCESS", "transaction"), &content, "5A5A5A");
    let refused = gateway.read_callback(&headers, &body);
    assert!(matches!(refused, Err(CallbackError::UnknownKey { .. })));
    assert!(gateway.misses_key());
    let none = gateway.refresh_keys().await;
    assert!(
        matches!(&none, Answer::Rejected { code, .. } if code == "RESOURCE_NOT_EXISTS"),
        "{none:?}"
    );
    assert!(!gateway.misses_key());
}

#[tokio::test]
async fn wechats_callbacks_are_read_by_what_they_say() {
    let gateway = wechat::client("http://127.0.0.1:9", Still::new());
    let read = |kind: (&str, &str), content: &serde_json::Value| {
        let (headers, body) = wechat::callback(kind, content, wechat::KEY_ID);
        gateway.read_callback(&headers, &body)
    };
    let trade = Trade {
        fen: 100,
        state: State::Paid,
        body: vec![],
    };
    let good = wechat::transaction("trade_one", &trade);
    let payment = ("TRANSACTION.SUCCESS", "transaction");
    let with = |pointer: &str, value: serde_json::Value| {
        let mut content = good.clone();
        *content.pointer_mut(pointer).unwrap() = value;
        read(payment, &content)
    };
    let Ok(Notice::Payment(evidence)) = read(payment, &good) else {
        panic!()
    };
    assert_eq!(evidence.amount(), Money::from_fen(100));
    assert_eq!(
        evidence.payer_paid(),
        Some(Money::from_fen(99)),
        "a coupon's rest"
    );
    // Another app is settlement's to judge; another account never gets that far.
    let Ok(Notice::Payment(evidence)) = with("/appid", json!("wx9")) else {
        panic!()
    };
    assert_eq!(evidence.app_id(), "wx9");
    let merchant_no = "1900000002".to_owned();
    assert_eq!(
        with("/mchid", json!("1900000002")),
        Err(CallbackError::OtherMerchant { merchant_no })
    );
    let currency = "USD".to_owned();
    assert_eq!(
        with("/amount/currency", json!("USD")),
        Err(CallbackError::Currency { currency })
    );
    for (pointer, value) in [
        ("/amount/total", json!(0)),
        ("/amount/total", json!(-100)),
        ("/amount/total", json!(i64::MAX)),
        ("/amount/total", json!(1.5)),
        ("/amount/total", json!("100")),
        ("/amount", json!(null)),
        ("/trade_state", json!("NOTPAY")),
        ("/transaction_id", json!("")),
        ("/success_time", json!("yesterday")),
    ] {
        let refused = with(pointer, value.clone());
        assert!(
            matches!(refused, Err(CallbackError::Malformed { .. })),
            "{pointer} {value}"
        );
    }
    let other = read(("PAYSCORE.USER_OPEN_SERVICE", "payscore"), &json!({}));
    assert_eq!(
        other,
        Ok(Notice::Other {
            event: "PAYSCORE.USER_OPEN_SERVICE".into()
        })
    );

    let refunded = read(
        ("REFUND.SUCCESS", "refund"),
        &json!({
            "mchid": wechat::MCHID, "out_trade_no": "trade_one", "out_refund_no": "refund_one",
            "refund_id": "50000", "refund_status": "SUCCESS", "amount": {"refund": 30, "total": 100},
        }),
    );
    let Ok(Notice::Refund(evidence)) = refunded else {
        panic!("{refunded:?}")
    };
    assert_eq!(
        (evidence.amount(), evidence.end()),
        (Money::from_fen(30), RefundEnd::Succeeded)
    );
}

#[tokio::test]
async fn alipays_page_is_a_signed_url_that_asks_nobody() {
    let gateway = alipay::client("http://127.0.0.1:9", Still::new());
    let return_url = "https://pay.example.com/p/x".to_owned();
    let created = gateway
        .create(&order(Product::AlipayWap { return_url }))
        .await;
    let Answer::Done(Created::Redirect { url }) = created else {
        panic!("{created:?}")
    };
    let fields = alipay::request_fields(url.split_once('?').unwrap().1, b"");
    assert_eq!(fields["method"], "alipay.trade.wap.pay");
    assert_eq!(fields["timestamp"], "2027-01-01 08:00:00");
    assert_eq!(fields["return_url"], "https://pay.example.com/p/x");
    let biz: serde_json::Value = serde_json::from_str(&fields["biz_content"]).unwrap();
    assert_eq!(biz["total_amount"], "6306.00");
    assert_eq!(
        biz["time_expire"], "2027-01-01 08:10:00",
        "never later than asked"
    );
    assert_eq!(biz["subject"], "A B C D 订单");
    assert_eq!(biz["product_code"], "QUICK_WAP_WAY");
    let refused = gateway.create(&order(Product::WechatNative)).await;
    assert!(matches!(&refused, Answer::Rejected { code, .. } if code == "PRODUCT"));
    assert_eq!(gateway.authorise_url("https://x", "s"), None);
}

#[tokio::test]
async fn alipays_notices_are_read_by_what_they_say() {
    let gateway = alipay::client("http://127.0.0.1:9", Still::new());
    let trade = Trade {
        fen: 100,
        state: State::Paid,
        body: vec![],
    };
    let read = |change: &[(&str, &str)]| {
        let (headers, body) = alipay::notice("trade_one", &trade, change);
        gateway.read_callback(&headers, &body)
    };
    let Ok(Notice::Payment(evidence)) = read(&[("app_id", "2021")]) else {
        panic!()
    };
    assert_eq!(
        evidence.app_id(),
        "2021",
        "another app is settlement's to judge"
    );
    let merchant_no = "2088".to_owned();
    assert_eq!(
        read(&[("seller_id", "2088")]),
        Err(CallbackError::OtherMerchant { merchant_no })
    );
    for amount in ["1.005", "-1.00", "0.00", "", "1e2", "1,000.00"] {
        let refused = read(&[("total_amount", amount)]);
        assert!(
            matches!(refused, Err(CallbackError::Malformed { .. })),
            "{amount}"
        );
    }
    for status in ["WAIT_BUYER_PAY", "TRADE_CLOSED"] {
        let event = status.to_owned();
        assert_eq!(
            read(&[("trade_status", status)]),
            Ok(Notice::Other { event })
        );
    }
    let (headers, body) = alipay::notice("trade_one", &trade, &[]);
    let body = String::from_utf8(body)
        .unwrap()
        .replace("sign_type=RSA2", "sign_type=RSA");
    let refused = gateway.read_callback(&headers, body.as_bytes());
    assert_eq!(
        refused,
        Err(CallbackError::SignatureKind { kind: "RSA".into() })
    );
    assert_eq!(gateway.callback_reply(true).body, "success");
}

#[tokio::test]
async fn refunds_keep_their_number() {
    let refund = RefundOrder {
        out_trade_no: "trade_one".into(),
        out_refund_no: "refund_one".into(),
        refund: Money::from_fen(30),
        total: Money::from_fen(100),
        reason: "退货".into(),
        notify_url: "https://pay.example.com/callback".into(),
    };
    let wechat = Arc::new(wechat::Wechat::default());
    let wechat = wechat::client(&serve(wechat).await, Still::new());
    let alipay = Arc::new(alipay::FakeAlipay::default());
    let alipay = alipay::client(&serve(alipay).await, Still::new());
    assert_eq!(
        wechat.refund(&refund).await,
        Answer::Done(RefundState::Processing)
    );
    let gateways: [&dyn Gateway; 2] = [&wechat, &alipay];
    for gateway in gateways {
        let asked = gateway.refund_query("trade_one", "refund_one").await;
        let Answer::Done(RefundState::Ended(evidence)) = asked else {
            panic!("{asked:?}")
        };
        assert_eq!(evidence.out_refund_no(), "refund_one");
        assert_eq!(evidence.amount(), Money::from_fen(30));
        assert_eq!(evidence.end(), RefundEnd::Succeeded);
        let unknown = gateway.refund_query("trade_one", "unknown_refund").await;
        assert!(
            matches!(unknown, Answer::Done(RefundState::NoSuchRefund { .. })),
            "{unknown:?}"
        );
    }
    let done = alipay.refund(&refund).await;
    let Answer::Done(RefundState::Ended(evidence)) = done else {
        panic!("{done:?}")
    };
    assert_eq!(
        evidence.amount(),
        Money::from_fen(30),
        "not the trade's 0.80 in all"
    );
}

#[test]
fn bindings_that_cannot_work_say_so_without_a_key() {
    let root = "http://127.0.0.1:9";
    let http = http_client().unwrap();
    let wechat_pay = |change: &dyn Fn(&mut gateways::wechat_pay::WechatPayConfig)| {
        let mut config = wechat::config(root);
        change(&mut config);
        WechatPay::new(config, http.clone(), Still::new()).err()
    };
    assert_eq!(wechat_pay(&|_| {}), None);
    let short = wechat_pay(&|config| config.api_v3_key = Secret::new("16-byte-key-0000"));
    assert!(matches!(
        short,
        Some(ConfigError::Field {
            field: "api_v3_key",
            ..
        })
    ));
    let none = wechat_pay(&|config| config.verification_keys.clear());
    assert_eq!(none, Some(ConfigError::NoVerificationKey));
    let public = wechat_pay(&|config| config.merchant_key_pem = Secret::new(MERCHANT_PUBLIC));
    assert_eq!(
        public,
        Some(ConfigError::PrivateKey {
            field: "merchant_key_pem"
        })
    );
    let empty = wechat_pay(&|config| config.mchid = String::new());
    assert!(matches!(
        empty,
        Some(ConfigError::Field { field: "mchid", .. })
    ));
    let quoted = wechat_pay(&|config| config.mchid = "1\",x=\"".into());
    assert!(matches!(
        quoted,
        Some(ConfigError::Field { field: "mchid", .. })
    ));

    let pkcs1 = include_str!("../data/merchant_key_pkcs1.pem");
    let bare: String = pkcs1
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    for key in [pkcs1.to_owned(), bare] {
        let mut config = alipay::config(root);
        config.app_private_key_pem = Secret::new(key);
        config.trust = AlipayTrust::PublicKey {
            alipay_public_key_pem: crate::fakes::CHANNEL_CERTIFICATE.into(),
        };
        assert!(Alipay::new(config, http.clone(), Still::new()).is_ok());
    }

    let printed = format!("{:?} {:?}", wechat::config(root), alipay::config(root));
    assert!(
        !printed.contains("PRIVATE") && !printed.contains(wechat::API_V3_KEY),
        "{printed}"
    );
    assert!(!printed.contains("app-secret-for-tests"), "{printed}");
}

#[test]
fn a_callback_without_headers_is_refused() {
    let gateway = wechat::client("http://127.0.0.1:9", Still::new());
    let refused = gateway.read_callback(&Headers::default(), b"{}");
    assert_eq!(
        refused,
        Err(CallbackError::Missing {
            name: "Wechatpay-Timestamp"
        })
    );
}
