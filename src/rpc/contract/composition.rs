//! The contract's types for compositions and their history.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Stop, default_limit};

/// A line of a buffer: bytes as they are; a newline in it stands for NUL, as Neovim has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(pub Vec<u8>);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Line;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a line")
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Line, E> {
                Ok(Line(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Bytes)
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A text where it can be one: Lua takes both, and a log or a test reads this one.
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => serializer.serialize_bytes(&self.0),
        }
    }
}

impl JsonSchema for Line {
    fn schema_name() -> Cow<'static, str> {
        "Line".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// With a line feed.
    #[default]
    Unix,
    /// With a carriage return and a line feed.
    Dos,
    /// With a carriage return.
    Mac,
}

/// A composition to make known.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct OpenParams {
    /// Its id, a UUID of version 7; without it the draft with `name` is looked for.
    pub id: Option<String>,
    /// What the last save of it answered, where there was one.
    pub mark: Option<String>,
    /// The draft's name.
    pub name: Option<String>,
    /// The working directory.
    pub directory: String,
    /// The file whose buffer it is written in, where it is one.
    pub source: Option<String>,
    /// Whether nothing of it may be kept.
    #[serde(default)]
    pub is_private: bool,
}

/// What the host knows of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OpenReply {
    /// Its id; absent where no draft has that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its text, where a draft was looked for and found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<HistoryEntry>,
    /// Whether nothing of it is kept, asked for or excluded by the configuration.
    pub is_private: bool,
}

/// What changed in a composition: everything between `head` lines at the beginning and `tail` lines
/// at the end is replaced by `lines`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct UpdateParams {
    /// The composition's id.
    pub id: String,
    /// Counts up; a lower one than was seen is not applied.
    pub number: u64,
    /// Lines at the beginning that are as they were.
    pub head: u32,
    /// Lines at the end that are as they were.
    pub tail: u32,
    /// What stands between them now.
    pub lines: Vec<Line>,
    /// How many lines the buffer has; another number than comes out is a `conflict`, and everything
    /// has to be sent.
    pub total: u32,
    /// How its lines end.
    #[serde(default)]
    pub format: FileFormat,
    /// Whether the last line ends too.
    pub ended: bool,
    /// Whether it is to be saved.
    pub save: bool,
    /// The prompts that were inserted, where that changed.
    pub prompts: Option<Vec<UsedPrompt>>,
    /// The files that were linked, where that changed.
    pub files: Option<Vec<String>>,
    /// Prompts of the library that never go along to a model, by id, where that changed.
    pub without: Option<Vec<String>>,
}

/// A prompt that went into a composition.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct UsedPrompt {
    /// Its id.
    pub id: String,
    /// SHA-256 of its text, in hexadecimal.
    pub hash: String,
    /// What its placeholders were filled with, by `type:name`.
    pub values: BTreeMap<String, String>,
}

/// Where a composition stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UpdateReply {
    /// The number that was sent.
    pub number: u64,
    /// Whether this text is on the disk.
    pub saved: bool,
    /// To be handed back when the composition is opened again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// How many times it was saved.
    pub sequence: u64,
    /// The file's path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The other file, when that was changed by somebody else and this text went beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<String>,
    /// The id under which it is saved from now on, where that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_id: Option<String>,
    /// Characters.
    pub chars: u64,
    /// Tokens of the text with its references as they stand.
    pub tokens: TokenCount,
}

/// Tokens against the model's window.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TokenCount {
    /// How many.
    pub tokens: u64,
    /// Whether they are counted with the model's own vocabulary.
    pub exact: bool,
    /// As it is shown: `~320 tok (0.2%)`.
    pub text: String,
    /// Where that stands.
    pub level: TokenLevel,
}

/// How full the model's window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenLevel {
    /// There is room.
    Fine,
    /// More than `tokens.warn_at`.
    Warn,
    /// Too much to be sent to a model.
    Refuse,
}

/// Names a composition.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CompositionParams {
    /// Its id.
    pub id: String,
}

/// What becomes of a draft.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ShelveParams {
    /// The composition's id.
    pub id: String,
    /// To whom it was handed over, as it is shown; without it, it is put away or back.
    pub sent_to: Option<String>,
    /// Whether it is on the shelf from now on.
    pub draft: bool,
}

/// A part of the history.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct HistoryParams {
    /// What to look for in the texts; empty lists the newest first.
    pub query: String,
    /// Only those written in this folder or below it.
    pub directory: Option<String>,
    /// Only drafts, saved last first.
    #[serde(default)]
    pub drafts: bool,
    /// The most rows wanted.
    #[serde(default = "default_limit")]
    pub limit: u32,
    /// Search all of it, however long that takes; otherwise what was found within 25 ms is the answer.
    #[serde(default)]
    pub whole: bool,
}

/// Rows as columns of equal length.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HistoryReply {
    /// Compositions that match; at least so many where counting them all would take too long.
    pub matching: u64,
    /// Compositions there are, of which these were asked for.
    pub all: u64,
    /// So many of the newest were ranked, and the others follow by date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranked_newest: Option<u64>,
    /// Only about so many of the newest were searched: ask for the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searched_newest: Option<u64>,
    /// What there is to say about the index, where it is not as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Ids.
    pub ids: Vec<String>,
    /// When each was begun, or, of drafts alone, last saved, in seconds since 1970.
    pub times: Vec<i64>,
    /// Where each was written.
    pub directories: Vec<String>,
    /// Names of drafts, empty without one.
    pub names: Vec<String>,
    /// The first 100 characters of each; in a search, the piece of the text that was found.
    pub previews: Vec<String>,
    /// Byte offsets of the characters found in each preview, from 0.
    pub positions: Vec<Vec<u32>>,
    /// Sizes in bytes.
    pub sizes: Vec<u64>,
    /// Tags, separated by commas.
    pub tags: Vec<String>,
    /// How often each was handed over.
    pub uses: Vec<u32>,
    /// Which are drafts.
    pub drafts: Vec<bool>,
    /// The folder of the files.
    pub folder: String,
    /// The file of each, in that folder.
    pub files: Vec<String>,
}

