//! The channels' bills, asked for and imported by finance's terminal.

use super::signed::{Admitted, admit, bad_field, failed, reply};
use crate::host::Host;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use std::sync::Arc;
use wire::bill::BillsRequest;

/// `/v1/bills`
pub(super) fn router(host: Arc<Host>) -> Router {
    Router::new()
        .route("/v1/bills", post(bills))
        .with_state(host)
}

/// Lists the channels' bills, shows one, fetches one and imports one from a file.
#[utoipa::path(post, path = "/v1/bills",
    request_body(content = Object, description = "BillsRequest"),
    responses((status = 200, description = "BillsReply", body = Object),
        (status = 403, description = "Revoked", body = Object),
        (status = 422, description = "Refused, with the reason", body = Object),
        (status = 429, description = "Busy; see Retry-After", body = Object)))]
pub(super) async fn bills(State(host): State<Arc<Host>>, request: Request) -> Response {
    let Admitted {
        terminal,
        nonce,
        body,
        gzip,
    } = match admit(&host, request).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let Ok(request) = serde_json::from_slice::<BillsRequest>(&body) else {
        return bad_field(&host, &nonce, "body");
    };
    match host.bills(terminal, request).await {
        Ok(answer) => reply(&host, &nonce, StatusCode::OK, &answer, gzip),
        Err(error) => failed(&host, &nonce, &error),
    }
}
