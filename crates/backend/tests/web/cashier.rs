//! The page behind the QR: what each browser is shown, and what nobody is.

use crate::browser::{ALIPAY, Browser, CHROME, WECHAT};
use crate::world::{Asked, World};
use domain::Money;
use domain::channel::Channel;
use domain::config::{AmountLimit, Config, PerChannel};
use domain::time::MINUTE_MS;
use reqwest::Method;
use wire::Env as _;

#[tokio::test]
async fn each_browser_gets_its_own_way() {
    let world = World::with_sandbox().await;
    let terminal = world.enrolled("T07").await;
    let asked = terminal.ask(true).await;
    let short = world.short_link(&terminal, asked.intent).await;
    for link in [short.clone(), asked.signed_link.clone()] {
        let url = format!("{}{link}", world.public);
        let page = Browser::new(&world.http, CHROME).get(&url).await;
        assert_eq!(
            (page.status, page.attribute("data-state").as_deref()),
            (200, Some("payable"))
        );
        for part in [
            "锦绣家纺有限公司",
            &asked.amount.to_string(),
            &asked.order_number,
            &format!("id=\"check-code\">{}", asked.check_code),
            "id=\"pay-alipay\"",
            "id=\"open-in-wechat\"",
            "id=\"sandbox-phone\"",
        ] {
            assert!(page.has(part), "{part} in {}", page.html);
        }
        assert!(
            page.html.len() < 30_000 && !page.has("<input"),
            "{} bytes",
            page.html.len()
        );
        let page = Browser::new(&world.http, ALIPAY).get(&url).await;
        assert!(page.has("id=\"pay-alipay\"") && !page.has("id=\"open-in-wechat\""));
    }
    // Inside WeChat the payer is asked for first, at the channel's own page.
    let url = format!("{}{short}", world.public).parse().unwrap();
    let response = Browser::new(&world.http, WECHAT)
        .once(reqwest::Method::GET, &url, None)
        .await;
    assert_eq!(response.status(), 302);
    let to = response.headers()["location"].to_str().unwrap();
    let authorise = format!(
        "{}/connect/oauth2/authorize?appid=",
        world.sandbox().public_url()
    );
    assert!(to.starts_with(&authorise), "{to}");
    // Looking started nothing.
    assert_eq!(world.sandbox().orders(), []);
}

#[tokio::test]
async fn a_link_with_any_byte_changed_shows_nothing() {
    let world = World::with_sandbox().await;
    let terminal = world.enrolled("T07").await;
    let asked = terminal.ask(false).await;
    let link = asked
        .signed_link
        .strip_prefix("/p/")
        .unwrap()
        .as_bytes()
        .to_vec();
    let (seller, amount) = ("锦绣家纺", asked.amount.to_string());
    let mut tried = 0;
    for index in 0..link.len() {
        for letter in [b'A', b'z', b'!'] {
            if link[index] == letter {
                continue;
            }
            let mut changed = link.clone();
            changed[index] = letter;
            let changed = String::from_utf8(changed).unwrap();
            let url = format!("{}/p/{changed}", world.public);
            let page = Browser::new(&world.http, CHROME).get(&url).await;
            assert_eq!(page.status, 404, "{index}");
            let shown = page.has(seller) || page.has(&amount) || page.has("<form") || page.has("¥");
            assert!(!shown, "{index}: {}", page.html);
            tried += 1;
            // Guessing is slowed down after twenty; this test is more patient than that.
            if tried % 20 == 0 {
                let page = Browser::new(&world.http, CHROME).get(&url).await;
                assert_eq!(page.status, 429);
                assert!(!page.has("¥"));
                world.env.forward(MINUTE_MS);
            }
        }
    }
    assert!(tried > 350);
    // The unchanged one is good, though its time is over by now.
    let url = format!("{}{}", world.public, asked.signed_link);
    let page = Browser::new(&world.http, CHROME).get(&url).await;
    assert_eq!(
        page.attribute("data-state").as_deref(),
        Some("expired"),
        "{}",
        page.html
    );
    assert!(world.env.now().0 > 0);
}

#[tokio::test]
async fn behind_a_proxy_a_guessing_stranger_slows_down_nobody_else() {
    let world = World::with_sandbox().await;
    let terminal = world.enrolled("T07").await;
    let asked = terminal.ask(true).await;
    let link = world.short_link(&terminal, asked.intent).await;
    let status = async |path: &str, who: &'static str| {
        let url = format!("{}{path}", world.public);
        let sent = world.http.get(url).header("x-forwarded-for", who).send();
        sent.await.unwrap().status().as_u16()
    };
    let stranger = "1.1.1.1, 203.0.113.7";
    while status("/p/0123456789ABC", stranger).await != 429 {}
    assert_eq!(status(&link, "2.2.2.2, 203.0.113.7").await, 429);
    assert_eq!(status(&link, "203.0.113.7, 198.51.100.9").await, 200);
}

