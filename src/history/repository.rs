//! Where compositions can be looked for: the index of the history.
//!
//! The files are the truth; a repository is made from them and can be made again. Every backend
//! passes `conformance()`.

#[cfg(test)]
pub mod conformance;

use std::cmp::Ordering;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::composition::{CompositionId, Entry};
use super::files::{Listed, Stamp};
use super::store::Store;
use super::words::{Snippet, text_of};
use crate::error::{Error, Kind, Result};

/// A place where compositions are indexed.
///
/// Each call may be made from any task; what blocks happens elsewhere. Errors are `unavailable` when
/// the backend can't be read or written, and `not_found` where a composition is named that is not there.
#[async_trait]
pub trait CompositionRepository: Send + Sync {
    /// What it is and where, for messages: `the history index …/history.db`.
    fn describe(&self) -> String;

    /// Stores compositions, each in place of an older one of its id and of whatever had its file; one
    /// that is older (by sequence) than what is there of its id changes nothing.
    async fn save(&self, entries: Vec<Entry>) -> Result<()>;

    /// Reads one.
    async fn load(&self, id: CompositionId) -> Result<Entry>;

    /// Finds text, best first, ties by date; what has no word in it finds everything by date.
    async fn search(&self, query: SearchQuery) -> Result<Page>;

    /// Lists.
    async fn list(&self, query: ListQuery) -> Result<Page>;

    /// Forgets compositions, and says how many of them were there.
    async fn delete(&self, ids: Vec<CompositionId>) -> Result<usize>;

    /// Everything it knows, to compare with the files.
    async fn known(&self) -> Result<Vec<Known>>;

    /// Notes how files looked when they were found to be as they are indexed.
    async fn confirm(&self, files: Vec<Listed>) -> Result<()>;

    /// Sums everything up.
    async fn stats(&self) -> Result<Stats>;

    /// Says what is wrong with it, if anything is, as far as it can tell without the files: then it
    /// has to be made anew.
    async fn check(&self) -> Result<Option<String>>;

    /// Makes it anew from the files. Until that is done it answers as before.
    async fn rebuild(&self, work: Rebuild) -> Result<Rebuilt>;
}

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

/// In what order rows come; ties fall by id, in the same direction.
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

/// The patience of somebody who is typing: with the rows read and drawn, a letter is answered within
/// 50 ms.
pub const FIRST_ANSWER: Duration = Duration::from_millis(25);

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
    /// After how long no more is searched than was until then, the newest first; none searches all.
    pub patience: Option<Duration>,
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
    /// The piece of the text that answers a search; none in a list.
    pub snippet: Option<Snippet>,
}

/// Rows, and how many there are in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many match; at least so many when `more` is set.
    pub matching: u64,
    /// Whether there are more than were counted.
    pub more: bool,
    /// So many of the newest were ranked, because there are more; the others follow by date.
    pub ranked_newest: Option<u64>,
    /// Only about so many of the newest were searched: the patience was at its end.
    pub searched_newest: Option<u64>,
}

/// What the index knows of a file, to compare it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Which composition.
    pub id: CompositionId,
    /// How many times it was saved.
    pub sequence: u64,
    /// The file's name.
    pub file: String,
    /// SHA-256 of the file's bytes when it was indexed.
    pub hash: [u8; 32],
    /// How the file looked when it had these bytes, where that is known.
    pub stamp: Option<Stamp>,
}

/// The history in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// How many compositions.
    pub count: u64,
    /// The size of their texts.
    pub bytes: u64,
    /// How many of them are drafts.
    pub drafts: u64,
    /// When the first was begun.
    pub oldest: Option<Timestamp>,
    /// When the last was begun.
    pub newest: Option<Timestamp>,
    /// Where they were written, most first.
    pub directories: Vec<DirectoryStats>,
}

/// What was written in one folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryStats {
    /// The folder.
    pub directory: PathBuf,
    /// How many compositions.
    pub count: u64,
    /// The size of their texts.
    pub bytes: u64,
}

