//! Trades: a code or a page link is not yet a trade; the payer's opening makes it one.
//!
//! Until then query and close say ACQ.TRADE_NOT_EXIST although the code can still be paid. This
//! is the channel's most misunderstood answer, and the reason why the sandbox keeps "opened"
//! apart from "ordered".

use super::notify::paid_notice;
use super::params::{Params, read_time, write_time};
use super::refunds::TradeRefund;
use super::{AlipayError, Fields};
use crate::delivery::Notice;
use crate::html::yuan;
use crate::state::{App, State};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

/// What became of a trade once it exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TradeState {
    /// Ordered, but no payer has opened it.
    Unopened,
    WaitBuyerPay,
    Closed,
    Paid(PaidTrade),
}

/// The facts of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PaidTrade {
    pub(crate) at: Timestamp,
    pub(crate) notify_id: String,
    /// What notice and query say was paid; differs from the order only by a fault.
    pub(crate) reported_fen: i64,
}

/// One order.
pub(crate) struct Trade {
    pub(crate) out_trade_no: String,
    pub(crate) subject: String,
    pub(crate) body: Option<String>,
    pub(crate) passback_params: Option<String>,
    pub(crate) total_fen: i64,
    pub(crate) notify_url: Option<String>,
    pub(crate) return_url: Option<String>,
    pub(crate) quit_url: Option<String>,
    pub(crate) until: Timestamp,
    /// The token in a precreated code.
    pub(crate) code: Option<String>,
    /// Given when the payer opens it.
    pub(crate) trade_no: String,
    pub(crate) buyer_id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) state: TradeState,
    pub(crate) refunds: Vec<TradeRefund>,
}

/// Why the payer can't pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unpayable {
    Closed,
    AlreadyPaid,
}

impl Trade {
    /// Brings the state up to `now`: an opened trade closes by itself when its time is over.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        if self.state == TradeState::WaitBuyerPay && now >= self.until {
            self.state = TradeState::Closed;
        }
    }

    pub(crate) fn refunded_fen(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.fen).sum()
    }

    pub(crate) fn trade_status(&self) -> &'static str {
        match &self.state {
            TradeState::Unopened | TradeState::WaitBuyerPay => "WAIT_BUYER_PAY",
            TradeState::Closed => "TRADE_CLOSED",
            // A trade refunded in full reads exactly like one that was never paid.
            TradeState::Paid(_) if self.refunded_fen() >= self.total_fen => "TRADE_CLOSED",
            TradeState::Paid(_) => "TRADE_SUCCESS",
        }
    }

    /// What callback and query say.
    pub(crate) fn reported_fen(&self) -> i64 {
        match &self.state {
            TradeState::Paid(paid) => paid.reported_fen,
            _ => self.total_fen,
        }
    }
}

/// A text field of `biz_content`.
pub(super) fn field<'a>(content: &'a Value, name: &str) -> Option<&'a str> {
    content
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

pub(super) fn invalid(what: &str) -> AlipayError {
    AlipayError::business("ACQ.INVALID_PARAMETER", &format!("参数无效：{what}"))
}

/// Yuan with at most two decimals as fen; a number where a text belongs is refused.
pub(super) fn fen(content: &Value, name: &str) -> Result<i64, AlipayError> {
    let wrong = || invalid(name);
    let text = field(content, name).ok_or_else(wrong)?;
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let amount: Decimal = text.parse().map_err(|_| wrong())?;
    if !plain || amount.scale() > 2 {
        return Err(wrong());
    }
    let fen = amount
        .checked_mul(Decimal::ONE_HUNDRED)
        .and_then(|fen| fen.to_i64());
    fen.filter(|fen| (1..=10_000_000_000).contains(fen))
        .ok_or_else(wrong)
}

