//! What was typed, prepared once: the text as a code, as digits of a phone, as letters of pinyin
//! and as glyphs, and for each of these the marks that a row must carry to be worth reading.
//!
//! The marks (`Gate`) are what makes a search cheap: three 64-bit words a row, read in order,
//! leave a small part of the rows for the real comparison. They may let a row pass in vain; they
//! never hold back a row that matches.

use super::glyphs::{Glyphs, HAN, fold, key_bit};

/// A longer query, in bytes, matches nothing.
pub(super) const LONGEST_CODE: usize = 255;
/// Letters and digits beyond this are no pinyin.
const LONGEST: usize = 64;
/// Fewer digits than this are no tail of a phone number.
pub(super) const SHORTEST_TAIL: usize = 4;

/// What a row says about itself in three words.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    /// Union of the keys of its glyphs, and `HAN`.
    pub(super) keys: u64,
    /// Hashed pairs of neighbouring initials, for names with Chinese characters.
    pub(super) pairs: u64,
    /// Hashed Chinese characters and pairs of neighbouring ASCII characters.
    pub(super) glyphs: u64,
}

/// A number hashed to one of 64 bits.
fn bit_of(value: u64) -> u64 {
    1 << (value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

/// The bits of every pair that two neighbours with these sets of initials can stand for.
fn pair_bits(first: u64, second: u64) -> u64 {
    let mut out = 0;
    let mut left = first;
    while left != 0 {
        let high = u64::from(left.trailing_zeros());
        left &= left - 1;
        let mut right = second;
        while right != 0 {
            out |= bit_of(high * 36 + u64::from(right.trailing_zeros()) + 1);
            right &= right - 1;
        }
    }
    out
}

/// The marks of a stretch of glyphs that only the glyphs themselves decide.
fn glyph_bits(text: &[u16], glyphs: &Glyphs) -> u64 {
    let mut out = 0;
    let mut before = None;
    for &glyph in text {
        if !glyphs.is_ascii(glyph) {
            out |= bit_of(u64::from(glyph) + 0x10_0000);
            before = None;
        } else {
            if let Some(before) = before {
                out |= bit_of((u64::from(before) << 16 | u64::from(glyph)) + 0x1000_0000_0000);
            }
            before = Some(glyph);
        }
    }
    out
}

impl Marks {
    /// The marks of a name.
    pub(super) fn of(text: &[u16], glyphs: &Glyphs) -> Marks {
        let keys = text
            .iter()
            .fold(0, |all, &glyph| all | glyphs.keys_and_han(glyph));
        let mut pairs = 0;
        if keys & HAN != 0 {
            let mut before = 0;
            for now in text
                .iter()
                .map(|&glyph| glyphs.keys(glyph))
                .filter(|&keys| keys != 0)
            {
                pairs |= pair_bits(before, now);
                before = now;
            }
        }
        Marks {
            keys,
            pairs,
            glyphs: glyph_bits(text, glyphs),
        }
    }
}

/// Which rows are worth reading for one kind of match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate {
    keys: u64,
    pairs: u64,
    any_pair: u64,
    glyphs: u64,
}

impl Gate {
    /// Lets nothing pass: no row ever has bit 63 among its keys.
    pub(super) const SHUT: Gate = Gate {
        keys: 1 << 63,
        pairs: 0,
        any_pair: 0,
        glyphs: 0,
    };

    pub(super) fn is_shut(&self) -> bool {
        self.keys & (1 << 63) != 0
    }

    #[inline]
    pub(super) fn open_to(&self, marks: &Marks) -> bool {
        self.keys & !marks.keys == 0
            && (self.pairs & !marks.pairs) | (self.glyphs & !marks.glyphs) == 0
            && (self.any_pair == 0 || marks.pairs & self.any_pair != 0)
    }
}

/// A query, prepared against the glyphs that occur.
#[derive(Debug)]
pub(super) struct Query {
    /// Folded, as codes and barcodes are compared.
    pub(super) code: String,
    /// Reversed digits, if it can be the tail of a phone number.
    pub(super) tail: Option<Vec<u8>>,
    /// Letters and digits without blanks, if there is a letter and nothing else.
    pub(super) typed: Vec<u8>,
    /// The text as glyphs; empty if a character occurs in no name.
    pub(super) glyphs: Vec<u16>,
    pub(super) initials: Gate,
    pub(super) full: Gate,
    pub(super) substring: Gate,
}

impl Query {
    /// `None` if nothing but white space was typed, or a whole page was pasted.
    pub(super) fn new(text: &str, known: &Glyphs) -> Option<Query> {
        let code: String = fold(text).take(LONGEST_CODE + 1).collect();
        if code.is_empty() || code.len() > LONGEST_CODE {
            return None;
        }
        let typed = typed_keys(&code);
        let glyphs: Vec<u16> = code
            .chars()
            .map(|c| known.number(c))
            .collect::<Option<_>>()
            .unwrap_or_default();
        let initials = initials_gate(&typed);
        let full = full_gate(&typed, known);
        let substring = if glyphs.is_empty() {
            Gate::SHUT
        } else {
            let keys = glyphs.iter().filter(|&&glyph| known.is_ascii(glyph));
            Gate {
                keys: keys.fold(0, |all, &glyph| all | known.keys(glyph)),
                pairs: 0,
                any_pair: 0,
                glyphs: glyph_bits(&glyphs, known),
            }
        };
        Some(Query {
            tail: phone_tail(&code),
            code,
            typed,
            glyphs,
            initials,
            full,
            substring,
        })
    }
}

/// The letters and digits of a pinyin query; empty if it can't be one.
fn typed_keys(code: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(code.len().min(LONGEST));
    for c in code.chars() {
        match c {
            ' ' | '\'' | '’' => {}
            'ü' => out.push(b'v'),
            c if c.is_ascii_alphanumeric() => out.extend(u8::try_from(c).ok()),
            _ => return Vec::new(),
        }
    }
    if !out.iter().any(u8::is_ascii_alphabetic) || out.len() > LONGEST {
        out.clear();
    }
    out
}

/// Digits of a phone number, last first; signs that people put between them are passed over.
pub(super) fn reversed_digits(phone: &str) -> Vec<u8> {
    phone.bytes().rev().filter(u8::is_ascii_digit).collect()
}

fn phone_tail(code: &str) -> Option<Vec<u8>> {
    let only_digits = code
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '+'));
    let digits = reversed_digits(code);
    (only_digits && digits.len() >= SHORTEST_TAIL).then_some(digits)
}

