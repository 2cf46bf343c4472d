//! Finds any of many phrases in a text with one look-up a word. Pure.

use std::collections::HashMap;
use std::ops::Range;

use super::reading::Reading;

/// Phrases of one or more words in lower case, each with what it stands for.
pub(super) struct Phrases<T> {
    by_first: HashMap<&'static str, Vec<(Vec<&'static str>, T)>>,
}

impl<T: Copy> Phrases<T> {
    /// Takes lines of phrases apart by `, `.
    pub(super) fn new(rows: &[(&'static str, T)]) -> Self {
        let mut by_first: HashMap<_, Vec<(Vec<&str>, T)>> = HashMap::new();
        for (phrases, meaning) in rows {
            for phrase in phrases.split(',') {
                let words: Vec<&str> = phrase.split_ascii_whitespace().collect();
                if let Some(first) = words.first() {
                    by_first.entry(*first).or_default().push((words, *meaning));
                }
            }
        }
        for phrases in by_first.values_mut() {
            phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        Self { by_first }
    }

    /// Finds them among some words, the longest at each place: their bytes and meaning.
    pub(super) fn find(
        &self,
        reading: &Reading<'_>,
        words: Range<usize>,
    ) -> Vec<(Range<usize>, T)> {
        let mut found = Vec::new();
        let mut at = words.start;
        while at < words.end {
            let here = self.by_first.get(reading.word(at)).and_then(|phrases| {
                let fits = |phrase: &&(Vec<&str>, T)| {
                    phrase.0.len() <= words.end - at && stands_at(reading, at, &phrase.0)
                };
                phrases.iter().find(fits)
            });
            match here {
                Some((phrase, meaning)) => {
                    let last = at + phrase.len() - 1;
                    found.push((reading.place(at).start..reading.place(last).end, *meaning));
                    at = last + 1;
                }
                None => at += 1,
            }
        }
        found
    }
}

fn stands_at(reading: &Reading<'_>, at: usize, phrase: &[&str]) -> bool {
    (at..).zip(phrase).all(|(index, word)| {
        let joined = |c: char| c.is_whitespace() || matches!(c, '-' | '*' | '_');
        reading.word(index) == *word
            && (index == at
                || reading.text[reading.place(index - 1).end..reading.place(index).start]
                    .chars()
                    .all(joined))
    })
}
