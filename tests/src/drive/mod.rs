//! Driving the real programs from outside, as a person and a payer would.

pub mod control;
pub mod error;
pub mod member;
pub mod phone;
pub mod ports;
pub mod programs;
pub mod window;
