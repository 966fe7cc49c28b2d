//! A window under a WebDriver: the terminal's, through tauri-driver, and the payer's browser.
//!
//! Everything is typed as a person would, key by key, and nothing is waited for by time: each wait
//! is for a state, looked at until it is there or its deadline is over. The window names what the
//! tour needs by `data-testid`.

use crate::drive::error::DriveError;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// Slower than a hand scanner: faster keys are taken for a scan.
const KEY_GAP: Duration = Duration::from_millis(55);

/// A browser without a screen and without a past, of this inner size.
pub fn chromium(
    browser: &Path,
    folder: &Path,
    language: &str,
    (width, height): (u32, u32),
) -> Capabilities {
    let args = [
        "--headless".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--no-first-run".to_owned(),
        format!("--window-size={width},{height}"),
        format!("--lang={language}"),
        format!("--accept-lang={language}"),
        format!("--user-data-dir={}", folder.display()),
    ];
    let mut capabilities = Capabilities::new();
    capabilities.insert(
        "goog:chromeOptions".to_owned(),
        json!({"binary": browser, "args": args}),
    );
    capabilities
}

/// One WebDriver session.
#[derive(Debug)]
pub struct Window {
    client: Client,
    who: &'static str,
}

impl Window {
    /// Begins a session. The driver must listen already.
    pub async fn open(
        who: &'static str,
        driver: &str,
        capabilities: Capabilities,
    ) -> Result<Window, DriveError> {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(capabilities).connect(driver);
        let why = match tokio::time::timeout(LIMIT, connecting).await {
            Ok(Ok(client)) => return Ok(Window { client, who }),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no session within {} s", LIMIT.as_secs()),
        };
        Err(DriveError::Driver { who, why })
    }

