//! Whole payments through the sandbox's phone, by plain HTTP: with callbacks, without them, with a
//! change of mind in between, and too late.

use crate::browser::{Browser, CHROME, Page};
use crate::world::{Asked, Terminal, World};
use backend::jobs::run_due;
use domain::collection::CollectionState;
use domain::intent::AttemptState;
use domain::order::PaymentState;
use domain::time::MINUTE_MS;
use sandbox::{ApiOperation, Faults};
use url::Url;

/// Opens the link on the sandbox's phone with this wallet.
pub(crate) async fn opened(world: &World, phone: &mut Browser, link: &str, wallet: &str) -> Page {
    let cashier = format!("{}{link}", world.public);
    phone
        .get(&format!(
            "{}&wallet={wallet}",
            world.sandbox().phone_link(&cashier)
        ))
        .await
}

/// Presses the cashier's WeChat button and what WeChat's own page asks; answers that page.
pub(crate) async fn pay_by_wechat(phone: &mut Browser, page: &Page) -> Page {
    let page = phone.post(&page.form_of("pay-wechat")).await;
    let params = page
        .attribute("data-bridge")
        .unwrap_or_else(|| panic!("{}", page.html));
    let session = page.url.path().split('/').nth(2).unwrap();
    let bridge = page
        .url
        .join(&format!("/phone/{session}/-/bridge"))
        .unwrap();
    let answer = phone
        .once(reqwest::Method::POST, &bridge, Some(&params))
        .await;
    let answer: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let sheet = answer["page"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"));
    let sheet: Url = page.url.join(sheet).unwrap();
    let sheet = phone.get(sheet.as_str()).await;
    phone.post(&sheet.form_of("pay")).await
}

pub(crate) async fn pay_by_alipay(phone: &mut Browser, page: &Page) -> Page {
    let sheet = phone.post(&page.form_of("pay-alipay")).await;
    phone.post(&sheet.form_of("pay")).await
}

pub(crate) async fn paid(world: &World, asked: &Asked) {
    let id = asked.order;
    world
        .until("the order to be paid", |store, cx| {
            let orders = store.orders(cx).unwrap();
            orders
                .iter()
                .any(|o| o.id == id && o.payment_state() == PaymentState::Paid)
        })
        .await;
    let collections = world.store(|store, cx| store.collections(cx)).unwrap();
    assert_eq!(collections.len(), 1);
    assert_eq!(collections[0].state, CollectionState::Confirmed);
    assert_eq!(collections[0].amount_fen, asked.amount);
    assert!(collections[0].transaction_record.is_some() && collections[0].recorded_by.is_none());
    world.audited();
}

pub(crate) async fn asked<'w>(world: &'w World) -> (Terminal<'w>, Asked, String) {
    let terminal = world.enrolled("T07").await;
    let asked = terminal.ask(true).await;
    let link = world.short_link(&terminal, asked.intent).await;
    (terminal, asked, link)
}

#[tokio::test]
async fn wechat_pays_and_the_callback_settles() {
    let world = World::with_sandbox().await;
    world.work();
    let (_terminal, asked, link) = asked(&world).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "wechat").await;
    assert!(
        page.has(&asked.check_code) && page.has("id=\"pay-wechat\""),
        "{}",
        page.html
    );
    let done = pay_by_wechat(&mut phone, &page).await;
    assert_eq!(
        done.attribute("data-result").as_deref(),
        Some("paid"),
        "{}",
        done.html
    );
    paid(&world, &asked).await;
    let deliveries = world.sandbox().deliveries();
    assert_eq!(deliveries[0].outcome, "accepted", "{deliveries:?}");
    // The phone shows the receipt; it opens with the key that the terminal has pinned.
    let page = phone.get(page.url.as_str()).await;
    assert_eq!(
        page.attribute("data-state").as_deref(),
        Some("paid"),
        "{}",
        page.html
    );
    assert!(page.has("id=\"receipt-qr\"") && page.has("id=\"receipt-code\""));
    let receipt = world
        .store(|store, cx| store.receipt(cx, asked.intent))
        .unwrap()
        .unwrap();
    let key = world.host.central().key().public();
    let signed = wire::receipt::Receipt::open(&receipt.signed, &key).unwrap();
    assert_eq!(
        (signed.intent, signed.amount_fen),
        (asked.intent, asked.amount)
    );
}

