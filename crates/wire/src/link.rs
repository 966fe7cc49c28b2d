//! The payment link: what the QR says. Online it carries the backend's random code (rule 6.1);
//! offline a fixed body signed by the terminal (6.2), which the backend can check because it knows
//! the terminal's public key, and nobody else can make. No name or number of a person is in it: links
//! end up in the wallets' logs.

use crate::keys::{Hash, KeyError, Keypair, PublicKey, Signature};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::collection::Purpose;
use domain::id::{IntentId, TerminalId, crockford};
use domain::{Money, Timestamp};

/// Length of the body in bytes.
pub const BODY_LEN: usize = 32;
const VERSION: u8 = 1;
const LARGEST_FEN: i64 = (1 << 40) - 1;

/// What an offline link asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkBody {
    /// Which terminal signed it; the company is found through it.
    pub terminal: TerminalId,
    /// The ticket, which becomes the intent.
    pub intent: IntentId,
    /// The distributor's number; 0 while the backend has not given one.
    pub distributor_number: u32,
    /// How much, in fen; 1 to 2^40 − 1.
    pub amount_fen: Money,
    /// When it ends; whole seconds.
    pub expires_at: Timestamp,
    /// What for.
    pub purpose: Purpose,
    /// The asking revision.
    pub revision: u16,
}

/// Why a link is refused. A payer sees one sentence and no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Neither form of link.
    #[error("not a payment link")]
    NotALink,
    /// A version this backend does not know.
    #[error("payment link of unknown version {0}")]
    UnknownVersion(u8),
    /// A field that can't be.
    #[error("payment link with an impossible field")]
    BadField,
    /// Changed on the way, or signed by somebody else.
    #[error("payment link that its terminal did not sign")]
    Forged(#[from] KeyError),
}

/// What stands behind `/p/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// The backend's own code: 13 characters of Crockford base32.
    Short(String),
    /// A signed body, not verified yet.
    Signed(SignedLink),
}

impl Link {
    /// Reads the part of the path behind `/p/`.
    ///
    /// # Errors
    /// [`LinkError::NotALink`], [`LinkError::UnknownVersion`], [`LinkError::BadField`].
    pub fn parse(text: &str) -> Result<Link, LinkError> {
        if text.len() == 13 {
            let code = text.to_ascii_uppercase();
            domain::id::uncrockford(&code, 13).ok_or(LinkError::NotALink)?;
            return Ok(Link::Short(code));
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| LinkError::NotALink)?;
        let bytes: [u8; BODY_LEN + 64] = bytes.try_into().map_err(|_| LinkError::NotALink)?;
        let mut body = [0u8; BODY_LEN];
        body.copy_from_slice(&bytes[..BODY_LEN]);
        let mut signature = [0u8; 64];
        signature.copy_from_slice(&bytes[BODY_LEN..]);
        Ok(Link::Signed(SignedLink {
            body: LinkBody::from_bytes(&body)?,
            bytes: body,
            signature: Signature(signature),
        }))
    }
}

/// A signed link whose fields can be read and whose signature has still to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedLink {
    body: LinkBody,
    bytes: [u8; BODY_LEN],
    signature: Signature,
}

impl SignedLink {
    /// The terminal it claims to come from: whose key to verify with.
    pub fn claimed_terminal(&self) -> TerminalId {
        self.body.terminal
    }

    /// The body, once the terminal's key has verified it.
    ///
    /// # Errors
    /// [`LinkError::Forged`].
    pub fn verify(&self, key: &PublicKey) -> Result<LinkBody, LinkError> {
        key.verify(&signed_bytes(&self.bytes), &self.signature)?;
        Ok(self.body)
    }
}

/// Two contexts must never share a signed text; the prefix keeps links apart from all else.
fn signed_bytes(body: &[u8; BODY_LEN]) -> Vec<u8> {
    [b"fieldtill link".as_slice(), body].concat()
}

impl LinkBody {
    /// The path's last part: body and signature in base64url, 128 characters.
    ///
    /// # Errors
    /// [`LinkError::BadField`] when the amount or time does not fit.
    pub fn seal(&self, key: &Keypair) -> Result<String, LinkError> {
        let body = self.to_bytes()?;
        let signature = key.sign(&signed_bytes(&body));
        Ok(URL_SAFE_NO_PAD.encode([body.as_slice(), &signature.0].concat()))
    }

    fn to_bytes(self) -> Result<[u8; BODY_LEN], LinkError> {
        let fen = self.amount_fen.fen();
        let seconds = u32::try_from(self.expires_at.0 / 1000).map_err(|_| LinkError::BadField)?;
        if fen <= 0 || fen > LARGEST_FEN {
            return Err(LinkError::BadField);
        }
        let purpose = match self.purpose {
            Purpose::OrderPayment => 0,
            Purpose::PrepaidDeposit => 1,
            Purpose::Other => 2,
        };
        let mut out = [0u8; BODY_LEN];
        out[0] = VERSION;
        out[1..9].copy_from_slice(&self.terminal.0.to_be_bytes());
        out[9..17].copy_from_slice(&self.intent.0.to_be_bytes());
        out[17..21].copy_from_slice(&self.distributor_number.to_be_bytes());
        out[21..26].copy_from_slice(&fen.to_be_bytes()[3..]);
        out[26..30].copy_from_slice(&seconds.to_be_bytes());
        // Two bits of purpose, fourteen of revision.
        let last = (purpose << 14) | (self.revision & 0x3fff);
        if self.revision > 0x3fff {
            return Err(LinkError::BadField);
        }
        out[30..32].copy_from_slice(&last.to_be_bytes());
        Ok(out)
    }

