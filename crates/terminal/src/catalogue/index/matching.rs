//! The real comparison of one name with what was typed. All of it works on glyph numbers; signs
//! and blanks in a name are passed over by pinyin, and count for a substring.

use super::Rank;
use super::glyphs::{Glyphs, key_bit};
use super::query::Query;

/// Where and how a name matches; ordered as hits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grade {
    pub(super) rank: Rank,
    /// False when the match begins the name.
    pub(super) inside: bool,
}

/// Which comparisons a glyph can begin, worked out once a query: a pass looks at millions of
/// glyphs, and nearly all of them begin nothing.
pub(super) struct Beginnings(Vec<u8>);

/// The kinds of comparison, as bits, best first.
pub(super) const INITIALS: u8 = 1;
pub(super) const FULL: u8 = 2;
pub(super) const SUBSTRING: u8 = 4;
pub(super) const ALL: u8 = INITIALS | FULL | SUBSTRING;
/// The glyph answers to a key: whatever follows it is inside the name.
const SPOKEN: u8 = 8;

impl Beginnings {
    pub(super) fn of(query: &Query, glyphs: &Glyphs) -> Beginnings {
        let typed = query.typed.as_slice();
        let first = typed.first().copied().map_or(0, key_bit);
        let of_glyph = |glyph: u16| {
            let mut out = 0;
            let keys = glyphs.keys(glyph);
            if keys != 0 {
                out |= SPOKEN;
            }
            if keys & first != 0 {
                out |= INITIALS;
                // One letter is an initial already.
                if typed.len() > 1
                    && glyphs.is_han(glyph)
                    && glyphs.sounds(glyph).iter().any(|sound| {
                        let letters = sound.letters();
                        letters.starts_with(typed) || typed.starts_with(letters)
                    })
                {
                    out |= FULL;
                }
            }
            if query.glyphs.first() == Some(&glyph) {
                out |= SUBSTRING;
            }
            out
        };
        Beginnings(glyphs.numbers().map(of_glyph).collect())
    }

    /// The kinds of comparison that a glyph can begin.
    #[inline]
    pub(super) fn at(&self, glyph: u16) -> u8 {
        self.0.get(usize::from(glyph)).copied().unwrap_or(0)
    }

    /// The kinds of comparison that any glyph of a text can begin: no branches, so that most
    /// names are left after a few nanoseconds.
    #[inline]
    fn anywhere(&self, text: &[u16]) -> u8 {
        text.iter().fold(0, |any, &glyph| any | self.at(glyph))
    }
}

/// The best way in which a name matches, among the `wanted` kinds.
pub(super) fn grade(
    text: &[u16],
    query: &Query,
    beginnings: &Beginnings,
    glyphs: &Glyphs,
    wanted: u8,
) -> Option<Grade> {
    let typed = query.typed.as_slice();
    let mut wanted = wanted & beginnings.anywhere(text);
    if wanted == 0 {
        return None;
    }
    let mut spoken = false;
    let mut best = None;
    for (at, &glyph) in text.iter().enumerate() {
        let begins = beginnings.at(glyph);
        if begins & wanted != 0 {
            let rest = text.get(at..).unwrap_or_default();
            if begins & wanted & INITIALS != 0 && begins_with_initials(rest, typed, glyphs) {
                return Some(Grade {
                    rank: Rank::Initials,
                    inside: spoken,
                });
            }
            if begins & wanted & FULL != 0 && begins_with_sounds(rest, typed, glyphs) {
                best = Some(Grade {
                    rank: Rank::FullPinyin,
                    inside: spoken,
                });
                wanted &= INITIALS;
            }
            if begins & wanted & SUBSTRING != 0 && rest.starts_with(&query.glyphs) {
                best = Some(Grade {
                    rank: Rank::Substring,
                    inside: at > 0,
                });
                wanted &= INITIALS | FULL;
            }
            if wanted == 0 {
                break;
            }
        }
        spoken |= begins & SPOKEN != 0;
    }
    best
}

/// One key for each character, with at least one Chinese among them: letters of a Latin name are
/// no initials, they are found as a substring.
fn begins_with_initials(text: &[u16], typed: &[u8], glyphs: &Glyphs) -> bool {
    let mut han = false;
    let mut typed = typed.iter();
    let mut key = typed.next();
    for &glyph in text {
        let Some(&wanted) = key else { break };
        let keys = glyphs.keys(glyph);
        if keys == 0 {
            continue;
        }
        if keys & key_bit(wanted) == 0 {
            return false;
        }
        han |= glyphs.is_han(glyph);
        key = typed.next();
    }
    key.is_none() && han
}

/// Whole readings one after the other; the last may still be unfinished.
fn begins_with_sounds(text: &[u16], typed: &[u8], glyphs: &Glyphs) -> bool {
    let mut rest = text;
    while let Some((&glyph, after)) = rest.split_first() {
        if glyphs.keys(glyph) == 0 {
            rest = after;
            continue;
        }
        return glyphs.sounds(glyph).iter().any(|sound| {
            let letters = sound.letters();
            letters.starts_with(typed)
                || typed
                    .strip_prefix(letters)
                    .is_some_and(|typed| begins_with_sounds(after, typed, glyphs))
        });
    }
    false
}
