//! The keys that channels sign with, fetched anew while the program runs. A platform certificate has
//! a successor days before it ends, and callbacks move to it a few at a time: both are held then,
//! each with its own time of validity. Until a new one is here, whatever it signed is refused, and
//! the queries settle as ever (rule 6.11).

use crate::host::Host;
use domain::Timestamp;
use domain::channel::Channel;
use domain::time::{HOUR_MS, MINUTE_MS};
use gateways::Answer;
use std::sync::{Mutex, PoisonError};

/// How often the keys are fetched anyway; WeChat Pay asks for less than 12 hours.
const EVERY_MS: i64 = HOUR_MS;
/// How long after a fetch a message signed with an unknown key makes no other: anybody can send one.
const APART_MS: i64 = MINUTE_MS;

/// When keys were fetched last.
#[derive(Debug)]
pub(crate) struct ChannelKeys {
    turn: Mutex<Turn>,
}

#[derive(Clone, Copy, Debug)]
struct Turn {
    /// Not before this, even with a key missing.
    missing_at: Timestamp,
    /// At this in any case.
    always_at: Timestamp,
}

impl ChannelKeys {
    /// For a program that starts at this time, with the keys it was bound with.
    pub(crate) fn new(now: Timestamp) -> ChannelKeys {
        let turn = Mutex::new(Turn {
            missing_at: now,
            always_at: now.plus_ms(EVERY_MS),
        });
        ChannelKeys { turn }
    }

    /// Whether to fetch now; who is told so does it.
    fn take(&self, missing: bool, now: Timestamp) -> bool {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let due = now >= turn.always_at || missing && now >= turn.missing_at;
        if due {
            *turn = Turn {
                missing_at: now.plus_ms(APART_MS),
                always_at: now.plus_ms(EVERY_MS),
            };
        }
        due
    }
}

impl Host {
    /// Whether the channels' keys are to be fetched now; who is told so calls
    /// [`Host::refresh_keys`].
    pub(crate) fn keys_due(&self) -> bool {
        let gateways = self.gateways();
        let missing = Channel::ALL
            .into_iter()
            .flat_map(|channel| gateways.of_channel(channel))
            .any(|gateway| gateway.misses_key());
        self.channel_keys.take(missing, self.now())
    }

    /// Fetches the keys of every account; what can't be fetched stays as it is.
    pub(crate) async fn refresh_keys(&self) {
        let gateways = self.gateways();
        for gateway in Channel::ALL
            .into_iter()
            .flat_map(|channel| gateways.of_channel(channel))
        {
            let merchant_no = gateway.merchant_no();
            match gateway.refresh_keys().await {
                Answer::Done(keys) => {
                    tracing::info!(merchant_no, keys, "keys of a channel fetched")
                }
                Answer::Rejected { code, .. } => {
                    tracing::debug!(merchant_no, code, "a channel publishes no keys");
                }
                Answer::Unknown { why } => {
                    tracing::warn!(merchant_no, %why, "keys of a channel can't be fetched");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fetched_every_hour_and_once_a_minute_while_one_is_missing() {
        let keys = ChannelKeys::new(Timestamp(0));
        let at = |ms, missing| keys.take(missing, Timestamp(ms));
        assert!(!at(HOUR_MS - 1, false) && at(HOUR_MS, false) && !at(HOUR_MS, false));
        let then = HOUR_MS + MINUTE_MS;
        assert!(!at(then - 1, true) && at(then, true) && !at(then + 1, true));
        assert!(!at(then + HOUR_MS - 1, false) && at(then + HOUR_MS, false));
    }

    #[test]
    fn the_first_unknown_key_is_fetched_at_once() {
        assert!(ChannelKeys::new(Timestamp(7)).take(true, Timestamp(7)));
    }
}
