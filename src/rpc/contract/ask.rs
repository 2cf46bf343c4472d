//! The contract's types for compositions that a model answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Line;

/// A text to be answered.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct AskParams {
    /// Its lines, as its reader gets them.
    pub lines: Vec<Line>,
    /// The role that the person names.
    pub role: Option<String>,
    /// The id of the composition that it was made of.
    pub composition: Option<String>,
    /// Whether the person has seen what it may cost and wants it.
    #[serde(default)]
    pub confirmed: bool,
}

/// What there is so far; one field of it at a time.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct AskPart {
    /// The model that is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The next piece of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why nothing will come for a while, and how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<String>,
}

/// What became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AskReply {
    /// What the person is to be asked first; nothing was sent yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// What there is to say of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<AskAnswer>,
}

/// An answer that came to its end.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AskAnswer {
    /// The model and what it took: `claude-sonnet-5-5 · 1,840 in · 210 out · $0.0031`.
    pub by: String,
    /// Whether it was given before and cost nothing now.
    pub cached: bool,
    /// Why it is not the whole answer, where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<String>,
    /// Whether the history has it.
    pub kept: bool,
    /// Why the history does not have it, where it should.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What would be sent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AskPlanReply {
    /// To whom, how, and what it may cost.
    pub facts: Vec<AskFact>,
    /// Who the model is told to be; empty for nothing.
    pub system: Vec<Line>,
    /// What it is told, in order.
    pub messages: Vec<AskMessage>,
    /// Why it would not be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// One thing to know of a request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AskFact {
    /// What it is: `model`.
    pub name: String,
    /// How it is.
    pub value: String,
}

/// One message of a request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AskMessage {
    /// Who speaks: `user` or `assistant`.
    pub speaker: String,
    /// What is said.
    pub lines: Vec<Line>,
}

/// An answer as it is shown.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct AskHiddenParams {
    /// Its lines.
    pub lines: Vec<Line>,
}

/// What in it is not seen.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AskHiddenReply {
    /// By sort of character.
    pub found: Vec<HiddenCharacter>,
}

/// One sort of character that is not seen.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HiddenCharacter {
    /// What it is called: `U+200B zero width space`.
    pub name: String,
    /// How often it occurs.
    pub count: u32,
    /// Where, in order; the first 20.
    pub places: Vec<HiddenPlace>,
}

/// Where a character stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HiddenPlace {
    /// Line, from 0.
    pub row: u32,
    /// Its first byte in the line, from 0.
    pub start: u32,
    /// The byte after its last.
    pub finish: u32,
}