#[tokio::test]
async fn alipay_pays_and_the_callback_settles() {
    let world = World::with_sandbox().await;
    world.work();
    let (_terminal, asked, link) = asked(&world).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "alipay").await;
    let done = pay_by_alipay(&mut phone, &page).await;
    assert_eq!(
        done.attribute("data-result").as_deref(),
        Some("paid"),
        "{}",
        done.html
    );
    // The wallet leads back to the cashier.
    assert!(done.has("back=1"), "{}", done.html);
    paid(&world, &asked).await;
}

#[tokio::test]
async fn an_ordinary_browser_pays_with_alipay_too() {
    let world = World::with_sandbox().await;
    world.work();
    let (_terminal, asked, link) = asked(&world).await;
    let mut browser = Browser::new(&world.http, CHROME);
    let page = browser.get(&format!("{}{link}", world.public)).await;
    let done = pay_by_alipay(&mut browser, &page).await;
    assert_eq!(
        done.attribute("data-result").as_deref(),
        Some("paid"),
        "{}",
        done.html
    );
    paid(&world, &asked).await;
}

#[tokio::test]
async fn without_callbacks_a_query_settles_both_wallets() {
    for wallet in ["wechat", "alipay"] {
        let world = World::with_sandbox().await;
        world.sandbox().set_faults(Faults {
            drop_callback: 9,
            ..Faults::default()
        });
        let (_terminal, asked, link) = asked(&world).await;
        let mut phone = Browser::new(&world.http, CHROME);
        let page = opened(&world, &mut phone, &link, wallet).await;
        let done = match wallet {
            "wechat" => pay_by_wechat(&mut phone, &page).await,
            _ => pay_by_alipay(&mut phone, &page).await,
        };
        assert_eq!(
            done.attribute("data-result").as_deref(),
            Some("paid"),
            "{}",
            done.html
        );
        run_due(&world.host).await.unwrap();
        assert_eq!(
            world.the_order(asked.order).payment_state(),
            PaymentState::Unpaid
        );
        world.env.forward(6_000);
        run_due(&world.host).await.unwrap();
        paid(&world, &asked).await;
        let deliveries = world.sandbox().deliveries();
        assert!(
            deliveries
                .iter()
                .all(|delivery| delivery.outcome == "dropped")
        );
    }
}

#[tokio::test]
async fn money_before_its_operation_waits_and_is_applied_when_it_comes() {
    let world = World::with_sandbox().await;
    world.work();
    let terminal = world.enrolled("T07").await;
    let asked = terminal.ask(false).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &asked.signed_link, "wechat").await;
    assert!(page.has(&asked.amount.to_string()) && !page.has(&asked.order_number));
    pay_by_wechat(&mut phone, &page).await;
    let intent = asked.intent;
    world
        .until("the money", |store, cx| {
            store.receipt(cx, intent).unwrap().is_some()
        })
        .await;
    assert_eq!(world.store(|store, cx| store.collections(cx)).unwrap(), []);
    world.audited();
}

