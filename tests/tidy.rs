//! The architecture's rules, each a test whose message says what to do.
//!
//! They read the tree as it lies there (not what is committed), build nothing and need no tool but
//! cargo. A rule that only a reviewer could hold is not here.
#![expect(
    clippy::expect_used,
    reason = "where the tree cannot be read, the rule must fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

// ---- which crate may use which -------------------------------------------------------------

/// Every edge that design section 3 allows, beside the dev-only ones to `testkit`.
const EDGES: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("wire", &["domain"]),
    ("gateways", &["domain"]),
    // Nothing of `gateways`: the two must not be able to share a mistake.
    ("sandbox", &["domain"]),
    // Never `gateways`: no merchant key can be in the desktop's core.
    ("terminal", &["wire", "domain"]),
    ("backend", &["gateways", "wire", "domain"]),
    (
        "testkit",
        &[
            "domain", "wire", "gateways", "sandbox", "terminal", "backend",
        ],
    ),
    ("fieldtill", &["terminal", "wire", "domain"]),
    (
        "fieldtill-tests",
        &[
            "domain", "wire", "gateways", "sandbox", "terminal", "backend", "testkit",
        ],
    ),
    ("xtask", &[]),
];

/// What tests of any crate may use beside them.
const DEV_EDGES: &[&str] = &["testkit", "sandbox"];

#[test]
fn crates_use_only_the_crates_they_may() {
    let allowed: BTreeMap<_, _> = EDGES.iter().copied().collect();
    let members = members();
    let names: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut wrong = Vec::new();
    for member in &members {
        let Some(may) = allowed.get(member.name.as_str()) else {
            wrong.push(format!("{} is new: give it a row in EDGES", member.name));
            continue;
        };
        for (used, dev) in &member.uses {
            let own = names.contains(used.as_str());
            if own && !may.contains(&used.as_str()) && !(*dev && DEV_EDGES.contains(&used.as_str()))
            {
                wrong.push(format!("{} must not use {used}", member.name));
            }
        }
    }
    for (name, _) in EDGES {
        if !names.contains(name) {
            wrong.push(format!("{name} is gone: take its row out of EDGES"));
        }
    }
    fail_if(
        &wrong,
        "an edge between crates is not allowed; move the code, not the border",
    );
}

#[test]
fn only_the_shell_knows_tauri() {
    let mut wrong = Vec::new();
    for member in members().iter().filter(|member| member.name != "fieldtill") {
        for (used, _) in member
            .uses
            .iter()
            .filter(|(used, _)| used.starts_with("tauri"))
        {
            wrong.push(format!("{} uses {used}", member.name));
        }
    }
    fail_if(
        &wrong,
        "only src-tauri may depend on tauri; put an adapter there",
    );
}

#[test]
fn testkit_is_for_tests_only() {
    let mut wrong = Vec::new();
    for member in members()
        .iter()
        .filter(|member| member.name != "fieldtill-tests")
    {
        if member.uses.contains(&("testkit".to_owned(), false)) {
            wrong.push(member.name.clone());
        }
    }
    fail_if(
        &wrong,
        "these use testkit in the product; make it a dev-dependency",
    );
}

