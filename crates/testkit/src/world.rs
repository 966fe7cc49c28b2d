//! A company in one process on virtual time: three terminals, a backend, payers and their channels.
//! What is to happen lies in an agenda; the world takes the next entry, moves the clock there and
//! lets it happen. Nothing else moves time, and nothing runs beside it.

use crate::company;
use crate::env::{Clock, Dice, VirtualEnv};
use crate::net::{Fault, FaultCounts, Reply, Request, Weather};
use crate::process::{BackendProcess, FILE, copy};
use crate::station::{Errand, Station, first_staff, open};
use crate::wallets::{Said, Wallets};
use backend::facts::JobKind;
use backend::payments::asks::{Answered, Begin, Observed};
use backend::payments::query_delay_ms;
use backend::store::{CashierView, Job, JobEnd};
use domain::channel::Channel;
use domain::id::{IntentId, StaffId};
use domain::intent::AttemptState;
use domain::time::MINUTE_MS;
use domain::{Code, Money, Timestamp};
use gateways::{Evidence, Source};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use terminal::sync::{Event, Failure, RequestId};
use wire::link::Link;
use wire::{Cursor, Keypair};

/// How many terminals there are.
pub const TERMINALS: usize = 3;
/// Monday 2026-03-02, 09:00 in China.
const MORNING: Timestamp = Timestamp(1_772_413_200_000);
/// More entries than any healthy world needs to come to rest.
const REST_LIMIT: usize = 20_000;
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
            let reply = backend.central().enrol_now(&request).expect("the terminal is enrolled");
            terminal.enrolled(&reply, key, "in-process://").expect("the enrolment is kept");
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
    let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    made.expect("a folder for temporary files")
}

