//! S10 to S13, S16 to S18, S20, S21: what an administrator switches, and what sales then sees.

use crate::house::{House, play, play_unbound};
use domain::channel::Bindings;
use domain::config::Config;
use fieldtill_tests::drive::error::{DriveError, holds, same};
use fieldtill_tests::drive::window::test_id;
use serde_json::{Value, json};

/// A confirmed order that owes, shown in the list.
async fn order_in_list(house: &House) -> Result<String, DriveError> {
    house.unlock("sales").await?;
    let number = house.new_order().await?;
    house.window.press(&["F12"]).await?;
    house.synced().await?;
    house.window.click("nav-orders").await?;
    let row = format!("{}[data-number=\"{number}\"]", test_id("order-row"));
    house.window.until_count(&row, 1).await?;
    Ok(number)
}

fn every_collection() -> Value {
    json!({"under_review_only": false, "distributor": null, "before": null, "limit": 5})
}

async fn enable_collections(house: &House) -> Result<(), DriveError> {
    house.console("documents").await?;
    house.switch("enable-collection-payment", true).await?;
    house.save_config().await
}

#[test]
fn s10_the_standard_steps_stand_in_order_each_with_its_check() {
    play("s10", async |house| {
        house.console("setup").await?;
        let steps = "return [...document.querySelectorAll('[data-testid^=\"setup-\"]')]
            .map((step) => `${step.dataset.testid.slice(6)}:${step.dataset.done}`).join(' ')";
        let seen = house.window.script(steps, Vec::new()).await?;
        same(
            "the checklist",
            seen.as_str().unwrap_or_default(),
            "wallet:true mini:not_needed enable:true layout:false list:false",
        )?;
        // From what is missing to where it is mended.
        let mend = format!("{} button", test_id("setup-layout"));
        house.window.click_css(&mend).await?;
        house.window.see("layout-list-button").await?;
        for page in ["order_create", "order_edit"] {
            house.check(&format!("layout-{page}-visible"), true).await?;
        }
        house.switch("layout-list-button", true).await?;
        house.save_config().await?;
        house.window.click("console-setup").await?;
        house
            .window
            .until_is("setup-list", "data-done", &["true"])
            .await?;
        let seen = house.window.script(steps, Vec::new()).await?;
        let all = "wallet:true mini:not_needed enable:true layout:true list:true";
        same("the checklist", seen.as_str().unwrap_or_default(), all)
    });
}

#[test]
fn s11_enable_online_payment_stands_on_its_menu_path_and_decides() {
    play("s11", async |house| {
        house.console("documents").await?;
        same(
            "the menu path",
            house.menu_path().await?.as_str(),
            "Admin console › Sales transaction management › Transaction document configuration",
        )?;
        house.switch("enable-online-payment", false).await?;
        house.save_config().await?;
        house.unlock("sales").await?;
        let number = house.new_order().await?;
        house.window.gone("collect").await?;
        // The switch decides, not the button.
        house.window.press(&["F12"]).await?;
        house.window.until_count(&test_id("line-row"), 0).await?;
        let order = house.order(&number).await?["order"]["order"]["id"].clone();
        let ask = json!({"orders": [order], "amount_fen": null});
        let why = house.refused("pay_orders", ask).await?;
        same("asking for it", why.as_str(), "online_payment_off")?;
        house.console("documents").await?;
        house.switch("enable-online-payment", true).await?;
        house.save_config().await?;
        house.unlock("sales").await?;
        house.new_order().await?;
        house.window.press(&["F9"]).await?;
        house.qr().await?;
        Ok(())
    });
}

#[test]
fn s12_payment_method_is_exposed_in_the_create_and_edit_layouts() {
    play("s12", async |house| {
        house.unlock("sales").await?;
        house.new_order().await?;
        house.window.gone("entry-payment-method").await?;
        house.console("layouts").await?;
        house.check("layout-order_create-visible", true).await?;
        house.check("layout-order_create-required", true).await?;
        house.check("layout-order_edit-visible", true).await?;
        house.save_config().await?;
        house.unlock("sales").await?;
        let number = house.new_order().await?;
        house.window.see("entry-payment-method").await?;
        // Required: without one the order is not confirmed, and the refusal names the field.
        house.window.press(&["F12"]).await?;
        let said = house.window.text_of("[role=alert]").await?;
        holds(&said, said.to_lowercase().contains("payment method"))?;
        let drafts = house.rpc("draft_list", json!({})).await?;
        holds("nothing is lost", drafts.to_string().contains(&number))?;
        house.pick("entry-payment-method", "Cash").await?;
        house.window.press(&["F12"]).await?;
        house.window.until_count(&test_id("line-row"), 0).await?;
        let method = house.order(&number).await?["order"]["order"]["content"].clone();
        let method = method["payment_method"].as_str();
        same("the order's payment method", method, Some("cash"))?;
        house.window.click("nav-orders").await?;
        house.window.click("order-edit").await?;
        let held = house.window.text("entry-payment-method").await?;
        holds(&held, held.contains("Cash"))?;
        // No layout may hide what it requires.
        house.console("layouts").await?;
        house.check("layout-order_create-visible", false).await?;
        house.window.click("config-save").await?;
        let said = house.window.text_of("[role=alert]").await?;
        holds(&said, said.contains("a required field can't be hidden"))
    });
}

