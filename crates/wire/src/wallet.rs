//! What an administrator's terminal says to the backend about the corporate wallet. It needs the
//! network: keys are sealed for the backend's process and never touch the terminal's disk, so they
//! can't be operations of its log. The backend keeps who did what.

use crate::sealed::Sealed;
use domain::channel::Channel;
use domain::id::{StaffId, WalletBindingId};
use domain::wallet::{BindingDetails, MiniProgramDetails, WalletView};
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;

/// A request; the terminal signs it like every other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletRequest {
    /// The administrator who is unlocked there.
    pub staff: StaffId,
    /// What is wanted.
    pub ask: WalletAsk,
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum WalletAsk {
    /// How the wallet stands.
    View,
    /// A half of a key exchange, to seal credentials for.
    Exchange,
    /// Saves a merchant account and its keys as a draft.
    Save {
        /// Which exchange.
        exchange: String,
        /// A [`Binding`], sealed for it with [`seal_context`].
        sealed: Sealed,
    },
    /// Makes the self-test of a saved one.
    Test {
        /// Which.
        binding: WalletBindingId,
    },
    /// Puts a tested one to use.
    Activate {
        /// Which.
        binding: WalletBindingId,
        /// The merchant number of the active one that it is to replace; `None` when there is none.
        replaces: Option<String>,
    },
    /// Binds the dedicated mini program and compares its owner.
    MiniProgram {
        /// Which.
        details: MiniProgramDetails,
    },
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum WalletReply {
    /// How the wallet stands now.
    Wallet {
        /// The view.
        wallet: WalletView,
        /// The binding that was acted on.
        binding: Option<WalletBindingId>,
    },
    /// A half of a key exchange; good for one message and ten minutes.
    Exchange {
        /// Its name.
        exchange: String,
        /// Its public half.
        key: String,
    },
}

/// A merchant account with its keys. Only ever sealed, in memory, or under the backend's vault key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Whose.
    pub details: BindingDetails,
    /// Its keys.
    pub credentials: Credentials,
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding")
            .field("details", &self.details)
            .finish_non_exhaustive()
    }
}

/// The keys of a merchant account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "channel", rename_all = "snake_case")]
pub enum Credentials {
    /// 微信支付, API v3.
    WechatPay {
        /// The app's secret, for openids.
        app_secret: String,
        /// The 32 characters that callbacks are encrypted with.
        api_v3_key: String,
        /// The serial number of the merchant certificate.
        merchant_serial: String,
        /// The merchant's private key, PEM.
        merchant_private_key_pem: String,
        /// What answers are verified with: a public key with its id, or platform certificates.
        platform_keys: Vec<PlatformKey>,
    },
    /// 支付宝.
    Alipay {
        /// The app's private key, PEM.
        app_private_key_pem: String,
        /// What its messages are verified with.
        #[serde(flatten)]
        trust: AlipayTrust,
    },
}

/// What Alipay's messages are verified with; the app's settings at Alipay say which.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum AlipayTrust {
    /// Certificate mode; whoever gives these means it, even with a public key beside them.
    Certificates {
        /// The certificate of the app's key, PEM.
        app_certificate_pem: String,
        /// Alipay's, PEM, with or without what leads to a root.
        alipay_certificate_pem: String,
        /// The roots, PEM.
        alipay_root_pem: String,
    },
    /// Key mode.
    PublicKey {
        /// Alipay's public key, PEM.
        alipay_public_key_pem: String,
    },
}

impl Credentials {
    /// Whose keys they are.
    pub fn channel(&self) -> Channel {
        match self {
            Credentials::WechatPay { .. } => Channel::WechatPay,
            Credentials::Alipay { .. } => Channel::Alipay,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

/// A key of WeChat Pay's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlatformKey {
    /// `PUB_KEY_ID_…` for a public key; empty for a certificate, which names itself.
    pub id: String,
    /// The key or certificate, PEM.
    pub pem: String,
}

/// What credentials are sealed for: they can't be moved to another terminal's exchange.
pub fn seal_context(terminal: domain::id::TerminalId, exchange: &str) -> String {
    format!("wallet {terminal} {exchange}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gives_certificates_means_them() {
        let with = |fields: &[&str]| {
            let pairs = fields.iter().map(|field| (*field, "pem"));
            let json: std::collections::BTreeMap<_, _> = pairs.collect();
            serde_json::from_value::<AlipayTrust>(serde_json::json!(json)).ok()
        };
        let certificates = [
            "app_certificate_pem",
            "alipay_certificate_pem",
            "alipay_root_pem",
        ];
        let key = "alipay_public_key_pem";
        let of = |trust: Option<AlipayTrust>| {
            trust.map(|t| matches!(t, AlipayTrust::Certificates { .. }))
        };
        assert_eq!(of(with(&certificates)), Some(true));
        assert_eq!(of(with(&[&certificates[..], &[key]].concat())), Some(true));
        assert_eq!(of(with(&[key])), Some(false));
        assert_eq!(of(with(&certificates[..2])), None);
    }

    #[test]
    fn keys_are_never_printed() {
        let binding = Binding {
            details: BindingDetails {
                channel: Channel::Alipay,
                merchant_no: "2088".into(),
                app_id: "2021".into(),
                holder: "x".into(),
                credit_code: String::new(),
            },
            credentials: Credentials::Alipay {
                app_private_key_pem: "SECRET".into(),
                trust: AlipayTrust::PublicKey {
                    alipay_public_key_pem: "SECRET".into(),
                },
            },
        };
        let printed = format!("{binding:?} {:?}", binding.credentials);
        assert!(!printed.contains("SECRET"), "{printed}");
    }
}
