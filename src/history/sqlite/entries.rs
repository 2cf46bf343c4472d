//! Compositions with their words: a row of its own, and its part in the search.

use rusqlite::{Connection, OptionalExtension};

use super::fault::Done;
use super::{parts, rows};
use crate::history::composition::{CompositionId, Entry};

/// Stores a composition in place of an older one of its id and of whatever had its file; says whether
/// it is newer than what was there.
pub(super) fn save(connection: &Connection, entry: &Entry) -> Done<bool> {
    let meta = &entry.composition.meta;
    let old: Option<(i64, i64)> = connection
        .prepare_cached("SELECT row, sequence FROM compositions WHERE id = ?1")?
        .query_row([&meta.id.0.as_bytes()[..]], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    if old.is_some_and(|(_, sequence)| sequence > rows::number(meta.sequence)) {
        return Ok(false);
    }
    let holder: Option<i64> = connection
        .prepare_cached("SELECT row FROM compositions WHERE file = ?1")?
        .query_row([&entry.file], |row| row.get(0))
        .optional()?;
    let old = old.map(|(row, _)| row);
    for row in old
        .into_iter()
        .chain(holder.filter(|holder| old != Some(*holder)))
    {
        erase(connection, row)?;
    }
    let row = match old {
        Some(row) => row,
        None => rows::next(connection)?,
    };
    rows::insert(connection, row, entry, None)?;
    parts::add(connection, row, &entry.composition)?;
    Ok(true)
}

/// Forgets a composition, and says whether it was there.
pub(super) fn delete(connection: &Connection, id: CompositionId) -> Done<bool> {
    let row: Option<i64> = connection
        .prepare_cached("SELECT row FROM compositions WHERE id = ?1")?
        .query_row([&id.0.as_bytes()[..]], |row| row.get(0))
        .optional()?;
    if let Some(row) = row {
        erase(connection, row)?;
    }
    Ok(row.is_some())
}

fn erase(connection: &Connection, row: i64) -> Done<()> {
    parts::remove(connection, row)?;
    rows::erase(connection, row)
}
