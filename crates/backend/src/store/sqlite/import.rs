//! A file from an administrator's terminal: looked at, or taken whole with its line in the history.

use super::rows::{documents, run, text};
use super::work::Work;
use super::{catalogue, config, sql};
use crate::import::{Ground, Outcome, Upload, judge};
use crate::store::{Act, Batch, StoreError};
use domain::history::{HistoryEvent, HistoryLine, ImportKind};
use domain::id::HistoryLineId;
use rusqlite::params;
use wire::change::Doc;
use wire::import::ImportReport;

/// Judges the file; with `take` and nothing wrong with it all of it is written.
pub(super) fn import(
    work: &mut Work<'_>,
    act: Act,
    upload: &Upload,
    take: bool,
) -> Result<ImportReport, StoreError> {
    work.admit(act.staff, upload.kind.permission())?;
    let ground = match upload.kind {
        ImportKind::Staff => Ground {
            everybody: documents(work.tx, sql::STAFF_ALL, params![work.company], "staff")?,
            departments: config::current(work.tx, &work.company)?.config.departments,
            ..Ground::default()
        },
        _ => Ground {
            known: catalogue::known(work.tx, &work.company)?,
            ..Ground::default()
        },
    };
    let mut report = ImportReport {
        sha256: upload.sha256.clone(),
        counts: Default::default(),
        taken: false,
        problems: Default::default(),
    };
    match judge(upload, ground, act.staff, work.cx.env) {
        Err(problems) => report.problems = problems,
        Ok(outcome) => {
            report.counts = outcome.counts;
            if take {
                put(work, &outcome)?;
                note(work, act, upload, &outcome)?;
                report.taken = true;
            }
        }
    }
    Ok(report)
}

/// Writes all of a batch.
pub(super) fn take_over(work: &mut Work<'_>, batch: &Batch) -> Result<(), StoreError> {
    catalogue::price_books(work, &batch.price_books)?;
    catalogue::products(work, &batch.products)?;
    catalogue::prices(work, &batch.prices)?;
    catalogue::distributors(work, &batch.distributors)?;
    catalogue::history_orders(work, &batch.history)
}

fn put(work: &mut Work<'_>, outcome: &Outcome) -> Result<(), StoreError> {
    take_over(work, &outcome.batch)?;
    for staff in &outcome.staff {
        let row = params![work.company, staff.id.to_string(), text(staff)?];
        run(work.tx, sql::STAFF_PUT, row)?;
    }
    Ok(())
}

fn note(
    work: &mut Work<'_>,
    act: Act,
    upload: &Upload,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    let line = HistoryLine {
        id: HistoryLineId(work.cx.env.uuid()),
        at: work.cx.env.now(),
        author: act.staff,
        terminal: act.terminal,
        what: HistoryEvent::Imported {
            kind: upload.kind,
            file: upload.name.clone(),
            sha256: upload.sha256.clone(),
            counts: outcome.counts,
        },
    };
    work.change(None, None, Doc::HistoryLine(line));
    work.flush(true)?;
    Ok(())
}
