//! One ask that two phones may pay by two channels, while its order is changed, its time runs out
//! and the program dies. The store is the real one; the channels, the phones and the answers under
//! way are a few values beside it. What may happen next, how the whole is told from another, and
//! what must hold after every step: for the search of `interleavings`.

mod channel;
mod check;

use crate::facts::{Ask, JobKind};
use crate::payments::asks::Observed;
use crate::store::sqlite::{load, locked};
use crate::store::{JobEnd, Store as _};
use crate::testing::{SALES, START, World, cancel, company, distributor, edit};
use domain::Timestamp;
use domain::channel::Channel;
use domain::id::{IntentId, OrderId};
use domain::intent::{AttemptState, IntentState};
use domain::operation::{IntentClose, OpBody};
use rusqlite::Connection;
use rusqlite::backup::Backup;
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::Ordering;
use wire::protocol::PushRequest;

/// What is asked, and what the order is edited down to, fen.
const ASKED: i64 = 900;
const EDITED: i64 = 500;

/// The only moments there are: before the ask's end, at it, and where rule 6.9 looks twice.
const MOMENTS: [i64; 6] = [0, 300_000, 421_000, 482_000, 960_000, 1_030_000];
/// The last that a search goes to by itself; the rest is for what must end by then.
const LAST_CHOSEN: usize = 3;

/// How placing an order ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    Answered,
    /// The channel has it, its answer never comes.
    Unanswered,
    /// The program dies before it asks the channel.
    Died,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A phone presses the button of a wallet.
    Start(u8, Channel, Placed),
    /// The payer looks at what Alipay asks, which makes the trade exist.
    Scan(String),
    Pay(String),
    /// The channel calls, it is acknowledged and worked on.
    Callback(String),
    /// The same, but the program dies in between: before the money is booked, or after.
    CallbackDies(String, bool),
    /// What was acknowledged is worked on.
    Work,
    Query(String),
    Close(String),
    /// The channel is asked (to close it) and answers; the answer is under way.
    Slow(String, bool),
    /// The answer under way arrives.
    Land,
    /// It never does.
    Lost,
    /// The program dies, and the answer under way with it.
    Crash,
    Time,
    Expire,
    /// The terminal that asked closes the ask and lowers its order.
    Edit,
    /// Another terminal cancels the order.
    Cancel,
    /// A third closes the ask.
    Shut,
    /// Verified money that is none of this ask's: 0 another amount, 1 another app, 2 another
    /// channel, 3 an unknown number, 4 a foreign merchant account.
    Strange(u8),
}

/// How a trade stands at its channel, which alone knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trade {
    /// Alipay's, before somebody has looked at it.
    Absent,
    NotPaid,
    Paid,
    Closed,
}

/// Everything that is not in the store.
#[derive(Clone, Debug, Default)]
struct Outside {
    trades: BTreeMap<String, Trade>,
    /// Evidence that was given to the store, by provider number.
    told: BTreeMap<String, i64>,
    slow: Option<(String, bool, Observed)>,
    moment: usize,
    edited: bool,
    cancelled: bool,
    shut: bool,
    draws: u64,
}

/// What may be gone back to.
pub(super) struct Saved {
    rows: Connection,
    outside: Outside,
}

/// What the store says of the ask.
struct Seen {
    ask: Ask,
    jobs: Vec<(String, String)>,
    unworked: usize,
    paid: i64,
    revision: u32,
    confirmed: usize,
}

impl Seen {
    fn has(&self, kind: &str, subject: &str) -> bool {
        let mut jobs = self.jobs.iter();
        jobs.any(|(k, s)| k == kind && s == subject)
    }

    fn state(&self) -> IntentState {
        self.ask.doc.as_ref().unwrap().state
    }
}

pub(super) struct Play {
    world: World,
    intent: IntentId,
    order: OrderId,
    edit: PushRequest,
    /// On the order as first submitted, and as edited.
    cancel: [PushRequest; 2],
    shut: PushRequest,
    outside: Outside,
    pub(super) schedule: Vec<Event>,
    /// How many attempts phones make at most.
    pub(super) attempts: usize,
    /// Whether everything can happen that is known here. If not: phones start, pay; callbacks,
    /// queries and closes are answered at once; the ask reaches its end; its terminal edits the
    /// order, another cancels it; the program dies around a callback.
    pub(super) all: bool,
}

