//! What a machine lacks, and how it gets it.
//!
//! Everything that can be decided without the machine is a pure function (which packages are
//! missing, how large they are, whether Node is new enough), so that the tests need no machine.
//! What is there already costs one `dpkg-query` and a few file reads, and prints nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use crate::shell::{Failure, Repo, call, on_path, shown, succeeds};

/// What a command of this program needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// Libraries that the app is linked with.
    Build,
    /// Node and the packages of `ui/`.
    Ui,
    /// A font with Chinese characters.
    Fonts,
    /// A browser and its driver, for the window's pages and the distributor's phone, and what reads
    /// the QR they show.
    Browser,
    /// What drives the real window and takes its screenshots; with [`Set::Browser`].
    Tour,
    /// A Python of its own for other people's payment SDKs.
    Peers,
}

/// A system package, by Debian's name.
#[derive(Debug)]
struct Package {
    set: Set,
    name: &'static str,
    why: &'static str,
    /// Programs of which any one makes the package unnecessary.
    or_programs: &'static [&'static str],
}

const fn package(set: Set, name: &'static str, why: &'static str) -> Package {
    Package {
        set,
        name,
        why,
        or_programs: &[],
    }
}

const PACKAGES: &[Package] = &[
    package(
        Set::Build,
        "libwebkit2gtk-4.1-dev",
        "shows the app's screens",
    ),
    package(Set::Build, "libgtk-3-dev", "opens the app's windows"),
    package(Set::Build, "librsvg2-dev", "draws the icons"),
    package(
        Set::Build,
        "libayatana-appindicator3-dev",
        "the tray, which the window library links",
    ),
    package(
        Set::Build,
        "libxdo-dev",
        "keyboard handling of the window library",
    ),
    package(Set::Build, "libssl-dev", "encrypts the terminal's file"),
    package(
        Set::Fonts,
        "fonts-noto-cjk",
        "Chinese text; without it screens show boxes",
    ),
    package(Set::Tour, "webkit2gtk-driver", "drives the real window"),
    package(Set::Tour, "xvfb", "a screen where there is none"),
    package(Set::Tour, "xauth", "lets the window onto that screen"),
    package(
        Set::Tour,
        "dbus-x11",
        "the session bus that the window library expects",
    ),
    package(Set::Tour, "x11-utils", "tells when a window is there"),
    package(Set::Tour, "imagemagick", "takes and cuts screenshots"),
    package(
        Set::Browser,
        "zbar-tools",
        "reads the QR from the screenshot, independently",
    ),
    Package {
        set: Set::Browser,
        name: "chromium",
        why: "the window's pages without a screen, and the distributor's phone",
        or_programs: &["chromium", "chromium-browser", "google-chrome"],
    },
    Package {
        set: Set::Browser,
        name: "chromium-driver",
        why: "hands for that browser",
        or_programs: &["chromedriver"],
    },
    package(
        Set::Peers,
        "python3-venv",
        "other people's payment SDKs from PyPI, kept apart",
    ),
];

/// What each set came to on a bare Debian 12, the sets before it installed: MB to download.
const BUILD_MB: u32 = 234;
const FONTS_MB: u32 = 57;
const BROWSER_MB: u32 = 100;
const TOUR_MB: u32 = 12;
const PEERS_MB: u32 = 4;

const TAURI_DRIVER: &str = "2.1.0";

/// What the plan found to be done; an empty one means that everything is there.
#[derive(Debug, Default)]
pub(crate) struct Missing {
    packages: Vec<&'static Package>,
    npm: bool,
    tauri_driver: bool,
}

impl Missing {
    pub(crate) fn is_empty(&self) -> bool {
        self.packages.is_empty() && !self.npm && !self.tauri_driver
    }
}

