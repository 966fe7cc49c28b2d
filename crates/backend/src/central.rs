//! The backend as one value: a store, a clock, a key and a company. Terminals call it through
//! `wire::Backend`, in process or behind HTTP; the cashier, the jobs and the command line call the
//! store through [`Central::act`], which also wakes whoever listens for news (rule 8.5).

use crate::contacts::Contacts;
use crate::store::{Context, Store, StoreError, Tuning};
use domain::id::{CompanyId, TerminalId};
use domain::time::MINUTE_MS;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use wire::protocol::{
    CallError, EnrolReply, EnrolRequest, PullReply, PullRequest, PushReply, PushRequest,
    SnapshotPage, SnapshotRequest,
};
use wire::{Backend, Env, Keypair};

/// How far a request's clock may be off (rule 9.2).
pub const REQUEST_SKEW_MS: i64 = 10 * MINUTE_MS;

/// A backend for one company.
#[derive(Debug)]
pub struct Central {
    store: Arc<dyn Store>,
    env: Arc<dyn Env>,
    key: Keypair,
    company: CompanyId,
    tuning: Tuning,
    news: watch::Sender<u64>,
    nonces: Mutex<BTreeMap<(TerminalId, String), i64>>,
    contacts: Contacts,
}

impl Central {
    /// Puts the parts together.
    pub fn new(
        store: Arc<dyn Store>,
        env: Arc<dyn Env>,
        key: Keypair,
        company: CompanyId,
        tuning: Tuning,
    ) -> Central {
        let (news, _) = watch::channel(0);
        Central {
            store,
            env,
            key,
            company,
            tuning,
            news,
            nonces: Mutex::default(),
            contacts: Contacts::default(),
        }
    }

    /// The store, for acts that make no news and for reads.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// What the store's acts are done with.
    pub fn context(&self) -> Context<'_> {
        Context {
            company: self.company,
            env: self.env.as_ref(),
            key: &self.key,
            tuning: &self.tuning,
        }
    }

    /// The backend's clock and randomness.
    pub fn env(&self) -> &dyn Env {
        self.env.as_ref()
    }

    /// The same, to be kept.
    pub fn shared_env(&self) -> Arc<dyn Env> {
        Arc::clone(&self.env)
    }

    /// The key that signs replies.
    pub fn key(&self) -> &Keypair {
        &self.key
    }

    /// The company.
    pub fn company_id(&self) -> CompanyId {
        self.company
    }

    /// Runs an act that may write, and pokes the listeners if the feed has moved. It blocks: an
    /// async caller puts it on a blocking thread.
    ///
    /// # Errors
    /// Those of the act.
    pub fn act<T>(
        &self,
        act: impl FnOnce(&dyn Store, &Context<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let cx = self.context();
        let result = act(self.store.as_ref(), &cx);
        match self.store.head(&cx) {
            Ok(head) => {
                self.news.send_if_modified(|seq| {
                    let newer = head.seq > *seq;
                    *seq = head.seq.max(*seq);
                    newer
                });
            }
            Err(error) => tracing::warn!(%error, "the feed's head could not be read"),
        }
        result
    }

    /// The newest number of the feed, as it moves: for the events stream (rule 4.14). Only a poke;
    /// correctness rests on pulling.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Whether this request is new: its time is near and its nonce was not seen. Kept in memory for
    /// as long as the time would be accepted; a replay at another instance is harmless, because
    /// every request may be repeated (invariant 2).
    pub fn remember_nonce(&self, terminal: TerminalId, nonce: &str, sent_at: i64) -> bool {
        let now = self.env.now().0;
        if now.abs_diff(sent_at) > REQUEST_SKEW_MS.unsigned_abs() {
            return false;
        }
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.retain(|_, seen| now.abs_diff(*seen) <= REQUEST_SKEW_MS.unsigned_abs());
        nonces
            .insert((terminal, nonce.to_owned()), sent_at)
            .is_none()
    }

    /// Notes the version that a terminal's program says it has.
    pub fn note_version(&self, terminal: TerminalId, version: &str) {
        self.contacts.version(terminal, version);
    }

    /// Puts into the store when terminals were last in touch. It blocks.
    ///
    /// # Errors
    /// The store's.
    pub fn keep_contacts(&self) -> Result<(), StoreError> {
        let contacts = self.contacts.take();
        if contacts.is_empty() {
            return Ok(());
        }
        self.store.note_contacts(&self.context(), &contacts)
    }

    /// [`Backend::enrol`], blocking.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn enrol_now(&self, r: &EnrolRequest) -> Result<EnrolReply, CallError> {
        self.act(|store, cx| store.enrol(cx, r)).map_err(call_error)
    }

    /// [`Backend::push`], blocking.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn push_now(&self, r: &PushRequest) -> Result<PushReply, CallError> {
        let reply = self.act(|store, cx| store.push(cx, r));
        let reply = reply.map_err(call_error)?;
        self.contacts.heard(&r.caller, reply.at, false);
        Ok(reply)
    }

    /// [`Backend::pull`], blocking.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn pull_now(&self, r: &PullRequest) -> Result<PullReply, CallError> {
        let reply = self.store.pull(&self.context(), r).map_err(call_error)?;
        self.contacts.heard(&r.caller, reply.at, true);
        Ok(reply)
    }

    /// [`Backend::snapshot`], blocking.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn snapshot_now(&self, r: &SnapshotRequest) -> Result<SnapshotPage, CallError> {
        self.store.snapshot(&self.context(), r).map_err(call_error)
    }
}

