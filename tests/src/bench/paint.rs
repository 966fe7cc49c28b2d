//! P11: what a person waits for in the real window, through WebDriver: from the key's event in the
//! page (`performance.now()`) until the frame after the next one, once the page holds what was asked
//! for. Two frames are part of every number; a key that changes nothing is measured to show what
//! they cost.

use crate::failure::BenchError;
use crate::filled::code;
use crate::measure::{median, quantile};
use backend::demo;
use fantoccini::wd::Capabilities;
use fieldtill_tests::drive::error::DriveError;
use fieldtill_tests::drive::ports::{free_port, listens};
use fieldtill_tests::drive::programs::{Troupe, on_path};
use fieldtill_tests::drive::window::{Window, test_id};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const TIMES: usize = 30;
const LONG_ORDER: u32 = 675;
const ADDED: u32 = 10;
/// What is not there by then is not counted, and the line says how many were.
const PATIENCE: Duration = Duration::from_secs(5);
/// Seldom, for a look is work for the page that is measured.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Two letters each, whose first hits differ between the first letter and both.
const TYPED: [&str; 18] = [
    "cm", "cd", "zt", "bx", "mj", "yj", "cl", "dd", "cs", "ym", "rm", "th", "jh", "sr", "dr", "et",
    "sj", "xl",
];

/// Waits for a key's event, then for an element that `css` names (without one, for another list of
/// hits), then for two frames.
const ARM: &str = "const [key, css] = arguments;
    const list = '[role=listbox]:not([hidden])';
    const before = document.querySelector(list)?.innerHTML ?? '';
    const there = () => {
        if (css !== '') return document.querySelector(css) !== null;
        const now = document.querySelector(list)?.innerHTML ?? '';
        return now !== '' && now !== before;
    };
    window.__took = null;
    const pressed = (event) => {
        if (event.key !== key) return;
        window.removeEventListener('keydown', pressed, true);
        const from = performance.now();
        let told = false;
        const look = () => {
            if (told || !there()) return;
            told = true;
            watch.disconnect();
            requestAnimationFrame(() => requestAnimationFrame(() => {
                window.__took = performance.now() - from;
            }));
        };
        const watch = new MutationObserver(look);
        watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        look();
    };
    window.addEventListener('keydown', pressed, true);";

const PASTE: &str = "const data = new DataTransfer();
    data.setData('text/plain', arguments[1]);
    document.querySelector(arguments[0]).dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));";

/// Opens the app on the folder and prints P11.
///
/// # Errors
/// When the window or its driver does not do what it must.
pub(crate) fn measure(troupe: &Troupe, app: &Path, folder: &Path) -> Result<(), BenchError> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| BenchError::file(app, error))?;
    Ok(runtime.block_on(run(troupe, app, folder))?)
}

async fn run(troupe: &Troupe, app: &Path, folder: &Path) -> Result<(), DriveError> {
    let (port, native) = (free_port()?, free_port()?);
    let mut command = troupe.command(on_path(&["tauri-driver"])?);
    command.args(["--port", &port.port().to_string()]);
    command.args(["--native-port", &native.port().to_string()]);
    command
        .arg("--native-driver")
        .arg(on_path(&["WebKitWebDriver"])?);
    let driver = troupe.spawn("driver", &mut command)?;
    listens(native)?;
    listens(port)?;
    let mut capabilities = Capabilities::new();
    let args = ["--data".to_owned(), folder.display().to_string()];
    let options = json!({"application": app, "args": args});
    capabilities.insert("tauri:options".to_owned(), options);
    let bench = Bench {
        window: Window::open("terminal", &format!("http://{port}"), capabilities).await?,
    };
    bench.unlock().await?;
    bench.frames().await?;
    bench.keystrokes().await?;
    bench.qr().await?;
    bench.long_order().await?;
    bench.window.close().await?;
    drop(driver);
    Ok(())
}

struct Bench {
    window: Window,
}

impl Bench {
    async fn unlock(&self) -> Result<(), DriveError> {
        let seller = demo::STAFF
            .first()
            .ok_or_else(|| DriveError::Wrong("the demo has no staff".to_owned()))?;
        self.window.see("unlock").await?;
        let who = format!("unlock-staff-{}", seller.name);
        self.window.click(&who).await?;
        self.window.until_focus("unlock-pin").await?;
        self.window.type_text(seller.pin).await?;
        self.window.press(&["Enter"]).await?;
        self.window.see("nav-today").await?;
        Ok(())
    }

