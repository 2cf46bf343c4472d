//! A model's answer to suggestions, read while it comes.
//!
//! What is usable is used: an answer that breaks off, is wrapped in other words, repeats itself or has
//! fields of the wrong kind gives what can be understood of it, and says what could not.

use std::collections::HashSet;
use std::ops::Range;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Edit, Suggestion, SuggestionKind};
use crate::text::position_of;

/// The most suggestions of one answer: a person reads no more, and a model that repeats itself ends.
const MOST: usize = 50;
/// The most of an answer that is held while one object is not at its end, in bytes.
const LONGEST: usize = 1 << 20;

/// Reads an answer piece by piece.
pub struct Reader<'a> {
    text: &'a str,
    answer: String,
    /// Up to where the answer has been looked through.
    at: usize,
    /// Where objects begin that have not ended.
    open: Vec<usize>,
    in_string: bool,
    escaped: bool,
    seen: HashSet<(SuggestionKind, String)>,
    count: usize,
    /// Whether the whole list came, which may be empty.
    whole: bool,
    problems: Vec<String>,
}

/// A suggestion as a model writes it.
#[derive(Deserialize)]
struct Said {
    #[serde(rename = "type", alias = "kind", default)]
    kind: String,
    title: String,
    #[serde(default, alias = "explanation")]
    description: String,
    #[serde(default)]
    edits: Vec<Value>,
    /// Of the prompt that it recommends.
    #[serde(default)]
    prompt: Option<String>,
    /// Words of the text that it is about, where it changes nothing.
    #[serde(default)]
    quote: Option<String>,
}

/// A change as a model writes it: models quote, they can't count bytes.
#[derive(Deserialize)]
struct SaidEdit {
    find: String,
    replace: String,
    /// The line that the quote begins in, from 1; which of several it is.
    #[serde(default)]
    line: Option<u32>,
}

/// The form that an answer is asked for in, as a JSON Schema.
pub fn schema() -> Value {
    let kinds: Vec<&str> = SuggestionKind::ALL.iter().map(|kind| kind.word()).collect();
    let text = json!({ "type": "string" });
    let suggestion = json!({
        "type": "object",
        "properties": {
            "type": { "type": "string", "enum": kinds },
            "title": text,
            "description": text,
            "quote": { "type": "string", "description": "the exact words that it is about, or nothing" },
            "edits": { "type": "array", "items": edit_schema() },
        },
        "required": ["type", "title", "description", "quote", "edits"],
        "additionalProperties": false,
    });
    json!({
        "type": "object",
        "properties": { "suggestions": { "type": "array", "items": suggestion } },
        "required": ["suggestions"],
        "additionalProperties": false,
    })
}

/// The form of one edit.
pub(super) fn edit_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "find": { "type": "string", "description": "the exact words of the text that are replaced" },
            "replace": { "type": "string", "description": "what stands there instead" },
            "line": { "type": "integer", "description": "the line in which these words begin, from 1" },
        },
        "required": ["find", "replace", "line"],
        "additionalProperties": false,
    })
}

/// Edits as a model writes them, all or none: half of a change is another change.
pub(super) fn understand(text: &str, said: Vec<Value>) -> Option<Vec<Edit>> {
    let count = said.len();
    let mut edits: Vec<Edit> = said
        .into_iter()
        .filter_map(|edit| {
            let SaidEdit {
                find: quote,
                replace,
                line,
            } = serde_json::from_value(edit).ok()?;
            let range = find(text, &quote, line)?;
            Some(Edit {
                expected: text[range.clone()].to_owned(),
                range,
                text: replace,
            })
        })
        .collect();
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let apart = edits
        .windows(2)
        .all(|pair| pair[0].range.end <= pair[1].range.start);
    if edits.len() != count || !apart {
        return None;
    }
    edits.retain(|edit| edit.expected != edit.text);
    Some(edits)
}

