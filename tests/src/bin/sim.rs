//! The simulator as a program; `cargo xtask sim --seeds N [--seed S]` builds and starts it. Without
//! `--seed` it plays the seeds 1 to N; with it, N seeds from S, and one seed alone prints all that
//! happens in it. It ends with 1 when a seed fails, and names the command that plays it again.
#![expect(
    clippy::print_stdout,
    reason = "a program for people at a command line"
)]

use std::process::ExitCode;
use std::time::Instant;
use testkit::Stage;
use testkit::sim::{Fault, many, run};

/// With so many seeds every kind of fault must have happened.
const ENOUGH: u64 = 500;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((seeds, first)) = asked(&args) else {
        println!("sim --seeds N [--seed S]");
        return ExitCode::from(2);
    };
    let stage = Stage::set();
    if seeds == 1 {
        return one(&stage, first);
    }
    let began = Instant::now();
    let all = many(&stage, first..first.saturating_add(seeds), None);
    let ms = began.elapsed().as_millis().max(1);
    println!(
        "{} seeds in {ms} ms ({} per second); {} operations, {} orders, {} confirmed \
         collections, {} rejected operations",
        all.seeds,
        u128::from(all.seeds) * 1_000 / ms,
        all.did.operations,
        all.did.orders,
        all.did.confirmed,
        all.did.rejected,
    );
    for fault in Fault::ALL {
        println!("{:>9} {fault:?}", all.faults.of(*fault));
    }
    if let Some(report) = all.found.and_then(|run| run.report()) {
        println!("{report}");
        return ExitCode::FAILURE;
    }
    let missing = all.faults.missing();
    if !missing.is_empty() {
        println!("these faults never happened, so nothing is known about them: {missing:?}");
        if seeds >= ENOUGH {
            return ExitCode::FAILURE;
        }
    }
    println!("sim: ok");
    ExitCode::SUCCESS
}

fn one(stage: &Stage, seed: u64) -> ExitCode {
    let run = run(stage, seed, None, true);
    for line in &run.lines {
        println!("{line}");
    }
    println!("seed {seed}: trace {:016x}", run.hash);
    match run.report() {
        Some(report) => {
            println!("{report}");
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}

/// How many seeds, and the first of them.
fn asked(args: &[String]) -> Option<(u64, u64)> {
    let (mut seeds, mut first) = (1, 1);
    let mut rest = args.iter();
    while let Some(name) = rest.next() {
        let value = rest.next()?.parse().ok()?;
        match name.as_str() {
            "--seeds" => seeds = value,
            "--seed" => first = value,
            _ => return None,
        }
    }
    Some((seeds, first))
}
