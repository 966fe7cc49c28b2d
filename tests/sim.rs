//! The simulator over its seeds: clean without a planted bug, every kind of fault fired, each
//! planted bug found, and the same seed twice the same run.

use std::time::Instant;
use testkit::sim::{many, run};
use testkit::{Plant, Stage};

/// Seeds that every test run plays.
const SEEDS: u64 = 500;

#[test]
fn five_hundred_seeds_hold_the_invariants_and_every_fault_fires() {
    let stage = Stage::set();
    let began = Instant::now();
    let all = many(&stage, 1..SEEDS + 1, None);
    println!(
        "{} seeds in {} ms: {:?}",
        all.seeds,
        began.elapsed().as_millis(),
        all.did
    );
    if let Some(report) = all.found.as_ref().and_then(testkit::sim::Run::report) {
        panic!("{report}");
    }
    assert_eq!(all.seeds, SEEDS);
    assert_eq!(
        all.faults.missing(),
        [],
        "a fault that never fires proves nothing"
    );
    // A world in which nobody does anything would be clean as well.
    assert!(
        all.did.orders > 5 * SEEDS && all.did.confirmed > 2 * SEEDS,
        "{:?}",
        all.did
    );
    assert!(all.did.rejected > SEEDS / 10, "{:?}", all.did);
}

#[test]
fn each_planted_bug_is_found() {
    let stage = Stage::set();
    for plant in Plant::ALL {
        let all = many(&stage, 1..SEEDS + 1, Some(plant));
        let found = all
            .found
            .unwrap_or_else(|| panic!("{plant:?} was not found in {SEEDS} seeds"));
        let what = found.found.map(|found| found.what).unwrap_or_default();
        println!("{plant:?} is found at seed {}: {what}", found.seed);
    }
}

#[test]
fn the_same_seed_twice_gives_the_same_trace() {
    let stage = Stage::set();
    for seed in [3, 77, 4_096] {
        let (one, other) = (run(&stage, seed, None, true), run(&stage, seed, None, true));
        let differs = one.lines.iter().zip(&other.lines).find(|(a, b)| a != b);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(one.hash, other.hash, "seed {seed}");
        assert_ne!(one.hash, run(&stage, seed + 1, None, false).hash);
    }
    // A stage is made anew in each process: what it holds must not depend on when.
    let (one, other) = (
        run(&stage, 9, None, false),
        run(&Stage::set(), 9, None, false),
    );
    assert_eq!(one.hash, other.hash);
}
