//! Matches and what they rest on: loads the money that a match, a freed payment or an attention
//! item is about, and writes a match so that it can be decided once only.

use super::rows::{document, documents, read, run, text, word};
use super::sql;
use super::work::Work;
use crate::facts::{Facts, Needs};
use crate::store::StoreError;
use domain::money_match::{Concern, MatchFrom, MatchState, MatchTo, MoneyMatch};
use rusqlite::{Connection, params};
use wire::change::Attention;

/// Loads the matches and attention items that are needed, and adds to the needs what they name.
pub(super) fn widen(
    tx: &Connection,
    company: &str,
    needs: &mut Needs,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    let mut concerns = Vec::new();
    for id in &needs.matches {
        let key = params![company, id.to_string()];
        let Some(doc) = document::<MoneyMatch>(tx, sql::MATCH_GET, key, "money match")? else {
            continue;
        };
        needs.distributors.insert(doc.distributor);
        let orders = doc.allocations.iter().map(|part| part.order);
        needs.orders.extend(orders);
        match doc.from {
            MatchFrom::Unapplied { collection } => {
                needs.collections.insert(collection);
            }
            MatchFrom::Unidentified { transaction_record } => {
                needs.payments.insert(transaction_record);
            }
            MatchFrom::Deposit => {}
        }
        concerns.extend(doc.from.concern());
        if doc.to == MatchTo::Suspense {
            concerns.push(Concern::Suspense(doc.distributor));
        }
        facts.matches.insert(doc.id, doc);
    }
    for record in &needs.held {
        needs.payments.insert(*record);
        concerns.push(Concern::TransactionRecord(*record));
        let key = params![company, record.to_string()];
        let body = super::rows::one(tx, sql::RECORD_GET, key, |row| row.get::<_, String>(0))?;
        let Some(body) = body else { continue };
        let record: domain::intent::TransactionRecord = read(&body, "transaction record")?;
        needs.intents.extend(record.intent);
    }
    for concern in concerns {
        let key = params![company, concern.to_string()];
        for item in documents::<Attention>(tx, sql::ATTENTION_ABOUT, key, "attention")? {
            facts.attention.insert(item.id, item);
        }
    }
    for id in &needs.attention {
        let key = params![company, id.to_string()];
        let Some(item) = document::<Attention>(tx, sql::ATTENTION_GET, key, "attention")? else {
            continue;
        };
        match item.concern {
            Some(Concern::Collection(id)) => {
                needs.collections.insert(id);
            }
            Some(Concern::TransactionRecord(id)) => {
                needs.payments.insert(id);
            }
            Some(Concern::Suspense(id)) => {
                needs.distributors.insert(id);
            }
            None => {}
        }
        facts.attention.insert(item.id, item);
    }
    Ok(())
}

/// Writes a match. One that was decided is never decided again, whatever a rule believes.
pub(super) fn put(work: &Work<'_>, doc: &MoneyMatch) -> Result<(), StoreError> {
    let state = word(&doc.state)?;
    let key = doc.id.to_string();
    if doc.state != MatchState::Proposed {
        let row = params![work.company, key, state, doc.moved_fen.fen(), text(doc)?];
        return match run(work.tx, sql::MATCH_DECIDE, row)? {
            1 => Ok(()),
            _ => Err(StoreError::Rule(format!("match {key} was decided before"))),
        };
    }
    let record = match doc.from {
        MatchFrom::Unidentified { transaction_record } => Some(transaction_record.to_string()),
        _ => None,
    };
    let row = params![
        work.company,
        key,
        doc.distributor.to_string(),
        record,
        state,
        doc.amount_fen.fen(),
        text(doc)?
    ];
    run(work.tx, sql::MATCH_NEW, row)?;
    Ok(())
}
