//! What Alipay's messages are verified with: its public key for the app (key mode), or certificates
//! (certificate mode). In certificate mode requests name the app's certificate and the roots by
//! their numbers, answers name the certificate that signs them, and a new one of Alipay's is fetched
//! and believed only when the roots prove it and it is of the same subject and issuer as the bound
//! one: merchants' own certificates come from the same roots.

use super::config::AlipayTrust;
use crate::error::{CallbackError, ConfigError};
use crate::keys::{Certificate, PrivateKey, PublicKey};
use md5::{Digest as _, Md5};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError, RwLock};
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

/// The longest way from a certificate to a root; Alipay's has one step between.
const CHAIN: usize = 4;
/// RSA with whatever hash: the roots that have a part in the number.
const RSA_SIGNED: &str = "1.2.840.113549.1.1";

/// What messages are verified with.
pub(super) enum Trust {
    Key(PublicKey),
    Certificates(Box<Certificates>),
}

/// The certificates of an app in certificate mode.
pub(super) struct Certificates {
    app_sn: String,
    app: Certificate,
    root_sn: String,
    /// DER of each root that can be read.
    roots: Vec<Vec<u8>>,
    /// Alipay's, as it was bound.
    bound: Certificate,
    /// Its subject and issuer, as DER.
    named: [Vec<u8>; 2],
    /// Alipay's certificates by their numbers.
    held: RwLock<BTreeMap<String, Certificate>>,
    /// The last number that an answer named and that isn't held.
    missed: Mutex<Option<String>>,
}

impl Trust {
    /// Checks what was entered; `key` is the app's own.
    pub(super) fn read(trust: &AlipayTrust, key: &PrivateKey) -> Result<Trust, ConfigError> {
        match trust {
            AlipayTrust::PublicKey {
                alipay_public_key_pem,
            } => {
                let key = PublicKey::read("alipay_public_key_pem", alipay_public_key_pem)?;
                Ok(Trust::Key(key))
            }
            AlipayTrust::Certificates {
                app_certificate_pem,
                alipay_certificate_pem,
                alipay_root_pem,
            } => {
                let of = Certificates::read(
                    key,
                    app_certificate_pem,
                    alipay_certificate_pem,
                    alipay_root_pem,
                )?;
                Ok(Trust::Certificates(Box::new(of)))
            }
        }
    }

    /// What a request says of the certificates; nothing in key mode.
    pub(super) fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Trust::Key(_) => Vec::new(),
            Trust::Certificates(of) => vec![
                ("app_cert_sn", of.app_sn.clone()),
                ("alipay_root_cert_sn", of.root_sn.clone()),
            ],
        }
    }

    /// Whether what was entered is in its time: asked when an account is bound. One that was bound
    /// serves on, because a new certificate of Alipay's gets in by itself.
    pub(super) fn timely(&self, at_ms: i64) -> Result<(), ConfigError> {
        let Trust::Certificates(of) = self else {
            return Ok(());
        };
        let problem = "is not valid at this time";
        for (field, certificate) in [
            ("app_certificate_pem", &of.app),
            ("alipay_certificate_pem", &of.bound),
        ] {
            if !certificate.valid_at(at_ms) {
                return Err(ConfigError::Field { field, problem });
            }
        }
        Ok(())
    }

    /// Whether `sign` is Alipay's over `message`, as at that time. `sn` is the number that the
    /// message names; one that names none is checked with every certificate that was valid then.
    pub(super) fn verify(
        &self,
        sn: Option<&str>,
        message: &[u8],
        sign: &str,
        at_ms: i64,
    ) -> Result<(), CallbackError> {
        let fits = match self {
            Trust::Key(key) => key.verifies(message, sign),
            Trust::Certificates(of) => of.verifies(sn, message, sign, at_ms)?,
        };
        if fits {
            Ok(())
        } else {
            Err(CallbackError::BadSignature)
        }
    }
}

