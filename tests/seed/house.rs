//! Where a story plays: a sandbox, a backend with the demo's company, one terminal whose pages stand
//! in a browser without a screen, and the distributor's phone. Each story has a house of its own.

use crate::kiosk::Kiosk;
use domain::Money;
use fantoccini::Locator;
use fieldtill_tests::drive::error::{DriveError, holds, same};
use fieldtill_tests::drive::member::Member;
use fieldtill_tests::drive::phone::{Phone, Wallet, read_qr};
use fieldtill_tests::drive::ports::{free_port, listens};
use fieldtill_tests::drive::programs::{Program, Troupe, on_path};
use fieldtill_tests::drive::window::{LIMIT, Window, chromium, test_id};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Whom merchant accounts are bound for.
pub(crate) const HOLDER: &str = "重庆远征（集团）有限公司";

pub(crate) struct House {
    pub(crate) kiosk: Kiosk,
    pub(crate) window: Window,
    pub(crate) sandbox: String,
    out: PathBuf,
    phone_driver: String,
    phone: Option<Phone>,
    accounts: Value,
    staff: Vec<Member>,
    programs: Vec<Program>,
    troupe: Troupe,
    // Last: the files go when the programs have ended.
    files: tempfile::TempDir,
}

/// Browsers, backends and payers of more than two stories at once would only wait for each other.
static AT_ONCE: (Mutex<u32>, Condvar) = (Mutex::new(2), Condvar::new());

struct Turn;

