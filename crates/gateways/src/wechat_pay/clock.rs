//! The clock guard. WeChat Pay refuses a signature more than 5 minutes off before it looks at it,
//! so a backend with a wrong clock can't take money and must say so. The distance is measured from
//! each answer's `Date`; past 4 minutes nothing is signed until a fresh measurement says otherwise.

use crate::headers::Headers;
use std::sync::atomic::{AtomicI64, Ordering};

/// Beyond this nothing is signed.
const LIMIT_MS: u64 = 4 * 60 * 1000;

/// Our clock minus the channel's, as last measured; zero before that.
#[derive(Default)]
pub(crate) struct ClockGuard(AtomicI64);

impl ClockGuard {
    /// Learns from an answer; one without a readable `Date` changes nothing.
    pub(crate) fn measure(&self, headers: &Headers, now_ms: i64) {
        let date = headers.one("Date").ok().flatten();
        let channel = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        if let Some(channel) = channel {
            let skew = now_ms.saturating_sub(channel.timestamp().as_millisecond());
            self.0.store(skew, Ordering::Relaxed);
        }
    }

    /// The skew in seconds if it is too large to sign.
    pub(crate) fn too_far(&self) -> Option<i64> {
        let skew = self.0.load(Ordering::Relaxed);
        (skew.unsigned_abs() > LIMIT_MS).then_some(skew / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_minutes_are_the_limit_in_both_directions() {
        let guard = ClockGuard::default();
        let date = Headers::new(vec![(
            "Date".into(),
            "Mon, 23 Nov 2026 03:12:22 GMT".into(),
        )]);
        let then = 1_795_403_542_000;
        for (skew_s, refused) in [
            (0, false),
            (240, false),
            (-240, false),
            (241, true),
            (-241, true),
        ] {
            guard.measure(&date, then + skew_s * 1000);
            assert_eq!(guard.too_far(), refused.then_some(skew_s), "{skew_s} s");
        }
        guard.measure(&Headers::default(), then);
        assert_eq!(
            guard.too_far(),
            Some(-241),
            "an answer without a Date teaches nothing"
        );
        guard.measure(&date, i64::MIN);
        assert!(
            guard.too_far().is_some(),
            "a broken clock must not overflow"
        );
    }
}
