//! `tour --out DIR [--data DIR] [--lang zh-CN|en] [--break decline|drop-callback|wrong-amount]`:
//! shows the product by itself and leaves numbered screenshots. The built programs are found in
//! FIELDTILL_PROGRAMS, else beside this one. Exits non-zero where something is not as it must be.

#[cfg(target_os = "linux")]
#[path = "../../desktop/mod.rs"]
mod desktop;

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    use std::io::Write as _;
    let _ = writeln!(
        std::io::stderr(),
        "tour: its screen and its drivers are Linux's"
    );
    std::process::ExitCode::from(2)
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use super::desktop::breaks::Break;
    use super::desktop::run;
    use super::desktop::stage::{Options, clear};
    use super::desktop::tour::say;
    use fieldtill_tests::drive::error::DriveError;
    use fieldtill_tests::drive::programs::Troupe;
    use std::path::PathBuf;
    use std::process::ExitCode;
    use std::time::Instant;
    use tokio::signal::unix::{SignalKind, signal};

    const LOG_LINES: usize = 30;

    pub(super) fn main() -> ExitCode {
        let (options, what) = match parse(std::env::args().skip(1)) {
            Ok(parsed) => parsed,
            Err(wrong) => {
                say(&format!("tour: {wrong}"));
                return ExitCode::from(2);
            }
        };
        let begun = Instant::now();
        let troupe = clear(&options.out).and_then(|()| Troupe::new(&options.out.join("logs")));
        let troupe = match troupe {
            Ok(troupe) => troupe,
            Err(error) => {
                say(&format!("tour: {error}"));
                return ExitCode::FAILURE;
            }
        };
        let ended = match tokio::runtime::Runtime::new() {
            Ok(runtime) => {
                let ended = runtime.block_on(until_interrupted(options, troupe.clone(), what));
                runtime.shutdown_background();
                ended
            }
            Err(error) => Err(DriveError::Wrong(error.to_string())),
        };
        troupe.sweep();
        match ended {
            Ok(()) => {
                say(&format!("tour: {} s", begun.elapsed().as_secs()));
                ExitCode::SUCCESS
            }
            Err(error) => {
                say(&troupe.log_tails(LOG_LINES));
                say(&format!("tour: failed: {error}"));
                ExitCode::FAILURE
            }
        }
    }

    async fn until_interrupted(
        options: Options,
        troupe: Troupe,
        what: Option<Break>,
    ) -> Result<(), DriveError> {
        let hear = |kind| signal(kind).map_err(|error| DriveError::Wrong(error.to_string()));
        let (mut interrupt, mut terminate) = (
            hear(SignalKind::interrupt())?,
            hear(SignalKind::terminate())?,
        );
        tokio::select! {
            ended = run(options, troupe, what) => ended,
            _ = interrupt.recv() => Err(DriveError::Interrupted),
            _ = terminate.recv() => Err(DriveError::Interrupted),
        }
    }

    fn parse(mut args: impl Iterator<Item = String>) -> Result<(Options, Option<Break>), String> {
        let beside = std::env::current_exe().ok();
        let beside = beside
            .and_then(|exe| exe.parent().map(PathBuf::from))
            .unwrap_or_default();
        let (mut out, mut data, mut language, mut what) = (None, None, "zh-CN".to_owned(), None);
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--out" => out = Some(absolute(&value()?)?),
                "--data" => data = Some(absolute(&value()?)?),
                "--lang" => language = value()?,
                "--break" => {
                    let word = value()?;
                    let known = Break::parse(&word);
                    what = Some(known.ok_or_else(|| format!("there is no break {word}"))?);
                }
                _ => return Err(format!("unknown argument {arg}")),
            }
        }
        let programs = std::env::var_os("FIELDTILL_PROGRAMS").map_or(beside, PathBuf::from);
        let out = out.ok_or_else(|| "--out DIR is needed".to_owned())?;
        Ok((
            Options {
                out,
                data,
                language,
                programs,
            },
            what,
        ))
    }

    fn absolute(path: &str) -> Result<PathBuf, String> {
        std::path::absolute(path).map_err(|error| format!("{path}: {error}"))
    }
}
