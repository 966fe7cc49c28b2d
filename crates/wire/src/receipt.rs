//! The receipt that the payer's phone shows after paying (rule 6.6): signed by the backend over the
//! intent, the amount, the channel's number and the time, so that a terminal without a network can
//! check it, amount included, and nobody at the counter can make one.

use crate::keys::{KeyError, Keypair, PublicKey, Signature};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::IntentId;
use domain::{Money, Timestamp};

const PREFIX: &str = "FTR1.";

/// What was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// For which intent.
    pub intent: IntentId,
    /// How much the channel reports.
    pub amount_fen: Money,
    /// When, whole seconds.
    pub paid_at: Timestamp,
    /// The channel's number.
    pub provider_no: String,
}

/// Why a receipt is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not a receipt at all.
    #[error("not a receipt: scan the code that the payer's phone shows after paying")]
    NotAReceipt,
    /// The backend did not sign it.
    #[error("receipt that the backend did not sign")]
    Forged(#[from] KeyError),
}

impl Receipt {
    /// The text of the receipt's QR.
    pub fn seal(&self, key: &Keypair) -> String {
        let body = self.body();
        let signature = key.sign(&signed_bytes(&body));
        let signed = [signature.0.as_slice(), body.as_bytes()].concat();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(signed))
    }

    /// Checks and reads a scanned text.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn open(text: &str, key: &PublicKey) -> Result<Receipt, ReceiptError> {
        let encoded = text
            .trim()
            .strip_prefix(PREFIX)
            .ok_or(ReceiptError::NotAReceipt)?;
        let bytes = URL_SAFE_NO_PAD
            .decode(encoded)
            .map_err(|_| ReceiptError::NotAReceipt)?;
        let (signature, body) = bytes
            .split_first_chunk::<64>()
            .ok_or(ReceiptError::NotAReceipt)?;
        let body = std::str::from_utf8(body).map_err(|_| ReceiptError::NotAReceipt)?;
        key.verify(&signed_bytes(body), &Signature(*signature))?;
        let mut parts = body.splitn(4, ' ');
        let mut next = || parts.next().ok_or(ReceiptError::NotAReceipt);
        let (intent, fen, seconds, provider_no) = (next()?, next()?, next()?, next()?);
        let seconds: i64 = seconds.parse().map_err(|_| ReceiptError::NotAReceipt)?;
        Ok(Receipt {
            intent: intent.parse().map_err(|_| ReceiptError::NotAReceipt)?,
            amount_fen: Money::from_fen(fen.parse().map_err(|_| ReceiptError::NotAReceipt)?),
            paid_at: Timestamp(seconds.saturating_mul(1000)),
            provider_no: provider_no.to_owned(),
        })
    }

    fn body(&self) -> String {
        let seconds = self.paid_at.0.div_euclid(1000);
        format!(
            "{} {} {seconds} {}",
            self.intent,
            self.amount_fen.fen(),
            self.provider_no
        )
    }
}

fn signed_bytes(body: &str) -> Vec<u8> {
    format!("fieldtill receipt\n{body}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_round_trips_and_no_letter_of_it_can_be_changed() {
        let key = Keypair::from_seed([3; 32]);
        let receipt = Receipt {
            intent: IntentId(77),
            amount_fen: Money::from_fen(630_600),
            paid_at: Timestamp(1_795_000_000_000),
            provider_no: "4200001234202611221234567890".into(),
        };
        let text = receipt.seal(&key);
        assert_eq!(Receipt::open(&text, &key.public()), Ok(receipt.clone()));
        for index in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(
                Receipt::open(&changed, &key.public()) != Ok(receipt.clone()),
                "{index}"
            );
        }
        let other = Keypair::from_seed([4; 32]);
        assert!(matches!(
            Receipt::open(&text, &other.public()),
            Err(ReceiptError::Forged(_))
        ));
    }
}
