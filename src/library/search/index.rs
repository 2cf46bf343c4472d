//! The library laid out for searching: folded titles and ids, and every word with its places.
//!
//! A library has few distinct words. So a query word is compared with each distinct word once, and
//! what it matched is carried to the prompts by lists of places; only letters scattered over several
//! words of a title or an id need the texts themselves.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Field;
use super::fold;
use crate::library::prompt::PromptInfo;

/// A place of a word: prompt, field, whether the field (or tag) begins or ends with it.
///
/// Packed, five bits for field and ends and the rest for the prompt, since there are millions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(u32);

/// How many different [`Place::code`]s there are.
pub(super) const CODES: usize = 32;

impl Place {
    fn new(prompt: usize, field: Field, first: bool, last: bool) -> Self {
        let code = (field as u32) << 2 | u32::from(first) << 1 | u32::from(last);
        Self((prompt as u32) << 5 | code)
    }

    pub(super) fn prompt(self) -> usize {
        (self.0 >> 5) as usize
    }

    pub(super) fn code(self) -> usize {
        (self.0 & 31) as usize
    }

    /// The field of a code, and whether the field begins and ends there; `None` for unused codes.
    pub(super) fn decode(code: usize) -> Option<(Field, bool, bool)> {
        Some((*Field::ALL.get(code >> 2)?, code & 2 != 0, code & 1 != 0))
    }
}

/// Many short texts in one buffer.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(super) fn get(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start..self.ends[i]]
    }

    fn push_folded(&mut self, text: &str) {
        fold::fold_into(text, &mut self.text);
        self.ends.push(self.text.len());
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }
}

/// A library ready to be searched; built anew when the library changes.
#[derive(Debug, Clone)]
pub struct SearchIndex {
    /// Tells indexes apart, so that a searcher notices a new one.
    pub(super) generation: u64,
    pub(super) len: usize,
    pub(super) titles: Texts,
    pub(super) ids: Texts,
    pub(super) categories: Texts,
    pub(super) title_masks: Vec<u64>,
    pub(super) id_masks: Vec<u64>,
    /// Titles, ids and categories that are not ASCII, as written: folding may move their bytes.
    pub(super) originals: HashMap<(Field, u32), Box<str>>,
    pub(super) words: Texts,
    pub(super) word_masks: Vec<u64>,
    place_ends: Vec<usize>,
    places: Vec<Place>,
    /// Shorter title first, then id.
    pub(super) by_length: Order,
    /// Category, title, id.
    pub(super) by_name: Order,
}

/// A fixed order of the prompts, both ways.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) rank_of: Vec<u32>,
    pub(super) at_rank: Vec<u32>,
}

impl Order {
    fn by<'a, K: Ord + 'a>(len: usize, key: impl Fn(usize) -> K) -> Self {
        let mut at_rank: Vec<u32> = (0..len as u32).collect();
        at_rank.sort_by_cached_key(|i| key(*i as usize));
        let mut rank_of = vec![0; len];
        for (rank, prompt) in at_rank.iter().enumerate() {
            rank_of[*prompt as usize] = rank as u32;
        }
        Self { rank_of, at_rank }
    }
}

impl SearchIndex {
    /// Lays out `prompts`; hits name them by their position in this slice.
    pub fn build(prompts: &[PromptInfo]) -> SearchIndex {
        static GENERATION: AtomicU64 = AtomicU64::new(1);
        let mut titles = Texts::default();
        let mut ids = Texts::default();
        let mut categories = Texts::default();
        let mut originals = HashMap::new();
        let mut words = WordCollector::default();
        for (i, prompt) in prompts.iter().enumerate() {
            let id = prompt.id.as_str();
            for (field, text, into) in [
                (Field::Title, prompt.title.as_str(), &mut titles),
                (Field::Id, id, &mut ids),
                (Field::Category, prompt.category.as_str(), &mut categories),
            ] {
                into.push_folded(text);
                if !text.is_ascii() {
                    originals.insert((field, i as u32), text.into());
                }
            }
            words.add(i, Field::Title, titles.get(i));
            words.add(i, Field::Category, categories.get(i));
            let (folder, stem) = split_id(ids.get(i));
            if folder != categories.get(i) {
                words.add(i, Field::Id, folder);
            }
            words.add(i, Field::Id, stem);
            for tag in &prompt.tags {
                words.add(i, Field::Tags, &fold::folded(tag));
            }
            words.add(i, Field::Description, &fold::folded(&prompt.description));
        }
        let len = prompts.len();
        let (words, places, place_ends) = words.finish();
        SearchIndex {
            generation: GENERATION.fetch_add(1, Ordering::Relaxed),
            len,
            title_masks: (0..len).map(|i| fold::mask(titles.get(i))).collect(),
            id_masks: (0..len).map(|i| fold::mask(ids.get(i))).collect(),
            word_masks: (0..words.ends.len())
                .map(|i| fold::mask(words.get(i)))
                .collect(),
            by_length: Order::by(len, |i| (prompts[i].title.chars().count(), ids.get(i))),
            by_name: Order::by(len, |i| (categories.get(i), titles.get(i), ids.get(i))),
            titles,
            ids,
            categories,
            originals,
            words,
            place_ends,
            places,
        }
    }

    /// How many prompts it holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Every place of one distinct word.
    pub(super) fn places(&self, word: usize) -> &[Place] {
        let start = if word == 0 {
            0
        } else {
            self.place_ends[word - 1]
        };
        &self.places[start..self.place_ends[word]]
    }
}

/// Splits `team:commands/api-doc` into `commands` and `api-doc`: the last part is the name.
pub(super) fn split_id(id: &str) -> (&str, &str) {
    id.rsplit_once('/').unwrap_or(("", id))
}

/// Gathers words and their places, then sorts them by word.
#[derive(Default)]
struct WordCollector {
    numbers: HashMap<Box<str>, u32, std::hash::BuildHasherDefault<WordHasher>>,
    words: Texts,
    counts: Vec<usize>,
    found: Vec<(u32, Place)>,
}

impl WordCollector {
    fn add(&mut self, prompt: usize, field: Field, folded: &str) {
        let mut words = fold::words(folded).peekable();
        let mut first = true;
        while let Some(range) = words.next() {
            let place = Place::new(prompt, field, first, words.peek().is_none());
            first = false;
            let word = &folded[range];
            let number = match self.numbers.get(word) {
                Some(number) => *number,
                None => {
                    let number = self.counts.len() as u32;
                    self.numbers.insert(word.into(), number);
                    self.words.push(word);
                    self.counts.push(0);
                    number
                }
            };
            self.counts[number as usize] += 1;
            self.found.push((number, place));
        }
    }

    fn finish(self) -> (Texts, Vec<Place>, Vec<usize>) {
        let mut next = 0;
        let mut cursors: Vec<usize> = Vec::with_capacity(self.counts.len());
        for count in &self.counts {
            cursors.push(next);
            next += count;
        }
        let mut places = vec![Place(0); next];
        for (word, place) in self.found {
            let cursor = &mut cursors[word as usize];
            places[*cursor] = place;
            *cursor += 1;
        }
        (self.words, places, cursors)
    }
}

/// FNV-1a: words are short, and a library that collides on purpose only slows its own search.
struct WordHasher(u64);

impl Default for WordHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl std::hash::Hasher for WordHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
