//! What Alipay hands to an app in certificate mode: the certificate of the app's key, Alipay's own
//! with the one between, and the roots. The sandbox serves its one app in both modes: a request that
//! names certificates is answered with the number of the one that signs.

use crate::keys::FIVE_YEARS_S;
use jiff::Timestamp;
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::BasicConstraints;
use openssl::x509::{X509, X509Name, X509NameBuilder};
use serde::{Deserialize, Serialize};

/// The three files, PEM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlipayCertificates {
    /// The certificate of the app's key.
    pub app_certificate_pem: String,
    /// Alipay's own, and the one that issued it.
    pub alipay_certificate_pem: String,
    /// The roots.
    pub alipay_root_pem: String,
}

/// The numbers that messages name them by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) app: String,
    pub(crate) alipay: String,
    pub(crate) root: String,
}

struct Issuer {
    certificate: X509,
    key: PKey<Private>,
}

impl AlipayCertificates {
    /// Makes a root, one between, and the two certificates. Who issues needs its keys only now.
    pub(crate) fn make(
        app: &PKeyRef<Private>,
        alipay: &PKeyRef<Private>,
        (app_id, holder): (&str, &str),
        now: Timestamp,
    ) -> Result<Self, ErrorStack> {
        let authority = |common: &str, by: Option<&Issuer>| -> Result<Issuer, ErrorStack> {
            let key = PKey::from_rsa(Rsa::generate(2048)?)?;
            let certificate = issue(&name(common)?, &key, by, &key, now)?;
            Ok(Issuer { certificate, key })
        };
        let root = authority("Sandbox Certification Authority R1", None)?;
        let between = authority("Sandbox Certification Authority Class 2 R1", Some(&root))?;
        let app = issue(&name(app_id)?, app, Some(&between), &between.key, now)?;
        // A common name holds at most 64 bytes.
        let holder: String = holder.chars().take(20).collect();
        let alipay = issue(&name(&holder)?, alipay, Some(&between), &between.key, now)?;
        Ok(AlipayCertificates {
            app_certificate_pem: pem(&app)?,
            alipay_certificate_pem: format!("{}{}", pem(&alipay)?, pem(&between.certificate)?),
            alipay_root_pem: pem(&root.certificate)?,
        })
    }

    pub(crate) fn numbers(&self) -> Result<Numbers, ErrorStack> {
        let number = |pem: &str| sn(&X509::from_pem(pem.as_bytes())?);
        Ok(Numbers {
            app: number(&self.app_certificate_pem)?,
            alipay: number(&self.alipay_certificate_pem)?,
            root: number(&self.alipay_root_pem)?,
        })
    }
}

fn name(common: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    for (part, text) in [
        ("C", "CN"),
        ("O", "Fieldtill sandbox"),
        ("OU", "Certification Authority"),
        ("CN", common),
    ] {
        name.append_entry_by_text(part, text)?;
    }
    Ok(name.build())
}

/// A certificate of five years; without `by` it signs itself. Whose key signs is an authority if it
/// is the certificate's own.
fn issue<K: HasPublic>(
    subject: &X509Name,
    key: &PKeyRef<K>,
    by: Option<&Issuer>,
    own: &PKeyRef<Private>,
    now: Timestamp,
) -> Result<X509, ErrorStack> {
    let mut serial = BigNum::new()?;
    serial.rand(126, MsbOption::ONE, false)?;
    let mut one = X509::builder()?;
    one.set_version(2)?;
    one.set_serial_number(&*Asn1Integer::from_bn(&serial)?)?;
    one.set_subject_name(subject)?;
    one.set_issuer_name(by.map_or(subject.as_ref(), |by| by.certificate.subject_name()))?;
    one.set_pubkey(key)?;
    one.set_not_before(&*Asn1Time::from_unix(now.as_second())?)?;
    one.set_not_after(&*Asn1Time::from_unix(now.as_second() + FIVE_YEARS_S)?)?;
    let authority = key.public_key_to_der()? == own.public_key_to_der()?;
    if authority {
        one.append_extension(BasicConstraints::new().critical().ca().build()?)?;
    }
    one.sign(by.map_or(own, |by| &by.key), MessageDigest::sha256())?;
    Ok(one.build())
}

fn pem(certificate: &X509) -> Result<String, ErrorStack> {
    Ok(String::from_utf8_lossy(&certificate.to_pem()?).into_owned())
}

/// MD5 of the issuer's name, the last part first, and of the serial number in decimal, as Alipay's
/// own clients compute it.
fn sn(certificate: &X509) -> Result<String, ErrorStack> {
    let mut parts = Vec::new();
    for part in certificate.issuer_name().entries() {
        let short = part.object().nid().short_name()?;
        parts.push(format!("{short}={}", part.data().to_string()?));
    }
    parts.reverse();
    let serial = certificate.serial_number().to_bn()?.to_dec_str()?;
    let text = format!("{}{serial}", parts.join(","));
    let digest = hash(MessageDigest::md5(), text.as_bytes())?;
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}
