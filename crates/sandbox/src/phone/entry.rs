//! How the payer gets in: a link opened on the phone, a channel's own code, an H5 address.

use super::sheet::{self, Surface};
use super::{COOKIE, InPhone, Phone, Wallet, allowed};
use crate::alipay::trades;
use crate::html::{Language, page, text};
use crate::state::{App, Channel};
use crate::wechat_pay::orders::{CODE_URL, Product};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;
use url::{Url, form_urlencoded};

#[derive(Deserialize)]
pub(super) struct OpenQuery {
    link: Option<String>,
    wallet: Option<Wallet>,
    #[serde(default = "first")]
    payer: u32,
}

fn first() -> u32 {
    1
}

fn refuse(language: Language, status: StatusCode, zh: &str, en: &str) -> Response {
    let title = language.pick("演练手机", "Sandbox phone");
    let body = format!(
        "<h1>{}</h1><p>{}</p>",
        text(title),
        text(language.pick(zh, en))
    );
    (status, page(language, title, &body)).into_response()
}

/// GET /phone?link=…[&wallet=wechat|alipay][&payer=n]
pub(super) async fn open(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Query(query): Query<OpenQuery>,
) -> Response {
    let language = Language::of(&headers);
    let Some(link) = query
        .link
        .as_deref()
        .map(str::trim)
        .filter(|link| !link.is_empty())
    else {
        return ask_for_link(language);
    };
    if !(1..=99).contains(&query.payer) {
        let (zh, en) = ("payer 应为1到99", "payer must be from 1 to 99");
        return refuse(language, StatusCode::BAD_REQUEST, zh, en);
    }
    let Ok(url) = Url::parse(link) else {
        let (zh, en) = ("这不是一个链接", "This isn't a link");
        return refuse(language, StatusCode::BAD_REQUEST, zh, en);
    };
    let native = link
        .strip_prefix(CODE_URL)
        .map(|rest| rest.split('&').next().unwrap_or(rest));
    let alipay_code = app.is_own(&url) && url.path().starts_with("/qr/");
    if native.is_none() && !alipay_code && !allowed(&app, peer.ip(), &url) {
        let zh = "演练手机只打开本机的或启动时指定的收银台，以免成为开放代理";
        let en = "The sandbox's phone opens only cashiers on this computer or named at its start \
                  (--cashier), so that it is no open proxy";
        return refuse(language, StatusCode::FORBIDDEN, zh, en);
    }
    let Some(wallet) = query.wallet else {
        return ask_for_wallet(language, link, query.payer);
    };
    let fits = match wallet {
        Wallet::Wechat => !alipay_code,
        Wallet::Alipay => native.is_none(),
    };
    if !fits {
        let (zh, en) = ("这个钱包不认识此码", "This wallet doesn't know such a code");
        return refuse(language, StatusCode::BAD_REQUEST, zh, en);
    }
    let mut state = app.lock();
    let id = state.ids.letters("phone", 12);
    let own = native.is_some() || alipay_code;
    let cashier = (!own).then(|| url.clone());
    let phone = Phone {
        id: id.clone(),
        wallet,
        payer: query.payer,
        cashier,
    };
    state.phones.insert(id.clone(), phone.clone());
    state.count(&format!("phone.{}", wallet.name()));
    let target = if let Some(token) = native {
        let now = app.now();
        let order = state
            .orders
            .values()
            .find(|order| order.product == Product::Native && order.opened_by(token, now));
        let Some(number) = order.map(|order| order.out_trade_no.clone()) else {
            drop(state);
            return refuse(language, StatusCode::OK, "二维码已过期", "The code is over");
        };
        let surface = Surface::Page {
            return_url: None,
            quit_url: None,
        };
        let sheet = sheet::open(&mut state, Channel::WechatPay, number, phone.payer, surface);
        format!("{}/pay/{sheet}", phone.wallet_prefix())
    } else {
        phone.reach(&app, &url).unwrap_or_default()
    };
    drop(state);
    // The cookie is for addresses that a page's script builds without our prefix.
    let cookie = format!("{COOKIE}={id}; Path=/; SameSite=Lax; HttpOnly");
    let head = [(header::LOCATION, target), (header::SET_COOKIE, cookie)];
    (StatusCode::SEE_OTHER, head).into_response()
}

fn ask_for_link(language: Language) -> Response {
    let title = language.pick("演练手机", "Sandbox phone");
    let body = format!(
        "<h1>{}</h1><form action=\"/phone\"><label>{}<input name=\"link\" required></label>\
         <button class=\"main\" id=\"open\">{}</button></form>",
        text(title),
        language.pick("收款码中的链接", "The link in the QR code"),
        language.pick("打开", "Open"),
    );
    page(language, title, &body).into_response()
}

