//! Makes sure that the file is there, is ours, is sound at first sight, and has the latest schema.
//!
//! One editor at a time does this, under a lock file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Zoned;
use rusqlite::Connection;

use super::fault::{Done, Fault, WHAT};
use super::parts;
use crate::config;
use crate::database::{self, beside};
use crate::error::{Error, Result};
use crate::history::migrate::{self, LATEST, WORDS};
use crate::problem::Problem;
use crate::text::Position;

/// How long another editor may take to open it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Tells our files from those of others: "psth".
const APPLICATION: i64 = 0x7073_7468;

/// Tells the time that goes into names.
pub(super) type Now = fn() -> Zoned;

/// Opens the file once, and makes it where there is none.
///
/// One that is damaged is moved aside and a fresh one begun: what comes back says so. One that is not
/// ours or of a newer version is left alone.
///
/// # Errors
/// `unavailable` when there is no file to be had.
pub(super) fn prepare(path: &Path, now: Now) -> Result<Option<Problem>> {
    database::ensure_version()?;
    if let Some(folder) = path.parent() {
        config::ensure_folder(folder)?;
    }
    let unreachable = |e| database::unreachable_file(WHAT, path, e);
    let _lock = database::lock(path, PATIENCE).map_err(unreachable)?;
    let fault = match try_prepare(path, now) {
        Ok(()) => return Ok(None),
        Err(fault) => fault,
    };
    let Some(damage) = fault.damage() else {
        return Err(fault.into_error(path, "open"));
    };
    let aside = free_name(path, "damaged", now())?;
    database::move_aside(path, &aside).map_err(unreachable)?;
    try_prepare(path, now).map_err(|fault| fault.into_error(path, "open"))?;
    let message = format!(
        "{WHAT} was damaged ({damage}) and is made anew; moved to {}",
        aside.display()
    );
    Ok(Some(Problem::warning(path, Position::START, message)))
}

/// A name for a file beside the database that is not taken: `history.db.KIND-TIME`.
pub(super) fn free_name(path: &Path, kind: &str, now: Zoned) -> Result<PathBuf> {
    let now = now.strftime("%Y-%m-%d_%H-%M-%S");
    let first = beside(path, &format!(".{kind}-{now}"));
    let others = (2_u32..1000).map(|n| beside(path, &format!(".{kind}-{now}-{n}")));
    let free = |name: &PathBuf| name.symlink_metadata().is_err();
    std::iter::once(first)
        .chain(others)
        .find(free)
        .ok_or_else(|| Error::internal("no free name for an old history index"))
}

/// Makes an empty index where there is no file.
pub(super) fn create(path: &Path) -> Done<()> {
    create_file(path)?;
    let mut connection = database::connect(path)?;
    connection.pragma_update(None, "application_id", APPLICATION)?;
    migrate::up(&mut connection)?;
    Ok(())
}

fn create_file(path: &Path) -> Done<()> {
    database::create_private(path)
        .map_err(|e| Fault::Said(database::unreachable_file(WHAT, path, e)))
}

fn try_prepare(path: &Path, now: Now) -> Done<()> {
    create_file(path)?;
    let mut connection = database::connect(path)?;
    let version = migrate::version(&connection)?;
    if version == 0 && schema(&connection)?.is_empty() {
        connection.pragma_update(None, "application_id", APPLICATION)?;
    } else if !is_ours(&connection)? {
        let message = format!("{} is a database of something else", path.display());
        let error = Error::unavailable(message).hint("move it away, or set database_path");
        return Err(Fault::Said(error));
    }
    // We could open it for writing: it is its header that forbids it.
    if connection.is_readonly("main")? {
        return Err(Fault::Damaged("its header forbids writing".into()));
    }
    if version != LATEST && has_latest_schema(&connection)? {
        return Err(Fault::Damaged(format!(
            "its version is said to be {version}"
        )));
    }
    if version > LATEST {
        return Err(Fault::Said(newer(path, version)));
    }
    if version < LATEST {
        if version > 0 {
            back_up(&connection, path, version, now)?;
        }
        migrate::up(&mut connection)?;
        let transaction = connection.transaction()?;
        parts::cover(&transaction)?;
        transaction.commit()?;
    }
    ensure_schema(&connection)
}

fn is_ours(connection: &Connection) -> Done<bool> {
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok(id == APPLICATION)
}

fn newer(path: &Path, version: i64) -> Error {
    Error::unavailable(format!(
        "{} was written by a newer promptstack (schema {version}, this one knows {LATEST})",
        path.display()
    ))
    .hint("update promptstack, or move the file away")
}

/// Copies the database before its schema is changed.
fn back_up(connection: &Connection, path: &Path, version: i64, now: Now) -> Done<()> {
    let to = free_name(path, &format!("schema-{version}"), now())?;
    copy(connection, &to).inspect_err(|_| _ = fs::remove_file(&to))?;
    tracing::info!(version, to = %to.display(), "the history index is copied before it is changed");
    Ok(())
}

fn copy(connection: &Connection, to: &Path) -> Done<()> {
    database::create_private(to)
        .map_err(|e| Fault::Said(database::unreachable_file("the copy", to, e)))?;
    let name = to.to_str().ok_or_else(|| {
        Fault::Said(Error::unavailable(format!(
            "{} is no name that SQLite can write to",
            to.display()
        )))
    })?;
    connection.execute("VACUUM INTO ?1", [name])?;
    Ok(())
}

/// Fails unless the tables are exactly those that we made.
///
/// # Errors
/// That they are not.
pub(super) fn ensure_schema(connection: &Connection) -> Done<()> {
    if !has_latest_schema(connection)? {
        return Err(Fault::Damaged(
            "its tables are not as they were made".into(),
        ));
    }
    let mut words: BTreeMap<String, Option<String>> = schema(connection)?;
    words.retain(|name, _| name.starts_with(WORDS));
    let mut expected = BTreeMap::new();
    for part in parts::all(connection)? {
        expected.extend(parts::schema(part.number));
    }
    // What SQLite makes of a table of words is its business, that it is there is ours.
    let complete = words.keys().eq(expected.keys())
        && expected.iter().all(|(name, sql)| {
            let found = words.get(name).and_then(Option::as_ref);
            sql.as_ref().is_none_or(|sql| found == Some(sql))
        });
    match complete {
        true => Ok(()),
        false => Err(Fault::Damaged(
            "its tables of words are not as they were made".into(),
        )),
    }
}

fn has_latest_schema(connection: &Connection) -> Done<bool> {
    static LATEST_SCHEMA: OnceLock<BTreeMap<String, Option<String>>> = OnceLock::new();
    let mut found = schema(connection)?;
    found.retain(|name, _| !name.starts_with(WORDS));
    if let Some(expected) = LATEST_SCHEMA.get() {
        return Ok(found == *expected);
    }
    let mut fresh = Connection::open_in_memory()?;
    migrate::up(&mut fresh)?;
    let expected = schema(&fresh)?;
    Ok(found == *LATEST_SCHEMA.get_or_init(|| expected))
}

/// What the database holds, by name, as it was made.
fn schema(connection: &Connection) -> Done<BTreeMap<String, Option<String>>> {
    let mut tables = connection.prepare("SELECT name, sql FROM sqlite_schema")?;
    let tables = tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(tables.collect::<rusqlite::Result<_>>()?)
}
