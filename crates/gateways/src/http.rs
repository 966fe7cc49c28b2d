//! The connection to a channel: explicit limits, no redirects (a signed request is for one host
//! only), and the whole answer as bytes, because signatures are over bytes.

use crate::error::{ConfigError, Why};
use crate::headers::Headers;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(3);
const TOTAL: Duration = Duration::from_secs(8);
/// No answer read here is near this; a longer one is not the channel's.
const MAX_BODY: usize = 1024 * 1024;
/// A file may take longer than an answer.
pub(crate) const DOWNLOAD: Duration = Duration::from_secs(20);
/// Sent with every request: WeChat Pay refuses one without.
const USER_AGENT: &str = concat!("fieldtill-gateways/", env!("CARGO_PKG_VERSION"));

/// The client for all gateways of a process: connects within 3 s, answers within 8 s, follows no
/// redirect. Installs ring as the process's TLS provider unless one is installed already.
pub fn http_client() -> Result<reqwest::Client, ConfigError> {
    // An error means that a provider is there: reqwest then uses that one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(USER_AGENT)
        .build()
        .map_err(|error| ConfigError::HttpClient(error.to_string()))
}

/// A whole answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// Sends a request and reads the whole answer.
pub(crate) async fn send(http: &reqwest::Client, request: reqwest::Request) -> Result<Reply, Why> {
    send_for(http, request, MAX_BODY).await
}

/// Sends a request and reads the whole answer, up to `max` bytes of it.
pub(crate) async fn send_for(
    http: &reqwest::Client,
    request: reqwest::Request,
    max: usize,
) -> Result<Reply, Why> {
    // The URL may hold a code or a number that does not belong in a log.
    let lost = |error: reqwest::Error| Why::Transport(chain(&error.without_url()));
    let mut response = http.execute(request).await.map_err(lost)?;
    let status = response.status().as_u16();
    let headers = Headers::from(response.headers());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > max {
            let longer = format!("the answer is longer than {max} bytes");
            return Err(Why::Transport(longer));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply {
        status,
        headers,
        body,
    })
}

/// An error and its causes: "error sending request" alone says nothing.
fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", chain(cause)),
        None => error.to_string(),
    }
}