impl Drop for Play {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the schedule: {:#?}", self.schedule);
        }
    }
}

fn copy(from: &Connection, to: &mut Connection) {
    Backup::new(from, to).unwrap().step(-1).unwrap();
}

/// The rows of a query as one text.
fn rows(connection: &Connection, query: &str) -> String {
    let mut statement = connection.prepare_cached(query).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut text = String::new();
    while let Some(row) = rows.next().unwrap() {
        for column in 0..columns {
            match row.get_ref(column).unwrap() {
                ValueRef::Integer(value) => write!(text, "{value} ").unwrap(),
                ValueRef::Text(value) | ValueRef::Blob(value) => {
                    write!(text, "{} ", String::from_utf8_lossy(value)).unwrap();
                }
                _ => text.push_str("- "),
            }
        }
        text.push('\n');
    }
    text
}

/// What the store holds of the ask; ids that are drawn and times of writing are left out.
const VIEWS: [&str; 9] = [
    "SELECT body FROM attempt ORDER BY out_trade_no",
    "SELECT total_fen, paid_fen, state, revision FROM sales_order",
    "SELECT state, amount_fen, unapplied_fen, intent IS NULL FROM payment_collection
     ORDER BY number",
    "SELECT channel, provider_no, gross_fen, held, intent IS NULL, collection IS NULL
     FROM transaction_record ORDER BY channel, provider_no",
    "SELECT account, balance_fen FROM account ORDER BY account",
    "SELECT j.kind, coalesce(c.body, j.subject) FROM job j
     LEFT JOIN callback c ON c.callback = j.subject ORDER BY 1, 2",
    "SELECT terminal, seq, settled, applied, wait_for FROM operation ORDER BY terminal, seq",
    "SELECT DISTINCT body FROM callback WHERE outcome IS NULL ORDER BY 1",
    "SELECT body ->> 'kind', body ->> 'amount_fen' FROM attention ORDER BY 1, 2",
];

impl Play {
    /// The ask is open and nothing has happened to it.
    pub(super) fn new() -> Play {
        let world = World::new();
        let (mut own, mut other, mut third) =
            (world.enrol("T01"), world.enrol("T02"), world.enrol("T03"));
        let order = own.order(&world, distributor(1), ASKED);
        let (intent, _) = own.ask(&world, distributor(1), Some(order), ASKED);
        let shut = || OpBody::IntentClose(IntentClose { intent });
        let (_, first) = own.sign(&world, SALES, shut(), Vec::new());
        let lower = edit(order, 1, distributor(1), EDITED);
        let (_, second) = own.sign(&world, SALES, lower, Vec::new());
        let head = other.head;
        let cancel = [1, 2].map(|revision| {
            other.head = head;
            let (_, signed) = other.sign(&world, SALES, cancel(order, revision), Vec::new());
            other.push(vec![signed])
        });
        let (_, third_shuts) = third.sign(&world, SALES, shut(), Vec::new());
        let mut play = Play {
            intent,
            order,
            edit: own.push(vec![first, second]),
            cancel,
            shut: third.push(vec![third_shuts]),
            world,
            outside: Outside::default(),
            schedule: Vec::new(),
            attempts: 3,
            all: true,
        };
        play.outside.draws = *play.world.env.state.lock().unwrap();
        play
    }

    pub(super) fn save(&self) -> Saved {
        let mut rows = Connection::open_in_memory().unwrap();
        copy(&locked(&self.world.store.writer), &mut rows);
        let mut outside = self.outside.clone();
        outside.draws = *self.world.env.state.lock().unwrap();
        Saved { rows, outside }
    }

    /// Goes back. `schedule` is what led there.
    pub(super) fn load(&mut self, saved: &Saved, schedule: &[Event]) {
        copy(&saved.rows, &mut locked(&self.world.store.writer));
        self.outside = saved.outside.clone();
        *self.world.env.state.lock().unwrap() = saved.outside.draws;
        self.set_clock();
        self.schedule = schedule.to_vec();
    }

