//! The contract's types for files and for handing a composition over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Line, ReferenceSpan, TokenCount, default_limit};

/// A search for files.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct FilesParams {
    /// Where to begin.
    pub directory: String,
    /// What was typed.
    pub query: String,
    /// The most rows wanted.
    #[serde(default = "default_limit")]
    pub limit: u32,
    /// Whether the directory is read anew.
    #[serde(default)]
    pub fresh: bool,
}

/// Files found, best first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FilesReply {
    /// How many match.
    pub matching: u32,
    /// How many there are.
    pub all: u32,
    /// Whether the directory is still being read.
    pub loading: bool,
    /// Whether there are more than are known.
    pub limited: bool,
    /// Paths below the directory.
    pub paths: Vec<String>,
    /// Byte offsets of the matched characters in each path, from 0.
    pub positions: Vec<Vec<u32>>,
    /// Which look as if they held secrets.
    pub secret: Vec<bool>,
}

/// Names a file.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct FileParams {
    /// Where `path` begins.
    pub directory: String,
    /// The file.
    pub path: String,
}

/// The beginning of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FilePreview {
    /// Its lines, at most 200.
    pub lines: Vec<String>,
    /// Its size in bytes.
    pub bytes: u64,
    /// What there is to say about it: not text, or why it is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Files to link.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TitlesParams {
    /// Where the paths begin.
    pub directory: String,
    /// The files.
    pub paths: Vec<String>,
}

/// Their titles.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TitlesReply {
    /// In the same order.
    pub titles: Vec<String>,
}

/// Titles and paths of equal length.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct LinksParams {
    /// Titles.
    pub titles: Vec<String>,
    /// Paths.
    pub paths: Vec<String>,
}

/// Files as a text names them, in the same order.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LinksReply {
    /// `[title](path)`.
    pub links: Vec<String>,
    /// `@path`; empty where the path can't be written so.
    pub references: Vec<String>,
}

/// Lines with file references.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CheckParams {
    /// Where relative paths begin.
    pub directory: String,
    /// The lines.
    pub lines: Vec<String>,
    /// Those of the lines above at which a block of code may begin or end, in order.
    #[serde(default)]
    pub before: Vec<String>,
}

/// What is to be said about references.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckReply {
    /// In order.
    pub findings: Vec<TextFinding>,
    /// The references that lead to a file.
    pub references: Vec<ReferenceSpan>,
}

/// Where a reference may be typed.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TypedParams {
    /// Where relative paths begin.
    pub directory: String,
    /// The line.
    pub line: String,
    /// The cursor's byte in it, from 0.
    pub column: u32,
    /// The most rows wanted.
    #[serde(default = "default_limit")]
    pub limit: u32,
}

/// What may be meant.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TypedReply {
    /// The byte at which its `@` stands; nothing where none is being typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<u32>,
    /// References to files, best first.
    pub references: Vec<String>,
}

/// A finding at a place in a text.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TextFinding {
    /// Line, from 0.
    pub row: u32,
    /// First byte in the line, from 0.
    pub start: u32,
    /// The byte after its last.
    pub finish: u32,
    /// What sort of finding it is.
    pub kind: FindingKind,
    /// What is wrong; of a placeholder its name.
    pub message: String,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What allows a file that may hold secrets: the file itself, with all links followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The expanded file in which the place is; without it, it is in the lines that were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// Sorts of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A placeholder without a default that is not filled: blocks.
    Unfilled,
    /// A reference that can't be expanded: blocks.
    Reference,
    /// A file that looks as if it held secrets: has to be allowed by its path.
    SecretFile,
    /// Something that looks like a secret: has to be confirmed.
    Secret,
    /// An invisible or bidirectional control character: has to be confirmed.
    Hidden,
    /// Something to know: nothing has to be done.
    Note,
}

/// A composition on its way out.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PrepareParams {
    /// Where relative paths begin.
    pub directory: String,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Files that look as if they held secrets and may go all the same.
    #[serde(default)]
    pub allowed: Vec<String>,
}

/// A composition as its reader gets it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PrepareReply {
    /// Its lines.
    pub lines: Vec<Line>,
    /// What blocks, has to be confirmed or is to be known, in order.
    pub findings: Vec<TextFinding>,
    /// What it is made of, with tokens each: the text first, then files.
    pub parts: Vec<PreparedPart>,
    /// Tokens in total.
    pub tokens: TokenCount,
}

/// A part of what is handed over.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PreparedPart {
    /// The file's path, or `text`.
    pub name: String,
    /// Its tokens.
    pub tokens: u64,
}

/// Where Neovim itself is.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TargetsParams {
    /// `$TMUX`, where Neovim runs in tmux.
    pub tmux: Option<String>,
    /// `$TMUX_PANE`.
    pub pane: Option<String>,
}

/// Places outside Neovim.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TargetsReply {
    /// In order: commands of the configuration, then panes of tmux.
    pub targets: Vec<HandoverTarget>,
}

/// A place that takes a text.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HandoverTarget {
    /// As it is named in `:Prompt send`: `wc`, `tmux:%3`.
    pub name: String,
    /// What it is: `claude · ~/project`.
    pub description: String,
}

/// A text for such a place.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DeliverParams {
    /// The place.
    pub target: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// Whether Enter is pressed afterwards, in a pane.
    #[serde(default)]
    pub enter: bool,
    /// `$TMUX`, where Neovim runs in tmux.
    pub tmux: Option<String>,
    /// `$TMUX_PANE`.
    pub pane: Option<String>,
    /// The working directory of a command.
    pub directory: String,
}

/// It has arrived.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DeliverReply {
    /// What a command printed, at most 4 KB.
    pub output: Vec<String>,
}
