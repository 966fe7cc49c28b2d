//! Who the sandbox's one merchant is, and every key either side needs.
//!
//! All of it is made at the first start and kept in a folder of the user's, so that no private
//! key is ever part of the source. Two files: `sandbox.json` holds the channels' own secrets
//! and is read by the sandbox alone; `merchant.json` is what a real merchant would download and
//! configure at a backend, and is written anew at each start because it names addresses.

use crate::SandboxError;
use crate::certificates::{AlipayCertificates, Numbers};
use crate::crypto::stable_token;
use jiff::Timestamp;
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Everything a merchant configures at a backend for both channels.
#[derive(Clone, Serialize, Deserialize)]
pub struct Merchant {
    /// Legal name of the account's holder; the phone asks "Pay … to" it.
    pub holder: String,
    /// The WeChat Pay side.
    pub wechat_pay: WeChatPayMerchant,
    /// The Alipay side.
    pub alipay: AlipayMerchant,
}

/// A WeChat Pay API v3 merchant with one app.
#[derive(Clone, Serialize, Deserialize)]
pub struct WeChatPayMerchant {
    /// Merchant number, 10 digits.
    pub mchid: String,
    /// App (service account) id, `wx…`.
    pub appid: String,
    /// The app's secret, for the exchange of an OAuth code into an openid.
    pub app_secret: String,
    /// APIv3 key: 32 ASCII characters, the AES-256 key as text.
    pub api_v3_key: String,
    /// Serial of the merchant API certificate, upper-case hex.
    pub merchant_serial: String,
    /// PKCS#8 PEM of the key that signs requests and JSAPI parameters.
    pub merchant_private_key_pem: String,
    /// The merchant API certificate, PEM.
    pub merchant_certificate_pem: String,
    /// The keys that verify responses and callbacks; `Wechatpay-Serial` names one.
    pub platform_keys: Vec<PlatformKey>,
    /// Base of the API; `/v3/…` follows.
    pub api_base: String,
    /// Base of the authorise page; `/connect/oauth2/authorize` follows.
    pub authorise_base: String,
    /// Base of the openid exchange; `/sns/oauth2/access_token` follows.
    pub oauth_base: String,
}

/// One key of WeChat Pay's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformKey {
    /// What `Wechatpay-Serial` says: `PUB_KEY_ID_…`, or a certificate's serial.
    pub id: String,
    /// Which of the two it is.
    pub kind: PlatformKeyKind,
    /// `BEGIN PUBLIC KEY` or `BEGIN CERTIFICATE`.
    pub pem: String,
}

/// The two ways WeChat Pay hands out its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformKeyKind {
    /// A bare public key with an id.
    PublicKey,
    /// An X.509 platform certificate.
    Certificate,
}

/// An Alipay V2 merchant with one app, which may be called in key mode and in certificate mode.
#[derive(Clone, Serialize, Deserialize)]
pub struct AlipayMerchant {
    /// The one address of the gateway.
    pub gateway_url: String,
    /// App id, 16 digits.
    pub app_id: String,
    /// The merchant's user id, 2088….
    pub seller_id: String,
    /// PKCS#8 PEM of the key that signs requests.
    pub app_private_key_pem: String,
    /// PEM of the key that verifies responses and notices.
    pub alipay_public_key_pem: String,
    /// The same in certificate mode.
    pub certificates: AlipayCertificates,
}

/// The stored form: what `sandbox.json` holds.
#[derive(Clone, Serialize, Deserialize)]
struct KeyFile {
    holder: String,
    mchid: String,
    appid: String,
    app_secret: String,
    api_v3_key: String,
    merchant_private_key_pem: String,
    merchant_certificate_pem: String,
    pub_key_id: String,
    pub_key_private_pem: String,
    platform_private_key_pem: String,
    platform_certificate_pem: String,
    alipay_app_id: String,
    alipay_seller_id: String,
    alipay_app_private_key_pem: String,
    alipay_private_key_pem: String,
    /// Missing from a file that was made before there was a certificate mode.
    alipay_certificates: Option<AlipayCertificates>,
}

/// A certificate of the platform's with its private half.
#[derive(Clone)]
pub(crate) struct PlatformCertificate {
    pub(crate) serial: String,
    pub(crate) pem: String,
    pub(crate) key: PKey<Private>,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
}

