//! Attention items end: by a person who says how it was dealt with, or because the money that they
//! were about has found its home. While such money is open, no word closes them.

use crate::books::{Books, Stop};
use crate::facts::Write;
use domain::Money;
use domain::code::Code;
use domain::ledger::Account;
use domain::money_match::Concern;
use domain::operation::{AttentionClose, Origin};
use domain::refund::left;
use wire::change::{Attention, AttentionClosed};
use wire::verdict::VerdictKind;

pub(super) fn close(
    books: &mut Books<'_>,
    body: &AttentionClose,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let reason = body.reason.trim();
    if reason.is_empty() {
        return Err(Code::BadField {
            field: "reason".into(),
        }
        .into());
    }
    let held = books.facts.attention.get(&body.attention).cloned();
    let item = held.ok_or_else(|| Code::NotFound {
        what: "attention".into(),
    })?;
    if item.done {
        return Err(Code::AlreadyDecided.into());
    }
    // What waits under review ends with its release or rejection.
    if item.kind == "review" {
        return Err(Code::ReviewStillOpen.into());
    }
    let open = open_money(books, &item);
    if open.is_positive() {
        return Err(Code::MoneyStillOpen {
            open_fen: open.fen().to_string(),
        }
        .into());
    }
    end(books, item, origin, reason);
    Ok(VerdictKind::Applied)
}

/// Closes the loaded items whose money has found its home in this decision.
pub(super) fn close_settled(
    books: &mut Books<'_>,
    origin: &Origin,
    reason: &str,
) -> Result<(), Stop> {
    let items: Vec<Attention> = books.facts.attention.values().cloned().collect();
    for item in items {
        if !item.done && item.concern.is_some() && !open_money(books, &item).is_positive() {
            end(books, item, origin, reason);
        }
    }
    Ok(())
}

fn end(books: &mut Books<'_>, mut item: Attention, origin: &Origin, reason: &str) {
    item.done = true;
    item.closed = Some(AttentionClosed {
        by: origin.staff,
        at: books.now,
        reason: reason.to_owned(),
    });
    books.note(Write::Attention(item));
}

/// How much of the money that an item is about has no home yet.
fn open_money(books: &Books<'_>, item: &Attention) -> Money {
    let facts = &books.facts;
    match item.concern {
        None => Money::ZERO,
        Some(Concern::Collection(id)) => {
            let held = facts.collections.get(&id);
            held.map_or(Money::ZERO, |held| held.unapplied_fen)
        }
        Some(Concern::TransactionRecord(id)) => {
            let Some(payment) = facts.payments.get(&id) else {
                return Money::ZERO;
            };
            let record = &payment.record;
            match (record.distributor, record.collection) {
                (None, _) => record.gross_fen,
                // It came twice: open until it has gone back.
                (Some(_), None) => left(record.gross_fen, &facts.refunds_of(id)),
                (Some(_), Some(_)) => Money::ZERO,
            }
        }
        Some(Concern::Suspense(distributor)) => {
            books.balance(&Account::Suspense { distributor }).neg()
        }
    }
}
