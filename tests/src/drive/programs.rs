//! Programs that the tour starts, and how none of them outlives it.
//!
//! Each program leads a process group of its own and writes to a log of its own. Drivers start
//! further programs, and a browser may leave its starter's group; so everything below us carries a
//! mark in its environment, and at the end whoever still carries it is ended by its number.

use crate::drive::error::DriveError;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// The first start makes keys and imports a company.
const READY_WITHIN: Duration = Duration::from_secs(180);
const MARK: &str = "FIELDTILL_TOUR";
/// Each troupe ends its own programs only.
static TROUPES: AtomicU32 = AtomicU32::new(0);

/// Where logs go and what every program inherits.
#[derive(Clone, Debug)]
pub struct Troupe {
    logs: PathBuf,
    mark: String,
    /// Set for every program started from here on.
    pub env: Vec<(String, String)>,
}

impl Troupe {
    pub fn new(logs: &Path) -> Result<Troupe, DriveError> {
        fs::create_dir_all(logs).map_err(|error| DriveError::file(logs, &error))?;
        let nth = TROUPES.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{}-{nth}", std::process::id());
        Ok(Troupe {
            logs: logs.to_owned(),
            mark,
            env: Vec::new(),
        })
    }

    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.env(MARK, &self.mark);
        command
    }

    /// Starts a program and waits for the line that begins with the word `last`; with an empty word,
    /// for any line.
    pub fn start(
        &self,
        name: &'static str,
        command: &mut Command,
        last: &str,
    ) -> Result<Program, DriveError> {
        let mut program = self.spawn(name, command)?;
        program.wait_for(last)?;
        Ok(program)
    }

    /// Starts a program that says nothing when it is ready.
    pub fn spawn(&self, name: &'static str, command: &mut Command) -> Result<Program, DriveError> {
        let log = self.logs.join(format!("{name}.log"));
        let open = || OpenOptions::new().create(true).append(true).open(&log);
        let (out, err) = open()
            .and_then(|out| Ok((out, open()?)))
            .map_err(|error| DriveError::file(&log, &error))?;
        let failed = |why: String| DriveError::Program { name, why };
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(err)
            .process_group(0)
            .spawn()
            .map_err(|error| failed(format!("{}: {error}", command.get_program().display())))?;
        let lines = match child.stdout.take() {
            Some(stdout) => listen(stdout, out),
            None => return Err(failed("its output can't be read".to_owned())),
        };
        Ok(Program {
            name,
            child,
            lines,
            said: Vec::new(),
        })
    }

    /// The ends of all logs, for a failure.
    pub fn log_tails(&self, lines: usize) -> String {
        let mut files: Vec<PathBuf> = fs::read_dir(&self.logs)
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.path())
            .collect();
        files.sort();
        let mut text = String::new();
        for file in files {
            let log = fs::read_to_string(&file).unwrap_or_default();
            let all: Vec<&str> = log.lines().collect();
            let end = &all[all.len().saturating_sub(lines)..];
            text.push_str(&format!("--- {}\n{}\n", file.display(), end.join("\n")));
        }
        text
    }

    /// Ends whatever still carries our mark. Only our own children have inherited it.
    pub fn sweep(&self) {
        let mark = format!("{MARK}={}", self.mark);
        let own = std::process::id().to_string();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let pid = entry.file_name().to_string_lossy().into_owned();
            if pid == own || !pid.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            let environ = fs::read(entry.path().join("environ")).unwrap_or_default();
            if environ
                .split(|byte| *byte == 0)
                .any(|entry| entry == mark.as_bytes())
            {
                kill(&pid);
            }
        }
    }
}

/// Our lint forbids the unsafe call; the shell's own `kill` needs no package. In a group of its own,
/// so that a signal that ends us does not end it first.
fn kill(target: &str) {
    let script = format!("kill -s KILL -- {target}");
    let _ = Command::new("sh")
        .args(["-c", &script])
        .process_group(0)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

fn listen(out: impl std::io::Read + Send + 'static, mut log: File) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(out).lines() {
            let Ok(line) = line else { break };
            // A log on a full disk must not stop the program that writes it.
            let _ = writeln!(log, "{line}");
            let _ = sender.send(line);
        }
    });
    lines
}

/// A running program; its whole group ends with this value.
#[derive(Debug)]
pub struct Program {
    name: &'static str,
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Program {
    /// What followed `word` on each line that begins with it.
    pub fn said<'a>(&'a self, word: &'a str) -> impl Iterator<Item = &'a str> {
        self.said
            .iter()
            .filter_map(move |line| line.strip_prefix(word)?.strip_prefix(' '))
    }

    /// What followed `word` on the first line that begins with it.
    pub fn first_said(&self, word: &str) -> Result<String, DriveError> {
        let said = self.said(word).next();
        said.map(|rest| rest.trim().to_owned())
            .ok_or_else(|| DriveError::Wrong(format!("{} did not say `{word} …`", self.name)))
    }

    pub fn first_line(&self) -> &str {
        self.said.first().map_or("", String::as_str)
    }

    fn wait_for(&mut self, last: &str) -> Result<(), DriveError> {
        let name = self.name;
        let failed = |why: String| DriveError::Program { name, why };
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    let reached = last.is_empty() || line.split(' ').next() == Some(last);
                    self.said.push(line);
                    if reached {
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(failed(format!(
                        "no line `{last} …` from it within {} s",
                        READY_WITHIN.as_secs()
                    )));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.child.wait().map(|status| status.to_string());
                    let how = status.unwrap_or_else(|error| error.to_string());
                    return Err(failed(format!("it ended before it was ready ({how})")));
                }
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Even when its leader has ended, the group may have members.
        kill(&format!("-{}", self.child.id()));
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first of these names that is a file in a folder of PATH.
pub fn on_path(names: &[&str]) -> Result<PathBuf, DriveError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
        .ok_or_else(|| DriveError::Missing {
            what: names.join(" or "),
        })
}
