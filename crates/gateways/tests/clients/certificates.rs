//! Alipay's certificate mode: which certificate is believed, when, and how a new one gets in.

use crate::fakes::alipay::FakeAlipay;
use crate::fakes::authority::Authority;
use crate::fakes::{State, Still, Trade, serve};
use gateways::alipay::{Alipay, AlipayTrust};
use gateways::{
    Answer, CallbackError, ConfigError, CreateOrder, Gateway, Product, TradeState, Why, http_client,
};
use std::sync::Arc;
use std::sync::atomic::Ordering;

async fn paid_trade(fake: &FakeAlipay, gateway: &Alipay, number: &str) {
    let order = CreateOrder {
        out_trade_no: number.into(),
        amount: domain::Money::from_fen(123_456),
        description: "订单".into(),
        time_expire_ms: crate::fakes::NOW_MS + 600_000,
        notify_url: "https://pay.example.com/callback".into(),
        product: Product::AlipayPrecreate,
    };
    let placed = gateway.create(&order).await;
    assert!(matches!(placed, Answer::Done(_)), "{placed:?}");
    fake.books.set(number, State::Paid);
}

fn unknown_key(answer: &Answer<TradeState>, sn: &str) -> bool {
    matches!(answer, Answer::Unknown { why: Why::Unverified(CallbackError::UnknownKey { serial }) } if serial == sn)
}

#[tokio::test]
async fn a_new_certificate_is_fetched_and_believed_only_by_the_roots() {
    let made = Authority::of_tests();
    let fake = Arc::new(FakeAlipay::with(&made));
    let gateway = made.client(&serve(fake.clone()).await, Still::new());
    paid_trade(&fake, &gateway, "trade_one").await;
    let before = gateway.query("trade_one").await;
    let Answer::Done(TradeState::Success(old)) = before else {
        panic!("{before:?}")
    };
    assert!(!gateway.misses_key());

    fake.rotated.store(true, Ordering::SeqCst);
    let trade = fake.books.trade("trade_one").unwrap();
    let (headers, notice) = fake.notice("trade_one", &trade);
    let unknown = CallbackError::UnknownKey {
        serial: made.next.sn.clone(),
    };
    assert_eq!(gateway.read_callback(&headers, &notice), Err(unknown));
    // Anybody can send a notice: it makes us fetch nothing. An answer of the gateway's does.
    assert!(!gateway.misses_key());
    assert!(unknown_key(
        &gateway.query("trade_one").await,
        &made.next.sn
    ));
    assert!(gateway.misses_key());
    assert_eq!(gateway.refresh_keys().await, Answer::Done(1));
    assert!(!gateway.misses_key());
    let after = gateway.query("trade_one").await;
    assert!(
        matches!(after, Answer::Done(TradeState::Success(_))),
        "{after:?}"
    );
    assert!(gateway.read_callback(&headers, &notice).is_ok());
    // What the old one signed still proves what it did.
    assert_eq!(gateway.reverify(&old.to_record()).as_ref(), Ok(&old));
    assert_eq!(gateway.refresh_keys().await, Answer::Done(0));
}

#[tokio::test]
async fn another_merchants_certificate_from_the_same_root_is_not_alipays() {
    let made = Authority::of_tests();
    // As if Alipay answered with a stranger's certificate: well signed, and of the same root.
    let swapped = Arc::new(Authority {
        root_pem: made.root_pem.clone(),
        root_sn: made.root_sn.clone(),
        app: copy(&made.app),
        alipay: copy(&made.alipay),
        next: copy(&made.strangers),
        strangers: copy(&made.strangers),
        ended: [copy(&made.ended[0]), copy(&made.ended[1])],
    });
    let fake = Arc::new(FakeAlipay::with(&swapped));
    let gateway = made.client(&serve(fake.clone()).await, Still::new());
    paid_trade(&fake, &gateway, "trade_one").await;
    fake.rotated.store(true, Ordering::SeqCst);
    let strangers = &made.strangers.sn;
    assert!(unknown_key(&gateway.query("trade_one").await, strangers));
    let refreshed = gateway.refresh_keys().await;
    let what = "certificate";
    let why = Why::Unverified(CallbackError::Malformed { what });
    assert_eq!(refreshed, Answer::Unknown { why });
    assert!(unknown_key(&gateway.query("trade_one").await, strangers));
}

