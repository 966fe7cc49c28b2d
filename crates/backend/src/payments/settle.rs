//! Settlement is one function: verified evidence in, bookings out, whatever brought it, however
//! often and in whatever order (rules 6.5–6.9). It never refuses money: what fits nothing is booked
//! as unidentified, what comes late as unapplied, what comes twice as refundable, each before a
//! person's eyes.

use crate::books::{About, Books, Stop};
use crate::facts::{Ask, Attempt, JobKind};
use crate::payments::money::receive;
use crate::payments::out_trade_no;
use domain::Money;
use domain::collection::{CollectionState, PaymentCollection, PaymentMethod, Purpose};
use domain::id::{CollectionId, DistributorId, IntentId, TransactionRecordId};
use domain::intent::{AttemptState, IntentOutcome, IntentState, PaymentIntent, TransactionRecord};
use domain::ledger::{self, Account, Entry, Posting, Source};
use domain::money_match::Concern;
use domain::time::Timestamp;
use gateways::EvidenceRecord;

/// What became of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was booked before; nothing was written.
    Already,
    /// The merchant account is none of the company's: nothing was booked (rule 6.7).
    NotOurs,
    /// It paid this intent, with this outcome.
    Paid {
        /// Which.
        intent: IntentId,
        /// How what came relates to what was asked.
        outcome: IntentOutcome,
    },
    /// It waits under its ticket for the operation (rule 6.5).
    Held {
        /// Which ticket.
        intent: IntentId,
    },
    /// It names no attempt of ours, or does not match the one it names.
    Unidentified,
}

/// Books evidence that was not booked before and is of one of the company's merchant accounts.
/// `named` is the attempt with the evidence's number, if there is one.
///
/// # Errors
/// A posting that the ledger refuses; the caller then books it with [`unidentified`].
pub fn settle(
    books: &mut Books<'_>,
    proof: &EvidenceRecord,
    named: Option<&Attempt>,
) -> Result<Settled, Stop> {
    let Some(attempt) = named.filter(|attempt| matches(attempt, proof)) else {
        unidentified(books, proof, named)?;
        if let Some(attempt) = named.filter(|attempt| same_account(attempt, proof)) {
            end_disputed(books, attempt);
        }
        return Ok(Settled::Unidentified);
    };
    let intent = attempt.intent;
    let known = books.facts.asks.get(&intent).cloned();
    let Some(ask) = known.or_else(|| attempt.recalled.then(Ask::default)) else {
        unidentified(books, proof, named)?;
        return Ok(Settled::Unidentified);
    };
    let mut record = new_record(books, proof, Some(intent));
    mark_paid(books, &ask, attempt);
    let source = Source::Channel(proof.channel);
    match &ask.doc {
        Some(doc) => {
            let mut doc = doc.clone();
            let in_time = proof.paid_at_ms <= attempt.time_expire.0;
            if attempt.recalled && in_time && doc.state == IntentState::Expired {
                // It came while the ask was open; that it did was lost, not late.
                doc.state = IntentState::Paying;
            }
            let outcome = book(books, &mut doc, &mut record, source)?;
            books.ask_mut(intent).doc = Some(doc);
            books.put_record(record, Some(proof.clone()), false);
            books.no_job(JobKind::Expire, &intent.to_string());
            Ok(Settled::Paid { intent, outcome })
        }
        None => before_operation(books, &ask, record, proof),
    }
}

/// Books verified money that settles nothing, and reports it (rule 6.7).
///
/// # Errors
/// A posting that the ledger refuses.
pub fn unidentified(
    books: &mut Books<'_>,
    proof: &EvidenceRecord,
    named: Option<&Attempt>,
) -> Result<(), Stop> {
    let mut record = new_record(books, proof, None);
    record.asked = named.and_then(|attempt| asked(books, attempt.intent));
    books.post(
        ledger::unidentified_money(proof.channel, proof.amount_fen)?,
        &proof.provider_no,
    )?;
    let kind = match named {
        Some(attempt) if attempt.amount_fen != proof.amount_fen => "wrong_amount",
        _ => "unidentified_money",
    };
    let subject = format!("{} {}", proof.out_trade_no, proof.provider_no);
    books.attention(
        kind,
        About {
            amount: proof.amount_fen,
            subject,
            distributor: record.asked,
            concern: Some(Concern::TransactionRecord(record.id)),
            ..About::default()
        },
    );
    books.put_record(record, Some(proof.clone()), false);
    Ok(())
}

