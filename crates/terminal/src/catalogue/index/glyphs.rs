//! The characters that occur in names, numbered, each with what a keyboard can say for it.
//!
//! A name is stored as a row of 16-bit glyph numbers, so that matching never decodes text. Every
//! glyph knows the *set* of its initials (a Chinese character has several readings: 重 answers to
//! `c` and to `z`) and its readings, so that one fixed reading can never hide a name.

use pinyin::ToPinyinMulti;
use std::collections::HashMap;

/// Number of a character that found no place any more: it matches nothing.
pub(super) const NO_GLYPH: u16 = u16::MAX;

/// A Chinese character: it has readings.
pub(super) const HAN: u64 = 1 << 36;
/// A character below U+0080.
const ASCII: u64 = 1 << 37;
/// The bits that say which keys a glyph answers to: 26 letters, then 10 digits.
const KEYS: u64 = HAN - 1;

/// The bit of an ASCII letter (either case) or digit in a set of keys; 0 for anything else.
pub(super) fn key_bit(byte: u8) -> u64 {
    match byte {
        b'a'..=b'z' => 1 << (byte - b'a'),
        b'A'..=b'Z' => 1 << (byte - b'A'),
        b'0'..=b'9' => 1 << (26 + byte - b'0'),
        _ => 0,
    }
}

/// Writes text the way it is compared: full-width forms as plain ones, lower case, any run of white
/// space as one blank, none at the ends.
pub(super) fn fold(text: &str) -> impl Iterator<Item = char> + '_ {
    text.split_whitespace().enumerate().flat_map(|(nth, word)| {
        (nth > 0)
            .then_some(' ')
            .into_iter()
            .chain(word.chars().map(fold_char))
    })
}

fn fold_char(c: char) -> char {
    let plain = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    let mut lower = plain.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => plain,
    }
}

/// One reading without its tone, at most seven letters, padded with zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sound([u8; 8]);

impl Sound {
    fn new(letters: &[u8]) -> Option<Sound> {
        let mut out = [0; 8];
        out.get_mut(..letters.len().min(7))?
            .copy_from_slice(letters.get(..letters.len().min(7))?);
        (1..=7).contains(&letters.len()).then_some(Sound(out))
    }

    pub(super) fn letters(&self) -> &[u8] {
        let end = self.0.iter().position(|&b| b == 0).unwrap_or(self.0.len());
        self.0.get(..end).unwrap_or_default()
    }
}

/// The numbered characters.
#[derive(Debug, Default)]
pub(super) struct Glyphs {
    numbers: HashMap<char, u16>,
    /// Per glyph: the keys it answers to, `HAN`, `ASCII`.
    masks: Vec<u64>,
    /// Per glyph: where its readings begin in `sounds`; one more entry than glyphs.
    sounds_at: Vec<u32>,
    sounds: Vec<Sound>,
    /// Every distinct reading of a Chinese character seen so far, sorted.
    known: Vec<Sound>,
}

impl Glyphs {
    /// The number of a character, given now if it is new.
    pub(super) fn intern(&mut self, c: char) -> u16 {
        if let Some(&number) = self.numbers.get(&c) {
            return number;
        }
        let number = u16::try_from(self.masks.len()).unwrap_or(NO_GLYPH);
        if number == NO_GLYPH {
            return NO_GLYPH;
        }
        if self.sounds_at.is_empty() {
            self.sounds_at.push(0);
        }
        self.numbers.insert(c, number);
        let first = self.sounds.len();
        let mut mask = 0;
        if let Ok(byte) = u8::try_from(c)
            && byte.is_ascii()
        {
            mask |= ASCII | key_bit(byte);
            if mask & KEYS != 0 {
                self.sounds.extend(Sound::new(&[byte]));
            }
        }
        for reading in c.to_pinyin_multi().into_iter().flatten() {
            for spelling in spellings(reading.plain()) {
                let Some(sound) = Sound::new(spelling.as_bytes()) else {
                    continue;
                };
                mask |= HAN | key_bit(sound.0[0]);
                if !self
                    .sounds
                    .get(first..)
                    .unwrap_or_default()
                    .contains(&sound)
                {
                    self.sounds.push(sound);
                }
                if let Err(place) = self.known.binary_search(&sound) {
                    self.known.insert(place, sound);
                }
            }
        }
        self.masks.push(mask);
        self.sounds_at
            .push(u32::try_from(self.sounds.len()).unwrap_or(u32::MAX));
        number
    }

