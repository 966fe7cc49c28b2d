//! Where things are, and how programs are called.
//!
//! Built files go to a folder outside the clone unless `CARGO_TARGET_DIR` says otherwise: a second
//! clone on the same machine then rebuilds only this workspace's own crates. Programs are built
//! with the whole workspace's features (`cargo build --workspace`) and then started from that
//! folder, because `cargo run -p one` would resolve other features and build the shared
//! dependencies a second time.

use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// Why a command of this program did not succeed. `Display` is what the person reads.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The call itself is wrong.
    Usage(String),
    /// A program was started and failed, or could not be started.
    Program { call: String, why: String },
    /// A file or folder could not be read or written.
    File { path: PathBuf, why: String },
    /// A planned command or program that does not exist yet.
    NotThereYet {
        what: &'static str,
        instead: &'static str,
    },
    /// The person must install something; `how` is the exact command or the place.
    InstallByHand { what: String, how: String },
    /// There is no screen to open a window on.
    NoDisplay,
    /// A program of ours did not say that it was ready.
    NotReady { program: String, why: String },
    /// Checks failed; they were printed already.
    Checks { failed: u64 },
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Program { .. }
            | Self::File { .. }
            | Self::NotReady { .. }
            | Self::Checks { .. } => 1,
            Self::Usage(_) | Self::NotThereYet { .. } => 2,
            Self::InstallByHand { .. } => 3,
            Self::NoDisplay => 4,
        }
    }

    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            why: error.to_string(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => write!(f, "{what}"),
            Self::Program { call, why } => write!(f, "failed: {call}: {why}"),
            Self::File { path, why } => write!(f, "failed: {}: {why}", path.display()),
            Self::NotThereYet { what, instead } => {
                write!(f, "not there yet: {what}")?;
                if instead.is_empty() {
                    Ok(())
                } else {
                    write!(f, ". Instead: {instead}.")
                }
            }
            Self::InstallByHand { what, how } => {
                write!(
                    f,
                    "{what}\nInstall it by hand, then run the same command again:\n\n    {how}\n"
                )
            }
            Self::NoDisplay => write!(
                f,
                "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window \
                 can open.\nSee the same demo drive itself, with screenshots in target/tour/:\n\n    \
                 cargo xtask run --tour\n"
            ),
            Self::NotReady { program, why } => write!(f, "{program} did not start: {why}"),
            // The summary line is the last thing printed on stdout; this adds nothing to it.
            Self::Checks { failed } => write!(f, "{failed} failed; see above"),
        }
    }
}

/// The clone this runs in, and the folders outside of it.
pub(crate) struct Repo {
    /// The folder of the workspace's Cargo.toml.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
    /// Ours under the person's cache folder: tools, the demo's state.
    pub(crate) cache: PathBuf,
}

