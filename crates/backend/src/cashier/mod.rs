//! The cashier: the page behind the QR, for payers without an account and without a script where
//! the wallet needs none. One link serves both wallets: the page looks at who opened it (section 6
//! of the design). Looking never starts a payment; pressing a wallet's button does.

mod agent;
mod html;
mod pages;
mod payer;
mod words;

use crate::attempts::{Payer, Start};
use crate::host::{Host, HostError};
use crate::limit::Misses;
use crate::store::{AskView, CashierView};
use agent::Client;
use axum::extract::{ConnectInfo, FromRef, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::channel::Channel;
use domain::intent::AttemptState;
use domain::time::MINUTE_MS;
use gateways::{Answer, Gateway, Product};
use html::Page;
use pages::{Placed, Seen};
use serde::Deserialize;
use serde_json::json;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use url::form_urlencoded;
use wire::keys::Hash;
use wire::link::Link;
use words::Language;

/// The payer key of WeChat Pay's own code: whoever scans it pays it, whichever screen shows it.
pub(crate) const CODE_KEY: &str = "native";
/// How long the address of WeChat's H5 page is used again; it lives five minutes.
const H5_TURN_MS: i64 = 4 * MINUTE_MS;

#[derive(Clone)]
struct Cashier {
    host: Arc<Host>,
    misses: Arc<Misses>,
}

impl FromRef<Cashier> for Arc<Host> {
    fn from_ref(cashier: &Cashier) -> Arc<Host> {
        Arc::clone(&cashier.host)
    }
}

/// `/p/…`
pub(crate) fn router(host: Arc<Host>) -> Router {
    Router::new()
        .route("/p/{link}", get(show))
        .route("/p/{link}/state", get(state))
        .route("/p/{link}/wechat", get(authorised).post(pay_wechat))
        .route("/p/{link}/alipay", post(pay_alipay))
        .with_state(Cashier {
            host,
            misses: Arc::default(),
        })
}

/// The page for an address that is no cashier's.
pub(crate) async fn no_page(headers: HeaderMap, State(host): State<Arc<Host>>) -> Response {
    Payee {
        host: &host,
        language: Language::of(&headers),
        client: Client::Phone,
        link: "",
    }
    .send(|seen| seen.over("refused"))
}

/// One request for a page: who asks for which link, in which language.
struct Payee<'a> {
    host: &'a Arc<Host>,
    language: Language,
    client: Client,
    link: &'a str,
}

impl Payee<'_> {
    fn send(&self, make: impl FnOnce(&Seen<'_>) -> Page) -> Response {
        let mut nonce = [0u8; 16];
        self.host.central().env().random(&mut nonce);
        let nonce = domain::id::crockford(u128::from_be_bytes(nonce), 25);
        make(&self.seen()).send(&nonce)
    }

    fn seen(&self) -> Seen<'_> {
        let settings = self.host.settings();
        let url = format!("{}/p/{}", settings.public_url, self.link);
        let link: String = form_urlencoded::byte_serialize(url.as_bytes()).collect();
        Seen {
            language: self.language,
            client: self.client,
            link: self.link,
            now: self.host.now(),
            phone: settings
                .phone
                .as_ref()
                .map(|phone| format!("{phone}?link={link}")),
            form_targets: self.host.gateways().form_targets().to_vec(),
        }
    }

    fn trouble(&self, error: &HostError) -> Response {
        tracing::error!(%error, "the cashier could not answer");
        self.send(|seen| seen.over("trouble"))
    }

    /// Back to the ask's own page.
    fn home(&self, suffix: &str) -> Response {
        let to = format!("/p/{}{suffix}", self.link);
        see_other(StatusCode::SEE_OTHER, &to)
    }
}

