//! Refunds at their channels: ask first, then send, always under the number that the approval
//! fixed. Whatever the channel says that is final goes to `settle_refund`; an answer that did not
//! come, or did not verify, is unknown and is asked about again (rules 5.8, 6.10, 6.11).

use crate::host::{Host, HostError};
use crate::payments::query_delay_ms;
use crate::payments::refunds::{Outgoing, RefundSettled};
use crate::store::{Job, JobEnd};
use domain::channel::Channel;
use domain::id::RefundId;
use domain::refund::RefundState as State;
use domain::time::{DAY_MS, MINUTE_MS};
use gateways::{Answer, Gateway, RefundEvidence, RefundOrder, RefundState, Why};
use std::sync::Arc;

/// Nothing under way waits longer than this for the next question.
const LONGEST_MS: i64 = 10 * MINUTE_MS;
/// How long a refund is offered again that the channel refuses without a signature, or says that it
/// can't take yet.
const PATIENCE_MS: i64 = DAY_MS;
/// How long after its approval a failed refund is still asked about, once a day: it may succeed.
const WATCHED_MS: i64 = 30 * DAY_MS;
/// What WeChat Pay takes as a reason, bytes.
const REASON_BYTES: usize = 80;

impl Host {
    /// Sends a refund or asks what became of it: the job behind an approval.
    pub(crate) async fn refund(
        self: &Arc<Host>,
        job: &Job,
        id: RefundId,
    ) -> Result<JobEnd, HostError> {
        let begin = self
            .act(move |store, cx| store.begin_refund(cx, id))
            .await?;
        let Some(out) = begin else {
            return Ok(JobEnd::Done);
        };
        let Some(number) = out.refund.out_refund_no.clone() else {
            return Ok(JobEnd::Done);
        };
        let (channel, merchant, app) = (out.refund.channel, &out.merchant_no, &out.app_id);
        let Some(gateway) = self.gateways().of_account(channel, merchant, app) else {
            tracing::error!(
                merchant_no = %merchant,
                out_refund_no = %number,
                "no keys for the account of a refund; add it to the wallet file"
            );
            return Ok(self.later(job, &out));
        };
        // Asking first covers a lost answer, a crash and a restored backup alike (rule 6.10).
        match gateway.refund_query(&out.out_trade_no, &number).await {
            Answer::Done(RefundState::Ended(evidence)) => self.ended(job, &out, evidence).await,
            Answer::Done(RefundState::NoSuchRefund { .. }) if out.refund.state != State::Failed => {
                self.send(job, &out, &number, &*gateway).await
            }
            Answer::Done(_) => Ok(self.later(job, &out)),
            Answer::Rejected { code, message } => {
                tracing::warn!(out_refund_no = %number, code, message, "refund query refused");
                Ok(self.later(job, &out))
            }
            Answer::Unknown { why } => {
                tracing::info!(out_refund_no = %number, %why, "refund query unanswered");
                Ok(self.later(job, &out))
            }
        }
    }

    async fn send(
        self: &Arc<Host>,
        job: &Job,
        out: &Outgoing,
        number: &str,
        gateway: &dyn Gateway,
    ) -> Result<JobEnd, HostError> {
        let path = match out.refund.channel {
            Channel::WechatPay => "wechat_pay",
            Channel::Alipay => "alipay",
        };
        let order = RefundOrder {
            out_trade_no: out.out_trade_no.clone(),
            out_refund_no: number.to_owned(),
            refund: out.refund.amount_fen,
            total: out.paid_fen,
            reason: cut(&out.refund.reason),
            notify_url: format!("{}/callbacks/{path}", self.settings().public_url),
        };
        match gateway.refund(&order).await {
            Answer::Done(RefundState::Ended(evidence)) => self.ended(job, out, evidence).await,
            Answer::Done(_) => Ok(self.later(job, out)),
            Answer::Unknown {
                why: Why::Unsigned { code, message, .. },
            } => {
                // WeChat Pay signs no refusal, so one alone proves nothing.
                tracing::warn!(
                    out_refund_no = number,
                    code,
                    message,
                    "refund refused, unsigned"
                );
                self.refused(job, out, number, gateway, code, false).await
            }
            Answer::Unknown { why } => {
                tracing::warn!(out_refund_no = number, %why, "refund unanswered");
                Ok(self.later(job, out))
            }
            Answer::Rejected { code, message } => {
                tracing::warn!(out_refund_no = number, code, message, "refund refused");
                let at_once = !can_change(&code);
                self.refused(job, out, number, gateway, code, at_once).await
            }
        }
    }

