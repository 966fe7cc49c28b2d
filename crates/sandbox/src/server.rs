//! Starting, routing and stopping.
//!
//! One listener serves the API, the wallets' pages, the phone and the control API, because a
//! merchant configures one address per channel and a demo should need one port.

use crate::delivery::Delivery;
use crate::keys::{Merchant, PlatformKeyKind, SandboxKeys, write_private};
use crate::state::{App, AppParts, Channel};
use crate::{Faults, OrderView, PayError, Payment, RefundStatus, SandboxError};
use crate::{control, phone, wechat_pay};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{any, get};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

/// Where the sandbox's time comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The computer's own clock.
#[must_use]
pub fn system_clock() -> Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the sandbox, which isn't linked to wire, meets real time"
    )]
    Arc::new(Timestamp::now)
}

/// Where the keys come from.
pub enum KeySource {
    /// A folder: read if it holds keys, otherwise made and kept. `merchant.json` goes there too.
    Folder(PathBuf),
    /// A set the caller already has.
    Given(SandboxKeys),
    /// New ones, forgotten at the end.
    Fresh,
}

/// How to start a sandbox. `SandboxConfig::default()` suits most tests.
pub struct SandboxConfig {
    /// Address to listen on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// How others reach it (`http://host:port`); by default the address listened on.
    pub public_url: Option<String>,
    /// The keys.
    pub keys: KeySource,
    /// Legal name of the merchant when keys are made.
    pub holder: String,
    /// Seed of all ids given out; `None` draws one, so that a restart repeats no number.
    pub seed: Option<u64>,
    /// Time.
    pub clock: Clock,
    /// Origins (`http://192.168.1.5:8470`) the phone may open although they aren't loopback.
    pub cashier_origins: Vec<String>,
    /// Callback retries wait the channels' own times divided by this; 1 is the real schedule.
    pub retry_divisor: u32,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            keys: KeySource::Fresh,
            holder: "锦绣家纺有限公司".to_owned(),
            seed: Some(1),
            clock: system_clock(),
            cashier_origins: Vec::new(),
            retry_divisor: 1,
        }
    }
}

/// The sandbox; see [`Sandbox::start`].
pub struct Sandbox;

/// A sandbox that runs until [`RunningSandbox::shutdown`] or until it is dropped.
pub struct RunningSandbox {
    app: Arc<App>,
    address: SocketAddr,
    merchant: Merchant,
    stop: tokio::sync::watch::Sender<bool>,
    server: tokio::task::JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox on the current tokio runtime; it answers when this returns.
    ///
    /// # Errors
    /// See [`SandboxError`].
    pub async fn start(config: SandboxConfig) -> Result<RunningSandbox, SandboxError> {
        // Whoever came first chose; the workspace has one provider, so it is the same one.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let now = (config.clock)();
        let (keys, folder) = match config.keys {
            KeySource::Given(keys) => (keys, None),
            KeySource::Fresh => (SandboxKeys::generate(&config.holder, now)?, None),
            KeySource::Folder(folder) => (
                SandboxKeys::load_or_generate(&folder, &config.holder, now)?,
                Some(folder),
            ),
        };
        let listen = |source| SandboxError::Listen {
            address: config.listen,
            source,
        };
        let listener = tokio::net::TcpListener::bind(config.listen)
            .await
            .map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let public_url = match config.public_url {
            Some(text) => origin_of(&text)?,
            None => format!("http://{}", reachable(address)),
        };
        let merchant = keys.merchant(&public_url)?;
        if let Some(folder) = folder {
            write_private(&folder.join("merchant.json"), &merchant)?;
        }
        let cashier_origins = config
            .cashier_origins
            .iter()
            .map(|text| parse(text).map(|url| url.origin()))
            .collect::<Result<_, _>>()?;
        let seed = match config.seed {
            Some(seed) => seed,
            None => crate::keys::random_seed()?,
        };
        let (stop, shutdown) = tokio::sync::watch::channel(false);
        let mut stopped = shutdown.clone();
        let app = Arc::new(App::new(AppParts {
            keys,
            clock: config.clock,
            seed,
            public_url,
            port: address.port(),
            cashier_origins,
            retry_divisor: config.retry_divisor,
            shutdown,
        })?);
        let service = router(Arc::clone(&app)).into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            let until = async move {
                // An error means the handle is gone, which is a reason to stop as well.
                let _ended = stopped.wait_for(|stop| *stop).await;
            };
            if let Err(error) = axum::serve(listener, service)
                .with_graceful_shutdown(until)
                .await
            {
                tracing::error!(%error, "the sandbox's listener ended");
            }
        });
        Ok(RunningSandbox {
            app,
            address,
            merchant,
            stop,
            server,
        })
    }
}

