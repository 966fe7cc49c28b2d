//! Faults for the simulator to find, behind the feature `planted`: a simulator that can't find a
//! known bug proves nothing. Without the feature nothing here exists but constants that say no.

/// A known bug that can be switched on for the current thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// The cursor is committed before the documents that it covers.
    CursorBeforeApply,
    /// After everything was acknowledged, the last number is given again.
    ReusedSeq,
    /// A settled operation goes on being folded into its documents.
    DoubleFold,
}

#[cfg(feature = "planted")]
mod switch {
    use super::Planted;
    use std::cell::Cell;

    thread_local! {
        static ON: Cell<Option<Planted>> = const { Cell::new(None) };
        static COMMITS: Cell<Option<u32>> = const { Cell::new(None) };
    }

    /// Switches one fault on for this thread, or all off.
    pub fn plant(fault: Option<Planted>) {
        ON.set(fault);
    }

    /// Lets this many more commits of this thread succeed; every later one fails as if the process
    /// had died before it. `None` ends that.
    pub fn crash_after_commits(commits: Option<u32>) {
        COMMITS.set(commits);
    }

    pub(crate) fn on(fault: Planted) -> bool {
        ON.get() == Some(fault)
    }

    /// Counts one commit; `false` when the process is to be dead.
    pub(crate) fn may_commit() -> bool {
        match COMMITS.get() {
            None => true,
            Some(0) => false,
            Some(left) => {
                COMMITS.set(Some(left - 1));
                true
            }
        }
    }
}

#[cfg(feature = "planted")]
pub use switch::{crash_after_commits, plant};
#[cfg(feature = "planted")]
pub(crate) use switch::{may_commit, on};

#[cfg(not(feature = "planted"))]
pub(crate) const fn on(_: Planted) -> bool {
    false
}

#[cfg(not(feature = "planted"))]
pub(crate) const fn may_commit() -> bool {
    true
}
