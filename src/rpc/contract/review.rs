//! The contract's types for the review of a composition.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A composition to be reviewed.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ReviewParams {
    /// Its lines.
    pub lines: Vec<String>,
    /// Where its references to files begin.
    pub directory: String,
    /// Who reviews, `local` or a provider's name, instead of whom the configuration names.
    #[serde(default)]
    pub by: Option<String>,
    /// Whether an answer that was given before will not do.
    #[serde(default)]
    pub fresh: bool,
    /// Whether the person has seen what it may cost and wants it.
    #[serde(default)]
    pub confirmed: bool,
    /// Prompts of the library that are not to go along, by id.
    #[serde(default)]
    pub without: Vec<String>,
    /// Whether nothing of it may be kept, the answer included.
    #[serde(default)]
    pub keep_nothing: bool,
}

/// What the review cost and what of it could not be used.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewReply {
    /// Who reviewed: a model, or `local` for the checks that need none.
    pub by: String,
    /// What could not be used of the answer, and why.
    pub problems: Vec<String>,
    /// What has to be asked before a model is; nothing was sent to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
    /// What the model took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took: Option<ReviewTook>,
    /// Whether a model is there to find the change of a suggestion that has none.
    pub finds_changes: bool,
}

/// What a request took.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewTook {
    /// Tokens of the question.
    pub input: u64,
    /// Tokens of the answer.
    pub output: u64,
    /// What it cost, as it is shown: `$0.0031`; none when nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
}

/// What comes of a review, one of these at a time.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct ReviewPart {
    /// The model that is asked now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// A suggestion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<ReviewSuggestion>,
    /// What of the library goes along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<ReviewContext>,
    /// Why nothing comes for a while, and how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<String>,
}

/// What of the library goes along with a composition.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewContext {
    /// What was chosen, best first.
    pub chosen: Vec<ReviewCompanion>,
    /// What was nearly chosen.
    pub dropped: Vec<ReviewDropped>,
}

/// A prompt that goes along, unless the person does not want it to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewCompanion {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The tokens that it takes.
    pub tokens: u32,
    /// Why it was chosen, the weightiest reason first.
    pub reasons: Vec<String>,
    /// Whether only its beginning goes along.
    pub cut: bool,
    /// Whether it was left out, as asked.
    pub off: bool,
}

/// A prompt that does not go along.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewDropped {
    /// Its id.
    pub id: String,
    /// Why not.
    pub why: String,
}

/// A suggestion whose change is wanted.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ReviewApplyParams {
    /// The lines of the text that it is about.
    pub lines: Vec<String>,
    /// It in a few words.
    pub title: String,
    /// It in a sentence or two.
    pub description: String,
    /// Whether the person has seen what it may cost and wants it.
    #[serde(default)]
    pub confirmed: bool,
}

/// The change that a suggestion means.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewApplyReply {
    /// What to change, in order and apart from each other.
    pub edits: Vec<ReviewEdit>,
    /// What has to be asked before a model is; nothing was sent to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
    /// What the model took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took: Option<ReviewTook>,
}

/// One suggestion, as soon as it is there.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewSuggestion {
    /// What sort of thing it is.
    pub kind: ReviewKind,
    /// It in a few words.
    pub title: String,
    /// It in a sentence or two.
    pub description: String,
    /// Who proposes it: a model, or `local`.
    pub by: String,
    /// Its first row, from 0; none for the text as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u32>,
    /// Its last row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<u32>,
    /// What to change, in order and apart from each other; each can be taken by itself.
    pub edits: Vec<ReviewEdit>,
    /// The local rule that found it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The prompt of the library that it recommends, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
}

/// What sort of thing a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewKind {
    /// Something that would help.
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

/// A change of a text; rows and byte columns count from 0.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewEdit {
    /// Its first row.
    pub start_row: u32,
    /// Where in that row.
    pub start_col: u32,
    /// Its last row.
    pub end_row: u32,
    /// Where in that row it ends.
    pub end_col: u32,
    /// The lines that must stand there; if others do, the text has changed and nothing is done.
    pub expected: Vec<String>,
    /// The lines that are put in their place.
    pub lines: Vec<String>,
}

/// What a request to a model took.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RequestSpentData {
    /// The provider's name.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The task, such as `suggest`.
    pub role: String,
    /// Tokens of the question.
    pub input: u64,
    /// Tokens of the answer.
    pub output: u64,
    /// Millionths of a dollar; none when nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub micro_usd: Option<u64>,
    /// Whether the answer was given before and cost nothing now.
    pub cached: bool,
}
