//! Every surface and every state of the cashier, followed by plain HTTP: forms and links only, so no
//! page needs a script before the wallet does.

use crate::browser::{ALIPAY, Browser, CHROME, DESKTOP, Page, WECHAT};
use crate::paying::{asked, opened, paid, pay_by_alipay, pay_by_wechat};
use crate::world::World;
use backend::jobs::run_due;
use domain::Money;
use domain::channel::Channel;
use domain::config::{AmountLimit, PerChannel};
use domain::intent::AttemptState;
use domain::operation::{IntentClose, OpBody};
use domain::role::Role;
use domain::time::MINUTE_MS;
use sandbox::{ApiOperation, Faults};

const AGENTS: [&str; 4] = [WECHAT, ALIPAY, CHROME, DESKTOP];

fn state(page: &Page) -> Option<String> {
    page.attribute("data-state")
}

/// What holds of every page there is.
fn check(page: &Page, language: &str) {
    // The sandbox's phone brings a bridge of its own, as WeChat's browser does.
    let own: Vec<&str> = page.html.split("<script src=\"/phone/").collect();
    let html = match own[..] {
        [before, after] => format!("{before}{}", after.split_once("</script>").unwrap().1),
        _ => page.html.clone(),
    };
    assert!(html.len() < 30_000, "{} bytes", html.len());
    assert!(page.has(&format!("<html lang=\"{language}\"")), "{html}");
    for stranger in [
        "<input",
        "src=",
        "<link rel=\"style",
        "@import",
        "url(",
        "<iframe",
    ] {
        assert!(!html.contains(stranger), "{stranger} in {html}");
    }
    // Nothing on it that only a script could press.
    assert!(!page.has("onclick") && !page.has("href=\"#"), "{html}");
}

/// The ask's page in every browser and both languages; all show the same state.
async fn everywhere(world: &World, link: &str, expected: &str) -> Vec<Page> {
    let url = format!("{}{link}", world.public);
    let mut pages = Vec::new();
    for (accept, language) in [("en-GB,zh;q=0.1", "en"), ("en;q=0.3, zh-CN;q=0.8", "zh-CN")] {
        for agent in AGENTS {
            // WeChat's browser comes back from the authorise page on the sandbox's phone.
            let mut browser = Browser::new(&world.http, agent).speaking(accept);
            let page = match agent {
                WECHAT => opened(world, &mut browser, link, "wechat").await,
                _ => browser.get(&url).await,
            };
            assert_eq!(state(&page).as_deref(), Some(expected), "{}", page.html);
            check(&page, language);
            pages.push(page);
        }
    }
    pages
}

