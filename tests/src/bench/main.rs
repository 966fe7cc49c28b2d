//! `cargo xtask bench`: what the product costs, each number as a ratio to a counterpart that runs in
//! the same run, in turn with it, or counted. Absolute times are the machine's; they are printed
//! beside the ratios and no test asserts them.
//!
//! Numbers are those of the project's design: P1 (an order against a bare transaction), P9 (search),
//! P13 (import), how fast a QR is drawn, and settlement; P10 and P11 (start, memory, time to paint) of the real
//! window, on Linux, on a screen of its own where there is none.
//! `docs/performance.md` says what came out.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::float_arithmetic,
    reason = "a program that measures prints numbers and ratios"
)]

mod calls;
mod desk;
mod failure;
#[cfg(target_os = "linux")]
mod filled;
mod import;
mod machine;
mod measure;
mod orders;
#[cfg(target_os = "linux")]
mod paint;
mod qr;
mod rows;
mod search;
mod settle;
#[cfg(target_os = "linux")]
mod start;

use failure::BenchError;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
bench [--only p1,p9,p10,p11,p13,qr,settle] [--rounds N] [--orders N] [--products N]
      [--terminal DIR] [--dir DIR]
  --only      which numbers; all without it
  --rounds    rounds of each comparison, 5 or more (5); P10 takes twice as many
  --orders    orders in a round of P1 (200)
  --products  products behind the window (200000); a quarter as many distributors, half as many orders
  --terminal  P10, P11: the terminal's folder; filled if it is new, and kept
  --dir       where files are made: the disk that is measured (the system's temporary folder)";

/// What is measured, and how often.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    only: Vec<String>,
    pub(crate) rounds: usize,
    pub(crate) orders: usize,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "the window's"))]
    pub(crate) products: usize,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "the window's"))]
    pub(crate) terminal: Option<PathBuf>,
    pub(crate) dir: PathBuf,
}

impl Plan {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Plan, BenchError> {
        let dir = std::env::temp_dir();
        let mut plan = Plan {
            only: Vec::new(),
            rounds: 5,
            orders: 200,
            products: 200_000,
            terminal: None,
            dir,
        };
        while let Some(arg) = args.next() {
            let value = args.next().ok_or_else(|| BenchError::Usage(arg.clone()))?;
            let number = || {
                value
                    .parse()
                    .map_err(|_| BenchError::Usage(format!("{arg} {value}")))
            };
            match arg.as_str() {
                "--only" => plan.only = value.split(',').map(str::to_lowercase).collect(),
                "--rounds" => plan.rounds = number()?,
                "--orders" => plan.orders = number()?,
                "--products" => plan.products = number()?,
                "--terminal" => plan.terminal = Some(PathBuf::from(value)),
                "--dir" => plan.dir = PathBuf::from(value),
                _ => return Err(BenchError::Usage(arg)),
            }
        }
        Ok(plan)
    }

    fn wants(&self, number: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == number)
    }
}

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(BenchError::Usage(what)) => {
            eprintln!("bench: {what} is not understood\n{USAGE}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: Vec<String>) -> Result<(), BenchError> {
    // Parts that are measured from outside run in a process of their own.
    if args.first().is_some_and(|arg| arg == "part") {
        let rest = args.split_off(2.min(args.len()));
        return match args.get(1).map(String::as_str) {
            Some("orders") => orders::part(&rest),
            Some("parse") => import::parse_part(&rest),
            Some("import") => import::import_part(&rest),
            _ => Err(BenchError::Usage("part".to_owned())),
        };
    }
    let plan = Plan::read(args.into_iter())?;
    machine::describe(&plan.dir);
    if plan.wants("p1") {
        orders::measure(&plan)?;
        calls::count(&plan)?;
    }
    if plan.wants("qr") {
        qr::measure(&plan)?;
    }
    if plan.wants("settle") {
        settle::measure(&plan)?;
    }
    if plan.wants("p9") {
        search::measure()?;
    }
    if plan.wants("p13") {
        import::measure(&plan)?;
    }
    #[cfg(target_os = "linux")]
    if plan.wants("p10") || plan.wants("p11") {
        start::measure(&plan, plan.wants("p10"), plan.wants("p11"))?;
    }
    #[cfg(not(target_os = "linux"))]
    println!("P10 and P11: not measured: their screen and their driver are Linux's");
    Ok(())
}
