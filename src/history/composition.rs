//! A composition and what is known of it. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Error;

/// Names a composition for ever: a UUID of version 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CompositionId(pub Uuid);

impl CompositionId {
    /// A new one; two are never the same, whatever the clock does.
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl Default for CompositionId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for CompositionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for CompositionId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Uuid::try_parse(text)
            .map(Self)
            .map_err(|e| Error::invalid(format!("'{text}' is no composition's id")).because(e))
    }
}

/// What is known of a composition besides its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Its name for ever.
    pub id: CompositionId,
    /// How many times it was saved; of two texts with one id the higher is the newer, whatever the
    /// clock says.
    pub sequence: u64,
    /// When it was begun.
    pub created: Timestamp,
    /// When it was last saved; never before `created`.
    pub updated: Timestamp,
    /// The working directory that it was written in.
    pub directory: PathBuf,
    /// The draft's name, where it has one.
    pub name: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Whether it is still on the shelf: neither handed over nor put away.
    pub draft: bool,
    /// To whom it was handed over, oldest first.
    pub sent: Vec<Sent>,
    /// The prompts that were inserted.
    pub prompts: Vec<UsedPrompt>,
    /// The files that were linked, as they were written.
    pub files: Vec<String>,
    /// Prompts of the library that never go along with it to a model, by id.
    pub without: Vec<String>,
    /// The file whose buffer it was composed in, where it was one.
    pub source: Option<PathBuf>,
    /// The composition of which this is the other version: both were saved over the same text.
    pub conflict_of: Option<CompositionId>,
    /// What it answers, where a model wrote it.
    pub answer: Option<Answer>,
}

impl Meta {
    /// Of a composition that begins now and here.
    pub fn new(now: Timestamp, directory: PathBuf) -> Self {
        let now = to_microseconds(now);
        Self {
            id: CompositionId::new(),
            sequence: 0,
            created: now,
            updated: now,
            directory,
            name: None,
            tags: Vec::new(),
            draft: true,
            sent: Vec::new(),
            prompts: Vec::new(),
            files: Vec::new(),
            without: Vec::new(),
            source: None,
            conflict_of: None,
            answer: None,
        }
    }
}

/// The longest name in characters.
pub const MAX_NAME: usize = 100;

/// A name as a composition has it: on one line, without blanks around it, one blank between words, as a
/// command line gives it.
///
/// # Errors
/// `invalid_input` for one that is empty, too long or has control characters.
pub fn name(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let wrong = |what: String| Err(Error::invalid(what).hint(":Prompt title {name} takes another"));
    if text.contains(char::is_control) {
        return wrong("a name is one line without control characters".into());
    }
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let name = words.join(" ");
    match name.chars().count() {
        0 => wrong("a name has at least one character".into()),
        n if n > MAX_NAME => wrong(format!(
            "a name has at most {MAX_NAME} characters, and this one has {n}"
        )),
        _ => Ok(name),
    }
}

/// A time as it is kept: to the microsecond, so that what is read equals what was written.
pub fn to_microseconds(time: Timestamp) -> Timestamp {
    // A time that exists doesn't cease to by being cut.
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

/// One hand-over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// To whom, as it is shown: `tmux %3`, `clipboard`.
    pub to: String,
    /// When.
    pub at: Timestamp,
}

/// Who answered which composition, and what that took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The composition that was sent.
    pub to: CompositionId,
    /// The model, as its provider calls it.
    pub model: String,
    /// Tokens of the question.
    pub input: u64,
    /// Tokens of the answer.
    pub output: u64,
    /// Millionths of a dollar; none when nobody knows.
    pub micro_usd: Option<u64>,
    /// Why it is not the whole answer, where it is not.
    pub incomplete: Option<String>,
}

/// A prompt that went into a composition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedPrompt {
    /// Its id.
    pub id: String,
    /// SHA-256 of its text, in hexadecimal.
    pub hash: String,
    /// What its placeholders were filled with, by `type:name`.
    pub values: BTreeMap<String, String>,
}

/// A composition: its text is bytes, whatever they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composition {
    /// What is known of it.
    pub meta: Meta,
    /// Its text.
    pub body: Vec<u8>,
}

/// A composition as the index holds it: with the file that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The file's name in the history folder.
    pub file: String,
    /// SHA-256 of the file's bytes.
    pub hash: [u8; 32],
    /// The composition in it.
    pub composition: Composition,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_one_to_a_hundred_characters() {
        let (long, longer) = ("ä".repeat(100), "ä".repeat(101));
        for (text, expected) in [
            ("release notes", Ok("release notes")),
            ("  release   notes\n", Ok("release notes")),
            ("a/b %s", Ok("a/b %s")),
            (&long, Ok(&*long)),
            (
                &longer,
                Err("a name has at most 100 characters, and this one has 101"),
            ),
            ("", Err("a name has at least one character")),
            (" \n ", Err("a name has at least one character")),
            (
                "two\nlines",
                Err("a name is one line without control characters"),
            ),
            (
                "a\u{1B}[31m",
                Err("a name is one line without control characters"),
            ),
        ] {
            let found = name(text).map_err(|error| error.message().to_owned());
            let found = found.as_deref().map_err(String::as_str);
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
