//! How an ask lives: opened, being paid, ended. An ask ends with its last pending attempt, never
//! before, because a payer may be typing a password (rules 5.9, 6.8, 6.9).

use crate::books::Books;
use crate::facts::{Ask, Attempt, BoundLink, JobKind};
use crate::payments::{out_trade_no, query_delay_ms};
use domain::Timestamp;
use domain::channel::Channel;
use domain::config::AmountLimit;
use domain::id::IntentId;
use domain::intent::{AttemptState, IntentState};
use domain::time::MINUTE_MS;

/// How long after its end a channel may still not know a trade before that ends it (rule 6.9).
const NO_TRADE_AFTER_MS: i64 = 2 * MINUTE_MS;
/// How far apart the two answers "no such trade" must be (rule 6.9).
const NO_TRADE_APART_MS: i64 = MINUTE_MS;

/// What the cashier should do for a payer who has chosen a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// Place this order now; report with `attempt_answered`.
    Create(Attempt),
    /// It is placed already, with the same payer: show its offer again.
    Offered(Attempt),
    /// Another attempt is pending: close it at its channel, report with `observe`, ask again
    /// (rule 6.8).
    CloseFirst(Attempt),
    /// Nothing can be paid on this ask any more; open the link again to see why.
    NotPayable,
    /// The company has no active merchant account with this channel.
    NotBound,
    /// The company's limits for this channel do not allow the amount.
    OutsideLimits,
}

/// What a query or a close said of an attempt that was not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// The channel has closed it; no money can come.
    Closed,
    /// The channel knows no such trade.
    NoSuchTrade {
        /// It was said in answer to a close.
        to_close: bool,
    },
    /// Known there and not paid yet.
    NotPaid,
    /// The answer to a close is unknown, or did not verify. A query without an answer says nothing
    /// new and is not reported.
    Unknown,
}

/// How a channel answered when an order was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It is offered; what the payer's page needs, kept for a second look.
    Created {
        /// The page's own text.
        offer: String,
    },
    /// Refused, with no effect.
    Rejected,
    /// May have taken effect (rule 6.11).
    Unknown,
}

/// Starts or resumes an attempt. `binding` is the merchant and app number of the active account;
/// `limit` is the company's for this channel; `payer_key` stands for who pays and how: the same order may only be repeated with the same.
pub fn begin(
    books: &mut Books<'_>,
    intent: IntentId,
    channel: Channel,
    binding: Option<(String, String)>,
    limit: AmountLimit,
    payer_key: &str,
) -> Begin {
    let now = books.now;
    let Some(ask) = books.facts.asks.get(&intent) else {
        return Begin::NotPayable;
    };
    let (Some(amount_fen), Some(expires_at)) = (ask.amount(), ask.expires_at()) else {
        return Begin::NotPayable;
    };
    if !ask.live() || ask.closing || ask.paid() || now >= expires_at {
        return Begin::NotPayable;
    }
    if let Some(pending) = ask.offered() {
        let same = pending.channel == channel && pending.payer_key == payer_key;
        return match pending.state {
            AttemptState::Open if same && !pending.offer.is_empty() => {
                Begin::Offered(pending.clone())
            }
            // The same number again: the channel answers as it did, or for the first time. A query
            // may have found the order open whose answer, and with it the offer, was lost.
            AttemptState::Created | AttemptState::Unknown | AttemptState::Open if same => {
                Begin::Create(pending.clone())
            }
            _ => Begin::CloseFirst(pending.clone()),
        };
    }
    let Some((merchant_no, app_id)) = binding else {
        return Begin::NotBound;
    };
    if !limit.allows(amount_fen) {
        return Begin::OutsideLimits;
    }
    let used = ask
        .attempts
        .iter()
        .filter(|attempt| attempt.channel == channel)
        .count();
    let Ok(ordinal) = u8::try_from(used + 1) else {
        return Begin::NotPayable;
    };
    if ordinal > 99 {
        return Begin::NotPayable;
    }
    let attempt = Attempt {
        out_trade_no: out_trade_no(intent, channel, ordinal),
        intent,
        channel,
        ordinal,
        state: AttemptState::Created,
        merchant_no,
        app_id,
        amount_fen,
        time_expire: expires_at,
        payer_key: payer_key.to_owned(),
        offer: String::new(),
        no_trade_since: None,
        recalled: false,
    };
    let first_query = now.plus_ms(query_delay_ms(0));
    books.job(JobKind::Query, attempt.out_trade_no.clone(), first_query);
    books.put_attempt(attempt.clone());
    refresh(books, intent);
    Begin::Create(attempt)
}

/// How many attempts of an ask with one channel a restored backup is taken to lack. A payer who
/// changes the wallet to and fro makes one more each time.
const LOST: usize = 3;

