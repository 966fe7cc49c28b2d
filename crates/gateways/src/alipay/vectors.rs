//! Alipay's published vectors: notices and answers really signed by Alipay's production and sandbox,
//! against the same functions that the product calls.

use super::sign;
use crate::error::CallbackError;
use crate::keys::PublicKey;
use crate::vectors::{shared, text, vectors};
use serde_json::Value;
use std::collections::BTreeMap;

fn fields(params: &Value) -> BTreeMap<String, String> {
    let pairs = params.as_object().unwrap().iter();
    pairs
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

/// As the notice comes over the wire.
fn form(fields: &BTreeMap<String, String>) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// The notice verifies after a trip through the form; with any one signed field altered it doesn't.
fn check_notice(key: &PublicKey, params: &Value) -> usize {
    let sent = fields(params);
    let got = sign::form(form(&sent).as_bytes()).unwrap();
    assert_eq!(got, sent);
    let sign = text(params, "sign");
    assert!(key.verifies(sign::notice_text(&got).as_bytes(), sign));
    for name in sent
        .keys()
        .filter(|name| *name != "sign" && *name != "sign_type")
    {
        let mut altered = sent.clone();
        altered.get_mut(name).unwrap().push('0');
        assert!(
            !key.verifies(sign::notice_text(&altered).as_bytes(), sign),
            "{name} altered"
        );
        let mut dropped = sent.clone();
        dropped.remove(name);
        assert!(
            !key.verifies(sign::notice_text(&dropped).as_bytes(), sign),
            "{name} dropped"
        );
    }
    2 * sent.len() - 3
}

#[test]
fn a_notice_of_production() {
    vectors("alipay_notify_production.json", |file| {
        let key = PublicKey::read("test", text(file, "alipay_public_key_b64_spki")).unwrap();
        check_notice(&key, &file["params"])
    });
}

#[test]
fn a_notice_of_the_sandbox_with_a_plus_in_it() {
    vectors("alipay_notify_sandbox.json", |file| {
        let key = PublicKey::read("test", text(file, "alipay_certificate_pem")).unwrap();
        let cases = check_notice(&key, &file["notify_params"]);
        assert!(form(&fields(&file["notify_params"])).contains("subject=yansongda%2B"));
        // The way back of a page is signed in the same way.
        let url = url::Url::parse(file["return_urls"][0].as_str().unwrap()).unwrap();
        let back = sign::form(url.query().unwrap().as_bytes()).unwrap();
        assert!(key.verifies(sign::notice_text(&back).as_bytes(), &back["sign"]));
        cases + 1
    });
}

#[test]
fn what_is_signed_is_cut_from_the_raw_answer() {
    vectors("alipay_response_raw_slice.json", |file| {
        let cases = file["cases"].as_array().unwrap();
        for case in cases {
            let method = text(case, "response_key")
                .strip_suffix("_response")
                .unwrap();
            let slices = sign::slices(method, text(case, "raw").as_bytes()).unwrap();
            assert_eq!(slices.content, text(case, "expected_signed_text"));
            assert!(slices.sign.unwrap().starts_with("P8xrBW"));
        }
        cases.len()
    });
}

#[test]
fn answers_of_alipay_verify() {
    vectors("alipay_response_sign_nodejs.json", |file| {
        let key = PublicKey::read("test", text(file, "alipay_public_key_pem")).unwrap();
        let method = text(file, "response_key")
            .strip_suffix("_response")
            .unwrap();
        let slices = sign::slices(method, text(file, "raw").as_bytes()).unwrap();
        assert_eq!(slices.sign.as_deref(), Some(text(file, "sign_b64")));
        let content = slices.content.as_bytes();
        assert!(key.verifies(content, text(file, "sign_b64")));
        assert!(!key.verifies(&content[1..], text(file, "sign_b64")));
        2
    });
    vectors("alipay_response_sign_sandbox.json", |file| {
        let notice = shared(&format!(
            "vectors/{}",
            text(file, "alipay_certificate_pem_ref")
        ));
        let notice: Value = serde_json::from_str(&notice.unwrap()).unwrap();
        let key = PublicKey::read("test", text(&notice, "alipay_certificate_pem")).unwrap();
        let signed = text(file, "signed_text");
        assert!(key.verifies(signed.as_bytes(), text(file, "sign_b64")));
        let altered = signed.replace("0.01", "0.02");
        assert!(!key.verifies(altered.as_bytes(), text(file, "sign_b64")));
        2
    });
}

#[test]
fn an_answer_is_cut_where_braces_and_quotes_mislead() {
    let raw =
        r#" {"sign":"S" , "alipay_trade_query_response" : {"a":"}\"{,\"sign\":\"x","b":"\/"} }"#;
    let slices = sign::slices("alipay.trade.query", raw.as_bytes()).unwrap();
    assert_eq!(slices.content, r#"{"a":"}\"{,\"sign\":\"x","b":"\/"}"#);
    assert_eq!(slices.sign.as_deref(), Some("S"));
    for raw in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"alipay_trade_pay_response":{}}"#,
        "<html>",
    ] {
        let cut = sign::slices("alipay.trade.query", raw.as_bytes());
        assert_eq!(
            cut.err(),
            Some(CallbackError::Malformed { what: "answer" }),
            "{raw}"
        );
    }
}

#[test]
fn a_field_that_stands_twice_is_refused() {
    let refused = sign::form(b"total_amount=1.00&sign=x&total_amount=9.00");
    assert_eq!(
        refused,
        Err(CallbackError::Repeated {
            name: "total_amount".into()
        })
    );
}

#[test]
fn a_request_signs_its_sign_type_and_nothing_empty() {
    let params = [
        ("b", "2"),
        ("sign_type", "RSA2"),
        ("a", "1"),
        ("empty", ""),
        ("sign", "x"),
    ];
    assert_eq!(sign::text(params), "a=1&b=2&sign_type=RSA2");
}
