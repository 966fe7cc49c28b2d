//! Orders: the domain folds, the backend adds what only it knows: numbers in use, live intents
//! (rule 5.5) and money that an edit or a cancellation sets free (rule 5.8).

use super::{check_number, known_distributor};
use crate::books::{Books, Stop};
use crate::facts::Write;
use crate::payments::asks::supersede;
use crate::payments::money::release_excess;
use domain::code::Code;
use domain::id::OrderId;
use domain::operation::{Basis, DraftDiscard, OrderCancel, OrderEdit, OrderSubmit, Origin};
use domain::order::SalesOrder;
use wire::verdict::{VerdictKind, Wait};

pub(super) fn submit(
    books: &mut Books<'_>,
    body: &OrderSubmit,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    if books.facts.orders.contains_key(&body.order) {
        return Err(Code::AlreadyExists {
            what: "order".into(),
        }
        .into());
    }
    known_distributor(books, body.content.distributor)?;
    check_number(books, &body.number)?;
    let order = SalesOrder::submit(body, origin)?;
    books.served(order.content.distributor, origin.terminal);
    books.put_order(order);
    Ok(VerdictKind::Applied)
}

pub(super) fn edit(
    books: &mut Books<'_>,
    body: &OrderEdit,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let held = held_order(books, body.order)?;
    let body = OrderEdit {
        on: mended(books, &held, body.on),
        ..body.clone()
    };
    let edited = held.edit(&body, origin)?;
    unfreeze(books, &held, origin)?;
    replace(books, edited, origin)
}

pub(super) fn cancel(
    books: &mut Books<'_>,
    body: &OrderCancel,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let held = held_order(books, body.order)?;
    let body = OrderCancel {
        on: mended(books, &held, body.on),
        ..body.clone()
    };
    let cancelled = held.cancel(&body, origin)?;
    unfreeze(books, &held, origin)?;
    replace(books, cancelled, origin)
}

pub(super) fn discard(books: &mut Books<'_>, body: &DraftDiscard) -> Result<VerdictKind, Stop> {
    if books.facts.orders.contains_key(&body.order) {
        return Err(Code::AlreadyExists {
            what: "order".into(),
        }
        .into());
    }
    check_number(books, &body.number)?;
    books.note(Write::Discarded {
        number: body.number.clone(),
        order: body.order,
    });
    Ok(VerdictKind::Applied)
}

fn held_order(books: &Books<'_>, id: OrderId) -> Result<SalesOrder, Stop> {
    let held = books.facts.orders.get(&id).cloned();
    held.ok_or_else(|| {
        Code::NotFound {
            what: "order".into(),
        }
        .into()
    })
}

/// An edit made on an operation that was rejected and mended since stands on its mending (4.7).
fn mended(books: &Books<'_>, held: &SalesOrder, on: Basis) -> Basis {
    match on {
        Basis::Operation(op) if op != held.revised_by => {
            Basis::Operation(books.facts.menders.get(&op).copied().unwrap_or(op))
        }
        other => other,
    }
}

/// The same terminal's edit supersedes its own asks (rule 5.5): one without a pending attempt ends
/// now; one that is being paid is closed at its channel first, and the edit waits for it, as it
/// does for any live intent of another terminal.
fn unfreeze(books: &mut Books<'_>, order: &SalesOrder, origin: &Origin) -> Result<(), Stop> {
    let live: Vec<_> = books
        .facts
        .asks
        .iter()
        .filter(|(_, ask)| ask.live())
        .filter(|(_, ask)| {
            let named = ask.doc.iter().flat_map(|doc| &doc.allocations);
            named.into_iter().any(|part| part.order == order.id)
        })
        .map(|(id, ask)| (*id, ask.terminal() == Some(origin.terminal), ask.pending()))
        .collect();
    if let Some((id, ..)) = live.iter().find(|(_, own, pending)| !own || *pending) {
        return Err(Stop::Block(Wait::Intent(*id)));
    }
    for (id, ..) in live {
        supersede(books, id);
    }
    Ok(())
}

fn replace(books: &mut Books<'_>, order: SalesOrder, origin: &Origin) -> Result<VerdictKind, Stop> {
    let id = order.id;
    books.served(order.content.distributor, origin.terminal);
    books.put_order(order);
    release_excess(books, id, &origin.op_id.to_string())?;
    Ok(VerdictKind::Applied)
}
