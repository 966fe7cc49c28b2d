//! Money: how an ask lives and ends, how a channel's word is booked, and the two functions through
//! which money meets orders and leaves them. Everything here is pure; a store carries it out.

pub mod asks;
pub mod bill;
pub mod money;
pub mod refunds;
pub mod settle;

use domain::channel::Channel;
use domain::id::{IntentId, crockford};

/// The number of an attempt, computed and never drawn (rule 6.10): `FT`, the intent, the channel's
/// letter, two digits of ordinal and a check character, 19 of `[0-9A-Z]`.
pub fn out_trade_no(intent: IntentId, channel: Channel, ordinal: u8) -> String {
    let letter = match channel {
        Channel::WechatPay => 'W',
        Channel::Alipay => 'A',
    };
    let body = format!("FT{intent}{letter}{:02}", ordinal % 100);
    let sum = body
        .bytes()
        .fold(0u32, |sum, byte| (sum * 31 + u32::from(byte)) % 1_000_003);
    format!("{body}{}", crockford(u128::from(sum % 32), 1))
}

/// The intent that a number of ours was computed from; `None` for any other text.
pub fn intent_of(number: &str) -> Option<IntentId> {
    let intent: IntentId = number.strip_prefix("FT")?.get(..13)?.parse().ok()?;
    let ordinal: u8 = number.get(16..18)?.parse().ok()?;
    Channel::ALL
        .into_iter()
        .any(|channel| out_trade_no(intent, channel, ordinal) == number)
        .then_some(intent)
}

/// How long after its making an attempt is asked about for the `tries`-th time, milliseconds: the
/// schedule on which everything settles without callbacks (rule 6.11).
pub fn query_delay_ms(tries: u32) -> i64 {
    const SECONDS: [i64; 7] = [5, 30, 60, 180, 300, 600, 1_800];
    let index = usize::try_from(tries)
        .unwrap_or(usize::MAX)
        .min(SECONDS.len() - 1);
    SECONDS[index] * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempt_numbers_fit_both_channels_and_repeat() {
        let number = out_trade_no(IntentId(u64::MAX), Channel::WechatPay, 7);
        assert_eq!(
            number,
            out_trade_no(IntentId(u64::MAX), Channel::WechatPay, 7)
        );
        assert_eq!(number.len(), 19);
        assert!(number.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_ne!(number, out_trade_no(IntentId(u64::MAX), Channel::Alipay, 7));
        assert_ne!(
            number,
            out_trade_no(IntentId(u64::MAX), Channel::WechatPay, 8)
        );
    }

    #[test]
    fn a_number_says_whose_it_is_and_no_other_text_does() {
        let intent = IntentId(0x1112_1314_1516_1718);
        for (channel, ordinal) in [(Channel::WechatPay, 1), (Channel::Alipay, 99)] {
            let number = out_trade_no(intent, channel, ordinal);
            assert_eq!(intent_of(&number), Some(intent), "{number}");
            for at in 0..number.len() {
                let mut spoilt = number.clone();
                let other = if spoilt.get(at..=at) == Some("0") {
                    "1"
                } else {
                    "0"
                };
                spoilt.replace_range(at..=at, other);
                assert_ne!(intent_of(&spoilt), Some(intent), "{spoilt}");
            }
        }
        for text in [
            "",
            "FT",
            "FT一二三四五六七八",
            "ORDER_0001",
            "FT0000000000000W01",
        ] {
            assert_eq!(intent_of(text), None, "{text}");
        }
    }

    #[test]
    fn queries_come_soon_and_never_stop() {
        assert_eq!(query_delay_ms(0), 5_000);
        assert_eq!(query_delay_ms(u32::MAX), 1_800_000);
    }
}
