//! `cargo xtask bench [--dev] [ARG…]`: measurements as ratios to a counterpart that runs in the same
//! run, built for release. Nothing here is asserted by a test: absolute times are the machine's.
//! `--dev` uses the build of the tests, for a first look; the program says so where it prints.

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
    if wants_search(args) {
        // A call of its own: built together with the program, the tests' doors would be open in it.
        let example = ["--package", "terminal", "--example", "bench_search"];
        call(
            repo.cargo()
                .args(["build", "--profile", profile])
                .args(example),
        )?;
    }
    call(
        repo.cargo()
            .args(["run", "--profile", profile])
            .args(["--package", "fieldtill-tests", "--bin", "bench", "--"])
            .args(args),
    )
}

/// Whether `--dev` comes first, and what the program is given.
fn profile(args: &[String]) -> (bool, &[String]) {
    match args {
        [first, rest @ ..] if first == "--dev" => (true, rest),
        _ => (false, args),
    }
}

/// Search is measured by a program beside the search itself.
fn wants_search(args: &[String]) -> bool {
    let only = args.iter().position(|arg| arg == "--only");
    let only = only.and_then(|at| args.get(at + 1));
    only.is_none_or(|only| {
        only.split(',')
            .any(|number| number.eq_ignore_ascii_case("p9"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_is_built_unless_it_is_left_out() {
        let args = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        assert!(wants_search(&[]));
        assert!(wants_search(&args("--only p1,P9")));
        assert!(!wants_search(&args("--rounds 7 --only p1")));
        let given = args("--dev --only p1");
        assert_eq!(profile(&given), (true, &given[1..]));
        assert_eq!(profile(&given[1..]), (false, &given[1..]));
    }
}