/// Looks at the machine and changes nothing.
pub(crate) fn look(repo: &Repo, sets: &[Set]) -> Result<Missing, Failure> {
    let mut missing = Missing::default();
    if cfg!(target_os = "linux") {
        let mut wanted: Vec<&'static Package> = PACKAGES
            .iter()
            .filter(|package| sets.contains(&package.set))
            .collect();
        if has_chinese_font() {
            wanted.retain(|package| package.set != Set::Fonts);
        }
        if sets.contains(&Set::Peers) && python_has_venv(repo) {
            wanted.retain(|package| package.set != Set::Peers);
        }
        if on_path("dpkg-query").is_none() {
            let names: Vec<_> = wanted.iter().map(|package| package.name).collect();
            println!(
                "needs: this system has no dpkg, so its packages cannot be checked; by Debian's \
                 names they are {}",
                names.join(" ")
            );
        } else if !wanted.is_empty() {
            let installed = installed(repo, &wanted);
            missing.packages = absent(&wanted, &installed, |program| on_path(program).is_some());
        }
    }
    if sets.contains(&Set::Ui) {
        check_node(repo)?;
        missing.npm = !npm_is_fresh(&repo.root.join("ui"));
    }
    if sets.contains(&Set::Tour) {
        missing.tauri_driver = !tauri_driver_is_there(repo);
    }
    Ok(missing)
}

/// Says what is missing, why, and how large it is.
pub(crate) fn explain(repo: &Repo, missing: &Missing) {
    if missing.is_empty() {
        println!("needs: everything is installed");
        return;
    }
    println!("needs: this machine lacks");
    for package in &missing.packages {
        println!("  {:<30} {}", package.name, package.why);
    }
    if !missing.packages.is_empty() {
        match apt_size(repo, &names(&missing.packages)) {
            Some(size) => println!("  (with what they depend on: {size})"),
            None => println!(
                "  (with what they depend on: about {} MB to download; apt has no lists here yet to \
                 tell exactly)",
                about_mb(&missing.packages)
            ),
        }
    }
    if missing.npm {
        println!(
            "  {:<30} the screens' packages (about 160 MB on disk)",
            "npm ci in ui/"
        );
    }
    if missing.tauri_driver {
        println!(
            "  {:<30} drives the real window (built here, about a minute)",
            "tauri-driver"
        );
    }
}

/// Installs what is missing; says nothing where nothing is.
pub(crate) fn provide(repo: &Repo, sets: &[Set]) -> Result<(), Failure> {
    let missing = look(repo, sets)?;
    if missing.is_empty() {
        return Ok(());
    }
    explain(repo, &missing);
    if !missing.packages.is_empty() {
        install_packages(repo, &names(&missing.packages))?;
    }
    if missing.npm {
        npm_ci(repo)?;
    }
    if missing.tauri_driver {
        install_tauri_driver(repo)?;
    }
    Ok(())
}

/// Builds `ui/dist` when anything it is made from is newer.
pub(crate) fn build_ui(repo: &Repo) -> Result<(), Failure> {
    let ui = repo.root.join("ui");
    if !ui.join("package.json").is_file() {
        return Err(Failure::NotThereYet {
            what: "the screens (ui/package.json)",
            instead: "",
        });
    }
    let built = modified(&ui.join("dist/index.html"));
    let newest = newest_source(&ui);
    if built.is_some() && built >= newest {
        return Ok(());
    }
    let done = call(repo.npm().args(["run", "--silent", "build"]));
    keep_ui_dist(repo)?;
    done
}

/// The screens' build empties its folder; the marker keeps the folder in a fresh clone, where the
/// shell does not compile without it.
pub(crate) fn keep_ui_dist(repo: &Repo) -> Result<(), Failure> {
    let folder = repo.root.join("ui/dist");
    let marker = folder.join(".gitkeep");
    if marker.is_file() || !repo.root.join("ui/package.json").is_file() {
        return Ok(());
    }
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&marker, ""))
        .map_err(|error| Failure::file(&marker, &error))
}

/// Where `cargo install` puts the tools that we pin.
pub(crate) fn tools_bin(repo: &Repo) -> PathBuf {
    repo.cache.join("tools").join("bin")
}

// ---- system packages -----------------------------------------------------------------------

