//! Compositions as rows, and back.
//!
//! Each row has a checksum of its own: what a disk changed in a text goes by SQLite unseen.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::fault::{Done, Fault};
use crate::history::composition::{
    Answer, Composition, CompositionId, Entry, Meta, Sent, UsedPrompt,
};
use crate::history::files::Stamp;
use crate::history::repository::Row;

/// What [`read`] reads, of `compositions`.
pub(super) const COLUMNS: &str = "row, id, file, hash, sequence, created_at, updated_at, \
    working_directory, name, tags, draft, uses, preview, bytes, checksum";

/// A composition's row with what is not shown of it.
pub(super) struct Stored {
    /// Its number, by which the texts and their words are found.
    pub(super) number: i64,
    /// SHA-256 of its file.
    pub(super) hash: [u8; 32],
    /// Itself.
    pub(super) row: Row,
}

/// What is known of a composition and not in its row.
#[derive(Serialize, Deserialize)]
struct Details {
    sent: Vec<(String, i64)>,
    prompts: Vec<(String, String, BTreeMap<String, String>)>,
    files: Vec<String>,
    source: Option<Name>,
    conflict_of: Option<String>,
    /// Not in rows of before there were answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Answered>,
    /// Not in rows of before it was kept, nor where nothing is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    without: Vec<String>,
}

/// An [`Answer`].
#[derive(Serialize, Deserialize)]
struct Answered {
    to: String,
    model: String,
    input: u64,
    output: u64,
    micro_usd: Option<u64>,
    incomplete: Option<String>,
}

/// A path as text, or as bytes where it is none.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Bytes(Vec<u8>),
}

/// The number of the next new row.
pub(super) fn next(connection: &Connection) -> Done<i64> {
    let sql = "SELECT coalesce(max(row), 0) + 1 FROM compositions";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))?)
}

