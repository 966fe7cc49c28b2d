//! What can go wrong, by who has to act: [`ConfigError`] is the administrator's (a binding that
//! can't work), [`CallbackError`] is about a message that claims to come from a channel, and
//! [`Why`] says why the outcome of a request is unknown. None of them carries a key.

/// A binding that can't be used. Nothing was sent.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// A setting is empty or of the wrong form.
    #[error("{field}: {problem}; correct it in the wallet binding")]
    Field {
        /// The setting.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A private key is no RSA key of 2048 bits or more in PKCS#8 or PKCS#1.
    #[error("{field} is not an RSA private key of at least 2048 bits; paste the whole key file")]
    PrivateKey {
        /// The setting.
        field: &'static str,
    },
    /// A public key or certificate can't be read.
    #[error("{field} is not an RSA public key or certificate; paste the whole file")]
    PublicKey {
        /// The setting.
        field: &'static str,
    },
    /// No key to check the channel's signatures with.
    #[error("there is no key to verify the channel's answers with; add one to the wallet binding")]
    NoVerificationKey,
    /// The HTTP client could not be made.
    #[error("the HTTP client could not start: {0}; check the system's root certificates")]
    HttpClient(String),
}

/// Why a message that claims to come from a channel is refused: a callback, an answer, or a stored
/// record of one. A refused message changes nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CallbackError {
    /// A header or form field that carries part of the signature is missing.
    #[error("the message has no {name}; it was not sent by the channel, or a proxy cut it")]
    Missing {
        /// The header or form field.
        name: &'static str,
    },
    /// A header that may stand once stands twice, so it is not known which one was signed.
    #[error("the message has more than one {name}; refused")]
    Repeated {
        /// The header or form field.
        name: String,
    },
    /// Sent more than five minutes away from our clock: a replay, or a wrong clock.
    #[error("the message is {seconds} s away from this clock; check the clock, it may be a replay")]
    Stale {
        /// Distance in seconds.
        seconds: u64,
    },
    /// Signed with a key we don't hold.
    #[error("the message is signed with key {serial}, which the wallet binding does not hold")]
    UnknownKey {
        /// The key's serial or id, as sent.
        serial: String,
    },
    /// Signed with a key outside its time of validity.
    #[error("the message is signed with key {serial}, which is not valid at its time")]
    KeyNotValid {
        /// The key's serial or id.
        serial: String,
    },
    /// A kind of signature that is not accepted.
    #[error("the message is signed by {kind}, which is not accepted")]
    SignatureKind {
        /// The kind, as sent.
        kind: String,
    },
    /// The signature does not fit the bytes.
    #[error(
        "the signature does not fit the message; it is forged, damaged or a channel's own test"
    )]
    BadSignature,
    /// The encrypted part can't be opened with our key.
    #[error("the encrypted part cannot be opened; check the API v3 key of the wallet binding")]
    Undecryptable,
    /// Verified, but not of the form the channel documents.
    #[error("the message is not what the channel documents: {what}")]
    Malformed {
        /// What is missing or wrong.
        what: &'static str,
    },
    /// Verified, but about another merchant account than this binding's.
    #[error("the message is about merchant account {merchant_no}, which is not this binding's")]
    OtherMerchant {
        /// The account it names.
        merchant_no: String,
    },
    /// Verified, but not in yuan.
    #[error("the message is in {currency}; only CNY is accepted")]
    Currency {
        /// The currency it names.
        currency: String,
    },
    /// A stored record states other facts than the channel's own bytes in it.
    #[error("the stored record differs from the channel's message in it; it has been altered")]
    RecordDiffers,
}

/// Why the outcome of a request is not known. The request may have taken effect: repeat it with
/// the same number, or query.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Why {
    /// No whole answer arrived.
    #[error("no answer from the channel: {0}")]
    Transport(String),
    /// An answer arrived whose signature is missing, wrong or too old.
    #[error("the channel's answer was not accepted: {0}")]
    Unverified(#[from] CallbackError),
    /// A refusal that nobody signed: a proxy or captive portal could have made it.
    #[error("an unsigned refusal (HTTP {status}, {code}): {message}")]
    Unsigned {
        /// HTTP status.
        status: u16,
        /// The code in it, empty when there was none.
        code: String,
        /// The text in it.
        message: String,
    },
    /// The channel says that it does not know yet, or has no time now.
    #[error("the channel has no result yet (HTTP {status}, {code}); ask again")]
    NotYet {
        /// HTTP status.
        status: u16,
        /// The channel's code, empty when there was none.
        code: String,
    },
    /// A verified answer to another question.
    #[error("the channel's answer does not fit the question: {what}")]
    Mismatch {
        /// What differs.
        what: &'static str,
    },
    /// Not sent: this computer's clock is too far off for a signature to be accepted.
    #[error("this computer's clock is {seconds} s away from the channel's; set it, then retry")]
    ClockSkew {
        /// Our clock minus the channel's, in seconds.
        seconds: i64,
    },
    /// Not sent: the request could not be built or signed.
    #[error("the request could not be made: {what}")]
    NotSent {
        /// Which step failed.
        what: &'static str,
    },
}
