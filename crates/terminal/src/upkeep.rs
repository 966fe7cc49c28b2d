//! The catalogue in an administrator's hands: read from this terminal's copy, changed by operations
//! that the backend decides, or by a file that the backend takes whole.

use crate::api::catalogue::*;
use crate::api::{Context, Nothing};
use crate::catalogue::{CatalogueError, CodePage};
use crate::ledger::{self, Fault};
use crate::terminal::Terminal;
use crate::transact::{Done, Tag};
use domain::Code;
use domain::distributor::Distributor;
use domain::history::{CatalogueItem, HistoryEvent, HistoryLine};
use domain::operation::{CatalogueChange, OpBody};
use domain::role;
use std::time::Duration;
use wire::import::{IMPORT_BYTES, ImportReport, ImportRequest};

/// How long saving waits for the backend's word before it shows the change as waiting.
const VERDICT_WAIT: Duration = Duration::from_secs(3);

fn told(command: &'static str) -> impl Fn(CatalogueError) -> Code {
    move |error| Fault::from(error).into_code(command)
}

fn page(input: &CatalogueList) -> CodePage<'_> {
    CodePage {
        text: &input.query,
        after: input.after.as_deref(),
        limit: input.limit,
    }
}

/// A page of products, with their prices.
///
/// # Errors
/// What the file says.
pub fn products(context: &Context<'_>, input: CatalogueList) -> Result<Vec<ProductEntry>, Code> {
    let found = context.terminal.catalogue().product_page(page(&input));
    let entry = |(product, prices)| ProductEntry { product, prices };
    Ok(found
        .map_err(told("product_list"))?
        .into_iter()
        .map(entry)
        .collect())
}

/// Every price book.
///
/// # Errors
/// What the file says.
pub fn price_books(context: &Context<'_>, _: Nothing) -> Result<Vec<PriceBookEntry>, Code> {
    let found = context.terminal.catalogue().price_books();
    let entry = |(price_book, products, distributors)| PriceBookEntry {
        price_book,
        products,
        distributors,
    };
    Ok(found
        .map_err(told("price_book_list"))?
        .into_iter()
        .map(entry)
        .collect())
}

/// A page of distributors that the backend knows.
///
/// # Errors
/// What the file says.
pub fn distributors(context: &Context<'_>, input: CatalogueList) -> Result<Vec<Distributor>, Code> {
    let found = context.terminal.catalogue().distributor_page(page(&input));
    found.map_err(told("distributor_list"))
}

/// Own changes that are not in force, the newest first.
///
/// # Errors
/// What the files say.
pub fn own(context: &Context<'_>, _: Nothing) -> Result<Vec<OwnCatalogueChange>, Code> {
    let own = context.terminal.ledger().own_catalogue_changes()?;
    let entry = |own: ledger::OwnCatalogueChange| {
        Ok(OwnCatalogueChange {
            op: own.op_id,
            subject: subject(context.terminal, &own.change.after)?,
            held: held(context.terminal, &own.change.after)?,
            after: own.change.after,
            refused: own.refused,
        })
    };
    own.into_iter().map(entry).collect()
}

/// An item by its own codes and names.
fn subject(terminal: &Terminal, item: &CatalogueItem) -> Result<String, Code> {
    let catalogue = terminal.catalogue();
    Ok(match item {
        CatalogueItem::Product(it) => format!("{} {}", it.code, it.name),
        CatalogueItem::PriceBook(it) => it.name.clone(),
        CatalogueItem::Price(it) => {
            let book = catalogue
                .price_book(it.price_book)
                .map_err(told("subject"))?;
            let product = catalogue.product(it.product).map_err(told("subject"))?;
            let book = book.map_or_else(String::new, |book| book.name);
            let product = product.map_or_else(String::new, |it| format!("{} {}", it.code, it.name));
            format!("{book} · {product}")
        }
        CatalogueItem::Distributor(it) => format!("{} {}", it.code, it.name),
    })
}

