//! A channel's own code on a terminal's screen: an order like every other attempt, so that it is
//! closed before another is offered (rule 6.8), asked about until it ends, and settled by the same
//! one function.

use crate::attempts::{Payer, Start};
use crate::cashier::{CODE_KEY, description};
use crate::facts::Attempt;
use crate::host::{Host, HostError};
use crate::store::{CashierView, StoreError};
use domain::channel::Channel;
use domain::code::Code;
use gateways::Product;
use std::sync::Arc;
use wire::code::{CodeReply, CodeRequest};
use wire::protocol::Refused;

/// The payer key of Alipay's own code.
const PRECREATE_KEY: &str = "precreate";

/// Whether this attempt's code may be on a screen: it is asked about as often as if a payer looked.
pub(crate) fn on_a_screen(attempt: &Attempt) -> bool {
    [CODE_KEY, PRECREATE_KEY].contains(&attempt.payer_key.as_str())
}

impl Host {
    /// Has a channel make its own code for an ask, or answers the one that is offered.
    ///
    /// # Errors
    /// `UnknownStaff`, `NotAllowed`, `NotFound` for an ask that has not come yet, or the store's.
    pub(crate) async fn channel_code(
        self: &Arc<Host>,
        request: CodeRequest,
    ) -> Result<CodeReply, HostError> {
        let CodeRequest {
            staff,
            intent,
            channel,
        } = request;
        let view = self
            .read(move |store, cx| store.asked_by(cx, staff, intent))
            .await?;
        let (key, product) = match channel {
            Channel::WechatPay => (CODE_KEY, Product::WechatNative),
            Channel::Alipay => (PRECREATE_KEY, Product::AlipayPrecreate),
        };
        let own = |pending: &Attempt| pending.channel == channel && pending.payer_key == key;
        let (ask, lost) = match view {
            CashierView::Payable(ask) => (ask, false),
            // Its own order, whose answer was lost, is placed again; a channel that will not repeat
            // the code has it closed, and another is made.
            CashierView::Unknown(ask) if ask.pending.as_ref().is_some_and(own) => (ask, true),
            CashierView::Unknown(_) => return Ok(CodeReply::Wait),
            CashierView::Paid(..) | CashierView::Expired(_) | CashierView::Superseded => {
                return Ok(CodeReply::Over);
            }
            CashierView::Refused => {
                let what = "intent".to_owned();
                let reason = Code::NotFound { what };
                return Err(StoreError::from(Refused::Rule { reason }).into());
            }
        };
        if !ask.channels.contains(&channel) {
            return Ok(CodeReply::Refused);
        }
        let payer = Payer {
            channel,
            key: key.to_owned(),
            product,
            description: description(&ask),
        };
        let mut start = self.start(intent, &payer).await?;
        if lost && start == Start::Refused {
            start = self.start(intent, &payer).await?;
        }
        Ok(match start {
            Start::Offer(text) => CodeReply::Code {
                text,
                expires_at: ask.expires_at,
            },
            Start::Wait => CodeReply::Wait,
            Start::Over => CodeReply::Over,
            Start::Refused => CodeReply::Refused,
        })
    }
}
