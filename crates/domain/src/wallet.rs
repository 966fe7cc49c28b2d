//! The corporate wallet: merchant accounts bound step by step, and the dedicated mini program with
//! the check of its owner. Keys are not here: they never leave the backend (invariant 11).

use crate::Timestamp;
use crate::channel::{Channel, MiniProgram};
use crate::code::Code;
use crate::id::{StaffId, WalletBindingId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Longest merchant number, app id or legal name, in characters.
pub const MAX_DETAIL_CHARS: usize = 128;

/// How far a wallet binding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BindingStatus {
    /// Details and keys are saved.
    Draft,
    /// The self-test went wrong; `refused` says how.
    Failed,
    /// The self-test passed: the channel took and closed an order of one fen.
    Tested,
    /// New payments use it.
    Active,
    /// Another took its place. It still serves refunds and late notices.
    Retired,
}

/// Which merchant account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BindingDetails {
    /// With which channel.
    pub channel: Channel,
    /// WeChat Pay's mchid, Alipay's seller id.
    pub merchant_no: String,
    /// The app that orders are placed with.
    pub app_id: String,
    /// The account holder's legal name.
    pub holder: String,
    /// The holder's unified social credit code; empty when it is not given.
    pub credit_code: String,
}

impl BindingDetails {
    /// Checks that everything needed is there, and trims it.
    ///
    /// # Errors
    /// [`Code::BadField`] with the field's name.
    pub fn checked(self) -> Result<BindingDetails, Code> {
        let number = |field: &str, text: &str| {
            let text = needed(field, text)?;
            match text.bytes().all(|letter| letter.is_ascii_alphanumeric()) {
                true => Ok(text),
                false => Err(bad(field)),
            }
        };
        Ok(BindingDetails {
            channel: self.channel,
            merchant_no: number("merchant_no", &self.merchant_no)?,
            app_id: number("app_id", &self.app_id)?,
            holder: needed("holder", &self.holder)?,
            credit_code: credit_code(&self.credit_code)?,
        })
    }
}

/// A wallet binding as the console shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BindingView {
    /// Which; `None` when it came from the operator's wallet file.
    pub binding: Option<WalletBindingId>,
    /// Whose.
    pub details: BindingDetails,
    /// How far it is.
    pub status: BindingStatus,
    /// Why the last self-test failed.
    pub refused: Option<Code>,
    /// When the self-test was last made.
    pub tested_at: Option<Timestamp>,
    /// Who saved it.
    pub saved_by: Option<StaffId>,
    /// When.
    pub saved_at: Option<Timestamp>,
}

/// What was done to the wallet, by whom. Holds no keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WalletChange {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub staff: StaffId,
    /// What.
    pub act: WalletAct,
    /// Before and after in a few words: merchant numbers, app ids, names.
    pub before: String,
    /// As above.
    pub after: String,
}

/// Acts on the wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WalletAct {
    /// Details and keys were saved.
    Saved,
    /// A self-test passed.
    Tested,
    /// A self-test failed.
    Failed,
    /// Put to use.
    Activated,
    /// The mini program was bound.
    MiniProgramBound,
}

/// The company's dedicated mini program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MiniProgramDetails {
    /// Its app id.
    pub app_id: String,
    /// Its owner's legal name.
    pub owner: String,
    /// The owner's unified social credit code; empty when it is not given.
    pub credit_code: String,
}

impl MiniProgramDetails {
    /// Checks that everything needed is there, and trims it.
    ///
    /// # Errors
    /// [`Code::BadField`] with the field's name.
    pub fn checked(self) -> Result<MiniProgramDetails, Code> {
        let app_id = needed("app_id", &self.app_id)?;
        if !app_id.bytes().all(|letter| letter.is_ascii_alphanumeric()) {
            return Err(bad("app_id"));
        }
        Ok(MiniProgramDetails {
            app_id,
            owner: needed("owner", &self.owner)?,
            credit_code: credit_code(&self.credit_code)?,
        })
    }
}

/// A bound mini program and what its owner check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MiniProgramView {
    /// Which.
    pub details: MiniProgramDetails,
    /// Whether its owner is the WeChat Pay account's holder.
    pub owner: OwnerCheck,
    /// The holder that it was compared with; empty while no WeChat Pay account is active.
    pub holder: String,
    /// Who bound it.
    pub bound_by: StaffId,
    /// When it was bound and checked.
    pub bound_at: Timestamp,
}

/// The wallet as the console shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WalletView {
    /// Every binding, the active first, then the newest.
    pub bindings: Vec<BindingView>,
    /// The mini program, if one is bound.
    pub mini_program: Option<MiniProgramView>,
    /// What was done, the newest first.
    pub changes: Vec<WalletChange>,
}

/// What the comparison of a mini program's owner with the payment account's holder found. WeChat
/// Pay requires both to be the same; nobody may override it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OwnerCheck {
    /// The same.
    Same,
    /// The legal names differ.
    NameDiffers,
    /// Both gave a credit code, and the codes differ.
    CreditCodeDiffers,
    /// No WeChat Pay account is active to compare with.
    NoAccount,
}

impl OwnerCheck {
    /// What it means to the surfaces.
    pub fn mini_program(self) -> MiniProgram {
        match self {
            OwnerCheck::Same => MiniProgram::SameOwner,
            _ => MiniProgram::OtherOwner,
        }
    }
}