/// All keys of one sandbox. Cloning is cheap, so tests make one set and share it.
#[derive(Clone)]
pub struct SandboxKeys {
    file: KeyFile,
    pub(crate) merchant_serial: String,
    pub(crate) merchant_public: PKey<Public>,
    pub(crate) pub_key: PKey<Private>,
    pub(crate) certificate: PlatformCertificate,
    pub(crate) alipay_app_public: PKey<Public>,
    pub(crate) alipay_key: PKey<Private>,
    pub(crate) alipay_numbers: Numbers,
    alipay_certificates: AlipayCertificates,
}

pub(crate) const FIVE_YEARS_S: i64 = 5 * 365 * 86_400;

impl SandboxKeys {
    /// Makes a new set: RSA-2048 keys, certificates, and numbers that look like the
    /// channels' own. `now` dates the certificates.
    ///
    /// # Errors
    /// When OpenSSL can't make a key.
    pub fn generate(holder: &str, now: Timestamp) -> Result<Self, SandboxError> {
        let merchant = new_key()?;
        let platform = new_key()?;
        let (merchant_certificate, _) = new_certificate(&merchant, holder, now)?;
        let (platform_certificate, _) =
            new_certificate(&platform, "Tenpay.com Root CA (sandbox)", now)?;
        let file = KeyFile {
            holder: holder.to_owned(),
            mchid: format!("19{}", random_digits(8)?),
            appid: format!("wx{}", random_hex(8)?),
            app_secret: random_hex(16)?,
            api_v3_key: random_hex(16)?,
            merchant_private_key_pem: private_pem(&merchant)?,
            merchant_certificate_pem: merchant_certificate,
            pub_key_id: format!("PUB_KEY_ID_01{}", random_digits(30)?),
            pub_key_private_pem: private_pem(&new_key()?)?,
            platform_private_key_pem: private_pem(&platform)?,
            platform_certificate_pem: platform_certificate,
            alipay_certificates: None,
            alipay_app_id: format!("2021{}", random_digits(12)?),
            alipay_seller_id: format!("2088{}", random_digits(12)?),
            alipay_app_private_key_pem: private_pem(&new_key()?)?,
            alipay_private_key_pem: private_pem(&new_key()?)?,
        };
        Ok(Self::from_file(file, now)?)
    }

