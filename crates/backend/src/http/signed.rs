//! Requests are signed by a terminal's key and replies by the backend's (rule 9.2). What is answered
//! before a request has verified carries no signature: a proxy that changed a header must not be
//! able to fetch a "revoked" that the terminal would believe.
//!
//! A terminal whose clock is off by more than [`REQUEST_SKEW_MS`] is answered 401 with the backend's
//! time in the signed body (`"at"`, milliseconds): it signs again with its clock corrected by the
//! difference. So a wrong clock never stops sync, and a request that somebody recorded is worth
//! nothing once its time is over; within it, its nonce is remembered.

use crate::central::REQUEST_SKEW_MS;
use crate::host::{Host, HostError};
use crate::store::StoreError;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::code::Code;
use domain::id::TerminalId;
use domain::{Timestamp, time::MINUTE_MS};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write as _;
use std::sync::Arc;
use wire::protocol::Refused;
use wire::request::{NONCE, PROTOCOL, RequestText, SIGNATURE, TERMINAL, TIME, VERSION, sign_reply};
use wire::{PROTOCOL_VERSION, PublicKey, Signature};

/// Largest request: a batch of 50 of the largest orders.
const LARGEST: usize = 64 << 20;
/// Below this, compressing a reply saves nothing.
const COMPRESS_FROM: usize = 1 << 10;

/// A request that one of our terminals signed.
pub(super) struct Admitted {
    pub(super) terminal: TerminalId,
    pub(super) nonce: String,
    pub(super) body: Vec<u8>,
    pub(super) gzip: bool,
}

struct Signs {
    terminal: TerminalId,
    time: Timestamp,
    nonce: String,
    signature: Signature,
    protocol: u16,
}

impl Signs {
    fn of(headers: &HeaderMap) -> Option<Signs> {
        let one = |name: &str| headers.get(name)?.to_str().ok();
        let nonce = one(NONCE).filter(|nonce| usable(nonce))?;
        Some(Signs {
            terminal: one(TERMINAL)?.parse().ok()?,
            time: Timestamp(one(TIME)?.parse().ok()?),
            nonce: nonce.to_owned(),
            signature: one(SIGNATURE)?.parse().ok()?,
            protocol: one(PROTOCOL)?.parse().ok()?,
        })
    }
}

