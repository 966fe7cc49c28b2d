//! What a company enters to bind its Alipay account, and where the channel lives.

use crate::keys::Secret;

/// The binding of one Alipay account and app.
#[derive(Clone, Debug)]
pub struct AlipayConfig {
    /// `https://openapi.alipay.com/gateway.do`, or the sandbox's.
    pub gateway_url: String,
    /// The app.
    pub app_id: String,
    /// The account that is paid, `2088…`.
    pub seller_id: String,
    /// The app's private key: PEM, or base64 as Alipay's key tool writes it.
    pub app_private_key_pem: Secret,
    /// What Alipay's messages are verified with.
    pub trust: AlipayTrust,
    /// What the contract calls codes: `QR_CODE_OFFLINE`, or `FACE_TO_FACE_PAYMENT`.
    pub precreate_product_code: String,
}

/// The two ways an app's messages are verified; the app's settings at Alipay say which.
#[derive(Clone, Debug)]
pub enum AlipayTrust {
    /// Key mode.
    PublicKey {
        /// Alipay's public key for this app (not the app's own): PEM, certificate, or base64 as
        /// Alipay's console shows it.
        alipay_public_key_pem: String,
    },
    /// Certificate mode: the three files that Alipay's console hands out.
    Certificates {
        /// `appCertPublicKey_….crt`: the certificate of the app's own key.
        app_certificate_pem: String,
        /// `alipayCertPublicKey_RSA2.crt`: Alipay's, with or without what leads to a root.
        alipay_certificate_pem: String,
        /// `alipayRootCert.crt`: several roots.
        alipay_root_pem: String,
    },
}
