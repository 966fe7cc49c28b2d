//! What each fuzz target does with its bytes, and what must hold of every answer. The same functions
//! run under libFuzzer (`cargo xtask fuzz`) and over the committed corpora (`tests/replay.rs`).
//!
//! Raw bytes die at the signature, so three targets sign what they are given with the very key that
//! the verifier knows: those mutations reach the readers behind it. A target answers whether the
//! message was taken, and the replay counts those: a corpus that is refused at the door proves
//! little.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use domain::Money;
use domain::channel::Channel;
use gateways::alipay::{Alipay, AlipayConfig, AlipayTrust};
use gateways::bill::{Bill, BillError, BillKind, read_bill, read_flows};
use gateways::wechat_pay::{VerificationKey, WechatPay, WechatPayConfig};
use gateways::{Ambient, CallbackError, Gateway, Headers, Notice, Secret, http_client};
use jiff::civil::{Date, date};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write as _};
use std::sync::{Arc, LazyLock};
use wire::Keypair;
use wire::link::Link;

/// 2027-01-01T00:00:00Z, within the test certificate's time; when every message is received.
pub const NOW_MS: i64 = 1_798_761_600_000;
/// The day of the bills.
pub const DAY: Date = date(2026, 11, 24);
/// Stands between the two files of an Alipay bill that is not an archive yet.
pub const BETWEEN_FILES: &str = "\n=====\n";

const API_V3_KEY: &str = "test-only-key-of-32-characters-0";
const KEY_ID: &str = "PUB_KEY_ID_0000000001";
const MERCHANT_KEY: &str = include_str!("../../../crates/gateways/tests/data/merchant_key.pem");
const CHANNEL_KEY: &str = include_str!("../../../crates/gateways/tests/data/channel_key.pem");
const CHANNEL_PUBLIC: &str = include_str!("../../../crates/gateways/tests/data/channel_public.pem");
const CHANNEL_CERTIFICATE: &str =
    include_str!("../../../crates/gateways/tests/data/channel_certificate.pem");

/// A target by its name.
pub type Target = fn(&[u8]) -> bool;

/// Every target.
pub const TARGETS: &[(&str, Target)] = &[
    ("callback", callback),
    ("signed_callback", signed_callback),
    ("notice_form", notice_form),
    ("wechat_pay_bill", wechat_pay_bill),
    ("alipay_bill", alipay_bill),
    ("link", link),
];

// ---- callbacks ---------------------------------------------------------------------------------

struct Still;

impl Ambient for Still {
    fn unix_ms(&self) -> i64 {
        NOW_MS
    }

    fn nonce(&self) -> String {
        "nonce00000000001".to_owned()
    }
}

static WECHAT_PAY: LazyLock<WechatPay> = LazyLock::new(|| {
    let root = || "https://channel.test".to_owned();
    let config = WechatPayConfig {
        api_base: root(),
        authorise_base: root(),
        oauth_base: root(),
        mchid: "1900000001".to_owned(),
        appid: "wx0000000000000001".to_owned(),
        app_secret: Secret::new(""),
        api_v3_key: Secret::new(API_V3_KEY),
        merchant_serial: "7132D72A03E93CDDF8C03BBD1F37EEDF9BDE1D8F".to_owned(),
        merchant_key_pem: Secret::new(MERCHANT_KEY),
        verification_keys: vec![
            VerificationKey::PlatformCertificate {
                pem: CHANNEL_CERTIFICATE.to_owned(),
            },
            VerificationKey::PublicKey {
                id: KEY_ID.to_owned(),
                pem: CHANNEL_PUBLIC.to_owned(),
                valid_from_ms: None,
                valid_until_ms: None,
            },
        ],
    };
    WechatPay::new(config, http_client().unwrap(), Arc::new(Still)).unwrap()
});

static ALIPAY: LazyLock<Alipay> = LazyLock::new(|| {
    let config = AlipayConfig {
        gateway_url: "https://channel.test/gateway.do".to_owned(),
        app_id: "2021000000000001".to_owned(),
        seller_id: "2088000000000001".to_owned(),
        app_private_key_pem: Secret::new(MERCHANT_KEY),
        trust: AlipayTrust::PublicKey {
            alipay_public_key_pem: CHANNEL_PUBLIC.to_owned(),
        },
        precreate_product_code: "QR_CODE_OFFLINE".to_owned(),
    };
    Alipay::new(config, http_client().unwrap(), Arc::new(Still)).unwrap()
});

static SIGNING: LazyLock<RsaKeyPair> = LazyLock::new(|| {
    let body: String = CHANNEL_KEY
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    RsaKeyPair::from_pkcs8(&BASE64_STANDARD.decode(body).unwrap()).unwrap()
});

fn sign(text: &[u8]) -> String {
    let mut signature = vec![0; SIGNING.public().modulus_len()];
    SIGNING
        .sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            text,
            &mut signature,
        )
        .unwrap();
    BASE64_STANDARD.encode(signature)
}

