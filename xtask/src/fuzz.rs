//! `cargo xtask fuzz [--minutes N] [--sanitizer NAME] [TARGET]`: hostile input for every decoder
//! that money passes, made by libFuzzer. The targets and their corpora stand in `tests/fuzz`; what
//! a run finds new stays in the target folder, and `--keep` takes the smallest set that reaches as
//! far into the corpora, which an ordinary test replays.
//!
//! Our code has no `unsafe`, so the address sanitizer is off and stable Rust will do; on nightly
//! Rust `--sanitizer address` looks at the C under the clients as well.

use crate::shell::{Failure, Repo, call, on_path};
use std::fs;

const TARGETS: &[&str] = &[
    "callback",
    "signed_callback",
    "notice_form",
    "wechat_pay_bill",
    "alipay_bill",
    "link",
];

#[derive(Debug, PartialEq, Eq)]
struct Asked {
    minutes: u64,
    sanitizer: String,
    keep: bool,
    targets: Vec<&'static str>,
}

pub(crate) fn main(repo: &Repo, args: &[String]) -> Result<(), Failure> {
    let asked = asked(args)?;
    if on_path("cargo-fuzz").is_none() {
        return Err(Failure::InstallByHand {
            what: "Fuzzing needs cargo-fuzz, which is not installed.".to_owned(),
            how: "cargo install cargo-fuzz".to_owned(),
        });
    }
    let built = repo.target.join("fuzz");
    for target in asked.targets {
        let committed = repo.root.join("tests/fuzz/corpus").join(target);
        let found = built.join("corpus").join(target);
        fs::create_dir_all(&found).map_err(|error| Failure::file(&found, &error))?;
        let fuzz = |corpora: [&std::path::Path; 2], options: &[String]| {
            let mut cargo = repo.cargo();
            cargo
                // Its flags differ from every other build's: a folder of its own.
                .env("CARGO_TARGET_DIR", &built)
                .args(["fuzz", "run", "--fuzz-dir", "tests/fuzz", "--sanitizer"])
                .args([&asked.sanitizer, target])
                .args(corpora)
                .arg("--")
                .args(options);
            call(&mut cargo)
        };
        if asked.keep {
            fuzz([&committed, &found], &["-merge=1".to_owned()])?;
            continue;
        }
        let time = format!("-max_total_time={}", asked.minutes.saturating_mul(60));
        let options = [time, "-max_len=4096".to_owned(), "-timeout=10".to_owned()];
        fuzz([&found, &committed], &options)?;
    }
    Ok(())
}

fn asked(args: &[String]) -> Result<Asked, Failure> {
    let usage = |what: String| Failure::Usage(what);
    let mut asked = Asked {
        minutes: 10,
        sanitizer: "none".to_owned(),
        keep: false,
        targets: TARGETS.to_vec(),
    };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let mut value = || rest.next().map_or("", String::as_str);
        match arg.as_str() {
            "--minutes" => {
                let text = value();
                let minutes = text.parse().ok().filter(|minutes| *minutes > 0);
                asked.minutes = minutes.ok_or_else(|| {
                    usage(format!(
                        "fuzz: --minutes needs a whole number, not `{text}`"
                    ))
                })?;
            }
            "--sanitizer" => match value() {
                name @ ("none" | "address") => asked.sanitizer = name.to_owned(),
                other => {
                    let what = format!("fuzz: --sanitizer is none or address, not `{other}`");
                    return Err(usage(what));
                }
            },
            "--keep" => asked.keep = true,
            name => {
                let target = TARGETS.iter().find(|target| **target == name);
                let target = target.ok_or_else(|| {
                    let all = TARGETS.join(", ");
                    usage(format!("fuzz has no target `{name}`; it has {all}"))
                })?;
                asked.targets = vec![target];
            }
        }
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn one_target_or_all_for_some_minutes() {
        let all = asked(&[]).unwrap();
        assert_eq!((all.minutes, all.targets.len()), (10, TARGETS.len()));
        let one = asked(&args("--minutes 1 link")).unwrap();
        assert_eq!((one.minutes, one.targets), (1, vec!["link"]));
        assert!(asked(&args("--keep --sanitizer address")).unwrap().keep);
        for wrong in [
            "--minutes",
            "--minutes 0",
            "--minutes ten",
            "--sanitizer x",
            "door",
        ] {
            assert!(asked(&args(wrong)).is_err(), "{wrong}");
        }
    }

    /// A target that is not in the list would never be run.
    #[test]
    fn the_list_is_that_of_the_targets() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fuzz/fuzz_targets");
        let mut there: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        let mut listed = TARGETS.to_vec();
        there.sort();
        listed.sort_unstable();
        assert_eq!(there, listed);
    }
}
