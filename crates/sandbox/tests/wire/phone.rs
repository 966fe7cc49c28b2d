//! A payer's phone without a browser: a plain HTTP client that presses the buttons.

use crate::world::{World, signed};
use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sandbox::Faults;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a cashier needs to know, as a backend would from its configuration.
struct Shop {
    origin: String,
    sandbox: String,
    appid: String,
    wap: String,
}

/// A cashier of a few lines: by user agent to WeChat's authorise page or to Alipay's wap page.
async fn cashier(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let agent = headers[header::USER_AGENT].to_str().unwrap();
    let redirect = |to: String| (StatusCode::FOUND, [(header::LOCATION, to)]).into_response();
    if agent.contains("AlipayClient") {
        return redirect(shop.wap.clone());
    }
    assert!(agent.contains("MicroMessenger"), "{agent}");
    let Some(code) = query.get("code") else {
        let back: String =
            url::form_urlencoded::byte_serialize(format!("{}/p/x", shop.origin).as_bytes())
                .collect();
        return redirect(format!(
            "{}/connect/oauth2/authorize?appid={}&redirect_uri={back}&response_type=code\
             &scope=snsapi_base&state=s1#wechat_redirect",
            shop.sandbox, shop.appid
        ));
    };
    let html = format!(
        "<!doctype html><html><head><title>t</title></head><body data-code=\"{code}\">\
         <a href=\"/p/x/status\">status</a><form action=\"//elsewhere/\"></form></body></html>"
    );
    let policy = (header::CONTENT_SECURITY_POLICY, "default-src 'none'");
    (
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), policy],
        Body::from(html),
    )
        .into_response()
}

async fn open_shop(world: &World) -> Arc<Shop> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let content = json!({
        "out_trade_no": "W_1", "total_amount": "0.05", "subject": "订单 SO-1",
        "product_code": "QUICK_WAP_WAY",
    });
    let back = format!("{origin}/p/x/status?k=1");
    let urls = [
        ("notify_url", world.notify_url.as_str()),
        ("return_url", back.as_str()),
    ];
    let params = world.alipay_params("alipay.trade.wap.pay", &content, &urls);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&params)
        .finish();
    let shop = Arc::new(Shop {
        origin,
        sandbox: world.sandbox.public_url().to_owned(),
        appid: world.sandbox.merchant().wechat_pay.appid.clone(),
        wap: format!("{}/gateway.do?{query}", world.sandbox.public_url()),
    });
    let router = Router::new()
        .route("/p/x", get(cashier))
        .route("/p/x/status", get(|| async { "paid?" }))
        .with_state(Arc::clone(&shop));
    tokio::spawn(async move { axum::serve(listener, router).await });
    shop
}

struct Page {
    path: String,
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Page {
    /// The address that the form around the button `id` posts to.
    fn form(&self, id: &str) -> String {
        let before = self.body.split(&format!("id=\"{id}\"")).next().unwrap();
        assert!(
            before.len() < self.body.len(),
            "no button {id} in {}",
            self.body
        );
        let action = before.rsplit("action=\"").next().unwrap();
        action.split('"').next().unwrap().to_owned()
    }

    fn between(&self, from: &str, to: &str) -> String {
        let rest = self
            .body
            .split_once(from)
            .unwrap_or_else(|| panic!("{}", self.body))
            .1;
        rest.split(to).next().unwrap().replace("&amp;", "&")
    }
}

impl World {
    async fn send(&self, method: &str, path: &str, cookie: Option<&str>) -> Page {
        let mut request = self
            .client
            .request(method.parse().unwrap(), self.url(path))
            .header("accept-language", "en");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Page {
            path: path.to_owned(),
            status,
            headers,
            body: answer.text().await.unwrap(),
        }
    }

