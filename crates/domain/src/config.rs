//! What an administrator decides, as one document: switches, mode, how long an ask lives, layouts and
//! preset buttons. It changes as a whole and by versions, so that a terminal can say by which one it
//! works. Nothing in it replaces a rule: a button that shows may still be refused.

mod channel_terms;

pub use channel_terms::{AmountLimit, FeeNote, PerChannel};

use crate::channel::{Bindings, Channel, CompanyMode, MiniProgram};
use crate::code::Code;
use crate::condition::{ConditionError, Conditions};
use crate::id::{OpId, StaffId};
use crate::money::Money;
use crate::order::OrderState;
use crate::order::fields::{OrderFacts, fields};
use crate::role::Role;
use crate::staff::{Department, Misplaced, misplaced};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use ts_rs::TS;

/// Shortest and longest life of an ask, in seconds: a payer needs a minute, and a channel ends an
/// order within a day.
pub const INTENT_LIFETIME_S: std::ops::RangeInclusive<u32> = 60..=86_400;
/// Shortest and longest leave to work without the backend, in hours (rule 9.1).
pub const LEASE_HOURS: std::ops::RangeInclusive<u32> = 1..=720;
/// Most characters of a button's label.
pub const MAX_LABEL_CHARS: usize = 24;

/// The whole configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Config {
    /// Whether orders and deposits may be paid online.
    pub online_payment_enabled: bool,
    /// Whether a payment collection may be made by online payment.
    pub collection_online_payment_enabled: bool,
    /// Decides which channels a surface offers; see [`crate::channel::channels`].
    pub mode: CompanyMode,
    /// Which QR the pay sheet begins with.
    pub qr_mode: QrMode,
    /// How long an ask can be paid, in seconds.
    pub intent_lifetime_s: u32,
    /// How much one payment may be.
    pub limits: PerChannel<AmountLimit>,
    /// Whether the WeChat Pay account may take H5 payments: from a phone's browser outside WeChat.
    pub wechat_h5: bool,
    /// What the channels are said to charge; `None` is unknown.
    pub fees: PerChannel<Option<FeeNote>>,
    /// What pages show.
    pub layouts: Layouts,
    /// The preset buttons, each exactly once.
    pub buttons: Vec<Button>,
    /// The parts of the company: a tree.
    pub departments: Vec<Department>,
    /// How long a terminal works without the backend, in hours.
    pub lease_hours: u32,
    /// How much each terminal may let go on offline proofs that no money has confirmed yet.
    pub offline_proof_limit_fen: Money,
    /// Whether an order with a line below its product's floor price waits for approval.
    pub price_floor: bool,
    /// Whether an order that takes its distributor beyond the credit limit waits for approval.
    pub credit_block: bool,
}

/// Which QR the pay sheet begins with while the terminal is online. Offline it is always the link;
/// whoever shows it may choose the other at any time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QrMode {
    /// One QR for both wallets: the signed link to the cashier.
    #[default]
    Cashier,
    /// A channel's own code (WeChat Pay's Native, Alipay's precreate), which needs no service
    /// account.
    ChannelCode,
}

/// What pages show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Layouts {
    /// Payment Method where a sales order is made.
    pub order_create: FieldRule,
    /// Payment Method where a sales order is changed.
    pub order_edit: FieldRule,
    /// The list of sales orders.
    pub order_list: ListRule,
    /// Payment Method where a payment collection is made.
    pub collection_create: FieldRule,
}

/// How a page shows a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct FieldRule {
    /// It is on the page.
    pub visible: bool,
    /// It must be filled in.
    pub required: bool,
    /// It can't be changed.
    pub readonly: bool,
}

impl Default for FieldRule {
    fn default() -> FieldRule {
        FieldRule {
            visible: true,
            required: false,
            readonly: false,
        }
    }
}

impl FieldRule {
    /// What a page with this rule makes of a choice: a field that is hidden or read-only keeps what
    /// it had before.
    pub fn keeps<T>(&self, before: Option<T>, chosen: Option<T>) -> Option<T> {
        if self.visible && !self.readonly {
            chosen
        } else {
            before
        }
    }

    /// Whether a page with this rule can have made `now` out of `before`. Terminal and backend both
    /// ask it about Payment Method: what a page hides is still held to.
    ///
    /// # Errors
    /// `BadField` `payment_method`.
    pub fn admits<T: PartialEq + Copy>(
        &self,
        before: Option<T>,
        now: Option<T>,
    ) -> Result<(), Code> {
        let missing = self.required && now.is_none();
        if missing || self.keeps(before, now) != now {
            return Err(Code::BadField {
                field: "payment_method".to_owned(),
            });
        }
        Ok(())
    }
}

