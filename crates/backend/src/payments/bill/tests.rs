//! The match is a pure function, so every way in which two sides can differ is one small case.

use super::*;
use domain::Timestamp;
use domain::channel::Channel;
use domain::id::{DistributorId, IntentId, RefundId, StaffId, TerminalId, TransactionRecordId};
use domain::ledger::RefundFrom;

fn fen(fen: i64) -> Money {
    Money::from_fen(fen)
}

fn row(kind: BillKind, provider_no: &str, gross: i64, fee: i64) -> BillRow {
    BillRow {
        line: 2,
        kind,
        provider_no: provider_no.into(),
        out_trade_no: format!("FT{provider_no}"),
        out_refund_no: (kind == BillKind::Refund).then(|| "FTR1".into()),
        at_ms: 0,
        gross_fen: fen(gross),
        fee_fen: fen(fee),
    }
}

fn bill(rows: Vec<BillRow>) -> Bill {
    Bill {
        channel: Channel::WechatPay,
        merchant_no: Some("19".into()),
        fee_fen: Money::sum(rows.iter().map(|row| row.fee_fen)).unwrap(),
        rows,
        warnings: Vec::new(),
    }
}

fn record(provider_no: &str, gross: i64, fee: Option<i64>) -> TransactionRecord {
    TransactionRecord {
        id: TransactionRecordId(uuid::Uuid::from_u128(1)),
        channel: Channel::WechatPay,
        provider_no: provider_no.into(),
        out_trade_no: format!("FT{provider_no}"),
        payer: String::new(),
        gross_fen: fen(gross),
        fee_fen: fee.map(fen),
        paid_at: Timestamp(0),
        intent: Some(IntentId(1)),
        collection: None,
        distributor: None,
        asked: None,
    }
}

fn attempt(provider_no: &str, amount: i64, state: AttemptState) -> Attempt {
    Attempt {
        out_trade_no: format!("FT{provider_no}"),
        intent: IntentId(1),
        channel: Channel::WechatPay,
        ordinal: 1,
        state,
        merchant_no: "19".into(),
        app_id: "wx".into(),
        amount_fen: fen(amount),
        time_expire: Timestamp(0),
        payer_key: String::new(),
        offer: String::new(),
        no_trade_since: None,
        recalled: false,
    }
}

/// A refund numbered `FTR1` of the payment that [`record`] makes.
fn refund(amount: i64, state: RefundState) -> Refund {
    let id = uuid::Uuid::from_u128(1);
    Refund {
        id: RefundId(id),
        transaction_record: TransactionRecordId(id),
        channel: Channel::WechatPay,
        collection: None,
        subject: String::new(),
        distributor: DistributorId(id),
        distributor_name: String::new(),
        from: RefundFrom::Refundable,
        allocations: Vec::new(),
        amount_fen: fen(amount),
        reason: String::new(),
        state,
        requested_by: StaffId(id),
        terminal: TerminalId(1),
        requested_at: Timestamp(0),
        decided_by: None,
        decided_at: None,
        refused_for: String::new(),
        out_refund_no: Some("FTR1".into()),
        ended_at: None,
    }
}

fn ours(records: Vec<TransactionRecord>, attempts: Vec<Attempt>) -> Ours {
    Ours {
        of_day: records.iter().map(|r| r.provider_no.clone()).collect(),
        records: records
            .into_iter()
            .map(|record| (record.provider_no.clone(), (record, false)))
            .collect(),
        attempts: attempts
            .into_iter()
            .map(|attempt| (attempt.out_trade_no.clone(), attempt))
            .collect(),
        ..Ours::default()
    }
}

fn found(bill: &Bill, ours: &Ours) -> Vec<Found> {
    reconcile(bill, ours)
        .iter()
        .map(|item| item.found)
        .collect()
}

#[test]
fn the_same_on_both_sides_is_a_match_and_anything_else_says_how_it_differs() {
    let paid = |no: &str, amount| attempt(no, amount, AttemptState::Paid);
    let pay = |gross| bill(vec![row(BillKind::Payment, "1", gross, 6)]);
    let one = ours(vec![record("1", 1000, None)], vec![paid("1", 1000)]);
    assert_eq!(found(&pay(1000), &one), [Found::Matched]);
    assert_eq!(found(&pay(999), &one), [Found::AmountDiffers]);
    // Nothing of it here, whether an attempt is known or not.
    let open = ours(vec![], vec![attempt("1", 1000, AttemptState::Open)]);
    let items = reconcile(&pay(1000), &open);
    assert_eq!(items[0].found, Found::OnlyProvider);
    assert_eq!(items[0].attempt, Some(AttemptState::Open));
    assert_eq!(found(&pay(1000), &Ours::default()), [Found::OnlyProvider]);
    // Booked for an ask whose attempt does not stand as paid, or with another amount.
    for other in [attempt("1", 1000, AttemptState::Closed), paid("1", 999)] {
        let torn = ours(vec![record("1", 1000, None)], vec![other]);
        assert_eq!(found(&pay(1000), &torn), [Found::AmountDiffers]);
    }
    // Booked under another number of ours.
    let mut moved = record("1", 1000, None);
    moved.out_trade_no = "FT2".into();
    assert_eq!(
        found(&pay(1000), &ours(vec![moved], vec![])),
        [Found::AmountDiffers]
    );
    // Unidentified money was reported when it came: here it is the same on both sides.
    let mut stray = record("1", 1000, None);
    stray.intent = None;
    assert_eq!(
        found(&pay(1000), &ours(vec![stray], vec![])),
        [Found::Matched]
    );
}