/// When a code or page can't be paid any more; `usual` when the merchant didn't say.
fn until(content: &Value, now: Timestamp, usual: SignedDuration) -> Result<Timestamp, AlipayError> {
    if let Some(text) = field(content, "time_expire") {
        return read_time(text)
            .filter(|at| *at > now)
            .ok_or_else(|| invalid("time_expire"));
    }
    let Some(text) = field(content, "timeout_express") else {
        return Ok(now + usual);
    };
    let split = text.len().saturating_sub(1);
    let number = text
        .get(..split)
        .and_then(|number| number.parse::<i64>().ok());
    let life = match (number, text.get(split..)) {
        (Some(minutes @ 1..=21_600), Some("m")) => SignedDuration::from_mins(minutes),
        (Some(hours @ 1..=360), Some("h")) => SignedDuration::from_hours(hours),
        (Some(days @ 1..=15), Some("d")) => SignedDuration::from_hours(days * 24),
        _ => return Err(invalid("timeout_express")),
    };
    Ok(now + life)
}

/// A trade as `biz_content` asks for it, still unopened and without a code.
pub(super) fn read(
    app: &App,
    params: &Params,
    content: &Value,
    usual: SignedDuration,
) -> Result<Trade, AlipayError> {
    let number = field(content, "out_trade_no").ok_or_else(|| invalid("out_trade_no"))?;
    if number.len() > 64
        || !number
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        return Err(invalid("out_trade_no"));
    }
    let subject = field(content, "subject").ok_or_else(|| invalid("subject"))?;
    if subject.chars().count() > 256 || subject.contains(['/', '=', '&']) {
        return Err(invalid("subject"));
    }
    let owned = |name: &str| field(content, name).map(str::to_owned);
    Ok(Trade {
        out_trade_no: number.to_owned(),
        subject: subject.to_owned(),
        body: owned("body"),
        passback_params: owned("passback_params"),
        total_fen: fen(content, "total_amount")?,
        notify_url: params.get("notify_url").map(str::to_owned),
        return_url: params.get("return_url").map(str::to_owned),
        quit_url: owned("quit_url"),
        until: until(content, app.now(), usual)?,
        code: None,
        trade_no: String::new(),
        buyer_id: String::new(),
        created_at: app.now(),
        state: TradeState::Unopened,
        refunds: Vec::new(),
    })
}

/// alipay.trade.precreate
pub(super) fn precreate(
    app: &App,
    params: &Params,
    content: &Value,
) -> Result<Fields, AlipayError> {
    let product = field(content, "product_code").unwrap_or("FACE_TO_FACE_PAYMENT");
    if !matches!(product, "FACE_TO_FACE_PAYMENT" | "QR_CODE_OFFLINE") {
        return Err(invalid("product_code"));
    }
    let mut trade = read(app, params, content, SignedDuration::from_hours(2))?;
    let mut state = app.lock();
    if state.trades.contains_key(&trade.out_trade_no) {
        let sub_code = "ACQ.APPLY_PC_MERCHANT_CODE_ERROR";
        return Err(AlipayError::business(sub_code, "商户订单号已生成过二维码"));
    }
    let code = format!("bax{}", state.ids.letters("qr_code", 21));
    let number = trade.out_trade_no.clone();
    trade.code = Some(code.clone());
    state.trades.insert(number.clone(), trade);
    Ok(fields(json!({
        "out_trade_no": number,
        "qr_code": format!("{}/qr/{code}", app.public_url),
    })))
}

pub(super) fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

fn not_exist() -> AlipayError {
    AlipayError::business("ACQ.TRADE_NOT_EXIST", "交易不存在")
}

/// The existing trade a call names; `trade_no` wins over `out_trade_no`.
pub(super) fn named<'a>(
    state: &'a mut State,
    content: &Value,
    now: Timestamp,
) -> Result<&'a mut Trade, AlipayError> {
    let (id, number) = (field(content, "trade_no"), field(content, "out_trade_no"));
    if id.is_none() && number.is_none() {
        return Err(invalid("out_trade_no"));
    }
    let trade = state.trades.values_mut().find(|trade| match id {
        Some(id) => trade.trade_no == id,
        None => Some(trade.out_trade_no.as_str()) == number,
    });
    let trade = trade
        .filter(|trade| trade.state != TradeState::Unopened)
        .ok_or_else(not_exist)?;
    trade.expire(now);
    Ok(trade)
}