impl RunningSandbox {
    /// The address listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://host:port` at which others reach it.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.app.public_url
    }

    /// What a merchant configures at a backend; the same as `merchant.json`.
    #[must_use]
    pub fn merchant(&self) -> &Merchant {
        &self.merchant
    }

    /// The openid person `payer` (from 1) has at the merchant's app.
    #[must_use]
    pub fn openid(&self, payer: u32) -> String {
        self.app.keys.openid(payer)
    }

    /// The link that opens `cashier_link` on the sandbox's phone, wallet still to be chosen.
    #[must_use]
    pub fn phone_link(&self, cashier_link: &str) -> String {
        let link: String = url::form_urlencoded::byte_serialize(cashier_link.as_bytes()).collect();
        format!("{}/phone?link={link}", self.app.public_url)
    }

    /// Person `payer` pays an order without a phone. Alipay's code is opened by it as well.
    ///
    /// # Errors
    /// When no such order is payable now.
    pub fn pay(&self, out_trade_no: &str, payer: u32) -> Result<Payment, PayError> {
        control::pay(&self.app, out_trade_no, payer)
    }

    /// Person `payer` opens Alipay's code without paying, which is what makes the trade exist.
    ///
    /// # Errors
    /// When there is no such code, or it is over.
    pub fn open(&self, out_trade_no: &str, payer: u32) -> Result<(), PayError> {
        control::open(&self.app, out_trade_no, payer)
    }

    /// Sends an order's success notification again, `times` times at once.
    ///
    /// # Errors
    /// When the order isn't paid or asked for no notifications.
    pub fn notify_again(&self, out_trade_no: &str, times: u32) -> Result<(), PayError> {
        control::notify_again(&self.app, out_trade_no, times)
    }

    /// Replaces the faults to come.
    pub fn set_faults(&self, faults: Faults) {
        self.app.lock().faults = faults;
    }

    /// The faults that haven't fired yet.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.app.lock().faults.clone()
    }

    /// All orders of both channels.
    #[must_use]
    pub fn orders(&self) -> Vec<OrderView> {
        control::orders(&self.app)
    }

    /// What happened so far, by name (`wechat_pay.create`, `callback.accepted`, `fault.decline`).
    #[must_use]
    pub fn counters(&self) -> BTreeMap<String, u64> {
        self.app.lock().counters.clone()
    }

    /// Every attempt to deliver a callback so far, in order.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.app.lock().deliveries.clone()
    }

    /// Ends a WeChat Pay refund as told and calls the merchant, also one that had ended otherwise
    /// (a late success). False when there is none of this number.
    pub fn end_refund(&self, out_refund_no: &str, status: RefundStatus) -> bool {
        control::end_refund(&self.app, out_refund_no, status)
    }

    /// Publishes a new platform certificate and signs with it from now on; the old one still
    /// verifies. Returns the new serial.
    ///
    /// # Errors
    /// When OpenSSL can't make a key.
    pub fn rotate_certificate(&self) -> Result<String, SandboxError> {
        Ok(control::rotate_certificate(&self.app)?)
    }

    /// Which kind of key signs WeChat Pay callbacks from now on (and answers to a caller that
    /// names no key). With `PublicKey`, the default, both kinds are still served.
    pub fn sign_with(&self, kind: PlatformKeyKind) {
        self.app.lock().signing_kind = kind;
    }

    /// Ends it: no request is taken any more, retries to come are given up.
    pub async fn shutdown(mut self) {
        let _nobody_listens = self.stop.send(true);
        // A client that keeps its connection open must not keep the sandbox alive.
        let grace = std::time::Duration::from_secs(2);
        let _ended = tokio::time::timeout(grace, &mut self.server).await;
    }
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        let _nobody_listens = self.stop.send(true);
        self.server.abort();
    }
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/v3/{*rest}", any(wechat_pay::serve))
        .route("/alipay/bill", get(crate::alipay::bills::download))
        .route(
            "/sns/oauth2/access_token",
            get(wechat_pay::oauth::access_token),
        )
        .merge(phone::router())
        .nest("/control", control::router(Arc::clone(&app)))
        .fallback(phone::proxy::stray)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&app), date))
        .with_state(app)
}

/// Dates every answer by the sandbox's own clock: a client measures its skew from this header.
async fn date(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let date = app.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

fn parse(text: &str) -> Result<Url, SandboxError> {
    Url::parse(text).map_err(|source| SandboxError::Address {
        text: text.to_owned(),
        source,
    })
}

fn origin_of(text: &str) -> Result<String, SandboxError> {
    Ok(parse(text)?.origin().ascii_serialization())
}

/// An address others can name: "any address" is listened on, but can't be dialled.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()))
    } else {
        address
    }
}

/// Words for the log; secrets never pass through here.
pub(crate) fn log_paid(channel: Channel, out_trade_no: &str, fen: i64) {
    tracing::info!(channel = channel.name(), out_trade_no, fen, "paid");
}
