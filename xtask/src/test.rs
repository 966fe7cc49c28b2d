//! `cargo xtask test`: everything that must hold before a change lands, in an order that fails
//! early and compiles nothing twice: the screens first (the shell embeds them), then lints, then
//! one build of the whole workspace from which tests, generator and tour run.
//!
//! Each step's whole output goes to a file; on the terminal stand the steps, their times, what was
//! not run, and of a failed one the lines that tell why. The last line counts tests and checks
//! together: a failed check that holds no tests (a lint, a build, the tour) counts as one.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::generate;
use crate::needs::{self, Set};
use crate::peers;
use crate::run::Tour;
use crate::screens;
use crate::seed;
use crate::shell::{Failure, Repo, ci, on_path, shown};

/// One step: its name for `--only`, what it needs, and its call (or why it is not run).
struct Step {
    name: &'static str,
    sets: &'static [Set],
    call: fn(&Repo) -> Result<Planned, Failure>,
}

enum Planned {
    Call(Command),
    NotRun(String),
}

const STORIES: &[Set] = &[Set::Build, Set::Ui, Set::Fonts, Set::Browser];
const TOUR: &[Set] = &[Set::Build, Set::Ui, Set::Fonts, Set::Browser, Set::Tour];

const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        sets: &[],
        call: |repo| cargo(repo, &["fmt", "--all", "--check"]),
    },
    Step {
        name: "oxlint",
        sets: &[Set::Ui],
        call: |repo| npm(repo, &["run", "lint"]),
    },
    Step {
        name: "tsc",
        sets: &[Set::Ui],
        call: |repo| npm(repo, &["exec", "--no", "--", "tsc", "--noEmit"]),
    },
    Step {
        name: "vitest",
        sets: &[Set::Ui],
        call: |repo| npm(repo, &["test"]),
    },
    Step {
        name: "ui",
        sets: &[Set::Ui],
        call: |repo| npm(repo, &["run", "build"]),
    },
    Step {
        name: "axe",
        sets: screens::SETS,
        call: |repo| {
            Ok(match has_ui(repo) {
                true => Planned::Call(screens::check(repo)),
                false => Planned::NotRun("ui/package.json is not there yet".to_owned()),
            })
        },
    },
    Step {
        name: "clippy",
        sets: &[Set::Build],
        call: |repo| {
            cargo(
                repo,
                &[
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ],
            )
        },
    },
    Step {
        name: "build",
        sets: &[Set::Build],
        call: |repo| cargo(repo, &["build", "--workspace", "--all-targets"]),
    },
    Step {
        name: "gen",
        sets: &[Set::Build],
        call: |repo| built(repo, generate::PROGRAM, &["--check"]),
    },
    Step {
        name: "test",
        sets: &[Set::Build],
        call: |repo| {
            cargo(
                repo,
                &[
                    "test",
                    "--workspace",
                    "--no-fail-fast",
                    "--",
                    "--show-output",
                ],
            )
        },
    },
    Step {
        name: "seed",
        sets: STORIES,
        call: stories,
    },
    Step {
        name: "peers",
        sets: &[Set::Peers],
        call: peers,
    },
    Step {
        name: "deny",
        sets: &[],
        call: deny,
    },
    Step {
        name: "tour",
        sets: TOUR,
        call: |repo| tour(repo, None),
    },
    Step {
        name: "tour-decline",
        sets: TOUR,
        call: |repo| tour(repo, Some("decline")),
    },
    Step {
        name: "tour-drop-callback",
        sets: TOUR,
        call: |repo| tour(repo, Some("drop-callback")),
    },
    Step {
        name: "tour-wrong-amount",
        sets: TOUR,
        call: |repo| tour(repo, Some("wrong-amount")),
    },
];

pub(crate) fn main(repo: &Repo, args: &[String]) -> Result<(), Failure> {
    let steps = chosen(args)?;
    let mut report = Report::default();
    if repo.shared().is_none() {
        let path = repo.root.join("..").join("shared");
        if ci() {
            return Err(Failure::File {
                path,
                why: "is missing, and with CI=true the real data and the vectors are part of the \
                      tests (FIELDTILL_SHARED names another folder)"
                    .to_owned(),
            });
        }
        report.not_run("real data and published vectors: there is no ../shared".to_owned());
    }
    let mut sets = Vec::new();
    for set in steps.iter().flat_map(|step| step.sets) {
        // What only the tour needs is not installed for a tour that does not exist.
        if !sets.contains(set) && (*set != Set::Tour || repo.has_program(Tour::PROGRAM)?) {
            sets.push(*set);
        }
    }
    if !has_ui(repo) {
        sets.retain(|set| *set != Set::Ui);
    }
    needs::provide(repo, &sets)?;

    repo.claim_target()?;
    let logs = repo.root.join("target").join("test-logs");
    fs::create_dir_all(&logs).map_err(|error| Failure::file(&logs, &error))?;
    for step in steps {
        match (step.call)(repo)? {
            Planned::NotRun(why) => report.not_run(format!("{}: {why}", step.name)),
            Planned::Call(mut command) => {
                report.run(
                    step.name,
                    &mut command,
                    &logs.join(format!("{}.log", step.name)),
                )?;
            }
        }
        if step.name == "ui" {
            needs::keep_ui_dist(repo)?;
        }
    }
    report.close()
}

