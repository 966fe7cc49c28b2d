//! The two windows. Staff's shows the whole user interface; the customer's shows a QR and can ask for
//! nothing else (rule 9.6). Both load only what is built in, and navigation anywhere else is refused.

use crate::commands::{self, Shell};
use crate::host::Options;
use tauri::{AppHandle, Manager as _, Url, WebviewUrl, WebviewWindowBuilder};

const MAIN: &str = "main";
const CUSTOMER: &str = "customer";
/// Width of the staff's window at start, logical pixels.
const STAFF_WIDTH: f64 = 1366.0;

/// Opens the terminal and the windows, and returns when they are closed.
///
/// # Errors
/// When the webview can't be started.
pub(crate) fn run(options: Options) -> tauri::Result<()> {
    tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| focus(app)))
        .invoke_handler(tauri::generate_handler![
            commands::rpc,
            commands::display_state
        ])
        .setup(move |app| {
            let shell = Shell::open(&options);
            shell.forward_changes(app.handle().clone());
            app.manage(shell);
            window(app.handle(), MAIN, "index.html")
                .title("Fieldtill")
                .inner_size(STAFF_WIDTH, 768.0)
                .position(0.0, 0.0)
                .min_inner_size(1024.0, 640.0)
                .build()?;
            if options.customer_window {
                let (x, y) = beside_staff(app.handle());
                window(app.handle(), CUSTOMER, "customer.html")
                    .title("Fieldtill · 客户屏")
                    .inner_size(800.0, 720.0)
                    .position(x, y)
                    .focused(false)
                    .build()?;
            }
            Ok(())
        })
        .run(tauri::generate_context!())
}

fn window<'a>(
    app: &'a AppHandle,
    label: &str,
    page: &str,
) -> WebviewWindowBuilder<'a, tauri::Wry, AppHandle> {
    WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into())).on_navigation(own_page)
}

/// Where the customer's window goes: the second monitor, or else to the right of the staff's window,
/// which it must never cover.
fn beside_staff(app: &AppHandle) -> (f64, f64) {
    let monitors = app.available_monitors().unwrap_or_default();
    monitors.get(1).map_or((STAFF_WIDTH, 0.0), |second| {
        let place = second.position().to_logical::<f64>(second.scale_factor());
        (place.x, place.y)
    })
}

/// Only the pages that are built in: `tauri://localhost`, and `http(s)://tauri.localhost` where the
/// webview can't serve an own scheme.
fn own_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        _ => false,
    }
}

fn focus(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let shown = window.unminimize().and_then(|()| window.set_focus());
        if let Err(error) = shown {
            tracing::warn!(%error, "the open window can't be focused");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_from_elsewhere_is_navigated_to() {
        let allowed = |text: &str| own_page(&Url::parse(text).unwrap());
        assert!(allowed("tauri://localhost/index.html"));
        assert!(allowed("http://tauri.localhost/index.html"));
        for bad in [
            "https://example.com/",
            "http://localhost/",
            "http://tauri.localhost:8080/",
            "file:///etc/passwd",
            "data:text/html,x",
            "tauri://example.com/",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
    }
}
