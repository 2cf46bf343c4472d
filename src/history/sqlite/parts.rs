//! The words of the texts, in parts of some thousand compositions each.
//!
//! A word that nearly every text has is ranked within a part in no more time than the part allows,
//! whatever the size of the history; parts are searched side by side; and one that went wrong is made
//! anew by itself. Each is an FTS5 table without content: it gets the words as `words` cuts them, one
//! behind the other, and the texts are in `bodies`.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::fault::Done;
use super::rows;
use crate::history::composition::Composition;
use crate::history::migrate::WORDS;
use crate::history::words;

/// Rows of a part, more or less.
pub(super) const ROWS: i64 = 8192;
/// Rows that a new part takes over from the last one: in a part of few rows a word's rarity says
/// little, and the newest compositions would be ranked by it.
const CARRIED: i64 = 1024;
/// Bytes that FTS5 gathers unless it is told otherwise.
pub(super) const GATHERED: i64 = 1 << 20;

/// A part of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Its table is `words_NUMBER`.
    pub(super) number: i64,
    /// Its first row; those before belong to older parts.
    pub(super) first: i64,
}

/// The parts, newest first.
pub(super) fn all(connection: &Connection) -> Done<Vec<Part>> {
    let mut parts =
        connection.prepare_cached("SELECT part, first FROM parts ORDER BY first DESC")?;
    let parts = parts.query_map([], read)?;
    Ok(parts.collect::<rusqlite::Result<_>>()?)
}

/// Adds a row's words.
pub(super) fn add(connection: &Connection, row: i64, composition: &Composition) -> Done<()> {
    let part = match holding(connection, row)? {
        Some(part) if row < part.first + ROWS || !is_newest(connection, part)? => part,
        Some(full) => begin(connection, full, row)?,
        None => create(connection, row)?,
    };
    unseal(connection, part)?;
    insert(connection, part, row, composition)
}

/// Removes a row's words.
pub(super) fn remove(connection: &Connection, row: i64) -> Done<()> {
    let Some(part) = holding(connection, row)? else {
        return Ok(());
    };
    unseal(connection, part)?;
    let sql = format!("DELETE FROM {} WHERE rowid = ?1", part.table());
    connection.prepare_cached(&sql)?.execute([row])?;
    Ok(())
}

/// Makes the parts anew that the rows need and that are not there.
pub(super) fn cover(connection: &Connection) -> Done<()> {
    let least: Option<i64> =
        connection.query_row("SELECT min(row) FROM compositions", [], |row| row.get(0))?;
    let (Some(least), []) = (least, all(connection)?.as_slice()) else {
        return Ok(());
    };
    let most: i64 =
        connection.query_row("SELECT max(row) FROM compositions", [], |row| row.get(0))?;
    for first in (least..=most).step_by(ROWS as usize) {
        let part = create(connection, first)?;
        fill(connection, part)?;
    }
    Ok(())
}

/// Makes a part anew from the texts.
pub(super) fn refill(connection: &Connection, part: Part) -> Done<()> {
    connection.execute_batch(&format!("DROP TABLE {0}; {1}", part.table(), part.sql()))?;
    fill(connection, part)
}

/// Adds the words of a row to a part that it belongs to.
pub(super) fn insert(
    connection: &Connection,
    part: Part,
    row: i64,
    composition: &Composition,
) -> Done<()> {
    let sql = format!("INSERT INTO {} (rowid, text) VALUES (?1, ?2)", part.table());
    connection
        .prepare_cached(&sql)?
        .execute(params![row, joined(composition)])?;
    Ok(())
}

/// Makes an empty part whose first row this is.
pub(super) fn create(connection: &Connection, first: i64) -> Done<Part> {
    let number: i64 =
        connection.query_row("SELECT coalesce(max(part), 0) + 1 FROM parts", [], |row| {
            row.get(0)
        })?;
    connection.execute(
        "INSERT INTO parts (part, first) VALUES (?1, ?2)",
        params![number, first],
    )?;
    let part = Part { number, first };
    connection.execute_batch(&part.sql())?;
    Ok(part)
}

/// Says how many bytes of words FTS5 gathers before it writes them.
pub(super) fn gather(connection: &Connection, part: Part, bytes: i64) -> Done<()> {
    let table = part.table();
    let sql = format!("INSERT INTO {table} ({table}, rank) VALUES ('hashsize', ?1)");
    connection.prepare_cached(&sql)?.execute([bytes])?;
    Ok(())
}

/// The tables that a part has, and how that of the words was made.
pub(super) fn schema(number: i64) -> BTreeMap<String, Option<String>> {
    let part = Part { number, first: 0 };
    let table = part.table();
    let shadows = SHADOWS
        .iter()
        .map(|(shadow, _)| (format!("{table}_{shadow}"), None));
    shadows.chain([(table.clone(), Some(part.sql()))]).collect()
}

