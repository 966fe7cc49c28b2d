//! A channel's own code on the terminal's screen: made, scanned by that wallet, paid, and given up
//! for another.

use crate::browser::{Browser, CHROME};
use crate::paying::{asked, opened, paid, pay_by_alipay, pay_by_wechat};
use crate::world::{Terminal, World};
use backend::jobs::run_due;
use domain::channel::Channel;
use domain::code::Code;
use domain::id::IntentId;
use domain::intent::AttemptState;
use domain::role::Role;
use sandbox::{ApiOperation, Faults};
use wire::code::{CodeReply, CodeRequest};
use wire::protocol::Refused;

async fn code_as(
    terminal: &Terminal<'_>,
    role: Role,
    intent: IntentId,
    channel: Channel,
) -> Result<CodeReply, Code> {
    let request = CodeRequest {
        staff: terminal.world.staff(role),
        intent,
        channel,
    };
    let body = serde_json::to_vec(&request).unwrap();
    let answer = terminal.call("POST", "/v1/code", body).await;
    assert!(answer.signed);
    if answer.status == 200 {
        return Ok(serde_json::from_slice(&answer.body).unwrap());
    }
    match serde_json::from_slice(&answer.body).unwrap() {
        Refused::Rule { reason } => Err(reason),
        other => panic!("{other:?}"),
    }
}

async fn text(terminal: &Terminal<'_>, intent: IntentId, channel: Channel) -> String {
    match code_as(terminal, Role::Sales, intent, channel).await {
        Ok(CodeReply::Code { text, .. }) => text,
        other => panic!("{other:?}"),
    }
}

/// Scans it with the channel's wallet and pays.
async fn scan(world: &World, code: &str, channel: Channel) -> Option<String> {
    let wallet = match channel {
        Channel::WechatPay => "wechat",
        Channel::Alipay => "alipay",
    };
    let mut phone = Browser::new(&world.http, CHROME);
    let link = format!("{}&wallet={wallet}", world.sandbox().phone_link(code));
    let page = phone.get(&link).await;
    if !page.has("id=\"pay\"") {
        return None;
    }
    let done = phone.post(&page.form_of("pay")).await;
    done.attribute("data-result")
}

#[tokio::test]
async fn each_channels_own_code_is_scanned_and_settles() {
    for channel in Channel::ALL {
        let world = World::with_sandbox().await;
        world.work();
        let (terminal, asked, _) = asked(&world).await;
        let code = text(&terminal, asked.intent, channel).await;
        // Asked again, it is the same order and the same code.
        assert_eq!(text(&terminal, asked.intent, channel).await, code);
        let result = scan(&world, &code, channel).await;
        assert_eq!(result.as_deref(), Some("paid"), "{channel:?}");
        paid(&world, &asked).await;
        let after = code_as(&terminal, Role::Sales, asked.intent, channel).await;
        assert_eq!(after, Ok(CodeReply::Over));
    }
}

#[tokio::test]
async fn without_callbacks_a_code_on_a_screen_settles_within_ten_seconds_of_its_payment() {
    let world = World::with_sandbox().await;
    world.sandbox().set_faults(Faults {
        drop_callback: 9,
        ..Faults::default()
    });
    let (terminal, asked, _) = asked(&world).await;
    let code = text(&terminal, asked.intent, Channel::WechatPay).await;
    // Long unpaid: the schedule alone would be at its slowest by now.
    for _ in 0..30 {
        world.env.forward(10_000);
        run_due(&world.host).await.unwrap();
    }
    let result = scan(&world, &code, Channel::WechatPay).await;
    assert_eq!(result.as_deref(), Some("paid"));
    world.env.forward(10_000);
    run_due(&world.host).await.unwrap();
    paid(&world, &asked).await;
}

#[tokio::test]
async fn the_other_channels_code_closes_the_first_and_so_does_the_cashier() {
    let world = World::with_sandbox().await;
    world.work();
    let (terminal, asked, link) = asked(&world).await;
    let native = text(&terminal, asked.intent, Channel::WechatPay).await;
    let alipay = text(&terminal, asked.intent, Channel::Alipay).await;
    assert_ne!(native, alipay);
    assert_eq!(scan(&world, &native, Channel::WechatPay).await, None);
    // The cashier of the same ask, in WeChat: one attempt at a time, whichever screen offers it.
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "wechat").await;
    pay_by_wechat(&mut phone, &page).await;
    paid(&world, &asked).await;
    // Alipay's unscanned code could not be closed; money on it is refundable, not lost.
    scan(&world, &alipay, Channel::Alipay).await;
    world
        .until("finance to be told", |store, cx| {
            let items = store.attention(cx).unwrap();
            items.iter().any(|item| item.kind == "duplicate_payment")
        })
        .await;
    world.audited();
}

#[tokio::test]
async fn a_code_whose_answer_was_lost_is_given_up_for_a_new_one() {
    let world = World::with_sandbox().await;
    let (terminal, asked, _) = asked(&world).await;
    world.sandbox().set_faults(Faults {
        bad_signature_response: 1,
        only: Some(ApiOperation::Create),
        ..Faults::default()
    });
    let sent = code_as(&terminal, Role::Sales, asked.intent, Channel::Alipay).await;
    assert_eq!(sent, Ok(CodeReply::Wait));
    // Alipay refuses the number a second time, whose code nobody knows: it is closed for another.
    let code = text(&terminal, asked.intent, Channel::Alipay).await;
    let result = scan(&world, &code, Channel::Alipay).await;
    assert_eq!(result.as_deref(), Some("paid"));
    world.env.forward(10_000);
    run_due(&world.host).await.unwrap();
    paid(&world, &asked).await;
}

#[tokio::test]
async fn who_may_not_ask_for_money_gets_no_code_and_a_closed_ask_has_none() {
    let world = World::with_sandbox().await;
    let (terminal, asked, link) = asked(&world).await;
    let admin = code_as(&terminal, Role::Admin, asked.intent, Channel::WechatPay).await;
    assert_eq!(admin, Err(Code::NotAllowed { role: Role::Admin }));
    let unknown = IntentId(world.host.central().env().number());
    let none = code_as(&terminal, Role::Sales, unknown, Channel::WechatPay).await;
    assert_eq!(
        none,
        Err(Code::NotFound {
            what: "intent".into()
        })
    );
    assert_eq!(world.sandbox().orders().len(), 0);
    // A payer who has begun on the cashier: the code takes over only what the channel has closed.
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(&world, &mut phone, &link, "alipay").await;
    let code = text(&terminal, asked.intent, Channel::WechatPay).await;
    let number = world.sandbox().orders()[0].out_trade_no.clone();
    let attempt = world.store(|store, cx| store.attempt(cx, &number));
    assert_eq!(attempt.unwrap().unwrap().state, AttemptState::Open);
    pay_by_alipay(&mut phone, &page).await;
    assert_eq!(scan(&world, &code, Channel::WechatPay).await, None);
}
