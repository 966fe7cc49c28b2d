//! `cargo xtask seed`: reserved. It says that it is not there yet and fails, so that no script
//! takes its silence for a success.

use crate::shell::Failure;

pub(crate) fn main() -> Result<(), Failure> {
    Err(Failure::NotThereYet {
        what: "`cargo xtask seed` (a generator of companies of any size, for the measurements)",
        instead: "`cargo xtask run` makes a demo company of its own",
    })
}
