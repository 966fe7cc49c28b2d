//! Drafts: rows of `ledger.db` that are written at every change (rule 5.3), so that a crash loses at
//! most the keystroke under way. Each change is computed from the content on disk, priced by the
//! catalogue and summed by `domain`; the user interface computes nothing.
//!
//! Undo lives in memory: it is a comfort of this sitting, not a record.

use crate::api::orders::*;
use crate::api::{Context, Nothing};
use crate::ledger::Fault;
use crate::terminal::Terminal;
use crate::transact::{Done, Draft};
use domain::approval::below_floor;
use domain::id::{DistributorId, OrderId, PriceBookId};
use domain::order::{OrderContent, OrderLine, OrderTotals};
use domain::product::Product;
use domain::quantity::{LineDiscount, Quantity, UnitPrice, line_amount};
use domain::{Code, Timestamp, capital::capital};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most changes of one draft that can be taken back.
const UNDO_KEPT: usize = 200;

/// What can be taken back, per draft.
#[derive(Debug, Default)]
pub struct UndoLog {
    drafts: Mutex<HashMap<OrderId, Steps>>,
}

#[derive(Debug, Default)]
struct Steps {
    undo: Vec<DraftContent>,
    redo: Vec<DraftContent>,
}

impl UndoLog {
    fn with<T>(&self, order: OrderId, act: impl FnOnce(&mut Steps) -> T) -> T {
        let mut drafts = self.drafts.lock().unwrap_or_else(PoisonError::into_inner);
        act(drafts.entry(order).or_default())
    }

    fn forget(&self, order: OrderId) {
        self.drafts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&order);
    }
}

fn empty() -> DraftContent {
    DraftContent {
        distributor: None,
        distributor_name: String::new(),
        lines: Vec::new(),
        discount: LineDiscount::None,
        payment_method: None,
        remark: String::new(),
        edits: None,
    }
}

/// The order a draft would become.
///
/// # Errors
/// `BadField` `distributor` while none is chosen.
pub(crate) fn as_content(draft: &DraftContent) -> Result<OrderContent, Code> {
    let missing = || Code::BadField {
        field: "distributor".to_owned(),
    };
    Ok(OrderContent {
        distributor: draft.distributor.ok_or_else(missing)?,
        distributor_name: draft.distributor_name.clone(),
        lines: draft.lines.iter().map(|line| line.line.clone()).collect(),
        discount: draft.discount,
        payment_method: draft.payment_method,
        remark: draft.remark.clone(),
    })
}

/// The sums of a draft, distributor or not.
fn totals(draft: &DraftContent) -> Result<OrderTotals, Code> {
    let content = OrderContent {
        distributor: draft
            .distributor
            .unwrap_or(DistributorId(uuid::Uuid::nil())),
        distributor_name: String::new(),
        lines: draft.lines.iter().map(|line| line.line.clone()).collect(),
        discount: draft.discount,
        payment_method: None,
        remark: String::new(),
    };
    content.totals()
}

fn show(
    terminal: &Terminal,
    order: OrderId,
    number: String,
    content: DraftContent,
    saved_at: Timestamp,
) -> Result<DraftView, Code> {
    let totals = totals(&content)?;
    let mut notices = Vec::new();
    for (index, (line, share)) in content.lines.iter().zip(&totals.shares_fen).enumerate() {
        let product = terminal
            .catalogue()
            .product(line.line.product)
            .map_err(Fault::from);
        let product = product.map_err(|fault| fault.into_code("draft"))?;
        let floor = product.and_then(|product| product.floor_price);
        if floor.is_some_and(|floor| below_floor(line.line.quantity, *share, floor)) {
            notices.push(LineNotice {
                line: index as u32,
                kind: "below_floor".to_owned(),
            });
        }
    }
    Ok(DraftView {
        order,
        number,
        capital: capital(totals.total_fen),
        totals,
        content,
        notices,
        saved_at,
    })
}

/// Goes on with a draft, or begins one.
///
/// # Errors
/// `Locked`, `NotFound`, and what the file says.
pub fn open(context: &Context<'_>, input: DraftOpen) -> Result<Done<DraftView>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    let held: Option<Draft<DraftContent>> = match input.order {
        Some(order) => Some(terminal.ledger().draft(order)?),
        None if input.fresh => None,
        None => {
            let drafts: Vec<Draft<DraftContent>> = terminal.ledger().drafts(staff)?;
            drafts.into_iter().find(|draft| draft.body.edits.is_none())
        }
    };
    let value = match held {
        Some(draft) => show(
            terminal,
            draft.order,
            draft.number,
            draft.body,
            draft.saved_at,
        )?,
        None => {
            let order = OrderId(terminal.ledger().env().uuid());
            let now = terminal.ledger().env().now();
            show(terminal, order, String::new(), empty(), now)?
        }
    };
    Ok(Done {
        value,
        changed: Vec::new(),
    })
}