fn names(packages: &[&'static Package]) -> Vec<&'static str> {
    let ubuntu = fs::read_to_string("/etc/os-release").is_ok_and(|text| is_ubuntu(&text));
    packages
        .iter()
        .map(|package| match package.name {
            "chromium" if ubuntu => "chromium-browser",
            "chromium-driver" if ubuntu => "chromium-chromedriver",
            name => name,
        })
        .collect()
}

fn is_ubuntu(os_release: &str) -> bool {
    os_release
        .lines()
        .any(|line| line.trim_matches('"') == "ID=ubuntu")
}

fn installed(repo: &Repo, wanted: &[&'static Package]) -> BTreeSet<String> {
    // It exits with 1 as soon as one of the names is unknown, and still lists the others.
    let out = repo
        .command("dpkg-query".as_ref())
        .args(["-W", "-f", "${Package} ${db:Status-Status}\\n"])
        .args(wanted.iter().map(|package| package.name))
        .stderr(Stdio::null())
        .output();
    out.map(|out| parse_installed(&String::from_utf8_lossy(&out.stdout)))
        .unwrap_or_default()
}

fn parse_installed(dpkg: &str) -> BTreeSet<String> {
    dpkg.lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, status)| status.trim() == "installed")
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn absent(
    wanted: &[&'static Package],
    installed: &BTreeSet<String>,
    has_program: impl Fn(&str) -> bool,
) -> Vec<&'static Package> {
    let there = |package: &Package| {
        installed.contains(package.name) || package.or_programs.iter().any(|p| has_program(p))
    };
    wanted
        .iter()
        .copied()
        .filter(|package| !there(package))
        .collect()
}

fn has_chinese_font() -> bool {
    Command::new("fc-list")
        .args([":lang=zh", "family"])
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|out| out.stdout.iter().any(|byte| !byte.is_ascii_whitespace()))
}

/// A Python that is not Debian's brings its own.
fn python_has_venv(repo: &Repo) -> bool {
    let mut python = repo.command("python3".as_ref());
    python.args(["-c", "import ensurepip, venv"]);
    succeeds(&mut python)
}

/// What apt itself says it would download and unpack; None where it has no lists yet.
fn apt_size(repo: &Repo, names: &[&str]) -> Option<String> {
    let out = repo
        .command("apt-get".as_ref())
        // Without the lock it answers anybody, not root alone.
        .args([
            "install",
            "-o",
            "Debug::NoLocking=1",
            "--assume-no",
            "--no-install-recommends",
        ])
        .args(names)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    parse_apt_size(&String::from_utf8_lossy(&out.stdout))
}

/// Where apt cannot say: MB to download for the sets of which something is missing, at most.
fn about_mb(packages: &[&'static Package]) -> u32 {
    let sets = [
        (Set::Build, BUILD_MB),
        (Set::Fonts, FONTS_MB),
        (Set::Browser, BROWSER_MB),
        (Set::Tour, TOUR_MB),
        (Set::Peers, PEERS_MB),
    ];
    let missing = |set| packages.iter().any(|package| package.set == set);
    sets.iter()
        .filter(|(set, _)| missing(*set))
        .map(|(_, mb)| mb)
        .sum()
}

fn parse_apt_size(apt: &str) -> Option<String> {
    let between = |before: &str, after: &str| {
        apt.lines()
            .find_map(|line| line.strip_prefix(before)?.split_once(after))
            .map(|(x, _)| x)
    };
    let download = between("Need to get ", " of archives");
    let disk = between("After this operation, ", " of additional disk space");
    match (download, disk) {
        (Some(download), Some(disk)) => Some(format!("{download} to download, {disk} on disk")),
        (None, Some(disk)) => Some(format!("{disk} on disk")),
        (Some(download), None) => Some(format!("{download} to download")),
        (None, None) => None,
    }
}

/// Who may install packages here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    Root,
    Sudo,
    Nobody,
}

fn right(root: bool, sudo: bool, sudo_without_password: bool, person_there: bool) -> Right {
    if root {
        Right::Root
    } else if sudo && (sudo_without_password || person_there) {
        Right::Sudo
    } else {
        Right::Nobody
    }
}

fn install_packages(repo: &Repo, names: &[&str]) -> Result<(), Failure> {
    let by_hand = |what: &str| Failure::InstallByHand {
        what: what.to_owned(),
        how: format!(
            "sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
            names.join(" ")
        ),
    };
    if on_path("apt-get").is_none() {
        return Err(by_hand(
            "There is dpkg here, but no apt-get to install them with.",
        ));
    }
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| String::from_utf8_lossy(&out.stdout).trim() == "0");
    let sudo = on_path("sudo").is_some();
    let free = sudo && !root && succeeds(Command::new("sudo").args(["-n", "true"]));
    let apt = |args: &[&str]| {
        let mut command = match right(root, sudo, free, std::io::stdin().is_terminal()) {
            Right::Nobody => {
                return Err(by_hand("This needs root, and sudo cannot be asked here."));
            }
            Right::Root => repo.command("apt-get".as_ref()),
            Right::Sudo => {
                let mut command = repo.command("sudo".as_ref());
                command.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
                command
            }
        };
        command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
        Ok(command)
    };
    // A list that cannot be refreshed (no network) may still be good enough to install from.
    let mut update = apt(&["update", "-qq"])?;
    println!("$ {}", shown(&update));
    if !update.status().is_ok_and(|status| status.success()) {
        println!("(the package lists could not be refreshed; going on with those that are here)");
    }
    if let Some(size) = apt_size(repo, names) {
        println!("(with what they depend on: {size})");
    }
    let mut install = apt(&["install", "-qq", "-y", "--no-install-recommends"])?;
    install.args(names);
    call(&mut install).map_err(|failure| by_hand(&failure.to_string()))
}

