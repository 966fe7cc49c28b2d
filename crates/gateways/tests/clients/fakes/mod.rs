//! Channels played badly on purpose: the least that the contract suite needs, and every way of
//! answering wrong. Signatures and ciphers are openssl's, not ring's, so that both sides can't
//! share a mistake. The real rehearsal is the sandbox; this only plays what it can't be told to.

pub(crate) mod alipay;
pub(crate) mod authority;
pub(crate) mod wechat;

use gateways::Ambient;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const MERCHANT_KEY: &str = include_str!("../../data/merchant_key.pem");
pub(crate) const MERCHANT_PUBLIC: &str = include_str!("../../data/merchant_public.pem");
pub(crate) const CHANNEL_KEY: &str = include_str!("../../data/channel_key.pem");
pub(crate) const CHANNEL_PUBLIC: &str = include_str!("../../data/channel_public.pem");
pub(crate) const CHANNEL_CERTIFICATE: &str = include_str!("../../data/channel_certificate.pem");

/// 2027-01-01T00:00:00Z: within the test certificate's time.
pub(crate) const NOW_MS: i64 = 1_798_761_600_000;

/// A clock that stands until it is set.
pub(crate) struct Still {
    pub(crate) ms: AtomicI64,
    nonces: AtomicU64,
}

impl Still {
    pub(crate) fn new() -> Arc<Still> {
        Arc::new(Still {
            ms: AtomicI64::new(NOW_MS),
            nonces: AtomicU64::new(0),
        })
    }
}

impl Ambient for Still {
    fn unix_ms(&self) -> i64 {
        self.ms.load(Ordering::SeqCst)
    }

    fn nonce(&self) -> String {
        format!("nonce{:011}", self.nonces.fetch_add(1, Ordering::SeqCst))
    }
}

/// How the next answer goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Right, but signed by somebody else.
    Forged,
    /// Right, with a byte of the body changed after signing.
    Tampered,
    /// Right, but without a signature.
    Unsigned,
    /// The connection ends before the answer; the request took effect.
    HangUp,
    /// HTTP 503 of a proxy.
    Overloaded,
    /// HTTP 403 with a page, as of a captive portal.
    Portal,
    /// An answer about another trade, well signed.
    OtherTrade,
}

/// A trade of a fake.
#[derive(Clone, Debug)]
pub(crate) struct Trade {
    pub(crate) fen: i64,
    pub(crate) state: State,
    pub(crate) body: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Paid,
    Closed,
}

/// What both fakes hold.
#[derive(Default)]
pub(crate) struct Books {
    pub(crate) trades: Mutex<HashMap<String, Trade>>,
    pub(crate) fault: Mutex<Option<Fault>>,
    /// Added to the `Date` of answers.
    pub(crate) date_shift_ms: AtomicI64,
}

impl Books {
    pub(crate) fn set(&self, number: &str, state: State) {
        self.trades.lock().unwrap().get_mut(number).unwrap().state = state;
    }

    pub(crate) fn trade(&self, number: &str) -> Option<Trade> {
        self.trades.lock().unwrap().get(number).cloned()
    }

    pub(crate) fn take_fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap().take()
    }
}

pub(crate) fn private(pem: &str) -> PKey<Private> {
    PKey::private_key_from_pem(pem.as_bytes()).unwrap()
}

pub(crate) fn sign(pem: &str, text: &[u8]) -> String {
    let key = private(pem);
    let mut signer = openssl::sign::Signer::new(MessageDigest::sha256(), &key).unwrap();
    openssl::base64::encode_block(&signer.sign_oneshot_to_vec(text).unwrap())
}

pub(crate) fn verifies(pem: &str, text: &[u8], signature: &str) -> bool {
    let key = PKey::public_key_from_pem(pem.as_bytes()).unwrap();
    let mut verifier = openssl::sign::Verifier::new(MessageDigest::sha256(), &key).unwrap();
    verifier
        .verify_oneshot(&openssl::base64::decode_block(signature).unwrap(), text)
        .unwrap()
}

pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query as sent.
    pub(crate) target: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

pub(crate) trait Fake: Send + Sync + 'static {
    fn books(&self) -> &Books;
    /// `None`: hang up.
    fn answer(&self, request: Request, fault: Option<Fault>) -> Option<Response>;
}

/// Serves on loopback until the test ends; answers the root URL.
pub(crate) async fn serve(fake: Arc<dyn Fake>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(one(stream, fake.clone()));
        }
    });
    root
}

async fn one(mut stream: TcpStream, fake: Arc<dyn Fake>) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    let fault = if request.target == "/" {
        None
    } else {
        fake.books().take_fault()
    };
    let page = |status| Response {
        status,
        headers: vec![],
        body: b"<html>sorry</html>".to_vec(),
    };
    let answer = match fault {
        Some(Fault::Overloaded) => Some(page(503)),
        Some(Fault::Portal) => Some(page(403)),
        _ => fake.answer(request, fault),
    };
    let Some(answer) = answer.filter(|_| fault != Some(Fault::HangUp)) else {
        return;
    };
    let date_ms = NOW_MS + fake.books().date_shift_ms.load(Ordering::SeqCst);
    let date = jiff::Timestamp::from_millisecond(date_ms).unwrap();
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    let date = printer.timestamp_to_rfc9110_string(&date).unwrap();
    let mut head = format!(
        "HTTP/1.1 {} X\r\nDate: {date}\r\nConnection: close\r\nContent-Length: {}\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&answer.body).await;
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let pair = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_ascii_lowercase(), value.to_owned()))
    };
    let headers: HashMap<String, String> = lines.filter_map(pair).collect();
    let length = headers
        .get("content-length")
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Request {
        method,
        target,
        headers,
        body,
    })
}
