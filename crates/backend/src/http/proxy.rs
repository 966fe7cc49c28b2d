//! Who speaks when a proxy stands in front. Behind one, every request comes from its address: then a
//! stranger's guessing would shut all payers out, and WeChat's H5 page, which wants the payer's own
//! address, would turn everybody away. A proxy that the operator names is believed about whom it
//! speaks for; nobody else's header is looked at.

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Puts the speaker's address where the proxy's stood.
pub(super) async fn speaker(
    State(proxies): State<Arc<[IpAddr]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if let Some(ConnectInfo(from)) = from
        && let Some(speaker) = behind(&proxies, from.ip(), request.headers())
    {
        let speaker = ConnectInfo(SocketAddr::new(speaker, 0));
        request.extensions_mut().insert(speaker);
    }
    next.run(request).await
}

/// For whom the proxies speak: each adds who it heard to the end of the header, so the last address
/// that is no proxy's is the speaker's, and whatever stands before it anybody can have written.
fn behind(proxies: &[IpAddr], from: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
    let known = |address: &IpAddr| proxies.contains(address);
    if !known(&from.to_canonical()) {
        return None;
    }
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let mut named = lines
        .flat_map(|line| line.to_str().unwrap_or_default().rsplit(','))
        .map(|word| address(word.trim()));
    // A word that is no address ends it: what stands before was never seen by a proxy of ours.
    named
        .find(|address| !address.as_ref().is_some_and(known))
        .flatten()
}

/// With or without a port.
fn address(word: &str) -> Option<IpAddr> {
    let bare = word.parse::<IpAddr>();
    let address = bare.or_else(|_| word.parse::<SocketAddr>().map(|at| at.ip()));
    Some(address.ok()?.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_a_named_proxy_is_believed_and_only_about_whom_it_heard() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let proxies = [ip("127.0.0.1"), ip("10.0.0.2")];
        for (from, lines, speaker) in [
            ("127.0.0.1", &["203.0.113.7"][..], Some("203.0.113.7")),
            ("::ffff:127.0.0.1", &["203.0.113.7"], Some("203.0.113.7")),
            ("127.0.0.1", &["1.1.1.1, 203.0.113.7"], Some("203.0.113.7")),
            ("127.0.0.1", &["203.0.113.7,10.0.0.2"], Some("203.0.113.7")),
            (
                "127.0.0.1",
                &["1.1.1.1", "203.0.113.7"],
                Some("203.0.113.7"),
            ),
            ("127.0.0.1", &["[2001:db8::1]:443"], Some("2001:db8::1")),
            ("127.0.0.1", &["203.0.113.7:9000"], Some("203.0.113.7")),
            ("127.0.0.1", &["1.1.1.1, nonsense"], None),
            ("127.0.0.1", &["10.0.0.2"], None),
            ("127.0.0.1", &[], None),
            ("203.0.113.7", &["1.1.1.1"], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_static(line));
            }
            let found = behind(&proxies, ip(from), &headers);
            assert_eq!(found, speaker.map(ip), "{from} {lines:?}");
        }
    }
}
