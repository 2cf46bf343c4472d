//! A text as the rules see it: read once, its blocks, sentences and words shared by all of them. Pure.
//!
//! Words and sentences are those of prose alone. What is no prose of the author's has none: front matter,
//! code, comments, quotations behind `>` or between quotation marks, placeholders, paths and addresses.

use std::collections::HashMap;
use std::ops::Range;

use super::lines::{self, Kind, Line, OpenFence};
use super::words;
use crate::placeholder::{Placeholder, parse};

/// A text that was read.
pub(super) struct Reading<'a> {
    /// The text itself.
    pub text: &'a str,
    /// The same in lower case, byte by byte.
    lower: String,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The fence that nothing closes.
    pub open_fence: Option<OpenFence>,
    /// Its placeholders outside of code.
    pub placeholders: Vec<Placeholder>,
    /// Its blocks, in order.
    pub blocks: Vec<Block>,
    /// The sentences of its blocks, in order.
    pub sentences: Vec<Sentence>,
    /// The words of its blocks, in order, in bytes.
    words: Vec<Range<usize>>,
    /// What stands in blocks and is no prose, in order and apart from each other.
    pub spans: Vec<Span>,
}

/// Lines that belong together: a paragraph, an item of a list, a heading, a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// What its first line is.
    pub kind: Kind,
    /// Its lines, from 0.
    pub lines: Range<usize>,
    /// Its content in bytes, without the first marker.
    pub range: Range<usize>,
    /// Its sentences.
    pub sentences: Range<usize>,
}

/// A sentence, or what stands for one in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    /// Its bytes, with the mark at its end.
    pub range: Range<usize>,
    /// Its words.
    pub words: Range<usize>,
    /// The block that it belongs to.
    pub block: usize,
}

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

impl<'a> Reading<'a> {
    /// Reads a text.
    pub(super) fn new(text: &'a str) -> Self {
        let (lines, open_fence) = lines::read(text);
        let mut reading = Self {
            text,
            lower: text.to_ascii_lowercase(),
            blocks: blocks(&lines),
            lines,
            open_fence,
            placeholders: Vec::new(),
            sentences: Vec::new(),
            words: Vec::new(),
            spans: Vec::new(),
        };
        let parsed = parse(text);
        let mut placeholders = parsed.placeholders().peekable();
        for index in 0..reading.blocks.len() {
            let range = reading.blocks[index].range.clone();
            while placeholders
                .next_if(|it| it.range.start < range.start)
                .is_some()
            {}
            let mut inside = Vec::new();
            while let Some(it) = placeholders.next_if(|it| it.range.start < range.end) {
                inside.push(it);
            }
            let first = reading.spans.len();
            reading.find_spans(range.clone(), &inside);
            let is_prose = |it: &&Placeholder| {
                reading.spans[first..]
                    .iter()
                    .any(|span| span.range == it.range)
            };
            let kept: Vec<Placeholder> = inside.into_iter().filter(is_prose).cloned().collect();
            reading.placeholders.extend(kept);
            reading.find_words(index, first);
        }
        reading
    }

    /// A word in lower case.
    pub(super) fn word(&self, index: usize) -> &str {
        &self.lower[self.words[index].clone()]
    }

    /// How many words there are.
    pub(super) fn count(&self) -> usize {
        self.words.len()
    }

    /// The bytes of a word.
    pub(super) fn place(&self, index: usize) -> Range<usize> {
        self.words[index].clone()
    }

    /// The words of a sentence in lower case.
    pub(super) fn words_of(&self, sentence: &Sentence) -> impl Iterator<Item = &str> {
        sentence.words.clone().map(|index| self.word(index))
    }

