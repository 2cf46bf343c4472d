//! A text as the rules see it: read once, its blocks, sentences and words shared by all of them. Pure.
//!
//! Words and sentences are those of prose alone. What is no prose of the author's has none: front matter,
//! code, comments, quotations behind `>` or between quotation marks, placeholders, paths and addresses.

use std::ops::Range;

use super::code::OpenFence;
use super::lines::{self, Kind, Line};
use super::spans::{self, Span};
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
    /// The fences that are not closed where they should be.
    pub open_fences: Vec<OpenFence>,
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

impl<'a> Reading<'a> {
    /// Reads a text.
    pub(super) fn new(text: &'a str) -> Self {
        let (lines, open_fences) = lines::read(text);
        let mut reading = Self {
            text,
            lower: text.to_ascii_lowercase(),
            blocks: blocks(&lines),
            lines,
            open_fences,
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
            let found = spans::find(text, &range, &inside);
            reading.spans.extend(found);
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

    /// The first word that begins at a byte or behind it.
    pub(super) fn word_at(&self, at: usize) -> usize {
        self.words.partition_point(|it| it.start < at)
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
