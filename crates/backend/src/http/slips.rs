//! Photos of slips, for whoever decides on a collection at another terminal.

use super::signed::{Admitted, admit, bad_field, failed, refused, reply};
use crate::host::Host;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use domain::code::Code;
use std::sync::Arc;
use wire::protocol::Refused;
use wire::slip::{Slip, SlipRequest};

/// `/v1/slip`
pub(super) fn router(host: Arc<Host>) -> Router {
    Router::new().route("/v1/slip", post(slip)).with_state(host)
}

/// The photo of a slip by its SHA-256.
#[utoipa::path(post, path = "/v1/slip",
    request_body(content = Object, description = "SlipRequest"),
    responses((status = 200, description = "Slip", body = Object),
        (status = 403, description = "Revoked", body = Object),
        (status = 422, description = "Not here", body = Object),
        (status = 429, description = "Busy; see Retry-After", body = Object)))]
pub(super) async fn slip(State(host): State<Arc<Host>>, request: Request) -> Response {
    let Admitted { nonce, body, .. } = match admit(&host, request).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let Ok(SlipRequest { sha256 }) = serde_json::from_slice(&body) else {
        return bad_field(&host, &nonce, "body");
    };
    match host.read(move |store, cx| store.slip(cx, &sha256)).await {
        Ok(Some(jpeg)) => reply(&host, &nonce, StatusCode::OK, &Slip::of(&jpeg), false),
        Ok(None) => {
            let reason = Code::NotFound {
                what: "slip".into(),
            };
            refused(&host, &nonce, &Refused::Rule { reason })
        }
        Err(error) => failed(&host, &nonce, &error),
    }
}
