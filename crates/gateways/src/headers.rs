//! The headers of a message as plain pairs: a verified message is stored with them, and read again
//! years later without the HTTP library of today.

use crate::error::CallbackError;
use serde::{Deserialize, Serialize};

/// Header names and values in the order they came. Names compare without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Headers from pairs.
    pub fn new(pairs: Vec<(String, String)>) -> Headers {
        Headers(pairs)
    }

    /// The pairs.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The one value of a header; `None` when absent, an error when it stands twice.
    pub(crate) fn one(&self, name: &'static str) -> Result<Option<&str>, CallbackError> {
        let mut found = self
            .0
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let first = found.next().map(|(_, value)| value.as_str());
        match found.next() {
            Some(_) => Err(CallbackError::Repeated {
                name: name.to_owned(),
            }),
            None => Ok(first),
        }
    }

    /// The one value of a header that must be there.
    pub(crate) fn need(&self, name: &'static str) -> Result<&str, CallbackError> {
        self.one(name)?.ok_or(CallbackError::Missing { name })
    }

    /// Only the headers whose name begins with `prefix`: what a proof needs, nothing private else.
    pub(crate) fn with_prefix(&self, prefix: &str) -> Headers {
        let keep = |key: &str| {
            key.get(..prefix.len())
                .is_some_and(|p| p.eq_ignore_ascii_case(prefix))
        };
        Headers(
            self.0
                .iter()
                .filter(|(key, _)| keep(key))
                .cloned()
                .collect(),
        )
    }
}

impl From<&reqwest::header::HeaderMap> for Headers {
    /// Values that are not visible ASCII are dropped: no header that is signed has any.
    fn from(map: &reqwest::header::HeaderMap) -> Headers {
        let pair =
            |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
                value
                    .to_str()
                    .ok()
                    .map(|value| (name.as_str().to_owned(), value.to_owned()))
            };
        Headers(map.iter().filter_map(pair).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubled_header_is_refused_not_chosen_from() {
        let headers = Headers::new(vec![
            ("wechatpay-nonce".into(), "a".into()),
            ("Wechatpay-Nonce".into(), "b".into()),
            ("Wechatpay-Serial".into(), "S".into()),
        ]);
        let name = "Wechatpay-Nonce";
        assert_eq!(
            headers.need(name),
            Err(CallbackError::Repeated { name: name.into() })
        );
        assert_eq!(headers.need("WECHATPAY-SERIAL"), Ok("S"));
        assert_eq!(headers.one("Date"), Ok(None));
    }
}
