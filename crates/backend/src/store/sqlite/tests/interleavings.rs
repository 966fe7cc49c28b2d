//! Everything that phones, channels, terminals, time and a dying program can do to one ask, in every
//! order (rules 6.7 to 6.11, invariants 2, 3 and 4). Two states that go on in the same way are one,
//! so that every schedule is covered and every state is looked at once. From each, the background
//! work must come to an end without a single further callback.

use super::play::{Event, Play, Saved};
use std::collections::{HashMap, HashSet};
use std::time::Instant;

/// How many events a schedule has at most, unless `FIELDTILL_SETTLE_DEPTH` says so.
const DEPTH: usize = 9;
/// The same where everything can happen that a play knows, unless `FIELDTILL_SETTLE_WIDE_DEPTH`.
const WIDE_DEPTH: usize = 4;
/// How many schedules are drawn, unless `FIELDTILL_SETTLE_RUNS` says so.
const RUNS: u64 = 500;

/// Does the background work until nothing is left, and looks. States known to end well are `known`.
fn drain(play: &mut Play, known: &mut HashSet<String>) {
    let mut walked = Vec::new();
    loop {
        let key = play.key();
        if known.contains(&key) {
            break;
        }
        walked.push(key);
        assert!(walked.len() < 60, "it does not end without callbacks");
        match play.next_work() {
            Some(event) => play.act(&event),
            None => {
                play.ended();
                break;
            }
        }
    }
    known.extend(walked);
}

struct State {
    /// What led here first.
    from: usize,
    by: Event,
}

/// The search, and the way to the state it stands at: saved at every step of it.
struct Search {
    play: Play,
    states: Vec<State>,
    ids: HashMap<String, usize>,
    way: Vec<(usize, Saved)>,
    known: HashSet<String>,
}

impl Search {
    fn new(all: bool) -> Search {
        let mut play = Play::new();
        play.all = all;
        let root = play.save();
        let ids = HashMap::from([(play.key(), 0)]);
        let mut known = HashSet::new();
        drain(&mut play, &mut known);
        let first = State {
            from: 0,
            by: Event::Work,
        };
        Search {
            play,
            states: vec![first],
            ids,
            way: vec![(0, root)],
            known,
        }
    }

    /// Stands at a state again; what it shares with the way to the last is not done anew.
    fn go_to(&mut self, state: usize) -> Vec<Event> {
        let mut ids = vec![state];
        while let Some(&id) = ids.last().filter(|id| **id != 0) {
            ids.push(self.states[id].from);
        }
        ids.reverse();
        let shared = self
            .way
            .iter()
            .zip(&ids)
            .take_while(|((at, _), id)| at == *id);
        let shared = shared.count();
        self.way.truncate(shared);
        let events: Vec<Event> = ids[1..]
            .iter()
            .map(|id| self.states[*id].by.clone())
            .collect();
        self.play
            .load(&self.way[shared - 1].1, &events[..shared - 1]);
        for id in &ids[shared..] {
            let event = self.states[*id].by.clone();
            self.play.act(&event);
            assert_eq!(
                self.ids[&self.play.key()],
                *id,
                "the same steps lead elsewhere"
            );
            self.way.push((*id, self.play.save()));
        }
        events
    }

    /// The states that one event leads to, and whether each is new.
    fn expand(&mut self, state: usize) -> Vec<(usize, bool)> {
        let events = self.go_to(state);
        let mut reached = Vec::new();
        for event in self.play.enabled() {
            self.play.load(&self.way[self.way.len() - 1].1, &events);
            self.play.act(&event);
            let next = self.states.len();
            let id = *self.ids.entry(self.play.key()).or_insert(next);
            if id == next {
                let by = event;
                self.states.push(State { from: state, by });
                drain(&mut self.play, &mut self.known);
            }
            reached.push((id, id == next));
        }
        reached
    }
}

