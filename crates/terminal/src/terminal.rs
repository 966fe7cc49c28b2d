//! The headless terminal: its two files, its clock, and who it is. Everything else (commands, the
//! sync driver, the simulator) works on one of these, cheap to clone.

use crate::catalogue::Catalogue;
use crate::codes::Codes;
use crate::display::Display;
use crate::files::{DatabaseKey, Files, OpenError};
use crate::ledger::{DocKey, Fault, Identity, Ledger, apply_base, store_identity, store_lease};
use crate::orders::draft::UndoLog;
use crate::staff::Session;
use crate::sync::SyncHandle;
use crate::transact::Tag;
use domain::{Code, Timestamp};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};
use wire::Env;
use wire::keys::Keypair;
use wire::protocol::{Backend, CallError, EnrolReply, EnrolRequest, Refused};

/// How often a wait looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// An opened terminal.
#[derive(Clone)]
pub struct Terminal {
    ledger: Ledger,
    catalogue: Arc<Catalogue>,
    env: Arc<dyn Env>,
    copy: Option<PathBuf>,
    sitting: Arc<Sitting>,
}

/// What lives only as long as the program runs.
#[derive(Default)]
struct Sitting {
    session: Session,
    undo: UndoLog,
    display: Display,
    codes: Codes,
    sync: OnceLock<Weak<SyncHandle>>,
    host: OnceLock<Host>,
}

/// Opens a page in the user's browser.
pub type OpenPage = Box<dyn Fn(&str) -> std::io::Result<()> + Send + Sync>;

/// What the program around the terminal offers it.
pub struct Host {
    /// Opens a page in the user's browser.
    pub open_in_browser: OpenPage,
    /// In demos: the address of the sandbox's phone.
    pub phone: Option<String>,
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal")
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

impl Terminal {
    /// Opens a folder's files, or makes them.
    ///
    /// # Errors
    /// [`OpenError`], naming the file and the way out. No file is ever deleted.
    pub fn open(dir: &Path, key: DatabaseKey, env: Arc<dyn Env>) -> Result<Terminal, OpenError> {
        let files = Files::open(dir, key)?;
        let (path, open) = (files.catalogue_path(), files.disposable());
        let (ledger, copy) = Ledger::open(files, Arc::clone(&env))?;
        let catalogue = Arc::new(Catalogue::open(&path, open)?);
        Ok(Terminal {
            ledger,
            catalogue,
            env,
            copy,
            sitting: Arc::default(),
        })
    }

    /// What must never be lost.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Products, prices and distributors.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Time and randomness.
    pub fn env(&self) -> &dyn Env {
        &*self.env
    }

    /// The same, to keep.
    pub fn shared_env(&self) -> Arc<dyn Env> {
        Arc::clone(&self.env)
    }

    /// Who is unlocked.
    pub fn session(&self) -> &Session {
        &self.sitting.session
    }

    pub(crate) fn undo(&self) -> &UndoLog {
        &self.sitting.undo
    }

    /// What the customer window shows.
    pub fn display(&self) -> &Display {
        &self.sitting.display
    }

    /// The channels' own codes that were asked for.
    pub fn codes(&self) -> &Codes {
        &self.sitting.codes
    }

    /// Ties the running sync to this terminal; the first one stays.
    pub fn set_sync(&self, sync: &Arc<SyncHandle>) {
        let _ = self.sitting.sync.set(Arc::downgrade(sync));
    }

    pub(crate) fn sync(&self) -> Option<Arc<SyncHandle>> {
        self.sitting.sync.get()?.upgrade()
    }

    /// Whether the last contact succeeded.
    pub(crate) fn online(&self) -> bool {
        self.sync()
            .is_some_and(|sync| sync.status().borrow().reachable)
    }

    /// When prices were last heard of; `None` before the first time.
    pub(crate) fn catalogue_as_of(&self) -> Option<Timestamp> {
        self.catalogue.cursor().ok().flatten()?;
        self.ledger.last_contact()
    }

