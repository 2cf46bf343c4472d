//! The same word twice in a row.

use super::{Around, Finding, Reading, Rule, edit};
use crate::ai::suggestions::SuggestionKind;

pub(super) const REPEATED_WORD: Rule = Rule {
    id: "repeated-word",
    kind: SuggestionKind::Formatting,
    summary: "A small word stands twice in a row.",
    example: "Fix the the parser and run its tests.",
    found: "the the",
    run,
};

/// Words that are never doubled on purpose, nor words of another language that are.
const NEVER_TWICE: &[&str] = &[
    "the", "a", "of", "to", "and", "for", "with", "at", "this", "or", "by", "from", "your", "if",
];

fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sentence in reading.prose() {
        for at in sentence.words.clone().skip(1) {
            let (first, second) = (reading.place(at - 1), reading.place(at));
            let gap = &reading.text[first.end..second.start];
            if reading.word(at) != reading.word(at - 1)
                || !NEVER_TWICE.contains(&reading.word(at))
                || !gap.chars().all(char::is_whitespace)
                // The name of something may begin with it: `the the-shop folder`.
                || reading.text[second.end..].starts_with(['-', '/', '.'])
                    && reading.text[second.end + 1..].starts_with(char::is_alphanumeric)
            {
                continue;
            }
            let word = &reading.text[second.clone()];
            findings.push(
                Finding::new(
                    first.start..second.end,
                    format!("\"{word}\" stands twice"),
                    "One of them is left over.",
                )
                .fixed_by(vec![edit(reading.text, first.end..second.end, "")]),
            );
        }
    }
    findings
}
