//! The five bugs on purpose, under one name each, wherever their switch lies. Switches hold for the
//! current thread only, so that a clean run beside a planted one stays clean.

use backend::planted::Bug;
use terminal::planted::Planted;

/// A known bug that a simulator must find, or it proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// The backend answers a push although its transaction was rolled back.
    AcknowledgeBeforeCommit,
    /// The terminal commits the cursor before the documents that it covers.
    CursorBeforeApply,
    /// After everything was acknowledged, the terminal gives the last number again.
    ReusedSeq,
    /// The backend stores verdicts and does not put them on the feed.
    DroppedVerdict,
    /// The terminal goes on folding a settled operation into its documents.
    DoubleFold,
}

impl Plant {
    /// All of them.
    pub const ALL: [Plant; 5] = [
        Plant::AcknowledgeBeforeCommit,
        Plant::CursorBeforeApply,
        Plant::ReusedSeq,
        Plant::DroppedVerdict,
        Plant::DoubleFold,
    ];

    /// Switches one on for this thread, or all off.
    pub fn set(plant: Option<Plant>) {
        let (mut at_backend, mut at_terminal) = (None, None);
        match plant {
            Some(Plant::AcknowledgeBeforeCommit) => at_backend = Some(Bug::AcknowledgeBeforeCommit),
            Some(Plant::DroppedVerdict) => at_backend = Some(Bug::DroppedVerdict),
            Some(Plant::CursorBeforeApply) => at_terminal = Some(Planted::CursorBeforeApply),
            Some(Plant::ReusedSeq) => at_terminal = Some(Planted::ReusedSeq),
            Some(Plant::DoubleFold) => at_terminal = Some(Planted::DoubleFold),
            None => {}
        }
        backend::planted::plant(at_backend);
        terminal::planted::plant(at_terminal);
    }
}
