//! S14, S15: from "Save and pay" to the records that nobody typed.

use crate::house::play;
use fieldtill_tests::drive::error::{holds, same};
use fieldtill_tests::drive::phone::Wallet;
use fieldtill_tests::drive::window::test_id;

#[test]
fn s14_online_payment_while_creating_an_order_opens_the_payment_component() {
    play("s14", async |house| {
        house.unlock("sales").await?;
        let number = house.new_order().await?;
        house.window.press(&["F9"]).await?;
        house.qr().await?;
        // The order was saved before the sheet opened; closing the sheet keeps it.
        let held = house.order(&number).await?;
        let total = held["order"]["order"]["total_fen"].clone();
        let asked = house.window.now("pay-amount", "data-fen").await?;
        same("the sheet asks for", asked.into(), total)?;
        house.window.press(&["Escape"]).await?;
        house.window.gone("pay-qr").await?;
        house.window.click("nav-orders").await?;
        let row = format!("{}[data-number=\"{number}\"]", test_id("order-row"));
        house.window.until_count(&row, 1).await
    });
}

#[test]
fn s15_collection_and_transaction_record_appear_by_themselves() {
    play("s15", async |house| {
        house.unlock("sales").await?;
        let number = house.new_order().await?;
        house.window.press(&["F9"]).await?;
        let link = house.qr().await?;
        house.pay(&link, Wallet::Wechat).await?;
        let detail = house.order(&number).await?;
        let (collections, records) = (&detail["collections"], &detail["transaction_records"]);
        same("collections", collections.as_array().map(Vec::len), Some(1))?;
        same("records", records.as_array().map(Vec::len), Some(1))?;
        let collection = &collections[0]["collection"];
        same("who typed it", collection["recorded_by"].is_null(), true)?;
        holds(
            "the collection names its transaction record",
            collection["transaction_record"] == records[0]["id"],
        )
    });
}
