//! A running backend: the central, the merchant accounts it can speak for, and the addresses it is
//! reached at. Web handlers and background work share it; the store blocks, so every act on it goes
//! to a thread that may.

use crate::bindings::Exchanges;
use crate::central::Central;
use crate::channel_keys::ChannelKeys;
use crate::jobs::Pace;
use crate::store::{Context, Store, StoreError};
use crate::vault::Vault;
use crate::wallet::{Gateways, Hosts};
use domain::Timestamp;
use domain::id::IntentId;
use domain::time::MINUTE_MS;
use gateways::Gateway;
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::Notify;

/// How long after a payer last looked an ask counts as being paid now.
const RECENT_MS: i64 = MINUTE_MS;

/// Why the host could not do something.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The store said why.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread that did it ended early: a defect, or the program is ending.
    #[error("the work was not finished: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Where a host is reached and how fast it works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where payers' phones reach the cashier, without a trailing slash.
    pub public_url: String,
    /// The sandbox's phone page, in a demo: `http://…/phone`.
    pub phone: Option<String>,
    /// How fast background work goes.
    pub pace: Pace,
    /// Proxies in front of the listeners, which say for whom they speak (`X-Forwarded-For`).
    pub proxies: Vec<IpAddr>,
}

/// The corporate wallet of a running backend.
#[derive(Debug)]
pub struct Wallet {
    /// The accounts that it can speak for at its start.
    pub gateways: Gateways,
    /// Where the channels are.
    pub hosts: Hosts,
    /// Where keys rest.
    pub vault: Vault,
}

/// A running backend.
pub struct Host {
    central: Arc<Central>,
    gateways: RwLock<Arc<Gateways>>,
    hosts: Hosts,
    vault: Vault,
    /// Key exchanges that were begun, each for one message.
    pub(crate) exchanges: Exchanges,
    /// When the channels' keys were fetched.
    pub(crate) channel_keys: ChannelKeys,
    settings: Settings,
    /// Rung when there may be background work.
    pub(crate) bell: Notify,
    looked_at: Mutex<HashMap<IntentId, Timestamp>>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Host {
    /// Puts the parts together.
    pub fn new(central: Arc<Central>, wallet: Wallet, settings: Settings) -> Arc<Host> {
        let channel_keys = ChannelKeys::new(central.env().now());
        Arc::new(Host {
            central,
            gateways: RwLock::new(Arc::new(wallet.gateways)),
            hosts: wallet.hosts,
            vault: wallet.vault,
            exchanges: Exchanges::default(),
            channel_keys,
            settings,
            bell: Notify::new(),
            looked_at: Mutex::default(),
        })
    }

    /// The backend as terminals see it.
    pub fn central(&self) -> &Arc<Central> {
        &self.central
    }

    /// The merchant accounts as they are now.
    pub fn gateways(&self) -> Arc<Gateways> {
        let held = self.gateways.read();
        Arc::clone(&held.unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes an account into use without a restart.
    pub(crate) fn put_gateway(&self, gateway: Arc<dyn Gateway>, holder: &str, active: bool) {
        let mut held = self
            .gateways
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut next = Gateways::clone(&held);
        next.put(gateway, holder, &self.hosts, active);
        *held = Arc::new(next);
    }

    /// Where the channels are.
    pub(crate) fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// Where merchant keys rest.
    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Addresses and pace.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The backend's clock.
    pub fn now(&self) -> Timestamp {
        self.central.env().now()
    }

    /// Runs an act of the store on a blocking thread; listeners and background work hear of it.
    ///
    /// # Errors
    /// Those of the act.
    pub async fn act<T: Send + 'static>(
        self: &Arc<Host>,
        act: impl FnOnce(&dyn Store, &Context<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, HostError> {
        let host = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || host.central.act(act)).await??;
        self.bell.notify_one();
        Ok(done)
    }

    /// Runs a read of the store on a blocking thread.
    ///
    /// # Errors
    /// Those of the read.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Host>,
        read: impl FnOnce(&dyn Store, &Context<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, HostError> {
        let host = Arc::clone(self);
        let read = move || read(host.central.store(), &host.central.context());
        Ok(tokio::task::spawn_blocking(read).await??)
    }

    /// Notes that a payer looks at this ask: its attempt is asked about more often.
    pub(crate) fn looked_at(&self, intent: IntentId) {
        let now = self.now();
        let mut held = self
            .looked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, at| now.since_ms(*at) < RECENT_MS);
        held.insert(intent, now);
    }

    /// Whether a payer looked at this ask within the last minute.
    pub(crate) fn recently_looked_at(&self, intent: IntentId) -> bool {
        let held = self
            .looked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        held.get(&intent)
            .is_some_and(|at| self.now().since_ms(*at) < RECENT_MS)
    }
}
