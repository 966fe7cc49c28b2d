//! P10: from the start of the program to the usable entry, and the memory of all its processes,
//! against an empty window of the same toolkit and tree; in turn, each start a new process. Also the
//! stage on which P11 is measured: a screen, a session bus, and a terminal's folder filled once.

use crate::Plan;
use crate::failure::BenchError;
use crate::filled::{self, Size};
use crate::measure::{median, ms, quantile, spread};
use crate::orders::temporary;
use fieldtill_tests::drive::error::DriveError;
use fieldtill_tests::drive::programs::{Program, Troupe, on_path};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Payments that the terminal has tickets for; P11 asks for fewer.
const TICKETS: u32 = 200;
/// Memory is read when it has stopped changing, or after so many looks.
const LOOKS: usize = 12;
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// A screen and a session bus of our own; they go with the value.
struct Stage {
    troupe: Troupe,
    programs: Vec<Program>,
}

impl Stage {
    fn set(logs: &Path) -> Result<Stage, DriveError> {
        let mut troupe = Troupe::new(logs)?;
        let mut programs = Vec::new();
        if std::env::var_os("DISPLAY").is_none_or(|display| display.is_empty()) {
            let mut command = troupe.command(on_path(&["Xvfb"])?);
            command.args(["-displayfd", "1", "-screen", "0", "1400x900x24"]);
            command.args(["-nolisten", "tcp"]);
            let screen = troupe.start("xvfb", &mut command, "")?;
            let display = format!(":{}", screen.first_line().trim());
            troupe.env.push(("DISPLAY".to_owned(), display));
            programs.push(screen);
        }
        // A bus of its own, or the window would be handed to an app that the user has open.
        let mut command = troupe.command(on_path(&["dbus-daemon"])?);
        command.args(["--session", "--print-address", "--nofork", "--nopidfile"]);
        let bus = troupe.start("dbus", &mut command, "")?;
        let address = bus.first_line().trim().to_owned();
        let settings = [
            ("DBUS_SESSION_BUS_ADDRESS", address),
            ("GDK_BACKEND", "x11".to_owned()),
            // As the app sets it for itself; set here, neither side starts itself anew.
            ("WEBKIT_DISABLE_DMABUF_RENDERER", "1".to_owned()),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value));
        troupe.env.extend(settings);
        programs.push(bus);
        Ok(Stage { troupe, programs })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        while let Some(program) = self.programs.pop() {
            drop(program);
        }
        self.troupe.sweep();
    }
}

/// Prints P10 and P11, each if it is wanted.
///
/// # Errors
/// When a program that is there does not do what it must.
pub(crate) fn measure(plan: &Plan, start: bool, paint: bool) -> Result<(), BenchError> {
    let own = std::env::current_exe().map_err(|error| BenchError::file(&plan.dir, error))?;
    let timed = own.with_file_name("examples").join("timed_window");
    let app = own.with_file_name("fieldtill");
    let missing = [(start, &timed), (paint, &app)]
        .into_iter()
        .find(|(wanted, program)| *wanted && !program.is_file());
    if let Some((_, program)) = missing {
        println!(
            "P10 and P11: not measured: {} is not built; build package fieldtill with its examples",
            program.display()
        );
        return Ok(());
    }
    let driver: &[&str] = &["tauri-driver", "WebKitWebDriver"];
    let needed = ["dbus-daemon"]
        .iter()
        .chain(driver.iter().filter(|_| paint));
    for name in needed {
        if let Err(missing) = on_path(&[name]) {
            println!("P10 and P11: not measured: {missing}");
            return Ok(());
        }
    }
    let dir = temporary(plan)?;
    let folder = plan.terminal.clone();
    let folder = folder.unwrap_or_else(|| dir.path().join("terminal"));
    if folder.exists() {
        println!("window: a terminal as an earlier run left it");
    } else {
        let size = Size::of(u32::try_from(plan.products).unwrap_or(u32::MAX).max(2_000));
        filled::make(&folder, size, TICKETS)?;
    }
    let stage = Stage::set(&dir.path().join("logs"))?;
    if start {
        starts(&stage.troupe, &timed, &folder, 2 * plan.rounds)?;
    }
    if paint {
        let done = crate::paint::measure(&stage.troupe, &app, &folder);
        if done.is_err() {
            println!("{}", stage.troupe.log_tails(20));
        }
        done?;
    }
    Ok(())
}