/// What is to happen.
#[derive(Debug)]
enum Happening {
    Timer { station: usize, life: u32, at: u64 },
    Event { station: usize, life: u32, event: Event },
    Write { station: usize, life: u32, id: RequestId },
    Request { station: usize, life: u32, id: RequestId, request: Request, returns: Option<u64> },
    Reply { station: usize, life: u32, id: RequestId, reply: Result<Reply, Failure> },
    OpensLink { link: String, channel: Channel, pays: bool },
    Pays { number: String },
    Callback { number: String },
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
    requests: u64,
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
        let env = |stream: u64| VirtualEnv::new(&clock, seed.wrapping_mul(1_000).wrapping_add(stream));
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
            requests: 0,
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
                    self.later(ms, Happening::Event { station, life, event });
                }
                Errand::Write { id } => {
                    let ms = self.dice.below(8);
                    self.later(ms, Happening::Write { station, life, id });
                }
                Errand::Send { id, request } => self.send(station, life, id, &request),
            }
        }
    }

    fn send(&mut self, station: usize, life: u32, id: RequestId, request: &Request) {
        self.requests += 1;
        let down = self.stations[station].down_until > self.now();
        let fate = self.weather.fate(&mut self.dice, down, &mut self.counts);
        self.note(&format!("t{station} sends {id}: {} {fate:?}", request.name()));
        for ms in fate.arrives.into_iter().flatten() {
            let (request, returns) = (request.clone(), fate.returns);
            self.later(ms, Happening::Request { station, life, id, request, returns });
        }
        if let Some(ms) = fate.fails {
            let event = Event::Failed { id, failure: Failure::Unreachable };
            self.later(ms, Happening::Event { station, life, event });
        }
    }

    /// An operation was appended at a station.
    pub(crate) fn appended(&mut self, station: usize) {
        let life = self.stations[station].life;
        let ms = self.dice.below(3);
        self.later(ms, Happening::Event { station, life, event: Event::Appended });
    }

    /// Lets this much time pass.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now() + ms;
        while self.failure.is_none()
            && let Some(entry) = self.agenda.first_entry()
            && entry.key().0 <= end
        {
            let ((at, _), what) = entry.remove_entry();
            self.clock.move_to(MORNING.plus_ms(i64::try_from(at).unwrap_or(i64::MAX)));
            self.happen(what);
        }
        self.clock.move_to(MORNING.plus_ms(i64::try_from(end).unwrap_or(i64::MAX)));
    }

    /// Lets the next entry happen; false when there is none.
    fn next(&mut self) -> bool {
        let Some(((at, _), what)) = self.agenda.pop_first() else { return false };
        self.clock.move_to(MORNING.plus_ms(i64::try_from(at).unwrap_or(i64::MAX)));
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
            Happening::Event { station, life, event } => {
                if self.is_of(station, life) {
                    self.step(station, event);
                }
            }
            Happening::Write { station, life, id } => {
                if self.is_of(station, life) {
                    self.write(station, id);
                }
            }
            Happening::Request { station, life, id, request, returns } => {
                self.arrive(station, life, id, request, returns);
            }
            Happening::Reply { station, life, id, reply } => {
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
            Happening::OpensLink { link, channel, pays } => self.opens(&link, channel, pays),
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
            self.later(ms, Happening::Reply { station, life, id, reply });
        }
    }

    fn write(&mut self, station: usize, id: RequestId) {
        let killed = self.weather == Weather::Rough && self.dice.percent(4);
        if killed {
            let commits = u32::try_from(self.dice.below(3)).unwrap_or(0);
            terminal::planted::crash_after_commits(Some(commits));
        }
        let event = self.stations[station].write(id);
        terminal::planted::crash_after_commits(None);
        if killed {
            self.counts.count(match event {
                Some(Event::Applied { .. }) => Fault::TerminalKilledBeforeCompletion,
                _ => Fault::TerminalKilledAtCommit,
            });
            self.kill(station, false);
        } else if let Some(event) = event {
            let (life, ms) = (self.stations[station].life, self.dice.below(8));
            self.later(ms, Happening::Event { station, life, event });
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
        self.agenda.retain(|_, what| !matches!(what, Happening::Reply { .. }));
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
                if self.weather == Weather::Rough && self.dice.percent(30) {
                    self.counts.count(Fault::PokeLost);
                    continue;
                }
                let (life, ms) = (self.stations[station].life, self.dice.between(1, 300));
                let event = Event::Poke { seq: head.seq };
                self.later(ms, Happening::Event { station, life, event });
            }
        }
        if let Some(due) = due {
            let at = u64::try_from(due.since_ms(MORNING)).unwrap_or(0).max(self.now() + 1);
            if self.jobs_at.is_none_or(|planned| at < planned || planned <= self.now()) {
                self.jobs_at = Some(at);
                self.at(at, Happening::Jobs);
            }
        }
    }

    /// A payer opens a link at this moment.
    pub(crate) fn plan_payer(&mut self, ms: u64, link: &str, channel: Channel, pays: bool) {
        let link = link.to_owned();
        self.later(ms, Happening::OpensLink { link, channel, pays });
    }

    fn opens(&mut self, link: &str, channel: Channel, pays: bool) {
        let code = link.rsplit('/').next().unwrap_or_default();
        let link = Link::parse(code).expect("a terminal shows a good link");
        let central = self.backend.central();
        let view = central.act(|store, cx| store.open_link(cx, &link)).expect("a link opens");
        let word = format!("{view:?}");
        let word = word.split('(').next().unwrap_or_default().to_owned();
        if let CashierView::Payable(ask) | CashierView::Unknown(ask) = view {
            if ask.distributor.is_none() || ask.order_numbers.is_empty() {
                // Only the operation names the orders.
                let known = central.store().receipt(&central.context(), ask.intent);
                assert!(known.is_ok_and(|receipt| receipt.is_none()));
            }
            let mut attempt = self.begin_attempt(ask.intent, channel);
            if let Some(Begin::CloseFirst(other)) = &attempt {
                self.close(&other.out_trade_no);
                attempt = self.begin_attempt(ask.intent, channel);
            }
            if let Some(Begin::Create(attempt) | Begin::Offered(attempt)) = attempt {
                let number = attempt.out_trade_no.clone();
                self.wallets.place(&attempt);
                let lost = self.weather == Weather::Rough && self.dice.percent(8);
                let answer = if lost {
                    self.counts.count(Fault::ChannelAnswerLost);
                    Answered::Unknown
                } else {
                    Answered::Created { offer: "offer".to_owned() }
                };
                let central = self.backend.central();
                central
                    .act(|store, cx| store.attempt_answered(cx, &number, answer))
                    .expect("the answer is recorded");
                if pays {
                    let ms = self.dice.between(500, 25_000);
                    self.later(ms, Happening::Pays { number });
                }
            }
        }
        self.note(&format!("payer opens {link:?}: {word}"));
        self.after_backend();
    }

    fn begin_attempt(&self, intent: IntentId, channel: Channel) -> Option<Begin> {
        let central = self.backend.central();
        let begun = central.act(|store, cx| store.begin_attempt(cx, intent, channel, "payer"));
        Some(begun.expect("an attempt begins or is refused"))
    }

    fn pays(&mut self, number: &str) {
        let Some(trade) = self.wallets.trade(number) else { return };
        let (asked, intent) = (trade.attempt.amount_fen, trade.attempt.intent);
        let rough = self.weather == Weather::Rough;
        let wrong = rough && self.dice.percent(2);
        let amount = if wrong { Money::from_fen(asked.fen() + 1) } else { asked };
        let others = self.wallets.trades().filter(|trade| trade.attempt.intent == intent);
        let twice = others.filter(|trade| trade.paid().is_some()).count() > 0;
        let paid = self.wallets.pay(number, self.clock.now(), amount);
        self.note(&format!("payer pays {number} {amount}: {paid}"));
        if !paid {
            return;
        }
        if wrong {
            self.counts.count(Fault::WrongAmount);
        }
        if twice {
            self.counts.count(Fault::PaidTwice);
        }
        if !crate::sim::backend_knows(&self.backend, intent) {
            self.counts.count(Fault::PaidBeforeOperation);
        }
        if rough && self.dice.percent(25) {
            self.counts.count(Fault::CallbackLost);
            return;
        }
        let ms = self.dice.between(50, 3_000);
        self.later(ms, Happening::Callback { number: number.to_owned() });
        if rough && self.dice.percent(25) {
            self.counts.count(Fault::CallbackRepeated);
            let ms = self.dice.between(50, 200_000);
            self.later(ms, Happening::Callback { number: number.to_owned() });
        }
    }

    fn settle(&mut self, evidence: &Evidence) {
        let central = self.backend.central();
        let settled = central.act(|store, cx| store.settle(cx, evidence));
        let settled = settled.expect("verified money is always booked");
        self.note(&format!("settle {}: {settled:?}", evidence.out_trade_no()));
        self.after_backend();
    }

    /// Records what a channel said; true when there is nothing more to ask.
    fn said(&mut self, number: &str, said: Said, to_close: bool) -> bool {
        let (observed, over) = match said {
            Said::Paid(evidence) => {
                self.settle(&evidence);
                return true;
            }
            Said::NotPaid => (Observed::NotPaid, false),
            Said::Closed => (Observed::Closed, true),
            Said::NoSuchTrade => (Observed::NoSuchTrade { to_close }, to_close),
        };
        self.observe(number, observed);
        over
    }

    fn observe(&mut self, number: &str, observed: Observed) {
        self.note(&format!("observe {number}: {observed:?}"));
        let central = self.backend.central();
        central.act(|store, cx| store.observe(cx, number, observed)).expect("it is recorded");
    }

    fn close(&mut self, number: &str) -> bool {
        let said = self.wallets.close(number, self.clock.now());
        self.said(number, said, true)
    }

    /// The backend's background work that is due, in the steps of its own worker, with channels that
    /// answer at once or not at all.
    fn jobs(&mut self) {
        self.jobs_at = None;
        let central = self.backend.central();
        let claimed = central
            .act(|store, cx| store.claim_jobs(cx, "worker", 16, JOB_LEASE_MS))
            .expect("jobs are claimed");
        for job in claimed {
            let end = self.job(&job);
            self.note(&format!("job {:?} {}: {end:?}", job.kind, job.subject));
            let central = self.backend.central();
            central.act(|store, cx| store.finish_job(cx, &job, end)).expect("a job ends");
        }
        self.after_backend();
    }

    fn job(&mut self, job: &Job) -> JobEnd {
        let number = job.subject.as_str();
        match job.kind {
            JobKind::Query | JobKind::Close => self.ask_channel(job),
            JobKind::Expire => {
                if let Ok(intent) = number.parse() {
                    let central = self.backend.central();
                    central.act(|store, cx| store.expire(cx, intent)).expect("an intent expires");
                }
                JobEnd::Done
            }
            JobKind::Callback => JobEnd::Done,
        }
    }

    fn ask_channel(&mut self, job: &Job) -> JobEnd {
        let (now, number) = (self.clock.now(), job.subject.as_str());
        let central = self.backend.central();
        let attempt = central.store().attempt(&central.context(), number).expect("readable");
        let ended = |state| matches!(state, AttemptState::Closed | AttemptState::Paid);
        let Some(attempt) = attempt.filter(|attempt| !ended(attempt.state)) else {
            return JobEnd::Done;
        };
        let silent = self.weather == Weather::Rough && self.dice.percent(10);
        let closes = job.kind == JobKind::Close;
        let over = if silent {
            self.counts.count(Fault::ChannelSilent);
            if closes {
                self.observe(number, Observed::Unknown);
            }
            false
        } else if closes {
            self.close(number)
        } else {
            let said = self.wallets.query(number, now, Source::Query);
            self.said(number, said, false)
        };
        if over {
            return JobEnd::Done;
        }
        let wait = if closes {
            query_delay_ms(job.tries).max(10_000)
        } else if now >= attempt.time_expire {
            MINUTE_MS
        } else {
            query_delay_ms(job.tries + 1).min(30_000)
        };
        JobEnd::Again(now.plus_ms(wait))
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
        let summary = central.store().summary(&cx).expect("the backend is readable");
        let unsettled = self.wallets.disputed();
        if summary.live_intents > unsettled.len() as u64 || summary.jobs > 0 {
            return Some(format!("{} live intents, {} jobs", summary.live_intents, summary.jobs));
        }
        for (index, station) in self.stations.iter().enumerate() {
            if let Some(why) = crate::sim::unrest(station, &self.backend, head, &unsettled) {
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
                !station.terminal().ledger().work_offline().expect("the ledger is readable")
            };
            let mut talking = self.stations.iter().filter(offline);
            let live = crate::sim::live_intents(&self.backend);
            let quiet =
                |station| crate::sim::unrest(station, &self.backend, head, &live).is_none();
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

    /// How many requests the terminals have sent.
    pub fn requests(&self) -> u64 {
        self.requests
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
        assert_eq!(world.rest(), Ok(0));
        assert_eq!(world.contradictions(), Vec::<String>::new());
        assert_eq!(world.backend.central().env().now(), world.moment());
        let _ = world.stations[0].env.uuid();
    }
}
