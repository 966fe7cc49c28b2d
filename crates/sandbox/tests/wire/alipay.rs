//! The Alipay V2 gateway and its notices.

use crate::world::{World, verifies};
use sandbox::{Faults, PayError};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PRECREATE: &str = "alipay.trade.precreate";
const QUERY: &str = "alipay.trade.query";
const CLOSE: &str = "alipay.trade.close";

fn order(number: &str) -> Value {
    json!({"out_trade_no": number, "total_amount": "6306.00", "subject": "订单 SO-1"})
}

fn named(number: &str) -> Value {
    json!({"out_trade_no": number})
}

#[tokio::test]
async fn no_trade_exists_until_the_payer_opens_the_code() {
    let mut world = World::start().await;
    let placed = world.alipay(PRECREATE, &order("A_1")).await;
    assert_eq!(placed["code"], "10000");
    assert!(placed["qr_code"].as_str().unwrap().contains("/qr/bax"));
    let again = world.alipay(PRECREATE, &order("A_1")).await;
    assert_eq!(again["sub_code"], "ACQ.APPLY_PC_MERCHANT_CODE_ERROR");
    for method in [QUERY, CLOSE] {
        let answer = world.alipay(method, &named("A_1")).await;
        assert_eq!(answer["sub_code"], "ACQ.TRADE_NOT_EXIST", "{method}");
    }
    world.sandbox.open("A_1", 1).unwrap();
    let opened = world.alipay(QUERY, &named("A_1")).await;
    assert_eq!(opened["trade_status"], "WAIT_BUYER_PAY");

    world.sandbox.pay("A_1", 1).unwrap();
    let paid = world.alipay(QUERY, &named("A_1")).await;
    assert_eq!(paid["trade_status"], "TRADE_SUCCESS");
    assert_eq!(paid["total_amount"], "6306.00");
    assert_eq!(
        world.alipay(CLOSE, &named("A_1")).await["sub_code"],
        "ACQ.TRADE_STATUS_ERROR"
    );
    let form = world.callback().await.body;
    let fields: BTreeMap<String, String> = url::form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect();
    assert_eq!(fields["trade_no"], paid["trade_no"].as_str().unwrap());
}

