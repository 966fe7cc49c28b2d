//! A company in one process on virtual time: three terminals, a backend, payers and their channels.
//! What is to happen lies in an agenda; the world takes the next entry, moves the clock there and
//! lets it happen. Nothing else moves time, and nothing runs beside it.

mod payers;

use crate::company;
use crate::env::{Clock, Dice, VirtualEnv};
use crate::net::{Fault, FaultCounts, Reply, Request, Weather};
use crate::process::{BackendProcess, FILE, copy};
use crate::station::{Errand, Station, first_staff, open};
use crate::wallets::Wallets;
use domain::channel::Channel;
use domain::id::StaffId;
use domain::time::MINUTE_MS;
use domain::{Code, Timestamp};
use gateways::Source;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use terminal::sync::{Event, Failure, RequestId};
use wire::{Cursor, Keypair};

/// How many terminals there are.
pub const TERMINALS: usize = 3;
/// Monday 2026-03-02, 09:00 in China.
const MORNING: Timestamp = Timestamp(1_772_413_200_000);
/// More entries than any healthy world needs to come to rest.
const REST_LIMIT: usize = 6_000;
/// How long a worker holds a job.
const JOB_LEASE_MS: i64 = 30_000;

/// The files of a company on its first morning, to be copied for each world: making them takes
/// longer than a whole simulated day.
#[derive(Debug)]
pub struct Stage {
    dir: TempDir,
}

impl Stage {
    /// Sets up a company with a backend and three enrolled terminals that have pulled everything.
    pub fn set() -> Stage {
        let dir = temporary();
        let clock = Clock::at(MORNING);
        let at = |name: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(&path).expect("a folder");
            path
        };
        let backend = BackendProcess::open(&at("backend"), &VirtualEnv::new(&clock, 1));
        company::set_up(backend.central()).expect("the company is set up");
        for index in 0..TERMINALS {
            let code = backend
                .central()
                .act(|store, cx| {
                    store.issue_enrolment_code(cx, &format!("T{:02}", index + 1), 10 * MINUTE_MS)
                })
                .expect("an enrolment code");
            let env = VirtualEnv::new(&clock, 100 + index as u64);
            let terminal = open(&at(&format!("t{index}")), &env);
            let key = Keypair::generate(&*env);
            let request = wire::protocol::EnrolRequest {
                code,
                key: key.public(),
                protocol: wire::PROTOCOL_VERSION,
            };
            let reply = backend
                .central()
                .enrol_now(&request)
                .expect("the terminal is enrolled");
            terminal
                .enrolled(&reply, key, "in-process://")
                .expect("the enrolment is kept");
        }
        backend.end();
        let stage = Stage { dir };
        // The first contact fills the files.
        let mut world = World::enter(stage.path(), stage.path(), 0, Weather::Calm);
        world.rest().expect("the first contact comes to rest");
        world.end();
        stage
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }
}

fn temporary() -> TempDir {
    // Memory where there is some: what is tested is order and durability of commits, not a disk.
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        TempDir::new_in(memory)
    } else {
        TempDir::new()
    };
    made.expect("a folder for temporary files")
}

/// What is to happen.
#[derive(Debug)]
enum Happening {
    Timer {
        station: usize,
        life: u32,
        at: u64,
    },
    Event {
        station: usize,
        life: u32,
        event: Event,
    },
    Write {
        station: usize,
        life: u32,
        id: RequestId,
        reply: Reply,
    },
    Request {
        station: usize,
        life: u32,
        id: RequestId,
        request: Request,
        returns: Option<u64>,
    },
    Reply {
        station: usize,
        life: u32,
        id: RequestId,
        reply: Result<Reply, Failure>,
    },
    OpensLink {
        link: String,
        channel: Channel,
        pays: bool,
    },
    Pays {
        number: String,
    },
    Callback {
        number: String,
    },
    Jobs,
}

