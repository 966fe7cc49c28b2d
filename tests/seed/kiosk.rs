//! The window's pages in a browser, over a real terminal: the same list of commands as in the app,
//! over HTTP on loopback (the other end of `ui/src/platform/bridge.ts`). It exists for tests alone.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as Route, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use fieldtill_tests::drive::error::DriveError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use terminal::files;
use terminal::sync::{Http, Sync, SyncHandle};
use terminal::terminal::{Host, Terminal};
use terminal::transact::Tag;
use terminal::{Code, SystemEnv, api};
use tokio::sync::broadcast;
use tokio_stream::wrappers::UnboundedReceiverStream;

/// A running terminal and the address of its pages.
#[derive(Debug)]
pub(crate) struct Kiosk {
    pub(crate) url: String,
    pub(crate) terminal: Terminal,
    _sync: Arc<SyncHandle>,
    opened: Arc<std::sync::Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Shop {
    terminal: Terminal,
    pages: PathBuf,
    display: broadcast::Sender<()>,
}

#[derive(Deserialize)]
struct Call {
    cmd: String,
    payload: Value,
}

impl Kiosk {
    /// Opens a terminal in `folder`, enrolled at `backend`, and serves it.
    pub(crate) async fn open(
        folder: &Path,
        backend: &str,
        code: &str,
        phone: &str,
        pages: &Path,
    ) -> Result<Kiosk, DriveError> {
        let wrong = |what: &str, why: &dyn std::fmt::Debug| {
            DriveError::Wrong(format!("the terminal's {what}: {why:?}"))
        };
        let env = Arc::new(SystemEnv::new());
        let key = files::load_or_make_key(folder, &*env).map_err(|why| wrong("key", &why))?;
        let terminal = Terminal::open(folder, key, env).map_err(|why| wrong("files", &why))?;
        let opened = Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = Arc::clone(&opened);
        terminal.set_host(Host {
            open_in_browser: Box::new(move |url| {
                if let Ok(mut seen) = seen.lock() {
                    seen.push(url.to_owned());
                }
                Ok(())
            }),
            phone: Some(phone.to_owned()),
        });
        let http = Http::to_enrol(backend, terminal.shared_env())
            .map_err(|why| wrong("way to the backend", &why))?;
        let enrolled = terminal.enrol(&http, backend, code).await;
        enrolled.map_err(|why| wrong("enrolment", &why))?;
        let sync = Sync::start_http(&terminal).map_err(|why| wrong("sync", &why))?;
        let sync = Arc::new(sync);
        terminal.set_sync(&sync);
        let shop = Shop {
            terminal: terminal.clone(),
            pages: pages.to_owned(),
            display: broadcast::channel(16).0,
        };
        let routes = Router::new()
            .route("/rpc", post(rpc))
            .route("/events", get(events))
            .route("/", get(|shop| page(shop, Route("index.html".to_owned()))))
            .route("/{*file}", get(page))
            .with_state(shop);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .map_err(|why| wrong("port", &why))?;
        let at = listener.local_addr().map_err(|why| wrong("port", &why))?;
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Kiosk {
            url: format!("http://{at}/"),
            terminal,
            _sync: sync,
            opened,
        })
    }

    /// What the app was asked to open in the browser of the machine.
    pub(crate) fn opened(&self) -> Vec<String> {
        self.opened
            .lock()
            .map(|seen| seen.clone())
            .unwrap_or_default()
    }
}

fn answered<T: Serialize>(done: Result<T, Code>) -> Response {
    match done {
        Ok(value) => axum::Json(value).into_response(),
        Err(code) => (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(code)).into_response(),
    }
}

async fn rpc(State(shop): State<Shop>, body: Bytes) -> Response {
    let Ok(call) = serde_json::from_slice::<Call>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let terminal = shop.terminal.clone();
    if call.cmd == "display_state" {
        return answered(terminal::display::state(&terminal));
    }
    let work = move || api::dispatch(&terminal, &call.cmd, call.payload);
    let Ok(done) = tokio::task::spawn_blocking(work).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if done
        .as_ref()
        .is_ok_and(|answer| answer.changed.contains(&Tag::Display))
    {
        // Nobody has to look at the customer's side.
        let _ = shop.display.send(());
    }
    answered(done)
}

async fn events(State(shop): State<Shop>) -> Response {
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    let mut changes = shop.terminal.ledger().changes();
    let mut display = shop.display.subscribe();
    tokio::spawn(async move {
        loop {
            let (name, data) = tokio::select! {
                tags = changes.recv() => match tags {
                    Ok(tags) => ("changed", json!({ "tags": tags })),
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        ("changed", json!({ "tags": Tag::ALL }))
                    }
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                poke = display.recv() => match poke {
                    Err(broadcast::error::RecvError::Closed) => return,
                    _ => ("display", Value::Null),
                },
            };
            let event = Event::default().event(name).data(data.to_string());
            if tell.send(Ok::<_, Infallible>(event)).is_err() {
                return;
            }
            if name == "changed" {
                let event = Event::default().event("display").data("null");
                if tell.send(Ok(event)).is_err() {
                    return;
                }
            }
        }
    });
    Sse::new(UnboundedReceiverStream::new(told)).into_response()
}

async fn page(State(shop): State<Shop>, Route(file): Route<String>) -> Response {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    if !file.split('/').all(plain) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let kind = match file.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    match tokio::fs::read(shop.pages.join(file)).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
