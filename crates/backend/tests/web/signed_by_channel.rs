//! Callbacks that carry a channel's own signature and say what the test wants: with the sandbox's
//! keys, put together here from the channels' documents.

use crate::world::{World, keys};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wire::Env as _;

fn word(name: &str) -> &'static str {
    keys().1[name].as_str().unwrap()
}

fn sign(pem: &str, text: &[u8]) -> String {
    let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = BASE64_STANDARD.decode(lines).unwrap();
    let key = RsaKeyPair::from_pkcs8(&der).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text,
        &mut signature,
    )
    .unwrap();
    BASE64_STANDARD.encode(signature)
}

fn beijing(world: &World, pattern: &str) -> String {
    let now = jiff::Timestamp::from_millisecond(world.env.now().0).unwrap();
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    now.to_zoned(zone).strftime(pattern).to_string()
}

/// A callback, ready to be sent or spoilt.
#[derive(Clone)]
pub(crate) struct Callback {
    pub(crate) path: &'static str,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Callback {
    /// Status and body of the answer.
    pub(crate) async fn send(&self, world: &World) -> (u16, String) {
        let url = format!("{}/callbacks/{}", world.public, self.path);
        let mut request = world.http.post(url).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

/// What WeChat Pay seals when `fen` were paid for `out_trade_no`.
pub(crate) fn transaction(world: &World, out_trade_no: &str, provider_no: &str, fen: i64) -> Value {
    json!({
        "mchid": word("mchid"), "appid": word("appid"), "out_trade_no": out_trade_no,
        "transaction_id": provider_no, "trade_type": "JSAPI", "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功", "bank_type": "OTHERS", "attach": "",
        "success_time": beijing(world, "%Y-%m-%dT%H:%M:%S+08:00"),
        "payer": {"openid": "oSomebodySomebodySomebody123"},
        "amount": {"total": fen, "payer_total": fen, "currency": "CNY", "payer_currency": "CNY"},
    })
}

/// The event around it, sealed.
pub(crate) fn event(world: &World, transaction: &Value) -> Value {
    let key = UnboundKey::new(&AES_256_GCM, word("api_v3_key").as_bytes()).unwrap();
    let mut sealed = transaction.to_string().into_bytes();
    let nonce = Nonce::try_assume_unique_for_key(b"abcdefghijkl").unwrap();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::from(b"transaction"), &mut sealed)
        .unwrap();
    json!({
        "id": "EV-2026", "create_time": beijing(world, "%Y-%m-%dT%H:%M:%S+08:00"),
        "event_type": "TRANSACTION.SUCCESS", "resource_type": "encrypt-resource",
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": BASE64_STANDARD.encode(sealed), "associated_data": "transaction",
            "nonce": "abcdefghijkl",
        },
    })
}

/// The event as a signed callback.
pub(crate) fn wechat(world: &World, event: &Value) -> Callback {
    let (time, nonce) = ((world.env.now().0 / 1000).to_string(), "n0123456789abcdef");
    let body = event.to_string();
    let text = format!("{time}\n{nonce}\n{body}\n");
    let headers = [
        ("wechatpay-timestamp", time.as_str()),
        ("wechatpay-nonce", nonce),
        ("wechatpay-serial", word("pub_key_id")),
        (
            "wechatpay-signature",
            &sign(word("pub_key_private_pem"), text.as_bytes()),
        ),
        ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048"),
    ];
    Callback {
        path: "wechat_pay",
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body: body.into_bytes(),
    }
}

/// What Alipay's form says when `fen` were paid for `out_trade_no`.
pub(crate) fn notice(
    world: &World,
    out_trade_no: &str,
    provider_no: &str,
    fen: i64,
) -> BTreeMap<String, String> {
    let total = format!("{}.{:02}", fen / 100, fen % 100);
    let time = beijing(world, "%Y-%m-%d %H:%M:%S");
    let app = word("alipay_app_id");
    let bills = format!(r#"[{{"amount":"{total}","fundChannel":"ALIPAYACCOUNT"}}]"#);
    [
        ("notify_type", "trade_status_sync"),
        ("notify_id", "2026112500222"),
        ("notify_time", &time),
        ("charset", "utf-8"),
        ("version", "1.0"),
        ("app_id", app),
        ("auth_app_id", app),
        ("seller_id", word("alipay_seller_id")),
        ("trade_no", provider_no),
        ("out_trade_no", out_trade_no),
        ("buyer_id", "2088000000000001"),
        ("buyer_logon_id", "159****5620"),
        ("trade_status", "TRADE_SUCCESS"),
        ("subject", "货款"),
        ("total_amount", &total),
        ("receipt_amount", &total),
        ("buyer_pay_amount", &total),
        ("gmt_create", &time),
        ("gmt_payment", &time),
        ("fund_bill_list", &bills),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// The form with its signature.
pub(crate) fn signed(fields: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let pairs: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let sign = sign(word("alipay_private_key_pem"), pairs.join("&").as_bytes());
    let mut fields = fields.clone();
    fields.insert("sign".into(), sign);
    fields.insert("sign_type".into(), "RSA2".into());
    fields
}

/// Fields as a form is sent.
pub(crate) fn alipay<'a>(fields: impl IntoIterator<Item = (&'a String, &'a String)>) -> Callback {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    Callback {
        path: "alipay",
        headers: vec![(
            "content-type".into(),
            "application/x-www-form-urlencoded; charset=utf-8".into(),
        )],
        body: form.extend_pairs(fields).finish().into_bytes(),
    }
}
