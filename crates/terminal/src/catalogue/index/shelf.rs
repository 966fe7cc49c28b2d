//! Rows to be found, side by side in a few large arrays: one shelf for products, one for
//! distributors.
//!
//! Codes, barcodes and numbers are found in a sorted array. Names are found by one pass over three
//! words of marks per row (see `query`), which leaves few rows for the real comparison and stops
//! as soon as nothing better can come. Everything lies in arrays of plain numbers: 250,000 rows
//! stay small, and a query allocates a handful of short lists and nothing per row.

use super::Rank;
use super::glyphs::{Glyphs, NO_GLYPH, fold};
use super::matching::{ALL, Beginnings, FULL, INITIALS, SUBSTRING, grade};
use super::query::{Gate, LONGEST_CODE, Marks, Query, SHORTEST_TAIL, reversed_digits};
use std::collections::HashMap;
use uuid::Uuid;

/// What is found by name, by code and by phone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) id: Uuid,
    /// Code, barcode, number: empty ones are passed over.
    pub(super) keys: [&'a str; 2],
    /// Empty where there is none.
    pub(super) phone: &'a str,
    /// Name and specification, read as one text with a blank between them.
    pub(super) text: [&'a str; 2],
}

/// Where a row's parts lie. A row that left the shelf has neither keys nor text nor marks.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    text_at: u32,
    /// Two keys, then the reversed phone: each a length byte and its bytes.
    keys_at: u32,
    text_len: u16,
    keys_len: u16,
    /// The text's first glyph, and the first that answers to a key.
    first: u16,
    first_spoken: u16,
}

/// A key's place (of its length byte) and the row it belongs to.
#[derive(Clone, Copy, Debug)]
struct KeyRef {
    at: u32,
    slot: u32,
}

/// The rows. A slot is a row's place; it stays until the shelf is compacted.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    glyphs: Glyphs,
    ids: Vec<Uuid>,
    rows: Vec<Row>,
    marks: Vec<Marks>,
    text: Vec<u16>,
    key_bytes: Vec<u8>,
    /// Slots in the order of their ids.
    by_id: Vec<u32>,
    by_key: Vec<KeyRef>,
    /// Phones of at least `SHORTEST_TAIL` digits, by their reversed digits.
    by_tail: Vec<KeyRef>,
    /// Rows added since `settle`, not yet in `by_id`.
    fresh: HashMap<Uuid, u32>,
    /// Slots whose keys changed since `settle`.
    rekeyed: Vec<u32>,
    /// Arena bytes that no row uses any more.
    garbage: usize,
}

impl Shelf {
    /// Adds a row or replaces the one with its id. Found by code only after `settle`.
    pub(super) fn put(&mut self, entry: &Entry<'_>) {
        let [name, spec] = entry.text;
        let blank = (!name.trim().is_empty() && !spec.trim().is_empty()).then_some(' ');
        let text: Vec<u16> = fold(name)
            .chain(blank)
            .chain(fold(spec))
            .take(usize::from(u16::MAX))
            .map(|c| self.glyphs.intern(c))
            .collect();
        let mut keys = Vec::with_capacity(48);
        for key in entry.keys {
            let key: String = fold(key).collect();
            push_key(&mut keys, key.as_bytes());
        }
        push_key(&mut keys, &reversed_digits(entry.phone));

        let slot = self
            .slot(entry.id)
            .unwrap_or_else(|| self.new_slot(entry.id));
        let same_text = self.text_of(slot) == text;
        let same_keys = self.packed_keys(slot) == keys;
        let Some(row) = self.rows.get_mut(slot as usize) else {
            return;
        };
        if !same_text {
            self.garbage += 2 * usize::from(row.text_len);
            row.text_at = place(self.text.len());
            row.text_len = u16::try_from(text.len()).unwrap_or(u16::MAX);
            row.first = text.first().copied().unwrap_or(NO_GLYPH);
            let spoken = text.iter().find(|&&glyph| self.glyphs.keys(glyph) != 0);
            row.first_spoken = spoken.copied().unwrap_or(NO_GLYPH);
            self.text.extend_from_slice(&text);
        }
        if !same_keys {
            self.garbage += usize::from(row.keys_len);
            row.keys_at = place(self.key_bytes.len());
            row.keys_len = u16::try_from(keys.len()).unwrap_or(u16::MAX);
            self.key_bytes.extend_from_slice(&keys);
            self.rekeyed.push(slot);
        }
        if let Some(marks) = self.marks.get_mut(slot as usize) {
            *marks = Marks::of(&text, &self.glyphs);
        }
    }