fn usable(nonce: &str) -> bool {
    (16..=64).contains(&nonce.len()) && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The nonce of an unsigned request, when it has one that can be answered to.
pub(super) fn nonce_of(headers: &HeaderMap) -> Option<String> {
    let nonce = headers.get(NONCE)?.to_str().ok()?;
    usable(nonce).then(|| nonce.to_owned())
}

fn unsigned(status: StatusCode, words: &'static str) -> Response {
    (status, words).into_response()
}

/// Answers a request whose body is one question of a kind, by whichever terminal asks.
pub(super) async fn answer<Q, A, F>(
    host: &Arc<Host>,
    request: Request,
    answer: impl FnOnce(TerminalId, Q) -> F,
) -> Response
where
    Q: DeserializeOwned,
    A: Serialize,
    F: Future<Output = Result<A, HostError>>,
{
    let Admitted {
        terminal,
        nonce,
        body,
        ..
    } = match admit(host, request).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let Ok(question) = serde_json::from_slice(&body) else {
        return bad_field(host, &nonce, "body");
    };
    match answer(terminal, question).await {
        Ok(answer) => reply(host, &nonce, StatusCode::OK, &answer, false),
        Err(error) => failed(host, &nonce, &error),
    }
}

/// Checks a request, or says what to answer instead.
pub(super) async fn admit(host: &Arc<Host>, request: Request) -> Result<Admitted, Response> {
    checked(host, request, false).await
}

/// The same, for what a revoked terminal may still do: hand over its work.
pub(super) async fn admit_revoked(
    host: &Arc<Host>,
    request: Request,
) -> Result<Admitted, Response> {
    checked(host, request, true).await
}

async fn checked(
    host: &Arc<Host>,
    request: Request,
    revoked_too: bool,
) -> Result<Admitted, Response> {
    let (parts, body) = request.into_parts();
    let Some(signs) = Signs::of(&parts.headers) else {
        return Err(unsigned(
            StatusCode::BAD_REQUEST,
            "the request is not signed\n",
        ));
    };
    let terminal = signs.terminal;
    let keys = host.read(move |store, cx| {
        Ok((
            store.terminal_key(cx, terminal)?,
            store.revoked_key(cx, terminal)?,
        ))
    });
    let (key, revoked): (Option<PublicKey>, Option<PublicKey>) = keys
        .await
        .map_err(|error| failed(host, &signs.nonce, &error))?;
    let Some(known) = key.or(revoked) else {
        return Err(unsigned(
            StatusCode::UNAUTHORIZED,
            "no terminal has this key\n",
        ));
    };
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let body = axum::body::to_bytes(body, LARGEST)
        .await
        .map_err(|_| unsigned(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large\n"))?;
    let text = RequestText {
        method: parts.method.as_str(),
        target,
        terminal,
        time: signs.time,
        nonce: &signs.nonce,
        body: &body,
    };
    if text.verify(&known, &signs.signature).is_err() {
        tracing::warn!(target: "audit", %terminal, target, "a request's signature does not verify");
        return Err(unsigned(
            StatusCode::UNAUTHORIZED,
            "the signature does not verify\n",
        ));
    }
    if key.is_none() && !revoked_too {
        return Err(refused(host, &signs.nonce, &Refused::Revoked));
    }
    if signs.protocol != PROTOCOL_VERSION {
        let (least, most) = (PROTOCOL_VERSION, PROTOCOL_VERSION);
        let asked = signs.protocol;
        return Err(refused(
            host,
            &signs.nonce,
            &Refused::Version { asked, least, most },
        ));
    }
    let now = host.now();
    if now.0.abs_diff(signs.time.0) > REQUEST_SKEW_MS.unsigned_abs() {
        let minutes = now.since_ms(signs.time) / MINUTE_MS;
        tracing::info!(%terminal, minutes, "a terminal's clock is off");
        return Err(stale(host, &signs.nonce, "time", now));
    }
    if !host
        .central()
        .remember_nonce(terminal, &signs.nonce, signs.time.0)
    {
        return Err(stale(host, &signs.nonce, "nonce", now));
    }
    if let Some(Ok(version)) = parts.headers.get(VERSION).map(HeaderValue::to_str) {
        host.central().note_version(terminal, version);
    }
    let gzip = parts
        .headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|part| part.trim().starts_with("gzip")));
    Ok(Admitted {
        terminal,
        nonce: signs.nonce,
        body: body.to_vec(),
        gzip,
    })
}

/// The backend's time, with a refusal that older readers understand.
#[derive(Serialize)]
struct Stale {
    #[serde(flatten)]
    refused: Refused,
    at: Timestamp,
}

fn stale(host: &Host, nonce: &str, field: &str, at: Timestamp) -> Response {
    let refused = Refused::Rule {
        reason: Code::BadField {
            field: field.to_owned(),
        },
    };
    reply(
        host,
        nonce,
        StatusCode::UNAUTHORIZED,
        &Stale { refused, at },
        false,
    )
}

/// A signed reply. The signature covers the JSON, whether or not it travels compressed.
pub(super) fn reply(
    host: &Host,
    nonce: &str,
    status: StatusCode,
    body: &impl Serialize,
    gzip: bool,
) -> Response {
    let json = match serde_json::to_vec(body) {
        Ok(json) => json,
        Err(error) => {
            tracing::error!(%error, "a reply can't be written");
            return unsigned(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the reply can't be written\n",
            );
        }
    };
    let signature = sign_reply(host.central().key(), nonce, status.as_u16(), &json);
    let packed = if gzip && json.len() >= COMPRESS_FROM {
        pack(&json)
    } else {
        None
    };
    let is_packed = packed.is_some();
    let mut response = Response::new(Body::from(packed.unwrap_or(json)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(signature) = HeaderValue::from_str(&signature.to_string()) {
        headers.insert(SIGNATURE, signature);
    }
    response
}

fn pack(json: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(json).ok()?;
    encoder.finish().ok()
}

/// A signed refusal under the status that says which.
pub(super) fn refused(host: &Host, nonce: &str, refused: &Refused) -> Response {
    let status = match refused {
        Refused::NewEpoch { .. } | Refused::Forked { .. } => StatusCode::CONFLICT,
        Refused::Revoked => StatusCode::FORBIDDEN,
        Refused::Version { .. } => StatusCode::UPGRADE_REQUIRED,
        Refused::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refused::Rule { .. } => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut response = reply(host, nonce, status, refused, false);
    if let Refused::Busy { seconds } = refused {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

/// Refuses a request with a part that can't be used.
pub(super) fn bad_field(host: &Host, nonce: &str, field: &str) -> Response {
    let reason = Code::BadField {
        field: field.to_owned(),
    };
    refused(host, nonce, &Refused::Rule { reason })
}

/// A failure of ours: the terminal keeps its work and asks again.
pub(super) fn failed(host: &Host, nonce: &str, error: &HostError) -> Response {
    if let HostError::Store(StoreError::Refused(why)) = error {
        return refused(host, nonce, why);
    }
    tracing::error!(%error, "a request failed");
    let mut response = refused(host, nonce, &Refused::Busy { seconds: 5 });
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response
}
