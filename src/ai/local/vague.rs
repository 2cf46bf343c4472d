//! Words that say less than they seem to.

use std::sync::LazyLock;

use super::asks;
use super::decided::{Sort, is_decided};
use super::phrases::Phrases;
use super::{Around, Finding, Reading, Rule, scopes};
use crate::ai::suggestions::SuggestionKind;

pub(super) const VAGUE: Rule = Rule {
    id: "vague",
    kind: SuggestionKind::Clarity,
    summary: "A word asks for something that nobody can check.",
    example: "Handle the errors of the parser appropriately.",
    found: "appropriately",
    run,
};

static VAGUE_WORDS: LazyLock<Phrases<Sort>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            "be thorough, be very thorough, thoroughly, do your best, be careful, be creative, be smart",
            Sort::Effort,
        ),
        (
            "appropriate, appropriately, suitable, suitably, properly, reasonable, reasonably",
            Sort::Choice,
        ),
        (
            "as appropriate, where appropriate, when appropriate, if appropriate",
            Sort::Case,
        ),
        (
            "etc, and so on, and so forth, and the like, and stuff, or something, usw",
            Sort::Series,
        ),
        (
            "best practices, best practice, industry standards",
            Sort::Rules,
        ),
        (
            "high quality, top quality, good quality, professional looking, nice looking, make it better, \
             make it nice, make it good, make it great, look good, look nice",
            Sort::Quality,
        ),
    ])
});

impl Sort {
    fn way_out(self) -> &'static str {
        match self {
            Self::Effort => "Say what has to be true at the end, or what has to be looked at.",
            Self::Choice | Self::Case => "Say which, or by what it is decided.",
            Self::Series => "Name the others, or the rule by which they are found.",
            Self::Rules | Self::Quality => {
                "Name the properties that count, with an example or a figure."
            }
        }
    }
}

/// Only where something is asked for: a fact may be vague, since nobody has to follow it.
fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let scopes = scopes::of(reading);
    for sentence in reading.prose() {
        let found = VAGUE_WORDS.find(reading, sentence.words.clone());
        let asked = || {
            asks::asks(reading, sentence) || asks::is_asked_for(reading, &scopes[sentence.block])
        };
        if found.is_empty() || !asked() {
            continue;
        }
        for (place, sort) in found {
            let told = asks::in_title(reading, sentence, &place)
                || asks::is_explained(reading, sentence, &place)
                || is_decided(reading, sentence, &place, sort);
            if told {
                continue;
            }
            let title = format!("\"{}\" can't be checked", &reading.text[place.clone()]);
            findings.push(Finding::new(place, title, sort.way_out()));
        }
    }
    findings
}
