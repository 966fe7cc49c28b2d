//! WeChat Pay's key changes while orders are open: nothing is lost, and the new one takes part
//! without a restart.

use crate::browser::{Browser, CHROME};
use crate::paying::{asked, opened, paid, pay_by_wechat};
use crate::world::World;
use backend::jobs::run_due;
use domain::order::PaymentState;
use domain::time::{HOUR_MS, MINUTE_MS};
use sandbox::{Faults, PlatformKeyKind};

fn fetched(world: &World) -> u64 {
    let counters = world.sandbox().counters();
    counters
        .get("wechat_pay.certificates")
        .copied()
        .unwrap_or(0)
}

#[tokio::test]
async fn a_certificate_that_changes_in_mid_flight_is_fetched_and_the_query_settles() {
    let world = World::with_certificates_only().await;
    world.sandbox().sign_with(PlatformKeyKind::Certificate);
    world.sandbox().set_faults(Faults {
        drop_callback: 9,
        ..Faults::default()
    });
    let (_terminal, asked, link) = asked(&world).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "wechat").await;
    world.sandbox().rotate_certificate().unwrap();
    // The answer to the order is signed by a key that nobody knows yet: it may have been placed.
    let page = phone.post(&page.form_of("pay-wechat")).await;
    assert_eq!(
        page.attribute("data-state").as_deref(),
        Some("unknown"),
        "{}",
        page.html
    );
    assert_eq!(world.sandbox().orders().len(), 1);
    run_due(&world.host).await.unwrap();
    assert_eq!(fetched(&world), 1);
    // The same order again, with the same number, now has its answer.
    world.env.forward(6_000);
    run_due(&world.host).await.unwrap();
    let page = opened(&world, &mut phone, &link, "wechat").await;
    pay_by_wechat(&mut phone, &page).await;
    assert_eq!(world.sandbox().orders().len(), 1);
    world.env.forward(MINUTE_MS);
    run_due(&world.host).await.unwrap();
    paid(&world, &asked).await;
}

#[tokio::test]
async fn a_callback_by_a_new_certificate_is_refused_until_it_is_fetched() {
    let world = World::with_certificates_only().await;
    world.sandbox().sign_with(PlatformKeyKind::Certificate);
    let (_terminal, asked, link) = asked(&world).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "wechat").await;
    let page = phone.post(&page.form_of("pay-wechat")).await;
    assert!(page.attribute("data-bridge").is_some(), "{}", page.html);
    let number = world.sandbox().orders()[0].out_trade_no.clone();
    world.sandbox().rotate_certificate().unwrap();
    world.sandbox().pay(&number, 1).unwrap();
    let delivered = |outcome: &'static str| {
        let sandbox = world.sandbox();
        async move {
            let came = async {
                while !sandbox
                    .deliveries()
                    .iter()
                    .any(|one| one.outcome == outcome)
                {
                    tokio::task::yield_now().await;
                }
            };
            let limit = std::time::Duration::from_secs(30);
            tokio::time::timeout(limit, came).await.unwrap();
        }
    };
    delivered("refused 400").await;
    run_due(&world.host).await.unwrap();
    assert_eq!(fetched(&world), 1);
    assert_eq!(
        world.the_order(asked.order).payment_state(),
        PaymentState::Unpaid
    );
    world.sandbox().notify_again(&number, 1).unwrap();
    delivered("accepted").await;
    run_due(&world.host).await.unwrap();
    paid(&world, &asked).await;
}

#[tokio::test]
async fn keys_are_fetched_every_hour_and_strangers_can_make_it_no_faster_than_each_minute() {
    let world = World::with_sandbox().await;
    run_due(&world.host).await.unwrap();
    assert_eq!(fetched(&world), 0);
    world.env.forward(HOUR_MS);
    run_due(&world.host).await.unwrap();
    assert_eq!(fetched(&world), 1);
    for _ in 0..3 {
        let now = wire::Env::now(world.env.as_ref()).0 / 1_000;
        let sent = world
            .http
            .post(format!("{}/callbacks/wechat_pay", world.public))
            .header("wechatpay-serial", "5A5A5A5A")
            .header("wechatpay-timestamp", now.to_string())
            .header("wechatpay-nonce", "n")
            .header("wechatpay-signature", "QUFBQQ==")
            .body("{}");
        assert_eq!(sent.send().await.unwrap().status(), 400);
        run_due(&world.host).await.unwrap();
        assert_eq!(fetched(&world), 1);
    }
    world.env.forward(MINUTE_MS);
    run_due(&world.host).await.unwrap();
    assert_eq!(fetched(&world), 2);
}
