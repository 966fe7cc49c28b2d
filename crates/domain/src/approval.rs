//! Which orders a rule of the company stops until somebody else has approved them (rules 5.3, 9.5).
//! Terminal and backend ask it alike; the backend's word counts.

use crate::config::Config;
use crate::id::ProductId;
use crate::money::Money;
use crate::order::{OrderContent, OrderTotals};
use crate::quantity::{LineDiscount, Quantity, UnitPrice, line_amount};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why an order waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalReason {
    /// A line is sold below its product's floor price.
    BelowFloor,
    /// The distributor would owe more than the credit limit.
    OverCredit,
}

/// What a distributor may owe, and does on other orders than the one that is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credit {
    /// The limit; `None` where none is set.
    pub limit_fen: Option<Money>,
    /// Sum of what is owed on the others.
    pub owed_fen: Money,
}

/// Whether what is paid for so many is less than the floor price would be.
pub fn below_floor(quantity: Quantity, paid_fen: Money, floor: UnitPrice) -> bool {
    line_amount(quantity, floor, &LineDiscount::None).is_ok_and(|least| paid_fen < least)
}

/// Why an order with this content waits; `None` if it does not. What the order's own discount takes
/// off a line counts. `paid_fen` is what has been paid on it already.
pub fn needed(
    config: &Config,
    content: &OrderContent,
    totals: &OrderTotals,
    paid_fen: Money,
    credit: Credit,
    floor: impl Fn(ProductId) -> Option<UnitPrice>,
) -> Option<ApprovalReason> {
    let mut lines = content.lines.iter().zip(&totals.shares_fen);
    let cheap = config.price_floor
        && lines.any(|(line, share)| {
            floor(line.product).is_some_and(|floor| below_floor(line.quantity, *share, floor))
        });
    if cheap {
        return Some(ApprovalReason::BelowFloor);
    }
    let limit = credit.limit_fen.filter(|_| config.credit_block)?;
    let owed = totals.total_fen.checked_sub(paid_fen).unwrap_or(Money::MAX);
    // An order that nothing is owed on does not make anybody owe more.
    let over = owed.is_positive()
        && owed
            .checked_add(credit.owed_fen)
            .is_none_or(|owed| owed > limit);
    over.then_some(ApprovalReason::OverCredit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::id::DistributorId;
    use crate::order::OrderLine;
    use uuid::Uuid;

    fn price(text: &str) -> UnitPrice {
        UnitPrice::parse(text).unwrap()
    }

    /// Two of a product at `unit_price`, less `discount` fen on the whole order.
    fn content(unit_price: &str, discount: i64) -> OrderContent {
        let quantity = Quantity::parse("2").unwrap();
        let unit_price = price(unit_price);
        let discount = match discount {
            0 => LineDiscount::None,
            fen => LineDiscount::Amount(Money::from_fen(fen)),
        };
        OrderContent {
            distributor: DistributorId(Uuid::nil()),
            distributor_name: String::new(),
            lines: vec![OrderLine {
                product: ProductId(Uuid::from_u128(1)),
                code: String::new(),
                name: String::new(),
                unit: String::new(),
                quantity,
                unit_price,
                discount: LineDiscount::None,
                price_book: None,
                price_as_of: Timestamp(0),
                amount_fen: line_amount(quantity, unit_price, &LineDiscount::None).unwrap(),
            }],
            discount,
            payment_method: None,
            remark: String::new(),
        }
    }

    fn asked(config: &Config, content: &OrderContent, credit: Credit) -> Option<ApprovalReason> {
        let totals = content.totals().unwrap();
        needed(config, content, &totals, Money::ZERO, credit, |_| {
            Some(price("9"))
        })
    }

    #[test]
    fn a_line_below_its_floor_waits_whichever_discount_brought_it_there() {
        let on = Config {
            price_floor: true,
            ..Config::default()
        };
        let free = Credit::default();
        assert_eq!(asked(&on, &content("9", 0), free), None);
        let below = Some(ApprovalReason::BelowFloor);
        assert_eq!(asked(&on, &content("8.99", 0), free), below);
        assert_eq!(asked(&on, &content("10", 200), free), None);
        assert_eq!(asked(&on, &content("10", 201), free), below);
        assert_eq!(asked(&Config::default(), &content("1", 0), free), None);
    }

    #[test]
    fn an_order_beyond_the_credit_limit_waits_and_one_within_it_does_not() {
        let on = Config {
            credit_block: true,
            ..Config::default()
        };
        let credit = |limit: i64, owed: i64| Credit {
            limit_fen: Some(Money::from_fen(limit)),
            owed_fen: Money::from_fen(owed),
        };
        let order = content("10", 0);
        assert_eq!(asked(&on, &order, credit(5_000, 3_000)), None);
        let over = Some(ApprovalReason::OverCredit);
        assert_eq!(asked(&on, &order, credit(5_000, 3_001)), over);
        assert_eq!(asked(&on, &order, Credit::default()), None);
        assert_eq!(asked(&Config::default(), &order, credit(0, 0)), None);
        // What is paid already is not owed.
        let totals = order.totals().unwrap();
        let paid = |fen| {
            needed(
                &on,
                &order,
                &totals,
                Money::from_fen(fen),
                credit(500, 0),
                |_| None,
            )
        };
        assert_eq!((paid(1_500), paid(1_499)), (None, over));
    }
}
