//! Refunds as transactions: load, let `payments::refunds` decide, write.

use super::payments::broken;
use super::rows::{document, documents, text};
use super::work::Work;
use super::{load, sql};
use crate::books::Books;
use crate::facts::Needs;
use crate::payments::refunds::{self, Outgoing, RefundSettled};
use crate::store::StoreError;
use domain::id::{AttentionId, RefundId};
use domain::refund::Refund;
use gateways::RefundRecord;
use rusqlite::{Connection, params};
use uuid::Uuid;
use wire::change::Attention;
use wire::keys::Hash;

fn books<'a>(work: &Work<'a>, id: RefundId) -> Result<Books<'a>, StoreError> {
    let needs = Needs {
        refunds: [id].into(),
        ..Needs::default()
    };
    Ok(Books::new(
        load::facts(work.tx, work.cx, &needs)?,
        work.cx.env,
    ))
}

fn write(work: &mut Work<'_>, books: Books<'_>) -> Result<(), StoreError> {
    work.apply(books.finish(), None)?;
    work.flush(true)?;
    Ok(())
}

/// Notes that the channel is about to be told.
pub(super) fn begin(work: &mut Work<'_>, id: RefundId) -> Result<Option<Outgoing>, StoreError> {
    let mut books = books(work, id)?;
    let outgoing = refunds::outgoing(&mut books, id);
    write(work, books)?;
    Ok(outgoing)
}

/// Books that the channel refused it for good.
pub(super) fn refused(
    work: &mut Work<'_>,
    id: RefundId,
    code: &str,
) -> Result<RefundSettled, StoreError> {
    let mut books = books(work, id)?;
    let settled = refunds::refused(&mut books, id, code).map_err(broken)?;
    write(work, books)?;
    Ok(settled)
}

/// Books the channel's verified word.
pub(super) fn settle(
    work: &mut Work<'_>,
    proof: &RefundRecord,
) -> Result<RefundSettled, StoreError> {
    let ours = load::bindings(work.tx, &work.company)?
        .iter()
        .any(|b| b.channel == proof.channel && b.merchant_no == proof.merchant_no);
    if !ours {
        let (merchant, number) = (&proof.merchant_no, &proof.out_refund_no);
        tracing::warn!(%merchant, %number, "a refund of a merchant account that is not ours");
        return Ok(RefundSettled::NotOurs);
    }
    let key = params![work.company, proof.out_refund_no];
    let held: Option<Refund> = document(work.tx, sql::REFUND_BY_NUMBER, key, "refund")?;
    let Some(refund) = held else {
        return once(work, proof, "unknown_refund", RefundSettled::Unknown);
    };
    let mut books = books(work, refund.id)?;
    match refunds::settle(&mut books, &refund, proof).map_err(broken)? {
        RefundSettled::Differs => once(work, proof, "refund_differs", RefundSettled::Differs),
        settled => {
            write(work, books)?;
            Ok(settled)
        }
    }
}

/// Puts a channel's word that moves nothing before finance, once however often it comes: the item's
/// id is made of what it says.
fn once(
    work: &mut Work<'_>,
    proof: &RefundRecord,
    kind: &str,
    settled: RefundSettled,
) -> Result<RefundSettled, StoreError> {
    let name = format!(
        "{kind} {} {} {} {:?}",
        proof.out_refund_no, proof.out_trade_no, proof.amount_fen, proof.end
    );
    let mut id = [0; 16];
    id.copy_from_slice(&Hash::of(name.as_bytes()).0[..16]);
    let id = AttentionId(Uuid::from_bytes(id));
    let key = params![work.company, id.to_string()];
    let known: Option<Attention> = document(work.tx, sql::ATTENTION_GET, key, "attention")?;
    if known.is_some() {
        return Ok(RefundSettled::Already);
    }
    let item = Attention {
        id,
        kind: kind.to_owned(),
        op: None,
        distributor: None,
        amount_fen: proof.amount_fen,
        subject: format!("{} {}", proof.out_trade_no, proof.out_refund_no),
        at: work.cx.env.now(),
        done: false,
        concern: None,
        closed: None,
    };
    work.put_attention(item, None)?;
    work.flush(true)?;
    Ok(settled)
}

/// Writes a refund's row and its part of the payment's running total, which the database checks.
pub(super) fn put(
    work: &Work<'_>,
    doc: &Refund,
    counted: domain::Money,
    proof: Option<&RefundRecord>,
) -> Result<(), StoreError> {
    let record = doc.transaction_record.to_string();
    let row = params![
        work.company,
        doc.id.to_string(),
        record,
        doc.distributor.to_string(),
        doc.out_refund_no,
        super::rows::word(&doc.state)?,
        doc.amount_fen.fen(),
        counted.fen(),
        text(doc)?,
        proof.map(text).transpose()?
    ];
    super::rows::run(work.tx, sql::REFUND_PUT, row)?;
    super::rows::run(work.tx, sql::RECORD_REFUNDED, params![work.company, record])?;
    Ok(())
}

/// Every refund.
pub(super) fn all(tx: &Connection, company: &str) -> Result<Vec<Refund>, StoreError> {
    documents(tx, sql::REFUND_ALL, params![company], "refund")
}
