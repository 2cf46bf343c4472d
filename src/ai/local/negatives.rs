//! What must not be used, without what to use instead.

use super::lines::Kind;
use super::{Around, Finding, Reading, Rule, short};
use crate::ai::suggestions::SuggestionKind;

pub(super) const NEGATIVE_ONLY: Rule = Rule {
    id: "negative-only",
    kind: SuggestionKind::Clarity,
    summary: "A means is forbidden and none is named to take its place.",
    example: "Write integration tests in Rust.\n\nNever use mocks.",
    found: "Never use mocks.",
    run,
};

/// Ways to begin such an instruction.
const FORBIDS: &[&[&str]] = &[
    &["never", "use"],
    &["don't", "use"],
    &["don’t", "use"],
    &["do", "not", "use"],
    &["avoid", "using"],
    &["never", "rely", "on"],
    &["do", "not", "rely", "on"],
];

/// The most words of a sentence that says nothing else.
const MOST_WORDS: usize = 8;

/// What its neighbours of the same paragraph or list ask for may be what takes its place, or a block of code
/// that follows, so only a sentence that stands alone counts.
fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sentence in reading.prose() {
        let all: Vec<&str> = reading.words_of(sentence).collect();
        let block = &reading.blocks[sentence.block];
        let beside = |index: Option<usize>| {
            index
                .and_then(|at| reading.blocks.get(at))
                .is_some_and(|it| {
                    it.lines.end == block.lines.start || it.lines.start == block.lines.end
                })
        };
        let rest = reading.lines.get(block.lines.end..).unwrap_or_default();
        let next = rest.iter().find(|it| it.kind != Kind::Blank);
        let shown_below = next.is_some_and(|it| it.kind == Kind::Code);
        let alone = block.sentences.len() == 1
            && !beside(sentence.block.checked_sub(1))
            && !beside(Some(sentence.block + 1));
        let forbids = FORBIDS.iter().any(|start| all.starts_with(start));
        let says_more = reading
            .shown(sentence)
            .contains([',', ';', ':', '(', '–', '—'])
            || all.iter().any(|word| super::words::is_condition(word));
        if alone && !shown_below && forbids && all.len() <= MOST_WORDS && !says_more {
            findings.push(Finding::new(
                sentence.range.clone(),
                format!(
                    "\"{}\" leaves open what to do",
                    short(reading.shown(sentence))
                ),
                "Say what to use in its place; what is only forbidden is replaced by a guess.",
            ));
        }
    }
    findings
}
