//! What a company enters to bind its WeChat Pay merchant account, and where the channel lives.
//! Hosts are settings, so that the sandbox is met by the same client as WeChat Pay.

use crate::keys::Secret;

/// The binding of one merchant account and app.
#[derive(Clone, Debug)]
pub struct WechatPayConfig {
    /// The API's root, `https://api.mch.weixin.qq.com`; a path is kept and signed.
    pub api_base: String,
    /// The authorise page's root, `https://open.weixin.qq.com`.
    pub authorise_base: String,
    /// The root of the openid exchange, `https://api.weixin.qq.com`.
    pub oauth_base: String,
    /// Merchant number.
    pub mchid: String,
    /// The app bound to it (service account or mini program).
    pub appid: String,
    /// The app's secret, for the openid exchange only; empty when no JSAPI order is placed.
    pub app_secret: Secret,
    /// The 32-byte API v3 key that opens encrypted parts.
    pub api_v3_key: Secret,
    /// Serial of the merchant's API certificate, upper-case hex.
    pub merchant_serial: String,
    /// The private key of that certificate, PEM.
    pub merchant_key_pem: Secret,
    /// Everything that WeChat Pay may sign with; several at once, also of both kinds.
    pub verification_keys: Vec<VerificationKey>,
}

/// A key that WeChat Pay signs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerificationKey {
    /// A platform certificate; its serial and time of validity are its own.
    PlatformCertificate {
        /// PEM.
        pem: String,
    },
    /// A WeChat Pay public key.
    PublicKey {
        /// `PUB_KEY_ID_…`, compared as text.
        id: String,
        /// PEM.
        pem: String,
        /// Not before, milliseconds since 1970.
        valid_from_ms: Option<i64>,
        /// Not after, milliseconds since 1970.
        valid_until_ms: Option<i64>,
    },
}
