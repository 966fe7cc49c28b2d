//! What a company decides of each payment channel: how much a payment may be, and what the channel
//! is said to charge.

use super::{BadConfig, ConfigProblem, bad};
use crate::channel::Channel;
use crate::money::Money;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Longest source of a rate, in characters.
const MAX_SOURCE_CHARS: usize = 200;
/// No channel charges a tenth.
const MAX_RATE: u32 = 1_000;

/// One value for each channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct PerChannel<T> {
    /// 微信支付
    pub wechat_pay: T,
    /// 支付宝
    pub alipay: T,
}

impl<T> PerChannel<T> {
    /// The one of a channel.
    pub const fn of(&self, channel: Channel) -> &T {
        match channel {
            Channel::WechatPay => &self.wechat_pay,
            Channel::Alipay => &self.alipay,
        }
    }
}

/// How much one payment may be; what is `None` is not limited here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct AmountLimit {
    /// At least.
    pub least_fen: Option<Money>,
    /// At most.
    pub most_fen: Option<Money>,
}

impl AmountLimit {
    /// Whether a payment of this much may be asked for.
    pub fn allows(&self, amount: Money) -> bool {
        self.least_fen.is_none_or(|least| amount >= least)
            && self.most_fen.is_none_or(|most| amount <= most)
    }

    pub(super) fn check(&self, field: &str) -> Result<(), BadConfig> {
        let positive = |bound: Option<Money>| bound.is_none_or(|money| money > Money::ZERO);
        let range = self.least_fen.zip(self.most_fen);
        if !positive(self.least_fen)
            || !positive(self.most_fen)
            || range.is_some_and(|(least, most)| least > most)
        {
            return bad(field, ConfigProblem::OutOfRange);
        }
        Ok(())
    }
}

/// What a channel is said to charge. The bill decides; this is the note beside it until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FeeNote {
    /// In ten-thousandths: 60 is 0.60 %.
    pub rate: u32,
    /// Where that is written: a contract, a page of the channel's.
    pub source: String,
    /// When it was looked up, `2026-11-28`.
    pub date: String,
}

impl FeeNote {
    /// The fee of a payment, rounded half up to a fen. It is an estimate: channels round by their
    /// own contracts.
    pub fn estimate(&self, gross: Money) -> Money {
        let exact = i128::from(gross.fen()) * i128::from(self.rate);
        let rounded = (exact + 5_000).div_euclid(10_000);
        // A tenth of what fits at most, see `MAX_RATE`.
        Money::from_fen(i64::try_from(rounded).unwrap_or(i64::MAX))
    }

    pub(super) fn check(&self, field: &str) -> Result<(), BadConfig> {
        let day = self.date.as_bytes();
        let dated = day.len() == 10
            && day.iter().enumerate().all(|(at, letter)| match at {
                4 | 7 => *letter == b'-',
                _ => letter.is_ascii_digit(),
            });
        let source = self.source.trim();
        if self.rate > MAX_RATE
            || source.is_empty()
            || source.chars().count() > MAX_SOURCE_CHARS
            || !dated
        {
            return bad(field, ConfigProblem::OutOfRange);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(rate: u32) -> FeeNote {
        FeeNote {
            rate,
            source: "contract 7".into(),
            date: "2026-11-28".into(),
        }
    }

    #[test]
    fn an_estimate_is_rounded_half_up() {
        for (rate, gross, fee) in [(60, 10_000, 60), (60, 83, 0), (60, 84, 1), (38, 12_345, 47)] {
            let estimate = note(rate).estimate(Money::from_fen(gross));
            assert_eq!(estimate, Money::from_fen(fee), "{rate} of {gross}");
        }
    }

    #[test]
    fn a_rate_has_a_source_and_a_day() {
        assert!(note(60).check("fees.alipay").is_ok());
        for wrong in [
            FeeNote {
                rate: 1_001,
                ..note(0)
            },
            FeeNote {
                source: " ".into(),
                ..note(60)
            },
            FeeNote {
                date: "28.11.2026".into(),
                ..note(60)
            },
        ] {
            assert!(wrong.check("fees.alipay").is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn limits_hold_their_bounds() {
        let limit = AmountLimit {
            least_fen: Some(Money::from_fen(100)),
            most_fen: Some(Money::from_fen(200)),
        };
        let allows = [99, 100, 200, 201].map(|fen| limit.allows(Money::from_fen(fen)));
        assert_eq!(allows, [false, true, true, false]);
        let turned = AmountLimit {
            least_fen: limit.most_fen,
            most_fen: limit.least_fen,
        };
        assert!(limit.check("x").is_ok() && turned.check("x").is_err());
        assert!(AmountLimit::default().allows(Money::from_fen(1)));
    }
}
