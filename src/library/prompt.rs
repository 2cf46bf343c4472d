//! What a prompt is: its name in the library, what is known of it, and its text.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// A prompt's name in the library: the path below its folder without the extension,
/// `commands/api-doc`; with its source in front, `team:commands/api-doc`, where another source of
/// higher precedence holds the same path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PromptId(pub String);

impl PromptId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PromptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of a prompt without its text: all that listing and searching need.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptInfo {
    /// Its name in the library.
    pub id: PromptId,
    /// Title from the front matter, or its fallback.
    pub title: String,
    /// One sentence, or empty.
    pub description: String,
    /// Tags in the order written.
    pub tags: Vec<String>,
    /// The folder it stands in, `commands` or `commands/web`; empty at the top.
    pub category: String,
    /// The source's name: `user`, `project`, or the folder's name.
    pub source: String,
    /// The file.
    pub path: PathBuf,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Differs from that of an earlier reading when the file may have changed; has no other meaning.
    pub version: u64,
    /// Findings about the file.
    pub problems: Vec<Problem>,
}

impl PromptInfo {
    /// The first finding that keeps the prompt from being used.
    pub fn error(&self) -> Option<&Problem> {
        self.problems.iter().find(|p| p.is_error())
    }
}

/// A prompt with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What is known of it.
    pub info: PromptInfo,
    /// Front matter keys that have no field of their own, as JSON values, kept as they were read.
    pub extra: BTreeMap<String, serde_json::Value>,
    /// The text after the front matter, byte for byte where the file is UTF-8.
    pub body: String,
    /// Line of the file on which `body` begins, from 1.
    pub body_line: u32,
}