    /// A refusal speaks of one request; only "no such refund" says that no earlier one with this
    /// number has taken effect. What is signed and can't change ends it at once; anything else is
    /// borne for a day, and what succeeds after that is late (rule 5.8).
    async fn refused(
        self: &Arc<Host>,
        job: &Job,
        out: &Outgoing,
        number: &str,
        gateway: &dyn Gateway,
        code: String,
        at_once: bool,
    ) -> Result<JobEnd, HostError> {
        let since = out.refund.decided_at.unwrap_or(out.refund.requested_at);
        let borne = self.now().since_ms(since) >= PATIENCE_MS;
        if !at_once && !borne {
            return Ok(self.later(job, out));
        }
        match gateway.refund_query(&out.out_trade_no, number).await {
            Answer::Done(RefundState::Ended(evidence)) => self.ended(job, out, evidence).await,
            Answer::Done(RefundState::NoSuchRefund { signed }) if signed || borne => {
                let id = out.refund.id;
                let settled = self
                    .act(move |store, cx| store.refund_refused(cx, id, &code))
                    .await?;
                tracing::info!(out_refund_no = number, ?settled, "refund failed");
                Ok(JobEnd::Again(self.now().plus_ms(self.pace(DAY_MS))))
            }
            Answer::Done(_) | Answer::Rejected { .. } | Answer::Unknown { .. } => {
                Ok(self.later(job, out))
            }
        }
    }

    async fn ended(
        self: &Arc<Host>,
        job: &Job,
        out: &Outgoing,
        evidence: RefundEvidence,
    ) -> Result<JobEnd, HostError> {
        let number = evidence.out_refund_no().to_owned();
        let settled = self
            .act(move |store, cx| store.settle_refund(cx, &evidence))
            .await?;
        tracing::info!(out_refund_no = %number, ?settled, "refund settled");
        match settled {
            RefundSettled::Done | RefundSettled::DoneLate => Ok(JobEnd::Done),
            RefundSettled::Failed => Ok(JobEnd::Again(self.now().plus_ms(self.pace(DAY_MS)))),
            _ => Ok(self.later(job, out)),
        }
    }

    /// When a refund is looked at again: soon at first, at most ten minutes apart while it is under
    /// way, once a day for a month after it has failed.
    fn later(&self, job: &Job, out: &Outgoing) -> JobEnd {
        let now = self.now();
        if out.refund.state != State::Failed {
            let wait = query_delay_ms(job.tries).min(LONGEST_MS);
            return JobEnd::Again(now.plus_ms(self.pace(wait)));
        }
        let since = out.refund.decided_at.unwrap_or(out.refund.requested_at);
        if now.since_ms(since) >= WATCHED_MS {
            return JobEnd::Done;
        }
        JobEnd::Again(now.plus_ms(self.pace(DAY_MS)))
    }

    fn pace(&self, ms: i64) -> i64 {
        self.settings().pace.of(ms)
    }
}

/// Refusals that a top-up of the merchant's balance ends.
fn can_change(code: &str) -> bool {
    matches!(code, "NOT_ENOUGH" | "ACQ.SELLER_BALANCE_NOT_ENOUGH")
}

/// As much of the reason as the channels take, cut between characters.
fn cut(reason: &str) -> String {
    let mut end = reason.len().min(REASON_BYTES);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_between_characters() {
        assert_eq!(cut("多付"), "多付");
        let long = "款".repeat(40);
        assert_eq!(cut(&long), "款".repeat(26));
    }
}