/// Who an ask is for, by its document or else by its link.
fn asked(books: &Books<'_>, intent: IntentId) -> Option<DistributorId> {
    let ask = books.facts.asks.get(&intent)?;
    if let Some(doc) = &ask.doc {
        return Some(doc.distributor);
    }
    let number = ask.link?.distributor_number;
    let mut known = books.facts.distributors.values();
    known.find(|held| held.number == number).map(|held| held.id)
}

/// Books money that came before the operation that asked for it, now that it is here (rule 6.5).
///
/// # Errors
/// A posting that the ledger refuses.
pub fn book_held(books: &mut Books<'_>, intent: IntentId) -> Result<(), Stop> {
    let records = books
        .facts
        .records
        .get(&intent)
        .cloned()
        .unwrap_or_default();
    for (mut record, held) in records {
        let Some(mut doc) = books
            .facts
            .asks
            .get(&intent)
            .and_then(|ask| ask.doc.clone())
        else {
            return Ok(());
        };
        if held {
            // It came while the ask was open, whatever the clock says now.
            if doc.state != IntentState::Paid {
                doc.state = IntentState::Paying;
            }
            book(books, &mut doc, &mut record, Source::Held(intent))?;
            books.put_record(record, None, false);
        } else if record.collection.is_some() {
            // A top-up that went to the deposit at once, or money that finance has freed.
            let freed = record
                .collection
                .and_then(|id| books.facts.collections.get(&id))
                .is_some_and(|held| held.purpose != Purpose::PrepaidDeposit);
            doc.outcome = Some(match (doc.state, freed) {
                (IntentState::Paid, _) => IntentOutcome::Duplicate,
                (_, true) => IntentOutcome::Late,
                (_, false) => IntentOutcome::Exact,
            });
            doc.collection = doc.collection.or(record.collection);
            doc.state = IntentState::Paid;
        }
        books.ask_mut(intent).doc = Some(doc);
        books.no_job(JobKind::Expire, &intent.to_string());
    }
    Ok(())
}

/// The attempt that evidence of a lost one names, as it must have been. An ask that is not here yet
/// says no amount: the money is then held until its operation comes again (rule 6.5).
pub fn lost_attempt(intent: IntentId, ask: &Ask, proof: &EvidenceRecord) -> Option<Attempt> {
    let same = |ordinal: &u8| out_trade_no(intent, proof.channel, *ordinal) == proof.out_trade_no;
    Some(Attempt {
        out_trade_no: proof.out_trade_no.clone(),
        intent,
        channel: proof.channel,
        ordinal: (1..=99).find(same)?,
        state: AttemptState::CloseUnconfirmed,
        merchant_no: proof.merchant_no.clone(),
        app_id: proof.app_id.clone(),
        amount_fen: ask.amount().unwrap_or(proof.amount_fen),
        time_expire: ask.expires_at().unwrap_or(Timestamp(proof.paid_at_ms)),
        payer_key: String::new(),
        offer: String::new(),
        no_trade_since: None,
        recalled: true,
    })
}

fn matches(attempt: &Attempt, proof: &EvidenceRecord) -> bool {
    same_account(attempt, proof) && attempt.amount_fen == proof.amount_fen
}

fn same_account(attempt: &Attempt, proof: &EvidenceRecord) -> bool {
    attempt.channel == proof.channel
        && attempt.merchant_no == proof.merchant_no
        && attempt.app_id == proof.app_id
}

