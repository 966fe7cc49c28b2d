//! Quantities, unit prices and discounts are decimals with a bound on places and size, because a
//! float would make two computers disagree by a fen (rule 5.1, invariant 9). A line is multiplied
//! out exactly in integers and rounded once, half away from zero, so that the reversal of a line is
//! its exact mirror. In JSON all three are strings.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::money::{Money, MoneyError, PlainNumber, ts_string};

/// Why a quantity, price, discount or line was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// The text is not a number such as `12.5`.
    #[error("\"{0}\" is not a number: enter digits such as 12.5")]
    NotANumber(String),
    /// The number is finer than its kind allows.
    #[error("{value} has more than {places} decimals: round it first")]
    TooManyPlaces {
        /// The number as given.
        value: String,
        /// How many decimals are allowed.
        places: u32,
    },
    /// The number is outside its kind's range.
    #[error("{value} is out of range: it must be between {min} and {max}")]
    OutOfRange {
        /// The number as given.
        value: String,
        /// The lowest allowed.
        min: i64,
        /// The highest allowed.
        max: i64,
    },
    /// A discount in money is negative or larger than the line.
    #[error("the discount {discount} does not fit a line of {gross}: lower the discount")]
    DiscountAboveLine {
        /// The discount as given.
        discount: Money,
        /// The line before discount.
        gross: Money,
    },
    /// The line's amount is no possible [`Money`].
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Both factors of a line stay within ±10^9, which keeps its exact product inside `i128`.
const FACTOR_MAX: i64 = 1_000_000_000;

