//! The payers' wallets and the channels behind them, in process. They know no signature: evidence
//! is made through the gateways' test door, because virtual time has nobody who could sign. The
//! sandbox plays the channels on the wire; here only their memory matters: what was ordered, what
//! was paid, and what they say when asked.

use backend::facts::Attempt;
use domain::channel::Channel;
use domain::{Money, Timestamp};
use gateways::{Evidence, EvidenceRecord, Headers, Proof, Source};
use std::collections::BTreeMap;

/// Where a trade stands at its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradeState {
    /// It can be paid. An Alipay code that nobody has opened is one of these, and "no trade" to
    /// whoever asks (rule 6.8).
    Open {
        /// The payer has opened it.
        seen: bool,
    },
    /// It can't be paid any more.
    Closed,
    /// It is paid.
    Paid {
        /// When.
        at: Timestamp,
        /// What the channel reports.
        amount: Money,
    },
}

/// One order placed with a channel.
#[derive(Clone, Debug)]
pub struct Trade {
    /// As the backend placed it.
    pub attempt: Attempt,
    /// Where it stands.
    pub state: TradeState,
    /// The channel's own number.
    pub provider_no: String,
}

/// What a channel says of a trade.
#[derive(Debug)]
pub enum Said {
    /// Money has come.
    Paid(Evidence),
    /// Not yet.
    NotPaid,
    /// Closed without money.
    Closed,
    /// It knows no such trade.
    NoSuchTrade,
}

/// Both channels' memory.
#[derive(Debug, Default)]
pub struct Wallets {
    trades: BTreeMap<String, Trade>,
}

impl Wallets {
    /// Takes an order; the same number again changes nothing.
    pub fn place(&mut self, attempt: &Attempt) {
        let provider_no = format!("42{:010}", self.trades.len() + 1);
        self.trades
            .entry(attempt.out_trade_no.clone())
            .or_insert_with(|| Trade {
                attempt: attempt.clone(),
                state: TradeState::Open {
                    seen: attempt.channel == Channel::WechatPay,
                },
                provider_no,
            });
    }

    /// The payer types the password. `amount` is what the channel will report. False when the trade
    /// can't be paid any more.
    pub fn pay(&mut self, number: &str, now: Timestamp, amount: Money) -> bool {
        let Some(trade) = self.trades.get_mut(number) else {
            return false;
        };
        if !matches!(trade.state, TradeState::Open { .. }) || now >= trade.attempt.time_expire {
            return false;
        }
        trade.state = TradeState::Paid { at: now, amount };
        true
    }

    /// Answers a query.
    pub fn query(&self, number: &str, now: Timestamp, source: Source) -> Said {
        let Some(trade) = self.trades.get(number) else {
            return Said::NoSuchTrade;
        };
        match trade.state {
            TradeState::Paid { .. } => trade
                .evidence(now, source)
                .map_or(Said::NotPaid, Said::Paid),
            TradeState::Closed => Said::Closed,
            TradeState::Open { seen: false } => Said::NoSuchTrade,
            TradeState::Open { .. } if now >= trade.attempt.time_expire => Said::Closed,
            TradeState::Open { .. } => Said::NotPaid,
        }
    }

    /// Answers a close.
    pub fn close(&mut self, number: &str, now: Timestamp) -> Said {
        if let Some(trade) = self.trades.get_mut(number)
            && trade.state == (TradeState::Open { seen: true })
        {
            trade.state = TradeState::Closed;
        }
        self.query(number, now, Source::Close)
    }

    /// Every trade.
    pub fn trades(&self) -> impl Iterator<Item = &Trade> {
        self.trades.values()
    }

    /// One trade.
    pub fn trade(&self, number: &str) -> Option<&Trade> {
        self.trades.get(number)
    }
}

impl Trade {
    /// What the channel reports as paid.
    pub fn paid(&self) -> Option<Money> {
        match self.state {
            TradeState::Paid { amount, .. } => Some(amount),
            _ => None,
        }
    }

    /// The channel's word that it was paid.
    pub fn evidence(&self, now: Timestamp, source: Source) -> Option<Evidence> {
        let TradeState::Paid { at, amount } = self.state else {
            return None;
        };
        let attempt = &self.attempt;
        Some(Evidence::testdoor(EvidenceRecord {
            channel: attempt.channel,
            merchant_no: attempt.merchant_no.clone(),
            app_id: attempt.app_id.clone(),
            out_trade_no: attempt.out_trade_no.clone(),
            provider_no: self.provider_no.clone(),
            amount_fen: amount,
            payer_paid_fen: None,
            payer: Some("payer-of-a-test-world".to_owned()),
            paid_at_ms: at.0,
            proof: Proof {
                source,
                received_at_ms: now.0,
                headers: Headers::new(Vec::new()),
                body: b"said in a test world, signed by nobody".to_vec(),
            },
        }))
    }
}
