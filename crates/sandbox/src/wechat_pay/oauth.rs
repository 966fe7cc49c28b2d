//! Who the payer is: the authorise page inside WeChat, and the exchange of its code.
//!
//! A code works once and for five minutes; the page exists inside WeChat only. A merchant that
//! forgets either learns it here.

use crate::html::{Language, page, text};
use crate::phone::{InPhone, Wallet};
use crate::state::{App, State as Sandbox};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// A code given to a merchant's page.
pub(crate) struct OauthCode {
    openid: String,
    scope: String,
    until: Timestamp,
    used: bool,
}

#[derive(Deserialize)]
pub(crate) struct AuthoriseQuery {
    #[serde(default)]
    appid: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    state: String,
}

/// GET /connect/oauth2/authorize, as open.weixin.qq.com
pub(crate) async fn authorise(
    State(app): State<Arc<App>>,
    phone: InPhone,
    headers: HeaderMap,
    Query(query): Query<AuthoriseQuery>,
) -> Response {
    let language = Language::of(&headers);
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    let in_wechat = match &phone.0 {
        Some(session) => session.wallet == Wallet::Wechat,
        None => agent.is_some_and(|agent| agent.contains("MicroMessenger")),
    };
    let refuse = |zh: &str, en: &str| {
        let words = text(language.pick(zh, en));
        (
            StatusCode::OK,
            page(
                language,
                language.pick("微信", "WeChat"),
                &format!("<p>{words}</p>"),
            ),
        )
            .into_response()
    };
    if !in_wechat {
        return refuse("请在微信客户端打开链接", "Please open this link in WeChat");
    }
    let Ok(mut back) = Url::parse(&query.redirect_uri) else {
        return refuse("redirect_uri 参数错误", "redirect_uri is wrong");
    };
    if query.appid != app.keys.appid() {
        return refuse("appid 参数错误", "appid is wrong");
    }
    let scope_known = matches!(query.scope.as_str(), "snsapi_base" | "snsapi_userinfo");
    if query.response_type != "code" || !scope_known {
        return refuse(
            "response_type 或 scope 参数错误",
            "response_type or scope is wrong",
        );
    }
    if query.state.len() > 128 || !query.state.chars().all(|c| c.is_ascii_alphanumeric()) {
        return refuse("state 参数错误", "state is wrong");
    }
    let payer = phone.0.as_ref().map_or(1, |session| session.payer);
    let code = {
        let mut state = app.lock();
        state.count("wechat_pay.authorise");
        let code = state.ids.letters("oauth code", 32);
        let given = OauthCode {
            openid: app.keys.openid(payer),
            scope: query.scope,
            until: app.now() + SignedDuration::from_mins(5),
            used: false,
        };
        state.oauth_codes.insert(code.clone(), given);
        code
    };
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &query.state);
    let target = match &phone.0 {
        Some(session) => session
            .reach(&app, &back)
            .unwrap_or_else(|| back.to_string()),
        None => back.to_string(),
    };
    (StatusCode::FOUND, [(header::LOCATION, target)]).into_response()
}

/// GET /sns/oauth2/access_token. Always 200, an `errcode` tells a refusal, as the real one does.
pub(crate) async fn access_token(
    State(app): State<Arc<App>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Json<Value> {
    let mut state = app.lock();
    let answer = exchange(&app, &mut state, &query);
    let name = if answer.get("errcode").is_some() {
        ".refused"
    } else {
        ""
    };
    state.count(&format!("wechat_pay.access_token{name}"));
    Json(answer)
}

fn exchange(app: &App, state: &mut Sandbox, query: &BTreeMap<String, String>) -> Value {
    let given = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let refuse = |code: u32, message: &str| json!({"errcode": code, "errmsg": message});
    if given("appid") != app.keys.appid() {
        return refuse(40013, "invalid appid");
    }
    if given("secret") != app.keys.app_secret() {
        return refuse(40125, "invalid appsecret");
    }
    if given("grant_type") != "authorization_code" {
        return refuse(40002, "invalid grant_type");
    }
    let access_token = state.ids.letters("access_token", 32);
    let refresh_token = state.ids.letters("refresh_token", 32);
    let Some(code) = state.oauth_codes.get_mut(given("code")) else {
        return refuse(40029, "invalid code");
    };
    if code.used {
        return refuse(40163, "code been used");
    }
    if app.now() >= code.until {
        return refuse(42003, "oauth_code expired");
    }
    code.used = true;
    json!({
        "access_token": access_token,
        "expires_in": 7200,
        "refresh_token": refresh_token,
        "openid": code.openid,
        "scope": code.scope,
    })
}