/// alipay.trade.query
pub(super) fn query(app: &App, content: &Value) -> Result<Fields, AlipayError> {
    let mut state = app.lock();
    let trade = named(&mut state, content, app.now())?;
    let total = yuan(trade.reported_fen());
    let mut answer = json!({
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_logon_id": "159****5620",
        "buyer_user_id": trade.buyer_id,
        "trade_status": trade.trade_status(),
        "total_amount": total,
        "buyer_user_type": "PRIVATE",
        "point_amount": "0.00",
    });
    if let TradeState::Paid(paid) = &trade.state {
        answer["send_pay_date"] = json!(write_time(paid.at));
        answer["receipt_amount"] = json!(total);
        answer["buyer_pay_amount"] = json!(total);
        answer["invoice_amount"] = json!(total);
        answer["fund_bill_list"] = json!([{"fund_channel": "ALIPAYACCOUNT", "amount": total}]);
    }
    Ok(fields(answer))
}

/// alipay.trade.close
pub(super) fn close(app: &App, content: &Value) -> Result<Fields, AlipayError> {
    let mut state = app.lock();
    let trade = named(&mut state, content, app.now())?;
    if trade.state != TradeState::WaitBuyerPay {
        return Err(AlipayError::business(
            "ACQ.TRADE_STATUS_ERROR",
            "交易状态不合法",
        ));
    }
    trade.state = TradeState::Closed;
    Ok(fields(
        json!({"trade_no": trade.trade_no, "out_trade_no": trade.out_trade_no}),
    ))
}

/// The payer opened the code or page: from now on the trade exists.
pub(crate) fn open(
    app: &App,
    state: &mut State,
    number: &str,
    payer: u32,
) -> Result<(), Unpayable> {
    let now = app.now();
    let day = crate::wechat_pay::beijing(now)
        .strftime("%Y%m%d")
        .to_string();
    let trade_no = format!("{day}22001{}", state.ids.digits("trade_no", 15));
    let trade = state.trades.get_mut(number).ok_or(Unpayable::Closed)?;
    trade.expire(now);
    match &trade.state {
        TradeState::Unopened if now >= trade.until => Err(Unpayable::Closed),
        TradeState::Unopened => {
            trade.state = TradeState::WaitBuyerPay;
            trade.trade_no = trade_no;
            trade.buyer_id = app.keys.buyer_id(payer);
            trade.created_at = now;
            Ok(())
        }
        TradeState::WaitBuyerPay => Ok(()),
        TradeState::Closed => Err(Unpayable::Closed),
        TradeState::Paid(_) => Err(Unpayable::AlreadyPaid),
    }
}

/// The payer agreed: money is taken, and the merchant is told if it asked to be.
pub(crate) fn pay(
    app: &App,
    state: &mut State,
    number: &str,
    payer: u32,
) -> Result<Option<Notice>, Unpayable> {
    open(app, state, number, payer)?;
    let wrong_by = state.faults.misreport();
    if wrong_by.is_some() {
        state.count("fault.wrong_amount");
    }
    let notify_id = state.ids.hex("notify_id", 32);
    let trade = state.trades.get_mut(number).ok_or(Unpayable::Closed)?;
    // Whoever pays is the buyer, also when another person's phone opened the code first.
    trade.buyer_id = app.keys.buyer_id(payer);
    trade.state = TradeState::Paid(PaidTrade {
        at: app.now(),
        notify_id,
        reported_fen: trade.total_fen.saturating_add(wrong_by.unwrap_or(0)),
    });
    Ok(paid_notice(app, trade))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_texts_of_yuan_with_two_decimals() {
        let read = |value: Value| fen(&json!({"total_amount": value}), "total_amount").ok();
        assert_eq!(read(json!("0.01")), Some(1));
        assert_eq!(read(json!("6306.00")), Some(630_600));
        assert_eq!(read(json!("5")), Some(500));
        for wrong in [
            json!("0"),
            json!("0.001"),
            json!("-1"),
            json!("1e2"),
            json!(5),
            json!("+1"),
        ] {
            assert_eq!(read(wrong.clone()), None, "{wrong}");
        }
    }
}
