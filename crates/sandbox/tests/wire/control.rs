//! What a test asks of the channels from outside: refunds that end badly or late, and a platform
//! key that changes while things are under way. Everything here goes over the control API's wire.

use crate::world::{Callback, World, verifies};
use openssl::pkey::{PKey, Public};
use openssl::x509::X509;
use sandbox::PlatformKeyKind;
use serde_json::{Value, json};

const REFUNDS: &str = "/v3/refund/domestic/refunds";

async fn control(world: &World, path: &str, body: Value) -> (u16, Value) {
    let sent = world.client.post(world.url(path)).json(&body);
    let answer = sent.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn refund(world: &World, number: &str, fen: i64) -> Value {
    let body = json!({
        "out_trade_no": "ORDER_0001",
        "out_refund_no": number,
        "notify_url": world.notify_url,
        "amount": {"refund": fen, "total": 100, "currency": "CNY"},
    });
    world.wechat("POST", REFUNDS, Some(&body)).await.json()
}

async fn status(world: &World, number: &str) -> Value {
    let target = format!("{REFUNDS}/{number}");
    let found = world.wechat("GET", &target, None);
    found.await.json()["status"].clone()
}

/// The event's type, and what is sealed in it.
fn opened(world: &World, callback: &Callback) -> (String, Value) {
    let event: Value = serde_json::from_str(&callback.body).unwrap();
    let resource = serde_json::from_str(&world.opened(&event["resource"])).unwrap();
    (event["event_type"].as_str().unwrap().to_owned(), resource)
}

#[tokio::test]
async fn a_refund_ends_as_it_is_told_and_may_succeed_late() {
    let mut world = World::start().await;
    world.place("ORDER_0001", 100).await;
    world.sandbox.pay("ORDER_0001", 1).unwrap();
    world.callback().await;
    let faults = json!({"refund_closed": 1, "refund_abnormal": 1, "refund_processing": 1});
    assert_eq!(control(&world, "/control/faults", faults).await.0, 200);

    assert_eq!(refund(&world, "R1", 100).await["status"], "PROCESSING");
    let told = world.callback().await;
    let (event, resource) = opened(&world, &told);
    assert_eq!(event, "REFUND.CLOSED");
    assert_eq!(resource["refund_status"], "CLOSED");
    assert!(resource.get("success_time").is_none());
    assert_eq!(status(&world, "R1").await, "CLOSED");

    // A closed one gives its part free again, an abnormal one keeps it.
    assert_eq!(refund(&world, "R2", 60).await["status"], "PROCESSING");
    let told = world.callback().await;
    let (event, _) = opened(&world, &told);
    assert_eq!(event, "REFUND.ABNORMAL");
    assert_eq!(status(&world, "R2").await, "ABNORMAL");
    assert_eq!(refund(&world, "R3", 41).await["code"], "NOT_ENOUGH");

    // Under way until it is told to end; no callback comes before.
    assert_eq!(refund(&world, "R3", 40).await["status"], "PROCESSING");
    assert_eq!(status(&world, "R3").await, "PROCESSING");
    for number in ["R3", "R2"] {
        let end = json!({"out_refund_no": number, "status": "success"});
        assert_eq!(control(&world, "/control/end-refund", end).await.0, 200);
        let told = world.callback().await;
        let (event, resource) = opened(&world, &told);
        assert_eq!(
            (event.as_str(), &resource["out_refund_no"]),
            ("REFUND.SUCCESS", &json!(number))
        );
        assert_eq!(status(&world, number).await, "SUCCESS");
    }
    let unknown = json!({"out_refund_no": "R9", "status": "success"});
    assert_eq!(control(&world, "/control/end-refund", unknown).await.0, 404);
    let counters = world.sandbox.counters();
    for fault in ["refund_closed", "refund_abnormal", "refund_processing"] {
        assert_eq!(counters[&format!("fault.{fault}")], 1, "{fault}");
    }
}

/// The certificates that the channel publishes now, by serial.
async fn published(world: &World) -> Vec<(String, PKey<Public>)> {
    let list = world.wechat("GET", "/v3/certificates", None).await.json();
    let key = |item: &Value| {
        let pem = world.opened(&item["encrypt_certificate"]);
        let serial = item["serial_no"].as_str().unwrap().to_owned();
        let certificate = X509::from_pem(pem.as_bytes()).unwrap();
        (serial, certificate.public_key().unwrap())
    };
    list["data"].as_array().unwrap().iter().map(key).collect()
}

#[tokio::test]
async fn the_platform_key_changes_in_mid_flight() {
    let mut world = World::start().await;
    let kind = json!({"kind": PlatformKeyKind::Certificate});
    assert_eq!(control(&world, "/control/sign-with", kind).await.0, 200);
    let old = published(&world).await;
    world.place("ORDER_0001", 100).await;
    // The merchant refuses the first attempt; the key changes before the channel tries again.
    world.reply(&[(500, "not now")]);
    world.sandbox.pay("ORDER_0001", 1).unwrap();
    let first = world.callback().await;
    assert_eq!(first.headers["wechatpay-serial"], old[0].0.as_str());
    let (code, told) = control(&world, "/control/rotate-certificate", json!({})).await;
    assert_eq!(code, 200);
    let new = told["serial"].as_str().unwrap().to_owned();
    let keys = published(&world).await;
    assert_eq!(keys.len(), 2, "the old one is still valid");

    let authentic = |headers: &reqwest::header::HeaderMap, body: &str| {
        let get = |name: &str| headers[name].to_str().unwrap().to_owned();
        let (at, nonce) = (get("wechatpay-timestamp"), get("wechatpay-nonce"));
        let serial = get("wechatpay-serial");
        let (_, key) = keys.iter().find(|(own, _)| *own == serial).unwrap();
        let text = format!("{at}\n{nonce}\n{body}\n");
        assert!(verifies(key, &text, &get("wechatpay-signature")));
        serial
    };
    // What was signed before still verifies; what is signed now, by the new one, does too: the same
    // event's next call, and an answer to a caller that names the old key.
    assert_eq!(authentic(&first.headers, &first.body), old[0].0);
    let sent = control(
        &world,
        "/control/notify",
        json!({"out_trade_no": "ORDER_0001"}),
    );
    assert_eq!(sent.await.0, 200);
    let mut serial = String::new();
    while serial != new {
        let next = world.callback().await;
        assert_eq!(opened(&world, &next).1["out_trade_no"], "ORDER_0001");
        serial = authentic(&next.headers, &next.body);
    }
    let mchid = &world.sandbox.merchant().wechat_pay.mchid;
    let target = format!("/v3/pay/transactions/out-trade-no/ORDER_0001?mchid={mchid}");
    let auth = world.authorization("GET", &target, "", crate::world::NOW);
    let named = [("wechatpay-serial", old[0].0.as_str())];
    let answer = world.wechat_raw("GET", &target, "", &auth, &named).await;
    assert_eq!(answer.status, 200);
    assert_eq!(authentic(&answer.headers, &answer.body), new);
}
