//! A small seeded generator: the same seed makes the same company on every computer and in every
//! release, and a demo that was cut off half-way is made again with the same ids.

use uuid::Uuid;
use wire::keys::Hash;

/// SplitMix64: not for secrets.
#[derive(Debug)]
pub(super) struct Seeded(u64);

impl Seeded {
    pub(super) fn new(seed: u64) -> Seeded {
        Seeded(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`; `end` is above 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

/// The number that stands for a text.
pub(super) fn number_of(text: &str) -> u64 {
    let hash = Hash::of(text.as_bytes()).0;
    hash.iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// The id that stands for a thing of this kind and name: a version 7 UUID of a fixed day.
pub(super) fn id(kind: &str, name: &str) -> Uuid {
    const DAY_MS: u64 = 1_767_225_600_000; // 2026-01-01
    let hash = Hash::of(format!("fieldtill demo {kind}\n{name}").as_bytes()).0;
    let mut random = [0u8; 10];
    random.copy_from_slice(&hash[..10]);
    uuid::Builder::from_unix_timestamp_millis(DAY_MS, &random).into_uuid()
}

/// An EAN-13 barcode made from a code: 690 (a Chinese prefix), nine digits, the check digit.
pub(super) fn ean13(code: &str) -> String {
    with_check(&format!("690{:09}", number_of(code) % 1_000_000_000))
}

fn with_check(digits: &str) -> String {
    let weighted = digits.bytes().zip([1u32, 3].into_iter().cycle());
    let sum: u32 = weighted
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// A mobile number of the form that people expect; nobody's in particular.
pub(super) fn phone(seeded: &mut Seeded) -> String {
    let heads = ["133", "138", "150", "159", "186", "188", "199"];
    let head = seeded.pick(&heads).copied().unwrap_or("199");
    format!("{head}{:08}", seeded.next() % 100_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_printed_codes() {
        assert_eq!(with_check("400638133393"), "4006381333931");
        assert_eq!(with_check("590123412345"), "5901234123457");
        assert_eq!(ean13("85123A").len(), 13);
        assert_ne!(ean13("85123A"), ean13("85123B"));
    }

    #[test]
    fn the_same_seed_makes_the_same_numbers_and_ids() {
        let numbers = |seed| {
            let mut seeded = Seeded::new(seed);
            (seeded.next(), seeded.next())
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        assert_eq!(id("product", "a"), id("product", "a"));
        assert_ne!(id("product", "a"), id("order", "a"));
        assert_eq!(id("product", "a").get_version_num(), 7);
    }
}
