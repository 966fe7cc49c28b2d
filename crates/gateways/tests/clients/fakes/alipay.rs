//! Alipay, as far as the contract suite goes.

use super::authority::Authority;
use super::*;
use gateways::alipay::{Alipay, AlipayConfig, AlipayTrust};
use gateways::{Headers, Secret, http_client};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

pub(crate) const APP_ID: &str = "2021000000000001";
pub(crate) const SELLER_ID: &str = "2088000000000001";

#[derive(Default)]
pub(crate) struct FakeAlipay {
    pub(crate) books: Books,
    /// In certificate mode: who makes the certificates.
    pub(crate) authority: Option<Arc<Authority>>,
    /// Alipay has gone over to its next certificate.
    pub(crate) rotated: AtomicBool,
}

impl FakeAlipay {
    pub(crate) fn with(authority: &Arc<Authority>) -> FakeAlipay {
        FakeAlipay {
            authority: Some(Arc::clone(authority)),
            ..FakeAlipay::default()
        }
    }

    /// The key that signs now, and its certificate's number.
    fn signer(&self) -> (&str, Option<&str>) {
        match &self.authority {
            None => (CHANNEL_KEY, None),
            Some(made) if self.rotated.load(Ordering::SeqCst) => {
                (&made.next.key_pem, Some(&made.next.sn))
            }
            Some(made) => (&made.alipay.key_pem, Some(&made.alipay.sn)),
        }
    }

    /// A notice of a payment, signed as answers are.
    pub(crate) fn notice(&self, number: &str, trade: &Trade) -> (Headers, Vec<u8>) {
        let (key, sn) = self.signer();
        let named = sn.map(|sn| ("alipay_cert_sn", sn));
        signed_notice(number, trade, named.as_slice(), key)
    }
}

pub(crate) fn config(root: &str) -> AlipayConfig {
    AlipayConfig {
        gateway_url: format!("{root}/gateway.do"),
        app_id: APP_ID.into(),
        seller_id: SELLER_ID.into(),
        app_private_key_pem: Secret::new(MERCHANT_KEY),
        trust: AlipayTrust::PublicKey {
            alipay_public_key_pem: CHANNEL_PUBLIC.into(),
        },
        precreate_product_code: "QR_CODE_OFFLINE".into(),
    }
}

pub(crate) fn client(root: &str, clock: Arc<Still>) -> Alipay {
    Alipay::new(config(root), http_client().unwrap(), clock).unwrap()
}

/// The fields of a request, its signature checked.
pub(crate) fn request_fields(query: &str, body: &[u8]) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    for (name, value) in pairs.chain(url::form_urlencoded::parse(body)) {
        assert!(
            fields.insert(name.to_string(), value.to_string()).is_none(),
            "{name} twice"
        );
    }
    let sign = fields.remove("sign").unwrap();
    let text: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert!(
        verifies(MERCHANT_PUBLIC, text.join("&").as_bytes(), &sign),
        "{text:?}"
    );
    fields
}

/// A notice of a payment in key mode, with any field changed before it is signed.
pub(crate) fn notice(number: &str, trade: &Trade, change: &[(&str, &str)]) -> (Headers, Vec<u8>) {
    signed_notice(number, trade, change, CHANNEL_KEY)
}

fn signed_notice(
    number: &str,
    trade: &Trade,
    change: &[(&str, &str)],
    key: &str,
) -> (Headers, Vec<u8>) {
    let amount = format!("{}.{:02}", trade.fen / 100, trade.fen % 100);
    let mut fields: BTreeMap<&str, String> = [
        ("notify_type", "trade_status_sync"),
        ("notify_id", "n-1"),
        ("app_id", APP_ID),
        ("seller_id", SELLER_ID),
        ("trade_status", "TRADE_SUCCESS"),
        ("out_trade_no", number),
        ("subject", "订单 T07+1"),
        ("total_amount", &amount),
        ("buyer_id", "2088-buyer"),
        ("gmt_payment", "2027-01-01 08:00:00"),
        (
            "fund_bill_list",
            r#"[{"amount":"1.00","fundChannel":"PCREDIT"}]"#,
        ),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into();
    fields.insert("trade_no", format!("2027{number}"));
    change
        .iter()
        .for_each(|(name, value)| drop(fields.insert(name, (*value).to_owned())));
    let given = fields.iter().filter(|(_, value)| !value.is_empty());
    let text: Vec<String> = given.map(|(k, v)| format!("{k}={v}")).collect();
    let signature = sign(key, text.join("&").as_bytes());
    fields.insert("sign", signature);
    fields.insert("sign_type", "RSA2".into());
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&fields)
        .finish();
    (Headers::default(), body.into_bytes())
}

