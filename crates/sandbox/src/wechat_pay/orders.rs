//! Orders: placing, asking, closing, and the payer's payment.
//!
//! The rules kept here are the ones a merchant trips over: one number means one set of
//! parameters for ever; a repeat of the same call is the same order; NOTPAY says nothing about
//! the future; a paid order can't be closed.

use super::fields::{Fields, is_number};
use super::notify::{Event, success_notice};
use super::refunds::Refund;
use super::{ApiError, Call, Outcome, rfc3339};
use crate::delivery::Notice;
use crate::state::{App, State};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// How the payer reaches an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    /// In WeChat's own browser or a mini program.
    Jsapi,
    /// By scanning a code shown on a screen.
    Native,
    /// From another browser on the phone.
    H5,
}

impl Product {
    pub(super) fn from_path(segment: &str) -> Option<Self> {
        match segment {
            "jsapi" => Some(Self::Jsapi),
            "native" => Some(Self::Native),
            "h5" => Some(Self::H5),
            _ => None,
        }
    }

    pub(crate) fn trade_type(self) -> &'static str {
        match self {
            Self::Jsapi => "JSAPI",
            Self::Native => "NATIVE",
            Self::H5 => "MWEB",
        }
    }

    /// How long a prepay id or code opens the order.
    fn life(self) -> SignedDuration {
        match self {
            Self::Jsapi | Self::Native => SignedDuration::from_hours(2),
            Self::H5 => SignedDuration::from_mins(5),
        }
    }
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OrderState {
    NotPay,
    Closed,
    Paid(PaidOrder),
}

/// The facts of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PaidOrder {
    pub(crate) transaction_id: String,
    pub(crate) notification_id: String,
    pub(crate) at: Timestamp,
    pub(crate) openid: String,
    /// What callback and query say was paid; differs from the order only by a fault.
    pub(crate) reported_fen: i64,
}

/// One order.
pub(crate) struct Order {
    pub(crate) product: Product,
    pub(crate) out_trade_no: String,
    /// The whole request, for "are all parameters identical?".
    params: Value,
    pub(crate) description: String,
    attach: Option<String>,
    pub(crate) total_fen: i64,
    pub(crate) notify_url: String,
    pub(crate) time_expire: Timestamp,
    /// Whom a JSAPI order was placed for.
    pub(crate) openid: Option<String>,
    /// Prepay ids, code tokens or H5 tokens given out, with the time each opens until.
    tokens: Vec<(String, Timestamp)>,
    pub(crate) state: OrderState,
    pub(crate) refunds: Vec<Refund>,
}

/// Why the payer can't pay an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unpayable {
    Expired,
    Closed,
    AlreadyPaid,
    /// Placed for another person's openid.
    AnotherPayer,
}

impl Order {
    /// Whether `token` was given out for this order and still opens it.
    pub(crate) fn opened_by(&self, token: &str, now: Timestamp) -> bool {
        self.tokens
            .iter()
            .any(|(given, until)| given == token && now < *until)
    }

    /// Whether `openid` may pay it now.
    pub(crate) fn payable(&self, openid: &str, now: Timestamp) -> Result<(), Unpayable> {
        match &self.state {
            OrderState::Paid(_) => Err(Unpayable::AlreadyPaid),
            OrderState::Closed => Err(Unpayable::Closed),
            OrderState::NotPay if now >= self.time_expire => Err(Unpayable::Expired),
            OrderState::NotPay => match &self.openid {
                Some(placed_for) if placed_for != openid => Err(Unpayable::AnotherPayer),
                _ => Ok(()),
            },
        }
    }

    pub(crate) fn trade_state(&self) -> &'static str {
        match &self.state {
            OrderState::NotPay => "NOTPAY",
            OrderState::Closed => "CLOSED",
            // Already the first partial refund turns it.
            OrderState::Paid(_) if !self.refunds.is_empty() => "REFUND",
            OrderState::Paid(_) => "SUCCESS",
        }
    }

    /// The `transaction` resource of queries and callbacks.
    pub(crate) fn resource(&self, mchid: &str, appid: &str) -> Value {
        let described = match self.trade_state() {
            "NOTPAY" => "订单未支付",
            "CLOSED" => "订单已关闭",
            "REFUND" => "订单发生过退款",
            _ => "支付成功",
        };
        let mut resource = json!({
            "mchid": mchid,
            "appid": appid,
            "out_trade_no": self.out_trade_no,
            "trade_state": self.trade_state(),
            "trade_state_desc": described,
            "attach": self.attach.as_deref().unwrap_or_default(),
            "amount": {"total": self.total_fen, "currency": "CNY"},
            "promotion_detail": [],
        });
        if let OrderState::Paid(paid) = &self.state {
            resource["transaction_id"] = json!(paid.transaction_id);
            resource["trade_type"] = json!(self.product.trade_type());
            resource["bank_type"] = json!("OTHERS");
            resource["success_time"] = json!(rfc3339(paid.at));
            resource["payer"] = json!({"openid": paid.openid});
            resource["amount"] = json!({
                "total": paid.reported_fen,
                "payer_total": paid.reported_fen,
                "currency": "CNY",
                "payer_currency": "CNY",
            });
        }
        resource
    }
}

