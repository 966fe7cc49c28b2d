//! Virtual time and seeded chance. One clock stands for the true time; every process reads it
//! through an environment of its own, which may be off, and draws from a stream of its own, so that
//! one process more or less does not change what another draws.

use domain::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use wire::Env;

/// The true time, milliseconds since 1970.
#[derive(Debug)]
pub struct Clock(AtomicI64);

impl Clock {
    /// A clock that stands at `at`.
    pub fn at(at: Timestamp) -> Arc<Clock> {
        Arc::new(Clock(AtomicI64::new(at.0)))
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    /// Moves it; it never goes back.
    pub fn move_to(&self, at: Timestamp) {
        self.0.fetch_max(at.0, Ordering::Relaxed);
    }
}

/// Seeded chance (SplitMix64): fast, and every seed is a good one.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// A stream for this seed.
    pub fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed);
        dice.roll();
        dice
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is above 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }

    /// A number from `from` to `to`, both included.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of these; `None` of none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let index = self.below(of.len() as u64);
        of.get(usize::try_from(index).unwrap_or(0))
    }
}

/// The time and the chance of one process.
#[derive(Debug)]
pub struct VirtualEnv {
    clock: Arc<Clock>,
    off_ms: AtomicI64,
    dice: Mutex<Dice>,
}

impl VirtualEnv {
    /// An environment on this clock with a stream of its own.
    pub fn new(clock: &Arc<Clock>, seed: u64) -> Arc<VirtualEnv> {
        let dice = Mutex::new(Dice::new(seed));
        Arc::new(VirtualEnv {
            clock: Arc::clone(clock),
            off_ms: AtomicI64::new(0),
            dice,
        })
    }

    /// Sets this process's clock so much ahead of the true time, or behind it.
    pub fn set_off_ms(&self, ms: i64) {
        self.off_ms.store(ms, Ordering::Relaxed);
    }
}

impl Env for VirtualEnv {
    fn now(&self) -> Timestamp {
        self.clock
            .now()
            .plus_ms(self.off_ms.load(Ordering::Relaxed))
    }

    fn random(&self, bytes: &mut [u8]) {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            let drawn = dice.roll().to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_clocks_only_go_forward() {
        let draws = |seed| {
            (0..5)
                .map(|_| ())
                .scan(Dice::new(seed), |d, ()| Some(d.roll()))
        };
        assert!(draws(7).eq(draws(7)));
        assert!(!draws(7).eq(draws(8)));
        let clock = Clock::at(Timestamp(1_000));
        let env = VirtualEnv::new(&clock, 1);
        clock.move_to(Timestamp(900));
        assert_eq!(env.now(), Timestamp(1_000));
        env.set_off_ms(-60_000);
        assert_eq!(env.now(), Timestamp(-59_000));
        assert_ne!(env.uuid(), env.uuid());
    }
}