fn chosen(args: &[String]) -> Result<Vec<&'static Step>, Failure> {
    match args {
        [] => Ok(STEPS.iter().collect()),
        [only, names] if only == "--only" => {
            let names: Vec<&str> = names.split(',').map(str::trim).collect();
            let known = |name: &&&str| !STEPS.iter().any(|step| step.name == **name);
            if let Some(unknown) = names.iter().find(known) {
                let all: Vec<_> = STEPS.iter().map(|step| step.name).collect();
                return Err(Failure::Usage(format!(
                    "test has no step `{unknown}`; it has {}",
                    all.join(", ")
                )));
            }
            Ok(STEPS
                .iter()
                .filter(|step| names.contains(&step.name))
                .collect())
        }
        _ => Err(Failure::Usage(
            "test takes --only STEP,STEP… or nothing".to_owned(),
        )),
    }
}

// ---- calls -------------------------------------------------------------------------------------

#[expect(clippy::unnecessary_wraps, reason = "one shape for every step")]
fn cargo(repo: &Repo, args: &[&str]) -> Result<Planned, Failure> {
    let mut command = repo.cargo();
    command.args(args).env("CARGO_TERM_COLOR", "never");
    Ok(Planned::Call(command))
}

fn has_ui(repo: &Repo) -> bool {
    repo.root.join("ui/package.json").is_file()
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for every step")]
fn npm(repo: &Repo, args: &[&str]) -> Result<Planned, Failure> {
    if !has_ui(repo) {
        return Ok(Planned::NotRun(
            "ui/package.json is not there yet".to_owned(),
        ));
    }
    let mut command = repo.npm();
    command.args(args);
    Ok(Planned::Call(command))
}

/// A program of ours from the folder that step `build` filled.
fn built(repo: &Repo, program: &str, args: &[&str]) -> Result<Planned, Failure> {
    if !repo.has_program(program)? {
        return Ok(Planned::NotRun(format!(
            "the program {program} is not there yet"
        )));
    }
    let mut command = repo.command(repo.built(program).as_os_str());
    command.args(args);
    Ok(Planned::Call(command))
}

/// The help page's stories, in a browser without a screen.
#[expect(clippy::unnecessary_wraps, reason = "one shape for every step")]
fn stories(repo: &Repo) -> Result<Planned, Failure> {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let missing = if browsers.iter().all(|name| on_path(name).is_none()) {
        browsers[0]
    } else if on_path("chromedriver").is_none() {
        "chromedriver"
    } else {
        return Ok(Planned::Call(seed::stories(repo)));
    };
    Ok(Planned::NotRun(format!("{missing} is not installed")))
}

/// Other people's SDKs; those that can't be installed here are not run.
fn peers(repo: &Repo) -> Result<Planned, Failure> {
    let installed = peers::install(repo);
    if let Some(why) = installed.nothing() {
        return Ok(Planned::NotRun(why));
    }
    let planned = built(repo, peers::PROGRAM, &["--optional"])?;
    Ok(match planned {
        Planned::Call(mut command) => {
            installed.tell(&mut command);
            Planned::Call(command)
        }
        not_run => not_run,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for every step")]
fn deny(repo: &Repo) -> Result<Planned, Failure> {
    if on_path("cargo-deny").is_none() {
        return Ok(Planned::NotRun("cargo-deny is not installed".to_owned()));
    }
    let mut command = repo.cargo();
    command.args(["deny", "check", "bans", "licenses", "sources"]);
    Ok(Planned::Call(command))
}

/// Always on a screen of its own: a test must not depend on what else is open.
fn tour(repo: &Repo, break_: Option<&str>) -> Result<Planned, Failure> {
    if !repo.has_program(Tour::PROGRAM)? {
        return Ok(Planned::NotRun("the tour is not there yet".to_owned()));
    }
    if !cfg!(target_os = "linux") {
        return Ok(Planned::NotRun(
            "its screen and its driver are Linux's".to_owned(),
        ));
    }
    let tour = Tour {
        break_: break_.map(str::to_owned),
        ..Tour::default()
    };
    Ok(Planned::Call(tour.command(repo, false)))
}

// ---- running and counting ----------------------------------------------------------------------

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

#[derive(Default)]
struct Report {
    counts: Counts,
    vectors: BTreeSet<(String, u64)>,
    not_run: Vec<String>,
    failed_steps: Vec<(&'static str, PathBuf)>,
}

impl Report {
    fn not_run(&mut self, what: String) {
        println!("not run: {what}");
        self.not_run.push(what);
        self.counts.skipped += 1;
    }

    fn run(
        &mut self,
        name: &'static str,
        command: &mut Command,
        log: &Path,
    ) -> Result<(), Failure> {
        println!("{name}: {}", shown(command));
        let start = Instant::now();
        let (succeeded, text) = logged(command, log)?;
        let counts = counted(name, succeeded, &text);
        self.counts.passed += counts.passed;
        self.counts.failed += counts.failed;
        self.counts.skipped += counts.skipped;
        self.vectors.extend(text.lines().filter_map(vectors));
        for what in text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("not run: "))
        {
            if !self.not_run.iter().any(|known| known == what) {
                println!("  not run: {what}");
                self.not_run.push(what.to_owned());
            }
        }
        let took = seconds(start.elapsed());
        if counts.failed == 0 {
            println!("{name}: ok, {took}");
        } else {
            for line in telling(&text) {
                println!("  | {line}");
            }
            println!(
                "{name}: FAILED, {took}; all of its output: {}",
                log.display()
            );
            self.failed_steps.push((name, log.to_owned()));
        }
        Ok(())
    }

    fn close(self) -> Result<(), Failure> {
        println!();
        for (file, cases) in &self.vectors {
            println!("vectors: {file}: {cases} cases");
        }
        let cases: u64 = self.vectors.iter().map(|(_, cases)| cases).sum();
        println!(
            "vectors: {} files, {cases} cases in all",
            self.vectors.len()
        );
        for what in &self.not_run {
            println!("not run: {what}");
        }
        for (name, log) in &self.failed_steps {
            println!("FAILED: {name}: {}", log.display());
        }
        let Counts {
            passed,
            failed,
            skipped,
        } = self.counts;
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        if failed == 0 {
            Ok(())
        } else {
            Err(Failure::Checks { failed })
        }
    }
}

/// Runs with all output in `log`; returns whether it succeeded, and the output.
fn logged(command: &mut Command, log: &Path) -> Result<(bool, String), Failure> {
    let call = shown(command);
    // Colours are for screens; here they would stand in the log.
    command.env("TERM", "dumb").env("NO_COLOR", "1");
    let file = File::create(log).map_err(|error| Failure::file(log, &error))?;
    let spawned = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return Ok((false, format!("error: {call}: {error}"))),
    };
    let both = Mutex::new((file, String::new()));
    let (out, err) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        scope.spawn(|| copy_lines(out, &both));
        scope.spawn(|| copy_lines(err, &both));
    });
    let status = child.wait().map_err(|e| Failure::Program {
        call,
        why: e.to_string(),
    })?;
    let (_, text) = both.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((status.success(), text))
}

fn copy_lines(from: Option<impl Read>, both: &Mutex<(File, String)>) {
    let Some(from) = from else { return };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let mut to = both.lock().unwrap_or_else(PoisonError::into_inner);
        // The file is for people; what is judged is the text.
        let _ = to.0.write_all(&line);
        to.1.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
}

fn counted(name: &str, succeeded: bool, text: &str) -> Counts {
    let counts = match name {
        "test" | "seed" => cargo_counts(text),
        "vitest" => vitest_counts(text),
        _ => Counts {
            passed: u64::from(succeeded),
            ..Counts::default()
        },
    };
    let nothing_ran = counts.passed + counts.failed == 0;
    if counts.failed == 0 && (!succeeded || nothing_ran) {
        return Counts {
            failed: 1,
            ..counts
        };
    }
    counts
}

/// Sums cargo's "test result: ok. 12 passed; 0 failed; 1 ignored; …" lines.
fn cargo_counts(text: &str) -> Counts {
    let mut sum = Counts::default();
    for line in text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("test result: "))
    {
        add_numbered_words(&mut sum, line);
    }
    sum
}