    /// Takes a row off the shelf; nothing happens if it isn't there.
    pub(super) fn remove(&mut self, id: Uuid) {
        let Some(slot) = self.slot(id) else { return };
        if let Some(row) = self.rows.get_mut(slot as usize) {
            self.garbage += 2 * usize::from(row.text_len) + usize::from(row.keys_len);
            *row = Row::default();
            self.rekeyed.push(slot);
        }
        if let Some(marks) = self.marks.get_mut(slot as usize) {
            *marks = Marks::default();
        }
    }

    /// Brings the sorted arrays up to date after any number of `put` and `remove`.
    pub(super) fn settle(&mut self) {
        if self.garbage > 65_536 && self.garbage > (2 * self.text.len() + self.key_bytes.len()) / 3
        {
            self.compact();
        }
        let Shelf {
            ids, by_id, fresh, ..
        } = self;
        if !fresh.is_empty() {
            by_id.extend(fresh.drain().map(|(_, slot)| slot));
            fresh.shrink_to_fit();
            // Stable on purpose: it merges the sorted run with the few new ones.
            by_id.sort_by_key(|&slot| ids.get(slot as usize).copied());
        }
        if self.rekeyed.is_empty() {
            return;
        }
        let mut rekeyed = std::mem::take(&mut self.rekeyed);
        rekeyed.sort_unstable();
        rekeyed.dedup();
        let kept = |key: &KeyRef| rekeyed.binary_search(&key.slot).is_err();
        self.by_key.retain(kept);
        self.by_tail.retain(kept);
        for slot in rekeyed {
            let Some(row) = self.rows.get(slot as usize).copied() else {
                continue;
            };
            for (nth, (at, key)) in keys_at(&self.key_bytes, row).enumerate() {
                if nth < 2 && !key.is_empty() {
                    self.by_key.push(KeyRef { at, slot });
                } else if nth == 2 && key.len() >= SHORTEST_TAIL {
                    self.by_tail.push(KeyRef { at, slot });
                }
            }
        }
        let Shelf {
            by_key,
            by_tail,
            key_bytes,
            ..
        } = self;
        by_key.sort_by_key(|key| (key_at(key_bytes, key.at), key.slot));
        by_tail.sort_by_key(|key| (key_at(key_bytes, key.at), key.slot));
    }

    /// Copies what is in use and drops the rest; slots keep their order.
    fn compact(&mut self) {
        let old = std::mem::take(self);
        self.glyphs = old.glyphs;
        for ((id, row), marks) in old.ids.iter().zip(&old.rows).zip(&old.marks) {
            if row.keys_len == 0 {
                continue;
            }
            let slot = self.new_slot(*id);
            let (text, keys) = (part(&old.text, *row), packed(&old.key_bytes, *row));
            if let (Some(new), Some(place_of_marks)) = (
                self.rows.get_mut(slot as usize),
                self.marks.get_mut(slot as usize),
            ) {
                *new = Row {
                    text_at: place(self.text.len()),
                    keys_at: place(self.key_bytes.len()),
                    ..*row
                };
                *place_of_marks = *marks;
                self.text.extend_from_slice(text);
                self.key_bytes.extend_from_slice(keys);
                self.rekeyed.push(slot);
            }
        }
    }

    fn new_slot(&mut self, id: Uuid) -> u32 {
        let slot = place(self.rows.len());
        self.ids.push(id);
        self.rows.push(Row::default());
        self.marks.push(Marks::default());
        self.fresh.insert(id, slot);
        slot
    }

    /// Where a row lies, if it is or was on the shelf.
    pub(super) fn slot(&self, id: Uuid) -> Option<u32> {
        let id_of = |slot: &u32| self.ids.get(*slot as usize).copied();
        match self.by_id.binary_search_by_key(&Some(id), id_of) {
            Ok(at) => self.by_id.get(at).copied(),
            Err(_) => self.fresh.get(&id).copied(),
        }
    }

    /// The identity of a hit.
    pub(super) fn id(&self, slot: u32) -> Option<Uuid> {
        self.ids.get(slot as usize).copied()
    }

    fn row(&self, slot: u32) -> Row {
        self.rows.get(slot as usize).copied().unwrap_or_default()
    }

