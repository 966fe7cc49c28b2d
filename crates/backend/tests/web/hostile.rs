//! Callbacks that the channels never sent, or sent about somebody else: refused with a line in the
//! audit log and nothing written, or booked where they move no order (rules 6.7, 6.11).

use crate::log::Log;
use crate::signed_by_channel::{Callback, alipay, event, notice, signed, transaction, wechat};
use crate::world::{Asked, World};
use backend::jobs::run_due;
use backend::payments::asks::{Answered, Begin};
use domain::channel::Channel;
use domain::order::PaymentState;
use domain::time::MINUTE_MS;
use serde_json::Value;

/// An ask with an open attempt at a channel; the attempt's number.
async fn open(world: &World, terminal: &str, channel: Channel) -> (Asked, String) {
    let terminal = world.enrolled(terminal).await;
    let asked = terminal.ask(true).await;
    let number = world.store(|store, cx| {
        let begin = store
            .begin_attempt(cx, asked.intent, channel, "somebody")
            .unwrap();
        let Begin::Create(attempt) = begin else {
            panic!("{begin:?}")
        };
        let offer = Answered::Created { offer: "x".into() };
        store
            .attempt_answered(cx, &attempt.out_trade_no, offer)
            .unwrap();
        attempt.out_trade_no
    });
    (asked, number)
}

/// The text with its last letter changed.
fn altered(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let last = letters.pop();
    letters.push(if last == Some('1') { '2' } else { '1' });
    letters.into_iter().collect()
}

/// All ways to drop or alter one field of an object, or of an object in it, with their names.
fn spoilt(object: &Value) -> Vec<(String, Value)> {
    let mut ways = Vec::new();
    for (name, value) in object.as_object().unwrap() {
        let mut dropped = object.clone();
        dropped.as_object_mut().unwrap().remove(name);
        ways.push((format!("no {name}"), dropped));
        let mut put = |what: String, value: Value| {
            let mut changed = object.clone();
            changed[name] = value;
            ways.push((what, changed));
        };
        match value {
            Value::Object(_) => {
                for (inner, value) in spoilt(value) {
                    put(format!("{name}: {inner}"), value);
                }
            }
            Value::Number(number) => {
                put(
                    format!("other {name}"),
                    (number.as_i64().unwrap() + 1).into(),
                );
            }
            other => put(
                format!("other {name}"),
                altered(other.as_str().unwrap()).into(),
            ),
        }
    }
    ways
}

/// Sends them all: each is refused in the channel's words, nothing is written, each leaves a line.
async fn refused(world: &World, sent: &[(String, Callback)]) {
    let (log, before) = (Log::default(), world.rows());
    let kept = log.kept();
    for (what, callback) in sent {
        let (status, words) = callback.send(world).await;
        assert!((400..500).contains(&status), "{what}: {status}");
        assert!(words.to_lowercase().contains("fail"), "{what}: {words}");
        assert!(!words.contains("success"), "{what}: {words}");
    }
    drop(kept);
    assert_eq!(world.rows(), before);
    let lines = log.audit();
    assert_eq!(lines.len(), sent.len(), "{lines:#?}");
    assert!(lines.iter().all(|line| line.contains("callback refused")));
}

/// Orders paid, money unidentified and reports of it.
fn standing(world: &World) -> (i64, i64, usize) {
    let (orders, balances, items) = world.store(|store, cx| {
        (
            store.orders(cx).unwrap(),
            store.trial_balance(cx).unwrap(),
            store.attention(cx).unwrap(),
        )
    });
    world.audited();
    let unidentified = balances
        .iter()
        .filter(|row| row.account.starts_with("unidentified"));
    (
        orders.iter().map(|order| order.paid_fen.fen()).sum(),
        unidentified.map(|row| row.balance_fen.fen()).sum(),
        items
            .iter()
            .filter(|item| matches!(item.kind.as_str(), "wrong_amount" | "unidentified_money"))
            .count(),
    )
}

#[tokio::test]
async fn a_wechat_callback_with_any_header_or_field_dropped_or_altered_is_refused() {
    let world = World::with_sandbox().await;
    let (asked, number) = open(&world, "T07", Channel::WechatPay).await;
    let trade = transaction(&world, &number, "420000001", asked.amount.fen());
    let event_of = event(&world, &trade);
    let good = wechat(&world, &event_of);
    let mut sent = Vec::new();
    for (index, (name, value)) in good.headers.iter().enumerate() {
        let mut other = good.clone();
        other.headers[index].1 = altered(value);
        sent.push((format!("other {name}"), other));
        let mut twice = good.clone();
        twice.headers.push((name.clone(), value.clone()));
        sent.push((format!("two {name}"), twice));
        // The channel's documents let the kind of signature be left out; there is one kind only.
        if name != "wechatpay-signature-type" {
            let mut without = good.clone();
            without.headers.remove(index);
            sent.push((format!("no {name}"), without));
        }
    }
    let mut probe = good.clone();
    let signature = format!("WECHATPAY/SIGNTEST/{}", good.headers[3].1);
    probe.headers[3].1 = signature;
    sent.push(("the channel's own test of a signature".into(), probe));
    // Under the signature of what was sent.
    for (what, event) in spoilt(&event_of) {
        let body = event.to_string().into_bytes();
        sent.push((
            what,
            Callback {
                body,
                ..good.clone()
            },
        ));
    }
    // Under the channel's signature of just this: what settlement needs is not there, or can't be.
    for (what, event) in spoilt(&event_of) {
        let needed = ["no event_type", "no resource", "resource: no original_type"];
        let sealed = ["algorithm", "ciphertext", "associated_data", "nonce"];
        let opens = |name| {
            what == format!("resource: no {name}") || what == format!("resource: other {name}")
        };
        if needed.contains(&what.as_str()) || sealed.into_iter().any(opens) {
            sent.push((format!("signed, {what}"), wechat(&world, &event)));
        }
    }
    let needed = [
        "mchid",
        "appid",
        "out_trade_no",
        "trade_state",
        "transaction_id",
        "success_time",
        "amount",
    ];
    for (what, trade) in spoilt(&trade) {
        let needed = needed.iter().any(|name| what == format!("no {name}"));
        let foreign = matches!(
            what.as_str(),
            "other mchid" | "amount: no total" | "amount: other currency"
        );
        if needed || foreign {
            sent.push((
                format!("sealed, {what}"),
                wechat(&world, &event(&world, &trade)),
            ));
        }
    }
    assert!(sent.len() > 50, "{}", sent.len());
    refused(&world, &sent).await;
    assert_eq!(standing(&world), (0, 0, 0));
    // What they were made from is good, a thousand times over, and makes one entry.
    for _ in 0..1_000 {
        assert_eq!(good.send(&world).await.0, 204);
    }
    run_due(&world.host).await.unwrap();
    assert_eq!(standing(&world), (asked.amount.fen(), 0, 0));
    assert_eq!(
        world.the_order(asked.order).payment_state(),
        PaymentState::Paid
    );
    let collections = world.store(|store, cx| store.collections(cx)).unwrap();
    let rows = world.rows();
    let count = |table: &str| rows.iter().find(|(name, _)| name == table).unwrap().1;
    assert_eq!(collections.len(), 1);
    assert_eq!(count("transaction_record"), 1);
    assert_eq!(count("callback"), 1_000);
}

