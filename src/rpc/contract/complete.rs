//! The contract's types for continuing a composition at the cursor.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A composition and where it is to be continued.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ContinuationParams {
    /// Its lines up to the cursor, the last one as far as it stands before it.
    pub before: Vec<String>,
    /// Its lines from the cursor on.
    pub after: Vec<String>,
    /// Whether the person has seen what it may cost and wants it.
    #[serde(default)]
    pub confirmed: bool,
    /// Continuations that were shown already and are not wanted.
    #[serde(default)]
    pub shown: Vec<String>,
    /// Whether an answer that was given before will not do.
    #[serde(default)]
    pub another: bool,
    /// Whether nothing of it may be kept, the answer included.
    #[serde(default)]
    pub keep_nothing: bool,
}

/// A continuation, or a question that has to be answered before one is asked for.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct ContinuationReply {
    /// What to put in at the cursor; a single empty line when the model had nothing to add.
    pub lines: Vec<String>,
    /// The model.
    pub model: String,
    /// What it cost, as it is shown; none when nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// What to ask the person first: nothing was sent yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
}

/// The provider lets us wait.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ContinuationWaiting {
    /// Why, in a few words.
    pub why: String,
    /// For how many seconds.
    pub seconds: u32,
}
