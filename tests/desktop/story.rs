//! The whole tour, step by step: what a salesperson, a payer and somebody of finance do in a day.

use super::choice::{By, Found, distributors, products, rpc};
use super::screen::Pane;
use super::tour::Tour;
use domain::collection::{PaymentMethod, Purpose};
use fieldtill_tests::drive::error::{DriveError, holds, same};
use fieldtill_tests::drive::phone::Wallet;
use fieldtill_tests::drive::window::test_id;
use serde_json::{Value, json};

const TOP_UP_YUAN: &str = "50000";

/// All of it.
pub(crate) async fn whole(tour: &mut Tour) -> Result<(), DriveError> {
    unlock(tour).await?;
    let ways = [By::Initials, By::Code, By::Name];
    let buyers = distributors(&tour.terminal, &ways).await?;
    let [first, second, third] = buyers.as_slice() else {
        return Err(DriveError::Wrong(format!(
            "not three distributors: {buyers:?}"
        )));
    };
    pay_online(tour, first).await?;
    customer_window(tour, third).await?;
    pay_offline(tour, second).await?;
    deposit(tour, third).await?;
    cash(tour, first).await?;
    looks(tour).await
}

async fn unlock(tour: &mut Tour) -> Result<(), DriveError> {
    tour.step("who is at the terminal");
    tour.terminal.see("unlock").await?;
    tour.done("unlock", "").await?;
    tour.step("unlock with a PIN; everything is there");
    let name = tour.unlock("sales").await?;
    tour.synced().await?;
    tour.done("today", &name).await
}

/// An order of five lines by keyboard, paid by WeChat while the terminal is online.
async fn pay_online(tour: &mut Tour, buyer: &Found) -> Result<(), DriveError> {
    let ways = [By::Code, By::Barcode, By::Initials, By::Name, By::Code];
    let goods = products(&tour.terminal, &ways).await?;

    tour.step("F2, the distributor by pinyin initials");
    tour.new_order(buyer).await?;
    tour.done("new-order", &format!("{} -> {}", buyer.query, buyer.name))
        .await?;

    tour.step("five lines: code, barcode, initials, name, qty*code");
    let mut typed = Vec::new();
    for (at, product) in goods.iter().enumerate() {
        let text = if at == 4 {
            format!("3*{}", product.query)
        } else {
            product.query.clone()
        };
        tour.line(&text, product).await?;
        typed.push(text);
    }
    let last = format!("{}[data-quantity=\"3\"]", test_id("line-row"));
    tour.terminal.until_count(&last, 1).await?;
    tour.done("five-lines", &typed.join(" ")).await?;

    tour.step("a line discount: F7, Enter, 5%");
    let before = tour.terminal.now("total", "data-fen").await?;
    tour.terminal.press(&["F7"]).await?;
    tour.terminal
        .until_count("[role=gridcell] input", 1)
        .await?;
    tour.terminal.press(&["Enter"]).await?;
    tour.terminal
        .until_count("[role=gridcell] input", 0)
        .await?;
    tour.terminal.type_text("5%").await?;
    tour.terminal.press(&["Enter"]).await?;
    let script = "return document.querySelector(arguments[0])?.getAttribute('data-fen') ?? ''";
    let args = vec![test_id("total").into()];
    tour.terminal
        .until("a smaller total", script, args, |now| {
            *now != before.as_str() && *now != ""
        })
        .await?;
    let number = tour.saved().await?;
    tour.done("saved-order", &format!("draft {number} is on disk"))
        .await?;

    tour.step("F9: amount, check code, countdown, QR");
    tour.terminal.press(&["F9"]).await?;
    let sheet = tour.sheet(&["waiting"]).await?;
    tour.terminal.see("pay-countdown").await?;
    tour.done("pay-sheet", &format!("zbar reads {}", sheet.link))
        .await?;

    forged(tour, &sheet.link).await?;
    let pictures = ("cashier-wechat", "wallet-wechat");
    tour.scan(&sheet, Wallet::Wechat, &number, pictures).await?;
    tour.pay_and_turn_green(Purpose::OrderPayment, "paid-online")
        .await?;
    tour.step("the phone has a receipt");
    tour.phone.window.text_of("#receipt-code").await?;
    tour.done_on_phone("receipt", "").await?;
    paid_in_list(tour, &number, "order-paid").await
}

