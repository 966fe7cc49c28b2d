//! Asks for money. The operation may come long after its QR was shown and even after it was paid:
//! then the link that was seen first counts, and money held under the ticket is booked now
//! (rules 6.4, 6.5).

use super::{check_orders, known_distributor, payable};
use crate::books::{About, Books, Stop};
use crate::facts::{BoundLink, JobKind, Write};
use crate::payments::asks::{binds, end, refresh, supersede, whole_seconds};
use crate::payments::settle::book_held;
use domain::Money;
use domain::code::Code;
use domain::collection::check_allocations;
use domain::id::IntentId;
use domain::intent::{IntentState, PaymentIntent};
use domain::operation::{IntentClose, IntentOpen, IntentProof, Origin};
use wire::PublicKey;
use wire::link::{check_code, short_code};
use wire::receipt::Receipt;
use wire::verdict::VerdictKind;

pub(super) fn open(
    books: &mut Books<'_>,
    body: &IntentOpen,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    // A second time, after a backup was put back: what it paid, and its ticket, may be lost.
    let again = books.facts.restored_at.is_some_and(|at| origin.at < at);
    match books.facts.tickets.get(&body.intent) {
        Some(ticket) if ticket.terminal != origin.terminal || ticket.used => {
            return Err(Code::BadTicket.into());
        }
        Some(ticket) if origin.at >= ticket.expires_at => return Err(Code::Expired.into()),
        Some(_) => {}
        None if again => books.note(Write::TicketAgain {
            intent: body.intent,
            terminal: origin.terminal,
            expires_at: body.expires_at,
        }),
        None => return Err(Code::BadTicket.into()),
    }
    if !body.amount_fen.is_positive() {
        return Err(Code::AmountNotPositive.into());
    }
    check_allocations(body.purpose, body.amount_fen, &body.allocations)?;
    let number = known_distributor(books, body.distributor)?.number;
    check_orders(books, body.distributor, &body.allocations)?;
    // Once a payer has opened the link, refusing the operation would orphan the money.
    let seen = books.facts.asks.get(&body.intent).and_then(|ask| ask.link);
    if seen.is_none() && !books.facts.config.config.online_payment_enabled {
        return Err(Code::OnlinePaymentOff.into());
    }
    replace_own(books, body, origin);
    if seen.is_none() {
        payable(books, &body.allocations)?;
        check_asked(books, body)?;
    }
    let asked = BoundLink {
        terminal: origin.terminal,
        distributor_number: body.distributor_number,
        amount_fen: body.amount_fen,
        expires_at: whole_seconds(body.expires_at),
        purpose: body.purpose,
        revision: body.revision,
    };
    let differs = seen.is_some_and(|_| !binds(books.facts.asks.get(&body.intent), asked))
        || (body.distributor_number != 0 && body.distributor_number != number);
    let counts = seen.unwrap_or(asked);
    let doc = PaymentIntent {
        id: body.intent,
        purpose: counts.purpose,
        distributor: body.distributor,
        amount_fen: counts.amount_fen,
        allocations: body.allocations.clone(),
        revision: counts.revision,
        state: IntentState::Presented,
        unknown: false,
        proved_offline: false,
        pay_code: Some(short_code(books.env())),
        check_code: check_code(body.intent, counts.amount_fen, counts.revision),
        expires_at: counts.expires_at,
        outcome: None,
        collection: None,
        staff: Some(origin.staff),
        terminal: origin.terminal,
        opened_by: Some(origin.op_id),
        opened_at: origin.at,
    };
    books.note(Write::TicketUsed(body.intent));
    books.served(body.distributor, origin.terminal);
    books.ask_mut(body.intent).doc = Some(doc);
    refresh(books, body.intent);
    if books
        .facts
        .asks
        .get(&body.intent)
        .is_some_and(crate::facts::Ask::live)
    {
        books.job(JobKind::Expire, body.intent.to_string(), counts.expires_at);
    }
    book_held(books, body.intent)?;
    if again {
        let now = books.now;
        books.job(JobKind::Recall, body.intent.to_string(), now);
    }
    if !differs {
        return Ok(VerdictKind::Applied);
    }
    let about = About {
        op: Some(origin.op_id),
        distributor: Some(body.distributor),
        amount: counts.amount_fen,
        subject: body.intent.to_string(),
        ..About::default()
    };
    books.attention("link_differs", about);
    let difference = Code::BadField {
        field: "link".into(),
    };
    Ok(VerdictKind::AppliedWithDifference { difference })
}

