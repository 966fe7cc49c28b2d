//! What tests and demos ask of the sandbox from outside the wire: pay without a phone, tell it
//! to misbehave, see what happened.
//!
//! The HTTP form listens to this computer only, and to callers that say so in `Host`, so that
//! neither the network nor a web page in a browser can steer it.

use crate::alipay::notify::paid_notice;
use crate::alipay::trades::{self, TradeState};
use crate::delivery::{Delivery, dispatch};
use crate::faults::{Faults, take};
use crate::keys::{PlatformKeyKind, new_platform_certificate};
use crate::server::log_paid;
use crate::state::{App, Channel};
use crate::wechat_pay::notify::success_notice;
use crate::wechat_pay::orders::{self, OrderState};
use crate::wechat_pay::refunds::{self, Refund, RefundStatus};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use openssl::error::ErrorStack;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use url::Url;

/// An order as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderView {
    /// Its channel.
    pub channel: Channel,
    /// The merchant's number.
    pub out_trade_no: String,
    /// `NOTPAY`, `TRADE_SUCCESS` …, in the channel's own words; `UNOPENED` for an Alipay order
    /// that no payer has opened.
    pub state: String,
    /// The amount ordered, in fen.
    #[serde(serialize_with = "as_text")]
    pub total_fen: i64,
    /// What has gone back of it, in fen.
    #[serde(serialize_with = "as_text")]
    pub refunded_fen: i64,
    /// `transaction_id` or `trade_no`, once there is one.
    pub provider_number: Option<String>,
}

fn as_text<S: serde::Serializer>(fen: &i64, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(fen)
}

/// How a payment went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PayOutcome {
    /// Money was taken.
    Paid,
    /// The fault `decline` fired; the order is still open.
    Declined,
}

/// A payment without a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// The order's channel.
    pub channel: Channel,
    /// How it went.
    pub outcome: PayOutcome,
}

/// Why an order can't be paid, opened or notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum PayError {
    /// Neither channel has it.
    #[error("there is no order of this number; place it first")]
    UnknownOrder,
    /// Its time is over.
    #[error("the order's time_expire is over; place another")]
    Expired,
    /// The merchant or the channel closed it.
    #[error("the order is closed; place another")]
    Closed,
    /// It was paid before.
    #[error("the order is paid already")]
    AlreadyPaid,
    /// It isn't paid yet, so there is nothing to notify.
    #[error("the order isn't paid, or names no address to notify")]
    NotPaid,
    /// It was placed for another person's openid.
    #[error("the order was placed for another payer's openid")]
    AnotherPayer,
}

impl From<orders::Unpayable> for PayError {
    fn from(why: orders::Unpayable) -> Self {
        match why {
            orders::Unpayable::Expired => Self::Expired,
            orders::Unpayable::Closed => Self::Closed,
            orders::Unpayable::AlreadyPaid => Self::AlreadyPaid,
            orders::Unpayable::AnotherPayer => Self::AnotherPayer,
        }
    }
}

impl From<trades::Unpayable> for PayError {
    fn from(why: trades::Unpayable) -> Self {
        match why {
            trades::Unpayable::Closed => Self::Closed,
            trades::Unpayable::AlreadyPaid => Self::AlreadyPaid,
        }
    }
}

fn channel_of(app: &App, out_trade_no: &str) -> Result<Channel, PayError> {
    let state = app.lock();
    if state.orders.contains_key(out_trade_no) {
        Ok(Channel::WechatPay)
    } else if state.trades.contains_key(out_trade_no) {
        Ok(Channel::Alipay)
    } else {
        Err(PayError::UnknownOrder)
    }
}

/// What the payer is asked for: amount in fen, and what it is for.
pub(crate) fn due(
    app: &App,
    channel: Channel,
    out_trade_no: &str,
    payer: u32,
) -> Result<(i64, String), PayError> {
    let now = app.now();
    let mut state = app.lock();
    match channel {
        Channel::WechatPay => {
            let order = state
                .orders
                .get(out_trade_no)
                .ok_or(PayError::UnknownOrder)?;
            order.payable(&app.keys.openid(payer), now)?;
            Ok((order.total_fen, order.description.clone()))
        }
        Channel::Alipay => {
            trades::open(app, &mut state, out_trade_no, payer)?;
            let trade = state
                .trades
                .get(out_trade_no)
                .ok_or(PayError::UnknownOrder)?;
            Ok((trade.total_fen, trade.subject.clone()))
        }
    }
}