    fn set_clock(&self) {
        let now = START + MOMENTS[self.outside.moment];
        self.world.env.now.store(now, Ordering::SeqCst);
    }

    fn seen(&self) -> Seen {
        let connection = locked(&self.world.store.writer);
        let id = company().id.to_string();
        let one = |query: &str| -> i64 { connection.query_row(query, [], |r| r.get(0)).unwrap() };
        let mut jobs = connection
            .prepare_cached("SELECT kind, subject FROM job")
            .unwrap();
        let jobs = jobs
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        Seen {
            ask: load::ask(&connection, &id, self.intent).unwrap(),
            jobs: jobs.map(Result::unwrap).collect(),
            unworked: one("SELECT count(*) FROM callback WHERE outcome IS NULL") as usize,
            paid: one("SELECT paid_fen FROM sales_order"),
            revision: one("SELECT revision FROM sales_order") as u32,
            confirmed: one("SELECT count(*) FROM payment_collection WHERE state = 'confirmed'")
                as usize,
        }
    }

    /// Two plays with the same text go on in the same way. The phones may change places.
    pub(super) fn key(&self) -> String {
        let connection = locked(&self.world.store.writer);
        let out = &self.outside;
        let acts = (out.edited, out.cancelled, out.shut);
        let mut text = format!("{:?} {:?} {} {acts:?}\n", out.trades, out.slow, out.moment);
        let ask = load::ask(&connection, &company().id.to_string(), self.intent).unwrap();
        let doc = ask.doc.unwrap();
        let shown = (
            doc.state,
            doc.unknown,
            doc.outcome,
            doc.collection.is_some(),
        );
        writeln!(text, "{shown:?} {}", ask.closing).unwrap();
        for view in VIEWS {
            text.push_str(&rows(&connection, view));
            text.push('\n');
        }
        let swapped = text
            .replace("jsapi:1", "jsapi:_")
            .replace("jsapi:2", "jsapi:1")
            .replace("jsapi:_", "jsapi:2");
        text.min(swapped)
    }

    /// Everything that can happen now.
    pub(super) fn enabled(&self) -> Vec<Event> {
        let (seen, out) = (self.seen(), &self.outside);
        let mut events = Vec::new();
        let room = seen.ask.attempts.len() < self.attempts;
        if seen.state().live() && !seen.ask.closing && out.moment == 0 && room {
            events.push(Event::Start(1, Channel::WechatPay, Placed::Answered));
            events.push(Event::Start(2, Channel::WechatPay, Placed::Answered));
            events.push(Event::Start(2, Channel::Alipay, Placed::Answered));
            if self.all {
                events.push(Event::Start(1, Channel::WechatPay, Placed::Unanswered));
                events.push(Event::Start(1, Channel::WechatPay, Placed::Died));
                events.push(Event::Start(2, Channel::Alipay, Placed::Died));
            }
        }
        for (number, trade) in &out.trades {
            if *trade == Trade::Absent && self.all {
                events.push(Event::Scan(number.clone()));
            }
            if matches!(trade, Trade::Absent | Trade::NotPaid) {
                events.push(Event::Pay(number.clone()));
            }
            if *trade == Trade::Paid {
                events.push(Event::Callback(number.clone()));
                events.push(Event::CallbackDies(number.clone(), false));
                events.push(Event::CallbackDies(number.clone(), true));
            }
        }
        if seen.unworked > 0 {
            events.push(Event::Work);
        }
        for attempt in &seen.ask.attempts {
            let number = &attempt.out_trade_no;
            // What was paid would be heard of as by a callback that waits.
            let slow =
                self.all && out.slow.is_none() && out.trades.get(number) != Some(&Trade::Paid);
            if seen.has("query", number) {
                events.push(Event::Query(number.clone()));
                events.extend(slow.then(|| Event::Slow(number.clone(), false)));
            }
            if seen.has("close", number) {
                events.push(Event::Close(number.clone()));
                events.extend(slow.then(|| Event::Slow(number.clone(), true)));
            }
        }
        if out.slow.is_some() {
            events.extend([Event::Land, Event::Lost, Event::Crash]);
        }
        let last = if self.all { LAST_CHOSEN } else { 1 };
        if out.moment < last && (seen.state() != IntentState::Paid || out.moment == 0) {
            events.push(Event::Time);
        }
        if out.moment > 0 && seen.has("expire", &self.intent.to_string()) {
            events.push(Event::Expire);
        }
        for (done, event) in [
            (out.edited, Event::Edit),
            (out.cancelled, Event::Cancel),
            (out.shut, Event::Shut),
        ] {
            events.extend((!done && (self.all || event != Event::Shut)).then_some(event));
        }
        events
    }

