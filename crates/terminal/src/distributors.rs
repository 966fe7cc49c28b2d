//! Distributors: the catalogue's, with those made here that the backend has not taken up yet laid
//! over them (rule 4.4), and where each one's money stands.

use crate::api::Context;
use crate::api::distributors::*;
use crate::ledger::Fault;
use crate::terminal::Terminal;
use crate::transact::Done;
use domain::distributor::Distributor;
use domain::id::DistributorId;
use domain::operation::{DistributorCreate, OpBody};
use domain::{Code, Money};
use rusqlite::Connection;

/// Finds distributors: those made here first, then the catalogue's.
///
/// # Errors
/// What the files say.
pub fn search(
    context: &Context<'_>,
    input: DistributorSearch,
) -> Result<Vec<DistributorRow>, Code> {
    let terminal = context.terminal;
    let limit = input.limit as usize;
    let wanted = input.query.trim().to_lowercase();
    let mut out: Vec<DistributorRow> = terminal
        .ledger()
        .all_made_here()?
        .into_iter()
        .filter(|made| made.name.to_lowercase().contains(&wanted) || made.phone.ends_with(&wanted))
        .map(row)
        .collect();
    let hits = terminal
        .catalogue()
        .search_distributors(&input.query, limit);
    for hit in hits.map_err(|error| Fault::from(error).into_code("distributor_search"))? {
        if out.iter().all(|held| held.id != hit.distributor.id) {
            out.push(row(hit.distributor));
        }
    }
    out.truncate(limit);
    Ok(out)
}

fn row(distributor: Distributor) -> DistributorRow {
    DistributorRow {
        id: distributor.id,
        code: distributor.code,
        name: distributor.name,
        phone: distributor.phone,
        region: distributor.region,
    }
}

/// One distributor with where the money stands.
///
/// # Errors
/// `NotFound`, and what the files say.
pub fn get(context: &Context<'_>, input: DistributorKey) -> Result<DistributorView, Code> {
    let terminal = context.terminal;
    let distributor = find(terminal, input.distributor)?;
    let deposit = terminal.ledger().deposit(input.distributor)?;
    let price_book_name = match distributor.price_book {
        Some(book) => terminal
            .catalogue()
            .price_book(book)
            .map_err(|error| Fault::from(error).into_code("distributor_get"))?
            .map_or_else(String::new, |book| book.name),
        None => String::new(),
    };
    let of = |pick: fn(&crate::ledger::views::DepositView) -> Money| {
        deposit.as_ref().map_or(Money::ZERO, pick)
    };
    Ok(DistributorView {
        price_book_name,
        owed_fen: of(|d| d.owed_fen),
        unapplied_fen: of(|d| d.unapplied_fen),
        deposit_fen: of(|d| d.balance_fen),
        reserve_fen: of(|d| d.reserve_fen),
        as_of: deposit.as_ref().map(|d| d.as_of),
        distributor,
    })
}

/// Makes a distributor, online or not.
///
/// # Errors
/// `BadField` without a name, and what the file says.
pub fn create(context: &Context<'_>, input: DistributorNew) -> Result<Done<DistributorId>, Code> {
    let staff = context.actor()?;
    let name = input.name.trim().to_owned();
    if name.is_empty() {
        return Err(Code::BadField {
            field: "name".to_owned(),
        });
    }
    context
        .terminal
        .ledger()
        .transact("distributor_create", |tx| {
            let id = DistributorId(tx.env().uuid());
            let distributor = Distributor {
                id,
                number: 0,
                code: String::new(),
                name,
                phone: input.phone.trim().to_owned(),
                region: input.region.trim().to_owned(),
                price_book: None,
                credit_limit_fen: None,
                active: true,
            };
            tx.append(
                staff,
                OpBody::DistributorCreate(DistributorCreate { distributor }),
                &[],
            )?;
            Ok(id)
        })
}

/// A distributor, wherever it is held.
///
/// # Errors
/// `NotFound`, and what the files say.
pub(crate) fn find(terminal: &Terminal, id: DistributorId) -> Result<Distributor, Code> {
    terminal.ledger().read(|conn| find_in(terminal, conn, id))
}

/// The same inside a transaction of the ledger.
pub(crate) fn find_in(
    terminal: &Terminal,
    conn: &Connection,
    id: DistributorId,
) -> Result<Distributor, Fault> {
    if let Some(found) = terminal.catalogue().distributor(id)? {
        return Ok(found);
    }
    let missing = || Code::NotFound {
        what: "distributor".to_owned(),
    };
    Ok(crate::ledger::made_here(conn, id)?.ok_or_else(missing)?)
}

/// A distributor's name; empty for one that is not held any more.
///
/// # Errors
/// What the files say.
pub(crate) fn name_of(terminal: &Terminal, id: DistributorId) -> Result<String, Code> {
    match find(terminal, id) {
        Ok(found) => Ok(found.name),
        Err(Code::NotFound { .. }) => Ok(String::new()),
        Err(other) => Err(other),
    }
}
