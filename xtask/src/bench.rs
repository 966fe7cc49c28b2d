//! `cargo xtask bench [ARG…]`: measurements as ratios to a counterpart that runs in the same run,
//! built for release. Nothing here is asserted by a test: absolute times are the machine's.

use crate::shell::{Failure, Repo, call};

pub(crate) fn main(repo: &Repo, args: &[String]) -> Result<(), Failure> {
    if !repo.has_program("bench")? {
        return Err(Failure::NotThereYet {
            what: "the measurements (program bench of tests/)",
            instead: "",
        });
    }
    repo.claim_target()?;
    call(
        repo.cargo()
            .args(["run", "--release", "--bin", "bench", "--"])
            .args(args),
    )
}