impl Certificates {
    fn read(
        key: &PrivateKey,
        app_pem: &str,
        alipay_pem: &str,
        root_pem: &str,
    ) -> Result<Certificates, ConfigError> {
        let unreadable = |field| ConfigError::PublicKey { field };
        let wrong = |field, problem| ConfigError::Field { field, problem };
        let app = ders(app_pem);
        let app = leaf(&app).ok_or(unreadable("app_certificate_pem"))?;
        if !key.is_of(&app.key) {
            let problem = "is not the certificate of this private key";
            return Err(wrong("app_certificate_pem", problem));
        }
        let roots = ders(root_pem);
        let (root_sn, roots) = root_sn(&roots).ok_or(unreadable("alipay_root_pem"))?;
        let chain = ders(alipay_pem);
        let bound = leaf(&chain).ok_or(unreadable("alipay_certificate_pem"))?;
        // The file may hold Alipay's certificate alone; what is there must fit together.
        if proven(&chain, &roots) == Proof::False {
            let problem = "is not signed by the certificate that it names";
            return Err(wrong("alipay_certificate_pem", problem));
        }
        let named = [bound.subject.clone(), bound.issuer.clone()];
        Ok(Certificates {
            app_sn: app.sn,
            app: app.certificate,
            root_sn,
            roots,
            bound: bound.certificate.clone(),
            named,
            held: RwLock::new([(bound.sn, bound.certificate)].into()),
            missed: Mutex::default(),
        })
    }

    fn verifies(
        &self,
        sn: Option<&str>,
        message: &[u8],
        sign: &str,
        at_ms: i64,
    ) -> Result<bool, CallbackError> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let Some(sn) = sn else {
            let mut all = held.values().filter(|one| one.valid_at(at_ms));
            return Ok(all.any(|one| one.key.verifies(message, sign)));
        };
        let Some(certificate) = held.get(sn) else {
            let serial = sn.to_owned();
            return Err(CallbackError::UnknownKey { serial });
        };
        if !certificate.valid_at(at_ms) {
            let serial = sn.to_owned();
            return Err(CallbackError::KeyNotValid { serial });
        }
        Ok(certificate.key.verifies(message, sign))
    }

    /// Remembers the number of a certificate that an answer named and that isn't held. Notices are
    /// not believed in this: anybody can send one.
    pub(super) fn miss(&self, sn: &str) {
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        *missed = Some(sn.to_owned());
    }

    /// The last one missed.
    pub(super) fn missed(&self) -> Option<String> {
        let missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        missed.clone()
    }

    /// Takes in the certificate of that number, with what leads to a root, if the roots prove it.
    pub(super) fn add(&self, sn: &str, pem: &str) -> Result<(), CallbackError> {
        let chain = ders(pem);
        let of_it = leaf(&chain).filter(|one| {
            one.sn == sn && [&one.subject, &one.issuer] == [&self.named[0], &self.named[1]]
        });
        let Some(one) = of_it.filter(|_| proven(&chain, &self.roots) == Proof::True) else {
            return Err(CallbackError::Malformed {
                what: "certificate",
            });
        };
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.insert(one.sn, one.certificate);
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        *missed = None;
        Ok(())
    }
}

/// What is needed of the certificate that a file is about.
struct Leaf {
    sn: String,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    key: PublicKey,
    certificate: Certificate,
}

/// The certificates of a PEM file; what is none is passed over.
fn ders(pem: &str) -> Vec<Vec<u8>> {
    Pem::iter_from_buffer(pem.as_bytes())
        .filter_map(Result::ok)
        .filter(|one| one.label == "CERTIFICATE")
        .map(|one| one.contents)
        .collect()
}

fn parsed(ders: &[Vec<u8>]) -> Vec<X509Certificate<'_>> {
    ders.iter()
        .filter_map(|der| X509Certificate::from_der(der).ok())
        .map(|(_, one)| one)
        .collect()
}

/// The one that has issued none of the others.
fn leaf(ders: &[Vec<u8>]) -> Option<Leaf> {
    let all = parsed(ders);
    let issued = |one: &X509Certificate<'_>| {
        let mut others = all.iter().filter(|other| other.as_raw() != one.as_raw());
        others.any(|other| other.issuer().as_raw() == one.subject().as_raw())
    };
    let one = all.iter().find(|one| !issued(one))?;
    let certificate = Certificate::of(one)?;
    Some(Leaf {
        sn: sn(one),
        subject: one.subject().as_raw().to_vec(),
        issuer: one.issuer().as_raw().to_vec(),
        key: certificate.key.clone(),
        certificate,
    })
}

