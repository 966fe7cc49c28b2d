//! Points in time are milliseconds since 1970 in UTC. They describe documents and bound
//! validity; they never order anything: server numbers do (invariant 10). The business day is the
//! company's, China Standard Time, whatever the computer's zone says.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00Z. In JSON a number (well below 2^53).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ts_rs::TS,
)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct Timestamp(pub i64);

/// One minute in milliseconds.
pub const MINUTE_MS: i64 = 60_000;
/// One hour in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

impl Timestamp {
    /// This point moved by `ms` milliseconds, held at the ends of the range.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this point; negative if it lies before.
    pub fn since_ms(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The calendar day in China Standard Time (UTC+8, no daylight saving).
    pub fn business_day(self) -> jiff::civil::Date {
        let days = self.0.saturating_add(8 * HOUR_MS).div_euclid(DAY_MS);
        let epoch = jiff::civil::date(1970, 1, 1);
        // A timestamp beyond jiff's years is nonsense from a broken clock; it is held at the end.
        jiff::Span::new()
            .try_days(days)
            .and_then(|span| epoch.checked_add(span))
            .unwrap_or(if days < 0 {
                jiff::civil::Date::MIN
            } else {
                jiff::civil::Date::MAX
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_business_day_turns_at_midnight_in_shanghai() {
        let before = Timestamp(1_795_363_199_999); // 2026-11-22T15:59:59.999Z
        assert_eq!(before.business_day(), jiff::civil::date(2026, 11, 22));
        assert_eq!(
            before.plus_ms(1).business_day(),
            jiff::civil::date(2026, 11, 23)
        );
    }

    #[test]
    fn broken_clocks_do_not_panic() {
        assert_eq!(Timestamp(i64::MAX).business_day(), jiff::civil::Date::MAX);
        assert_eq!(Timestamp(i64::MIN).business_day(), jiff::civil::Date::MIN);
    }
}
