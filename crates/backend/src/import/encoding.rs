//! Text of unknown encoding, made UTF-8 as it streams by. Chinese offices write GB18030 or UTF-8,
//! with a byte order mark or without; anything else is refused with the row where it shows, because
//! a silently wrong name is worse than no name.

use super::{ImportError, Limits, Measure, Reason, Source, at_row, whole_file};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};
use flate2::read::GzDecoder;
use std::io::{self, Read};

const CHUNK: usize = 64 << 10;

/// Opens a file, unpacking `.gz`, and refuses one that is empty or over the limit.
pub(super) fn open(from: &Source, limits: &Limits) -> Result<Box<dyn Read>, ImportError> {
    let (file, length) = from.open()?;
    if length == 0 {
        return Err(whole_file(from, Reason::Empty));
    }
    if length > limits.file_bytes {
        let reason = Reason::Limit {
            what: Measure::FileBytes,
            limit: limits.file_bytes,
        };
        return Err(whole_file(from, reason));
    }
    // One byte beyond the limit is read, so that reaching it is told from ending there.
    let bound = limits.unpacked_bytes + 1;
    Ok(if from.packed() {
        Box::new(GzDecoder::new(file).take(bound))
    } else {
        Box::new(file.take(bound))
    })
}

/// Reads the file once to find out what its text is written in.
pub(super) fn detect(from: &Source, limits: &Limits) -> Result<&'static Encoding, ImportError> {
    let mut bad_utf8 = Scan::new(UTF_8);
    let mut bad_gb = Scan::new(GB18030);
    let mut input = open(from, limits)?;
    let mut buffer = vec![0u8; CHUNK];
    let mut total = 0u64;
    loop {
        let read = fill(&mut *input, &mut buffer).map_err(|error| from.failed(error))?;
        if total == 0 && (buffer.starts_with(b"\xff\xfe") || buffer.starts_with(b"\xfe\xff")) {
            return Err(whole_file(from, Reason::Utf16));
        }
        total += read as u64;
        if total > limits.unpacked_bytes {
            let limit = limits.unpacked_bytes;
            return Err(whole_file(
                from,
                Reason::Limit {
                    what: Measure::UnpackedBytes,
                    limit,
                },
            ));
        }
        let last = read < buffer.len();
        bad_utf8.feed(&buffer[..read], last);
        bad_gb.feed(&buffer[..read], last);
        if last {
            break;
        }
    }
    if total == 0 {
        return Err(whole_file(from, Reason::Empty));
    }
    match (bad_utf8.bad_row, bad_gb.bad_row) {
        (None, _) => Ok(UTF_8),
        (Some(_), None) => Ok(GB18030),
        (Some(row), Some(other)) => Err(at_row(from, row.max(other), Reason::Encoding)),
    }
}

fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut held = 0;
    while held < buffer.len() {
        match input.read(&mut buffer[held..])? {
            0 => break,
            read => held += read,
        }
    }
    Ok(held)
}

/// Counts rows until the first byte that the encoding does not know. A NUL is no text either.
struct Scan {
    decoder: Decoder,
    row: u64,
    bad_row: Option<u64>,
    out: String,
}

impl Scan {
    fn new(encoding: &'static Encoding) -> Scan {
        let out = String::with_capacity(CHUNK);
        Scan {
            decoder: encoding.new_decoder_with_bom_removal(),
            row: 1,
            bad_row: None,
            out,
        }
    }

    fn feed(&mut self, mut bytes: &[u8], last: bool) {
        while self.bad_row.is_none() {
            self.out.clear();
            let (result, read) =
                self.decoder
                    .decode_to_string_without_replacement(bytes, &mut self.out, last);
            bytes = &bytes[read..];
            let nul = self.out.find('\0');
            let text = nul.map_or(self.out.as_str(), |at| &self.out[..at]);
            self.row += text.bytes().filter(|byte| *byte == b'\n').count() as u64;
            if nul.is_some() || matches!(result, DecoderResult::Malformed(..)) {
                self.bad_row = Some(self.row);
            }
            if matches!(result, DecoderResult::InputEmpty) {
                return;
            }
        }
    }
}

/// The file's text as UTF-8 bytes, its byte order mark removed.
pub(super) struct Utf8<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_from: usize,
    raw_to: usize,
    out: Vec<u8>,
    out_from: usize,
    ended: bool,
}

impl<R: Read> Utf8<R> {
    pub(super) fn new(input: R, encoding: &'static Encoding) -> Utf8<R> {
        Utf8 {
            input,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; CHUNK],
            raw_from: 0,
            raw_to: 0,
            out: Vec::new(),
            out_from: 0,
            ended: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        if self.raw_from == self.raw_to {
            self.raw_from = 0;
            self.raw_to = self.input.read(&mut self.raw)?;
        }
        let last = self.raw_to == 0;
        let source = &self.raw[self.raw_from..self.raw_to];
        self.out.resize(CHUNK * 2, 0);
        let (result, read, written) =
            self.decoder
                .decode_to_utf8_without_replacement(source, &mut self.out, last);
        if matches!(result, DecoderResult::Malformed(..)) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the file changed meanwhile",
            ));
        }
        self.raw_from += read;
        self.out.truncate(written);
        self.out_from = 0;
        self.ended = last && matches!(result, DecoderResult::InputEmpty);
        Ok(())
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.out_from == self.out.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let count = buffer.len().min(self.out.len() - self.out_from);
        buffer[..count].copy_from_slice(&self.out[self.out_from..self.out_from + count]);
        self.out_from += count;
        Ok(count)
    }
}
