//! Fund-flow bills as transactions, and every bill as finance sees it.

use super::rows::{all, document, of_word, one, parsed, read, run, small, text, word};
use super::work::Work;
use super::{load, sql};
use crate::books::Books;
use crate::facts::Needs;
use crate::payments::bill::{self, BillItem, EarlierItem, Trades};
use crate::store::{Act, StoreError};
use domain::Timestamp;
use domain::bill::{
    BillEntry, BillItemView, BillKey, BillMatched, BillMoney, BillOrigin, BillSummary, BillType,
    BillView, Found,
};
use domain::code::Code;
use domain::role::{Permission, require};
use domain::staff::Staff;
use gateways::bill::FlowBill;
use jiff::civil::Date;
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;
use wire::protocol::Refused;

/// How many sums of one bill are told: more than anybody reads through; differences come first.
const MOST_ITEMS: usize = 2_000;

fn refused(reason: Code) -> StoreError {
    Refused::Rule { reason }.into()
}

/// Only an active member of staff whose role matches bills.
fn admitted(tx: &Connection, company: &str, act: Act) -> Result<(), StoreError> {
    let key = params![company, act.staff.to_string()];
    let staff: Option<Staff> = document(tx, sql::STAFF_GET, key, "staff")?;
    let staff = staff.filter(|staff| staff.active);
    let staff = staff.ok_or_else(|| refused(Code::UnknownStaff))?;
    require(staff.role, Permission::BillMatch).map_err(refused)
}

/// Whether a bill has been matched.
pub(super) fn matched(tx: &Connection, company: &str, key: &BillKey) -> Result<bool, StoreError> {
    let known = match key.bill {
        BillType::Trade => sql::BILL_KNOWN,
        BillType::FundFlow => sql::FLOW_BILL_KNOWN,
    };
    let (channel, day) = (word(&key.channel)?, key.day.to_string());
    let of_day = params![company, channel, key.merchant_no, day];
    Ok(one(tx, known, of_day, |_| Ok(()))?.is_some())
}

/// Matches a fund-flow bill with the trade bills around it, and keeps what became of each sum.
pub(super) fn reconcile_flows(
    work: &mut Work<'_>,
    flows: &FlowBill,
    key: &BillKey,
    origin: &BillOrigin,
) -> Result<BillSummary, StoreError> {
    let (company, channel) = (work.company.clone(), word(&key.channel)?);
    let day = key.day.to_string();
    let neighbour = |day: Result<Date, jiff::Error>| day.unwrap_or(key.day).to_string();
    let (from, until) = (
        neighbour(key.day.yesterday()),
        neighbour(key.day.tomorrow()),
    );
    let around = params![company, channel, key.merchant_no, from, until];
    let mut trades = Trades::default();
    for (body, on) in all(work.tx, sql::BILL_ITEMS_AROUND, around, two::<String>)? {
        let item: BillItem = read(&body, "bill item")?;
        trades.items.push((item, on == day));
    }
    let mut earlier: BTreeMap<String, (EarlierItem, bool)> = BTreeMap::new();
    for (item, found, attention, on) in all(work.tx, sql::FLOW_ITEMS_AROUND, around, four)? {
        let attention = attention.map(|id| parsed(&id, "attention id"));
        let held = EarlierItem {
            found: of_word(found, "flow item")?,
            attention: attention.transpose()?,
            fee_posted: false,
        };
        if on != day {
            trades.elsewhere.insert(item.clone());
        }
        earlier.insert(item, (held, on == day));
    }
    let items = bill::reconcile_flows(flows, &trades);
    // A neighbour's sums stay as they are unless this bill names them.
    let named = |key: &String| items.iter().any(|item| item.key == *key);
    let earlier: BTreeMap<String, EarlierItem> = earlier
        .into_iter()
        .filter(|(key, (_, of_day))| *of_day || named(key))
        .map(|(key, (item, _))| (key, item))
        .collect();
    let summary = bill::summary_of_flows(flows, &items);
    let needs = Needs::default();
    let mut books = Books::new(load::facts(work.tx, work.cx, &needs)?, work.cx.env);
    let (noted, over) = bill::book_flows(&mut books, &earlier, items);
    work.apply(books.finish(), None)?;
    for attention in over {
        work.attention_done(attention)?;
    }
    let of_day = params![company, channel, key.merchant_no, day];
    run(work.tx, sql::FLOW_ITEMS_DROP, of_day)?;
    for noted in noted {
        let row = params![
            company,
            channel,
            key.merchant_no,
            noted.item.key,
            day,
            word(&noted.item.found)?,
            noted.attention.map(|id| id.to_string()),
            text(&noted.item)?
        ];
        run(work.tx, sql::FLOW_ITEM_PUT, row)?;
    }
    let row = params![
        company,
        channel,
        key.merchant_no,
        day,
        work.cx.env.now().0,
        text(origin)?,
        text(&summary)?
    ];
    run(work.tx, sql::FLOW_BILL_PUT, row)?;
    work.flush(true)?;
    Ok(summary)
}

