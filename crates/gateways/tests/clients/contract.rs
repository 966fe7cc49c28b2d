//! One contract for every gateway: what each answer may claim, whatever goes wrong on the way. It
//! runs here against both fakes; the sandbox joins by implementing [`Provider`].

use crate::fakes::authority::Authority;
use crate::fakes::{Books, Fake, Fault, NOW_MS, State, Still, alipay, serve, wechat};
use domain::Money;
use gateways::{
    Answer, CallbackError, Closed, CreateOrder, Created, EvidenceRecord, Gateway, Headers, Notice,
    Product, Source, TradeState, Why,
};
use std::sync::Arc;

/// A channel under test and the hands that move it.
trait Provider {
    fn gateway(&self) -> &dyn Gateway;
    fn product(&self) -> Product;
    /// Whether a trade exists before the payer has come.
    fn known_before_payer(&self) -> bool;
    /// Whether refusals are signed.
    fn signs_refusals(&self) -> bool;
    fn pay(&self, number: &str);
    fn callback(&self, number: &str) -> (Headers, Vec<u8>);
    fn break_next(&self, fault: Fault);
}

fn order(number: &str, product: Product) -> CreateOrder {
    CreateOrder {
        out_trade_no: number.into(),
        amount: Money::from_fen(123_456),
        description: "订单 T07-270101-1".into(),
        time_expire_ms: NOW_MS + 600_999,
        notify_url: "https://pay.example.com/callback".into(),
        product,
    }
}

fn paid(answer: Answer<TradeState>) -> gateways::Evidence {
    match answer {
        Answer::Done(TradeState::Success(evidence)) => evidence,
        other => panic!("not paid: {other:?}"),
    }
}

