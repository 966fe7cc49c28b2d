//! Loads the facts that a rule asks for, with what hangs on them. Inside the one writer's
//! transaction nothing can change between this and the writes, so no version has to be checked again.

use super::rows::{all, document, documents, money, of_word, one, parsed, read, small};
use super::sql;
use crate::facts::{Ask, Attempt, Company, Facts, Needs, Payer, Payment, TicketFacts};
use crate::store::{Context, StoreError};
use domain::Timestamp;
use domain::history::{CatalogueItem, CatalogueKey};
use domain::id::{CollectionId, DistributorId, IntentId, OrderId, TransactionRecordId};
use domain::intent::TransactionRecord;
use domain::ledger::Account;
use domain::product::Product;
use domain::refund::Refund;
use gateways::EvidenceRecord;
use rusqlite::{Connection, params};
use std::collections::BTreeSet;
use std::collections::btree_map::Entry;

/// The tenant's settings.
pub(super) fn company(tx: &Connection, cx: &Context<'_>) -> Result<Company, StoreError> {
    let found = document(
        tx,
        sql::COMPANY_GET,
        params![cx.company.to_string()],
        "company",
    )?;
    found.ok_or(StoreError::NoCompany(cx.company))
}

/// Loads what is needed.
pub(super) fn facts(tx: &Connection, cx: &Context<'_>, needs: &Needs) -> Result<Facts, StoreError> {
    let id = cx.company.to_string();
    let mut facts = Facts::of(company(tx, cx)?);
    let mut wide = needs.clone();
    super::matches::widen(tx, &id, &mut wide, &mut facts)?;
    let needs = &wide;
    if needs.config {
        facts.config = super::config::current(tx, &id)?;
    }
    if let Some(version) = needs.layouts {
        facts.config = super::config::current(tx, &id)?;
        facts.layouts = match version {
            0 => None,
            _ if version == facts.config.version => Some(facts.config.config.layouts),
            _ => super::config::layouts_of(tx, &id, version)?,
        };
    }
    if needs.everybody {
        facts.everybody = documents(tx, sql::STAFF_ALL, params![id], "staff")?;
    }
    for key in &needs.items {
        facts
            .items
            .extend(item(tx, &id, *key)?.map(|item| (*key, item)));
    }
    let mut orders = needs.orders.clone();
    let mut distributors = needs.distributors.clone();
    if let Some(staff) = needs.staff {
        facts.staff = document(tx, sql::STAFF_GET, params![id, staff.to_string()], "staff")?;
    }
    if !needs.intents.is_empty() {
        facts.restored_at = super::recovery::restored_at(tx, &id)?;
    }
    for intent in &needs.intents {
        load_intent(tx, &id, *intent, &mut facts)?;
        let doc = facts.asks.get(intent).and_then(|ask| ask.doc.as_ref());
        for doc in doc.iter() {
            orders.extend(doc.allocations.iter().map(|part| part.order));
            distributors.insert(doc.distributor);
        }
    }
    let (mut collections, mut payments) = (needs.collections.clone(), needs.payments.clone());
    let came = facts.records.values().flatten();
    collections.extend(came.filter_map(|(record, _)| record.collection));
    for refund in &needs.refunds {
        let key = params![id, refund.to_string()];
        let held: Option<Refund> = document(tx, sql::REFUND_GET, key, "refund")?;
        payments.extend(held.map(|refund| refund.transaction_record));
    }
    for payment in payments {
        if let Some(record) = load_payment(tx, &id, payment, &mut facts)? {
            collections.extend(record.collection);
            distributors.extend(record.distributor);
        }
    }
    for collection in &collections {
        load_collection(tx, &id, *collection, &mut facts)?;
        if let Some(doc) = facts.collections.get(collection) {
            orders.extend(doc.allocations.iter().map(|part| part.order));
            distributors.insert(doc.distributor);
        }
    }
    for order in orders {
        load_order(tx, &id, order, &mut facts)?;
    }
    distributors.extend(facts.orders.values().map(|order| order.content.distributor));
    load_distributors(tx, &id, &distributors, needs.distributor_number, &mut facts)?;
    load_limits(tx, &id, needs, &mut facts)?;
    for name in &needs.names {
        let (sql, key) = match name.split_once(':') {
            Some(("distributor", code)) => (sql::DISTRIBUTOR_BY_CODE, code),
            Some(("product", code)) => (sql::PRODUCT_BY_CODE, code),
            Some(("price_book", name)) => (sql::PRICE_BOOK_BY_NAME, name),
            _ => (sql::NUMBER_TAKEN, name.as_str()),
        };
        if one(tx, sql, params![id, key], |_| Ok(()))?.is_some() {
            facts.taken.insert(name.clone());
        }
    }
    for op in &needs.mended {
        let mender = one(
            tx,
            sql::OPERATION_MENDER,
            params![id, op.to_string()],
            |r| r.get::<_, String>(0),
        )?;
        if let Some(mender) = mender {
            facts.menders.insert(*op, parsed(&mender, "operation id")?);
        }
    }
    facts.next_distributor = counter(tx, &id, "distributor")?;
    facts.next_number = counter(tx, &id, "number")?;
    Ok(facts)
}