/// Alipay's number of a certificate: the MD5 of its issuer's name, the last part first, and of its
/// serial number in decimal. Source: Alipay's open-source SDKs (`AntCertificationUtil`).
fn sn(certificate: &X509Certificate<'_>) -> String {
    let serial = certificate.tbs_certificate.serial.to_string();
    let text = format!("{}{serial}", backwards(certificate.issuer()));
    Md5::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a text can't fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// `CN=…,OU=…,O=…,C=…`, as Java writes a name.
fn backwards(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name
        .iter_attributes()
        .filter_map(|part| {
            let short = match part.attr_type().to_id_string().as_str() {
                "2.5.4.3" => "CN",
                "2.5.4.6" => "C",
                "2.5.4.7" => "L",
                "2.5.4.8" => "ST",
                "2.5.4.10" => "O",
                "2.5.4.11" => "OU",
                _ => return None,
            };
            Some(format!("{short}={}", part.as_str().ok()?))
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

/// The numbers of the roots that are signed with RSA, and every root that can be read.
fn root_sn(ders: &[Vec<u8>]) -> Option<(String, Vec<Vec<u8>>)> {
    let mut numbers = Vec::new();
    let mut roots = Vec::new();
    for der in ders {
        let Ok((_, root)) = X509Certificate::from_der(der) else {
            continue;
        };
        let algorithm = root.signature_algorithm.algorithm.to_id_string();
        if algorithm.starts_with(RSA_SIGNED) {
            numbers.push(sn(&root));
        }
        roots.push(der.clone());
    }
    (!numbers.is_empty()).then(|| (numbers.join("_"), roots))
}

/// What a chain proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// It leads to a root.
    True,
    /// A certificate on the way is missing.
    Open,
    /// A signature on the way does not hold.
    False,
}

/// Goes from the leaf up to a root.
fn proven(chain: &[Vec<u8>], roots: &[Vec<u8>]) -> Proof {
    let (chain, roots) = (parsed(chain), parsed(roots));
    let issued = |one: &X509Certificate<'_>| {
        let mut others = chain.iter().filter(|other| other.as_raw() != one.as_raw());
        others.any(|other| other.issuer().as_raw() == one.subject().as_raw())
    };
    let Some(mut at) = chain.iter().find(|one| !issued(one)) else {
        return Proof::Open;
    };
    for _ in 0..CHAIN {
        let issuer = |one: &&X509Certificate<'_>| {
            one.subject().as_raw() == at.issuer().as_raw() && one.as_raw() != at.as_raw()
        };
        let signed = |by: &X509Certificate<'_>| {
            by.is_ca() && at.verify_signature(Some(by.public_key())).is_ok()
        };
        // A root may have a successor of the same name.
        let mut named = roots.iter().filter(issuer).peekable();
        if named.peek().is_some() {
            return match named.any(signed) {
                true => Proof::True,
                false => Proof::False,
            };
        }
        match chain.iter().find(issuer) {
            Some(next) if signed(next) => at = next,
            Some(_) => return Proof::False,
            None => return Proof::Open,
        }
    }
    Proof::Open
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::vectors::{text, vectors};

    #[test]
    fn numbers_are_those_of_alipays_own_client() {
        vectors("alipay_cert_sn.json", |file| {
            let number = |field: &str| leaf(&ders(text(file, field))).unwrap().sn;
            assert_eq!(
                number("app_certificate_pem"),
                text(file, "expected_app_cert_sn")
            );
            assert_eq!(
                number("alipay_certificate_pem"),
                text(file, "expected_alipay_cert_sn")
            );
            let bundle = ders(text(file, "root_bundle_pem"));
            let (numbers, roots) = root_sn(&bundle).unwrap();
            assert_eq!(numbers, text(file, "expected_root_cert_sn"));
            // Real certificates: what is bound may lack the step between; it can't be proven then.
            let alone = ders(text(file, "alipay_certificate_pem"));
            assert_eq!(proven(&alone, &roots), Proof::Open);
            4
        });
    }
}
