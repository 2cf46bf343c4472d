//! The words of all candidates, each with those it stands in and what it is worth there. Pure.
//!
//! BM25F (Robertson, Zaragoza, Taylor: Simple BM25 extension to multiple weighted fields, 2004) over
//! stems, and over pairs of neighbours in the short fields. What does not depend on the question is
//! worked out when the index is made: a posting is one multiplication and one addition.

use std::collections::HashMap;

use super::stem::stem;
use super::{Candidate, words};

/// A field: what a word in it is worth, and how much its length counts against it (BM25's b).
struct Field {
    weight: f32,
    length: f32,
    pairs: bool,
}

const fn field(weight: f32, length: f32, pairs: bool) -> Field {
    Field {
        weight,
        length,
        pairs,
    }
}

/// Title, tags and keywords, category, description, the beginning of the text, the text.
///
/// The weights were tuned on one public library and measured on others, see doc/evaluation.md. Pairs
/// in the whole text would be worth another hundredth of recall, for twice the memory.
const FIELDS: [Field; 6] = [
    field(3.0, 0.5, true),
    field(3.0, 0.5, true),
    field(0.5, 0.5, true),
    field(2.0, 0.75, true),
    field(2.0, 0.85, true),
    field(1.0, 0.85, false),
];
/// Where a word more adds little (BM25's k1), in weighted words.
const SATURATION: f32 = 4.0;
/// The same for a word that the question repeats.
const REPETITION: f32 = 1.2;
/// What a pair is worth against a word.
const PAIR: f32 = 0.4;
/// The characters of a text that are its beginning: what it is about is mostly said there.
const BEGINNING: usize = 600;

/// A word or pair, by number.
pub(super) type Term = u32;

/// The index.
pub(super) struct Index {
    words: HashMap<Box<str>, Term>,
    pairs: HashMap<(Term, Term), Term>,
    /// Where each term's postings begin; one more than there are terms.
    starts: Vec<u32>,
    /// Those of a term in the order of the candidates.
    postings: Vec<Posting>,
    count: usize,
}

/// A candidate that has a term, and what the term is worth there.
#[derive(Clone, Copy, Default)]
struct Posting {
    candidate: u32,
    worth: f32,
}

/// A term of a question.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub term: Term,
    pub weight: f32,
    /// The word as it was written, in lower case; a pair has none.
    pub word: Option<Box<str>>,
}

impl Index {
    pub(super) fn new(candidates: &[Candidate]) -> Self {
        let mut maker = Maker::default();
        for candidate in candidates {
            maker.add(candidate);
        }
        maker.finish(candidates.len())
    }

    /// The number of candidates.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The terms of a text that some candidate has, in the order of their numbers.
    pub(super) fn asked(&self, text: &str) -> Vec<Asked> {
        let mut found: HashMap<Term, (u32, Option<Box<str>>)> = HashMap::new();
        let mut last = None;
        words::each_stem(text, |stem, word| {
            let term = self.words.get(stem).copied();
            if let Some(term) = term {
                found
                    .entry(term)
                    .or_insert_with(|| (0, Some(word.into())))
                    .0 += 1;
            }
            let pair = last.zip(term).and_then(|pair| self.pairs.get(&pair));
            if let Some(pair) = pair {
                found.entry(*pair).or_insert((0, None)).0 += 1;
            }
            last = term;
        });
        let mut asked: Vec<Asked> = found
            .into_iter()
            .map(|(term, (times, word))| {
                let times = times as f32;
                let weight = times * (1.0 + REPETITION) / (times + REPETITION);
                let weight = if word.is_none() {
                    weight * PAIR
                } else {
                    weight
                };
                Asked { term, weight, word }
            })
            .collect();
        // Sums of floating point numbers depend on their order.
        asked.sort_unstable_by_key(|asked| asked.term);
        asked
    }

    /// The score of every candidate.
    pub(super) fn scores(&self, asked: &[Asked]) -> Vec<f32> {
        let mut scores = vec![0.0; self.count];
        for Asked { term, weight, .. } in asked {
            for posting in self.postings(*term) {
                scores[posting.candidate as usize] += weight * posting.worth;
            }
        }
        scores
    }

    /// What a term adds to the score of a candidate.
    pub(super) fn part(&self, asked: &Asked, candidate: u32) -> f32 {
        let postings = self.postings(asked.term);
        let at = postings.binary_search_by_key(&candidate, |posting| posting.candidate);
        at.map_or(0.0, |at| asked.weight * postings[at].worth)
    }

    /// How many candidates have a term.
    pub(super) fn spread(&self, term: Term) -> usize {
        self.postings(term).len()
    }

    /// The words of a text that some candidate has.
    pub(super) fn terms(&self, text: &str) -> Vec<Term> {
        let mut terms = Vec::new();
        words::each_stem(text, |stem, _| terms.extend(self.words.get(stem)));
        terms
    }

