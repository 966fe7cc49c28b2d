//! The corporate wallet, asked by an administrator's terminal.

use super::signed::answer;
use crate::host::Host;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use std::sync::Arc;
use wire::wallet::WalletRequest;

/// `/v1/wallet`
pub(super) fn router(host: Arc<Host>) -> Router {
    Router::new()
        .route("/v1/wallet", post(wallet))
        .with_state(host)
}

/// Shows the corporate wallet, and binds, tests and activates merchant accounts and the mini program.
#[utoipa::path(post, path = "/v1/wallet",
    request_body(content = Object, description = "WalletRequest"),
    responses((status = 200, description = "WalletReply", body = Object),
        (status = 403, description = "Revoked", body = Object),
        (status = 422, description = "Refused, with the reason", body = Object),
        (status = 429, description = "Busy; see Retry-After", body = Object)))]
pub(super) async fn wallet(State(host): State<Arc<Host>>, request: Request) -> Response {
    answer(&host, request, |terminal, request: WalletRequest| {
        host.wallet(terminal, request)
    })
    .await
}
