//! WeChat Pay, as far as the contract suite goes.

use super::*;
use gateways::wechat_pay::{VerificationKey, WechatPay, WechatPayConfig};
use gateways::{Headers, Secret, http_client};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) const API_V3_KEY: &str = "test-only-key-of-32-characters-0";
pub(crate) const CERTIFICATE_SERIAL: &str = "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567";
pub(crate) const KEY_ID: &str = "PUB_KEY_ID_0000000001";
pub(crate) const MCHID: &str = "1900000001";
pub(crate) const APPID: &str = "wx0000000000000001";

#[derive(Default)]
pub(crate) struct Wechat {
    pub(crate) books: Books,
    /// The merchant has a public key and no certificates.
    pub(crate) keys_only: AtomicBool,
}

pub(crate) fn config(root: &str) -> WechatPayConfig {
    WechatPayConfig {
        api_base: root.into(),
        authorise_base: root.into(),
        oauth_base: root.into(),
        mchid: MCHID.into(),
        appid: APPID.into(),
        app_secret: Secret::new("app-secret-for-tests"),
        api_v3_key: Secret::new(API_V3_KEY),
        merchant_serial: "7132D72A03E93CDDF8C03BBD1F37EEDF9BDE1D8F".into(),
        merchant_key_pem: Secret::new(MERCHANT_KEY),
        verification_keys: vec![
            VerificationKey::PlatformCertificate {
                pem: CHANNEL_CERTIFICATE.into(),
            },
            VerificationKey::PublicKey {
                id: KEY_ID.into(),
                pem: CHANNEL_PUBLIC.into(),
                valid_from_ms: None,
                valid_until_ms: None,
            },
        ],
    }
}

pub(crate) fn client(root: &str, clock: Arc<Still>) -> WechatPay {
    WechatPay::new(config(root), http_client().unwrap(), clock).unwrap()
}

