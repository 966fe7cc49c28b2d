//! Writes the user interface's client from the list of commands, or with `--check` says whether the
//! committed one is stale.

use std::process::ExitCode;

fn main() -> ExitCode {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/api/generated.ts");
    let fresh = terminal::api::typescript::generate();
    let check = std::env::args().any(|argument| argument == "--check");
    let held = std::fs::read_to_string(path).unwrap_or_default();
    if held == fresh {
        return ExitCode::SUCCESS;
    }
    if check {
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            b"ui/src/api/generated.ts is stale: run `cargo xtask gen` and commit it\n",
        );
        return ExitCode::FAILURE;
    }
    match std::fs::write(path, fresh) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let text = format!("{path} can't be written: {error}\n");
            let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
            ExitCode::FAILURE
        }
    }
}