fn see_other(status: StatusCode, to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => {
            let no_store = HeaderValue::from_static("no-store");
            (
                status,
                [(header::LOCATION, to), (header::CACHE_CONTROL, no_store)],
            )
                .into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What a link leads to, or the page that says why not.
enum Opened {
    View(Box<CashierView>),
    Instead(Response),
}

async fn open(cashier: &Cashier, payee: &Payee<'_>, peer: IpAddr) -> Opened {
    let now = cashier.host.now();
    if cashier.misses.blocked(peer, now) {
        return Opened::Instead(payee.send(|seen| seen.over("busy")));
    }
    let view = match Link::parse(payee.link) {
        Ok(link) => {
            cashier
                .host
                .act(move |store, cx| store.open_link(cx, &link))
                .await
        }
        Err(_) => Ok(CashierView::Refused),
    };
    match view {
        Ok(CashierView::Refused) => {
            cashier.misses.count(peer, now);
            tracing::warn!(target: "audit", %peer, "a link that is not ours was opened");
            Opened::Instead(payee.send(|seen| seen.over("refused")))
        }
        Ok(view) => Opened::View(Box::new(view)),
        Err(error) => Opened::Instead(payee.trouble(&error)),
    }
}

#[derive(Deserialize)]
struct ShowQuery {
    back: Option<String>,
    trouble: Option<String>,
}

/// GET /p/{link}
async fn show(
    State(cashier): State<Cashier>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(link): Path<String>,
    Query(query): Query<ShowQuery>,
    headers: HeaderMap,
) -> Response {
    let payee = payee(&cashier.host, &headers, &link);
    let view = match open(&cashier, &payee, peer.ip()).await {
        Opened::View(view) => view,
        Opened::Instead(response) => return response,
    };
    match *view {
        CashierView::Payable(ask) => payable(&cashier, &payee, &headers, &ask, &query),
        CashierView::Paid(ask, receipt) => payee.send(|seen| seen.paid(&ask, &receipt)),
        CashierView::Unknown(ask) => {
            look_now(&cashier.host, &ask);
            payee.send(|seen| seen.unknown(&ask))
        }
        CashierView::Expired(_) => payee.send(|seen| seen.over("expired")),
        CashierView::Superseded => payee.send(|seen| seen.over("superseded")),
        CashierView::Refused => payee.send(|seen| seen.over("refused")),
    }
}

fn payee<'a>(host: &'a Arc<Host>, headers: &HeaderMap, link: &'a str) -> Payee<'a> {
    Payee {
        host,
        language: Language::of(headers),
        client: Client::of(headers),
        link,
    }
}

fn payable(
    cashier: &Cashier,
    payee: &Payee<'_>,
    headers: &HeaderMap,
    ask: &AskView,
    query: &ShowQuery,
) -> Response {
    cashier.host.looked_at(ask.intent);
    if query.back.is_some() && ask.pending.is_some() {
        look_now(&cashier.host, ask);
        return payee.send(|seen| seen.checking(ask));
    }
    if ask.channels.is_empty() && !ask.outside_limits.is_empty() {
        return payee.send(|seen| seen.outside_limits(ask));
    }
    let trouble = query.trouble.is_some().then(|| {
        payee.language.pick(
            "暂时无法发起付款，没有产生扣款，请稍后再试。",
            "The payment could not be started. Nothing was charged. Try again shortly.",
        )
    });
    let nothing = || payee.send(|seen| seen.payable(ask, Placed::Nothing, trouble));
    if !ask.channels.contains(&Channel::WechatPay) {
        return nothing();
    }
    match payee.client {
        Client::Wechat => {}
        Client::Desktop => {
            let code = offered(ask, CODE_KEY).map_or(Placed::Nothing, Placed::Code);
            return payee.send(|seen| seen.payable(ask, code, trouble));
        }
        Client::Alipay | Client::Phone => return nothing(),
    }
    let Some(gateway) = account(&cashier.host, Channel::WechatPay) else {
        return nothing();
    };
    let Some(openid) = known_payer(&cashier.host, gateway.app_id(), headers) else {
        // Asked once: if the authorise page led to nothing, the page says so instead of going round.
        return match (trouble, authorise(payee, gateway.as_ref())) {
            (None, Some(url)) => see_other(StatusCode::FOUND, &url),
            _ => nothing(),
        };
    };
    let bridge = offered(ask, &payer_key(&openid)).map_or(Placed::Nothing, Placed::Bridge);
    payee.send(|seen| seen.payable(ask, bridge, trouble))
}

/// What WeChat Pay offered for an order that was placed with this payer key.
fn offered(ask: &AskView, key: &str) -> Option<String> {
    let open = ask.pending.as_ref().filter(|attempt| {
        attempt.channel == Channel::WechatPay
            && attempt.state == AttemptState::Open
            && attempt.payer_key == key
    });
    open.map(|attempt| attempt.offer.clone())
}

/// Asks the channel about what is pending, without making the page wait for it.
fn look_now(host: &Arc<Host>, ask: &AskView) {
    let Some(attempt) = ask.pending.clone() else {
        return;
    };
    host.looked_at(ask.intent);
    let host = Arc::clone(host);
    tokio::spawn(async move {
        if let Err(error) = host.query(&attempt).await {
            tracing::warn!(%error, "a pending attempt could not be asked about");
        }
    });
}

/// GET /p/{link}/state: what the page's script looks up while it waits.
async fn state(
    State(cashier): State<Cashier>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    let payee = payee(&cashier.host, &headers, &link);
    let view = match open(&cashier, &payee, peer.ip()).await {
        Opened::View(view) => view,
        Opened::Instead(response) => return response,
    };
    let (word, ask) = match view.as_ref() {
        CashierView::Payable(ask) => ("payable", Some(ask)),
        CashierView::Paid(ask, _) => ("paid", Some(ask)),
        CashierView::Expired(ask) => ("expired", Some(ask)),
        CashierView::Unknown(ask) => ("unknown", Some(ask)),
        CashierView::Superseded => ("superseded", None),
        CashierView::Refused => ("refused", None),
    };
    let pending = ask.is_some_and(|ask| ask.pending.is_some());
    if let Some(ask) = ask.filter(|_| pending) {
        cashier.host.looked_at(ask.intent);
    }
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    (no_store, Json(json!({"state": word, "pending": pending}))).into_response()
}

// ---- WeChat Pay: who pays, then the order, then the bridge -------------------------------------

fn account(host: &Host, channel: Channel) -> Option<Arc<dyn Gateway>> {
    host.gateways().of_channel(channel).next()
}

fn payer_key(openid: &str) -> String {
    format!("jsapi:{openid}")
}

fn known_payer(host: &Host, app_id: &str, headers: &HeaderMap) -> Option<String> {
    let cookies: Vec<&str> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    payer::read(host.central().key(), app_id, &cookies, host.now())
}

/// Ties the answer of the authorise page to the link that sent there.
fn authorise_state(link: &str) -> String {
    Hash::of(format!("fieldtill authorise {link}").as_bytes()).0[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn authorise(payee: &Payee<'_>, gateway: &dyn Gateway) -> Option<String> {
    let public_url = &payee.host.settings().public_url;
    let back = format!("{public_url}/p/{}/wechat", payee.link);
    gateway.authorise_url(&back, &authorise_state(payee.link))
}

#[derive(Deserialize)]
struct Authorised {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// GET /p/{link}/wechat?code=…&state=…: the payer comes back from the authorise page.
async fn authorised(
    State(cashier): State<Cashier>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(link): Path<String>,
    Query(query): Query<Authorised>,
    headers: HeaderMap,
) -> Response {
    let payee = payee(&cashier.host, &headers, &link);
    if cashier.misses.blocked(peer.ip(), cashier.host.now()) {
        return payee.send(|seen| seen.over("busy"));
    }
    let Some(gateway) = account(&cashier.host, Channel::WechatPay) else {
        return payee.home("");
    };
    if query.code.is_empty() || query.state != authorise_state(&link) {
        cashier.misses.count(peer.ip(), cashier.host.now());
        return payee.home("?trouble=1");
    }
    match gateway.openid(&query.code).await {
        Answer::Done(openid) => {
            let secure = cashier.host.settings().public_url.starts_with("https:");
            let (key, app) = (cashier.host.central().key(), gateway.app_id());
            let cookie = payer::set(key, app, &openid, cashier.host.now(), secure);
            let mut response = payee.home("");
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        // A code works once: a reload of this address ends here, with the cookie already set.
        Answer::Rejected { code, message } => {
            tracing::info!(code, message, "the payer's code was refused");
            let known = known_payer(&cashier.host, gateway.app_id(), &headers).is_some();
            payee.home(if known { "" } else { "?trouble=1" })
        }
        Answer::Unknown { why } => {
            tracing::warn!(%why, "the payer could not be asked for");
            payee.home("?trouble=1")
        }
    }
}

/// POST /p/{link}/wechat: places the order for this payer. Inside WeChat the page then calls the
/// bridge; a computer shows a code; another phone goes to WeChat's H5 page, where the seller has it.
async fn pay_wechat(
    State(cashier): State<Cashier>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    let payee = payee(&cashier.host, &headers, &link);
    let (key, product) = match payee.client {
        Client::Wechat => {
            let account = account(&cashier.host, Channel::WechatPay);
            let openid = account.and_then(|g| known_payer(&cashier.host, g.app_id(), &headers));
            let Some(openid) = openid else {
                return payee.home("");
            };
            (payer_key(&openid), Product::WechatJsapi { openid })
        }
        Client::Desktop => (CODE_KEY.to_owned(), Product::WechatNative),
        Client::Phone => {
            // The address ends after five minutes; a later press is another order.
            let turn = cashier.host.now().0 / H5_TURN_MS;
            let client_ip = peer.ip().to_canonical().to_string();
            (
                format!("h5:{client_ip}:{turn}"),
                Product::WechatH5 { client_ip },
            )
        }
        Client::Alipay => return payee.home(""),
    };
    let h5 = matches!(product, Product::WechatH5 { .. });
    let channel = Channel::WechatPay;
    match pay(&cashier, &payee, peer.ip(), channel, key, product).await {
        Ok(Start::Offer(url)) if h5 => {
            let back = format!("{}/p/{link}?back=1", cashier.host.settings().public_url);
            let back: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
            see_other(StatusCode::SEE_OTHER, &format!("{url}&redirect_url={back}"))
        }
        Ok(Start::Offer(_)) => payee.home("#pay"),
        Ok(other) => elsewhere(&payee, &other),
        Err(response) => response,
    }
}

/// POST /p/{link}/alipay: sends the payer to Alipay's page.
async fn pay_alipay(
    State(cashier): State<Cashier>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    let payee = payee(&cashier.host, &headers, &link);
    let return_url = format!("{}/p/{link}?back=1", cashier.host.settings().public_url);
    let (key, product) = match payee.client {
        Client::Desktop => ("page", Product::AlipayPage { return_url }),
        _ => ("wap", Product::AlipayWap { return_url }),
    };
    let (key, channel) = (key.to_owned(), Channel::Alipay);
    match pay(&cashier, &payee, peer.ip(), channel, key, product).await {
        Ok(Start::Offer(url)) => see_other(StatusCode::SEE_OTHER, &url),
        Ok(other) => elsewhere(&payee, &other),
        Err(response) => response,
    }
}

fn elsewhere(payee: &Payee<'_>, start: &Start) -> Response {
    payee.home(match start {
        Start::Refused => "?trouble=1",
        Start::Offer(_) | Start::Wait | Start::Over => "",
    })
}

async fn pay(
    cashier: &Cashier,
    payee: &Payee<'_>,
    peer: IpAddr,
    channel: Channel,
    key: String,
    product: Product,
) -> Result<Start, Response> {
    let view = match open(cashier, payee, peer).await {
        Opened::View(view) => view,
        Opened::Instead(response) => return Err(response),
    };
    let CashierView::Payable(ask) = *view else {
        return Ok(Start::Over);
    };
    let h5 = matches!(product, Product::WechatH5 { .. });
    if !ask.channels.contains(&channel) || h5 && !ask.wechat_h5 {
        return Ok(Start::Over);
    }
    let payer = Payer {
        channel,
        key,
        product,
        description: description(&ask),
    };
    let start = cashier.host.start(ask.intent, &payer).await;
    start.map_err(|error| payee.trouble(&error))
}

/// What the wallet shows. The same words every time: a channel refuses the same number with other
/// fields.
pub(crate) fn description(ask: &AskView) -> String {
    let purpose = Language::Chinese.purpose(ask.purpose);
    let seller: String = ask.seller.chars().take(60).collect();
    format!("{seller} {purpose}")
}
