//! `cargo xtask crash`: reserved. It says that it is not there yet and fails, so that no script
//! takes its silence for a success.

use crate::shell::Failure;

pub(crate) fn main() -> Result<(), Failure> {
    Err(Failure::NotThereYet {
        what: "`cargo xtask crash` (real processes killed at random points, their files reopened)",
        instead: "the simulator restarts terminals and backend at any point: `cargo xtask sim --seeds 500`",
    })
}
