//! What stands in a block and is no prose: code, comments, quotations, names, tags. Pure.

use std::ops::Range;

use crate::placeholder::Placeholder;
use crate::text::code_spans;

/// A stretch of a block that is no prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: SpanKind,
}

/// What is no prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpanKind {
    /// Code between backticks.
    Code,
    /// A comment.
    Comment,
    /// A placeholder.
    Placeholder,
    /// The `](path)` of a link.
    Target,
    /// Words between quotation marks.
    Quoted,
    /// A path, an address, the name of something in a program.
    Name,
    /// A tag such as `<context>`.
    Tag,
}

/// Finds what is no prose in a block, in order and apart from each other.
pub(super) fn find(text: &str, range: &Range<usize>, placeholders: &[&Placeholder]) -> Vec<Span> {
    let mut spans = Vec::new();
    let bytes = text.as_bytes();
    let code = code_spans(&text[range.clone()]);
    let in_text = |span: Range<usize>| range.start + span.start..range.start + span.end;
    let code: Vec<Range<usize>> = code.into_iter().map(in_text).collect();
    let mut code = code.iter().peekable();
    let mut placeholders = placeholders.iter().peekable();
    let mut fruitless = 0;
    let mut at = range.start;
    while at < range.end {
        while code.next_if(|it| it.start < at).is_some() {}
        while placeholders.next_if(|it| it.range.start < at).is_some() {}
        let found = if let Some(it) = code.next_if(|it| it.start == at) {
            Some((SpanKind::Code, it.end))
        } else if let Some(it) = placeholders.next_if(|it| it.range.start == at) {
            Some((SpanKind::Placeholder, it.range.end))
        } else {
            let block = &text[at..range.end];
            let begins = at == range.start || bytes[at - 1].is_ascii_whitespace();
            match bytes[at] {
                b'<' => tag(block).map(|(kind, length)| (kind, at + length)),
                b']' if block.starts_with("](") && fruitless < at => {
                    // What finds no end is not looked for again in the same line.
                    let line = within(block);
                    let line = line.find('\n').map_or(line, |end| &line[..end]);
                    match target(line) {
                        Some(length) => Some((SpanKind::Target, at + length)),
                        None => {
                            fruitless = at + line.len();
                            None
                        }
                    }
                }
                _ => quoted(text, at, range)
                    .map(|length| (SpanKind::Quoted, at + length))
                    .or_else(|| {
                        let length = begins.then(|| name(block)).flatten()?;
                        Some((SpanKind::Name, at + length))
                    }),
            }
        };
        match found {
            Some((kind, end)) => {
                spans.push(Span {
                    range: at..end,
                    kind,
                });
                at = end;
            }
            None => at += 1,
        }
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    spans
}

/// The longest stretch that a quotation, a comment or a link's target may take.
const MAX_SPAN: usize = 300;

fn within(text: &str) -> &str {
    let mut end = text.len().min(MAX_SPAN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The kind and length of the tag or comment that a text begins with.
fn tag(block: &str) -> Option<(SpanKind, usize)> {
    if block.starts_with("<!--") {
        return Some((SpanKind::Comment, within(block).find("-->")? + 3));
    }
    let inner = block[1..].strip_prefix('/').unwrap_or(&block[1..]);
    // The next one of either ends the search, so that all of them together take time linear in the block.
    let end = block[1..].find(['<', '>']).map(|it| it + 1)?;
    let named = inner.starts_with(|c: char| c.is_ascii_alphabetic());
    (named && block[end..].starts_with('>')).then_some((SpanKind::Tag, end + 1))
}

/// The length of the `](path)` that a line begins with.
fn target(line: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in within(line).char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The length of the quotation that begins at a byte of a block.
fn quoted(text: &str, at: usize, range: &Range<usize>) -> Option<usize> {
    let rest = &text[at..range.end];
    let open = rest.chars().next()?;
    let close: &[char] = match open {
        '"' => &['"'],
        '“' => &['”'],
        '„' => &['“', '”'],
        '«' => &['»'],
        '「' => &['」'],
        '\'' | '‘' => &['\'', '’'],
        _ => return None,
    };
    let before = text[range.start..at].chars().next_back();
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let inner = within(&rest[open.len_utf8()..]);
    let mut found = inner.char_indices().filter(|(_, c)| close.contains(c));
    // An apostrophe is no quotation mark: `the users' files`.
    let (end, mark) = found.find(|(end, mark)| {
        let next = inner[end + mark.len_utf8()..].chars().next();
        *mark != '\'' && *mark != '’' || !next.is_some_and(char::is_alphanumeric)
    })?;
    Some(open.len_utf8() + end + mark.len_utf8())
}

/// The length of the path, the address or the name that a block begins with, up to the next blank.
fn name(block: &str) -> Option<usize> {
    let end = block.find(char::is_whitespace).unwrap_or(block.len());
    let chunk = &block[..end];
    let chunk = chunk.trim_end_matches(['.', ',', ':', ';', '!', '?', ')', ']', '*', '"', '\'']);
    let start = chunk.trim_start_matches(['(', '[', '*', '"', '\'']);
    let stops = start.contains(['`', '{', '<', '"']) || start.contains("](");
    if start.is_empty() || stops || !start.is_ascii() {
        return None;
    }
    let dotted = start.split('.').collect::<Vec<_>>();
    let is_part = |it: &&str| it.len() > 1 && it.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_name = start.contains("://")
        || start.contains(['\\', '_', '@', '='])
        || start.contains("()")
        || start.starts_with(['/', '~', '.', '$', '-', '%'])
        || (dotted.len() > 1 && dotted.iter().all(is_part))
        || (start.contains('/') && (start.contains('.') || start.ends_with('/')))
        || start.matches('/').count() > 1;
    // Emphasis is no name.
    let emphasised = start
        .trim_matches('_')
        .bytes()
        .all(|b| b.is_ascii_alphabetic());
    (is_name && !emphasised && start.len() > 1 && start.bytes().any(|b| b.is_ascii_alphanumeric()))
        .then_some(chunk.len())
}
