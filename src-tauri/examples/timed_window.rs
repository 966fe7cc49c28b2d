//! A window that says when it is there: `timed_window empty`, or `timed_window app ARG…` with the
//! app's own arguments. The app's window is made of the app's own modules; added to it is only the
//! script that looks for the entry. Both are the two sides of the measurement of the start (P10):
//! each prints a line `painted` once, two frames after its page is usable.

#[path = "../src/commands.rs"]
mod commands;
#[path = "../src/host.rs"]
mod host;

use std::io::Write as _;
use std::process::ExitCode;
use tauri::{Manager as _, Url, WebviewUrl, WebviewWindowBuilder};

/// What the title says when the page is usable: the page has no other way to tell its program.
const READY: &str = "usable";

/// Looks until the condition holds, then lets two frames pass.
fn tell(condition: &str) -> String {
    format!(
        "(() => {{
            const look = () => {{
                if (!({condition})) return requestAnimationFrame(look);
                requestAnimationFrame(() => requestAnimationFrame(() => {{
                    document.title = '{READY}';
                }}));
            }};
            requestAnimationFrame(look);
        }})();"
    )
}

/// The unlock screen, its people listed and the focus on the first of them.
const ENTRY: &str = "document.querySelector('[data-testid=\"unlock-pin\"]') !== null
    && (document.activeElement?.getAttribute('data-testid') ?? '').startsWith('unlock-')";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let what = args.next().unwrap_or_default();
    if let Err(missing) = host::check_display() {
        return host::fail(&missing.to_string());
    }
    host::steady_graphics();
    let ran = if what == "app" {
        match host::Options::from_args(args) {
            Ok(options) if options.customer_window => {
                return host::fail("one window is timed: leave --customer-window out");
            }
            Ok(options) => app(options),
            Err(wrong) => return host::fail(&wrong.to_string()),
        }
    } else {
        empty()
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => host::fail(&format!("the window can't be opened: {error}")),
    }
}

/// The app as `windows::run` opens it, with one window.
fn app(options: host::Options) -> tauri::Result<()> {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![
            commands::rpc,
            commands::display_state
        ])
        .setup(move |app| {
            let shell = commands::Shell::open(&options);
            shell.forward_changes(app.handle().clone());
            app.manage(shell);
            open(
                app.handle(),
                WebviewUrl::App("index.html".into()),
                &tell(ENTRY),
            )?;
            Ok(())
        })
        .run(tauri::generate_context!())
}

/// A page with a word in it, served as the app's pages are.
fn empty() -> tauri::Result<()> {
    const PAGE: &str = "<!doctype html><title>empty</title><p>empty</p>";
    tauri::Builder::default()
        .register_uri_scheme_protocol("empty", |_, _| {
            tauri::http::Response::builder()
                .header("content-type", "text/html")
                .body(PAGE.as_bytes())
                .unwrap_or_default()
        })
        .setup(|app| {
            let url = Url::parse("empty://localhost/")?;
            open(
                app.handle(),
                WebviewUrl::CustomProtocol(url),
                &tell("document.querySelector('p') !== null"),
            )?;
            Ok(())
        })
        .run(tauri::generate_context!())
}

fn open(app: &tauri::AppHandle, url: WebviewUrl, script: &str) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, "main", url)
        .title("Fieldtill")
        .inner_size(1366.0, 768.0)
        .position(0.0, 0.0)
        .initialization_script(script)
        .on_document_title_changed(|_, title| {
            if title == READY {
                let mut out = std::io::stdout().lock();
                // Nobody has to listen.
                let _ = writeln!(out, "painted").and_then(|()| out.flush());
            }
        })
        .build()
        .map(|_| ())
}
