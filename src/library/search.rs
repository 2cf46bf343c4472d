//! Fuzzy search over titles, ids, tags, categories and descriptions.
//!
//! Pure: a [`SearchIndex`] and what was typed in, ranked [`Hits`] out. It neither reads the library
//! nor keeps use counts; those come in as one number per prompt.
//!
//! Every word of the query must match somewhere, each where it matches best: "docs api" finds
//! *Generate API documentation* tagged `docs`. A word matches exactly, as a prefix, from the
//! beginning of a word, inside one, scattered, or, from four letters on, with one typo, and in this
//! order prompts are ranked; then title before id, tags, category, description; then by use; then
//! shorter titles first; then by id. Case and Latin accents do not matter. Letters are scattered
//! over a whole title or id, elsewhere only within a word: in a description nearly anything would
//! match. As in fzf `'word` asks for the letters together, `^word` and `word$` for the beginning and
//! end of a field or tag, `!word` for prompts without it; a backslash takes the meaning away.

mod fold;
mod highlight;
mod index;
mod query;
mod rank;
mod scatter;
mod tier;
mod words;

use std::ops::Range;

pub use index::SearchIndex;
use query::{Query, Word};
use rank::{Phrase, SCORE_PER_TIER, best, low, rank_of};
use tier::Tier;
use words::Needle;

/// The searched parts of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Its title.
    Title,
    /// Its id.
    Id,
    /// Its tags.
    Tags,
    /// Its category.
    Category,
    /// Its description.
    Description,
}

impl Field {
    /// Every field, in the order of the variants.
    pub const ALL: [Field; 5] = [
        Field::Title,
        Field::Id,
        Field::Tags,
        Field::Category,
        Field::Description,
    ];
}

/// Matched bytes of a title, id or category, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The field; never tags or description.
    pub field: Field,
    /// First byte, from 0.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

impl Span {
    fn new(field: Field, range: Range<usize>) -> Self {
        Self {
            field,
            start: range.start as u32,
            end: range.end as u32,
        }
    }
}

/// One found prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Its position among the prompts that the index was built from.
    pub index: u32,
    /// Where the query matched best; the title for an empty query.
    pub field: Field,
    first_span: u32,
    span_count: u32,
}

/// What a search found: rows best first, and how many there are in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// How many prompts match, shown or not.
    pub total: usize,
    /// The best ones.
    pub rows: Vec<Hit>,
    spans: Vec<Span>,
}

impl Hits {
    /// The letters to light in a row: by field in the order title, id, category, ascending, apart
    /// from each other.
    pub fn spans(&self, hit: &Hit) -> &[Span] {
        &self.spans[hit.first_span as usize..][..hit.span_count as usize]
    }
}

/// Searches, and remembers what the last words gave so that the next keystroke has less to do.
///
/// One per asking face; what it remembers never changes a result. Holds a byte per prompt for each
/// of at most [`Searcher::REMEMBERED`] words.
#[derive(Debug, Default)]
pub struct Searcher {
    generation: u64,
    clock: u64,
    known: Vec<Known>,
    scores: Vec<u16>,
}

/// What one word of a query gave: a [`Tier`] per prompt, 0 for no match.
///
/// Scattered letters are looked for only where the words to its left match too.
#[derive(Debug)]
struct Known {
    word: Word,
    left: Vec<Word>,
    tiers: Vec<u8>,
    used: u64,
}

impl Searcher {
    /// How many words are remembered; more than a query can have.
    pub const REMEMBERED: usize = 2 * query::MAX_WORDS;

    /// A searcher that remembers nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Finds what matches `query` and returns at most `limit` rows.
    ///
    /// `uses` says per prompt how much it is used, see [`crate::library::usage::Usage::boost`];
    /// missing entries count as 0, more than 65535 as that. An empty query gives everything by use,
    /// then category, then title.
    pub fn search(&mut self, index: &SearchIndex, query: &str, uses: &[u32], limit: usize) -> Hits {
        if self.generation != index.generation {
            self.generation = index.generation;
            self.known.clear();
        }
        let query = Query::parse(query);
        let use_of = |i: usize| u64::from(uses.get(i).copied().unwrap_or(0).min(0xFFFF));
        if query.wanted.is_empty() && query.unwanted.is_empty() {
            let keys = (0..index.len).map(|i| use_of(i) << 32 | low(index.by_name.rank_of[i]));
            let rows = best(keys.collect(), limit).map(|key| Hit {
                index: index.by_name.at_rank[rank_of(key)],
                field: Field::Title,
                first_span: 0,
                span_count: 0,
            });
            return Hits {
                total: index.len,
                rows: rows.collect(),
                spans: Vec::new(),
            };
        }
        self.clock += 1;
        let mut wanted: Vec<usize> = Vec::with_capacity(query.wanted.len());
        for (n, word) in query.wanted.iter().enumerate() {
            wanted.push(self.look_up(index, word, &query.wanted[..n], &wanted));
        }
        let unwanted: Vec<Vec<usize>> = query
            .unwanted
            .iter()
            .map(|group| {
                group
                    .iter()
                    .map(|w| self.look_up(index, w, &[], &[]))
                    .collect()
            })
            .collect();
        let phrase = query.phrase.as_ref().map(Phrase::new);
        self.score(index, &wanted, &unwanted, phrase.as_ref());

        let (total, lowest) = rank::count(&self.scores, limit);
        let scored = self
            .scores
            .iter()
            .enumerate()
            .filter(|(_, score)| **score >= lowest);
        let keys = scored.map(|(i, score)| {
            u64::from(*score) << 48 | use_of(i) << 32 | low(index.by_length.rank_of[i])
        });
        let mut hits = Hits {
            total,
            ..Hits::default()
        };
        let mut lighters: Vec<_> = query
            .wanted
            .iter()
            .chain(&query.phrase)
            .map(|word| (highlight::Lighter::new(word), 0))
            .collect();
        for key in best(keys.collect(), limit) {
            let prompt = index.by_length.at_rank[rank_of(key)];
            for (n, (_, tier)) in lighters.iter_mut().enumerate() {
                *tier = match (wanted.get(n), &phrase) {
                    (Some(known), _) => self.known[*known].tiers[prompt as usize],
                    (None, Some(phrase)) => phrase.tier(index, prompt as usize),
                    (None, None) => 0,
                };
            }
            let top = lighters.iter().map(|(_, tier)| *tier).max().unwrap_or(0);
            let first_span = hits.spans.len() as u32;
            highlight::spans(index, prompt, &mut lighters, &mut hits.spans);
            hits.rows.push(Hit {
                index: prompt,
                field: Tier::parts(top).map_or(Field::Title, |(_, field)| field),
                first_span,
                span_count: hits.spans.len() as u32 - first_span,
            });
        }
        hits
    }