/// Drafts on this terminal, last written first.
///
/// # Errors
/// What the file says.
pub fn list(context: &Context<'_>, _: Nothing) -> Result<Vec<DraftRow>, Code> {
    let drafts: Vec<Draft<DraftContent>> = context.terminal.ledger().drafts(context.actor()?)?;
    drafts
        .into_iter()
        .map(|draft| {
            Ok(DraftRow {
                order: draft.order,
                number: draft.number,
                distributor_name: draft.body.distributor_name.clone(),
                lines: draft.body.lines.len() as u32,
                total_fen: totals(&draft.body)?.total_fen,
                edits: draft.body.edits.is_some(),
                saved_at: draft.saved_at,
            })
        })
        .collect()
}

/// Changes a draft; it is on disk before this answers.
///
/// # Errors
/// `BadField` for a line that is not there, what the new sums refuse, and what the file says.
pub fn edit(context: &Context<'_>, input: DraftChange) -> Result<Done<DraftView>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    let before = held_or_new(terminal, input.order)?;
    let after = match &input.edit {
        DraftEdit::Undo => terminal
            .undo()
            .with(input.order, |steps| steps.undo.last().cloned()),
        DraftEdit::Redo => terminal
            .undo()
            .with(input.order, |steps| steps.redo.last().cloned()),
        other => Some(applied(terminal, before.clone(), other)?),
    };
    // Nothing to take back is no error: the draft stays as it is.
    let after = after.unwrap_or_else(|| before.clone());
    totals(&after)?;
    let done = terminal.ledger().transact("draft_edit", |tx| {
        let number = tx.save_draft(input.order, staff, &after)?;
        Ok((number, tx.now()))
    })?;
    terminal.undo().with(input.order, |steps| match input.edit {
        DraftEdit::Undo => {
            if steps.undo.pop().is_some() {
                steps.redo.push(before);
            }
        }
        DraftEdit::Redo => {
            if steps.redo.pop().is_some() {
                steps.undo.push(before);
            }
        }
        _ => {
            steps.redo.clear();
            if steps.undo.len() == UNDO_KEPT {
                steps.undo.remove(0);
            }
            steps.undo.push(before);
        }
    });
    let (number, saved_at) = done.value;
    let value = show(terminal, input.order, number, after, saved_at)?;
    Ok(Done {
        value,
        changed: done.changed,
    })
}

/// The content on disk; empty for an id that is neither a draft's nor an order's yet.
fn held_or_new(terminal: &Terminal, order: OrderId) -> Result<DraftContent, Code> {
    terminal.ledger().read(|conn| {
        if let Some(draft) = crate::ledger::draft(conn, order)? {
            return Ok(draft.body);
        }
        if crate::ledger::order(conn, order)?.is_some() {
            return Err(Code::AlreadyExists {
                what: "order".to_owned(),
            }
            .into());
        }
        Ok(empty())
    })
}

/// Throws a draft away; its number stays, cancelled (rule 5.2). Changes to a confirmed order are
/// dropped, and the order stays as it is.
///
/// # Errors
/// `NotFound`, and what the file says.
pub fn discard(context: &Context<'_>, input: OrderKey) -> Result<Done<Nothing>, Code> {
    let staff = context.actor()?;
    let done = context.terminal.ledger().transact("draft_discard", |tx| {
        let held: Draft<DraftContent> = tx.draft(input.order)?;
        if held.body.edits.is_some() {
            // The number is the order's, which stays as it is.
            tx.remove_draft(input.order)?;
        } else {
            tx.discard_draft(staff, input.order)?;
        }
        Ok(Nothing {})
    })?;
    context.terminal.undo().forget(input.order);
    Ok(done)
}