/// A company at work.
#[derive(Debug)]
pub struct World {
    _own: Option<(TempDir, Option<Stage>)>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) dice: Dice,
    pub(crate) backend: BackendProcess,
    pub(crate) stations: Vec<Station>,
    pub(crate) wallets: Wallets,
    pub(crate) weather: Weather,
    pub(crate) counts: FaultCounts,
    pub(crate) trace: Trace,
    pub(crate) failure: Option<String>,
    agenda: BTreeMap<(u64, u64), Happening>,
    entries: u64,
    jobs_at: Option<u64>,
    told: u64,
}

/// What happened, as a running hash, and as text where somebody wants to read it.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    hash: u64,
    pub(crate) lines: Option<Vec<String>>,
}

impl Trace {
    pub(crate) fn note(&mut self, at: u64, line: &str) {
        let text = format!("{at:>9} {line}");
        for byte in text.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        if let Some(lines) = &mut self.lines {
            lines.push(text);
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }
}

impl World {
    /// A calm world of its own.
    pub fn demo() -> World {
        let stage = Stage::set();
        let mut world = World::open(&stage, 1, Weather::Calm);
        if let Some((_, kept)) = &mut world._own {
            *kept = Some(stage);
        }
        world
    }

    /// A world on a copy of a stage.
    pub(crate) fn open(stage: &Stage, seed: u64, weather: Weather) -> World {
        let dir = temporary();
        let mut world = World::enter(stage.path(), dir.path(), seed, weather);
        world._own = Some((dir, None));
        world
    }

    fn enter(from: &Path, dir: &Path, seed: u64, weather: Weather) -> World {
        let clock = Clock::at(MORNING);
        let folder = |name: &str, files: &[&str]| -> PathBuf {
            let path = dir.join(name);
            if from != dir {
                copy(&from.join(name), &path, files);
            }
            path
        };
        let env =
            |stream: u64| VirtualEnv::new(&clock, seed.wrapping_mul(1_000).wrapping_add(stream));
        let backend = BackendProcess::open(&folder("backend", &[FILE]), &env(1));
        let names = [terminal::files::LEDGER, terminal::files::CATALOGUE];
        let stations = (0..TERMINALS).map(|index| {
            let dir = folder(&format!("t{index}"), &names);
            Station::new(&dir, env(10 + index as u64), first_staff(index))
        });
        let mut world = World {
            _own: None,
            stations: stations.collect(),
            backend,
            clock: Arc::clone(&clock),
            dice: Dice::new(seed),
            wallets: Wallets::default(),
            weather,
            counts: FaultCounts::default(),
            trace: Trace::default(),
            failure: None,
            agenda: BTreeMap::new(),
            entries: 0,
            jobs_at: None,
            told: 0,
        };
        for station in 0..TERMINALS {
            world.stations[station].promise();
            world.begin(station);
        }
        world
    }

    fn end(self) {
        for station in self.stations {
            station.end();
        }
        self.backend.end();
    }

    /// Milliseconds since the world began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.clock.now().since_ms(MORNING)).unwrap_or(0)
    }

    fn at(&mut self, at: u64, what: Happening) {
        self.entries += 1;
        self.agenda.insert((at.max(self.now()), self.entries), what);
    }

    fn later(&mut self, ms: u64, what: Happening) {
        self.at(self.now() + ms, what);
    }

    pub(crate) fn note(&mut self, line: &str) {
        let now = self.now();
        self.trace.note(now, line);
    }

    fn begin(&mut self, station: usize) {
        let started = self.stations[station].started();
        self.step(station, started);
    }

    /// Puts an event into a station's engine and carries out what comes of it.
    pub(crate) fn step(&mut self, station: usize, event: Event) {
        let (now, draw) = (self.now(), self.dice.roll());
        self.note(&format!("t{station} {event:?}"));
        let life = self.stations[station].life;
        for errand in self.stations[station].step(now, draw, event) {
            match errand {
                Errand::Wake { at } => self.at(at, Happening::Timer { station, life, at }),
                Errand::Soon(event) => {
                    let ms = self.dice.below(3);
                    self.later(
                        ms,
                        Happening::Event {
                            station,
                            life,
                            event,
                        },
                    );
                }
                Errand::Write { id, reply } => {
                    let ms = self.dice.below(8);
                    self.later(
                        ms,
                        Happening::Write {
                            station,
                            life,
                            id,
                            reply,
                        },
                    );
                }
                Errand::Send { id, request } => self.send(station, life, id, &request),
            }
        }
    }

