//! Looks whether the database is what was written into it.
//!
//! SQLite's own check sees a broken structure and not a changed letter, so every row, every text and
//! every finished part of the words has a checksum.

use rusqlite::Connection;

use super::fault::{Done, Fault};
use super::pool::Pool;
use super::{open, parts, rows};
use crate::error::Result;

/// Says what is wrong, if anything is. Parts of the words that changed since they were last whole are
/// made anew: cheaper than to compare them, and they are quicker afterwards.
pub(super) fn check(pool: &Pool) -> Result<Option<String>> {
    if let Some(damage) = pool.damage() {
        return Ok(Some(damage));
    }
    let checked = pool.read_afresh(sound);
    if checked.is_ok() {
        // One at a time: a save in between need not wait for all of them.
        for part in pool.read(parts::all)? {
            refill(pool, part)?;
        }
    }
    match (checked, pool.damage()) {
        (_, Some(damage)) => Ok(Some(damage)),
        (checked, None) => checked.map(|()| None),
    }
}

/// Fails unless structure, rows and texts are as they were written.
pub(super) fn sound(connection: &Connection) -> Done<()> {
    structure(connection)?;
    contents(connection)
}

fn structure(connection: &Connection) -> Done<()> {
    open::ensure_schema(connection)?;
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    match found.as_str() {
        "ok" => Ok(()),
        _ => Err(Fault::Damaged(found)),
    }
}

fn contents(connection: &Connection) -> Done<()> {
    rows::each(connection, i64::MIN..i64::MAX, |_, _| Ok(()))?;
    let pairs = "SELECT (SELECT count(*) FROM bodies) - (SELECT count(*) FROM compositions)";
    let surplus: i64 = connection.query_row(pairs, [], |row| row.get(0))?;
    match surplus {
        0 => Ok(()),
        _ => Err(Fault::Damaged(
            "there are texts that belong to nothing".into(),
        )),
    }
}

fn refill(pool: &Pool, part: parts::Part) -> Result<()> {
    let whole = pool.read(|connection| parts::is_whole(connection, part))?;
    if whole == Some(true) {
        return Ok(());
    }
    if whole == Some(false) {
        tracing::warn!(
            part = part.number,
            "words of the history index were damaged"
        );
    }
    pool.write(|transaction| {
        // Somebody else may have been quicker.
        match parts::is_whole(transaction, part)? {
            Some(true) => Ok(()),
            _ => parts::refill(transaction, part),
        }
    })
}
