//! S2 to S5, S7, S8: the corporate wallet, and the mini program's owner.

use crate::house::{HOLDER, play, play_unbound};
use fieldtill_tests::drive::error::{holds, same};
use fieldtill_tests::drive::phone::Wallet;
use fieldtill_tests::drive::window::test_id;

#[test]
fn s02_both_merchant_accounts_are_bound_in_the_corporate_wallet() {
    play_unbound("s02", async |house| {
        house.console("wallet").await?;
        house.bind("wechat_pay", HOLDER).await?;
        house.bind("alipay", HOLDER).await?;
        // And what is bound is paid with, without a restart.
        house.console("documents").await?;
        house.switch("enable-online-payment", true).await?;
        house.save_config().await?;
        house.unlock("sales").await?;
        house.new_order().await?;
        house.window.press(&["F9"]).await?;
        let link = house.qr().await?;
        house.pay(&link, Wallet::Wechat).await?;
        // The terminal has seen the keys go by and kept none.
        let key = house.account("wechat_pay", "api_v3_key");
        let middle = house.account("wechat_pay", "merchant_private_key_pem");
        let middle = middle.lines().nth(3).unwrap_or_default().to_owned();
        for file in house.terminal_files()? {
            let bytes = std::fs::read(&file).unwrap_or_default();
            for secret in [&key, &middle] {
                let held = bytes
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes());
                holds(&format!("{} holds no key", file.display()), !held)?;
            }
        }
        Ok(())
    });
}

#[test]
fn s03_one_account_of_each_channel_is_active_and_a_new_one_replaces_it() {
    play("s03", async |house| {
        house.console("wallet").await?;
        // The demo's own account is active; the new one takes its place.
        house.bind("alipay", "另一个主体").await?;
        let active = format!(
            "{}[data-channel=\"alipay\"][data-status=\"active\"]",
            test_id("binding")
        );
        same("active accounts", house.window.count(&active).await?, 1)?;
        house.bind("alipay", HOLDER).await?;
        same("active accounts", house.window.count(&active).await?, 1)?;
        let retired = format!("{}[data-status=\"retired\"]", test_id("binding"));
        holds(
            "the replaced one is kept",
            house.window.count(&retired).await? >= 1,
        )
    });
}

#[test]
fn s04_the_wallet_stands_under_more_apps_and_leads_through_its_steps() {
    play_unbound("s04", async |house| {
        house.console("wallet").await?;
        let path = house.menu_path().await?;
        same(
            "the menu path",
            path.as_str(),
            "More apps › Corporate wallet",
        )?;
        house.save_account("alipay", HOLDER).await?;
        // No way past the self-test.
        same(
            "activation",
            house.window.count(&test_id("wallet-activate")).await?,
            0,
        )?;
        house.window.click("wallet-test").await?;
        house.window.see("wallet-activate").await?;
        house.window.click("wallet-activate").await?;
        let row = format!("{}[data-status=\"active\"]", test_id("binding"));
        house.window.until_count(&row, 1).await
    });
}

#[test]
fn s05_fees_are_named_with_their_source_and_unknown_until_then() {
    play("s05", async |house| {
        house.console("wallet").await?;
        let page = house.window.text_of("main").await?;
        holds(&page, page.contains("both charge transaction fees"))?;
        holds("the rate is unknown", page.contains("unknown"))?;
        house.paste("fee-wechat_pay", "0.60").await?;
        house.paste("fee-source-wechat_pay", "contract 7").await?;
        house.paste("fee-date-wechat_pay", "2026-11-28").await?;
        house.save_config().await?;
        let page = house.window.text_of("main").await?;
        holds(&page, page.contains("0.60 % · contract 7 · 2026-11-28"))
    });
}

#[test]
fn s07_the_mini_program_s_owner_must_be_the_account_s_holder() {
    play_unbound("s07", async |house| {
        house.console("wallet").await?;
        house.bind("wechat_pay", HOLDER).await?;
        house.window.click("console-mini_program").await?;
        house.paste("mini-app-id", "wx0123456789abcdef").await?;
        house.paste("mini-owner", "另一家有限公司").await?;
        house.window.click("mini-bind").await?;
        house
            .window
            .until_is("mini-program", "data-owner", &["name_differs"])
            .await?;
        // Brackets and spaces are not another owner.
        house.paste("mini-owner", "重庆远征(集团) 有限公司").await?;
        house.window.click("mini-bind").await?;
        house
            .window
            .until_is("mini-program", "data-owner", &["same"])
            .await?;
        Ok(())
    });
}

#[test]
fn s08_what_a_dedicated_mini_program_needs_is_written_where_it_is_bound() {
    play("s08", async |house| {
        house.console("mini_program").await?;
        let path = house.menu_path().await?;
        same(
            "the menu path",
            path.as_str(),
            "More apps › Mini program hosting",
        )?;
        let facts = format!("{} li", test_id("mini-help"));
        house.window.until_count(&facts, 4).await
    });
}
