//! Other people's SDKs judge what we made: they play the channel for our clients, and they are
//! clients of our sandbox and read its callbacks. A mistake that clients and sandbox share, because
//! one project wrote both, shows here. `cargo xtask peers` installs the packages and starts this from
//! the top folder; the scripts are in `tests/peers`.
//!
//! A line per pair: `ok` or why not. It ends with 1 if one is not ok, a missing one included, unless
//! `--optional` turns that into `not run`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people at a command line"
)]

mod alipay;
mod checks;
mod script;
mod wechat_pay;

use checks::{Checks, PeerError};
use sandbox::{KeySource, Merchant, RunningSandbox, Sandbox, SandboxConfig};
use script::Script;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str =
    "peers (--node PROGRAM | --no-node WHY) (--python PROGRAM | --no-python WHY) [--optional]";
/// From the top folder.
const SCRIPTS: &str = "tests/peers";
/// The channels' waits until a callback comes again, divided: 15 s become 15 ms.
const RETRY_DIVISOR: u32 = 1000;

/// Whose package manager a peer comes from, and so what runs it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    Npm,
    PyPi,
}

/// What a peer does in a pair.
#[derive(Clone, Copy)]
enum Part {
    /// It plays WeChat Pay for our client.
    WechatPayGateway,
    /// It plays Alipay for our client.
    AlipayGateway,
    /// It is a client of our sandbox and reads its callbacks.
    Client,
}

struct Pair {
    package: &'static str,
    home: Home,
    script: &'static str,
    part: Part,
}

const fn pair(package: &'static str, home: Home, script: &'static str, part: Part) -> Pair {
    Pair {
        package,
        home,
        script,
        part,
    }
}

const PAIRS: [Pair; 6] = [
    pair(
        "wechatpay-axios-plugin",
        Home::Npm,
        "wechatpay_axios_plugin_peer.js",
        Part::WechatPayGateway,
    ),
    pair(
        "python-alipay-sdk",
        Home::PyPi,
        "python_alipay_sdk_peer.py",
        Part::AlipayGateway,
    ),
    pair(
        "wechatpay-axios-plugin",
        Home::Npm,
        "wechatpay_axios_plugin_peer.js",
        Part::Client,
    ),
    pair(
        "wechatpayv3",
        Home::PyPi,
        "wechatpayv3_peer.py",
        Part::Client,
    ),
    pair("alipay-sdk", Home::Npm, "alipay_sdk_peer.js", Part::Client),
    pair(
        "python-alipay-sdk",
        Home::PyPi,
        "python_alipay_sdk_peer.py",
        Part::Client,
    ),
];

/// What this was called with: the program of each home, or why there is none.
struct Asked {
    node: Result<String, String>,
    python: Result<String, String>,
    optional: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(asked) = asked(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            eprintln!("no temporary folder for the keys: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut failed = 0;
    for pair in &PAIRS {
        let name = name(pair);
        let program = match pair.home {
            Home::Npm => &asked.node,
            Home::PyPi => &asked.python,
        };
        match program {
            Err(why) if asked.optional => println!("not run: peers: {name}: {why}"),
            Err(why) => {
                failed += 1;
                println!("peers: {name}: not installed: {why}");
            }
            Ok(program) => match play(pair, program, folder.path()).await {
                Ok(checks) => println!("peers: {name}: ok, {checks} checks"),
                Err(error) => {
                    failed += 1;
                    println!("peers: {name}: FAILED: {error}");
                }
            },
        }
    }
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        eprintln!("{failed} of {} pairs are not ok", PAIRS.len());
        ExitCode::FAILURE
    }
}

fn asked(args: impl Iterator<Item = String>) -> Option<Asked> {
    let (mut node, mut python, mut optional) = (None, None, false);
    let mut args = args;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--node" => node = Some(Ok(args.next()?)),
            "--no-node" => node = Some(Err(args.next()?)),
            "--python" => python = Some(Ok(args.next()?)),
            "--no-python" => python = Some(Err(args.next()?)),
            "--optional" => optional = true,
            _ => return None,
        }
    }
    Some(Asked {
        node: node?,
        python: python?,
        optional,
    })
}

/// What the pair's line says, with the version that is pinned.
fn name(pair: &Pair) -> String {
    let package = pair.package;
    let (home, version) = match pair.home {
        Home::Npm => ("npm", pinned_by_npm(package)),
        Home::PyPi => ("PyPI", pinned_by_pip(package)),
    };
    let peer = format!("{home} {package} {}", version.unwrap_or_default());
    match pair.part {
        Part::WechatPayGateway => format!("our WeChat Pay client, {peer} as WeChat Pay"),
        Part::AlipayGateway => format!("our Alipay client, {peer} as Alipay"),
        Part::Client => format!("our sandbox, {peer} as merchant"),
    }
}

fn pinned_by_npm(package: &str) -> Option<String> {
    let text = std::fs::read_to_string(Path::new(SCRIPTS).join("package.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_str(&text).ok()?;
    let version = manifest["dependencies"][package].as_str();
    version.map(str::to_owned)
}

fn pinned_by_pip(package: &str) -> Option<String> {
    let text = std::fs::read_to_string(Path::new(SCRIPTS).join("requirements.txt")).ok()?;
    let pinned = text.lines().filter_map(|line| line.split_once("=="));
    let mut found = pinned.filter(|(name, _)| *name == package);
    found.next().map(|(_, version)| version.trim().to_owned())
}

/// Plays one pair to its end; how many checks held.
async fn play(pair: &Pair, program: &str, keys: &Path) -> Result<u32, PeerError> {
    // Writes the keys that scripts read; a gateway that a peer plays has the same.
    let sandbox = sandbox(keys).await?;
    let merchant: Merchant = sandbox.merchant().clone();
    let script = |mode| Script::start(program, &Path::new(SCRIPTS).join(pair.script), mode, keys);
    let held = match pair.part {
        Part::Client => script("sandbox")?.play_out().await,
        Part::WechatPayGateway => {
            let mut checks = Checks::default();
            let played = wechat_pay::play(&mut script("gateway")?, &merchant, &mut checks).await;
            played.map(|()| checks.held())
        }
        Part::AlipayGateway => {
            let mut checks = Checks::default();
            let played = alipay::play(&mut script("gateway")?, &merchant, &mut checks).await;
            played.map(|()| checks.held())
        }
    };
    sandbox.shutdown().await;
    held
}

/// A sandbox of its own for each pair, so that none sees another's orders.
async fn sandbox(keys: &Path) -> Result<RunningSandbox, PeerError> {
    Ok(Sandbox::start(SandboxConfig {
        keys: KeySource::Folder(keys.to_owned()),
        retry_divisor: RETRY_DIVISOR,
        ..SandboxConfig::default()
    })
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_homes_are_asked_for() {
        let asked = |text: &str| asked(text.split(' ').map(str::to_owned));
        let both = asked("--node node --no-python none --optional").unwrap();
        assert_eq!(both.node, Ok("node".to_owned()));
        assert_eq!(both.python, Err("none".to_owned()));
        assert!(both.optional);
        assert!(asked("--node node").is_none());
        assert!(asked("--node node --python").is_none());
        assert!(asked("--node node --python p --fast").is_none());
    }
}