/// How a list shows what it can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ListRule {
    /// The Online Payment button is on the list; off until switched on.
    pub show_online_payment_button: bool,
}

/// Which object a button belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ButtonObject {
    /// A sales order.
    SalesOrder,
    /// A payment collection.
    PaymentCollection,
}

/// What a preset button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ButtonName {
    /// Opens the pay sheet, whose link can be sent.
    OnlinePayment,
    /// Opens the pay sheet with its QR.
    QrCodePayment,
}

/// Where a button can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// On one document.
    Detail,
    /// On a list, for one row.
    ListRow,
    /// Above a list, for the rows that are marked: it always shows, and what is pressed is checked
    /// row by row.
    ListBulk,
    /// Where a document is made.
    Create,
    /// Where a document is changed.
    Edit,
}

/// A preset button. It can be hidden by its roles and conditions and never deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Button {
    /// Of which object.
    pub object: ButtonObject,
    /// Which one.
    pub name: ButtonName,
    /// What stands on it in Chinese.
    pub label_zh: String,
    /// What stands on it in English.
    pub label_en: String,
    /// Where it stands.
    pub placements: BTreeSet<Placement>,
    /// Who sees it.
    pub roles: BTreeSet<Role>,
    /// On which documents it shows; none for all.
    pub conditions: Conditions,
    /// Whether it shows on a document that is locked: frozen by a live ask, closed or cancelled.
    pub show_when_locked: bool,
}

/// Every preset button.
pub const PRESETS: [(ButtonObject, ButtonName); 3] = [
    (ButtonObject::SalesOrder, ButtonName::OnlinePayment),
    (ButtonObject::PaymentCollection, ButtonName::OnlinePayment),
    (ButtonObject::PaymentCollection, ButtonName::QrCodePayment),
];

impl Default for Config {
    fn default() -> Config {
        Config {
            online_payment_enabled: false,
            collection_online_payment_enabled: false,
            mode: CompanyMode::Normal,
            qr_mode: QrMode::Cashier,
            intent_lifetime_s: 900,
            limits: PerChannel::default(),
            wechat_h5: false,
            fees: PerChannel::default(),
            layouts: Layouts::default(),
            buttons: PRESETS.into_iter().map(preset).collect(),
            departments: Vec::new(),
            lease_hours: 72,
            offline_proof_limit_fen: Money::from_fen(2_000_000),
            price_floor: false,
            credit_block: false,
        }
    }
}

fn preset((object, name): (ButtonObject, ButtonName)) -> Button {
    let (label_zh, label_en) = match name {
        ButtonName::OnlinePayment => ("在线支付", "Online payment"),
        ButtonName::QrCodePayment => ("扫码支付", "QR code payment"),
    };
    let placements = match object {
        ButtonObject::SalesOrder => BTreeSet::from([
            Placement::Detail,
            Placement::ListRow,
            Placement::ListBulk,
            Placement::Create,
        ]),
        ButtonObject::PaymentCollection => BTreeSet::from([Placement::Create]),
    };
    Button {
        object,
        name,
        label_zh: label_zh.to_owned(),
        label_en: label_en.to_owned(),
        placements,
        roles: BTreeSet::from([Role::Sales, Role::Finance, Role::FinanceLead]),
        conditions: Conditions::default(),
        show_when_locked: true,
    }
}

/// What is wrong with a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConfigProblem {
    /// No wallet binding is active.
    NoWallet,
    /// Online payment is off.
    NeedsOnlinePayment,
    /// A required field is hidden.
    RequiredHidden,
    /// A required field can't be changed.
    RequiredReadonly,
    /// Outside of what is allowed.
    OutOfRange,
    /// A preset button is missing.
    PresetMissing,
    /// A button stands twice, or is none of the preset ones.
    NotAPreset,
    /// A label is empty or too long.
    BadLabel,
    /// A button has no placement.
    NoPlacement,
    /// A button has no role.
    NoRole,
    /// A condition names an unknown field.
    UnknownField,
    /// A condition has an unknown operator, or one that does not go with its field.
    UnknownOperator,
    /// A condition has a value that is none of its field, or too many or too few.
    BadValue,
    /// A group of conditions is empty, or there are too many.
    BadGroup,
    /// A name is empty, too long, or stands twice.
    BadName,
    /// A parent is not there, or is a part of its own part.
    BadParent,
}

