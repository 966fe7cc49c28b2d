//! Our Alipay client, judged by a gateway that another project's library signs and verifies for.

use crate::checks::{Checks, PeerError};
use crate::script::Script;
use crate::wechat_pay::{Real, altered, delivered, order};
use domain::Money;
use gateways::alipay::{Alipay, AlipayConfig, AlipayTrust};
use gateways::{
    Answer, CallbackError, Closed, Created, Gateway, Headers, Notice, Product, RefundEnd,
    RefundOrder, RefundState, Secret, TradeState, Why,
};
use sandbox::{AlipayMerchant, Merchant};
use serde_json::{Value, json};
use url::Url;

const NOTIFY_URL: &str = "https://pay.example.com/notify/alipay";
const RETURN_URL: &str = "https://pay.example.com/c/abc?back=1&x=2+3";

fn config(url: &str, merchant: &AlipayMerchant) -> AlipayConfig {
    AlipayConfig {
        gateway_url: url.to_owned(),
        app_id: merchant.app_id.clone(),
        seller_id: merchant.seller_id.clone(),
        app_private_key_pem: Secret::new(merchant.app_private_key_pem.clone()),
        trust: AlipayTrust::PublicKey {
            alipay_public_key_pem: merchant.alipay_public_key_pem.clone(),
        },
        precreate_product_code: "QR_CODE_OFFLINE".to_owned(),
    }
}

/// Plays every call and every kind of message.
pub(crate) async fn play(
    peer: &mut Script,
    merchant: &Merchant,
    checks: &mut Checks,
) -> Result<(), PeerError> {
    let url = peer.listening().await?;
    let make = |config| Alipay::new(config, gateways::http_client()?, Real::new());
    let own = config(&url, &merchant.alipay);
    let client = make(own.clone())?;

    placing(peer, &client, checks).await?;
    asking(peer, &client, checks).await?;
    answers(peer, &client, checks).await?;
    refunds(&client, checks).await?;
    pages(peer, &client, checks).await?;
    notices(peer, &client, checks).await?;

    let mut stranger = own;
    stranger.app_private_key_pem =
        Secret::new(merchant.wechat_pay.merchant_private_key_pem.clone());
    let refused = make(stranger)?.query("PEER_0001").await;
    checks.holds(
        "a request that another key signed is refused, and nothing is known from it",
        matches!(&refused, Answer::Unknown { why: Why::Unsigned { code, .. } } if code == "isv.invalid-sign"),
        &refused,
    )?;
    let seen = peer.ask(json!({"do": "admitted"})).await?;
    let calls = seen.as_array().map(Vec::as_slice).unwrap_or_default();
    for call in [
        "alipay.trade.precreate",
        "alipay.trade.query",
        "alipay.trade.close",
        "alipay.trade.refund",
        "alipay.trade.fastpay.refund.query",
    ] {
        let verified = calls.iter().any(|seen| seen == call);
        checks.holds(&format!("the gateway verified {call}"), verified, &seen)?;
    }
    certificates(peer, &url, merchant, checks).await
}

/// Certificate mode: both sides compute the numbers of the certificates on their own.
async fn certificates(
    peer: &mut Script,
    url: &str,
    merchant: &Merchant,
    checks: &mut Checks,
) -> Result<(), PeerError> {
    let made = merchant.alipay.certificates.clone();
    let config = AlipayConfig {
        trust: AlipayTrust::Certificates {
            app_certificate_pem: made.app_certificate_pem,
            alipay_certificate_pem: made.alipay_certificate_pem,
            alipay_root_pem: made.alipay_root_pem,
        },
        ..config(url, &merchant.alipay)
    };
    let client = Alipay::new(config, gateways::http_client()?, Real::new())?;
    let paid = client.query("PEER_0001").await;
    checks.holds(
        "with certificates a query proves what was paid",
        matches!(
            &paid,
            Answer::Done(TradeState::Success(_) | TradeState::Refunded(_))
        ),
        &paid,
    )?;
    let seen = peer.ask(json!({"do": "admitted"})).await?;
    let calls = seen.as_array().map(Vec::as_slice).unwrap_or_default();
    let named = calls
        .iter()
        .any(|seen| seen == "alipay.trade.query with certificates");
    checks.holds(
        "the gateway knew the certificates by their numbers",
        named,
        &seen,
    )?;
    peer.ask(json!({"do": "spoil", "cert_sn": "00"})).await?;
    let heard = client.query("PEER_0001").await;
    let serial = "00".to_owned();
    let why = Why::Unverified(CallbackError::UnknownKey { serial });
    checks.holds(
        "an answer by a certificate that nobody holds is not believed",
        heard == Answer::Unknown { why } && client.misses_key(),
        &heard,
    )?;
    let (headers, body) = delivered(
        &peer
            .ask(json!({"do": "notice", "out_trade_no": "PEER_0001"}))
            .await?,
    );
    let read = client.read_callback(&headers, &body);
    let verified = matches!(read, Ok(Notice::Payment(_)));
    checks.holds("a notice verifies by the certificate", verified, &read)
}

