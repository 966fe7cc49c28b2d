//! The program as it is started: what it prints, how it ends, and that a folder it can't use is left
//! as it was.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use sandbox::{KeySource, Sandbox, SandboxConfig};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fieldtill-backend"));
    command
        .args(args)
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null());
    command
}

fn ended(args: &[&str]) -> (i32, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = program(args).output().unwrap();
    let said = [stdout, stderr]
        .map(|text| String::from_utf8(text).unwrap())
        .concat();
    (status.code().unwrap(), said)
}

/// A demo that runs until the value goes.
struct Running {
    child: Child,
    lines: Vec<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(dir: &Path, more: &[&str]) -> Running {
        let (data, keys) = (dir.join("backend"), dir.join("keys/merchant.json"));
        let mut args = vec!["demo", "--data", data.to_str().unwrap()];
        args.extend([
            "--sandbox",
            keys.to_str().unwrap(),
            "--listen",
            "127.0.0.1:0",
        ]);
        args.extend(["--public-listen", "127.0.0.1:0", "--speed", "fast"]);
        args.extend(more);
        let mut child = program(&args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            lines.push(line.unwrap());
            if lines.last().unwrap().starts_with("ready ") {
                return Running { child, lines };
            }
        }
        panic!("it ended: {:?} after {lines:?}", child.wait());
    }

    fn lines(&self, word: &str) -> Vec<&str> {
        self.lines
            .iter()
            .filter_map(|line| line.strip_prefix(word))
            .map(str::trim)
            .collect()
    }
}

/// A folder with the sandbox's merchant.json, as the sandbox leaves it.
fn with_keys() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("keys");
    fs::create_dir(&keys).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let config = SandboxConfig {
            keys: KeySource::Folder(keys),
            ..SandboxConfig::default()
        };
        Sandbox::start(config).await.unwrap().shutdown().await;
    });
    dir
}

#[test]
fn a_demo_says_what_is_needed_then_ready_and_is_the_same_the_next_time() {
    let dir = with_keys();
    let first = Running::start(dir.path(), &["--public-url", "http://pay.example/"]);
    let staff = first
        .lines("staff ")
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    assert_eq!(staff.len(), 5);
    assert!(
        staff.contains(&"财务主管 finance_lead 3001".to_owned()),
        "{staff:?}"
    );
    let codes = first
        .lines("enrol ")
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    assert_eq!(codes.len(), 3);
    assert!(
        codes[0].len() == 12 && codes[0].ends_with(" T07"),
        "{codes:?}"
    );
    let ready = first.lines("ready ")[0].to_owned();
    assert!(ready.starts_with("api=http://127.0.0.1:"), "{ready}");
    assert!(ready.ends_with(" public=http://pay.example"), "{ready}");
    assert!(
        first.lines[0].contains("300 products, 200 distributors"),
        "{:?}",
        first.lines
    );
    // A second backend in the same folder is turned away; a code may be asked for beside it.
    let data = dir.path().join("backend");
    let (code, said) = ended(&["serve", "--data", data.to_str().unwrap()]);
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("in use by another backend"), "{said}");
    let (code, said) = ended(&[
        "enrol-code",
        "--data",
        data.to_str().unwrap(),
        "--terminal",
        "T12",
    ]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.starts_with("enrol ") && said.trim_end().ends_with(" T12"),
        "{said}"
    );
    drop(first);
    let second = Running::start(dir.path(), &[]);
    assert_eq!(second.lines("staff "), staff);
    assert!(
        second.lines[0].contains("there already"),
        "{:?}",
        second.lines
    );
}

#[test]
fn wrong_arguments_a_busy_port_and_unusable_folders_are_told_plainly() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("d");
    let data = data.to_str().unwrap();
    assert_eq!(ended(&["serve"]).0, 2);
    assert_eq!(ended(&["dance"]).0, 2);
    let (code, said) = ended(&[
        "serve",
        "--data",
        data,
        "--listen",
        "127.0.0.1:0",
        "--public-listen",
        "127.0.0.1:0",
        "--public-url",
        "pay.example",
    ]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("--public-url"), "{said}");
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = busy.local_addr().unwrap().to_string();
    let (code, said) = ended(&["serve", "--data", data, "--listen", &at]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains(&at) && said.contains("--listen"), "{said}");
    let (code, said) = ended(&[
        "serve",
        "--data",
        data,
        "--listen",
        "127.0.0.1:0",
        "--public-listen",
        "127.0.0.1:0",
    ]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("no company"), "{said}");
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    let (code, said) = ended(&["migrate", "--data", file.to_str().unwrap()]);
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("another folder with --data"), "{said}");
    let (code, said) = ended(&[
        "demo",
        "--data",
        data,
        "--sandbox",
        "/nonexistent/merchant.json",
    ]);
    assert_eq!(code, 6, "{said}");
    assert!(said.contains("/nonexistent/merchant.json"), "{said}");
}

