//! One product, price book, price or distributor by an administrator's word. Two who change the same
//! one: the second is told, because it is no longer what was looked at.

use super::code_name;
use crate::books::{Books, Stop};
use crate::facts::{Needs, Write};
use domain::code::Code;
use domain::distributor::Distributor;
use domain::history::{CatalogueItem, CatalogueKey, HistoryEvent, HistoryLine};
use domain::id::HistoryLineId;
use domain::operation::{CatalogueChange, Origin};
use wire::verdict::VerdictKind;

pub(super) fn needs(body: &CatalogueChange, needs: &mut Needs) {
    needs.items.insert(body.after.key());
    needs.items.extend(rests_on(&body.after));
    needs.names.extend(new_name(body));
}

/// What has to be there for it to stand.
fn rests_on(item: &CatalogueItem) -> Vec<CatalogueKey> {
    match item {
        CatalogueItem::Product(_) | CatalogueItem::PriceBook(_) => Vec::new(),
        CatalogueItem::Price(price) => vec![
            CatalogueKey::PriceBook(price.price_book),
            CatalogueKey::Product(price.product),
        ],
        CatalogueItem::Distributor(distributor) => {
            let book = distributor.price_book.map(CatalogueKey::PriceBook);
            book.into_iter().collect()
        }
    }
}

/// The unique name that the change takes, in the words of [`crate::facts::Needs::names`].
fn new_name(body: &CatalogueChange) -> Option<String> {
    let name = |item: &CatalogueItem| match item {
        CatalogueItem::Product(it) => Some(format!("product:{}", it.code)),
        CatalogueItem::PriceBook(it) => Some(format!("price_book:{}", it.name)),
        CatalogueItem::Price(_) => None,
        CatalogueItem::Distributor(it) => (!it.code.is_empty()).then(|| code_name(&it.code)),
    };
    let after = name(&body.after);
    after.filter(|after| body.before.as_ref().and_then(name).as_ref() != Some(after))
}

pub(super) fn change(
    books: &mut Books<'_>,
    body: &CatalogueChange,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let held = books.facts.items.get(&body.after.key());
    if held != body.before.as_ref() {
        return Err(Code::ChangedMeanwhile.into());
    }
    body.after.check()?;
    for key in rests_on(&body.after) {
        if !books.facts.items.contains_key(&key) {
            let what = match key {
                CatalogueKey::Product(_) => "product",
                _ => "price_book",
            };
            return Err(Code::NotFound { what: what.into() }.into());
        }
    }
    if new_name(body).is_some_and(|name| books.facts.taken.contains(&name)) {
        let what = match &body.after {
            CatalogueItem::PriceBook(_) => "price_book_name",
            CatalogueItem::Distributor(_) => "distributor_code",
            CatalogueItem::Product(_) | CatalogueItem::Price(_) => "product_code",
        };
        return Err(Code::AlreadyExists { what: what.into() }.into());
    }
    let after = match &body.after {
        CatalogueItem::Distributor(asked) => {
            CatalogueItem::Distributor(numbered(books, asked, body.before.as_ref())?)
        }
        other => other.clone(),
    };
    books.note(Write::Item(after.clone()));
    let line = HistoryLine {
        id: HistoryLineId(origin.op_id.0),
        at: books.now,
        author: origin.staff,
        terminal: origin.terminal,
        what: HistoryEvent::Changed {
            before: body.before.clone(),
            after,
        },
    };
    books.note(Write::History(line));
    Ok(VerdictKind::Applied)
}

/// A number once given stays, and only the backend gives one (rule 6.2).
fn numbered(
    books: &mut Books<'_>,
    asked: &Distributor,
    before: Option<&CatalogueItem>,
) -> Result<Distributor, Stop> {
    let number = match before {
        Some(CatalogueItem::Distributor(held)) if held.number == asked.number => held.number,
        None if asked.number == 0 => {
            let number = books.facts.next_distributor;
            books.facts.next_distributor = number.saturating_add(1);
            books.note(Write::NextDistributor(books.facts.next_distributor));
            number
        }
        _ => {
            let field = "number".into();
            return Err(Code::BadField { field }.into());
        }
    };
    let code = if asked.code.is_empty() {
        format!("N{number}")
    } else {
        asked.code.clone()
    };
    Ok(Distributor {
        number,
        code,
        ..asked.clone()
    })
}