    /// What the background work does next when no channel ever calls; `None` when nothing is left.
    pub(super) fn next_work(&self) -> Option<Event> {
        let (seen, out) = (self.seen(), &self.outside);
        if seen.unworked > 0 {
            return Some(Event::Work);
        }
        if out.slow.is_some() {
            return Some(Event::Land);
        }
        let now = Timestamp(START + MOMENTS[out.moment]);
        for attempt in &seen.ask.attempts {
            let number = &attempt.out_trade_no;
            if seen.has("close", number) {
                return Some(Event::Close(number.clone()));
            }
            let trade = out.trades.get(number).copied().unwrap_or(Trade::Absent);
            let news = match trade {
                Trade::Paid | Trade::Closed => true,
                Trade::NotPaid => {
                    attempt.state == AttemptState::Unknown
                        || attempt.no_trade_since.is_some()
                        || out.moment >= 4
                }
                Trade::Absent => {
                    out.moment >= 2
                        && attempt
                            .no_trade_since
                            .is_none_or(|since| now.since_ms(since) >= 60_000)
                }
            };
            if news && seen.has("query", number) {
                return Some(Event::Query(number.clone()));
            }
        }
        if out.moment > 0 && seen.has("expire", &self.intent.to_string()) {
            return Some(Event::Expire);
        }
        let more = !seen.jobs.is_empty() && out.moment + 1 < MOMENTS.len();
        more.then_some(Event::Time)
    }

    /// Lets it happen and looks whether all is well.
    pub(super) fn act(&mut self, event: &Event) {
        let before = self.seen();
        self.schedule.push(event.clone());
        self.happen(event);
        self.check(&before);
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Start(phone, channel, placed) => self.start(*phone, *channel, *placed),
            Event::Scan(number) => self.set(number, Trade::NotPaid),
            Event::Pay(number) => self.set(number, Trade::Paid),
            Event::Callback(number) => {
                self.acknowledge(number);
                self.work(false);
            }
            Event::CallbackDies(number, booked) => {
                self.acknowledge(number);
                if *booked {
                    self.work(true);
                } else {
                    self.crash();
                }
            }
            Event::Work => self.work(false),
            Event::Query(number) => self.query(number),
            Event::Close(number) => {
                self.close(number);
            }
            Event::Slow(number, to_close) => {
                let said = self.channel_says(number, *to_close);
                self.outside.slow = said.map(|said| (number.clone(), *to_close, said));
            }
            Event::Land => {
                let (number, _, said) = self.outside.slow.take().unwrap();
                self.observe(&number, said);
            }
            Event::Lost => {
                let (number, to_close, _) = self.outside.slow.take().unwrap();
                if to_close {
                    self.observe(&number, Observed::Unknown);
                }
            }
            Event::Crash => self.crash(),
            Event::Time => {
                self.outside.moment += 1;
                self.set_clock();
            }
            Event::Expire => {
                let job = self.claim(JobKind::Expire).remove(0);
                let cx = self.world.cx();
                self.world.store.expire(&cx, self.intent).unwrap();
                self.world
                    .store
                    .finish_job(&cx, &job, JobEnd::Done)
                    .unwrap();
            }
            Event::Edit => {
                self.outside.edited = true;
                self.push(&self.edit);
            }
            Event::Cancel => {
                self.outside.cancelled = true;
                let on = usize::from(self.seen().revision == 2);
                self.push(&self.cancel[on]);
            }
            Event::Shut => {
                self.outside.shut = true;
                self.push(&self.shut);
            }
            Event::Strange(which) => self.strange(*which),
        }
    }
}
