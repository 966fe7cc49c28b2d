//! The desktop shell: it opens the terminal core, shows two windows, and hands commands through.
//! Nothing here decides anything; a rule found here is in the wrong place.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod commands;
mod host;
mod windows;

use std::process::ExitCode;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let options = match host::Options::from_args(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(wrong) => return host::fail(&wrong.to_string()),
    };
    if let Err(missing) = host::check_display() {
        return host::fail(&missing.to_string());
    }
    host::steady_graphics();
    match windows::run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => host::fail(&format!("the window can't be opened: {error}")),
    }
}
