//! What is opened and never closed: brackets and tags.

use super::spans::SpanKind;
use super::{Around, Finding, Reading, Rule};
use crate::ai::suggestions::SuggestionKind;

pub(super) const UNCLOSED_BRACKET: Rule = Rule {
    id: "unclosed-bracket",
    kind: SuggestionKind::Formatting,
    summary: "A bracket is not closed within its paragraph.",
    example: "Fix the parser (the old one, and run the tests.",
    found: "(",
    run: brackets,
};

pub(super) const UNCLOSED_TAG: Rule = Rule {
    id: "unclosed-tag",
    kind: SuggestionKind::Formatting,
    summary: "A tag such as <context> has no </context>, or the other way round.",
    example: "Fix the parser.\n\n<context>\nThe parser is old.\n",
    found: "<context>",
    run: tags,
};

fn brackets(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, block) in reading.blocks.iter().enumerate() {
        let mut open: Vec<(usize, char)> = Vec::new();
        let mut spans = reading.spans_in(&block.range).iter().peekable();
        let mut hidden_until = block.range.start;
        let mut before = ' ';
        for (at, c) in reading.text[block.range.clone()].char_indices() {
            let at = block.range.start + at;
            if let Some(span) = spans.next_if(|it| it.range.start <= at) {
                hidden_until = span.range.end;
                // The target of a link begins with the bracket that closes its title.
                if span.kind == SpanKind::Target && open.last().is_some_and(|(_, it)| *it == '[') {
                    open.pop();
                }
            }
            if at < hidden_until {
                // A name may hold one bracket of a pair.
                let named = &reading.text[at..at + c.len_utf8()];
                if !matches!(named, "(" | ")") {
                    continue;
                }
            }
            match c {
                // A face is no bracket, nor is one behind a backslash.
                '(' | '[' if matches!(before, ':' | ';' | '=' | '\\') => {}
                '(' | '[' if at >= hidden_until => open.push((at, c)),
                ')' | ']' => {
                    let wanted = if c == ')' { '(' } else { '[' };
                    if let Some(found) = open.iter().rposition(|(_, it)| *it == wanted) {
                        open.truncate(found);
                    }
                }
                _ => {}
            }
            before = c;
        }
        // One is enough to look at.
        if let Some((at, c)) = open
            .first()
            .filter(|(_, c)| !closed_below(reading, index, *c))
        {
            findings.push(Finding::new(
                *at..at + c.len_utf8(),
                format!("'{c}' is not closed"),
                "Close it where the aside ends: what follows reads as a part of it.",
            ));
        }
    }
    findings
}

/// Whether the line below, which a `+` or a number made an item, goes on with the aside and closes it.
fn closed_below(reading: &Reading<'_>, index: usize, open: char) -> bool {
    let close = if open == '(' { ')' } else { ']' };
    let block = &reading.blocks[index];
    let next = reading.blocks.get(index + 1);
    next.filter(|it| it.lines.start == block.lines.end)
        .is_some_and(|it| {
            let mut depth = 0usize;
            reading.text[it.range.clone()].chars().any(|c| {
                depth += usize::from(c == open);
                let closes = c == close && depth == 0;
                depth = depth.saturating_sub(usize::from(c == close));
                closes
            })
        })
}

/// A tag in the midst of a sentence may stand for a word to be put in, so only one that has a line to itself
/// opens something.
fn tags(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut wrong: Vec<(usize, bool)> = Vec::new();
    let spans = &reading.spans;
    for (index, span) in spans
        .iter()
        .enumerate()
        .filter(|(_, it)| it.kind == SpanKind::Tag)
    {
        let written = &reading.text[span.range.clone()];
        let inner = written.trim_start_matches(['<', '/']).trim_end_matches('>');
        let name = inner
            .split(|c: char| c.is_whitespace() || c == '/')
            .next()
            .unwrap_or(inner);
        let known = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if !known || written.ends_with("/>") || VOID.contains(&name) {
            continue;
        }
        if written.starts_with("</") {
            match open.iter().rposition(|(_, it)| *it == name) {
                Some(found) => {
                    let skipped = open.drain(found..).skip(1);
                    wrong.extend(
                        skipped
                            .filter(|(at, _)| is_alone(reading, *at))
                            .map(|(at, _)| (at, true)),
                    );
                }
                None if is_alone(reading, index) => wrong.push((index, false)),
                None => {}
            }
        } else {
            open.push((index, name));
        }
    }
    wrong.extend(
        open.iter()
            .filter(|(at, _)| is_alone(reading, *at))
            .map(|(at, _)| (*at, true)),
    );
    wrong
        .into_iter()
        .map(|(index, opens)| {
            let place = spans[index].range.clone();
            let written = &reading.text[place.clone()];
            let name = written
                .trim_matches(['<', '/', '>'])
                .split(' ')
                .next()
                .unwrap_or_default();
            match opens {
                true => Finding::new(
                    place,
                    format!("{written} is not closed"),
                    format!(
                        "Write </{name}> where it ends, or a reader can't tell what belongs to it."
                    ),
                ),
                false => Finding::new(
                    place,
                    format!("{written} closes nothing"),
                    format!("Write <{name}> where it begins, or take this one out."),
                ),
            }
        })
        .collect()
}

/// Tags of HTML that nothing closes.
const VOID: &[&str] = &[
    "br", "hr", "img", "input", "link", "meta", "p", "li", "BR", "wbr", "source",
];

fn is_alone(reading: &Reading<'_>, index: usize) -> bool {
    let range = &reading.spans[index].range;
    reading.line(reading.line_of(range.start)).trim().len() == range.len()
}