/// What a create call asks for, checked on its own.
struct Wanted {
    out_trade_no: String,
    description: String,
    attach: Option<String>,
    total_fen: i64,
    notify_url: String,
    time_expire: Timestamp,
    openid: Option<String>,
}

fn read(app: &App, product: Product, body: &Value) -> Result<Wanted, ApiError> {
    let fields = Fields::root(body);
    let appid = fields.text("appid", 32)?;
    let mchid = fields.text("mchid", 32)?;
    if mchid != app.keys.mchid() {
        return Err(ApiError::parameter("参数错误：mchid 与签名的商户号不一致"));
    }
    if appid != app.keys.appid() {
        return Err(ApiError::new(
            400,
            "APPID_MCHID_NOT_MATCH",
            "appid和mch_id不匹配",
        ));
    }
    let out_trade_no = fields.text("out_trade_no", 32)?;
    if !is_number(out_trade_no, 6, 32, "_-|*") {
        return Err(fields.wrong("out_trade_no", "应为6到32个字母、数字或_-|*"));
    }
    let amount = fields.object("amount")?;
    amount.currency(false)?;
    let openid = match product {
        Product::Jsapi => Some(fields.object("payer")?.text("openid", 128)?.to_owned()),
        Product::Native | Product::H5 => None,
    };
    if product == Product::H5 {
        let scene = fields.object("scene_info")?;
        scene.text("payer_client_ip", 45)?;
        let kind = scene.object("h5_info")?.text("type", 32)?;
        if !matches!(kind, "Wap" | "iOS" | "Android") {
            return Err(scene.wrong("h5_info.type", "应为Wap、iOS或Android"));
        }
    }
    if body
        .get("detail")
        .is_some_and(|detail| detail.to_string().len() > 6144)
    {
        return Err(fields.wrong("detail", "长度超过限制"));
    }
    let now = app.now();
    let time_expire = match fields.optional("time_expire", 64)? {
        None => now + SignedDuration::from_hours(7 * 24),
        Some(text) => text
            .parse::<Timestamp>()
            .map_err(|_| fields.wrong("time_expire", "应为RFC 3339格式"))?,
    };
    Ok(Wanted {
        out_trade_no: out_trade_no.to_owned(),
        description: fields.text("description", 127)?.to_owned(),
        attach: fields.optional("attach", 128)?.map(str::to_owned),
        total_fen: amount.fen("total")?,
        notify_url: fields.notify_url(true)?.unwrap_or_default(),
        time_expire,
        openid,
    })
}

/// POST /v3/pay/transactions/{jsapi,native,h5}
pub(super) fn create(app: &App, product: Product, call: &Call<'_>) -> Result<Outcome, ApiError> {
    let body = call.json()?;
    let wanted = read(app, product, &body)?;
    let now = app.now();
    let mut state = app.lock();
    let number = wanted.out_trade_no.clone();
    if let Some(order) = state.orders.get(&number) {
        if order.product != product || order.params != body {
            return Err(ApiError::new(403, "OUT_TRADE_NO_USED", "商户订单号重复"));
        }
        match order.state {
            OrderState::NotPay => {}
            OrderState::Closed => {
                return Err(ApiError::new(400, "ORDER_CLOSED", "订单已关闭"));
            }
            OrderState::Paid(_) => return Err(paid_already()),
        }
    } else {
        if let Some(openid) = &wanted.openid
            && !(1..=99).any(|payer| app.keys.openid(payer) == *openid)
        {
            return Err(ApiError::parameter("appid和openid不匹配"));
        }
        let from = now + SignedDuration::from_mins(1);
        let until = now + SignedDuration::from_hours(7 * 24);
        if wanted.time_expire < from || wanted.time_expire > until {
            let message = "参数错误：time_expire 应在1分钟之后、7天之内";
            return Err(ApiError::parameter(message));
        }
        let order = Order {
            product,
            out_trade_no: number.clone(),
            params: body,
            description: wanted.description,
            attach: wanted.attach,
            total_fen: wanted.total_fen,
            notify_url: wanted.notify_url,
            time_expire: wanted.time_expire,
            openid: wanted.openid,
            tokens: Vec::new(),
            state: OrderState::NotPay,
            refunds: Vec::new(),
        };
        state.orders.insert(number.clone(), order);
    }
    let token = token_for(&mut state, product, &number, now);
    Ok(Outcome::ok(match product {
        Product::Jsapi => json!({"prepay_id": token}),
        Product::Native => json!({"code_url": format!("{CODE_URL}{token}&groupid=00")}),
        Product::H5 => {
            let base = &app.public_url;
            json!({"h5_url": format!("{base}/wxpay/h5?prepay_id={token}&package=1037687096")})
        }
    }))
}

