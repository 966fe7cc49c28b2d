//! What terminals call. Each handler turns a request into the protocol's own value, lets the
//! central answer on a blocking thread, and signs what it says.

use super::events;
use super::signed::{Admitted, admit, bad_field, failed, nonce_of, refused, reply};
use super::{codes, imports, slips, wallet};
use crate::host::{Host, HostError};
use crate::limit::Misses;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::id::TerminalId;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::sync::Arc;
use utoipa::OpenApi;
use wire::Cursor;
use wire::keys::Hash;
use wire::protocol::{
    CallError, Caller, EnrolRequest, Head, PullRequest, PushRequest, Refused, SnapshotRequest,
};

#[derive(Clone)]
struct Terminals {
    host: Arc<Host>,
    misses: Arc<Misses>,
}

/// `/v1/…`
pub(super) fn router(host: Arc<Host>) -> Router {
    Router::new()
        .route("/v1/enrol", post(enrol))
        .route("/v1/ops", post(push))
        .route("/v1/changes", get(pull))
        .route("/v1/snapshot", get(snapshot))
        .route("/v1/events", get(event_stream))
        .route("/v1/openapi.json", get(|| async { Json(openapi()) }))
        .with_state(Terminals {
            host,
            misses: Arc::default(),
        })
}

/// The API's description, generated from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Fieldtill terminals' API",
        description = "See docs/protocol.md: every request but \
        enrolment carries the headers fieldtill-terminal, -time, -nonce, -protocol and -signature; \
        every reply but the events stream carries fieldtill-signature over nonce, status and body. \
        Bodies are the messages of the crate `wire`."
    ),
    paths(
        enrol,
        push,
        pull,
        snapshot,
        event_stream,
        wallet::wallet,
        slips::slip,
        codes::code,
        imports::import
    )
)]
struct Description;

/// The API's description.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// Runs a call of the central on a blocking thread and answers it, signed.
async fn call<T: Serialize + Send + 'static>(
    host: &Arc<Host>,
    nonce: &str,
    gzip: bool,
    act: impl FnOnce(&crate::Central) -> Result<T, CallError> + Send + 'static,
) -> Response {
    let central = Arc::clone(host.central());
    let done = tokio::task::spawn_blocking(move || act(&central)).await;
    host.bell.notify_one();
    match done {
        Ok(Ok(value)) => reply(host, nonce, StatusCode::OK, &value, gzip),
        Ok(Err(CallError::Refused(why))) => refused(host, nonce, &why),
        // Logged where it arose; the terminal keeps its work and comes again.
        Ok(Err(CallError::Unreachable(_))) => refused(host, nonce, &Refused::Busy { seconds: 5 }),
        Err(error) => failed(host, nonce, &HostError::Stopped(error)),
    }
}

/// Enrols a terminal by one-time code.
#[utoipa::path(post, path = "/v1/enrol", request_body(content = Object, description = "EnrolRequest"),
    responses((status = 200, description = "EnrolReply", body = Object),
        (status = 422, description = "The code is wrong, used or too old", body = Object),
        (status = 426, description = "Protocol version", body = Object),
        (status = 429, description = "Too many wrong codes", body = Object)))]
async fn enrol(
    State(Terminals { host, misses }): State<Terminals>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    let Some(nonce) = nonce_of(&headers) else {
        return (StatusCode::BAD_REQUEST, "the request has no nonce\n").into_response();
    };
    let now = host.now();
    if misses.blocked(peer.ip(), now) {
        return refused(&host, &nonce, &Refused::Busy { seconds: 60 });
    }
    let Ok(request) = serde_json::from_slice::<EnrolRequest>(&body) else {
        return bad_field(&host, &nonce, "body");
    };
    let response = call(&host, &nonce, false, move |central| {
        central.enrol_now(&request)
    })
    .await;
    if response.status() == StatusCode::UNPROCESSABLE_ENTITY {
        misses.count(peer.ip(), now);
        tracing::warn!(target: "audit", %peer, "enrolment with a code that is not good");
    }
    response
}

/// Takes a run of operations.
#[utoipa::path(post, path = "/v1/ops", request_body(content = Object, description = "PushRequest"),
    responses((status = 200, description = "PushReply", body = Object),
        (status = 403, description = "Revoked", body = Object),
        (status = 409, description = "Forked, or a new epoch", body = Object),
        (status = 429, description = "Busy; see Retry-After", body = Object)))]