/// Takes the payer's money, unless the bank refuses, and tells the merchant.
pub(crate) fn charge(
    app: &Arc<App>,
    channel: Channel,
    out_trade_no: &str,
    payer: u32,
) -> Result<PayOutcome, PayError> {
    let (fen, _) = due(app, channel, out_trade_no, payer)?;
    let notice = {
        let mut state = app.lock();
        if take(&mut state.faults.decline) {
            state.count("fault.decline");
            return Ok(PayOutcome::Declined);
        }
        let notice = match channel {
            Channel::WechatPay => {
                let openid = app.keys.openid(payer);
                Some(orders::pay(app, &mut state, out_trade_no, &openid)?)
            }
            Channel::Alipay => trades::pay(app, &mut state, out_trade_no, payer)?,
        };
        state.count(&format!("{}.paid", channel.name()));
        notice
    };
    log_paid(channel, out_trade_no, fen);
    if let Some(notice) = notice {
        dispatch(app, notice);
    }
    Ok(PayOutcome::Paid)
}

pub(crate) fn pay(app: &Arc<App>, out_trade_no: &str, payer: u32) -> Result<Payment, PayError> {
    let channel = channel_of(app, out_trade_no)?;
    Ok(Payment {
        channel,
        outcome: charge(app, channel, out_trade_no, payer)?,
    })
}

pub(crate) fn open(app: &App, out_trade_no: &str, payer: u32) -> Result<(), PayError> {
    due(app, Channel::Alipay, out_trade_no, payer).map(|_| ())
}

pub(crate) fn notify_again(app: &Arc<App>, out_trade_no: &str, times: u32) -> Result<(), PayError> {
    let channel = channel_of(app, out_trade_no)?;
    let notice = {
        let state = app.lock();
        match channel {
            Channel::WechatPay => state
                .orders
                .get(out_trade_no)
                .and_then(|order| success_notice(app, order)),
            Channel::Alipay => state
                .trades
                .get(out_trade_no)
                .and_then(|trade| paid_notice(app, trade)),
        }
    };
    let notice = notice.ok_or(PayError::NotPaid)?;
    for _ in 0..times {
        dispatch(app, notice.clone());
    }
    Ok(())
}

pub(crate) fn orders(app: &App) -> Vec<OrderView> {
    let state = app.lock();
    let wechat = state.orders.values().map(|order| OrderView {
        channel: Channel::WechatPay,
        out_trade_no: order.out_trade_no.clone(),
        state: order.trade_state().to_owned(),
        total_fen: order.total_fen,
        refunded_fen: order.refunds.iter().map(Refund::taken_fen).sum(),
        provider_number: match &order.state {
            OrderState::Paid(paid) => Some(paid.transaction_id.clone()),
            OrderState::NotPay | OrderState::Closed => None,
        },
    });
    let alipay = state.trades.values().map(|trade| OrderView {
        channel: Channel::Alipay,
        out_trade_no: trade.out_trade_no.clone(),
        state: match trade.state {
            TradeState::Unopened => "UNOPENED".to_owned(),
            _ => trade.trade_status().to_owned(),
        },
        total_fen: trade.total_fen,
        refunded_fen: trade.refunded_fen(),
        provider_number: (!trade.trade_no.is_empty()).then(|| trade.trade_no.clone()),
    });
    wechat.chain(alipay).collect()
}

/// Ends a WeChat Pay refund as told and tells the merchant, also one that had ended otherwise.
/// False when there is none of this number.
pub(crate) fn end_refund(app: &Arc<App>, out_refund_no: &str, status: RefundStatus) -> bool {
    let notice = refunds::end(app, &mut app.lock(), out_refund_no, status);
    let known = notice.is_some();
    if let Some(notice) = notice.flatten() {
        dispatch(app, notice);
    }
    known
}

pub(crate) fn rotate_certificate(app: &App) -> Result<String, ErrorStack> {
    let certificate = new_platform_certificate(app.now())?;
    let serial = certificate.serial.clone();
    app.lock().certificates.push(certificate);
    Ok(serial)
}

#[derive(Deserialize)]
struct Named {
    out_trade_no: String,
    #[serde(default = "one")]
    payer: u32,
    #[serde(default = "one")]
    times: u32,
}

fn one() -> u32 {
    1
}

#[derive(Deserialize)]
struct RefundEnd {
    out_refund_no: String,
    status: RefundStatus,
}

#[derive(Deserialize)]
struct SigningKey {
    kind: PlatformKeyKind,
}

type Answer = Result<Json<Value>, Refused>;

/// A refusal as an HTTP answer.
struct Refused(StatusCode, Value);

