//! Links, attempts and settlement as transactions: load, let `payments` decide, write, and judge
//! again what waited for an intent that ended.

use super::rows::{document, one, parsed, word};
use super::work::Work;
use super::{config, load, push, recovery, sql, terminals};
use crate::books::{Books, Stop};
use crate::facts::{Ask, Attempt, BoundLink, Needs};
use crate::payments::asks::{self, Answered, Begin, Observed};
use crate::payments::settle::{self, Settled};
use crate::store::{AskView, CashierView, Context, PaidReceipt, StoreError};
use domain::channel::Channel;
use domain::id::IntentId;
use domain::intent::IntentState;
use gateways::EvidenceRecord;
use rusqlite::{Connection, params};
use wire::link::Link;
use wire::receipt::Receipt;

pub(super) fn broken(stop: Stop) -> StoreError {
    StoreError::Rule(match stop {
        Stop::Reject(code) => format!("{code:?}"),
        Stop::Block(wait) => format!("{wait:?}"),
    })
}

/// Opens books on an intent and everything that hangs on it.
pub(super) fn books<'a>(work: &Work<'a>, intent: IntentId) -> Result<Books<'a>, StoreError> {
    let link = load::ask(work.tx, &work.company, intent)?.link;
    let needs = Needs {
        intents: [intent].into(),
        distributor_number: link.map(|link| link.distributor_number),
        ..Needs::default()
    };
    Ok(Books::new(
        load::facts(work.tx, work.cx, &needs)?,
        work.cx.env,
    ))
}

pub(super) fn write(work: &mut Work<'_>, books: Books<'_>) -> Result<(), StoreError> {
    work.apply(books.finish(), None)?;
    push::wake_ended(work)?;
    work.flush(true)?;
    Ok(())
}

/// The intent behind a link, if the link is good; a signed body is bound at its first sight.
pub(super) fn bind(work: &mut Work<'_>, link: &Link) -> Result<Option<IntentId>, StoreError> {
    let signed = match link {
        Link::Short(code) => {
            let key = params![work.company, code];
            let row = one(work.tx, sql::INTENT_BY_CODE, key, |row| {
                row.get::<_, String>(0)
            })?;
            return row.map(|id| parsed(&id, "intent id")).transpose();
        }
        Link::Signed(signed) => signed,
    };
    let keys = terminals::keys(work.tx, &work.company, signed.claimed_terminal())?;
    let Some(body) = keys.iter().find_map(|key| signed.verify(key).ok()) else {
        return Ok(None);
    };
    let ticket = load::ticket(work.tx, &work.company, body.intent)?;
    if ticket.is_none_or(|ticket| ticket.terminal != body.terminal) {
        return Ok(None);
    }
    let bound = BoundLink::from(body);
    let mut books = books(work, body.intent)?;
    let ask = books.facts.asks.get(&body.intent);
    if !asks::binds(ask, bound) {
        let about = crate::books::About {
            amount: body.amount_fen,
            subject: body.intent.to_string(),
            ..crate::books::About::default()
        };
        books.attention("link_differs", about);
        write(work, books)?;
        return Ok(None);
    }
    let used = books
        .facts
        .tickets
        .get(&body.intent)
        .is_some_and(|ticket| ticket.used);
    if ask.is_none_or(|ask| ask.link.is_none()) && !(used && ask.is_none()) {
        books.ask_mut(body.intent).link = Some(bound);
        write(work, books)?;
    }
    Ok(Some(body.intent))
}

