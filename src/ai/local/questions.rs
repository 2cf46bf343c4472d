//! Several questions in one sentence.

use super::{Around, Finding, Reading, Rule};
use crate::ai::suggestions::SuggestionKind;

pub(super) const MANY_QUESTIONS: Rule = Rule {
    id: "many-questions",
    kind: SuggestionKind::Clarity,
    summary: "A sentence asks three questions or more.",
    example: "What does the parser do, why is it slow and how could it be split?",
    found: "What does the parser do, why is it slow and how could it be split?",
    run,
};

const ASKING: &[&str] = &["what", "why", "how", "when", "where", "which", "who"];

/// `Who, what, when and why?` is one question: each must have a part of the sentence of its own.
fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let asked = reading
        .prose()
        .filter(|it| reading.shown(it).ends_with('?'));
    let many = asked.filter(|sentence| {
        let begins_part = |at: usize| {
            let before = match at == sentence.words.start {
                true => sentence.range.start,
                false => reading.place(at - 1).end,
            };
            let gap = &reading.text[before..reading.place(at).start];
            let and = at > sentence.words.start && matches!(reading.word(at - 1), "and" | "or");
            at == sentence.words.start || and || gap.contains([',', ';'])
        };
        let goes_on = |at: usize| {
            let next = at + 1 < sentence.words.end && !ASKING.contains(&reading.word(at + 1));
            next && reading.word(at + 1) != "and"
        };
        let words = sentence.words.clone();
        words
            .filter(|at| ASKING.contains(&reading.word(*at)) && begins_part(*at) && goes_on(*at))
            .count()
            >= 3
    });
    many.map(|sentence| {
        Finding::new(
            sentence.range.clone(),
            "several questions in one sentence",
            "Ask each on a line of its own: what is asked last is answered, the rest may be lost.",
        )
    })
    .collect()
}
