//! `cargo xtask bench [--dev] [ARG…]`: measurements as ratios to a counterpart that runs in the same
//! run, built for release. Nothing here is asserted by a test: absolute times are the machine's.
//! `--dev` uses the build of the tests, for a first look; the program says so where it prints.

use crate::needs;
use crate::shell::{Failure, Repo, call};

pub(crate) fn main(repo: &Repo, args: &[String]) -> Result<(), Failure> {
    if !repo.has_program("bench")? {
        return Err(Failure::NotThereYet {
            what: "the measurements (program bench of tests/)",
            instead: "",
        });
    }
    let (dev, args) = profile(args);
    let profile = if dev { "dev" } else { "release" };
    repo.claim_target()?;
    if wants(args, &["p10", "p11"]) && cfg!(target_os = "linux") {
        let window = [
            "--package",
            "fieldtill",
            "--bins",
            "--example",
            "timed_window",
        ];
        call(
            repo.cargo()
                .args(["build", "--profile", profile])
                .args(window),
        )?;
    }
    if wants(args, &["p9"]) {
        // A call of its own: built together with the program, the tests' doors would be open in it.
        let example = ["--package", "terminal", "--example", "bench_search"];
        call(
            repo.cargo()
                .args(["build", "--profile", profile])
                .args(example),
        )?;
    }
    let mut measuring = repo.cargo();
    measuring
        .args(["run", "--profile", profile])
        .args(["--package", "fieldtill-tests", "--bin", "bench", "--"])
        .args(args);
    // The window's driver is where the tour installed it.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(needs::tools_bin(repo)).chain(std::env::split_paths(&path));
    if let Ok(joined) = std::env::join_paths(folders) {
        measuring.env("PATH", joined);
    }
    call(&mut measuring)
}

/// Whether `--dev` comes first, and what the program is given.
fn profile(args: &[String]) -> (bool, &[String]) {
    match args {
        [first, rest @ ..] if first == "--dev" => (true, rest),
        _ => (false, args),
    }
}

/// Whether any of these numbers is wanted; search and the window are measured by programs of their own.
fn wants(args: &[String], numbers: &[&str]) -> bool {
    let only = args.iter().position(|arg| arg == "--only");
    let only = only.and_then(|at| args.get(at + 1));
    only.is_none_or(|only| {
        only.split(',').any(|only| {
            numbers
                .iter()
                .any(|number| only.eq_ignore_ascii_case(number))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_built_unless_their_numbers_are_left_out() {
        let args = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        assert!(wants(&[], &["p9"]));
        assert!(wants(&args("--only p1,P9"), &["p9"]));
        assert!(!wants(&args("--rounds 7 --only p1"), &["p10", "p11"]));
        let given = args("--dev --only p1");
        assert_eq!(profile(&given), (true, &given[1..]));
        assert_eq!(profile(&given[1..]), (false, &given[1..]));
    }
}
