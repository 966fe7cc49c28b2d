//! WeChat Pay's published vectors (official Go and Java clients, and a third client's malformed
//! callbacks), against the same functions that the product calls.

use super::certificates::open_certificates;
use super::cipher::{ApiV3Key, Sealed};
use super::config::VerificationKey;
use super::key_ring::KeyRing;
use super::sign;
use crate::error::CallbackError;
use crate::headers::Headers;
use crate::vectors::{text, vectors};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

fn sealed(aad: &str, nonce: &str, ciphertext: &str) -> Sealed {
    Sealed {
        algorithm: "AEAD_AES_256_GCM".into(),
        ciphertext: ciphertext.into(),
        associated_data: aad.into(),
        nonce: nonce.into(),
        original_type: String::new(),
    }
}

fn headers(of: &Value) -> Headers {
    let pairs = of.as_object().unwrap().iter();
    Headers::new(
        pairs
            .map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned()))
            .collect(),
    )
}

#[test]
fn the_signed_text_and_the_authorization_header() {
    vectors("wechat_authorization_layout.json", |file| {
        let cases = file["cases"].as_array().unwrap();
        for case in cases {
            let (method, url) = (text(case, "method"), text(case, "url"));
            let (nonce, body) = (text(case, "nonce"), text(case, "body"));
            let at = case["timestamp"].as_i64().unwrap();
            let message = sign::request_text(method, url, at, nonce, body.as_bytes());
            let message = String::from_utf8(message).unwrap();
            assert_eq!(message, text(case, "expected_message"));
            let (mchid, serial) = (text(case, "mchid"), text(case, "serial_no"));
            let signature = format!("Sign:{message}");
            let header = sign::authorization("Mock", mchid, nonce, at, serial, &signature);
            assert_eq!(header, text(case, "expected_header"));
        }
        let case = &file["java_case"];
        let url = url::Url::parse(text(case, "url_full")).unwrap();
        let target = format!("{}?{}", url.path(), url.query().unwrap());
        let at = case["timestamp"].as_i64().unwrap();
        let message = sign::request_text("GET", &target, at, text(case, "nonce"), b"");
        assert_eq!(message, text(case, "expected_message").as_bytes());
        cases.len() + 1
    });
}

#[test]
fn a_whole_signed_and_encrypted_callback() {
    vectors("wechat_notification_signed_encrypted.json", |file| {
        let pem = text(file, "platform_certificate_pem").to_owned();
        let keys = KeyRing::of(&[VerificationKey::PlatformCertificate { pem }]).unwrap();
        let now_ms = file["now"].as_i64().unwrap() * 1000;
        let (signed, body) = (headers(&file["headers"]), text(file, "body").as_bytes());
        assert_eq!(sign::verify(&keys, now_ms, &signed, body), Ok(()));
        let mut cases = 1;

        // The window, and i64's ends, without overflow.
        for (shift_s, fresh) in [(-299, true), (299, true), (-300, false), (300, false)] {
            let judged = sign::verify(&keys, now_ms + shift_s * 1000, &signed, body);
            let stale = Err(CallbackError::Stale { seconds: 300 });
            assert_eq!(judged, if fresh { Ok(()) } else { stale }, "{shift_s} s");
            cases += 1;
        }
        for broken_clock in [i64::MIN, i64::MAX] {
            let judged = sign::verify(&keys, broken_clock, &signed, body);
            assert!(matches!(judged, Err(CallbackError::Stale { .. })));
            cases += 1;
        }

        // Every header dropped, doubled and altered, one by one.
        for at in 0..signed.pairs().len() {
            let mut dropped = signed.pairs().to_vec();
            let (name, value) = dropped.remove(at);
            let judged = sign::verify(&keys, now_ms, &Headers::new(dropped.clone()), body);
            assert!(
                matches!(judged, Err(CallbackError::Missing { .. })),
                "{name}"
            );
            let mut doubled = signed.pairs().to_vec();
            doubled.push((name.to_lowercase(), value.clone()));
            let judged = sign::verify(&keys, now_ms, &Headers::new(doubled), body);
            assert!(
                matches!(judged, Err(CallbackError::Repeated { .. })),
                "{name}"
            );
            for other in [
                "",
                "x",
                "-9223372036854775808",
                "9223372036854775808",
                "1624523845",
            ] {
                let mut altered = dropped.clone();
                altered.push((name.clone(), other.into()));
                let judged = sign::verify(&keys, now_ms, &Headers::new(altered), body);
                assert!(judged.is_err(), "{name}: {other}");
                cases += 1;
            }
            let mut probe = dropped.clone();
            probe.push((name.clone(), format!("WECHATPAY/SIGNTEST/{value}")));
            assert!(
                sign::verify(&keys, now_ms, &Headers::new(probe), body).is_err(),
                "{name}"
            );
            cases += 3;
        }

        // Every byte of the body counts.
        for at in 0..body.len() {
            let mut altered = body.to_vec();
            altered[at] ^= 1;
            let judged = sign::verify(&keys, now_ms, &signed, &altered);
            assert_eq!(judged, Err(CallbackError::BadSignature), "byte {at}");
        }
        cases += body.len();

        // 16 bytes of key are this vector's own; the product refuses them.
        let key = text(file, "apiv3_key");
        assert!(ApiV3Key::read(key).is_err());
        let cipher = ApiV3Key::of(&ring::aead::AES_128_GCM, key.as_bytes()).unwrap();
        let event = super::messages::Event::read(body).unwrap();
        let plain = cipher.open(&event.resource).unwrap();
        assert_eq!(plain, text(file, "expected_plaintext").as_bytes());
        cases + 2
    });
}