/// Reads a whole composition.
pub(super) fn load(connection: &Connection, id: CompositionId) -> Done<Option<Entry>> {
    let sql = format!("SELECT {COLUMNS} FROM compositions WHERE id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([&id.0.as_bytes()[..]])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let stored = read(row)?;
    let composition = with_body(connection, &stored)?;
    Ok(Some(Entry {
        file: stored.row.file,
        hash: stored.hash,
        composition,
    }))
}

/// Calls `found` with every composition in a range of rows, in order.
pub(super) fn each(
    connection: &Connection,
    range: Range<i64>,
    mut found: impl FnMut(i64, Composition) -> Done<()>,
) -> Done<()> {
    let sql =
        format!("SELECT {COLUMNS} FROM compositions WHERE row >= ?1 AND row < ?2 ORDER BY row");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([range.start, range.end])?;
    while let Some(row) = rows.next()? {
        let stored = read(row)?;
        found(stored.number, with_body(connection, &stored)?)?;
    }
    Ok(())
}

/// Inserts the rows of a composition, all but its words; `stamp` is how its file looks.
pub(super) fn insert(
    connection: &Connection,
    number: i64,
    entry: &Entry,
    stamp: Option<Stamp>,
) -> Done<()> {
    let row = Row::of(entry);
    let meta = &entry.composition.meta;
    let tags = json(&row.tags)?;
    let directory = normal(&row.directory);
    let columns = Columns {
        number,
        hash: &entry.hash,
        row: &row,
        directory: directory.as_os_str().as_bytes(),
        tags: &tags,
    };
    connection
        .prepare_cached(
            "INSERT INTO compositions (row, id, file, hash, sequence, created_at, updated_at,
                 working_directory, name, tags, draft, uses, preview, bytes, checksum,
                 file_size, file_modified)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?
        .execute(params![
            number,
            &row.id.0.as_bytes()[..],
            row.file,
            &entry.hash[..],
            self::number(row.sequence),
            row.created.as_microsecond(),
            row.updated.as_microsecond(),
            columns.directory,
            row.name,
            tags,
            row.draft,
            row.uses,
            row.preview,
            self::number(row.bytes),
            columns.checksum(),
            stamp.map(|stamp| self::number(stamp.size)),
            stamp.map(|stamp| stamp.modified),
        ])?;
    let mut add_tag = connection.prepare_cached("INSERT OR IGNORE INTO tags VALUES (?1, ?2)")?;
    for tag in &row.tags {
        add_tag.execute(params![tag, number])?;
    }
    let details = json(&Details::of(meta))?;
    let body = &entry.composition.body;
    let checksum = checksum(&[&number.to_le_bytes(), body, details.as_bytes()]);
    connection
        .prepare_cached(
            "INSERT INTO bodies (row, body, details, checksum) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![number, body, details, checksum])?;
    Ok(())
}

/// Removes what is stored of a row, all but its words.
pub(super) fn erase(connection: &Connection, number: i64) -> Done<()> {
    let tags: String = connection
        .prepare_cached("SELECT tags FROM compositions WHERE row = ?1")?
        .query_row([number], |row| row.get(0))?;
    let mut remove_tag =
        connection.prepare_cached("DELETE FROM tags WHERE tag = ?1 AND row = ?2")?;
    for tag in from_json::<Vec<String>>(&tags)? {
        remove_tag.execute(params![tag, number])?;
    }
    for sql in [
        "DELETE FROM bodies WHERE row = ?1",
        "DELETE FROM compositions WHERE row = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([number])?;
    }
    Ok(())
}

/// Reads a row of [`COLUMNS`], and checks it.
pub(super) fn read(row: &rusqlite::Row<'_>) -> Done<Stored> {
    let directory = row.get_ref(7)?.as_blob().map_err(rusqlite::Error::from)?;
    let tags = row.get_ref(9)?.as_str().map_err(rusqlite::Error::from)?;
    let hash: [u8; 32] = row.get(3)?;
    let count = |column| -> Done<u64> {
        let value: i64 = row.get(column)?;
        u64::try_from(value).map_err(|_| Fault::Damaged("a number is out of range".into()))
    };
    let time = |column| -> Done<Timestamp> {
        Timestamp::from_microsecond(row.get(column)?)
            .map_err(|_| Fault::Damaged("a time is out of range".into()))
    };
    let stored = Stored {
        number: row.get(0)?,
        hash,
        row: Row {
            id: CompositionId(Uuid::from_bytes(row.get(1)?)),
            file: row.get(2)?,
            sequence: count(4)?,
            created: time(5)?,
            updated: time(6)?,
            directory: OsString::from_vec(directory.to_vec()).into(),
            name: row.get(8)?,
            tags: from_json(tags)?,
            draft: row.get(10)?,
            uses: row.get(11)?,
            preview: row.get(12)?,
            bytes: count(13)?,
            snippet: None,
        },
    };
    let columns = Columns {
        number: stored.number,
        hash: &stored.hash,
        row: &stored.row,
        directory,
        tags,
    };
    match columns.checksum() == row.get::<_, i64>(14)? {
        true => Ok(stored),
        false => Err(Fault::Damaged("a row is not as it was written".into())),
    }
}

/// The bytes of a text, whole and checked, and what belongs to it.
fn with_body(connection: &Connection, stored: &Stored) -> Done<Composition> {
    let mut statement =
        connection.prepare_cached("SELECT body, details, checksum FROM bodies WHERE row = ?1")?;
    let mut rows = statement.query([stored.number])?;
    let lost = || Fault::Damaged("a text is lost".into());
    let row = rows.next()?.ok_or_else(lost)?;
    let body = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
    let details = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
    let sum = checksum(&[&stored.number.to_le_bytes(), body, details.as_bytes()]);
    if sum != row.get::<_, i64>(2)? {
        return Err(Fault::Damaged("a text is not as it was written".into()));
    }
    from_json::<Details>(details)?.into_composition(&stored.row, body.to_vec())
}

impl Details {
    fn of(meta: &Meta) -> Details {
        let sent = meta.sent.iter();
        let prompts = meta.prompts.iter().cloned();
        Details {
            sent: sent
                .map(|sent| (sent.to.clone(), sent.at.as_microsecond()))
                .collect(),
            prompts: prompts
                .map(|used| (used.id, used.hash, used.values))
                .collect(),
            files: meta.files.clone(),
            source: meta.source.as_deref().map(Name::of),
            conflict_of: meta.conflict_of.map(|id| id.to_string()),
            answer: meta.answer.clone().map(Answered::of),
            without: meta.without.clone(),
        }
    }

    fn into_composition(self, row: &Row, body: Vec<u8>) -> Done<Composition> {
        let sent = self.sent.into_iter().map(|(to, at)| {
            let at = Timestamp::from_microsecond(at);
            Ok(Sent {
                to,
                at: at.map_err(|_| Fault::Damaged("a time is out of range".into()))?,
            })
        });
        let prompts = self.prompts.into_iter();
        let conflict_of = self.conflict_of.map(|id| id.parse()).transpose()?;
        let meta = Meta {
            id: row.id,
            sequence: row.sequence,
            created: row.created,
            updated: row.updated,
            directory: row.directory.clone(),
            name: row.name.clone(),
            tags: row.tags.clone(),
            draft: row.draft,
            sent: sent.collect::<Done<_>>()?,
            prompts: prompts
                .map(|(id, hash, values)| UsedPrompt { id, hash, values })
                .collect(),
            files: self.files,
            without: self.without,
            source: self.source.map(Name::into_path),
            conflict_of,
            answer: self.answer.map(Answered::into_answer).transpose()?,
        };
        Ok(Composition { meta, body })
    }
}

impl Answered {
    fn of(answer: Answer) -> Answered {
        Answered {
            to: answer.to.to_string(),
            model: answer.model,
            input: answer.input,
            output: answer.output,
            micro_usd: answer.micro_usd,
            incomplete: answer.incomplete,
        }
    }

    fn into_answer(self) -> Done<Answer> {
        Ok(Answer {
            to: self.to.parse()?,
            model: self.model,
            input: self.input,
            output: self.output,
            micro_usd: self.micro_usd,
            incomplete: self.incomplete,
        })
    }
}

impl Name {
    fn of(path: &Path) -> Name {
        match path.to_str() {
            Some(text) => Name::Text(text.to_owned()),
            None => Name::Bytes(path.as_os_str().as_bytes().to_vec()),
        }
    }

    fn into_path(self) -> PathBuf {
        match self {
            Name::Text(text) => text.into(),
            Name::Bytes(bytes) => OsString::from_vec(bytes).into(),
        }
    }
}

/// A row as it is stored, to be summed up.
struct Columns<'a> {
    number: i64,
    hash: &'a [u8; 32],
    row: &'a Row,
    directory: &'a [u8],
    tags: &'a str,
}

impl Columns<'_> {
    fn checksum(&self) -> i64 {
        let row = self.row;
        let numbers = [
            self.number,
            self::number(row.sequence),
            row.created.as_microsecond(),
            row.updated.as_microsecond(),
            i64::from(row.draft),
            i64::from(row.uses),
            self::number(row.bytes),
            i64::from(row.name.is_some()),
        ];
        let numbers: Vec<u8> = numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        checksum(&[
            &numbers,
            row.id.0.as_bytes(),
            self.hash,
            row.file.as_bytes(),
            self.directory,
            row.name.as_deref().unwrap_or_default().as_bytes(),
            self.tags.as_bytes(),
            row.preview.as_bytes(),
        ])
    }
}

