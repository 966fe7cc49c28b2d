//! The Alipay V2 gateway: one address, the method among the parameters.
//!
//! Answers are signed over the raw text of the `…_response` value, and slashes inside it are
//! escaped as the live gateway escapes them: a client that parses and writes the value again
//! before verifying fails here as it would there.

pub(crate) mod bills;
pub(crate) mod notify;
pub(crate) mod params;
mod refunds;
pub(crate) mod trades;
mod web;

use crate::crypto::sign;
use crate::faults::{ApiOperation, take};
use crate::phone::InPhone;
use crate::state::App;
use crate::wechat_pay::broken;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use params::Params;
use serde_json::{Value, json};
use std::sync::Arc;

/// A refusal with the gateway's two pairs of code and words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AlipayError {
    code: &'static str,
    msg: &'static str,
    pub(crate) sub_code: String,
    pub(crate) sub_msg: String,
}

impl AlipayError {
    /// 40001: a common parameter isn't there.
    pub(crate) fn missing(sub_code: &str) -> Self {
        Self::with(
            "40001",
            "Missing Required Arguments",
            sub_code,
            "缺少必选参数",
        )
    }

    /// 40002: a parameter is wrong, the signature included.
    pub(crate) fn invalid(sub_code: &str, sub_msg: &str) -> Self {
        Self::with("40002", "Invalid Arguments", sub_code, sub_msg)
    }

    /// 40004: understood, and refused.
    pub(crate) fn business(sub_code: &str, sub_msg: &str) -> Self {
        Self::with("40004", "Business Failed", sub_code, sub_msg)
    }

    /// 20000: nobody knows whether it took effect.
    fn unknown() -> Self {
        Self::with(
            "20000",
            "Service Currently Unavailable",
            "aop.unknow-error",
            "系统繁忙",
        )
    }

    fn with(code: &'static str, msg: &'static str, sub_code: &str, sub_msg: &str) -> Self {
        Self {
            code,
            msg,
            sub_code: sub_code.to_owned(),
            sub_msg: sub_msg.to_owned(),
        }
    }

    fn body(&self) -> Value {
        json!({
            "code": self.code,
            "msg": self.msg,
            "sub_code": self.sub_code,
            "sub_msg": self.sub_msg,
        })
    }

    /// Refusals of the business are signed; those of the door aren't.
    fn is_signed(&self) -> bool {
        matches!(self.code, "40004" | "20000")
    }
}

/// A success's own fields, to which code and msg are added.
pub(crate) type Fields = serde_json::Map<String, Value>;

#[derive(Clone, Copy)]
enum Api {
    Precreate,
    Query,
    Close,
    Refund,
    RefundQuery,
    Bill,
}

impl Api {
    fn of(method: &str) -> Option<Self> {
        match method {
            "alipay.trade.precreate" => Some(Self::Precreate),
            "alipay.trade.query" => Some(Self::Query),
            "alipay.trade.close" => Some(Self::Close),
            "alipay.trade.refund" => Some(Self::Refund),
            "alipay.trade.fastpay.refund.query" => Some(Self::RefundQuery),
            "alipay.data.dataservice.bill.downloadurl.query" => Some(Self::Bill),
            _ => None,
        }
    }

    fn operation(self) -> ApiOperation {
        match self {
            Self::Precreate => ApiOperation::Create,
            Self::Query => ApiOperation::Query,
            Self::Close => ApiOperation::Close,
            Self::Refund => ApiOperation::Refund,
            Self::RefundQuery => ApiOperation::RefundQuery,
            Self::Bill => ApiOperation::Bill,
        }
    }
}

/// Every request to `/gateway.do`: the API, and the payer's browser with a wap or page payment.
pub(crate) async fn serve(
    State(app): State<Arc<App>>,
    phone: InPhone,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 1 << 20).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let form: &[u8] = if parts.method == Method::POST && is_form(&parts.headers) {
        &body
    } else {
        b""
    };
    let params = Params::read(query, form);
    let method = params.get("method").unwrap_or_default().to_owned();
    if matches!(
        method.as_str(),
        "alipay.trade.wap.pay" | "alipay.trade.page.pay"
    ) {
        return web::open(&app, phone.0.as_ref(), &parts.headers, &params);
    }
    let (api, content) = match admit(&app, &params) {
        Ok(admitted) => admitted,
        Err(error) => {
            app.lock().count("alipay.refused");
            return answer(&app, &params, Err(error));
        }
    };
    let name = api.operation().name();
    let (faults, fired) = app.lock().faults.for_call(api.operation());
    if let Some(fault) = fired {
        app.lock().count(&format!("fault.{fault}"));
    }
    match faults.status {
        Some(429) => {
            let error = AlipayError::business("isv.app-call-limited", "应用调用次数超限");
            return answer(&app, &params, Err(error));
        }
        Some(503) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some(_) => return answer(&app, &params, Err(AlipayError::unknown())),
        None => {}
    }
    let outcome = match api {
        Api::Precreate => trades::precreate(&app, &params, &content),
        Api::Query => trades::query(&app, &content),
        Api::Close => trades::close(&app, &content),
        Api::Refund => refunds::request(&app, &content),
        Api::RefundQuery => refunds::query(&app, &content),
        Api::Bill => bills::ask(&app, &content),
    };
    let refused = if outcome.is_err() { ".refused" } else { "" };
    app.lock().count(&format!("alipay.{name}{refused}"));
    let response = answer(&app, &params, outcome);
    match faults.break_after_ms {
        Some(hold) => broken(hold).await,
        None => response,
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// The call a verified request makes, and its `biz_content`.
fn admit(app: &App, params: &Params) -> Result<(Api, Value), AlipayError> {
    params.check(app)?;
    let method = params.get("method").unwrap_or_default();
    let api = Api::of(method)
        .ok_or_else(|| AlipayError::invalid("isv.invalid-method", "不存在的方法名"))?;
    Ok((api, params.biz_content()?))
}

fn answer(app: &App, params: &Params, outcome: Result<Fields, AlipayError>) -> Response {
    let method = params.get("method").unwrap_or_default();
    let key = if Api::of(method).is_some() {
        format!("{}_response", method.replace('.', "_"))
    } else {
        "error_response".to_owned()
    };
    let (value, is_signed) = match outcome {
        Ok(fields) => {
            let mut value = Fields::new();
            value.insert("code".into(), json!("10000"));
            value.insert("msg".into(), json!("Success"));
            value.extend(fields);
            (Value::Object(value), true)
        }
        Err(error) => (error.body(), error.is_signed()),
    };
    // A slash can only stand inside a string, so this changes no meaning, only the bytes.
    let raw = value.to_string().replace('/', "\\/");
    let body = if is_signed {
        let spoilt = {
            let mut state = app.lock();
            let bad = take(&mut state.faults.bad_signature_response);
            if bad {
                state.count("fault.bad_signature_response");
            }
            if bad { " " } else { "" }
        };
        match sign(&app.keys.alipay_key, format!("{raw}{spoilt}").as_bytes()) {
            Ok(signature) if params.with_certificates() => {
                let number = &app.keys.alipay_numbers.alipay;
                format!(r#"{{"{key}":{raw},"alipay_cert_sn":"{number}","sign":"{signature}"}}"#)
            }
            Ok(signature) => format!(r#"{{"{key}":{raw},"sign":"{signature}"}}"#),
            Err(error) => {
                tracing::error!(%error, "OpenSSL refused");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        }
    } else {
        format!(r#"{{"{key}":{raw}}}"#)
    };
    ([(header::CONTENT_TYPE, "text/html;charset=utf-8")], body).into_response()
}
