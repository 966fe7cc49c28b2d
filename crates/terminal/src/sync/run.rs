//! Drives the engine with tokio: its timers, its requests, its writes. Nothing is decided here.

use super::apply::{Applied, ApplyError};
use super::engine::{
    Effect, Engine, Event, Failure, Millis, RequestId, SyncPhase, SyncStatus, What,
};
use super::http::Http;
use crate::ledger::{Fault, Ledger};
use crate::terminal::Terminal;
use domain::{Code, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::Instant;
use wire::Env;
use wire::code::{CodeReply, CodeRequest};
use wire::import::{ImportReport, ImportRequest};
use wire::protocol::{
    Backend, CallError, PullReply, PullRequest, PushReply, PushRequest, Refused, SnapshotPage,
    SnapshotRequest,
};
use wire::slip::{Slip, SlipRequest};
use wire::wallet::{WalletReply, WalletRequest};

/// First wait before the events stream is opened again; it doubles each time. Opening it is also
/// how a mended network is noticed before the engine's next try.
const STREAM_RETRY_MS: u64 = 1_000;
/// Longest such wait.
const STREAM_RETRY_LONGEST_MS: u64 = 8_000;

enum Request {
    Push(PushRequest),
    Pull(PullRequest),
    Snapshot(SnapshotRequest),
}

enum Reply {
    Push(PushReply),
    Pull(PullReply),
    Snapshot(SnapshotPage),
}

enum Message {
    Event(Event),
    Answer(RequestId, Reply),
}

/// Starts the driver.
#[derive(Debug)]
pub struct Sync;

/// The running driver. Dropping it stops sync; what is queued stays queued.
#[derive(Debug)]
pub struct SyncHandle {
    ledger: Ledger,
    messages: mpsc::UnboundedSender<Message>,
    status: watch::Receiver<SyncStatus>,
    requests: Arc<AtomicU64>,
    since: Arc<AtomicI64>,
    tasks: Vec<JoinHandle<()>>,
    /// For what only the backend can answer; none in a terminal without HTTP.
    online: Option<(Http, tokio::runtime::Handle)>,
}

impl Drop for SyncHandle {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Sync {
    /// Starts sync of an enrolled terminal with a backend. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// `NotEnrolled` and what the files say.
    pub fn start<B: Backend + 'static>(
        terminal: &Terminal,
        backend: Arc<B>,
    ) -> Result<SyncHandle, Code> {
        let started = started(terminal).map_err(|fault| fault.into_code("sync"))?;
        let (messages, inbox) = mpsc::unbounded_channel();
        let (shown, status) = watch::channel(SyncStatus::default());
        let requests = Arc::new(AtomicU64::new(0));
        let since = Arc::new(AtomicI64::new(terminal.env().now().0));
        let driver = Driver {
            terminal: terminal.clone(),
            backend,
            engine: Engine::new(),
            began: Instant::now(),
            timer: None,
            messages: messages.clone(),
            replies: HashMap::new(),
            call: None,
            shown,
            requests: Arc::clone(&requests),
            since: Arc::clone(&since),
        };
        let task = tokio::spawn(driver.run(inbox, started));
        let ledger = terminal.ledger().clone();
        Ok(SyncHandle {
            ledger,
            messages,
            status,
            requests,
            since,
            tasks: vec![task],
            online: None,
        })
    }

    /// Starts sync over HTTP with the backend that the terminal is enrolled with, pokes included.
    ///
    /// # Errors
    /// `NotEnrolled`, `Unreachable` when the stored address is none, and what the files say.
    pub fn start_http(terminal: &Terminal) -> Result<SyncHandle, Code> {
        let identity = terminal.ledger().identity().ok_or(Code::NotEnrolled)?;
        let http = Http::enrolled(identity, terminal.shared_env()).map_err(|error| {
            tracing::error!(%error, "the backend's address can't be used");
            Code::Unreachable
        })?;
        let mut handle = Sync::start(terminal, Arc::new(http.clone()))?;
        let (messages, status) = (handle.messages.clone(), handle.status.clone());
        let env = terminal.shared_env();
        let requests = Arc::clone(&handle.requests);
        handle.online = Some((http.clone(), tokio::runtime::Handle::current()));
        handle
            .tasks
            .push(tokio::spawn(listen(http, env, messages, status, requests)));
        Ok(handle)
    }
}

impl SyncHandle {
    /// Asks the backend about the corporate wallet, and waits for its answer: for blocking threads.
    ///
    /// # Errors
    /// The backend's refusal; `Unreachable`, also while the terminal works offline by choice.
    pub(crate) fn ask_wallet(&self, request: &WalletRequest) -> Result<WalletReply, Code> {
        self.ask("the wallet", async |http| http.wallet(request).await)
    }

    /// Hands the backend a file, and waits for its report: for blocking threads.
    ///
    /// # Errors
    /// The backend's refusal; `Unreachable`, also while the terminal works offline by choice.
    pub(crate) fn ask_import(&self, request: &ImportRequest) -> Result<ImportReport, Code> {
        self.ask("a file", async |http| http.import(request).await)
    }

    /// Asks the backend for the photo of a slip, and waits for it: for blocking threads.
    ///
    /// # Errors
    /// The backend's refusal; `Unreachable`, also while the terminal works offline by choice.
    pub(crate) fn ask_slip(&self, sha256: &str) -> Result<Slip, Code> {
        let request = SlipRequest {
            sha256: sha256.to_owned(),
        };
        self.ask("a slip", async |http| http.slip(&request).await)
    }

    /// Has a channel make its own code, and waits for it: for blocking threads.
    ///
    /// # Errors
    /// The backend's refusal; `Unreachable`, also while the terminal works offline by choice.
    pub(crate) fn ask_code(&self, request: &CodeRequest) -> Result<CodeReply, Code> {
        self.ask("a channel's code", async |http| http.code(request).await)
    }

    fn ask<T>(
        &self,
        what: &str,
        call: impl AsyncFnOnce(&Http) -> Result<T, CallError>,
    ) -> Result<T, Code> {
        let (http, runtime) = self.online.as_ref().ok_or(Code::Unreachable)?;
        if self.ledger.work_offline()? {
            return Err(Code::Unreachable);
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        runtime.block_on(call(http)).map_err(|error| match error {
            CallError::Refused(Refused::Rule { reason }) => reason,
            other => {
                tracing::warn!(error = %other, what, "the backend did not answer");
                Code::Unreachable
            }
        })
    }

    /// What sync is doing; can be awaited for changes.
    pub fn status(&self) -> watch::Receiver<SyncStatus> {
        self.status.clone()
    }

    /// How many requests were sent since the start.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Since when the backend is, or is not, reachable.
    pub fn since(&self) -> Timestamp {
        Timestamp(self.since.load(Ordering::Relaxed))
    }

    /// Tries now, unless the backend asked to wait.
    pub fn sync_now(&self) {
        self.event(Event::NetworkHint);
        self.event(Event::Poke { seq: u64::MAX });
    }

    /// Switches "work offline"; it stays so over restarts. A request that is under way is
    /// given up.
    ///
    /// # Errors
    /// What the file says.
    pub fn work_offline(&self, on: bool) -> Result<(), Code> {
        self.ledger
            .transact("work_offline", |tx| tx.set_work_offline(on))?;
        self.event(Event::WorkOffline(on));
        Ok(())
    }

    /// Stops sync for good; what is queued stays queued.
    pub fn stop(&self) {
        for task in &self.tasks {
            task.abort();
        }
    }

    fn event(&self, event: Event) {
        // The driver is gone only while the program ends.
        let _ = self.messages.send(Message::Event(event));
    }
}

fn started(terminal: &Terminal) -> Result<Event, Fault> {
    Ok(Event::Started {
        unsent: terminal.has_unsent()?,
        needs_snapshot: terminal.needs_snapshot()?,
        work_offline: terminal.ledger().work_offline()?,
    })
}

struct Driver<B> {
    terminal: Terminal,
    backend: Arc<B>,
    engine: Engine,
    began: Instant,
    timer: Option<Millis>,
    messages: mpsc::UnboundedSender<Message>,
    replies: HashMap<RequestId, Reply>,
    call: Option<AbortHandle>,
    shown: watch::Sender<SyncStatus>,
    requests: Arc<AtomicU64>,
    since: Arc<AtomicI64>,
}

impl<B: Backend + 'static> Driver<B> {
    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>, started: Event) {
        let mut appended = self.terminal.ledger().appended();
        self.step(started);
        loop {
            let at = self.began + Duration::from_millis(self.timer.unwrap_or(0));
            let armed = self.timer.is_some();
            let event = tokio::select! {
                message = inbox.recv() => match message {
                    None => return,
                    Some(Message::Event(event)) => event,
                    Some(Message::Answer(id, reply)) => {
                        self.replies.clear();
                        self.replies.insert(id, reply);
                        Event::Replied { id }
                    }
                },
                changed = appended.changed() => match changed {
                    Ok(()) => Event::Appended,
                    Err(_) => return,
                },
                () = tokio::time::sleep_until(at), if armed => Event::Tick,
            };
            if event == Event::WorkOffline(true)
                && let Some(call) = self.call.take()
            {
                call.abort();
            }
            self.step(event);
        }
    }

    fn step(&mut self, event: Event) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        for effect in self.engine.step(now, self.terminal.env().number(), event) {
            match effect {
                Effect::Send { id, what } => self.send(id, what),
                Effect::Apply { id } => self.apply(id),
                Effect::Arm { at } => self.timer = Some(at),
                Effect::Disarm => self.timer = None,
                Effect::Status(status) => {
                    let before = self.shown.send_replace(status);
                    if before.reachable != status.reachable {
                        self.since
                            .store(self.terminal.env().now().0, Ordering::Relaxed);
                    }
                    self.terminal
                        .ledger()
                        .announce(&[crate::transact::Tag::Sync], false);
                }
            }
        }
    }

    fn send(&mut self, id: RequestId, what: What) {
        let (terminal, backend) = (self.terminal.clone(), Arc::clone(&self.backend));
        let (messages, requests) = (self.messages.clone(), Arc::clone(&self.requests));
        let call = tokio::spawn(async move {
            let message = match ask(terminal, &*backend, what, &requests).await {
                Ok(Some(reply)) => Message::Answer(id, reply),
                // Nothing to send after all.
                Ok(None) => {
                    let applied = Applied {
                        progress: true,
                        ..Applied::default()
                    };
                    Message::Event(Event::Applied { id, applied })
                }
                Err(failure) => Message::Event(Event::Failed { id, failure }),
            };
            let _ = messages.send(message);
        });
        self.call = Some(call.abort_handle());
    }

    fn apply(&mut self, id: RequestId) {
        let Some(reply) = self.replies.remove(&id) else {
            return;
        };
        let (terminal, messages) = (self.terminal.clone(), self.messages.clone());
        tokio::task::spawn_blocking(move || {
            let applied = match &reply {
                Reply::Push(reply) => terminal.apply_push(reply),
                Reply::Pull(reply) => terminal.apply_pull(reply),
                Reply::Snapshot(page) => terminal.apply_snapshot(page),
            };
            let event = match applied {
                Ok(applied) => Event::Applied { id, applied },
                Err(error) => Event::Failed {
                    id,
                    failure: apply_failure(&error),
                },
            };
            let _ = messages.send(Message::Event(event));
        });
    }
}

