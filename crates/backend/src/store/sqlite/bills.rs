//! Bills as transactions: load what the books know of a bill's money, let `payments::bill` match and
//! book it, and keep what became of each sum.

use super::payments::{attempt, broken};
use super::rows::{all, document, of_word, one, parsed, read, run, text, word};
use super::work::Work;
use super::{load, sql};
use crate::books::Books;
use crate::facts::Needs;
use crate::payments::bill::{self, EarlierItem, Ours};
use crate::store::StoreError;
use domain::bill::{BillOrigin, BillSummary};
use domain::channel::Channel;
use domain::intent::TransactionRecord;
use domain::refund::Refund;
use gateways::bill::{Bill, BillKind};
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use rusqlite::{Connection, Row, params};

/// Numbers of payments that no transaction record stands for.
pub(super) fn unbooked(
    tx: &Connection,
    company: &str,
    bill: &Bill,
) -> Result<Vec<String>, StoreError> {
    let channel = word(&bill.channel)?;
    let mut numbers = Vec::new();
    for row in bill.rows.iter().filter(|r| r.kind == BillKind::Payment) {
        let key = params![company, channel, row.provider_no];
        if one(tx, sql::RECORD_KNOWN, key, |_| Ok(()))?.is_none() {
            numbers.push(row.out_trade_no.clone());
        }
    }
    Ok(numbers)
}

/// Matches, books and keeps.
pub(super) fn reconcile(
    work: &mut Work<'_>,
    bill: &Bill,
    merchant_no: &str,
    day: Date,
    origin: &BillOrigin,
) -> Result<BillSummary, StoreError> {
    let ours = ours(work, bill, merchant_no, day)?;
    let items = bill::reconcile(bill, &ours);
    let summary = bill::summary(bill, &items);
    let needs = Needs::default();
    let mut books = Books::new(load::facts(work.tx, work.cx, &needs)?, work.cx.env);
    let (noted, over) = bill::book(&mut books, bill, &ours, items).map_err(broken)?;
    work.apply(books.finish(), None)?;
    for attention in over {
        work.attention_done(attention)?;
    }
    let (company, channel) = (work.company.clone(), word(&bill.channel)?);
    let of_day = params![company, channel, merchant_no, day.to_string()];
    run(work.tx, sql::BILL_ITEMS_DROP, of_day)?;
    for noted in noted {
        let row = params![
            company,
            channel,
            merchant_no,
            noted.item.key,
            day.to_string(),
            word(&noted.item.found)?,
            noted.fee_posted,
            noted.attention.map(|id| id.to_string()),
            text(&noted.item)?
        ];
        run(work.tx, sql::BILL_ITEM_PUT, row)?;
    }
    let row = params![
        company,
        channel,
        merchant_no,
        day.to_string(),
        work.cx.env.now().0,
        text(origin)?,
        text(&summary)?
    ];
    run(work.tx, sql::BILL_PUT, row)?;
    work.flush(true)?;
    Ok(summary)
}

