//! `cargo xtask run`: from a fresh machine to a demo that a person can pay in.
//!
//! Three programs make the demo: the sandbox (plays both payment channels), the backend with a
//! SQLite file and a demo company, and the app. Each tells on its own output when it is ready, so
//! nothing here waits by time; whatever happens, none of them outlives this command. How each is
//! called stands in one place, [`Demo`].
//!
//! `--tour` hands the same programs to the tour (tests/), which starts and drives them itself.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::needs::{self, Set};
use crate::shell::{Failure, Repo, call, shown};

/// How long a program of ours may take to say that it is ready: the first start makes keys and
/// imports a company.
const READY_WITHIN: Duration = Duration::from_secs(180);
/// Ports are tried in this order from here on, so that a link stays good from run to run.
const FIRST_PORT: u16 = 18610;
const BREAKS: [&str; 3] = ["decline", "drop-callback", "wrong-amount"];

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    data: Option<PathBuf>,
    lang: Option<String>,
    dry_run: bool,
    tour: bool,
    break_: Option<String>,
}

pub(crate) fn main(repo: &Repo, args: &[String]) -> Result<(), Failure> {
    let options = parse(args)?;
    if let Some(data) = &options.data
        && !data.is_dir()
    {
        return Err(Failure::Usage(format!(
            "--data {}: there is no such folder",
            data.display()
        )));
    }
    let sets: &[Set] = if options.tour {
        &[Set::Build, Set::Ui, Set::Fonts, Set::Browser, Set::Tour]
    } else {
        &[Set::Build, Set::Ui, Set::Fonts]
    };
    if options.dry_run {
        return dry_run(repo, options, sets);
    }
    if !options.tour && !has_display() {
        println!("no display here: what the demo needs is still prepared, then see below");
    }
    needs::provide(repo, sets)?;
    repo.claim_target()?;
    needs::build_ui(repo)?;
    call(repo.cargo().args(BUILD))?;
    if options.tour {
        return tour(repo, &Tour::from(options), has_display());
    }
    if !has_display() {
        return Err(Failure::NoDisplay);
    }
    demo(repo, &options)
}

/// One feature set for every program, see `shell`.
pub(crate) const BUILD: [&str; 3] = ["build", "--workspace", "--bins"];

fn parse(args: &[String]) -> Result<Options, Failure> {
    let usage = |what: String| Err(Failure::Usage(what));
    let mut options = Options::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let mut value = || match rest.next() {
            Some(value) if !value.starts_with("--") => Ok(value.clone()),
            _ => Err(Failure::Usage(format!("run: {arg} needs a value"))),
        };
        match arg.as_str() {
            "--dry-run" => options.dry_run = true,
            "--tour" => options.tour = true,
            "--data" => options.data = Some(PathBuf::from(value()?)),
            "--lang" => options.lang = Some(value()?),
            "--break" => options.break_ = Some(value()?),
            other => return usage(format!("run does not know `{other}`")),
        }
    }
    if let Some(lang) = &options.lang
        && !matches!(lang.as_str(), "zh-CN" | "en")
    {
        return usage(format!("run: --lang is zh-CN or en, not `{lang}`"));
    }
    if options.lang.is_some() && !options.tour {
        return usage("run: --lang goes with --tour; the window has its own switch".to_owned());
    }
    if let Some(kind) = &options.break_ {
        if !BREAKS.contains(&kind.as_str()) {
            return usage(format!(
                "run: --break is {}, not `{kind}`",
                BREAKS.join(", ")
            ));
        }
        if !options.tour {
            return usage("run: --break is for the tour; add --tour".to_owned());
        }
    }
    Ok(options)
}