    /// Reads the set kept in `folder`, or makes one and keeps it there.
    ///
    /// # Errors
    /// When the folder can't be read or written, or holds a damaged file (which stays as it is).
    pub fn load_or_generate(
        folder: &Path,
        holder: &str,
        now: Timestamp,
    ) -> Result<Self, SandboxError> {
        let path = folder.join("sandbox.json");
        match std::fs::read(&path) {
            Ok(bytes) => {
                let file = serde_json::from_slice::<KeyFile>(&bytes).map_err(|source| {
                    let path = path.clone();
                    SandboxError::KeyFile { path, source }
                })?;
                let whole = file.alipay_certificates.is_some();
                let keys = Self::from_file(file, now)?;
                if !whole {
                    write_private(&path, &keys.file)?;
                }
                Ok(keys)
            }
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                std::fs::create_dir_all(folder).map_err(|source| SandboxError::File {
                    path: folder.to_owned(),
                    source,
                })?;
                let keys = Self::generate(holder, now)?;
                write_private(&path, &keys.file)?;
                Ok(keys)
            }
            Err(source) => Err(SandboxError::File { path, source }),
        }
    }

    fn from_file(mut file: KeyFile, now: Timestamp) -> Result<Self, ErrorStack> {
        let merchant = X509::from_pem(file.merchant_certificate_pem.as_bytes())?;
        let key = PKey::private_key_from_pem(file.platform_private_key_pem.as_bytes())?;
        let app = PKey::private_key_from_pem(file.alipay_app_private_key_pem.as_bytes())?;
        let alipay = PKey::private_key_from_pem(file.alipay_private_key_pem.as_bytes())?;
        let named = (file.alipay_app_id.as_str(), file.holder.as_str());
        let certificates = match file.alipay_certificates.take() {
            Some(held) => held,
            None => AlipayCertificates::make(&app, &alipay, named, now)?,
        };
        Ok(Self {
            merchant_serial: serial_of(&merchant)?,
            merchant_public: merchant.public_key()?,
            pub_key: PKey::private_key_from_pem(file.pub_key_private_pem.as_bytes())?,
            certificate: platform_certificate(&file.platform_certificate_pem, key)?,
            alipay_app_public: public_half(&app)?,
            alipay_key: alipay,
            alipay_numbers: certificates.numbers()?,
            alipay_certificates: certificates.clone(),
            file: KeyFile {
                alipay_certificates: Some(certificates),
                ..file
            },
        })
    }

    /// What the merchant configures, for a sandbox reachable at `base` (`http://host:port`).
    ///
    /// # Errors
    /// When OpenSSL can't write a key as PEM.
    pub fn merchant(&self, base: &str) -> Result<Merchant, SandboxError> {
        let file = &self.file;
        Ok(Merchant {
            holder: file.holder.clone(),
            wechat_pay: WeChatPayMerchant {
                mchid: file.mchid.clone(),
                appid: file.appid.clone(),
                app_secret: file.app_secret.clone(),
                api_v3_key: file.api_v3_key.clone(),
                merchant_serial: self.merchant_serial.clone(),
                merchant_private_key_pem: file.merchant_private_key_pem.clone(),
                merchant_certificate_pem: file.merchant_certificate_pem.clone(),
                platform_keys: vec![
                    PlatformKey {
                        id: file.pub_key_id.clone(),
                        kind: PlatformKeyKind::PublicKey,
                        pem: public_pem(&self.pub_key)?,
                    },
                    PlatformKey {
                        id: self.certificate.serial.clone(),
                        kind: PlatformKeyKind::Certificate,
                        pem: self.certificate.pem.clone(),
                    },
                ],
                api_base: base.to_owned(),
                authorise_base: base.to_owned(),
                oauth_base: base.to_owned(),
            },
            alipay: AlipayMerchant {
                gateway_url: format!("{base}/gateway.do"),
                app_id: file.alipay_app_id.clone(),
                seller_id: file.alipay_seller_id.clone(),
                app_private_key_pem: file.alipay_app_private_key_pem.clone(),
                alipay_public_key_pem: public_pem(&self.alipay_key)?,
                certificates: self.alipay_certificates.clone(),
            },
        })
    }

    /// The openid that person `payer` (from 1) has at the merchant's app, in every run.
    #[must_use]
    pub fn openid(&self, payer: u32) -> String {
        format!(
            "o{}",
            stable_token(&["openid", &self.file.appid, &payer.to_string()], 27)
        )
    }

    /// The Alipay user id of person `payer`: 16 digits from 2088.
    #[must_use]
    pub fn buyer_id(&self, payer: u32) -> String {
        format!("20880{payer:011}")
    }

    pub(crate) fn holder(&self) -> &str {
        &self.file.holder
    }
    pub(crate) fn mchid(&self) -> &str {
        &self.file.mchid
    }
    pub(crate) fn appid(&self) -> &str {
        &self.file.appid
    }
    pub(crate) fn app_secret(&self) -> &str {
        &self.file.app_secret
    }
    pub(crate) fn api_v3_key(&self) -> &[u8] {
        self.file.api_v3_key.as_bytes()
    }
    pub(crate) fn pub_key_id(&self) -> &str {
        &self.file.pub_key_id
    }
    pub(crate) fn alipay_app_id(&self) -> &str {
        &self.file.alipay_app_id
    }
    pub(crate) fn alipay_seller_id(&self) -> &str {
        &self.file.alipay_seller_id
    }
}

/// A successor of the platform certificate, for a rotation while orders are open.
pub(crate) fn new_platform_certificate(now: Timestamp) -> Result<PlatformCertificate, ErrorStack> {
    let key = new_key()?;
    let (pem, _) = new_certificate(&key, "Tenpay.com Root CA (sandbox)", now)?;
    platform_certificate(&pem, key)
}

fn platform_certificate(pem: &str, key: PKey<Private>) -> Result<PlatformCertificate, ErrorStack> {
    let certificate = X509::from_pem(pem.as_bytes())?;
    let epoch = Asn1Time::from_unix(0)?;
    let seconds = |to: &openssl::asn1::Asn1TimeRef| -> Result<Timestamp, ErrorStack> {
        let diff = epoch.diff(to)?;
        let seconds = i64::from(diff.days) * 86_400 + i64::from(diff.secs);
        Ok(Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH))
    };
    Ok(PlatformCertificate {
        serial: serial_of(&certificate)?,
        not_before: seconds(certificate.not_before())?,
        not_after: seconds(certificate.not_after())?,
        pem: pem.to_owned(),
        key,
    })
}

fn serial_of(certificate: &X509) -> Result<String, ErrorStack> {
    Ok(certificate
        .serial_number()
        .to_bn()?
        .to_hex_str()?
        .to_string())
}

fn new_key() -> Result<PKey<Private>, ErrorStack> {
    PKey::from_rsa(Rsa::generate(2048)?)
}

