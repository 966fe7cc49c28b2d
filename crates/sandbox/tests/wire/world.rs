//! A sandbox with a clock in hand, a merchant's server that receives callbacks, and the signing
//! that a merchant does.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::sign::{Signer, Verifier};
use openssl::symm::{Cipher, decrypt_aead};
use openssl::x509::X509;
use sandbox::{KeySource, RunningSandbox, Sandbox, SandboxConfig, SandboxKeys};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tokio::sync::mpsc;

pub(crate) const NOW: i64 = 1_790_000_000;

/// One set for all tests: making RSA keys is the slowest thing a sandbox does.
pub(crate) fn keys() -> SandboxKeys {
    static KEYS: OnceLock<SandboxKeys> = OnceLock::new();
    let now = Timestamp::from_second(NOW).unwrap();
    KEYS.get_or_init(|| SandboxKeys::generate("演示商贸 & Co", now).unwrap())
        .clone()
}

pub(crate) struct Callback {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

type Replies = Arc<Mutex<VecDeque<(u16, &'static str)>>>;

pub(crate) struct World {
    pub(crate) sandbox: RunningSandbox,
    pub(crate) now: Arc<AtomicI64>,
    pub(crate) notify_url: String,
    pub(crate) client: reqwest::Client,
    replies: Replies,
    callbacks: mpsc::UnboundedReceiver<Callback>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let now = Arc::new(AtomicI64::new(NOW));
        let read = Arc::clone(&now);
        let sandbox = Sandbox::start(SandboxConfig {
            keys: KeySource::Given(keys()),
            clock: Arc::new(move || Timestamp::from_second(read.load(Ordering::SeqCst)).unwrap()),
            retry_divisor: 100_000,
            ..SandboxConfig::default()
        })
        .await
        .unwrap();
        let (sender, callbacks) = mpsc::unbounded_channel();
        let replies = Replies::default();
        let merchant = Router::new()
            .route("/notify", post(receive))
            .with_state((sender, Arc::clone(&replies)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, merchant).await });
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let notify_url = format!("http://{address}/notify");
        Self {
            sandbox,
            now,
            notify_url,
            client,
            replies,
            callbacks,
        }
    }

    /// What the merchant's server answers to the next callbacks; afterwards 200 `success`.
    pub(crate) fn reply(&self, replies: &[(u16, &'static str)]) {
        self.replies.lock().unwrap().extend(replies);
    }

    pub(crate) async fn callback(&mut self) -> Callback {
        let wait = std::time::Duration::from_secs(20);
        tokio::time::timeout(wait, self.callbacks.recv())
            .await
            .expect("a callback")
            .unwrap()
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.public_url())
    }

    /// A request signed at the sandbox's own time.
    pub(crate) async fn wechat(&self, method: &str, target: &str, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        let now = self.now.load(Ordering::SeqCst);
        let header = self.authorization(method, target, &body, now);
        self.wechat_raw(method, target, &body, &header, &[]).await
    }

    pub(crate) fn authorization(&self, method: &str, target: &str, body: &str, at: i64) -> String {
        let merchant = &self.sandbox.merchant().wechat_pay;
        let message = format!("{method}\n{target}\n{at}\nNONCE\n{body}\n");
        let signature = signed(&merchant.merchant_private_key_pem, &message);
        format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"NONCE\",signature=\"{signature}\",\
             timestamp=\"{at}\",serial_no=\"{}\"",
            merchant.mchid, merchant.merchant_serial
        )
    }

    pub(crate) async fn wechat_raw(
        &self,
        method: &str,
        target: &str,
        body: &str,
        authorization: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let mut request = self
            .client
            .request(method.parse().unwrap(), self.url(target))
            .header("authorization", authorization)
            .header("accept", "application/json")
            .header("user-agent", "test/1")
            .body(body.to_owned());
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer {
            status,
            headers,
            body: answer.text().await.unwrap(),
        }
    }

    pub(crate) fn jsapi(&self, number: &str, fen: i64) -> Value {
        let merchant = &self.sandbox.merchant().wechat_pay;
        json!({
            "appid": merchant.appid,
            "mchid": merchant.mchid,
            "description": "订单 SO-1",
            "out_trade_no": number,
            "notify_url": self.notify_url,
            "amount": {"total": fen, "currency": "CNY"},
            "payer": {"openid": self.sandbox.openid(1)},
        })
    }