// ---- Node ------------------------------------------------------------------------------------

/// Fails where Node is missing or too old.
pub(crate) fn check_node(repo: &Repo) -> Result<(), Failure> {
    let by_hand = |what: String| Failure::InstallByHand {
        what,
        how: "Node 20.19 or newer in line 20, or 22.12 or newer, with npm: https://nodejs.org"
            .to_owned(),
    };
    let out = repo.command("node".as_ref()).arg("--version").output();
    let Ok(out) = out else {
        return Err(by_hand(
            "The screens are built with Node, which is not here.".to_owned(),
        ));
    };
    let version = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    if !node_is_enough(&version) {
        return Err(by_hand(format!(
            "Node here is {version}, which is too old for the screens."
        )));
    }
    Ok(())
}

fn node_is_enough(version: &str) -> bool {
    let mut parts = version
        .trim_start_matches('v')
        .split('.')
        .map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else {
        return false;
    };
    match major {
        20 => minor >= 19,
        22 => minor >= 12,
        _ => major > 22,
    }
}

/// The lock that `node_modules` was installed from, kept inside it: contents are compared, because
/// a checkout changes a file's time without changing the file.
fn npm_stamp(folder: &Path) -> PathBuf {
    folder.join("node_modules/.fieldtill-lock.json")
}

/// Whether the packages of a folder are those of its lock.
pub(crate) fn npm_is_fresh(folder: &Path) -> bool {
    let Ok(lock) = fs::read(folder.join("package-lock.json")) else {
        return true;
    };
    fs::read(npm_stamp(folder)).is_ok_and(|stamp| stamp == lock)
}

/// Remembers that a folder's packages were just installed from its lock.
pub(crate) fn stamp_npm(folder: &Path) -> Result<(), Failure> {
    let stamp = npm_stamp(folder);
    fs::copy(folder.join("package-lock.json"), &stamp)
        .map(drop)
        .map_err(|error| Failure::file(&stamp, &error))
}

pub(crate) fn npm_ci(repo: &Repo) -> Result<(), Failure> {
    call(repo.npm().args(["ci", "--ignore-scripts"]))?;
    stamp_npm(&repo.root.join("ui"))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// The newest change under `ui/`, folders included (a deletion changes its folder).
fn newest_source(ui: &Path) -> Option<SystemTime> {
    let skipped = |path: &Path| {
        path.file_name()
            .is_some_and(|name| name == "node_modules" || name == "dist")
    };
    let mut newest = None;
    let mut folders = vec![ui.join("src"), ui.join("public")];
    // `ui/` itself is not compared: writing `dist` and `node_modules` changes its time.
    let top = fs::read_dir(ui)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    for file in top.filter(|path| path.is_file()) {
        newest = newest.max(modified(&file));
    }
    while let Some(folder) = folders.pop() {
        newest = newest.max(modified(&folder));
        for path in fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.path())
        {
            if path.is_dir() && !skipped(&path) {
                folders.push(path);
            } else {
                newest = newest.max(modified(&path));
            }
        }
    }
    newest
}

// ---- tauri-driver ----------------------------------------------------------------------------

