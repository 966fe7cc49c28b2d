//! A channel's own code, asked for by a terminal.

use super::signed::answer;
use crate::host::Host;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use std::sync::Arc;
use wire::code::CodeRequest;

/// `/v1/code`
pub(super) fn router(host: Arc<Host>) -> Router {
    Router::new().route("/v1/code", post(code)).with_state(host)
}

/// Places an order with a channel for its own code, or answers the code that is offered.
#[utoipa::path(post, path = "/v1/code",
    request_body(content = Object, description = "CodeRequest"),
    responses((status = 200, description = "CodeReply", body = Object),
        (status = 403, description = "Revoked", body = Object),
        (status = 422, description = "Refused, with the reason", body = Object),
        (status = 429, description = "Busy; see Retry-After", body = Object)))]
pub(super) async fn code(State(host): State<Arc<Host>>, request: Request) -> Response {
    answer(&host, request, |_, request: CodeRequest| {
        host.channel_code(request)
    })
    .await
}
