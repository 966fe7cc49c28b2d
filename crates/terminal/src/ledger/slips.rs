//! Photos of slips in `ledger.db`: written with the operation that names them.

use super::{Fault, Ledger};
use crate::transact::Tx;
use domain::Code;
use domain::operation::OpBody;
use rusqlite::{Connection, OptionalExtension, params};
use wire::SignedOperation;
use wire::slip::Slip;

/// How an operation that may name a photo says its kind.
const KIND: &[u8] = b"collection_record";

impl Tx<'_> {
    /// Keeps a photo under its name; the same one twice is kept once.
    ///
    /// # Errors
    /// What the file says.
    pub fn keep_slip(&mut self, sha256: &str, jpeg: &[u8]) -> Result<(), Fault> {
        self.conn
            .prepare_cached(
                "INSERT INTO slip (sha256, jpeg) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute(params![sha256, jpeg])?;
        Ok(())
    }
}

impl Ledger {
    /// A photo that was taken here.
    ///
    /// # Errors
    /// What the file says.
    pub fn slip(&self, sha256: &str) -> Result<Option<Slip>, Code> {
        self.read(|conn| slip(conn, sha256))
    }
}

fn slip(conn: &Connection, sha256: &str) -> Result<Option<Slip>, Fault> {
    let jpeg: Option<Vec<u8>> = conn
        .prepare_cached("SELECT jpeg FROM slip WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0))
        .optional()?;
    Ok(jpeg.map(|jpeg| Slip::of(&jpeg)))
}

/// The photo that an operation names.
///
/// # Errors
/// What the file says.
pub(crate) fn slip_of(
    conn: &Connection,
    operation: &SignedOperation,
) -> Result<Option<Slip>, Fault> {
    // Most operations name none, and are not read again for it.
    if !operation.bytes.windows(KIND.len()).any(|part| part == KIND) {
        return Ok(None);
    }
    match operation.open()?.body {
        OpBody::CollectionRecord(body) if !body.slip_sha256.is_empty() => {
            slip(conn, &body.slip_sha256)
        }
        _ => Ok(None),
    }
}
