//! Everything that must stand before the tour begins: a screen and a session bus of its own, the
//! sandbox, the backend with a company, the proxy, and the two drivers. It is all taken down when the
//! value goes, last started first.

use super::proxy::Proxy;
use fantoccini::wd::Capabilities;
use fieldtill_tests::drive::control::Control;
use fieldtill_tests::drive::error::DriveError;
use fieldtill_tests::drive::member::Member;
use fieldtill_tests::drive::phone::Phone;
use fieldtill_tests::drive::ports::{free_port, listens};
use fieldtill_tests::drive::programs::{Program, Troupe, on_path};
use fieldtill_tests::drive::window::Window;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// Wide enough for the staff's window and the customer's beside it: pictures are of what is seen.
const SCREEN: &str = "2200x900x24";

/// What the tour is asked to do.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Screenshots, logs and the programs' files go here.
    pub(crate) out: PathBuf,
    /// A folder of real files; without one the demo's own company is used.
    pub(crate) data: Option<PathBuf>,
    /// `zh-CN` or `en`.
    pub(crate) language: String,
    /// Where the built programs are.
    pub(crate) programs: PathBuf,
}

/// The stage.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) troupe: Troupe,
    pub(crate) proxy: Proxy,
    pub(crate) control: Control,
    pub(crate) staff: Vec<Member>,
    options: Options,
    sandbox: String,
    enrolment_code: String,
    tauri_driver: String,
    chromedriver: String,
    /// In the order of their starts.
    programs: Vec<Program>,
}

