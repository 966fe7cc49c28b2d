//! Document numbers are given offline: `<terminal code>-<yymmdd>-<seq>` (rule 5.2). Every
//! incarnation of a terminal has a code never used before (T07, T07A, T07B, …) and counts for its
//! whole life, so two numbers can never collide, also after a re-enrolment or a restore.
//! A number has one spelling: what does not print back as it was read is refused.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::money::ts_string;

/// Why a code or number was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not a terminal code.
    #[error("\"{0}\" is not a terminal code: it is T, two to four digits and up to three letters")]
    NotATerminalCode(String),
    /// Not a document number.
    #[error("\"{0}\" is not a document number such as T07-261123-0042")]
    NotADocumentNumber(String),
    /// Two digits can't name the year.
    #[error("the year {0} is outside 2000 to 2099: set the clock of this computer")]
    YearOutOfRange(i16),
}

/// The code of one incarnation of a terminal: `T07`, then `T07A` to `T07Z`, `T07AA`, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalCode {
    terminal: u16,
    incarnation: u16,
}

impl TerminalCode {
    /// Terminals of one company are numbered from 1 to this.
    pub const MAX_TERMINAL: u16 = 9_999;
    /// The incarnation written ZZZ.
    pub const MAX_INCARNATION: u16 = 26 + 26 * 26 + 26 * 26 * 26;

    /// The code of incarnation `incarnation` (0 is the first) of terminal `terminal`; `None`
    /// outside the ranges above.
    pub fn new(terminal: u16, incarnation: u16) -> Option<TerminalCode> {
        let known = (1..=Self::MAX_TERMINAL).contains(&terminal);
        (known && incarnation <= Self::MAX_INCARNATION).then_some(TerminalCode {
            terminal,
            incarnation,
        })
    }

    /// The company's number of the terminal.
    pub const fn terminal(self) -> u16 {
        self.terminal
    }

    /// Which life of the terminal, from 0.
    pub const fn incarnation(self) -> u16 {
        self.incarnation
    }

    /// The code of the terminal's next incarnation; `None` after the last.
    pub fn next(self) -> Option<TerminalCode> {
        TerminalCode::new(self.terminal, self.incarnation + 1)
    }
}

impl fmt::Display for TerminalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T{:02}", self.terminal)?;
        // Letters without a zero: A is 1, Z is 26, AA is 27.
        let mut left = self.incarnation;
        let mut letters = Vec::with_capacity(3);
        while left > 0 {
            left -= 1;
            letters.push(char::from_digit(u32::from(left % 26) + 10, 36).unwrap_or('a'));
            left /= 26;
        }
        letters
            .iter()
            .rev()
            .try_for_each(|letter| write!(f, "{}", letter.to_ascii_uppercase()))
    }
}

impl FromStr for TerminalCode {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<TerminalCode, NumberError> {
        read_code(text)
            .filter(|code| code.to_string() == text)
            .ok_or_else(|| NumberError::NotATerminalCode(text.to_owned()))
    }
}

fn read_code(text: &str) -> Option<TerminalCode> {
    let rest = text.strip_prefix('T')?;
    let letters_at = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (digits, letters) = rest.split_at(letters_at);
    let incarnation = letters.bytes().try_fold(0_u16, |sum, letter| {
        let value = letter
            .is_ascii_uppercase()
            .then(|| u16::from(letter - b'A') + 1)?;
        sum.checked_mul(26)?.checked_add(value)
    })?;
    TerminalCode::new(digits.parse().ok()?, incarnation)
}

/// The number of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentNumber {
    terminal: TerminalCode,
    day: Date,
    seq: u64,
}

impl DocumentNumber {
    /// The number `seq` (from 1) of an incarnation, given on this business day; see
    /// [`Timestamp::business_day`](crate::time::Timestamp::business_day).
    ///
    /// # Errors
    /// [`NumberError::YearOutOfRange`] when two digits can't name the year.
    pub fn new(terminal: TerminalCode, day: Date, seq: u64) -> Result<DocumentNumber, NumberError> {
        if !(2000..=2099).contains(&day.year()) {
            return Err(NumberError::YearOutOfRange(day.year()));
        }
        Ok(DocumentNumber { terminal, day, seq })
    }

    /// Which incarnation of which terminal gave it.
    pub const fn terminal(self) -> TerminalCode {
        self.terminal
    }

    /// The business day it was given on.
    pub const fn day(self) -> Date {
        self.day
    }

    /// Its place in the incarnation's count.
    pub const fn seq(self) -> u64 {
        self.seq
    }
}

impl fmt::Display for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = (self.day.year() % 100, self.day.month(), self.day.day());
        write!(
            f,
            "{}-{year:02}{month:02}{day:02}-{:04}",
            self.terminal, self.seq
        )
    }
}

