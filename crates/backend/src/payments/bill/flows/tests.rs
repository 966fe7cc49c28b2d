//! The match with the trade bill is a pure function: every way in which the two can differ.

use super::*;

fn fen(fen: i64) -> Money {
    Money::from_fen(fen)
}

fn traded(key: &str, trade: &str, gross: i64, fee: i64) -> BillItem {
    BillItem {
        key: key.into(),
        found: Found::Matched,
        provider_no: trade.into(),
        out_trade_no: format!("FT{trade}"),
        here_fen: Some(fen(gross)),
        there_fen: Some(fen(gross)),
        fee_fen: fen(fee),
        attempt: None,
        note: String::new(),
    }
}

fn flow(kind: FlowKind, number: usize, business_no: &str, voucher: &str, amount: i64) -> Flow {
    Flow {
        line: number + 1,
        kind,
        name: format!("{kind:?}"),
        business_no: business_no.into(),
        flow_no: format!("1900{number}"),
        voucher: voucher.into(),
        at_ms: 0,
        amount_fen: fen(amount),
        balance_fen: fen(100_000),
    }
}

fn trades() -> Trades {
    Trades {
        items: vec![
            (traded("payment 42", "42", 12_500, 75), true),
            (traded("refund 42 FR1", "42", 2_500, -15), true),
        ],
        elsewhere: BTreeSet::new(),
    }
}

fn all() -> Vec<Flow> {
    vec![
        flow(FlowKind::Payment, 1, "42", "FT42", 12_500),
        flow(FlowKind::Fee, 2, "42", "FT42", -75),
        flow(FlowKind::Refund, 3, "503", "FR1", -2_500),
        flow(FlowKind::Fee, 4, "503", "FR1", 15),
    ]
}

fn found(flows: Vec<Flow>, trades: &Trades) -> Vec<(String, Found)> {
    let bill = FlowBill {
        flows,
        ..FlowBill::default()
    };
    let items = reconcile(&bill, trades);
    let mut found: Vec<_> = items
        .into_iter()
        .map(|item| (item.key, item.found))
        .collect();
    found.retain(|(_, found)| *found != Found::Matched);
    found
}

#[test]
fn flows_that_the_trade_bill_explains_match_and_a_withdrawal_is_told() {
    let mut flows = all();
    flows.push(flow(FlowKind::Other, 5, "110", "", -10_000));
    let bill = FlowBill {
        flows,
        ..FlowBill::default()
    };
    let items = reconcile(&bill, &trades());
    let summary = summary(&bill, &items);
    assert_eq!(summary.count(Found::Matched), 4);
    assert_eq!(summary.count(Found::Other), 1);
    assert_eq!((summary.payments, summary.refunds), (1, 1));
    assert_eq!(summary.gross_fen, fen(12_500));
    assert_eq!(summary.refunded_fen, fen(2_500));
    assert_eq!(summary.fee_fen, fen(60));
    assert_eq!(summary.other_fen, fen(-10_000));
    assert_eq!(summary.balance_fen, Some(fen(100_000)));
    // The channel's number does where a voucher is missing or cut.
    let mut by_number = all();
    by_number[0].voucher.clear();
    by_number[1].voucher.clear();
    assert!(found(by_number, &trades()).is_empty());
}

#[test]
fn each_way_to_differ_is_named_by_the_money_it_is_about() {
    let key = |key: &str, found| vec![(key.to_owned(), found)];
    for (index, missing) in [
        "payment 42",
        "fee payment 42",
        "refund 42 FR1",
        "fee refund 42 FR1",
    ]
    .into_iter()
    .enumerate()
    {
        let mut flows = all();
        let mut gone = flows.remove(index);
        assert_eq!(
            found(flows.clone(), &trades()),
            key(missing, Found::OnlyHere)
        );
        // The same flow with a stranger's numbers is another's.
        (gone.voucher, gone.business_no) = ("SHOP1".into(), "77".into());
        let stranger = format!("flow 1900{} {}", index + 1, gone.name);
        flows.push(gone);
        let both = found(flows, &trades());
        assert_eq!(both.len(), 2, "{both:?}");
        assert!(both.contains(&(stranger, Found::OnlyProvider)), "{both:?}");
        let mut flows = all();
        flows[index].amount_fen = flows[index].amount_fen.checked_add(fen(1)).unwrap();
        let differs = match flows[index].kind {
            FlowKind::Fee => Found::FeeDiffers,
            _ => Found::AmountDiffers,
        };
        assert_eq!(found(flows, &trades()), key(missing, differs));
    }
    // A fee that came in two flows is one fee.
    let mut split = all();
    split[1].amount_fen = fen(-70);
    split.push(flow(FlowKind::Fee, 9, "42", "FT42", -5));
    assert!(found(split, &trades()).is_empty());
}

#[test]
fn a_neighbours_day_is_not_missing_here() {
    let mut around = trades();
    for (_, of_day) in &mut around.items {
        *of_day = false;
    }
    assert!(found(vec![], &around).is_empty(), "the other day's to tell");
    assert!(found(all(), &around).is_empty(), "but it explains a flow");
    let mut elsewhere = trades();
    elsewhere.elsewhere.insert("payment 42".into());
    let left = found(all()[1..].to_vec(), &elsewhere);
    assert!(left.is_empty(), "{left:?}");
    // Money that only the books know has no row in the trade bill, so none in the flows.
    let mut booked = trades();
    booked.items[0].0.there_fen = None;
    let left = found(all()[2..].to_vec(), &booked);
    assert!(left.is_empty(), "{left:?}");
}
