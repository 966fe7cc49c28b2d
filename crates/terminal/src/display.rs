//! What the customer window shows. It is told what to show and can ask for nothing; between
//! customers it is blank but for the seller's name.

use crate::api::payments::{DisplayState, QrKey};
use crate::api::{Context, Nothing};
use crate::terminal::Terminal;
use crate::transact::{Done, Tag};
use domain::Code;
use domain::intent::IntentState;
use std::sync::{Mutex, PoisonError};

/// Which QR is on show.
#[derive(Debug, Default)]
pub struct Display {
    shown: Mutex<Option<QrKey>>,
}

impl Display {
    fn set(&self, shown: Option<QrKey>) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = shown;
    }

    fn get(&self) -> Option<QrKey> {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows an intent's QR.
///
/// # Errors
/// `NotFound`, and what the file says.
pub fn show(context: &Context<'_>, input: QrKey) -> Result<Done<Nothing>, Code> {
    context.terminal.ledger().intent(input.intent)?;
    context.terminal.display().set(Some(input));
    Ok(Done {
        value: Nothing {},
        changed: vec![Tag::Display],
    })
}

/// Blanks the window.
///
/// # Errors
/// None.
pub fn clear(context: &Context<'_>, _: Nothing) -> Result<Done<Nothing>, Code> {
    context.terminal.display().set(None);
    Ok(Done {
        value: Nothing {},
        changed: vec![Tag::Display],
    })
}

/// What the customer window shows now.
///
/// # Errors
/// What the file says.
pub fn state(terminal: &Terminal) -> Result<DisplayState, Code> {
    let idle = || -> Result<DisplayState, Code> {
        let seller = match terminal.ledger().lease() {
            Ok(standing) => standing.lease.seller,
            Err(Code::NotEnrolled) => String::new(),
            Err(other) => return Err(other),
        };
        Ok(DisplayState::Idle { seller })
    };
    let Some(QrKey { intent, channel }) = terminal.display().get() else {
        return idle();
    };
    let sheet = crate::payments::pay_view(terminal, intent)?;
    match sheet.intent.intent.state {
        IntentState::Paid => Ok(DisplayState::Paid {
            amount_fen: sheet.intent.intent.amount_fen,
        }),
        state if state.live() => {
            let own = channel.and_then(|channel| terminal.codes().of(intent, channel));
            let (qr_svg, qr_modules) = match &own {
                Some(text) => crate::codes::drawn(text)?,
                None => (sheet.qr_svg, sheet.qr_modules),
            };
            Ok(DisplayState::Pay {
                distributor_name: sheet.distributor_name,
                amount_fen: sheet.intent.intent.amount_fen,
                purpose: sheet.intent.intent.purpose,
                check_code: sheet.intent.intent.check_code,
                channel: channel.filter(|_| own.is_some()),
                qr_svg,
                qr_modules,
                expires_at: sheet.intent.intent.expires_at,
            })
        }
        _ => idle(),
    }
}