impl FromStr for DocumentNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<DocumentNumber, NumberError> {
        read_number(text)
            .filter(|number| number.to_string() == text)
            .ok_or_else(|| NumberError::NotADocumentNumber(text.to_owned()))
    }
}

fn read_number(text: &str) -> Option<DocumentNumber> {
    let mut parts = text.split('-');
    let (code, day, seq) = (parts.next()?, parts.next()?, parts.next()?);
    let number: i32 = day.parse().ok()?;
    let year = i16::try_from(2000 + number / 10_000).ok()?;
    let month = i8::try_from(number / 100 % 100).ok()?;
    let date = Date::new(year, month, i8::try_from(number % 100).ok()?).ok()?;
    DocumentNumber::new(code.parse().ok()?, date, seq.parse().ok()?).ok()
}

macro_rules! text_serde {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        ts_string!($type);
    )*};
}

text_serde!(TerminalCode, DocumentNumber);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use jiff::civil::date;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn code(terminal: u16, incarnation: u16) -> TerminalCode {
        TerminalCode::new(terminal, incarnation).unwrap()
    }

    #[test]
    fn incarnations_are_lettered_in_turn() {
        let shown = |incarnation| code(7, incarnation).to_string();
        assert_eq!(
            [0, 1, 2, 26, 27, 702, 703].map(shown),
            ["T07", "T07A", "T07B", "T07Z", "T07AA", "T07ZZ", "T07AAA"]
        );
        assert_eq!(code(7, TerminalCode::MAX_INCARNATION).to_string(), "T07ZZZ");
        assert_eq!(code(7, 0).next(), Some(code(7, 1)));
        assert_eq!(code(7, TerminalCode::MAX_INCARNATION).next(), None);
        assert_eq!(code(123, 0).to_string(), "T123");
        assert_eq!(TerminalCode::new(0, 0), None);
        assert_eq!(TerminalCode::new(10_000, 0), None);
    }

    #[test]
    fn no_two_incarnations_share_a_code() {
        let mut seen = BTreeSet::new();
        for terminal in [1, 10, 100, 1_000] {
            for incarnation in 0..=TerminalCode::MAX_INCARNATION {
                assert!(seen.insert(code(terminal, incarnation).to_string()));
            }
        }
    }

    #[test]
    fn a_number_carries_terminal_business_day_and_count() {
        // 2026-11-22T16:30Z is already the 23rd in Shanghai.
        let day = Timestamp(1_795_365_000_000).business_day();
        let number = DocumentNumber::new(code(7, 1), day, 42).unwrap();
        assert_eq!(number.to_string(), "T07A-261123-0042");
        assert_eq!("T07A-261123-0042".parse(), Ok(number));
        let many = DocumentNumber::new(code(7, 0), date(2030, 1, 2), 1_234_567).unwrap();
        assert_eq!(many.to_string(), "T07-300102-1234567");
        assert_eq!(
            serde_json::to_string(&number).unwrap(),
            "\"T07A-261123-0042\""
        );
        let refused = DocumentNumber::new(code(7, 0), date(1970, 1, 1), 1);
        assert_eq!(refused, Err(NumberError::YearOutOfRange(1970)));
    }

    #[test]
    fn one_number_has_one_spelling() {
        for text in [
            "",
            "T07",
            "T7-261123-0042",
            "t07-261123-0042",
            "T07-261123-42",
            "T07-261123-00042",
            "T07-261323-0042",
            "T07-260230-0042",
            "T07-261123-0042-1",
            "T07a-261123-0042",
            "T07-+61123-0042",
            "T07-261123-+042",
            "T00-261123-0042",
            "T07AAAA-261123-0042",
            "T07Ａ-261123-0042",
            "T07-261123-99999999999999999999",
        ] {
            assert!(text.parse::<DocumentNumber>().is_err(), "{text}");
            assert!(
                serde_json::from_value::<DocumentNumber>(text.into()).is_err(),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn parsing_what_was_printed_gives_the_number_back(
            terminal in 1..=TerminalCode::MAX_TERMINAL,
            incarnation in 0..=TerminalCode::MAX_INCARNATION,
            day in 0_i64..36_500,
            seq in any::<u64>(),
        ) {
            let day = Timestamp(946_656_000_000 + day * 86_400_000).business_day();
            let number = DocumentNumber::new(code(terminal, incarnation), day, seq).unwrap();
            prop_assert_eq!(number.to_string().parse(), Ok(number));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[T0-9A-C-]{0,24}|\\PC{0,12}") {
            let _ = text.parse::<DocumentNumber>();
            let _ = text.parse::<TerminalCode>();
        }
    }
}
