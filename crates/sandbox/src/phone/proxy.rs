//! The reverse proxy: the cashier's page as the wallet's browser shows it.
//!
//! Added to what the cashier sends: the bridge script in WeChat, and our prefix before addresses
//! on the cashier's own host. Taken away: the content security policy and framing rules, because
//! a wallet adds its bridge and its payment sheet from outside the page, where no policy reaches.
//! Addresses that a script builds come without the prefix; `stray` knows them by the cookie.

use super::{COOKIE, InPhone, Phone, Wallet, allowed};
use crate::html::{Language, page, text};
use crate::state::App;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use url::Url;

/// `/phone/{session}/…`
pub(super) async fn cashier(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    phone: InPhone,
    request: Request,
) -> Response {
    let Some(phone) = phone.0 else {
        return refuse(request.headers(), StatusCode::NOT_FOUND, GONE);
    };
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let target = target
        .strip_prefix(&phone.cashier_prefix())
        .unwrap_or(target)
        .to_owned();
    forward(&app, peer, &phone, &target, request).await
}

/// Any address nobody else answers: the cashier's, when a phone asks.
pub(crate) async fn stray(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    phone: InPhone,
    request: Request,
) -> Response {
    let Some(phone) = phone.0 else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str())
        .to_owned();
    forward(&app, peer, &phone, &target, request).await
}

type Words = (&'static str, &'static str);
const GONE: Words = ("请重新扫码", "Please scan the code again");
const OUTSIDE: Words = (
    "演练手机不能打开这个地址",
    "The sandbox's phone can't open this address",
);
const SILENT: Words = ("收银台没有应答", "The cashier doesn't answer");

fn refuse(headers: &HeaderMap, status: StatusCode, (zh, en): Words) -> Response {
    let language = Language::of(headers);
    let words = language.pick(zh, en);
    (
        status,
        page(language, words, &format!("<h1>{}</h1>", text(words))),
    )
        .into_response()
}

async fn forward(
    app: &App,
    peer: SocketAddr,
    phone: &Phone,
    target: &str,
    request: Request,
) -> Response {
    let url = phone
        .cashier
        .as_ref()
        .map(|cashier| on_host_of(cashier, target));
    // Asked again at each request: another caller may have come by the phone's id.
    let Some(url) = url.filter(|url| allowed(app, peer.ip(), url)) else {
        return refuse(request.headers(), StatusCode::FORBIDDEN, OUTSIDE);
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 4 << 20).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let sent = app
        .browser
        .request(parts.method.clone(), url.clone())
        .headers(outward(app, phone, &parts.headers))
        .body(body)
        .send()
        .await;
    let answer = match sent {
        Ok(answer) => answer,
        Err(error) => {
            tracing::warn!(%error, "the cashier doesn't answer");
            return refuse(&parts.headers, StatusCode::BAD_GATEWAY, SILENT);
        }
    };
    let status = answer.status();
    let mut headers = match inward(app, phone, &url, answer.headers()) {
        Some(headers) => headers,
        None => return refuse(&parts.headers, StatusCode::FORBIDDEN, OUTSIDE),
    };
    let is_html = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"));
    let body = if is_html {
        match answer.text().await {
            Ok(html) => Body::from(dress(app, phone, &html, is_page(&parts.headers))),
            Err(_) => return refuse(&parts.headers, StatusCode::BAD_GATEWAY, SILENT),
        }
    } else {
        Body::from_stream(answer.bytes_stream())
    };
    headers.remove(header::CONTENT_LENGTH);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// `target` (a path and query) on the cashier's own host. Not `Url::join`: it reads `//host` and
/// `/\host` as other hosts.
fn on_host_of(cashier: &Url, target: &str) -> Url {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let mut url = cashier.clone();
    url.set_path(path);
    url.set_query(query);
    url.set_fragment(None);
    url
}

/// Headers that belong to one connection, or that the proxy sets itself.
const NOT_FORWARDED: [HeaderName; 9] = [
    header::HOST,
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::CONTENT_LENGTH,
    header::ACCEPT_ENCODING,
    header::USER_AGENT,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
];

fn outward(app: &App, phone: &Phone, from: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in from {
        if NOT_FORWARDED.contains(name) {
            continue;
        }
        let value = match *name {
            header::COOKIE => own_cookie_removed(value),
            header::ORIGIN => phone.cashier.as_ref().and_then(|cashier| {
                HeaderValue::from_str(&cashier.origin().ascii_serialization()).ok()
            }),
            header::REFERER => referer(app, phone, value),
            _ => Some(value.clone()),
        };
        if let Some(value) = value {
            headers.append(name.clone(), value);
        }
    }
    headers.insert(
        header::USER_AGENT,
        HeaderValue::from_static(phone.wallet.user_agent()),
    );
    headers
}

fn own_cookie_removed(value: &HeaderValue) -> Option<HeaderValue> {
    let kept: Vec<&str> = value
        .to_str()
        .ok()?
        .split(';')
        .map(str::trim)
        .filter(|cookie| !cookie.starts_with(COOKIE))
        .collect();
    HeaderValue::from_str(&kept.join("; "))
        .ok()
        .filter(|value| !value.is_empty())
}

/// The page the payer came from, as the cashier knows it; none for the wallet's own pages.
fn referer(app: &App, phone: &Phone, value: &HeaderValue) -> Option<HeaderValue> {
    let from = Url::parse(value.to_str().ok()?).ok()?;
    if from.path().starts_with(&phone.wallet_prefix()) || !app.is_own(&from) {
        return None;
    }
    let path = from
        .path()
        .strip_prefix(&phone.cashier_prefix())
        .unwrap_or(from.path());
    let page = on_host_of(phone.cashier.as_ref()?, path);
    HeaderValue::from_str(page.as_str()).ok()
}

/// The answer's headers for the browser; `None` when it leads where the phone may not go.
fn inward(app: &App, phone: &Phone, asked: &Url, from: &HeaderMap) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in from {
        match *name {
            header::CONNECTION
            | header::TRANSFER_ENCODING
            | header::CONTENT_SECURITY_POLICY
            | header::CONTENT_SECURITY_POLICY_REPORT_ONLY
            | header::X_FRAME_OPTIONS
            | header::STRICT_TRANSPORT_SECURITY
            | header::DATE => {}
            header::LOCATION => {
                let to = asked.join(value.to_str().ok()?).ok()?;
                let path = phone.reach(app, &to)?;
                headers.insert(header::LOCATION, HeaderValue::from_str(&path).ok()?);
            }
            header::SET_COOKIE => {
                if let Some(cookie) = moved_cookie(value) {
                    headers.append(header::SET_COOKIE, cookie);
                }
            }
            _ => {
                headers.append(name.clone(), value.clone());
            }
        }
    }
    Some(headers)
}

