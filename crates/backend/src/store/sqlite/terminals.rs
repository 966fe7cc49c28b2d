//! Terminals: enrolment by one-time code, incarnations, leases, and how far each log has reached
//! here (rules 4.9, 9.1).

use super::rows::{counted, documents, one, parsed, run, signed};
use super::work::Work;
use super::{config, load, sql};
use crate::chain::Held;
use crate::facts::Company;
use crate::store::{Context, StoreError};
use domain::code::Code;
use domain::id::{TerminalId, crockford, uncrockford};
use domain::number::TerminalCode;
use domain::staff::{Lease, Staff};
use domain::time::HOUR_MS;
use rusqlite::{Connection, params};
use wire::keys::Hash;
use wire::protocol::{EnrolReply, EnrolRequest, Head, Refused, SignedLease};
use wire::{PROTOCOL_VERSION, PublicKey};

/// Letters of a one-time code and of a receipt code.
pub(super) const CODE_LEN: usize = 8;

/// A terminal as the backend knows it.
#[derive(Clone, Debug)]
pub(super) struct TerminalRow {
    pub(super) code: String,
    pub(super) held: Held,
    pub(super) revoked: bool,
}

/// The terminal, or the refusal.
pub(super) fn known(
    tx: &Connection,
    company: &str,
    terminal: TerminalId,
) -> Result<TerminalRow, StoreError> {
    let row = one(
        tx,
        sql::TERMINAL_GET,
        params![company, terminal.to_string()],
        |row| {
            Ok((
                row.get::<_, String>(1)?,
                row.get::<_, u32>(2)?,
                row.get::<_, i64>(3)?,
                row.get::<_, String>(4)?,
                row.get::<_, bool>(5)?,
                row.get::<_, bool>(6)?,
            ))
        },
    )?;
    let (code, incarnation, seq, hash, damaged, revoked) = row.ok_or(Refused::Rule {
        reason: Code::NotEnrolled,
    })?;
    let head = Head {
        incarnation,
        seq: counted(seq)?,
        hash: parsed(&hash, "hash")?,
    };
    Ok(TerminalRow {
        code,
        held: Held { head, damaged },
        revoked,
    })
}

/// The terminal, refused also when its key is revoked.
pub(super) fn admitted(
    tx: &Connection,
    company: &str,
    terminal: TerminalId,
) -> Result<TerminalRow, StoreError> {
    let row = known(tx, company, terminal)?;
    if row.revoked {
        Err(Refused::Revoked.into())
    } else {
        Ok(row)
    }
}

/// Stores how far the log has reached.
pub(super) fn put_head(
    work: &Work<'_>,
    terminal: TerminalId,
    row: &TerminalRow,
) -> Result<(), StoreError> {
    let head = row.held.head;
    let values = params![
        work.company,
        terminal.to_string(),
        signed(head.seq)?,
        head.hash.to_string(),
        row.held.damaged
    ];
    run(work.tx, sql::TERMINAL_HEAD, values)?;
    Ok(())
}

/// A code as a person may type it: any case, confusable letters, spaces.
fn normal(code: &str) -> Option<String> {
    let code: String = code
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    uncrockford(&code, CODE_LEN).map(|value| crockford(value, CODE_LEN))
}

/// Makes a one-time code.
pub(super) fn issue_code(
    work: &Work<'_>,
    base_code: &str,
    ttl_ms: i64,
) -> Result<String, StoreError> {
    let bad = || Refused::Rule {
        reason: Code::BadField {
            field: "terminal_code".into(),
        },
    };
    let base: TerminalCode = base_code.parse().map_err(|_| bad())?;
    if base.incarnation() != 0 {
        return Err(bad().into());
    }
    let code = crockford(u128::from(work.cx.env.number()), CODE_LEN);
    let expires_at = work.cx.env.now().plus_ms(ttl_ms).0;
    let hash = Hash::of(code.as_bytes()).to_string();
    run(
        work.tx,
        sql::CODE_NEW,
        params![work.company, hash, base_code, expires_at],
    )?;
    Ok(code)
}

