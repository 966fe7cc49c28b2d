//! The channels' ways of writing amounts and times, read strictly: what is not exactly of the
//! documented form is refused, never guessed. Alipay writes yuan and Beijing time, WeChat Pay fen
//! and RFC 3339.

use domain::Money;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// China Standard Time, UTC+8 without daylight saving.
const BEIJING: Offset = jiff::tz::offset(8);

/// `12.30` → 1230 fen. Digits with at most two decimals; no sign, no blanks, no exponent. What a
/// person types is read by `Money::parse_yuan`, which forgives; a channel has nothing to be forgiven.
pub(crate) fn parse_yuan(text: &str) -> Option<Money> {
    let (yuan, decimals) = match text.split_once('.') {
        Some((yuan, decimals)) if matches!(decimals.len(), 1 | 2) => (yuan, decimals),
        Some(_) => return None,
        None => (text, ""),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if yuan.is_empty() || !digits(yuan) || !digits(decimals) {
        return None;
    }
    let fen: i128 = format!("{yuan}{decimals:0<2}").parse().ok()?;
    Money::try_from_fen(fen).ok()
}

/// 1230 fen → `12.30`; `None` for less than one fen.
pub(crate) fn yuan(amount: Money) -> Option<String> {
    amount.is_positive().then(|| amount.to_yuan_string())
}

/// A time as Alipay writes it, `2026-11-23 11:00:00`, whole seconds, in Beijing.
pub(crate) fn beijing(unix_ms: i64) -> Option<String> {
    let zoned = Timestamp::from_millisecond(unix_ms)
        .ok()?
        .to_zoned(TimeZone::fixed(BEIJING));
    Some(zoned.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// Reads a time as Alipay writes it, into milliseconds since 1970.
pub(crate) fn parse_beijing(text: &str) -> Option<i64> {
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    let zoned = civil.to_zoned(TimeZone::fixed(BEIJING)).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// A time as WeChat Pay wants it, `2026-11-23T11:00:00+08:00`. Cut to the second, so that it is
/// never later than asked (rule 6.9).
pub(crate) fn rfc3339(unix_ms: i64) -> Option<String> {
    let whole = Timestamp::from_second(unix_ms.div_euclid(1000)).ok()?;
    Some(whole.display_with_offset(BEIJING).to_string())
}

/// Reads an RFC 3339 time into milliseconds since 1970.
pub(crate) fn parse_rfc3339(text: &str) -> Option<i64> {
    text.parse::<Timestamp>()
        .ok()
        .map(Timestamp::as_millisecond)
}

/// Whether a number of ours fits both channels (6 to 32 of `[0-9A-Za-z_]`) and a URL path.
pub(crate) fn fits_both_channels(number: &str) -> bool {
    (6..=32).contains(&number.len())
        && number
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn yuan_is_read_strictly() {
        for (text, fen) in [
            ("0.10", 10),
            ("12.3", 1230),
            ("7", 700),
            ("6306.00", 630_600),
        ] {
            assert_eq!(parse_yuan(text), Some(Money::from_fen(fen)), "{text}");
        }
        for bad in [
            "",
            ".",
            "1.",
            ".5",
            "1.005",
            "-1.00",
            "+1.00",
            " 1.00",
            "1e2",
            "1,000.00",
            "１.00",
            "92233720368547758.08",
            "999999999999999999999999999999999999999999.00",
            "0x10",
            "1.0 ",
            "NaN",
            "1..0",
        ] {
            assert_eq!(parse_yuan(bad), None, "{bad}");
        }
    }

    #[test]
    fn no_order_is_made_for_nothing() {
        assert_eq!(yuan(Money::ZERO), None);
        assert_eq!(yuan(Money::from_fen(-1)), None);
    }

    #[test]
    fn times_are_written_for_each_channel_and_never_later() {
        let ms = 1_795_363_199_999; // 2026-11-22T15:59:59.999Z
        assert_eq!(beijing(ms).as_deref(), Some("2026-11-22 23:59:59"));
        assert_eq!(rfc3339(ms).as_deref(), Some("2026-11-22T23:59:59+08:00"));
        assert_eq!(
            parse_beijing("2026-11-22 23:59:59"),
            Some(1_795_363_199_000)
        );
        assert_eq!(
            parse_rfc3339("2026-11-22T23:59:59+08:00"),
            Some(1_795_363_199_000)
        );
        assert_eq!(parse_beijing("2026-13-22 23:59:59"), None);
        assert_eq!(parse_rfc3339("2026-11-22T23:59:59"), None);
    }

    #[test]
    fn numbers_that_could_leave_the_path_are_refused() {
        assert!(fits_both_channels("FT1a2b3c_0"));
        for bad in [
            "",
            "short",
            "a/../b_c",
            "a?b=c_d",
            "a-b-c-d",
            &"x".repeat(33),
            "六位数的号码",
        ] {
            assert!(!fits_both_channels(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(fen in 1..=Money::MAX.fen()) {
            let written = yuan(Money::from_fen(fen)).unwrap();
            prop_assert_eq!(parse_yuan(&written), Some(Money::from_fen(fen)));
        }
    }
}
