//! A backup is put back after payers have paid. Numbers of attempts are computed, so the money is
//! found at its channel; operations are with the terminals. The books end as they had been.

use crate::browser::{Browser, CHROME};
use crate::paying::{opened, pay_by_alipay, pay_by_wechat};
use crate::signed_by_channel::{event, transaction, wechat};
use crate::world::{Asked, Terminal, World};
use backend::jobs::run_due;
use domain::time::MINUTE_MS;
use wire::verdict::VerdictKind;

fn balance(world: &World, account: &str) -> i64 {
    let rows = world.store(|store, cx| store.trial_balance(cx)).unwrap();
    let named = rows.iter().filter(|row| row.account.starts_with(account));
    named.map(|row| row.balance_fen.fen()).sum()
}

fn items(world: &World) -> Vec<String> {
    let all = world.store(|store, cx| store.attention(cx)).unwrap();
    all.into_iter().map(|item| item.kind).collect()
}

async fn pay(world: &World, terminal: &Terminal<'_>, asked: &Asked, wallet: &str) {
    let link = world.short_link(terminal, asked.intent).await;
    let mut phone = Browser::new(&world.http, CHROME);
    let page = opened(world, &mut phone, &link, wallet).await;
    match wallet {
        "wechat" => pay_by_wechat(&mut phone, &page).await,
        _ => pay_by_alipay(&mut phone, &page).await,
    };
    run_due(&world.host).await.unwrap();
    world.env.forward(MINUTE_MS);
    run_due(&world.host).await.unwrap();
    assert_eq!(world.the_order(asked.order).paid_fen, asked.amount);
}

/// What was asked before the backup and after it, and paid after it, with the backup.
async fn paid_after_a_backup<'w>(
    world: &'w World,
) -> (Terminal<'w>, Vec<Asked>, std::path::PathBuf) {
    let terminal = world.enrolled("T07").await;
    let before = terminal.ask(true).await;
    let backup = world.backup();
    pay(world, &terminal, &before, "wechat").await;
    let after = terminal.ask(true).await;
    pay(world, &terminal, &after, "alipay").await;
    let last = terminal.ask(true).await;
    pay(world, &terminal, &last, "wechat").await;
    (terminal, vec![before, after, last], backup)
}

fn as_it_had_been(world: &World, asked: &[Asked]) {
    let total: i64 = asked.iter().map(|asked| asked.amount.fen()).sum();
    for asked in asked {
        assert_eq!(world.the_order(asked.order).paid_fen, asked.amount);
    }
    assert_eq!(balance(world, "channel_clearing"), -total);
    for account in [
        "unidentified",
        "unapplied",
        "held_ticket",
        "refundable",
        "suspense",
    ] {
        assert_eq!(balance(world, account), 0, "{account}");
    }
    assert_eq!(items(world), Vec::<String>::new());
    world.audited();
}

#[tokio::test]
async fn payments_that_a_restored_backup_lacks_are_found_at_their_channels() {
    let world = World::with_sandbox().await;
    let (terminal, asked, backup) = paid_after_a_backup(&world).await;
    as_it_had_been(&world, &asked);
    // Every ask is long over when the backup is put back.
    world.env.forward(60 * MINUTE_MS);
    let restored = world.restored(&backup).await;
    restored.store(|store, cx| store.begin_epoch(cx)).unwrap();
    assert_eq!(
        balance(&restored, "channel_clearing"),
        0,
        "the backup knows nothing of it"
    );
    let terminal = terminal.before(&restored);
    let reply = terminal.send_again().await;
    assert!(
        reply.verdicts.iter().all(|verdict| verdict.kind.applied()),
        "{:?}",
        reply.verdicts
    );
    run_due(&restored.host).await.unwrap();
    restored.env.forward(MINUTE_MS);
    run_due(&restored.host).await.unwrap();
    as_it_had_been(&restored, &asked);
    // Sent once more, and asked once more: nothing is booked twice.
    restored.store(|store, cx| store.begin_epoch(cx)).unwrap();
    let reply = terminal.send_again().await;
    assert!(matches!(reply.verdicts[0].kind, VerdictKind::Applied));
    restored.env.forward(10 * MINUTE_MS);
    run_due(&restored.host).await.unwrap();
    as_it_had_been(&restored, &asked);
}

#[tokio::test]
async fn a_callback_names_an_attempt_that_the_backup_lacks() {
    let world = World::with_sandbox().await;
    let (terminal, asked, backup) = paid_after_a_backup(&world).await;
    let restored = world.restored(&backup).await;
    restored.store(|store, cx| store.begin_epoch(cx)).unwrap();
    let first = &asked[0];
    let number =
        backend::payments::out_trade_no(first.intent, domain::channel::Channel::WechatPay, 1);
    let orders = world.sandbox().orders();
    let order = orders
        .iter()
        .find(|order| order.out_trade_no == number)
        .unwrap();
    let provider_no = order.provider_number.clone().unwrap();
    let told = transaction(&world, &number, &provider_no, first.amount.fen());
    let told = wechat(&world, &event(&world, &told));
    assert_eq!(told.send(&restored).await.0, 204);
    run_due(&restored.host).await.unwrap();
    // Its row is lost and its number says whose it is: nothing has to be asked.
    assert_eq!(restored.the_order(first.order).paid_fen, first.amount);
    assert_eq!(balance(&restored, "unidentified"), 0);
    restored.audited();
    let terminal = terminal.before(&restored);
    terminal.send_again().await;
    run_due(&restored.host).await.unwrap();
    restored.env.forward(MINUTE_MS);
    run_due(&restored.host).await.unwrap();
    as_it_had_been(&restored, &asked);
}

#[tokio::test]
async fn a_number_of_ours_without_an_attempt_is_unidentified_while_nothing_was_restored() {
    let world = World::with_sandbox().await;
    let terminal = world.enrolled("T07").await;
    let asked = terminal.ask(true).await;
    let wechat_pay = domain::channel::Channel::WechatPay;
    let number = backend::payments::out_trade_no(asked.intent, wechat_pay, 7);
    let told = transaction(
        &world,
        &number,
        "4200000000000000000000000007",
        asked.amount.fen(),
    );
    assert_eq!(
        wechat(&world, &event(&world, &told)).send(&world).await.0,
        204
    );
    run_due(&world.host).await.unwrap();
    assert_eq!(balance(&world, "unidentified"), asked.amount.fen());
    assert_eq!(items(&world), ["unidentified_money"]);
    world.audited();
}
