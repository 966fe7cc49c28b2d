//! What the operating system is asked for: the folder, the display, steady graphics, the browser.
//! Windows and macOS branches stand beside the Linux ones; only Linux has been run.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// How the app was started.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The terminal's folder.
    pub(crate) dir: PathBuf,
    /// Enrol at this backend with this one-time code before the window opens.
    pub(crate) enrol: Option<(String, String)>,
    /// Address of a sandbox phone, in demos only: "open as the distributor" uses it.
    pub(crate) phone: Option<String>,
    /// Show the customer window at start.
    pub(crate) customer_window: bool,
}

/// Why the app can't start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// An argument is not known or lacks its value.
    #[error("{0}: the arguments are --data DIR, --enrol URL CODE, --phone URL, --customer-window")]
    Argument(String),
    /// No folder for the user's data.
    #[error("no folder for data: set HOME, or start with --data DIR")]
    NoDataFolder,
    /// No display.
    #[error("no display: DISPLAY and WAYLAND_DISPLAY are unset; start inside a desktop session")]
    NoDisplay,
}

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    /// [`StartError::Argument`] and [`StartError::NoDataFolder`].
    pub(crate) fn from_args(mut args: impl Iterator<Item = String>) -> Result<Options, StartError> {
        let (mut dir, mut enrol, mut phone, mut customer_window) = (None, None, None, false);
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| StartError::Argument(arg.clone()));
            match arg.as_str() {
                "--data" => dir = Some(PathBuf::from(value()?)),
                "--enrol" => enrol = Some((value()?, value()?)),
                "--phone" => phone = Some(value()?),
                "--customer-window" => customer_window = true,
                _ => return Err(StartError::Argument(arg)),
            }
        }
        let dir = dir.or_else(data_folder).ok_or(StartError::NoDataFolder)?;
        Ok(Options {
            dir,
            enrol,
            phone,
            customer_window,
        })
    }
}

fn data_folder() -> Option<PathBuf> {
    let variable = |name| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let base = if cfg!(windows) {
        variable("LOCALAPPDATA")?
    } else if cfg!(target_os = "macos") {
        variable("HOME")?.join("Library/Application Support")
    } else {
        variable("XDG_DATA_HOME").or_else(|| Some(variable("HOME")?.join(".local/share")))?
    };
    Some(base.join("fieldtill"))
}

/// Without a display the toolkit aborts without a word; this says it first.
///
/// # Errors
/// [`StartError::NoDisplay`].
pub(crate) fn check_display() -> Result<(), StartError> {
    let linux = cfg!(all(unix, not(target_os = "macos")));
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if linux && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        return Err(StartError::NoDisplay);
    }
    Ok(())
}

/// WebKitGTK shows a blank window with some drivers when it shares DMA buffers. The switch is read
/// from the environment at start, so the program starts itself anew with it set; a value that the
/// user has set is left alone.
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) fn steady_graphics() {
    use std::os::unix::process::CommandExt as _;
    const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(SWITCH).is_some() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        let error = Command::new(program)
            .args(std::env::args_os().skip(1))
            .env(SWITCH, "1")
            .exec();
        tracing::warn!(%error, "graphics are left as they are");
    }
}

/// Other systems bring their own webview and need no switch. Untested there.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(crate) fn steady_graphics() {}

/// Opens a page in the user's browser.
///
/// # Errors
/// When the browser can't be started.
pub(crate) fn open_in_browser(url: &str) -> std::io::Result<()> {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else if cfg!(target_os = "macos") {
        Command::new("open")
    } else {
        Command::new("xdg-open")
    };
    command.arg(url).spawn().map(|_| ())
}

/// Says why on the terminal that started the app, and fails.
pub(crate) fn fail(message: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "fieldtill: {message}");
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str]) -> Result<Options, StartError> {
        Options::from_args(args.iter().map(|arg| (*arg).to_owned()))
    }

    #[test]
    fn arguments_are_read_and_a_wrong_one_is_named() {
        let options = read(&["--data", "/d", "--enrol", "http://127.0.0.1:1", "7K3QX2MP"]).unwrap();
        assert_eq!(options.dir, PathBuf::from("/d"));
        assert_eq!(
            options.enrol,
            Some(("http://127.0.0.1:1".into(), "7K3QX2MP".into()))
        );
        assert!(
            read(&["--data"])
                .unwrap_err()
                .to_string()
                .contains("--data")
        );
        assert!(
            read(&["--sell"])
                .unwrap_err()
                .to_string()
                .contains("--sell")
        );
    }
}
