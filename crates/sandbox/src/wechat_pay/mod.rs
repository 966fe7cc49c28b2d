//! WeChat Pay API v3 as its merchants meet it: strict about headers, signatures and clocks
//! first, about the order second.
//!
//! Errors are unsigned JSON, as the live gateway's are; everything that succeeded is signed with
//! the key the caller asked for. Handlers return an [`Outcome`]; only `serve` knows HTTP.

pub(crate) mod auth;
pub(crate) mod bills;
mod certificates;
mod fields;
mod flows;
pub(crate) mod notify;
pub(crate) mod oauth;
pub(crate) mod orders;
pub(crate) mod refunds;

use crate::crypto::sign;
use crate::delivery::{Notice, dispatch};
use crate::faults::{ApiOperation, take};
use crate::keys::PlatformKeyKind;
use crate::state::App;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use openssl::pkey::{PKey, Private};
use orders::Product;
use serde_json::{Value, json};
use std::sync::Arc;
use url::form_urlencoded;

/// Beijing time, in which both channels write and read dates.
pub(crate) fn beijing(at: Timestamp) -> jiff::Zoned {
    at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
}

pub(crate) fn rfc3339(at: Timestamp) -> String {
    beijing(at).strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string()
}

/// A refusal: HTTP status, code, and the words the live gateway uses where they are known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    pub(crate) fn parameter(message: impl Into<String>) -> Self {
        Self::new(400, "PARAM_ERROR", message)
    }

    fn internal(error: &impl std::error::Error) -> Self {
        tracing::error!(%error, "a part of an answer could not be made");
        Self::new(500, "SYSTEM_ERROR", "系统异常，请用相同参数重新调用")
    }
}

/// A success: its status, its body (`None` is an empty one), and a notification to send.
pub(crate) struct Outcome {
    status: u16,
    body: Option<Value>,
    notice: Option<Notice>,
}

impl Outcome {
    pub(crate) fn ok(body: Value) -> Self {
        Self {
            status: 200,
            body: Some(body),
            notice: None,
        }
    }

    pub(crate) fn no_content() -> Self {
        Self {
            status: 204,
            body: None,
            notice: None,
        }
    }

    pub(crate) fn with_notice(mut self, notice: Option<Notice>) -> Self {
        self.notice = notice;
        self
    }
}

/// One request, as signed: the target and the body untouched.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a Method,
    /// Path and query exactly as sent.
    pub(crate) target: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl Call<'_> {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .filter(|v| !v.is_empty())
    }

    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    pub(crate) fn json(&self) -> Result<Value, ApiError> {
        let json_body = self.header("content-type").is_some_and(|kind| {
            kind.split(';')
                .next()
                .is_some_and(|kind| kind.trim() == "application/json")
        });
        if !json_body {
            return Err(ApiError::new(
                415,
                "INVALID_REQUEST",
                "Http头Content-Type应为application/json",
            ));
        }
        serde_json::from_slice::<Value>(self.body)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| ApiError::parameter("请求体不是合法的JSON对象"))
    }
}

enum Route {
    Create(Product),
    QueryByNumber(String),
    QueryById(String),
    Close(String),
    Certificates,
    Refund,
    RefundQuery(String),
    Bill,
    FlowBill,
    BillFile,
}

