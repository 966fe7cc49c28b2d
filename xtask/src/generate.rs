//! `cargo xtask gen [--check]`: writes `ui/src/api/generated.ts` from THE LIST of commands in
//! `crates/terminal/src/api.rs`; with `--check` it writes nothing and fails where the file differs.

use crate::shell::{Failure, Repo, call};

pub(crate) const PROGRAM: &str = "gen-api";

pub(crate) fn main(repo: &Repo, args: &[String]) -> Result<(), Failure> {
    let check = match args {
        [] => false,
        [one] if one == "--check" => true,
        _ => return Err(Failure::Usage("gen takes --check or nothing".to_owned())),
    };
    if !repo.has_program(PROGRAM)? {
        return Err(Failure::NotThereYet {
            what: "the generator of ui/src/api/generated.ts (program gen-api of crates/terminal)",
            instead: "",
        });
    }
    repo.claim_target()?;
    // No `-p`: the core's packages together resolve the same features as in their tests.
    let mut cargo = repo.cargo();
    cargo.args(["run", "--quiet", "--bin", PROGRAM, "--"]);
    if check {
        cargo.arg("--check");
    }
    call(&mut cargo)
}