/// Reads vitest's "Tests  12 passed | 1 skipped (13)" line.
fn vitest_counts(text: &str) -> Counts {
    let mut sum = Counts::default();
    for line in text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Tests "))
    {
        add_numbered_words(&mut sum, line);
    }
    sum
}

fn add_numbered_words(sum: &mut Counts, line: &str) {
    let words: Vec<&str> = line.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    for pair in words.windows(2) {
        let Ok(number) = pair[0].parse::<u64>() else {
            continue;
        };
        match pair[1] {
            "passed" => sum.passed += number,
            "failed" => sum.failed += number,
            "ignored" | "skipped" | "todo" => sum.skipped += number,
            _ => {}
        }
    }
}

/// Reads "vectors: NAME: N cases", which a test prints for each file of vectors it went through.
fn vectors(line: &str) -> Option<(String, u64)> {
    let (name, cases) = line.trim().strip_prefix("vectors: ")?.rsplit_once(": ")?;
    Some((name.to_owned(), cases.strip_suffix(" cases")?.parse().ok()?))
}

/// The lines of a failed step's output that tell why: around panics and errors, and the end.
fn telling(text: &str) -> Vec<&str> {
    const AFTER: usize = 10;
    const END: usize = 30;
    const AT_MOST: usize = 200;
    let lines: Vec<&str> = text.lines().collect();
    let mut keep = BTreeSet::new();
    for (index, line) in lines.iter().enumerate() {
        let tells = line.contains("panicked at")
            || line.starts_with("error")
            || line.starts_with("Diff in ")
            || line.ends_with("... FAILED")
            || line.contains(" × ")
            || line.contains("FAIL ");
        if tells {
            let after = if line.ends_with("... FAILED") {
                1
            } else {
                AFTER
            };
            keep.extend(index..(index + after).min(lines.len()));
        }
    }
    let end = lines.len().saturating_sub(END);
    let early: Vec<usize> = keep
        .into_iter()
        .filter(|index| *index < end)
        .take(AT_MOST)
        .collect();
    early
        .into_iter()
        .chain(end..lines.len())
        .map(|index| lines[index])
        .collect()
}