/// How a Native code begins; what follows is the token.
pub(crate) const CODE_URL: &str = "weixin://wxpay/bizpayurl/up?pr=";

/// A live prepay id is given again; a Native code is a fresh one at each call.
fn token_for(state: &mut State, product: Product, number: &str, now: Timestamp) -> String {
    let live = state
        .orders
        .get(number)
        .and_then(|order| order.tokens.last());
    if let Some((token, until)) = live
        && product != Product::Native
        && now < *until
    {
        return token.clone();
    }
    let token = match product {
        Product::Native => state.ids.letters("code_url", 9),
        Product::Jsapi | Product::H5 => {
            let day = super::beijing(now).strftime("%d%H%M%S").to_string();
            format!("wx{day}{}", state.ids.letters("prepay_id", 26))
        }
    };
    if let Some(order) = state.orders.get_mut(number) {
        order.tokens.push((token.clone(), now + product.life()));
    }
    token
}

fn paid_already() -> ApiError {
    ApiError::new(400, "INVALID_REQUEST", "该订单已支付")
}

fn not_exist() -> ApiError {
    ApiError::new(404, "ORDER_NOT_EXIST", "订单不存在")
}

fn check_mchid(app: &App, given: Option<&str>) -> Result<(), ApiError> {
    match given {
        Some(mchid) if mchid == app.keys.mchid() => Ok(()),
        Some(_) => Err(ApiError::parameter("参数错误：mchid 与签名的商户号不一致")),
        None => Err(ApiError::parameter("参数错误：mchid 缺少必填项")),
    }
}

/// GET /v3/pay/transactions/out-trade-no/{out_trade_no}?mchid=…
pub(super) fn query_by_number(
    app: &App,
    number: &str,
    call: &Call<'_>,
) -> Result<Outcome, ApiError> {
    check_mchid(app, call.query("mchid").as_deref())?;
    let state = app.lock();
    let order = state.orders.get(number).ok_or_else(not_exist)?;
    Ok(Outcome::ok(
        order.resource(app.keys.mchid(), app.keys.appid()),
    ))
}

/// GET /v3/pay/transactions/id/{transaction_id}?mchid=…
pub(super) fn query_by_id(app: &App, id: &str, call: &Call<'_>) -> Result<Outcome, ApiError> {
    check_mchid(app, call.query("mchid").as_deref())?;
    let state = app.lock();
    let order = state
        .orders
        .values()
        .find(|order| matches!(&order.state, OrderState::Paid(paid) if paid.transaction_id == id));
    let order = order.ok_or_else(not_exist)?;
    Ok(Outcome::ok(
        order.resource(app.keys.mchid(), app.keys.appid()),
    ))
}

/// POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close
pub(super) fn close(app: &App, number: &str, call: &Call<'_>) -> Result<Outcome, ApiError> {
    let body = call.json()?;
    check_mchid(app, Fields::root(&body).optional("mchid", 32)?)?;
    let mut state = app.lock();
    let order = state.orders.get_mut(number).ok_or_else(not_exist)?;
    match order.state {
        OrderState::Paid(_) => Err(paid_already()),
        OrderState::NotPay | OrderState::Closed => {
            order.state = OrderState::Closed;
            Ok(Outcome::no_content())
        }
    }
}

/// The payer agreed: money is taken, and the merchant is to be told.
pub(crate) fn pay(
    app: &App,
    state: &mut State,
    number: &str,
    openid: &str,
) -> Result<Notice, Unpayable> {
    let now = app.now();
    let order = state.orders.get(number).ok_or(Unpayable::Closed)?;
    order.payable(openid, now)?;
    let wrong_by = state.faults.misreport();
    if wrong_by.is_some() {
        state.count("fault.wrong_amount");
    }
    let day = super::beijing(now).strftime("%Y%m%d").to_string();
    let transaction_id = format!("4200{day}{}", state.ids.digits("transaction_id", 16));
    let notification_id = notification_id(state);
    let order = state.orders.get_mut(number).ok_or(Unpayable::Closed)?;
    order.state = OrderState::Paid(PaidOrder {
        transaction_id,
        notification_id,
        at: now,
        openid: openid.to_owned(),
        reported_fen: order.total_fen.saturating_add(wrong_by.unwrap_or(0)),
    });
    success_notice(app, order).ok_or(Unpayable::Closed)
}

/// WeChat's notification ids have the shape of a UUID.
pub(super) fn notification_id(state: &mut State) -> String {
    let mut part = |length| state.ids.hex("notification", length);
    [part(8), part(4), part(4), part(4), part(12)].join("-")
}

/// The event of a paid order.
pub(super) fn success_event(app: &App, order: &Order) -> Event {
    Event {
        event_type: "TRANSACTION.SUCCESS",
        original_type: "transaction",
        summary: "支付成功",
        resource: order.resource(app.keys.mchid(), app.keys.appid()),
    }
}