/// Any byte changed: nothing to pay is shown.
async fn forged(tour: &mut Tour, link: &str) -> Result<(), DriveError> {
    tour.step("the link with a byte changed is refused");
    let at = link.rfind('/').map_or(0, |slash| slash + 1);
    for place in [at, at + (link.len() - at) / 2, link.len() - 1] {
        let mut bytes = link.as_bytes().to_vec();
        bytes[place] = if bytes[place] == b'7' { b'8' } else { b'7' };
        tour.phone.refuses(&String::from_utf8_lossy(&bytes)).await?;
    }
    tour.done_on_phone("forged-link", "").await
}

async fn paid_in_list(tour: &mut Tour, number: &str, picture: &str) -> Result<(), DriveError> {
    tour.step("the order is paid, with its collection");
    tour.synced().await?;
    tour.terminal.click("nav-orders").await?;
    let row = format!("{}[data-number=\"{number}\"]", test_id("order-row"));
    tour.terminal.click_css(&row).await?;
    let paid = format!("{row}[data-payment-state=\"paid\"]");
    tour.terminal.until_count(&paid, 1).await?;
    tour.terminal
        .until_is("order-payment", "data-payment-state", &["paid"])
        .await?;
    tour.done(picture, number).await
}

/// The customer window shows the QR and can ask for nothing else. Ends with the sheet given up.
async fn customer_window(tour: &mut Tour, buyer: &Found) -> Result<(), DriveError> {
    let goods = products(&tour.terminal, &[By::Code]).await?;
    tour.new_order(buyer).await?;
    tour.line(&format!("2*{}", goods[0].query), &goods[0])
        .await?;
    tour.terminal.press(&["F9"]).await?;
    let sheet = tour.sheet(&["waiting"]).await?;

    tour.step("the customer window shows the same QR");
    let client = tour.terminal.client().clone();
    let staff = tour.terminal.call("window", client.window()).await?;
    let all = tour.terminal.call("windows", client.windows()).await?;
    let customer = all.into_iter().find(|window| *window != staff);
    let customer =
        customer.ok_or_else(|| DriveError::Wrong("there is no customer window".to_owned()))?;
    tour.terminal
        .call("switch", client.switch_to_window(customer))
        .await?;
    tour.terminal
        .until_count("main[data-show=\"pay\"]", 1)
        .await?;
    let link = tour.read_qr(Pane::Customer, "main svg").await?;
    same("the customer window's QR", link, sheet.link.clone())?;
    let shown = tour.terminal.text_of("main").await?;
    holds(
        &format!("{shown} has the check code"),
        shown.contains(&sheet.check_code),
    )?;
    tour.done_at_customer("customer-window", "").await?;

    tour.step("the customer window tries rpc and is refused");
    let refused = "const [cmd, payload, done] = arguments;
        window.__TAURI_INTERNALS__.invoke(cmd, payload)
            .then(() => done('allowed'), (error) => done('refused: ' + JSON.stringify(error)));";
    let attempts = [
        ("rpc", json!({"cmd": "session_state", "payload": {}})),
        ("rpc", json!({"cmd": "staff_list", "payload": {}})),
        (
            "plugin:window|create",
            json!({"options": {"label": "more"}}),
        ),
    ];
    let mut words = String::new();
    for (command, payload) in attempts {
        let answer = tour
            .terminal
            .async_script(refused, vec![command.into(), payload])
            .await?;
        words = answer.as_str().unwrap_or_default().to_owned();
        let no = words.starts_with("refused") && words.contains("not allowed");
        holds(
            &format!("{command} from the customer window is not allowed: {words}"),
            no,
        )?;
    }
    let own = vec!["display_state".into(), json!({})];
    let own = tour.terminal.async_script(refused, own).await?;
    same(
        "display_state from the customer window",
        own,
        Value::from("allowed"),
    )?;
    tour.terminal
        .call("switch", client.switch_to_window(staff))
        .await?;
    tour.progress.told(&words);

    tour.step("the same order is paid with Alipay");
    let number = rpc_order_number(tour).await?;
    tour.scan(
        &sheet,
        Wallet::Alipay,
        &number,
        ("cashier-alipay", "wallet-alipay"),
    )
    .await?;
    tour.pay_and_turn_green(Purpose::OrderPayment, "paid-alipay")
        .await
}

