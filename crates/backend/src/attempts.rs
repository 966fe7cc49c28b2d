//! Attempts at their channels: place, ask, close, and tell the store what was answered. Whatever a
//! channel says that is money goes to `settle`; an answer that did not come, or did not verify, is
//! unknown and never a failure (rules 6.8, 6.11).

use crate::facts::Attempt;
use crate::host::{Host, HostError};
use crate::payments::asks::{Answered, Begin, Observed};
use domain::channel::Channel;
use domain::id::IntentId;
use domain::intent::AttemptState;
use gateways::{Answer, Closed, CreateOrder, Created, Evidence, Gateway, Product, TradeState};
use std::sync::Arc;

/// How often the other attempt is closed and the new one tried before the payer is told to wait.
const SWITCHES: u32 = 3;

/// What a channel says of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Money; it is booked.
    Paid,
    /// Nothing more can come.
    Closed,
    /// Known and unpaid, or being paid now.
    Unpaid,
    /// The channel knows no such trade.
    NoTrade,
    /// No usable answer.
    Unknown,
}

/// Where the payer goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The order is placed; this is what the payer's page needs.
    Offer(String),
    /// The channel's answer is unknown; the page waits.
    Wait,
    /// The ask can't be paid any more; open the link again to see why.
    Over,
    /// The channel refused, or no account is bound: nothing was charged.
    Refused,
}

/// How the payer pays.
#[derive(Clone, Debug)]
pub(crate) struct Payer {
    pub(crate) channel: Channel,
    /// Stands for who pays and how: the same order may only be repeated with the same.
    pub(crate) key: String,
    pub(crate) product: Product,
    /// What the wallet shows.
    pub(crate) description: String,
}

impl Host {
    fn gateway(&self, attempt: &Attempt) -> Option<Arc<dyn Gateway>> {
        let (merchant, app) = (&attempt.merchant_no, &attempt.app_id);
        let gateway = self.gateways().of_account(attempt.channel, merchant, app);
        if gateway.is_none() {
            tracing::error!(
                merchant_no = %merchant,
                out_trade_no = %attempt.out_trade_no,
                "no keys for the account of an attempt; add it to the wallet file"
            );
        }
        gateway
    }

    pub(crate) async fn settle(self: &Arc<Host>, evidence: Evidence) -> Result<(), HostError> {
        let number = evidence.out_trade_no().to_owned();
        let settled = self
            .act(move |store, cx| store.settle(cx, &evidence))
            .await?;
        tracing::info!(out_trade_no = %number, ?settled, "settled");
        Ok(())
    }

    async fn observe(
        self: &Arc<Host>,
        attempt: &Attempt,
        observed: Observed,
    ) -> Result<(), HostError> {
        let number = attempt.out_trade_no.clone();
        self.act(move |store, cx| store.observe(cx, &number, observed))
            .await
    }

    /// Asks the channel about an attempt, and books or records what it says.
    pub(crate) async fn query(self: &Arc<Host>, attempt: &Attempt) -> Result<Heard, HostError> {
        let Some(gateway) = self.gateway(attempt) else {
            return Ok(Heard::Unknown);
        };
        let (heard, observed) = match gateway.query(&attempt.out_trade_no).await {
            Answer::Done(TradeState::Success(evidence) | TradeState::Refunded(evidence)) => {
                self.settle(evidence).await?;
                return Ok(Heard::Paid);
            }
            Answer::Done(TradeState::Closed) => (Heard::Closed, Observed::Closed),
            Answer::Done(TradeState::NotPaid | TradeState::Paying) => {
                (Heard::Unpaid, Observed::NotPaid)
            }
            Answer::Done(TradeState::NoSuchTrade { .. }) => {
                (Heard::NoTrade, Observed::NoSuchTrade { to_close: false })
            }
            Answer::Rejected { code, message } => {
                tracing::warn!(out_trade_no = %attempt.out_trade_no, code, message, "query refused");
                return Ok(Heard::Unknown);
            }
            Answer::Unknown { why } => {
                tracing::info!(out_trade_no = %attempt.out_trade_no, %why, "query unanswered");
                // A question that got no answer changes nothing about an order that is open.
                return Ok(Heard::Unknown);
            }
        };
        self.observe(attempt, observed).await?;
        Ok(heard)
    }

