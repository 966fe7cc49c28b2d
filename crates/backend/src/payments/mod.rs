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
    fn queries_come_soon_and_never_stop() {
        assert_eq!(query_delay_ms(0), 5_000);
        assert_eq!(query_delay_ms(u32::MAX), 1_800_000);
    }
}