/// Enrols a terminal: a new one, or the next incarnation of one that exists.
pub(super) fn enrol(work: &Work<'_>, r: &EnrolRequest) -> Result<EnrolReply, StoreError> {
    if r.protocol != PROTOCOL_VERSION {
        let (least, most) = (PROTOCOL_VERSION, PROTOCOL_VERSION);
        return Err(Refused::Version {
            asked: r.protocol,
            least,
            most,
        }
        .into());
    }
    let refused = || {
        StoreError::from(Refused::Rule {
            reason: Code::BadEnrolmentCode,
        })
    };
    let code = normal(&r.code).ok_or_else(refused)?;
    let now = work.cx.env.now();
    let key = params![work.company, Hash::of(code.as_bytes()).to_string(), now.0];
    let base = one(work.tx, sql::CODE_USE, key, |row| row.get::<_, String>(0))?;
    let base = base.ok_or_else(refused)?;
    let row = one(
        work.tx,
        sql::TERMINAL_BY_CODE,
        params![work.company, base],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, u32>(2)?,
            ))
        },
    )?;
    let (terminal, code, incarnation) = match row {
        Some((terminal, code, incarnation)) => {
            let held: TerminalCode = parsed(&code, "terminal code")?;
            let next = held.next().ok_or_else(refused)?;
            (
                parsed(&terminal, "terminal id")?,
                next.to_string(),
                incarnation + 1,
            )
        }
        None => (TerminalId(work.cx.env.number()), base.clone(), 1),
    };
    let id = terminal.to_string();
    let zero = Hash::ZERO.to_string();
    run(
        work.tx,
        sql::TERMINAL_NEW,
        params![work.company, id, base, code, incarnation, zero],
    )?;
    let row = params![
        work.company,
        id,
        incarnation,
        code,
        r.key.to_string(),
        now.0
    ];
    run(work.tx, sql::INCARNATION_NEW, row)?;
    Ok(EnrolReply {
        company: work.cx.company,
        terminal,
        incarnation,
        backend_key: work.cx.key.public(),
        lease: lease(work.tx, work.cx, terminal, &code)?,
        config: Some(config::current(work.tx, &work.company)?).filter(|held| held.version > 0),
    })
}

/// The key of a terminal's present incarnation, unless it is revoked.
pub(super) fn current_key(
    tx: &Connection,
    company: &str,
    terminal: TerminalId,
) -> Result<Option<PublicKey>, StoreError> {
    match admitted(tx, company, terminal) {
        Ok(_) => Ok(keys(tx, company, terminal)?.into_iter().next()),
        Err(StoreError::Refused(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The key of a terminal that is revoked.
pub(super) fn revoked_key(
    tx: &Connection,
    company: &str,
    terminal: TerminalId,
) -> Result<Option<PublicKey>, StoreError> {
    match known(tx, company, terminal) {
        Ok(row) if row.revoked => Ok(keys(tx, company, terminal)?.into_iter().next()),
        Ok(_) | Err(StoreError::Refused(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Every key the terminal ever had, the present one first: a link may be older than a re-enrolment.
pub(super) fn keys(
    tx: &Connection,
    company: &str,
    terminal: TerminalId,
) -> Result<Vec<PublicKey>, StoreError> {
    let key = params![company, terminal.to_string()];
    let rows = super::rows::all(tx, sql::INCARNATION_KEYS, key, |row| {
        row.get::<_, String>(0)
    })?;
    rows.iter().map(|key| parsed(key, "public key")).collect()
}

/// A fresh lease (rule 9.1).
pub(super) fn lease(
    tx: &Connection,
    cx: &Context<'_>,
    terminal: TerminalId,
    code: &str,
) -> Result<SignedLease, StoreError> {
    let company: Company = load::company(tx, cx)?;
    let staff: Vec<Staff> =
        documents(tx, sql::STAFF_ALL, params![cx.company.to_string()], "staff")?;
    let config = super::config::current(tx, &cx.company.to_string())?.config;
    let now = cx.env.now();
    let lease = Lease {
        terminal,
        terminal_code: code.to_owned(),
        seller: company.seller,
        public_url: company.public_url,
        staff,
        offline_proof_limit_fen: config.offline_proof_limit_fen,
        issued_at: now,
        expires_at: now.plus_ms(i64::from(config.lease_hours) * HOUR_MS),
    };
    SignedLease::seal(&lease, cx.key).map_err(|error| StoreError::Rule(error.to_string()))
}
