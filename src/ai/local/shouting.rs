//! Whole sentences in capitals.

use super::spans::SpanKind;
use super::{Around, Finding, Reading, Rule};
use crate::ai::suggestions::SuggestionKind;

pub(super) const SHOUTING: Rule = Rule {
    id: "shouting",
    kind: SuggestionKind::Clarity,
    summary: "A whole sentence is in capitals.",
    example: "Fix the parser. DO NOT TOUCH ANY OTHER FILE. Run the tests.",
    found: "DO NOT TOUCH ANY OTHER FILE.",
    run,
};

/// Nobody shouts that long: legal texts are printed so.
const LEGAL: usize = 20;

fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sentence in reading.prose() {
        let words: Vec<&str> = sentence
            .words
            .clone()
            .map(|at| &reading.text[reading.place(at)])
            .collect();
        // Shorter ones may be a label, or the names of things: `GET POST PUT`.
        let long = words.len() >= 4 && words.iter().map(|it| it.len()).sum::<usize>() >= 15;
        let capital =
            |it: &str| it.chars().all(|c| !c.is_lowercase()) && it.contains(char::is_uppercase);
        // A row of names has no small words: `AAAA CNAME MX TXT`.
        let spoken = |it: &str| it.len() > 1 && super::words::is_frequent(&it.to_lowercase());
        // What is printed in capitals by custom, such as a licence, asks for nothing.
        let quotes = reading.spans_in(&sentence.range);
        let quotes = quotes.iter().any(|it| it.kind == SpanKind::Quoted);
        let tells = words.len() > LEGAL || (words.first() == Some(&"THE") && quotes);
        if long && !tells && words.iter().all(|it| capital(it)) && words.iter().any(|it| spoken(it))
        {
            findings.push(Finding::new(
                sentence.range.clone(),
                "a sentence in capitals",
                "Say why it matters instead: what is shouted is followed too far, and where all is, nothing is.",
            ));
        }
    }
    findings
}
