//! S1, S6, S9, S19: which surface offers which channel, and what each surface needs.

use crate::house::{HOLDER, play, play_unbound};
use domain::channel::{
    Bindings, Channel, ChannelReason, CompanyMode, MiniProgram, Surface, channels,
};
use fieldtill_tests::drive::error::same;
use fieldtill_tests::drive::phone::Wallet;

const BOTH: Bindings = Bindings {
    wechat_pay: true,
    alipay: true,
};

fn offered(surface: Surface, mode: CompanyMode, hosted: MiniProgram) -> Vec<Channel> {
    channels(surface, mode, BOTH, hosted).offered
}

#[test]
fn s01_online_payment_is_not_the_mini_programs_alone() {
    for mode in CompanyMode::ALL {
        for surface in [Surface::TerminalQr, Surface::Web] {
            let given = offered(surface, mode, MiniProgram::NotHosted);
            assert_eq!(given, Channel::ALL, "{surface:?} {mode:?}");
        }
    }
    play("s01", async |house| {
        house.console("wallet").await?;
        same(
            "what the console says of each surface",
            house.surfaces().await?.as_str(),
            "mini_program: terminal_qr:wechat_pay,alipay web:wechat_pay,alipay",
        )
    });
}

#[test]
fn s06_a_mini_program_takes_nothing_before_it_is_hosted() {
    for mode in CompanyMode::ALL {
        let answer = channels(Surface::MiniProgram, mode, BOTH, MiniProgram::NotHosted);
        assert_eq!(answer.offered, []);
        let wechat = answer
            .refused
            .iter()
            .find(|refusal| refusal.channel == Channel::WechatPay);
        let reason = wechat.map(|refusal| refusal.reason);
        assert_eq!(reason, Some(ChannelReason::MiniProgramRequired));
        let hosted = offered(Surface::MiniProgram, mode, MiniProgram::SameOwner);
        assert_eq!(hosted, [Channel::WechatPay]);
    }
    play_unbound("s06", async |house| {
        house.console("wallet").await?;
        house.bind("wechat_pay", HOLDER).await?;
        let web = "terminal_qr:wechat_pay web:wechat_pay";
        let none = format!("mini_program: {web}");
        same("before one is hosted", house.surfaces().await?, none)?;
        house.console("mini_program").await?;
        house.paste("mini-app-id", "wx0123456789abcdef").await?;
        house.paste("mini-owner", HOLDER).await?;
        house.window.click("mini-bind").await?;
        let same_owner = ["same"];
        house
            .window
            .until_is("mini-program", "data-owner", &same_owner)
            .await?;
        house.synced().await?;
        house.window.click("console-wallet").await?;
        house
            .window
            .until_is("surface-mini_program", "data-channels", &["wechat_pay"])
            .await?;
        let hosted = format!("mini_program:wechat_pay {web}");
        same("once it is", house.surfaces().await?, hosted)
    });
}

#[test]
fn s09_qr_and_web_skip_the_mini_program() {
    play("s09", async |house| {
        house.console("setup").await?;
        let step = house.window.now("setup-mini", "data-done").await?;
        same("the mini program's step", step.as_str(), "not_needed")?;
        // And without it an order is paid.
        house.unlock("sales").await?;
        house.new_order().await?;
        house.window.press(&["F9"]).await?;
        let link = house.qr().await?;
        house.pay(&link, Wallet::Alipay).await?;
        // Nor do the channels' own codes need one, nor a service account.
        for (channel, wallet) in [("wechat_pay", Wallet::Wechat), ("alipay", Wallet::Alipay)] {
            house.new_order().await?;
            house.window.press(&["F9"]).await?;
            house.qr().await?;
            let code = house.code(channel).await?;
            house.pay_code(&code, wallet).await?;
        }
        Ok(())
    });
}

#[test]
fn s19_in_1_and_n_a_mini_program_takes_wechat_pay_alone_and_the_web_both() {
    let mode = CompanyMode::OneAndN;
    let mini = offered(Surface::MiniProgram, mode, MiniProgram::SameOwner);
    assert_eq!(mini, [Channel::WechatPay]);
    assert_eq!(
        offered(Surface::Web, mode, MiniProgram::SameOwner),
        Channel::ALL
    );
    let other = offered(Surface::MiniProgram, mode, MiniProgram::OtherOwner);
    assert_eq!(other, []);
    play("s19", async |house| {
        house.console("documents").await?;
        house
            .window
            .click_css("label:has([data-testid=\"mode-one_and_n\"])")
            .await?;
        house.save_config().await?;
        house
            .window
            .until_count("[data-testid=\"mode-one_and_n\"]:checked", 1)
            .await?;
        // The web takes either wallet in this mode too.
        house.unlock("sales").await?;
        house.new_order().await?;
        house.window.press(&["F9"]).await?;
        let link = house.qr().await?;
        house.pay(&link, Wallet::Alipay).await
    });
}