    /// Follows redirects, all of which stay on the phone.
    async fn browse(&self, method: &str, path: &str) -> Page {
        let mut page = self.send(method, path, None).await;
        while let Some(to) = page.headers.get(header::LOCATION) {
            let to = to.to_str().unwrap().split('#').next().unwrap().to_owned();
            assert!(to.starts_with("/phone/"), "{to} leaves the phone");
            page = self.send("GET", &to, None).await;
        }
        assert_eq!(page.status, 200, "{}: {}", page.path, page.body);
        page
    }

    async fn open_phone(&self, link: &str, wallet: &str) -> Page {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("link", link)
            .append_pair("wallet", wallet)
            .finish();
        self.browse("GET", &format!("/phone?{query}")).await
    }

    async fn bridge(&self, page: &Page, params: &Value) -> Value {
        let script = page.between("<script src=\"", "\"");
        let bridge = script.strip_suffix(".js").unwrap();
        let answer = self
            .client
            .post(self.url(bridge))
            .json(params)
            .send()
            .await
            .unwrap();
        answer.json().await.unwrap()
    }

    fn bridge_params(&self, prepay_id: &str) -> Value {
        let merchant = &self.sandbox.merchant().wechat_pay;
        let text = format!(
            "{}\n1790000000\nNONCE\nprepay_id={prepay_id}\n",
            merchant.appid
        );
        json!({
            "appId": merchant.appid,
            "timeStamp": "1790000000",
            "nonceStr": "NONCE",
            "package": format!("prepay_id={prepay_id}"),
            "signType": "RSA",
            "paySign": signed(&merchant.merchant_private_key_pem, &text),
        })
    }
}

#[tokio::test]
async fn wechat_from_the_link_to_the_callback() {
    let mut world = World::start().await;
    let shop = open_shop(&world).await;
    let link = format!("{}/p/x", shop.origin);
    let choice = world
        .send("GET", &format!("/phone?link={link}"), None)
        .await;
    assert!(choice.body.contains("id=\"wechat\"") && choice.body.contains("id=\"alipay\""));

    let page = world.open_phone(&link, "wechat").await;
    assert!(
        page.path.contains("/p/x?code="),
        "came back from the authorise page: {}",
        page.path
    );
    assert!(!page.headers.contains_key(header::CONTENT_SECURITY_POLICY));
    let session = page
        .path
        .strip_suffix(page.path.split_once("/p/x").unwrap().1)
        .unwrap();
    let session = session.strip_suffix("/p/x").unwrap();
    assert!(
        page.body
            .contains(&format!("href=\"{session}/p/x/status\"")),
        "{}",
        page.body
    );
    assert!(page.body.contains("action=\"//elsewhere/\""));
    assert!(page.body.contains("<head><script src="));

    // The cashier's part: exchange the code, place the order, sign the page's parameters.
    let code = page.between("data-code=\"", "\"");
    let merchant = &world.sandbox.merchant().wechat_pay;
    let exchange = format!(
        "/sns/oauth2/access_token?appid={}&secret={}&code={code}&grant_type=authorization_code",
        merchant.appid, merchant.app_secret
    );
    let person: Value = world
        .client
        .get(world.url(&exchange))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(person["openid"], world.sandbox.openid(1));
    let prepay_id = world.place("ORDER_0001", 630_600).await;

    let good = world.bridge_params(&prepay_id);
    for (name, wrong) in [
        ("paySign", json!("AAAA")),
        ("package", json!("prepay_id=wx0")),
        ("timeStamp", json!(1_790_000_000)),
        ("nonceStr", json!("OTHER")),
        ("signType", json!("MD5")),
        ("appId", json!("wx0")),
    ] {
        let mut params = good.clone();
        params[name] = wrong;
        let refused = world.bridge(&page, &params).await;
        assert!(refused["reason"].is_string(), "{name}: {refused}");
    }
    let sheet = world.bridge(&page, &good).await["page"]
        .as_str()
        .unwrap()
        .to_owned();
    let question = world.browse("GET", &sheet).await;
    assert!(
        question.body.contains("Pay ¥6306.00 to 演示商贸 &amp; Co?"),
        "{}",
        question.body
    );

    world.sandbox.set_faults(Faults {
        decline: 1,
        ..Faults::default()
    });
    let declined = world.browse("POST", &question.form("pay")).await;
    assert!(declined.body.contains("get_brand_wcpay_request:fail"));
    assert_eq!(
        world.wechat_query("ORDER_0001").await.json()["trade_state"],
        "NOTPAY"
    );

    let sheet = world.bridge(&page, &good).await["page"]
        .as_str()
        .unwrap()
        .to_owned();
    let question = world.browse("GET", &sheet).await;
    let cancelled = world.browse("POST", &question.form("decline")).await;
    assert!(cancelled.body.contains("get_brand_wcpay_request:cancel"));

    let sheet = world.bridge(&page, &good).await["page"]
        .as_str()
        .unwrap()
        .to_owned();
    let question = world.browse("GET", &sheet).await;
    let paid = world.browse("POST", &question.form("pay")).await;
    assert!(paid.body.contains("data-result=\"paid\""));
    assert!(paid.body.contains("get_brand_wcpay_request:ok"));
    let twice = world.browse("POST", &question.form("pay")).await;
    assert!(twice.body.contains("data-result=\"paid\""));
    assert_eq!(
        world.wechat_query("ORDER_0001").await.json()["trade_state"],
        "SUCCESS"
    );
    assert!(world.callback().await.body.contains("TRANSACTION.SUCCESS"));
    assert_eq!(world.sandbox.counters()["wechat_pay.paid"], 1);
}

#[tokio::test]
async fn alipay_from_the_link_to_the_way_back() {
    let mut world = World::start().await;
    let shop = open_shop(&world).await;
    let question = world
        .open_phone(&format!("{}/p/x", shop.origin), "alipay")
        .await;
    assert!(question.body.contains("Pay ¥0.05 to"), "{}", question.body);
    let paid = world.browse("POST", &question.form("pay")).await;
    assert!(paid.body.contains("data-result=\"paid\""));
    let back = paid.between("id=\"done\" href=\"", "\"");
    assert!(
        back.starts_with("/phone/") && back.contains("/p/x/status?k=1&"),
        "{back}"
    );
    assert_eq!(world.browse("GET", &back).await.body, "paid?");
    assert!(world.callback().await.body.contains("TRADE_SUCCESS"));

    // The same signed link after payment, and one that was tampered with.
    let again = world
        .client
        .get(&shop.wap)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(again.contains("ACQ.TRADE_HAS_SUCCESS"), "{again}");
    let tampered = shop.wap.replace("0.05", "0.01");
    let refused = world
        .client
        .get(tampered)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(refused.contains("isv.invalid-signature"), "{refused}");
}

#[tokio::test]
async fn codes_of_the_channels_themselves_are_scanned_too() {
    let mut world = World::start().await;
    let mut native = world.jsapi("ORDER_0001", 5);
    native.as_object_mut().unwrap().remove("payer");
    let placed = world
        .wechat("POST", "/v3/pay/transactions/native", Some(&native))
        .await;
    let code = placed.json()["code_url"].as_str().unwrap().to_owned();
    let question = world.open_phone(&code, "wechat").await;
    world.browse("POST", &question.form("pay")).await;
    assert!(world.callback().await.body.contains("TRANSACTION.SUCCESS"));

    let order = json!({"out_trade_no": "A_1", "total_amount": "0.07", "subject": "s"});
    let placed = world.alipay("alipay.trade.precreate", &order).await;
    let question = world
        .open_phone(placed["qr_code"].as_str().unwrap(), "alipay")
        .await;
    let status = world
        .alipay("alipay.trade.query", &json!({"out_trade_no": "A_1"}))
        .await;
    assert_eq!(
        status["trade_status"], "WAIT_BUYER_PAY",
        "opening made it a trade"
    );
    world.browse("POST", &question.form("pay")).await;
    assert!(world.callback().await.body.contains("TRADE_SUCCESS"));

    let mut h5 = world.jsapi("ORDER_0002", 9);
    h5.as_object_mut().unwrap().remove("payer");
    h5["scene_info"] = json!({"payer_client_ip": "10.0.0.9", "h5_info": {"type": "Wap"}});
    let placed = world
        .wechat("POST", "/v3/pay/transactions/h5", Some(&h5))
        .await;
    let url = placed.json()["h5_url"].as_str().unwrap().to_owned();
    let bare = world
        .client
        .get(&url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(!bare.contains("id=\"pay\""), "no Referer, no payment");
    let opened = world
        .client
        .get(&url)
        .header("referer", "http://shop/")
        .send()
        .await
        .unwrap();
    let sheet = opened.headers()["location"].to_str().unwrap().to_owned();
    let question = world.send("GET", &sheet, None).await;
    let paid = world.send("POST", &question.form("pay"), None).await;
    assert_eq!(paid.status, 303);
    assert!(world.callback().await.body.contains("TRANSACTION.SUCCESS"));
}

#[tokio::test]
async fn the_phone_is_no_open_proxy() {
    let world = World::start().await;
    let shop = open_shop(&world).await;
    let own = world.url("/control/orders");
    for link in [
        "http://192.0.2.1/p/x",
        "https://pay.example/p/x",
        "file:///etc/passwd",
        &own,
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("link", link)
            .append_pair("wallet", "wechat")
            .finish();
        let refused = world.send("GET", &format!("/phone?{query}"), None).await;
        assert_eq!(refused.status, 403, "{link}");
    }
    assert_eq!(
        world.send("GET", "/phone/nosuch/p/x", None).await.status,
        404
    );
    // An address without the prefix is the cashier's for a phone, and nobody's otherwise.
    let link = format!("/phone?wallet=wechat&link={}/p/x", shop.origin);
    let opened = world.send("GET", &link, None).await;
    let cookie = opened.headers[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    assert_eq!(world.send("GET", "/p/x/status", None).await.status, 404);
    assert_eq!(
        world.send("GET", "/p/x/status", Some(cookie)).await.body,
        "paid?"
    );
}

#[tokio::test]
async fn the_control_api_answers_this_computer_only() {
    let world = World::start().await;
    world.place("ORDER_0001", 100).await;
    let post = |path: &str| world.client.post(world.url(path));
    let foreign = post("/control/pay").header("host", "evil.example");
    let foreign = foreign
        .json(&json!({"out_trade_no": "ORDER_0001"}))
        .send()
        .await
        .unwrap();
    assert_eq!(foreign.status(), 403);
    let page = post("/control/pay").header("origin", "http://evil.example");
    let page = page
        .json(&json!({"out_trade_no": "ORDER_0001"}))
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 403);
    let misspelt = post("/control/faults")
        .json(&json!({"drop": 1}))
        .send()
        .await
        .unwrap();
    assert_eq!(misspelt.status(), 400);
    for change in [json!({"repeat": 2}), json!({"drop_callback": 1})] {
        assert_eq!(
            post("/control/faults")
                .json(&change)
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
    }
    assert_eq!(
        (
            world.sandbox.faults().repeat,
            world.sandbox.faults().drop_callback
        ),
        (2, 1)
    );
    let paid = post("/control/pay")
        .json(&json!({"out_trade_no": "ORDER_0001"}))
        .send()
        .await;
    let paid: Value = paid.unwrap().json().await.unwrap();
    assert_eq!(paid, json!({"channel": "wechat_pay", "outcome": "paid"}));
    let orders = world
        .client
        .get(world.url("/control/orders"))
        .send()
        .await
        .unwrap();
    let orders: Value = orders.json().await.unwrap();
    assert_eq!(
        (&orders[0]["state"], &orders[0]["total_fen"]),
        (&json!("SUCCESS"), &json!("100"))
    );
}
