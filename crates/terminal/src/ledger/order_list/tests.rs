//! The order list's columns against the evaluator on the very orders, on a real file.

use super::super::tests::{BUYER, FINANCE, SALES, apply, order_id, record, rig, submit};
use super::*;
use crate::ledger::views::OrderView;
use domain::condition::{Condition, ConditionProblem, Operator};
use domain::operation::{Basis, OpBody, OrderCancel};
use domain::order::SalesOrder;
use rusqlite::params;

fn one(field: &str, operator: Operator, values: &[&str]) -> Conditions {
    Conditions(vec![vec![Condition {
        field_name: field.into(),
        operator,
        field_values: values.iter().map(|value| (*value).to_owned()).collect(),
    }]])
}

fn whole() -> Page {
    Page {
        before: None,
        limit: 200,
    }
}

/// Orders in every standing that a column is computed from.
fn some_orders() -> (super::super::tests::Rig, Vec<OrderId>) {
    let rig = rig();
    let ids: Vec<OrderId> = (30..36).map(order_id).collect();
    rig.ledger
        .transact("orders", |tx| {
            for id in &ids {
                submit(tx, *id)?;
            }
            // Money that only waits: never in what is paid.
            tx.append(
                SALES,
                record(ids[1], domain::collection::PaymentMethod::Cash, 3_000),
                &[],
            )?;
            Ok(())
        })
        .unwrap();
    let base = |id: OrderId, change: &dyn Fn(&mut SalesOrder)| {
        let mut order = rig.ledger.order(id).unwrap().order;
        change(&mut order);
        assert!(apply(&rig.ledger, id, &order, 1));
    };
    base(ids[2], &|order| order.paid_fen = Money::from_fen(1_000));
    base(ids[3], &|order| {
        order.paid_fen = order.total_fen;
        order.content.payment_method = Some(domain::collection::PaymentMethod::BankTransfer);
        order.content.remark = "加急 50%_A".into();
        order.content.distributor_name = "Ｂ市 O'Neill".into();
        order.staff = FINANCE;
    });
    base(ids[4], &|order| {
        order.paid_fen = Money::from_fen(9_000);
        order.ordered_at = Timestamp(1_795_363_199_999);
    });
    // A cancelled order owes nothing, whatever was paid.
    rig.ledger
        .transact("cancel", |tx| {
            let held = tx.order(ids[5])?;
            let on = Basis::Operation(held.order.revised_by);
            let reason = "x".to_owned();
            let order = ids[5];
            tx.append(
                SALES,
                OpBody::OrderCancel(OrderCancel { order, on, reason }),
                &[],
            )
        })
        .unwrap();
    (rig, ids)
}

#[test]
fn every_field_is_filtered_as_the_evaluator_reads_the_very_order() {
    let (rig, ids) = some_orders();
    let views: Vec<OrderView> = ids
        .iter()
        .map(|id| rig.ledger.order(*id).unwrap())
        .collect();
    let mut asked = 0;
    for (field, field_type) in fields() {
        // Whatever some order has there, and a neighbour of it.
        let mut values: Vec<String> = Vec::new();
        for view in &views {
            use domain::condition::Value as V;
            match view.facts().value(field).unwrap() {
                V::Null => {}
                V::Text(text) => values.push(text),
                V::Number(number) => values.push(number.to_string()),
                V::Money(money) => {
                    values.extend([money.fen().to_string(), (money.fen() + 1).to_string()]);
                }
                V::Date(day) => values.push(day.to_string()),
                V::Timestamp(at) => values.extend([at.0.to_string(), (at.0 + 1).to_string()]),
                V::Boolean(yes) => values.push(yes.to_string()),
            }
        }
        values.retain(|value| !value.is_empty());
        values.sort();
        values.dedup();
        for operator in Operator::ALL
            .into_iter()
            .filter(|one| one.goes_with(field_type))
        {
            let sets: Vec<Conditions> = match operator {
                Operator::Is | Operator::Isn => vec![one(field, operator, &[])],
                Operator::Between => values
                    .iter()
                    .map(|value| one(field, operator, &[value, value]))
                    .collect(),
                _ => values
                    .iter()
                    .map(|value| one(field, operator, &[value]))
                    .collect(),
            };
            for conditions in sets {
                let checked = conditions.check(&fields()).unwrap();
                let expected: std::collections::BTreeSet<OrderId> = views
                    .iter()
                    .filter(|view| checked.matches(|name| view.facts().value(name)).unwrap())
                    .map(|view| view.order.id)
                    .collect();
                let filter = OrderFilter {
                    conditions: conditions.clone(),
                    ..OrderFilter::default()
                };
                let rows = rig.ledger.orders(&filter, whole()).unwrap();
                let got = rows.iter().map(|row| row.id).collect();
                assert_eq!(expected, got, "{conditions:?}");
                asked += 1;
            }
        }
    }
    assert!(asked > 150, "only {asked} filters were tried");
}