/// What the cashier shows of an intent.
pub(super) fn view(
    tx: &Connection,
    cx: &Context<'_>,
    intent: IntentId,
) -> Result<CashierView, StoreError> {
    let company = cx.company.to_string();
    let ask = load::ask(tx, &company, intent)?;
    // A ticket whose operation was rejected: its QR is in the world and asks for nothing.
    let Some(view) = ask_view(tx, cx, intent, &ask)? else {
        return Ok(CashierView::Superseded);
    };
    if let Some(receipt) = receipt(tx, cx, intent)? {
        return Ok(CashierView::Paid(view, receipt));
    }
    let state = ask.doc.as_ref().map(|doc| doc.state);
    // An ask that is being ended past its time has expired; before it, another took its place.
    let closing = ask.closing && cx.env.now() < view.expires_at;
    if state == Some(IntentState::Closed) || closing {
        return Ok(CashierView::Superseded);
    }
    let unknown = view
        .pending
        .as_ref()
        .is_some_and(|attempt| attempt.state == domain::intent::AttemptState::Unknown);
    if unknown {
        return Ok(CashierView::Unknown(view));
    }
    if state == Some(IntentState::Expired) || cx.env.now() >= view.expires_at {
        return Ok(CashierView::Expired(view));
    }
    Ok(CashierView::Payable(view))
}

fn ask_view(
    tx: &Connection,
    cx: &Context<'_>,
    intent: IntentId,
    ask: &Ask,
) -> Result<Option<AskView>, StoreError> {
    let company = cx.company.to_string();
    let (Some(amount_fen), Some(expires_at), Some(purpose), Some(check_code)) = (
        ask.amount(),
        ask.expires_at(),
        ask.purpose(),
        ask.check_code(intent),
    ) else {
        return Ok(None);
    };
    let needs = Needs {
        intents: [intent].into(),
        distributor_number: ask.link.map(|link| link.distributor_number),
        config: true,
        ..Needs::default()
    };
    let facts = load::facts(tx, cx, &needs)?;
    let named = ask.doc.as_ref().map(|doc| doc.distributor);
    let number = ask.link.map_or(0, |link| link.distributor_number);
    let distributor = facts
        .distributors
        .values()
        .find(|known| named.map_or(known.number == number, |id| known.id == id))
        .map(|known| known.name.clone());
    let allocations = ask.doc.iter().flat_map(|doc| &doc.allocations);
    let order_numbers = allocations
        .filter_map(|part| facts.orders.get(&part.order))
        .map(|order| order.number.clone())
        .collect();
    let bindings = load::bindings(tx, &company)?;
    let bound = Channel::ALL
        .into_iter()
        .filter(|channel| bindings.iter().any(|b| b.active && b.channel == *channel));
    let pending = ask.offered().cloned();
    // What is under way was begun within the limits of its time and may be finished.
    let begun = pending.as_ref().map(|attempt| attempt.channel);
    let limits = &facts.config.config.limits;
    let (channels, outside_limits) = bound
        .partition(|channel| begun == Some(*channel) || limits.of(*channel).allows(amount_fen));
    Ok(Some(AskView {
        intent,
        seller: facts.company.seller,
        distributor,
        order_numbers,
        amount_fen,
        purpose,
        expires_at,
        check_code,
        channels,
        outside_limits,
        wechat_h5: facts.config.config.wechat_h5,
        pending,
    }))
}

/// What the payer's phone shows; `None` while no money is booked.
pub(super) fn receipt(
    tx: &Connection,
    cx: &Context<'_>,
    intent: IntentId,
) -> Result<Option<PaidReceipt>, StoreError> {
    let company = cx.company.to_string();
    let records = load::records(tx, &company, intent)?;
    let Some((record, _)) = records.into_iter().next() else {
        return Ok(None);
    };
    let Some(ticket) = load::ticket(tx, &company, intent)? else {
        return Ok(None);
    };
    let receipt = Receipt {
        intent,
        amount_fen: record.gross_fen,
        paid_at: record.paid_at,
        provider_no: record.provider_no,
    };
    Ok(Some(PaidReceipt {
        receipt_code: ticket.receipt_code,
        signed: receipt.seal(cx.key),
        amount_fen: receipt.amount_fen,
        paid_at: receipt.paid_at,
        provider_no: receipt.provider_no,
    }))
}

