//! The photo of a slip: whatever a person chooses is decoded within limits, turned upright, scaled and
//! written anew as a JPEG, so that nothing of the file but the picture goes on: no place, no trick.

use crate::api::Context;
use crate::api::collections::{CollectionKey, SlipView};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Code;
use domain::code::SlipProblem;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use std::io::Cursor;
use wire::keys::Hash;
use wire::slip::SLIP_BYTES;

/// Most bytes of the file that a person chooses.
const MOST_BYTES: usize = 20 * 1024 * 1024;
/// Most points of its picture: twice what a good phone makes.
const MOST_PIXELS: u64 = 100_000_000;
/// Longest side and quality, tried in turn until the photo is small enough to travel.
const SIZES: [(u32, u8); 4] = [(1_600, 80), (1_280, 70), (960, 60), (640, 50)];

/// A photo as it is kept.
#[derive(Debug)]
pub(crate) struct Photo {
    /// SHA-256 of `jpeg`, hex.
    pub(crate) sha256: String,
    /// At most [`SLIP_BYTES`].
    pub(crate) jpeg: Vec<u8>,
}

fn bad(problem: SlipProblem) -> Code {
    Code::BadSlip { problem }
}

/// Reads a file that a person chose, in base64.
///
/// # Errors
/// [`Code::BadSlip`].
pub(crate) fn taken(base64: &str) -> Result<Photo, Code> {
    if base64.len() > MOST_BYTES.div_ceil(3) * 4 {
        return Err(bad(SlipProblem::TooLarge));
    }
    let file = STANDARD.decode(base64);
    scaled(&file.map_err(|_| bad(SlipProblem::Unreadable))?)
}

fn scaled(file: &[u8]) -> Result<Photo, Code> {
    let whole = upright(file)?;
    for (side, quality) in SIZES {
        let small = if whole.width().max(whole.height()) > side {
            whole.thumbnail(side, side)
        } else {
            whole.clone()
        };
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, quality)
            .encode_image(&small.into_rgb8())
            .map_err(|error| {
                tracing::warn!(%error, "a slip can't be written as a JPEG");
                bad(SlipProblem::Unreadable)
            })?;
        if jpeg.len() <= SLIP_BYTES {
            let sha256 = Hash::of(&jpeg).to_string();
            return Ok(Photo { sha256, jpeg });
        }
    }
    Err(bad(SlipProblem::TooLarge))
}

/// The picture, the way the camera was held. The size is looked at before a point is decoded.
fn upright(file: &[u8]) -> Result<DynamicImage, Code> {
    let unreadable = |_| bad(SlipProblem::Unreadable);
    let mut reader = ImageReader::new(Cursor::new(file));
    match image::guess_format(file) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png)) => reader.set_format(format),
        _ => return Err(bad(SlipProblem::NotAPhoto)),
    }
    let mut limits = Limits::default();
    // Four bytes a point, and as much again for the decoder.
    limits.max_alloc = Some(MOST_PIXELS * 8);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(bad(SlipProblem::TooManyPixels));
    }
    let orientation = decoder.orientation().map_err(unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// The photo of a collection's slip: from this terminal, or asked of the backend.
///
/// # Errors
/// `NotFound` where there is none, `Unreachable`, and what the file says.
pub fn of(context: &Context<'_>, input: CollectionKey) -> Result<SlipView, Code> {
    let terminal = context.terminal;
    let named = terminal.ledger().collection(input.collection)?;
    let sha256 = named.collection.slip_sha256;
    if sha256.is_empty() {
        return Err(Code::NotFound {
            what: "slip".to_owned(),
        });
    }
    let held = match terminal.ledger().slip(&sha256)? {
        Some(held) => held,
        None => {
            let sync = terminal.sync().ok_or(Code::Unreachable)?;
            let told = sync.ask_slip(&sha256)?;
            if told.sha256 != sha256 || told.open().is_none() {
                return Err(Code::Damaged);
            }
            told
        }
    };
    Ok(SlipView { jpeg: held.jpeg })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut file = Vec::new();
        let picture = RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([(x % 251) as u8, (y % 241) as u8, ((x * y) % 239) as u8])
        });
        let mut to = Cursor::new(&mut file);
        picture.write_to(&mut to, ImageFormat::Png).unwrap();
        file
    }

    fn refused(file: &[u8]) -> SlipProblem {
        match scaled(file) {
            Err(Code::BadSlip { problem }) => problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_photo_is_scaled_and_named_by_its_bytes() {
        let photo = scaled(&png(3_000, 1_500)).unwrap();
        assert!(photo.jpeg.len() <= SLIP_BYTES);
        assert_eq!(photo.sha256, Hash::of(&photo.jpeg).to_string());
        let seen = image::load_from_memory(&photo.jpeg).unwrap();
        assert!(seen.width() <= 1_600 && seen.width() == seen.height() * 2);
        let again = scaled(&png(3_000, 1_500)).unwrap();
        assert_eq!(
            again.sha256, photo.sha256,
            "the same file is the same photo"
        );
        let small = scaled(&png(40, 30)).unwrap();
        let seen = image::load_from_memory(&small.jpeg).unwrap();
        assert_eq!((seen.width(), seen.height()), (40, 30));
    }

    #[test]
    fn what_is_no_photo_is_refused_by_what_is_wrong_with_it() {
        assert_eq!(refused(b"GIF89a......."), SlipProblem::NotAPhoto);
        assert_eq!(refused(b""), SlipProblem::NotAPhoto);
        assert_eq!(refused(b"<svg onload='x'/>"), SlipProblem::NotAPhoto);
        let mut torn = png(200, 200);
        torn.truncate(300);
        assert_eq!(refused(&torn), SlipProblem::Unreadable);
        // A header that claims more points than anybody photographs: nothing of them is decoded.
        let mut bomb = png(10, 10);
        bomb[16..24].copy_from_slice(&[0, 0, 0x9c, 0x40, 0, 0, 0x9c, 0x40]);
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(refused(&bomb), SlipProblem::TooManyPixels);
        let large = "A".repeat(MOST_BYTES.div_ceil(3) * 4 + 4);
        assert!(matches!(
            taken(&large),
            Err(Code::BadSlip {
                problem: SlipProblem::TooLarge
            })
        ));
        assert!(matches!(
            taken("%%%"),
            Err(Code::BadSlip {
                problem: SlipProblem::Unreadable
            })
        ));
    }

    /// PNG's checksum, so that only the size is what is wrong.
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
            })
        })
    }
}
