//! Sync with the backend (section 4): `engine` decides and has neither I/O nor clock, `apply` asks
//! the files and writes replies into them, `http` carries requests, `run` drives the three with
//! tokio. The simulator drives `engine` and `apply` itself.

pub mod apply;
pub mod engine;
pub mod http;
pub mod run;
#[cfg(test)]
mod tests;
pub mod view;

pub use apply::{Applied, ApplyError};
pub use engine::{Effect, Engine, Event, Failure, RequestId, SyncPhase, SyncStatus, What};
pub use http::Http;
pub use run::{Sync, SyncHandle, apply_failure, call_failure};
