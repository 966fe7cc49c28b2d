//! GZIP, as WeChat Pay packs its bills when it is asked to, and as people find them on their disk.

use super::error::{BillError, BillProblem};
use super::{MAX_BILL_BYTES, MAX_RATIO};
use flate2::read::MultiGzDecoder;
use std::borrow::Cow;
use std::io::Read as _;

/// What a GZIP file begins with; no text does.
const MAGIC: &[u8] = &[0x1f, 0x8b];

/// What is in a packed file; a plain one as it is. What comes out is bounded, whatever the file says
/// of its size.
///
/// # Errors
/// [`BillProblem::TooLarge`], [`BillProblem::Packed`].
pub(crate) fn unpack<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, BillError> {
    if !bytes.starts_with(MAGIC) {
        return Ok(Cow::Borrowed(bytes));
    }
    let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let largest = u64::try_from(MAX_BILL_BYTES).unwrap_or(u64::MAX);
    let limit = packed.saturating_mul(MAX_RATIO).max(4096).min(largest);
    let mut content = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(limit + 1)
        .read_to_end(&mut content)
        .map_err(|error| BillError::file(file, BillProblem::Packed(error.to_string())))?;
    if u64::try_from(content.len()).is_ok_and(|len| len <= limit) {
        Ok(Cow::Owned(content))
    } else {
        Err(BillError::file(file, BillProblem::TooLarge))
    }
}