#[tokio::test]
async fn every_state_says_so_in_every_browser_and_both_languages() {
    let world = World::with_sandbox().await;
    let (terminal, first, link) = asked(&world).await;
    for page in everywhere(&world, &link, "payable").await {
        assert!(page.has(&first.check_code) && page.has(&first.amount.to_string()));
    }
    // Paid: the receipt, wherever it is opened.
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "alipay").await;
    // The channel answers no question for now, or the page that asks would be the last to check.
    world.sandbox().set_faults(Faults {
        status_500: 1_000,
        only: Some(ApiOperation::Query),
        ..Faults::default()
    });
    pay_by_alipay(&mut phone, &page).await;
    let back = format!("{link}?back=1");
    for page in everywhere(&world, &back, "checking").await {
        assert!(!page.has("id=\"pay-alipay\"") && page.has("id=\"pay-again\""));
    }
    world.sandbox().set_faults(Faults::default());
    world.env.forward(40_000);
    run_due(&world.host).await.unwrap();
    paid(&world, &first).await;
    for page in everywhere(&world, &link, "paid").await {
        assert!(page.has("id=\"receipt-code\"") && !page.has("<form"));
    }
    // Given up by staff.
    let second = terminal.ask(true).await;
    let link = world.short_link(&terminal, second.intent).await;
    let intent = second.intent;
    let close = OpBody::IntentClose(IntentClose { intent });
    let close = terminal.sign(world.staff(Role::Sales), close);
    terminal.push(vec![close]).await;
    for page in everywhere(&world, &link, "superseded").await {
        assert!(page.status == 410 && !page.has("¥"));
    }
    // A channel that does not answer.
    let third = terminal.ask(true).await;
    let link = world.short_link(&terminal, third.intent).await;
    world.sandbox().set_faults(Faults {
        status_500: 1,
        only: Some(ApiOperation::Create),
        ..Faults::default()
    });
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "wechat").await;
    phone.post(&page.form_of("pay-wechat")).await;
    for page in everywhere(&world, &link, "unknown").await {
        assert!(!page.has("<form"));
    }
    // Its time is over.
    let fourth = terminal.ask(true).await;
    let link = world.short_link(&terminal, fourth.intent).await;
    world.env.forward(15 * MINUTE_MS);
    for page in everywhere(&world, &link, "expired").await {
        assert!(page.status == 410 && !page.has("¥"));
    }
    // More than any bound channel takes at once.
    let fifth = terminal.ask(true).await;
    let link = world.short_link(&terminal, fifth.intent).await;
    let below = AmountLimit {
        least_fen: None,
        most_fen: Some(Money::from_fen(fifth.amount.fen() - 1)),
    };
    world.configure(|config| {
        config.limits = PerChannel {
            wechat_pay: below,
            alipay: below,
        };
    });
    for page in everywhere(&world, &link, "outside_limits").await {
        assert!(page.has("id=\"outside-limits\"") && !page.has("<form"));
        assert!(page.has(&fifth.amount.to_string()));
    }
    for page in everywhere(&world, "/p/0123456789ABC", "refused").await {
        assert!(page.status == 404 && !page.has("¥"));
    }
    // Whoever tries many is slowed down, whatever the link.
    let guessed = format!("{}/p/0123456789ABC", world.public);
    let mut stranger = Browser::new(&world.http, CHROME);
    while stranger.get(&guessed).await.status != 429 {}
    for page in everywhere(&world, &link, "busy").await {
        assert!(page.status == 429 && !page.has("¥"));
    }
    world.env.forward(MINUTE_MS);
    // The store can't be read.
    world.break_store();
    for page in everywhere(&world, &link, "trouble").await {
        assert!(page.status == 503 && !page.has("¥") && !page.has("<form"));
    }
}

#[tokio::test]
async fn a_channel_that_is_not_bound_is_named_and_not_offered() {
    for (channel, wrong, button) in [
        (Channel::Alipay, WECHAT, "pay-alipay"),
        (Channel::WechatPay, ALIPAY, "pay-wechat"),
    ] {
        let world = World::with_only(channel).await;
        let (_terminal, _asked, link) = asked(&world).await;
        let url = format!("{}{link}", world.public);
        for (language, tag) in [("en", "en"), ("zh", "zh-CN")] {
            let mut browser = Browser::new(&world.http, wrong).speaking(language);
            let page = browser.get(&url).await;
            assert_eq!(state(&page).as_deref(), Some("payable"));
            assert!(
                page.has("id=\"wrong-channel\"") && !page.has("<form"),
                "{}",
                page.html
            );
            check(&page, tag);
        }
        let page = Browser::new(&world.http, DESKTOP).get(&url).await;
        assert!(page.has(&format!("id=\"{button}\"")), "{}", page.html);
        assert_eq!(page.html.matches("<form").count(), 1);
        // Pressed all the same, it leads back and starts nothing.
        let other = if channel == Channel::Alipay {
            "wechat"
        } else {
            "alipay"
        };
        let pressed = format!("{url}/{other}").parse().unwrap();
        let page = Browser::new(&world.http, DESKTOP).post(&pressed).await;
        assert_eq!(state(&page).as_deref(), Some("payable"));
        assert_eq!(world.sandbox().orders(), []);
    }
}

