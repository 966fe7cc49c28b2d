//! A brake on guessing: an address that opens links or tries codes which do not exist is slowed
//! down. Good ones are never counted, so a shop whose customers all come from one address is not
//! locked out. In memory, because it defends an instance, not a fact.

use domain::Timestamp;
use domain::time::MINUTE_MS;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Misses that an address may have in a minute.
const MISSES: u32 = 20;
/// Addresses remembered; beyond it the oldest minute is forgotten.
const ADDRESSES: usize = 20_000;

/// Counts misses by address.
#[derive(Debug, Default)]
pub(crate) struct Misses {
    held: Mutex<HashMap<IpAddr, (Timestamp, u32)>>,
}

impl Misses {
    /// Whether this address has missed too often within the last minute.
    pub(crate) fn blocked(&self, address: IpAddr, now: Timestamp) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&network(address))
            .is_some_and(|(since, count)| now.since_ms(*since) < MINUTE_MS && *count >= MISSES)
    }

    /// Counts a miss.
    pub(crate) fn count(&self, address: IpAddr, now: Timestamp) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= ADDRESSES {
            held.retain(|_, (since, _)| now.since_ms(*since) < MINUTE_MS);
            if held.len() >= ADDRESSES {
                held.clear();
            }
        }
        let entry = held.entry(network(address)).or_insert((now, 0));
        if now.since_ms(entry.0) >= MINUTE_MS {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }
}

/// A household or shop has one IPv4 address, or one /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_is_stopped_and_forgotten_after_a_minute() {
        let misses = Misses::default();
        let (guesser, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        for _ in 0..MISSES {
            assert!(!misses.blocked(guesser, Timestamp(0)));
            misses.count(guesser, Timestamp(0));
        }
        assert!(misses.blocked(guesser, Timestamp(MINUTE_MS - 1)));
        assert!(!misses.blocked(other, Timestamp(0)));
        assert!(!misses.blocked(guesser, Timestamp(MINUTE_MS)));
        misses.count(guesser, Timestamp(MINUTE_MS));
        assert!(!misses.blocked(guesser, Timestamp(MINUTE_MS)));
    }
}