/// A configuration that was refused: which of its fields, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem:?}")]
pub struct BadConfig {
    /// Its path, e.g. `layouts.order_create.payment_method`.
    pub field: String,
    /// What is wrong with it.
    pub problem: ConfigProblem,
}

fn bad<T>(field: impl Into<String>, problem: ConfigProblem) -> Result<T, BadConfig> {
    Err(BadConfig {
        field: field.into(),
        problem,
    })
}

impl Button {
    /// Its path, e.g. `buttons.sales_order.online_payment`.
    pub fn path(&self) -> String {
        path((self.object, self.name))
    }

    fn check(&self) -> Result<(), BadConfig> {
        let path = self.path();
        for (language, label) in [("label_zh", &self.label_zh), ("label_en", &self.label_en)] {
            if label.trim().is_empty() || label.chars().count() > MAX_LABEL_CHARS {
                return bad(format!("{path}.{language}"), ConfigProblem::BadLabel);
            }
        }
        if self.placements.is_empty() {
            return bad(format!("{path}.placements"), ConfigProblem::NoPlacement);
        }
        if self.roles.is_empty() {
            return bad(format!("{path}.roles"), ConfigProblem::NoRole);
        }
        // A collection's button stands where it is made: there is no document to look at yet.
        let fields = match self.object {
            ButtonObject::SalesOrder => fields(),
            ButtonObject::PaymentCollection => crate::condition::Fields::new(),
        };
        match self.conditions.check(&fields) {
            Ok(_) => Ok(()),
            Err(error) => {
                let (of, problem) = told(&error);
                bad(format!("{path}.conditions{of}"), problem)
            }
        }
    }
}

fn path((object, name): (ButtonObject, ButtonName)) -> String {
    let object = match object {
        ButtonObject::SalesOrder => "sales_order",
        ButtonObject::PaymentCollection => "payment_collection",
    };
    let name = match name {
        ButtonName::OnlinePayment => "online_payment",
        ButtonName::QrCodePayment => "qr_code_payment",
    };
    format!("buttons.{object}.{name}")
}

fn told(error: &ConditionError) -> (String, ConfigProblem) {
    let at = |field: &String| format!(".{field}");
    match error {
        ConditionError::UnknownField(field) => (at(field), ConfigProblem::UnknownField),
        ConditionError::UnknownOperator(field)
        | ConditionError::OperatorDoesNotFit { field, .. } => {
            (at(field), ConfigProblem::UnknownOperator)
        }
        ConditionError::WrongNumberOfValues { field, .. }
        | ConditionError::BadValue { field, .. }
        | ConditionError::EmptyRange(field)
        | ConditionError::RowDoesNotFit(field) => (at(field), ConfigProblem::BadValue),
        ConditionError::EmptyGroup | ConditionError::TooLarge => {
            (String::new(), ConfigProblem::BadGroup)
        }
    }
}

impl Config {
    /// Whether it can be worked by.
    ///
    /// # Errors
    /// The first field that is wrong, and why.
    pub fn check(&self) -> Result<(), BadConfig> {
        if !INTENT_LIFETIME_S.contains(&self.intent_lifetime_s) {
            return bad("intent_lifetime_s", ConfigProblem::OutOfRange);
        }
        for channel in Channel::ALL {
            let name = match channel {
                Channel::WechatPay => "wechat_pay",
                Channel::Alipay => "alipay",
            };
            self.limits.of(channel).check(&format!("limits.{name}"))?;
            if let Some(fee) = self.fees.of(channel) {
                fee.check(&format!("fees.{name}"))?;
            }
        }
        if !LEASE_HOURS.contains(&self.lease_hours) {
            return bad("lease_hours", ConfigProblem::OutOfRange);
        }
        if self.offline_proof_limit_fen.is_negative() {
            return bad("offline_proof_limit_fen", ConfigProblem::OutOfRange);
        }
        if let Some((at, problem)) = misplaced(&self.departments) {
            let (of, problem) = match problem {
                Misplaced::Name => ("name", ConfigProblem::BadName),
                Misplaced::Parent => ("parent", ConfigProblem::BadParent),
            };
            return bad(format!("departments.{at}.{of}"), problem);
        }
        if self.collection_online_payment_enabled && !self.online_payment_enabled {
            let field = "collection_online_payment_enabled";
            return bad(field, ConfigProblem::NeedsOnlinePayment);
        }
        for (page, rule) in [
            ("order_create", self.layouts.order_create),
            ("order_edit", self.layouts.order_edit),
            ("collection_create", self.layouts.collection_create),
        ] {
            let field = format!("layouts.{page}.payment_method");
            if rule.required && !rule.visible {
                return bad(field, ConfigProblem::RequiredHidden);
            }
            if rule.required && rule.readonly {
                return bad(field, ConfigProblem::RequiredReadonly);
            }
        }
        for preset in PRESETS {
            if self.button(preset.0, preset.1).is_none() {
                return bad(path(preset), ConfigProblem::PresetMissing);
            }
        }
        let mut seen = BTreeSet::new();
        for button in &self.buttons {
            let key = (button.object, button.name);
            if !PRESETS.contains(&key) || !seen.insert(key) {
                return bad(button.path(), ConfigProblem::NotAPreset);
            }
            button.check()?;
        }
        Ok(())
    }

