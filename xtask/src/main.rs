//! `cargo xtask …`: every command a person types in this project, on any machine.
//!
//! It needs no system library and next to no crates, because it is what runs first on a fresh
//! machine and tells what that machine lacks. One module per command; `shell` knows where things
//! are and how programs are called.
//!
//! Exit codes: 0 done · 1 something failed · 2 wrong call, or a command that is not there yet ·
//! 3 something must be installed by hand (the exact command is printed) · 4 no display.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program talks through its output"
)]

mod bench;
mod crash;
mod dist;
mod generate;
mod needs;
mod peers;
mod run;
mod screens;
mod seed;
mod shell;
mod sim;
mod test;

use std::process::ExitCode;

use shell::{Failure, Repo};

const USAGE: &str = "\
cargo xtask run   [--data DIR] [--dry-run]
                  [--tour [--lang zh-CN|en] [--break decline|drop-callback|wrong-amount]]
                                     start the demo, or let the tour drive it
cargo xtask test  [--only STEP,…]    everything that must hold before a change lands
cargo xtask gen   [--check]          write ui/src/api/generated.ts from the list of commands
cargo xtask sim   --seeds N [--seed S]
                                     the seeded simulator of sync
cargo xtask bench [--dev] [ARG…]     measure against counterparts in the same run
cargo xtask dist  [--debug]          build the deb and the rpm
cargo xtask peers                    other people's payment SDKs judge clients and sandbox
cargo xtask seed                     the stories of the help page, S1 to S28
cargo xtask screens [PAGE…]          pictures of every page into docs/screens
cargo xtask crash                    not there yet";

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    if args.is_empty() || matches!(args[0].as_str(), "help" | "--help" | "-h") {
        println!("{USAGE}");
        return ExitCode::from(if args.is_empty() { 2 } else { 0 });
    }
    let command = args.remove(0);
    let done = Repo::find().and_then(|repo| match command.as_str() {
        "run" => run::main(&repo, &args),
        "test" => test::main(&repo, &args),
        "gen" => generate::main(&repo, &args),
        "sim" => sim::main(&repo, &args),
        "bench" => bench::main(&repo, &args),
        "dist" => dist::main(&repo, &args),
        "seed" => seed::main(&repo, &args),
        "screens" => screens::main(&repo, &args),
        "peers" => peers::main(&repo, &args),
        "crash" => crash::main(),
        other => Err(Failure::Usage(format!("there is no command `{other}`"))),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            if matches!(failure, Failure::Usage(_)) {
                eprintln!("\n{USAGE}");
            }
            ExitCode::from(failure.exit_code())
        }
    }
}
