//! Our WeChat Pay client, judged by a gateway that another project's library signs and verifies for.
//! Every answer that counts here was let through by that library, and every text that our client
//! believes was signed by it.

use crate::checks::{Checks, PeerError};
use crate::script::Script;
use domain::Money;
use gateways::wechat_pay::{VerificationKey, WechatPay, WechatPayConfig};
use gateways::{
    Ambient, Answer, CallbackError, Closed, CreateOrder, Created, Gateway, Headers, Notice,
    Product, RefundEnd, RefundOrder, RefundState, Secret, TradeState, Why,
};
use sandbox::{Merchant, PlatformKeyKind, WeChatPayMerchant};
use serde_json::{Value, json};
use std::sync::Arc;
use wire::env::{Env, SystemEnv};

const NOTIFY_URL: &str = "https://pay.example.com/notify/wechat_pay";
/// Survives signing only if the bytes that are signed are the bytes that are sent.
const DESCRIPTION: &str = "棉被 & \"枕头\" <1.5m> \\ ×2";
/// Well inside and well outside of the 300 s in which a message is believed.
const FRESH_S: i64 = 280;
const STALE_S: i64 = 330;

/// The computer's clock and randomness.
pub(crate) struct Real(SystemEnv);

impl Real {
    pub(crate) fn new() -> Arc<Real> {
        Arc::new(Real(SystemEnv::new()))
    }
}

impl Ambient for Real {
    fn unix_ms(&self) -> i64 {
        self.0.now().0
    }

    fn nonce(&self) -> String {
        self.0.uuid().simple().to_string()
    }
}

/// An order of that number and amount.
pub(crate) fn order(number: &str, fen: i64, product: Product, notify_url: &str) -> CreateOrder {
    CreateOrder {
        out_trade_no: number.to_owned(),
        amount: Money::from_fen(fen),
        description: DESCRIPTION.to_owned(),
        time_expire_ms: Real::new().unix_ms() + 30 * 60 * 1000,
        notify_url: notify_url.to_owned(),
        product,
    }
}

/// A callback as a gateway's script hands it over.
pub(crate) fn delivered(answer: &Value) -> (Headers, Vec<u8>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pairs = answer["headers"].as_array().into_iter().flatten();
    let headers = pairs.map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
    (Headers::new(headers), text(&answer["body"]).into_bytes())
}

/// What the client is made of; each test changes a part.
fn config(url: &str, merchant: &WeChatPayMerchant) -> WechatPayConfig {
    let key = |key: &sandbox::PlatformKey| match key.kind {
        PlatformKeyKind::PublicKey => VerificationKey::PublicKey {
            id: key.id.clone(),
            pem: key.pem.clone(),
            valid_from_ms: None,
            valid_until_ms: None,
        },
        PlatformKeyKind::Certificate => VerificationKey::PlatformCertificate {
            pem: key.pem.clone(),
        },
    };
    WechatPayConfig {
        api_base: url.to_owned(),
        authorise_base: url.to_owned(),
        oauth_base: url.to_owned(),
        mchid: merchant.mchid.clone(),
        appid: merchant.appid.clone(),
        app_secret: Secret::new(merchant.app_secret.clone()),
        api_v3_key: Secret::new(merchant.api_v3_key.clone()),
        merchant_serial: merchant.merchant_serial.clone(),
        merchant_key_pem: Secret::new(merchant.merchant_private_key_pem.clone()),
        verification_keys: merchant.platform_keys.iter().map(key).collect(),
    }
}

/// Plays every call and every kind of message.
pub(crate) async fn play(
    peer: &mut Script,
    merchant: &Merchant,
    checks: &mut Checks,
) -> Result<(), PeerError> {
    let url = peer.listening().await?;
    let make = |config| WechatPay::new(config, gateways::http_client()?, Real::new());
    let both = config(&url, &merchant.wechat_pay);
    let client = make(both.clone())?;

    placing(peer, &client, checks).await?;
    asking(peer, &client, checks).await?;
    answers(peer, &client, checks).await?;
    callbacks(peer, &client, checks).await?;
    refunds(peer, &client, checks).await?;

    let only = |certificate: bool| {
        let mut config = both.clone();
        let is = |key: &VerificationKey| matches!(key, VerificationKey::PlatformCertificate { .. });
        config
            .verification_keys
            .retain(|key| is(key) == certificate);
        config
    };
    keys(peer, &make(only(false))?, &make(only(true))?, checks).await?;

    let mut stranger = both.clone();
    stranger.merchant_key_pem = Secret::new(merchant.alipay.app_private_key_pem.clone());
    let refused = make(stranger)?.query("PEER_0001").await;
    checks.holds(
        "a request that another key signed is refused, and nothing is known from it",
        matches!(&refused, Answer::Unknown { why: Why::Unsigned { status: 401, code, .. } } if code == "SIGN_ERROR"),
        &refused,
    )?;
    admitted(peer, checks).await
}