impl Repo {
    pub(crate) fn find() -> Result<Self, Failure> {
        let own = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = own
            .parent()
            .map(Path::to_owned)
            .ok_or_else(|| Failure::File {
                path: own.clone(),
                why: "has no folder above it".to_owned(),
            })?;
        let cache = cache_dir(
            cfg!(windows),
            env::var_os("XDG_CACHE_HOME").map(PathBuf::from),
            env::var_os("LOCALAPPDATA").map(PathBuf::from),
            env::home_dir(),
        )
        .unwrap_or_else(|| root.join("target"))
        .join("fieldtill");
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) if !dir.is_empty() => root.join(dir),
            _ => cache.join("target"),
        };
        Ok(Self {
            root,
            target,
            cache,
        })
    }

    /// To be called before anything is built. Cargo names what it builds by paths inside the
    /// workspace and judges it by file times, so in a target folder that two clones share it takes
    /// the other clone's programs and tests for its own when this clone's files are older. When
    /// another clone built there last, this one's sources therefore get the present time.
    pub(crate) fn claim_target(&self) -> Result<(), Failure> {
        let stamp = self.target.join("fieldtill-clone");
        let own = self.root.to_string_lossy();
        if fs::read_to_string(&stamp).is_ok_and(|last| last == own) {
            return Ok(());
        }
        // The file system's own idea of now, which is what cargo compares with.
        let now = fs::create_dir_all(&self.target)
            .and_then(|()| fs::write(&stamp, ""))
            .and_then(|()| fs::metadata(&stamp)?.modified())
            .map_err(|error| Failure::file(&stamp, &error))?;
        for folder in ["crates", "src-tauri", "tests", "xtask"] {
            touch_sources(&self.root.join(folder), now)?;
        }
        fs::write(&stamp, own.as_bytes()).map_err(|error| Failure::file(&stamp, &error))
    }

    /// A program of this workspace as built for development.
    pub(crate) fn built(&self, program: &str) -> PathBuf {
        self.target
            .join("debug")
            .join(format!("{program}{}", env::consts::EXE_SUFFIX))
    }

    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = self.command(
            env::var_os("CARGO")
                .as_deref()
                .unwrap_or(OsStr::new("cargo")),
        );
        if ci() {
            cargo.env("CARGO_TERM_COLOR", "never");
        }
        cargo
    }

    pub(crate) fn npm(&self) -> Command {
        let mut npm = self.command(OsStr::new(if cfg!(windows) { "npm.cmd" } else { "npm" }));
        npm.current_dir(self.root.join("ui"))
            .env("npm_config_fund", "false")
            .env("npm_config_audit", "false")
            .env("npm_config_update_notifier", "false");
        npm
    }

    /// A call from the top folder, without what `cargo run` put into our own environment: those
    /// variables would make cargo believe that its build scripts' input had changed.
    pub(crate) fn command(&self, program: &OsStr) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(set_by_cargo_run) {
                command.env_remove(name);
            }
        }
        if let Some(shared) = self.shared() {
            command.env("FIELDTILL_SHARED", shared);
        }
        command
    }

    /// The folder with real data and published vectors that some tests read, where it exists.
    pub(crate) fn shared(&self) -> Option<PathBuf> {
        let dir = match env::var_os("FIELDTILL_SHARED") {
            Some(dir) => self.root.join(dir),
            None => self.root.parent()?.join("shared"),
        };
        dir.is_dir().then_some(dir)
    }

    /// Whether a package of this workspace has a program of this name (read from its manifest's
    /// metadata, so nothing is built or fetched).
    pub(crate) fn has_program(&self, program: &str) -> Result<bool, Failure> {
        let text = output(self.cargo().args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ]))?;
        let metadata: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| Failure::Program {
                call: "cargo metadata".to_owned(),
                why: error.to_string(),
            })?;
        Ok(declares_program(&metadata, program))
    }
}

pub(crate) fn ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// Whether a program starts and succeeds; what it prints is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs with our own input and output; an exit code other than 0 is a failure.
pub(crate) fn call(command: &mut Command) -> Result<(), Failure> {
    let shown = shown(command);
    println!("$ {shown}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Program {
            call: shown,
            why: status.to_string(),
        }),
        Err(error) => Err(Failure::Program {
            call: shown,
            why: error.to_string(),
        }),
    }
}

/// What a program prints; an exit code other than 0 is a failure that carries its last line.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let shown = shown(command);
    let failed = |why| Failure::Program {
        call: shown.clone(),
        why,
    };
    let out = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !out.status.success() {
        let errors = String::from_utf8_lossy(&out.stderr);
        let last = errors
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("");
        return Err(failed(format!("{}: {last}", out.status)));
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// The call as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned();
    let mut line = name;
    for arg in command.get_args() {
        let arg = arg.to_string_lossy();
        let quote = if arg.contains([' ', '"', '\'']) {
            "'"
        } else {
            ""
        };
        line.push_str(&format!(" {quote}{arg}{quote}"));
    }
    line
}

/// The first file of that name on PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|dir| dir.join(&name))
        .find(|path| path.is_file())
}

fn touch_sources(folder: &Path, now: SystemTime) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(folder, &error);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            touch_sources(&path, now)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            // Opened for writing, because Windows sets times only then; not a byte is written.
            fs::OpenOptions::new()
                .append(true)
                .open(&path)
                .and_then(|file| file.set_modified(now))
                .map_err(|error| Failure::file(&path, &error))?;
        }
    }
    Ok(())
}

fn set_by_cargo_run(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || name.starts_with("CARGO_BIN_")
        || matches!(
            name,
            "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR"
        )
}