    fn send(&mut self, station: usize, life: u32, id: RequestId, request: &Request) {
        self.stations[station].requests += 1;
        let down = self.stations[station].down_until > self.now();
        let fate = self.weather.fate(&mut self.dice, down, &mut self.counts);
        self.note(&format!(
            "t{station} sends {id}: {} {fate:?}",
            request.name()
        ));
        for ms in fate.arrives.into_iter().flatten() {
            let (request, returns) = (request.clone(), fate.returns);
            self.later(
                ms,
                Happening::Request {
                    station,
                    life,
                    id,
                    request,
                    returns,
                },
            );
        }
        if let Some(ms) = fate.fails {
            let event = Event::Failed {
                id,
                failure: Failure::Unreachable,
            };
            self.later(
                ms,
                Happening::Event {
                    station,
                    life,
                    event,
                },
            );
        }
    }

    /// An operation was appended at a station.
    pub(crate) fn appended(&mut self, station: usize) {
        let life = self.stations[station].life;
        let ms = self.dice.below(3);
        self.later(
            ms,
            Happening::Event {
                station,
                life,
                event: Event::Appended,
            },
        );
    }

    /// Lets this much time pass.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now() + ms;
        while self.failure.is_none()
            && let Some(entry) = self.agenda.first_entry()
            && entry.key().0 <= end
        {
            let ((at, _), what) = entry.remove_entry();
            self.clock
                .move_to(MORNING.plus_ms(i64::try_from(at).unwrap_or(i64::MAX)));
            self.happen(what);
        }
        self.clock
            .move_to(MORNING.plus_ms(i64::try_from(end).unwrap_or(i64::MAX)));
    }

    /// Lets the next entry happen; false when there is none.
    fn next(&mut self) -> bool {
        let Some(((at, _), what)) = self.agenda.pop_first() else {
            return false;
        };
        self.clock
            .move_to(MORNING.plus_ms(i64::try_from(at).unwrap_or(i64::MAX)));
        self.happen(what);
        true
    }

    fn is_of(&self, station: usize, life: u32) -> bool {
        self.stations[station].life == life
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Timer { station, life, at } => {
                if self.is_of(station, life) && self.stations[station].timer == Some(at) {
                    self.stations[station].timer = None;
                    self.step(station, Event::Tick);
                }
            }
            Happening::Event {
                station,
                life,
                event,
            } => {
                if self.is_of(station, life) {
                    self.step(station, event);
                }
            }
            Happening::Write {
                station,
                life,
                id,
                reply,
            } => {
                if self.is_of(station, life) {
                    self.write(station, id, &reply);
                }
            }
            Happening::Request {
                station,
                life,
                id,
                request,
                returns,
            } => {
                self.arrive(station, life, id, request, returns);
            }
            Happening::Reply {
                station,
                life,
                id,
                reply,
            } => {
                if !self.is_of(station, life) {
                    return;
                }
                match reply {
                    // A process that gave up waiting has closed the connection.
                    Ok(_) if self.stations[station].engine().flight().map(|f| f.0) != Some(id) => {}
                    Ok(reply) => {
                        self.note(&format!("t{station} gets {id}: {}", reply.name()));
                        self.stations[station].receive(id, reply);
                        self.step(station, Event::Replied { id });
                    }
                    Err(failure) => self.step(station, Event::Failed { id, failure }),
                }
            }
            Happening::OpensLink {
                link,
                channel,
                pays,
            } => self.opens(&link, channel, pays),
            Happening::Pays { number } => self.pays(&number),
            Happening::Callback { number } => {
                let now = self.clock.now();
                let trade = self.wallets.trade(&number);
                if let Some(evidence) = trade.and_then(|t| t.evidence(now, Source::Callback)) {
                    self.settle(&evidence);
                }
            }
            Happening::Jobs => self.jobs(),
        }
    }

    fn arrive(
        &mut self,
        station: usize,
        life: u32,
        id: RequestId,
        request: Request,
        returns: Option<u64>,
    ) {
        if self.is_of(station, life) {
            if id < self.stations[station].arrived {
                self.counts.count(Fault::RequestOvertaken);
            }
            let arrived = &mut self.stations[station].arrived;
            *arrived = id.max(*arrived);
        }
        let reply = request.answer(self.backend.central());
        self.after_backend();
        if let Some(ms) = returns {
            self.later(
                ms,
                Happening::Reply {
                    station,
                    life,
                    id,
                    reply,
                },
            );
        }
    }

    fn write(&mut self, station: usize, id: RequestId, reply: &Reply) {
        let killed = self.weather == Weather::Rough && self.dice.percent(3);
        if killed {
            let commits = u32::try_from(self.dice.below(3)).unwrap_or(0);
            terminal::planted::crash_after_commits(Some(commits));
        }
        let event = self.stations[station].write(id, reply);
        terminal::planted::crash_after_commits(None);
        if killed {
            self.counts.count(match event {
                Event::Applied { .. } => Fault::TerminalKilledBeforeCompletion,
                _ => Fault::TerminalKilledAtCommit,
            });
            self.kill(station, false);
        } else {
            let (life, ms) = (self.stations[station].life, self.dice.below(8));
            self.later(
                ms,
                Happening::Event {
                    station,
                    life,
                    event,
                },
            );
        }
    }

    /// Kills a terminal's process, or ends it in order, and starts it again.
    pub(crate) fn kill(&mut self, station: usize, in_order: bool) {
        self.note(&format!("t{station} starts again"));
        if let Err(what) = self.stations[station].kill(in_order) {
            self.failure.get_or_insert(format!("t{station}: {what}"));
        }
        self.begin(station);
    }

    /// Kills the backend's process and starts it again. Connections break; whoever waited for an
    /// answer is told or waits in vain, as the agenda has it.
    pub(crate) fn kill_backend(&mut self) {
        self.note("backend starts again");
        self.backend.kill();
        self.agenda
            .retain(|_, what| !matches!(what, Happening::Reply { .. }));
        self.after_backend();
    }

    /// What follows whenever the backend may have written: pokes, and its next background work.
    fn after_backend(&mut self) {
        let central = self.backend.central();
        let cx = central.context();
        let head = central.store().head(&cx).expect("the head is readable");
        let due = central.store().next_job_at(&cx).expect("jobs are readable");
        if head.seq > self.told {
            self.told = head.seq;
            for station in 0..TERMINALS {
                if self.weather == Weather::Rough && self.dice.percent(50) {
                    self.counts.count(Fault::PokeLost);
                    continue;
                }
                let (life, ms) = (self.stations[station].life, self.dice.between(1, 300));
                let event = Event::Poke { seq: head.seq };
                self.later(
                    ms,
                    Happening::Event {
                        station,
                        life,
                        event,
                    },
                );
            }
        }
        if let Some(due) = due {
            let at = u64::try_from(due.since_ms(MORNING))
                .unwrap_or(0)
                .max(self.now() + 1);
            if self
                .jobs_at
                .is_none_or(|planned| at < planned || planned <= self.now())
            {
                self.jobs_at = Some(at);
                self.at(at, Happening::Jobs);
            }
        }
    }

    /// Lets things happen until there is nothing left to do: every terminal has told everything and
    /// heard everything, no intent is live, no work is waiting. Returns how many entries it took.
    ///
    /// # Errors
    /// What is still not at rest after far more than enough, or what broke on the way.
    pub fn rest(&mut self) -> Result<usize, String> {
        for taken in 0..REST_LIMIT {
            if let Some(failure) = &self.failure {
                return Err(failure.clone());
            }
            if taken % 24 == 0 && self.unrest().is_none() {
                return Ok(taken);
            }
            if !self.next() {
                return Err("liveness: nothing is planned, and there is work".to_owned());
            }
        }
        Err(format!("liveness: {}", self.unrest().unwrap_or_default()))
    }

    fn unrest(&self) -> Option<String> {
        let central = self.backend.central();
        let cx = central.context();
        let head = central.store().head(&cx).expect("the head is readable");
        let summary = central
            .store()
            .summary(&cx)
            .expect("the backend is readable");
        if summary.jobs > 0 {
            return Some(format!("the backend has {} jobs", summary.jobs));
        }
        if summary.live_intents > 0 {
            let live = crate::sim::live_intents(&self.backend);
            if let Some(intent) = live.first() {
                return Some(format!("intent {intent} never ends"));
            }
        }
        for (index, station) in self.stations.iter().enumerate() {
            if let Some(why) = crate::sim::unrest(station, &self.backend, head, &BTreeSet::new()) {
                return Some(format!("t{index} {why}"));
            }
        }
        None
    }

    /// Lets the terminals talk until each has told everything and heard everything; intents may
    /// stay live. For stories.
    ///
    /// # Errors
    /// What is still not told after a minute, or what broke on the way.
    pub fn sync(&mut self) -> Result<(), String> {
        for _ in 0..600 {
            self.pass(100);
            if let Some(failure) = &self.failure {
                return Err(failure.clone());
            }
            let central = self.backend.central();
            let head: Cursor = central.store().head(&central.context()).expect("the head");
            let offline = |station: &&Station| {
                !station
                    .terminal()
                    .ledger()
                    .work_offline()
                    .expect("the ledger is readable")
            };
            let mut talking = self.stations.iter().filter(offline);
            let live = crate::sim::live_intents(&self.backend);
            let quiet = |station| crate::sim::unrest(station, &self.backend, head, &live).is_none();
            if talking.all(quiet) {
                return Ok(());
            }
        }
        Err("liveness: a minute was not enough".to_owned())
    }

    // ---- what stories say ------------------------------------------------------------------------

    /// Somebody unlocks a terminal.
    pub fn unlock(&mut self, terminal: usize, staff: StaffId) {
        self.stations[terminal].unlock(staff);
    }

    /// Runs a command of THE LIST at a terminal, as the window does.
    ///
    /// # Errors
    /// What the command refuses.
    pub fn call<T: DeserializeOwned>(
        &mut self,
        terminal: usize,
        command: &str,
        input: impl Serialize,
    ) -> Result<T, Code> {
        let value = self.stations[terminal].call(command, input)?;
        if self.stations[terminal].promise() > 0 {
            self.appended(terminal);
        }
        Ok(value)
    }

    /// Switches "work offline" at a terminal.
    ///
    /// # Errors
    /// What the file says.
    pub fn work_offline(&mut self, terminal: usize, on: bool) -> Result<(), Code> {
        self.stations[terminal].run("work_offline", serde_json::json!({ "on": on }))?;
        self.step(terminal, Event::WorkOffline(on));
        Ok(())
    }

    /// Kills a terminal's process and starts it again.
    ///
    /// # Errors
    /// A promise that its files do not keep.
    pub fn restart(&mut self, terminal: usize) -> Result<(), String> {
        self.kill(terminal, false);
        self.failure.clone().map_or(Ok(()), Err)
    }

    /// The payer scans a link and pays it, and the money is settled.
    pub fn pay(&mut self, link: &str, channel: Channel) {
        self.plan_payer(0, link, channel, true);
        self.pass(30_000);
    }

    /// How many requests a terminal has sent.
    pub fn requests(&self, terminal: usize) -> u64 {
        self.stations[terminal].requests
    }

    /// The backend, to look at.
    pub fn backend(&self) -> &backend::Central {
        self.backend.central()
    }

    /// What contradicts an invariant; empty when all is well.
    pub fn contradictions(&self) -> Vec<String> {
        crate::sim::contradictions(self)
    }

    /// The present moment.
    pub fn moment(&self) -> Timestamp {
        self.clock.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Env as _;

    #[test]
    fn a_fresh_world_is_at_rest_and_without_contradictions() {
        let mut world = World::demo();
        // The first polls and the index are still under way; after them nothing is.
        world.rest().unwrap();
        assert_eq!(world.rest(), Ok(0));
        assert_eq!(world.contradictions(), Vec::<String>::new());
        assert_eq!(world.backend.central().env().now(), world.moment());
        let _ = world.stations[0].env.uuid();
    }
}