/// Computes attempts anew that a restored backup may lack (rule 6.10). Each is closed at its
/// channel, whose answer says whether it was paid; until then it hinders no new one, because all of
/// them are asked about past the ask's end.
pub fn recall(
    books: &mut Books<'_>,
    intent: IntentId,
    channel: Channel,
    (merchant_no, app_id): &(String, String),
) {
    let now = books.now;
    let Some(ask) = books.facts.asks.get(&intent).cloned() else {
        return;
    };
    let (Some(amount_fen), Some(time_expire)) = (ask.amount(), ask.expires_at()) else {
        return;
    };
    let mut all = ask.attempts.iter();
    if ask.paid() || all.any(|attempt| attempt.recalled && attempt.channel == channel) {
        return;
    }
    let known = ask.attempts.iter().filter(|a| a.channel == channel).count();
    for ordinal in (known + 1..=known + LOST).filter_map(|n| u8::try_from(n).ok()) {
        let attempt = Attempt {
            out_trade_no: out_trade_no(intent, channel, ordinal),
            intent,
            channel,
            ordinal,
            state: AttemptState::CloseUnconfirmed,
            merchant_no: merchant_no.clone(),
            app_id: app_id.clone(),
            amount_fen,
            time_expire,
            payer_key: String::new(),
            offer: String::new(),
            no_trade_since: None,
            recalled: true,
        };
        let first_query = now.plus_ms(query_delay_ms(0));
        books.job(JobKind::Close, attempt.out_trade_no.clone(), now);
        books.job(JobKind::Query, attempt.out_trade_no.clone(), first_query);
        books.put_attempt(attempt);
    }
    refresh(books, intent);
}

/// Records how the channel answered. An answer that comes after money or a close changes nothing.
pub fn answered(books: &mut Books<'_>, mut attempt: Attempt, answer: Answered) {
    match (attempt.state, answer) {
        (
            AttemptState::Created | AttemptState::Unknown | AttemptState::Open,
            Answered::Created { offer },
        ) => {
            (attempt.state, attempt.offer) = (AttemptState::Open, offer);
        }
        (AttemptState::Created, Answered::Rejected) => attempt.state = AttemptState::Closed,
        (AttemptState::Created, Answered::Unknown) => attempt.state = AttemptState::Unknown,
        _ => return,
    }
    let intent = attempt.intent;
    books.put_attempt(attempt);
    refresh(books, intent);
}

/// Records what a query or a close said.
pub fn observe(books: &mut Books<'_>, mut attempt: Attempt, observed: Observed) {
    use AttemptState::{CloseUnconfirmed, Closed, Open, Paid, Unknown};
    if matches!(attempt.state, Closed | Paid) {
        return;
    }
    let now = books.now;
    match observed {
        Observed::Closed => attempt.state = Closed,
        Observed::NotPaid => {
            attempt.no_trade_since = None;
            if attempt.state == Unknown {
                attempt.state = Open;
            }
        }
        Observed::Unknown => {
            if attempt.state == Open {
                attempt.state = Unknown;
            }
        }
        Observed::NoSuchTrade { to_close } => {
            if to_close {
                attempt.state = CloseUnconfirmed;
            }
            let past_end = now >= attempt.time_expire.plus_ms(NO_TRADE_AFTER_MS);
            match attempt.no_trade_since.filter(|_| past_end) {
                Some(since) if now.since_ms(since) >= NO_TRADE_APART_MS => attempt.state = Closed,
                Some(_) => {}
                // Only answers given after the end count towards ending it.
                None => attempt.no_trade_since = past_end.then_some(now),
            }
        }
    }
    let (intent, number) = (attempt.intent, attempt.out_trade_no.clone());
    if attempt.state == Closed {
        books.no_job(JobKind::Query, &number);
        books.no_job(JobKind::Close, &number);
    } else if attempt.state == CloseUnconfirmed {
        books.no_job(JobKind::Close, &number);
    }
    books.put_attempt(attempt);
    refresh(books, intent);
}

/// Wants an ask ended: at once if nothing is pending, else with the close of what is.
pub fn end(books: &mut Books<'_>, intent: IntentId) {
    let now = books.now;
    let ask = books.ask_mut(intent);
    if !ask.live() {
        return;
    }
    ask.closing = true;
    let pending = ask.offered().map(|attempt| attempt.out_trade_no.clone());
    if let Some(number) = pending {
        books.job(JobKind::Close, number, now);
    }
    refresh(books, intent);
}

/// Ends an ask because its order has another revision now.
pub fn supersede(books: &mut Books<'_>, intent: IntentId) {
    end(books, intent);
}

/// Brings the document of an ask in line with its attempts and the time. States only climb.
pub fn refresh(books: &mut Books<'_>, intent: IntentId) {
    let now = books.now;
    let ask = books.ask_mut(intent);
    let (pending, closing) = (ask.pending(), ask.closing);
    let unknown = ask
        .attempts
        .iter()
        .any(|attempt| attempt.state == AttemptState::Unknown);
    let expired = ask.expires_at().is_some_and(|end| now >= end);
    let Some(doc) = &mut ask.doc else { return };
    doc.unknown = unknown;
    if !doc.state.live() {
        return;
    }
    if pending {
        doc.state = IntentState::Paying;
    } else if expired {
        doc.state = IntentState::Expired;
    } else if closing {
        doc.state = IntentState::Closed;
    }
    if !doc.state.live() {
        books.no_job(JobKind::Expire, &intent.to_string());
    }
}

/// Whether a link body may be bound to an ask that has one, or none.
pub fn binds(ask: Option<&Ask>, body: BoundLink) -> bool {
    match ask {
        None => true,
        Some(Ask {
            link: Some(held), ..
        }) => *held == body,
        Some(Ask { doc: Some(doc), .. }) => {
            doc.terminal == body.terminal
                && doc.amount_fen == body.amount_fen
                && doc.purpose == body.purpose
                && doc.revision == body.revision
                && whole_seconds(doc.expires_at) == body.expires_at
        }
        Some(_) => true,
    }
}

/// A link carries whole seconds.
pub fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(1_000) * 1_000)
}
