//! Alipay, as far as the contract suite goes.

use super::*;
use gateways::alipay::{Alipay, AlipayConfig};
use gateways::{Headers, Secret, http_client};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const APP_ID: &str = "2021000000000001";
pub(crate) const SELLER_ID: &str = "2088000000000001";

#[derive(Default)]
pub(crate) struct FakeAlipay {
    pub(crate) books: Books,
}

pub(crate) fn config(root: &str) -> AlipayConfig {
    AlipayConfig {
        gateway_url: format!("{root}/gateway.do"),
        app_id: APP_ID.into(),
        seller_id: SELLER_ID.into(),
        app_private_key_pem: Secret::new(MERCHANT_KEY),
        alipay_public_key_pem: CHANNEL_PUBLIC.into(),
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

/// A notice of a payment, with any field changed before it is signed.
pub(crate) fn notice(number: &str, trade: &Trade, change: &[(&str, &str)]) -> (Headers, Vec<u8>) {
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
    let signature = sign(CHANNEL_KEY, text.join("&").as_bytes());
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
        let signature = match fault {
            Some(Fault::Forged) => sign(MERCHANT_KEY, content.as_bytes()),
            _ => sign(CHANNEL_KEY, content.as_bytes()),
        };
        if fault == Some(Fault::Tampered) {
            content = content.replace("\"code\":", "\"code\" :");
        }
        let body = match fault {
            Some(Fault::Unsigned) => format!("{{\"{key}\":{content}}}"),
            _ => format!("{{\"{key}\":{content},\"sign\":\"{signature}\"}}"),
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
