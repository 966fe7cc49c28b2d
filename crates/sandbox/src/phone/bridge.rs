//! `WeixinJSBridge`: what the cashier's page calls to have a JSAPI order paid.
//!
//! The parameters are checked as WeChat checks them: each a text, signed by the merchant over
//! the four lines, for a prepay id that is alive and was placed for this very payer.

use super::sheet::{self, Surface};
use super::{InPhone, Wallet};
use crate::crypto::verifies;
use crate::state::{App, Channel};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn script() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")],
        include_str!("bridge.js"),
    )
}

/// The parameters of `getBrandWCPayRequest`; WeChat takes texts only.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PayRequest {
    app_id: String,
    time_stamp: String,
    nonce_str: String,
    package: String,
    sign_type: String,
    pay_sign: String,
}

/// `{"page": path}` to show, or `{"reason": words}`.
pub(super) async fn invoke(
    State(app): State<Arc<App>>,
    phone: InPhone,
    request: Result<Json<PayRequest>, JsonRejection>,
) -> Json<Value> {
    let answer = match request {
        Ok(Json(request)) => admit(&app, &phone, &request),
        Err(error) => Err(format!("调用支付JSAPI缺少参数: {error}")),
    };
    Json(match answer {
        Ok(page) => json!({"page": page}),
        Err(reason) => {
            app.lock().count("wechat_pay.bridge.refused");
            tracing::warn!(reason, "getBrandWCPayRequest refused");
            json!({"reason": reason})
        }
    })
}

fn admit(app: &App, phone: &InPhone, request: &PayRequest) -> Result<String, String> {
    let refuse = |reason: &str| Err(reason.to_owned());
    let Some(phone) = phone
        .0
        .as_ref()
        .filter(|phone| phone.wallet == Wallet::Wechat)
    else {
        return refuse("不在微信中");
    };
    if request.app_id != app.keys.appid() {
        return refuse("appId 与商户不匹配");
    }
    if request.sign_type != "RSA" {
        return refuse("signType 应为 RSA");
    }
    if request.time_stamp.parse::<u64>().is_err() {
        return refuse("timeStamp 应为秒数");
    }
    let message = format!(
        "{}\n{}\n{}\n{}\n",
        request.app_id, request.time_stamp, request.nonce_str, request.package
    );
    if !verifies(
        &app.keys.merchant_public,
        message.as_bytes(),
        &request.pay_sign,
    ) {
        return refuse("支付验证签名失败");
    }
    let Some(prepay_id) = request.package.strip_prefix("prepay_id=") else {
        return refuse("package 应为 prepay_id=…");
    };
    let now = app.now();
    let mut state = app.lock();
    let order = state
        .orders
        .values()
        .find(|order| order.opened_by(prepay_id, now));
    let Some(order) = order else {
        return refuse("prepay_id 不存在或已过期");
    };
    if order.openid.as_deref() != Some(app.keys.openid(phone.payer).as_str()) {
        return refuse("下单账号与支付账号不一致");
    }
    let number = order.out_trade_no.clone();
    state.count("wechat_pay.bridge");
    let id = sheet::open(
        &mut state,
        Channel::WechatPay,
        number,
        phone.payer,
        Surface::Bridge,
    );
    Ok(format!("{}/pay/{id}", phone.wallet_prefix()))
}