/// Signs as the channel does, with either kind of key.
pub(crate) fn signed(key: &str, serial: &str, body: &[u8]) -> Vec<(String, String)> {
    let at = (NOW_MS / 1000).to_string();
    let mut text = format!("{at}\nchannel-nonce\n").into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    [
        ("Wechatpay-Timestamp", at),
        ("Wechatpay-Nonce", "channel-nonce".into()),
        ("Wechatpay-Serial", serial.into()),
        ("Wechatpay-Signature", sign(key, &text)),
        (
            "Wechatpay-Signature-Type",
            "WECHATPAY2-SHA256-RSA2048".into(),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

pub(crate) fn transaction(number: &str, trade: &Trade) -> Value {
    let mut answer = json!({
        "appid": APPID, "mchid": MCHID, "out_trade_no": number, "trade_state": "NOTPAY",
        "amount": {"total": trade.fen, "currency": "CNY"},
    });
    match trade.state {
        State::Open => {}
        State::Closed => answer["trade_state"] = json!("CLOSED"),
        State::Paid => {
            answer["trade_state"] = json!("SUCCESS");
            answer["transaction_id"] = json!(format!("42000{number}"));
            answer["success_time"] = json!("2027-01-01T08:00:00+08:00");
            answer["payer"] = json!({"openid": "openid-of-tests"});
            answer["amount"]["payer_total"] = json!(trade.fen - 1);
        }
    }
    answer
}

fn seal(kind: &str, plain: &[u8]) -> Value {
    let mut tag = [0; 16];
    let mut sealed = openssl::symm::encrypt_aead(
        openssl::symm::Cipher::aes_256_gcm(),
        API_V3_KEY.as_bytes(),
        Some(b"twelve-bytes"),
        kind.as_bytes(),
        plain,
        &mut tag,
    )
    .unwrap();
    sealed.extend_from_slice(&tag);
    json!({
        "original_type": kind, "algorithm": "AEAD_AES_256_GCM", "nonce": "twelve-bytes",
        "associated_data": kind, "ciphertext": openssl::base64::encode_block(&sealed),
    })
}

/// A callback about `content`, encrypted and signed.
pub(crate) fn callback(kind: (&str, &str), content: &Value, serial: &str) -> (Headers, Vec<u8>) {
    let sealed = seal(kind.1, content.to_string().as_bytes());
    let body = json!({
        "id": "EV-1", "event_type": kind.0, "resource_type": "encrypt-resource",
        "resource": sealed,
    })
    .to_string()
    .into_bytes();
    (Headers::new(signed(CHANNEL_KEY, serial, &body)), body)
}

impl Wechat {
    /// The checks that the real one makes before it reads anything.
    fn authentic(&self, request: &Request) {
        let header = &request.headers["authorization"];
        let fields = header.strip_prefix("WECHATPAY2-SHA256-RSA2048 ").unwrap();
        let fields: HashMap<&str, &str> = fields
            .split(',')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (name, value.trim_matches('"')))
            .collect();
        let (at, nonce) = (fields["timestamp"], fields["nonce_str"]);
        let mut text =
            format!("{}\n{}\n{at}\n{nonce}\n", request.method, request.target).into_bytes();
        text.extend_from_slice(&request.body);
        text.push(b'\n');
        assert!(
            verifies(MERCHANT_PUBLIC, &text, fields["signature"]),
            "{header}"
        );
        assert_eq!(fields["mchid"], MCHID);
        assert_eq!(request.headers["accept"], "application/json");
        assert_eq!(request.headers["wechatpay-serial"], KEY_ID);
        assert!(request.headers["user-agent"].starts_with("fieldtill-gateways/"));
    }

    fn act(&self, request: &Request) -> (u16, Value) {
        let path = request.target.split('?').next().unwrap();
        let mut trades = self.books.trades.lock().unwrap();
        let refusal = |status, code: &str| (status, json!({"code": code, "message": "no"}));
        if let Some(number) = path.strip_prefix("/v3/pay/transactions/out-trade-no/") {
            let close = number.strip_suffix("/close");
            let number = close.unwrap_or(number);
            let Some(trade) = trades.get_mut(number) else {
                return refusal(404, "ORDER_NOT_EXIST");
            };
            if close.is_none() {
                assert!(request.target.ends_with(&format!("?mchid={MCHID}")));
                return (200, transaction(number, trade));
            }
            if trade.state == State::Paid {
                return refusal(400, "ORDERPAID");
            }
            trade.state = State::Closed;
            return (204, Value::Null);
        }
        if let Some(product) = path.strip_prefix("/v3/pay/transactions/") {
            let order: Value = serde_json::from_slice(&request.body).unwrap();
            let number = order["out_trade_no"].as_str().unwrap().to_owned();
            let fen = order["amount"]["total"].as_i64().unwrap();
            let body = request.body.clone();
            let trade = trades.entry(number).or_insert(Trade {
                fen,
                state: State::Open,
                body,
            });
            if trade.body != request.body {
                return refusal(403, "OUT_TRADE_NO_USED");
            }
            return match product {
                "jsapi" => {
                    assert_eq!(order["payer"]["openid"], "openid-of-tests");
                    (200, json!({"prepay_id": "wx-prepared"}))
                }
                "native" => (200, json!({"code_url": "weixin://wxpay/bizpayurl/up?pr=x"})),
                _ => refusal(404, "RESOURCE_NOT_EXISTS"),
            };
        }
        if path == "/v3/certificates" {
            if self.keys_only.load(Ordering::SeqCst) {
                return refusal(404, "RESOURCE_NOT_EXISTS");
            }
            let sealed = seal("certificate", CHANNEL_CERTIFICATE.as_bytes());
            let item = json!({"serial_no": CERTIFICATE_SERIAL, "encrypt_certificate": sealed});
            return (200, json!({"data": [item]}));
        }
        if let Some(rest) = path.strip_prefix("/v3/refund/domestic/refunds") {
            if rest == "/unknown_refund" {
                return refusal(404, "RESOURCE_NOT_EXISTS");
            }
            let status = if rest.is_empty() {
                "PROCESSING"
            } else {
                "SUCCESS"
            };
            return (200, refund(rest.trim_start_matches('/'), status));
        }
        refusal(404, "RESOURCE_NOT_EXISTS")
    }
}

pub(crate) fn refund(number: &str, status: &str) -> Value {
    let number = if number.is_empty() {
        "refund_one"
    } else {
        number
    };
    json!({
        "refund_id": "50000", "out_refund_no": number, "out_trade_no": "trade_one",
        "transaction_id": "42000", "status": status, "amount": {"refund": 30, "total": 100},
    })
}

impl Fake for Wechat {
    fn books(&self) -> &Books {
        &self.books
    }

    fn answer(&self, request: Request, fault: Option<Fault>) -> Option<Response> {
        if request.target == "/" {
            return Some(Response {
                status: 404,
                headers: vec![],
                body: vec![],
            });
        }
        if request.target.starts_with("/sns/oauth2/access_token?") {
            let body = if request.target.contains("code=good") {
                json!({"openid": "openid-of-tests", "scope": "snsapi_base"})
            } else {
                json!({"errcode": 40029, "errmsg": "invalid code"})
            };
            let body = body.to_string().into_bytes();
            return Some(Response {
                status: 200,
                headers: vec![],
                body,
            });
        }
        self.authentic(&request);
        let (status, mut value) = self.act(&request);
        if fault == Some(Fault::OtherTrade) {
            value["out_trade_no"] = json!("another_trade");
        }
        let mut body = if status == 204 {
            Vec::new()
        } else {
            value.to_string().into_bytes()
        };
        let list = request.target == "/v3/certificates";
        let serial = if list { CERTIFICATE_SERIAL } else { KEY_ID };
        let headers = match fault {
            _ if status >= 400 => vec![], // as live: refusals are unsigned
            Some(Fault::Unsigned) => vec![],
            Some(Fault::Forged) => signed(MERCHANT_KEY, serial, &body),
            _ => signed(CHANNEL_KEY, serial, &body),
        };
        if fault == Some(Fault::Tampered) {
            body.push(b' ');
        }
        Some(Response {
            status,
            headers,
            body,
        })
    }
}