fn tauri_driver_is_there(repo: &Repo) -> bool {
    let program = tools_bin(repo).join(format!("tauri-driver{}", std::env::consts::EXE_SUFFIX));
    let list = fs::read_to_string(repo.cache.join("tools/.crates.toml")).unwrap_or_default();
    program.is_file() && list.contains(&format!("\"tauri-driver {TAURI_DRIVER} "))
}

fn install_tauri_driver(repo: &Repo) -> Result<(), Failure> {
    call(
        repo.cargo()
            .args([
                "install",
                "tauri-driver",
                "--version",
                TAURI_DRIVER,
                "--locked",
                "--root",
            ])
            .arg(repo.cache.join("tools"))
            .env("CARGO_TARGET_DIR", repo.cache.join("tools/target")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tour() -> Vec<&'static Package> {
        PACKAGES
            .iter()
            .filter(|package| [Set::Browser, Set::Tour].contains(&package.set))
            .collect()
    }

    #[test]
    fn a_removed_package_with_files_left_is_not_installed() {
        let dpkg = "libssl-dev installed\nxvfb config-files\nlibgtk-3-dev installed\nbroken\n";
        let installed = parse_installed(dpkg);
        assert_eq!(
            installed.into_iter().collect::<Vec<_>>(),
            ["libgtk-3-dev", "libssl-dev"]
        );
    }

    #[test]
    fn what_is_there_is_not_asked_for_again() {
        let all: BTreeSet<String> = PACKAGES.iter().map(|p| p.name.to_owned()).collect();
        assert!(absent(&tour(), &all, |_| false).is_empty());
        let none = absent(&tour(), &BTreeSet::new(), |_| false);
        assert_eq!(none.len(), tour().len());
    }

    #[test]
    fn any_chrome_does_for_the_phone() {
        let others = tour()
            .into_iter()
            .filter(|p| p.name != "chromium")
            .map(|p| p.name.to_owned());
        let installed: BTreeSet<String> = others.collect();
        let missing = |program: &'static str| absent(&tour(), &installed, |p| p == program).len();
        assert_eq!(missing("google-chrome"), 0);
        assert_eq!(missing("firefox"), 1);
    }

    #[test]
    fn sizes_are_read_from_apt() {
        let apt = "0 upgraded, 183 newly installed.\nNeed to get 111 MB of archives.\n\
                   After this operation, 402 MB of additional disk space will be used.\nAbort.\n";
        assert_eq!(
            parse_apt_size(apt).as_deref(),
            Some("111 MB to download, 402 MB on disk")
        );
        let cached = "Need to get 0 B/111 MB of archives.\n";
        assert_eq!(
            parse_apt_size(cached).as_deref(),
            Some("0 B/111 MB to download")
        );
        assert_eq!(parse_apt_size("E: Unable to locate package xvfb"), None);
    }

    #[test]
    fn without_apts_lists_the_sets_sizes_are_added() {
        let of = |sets: &[Set]| {
            PACKAGES
                .iter()
                .filter(|p| sets.contains(&p.set))
                .collect::<Vec<_>>()
        };
        assert_eq!(about_mb(&of(&[Set::Build])), BUILD_MB);
        assert_eq!(
            about_mb(&of(&[Set::Build, Set::Fonts])),
            BUILD_MB + FONTS_MB
        );
        assert_eq!(about_mb(&[]), 0);
    }

    #[test]
    fn node_versions() {
        for enough in ["v20.19.0", "v20.20.2", "v22.12.0", "v23.0.0", "v24.1.0"] {
            assert!(node_is_enough(enough), "{enough}");
        }
        for not in [
            "v18.20.4", "v20.18.9", "v21.7.0", "v22.11.0", "", "node", "v22",
        ] {
            assert!(!node_is_enough(not), "{not}");
        }
    }

    #[test]
    fn nobody_is_prompted_where_nobody_is() {
        assert_eq!(right(true, false, false, false), Right::Root);
        assert_eq!(right(false, true, false, true), Right::Sudo);
        assert_eq!(right(false, true, true, false), Right::Sudo);
        assert_eq!(right(false, true, false, false), Right::Nobody);
        assert_eq!(right(false, false, false, true), Right::Nobody);
    }

    #[test]
    fn ubuntu_is_told_from_its_relatives() {
        assert!(is_ubuntu("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n"));
        assert!(!is_ubuntu(
            "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"
        ));
    }
}
