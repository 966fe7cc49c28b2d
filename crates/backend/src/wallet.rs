//! The company's merchant accounts as this program holds them: read from a file that only the
//! backend's account may read, turned into the gateways' clients. Keys go no further than this
//! process (invariant 11); the store knows numbers and names only.
//!
//! The file (`wallet.json`, or the sandbox's `merchant.json`) has the fields of [`WalletFile`].

use crate::store::WalletBinding;
use domain::channel::Channel;
use domain::wallet::BindingDetails;
use gateways::alipay::{Alipay, AlipayConfig};
use gateways::wechat_pay::{VerificationKey, WechatPay, WechatPayConfig};
use gateways::{Ambient, ConfigError, Gateway, Secret, http_client};
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;
use wire::Env;
use wire::wallet::{AlipayTrust, Binding, Credentials, PlatformKey};

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
    platform_keys: Vec<FilePlatformKey>,
    api_base: String,
    authorise_base: String,
    oauth_base: String,
}

#[derive(Deserialize)]
struct FilePlatformKey {
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
    #[serde(flatten)]
    trust: AlipayTrust,
}

/// WeChat Pay's API.
const WECHAT_API: &str = "https://api.mch.weixin.qq.com";
/// Where its H5 page lives.
const WECHAT_H5: &str = "https://wx.tenpay.com";

/// Where the channels are: their own hosts, or the sandbox's in a demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    wechat_api: String,
    wechat_authorise: String,
    wechat_oauth: String,
    alipay_gateway: String,
}

impl Default for Hosts {
    /// Those that the channels' documents name.
    fn default() -> Hosts {
        Hosts {
            wechat_api: WECHAT_API.to_owned(),
            wechat_authorise: "https://open.weixin.qq.com".to_owned(),
            wechat_oauth: "https://api.weixin.qq.com".to_owned(),
            alipay_gateway: "https://openapi.alipay.com/gateway.do".to_owned(),
        }
    }
}

impl Hosts {
    /// The origin of the page that a channel sends browsers to. WeChat's H5 page has a host of its
    /// own; a program that plays WeChat Pay serves it beside its API.
    fn page_of(&self, channel: Channel) -> Option<String> {
        let page = match channel {
            Channel::Alipay => self.alipay_gateway.as_str(),
            Channel::WechatPay if self.wechat_api == WECHAT_API => WECHAT_H5,
            Channel::WechatPay => self.wechat_api.as_str(),
        };
        let url = Url::parse(page).ok()?;
        Some(url.origin().ascii_serialization())
    }
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

    /// The hosts that it names, for accounts that are bound in the console.
    pub fn hosts(&self) -> Hosts {
        let mut hosts = Hosts::default();
        if let Some(entry) = &self.wechat_pay {
            hosts.wechat_api.clone_from(&entry.api_base);
            hosts.wechat_authorise.clone_from(&entry.authorise_base);
            hosts.wechat_oauth.clone_from(&entry.oauth_base);
        }
        if let Some(entry) = &self.alipay {
            hosts.alipay_gateway.clone_from(&entry.gateway_url);
        }
        hosts
    }

    /// Makes the clients. Sends nothing.
    ///
    /// # Errors
    /// [`WalletError::Account`].
    pub fn open(self, env: Arc<dyn Env>) -> Result<Gateways, WalletError> {
        let hosts = self.hosts();
        let mut gateways = Gateways::default();
        for binding in self.bindings() {
            let channel = crate::bills::channel_name(binding.details.channel);
            let holder = binding.details.holder.clone();
            let client = client(&hosts, binding, Arc::clone(&env))
                .map_err(|source| WalletError::Account { channel, source })?;
            // It is taken all the same: the account may have money under way.
            if let Err(problem) = client.bindable() {
                tracing::warn!(channel, %problem, "an account of the wallet file");
            }
            gateways.put(client, &holder, &hosts, false);
        }
        Ok(gateways)
    }

    fn bindings(self) -> Vec<Binding> {
        let holder = self.holder;
        let details = |channel, merchant_no, app_id| BindingDetails {
            channel,
            merchant_no,
            app_id,
            holder: holder.clone(),
            credit_code: String::new(),
        };
        let wechat_pay = self.wechat_pay.map(|entry| Binding {
            details: details(Channel::WechatPay, entry.mchid, entry.appid),
            credentials: Credentials::WechatPay {
                app_secret: entry.app_secret,
                api_v3_key: entry.api_v3_key,
                merchant_serial: entry.merchant_serial,
                merchant_private_key_pem: entry.merchant_private_key_pem,
                platform_keys: entry
                    .platform_keys
                    .into_iter()
                    .map(|key| PlatformKey {
                        id: match key.kind {
                            PlatformKeyKind::PublicKey => key.id,
                            PlatformKeyKind::Certificate => String::new(),
                        },
                        pem: key.pem,
                    })
                    .collect(),
            },
        });
        let alipay = self.alipay.map(|entry| Binding {
            details: details(Channel::Alipay, entry.seller_id, entry.app_id),
            credentials: Credentials::Alipay {
                app_private_key_pem: entry.app_private_key_pem,
                trust: entry.trust,
            },
        });
        wechat_pay.into_iter().chain(alipay).collect()
    }
}

