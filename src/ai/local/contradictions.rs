//! Instructions that can't both be followed.
//!
//! Two ways: the same thing asked for and forbidden, and pairs of manners that exclude each other. An
//! instruction that names a case (`when`, `unless`, `yet`), or that stands below one, is left alone.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::directives::{Directive, directive};
use super::lines::Kind;
use super::phrases::Phrases;
use super::reading::Sentence;
use super::{Around, Finding, Reading, Rule, scopes, short, words};
use crate::ai::suggestions::SuggestionKind;

pub(super) const CONTRADICTION: Rule = Rule {
    id: "contradiction",
    kind: SuggestionKind::Contradiction,
    summary: "Two instructions can't both be followed.",
    example: "Always mock the network.\nRun the tests in one process.\nNever use mocks.",
    found: "Never use mocks.",
    run,
};

/// With how many earlier instructions about the same one is compared.
const MOST_EARLIER: usize = 16;

fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = forbidden(reading);
    findings.extend(opposed(reading));
    findings
}

/// The same thing asked for and forbidden.
fn forbidden(reading: &Reading<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let scopes = scopes::of(reading);
    let mut earlier: HashMap<&str, Vec<(&Sentence, Directive<'_>)>> = HashMap::new();
    let mut forbids_items = false;
    for sentence in &reading.sentences {
        let is_item = match reading.blocks[sentence.block].kind {
            Kind::Bullet(_) | Kind::Number(_) => true,
            Kind::Row => continue,
            _ => {
                forbids_items = reading.words_of(sentence).any(turns_items_round);
                false
            }
        };
        // What stands below an item, or below words that name a case, holds in that case.
        let narrowed = scopes[sentence.block].in_item
            || scopes[sentence.block]
                .holder
                .is_some_and(|it| names_a_case(reading, it));
        let it = directive(reading, sentence).filter(|it| !it.conditional && !narrowed);
        let Some(it) = it.filter(|_| !(is_item && forbids_items)) else {
            continue;
        };
        let same = earlier.entry(it.head).or_default();
        if let Some((other, _)) = same.iter().find(|(_, other)| exclude(&it, other)) {
            findings.push(finding(reading, other, sentence));
        }
        if same.len() < MOST_EARLIER {
            same.push((sentence, it));
        }
    }
    findings
}

fn names_a_case(reading: &Reading<'_>, block: usize) -> bool {
    let sentences = &reading.sentences[reading.blocks[block].sentences.clone()];
    let mut words = sentences.iter().flat_map(|it| reading.words_of(it));
    words.any(words::is_condition)
}

/// Whether a list below a sentence or a heading with this word may hold what not to do.
fn turns_items_round(word: &str) -> bool {
    let bad = [
        "bad",
        "wrong",
        "anti",
        "mistakes",
        "pitfalls",
        "don'ts",
        "donts",
        "forbidden",
        "avoided",
    ];
    words::is_negation(word) || bad.contains(&word)
}

/// Whether one forbids what the other asks for: all of it, or, where one holds always, more than it.
fn exclude(a: &Directive<'_>, b: &Directive<'_>) -> bool {
    let (no, yes) = match (a.negative, b.negative) {
        (true, false) => (a, b),
        (false, true) => (b, a),
        _ => return false,
    };
    no.content == yes.content
        || ((no.universal || yes.universal)
            && !no.content.is_empty()
            && no.content.is_subset(&yes.content))
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Side {
    manner: usize,
    second: bool,
}

/// Manners that exclude each other.
const MANNERS: &[(&str, &str)] = &[
    (
        "be brief, be concise, be terse, be succinct, keep it short, keep it brief, keep your answer short, \
         keep the answer short, keep your answers short, answer briefly, reply briefly, respond briefly, \
         keep it concise",
        "explain in detail, explain in great detail, explain everything, be detailed, be very detailed, \
         be exhaustive, be verbose, be comprehensive, go into detail, go into great detail, \
         answer in detail, in as much detail as possible, as detailed as possible, write at length",
    ),
    (
        "formal tone, formal language, formal style, be formal, write formally",
        "informal tone, casual tone, informal language, casual language, conversational tone, casual style, \
         informal style, be casual, be informal, write casually",
    ),
    (
        "british english, british spelling",
        "american english, american spelling, us english",
    ),
    (
        "indent with tabs, use tabs",
        "indent with spaces, use spaces",
    ),
    (
        "ask clarifying questions, ask me questions, ask questions, ask me clarifying questions",
        "do not ask questions, don't ask questions, never ask questions, ask no questions, \
         do not ask me questions, don't ask me questions, without asking questions, \
         do not ask clarifying questions, don't ask clarifying questions",
    ),
    (
        "return only json, respond only with json, reply only with json, output only json, only json, \
         return only valid json, respond only with valid json, respond with json only, output json only, \
         return json only, only valid json",
        "explain your reasoning, explain your answer, add an explanation, include an explanation, \
         explain your choices, explain your thinking, answer in markdown, respond in markdown, \
         reply in markdown, format your answer as markdown",
    ),
];

static SIDES: LazyLock<Phrases<Side>> = LazyLock::new(|| {
    let side = |manner, second| Side { manner, second };
    let rows = MANNERS.iter().enumerate();
    let rows = rows.flat_map(|(i, (a, b))| [(*a, side(i, false)), (*b, side(i, true))]);
    Phrases::new(&rows.collect::<Vec<_>>())
});

fn opposed(reading: &Reading<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut first: Vec<[Option<&Sentence>; 2]> = vec![[None; 2]; MANNERS.len()];
    for sentence in reading.prose() {
        if reading
            .words_of(sentence)
            .any(words::is_condition_of_manner)
        {
            continue;
        }
        for (_, side) in SIDES.find(reading, sentence.words.clone()) {
            let seen = &mut first[side.manner];
            if let Some(other) = seen[usize::from(!side.second)].filter(|it| *it != sentence) {
                findings.push(finding(reading, other, sentence));
            }
            seen[usize::from(side.second)].get_or_insert(sentence);
        }
    }
    findings
}

fn finding(reading: &Reading<'_>, first: &Sentence, second: &Sentence) -> Finding {
    let line = |it: &Sentence| reading.line_of(it.range.start) + 1;
    let lines = match (line(first), line(second)) {
        (a, b) if a == b => format!("line {a}"),
        (a, b) => format!("lines {a} and {b}"),
    };
    Finding::new(
        second.range.clone(),
        format!(
            "\"{}\" against \"{}\"",
            short(reading.shown(first)),
            short(reading.shown(second))
        ),
        format!(
            "What {lines} ask for can't both be done. Take one out, or say in which case each holds."
        ),
    )
}
