//! The local checks of a composition: rules that find what is unclear or broken, without a model. Pure.
//!
//! A rule looks at the author's own prose: never into code, quotations or front matter. Each is switched off
//! in the configuration, in the text (`<!-- promptstack: off RULE -->`) or for a line
//! (`<!-- promptstack-ignore RULE -->`). Prompts of the library that would fit are not found here.

mod asks;
mod code;
mod contradictions;
mod dates;
mod decided;
mod directives;
mod duplicates;
mod fences;
mod files;
mod formats;
mod goals;
mod headings;
mod leftovers;
mod lines;
mod lists;
mod loose;
#[cfg(test)]
mod misread;
mod negatives;
mod pairs;
mod paragraphs;
mod phrases;
mod placeholders;
mod questions;
mod reading;
mod repeated;
mod scopes;
mod shouting;
mod spans;
mod switches;
#[cfg(test)]
mod tests;
mod vague;
mod words;

use std::ops::Range;

use self::reading::Reading;
use super::suggestions::{Edit, Suggestion, SuggestionKind};
use crate::config::nearest;

/// All rules, in the order of the manual.
pub const RULES: &[Rule] = &[
    placeholders::PLACEHOLDER,
    leftovers::TODO,
    headings::EMPTY_SECTION,
    files::MISSING_FILE,
    goals::NO_GOAL,
    formats::NO_FORMAT,
    formats::NO_EXAMPLE,
    contradictions::CONTRADICTION,
    vague::VAGUE,
    dates::RELATIVE_DATE,
    goals::IT_FIRST,
    questions::MANY_QUESTIONS,
    negatives::NEGATIVE_ONLY,
    shouting::SHOUTING,
    duplicates::DUPLICATE,
    loose::LOOSE_LIST,
    paragraphs::LONG_PARAGRAPH,
    fences::UNCLOSED_FENCE,
    headings::HEADING_ORDER,
    headings::HEADING_SPACE,
    lists::NUMBERING,
    lists::MIXED_BULLETS,
    pairs::UNCLOSED_BRACKET,
    pairs::UNCLOSED_TAG,
    repeated::REPEATED_WORD,
    switches::UNKNOWN_RULE,
];

/// A rule that a text is held to.
pub struct Rule {
    /// Its name, as it is switched off.
    pub id: &'static str,
    /// What its suggestions are.
    pub kind: SuggestionKind,
    /// What it finds, in a sentence.
    pub summary: &'static str,
    /// A text in which it, and no other, finds one thing.
    pub example: &'static str,
    /// What it points at there.
    pub found: &'static str,
    run: fn(&Reading<'_>, &Around<'_>) -> Vec<Finding>,
}

/// The name by which prompts of the library that fit are switched off; what they are is not known here.
pub const LIBRARY: &str = "library";

/// What the rules may ask about the world around a text.
pub struct Around<'a> {
    /// Whether a path, as written, leads to a file or a folder.
    pub exists: &'a dyn Fn(&str) -> bool,
    /// The ids of the rules that are switched off.
    pub off: &'a [String],
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    place: Range<usize>,
    title: String,
    description: String,
    edits: Vec<Edit>,
}

/// Finds what could be better in a text, in order of place; takes time linear in the text.
pub fn check(text: &str, around: &Around<'_>) -> Vec<Suggestion> {
    let reading = Reading::new(text);
    let switches = switches::read(&reading);
    let on = |rule: &&Rule| !around.off.iter().any(|id| id == rule.id) && !switches.is_off(rule.id);
    let mut found: Vec<Suggestion> = Vec::new();
    for rule in RULES.iter().filter(on) {
        let findings = (rule.run)(&reading, around);
        let heard = |it: &Finding| !switches.ignores(rule.id, reading.line_of(it.place.start));
        found.extend(findings.into_iter().filter(heard).map(|it| Suggestion {
            kind: rule.kind,
            title: it.title,
            description: it.description,
            place: Some(it.place),
            edits: it.edits,
            rule: Some(rule.id),
            prompt: None,
        }));
    }
    // Stable: rules keep their order at one place.
    found.sort_by_key(|it| it.place.as_ref().map(|place| (place.start, place.end)));
    found.dedup_by(|a, b| a.rule == b.rule && a.place == b.place);
    found
}

/// Whether a rule is neither switched off for a text nor everywhere.
pub fn is_on(rule: &str, text: &str, off: &[String]) -> bool {
    let reading = Reading::new(text);
    !off.iter().any(|id| id == rule) && !switches::read(&reading).is_off(rule)
}

/// The names of all that can be switched off.
fn names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.id).chain([LIBRARY])
}

/// The names among these that no rule has, each with the rule that was probably meant.
pub fn unknown(names: &[String]) -> impl Iterator<Item = (&str, Option<&'static str>)> {
    let is_rule = |name: &str| self::names().any(|rule| rule == name);
    let names = names.iter().map(String::as_str);
    names
        .filter(move |name| !is_rule(name))
        .map(|name| (name, nearest(name, self::names())))
}

impl Finding {
    fn new(place: Range<usize>, title: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            place,
            title: title.into(),
            description: description.into(),
            edits: Vec::new(),
        }
    }

    /// The same with a certain way out.
    fn fixed_by(mut self, edits: Vec<Edit>) -> Self {
        self.edits = edits;
        self
    }
}

/// A change of some bytes of a text.
fn edit(text: &str, range: Range<usize>, new: impl Into<String>) -> Edit {
    Edit {
        expected: text[range.clone()].to_owned(),
        range,
        text: new.into(),
    }
}

/// Text of a composition as it stands in a title: one line, not long, without its last mark.
fn short(text: &str) -> String {
    const MOST: usize = 48;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches(['.', '!', ':', ';', '…']);
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}