#[test]
fn no_door_for_tests_is_open_in_what_people_get() {
    // `planted`: bugs on purpose and crashes at a commit. `testdoor`: evidence without a channel.
    let doors = ["planted", "testdoor"];
    let mut wrong = Vec::new();
    // The whole workspace built at once resolves features for everybody together, so this asks for
    // all of it, as the programs are built: without dev-dependencies.
    for asked in [
        &["--workspace"][..],
        &["-p", "fieldtill", "-p", "backend", "-p", "sandbox"],
    ] {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let out = Command::new(cargo)
            .args([
                "tree",
                "--offline",
                "--edges",
                "normal,build",
                "--prefix",
                "none",
            ])
            .args(["--format", "{p}|{f}"])
            .args(asked)
            .current_dir(root())
            .output()
            .expect("cargo tree starts");
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        let tree = String::from_utf8_lossy(&out.stdout);
        assert!(
            tree.contains("terminal v"),
            "cargo tree is not read as expected"
        );
        for line in tree.lines() {
            let features = line.split('|').nth(1).unwrap_or_default();
            if words(features).any(|feature| doors.contains(&feature)) {
                wrong.push(format!("{} with {}", line, asked.join(" ")));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    fail_if(
        &wrong,
        "features `planted` and `testdoor` are for the tests' dev-dependencies and for \
         `--features planted` of fieldtill-tests; take them out of [dependencies] and default",
    );
}

// ---- crates from outside ---------------------------------------------------------------------

#[test]
fn banned_crates_stay_out() {
    let banned = [
        ("rsa", "it leaks through timing; use ring"),
        ("aws-lc-rs", "one crypto provider in the workspace: ring"),
        ("aws-lc-sys", "one crypto provider in the workspace: ring"),
        ("native-tls", "one TLS stack in the workspace: rustls"),
        (
            "sqlx",
            "it claims links = \"sqlite3\", which rusqlite needs",
        ),
    ];
    let locked = locked();
    let mut wrong = Vec::new();
    for (name, why) in banned {
        if locked.contains_key(name) {
            wrong.push(format!(
                "{name}: {why}; it comes through {}",
                users(&locked, name)
            ));
        }
    }
    fail_if(&wrong, "banned crates are in Cargo.lock");
}

#[test]
fn openssl_is_only_the_sandboxs_and_the_files() {
    // The sandbox, and tests, sign with another implementation than the product does; SQLCipher
    // links the library.
    let may = ["libsqlite3-sys", "openssl"];
    let members = members();
    let mut wrong = Vec::new();
    for member in &members {
        for name in ["openssl", "openssl-sys"] {
            if member.uses.contains(&(name.to_owned(), false)) && member.name != "sandbox" {
                wrong.push(format!("{} uses {name}", member.name));
            }
        }
    }
    for (user, uses) in &locked() {
        let own = members.iter().any(|member| &member.name == user);
        let linked = uses
            .iter()
            .any(|name| name == "openssl" || name == "openssl-sys");
        if linked && !own && !may.contains(&user.as_str()) {
            wrong.push(format!("{user} uses openssl"));
        }
    }
    fail_if(
        &wrong,
        "the product's cryptography is ring; openssl is for the sandbox and SQLCipher",
    );
}

// ---- sources -----------------------------------------------------------------------------------

#[test]
fn tauri_packages_are_imported_in_one_folder() {
    let mut wrong = Vec::new();
    for file in files("ui/src", &["ts", "tsx", "js", "jsx"]) {
        if !file.path.starts_with("ui/src/platform/") {
            wrong.extend(file.lines_with(|line| line.contains("@tauri-apps")));
        }
    }
    fail_if(
        &wrong,
        "@tauri-apps is imported only in ui/src/platform; use what that folder exports",
    );
}

#[test]
fn no_file_needs_a_map() {
    let mut wrong = Vec::new();
    for file in files("", &["rs", "ts", "tsx"]) {
        let lines = file.text.lines().count();
        if lines > 800 && !file.is_generated() {
            wrong.push(format!("{}: {lines} lines", file.path));
        }
    }
    fail_if(
        &wrong,
        "over 800 lines: a file that needs a map is two files",
    );
}

#[test]
fn the_shell_stays_thin() {
    let sizes: Vec<_> = files("src-tauri/src", &["rs"])
        .iter()
        .map(|file| {
            let product = file.text.split("#[cfg(test)]").next().unwrap_or_default();
            (product.lines().count(), file.path.clone())
        })
        .collect();
    let sum: usize = sizes.iter().map(|(lines, _)| lines).sum();
    assert!(
        !sizes.is_empty(),
        "src-tauri/src has no sources; this rule looks at the wrong place"
    );
    assert!(
        sum < 400,
        "src-tauri/src has {sum} lines and may have 399: it holds adapters only; move what decides \
         something into crates/terminal: {sizes:?}"
    );
}

#[test]
fn every_module_says_why_it_is_there() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files("", &["rs"])
        .iter()
        .filter(|file| is_module(&file.path))
    {
        seen += 1;
        if !file.text.starts_with("//!") {
            wrong.push(file.path.clone());
        }
    }
    assert!(
        seen > 10,
        "only {seen} modules found; this rule looks at the wrong place"
    );
    fail_if(
        &wrong,
        "these modules do not begin with `//!` lines that say why they are there",
    );
}

#[test]
fn money_never_meets_a_float() {
    let mut wrong = Vec::new();
    for name in [
        "domain", "wire", "terminal", "backend", "gateways", "sandbox",
    ] {
        for file in files(&format!("crates/{name}/src"), &["rs"]) {
            wrong.extend(file.lines_with(|line| {
                let code = line.split("//").next().unwrap_or("");
                words(code).any(|word| matches!(word, "f32" | "f64"))
            }));
        }
    }
    fail_if(
        &wrong,
        "f32 and f64 stay out of these crates; count in fen, basis points, milliseconds",
    );
}

#[test]
fn system_specific_code_is_named_in_the_docs() {
    let Some(docs) = read("docs/architecture.md") else {
        return;
    };
    let marks = [
        "std::os::unix",
        "std::os::linux",
        "std::os::windows",
        "std::os::macos",
        "cfg(unix)",
        "cfg(windows)",
        "cfg(not(unix))",
        "cfg(not(windows))",
        "target_os",
        "\"/proc/",
    ];
    let mut wrong = Vec::new();
    let crates = [
        "domain", "wire", "terminal", "backend", "gateways", "sandbox",
    ];
    let folders = crates.iter().map(|name| format!("crates/{name}/src"));
    for folder in folders.chain(["src-tauri/src".to_owned()]) {
        for file in files(&folder, &["rs"]) {
            if !docs.contains(&file.path) {
                wrong.extend(file.lines_with(|line| marks.iter().any(|mark| line.contains(mark))));
            }
        }
    }
    fail_if(
        &wrong,
        "code for one system stands in a file that docs/architecture.md does not list; move it into \
         a listed file, or list the file by its path",
    );
}

#[test]
fn migrations_say_which_programs_may_open_the_file() {
    let mut wrong = Vec::new();
    for file in files("migrations", &["sql"]) {
        let header: Vec<&str> = file
            .text
            .lines()
            .take_while(|line| line.starts_with("--"))
            .collect();
        let header = header.join(" ").to_lowercase();
        if !header.contains("old programs") && !header.contains("older programs") {
            wrong.push(file.path);
        }
    }
    fail_if(
        &wrong,
        "a migration begins with `--` lines, one of them saying \"old programs may open\" or \"old \
         programs must refuse\"",
    );
}

// ---- words -------------------------------------------------------------------------------------

#[test]
fn the_project_speaks_only_of_itself() {
    // Put together here so that this file does not hold what it forbids.
    let folder = ["/", "work", "/"].concat();
    let beside = ["..", "/shared"].concat();
    let mut wrong = Vec::new();
    for file in files(
        "",
        &[
            "rs", "ts", "tsx", "css", "html", "md", "toml", "json", "sql", "sh",
        ],
    ) {
        let from = file.tests_begin_at();
        for (index, line) in file.text.lines().enumerate() {
            let names_beside = line.contains(&beside) && index < from && !may_name_beside(&file);
            if line.contains(&folder) || names_beside {
                wrong.push(format!("{}:{}: {}", file.path, index + 1, line.trim()));
            }
        }
    }
    fail_if(
        &wrong,
        "a clone stands alone: no folder of one machine, and the shared data only in tests",
    );
}

#[test]
fn nothing_is_left_to_do_in_the_code() {
    let marks = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["XX", "X"].concat(),
    ];
    let mut wrong = Vec::new();
    for file in files("", &["rs", "ts", "tsx", "sql", "css"]) {
        wrong.extend(file.lines_with(|line| words(line).any(|w| marks.iter().any(|m| m == w))));
    }
    fail_if(
        &wrong,
        "finish it, or say it where people look for what is missing (docs/)",
    );
}

#[test]
fn where_does_it_live_tells_the_truth() {
    let Some(readme) = read("README.md") else {
        return;
    };
    let rows = where_rows(&readme);
    assert!(
        rows.len() >= 12,
        "README.md needs a table under the heading \"Where does it live?\" with 12 common changes \
         and one path each in backticks; found {} rows",
        rows.len()
    );
    let mut wrong = Vec::new();
    for row in rows {
        let paths: Vec<&str> = row
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|p| is_path(p))
            .collect();
        if paths.is_empty() {
            wrong.push(format!("no path in backticks: {row}"));
        }
        for path in paths {
            let plain = path
                .split("::")
                .next()
                .unwrap_or(path)
                .trim_end_matches('/');
            if !root().join(plain).exists() {
                wrong.push(format!("{plain} does not exist: {row}"));
            }
        }
    }
    fail_if(
        &wrong,
        "README.md's \"Where does it live?\" is wrong; correct the row",
    );
}

