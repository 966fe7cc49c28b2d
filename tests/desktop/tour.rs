//! One run of the tour: the windows, where it stands, and what every step leaves behind: a numbered
//! screenshot and a line with its milliseconds.

use super::books::{Books, Expected, compare, lines};
use super::choice::{By, Found, rpc};
use super::screen::{Pane, Screen};
use super::stage::{Options, Stage};
use domain::Money;
use domain::collection::{PaymentMethod, Purpose};
use fieldtill_tests::drive::error::{DriveError, holds, same};
use fieldtill_tests::drive::phone::{Phone, Wallet, read_qr};
use fieldtill_tests::drive::window::{Window, test_id};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

/// How often one code is scanned before the tour gives up.
const SCANS: u32 = 6;

/// The tour on its stage.
#[derive(Debug)]
pub(crate) struct Tour {
    pub(crate) stage: Stage,
    pub(crate) terminal: Window,
    pub(crate) phone: Phone,
    pub(crate) progress: Progress,
    pub(crate) expected: Vec<Expected>,
    options: Options,
    screen: Screen,
}

/// Where the tour stands; outlives a failure of it.
#[derive(Debug)]
pub(crate) struct Progress {
    out: PathBuf,
    number: usize,
    step: String,
    begun: Instant,
}

/// What the pay sheet shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(crate) amount: Money,
    pub(crate) check_code: String,
    /// What the reader finds in the picture of the QR.
    pub(crate) link: String,
}

impl Progress {
    pub(crate) fn new(out: PathBuf) -> Progress {
        Progress {
            out,
            number: 0,
            step: "setting the stage".to_owned(),
            begun: Instant::now(),
        }
    }

    pub(crate) fn begin(&mut self, step: &str) {
        self.step = step.to_owned();
        self.begun = Instant::now();
    }

    pub(crate) fn step(&self) -> &str {
        &self.step
    }

    /// Says how long the step took.
    pub(crate) fn told(&self, note: &str) {
        let ms = self.begun.elapsed().as_millis();
        say(&format!(
            "{:>3} {:<44} {ms:>6} ms  {note}",
            self.number, self.step
        ));
    }

    /// The next picture's file.
    pub(crate) fn picture(&mut self, name: &str) -> PathBuf {
        self.number += 1;
        self.out.join(format!("{:02}-{name}.png", self.number))
    }
}

/// A line on our own output.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody has to listen.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

impl Tour {
    /// Opens both windows.
    pub(crate) async fn begin(
        stage: Stage,
        options: &Options,
        mut progress: Progress,
    ) -> Result<Tour, DriveError> {
        progress.told("");
        progress.begin("opening the terminal, enrolled, and the phone");
        let screen = Screen::new(&stage.troupe)?;
        let terminal = stage.open_terminal().await?;
        let phone = stage.open_phone().await?;
        let language = json!({"theme": "light", "language": options.language});
        rpc(&terminal, "settings_set", language).await?;
        progress.told("");
        let options = options.clone();
        Ok(Tour {
            stage,
            terminal,
            phone,
            progress,
            expected: Vec::new(),
            options,
            screen,
        })
    }

    /// Begins a step; `done` ends it.
    pub(crate) fn step(&mut self, step: &str) {
        self.progress.begin(step);
    }

    /// Ends a step with a picture of the terminal.
    pub(crate) async fn done(&mut self, picture: &str, note: &str) -> Result<(), DriveError> {
        let file = self.progress.picture(picture);
        self.progress.told(note);
        self.screen
            .take(Pane::Staff, &self.terminal, None, &file)
            .await
    }

    /// Ends a step with a picture of the customer's window, which the driver has switched to.
    pub(crate) async fn done_at_customer(
        &mut self,
        picture: &str,
        note: &str,
    ) -> Result<(), DriveError> {
        let file = self.progress.picture(picture);
        self.progress.told(note);
        self.screen
            .take(Pane::Customer, &self.terminal, None, &file)
            .await
    }

    /// Ends a step with a picture of the phone.
    pub(crate) async fn done_on_phone(
        &mut self,
        picture: &str,
        note: &str,
    ) -> Result<(), DriveError> {
        let file = self.progress.picture(picture);
        self.progress.told(note);
        self.phone.window.screenshot(&file).await
    }

    /// What went wrong and where, with pictures of both windows as they are now.
    pub(crate) async fn failed(&self, error: &DriveError) {
        say(&format!(
            "tour: failed at \"{}\": {error}",
            self.progress.step()
        ));
        let file = |name: &str| self.options.out.join(format!("failed-{name}.png"));
        let (terminal, phone) = (file("terminal"), file("phone"));
        let taken = [
            self.screen
                .take(Pane::Staff, &self.terminal, None, &terminal)
                .await,
            self.phone.window.screenshot(&phone).await,
        ];
        for (taken, file) in taken.into_iter().zip([terminal, phone]) {
            match taken {
                Ok(()) => say(&format!("tour: see {}", file.display())),
                Err(error) => say(&format!("tour: no {}: {error}", file.display())),
            }
        }
    }