/// Notes the checksum of a part that will not change for a while.
pub(super) fn seal(connection: &Connection, part: Part) -> Done<()> {
    let seal = checksum(connection, part)?;
    connection
        .prepare_cached("UPDATE parts SET seal = ?2 WHERE part = ?1")?
        .execute(params![part.number, &seal[..]])?;
    Ok(())
}

/// Whether a part is as it was when it was sealed; nothing where it has changed since.
pub(super) fn is_whole(connection: &Connection, part: Part) -> Done<Option<bool>> {
    let seal: Option<Vec<u8>> = connection
        .prepare_cached("SELECT seal FROM parts WHERE part = ?1")?
        .query_row([part.number], |row| row.get(0))?;
    match seal {
        None => Ok(None),
        Some(seal) => Ok(Some(checksum(connection, part)?[..] == seal[..])),
    }
}

/// What FTS5 keeps a table in, and how all of it is read.
const SHADOWS: [(&str, &str); 4] = [
    ("config", "SELECT k, v FROM {} ORDER BY k"),
    ("data", "SELECT id, block FROM {} ORDER BY id"),
    ("docsize", "SELECT id, sz, origin FROM {} ORDER BY id"),
    (
        "idx",
        "SELECT segid, term, pgno FROM {} ORDER BY segid, term",
    ),
];

impl Part {
    /// The name of its table.
    pub(super) fn table(self) -> String {
        format!("{WORDS}{}", self.number)
    }

    fn sql(self) -> String {
        // The words come in lower case: `ascii` only parts them. Beginnings of one and two letters,
        // as one types them, have an index of their own; longer ones begin few words, and an index of
        // theirs would cost a third of the time that a text takes.
        format!(
            "CREATE VIRTUAL TABLE {} USING fts5(text, content='', contentless_delete=1, \
             tokenize='ascii', prefix='1 2')",
            self.table()
        )
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Part> {
    Ok(Part {
        number: row.get(0)?,
        first: row.get(1)?,
    })
}

/// The part that a row belongs to.
fn holding(connection: &Connection, row: i64) -> Done<Option<Part>> {
    let sql = "SELECT part, first FROM parts WHERE first <= ?1 ORDER BY first DESC LIMIT 1";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([row], read)
        .optional()?)
}

fn is_newest(connection: &Connection, part: Part) -> Done<bool> {
    let sql = "SELECT max(first) FROM parts";
    let last: i64 = connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))?;
    Ok(last == part.first)
}

/// Begins a part for the row behind a full one, with what it carries over.
fn begin(connection: &Connection, full: Part, row: i64) -> Done<Part> {
    let first = row - CARRIED;
    let part = create(connection, first)?;
    unseal(connection, full)?;
    let mut delete =
        connection.prepare_cached(&format!("DELETE FROM {} WHERE rowid = ?1", full.table()))?;
    for carried in first..row {
        delete.execute([carried])?;
    }
    fill(connection, part)?;
    Ok(part)
}

/// Adds the words of all rows that belong to a part.
fn fill(connection: &Connection, part: Part) -> Done<()> {
    let sql = "SELECT coalesce(min(first), ?2) FROM parts WHERE first > ?1";
    let end: i64 = connection.query_row(sql, [part.first, i64::MAX], |row| row.get(0))?;
    rows::each(connection, part.first..end, |row, composition| {
        insert(connection, part, row, &composition)
    })?;
    seal(connection, part)
}

fn unseal(connection: &Connection, part: Part) -> Done<()> {
    connection
        .prepare_cached("UPDATE parts SET seal = NULL WHERE part = ?1 AND seal IS NOT NULL")?
        .execute([part.number])?;
    Ok(())
}

/// A composition's words, one behind the other.
fn joined(composition: &Composition) -> String {
    let mut all = String::with_capacity(composition.body.len());
    words::of_composition(composition, |word| {
        all.push_str(word);
        all.push(' ');
    });
    all
}

fn checksum(connection: &Connection, part: Part) -> Done<[u8; 32]> {
    let mut sum = Sha256::new();
    for (shadow, sql) in SHADOWS {
        let sql = sql.replace("{}", &format!("{}_{shadow}", part.table()));
        let mut rows = connection.prepare_cached(&sql)?;
        let columns = rows.column_count();
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                use rusqlite::types::ValueRef;
                let (kind, bytes): (u8, &[u8]) = match row.get_ref(column)? {
                    ValueRef::Null => (0, &[]),
                    ValueRef::Integer(number) => {
                        sum.update([1]);
                        sum.update(number.to_le_bytes());
                        continue;
                    }
                    ValueRef::Real(_) => (2, &[]),
                    ValueRef::Text(bytes) => (3, bytes),
                    ValueRef::Blob(bytes) => (4, bytes),
                };
                sum.update([kind]);
                sum.update((bytes.len() as u64).to_le_bytes());
                sum.update(bytes);
            }
        }
    }
    Ok(sum.finalize().into())
}