async fn ask<B: Backend>(
    terminal: Terminal,
    backend: &B,
    what: What,
    requests: &AtomicU64,
) -> Result<Option<Reply>, Failure> {
    let made = tokio::task::spawn_blocking(move || -> Result<Option<Request>, Fault> {
        Ok(match what {
            What::Push => terminal.push_request()?.map(Request::Push),
            What::Pull => Some(Request::Pull(terminal.pull_request()?)),
            What::Snapshot { restart } => {
                Some(Request::Snapshot(terminal.snapshot_request(restart)?))
            }
        })
    });
    let request = match made.await {
        Ok(Ok(Some(request))) => request,
        Ok(Ok(None)) => return Ok(None),
        Ok(Err(error)) => {
            tracing::error!(%error, "a request can't be made from the files");
            return Err(Failure::Refused);
        }
        Err(_) => return Err(Failure::Refused),
    };
    requests.fetch_add(1, Ordering::Relaxed);
    let reply = match request {
        Request::Push(request) => backend.push(request).await.map(Reply::Push),
        Request::Pull(request) => backend.pull(request).await.map(Reply::Pull),
        Request::Snapshot(request) => backend.snapshot(request).await.map(Reply::Snapshot),
    };
    reply.map(Some).map_err(|error| call_failure(&error))
}