    /// A sentence as written.
    pub(super) fn shown(&self, sentence: &Sentence) -> &'a str {
        &self.text[sentence.range.clone()]
    }

    /// The line of a byte, from 0.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.lines
            .partition_point(|line| line.start <= at)
            .saturating_sub(1)
    }

    /// The text of a line.
    pub(super) fn line(&self, index: usize) -> &'a str {
        &self.text[self.lines[index].start..self.lines[index].end]
    }

    /// The spans that begin in a range.
    pub(super) fn spans_in(&self, range: &Range<usize>) -> &[Span] {
        let from = self
            .spans
            .partition_point(|it| it.range.start < range.start);
        let until = self.spans.partition_point(|it| it.range.start < range.end);
        &self.spans[from..until]
    }

    /// Whether it is English, as far as its most frequent words tell.
    pub(super) fn is_english(&self) -> bool {
        let frequent = (0..self.count()).filter(|it| words::is_frequent(self.word(*it)));
        frequent.count() * 6 >= self.count()
    }

    /// The sentences of paragraphs and items, without headings, rows and tags.
    pub(super) fn prose(&self) -> impl Iterator<Item = &Sentence> {
        self.sentences.iter().filter(|it| {
            let kind = self.blocks[it.block].kind;
            !matches!(kind, Kind::Heading(_) | Kind::Row | Kind::Tag)
        })
    }

    fn find_spans(&mut self, range: Range<usize>, placeholders: &[&Placeholder]) {
        let text = self.text;
        let bytes = text.as_bytes();
        let code = code_spans(text, &range);
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
                        let line = block.find('\n').map_or(block, |end| &block[..end]);
                        match target(line) {
                            Some(length) => Some((SpanKind::Target, at + length)),
                            None => {
                                fruitless = at + line.len();
                                None
                            }
                        }
                    }
                    _ => quoted(text, at, &range)
                        .map(|length| (SpanKind::Quoted, at + length))
                        .or_else(|| {
                            let length = begins.then(|| name(block)).flatten()?;
                            Some((SpanKind::Name, at + length))
                        }),
                }
            };
            match found {
                Some((kind, end)) => {
                    self.spans.push(Span {
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
    }

    /// Finds the words and sentences of a block, whose spans begin with the given one.
    fn find_words(&mut self, block: usize, first_span: usize) {
        let range = self.blocks[block].range.clone();
        let first = self.sentences.len();
        let spans = self.spans[first_span..].iter().map(|it| it.range.clone());
        let mut spans = spans.collect::<Vec<_>>().into_iter().peekable();
        let mut open: Option<(usize, usize)> = None; // the sentence's first byte and word
        let mut word: Option<usize> = None;
        let mut content_until = range.start;
        let mut at = range.start;
        while at < range.end {
            if let Some(span) = spans.next_if(|it| it.start <= at) {
                if let Some(start) = word.take() {
                    self.words.push(start..at);
                }
                open.get_or_insert((at, self.words.len()));
                at = span.end;
                content_until = at;
                continue;
            }
            let rest = &self.text[at..range.end];
            let c = rest.chars().next().unwrap_or(' ');
            let inner = word.is_some()
                && matches!(c, '\'' | '’')
                && rest[c.len_utf8()..].starts_with(char::is_alphanumeric);
            if c.is_alphanumeric() || inner {
                open.get_or_insert((at, self.words.len()));
                word.get_or_insert(at);
                at += c.len_utf8();
                content_until = at;
                continue;
            }
            if let Some(start) = word.take() {
                self.words.push(start..at);
            }
            at += c.len_utf8();
            if !c.is_whitespace() {
                content_until = at;
                open.get_or_insert((at - c.len_utf8(), self.words.len()));
            }
            let ends = match c {
                '.' | '!' | '?' | '…' | ':' | ';' => {
                    self.ends_sentence(c, &self.text[at..range.end])
                }
                '。' | '！' | '？' => true,
                '\n' => self.begins_instruction(at, content_until, &range),
                _ => false,
            };
            if ends && c != '\n' {
                // What closes emphasis, or an aside, belongs to the sentence that it closes.
                let rest = &self.text[at..range.end];
                at += rest.len() - rest.trim_start_matches(CLOSERS).len();
                content_until = at;
            }
            if ends && let Some((start, words)) = open.take() {
                self.push_sentence(block, start..content_until, words);
            }
        }
        if let Some(start) = word {
            self.words.push(start..range.end);
        }
        if let Some((start, words)) = open {
            self.push_sentence(block, start..content_until, words);
        }
        self.blocks[block].sentences = first..self.sentences.len();
    }

    fn push_sentence(&mut self, block: usize, range: Range<usize>, first_word: usize) {
        self.sentences.push(Sentence {
            range,
            words: first_word..self.words.len(),
            block,
        });
    }

    /// Whether a mark ends a sentence, by what follows it.
    fn ends_sentence(&self, mark: char, rest: &str) -> bool {
        let follows = rest.trim_start_matches(CLOSERS);
        if mark == ':' || mark == ';' {
            return mark == ':'
                && follows
                    .trim_start_matches([' ', '\t'])
                    .starts_with(['\n', '\r']);
        }
        if !follows.is_empty() && !follows.starts_with(char::is_whitespace) {
            return false;
        }
        let next = follows.trim_start().chars().next();
        // `e.g.` and initials.
        let last = self.words.last().map_or(2, |it| it.len());
        mark != '.' || (last > 1 && !next.is_some_and(|it| it.is_ascii_lowercase()))
    }

    /// Whether a short line without a mark at its end is followed by an instruction of its own.
    fn begins_instruction(&self, at: usize, content_until: usize, range: &Range<usize>) -> bool {
        let line = self.text[range.start..content_until].rfind('\n');
        let start = line.map_or(range.start, |it| range.start + it + 1);
        let next = &self.text[at..range.end];
        let next = next.trim_start();
        let length = next.bytes().take_while(u8::is_ascii_alphabetic).count();
        let from = range.end - next.len();
        let word = &self.lower[from..from + length];
        content_until - start < 50
            && !self.text[..content_until].ends_with([',', '-', '–', '—', '(', ';'])
            && next.starts_with(|c: char| c.is_ascii_uppercase())
            && (words::is_imperative(word) || words::is_lead_in(word) || words::is_negation(word))
    }
}

/// What may stand between a sentence's mark and the blank behind it.
const CLOSERS: [char; 5] = ['*', '_', ')', '"', '”'];

/// The blocks of some lines.
fn blocks(lines: &[Line]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let goes_on = line.kind == Kind::Prose
            && blocks.last().is_some_and(|it| {
                it.lines.end == index
                    && matches!(it.kind, Kind::Prose | Kind::Bullet(_) | Kind::Number(_))
            });
        match line.kind {
            _ if goes_on => {
                if let Some(block) = blocks.last_mut() {
                    block.lines.end = index + 1;
                    block.range.end = line.end;
                }
            }
            Kind::Prose
            | Kind::Bullet(_)
            | Kind::Number(_)
            | Kind::Heading(_)
            | Kind::Row
            | Kind::Tag => {
                blocks.push(Block {
                    kind: line.kind,
                    lines: index..index + 1,
                    range: line.body..line.end,
                    sentences: 0..0,
                });
            }
            _ => {}
        }
    }
    blocks
}

/// The code spans of a block: from a run of backticks to the next one of the same length.
fn code_spans(text: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in memchr::memchr_iter(b'`', &text.as_bytes()[range.clone()]) {
        let at = range.start + at;
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    // From the end, or a block of many lengths would take time quadratic in it.
    let mut next_of_length = HashMap::new();
    let mut closing = vec![None; runs.len()];
    for (index, run) in runs.iter().enumerate().rev() {
        closing[index] = next_of_length.insert(run.len(), index);
    }
    let mut spans = Vec::new();
    let mut index = 0;
    while index < runs.len() {
        match closing[index] {
            Some(close) => {
                spans.push(runs[index].start..runs[close].end);
                index = close + 1;
            }
            None => index += 1,
        }
    }
    spans
}

/// The longest stretch that a quotation, a tag or a link's target may take.
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
    let block = within(block);
    let inner = block[1..].strip_prefix('/').unwrap_or(&block[1..]);
    let end = block.find('>')?;
    let named = inner.starts_with(|c: char| c.is_ascii_alphabetic());
    (named && !block[1..end].contains('<')).then_some((SpanKind::Tag, end + 1))
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
