//! Everything the sandbox remembers, behind one lock, for as long as it runs.
//!
//! Nothing is persisted: a demo begins afresh, and a test owns its sandbox. Handlers take the
//! lock, decide and change in one go, and never hold it across an await.

use crate::alipay::trades::Trade;
use crate::crypto::Ids;
use crate::delivery::{Delivery, Notice};
use crate::faults::Faults;
use crate::keys::{PlatformCertificate, PlatformKeyKind, SandboxKeys};
use crate::phone::Phone;
use crate::phone::sheet::Sheet;
use crate::server::Clock;
use crate::wechat_pay::oauth::OauthCode;
use crate::wechat_pay::orders::Order;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::Url;

/// The two payment channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// WeChat Pay API v3.
    WechatPay,
    /// Alipay's V2 gateway.
    Alipay,
}

impl Channel {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WechatPay => "wechat_pay",
            Self::Alipay => "alipay",
        }
    }
}

/// What all handlers share.
pub(crate) struct App {
    pub(crate) keys: SandboxKeys,
    pub(crate) clock: Clock,
    /// `http://host:port` at which others reach the sandbox, without a slash behind.
    pub(crate) public_url: String,
    /// The port listened on: a loopback address with it is the sandbox itself.
    pub(crate) port: u16,
    /// Origins that the phone may open for anyone.
    pub(crate) cashier_origins: Vec<url::Origin>,
    /// By how much the channels' waits between retries are shortened.
    pub(crate) retry_divisor: u32,
    /// Delivers callbacks.
    pub(crate) courier: reqwest::Client,
    /// Opens the cashier as a wallet's browser; never follows a redirect by itself.
    pub(crate) browser: reqwest::Client,
    pub(crate) shutdown: tokio::sync::watch::Receiver<bool>,
    state: Mutex<State>,
}

/// The parts of [`App`] that a start decides.
pub(crate) struct AppParts {
    pub(crate) keys: SandboxKeys,
    pub(crate) clock: Clock,
    pub(crate) seed: u64,
    pub(crate) public_url: String,
    pub(crate) port: u16,
    pub(crate) cashier_origins: Vec<url::Origin>,
    pub(crate) retry_divisor: u32,
    pub(crate) shutdown: tokio::sync::watch::Receiver<bool>,
}

impl App {
    pub(crate) fn new(parts: AppParts) -> Result<Self, reqwest::Error> {
        // Loopback and LAN addresses only: a proxy from the environment would get in the way.
        let client = || reqwest::Client::builder().no_proxy();
        let none = reqwest::redirect::Policy::none;
        Ok(Self {
            courier: client()
                // The channels give a merchant five seconds to answer.
                .timeout(std::time::Duration::from_secs(5))
                .redirect(none())
                .build()?,
            browser: client().redirect(none()).build()?,
            state: Mutex::new(State::new(parts.seed, parts.keys.certificate.clone())),
            keys: parts.keys,
            clock: parts.clock,
            public_url: parts.public_url,
            port: parts.port,
            cashier_origins: parts.cashier_origins,
            retry_divisor: parts.retry_divisor.max(1),
            shutdown: parts.shutdown,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A handler that panicked left whole values behind: each change is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether `url` leads to the sandbox itself.
    pub(crate) fn is_own(&self, url: &Url) -> bool {
        let same_origin =
            Url::parse(&self.public_url).is_ok_and(|own| own.origin() == url.origin());
        same_origin || (is_loopback(url) && url.port_or_known_default() == Some(self.port))
    }
}

/// Whether a URL's host is this computer by its very name.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The mutable part of [`App`].
pub(crate) struct State {
    pub(crate) ids: Ids,
    /// WeChat Pay orders by `out_trade_no`.
    pub(crate) orders: BTreeMap<String, Order>,
    /// Alipay trades and codes by `out_trade_no`.
    pub(crate) trades: BTreeMap<String, Trade>,
    pub(crate) oauth_codes: BTreeMap<String, OauthCode>,
    pub(crate) phones: BTreeMap<String, Phone>,
    /// "Pay ¥…?" pages by id.
    pub(crate) sheets: BTreeMap<String, Sheet>,
    pub(crate) faults: Faults,
    pub(crate) counters: BTreeMap<String, u64>,
    pub(crate) deliveries: Vec<Delivery>,
    /// Bills to be fetched by token, with the end of each address.
    pub(crate) bills: BTreeMap<String, (Timestamp, Vec<u8>)>,
    /// Notifications held back by the fault `reorder`.
    pub(crate) held: Vec<Notice>,
    /// Platform certificates, the newest last.
    pub(crate) certificates: Vec<PlatformCertificate>,
    /// The kind of key that signs callbacks, and answers when the caller asked for none.
    pub(crate) signing_kind: PlatformKeyKind,
}

impl State {
    fn new(seed: u64, certificate: PlatformCertificate) -> Self {
        Self {
            ids: Ids::new(seed),
            orders: BTreeMap::new(),
            trades: BTreeMap::new(),
            oauth_codes: BTreeMap::new(),
            phones: BTreeMap::new(),
            sheets: BTreeMap::new(),
            faults: Faults::default(),
            counters: BTreeMap::new(),
            deliveries: Vec::new(),
            bills: BTreeMap::new(),
            held: Vec::new(),
            certificates: vec![certificate],
            signing_kind: PlatformKeyKind::PublicKey,
        }
    }

    pub(crate) fn count(&mut self, what: &str) {
        *self.counters.entry(what.to_owned()).or_insert(0) += 1;
    }
}
