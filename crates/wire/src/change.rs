//! The backend's feed to terminals (rules 4.12–4.14). A change carries a whole document, so applying
//! it twice, or late, is harmless: one not newer than what is held is skipped.
//!
//! All changes of one backend transaction travel in one reply, the verdict last: a terminal never
//! holds a document that contains its operation without knowing that it does (rule 4.1).

use crate::verdict::Verdict;
use domain::Timestamp;
use domain::collection::PaymentCollection;
use domain::config::ConfigVersion;
use domain::distributor::Distributor;
use domain::history::HistoryLine;
use domain::id::{AttentionId, DistributorId, OpId, StaffId, TerminalId};
use domain::intent::{PaymentIntent, Ticket, TransactionRecord};
use domain::money::Money;
use domain::money_match::{Concern, MoneyMatch};
use domain::order::SalesOrder;
use domain::product::{Price, PriceBook, Product};
use domain::refund::Refund;
use domain::staff::StaffVersion;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Where a terminal is in the feed: `<epoch>.<seq>.<tag>` (rule 8.4). The tag is a random number
/// stored with each change, so that a feed restored from a backup is told from the one it replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The backend's epoch.
    pub epoch: u32,
    /// The last change that was applied; 0 for none.
    pub seq: u64,
    /// That change's tag; 0 for none.
    pub tag: u32,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.epoch, self.seq, self.tag)
    }
}

/// The text is not `<epoch>.<seq>.<tag>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor: <epoch>.<seq>.<tag> is needed")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;
    fn from_str(text: &str) -> Result<Cursor, NotACursor> {
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(NotACursor);
        let (epoch, seq, tag) = (next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(NotACursor);
        }
        Ok(Cursor {
            epoch: epoch.parse().map_err(|_| NotACursor)?,
            seq: seq.parse().map_err(|_| NotACursor)?,
            tag: tag.parse().map_err(|_| NotACursor)?,
        })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Cursor, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A distributor's deposit as its accounts stand (rule 7.1): `balance = available + allotments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositBalance {
    /// Whose.
    pub distributor: DistributorId,
    /// What the backend may spend.
    pub available_fen: Money,
    /// What each terminal holds in reserve, by the backend's books.
    pub allotments: Vec<Allotment>,
    /// Confirmed money that pays no order yet.
    pub unapplied_fen: Money,
    /// What is gone although it was not there, below zero until finance has covered it.
    #[serde(default, skip_serializing_if = "nothing")]
    pub suspense_fen: Money,
    /// Sum of what is owed on orders.
    pub owed_fen: Money,
    /// As of when.
    pub as_of: Timestamp,
}

fn nothing(amount: &Money) -> bool {
    amount.is_zero()
}

/// The part of a deposit that is reserved for one terminal to spend offline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allotment {
    /// Which terminal.
    pub terminal: TerminalId,
    /// How much is left of it.
    pub amount_fen: Money,
}

/// Something for a person to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// Identity.
    pub id: AttentionId,
    /// What happened, as a stable word: `wrong_amount`, `late_money`, `duplicate_payment`,
    /// `unidentified_money`, `link_differs`, `difference`, `review`, `rejected`, `refund_failed`,
    /// `late_refund`, `refund_differs`, `unknown_refund`, and of bills
    /// `bill_only_here`, `bill_only_provider`, `bill_amount_differs`, `bill_fee_differs`.
    pub kind: String,
    /// Whose operation it is about, if one's.
    pub op: Option<OpId>,
    /// Which distributor, where known.
    pub distributor: Option<DistributorId>,
    /// How much it is about.
    pub amount_fen: Money,
    /// What it names: order number, provider number …, in words that need no translation.
    pub subject: String,
    /// When it arose.
    pub at: Timestamp,
    /// Whether it has been dealt with.
    pub done: bool,
    /// The money that it is about, where it is about money that must find a home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concern: Option<Concern>,
    /// Who closed it, if a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<AttentionClosed>,
}

/// Who closed an attention item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionClosed {
    /// Who.
    pub by: StaffId,
    /// When, by the backend's clock.
    pub at: Timestamp,
    /// How it was dealt with, or why it is accepted.
    pub reason: String,
}

/// One whole document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "doc", content = "body", rename_all = "snake_case")]
pub enum Doc {
    /// Catalogue.
    Product(Product),
    /// Catalogue.
    PriceBook(PriceBook),
    /// Catalogue.
    Price(Price),
    /// Catalogue.
    Distributor(Distributor),
    /// Ledger.
    SalesOrder(SalesOrder),
    /// Ledger.
    PaymentCollection(PaymentCollection),
    /// Ledger.
    PaymentIntent(PaymentIntent),
    /// Ledger.
    TransactionRecord(TransactionRecord),
    /// Ledger.
    DepositBalance(DepositBalance),
    /// Ledger; only to the terminal it is for.
    Ticket(Ticket),
    /// Ledger; only to the terminal it is for. Sent again when a blocked one is decided.
    Verdict(Verdict),
    /// Ledger.
    Attention(Attention),
    /// Ledger.
    Refund(Refund),
    /// Ledger.
    MoneyMatch(MoneyMatch),
    /// Ledger. Each version is a document of its own; the highest is in force.
    Config(ConfigVersion),
    /// Ledger. The history only: staff themselves come with the lease.
    StaffVersion(StaffVersion),
    /// Ledger. What was done to products, price books, prices, distributors, and by files.
    HistoryLine(HistoryLine),
}

impl Doc {
    /// Whether it belongs to `catalogue.db` (rule 4.4).
    pub fn catalogue(&self) -> bool {
        matches!(
            self,
            Doc::Product(_) | Doc::PriceBook(_) | Doc::Price(_) | Doc::Distributor(_)
        )
    }
}

/// One numbered step of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its number: company-wide, gap-free at the backend; filtered for a terminal.
    pub seq: u64,
    /// Its tag.
    pub tag: u32,
    /// The operation that caused it, when one did: for timelines and attention lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caused_by: Option<OpId>,
    /// The document as it stands now.
    #[serde(flatten)]
    pub doc: Doc,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_reject_anything_else() {
        let cursor = Cursor {
            epoch: 3,
            seq: u64::MAX,
            tag: 9,
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "1", "1.2", "1.2.3.4", "a.b.c", "-1.2.3", "1.2."] {
            assert_eq!(bad.parse::<Cursor>(), Err(NotACursor), "{bad}");
        }
    }
}