    /// Closes an attempt at its channel. A trade that can't be closed is asked about: most likely
    /// it was paid.
    pub(crate) async fn close(self: &Arc<Host>, attempt: &Attempt) -> Result<Heard, HostError> {
        let Some(gateway) = self.gateway(attempt) else {
            return Ok(Heard::Unknown);
        };
        let (heard, observed) = match gateway.close(&attempt.out_trade_no).await {
            Answer::Done(Closed::Closed) => (Heard::Closed, Observed::Closed),
            Answer::Done(Closed::NoSuchTrade { .. }) => {
                (Heard::NoTrade, Observed::NoSuchTrade { to_close: true })
            }
            Answer::Done(Closed::QueryDecides) => return self.query(attempt).await,
            Answer::Rejected { code, message } => {
                tracing::warn!(out_trade_no = %attempt.out_trade_no, code, message, "close refused");
                return self.query(attempt).await;
            }
            Answer::Unknown { why } => {
                tracing::info!(out_trade_no = %attempt.out_trade_no, %why, "close unanswered");
                (Heard::Unknown, Observed::Unknown)
            }
        };
        self.observe(attempt, observed).await?;
        Ok(heard)
    }

    /// Starts or resumes an attempt for a payer who has chosen a channel; another that is pending
    /// is closed at its channel first (rule 6.8).
    pub(crate) async fn start(
        self: &Arc<Host>,
        intent: IntentId,
        payer: &Payer,
    ) -> Result<Start, HostError> {
        for _ in 0..SWITCHES {
            let (channel, key) = (payer.channel, payer.key.clone());
            let begin = self
                .act(move |store, cx| store.begin_attempt(cx, intent, channel, &key))
                .await?;
            match begin {
                Begin::Offered(attempt) => return Ok(Start::Offer(attempt.offer)),
                Begin::Create(attempt) => return self.place(&attempt, payer).await,
                Begin::CloseFirst(other) => match self.close(&other).await? {
                    Heard::Paid => return Ok(Start::Over),
                    Heard::Closed | Heard::NoTrade => {}
                    Heard::Unpaid | Heard::Unknown => return Ok(Start::Wait),
                },
                // The page that is opened again no longer offers what takes no such amount.
                Begin::NotPayable | Begin::OutsideLimits => return Ok(Start::Over),
                Begin::NotBound => return Ok(Start::Refused),
            }
        }
        Ok(Start::Wait)
    }

    async fn place(self: &Arc<Host>, attempt: &Attempt, payer: &Payer) -> Result<Start, HostError> {
        let Some(gateway) = self.gateway(attempt) else {
            self.answered(attempt, Answered::Rejected).await?;
            return Ok(Start::Refused);
        };
        let path = match attempt.channel {
            Channel::WechatPay => "wechat_pay",
            Channel::Alipay => "alipay",
        };
        let order = CreateOrder {
            out_trade_no: attempt.out_trade_no.clone(),
            amount: attempt.amount_fen,
            description: payer.description.clone(),
            time_expire_ms: attempt.time_expire.0,
            notify_url: format!("{}/callbacks/{path}", self.settings().public_url),
            product: payer.product.clone(),
        };
        let (answer, start) = match gateway.create(&order).await {
            Answer::Done(created) => {
                let offer = offer(created);
                (
                    Answered::Created {
                        offer: offer.clone(),
                    },
                    Start::Offer(offer),
                )
            }
            Answer::Rejected { code, message } => {
                tracing::warn!(out_trade_no = %attempt.out_trade_no, code, message, "order refused");
                // An earlier request with this number may have taken effect: only a query or a
                // close says what became of it.
                if attempt.state == AttemptState::Created && code != "OUT_TRADE_NO_USED" {
                    (Answered::Rejected, Start::Refused)
                } else {
                    self.close(attempt).await?;
                    return Ok(Start::Refused);
                }
            }
            Answer::Unknown { why } => {
                tracing::warn!(out_trade_no = %attempt.out_trade_no, %why, "order unanswered");
                (Answered::Unknown, Start::Wait)
            }
        };
        self.answered(attempt, answer).await?;
        Ok(start)
    }

    async fn answered(
        self: &Arc<Host>,
        attempt: &Attempt,
        answer: Answered,
    ) -> Result<(), HostError> {
        let number = attempt.out_trade_no.clone();
        self.act(move |store, cx| store.attempt_answered(cx, &number, answer))
            .await
    }
}

/// What the payer's page needs, as one text: the bridge's parameters as JSON, or an address.
fn offer(created: Created) -> String {
    match created {
        Created::Jsapi { pay_params, .. } => serde_json::to_string(&pay_params).unwrap_or_default(),
        Created::Redirect { url } => url,
        Created::Qr { code } => code,
    }
}
