//! Which channel can be offered where: one pure function, so that terminal, cashier and the
//! administrator's checklist never disagree. A QR and the web page take either wallet and need
//! only a binding; a WeChat mini program takes WeChat Pay alone, and needs a hosted mini program
//! whose legal owner is the merchant account's holder.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A payment channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 微信支付
    WechatPay,
    /// 支付宝
    Alipay,
}

impl Channel {
    /// Every channel, in the order they are offered.
    pub const ALL: [Channel; 2] = [Channel::WechatPay, Channel::Alipay];
}

/// Where the payer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// A QR on the terminal's screen; either wallet scans it.
    TerminalQr,
    /// The cashier page behind a link.
    Web,
    /// A WeChat mini program.
    MiniProgram,
}

impl Surface {
    /// Every surface.
    pub const ALL: [Surface; 3] = [Surface::TerminalQr, Surface::Web, Surface::MiniProgram];
}

/// How the company and its distributors are set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CompanyMode {
    /// Distributors have no tenant of their own.
    Normal,
    /// 1&N: distributors run their own tenants beside the company's.
    OneAndN,
}

impl CompanyMode {
    /// Every mode.
    pub const ALL: [CompanyMode; 2] = [CompanyMode::Normal, CompanyMode::OneAndN];
}

/// Which channels have an active wallet binding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Bindings {
    /// A WeChat Pay merchant account is bound and active.
    pub wechat_pay: bool,
    /// An Alipay merchant account is bound and active.
    pub alipay: bool,
}

impl Bindings {
    /// Whether this channel is bound.
    pub const fn has(self, channel: Channel) -> bool {
        match channel {
            Channel::WechatPay => self.wechat_pay,
            Channel::Alipay => self.alipay,
        }
    }
}

/// What is known of the company's dedicated mini program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MiniProgram {
    /// None is hosted.
    #[default]
    NotHosted,
    /// One is hosted, but its legal owner is not the merchant account's holder.
    OtherOwner,
    /// One is hosted and its legal owner is the merchant account's holder.
    SameOwner,
}

/// Why a channel is not offered, most fundamental first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChannelReason {
    /// This surface never takes the channel.
    NotOnThisSurface,
    /// No active wallet binding.
    BindingRequired,
    /// The surface needs a hosted mini program.
    MiniProgramRequired,
    /// The mini program's owner is not the merchant account's holder; nobody may override it.
    OwnerMismatch,
}

/// A channel that is not offered, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelRefusal {
    /// Which channel.
    pub channel: Channel,
    /// Why not.
    pub reason: ChannelReason,
}

/// What can be offered; every channel stands in exactly one of the two lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelsAnswer {
    /// To be offered, in this order.
    pub offered: Vec<Channel>,
    /// Not to be offered.
    pub refused: Vec<ChannelRefusal>,
}

/// Which channels a surface offers.
pub fn channels(
    surface: Surface,
    mode: CompanyMode,
    bindings: Bindings,
    mini_program: MiniProgram,
) -> ChannelsAnswer {
    let mut answer = ChannelsAnswer {
        offered: Vec::new(),
        refused: Vec::new(),
    };
    for channel in Channel::ALL {
        match refusal(channel, surface, mode, bindings, mini_program) {
            None => answer.offered.push(channel),
            Some(reason) => answer.refused.push(ChannelRefusal { channel, reason }),
        }
    }
    answer
}

