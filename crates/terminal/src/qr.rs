//! The QR code that a payer's phone reads, as SVG for the screen and as PNG for print and export.
//!
//! Level M, whole-unit modules and a quiet zone of four: phones were found to read exactly that
//! best (rule 6.3). A picture scaled to fractions of a pixel blurs module edges, so the SVG counts
//! in modules and the PNG takes whole pixels.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use qrcode::types::QrError;
use qrcode::{Color, EcLevel, Version};
use std::fmt::Write as _;

/// Light modules on each side, as the standard asks.
pub const QUIET_ZONE: usize = 4;

/// Pixels a module beyond which a picture is a mistake rather than a poster.
const MOST_PIXELS: u32 = 64;

/// Why no code or picture was made.
#[derive(Debug, thiserror::Error)]
pub enum QrFailure {
    /// The text does not fit any QR code.
    #[error("a QR code can't hold this text of {bytes} bytes ({reason}): shorten it")]
    Text {
        /// Its length.
        bytes: usize,
        /// What the encoder says.
        reason: QrError,
    },
    /// The wanted size is none.
    #[error("a QR module of {0} pixels is not possible: ask for 1 to 64")]
    ModuleSize(u32),
    /// The picture could not be written.
    #[error("the QR picture could not be written: {0}")]
    Picture(#[from] image::ImageError),
}

/// An encoded QR code at level M.
#[derive(Clone)]
pub struct QrCode {
    code: qrcode::QrCode,
}

impl QrCode {
    /// Encodes a text into the smallest code of level M.
    ///
    /// # Errors
    /// When the text is too long for any.
    pub fn encode(text: &str) -> Result<QrCode, QrFailure> {
        let code =
            qrcode::QrCode::with_error_correction_level(text, EcLevel::M).map_err(|reason| {
                QrFailure::Text {
                    bytes: text.len(),
                    reason,
                }
            })?;
        Ok(QrCode { code })
    }

    /// Modules a side, without the quiet zone.
    pub fn modules(&self) -> usize {
        self.code.width()
    }

    /// Modules a side with the quiet zone on both sides: the SVG's viewBox.
    pub fn modules_with_quiet_zone(&self) -> usize {
        self.modules() + 2 * QUIET_ZONE
    }

    /// The QR version, 1 to 40.
    pub fn version(&self) -> i16 {
        match self.code.version() {
            Version::Normal(version) | Version::Micro(version) => version,
        }
    }

    /// Whether a module is dark; false outside the code.
    fn dark(&self, x: usize, y: usize) -> bool {
        let width = self.modules();
        x < width && y < width && self.code[(x, y)] == Color::Dark
    }

    /// An SVG without a size of its own: whoever shows it sets a whole number of pixels a module.
    pub fn svg(&self) -> String {
        let side = self.modules_with_quiet_zone();
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
             <path fill=\"#000\" d=\""
        );
        for y in 0..self.modules() {
            let mut x = 0;
            while x < self.modules() {
                let run = (x..self.modules()).take_while(|&x| self.dark(x, y)).count();
                if run > 0 {
                    let (left, top) = (x + QUIET_ZONE, y + QUIET_ZONE);
                    // Writing to a String cannot fail.
                    let _ = write!(out, "M{left} {top}h{run}v1h-{run}z");
                }
                x += run.max(1);
            }
        }
        out.push_str("\"/></svg>");
        out
    }

