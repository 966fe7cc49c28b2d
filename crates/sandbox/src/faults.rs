//! The ways the sandbox can be told to misbehave, each a number of times.
//!
//! Every one of them happens at the real channels. A count is used up as the fault fires, and
//! each firing is counted (`fault.<name>`), so that a test can tell "survived" from "never met".

use serde::{Deserialize, Serialize};

/// Counts of misbehaviours still to come. All zero means a well-behaved channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// The payer's bank refuses the next n payments; the order stays open.
    pub decline: u32,
    /// The next n payments are reported (callback and query) as `wrong_amount_by_fen` more.
    pub wrong_amount: u32,
    /// By how many fen a reported amount is wrong; 0 means 1. May be negative.
    pub wrong_amount_by_fen: i64,
    /// The next n notifications are never sent, not even as a retry.
    pub drop_callback: u32,
    /// The next n notifications are delivered a second time although they were accepted.
    pub repeat: u32,
    /// The next n notifications are held back until a later one has been delivered.
    pub reorder: u32,
    /// The next n notifications start `delay_ms` late.
    pub delay: u32,
    /// How late, in milliseconds of real time.
    pub delay_ms: u64,
    /// The next n delivery attempts carry a signature made over something else.
    pub bad_signature_callback: u32,
    /// The next n delivery attempts carry WeChat Pay's `WECHATPAY/SIGNTEST/` probe.
    pub signtest_callback: u32,
    /// The next n signed API answers carry a signature made over something else.
    pub bad_signature_response: u32,
    /// The next n WeChat Pay answers carry the `WECHATPAY/SIGNTEST/` probe.
    pub signtest_response: u32,
    /// The next n API calls take effect, and then the connection breaks.
    pub timeout_after_taking: u32,
    /// How long such a connection hangs before it breaks, in milliseconds of real time.
    pub timeout_hold_ms: u64,
    /// The next n API calls are answered 202 (accepted, repeat the same) without effect.
    pub status_202: u32,
    /// The next n API calls are answered 429 without effect.
    pub status_429: u32,
    /// The next n API calls are answered 500 (Alipay: code 20000) without effect.
    pub status_500: u32,
    /// The next n API calls are answered 503 without effect.
    pub status_503: u32,
    /// The next n refunds that WeChat Pay accepts end CLOSED: nothing goes back.
    pub refund_closed: u32,
    /// The next n refunds that WeChat Pay accepts end ABNORMAL.
    pub refund_abnormal: u32,
    /// The next n refunds that WeChat Pay accepts stay under way until they are told to end.
    pub refund_processing: u32,
    /// Restricts the faults of API calls to one kind of call; absent means any.
    pub only: Option<ApiOperation>,
}

/// Kinds of API calls, the same for both channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiOperation {
    /// Placing an order (Native, JSAPI, H5, precreate).
    Create,
    /// Asking for an order's state.
    Query,
    /// Closing an order.
    Close,
    /// Asking for a refund.
    Refund,
    /// Asking for a refund's state.
    RefundQuery,
    /// Fetching platform certificates.
    Certificates,
    /// Asking for a bill, and fetching it.
    Bill,
}

impl ApiOperation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Query => "query",
            Self::Close => "close",
            Self::Refund => "refund",
            Self::RefundQuery => "refund_query",
            Self::Certificates => "certificates",
            Self::Bill => "bill",
        }
    }
}

/// Uses one of a count up; false when there is none.
pub(crate) fn take(count: &mut u32) -> bool {
    let had = *count > 0;
    *count = count.saturating_sub(1);
    had
}

/// What an API call meets besides its ordinary handling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CallFaults {
    /// Answer this status without doing anything.
    pub(crate) status: Option<u16>,
    /// Do it, hold for so many milliseconds, break the connection.
    pub(crate) break_after_ms: Option<u64>,
}

impl Faults {
    /// Uses up what the call `operation` meets, naming what fired.
    pub(crate) fn for_call(
        &mut self,
        operation: ApiOperation,
    ) -> (CallFaults, Option<&'static str>) {
        if self.only.is_some_and(|only| only != operation) {
            return (CallFaults::default(), None);
        }
        let status = |status| CallFaults {
            status: Some(status),
            break_after_ms: None,
        };
        if take(&mut self.status_202) {
            (status(202), Some("status_202"))
        } else if take(&mut self.status_429) {
            (status(429), Some("status_429"))
        } else if take(&mut self.status_500) {
            (status(500), Some("status_500"))
        } else if take(&mut self.status_503) {
            (status(503), Some("status_503"))
        } else if take(&mut self.timeout_after_taking) {
            let hold = Some(self.timeout_hold_ms);
            (
                CallFaults {
                    status: None,
                    break_after_ms: hold,
                },
                Some("timeout_after_taking"),
            )
        } else {
            (CallFaults::default(), None)
        }
    }

    /// The fen by which a payment made now is misreported, when it is.
    pub(crate) fn misreport(&mut self) -> Option<i64> {
        take(&mut self.wrong_amount).then_some(if self.wrong_amount_by_fen == 0 {
            1
        } else {
            self.wrong_amount_by_fen
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_used_up_and_only_by_the_named_operation() {
        let only = Some(ApiOperation::Create);
        let mut faults = Faults {
            status_500: 1,
            only,
            ..Faults::default()
        };
        assert_eq!(faults.for_call(ApiOperation::Query).1, None);
        assert_eq!(faults.for_call(ApiOperation::Create).1, Some("status_500"));
        assert_eq!(faults.for_call(ApiOperation::Create).1, None);
    }

    #[test]
    fn a_misspelt_fault_is_refused() {
        assert!(serde_json::from_str::<Faults>(r#"{"drop_calback":1}"#).is_err());
    }
}