    fn text_of(&self, slot: u32) -> &[u16] {
        part(&self.text, self.row(slot))
    }

    fn packed_keys(&self, slot: u32) -> &[u8] {
        packed(&self.key_bytes, self.row(slot))
    }

    /// The best matches in the order of `Rank`; inside a rank the slots of `recent` first, in
    /// their order, then names that begin with what was typed, then the others.
    pub(super) fn search(&self, text: &str, recent: &[u32], limit: usize) -> Vec<(u32, Rank)> {
        let Some(query) = Query::new(text, &self.glyphs) else {
            return Vec::new();
        };
        if limit == 0 {
            return Vec::new();
        }
        let beginnings = Beginnings::of(&query, &self.glyphs);
        let grade =
            |slot, kinds| grade(self.text_of(slot), &query, &beginnings, &self.glyphs, kinds);
        let mut hits: Vec<(u32, Rank)> = Vec::new();
        for &slot in recent {
            let named = || Some(grade(slot, ALL)?.rank);
            if let Some(rank) = self.key_rank(slot, &query).or_else(named)
                && !hits.iter().any(|&(held, _)| held == slot)
            {
                hits.push((slot, rank));
            }
        }
        let recent = hits.len();
        self.search_keys(&query, &mut hits, limit);
        let need = limit.saturating_sub(hits.len() - recent);
        if need > 0 {
            self.search_names(&query, &beginnings, &mut hits, recent, need);
        }
        hits.sort_by_key(|&(_, rank)| rank);
        hits.truncate(limit);
        hits
    }

    /// How a row's codes and phone match.
    fn key_rank(&self, slot: u32, query: &Query) -> Option<Rank> {
        let (code, tail) = (query.code.as_bytes(), query.tail.as_deref());
        let ranks = keys_at(&self.key_bytes, self.row(slot))
            .enumerate()
            .filter_map(|(nth, (_, key))| match (nth, tail) {
                (0 | 1, _) if key == code => Some(Rank::Exact),
                (0 | 1, _) if key.starts_with(code) => Some(Rank::CodePrefix),
                (2, Some(tail)) if key == tail => Some(Rank::Exact),
                (2, Some(tail)) if key.starts_with(tail) => Some(Rank::PhoneTail),
                _ => None,
            });
        ranks.min()
    }

    /// Adds up to `limit` rows whose code begins, and up to `limit` whose phone ends, as typed.
    fn search_keys(&self, query: &Query, hits: &mut Vec<(u32, Rank)>, limit: usize) {
        let code = Some((&self.by_key, query.code.as_bytes()));
        let tail = query.tail.as_deref().map(|tail| (&self.by_tail, tail));
        for (sorted, start) in code.into_iter().chain(tail) {
            let mut room = limit;
            let from = sorted.partition_point(|key| key_at(&self.key_bytes, key.at) < start);
            for key in sorted.get(from..).unwrap_or_default() {
                if room == 0 || !key_at(&self.key_bytes, key.at).starts_with(start) {
                    break;
                }
                if !hits.iter().any(|&(held, _)| held == key.slot)
                    && let Some(rank) = self.key_rank(key.slot, query)
                {
                    hits.push((key.slot, rank));
                    room -= 1;
                }
            }
        }
    }

