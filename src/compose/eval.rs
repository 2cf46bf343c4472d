//! How well a selector finds prompts again: known-item retrieval over any library. Pure.
//!
//! The question is a prompt's description and the answer that prompt, where no prompt is indexed with
//! its description. Masked, the words of its title are taken out of the question, and all words of the
//! same stems. Prompts with the very same description are right answers of each other.

use std::collections::{HashMap, HashSet};

use super::linear::LinearSelector;
use super::ranked::RankedSelector;
use super::select::{ContextSelector, Question};
use super::stem::stem;
use super::{Candidate, Composition, Uses, words};

/// Further down nobody looks.
const DEPTH: usize = 100;

/// How often the right prompt was found.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figures {
    /// The part of questions answered right by the first.
    pub recall_at_1: f64,
    /// The part of questions answered right by one of the first five.
    pub recall_at_5: f64,
    /// The mean of one by the place of the right answer, nothing beyond the hundredth.
    pub mrr: f64,
}

/// What was found out about a selector.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The selector.
    pub selector: &'static str,
    /// With the description as it is.
    pub plain: Figures,
    /// Without the words of the title.
    pub masked: Figures,
}

/// What was found out on a library.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The prompts that could have been found.
    pub prompts: usize,
    /// The prompts with a description, which were asked for.
    pub questions: usize,
    /// A row for each selector.
    pub rows: Vec<Row>,
}

/// A description, plain and masked, and what it is to find.
struct Case {
    forms: [String; 2],
    right: HashSet<String>,
}

/// Evaluates both selectors on candidates with descriptions.
pub fn evaluate(mut candidates: Vec<Candidate>) -> Report {
    let cases = cases(&candidates);
    for candidate in &mut candidates {
        candidate.description.clear();
    }
    let prompts = candidates.len();
    let linear = LinearSelector::new(candidates.clone());
    let ranked = RankedSelector::new(candidates);
    let selectors: [(&'static str, &dyn ContextSelector); 2] =
        [("linear", &linear), ("ranked", &ranked)];
    let rows = selectors.map(|(selector, by)| Row {
        selector,
        plain: figures(by, &cases, 0),
        masked: figures(by, &cases, 1),
    });
    Report {
        prompts,
        questions: cases.len(),
        rows: rows.into(),
    }
}

fn cases(candidates: &[Candidate]) -> Vec<Case> {
    let mut same: HashMap<&str, HashSet<String>> = HashMap::new();
    for Candidate {
        id, description, ..
    } in candidates
    {
        same.entry(description.trim())
            .or_default()
            .insert(id.clone());
    }
    let asked = candidates
        .iter()
        .filter(|candidate| !candidate.description.trim().is_empty());
    let case = |candidate: &Candidate| Case {
        forms: [
            candidate.description.clone(),
            masked(&candidate.description, &candidate.title),
        ],
        right: same[candidate.description.trim()].clone(),
    };
    asked.map(case).collect()
}

/// A text without the words of a title.
fn masked(text: &str, title: &str) -> String {
    let mut stems = HashSet::new();
    words::each(title, |word, _| _ = stems.insert(stem(word).to_owned()));
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    words::each(text, |word, range| {
        if stems.contains(stem(word)) && range.start >= from {
            kept.push_str(&text[from..range.start]);
            from = range.end;
        }
    });
    kept + &text[from..]
}

fn figures(by: &dyn ContextSelector, cases: &[Case], form: usize) -> Figures {
    let uses = Uses::new();
    let mut sum = Figures::default();
    for case in cases {
        let composition = Composition {
            text: &case.forms[form],
            named: &[],
        };
        let question = Question {
            composition,
            uses: &uses,
            limit: DEPTH,
        };
        let ranking = by.rank(&question);
        // A description may hold an id by chance; what is named so stands first.
        let mut rows = ranking.named.iter().chain(&ranking.others);
        let Some(at) = rows.position(|row| case.right.contains(&row.id)) else {
            continue;
        };
        sum.recall_at_1 += f64::from(u8::from(at < 1));
        sum.recall_at_5 += f64::from(u8::from(at < 5));
        sum.mrr += 1.0 / (at + 1) as f64;
    }
    let count = cases.len().max(1) as f64;
    Figures {
        recall_at_1: sum.recall_at_1 / count,
        recall_at_5: sum.recall_at_5 / count,
        mrr: sum.mrr / count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: &str, title: &str, description: &str, body: &str) -> Candidate {
        Candidate {
            id: id.to_owned(),
            title: title.to_owned(),
            description: description.to_owned(),
            body: body.to_owned(),
            ..Candidate::default()
        }
    }

    #[test]
    fn the_words_of_the_title_and_their_stems_are_masked() {
        let rows = [
            (
                "Reviews the code that was reviewed",
                "Code review",
                " the  that was ",
            ),
            ("Writes parseHtml tests", "Parse HTML", "Writes  tests"),
            ("Nothing of it", "Title", "Nothing of it"),
        ];
        for (text, title, expected) in rows {
            let masked = masked(text, title);
            let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(squeeze(&masked), squeeze(expected), "{text}");
        }
    }

    #[test]
    fn descriptions_are_asked_for_and_never_indexed() {
        let report = evaluate(vec![
            candidate("a", "Alpha", "alpha zebra", "about something"),
            candidate("b", "Beta", "beta walrus", "walrus"),
            candidate("c", "Gamma", "", "zebra zebra"),
        ]);
        assert_eq!((report.prompts, report.questions), (3, 2));
        for row in report.rows {
            // Plain `a` is found by its title, and masked only `c` has the word that is left.
            assert_eq!(row.plain.recall_at_5, 1.0, "{}", row.selector);
            assert_eq!(row.masked.recall_at_5, 0.5, "{}", row.selector);
        }
    }

    #[test]
    fn the_same_description_twice_is_found_by_either() {
        let report = evaluate(vec![
            candidate("a", "Other", "walrus", "walrus"),
            candidate("b", "Name", "walrus", "nothing"),
        ]);
        assert_eq!(report.rows[1].plain.recall_at_1, 1.0);
    }
}
