//! Background work in the database: claimed for a while, so that it runs once however many
//! instances there are, and again if one dies with it (rule 8.7). Callbacks are stored first and
//! worked on as such a job.

use super::rows::{all, of_word, one, run, word};
use super::sql;
use super::work::Work;
use crate::facts::JobKind;
use crate::store::{Job, JobEnd, RawCallback, StoreError};
use domain::Timestamp;
use rusqlite::{Connection, params};
use uuid::Uuid;

pub(super) fn claim(
    work: &Work<'_>,
    worker: &str,
    limit: u32,
    lease_ms: i64,
) -> Result<Vec<Job>, StoreError> {
    let now = work.cx.env.now();
    let key = params![work.company, worker, now.plus_ms(lease_ms).0, now.0, limit];
    let rows = all(work.tx, sql::JOB_CLAIM, key, |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, u32>(2)?,
        ))
    })?;
    rows.into_iter()
        .map(|(kind, subject, tries)| {
            Ok(Job {
                kind: of_word(kind, "job")?,
                subject,
                tries,
                worker: worker.to_owned(),
            })
        })
        .collect()
}

pub(super) fn put(
    work: &Work<'_>,
    kind: JobKind,
    subject: &str,
    due_at: Timestamp,
) -> Result<(), StoreError> {
    let row = params![work.company, word(&kind)?, subject, due_at.0];
    run(work.tx, sql::JOB_PUT, row)?;
    Ok(())
}

pub(super) fn finish(work: &Work<'_>, job: &Job, end: JobEnd) -> Result<(), StoreError> {
    let kind = word(&job.kind)?;
    match end {
        JobEnd::Done => {
            let key = params![work.company, kind, job.subject, job.worker];
            run(work.tx, sql::JOB_DONE, key)?;
        }
        JobEnd::Again(at) => {
            let key = params![work.company, kind, job.subject, job.worker, at.0];
            run(work.tx, sql::JOB_AGAIN, key)?;
        }
    }
    Ok(())
}

pub(super) fn next_at(tx: &Connection, company: &str) -> Result<Option<Timestamp>, StoreError> {
    let next = one(tx, sql::JOB_NEXT, params![company], |row| {
        row.get::<_, Option<i64>>(0)
    })?;
    Ok(next.flatten().map(Timestamp))
}

pub(super) fn store_callback(work: &Work<'_>, raw: &RawCallback) -> Result<Uuid, StoreError> {
    let id = work.cx.env.uuid();
    let row = params![
        work.company,
        id.to_string(),
        word(&raw.channel)?,
        raw.headers,
        raw.body,
        raw.received_at.0
    ];
    run(work.tx, sql::CALLBACK_NEW, row)?;
    put(work, JobKind::Callback, &id.to_string(), work.cx.env.now())?;
    Ok(id)
}

pub(super) fn callback(
    tx: &Connection,
    company: &str,
    id: Uuid,
) -> Result<Option<RawCallback>, StoreError> {
    let row = one(
        tx,
        sql::CALLBACK_GET,
        params![company, id.to_string()],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, Vec<u8>>(2)?,
                row.get::<_, i64>(3)?,
            ))
        },
    )?;
    row.map(|(channel, headers, body, at)| {
        let channel = of_word(channel, "channel")?;
        Ok(RawCallback {
            channel,
            headers,
            body,
            received_at: Timestamp(at),
        })
    })
    .transpose()
}
