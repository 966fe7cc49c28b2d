//! Money meets orders in one place (rule 5.7): settlement, a late operation and finance's
//! confirmation all apply min(asked, still owed now) to each order and put the rest aside. Nothing
//! is ever applied beyond what is owed, and no fen is lost on the way.

use crate::money::Money;

/// One order that money was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<K> {
    /// Which order. An order stands in the list once; the caller's documents see to that.
    pub order: K,
    /// How much of the money was meant for it.
    pub asked: Money,
    /// How much it owes now.
    pub owed: Money,
}

/// What became of the money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied<K> {
    /// What each order gets, in the order asked; orders that get nothing are left out.
    pub orders: Vec<(K, Money)>,
    /// What they get together.
    pub applied: Money,
    /// What is left: unapplied or deposit, by the caller's rule.
    pub rest: Money,
}

/// Applies received money to the orders it was asked for. Negative amounts count as nothing.
pub fn apply<K: Copy>(money: Money, asked: &[Asked<K>]) -> Applied<K> {
    let mut result = Applied {
        orders: Vec::new(),
        applied: Money::ZERO,
        rest: money,
    };
    for order in asked {
        let part = order.asked.min(order.owed).min(result.rest);
        if !part.is_positive() {
            continue;
        }
        // `part` is positive and at most `rest`, so neither leaves the range that `money` is in.
        let (Some(applied), Some(rest)) = (
            result.applied.checked_add(part),
            result.rest.checked_sub(part),
        ) else {
            continue;
        };
        result.orders.push((order.order, part));
        (result.applied, result.rest) = (applied, rest);
    }
    result
}

/// Proposes allocations for money that names no order: each order in turn gets what it owes, as
/// far as the money goes. Pass them oldest first; a person may edit the result.
pub fn auto_allocate<K: Copy>(money: Money, owed_oldest_first: &[(K, Money)]) -> Vec<(K, Money)> {
    let asked: Vec<Asked<K>> = owed_oldest_first
        .iter()
        .map(|(order, owed)| Asked {
            order: *order,
            asked: *owed,
            owed: *owed,
        })
        .collect();
    apply(money, &asked).orders
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fen(fen: i64) -> Money {
        Money::from_fen(fen)
    }

    fn asked(rows: &[(i64, i64)]) -> Vec<Asked<usize>> {
        let row = |(order, (asked, owed)): (usize, &(i64, i64))| Asked {
            order,
            asked: fen(*asked),
            owed: fen(*owed),
        };
        rows.iter().enumerate().map(row).collect()
    }

    #[test]
    fn each_order_gets_what_was_asked_or_what_it_still_owes() {
        let result = apply(fen(1_000), &asked(&[(600, 500), (300, 900), (100, 0)]));
        assert_eq!(result.orders, [(0, fen(500)), (1, fen(300))]);
        assert_eq!((result.applied, result.rest), (fen(800), fen(200)));
    }

    #[test]
    fn less_money_than_asked_ends_with_the_first_orders() {
        let result = apply(fen(700), &asked(&[(600, 600), (300, 300)]));
        assert_eq!(result.orders, [(0, fen(600)), (1, fen(100))]);
        assert_eq!(result.rest, Money::ZERO);
    }

    #[test]
    fn nothing_is_applied_from_or_to_negative_amounts() {
        assert_eq!(apply(fen(-5), &asked(&[(5, 5)])).rest, fen(-5));
        assert!(apply(fen(5), &asked(&[(-5, 5), (5, -5)])).orders.is_empty());
    }

    #[test]
    fn automatic_allocation_pays_the_oldest_first() {
        let orders = [("old", fen(300)), ("paid", fen(0)), ("new", fen(400))];
        assert_eq!(
            auto_allocate(fen(500), &orders),
            [("old", fen(300)), ("new", fen(200))]
        );
        assert_eq!(auto_allocate(fen(300), &orders), [("old", fen(300))]);
    }

    proptest! {
        #[test]
        fn no_fen_is_lost_and_no_order_overpaid(
            money in 0_i64..1_000_000,
            rows in prop::collection::vec((0_i64..200_000, 0_i64..200_000), 0..20),
        ) {
            let asked = asked(&rows);
            let result = apply(fen(money), &asked);
            let parts = Money::sum(result.orders.iter().map(|(_, part)| *part)).unwrap();
            prop_assert_eq!(parts, result.applied);
            prop_assert_eq!(parts.checked_add(result.rest), Some(fen(money)));
            prop_assert!(!result.rest.is_negative());
            for (order, part) in &result.orders {
                prop_assert!(part.is_positive());
                prop_assert!(*part <= asked[*order].owed && *part <= asked[*order].asked);
            }
            // The rest is not kept back while an order could still take it.
            let wanted = Money::sum(asked.iter().map(|row| row.asked.min(row.owed))).unwrap();
            prop_assert_eq!(result.applied, wanted.min(fen(money)));
        }
    }
}