macro_rules! decimal_type {
    ($(#[$doc:meta])* $name:ident, places $places:literal, from $min:expr, to $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Decimal);

        impl $name {
            /// Nothing.
            pub const ZERO: $name = $name(Decimal::ZERO);

            /// How many decimals it may have.
            pub const PLACES: u32 = $places;

            /// From a decimal.
            ///
            /// # Errors
            /// When it has too many places or is out of range.
            pub fn new(value: Decimal) -> Result<$name, QuantityError> {
                // One value has one form, so that it also has one JSON text.
                let value = value.normalize();
                if value.scale() > $places {
                    let value = value.to_string();
                    return Err(QuantityError::TooManyPlaces { value, places: $places });
                }
                if value < Decimal::from($min) || value > Decimal::from($max) {
                    let value = value.to_string();
                    return Err(QuantityError::OutOfRange { value, min: $min, max: $max });
                }
                Ok($name(value))
            }

            /// The number.
            pub const fn decimal(self) -> Decimal {
                self.0
            }

            /// Reads what a person types; full-width digits and thousands commas are accepted.
            ///
            /// # Errors
            /// When it is no number, has too many places or is out of range.
            pub fn parse(text: &str) -> Result<$name, QuantityError> {
                let number = PlainNumber::read(text, false).and_then(|plain| plain.decimal());
                $name::new(number.ok_or_else(|| QuantityError::NotANumber(text.to_owned()))?)
            }

            /// The number in units of its last allowed place; exact, since both are bounded.
            fn units(self) -> i128 {
                self.0.mantissa() * 10_i128.pow($places - self.0.scale())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<$name, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                $name::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        ts_string!($name);
    };
}

decimal_type! {
    /// How much of a product, in the line's unit. Negative on a return or a reversal.
    Quantity, places 6, from -FACTOR_MAX, to FACTOR_MAX
}

decimal_type! {
    /// Yuan per unit, never negative, at most 6 decimals.
    UnitPrice, places 6, from 0, to FACTOR_MAX
}

decimal_type! {
    /// A percentage from 0 to 100; as a discount it is what is taken *off* (10 is 九折).
    Percent, places 4, from 0, to 100
}

/// The same quantity the other way round; the range is symmetric, so it always exists.
impl std::ops::Neg for Quantity {
    type Output = Quantity;

    fn neg(self) -> Quantity {
        Quantity((-self.0).normalize())
    }
}

/// What is taken off one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value")]
pub enum LineDiscount {
    /// Nothing.
    #[default]
    None,
    /// A share of the line, rounded together with it.
    Percent(Percent),
    /// Fen off the line's magnitude: on a return it is given back, so it is always ≥ 0 here.
    Amount(Money),
}

impl LineDiscount {
    /// What is left of an amount, rounded half away from zero to the fen; used for a whole order,
    /// whose sum is already rounded. `None` when a discount in money is negative or exceeds the
    /// amount's magnitude.
    pub fn take_from(&self, amount: Money) -> Option<Money> {
        match self {
            LineDiscount::None => Some(amount),
            LineDiscount::Percent(percent) => {
                let left = i128::from(amount.fen()) * percent.units_left();
                Money::try_from_fen(round_half_away(left, Percent::WHOLE)).ok()
            }
            LineDiscount::Amount(off) if off.is_negative() || *off > amount.abs() => None,
            LineDiscount::Amount(off) if amount.is_negative() => amount.checked_add(*off),
            LineDiscount::Amount(off) => amount.checked_sub(*off),
        }
    }
}

impl Percent {
    /// 100 % in units of its last place.
    const WHOLE: i128 = 100 * 10_i128.pow(Percent::PLACES);

    fn units_left(self) -> i128 {
        Percent::WHOLE - self.units()
    }
}

/// What a line costs after its discount, rounded once, half away from zero. The mirror is exact:
/// the negative quantity with the same price and discount gives the negative amount.
///
/// # Errors
/// When a discount in money is negative or exceeds the line, or the amount is out of range.
pub fn line_amount(
    quantity: Quantity,
    unit_price: UnitPrice,
    discount: &LineDiscount,
) -> Result<Money, QuantityError> {
    let percent_off = match discount {
        LineDiscount::Percent(percent) => *percent,
        LineDiscount::None | LineDiscount::Amount(_) => Percent::ZERO,
    };
    // Quantity and price in millionths, the remaining share in ten-thousandths of a percent:
    // at most 10^15 · 10^15 · 10^6 = 10^36, which i128 holds. In fen that is over 10^16.
    let product = quantity.units() * unit_price.units() * percent_off.units_left();
    let amount = Money::try_from_fen(round_half_away(product, 10_i128.pow(16)))?;
    match discount {
        LineDiscount::None | LineDiscount::Percent(_) => Ok(amount),
        LineDiscount::Amount(off) => {
            discount
                .take_from(amount)
                .ok_or(QuantityError::DiscountAboveLine {
                    discount: *off,
                    gross: amount,
                })
        }
    }
}

/// `value / by` to the nearest whole; a half goes away from zero. `by` is positive and even.
fn round_half_away(value: i128, by: i128) -> i128 {
    let half = if value < 0 { -(by / 2) } else { by / 2 };
    (value + half) / by
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quantity(text: &str) -> Quantity {
        Quantity::parse(text).unwrap()
    }

    fn price(text: &str) -> UnitPrice {
        UnitPrice::parse(text).unwrap()
    }

    fn line(q: &str, p: &str, discount: LineDiscount) -> i64 {
        line_amount(quantity(q), price(p), &discount).unwrap().fen()
    }

    fn percent(text: &str) -> LineDiscount {
        LineDiscount::Percent(Percent::parse(text).unwrap())
    }

    #[test]
    fn rounds_half_away_from_zero_once() {
        assert_eq!(line("3", "1.005", LineDiscount::None), 302);
        assert_eq!(line("1", "0.005", LineDiscount::None), 1);
        assert_eq!(line("-1", "0.005", LineDiscount::None), -1);
        assert_eq!(line("1", "0.004999", LineDiscount::None), 0);
        // Rounded before the discount this would be 0.01 · 50 % = 0.01.
        assert_eq!(line("1", "0.005", percent("50")), 0);
        assert_eq!(line("12", "105.10", percent("10")), 113_508);
        assert_eq!(line("1", "99.99", percent("33.3333")), 6_666);
        assert_eq!(line("7", "3", percent("100")), 0);
    }

    #[test]
    fn a_discount_in_money_fits_its_line() {
        let off = |fen| LineDiscount::Amount(Money::from_fen(fen));
        assert_eq!(line("2", "5", off(150)), 850);
        assert_eq!(line("-2", "5", off(150)), -850);
        assert_eq!(line("2", "5", off(1_000)), 0);
        for fen in [1_001, -1] {
            let refused = line_amount(quantity("2"), price("5"), &off(fen));
            assert!(
                matches!(refused, Err(QuantityError::DiscountAboveLine { .. })),
                "{fen}"
            );
        }
    }

    #[test]
    fn a_discount_on_a_whole_order_rounds_the_same_way() {
        let left = |discount: LineDiscount, fen| discount.take_from(Money::from_fen(fen));
        assert_eq!(left(percent("10"), 1_005), Some(Money::from_fen(905)));
        assert_eq!(left(percent("10"), -1_005), Some(Money::from_fen(-905)));
        assert_eq!(left(LineDiscount::None, 7), Some(Money::from_fen(7)));
        let five = LineDiscount::Amount(Money::from_fen(5));
        assert_eq!(left(five, 7), Some(Money::from_fen(2)));
        assert_eq!(left(five, -7), Some(Money::from_fen(-2)));
        assert_eq!(left(five, 4), None);
        assert_eq!(left(LineDiscount::Amount(Money::from_fen(-1)), 4), None);
    }

    #[test]
    fn reads_what_people_type_and_refuses_the_rest() {
        assert_eq!(quantity("１，２００．５").to_string(), "1200.5");
        assert_eq!(quantity("1.500000").to_string(), "1.5");
        assert_eq!(quantity("-0").to_string(), "0");
        assert_eq!(price("0.123456").to_string(), "0.123456");
        for text in ["", "abc", "1e3", "1_000", "¥5", "1.", ".5", "5 5"] {
            let refused = Quantity::parse(text);
            assert_eq!(
                refused,
                Err(QuantityError::NotANumber(text.to_owned())),
                "{text}"
            );
        }
        assert!(matches!(
            Quantity::parse("0.1234567"),
            Err(QuantityError::TooManyPlaces { places: 6, .. })
        ));
        assert!(matches!(
            Percent::parse("1.00001"),
            Err(QuantityError::TooManyPlaces { places: 4, .. })
        ));
        for refused in [
            UnitPrice::parse("-1").unwrap_err(),
            UnitPrice::parse("1000000000.000001").unwrap_err(),
            Quantity::parse("-1,000,000,001").unwrap_err(),
            Percent::parse("100.0001").unwrap_err(),
            Percent::parse("-0.1").unwrap_err(),
        ] {
            assert!(
                matches!(refused, QuantityError::OutOfRange { .. }),
                "{refused}"
            );
        }
    }

    #[test]
    fn json_is_a_string() {
        assert_eq!(serde_json::to_string(&quantity("2.50")).unwrap(), "\"2.5\"");
        assert_eq!(
            serde_json::from_str::<Quantity>("\"2.5\"").unwrap(),
            quantity("2.5")
        );
        assert!(serde_json::from_str::<Quantity>("2.5").is_err());
        let discount = percent("12.5");
        let json = serde_json::to_string(&discount).unwrap();
        assert_eq!(json, r#"{"kind":"percent","value":"12.5"}"#);
        assert_eq!(
            serde_json::from_str::<LineDiscount>(&json).unwrap(),
            discount
        );
        assert_eq!(
            serde_json::to_string(&LineDiscount::None).unwrap(),
            r#"{"kind":"none"}"#
        );
    }

    #[test]
    fn the_largest_factors_are_refused_in_words_and_never_overflow() {
        let largest = line_amount(
            quantity("1000000000"),
            price("1000000000"),
            &LineDiscount::None,
        );
        assert_eq!(largest, Err(QuantityError::Money(MoneyError::OutOfRange)));
    }

    fn micro(range: std::ops::RangeInclusive<i64>) -> impl Strategy<Value = Decimal> {
        range.prop_map(|units| Decimal::new(units, 6))
    }

    fn any_discount() -> impl Strategy<Value = LineDiscount> {
        prop_oneof![
            Just(LineDiscount::None),
            (0_i64..=1_000_000).prop_map(|units| {
                LineDiscount::Percent(Percent::new(Decimal::new(units, 4)).unwrap())
            }),
            (0_i64..=10_000).prop_map(|fen| LineDiscount::Amount(Money::from_fen(fen))),
        ]
    }

    proptest! {
        #[test]
        fn the_mirror_of_a_line_is_exact(
            q in micro(-1_000_000_000_000..=1_000_000_000_000),
            p in micro(0..=1_000_000_000_000),
            discount in any_discount(),
        ) {
            let (q, p) = (Quantity::new(q).unwrap(), UnitPrice::new(p).unwrap());
            let there = line_amount(q, p, &discount);
            let back = line_amount(-q, p, &discount);
            match (there, back) {
                (Ok(there), Ok(back)) => prop_assert_eq!(back, there.neg()),
                (there, back) => prop_assert!(there.is_err() && back.is_err()),
            }
        }

        #[test]
        fn a_line_is_within_half_a_fen_of_the_exact_product(
            q in micro(-1_000_000_000..=1_000_000_000),
            p in micro(0..=1_000_000_000),
        ) {
            let amount = line_amount(
                Quantity::new(q).unwrap(), UnitPrice::new(p).unwrap(), &LineDiscount::None,
            ).unwrap();
            let exact = q * p * Decimal::ONE_HUNDRED;
            let off = (exact - Decimal::from(amount.fen())).abs();
            prop_assert!(off <= Decimal::new(5, 1));
        }

        #[test]
        fn parse_of_display_is_the_same_quantity(units in micro(-10_i64.pow(15)..=10_i64.pow(15))) {
            let quantity = Quantity::new(units).unwrap();
            prop_assert_eq!(Quantity::parse(&quantity.to_string()), Ok(quantity));
        }
    }
}
