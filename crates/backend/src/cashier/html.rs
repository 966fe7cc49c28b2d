//! How a cashier page is put together: text is escaped where it enters, styles and the one script
//! are inline under a nonce, and nothing is fetched from anywhere. A whole page is a few kB: it has
//! to open on a phone with one bar of signal.

use super::words::Language;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;

/// HTML, made only of constants and escaped text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Html(String);

impl Html {
    /// Markup of our own.
    pub(super) fn raw(markup: impl Into<String>) -> Html {
        Html(markup.into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// `raw` as HTML text or inside a quoted attribute.
pub(super) fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for letter in raw.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Characters that turn the direction of what follows could make an amount lie.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// A page ready to send.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) language: Language,
    /// The stable word for scripts and tests: `payable`, `paid` …
    pub(super) state: &'static str,
    pub(super) status: StatusCode,
    pub(super) title: String,
    pub(super) body: Html,
    /// Parameters of the script; `None` for a page without one.
    pub(super) script: Option<Script>,
    /// Where a form on this page may lead besides ourselves.
    pub(super) form_targets: Vec<String>,
    /// Whether who is led away is told our host: WeChat's H5 page asks for it. Never the link.
    pub(super) names_host: bool,
}

/// What the page's script does.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    /// The ask's state is looked up every 2 s for 60 s, and the page is loaded again on a change.
    pub(super) poll: bool,
    /// Parameters for `WeixinJSBridge`, as JSON.
    pub(super) bridge: Option<String>,
}

impl Page {
    /// The page under its security headers.
    pub(super) fn send(self, nonce: &str) -> Response {
        let html = self.render(nonce);
        let targets: String = self
            .form_targets
            .iter()
            .fold(String::new(), |mut all, origin| {
                let _ = write!(all, " {origin}");
                all
            });
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; \
             connect-src 'self'; img-src data:; form-action 'self'{targets}; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        let mut response = (self.status, html).into_response();
        let headers = response.headers_mut();
        let referrer = match self.names_host {
            true => "strict-origin",
            false => "no-referrer",
        };
        let fixed: [(HeaderName, &'static str); 6] = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, referrer),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (
                HeaderName::from_static("permissions-policy"),
                "camera=(), geolocation=()",
            ),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }

    fn render(&self, nonce: &str) -> String {
        let mut html = String::with_capacity(8 << 10);
        let _ = write!(
            html,
            "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex\"><link rel=\"icon\" href=\"data:,\"><title>{title}</title>\
             <style nonce=\"{nonce}\">{STYLE}</style>",
            lang = self.language.tag(),
            title = text(&self.title),
        );
        if self.script.as_ref().is_some_and(|script| script.poll) {
            html.push_str("<noscript><meta http-equiv=\"refresh\" content=\"4\"></noscript>");
        }
        let _ = write!(html, "</head><body data-state=\"{}\"", self.state);
        if let Some(script) = &self.script {
            if script.poll {
                html.push_str(" data-poll=\"1\"");
            }
            if let Some(bridge) = &script.bridge {
                let _ = write!(html, " data-bridge=\"{}\"", text(bridge));
            }
        }
        let _ = write!(html, "><main>{}</main>", self.body.as_str());
        if self.script.is_some() {
            let _ = write!(html, "<script nonce=\"{nonce}\">{SCRIPT}</script>");
        }
        html.push_str("</body></html>");
        html
    }
}

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A QR code as inline SVG: one path, whole modules, a quiet zone of 4.
pub(super) fn qr(id: &str, content: &str) -> Option<Html> {
    let code = qrcode::QrCode::new(content.as_bytes()).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, colour) in code.to_colors().into_iter().enumerate() {
        if colour == qrcode::Color::Dark {
            let _ = write!(path, "M{} {}h1v1h-1z", at % width + 4, at / width + 4);
        }
    }
    let size = width + 8;
    Some(Html::raw(format!(
        "<svg id=\"{id}\" class=\"qr\" viewBox=\"0 0 {size} {size}\" \
         shape-rendering=\"crispEdges\" role=\"img\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/>\
         <path fill=\"#111\" d=\"{path}\"/></svg>"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_markup_come_out_inert() {
        let name = "<img src=x onerror=alert(1)>\"'&</title><script>\u{202e}";
        let safe = text(name);
        assert!(
            !safe.contains(['<', '>', '"', '\'']) && !safe.contains('\u{202e}'),
            "{safe}"
        );
        let page = Page {
            language: Language::English,
            state: "payable",
            status: StatusCode::OK,
            title: name.to_owned(),
            body: Html::raw(format!("<p title=\"{}\">{}</p>", text(name), text(name))),
            script: Some(Script {
                poll: false,
                bridge: Some("{\"a\":\"</script>\"}".into()),
            }),
            form_targets: Vec::new(),
            names_host: false,
        };
        let html = page.render("n0");
        assert!(!html.contains("<img") && html.matches("<script").count() == 1);
        assert!(html.contains("data-bridge=\"{&quot;a&quot;:&quot;&lt;/script&gt;&quot;}\""));
    }

    #[test]
    fn a_page_forbids_everything_it_does_not_bring() {
        let page = Page {
            language: Language::Chinese,
            state: "refused",
            status: StatusCode::NOT_FOUND,
            title: String::new(),
            body: Html::default(),
            script: None,
            form_targets: vec!["https://wallet.example".into()],
            names_host: false,
        };
        let response = page.send("abc");
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(policy.starts_with("default-src 'none'"));
        assert!(policy.contains("form-action 'self' https://wallet.example;"));
        assert!(!policy.contains("unsafe-inline"));
        assert_eq!(response.headers()[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(response.headers()[header::X_FRAME_OPTIONS], "DENY");
        assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
    }
}