fn copy(one: &crate::fakes::authority::Made) -> crate::fakes::authority::Made {
    crate::fakes::authority::Made {
        key_pem: one.key_pem.clone(),
        pem: one.pem.clone(),
        chain_pem: one.chain_pem.clone(),
        sn: one.sn.clone(),
    }
}

#[tokio::test]
async fn a_certificate_is_believed_within_its_time_alone() {
    let made = Authority::of_tests();
    let fake = Arc::new(FakeAlipay::with(&made));
    let clock = Still::new();
    let gateway = made.client(&serve(fake.clone()).await, Arc::clone(&clock));
    paid_trade(&fake, &gateway, "trade_one").await;
    let trade: Trade = fake.books.trade("trade_one").unwrap();
    let (headers, notice) = fake.notice("trade_one", &trade);
    let at = crate::fakes::NOW_MS;
    for (days, valid) in [(-31, false), (-29, true), (29, true), (31, false)] {
        let then = at + days * 86_400_000;
        let read = gateway.read_stored_callback(&headers, &notice, then);
        let expired = CallbackError::KeyNotValid {
            serial: made.alipay.sn.clone(),
        };
        match valid {
            true => assert!(read.is_ok(), "{days}: {read:?}"),
            false => assert_eq!(read, Err(expired), "{days}"),
        }
    }
}

#[test]
fn only_what_is_valid_now_is_bound_and_what_is_bound_serves_on() {
    let made = Authority::of_tests();
    let bindable = |change: &dyn Fn(&mut String, &mut String)| {
        let mut config = made.config("http://127.0.0.1:9");
        if let AlipayTrust::Certificates {
            app_certificate_pem,
            alipay_certificate_pem,
            ..
        } = &mut config.trust
        {
            change(app_certificate_pem, alipay_certificate_pem);
        }
        // The client is made all the same.
        let gateway = Alipay::new(config, http_client().unwrap(), Still::new()).unwrap();
        gateway.bindable()
    };
    let problem = "is not valid at this time";
    let ended = |field| Err(ConfigError::Field { field, problem });
    assert_eq!(bindable(&|_, _| ()), Ok(()));
    let [alipay, app] = &made.ended;
    assert_eq!(
        bindable(&|own, _| own.clone_from(&app.pem)),
        ended("app_certificate_pem")
    );
    assert_eq!(
        bindable(&|_, theirs| theirs.clone_from(&alipay.chain_pem)),
        ended("alipay_certificate_pem")
    );
}

#[test]
fn what_does_not_belong_together_is_refused_by_its_field() {
    let made = Authority::of_tests();
    let make = |change: &dyn Fn(&mut [String; 3])| {
        let mut pems = [
            made.app.pem.clone(),
            made.alipay.chain_pem.clone(),
            made.root_pem.clone(),
        ];
        change(&mut pems);
        let [app_certificate_pem, alipay_certificate_pem, alipay_root_pem] = pems;
        let mut config = made.config("http://127.0.0.1:9");
        config.trust = AlipayTrust::Certificates {
            app_certificate_pem,
            alipay_certificate_pem,
            alipay_root_pem,
        };
        Alipay::new(config, http_client().unwrap(), Still::new()).err()
    };
    assert_eq!(make(&|_| ()), None);
    // Alipay's alone, without what leads to a root, as its console hands it out at times.
    assert_eq!(make(&|pems| pems[1] = made.alipay.pem.clone()), None);
    let app = make(&|pems| pems[0] = made.alipay.pem.clone());
    assert!(
        matches!(
            app,
            Some(ConfigError::Field {
                field: "app_certificate_pem",
                ..
            })
        ),
        "{app:?}"
    );
    for (at, field) in [
        "app_certificate_pem",
        "alipay_certificate_pem",
        "alipay_root_pem",
    ]
    .into_iter()
    .enumerate()
    {
        let unreadable = Some(ConfigError::PublicKey { field });
        assert_eq!(make(&|pems| pems[at] = "no certificate".into()), unreadable);
    }
    // A root of the same name beside it, as of one that has a successor, is no contradiction.
    let beside = make(&|pems| pems[2].insert_str(0, &Authority::forged_root()));
    assert_eq!(beside, None);
    // A forger's root of the same name: the certificate names it, and its signature does not hold.
    let forged = make(&|pems| pems[2] = Authority::forged_root());
    assert!(
        matches!(
            forged,
            Some(ConfigError::Field {
                field: "alipay_certificate_pem",
                ..
            })
        ),
        "{forged:?}"
    );
}
