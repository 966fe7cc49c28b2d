//! One terminal as a process: its files, its sync engine on virtual time, and what it has promised.
//! The engine is stepped here exactly as the app's driver steps it; only who keeps the time and who
//! carries the requests differs.

use crate::company::{self, PIN};
use crate::env::VirtualEnv;
use crate::net::{Reply, Request};
use crate::process::next_life;
use domain::Code;
use domain::id::{OpId, OrderId, StaffId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use terminal::files::{CATALOGUE, DatabaseKey, LEDGER};
use terminal::sync::{Applied, Effect, Engine, Event, RequestId, What};
use terminal::terminal::Terminal;
use uuid::Uuid;

/// What the world has to do for a station.
#[derive(Debug)]
pub(crate) enum Errand {
    /// Carry a request.
    Send { id: RequestId, request: Request },
    /// Come back and write the reply.
    Write { id: RequestId, reply: Reply },
    /// Come back with this event soon.
    Soon(Event),
    /// Come back at this time of the engine.
    Wake { at: u64 },
}

/// One terminal's process.
#[derive(Debug)]
pub(crate) struct Station {
    dir: PathBuf,
    pub(crate) env: Arc<VirtualEnv>,
    /// Which process: what was meant for an earlier one never reaches this one.
    pub(crate) life: u32,
    terminal: Option<Terminal>,
    engine: Engine,
    /// The engine's timer; `None` when disarmed.
    pub(crate) timer: Option<u64>,
    replies: BTreeMap<RequestId, Reply>,
    pub(crate) staff: StaffId,
    pub(crate) down_until: u64,
    pub(crate) requests: u64,
    /// Highest request that has reached the backend in this life.
    pub(crate) arrived: RequestId,
    /// Operations whose act was answered as done: they may never be lost.
    pub(crate) acked: BTreeSet<OpId>,
    /// Drafts whose saving was answered as done.
    pub(crate) drafts: BTreeSet<OrderId>,
    seen: i64,
}

pub(crate) fn open(dir: &Path, env: &Arc<VirtualEnv>) -> Terminal {
    let key = DatabaseKey::from_bytes([7; 32]);
    Terminal::open(dir, key, Arc::clone(env) as _).expect("a terminal's files open")
}

impl Station {
    pub(crate) fn new(dir: &Path, env: Arc<VirtualEnv>, staff: StaffId) -> Station {
        let terminal = Some(open(dir, &env));
        let mut station = Station {
            dir: dir.to_owned(),
            env,
            life: 0,
            terminal,
            engine: Engine::new(),
            timer: None,
            replies: BTreeMap::new(),
            staff,
            down_until: 0,
            requests: 0,
            arrived: 0,
            acked: BTreeSet::new(),
            drafts: BTreeSet::new(),
            seen: 0,
        };
        station.unlock(staff);
        station
    }

    pub(crate) fn terminal(&self) -> &Terminal {
        self.terminal
            .as_ref()
            .expect("a terminal runs between two kills")
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Unlocks for somebody.
    pub(crate) fn unlock(&mut self, staff: StaffId) {
        self.staff = staff;
        let input = json!({ "staff": staff, "pin": PIN });
        terminal::api::dispatch(self.terminal(), "unlock", input).expect("the PIN is right");
    }

    /// The event that sync begins with.
    pub(crate) fn started(&self) -> Event {
        let terminal = self.terminal();
        Event::Started {
            unsent: terminal.has_unsent().expect("the ledger is readable"),
            needs_snapshot: terminal.needs_snapshot().expect("the files are readable"),
            work_offline: terminal
                .ledger()
                .work_offline()
                .expect("the ledger is readable"),
        }
    }

    /// Puts an event into the engine and says what is to be done.
    pub(crate) fn step(&mut self, now: u64, draw: u64, event: Event) -> Vec<Errand> {
        let mut errands = Vec::new();
        for effect in self.engine.step(now, draw, event) {
            match effect {
                Effect::Send { id, what } => errands.push(self.ask(id, what)),
                // From here on it is written, whatever is switched meanwhile.
                Effect::Apply { id } => {
                    if let Some(reply) = self.replies.remove(&id) {
                        errands.push(Errand::Write { id, reply });
                    }
                }
                Effect::Arm { at } => {
                    self.timer = Some(at);
                    errands.push(Errand::Wake { at });
                }
                Effect::Disarm => self.timer = None,
                Effect::Status(_) => {}
            }
        }
        assert!(
            self.engine.liveness_ok(),
            "rule 4.16: no timer is armed: {:?}",
            self.engine
        );
        errands
    }

    fn ask(&self, id: RequestId, what: What) -> Errand {
        match Request::of(self.terminal(), what) {
            Ok(Some(request)) => Errand::Send { id, request },
            Ok(None) => {
                let applied = Applied {
                    progress: true,
                    ..Applied::default()
                };
                Errand::Soon(Event::Applied { id, applied })
            }
            Err(failure) => Errand::Soon(Event::Failed { id, failure }),
        }
    }

    /// Keeps a reply until it is written; the app's driver keeps one at a time, too.
    pub(crate) fn receive(&mut self, id: RequestId, reply: Reply) {
        self.replies.clear();
        self.replies.insert(id, reply);
    }

    /// Writes a reply into the files.
    pub(crate) fn write(&self, id: RequestId, reply: &Reply) -> Event {
        match reply.apply(self.terminal()) {
            Ok(applied) => Event::Applied { id, applied },
            Err(error) => Event::Failed {
                id,
                failure: terminal::sync::apply_failure(&error),
            },
        }
    }

    /// Runs a command of THE LIST, as the window does.
    pub(crate) fn call<T: DeserializeOwned>(
        &self,
        command: &str,
        input: impl Serialize,
    ) -> Result<T, Code> {
        let input = serde_json::to_value(input).expect("input is JSON");
        let answer = terminal::api::dispatch(self.terminal(), command, input)?;
        Ok(serde_json::from_value(answer.value).expect("a command answers its own type"))
    }

    /// The same where the answer does not matter.
    pub(crate) fn run(&self, command: &str, input: impl Serialize) -> Result<(), Code> {
        self.call::<Value>(command, input).map(|_| ())
    }

    /// Takes note of what the last acts have put on record: from now on it is promised. Returns how
    /// many operations there are since the last time.
    pub(crate) fn promise(&mut self) -> usize {
        let seen = self.seen;
        let fresh = self
            .terminal()
            .ledger()
            .read(|conn| {
                let sql = "SELECT position, op_id FROM operation WHERE position >= ?1";
                let rows = conn
                    .prepare_cached(sql)?
                    .query_map([seen], |row| Ok((row.get(0)?, row.get::<_, [u8; 16]>(1)?)))?
                    .collect::<rusqlite::Result<Vec<(i64, [u8; 16])>>>()?;
                Ok(rows)
            })
            .expect("the log is readable");
        let before = self.acked.len();
        for (position, op) in fresh {
            self.seen = self.seen.max(position);
            self.acked.insert(OpId(Uuid::from_bytes(op)));
        }
        self.acked.len() - before
    }

    /// Kills the process and starts it again on what it left: what was promised must be there.
    pub(crate) fn kill(&mut self, in_order: bool) -> Result<(), String> {
        self.life += 1;
        if in_order {
            self.terminal = None;
        } else {
            let next = next_life(&self.dir, self.life, &[LEDGER, CATALOGUE]);
            self.terminal = None;
            let _ = std::fs::remove_dir_all(&self.dir);
            self.dir = next;
        }
        self.terminal = Some(open(&self.dir, &self.env));
        self.engine = Engine::new();
        self.timer = None;
        self.replies.clear();
        self.arrived = 0;
        self.unlock(self.staff);
        self.keeps_its_promises()
    }

    /// Invariant 1: what was answered as done is on disk.
    pub(crate) fn keeps_its_promises(&self) -> Result<(), String> {
        let ids = |sql: &'static str| -> BTreeSet<Uuid> {
            let read = self.terminal().ledger().read(|conn| {
                let rows = conn
                    .prepare_cached(sql)?
                    .query_map([], |row| Ok(Uuid::from_bytes(row.get(0)?)))?
                    .collect::<rusqlite::Result<BTreeSet<Uuid>>>()?;
                Ok(rows)
            });
            read.expect("the ledger is readable")
        };
        let log = ids("SELECT op_id FROM operation");
        if let Some(lost) = self.acked.iter().find(|op| !log.contains(&op.0)) {
            return Err(format!(
                "invariant 1: acknowledged operation {lost} is not in the log"
            ));
        }
        let drafts = ids("SELECT id FROM draft");
        match self.drafts.iter().find(|order| !drafts.contains(&order.0)) {
            Some(lost) => Err(format!("invariant 1: saved draft {lost} is not on disk")),
            None => Ok(()),
        }
    }

    /// Ends the process in order.
    pub(crate) fn end(mut self) {
        self.terminal = None;
    }
}

/// Who sits at which terminal at first: two sell, the third leads finance.
pub(crate) fn first_staff(index: usize) -> StaffId {
    company::staff(if index == 2 { 3 } else { index })
}
