//! Which wallet opened the page. A wallet's browser names itself; that decides what is offered and
//! nothing else: no rule about money rests on a user agent.

use axum::http::{HeaderMap, header};

/// What the payer's page is opened in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    /// WeChat's own browser: WeChat Pay by JSAPI.
    Wechat,
    /// Alipay's own browser.
    Alipay,
    /// Another browser on a phone: what it pays with is on the same phone.
    Phone,
    /// A computer's browser: what it pays with is a phone that scans its screen.
    Desktop,
}

impl Client {
    pub(super) fn of(headers: &HeaderMap) -> Client {
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        let agent = agent.unwrap_or_default();
        if agent.contains("MicroMessenger") {
            Client::Wechat
        } else if agent.contains("AlipayClient") {
            Client::Alipay
        } else if agent.contains("Mobile") || agent.contains("Android") {
            Client::Phone
        } else if ["Windows NT", "Macintosh", "X11", "CrOS"]
            .iter()
            .any(|system| agent.contains(system))
        {
            Client::Desktop
        } else {
            // A phone's way works everywhere.
            Client::Phone
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn wallets_name_themselves() {
        for (agent, client) in [
            (
                "Mozilla/5.0 MicroMessenger/8.0.49 NetType/WIFI",
                Client::Wechat,
            ),
            (
                "Mozilla/5.0 AliApp(AP/10.6) AlipayClient/10.6.0.8000",
                Client::Alipay,
            ),
            ("Mozilla/5.0 Chrome/126.0", Client::Phone),
            (
                "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36",
                Client::Phone,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1",
                Client::Phone,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36",
                Client::Desktop,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15",
                Client::Desktop,
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
            assert_eq!(Client::of(&headers), client, "{agent}");
        }
        assert_eq!(Client::of(&HeaderMap::new()), Client::Phone);
    }
}