/// What a call's error means to the engine.
pub fn call_failure(error: &CallError) -> Failure {
    match error {
        CallError::Unreachable(reason) => {
            tracing::debug!(reason, "no proper answer");
            Failure::Unreachable
        }
        CallError::Refused(refused) => {
            tracing::warn!(%refused, "the backend refused");
            match refused {
                Refused::NewEpoch { .. } => Failure::NewEpoch,
                Refused::Forked { .. } => Failure::Forked,
                Refused::Revoked => Failure::Revoked,
                Refused::Version { .. } => Failure::Version,
                Refused::Busy { seconds } => Failure::Busy {
                    after_ms: u64::from(*seconds).saturating_mul(1_000),
                },
                Refused::Rule { .. } => Failure::Refused,
            }
        }
    }
}

/// What a reply that can't be written means to the engine.
pub fn apply_failure(error: &ApplyError) -> Failure {
    match error {
        ApplyError::Forged => {
            tracing::error!(%error, "a reply was thrown away");
            Failure::Unreachable
        }
        ApplyError::Forked => {
            tracing::error!(%error, "sync stops until this terminal is enrolled again");
            Failure::Forked
        }
        ApplyError::Store(fault) => {
            tracing::error!(%fault, "a reply can't be written");
            Failure::Refused
        }
    }
}

