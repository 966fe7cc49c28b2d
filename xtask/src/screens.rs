//! `cargo xtask screens`: renders every page in both languages and themes into `docs/screens`, with a
//! headless Chromium over the core in memory. The same script judges them in `cargo xtask test`.

use std::process::Command;

use crate::needs::{self, Set};
use crate::shell::{Failure, Repo, call};

/// What it draws with.
pub(crate) const SETS: &[Set] = &[Set::Ui, Set::Fonts, Set::Browser];

pub(crate) fn main(repo: &Repo, args: &[String]) -> Result<(), Failure> {
    needs::provide(repo, SETS)?;
    let folder = repo.root.join("docs").join("screens");
    let mut script = script(repo);
    script.arg(folder).args(args);
    call(&mut script)
}

/// axe finds nothing serious on any page.
pub(crate) fn check(repo: &Repo) -> Command {
    let mut script = script(repo);
    script.arg("--check");
    script
}

fn script(repo: &Repo) -> Command {
    let mut npm = repo.npm();
    npm.args(["run", "--silent", "screens", "--"]);
    npm
}