fn ask_for_wallet(language: Language, link: &str, payer: u32) -> Response {
    let title = language.pick("用哪个钱包扫码？", "Scan with which wallet?");
    let mut body = format!("<h1>{}</h1>", text(title));
    for (wallet, class, name) in [
        (Wallet::Wechat, "main", language.pick("微信", "WeChat")),
        (Wallet::Alipay, "alipay", language.pick("支付宝", "Alipay")),
    ] {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("link", link)
            .append_pair("wallet", wallet.name())
            .append_pair("payer", &payer.to_string())
            .finish();
        body.push_str(&format!(
            "<a class=\"button {class}\" id=\"{}\" href=\"/phone?{}\">{}</a>",
            wallet.name(),
            text(&query),
            text(name)
        ));
    }
    if link.starts_with("http") {
        body.push_str(&format!(
            "<a class=\"button\" id=\"browser\" href=\"{}\">{}</a>",
            text(link),
            language.pick("普通浏览器", "An ordinary browser"),
        ));
    }
    page(language, title, &body).into_response()
}

#[derive(Deserialize)]
pub(super) struct CodePath {
    code: String,
}

/// GET /qr/{code}: the text of a precreated Alipay code, opened.
pub(super) async fn alipay_code(
    State(app): State<Arc<App>>,
    phone: InPhone,
    headers: HeaderMap,
    Path(CodePath { code }): Path<CodePath>,
) -> Response {
    let language = Language::of(&headers);
    let payer = phone.0.as_ref().map_or(1, |phone| phone.payer);
    let mut state = app.lock();
    let trade = state
        .trades
        .values()
        .find(|trade| trade.code.as_ref() == Some(&code));
    let number = trade.map(|trade| trade.out_trade_no.clone());
    let opened = number.and_then(|number| {
        trades::open(&app, &mut state, &number, payer).ok()?;
        Some(number)
    });
    let Some(number) = opened else {
        drop(state);
        return refuse(language, StatusCode::OK, "二维码已失效", "The code is over");
    };
    let surface = Surface::Page {
        return_url: None,
        quit_url: None,
    };
    let sheet = sheet::open(&mut state, Channel::Alipay, number, payer, surface);
    let prefix = phone
        .0
        .as_ref()
        .map(Phone::wallet_prefix)
        .unwrap_or_default();
    (
        StatusCode::FOUND,
        [(header::LOCATION, format!("{prefix}/pay/{sheet}"))],
    )
        .into_response()
}

#[derive(Deserialize)]
pub(super) struct H5Query {
    #[serde(default)]
    prepay_id: String,
    redirect_url: Option<String>,
}

/// GET /wxpay/h5: a WeChat H5 payment from an ordinary browser.
pub(super) async fn h5(
    State(app): State<Arc<App>>,
    phone: InPhone,
    headers: HeaderMap,
    Query(query): Query<H5Query>,
) -> Response {
    let language = Language::of(&headers);
    if phone
        .0
        .as_ref()
        .is_some_and(|phone| phone.wallet == Wallet::Wechat)
    {
        let (zh, en) = ("请在微信外打开订单", "Open the order outside of WeChat");
        return refuse(language, StatusCode::OK, zh, en);
    }
    if !headers.contains_key(header::REFERER) {
        let (zh, en) = (
            "商家参数格式有误（缺少Referer）",
            "The shop's page sent no Referer",
        );
        return refuse(language, StatusCode::OK, zh, en);
    }
    let now = app.now();
    let mut state = app.lock();
    let order = state
        .orders
        .values()
        .find(|order| order.product == Product::H5 && order.opened_by(&query.prepay_id, now));
    let Some(number) = order.map(|order| order.out_trade_no.clone()) else {
        drop(state);
        return refuse(
            language,
            StatusCode::OK,
            "支付链接已失效",
            "The link is over",
        );
    };
    let payer = phone.0.as_ref().map_or(1, |phone| phone.payer);
    let surface = Surface::Page {
        return_url: query.redirect_url.clone(),
        quit_url: query.redirect_url,
    };
    let sheet = sheet::open(&mut state, Channel::WechatPay, number, payer, surface);
    let prefix = phone
        .0
        .as_ref()
        .map(Phone::wallet_prefix)
        .unwrap_or_default();
    (
        StatusCode::FOUND,
        [(header::LOCATION, format!("{prefix}/pay/{sheet}"))],
    )
        .into_response()
}
