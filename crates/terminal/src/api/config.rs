//! The company's configuration, and which buttons it shows.

use domain::channel::{ChannelsAnswer, Surface};
use domain::config::{ButtonName, ButtonObject, Config, ConfigVersion, Placement};
use domain::id::OrderId;
use domain::{Code, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The configuration that this terminal works by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConfigView {
    /// The version in force here; its `at` is the configuration's date.
    pub current: ConfigVersion,
    /// Who decided it; empty when the program was set up with it.
    pub author_name: String,
    /// When the backend was last heard: it may have a newer one since.
    pub heard_at: Option<Timestamp>,
    /// An own change that is not in force.
    pub own: Option<OwnConfigChange>,
    /// What each surface would offer.
    pub surfaces: Vec<SurfaceChannels>,
}

/// An own change that is not in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnConfigChange {
    /// The version it was made on.
    pub on: u32,
    /// What was asked for.
    pub config: Config,
    /// When.
    pub at: Timestamp,
    /// Why it was refused; `None` while the backend's word is awaited.
    pub refused: Option<Code>,
}

/// What a surface would offer with the present bindings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SurfaceChannels {
    /// Which surface.
    pub surface: Surface,
    /// Which channels, and why not the others.
    pub channels: ChannelsAnswer,
}

/// Changes the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConfigChangeInput {
    /// The version that was looked at.
    pub on: u32,
    /// The configuration, whole.
    pub config: Config,
}

/// One version of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConfigEntry {
    /// The version.
    pub version: ConfigVersion,
    /// Who decided it; empty when the program was set up with it.
    pub author_name: String,
}

/// Which buttons show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ButtonsInput {
    /// Of which object.
    pub object: ButtonObject,
    /// Where.
    pub placement: Placement,
    /// On which orders; empty where no document is at hand.
    pub orders: Vec<OrderId>,
}

/// The buttons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ButtonsView {
    /// Those that this person may see at this place at all.
    pub buttons: Vec<ButtonView>,
    /// Those that show on each of the orders.
    pub orders: Vec<OrderButtons>,
}

/// A button as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ButtonView {
    /// Which.
    pub name: ButtonName,
    /// What stands on it in Chinese.
    pub label_zh: String,
    /// What stands on it in English.
    pub label_en: String,
}

/// The buttons of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OrderButtons {
    /// Which order.
    pub order: OrderId,
    /// Its buttons.
    pub buttons: Vec<ButtonName>,
}