async fn placing(
    peer: &mut Script,
    client: &WechatPay,
    checks: &mut Checks,
) -> Result<(), PeerError> {
    let native = order("PEER_0001", 12_345, Product::WechatNative, NOTIFY_URL);
    let placed = client.create(&native).await;
    let code = |answer: &Answer<Created>| matches!(answer, Answer::Done(Created::Qr { code }) if code.starts_with("weixin://"));
    checks.holds("a Native order is placed", code(&placed), &placed)?;
    let again = client.create(&native).await;
    checks.holds(
        "the same order again is the same to the byte",
        code(&again),
        &again,
    )?;
    let mut dearer = native.clone();
    dearer.amount = Money::from_fen(12_346);
    let used = client.create(&dearer).await;
    checks.holds(
        "the same number with another amount is refused",
        matches!(&used, Answer::Rejected { code, .. } if code == "OUT_TRADE_NO_USED"),
        &used,
    )?;
    let openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".to_owned();
    let jsapi = order(
        "PEER_0002",
        100,
        Product::WechatJsapi { openid },
        NOTIFY_URL,
    );
    let prepared = client.create(&jsapi).await;
    let Answer::Done(Created::Jsapi { pay_params, .. }) = &prepared else {
        return checks.holds("a JSAPI order is placed", false, &prepared);
    };
    let mut question = serde_json::to_value(pay_params).unwrap_or_default();
    question["do"] = json!("bridge");
    let judged = peer.ask(question).await?;
    checks.holds(
        "what WeixinJSBridge gets is signed, for this package only",
        judged["valid"] == true,
        &judged,
    )?;
    let client_ip = "203.0.113.7".to_owned();
    let h5 = order(
        "PEER_0003",
        100,
        Product::WechatH5 { client_ip },
        NOTIFY_URL,
    );
    let placed = client.create(&h5).await;
    checks.holds(
        "an H5 order is placed",
        matches!(&placed, Answer::Done(Created::Redirect { url }) if url.starts_with("https://")),
        &placed,
    )
}

async fn asking(
    peer: &mut Script,
    client: &WechatPay,
    checks: &mut Checks,
) -> Result<(), PeerError> {
    let open = client.query("PEER_0001").await;
    checks.holds(
        "a query says not paid",
        open == Answer::Done(TradeState::NotPaid),
        &open,
    )?;
    let none = client.query("PEER_NONE").await;
    let no_such = Answer::Done(TradeState::NoSuchTrade { signed: false });
    checks.holds(
        "another number does not exist, unsigned",
        none == no_such,
        &none,
    )?;

    let arrived = peer
        .ask(json!({"do": "pay", "out_trade_no": "PEER_0001"}))
        .await?;
    checks.holds(
        "what arrived is what was asked for",
        arrived["description"] == DESCRIPTION
            && arrived["amount"] == json!({"total": 12_345, "currency": "CNY"})
            && arrived["notify_url"] == NOTIFY_URL
            && arrived["appid"] == client.app_id()
            && arrived["mchid"] == client.merchant_no(),
        &arrived,
    )?;
    let paid = client.query("PEER_0001").await;
    let Answer::Done(TradeState::Success(evidence)) = &paid else {
        return checks.holds("a query says paid", false, &paid);
    };
    checks.holds(
        "a query proves what was paid, coupon included",
        evidence.amount() == Money::from_fen(12_345)
            && evidence.to_record().payer_paid_fen == Some(Money::from_fen(12_344))
            && evidence.out_trade_no() == "PEER_0001",
        evidence,
    )?;
    let again = client.reverify(&evidence.to_record());
    checks.holds(
        "the stored answer verifies again",
        again.as_ref() == Ok(evidence),
        &again,
    )?;

    let late = client.close("PEER_0001").await;
    let decides = Answer::Done(Closed::QueryDecides);
    checks.holds("a paid order is not closed", late == decides, &late)?;
    let closed = client.close("PEER_0002").await;
    checks.holds(
        "a close is verified over no bytes",
        closed == Answer::Done(Closed::Closed),
        &closed,
    )?;
    let end = client.query("PEER_0002").await;
    checks.holds(
        "a query says closed",
        end == Answer::Done(TradeState::Closed),
        &end,
    )
}

