//! Whether a sentence asks for something, and what in it was told already. Pure.

use std::ops::Range;

use super::directives::is_instruction;
use super::lines::{Kind, Line};
use super::reading::{Reading, Sentence};
use super::scopes::Scope;
use super::spans::SpanKind;
use super::words;

/// Words by which a sentence asks without being a command.
const ASKS: &[&str] = &[
    "must", "should", "shall", "please", "want", "need", "ought", "let's", "let’s",
];

/// Words that begin a clause in front of a command: `If it fails, say so.`
const OPENERS: &[&str] = &[
    "after", "as", "at", "before", "during", "for", "if", "in", "on", "once", "to", "unless",
    "until", "when", "whenever", "where", "while", "with",
];

/// Whether a sentence is a command, also behind a label or a clause, an item to be ticked off, or a wish.
pub(super) fn asks(reading: &Reading<'_>, sentence: &Sentence) -> bool {
    let all = || reading.words_of(sentence);
    commands(reading, sentence)
        || to_be_ticked(reading, sentence)
        || all().any(|it| ASKS.contains(&it))
        || all()
            .zip(all().skip(1))
            .any(|(a, b)| b == "you" && matches!(a, "can" | "could" | "will" | "would"))
        || behind_its_beginning(reading, sentence)
}

/// Whether a sentence begins with a command; `Model: the name of it` names something with a verb's word.
pub(super) fn commands(reading: &Reading<'_>, sentence: &Sentence) -> bool {
    let mut words = sentence.words.clone();
    let labelled = words.next().is_some_and(|at| {
        let rest = &reading.text[reading.place(at).end..sentence.range.end];
        rest.trim_start_matches(['*', '_', ' ']).starts_with(':')
    });
    let all = behind(reading.text, sentence.range.clone());
    let bold = all.strip_prefix("**").and_then(|it| it.split_once("**"));
    let labelled =
        labelled || bold.is_some_and(|(it, rest)| it.ends_with(':') || rest.starts_with(':'));
    !labelled && is_instruction(reading, sentence)
}

/// Whether a command introduces what a block belongs to: `Show a tool with:`.
pub(super) fn is_asked_for(reading: &Reading<'_>, scope: &Scope) -> bool {
    let block = scope.holder.map(|it| &reading.blocks[it]);
    let intro = block.filter(|it| it.kind == Kind::Prose);
    let last = intro.and_then(|it| reading.sentences[it.sentences.clone()].last());
    last.is_some_and(|it| {
        // `Stop when:` and `Never do this:` ask for none of it.
        let asks = |word: &str| !words::is_condition(word) && !words::is_negation(word);
        reading.shown(it).ends_with(':') && commands(reading, it) && reading.words_of(it).all(asks)
    })
}

/// Whether its item has a box.
fn to_be_ticked(reading: &Reading<'_>, sentence: &Sentence) -> bool {
    let block = &reading.blocks[sentence.block];
    let line = &reading.lines[block.lines.start];
    matches!(block.kind, Kind::Bullet(_) | Kind::Number(_))
        && reading.text[line.start..line.body].ends_with("] ")
}

/// Whether a command stands behind a label, an adverb or a clause that the sentence begins with.
fn behind_its_beginning(reading: &Reading<'_>, sentence: &Sentence) -> bool {
    let mut words = sentence.words.clone();
    let Some(first) = words.next() else {
        return false;
    };
    let opened = OPENERS.contains(&reading.word(first));
    words.any(|at| {
        let gap = reading.text[reading.place(at - 1).end..reading.place(at).start].trim_start();
        let gap = gap.trim_start_matches(['*', '_', ')']);
        let begins = gap.starts_with(':')
            || gap.starts_with(['–', '—', '→'])
            || gap.starts_with("- ")
            || (opened && gap.starts_with(','))
            || (at == first + 1 && reading.word(first).ends_with("ly"));
        let verb = |at: usize| words::is_imperative(reading.word(at));
        let adverb = reading.word(at).ends_with("ly") && sentence.words.contains(&(at + 1));
        begins && (verb(at) || (adverb && verb(at + 1)))
    })
}

