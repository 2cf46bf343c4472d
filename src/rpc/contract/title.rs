//! The contract's types for naming a composition.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Line;

/// A composition and its name.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RenameParams {
    /// Its id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The working directory that it was begun in.
    pub directory: String,
}

/// What came of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RenameReply {
    /// The name, without blanks that are too many.
    pub name: String,
}

/// A composition that is to be named.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TitleParams {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Whether the person has seen what it may cost and wants it.
    #[serde(default)]
    pub confirmed: bool,
    /// Whether nothing of it may be kept, the answer included.
    #[serde(default)]
    pub keep_nothing: bool,
}

/// A name that a model proposes, or a question that has to be answered before one is asked.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct TitleReply {
    /// The name; empty with a question.
    pub name: String,
    /// What to ask the person first: nothing was sent yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
}

/// The provider lets us wait.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TitleWaiting {
    /// Why, in a few words.
    pub why: String,
    /// For how many seconds.
    pub seconds: u32,
}
