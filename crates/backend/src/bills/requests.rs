//! What finance's terminal asks about bills. Each request names who asks, and is refused unless that
//! role may match bills; what is fetched or imported keeps the name.

use super::{BillFailure, Matched, WantedBill, types_of};
use crate::host::{Host, HostError};
use crate::store::{Act, StoreError};
use domain::bill::{BillDone, BillEntry, BillFault, BillKey, BillOrigin, BillView};
use domain::code::Code;
use domain::id::TerminalId;
use gateways::bill::{BillError, BillProblem};
use std::sync::Arc;
use wire::bill::{BillUpload, BillsAsk, BillsReply, BillsRequest};
use wire::protocol::Refused;

/// How many days are listed, yesterday the newest: two weeks and a day.
const DAYS_LISTED: i64 = 15;

/// How much of a file's name is kept.
const MOST_NAME_CHARS: usize = 128;

fn refused(reason: Code) -> HostError {
    StoreError::from(Refused::Rule { reason }).into()
}

impl Host {
    /// Answers finance's terminal.
    ///
    /// # Errors
    /// A refusal with its reason, or the store's.
    pub(crate) async fn bills(
        self: &Arc<Host>,
        terminal: TerminalId,
        request: BillsRequest,
    ) -> Result<BillsReply, HostError> {
        let act = Act {
            staff: request.staff,
            terminal,
        };
        // Whoever may not look may do nothing else either.
        let entries = self.listed(act).await?;
        match request.ask {
            BillsAsk::List => Ok(BillsReply::List { entries }),
            BillsAsk::View { key } => Ok(BillsReply::View {
                view: self.bill_view(act, key).await?,
            }),
            BillsAsk::Fetch { key } => {
                let matched = self.fetch_for(act, &key).await.map_err(code)?;
                self.done(act, key, &matched).await
            }
            BillsAsk::Import { key, file } => {
                let matched = self.import_for(act, &key, &file).await.map_err(code)?;
                self.done(act, key, &matched).await
            }
        }
    }

    async fn fetch_for(self: &Arc<Host>, act: Act, key: &BillKey) -> Result<Matched, BillFailure> {
        let gateways = self.gateways();
        let mut ours = gateways.of_channel(key.channel);
        let gateway = ours.find(|gateway| gateway.merchant_no() == key.merchant_no);
        let gateway = gateway.ok_or(BillFailure::NoKeys(super::channel_name(key.channel)))?;
        let gateway = Arc::clone(&gateway);
        self.fetch_bill(&gateway, key.day, key.bill, origin(act, None))
            .await
    }

    async fn import_for(
        self: &Arc<Host>,
        act: Act,
        key: &BillKey,
        file: &BillUpload,
    ) -> Result<Matched, BillFailure> {
        let name: String = file.name.chars().take(MOST_NAME_CHARS).collect();
        let too_large = || BillError {
            file: name.clone(),
            line: 0,
            column: String::new(),
            problem: BillProblem::TooLarge,
        };
        let bytes = file.open().ok_or_else(too_large)?;
        let wanted = WantedBill {
            channel: key.channel,
            merchant_no: Some(key.merchant_no.clone()),
            day: key.day,
            bill: key.bill,
        };
        self.import_bill(wanted, &name, &bytes, origin(act, Some(&name)))
            .await
    }

    async fn done(
        self: &Arc<Host>,
        act: Act,
        key: BillKey,
        matched: &Matched,
    ) -> Result<BillsReply, HostError> {
        for warning in &matched.warnings {
            tracing::warn!(%warning, "a part of a bill was not read");
        }
        let done = BillDone {
            view: self.bill_view(act, key).await?,
            settled: matched.settled,
            warnings: u32::try_from(matched.warnings.len()).unwrap_or(u32::MAX),
        };
        Ok(BillsReply::Done { done })
    }

    async fn bill_view(self: &Arc<Host>, act: Act, key: BillKey) -> Result<BillView, HostError> {
        self.read(move |store, cx| store.bill_view(cx, act, &key))
            .await
    }

    /// Every bill that there should be of the last days, and what became of it; newest first.
    async fn listed(self: &Arc<Host>, act: Act) -> Result<Vec<BillEntry>, HostError> {
        let today = self.now().business_day();
        let ago = |days| today.saturating_sub(jiff::Span::new().days(days));
        let since = ago(DAYS_LISTED);
        let (held, bindings) = self
            .read(move |store, cx| Ok((store.bills_since(cx, act, since)?, store.bindings(cx)?)))
            .await?;
        let mut entries = Vec::new();
        for day in (1..=DAYS_LISTED).map(ago) {
            for account in &bindings {
                for bill in types_of(account.channel) {
                    let key = BillKey {
                        channel: account.channel,
                        merchant_no: account.merchant_no.clone(),
                        day,
                        bill: *bill,
                    };
                    let known = held.iter().find(|entry| entry.key == key);
                    // Nothing is expected of an account that another has replaced.
                    if known.is_some() || account.active {
                        let matched = known.and_then(|entry| entry.matched.clone());
                        entries.push(BillEntry { key, matched });
                    }
                }
            }
        }
        Ok(entries)
    }
}

fn origin(act: Act, file: Option<&str>) -> BillOrigin {
    BillOrigin {
        file: file.map(str::to_owned),
        staff: Some(act.staff),
        terminal: Some(act.terminal),
    }
}

/// What a terminal is told of a failure.
fn code(failure: BillFailure) -> HostError {
    match failure {
        BillFailure::Host(error) => error,
        BillFailure::Bill(error) => refused(bad_bill(error)),
        BillFailure::OtherMerchant { merchant_no, .. } => {
            refused(Code::BillOfOther { merchant_no })
        }
        BillFailure::NotBound(_) | BillFailure::NoKeys(_) => refused(Code::NotFound {
            what: "wallet_binding".into(),
        }),
        BillFailure::NoSuchBill(_) => refused(Code::NotFound {
            what: "bill".into(),
        }),
        BillFailure::NotReady(_) => refused(Code::BillNotReady),
        BillFailure::TradeBillFirst => refused(Code::TradeBillFirst),
        BillFailure::NotFetched(reason) => refused(Code::ChannelSilent { reason }),
    }
}

fn bad_bill(error: BillError) -> Code {
    let none = String::new;
    let (problem, value, wanted) = match error.problem {
        BillProblem::TooLarge => (BillFault::TooLarge, none(), none()),
        BillProblem::Archive(_) | BillProblem::Packed(_) => (BillFault::Archive, none(), none()),
        BillProblem::NoEntry(_) => (BillFault::NoEntry, none(), none()),
        BillProblem::Encoding(name) => (BillFault::Encoding, none(), name.to_owned()),
        BillProblem::NoColumn => (BillFault::NoColumn, none(), none()),
        BillProblem::TwoColumns => (BillFault::TwoColumns, none(), none()),
        BillProblem::Fields { found, wanted } => {
            (BillFault::Fields, found.to_string(), wanted.to_string())
        }
        BillProblem::NoMark => (BillFault::NoMark, none(), none()),
        BillProblem::Cut(_) => (BillFault::Cut, none(), none()),
        BillProblem::Unexpected(text) => (BillFault::Unexpected, text, none()),
        BillProblem::Value { value, .. } => (BillFault::Value, value, none()),
        BillProblem::Twice(key) => (BillFault::Twice, key, none()),
        BillProblem::Sum { rows, stated } => (BillFault::Sum, rows, stated),
    };
    Code::BadBill {
        file: error.file,
        line: u32::try_from(error.line).unwrap_or(u32::MAX),
        column: error.column,
        problem,
        value,
        wanted,
    }
}
