//! Properties of orders that need several modules together: the sum of lines is the total, a
//! reversal is the exact mirror, an edit fits one revision only.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::code::Code;
use domain::id::*;
use domain::operation::{Basis, OrderCancel, OrderEdit, OrderSubmit, Origin};
use domain::order::*;
use domain::quantity::{LineDiscount, Percent, Quantity, UnitPrice, line_amount};
use domain::{Money, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

fn line(quantity: &str, price: &str, discount: LineDiscount) -> OrderLine {
    let (quantity, unit_price) = (
        Quantity::parse(quantity).unwrap(),
        UnitPrice::parse(price).unwrap(),
    );
    OrderLine {
        product: ProductId(Uuid::from_u128(1)),
        code: "1".into(),
        name: "n".into(),
        unit: "件".into(),
        quantity,
        unit_price,
        discount,
        price_book: None,
        price_as_of: Timestamp(0),
        amount_fen: line_amount(quantity, unit_price, &discount).unwrap(),
    }
}

fn content(lines: Vec<OrderLine>, discount: LineDiscount) -> OrderContent {
    OrderContent {
        distributor: DistributorId(Uuid::from_u128(2)),
        distributor_name: "d".into(),
        lines,
        discount,
        payment_method: None,
        remark: String::new(),
    }
}

fn origin(n: u128) -> Origin {
    Origin {
        op_id: OpId(Uuid::from_u128(n)),
        staff: StaffId(Uuid::from_u128(3)),
        terminal: TerminalId(1),
        at: Timestamp(9),
    }
}

fn order() -> SalesOrder {
    let body = OrderSubmit {
        order: OrderId(Uuid::from_u128(4)),
        number: "T07-261122-0001".into(),
        content: content(
            vec![line("2", "3.5", LineDiscount::None)],
            LineDiscount::None,
        ),
        confirm: true,
        config: 0,
    };
    SalesOrder::submit(&body, &origin(10)).unwrap()
}

fn a_line() -> impl Strategy<Value = OrderLine> {
    let discount = prop_oneof![
        Just(LineDiscount::None),
        (0u32..=1_000_000u32).prop_map(|n| {
            LineDiscount::Percent(
                Percent::parse(&format!("{}.{:04}", n / 10_000, n % 10_000)).unwrap(),
            )
        }),
    ];
    (1u32..100_000, 0u32..1_000, 0u32..10_000_000, discount).prop_map(
        |(whole, part, price, discount)| {
            line(
                &format!("{whole}.{part:03}"),
                &format!("{}.{:04}", price / 10_000, price % 10_000),
                discount,
            )
        },
    )
}

proptest! {
    #[test]
    fn the_sum_of_the_lines_is_the_total(
        lines in prop::collection::vec(a_line(), 1..40),
        percent in 0u32..=100,
    ) {
        let discount = LineDiscount::Percent(Percent::parse(&percent.to_string()).unwrap());
        let totals = content(lines.clone(), discount).submittable().unwrap();
        let shares = Money::sum(totals.shares_fen.iter().copied()).unwrap();
        prop_assert_eq!(shares, totals.total_fen);
        let amounts = Money::sum(lines.iter().map(|line| line.amount_fen)).unwrap();
        prop_assert_eq!(amounts, totals.lines_fen);
        prop_assert_eq!(totals.lines_fen.checked_sub(totals.discount_fen), Some(totals.total_fen));
    }

    #[test]
    fn a_reversal_is_the_exact_mirror(
        lines in prop::collection::vec(a_line(), 1..20),
        percent in 0u32..=100,
    ) {
        let discount = LineDiscount::Percent(Percent::parse(&percent.to_string()).unwrap());
        let there = content(lines.clone(), discount).totals().unwrap();
        let back: Vec<OrderLine> = lines
            .iter()
            .map(|l| OrderLine { quantity: -l.quantity, amount_fen: l.amount_fen.neg(), ..l.clone() })
            .collect();
        let back = content(back, discount).totals().unwrap();
        prop_assert_eq!(back.total_fen, there.total_fen.neg());
        for (a, b) in there.shares_fen.iter().zip(&back.shares_fen) {
            prop_assert_eq!(*b, a.neg());
        }
    }
}

#[test]
fn a_line_whose_amount_was_tampered_with_is_named() {
    let mut lines = vec![
        line("1", "1", LineDiscount::None),
        line("2", "3", LineDiscount::None),
    ];
    lines[1].amount_fen = Money::from_fen(601);
    assert_eq!(
        content(lines, LineDiscount::None).totals(),
        Err(Code::ArithmeticDiffers { row: 2 })
    );
}

#[test]
fn an_order_needs_lines_and_a_total_that_is_not_negative() {
    assert_eq!(
        content(vec![], LineDiscount::None).submittable(),
        Err(Code::EmptyOrder)
    );
    let negative = content(
        vec![line("-1", "1", LineDiscount::None)],
        LineDiscount::None,
    );
    assert_eq!(negative.submittable(), Err(Code::NegativeTotal));
    let many = vec![line("1", "1", LineDiscount::None); MAX_LINES + 1];
    assert_eq!(
        content(many, LineDiscount::None).submittable(),
        Err(Code::TooManyLines {
            max: MAX_LINES as u32
        })
    );
}

#[test]
fn an_edit_fits_one_revision_or_the_own_operation_that_made_it() {
    let order = order();
    let edit = |on| OrderEdit {
        order: order.id,
        on,
        content: content(
            vec![line("5", "3.5", LineDiscount::None)],
            LineDiscount::None,
        ),
        config: 0,
        hold: false,
    };
    let edited = order.edit(&edit(Basis::Revision(1)), &origin(11)).unwrap();
    assert_eq!(
        (edited.revision, edited.total_fen),
        (2, Money::from_fen(1_750))
    );
    assert!(
        order
            .edit(&edit(Basis::Operation(order.revised_by)), &origin(11))
            .is_ok()
    );
    assert_eq!(
        edited.edit(&edit(Basis::Revision(1)), &origin(12)),
        Err(Code::Conflict { held: 2 })
    );
}

#[test]
fn an_order_names_who_changed_it_and_of_very_many_the_last() {
    let mut held = order();
    assert_eq!(held.revisions, []);
    let first = held.revision;
    for n in 0..MAX_REVISIONS as u32 + 5 {
        let edit = OrderEdit {
            order: held.id,
            on: Basis::Revision(held.revision),
            content: held.content.clone(),
            config: 0,
            hold: false,
        };
        held = held.edit(&edit, &origin(u128::from(100 + n))).unwrap();
    }
    let cancel = OrderCancel {
        order: held.id,
        on: Basis::Revision(held.revision),
        reason: "r".into(),
    };
    held = held.cancel(&cancel, &origin(7)).unwrap();
    assert_eq!(held.revision - first, MAX_REVISIONS as u32 + 6);
    assert_eq!(held.revisions.len(), MAX_REVISIONS);
    assert_eq!(held.revisions[0].op, OpId(Uuid::from_u128(106)));
    let Origin {
        op_id: op,
        staff,
        terminal,
        at,
    } = origin(7);
    let last = Revision {
        op,
        staff,
        terminal,
        at,
        kind: RevisionKind::OrderCancel,
        total_fen: held.total_fen,
    };
    assert_eq!(held.revisions.last(), Some(&last));
}

#[test]
fn a_cancelled_order_owes_nothing_and_stays_cancelled() {
    let order = order();
    let body = |on| OrderCancel {
        order: order.id,
        on,
        reason: "r".into(),
    };
    let cancelled = order
        .cancel(&body(Basis::Revision(1)), &origin(11))
        .unwrap();
    assert_eq!(
        (cancelled.state, cancelled.owed()),
        (OrderState::Cancelled, Money::ZERO)
    );
    assert_eq!(
        cancelled.cancel(&body(Basis::Revision(2)), &origin(12)),
        Err(Code::OrderNotOpen)
    );
}

#[test]
fn payment_states_by_total_and_paid() {
    let state = |total, paid| PaymentState::of(Money::from_fen(total), Money::from_fen(paid));
    assert_eq!(state(100, 0), PaymentState::Unpaid);
    assert_eq!(state(100, 1), PaymentState::PartlyPaid);
    assert_eq!(state(100, 100), PaymentState::Paid);
    assert_eq!(state(100, 101), PaymentState::Overpaid);
    assert_eq!(state(0, 0), PaymentState::Paid);
    assert_eq!(state(-100, 0), PaymentState::Paid);
    assert_eq!(state(0, 1), PaymentState::Overpaid);
}
