//! The selector that is used unless another is asked for: by what the words of a composition say. Pure.

use std::collections::HashSet;

use super::index::{Asked, Index, Term};
use super::naming::Names;
use super::select::{ContextSelector, Question, Ranked, Ranking};
use super::{Candidate, Origin, Uses, is_young, top};

/// What use is worth at the most: it multiplies the score by up to 1.6, so it never drowns relevance.
const USE: f32 = 0.6;
/// From so many uses on a further one is worth nothing.
const ENOUGH_USES: f32 = 100.0;
/// A word is rare that at most one candidate in so many has.
const RARE: usize = 20;
/// The most words named in a reason.
const SHOWN: usize = 3;

/// Candidates, indexed by their words.
pub struct RankedSelector {
    index: Index,
    names: Names,
    shown: Vec<Shown>,
}

/// What reasons are made of.
struct Shown {
    id: String,
    title: Vec<Term>,
    tags: Vec<(String, Vec<Term>)>,
    origin: Origin,
}

impl RankedSelector {
    /// Indexes candidates.
    pub fn new(mut candidates: Vec<Candidate>) -> Self {
        candidates.retain(is_young);
        candidates.sort_by(|a, b| a.id.cmp(&b.id));
        let index = Index::new(&candidates);
        Self {
            names: Names::of(&candidates),
            shown: candidates
                .into_iter()
                .map(|candidate| Shown::of(candidate, &index))
                .collect(),
            index,
        }
    }

    fn ranked(&self, number: u32, score: f32, asked: &[Asked], uses: &Uses, named: bool) -> Ranked {
        let shown = &self.shown[number as usize];
        let mut reasons = Vec::new();
        if named {
            reasons.push("named in the composition".to_owned());
        }
        let (words, signs) = self.words(number, asked);
        reasons.extend(words);
        reasons.extend(uses.get(&shown.id).and_then(super::linear::used));
        reasons.extend(super::linear::age(shown.origin));
        Ranked {
            id: shown.id.clone(),
            score: f64::from(score),
            reasons,
            signs,
        }
    }

    /// The words that brought a candidate its score, the weightiest first, and how many signs they are.
    fn words(&self, number: u32, asked: &[Asked]) -> (Vec<String>, usize) {
        let shown = &self.shown[number as usize];
        let words = asked.iter().filter(|asked| asked.word.is_some());
        let parts = words.map(|asked| (self.index.part(asked, number), asked));
        let mut parts: Vec<_> = parts.filter(|(part, _)| *part > 0.0).collect();
        parts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.word.cmp(&b.1.word)));
        let has = |term: &Term| parts.iter().any(|(_, asked)| asked.term == *term);
        let tags = shown.tags.iter();
        let tags: Vec<_> = tags
            .filter(|(_, terms)| !terms.is_empty() && terms.iter().all(has))
            .collect();
        // A word is told once, in the first group that it belongs to.
        let mut told: HashSet<Term> = tags.iter().flat_map(|(_, terms)| terms).copied().collect();
        let mut take = |wanted: &dyn Fn(Term) -> bool| -> Vec<&str> {
            let found = parts.iter().filter(|(_, asked)| wanted(asked.term));
            let new = found.filter(|(_, asked)| told.insert(asked.term));
            new.filter_map(|(_, asked)| asked.word.as_deref())
                .take(SHOWN)
                .collect()
        };
        let title = take(&|term| shown.title.contains(&term));
        let rare = (self.index.count() / RARE).max(1);
        let rare = take(&|term| self.index.spread(term) <= rare);
        let other = match title.is_empty() && rare.is_empty() && tags.is_empty() {
            true => take(&|_| true),
            false => Vec::new(),
        };
        let signs = tags.len() + title.len() + rare.len();
        let tags = tags.into_iter().map(|(tag, _)| tag.as_str()).collect();
        let groups = [
            ("tag", "tags", tags),
            ("title", "title", title),
            ("rare word", "rare words", rare),
            ("word", "words", other),
        ];
        let told = groups.iter().filter(|(.., words)| !words.is_empty());
        let told = told.map(|(one, more, words)| {
            let name = if words.len() == 1 { one } else { more };
            format!("{name} {}", words.join(", "))
        });
        (told.collect(), signs)
    }
}

impl ContextSelector for RankedSelector {
    fn rank(&self, question: &Question<'_>) -> Ranking {
        let asked = self.index.asked(question.composition.text);
        let mut scores = self.index.scores(&asked);
        for (id, used) in question.uses {
            if let Some(number) = self.names.get(id) {
                scores[number as usize] *= prior(used.count);
            }
        }
        let (named, unknown) = self.names.named_in(&question.composition);
        let skip: HashSet<u32> = named.iter().copied().collect();
        let best = top::best(&scores, question.limit, |number| skip.contains(&number));
        let row = |number: u32, named| {
            self.ranked(
                number,
                scores[number as usize],
                &asked,
                question.uses,
                named,
            )
        };
        Ranking {
            named: named.into_iter().map(|number| row(number, true)).collect(),
            others: best
                .into_iter()
                .map(|scored| row(scored.number, false))
                .collect(),
            unknown,
        }
    }
}

impl Shown {
    fn of(candidate: Candidate, index: &Index) -> Self {
        let tags = candidate.tags.into_iter();
        Self {
            id: candidate.id,
            title: index.terms(&candidate.title),
            tags: tags
                .map(|tag| {
                    let terms = index.terms(&tag);
                    (tag, terms)
                })
                .collect(),
            origin: candidate.origin,
        }
    }
}

/// What use multiplies a score by: its logarithm, bounded.
fn prior(count: u32) -> f32 {
    let log = (1.0 + count as f32).ln() / (1.0 + ENOUGH_USES).ln();
    1.0 + USE * log.min(1.0)
}