async fn placing(peer: &mut Script, client: &Alipay, checks: &mut Checks) -> Result<(), PeerError> {
    let code = order("PEER_0001", 12_345, Product::AlipayPrecreate, NOTIFY_URL);
    let placed = client.create(&code).await;
    checks.holds(
        "a precreate gives a code",
        matches!(&placed, Answer::Done(Created::Qr { code }) if code == "https://qr.alipay.com/bax03206ug0kulveltqc80a8"),
        &placed,
    )?;
    let again = client.create(&code).await;
    checks.holds(
        "a second precreate of one number is refused",
        matches!(&again, Answer::Rejected { code, .. } if code == "ACQ.APPLY_PC_MERCHANT_CODE_ERROR"),
        &again,
    )?;
    let unopened = client.query("PEER_0001").await;
    let no_such = Answer::Done(TradeState::NoSuchTrade { signed: true });
    checks.holds(
        "a code that nobody opened is no trade",
        unopened == no_such,
        &unopened,
    )?;
    let arrived = state(peer, "PEER_0001", "WAIT_BUYER_PAY").await?;
    checks.holds(
        "what arrived is what was asked for",
        arrived["total_amount"] == "123.45"
            && arrived["product_code"] == "QR_CODE_OFFLINE"
            && arrived["seller_id"] == client.merchant_no(),
        &arrived,
    )
}

/// Sets a trade's state at the gateway; answers the order that arrived there.
async fn state(peer: &mut Script, number: &str, state: &str) -> Result<Value, PeerError> {
    peer.ask(json!({"do": "state", "out_trade_no": number, "state": state}))
        .await
}

