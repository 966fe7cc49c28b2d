//! What channels call. A callback is believed only once its signature is checked over the bytes as
//! they came; then it is stored, answered in the channel's own words, and worked on as a job, so
//! that a crash in between loses nothing. One that doesn't verify changes nothing: it leaves a line
//! in the log and a count. Settlement never waits for any of this (rule 6.11).

use crate::host::{Host, HostError};
use crate::store::RawCallback;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use domain::channel::Channel;
use gateways::{CallbackError, CallbackReply, Headers, Notice};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// No callback of either channel is near this.
const LARGEST: usize = 256 << 10;

/// Callbacks by what became of them, since the program started.
#[derive(Debug, Default)]
pub struct Counts {
    accepted: AtomicU64,
    refused: AtomicU64,
}

/// Those of this process.
pub(crate) static COUNTS: Counts = Counts {
    accepted: AtomicU64::new(0),
    refused: AtomicU64::new(0),
};

impl Counts {
    /// Accepted and refused.
    pub(crate) fn read(&self) -> (u64, u64) {
        (
            self.accepted.load(Ordering::Relaxed),
            self.refused.load(Ordering::Relaxed),
        )
    }
}

/// `POST /callbacks/wechat_pay` and `/callbacks/alipay`.
pub fn router(host: Arc<Host>) -> Router {
    Router::new()
        .route("/callbacks/{channel}", post(take))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(host)
}

async fn take(
    State(host): State<Arc<Host>>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let channel = match channel.as_str() {
        "wechat_pay" => Channel::WechatPay,
        "alipay" => Channel::Alipay,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let pairs = plain(&headers);
    let words = host
        .gateways()
        .of_channel(channel)
        .next()
        .map(|g| g.callback_reply(false));
    let Some(refusal) = words else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let raw = RawCallback {
        channel,
        headers: serde_json::to_string(&pairs).unwrap_or_default(),
        body: body.to_vec(),
        received_at: host.now(),
    };
    if let Err(why) = verified(&host, &raw) {
        COUNTS.refused.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(target: "audit", ?channel, %why, bytes = body.len(), "callback refused");
        return say(refusal, refusal.status);
    }
    match host
        .act(move |store, cx| store.store_callback(cx, &raw))
        .await
    {
        Ok(_) => {
            COUNTS.accepted.fetch_add(1, Ordering::Relaxed);
            let words = host
                .gateways()
                .of_channel(channel)
                .next()
                .map(|g| g.callback_reply(true));
            words.map_or(StatusCode::OK.into_response(), |words| {
                say(words, words.status)
            })
        }
        Err(error) => {
            // The channel will call again.
            tracing::error!(%error, "a callback could not be stored");
            say(refusal, 500)
        }
    }
}

fn say(words: CallbackReply, status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, words.body).into_response();
    match words.content_type {
        Some(kind) => {
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        None => {
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
    }
    response
}

/// Header names and values; what is not visible ASCII was never signed.
fn plain(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect()
}

/// Reads it with whichever account of the channel it verifies for, as at the time it came: what was
/// acknowledged then is worked on however late that is.
fn verified(host: &Host, raw: &RawCallback) -> Result<Notice, CallbackError> {
    let pairs = serde_json::from_str(&raw.headers).unwrap_or_default();
    let (headers, at_ms) = (Headers::new(pairs), raw.received_at.0);
    let mut last = CallbackError::BadSignature;
    for gateway in host.gateways().of_channel(raw.channel) {
        match gateway.read_stored_callback(&headers, &raw.body, at_ms) {
            Ok(notice) => return Ok(notice),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Works on a stored callback: the job behind [`router`].
///
/// # Errors
/// The store's; the job is then done again.
pub(crate) async fn process(host: &Arc<Host>, id: Uuid) -> Result<(), HostError> {
    let Some(raw) = host.read(move |store, cx| store.callback(cx, id)).await? else {
        return Ok(());
    };
    let outcome = match verified(host, &raw) {
        Ok(Notice::Payment(evidence)) => {
            let settled = host
                .act(move |store, cx| store.settle(cx, &evidence))
                .await?;
            format!("{settled:?}")
        }
        Ok(Notice::Refund(evidence)) => {
            let settled = host
                .act(move |store, cx| store.settle_refund(cx, &evidence))
                .await?;
            format!("refund {settled:?}")
        }
        Ok(Notice::Other { event }) => format!("nothing to do: {event}"),
        // It verified when it came; the account's keys may have been taken out since.
        Err(error) => format!("left to the queries: {error}"),
    };
    tracing::info!(callback = %id, outcome, "callback worked on");
    host.act(move |store, cx| store.callback_outcome(cx, id, &outcome))
        .await
}