/// What approval of an order rests on: only while the configuration asks for it.
fn load_limits(
    tx: &Connection,
    company: &str,
    needs: &Needs,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    if facts.config.config.price_floor {
        for id in &needs.floors {
            let key = params![company, id.to_string()];
            let product: Option<Product> = document(tx, sql::PRODUCT_GET, key, "product")?;
            let floor = product.and_then(|product| product.floor_price);
            facts.floors.extend(floor.map(|floor| (*id, floor)));
        }
    }
    if facts.config.config.credit_block {
        for id in facts.distributors.keys() {
            let key = params![company, id.to_string()];
            let owed = one(tx, sql::DISTRIBUTOR_OWED, key, |row| row.get::<_, i64>(0))?;
            facts.owed.extend(owed.map(|fen| (*id, money(fen))));
        }
    }
    if let Some(order) = needs.decided.and_then(|id| facts.orders.get(&id)) {
        let key = params![company, order.revised_by.to_string()];
        let staff = one(tx, sql::OPERATION_STAFF, key, |row| {
            row.get::<_, Option<String>>(0)
        })?;
        let staff = staff.flatten().map(|id| parsed(&id, "staff id"));
        facts.requester = staff.transpose()?;
    }
    Ok(())
}

/// A thing of the catalogue.
fn item(
    tx: &Connection,
    company: &str,
    key: CatalogueKey,
) -> Result<Option<CatalogueItem>, StoreError> {
    Ok(match key {
        CatalogueKey::Product(id) => {
            let key = params![company, id.to_string()];
            document(tx, sql::PRODUCT_GET, key, "product")?.map(CatalogueItem::Product)
        }
        CatalogueKey::PriceBook(id) => {
            let key = params![company, id.to_string()];
            document(tx, sql::PRICE_BOOK_GET, key, "price book")?.map(CatalogueItem::PriceBook)
        }
        CatalogueKey::Price(book, product, from) => {
            let key = params![company, book.to_string(), product.to_string(), from.0];
            document(tx, sql::PRICE_GET, key, "price")?.map(CatalogueItem::Price)
        }
        CatalogueKey::Distributor(id) => {
            let key = params![company, id.to_string()];
            document(tx, sql::DISTRIBUTOR_GET, key, "distributor")?.map(CatalogueItem::Distributor)
        }
    })
}

/// The next number of a counter; counters begin at 1.
pub(super) fn counter(tx: &Connection, company: &str, name: &str) -> Result<u32, StoreError> {
    let held = one(tx, sql::COUNTER_GET, params![company, name], |r| {
        r.get::<_, i64>(0)
    })?;
    small(held.unwrap_or(1))
}

/// An ask with its attempts, or an empty one.
pub(super) fn ask(tx: &Connection, company: &str, id: IntentId) -> Result<Ask, StoreError> {
    let key = id.to_string();
    let row = one(tx, sql::INTENT_GET, params![company, key], |row| {
        Ok((
            row.get::<_, Option<String>>(0)?,
            row.get::<_, Option<String>>(1)?,
            row.get::<_, bool>(2)?,
        ))
    })?;
    let Some((doc, link, closing)) = row else {
        return Ok(Ask::default());
    };
    let doc = doc.map(|text| read(&text, "intent")).transpose()?;
    let link = link.map(|text| read(&text, "link")).transpose()?;
    let bodies = all(tx, sql::ATTEMPTS_OF, params![company, key], |row| {
        row.get::<_, String>(0)
    })?;
    let attempts: Result<Vec<Attempt>, StoreError> =
        bodies.iter().map(|body| read(body, "attempt")).collect();
    Ok(Ask {
        doc,
        link,
        closing,
        attempts: attempts?,
    })
}

/// A ticket as issued.
pub(super) fn ticket(
    tx: &Connection,
    company: &str,
    id: IntentId,
) -> Result<Option<TicketFacts>, StoreError> {
    let row = one(
        tx,
        sql::TICKET_GET,
        params![company, id.to_string()],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, i64>(2)?,
                row.get::<_, bool>(3)?,
            ))
        },
    )?;
    let Some((terminal, receipt_code, expires_at, used)) = row else {
        return Ok(None);
    };
    let terminal = parsed(&terminal, "terminal id")?;
    Ok(Some(TicketFacts {
        terminal,
        receipt_code,
        expires_at: Timestamp(expires_at),
        used,
    }))
}

/// What came for an intent, oldest first, and whether it is still held.
pub(super) fn records(
    tx: &Connection,
    company: &str,
    id: IntentId,
) -> Result<Vec<(TransactionRecord, bool)>, StoreError> {
    let rows = all(
        tx,
        sql::RECORDS_OF,
        params![company, id.to_string()],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)),
    )?;
    rows.iter()
        .map(|(body, held)| Ok((read(body, "transaction record")?, *held)))
        .collect()
}

