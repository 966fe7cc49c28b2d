//! The payer's phone: a browser of its own that opens the sandbox's phone page on the text an
//! independent reader finds in the picture of the QR. Nothing passes from the terminal to the phone
//! but that picture.

use crate::drive::error::{DriveError, holds};
use crate::drive::programs::on_path;
use crate::drive::window::{Window, chromium};
use fantoccini::wd::WindowHandle;
use std::path::Path;
use std::process::Command;
use url::Url;

/// What the payer pays with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wallet {
    Wechat,
    Alipay,
}

/// What the cashier's page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub seller: String,
    pub amount: String,
    pub check_code: String,
    /// Everything on the page, for what has no name of its own.
    pub text: String,
}

/// The phone.
#[derive(Debug)]
pub struct Phone {
    pub window: Window,
    sandbox: String,
    page: WindowHandle,
}

/// What the reader finds in the picture.
pub fn read_qr(picture: &Path) -> Result<String, DriveError> {
    let reader = on_path(&["zbarimg"])?;
    let read = Command::new(reader)
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(picture)
        .output()
        .map_err(|error| DriveError::file(picture, &error))?;
    let text = String::from_utf8_lossy(&read.stdout);
    let mut lines = text.lines();
    match (lines.next(), lines.next()) {
        (Some(text), None) => Ok(text.to_owned()),
        _ => Err(DriveError::Wrong(format!(
            "{} shows not one QR: {text:?} {}",
            picture.display(),
            String::from_utf8_lossy(&read.stderr)
        ))),
    }
}

impl Phone {
    /// `driver` is chromedriver's address, `sandbox` the sandbox's.
    pub async fn open(
        driver: &str,
        browser: &Path,
        folder: &Path,
        sandbox: &str,
        language: &str,
    ) -> Result<Phone, DriveError> {
        let capabilities = chromium(browser, folder, language, (390, 844));
        let window = Window::open("phone", driver, capabilities).await?;
        let page = window.call("its page", window.client().window()).await?;
        Ok(Phone {
            window,
            sandbox: sandbox.to_owned(),
            page,
        })
    }

    /// Opens what a QR says in a wallet.
    pub async fn open_in(&self, link: &str, wallet: Wallet) -> Result<(), DriveError> {
        let mut url = Url::parse(&self.sandbox)
            .and_then(|sandbox| sandbox.join("/phone"))
            .map_err(|error| DriveError::Wrong(format!("{}: {error}", self.sandbox)))?;
        url.query_pairs_mut().append_pair("link", link);
        self.window
            .call("opening the link", self.window.client().goto(url.as_str()))
            .await?;
        let button = match wallet {
            Wallet::Wechat => "#wechat",
            Wallet::Alipay => "#alipay",
        };
        self.window.click_css(button).await
    }

    /// Opens a link in a wallet, and says what the cashier asks.
    pub async fn scan(&self, link: &str, wallet: Wallet) -> Result<Asked, DriveError> {
        self.open_in(link, wallet).await?;
        Ok(Asked {
            seller: self.window.text_of("#seller").await?,
            amount: self.window.text_of("#amount").await?,
            check_code: self.window.text_of("#check-code").await?,
            text: self.window.text_of("body").await?,
        })
    }

    /// From the cashier's page to the wallet's question "Pay ¥…?"; its words.
    pub async fn to_wallet(&self, wallet: Wallet) -> Result<String, DriveError> {
        match wallet {
            Wallet::Alipay => self.window.click_css("#pay-alipay").await?,
            Wallet::Wechat => {
                self.window.click_css("#pay-wechat").await?;
                let sheet = self.window.css("#wallet-sheet").await?;
                self.window
                    .call("the wallet's sheet", sheet.enter_frame())
                    .await?;
            }
        }
        self.window.css("#pay").await?;
        self.window.text_of("h1").await
    }

    /// Presses "Pay" and waits until the wallet says how it went: `paid`, `declined`, `over` …
    pub async fn pay(&self) -> Result<String, DriveError> {
        self.window.click_css("#pay").await?;
        let script = "return document.querySelector('#result')?.dataset.result ?? ''";
        let seen = self
            .window
            .until("the wallet's answer", script, Vec::new(), |result| {
                *result != ""
            })
            .await?;
        Ok(seen.as_str().unwrap_or_default().to_owned())
    }

    /// Back from the wallet to the cashier, until it says "paid".
    pub async fn back_to_cashier(&self) -> Result<String, DriveError> {
        self.leave_wallet().await?;
        self.window.text_of("#paid").await
    }

    /// Back from the wallet to the cashier, whatever that says then. The wallet goes back by itself
    /// after a moment, so its button, or its whole sheet, may be gone already.
    pub async fn leave_wallet(&self) -> Result<(), DriveError> {
        let script = "document.querySelector('#done')?.click()";
        let _ = self.window.script(script, Vec::new()).await;
        // Out of the sheet's frame, whether it is still there or not.
        let page = self.window.client().switch_to_window(self.page.clone());
        self.window.call("leaving the wallet's sheet", page).await
    }

    /// Whether a link is refused: no amount, no name, no button.
    pub async fn refuses(&self, link: &str) -> Result<(), DriveError> {
        self.window
            .call("opening a link", self.window.client().goto(link))
            .await?;
        self.window.text_of("#over").await?;
        let shown = self.window.count("#amount, form, input").await?;
        holds(
            &format!("the cashier shows nothing to pay for {link}"),
            shown == 0,
        )
    }
}