impl Turn {
    fn take() -> Turn {
        let (free, waiting) = (&AT_ONCE.0, &AT_ONCE.1);
        let held = free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = waiting
            .wait_while(held, |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *held -= 1;
        Turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *AT_ONCE.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        AT_ONCE.1.notify_one();
    }
}

/// Plays a story. Where a program that it needs is missing it says `not run`, which `cargo xtask
/// seed` counts as a failure and a machine with `CI=true` does not accept.
pub(crate) fn play(name: &str, story: impl AsyncFnOnce(&mut House) -> Result<(), DriveError>) {
    told(name, true, story);
}

/// The same in a company that has no wallet yet.
pub(crate) fn play_unbound(
    name: &str,
    story: impl AsyncFnOnce(&mut House) -> Result<(), DriveError>,
) {
    told(name, false, story);
}

fn told(name: &str, bound: bool, story: impl AsyncFnOnce(&mut House) -> Result<(), DriveError>) {
    let _turn = Turn::take();
    let set = match Set::find() {
        Ok(set) => set,
        Err(missing) => {
            assert!(
                std::env::var("CI").is_err(),
                "{name} can't be told: {missing}"
            );
            println!("not run: {name}: {missing}");
            return;
        }
    };
    let out = set.out.join(name);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let told = runtime.block_on(async {
        let mut house = House::open(&set, &out, bound).await?;
        let told = story(&mut house).await;
        if let Err(error) = &told {
            house.failed(error).await;
        }
        house.close().await;
        told
    });
    runtime.shutdown_background();
    if let Err(error) = told {
        panic!("{name}: {error}");
    }
}

/// What has to be on the machine.
struct Set {
    programs: PathBuf,
    pages: PathBuf,
    out: PathBuf,
    browser: PathBuf,
    chromedriver: PathBuf,
}

impl Set {
    fn find() -> Result<Set, DriveError> {
        let missing = |what: &Path| DriveError::Missing {
            what: what.display().to_string(),
        };
        let beside = std::env::current_exe().ok();
        let beside = beside.and_then(|exe| exe.parent()?.parent().map(Path::to_owned));
        let programs = std::env::var_os("FIELDTILL_PROGRAMS")
            .map(PathBuf::from)
            .or(beside)
            .unwrap_or_default();
        for program in ["fieldtill-sandbox", "fieldtill-backend"] {
            let file = programs.join(program);
            if !file.is_file() {
                return Err(missing(&file));
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let pages = root.join("ui/dist");
        if !pages.join("index.html").is_file() {
            return Err(missing(&pages.join("index.html")));
        }
        on_path(&["zbarimg"])?;
        Ok(Set {
            programs,
            pages,
            out: root.join("target/seed"),
            browser: on_path(&["chromium", "chromium-browser", "google-chrome"])?,
            chromedriver: on_path(&["chromedriver"])?,
        })
    }
}

impl House {
    async fn open(set: &Set, out: &Path, bound: bool) -> Result<House, DriveError> {
        let clear = || {
            if out.exists() {
                std::fs::remove_dir_all(out)?;
            }
            std::fs::create_dir_all(out)
        };
        clear().map_err(|error| DriveError::file(out, &error))?;
        let files = tempfile::tempdir().map_err(|error| DriveError::file(out, &error))?;
        let at = |name: &str| files.path().join(name);
        let troupe = Troupe::new(&out.join("logs"))?;
        let mut programs = Vec::new();

        let mut command = troupe.command(set.programs.join("fieldtill-sandbox"));
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        command.args(["--retry-divisor", "20", "--keys"]);
        command.arg(at("sandbox"));
        let program = troupe.start("sandbox", &mut command, "merchant")?;
        let sandbox = program.first_said("listening")?;
        let merchant = program.first_said("merchant")?;
        let accounts = read_json(Path::new(&merchant))?;
        programs.push(program);

        let (own, public) = (free_port()?, free_port()?);
        let mut command = troupe.command(set.programs.join("fieldtill-backend"));
        command.arg("demo").arg("--data").arg(at("backend"));
        command.args(["--sandbox", &merchant, "--speed", "fast"]);
        if !bound {
            command.arg("--unbound");
        }
        command.args(["--listen", &own.to_string()]);
        command.args(["--public-listen", &public.to_string()]);
        command.args(["--public-url", &format!("http://{public}")]);
        let program = troupe.start("backend", &mut command, "ready")?;
        let code = program.first_said("enrol")?;
        let code = code.split(' ').next().unwrap_or_default().to_owned();
        let staff = program.said("staff").filter_map(Member::read).collect();
        programs.push(program);

        // A driver each: one makes its browsers one after the other.
        let mut drivers = Vec::new();
        for name in ["window-driver", "phone-driver"] {
            let port = free_port()?;
            let mut command = troupe.command(&set.chromedriver);
            command.arg(format!("--port={}", port.port()));
            programs.push(troupe.spawn(name, &mut command)?);
            listens(port)?;
            drivers.push(format!("http://{port}"));
        }
        let [window_driver, phone_driver] = &drivers[..] else {
            return Err(DriveError::Wrong("two drivers were started".to_owned()));
        };
        std::fs::create_dir_all(at("terminal")).map_err(|error| DriveError::file(out, &error))?;
        let kiosk = Kiosk::open(
            &at("terminal"),
            &format!("http://{own}"),
            &code,
            &format!("{sandbox}/phone"),
            &set.pages,
        )
        .await?;
        let window = chromium(&set.browser, &at("window"), "en", (1366, 768));
        let window = Window::open("window", window_driver, window).await?;
        let opened = window.client().goto(&kiosk.url);
        window.call("opening the pages", opened).await?;
        let house = House {
            kiosk,
            window,
            sandbox,
            out: out.to_owned(),
            phone_driver: phone_driver.clone(),
            phone: None,
            accounts,
            staff,
            programs,
            troupe,
            files,
        };
        house
            .rpc("settings_set", json!({"theme": "light", "language": "en"}))
            .await?;
        Ok(house)
    }

    async fn close(mut self) {
        let _ = self.window.close().await;
        if let Some(phone) = self.phone.take() {
            let _ = phone.window.close().await;
        }
        while let Some(program) = self.programs.pop() {
            drop(program);
        }
        self.troupe.sweep();
    }

    async fn failed(&self, error: &DriveError) {
        println!("failed: {error}");
        let picture = self.out.join("window.png");
        if self.window.screenshot(&picture).await.is_ok() {
            println!("see {}", picture.display());
        }
        if let Some(phone) = &self.phone {
            let picture = self.out.join("phone.png");
            if phone.window.screenshot(&picture).await.is_ok() {
                println!("see {}", picture.display());
            }
        }
        println!("{}", self.troupe.log_tails(12));
    }

    // ---- who is there --------------------------------------------------------------------------

    /// Locks if somebody is at work, and unlocks as the first member with this role.
    pub(crate) async fn unlock(&self, role: &str) -> Result<(), DriveError> {
        let member = self.staff.iter().find(|member| member.role == role);
        let member = member.ok_or_else(|| DriveError::Wrong(format!("nobody is {role}")))?;
        if self.window.count(&test_id("unlock")).await? == 0
            && self.window.count("nav, [data-testid^=nav-]").await? > 0
        {
            self.window.press(&["Ctrl+L"]).await?;
        }
        self.window.see("unlock").await?;
        self.window
            .click(&format!("unlock-staff-{}", member.name))
            .await?;
        self.window.until_focus("unlock-pin").await?;
        self.window.type_text(&member.pin).await?;
        self.window.press(&["Enter"]).await?;
        self.window.see("nav-today").await?;
        Ok(())
    }

    /// Waits until the terminal has sent and heard everything.
    pub(crate) async fn synced(&self) -> Result<(), DriveError> {
        self.window
            .until_is("chip", "data-connectivity", &["online"])
            .await?;
        self.window.until_is("chip", "data-pending", &["0"]).await?;
        Ok(())
    }

    /// The files of the terminal's folder.
    pub(crate) fn terminal_files(&self) -> Result<Vec<PathBuf>, DriveError> {
        let folder = self.files.path().join("terminal");
        let all = std::fs::read_dir(&folder).map_err(|error| DriveError::file(&folder, &error))?;
        Ok(all.flatten().map(|entry| entry.path()).collect())
    }

    /// One command of the terminal, as its window would call it: for what a story has to look up.
    pub(crate) async fn rpc(&self, cmd: &str, payload: Value) -> Result<Value, DriveError> {
        let (terminal, cmd) = (self.kiosk.terminal.clone(), cmd.to_owned());
        let work = move || {
            let done = terminal::api::dispatch(&terminal, &cmd, payload);
            done.map_err(|code| DriveError::Wrong(format!("{cmd} is refused: {code:?}")))
        };
        let done = tokio::task::spawn_blocking(work).await;
        Ok(done
            .map_err(|error| DriveError::Wrong(error.to_string()))??
            .value)
    }

    // ---- the console ---------------------------------------------------------------------------

    /// As an administrator, at this section of the console.
    pub(crate) async fn console(&self, section: &str) -> Result<(), DriveError> {
        if self.window.count(&test_id("nav-console")).await? == 0 {
            self.unlock("admin").await?;
        }
        self.window.click("nav-console").await?;
        self.window.click(&format!("console-{section}")).await?;
        self.window.see("menu-path").await?;
        Ok(())
    }

    /// The menu path that the console shows.
    pub(crate) async fn menu_path(&self) -> Result<String, DriveError> {
        self.window.text("menu-path").await
    }

    /// Saves the console's draft and waits until it is in force.
    pub(crate) async fn save_config(&self) -> Result<(), DriveError> {
        let before = self.window.now("config-date", "data-version").await?;
        self.window.click("config-save").await?;
        let next = before.parse::<u32>().unwrap_or_default() + 1;
        self.window
            .until_is("config-date", "data-version", &[&next.to_string()])
            .await?;
        Ok(())
    }

    /// Turns a switch of the console to `on`, if it is not.
    pub(crate) async fn switch(&self, id: &str, on: bool) -> Result<(), DriveError> {
        let wanted = on.to_string();
        self.window.see(id).await?;
        if self.window.now(id, "aria-checked").await? != wanted {
            self.window.click(id).await?;
        }
        self.window.until_is(id, "aria-checked", &[&wanted]).await?;
        Ok(())
    }

    /// Ticks or unticks a filter's box.
    pub(crate) async fn check(&self, id: &str, on: bool) -> Result<(), DriveError> {
        self.window.see(id).await?;
        let held = format!("{}:checked", test_id(id));
        if (self.window.count(&held).await? == 1) != on {
            let label = format!("label:has({})", test_id(id));
            self.window.click_css(&label).await?;
        }
        self.window.until_count(&held, u64::from(on)).await
    }

    /// Chooses one of a few that all stand in sight.
    pub(crate) async fn choose_segment(&self, id: &str) -> Result<(), DriveError> {
        self.window.see(id).await?;
        self.window
            .click_css(&format!("label:has({})", test_id(id)))
            .await?;
        let chosen = format!("{}:checked", test_id(id));
        self.window.until_count(&chosen, 1).await
    }

    /// Fills in a collection that tops up the first distributor's deposit.
    pub(crate) async fn top_up_by_collection(&self, yuan: &str) -> Result<(), DriveError> {
        let code = self.distributor().await?;
        self.choose_segment("purpose-prepaid_deposit").await?;
        self.window.click("distributor-box").await?;
        self.window.type_text(&code).await?;
        self.window.press(&["Enter"]).await?;
        self.window.see("collection-distributor").await?;
        self.window.click("collection-amount").await?;
        self.window.type_text(yuan).await
    }

    /// The page that the app was last asked to open in the machine's browser, once it was.
    pub(crate) async fn opened(&self) -> Result<String, DriveError> {
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Some(url) = self.kiosk.opened().pop() {
                return Ok(url);
            }
            holds("a page is opened", Instant::now() < deadline)?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Opens a list of choices that the page draws itself, and chooses the one with this text.
    pub(crate) async fn pick(&self, id: &str, text: &str) -> Result<(), DriveError> {
        self.window.click(id).await?;
        let path = format!("//*[@role='option'][normalize-space(.)='{text}']");
        let script = "return document.evaluate(arguments[0], document, null,
            XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue !== null";
        let args = vec![path.as_str().into()];
        self.window
            .until(text, script, args, |found| found == true)
            .await?;
        let found = self.window.client().find(Locator::XPath(&path));
        let option = self.window.call(text, found).await?;
        self.window.call(text, option.click()).await?;
        // Open, it covers what comes next.
        self.window
            .until_is(id, "aria-expanded", &["false"])
            .await?;
        Ok(())
    }

    /// What the console says of each surface: `web:wechat_pay,alipay`, sorted.
    pub(crate) async fn surfaces(&self) -> Result<String, DriveError> {
        self.window.see("surface-web").await?;
        let offers = "return [...document.querySelectorAll('[data-surface]')]
            .map((row) => `${row.dataset.surface}:${row.dataset.channels}`).sort().join(' ')";
        let seen = self.window.script(offers, Vec::new()).await?;
        Ok(seen.as_str().unwrap_or_default().to_owned())
    }

    /// A command that has to be refused, and the name of its reason.
    pub(crate) async fn refused(&self, cmd: &str, payload: Value) -> Result<String, DriveError> {
        let (terminal, name) = (self.kiosk.terminal.clone(), cmd.to_owned());
        let work = move || terminal::api::dispatch(&terminal, &name, payload);
        let done = tokio::task::spawn_blocking(work).await;
        match done.map_err(|error| DriveError::Wrong(error.to_string()))? {
            Ok(_) => Err(DriveError::Wrong(format!("{cmd} is not refused"))),
            Err(code) => Ok(code.name()),
        }
    }

    /// Chooses in a list of choices, as a hand or a screen reader does.
    pub(crate) async fn choose(&self, css: &str, value: &str) -> Result<(), DriveError> {
        let element = self.window.css(css).await?;
        self.window.call(css, element.select_by_value(value)).await
    }

    // ---- the wallet ----------------------------------------------------------------------------

    /// What the sandbox knows of its merchant: the field of a channel's account.
    pub(crate) fn account(&self, channel: &str, field: &str) -> String {
        let value = &self.accounts[channel][field];
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Puts a text into a field at once, as a paste does.
    pub(crate) async fn paste(&self, id: &str, text: &str) -> Result<(), DriveError> {
        self.window.see(id).await?;
        let script = "const field = document.querySelector(arguments[0]);
            field.focus();
            const held = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value');
            held.set.call(field, arguments[1]);
            field.dispatchEvent(new Event('input', { bubbles: true }));";
        let args = vec![test_id(id).into(), text.into()];
        self.window.script(script, args).await?;
        Ok(())
    }

    /// The wizard from its first step to a saved account of this channel.
    pub(crate) async fn save_account(&self, channel: &str, holder: &str) -> Result<(), DriveError> {
        let wechat = channel == "wechat_pay";
        self.window.click(&format!("bind-{channel}")).await?;
        let (number, app) = if wechat {
            ("mchid", "appid")
        } else {
            ("seller_id", "app_id")
        };
        self.paste("wallet-merchant-no", &self.account(channel, number))
            .await?;
        self.paste("wallet-app-id", &self.account(channel, app))
            .await?;
        self.paste("wallet-holder", holder).await?;
        self.window.click("wallet-next").await?;
        if wechat {
            for field in ["app_secret", "api_v3_key", "merchant_serial"] {
                let value = self.account(channel, field);
                self.paste(&format!("wallet-{field}"), &value).await?;
            }
            let key = self.account(channel, "merchant_private_key_pem");
            self.paste("wallet-private_key", &key).await?;
            let platform = &self.accounts[channel]["platform_keys"][0];
            let (id, pem) = (&platform["id"], &platform["pem"]);
            let id = if platform["kind"] == "public_key" {
                id
            } else {
                &Value::Null
            };
            self.paste("wallet-platform_id", id.as_str().unwrap_or_default())
                .await?;
            self.paste("wallet-platform_pem", pem.as_str().unwrap_or_default())
                .await?;
        } else {
            let (own, other) = ("app_private_key_pem", "alipay_public_key_pem");
            self.paste("wallet-private_key", &self.account(channel, own))
                .await?;
            self.paste("wallet-public_key", &self.account(channel, other))
                .await?;
        }
        self.window.click("wallet-save").await?;
        self.window.see("wallet-test").await?;
        Ok(())
    }

    /// The wizard to its end.
    pub(crate) async fn bind(&self, channel: &str, holder: &str) -> Result<(), DriveError> {
        self.save_account(channel, holder).await?;
        self.window.click("wallet-test").await?;
        self.window.click("wallet-activate").await?;
        let row = format!(
            "{}[data-channel=\"{channel}\"][data-status=\"active\"]",
            test_id("binding")
        );
        self.window.until_count(&row, 1).await
    }

    // ---- orders --------------------------------------------------------------------------------

    /// A new order with one line for the first distributor; its number. The draft is on disk.
    pub(crate) async fn new_order(&self) -> Result<String, DriveError> {
        let window = &self.window;
        window.press(&["F2"]).await?;
        window.until_focus("distributor-box").await?;
        window.until_count(&test_id("line-row"), 0).await?;
        window.type_text(&self.distributor().await?).await?;
        window.press(&["Enter"]).await?;
        window.text("distributor-name").await?;
        window.until_focus("entry-box").await?;
        window.type_text(&self.product().await?).await?;
        window.press(&["Enter"]).await?;
        window.until_count(&test_id("line-row"), 1).await?;
        window.text("draft-number").await
    }

    /// The code of a distributor of the demo.
    pub(crate) async fn distributor(&self) -> Result<String, DriveError> {
        self.first("distributor_search", json!({"limit": 5})).await
    }

    async fn product(&self) -> Result<String, DriveError> {
        let any = json!({"distributor": null, "limit": 5});
        self.first("product_search", any).await
    }

    /// The code of the first that some digit finds; waits until the terminal's first snapshot is
    /// there.
    async fn first(&self, search: &str, mut payload: Value) -> Result<String, DriveError> {
        let deadline = Instant::now() + LIMIT;
        loop {
            for digit in 0..10 {
                payload["query"] = json!(digit.to_string());
                let hits = self.rpc(search, payload.clone()).await?;
                if let Some(code) = hits[0]["code"].as_str() {
                    return Ok(code.to_owned());
                }
            }
            holds(
                &format!("{search} finds something"),
                Instant::now() < deadline,
            )?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The order with this number, in detail.
    pub(crate) async fn order(&self, number: &str) -> Result<Value, DriveError> {
        let input = json!({
            "scenario": "all", "payment_states": [], "distributor": null, "query": number,
            "before": null, "limit": 5,
        });
        let rows = self.rpc("order_list", input).await?;
        let order = rows[0]["id"].clone();
        self.rpc("order_detail", json!({"order": order})).await
    }

    /// A top-up of the first distributor's deposit, as far as its QR.
    pub(crate) async fn top_up(&self, yuan: &str) -> Result<(), DriveError> {
        let window = &self.window;
        let code = self.distributor().await?;
        window.click("nav-deposits").await?;
        window.until_focus("distributor-box").await?;
        window.type_text(&code).await?;
        window.press(&["Enter"]).await?;
        window.until_focus("topup-amount").await?;
        window.type_text(yuan).await?;
        window.press(&["Enter"]).await
    }

    // ---- paying --------------------------------------------------------------------------------

    /// What an independent reader finds in the QR of the pay sheet.
    pub(crate) async fn qr(&self) -> Result<String, DriveError> {
        self.seen(&["waiting", "waiting_offline"]).await
    }

    /// The same of a channel's own code, once the pay sheet shows it.
    pub(crate) async fn code(&self, channel: &str) -> Result<String, DriveError> {
        self.choose_segment(&format!("pay-mode-{channel}")).await?;
        self.seen(&["paying"]).await
    }

    async fn seen(&self, says: &[&str]) -> Result<String, DriveError> {
        self.window.until_is("pay-state", "data-says", says).await?;
        let element = self.window.see("pay-qr").await?;
        let picture = self.out.join("qr.png");
        let png = self.window.call("a picture", element.screenshot()).await?;
        std::fs::write(&picture, png).map_err(|error| DriveError::file(&picture, &error))?;
        read_qr(&picture)
    }

    /// The distributor's phone.
    pub(crate) async fn phone(&mut self) -> Result<&Phone, DriveError> {
        if self.phone.is_none() {
            let browser = on_path(&["chromium", "chromium-browser", "google-chrome"])?;
            let folder = self.files.path().join("phone");
            let phone =
                Phone::open(&self.phone_driver, &browser, &folder, &self.sandbox, "en").await?;
            self.phone = Some(phone);
        }
        self.phone
            .as_ref()
            .ok_or_else(|| DriveError::Wrong("there is no phone".to_owned()))
    }

    /// The payer scans a channel's own code with its wallet and pays; the pay sheet turns green.
    pub(crate) async fn pay_code(&mut self, code: &str, wallet: Wallet) -> Result<(), DriveError> {
        let phone = self.phone().await?;
        phone.open_in(code, wallet).await?;
        same("the wallet", phone.pay().await?, "paid".to_owned())?;
        self.window
            .until_is("pay-state", "data-state", &["paid"])
            .await?;
        Ok(())
    }

    /// The payer opens the link in a wallet and pays; the pay sheet turns green by itself.
    pub(crate) async fn pay(&mut self, link: &str, wallet: Wallet) -> Result<(), DriveError> {
        let fen = self.window.now("pay-amount", "data-fen").await?;
        let amount = Money::from_fen(fen.parse().unwrap_or_default());
        let phone = self.phone().await?;
        let asked = phone.scan(link, wallet).await?;
        same("the cashier's amount", asked.amount, amount.to_string())?;
        phone.to_wallet(wallet).await?;
        same("the wallet", phone.pay().await?, "paid".to_owned())?;
        phone.back_to_cashier().await?;
        self.window
            .until_is("pay-state", "data-state", &["paid"])
            .await?;
        Ok(())
    }
}

fn read_json(file: &Path) -> Result<Value, DriveError> {
    let text = std::fs::read(file).map_err(|error| DriveError::file(file, &error))?;
    serde_json::from_slice(&text).map_err(|error| DriveError::file(file, &error))
}