fn load_intent(
    tx: &Connection,
    company: &str,
    id: IntentId,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    let ask = ask(tx, company, id)?;
    if ask != Ask::default() {
        facts.asks.insert(id, ask);
    }
    if let Some(ticket) = ticket(tx, company, id)? {
        facts.tickets.insert(id, ticket);
    }
    facts.records.insert(id, records(tx, company, id)?);
    load_balance(tx, company, Account::HeldTicket { ticket: id }, facts)
}

fn load_balance(
    tx: &Connection,
    company: &str,
    account: Account,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    let account = account.to_string();
    let held = one(tx, sql::ACCOUNT_GET, params![company, account], |row| {
        row.get::<_, i64>(0)
    })?;
    if let Some(fen) = held {
        facts.balances.insert(account, money(fen));
    }
    Ok(())
}

fn load_collection(
    tx: &Connection,
    company: &str,
    id: CollectionId,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    let key = params![company, id.to_string()];
    if let Some(doc) = document(tx, sql::COLLECTION_GET, key, "collection")? {
        facts.collections.insert(id, doc);
    }
    Ok(())
}

/// A payment with its refunds.
fn load_payment(
    tx: &Connection,
    company: &str,
    id: TransactionRecordId,
    facts: &mut Facts,
) -> Result<Option<TransactionRecord>, StoreError> {
    let key = params![company, id.to_string()];
    let row = one(tx, sql::RECORD_GET, key, |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let Some((body, proof)) = row else {
        return Ok(None);
    };
    let record: TransactionRecord = read(&body, "transaction record")?;
    let proof: EvidenceRecord = read(&proof, "evidence")?;
    let payment = Payment {
        record: record.clone(),
        merchant_no: proof.merchant_no,
        app_id: proof.app_id,
    };
    facts.payments.insert(id, payment);
    if record.intent.is_none() {
        let channel = record.channel;
        load_balance(tx, company, Account::Unidentified { channel }, facts)?;
    }
    for refund in documents::<Refund>(tx, sql::REFUNDS_OF, key, "refund")? {
        facts.refunds.insert(refund.id, refund);
    }
    Ok(Some(record))
}

fn load_order(
    tx: &Connection,
    company: &str,
    id: OrderId,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    let key = id.to_string();
    let Some(order) = document(tx, sql::ORDER_GET, params![company, key], "order")? else {
        return Ok(());
    };
    facts.orders.insert(id, order);
    let rows = all(tx, sql::ORDER_PAYERS, params![company, key], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
    })?;
    let mut payers = Vec::with_capacity(rows.len());
    for (collection, fen) in rows {
        let collection = parsed(&collection, "collection id")?;
        payers.push(Payer {
            collection,
            amount: money(fen),
        });
        if !facts.collections.contains_key(&collection) {
            load_collection(tx, company, collection, facts)?;
        }
    }
    facts.payers.insert(id, payers);
    let intents = all(tx, sql::INTENTS_OF_ORDER, params![company, key], |row| {
        row.get::<_, String>(0)
    })?;
    for intent in intents {
        let intent = parsed(&intent, "intent id")?;
        if let Entry::Vacant(place) = facts.asks.entry(intent) {
            place.insert(ask(tx, company, intent)?);
        }
    }
    Ok(())
}

fn load_distributors(
    tx: &Connection,
    company: &str,
    ids: &BTreeSet<DistributorId>,
    number: Option<u32>,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    let mut found = Vec::new();
    for id in ids {
        let key = params![company, id.to_string()];
        found.extend(document(tx, sql::DISTRIBUTOR_GET, key, "distributor")?);
    }
    if let Some(number) = number.filter(|number| *number != 0) {
        let key = params![company, number];
        found.extend(document(
            tx,
            sql::DISTRIBUTOR_BY_NUMBER,
            key,
            "distributor",
        )?);
    }
    for distributor in found {
        let distributor: domain::distributor::Distributor = distributor;
        let key = params![company, distributor.id.to_string()];
        let accounts = all(tx, sql::ACCOUNTS_OF, key, |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(3)?))
        })?;
        for (account, fen) in accounts {
            facts.balances.insert(account, money(fen));
        }
        facts.distributors.insert(distributor.id, distributor);
    }
    Ok(())
}

/// The active merchant account of a channel: its merchant number and app.
pub(super) fn active_binding(
    tx: &Connection,
    company: &str,
    channel: domain::channel::Channel,
) -> Result<Option<(String, String)>, StoreError> {
    let active = bindings(tx, company)?
        .into_iter()
        .find(|b| b.active && b.channel == channel);
    Ok(active.map(|binding| (binding.merchant_no, binding.app_id)))
}

/// Every merchant account.
pub(super) fn bindings(
    tx: &Connection,
    company: &str,
) -> Result<Vec<crate::store::WalletBinding>, StoreError> {
    let rows = all(tx, sql::BINDING_ALL, params![company], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, String>(3)?,
            row.get::<_, bool>(4)?,
        ))
    })?;
    rows.into_iter()
        .map(|(channel, merchant_no, app_id, holder, active)| {
            let channel = of_word(channel, "channel")?;
            Ok(crate::store::WalletBinding {
                channel,
                merchant_no,
                app_id,
                holder,
                active,
            })
        })
        .collect()
}
