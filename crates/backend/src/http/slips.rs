//! Photos of slips, for whoever decides on a collection at another terminal.

use super::signed::answer;
use crate::host::Host;
use crate::store::StoreError;
use axum::Router;
use axum::extract::{Request, State};
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
    answer(&host, request, async |_, SlipRequest { sha256 }| {
        let held = host.read(move |store, cx| store.slip(cx, &sha256)).await?;
        let held = held.ok_or_else(|| {
            let what = "slip".into();
            let reason = Code::NotFound { what };
            StoreError::from(Refused::Rule { reason })
        })?;
        Ok(Slip::of(&held))
    })
    .await
}