/// The channel took another amount on this number: no more can come on it, so the attempt is over
/// and the ask can be paid anew, closed or expire. Where the money belongs is finance's to say.
fn end_disputed(books: &mut Books<'_>, attempt: &Attempt) {
    if !books.facts.asks.contains_key(&attempt.intent) || !attempt.pending() {
        return;
    }
    books.no_job(JobKind::Query, &attempt.out_trade_no);
    books.no_job(JobKind::Close, &attempt.out_trade_no);
    books.put_attempt(Attempt {
        state: AttemptState::Closed,
        ..attempt.clone()
    });
    crate::payments::asks::refresh(books, attempt.intent);
}

/// The attempt is paid; every other that is pending is closed at its channel (rule 6.8).
fn mark_paid(books: &mut Books<'_>, ask: &Ask, attempt: &Attempt) {
    let now = books.now;
    books.no_job(JobKind::Query, &attempt.out_trade_no);
    books.no_job(JobKind::Close, &attempt.out_trade_no);
    books.put_attempt(Attempt {
        state: AttemptState::Paid,
        ..attempt.clone()
    });
    let others = ask
        .attempts
        .iter()
        .filter(|other| other.out_trade_no != attempt.out_trade_no);
    for other in others.filter(|other| other.pending()) {
        books.job(JobKind::Close, other.out_trade_no.clone(), now);
    }
}

/// Books money for an ask whose operation is known, and says how it relates to the ask.
fn book(
    books: &mut Books<'_>,
    doc: &mut PaymentIntent,
    record: &mut TransactionRecord,
    source: Source,
) -> Result<IntentOutcome, Stop> {
    let cause = record.provider_no.clone();
    record.distributor = Some(doc.distributor);
    record.asked = None;
    let about = |record: &TransactionRecord, doc: &PaymentIntent, subject: &str| About {
        op: doc.opened_by,
        distributor: Some(doc.distributor),
        amount: record.gross_fen,
        subject: subject.to_owned(),
        concern: Some(match record.collection {
            Some(id) => Concern::Collection(id),
            None => Concern::TransactionRecord(record.id),
        }),
    };
    if doc.state == IntentState::Paid {
        books.post(twice(source, doc, record.gross_fen)?, &cause)?;
        books.attention("duplicate_payment", about(record, doc, &cause));
        doc.outcome = Some(IntentOutcome::Duplicate);
        return Ok(IntentOutcome::Duplicate);
    }
    let late = !doc.state.live();
    let name = books
        .facts
        .distributors
        .get(&doc.distributor)
        .map(|known| known.name.clone());
    let mut collection = new_collection(books, record, doc.purpose);
    collection.distributor = doc.distributor;
    collection.distributor_name = name.unwrap_or_default();
    collection.allocations.clone_from(&doc.allocations);
    collection.intent = Some(doc.id);
    collection.terminal = Some(doc.terminal);
    record.collection = Some(collection.id);
    doc.collection = Some(collection.id);
    let asked = Money::sum(doc.allocations.iter().map(|part| part.amount_fen))
        .map_err(domain::ledger::LedgerError::from)?;
    let number = collection.number.clone();
    let applied = receive(books, collection, source, !late, &cause)?;
    let outcome = if late {
        IntentOutcome::Late
    } else if applied < asked {
        IntentOutcome::Partial
    } else if asked.is_positive() && applied < record.gross_fen {
        IntentOutcome::Over
    } else {
        IntentOutcome::Exact
    };
    match outcome {
        IntentOutcome::Late => books.attention("late_money", about(record, doc, &number)),
        IntentOutcome::Partial | IntentOutcome::Over => {
            books.attention("difference", about(record, doc, &number));
        }
        IntentOutcome::Exact | IntentOutcome::Duplicate => {}
    }
    doc.state = IntentState::Paid;
    doc.unknown = false;
    doc.outcome = Some(outcome);
    Ok(outcome)
}

/// A second success is refundable, whether it comes from the channel or out of the hold.
fn twice(source: Source, doc: &PaymentIntent, amount: Money) -> Result<Entry, Stop> {
    let distributor = doc.distributor;
    let entry = match source {
        Source::Channel(channel) => ledger::duplicate_success(channel, distributor, amount)?,
        _ => Entry::new(vec![
            Posting {
                account: Account::HeldTicket { ticket: doc.id },
                amount_fen: amount.neg(),
            },
            Posting {
                account: Account::Refundable { distributor },
                amount_fen: amount,
            },
        ])?,
    };
    Ok(entry)
}

