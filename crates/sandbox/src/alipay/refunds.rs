//! Refunds: `out_request_no` is the key of each; the same one again is the same refund.

use super::trades::{TradeState, fen, field, fields, invalid, named};
use super::{AlipayError, Fields};
use crate::html::yuan;
use crate::state::App;
use jiff::Timestamp;
use serde_json::{Value, json};

/// One refund that went through.
pub(crate) struct TradeRefund {
    pub(super) out_request_no: String,
    pub(crate) fen: i64,
    pub(super) at: Timestamp,
}

/// alipay.trade.refund
pub(super) fn request(app: &App, content: &Value) -> Result<Fields, AlipayError> {
    let fen = fen(content, "refund_amount")?;
    let mut state = app.lock();
    let trade = named(&mut state, content, app.now())?;
    if !matches!(trade.state, TradeState::Paid(_)) {
        return Err(AlipayError::business(
            "ACQ.TRADE_STATUS_ERROR",
            "交易状态不合法",
        ));
    }
    // Without a number of its own a refund is the trade's one and only.
    let number = field(content, "out_request_no")
        .unwrap_or(&trade.out_trade_no)
        .to_owned();
    let before = trade
        .refunds
        .iter()
        .find(|refund| refund.out_request_no == number);
    let changed = match before {
        Some(refund) if refund.fen == fen => "N",
        Some(_) => {
            let sub_code = "ACQ.REQUEST_AMOUNT_EXCEED";
            return Err(AlipayError::business(
                sub_code,
                "同一退款请求号的金额不一致",
            ));
        }
        None if fen > trade.total_fen - trade.refunded_fen() => {
            let sub_code = "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL";
            return Err(AlipayError::business(sub_code, "退款金额超限"));
        }
        None => {
            trade.refunds.push(TradeRefund {
                out_request_no: number,
                fen,
                at: app.now(),
            });
            "Y"
        }
    };
    Ok(fields(json!({
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_user_id": trade.buyer_id,
        "fund_change": changed,
        "refund_fee": yuan(trade.refunded_fen()),
    })))
}

/// alipay.trade.fastpay.refund.query. An unknown number answers success without data.
pub(super) fn query(app: &App, content: &Value) -> Result<Fields, AlipayError> {
    let number = field(content, "out_request_no").ok_or_else(|| invalid("out_request_no"))?;
    let mut state = app.lock();
    let trade = named(&mut state, content, app.now())?;
    let found = trade
        .refunds
        .iter()
        .find(|refund| refund.out_request_no == number);
    Ok(found.map_or_else(Fields::new, |refund| {
        fields(json!({
            "trade_no": trade.trade_no,
            "out_trade_no": trade.out_trade_no,
            "out_request_no": refund.out_request_no,
            "total_amount": yuan(trade.total_fen),
            "refund_amount": yuan(refund.fen),
            "refund_status": "REFUND_SUCCESS",
        }))
    }))
}
