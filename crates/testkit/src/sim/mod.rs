//! The simulator: a world in rough weather, driven by one seed. Staff sell, collect, cancel and
//! spend; payers pay or don't; requests are lost, repeated and late; processes are killed. Then
//! everything is healed, the world has to come to rest, and the invariants of the product are
//! checked on what is left. The same seed gives the same run to the last byte of the trace.

mod acts;
mod look;
mod many;

pub use crate::net::{Fault, FaultCounts};
pub(crate) use look::{backend_knows, contradictions, live_intents, unrest};
pub use many::{Many, many};

use crate::net::Weather;
use crate::plant::Plant;
use crate::world::{Stage, TERMINALS, World};
use domain::time::{DAY_MS, MINUTE_MS};
use std::panic::{AssertUnwindSafe, catch_unwind};
use terminal::sync::Event;

/// Acts and mishaps in one run.
pub const STEPS: u64 = 40;

/// What one seed came to.
#[derive(Clone, Debug)]
pub struct Run {
    /// The seed.
    pub seed: u64,
    /// What happened, hashed.
    pub hash: u64,
    /// How often each fault happened.
    pub faults: FaultCounts,
    /// What it found, if anything.
    pub found: Option<Found>,
    /// What happened, where it was asked for.
    pub lines: Vec<String>,
    /// How much the company did.
    pub did: Did,
}

/// How much came about, so that a run that does nothing is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Did {
    /// Operations at the backend.
    pub operations: u64,
    /// Orders at the backend.
    pub orders: u64,
    /// Confirmed collections at the backend.
    pub confirmed: u64,
    /// Operations that were rejected.
    pub rejected: u64,
}

impl Did {
    /// Adds another run's.
    pub fn add(&mut self, other: &Did) {
        self.operations += other.operations;
        self.orders += other.orders;
        self.confirmed += other.confirmed;
        self.rejected += other.rejected;
    }
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// After which step.
    pub step: u64,
    /// What.
    pub what: String,
}

impl Run {
    /// What to tell people about a failure, and how to see it again.
    pub fn report(&self) -> Option<String> {
        let found = self.found.as_ref()?;
        Some(format!(
            "seed {} fails at step {} of {STEPS}: {}\nreplay: cargo xtask sim --seeds 1 --seed {}",
            self.seed, found.step, found.what, self.seed
        ))
    }
}

/// Runs one seed, with a planted bug or none. `lines` keeps the trace as text.
pub fn run(stage: &Stage, seed: u64, plant: Option<Plant>, lines: bool) -> Run {
    Plant::set(plant);
    let run = one(stage, seed, lines);
    Plant::set(None);
    terminal::planted::crash_after_commits(None);
    run
}

fn one(stage: &Stage, seed: u64, lines: bool) -> Run {
    let mut world = World::open(stage, seed, Weather::Rough);
    world.trace.lines = lines.then(Vec::new);
    let mut step = 0;
    // A broken assertion of the product is a finding like any other, and must name its seed.
    let ended = catch_unwind(AssertUnwindSafe(|| play(&mut world, &mut step)));
    let found = match ended {
        Ok(Ok(())) => None,
        Ok(Err(what)) => Some(Found { step, what }),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            let what = format!("a panic: {}", text.unwrap_or("without words"));
            return Run {
                seed,
                hash: world.trace.hash(),
                faults: world.counts.clone(),
                found: Some(Found { step, what }),
                lines: world.trace.lines.take().unwrap_or_default(),
                did: Did::default(),
            };
        }
    };
    Run {
        seed,
        hash: world.trace.hash(),
        faults: world.counts.clone(),
        found,
        lines: world.trace.lines.take().unwrap_or_default(),
        did: look::did(&world.backend),
    }
}

fn play(world: &mut World, step: &mut u64) -> Result<(), String> {
    for _ in 0..STEPS {
        *step += 1;
        let ms = match world.dice.below(20) {
            0 => world.dice.between(30_000, 150_000),
            1..5 => world.dice.between(2_000, 20_000),
            _ => world.dice.between(1, 1_500),
        };
        world.pass(ms);
        if world.dice.percent(78) {
            acts::act(world);
        } else {
            mishap(world);
        }
        if let Some(what) = world.failure.take() {
            return Err(what);
        }
    }
    heal(world);
    let taken = world.rest()?;
    world.note(&format!("at rest after {taken} entries"));
    let wrong = contradictions(world);
    for station in &world.stations {
        station.keeps_its_promises()?;
    }
    look::close_trace(world);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("; "))
    }
}

fn mishap(world: &mut World) {
    let station = usize::try_from(world.dice.below(TERMINALS as u64)).unwrap_or(0);
    match world.dice.below(10) {
        0 => {
            world.counts.count(Fault::TerminalKilled);
            world.kill(station, false);
        }
        1 => {
            world.counts.count(Fault::TerminalRestarted);
            world.kill(station, true);
        }
        2 => {
            world.counts.count(Fault::BackendKilled);
            world.kill_backend();
        }
        3 | 4 => {
            let on = !offline(world, station);
            if on {
                world.counts.count(Fault::WorkOffline);
            }
            switch(world, station, on);
        }
        5 => {
            let ms = world.dice.between(5_000, 240_000);
            world.stations[station].down_until = world.now() + ms;
        }
        6 => {
            world.counts.count(Fault::ClockAhead);
            let most = if world.dice.percent(20) {
                5 * DAY_MS
            } else {
                20 * MINUTE_MS
            };
            let ms = off(world, most);
            world.stations[station].env.set_off_ms(ms);
        }
        7 => {
            world.counts.count(Fault::ClockBack);
            let most = if world.dice.percent(20) {
                5 * DAY_MS
            } else {
                20 * MINUTE_MS
            };
            let ms = off(world, most);
            world.stations[station].env.set_off_ms(-ms);
        }
        8 => world.stations[station].env.set_off_ms(0),
        _ => {
            let staff = usize::try_from(world.dice.below(4)).unwrap_or(0);
            world.stations[station].unlock(crate::company::staff(staff));
        }
    }
}

fn off(world: &mut World, most: i64) -> i64 {
    let most = u64::try_from(most).unwrap_or(0);
    i64::try_from(world.dice.between(1_000, most)).unwrap_or(0)
}

fn offline(world: &World, station: usize) -> bool {
    world.stations[station]
        .terminal()
        .ledger()
        .work_offline()
        .expect("the ledger is readable")
}

fn switch(world: &mut World, station: usize, on: bool) {
    world.note(&format!("t{station} works offline: {on}"));
    world.stations[station]
        .run("work_offline", serde_json::json!({ "on": on }))
        .expect("working offline can always be switched");
    world.step(station, Event::WorkOffline(on));
}

fn heal(world: &mut World) {
    world.note("healed");
    world.weather = Weather::Calm;
    for station in 0..TERMINALS {
        world.stations[station].down_until = 0;
        world.stations[station].env.set_off_ms(0);
        if offline(world, station) {
            switch(world, station, false);
        }
    }
}
