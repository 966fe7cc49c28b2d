//! `cargo xtask dist [--debug]`: the deb and the rpm, with the backend's program beside the app's.
//!
//! Bundling is Tauri's own CLI, at an exact version: later ones publish an incomplete lock for
//! npm, and so it also stays out of `ui/package.json`. NSIS and dmg have their settings in
//! `src-tauri/tauri.conf.json`, but are built only on Windows and macOS, by the same command.

use std::fs;
use std::path::{Path, PathBuf};

use crate::needs::{self, Set};
use crate::shell::{Failure, Repo, call, output};

const TAURI_CLI: &str = "@tauri-apps/cli@2.12.0";

pub(crate) fn main(repo: &Repo, args: &[String]) -> Result<(), Failure> {
    let debug = match args {
        [] => false,
        [one] if one == "--debug" => true,
        _ => return Err(Failure::Usage("dist takes --debug or nothing".to_owned())),
    };
    needs::provide(repo, &[Set::Build, Set::Ui])?;
    needs::build_ui(repo)?;
    repo.claim_target()?;
    let backend = backend_for_bundling(repo, debug)?;
    let cli = tauri_cli(repo)?;

    let bundles = if cfg!(windows) {
        "nsis"
    } else if cfg!(target_os = "macos") {
        "dmg"
    } else {
        "deb,rpm"
    };
    let config = serde_json::json!({"bundle": {"externalBin": [backend]}}).to_string();
    // Started from the top folder: inside `ui/` the CLI does not find the project.
    let mut build = repo.command("node".as_ref());
    build
        .arg(cli)
        .args(["build", "--ci", "--bundles", bundles, "--config", &config]);
    if debug {
        build.arg("--debug");
    }
    call(&mut build)?;
    let profile = if debug { "debug" } else { "release" };
    println!(
        "bundles: {}",
        repo.target.join(profile).join("bundle").display()
    );
    Ok(())
}

/// Builds the backend and lays it where Tauri wants a program to bundle: the name carries the
/// target triple in the file, and lacks it in the configuration and once installed.
fn backend_for_bundling(repo: &Repo, debug: bool) -> Result<PathBuf, Failure> {
    let mut cargo = repo.cargo();
    cargo.args([
        "build",
        "--package",
        "backend",
        "--bin",
        "fieldtill-backend",
    ]);
    let profile = if debug {
        "debug"
    } else {
        cargo.arg("--release");
        "release"
    };
    call(&mut cargo)?;
    let triple =
        host_triple(&output(repo.command("rustc".as_ref()).arg("-vV"))?).ok_or_else(|| {
            Failure::Program {
                call: "rustc -vV".to_owned(),
                why: "names no host".to_owned(),
            }
        })?;
    let suffix = std::env::consts::EXE_SUFFIX;
    let built = repo
        .target
        .join(profile)
        .join(format!("fieldtill-backend{suffix}"));
    let folder = repo.target.join("dist");
    let plain = folder.join("fieldtill-backend");
    let laid = folder.join(format!("fieldtill-backend-{triple}{suffix}"));
    fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    fs::copy(&built, &laid).map_err(|error| Failure::file(&built, &error))?;
    Ok(plain)
}

fn host_triple(rustc_verbose: &str) -> Option<String> {
    rustc_verbose
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
}

/// The CLI's start file, installed outside the clone when it is not there yet.
fn tauri_cli(repo: &Repo) -> Result<PathBuf, Failure> {
    let folder = repo.cache.join("tools").join("tauri-cli-2.12.0");
    let start = folder.join("node_modules/@tauri-apps/cli/tauri.js");
    if !start.is_file() {
        fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
        call(
            repo.npm()
                .current_dir(&folder)
                .args(["install", "--ignore-scripts", "--no-save", "--prefix"])
                .arg(Path::new("."))
                .arg(TAURI_CLI),
        )?;
    }
    Ok(start)
}

#[cfg(test)]
mod tests {
    use super::host_triple;

    #[test]
    fn the_host_is_read_from_rustc() {
        let text = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(
            host_triple(text).as_deref(),
            Some("x86_64-unknown-linux-gnu")
        );
        assert_eq!(host_triple("rustc 1.95.0"), None);
    }
}