/// Starts or resumes an attempt.
pub(super) fn begin(
    work: &mut Work<'_>,
    intent: IntentId,
    channel: Channel,
    payer_key: &str,
) -> Result<Begin, StoreError> {
    let binding = load::active_binding(work.tx, &work.company, channel)?;
    let mut books = books(work, intent)?;
    let config = config::current(work.tx, &work.company)?.config;
    let limit = *config.limits.of(channel);
    let begin = asks::begin(&mut books, intent, channel, binding, limit, payer_key);
    write(work, books)?;
    Ok(begin)
}

/// An attempt by its number.
pub(super) fn attempt(
    tx: &Connection,
    company: &str,
    number: &str,
) -> Result<Option<Attempt>, StoreError> {
    document(tx, sql::ATTEMPT_GET, params![company, number], "attempt")
}

/// Changes an attempt by a rule; one that is unknown is nobody's.
fn change(
    work: &mut Work<'_>,
    number: &str,
    rule: impl FnOnce(&mut Books<'_>, Attempt),
) -> Result<(), StoreError> {
    let Some(attempt) = attempt(work.tx, &work.company, number)? else {
        return Ok(());
    };
    let mut books = books(work, attempt.intent)?;
    rule(&mut books, attempt);
    write(work, books)
}

pub(super) fn answered(
    work: &mut Work<'_>,
    number: &str,
    answer: Answered,
) -> Result<(), StoreError> {
    change(work, number, |books, attempt| {
        asks::answered(books, attempt, answer)
    })
}

pub(super) fn observe(
    work: &mut Work<'_>,
    number: &str,
    observed: Observed,
) -> Result<(), StoreError> {
    change(work, number, |books, attempt| {
        asks::observe(books, attempt, observed)
    })
}

/// Ends an intent whose time is over.
pub(super) fn expire(work: &mut Work<'_>, intent: IntentId) -> Result<(), StoreError> {
    let mut books = books(work, intent)?;
    let over = books
        .facts
        .asks
        .get(&intent)
        .and_then(Ask::expires_at)
        .is_some_and(|end| books.now >= end);
    if over {
        asks::end(&mut books, intent);
        write(work, books)?;
    }
    Ok(())
}

/// Books evidence, once.
pub(super) fn settle(work: &mut Work<'_>, proof: &EvidenceRecord) -> Result<Settled, StoreError> {
    let key = params![work.company, word(&proof.channel)?, proof.provider_no];
    if one(work.tx, sql::RECORD_KNOWN, key, |_| Ok(()))?.is_some() {
        return Ok(Settled::Already);
    }
    let ours = load::bindings(work.tx, &work.company)?
        .iter()
        .any(|b| b.channel == proof.channel && b.merchant_no == proof.merchant_no);
    if !ours {
        let (merchant, number) = (&proof.merchant_no, &proof.provider_no);
        tracing::warn!(%merchant, %number, "evidence of a merchant account that is not ours");
        return Ok(Settled::NotOurs);
    }
    let named = match attempt(work.tx, &work.company, &proof.out_trade_no)? {
        Some(known) => Some(known),
        None => recovery::lost_attempt(work, proof)?,
    };
    let mut open = match &named {
        Some(attempt) => books(work, attempt.intent)?,
        None => Books::new(
            load::facts(work.tx, work.cx, &Needs::default())?,
            work.cx.env,
        ),
    };
    let facts = open.facts.clone();
    let settled = match settle::settle(&mut open, proof, named.as_ref()) {
        Ok(settled) => settled,
        Err(stop) => {
            // Money is never dropped: what a rule can't place is booked as unidentified (6.7).
            tracing::error!(?stop, number = %proof.provider_no, "settlement fell back");
            open = Books::new(facts, work.cx.env);
            settle::unidentified(&mut open, proof, named.as_ref()).map_err(broken)?;
            Settled::Unidentified
        }
    };
    write(work, open)?;
    Ok(settled)
}
