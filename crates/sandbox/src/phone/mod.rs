//! The payer's phone: a reverse proxy that opens the cashier link as a wallet would.
//!
//! Because the wallet's browser is played, the cashier is the production page with nothing
//! changed in it: it sees the wallet's user agent, finds `WeixinJSBridge`, is sent to the
//! authorise page and comes back, and pays with real signatures.
//!
//! Addresses: `/phone/{session}/…` is the cashier, `/phone/{session}/-/…` the wallet's own pages
//! (also reachable without the prefix, for an ordinary browser). What may be opened is narrow on
//! purpose, see [`allowed`].

mod bridge;
mod entry;
pub(crate) mod proxy;
pub(crate) mod sheet;

use crate::alipay;
use crate::state::{App, is_loopback};
use crate::wechat_pay::oauth;
use axum::Router;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::header;
use axum::http::request::Parts;
use axum::routing::{any, get, post};
use serde::Deserialize;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use url::Url;

/// Which wallet the phone opens a link with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Wallet {
    Wechat,
    Alipay,
}

impl Wallet {
    fn name(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
        }
    }

    /// What the wallet's browser calls itself; the cashier decides by it.
    fn user_agent(self) -> &'static str {
        match self {
            Self::Wechat => {
                "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UP1A; wv) AppleWebKit/537.36 \
                 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 \
                 XWEB/1260093 MMWEBSDK/20240404 MMWEBID/2308 MicroMessenger/8.0.49.2600(0x28003133) \
                 WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64"
            }
            Self::Alipay => {
                "Mozilla/5.0 (Linux; U; Android 14; zh-CN; Pixel 8 Build/UP1A) AppleWebKit/537.36 \
                 (KHTML, like Gecko) Version/4.0 Chrome/105.0.5195.148 UWS/5.12.3.0 Mobile \
                 Safari/537.36 UCBS/5.12.3.0 Nebula AlipayDefined(nt:WIFI,ws:412|0|2.6) \
                 AliApp(AP/10.6.0.8000) AlipayClient/10.6.0.8000 Language/zh-Hans"
            }
        }
    }
}

/// One phone with a wallet open.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) id: String,
    pub(crate) wallet: Wallet,
    /// Which person holds it, from 1.
    pub(crate) payer: u32,
    /// The page it was opened on; `None` when it scanned a channel's own code.
    pub(crate) cashier: Option<Url>,
}

const COOKIE: &str = "fieldtill_phone";

impl Phone {
    /// Where the wallet's own pages are for this phone.
    pub(crate) fn wallet_prefix(&self) -> String {
        format!("/phone/{}/-", self.id)
    }

    fn cashier_prefix(&self) -> String {
        format!("/phone/{}", self.id)
    }

    /// The path at which this phone reaches `url`; `None` when it may not.
    pub(crate) fn reach(&self, app: &App, url: &Url) -> Option<String> {
        let prefix = match &self.cashier {
            Some(cashier) if cashier.origin() == url.origin() => self.cashier_prefix(),
            _ if app.is_own(url) => self.wallet_prefix(),
            _ => return None,
        };
        let query = url
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        let fragment = url
            .fragment()
            .map(|name| format!("#{name}"))
            .unwrap_or_default();
        Some(format!("{prefix}{}{query}{fragment}", url.path()))
    }

    /// As [`Phone::reach`], or the address itself for what lies outside.
    pub(crate) fn reach_or_leave(phone: Option<&Self>, app: &App, url: &Url) -> String {
        phone
            .and_then(|phone| phone.reach(app, url))
            .unwrap_or_else(|| url.to_string())
    }
}

/// Whether someone calling from `peer` may have the phone open `url`.
///
/// An open proxy would let anyone on the network reach whatever listens on this computer. So a
/// loopback address is opened only for who sits at this computer, any other only when it was
/// named as a cashier at the start, and the sandbox itself never (its control API trusts
/// loopback).
pub(crate) fn allowed(app: &App, peer: IpAddr, url: &Url) -> bool {
    let http = matches!(url.scheme(), "http" | "https");
    let named = app.cashier_origins.contains(&url.origin());
    http && !app.is_own(url) && (named || (is_loopback(url) && peer.to_canonical().is_loopback()))
}

/// The phone a request comes from, by its path or its cookie.
pub(crate) struct InPhone(pub(crate) Option<Phone>);

impl FromRequestParts<Arc<App>> for InPhone {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |uri| &uri.0);
        let by_path = uri
            .path()
            .strip_prefix("/phone/")
            .and_then(|rest| rest.split('/').next());
        let cookies = parts.headers.get_all(header::COOKIE).iter();
        let by_cookie = cookies
            .filter_map(|value| value.to_str().ok())
            .find_map(|cookies| {
                cookies.split(';').find_map(|cookie| {
                    cookie
                        .trim()
                        .strip_prefix(COOKIE)
                        .and_then(|rest| rest.strip_prefix('='))
                })
            });
        let state = app.lock();
        Ok(Self(
            by_path
                .or(by_cookie)
                .and_then(|id| state.phones.get(id))
                .cloned(),
        ))
    }
}

/// The phone, and the wallets' pages both inside and outside of it.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/phone", get(entry::open))
        .route("/phone/{session}", any(proxy::cashier))
        .route("/phone/{session}/{*rest}", any(proxy::cashier))
        .nest("/phone/{session}/-", wallet_pages())
        .merge(wallet_pages())
}

fn wallet_pages() -> Router<Arc<App>> {
    Router::new()
        .route("/connect/oauth2/authorize", get(oauth::authorise))
        .route("/gateway.do", any(alipay::serve))
        .route("/qr/{code}", get(entry::alipay_code))
        .route("/wxpay/h5", get(entry::h5))
        .route("/pay/{id}", get(sheet::show))
        .route("/pay/{id}/{decision}", post(sheet::decide))
        .route("/bridge", post(bridge::invoke))
        .route("/bridge.js", get(bridge::script))
}
