//! `cargo xtask peers`: other people's payment SDKs judge our clients and our sandbox. This installs
//! them, at the versions that `tests/peers` pins, and starts the program that plays the pairs.
//!
//! A pair that can't be installed fails here; as a step of the tests it is `not run`, because a
//! machine without a network or without Python can still prove everything else.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::needs::{self, Set};
use crate::shell::{Failure, Repo, call, on_path, shown};

pub(crate) const PROGRAM: &str = "peers";

/// What runs the peers of each package manager, or why there is none.
pub(crate) struct Installed {
    node: Result<PathBuf, String>,
    python: Result<PathBuf, String>,
}

pub(crate) fn main(repo: &Repo, args: &[String]) -> Result<(), Failure> {
    if !args.is_empty() {
        return Err(Failure::Usage("peers takes nothing".to_owned()));
    }
    needs::provide(repo, &[Set::Peers])?;
    let installed = install(repo);
    repo.claim_target()?;
    let mut cargo = repo.cargo();
    cargo.args(["run", "--quiet", "-p", "fieldtill-tests", "--bin", PROGRAM]);
    cargo.arg("--");
    installed.tell(&mut cargo);
    call(&mut cargo)
}

/// Both homes' packages; what is there already costs two file reads.
pub(crate) fn install(repo: &Repo) -> Installed {
    let folder = repo.root.join("tests/peers");
    Installed {
        node: npm(repo, &folder),
        python: pip(repo, &folder),
    }
}

impl Installed {
    /// Why no pair at all can be played.
    pub(crate) fn nothing(&self) -> Option<String> {
        match (&self.node, &self.python) {
            (Err(node), Err(python)) => Some(format!("{node}; {python}")),
            _ => None,
        }
    }

    /// What the program of the pairs is called with.
    pub(crate) fn tell(&self, command: &mut Command) {
        for (name, program) in [("node", &self.node), ("python", &self.python)] {
            match program {
                Ok(program) => command.arg(format!("--{name}")).arg(program),
                Err(why) => command.arg(format!("--no-{name}")).arg(why),
            };
        }
        // Everything is on loopback; a proxy of the environment would get in the way.
        command
            .env("NO_PROXY", "127.0.0.1")
            .env("no_proxy", "127.0.0.1");
    }
}

fn npm(repo: &Repo, folder: &Path) -> Result<PathBuf, String> {
    let cant = |why: &str| format!("the npm packages can't be installed: {why}");
    needs::check_node(repo).map_err(|failure| cant(&first_line(&failure.to_string())))?;
    if !needs::npm_is_fresh(folder) {
        let mut ci = repo.npm();
        ci.current_dir(folder)
            .args(["ci", "--ignore-scripts", "--prefer-offline"])
            // A machine without a network should say so soon.
            .env("npm_config_fetch_retries", "1")
            .env("npm_config_fetch_retry_mintimeout", "1000")
            .env("npm_config_fetch_timeout", "30000");
        quietly(&mut ci).map_err(|why| cant(&why))?;
        needs::stamp_npm(folder).map_err(|failure| cant(&failure.to_string()))?;
    }
    Ok(PathBuf::from("node"))
}

fn pip(repo: &Repo, folder: &Path) -> Result<PathBuf, String> {
    let cant = |why: &str| format!("the PyPI packages can't be installed: {why}");
    let name = if cfg!(windows) { "python" } else { "python3" };
    if on_path(name).is_none() {
        return Err(cant(&format!("there is no {name}")));
    }
    let requirements = folder.join("requirements.txt");
    let pinned = fs::read_to_string(&requirements).map_err(|error| cant(&error.to_string()))?;
    let version = repo.command(OsStr::new(name)).arg("--version").output();
    let version = version.map_err(|error| cant(&error.to_string()))?;
    // Another Python needs other files.
    let wanted = format!("{}{pinned}", String::from_utf8_lossy(&version.stdout));
    let own = repo.cache.join("peers").join("python");
    let program = if cfg!(windows) {
        own.join("Scripts").join("python.exe")
    } else {
        own.join("bin").join("python")
    };
    let stamp = own.join("fieldtill-requirements");
    if program.is_file() && fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(program);
    }
    let mut venv = repo.command(OsStr::new(name));
    venv.args(["-m", "venv", "--clear"]).arg(&own);
    quietly(&mut venv)
        .map_err(|why| cant(&format!("{why} (Debian keeps venv in python3-venv)")))?;
    let mut install = repo.command(program.as_os_str());
    install
        .args(["-m", "pip", "install", "--disable-pip-version-check"])
        .args(["--no-input", "--quiet", "--retries", "1", "--timeout", "15"])
        .arg("-r")
        .arg(&requirements);
    quietly(&mut install).map_err(|why| cant(&why))?;
    fs::write(&stamp, wanted).map_err(|error| cant(&error.to_string()))?;
    Ok(program)
}

/// Runs without its output; of a failed one the line that tells why.
fn quietly(command: &mut Command) -> Result<(), String> {
    println!("$ {}", shown(command));
    let out = command.stdin(Stdio::null()).output();
    let out = out.map_err(|error| error.to_string())?;
    if out.status.success() {
        return Ok(());
    }
    let text = [out.stderr, out.stdout].concat();
    Err(telling(&String::from_utf8_lossy(&text)).unwrap_or_else(|| out.status.to_string()))
}

/// The line of a package manager's output that says what is wrong: the first that calls itself an
/// error (npm's others explain it, pip's follow from it), or the last of all.
fn telling(text: &str) -> Option<String> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let error = |line: &&str| {
        let line = line.to_ascii_lowercase();
        line.starts_with("error") || line.starts_with("npm err")
    };
    let told = lines().find(error);
    told.or_else(|| lines().next_back()).map(str::to_owned)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_first_error() {
        let npm = "npm warn deprecated x\nnpm error code ECONNREFUSED\n\
                   npm error A complete log of this run can be found in: x\n";
        assert_eq!(telling(npm).unwrap(), "npm error code ECONNREFUSED");
        let pip = "WARNING: retrying\nERROR: Could not find a version of a==1\n\
                   ERROR: No matching distribution found for a==1\n\n";
        let told = telling(pip).unwrap();
        assert_eq!(told, "ERROR: Could not find a version of a==1");
        assert_eq!(telling("it broke\n").as_deref(), Some("it broke"));
        assert_eq!(telling("\n"), None);
    }

    #[test]
    fn the_program_hears_of_both_homes() {
        let installed = Installed {
            node: Ok(PathBuf::from("node")),
            python: Err("no python3".to_owned()),
        };
        assert!(installed.nothing().is_none());
        let mut command = Command::new("peers");
        installed.tell(&mut command);
        let args: Vec<_> = command.get_args().collect();
        assert_eq!(args, ["--node", "node", "--no-python", "no python3"]);
        let neither = Installed {
            node: Err("no node".to_owned()),
            ..installed
        };
        assert_eq!(neither.nothing().as_deref(), Some("no node; no python3"));
    }
}