    /// Whether it may take the place of `before` with these bindings: what switches money on needs a
    /// wallet that can take it.
    ///
    /// # Errors
    /// Those of [`Config::check`], and the switch that has no wallet.
    pub fn replaces(&self, before: &Config, bindings: Bindings) -> Result<(), BadConfig> {
        self.check()?;
        let bound = bindings.wechat_pay || bindings.alipay;
        for (field, now, then) in [
            (
                "online_payment_enabled",
                self.online_payment_enabled,
                before.online_payment_enabled,
            ),
            (
                "collection_online_payment_enabled",
                self.collection_online_payment_enabled,
                before.collection_online_payment_enabled,
            ),
        ] {
            if now && !then && !bound {
                return bad(field, ConfigProblem::NoWallet);
            }
        }
        Ok(())
    }

    /// One of the buttons.
    pub fn button(&self, object: ButtonObject, name: ButtonName) -> Option<&Button> {
        self.buttons
            .iter()
            .find(|button| (button.object, button.name) == (object, name))
    }

    /// Whether a button can show at all to this role at this place.
    fn open_to(&self, button: &Button, role: Role, placement: Placement) -> bool {
        let on = match button.object {
            ButtonObject::SalesOrder => self.online_payment_enabled,
            ButtonObject::PaymentCollection => self.collection_online_payment_enabled,
        };
        let listed = !matches!(placement, Placement::ListRow | Placement::ListBulk)
            || button.object != ButtonObject::SalesOrder
            || self.layouts.order_list.show_online_payment_button;
        on && listed && button.roles.contains(&role) && button.placements.contains(&placement)
    }

    /// The buttons of an object that show where no document is at hand yet: on a page that makes one,
    /// or above a list.
    pub fn buttons_at(
        &self,
        object: ButtonObject,
        role: Role,
        placement: Placement,
    ) -> Vec<&Button> {
        let shows =
            |button: &&Button| button.object == object && self.open_to(button, role, placement);
        self.buttons.iter().filter(shows).collect()
    }

    /// Whether a button shows on an order. `frozen` says that a live ask holds it (rule 5.5).
    ///
    /// # Errors
    /// The conditions don't fit this program's fields; the button is then hidden and that logged.
    pub fn shows_on(
        &self,
        button: &Button,
        facts: &OrderFacts<'_>,
        frozen: bool,
        role: Role,
        placement: Placement,
    ) -> Result<bool, ConditionError> {
        if button.object != ButtonObject::SalesOrder || !self.open_to(button, role, placement) {
            return Ok(false);
        }
        let ended = matches!(
            facts.order.state,
            OrderState::Closed | OrderState::Cancelled
        );
        if (frozen || ended) && !button.show_when_locked {
            return Ok(false);
        }
        let checked = button.conditions.check(&fields())?;
        checked.matches(|field| facts.value(field))
    }
}

/// A configuration as stored and sent: whole, with who made it and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConfigVersion {
    /// Counts the versions, from 1; 0 when nobody has decided anything yet.
    pub version: u32,
    /// When the backend took it.
    pub at: Timestamp,
    /// Who decided it; `None` when the program was set up with it.
    pub author: Option<StaffId>,
    /// The operation that made it.
    pub op: Option<OpId>,
    /// Which channels have an active wallet binding.
    pub bindings: Bindings,
    /// What is known of the dedicated mini program.
    #[serde(default)]
    pub mini_program: MiniProgram,
    /// What was decided.
    pub config: Config,
}

#[cfg(test)]
mod tests;