    /// The place in `known` of what a word gives, worked out if need be; `left` are the words before
    /// it and `left_at` their places.
    fn look_up(
        &mut self,
        index: &SearchIndex,
        word: &Word,
        left: &[Word],
        left_at: &[usize],
    ) -> usize {
        let same = |known: &Known| known.word == *word && known.left == left;
        if let Some(at) = self.known.iter().position(same) {
            self.known[at].used = self.clock;
            return at;
        }
        // Letters in order stay in order when the last is dropped: what an earlier, shorter word
        // did not match, this one can't match scattered.
        let shorter = self
            .known
            .iter()
            .filter(|known| known.word.mode == word.mode && known.left == left)
            .filter(|known| word.text.starts_with(&known.word.text))
            .max_by_key(|known| known.word.text.len());
        let within: Vec<&[u8]> = left_at
            .iter()
            .map(|at| &self.known[*at])
            .chain(shorter)
            .map(|known| known.tiers.as_slice())
            .collect();
        let mut tiers = vec![0; index.len];
        match_word(index, word, &within, &mut tiers);
        let known = Known {
            word: word.clone(),
            left: left.to_vec(),
            tiers,
            used: self.clock,
        };
        if self.known.len() < Self::REMEMBERED {
            self.known.push(known);
            return self.known.len() - 1;
        }
        let oldest = (0..self.known.len())
            .min_by_key(|at| self.known[*at].used)
            .unwrap_or(0);
        self.known[oldest] = known;
        oldest
    }

    /// Sets `scores`: 0 for no match, else the mean tier of the wanted words or what the whole
    /// phrase deserves.
    fn score(
        &mut self,
        index: &SearchIndex,
        wanted: &[usize],
        unwanted: &[Vec<usize>],
        phrase: Option<&Phrase>,
    ) {
        let Self { known, scores, .. } = self;
        scores.clear();
        scores.resize(index.len, SCORE_PER_TIER);
        let worth: [u16; 256] = std::array::from_fn(|tier| {
            let tier = tier as u8;
            let tier = if wanted.len() > 1 {
                Tier::among_words(tier)
            } else {
                tier
            };
            u16::from(tier) * SCORE_PER_TIER
        });
        for (nth, at) in wanted.iter().enumerate() {
            for (score, tier) in scores.iter_mut().zip(&known[*at].tiers) {
                let sum = if nth == 0 { 0 } else { *score };
                let matches = (*tier != 0) & (*score != 0);
                *score = (sum + worth[usize::from(*tier)]) * u16::from(matches);
            }
        }
        for group in unwanted {
            for (i, score) in scores.iter_mut().enumerate() {
                if group.iter().all(|at| known[*at].tiers[i] != 0) {
                    *score = 0;
                }
            }
        }
        if wanted.len() > 1 {
            let words = wanted.len() as u16;
            scores.iter_mut().for_each(|score| *score /= words);
        }
        if let Some(phrase) = phrase {
            for (i, score) in scores
                .iter_mut()
                .enumerate()
                .filter(|(_, score)| **score != 0)
            {
                let best = phrase.tier(index, i);
                *score = (*score).max(u16::from(best) * SCORE_PER_TIER);
            }
        }
    }
}

/// Fills `tiers` for one word; scattered only where all of `within` match.
fn match_word(index: &SearchIndex, word: &Word, within: &[&[u8]], tiers: &mut [u8]) {
    let needle = Needle::new(word);
    words::match_words(index, &needle, tiers);
    if needle.may_scatter() {
        scatter::match_texts(index, &needle, within, tiers);
    }
}

#[cfg(test)]
mod tests;