    // ---- what staff do -------------------------------------------------------------------------

    /// Unlocks as the first member with this role; answers the name.
    pub(crate) async fn unlock(&mut self, role: &str) -> Result<String, DriveError> {
        let member = self.stage.member(role)?.clone();
        let terminal = &self.terminal;
        terminal.see("unlock").await?;
        terminal
            .click(&format!("unlock-staff-{}", member.name))
            .await?;
        terminal.until_focus("unlock-pin").await?;
        terminal.type_text(&member.pin).await?;
        terminal.press(&["Enter"]).await?;
        terminal.see("nav-today").await?;
        Ok(member.name)
    }

    /// Waits until the terminal has everything that the backend has.
    pub(crate) async fn synced(&self) -> Result<(), DriveError> {
        self.terminal
            .until_is("chip", "data-connectivity", &["online"])
            .await?;
        self.terminal
            .until_is("chip", "data-pending", &["0"])
            .await?;
        Ok(())
    }

    /// F2, the distributor found as said; the focus is in the entry box then.
    pub(crate) async fn new_order(&self, distributor: &Found) -> Result<(), DriveError> {
        let terminal = &self.terminal;
        terminal.press(&["F2"]).await?;
        terminal.until_focus("distributor-box").await?;
        terminal.until_count(&test_id("line-row"), 0).await?;
        terminal.type_text(&distributor.query).await?;
        terminal.press(&["Enter"]).await?;
        let name = terminal.text("distributor-name").await?;
        same(
            "the distributor that was found",
            name,
            distributor.name.clone(),
        )?;
        terminal.until_focus("entry-box").await
    }

    /// One line by what was typed into the entry box.
    pub(crate) async fn line(&self, typed: &str, product: &Found) -> Result<(), DriveError> {
        let terminal = &self.terminal;
        let before = terminal.count(&test_id("line-row")).await?;
        if product.by == By::Barcode {
            self.scan_line(typed, before).await?;
        } else {
            terminal.type_text(typed).await?;
            terminal.press(&["Enter"]).await?;
        }
        terminal
            .until_count(&test_id("line-row"), before + 1)
            .await?;
        let row = format!("{}[data-code=\"{}\"]", test_id("line-row"), product.code);
        terminal.until_count(&row, 1).await
    }