/// Compares a mini program's owner with a WeChat Pay account's holder: by normalised legal names,
/// and by unified social credit code where both give one.
pub fn owner_check(owner: &MiniProgramDetails, holder: Option<&BindingDetails>) -> OwnerCheck {
    let Some(holder) = holder else {
        return OwnerCheck::NoAccount;
    };
    let both = !owner.credit_code.is_empty() && !holder.credit_code.is_empty();
    if both && owner.credit_code != holder.credit_code {
        return OwnerCheck::CreditCodeDiffers;
    }
    if normal_name(&owner.owner) == normal_name(&holder.holder) {
        OwnerCheck::Same
    } else {
        OwnerCheck::NameDiffers
    }
}

/// A legal name as it is compared: full-width letters, digits and brackets as plain ones, without
/// spaces, without regard to case.
fn normal_name(name: &str) -> String {
    let plain = |letter: char| match letter {
        '【' | '〔' | '［' => '(',
        '】' | '〕' | '］' => ')',
        '！'..='～' => {
            let code = u32::from(letter) - 0xfee0;
            char::from_u32(code).unwrap_or(letter)
        }
        '·' | '・' | '•' => '·',
        letter => letter,
    };
    name.chars()
        .map(plain)
        .map(|letter| match letter {
            '[' => '(',
            ']' => ')',
            letter => letter,
        })
        .filter(|letter| !letter.is_whitespace() && *letter != '\u{3000}')
        .flat_map(char::to_lowercase)
        .collect()
}

fn bad(field: &str) -> Code {
    Code::BadField {
        field: field.to_owned(),
    }
}

fn needed(field: &str, text: &str) -> Result<String, Code> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > MAX_DETAIL_CHARS || text.chars().any(char::is_control) {
        return Err(bad(field));
    }
    Ok(text.to_owned())
}

/// A unified social credit code: 18 of digits and capital letters without I, O, S, V, Z, the last a
/// check character (GB 32100-2015).
fn credit_code(text: &str) -> Result<String, Code> {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let code = text.trim().to_ascii_uppercase();
    if code.is_empty() {
        return Ok(code);
    }
    let values: Option<Vec<u32>> = code
        .bytes()
        .map(|letter| {
            let at = LETTERS.iter().position(|known| *known == letter)?;
            u32::try_from(at).ok()
        })
        .collect();
    let Some([first @ .., check]) = values.as_deref().filter(|values| values.len() == 18) else {
        return Err(bad("credit_code"));
    };
    // The weights are the powers of 3 modulo 31.
    let (sum, _) = first.iter().fold((0, 1), |(sum, weight), value| {
        (sum + value * weight, weight * 3 % 31)
    });
    if (31 - sum % 31) % 31 == *check {
        Ok(code)
    } else {
        Err(bad("credit_code"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str, code: &str) -> MiniProgramDetails {
        MiniProgramDetails {
            app_id: "wx1".into(),
            owner: name.into(),
            credit_code: code.into(),
        }
    }

    fn holder(name: &str, code: &str) -> BindingDetails {
        BindingDetails {
            channel: Channel::WechatPay,
            merchant_no: "1900000001".into(),
            app_id: "wx1".into(),
            holder: name.into(),
            credit_code: code.into(),
        }
    }

    #[test]
    fn owners_are_compared_by_what_a_register_would_call_the_same() {
        let table = [
            (
                "重庆远征商贸有限公司",
                "重庆远征商贸有限公司",
                OwnerCheck::Same,
            ),
            (
                "重庆远征（集团）有限公司",
                "重庆远征(集团)有限公司",
                OwnerCheck::Same,
            ),
            (
                "重庆远征【集团】有限公司",
                "重庆远征［集团］有限公司",
                OwnerCheck::Same,
            ),
            (
                " 重庆远征 商贸有限公司",
                "重庆远征\u{3000}商贸有限公司 ",
                OwnerCheck::Same,
            ),
            ("ＡＢＣ贸易有限公司", "abc贸易有限公司", OwnerCheck::Same),
            (
                "重庆远征商贸有限公司",
                "重庆远征商贸有限责任公司",
                OwnerCheck::NameDiffers,
            ),
            (
                "重庆远征(集团)有限公司",
                "重庆远征集团有限公司",
                OwnerCheck::NameDiffers,
            ),
            ("重庆远征商贸有限公司", "", OwnerCheck::NameDiffers),
        ];
        for (one, other, found) in table {
            assert_eq!(
                owner_check(&owner(one, ""), Some(&holder(other, ""))),
                found,
                "{one} {other}"
            );
        }
        assert_eq!(owner_check(&owner("a", ""), None), OwnerCheck::NoAccount);
    }

    #[test]
    fn credit_codes_decide_where_both_are_given() {
        let (one, other) = ("91350100M000100Y43", "91110000000000000X");
        let check = |a: &str, b: &str| owner_check(&owner("x", a), Some(&holder("x", b)));
        assert_eq!(check(one, one), OwnerCheck::Same);
        assert_eq!(check(one, other), OwnerCheck::CreditCodeDiffers);
        assert_eq!(check(one, ""), OwnerCheck::Same);
    }

    #[test]
    fn details_name_the_field_that_is_wrong() {
        let good = holder(" 重庆远征 ", "91350100M000100Y43");
        assert_eq!(good.clone().checked().unwrap().holder, "重庆远征");
        let wrong = |change: fn(&mut BindingDetails)| {
            let mut details = good.clone();
            change(&mut details);
            match details.checked() {
                Err(Code::BadField { field }) => field,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(wrong(|d| d.merchant_no = "19 00".into()), "merchant_no");
        assert_eq!(wrong(|d| d.app_id = String::new()), "app_id");
        assert_eq!(wrong(|d| d.holder = "a\u{0}b".into()), "holder");
        // The last character is the check character of GB 32100's own example.
        assert_eq!(
            wrong(|d| d.credit_code = "91350100M000100Y44".into()),
            "credit_code"
        );
        assert_eq!(wrong(|d| d.credit_code = "9135".into()), "credit_code");
    }
}
