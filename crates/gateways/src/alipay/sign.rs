//! The texts that Alipay signs (RSA2). A request signs every parameter but `sign`; a notice leaves
//! out `sign_type` as well; an answer signs the raw characters of its one object, escapes and blanks
//! as they came, so it is cut out of the bytes and never written again.

use crate::error::CallbackError;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// `k=v&…` of all parameters that have a value, sorted, nothing escaped.
pub(crate) fn text<'a>(params: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let sorted: BTreeMap<&str, &str> = params
        .into_iter()
        .filter(|(name, value)| *name != "sign" && !value.is_empty())
        .collect();
    let pairs: Vec<String> = sorted
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// A notice's fields, decoded once. A field that stands twice is refused: only one of them could
/// have been signed.
pub(crate) fn form(body: &[u8]) -> Result<BTreeMap<String, String>, CallbackError> {
    let mut fields = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        if fields
            .insert(name.to_string(), value.into_owned())
            .is_some()
        {
            return Err(CallbackError::Repeated {
                name: name.into_owned(),
            });
        }
    }
    Ok(fields)
}

/// What a notice's signature is over.
pub(crate) fn notice_text(fields: &BTreeMap<String, String>) -> String {
    let signed = fields.iter().filter(|(name, _)| *name != "sign_type");
    text(signed.map(|(name, value)| (name.as_str(), value.as_str())))
}

/// An answer, cut but not yet verified.
pub(crate) struct Slices<'a> {
    /// The raw characters of the object that answers the method.
    pub(crate) content: &'a str,
    /// Its signature; refusals may have none.
    pub(crate) sign: Option<String>,
    /// The number of the certificate that it is of, in certificate mode.
    pub(crate) cert_sn: Option<String>,
}

/// Cuts an answer to `method` (`alipay.trade.query`) into what is signed and the signature.
pub(crate) fn slices<'a>(method: &str, body: &'a [u8]) -> Result<Slices<'a>, CallbackError> {
    let malformed = CallbackError::Malformed { what: "answer" };
    let key = format!("{}_response", method.replace('.', "_"));
    let Ok(parts) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(body) else {
        return Err(malformed);
    };
    let Some(content) = parts.get(&key).or_else(|| parts.get("error_response")) else {
        return Err(malformed);
    };
    let text = |name: &str| {
        let part = parts.get(name);
        part.map(|part| serde_json::from_str(part.get()))
            .transpose()
    };
    let (Ok(sign), Ok(cert_sn)) = (text("sign"), text("alipay_cert_sn")) else {
        return Err(malformed);
    };
    Ok(Slices {
        content: content.get(),
        sign,
        cert_sn,
    })
}