fn two<T: rusqlite::types::FromSql>(row: &Row<'_>) -> rusqlite::Result<(String, T)> {
    Ok((row.get(0)?, row.get(1)?))
}

type FlowRow = (String, String, Option<String>, String);

fn four(row: &Row<'_>) -> rusqlite::Result<FlowRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

type BillRow = (String, String, String, i64, String, String, i64);

fn bill_row(row: &Row<'_>) -> rusqlite::Result<BillRow> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
    ))
}

/// Matched bills from a day on.
pub(super) fn since(
    tx: &Connection,
    company: &str,
    act: Act,
    day: Date,
) -> Result<Vec<BillEntry>, StoreError> {
    admitted(tx, company, act)?;
    entries(tx, company, day)
}

fn entries(tx: &Connection, company: &str, day: Date) -> Result<Vec<BillEntry>, StoreError> {
    let mut entries = Vec::new();
    for (bill, statement) in [
        (BillType::Trade, sql::BILL_SINCE),
        (BillType::FundFlow, sql::FLOW_BILL_SINCE),
    ] {
        let rows = all(tx, statement, params![company, day.to_string()], bill_row)?;
        for (channel, merchant_no, day, at, origin, summary, open) in rows {
            let key = BillKey {
                channel: of_word(channel, "channel")?,
                merchant_no,
                day: parsed(&day, "day")?,
                bill,
            };
            let matched = BillMatched {
                at: Timestamp(at),
                origin: read(&origin, "origin of a bill")?,
                summary: read(&summary, "summary of a bill")?,
                open: small(open)?,
            };
            entries.push(BillEntry {
                key,
                matched: Some(matched),
            });
        }
    }
    Ok(entries)
}

/// One bill with its sums of money.
pub(super) fn view(
    tx: &Connection,
    company: &str,
    act: Act,
    key: &BillKey,
) -> Result<BillView, StoreError> {
    admitted(tx, company, act)?;
    let missing = BillEntry {
        key: key.clone(),
        matched: None,
    };
    let mut held = entries(tx, company, key.day)?.into_iter();
    let entry = held.find(|entry| entry.key == *key).unwrap_or(missing);
    let statement = match key.bill {
        BillType::Trade => sql::BILL_ITEMS_SEEN,
        BillType::FundFlow => sql::FLOW_ITEMS_SEEN,
    };
    let (channel, day) = (word(&key.channel)?, key.day.to_string());
    let of_day = params![company, channel, key.merchant_no, day];
    let mut items = Vec::new();
    for (body, done) in all(tx, statement, of_day, two::<Option<bool>>)? {
        let item: BillItem = read(&body, "bill item")?;
        items.push(item_view(item, key.bill, done.map(|done| !done)));
    }
    let rank = |item: &BillItemView| match item.found {
        found if found.differs() => 0,
        Found::Other => 1,
        _ => 2,
    };
    items.sort_by(|a, b| (rank(a), &a.provider_no, &a.key).cmp(&(rank(b), &b.provider_no, &b.key)));
    let left_out = items.len().saturating_sub(MOST_ITEMS);
    items.truncate(MOST_ITEMS);
    Ok(BillView {
        entry,
        items,
        left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
    })
}

fn item_view(item: BillItem, bill: BillType, open: Option<bool>) -> BillItemView {
    let money = match item.key.split(' ').next() {
        Some("payment") => BillMoney::Payment,
        Some("refund") => BillMoney::Refund,
        Some("fee") => BillMoney::Fee,
        _ => BillMoney::Other,
    };
    let refund = bill::refund_number(&item.key).map(|(_, number)| number.to_owned());
    let in_trade_bill = bill == BillType::Trade && item.there_fen.is_some();
    BillItemView {
        money,
        found: item.found,
        number: refund.unwrap_or(item.out_trade_no),
        provider_no: item.provider_no,
        here_fen: item.here_fen,
        there_fen: item.there_fen,
        fee_fen: in_trade_bill.then_some(item.fee_fen),
        note: item.note,
        open,
        key: item.key,
    }
}