#[tokio::test]
async fn an_alipay_notice_with_any_field_dropped_or_altered_is_refused() {
    let world = World::with_sandbox().await;
    let (asked, number) = open(&world, "T07", Channel::Alipay).await;
    let fields = notice(&world, &number, "2026112522001", asked.amount.fen());
    let good = signed(&fields);
    let mut sent = Vec::new();
    for (name, value) in &good {
        let mut fields = good.clone();
        fields.remove(name);
        sent.push((format!("no {name}"), alipay(&fields)));
        fields.insert(name.clone(), altered(value));
        sent.push((format!("other {name}"), alipay(&fields)));
        let again = [(name, value)];
        sent.push((format!("two {name}"), alipay(good.iter().chain(again))));
    }
    let (own, other) = ("own".to_owned(), "1".to_owned());
    sent.push((
        "one more".into(),
        alipay(good.iter().chain([(&own, &other)])),
    ));
    let needed = [
        "seller_id",
        "trade_status",
        "gmt_payment",
        "app_id",
        "out_trade_no",
        "trade_no",
        "total_amount",
    ];
    for name in needed {
        let mut fields = fields.clone();
        fields.remove(name);
        sent.push((format!("signed, no {name}"), alipay(&signed(&fields))));
    }
    let mut foreign = fields.clone();
    foreign.insert("seller_id".into(), "2088999999999999".into());
    sent.push((
        "signed, of another seller".into(),
        alipay(&signed(&foreign)),
    ));
    refused(&world, &sent).await;
    assert_eq!(standing(&world), (0, 0, 0));
    assert_eq!(
        alipay(&good).send(&world).await,
        (200, "success".to_owned())
    );
    run_due(&world.host).await.unwrap();
    assert_eq!(standing(&world), (asked.amount.fen(), 0, 0));
}

#[tokio::test]
async fn valid_evidence_of_something_else_settles_nothing_and_is_reported() {
    let world = World::with_sandbox().await;
    let (asked, number) = open(&world, "T07", Channel::WechatPay).await;
    let fen = asked.amount.fen();
    let mut other_app = transaction(&world, &number, "W1", fen);
    other_app["appid"] = "wx0000000000000000".into();
    let strangers = [
        wechat(&world, &event(&world, &other_app)),
        wechat(
            &world,
            &event(&world, &transaction(&world, "FTUNKNOWNW011", "W2", fen)),
        ),
        alipay(&signed(&notice(&world, &number, "A1", fen))),
        wechat(
            &world,
            &event(&world, &transaction(&world, &number, "W3", fen - 1)),
        ),
    ];
    for (n, stranger) in strangers.iter().enumerate() {
        assert!(stranger.send(&world).await.0 < 300, "{n}");
        run_due(&world.host).await.unwrap();
        assert_eq!(standing(&world).2, n + 1);
    }
    assert_eq!(standing(&world), (0, 4 * fen - 1, 4));
    // Money of a merchant account that is not the company's is refused, and the line names it.
    let (log, before) = (Log::default(), world.rows());
    let kept = log.kept();
    let mut foreign = transaction(&world, &number, "W4", fen);
    foreign["mchid"] = "1900000001".into();
    let (status, _) = wechat(&world, &event(&world, &foreign)).send(&world).await;
    drop(kept);
    assert_eq!((status, world.rows()), (400, before));
    let lines = log.audit();
    assert!(
        lines.len() == 1 && lines[0].contains("1900000001"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn what_was_acknowledged_is_booked_however_late_it_is_worked_on() {
    let world = World::with_sandbox().await;
    let (asked, _) = open(&world, "T07", Channel::WechatPay).await;
    let fen = asked.amount.fen();
    // It names no attempt, so no query would ever find this money.
    let trade = transaction(&world, "FTUNKNOWNW011", "W1", fen);
    assert_eq!(
        wechat(&world, &event(&world, &trade)).send(&world).await.0,
        204
    );
    world.env.forward(10 * MINUTE_MS);
    run_due(&world.host).await.unwrap();
    assert_eq!(standing(&world), (0, fen, 1));
}