fn initials_gate(typed: &[u8]) -> Gate {
    if typed.is_empty() {
        return Gate::SHUT;
    }
    let pairs = typed.windows(2).fold(0, |all, pair| match pair {
        [a, b] => all | pair_bits(key_bit(*a), key_bit(*b)),
        _ => all,
    });
    let keys = typed.iter().fold(HAN, |all, &byte| all | key_bit(byte));
    Gate {
        keys,
        pairs,
        any_pair: 0,
        glyphs: 0,
    }
}

/// A full pinyin match begins with a Chinese character that either takes all that was typed, or
/// takes a whole reading, and then a neighbour begins with the letter that follows.
fn full_gate(typed: &[u8], known: &Glyphs) -> Gate {
    // One letter is an initial already.
    let [first, _, ..] = typed else {
        return Gate::SHUT;
    };
    let mut any_pair = 0;
    let mut within_one = false;
    for sound in known.known_sounds() {
        let letters = sound.letters();
        if letters.starts_with(typed) {
            within_one = true;
        } else if let Some([next, ..]) = typed.strip_prefix(letters) {
            any_pair |= pair_bits(key_bit(*first), key_bit(*next));
        }
    }
    match (within_one, any_pair) {
        (false, 0) => Gate::SHUT,
        (true, _) => Gate {
            keys: HAN | key_bit(*first),
            pairs: 0,
            any_pair: 0,
            glyphs: 0,
        },
        (false, any_pair) => Gate {
            keys: HAN | key_bit(*first),
            pairs: 0,
            any_pair,
            glyphs: 0,
        },
    }
}
