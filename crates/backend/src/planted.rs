//! Bugs on purpose, built for tests only: the simulator must find each of them, or it proves
//! nothing. A switch is per thread, so that tests beside each other don't disturb one another.

use std::cell::Cell;

/// One bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A push answers its verdicts although its transaction was rolled back.
    AcknowledgeBeforeCommit,
    /// Verdicts are stored and answered, but not written to the feed.
    DroppedVerdict,
}

thread_local! {
    static ACTIVE: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Switches a bug on for this thread, or all off.
pub fn plant(bug: Option<Bug>) {
    ACTIVE.set(bug);
}

/// Whether this bug is on.
pub fn active(bug: Bug) -> bool {
    ACTIVE.get() == Some(bug)
}
