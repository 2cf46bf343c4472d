//! Instructions that are given twice.

use std::collections::HashMap;

use super::lines::Kind;
use super::reading::Sentence;
use super::{Around, Finding, Reading, Rule, asks, edit, scopes, short, words};
use crate::ai::suggestions::{Edit, SuggestionKind};

pub(super) const DUPLICATE: Rule = Rule {
    id: "duplicate",
    kind: SuggestionKind::Reformatting,
    summary: "An instruction is given twice in the same words.",
    example: "Keep every public function as it is. Fix the parser. Please keep every public function as it is.",
    found: "Please keep every public function as it is.",
    run,
};

/// Fewer words with a content may well be needed twice: `Run the tests.`
const FEWEST: usize = 3;

/// So many sentences in a row that stand elsewhere in the same order were pasted.
const PASTED: usize = 4;

/// A step of two tasks is a step of both, so a twin counts where it belongs to the same, where it holds always,
/// or where the passage around it stands there twice.
fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let scopes = scopes::of(reading);
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut findings = Vec::new();
    for (index, sentence) in reading.sentences.iter().enumerate() {
        let kind = reading.blocks[sentence.block].kind;
        if matches!(kind, Kind::Heading(_) | Kind::Row | Kind::Tag) {
            continue;
        }
        let label = reading.shown(sentence).trim_end_matches(['*', '_']);
        if label.ends_with([':', '?']) || !instructs(reading, sentence) {
            continue;
        }
        let Some(key) = key(reading, sentence) else {
            continue;
        };
        let Some(earlier) = first.get(&key).copied() else {
            first.insert(key, index);
            continue;
        };
        let twin = &reading.sentences[earlier];
        let same = scopes[twin.block].holder == scopes[sentence.block].holder
            && is_whole(reading, twin)
            && is_whole(reading, sentence);
        let pasted = is_pasted(reading, earlier, index) && !matches!(kind, Kind::Number(_))
            || begins_the_same(reading, earlier, index);
        if !same && !pasted && !holds_always(reading, sentence) {
            continue;
        }
        let line = reading.line_of(twin.range.start) + 1;
        findings.push(
            Finding::new(
                sentence.range.clone(),
                format!("\"{}\" is said twice", short(reading.shown(sentence))),
                format!("Line {line} says the same. Once is enough, and then only one has to be kept right."),
            )
            .fixed_by(removal(reading, sentence).into_iter().collect()),
        );
    }
    findings
}

/// Facts may be told twice, where they are needed.
fn instructs(reading: &Reading<'_>, sentence: &Sentence) -> bool {
    let mut words = reading.words_of(sentence);
    asks::commands(reading, sentence)
        || words.any(|it| matches!(it, "must" | "should" | "always" | "never"))
}

/// Whether it belongs to no case that its item names before it, and is no step: steps are done again.
fn is_whole(reading: &Reading<'_>, sentence: &Sentence) -> bool {
    let block = &reading.blocks[sentence.block];
    match block.kind {
        Kind::Number(_) => false,
        Kind::Bullet(_) => sentence.range.start == block.range.start,
        _ => true,
    }
}

/// Whether it says that it holds always, and of itself.
fn holds_always(reading: &Reading<'_>, sentence: &Sentence) -> bool {
    let mut words = reading.words_of(sentence);
    matches!(words.next(), Some("never" | "always"))
}

/// Whether both stand right below the same heading, which names more than a part that many sections have.
fn begins_the_same(reading: &Reading<'_>, first: usize, second: usize) -> bool {
    let heading = |at: usize| {
        let sentence = reading.sentences.get(at.checked_sub(1)?)?;
        let is_heading = matches!(reading.blocks[sentence.block].kind, Kind::Heading(_));
        (is_heading && sentence.words.len() >= FEWEST).then(|| reading.shown(sentence))
    };
    heading(first).is_some_and(|it| heading(second) == Some(it))
}

/// Whether what stands around two sentences is the same too.
fn is_pasted(reading: &Reading<'_>, first: usize, second: usize) -> bool {
    let alike = |a: Option<usize>, b: Option<usize>| {
        let get = |at: Option<usize>| at.and_then(|it| reading.sentences.get(it));
        get(a).zip(get(b)).is_some_and(|(a, b)| {
            reading.shown(a) == reading.shown(b) && reading.words_of(a).next().is_some()
        })
    };
    let before =
        (1..PASTED).take_while(|it| alike(first.checked_sub(*it), second.checked_sub(*it)));
    let behind = (1..PASTED).take_while(|it| alike(Some(first + it), Some(second + it)));
    before.count() + behind.count() + 1 >= PASTED
}

/// What a sentence says, in its order, without words such as `please` and `the`.
fn key(reading: &Reading<'_>, sentence: &Sentence) -> Option<String> {
    let mut key = String::new();
    let mut content = 0;
    let spans = reading.spans_in(&sentence.range);
    let mut spans = spans.iter().peekable();
    for at in sentence.words.clone() {
        while let Some(span) = spans.next_if(|it| it.range.start < reading.place(at).start) {
            key.push_str(&reading.text[span.range.clone()]);
            key.push(' ');
        }
        let word = reading.word(at);
        let polite = words::is_lead_in(word) || matches!(word, "the" | "a" | "an");
        if !polite {
            content += usize::from(!words::is_empty(word));
            key.push_str(word);
            key.push(' ');
        }
    }
    for span in spans {
        key.push_str(&reading.text[span.range.clone()]);
    }
    (content >= FEWEST).then_some(key)
}

/// Takes the sentence out, with its line where it has one to itself; nothing where others would have to
/// change with it.
fn removal(reading: &Reading<'_>, sentence: &Sentence) -> Option<Edit> {
    let block = &reading.blocks[sentence.block];
    let text = reading.text;
    let is_all = sentence.range.start == block.range.start
        && text[sentence.range.end..block.range.end].trim().is_empty();
    if !is_all {
        // With the blanks before it, or behind it where it begins a block.
        let before = text[..sentence.range.start]
            .trim_end_matches([' ', '\n'])
            .len();
        if sentence.range.start > block.range.start {
            let range = before.max(block.range.start)..sentence.range.end;
            return Some(edit(text, range, ""));
        }
        let rest = &text[sentence.range.end..block.range.end];
        let behind = rest.len() - rest.trim_start().len();
        return Some(edit(
            text,
            sentence.range.start..sentence.range.end + behind,
            "",
        ));
    }
    let (first, last) = (
        &reading.lines[block.lines.start],
        &reading.lines[block.lines.end - 1],
    );
    let next = reading.lines.get(block.lines.end);
    let holds = next.is_some_and(|it| it.indent > first.indent && it.kind != Kind::Blank);
    if matches!(block.kind, Kind::Number(_)) || holds {
        return None;
    }
    let mut end = next.map_or(last.end, |it| it.start);
    let blank = |it: Option<&super::lines::Line>| it.is_none_or(|it| it.kind == Kind::Blank);
    let before = block
        .lines
        .start
        .checked_sub(1)
        .and_then(|it| reading.lines.get(it));
    if blank(before) && next.is_some_and(|it| it.kind == Kind::Blank) {
        end = reading
            .lines
            .get(block.lines.end + 1)
            .map_or(text.len(), |it| it.start);
    }
    Some(edit(text, first.start..end, ""))
}