/// What an index is made from anew, and who hears of it.
#[derive(Clone)]
pub struct Rebuild {
    /// The files.
    pub store: Arc<dyn Store>,
    /// Which of them, the oldest first.
    pub files: Vec<Listed>,
    /// Files changed later than this, in nanoseconds since 1970, may change again and look the same.
    pub settled: i64,
    /// Hears how many of how many files are done.
    pub progress: Progress,
    /// Ends it early; what was done is kept for the next time.
    pub cancel: CancellationToken,
}

/// That an index was not made anew to its end, since somebody wanted that.
pub fn stopped() -> Error {
    Error::new(Kind::Cancelled, "making the history index anew was stopped")
}

/// Hears how many of how many are done, on whatever thread the work is.
pub type Progress = Arc<dyn Fn(usize, usize) + Send + Sync>;

/// What came of making an index anew.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// How many compositions are in it.
    pub count: usize,
    /// The files that could not be read, and why.
    pub unreadable: Vec<(String, String)>,
    /// Where the index is kept that was there before.
    pub backup: Option<PathBuf>,
}

/// Characters of a preview.
const PREVIEW: usize = 100;

impl Row {
    /// The row of a composition.
    pub fn of(entry: &Entry) -> Row {
        let meta = &entry.composition.meta;
        Row {
            id: meta.id,
            file: entry.file.clone(),
            sequence: meta.sequence,
            created: meta.created,
            updated: meta.updated,
            directory: meta.directory.clone(),
            name: meta.name.clone(),
            tags: meta.tags.clone(),
            draft: meta.draft,
            uses: u32::try_from(meta.sent.len()).unwrap_or(u32::MAX),
            preview: preview(&entry.composition.body),
            bytes: entry.composition.body.len() as u64,
            snippet: None,
        }
    }
}

impl Filter {
    /// Whether it lets a composition through.
    pub fn admits(&self, row: &Row) -> bool {
        let Filter {
            directory,
            since,
            before,
            tags,
            draft,
            name,
        } = self;
        directory
            .as_ref()
            .is_none_or(|folder| row.directory.starts_with(folder))
            && since.is_none_or(|since| row.created >= since)
            && before.is_none_or(|before| row.created < before)
            && tags.iter().all(|tag| row.tags.contains(tag))
            && draft.is_none_or(|draft| row.draft == draft)
            && name
                .as_ref()
                .is_none_or(|name| row.name.as_ref() == Some(name))
    }
}

impl Order {
    /// Which of two rows comes first.
    pub fn compare(self, a: &Row, b: &Row) -> Ordering {
        match self {
            Order::Newest => (b.created, b.id).cmp(&(a.created, a.id)),
            Order::Oldest => (a.created, a.id).cmp(&(b.created, b.id)),
            Order::Updated => (b.updated, b.id).cmp(&(a.updated, a.id)),
            Order::Largest => (b.bytes, b.id).cmp(&(a.bytes, a.id)),
        }
    }
}

/// The first characters of a text in one line.
fn preview(body: &[u8]) -> String {
    // A character takes at most four bytes; blanks before the first and between words are passed over.
    let start = &body[..body.len().min(64 * PREVIEW)];
    let mut line = String::with_capacity(PREVIEW);
    let mut left = PREVIEW;
    for c in text_of(start).chars() {
        if left == 0 {
            break;
        }
        let blank = c.is_whitespace() || c.is_control();
        if !blank {
            line.push(c);
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        } else {
            continue;
        }
        left -= 1;
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_line_of_at_most_100_characters() {
        for (body, expected) in [
            (&b""[..], ""),
            (b"\n\n  Fix\tthe\r\n\n test\x00. \n", "Fix the test ."),
            (b"\xff\xfe odd", "\u{fffd}\u{fffd} odd"),
        ] {
            assert_eq!(preview(body), expected);
        }
        assert_eq!(preview("ä b".repeat(100).as_bytes()).chars().count(), 100);
    }
}
