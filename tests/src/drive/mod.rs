//! Hands and eyes for stories that are told through real windows: programs, browsers, the payer's
//! phone, the sandbox's control door. The tour and the help page's stories share them.

pub mod control;
pub mod error;
pub mod member;
pub mod phone;
pub mod ports;
pub mod programs;
pub mod window;