    /// Milliseconds from the key to what it brings; nothing when it never came.
    async fn timed(&self, key: &str, css: &str) -> Result<Option<f64>, DriveError> {
        self.window
            .script(ARM, vec![key.into(), css.into()])
            .await?;
        self.window.press(&[key]).await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let took = self
                .window
                .script("return window.__took", Vec::new())
                .await?;
            if took.is_number() || Instant::now() >= deadline {
                return Ok(took.as_f64());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// A new order for a distributor; the focus is in the entry box then.
    async fn new_order(&self) -> Result<(), DriveError> {
        let window = &self.window;
        window.press(&["F2"]).await?;
        window.until_focus("distributor-box").await?;
        window.type_text("K000007").await?;
        window.press(&["Enter"]).await?;
        window.text("distributor-name").await?;
        window.until_focus("entry-box").await
    }

    async fn frames(&self) -> Result<(), DriveError> {
        let mut took = Vec::new();
        for _ in 0..TIMES {
            took.extend(self.timed("Shift", "body").await?);
        }
        report("a key that changes nothing, two frames", &took, TIMES, None);
        Ok(())
    }

    async fn keystrokes(&self) -> Result<(), DriveError> {
        self.new_order().await?;
        let (mut took, mut asked) = (Vec::new(), 0);
        for typed in TYPED {
            for letter in typed.chars().map(String::from) {
                asked += 1;
                took.extend(self.timed(&letter, "").await?);
            }
            self.window.press(&["Escape"]).await?;

            self.window.until_count("[role=option]", 0).await?;
        }
        report("keystroke to painted result", &took, asked, Some(50.0));
        Ok(())
    }

    async fn qr(&self) -> Result<(), DriveError> {
        let mut took = Vec::new();
        for nth in 0..TIMES {
            self.new_order().await?;
            self.line(u32::try_from(nth).unwrap_or_default() + 100)
                .await?;
            took.extend(self.timed("F9", &test_id("pay-qr")).await?);
            self.window.see("pay-qr").await?;
        }
        report("F9 to QR painted", &took, TIMES, Some(100.0));
        Ok(())
    }

    /// Types a product's code and waits for it; the Enter that takes it is timed.
    async fn line(&self, nth: u32) -> Result<Option<f64>, DriveError> {
        let window = &self.window;
        let code = code(nth);
        window.until_focus("entry-box").await?;
        window.type_text(&code).await?;
        let hit = "return document.querySelector('[role=option]')?.textContent ?? ''";
        let has = |seen: &Value| seen.as_str().is_some_and(|seen| seen.starts_with(&code));
        window.until(&code, hit, Vec::new(), has).await?;
        let row = format!("{}[data-code=\"{code}\"]", test_id("line-row"));
        let took = self.timed("Enter", &row).await?;
        window.press(&["F4"]).await?;
        Ok(took)
    }

    async fn long_order(&self) -> Result<(), DriveError> {
        self.new_order().await?;
        let lines: Vec<String> = (0..LONG_ORDER)
            .map(|nth| format!("{}\t2", code(nth)))
            .collect();
        let args = vec![test_id("entry-box").into(), lines.join("\n").into()];
        self.window.script(PASTE, args).await?;
        let script = "return document.querySelector(arguments[0])?.textContent ?? ''";
        let count = LONG_ORDER.to_string();
        let has = |seen: &Value| seen.as_str().is_some_and(|seen| seen.contains(&count));
        let args = vec![test_id("line-count").into()];
        self.window.until("675 lines", script, args, has).await?;
        self.window.press(&["F4"]).await?;
        let mut took = Vec::new();
        for nth in 0..ADDED {
            took.extend(self.line(LONG_ORDER + 100 + nth).await?);
        }
        report(
            "a line added to an order of 675",
            &took,
            took.len(),
            Some(30.0),
        );
        Ok(())
    }
}

fn report(what: &str, took: &[f64], asked: usize, reach: Option<f64>) {
    let reach = reach.map_or_else(String::new, |reach| format!(" (reach p95 {reach:.0})"));
    println!(
        "P11 {what}: p50 {:.0} ms, p95 {:.0} ms{reach}, least {:.0}, most {:.0} [{} of {asked}]",
        median(took),
        quantile(took, 95),
        quantile(took, 0),
        quantile(took, 100),
        took.len()
    );
}