/// A composition to look at.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct HistoryPreviewParams {
    /// Its id.
    pub id: String,
    /// What was looked for, to be marked in the text.
    #[serde(default)]
    pub query: String,
}

/// A composition as a preview shows it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HistoryPreviewReply {
    /// Its id.
    pub id: String,
    /// The draft's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it was written.
    pub directory: String,
    /// When it was begun, in seconds since 1970.
    pub created: i64,
    /// When it was last saved, in seconds since 1970.
    pub updated: i64,
    /// The text's size in bytes.
    pub bytes: u64,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it is on the shelf.
    pub draft: bool,
    /// Its hand-overs, oldest first.
    pub sent: Vec<HandedOver>,
    /// The model that wrote it, as an answer, and what that took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The prompts in it.
    pub prompts: Vec<String>,
    /// The files linked in it.
    pub files: Vec<String>,
    /// Its first lines, at most 1,000 and 256 KB.
    pub lines: Vec<String>,
    /// How many lines it has.
    pub total: u64,
    /// Where placeholders stand in `lines`.
    pub stops: Vec<Stop>,
    /// Where what was looked for stands in `lines`.
    pub hits: Vec<HitSpan>,
}

/// A hand-over of a composition.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HandedOver {
    /// To whom.
    pub to: String,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// What was found in a line.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HitSpan {
    /// Line, from 0.
    pub row: u32,
    /// First byte in the line, from 0.
    pub start: u32,
    /// The byte after its last.
    pub finish: u32,
}

/// A composition of the history.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HistoryEntry {
    /// Its id.
    pub id: String,
    /// To be handed back when it is opened to be written on.
    pub mark: String,
    /// The draft's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its lines.
    pub lines: Vec<Line>,
    /// How they end.
    pub format: FileFormat,
    /// Whether the last line ends too.
    pub ended: bool,
    /// The file's path.
    pub path: String,
    /// Where it was written.
    pub directory: String,
    /// When it was begun, in seconds since 1970.
    pub created: i64,
    /// When it was last saved, in seconds since 1970.
    pub updated: i64,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it is on the shelf.
    pub draft: bool,
    /// To whom it was handed over and when, a line each.
    pub sent: Vec<String>,
    /// The prompts in it.
    pub prompts: Vec<UsedPrompt>,
    /// The files linked in it.
    pub files: Vec<String>,
    /// Prompts of the library that never go along with it to a model, by id.
    pub without: Vec<String>,
}

/// Names compositions.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DeleteParams {
    /// Their ids.
    pub ids: Vec<String>,
}

/// What is gone.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DeletedReply {
    /// How many compositions.
    pub count: u32,
    /// How many bytes their files took.
    pub bytes: u64,
    /// What could not be deleted, a line each.
    pub problems: Vec<String>,
}

/// How the history is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HistoryStateReply {
    /// Compositions in it.
    pub count: u64,
    /// Bytes of their texts.
    pub bytes: u64,
    /// How many are drafts.
    pub drafts: u64,
    /// When the oldest was begun, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<i64>,
    /// What there is to say about the index, where it is not as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether a rebuild should be offered.
    pub rebuild: bool,
}

/// How far a rebuild is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RebuildPart {
    /// Files read.
    pub done: u64,
    /// Of so many.
    pub total: u64,
}

/// The index is new.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RebuildReply {
    /// Compositions in it.
    pub count: u64,
    /// Files that can't be read, a line each.
    pub unreadable: Vec<String>,
    /// Where the index is kept that was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
}

/// Which compositions a clean-up takes; exactly one is meant.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CleanupParams {
    /// Those begun more than so many days ago.
    pub older_than_days: Option<u32>,
    /// All but the newest so many.
    pub keep_last: Option<u32>,
    /// Those begun from this day on, `2026-11-21`, to `until`, both included.
    pub since: Option<String>,
    /// The last day of the range.
    pub until: Option<String>,
    /// Every one.
    #[serde(default)]
    pub everything: bool,
    /// Whether drafts go too.
    #[serde(default)]
    pub drafts: bool,
    /// The choice that was shown, to delete exactly that; without it, it is only shown.
    pub delete: Option<String>,
}

/// What goes, or is gone.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CleanupReply {
    /// Stands for exactly these compositions.
    pub choice: String,
    /// How many compositions.
    pub count: u32,
    /// How many bytes.
    pub bytes: u64,
    /// Drafts that are spared.
    pub spared: u32,
    /// When the first of them were begun, in seconds since 1970.
    pub times: Vec<i64>,
    /// Where these were written.
    pub directories: Vec<String>,
    /// Their first 100 characters.
    pub previews: Vec<String>,
    /// What could not be deleted, a line each.
    pub problems: Vec<String>,
}

/// Which composition is on the disk.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CompositionSavedData {
    /// Its id.
    pub id: String,
    /// Its file.
    pub path: String,
    /// How many times it was saved.
    pub sequence: u64,
}

/// Which composition was handed over.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CompositionSentData {
    /// Its id.
    pub id: String,
    /// To whom.
    pub to: String,
}

/// How far the index is off.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HistoryOutOfSyncData {
    /// In about so many compositions it differs from the files.
    pub differences: u64,
}

/// How large the new index is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HistoryRebuiltData {
    /// Compositions in it.
    pub count: u64,
}