#[test]
fn waiting_money_is_found_as_waiting_and_never_as_paid() {
    let (rig, ids) = some_orders();
    let found = |conditions: Conditions| {
        let filter = OrderFilter {
            conditions,
            ..OrderFilter::default()
        };
        let rows = rig.ledger.orders(&filter, whole()).unwrap();
        let mut got: Vec<OrderId> = rows.iter().map(|row| row.id).collect();
        got.sort();
        got
    };
    assert_eq!(found(one("waiting_fen", Operator::Gt, &["0"])), [ids[1]]);
    assert_eq!(
        found(one("payment_state", Operator::Eq, &["unpaid"])),
        [ids[0], ids[1], ids[5]],
        "a cancelled order was not paid either: add a condition on its state"
    );
    assert_eq!(
        found(one("payment_state", Operator::Eq, &["paid"])),
        [ids[3]]
    );
    assert_eq!(
        found(one("owed_fen", Operator::Eq, &["0"])),
        [ids[3], ids[4], ids[5]]
    );
    assert_eq!(
        found(one("ordered_on", Operator::Eq, &["2026-11-22"])),
        [ids[4]],
        "the last millisecond of the day in Shanghai"
    );
}

#[test]
fn what_a_list_cannot_be_asked_is_refused_by_name() {
    let (rig, _) = some_orders();
    let refused = |conditions: Conditions| {
        let filter = OrderFilter {
            conditions,
            ..OrderFilter::default()
        };
        rig.ledger.orders(&filter, whole()).unwrap_err()
    };
    let bad = |field: &str, problem| Code::BadCondition {
        field: field.into(),
        problem,
    };
    assert_eq!(
        refused(one("colour", Operator::Eq, &["red"])),
        bad("colour", ConditionProblem::UnknownField)
    );
    let newer: Conditions = serde_json::from_str(
        r#"[[{"field_name":"remark","operator":"SOUNDS","field_values":["a"]}]]"#,
    )
    .unwrap();
    assert_eq!(
        refused(newer),
        bad("remark", ConditionProblem::UnknownOperator)
    );
    assert_eq!(
        refused(one("total_fen", Operator::Gt, &["1.5"])),
        bad("total_fen", ConditionProblem::BadValue)
    );
    assert_eq!(
        refused(Conditions(vec![vec![]])),
        bad("", ConditionProblem::EmptyGroup)
    );
}

/// Puts so many orders like that one beside it, three at each moment.
pub(crate) fn many_more(ledger: &Ledger, number: &str, count: u32) {
    ledger
        .transact("many", |tx| {
            let sql =
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                INSERT INTO document (kind, id, base, base_epoch, base_seq, pending, number,
                  distributor, state, payment_state, total_fen, paid_fen, at)
                SELECT 'sales_order', randomblob(16), json_remove(base, '$.content.lines'), 1, i, 0,
                  printf('T07-%06d', i), distributor, state, iif(i % 2, 'unpaid', 'paid'),
                  i, 0, at - i / 3
                FROM n, document WHERE kind = 'sales_order' AND number = ?2";
            tx.conn().execute(sql, params![count, number])?;
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_hundred_thousand_orders_pass_by_one_at_a_time() {
    let rig = rig();
    rig.ledger
        .transact("order", |tx| submit(tx, order_id(30)))
        .unwrap();
    let order = rig.ledger.order(order_id(30)).unwrap().order;
    assert!(apply(&rig.ledger, order.id, &order, 1));
    many_more(&rig.ledger, &order.number, 99_999);
    let (mut rows, mut last) = (0, Timestamp(i64::MAX));
    rig.ledger
        .each_order(
            &OrderFilter::default(),
            &["number", "total_fen", "ordered_at"],
            |cells| {
                let Cell::At(at) = cells[2] else {
                    panic!("{cells:?}")
                };
                assert!(at <= last, "newest first");
                (rows, last) = (rows + 1, at);
                Ok(())
            },
        )
        .unwrap();
    assert_eq!(rows, 100_000, "orders of one and the same moment included");
    let mut paid = 0;
    let filter = OrderFilter {
        conditions: one("payment_state", Operator::Eq, &["paid"]),
        distributor: Some(BUYER),
        ..OrderFilter::default()
    };
    rig.ledger
        .each_order(&filter, &["number"], |_| {
            paid += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(paid, 49_999);
    let refused = rig
        .ledger
        .each_order(&filter, &["number", "colour"], |_| Ok(()));
    assert_eq!(
        refused,
        Err(Code::BadField {
            field: "colour".into()
        })
    );
}

#[test]
fn page_by_page_no_order_is_left_out_and_none_comes_twice() {
    let rig = rig();
    rig.ledger
        .transact("order", |tx| submit(tx, order_id(30)))
        .unwrap();
    let order = rig.ledger.order(order_id(30)).unwrap().order;
    assert!(apply(&rig.ledger, order.id, &order, 1));
    many_more(&rig.ledger, &order.number, 399);
    let mut page = Page {
        before: None,
        limit: 50,
    };
    let (mut seen, mut pages) = (std::collections::BTreeSet::new(), 0);
    loop {
        let rows = rig.ledger.orders(&OrderFilter::default(), page).unwrap();
        let Some(last) = rows.last() else { break };
        assert!(rows.len() < 53, "three share a moment");
        page.before = Some(last.ordered_at);
        pages += 1;
        for row in &rows {
            assert!(seen.insert(row.id), "{} comes twice", row.number);
        }
    }
    assert_eq!((seen.len(), pages), (400, 8));
}