#[test]
fn the_map_of_the_help_page_tells_the_truth() {
    let map = read("docs/seed-map.md").unwrap_or_default();
    let stories: String = files("tests/seed", &["rs"])
        .into_iter()
        .map(|file| file.text)
        .collect();
    let mut wrong = Vec::new();
    if stories.contains("#[ignore") {
        wrong.push("a story in tests/seed is ignored".to_owned());
    }
    let rows: Vec<&str> = map.lines().filter(|row| row.starts_with("| S")).collect();
    assert_eq!(
        rows.len(),
        28,
        "docs/seed-map.md needs a row for each of S1 to S28"
    );
    for (number, row) in (1..).zip(rows) {
        let cells = cells(row);
        let [id, _, _, rule, test, line] = cells.as_slice() else {
            wrong.push(format!("six cells, not {}: {row}", cells.len()));
            continue;
        };
        let (rule, test, line) = (quoted(rule), quoted(test), quoted(line));
        let ([place, name], [test], [file, old, new]) =
            (rule.as_slice(), test.as_slice(), line.as_slice())
        else {
            wrong.push(format!(
                "{id} needs file and name, a test, and file, old and new line"
            ));
            continue;
        };
        if *id != format!("S{number}") || !test.starts_with(&format!("s{number:02}_")) {
            wrong.push(format!("{id} and {test} are not of statement {number}"));
        }
        if !stories.contains(&format!("#[test]\nfn {test}() {{")) {
            wrong.push(format!("{id}: there is no test {test} in tests/seed"));
        }
        let held = read(place).unwrap_or_default();
        if ![
            format!("fn {name}("),
            format!("fn {name}<"),
            format!("function {name}("),
            format!("const {name} ="),
        ]
        .iter()
        .any(|function| held.contains(function))
        {
            wrong.push(format!("{id}: {place} has no {name}"));
        }
        let times = read(file).unwrap_or_default().matches(old.as_str()).count();
        if times != 1 || old == new {
            wrong.push(format!("{id}: {file} has {times} times `{old}`"));
        }
    }
    fail_if(
        &wrong,
        "docs/seed-map.md is wrong; correct the row, and try its break again",
    );
}

