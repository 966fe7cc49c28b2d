//! What held and what did not. A pair ends at the first check that does not hold, because what
//! follows would only repeat it.

use std::fmt::Debug;

/// Why a pair is not ok.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeerError {
    /// Something that must hold does not.
    #[error("does not hold: {what}; seen: {seen}")]
    Broken {
        /// What must hold.
        what: String,
        /// What was there instead.
        seen: String,
    },
    /// The peer's script ended, or never said what it should.
    #[error("{script}: {why}")]
    Script {
        /// Its file.
        script: String,
        /// Its own words, or what is known.
        why: String,
    },
    /// The sandbox did not start.
    #[error(transparent)]
    Sandbox(#[from] sandbox::SandboxError),
    /// Our client refuses the binding.
    #[error(transparent)]
    Config(#[from] gateways::ConfigError),
}

/// Counts checks that held.
#[derive(Default)]
pub(crate) struct Checks(u32);

impl Checks {
    /// How many held.
    pub(crate) fn held(&self) -> u32 {
        self.0
    }

    /// Counts a check that holds; one that does not ends the pair.
    pub(crate) fn holds(
        &mut self,
        what: &str,
        holds: bool,
        seen: &dyn Debug,
    ) -> Result<(), PeerError> {
        if !holds {
            return Err(PeerError::Broken {
                what: what.to_owned(),
                seen: format!("{seen:?}"),
            });
        }
        self.0 += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_hold_is_told_and_not_counted() {
        let mut checks = Checks::default();
        checks.holds("one is one", true, &1).unwrap();
        let broken = checks.holds("one is two", false, &1).unwrap_err();
        assert_eq!(broken.to_string(), "does not hold: one is two; seen: 1");
        assert_eq!(checks.held(), 1);
    }
}
