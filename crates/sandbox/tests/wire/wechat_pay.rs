//! WeChat Pay API v3, as strict and as fickle as the real one.

use crate::world::World;
use sandbox::{ApiOperation, Faults, PayError, PayOutcome, PlatformKeyKind};
use serde_json::{Value, json};

const JSAPI: &str = "/v3/pay/transactions/jsapi";

#[tokio::test]
async fn answers_are_signed_with_the_key_asked_for() {
    let world = World::start().await;
    let keys = world.sandbox.merchant().wechat_pay.platform_keys.clone();
    let body = world.jsapi("ORDER_0001", 100).to_string();
    let auth = world.authorization("POST", JSAPI, &body, crate::world::NOW);
    for asked in [None, Some(keys[0].id.as_str()), Some(keys[1].id.as_str())] {
        let more: Vec<(&str, &str)> = asked
            .iter()
            .map(|serial| ("wechatpay-serial", *serial))
            .collect();
        let answer = world.wechat_raw("POST", JSAPI, &body, &auth, &more).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(
            answer.headers["wechatpay-serial"],
            asked.unwrap_or(&keys[0].id)
        );
        assert!(world.genuine(&answer.headers, &answer.body));
        assert!(!world.genuine(&answer.headers, &format!("{} ", answer.body)));
        assert_eq!(answer.headers["date"], "Mon, 21 Sep 2026 14:13:20 GMT");
    }
    let unknown = [("wechatpay-serial", "PUB_KEY_ID_0")];
    let answer = world
        .wechat_raw("POST", JSAPI, &body, &auth, &unknown)
        .await;
    assert_eq!(answer.status, 400);
    assert!(!answer.headers.contains_key("wechatpay-signature"));
}

#[tokio::test]
async fn a_request_that_is_not_the_merchants_is_refused() {
    let world = World::start().await;
    let body = world.jsapi("ORDER_0001", 100).to_string();
    let now = crate::world::NOW;
    for (skew, status) in [(-301, 401), (-300, 200), (300, 200), (301, 401)] {
        let auth = world.authorization("POST", JSAPI, &body, now + skew);
        let answer = world.wechat_raw("POST", JSAPI, &body, &auth, &[]).await;
        assert_eq!(answer.status, status, "skew {skew}: {}", answer.body);
    }
    let auth = world.authorization("POST", JSAPI, &body, now);
    let mut wrong = vec![
        auth.replace("WECHATPAY2", "WECHATPAY1"),
        auth.replace("serial_no=\"", "serial_no=\"0"),
        auth.replace("mchid=\"19", "mchid=\"18"),
        auth.replace("NONCE", "OTHER"),
        world.authorization("POST", "/v3/pay/transactions/native", &body, now),
        world.authorization("POST", JSAPI, &format!("{body} "), now),
    ];
    for (name, value) in [
        ("timestamp", now.to_string()),
        ("nonce_str", "NONCE".to_owned()),
    ] {
        wrong.push(auth.replace(&format!("{name}=\"{value}\""), "x=\"y\""));
    }
    for auth in wrong {
        let answer = world.wechat_raw("POST", JSAPI, &body, &auth, &[]).await;
        assert_eq!(answer.code(), (401, "SIGN_ERROR".to_owned()), "{auth}");
    }
    let bare = world
        .client
        .post(world.url(JSAPI))
        .header("authorization", &auth)
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), 400);
    assert!(bare.text().await.unwrap().contains("INVALID_REQUEST"));
}

