//! When terminals were last in touch. Kept in memory, because answering a pull writes nothing, and
//! put into the store now and then: what a crash loses of it comes again with the next contact.

use crate::store::Contact;
use domain::Timestamp;
use domain::id::TerminalId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use wire::protocol::Caller;

/// Longest version that is kept, in bytes.
const VERSION_LEN: usize = 32;

#[derive(Debug, Default)]
struct Held {
    versions: BTreeMap<TerminalId, String>,
    /// What the store does not have yet.
    heard: BTreeMap<TerminalId, Contact>,
}

/// What terminals said since the store was told.
#[derive(Debug, Default)]
pub(crate) struct Contacts(Mutex<Held>);

impl Contacts {
    /// The program's version, as a terminal's request names it; anything odd is left out.
    pub(crate) fn version(&self, terminal: TerminalId, version: &str) {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-+".contains(&byte);
        if version.len() > VERSION_LEN || !version.bytes().all(plain) {
            return;
        }
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.versions.insert(terminal, version.to_owned());
    }

    /// A request that was answered; `leased` when the answer renewed the terminal's leave to work.
    pub(crate) fn heard(&self, caller: &Caller, at: Timestamp, leased: bool) {
        let terminal = caller.terminal;
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let version = held.versions.get(&terminal).cloned().unwrap_or_default();
        let before = held.heard.get(&terminal).and_then(|one| one.leased_at);
        let contact = Contact {
            terminal,
            at,
            leased_at: if leased { Some(at) } else { before },
            version,
            head: caller.head,
        };
        held.heard.insert(terminal, contact);
    }

    /// What the store does not have yet; it is the caller's to keep.
    pub(crate) fn take(&self) -> Vec<Contact> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut held.heard).into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::keys::Hash;
    use wire::protocol::Head;

    fn caller(seq: u64) -> Caller {
        let head = Head {
            incarnation: 1,
            seq,
            hash: Hash::ZERO,
        };
        let terminal = TerminalId(7);
        Caller { terminal, head }
    }

    #[test]
    fn the_last_contact_stands_with_the_last_lease_and_is_taken_once() {
        let contacts = Contacts::default();
        contacts.version(TerminalId(7), "0.1.0");
        contacts.version(TerminalId(7), "<script>");
        contacts.version(TerminalId(7), &"1".repeat(VERSION_LEN + 1));
        contacts.heard(&caller(3), Timestamp(10), true);
        contacts.heard(&caller(5), Timestamp(20), false);
        let taken = contacts.take();
        assert_eq!(taken.len(), 1);
        assert_eq!((taken[0].at, taken[0].head.seq), (Timestamp(20), 5));
        assert_eq!(taken[0].leased_at, Some(Timestamp(10)));
        assert_eq!(taken[0].version, "0.1.0");
        assert_eq!(contacts.take(), []);
        contacts.heard(&caller(6), Timestamp(30), false);
        assert_eq!(contacts.take()[0].leased_at, None);
    }
}
