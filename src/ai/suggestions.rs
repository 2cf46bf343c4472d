//! What a reviewer proposes to change in a composition. Pure.

mod change;
mod question;
mod reply;

use std::ops::Range;

pub use change::{change, change_schema};
pub use question::{Question, ask_for_change, ask_for_suggestions};
pub use reply::{Reader, schema};

use crate::error::{Error, Kind, Result};

/// Something that could be better, and perhaps how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What sort of thing it is.
    pub kind: SuggestionKind,
    /// It in a few words.
    pub title: String,
    /// It in a sentence or two.
    pub description: String,
    /// Where in the text it is, in bytes; none for the text as a whole.
    pub place: Option<Range<usize>>,
    /// What to change, in order and apart from each other; empty where that is to be asked for, or is
    /// the person's to say.
    pub edits: Vec<Edit>,
    /// The local rule that found it; none for a model's.
    pub rule: Option<&'static str>,
    /// The prompt of the library that it recommends, by id.
    pub prompt: Option<String>,
}

/// What sort of thing a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuggestionKind {
    /// Something that would help, such as a prompt of the library.
    Recommendation,
    /// Something that is missing.
    Gap,
    /// Markdown that is not as it should be.
    Formatting,
    /// Things that can't both hold.
    Contradiction,
    /// Words that can be understood in more than one way.
    Clarity,
    /// The same in a better order or form.
    Reformatting,
}

/// One change of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced, in bytes.
    pub range: Range<usize>,
    /// What must stand there; if something else does, the text has changed and nothing is done.
    pub expected: String,
    /// What is put in its place.
    pub text: String,
}

/// Changes a text, if it is still the one that the edits were made for.
///
/// # Errors
/// `conflict` when it is not; `invalid_input` for edits that overlap.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        if edit.range.start < at {
            return Err(Error::invalid("changes that overlap can't be made"));
        }
        if text.get(edit.range.clone()) != Some(&edit.expected) {
            return Err(Error::new(Kind::Conflict, "the text has changed").hint("ask again"));
        }
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

impl SuggestionKind {
    /// All of them.
    pub const ALL: [SuggestionKind; 6] = [
        SuggestionKind::Recommendation,
        SuggestionKind::Gap,
        SuggestionKind::Formatting,
        SuggestionKind::Contradiction,
        SuggestionKind::Clarity,
        SuggestionKind::Reformatting,
    ];

    /// The kind as one word, the same on the wire, on the command line and in a model's answer.
    pub fn word(self) -> &'static str {
        match self {
            SuggestionKind::Recommendation => "recommendation",
            SuggestionKind::Gap => "gap",
            SuggestionKind::Formatting => "formatting",
            SuggestionKind::Contradiction => "contradiction",
            SuggestionKind::Clarity => "clarity",
            SuggestionKind::Reformatting => "reformatting",
        }
    }
}
