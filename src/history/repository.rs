//! Where compositions can be looked for: the index of the history.
//!
//! The files are the truth; a repository is made from them and can be made again. Every backend
//! passes `conformance()`.

use std::path::PathBuf;

use async_trait::async_trait;
use jiff::Timestamp;

use super::composition::{CompositionId, Entry};
use crate::error::Result;

/// Which compositions are meant; nothing set means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those written in this folder or below it.
    pub directory: Option<PathBuf>,
    /// Those begun at this time or later.
    pub since: Option<Timestamp>,
    /// Those begun before this time.
    pub before: Option<Timestamp>,
    /// Those that have all of these tags.
    pub tags: Vec<String>,
    /// Those that are still drafts, or those that are not.
    pub draft: Option<bool>,
    /// Those with this name.
    pub name: Option<String>,
}

/// In what order rows come; ties fall by id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Begun last first.
    #[default]
    Newest,
    /// Begun first first.
    Oldest,
    /// Saved last first.
    Updated,
    /// Largest text first.
    Largest,
}

/// A part of the history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Which compositions.
    pub filter: Filter,
    /// In what order.
    pub order: Order,
    /// The most rows wanted.
    pub limit: usize,
    /// How many of them are left out at the beginning.
    pub offset: usize,
}

/// What is looked for in the texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// Words that must all occur, the last one also as a beginning; `"a phrase"`, `begin*`. Whatever
    /// else is typed is no error: it is looked for as words.
    pub text: String,
    /// Among which compositions.
    pub filter: Filter,
    /// The most rows wanted.
    pub limit: usize,
    /// How many of them are left out at the beginning.
    pub offset: usize,
}

/// A composition as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which one.
    pub id: CompositionId,
    /// The file's name in the history folder.
    pub file: String,
    /// How many times it was saved.
    pub sequence: u64,
    /// When it was begun.
    pub created: Timestamp,
    /// When it was last saved.
    pub updated: Timestamp,
    /// Where it was written.
    pub directory: PathBuf,
    /// The draft's name.
    pub name: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it is still on the shelf.
    pub draft: bool,
    /// How often it was handed over.
    pub uses: u32,
    /// The first 100 characters of the text in one line.
    pub preview: String,
    /// The text's size in bytes.
    pub bytes: u64,
}

/// Rows, and how many there are in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many match.
    pub matching: u64,
    /// Whether there are so many that only the newest were ranked; the others follow by date.
    pub ranked_newest: Option<u64>,
}

/// What the index knows of a file, to compare it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Which composition.
    pub id: CompositionId,
    /// The file's name.
    pub file: String,
    /// SHA-256 of the file's bytes when it was indexed.
    pub hash: [u8; 32],
}

/// A place where compositions are indexed.
///
/// Each call may be made from any task; what blocks happens elsewhere. Errors are `unavailable` when
/// the backend can't be read or written, and `not_found` where a composition is named that is not there.
#[async_trait]
pub trait CompositionRepository: Send + Sync {
    /// What it is and where, for messages: `the history index …/history.db`.
    fn describe(&self) -> String;

    /// Stores compositions, each in place of an older one of its id or its file; an older one than
    /// is there (by sequence) changes nothing.
    async fn save(&self, entries: Vec<Entry>) -> Result<()>;

    /// Reads one.
    async fn load(&self, id: CompositionId) -> Result<Entry>;

    /// Finds text, best first.
    async fn search(&self, query: SearchQuery) -> Result<Page>;

    /// Lists.
    async fn list(&self, query: ListQuery) -> Result<Page>;

    /// Forgets compositions, and says how many of them were there.
    async fn delete(&self, ids: Vec<CompositionId>) -> Result<usize>;

    /// Everything it knows, to compare with the files.
    async fn known(&self) -> Result<Vec<Known>>;
}
