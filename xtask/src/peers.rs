//! `cargo xtask peers`: reserved. It says that it is not there yet and fails, so that no script
//! takes its silence for a success.

use crate::shell::Failure;

pub(crate) fn main() -> Result<(), Failure> {
    Err(Failure::NotThereYet {
        what: "`cargo xtask peers` (official payment SDKs answering the sandbox and the product)",
        instead: "the gateways' own tests read published vectors",
    })
}
