//! Fees come with up to five decimals and are rounded once, at the total, as the channels do.

use domain::Money;
use rust_decimal::Decimal;
use rust_decimal::prelude::{RoundingStrategy, ToPrimitive as _};

/// A sum of yuan in whole fen, halves away from zero; `None` beyond [`Money::MAX`].
pub(super) fn rounded(yuan: Decimal) -> Option<Money> {
    let fen = yuan
        .checked_mul(Decimal::ONE_HUNDRED)?
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    Money::try_from_fen(fen.to_i128()?).ok()
}

/// Each row's fee in whole fen, and their total: what rounding down leaves goes to the rows with
/// the largest parts of a fen, the earlier first.
pub(super) fn share(rows: &[Decimal]) -> Option<(Vec<Money>, Money)> {
    let mut sum = Decimal::ZERO;
    let mut parts = Vec::with_capacity(rows.len());
    for yuan in rows {
        sum = sum.checked_add(*yuan)?;
        let fen = yuan.checked_mul(Decimal::ONE_HUNDRED)?;
        let whole = fen.floor();
        parts.push((whole.to_i128()?, fen.checked_sub(whole)?));
    }
    let total = rounded(sum)?;
    let given: i128 = parts.iter().map(|(whole, _)| *whole).sum();
    let missing = usize::try_from(i128::from(total.fen()).checked_sub(given)?).ok()?;
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|index| (std::cmp::Reverse(parts[*index].1), *index));
    for index in order.into_iter().take(missing) {
        parts[index].0 = parts[index].0.checked_add(1)?;
    }
    let shares = parts
        .into_iter()
        .map(|(fen, _)| Money::try_from_fen(fen).ok());
    Some((shares.collect::<Option<Vec<Money>>>()?, total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_of_a_fen_are_rounded_at_the_total_only() {
        let half = Decimal::new(500, 5);
        let (shares, total) = share(&[half, half, half]).unwrap();
        assert_eq!(
            total,
            Money::from_fen(2),
            "three halves, not three times one"
        );
        assert_eq!(shares, [1, 1, 0].map(Money::from_fen));
        assert_eq!(share(&[]).unwrap(), (vec![], Money::ZERO));
    }

    proptest! {
        #[test]
        fn shares_add_up_and_stay_within_a_fen(
            raw in proptest::collection::vec(-1_000_000i64..1_000_000, 0..40)
        ) {
            let rows: Vec<Decimal> = raw.iter().map(|n| Decimal::new(*n, 5)).collect();
            let (shares, total) = share(&rows).unwrap();
            prop_assert_eq!(Money::sum(shares.iter().copied()).unwrap(), total);
            for (n, part) in raw.iter().zip(&shares) {
                prop_assert!((n - part.fen() * 1000).abs() < 1000);
            }
        }
    }
}
