//! Fetching WeChat Pay's bill: the address comes signed, the file does not, so what counts is the
//! announced hash.

use crate::fakes::{Books, CHANNEL_KEY, Fake, Fault, MERCHANT_PUBLIC, Request, Response, Still};
use crate::fakes::{serve, verifies, wechat};
use flate2::Compression;
use flate2::write::GzEncoder;
use gateways::{Answer, BillFile, Gateway, Why};
use jiff::civil::date;
use openssl::hash::{MessageDigest, hash};
use serde_json::json;
use std::io::Write as _;
use std::sync::Arc;

/// Answers one bill; `announced` is what its hash is made of.
struct Bills {
    books: Books,
    announced: &'static [u8],
    file: Vec<u8>,
    refusal: Option<&'static str>,
    signed: bool,
    flows: bool,
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn plain(status: u16, body: Vec<u8>) -> Response {
    Response {
        status,
        headers: vec![],
        body,
    }
}

impl Fake for Bills {
    fn books(&self) -> &Books {
        &self.books
    }

    fn answer(&self, request: Request, _fault: Option<Fault>) -> Option<Response> {
        let header = &request.headers["authorization"];
        let field = |name: &str| {
            let (_, rest) = header.split_once(&format!("{name}=\"")).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        let text = format!(
            "GET\n{}\n{}\n{}\n\n",
            request.target,
            field("timestamp"),
            field("nonce_str")
        );
        assert!(verifies(
            MERCHANT_PUBLIC,
            text.as_bytes(),
            &field("signature")
        ));
        if request.target == "/v3/billdownload/file?token=a%20b" {
            let found = !self.file.is_empty();
            return Some(plain(if found { 200 } else { 404 }, self.file.clone()));
        }
        let asked = match self.flows {
            true => "/v3/bill/fundflowbill?bill_date=2026-11-24&account_type=BASIC&tar_type=GZIP",
            false => "/v3/bill/tradebill?bill_date=2026-11-24&bill_type=ALL&tar_type=GZIP",
        };
        assert_eq!(request.target, asked);
        if let Some(code) = self.refusal {
            let body = json!({"code": code, "message": "no"});
            return Some(plain(400, body.to_string().into_bytes()));
        }
        let sum = hash(MessageDigest::sha1(), self.announced).unwrap();
        let sum: String = sum.iter().map(|byte| format!("{byte:02X}")).collect();
        let url = format!(
            "http://{}/v3/billdownload/file?token=a%20b",
            request.headers["host"]
        );
        let body = json!({"hash_type": "SHA1", "hash_value": sum, "download_url": url});
        let body = body.to_string().into_bytes();
        let signed = wechat::signed(CHANNEL_KEY, wechat::KEY_ID, &body);
        Some(Response {
            status: 200,
            headers: if self.signed { signed } else { vec![] },
            body,
        })
    }
}

async fn bill(
    announced: &'static [u8],
    file: &'static [u8],
    refusal: Option<&'static str>,
    signed: bool,
) -> Answer<BillFile> {
    let fake = Bills {
        books: Books::default(),
        announced,
        file: file.to_vec(),
        refusal,
        signed,
        flows: false,
    };
    let root = serve(Arc::new(fake)).await;
    wechat::client(&root, Still::new())
        .bill(date(2026, 11, 24))
        .await
}

#[tokio::test]
async fn a_bill_is_taken_with_the_announced_hash_only() {
    let Answer::Done(BillFile::File { bytes, .. }) = bill(b"rows", b"rows", None, true).await
    else {
        panic!("not taken")
    };
    assert_eq!(bytes, b"rows");
    let altered = bill(b"rows", b"rowz", None, true).await;
    let why = Why::Mismatch {
        what: "hash of the bill",
    };
    assert_eq!(altered, Answer::Unknown { why });
    let unsigned = bill(b"rows", b"rows", None, false).await;
    assert!(
        matches!(
            unsigned,
            Answer::Unknown {
                why: Why::Unverified(_)
            }
        ),
        "{unsigned:?}"
    );
}

#[tokio::test]
async fn no_bill_a_late_bill_and_a_dead_address_are_told_apart() {
    let refused = |code| bill(b"", b"", Some(code), true);
    let none = refused("NO_STATEMENT_EXIST").await;
    assert_eq!(none, Answer::Done(BillFile::NoTrades));
    let late = refused("STATEMENT_CREATING").await;
    assert!(
        matches!(
            late,
            Answer::Unknown {
                why: Why::NotYet { .. }
            }
        ),
        "{late:?}"
    );
    let other = refused("NO_AUTH").await;
    assert!(
        matches!(&other, Answer::Rejected { code, .. } if code == "NO_AUTH"),
        "{other:?}"
    );
    let dead = bill(b"rows", b"", None, true).await;
    assert!(
        matches!(
            dead,
            Answer::Unknown {
                why: Why::NotYet { .. }
            }
        ),
        "{dead:?}"
    );
}

/// Asks for a packed bill of either kind.
async fn packed(flows: bool, announced: &'static [u8], file: Vec<u8>) -> Answer<BillFile> {
    let fake = Bills {
        books: Books::default(),
        announced,
        file,
        refusal: None,
        signed: true,
        flows,
    };
    let root = serve(Arc::new(fake)).await;
    let client = wechat::client(&root, Still::new());
    let day = date(2026, 11, 24);
    match flows {
        true => client.flows(day).await,
        false => client.bill(day).await,
    }
}

#[tokio::test]
async fn a_packed_bill_is_unpacked_once_and_checked_by_what_is_in_it() {
    for flows in [false, true] {
        let taken = packed(flows, b"rows", gzip(b"rows")).await;
        assert!(
            matches!(&taken, Answer::Done(BillFile::File { bytes, .. }) if bytes == b"rows"),
            "{taken:?}"
        );
        let altered = packed(flows, b"rows", gzip(b"rowz")).await;
        let why = Why::Mismatch {
            what: "hash of the bill",
        };
        assert_eq!(altered, Answer::Unknown { why });
        let mut cut = gzip(b"rows");
        cut.truncate(cut.len() - 3);
        let bomb = gzip(&vec![b'0'; 8 * 1024 * 1024]);
        for file in [cut, bomb] {
            let refused = packed(flows, b"rows", file).await;
            let why = Why::Mismatch {
                what: "packing of the bill",
            };
            assert_eq!(refused, Answer::Unknown { why });
        }
    }
}
