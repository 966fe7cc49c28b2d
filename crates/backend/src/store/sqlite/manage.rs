//! Terminals under an administrator's hands: who is there, one-time codes, the end of access, and
//! the history of it all.

use super::rows::{all, counted, documents, one, run, small, text, word};
use super::work::Work;
use super::{config, sql, terminals};
use crate::store::{Act, Contact, StoreError};
use domain::Timestamp;
use domain::code::Code;
use domain::role::Permission;
use domain::staff::Staff;
use domain::terminal::{
    IssuedCode, TerminalAct, TerminalChange, TerminalContact, TerminalState, TerminalView,
    TerminalsView, reason,
};
use domain::time::HOUR_MS;
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;
use wire::protocol::Refused;

fn refused(reason: Code) -> StoreError {
    Refused::Rule { reason }.into()
}

/// Keeps when terminals were last in touch. One that is not enrolled here any more is passed over.
pub(super) fn note_contacts(work: &Work<'_>, contacts: &[Contact]) -> Result<(), StoreError> {
    for contact in contacts {
        match terminals::known(work.tx, &work.company, contact.terminal) {
            Ok(_) => {}
            Err(StoreError::Refused(_)) => continue,
            Err(other) => return Err(other),
        }
        let row = params![
            work.company,
            contact.terminal.to_string(),
            contact.at.0,
            contact.leased_at.map(|at| at.0),
            contact.version,
            contact.head.incarnation,
            // A terminal may claim any number; what no log can reach is kept as the highest.
            i64::try_from(contact.head.seq).unwrap_or(i64::MAX)
        ];
        run(work.tx, sql::TERMINAL_CONTACT_PUT, row)?;
    }
    Ok(())
}

/// A one-time code, by name.
pub(super) fn issue_code(
    work: &Work<'_>,
    act: Act,
    base_code: &str,
    ttl_ms: i64,
) -> Result<IssuedCode, StoreError> {
    let staff = work.admit(act.staff, Permission::TerminalManage)?;
    let code = terminals::issue_code(work, base_code, ttl_ms)?;
    let ends_at = work.cx.env.now().plus_ms(ttl_ms);
    let before = state(work.tx, &work.company, base_code)?;
    let before = before.map(|state| word(&state)).transpose()?;
    let change = Change {
        act: TerminalAct::CodeIssued,
        terminal_code: base_code.to_owned(),
        after: before
            .clone()
            .map_or_else(|| word(&TerminalState::Awaited), Ok)?,
        before: before.unwrap_or_default(),
        ..Change::default()
    };
    note(work, act, &staff, change)?;
    Ok(IssuedCode {
        terminal_code: base_code.to_owned(),
        code,
        ends_at,
    })
}

/// Ends a terminal's access, by name. A second time changes nothing.
pub(super) fn revoke(
    work: &Work<'_>,
    act: Act,
    base_code: &str,
    why: &str,
) -> Result<(), StoreError> {
    let staff = work.admit(act.staff, Permission::TerminalManage)?;
    let reason = reason(why).map_err(refused)?;
    match state(work.tx, &work.company, base_code)? {
        None => return Err(refused(Code::NotEnrolled)),
        Some(TerminalState::Revoked) => return Ok(()),
        Some(_) => {}
    }
    run(
        work.tx,
        sql::TERMINAL_REVOKE,
        params![work.company, base_code],
    )?;
    let change = Change {
        act: TerminalAct::Revoked,
        terminal_code: base_code.to_owned(),
        before: word(&TerminalState::Enrolled)?,
        after: word(&TerminalState::Revoked)?,
        reason,
        ..Change::default()
    };
    note(work, act, &staff, change)
}

fn state(
    tx: &Connection,
    company: &str,
    base_code: &str,
) -> Result<Option<TerminalState>, StoreError> {
    let key = params![company, base_code];
    let revoked = one(tx, sql::TERMINAL_REVOKED, key, |row| row.get::<_, bool>(0))?;
    Ok(revoked.map(|revoked| {
        if revoked {
            TerminalState::Revoked
        } else {
            TerminalState::Enrolled
        }
    }))
}

/// What the history is told of an act; who and when are added by [`note`].
pub(super) struct Change {
    pub(super) act: TerminalAct,
    pub(super) terminal_code: String,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) reason: String,
}

impl Default for Change {
    fn default() -> Change {
        Change {
            act: TerminalAct::CodeIssued,
            terminal_code: String::new(),
            kind: String::new(),
            subject: String::new(),
            before: String::new(),
            after: String::new(),
            reason: String::new(),
        }
    }
}