/// The cells of a table's row; `\|` is a bar within one.
fn cells(row: &str) -> Vec<String> {
    let row = row.replace("\\|", "\u{1}");
    let inner = row.trim().trim_matches('|');
    inner
        .split('|')
        .map(|cell| cell.trim().replace('\u{1}', "|"))
        .collect()
}

/// What stands in backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The rules above are worth nothing if the eyes they look with are closed.
#[test]
fn the_eyes_of_these_rules_are_open() {
    assert_eq!(
        words("let x: f64 = a_f32;").collect::<Vec<_>>(),
        ["let", "x", "f64", "a_f32"]
    );
    assert!(is_module("crates/domain/src/money.rs") && is_module("xtask/src/main.rs"));
    assert!(!is_module("crates/domain/build.rs"));
    let table = "## Where does it live?\n\n| change | place |\n|---|---|\n| a | `x/y.rs` |\n\n| no | `z` |\n";
    assert_eq!(where_rows(table), ["| a | `x/y.rs` |"]);
    assert!(is_path("crates/domain") && is_path("deny.toml") && !is_path("cargo xtask run"));
    assert!(
        locked().contains_key("serde_json"),
        "Cargo.lock is not read as expected"
    );
    let files = files("crates/domain/src", &["rs"]);
    assert!(
        files
            .iter()
            .any(|file| file.path == "crates/domain/src/lib.rs"),
        "wrong folder"
    );
    let inline = File {
        path: "a.rs".into(),
        text: "a\n#[cfg(test)]\nmod tests {}\n".into(),
    };
    assert_eq!(inline.tests_begin_at(), 1);
}

