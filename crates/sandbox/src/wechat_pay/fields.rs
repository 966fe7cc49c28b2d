//! Reading a request's fields, each refusal naming its field as the live gateway does.

use super::ApiError;
use serde_json::Value;

/// A JSON object of the request and the path that leads to it.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    value: &'a Value,
    path: &'a str,
}

impl<'a> Fields<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, path: "" }
    }

    /// The object at `name`, which must be there.
    pub(super) fn object(&self, name: &'a str) -> Result<Self, ApiError> {
        match self.value.get(name) {
            Some(value) if value.is_object() => Ok(Self { value, path: name }),
            _ => Err(self.wrong(name, "应为对象")),
        }
    }

    /// A text of 1 to `max` characters, which must be there.
    pub(super) fn text(&self, name: &str, max: usize) -> Result<&'a str, ApiError> {
        self.optional(name, max)?
            .ok_or_else(|| self.wrong(name, "缺少必填项"))
    }

    /// A text of 1 to `max` characters, when it is there.
    pub(super) fn optional(&self, name: &str, max: usize) -> Result<Option<&'a str>, ApiError> {
        match self.value.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Err(self.wrong(name, "不能为空")),
            Some(Value::String(text)) if text.chars().count() > max => {
                Err(self.wrong(name, "长度超过限制"))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "应为字符串")),
        }
    }

    /// A whole number of fen above zero: neither a text nor `1.0` will do.
    pub(super) fn fen(&self, name: &str) -> Result<i64, ApiError> {
        let fen = self.value.get(name).and_then(Value::as_i64);
        fen.filter(|fen| *fen > 0)
            .ok_or_else(|| self.wrong(name, "应为大于0的整数，单位为分"))
    }

    /// `currency`, CNY unless `required` is false and it is absent.
    pub(super) fn currency(&self, required: bool) -> Result<(), ApiError> {
        match self.optional("currency", 16)? {
            Some("CNY") => Ok(()),
            None if !required => Ok(()),
            _ => Err(self.wrong("currency", "仅支持CNY")),
        }
    }

    /// An address for callbacks: http(s), at most 255 characters, no query string.
    pub(super) fn notify_url(&self, required: bool) -> Result<Option<String>, ApiError> {
        let Some(text) = self.optional("notify_url", 255)? else {
            return if required {
                Err(self.wrong("notify_url", "缺少必填项"))
            } else {
                Ok(None)
            };
        };
        let url = url::Url::parse(text).ok();
        // The live gateway takes https only; a demo on one computer has no certificate.
        let fits = url.is_some_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.has_host()
        });
        if fits {
            Ok(Some(text.to_owned()))
        } else {
            Err(self.wrong("notify_url", "应为不带参数的完整地址"))
        }
    }

    pub(super) fn wrong(&self, name: &str, what: &str) -> ApiError {
        let dot = if self.path.is_empty() { "" } else { "." };
        ApiError::parameter(format!("参数错误：{}{dot}{name} {what}", self.path))
    }
}

/// Whether `text` is a number the channel takes: `min..=max` letters, digits and `signs`.
pub(super) fn is_number(text: &str, min: usize, max: usize, signs: &str) -> bool {
    (min..=max).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
}