#[test]
fn what_no_bill_names_is_only_here_unless_a_neighbours_bill_named_it() {
    let paid = vec![attempt("1", 1000, AttemptState::Paid)];
    let empty = bill(vec![]);
    let items = reconcile(&empty, &ours(vec![record("1", 1000, None)], paid.clone()));
    assert_eq!(items[0].found, Found::OnlyHere);
    assert_eq!(
        (items[0].here_fen, items[0].there_fen),
        (Some(fen(1000)), None)
    );
    assert_eq!(
        found(
            &empty,
            &ours(vec![record("1", 1000, Some(6))], paid.clone())
        ),
        []
    );
    // A refund of a trade is not its payment.
    let refund = bill(vec![row(BillKind::Refund, "1", 400, -2)]);
    let known = ours(vec![record("1", 1000, None)], paid);
    assert_eq!(
        found(&refund, &known),
        [Found::OnlyProvider, Found::OnlyHere]
    );
}

#[test]
fn a_refund_is_the_same_by_its_number_its_payment_and_its_amount() {
    use RefundState::{Approved, Done, Failed, Sending};
    let bill = bill(vec![row(BillKind::Refund, "1", 400, -2)]);
    let known = |payment: TransactionRecord, refund: Refund| Ours {
        refunds: [("FTR1".to_owned(), refund)].into(),
        of_day: Vec::new(),
        ..ours(vec![payment], vec![])
    };
    let paid = || record("1", 1000, Some(6));
    for (amount, state, expected) in [
        (400, Done, Found::Matched),
        (399, Done, Found::AmountDiffers),
        // The channel is asked; until then nothing differs.
        (400, Sending, Found::Matched),
        (400, Approved, Found::Matched),
        (399, Sending, Found::AmountDiffers),
        // Here its money is back.
        (400, Failed, Found::AmountDiffers),
    ] {
        let items = reconcile(&bill, &known(paid(), refund(amount, state)));
        assert_eq!(items.len(), 1, "{state:?}");
        assert_eq!(items[0].found, expected, "{amount} {state:?}");
        assert_eq!(items[0].here_fen, Some(fen(amount)));
    }
    let mut other = paid();
    other.id = TransactionRecordId(uuid::Uuid::from_u128(2));
    assert_eq!(
        found(&bill, &known(other, refund(400, Done))),
        [Found::AmountDiffers],
        "a refund of another payment"
    );
}

#[test]
fn a_refund_of_the_day_that_no_row_names_is_only_here() {
    let known = Ours {
        refunds: [("FTR1".to_owned(), refund(400, RefundState::Done))].into(),
        refunds_of_day: vec![("1".to_owned(), "FTR1".to_owned())],
        of_day: Vec::new(),
        ..ours(vec![record("1", 1000, Some(6))], vec![])
    };
    let items = reconcile(&bill(vec![]), &known);
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].found, Found::OnlyHere);
    assert_eq!(items[0].out_trade_no, "FT1");
    assert_eq!(
        (items[0].here_fen, items[0].there_fen),
        (Some(fen(400)), None)
    );
    let named = bill(vec![row(BillKind::Refund, "1", 400, -2)]);
    assert_eq!(items[0].key, key(&named.rows[0]));
    assert_eq!(found(&named, &known), [Found::Matched]);
}

#[test]
fn a_known_fee_is_not_overwritten_by_another() {
    let paid = vec![attempt("1", 1000, AttemptState::Paid)];
    let pay = bill(vec![row(BillKind::Payment, "1", 1000, 6)]);
    let known = |fee| ours(vec![record("1", 1000, Some(fee))], paid.clone());
    assert_eq!(found(&pay, &known(6)), [Found::Matched]);
    assert_eq!(found(&pay, &known(5)), [Found::FeeDiffers]);
}

#[test]
fn a_summary_counts_and_nets() {
    let bill = bill(vec![
        row(BillKind::Payment, "1", 1000, 6),
        row(BillKind::Payment, "2", 500, 3),
        row(BillKind::Refund, "1", 400, -2),
    ]);
    let summary = summary(&bill, &reconcile(&bill, &Ours::default()));
    assert_eq!((summary.payments, summary.refunds), (2, 1));
    assert_eq!(summary.count(Found::OnlyProvider), 3);
    assert_eq!(summary.net_fen(), Some(fen(1500 - 400 - 7)));
}
