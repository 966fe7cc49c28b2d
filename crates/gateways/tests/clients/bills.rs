//! Fetching WeChat Pay's bill: the address comes signed, the file does not, so what counts is the
//! announced hash.

use crate::fakes::{Books, CHANNEL_KEY, Fake, Fault, MERCHANT_PUBLIC, Request, Response, Still};
use crate::fakes::{serve, verifies, wechat};
use gateways::{Answer, BillFile, Gateway, Why};
use jiff::civil::date;
use openssl::hash::{MessageDigest, hash};
use serde_json::json;
use std::sync::Arc;

/// Answers one bill; `announced` is what its hash is made of.
struct Bills {
    books: Books,
    announced: &'static [u8],
    file: &'static [u8],
    refusal: Option<&'static str>,
    signed: bool,
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
            return Some(plain(if found { 200 } else { 404 }, self.file.to_vec()));
        }
        assert_eq!(
            request.target,
            "/v3/bill/tradebill?bill_date=2026-11-24&bill_type=ALL"
        );
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
        file,
        refusal,
        signed,
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