    pub(crate) async fn place(&self, number: &str, fen: i64) -> String {
        let order = self.jsapi(number, fen);
        let answer = self
            .wechat("POST", "/v3/pay/transactions/jsapi", Some(&order))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["prepay_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn wechat_query(&self, number: &str) -> Answer {
        let mchid = &self.sandbox.merchant().wechat_pay.mchid;
        let target = format!("/v3/pay/transactions/out-trade-no/{number}?mchid={mchid}");
        self.wechat("GET", &target, None).await
    }

    /// The key that `Wechatpay-Serial` names, as the merchant configured it.
    pub(crate) fn platform_key(&self, id: &str) -> PKey<Public> {
        let keys = &self.sandbox.merchant().wechat_pay.platform_keys;
        let pem = &keys
            .iter()
            .find(|key| key.id == id)
            .expect("a known serial")
            .pem;
        if pem.contains("CERTIFICATE") {
            X509::from_pem(pem.as_bytes())
                .unwrap()
                .public_key()
                .unwrap()
        } else {
            PKey::public_key_from_pem(pem.as_bytes()).unwrap()
        }
    }

    /// Whether a response or callback is WeChat Pay's own.
    pub(crate) fn genuine(&self, headers: &HeaderMap, body: &str) -> bool {
        let get = |name: &str| headers[name].to_str().unwrap().to_owned();
        let text = format!(
            "{}\n{}\n{body}\n",
            get("wechatpay-timestamp"),
            get("wechatpay-nonce")
        );
        let key = self.platform_key(&get("wechatpay-serial"));
        verifies(&key, &text, &get("wechatpay-signature"))
    }

    pub(crate) fn opened(&self, resource: &Value) -> String {
        let field = |name: &str| resource[name].as_str().unwrap();
        let sealed = STANDARD.decode(field("ciphertext")).unwrap();
        let (body, tag) = sealed.split_at(sealed.len() - 16);
        let key = self.sandbox.merchant().wechat_pay.api_v3_key.as_bytes();
        let nonce = field("nonce").as_bytes();
        assert_eq!((key.len(), nonce.len()), (32, 12));
        let aad = field("associated_data").as_bytes();
        let plain = decrypt_aead(Cipher::aes_256_gcm(), key, Some(nonce), aad, body, tag);
        String::from_utf8(plain.unwrap()).unwrap()
    }

    /// The parameters of an Alipay call, signed.
    pub(crate) fn alipay_params(
        &self,
        method: &str,
        content: &Value,
        more: &[(&str, &str)],
    ) -> BTreeMap<String, String> {
        let merchant = &self.sandbox.merchant().alipay;
        let content = content.to_string();
        let mut params: BTreeMap<String, String> = [
            ("app_id", merchant.app_id.as_str()),
            ("method", method),
            ("format", "JSON"),
            ("charset", "utf-8"),
            ("sign_type", "RSA2"),
            ("timestamp", "2026-09-21 22:13:20"),
            ("version", "1.0"),
            ("biz_content", &content),
        ]
        .iter()
        .chain(more)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
        let text: Vec<String> = params
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let signature = signed(&merchant.app_private_key_pem, &text.join("&"));
        params.insert("sign".to_owned(), signature);
        params
    }

    /// Calls the gateway; the answer's value if it verifies over its raw text.
    pub(crate) async fn alipay(&self, method: &str, content: &Value) -> Value {
        let params =
            self.alipay_params(method, content, &[("notify_url", self.notify_url.as_str())]);
        let answer = self
            .client
            .post(self.url("/gateway.do"))
            .form(&params)
            .send()
            .await
            .unwrap();
        let body = answer.text().await.unwrap();
        self.alipay_value(method, &body)
            .unwrap_or_else(|| panic!("doesn't verify: {body}"))
    }

    pub(crate) fn alipay_value(&self, method: &str, body: &str) -> Option<Value> {
        let key = format!("{{\"{}_response\":", method.replace('.', "_"));
        let (raw, signature) = body.strip_prefix(&key)?.rsplit_once(",\"sign\":\"")?;
        let signature = signature.strip_suffix("\"}")?;
        verifies(&self.alipay_key(), raw, signature).then(|| serde_json::from_str(raw).unwrap())
    }

    pub(crate) fn alipay_key(&self) -> PKey<Public> {
        let pem = &self.sandbox.merchant().alipay.alipay_public_key_pem;
        PKey::public_key_from_pem(pem.as_bytes()).unwrap()
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> (u16, String) {
        (
            self.status,
            self.json()["code"].as_str().unwrap_or_default().to_owned(),
        )
    }
}

async fn receive(
    State((sender, replies)): State<(mpsc::UnboundedSender<Callback>, Replies)>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let (status, words) = replies
        .lock()
        .unwrap()
        .pop_front()
        .unwrap_or((200, "success"));
    let _test_ended = sender.send(Callback { headers, body });
    (StatusCode::from_u16(status).unwrap(), words)
}

pub(crate) fn signed(private_pem: &str, text: &str) -> String {
    let key = PKey::private_key_from_pem(private_pem.as_bytes()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    STANDARD.encode(signer.sign_oneshot_to_vec(text.as_bytes()).unwrap())
}

pub(crate) fn verifies(key: &PKey<Public>, text: &str, signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else {
        return false;
    };
    let mut verifier = Verifier::new(MessageDigest::sha256(), key).unwrap();
    verifier
        .verify_oneshot(&signature, text.as_bytes())
        .unwrap_or(false)
}