impl Route {
    fn of(method: &Method, target: &str) -> Option<Self> {
        let path = target.split('?').next().unwrap_or_default();
        let parts: Vec<String> = path.split('/').skip(1).map(decode).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let post = method == Method::POST;
        let get = method == Method::GET;
        match parts.as_slice() {
            ["v3", "pay", "transactions", product] if post => {
                Product::from_path(product).map(Self::Create)
            }
            ["v3", "pay", "transactions", "out-trade-no", number] if get => {
                Some(Self::QueryByNumber((*number).to_owned()))
            }
            ["v3", "pay", "transactions", "id", id] if get => {
                Some(Self::QueryById((*id).to_owned()))
            }
            ["v3", "pay", "transactions", "out-trade-no", number, "close"] if post => {
                Some(Self::Close((*number).to_owned()))
            }
            ["v3", "certificates"] if get => Some(Self::Certificates),
            ["v3", "refund", "domestic", "refunds"] if post => Some(Self::Refund),
            ["v3", "refund", "domestic", "refunds", number] if get => {
                Some(Self::RefundQuery((*number).to_owned()))
            }
            ["v3", "bill", "tradebill"] if get => Some(Self::Bill),
            ["v3", "bill", "fundflowbill"] if get => Some(Self::FlowBill),
            ["v3", "billdownload", "file"] if get => Some(Self::BillFile),
            _ => None,
        }
    }

    fn operation(&self) -> ApiOperation {
        match self {
            Self::Create(_) => ApiOperation::Create,
            Self::QueryByNumber(_) | Self::QueryById(_) => ApiOperation::Query,
            Self::Close(_) => ApiOperation::Close,
            Self::Certificates => ApiOperation::Certificates,
            Self::Refund => ApiOperation::Refund,
            Self::RefundQuery(_) => ApiOperation::RefundQuery,
            Self::Bill | Self::FlowBill | Self::BillFile => ApiOperation::Bill,
        }
    }
}

