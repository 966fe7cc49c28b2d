//! `cargo xtask seed`: the help page that the product makes true, statement by statement. It runs the
//! stories S1 to S28 (tests/seed), now, and prints a line for each. What was ignored, filtered out or
//! skipped for want of a program is `not run`, and everything but `ok` fails the command.

use crate::needs::{self, Set};
use crate::run::BUILD;
use crate::shell::{Failure, Repo, call, shown};
use std::fmt;
use std::fs;
use std::process::{Command, Stdio};

const STATEMENTS: u32 = 28;

/// How a statement stands after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Ok,
    Failed,
    NotRun,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Ok => "ok",
            Outcome::Failed => "failed",
            Outcome::NotRun => "not run",
        })
    }
}

pub(crate) fn main(repo: &Repo, args: &[String]) -> Result<(), Failure> {
    if !args.is_empty() {
        return Err(Failure::Usage("seed takes nothing: it runs all".to_owned()));
    }
    needs::provide(repo, &[Set::Build, Set::Ui, Set::Fonts, Set::Browser])?;
    repo.claim_target()?;
    needs::build_ui(repo)?;
    call(repo.cargo().args(BUILD))?;
    let mut tests = stories(repo);
    println!("$ {}", shown(&tests));
    let out = tests
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::Program {
            call: shown(&tests),
            why: error.to_string(),
        })?;
    let text = [out.stdout, out.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let log = repo.root.join("target").join("seed.log");
    fs::create_dir_all(repo.root.join("target"))
        .and_then(|()| fs::write(&log, text.as_bytes()))
        .map_err(|error| Failure::file(&log, &error))?;
    let mut bad = 0;
    for statement in 1..=STATEMENTS {
        let outcome = outcome(statement, &text);
        println!("S{statement} {outcome}");
        bad += u64::from(outcome != Outcome::Ok);
    }
    if bad == 0 {
        return Ok(());
    }
    println!("all of their output: {}", log.display());
    Err(Failure::Checks { failed: bad })
}

/// The call that tells every story. The whole workspace, so that it is the build that the programs
/// come from.
pub(crate) fn stories(repo: &Repo) -> Command {
    let mut tests = repo.cargo();
    tests.args(["test", "--workspace", "--test", "seed", "--no-fail-fast"]);
    tests.args(["--", "--show-output"]);
    tests.env("CARGO_TERM_COLOR", "never");
    tests
}

/// The worst of a statement's tests; none at all is not run.
fn outcome(statement: u32, text: &str) -> Outcome {
    let name = format!("s{statement:02}");
    let mut outcomes = text.lines().filter_map(|line| {
        let (test, result) = line.trim().strip_prefix("test ")?.rsplit_once(" ... ")?;
        let last = test.rsplit("::").next()?;
        let own = last.strip_prefix(&name)?.starts_with('_');
        own.then_some(match result {
            "ok" => Outcome::Ok,
            "FAILED" => Outcome::Failed,
            _ => Outcome::NotRun,
        })
    });
    let first = outcomes.next().unwrap_or(Outcome::NotRun);
    let worst = outcomes.fold(first, |worst, next| match (worst, next) {
        (Outcome::Failed, _) | (_, Outcome::Failed) => Outcome::Failed,
        (Outcome::NotRun, _) | (_, Outcome::NotRun) => Outcome::NotRun,
        _ => Outcome::Ok,
    });
    let skipped = format!("not run: {name}");
    let skipped = text.lines().any(|line| line.trim().starts_with(&skipped));
    if worst == Outcome::Ok && skipped {
        Outcome::NotRun
    } else {
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "running 5 tests\n\
        test channels::s01_a ... ok\n\
        test channels::s01_b ... FAILED\n\
        test wallet::s02_a ... ignored\n\
        test wallet::s03_a ... ok\n\
        test wallet::s04_a ... ok\n\
        ---- wallet::s04_a stdout ----\n\
        not run: s04: chromedriver is not on PATH\n";

    #[test]
    fn only_what_ran_and_passed_is_ok() {
        assert_eq!(outcome(1, TEXT), Outcome::Failed);
        assert_eq!(outcome(2, TEXT), Outcome::NotRun);
        assert_eq!(outcome(3, TEXT), Outcome::Ok);
        assert_eq!(outcome(4, TEXT), Outcome::NotRun);
        assert_eq!(outcome(5, TEXT), Outcome::NotRun);
    }
}
