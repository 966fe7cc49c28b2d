//! Where an arriving operation belongs: after the head, among what is held already, or past a fork
//! of a log that was cloned or rolled back (rules 4.6, 4.9, 4.10). Pure, so that every combination
//! can be tried.

use wire::envelope::{Header, SignedOperation};
use wire::keys::Hash;
use wire::protocol::Head;

/// What the backend holds of a terminal's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The present incarnation and the last operation of it.
    pub head: Head,
    /// The last one came damaged: its hash says nothing.
    pub damaged: bool,
}

/// Where an operation belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Right after the head.
    Next,
    /// Past a fork; both logs agree up to `after`.
    Fork {
        /// The last common number, as far as can be told.
        after: u64,
    },
    /// Of an incarnation that has ended.
    Ended,
    /// Further on than the head: earlier ones must come first.
    Gap,
}

/// Places an operation that is not held yet.
pub fn place(held: &Held, header: &Header) -> Place {
    let head = held.head;
    if header.incarnation < head.incarnation {
        return Place::Ended;
    }
    if header.incarnation > head.incarnation {
        return Place::Fork { after: 0 };
    }
    if header.seq <= head.seq {
        return Place::Fork {
            after: header.seq.saturating_sub(1),
        };
    }
    if header.seq > head.seq + 1 {
        return Place::Gap;
    }
    if held.damaged || header.prev_hash == head.hash {
        return Place::Next;
    }
    Place::Fork {
        after: head.seq.saturating_sub(1),
    }
}

/// Checks the head a terminal names in a request without operations. A lower one means files that
/// were rolled back; the same number with another hash, files that were cloned.
pub fn forked(held: &Held, named: &Head) -> Option<u64> {
    let head = held.head;
    if named.incarnation != head.incarnation {
        return Some(0);
    }
    if named.seq < head.seq {
        return Some(named.seq);
    }
    let differs = named.seq == head.seq && !held.damaged && named.hash != head.hash;
    differs.then(|| head.seq.saturating_sub(1))
}

/// The head after an operation was appended.
pub fn advanced(held: &Held, operation: &SignedOperation, damaged: bool) -> Held {
    let head = Head {
        seq: held.head.seq + 1,
        hash: Hash::of(&operation.bytes),
        ..held.head
    };
    Held { head, damaged }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(seq: u64, hash: u8) -> Held {
        Held {
            head: Head {
                incarnation: 2,
                seq,
                hash: Hash([hash; 32]),
            },
            damaged: false,
        }
    }

    fn header(incarnation: u32, seq: u64, prev: u8) -> Header {
        serde_json::from_value(serde_json::json!({
            "op_id": uuid::Uuid::nil(), "terminal": "0000000000001", "incarnation": incarnation,
            "seq": seq, "staff": uuid::Uuid::nil(), "at": 0, "schema": 1, "kind": "x",
            "prev_hash": Hash([prev; 32]),
        }))
        .unwrap()
    }

    #[test]
    fn an_operation_follows_the_head_or_says_why_not() {
        assert_eq!(place(&held(4, 7), &header(2, 5, 7)), Place::Next);
        assert_eq!(
            place(&held(4, 7), &header(2, 5, 8)),
            Place::Fork { after: 3 }
        );
        assert_eq!(
            place(&held(4, 7), &header(2, 4, 7)),
            Place::Fork { after: 3 }
        );
        assert_eq!(place(&held(4, 7), &header(2, 6, 7)), Place::Gap);
        assert_eq!(place(&held(4, 7), &header(1, 9, 7)), Place::Ended);
        assert_eq!(
            place(&held(4, 7), &header(3, 1, 0)),
            Place::Fork { after: 0 }
        );
        let damaged = Held {
            damaged: true,
            ..held(4, 7)
        };
        assert_eq!(place(&damaged, &header(2, 5, 9)), Place::Next);
    }

    #[test]
    fn a_rolled_back_or_cloned_log_is_seen_in_any_request() {
        let named = |seq, hash| Head {
            incarnation: 2,
            seq,
            hash: Hash([hash; 32]),
        };
        assert_eq!(forked(&held(4, 7), &named(4, 7)), None);
        assert_eq!(forked(&held(4, 7), &named(9, 1)), None);
        assert_eq!(forked(&held(4, 7), &named(3, 1)), Some(3));
        assert_eq!(forked(&held(4, 7), &named(4, 8)), Some(3));
        assert_eq!(
            forked(
                &held(4, 7),
                &Head {
                    incarnation: 1,
                    ..named(4, 7)
                }
            ),
            Some(0)
        );
    }
}
