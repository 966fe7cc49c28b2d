//! Identities. Documents carry UUID v7 made where the document is born, so that two offline
//! terminals never need to agree; terminals and tickets carry random 64-bit numbers because they
//! travel inside a QR code, where every byte costs a module (rule 6.2).

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
        #[serde(transparent)]
        #[ts(type = "string")]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<$name, uuid::Error> {
                s.parse().map($name)
            }
        }
    )*};
}

uuid_id! {
    /// The tenant.
    CompanyId
    /// One signed act (rule 4.1).
    OpId
    /// A person using a terminal.
    StaffId
    /// A buyer.
    DistributorId
    /// What is sold.
    ProductId
    /// A list of prices.
    PriceBookId
    /// A sales order.
    OrderId
    /// A payment collection.
    CollectionId
    /// What a channel says happened.
    TransactionRecordId
    /// Something that finance or an administrator has to look at.
    AttentionId
    /// Money on its way back to where it came from.
    RefundId
    /// A proposal of where money without a home belongs.
    MatchId
    /// A wallet binding: one merchant account's details and keys, as saved once.
    WalletBindingId
    /// A part of the company that staff belong to.
    DepartmentId
    /// A line of the history of the company's own data.
    HistoryLineId
}

macro_rules! number_id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        /// Random 64 bits; as text 13 characters of Crockford base32.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ts_rs::TS)]
        #[ts(type = "string")]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&crockford(u128::from(self.0), 13))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(s: &str) -> Result<$name, NotAnId> {
                uncrockford(s, 13).and_then(|n| u64::try_from(n).ok()).map($name).ok_or(NotAnId)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<$name, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

number_id! {
    /// One enrolled installation of the desktop app.
    TerminalId
    /// A payment intent; the number of the ticket it was made with (rule 6.2).
    IntentId
}

/// The text is not an id of the wanted form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 13 characters of Crockford base32 are needed")]
pub struct NotAnId;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Crockford base32 of the lowest `5 * length` bits, most significant first.
pub fn crockford(mut value: u128, length: usize) -> String {
    let mut out = vec![b'0'; length];
    for slot in out.iter_mut().rev() {
        *slot = ALPHABET[(value & 31) as usize];
        value >>= 5;
    }
    out.into_iter().map(char::from).collect()
}

/// Reads exactly `length` characters of Crockford base32, in either case, with `O` read as `0` and
/// `I` and `L` as `1`, as its specification asks; `None` for anything else.
pub fn uncrockford(text: &str, length: usize) -> Option<u128> {
    if text.len() != length || length > 25 {
        return None;
    }
    text.bytes().try_fold(0u128, |value, byte| {
        let byte = match byte.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        let digit = ALPHABET.iter().position(|&c| c == byte)?;
        Some((value << 5) | digit as u128)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_ids_round_trip_as_text() {
        for n in [0, 1, 31, 32, u64::MAX, 0x0123_4567_89ab_cdef] {
            let text = TerminalId(n).to_string();
            assert_eq!(text.len(), 13);
            assert_eq!(text.parse(), Ok(TerminalId(n)));
            assert_eq!(text.to_lowercase().parse(), Ok(TerminalId(n)));
        }
    }

    #[test]
    fn a_number_beyond_64_bits_or_a_foreign_letter_is_no_id() {
        for bad in ["ZZZZZZZZZZZZZ", "", "0", "U000000000000", "00000000000000"] {
            assert_eq!(bad.parse::<IntentId>(), Err(NotAnId), "{bad}");
        }
    }

    #[test]
    fn confusable_letters_read_as_digits() {
        assert_eq!(uncrockford("OIL", 3), uncrockford("011", 3));
    }
}