/// Begins a draft with another order's content at today's prices.
///
/// # Errors
/// `NotFound`, and what the file says.
pub fn copy(context: &Context<'_>, input: OrderKey) -> Result<Done<DraftView>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    let source = terminal.ledger().order(input.order)?.order.content;
    let mut content = DraftContent {
        distributor: Some(source.distributor),
        distributor_name: source.distributor_name,
        lines: Vec::new(),
        discount: source.discount,
        payment_method: source.payment_method,
        remark: source.remark,
        edits: None,
    };
    for line in source.lines {
        content.lines.push(DraftLine {
            line,
            price_typed: false,
        });
    }
    reprice(terminal, &mut content)?;
    totals(&content)?;
    let order = OrderId(terminal.ledger().env().uuid());
    let done = terminal.ledger().transact("order_copy", |tx| {
        let number = tx.save_draft(order, staff, &content)?;
        Ok((number, tx.now()))
    })?;
    let (number, saved_at) = done.value;
    let value = show(terminal, order, number, content, saved_at)?;
    Ok(Done {
        value,
        changed: done.changed,
    })
}

/// Opens a confirmed order for changes, at the prices agreed on, or goes on with changes that were
/// begun here. They are a draft until F12 makes them one operation (rule 4.3).
///
/// # Errors
/// `OrderNotOpen`, `NotFound`, and what the file says.
pub fn edit_order(context: &Context<'_>, input: OrderKey) -> Result<Done<DraftView>, Code> {
    let terminal = context.terminal;
    let staff = context.actor()?;
    let done = terminal.ledger().transact("order_edit", |tx| {
        if let Some(begun) = crate::ledger::draft::<DraftContent>(tx.conn(), input.order)? {
            return Ok(begun);
        }
        let held = tx.order(input.order)?;
        held.order.open()?;
        let source = &held.order.content;
        let body = DraftContent {
            distributor: Some(source.distributor),
            distributor_name: source.distributor_name.clone(),
            lines: source.lines.iter().cloned().map(agreed).collect(),
            discount: source.discount,
            payment_method: source.payment_method,
            remark: source.remark.clone(),
            edits: Some(super::basis(&held)),
        };
        tx.put_draft(input.order, &held.order.number, staff, &body)?;
        Ok(Draft {
            order: input.order,
            number: held.order.number,
            staff,
            body,
            saved_at: tx.now(),
        })
    })?;
    let draft = done.value;
    let value = show(
        terminal,
        draft.order,
        draft.number,
        draft.body,
        draft.saved_at,
    )?;
    Ok(Done {
        value,
        changed: done.changed,
    })
}

/// A line of a confirmed order: its price was agreed on, and no price book changes it.
fn agreed(line: OrderLine) -> DraftLine {
    DraftLine {
        line,
        price_typed: true,
    }
}

pub(crate) fn forget(terminal: &Terminal, order: OrderId) {
    terminal.undo().forget(order);
}

fn applied(
    terminal: &Terminal,
    mut draft: DraftContent,
    edit: &DraftEdit,
) -> Result<DraftContent, Code> {
    match edit {
        DraftEdit::SetDistributor { distributor } => {
            if draft.edits.is_some() && draft.distributor != Some(*distributor) {
                return Err(Code::DistributorChanged);
            }
            let found = crate::distributors::find(terminal, *distributor)?;
            draft.distributor = Some(found.id);
            draft.distributor_name = found.name;
            reprice(terminal, &mut draft)?;
        }
        DraftEdit::AddLine { product, quantity } => {
            let missing = || Code::NotFound {
                what: "product".to_owned(),
            };
            let product = catalogue(terminal.catalogue().product(*product))?;
            add(
                terminal,
                &mut draft,
                product.ok_or_else(missing)?,
                *quantity,
            )?;
        }
        DraftEdit::Paste { text } => paste(terminal, &mut draft, text)?,
        DraftEdit::SetQuantity { line, quantity } => {
            at(&mut draft, *line)?.line.quantity = *quantity;
        }
        DraftEdit::SetPrice { line, unit_price } => {
            let line = at(&mut draft, *line)?;
            line.line.unit_price = *unit_price;
            line.line.price_book = None;
            line.price_typed = true;
        }
        DraftEdit::SetLineDiscount { line, discount } => {
            at(&mut draft, *line)?.line.discount = *discount;
        }
        DraftEdit::DuplicateLine { line } => {
            let copy = at(&mut draft, *line)?.clone();
            draft.lines.insert(*line as usize + 1, copy);
        }
        DraftEdit::RemoveLine { line } => {
            at(&mut draft, *line)?;
            draft.lines.remove(*line as usize);
        }
        DraftEdit::SetDiscount { discount } => draft.discount = *discount,
        DraftEdit::SetRemark { remark } => draft.remark.clone_from(remark),
        DraftEdit::SetPaymentMethod { payment_method } => draft.payment_method = *payment_method,
        DraftEdit::Undo | DraftEdit::Redo => {}
    }
    for (index, line) in draft.lines.iter_mut().enumerate() {
        let row = index as u32 + 1;
        line.line.amount_fen = line_amount(
            line.line.quantity,
            line.line.unit_price,
            &line.line.discount,
        )
        .map_err(|_| Code::BadField {
            field: format!("line {row}"),
        })?;
    }
    Ok(draft)
}

