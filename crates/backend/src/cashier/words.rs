//! The cashier's texts, both languages side by side: a payer reads the phone's language, and a text
//! that exists in one only does not compile.

use axum::http::{HeaderMap, header};
use domain::Timestamp;
use domain::channel::Channel;
use domain::collection::Purpose;
use domain::time::{DAY_MS, HOUR_MS};

/// The language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Chinese,
    English,
}

impl Language {
    /// The one of ours that the browser likes best, the earlier of two that it likes as much;
    /// Chinese when it names neither.
    pub(super) fn of(headers: &HeaderMap) -> Language {
        let wanted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let mut best = (Language::Chinese, 0);
        for part in wanted.unwrap_or_default().split(',') {
            let mut fields = part.split(';').map(str::trim);
            let tag = fields.next().and_then(|tag| tag.get(..2));
            let language = match tag.map(str::to_ascii_lowercase).as_deref() {
                Some("zh") => Language::Chinese,
                Some("en") => Language::English,
                _ => continue,
            };
            let quality = fields.find_map(|field| field.strip_prefix("q="));
            let quality = quality.map_or(Some(1_000), thousandths).unwrap_or(0);
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }

    pub(super) fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    pub(super) fn pick(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    pub(super) fn wallet(self, channel: Channel) -> &'static str {
        match channel {
            Channel::WechatPay => self.pick("微信支付", "WeChat Pay"),
            Channel::Alipay => self.pick("支付宝", "Alipay"),
        }
    }

    pub(super) fn purpose(self, purpose: Purpose) -> &'static str {
        match purpose {
            Purpose::OrderPayment => self.pick("订单付款", "Order payment"),
            Purpose::PrepaidDeposit => self.pick("预存款充值", "Deposit top-up"),
            Purpose::Other => self.pick("其他付款", "Other payment"),
        }
    }

    /// How long is left, to the second.
    pub(super) fn left(self, ms: i64) -> String {
        let seconds = ms.max(0) / 1_000;
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let (hours, minutes) = (minutes / 60, minutes % 60);
        match (self, hours) {
            (Language::Chinese, 0) => format!("{minutes} 分 {seconds} 秒"),
            (Language::Chinese, _) => format!("{hours} 小时 {minutes} 分"),
            (Language::English, 0) => format!("{minutes} min {seconds} s"),
            (Language::English, _) => format!("{hours} h {minutes} min"),
        }
    }
}

/// A quality as headers have it, `1` or `0.` with up to three digits, in thousandths.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = part.len() <= 3 && part.bytes().all(|digit| digit.is_ascii_digit());
    let part: u32 = format!("{part:0<3}").parse().ok().filter(|_| digits)?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1_000),
        _ => None,
    }
}

/// `11-22 10:51` by the company's clock.
pub(super) fn moment(at: Timestamp) -> String {
    let day = at.business_day();
    let minutes = at.0.saturating_add(8 * HOUR_MS).rem_euclid(DAY_MS) / 60_000;
    format!(
        "{:02}-{:02} {:02}:{:02}",
        day.month(),
        day.day(),
        minutes / 60,
        minutes % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_phone_says_which_language() {
        for (wanted, language) in [
            ("en-GB,en;q=0.9,zh;q=0.8", Language::English),
            ("fr-FR,zh-TW;q=0.5", Language::Chinese),
            ("fr", Language::Chinese),
            ("EN", Language::English),
            ("zh;q=0.2, en;q=0.9", Language::English),
            ("zh;q=0.5,en;q=0.5", Language::Chinese),
            ("en;q=0, zh;q=0.001", Language::Chinese),
            ("en;q=0", Language::Chinese),
            ("en;q=2,zh;q=0.1", Language::Chinese),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(wanted));
            assert_eq!(Language::of(&headers), language, "{wanted}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::Chinese);
    }

    #[test]
    fn times_are_the_companys() {
        assert_eq!(moment(Timestamp(1_795_363_199_999)), "11-22 23:59");
        assert_eq!(Language::Chinese.left(822_999), "13 分 42 秒");
        assert_eq!(Language::English.left(-5), "0 min 0 s");
        assert_eq!(Language::English.left(3_660_000), "1 h 1 min");
    }
}
