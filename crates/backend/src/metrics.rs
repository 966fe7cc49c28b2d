//! `/metrics` in the text form that monitoring systems read. Counts of facts come from the store, so
//! they survive a restart and are the same at every instance; a trial balance that is not zero is
//! the one number to be woken by.

use crate::callbacks;
use crate::host::Host;
use crate::store::{Summary, Tally};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;
use std::sync::Arc;

/// GET /metrics
pub(crate) async fn show(State(host): State<Arc<Host>>) -> Response {
    match host
        .read(|store, cx| Ok((store.summary(cx)?, store.tally(cx)?)))
        .await
    {
        Ok((summary, tally)) => {
            let kind = [(
                header::CONTENT_TYPE,
                "text/plain; version=0.0.4; charset=utf-8",
            )];
            (kind, text(&summary, &tally, callbacks::COUNTS.read())).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "no metrics");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn text(summary: &Summary, tally: &[Tally], (accepted, refused): (u64, u64)) -> String {
    let mut out = String::with_capacity(4 << 10);
    let mut gauge = |name: &str, help: &str, value: i128| {
        let _ = writeln!(
            out,
            "# HELP fieldtill_{name} {help}\n# TYPE fieldtill_{name} gauge\nfieldtill_{name} {value}"
        );
    };
    let balance = i128::from(summary.postings_fen.fen());
    gauge(
        "trial_balance_fen",
        "Sum of all postings; anything but 0 is a defect.",
        balance,
    );
    gauge(
        "feed_head",
        "Number of the newest change.",
        summary.feed_seq.into(),
    );
    gauge(
        "operations_blocked",
        "Operations that wait for something.",
        summary.blocked.into(),
    );
    gauge("orders", "Sales orders.", summary.orders.into());
    gauge(
        "collections_confirmed",
        "Payment collections that are money.",
        summary.confirmed_collections.into(),
    );
    gauge(
        "intents_live",
        "Payment intents that may still be paid.",
        summary.live_intents.into(),
    );
    gauge("jobs", "Background jobs, due or not.", summary.jobs.into());
    gauge(
        "attention_open",
        "Items that nobody has dealt with.",
        summary.attention.into(),
    );
    let mut named = "";
    for row in tally {
        if row.what != named {
            named = row.what;
            let _ = writeln!(
                out,
                "# HELP fieldtill_{named} {named} by state.\n# TYPE fieldtill_{named} gauge"
            );
        }
        let _ = writeln!(
            out,
            "fieldtill_{}{{state=\"{}\"}} {}",
            row.what, row.state, row.count
        );
    }
    let _ = writeln!(
        out,
        "# HELP fieldtill_callbacks_total Callbacks since the start.\n\
         # TYPE fieldtill_callbacks_total counter\n\
         fieldtill_callbacks_total{{outcome=\"accepted\"}} {accepted}\n\
         fieldtill_callbacks_total{{outcome=\"refused\"}} {refused}"
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_comment_or_a_sample() {
        let tally = |what, state: &str| Tally {
            what,
            state: state.into(),
            count: 2,
        };
        let rows = [
            tally("operations", "applied"),
            tally("operations", "rejected"),
        ];
        let out = text(&Summary::default(), &rows, (3, 1));
        assert!(out.contains("fieldtill_operations{state=\"rejected\"} 2\n"));
        assert_eq!(out.matches("TYPE fieldtill_operations ").count(), 1);
        for line in out.lines() {
            let sample = line
                .split_once(' ')
                .is_some_and(|(_, value)| value.parse::<i64>().is_ok());
            assert!(line.starts_with("# ") || sample, "{line}");
        }
    }
}