fn cache_dir(
    windows: bool,
    xdg: Option<PathBuf>,
    local_app_data: Option<PathBuf>,
    home: Option<PathBuf>,
) -> Option<PathBuf> {
    if windows {
        return local_app_data.or_else(|| Some(home?.join("AppData").join("Local")));
    }
    // The XDG rules: a relative path there is to be ignored.
    xdg.filter(|dir| dir.is_absolute())
        .or_else(|| Some(home?.join(".cache")))
}

fn declares_program(metadata: &serde_json::Value, program: &str) -> bool {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .flat_map(|package| package["targets"].as_array().into_iter().flatten())
        .any(|target| {
            target["name"] == program
                && target["kind"]
                    .as_array()
                    .is_some_and(|kinds| kinds.iter().any(|kind| kind == "bin"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_follows_each_systems_custom() {
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(cache_dir(false, path("/x"), None, path("/h")), path("/x"));
        assert_eq!(
            cache_dir(false, path("x"), None, path("/h")),
            path("/h/.cache")
        );
        assert_eq!(cache_dir(false, None, None, path("/h")), path("/h/.cache"));
        assert_eq!(
            cache_dir(true, path("/x"), path("/local"), path("/h")),
            path("/local")
        );
        assert_eq!(cache_dir(false, None, None, None), None);
    }

    #[test]
    fn the_second_clone_in_a_target_folder_makes_its_sources_newer() {
        let top = env::temp_dir().join(format!("xtask-claim-{}", std::process::id()));
        let clone = |name: &str| {
            let root = top.join(name);
            for folder in ["crates/a/src", "src-tauri", "tests", "xtask"] {
                fs::create_dir_all(root.join(folder)).unwrap();
            }
            let source = root.join("crates/a/src/lib.rs");
            fs::write(&source, "//! a").unwrap();
            let old = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
            fs::File::options()
                .append(true)
                .open(&source)
                .unwrap()
                .set_modified(old)
                .unwrap();
            (
                Repo {
                    root,
                    target: top.join("target"),
                    cache: top.join("cache"),
                },
                source,
                old,
            )
        };
        let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        let set = |path: &Path, time| {
            fs::File::options()
                .append(true)
                .open(path)
                .unwrap()
                .set_modified(time)
                .unwrap();
        };
        let (one, one_source, old) = clone("one");
        one.claim_target().unwrap();
        assert!(
            time(&one_source) > old,
            "the first claim cannot know who built there before"
        );
        set(&one_source, old);
        one.claim_target().unwrap();
        assert_eq!(time(&one_source), old, "its own folder: nothing to do");
        let (two, two_source, _) = clone("two");
        two.claim_target().unwrap();
        assert!(time(&two_source) > old);
        one.claim_target().unwrap();
        assert!(time(&one_source) > old, "the other was here in between");
        assert_eq!(fs::read_to_string(&one_source).unwrap(), "//! a");
        fs::remove_dir_all(&top).unwrap();
    }

    #[test]
    fn only_what_cargo_run_sets_is_taken_away() {
        for name in [
            "CARGO_PKG_NAME",
            "CARGO_MANIFEST_DIR",
            "CARGO_BIN_NAME",
            "OUT_DIR",
        ] {
            assert!(set_by_cargo_run(name), "{name}");
        }
        for name in [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO",
            "PATH",
            "CARGO_BUILD_JOBS",
        ] {
            assert!(!set_by_cargo_run(name), "{name}");
        }
    }

    #[test]
    fn a_library_is_not_taken_for_a_program() {
        let metadata = serde_json::json!({"packages": [
            {"targets": [{"name": "sim", "kind": ["lib"]}, {"name": "tour", "kind": ["bin"]}]},
        ]});
        assert!(declares_program(&metadata, "tour"));
        assert!(!declares_program(&metadata, "sim"));
        assert!(!declares_program(&metadata, "bench"));
    }

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let what = String::new;
        assert_eq!(
            Failure::InstallByHand {
                what: what(),
                how: what()
            }
            .exit_code(),
            3
        );
        assert_eq!(Failure::NoDisplay.exit_code(), 4);
        assert_eq!(
            Failure::NotThereYet {
                what: "",
                instead: ""
            }
            .exit_code(),
            2
        );
        assert_eq!(Failure::Checks { failed: 1 }.exit_code(), 1);
    }
}
