//! Which letters of a row to light for a query. Pure.

use std::ops::Range;

use frizbee::Matcher;
use memchr::memmem;

use super::index::SearchIndex;
use super::query::{Mode, Word};
use super::tier::{Kind, Tier};
use super::words::{Fit, Needle};
use super::{Field, Span, fold, scatter};

/// One word of the query, ready to be found in many rows.
pub(super) struct Lighter<'q> {
    word: &'q Word,
    finder: memmem::Finder<'q>,
    needle: Needle<'q>,
    scatter: Option<Matcher>,
}

impl<'q> Lighter<'q> {
    pub(super) fn new(word: &'q Word) -> Self {
        let finder = memmem::Finder::new(word.text.as_bytes());
        Self {
            word,
            finder,
            needle: Needle::new(word),
            scatter: None,
        }
    }

    /// Adds the bytes of a folded text to light, given the tier that the word reached anywhere.
    fn light(&mut self, text: &str, field: Field, tier: u8, out: &mut Vec<Range<usize>>) {
        if let Some(found) = self.contiguous(text) {
            out.push(found);
            return;
        }
        match Tier::parts(tier) {
            Some((Kind::Scattered, best)) if best == field => {
                let scatter = self
                    .scatter
                    .get_or_insert_with(|| Matcher::new(&self.word.text, &scatter::config()));
                if let Some(found) = scatter.match_one_indices(text, 0) {
                    out.extend(found.indices.iter().map(|i| *i as usize..*i as usize + 1));
                }
            }
            Some((Kind::Typo, best)) if best == field => {
                let meant = fold::words(text).find(|range| {
                    let word = &text[range.clone()];
                    self.needle.fit(word, fold::mask(word)) == Some(Fit::Typo)
                });
                out.extend(meant);
            }
            _ => {}
        }
    }

    /// Where the word stands as it is; the beginning of a word before the middle of one.
    fn contiguous(&self, text: &str) -> Option<Range<usize>> {
        let len = self.word.text.len();
        let at = match self.word.mode {
            Mode::Suffix => text.rfind(&self.word.text),
            _ => {
                let mut first = None;
                let mut found = self.finder.find_iter(text.as_bytes());
                found
                    .find(|at| {
                        first.get_or_insert(*at);
                        fold::is_word_start(text, *at)
                    })
                    .or(first)
            }
        }?;
        Some(at..at + len)
    }
}

/// Adds the spans of one row: of its title, and of the other fields that a word matched best in.
pub(super) fn spans(
    index: &SearchIndex,
    prompt: u32,
    lighters: &mut [(Lighter, u8)],
    out: &mut Vec<Span>,
) {
    let mut ranges = Vec::new();
    let i = prompt as usize;
    for (field, texts) in [
        (Field::Title, &index.titles),
        (Field::Id, &index.ids),
        (Field::Category, &index.categories),
    ] {
        ranges.clear();
        for (lighter, tier) in lighters.iter_mut() {
            let best = Tier::parts(*tier).map(|(_, best)| best);
            if field == Field::Title || best == Some(field) {
                lighter.light(texts.get(i), field, *tier, &mut ranges);
            }
        }
        if ranges.is_empty() {
            continue;
        }
        if let Some(original) = index.originals.get(&(field, prompt)) {
            unfold(original, &mut ranges);
        }
        ranges.sort_unstable_by_key(|r| (r.start, r.end));
        let mut merged: Option<Range<usize>> = None;
        for range in ranges.drain(..) {
            match &mut merged {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => out.extend(merged.replace(range).map(|r| Span::new(field, r))),
            }
        }
        out.extend(merged.map(|r| Span::new(field, r)));
    }
}

/// Turns ranges of the folded text into ranges of the text as written, whole characters with
/// their marks.
fn unfold(original: &str, ranges: &mut [Range<usize>]) {
    let mut bytes: Vec<Range<usize>> = Vec::with_capacity(original.len());
    fold::fold(original, |c, from| {
        bytes.extend(std::iter::repeat_n(from, c.len_utf8()))
    });
    for range in ranges {
        let last = range.end.saturating_sub(1);
        if let (Some(first), Some(last)) = (bytes.get(range.start), bytes.get(last)) {
            *range = first.start..last.end;
        }
    }
}
