//! Who is calling: the checks before any order is looked at, in the live gateway's sequence.
//!
//! The clock is looked at before the signature, so a merchant whose clock is wrong hears
//! SIGN_ERROR whatever it signed; missing `Accept` or `User-Agent` is refused before both.

use super::{ApiError, Call};
use crate::crypto::verifies;
use crate::state::App;
use std::collections::BTreeMap;

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048 ";
const MAX_SKEW_S: u64 = 300;

fn sign_error(message: &str) -> ApiError {
    ApiError::new(401, "SIGN_ERROR", message)
}

/// Refuses a request that isn't the merchant's.
pub(crate) fn check(app: &App, call: &Call<'_>) -> Result<(), ApiError> {
    if call.header("accept").is_none() || call.header("user-agent").is_none() {
        return Err(ApiError::new(
            400,
            "INVALID_REQUEST",
            "Http头缺少Accept或User-Agent",
        ));
    }
    let malformed = || sign_error("Http头Authorization值格式错误");
    let value = call.header("authorization").ok_or_else(malformed)?;
    let parameters = value
        .strip_prefix(SCHEME)
        .and_then(parse)
        .ok_or_else(malformed)?;
    let parameter = |name: &str| parameters.get(name).copied().ok_or_else(malformed);
    let timestamp = parameter("timestamp")?;
    let seconds: i64 = timestamp.parse().map_err(|_| malformed())?;
    if seconds.abs_diff(app.now().as_second()) > MAX_SKEW_S {
        return Err(sign_error(
            "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟",
        ));
    }
    if parameter("mchid")? != app.keys.mchid() {
        return Err(sign_error("商户号有误"));
    }
    if parameter("serial_no")? != app.keys.merchant_serial {
        return Err(sign_error("商户证书序列号有误"));
    }
    let nonce = parameter("nonce_str")?;
    let mut message =
        format!("{}\n{}\n{timestamp}\n{nonce}\n", call.method, call.target).into_bytes();
    message.extend_from_slice(call.body);
    message.push(b'\n');
    if !verifies(&app.keys.merchant_public, &message, parameter("signature")?) {
        return Err(sign_error("签名错误"));
    }
    Ok(())
}

/// `name="value",…` in any order; `None` when it isn't, or names one twice.
fn parse(text: &str) -> Option<BTreeMap<&str, &str>> {
    let mut found = BTreeMap::new();
    for pair in text.split(',') {
        let (name, value) = pair.split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        if found.insert(name, value).is_some() {
            return None;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_in_any_order_quoted_and_once() {
        let found = parse(r#"nonce_str="n",mchid="1",signature="a=/+=""#).unwrap();
        assert_eq!(found["mchid"], "1");
        assert_eq!(found["signature"], "a=/+=");
        assert!(parse(r#"mchid=1,nonce_str="n""#).is_none());
        assert!(parse(r#"mchid="1", nonce_str="n""#).is_some_and(|f| !f.contains_key("nonce_str")));
        assert!(parse(r#"mchid="1",mchid="2""#).is_none());
    }
}
