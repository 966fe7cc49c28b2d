//! The company's terminals and work under review, asked by an administrator's or finance's terminal.

use super::signed::{Admitted, admit, bad_field, failed, reply};
use crate::host::Host;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use std::sync::Arc;
use wire::terminals::TerminalsRequest;

/// `/v1/terminals`
pub(super) fn router(host: Arc<Host>) -> Router {
    Router::new()
        .route("/v1/terminals", post(terminals))
        .with_state(host)
}

/// Shows the terminals, gives one-time codes, ends access; shows work under review and decides it.
#[utoipa::path(post, path = "/v1/terminals",
    request_body(content = Object, description = "TerminalsRequest"),
    responses((status = 200, description = "TerminalsReply", body = Object),
        (status = 403, description = "Revoked", body = Object),
        (status = 422, description = "Refused, with the reason", body = Object),
        (status = 429, description = "Busy; see Retry-After", body = Object)))]
pub(super) async fn terminals(State(host): State<Arc<Host>>, request: Request) -> Response {
    let Admitted {
        terminal,
        nonce,
        body,
        ..
    } = match admit(&host, request).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let Ok(request) = serde_json::from_slice::<TerminalsRequest>(&body) else {
        return bad_field(&host, &nonce, "body");
    };
    match host.manage(terminal, request).await {
        Ok(answer) => reply(&host, &nonce, StatusCode::OK, &answer, false),
        Err(error) => failed(&host, &nonce, &error),
    }
}
