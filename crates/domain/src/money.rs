//! Money is whole fen behind a type: an amount can be added, compared, split and printed, but never
//! multiplied by a float or mistaken for a count. In JSON it is a string of integer fen, because
//! JavaScript numbers lose whole fen above 2^53 (rule 5.1).
//!
//! There are no `+` and `-`: every sum is checked, because an operator could only panic or wrap.
//! Amounts from outside (JSON, user text) and every sum stay within ±[`Money::MAX`], so that a
//! refusal comes at the edge, in words, and a running total has room to spare in `i64`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in fen (1/100 yuan). May be negative: reversals and differences are amounts too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Why an amount was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not an amount such as `1,234.50`.
    #[error("\"{0}\" is not an amount: enter yuan such as 1,234.50")]
    NotAnAmount(String),
    /// The text has more than two decimals.
    #[error("\"{0}\" has more than two decimals: an amount ends at the fen")]
    TooManyDecimals(String),
    /// An amount or a sum is beyond ±[`Money::MAX`].
    #[error("the amount is beyond ¥10,000,000,000,000: split the document or check the entry")]
    OutOfRange,
}

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);

    /// The largest amount that any edge or sum accepts: 10^15 fen (ten million million yuan).
    pub const MAX: Money = Money(1_000_000_000_000_000);

    /// An amount of whole fen, unchecked: for constants and for stored rows, which were checked
    /// when they came in. Use [`Money::try_from_fen`] for anything from outside.
    pub const fn from_fen(fen: i64) -> Money {
        Money(fen)
    }

    /// An amount of whole fen from outside.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] beyond ±[`Money::MAX`].
    pub fn try_from_fen(fen: i128) -> Result<Money, MoneyError> {
        match i64::try_from(fen) {
            Ok(fen) if fen.unsigned_abs() <= Money::MAX.0.unsigned_abs() => Ok(Money(fen)),
            _ => Err(MoneyError::OutOfRange),
        }
    }

    /// The amount in fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// The sum, or `None` beyond ±[`Money::MAX`].
    pub fn checked_add(self, other: Money) -> Option<Money> {
        Money::try_from_fen(i128::from(self.0) + i128::from(other.0)).ok()
    }

    /// The difference, or `None` beyond ±[`Money::MAX`].
    pub fn checked_sub(self, other: Money) -> Option<Money> {
        Money::try_from_fen(i128::from(self.0) - i128::from(other.0)).ok()
    }

    /// The exact sum of many amounts; only the result is bounded, not the way to it.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when the sum is beyond ±[`Money::MAX`].
    pub fn sum(amounts: impl IntoIterator<Item = Money>) -> Result<Money, MoneyError> {
        Money::try_from_fen(amounts.into_iter().map(|m| i128::from(m.0)).sum())
    }

    /// The same amount the other way round: what a reversal books.
    #[must_use]
    pub const fn neg(self) -> Money {
        Money(self.0.saturating_neg())
    }

    /// The amount without its sign.
    #[must_use]
    pub const fn abs(self) -> Money {
        Money(self.0.saturating_abs())
    }

    /// Below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Splits the amount in proportion to the magnitudes of `weights`, by largest remainder: the
    /// parts sum to the amount exactly, and equal remainders go to the lower index first. A part
    /// never exceeds its weight while the amount does not exceed their sum, so a discount cannot
    /// turn a line around. When every weight is zero, all weigh the same. Without weights there is
    /// nothing to split over and the result is empty. `split(-x)` is the mirror of `split(x)`.
    pub fn split(self, weights: &[Money]) -> Vec<Money> {
        let mut magnitudes: Vec<u128> = weights
            .iter()
            .map(|w| u128::from(w.0.unsigned_abs()))
            .collect();
        if magnitudes.iter().all(|w| *w == 0) {
            magnitudes.fill(1);
        }
        let total: u128 = magnitudes.iter().sum();
        if total == 0 {
            return Vec::new();
        }
        let amount = u128::from(self.0.unsigned_abs());
        let mut parts: Vec<u128> = magnitudes.iter().map(|w| amount * w / total).collect();
        let missing = amount - parts.iter().sum::<u128>();
        let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
        by_remainder.sort_by_key(|i| (std::cmp::Reverse(amount * magnitudes[*i] % total), *i));
        for index in by_remainder
            .into_iter()
            .zip(0..missing)
            .map(|(index, _)| index)
        {
            parts[index] += 1;
        }
        // Every part is at most `amount`, which came from an i64.
        let signed = |part: u128| {
            let part = i64::try_from(part).unwrap_or(i64::MAX);
            if self.is_negative() {
                Money(-part)
            } else {
                Money(part)
            }
        };
        parts.into_iter().map(signed).collect()
    }

    /// Reads what a person types: `1,234.50`, `-12`, `￥１２．５`. Full-width digits, signs, commas
    /// and dots count as their plain forms; a comma must stand at a thousand.
    ///
    /// # Errors
    /// Text that is no amount, has more than two decimals, or is beyond ±[`Money::MAX`].
    pub fn parse_yuan(text: &str) -> Result<Money, MoneyError> {
        let wrong = || MoneyError::NotAnAmount(text.to_owned());
        let plain = PlainNumber::read(text, true).ok_or_else(wrong)?;
        if plain.decimals.len() > 2 {
            return Err(MoneyError::TooManyDecimals(text.to_owned()));
        }
        if plain.whole.len() > 18 {
            return Err(MoneyError::OutOfRange);
        }
        let digits = format!("{}{:0<2}", plain.whole, plain.decimals);
        let fen: i128 = digits.parse().map_err(|_| wrong())?;
        Money::try_from_fen(if plain.negative { -fen } else { fen })
    }

    /// Yuan without sign of currency or grouping, `1234.50`: what channels and exports take.
    pub fn to_yuan_string(self) -> String {
        let (whole, fen) = self.yuan_and_fen();
        format!(
            "{}{whole}.{fen:02}",
            if self.is_negative() { "-" } else { "" }
        )
    }

    fn yuan_and_fen(self) -> (u64, u64) {
        let magnitude = self.0.unsigned_abs();
        (magnitude / 100, magnitude % 100)
    }
}