fn dry_run(repo: &Repo, options: Options, sets: &[Set]) -> Result<(), Failure> {
    let missing = needs::look(repo, sets)?;
    needs::explain(repo, &missing);
    println!("then: npm run build in ui/ (when something there is newer than ui/dist)");
    println!(
        "then: {}, into {}",
        shown(repo.cargo().args(BUILD)),
        repo.target.display()
    );
    if options.tour {
        println!(
            "then: {}",
            shown(&Tour::from(options).command(repo, has_display()))
        );
    } else {
        let demo = Demo::plan(repo, &options);
        for command in [
            demo.sandbox(repo),
            demo.backend(repo),
            demo.app(repo, Some("CODE")),
        ] {
            println!("then: {}", shown(&command));
        }
        if !has_display() {
            println!("but: there is no display here, so the last step would offer the tour");
        }
    }
    println!("dry run: nothing was changed");
    Ok(())
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

// ---- the demo ----------------------------------------------------------------------------------

/// How the three programs are called. Everything they write is under `state`.
struct Demo {
    state: PathBuf,
    data: Option<PathBuf>,
    /// Loopback: only this computer's terminal talks to it.
    terminals: SocketAddr,
    /// What phones on the same network reach.
    public: SocketAddr,
    /// The sandbox's phone pages; phones reach these too.
    sandbox: SocketAddr,
}

impl Demo {
    fn plan(repo: &Repo, options: &Options) -> Self {
        let outside = SocketAddr::from((outside_address(), FIRST_PORT)).ip();
        let mut port = FIRST_PORT;
        let mut next = |ip| {
            let address = first_free(SocketAddr::new(ip, port));
            port = address.port() + 1;
            address
        };
        Self {
            state: repo.cache.join(state_name(options.data.as_deref())),
            data: options.data.as_deref().map(absolute),
            terminals: next(Ipv4Addr::LOCALHOST.into()),
            public: next(outside),
            sandbox: next(outside),
        }
    }

    /// Prints `listening URL`, `phone URL`, and last `merchant FILE`.
    fn sandbox(&self, repo: &Repo) -> Command {
        let mut command = repo.command(repo.built("fieldtill-sandbox").as_os_str());
        command.args(["serve", "--listen", &self.sandbox.to_string()]);
        // The phone may open the cashier's pages and nothing else.
        command.args(["--cashier", &format!("http://{}", self.public)]);
        command.arg("--keys").arg(self.state.join("sandbox"));
        command
    }

    /// Prints `enrol CODE TERMINAL` for each terminal of the demo (an enrolled one leaves its code
    /// unused), and last `ready …` with the addresses.
    fn backend(&self, repo: &Repo) -> Command {
        let mut command = repo.command(repo.built("fieldtill-backend").as_os_str());
        command
            .arg("demo")
            .arg("--data")
            .arg(self.state.join("backend"));
        if let Some(data) = &self.data {
            command.arg("--import").arg(data);
        }
        command
            .arg("--sandbox")
            .arg(self.state.join("sandbox").join("merchant.json"));
        command.args(["--listen", &self.terminals.to_string()]);
        command.args(["--public-listen", &self.public.to_string()]);
        command
    }

    fn app(&self, repo: &Repo, enrol: Option<&str>) -> Command {
        let mut command = repo.command(repo.built("fieldtill").as_os_str());
        command.arg("--data").arg(self.state.join("terminal"));
        if let Some(code) = enrol {
            command.args(["--enrol", &format!("http://{}", self.terminals), code]);
        }
        command.args(["--phone", &format!("http://{}/phone", self.sandbox)]);
        command
    }
}

fn demo(repo: &Repo, options: &Options) -> Result<(), Failure> {
    let demo = Demo::plan(repo, options);
    for folder in ["sandbox", "backend", "terminal"].map(|name| demo.state.join(name)) {
        fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    }
    let _sandbox = Program::start("sandbox", &mut demo.sandbox(repo), "merchant")?;
    let backend = Program::start("backend", &mut demo.backend(repo), "ready")?;
    println!(
        "phones on this network reach http://{} and http://{}",
        demo.public, demo.sandbox
    );
    println!(
        "the demo's files: {} (delete the folder to begin anew)",
        demo.state.display()
    );
    // The app is the demo: it ends when its window is closed.
    let code = backend
        .said("enrol")
        .and_then(|line| line.split(' ').next());
    call(&mut demo.app(repo, code))
}

/// Each data folder has a demo of its own, so that two companies never share a file.
fn state_name(data: Option<&Path>) -> String {
    let Some(data) = data.map(absolute) else {
        return "demo".to_owned();
    };
    let letters = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = data.to_string_lossy().chars().map(letters).collect();
    format!("demo-{}", name.trim_matches('-'))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The address under which other devices see this machine. "Connecting" UDP sends nothing; it only
/// asks the routing table. 192.0.2.1 is reserved for documentation.
fn outside_address() -> Ipv4Addr {
    let asked = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))
        .and_then(|socket| {
            socket
                .connect((Ipv4Addr::new(192, 0, 2, 1), 9))
                .map(|()| socket)
        })
        .and_then(|socket| socket.local_addr());
    match asked.map(|address| address.ip()) {
        Ok(std::net::IpAddr::V4(ip)) => ip,
        _ => Ipv4Addr::LOCALHOST,
    }
}