fn at(draft: &mut DraftContent, line: u32) -> Result<&mut DraftLine, Code> {
    let field = || Code::BadField {
        field: format!("line {}", line.saturating_add(1)),
    };
    draft.lines.get_mut(line as usize).ok_or_else(field)
}

fn add(
    terminal: &Terminal,
    draft: &mut DraftContent,
    product: Product,
    quantity: Quantity,
) -> Result<(), Code> {
    let (book, now) = (book_of(terminal, draft)?, terminal.ledger().env().now());
    let priced = catalogue(terminal.catalogue().priced(product, book, now))?;
    let same = draft.lines.iter_mut().find(|held| {
        held.line.product == priced.product.id
            && held.line.unit_price == priced.unit_price
            && held.line.discount == LineDiscount::None
            && !held.price_typed
    });
    if let Some(held) = same {
        let sum = held.line.quantity.decimal().checked_add(quantity.decimal());
        let too_large = || Code::AmountTooLarge { row: 0 };
        held.line.quantity = sum
            .and_then(|sum| Quantity::new(sum).ok())
            .ok_or_else(too_large)?;
        return Ok(());
    }
    let line = OrderLine {
        product: priced.product.id,
        code: priced.product.code,
        name: priced.product.name,
        unit: priced.product.unit,
        quantity,
        unit_price: priced.unit_price,
        discount: LineDiscount::None,
        price_book: priced.price_book,
        price_as_of: terminal.catalogue_as_of().unwrap_or(now),
        amount_fen: domain::Money::ZERO,
    };
    draft.lines.push(DraftLine {
        line,
        price_typed: false,
    });
    Ok(())
}

/// Two columns from a spreadsheet: code and quantity. All rows or none.
fn paste(terminal: &Terminal, draft: &mut DraftContent, text: &str) -> Result<(), Code> {
    for (index, row) in text
        .lines()
        .enumerate()
        .filter(|(_, row)| !row.trim().is_empty())
    {
        let wrong = |what: &str| Code::BadField {
            field: format!("row {}: {what}", index + 1),
        };
        let mut cells = row.split(['\t', ',', ';']).map(str::trim);
        let code = cells.next().unwrap_or_default();
        let quantity = cells.next().filter(|cell| !cell.is_empty()).unwrap_or("1");
        let quantity = Quantity::parse(quantity).map_err(|_| wrong("quantity"))?;
        let product = catalogue(terminal.catalogue().find_by_code(code))?;
        add(
            terminal,
            draft,
            product.ok_or_else(|| wrong("code"))?,
            quantity,
        )?;
    }
    Ok(())
}

fn book_of(terminal: &Terminal, draft: &DraftContent) -> Result<Option<PriceBookId>, Code> {
    match draft.distributor {
        Some(id) => Ok(crate::distributors::find(terminal, id)?.price_book),
        None => Ok(None),
    }
}

/// Prices every line anew that was not typed by hand.
fn reprice(terminal: &Terminal, draft: &mut DraftContent) -> Result<(), Code> {
    let (book, now) = (book_of(terminal, draft)?, terminal.ledger().env().now());
    for held in draft.lines.iter_mut().filter(|held| !held.price_typed) {
        let Some(product) = catalogue(terminal.catalogue().product(held.line.product))? else {
            continue;
        };
        let priced = catalogue(terminal.catalogue().priced(product, book, now))?;
        held.line.unit_price = priced.unit_price;
        held.line.price_book = priced.price_book;
        held.line.amount_fen = price_amount(&held.line, priced.unit_price)?;
    }
    Ok(())
}

fn price_amount(line: &OrderLine, price: UnitPrice) -> Result<domain::Money, Code> {
    line_amount(line.quantity, price, &line.discount).map_err(|_| Code::AmountTooLarge { row: 0 })
}

fn catalogue<T>(read: Result<T, crate::catalogue::CatalogueError>) -> Result<T, Code> {
    read.map_err(|error| Fault::from(error).into_code("catalogue"))
}