    /// Ends the session and with it the program.
    pub async fn close(self) -> Result<(), DriveError> {
        let client = self.client.clone();
        self.call("ending the session", client.close()).await
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// One call of the driver, with an end: a driver that hangs must fail the tour, not stop it.
    pub async fn call<T>(
        &self,
        what: &str,
        call: impl Future<Output = Result<T, CmdError>>,
    ) -> Result<T, DriveError> {
        let who = self.who;
        let failed = |why: String| DriveError::Driver {
            who,
            why: format!("{what}: {why}"),
        };
        match tokio::time::timeout(LIMIT, call).await {
            Ok(done) => done.map_err(|error| failed(error.to_string())),
            Err(_) => Err(failed(format!("no answer within {} s", LIMIT.as_secs()))),
        }
    }

    /// A script that ends by calling its last argument.
    pub async fn async_script(&self, script: &str, args: Vec<Value>) -> Result<Value, DriveError> {
        self.call("script", self.client.execute_async(script, args))
            .await
    }

    // ---- looking -------------------------------------------------------------------------------

    /// Runs a script; its `arguments` are `args`.
    pub async fn script(&self, script: &str, args: Vec<Value>) -> Result<Value, DriveError> {
        self.call("script", self.client.execute(script, args)).await
    }

    /// Looks until `seen` is content; `script` says what is looked at.
    pub async fn until(
        &self,
        what: &str,
        script: &str,
        args: Vec<Value>,
        seen: impl Fn(&Value) -> bool,
    ) -> Result<Value, DriveError> {
        let deadline = Instant::now() + LIMIT;
        loop {
            let value = self.script(script, args.clone()).await?;
            if seen(&value) {
                return Ok(value);
            }
            if Instant::now() >= deadline {
                let (what, seen) = (what.to_owned(), value.to_string());
                return Err(DriveError::NotReached {
                    what,
                    within: LIMIT,
                    seen,
                });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The element with this test id, once it is there.
    pub async fn see(&self, id: &str) -> Result<Element, DriveError> {
        self.css(&test_id(id)).await
    }

    /// The first element that this selector names, once it is there.
    pub async fn css(&self, css: &str) -> Result<Element, DriveError> {
        let script = "return document.querySelector(arguments[0]) !== null";
        self.until(css, script, vec![css.into()], |found| found == true)
            .await?;
        self.call(css, self.client.find(Locator::Css(css))).await
    }

    /// How many elements this selector names now.
    pub async fn count(&self, css: &str) -> Result<u64, DriveError> {
        let script = "return document.querySelectorAll(arguments[0]).length";
        Ok(self
            .script(script, vec![css.into()])
            .await?
            .as_u64()
            .unwrap_or(0))
    }

    /// Waits until `css` names so many elements.
    pub async fn until_count(&self, css: &str, many: u64) -> Result<(), DriveError> {
        let script = "return document.querySelectorAll(arguments[0]).length";
        self.until(&format!("{many} of {css}"), script, vec![css.into()], |n| {
            *n == many
        })
        .await?;
        Ok(())
    }

    pub async fn gone(&self, id: &str) -> Result<(), DriveError> {
        self.until_count(&test_id(id), 0).await
    }

    /// The text of the element with this test id, once it has one.
    pub async fn text(&self, id: &str) -> Result<String, DriveError> {
        self.text_of(&test_id(id)).await
    }

    /// The text of what this selector names, once it has one.
    pub async fn text_of(&self, css: &str) -> Result<String, DriveError> {
        let script = "return document.querySelector(arguments[0])?.textContent.trim() ?? ''";
        let what = format!("a text in {css}");
        let text = self
            .until(&what, script, vec![css.into()], |text| *text != "")
            .await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute of the element with this test id, as it is now; empty when either is missing.
    pub async fn now(&self, id: &str, attribute: &str) -> Result<String, DriveError> {
        let args = vec![test_id(id).into(), attribute.into()];
        let value = self.script(ATTRIBUTE, args).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the attribute has one of these values.
    pub async fn until_is(
        &self,
        id: &str,
        attribute: &str,
        values: &[&str],
    ) -> Result<String, DriveError> {
        let what = format!("{id} with {attribute} {}", values.join(" or "));
        let among = |value: &Value| value.as_str().is_some_and(|is| values.contains(&is));
        let args = vec![test_id(id).into(), attribute.into()];
        let value = self.until(&what, ATTRIBUTE, args, among).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the element with this test id has the focus.
    pub async fn until_focus(&self, id: &str) -> Result<(), DriveError> {
        let script = "return document.activeElement?.getAttribute('data-testid') ?? ''";
        self.until(&format!("the focus in {id}"), script, Vec::new(), |has| {
            has == id
        })
        .await?;
        Ok(())
    }

    /// Waits until what the page holds now has been painted.
    pub async fn painted(&self) -> Result<(), DriveError> {
        let script = "const done = arguments[0]; let frames = 4;
            const next = () => (frames-- > 0 ? requestAnimationFrame(next) : done());
            next();";
        self.async_script(script, Vec::new()).await.map(|_| ())
    }

    /// Where an element is, in pixels of the window: `WxH+X+Y`.
    pub async fn place_of(&self, css: &str) -> Result<String, DriveError> {
        self.css(css).await?;
        let script = "const box = document.querySelector(arguments[0]).getBoundingClientRect();
            const [w, h, x, y] = [box.width, box.height, box.left, box.top]
                .map((side) => Math.round(side * devicePixelRatio));
            return `${w}x${h}+${x}+${y}`";
        let place = self.script(script, vec![css.into()]).await?;
        Ok(place.as_str().unwrap_or_default().to_owned())
    }

    /// The driver's own picture: the browser's works, WebKit's waits for a repaint.
    pub async fn screenshot(&self, file: &Path) -> Result<(), DriveError> {
        let png = self.call("screenshot", self.client.screenshot()).await?;
        std::fs::write(file, png).map_err(|error| DriveError::file(file, &error))
    }

    // ---- acting --------------------------------------------------------------------------------

    pub async fn click(&self, id: &str) -> Result<(), DriveError> {
        self.click_css(&test_id(id)).await
    }

    pub async fn click_css(&self, css: &str) -> Result<(), DriveError> {
        let element = self.css(css).await?;
        self.call(&format!("click {css}"), element.click()).await
    }

    /// Presses keys one after the other, each a chord: `F9`, `Enter`, `Ctrl+L`.
    pub async fn press(&self, chords: &[&str]) -> Result<(), DriveError> {
        let mut keys = Keys::new();
        for chord in chords {
            let codes: Vec<char> = chord.split('+').map(code).collect::<Result<_, _>>()?;
            for value in &codes {
                keys.push(KeyAction::Down { value: *value });
            }
            for value in codes.iter().rev() {
                keys.push(KeyAction::Up { value: *value });
            }
            keys.push(KeyAction::Pause { duration: KEY_GAP });
        }
        self.perform(keys).await
    }

    /// Types into whatever has the focus, as a person does.
    pub async fn type_text(&self, text: &str) -> Result<(), DriveError> {
        let mut keys = Keys::new();
        for value in text.chars() {
            keys.push(KeyAction::Down { value });
            keys.push(KeyAction::Up { value });
            keys.push(KeyAction::Pause { duration: KEY_GAP });
        }
        self.perform(keys).await
    }

    /// Sends a code and Enter as fast as a hand scanner, to whatever has the focus.
    pub async fn scan(&self, text: &str) -> Result<(), DriveError> {
        self.painted().await?;
        let mut keys = Keys::new();
        for value in text.chars().chain([code("Enter")?]) {
            keys.push(KeyAction::Down { value });
            keys.push(KeyAction::Up { value });
        }
        self.perform(keys).await
    }

    async fn perform(&self, keys: Keys) -> Result<(), DriveError> {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for action in keys {
            actions = actions.then(action);
        }
        self.call("keys", self.client.perform_actions(actions))
            .await
    }
}

type Keys = Vec<KeyAction>;

const ATTRIBUTE: &str =
    "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? ''";

pub fn test_id(id: &str) -> String {
    format!("[data-testid=\"{id}\"]")
}

/// A key's character in the WebDriver protocol.
fn code(key: &str) -> Result<char, DriveError> {
    let mut letters = key.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Ok(letter.to_ascii_lowercase());
    }
    let value = match key {
        "Backspace" => '\u{e003}',
        "Tab" => '\u{e004}',
        "Enter" => '\u{e007}',
        "Shift" => '\u{e008}',
        "Ctrl" => '\u{e009}',
        "Escape" => '\u{e00c}',
        "Space" => ' ',
        "Home" => '\u{e011}',
        "ArrowLeft" => '\u{e012}',
        "ArrowUp" => '\u{e013}',
        "ArrowRight" => '\u{e014}',
        "ArrowDown" => '\u{e015}',
        _ => {
            let number = key
                .strip_prefix('F')
                .and_then(|number| number.parse::<u32>().ok());
            return number
                .filter(|number| (1..=12).contains(number))
                .and_then(|number| char::from_u32(0xe030 + number))
                .ok_or_else(|| DriveError::Wrong(format!("the tour knows no key {key}")));
        }
    };
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_protocols_characters() {
        assert_eq!(code("F1").unwrap(), '\u{e031}');
        assert_eq!(code("F12").unwrap(), '\u{e03c}');
        assert_eq!(code("L").unwrap(), 'l');
        assert!(code("F13").is_err() && code("Hyper").is_err());
    }
}
