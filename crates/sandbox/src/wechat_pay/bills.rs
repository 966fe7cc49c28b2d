//! The trade bill of a day: asked for, then fetched from an address that lives five minutes.
//!
//! There is none for today, none before nine of the next day, and none for a day without trades.
//! The address is for signed requests; the file itself carries no signature, only its SHA-1 is
//! told beforehand.

use super::orders::{Order, OrderState};
use super::refunds::Refund;
use super::{ApiError, Call, Outcome, beijing};
use crate::state::App;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use openssl::hash::{MessageDigest, hash};
use serde_json::json;
use std::io::Write as _;

const HEADER: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,\
    交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,\
    退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const SUMMARY: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

/// 0.60 % of an amount in whole fen, halves up: what both channels keep here.
pub(crate) fn fee_fen(fen: i64) -> i64 {
    (fen * 6 + 500) / 1000
}

/// Fen as both channels' bills write yuan; with a minus when below zero.
pub(crate) fn yuan(fen: i64) -> String {
    let minus = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{minus}{}.{:02}", fen / 100, fen % 100)
}

/// Whether something happened on a day in Beijing.
pub(crate) fn on(at: Timestamp, day: Date) -> bool {
    beijing(at).date() == day
}

/// Whether a day's bill is there: from nine of the next day on.
pub(crate) fn is_made(day: Date, now: Timestamp) -> bool {
    let now = beijing(now);
    day.tomorrow()
        .is_ok_and(|next| next < now.date() || (next == now.date() && now.hour() >= 9))
}

fn text(app: &App, day: Date) -> Option<String> {
    let state = app.lock();
    let mut rows: Vec<String> = Vec::new();
    let (mut paid, mut refunded, mut fees) = (0, 0, 0);
    for order in state.orders.values() {
        let OrderState::Paid(payment) = &order.state else {
            continue;
        };
        let row = |at: Timestamp, state: &str, total: i64, refund: (&str, &str, i64), fee: i64| {
            let (id, number, back) = refund;
            let (kind, status) = if back > 0 {
                ("ORIGINAL", "SUCCESS")
            } else {
                ("", "")
            };
            row(
                app,
                order,
                payment.transaction_id.as_str(),
                &payment.openid,
                &[
                    &beijing(at).strftime("%Y-%m-%d %H:%M:%S").to_string(),
                    state,
                    &yuan(total),
                    id,
                    number,
                    &yuan(back),
                    kind,
                    status,
                    &format!("{}000", yuan(fee)),
                ],
            )
        };
        if on(payment.at, day) {
            let fee = fee_fen(order.total_fen);
            rows.push(row(
                payment.at,
                "SUCCESS",
                order.total_fen,
                ("0", "0", 0),
                fee,
            ));
            paid += order.total_fen;
            fees += fee;
        }
        let gone = |refund: &&Refund| refund.succeeded() && on(refund.at, day);
        for refund in order.refunds.iter().filter(gone) {
            let fee = -fee_fen(refund.fen);
            let numbers = (
                refund.refund_id.as_str(),
                refund.out_refund_no.as_str(),
                refund.fen,
            );
            rows.push(row(refund.at, "REFUND", 0, numbers, fee));
            refunded += refund.fen;
            fees += fee;
        }
    }
    if rows.is_empty() {
        return None;
    }
    let totals = format!(
        "`{}.0,`{paid},`{back},`0.00,`{fees},`{paid},`{back}",
        rows.len(),
        paid = yuan(paid),
        back = yuan(refunded),
        fees = yuan(fees),
    );
    Some(format!(
        "\u{feff}{HEADER}\r\n{}\r\n{SUMMARY}\r\n{totals}\r\n",
        rows.join("\r\n")
    ))
}

fn row(app: &App, order: &Order, id: &str, openid: &str, values: &[&str; 9]) -> String {
    let [
        at,
        state,
        total,
        refund_id,
        refund_no,
        back,
        refund_kind,
        refund_state,
        fee,
    ] = values;
    // A comma or a new line of the shop's would be read as the bill's.
    let goods = order.description.replace(',', "\\ ").replace('\n', "\\n");
    let (mchid, appid, number) = (app.keys.mchid(), app.keys.appid(), &order.out_trade_no);
    let product = order.product.trade_type();
    [
        at,
        appid,
        mchid,
        "0",
        "",
        id,
        number,
        openid,
        product,
        state,
        "OTHERS",
        "CNY",
        total,
        "0.00",
        refund_id,
        refund_no,
        back,
        "0.00",
        refund_kind,
        refund_state,
        goods.as_str(),
        "",
        fee,
        "0.60%",
        total,
        back,
        "",
    ]
    .map(|value| format!("`{value}"))
    .join(",")
}

/// GET /v3/bill/tradebill?bill_date=…&bill_type=ALL&tar_type=GZIP
pub(super) fn ask(app: &App, call: &Call<'_>) -> Result<Outcome, ApiError> {
    if call.query("bill_type").unwrap_or_else(|| "ALL".to_owned()) != "ALL" {
        return Err(wrong("bill_type"));
    }
    hand_out(app, call, text)
}

fn wrong(name: &str) -> ApiError {
    ApiError::parameter(format!("参数错误：{name}"))
}

/// Answers with the address of a day's statement, packed if that is asked for.
pub(super) fn hand_out(
    app: &App,
    call: &Call<'_>,
    text: fn(&App, Date) -> Option<String>,
) -> Result<Outcome, ApiError> {
    let day = call.query("bill_date").unwrap_or_default();
    let day: Date = day.parse().map_err(|_| wrong("bill_date"))?;
    let packed = match call.query("tar_type").as_deref() {
        None => false,
        Some("GZIP") => true,
        Some(_) => return Err(wrong("tar_type")),
    };
    let now = app.now();
    if day >= beijing(now).date() {
        return Err(wrong("bill_date"));
    }
    if !is_made(day, now) {
        return Err(ApiError::new(400, "STATEMENT_CREATING", "账单生成中"));
    }
    let none = || ApiError::new(400, "NO_STATEMENT_EXIST", "账单文件不存在");
    let plain = text(app, day).ok_or_else(none)?.into_bytes();
    // The hash is of the bill, not of the archive.
    let sum = hash(MessageDigest::sha1(), &plain).map_err(|error| ApiError::internal(&error))?;
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    let file = if packed {
        gzip(&plain).map_err(|error| ApiError::internal(&error))?
    } else {
        plain
    };
    let token = keep(app, file, SignedDuration::from_mins(5));
    Ok(Outcome::ok(json!({
        "hash_type": "SHA1",
        "hash_value": sum,
        "download_url": format!("{}/v3/billdownload/file?token={token}", app.public_url),
    })))
}

fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

/// Keeps a file for a while, under the token answered.
pub(crate) fn keep(app: &App, file: Vec<u8>, life: SignedDuration) -> String {
    let until = app.now() + life;
    let mut state = app.lock();
    let token = state.ids.letters("bill", 40);
    state.bills.insert(token.clone(), (until, file));
    token
}

/// The file, while its address lives.
pub(crate) fn file(app: &App, token: &str) -> Response {
    let now = app.now();
    let state = app.lock();
    match state.bills.get(token) {
        Some((until, file)) if now < *until => (
            [(header::CONTENT_TYPE, "application/octet-stream")],
            file.clone(),
        )
            .into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