/// A cashier's cookie for the phone's host: paths there are longer, and there is no TLS.
fn moved_cookie(value: &HeaderValue) -> Option<HeaderValue> {
    let kept: Vec<&str> = value
        .to_str()
        .ok()?
        .split(';')
        .map(str::trim)
        .filter(|part| {
            let name = part.split('=').next().unwrap_or_default();
            !["path", "domain", "secure"]
                .iter()
                .any(|drop| name.eq_ignore_ascii_case(drop))
        })
        .chain(["Path=/"])
        .collect();
    HeaderValue::from_str(&kept.join("; ")).ok()
}

/// Whether a page is asked for, and not a piece of one by its script.
fn is_page(asked: &HeaderMap) -> bool {
    asked
        .get("sec-fetch-dest")
        .is_none_or(|purpose| purpose == "document")
}

/// The page with our prefix before its links, and with the wallet's bridge.
fn dress(app: &App, phone: &Phone, html: &str, with_bridge: bool) -> String {
    let (cashier, wallet) = (phone.cashier_prefix(), phone.wallet_prefix());
    let origin = phone
        .cashier
        .as_ref()
        .map(|url| url.origin().ascii_serialization());
    let mut dressed = html.to_owned();
    for attribute in ["href", "src", "action", "formaction"] {
        for quote in ['"', '\''] {
            let at = format!(" {attribute}={quote}");
            // `//host/…` is an address elsewhere and stays; the sign keeps it from the next step.
            dressed = dressed.replace(&format!("{at}//"), &format!("{at}\0//"));
            dressed = dressed.replace(&format!("{at}/"), &format!("{at}{cashier}/"));
            dressed = dressed.replace(&format!("{at}\0//"), &format!("{at}//"));
            if let Some(origin) = &origin {
                dressed = dressed.replace(&format!("{at}{origin}"), &format!("{at}{cashier}"));
            }
            let own = format!("{at}{}/", app.public_url);
            dressed = dressed.replace(&own, &format!("{at}{wallet}/"));
        }
    }
    if with_bridge && phone.wallet == Wallet::Wechat {
        let script = format!("<script src=\"{wallet}/bridge.js\"></script>");
        dressed.insert_str(head_start(&dressed), &script);
    }
    dressed
}

/// Just behind `<head …>`, or behind the doctype where there is none.
fn head_start(html: &str) -> usize {
    let lower = html.to_ascii_lowercase();
    let behind = |from: usize| {
        lower
            .get(from..)
            .and_then(|rest| rest.find('>'))
            .map(|end| from + end + 1)
    };
    let head = lower
        .find("<head>")
        .or_else(|| lower.find("<head "))
        .and_then(behind);
    let doctype = lower.starts_with("<!doctype").then_some(0).and_then(behind);
    head.or(doctype).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_never_name_another_host() {
        let base = Url::parse("http://127.0.0.1:7000/p/x").unwrap();
        for target in [
            "//evil.example/p",
            "/\\evil.example",
            "evil.example",
            "?a=1",
            "",
        ] {
            let url = on_host_of(&base, target);
            assert_eq!(url.origin(), base.origin(), "{target} led to {url}");
        }
        let plain = on_host_of(&base, "/p/a%2Fb?c=%20&d=");
        assert_eq!(plain.as_str(), "http://127.0.0.1:7000/p/a%2Fb?c=%20&d=");
    }

    #[test]
    fn the_bridge_comes_first_in_the_head() {
        let html = "<!doctype html><html><HEAD data-x=1><title>t</title></HEAD></html>";
        assert_eq!(
            html.get(..head_start(html)).unwrap(),
            "<!doctype html><html><HEAD data-x=1>"
        );
        assert_eq!(head_start("<!DOCTYPE html><header>"), 15);
        assert_eq!(head_start("<p>"), 0);
    }

    #[test]
    fn cookies_fit_the_phones_own_host() {
        let cookie = HeaderValue::from_static("a=b; Path=/p; Secure; HttpOnly; Domain=x.example");
        assert_eq!(moved_cookie(&cookie).unwrap(), "a=b; HttpOnly; Path=/");
        let both = HeaderValue::from_static("fieldtill_phone=x; a=b");
        assert_eq!(own_cookie_removed(&both).unwrap(), "a=b");
    }
}
