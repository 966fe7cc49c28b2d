//! Short tours in which the payment goes wrong on purpose, each shown to end as it must.

use super::choice::{By, distributors, products};
use super::tour::Tour;
use domain::collection::{PaymentMethod, Purpose};
use domain::order::PaymentState;
use fieldtill_tests::drive::error::{DriveError, holds, same};
use fieldtill_tests::drive::phone::Wallet;
use fieldtill_tests::drive::window::LIMIT;
use serde_json::json;
use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    /// The payer's bank refuses.
    Decline,
    /// The channel's callbacks never come.
    DropCallback,
    /// The channel reports another amount than was asked.
    WrongAmount,
}

impl Break {
    pub(crate) fn parse(word: &str) -> Option<Break> {
        match word {
            "decline" => Some(Break::Decline),
            "drop-callback" => Some(Break::DropCallback),
            "wrong-amount" => Some(Break::WrongAmount),
            _ => None,
        }
    }

    /// Transaction records that belong to no collection.
    pub(crate) fn unbooked(self) -> usize {
        usize::from(self == Break::WrongAmount)
    }

    /// How the order must stand in the backend's books at the end.
    pub(crate) fn payment_state(self) -> PaymentState {
        match self {
            Break::DropCallback => PaymentState::Paid,
            Break::Decline | Break::WrongAmount => PaymentState::Unpaid,
        }
    }
}

/// Runs one; answers the number of the order that it was about.
pub(crate) async fn run(tour: &mut Tour, what: Break) -> Result<String, DriveError> {
    tour.step("unlock");
    tour.unlock("sales").await?;
    tour.synced().await?;
    tour.done("today", "").await?;
    tour.step("an order, F9");
    let goods = products(&tour.terminal, &[By::Code]).await?;
    let buyer = distributors(&tour.terminal, &[By::Code]).await?.remove(0);
    tour.new_order(&buyer).await?;
    tour.line(&goods[0].query, &goods[0]).await?;
    let number = tour.saved().await?;
    tour.terminal.press(&["F9"]).await?;
    let sheet = tour.sheet(&["waiting"]).await?;
    tour.done("pay-sheet", &number).await?;
    let wallet = match what {
        Break::Decline | Break::WrongAmount => Wallet::Wechat,
        Break::DropCallback => Wallet::Alipay,
    };
    tour.scan(&sheet, wallet, &number, ("cashier", "wallet"))
        .await?;
    match what {
        Break::Decline => decline(tour).await?,
        Break::DropCallback => drop_callback(tour).await?,
        Break::WrongAmount => wrong_amount(tour).await?,
    }
    Ok(number)
}

async fn decline(tour: &mut Tour) -> Result<(), DriveError> {
    let asked = tour.stage.control.counter("wechat_pay.query")?;
    tour.stage.control.faults(&json!({"decline": 1}))?;
    tour.step("the payer's bank refuses");
    same(
        "the wallet's answer",
        tour.phone.pay().await?,
        "declined".to_owned(),
    )?;
    same("refusals", tour.stage.control.counter("fault.decline")?, 1)?;
    tour.done_on_phone("declined", "").await?;
    tour.step("nothing is paid, and the sheet goes on waiting");
    // The backend has asked the channel since, and heard that nothing was paid.
    until(tour, "a query of the backend", |tour| {
        Ok(tour.stage.control.counter("wechat_pay.query")? > asked)
    })
    .await?;
    same("callbacks", tour.stage.control.deliveries()?, Vec::new())?;
    not_paid(tour).await?;
    tour.done("still-waiting", "").await
}

async fn drop_callback(tour: &mut Tour) -> Result<(), DriveError> {
    let control = tour.stage.control.clone();
    control.faults(&json!({"drop_callback": 99, "status_503": 9999, "only": "query"}))?;
    tour.step("paid, but no callback comes and queries fail");
    same(
        "the wallet's answer",
        tour.phone.pay().await?,
        "paid".to_owned(),
    )?;
    until(tour, "a dropped callback and two failed queries", |tour| {
        let control = &tour.stage.control;
        Ok(control.counter("fault.drop_callback")? >= 1
            && control.counter("fault.status_503")? >= 2)
    })
    .await?;
    same("callbacks", control.deliveries()?, Vec::new())?;
    not_paid(tour).await?;
    tour.done("paid-but-unheard", "unpaid until a query")
        .await?;
    tour.step("queries work again: one settles it");
    control.faults(&json!({"status_503": 0}))?;
    tour.terminal
        .until_is("pay-state", "data-state", &["paid"])
        .await?;
    same("callbacks", control.deliveries()?, Vec::new())?;
    let fen = tour.terminal.now("pay-amount", "data-fen").await?;
    tour.came(PaymentMethod::QrCode, Purpose::OrderPayment, &fen)?;
    tour.done("paid-by-query", "0 callbacks were delivered")
        .await?;
    tour.phone.back_to_cashier().await?;
    tour.synced().await
}

async fn wrong_amount(tour: &mut Tour) -> Result<(), DriveError> {
    tour.stage
        .control
        .faults(&json!({"wrong_amount": 1, "wrong_amount_by_fen": -100}))?;
    tour.step("paid, but the channel reports another amount");
    same(
        "the wallet's answer",
        tour.phone.pay().await?,
        "paid".to_owned(),
    )?;
    tour.phone.leave_wallet().await?;
    tour.terminal
        .until_is("chip", "data-attention", &["1"])
        .await?;
    not_paid(tour).await?;
    tour.done("amount-differs", "").await?;
    tour.step("finance sees it");
    tour.terminal.press(&["Ctrl+L"]).await?;
    let finance = tour.unlock("finance").await?;
    tour.terminal.click("nav-sync").await?;
    tour.terminal
        .until_is("chip", "data-attention", &["1"])
        .await?;
    tour.terminal.see("attention-row").await?;
    tour.synced().await?;
    tour.done("flagged-to-finance", &finance).await
}

async fn not_paid(tour: &Tour) -> Result<(), DriveError> {
    let state = tour.terminal.now("pay-state", "data-state").await?;
    holds(
        &format!("the ask is {state}, not paid"),
        state == "paying" || state == "presented",
    )
}

/// Looks at the sandbox until it is so.
async fn until(
    tour: &Tour,
    what: &str,
    reached: impl Fn(&Tour) -> Result<bool, DriveError>,
) -> Result<(), DriveError> {
    let deadline = std::time::Instant::now() + LIMIT;
    while !reached(tour)? {
        if std::time::Instant::now() >= deadline {
            let (what, seen) = (what.to_owned(), "nothing of it".to_owned());
            return Err(DriveError::NotReached {
                what,
                within: LIMIT,
                seen,
            });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