/// As people read it: `¥1,234.50`, negative `-¥12.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fen) = self.yuan_and_fen();
        let digits = whole.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        write!(
            f,
            "{}¥{grouped}.{fen:02}",
            if self.is_negative() { "-" } else { "" }
        )
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

/// One amount has one spelling: `+5`, `05`, `-0` and bare JSON numbers are refused.
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Money, D::Error> {
        use serde::de::Error;
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        let fen: i64 = text.parse().map_err(Error::custom)?;
        if fen.to_string() != text {
            return Err(Error::custom(format!(
                "\"{text}\" is not written as whole fen"
            )));
        }
        Money::try_from_fen(i128::from(fen)).map_err(Error::custom)
    }
}

/// Implements `ts_rs::TS` for a type whose JSON form is a string.
macro_rules! ts_string {
    ($type:ty) => {
        impl ts_rs::TS for $type {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn name(_: &ts_rs::Config) -> String {
                "string".to_owned()
            }

            fn inline(cfg: &ts_rs::Config) -> String {
                Self::name(cfg)
            }
        }
    };
}
pub(crate) use ts_string;

ts_string!(Money);

/// A number that a person typed, taken apart: sign, whole digits, decimal digits.
pub(crate) struct PlainNumber {
    pub(crate) negative: bool,
    pub(crate) whole: String,
    pub(crate) decimals: String,
}