impl<'a> Reader<'a> {
    /// A reader of an answer about a text.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            answer: String::new(),
            at: 0,
            open: Vec::new(),
            in_string: false,
            escaped: false,
            seen: HashSet::new(),
            count: 0,
            whole: false,
            problems: Vec::new(),
        }
    }

    /// Takes the next piece, and gives the suggestions that it completes.
    pub fn feed(&mut self, piece: &str) -> Vec<Suggestion> {
        self.answer.push_str(piece);
        let mut found = Vec::new();
        while let Some(byte) = self.answer.as_bytes().get(self.at).copied() {
            self.at += 1;
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                // Quotes in words around the answer are none of JSON's.
                b'"' if !self.open.is_empty() => self.in_string = true,
                b'{' => self.open.push(self.at - 1),
                b'}' => found.extend(self.close()),
                _ => {}
            }
        }
        if self.open.is_empty() {
            self.answer.clear();
            self.at = 0;
        } else if self.answer.len() > LONGEST {
            self.problems
                .push("a part of the answer that does not end was left out".into());
            self.answer.clear();
            (self.at, self.in_string, self.escaped) = (0, false, false);
            self.open.clear();
        }
        found
    }

    /// What could not be used, when nothing more comes.
    pub fn finish(mut self) -> Vec<String> {
        if !self.open.is_empty() {
            self.problems.push(match self.count {
                0 => "the answer breaks off before its first suggestion".into(),
                n => format!("the answer breaks off after suggestion {n}"),
            });
        } else if self.count == 0 && self.problems.is_empty() && !self.whole {
            self.problems
                .push("the answer has no suggestions in it".into());
        }
        self.problems
    }

    /// An object ends.
    fn close(&mut self) -> Option<Suggestion> {
        let start = self.open.pop()?;
        let object = &self.answer[start..self.at];
        if object.contains("\"suggestions\"") {
            self.whole = true;
            return None;
        }
        if !object.contains("\"title\"") {
            return None;
        }
        let said: Said = match serde_json::from_str(object) {
            Ok(said) => said,
            Err(error) => {
                let number = self.count + 1;
                self.problems
                    .push(format!("suggestion {number} can't be read: {error}"));
                return None;
            }
        };
        self.count += 1;
        self.understand(said)
    }

    fn understand(&mut self, said: Said) -> Option<Suggestion> {
        let number = self.count;
        if number > MOST {
            if number == MOST + 1 {
                self.problems
                    .push(format!("only the first {MOST} suggestions are shown"));
            }
            return None;
        }
        let word = said.kind.trim().to_lowercase();
        let known = SuggestionKind::ALL.into_iter().find(|it| it.word() == word);
        let kind = known.unwrap_or_else(|| {
            self.problems.push(format!(
                "suggestion {number} is of the unknown type '{}'",
                said.kind
            ));
            SuggestionKind::Recommendation
        });
        let title = said.title.trim().to_owned();
        if !self.seen.insert((kind, title.to_lowercase())) {
            return None;
        }
        let edits = self.edits(number, said.edits);
        let quoted = said.quote.as_deref().filter(|quote| !quote.is_empty());
        let place = match (edits.first(), edits.last()) {
            (Some(first), Some(last)) => Some(first.range.start..last.range.end),
            _ => quoted.and_then(|quote| find(self.text, quote, None)),
        };
        Some(Suggestion {
            kind,
            title,
            description: said.description.trim().to_owned(),
            place,
            edits,
            rule: None,
            prompt: said.prompt,
        })
    }

    fn edits(&mut self, number: usize, said: Vec<Value>) -> Vec<Edit> {
        understand(self.text, said).unwrap_or_else(|| {
            self.problems.push(format!(
                "suggestion {number} quotes what does not stand in the text"
            ));
            Vec::new()
        })
    }
}

/// Where a quote stands; of several places the one in the line said, none if that is not said.
fn find(text: &str, quote: &str, line: Option<u32>) -> Option<Range<usize>> {
    if quote.is_empty() {
        return None;
    }
    let mut places = text.match_indices(quote).map(|(at, _)| at);
    let first = places.next()?;
    let at = match (places.next(), line) {
        (None, _) => first,
        (Some(_), None) => return None,
        (Some(_), Some(line)) => text
            .match_indices(quote)
            .map(|(at, _)| at)
            .find(|at| position_of(text, *at).line == line)?,
    };
    Some(at..at + quote.len())
}

#[cfg(test)]
mod tests;