fn public_half(key: &PKey<Private>) -> Result<PKey<Public>, ErrorStack> {
    PKey::public_key_from_pem(&key.public_key_to_pem()?)
}

fn private_pem(key: &PKey<Private>) -> Result<String, ErrorStack> {
    Ok(String::from_utf8_lossy(&key.private_key_to_pem_pkcs8()?).into_owned())
}

fn public_pem(key: &PKey<Private>) -> Result<String, ErrorStack> {
    Ok(String::from_utf8_lossy(&key.public_key_to_pem()?).into_owned())
}

/// A self-signed certificate of five years: its PEM and serial.
fn new_certificate(
    key: &PKey<Private>,
    name: &str,
    now: Timestamp,
) -> Result<(String, String), ErrorStack> {
    let mut serial = BigNum::new()?;
    // 159 bits with the top one set: positive in DER, and always 40 hex digits as WeChat's are.
    serial.rand(159, MsbOption::ONE, false)?;
    let mut names = X509NameBuilder::new()?;
    // A common name holds at most 64 characters; a holder's legal name may be longer.
    names.append_entry_by_text("CN", &name.chars().take(20).collect::<String>())?;
    let names = names.build();
    let mut certificate = X509::builder()?;
    certificate.set_version(2)?;
    certificate.set_serial_number(&*Asn1Integer::from_bn(&serial)?)?;
    certificate.set_subject_name(&names)?;
    certificate.set_issuer_name(&names)?;
    certificate.set_pubkey(key)?;
    certificate.set_not_before(&*Asn1Time::from_unix(now.as_second())?)?;
    certificate.set_not_after(&*Asn1Time::from_unix(now.as_second() + FIVE_YEARS_S)?)?;
    certificate.sign(key, MessageDigest::sha256())?;
    let certificate = certificate.build();
    let pem = String::from_utf8_lossy(&certificate.to_pem()?).into_owned();
    Ok((pem, serial_of(&certificate)?))
}

fn random<const N: usize>() -> Result<[u8; N], ErrorStack> {
    let mut bytes = [0_u8; N];
    openssl::rand::rand_bytes(&mut bytes)?;
    Ok(bytes)
}

fn random_digits(length: usize) -> Result<String, ErrorStack> {
    Ok(random::<32>()?
        .iter()
        .take(length)
        .map(|b| char::from(b'0' + b % 10))
        .collect())
}

fn random_hex(bytes: usize) -> Result<String, ErrorStack> {
    Ok(random::<32>()?
        .iter()
        .take(bytes)
        .map(|b| format!("{b:02x}"))
        .collect())
}

/// A seed for a run that nobody asked to repeat.
pub(crate) fn random_seed() -> Result<u64, ErrorStack> {
    Ok(u64::from_le_bytes(random::<8>()?))
}

/// Writes `value` as JSON so that only its owner can read it, where the system knows owners.
pub(crate) fn write_private<T: Serialize>(path: &Path, value: &T) -> Result<(), SandboxError> {
    use std::io::Write;
    let file = |source| SandboxError::File {
        path: path.to_owned(),
        source,
    };
    let text = serde_json::to_vec_pretty(value).map_err(|source| SandboxError::KeyFile {
        path: path.to_owned(),
        source,
    })?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(path).map_err(file)?;
    out.write_all(&text)
        .and_then(|()| out.sync_all())
        .map_err(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_the_same_over_a_restart_and_a_damaged_file_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let first = SandboxKeys::load_or_generate(folder.path(), "Shop", now).unwrap();
        let again = SandboxKeys::load_or_generate(folder.path(), "Shop", now).unwrap();
        assert_eq!(first.merchant_serial, again.merchant_serial);
        assert_eq!(first.certificate.serial, again.certificate.serial);
        assert_eq!(first.certificate.not_before, now);
        assert_eq!(first.merchant_serial.len(), 40);
        assert_eq!(first.api_v3_key().len(), 32);
        assert_eq!(first.openid(1), again.openid(1));
        assert_ne!(first.openid(1), first.openid(2));
        assert_eq!(first.openid(1).len(), 28);

        let path = folder.path().join("sandbox.json");
        std::fs::write(&path, b"{").unwrap();
        let refused = SandboxKeys::load_or_generate(folder.path(), "Shop", now)
            .err()
            .unwrap();
        assert!(refused.to_string().contains("sandbox.json"), "{refused}");
        assert_eq!(std::fs::read(&path).unwrap(), b"{");
    }
}
