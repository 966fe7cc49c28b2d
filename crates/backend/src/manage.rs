//! What staff at a terminal ask about the company's terminals and about work under review.

use crate::demo::CODE_LIFE_MS;
use crate::host::{Host, HostError};
use crate::store::Act;
use domain::id::TerminalId;
use std::sync::Arc;
use wire::terminals::{TerminalsAsk, TerminalsReply, TerminalsRequest};

impl Host {
    /// Answers it; the store checks who may.
    ///
    /// # Errors
    /// A refusal with its reason, or the store's.
    pub(crate) async fn manage(
        self: &Arc<Host>,
        terminal: TerminalId,
        request: TerminalsRequest,
    ) -> Result<TerminalsReply, HostError> {
        let act = Act {
            staff: request.staff,
            terminal,
        };
        let mut issued = None;
        match request.ask {
            TerminalsAsk::View => {}
            TerminalsAsk::IssueCode { terminal_code } => {
                let made = self.act(move |store, cx| {
                    store.issue_code_by(cx, act, &terminal_code, CODE_LIFE_MS)
                });
                issued = Some(made.await?);
            }
            TerminalsAsk::Revoke {
                terminal_code,
                reason,
            } => {
                self.act(move |store, cx| store.revoke_by(cx, act, &terminal_code, &reason))
                    .await?;
            }
            TerminalsAsk::Review => return self.under_review(act).await,
            TerminalsAsk::Decide { op, decision } => {
                self.act(move |store, cx| store.review(cx, act, op, &decision))
                    .await?;
                return self.under_review(act).await;
            }
        }
        let host = Arc::clone(self);
        let view = self.read(move |store, cx| {
            // The page is worth showing with older contacts too.
            if let Err(error) = host.central().keep_contacts() {
                tracing::error!(%error, "the last contacts of terminals can't be kept");
            }
            store.terminals(cx, act)
        });
        let view = view.await?;
        Ok(TerminalsReply::Terminals { view, issued })
    }

    async fn under_review(self: &Arc<Host>, act: Act) -> Result<TerminalsReply, HostError> {
        let view = self.read(move |store, cx| store.under_review(cx, act));
        Ok(TerminalsReply::Review { view: view.await? })
    }
}