/// A refusal is an answer; anything else leaves the caller where no answer would.
fn call_error(error: StoreError) -> CallError {
    match error {
        StoreError::Refused(refused) => CallError::Refused(refused),
        other => {
            tracing::error!(error = %other, "a request failed");
            CallError::Unreachable(other.to_string())
        }
    }
}

impl Backend for Central {
    async fn enrol(&self, r: EnrolRequest) -> Result<EnrolReply, CallError> {
        self.enrol_now(&r)
    }

    async fn push(&self, r: PushRequest) -> Result<PushReply, CallError> {
        self.push_now(&r)
    }

    async fn pull(&self, r: PullRequest) -> Result<PullReply, CallError> {
        self.pull_now(&r)
    }

    async fn snapshot(&self, r: SnapshotRequest) -> Result<SnapshotPage, CallError> {
        self.snapshot_now(&r)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::SqliteStore;
    use crate::testing::{START, company};
    use domain::code::Code;
    use domain::id::DistributorId;
    use wire::protocol::{Caller, Head, Refused};
    use wire::{Cursor, SystemEnv};

    fn central() -> Central {
        let store = Arc::new(SqliteStore::in_memory().unwrap());
        let key = Keypair::from_seed([1; 32]);
        let env = Arc::new(SystemEnv::new());
        let central = Central::new(store, env, key, company().id, Tuning::default());
        central
            .act(|store, cx| store.put_company(cx, &company()))
            .unwrap();
        central
    }

    #[tokio::test]
    async fn a_write_pokes_the_listeners_and_a_refusal_is_an_answer() {
        let central = central();
        let mut news = central.news();
        assert!(!news.has_changed().unwrap());
        let row = domain::distributor::Distributor {
            id: DistributorId(uuid::Uuid::from_u128(1)),
            number: 0,
            code: String::new(),
            name: "店".into(),
            phone: String::new(),
            region: String::new(),
            price_book: None,
            credit_limit_fen: None,
            active: true,
        };
        central
            .act(|store, cx| store.put_distributors(cx, &[row]))
            .unwrap();
        assert!(news.has_changed().unwrap());
        assert_eq!(*news.borrow_and_update(), 1);
        let head = Head {
            incarnation: 1,
            seq: 0,
            hash: wire::keys::Hash::ZERO,
        };
        let caller = Caller {
            terminal: TerminalId(5),
            head,
        };
        let pull = PullRequest {
            caller,
            after: Cursor::default(),
            tickets: 0,
        };
        let answer = Backend::pull(&central, pull).await;
        let refused = Refused::Rule {
            reason: Code::NotEnrolled,
        };
        assert!(matches!(answer, Err(CallError::Refused(held)) if held == refused));
        assert!(!news.has_changed().unwrap());
    }

    #[test]
    fn a_nonce_is_good_once_and_only_near_the_clock() {
        let central = central();
        let now = central.env().now().0;
        assert!(central.remember_nonce(TerminalId(1), "n", now));
        assert!(!central.remember_nonce(TerminalId(1), "n", now));
        assert!(central.remember_nonce(TerminalId(2), "n", now - REQUEST_SKEW_MS + 1_000));
        assert!(!central.remember_nonce(TerminalId(1), "m", START - 2 * REQUEST_SKEW_MS));
    }
}
