//! The two things a program can't compute: what time it is, and what nobody can guess. Both come in
//! through one trait so that tests and the simulator own them and a seed repeats a run.

use domain::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt::Debug;
use uuid::Uuid;

/// Time and randomness.
pub trait Env: Send + Sync + Debug {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// Fills `bytes` with random bytes fit for keys.
    fn random(&self, bytes: &mut [u8]);

    /// A fresh UUID v7 of this moment.
    fn uuid(&self) -> Uuid {
        let mut random = [0u8; 10];
        self.random(&mut random);
        let ms = u64::try_from(self.now().0).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
    }

    /// A fresh random number.
    fn number(&self) -> u64 {
        let mut bytes = [0u8; 8];
        self.random(&mut bytes);
        u64::from_be_bytes(bytes)
    }
}

/// The computer's own clock and random source.
#[derive(Debug)]
pub struct SystemEnv {
    random: SystemRandom,
}

impl SystemEnv {
    /// The computer's own.
    pub fn new() -> SystemEnv {
        SystemEnv {
            random: SystemRandom::new(),
        }
    }
}

impl Default for SystemEnv {
    fn default() -> SystemEnv {
        SystemEnv::new()
    }
}

impl Env for SystemEnv {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(
        clippy::expect_used,
        reason = "without randomness no key or id is safe to make"
    )]
    fn random(&self, bytes: &mut [u8]) {
        self.random
            .fill(bytes)
            .expect("the operating system gives random bytes");
    }
}