/// This terminal's earlier asks for the same orders end, unless one is being paid.
fn replace_own(books: &mut Books<'_>, body: &IntentOpen, origin: &Origin) {
    let superseded: Vec<IntentId> = live_asks(books, body)
        .filter(|(_, doc, pending)| doc.terminal == origin.terminal && !pending)
        .map(|(id, ..)| id)
        .collect();
    for id in superseded {
        supersede(books, id);
    }
}

/// Live asks may not exceed what is owed (rule 5.7).
fn check_asked(books: &Books<'_>, body: &IntentOpen) -> Result<(), Stop> {
    for part in &body.allocations {
        let owed = books
            .facts
            .orders
            .get(&part.order)
            .map_or(Money::ZERO, |order| order.owed());
        let others = live_asks(books, body)
            .flat_map(|(_, doc, _)| &doc.allocations)
            .filter(|other| other.order == part.order)
            .map(|other| other.amount_fen);
        let asked = Money::sum(others.chain([part.amount_fen]));
        if asked.map_err(|_| Code::AmountTooLarge { row: 0 })? > owed {
            return Err(Code::AlreadyAsked.into());
        }
    }
    Ok(())
}

fn live_asks<'b>(
    books: &'b Books<'_>,
    body: &'b IntentOpen,
) -> impl Iterator<Item = (IntentId, &'b PaymentIntent, bool)> {
    books
        .facts
        .asks
        .iter()
        .filter(|(id, ask)| **id != body.intent && ask.live())
        .filter_map(|(id, ask)| Some((*id, ask.doc.as_ref()?, ask.pending())))
        .filter(|(_, doc, _)| {
            let named = |order| body.allocations.iter().any(|part| part.order == order);
            doc.allocations.iter().any(|part| named(part.order))
        })
}

pub(super) fn close(books: &mut Books<'_>, body: &IntentClose) -> Result<VerdictKind, Stop> {
    let state = known(books, body.intent)?.state;
    if state == IntentState::Paid {
        return Err(Code::AlreadyDecided.into());
    }
    end(books, body.intent);
    Ok(VerdictKind::Applied)
}

/// Checks a proof that the terminal accepted while offline. A false one is a finance item: goods
/// may have left on it (rule 6.6).
pub(super) fn proof(
    books: &mut Books<'_>,
    body: &IntentProof,
    origin: &Origin,
    key: &PublicKey,
) -> Result<VerdictKind, Stop> {
    let doc = known(books, body.intent)?.clone();
    let text = body.proof.trim();
    let code_fits = books
        .facts
        .tickets
        .get(&body.intent)
        .is_some_and(|ticket| ticket.receipt_code.eq_ignore_ascii_case(text));
    let receipt_fits = Receipt::open(text, key).is_ok_and(|receipt| receipt.intent == body.intent);
    if !code_fits && !receipt_fits {
        return Err(Code::BadProof { tries_left: 0 }.into());
    }
    if let Some(doc) = &mut books.ask_mut(body.intent).doc {
        doc.proved_offline = true;
    }
    if doc.state != IntentState::Paid {
        // The code was shown only after money came; if none is booked, somebody must look.
        let about = About {
            op: Some(origin.op_id),
            distributor: Some(doc.distributor),
            amount: doc.amount_fen,
            subject: body.intent.to_string(),
            ..About::default()
        };
        books.attention("difference", about);
    }
    Ok(VerdictKind::Applied)
}

fn known<'b>(books: &'b Books<'_>, id: IntentId) -> Result<&'b PaymentIntent, Stop> {
    let doc = books.facts.asks.get(&id).and_then(|ask| ask.doc.as_ref());
    doc.ok_or_else(|| {
        Code::NotFound {
            what: "intent".into(),
        }
        .into()
    })
}