    /// A scan works from any focus; from none the page has nothing to do between two keys. The driver
    /// hands over a key only when the page is done with the one before, so a busy page may still tear
    /// the burst: that adds no line, and one scans again, as at a counter.
    async fn scan_line(&self, code: &str, before: u64) -> Result<(), DriveError> {
        let terminal = &self.terminal;
        for again in 0..SCANS {
            terminal
                .script("document.activeElement?.blur()", Vec::new())
                .await?;
            terminal.scan(code).await?;
            // Either a line more, or the word that there is no such code.
            let script = "return [document.querySelectorAll(arguments[0]).length,
                document.querySelector(arguments[1])?.value ?? '']";
            let args = vec![test_id("line-row").into(), test_id("entry-box").into()];
            let added = |seen: &Value| seen[0].as_u64() == Some(before + 1);
            let seen = terminal
                .until("a scan's end", script, args, |seen| {
                    added(seen) || seen[1] != ""
                })
                .await?;
            terminal.press(&["F4"]).await?;
            terminal.until_focus("entry-box").await?;
            if added(&seen) {
                if again > 0 {
                    say(&format!(
                        "    scanned {} times: the burst was torn",
                        again + 1
                    ));
                }
                return Ok(());
            }
            terminal.press(&["Ctrl+A", "Backspace"]).await?;
        }
        Err(DriveError::Wrong(format!(
            "{SCANS} scans of {code} were all torn"
        )))
    }

    /// Whether the terminal's disk has the draft that the screen shows; its number.
    pub(crate) async fn saved(&self) -> Result<String, DriveError> {
        let number = self.terminal.text("draft-number").await?;
        let drafts = rpc(&self.terminal, "draft_list", json!({})).await?;
        let held = drafts.to_string().contains(&number);
        holds(&format!("draft {number} is on disk: {drafts}"), held)?;
        Ok(number)
    }

    /// The sheet once it says one of these, with its QR read from a picture.
    pub(crate) async fn sheet(&mut self, says: &[&str]) -> Result<Sheet, DriveError> {
        self.terminal
            .until_is("pay-state", "data-says", says)
            .await?;
        let fen = self.terminal.now("pay-amount", "data-fen").await?;
        let fen = fen
            .parse::<i64>()
            .map_err(|_| DriveError::Wrong(format!("pay-amount {fen:?}")))?;
        let check_code = self.terminal.text("pay-check-code").await?;
        let link = self.read_qr(Pane::Staff, &test_id("pay-qr")).await?;
        Ok(Sheet {
            amount: Money::from_fen(fen),
            check_code,
            link,
        })
    }

    /// What an independent reader finds in a picture of this element.
    pub(crate) async fn read_qr(&self, pane: Pane, css: &str) -> Result<String, DriveError> {
        let file = self.options.out.join("state").join("qr.png");
        self.screen
            .take(pane, &self.terminal, Some(css), &file)
            .await?;
        read_qr(&file)
    }

    // ---- what the payer does -------------------------------------------------------------------

    /// The payer scans what the sheet shows, compares amount and check code, and goes as far as the
    /// wallet's question.
    pub(crate) async fn scan(
        &mut self,
        sheet: &Sheet,
        wallet: Wallet,
        names: &str,
        pictures: (&str, &str),
    ) -> Result<(), DriveError> {
        self.step("the phone scans it; the cashier asks");
        let asked = self.phone.scan(&sheet.link, wallet).await?;
        same(
            "the cashier's amount",
            asked.amount.clone(),
            sheet.amount.to_string(),
        )?;
        same(
            "the cashier's check code",
            asked.check_code.clone(),
            sheet.check_code.clone(),
        )?;
        holds(
            &format!("the cashier names {names}: {}", asked.text),
            asked.text.contains(names),
        )?;
        self.done_on_phone(
            pictures.0,
            &format!("{} asks {}", asked.seller, asked.amount),
        )
        .await?;
        self.step("the wallet asks");
        let question = self.phone.to_wallet(wallet).await?;
        let amount = sheet.amount.to_yuan_string();
        holds(
            &format!("{question:?} names {amount}"),
            question.contains(&amount),
        )?;
        self.done_on_phone(pictures.1, &question).await
    }

    /// The payer presses "Pay"; the terminal turns green by itself. Answers after the picture.
    pub(crate) async fn pay_and_turn_green(
        &mut self,
        purpose: Purpose,
        picture: &str,
    ) -> Result<(), DriveError> {
        self.step("Pay; the terminal turns green by itself");
        same(
            "the wallet's answer",
            self.phone.pay().await?,
            "paid".to_owned(),
        )?;
        let pressed = Instant::now();
        self.terminal
            .until_is("pay-state", "data-state", &["paid"])
            .await?;
        let ms = pressed.elapsed().as_millis();
        same(
            "outcome",
            self.terminal.now("pay-state", "data-outcome").await?,
            "exact".to_owned(),
        )?;
        let fen = self.terminal.now("pay-amount", "data-fen").await?;
        self.came(PaymentMethod::QrCode, purpose, &fen)?;
        self.done(
            picture,
            &format!("green {ms} ms after the wallet said paid"),
        )
        .await?;
        self.phone.back_to_cashier().await?;
        Ok(())
    }

    /// From here on the books must have this collection.
    pub(crate) fn came(
        &mut self,
        method: PaymentMethod,
        purpose: Purpose,
        fen: &str,
    ) -> Result<(), DriveError> {
        let fen: i64 = fen
            .parse()
            .map_err(|_| DriveError::Wrong(format!("an amount of {fen:?}")))?;
        self.expected.push(Expected {
            method,
            purpose,
            amount: Money::from_fen(fen),
        });
        Ok(())
    }

    // ---- the end -------------------------------------------------------------------------------

    /// Ends every program and looks at what they wrote. `unbooked` transaction records belong to no
    /// collection.
    pub(crate) async fn end(self, unbooked: usize) -> Result<Books, DriveError> {
        let Tour {
            stage,
            terminal,
            phone,
            mut progress,
            expected,
            ..
        } = self;
        progress.begin("the books: the backend's file, the terminal's file");
        let (backend, folder) = (stage.backend_folder(), stage.terminal_folder());
        terminal.close().await?;
        phone.window.close().await?;
        drop(stage);
        let books = Books::open(&backend)?;
        let accounts = books.trial_balance()?;
        books.expect(&expected)?;
        let compared = compare(&books, &folder, unbooked)?;
        say("");
        say("trial balance, yuan:");
        for line in lines(&accounts)? {
            say(&line);
        }
        say("");
        progress.told(&format!(
            "{compared} documents are the same at terminal and backend"
        ));
        Ok(books)
    }
}