/// A path without what its components don't tell: `/a//b/.` is `/a/b`.
pub(super) fn normal(path: &Path) -> PathBuf {
    path.components().collect()
}

/// The first bytes of SHA-256 over pieces, each with its length.
fn checksum(pieces: &[&[u8]]) -> i64 {
    let mut sum = Sha256::new();
    for piece in pieces {
        sum.update((piece.len() as u64).to_le_bytes());
        sum.update(piece);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&sum.finalize()[..8]);
    i64::from_le_bytes(first)
}

/// A count as SQLite holds it; one that no person reaches is the highest.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn json(value: &impl Serialize) -> Done<String> {
    serde_json::to_string(value).map_err(|e| Fault::Damaged(e.to_string()))
}

fn from_json<T: for<'a> Deserialize<'a>>(text: &str) -> Done<T> {
    serde_json::from_str(text).map_err(|e| Fault::Damaged(e.to_string()))
}

/// How a file looked when it was last found to be as it is indexed.
pub(super) fn stamp(size: Option<i64>, modified: Option<i64>) -> Option<Stamp> {
    Some(Stamp {
        size: size?.try_into().ok()?,
        modified: modified?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_of_before_there_were_answers_and_lists_of_what_is_left_out_are_read() {
        let old = r#"{"sent":[],"prompts":[],"files":["a"],"source":null,"conflict_of":null}"#;
        let details: Details = from_json(old).unwrap();
        assert_eq!((details.files.len(), details.without.len()), (1, 0));
        assert!(details.answer.is_none());
        assert_eq!(json(&details).unwrap(), old);
    }
}
