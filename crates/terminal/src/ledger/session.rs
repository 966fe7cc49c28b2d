//! Who this terminal is, its lease, and how late it is: what offline work rests on (rules 7.3, 9.1).

use super::{Fault, Ledger};
use domain::id::{CompanyId, StaffId, TerminalId};
use domain::staff::{Lease, Staff};
use domain::{Code, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use wire::keys::{Keypair, PublicKey, Signature};
use wire::protocol::SignedLease;

/// One enrolled terminal. Lives in the encrypted file only.
#[derive(Debug)]
pub struct Identity {
    /// The company.
    pub company: CompanyId,
    /// The terminal.
    pub terminal: TerminalId,
    /// Which life of its log.
    pub incarnation: u32,
    /// What it signs with.
    pub key: Keypair,
    /// The pinned key that signs everything the backend says.
    pub backend_key: PublicKey,
    /// Where the backend is, without a trailing slash.
    pub backend_url: String,
}

/// The highest times this terminal has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The backend's newest signed time that was written down.
    pub backend_at: Timestamp,
    /// The latest moment that this terminal ever acted at.
    pub high_water_at: Timestamp,
}

/// What the lease allows at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseStanding {
    /// The lease.
    pub lease: Lease,
    /// It has run out: no offline QR, no deposit, no receipt code; collections are `after_lease`.
    pub ended: bool,
    /// The wall clock stands below a time already seen: deposits can't be spent offline, and a QR
    /// takes its ticket's end.
    pub clock_behind: bool,
}

/// A wall clock may be set back by this much (time servers do that) before it counts as behind.
const CLOCK_SLACK_MS: i64 = 2 * domain::time::MINUTE_MS;

pub(super) fn load(conn: &Connection) -> Result<Option<Identity>, Fault> {
    type Row = (String, String, u32, [u8; 32], String, String);
    let row: Option<Row> = conn
        .query_row(
            "SELECT company, terminal, incarnation, seed, backend_key, backend_url FROM identity",
            [],
            |row| {
                let columns = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                Ok((
                    columns.0,
                    columns.1,
                    columns.2,
                    columns.3,
                    row.get(4)?,
                    row.get(5)?,
                ))
            },
        )
        .optional()?;
    let Some((company, terminal, incarnation, seed, backend_key, backend_url)) = row else {
        return Ok(None);
    };
    Ok(Some(Identity {
        company: company.parse().map_err(|_| Fault::Damaged {
            what: "identity.company",
        })?,
        terminal: terminal.parse().map_err(|_| Fault::Damaged {
            what: "identity.terminal",
        })?,
        incarnation,
        key: Keypair::from_seed(seed),
        backend_key: backend_key.parse().map_err(|_| Fault::Damaged {
            what: "identity.backend_key",
        })?,
        backend_url,
    }))
}

/// Puts a new identity on record and begins its log.
pub(crate) fn store_identity(conn: &Connection, identity: &Identity) -> Result<(), Fault> {
    conn.execute(
        "INSERT OR REPLACE INTO identity
           (one, company, terminal, incarnation, seed, backend_key, backend_url)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            identity.company.to_string(),
            identity.terminal.to_string(),
            identity.incarnation,
            identity.key.seed(),
            identity.backend_key.to_string(),
            identity.backend_url,
        ],
    )?;
    conn.execute(
        "INSERT INTO log (incarnation, head_seq, head_hash, backend_seq, next_number)
         VALUES (?1, 0, ?2, 0, 1)",
        params![identity.incarnation, wire::keys::Hash::ZERO.0],
    )?;
    Ok(())
}

pub(crate) fn stored_lease(conn: &Connection) -> Result<Option<SignedLease>, Fault> {
    let row: Option<(String, String)> = conn
        .prepare_cached("SELECT text, signature FROM lease")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((text, signature)) = row else {
        return Ok(None);
    };
    let signature: Signature = signature.parse().map_err(|_| Fault::Damaged {
        what: "lease.signature",
    })?;
    Ok(Some(SignedLease { text, signature }))
}

/// The lease as it lies in the file. It was verified when it came in, and the file is encrypted and
/// authenticated, so reading it does not verify again.
pub(crate) fn lease(conn: &Connection) -> Result<Lease, Fault> {
    let signed = stored_lease(conn)?.ok_or(Code::NotEnrolled)?;
    Ok(serde_json::from_str(&signed.text)?)
}

pub(crate) fn clock(conn: &Connection) -> Result<Clock, Fault> {
    Ok(conn
        .prepare_cached("SELECT backend_at, high_water_at FROM device")?
        .query_row([], |row| {
            let (backend_at, high_water_at) = (Timestamp(row.get(0)?), Timestamp(row.get(1)?));
            Ok(Clock {
                backend_at,
                high_water_at,
            })
        })?)
}

/// Puts a verified lease and the backend's time on record.
pub(crate) fn store_lease(
    conn: &Connection,
    lease: &SignedLease,
    at: Timestamp,
) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO lease (one, text, signature) VALUES (1, ?1, ?2)
         ON CONFLICT (one) DO UPDATE SET text = excluded.text, signature = excluded.signature",
    )?
    .execute(params![lease.text, lease.signature.to_string()])?;
    conn.prepare_cached("UPDATE device SET backend_at = max(backend_at, ?1)")?
        .execute([at.0])?;
    Ok(())
}

impl Ledger {
    /// The lease and what it allows now.
    ///
    /// # Errors
    /// `NotEnrolled`.
    pub fn lease(&self) -> Result<LeaseStanding, Code> {
        let now = self.env().now();
        self.read(|conn| {
            let (lease, clock) = (lease(conn)?, clock(conn)?);
            let seen = clock
                .backend_at
                .max(clock.high_water_at)
                .max(self.heard_at());
            let ended = now.max(seen) >= lease.expires_at;
            let clock_behind = now.plus_ms(CLOCK_SLACK_MS) < seen;
            Ok(LeaseStanding {
                lease,
                ended,
                clock_behind,
            })
        })
    }

    /// A member of staff by the newest lease.
    ///
    /// # Errors
    /// `NotEnrolled`, `UnknownStaff`.
    pub fn staff(&self, id: StaffId) -> Result<Staff, Code> {
        let lease = self.read(lease)?;
        let staff = lease
            .staff
            .into_iter()
            .find(|staff| staff.id == id && staff.active);
        staff.ok_or(Code::UnknownStaff)
    }

    /// The backend's time at the last contact; `None` before the first.
    pub fn last_contact(&self) -> Option<Timestamp> {
        let at = self
            .read(|conn| Ok(clock(conn)?.backend_at))
            .ok()?
            .max(self.heard_at());
        (at > Timestamp(0)).then_some(at)
    }

    /// Whether the user switched on "work offline"; it stays on over restarts (rule 4.15).
    ///
    /// # Errors
    /// What the file says.
    pub fn work_offline(&self) -> Result<bool, Code> {
        self.read(|conn| {
            Ok(conn.query_row("SELECT work_offline FROM device", [], |row| row.get(0))?)
        })
    }
}