async fn asking(peer: &mut Script, client: &Alipay, checks: &mut Checks) -> Result<(), PeerError> {
    // Twice: the gateway writes characters plainly and escaped in turn.
    for _ in 0..2 {
        let waiting = client.query("PEER_0001").await;
        let open = Answer::Done(TradeState::NotPaid);
        checks.holds("an opened code waits", waiting == open, &waiting)?;
    }
    state(peer, "PEER_0001", "TRADE_SUCCESS").await?;
    let paid = client.query("PEER_0001").await;
    let Answer::Done(TradeState::Success(evidence)) = &paid else {
        return checks.holds("a query says paid", false, &paid);
    };
    checks.holds(
        "a query proves what was paid",
        evidence.amount() == Money::from_fen(12_345) && evidence.out_trade_no() == "PEER_0001",
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
    checks.holds("a paid trade is not closed", late == decides, &late)?;

    let other = order("PEER_0002", 100, Product::AlipayPrecreate, NOTIFY_URL);
    let _placed = client.create(&other).await;
    state(peer, "PEER_0002", "WAIT_BUYER_PAY").await?;
    let closed = client.close("PEER_0002").await;
    checks.holds(
        "an opened code is closed",
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
async fn answers(peer: &mut Script, client: &Alipay, checks: &mut Checks) -> Result<(), PeerError> {
    for (what, how) in [
        ("an altered answer", json!({"do": "spoil", "body": true})),
        (
            "an unsigned success",
            json!({"do": "spoil", "unsigned": true}),
        ),
    ] {
        peer.ask(how).await?;
        let heard = client.query("PEER_0001").await;
        let why = Why::Unverified(CallbackError::BadSignature);
        let unknown = Answer::Unknown { why };
        checks.holds(&format!("{what} is not believed"), heard == unknown, &heard)?;
    }
    peer.ask(json!({"do": "spoil", "sign_first": true})).await?;
    let heard = client.query("PEER_0001").await;
    let believed = matches!(heard, Answer::Done(TradeState::Success(_)));
    checks.holds(
        "a signature may come before what it signs",
        believed,
        &heard,
    )
}

async fn refunds(client: &Alipay, checks: &mut Checks) -> Result<(), PeerError> {
    let refund = RefundOrder {
        out_trade_no: "PEER_0001".to_owned(),
        out_refund_no: "PEER_R001".to_owned(),
        refund: Money::from_fen(45),
        total: Money::from_fen(12_345),
        reason: "退货 & 换货".to_owned(),
        notify_url: NOTIFY_URL.to_owned(),
    };
    let succeeded = |answer: &Answer<RefundState>| matches!(answer, Answer::Done(RefundState::Ended(end)) if end.end() == RefundEnd::Succeeded && end.amount() == refund.refund);
    let first = client.refund(&refund).await;
    checks.holds("a refund moves money", succeeded(&first), &first)?;
    let second = client.refund(&refund).await;
    let processing = Answer::Done(RefundState::Processing);
    checks.holds(
        "the same refund again moves none",
        second == processing,
        &second,
    )?;
    let found = client.refund_query("PEER_0001", "PEER_R001").await;
    checks.holds("a refund query proves its end", succeeded(&found), &found)?;
    let none = client.refund_query("PEER_0001", "PEER_R002").await;
    let no_such = Answer::Done(RefundState::NoSuchRefund { signed: true });
    checks.holds(
        "another refund is answered without data",
        none == no_such,
        &none,
    )
}

/// Pages are signed URLs that nobody but the payer sends.
async fn pages(peer: &mut Script, client: &Alipay, checks: &mut Checks) -> Result<(), PeerError> {
    let return_url = RETURN_URL.to_owned();
    let phone = Product::AlipayWap {
        return_url: return_url.clone(),
    };
    for (product, method) in [
        (phone, "alipay.trade.wap.pay"),
        (Product::AlipayPage { return_url }, "alipay.trade.page.pay"),
    ] {
        let signed = client
            .create(&order("PEER_0003", 100, product, NOTIFY_URL))
            .await;
        let Answer::Done(Created::Redirect { url }) = &signed else {
            return checks.holds("a page is signed", false, &signed);
        };
        let judged = peer.ask(json!({"do": "page", "url": url})).await?;
        checks.holds(
            &format!("a page of {method} is signed"),
            judged["why"].is_null()
                && judged["method"] == method
                && judged["params"]["return_url"] == RETURN_URL
                && judged["params"]["notify_url"] == NOTIFY_URL,
            &judged,
        )?;
        let other = dearer(url);
        let judged = peer.ask(json!({"do": "page", "url": other})).await?;
        let refused = judged["why"] == "sign";
        checks.holds("a page with another amount is not", refused, &judged)?;
    }
    Ok(())
}

/// The same page for another amount.
fn dearer(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else {
        return String::new();
    };
    let other = |(name, value): (String, String)| {
        let value = value.replace(r#""total_amount":"1.00""#, r#""total_amount":"0.01""#);
        (name, value)
    };
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().map(other).collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.into()
}

async fn notices(peer: &mut Script, client: &Alipay, checks: &mut Checks) -> Result<(), PeerError> {
    let question = json!({"do": "notice", "out_trade_no": "PEER_0001"});
    let (headers, body) = delivered(&peer.ask(question.clone()).await?);
    let read = client.read_callback(&headers, &body);
    let Ok(Notice::Payment(evidence)) = &read else {
        return checks.holds("the notice of a payment verifies", false, &read);
    };
    checks.holds(
        "a notice proves what was paid",
        evidence.amount() == Money::from_fen(12_345) && evidence.out_trade_no() == "PEER_0001",
        evidence,
    )?;
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    for (at, (name, value)) in fields.iter().enumerate() {
        let mut changed = fields.clone();
        changed[at].1 = altered(value);
        let body = form(&changed);
        let read = client.read_callback(&Headers::default(), &body);
        checks.holds(
            &format!("a notice with an altered {name} is refused"),
            read.is_err(),
            &read,
        )?;
        // The kind of signature stands in the form and is not signed; without it nothing is read.
        changed.remove(at);
        let read = client.read_callback(&Headers::default(), &form(&changed));
        checks.holds(
            &format!("a notice without {name} is refused"),
            read.is_err(),
            &read,
        )?;
    }
    let mut more = fields;
    more.push(("refund_fee".to_owned(), "1.00".to_owned()));
    let read = client.read_callback(&Headers::default(), &form(&more));
    let refused = read == Err(CallbackError::BadSignature);
    checks.holds("a notice with a field more is refused", refused, &read)
}

fn form(fields: &[(String, String)]) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).finish().into_bytes()
}