#[tokio::test]
async fn one_number_is_one_set_of_parameters() {
    let world = World::start().await;
    let first = world.place("ORDER_0001", 100).await;
    assert_eq!(world.place("ORDER_0001", 100).await, first);
    let other = world.jsapi("ORDER_0001", 101);
    let answer = world.wechat("POST", JSAPI, Some(&other)).await;
    assert_eq!(answer.code(), (403, "OUT_TRADE_NO_USED".to_owned()));
    let mut native = world.jsapi("ORDER_0001", 100);
    native.as_object_mut().unwrap().remove("payer");
    let answer = world
        .wechat("POST", "/v3/pay/transactions/native", Some(&native))
        .await;
    assert_eq!(answer.code(), (403, "OUT_TRADE_NO_USED".to_owned()));
    assert_eq!(world.sandbox.orders().len(), 1);
    assert_eq!(world.sandbox.orders()[0].total_fen, 100);

    world.pass(2 * 3600);
    assert_ne!(
        world.place("ORDER_0001", 100).await,
        first,
        "a prepay id lives two hours"
    );
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let world = World::start().await;
    let order = world.jsapi("ORDER_0001", 100);
    let change = |pointer: &str, value: Value| {
        let mut order = order.clone();
        *order.pointer_mut(pointer).unwrap() = value;
        order
    };
    let with = |name: &str, value: &str| {
        let mut order = order.clone();
        order[name] = json!(value);
        order
    };
    let cases = [
        (change("/amount/total", json!(0)), "amount.total"),
        (change("/amount/total", json!(-5)), "amount.total"),
        (change("/amount/total", json!("100")), "amount.total"),
        (change("/amount/total", json!(1.5)), "amount.total"),
        (change("/amount/currency", json!("USD")), "amount.currency"),
        (change("/out_trade_no", json!("12345")), "out_trade_no"),
        (change("/out_trade_no", json!("ORDER 0001")), "out_trade_no"),
        (change("/description", json!("")), "description"),
        (change("/mchid", json!("1")), "mchid"),
        (change("/payer", json!(null)), "payer"),
        (change("/payer/openid", json!("oXXXX")), "openid"),
        (
            change("/notify_url", json!("http://127.0.0.1/n?a=1")),
            "notify_url",
        ),
        (
            with("time_expire", "2026-09-21T22:14:19+08:00"),
            "time_expire",
        ),
        (
            with("time_expire", "2026-09-29T22:14:19+08:00"),
            "time_expire",
        ),
        (with("time_expire", "tomorrow"), "time_expire"),
    ];
    for (order, named) in cases {
        let answer = world.wechat("POST", JSAPI, Some(&order)).await;
        assert_eq!(answer.code(), (400, "PARAM_ERROR".to_owned()), "{named}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(named), "{message}");
    }
    let other_app = change("/appid", json!("wx0"));
    let answer = world.wechat("POST", JSAPI, Some(&other_app)).await;
    assert_eq!(answer.code(), (400, "APPID_MCHID_NOT_MATCH".to_owned()));
    assert!(world.sandbox.orders().is_empty());
    let soon = with("time_expire", "2026-09-21T22:14:20+08:00");
    assert_eq!(world.wechat("POST", JSAPI, Some(&soon)).await.status, 200);
}

#[tokio::test]
async fn an_order_is_open_until_it_is_paid_or_closed() {
    let world = World::start().await;
    let mchid = json!({"mchid": world.sandbox.merchant().wechat_pay.mchid});
    let missing = world.wechat_query("ORDER_0001").await;
    assert_eq!(missing.code(), (404, "ORDER_NOT_EXIST".to_owned()));
    assert!(!missing.headers.contains_key("wechatpay-signature"));

    world.place("ORDER_0001", 100).await;
    world.place("ORDER_0002", 100).await;
    let open = world.wechat_query("ORDER_0001").await;
    assert_eq!(open.json()["trade_state"], "NOTPAY");
    assert!(open.json().get("transaction_id").is_none());

    assert_eq!(
        world.sandbox.pay("ORDER_0001", 2),
        Err(PayError::AnotherPayer)
    );
    world.sandbox.pay("ORDER_0001", 1).unwrap();
    assert_eq!(
        world.sandbox.pay("ORDER_0001", 1),
        Err(PayError::AlreadyPaid)
    );
    let paid = world.wechat_query("ORDER_0001").await;
    assert!(world.genuine(&paid.headers, &paid.body));
    assert_eq!(paid.json()["trade_state"], "SUCCESS");
    assert_eq!(paid.json()["amount"]["total"], 100);
    assert_eq!(paid.json()["payer"]["openid"], world.sandbox.openid(1));
    let id = paid.json()["transaction_id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 28);
    let target = format!(
        "/v3/pay/transactions/id/{id}?mchid={}",
        mchid["mchid"].as_str().unwrap()
    );
    let by_id = world.wechat("GET", &target, None).await;
    assert_eq!(by_id.json()["out_trade_no"], "ORDER_0001");

    let close = |number: &str| format!("/v3/pay/transactions/out-trade-no/{number}/close");
    let refused = world
        .wechat("POST", &close("ORDER_0001"), Some(&mchid))
        .await;
    assert_eq!(refused.status, 400);
    for _ in 0..2 {
        let closed = world
            .wechat("POST", &close("ORDER_0002"), Some(&mchid))
            .await;
        assert_eq!((closed.status, closed.body.as_str()), (204, ""));
        assert!(world.genuine(&closed.headers, ""));
    }
    assert_eq!(
        world.wechat_query("ORDER_0002").await.json()["trade_state"],
        "CLOSED"
    );
    assert_eq!(world.sandbox.pay("ORDER_0002", 1), Err(PayError::Closed));
    let again = world
        .wechat("POST", JSAPI, Some(&world.jsapi("ORDER_0002", 100)))
        .await;
    assert_eq!(again.code(), (400, "ORDER_CLOSED".to_owned()));
}

#[tokio::test]
async fn an_expired_order_cannot_be_paid_and_stays_notpay() {
    let world = World::start().await;
    let mut order = world.jsapi("ORDER_0001", 100);
    order["time_expire"] = json!("2026-09-21T22:15:20+08:00");
    world.wechat("POST", JSAPI, Some(&order)).await;
    world.pass(120);
    assert_eq!(world.sandbox.pay("ORDER_0001", 1), Err(PayError::Expired));
    assert_eq!(
        world.wechat_query("ORDER_0001").await.json()["trade_state"],
        "NOTPAY"
    );
}

#[tokio::test]
async fn a_callback_is_repeated_until_it_is_accepted() {
    let mut world = World::start().await;
    world.place("ORDER_0001", 630_600).await;
    world.reply(&[(500, ""), (400, r#"{"code":"FAIL"}"#), (204, "")]);
    world.sandbox.pay("ORDER_0001", 1).unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let callback = world.callback().await;
        assert!(world.genuine(&callback.headers, &callback.body));
        let event: Value = serde_json::from_str(&callback.body).unwrap();
        assert_eq!(event["event_type"], "TRANSACTION.SUCCESS");
        assert_eq!(event["resource"]["original_type"], "transaction");
        let resource: Value = serde_json::from_str(&world.opened(&event["resource"])).unwrap();
        assert_eq!(resource["out_trade_no"], "ORDER_0001");
        assert_eq!(resource["amount"]["total"], 630_600);
        assert_eq!(resource["trade_state"], "SUCCESS");
        ids.push(event["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(ids[0], ids[2]);
    // The next order's callback comes behind the accepted one: there was no fourth attempt.
    world.place("ORDER_0002", 1).await;
    world.sandbox.pay("ORDER_0002", 1).unwrap();
    let next: Value = serde_json::from_str(&world.callback().await.body).unwrap();
    assert_ne!(next["id"].as_str().unwrap(), ids[0]);
    let outcomes: Vec<String> = world
        .sandbox
        .deliveries()
        .into_iter()
        .take(3)
        .map(|attempt| attempt.outcome)
        .collect();
    assert_eq!(outcomes, ["refused 500", "refused 400", "accepted"]);
}

#[tokio::test]
async fn spoilt_callbacks_do_not_verify_and_their_retries_do() {
    let mut world = World::start().await;
    world.place("ORDER_0001", 100).await;
    world.sandbox.set_faults(Faults {
        bad_signature_callback: 1,
        signtest_callback: 1,
        ..Faults::default()
    });
    world.reply(&[(401, ""), (401, "")]);
    world.sandbox.pay("ORDER_0001", 1).unwrap();
    let bad = world.callback().await;
    assert!(!world.genuine(&bad.headers, &bad.body));
    let probe = world.callback().await;
    assert!(!world.genuine(&probe.headers, &probe.body));
    let signature = probe.headers["wechatpay-signature"].to_str().unwrap();
    assert!(signature.starts_with("WECHATPAY/SIGNTEST/"));
    let good = world.callback().await;
    assert!(world.genuine(&good.headers, &good.body));
}

#[tokio::test]
async fn faults_fire_as_often_as_told() {
    let mut world = World::start().await;
    world.sandbox.set_faults(Faults {
        decline: 1,
        drop_callback: 1,
        wrong_amount: 1,
        ..Faults::default()
    });
    world.place("ORDER_0001", 100).await;
    assert_eq!(
        world.sandbox.pay("ORDER_0001", 1).unwrap().outcome,
        PayOutcome::Declined
    );
    assert_eq!(
        world.wechat_query("ORDER_0001").await.json()["trade_state"],
        "NOTPAY"
    );
    assert_eq!(
        world.sandbox.pay("ORDER_0001", 1).unwrap().outcome,
        PayOutcome::Paid
    );
    let lied = world.wechat_query("ORDER_0001").await;
    assert_eq!(lied.json()["amount"]["total"], 101);
    assert_eq!(world.sandbox.deliveries()[0].outcome, "dropped");

    world.sandbox.set_faults(Faults {
        reorder: 1,
        repeat: 1,
        ..Faults::default()
    });
    for number in ["ORDER_0002", "ORDER_0003"] {
        world.place(number, 100).await;
        world.sandbox.pay(number, 1).unwrap();
    }
    let mut seen = Vec::new();
    for _ in 0..3 {
        let event: Value = serde_json::from_str(&world.callback().await.body).unwrap();
        let resource: Value = serde_json::from_str(&world.opened(&event["resource"])).unwrap();
        seen.push(resource["out_trade_no"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen, ["ORDER_0003", "ORDER_0003", "ORDER_0002"]);
    let counters = world.sandbox.counters();
    for fault in [
        "decline",
        "drop_callback",
        "wrong_amount",
        "reorder",
        "repeat",
    ] {
        assert_eq!(counters[&format!("fault.{fault}")], 1, "{fault}");
    }
}

#[tokio::test]
async fn the_api_can_be_busy_or_lose_its_answer() {
    let world = World::start().await;
    let order = world.jsapi("ORDER_0001", 100);
    world.sandbox.set_faults(Faults {
        status_202: 1,
        status_429: 1,
        status_500: 1,
        status_503: 1,
        only: Some(ApiOperation::Create),
        ..Faults::default()
    });
    assert_eq!(
        world.wechat_query("ORDER_0001").await.status,
        404,
        "only creates are hit"
    );
    for status in [202, 429, 500, 503] {
        let answer = world.wechat("POST", JSAPI, Some(&order)).await;
        assert_eq!(answer.status, status);
    }
    assert!(
        world.sandbox.orders().is_empty(),
        "none of them took effect"
    );

    let lose = Faults {
        timeout_after_taking: 1,
        ..Faults::default()
    };
    world.sandbox.set_faults(lose);
    let body = order.to_string();
    let auth = world.authorization("POST", JSAPI, &body, crate::world::NOW);
    let lost = world
        .client
        .post(world.url(JSAPI))
        .header("authorization", auth)
        .header("user-agent", "test/1")
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await;
    let text = match lost {
        Ok(answer) => answer.text().await.ok(),
        Err(_) => None,
    };
    assert_eq!(text, None, "the answer never arrives");
    assert_eq!(world.sandbox.orders().len(), 1, "but the order exists");

    world.sandbox.set_faults(Faults {
        bad_signature_response: 1,
        ..Faults::default()
    });
    let bad = world.wechat_query("ORDER_0001").await;
    assert!(!world.genuine(&bad.headers, &bad.body));
    let good = world.wechat_query("ORDER_0001").await;
    assert!(world.genuine(&good.headers, &good.body));
}

#[tokio::test]
async fn certificates_are_listed_sealed_and_outlive_a_rotation() {
    let mut world = World::start().await;
    let first = world.sandbox.merchant().wechat_pay.platform_keys[1].clone();
    let list = |answer: crate::world::Answer| answer.json()["data"].as_array().unwrap().clone();
    let before = list(world.wechat("GET", "/v3/certificates", None).await);
    assert_eq!(before.len(), 1);
    assert_eq!(before[0]["serial_no"], first.id.as_str());
    assert_eq!(world.opened(&before[0]["encrypt_certificate"]), first.pem);

    let serial = world.sandbox.rotate_certificate().unwrap();
    let after = list(world.wechat("GET", "/v3/certificates", None).await);
    assert_eq!(after.len(), 2);
    assert_eq!(after[1]["serial_no"], serial.as_str());
    world.sandbox.sign_with(PlatformKeyKind::Certificate);
    world.place("ORDER_0001", 1).await;
    world.sandbox.pay("ORDER_0001", 1).unwrap();
    assert_eq!(
        world.callback().await.headers["wechatpay-serial"],
        serial.as_str()
    );
}

#[tokio::test]
async fn an_oauth_code_works_once_and_for_five_minutes() {
    let world = World::start().await;
    let merchant = world.sandbox.merchant().wechat_pay.clone();
    let page = format!(
        "/connect/oauth2/authorize?appid={}&redirect_uri=http%3A%2F%2Fshop%2Fp%3Fa%3D1\
         &response_type=code&scope=snsapi_base&state=abc",
        merchant.appid
    );
    let outside = world.client.get(world.url(&page)).send().await.unwrap();
    assert!(
        !outside.headers().contains_key("location"),
        "only inside WeChat"
    );
    let code = async || {
        let request = world
            .client
            .get(world.url(&page))
            .header("user-agent", "MicroMessenger/8");
        let answer = request.send().await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        let code = location.strip_prefix("http://shop/p?a=1&code=").unwrap();
        code.strip_suffix("&state=abc").unwrap().to_owned()
    };
    let exchange = async |code: &str, secret: &str| {
        let target = format!(
            "/sns/oauth2/access_token?appid={}&secret={secret}&code={code}\
             &grant_type=authorization_code",
            merchant.appid
        );
        world
            .client
            .get(world.url(&target))
            .send()
            .await
            .unwrap()
            .json::<Value>()
            .await
            .unwrap()
    };
    let first = code().await;
    assert_eq!(exchange(&first, "wrong").await["errcode"], 40125);
    assert_eq!(
        exchange("nonsense", &merchant.app_secret).await["errcode"],
        40029
    );
    let given = exchange(&first, &merchant.app_secret).await;
    assert_eq!(given["openid"], world.sandbox.openid(1));
    assert_eq!(
        exchange(&first, &merchant.app_secret).await["errcode"],
        40163
    );
    let second = code().await;
    world.pass(300);
    assert_eq!(
        exchange(&second, &merchant.app_secret).await["errcode"],
        42003
    );
}

#[tokio::test]
async fn refunds_never_exceed_what_was_paid() {
    let mut world = World::start().await;
    world.place("ORDER_0001", 100).await;
    world.sandbox.pay("ORDER_0001", 1).unwrap();
    world.callback().await;
    let ask = async |number: &str, fen: i64| {
        let body = json!({
            "out_trade_no": "ORDER_0001",
            "out_refund_no": number,
            "notify_url": world.notify_url,
            "amount": {"refund": fen, "total": 100, "currency": "CNY"},
        });
        world
            .wechat("POST", "/v3/refund/domestic/refunds", Some(&body))
            .await
    };
    assert_eq!(ask("R1", 60).await.json()["status"], "PROCESSING");
    assert_eq!(
        ask("R1", 60).await.json()["status"],
        "SUCCESS",
        "the same again is the same"
    );
    assert_eq!(ask("R1", 61).await.status, 400);
    assert_eq!(ask("R2", 41).await.code(), (403, "NOT_ENOUGH".to_owned()));
    assert_eq!(
        world.wechat_query("ORDER_0001").await.json()["trade_state"],
        "REFUND"
    );
    let found = world
        .wechat("GET", "/v3/refund/domestic/refunds/R1", None)
        .await;
    assert_eq!(found.json()["amount"]["refund"], 60);
    let none = world
        .wechat("GET", "/v3/refund/domestic/refunds/R9", None)
        .await;
    assert_eq!(none.code(), (404, "RESOURCE_NOT_EXISTS".to_owned()));
    let callback = world.callback().await;
    let event: Value = serde_json::from_str(&callback.body).unwrap();
    assert_eq!(event["event_type"], "REFUND.SUCCESS");
    let resource: Value = serde_json::from_str(&world.opened(&event["resource"])).unwrap();
    assert_eq!(resource["refund_status"], "SUCCESS");
    assert!(resource.get("status").is_none());
}
