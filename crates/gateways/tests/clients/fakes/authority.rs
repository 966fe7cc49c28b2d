//! Alipay's certificates, made by openssl: a root, what stands between, Alipay's own and its next
//! one, the app's, and a stranger's from the same root. Numbers are computed here anew, so that both
//! sides can't share a mistake.

use super::alipay::config;
use super::{MERCHANT_KEY, NOW_MS, Still, private};
use gateways::alipay::{Alipay, AlipayConfig, AlipayTrust};
use gateways::http_client;
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::BasicConstraints;
use openssl::x509::{X509, X509Name, X509NameBuilder};
use std::sync::{Arc, OnceLock};

/// One that ends a chain.
pub(crate) struct Made {
    pub(crate) key_pem: String,
    pub(crate) pem: String,
    /// With the one between.
    pub(crate) chain_pem: String,
    pub(crate) sn: String,
}

/// All of them.
pub(crate) struct Authority {
    pub(crate) root_pem: String,
    pub(crate) root_sn: String,
    pub(crate) app: Made,
    pub(crate) alipay: Made,
    pub(crate) next: Made,
    /// Another merchant's, from the same root.
    pub(crate) strangers: Made,
    /// Alipay's and the app's of before; they ended ten days ago.
    pub(crate) ended: [Made; 2],
}

struct Issuer {
    certificate: X509,
    key: PKey<Private>,
}

fn name(common: &str) -> X509Name {
    let mut name = X509NameBuilder::new().unwrap();
    for (part, text) in [
        ("C", "CN"),
        ("O", "Ant Financial"),
        ("OU", "Certification Authority"),
        ("CN", common),
    ] {
        name.append_entry_by_text(part, text).unwrap();
    }
    name.build()
}

fn key() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()
}

/// Until so many days after the tests' time.
fn made(subject: &str, key: &PKey<Private>, by: Option<&Issuer>, ca: bool, until: i64) -> X509 {
    let mut serial = BigNum::new().unwrap();
    serial.rand(120, MsbOption::ONE, false).unwrap();
    let mut one = X509::builder().unwrap();
    one.set_version(2).unwrap();
    one.set_serial_number(&Asn1Integer::from_bn(&serial).unwrap())
        .unwrap();
    let subject = name(subject);
    one.set_subject_name(&subject).unwrap();
    let issuer = by.map_or(subject.as_ref(), |by| by.certificate.subject_name());
    one.set_issuer_name(issuer).unwrap();
    one.set_pubkey(key).unwrap();
    let day = |days: i64| Asn1Time::from_unix(NOW_MS / 1_000 + days * 86_400).unwrap();
    one.set_not_before(&day(-30)).unwrap();
    one.set_not_after(&day(until)).unwrap();
    if ca {
        let ca = BasicConstraints::new().critical().ca().build().unwrap();
        one.append_extension(ca).unwrap();
    }
    let signer = by.map_or(key, |by| &by.key);
    one.sign(signer, MessageDigest::sha256()).unwrap();
    one.build()
}

fn pem(certificate: &X509) -> String {
    String::from_utf8(certificate.to_pem().unwrap()).unwrap()
}

/// MD5 of the issuer's name, last part first, and of the serial number in decimal.
fn sn(certificate: &X509) -> String {
    let mut parts: Vec<String> = certificate
        .issuer_name()
        .entries()
        .map(|part| {
            let short = part.object().nid().short_name().unwrap();
            format!("{short}={}", part.data().to_string().unwrap())
        })
        .collect();
    parts.reverse();
    let serial = certificate.serial_number().to_bn().unwrap();
    let text = format!("{}{}", parts.join(","), serial.to_dec_str().unwrap());
    let digest = hash(MessageDigest::md5(), text.as_bytes()).unwrap();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn ends(subject: &str, key: &PKey<Private>, by: &Issuer, until: i64) -> Made {
    let one = made(subject, key, Some(by), false, until);
    Made {
        key_pem: String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap(),
        pem: pem(&one),
        chain_pem: format!("{}{}", pem(&one), pem(&by.certificate)),
        sn: sn(&one),
    }
}

impl Authority {
    /// Making RSA keys takes seconds: once for all tests.
    pub(crate) fn of_tests() -> Arc<Authority> {
        static MADE: OnceLock<Arc<Authority>> = OnceLock::new();
        Arc::clone(MADE.get_or_init(|| Arc::new(Authority::make())))
    }

    /// Another root of the same name.
    pub(crate) fn forged_root() -> String {
        pem(&made("Authority R1", &key(), None, true, 30))
    }

    fn make() -> Authority {
        let root_key = key();
        let root = Issuer {
            certificate: made("Authority R1", &root_key, None, true, 30),
            key: root_key,
        };
        let between_key = key();
        let between = Issuer {
            certificate: made("Authority Class 2 R1", &between_key, Some(&root), true, 30),
            key: between_key,
        };
        let own = "Alipay-2088000000000001";
        Authority {
            root_pem: pem(&root.certificate),
            root_sn: sn(&root.certificate),
            app: ends("2088-2021", &private(MERCHANT_KEY), &between, 30),
            alipay: ends(own, &key(), &between, 30),
            next: ends(own, &key(), &between, 30),
            strangers: ends("Somebody else", &key(), &between, 30),
            ended: [
                ends(own, &key(), &between, -10),
                ends("2088-2021", &private(MERCHANT_KEY), &between, -10),
            ],
        }
    }

    pub(crate) fn config(&self, root: &str) -> AlipayConfig {
        AlipayConfig {
            trust: AlipayTrust::Certificates {
                app_certificate_pem: self.app.pem.clone(),
                alipay_certificate_pem: self.alipay.chain_pem.clone(),
                alipay_root_pem: self.root_pem.clone(),
            },
            ..config(root)
        }
    }

    pub(crate) fn client(&self, root: &str, clock: Arc<Still>) -> Alipay {
        Alipay::new(self.config(root), http_client().unwrap(), clock).unwrap()
    }
}