fn ours(work: &Work<'_>, bill: &Bill, merchant_no: &str, day: Date) -> Result<Ours, StoreError> {
    let (tx, company, channel) = (work.tx, &work.company, word(&bill.channel)?);
    let mut ours = Ours::default();
    for row in &bill.rows {
        let key = params![company, channel, row.provider_no];
        if let Some(found) = one(tx, sql::RECORD_OF_PROVIDER, key, body_and_held)? {
            ours.records.insert(row.provider_no.clone(), record(found)?);
        }
        if let Some(found) = attempt(tx, company, &row.out_trade_no)? {
            ours.attempts.insert(row.out_trade_no.clone(), found);
        }
        if let Some(number) = &row.out_refund_no {
            let key = params![company, number];
            let found: Option<Refund> = document(tx, sql::REFUND_BY_NUMBER, key, "refund")?;
            let found = found.filter(|refund| refund.channel == bill.channel);
            ours.refunds
                .extend(found.map(|refund| (number.clone(), refund)));
        }
        let key = params![company, channel, merchant_no, bill::key(row)];
        if let Some(found) = one(tx, sql::BILL_ITEM_GET, key, item)? {
            let (key, earlier) = earlier(found)?;
            ours.earlier.insert(key, earlier);
        }
    }
    for (paid, held) in paid_on(tx, company, bill.channel, merchant_no, day)? {
        if let Some(found) = attempt(tx, company, &paid.out_trade_no)? {
            ours.attempts.insert(paid.out_trade_no.clone(), found);
        }
        ours.of_day.push(paid.provider_no.clone());
        ours.records.insert(paid.provider_no.clone(), (paid, held));
    }
    for ((paid, held), refund) in refunded_on(tx, company, bill.channel, merchant_no, day)? {
        let Some(number) = refund.out_refund_no.clone() else {
            continue;
        };
        // A bill may name it on the day it was sent or on the day it was heard of.
        let item = bill::refund_key(&paid.provider_no, &number);
        let key = params![company, channel, merchant_no, item, day.to_string()];
        if one(tx, sql::BILL_ITEM_ELSEWHERE, key, |_| Ok(()))?.is_some() {
            continue;
        }
        if let Some(found) = attempt(tx, company, &paid.out_trade_no)? {
            ours.attempts.insert(paid.out_trade_no.clone(), found);
        }
        let named = (paid.provider_no.clone(), number.clone());
        ours.refunds_of_day.push(named);
        ours.refunds.insert(number, refund);
        ours.records.insert(paid.provider_no.clone(), (paid, held));
    }
    let key = params![company, channel, merchant_no, day.to_string()];
    for found in all(tx, sql::BILL_ITEMS_OF_DAY, key, item)? {
        let (key, earlier) = earlier(found)?;
        ours.earlier.insert(key, earlier);
    }
    Ok(ours)
}

/// A transaction record, and whether its money is held.
type Paid = (TransactionRecord, bool);

/// Transaction records of an account's day.
pub(super) fn paid_on(
    tx: &Connection,
    company: &str,
    channel: Channel,
    merchant_no: &str,
    day: Date,
) -> Result<Vec<Paid>, StoreError> {
    let (from, until) = bounds(day)?;
    let key = params![company, word(&channel)?, merchant_no, from, until];
    let rows = all(tx, sql::RECORDS_PAID, key, body_and_held)?;
    rows.into_iter().map(record).collect()
}

/// Refunds of an account that were paid out on a day, by the backend's clock, and their payments.
pub(super) fn refunded_on(
    tx: &Connection,
    company: &str,
    channel: Channel,
    merchant_no: &str,
    day: Date,
) -> Result<Vec<(Paid, Refund)>, StoreError> {
    let (from, until) = bounds(day)?;
    let key = params![company, word(&channel)?, merchant_no, from, until];
    let rows = all(tx, sql::REFUNDS_DONE, key, |row| {
        Ok((body_and_held(row)?, row.get::<_, String>(2)?))
    })?;
    rows.into_iter()
        .map(|(paid, refund)| Ok((record(paid)?, read(&refund, "refund")?)))
        .collect()
}

/// When a day begins in Beijing, and the next.
fn bounds(day: Date) -> Result<(i64, i64), StoreError> {
    let midnight = |day: Date| {
        let zoned = day.to_zoned(TimeZone::fixed(offset(8)));
        zoned.map(|at| at.timestamp().as_millisecond())
    };
    let out_of_range = |error: jiff::Error| StoreError::Rule(format!("{day}: {error}"));
    let from = midnight(day).map_err(out_of_range)?;
    let until = day.tomorrow().and_then(midnight).map_err(out_of_range)?;
    Ok((from, until))
}

fn body_and_held(row: &Row<'_>) -> rusqlite::Result<(String, bool)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn record((body, held): (String, bool)) -> Result<Paid, StoreError> {
    Ok((read(&body, "transaction record")?, held))
}

type ItemRow = (String, String, Option<String>, bool);

fn item(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn earlier(
    (key, found, attention, fee_posted): ItemRow,
) -> Result<(String, EarlierItem), StoreError> {
    let attention = attention.map(|id| parsed(&id, "attention id"));
    let earlier = EarlierItem {
        found: of_word(found, "bill item")?,
        attention: attention.transpose()?,
        fee_posted,
    };
    Ok((key, earlier))
}