async fn contract(provider: &impl Provider) {
    let gateway = provider.gateway();
    let unpaid = |answer: &Answer<TradeState>| match answer {
        Answer::Done(TradeState::NotPaid) => provider.known_before_payer(),
        Answer::Done(TradeState::NoSuchTrade { signed }) => {
            !provider.known_before_payer() && *signed == provider.signs_refusals()
        }
        _ => false,
    };

    // Before anything, the channel knows nothing, and says whether it signed that.
    let signed = provider.signs_refusals();
    let nothing = Answer::Done(TradeState::NoSuchTrade { signed });
    assert_eq!(gateway.query("never_made").await, nothing);
    assert_eq!(
        gateway.close("never_made").await,
        Answer::Done(Closed::NoSuchTrade { signed })
    );

    // Place it; it is not paid; pay it; a query proves it.
    let number = "trade_one";
    let placed = gateway.create(&order(number, provider.product())).await;
    assert!(matches!(placed, Answer::Done(_)), "{placed:?}");
    assert!(unpaid(&gateway.query(number).await));
    provider.pay(number);
    let queried = paid(gateway.query(number).await);
    assert_eq!(queried.channel(), gateway.channel());
    assert_eq!(queried.merchant_no(), gateway.merchant_no());
    assert_eq!(queried.app_id(), gateway.app_id());
    assert_eq!(queried.out_trade_no(), number);
    assert_eq!(queried.amount(), Money::from_fen(123_456));
    assert_eq!(queried.paid_at_ms(), NOW_MS);
    assert_eq!(queried.source(), Source::Query);
    assert_eq!(
        gateway.close(number).await,
        Answer::Done(Closed::QueryDecides)
    );

    // The callback says the same of the same money.
    let (headers, body) = provider.callback(number);
    let Ok(Notice::Payment(called)) = gateway.read_callback(&headers, &body) else {
        panic!()
    };
    assert_eq!(called.source(), Source::Callback);
    assert_eq!(called.raw(), body);
    assert_eq!(called.provider_no(), queried.provider_no());
    assert_eq!(called.amount(), queried.amount());
    assert_eq!(called.payer(), queried.payer());
    assert_eq!(called.paid_at_ms(), queried.paid_at_ms());
    for at in 0..body.len() {
        let mut altered = body.clone();
        altered[at] ^= 1;
        assert!(
            gateway.read_callback(&headers, &altered).is_err(),
            "byte {at} altered"
        );
        assert!(
            gateway.read_callback(&headers, &body[..at]).is_err(),
            "cut at byte {at}"
        );
    }

    // What is stored becomes evidence again only through its own signature.
    for evidence in [&queried, &called] {
        let json = serde_json::to_string(&evidence.to_record()).unwrap();
        assert!(json.contains(r#""amount_fen":"123456""#), "{json}");
        let record: EvidenceRecord = serde_json::from_str(&json).unwrap();
        assert_eq!(gateway.reverify(&record).as_ref(), Ok(evidence));
        let mut more = record.clone();
        more.amount_fen = Money::from_fen(123_457);
        assert_eq!(gateway.reverify(&more), Err(CallbackError::RecordDiffers));
        let mut other = record.clone();
        other.proof.source = Source::Close;
        assert!(gateway.reverify(&other).is_err());
        let mut altered = record;
        let amount = altered
            .proof
            .body
            .iter()
            .rposition(u8::is_ascii_digit)
            .unwrap();
        altered.proof.body[amount] ^= 1;
        assert!(gateway.reverify(&altered).is_err());
    }

    // A close that works, twice.
    let number = "trade_two";
    let _ = gateway.create(&order(number, provider.product())).await;
    if provider.known_before_payer() {
        for _ in 0..2 {
            assert_eq!(gateway.close(number).await, Answer::Done(Closed::Closed));
        }
        assert_eq!(
            gateway.query(number).await,
            Answer::Done(TradeState::Closed)
        );
    }

    // Whatever is wrong with the answer, nothing is known of money that has come.
    provider.pay(number);
    for fault in [
        Fault::Forged,
        Fault::Tampered,
        Fault::Unsigned,
        Fault::HangUp,
        Fault::Overloaded,
        Fault::Portal,
        Fault::OtherTrade,
    ] {
        provider.break_next(fault);
        let Answer::Unknown { why } = gateway.query(number).await else {
            panic!("{fault:?} was believed")
        };
        match fault {
            Fault::Forged | Fault::Tampered => {
                assert_eq!(
                    why,
                    Why::Unverified(CallbackError::BadSignature),
                    "{fault:?}"
                );
            }
            Fault::Unsigned => assert!(matches!(why, Why::Unverified(_)), "{why:?}"),
            Fault::HangUp => assert!(matches!(why, Why::Transport(_)), "{why:?}"),
            Fault::Overloaded | Fault::Portal => {
                assert!(
                    matches!(why, Why::NotYet { .. } | Why::Unsigned { .. }),
                    "{why:?}"
                );
            }
            Fault::OtherTrade => assert!(matches!(why, Why::Mismatch { .. }), "{why:?}"),
        }
        let evidence = paid(gateway.query(number).await);
        assert_eq!(evidence.out_trade_no(), number, "after {fault:?}");
    }

    // Numbers that don't fit are never sent.
    for bad in ["", "a/b/c/d", "../../../x", "with-hyphen", "number?x=1"] {
        provider.break_next(Fault::HangUp);
        assert!(
            matches!(gateway.query(bad).await, Answer::Rejected { .. }),
            "{bad}"
        );
        assert!(
            matches!(gateway.close(bad).await, Answer::Rejected { .. }),
            "{bad}"
        );
    }
}

struct Played<G, F> {
    gateway: G,
    fake: Arc<F>,
}

impl<G, F: Fake> Played<G, F> {
    fn books(&self) -> &Books {
        self.fake.books()
    }
}

impl Provider for Played<gateways::wechat_pay::WechatPay, wechat::Wechat> {
    fn gateway(&self) -> &dyn Gateway {
        &self.gateway
    }
    fn product(&self) -> Product {
        Product::WechatJsapi {
            openid: "openid-of-tests".into(),
        }
    }
    fn known_before_payer(&self) -> bool {
        true
    }
    fn signs_refusals(&self) -> bool {
        false
    }
    fn pay(&self, number: &str) {
        self.books().set(number, State::Paid);
    }
    fn callback(&self, number: &str) -> (Headers, Vec<u8>) {
        let trade = wechat::transaction(number, &self.books().trade(number).unwrap());
        let kind = ("TRANSACTION.SUCCESS", "transaction");
        wechat::callback(kind, &trade, wechat::CERTIFICATE_SERIAL)
    }
    fn break_next(&self, fault: Fault) {
        *self.books().fault.lock().unwrap() = Some(fault);
    }
}

impl Provider for Played<gateways::alipay::Alipay, alipay::FakeAlipay> {
    fn gateway(&self) -> &dyn Gateway {
        &self.gateway
    }
    fn product(&self) -> Product {
        Product::AlipayPrecreate
    }
    fn known_before_payer(&self) -> bool {
        false
    }
    fn signs_refusals(&self) -> bool {
        true
    }
    fn pay(&self, number: &str) {
        self.books().set(number, State::Paid);
    }
    fn callback(&self, number: &str) -> (Headers, Vec<u8>) {
        let trade = self.books().trade(number).unwrap();
        self.fake.notice(number, &trade)
    }
    fn break_next(&self, fault: Fault) {
        *self.books().fault.lock().unwrap() = Some(fault);
    }
}

#[tokio::test]
async fn wechat_pay_keeps_the_contract() {
    let fake = Arc::new(wechat::Wechat::default());
    let gateway = wechat::client(&serve(fake.clone()).await, Still::new());
    contract(&Played { gateway, fake }).await;
}

#[tokio::test]
async fn alipay_keeps_the_contract() {
    let fake = Arc::new(alipay::FakeAlipay::default());
    let gateway = alipay::client(&serve(fake.clone()).await, Still::new());
    contract(&Played { gateway, fake }).await;
}

#[tokio::test]
async fn alipay_keeps_the_contract_with_certificates() {
    let made = Authority::of_tests();
    let fake = Arc::new(alipay::FakeAlipay::with(&made));
    let root = serve(fake.clone()).await;
    let gateway = made.client(&root, Still::new());
    contract(&Played { gateway, fake }).await;
}

#[tokio::test]
async fn a_lost_create_is_repeated_to_the_byte() {
    let fake = Arc::new(wechat::Wechat::default());
    let gateway = wechat::client(&serve(fake.clone()).await, Still::new());
    let order = order("trade_one", Product::WechatNative);
    *fake.books().fault.lock().unwrap() = Some(Fault::HangUp);
    let lost = gateway.create(&order).await;
    assert!(
        matches!(
            lost,
            Answer::Unknown {
                why: Why::Transport(_)
            }
        ),
        "{lost:?}"
    );
    let code = "weixin://wxpay/bizpayurl/up?pr=x".to_owned();
    assert_eq!(
        gateway.create(&order).await,
        Answer::Done(Created::Qr { code })
    );
    let dearer = CreateOrder {
        amount: Money::from_fen(1),
        ..order
    };
    let refused = gateway.create(&dearer).await;
    let Answer::Rejected { code, .. } = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(code, "OUT_TRADE_NO_USED");
}