async fn push(State(Terminals { host, .. }): State<Terminals>, request: Request) -> Response {
    let Admitted {
        terminal,
        nonce,
        body,
        ..
    } = match admit(&host, request).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let parsed = tokio::task::spawn_blocking(move || serde_json::from_slice::<PushRequest>(&body));
    match parsed.await {
        Ok(Ok(request)) if request.caller.terminal == terminal => {
            call(&host, &nonce, false, move |central| {
                central.push_now(&request)
            })
            .await
        }
        Ok(Ok(_)) => bad_field(&host, &nonce, "terminal"),
        Ok(Err(_)) => bad_field(&host, &nonce, "body"),
        Err(error) => failed(&host, &nonce, &HostError::Stopped(error)),
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PullQuery {
    /// `<epoch>.<seq>.<tag>`
    #[param(value_type = String)]
    after: Cursor,
    /// Tickets that the terminal still has.
    tickets: u32,
    /// The incarnation of the terminal's log.
    incarnation: u32,
    /// The log's last operation.
    seq: u64,
    /// Its hash.
    #[param(value_type = String)]
    hash: Hash,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SnapshotQuery {
    /// Token of the last page; none to begin.
    resume: Option<String>,
    /// The incarnation of the terminal's log.
    incarnation: u32,
    /// The log's last operation.
    seq: u64,
    /// Its hash.
    #[param(value_type = String)]
    hash: Hash,
}

fn caller(terminal: TerminalId, incarnation: u32, seq: u64, hash: Hash) -> Caller {
    Caller {
        terminal,
        head: Head {
            incarnation,
            seq,
            hash,
        },
    }
}

/// Answers what happened since a cursor.
#[utoipa::path(get, path = "/v1/changes", params(PullQuery),
    responses((status = 200, description = "PullReply", body = Object),
        (status = 403, description = "Revoked", body = Object),
        (status = 409, description = "Forked, or a new epoch", body = Object),
        (status = 429, description = "Busy; see Retry-After", body = Object)))]
async fn pull(State(Terminals { host, .. }): State<Terminals>, request: Request) -> Response {
    let query = Query::<PullQuery>::try_from_uri(request.uri());
    let Admitted {
        terminal,
        nonce,
        gzip,
        ..
    } = match admit(&host, request).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let Ok(Query(query)) = query else {
        return bad_field(&host, &nonce, "query");
    };
    let caller = caller(terminal, query.incarnation, query.seq, query.hash);
    let request = PullRequest {
        caller,
        after: query.after,
        tickets: query.tickets,
    };
    call(&host, &nonce, gzip, move |central| {
        central.pull_now(&request)
    })
    .await
}

/// Answers a page of the whole state.
#[utoipa::path(get, path = "/v1/snapshot", params(SnapshotQuery),
    responses((status = 200, description = "SnapshotPage", body = Object),
        (status = 403, description = "Revoked", body = Object),
        (status = 409, description = "Forked, or a new epoch", body = Object)))]
async fn snapshot(State(Terminals { host, .. }): State<Terminals>, request: Request) -> Response {
    let query = Query::<SnapshotQuery>::try_from_uri(request.uri());
    let Admitted {
        terminal,
        nonce,
        gzip,
        ..
    } = match admit(&host, request).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let Ok(Query(query)) = query else {
        return bad_field(&host, &nonce, "query");
    };
    let caller = caller(terminal, query.incarnation, query.seq, query.hash);
    let request = SnapshotRequest {
        caller,
        resume: query.resume,
    };
    call(&host, &nonce, gzip, move |central| {
        central.snapshot_now(&request)
    })
    .await
}

/// Pokes with the newest number of the feed, as server-sent events.
#[utoipa::path(get, path = "/v1/events",
    responses((status = 200, description = "text/event-stream; `data: <newest number>`")))]
async fn event_stream(
    State(Terminals { host, .. }): State<Terminals>,
    request: Request,
) -> Response {
    match admit(&host, request).await {
        Ok(_) => events::stream(&host).into_response(),
        Err(response) => response,
    }
}