    fn postings(&self, term: Term) -> &[Posting] {
        let at = term as usize;
        &self.postings[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// An occurrence, before the lengths of all fields are known.
struct Occurrence {
    term: Term,
    field: u8,
    times: u16,
}

#[derive(Default)]
struct Maker {
    /// Each word as it is written: most stand there thousands of times, and stems take time.
    seen: HashMap<Box<str>, Option<Term>>,
    words: HashMap<Box<str>, Term>,
    pairs: HashMap<(Term, Term), Term>,
    terms: u32,
    /// Sorted by term and field within each candidate.
    occurrences: Vec<Occurrence>,
    ends: Vec<usize>,
    lengths: Vec<[u32; FIELDS.len()]>,
}

impl Maker {
    fn add(&mut self, candidate: &Candidate) {
        let labels = [&candidate.tags[..], &candidate.keywords]
            .concat()
            .join(" . ");
        let body = &candidate.body;
        let end = body
            .char_indices()
            .nth(BEGINNING)
            .map_or(body.len(), |(at, _)| at);
        let texts = [
            &candidate.title,
            &labels,
            &candidate.category,
            &candidate.description,
            &body[..end],
            body,
        ];
        let mut lengths = [0; FIELDS.len()];
        let mut found: Vec<(Term, u8)> = Vec::new();
        for (field, text) in texts.into_iter().enumerate() {
            let before = found.len();
            self.read(text, FIELDS[field].pairs, |term| {
                found.push((term, field as u8))
            });
            lengths[field] = (found.len() - before) as u32;
        }
        found.sort_unstable();
        for same in found.chunk_by(|a, b| a == b) {
            let (term, field) = same[0];
            let times = u16::try_from(same.len()).unwrap_or(u16::MAX);
            self.occurrences.push(Occurrence { term, field, times });
        }
        self.ends.push(self.occurrences.len());
        self.lengths.push(lengths);
    }

    fn read(&mut self, text: &str, pairs: bool, mut found: impl FnMut(Term)) {
        let mut last = None;
        words::each(text, |word, _| {
            let Some(term) = self.term(word) else { return };
            found(term);
            if let Some(last) = last.replace(term).filter(|_| pairs) {
                let pair = self.pairs.entry((last, term)).or_insert_with(|| {
                    self.terms += 1;
                    self.terms - 1
                });
                found(*pair);
            }
        });
    }

    /// The term of a word, a new one where it has none; none for what stands in every text.
    fn term(&mut self, word: &str) -> Option<Term> {
        if let Some(known) = self.seen.get(word) {
            return *known;
        }
        let term = (!words::is_stop(word)).then(|| {
            let stem = stem(word);
            let new = self.terms;
            let term = *self.words.entry(stem.into()).or_insert(new);
            self.terms += u32::from(term == new);
            term
        });
        self.seen.insert(word.into(), term);
        term
    }

    fn finish(self, count: usize) -> Index {
        let averages: [f32; FIELDS.len()] = std::array::from_fn(|field| {
            let sum: u64 = self
                .lengths
                .iter()
                .map(|lengths| u64::from(lengths[field]))
                .sum();
            (sum as f32 / count.max(1) as f32).max(1.0)
        });
        // Counted first, so that every posting is written once and to its place.
        let mut starts = vec![0_u32; self.terms as usize + 1];
        self.each_posting(&averages, |_, term, _| starts[term as usize + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let all = starts.last().copied().unwrap_or_default() as usize;
        let mut postings = vec![Posting::default(); all];
        let rarity: Vec<f32> = starts
            .windows(2)
            .map(|at| rarity(at[1] - at[0], count))
            .collect();
        let mut next = starts.clone();
        self.each_posting(&averages, |candidate, term, amount| {
            let at = next[term as usize] as usize;
            next[term as usize] += 1;
            let worth = rarity[term as usize] * amount / (SATURATION + amount);
            postings[at] = Posting { candidate, worth };
        });
        Index {
            words: self.words,
            pairs: self.pairs,
            starts,
            postings,
            count,
        }
    }

    /// Calls `found` with each candidate's terms and their weighted number in it.
    fn each_posting(&self, averages: &[f32; FIELDS.len()], mut found: impl FnMut(u32, Term, f32)) {
        let mut from = 0;
        for ((candidate, end), lengths) in (0..).zip(&self.ends).zip(&self.lengths) {
            for same in self.occurrences[from..*end].chunk_by(|a, b| a.term == b.term) {
                let amounts = same.iter().map(|occurrence| {
                    let field = usize::from(occurrence.field);
                    let Field { weight, length, .. } = FIELDS[field];
                    let norm = 1.0 - length + length * lengths[field] as f32 / averages[field];
                    weight * f32::from(occurrence.times) / norm
                });
                found(candidate, same[0].term, amounts.sum());
            }
            from = *end;
        }
    }
}

/// What it says of a candidate that it has a term (BM25's idf, never below nothing).
fn rarity(having: u32, of: usize) -> f32 {
    let having = having as f32;
    (1.0 + (of as f32 - having + 0.5) / (having + 0.5)).ln()
}
