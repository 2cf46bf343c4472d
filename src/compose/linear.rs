//! The selector that adds points, for those who want to reckon along. Pure.
//!
//! +10 for each tag that the composition has, +5 in the category of a prompt that it names, for each
//! distinct keyword the number of its occurrences in the composition, +3 if the last session used it,
//! +1 for each use. Keywords are those of the front matter and the words of title, description and
//! text; words are compared as they are written, in lower case.

use std::collections::{HashMap, HashSet};

use super::naming::Names;
use super::select::{ContextSelector, Question, Ranked, Ranking};
use super::{Candidate, Origin, Use, is_young, top, words};

const TAG: f64 = 10.0;
const CATEGORY: f64 = 5.0;
const LAST_SESSION: f64 = 3.0;
/// Shorter words are no keywords.
const SHORTEST: usize = 3;
/// The most keywords named in a reason.
const SHOWN: usize = 3;

/// Candidates and their keywords.
pub struct LinearSelector {
    candidates: Vec<Shown>,
    names: Names,
    /// The candidates that have a keyword, in their order.
    keywords: HashMap<Box<str>, Vec<u32>>,
}

struct Shown {
    id: String,
    tags: Vec<(String, String)>,
    category: String,
    origin: Origin,
}

impl LinearSelector {
    /// Takes in candidates.
    pub fn new(mut candidates: Vec<Candidate>) -> Self {
        candidates.retain(is_young);
        candidates.sort_by(|a, b| a.id.cmp(&b.id));
        let mut keywords: HashMap<Box<str>, Vec<u32>> = HashMap::new();
        for (number, candidate) in (0..).zip(&candidates) {
            let Candidate {
                title,
                description,
                body,
                ..
            } = candidate;
            let given = candidate.keywords.join(" ");
            for text in [&given, title, description, body] {
                words::each(text, |word, _| {
                    if !is_keyword(word) {
                        return;
                    }
                    match keywords.get_mut(word) {
                        Some(has) if has.last() == Some(&number) => {}
                        Some(has) => has.push(number),
                        None => _ = keywords.insert(word.into(), vec![number]),
                    }
                });
            }
        }
        Self {
            names: Names::of(&candidates),
            candidates: candidates.into_iter().map(Shown::of).collect(),
            keywords,
        }
    }
}

impl ContextSelector for LinearSelector {
    fn rank(&self, question: &Question<'_>) -> Ranking {
        let (named, unknown) = self.names.named_in(&question.composition);
        let categories: HashSet<&str> = named
            .iter()
            .map(|number| self.candidates[*number as usize].category.as_str())
            .filter(|category| !category.is_empty())
            .collect();
        let text = Said::of(question.composition.text);
        let mut scores: Vec<f32> = vec![0.0; self.candidates.len()];
        for (word, times) in &text.counts {
            for number in self.keywords.get(word.as_str()).into_iter().flatten() {
                scores[*number as usize] += *times as f32;
            }
        }
        let used = |shown: &Shown| question.uses.get(&shown.id).copied().unwrap_or_default();
        for (shown, score) in self.candidates.iter().zip(&mut scores) {
            let tags = shown.matching(&text).count() as f64 * TAG;
            let category = f64::from(u8::from(categories.contains(shown.category.as_str())));
            let Use {
                count,
                in_last_session,
            } = used(shown);
            let session = f64::from(u8::from(in_last_session));
            *score +=
                (tags + category * CATEGORY + session * LAST_SESSION + f64::from(count)) as f32;
        }
        let skip: HashSet<u32> = named.iter().copied().collect();
        let best = top::best(&scores, question.limit, |number| skip.contains(&number));
        let row = |number: u32, is_named: bool| {
            let shown = &self.candidates[number as usize];
            let mut reasons = Vec::new();
            if is_named {
                reasons.push("named in the composition".to_owned());
            }
            reasons.extend(shown.matching(&text).map(|tag| format!("tag {tag}")));
            if categories.contains(shown.category.as_str()) {
                reasons.push(format!("category {}", shown.category));
            }
            reasons.extend(self.shared(number, &text));
            reasons.extend(
                used(shown)
                    .in_last_session
                    .then(|| "used in the last session".into()),
            );
            reasons.extend(self::used(&used(shown)));
            reasons.extend(age(shown.origin));
            let score = f64::from(scores[number as usize]);
            Ranked {
                id: shown.id.clone(),
                score,
                reasons,
                signs: shown.matching(&text).count(),
            }
        };
        Ranking {
            named: named.iter().map(|number| row(*number, true)).collect(),
            others: best
                .into_iter()
                .map(|scored| row(scored.number, false))
                .collect(),
            unknown,
        }
    }
}

impl LinearSelector {
    /// The keywords that a candidate shares with the composition, the most frequent first.
    fn shared(&self, number: u32, text: &Said) -> Option<String> {
        let has = |word: &str| {
            let having = self.keywords.get(word);
            having.is_some_and(|having| having.binary_search(&number).is_ok())
        };
        let mut shared: Vec<_> = text.counts.iter().filter(|(word, _)| has(word)).collect();
        shared.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let told: Vec<String> = shared
            .iter()
            .take(SHOWN)
            .map(|(word, times)| format!("{word} {times}×"))
            .collect();
        let more = shared.len() - told.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        (!told.is_empty()).then(|| format!("words {}{more}", told.join(", ")))
    }
}

/// The words of a composition.
struct Said {
    /// All, in their order, each with a blank before and after it.
    line: String,
    counts: HashMap<String, u32>,
}

impl Said {
    fn of(text: &str) -> Self {
        let mut counts: HashMap<String, u32> = HashMap::new();
        words::each(text, |word, _| {
            *counts.entry(word.to_owned()).or_default() += 1
        });
        Self {
            line: line_of(text),
            counts,
        }
    }

    fn has(&self, tag: &str) -> bool {
        let word = tag.trim();
        match word.is_empty() || word.contains(' ') {
            true => word.len() > 1 && self.line.contains(tag),
            false => self.counts.contains_key(word),
        }
    }
}

impl Shown {
    fn of(candidate: Candidate) -> Self {
        let tags = candidate.tags.into_iter();
        Self {
            id: candidate.id,
            tags: tags.map(|tag| (line_of(&tag), tag)).collect(),
            category: candidate.category,
            origin: candidate.origin,
        }
    }

    fn matching<'a>(&'a self, text: &'a Said) -> impl Iterator<Item = &'a str> {
        let tags = self.tags.iter().filter(|(line, _)| text.has(line));
        tags.map(|(_, tag)| tag.as_str())
    }
}

/// The use as a reason: `used 9×`.
pub(super) fn used(used: &Use) -> Option<String> {
    (used.count > 0).then(|| format!("used {}×", used.count))
}

/// The age of a composition of the history as a reason.
pub(super) fn age(origin: Origin) -> Option<String> {
    match origin {
        Origin::Library => None,
        Origin::History { age_days: 0 } => Some("from today's history".to_owned()),
        Origin::History { age_days: 1 } => Some("from the history, a day old".to_owned()),
        Origin::History { age_days } => Some(format!("from the history, {age_days} days old")),
    }
}

fn is_keyword(word: &str) -> bool {
    word.chars().count() >= SHORTEST && !words::is_stop(word)
}

fn line_of(text: &str) -> String {
    let mut line = String::from(" ");
    words::each(text, |word, _| {
        line.push_str(word);
        line.push(' ');
    });
    line
}