/// What stands in an item's place here.
fn held(terminal: &Terminal, item: &CatalogueItem) -> Result<Option<CatalogueItem>, Code> {
    let found = terminal.catalogue().item(item.key());
    found.map_err(told("catalogue_change"))
}

/// Makes or changes one thing. With the backend in reach the answer is what it decided; otherwise the
/// change waits.
///
/// # Errors
/// `ChangedMeanwhile` when it is not what is held here, `BadField`, and what the files say.
pub fn change(
    context: &Context<'_>,
    input: CatalogueChangeInput,
) -> Result<Done<Vec<OwnCatalogueChange>>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    input.after.check()?;
    if held(terminal, &input.after)? != input.before {
        return Err(Code::ChangedMeanwhile);
    }
    let key = input.after.key();
    let done = terminal.ledger().transact("catalogue_change", |tx| {
        for own in ledger::own_catalogue_changes(tx.conn())? {
            // Whoever saves again has seen why the last one was refused.
            if own.change.after.key() == key && own.refused.is_some() {
                tx.looked_at(own.op_id)?;
            }
        }
        tx.mark(Tag::Products);
        tx.mark(Tag::Distributors);
        let body = CatalogueChange {
            before: input.before,
            after: input.after,
        };
        tx.append(staff, OpBody::CatalogueChange(body), &[])
    })?;
    if terminal.online() {
        let op = done.value;
        terminal.wait_until(VERDICT_WAIT, || {
            let own = terminal.ledger().own_catalogue_changes()?;
            let waits = |one: &ledger::OwnCatalogueChange| one.op_id == op && one.refused.is_none();
            Ok(!own.iter().any(waits))
        })?;
    }
    Ok(Done {
        value: own(context, Nothing {})?,
        changed: done.changed,
    })
}

/// Lets go of an own change that was refused.
///
/// # Errors
/// `NotFound` for any other operation.
pub fn keep(context: &Context<'_>, input: OwnCatalogueKey) -> Result<Done<Nothing>, Code> {
    context.terminal.ledger().transact("catalogue_keep", |tx| {
        let own = ledger::own_catalogue_changes(tx.conn())?;
        let refused =
            |one: &ledger::OwnCatalogueChange| one.op_id == input.op && one.refused.is_some();
        if !own.iter().any(refused) {
            let what = "operation".into();
            return Err(Code::NotFound { what }.into());
        }
        tx.looked_at(input.op)?;
        tx.mark(Tag::Products);
        tx.mark(Tag::Distributors);
        Ok(Nothing {})
    })
}

/// What was done to the catalogue and by files, the newest first.
///
/// # Errors
/// What the file says.
pub fn history(context: &Context<'_>, _: Nothing) -> Result<Vec<HistoryEntry>, Code> {
    let terminal = context.terminal;
    let entry = |line: HistoryLine| {
        Ok(HistoryEntry {
            author_name: crate::staff::name_of(terminal, line.author),
            subject: match &line.what {
                HistoryEvent::Imported { file, .. } => file.clone(),
                HistoryEvent::Changed { after, .. } => subject(terminal, after)?,
            },
            line,
        })
    };
    let lines = terminal.ledger().history_lines()?;
    lines.into_iter().map(entry).collect()
}

/// Has the backend look at a file, or take it. What it took comes with the feed.
///
/// # Errors
/// `NotAllowed`, `BadField` for a file that is too large, `Unreachable`.
pub fn import(context: &Context<'_>, input: DataImport) -> Result<Done<ImportReport>, Code> {
    let staff = context.staff()?;
    role::require(staff.role, input.kind.permission())?;
    let (staff, take) = (staff.id, input.take);
    if input.file.len() > IMPORT_BYTES.div_ceil(3) * 4 {
        return Err(Code::BadField {
            field: "file".into(),
        });
    }
    let sync = context.terminal.sync().ok_or(Code::Unreachable)?;
    let report = sync.ask_import(&ImportRequest {
        staff,
        kind: input.kind,
        name: input.name,
        file: input.file,
        take,
    })?;
    if report.taken {
        sync.sync_now();
    }
    Ok(Done {
        value: report,
        changed: Vec::new(),
    })
}