// ---- looking -----------------------------------------------------------------------------------

struct Member {
    name: String,
    /// Each direct dependency, and whether it is for tests only.
    uses: BTreeSet<(String, bool)>,
}

fn members() -> Vec<Member> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let out = Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .expect("cargo metadata starts");
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| Member {
            name: text(&package["name"]),
            uses: package["dependencies"]
                .as_array()
                .expect("dependencies")
                .iter()
                .map(|used| (text(&used["name"]), used["kind"] == "dev"))
                .collect(),
        })
        .collect()
}

/// Cargo.lock: each package's name with the names it depends on (all versions together).
fn locked() -> BTreeMap<String, BTreeSet<String>> {
    let lock = read("Cargo.lock").expect("Cargo.lock");
    let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for block in lock.split("[[package]]").skip(1) {
        let name = block
            .lines()
            .find_map(|line| line.strip_prefix("name = "))
            .expect("a name");
        let uses = block
            .lines()
            .filter_map(|line| line.strip_prefix(" \""))
            .filter_map(|line| line.split(['"', ' ']).next())
            .map(str::to_owned);
        packages
            .entry(name.trim_matches('"').to_owned())
            .or_default()
            .extend(uses);
    }
    packages
}

fn users(locked: &BTreeMap<String, BTreeSet<String>>, name: &str) -> String {
    let users = locked
        .iter()
        .filter(|(_, uses)| uses.contains(name))
        .map(|(user, _)| user.clone());
    users.collect::<Vec<_>>().join(", ")
}

struct File {
    /// From the top folder, with `/` on every system.
    path: String,
    text: String,
}

impl File {
    fn lines_with(&self, wrong: impl Fn(&str) -> bool) -> Vec<String> {
        let numbered = self
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| wrong(line));
        numbered
            .map(|(i, line)| format!("{}:{}: {}", self.path, i + 1, line.trim()))
            .collect()
    }

    fn is_generated(&self) -> bool {
        self.path == "ui/src/api/generated.ts"
    }

    /// The line from which on the file is its own tests.
    fn tests_begin_at(&self) -> usize {
        self.text
            .lines()
            .position(|line| line.trim() == "#[cfg(test)]")
            .unwrap_or(usize::MAX)
    }
}

/// Tests, what runs them, and what tells people about them.
fn may_name_beside(file: &File) -> bool {
    ["tests/", "xtask/", "crates/testkit/", "docs/", "README.md"]
        .iter()
        .any(|place| file.path.starts_with(place))
        || file
            .path
            .split('/')
            .any(|part| part.contains("test") || matches!(part, "vectors.rs" | "examples"))
}

fn is_module(path: &str) -> bool {
    let folder = path.starts_with("crates/") && path.contains("/src/");
    folder
        || ["src-tauri/src/", "xtask/src/", "tests/"]
            .iter()
            .any(|top| path.starts_with(top))
}

/// The rows of the table under "Where does it live?", without its head.
fn where_rows(readme: &str) -> Vec<&str> {
    readme
        .lines()
        .skip_while(|line| !(line.starts_with('#') && line.contains("Where does it live?")))
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .collect()
}

fn is_path(text: &str) -> bool {
    !text.contains(' ') && (text.contains('/') || text.contains('.'))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| {
            word.chars()
                .next()
                .is_some_and(|first| first.is_alphabetic())
        })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// Every text file under a folder with one of these endings, built and fetched folders left out.
fn files(under: &str, endings: &[&str]) -> Vec<File> {
    let left_out = [".git", "target", "node_modules", "dist", "gen"];
    let mut found = Vec::new();
    let mut folders = vec![under.trim_end_matches('/').to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder))
            .into_iter()
            .flatten()
            .flatten()
        {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{name}")
            };
            if entry.path().is_dir() {
                if !left_out.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if endings
                .iter()
                .any(|ending| name.ends_with(&format!(".{ending}")))
                && name != "package-lock.json"
                && let Ok(text) = fs::read_to_string(entry.path())
            {
                found.push(File { path, text });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn fail_if(wrong: &[String], what_to_do: &str) {
    assert!(
        wrong.is_empty(),
        "{what_to_do}:\n  {}\n",
        wrong.join("\n  ")
    );
}