#[tokio::test]
async fn a_notice_is_repeated_until_exactly_success_is_answered() {
    let mut world = World::start().await;
    let mut with_plus = order("A_1");
    with_plus["subject"] = json!("a+b 测试");
    world.alipay(PRECREATE, &with_plus).await;
    let almost = [
        (200, "success\n"),
        (200, "SUCCESS"),
        (200, ""),
        (204, ""),
        (200, "success"),
    ];
    world.reply(&almost);
    world.sandbox.pay("A_1", 1).unwrap();
    let mut ids = Vec::new();
    for _ in 0..almost.len() {
        let form = world.callback().await.body;
        let mut fields: BTreeMap<String, String> = url::form_urlencoded::parse(form.as_bytes())
            .into_owned()
            .collect();
        let signature = fields.remove("sign").unwrap();
        assert_eq!(fields.remove("sign_type").unwrap(), "RSA2");
        assert_eq!(fields["subject"], "a+b 测试");
        assert_eq!(fields["total_amount"], "6306.00");
        assert_eq!(
            fields["seller_id"],
            world.sandbox.merchant().alipay.seller_id
        );
        let text: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert!(verifies(&world.alipay_key(), &text.join("&"), &signature));
        ids.push(fields["notify_id"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    world.sandbox.notify_again("A_1", 1).unwrap();
    world.callback().await;
    let outcomes: Vec<String> = world
        .sandbox
        .deliveries()
        .into_iter()
        .map(|attempt| attempt.outcome)
        .take(5)
        .collect();
    let expected = [
        "refused 200",
        "refused 200",
        "refused 200",
        "refused 204",
        "accepted",
    ];
    assert_eq!(outcomes, expected);
}

#[tokio::test]
async fn a_request_that_is_not_the_apps_is_refused() {
    let world = World::start().await;
    let good = world.alipay_params(PRECREATE, &order("A_1"), &[]);
    let cases = [
        (
            "biz_content",
            order("A_2").to_string(),
            "isv.invalid-signature",
        ),
        ("sign", "x".to_owned(), "isv.invalid-signature"),
        ("app_id", "1".to_owned(), "isv.invalid-app-id"),
        ("sign_type", "RSA".to_owned(), "isv.invalid-signature-type"),
        ("timestamp", "now".to_owned(), "isv.invalid-timestamp"),
        ("charset", "gbk".to_owned(), "isv.invalid-charset"),
        ("sign", String::new(), "isv.missing-sign"),
    ];
    for (name, value, sub_code) in cases {
        let mut params = good.clone();
        params.insert(name.to_owned(), value);
        let answer = world
            .client
            .post(world.url("/gateway.do"))
            .form(&params)
            .send()
            .await;
        let body = answer.unwrap().text().await.unwrap();
        assert!(body.contains(sub_code), "{name}: {body}");
        assert!(
            !body.contains("\"sign\":"),
            "the door's refusals are unsigned"
        );
    }
    assert!(world.sandbox.orders().is_empty());
    // The common parameters may sit in the query, biz_content in the form.
    let mut query = good.clone();
    let content = BTreeMap::from([("biz_content", query.remove("biz_content").unwrap())]);
    let split = world
        .client
        .post(world.url("/gateway.do"))
        .query(&query)
        .form(&content);
    let body = split.send().await.unwrap().text().await.unwrap();
    assert!(body.contains("\"code\":\"10000\""), "{body}");
    assert!(
        body.contains("\\/qr\\/"),
        "slashes are escaped, as live: {body}"
    );
    assert!(world.alipay_value(PRECREATE, &body).is_some());
    assert!(
        world
            .alipay_value(PRECREATE, &body.replace("\\/", "/"))
            .is_none()
    );
}

#[tokio::test]
async fn wrong_parameters_are_refused() {
    let world = World::start().await;
    for (name, value) in [
        ("out_trade_no", json!("A-1")),
        ("out_trade_no", json!("")),
        ("total_amount", json!("0.00")),
        ("total_amount", json!("1.001")),
        ("total_amount", json!(1)),
        ("subject", json!("a=b")),
        ("time_expire", json!("2026-09-21 22:13:20")),
        ("timeout_express", json!("16d")),
    ] {
        let mut order = order("A_1");
        order[name] = value;
        let answer = world.alipay(PRECREATE, &order).await;
        assert_eq!(answer["sub_code"], "ACQ.INVALID_PARAMETER", "{name}");
    }
    assert!(world.sandbox.orders().is_empty());
}

#[tokio::test]
async fn an_opened_trade_closes_by_call_and_by_time() {
    let world = World::start().await;
    for number in ["A_1", "A_2", "A_3"] {
        let mut order = order(number);
        order["timeout_express"] = json!("5m");
        world.alipay(PRECREATE, &order).await;
    }
    world.sandbox.open("A_1", 1).unwrap();
    assert_eq!(world.alipay(CLOSE, &named("A_1")).await["code"], "10000");
    assert_eq!(world.sandbox.pay("A_1", 1), Err(PayError::Closed));
    world.sandbox.open("A_2", 1).unwrap();
    world.pass(300);
    assert_eq!(
        world.alipay(QUERY, &named("A_2")).await["trade_status"],
        "TRADE_CLOSED"
    );
    assert_eq!(world.sandbox.pay("A_2", 1), Err(PayError::Closed));
    assert_eq!(
        world.sandbox.pay("A_3", 1),
        Err(PayError::Closed),
        "an unopened code ends too"
    );
    assert_eq!(
        world.alipay(QUERY, &named("A_3")).await["sub_code"],
        "ACQ.TRADE_NOT_EXIST"
    );
}

#[tokio::test]
async fn refunds_add_up_and_keep_their_number() {
    let world = World::start().await;
    world.alipay(PRECREATE, &order("A_1")).await;
    world.sandbox.pay("A_1", 1).unwrap();
    let ask = async |number: &str, amount: &str| {
        let content = json!({
            "out_trade_no": "A_1", "refund_amount": amount, "out_request_no": number,
        });
        world.alipay("alipay.trade.refund", &content).await
    };
    assert_eq!(ask("R1", "6000.00").await["fund_change"], "Y");
    let again = ask("R1", "6000.00").await;
    assert_eq!(
        (&again["fund_change"], &again["refund_fee"]),
        (&json!("N"), &json!("6000.00"))
    );
    assert_eq!(ask("R2", "306.01").await["code"], "40004");
    assert_eq!(ask("R2", "306.00").await["refund_fee"], "6306.00");
    let status = world.alipay(QUERY, &named("A_1")).await;
    assert_eq!(
        status["trade_status"], "TRADE_CLOSED",
        "fully refunded reads as closed"
    );
    let about = |number: &str| json!({"out_trade_no": "A_1", "out_request_no": number});
    let method = "alipay.trade.fastpay.refund.query";
    assert_eq!(
        world.alipay(method, &about("R1")).await["refund_status"],
        "REFUND_SUCCESS"
    );
    let unknown = world.alipay(method, &about("R9")).await;
    assert_eq!(
        unknown,
        json!({"code": "10000", "msg": "Success"}),
        "success without data"
    );
}

#[tokio::test]
async fn an_unknown_outcome_has_its_own_code() {
    let world = World::start().await;
    world.sandbox.set_faults(Faults {
        status_500: 1,
        ..Faults::default()
    });
    let answer = world.alipay(PRECREATE, &order("A_1")).await;
    assert_eq!(
        (&answer["code"], &answer["sub_code"]),
        (&json!("20000"), &json!("aop.unknow-error"))
    );
    assert_eq!(
        world.alipay(PRECREATE, &order("A_1")).await["code"],
        "10000"
    );
}