/// The number of the newest order.
async fn rpc_order_number(tour: &Tour) -> Result<String, DriveError> {
    let input = json!({"scenario": "all", "payment_states": ["unpaid"], "distributor": null,
                       "query": "", "before": null, "limit": 1});
    let rows = rpc(&tour.terminal, "order_list", input).await?;
    Ok(rows[0]["number"].as_str().unwrap_or_default().to_owned())
}

/// "Work offline": the order, the signed QR, the payment; green only once the cable is mended.
async fn pay_offline(tour: &mut Tour, buyer: &Found) -> Result<(), DriveError> {
    let goods = products(&tour.terminal, &[By::Initials, By::Code]).await?;

    tour.step("\"Work offline\" on, the cable cut");
    tour.synced().await?;
    tour.terminal.click("nav-sync").await?;
    tour.terminal.see("work-offline").await?;
    tour.terminal.press(&["F7"]).await?;
    tour.terminal
        .until_is("chip", "data-connectivity", &["work_offline"])
        .await?;
    tour.stage.proxy.cut();
    let before = tour.stage.proxy.traffic();
    tour.done("work-offline", &format!("{before:?}")).await?;

    tour.step("an order by distributor code, F9: the signed QR");
    tour.new_order(buyer).await?;
    tour.line(&goods[0].query, &goods[0]).await?;
    tour.line(&format!("5*{}", goods[1].query), &goods[1])
        .await?;
    let number = tour.saved().await?;
    tour.terminal.press(&["F9"]).await?;
    let sheet = tour.sheet(&["waiting_offline"]).await?;
    same(
        "the link is signed here",
        tour.terminal.now("pay-link", "data-offline").await?,
        "true".to_owned(),
    )?;
    tour.done(
        "offline-sheet",
        &format!("{number}, a link of {} letters", sheet.link.len()),
    )
    .await?;

    forged(tour, &sheet.link).await?;
    // The backend has never heard of the order: the cashier can name the seller and the amount only.
    let pictures = ("cashier-offline", "wallet-offline");
    tour.scan(&sheet, Wallet::Alipay, "", pictures).await?;
    tour.step("paid on the phone; the terminal still waits");
    same(
        "the wallet's answer",
        tour.phone.pay().await?,
        "paid".to_owned(),
    )?;
    tour.phone.back_to_cashier().await?;
    tour.done_on_phone("offline-receipt", "").await?;
    tour.step("0 requests while offline");
    let says = tour.terminal.now("pay-state", "data-says").await?;
    same("the pay sheet", says, "waiting_offline".to_owned())?;
    same("traffic since the cut", tour.stage.proxy.traffic(), before)?;
    tour.done(
        "offline-still-waiting",
        "0 connections, 0 requests, 0 bytes",
    )
    .await?;

    tour.step("the cable mended, online again: green by sync");
    tour.stage.proxy.mend();
    tour.terminal.press(&["Ctrl+J"]).await?;
    tour.terminal.see("work-offline").await?;
    tour.terminal.press(&["F7"]).await?;
    tour.terminal
        .until_is("chip", "data-connectivity", &["online"])
        .await?;
    tour.terminal.press(&["Escape"]).await?;
    tour.terminal
        .until_is("pay-state", "data-state", &["paid"])
        .await?;
    same(
        "outcome",
        tour.terminal.now("pay-state", "data-outcome").await?,
        "exact".to_owned(),
    )?;
    let fen = tour.terminal.now("pay-amount", "data-fen").await?;
    tour.came(PaymentMethod::QrCode, Purpose::OrderPayment, &fen)?;
    tour.done("offline-paid-by-sync", "").await?;
    paid_in_list(tour, &number, "offline-order-paid").await
}