impl PlainNumber {
    /// `None` unless the text is one number; `currency` allows one `¥` after the sign.
    pub(crate) fn read(text: &str, currency: bool) -> Option<PlainNumber> {
        let plain: String = text.trim().chars().map(narrow).collect();
        let (negative, rest) = match plain.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, plain.as_str()),
        };
        let rest = match rest.strip_prefix('¥') {
            Some(rest) if currency => rest.trim_start(),
            _ => rest,
        };
        let digits_only = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let (whole, decimals) = match rest.split_once('.') {
            Some((whole, decimals)) if digits_only(decimals) => (whole, decimals),
            Some(_) => return None,
            None => (rest, ""),
        };
        let grouped_right = whole.split(',').enumerate().all(|(index, group)| {
            digits_only(group)
                && if index == 0 {
                    group.len() <= 3
                } else {
                    group.len() == 3
                }
        });
        if !digits_only(whole) && !grouped_right {
            return None;
        }
        let whole = whole.replace(',', "");
        Some(PlainNumber {
            negative,
            whole,
            decimals: decimals.to_owned(),
        })
    }

    /// The number exactly, or `None` when it has more digits than a decimal holds.
    pub(crate) fn decimal(&self) -> Option<rust_decimal::Decimal> {
        let sign = if self.negative { "-" } else { "" };
        let point = if self.decimals.is_empty() { "" } else { "." };
        let text = format!("{sign}{}{point}{}", self.whole, self.decimals);
        rust_decimal::Decimal::from_str_exact(&text).ok()
    }
}

