//! What a company enters to bind its Alipay account (key mode), and where the channel lives.

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
    /// Alipay's public key for this app (not the app's own): PEM, certificate, or base64 as
    /// Alipay's console shows it.
    pub alipay_public_key_pem: String,
    /// What the contract calls codes: `QR_CODE_OFFLINE`, or `FACE_TO_FACE_PAYMENT`.
    pub precreate_product_code: String,
}