impl FakeAlipay {
    fn act(&self, fields: &BTreeMap<String, String>) -> Value {
        let biz: Value = serde_json::from_str(&fields["biz_content"]).unwrap();
        if let Some(made) = &self.authority {
            assert_eq!(fields["app_cert_sn"], made.app.sn);
            assert_eq!(fields["alipay_root_cert_sn"], made.root_sn);
            if fields["method"] == "alipay.open.app.alipaycert.download" {
                let all = [&made.alipay, &made.next, &made.strangers];
                let one = all.iter().find(|one| one.sn == biz["alipay_cert_sn"]);
                let content = openssl::base64::encode_block(one.unwrap().chain_pem.as_bytes());
                return json!({"code": "10000", "msg": "Success", "alipay_cert_content": content});
            }
        } else {
            assert!(!fields.contains_key("app_cert_sn"));
        }
        let number = biz["out_trade_no"].as_str().unwrap();
        let ok = json!({"code": "10000", "msg": "Success", "out_trade_no": number});
        let refusal =
            |sub: &str| json!({"code": "40004", "msg": "Business Failed", "sub_code": sub});
        let with = |more: Value| {
            let mut answer = ok.clone();
            answer
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            answer
        };
        let mut trades = self.books.trades.lock().unwrap();
        let trade = trades.get_mut(number);
        match (fields["method"].as_str(), trade) {
            ("alipay.trade.precreate", None) => {
                let (yuan, fen) = biz["total_amount"]
                    .as_str()
                    .unwrap()
                    .split_once('.')
                    .unwrap();
                let fen = yuan.parse::<i64>().unwrap() * 100 + fen.parse::<i64>().unwrap();
                trades.insert(
                    number.into(),
                    Trade {
                        fen,
                        state: State::Open,
                        body: vec![],
                    },
                );
                with(json!({"qr_code": "https://qr.alipay.com/bax-test"}))
            }
            ("alipay.trade.precreate", Some(_)) => refusal("ACQ.APPLY_PC_MERCHANT_CODE_ERROR"),
            (
                "alipay.trade.query",
                Some(Trade {
                    fen,
                    state: State::Paid,
                    ..
                }),
            ) => with(json!({
                "trade_no": format!("2027{number}"), "trade_status": "TRADE_SUCCESS",
                "total_amount": format!("{}.{:02}", *fen / 100, *fen % 100),
                "buyer_user_id": "2088-buyer", "send_pay_date": "2027-01-01 08:00:00",
            })),
            (
                "alipay.trade.query",
                Some(Trade {
                    state: State::Closed,
                    ..
                }),
            ) => with(json!({
                "trade_no": "2027", "trade_status": "TRADE_CLOSED", "total_amount": "1.00",
            })),
            (
                "alipay.trade.close",
                Some(Trade {
                    state: State::Paid, ..
                }),
            ) => refusal("AQC.TRADE_STATUS_ERROR"),
            ("alipay.trade.refund", _) => with(json!({
                "trade_no": "2027", "fund_change": "Y", "refund_fee": "0.80",
            })),
            ("alipay.trade.fastpay.refund.query", _)
                if biz["out_request_no"] == "unknown_refund" =>
            {
                json!({"code": "10000", "msg": "Success"})
            }
            ("alipay.trade.fastpay.refund.query", _) => with(json!({
                "trade_no": "2027", "out_request_no": biz["out_request_no"],
                "refund_status": "REFUND_SUCCESS", "refund_amount": "0.30",
            })),
            // Nobody has scanned the code: there is no trade, and it can be paid all the same.
            _ => refusal("ACQ.TRADE_NOT_EXIST"),
        }
    }
}

impl Fake for FakeAlipay {
    fn books(&self) -> &Books {
        &self.books
    }

    fn answer(&self, request: Request, fault: Option<Fault>) -> Option<Response> {
        let fields = request_fields(request.target.split_once('?').unwrap().1, &request.body);
        let mut answer = self.act(&fields);
        if fault == Some(Fault::OtherTrade) {
            answer["out_trade_no"] = json!("another_trade");
        }
        let mut content = answer.to_string().replace('/', "\\/");
        let key = format!("{}_response", fields["method"].replace('.', "_"));
        let (own, sn) = self.signer();
        let signature = match fault {
            Some(Fault::Forged) => sign(MERCHANT_KEY, content.as_bytes()),
            _ => sign(own, content.as_bytes()),
        };
        if fault == Some(Fault::Tampered) {
            content = content.replace("\"code\":", "\"code\" :");
        }
        let body = match fault {
            Some(Fault::Unsigned) => format!("{{\"{key}\":{content}}}"),
            _ => {
                let named = sn.map_or(String::new(), |sn| format!("\"alipay_cert_sn\":\"{sn}\","));
                format!("{{\"{key}\":{content},{named}\"sign\":\"{signature}\"}}")
            }
        };
        let html = (
            "Content-Type".to_owned(),
            "text/html;charset=utf-8".to_owned(),
        );
        Some(Response {
            status: 200,
            headers: vec![html],
            body: body.into_bytes(),
        })
    }
}
