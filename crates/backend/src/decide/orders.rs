//! Orders: the domain folds, the backend adds what only it knows: numbers in use, live intents
//! (rule 5.5) and money that an edit or a cancellation sets free (rule 5.8).

use super::{check_number, known_distributor};
use crate::books::{About, Books, Stop};
use crate::facts::Write;
use crate::payments::asks::supersede;
use crate::payments::money::release_excess;
use domain::approval::{Credit, needed};
use domain::code::Code;
use domain::collection::PaymentMethod;
use domain::config::{FieldRule, Layouts};
use domain::id::OrderId;
use domain::money::Money;
use domain::operation::{
    Basis, DraftDiscard, OrderCancel, OrderDecide, OrderEdit, OrderSubmit, Origin,
};
use domain::order::{OrderState, SalesOrder};
use domain::role::separate;
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
    let difference = by_layout(
        books,
        |layouts| layouts.order_create,
        None,
        body.content.payment_method,
    )?;
    let mut order = SalesOrder::submit(body, origin)?;
    let stopped = held_back(books, &mut order)?;
    books.served(order.content.distributor, origin.terminal);
    books.put_order(order.clone());
    Ok(looked_at(books, &order, origin, difference.or(stopped)))
}

/// An order that a rule stops waits for approval, whatever its terminal knew of the rule. Answers
/// what that terminal did not know.
fn held_back(books: &Books<'_>, order: &mut SalesOrder) -> Result<Option<Code>, Code> {
    let facts = &books.facts;
    let distributor = order.content.distributor;
    let before = facts
        .orders
        .get(&order.id)
        .map_or(Money::ZERO, SalesOrder::owed);
    let owed = facts.owed.get(&distributor).copied().unwrap_or(Money::ZERO);
    let credit = Credit {
        limit_fen: facts
            .distributors
            .get(&distributor)
            .and_then(|buyer| buyer.credit_limit_fen),
        owed_fen: owed.checked_sub(before).unwrap_or(Money::ZERO),
    };
    let why = needed(
        &facts.config.config,
        &order.content,
        &order.content.totals()?,
        order.paid_fen,
        credit,
        |product| facts.floors.get(&product).copied(),
    );
    let unheld = order.state == OrderState::Confirmed;
    if why.is_none() || !unheld {
        return Ok(None);
    }
    order.state = OrderState::Submitted;
    Ok(Some(Code::ApprovalNeeded { why }))
}

/// Holds Payment Method to the page that the terminal worked by, whatever the window showed. On a
/// page that this backend knows, what can't have come from it is refused. A terminal that names no
/// version known here is held to the page in force, and what does not fit it is a difference: the
/// order was agreed with the buyer and stands.
fn by_layout(
    books: &Books<'_>,
    page: fn(&Layouts) -> FieldRule,
    before: Option<PaymentMethod>,
    now: Option<PaymentMethod>,
) -> Result<Option<Code>, Stop> {
    match &books.facts.layouts {
        Some(layouts) => {
            page(layouts).admits(before, now)?;
            Ok(None)
        }
        None => {
            let layouts = &books.facts.config.config.layouts;
            Ok(page(layouts).admits(before, now).err())
        }
    }
}

fn looked_at(
    books: &mut Books<'_>,
    order: &SalesOrder,
    origin: &Origin,
    difference: Option<Code>,
) -> VerdictKind {
    let Some(difference) = difference else {
        return VerdictKind::Applied;
    };
    let about = About {
        op: Some(origin.op_id),
        distributor: Some(order.content.distributor),
        amount: order.total_fen,
        subject: order.number.clone(),
        ..About::default()
    };
    books.attention("difference", about);
    VerdictKind::AppliedWithDifference { difference }
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
    let mut edited = held.edit(&body, origin)?;
    let stopped = held_back(books, &mut edited)?;
    let difference = by_layout(
        books,
        |layouts| layouts.order_edit,
        held.content.payment_method,
        body.content.payment_method,
    )?;
    unfreeze(books, &held, origin)?;
    replace(books, edited.clone(), origin)?;
    Ok(looked_at(books, &edited, origin, difference.or(stopped)))
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
    replace(books, cancelled, origin)?;
    Ok(VerdictKind::Applied)
}

/// Somebody else's word on an order that waits: whoever made the order, or its present revision, has
/// none (rule 9.5).
pub(super) fn decide(
    books: &mut Books<'_>,
    body: &OrderDecide,
    approve: bool,
    origin: &Origin,
) -> Result<VerdictKind, Stop> {
    let held = held_order(books, body.order)?;
    let body = OrderDecide {
        on: mended(books, &held, body.on),
        ..body.clone()
    };
    let decided = held.decide(&body, approve, origin)?;
    if let Some(requester) = books.facts.requester {
        separate(origin.staff, requester)?;
    }
    if !approve {
        unfreeze(books, &held, origin)?;
    }
    replace(books, decided, origin)?;
    Ok(VerdictKind::Applied)
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

fn replace(books: &mut Books<'_>, order: SalesOrder, origin: &Origin) -> Result<(), Stop> {
    let id = order.id;
    books.served(order.content.distributor, origin.terminal);
    books.put_order(order);
    release_excess(books, id, &origin.op_id.to_string())
}
