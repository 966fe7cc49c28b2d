//! Refunds: one number is one refund for ever, and the sum never exceeds what was paid.
//!
//! The call is answered PROCESSING, as the live gateway mostly does; the refund then ends at once,
//! which the next query and the callback say. Told so, it ends CLOSED or ABNORMAL instead, or stays
//! under way until the control API ends it: also a failed one may still succeed, as happens live
//! when the merchant settles an abnormal refund in the console.

use super::fields::{Fields, is_number};
use super::notify::Event;
use super::orders::{Order, OrderState, notification_id};
use super::{ApiError, Call, Outcome, rfc3339};
use crate::delivery::{Content, Notice};
use crate::faults::{Faults, take};
use crate::state::{App, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// Under way.
    Processing,
    /// The money has gone back.
    Success,
    /// Nothing went back, and nothing will under this number.
    Closed,
    /// The payer's account can't take it; a person has to act in the merchant's console.
    Abnormal,
}

impl RefundStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Processing => "PROCESSING",
            Self::Success => "SUCCESS",
            Self::Closed => "CLOSED",
            Self::Abnormal => "ABNORMAL",
        }
    }

    /// How a refund accepted now ends, and the fault that makes it so.
    fn next(faults: &mut Faults) -> (Self, Option<&'static str>) {
        if take(&mut faults.refund_closed) {
            (Self::Closed, Some("fault.refund_closed"))
        } else if take(&mut faults.refund_abnormal) {
            (Self::Abnormal, Some("fault.refund_abnormal"))
        } else if take(&mut faults.refund_processing) {
            (Self::Processing, Some("fault.refund_processing"))
        } else {
            (Self::Success, None)
        }
    }
}

/// One accepted refund.
pub(crate) struct Refund {
    pub(super) out_refund_no: String,
    params: Value,
    pub(super) refund_id: String,
    pub(crate) fen: i64,
    /// When it was accepted, and from its end on when it ended.
    pub(super) at: Timestamp,
    status: RefundStatus,
    notification_id: String,
    notify_url: Option<String>,
}

impl Refund {
    /// Whether its money has gone back.
    pub(super) fn succeeded(&self) -> bool {
        self.status == RefundStatus::Success
    }

    /// What it takes of the payment: a closed one gives its part free again.
    pub(crate) fn taken_fen(&self) -> i64 {
        match self.status {
            RefundStatus::Closed => 0,
            _ => self.fen,
        }
    }

    fn resource(&self, order: &Order, status: RefundStatus) -> Value {
        let transaction_id = match &order.state {
            OrderState::Paid(paid) => paid.transaction_id.as_str(),
            OrderState::NotPay | OrderState::Closed => "",
        };
        let mut resource = json!({
            "refund_id": self.refund_id,
            "out_refund_no": self.out_refund_no,
            "transaction_id": transaction_id,
            "out_trade_no": order.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": rfc3339(self.at),
            "status": status.name(),
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
        });
        if status == RefundStatus::Success {
            resource["success_time"] = json!(rfc3339(self.at));
        }
        resource
    }

    /// What the merchant is told of its end; nothing while it has none.
    fn notice(&self, app: &App, order: &Order) -> Option<Notice> {
        let (event_type, summary) = match self.status {
            RefundStatus::Processing => return None,
            RefundStatus::Success => ("REFUND.SUCCESS", "退款成功"),
            RefundStatus::Closed => ("REFUND.CLOSED", "退款关闭"),
            RefundStatus::Abnormal => ("REFUND.ABNORMAL", "退款异常"),
        };
        let mut resource = self.resource(order, self.status);
        // The callback's field has another name than the answer's.
        resource["refund_status"] = resource["status"].take();
        resource["mchid"] = json!(app.keys.mchid());
        if let Some(fields) = resource.as_object_mut() {
            fields.remove("status");
        }
        Some(Notice {
            out_trade_no: order.out_trade_no.clone(),
            id: self.notification_id.clone(),
            url: self.notify_url.clone()?,
            content: Content::WechatPay(Event {
                event_type,
                original_type: "refund",
                summary,
                resource,
            }),
        })
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
        let resource = refund.resource(order, refund.status);
        Some((refund.params == body, resource))
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
    let notification_id = notification_id(&mut state);
    // Field by field: the order is held while the faults are looked at.
    let state = &mut *state;
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
    let refunded: i64 = order.refunds.iter().map(Refund::taken_fen).sum();
    if fen > order.total_fen - refunded {
        return Err(ApiError::new(403, "NOT_ENOUGH", "退款金额超过可退金额"));
    }
    if order.refunds.len() >= 50 {
        return Err(ApiError::new(403, "RULE_LIMIT", "退款次数超过50次"));
    }
    let (status, fired) = RefundStatus::next(&mut state.faults);
    if let Some(name) = fired {
        *state.counters.entry(name.to_owned()).or_insert(0) += 1;
    }
    let refund = Refund {
        out_refund_no: number.to_owned(),
        params: body.clone(),
        refund_id,
        fen,
        at: app.now(),
        status,
        notification_id,
        notify_url,
    };
    let answer = refund.resource(order, RefundStatus::Processing);
    let notice = refund.notice(app, order);
    order.refunds.push(refund);
    Ok(Outcome::ok(answer).with_notice(notice))
}

/// Ends a refund as told, whatever it was before; answers what to tell the merchant. `None` when
/// there is no such refund.
pub(crate) fn end(
    app: &App,
    state: &mut State,
    out_refund_no: &str,
    status: RefundStatus,
) -> Option<Option<Notice>> {
    let fresh = notification_id(state);
    let (order, index) = state.orders.values_mut().find_map(|order| {
        let mut refunds = order.refunds.iter();
        let index = refunds.position(|refund| refund.out_refund_no == out_refund_no)?;
        Some((order, index))
    })?;
    let refund = order.refunds.get_mut(index)?;
    refund.status = status;
    refund.at = app.now();
    // Another event than the one before.
    refund.notification_id = fresh;
    let order = &*order;
    Some(order.refunds.get(index)?.notice(app, order))
}

/// GET /v3/refund/domestic/refunds/{out_refund_no}
pub(super) fn query(app: &App, number: &str) -> Result<Outcome, ApiError> {
    let state = app.lock();
    let found = state.orders.values().find_map(|order| {
        let refund = order
            .refunds
            .iter()
            .find(|refund| refund.out_refund_no == number)?;
        Some(refund.resource(order, refund.status))
    });
    found
        .map(Outcome::ok)
        .ok_or_else(|| ApiError::new(404, "RESOURCE_NOT_EXISTS", "退款单不存在"))
}
