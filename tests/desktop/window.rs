//! A window under a WebDriver: the terminal's, through tauri-driver, and the payer's browser.
//!
//! Everything is typed as a person would, key by key, and nothing is waited for by time: each wait
//! is for a state, looked at until it is there or its deadline is over. The window names what the
//! tour needs by `data-testid`.

use super::error::TourError;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// Slower than a hand scanner: faster keys are taken for a scan.
const KEY_GAP: Duration = Duration::from_millis(55);

/// One WebDriver session.
#[derive(Debug)]
pub(crate) struct Window {
    client: Client,
    who: &'static str,
}

impl Window {
    /// Begins a session. The driver must listen already.
    pub(crate) async fn open(
        who: &'static str,
        driver: &str,
        capabilities: Capabilities,
    ) -> Result<Window, TourError> {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(capabilities).connect(driver);
        let why = match tokio::time::timeout(LIMIT, connecting).await {
            Ok(Ok(client)) => return Ok(Window { client, who }),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no session within {} s", LIMIT.as_secs()),
        };
        Err(TourError::Driver { who, why })
    }

    /// Ends the session and with it the program.
    pub(crate) async fn close(self) -> Result<(), TourError> {
        let client = self.client.clone();
        self.call("ending the session", client.close()).await
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// One call of the driver, with an end: a driver that hangs must fail the tour, not stop it.
    pub(crate) async fn call<T>(
        &self,
        what: &str,
        call: impl Future<Output = Result<T, CmdError>>,
    ) -> Result<T, TourError> {
        let who = self.who;
        let failed = |why: String| TourError::Driver {
            who,
            why: format!("{what}: {why}"),
        };
        match tokio::time::timeout(LIMIT, call).await {
            Ok(done) => done.map_err(|error| failed(error.to_string())),
            Err(_) => Err(failed(format!("no answer within {} s", LIMIT.as_secs()))),
        }
    }

    /// A script that ends by calling its last argument.
    pub(crate) async fn async_script(
        &self,
        script: &str,
        args: Vec<Value>,
    ) -> Result<Value, TourError> {
        self.call("script", self.client.execute_async(script, args))
            .await
    }

    // ---- looking -------------------------------------------------------------------------------

    /// Runs a script; its `arguments` are `args`.
    pub(crate) async fn script(&self, script: &str, args: Vec<Value>) -> Result<Value, TourError> {
        self.call("script", self.client.execute(script, args)).await
    }

    /// Looks until `seen` is content; `script` says what is looked at.
    pub(crate) async fn until(
        &self,
        what: &str,
        script: &str,
        args: Vec<Value>,
        seen: impl Fn(&Value) -> bool,
    ) -> Result<Value, TourError> {
        let deadline = Instant::now() + LIMIT;
        loop {
            let value = self.script(script, args.clone()).await?;
            if seen(&value) {
                return Ok(value);
            }
            if Instant::now() >= deadline {
                let (what, seen) = (what.to_owned(), value.to_string());
                return Err(TourError::NotReached {
                    what,
                    within: LIMIT,
                    seen,
                });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The element with this test id, once it is there.
    pub(crate) async fn see(&self, id: &str) -> Result<Element, TourError> {
        self.css(&test_id(id)).await
    }

    /// The first element that this selector names, once it is there.
    pub(crate) async fn css(&self, css: &str) -> Result<Element, TourError> {
        let script = "return document.querySelector(arguments[0]) !== null";
        self.until(css, script, vec![css.into()], |found| found == true)
            .await?;
        self.call(css, self.client.find(Locator::Css(css))).await
    }

    /// How many elements this selector names now.
    pub(crate) async fn count(&self, css: &str) -> Result<u64, TourError> {
        let script = "return document.querySelectorAll(arguments[0]).length";
        Ok(self
            .script(script, vec![css.into()])
            .await?
            .as_u64()
            .unwrap_or(0))
    }

    /// Waits until `css` names so many elements.
    pub(crate) async fn until_count(&self, css: &str, many: u64) -> Result<(), TourError> {
        let script = "return document.querySelectorAll(arguments[0]).length";
        self.until(&format!("{many} of {css}"), script, vec![css.into()], |n| {
            *n == many
        })
        .await?;
        Ok(())
    }

    pub(crate) async fn gone(&self, id: &str) -> Result<(), TourError> {
        self.until_count(&test_id(id), 0).await
    }

    /// The text of the element with this test id, once it has one.
    pub(crate) async fn text(&self, id: &str) -> Result<String, TourError> {
        self.text_of(&test_id(id)).await
    }

    /// The text of what this selector names, once it has one.
    pub(crate) async fn text_of(&self, css: &str) -> Result<String, TourError> {
        let script = "return document.querySelector(arguments[0])?.textContent.trim() ?? ''";
        let what = format!("a text in {css}");
        let text = self
            .until(&what, script, vec![css.into()], |text| *text != "")
            .await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute of the element with this test id, as it is now; empty when either is missing.
    pub(crate) async fn now(&self, id: &str, attribute: &str) -> Result<String, TourError> {
        let args = vec![test_id(id).into(), attribute.into()];
        let value = self.script(ATTRIBUTE, args).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the attribute has one of these values.
    pub(crate) async fn until_is(
        &self,
        id: &str,
        attribute: &str,
        values: &[&str],
    ) -> Result<String, TourError> {
        let what = format!("{id} with {attribute} {}", values.join(" or "));
        let among = |value: &Value| value.as_str().is_some_and(|is| values.contains(&is));
        let args = vec![test_id(id).into(), attribute.into()];
        let value = self.until(&what, ATTRIBUTE, args, among).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the element with this test id has the focus.
    pub(crate) async fn until_focus(&self, id: &str) -> Result<(), TourError> {
        let script = "return document.activeElement?.getAttribute('data-testid') ?? ''";
        self.until(&format!("the focus in {id}"), script, Vec::new(), |has| {
            has == id
        })
        .await?;
        Ok(())
    }

    /// Waits until what the page holds now has been painted.
    pub(crate) async fn painted(&self) -> Result<(), TourError> {
        let script = "const done = arguments[0]; let frames = 4;
            const next = () => (frames-- > 0 ? requestAnimationFrame(next) : done());
            next();";
        self.async_script(script, Vec::new()).await.map(|_| ())
    }

    /// Where an element is, in pixels of the window: `WxH+X+Y`.
    pub(crate) async fn place_of(&self, css: &str) -> Result<String, TourError> {
        self.css(css).await?;
        let script = "const box = document.querySelector(arguments[0]).getBoundingClientRect();
            const [w, h, x, y] = [box.width, box.height, box.left, box.top]
                .map((side) => Math.round(side * devicePixelRatio));
            return `${w}x${h}+${x}+${y}`";
        let place = self.script(script, vec![css.into()]).await?;
        Ok(place.as_str().unwrap_or_default().to_owned())
    }

    /// The driver's own picture: the browser's works, WebKit's waits for a repaint.
    pub(crate) async fn screenshot(&self, file: &Path) -> Result<(), TourError> {
        let png = self.call("screenshot", self.client.screenshot()).await?;
        std::fs::write(file, png).map_err(|error| TourError::file(file, &error))
    }

    // ---- acting --------------------------------------------------------------------------------

    pub(crate) async fn click(&self, id: &str) -> Result<(), TourError> {
        self.click_css(&test_id(id)).await
    }

    pub(crate) async fn click_css(&self, css: &str) -> Result<(), TourError> {
        let element = self.css(css).await?;
        self.call(&format!("click {css}"), element.click()).await
    }

    /// Presses keys one after the other, each a chord: `F9`, `Enter`, `Ctrl+L`.
    pub(crate) async fn press(&self, chords: &[&str]) -> Result<(), TourError> {
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
    pub(crate) async fn type_text(&self, text: &str) -> Result<(), TourError> {
        let mut keys = Keys::new();
        for value in text.chars() {
            keys.push(KeyAction::Down { value });
            keys.push(KeyAction::Up { value });
            keys.push(KeyAction::Pause { duration: KEY_GAP });
        }
        self.perform(keys).await
    }

    /// Sends a code and Enter as fast as a hand scanner, to whatever has the focus.
    pub(crate) async fn scan(&self, text: &str) -> Result<(), TourError> {
        self.painted().await?;
        let mut keys = Keys::new();
        for value in text.chars().chain([code("Enter")?]) {
            keys.push(KeyAction::Down { value });
            keys.push(KeyAction::Up { value });
        }
        self.perform(keys).await
    }

    async fn perform(&self, keys: Keys) -> Result<(), TourError> {
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

pub(crate) fn test_id(id: &str) -> String {
    format!("[data-testid=\"{id}\"]")
}

/// A key's character in the WebDriver protocol.
fn code(key: &str) -> Result<char, TourError> {
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
                .ok_or_else(|| TourError::Wrong(format!("the tour knows no key {key}")));
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