/// Goes through every schedule of up to `depth` events; how many states and schedules that are.
fn search(all: bool, attempts: usize, depth: usize) -> (usize, u128) {
    let began = Instant::now();
    let mut search = Search::new(all);
    search.play.attempts = attempts;
    let mut level = vec![0];
    let mut steps: HashMap<usize, Vec<usize>> = HashMap::new();
    for at in 1..=depth {
        let mut next = Vec::new();
        for state in level {
            let reached = search.expand(state);
            next.extend(reached.iter().filter(|(_, new)| *new).map(|(id, _)| *id));
            steps.insert(state, reached.into_iter().map(|(id, _)| id).collect());
        }
        let (states, ms) = (search.states.len(), began.elapsed().as_millis());
        println!("up to {at} events: states: {states}, {ms} ms");
        level = next;
    }
    // How many schedules that are: each way through the states is one.
    let (mut ways, mut schedules) = (HashMap::from([(0_usize, 1_u128)]), 0_u128);
    for _ in 0..depth {
        let mut further: HashMap<usize, u128> = HashMap::new();
        for (state, count) in ways {
            for id in &steps[&state] {
                *further.entry(*id).or_default() += count;
            }
        }
        schedules += further.values().sum::<u128>();
        ways = further;
    }
    let states = search.states.len();
    println!("up to {depth} events: states: {states}, schedules: {schedules}");
    (states, schedules)
}

#[test]
fn every_interleaving_books_what_came_once_and_ends() {
    let depth = of_env("FIELDTILL_SETTLE_DEPTH").map_or(DEPTH, |depth| depth as usize);
    let (states, schedules) = search(false, 2, depth);
    assert!(schedules > states as u128 && (states > 1_000 || depth < DEPTH));
}

#[test]
fn every_interleaving_of_slow_lost_and_late_answers_ends_too() {
    let depth = of_env("FIELDTILL_SETTLE_WIDE_DEPTH").map_or(WIDE_DEPTH, |depth| depth as usize);
    let (states, schedules) = search(true, 3, depth);
    assert!(schedules > states as u128 && (states > 300 || depth < WIDE_DEPTH));
}

fn of_env(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// SplitMix64.
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Says which seed it was when a run fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!(
                "seed {0}; again: FIELDTILL_SETTLE_SEED={0} FIELDTILL_SETTLE_RUNS=1 cargo test -p backend long_schedules",
                self.0
            );
        }
    }
}

#[test]
fn long_schedules_book_what_came_once_and_end() {
    let began = Instant::now();
    let runs = of_env("FIELDTILL_SETTLE_RUNS").unwrap_or(RUNS);
    let first = of_env("FIELDTILL_SETTLE_SEED").unwrap_or(1);
    let mut play = Play::new();
    play.attempts = 6;
    let root = play.save();
    let (mut events, mut paid) = (0, 0);
    for seed in first..first + runs {
        let told = Seed(seed);
        let mut state = seed;
        play.load(&root, &[]);
        for _ in 0..10 + draw(&mut state) % 16 {
            let mut choices = play.enabled();
            // What ends an ask comes seldom, or nobody would get to pay.
            if !draw(&mut state).is_multiple_of(8) {
                let ends = [Event::Time, Event::Edit, Event::Cancel, Event::Shut];
                choices.retain(|event| !ends.contains(event));
            }
            if draw(&mut state) % 8 > 6 {
                choices = (0..5).map(Event::Strange).collect();
            }
            if choices.is_empty() {
                continue;
            }
            let index = draw(&mut state) % choices.len() as u64;
            play.act(&choices[index as usize]);
        }
        paid += u64::from(
            play.schedule
                .iter()
                .any(|event| matches!(event, Event::Pay(_))),
        );
        drain(&mut play, &mut HashSet::new());
        events += play.schedule.len();
        drop(told);
    }
    println!(
        "seeds {first} to {}: {events} events, {paid} runs with a payment, {} ms",
        first + runs - 1,
        began.elapsed().as_millis()
    );
    assert!(runs < 100 || paid > runs / 2);
}