/// A top-up by QR, then an order paid from it.
async fn deposit(tour: &mut Tour, buyer: &Found) -> Result<(), DriveError> {
    let goods = products(&tour.terminal, &[By::Code]).await?;

    tour.step("a top-up of the deposit by QR");
    tour.terminal.click("nav-deposits").await?;
    tour.terminal.until_focus("distributor-box").await?;
    tour.terminal.type_text(&buyer.query).await?;
    tour.terminal.press(&["Enter"]).await?;
    tour.terminal
        .until_is("deposit-balance", "data-fen", &["0"])
        .await?;
    tour.terminal.click("topup-amount").await?;
    tour.terminal.until_focus("topup-amount").await?;
    tour.terminal.type_text(TOP_UP_YUAN).await?;
    tour.terminal.press(&["Enter"]).await?;
    let sheet = tour.sheet(&["waiting"]).await?;
    tour.done("topup-sheet", &sheet.amount.to_string()).await?;
    tour.scan(
        &sheet,
        Wallet::Wechat,
        &buyer.name,
        ("cashier-topup", "wallet-topup"),
    )
    .await?;
    tour.pay_and_turn_green(Purpose::PrepaidDeposit, "topup-paid")
        .await?;

    tour.step("the balance rises");
    tour.terminal.press(&["F12"]).await?;
    let fen = format!("{TOP_UP_YUAN}00");
    tour.terminal
        .until_is("deposit-balance", "data-fen", &[&fen])
        .await?;
    tour.terminal
        .until_is("deposit-reserve", "data-fen", &[&fen])
        .await?;
    tour.done("deposit-balance", "").await?;

    tour.step("an order by distributor name, F8: paid from the deposit");
    tour.new_order(buyer).await?;
    tour.line(&format!("2*{}", goods[0].query), &goods[0])
        .await?;
    tour.terminal
        .until_is("strip-deposit", "data-reserve-fen", &[&fen])
        .await?;
    let number = tour.saved().await?;
    let total = tour.terminal.now("total", "data-fen").await?;
    tour.terminal.press(&["F8"]).await?;
    tour.terminal.see("deposit-pay").await?;
    tour.done("deposit-dialog", &number).await?;
    tour.terminal.press(&["Enter"]).await?;
    tour.terminal.gone("deposit-pay").await?;
    tour.came(PaymentMethod::Deposit, Purpose::OrderPayment, &total)?;
    paid_in_list(tour, &number, "deposit-order-paid").await
}

/// Cash recorded by sales, confirmed by finance.
async fn cash(tour: &mut Tour, buyer: &Found) -> Result<(), DriveError> {
    let goods = products(&tour.terminal, &[By::Barcode]).await?;

    tour.step("cash for an order, F10, recorded by sales");
    tour.new_order(buyer).await?;
    tour.line(&goods[0].query, &goods[0]).await?;
    let number = tour.saved().await?;
    let total = tour.terminal.now("total", "data-fen").await?;
    tour.terminal.press(&["F10"]).await?;
    tour.terminal.see("collection-save").await?;
    let row = format!(
        "{}[data-number=\"{number}\"][data-amount-fen=\"{total}\"]",
        test_id("allocation-row")
    );
    tour.terminal.until_count(&row, 1).await?;
    tour.done("cash-entry", &number).await?;
    tour.step("it waits for finance");
    tour.terminal.press(&["F12"]).await?;
    let waits = format!("{}[data-state=\"under_review\"]", test_id("collection-row"));
    tour.terminal.until_count(&waits, 1).await?;
    tour.synced().await?;
    same(
        "sales may not confirm",
        tour.terminal.count(&test_id("collection-confirm")).await?,
        0,
    )?;
    tour.done("cash-under-review", "").await?;

    tour.step("finance unlocks and confirms it, F12");
    tour.terminal.press(&["Ctrl+L"]).await?;
    let finance = tour.unlock("finance").await?;
    tour.terminal.click("nav-finance").await?;
    tour.terminal.see("collection-confirm").await?;
    tour.done("finance-desk", &finance).await?;
    tour.step("confirmed: the order is paid");
    tour.terminal.press(&["F12"]).await?;
    tour.terminal
        .until_count(&test_id("collection-row"), 0)
        .await?;
    tour.came(PaymentMethod::Cash, Purpose::OrderPayment, &total)?;
    tour.synced().await?;
    tour.done("finance-done", "").await?;
    paid_in_list(tour, &number, "cash-order-paid").await
}

/// The other language and the other theme; and nothing is left to send.
async fn looks(tour: &mut Tour) -> Result<(), DriveError> {
    tour.step("everything is sent; the outbox");
    tour.synced().await?;
    tour.terminal.click("nav-sync").await?;
    tour.terminal.see("work-offline").await?;
    tour.done("outbox", &format!("{:?}", tour.stage.proxy.traffic()))
        .await
}
