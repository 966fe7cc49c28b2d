//! The two faces of the backend: the terminals' API, on loopback when it is embedded, and the public
//! pages that phones and channels reach. They never share a listener, so that a page open to the
//! world has no path to a terminal's data.

mod bills;
mod codes;
mod events;
mod imports;
mod manage;
mod proxy;
mod signed;
mod slips;
mod terminals;
mod wallet;

use crate::host::Host;
use crate::{callbacks, cashier, metrics};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;
use std::future::IntoFuture as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tower_http::timeout::TimeoutLayer;

pub use terminals::openapi;

/// How long a request from the world may take, its slow sending included: longer than a channel's
/// whole answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// `/v1/…`, `/healthz`, `/metrics`.
pub fn api(host: Arc<Host>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics::show))
        .with_state(Arc::clone(&host))
        .merge(bills::router(Arc::clone(&host)))
        .merge(manage::router(Arc::clone(&host)))
        .merge(wallet::router(Arc::clone(&host)))
        .merge(slips::router(Arc::clone(&host)))
        .merge(codes::router(Arc::clone(&host)))
        .merge(imports::router(Arc::clone(&host)))
        .merge(terminals::router(host))
}

/// `/p/…`, `/callbacks/…`, `/healthz`.
pub fn public(host: Arc<Host>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .fallback(cashier::no_page)
        .with_state(Arc::clone(&host))
        .merge(cashier::router(Arc::clone(&host)))
        .merge(callbacks::router(host))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            PATIENCE,
        ))
}

/// Answers on both listeners until one of them fails.
///
/// # Errors
/// The listener's.
pub async fn serve(
    host: Arc<Host>,
    api_listener: TcpListener,
    public_listener: TcpListener,
) -> std::io::Result<()> {
    let proxies: Arc<[IpAddr]> = host.settings().proxies.clone().into();
    let with_peer = |router: Router| {
        let speaker = from_fn_with_state(Arc::clone(&proxies), proxy::speaker);
        router
            .layer(speaker)
            .into_make_service_with_connect_info::<SocketAddr>()
    };
    let terminals = axum::serve(api_listener, with_peer(api(Arc::clone(&host))));
    let payers = axum::serve(public_listener, with_peer(public(host)));
    tokio::try_join!(terminals.into_future(), payers.into_future())?;
    Ok(())
}

async fn healthz(State(host): State<Arc<Host>>) -> impl IntoResponse {
    match host.read(|store, cx| store.head(cx)).await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(%error, "not healthy");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the store can't be read; see the log\n",
            )
        }
    }
}
