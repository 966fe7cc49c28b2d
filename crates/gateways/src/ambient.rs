//! Time and nonces come from outside, so that tests own them and a signed message can be repeated
//! to the byte. The backend adapts its own environment to this.

/// The clock and the source of nonces of a gateway.
pub trait Ambient: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00Z by the wall clock.
    fn unix_ms(&self) -> i64;

    /// A fresh, unpredictable text of 16 to 32 characters of `[0-9A-Za-z]`.
    fn nonce(&self) -> String;
}
