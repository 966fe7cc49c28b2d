//! Parameters of a request: where they come from, what is signed, what must be there.
//!
//! They may sit in the query or in the form. Signed is every one that isn't empty, except `sign`
//! itself, sorted by name and not encoded; `sign_type` is signed too (in notices it isn't).

use super::AlipayError;
use crate::crypto::verifies;
use crate::state::App;
use crate::wechat_pay::beijing;
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::Value;
use std::collections::BTreeMap;
use url::form_urlencoded;

const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// Beijing time as Alipay writes it.
pub(crate) fn write_time(at: Timestamp) -> String {
    beijing(at).strftime(TIME).to_string()
}

/// Beijing time as Alipay reads it.
pub(crate) fn read_time(text: &str) -> Option<Timestamp> {
    let local = DateTime::strptime(TIME, text).ok()?;
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    Some(local.to_zoned(zone).ok()?.timestamp())
}

/// The text a signature is over: pairs sorted by name, empty ones and `without` left out.
pub(crate) fn signed_text(pairs: &BTreeMap<String, String>, without: &[&str]) -> String {
    let parts: Vec<String> = pairs
        .iter()
        .filter(|(name, value)| !value.is_empty() && !without.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    parts.join("&")
}

/// All parameters of one request.
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    pub(super) fn read(query: &[u8], form: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(query).chain(form_urlencoded::parse(form));
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether the request is in certificate mode.
    pub(super) fn with_certificates(&self) -> bool {
        self.get("app_cert_sn").is_some() || self.get("alipay_root_cert_sn").is_some()
    }

    /// Refuses a request that isn't the merchant's app's.
    pub(super) fn check(&self, app: &App) -> Result<(), AlipayError> {
        let required = |name: &str| {
            self.get(name).ok_or_else(|| {
                AlipayError::missing(&format!("isv.missing-{}", name.replace('_', "-")))
            })
        };
        required("method")?;
        if required("app_id")? != app.keys.alipay_app_id() {
            return Err(AlipayError::invalid(
                "isv.invalid-app-id",
                "无效的AppID参数",
            ));
        }
        if required("sign_type")? != "RSA2" {
            return Err(AlipayError::invalid(
                "isv.invalid-signature-type",
                "无效的签名类型",
            ));
        }
        let timestamp = required("timestamp")?;
        if read_time(timestamp).is_none() {
            return Err(AlipayError::invalid(
                "isv.invalid-timestamp",
                "非法的时间戳参数",
            ));
        }
        if required("version")? != "1.0" {
            return Err(AlipayError::invalid("isv.invalid-version", "无效的版本号"));
        }
        if !required("charset")?.eq_ignore_ascii_case("utf-8") {
            return Err(AlipayError::invalid("isv.invalid-charset", "字符集错误"));
        }
        if self
            .get("format")
            .is_some_and(|format| !format.eq_ignore_ascii_case("json"))
        {
            return Err(AlipayError::invalid("isv.invalid-format", "无效的数据格式"));
        }
        let numbers = &app.keys.alipay_numbers;
        for (name, ours) in [
            ("app_cert_sn", &numbers.app),
            ("alipay_root_cert_sn", &numbers.root),
        ] {
            if self.with_certificates() && required(name)? != ours {
                let code = format!("isv.invalid-{}", name.replace('_', "-"));
                return Err(AlipayError::invalid(&code, "证书序列号不匹配"));
            }
        }
        let signature = required("sign")?;
        let text = signed_text(&self.0, &["sign"]);
        if !verifies(&app.keys.alipay_app_public, text.as_bytes(), signature) {
            return Err(AlipayError::invalid("isv.invalid-signature", "无效签名"));
        }
        Ok(())
    }

    /// The call's own parameters: a JSON object.
    pub(super) fn biz_content(&self) -> Result<Value, AlipayError> {
        self.get("biz_content")
            .and_then(|text| serde_json::from_str::<Value>(text).ok())
            .filter(Value::is_object)
            .ok_or_else(|| {
                AlipayError::invalid("isv.invalid-parameter", "biz_content 不是合法的JSON对象")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_is_what_is_there_sorted_and_not_encoded() {
        let params = Params::read(
            b"method=m&sign=s&app_id=1&format=",
            b"biz_content=%7B%22a%22%3A1%7D",
        );
        assert_eq!(
            signed_text(&params.0, &["sign"]),
            r#"app_id=1&biz_content={"a":1}&method=m"#
        );
    }

    #[test]
    fn times_are_beijing_times() {
        let at = read_time("2026-09-30 08:00:00").unwrap();
        assert_eq!(at.to_string(), "2026-09-30T00:00:00Z");
        assert_eq!(write_time(at), "2026-09-30 08:00:00");
        assert!(read_time("2026-09-30T08:00:00").is_none());
    }
}