/// Money for a link whose operation has not come: a top-up of a known distributor goes to the
/// deposit at once, all else is held under the ticket (rule 6.5).
fn before_operation(
    books: &mut Books<'_>,
    ask: &Ask,
    mut record: TransactionRecord,
    proof: &EvidenceRecord,
) -> Result<Settled, Stop> {
    let Some(intent) = record.intent else {
        return Ok(Settled::Unidentified);
    };
    record.asked = asked(books, intent);
    let known = record.asked;
    let known = known.and_then(|id| books.facts.distributors.get(&id).cloned());
    let first = !ask.paid();
    if let Some(distributor) = known
        && ask.purpose() == Some(Purpose::PrepaidDeposit)
        && first
    {
        let mut collection = new_collection(books, &record, Purpose::PrepaidDeposit);
        collection.distributor = distributor.id;
        collection.distributor_name = distributor.name;
        collection.intent = Some(intent);
        collection.terminal = ask.terminal();
        record.collection = Some(collection.id);
        record.distributor = Some(distributor.id);
        record.asked = None;
        receive(
            books,
            collection,
            Source::Channel(proof.channel),
            true,
            &proof.provider_no,
        )?;
        books.ask_mut(intent);
        books.put_record(record, Some(proof.clone()), false);
        return Ok(Settled::Paid {
            intent,
            outcome: IntentOutcome::Exact,
        });
    }
    let entry = ledger::held_money(proof.channel, intent, proof.amount_fen)?;
    books.post(entry, &proof.provider_no)?;
    if !first {
        let subject = proof.provider_no.clone();
        let about = About {
            amount: proof.amount_fen,
            subject,
            concern: Some(Concern::TransactionRecord(record.id)),
            ..About::default()
        };
        books.attention("duplicate_payment", about);
    }
    books.ask_mut(intent);
    books.put_record(record, Some(proof.clone()), true);
    Ok(Settled::Held { intent })
}

fn new_record(
    books: &Books<'_>,
    proof: &EvidenceRecord,
    intent: Option<IntentId>,
) -> TransactionRecord {
    TransactionRecord {
        id: TransactionRecordId(books.env().uuid()),
        channel: proof.channel,
        provider_no: proof.provider_no.clone(),
        out_trade_no: proof.out_trade_no.clone(),
        payer: proof.payer.as_deref().map(shortened).unwrap_or_default(),
        gross_fen: proof.amount_fen,
        fee_fen: None,
        paid_at: Timestamp(proof.paid_at_ms),
        intent,
        collection: None,
        distributor: None,
        asked: None,
    }
}

/// A collection of online money, still without its owner; only settlement makes one (rule 5.6).
pub fn new_collection(
    books: &mut Books<'_>,
    record: &TransactionRecord,
    purpose: Purpose,
) -> PaymentCollection {
    PaymentCollection {
        id: CollectionId(books.env().uuid()),
        number: books.own_number(),
        purpose,
        method: PaymentMethod::QrCode,
        distributor: domain::id::DistributorId(uuid::Uuid::nil()),
        distributor_name: String::new(),
        amount_fen: record.gross_fen,
        state: CollectionState::UnderReview,
        allocations: Vec::new(),
        unapplied_fen: Money::ZERO,
        refunded_fen: Money::ZERO,
        moved_fen: Money::ZERO,
        note: String::new(),
        slip_sha256: String::new(),
        recorded_by: None,
        decided_by: None,
        reason: String::new(),
        intent: None,
        transaction_record: Some(record.id),
        terminal: None,
        recorded_at: books.now,
        after_lease: false,
    }
}

/// Enough of an openid to recognise a payer by, not enough to be one.
fn shortened(payer: &str) -> String {
    let letters: Vec<char> = payer.chars().collect();
    if letters.len() <= 8 {
        return "****".to_owned();
    }
    let (head, tail) = (&letters[..4], &letters[letters.len() - 4..]);
    head.iter()
        .chain(&['*', '*', '*', '*'])
        .chain(tail)
        .collect()
}