/// Answers that the gateway spoils on purpose: none of them is believed.
async fn answers(
    peer: &mut Script,
    client: &WechatPay,
    checks: &mut Checks,
) -> Result<(), PeerError> {
    for (what, how) in [
        ("an altered answer", json!({"do": "spoil", "body": true})),
        (
            "a SIGNTEST answer",
            json!({"do": "spoil", "signtest": true}),
        ),
    ] {
        peer.ask(how).await?;
        let heard = client.query("PEER_0001").await;
        let why = Why::Unverified(CallbackError::BadSignature);
        let unknown = Answer::Unknown { why };
        checks.holds(&format!("{what} is not believed"), heard == unknown, &heard)?;
    }
    peer.ask(json!({"do": "spoil", "age_s": FRESH_S})).await?;
    let heard = client.query("PEER_0001").await;
    let believed = matches!(heard, Answer::Done(TradeState::Success(_)));
    checks.holds("an answer of 280 s ago is believed", believed, &heard)?;
    peer.ask(json!({"do": "spoil", "age_s": STALE_S})).await?;
    let heard = client.query("PEER_0001").await;
    checks.holds(
        "an answer of 330 s ago is not",
        matches!(
            heard,
            Answer::Unknown {
                why: Why::Unverified(CallbackError::Stale { .. })
            }
        ),
        &heard,
    )
}

async fn callbacks(
    peer: &mut Script,
    client: &WechatPay,
    checks: &mut Checks,
) -> Result<(), PeerError> {
    let callback = |kind: &str, how: Value| json!({"do": "callback", "out_trade_no": "PEER_0001", "kind": kind, "how": how});
    for kind in ["public_key", "certificate"] {
        let (headers, body) = delivered(&peer.ask(callback(kind, json!({}))).await?);
        let read = client.read_callback(&headers, &body);
        let Ok(Notice::Payment(evidence)) = &read else {
            return checks.holds(
                &format!("a callback signed by {kind} verifies"),
                false,
                &read,
            );
        };
        checks.holds(
            &format!("a callback signed by {kind} proves what was paid"),
            evidence.amount() == Money::from_fen(12_345) && evidence.out_trade_no() == "PEER_0001",
            evidence,
        )?;
        // Every header but the kind of signature, which may be absent.
        for (at, (name, value)) in headers.pairs().iter().enumerate() {
            let mut pairs = headers.pairs().to_vec();
            pairs[at].1 = altered(value);
            let read = client.read_callback(&Headers::new(pairs), &body);
            checks.holds(
                &format!("a callback with an altered {name} is refused"),
                read.is_err(),
                &read,
            )?;
        }
    }
    for (what, how) in [
        ("an altered callback", json!({"body": true})),
        ("a SIGNTEST callback", json!({"signtest": true})),
    ] {
        let (headers, body) = delivered(&peer.ask(callback("public_key", how)).await?);
        let read = client.read_callback(&headers, &body);
        checks.holds(
            &format!("{what} is refused"),
            read == Err(CallbackError::BadSignature),
            &read,
        )?;
    }
    let old = callback("public_key", json!({"age_s": STALE_S}));
    let (headers, body) = delivered(&peer.ask(old).await?);
    let read = client.read_callback(&headers, &body);
    let stale = matches!(read, Err(CallbackError::Stale { .. }));
    checks.holds("a callback of 330 s ago is refused", stale, &read)
}

