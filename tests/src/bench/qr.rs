//! How fast a QR becomes a picture: encoding and drawing as the pay sheet does it, against the QR
//! crate's own encoding and SVG, on the two links that terminals show.

use crate::Plan;
use crate::failure::BenchError;
use crate::measure::{median, ms, spread};
use qrcode::EcLevel;
use qrcode::render::svg;
use std::hint::black_box;
use std::time::Instant;
use terminal::qr::QrCode;

const TIMES: usize = 500;
/// Behind a usual address: the backend's code of 13 characters, and a signed link of 128.
const LINKS: [(&str, usize); 2] = [("short", 13), ("signed", 128)];

/// Prints QR codes per second.
///
/// # Errors
/// When a text does not fit.
pub(crate) fn measure(plan: &Plan) -> Result<(), BenchError> {
    for (name, length) in LINKS {
        let letters = ('0'..='9').chain('A'..='Z').chain('a'..='z').cycle();
        let text: String = "https://pay.example.cn/p/"
            .chars()
            .chain(letters.take(length))
            .collect();
        let (mut ratios, mut each, mut pictures) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            let started = Instant::now();
            for _ in 0..TIMES {
                black_box(QrCode::encode(black_box(&text))?.svg());
            }
            let ours = ms(started.elapsed());
            let started = Instant::now();
            for _ in 0..TIMES {
                let code =
                    qrcode::QrCode::with_error_correction_level(black_box(&text), EcLevel::M)?;
                black_box(code.render::<svg::Color<'_>>().build());
            }
            let alone = ms(started.elapsed());
            let started = Instant::now();
            for _ in 0..TIMES {
                black_box(QrCode::encode(black_box(&text))?.png(6)?);
            }
            pictures.push(ms(started.elapsed()) / TIMES as f64);
            ratios.push(alone / ours);
            each.push(ours / TIMES as f64);
        }
        let code = QrCode::encode(&text)?;
        println!(
            "QR {name} link ({} characters, {} modules): speed {} × the crate's own encode and SVG \
             · {:.0} SVG/s, {:.0} PNG/s",
            text.len(),
            code.modules(),
            spread(&ratios),
            1e3 / median(&each),
            1e3 / median(&pictures)
        );
    }
    Ok(())
}