#[test]
fn a_corrupt_database_is_named_and_nothing_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let (code, said) = ended(&["migrate", "--data", data]);
    assert_eq!(code, 0, "{said}");
    let database = dir.path().join("backend.db");
    fs::write(&database, "not a database, but somebody's file").unwrap();
    let (code, said) = ended(&["migrate", "--data", data]);
    assert_eq!(code, 5, "{said}");
    assert!(
        said.contains("backend.db") && said.contains("restore it from a backup"),
        "{said}"
    );
    assert_eq!(
        fs::read(&database).unwrap(),
        b"not a database, but somebody's file"
    );
    assert!(dir.path().join("identity.json").is_file());
}

#[test]
fn an_import_comes_in_whole_or_not_at_all() {
    let dir = with_keys();
    drop(Running::start(dir.path(), &[]));
    let data: PathBuf = dir.path().join("backend");
    let data = data.to_str().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let products = file("p.csv", "编码,名称,价格\nNEW1,新品,1.5\n");
    let bad = file(
        "o.csv",
        "单号,编码,数量,日期,单价,客户编码\nA1,NEW1,2,2026-01-05,1.5,NOBODY\n",
    );
    let both = [
        "import",
        "--data",
        data,
        "--products",
        &products,
        "--orders",
        &bad,
    ];
    let (code, said) = ended(&both);
    assert_eq!(code, 7, "{said}");
    assert!(
        said.contains("o.csv, row 2, column customer: no distributor has the code NOBODY"),
        "{said}"
    );
    // Had the product come in, it would be known now.
    let prices = file("pr.csv", "价目表,编码,单价\n经销价,NEW1,1.2\n");
    let (code, said) = ended(&["import", "--data", data, "--prices", &prices]);
    assert_eq!(code, 7, "{said}");
    assert!(said.contains("no product has the code NEW1"), "{said}");
    let buyers = file("d.csv", "编码,名称,信用额度\nNOBODY,某人商行,1000\n");
    let all = [
        "import",
        "--data",
        data,
        "--products",
        &products,
        "--prices",
        &prices,
        "--distributors",
        &buyers,
        "--orders",
        &bad,
    ];
    let (code, said) = ended(&[&all[..], &["--dry-run"]].concat());
    assert!(code == 0 && said.contains("nothing imported"), "{said}");
    // The second time everything is there already, and nothing of it is written again.
    for told in [
        "imported: 1 products, 1 prices, 1 distributors, 1 past orders",
        "imported: 0 products, 0 prices, 0 distributors, 1 past orders",
    ] {
        let (code, said) = ended(&all);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains(told), "{said}");
    }
}

/// The same with a line on the standard input.
fn ended_with(args: &[&str], line: &str) -> (i32, String) {
    let mut child = program(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who refuses before reading has closed its end: that is no failure of the test.
    let _ = writeln!(child.stdin.take().unwrap(), "{line}");
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    let said = [stdout, stderr]
        .map(|text| String::from_utf8(text).unwrap())
        .concat();
    (status.code().unwrap(), said)
}

#[test]
fn a_real_company_is_made_staffed_and_served_without_the_demo() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("d");
    let data = data.to_str().unwrap();
    let init = [
        "init",
        "--data",
        data,
        "--seller",
        "远山商贸",
        "--admin",
        "管理员甲",
    ];
    let (code, said) = ended_with(&init, "1234");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("6 to 12 digits"), "{said}");
    let (code, said) = ended_with(&init, "482913");
    assert_eq!(code, 0, "{said}");
    let (code, said) = ended_with(&init, "482913");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("already: 远山商贸"), "{said}");

    let staff =
        |more: &[&str], line: &str| ended_with(&[&["staff", "--data", data], more].concat(), line);
    let add = ["--add", "销售甲", "--role", "sales"];
    let (code, said) = staff(&add, "593027");
    assert!(code == 0 && said.contains("staff 销售甲 sales"), "{said}");
    assert!(!said.contains("593027"), "{said}");
    let (code, said) = staff(&add, "593027");
    assert!(code == 1 && said.contains("differs"), "{said}");
    let (code, said) = staff(&["--add", "某人", "--role", "boss"], "593027");
    assert!(code == 2 && said.contains("finance_lead"), "{said}");
    assert_eq!(staff(&["--pin", "销售甲"], "704138").0, 0);
    assert_eq!(staff(&["--leave", "销售甲"], "").0, 0);
    let (code, said) = staff(&["--leave", "销售甲"], "");
    assert!(code == 1 && said.contains("no active member"), "{said}");

    let revoke = |terminal: &str| ended(&["revoke", "--data", data, "--terminal", terminal]);
    assert_eq!(revoke("T07").0, 1, "it was never enrolled");
    let mut serving = program(&[
        "serve",
        "--data",
        data,
        "--listen",
        "127.0.0.1:0",
        "--public-listen",
        "127.0.0.1:0",
    ])
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let first = BufReader::new(serving.stdout.take().unwrap())
        .lines()
        .next();
    let _ = serving.kill();
    let _ = serving.wait();
    let first = first.unwrap().unwrap();
    assert!(first.starts_with("ready api=http://127.0.0.1:"), "{first}");
}