/// The plain form of what a Chinese input method makes of the keys of a number.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '，' => ',',
        '．' | '。' => '.',
        '－' | '−' => '-',
        '￥' => '¥',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fen(range: std::ops::RangeInclusive<i64>) -> impl Strategy<Value = Money> {
        range.prop_map(Money::from_fen)
    }

    fn any_money() -> impl Strategy<Value = Money> {
        fen(-Money::MAX.fen()..=Money::MAX.fen())
    }

    #[test]
    fn shows_yuan_the_way_people_read_it() {
        let shown = |fen| Money::from_fen(fen).to_string();
        assert_eq!(shown(123_450), "¥1,234.50");
        assert_eq!(shown(-1_200), "-¥12.00");
        assert_eq!(shown(0), "¥0.00");
        assert_eq!(shown(5), "¥0.05");
        assert_eq!(shown(99_999), "¥999.99");
        assert_eq!(shown(100_000_000), "¥1,000,000.00");
        assert_eq!(Money::from_fen(-123_450).to_yuan_string(), "-1234.50");
    }

    #[test]
    fn reads_what_people_type() {
        for (text, expected) in [
            ("1,234.50", 123_450),
            (" 1234.5 ", 123_450),
            ("１，２３４．５０", 123_450),
            ("￥１２", 1_200),
            ("-¥12.00", -1_200),
            ("－12", -1_200),
            ("12。5", 1_250),
            ("0", 0),
            ("007", 700),
            ("10,000,000,000,000.00", Money::MAX.fen()),
        ] {
            assert_eq!(
                Money::parse_yuan(text),
                Ok(Money::from_fen(expected)),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_what_is_no_amount() {
        for text in [
            "", " ", "-", "¥", ".5", "5.", "1,23", "1,2345", ",123", "12,", "1.2,3", "1e3", "+5",
            "0x10", "1 2", "--1", "¥-1", "¥¥1", "1.2.3", "十",
        ] {
            let refused = Money::parse_yuan(text);
            assert_eq!(
                refused,
                Err(MoneyError::NotAnAmount(text.to_owned())),
                "{text}"
            );
        }
        let fine = Money::parse_yuan("1.005");
        assert_eq!(fine, Err(MoneyError::TooManyDecimals("1.005".to_owned())));
        for text in [
            "10,000,000,000,000.01",
            "99999999999999999999999999999999999999999999",
        ] {
            assert_eq!(
                Money::parse_yuan(text),
                Err(MoneyError::OutOfRange),
                "{text}"
            );
        }
    }

    #[test]
    fn json_is_a_string_of_fen_in_one_spelling() {
        let money = Money::from_fen(630_600);
        assert_eq!(serde_json::to_string(&money).unwrap(), "\"630600\"");
        assert_eq!(serde_json::from_str::<Money>("\"630600\"").unwrap(), money);
        assert_eq!(
            serde_json::from_value::<Money>(serde_json::json!("-1"))
                .unwrap()
                .fen(),
            -1
        );
        for json in [
            "630600", "\"+5\"", "\"05\"", "\"-0\"", "\"1.0\"", "\"\"", "\" 1\"", "null",
        ] {
            assert!(serde_json::from_str::<Money>(json).is_err(), "{json}");
        }
        assert!(serde_json::from_str::<Money>("\"1000000000000001\"").is_err());
    }

    #[test]
    fn sums_beyond_the_bound_are_refused_and_never_wrap() {
        let one = Money::from_fen(1);
        assert_eq!(Money::MAX.checked_add(one), None);
        assert_eq!(Money::MAX.neg().checked_sub(one), None);
        assert_eq!(Money::sum([Money::MAX, one]), Err(MoneyError::OutOfRange));
        assert_eq!(Money::sum([Money::MAX, one, one.neg()]), Ok(Money::MAX));
        assert_eq!(Money::sum([]), Ok(Money::ZERO));
    }

    #[test]
    fn splits_by_largest_remainder_with_ties_to_the_first() {
        let weights = |fen: &[i64]| fen.iter().copied().map(Money::from_fen).collect::<Vec<_>>();
        let split = |amount, by: &[i64]| Money::from_fen(amount).split(&weights(by));
        assert_eq!(split(100, &[1, 1, 1]), weights(&[34, 33, 33]));
        assert_eq!(split(10, &[50, 30, 20]), weights(&[5, 3, 2]));
        assert_eq!(split(1, &[1, 5]), weights(&[0, 1]));
        assert_eq!(split(7, &[0, 9]), weights(&[0, 7]));
        assert_eq!(split(5, &[0, 0]), weights(&[3, 2]));
        assert_eq!(split(5, &[]), weights(&[]));
    }

    proptest! {
        #[test]
        fn parsing_what_was_shown_gives_the_amount_back(money in any_money()) {
            prop_assert_eq!(Money::parse_yuan(&money.to_string()), Ok(money));
            prop_assert_eq!(Money::parse_yuan(&money.to_yuan_string()), Ok(money));
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[-－¥￥0-9０-９,，.。 x]{0,24}") {
            let _ = Money::parse_yuan(&text);
        }

        #[test]
        fn a_split_is_exact_fair_and_mirrors(
            money in any_money(),
            weights in prop::collection::vec(fen(0..=1_000_000_000), 1..40),
        ) {
            let parts = money.split(&weights);
            prop_assert_eq!(Money::sum(parts.iter().copied()), Ok(money));
            let mirrored: Vec<Money> = parts.iter().map(|part| part.neg()).collect();
            prop_assert_eq!(money.neg().split(&weights), mirrored);
            let total: i128 = weights.iter().map(|w| i128::from(w.fen())).sum();
            if total > 0 {
                for (part, weight) in parts.iter().zip(&weights) {
                    let exact = i128::from(money.fen()) * i128::from(weight.fen());
                    let off = (i128::from(part.fen()) * total - exact).abs();
                    prop_assert!(off < total, "a part is a whole fen off its share");
                }
            }
        }

        #[test]
        fn a_discount_never_exceeds_its_line(
            weights in prop::collection::vec(fen(0..=1_000_000), 1..20),
            share in 0_i64..=100,
        ) {
            let total: i64 = weights.iter().map(|w| w.fen()).sum();
            let discount = Money::from_fen(total * share / 100);
            for (part, weight) in discount.split(&weights).iter().zip(&weights) {
                prop_assert!(part <= weight);
            }
        }
    }
}