/// Makes an account's client. Sends nothing.
///
/// # Errors
/// [`ConfigError`] names the field that can't be used.
pub fn client(
    hosts: &Hosts,
    binding: Binding,
    env: Arc<dyn Env>,
) -> Result<Arc<dyn Gateway>, ConfigError> {
    let Binding {
        details,
        credentials,
    } = binding;
    let http = http_client()?;
    let ambient: Arc<dyn Ambient> = Arc::new(FromEnv(env));
    Ok(match credentials {
        Credentials::WechatPay {
            app_secret,
            api_v3_key,
            merchant_serial,
            merchant_private_key_pem,
            platform_keys,
        } => {
            let key = |PlatformKey { id, pem }| match id.is_empty() {
                true => VerificationKey::PlatformCertificate { pem },
                false => VerificationKey::PublicKey {
                    id,
                    pem,
                    valid_from_ms: None,
                    valid_until_ms: None,
                },
            };
            let config = WechatPayConfig {
                api_base: hosts.wechat_api.clone(),
                authorise_base: hosts.wechat_authorise.clone(),
                oauth_base: hosts.wechat_oauth.clone(),
                mchid: details.merchant_no,
                appid: details.app_id,
                app_secret: Secret::new(app_secret),
                api_v3_key: Secret::new(api_v3_key),
                merchant_serial,
                merchant_key_pem: Secret::new(merchant_private_key_pem),
                verification_keys: platform_keys.into_iter().map(key).collect(),
            };
            Arc::new(WechatPay::new(config, http, ambient)?)
        }
        Credentials::Alipay {
            app_private_key_pem,
            trust,
        } => {
            let config = AlipayConfig {
                gateway_url: hosts.alipay_gateway.clone(),
                app_id: details.app_id,
                seller_id: details.merchant_no,
                app_private_key_pem: Secret::new(app_private_key_pem),
                trust: match trust {
                    AlipayTrust::PublicKey {
                        alipay_public_key_pem,
                    } => gateways::alipay::AlipayTrust::PublicKey {
                        alipay_public_key_pem,
                    },
                    AlipayTrust::Certificates {
                        app_certificate_pem,
                        alipay_certificate_pem,
                        alipay_root_pem,
                    } => gateways::alipay::AlipayTrust::Certificates {
                        app_certificate_pem,
                        alipay_certificate_pem,
                        alipay_root_pem,
                    },
                },
                precreate_product_code: "QR_CODE_OFFLINE".to_owned(),
            };
            Arc::new(Alipay::new(config, http, ambient)?)
        }
    })
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
    /// The one that new payments use stands before the others of its channel.
    list: Vec<(Arc<dyn Gateway>, String)>,
    form_targets: Vec<String>,
}

impl fmt::Debug for Gateways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<&str> = self
            .list
            .iter()
            .map(|(gateway, _)| gateway.merchant_no())
            .collect();
        f.debug_struct("Gateways")
            .field("merchant_numbers", &numbers)
            .finish_non_exhaustive()
    }
}

impl Gateways {
    /// Takes an account in, instead of the same one with older keys.
    pub fn put(&mut self, gateway: Arc<dyn Gateway>, holder: &str, hosts: &Hosts, active: bool) {
        self.list.retain(|(held, _)| {
            held.channel() != gateway.channel()
                || held.merchant_no() != gateway.merchant_no()
                || held.app_id() != gateway.app_id()
        });
        let page = hosts.page_of(gateway.channel());
        let new = page.filter(|page| !self.form_targets.contains(page));
        self.form_targets.extend(new);
        let at = if active { 0 } else { self.list.len() };
        self.list.insert(at, (gateway, holder.to_owned()));
    }

    /// Those of a channel, the one that new payments use first.
    pub fn of_channel(&self, channel: Channel) -> impl Iterator<Item = Arc<dyn Gateway>> + use<> {
        let mut all = Vec::new();
        for (gateway, _) in &self.list {
            if gateway.channel() == channel {
                all.push(Arc::clone(gateway));
            }
        }
        all.into_iter()
    }

    /// The one of a merchant account and app.
    pub fn of_account(
        &self,
        channel: Channel,
        merchant_no: &str,
        app_id: &str,
    ) -> Option<Arc<dyn Gateway>> {
        self.of_channel(channel)
            .find(|g| g.merchant_no() == merchant_no && g.app_id() == app_id)
    }

    /// Origins that a cashier page's form may lead to.
    pub fn form_targets(&self) -> &[String] {
        &self.form_targets
    }

    /// What the store keeps of these accounts.
    pub fn bindings(&self) -> Vec<WalletBinding> {
        self.list
            .iter()
            .map(|(gateway, holder)| WalletBinding {
                channel: gateway.channel(),
                merchant_no: gateway.merchant_no().to_owned(),
                app_id: gateway.app_id().to_owned(),
                holder: holder.clone(),
                active: true,
            })
            .collect()
    }
}