impl From<PayError> for Refused {
    fn from(why: PayError) -> Self {
        let status = match why {
            PayError::UnknownOrder => StatusCode::NOT_FOUND,
            _ => StatusCode::CONFLICT,
        };
        Self(status, json!({"code": why, "message": why.to_string()}))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

/// Everything under `/control`.
pub(crate) fn router(app: Arc<App>) -> Router<Arc<App>> {
    type Shared = State<Arc<App>>;
    async fn list(State(app): Shared) -> Json<Vec<OrderView>> {
        Json(orders(&app))
    }
    async fn counters(State(app): Shared) -> Json<BTreeMap<String, u64>> {
        Json(app.lock().counters.clone())
    }
    async fn deliveries(State(app): Shared) -> Json<Vec<Delivery>> {
        Json(app.lock().deliveries.clone())
    }
    async fn faults(State(app): Shared) -> Json<Faults> {
        Json(app.lock().faults.clone())
    }
    async fn clear(State(app): Shared) -> Json<Faults> {
        app.lock().faults = Faults::default();
        Json(Faults::default())
    }
    async fn set(State(app): Shared, Json(changes): Json<Value>) -> Result<Json<Faults>, Refused> {
        let faults = overlaid(&app.lock().faults, changes)?;
        app.lock().faults = faults.clone();
        Ok(Json(faults))
    }
    async fn pay_order(State(app): Shared, Json(named): Json<Named>) -> Answer {
        Ok(Json(json!(pay(&app, &named.out_trade_no, named.payer)?)))
    }
    async fn open_order(State(app): Shared, Json(named): Json<Named>) -> Answer {
        Ok(Json(json!(open(&app, &named.out_trade_no, named.payer)?)))
    }
    async fn notify(State(app): Shared, Json(named): Json<Named>) -> Answer {
        Ok(Json(json!(notify_again(
            &app,
            &named.out_trade_no,
            named.times
        )?)))
    }
    async fn refund(State(app): Shared, Json(end): Json<RefundEnd>) -> Answer {
        if end_refund(&app, &end.out_refund_no, end.status) {
            return Ok(Json(json!({"status": end.status})));
        }
        let words = "there is no refund of this number; ask for it first";
        let words = json!({"code": "unknown_refund", "message": words});
        Err(Refused(StatusCode::NOT_FOUND, words))
    }
    async fn rotate(State(app): Shared) -> Answer {
        let serial = rotate_certificate(&app).map_err(|error| {
            let words = json!({"code": "crypto", "message": error.to_string()});
            Refused(StatusCode::INTERNAL_SERVER_ERROR, words)
        })?;
        Ok(Json(json!({"serial": serial})))
    }
    async fn sign_with(State(app): Shared, Json(key): Json<SigningKey>) -> Json<Value> {
        app.lock().signing_kind = key.kind;
        Json(json!({"kind": key.kind}))
    }
    Router::new()
        .route("/orders", get(list))
        .route("/counters", get(counters))
        .route("/deliveries", get(deliveries))
        .route("/faults", get(faults).post(set).delete(clear))
        .route("/pay", post(pay_order))
        .route("/open", post(open_order))
        .route("/notify", post(notify))
        .route("/end-refund", post(refund))
        .route("/rotate-certificate", post(rotate))
        .route("/sign-with", post(sign_with))
        .layer(axum::middleware::from_fn_with_state(app, local_only))
}

/// The faults to come with `changes` laid over them.
fn overlaid(faults: &Faults, changes: Value) -> Result<Faults, Refused> {
    let refuse = |error: serde_json::Error| {
        let words = json!({"code": "unknown_fault", "message": error.to_string()});
        Refused(StatusCode::BAD_REQUEST, words)
    };
    let mut merged = serde_json::to_value(faults).map_err(refuse)?;
    if let (Some(merged), Value::Object(changes)) = (merged.as_object_mut(), changes) {
        merged.extend(changes);
    }
    serde_json::from_value(merged).map_err(refuse)
}

async fn local_only(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    // A page elsewhere whose name was pointed at this computer still sends its own name, and a
    // page's script names the page it runs on.
    let host = host.and_then(|host| Url::parse(&format!("http://{host}")).ok());
    let named = host.is_some_and(|host| app.is_own(&host));
    let from_page = request.headers().contains_key(header::ORIGIN);
    if peer.ip().to_canonical().is_loopback() && named && !from_page {
        next.run(request).await
    } else {
        (
            StatusCode::FORBIDDEN,
            "the control API answers this computer only",
        )
            .into_response()
    }
}
