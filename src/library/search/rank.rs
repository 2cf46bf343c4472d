//! From tiers to an order: whole phrases, scores, and the best few of many. Pure.

use memchr::memmem;

use super::index::{SearchIndex, split_id};
use super::query::Word;
use super::tier::{BEST, Kind, Tier};
use super::{Field, fold};

/// Scores are tiers times this, so that the mean over several words keeps some of its fraction.
pub(super) const SCORE_PER_TIER: u16 = 8;
const SCORES: usize = Tier::MAX as usize * SCORE_PER_TIER as usize + 1;

/// Several words typed, looked for in one piece.
pub(super) struct Phrase<'q> {
    finder: memmem::Finder<'q>,
    mask: u64,
}

impl<'q> Phrase<'q> {
    pub(super) fn new(word: &'q Word) -> Self {
        let text = word.text.as_str();
        Self {
            finder: memmem::Finder::new(text),
            mask: fold::mask(text),
        }
    }

    /// What a prompt deserves for holding it in its title or id; 0 where it does not.
    pub(super) fn tier(&self, index: &SearchIndex, i: usize) -> u8 {
        let mut best = None;
        if self.mask & !index.title_masks[i] == 0 {
            best = self.tier_in(index.titles.get(i), Field::Title);
        }
        if self.mask & !index.id_masks[i] == 0 {
            let id = index.ids.get(i);
            best = best.max(self.tier_in(id, Field::Id));
            best = best.max(self.tier_in(split_id(id).1, Field::Id));
        }
        best.unwrap_or(0)
    }

    fn tier_in(&self, text: &str, field: Field) -> Option<u8> {
        let at = self.finder.find(text.as_bytes())?;
        let kind = match at {
            0 if text.len() == self.finder.needle().len() => Kind::Exact,
            0 => Kind::Prefix,
            _ if fold::is_word_start(text, at) => Kind::WordStart,
            _ => Kind::Inside,
        };
        Some(Tier::new(kind, field, BEST).0)
    }
}

/// How many scores are not 0, and the least score that may be among the best `limit`.
pub(super) fn count(scores: &[u16], limit: usize) -> (usize, u16) {
    let mut histogram = [0usize; SCORES];
    scores
        .iter()
        .for_each(|score| histogram[usize::from(*score)] += 1);
    let total = scores.len() - histogram[0];
    let mut seen = 0;
    let enough = (1..SCORES).rev().find(|score| {
        seen += histogram[*score];
        seen >= limit
    });
    (total, enough.unwrap_or(1) as u16)
}

/// The greatest `limit` keys, greatest first.
pub(super) fn best(mut keys: Vec<u64>, limit: usize) -> impl Iterator<Item = u64> {
    if limit < keys.len() {
        keys.select_nth_unstable_by(limit, |a, b| b.cmp(a));
        keys.truncate(limit);
    }
    keys.sort_unstable_by(|a, b| b.cmp(a));
    keys.into_iter()
}

/// The lower half of a key: a lower rank gives a greater key. [`rank_of`] reads it back.
pub(super) fn low(rank: u32) -> u64 {
    u64::from(u32::MAX - rank)
}

pub(super) fn rank_of(key: u64) -> usize {
    (u32::MAX - key as u32) as usize
}