async fn refunds(
    peer: &mut Script,
    client: &WechatPay,
    checks: &mut Checks,
) -> Result<(), PeerError> {
    let refund = RefundOrder {
        out_trade_no: "PEER_0001".to_owned(),
        out_refund_no: "PEER_R001".to_owned(),
        refund: Money::from_fen(45),
        total: Money::from_fen(12_345),
        reason: "退货 & 换货".to_owned(),
        notify_url: NOTIFY_URL.to_owned(),
    };
    let accepted = client.refund(&refund).await;
    let processing = Answer::Done(RefundState::Processing);
    checks.holds("a refund is accepted", accepted == processing, &accepted)?;
    let ended = client.refund_query("PEER_0001", "PEER_R001").await;
    checks.holds(
        "a refund query proves its end",
        matches!(&ended, Answer::Done(RefundState::Ended(end)) if end.end() == RefundEnd::Succeeded && end.amount() == refund.refund),
        &ended,
    )?;
    let none = client.refund_query("PEER_0001", "PEER_R002").await;
    let no_such = Answer::Done(RefundState::NoSuchRefund { signed: false });
    checks.holds(
        "another refund does not exist, unsigned",
        none == no_such,
        &none,
    )?;
    let question = json!({"do": "callback", "out_refund_no": "PEER_R001", "kind": "public_key"});
    let (headers, body) = delivered(&peer.ask(question).await?);
    let read = client.read_callback(&headers, &body);
    checks.holds(
        "the callback of a refund proves its end",
        matches!(&read, Ok(Notice::Refund(end)) if end.end() == RefundEnd::Succeeded && end.amount() == refund.refund),
        &read,
    )?;
    let refunded = client.query("PEER_0001").await;
    let still = matches!(refunded, Answer::Done(TradeState::Refunded(_)));
    checks.holds("a refunded order was paid all the same", still, &refunded)
}

/// Merchants have public keys, certificates or, for a week, both.
async fn keys(
    peer: &mut Script,
    public: &WechatPay,
    certificate: &WechatPay,
    checks: &mut Checks,
) -> Result<(), PeerError> {
    let answered = certificate.query("PEER_0003").await;
    let open = Answer::Done(TradeState::NotPaid);
    checks.holds(
        "an answer signed with a certificate verifies",
        answered == open,
        &answered,
    )?;
    let question = json!({"do": "callback", "out_trade_no": "PEER_0001", "kind": "certificate"});
    let (headers, body) = delivered(&peer.ask(question).await?);
    let before = public.read_callback(&headers, &body);
    checks.holds(
        "a certificate that is not held is not believed",
        matches!(before, Err(CallbackError::UnknownKey { .. })),
        &before,
    )?;
    let fetched = public.refresh_keys().await;
    checks.holds(
        "the list of certificates is opened",
        fetched == Answer::Done(1),
        &fetched,
    )?;
    let after = public.read_callback(&headers, &body);
    let held = matches!(after, Ok(Notice::Payment(_)));
    checks.holds("and then its certificate is believed", held, &after)
}

/// Nothing above was answered by anybody but the gateway, and it let each kind of call in.
async fn admitted(peer: &mut Script, checks: &mut Checks) -> Result<(), PeerError> {
    let seen = peer.ask(json!({"do": "admitted"})).await?;
    let calls = seen.as_array().map(Vec::as_slice).unwrap_or_default();
    for call in [
        "POST /v3/pay/transactions/native",
        "POST /v3/pay/transactions/jsapi",
        "POST /v3/pay/transactions/h5",
        "GET /v3/pay/transactions/out-trade-no/PEER_0001",
        "POST /v3/pay/transactions/out-trade-no/PEER_0002/close",
        "POST /v3/refund/domestic/refunds",
        "GET /v3/refund/domestic/refunds/PEER_R001",
        "GET /v3/certificates",
    ] {
        checks.holds(
            &format!("the gateway verified {call}"),
            calls.iter().any(|seen| seen == call),
            &seen,
        )?;
    }
    Ok(())
}

/// Another text of the same length.
pub(crate) fn altered(text: &str) -> String {
    let middle = text.chars().count() / 2;
    let other = |(at, c)| match (at == middle, c) {
        (false, c) => c,
        (true, '7') => '8',
        (true, _) => '7',
    };
    text.chars().enumerate().map(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_altered_text_is_another_of_the_same_length() {
        for text in ["7", "a7c", "1790000000", "棉被棉", "ab"] {
            let other = altered(text);
            assert_ne!(other, text);
            assert_eq!(other.chars().count(), text.chars().count());
        }
    }
}