    fn from_bytes(bytes: &[u8; BODY_LEN]) -> Result<LinkBody, LinkError> {
        fn be<const N: usize>(bytes: &[u8]) -> [u8; N] {
            let mut out = [0u8; N];
            out.copy_from_slice(bytes);
            out
        }
        if bytes[0] != VERSION {
            return Err(LinkError::UnknownVersion(bytes[0]));
        }
        let mut fen = [0u8; 8];
        fen[3..].copy_from_slice(&bytes[21..26]);
        let fen = i64::from_be_bytes(fen);
        let last = u16::from_be_bytes(be(&bytes[30..32]));
        let purpose = match last >> 14 {
            0 => Purpose::OrderPayment,
            1 => Purpose::PrepaidDeposit,
            2 => Purpose::Other,
            _ => return Err(LinkError::BadField),
        };
        if fen == 0 {
            return Err(LinkError::BadField);
        }
        Ok(LinkBody {
            terminal: TerminalId(u64::from_be_bytes(be(&bytes[1..9]))),
            intent: IntentId(u64::from_be_bytes(be(&bytes[9..17]))),
            distributor_number: u32::from_be_bytes(be(&bytes[17..21])),
            amount_fen: Money::from_fen(fen),
            expires_at: Timestamp(i64::from(u32::from_be_bytes(be(&bytes[26..30]))) * 1000),
            purpose,
            revision: last & 0x3fff,
        })
    }

    /// The four digits that the terminal and the cashier page both show for this ask.
    pub fn check_code(&self) -> String {
        check_code(self.intent, self.amount_fen, self.revision)
    }
}

/// Four digits bound to the intent, its amount and revision: a payer who compares them knows that
/// the page in the hand is the ask on the screen.
pub fn check_code(intent: IntentId, amount: Money, revision: u16) -> String {
    let hash = Hash::of(format!("fieldtill check {intent} {} {revision}", amount.fen()).as_bytes());
    let number = u32::from_be_bytes([hash.0[0], hash.0[1], hash.0[2], hash.0[3]]);
    format!("{:04}", number % 10_000)
}

/// A fresh code for a short link: 65 random bits.
pub fn short_code(env: &dyn crate::Env) -> String {
    let mut bytes = [0u8; 16];
    env.random(&mut bytes);
    crockford(u128::from_be_bytes(bytes), 13)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> LinkBody {
        LinkBody {
            terminal: TerminalId(0x0102_0304_0506_0708),
            intent: IntentId(0x1112_1314_1516_1718),
            distributor_number: 42,
            amount_fen: Money::from_fen(630_600),
            expires_at: Timestamp(1_795_000_000_000),
            purpose: Purpose::PrepaidDeposit,
            revision: 3,
        }
    }

    fn read(text: &str, key: &PublicKey) -> Result<LinkBody, LinkError> {
        match Link::parse(text)? {
            Link::Signed(signed) => signed.verify(key),
            Link::Short(_) => Err(LinkError::NotALink),
        }
    }

    #[test]
    fn a_signed_link_says_what_was_asked_and_fits_a_small_code() {
        let key = Keypair::from_seed([5; 32]);
        let text = body().seal(&key).unwrap();
        assert_eq!(text.len(), 128);
        assert_eq!(read(&text, &key.public()), Ok(body()));
    }

    #[test]
    fn any_changed_byte_is_refused() {
        let key = Keypair::from_seed([5; 32]);
        let text = body().seal(&key).unwrap();
        let mut tried = 0;
        for index in 0..text.len() {
            for replacement in ['A', 'B', '_', '-', '!', '9'] {
                let mut changed: Vec<char> = text.chars().collect();
                if changed[index] == replacement {
                    continue;
                }
                changed[index] = replacement;
                let changed: String = changed.into_iter().collect();
                assert!(
                    read(&changed, &key.public()).is_err(),
                    "{index} {replacement}"
                );
                tried += 1;
            }
        }
        assert!(tried > 600);
    }

    #[test]
    fn another_terminals_signature_is_refused() {
        let (ours, theirs) = (Keypair::from_seed([5; 32]), Keypair::from_seed([6; 32]));
        let text = body().seal(&theirs).unwrap();
        assert_eq!(
            read(&text, &ours.public()),
            Err(LinkError::Forged(KeyError::BadSignature))
        );
    }

    #[test]
    fn amounts_that_do_not_fit_are_refused_when_made() {
        let key = Keypair::from_seed([5; 32]);
        for fen in [0, -1, 1 << 40] {
            let ask = LinkBody {
                amount_fen: Money::from_fen(fen),
                ..body()
            };
            assert_eq!(ask.seal(&key), Err(LinkError::BadField), "{fen}");
        }
        let ask = LinkBody {
            amount_fen: Money::from_fen((1 << 40) - 1),
            ..body()
        };
        assert_eq!(read(&ask.seal(&key).unwrap(), &key.public()), Ok(ask));
    }

    #[test]
    fn short_codes_are_read_in_either_case() {
        let code = "0123456789ABC";
        assert_eq!(
            Link::parse(&code.to_lowercase()),
            Ok(Link::Short(code.into()))
        );
        assert_eq!(Link::parse("0123456789AB!"), Err(LinkError::NotALink));
    }

    #[test]
    fn the_check_code_moves_with_amount_and_revision() {
        let code = body().check_code();
        assert_eq!(code.len(), 4);
        assert_ne!(
            code,
            LinkBody {
                amount_fen: Money::from_fen(630_601),
                ..body()
            }
            .check_code()
        );
        assert_ne!(
            code,
            LinkBody {
                revision: 4,
                ..body()
            }
            .check_code()
        );
    }
}