#[test]
fn encrypted_parts() {
    vectors("wechat_aes256gcm_java.json", |file| {
        let cipher = ApiV3Key::read(text(file, "apiv3_key")).unwrap();
        let aad = text(file, "associated_data");
        let (nonce, ciphertext) = (text(file, "nonce"), text(file, "ciphertext_b64"));
        let plain = cipher.open(&sealed(aad, nonce, ciphertext)).unwrap();
        assert_eq!(plain, text(file, "plaintext").as_bytes());
        let zeros = BASE64_STANDARD.encode([0; 128]);
        for (aad, nonce, ciphertext) in [
            ("bad-associatedData", nonce, ciphertext),
            (aad, "bad-4a9R25RW", ciphertext),
            (aad, nonce, zeros.as_str()),
        ] {
            let opened = cipher.open(&sealed(aad, nonce, ciphertext));
            assert_eq!(opened, Err(CallbackError::Undecryptable));
        }
        4
    });
}

#[test]
fn malformed_encrypted_parts_are_errors() {
    vectors("wechat_malformed_callbacks.json", |file| {
        let cipher = ApiV3Key::read(text(file, "apiv3_key")).unwrap();
        let nonces = file["bad_nonces"].as_array().unwrap();
        for nonce in nonces {
            let ciphertext = text(file, "with_ciphertext");
            let opened = cipher.open(&sealed("", nonce.as_str().unwrap(), ciphertext));
            assert_eq!(opened, Err(CallbackError::Undecryptable), "{nonce}");
        }
        let ciphertexts = file["bad_ciphertexts"].as_array().unwrap();
        for ciphertext in ciphertexts {
            let nonce = text(file, "with_nonce");
            let opened = cipher.open(&sealed("", nonce, ciphertext.as_str().unwrap()));
            assert_eq!(opened, Err(CallbackError::Undecryptable), "{ciphertext}");
        }
        nonces.len() + ciphertexts.len()
    });
}

#[test]
fn downloaded_certificates() {
    vectors("wechat_certificates_download_java.json", |file| {
        let cipher = ApiV3Key::read(text(file, "apiv3_key")).unwrap();
        let body = text(file, "response_body").as_bytes();
        let certificates = open_certificates(&cipher, body).unwrap();
        assert_eq!(certificates.len(), 1);
        assert_eq!(certificates[0].serial, text(file, "expected_serial"));
        let mut keys = KeyRing::of(&[VerificationKey::PublicKey {
            id: "PUB_KEY_ID_0".into(),
            pem: include_str!("../../tests/data/channel_public.pem").into(),
            valid_from_ms: None,
            valid_until_ms: None,
        }])
        .unwrap();
        let (serial, valid) = (certificates[0].serial.clone(), certificates[0].clone());
        keys.add(valid.clone());
        assert!(keys.key(&serial, valid.not_before * 1000).is_ok());
        assert!(keys.key(&serial, valid.not_before * 1000 - 1).is_err());
        assert!(
            keys.key(&serial.to_lowercase(), valid.not_after * 1000)
                .is_ok()
        );
        assert!(keys.key(&serial, valid.not_after * 1000 + 1000).is_err());
        assert!(keys.key("5DEA", valid.not_after * 1000).is_err());
        6
    });
}