fn refusal(
    channel: Channel,
    surface: Surface,
    mode: CompanyMode,
    bindings: Bindings,
    mini_program: MiniProgram,
) -> Option<ChannelReason> {
    let needs_mini_program = match (surface, mode, channel) {
        (Surface::TerminalQr | Surface::Web, CompanyMode::Normal | CompanyMode::OneAndN, _) => {
            false
        }
        // Known for 1&N; in normal mode nothing says that Alipay works there, so it is not offered.
        (Surface::MiniProgram, CompanyMode::OneAndN | CompanyMode::Normal, Channel::Alipay) => {
            return Some(ChannelReason::NotOnThisSurface);
        }
        (Surface::MiniProgram, CompanyMode::OneAndN | CompanyMode::Normal, Channel::WechatPay) => {
            true
        }
    };
    if !bindings.has(channel) {
        return Some(ChannelReason::BindingRequired);
    }
    match mini_program {
        MiniProgram::NotHosted if needs_mini_program => Some(ChannelReason::MiniProgramRequired),
        MiniProgram::OtherOwner if needs_mini_program => Some(ChannelReason::OwnerMismatch),
        MiniProgram::NotHosted | MiniProgram::OtherOwner | MiniProgram::SameOwner => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `yes` or the reason, for WeChat Pay and Alipay, by surface, bindings and mini program.
    /// Bindings: `-` none, `w` WeChat Pay, `a` Alipay, `wa` both; mini program: `no`, `other`,
    /// `same`, `*` any. Mode changes nothing and is run over by the test.
    const TABLE: &[(Surface, &str, &str, &str, &str)] = &[
        (
            Surface::TerminalQr,
            "-",
            "*",
            "binding_required",
            "binding_required",
        ),
        (Surface::TerminalQr, "w", "*", "yes", "binding_required"),
        (Surface::TerminalQr, "a", "*", "binding_required", "yes"),
        (Surface::TerminalQr, "wa", "*", "yes", "yes"),
        (
            Surface::Web,
            "-",
            "*",
            "binding_required",
            "binding_required",
        ),
        (Surface::Web, "w", "*", "yes", "binding_required"),
        (Surface::Web, "a", "*", "binding_required", "yes"),
        (Surface::Web, "wa", "*", "yes", "yes"),
        (
            Surface::MiniProgram,
            "-",
            "*",
            "binding_required",
            "not_on_this_surface",
        ),
        (
            Surface::MiniProgram,
            "a",
            "*",
            "binding_required",
            "not_on_this_surface",
        ),
        (
            Surface::MiniProgram,
            "w",
            "no",
            "mini_program_required",
            "not_on_this_surface",
        ),
        (
            Surface::MiniProgram,
            "w",
            "other",
            "owner_mismatch",
            "not_on_this_surface",
        ),
        (
            Surface::MiniProgram,
            "w",
            "same",
            "yes",
            "not_on_this_surface",
        ),
        (
            Surface::MiniProgram,
            "wa",
            "no",
            "mini_program_required",
            "not_on_this_surface",
        ),
        (
            Surface::MiniProgram,
            "wa",
            "other",
            "owner_mismatch",
            "not_on_this_surface",
        ),
        (
            Surface::MiniProgram,
            "wa",
            "same",
            "yes",
            "not_on_this_surface",
        ),
    ];

    const MINI_PROGRAMS: [(&str, MiniProgram); 3] = [
        ("no", MiniProgram::NotHosted),
        ("other", MiniProgram::OtherOwner),
        ("same", MiniProgram::SameOwner),
    ];

    fn word(answer: &ChannelsAnswer, channel: Channel) -> String {
        let refused = answer
            .refused
            .iter()
            .find(|refusal| refusal.channel == channel);
        assert_ne!(
            answer.offered.contains(&channel),
            refused.is_some(),
            "in exactly one list"
        );
        match refused {
            None => "yes".to_owned(),
            Some(refusal) => serde_json::to_value(refusal.reason)
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned(),
        }
    }

    #[test]
    fn the_whole_table() {
        let mut seen = 0;
        for (surface, bound, hosted, wechat_pay, alipay) in TABLE {
            let bindings = Bindings {
                wechat_pay: bound.contains('w'),
                alipay: bound.contains('a'),
            };
            for mode in CompanyMode::ALL {
                for (name, mini_program) in MINI_PROGRAMS {
                    if *hosted != "*" && *hosted != name {
                        continue;
                    }
                    let answer = channels(*surface, mode, bindings, mini_program);
                    let case = format!("{surface:?} {mode:?} {bound} {name}");
                    assert_eq!(word(&answer, Channel::WechatPay), *wechat_pay, "{case}");
                    assert_eq!(word(&answer, Channel::Alipay), *alipay, "{case}");
                    seen += 1;
                }
            }
        }
        // Surfaces × modes × bindings × mini programs: no row of the table is missing or double.
        assert_eq!(seen, 3 * 2 * 4 * 3);
    }
}