#[tokio::test]
async fn an_address_that_is_no_cashiers_says_so_under_the_same_headers() {
    let world = World::with_sandbox().await;
    for path in [
        "/",
        "/p/",
        "/p/unknown",
        "/p/0123456789ABC",
        "/callbacks/other",
    ] {
        let response = world
            .http
            .get(format!("{}{path}", world.public))
            .send()
            .await
            .unwrap();
        assert!(response.status().is_client_error(), "{path}");
        if response.status() == 404 && path != "/callbacks/other" {
            let policy = response.headers()["content-security-policy"]
                .to_str()
                .unwrap();
            assert!(policy.starts_with("default-src 'none'"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_callback_that_does_not_verify_writes_nothing() {
    let world = World::with_sandbox().await;
    let before = world.store(|store, cx| store.summary(cx)).unwrap();
    let bodies: [&[u8]; 4] = [
        b"",
        b"{}",
        b"{\"id\":\"x\",\"event_type\":\"TRANSACTION.SUCCESS\"}",
        b"\xff\xfe garbage &sign=abc&sign_type=RSA2",
    ];
    for (path, words) in [("wechat_pay", "FAIL"), ("alipay", "fail")] {
        for body in bodies {
            let response = world
                .http
                .post(format!("{}/callbacks/{path}", world.public))
                .header("content-type", "application/x-www-form-urlencoded")
                .header("wechatpay-signature", "AAAA")
                .body(body.to_vec())
                .send()
                .await
                .unwrap();
            assert!(response.status().is_client_error(), "{path}");
            assert!(response.text().await.unwrap().contains(words));
        }
    }
    assert_eq!(world.store(|store, cx| store.summary(cx)).unwrap(), before);
    let tally = world.store(|store, cx| store.tally(cx)).unwrap();
    assert!(tally.iter().all(|row| row.what != "callbacks"), "{tally:?}");
}

/// Limits each of these channels to less than what was asked for.
fn limited(world: &World, asked: &Asked, channels: &[Channel]) {
    let below = AmountLimit {
        least_fen: None,
        most_fen: Some(Money::from_fen(asked.amount.fen() - 1)),
    };
    let of = |channel| match channels.contains(&channel) {
        true => below,
        false => AmountLimit::default(),
    };
    let config = Config {
        online_payment_enabled: true,
        limits: PerChannel {
            wechat_pay: of(Channel::WechatPay),
            alipay: of(Channel::Alipay),
        },
        ..Config::default()
    };
    let done = world
        .host
        .central()
        .act(|store, cx| store.put_config(cx, &config));
    done.unwrap();
}

#[tokio::test]
async fn an_amount_outside_a_channels_limits_is_refused_in_words_of_its_own() {
    let world = World::with_sandbox().await;
    let terminal = world.enrolled("T07").await;
    let asked = terminal.ask(true).await;
    let link = world.short_link(&terminal, asked.intent).await;
    let url = format!("{}{link}", world.public);
    let open = Browser::new(&world.http, ALIPAY).get(&url).await;
    let form = open.form_of("pay-alipay");

    // The other channel is offered, and this one says why not.
    limited(&world, &asked, &[Channel::Alipay]);
    let page = Browser::new(&world.http, ALIPAY).get(&url).await;
    assert!(
        page.has("limits for Alipay") && !page.has("id=\"pay-alipay\""),
        "{}",
        page.html
    );
    let page = Browser::new(&world.http, CHROME).get(&url).await;
    assert!(page.has("id=\"open-in-wechat\"") && !page.has("id=\"pay-alipay\""));

    // A button that was on the screen before leads back to the page, not to the channel.
    limited(&world, &asked, &Channel::ALL);
    let sent = Browser::new(&world.http, ALIPAY)
        .once(Method::POST, &form, None)
        .await;
    let to = sent.headers()["location"].to_str().unwrap();
    assert_eq!(to, link);
    for browser in [CHROME, ALIPAY, WECHAT] {
        let page = Browser::new(&world.http, browser).get(&url).await;
        assert_eq!(
            page.attribute("data-state").as_deref(),
            Some("outside_limits")
        );
        assert!(page.has("id=\"outside-limits\"") && !page.has("<form"));
    }
    assert_eq!(world.sandbox().orders(), []);

    limited(&world, &asked, &[]);
    let page = Browser::new(&world.http, ALIPAY).get(&url).await;
    assert!(page.has("id=\"pay-alipay\""));
}
