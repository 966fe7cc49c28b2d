//! S23 to S25, S27, S28: the cashier's page, the collection that comes by itself, and the top-up.

use crate::house::play;
use fieldtill_tests::drive::error::{holds, same};
use fieldtill_tests::drive::phone::Wallet;
use fieldtill_tests::drive::window::test_id;
use serde_json::json;

#[test]
fn s23_the_web_surface_is_the_cashiers_page_without_a_login() {
    play("s23", async |house| {
        house.unlock("sales").await?;
        let number = house.new_order().await?;
        house.window.press(&["F9"]).await?;
        let link = house.qr().await?;
        let code = house.window.text("pay-check-code").await?;
        let phone = house.phone().await?;
        let opened = phone.window.client().goto(&link);
        phone.window.call("opening the link", opened).await?;
        let text = phone.window.text_of("body").await?;
        holds(&format!("{text} names {number}"), text.contains(&number))?;
        same(
            "its check code",
            phone.window.text_of("#check-code").await?,
            code,
        )?;
        same(
            "inputs",
            phone.window.count("input:not([type=hidden])").await?,
            0,
        )
    });
}

#[test]
fn s24_the_page_goes_by_who_opens_it_and_refuses_a_changed_link() {
    play("s24", async |house| {
        house.unlock("sales").await?;
        house.new_order().await?;
        house.window.press(&["F9"]).await?;
        let link = house.qr().await?;
        let phone = house.phone().await?;
        phone.scan(&link, Wallet::Wechat).await?;
        let buttons = [
            phone.window.count("#pay-wechat").await?,
            phone.window.count("#pay-alipay").await?,
        ];
        same("inside WeChat", buttons, [1, 0])?;
        phone.scan(&link, Wallet::Alipay).await?;
        let buttons = [
            phone.window.count("#pay-wechat").await?,
            phone.window.count("#pay-alipay").await?,
        ];
        same("inside Alipay", buttons, [0, 1])?;
        let opened = phone.window.client().goto(&link);
        phone.window.call("opening the link", opened).await?;
        phone.window.text_of("#amount").await?;
        let alipay = phone.window.count("#pay-alipay").await?;
        same("in another browser", alipay, 1)?;
        let last = if link.ends_with('A') { 'B' } else { 'A' };
        let changed = format!("{}{last}", &link[..link.len() - 1]);
        phone.refuses(&changed).await
    });
}

#[test]
fn s25_there_is_no_collection_before_the_money() {
    play("s25", async |house| {
        house.unlock("sales").await?;
        let number = house.new_order().await?;
        house.window.press(&["F9"]).await?;
        let link = house.qr().await?;
        let before = house.order(&number).await?["collections"].clone();
        same("before the payment", before, json!([]))?;
        house.pay(&link, Wallet::Wechat).await?;
        let after = house.order(&number).await?["collections"].clone();
        let state = after[0]["collection"]["state"].as_str();
        same("after it", state, Some("confirmed"))
    });
}

#[test]
fn s27_a_deposit_is_topped_up_online() {
    play("s27", async |house| {
        house.unlock("sales").await?;
        house.top_up("200").await?;
        let link = house.qr().await?;
        house.pay(&link, Wallet::Wechat).await?;
        house.window.press(&["F12"]).await?;
        house
            .window
            .until_is("deposit-balance", "data-fen", &["20000"])
            .await?;
        Ok(())
    });
}

#[test]
fn s28_a_top_up_is_a_prepaid_deposit_and_unspendable_before_the_money() {
    play("s28", async |house| {
        house.unlock("sales").await?;
        let number = house.new_order().await?;
        house.window.press(&["F12"]).await?;
        house.window.until_count(&test_id("line-row"), 0).await?;
        let order = house.order(&number).await?["order"]["order"]["id"].clone();
        house.top_up("150").await?;
        let link = house.qr().await?;
        let code = house.distributor().await?;
        let found = json!({"query": code, "limit": 1});
        let distributor = house.rpc("distributor_search", found).await?[0]["id"].clone();
        let asked = json!({"distributor": distributor});
        let before = house.rpc("deposit_get", asked.clone()).await?["deposit"].clone();
        holds(
            &format!("nothing can be spent yet: {before}"),
            before.is_null() || before["reserve_fen"] == "0",
        )?;
        // Whoever tries it all the same is refused.
        let sheet = house.rpc("pay_live", json!({})).await?[0]["intent"]["intent"].clone();
        same(
            "its purpose",
            sheet["purpose"].as_str(),
            Some("prepaid_deposit"),
        )?;
        let spend = json!({"order": order, "amount_fen": "100"});
        let why = house.refused("deposit_pay", spend).await?;
        same("spending it", why.as_str(), "deposit_short")?;
        house.pay(&link, Wallet::Alipay).await?;
        let after = house.rpc("deposit_get", asked).await?;
        let collection = &after["entries"][0]["collection"]["collection"];
        same(
            "its purpose",
            collection["purpose"].as_str(),
            Some("prepaid_deposit"),
        )?;
        same(
            "its allocations",
            collection["allocations"].clone(),
            json!([]),
        )?;
        same("who typed it", collection["recorded_by"].is_null(), true)
    });
}
