//! The sandbox's own signing and sealing against what the real channels and their official
//! libraries made. A mistake shared by the sandbox and the tests' merchant would show here.
//!
//! The files are read where they are and never copied; `CI=true` demands them.

use crate::alipay::params::signed_text;
use crate::crypto::{seal, verifies};
use openssl::pkey::{PKey, Public};
use openssl::x509::X509;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn read(name: &str) -> Option<Value> {
    let shared = std::env::var_os("FIELDTILL_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    match std::fs::read(shared.join("vectors").join(name)) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(_) => {
            let demanded = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(
                !demanded,
                "{name} is missing; FIELDTILL_SHARED names its folder"
            );
            println!("not run: vectors not present");
            None
        }
    }
}

/// Whether our text for these pairs is the one that Alipay signed.
fn alipay_signed(key: &PKey<Public>, pairs: &BTreeMap<String, String>) -> bool {
    verifies(
        key,
        signed_text(pairs, &["sign", "sign_type"]).as_bytes(),
        &pairs["sign"],
    )
}

fn pairs(object: &Value) -> BTreeMap<String, String> {
    let fields = object.as_object().unwrap().iter();
    fields
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn notices_and_ways_back_are_signed_as_the_real_alipay_signs_them() {
    let Some(production) = read("alipay_notify_production.json") else {
        return;
    };
    let spki = production["alipay_public_key_b64_spki"].as_str().unwrap();
    let spki = openssl::base64::decode_block(spki).unwrap();
    let key = PKey::public_key_from_der(&spki).unwrap();
    assert!(alipay_signed(&key, &pairs(&production["params"])));

    let Some(sandbox) = read("alipay_notify_sandbox.json") else {
        return;
    };
    let pem = sandbox["alipay_certificate_pem"].as_str().unwrap();
    let key = X509::stack_from_pem(pem.as_bytes())
        .unwrap()
        .remove(0)
        .public_key()
        .unwrap();
    let notice = pairs(&sandbox["notify_params"]);
    assert!(alipay_signed(&key, &notice));
    let mut changed = notice;
    changed.insert("total_amount".to_owned(), "0.02".to_owned());
    assert!(!alipay_signed(&key, &changed));
    let mut cases = 3;
    for way_back in sandbox["return_urls"].as_array().unwrap() {
        let url = url::Url::parse(way_back.as_str().unwrap()).unwrap();
        let mut all: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        // What stood in the merchant's return_url before isn't signed.
        all.remove("_config");
        assert!(alipay_signed(&key, &all));
        cases += 1;
    }
    println!("{cases} vector cases");
}

#[test]
fn resources_are_sealed_as_the_official_library_opens_them() {
    let Some(vector) = read("wechat_aes256gcm_java.json") else {
        return;
    };
    let bytes = |name: &str| vector[name].as_str().unwrap().as_bytes();
    let sealed = seal(
        bytes("apiv3_key"),
        bytes("nonce"),
        bytes("associated_data"),
        bytes("plaintext"),
    );
    assert_eq!(sealed.unwrap(), vector["ciphertext_b64"].as_str().unwrap());
    println!("1 vector case");
}
