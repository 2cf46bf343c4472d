//! Days that depend on when a text is read.

use std::sync::LazyLock;

use super::asks;
use super::phrases::Phrases;
use super::{Around, Finding, Reading, Rule};
use crate::ai::suggestions::SuggestionKind;

pub(super) const RELATIVE_DATE: Rule = Rule {
    id: "relative-date",
    kind: SuggestionKind::Clarity,
    summary: "A day is named by its distance from now, which a reader may not know.",
    example: "Find the commits of last week that touch the parser.",
    found: "last week",
    run,
};

static DAYS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::new(&[(
        "yesterday, tomorrow, last week, last month, last quarter, last year, next week, next month, \
         next quarter, next year, this morning, tonight, the other day, by today, since today, until today, \
         from today, as of today",
        (),
    )])
});

/// A command is for now. A definition, an agenda or a dialogue may well speak of whatever day it is then, and
/// `the last week` is one that moves.
fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sentence in reading.prose() {
        if !asks::commands(reading, sentence) {
            continue;
        }
        for (place, ()) in DAYS.find(reading, sentence.words.clone()) {
            let before = asks::before(reading.text, sentence.range.start..place.start);
            let last = before.split_whitespace().next_back().unwrap_or_default();
            let moves = matches!(
                &*last.to_ascii_lowercase(),
                "the" | "not" | "than" | "a" | "every"
            );
            // Behind a colon or a dash it is told what the command is about.
            let aside = before.contains([':', '–', '—', '→', '(']);
            if moves || aside {
                continue;
            }
            let title = format!("\"{}\" depends on the day", &reading.text[place.clone()]);
            let way_out =
                "Write the date: a model may not know today's, and the text may be used again.";
            findings.push(Finding::new(place, title, way_out));
        }
    }
    findings
}