#[tokio::test]
async fn a_change_of_wallet_closes_the_first_and_a_second_success_is_refundable() {
    let world = World::with_sandbox().await;
    world.work();
    let (_terminal, asked, link) = asked(&world).await;
    let mut browser = Browser::new(&world.http, CHROME);
    let page = browser.get(&format!("{}{link}", world.public)).await;
    let wap = browser
        .once(reqwest::Method::POST, &page.form_of("pay-alipay"), None)
        .await
        .headers()["location"]
        .to_str()
        .unwrap()
        .to_owned();
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "wechat").await;
    pay_by_wechat(&mut phone, &page).await;
    paid(&world, &asked).await;
    // Alipay knew no such trade, so it could not close it: the page is still payable there.
    let sheet = browser.get(&wap).await;
    let done = browser.post(&sheet.form_of("pay")).await;
    assert_eq!(
        done.attribute("data-result").as_deref(),
        Some("paid"),
        "{}",
        done.html
    );
    world
        .until("finance to be told", |store, cx| {
            let items = store.attention(cx).unwrap();
            items.iter().any(|item| item.kind == "duplicate_payment")
        })
        .await;
    let balances = world.store(|store, cx| store.trial_balance(cx)).unwrap();
    let refundable = balances
        .iter()
        .find(|row| row.account.starts_with("refundable"))
        .unwrap();
    assert_eq!(refundable.balance_fen, asked.amount);
    assert_eq!(world.the_order(asked.order).paid_fen, asked.amount);
    world.audited();
}

#[tokio::test]
async fn time_over_closes_at_the_channel_first() {
    let world = World::with_sandbox().await;
    let (_terminal, asked, link) = asked(&world).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "wechat").await;
    phone.post(&page.form_of("pay-wechat")).await;
    assert_eq!(world.sandbox().orders()[0].state, "NOTPAY");
    let number = world.sandbox().orders()[0].out_trade_no.clone();
    let state = || {
        world
            .store(|store, cx| store.attempt(cx, &number))
            .unwrap()
            .unwrap()
            .state
    };
    assert_eq!(state(), AttemptState::Open);
    let life = world
        .store(|store, cx| store.config(cx))
        .unwrap()
        .config
        .intent_lifetime_s;
    let life = i64::from(life) * 1_000;
    assert_eq!(life, 15 * MINUTE_MS);
    // A channel that does not answer keeps the ask alive: somebody may be typing a password.
    let only = Some(ApiOperation::Close);
    world.sandbox().set_faults(Faults {
        status_500: 1,
        only,
        ..Faults::default()
    });
    world.env.forward(life);
    run_due(&world.host).await.unwrap();
    assert_eq!(state(), AttemptState::Unknown);
    let url = format!("{}{link}", world.public);
    let page = Browser::new(&world.http, CHROME).get(&url).await;
    assert!(!page.has("id=\"pay-alipay\""), "{}", page.html);
    world.env.forward(MINUTE_MS);
    run_due(&world.host).await.unwrap();
    assert_eq!(state(), AttemptState::Closed);
    let page = Browser::new(&world.http, CHROME).get(&url).await;
    assert_eq!(
        (page.status, page.attribute("data-state").as_deref()),
        (410, Some("expired"))
    );
    assert_eq!(
        world.the_order(asked.order).payment_state(),
        PaymentState::Unpaid
    );
    let jobs = world.store(|store, cx| store.summary(cx)).unwrap();
    assert_eq!((jobs.jobs, jobs.live_intents), (0, 0));
}

#[tokio::test]
async fn a_signtest_callback_is_refused_and_the_query_settles() {
    let world = World::with_sandbox().await;
    world.sandbox().set_faults(Faults {
        signtest_callback: 1,
        ..Faults::default()
    });
    let (_terminal, asked, link) = asked(&world).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "wechat").await;
    let before = world.rows();
    pay_by_wechat(&mut phone, &page).await;
    let called = async {
        while world.sandbox().deliveries().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let limit = std::time::Duration::from_secs(30);
    tokio::time::timeout(limit, called).await.unwrap();
    assert_eq!(world.sandbox().deliveries()[0].outcome, "refused 400");
    let callbacks = |rows: Vec<(String, i64)>| {
        let mut rows = rows.into_iter();
        rows.find(|(name, _)| name == "callback")
    };
    assert_eq!(callbacks(world.rows()), callbacks(before));
    world.env.forward(6_000);
    run_due(&world.host).await.unwrap();
    paid(&world, &asked).await;
}