#[test]
fn s13_the_list_shows_the_button_once_the_layout_does() {
    play("s13", async |house| {
        order_in_list(house).await?;
        house.window.see("detail-payment").await?;
        same(
            "the list's button before",
            house.window.count(&test_id("online-payment")).await?,
            0,
        )?;
        house.console("layouts").await?;
        house.switch("layout-list-button", true).await?;
        house.save_config().await?;
        house.unlock("sales").await?;
        house.window.click("nav-orders").await?;
        house.window.see("online-payment").await?;
        house.window.click("online-payment").await?;
        house.qr().await?;
        Ok(())
    });
}

#[test]
fn s16_the_button_is_customised_where_the_page_says() {
    play("s16", async |house| {
        house.console("buttons").await?;
        let path = house.menu_path().await?;
        holds(&path, path.contains("Preset objects › Sales order"))?;
        house.window.see("button-label-en").await?;
        house.window.click("button-label-en").await?;
        house.window.press(&["Ctrl+A"]).await?;
        house.window.type_text("Pay by phone").await?;
        house.save_config().await?;
        order_in_list(house).await?;
        let label = house.window.text("detail-payment").await?;
        holds(&label, label.contains("Pay by phone"))?;
        // A preset button can be renamed, moved and hidden; nothing deletes it.
        house.console("buttons").await?;
        let presets = house.window.count("[data-testid^=\"preset-\"]").await?;
        same("preset buttons", presets, 3)?;
        house.check("placement-detail", false).await?;
        house.save_config().await?;
        order_in_list(house).await?;
        house.window.see("order-number").await?;
        house.window.gone("detail-payment").await
    });
}

#[test]
fn s17_display_conditions_decide_row_by_row() {
    play("s17", async |house| {
        house.console("buttons").await?;
        house.window.click("add-group").await?;
        let condition = test_id("condition");
        house
            .choose(&format!("{condition} select"), "total_fen")
            .await?;
        house
            .choose(&format!("{condition} select:nth-of-type(2)"), "GT")
            .await?;
        house
            .window
            .click_css(&format!("{condition} input"))
            .await?;
        house.window.type_text("9000000").await?;
        house.save_config().await?;
        order_in_list(house).await?;
        house.window.see("order-number").await?;
        house.window.gone("detail-payment").await?;
        // In bulk the button always shows; each row is checked, and says what became of it.
        house.console("layouts").await?;
        house.switch("layout-list-button", true).await?;
        house.save_config().await?;
        house.unlock("sales").await?;
        house.window.click("nav-orders").await?;
        house.window.until_count(&test_id("order-row"), 1).await?;
        house.window.see("order-number").await?;
        house.window.press(&["Space"]).await?;
        house.window.press(&["F9"]).await?;
        house
            .window
            .until_is("bulk-row", "data-refused", &["button_hidden"])
            .await?;
        house.window.press(&["Escape"]).await?;
        house.console("buttons").await?;
        house
            .window
            .click_css(&format!("{condition} input"))
            .await?;
        house.window.press(&["Ctrl+A"]).await?;
        house.window.type_text("0.01").await?;
        house.save_config().await?;
        order_in_list(house).await?;
        house.window.see("detail-payment").await?;
        Ok(())
    });
}

#[test]
fn s18_either_account_is_enough_for_collections_and_none_is_not() {
    let off = Config::default();
    let on = Config {
        online_payment_enabled: true,
        collection_online_payment_enabled: true,
        ..Config::default()
    };
    for (wechat_pay, alipay) in [(true, false), (false, true), (true, true)] {
        let bound = Bindings { wechat_pay, alipay };
        assert_eq!(on.replaces(&off, bound), Ok(()), "{bound:?}");
    }
    play_unbound("s18", async |house| {
        house.console("documents").await?;
        house.switch("enable-online-payment", true).await?;
        house.window.click("config-save").await?;
        let said = house.window.text_of("[role=alert]").await?;
        holds(&said, said.contains("no active wallet is bound yet"))?;
        house.window.click("config-discard").await?;
        house.window.click("console-wallet").await?;
        house.bind("alipay", "重庆远征").await?;
        house.window.click("console-documents").await?;
        house.switch("enable-online-payment", true).await?;
        house.switch("enable-collection-payment", true).await?;
        house.save_config().await?;
        house.unlock("sales").await?;
        house.window.click("nav-collections").await?;
        house.window.click("collection-new").await?;
        house.choose_segment("method-online").await?;
        house.window.see("collection-qr_code_payment").await?;
        Ok(())
    });
}

