//! Placeholders in prompt text: text to segments with byte ranges, segments and values to text.
//!
//! Pure. Knows nothing of files, buffers or prompts; `library` turns findings into problems with a
//! path, and the editor puts stops on the ranges.
//!
//! Grammar, always on one line (`NAME` is `[A-Za-z0-9_]+`):
//!
//! ```text
//! {{text:NAME}}  {{text:NAME=DEFAULT}}   DEFAULT: any text without newline or `}}`
//! {{list:NAME}}
//! {{choice:NAME=A|B|C}}                  `\|` is a bar inside an option
//! ```
//!
//! Everything else is somebody's literal text and is left alone: `{{x}}`, `{{#if}}`, `${{ }}`, `{{{`.

mod parse;
mod render;

use std::ops::Range;

use crate::problem::Severity;

pub use parse::{parse, parse_line};
pub use render::{FilledList, Value, Values, fill_list, render};

/// What a placeholder takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text of one or several lines.
    Text,
    /// Items that become bullets.
    List,
    /// One of the options that it names.
    Choice,
}

impl Kind {
    /// Every kind, in the order shown to people.
    pub const ALL: [Kind; 3] = [Kind::Text, Kind::List, Kind::Choice];

    /// The word before the colon.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::List => "list",
            Kind::Choice => "choice",
        }
    }
}

/// One placeholder in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// Its bytes, braces included.
    pub range: Range<usize>,
    /// What it takes.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What it yields when left alone; without one it must be filled.
    pub default: Option<String>,
    /// The options of a choice, in the order written; empty for other kinds.
    pub options: Vec<String>,
}

/// A stretch of a text; the segments of a text cover it without gap or overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Bytes that stand for themselves.
    Literal(Range<usize>),
    /// A placeholder.
    Placeholder(Placeholder),
}

impl Segment {
    /// The bytes that the segment covers.
    pub fn range(&self) -> Range<usize> {
        match self {
            Segment::Literal(range) => range.clone(),
            Segment::Placeholder(placeholder) => placeholder.range.clone(),
        }
    }
}

/// A finding about the placeholders of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The bytes it is about.
    pub range: Range<usize>,
    /// An error keeps the prompt from being inserted.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub hint: Option<String>,
}

/// A parsed text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The whole text in order.
    pub segments: Vec<Segment>,
    /// Findings in order of their place.
    pub findings: Vec<Finding>,
}

impl Parsed {
    /// The placeholders in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Placeholder(placeholder) => Some(placeholder),
            Segment::Literal(_) => None,
        })
    }
}
