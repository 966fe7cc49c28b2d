//! The few pages a payer sees: plain HTML that works in any browser, in two languages.
//!
//! Pages need no script to pay, so that an automated browser and a person press the same
//! buttons.

use axum::http::{HeaderMap, header};
use axum::response::Html;

/// The language of a page, from `Accept-Language`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

impl Language {
    /// The first of our two languages that the browser names; Chinese when it names neither.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let wanted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        wanted
            .unwrap_or_default()
            .split(',')
            .find_map(|tag| match tag.trim().get(..2) {
                Some("zh") => Some(Self::Chinese),
                Some("en") => Some(Self::English),
                _ => None,
            })
            .unwrap_or(Self::Chinese)
    }

    pub(crate) fn pick<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// `raw` as HTML text or inside a quoted attribute.
pub(crate) fn text(raw: &str) -> String {
    raw.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// Fen as yuan with two decimals.
pub(crate) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:17px/1.5 system-ui,sans-serif;margin:0 auto;max-width:26rem;padding:1.5rem 1rem}\
h1{font-size:1.3rem}.amount{font-size:2.2rem;font-weight:600;margin:.5rem 0}\
.note{opacity:.75;font-size:.9rem}\
button,a.button{box-sizing:border-box;display:block;width:100%;min-height:48px;margin:.8rem 0;\
padding:.6rem 1rem;border:1px solid #767676;border-radius:8px;font:inherit;text-align:center;\
text-decoration:none;color:inherit;background:transparent;cursor:pointer}\
button.main,a.main{background:#0b6b3a;border-color:#0b6b3a;color:#fff}\
button.alipay,a.alipay{background:#0b57b7;border-color:#0b57b7;color:#fff}\
input{box-sizing:border-box;width:100%;min-height:48px;font:inherit;padding:.4rem .6rem}\
:focus-visible{outline:3px solid #b35c00;outline-offset:2px}";

/// A whole page. `body` is HTML; `title` is text.
pub(crate) fn page(language: Language, title: &str, body: &str) -> Html<String> {
    page_with_head(language, title, "", body)
}

/// A whole page with more in its head.
pub(crate) fn page_with_head(
    language: Language,
    title: &str,
    head: &str,
    body: &str,
) -> Html<String> {
    let lang = language.pick("zh-CN", "en");
    let note = language.pick("演练渠道：不动用真钱。", "Sandbox: no real money moves.");
    let title = text(title);
    Html(format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style>{head}</head>\
         <body><main>{body}<p class=\"note\">{note}</p></main></body></html>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_chooses_the_language() {
        let of = |wanted: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, wanted.parse().unwrap());
            Language::of(&headers)
        };
        assert_eq!(of("en-GB,en;q=0.9,zh;q=0.8"), Language::English);
        assert_eq!(of("fr, zh-CN;q=0.8, en;q=0.5"), Language::Chinese);
        assert_eq!(of("fr"), Language::Chinese);
    }

    #[test]
    fn yuan_keeps_every_fen() {
        assert_eq!(yuan(1), "0.01");
        assert_eq!(yuan(630_600), "6306.00");
        assert_eq!(yuan(-205), "-2.05");
    }

    #[test]
    fn text_cannot_leave_its_place() {
        assert_eq!(text("<a b='c'>\"&"), "&lt;a b=&#39;c&#39;&gt;&quot;&amp;");
    }
}
