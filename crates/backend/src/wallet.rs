//! The company's merchant accounts as this program holds them: read from a file that only the
//! backend's account may read, turned into the gateways' clients. Keys go no further than this
//! process (invariant 11); the store knows numbers and names only.
//!
//! The file (`wallet.json`, or the sandbox's `merchant.json`) has the fields of [`WalletFile`].

use crate::store::WalletBinding;
use domain::channel::Channel;
use gateways::alipay::{Alipay, AlipayConfig};
use gateways::wechat_pay::{VerificationKey, WechatPay, WechatPayConfig};
use gateways::{Ambient, ConfigError, Gateway, Secret, http_client};
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;
use wire::Env;

/// Why the merchant accounts can't be used.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// The file can't be read.
    #[error("{} can't be read: {source}; check the path and its rights", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not of the wanted form.
    #[error("{} is not a wallet file: {source}; see docs/operations.md", path.display())]
    Form {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// An entry can't be used.
    #[error("the {channel} account can't be used: {source}")]
    Account {
        /// Which.
        channel: &'static str,
        /// Why.
        source: ConfigError,
    },
}

/// What the file holds. Either channel may be missing.
#[derive(Deserialize)]
pub struct WalletFile {
    /// The account holder's legal name.
    pub holder: String,
    wechat_pay: Option<WechatPayEntry>,
    alipay: Option<AlipayEntry>,
}

#[derive(Deserialize)]
struct WechatPayEntry {
    mchid: String,
    appid: String,
    app_secret: String,
    api_v3_key: String,
    merchant_serial: String,
    merchant_private_key_pem: String,
    platform_keys: Vec<PlatformKey>,
    api_base: String,
    authorise_base: String,
    oauth_base: String,
}

#[derive(Deserialize)]
struct PlatformKey {
    id: String,
    kind: PlatformKeyKind,
    pem: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PlatformKeyKind {
    PublicKey,
    Certificate,
}

#[derive(Deserialize)]
struct AlipayEntry {
    gateway_url: String,
    app_id: String,
    seller_id: String,
    app_private_key_pem: String,
    alipay_public_key_pem: String,
}

impl WalletFile {
    /// Reads the file.
    ///
    /// # Errors
    /// [`WalletError::File`], [`WalletError::Form`].
    pub fn read(path: &Path) -> Result<WalletFile, WalletError> {
        let text = std::fs::read(path).map_err(|source| WalletError::File {
            path: path.to_owned(),
            source,
        })?;
        serde_json::from_slice(&text).map_err(|source| WalletError::Form {
            path: path.to_owned(),
            source,
        })
    }

    /// The phone page of the sandbox whose file this is: it stands where the sandbox's authorise
    /// page does.
    pub fn phone(&self) -> Option<String> {
        let base = &self.wechat_pay.as_ref()?.authorise_base;
        Some(format!("{}/phone", base.trim_end_matches('/')))
    }

    /// Makes the clients. Sends nothing.
    ///
    /// # Errors
    /// [`WalletError::Account`].
    pub fn open(self, env: Arc<dyn Env>) -> Result<Gateways, WalletError> {
        let failed = |channel| move |source| WalletError::Account { channel, source };
        let http = http_client().map_err(failed("first"))?;
        let ambient: Arc<dyn Ambient> = Arc::new(FromEnv(env));
        let mut gateways = Gateways {
            holder: self.holder,
            ..Gateways::default()
        };
        if let Some(entry) = self.wechat_pay {
            let config = entry.config();
            let client = WechatPay::new(config, http.clone(), Arc::clone(&ambient));
            gateways
                .list
                .push(Arc::new(client.map_err(failed("wechat_pay"))?));
        }
        if let Some(entry) = self.alipay {
            let page = Url::parse(&entry.gateway_url).map(|url| url.origin().ascii_serialization());
            gateways.form_targets.extend(page);
            let client = Alipay::new(entry.config(), http, ambient);
            gateways
                .list
                .push(Arc::new(client.map_err(failed("alipay"))?));
        }
        Ok(gateways)
    }
}

impl WechatPayEntry {
    fn config(self) -> WechatPayConfig {
        let key = |key: PlatformKey| match key.kind {
            PlatformKeyKind::Certificate => VerificationKey::PlatformCertificate { pem: key.pem },
            PlatformKeyKind::PublicKey => VerificationKey::PublicKey {
                id: key.id,
                pem: key.pem,
                valid_from_ms: None,
                valid_until_ms: None,
            },
        };
        WechatPayConfig {
            api_base: self.api_base,
            authorise_base: self.authorise_base,
            oauth_base: self.oauth_base,
            mchid: self.mchid,
            appid: self.appid,
            app_secret: Secret::new(self.app_secret),
            api_v3_key: Secret::new(self.api_v3_key),
            merchant_serial: self.merchant_serial,
            merchant_key_pem: Secret::new(self.merchant_private_key_pem),
            verification_keys: self.platform_keys.into_iter().map(key).collect(),
        }
    }
}

impl AlipayEntry {
    fn config(self) -> AlipayConfig {
        AlipayConfig {
            gateway_url: self.gateway_url,
            app_id: self.app_id,
            seller_id: self.seller_id,
            app_private_key_pem: Secret::new(self.app_private_key_pem),
            alipay_public_key_pem: self.alipay_public_key_pem,
            precreate_product_code: "QR_CODE_OFFLINE".to_owned(),
        }
    }
}

/// The backend's environment as the gateways want it.
struct FromEnv(Arc<dyn Env>);

impl Ambient for FromEnv {
    fn unix_ms(&self) -> i64 {
        self.0.now().0
    }

    fn nonce(&self) -> String {
        let mut bytes = [0u8; 16];
        self.0.random(&mut bytes);
        domain::id::crockford(u128::from_be_bytes(bytes), 25)
    }
}

/// The clients of every merchant account this program holds keys for.
#[derive(Clone, Default)]
pub struct Gateways {
    holder: String,
    list: Vec<Arc<dyn Gateway>>,
    form_targets: Vec<String>,
}

impl fmt::Debug for Gateways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<&str> = self
            .list
            .iter()
            .map(|gateway| gateway.merchant_no())
            .collect();
        f.debug_struct("Gateways")
            .field("merchant_numbers", &numbers)
            .finish_non_exhaustive()
    }
}

impl Gateways {
    /// Those of a channel, for a callback that does not say yet whose it is.
    pub fn of_channel(&self, channel: Channel) -> impl Iterator<Item = &Arc<dyn Gateway>> {
        self.list
            .iter()
            .filter(move |gateway| gateway.channel() == channel)
    }

    /// The one of a merchant account and app.
    pub fn of_account(
        &self,
        channel: Channel,
        merchant_no: &str,
        app_id: &str,
    ) -> Option<Arc<dyn Gateway>> {
        let mut all = self.of_channel(channel);
        all.find(|g| g.merchant_no() == merchant_no && g.app_id() == app_id)
            .cloned()
    }

    /// Origins that a cashier page's form may lead to.
    pub fn form_targets(&self) -> &[String] {
        &self.form_targets
    }

    /// What the store keeps of these accounts.
    pub fn bindings(&self) -> Vec<WalletBinding> {
        self.list
            .iter()
            .map(|gateway| WalletBinding {
                channel: gateway.channel(),
                merchant_no: gateway.merchant_no().to_owned(),
                app_id: gateway.app_id().to_owned(),
                holder: self.holder.clone(),
                active: true,
            })
            .collect()
    }
}