/// This port, or the next that nobody listens on.
fn first_free(wished: SocketAddr) -> SocketAddr {
    (wished.port()..wished.port().saturating_add(100))
        .map(|port| SocketAddr::new(wished.ip(), port))
        .find(|address| TcpListener::bind(address).is_ok())
        .unwrap_or(wished)
}

/// A program that is killed when this value goes, whatever the reason.
struct Program {
    child: Child,
    /// The lines it printed until it was ready, by their first word.
    said: BTreeMap<String, String>,
}

impl Program {
    /// Returns once it has printed the line that begins with `last`. Everything it prints goes on
    /// to our own output under its name.
    fn start(
        name: &'static str,
        command: &mut Command,
        last: &'static str,
    ) -> Result<Self, Failure> {
        println!("$ {}", shown(command));
        let not_ready = |why: String| Failure::NotReady {
            program: name.to_owned(),
            why,
        };
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|error| not_ready(error.to_string()))?;
        let out = child.stdout.take();
        let mut program = Self {
            child,
            said: BTreeMap::new(),
        };
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in out.into_iter().flat_map(|out| BufReader::new(out).lines()) {
                let Ok(line) = line else { break };
                println!("[{name}] {line}");
                // Nobody listens any more once it is ready; its output is still read, so that it
                // never waits for a reader.
                let _ = sender.send(line);
            }
        });
        let deadline = Instant::now() + READY_WITHIN;
        while !program.said.contains_key(last) {
            let left = deadline.saturating_duration_since(Instant::now());
            match lines.recv_timeout(left) {
                Ok(line) => {
                    let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
                    program.said.insert(word.to_owned(), rest.trim().to_owned());
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let within = READY_WITHIN.as_secs();
                    return Err(not_ready(format!(
                        "no line `{last} …` from it within {within} s"
                    )));
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    let why = program
                        .child
                        .wait()
                        .map_or_else(|e| e.to_string(), |s| s.to_string());
                    return Err(not_ready(format!("it ended before it was ready ({why})")));
                }
            }
        }
        Ok(program)
    }

    fn said(&self, word: &str) -> Option<&str> {
        self.said.get(word).map(String::as_str)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// ---- the tour ----------------------------------------------------------------------------------

/// One run of the tour program.
#[derive(Debug, Default)]
pub(crate) struct Tour {
    pub(crate) data: Option<PathBuf>,
    pub(crate) lang: Option<String>,
    pub(crate) break_: Option<String>,
}

impl From<Options> for Tour {
    fn from(options: Options) -> Self {
        Self {
            data: options.data,
            lang: options.lang,
            break_: options.break_,
        }
    }
}

impl Tour {
    pub(crate) const PROGRAM: &'static str = "tour";

    /// Broken tours have folders of their own: the README shows the whole one's screenshots.
    fn out(&self, repo: &Repo) -> PathBuf {
        let broken = self.break_.as_ref().map(|kind| format!("tour-{kind}"));
        repo.root
            .join("target")
            .join(broken.as_deref().unwrap_or("tour"))
    }

    /// The call, on a screen of its own unless `on_display`. The tour finds the programs that were
    /// built in FIELDTILL_PROGRAMS, and tauri-driver on PATH.
    pub(crate) fn command(&self, repo: &Repo, on_display: bool) -> Command {
        let tour = repo.built(Self::PROGRAM);
        let mut command = if on_display {
            repo.command(tour.as_os_str())
        } else {
            let mut command = repo.command(OsStr::new("xvfb-run"));
            command.args(["-a", "-s", "-screen 0 2200x900x24 -nolisten tcp"]);
            command.args(["dbus-run-session", "--"]).arg(tour);
            command
        };
        command.arg("--out").arg(self.out(repo));
        // The tour shows the real company wherever its files are at hand.
        let real = repo
            .shared()
            .map(|shared| shared.join("data"))
            .filter(|dir| dir.is_dir());
        if let Some(data) = self.data.clone().or(real) {
            command.arg("--data").arg(absolute(&data));
        }
        if let Some(lang) = &self.lang {
            command.args(["--lang", lang]);
        }
        if let Some(kind) = &self.break_ {
            command.args(["--break", kind]);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(needs::tools_bin(repo)).chain(std::env::split_paths(&path));
        // Only a folder name with a separator in it cannot be joined; then PATH stays as it is.
        if let Ok(joined) = std::env::join_paths(folders) {
            command.env("PATH", joined);
        }
        command.env("FIELDTILL_PROGRAMS", repo.target.join("debug"));
        command
    }
}

fn tour(repo: &Repo, tour: &Tour, on_display: bool) -> Result<(), Failure> {
    if !repo.has_program(Tour::PROGRAM)? {
        return Err(Failure::NotThereYet {
            what: "the tour (program tour of tests/)",
            instead: "`cargo xtask run` on a machine with a display",
        });
    }
    call(&mut tour.command(repo, on_display))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options, Failure> {
        parse(
            &line
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn options_are_read() {
        let options = parsed("--tour --break decline --lang en --data /d").unwrap();
        assert!(options.tour && !options.dry_run);
        assert_eq!(options.break_.as_deref(), Some("decline"));
        assert_eq!(options.lang.as_deref(), Some("en"));
        assert_eq!(options.data, Some(PathBuf::from("/d")));
        assert_eq!(parsed("").unwrap(), Options::default());
    }

    #[test]
    fn wrong_options_are_told() {
        for (line, part) in [
            ("--lang fr", "zh-CN or en"),
            ("--break decline", "add --tour"),
            ("--tour --break everything", "drop-callback"),
            ("--data", "needs a value"),
            ("--data --tour", "needs a value"),
            ("--fast", "does not know"),
        ] {
            let message = parsed(line).unwrap_err().to_string();
            assert!(message.contains(part), "{line}: {message}");
        }
    }

    #[test]
    fn two_companies_never_share_a_folder() {
        assert_eq!(state_name(None), "demo");
        let (one, other) = (
            state_name(Some("/a/b".as_ref())),
            state_name(Some("/a/c".as_ref())),
        );
        assert_ne!(one, other);
        assert!(one.starts_with("demo-") && !one.contains('/'), "{one}");
    }

    #[test]
    fn a_taken_port_is_passed_over() {
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = holder.local_addr().unwrap();
        let free = first_free(taken);
        assert_ne!(free, taken);
        assert_eq!(free.ip(), taken.ip());
    }

    #[cfg(unix)]
    #[test]
    fn a_program_is_ready_when_it_says_so_and_dies_with_its_guard() {
        let mut shell = Command::new("sh");
        let lines = "echo enrol 7K3Q T07; echo ready http://127.0.0.1:1; exec cat /dev/zero >&2";
        shell.args(["-c", lines]).stderr(Stdio::null());
        let program = Program::start("shell", &mut shell, "ready").unwrap();
        assert_eq!(program.said("ready"), Some("http://127.0.0.1:1"));
        assert_eq!(program.said("enrol"), Some("7K3Q T07"));
        assert_eq!(program.said("phone"), None);
        let id = program.child.id().to_string();
        let alive = || crate::shell::succeeds(Command::new("kill").args(["-0", &id]));
        assert!(alive());
        drop(program);
        assert!(!alive());
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_ends_early_is_told_with_its_code() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo no; exit 7"]);
        let failure = Program::start("shell", &mut shell, "ready")
            .err()
            .unwrap()
            .to_string();
        assert!(
            failure.contains("before it was ready") && failure.contains('7'),
            "{failure}"
        );
    }
}