/// One start.
struct Seen {
    painted: Duration,
    pss_kib: u64,
}

fn starts(troupe: &Troupe, timed: &Path, folder: &Path, times: usize) -> Result<(), BenchError> {
    let app = || -> Vec<PathBuf> { vec!["app".into(), "--data".into(), folder.into()] };
    let empty = || -> Vec<PathBuf> { vec!["empty".into()] };
    // The first of each reads the programs from the disk and is thrown away.
    one(troupe, timed, &empty())?;
    one(troupe, timed, &app())?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..times {
        bare.push(one(troupe, timed, &empty())?);
        ours.push(one(troupe, timed, &app())?);
    }
    let took = |all: &[Seen]| -> Vec<f64> { all.iter().map(|seen| ms(seen.painted)).collect() };
    let pss = |all: &[Seen]| -> Vec<f64> {
        all.iter()
            .map(|seen| seen.pss_kib as f64 / 1024.0)
            .collect()
    };
    let ratios = |ours: &[f64], bare: &[f64]| -> Vec<f64> {
        ours.iter()
            .zip(bare)
            .map(|(ours, bare)| ours / bare)
            .collect()
    };
    let (ours_ms, bare_ms) = (took(&ours), took(&bare));
    let (ours_mib, bare_mib) = (pss(&ours), pss(&bare));
    println!(
        "P10 start to usable entry: {} × an empty window (reach 1.3) · {:.0} ms (p95 {:.0}) against \
         {:.0} ms (p95 {:.0}) [{times} starts each]",
        spread(&ratios(&ours_ms, &bare_ms)),
        median(&ours_ms),
        quantile(&ours_ms, 95),
        median(&bare_ms),
        quantile(&bare_ms, 95),
    );
    println!(
        "P10 memory, PSS of the process tree: {} × an empty window (reach 1.5) · {:.0} MiB against \
         {:.0} MiB",
        spread(&ratios(&ours_mib, &bare_mib)),
        median(&ours_mib),
        median(&bare_mib),
    );
    Ok(())
}

fn one(troupe: &Troupe, timed: &Path, args: &[PathBuf]) -> Result<Seen, BenchError> {
    let started = Instant::now();
    let mut child = troupe
        .command(timed)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| BenchError::file(timed, error))?;
    let painted = painted(&mut child, started);
    let pss_kib = if painted.is_some() {
        settled(child.id())
    } else {
        0
    };
    let ended = child.kill().and_then(|()| child.wait());
    ended.map_err(|error| BenchError::file(timed, error))?;
    match painted {
        Some(painted) => Ok(Seen { painted, pss_kib }),
        None => Err(BenchError::Part {
            part: "timed_window".to_owned(),
            why: "it ended before it painted".to_owned(),
        }),
    }
}

fn painted(child: &mut Child, started: Instant) -> Option<Duration> {
    let out = BufReader::new(child.stdout.take()?);
    let mut lines = out.lines().map_while(Result::ok);
    lines
        .find(|line| line == "painted")
        .map(|_| started.elapsed())
}

/// What the tree holds once two looks differ by less than a hundredth.
fn settled(root: u32) -> u64 {
    let mut before = 0;
    for _ in 0..LOOKS {
        let now = tree_pss_kib(root);
        if now.abs_diff(before) * 100 < now {
            return now;
        }
        before = now;
        thread::sleep(LOOK_EVERY);
    }
    before
}

/// Proportional memory of a process and all below it, KiB.
fn tree_pss_kib(root: u32) -> u64 {
    let mut below: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if let Some(parent) = parent(&stat) {
            below.entry(parent).or_default().push(pid);
        }
    }
    let (mut sum, mut left) = (0, vec![root]);
    while let Some(pid) = left.pop() {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        sum += pss_kib(&rollup).unwrap_or(0);
        left.extend(below.remove(&pid).unwrap_or_default());
    }
    sum
}

/// The fourth word of `/proc/PID/stat`; the second is a name in parentheses and may hold anything.
fn parent(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

fn pss_kib(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_of_a_process_is_read() {
        assert_eq!(parent("12 (a) b) S 7 12 12"), Some(7));
        assert_eq!(pss_kib("Rss: 9 kB\nPss:    5 kB\nPss_Anon: 3 kB"), Some(5));
        let own = std::process::id();
        assert!(tree_pss_kib(own) > 0);
    }
}
