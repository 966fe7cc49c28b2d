//! Refunds: one number is one refund for ever, and the sum never exceeds what was paid.
//!
//! The call is answered PROCESSING, as the live gateway mostly does; the refund then succeeds at
//! once, which the next query and the callback say.

use super::fields::{Fields, is_number};
use super::notify::Event;
use super::orders::{Order, OrderState, notification_id};
use super::{ApiError, Call, Outcome, rfc3339};
use crate::delivery::{Content, Notice};
use crate::state::App;
use jiff::Timestamp;
use serde_json::{Value, json};

/// One accepted refund.
pub(crate) struct Refund {
    pub(super) out_refund_no: String,
    params: Value,
    pub(super) refund_id: String,
    pub(crate) fen: i64,
    pub(super) at: Timestamp,
}

impl Refund {
    fn resource(&self, order: &Order, status: &str) -> Value {
        let transaction_id = match &order.state {
            OrderState::Paid(paid) => paid.transaction_id.as_str(),
            OrderState::NotPay | OrderState::Closed => "",
        };
        json!({
            "refund_id": self.refund_id,
            "out_refund_no": self.out_refund_no,
            "transaction_id": transaction_id,
            "out_trade_no": order.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": rfc3339(self.at),
            "success_time": rfc3339(self.at),
            "status": status,
            "amount": {
                "total": order.total_fen,
                "refund": self.fen,
                "payer_total": order.total_fen,
                "payer_refund": self.fen,
                "settlement_refund": self.fen,
                "settlement_total": order.total_fen,
                "discount_refund": 0,
                "currency": "CNY",
            },
        })
    }

    fn notice(&self, app: &App, order: &Order, id: String, url: String) -> Notice {
        let mut resource = self.resource(order, "SUCCESS");
        // The callback's field has another name than the answer's.
        resource["refund_status"] = resource["status"].take();
        resource["mchid"] = json!(app.keys.mchid());
        if let Some(fields) = resource.as_object_mut() {
            fields.remove("status");
        }
        Notice {
            out_trade_no: order.out_trade_no.clone(),
            id,
            url,
            content: Content::WechatPay(Event {
                event_type: "REFUND.SUCCESS",
                original_type: "refund",
                summary: "退款成功",
                resource,
            }),
        }
    }
}

/// POST /v3/refund/domestic/refunds
pub(super) fn request(app: &App, call: &Call<'_>) -> Result<Outcome, ApiError> {
    let body = call.json()?;
    let fields = Fields::root(&body);
    let number = fields.text("out_refund_no", 64)?;
    if !is_number(number, 1, 64, "_-|*@") {
        return Err(fields.wrong("out_refund_no", "应为字母、数字或_-|*@"));
    }
    let amount = fields.object("amount")?;
    let (fen, total) = (amount.fen("refund")?, amount.fen("total")?);
    amount.currency(true)?;
    fields.optional("reason", 80)?;
    let notify_url = fields.notify_url(false)?;
    let transaction_id = fields.optional("transaction_id", 32)?;
    let out_trade_no = fields.optional("out_trade_no", 32)?;
    if transaction_id.is_none() && out_trade_no.is_none() {
        return Err(fields.wrong("out_trade_no", "与transaction_id至少填一项"));
    }
    let mut state = app.lock();
    let repeated = state.orders.values().find_map(|order| {
        let refund = order
            .refunds
            .iter()
            .find(|refund| refund.out_refund_no == number)?;
        Some((refund.params == body, refund.resource(order, "SUCCESS")))
    });
    if let Some((same, resource)) = repeated {
        return if same {
            Ok(Outcome::ok(resource))
        } else {
            Err(ApiError::new(
                400,
                "INVALID_REQUEST",
                "退款单号已使用，请核实后更换",
            ))
        };
    }
    let refund_id = format!("5030{}", state.ids.digits("refund_id", 24));
    let id = notification_id(&mut state);
    let order = state
        .orders
        .values_mut()
        .find(|order| match (transaction_id, &order.state) {
            (Some(wanted), OrderState::Paid(paid)) => paid.transaction_id == wanted,
            (Some(_), _) => false,
            (None, _) => Some(order.out_trade_no.as_str()) == out_trade_no,
        });
    let Some(order) = order.filter(|order| matches!(order.state, OrderState::Paid(_))) else {
        return Err(ApiError::new(
            404,
            "RESOURCE_NOT_EXISTS",
            "订单不存在或未支付",
        ));
    };
    if total != order.total_fen {
        return Err(ApiError::new(
            400,
            "INVALID_REQUEST",
            "订单金额不一致，请核实后重试",
        ));
    }
    let refunded: i64 = order.refunds.iter().map(|refund| refund.fen).sum();
    if fen > order.total_fen - refunded {
        return Err(ApiError::new(403, "NOT_ENOUGH", "退款金额超过可退金额"));
    }
    if order.refunds.len() >= 50 {
        return Err(ApiError::new(403, "RULE_LIMIT", "退款次数超过50次"));
    }
    let refund = Refund {
        out_refund_no: number.to_owned(),
        params: body.clone(),
        refund_id,
        fen,
        at: app.now(),
    };
    let answer = refund.resource(order, "PROCESSING");
    let notice = notify_url.map(|url| refund.notice(app, order, id, url));
    order.refunds.push(refund);
    Ok(Outcome::ok(answer).with_notice(notice))
}

/// GET /v3/refund/domestic/refunds/{out_refund_no}
pub(super) fn query(app: &App, number: &str) -> Result<Outcome, ApiError> {
    let state = app.lock();
    let found = state.orders.values().find_map(|order| {
        let refund = order
            .refunds
            .iter()
            .find(|refund| refund.out_refund_no == number)?;
        Some(refund.resource(order, "SUCCESS"))
    });
    found
        .map(Outcome::ok)
        .ok_or_else(|| ApiError::new(404, "RESOURCE_NOT_EXISTS", "退款单不存在"))
}
