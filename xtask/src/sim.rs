//! `cargo xtask sim --seeds N [--seed S]`: the seeded simulator of sync. One seed is one world:
//! the same number gives the same faults in the same order, so a failure is replayed by its seed.

use crate::shell::{Failure, Repo, call};

pub(crate) fn main(repo: &Repo, args: &[String]) -> Result<(), Failure> {
    check(args)?;
    if !repo.has_program("sim")? {
        return Err(Failure::NotThereYet {
            what: "the simulator (program sim of tests/)",
            instead: "`cargo test`",
        });
    }
    repo.claim_target()?;
    call(
        repo.cargo()
            .args(["run", "--quiet", "-p", "fieldtill-tests"])
            .args(["--features", "planted", "--bin", "sim", "--"])
            .args(args),
    )
}

/// Wrong numbers are told here, before anything is built.
fn check(args: &[String]) -> Result<(), Failure> {
    let usage = |what: String| Err(Failure::Usage(what));
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if arg != "--seeds" && arg != "--seed" {
            return usage(format!("sim does not know `{arg}`"));
        }
        let value = rest.next().map_or("", String::as_str);
        if value.parse::<u64>().is_err() {
            return usage(format!("sim: {arg} needs a whole number, not `{value}`"));
        }
    }
    if args.is_empty() {
        return usage("sim needs --seeds N or --seed S".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn seeds_are_whole_numbers() {
        let args = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert!(check(&args("--seeds 500")).is_ok());
        assert!(check(&args("--seeds 1 --seed 18446744073709551615")).is_ok());
        for wrong in ["", "--seeds", "--seeds -1", "--seeds many", "--fast", "500"] {
            assert!(check(&args(wrong)).is_err(), "{wrong}");
        }
    }
}