    /// Adds the best `need` rows that match by name alone. The first `recent` hits are known
    /// whatever their rank, and take no room from others.
    fn search_names(
        &self,
        query: &Query,
        beginnings: &Beginnings,
        hits: &mut Vec<(u32, Rank)>,
        recent: usize,
        need: usize,
    ) {
        // The gates stand apart from the lists: they are read for every row.
        let mut gates = [query.initials, query.full, query.substring];
        let mut starts_only = 0;
        let mut found: [Found; 3] = Default::default();
        let best = gates.iter().position(|gate| !gate.is_shut()).unwrap_or(0);
        for ((slot, row), marks) in (0u32..).zip(&self.rows).zip(&self.marks) {
            let [initials, full, substring] = &gates;
            let mut open = 0;
            if initials.open_to(marks) {
                open |= INITIALS;
            }
            if full.open_to(marks) {
                open |= FULL;
            }
            if substring.open_to(marks) {
                open |= SUBSTRING;
            }
            if open & starts_only != 0 {
                let starts = beginnings.at(row.first_spoken) & (INITIALS | FULL)
                    | beginnings.at(row.first) & SUBSTRING;
                open &= starts | !starts_only;
            }
            if open == 0 {
                continue;
            }
            let text = part(&self.text, *row);
            let Some(grade) = grade(text, query, beginnings, &self.glyphs, open) else {
                continue;
            };
            let known = hits.get(..recent).unwrap_or_default();
            if known.iter().any(|&(held, _)| held == slot) || self.key_rank(slot, query).is_some() {
                continue;
            }
            let place = KINDS.iter().position(|&(_, rank)| rank == grade.rank);
            let Some(of_kind) = place.and_then(|place| found.get_mut(place)) else {
                continue;
            };
            let list = if grade.inside {
                &mut of_kind.inside
            } else {
                &mut of_kind.starting
            };
            if list.len() == need {
                continue;
            }
            list.push(slot);
            // What can no longer get among the first `need` is not looked for any more.
            let mut better = 0;
            for ((gate, (kind, _)), found) in gates.iter_mut().zip(KINDS).zip(&found) {
                if better >= need {
                    *gate = Gate::SHUT;
                }
                better += found.starting.len() + found.inside.len();
                if better >= need {
                    starts_only |= kind;
                }
            }
            if found
                .get(best)
                .is_some_and(|found| found.starting.len() >= need)
            {
                break;
            }
        }
        for (found, (_, rank)) in found.iter().zip(KINDS) {
            let slots = found.starting.iter().chain(&found.inside);
            hits.extend(slots.map(|&slot| (slot, rank)));
        }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.glyphs.bytes()
            + self.ids.capacity() * size_of::<Uuid>()
            + self.rows.capacity() * size_of::<Row>()
            + self.marks.capacity() * size_of::<Marks>()
            + self.text.capacity() * 2
            + self.key_bytes.capacity()
            + (self.by_id.capacity() + self.rekeyed.capacity()) * 4
            + (self.by_key.capacity() + self.by_tail.capacity()) * size_of::<KeyRef>()
            + self.fresh.capacity() * 24
    }

    /// Gives back what a long build reserved too much.
    pub(super) fn shrink(&mut self) {
        self.ids.shrink_to_fit();
        self.rows.shrink_to_fit();
        self.marks.shrink_to_fit();
        self.text.shrink_to_fit();
        self.key_bytes.shrink_to_fit();
        self.by_id.shrink_to_fit();
        self.by_key.shrink_to_fit();
        self.by_tail.shrink_to_fit();
    }
}

/// The kinds of match by name and their ranks, best first.
const KINDS: [(u8, Rank); 3] = [
    (INITIALS, Rank::Initials),
    (FULL, Rank::FullPinyin),
    (SUBSTRING, Rank::Substring),
];

/// What a pass has found of one kind.
#[derive(Default)]
struct Found {
    /// Names that begin with a match.
    starting: Vec<u32>,
    /// Names that hold one further inside.
    inside: Vec<u32>,
}

/// A place in an arena. Arenas of four thousand million places are no catalogue; the last place
/// then reads as empty rather than as another row.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn push_key(keys: &mut Vec<u8>, key: &[u8]) {
    let key = key.get(..LONGEST_CODE).unwrap_or(key);
    keys.push(u8::try_from(key.len()).unwrap_or(u8::MAX));
    keys.extend_from_slice(key);
}

fn key_at(bytes: &[u8], at: u32) -> &[u8] {
    let at = at as usize;
    let len = bytes.get(at).copied().map_or(0, usize::from);
    bytes.get(at + 1..at + 1 + len).unwrap_or_default()
}

/// A row's keys with their places: two codes, then the reversed phone.
fn keys_at(bytes: &[u8], row: Row) -> impl Iterator<Item = (u32, &[u8])> {
    let end = row.keys_at + u32::from(row.keys_len);
    let mut at = row.keys_at;
    std::iter::from_fn(move || {
        let key = (at < end).then(|| (at, key_at(bytes, at)))?;
        at += 1 + u32::try_from(key.1.len()).unwrap_or(u32::MAX - at - 1);
        Some(key)
    })
}

fn part(text: &[u16], row: Row) -> &[u16] {
    let at = row.text_at as usize;
    text.get(at..at + usize::from(row.text_len))
        .unwrap_or_default()
}

fn packed(bytes: &[u8], row: Row) -> &[u8] {
    let at = row.keys_at as usize;
    bytes
        .get(at..at + usize::from(row.keys_len))
        .unwrap_or_default()
}