/// Writes an act into the history.
pub(super) fn note(
    work: &Work<'_>,
    act: Act,
    staff: &Staff,
    change: Change,
) -> Result<(), StoreError> {
    let change = TerminalChange {
        at: work.cx.env.now(),
        staff: act.staff,
        staff_name: staff.name.clone(),
        act: change.act,
        terminal_code: change.terminal_code,
        kind: change.kind,
        subject: change.subject,
        before: change.before,
        after: change.after,
        reason: change.reason,
    };
    let row = params![
        work.company,
        act.staff.to_string(),
        act.terminal.to_string(),
        text(&change)?
    ];
    run(work.tx, sql::TERMINAL_CHANGE_NEW, row)?;
    Ok(())
}

/// The history, newest first.
pub(super) fn changes(tx: &Connection, company: &str) -> Result<Vec<TerminalChange>, StoreError> {
    documents(
        tx,
        sql::TERMINAL_CHANGES,
        params![company],
        "terminal change",
    )
}

struct Stored {
    codes: (String, String),
    log: (u32, i64, bool),
    enrolled_at: i64,
    contact: Option<(i64, Option<i64>, String, u32, i64)>,
    under_review: i64,
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let contact = match row.get::<_, Option<i64>>(6)? {
        Some(at) => Some((at, row.get(7)?, row.get(8)?, row.get(9)?, row.get(10)?)),
        None => None,
    };
    Ok(Stored {
        codes: (row.get(0)?, row.get(1)?),
        log: (row.get(2)?, row.get(3)?, row.get(4)?),
        enrolled_at: row.get(5)?,
        contact,
        under_review: row.get(11)?,
    })
}

/// Every terminal, with those that a code was given for and nobody enrolled yet.
pub(super) fn view(work: &Work<'_>, act: Act) -> Result<TerminalsView, StoreError> {
    work.admit(act.staff, Permission::TerminalManage)?;
    let (tx, company) = (work.tx, work.company.as_str());
    let lease_ms = i64::from(config::current(tx, company)?.config.lease_hours) * HOUR_MS;
    let key = params![company, work.cx.env.now().0];
    let mut codes: BTreeMap<String, i64> = all(tx, sql::CODES_GOOD, key, |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?
    .into_iter()
    .collect();
    let mut held = Vec::new();
    for row in all(tx, sql::TERMINAL_ALL, params![company], stored)? {
        let code_ends_at = codes.remove(&row.codes.0).map(Timestamp);
        held.push(terminal(row, lease_ms, code_ends_at)?);
    }
    held.extend(
        codes
            .into_iter()
            .map(|(terminal_code, ends_at)| TerminalView {
                terminal_code,
                number_code: String::new(),
                incarnation: 0,
                state: TerminalState::Awaited,
                enrolled_at: None,
                lease_ends_at: None,
                contact: None,
                code_ends_at: Some(Timestamp(ends_at)),
                under_review: 0,
            }),
    );
    held.sort_by(|a, b| a.terminal_code.cmp(&b.terminal_code));
    Ok(TerminalsView {
        terminals: held,
        changes: changes(tx, company)?,
    })
}

fn terminal(
    row: Stored,
    lease_ms: i64,
    code_ends_at: Option<Timestamp>,
) -> Result<TerminalView, StoreError> {
    let (incarnation, head_seq, revoked) = row.log;
    // Of an earlier incarnation it says nothing about the present one's log.
    let of_this = row.contact.filter(|contact| contact.3 == incarnation);
    let leased_at = of_this.as_ref().and_then(|contact| contact.1);
    let leased_at = leased_at.unwrap_or(0).max(row.enrolled_at);
    let contact = of_this.map(|(at, _, version, _, seq)| {
        Ok::<_, StoreError>(TerminalContact {
            at: Timestamp(at),
            version,
            unsynced: counted((seq - head_seq).max(0))?,
        })
    });
    Ok(TerminalView {
        terminal_code: row.codes.0,
        number_code: row.codes.1,
        incarnation,
        state: if revoked {
            TerminalState::Revoked
        } else {
            TerminalState::Enrolled
        },
        enrolled_at: Some(Timestamp(row.enrolled_at)),
        lease_ends_at: Some(Timestamp(leased_at).plus_ms(lease_ms)),
        contact: contact.transpose()?,
        code_ends_at,
        under_review: small(row.under_review)?,
    })
}
