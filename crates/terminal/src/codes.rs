//! A channel's own code on the pay sheet, an equal to the link while the terminal is online. The
//! backend has the channel make it; the text lives only here, for as long as the program runs.

use crate::api::Context;
use crate::api::payments::{PayCode, PayCodeView};
use crate::qr::QrCode;
use crate::transact::{Done, Tag};
use domain::Code;
use domain::channel::Channel;
use domain::id::IntentId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use wire::code::{CodeReply, CodeRequest};

/// How long an ask is waited for that is on its way to the backend.
const SENT_WAIT: Duration = Duration::from_secs(5);

/// The last code of each intent: another channel's takes its place, because at most one is offered
/// (rule 6.8).
#[derive(Debug, Default)]
pub struct Codes(Mutex<HashMap<IntentId, (Channel, String)>>);

impl Codes {
    /// What the QR says, if this channel's is the one that is offered.
    pub fn of(&self, intent: IntentId, channel: Channel) -> Option<String> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (whose, text) = held.get(&intent)?;
        (*whose == channel).then(|| text.clone())
    }

    fn put(&self, intent: IntentId, code: Option<(Channel, String)>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match code {
            Some(code) => held.insert(intent, code),
            None => held.remove(&intent),
        };
    }
}

/// Has a channel make its own code, or answers the one that is offered.
///
/// # Errors
/// `Unreachable`, `NotFound`, the backend's refusals, and what the file says.
pub fn pay_code(context: &Context<'_>, input: PayCode) -> Result<Done<PayCodeView>, Code> {
    let PayCode { intent, channel } = input;
    let (terminal, staff) = (context.terminal, context.actor()?);
    terminal.ledger().intent(intent)?;
    let sync = terminal.sync().ok_or(Code::Unreachable)?;
    // The backend can have a code made only for an ask that has come.
    if terminal.online() && terminal.ledger().intent(intent)?.pending {
        sync.sync_now();
        terminal.wait_until(SENT_WAIT, || Ok(!terminal.ledger().intent(intent)?.pending))?;
    }
    let reply = sync.ask_code(&CodeRequest {
        staff,
        intent,
        channel,
    })?;
    let (value, held) = match reply {
        CodeReply::Code { text, .. } => {
            let (qr_svg, qr_modules) = drawn(&text)?;
            let view = PayCodeView::Code { qr_svg, qr_modules };
            (view, Some((channel, text)))
        }
        CodeReply::Wait => (PayCodeView::Wait, None),
        CodeReply::Over => (PayCodeView::Over, None),
        CodeReply::Refused => (PayCodeView::Refused, None),
    };
    terminal.codes().put(intent, held);
    Ok(Done {
        value,
        changed: vec![Tag::Display],
    })
}

/// As the screen takes it: an SVG, and its modules a side.
pub(crate) fn drawn(text: &str) -> Result<(String, u32), Code> {
    let qr = QrCode::encode(text).map_err(|_| Code::Internal {
        trace: "qr".to_owned(),
    })?;
    Ok((qr.svg(), qr.modules_with_quiet_zone() as u32))
}
