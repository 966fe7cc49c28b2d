//! The match of a fund-flow bill: each flow of a payment, a refund or a fee must stand in the trade
//! bill with that amount, found by its business voucher number or by the channel's number of the
//! trade, and each row of the trade bill must have moved the account. The rest (withdrawals,
//! top-ups) is told and is no difference. It books nothing: what the trade bill did not bring is put
//! before a person.

use super::{BillItem, EarlierItem, Noted, Standing, about_number};
use crate::books::Books;
use domain::Money;
use domain::bill::{BillSummary, Found};
use domain::id::AttentionId;
use gateways::bill::{Flow, FlowBill, FlowKind};
use std::collections::{BTreeMap, BTreeSet};

/// What trade bills say of the days around a fund-flow bill.
#[derive(Clone, Debug, Default)]
pub struct Trades {
    /// Their items, with whether they are of the very day.
    pub items: Vec<(BillItem, bool)>,
    /// Keys of sums that a neighbour's fund-flow bill names.
    pub elsewhere: BTreeSet<String>,
}

/// The kind of attention item that a difference makes; `None` for none.
const fn attention(found: Found) -> Option<&'static str> {
    match found {
        Found::Matched | Found::Other => None,
        Found::OnlyHere => Some("flow_missing"),
        Found::OnlyProvider => Some("flow_unexplained"),
        Found::AmountDiffers => Some("flow_amount_differs"),
        Found::FeeDiffers => Some("flow_fee_differs"),
    }
}

/// A sum that the trade bill says moved the account.
struct Due<'a> {
    item: &'a BillItem,
    of_day: bool,
    amount: Money,
    fee: bool,
}

/// Finds the sums of the trade bill that flows are about.
#[derive(Default)]
struct Index<'a> {
    due: BTreeMap<String, Due<'a>>,
    /// Keys of payments by the channel's number and by ours.
    payments: BTreeMap<&'a str, &'a str>,
    /// Keys of refunds by our number.
    refunds: BTreeMap<&'a str, &'a str>,
}

fn fee_key(key: &str) -> String {
    format!("fee {key}")
}

fn negative(amount: Money) -> Money {
    Money::ZERO.checked_sub(amount).unwrap_or_default()
}

impl<'a> Index<'a> {
    fn of(trades: &'a Trades) -> Index<'a> {
        let mut index = Index::default();
        for (item, of_day) in &trades.items {
            // Money that only the books know has no row in the trade bill.
            let Some(gross) = item.there_fen else {
                continue;
            };
            let (key, of_day) = (item.key.as_str(), *of_day);
            let refund = key.starts_with("refund ");
            if refund {
                let number = key.rsplit(' ').next().unwrap_or_default();
                index.refunds.insert(number, key);
            } else {
                index.payments.insert(&item.provider_no, key);
                index.payments.insert(&item.out_trade_no, key);
            }
            let amount = if refund { negative(gross) } else { gross };
            let due = |amount, fee| Due {
                item,
                of_day,
                amount,
                fee,
            };
            index.due.insert(key.to_owned(), due(amount, false));
            let kept = negative(item.fee_fen);
            index.due.insert(fee_key(key), due(kept, true));
        }
        index
    }

    fn key(&self, flow: &Flow) -> Option<String> {
        let payment = || {
            let by_voucher = self.payments.get(flow.voucher.as_str());
            by_voucher.or_else(|| self.payments.get(flow.business_no.as_str()))
        };
        let refund = || self.refunds.get(flow.voucher.as_str());
        match flow.kind {
            FlowKind::Payment => payment().map(|key| (*key).to_owned()),
            FlowKind::Refund => refund().map(|key| (*key).to_owned()),
            FlowKind::Fee => refund().or_else(payment).map(|key| fee_key(key)),
            FlowKind::Other => None,
        }
    }
}

/// Matches a fund-flow bill with the trade bills around it. Pure; flows of one sum are added up.
pub fn reconcile(bill: &FlowBill, trades: &Trades) -> Vec<BillItem> {
    let index = Index::of(trades);
    let mut sums: BTreeMap<String, (Money, &Flow)> = BTreeMap::new();
    let mut items = Vec::new();
    for flow in &bill.flows {
        if let Some(key) = index.key(flow) {
            let (sum, _) = sums.entry(key).or_insert((Money::ZERO, flow));
            // A bill whose sum is beyond the range was refused when it was read.
            *sum = sum.checked_add(flow.amount_fen).unwrap_or(Money::MAX);
            continue;
        }
        let found = match flow.kind {
            FlowKind::Other => Found::Other,
            _ => Found::OnlyProvider,
        };
        items.push(BillItem {
            key: format!("flow {} {}", flow.flow_no, flow.name),
            found,
            provider_no: flow.business_no.clone(),
            out_trade_no: flow.voucher.clone(),
            here_fen: None,
            there_fen: Some(flow.amount_fen),
            fee_fen: Money::ZERO,
            attempt: None,
            note: flow.name.clone(),
        });
    }
    for (key, due) in &index.due {
        let flow = sums.get(key);
        let found = match flow {
            Some((sum, _)) if *sum == due.amount => Found::Matched,
            Some(_) if due.fee => Found::FeeDiffers,
            Some(_) => Found::AmountDiffers,
            None if !due.of_day || due.amount.is_zero() => continue,
            None if trades.elsewhere.contains(key) => continue,
            None => Found::OnlyHere,
        };
        items.push(BillItem {
            key: key.clone(),
            found,
            here_fen: Some(due.amount),
            there_fen: flow.map(|(sum, _)| *sum),
            fee_fen: Money::ZERO,
            note: flow.map_or_else(String::new, |(_, flow)| flow.name.clone()),
            ..due.item.clone()
        });
    }
    items
}

/// Puts each new difference before a person; one that is unchanged keeps its attention item.
/// Answers, beside the items, the attention items that have become pointless.
pub fn book(
    books: &mut Books<'_>,
    earlier: &BTreeMap<String, EarlierItem>,
    items: Vec<BillItem>,
) -> (Vec<Noted>, Vec<AttentionId>) {
    let mut standing = Standing::new(earlier);
    let mut noted = Vec::with_capacity(items.len());
    for item in items {
        let attention = attention(item.found)
            .and_then(|kind| standing.keep_or(&item, || books.raise(kind, about_number(&item))));
        noted.push(Noted {
            item,
            attention,
            fee_posted: false,
        });
    }
    (noted, standing.pointless())
}

/// Counts a fund-flow bill and its items.
pub fn summary(bill: &FlowBill, items: &[BillItem]) -> BillSummary {
    let mut summary = BillSummary {
        balance_fen: bill.balance_fen(),
        ..BillSummary::default()
    };
    for flow in &bill.flows {
        let (sum, amount) = match flow.kind {
            FlowKind::Payment => (&mut summary.gross_fen, flow.amount_fen),
            FlowKind::Refund => (&mut summary.refunded_fen, negative(flow.amount_fen)),
            FlowKind::Fee => (&mut summary.fee_fen, negative(flow.amount_fen)),
            FlowKind::Other => (&mut summary.other_fen, flow.amount_fen),
        };
        *sum = sum.checked_add(amount).unwrap_or(Money::MAX);
        match flow.kind {
            FlowKind::Payment => summary.payments += 1,
            FlowKind::Refund => summary.refunds += 1,
            FlowKind::Fee | FlowKind::Other => {}
        }
    }
    super::count(&mut summary, items);
    summary
}

#[cfg(test)]
mod tests;