/// Whether a stretch stands in a bracket that was opened before it in its block.
pub(super) fn in_bracket(reading: &Reading<'_>, sentence: &Sentence, place: &Range<usize>) -> bool {
    let block = &reading.blocks[sentence.block].range;
    let mut closed = 0usize;
    for c in before(reading.text, block.start..place.start).chars().rev() {
        match c {
            ')' => closed += 1,
            '(' if closed == 0 => return true,
            '(' => closed -= 1,
            _ => {}
        }
    }
    false
}

/// How far one looks around a word, so that the time stays linear in a text that is one sentence.
const NEAR: usize = 400;

/// The end of a stretch of a text, or all of it.
pub(super) fn before(text: &str, range: Range<usize>) -> &str {
    let mut start = range.start.max(range.end.saturating_sub(NEAR));
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..range.end]
}

/// The beginning of a stretch of a text, or all of it.
pub(super) fn behind(text: &str, range: Range<usize>) -> &str {
    let mut end = range.end.min(range.start + NEAR);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[range.start..end]
}

/// Whether a stretch is part of the title of a link.
pub(super) fn in_title(reading: &Reading<'_>, sentence: &Sentence, place: &Range<usize>) -> bool {
    let block = &reading.blocks[sentence.block].range;
    let rest = behind(reading.text, place.end..block.end);
    let next = reading.spans_in(&(place.end..place.end + rest.len()));
    let target = next.iter().find(|it| it.kind == SpanKind::Target);
    target.is_some_and(|it| !reading.text[place.end..it.range.start].contains(['[', ']']))
}

/// Whether what a stretch means is told behind it: behind its label, or in what its item holds.
pub(super) fn is_explained(
    reading: &Reading<'_>,
    sentence: &Sentence,
    place: &Range<usize>,
) -> bool {
    let block = &reading.blocks[sentence.block];
    let rest = &reading.text[place.end..block.range.end];
    let rest = rest.trim_start_matches(['*', '_', ' ', ')']);
    rest.starts_with([':', '–', '—'])
        || rest.starts_with("- ")
        || is_label(reading, sentence, place)
        || introduces(reading, sentence)
}

/// Whether a stretch lies in the bold words that a block begins with, and more follows them.
fn is_label(reading: &Reading<'_>, sentence: &Sentence, place: &Range<usize>) -> bool {
    let block = &reading.blocks[sentence.block].range;
    let all = behind(reading.text, block.clone());
    let Some(mark) = ["**", "__"].into_iter().find(|it| all.starts_with(it)) else {
        return false;
    };
    let Some(end) = all[2..].find(mark) else {
        return false;
    };
    let (label, rest) = (&all[2..2 + end], all[4 + end..].trim_start());
    place.end <= block.start + 2 + end
        && rest.len() > 1
        && (label.ends_with([':', '.', '!']) || rest.starts_with([':', '.', '-', '–', '—', '(']))
}

/// Whether a list, a block of code or the rest of its item tells what a sentence means.
fn introduces(reading: &Reading<'_>, sentence: &Sentence) -> bool {
    let block = &reading.blocks[sentence.block];
    let shown = reading.shown(sentence).trim_end_matches(['*', '_', ' ']);
    let first = &reading.lines[block.lines.start];
    let rest = reading.lines.get(block.lines.end..).unwrap_or_default();
    let next = rest.iter().take(3).find(|it| it.kind != Kind::Blank);
    let is_item = matches!(block.kind, Kind::Bullet(_) | Kind::Number(_));
    // `Checklist:`, and the list below it, go on with the paragraph.
    let goes_on = |it: &Line| {
        it.kind == Kind::Prose
            && block.kind == Kind::Prose
            && reading.text[it.start..it.end]
                .trim_end_matches(['*', '_', ' '])
                .ends_with(':')
    };
    shown.ends_with(':')
        || next.is_some_and(goes_on)
        || next.is_some_and(|it| {
            matches!(it.kind, Kind::Code | Kind::Row) || (is_item && it.indent > first.indent)
        })
}
