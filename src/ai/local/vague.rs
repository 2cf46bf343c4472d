//! Words that say less than they seem to: vague ones, and days that depend on when the text is read.

use std::ops::Range;
use std::sync::LazyLock;

use super::phrases::Phrases;
use super::{Around, Finding, Reading, Rule};
use crate::ai::suggestions::SuggestionKind;

pub(super) const VAGUE: Rule = Rule {
    id: "vague",
    kind: SuggestionKind::Clarity,
    summary: "A word asks for something that nobody can check.",
    example: "Handle the errors of the parser appropriately.",
    found: "appropriately",
    run: vague,
};

pub(super) const RELATIVE_DATE: Rule = Rule {
    id: "relative-date",
    kind: SuggestionKind::Clarity,
    summary: "A day is named by its distance from now, which a reader may not know.",
    example: "Find the commits of last week that touch the parser.",
    found: "last week",
    run: relative_date,
};

static VAGUE_WORDS: LazyLock<Phrases<&str>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            "be thorough, be very thorough, thoroughly, do your best, be careful, be creative, be smart",
            "Say what has to be true at the end, or what has to be looked at.",
        ),
        (
            "appropriate, appropriately, suitable, suitably, properly, reasonable, reasonably, \
             as appropriate, as needed, as necessary, if necessary, where appropriate, where necessary, \
             when appropriate, if appropriate, if applicable, if possible",
            "Say which, or by what it is decided.",
        ),
        (
            "etc, and so on, and so forth, and the like, and stuff, or something, usw",
            "Name the others, or the rule by which they are found.",
        ),
        (
            "best practices, best practice, industry standards, industry standard, clean code, high quality, \
             top quality, good quality, world class, state of the art, production ready, enterprise grade, \
             user friendly, professional looking, nice looking, make it better, make it nice, make it good, \
             make it great, look good, look nice",
            "Name the properties that count, with an example or a figure.",
        ),
    ])
});

fn vague(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sentence in reading.prose() {
        for (place, way_out) in VAGUE_WORDS.find(reading, sentence.words.clone()) {
            if goes_on(reading, &place) {
                continue;
            }
            let title = format!("\"{}\" can't be checked", &reading.text[place.clone()]);
            findings.push(Finding::new(place, title, way_out));
        }
    }
    findings
}

/// Whether it continues a series that anybody can: `R1, R2 and so on`.
fn goes_on(reading: &Reading<'_>, place: &Range<usize>) -> bool {
    let before = reading.text[..place.start].trim_end_matches([' ', ',']);
    let last = before
        .rfind([' ', '('])
        .map_or(before, |at| &before[at + 1..]);
    let series = matches!(
        reading.text[place.clone()].to_ascii_lowercase().as_str(),
        "and so on" | "etc"
    );
    series && last.bytes().any(|it| it.is_ascii_digit())
}

static DAYS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::new(&[(
        "yesterday, tomorrow, last week, last month, last quarter, last year, next week, next month, \
         next quarter, next year, this morning, tonight, the other day, by today, since today, until today, \
         from today, as of today, today's",
        (),
    )])
});

fn relative_date(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sentence in reading.prose() {
        for (place, ()) in DAYS.find(reading, sentence.words.clone()) {
            let title = format!("\"{}\" depends on the day", &reading.text[place.clone()]);
            let way_out =
                "Write the date: a model may not know today's, and the text may be used again.";
            findings.push(Finding::new(place, title, way_out));
        }
    }
    findings
}