/// Keeps the stream of pokes open while sync is on. Losing it costs time and nothing else.
async fn listen(
    http: Http,
    env: Arc<dyn Env>,
    messages: mpsc::UnboundedSender<Message>,
    mut status: watch::Receiver<SyncStatus>,
    requests: Arc<AtomicU64>,
) {
    let on = |status: &SyncStatus| {
        matches!(
            status.phase,
            SyncPhase::Idle | SyncPhase::Working | SyncPhase::Unreachable
        )
    };
    let mut failures = 0;
    loop {
        if status.wait_for(on).await.is_err() {
            return;
        }
        let stream = async {
            requests.fetch_add(1, Ordering::Relaxed);
            let Ok(mut events) = http.events().await else {
                return false;
            };
            let _ = messages.send(Message::Event(Event::NetworkHint));
            while let Some(seq) = events.next().await {
                let _ = messages.send(Message::Event(Event::Poke { seq }));
            }
            true
        };
        let mut changes = status.clone();
        let off = async { changes.wait_for(|status| !on(status)).await.is_ok() };
        tokio::select! {
            was_open = stream => {
                failures = if was_open { 0 } else { (failures + 1).min(8) };
                let longest = (STREAM_RETRY_MS << failures).min(STREAM_RETRY_LONGEST_MS);
                let wait = longest / 2 + env.number() % (longest / 2 + 1);
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            there = off => if !there {
                return;
            },
        }
    }
}