#[test]
fn s20_payment_method_stands_on_the_collection() {
    play("s20", async |house| {
        house.unlock("sales").await?;
        house.new_order().await?;
        house.window.press(&["F12"]).await?;
        house.window.click("nav-orders").await?;
        house.window.see("order-number").await?;
        house.window.press(&["F10"]).await?;
        house.window.see("collection-save").await?;
        let online = test_id("method-online");
        same("online before", house.window.count(&online).await?, 0)?;
        house.choose_segment("method-bank_transfer").await?;
        house.window.press(&["F12"]).await?;
        house.window.gone("collection-save").await?;
        let held = house.rpc("collection_list", every_collection()).await?;
        let older = held[0]["collection"]["id"].clone();
        enable_collections(house).await?;
        house.unlock("sales").await?;
        house.window.click("nav-collections").await?;
        house.window.click("collection-new").await?;
        // What was recorded before has a method, and the new choice is not among the typed ones.
        for method in ["cash", "bank_transfer", "cheque", "online"] {
            house.window.see(&format!("method-{method}")).await?;
        }
        house.window.see("collection-note").await?;
        house.choose_segment("method-online").await?;
        house.window.gone("collection-note").await?;
        let held = house.rpc("collection_list", every_collection()).await?;
        let method = held[0]["collection"]["method"].as_str();
        same("the older one's method", method, Some("bank_transfer"))?;
        same("it is the same one", &held[0]["collection"]["id"], &older)
    });
}

#[test]
fn s21_two_buttons_come_with_the_switch_and_go_with_it() {
    play("s21", async |house| {
        house.unlock("sales").await?;
        house.window.click("nav-collections").await?;
        house.window.click("collection-new").await?;
        house.window.see("collection-save").await?;
        let buttons = "[data-testid=\"collection-online_payment\"],\
            [data-testid=\"collection-qr_code_payment\"]";
        same("before", house.window.count(buttons).await?, 0)?;
        enable_collections(house).await?;
        house.unlock("sales").await?;
        house.window.click("nav-collections").await?;
        house.window.click("collection-new").await?;
        house.choose_segment("method-online").await?;
        house.window.until_count(buttons, 2).await?;
        // QR Code Payment shows the QR here; Online Payment opens the link or sends it.
        house.top_up_by_collection("120").await?;
        house.window.click("collection-qr_code_payment").await?;
        house.qr().await?;
        house.window.click("nav-collections").await?;
        house.window.click("collection-new").await?;
        house.choose_segment("method-online").await?;
        house.top_up_by_collection("130").await?;
        house.window.click("collection-online_payment").await?;
        let message = house.window.text("pay-message").await?;
        house.window.click("pay-open-link").await?;
        let link = house.opened().await?;
        holds(&format!("{message} has {link}"), message.contains(&link))?;
        // And they go with the switch.
        house.console("documents").await?;
        house.switch("enable-collection-payment", false).await?;
        house.save_config().await?;
        house.unlock("sales").await?;
        house.window.click("nav-collections").await?;
        house.window.click("collection-new").await?;
        house.window.see("collection-save").await?;
        house.window.gone("method-online").await
    });
}

#[test]
fn s22_choosing_online_turns_save_into_pay() {
    play("s22", async |house| {
        enable_collections(house).await?;
        house.unlock("sales").await?;
        house.new_order().await?;
        house.window.press(&["F12"]).await?;
        house.window.click("nav-orders").await?;
        house.window.see("order-number").await?;
        house.window.press(&["F10"]).await?;
        house.window.see("collection-save").await?;
        house.choose_segment("method-online").await?;
        house.window.gone("collection-save").await?;
        house.window.gone("collection-note").await?;
        let rows = test_id("allocation-row");
        house.window.until_count(&rows, 1).await?;
        // The same key that saved now asks for the money; nothing is recorded.
        house.window.press(&["F12"]).await?;
        house.window.see("pay-amount").await?;
        let recorded = house.rpc("collection_list", every_collection()).await?;
        same("recorded collections", recorded, json!([]))
    });
}

#[test]
fn s26_list_detail_and_collection_lead_to_the_same_pay_sheet() {
    play("s26", async |house| {
        house.console("layouts").await?;
        house.switch("layout-list-button", true).await?;
        house.window.click("console-documents").await?;
        house.switch("enable-collection-payment", true).await?;
        house.save_config().await?;
        // From the list, by row.
        order_in_list(house).await?;
        house.window.click("online-payment").await?;
        house.qr().await?;
        // From the list, in bulk: a result for each row.
        house.new_order().await?;
        house.window.press(&["F12"]).await?;
        house.window.click("nav-orders").await?;
        house.window.until_count(&test_id("order-row"), 2).await?;
        house.window.press(&["Space"]).await?;
        house.window.press(&["F9"]).await?;
        house.window.until_count(&test_id("bulk-row"), 1).await?;
        house.window.click("bulk-show").await?;
        house.qr().await?;
        // From the detail.
        house.new_order().await?;
        house.window.press(&["F12"]).await?;
        house.window.click("nav-orders").await?;
        house.window.click("detail-payment").await?;
        house.qr().await?;
        // From a collection of its own.
        house.window.click("nav-collections").await?;
        house.window.click("collection-new").await?;
        house.choose_segment("method-online").await?;
        house.top_up_by_collection("110").await?;
        house.window.click("collection-qr_code_payment").await?;
        house.qr().await?;
        Ok(())
    });
}