fn seconds(time: Duration) -> String {
    format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn results_of_all_targets_are_summed() {
        let text = "running 2 tests\ntest a ... ok\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.00s\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(cargo_counts(text), counts(5, 2, 1));
    }

    #[test]
    fn vitest_counts_tests_and_not_files() {
        let text =
            " Test Files  4 passed (4)\n      Tests  1 failed | 37 passed | 2 skipped (40)\n";
        assert_eq!(vitest_counts(text), counts(37, 1, 2));
    }

    #[test]
    fn a_failing_step_always_counts() {
        assert_eq!(counted("clippy", true, ""), counts(1, 0, 0));
        assert_eq!(counted("clippy", false, ""), counts(0, 1, 0));
        // Did not compile: there is no result line at all.
        assert_eq!(
            counted("test", false, "error: could not compile"),
            counts(0, 1, 0)
        );
        // Succeeded without running a test: nothing was proven.
        assert_eq!(
            counted("test", true, "test result: ok. 0 passed; 0 failed"),
            counts(0, 1, 0)
        );
        // All result lines are good and a later target crashed.
        assert_eq!(
            counted("test", false, "test result: ok. 4 passed; 0 failed"),
            counts(4, 1, 0)
        );
    }

    #[test]
    fn vector_lines() {
        assert_eq!(
            vectors("vectors: a_b.json: 12 cases"),
            Some(("a_b.json".to_owned(), 12))
        );
        assert_eq!(
            vectors("vectors: bills: ALL: 3 cases"),
            Some(("bills: ALL".to_owned(), 3))
        );
        assert_eq!(vectors("vectors: a.json: many cases"), None);
        assert_eq!(vectors("see vectors: a.json: 3 cases"), None);
    }

    #[test]
    fn the_reason_is_shown_even_when_much_follows() {
        let mut text = "thread 'x' panicked at crates/a.rs:1:1:\nleft is not right\n".to_owned();
        text.push_str(&"noise\n".repeat(500));
        let lines = telling(&text);
        assert_eq!(lines[1], "left is not right");
        assert!(lines.len() < 60);
    }

    #[test]
    fn steps_are_chosen_by_name_in_their_own_order() {
        let args = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let names = |steps: Vec<&'static Step>| steps.iter().map(|s| s.name).collect::<Vec<_>>();
        assert_eq!(
            names(chosen(&args("--only clippy,fmt")).unwrap()),
            ["fmt", "clippy"]
        );
        assert_eq!(chosen(&[]).unwrap().len(), STEPS.len());
        assert!(chosen(&args("--only nonsense")).is_err());
        assert!(chosen(&args("--fast")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn both_streams_reach_the_log() {
        let log = std::env::temp_dir().join(format!("xtask-log-{}", std::process::id()));
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo out; echo err >&2; exit 3"]);
        let (succeeded, text) = logged(&mut shell, &log).unwrap();
        assert!(!succeeded);
        assert!(text.contains("out\n") && text.contains("err\n"), "{text}");
        assert_eq!(fs::read_to_string(&log).unwrap().len(), text.len());
        fs::remove_file(&log).unwrap();
    }
}