    /// Waits until `reached` says so, looking again whenever something changed; gives up after
    /// `longest`. Blocks; never call it on an async thread.
    ///
    /// # Errors
    /// What `reached` refuses.
    pub(crate) fn wait_until(
        &self,
        longest: Duration,
        reached: impl Fn() -> Result<bool, Code>,
    ) -> Result<bool, Code> {
        let end = Instant::now() + longest;
        while !reached()? {
            if Instant::now() >= end {
                return Ok(false);
            }
            std::thread::park_timeout(LOOK_AGAIN);
        }
        Ok(true)
    }

    /// Ties the surrounding program to this terminal; the first one stays.
    pub fn set_host(&self, host: Host) {
        let _ = self.sitting.host.set(host);
    }

    pub(crate) fn open_in_browser(&self, url: &str) -> Result<(), Code> {
        let missing = || Code::NotFound {
            what: "browser".to_owned(),
        };
        let host = self.sitting.host.get().ok_or_else(missing)?;
        (host.open_in_browser)(url).map_err(|error| {
            tracing::warn!(%error, "the browser can't be started");
            Code::Internal {
                trace: "browser".to_owned(),
            }
        })
    }

    /// In demos: the sandbox's phone opened on a payment link.
    pub(crate) fn phone_link(&self, link: &str) -> Option<String> {
        let phone = self.sitting.host.get()?.phone.as_ref()?;
        let mut url = reqwest::Url::parse(phone).ok()?.join("/phone").ok()?;
        url.query_pairs_mut().append_pair("link", link);
        Some(url.into())
    }

    /// The dated copy that was made because this start changed the ledger's schema.
    pub fn copy_before_upgrade(&self) -> Option<&Path> {
        self.copy.as_deref()
    }

    /// Enrols this terminal with a one-time code (rule 9.1). The key is made here and its secret
    /// half never leaves.
    ///
    /// # Errors
    /// `BadEnrolmentCode`, `Unreachable`, `AlreadyExists` and what the file says.
    pub async fn enrol(
        &self,
        backend: &impl Backend,
        backend_url: &str,
        code: &str,
    ) -> Result<(), Code> {
        self.may_enrol()?;
        let key = Keypair::generate(self.env());
        let request = EnrolRequest {
            code: code.trim().to_ascii_uppercase(),
            key: key.public(),
            protocol: wire::PROTOCOL_VERSION,
        };
        let reply = backend.enrol(request).await.map_err(|error| match error {
            CallError::Refused(Refused::Rule { reason }) => reason,
            other => {
                tracing::warn!(error = %other, "enrolment failed");
                Code::Unreachable
            }
        })?;
        self.enrolled(&reply, key, backend_url)
    }

    /// A terminal with work that the backend has not judged keeps its identity: that work is signed
    /// with it (invariant 8).
    fn may_enrol(&self) -> Result<(), Code> {
        if self.ledger.identity().is_some() && self.ledger.outbox_counts()?.pending > 0 {
            return Err(Code::AlreadyExists {
                what: "enrolment".to_owned(),
            });
        }
        Ok(())
    }

    /// Puts a granted enrolment on record.
    ///
    /// # Errors
    /// `Damaged` when the lease is not the backend's, `AlreadyExists`, and what the file says.
    pub fn enrolled(
        &self,
        reply: &EnrolReply,
        key: Keypair,
        backend_url: &str,
    ) -> Result<(), Code> {
        self.may_enrol()?;
        let lease = reply.lease.open(&reply.backend_key).map_err(|error| {
            tracing::warn!(%error, "the lease of an enrolment does not verify");
            Code::Damaged
        })?;
        let identity = Identity {
            company: reply.company,
            terminal: reply.terminal,
            incarnation: reply.incarnation,
            key,
            backend_key: reply.backend_key,
            backend_url: backend_url.trim_end_matches('/').to_owned(),
        };
        self.ledger.transact("enrol", |tx| {
            store_identity(tx.conn(), &identity)?;
            store_lease(tx.conn(), &reply.lease, lease.issued_at)?;
            tx.set_identity(identity);
            tx.mark(Tag::Sync);
            if let Some(config) = &reply.config {
                // Older than anything of the feed, which brings it again.
                let key = DocKey::config(config.version);
                let json = serde_json::to_string(config).map_err(Fault::from)?;
                apply_base(tx.conn(), key, json, 0, 0)?;
                tx.mark(Tag::of(key.kind));
            }
            Ok(())
        })?;
        Ok(())
    }
}
