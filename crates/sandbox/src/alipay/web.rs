//! alipay.trade.wap.pay and page.pay: the payer's browser brings the merchant's signed order.
//!
//! No server ever called the gateway for it, so every refusal is a page the payer sees.

use super::AlipayError;
use super::params::Params;
use super::trades::{self, Unpayable, field, invalid};
use crate::html::{Language, page, text};
use crate::phone::Phone;
use crate::phone::sheet::{self, Surface};
use crate::state::{App, Channel};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;

/// Checks the order and leads to the "Pay ¥…?" page.
pub(super) fn open(
    app: &App,
    phone: Option<&Phone>,
    headers: &HeaderMap,
    params: &Params,
) -> Response {
    match place(app, phone, params) {
        Ok(sheet) => {
            let prefix = phone.map(Phone::wallet_prefix).unwrap_or_default();
            (
                StatusCode::FOUND,
                [(header::LOCATION, format!("{prefix}/pay/{sheet}"))],
            )
                .into_response()
        }
        Err(error) => {
            app.lock().count("alipay.web.refused");
            let language = Language::of(headers);
            let title = language.pick("支付宝：订单有误", "Alipay: the order is wrong");
            let body = format!(
                "<h1>{}</h1><p>{}</p><p class=\"note\">{}</p>",
                text(title),
                text(&error.sub_msg),
                text(&error.sub_code)
            );
            page(language, title, &body).into_response()
        }
    }
}

fn place(app: &App, phone: Option<&Phone>, params: &Params) -> Result<String, AlipayError> {
    params.check(app)?;
    let content = params.biz_content()?;
    let wanted_product = match params.get("method") {
        Some("alipay.trade.wap.pay") => "QUICK_WAP_WAY",
        _ => "FAST_INSTANT_TRADE_PAY",
    };
    if field(&content, "product_code") != Some(wanted_product) {
        return Err(invalid("product_code"));
    }
    let trade = trades::read(app, params, &content, SignedDuration::from_hours(15 * 24))?;
    let payer = phone.map_or(1, |phone| phone.payer);
    let mut state = app.lock();
    let number = trade.out_trade_no.clone();
    let back = (trade.return_url.clone(), trade.quit_url.clone());
    match state.trades.get(&number) {
        Some(known) if known.total_fen != trade.total_fen || known.subject != trade.subject => {
            let sub_code = "ACQ.CONTEXT_INCONSISTENT";
            return Err(AlipayError::business(sub_code, "交易信息被篡改"));
        }
        Some(_) => {}
        None => {
            state.trades.insert(number.clone(), trade);
        }
    }
    trades::open(app, &mut state, &number, payer).map_err(|why| match why {
        Unpayable::Closed => AlipayError::business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"),
        Unpayable::AlreadyPaid => AlipayError::business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"),
    })?;
    state.count("alipay.web");
    let surface = Surface::Page {
        return_url: back.0,
        quit_url: back.1,
    };
    Ok(sheet::open(
        &mut state,
        Channel::Alipay,
        number,
        payer,
        surface,
    ))
}
