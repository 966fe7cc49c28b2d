//! Photos of slips. A photo goes with the operation that names it, in the same push, and is stored
//! once under its SHA-256; other terminals ask for it when somebody wants to see it.

use crate::keys::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// Most bytes of a photo as it is kept: a terminal scales until it fits.
pub const SLIP_BYTES: usize = 400 * 1024;

/// A photo, by what names it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    /// SHA-256 of the JPEG, hex.
    pub sha256: String,
    /// The JPEG in base64.
    pub jpeg: String,
}

impl std::fmt::Debug for Slip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slip")
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}

/// Asks for a photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlipRequest {
    /// Its SHA-256, hex.
    pub sha256: String,
}

impl Slip {
    /// A photo with its name.
    pub fn of(jpeg: &[u8]) -> Slip {
        Slip {
            sha256: Hash::of(jpeg).to_string(),
            jpeg: STANDARD.encode(jpeg),
        }
    }

    /// The JPEG, if it is one, no larger than [`SLIP_BYTES`], and what its name says.
    pub fn open(&self) -> Option<Vec<u8>> {
        if self.jpeg.len() > SLIP_BYTES.div_ceil(3) * 4 {
            return None;
        }
        let jpeg = STANDARD.decode(&self.jpeg).ok()?;
        // Its text may be as long as a permitted photo's and hold a byte or two more.
        let is_jpeg = jpeg.starts_with(&[0xff, 0xd8, 0xff]) && jpeg.len() <= SLIP_BYTES;
        (is_jpeg && Hash::of(&jpeg).to_string() == self.sha256).then_some(jpeg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_opens_only_as_what_its_name_says() {
        let jpeg = [&[0xff, 0xd8, 0xff, 0xe0][..], &[7; 40]].concat();
        let slip = Slip::of(&jpeg);
        assert_eq!(slip.open(), Some(jpeg.clone()));
        let renamed = Slip {
            sha256: Hash::of(b"other").to_string(),
            ..slip.clone()
        };
        let other = Slip {
            jpeg: STANDARD.encode(b"GIF89a"),
            sha256: Hash::of(b"GIF89a").to_string(),
        };
        let mut large = jpeg;
        large.resize(SLIP_BYTES + 1, 0);
        let garbled = Slip {
            jpeg: "***".into(),
            ..slip
        };
        for bad in [renamed, other, Slip::of(&large), garbled] {
            assert_eq!(bad.open(), None);
        }
    }
}
