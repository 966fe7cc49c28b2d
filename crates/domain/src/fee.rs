//! What is known of the fee that a channel keeps of a payment. The channel's bill says it; until then
//! the note in the configuration gives an estimate that names its source, or it is unknown. The
//! payer pays the amount that was asked for; the company bears the fee.

use crate::config::{Config, FeeNote};
use crate::intent::TransactionRecord;
use crate::money::Money;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The fee of one payment, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "known", rename_all = "snake_case")]
pub enum Fee {
    /// The channel's bill says it.
    Billed {
        /// How much.
        fee_fen: Money,
    },
    /// No bill yet.
    Estimated {
        /// About how much.
        fee_fen: Money,
        /// What it rests on.
        note: FeeNote,
    },
    /// No bill yet, and nobody has noted a rate.
    Unknown,
}

impl Fee {
    /// Of this payment, by the configuration in force.
    pub fn of(record: &TransactionRecord, config: &Config) -> Fee {
        if let Some(fee_fen) = record.fee_fen {
            return Fee::Billed { fee_fen };
        }
        match config.fees.of(record.channel) {
            Some(note) => Fee::Estimated {
                fee_fen: note.estimate(record.gross_fen),
                note: note.clone(),
            },
            None => Fee::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::channel::Channel;
    use crate::config::PerChannel;
    use crate::id::TransactionRecordId;

    #[test]
    fn a_bill_is_believed_before_a_note_and_without_either_nothing_is_guessed() {
        let note = FeeNote {
            rate: 60,
            source: "contract 7".into(),
            date: "2026-11-28".into(),
        };
        let config = Config {
            fees: PerChannel {
                wechat_pay: Some(note.clone()),
                alipay: None,
            },
            ..Config::default()
        };
        let mut record = TransactionRecord {
            id: TransactionRecordId(uuid::Uuid::from_u128(1)),
            channel: Channel::WechatPay,
            provider_no: "42".into(),
            out_trade_no: "FT1".into(),
            payer: String::new(),
            gross_fen: Money::from_fen(10_000),
            fee_fen: None,
            paid_at: Timestamp(0),
            intent: None,
            collection: None,
            distributor: None,
            asked: None,
        };
        let estimated = Fee::Estimated {
            fee_fen: Money::from_fen(60),
            note,
        };
        assert_eq!(Fee::of(&record, &config), estimated);
        record.channel = Channel::Alipay;
        assert_eq!(Fee::of(&record, &config), Fee::Unknown);
        record.fee_fen = Some(Money::from_fen(55));
        let billed = Fee::Billed {
            fee_fen: Money::from_fen(55),
        };
        assert_eq!(Fee::of(&record, &config), billed);
    }
}
