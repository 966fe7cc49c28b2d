//! Many seeds on all processors. Each seed is played on one thread, because the switches of planted
//! bugs and crashes hold for a thread; what a seed does never depends on where it is played.

use super::{Did, FaultCounts, Run, run};
use crate::plant::Plant;
use crate::world::Stage;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What many seeds came to.
#[derive(Clone, Debug, Default)]
pub struct Many {
    /// How many were played.
    pub seeds: u64,
    /// How often each fault happened in all of them.
    pub faults: FaultCounts,
    /// What the companies did in all of them.
    pub did: Did,
    /// The lowest seed that found something.
    pub found: Option<Run>,
}

/// Plays these seeds until one of them finds something.
pub fn many(stage: &Stage, seeds: Range<u64>, plant: Option<Plant>) -> Many {
    let next = AtomicU64::new(seeds.start);
    let stop = AtomicBool::new(false);
    let all = Mutex::new(Many::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let run = run(stage, seed, plant, false);
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    all.seeds += 1;
                    all.faults.add(&run.faults);
                    all.did.add(&run.did);
                    let first = all.found.as_ref().is_none_or(|found| run.seed < found.seed);
                    if run.found.is_some() && first {
                        stop.store(true, Ordering::Relaxed);
                        all.found = Some(run);
                    }
                }
            });
        }
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}