/// A whole callback as it comes: the channel's name on the first line, its headers, an empty line,
/// the body. Whatever is taken must be what the channel signed in the corpus: one payment of ¥36.00
/// to the attempt below.
pub fn callback(data: &[u8]) -> bool {
    let mut lines = data.splitn(2, |byte| *byte == b'\n');
    let channel = lines.next().unwrap_or_default();
    let mut rest = lines.next().unwrap_or_default();
    let mut headers = Vec::new();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(&rest[..end]).into_owned();
        rest = &rest[end + 1..];
        match line.split_once(": ") {
            _ if line.is_empty() => break,
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => {}
        }
    }
    let gateway: &dyn Gateway = match channel {
        b"alipay" => &*ALIPAY,
        _ => &*WECHAT_PAY,
    };
    let Some(Notice::Payment(evidence)) = taken(gateway, &Headers::new(headers), rest) else {
        return false;
    };
    assert_eq!(evidence.amount(), Money::from_fen(3600));
    assert_eq!(evidence.out_trade_no(), "FT0123456789ABCW01K");
    assert_eq!(evidence.provider_no(), "4200002027010100001");
    true
}

/// The first line is WeChat Pay's name of the event, the second its kind of resource, the rest what
/// is encrypted; sealed and signed here as WeChat Pay does.
pub fn signed_callback(data: &[u8]) -> bool {
    let mut parts = data.splitn(3, |byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (event, kind, plain) = (part(), part(), part());
    let nonce = Nonce::assume_unique_for_key(*b"twelve-bytes");
    let key = UnboundKey::new(&AES_256_GCM, API_V3_KEY.as_bytes()).unwrap();
    let mut sealed = plain.to_vec();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::from(b"transaction"), &mut sealed)
        .unwrap();
    let body = serde_json::json!({
        "id": "EV-1", "event_type": String::from_utf8_lossy(event),
        "resource_type": "encrypt-resource",
        "resource": {
            "original_type": String::from_utf8_lossy(kind), "algorithm": "AEAD_AES_256_GCM",
            "nonce": "twelve-bytes", "associated_data": "transaction",
            "ciphertext": BASE64_STANDARD.encode(sealed),
        },
    })
    .to_string();
    let at = (NOW_MS / 1000).to_string();
    let headers = [
        ("Wechatpay-Timestamp", at.clone()),
        ("Wechatpay-Nonce", "channel-nonce".to_owned()),
        ("Wechatpay-Serial", KEY_ID.to_owned()),
        (
            "Wechatpay-Signature",
            sign(format!("{at}\nchannel-nonce\n{body}\n").as_bytes()),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let headers = Headers::new(headers.into());
    let read = WECHAT_PAY.read_callback(&headers, body.as_bytes());
    assert!(
        !matches!(
            read,
            Err(CallbackError::BadSignature | CallbackError::Undecryptable)
        ),
        "this target must reach the reader"
    );
    taken(&*WECHAT_PAY, &headers, body.as_bytes()).is_some()
}

/// A form as Alipay's notices are, whose `sign` and `sign_type` are made here by the documented
/// rule. When it is taken, its fields must be those that stand in the form.
pub fn notice_form(data: &[u8]) -> bool {
    let mut fields = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(data) {
        fields.insert(name.into_owned(), value.into_owned());
    }
    fields.remove("sign");
    fields.remove("sign_type");
    let signed: Vec<String> = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mut body = data.to_vec();
    if !body.is_empty() {
        body.push(b'&');
    }
    let tail = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("sign", &sign(signed.join("&").as_bytes()))
        .append_pair("sign_type", "RSA2")
        .finish();
    body.extend_from_slice(tail.as_bytes());
    match taken(&*ALIPAY, &Headers::default(), &body) {
        Some(Notice::Payment(evidence)) => {
            let field = |name: &str| fields.get(name).map(String::as_str);
            assert_eq!(Some(evidence.out_trade_no()), field("out_trade_no"));
            assert_eq!(Some(evidence.provider_no()), field("trade_no"));
            assert_eq!(Some(evidence.app_id()), field("app_id"));
            // The signed text does not say where one field ends: what decides must not hold the
            // mark between two of them.
            for decides in [
                evidence.out_trade_no(),
                evidence.provider_no(),
                evidence.app_id(),
            ] {
                assert!(!decides.contains('&'), "{decides}");
            }
            true
        }
        Some(_) => true,
        None => false,
    }
}

/// Reads a callback and checks what must hold of everything that is taken.
fn taken(gateway: &dyn Gateway, headers: &Headers, body: &[u8]) -> Option<Notice> {
    let notice = gateway.read_callback(headers, body).ok()?;
    if let Notice::Payment(evidence) = &notice {
        assert!(evidence.amount().is_positive());
        assert_eq!(evidence.merchant_no(), gateway.merchant_no());
        assert_eq!(evidence.raw(), body);
        assert!(!evidence.provider_no().is_empty());
        // What is stored must prove the same again, years later.
        let stored = serde_json::to_string(&evidence.to_record()).unwrap();
        let record = serde_json::from_str(&stored).unwrap();
        assert_eq!(gateway.reverify(&record).as_ref(), Ok(evidence));
    }
    if let Notice::Refund(evidence) = &notice {
        assert!(evidence.amount().is_positive());
    }
    Some(notice)
}

// ---- bills -------------------------------------------------------------------------------------

/// A trade bill or a fund-flow bill as WeChat Pay writes them, packed or not: whatever the bytes are,
/// both readers see them.
pub fn wechat_pay_bill(data: &[u8]) -> bool {
    // A packed file has as many lines as come out of it.
    let lines = match data.starts_with(&[0x1f, 0x8b]) {
        true => usize::MAX,
        false => data.split(|byte| *byte == b'\n').count(),
    };
    let trades = whole(&read_bill(Channel::WechatPay, "bill", data, DAY), lines);
    let flows = whole_flows(data, lines);
    trades || flows
}

/// A fund-flow bill that is taken adds up; one that is refused says where.
fn whole_flows(data: &[u8], lines: usize) -> bool {
    let bill = match read_flows("bill", data, DAY) {
        Ok(bill) => bill,
        Err(error) => {
            assert!(error.line <= lines && !error.to_string().is_empty());
            assert!(error.line > 0 || error.column.is_empty(), "{error}");
            return false;
        }
    };
    let sum: i64 = bill.flows.iter().map(|flow| flow.amount_fen.fen()).sum();
    assert_eq!(sum, bill.in_fen.fen() - bill.out_fen.fen());
    let mut seen = BTreeSet::new();
    for flow in &bill.flows {
        assert!(!flow.amount_fen.is_zero() && flow.line <= lines);
        assert!(!flow.flow_no.is_empty() && !flow.business_no.is_empty());
        assert!(seen.insert(flow.line), "two rows of one line");
    }
    true
}

/// Alipay's archive; or, so that changes reach behind its checksums, the two texts of one, packed
/// here as they are.
pub fn alipay_bill(data: &[u8]) -> bool {
    if data.starts_with(b"PK") {
        return whole(&read_bill(Channel::Alipay, "bill", data, DAY), usize::MAX);
    }
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mark = BETWEEN_FILES.as_bytes();
    let cut = data.windows(mark.len()).position(|window| window == mark);
    let (one, two) = cut.map_or((data, &[][..]), |at| {
        (&data[..at], &data[at + mark.len()..])
    });
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, part) in [("rows.csv", one), ("totals.csv", two)] {
        zip.start_file(name, options).unwrap();
        zip.write_all(part).unwrap();
    }
    let packed = zip.finish().unwrap().into_inner();
    let lines = data.split(|byte| *byte == b'\n').count();
    whole(&read_bill(Channel::Alipay, "bill", &packed, DAY), lines)
}

/// A bill that is taken adds up; one that is refused says where.
fn whole(read: &Result<Bill, BillError>, lines: usize) -> bool {
    let bill = match read {
        Ok(bill) => bill,
        Err(error) => {
            assert!(error.line <= lines && !error.to_string().is_empty());
            assert!(error.line > 0 || error.column.is_empty(), "{error}");
            return false;
        }
    };
    let fees: i64 = bill.rows.iter().map(|row| row.fee_fen.fen()).sum();
    assert_eq!(fees, bill.fee_fen.fen());
    let mut seen = BTreeSet::new();
    for row in &bill.rows {
        assert!(row.gross_fen.is_positive() && row.line <= lines);
        assert!(!row.provider_no.is_empty() && !row.out_trade_no.is_empty());
        assert_eq!(row.kind == BillKind::Refund, row.out_refund_no.is_some());
        assert!(seen.insert(row.line), "two rows of one line");
    }
    true
}

// ---- payment links -----------------------------------------------------------------------------

/// The bytes as the path behind `/p/`, and their first 32 as the body of a link that the terminal
/// signs. A link that verifies is the only text that says what it says.
pub fn link(data: &[u8]) -> bool {
    let terminal = Keypair::from_seed([5; 32]);
    if let Ok(text) = std::str::from_utf8(data) {
        match Link::parse(text) {
            Ok(Link::Short(code)) => {
                assert!(code.len() == 13 && code.bytes().all(|b| b.is_ascii_alphanumeric()));
                return true;
            }
            Ok(Link::Signed(signed)) => {
                if let Ok(body) = signed.verify(&terminal.public()) {
                    assert_eq!(body.seal(&terminal).as_deref(), Ok(text));
                    return true;
                }
            }
            Err(_) => {}
        }
    }
    // Not by LinkBody::seal, which makes good bodies only.
    let Some((body, _)) = data.split_first_chunk::<32>() else {
        return false;
    };
    let signature = terminal.sign(&[b"fieldtill link".as_slice(), body].concat());
    let text =
        base64::prelude::BASE64_URL_SAFE_NO_PAD.encode([body.as_slice(), &signature.0].concat());
    let Ok(Link::Signed(signed)) = Link::parse(&text) else {
        return false;
    };
    let read = signed.verify(&terminal.public()).unwrap();
    assert_eq!(signed.claimed_terminal(), read.terminal);
    assert!(read.amount_fen.is_positive());
    assert_eq!(read.check_code().len(), 4);
    assert_eq!(read.seal(&terminal).as_deref(), Ok(text.as_str()));
    true
}
