//! What the stories through the whole product have in common. The stories themselves live in this
//! package's test targets and programs.

/// Programs, windows and phones, driven as a person would. Linux only, like the drivers.
#[cfg(target_os = "linux")]
pub mod drive;
