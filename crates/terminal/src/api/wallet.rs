//! The corporate wallet, which the backend keeps: every command here needs the network.

use domain::id::WalletBindingId;
use domain::wallet::{BindingDetails, MiniProgramDetails, WalletView};
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;
use wire::wallet::Credentials;

/// Saves a merchant account with its keys at the backend, as a draft.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WalletSave {
    /// Whose.
    pub details: BindingDetails,
    /// Its keys. They are sealed for the backend before they leave, and kept nowhere here.
    pub credentials: Credentials,
}

impl fmt::Debug for WalletSave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WalletSave")
            .field("details", &self.details)
            .finish_non_exhaustive()
    }
}

/// Names a saved binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WalletBindingKey {
    /// Which.
    pub binding: WalletBindingId,
}

/// Puts a tested binding to use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WalletActivate {
    /// Which.
    pub binding: WalletBindingId,
    /// The merchant number of the active one that it replaces.
    pub replaces: Option<String>,
}

/// Binds the dedicated mini program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MiniProgramBind {
    /// Which.
    pub details: MiniProgramDetails,
}

/// The wallet after an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WalletDone {
    /// How it stands.
    pub wallet: WalletView,
    /// The binding that was acted on.
    pub binding: Option<WalletBindingId>,
}