    /// The number of a character that occurs in some name.
    pub(super) fn number(&self, c: char) -> Option<u16> {
        self.numbers.get(&c).copied()
    }

    /// All numbers given so far, in order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u16> {
        (0..NO_GLYPH).take(self.masks.len())
    }

    fn mask(&self, glyph: u16) -> u64 {
        self.masks.get(usize::from(glyph)).copied().unwrap_or(0)
    }

    /// The keys a glyph answers to as an initial, without marks.
    pub(super) fn keys(&self, glyph: u16) -> u64 {
        self.mask(glyph) & KEYS
    }

    /// The keys a glyph answers to, and `HAN` where it is Chinese.
    pub(super) fn keys_and_han(&self, glyph: u16) -> u64 {
        self.mask(glyph) & (KEYS | HAN)
    }

    pub(super) fn is_han(&self, glyph: u16) -> bool {
        self.mask(glyph) & HAN != 0
    }

    pub(super) fn is_ascii(&self, glyph: u16) -> bool {
        self.mask(glyph) & ASCII != 0
    }

    /// The readings of a glyph; a Latin letter or digit reads as itself.
    pub(super) fn sounds(&self, glyph: u16) -> &[Sound] {
        let at = |n: usize| self.sounds_at.get(n).map(|&at| at as usize);
        let glyph = usize::from(glyph);
        match (at(glyph), at(glyph + 1)) {
            (Some(from), Some(to)) => self.sounds.get(from..to).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Every distinct reading of the Chinese characters that occur.
    pub(super) fn known_sounds(&self) -> &[Sound] {
        &self.known
    }

    pub(super) fn bytes(&self) -> usize {
        self.numbers.capacity() * 9
            + self.masks.capacity() * 8
            + self.sounds_at.capacity() * 4
            + (self.sounds.capacity() + self.known.capacity()) * 8
    }
}

/// How a reading is typed: ü as `v` or as `u`, other marks dropped.
fn spellings(reading: &str) -> impl Iterator<Item = String> {
    let with = |umlaut: char| {
        reading
            .chars()
            .filter_map(|c| match c {
                'ü' | 'ǘ' | 'ǚ' | 'ǜ' | 'ǖ' => Some(umlaut),
                'ê' | 'ế' | 'ề' => Some('e'),
                'ḿ' => Some('m'),
                'ń' | 'ň' | 'ǹ' => Some('n'),
                c if c.is_ascii_lowercase() => Some(c),
                _ => None,
            })
            .collect::<String>()
    };
    let (v, u) = (with('v'), with('u'));
    let second = (v != u).then_some(u);
    std::iter::once(v).chain(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_makes_width_case_and_blanks_equal() {
        let folded = |text: &str| fold(text).collect::<String>();
        assert_eq!(folded("  ＡＢＣ　１２３\t x  Y "), "abc 123 x y");
        assert_eq!(folded("İ"), "İ"); // its lower case is two characters: left as it is
        assert_eq!(folded("   "), "");
    }

    #[test]
    fn a_character_answers_to_every_reading() {
        let mut glyphs = Glyphs::default();
        for (c, initials) in [
            ('重', "cz"),
            ('厦', "xs"),
            ('长', "cz"),
            ('行', "hx"),
            ('单', "dcs"),
        ] {
            let glyph = glyphs.intern(c);
            for initial in initials.bytes() {
                assert_ne!(glyphs.keys(glyph) & key_bit(initial), 0, "{c} {initial}");
            }
            assert!(glyphs.is_han(glyph));
        }
        let green = glyphs.intern('绿');
        let said: Vec<&[u8]> = glyphs.sounds(green).iter().map(Sound::letters).collect();
        assert!(
            said.contains(&&b"lv"[..]) && said.contains(&&b"lu"[..]),
            "{said:?}"
        );
    }

    #[test]
    fn letters_and_digits_answer_to_themselves_and_signs_to_nothing() {
        let mut glyphs = Glyphs::default();
        for (c, keys) in [
            ('t', key_bit(b't')),
            ('7', key_bit(b'7')),
            ('-', 0),
            (' ', 0),
        ] {
            let glyph = glyphs.intern(c);
            assert_eq!(glyphs.keys(glyph), keys, "{c}");
            assert!(glyphs.is_ascii(glyph) && !glyphs.is_han(glyph));
        }
    }
}
