//! How ids lie in SQL: 16 bytes, whatever they are, and a word for the kind of document.

use super::Fault;
use domain::id::{
    AttentionId, CollectionId, DistributorId, HistoryLineId, IntentId, MatchId, OpId, OrderId,
    RefundId, TransactionRecordId,
};
use uuid::Uuid;

/// The kinds of documents in `ledger.db`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocKind {
    /// Sales orders.
    SalesOrder,
    /// Payment collections.
    PaymentCollection,
    /// Payment intents.
    PaymentIntent,
    /// Transaction records.
    TransactionRecord,
    /// Deposits, by distributor.
    DepositBalance,
    /// Distributors made here that the backend does not know yet.
    Distributor,
    /// Items of the attention list.
    Attention,
    /// Refunds.
    Refund,
    /// Proposals of where money without a home belongs.
    MoneyMatch,
    /// Versions of the configuration.
    Config,
    /// Changes of staff, by operation.
    StaffVersion,
    /// What was done to the catalogue, and by files.
    HistoryLine,
}

impl DocKind {
    /// The word in SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            DocKind::SalesOrder => "sales_order",
            DocKind::PaymentCollection => "payment_collection",
            DocKind::PaymentIntent => "payment_intent",
            DocKind::TransactionRecord => "transaction_record",
            DocKind::DepositBalance => "deposit_balance",
            DocKind::Distributor => "distributor",
            DocKind::Attention => "attention",
            DocKind::Refund => "refund",
            DocKind::MoneyMatch => "money_match",
            DocKind::Config => "config",
            DocKind::StaffVersion => "staff_version",
            DocKind::HistoryLine => "history_line",
        }
    }

    pub(crate) fn parse(text: &str) -> Result<DocKind, Fault> {
        [
            DocKind::SalesOrder,
            DocKind::PaymentCollection,
            DocKind::PaymentIntent,
            DocKind::TransactionRecord,
            DocKind::DepositBalance,
            DocKind::Distributor,
            DocKind::Attention,
            DocKind::Refund,
            DocKind::MoneyMatch,
            DocKind::Config,
            DocKind::StaffVersion,
            DocKind::HistoryLine,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .ok_or(Fault::Damaged {
            what: "document.kind",
        })
    }
}

/// One document of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocKey {
    /// Its kind.
    pub kind: DocKind,
    /// Its id's bytes.
    pub id: [u8; 16],
}

macro_rules! doc_key {
    ($($id:ty => $kind:ident),* $(,)?) => {$(
        impl From<$id> for DocKey {
            fn from(id: $id) -> DocKey {
                DocKey { kind: DocKind::$kind, id: *id.0.as_bytes() }
            }
        }
    )*};
}

doc_key! {
    OrderId => SalesOrder,
    CollectionId => PaymentCollection,
    TransactionRecordId => TransactionRecord,
    AttentionId => Attention,
    RefundId => Refund,
    MatchId => MoneyMatch,
    HistoryLineId => HistoryLine,
}

impl From<IntentId> for DocKey {
    fn from(id: IntentId) -> DocKey {
        DocKey {
            kind: DocKind::PaymentIntent,
            id: u128::from(id.0).to_be_bytes(),
        }
    }
}

impl DocKey {
    pub(crate) fn deposit(of: DistributorId) -> DocKey {
        DocKey {
            kind: DocKind::DepositBalance,
            id: *of.0.as_bytes(),
        }
    }

    /// Versions sort by their number.
    pub(crate) fn config(version: u32) -> DocKey {
        DocKey {
            kind: DocKind::Config,
            id: u128::from(version).to_be_bytes(),
        }
    }

    pub(crate) fn staff_version(op: OpId) -> DocKey {
        DocKey {
            kind: DocKind::StaffVersion,
            id: *op.0.as_bytes(),
        }
    }

    pub(crate) fn distributor(id: DistributorId) -> DocKey {
        DocKey {
            kind: DocKind::Distributor,
            id: *id.0.as_bytes(),
        }
    }
}

/// A UUID's bytes.
pub(crate) fn id_blob(id: Uuid) -> [u8; 16] {
    *id.as_bytes()
}

/// The UUID of stored bytes.
pub(crate) fn from_blob(bytes: &[u8], what: &'static str) -> Result<Uuid, Fault> {
    Uuid::from_slice(bytes).map_err(|_| Fault::Damaged { what })
}

/// SQLite's integers are signed; counters never come near the end.
pub(crate) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The counter of a stored integer.
pub(crate) fn uint(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
