//! The two commands: `rpc` carries the terminal's list for the staff's window, `display_state` tells
//! the customer's window what to show. Both only hand through.

use crate::host::{self, Options};
use serde_json::Value;
use std::sync::Arc;
use tauri::{AppHandle, Emitter as _, State};
use terminal::api::payments::DisplayState;
use terminal::api::{self, Answer};
use terminal::files::{self, OpenError};
use terminal::sync::{Http, Sync, SyncHandle};
use terminal::terminal::{Host, Terminal};
use terminal::transact::Tag;
use terminal::{Code, SystemEnv};

/// The opened terminal, or why it can't be opened: then every command says so, and the window shows
/// it with the way out.
pub(crate) struct Shell {
    terminal: Result<Terminal, Code>,
    _sync: Option<Arc<SyncHandle>>,
}

impl Shell {
    /// Opens the folder, enrols if asked, and starts sync.
    pub(crate) fn open(options: &Options) -> Shell {
        let terminal = open(options);
        if let Err(code) = &terminal {
            tracing::error!(%code, "the terminal can't be opened");
        }
        let sync = terminal
            .as_ref()
            .ok()
            .and_then(|terminal| start(terminal, options));
        Shell {
            terminal,
            _sync: sync,
        }
    }

    /// Tells the windows what changed, until the app ends.
    pub(crate) fn forward_changes(&self, app: AppHandle) {
        let Ok(terminal) = &self.terminal else { return };
        let mut changes = terminal.ledger().changes();
        tauri::async_runtime::spawn(async move {
            loop {
                let tags = match changes.recv().await {
                    Ok(tags) => tags,
                    // Missed some: everything may have changed.
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => Tag::ALL.to_vec(),
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
                };
                announce(&app, &tags);
            }
        });
    }

    fn terminal(&self) -> Result<Terminal, Code> {
        self.terminal.clone()
    }
}

/// The staff's window hears every tag; the customer's only that it should look again.
fn announce(app: &AppHandle, tags: &[Tag]) {
    let told = app.emit_to("main", "changed", serde_json::json!({ "tags": tags }));
    let told = told.and_then(|()| app.emit_to("customer", "display", ()));
    if let Err(error) = told {
        tracing::warn!(%error, "a window did not hear of a change");
    }
}

fn open(options: &Options) -> Result<Terminal, Code> {
    let env = Arc::new(SystemEnv::new());
    let said = |error: OpenError| {
        tracing::error!(%error, "opening");
        error.code()
    };
    let key = files::load_or_make_key(&options.dir, &*env).map_err(said)?;
    let terminal = Terminal::open(&options.dir, key, env).map_err(said)?;
    let phone = options.phone.clone();
    terminal.set_host(Host {
        open_in_browser: Box::new(host::open_in_browser),
        phone,
    });
    Ok(terminal)
}

fn start(terminal: &Terminal, options: &Options) -> Option<Arc<SyncHandle>> {
    tauri::async_runtime::block_on(async {
        if let (Some((url, code)), None) = (&options.enrol, terminal.ledger().identity()) {
            let enrolled = match Http::to_enrol(url, terminal.shared_env()) {
                Ok(http) => terminal.enrol(&http, url, code).await,
                Err(error) => {
                    tracing::error!(%error, "the backend's address can't be used");
                    Err(Code::Unreachable)
                }
            };
            if let Err(code) = enrolled {
                tracing::error!(%code, "enrolment failed");
                return None;
            }
        }
        terminal.ledger().identity()?;
        match Sync::start_http(terminal) {
            Ok(sync) => {
                let sync = Arc::new(sync);
                terminal.set_sync(&sync);
                Some(sync)
            }
            Err(code) => {
                tracing::error!(%code, "sync can't be started");
                None
            }
        }
    })
}

/// Runs one command of the terminal's list.
#[tauri::command]
pub(crate) async fn rpc(
    app: AppHandle,
    shell: State<'_, Shell>,
    cmd: String,
    payload: Value,
) -> Result<Answer, Code> {
    let terminal = shell.terminal()?;
    let answer = on_a_blocking_thread(move || api::dispatch(&terminal, &cmd, payload)).await?;
    if answer.changed.contains(&Tag::Display) {
        announce(&app, &[Tag::Display]);
    }
    Ok(answer)
}

/// What the customer window shows now.
#[tauri::command]
pub(crate) async fn display_state(shell: State<'_, Shell>) -> Result<DisplayState, Code> {
    let terminal = shell.terminal()?;
    on_a_blocking_thread(move || terminal::display::state(&terminal)).await
}

async fn on_a_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Code> + Send + 'static,
) -> Result<T, Code> {
    match tauri::async_runtime::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Code::Internal {
            trace: error.to_string(),
        }),
    }
}
