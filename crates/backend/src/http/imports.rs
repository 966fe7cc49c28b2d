//! Files that an administrator's terminal brings in.

use super::signed::{Admitted, admit, bad_field, failed, reply};
use crate::host::Host;
use crate::import::Upload;
use crate::store::Act;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use std::sync::Arc;
use wire::import::ImportRequest;

/// Most characters of a file's name.
const NAME_CHARS: usize = 200;

/// `/v1/import`
pub(super) fn router(host: Arc<Host>) -> Router {
    Router::new()
        .route("/v1/import", post(import))
        .with_state(host)
}

/// Looks at a file of products, prices, distributors or staff, or takes it, whole or not at all.
#[utoipa::path(post, path = "/v1/import",
    request_body(content = Object, description = "ImportRequest"),
    responses((status = 200, description = "ImportReport", body = Object),
        (status = 403, description = "Revoked", body = Object),
        (status = 422, description = "Refused, with the reason", body = Object),
        (status = 429, description = "Busy; see Retry-After", body = Object)))]
pub(super) async fn import(State(host): State<Arc<Host>>, request: Request) -> Response {
    let Admitted {
        terminal,
        nonce,
        body,
        ..
    } = match admit(&host, request).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let Ok(request) = serde_json::from_slice::<ImportRequest>(&body) else {
        return bad_field(&host, &nonce, "body");
    };
    drop(body);
    let Some(bytes) = request.open() else {
        return bad_field(&host, &nonce, "file");
    };
    let ImportRequest {
        staff,
        kind,
        name,
        take,
        ..
    } = request;
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return bad_field(&host, &nonce, "name");
    }
    let act = Act { staff, terminal };
    let done = host
        .act(move |store, cx| store.import(cx, act, &Upload::new(kind, name, bytes), take))
        .await;
    match done {
        Ok(report) => reply(&host, &nonce, StatusCode::OK, &report, false),
        Err(error) => failed(&host, &nonce, &error),
    }
}