impl Stage {
    /// Sets everything up in a folder that is made anew.
    pub(crate) fn set(options: &Options, troupe: Troupe) -> Result<Stage, DriveError> {
        let built = |name: &str| options.programs.join(name);
        let state = options.out.join("state");
        fs::create_dir_all(&state).map_err(|error| DriveError::file(&state, &error))?;
        let mut troupe = troupe;
        let mut programs = Vec::new();

        if std::env::var_os("DISPLAY").is_none_or(|display| display.is_empty()) {
            let mut command = troupe.command(on_path(&["Xvfb"])?);
            command.args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                SCREEN,
                "-nolisten",
                "tcp",
            ]);
            let screen = troupe.start("xvfb", &mut command, "")?;
            troupe.env.push((
                "DISPLAY".to_owned(),
                format!(":{}", screen.first_line().trim()),
            ));
            programs.push(screen);
        }
        // Pictures are taken from the X server.
        troupe
            .env
            .push(("GDK_BACKEND".to_owned(), "x11".to_owned()));
        // A bus of its own, or the window would be handed to an app that the user has open.
        let mut command = troupe.command(on_path(&["dbus-daemon"])?);
        command.args(["--session", "--print-address", "--nofork", "--nopidfile"]);
        let bus = troupe.start("dbus", &mut command, "")?;
        let address = bus.first_line().trim().to_owned();
        troupe
            .env
            .push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), address));
        programs.push(bus);

        let mut command = troupe.command(built("fieldtill-sandbox"));
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--retry-divisor",
            "20",
            "--keys",
        ]);
        command.arg(state.join("sandbox"));
        let sandbox = troupe.start("sandbox", &mut command, "merchant")?;
        let sandbox_url = sandbox.first_said("listening")?;
        let merchant = sandbox.first_said("merchant")?;
        programs.push(sandbox);

        let mut command = troupe.command(built("fieldtill-backend"));
        command.arg("demo").arg("--data").arg(state.join("backend"));
        if let Some(data) = &options.data {
            command.arg("--import").arg(data);
        }
        command.args(["--sandbox", &merchant, "--speed", "fast"]);
        let (api, public) = (free_port()?, free_port()?);
        command.args([
            "--listen",
            &api.to_string(),
            "--public-listen",
            &public.to_string(),
        ]);
        command.args(["--public-url", &format!("http://{public}")]);
        let backend = troupe.start("backend", &mut command, "ready")?;
        let code = backend.first_said("enrol")?;
        let staff = backend.said("staff").filter_map(Member::read).collect();
        programs.push(backend);
        let proxy = Proxy::start(api)?;

        let (port, native) = (free_port()?, free_port()?);
        let mut command = troupe.command(on_path(&["tauri-driver"])?);
        command.args(["--port", &port.port().to_string()]);
        command.args(["--native-port", &native.port().to_string()]);
        command
            .arg("--native-driver")
            .arg(on_path(&["WebKitWebDriver"])?);
        // Without a graphics card the shared buffers only cost memory.
        command
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("RUST_LOG", "info");
        programs.push(troupe.spawn("terminal", &mut command)?);
        listens(native)?;
        listens(port)?;
        let tauri_driver = format!("http://{port}");

        let port = free_port()?;
        let mut command = troupe.command(on_path(&["chromedriver"])?);
        command.arg(format!("--port={}", port.port()));
        programs.push(troupe.spawn("phone", &mut command)?);
        listens(port)?;

        Ok(Stage {
            control: Control::of(&sandbox_url)?,
            enrolment_code: code.split(' ').next().unwrap_or_default().to_owned(),
            options: options.clone(),
            sandbox: sandbox_url,
            chromedriver: format!("http://{port}"),
            tauri_driver,
            troupe,
            proxy,
            staff,
            programs,
        })
    }

    /// Opens the app, enrolled through the proxy, with both windows.
    pub(crate) async fn open_terminal(&self) -> Result<Window, DriveError> {
        let program = self.options.programs.join("fieldtill");
        let args = [
            "--data".to_owned(),
            self.terminal_folder().display().to_string(),
            "--enrol".to_owned(),
            self.proxy.url(),
            self.enrolment_code.clone(),
            "--phone".to_owned(),
            format!("{}/phone", self.sandbox),
            "--customer-window".to_owned(),
        ];
        let mut capabilities = Capabilities::new();
        let options = json!({"application": program, "args": args});
        capabilities.insert("tauri:options".to_owned(), options);
        Window::open("terminal", &self.tauri_driver, capabilities).await
    }

    pub(crate) async fn open_phone(&self) -> Result<Phone, DriveError> {
        let browser = on_path(&["chromium", "chromium-browser", "google-chrome"])?;
        let folder = self.options.out.join("state").join("phone");
        let language = &self.options.language;
        Phone::open(
            &self.chromedriver,
            &browser,
            &folder,
            &self.sandbox,
            language,
        )
        .await
    }

    pub(crate) fn terminal_folder(&self) -> PathBuf {
        self.options.out.join("state").join("terminal")
    }

    pub(crate) fn backend_folder(&self) -> PathBuf {
        self.options.out.join("state").join("backend")
    }

    /// The first member with this role.
    pub(crate) fn member(&self, role: &str) -> Result<&Member, DriveError> {
        let found = self.staff.iter().find(|member| member.role == role);
        found.ok_or_else(|| {
            DriveError::Wrong(format!(
                "the demo has nobody with the role {role}: {:?}",
                self.staff
            ))
        })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        while let Some(program) = self.programs.pop() {
            drop(program);
        }
        self.troupe.sweep();
    }
}

/// Empties the folder of an earlier tour: only what a tour makes.
pub(crate) fn clear(out: &Path) -> Result<(), DriveError> {
    fs::create_dir_all(out).map_err(|error| DriveError::file(out, &error))?;
    for name in ["state", "logs"] {
        let folder = out.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| DriveError::file(&folder, &error))?;
        }
    }
    for entry in fs::read_dir(out)
        .map_err(|error| DriveError::file(out, &error))?
        .flatten()
    {
        let file = entry.path();
        if file.extension().is_some_and(|extension| extension == "png") {
            fs::remove_file(&file).map_err(|error| DriveError::file(&file, &error))?;
        }
    }
    Ok(())
}