/// A path segment without its percent signs (`|` and `*` are legal in order numbers).
fn decode(segment: &str) -> String {
    let query = format!("s={}", segment.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(query.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Every `/v3/…` request.
pub(crate) async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
        .to_owned();
    let body = match axum::body::to_bytes(body, 1 << 20).await {
        Ok(body) => body,
        Err(_) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    };
    let call = Call {
        method: &parts.method,
        target: &target,
        headers: &parts.headers,
        body: &body,
    };
    let Some(route) = Route::of(call.method, call.target) else {
        return refuse(&app, &ApiError::new(404, "NOT_FOUND", "请求的接口不存在"));
    };
    let operation = route.operation();
    if let Err(error) = auth::check(&app, &call) {
        app.lock()
            .count(&format!("wechat_pay.{}.refused", operation.name()));
        return refuse(&app, &error);
    }
    let (faults, fired) = app.lock().faults.for_call(operation);
    if let Some(name) = fired {
        app.lock().count(&format!("fault.{name}"));
    }
    match faults.status {
        Some(202) => {
            let body = json!({"code": "ACCEPTED", "message": "请求已受理，请用相同参数重新调用"});
            return signed(&app, &call, 202, Some(&body));
        }
        Some(429) => {
            return refuse(&app, &ApiError::new(429, "FREQUENCY_LIMITED", "频率超限"));
        }
        Some(503) => {
            return refuse(
                &app,
                &ApiError::new(503, "SERVICE_UNAVAILABLE", "服务不可用"),
            );
        }
        Some(_) => {
            return refuse(&app, &ApiError::new(500, "SYSTEM_ERROR", "系统异常"));
        }
        None => {}
    }
    if matches!(route, Route::BillFile) {
        return bills::file(&app, &call.query("token").unwrap_or_default());
    }
    let outcome = match route {
        Route::Create(product) => orders::create(&app, product, &call),
        Route::QueryByNumber(number) => orders::query_by_number(&app, &number, &call),
        Route::QueryById(id) => orders::query_by_id(&app, &id, &call),
        Route::Close(number) => orders::close(&app, &number, &call),
        Route::Certificates => certificates::list(&app),
        Route::Refund => refunds::request(&app, &call),
        Route::RefundQuery(number) => refunds::query(&app, &number),
        Route::Bill | Route::BillFile => bills::ask(&app, &call),
        Route::FlowBill => flows::ask(&app, &call),
    };
    {
        let mut state = app.lock();
        let name = operation.name();
        match &outcome {
            Ok(_) => state.count(&format!("wechat_pay.{name}")),
            Err(_) => state.count(&format!("wechat_pay.{name}.refused")),
        }
    }
    let response = match outcome {
        Ok(outcome) => {
            if let Some(notice) = outcome.notice {
                dispatch(&app, notice);
            }
            signed(&app, &call, outcome.status, outcome.body.as_ref())
        }
        Err(error) => refuse(&app, &error),
    };
    match faults.break_after_ms {
        Some(hold) => broken(hold).await,
        None => response,
    }
}

/// An answer that never arrives: the connection hangs, then breaks inside the body.
pub(crate) async fn broken(hold_ms: u64) -> Response {
    tokio::time::sleep(std::time::Duration::from_millis(hold_ms)).await;
    let cut = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Body::from_stream(tokio_stream::once(Err::<Bytes, _>(cut))).into_response()
}

fn refuse(app: &App, error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({"code": error.code, "message": error.message});
    let mut response = (status, axum::Json(body)).into_response();
    let id = app.lock().ids.letters("request id", 30).to_uppercase();
    if let Ok(id) = id.parse() {
        response.headers_mut().insert("request-id", id);
    }
    response
}

/// The key named by `serial`; the usual one when none is named.
pub(crate) fn signing_key(
    app: &App,
    serial: Option<&str>,
) -> Result<(String, PKey<Private>), ApiError> {
    let state = app.lock();
    let newest = || {
        state
            .certificates
            .last()
            .map(|c| (c.serial.clone(), c.key.clone()))
    };
    let public = || (app.keys.pub_key_id().to_owned(), app.keys.pub_key.clone());
    match serial {
        None if state.signing_kind == PlatformKeyKind::PublicKey => Ok(public()),
        None => Ok(newest().unwrap_or_else(public)),
        Some(id) if id == app.keys.pub_key_id() => Ok(public()),
        Some(id) if state.certificates.iter().any(|c| c.serial == id) => {
            Ok(newest().unwrap_or_else(public))
        }
        Some(_) => Err(ApiError::new(
            400,
            "INVALID_REQUEST",
            "Http头Wechatpay-Serial有误",
        )),
    }
}

fn signed(app: &App, call: &Call<'_>, status: u16, body: Option<&Value>) -> Response {
    let text = body.map(Value::to_string).unwrap_or_default();
    let (serial, key) = match signing_key(app, call.header("wechatpay-serial")) {
        Ok(key) => key,
        Err(error) => return refuse(app, &error),
    };
    let timestamp = app.now().as_second();
    let (nonce, id, bad, signtest) = {
        let mut state = app.lock();
        let bad = take(&mut state.faults.bad_signature_response);
        let signtest = !bad && take(&mut state.faults.signtest_response);
        if bad {
            state.count("fault.bad_signature_response");
        }
        if signtest {
            state.count("fault.signtest_response");
        }
        let nonce = state.ids.letters("response nonce", 32);
        (
            nonce,
            state.ids.letters("request id", 30).to_uppercase(),
            bad,
            signtest,
        )
    };
    let spoilt = if bad { "spoilt" } else { "" };
    let message = format!("{timestamp}\n{nonce}\n{text}\n{spoilt}");
    let mut signature = match sign(&key, message.as_bytes()) {
        Ok(signature) => signature,
        Err(error) => return refuse(app, &ApiError::internal(&error)),
    };
    if signtest {
        signature = format!("WECHATPAY/SIGNTEST/{signature}");
    }
    let mut response = Response::builder()
        .status(status)
        .header("Request-ID", id)
        .header("Wechatpay-Nonce", nonce)
        .header("Wechatpay-Timestamp", timestamp)
        .header("Wechatpay-Serial", serial)
        .header("Wechatpay-Signature", signature)
        .header("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048");
    if body.is_some() {
        response = response.header(header::CONTENT_TYPE, "application/json; charset=utf-8");
    }
    response
        .body(Body::from(text))
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