    /// A grayscale PNG with `module` whole pixels a module, quiet zone included.
    ///
    /// # Errors
    /// When `module` is 0 or above 64.
    pub fn png(&self, module: u32) -> Result<Vec<u8>, QrFailure> {
        let scale = usize::try_from(module)
            .ok()
            .filter(|_| (1..=MOST_PIXELS).contains(&module))
            .ok_or(QrFailure::ModuleSize(module))?;
        let side = self.modules_with_quiet_zone() * scale;
        let mut pixels = Vec::with_capacity(side * side);
        for y in 0..side {
            for x in 0..side {
                let at = |pixel: usize| (pixel / scale).checked_sub(QUIET_ZONE);
                let dark = matches!((at(x), at(y)), (Some(x), Some(y)) if self.dark(x, y));
                pixels.push(if dark { 0 } else { 255 });
            }
        }
        let mut out = Vec::new();
        let side = u32::try_from(side).map_err(|_| QrFailure::ModuleSize(module))?;
        PngEncoder::new(&mut out).write_image(&pixels, side, side, ExtendedColorType::L8)?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths and versions of payment links as they were measured for level M.
    #[test]
    fn links_take_the_expected_version() {
        let host = "https://pay.example.com/c/";
        for (bytes, version, modules) in [(48, 4, 33), (97, 6, 41), (118, 7, 45), (161, 9, 53)] {
            let tail: String = (0..bytes - host.len())
                .map(|n| char::from(b"abcdefghijklmnopqrstuvwxyz_-"[n * 7 % 28]))
                .collect();
            let code = QrCode::encode(&format!("{host}{tail}")).unwrap();
            assert_eq!(
                (code.version(), code.modules()),
                (version, modules),
                "{bytes} bytes"
            );
        }
    }

    #[test]
    fn a_text_beyond_every_version_is_refused_with_its_length() {
        let error = QrCode::encode(&"x".repeat(3_000)).err().unwrap();
        assert!(error.to_string().contains("3000 bytes"), "{error}");
    }

    /// Draws the SVG's path on a grid again and compares it with the PNG's pixels.
    #[test]
    fn svg_and_png_show_the_same_modules_with_a_quiet_zone_of_four() {
        let code = QrCode::encode("https://pay.example.com/p/0123456789ABC").unwrap();
        let side = code.modules_with_quiet_zone();
        assert_eq!(side, code.modules() + 8);
        let svg = code.svg();
        assert!(
            svg.contains(&format!("viewBox=\"0 0 {side} {side}\"")),
            "{svg}"
        );
        assert!(svg.contains("shape-rendering=\"crispEdges\""), "{svg}");
        let mut grid = vec![255u8; side * side];
        let path = svg
            .split("fill=\"#000\" d=\"M")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        assert!(!path.contains('.'), "whole units: {path}");
        for run in path.split('M') {
            let numbers: Vec<usize> = run
                .split(|c: char| !c.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect();
            grid[numbers[1] * side + numbers[0]..][..numbers[2]].fill(0);
        }
        let png = code.png(1).unwrap();
        let picture = image::load_from_memory(&png).unwrap();
        assert_eq!(picture.color(), image::ColorType::L8);
        assert_eq!(picture.to_luma8().as_raw(), &grid);
        for edge in 0..QUIET_ZONE {
            assert!(
                grid[edge * side..(edge + 1) * side]
                    .iter()
                    .all(|&pixel| pixel == 255)
            );
        }
        // The finder pattern stands in the corner.
        assert!(
            grid[4 * side + 4..4 * side + 11]
                .iter()
                .all(|&pixel| pixel == 0)
        );
    }

    #[test]
    fn modules_are_whole_pixels() {
        let code = QrCode::encode("fieldtill").unwrap();
        let side = code.modules_with_quiet_zone() as u32;
        let small = image::load_from_memory(&code.png(1).unwrap())
            .unwrap()
            .to_luma8();
        let large = image::load_from_memory(&code.png(5).unwrap())
            .unwrap()
            .to_luma8();
        assert_eq!(large.dimensions(), (5 * side, 5 * side));
        for (x, y, pixel) in large.enumerate_pixels() {
            assert_eq!(pixel, small.get_pixel(x / 5, y / 5), "{x},{y}");
        }
        assert!(matches!(code.png(0), Err(QrFailure::ModuleSize(0))));
        assert!(matches!(code.png(65), Err(QrFailure::ModuleSize(65))));
    }

    #[test]
    fn an_independent_reader_reads_the_text_back() {
        let text = "https://pay.example.com/p/AbCdEfGh-_0123456789".repeat(3);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("code.png");
        std::fs::write(&file, QrCode::encode(&text).unwrap().png(4).unwrap()).unwrap();
        match std::process::Command::new("zbarimg")
            .args(["--quiet", "--raw"])
            .arg(&file)
            .output()
        {
            Ok(read) => assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), text),
            Err(error) => println!("not run: no zbarimg to read the picture ({error})"),
        }
    }
}
