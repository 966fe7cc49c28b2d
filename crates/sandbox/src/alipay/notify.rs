//! Alipay's notices: a signed form, and the signed parameters of the way back from a page.
//!
//! `sign_type` stands in the form but is not among what a notice signs; that is how production
//! notices verify.

use super::params::{signed_text, write_time};
use super::trades::{Trade, TradeState};
use crate::crypto::sign;
use crate::delivery::{Content, Envelope, Notice, Spoil};
use crate::html::yuan;
use crate::state::App;
use openssl::error::ErrorStack;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use std::collections::BTreeMap;
use url::Url;
use url::form_urlencoded;

/// A notice's fields, without time and signature.
#[derive(Clone, Debug)]
pub(crate) struct Form(BTreeMap<String, String>);

/// The notice of a paid trade; `None` when it isn't paid or nobody is to be told.
pub(crate) fn paid_notice(app: &App, trade: &Trade) -> Option<Notice> {
    let TradeState::Paid(paid) = &trade.state else {
        return None;
    };
    let url = trade.notify_url.clone()?;
    let total = yuan(paid.reported_fen);
    let mut form: BTreeMap<String, String> = [
        ("notify_type", "trade_status_sync"),
        ("charset", "utf-8"),
        ("version", "1.0"),
        ("app_id", app.keys.alipay_app_id()),
        ("auth_app_id", app.keys.alipay_app_id()),
        ("seller_id", app.keys.alipay_seller_id()),
        ("trade_no", &trade.trade_no),
        ("out_trade_no", &trade.out_trade_no),
        ("buyer_id", &trade.buyer_id),
        ("buyer_logon_id", "159****5620"),
        ("trade_status", "TRADE_SUCCESS"),
        ("subject", &trade.subject),
        ("total_amount", &total),
        ("receipt_amount", &total),
        ("buyer_pay_amount", &total),
        ("invoice_amount", &total),
        ("point_amount", "0.00"),
        ("gmt_create", &write_time(trade.created_at)),
        ("gmt_payment", &write_time(paid.at)),
        (
            "fund_bill_list",
            &format!(r#"[{{"amount":"{total}","fundChannel":"ALIPAYACCOUNT"}}]"#),
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for (name, value) in [
        ("body", &trade.body),
        ("passback_params", &trade.passback_params),
    ] {
        if let Some(value) = value {
            form.insert(name.to_owned(), value.clone());
        }
    }
    let content = Content::Alipay(Form(form));
    let id = paid.notify_id.clone();
    Some(Notice {
        out_trade_no: trade.out_trade_no.clone(),
        id,
        url,
        content,
    })
}

/// The form dated, signed and ready to post.
pub(crate) fn envelope(
    app: &App,
    id: &str,
    form: &Form,
    spoil: Spoil,
) -> Result<Envelope, ErrorStack> {
    let mut pairs = form.0.clone();
    pairs.insert("notify_id".to_owned(), id.to_owned());
    pairs.insert("notify_time".to_owned(), write_time(app.now()));
    // Alipay knows no SIGNTEST; whatever spoils the signature is an ordinary bad one here.
    let spoilt = if spoil == Spoil::No { "" } else { " " };
    let text = signed_text(&pairs, &["sign", "sign_type"]);
    let signature = sign(&app.keys.alipay_key, format!("{text}{spoilt}").as_bytes())?;
    pairs.insert("sign".to_owned(), signature);
    pairs.insert("sign_type".to_owned(), "RSA2".to_owned());
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&pairs)
        .finish();
    let mut headers = HeaderMap::new();
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(Envelope { headers, body })
}

/// `return_url` with the parameters Alipay's page appends on the way back.
pub(crate) fn way_back(app: &App, trade: &Trade, return_url: &str) -> Option<Url> {
    let mut url = Url::parse(return_url).ok()?;
    let mut pairs: BTreeMap<String, String> = [
        ("charset", "utf-8"),
        ("method", "alipay.trade.wap.pay.return"),
        ("version", "1.0"),
        ("app_id", app.keys.alipay_app_id()),
        ("auth_app_id", app.keys.alipay_app_id()),
        ("seller_id", app.keys.alipay_seller_id()),
        ("out_trade_no", &trade.out_trade_no),
        ("trade_no", &trade.trade_no),
        ("total_amount", &yuan(trade.reported_fen())),
        ("timestamp", &write_time(app.now())),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    let text = signed_text(&pairs, &["sign", "sign_type"]);
    pairs.insert(
        "sign".to_owned(),
        sign(&app.keys.alipay_key, text.as_bytes()).ok()?,
    );
    pairs.insert("sign_type".to_owned(), "RSA2".to_owned());
    url.query_pairs_mut().extend_pairs(&pairs);
    Some(url)
}