#[tokio::test]
async fn a_computer_shows_wechats_code_and_a_phone_scans_it() {
    let world = World::with_sandbox().await;
    let (_terminal, asked, link) = asked(&world).await;
    let url = format!("{}{link}", world.public);
    let mut desktop = Browser::new(&world.http, DESKTOP);
    let page = desktop.get(&url).await;
    assert!(!page.has("id=\"open-in-wechat\"") && !page.has("id=\"wechat-qr\""));
    let page = desktop.post(&page.form_of("pay-wechat")).await;
    assert!(page.has("<svg id=\"wechat-qr\""), "{}", page.html);
    // Without a script the page looks again by itself, and the other wallet is still there.
    assert!(page.has("http-equiv=\"refresh\"") && page.has("id=\"pay-alipay\""));
    check(&page, "en");
    let order = world.sandbox().orders()[0].clone();
    let attempt = world.store(|store, cx| store.attempt(cx, &order.out_trade_no));
    let attempt = attempt.unwrap().unwrap();
    assert_eq!(attempt.state, AttemptState::Open);
    let code: String = url::form_urlencoded::byte_serialize(attempt.offer.as_bytes()).collect();
    let phone = format!(
        "{}/phone?wallet=wechat&link={code}",
        world.sandbox().public_url()
    );
    let mut payer = Browser::new(&world.http, CHROME);
    let sheet = payer.get(&phone).await;
    let done = payer.post(&sheet.form_of("pay")).await;
    assert_eq!(
        done.attribute("data-result").as_deref(),
        Some("paid"),
        "{}",
        done.html
    );
    world.env.forward(6_000);
    run_due(&world.host).await.unwrap();
    paid(&world, &asked).await;
    let page = desktop.get(&url).await;
    assert_eq!(state(&page).as_deref(), Some("paid"));
}

#[tokio::test]
async fn a_code_on_a_screen_gives_way_to_the_wallet_that_opens_the_link() {
    let world = World::with_sandbox().await;
    let (_terminal, asked, link) = asked(&world).await;
    let mut desktop = Browser::new(&world.http, DESKTOP);
    let page = desktop.get(&format!("{}{link}", world.public)).await;
    desktop.post(&page.form_of("pay-wechat")).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "wechat").await;
    pay_by_wechat(&mut phone, &page).await;
    let states: Vec<String> = world
        .sandbox()
        .orders()
        .into_iter()
        .map(|o| o.state)
        .collect();
    assert_eq!(states, ["CLOSED", "SUCCESS"]);
    world.env.forward(6_000);
    run_due(&world.host).await.unwrap();
    paid(&world, &asked).await;
}

#[tokio::test]
async fn a_computer_pays_by_alipays_own_page() {
    let world = World::with_sandbox().await;
    let (_terminal, asked, link) = asked(&world).await;
    let mut desktop = Browser::new(&world.http, DESKTOP);
    let page = desktop.get(&format!("{}{link}", world.public)).await;
    let target = page.form_of("pay-alipay");
    let response = desktop.once(reqwest::Method::POST, &target, None).await;
    let to = response.headers()["location"].to_str().unwrap().to_owned();
    assert!(to.contains("method=alipay.trade.page.pay"), "{to}");
    let sheet = desktop.get(&to).await;
    let done = desktop.post(&sheet.form_of("pay")).await;
    assert_eq!(
        done.attribute("data-result").as_deref(),
        Some("paid"),
        "{}",
        done.html
    );
    world.env.forward(6_000);
    run_due(&world.host).await.unwrap();
    paid(&world, &asked).await;
}

#[tokio::test]
async fn another_phones_browser_goes_to_wechats_page_only_where_the_company_has_it() {
    let world = World::with_sandbox().await;
    let (_terminal, asked, link) = asked(&world).await;
    let url = format!("{}{link}", world.public);
    let mut phone = Browser::new(&world.http, CHROME);
    let page = phone.get(&url).await;
    assert!(page.has("id=\"open-in-wechat\"") && !page.has("id=\"pay-wechat\""));
    let pressed = format!("{url}/wechat").parse().unwrap();
    let page = phone.post(&pressed).await;
    assert_eq!(
        (state(&page).as_deref(), world.sandbox().orders().len()),
        (Some("payable"), 0)
    );
    world.configure(|config| config.wechat_h5 = true);
    let response = phone
        .once(reqwest::Method::GET, &url.parse().unwrap(), None)
        .await;
    // WeChat's page wants to know the host that leads there, and never learns the link.
    assert_eq!(response.headers()["referrer-policy"], "strict-origin");
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    let host = world.sandbox().public_url();
    let forms = policy.split(';').find(|part| part.contains("form-action"));
    assert!(forms.unwrap().contains(host), "{policy} {host}");
    let page = phone.get(&url).await;
    let response = phone
        .once(reqwest::Method::POST, &page.form_of("pay-wechat"), None)
        .await;
    let to = response.headers()["location"].to_str().unwrap().to_owned();
    assert!(to.contains("&redirect_url=http"), "{to}");
    let number = world.sandbox().orders()[0].out_trade_no.clone();
    world.sandbox().pay(&number, 1).unwrap();
    world.env.forward(6_000);
    run_due(&world.host).await.unwrap();
    paid(&world, &asked).await;
}
