//! How often and when prompts were used, and the last values given to placeholders.
//!
//! Kept in one SQLite file that several editors write at once. Everything here blocks: call it on
//! a blocking thread. What is lost with the file is convenience, so a damaged one is moved aside and
//! a fresh one begun.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::database::{self, beside, create_private, is_damage};
use crate::error::{Error, Result};
use crate::library::prompt::PromptId;
use crate::problem::Problem;
use crate::text::Position;

/// Values over this many bytes are not remembered.
pub const MAX_VALUE_BYTES: usize = 4096;
/// How many values are remembered for a placeholder.
pub const RECENT_VALUES: usize = 5;

/// How long another editor may take to open the file.
const PATIENCE: Duration = Duration::from_secs(1);
/// What it is, for messages.
const WHAT: &str = "the use counts";
/// Each step brings the schema one version further; `user_version` counts the steps taken.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE uses (
        id TEXT PRIMARY KEY, count INTEGER NOT NULL, last_used INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE recent_values (
        name TEXT NOT NULL, value TEXT NOT NULL, turn INTEGER NOT NULL, PRIMARY KEY (name, value)
    ) WITHOUT ROWID;
"];

/// How much a prompt was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// How many times.
    pub count: u32,
    /// When last, in seconds since 1970.
    pub last_used: u64,
}

impl Usage {
    /// The greatest [`Usage::boost`].
    pub const MAX_BOOST: u32 = 1000;

    /// What the use is worth in ranking, 0 to 1000: the logarithm of the count, halved for every 30
    /// days since the last use, to a quarter at the least.
    ///
    /// Bounded, because raw counts drown relevance. `now` is in seconds since 1970.
    pub fn boost(&self, now: u64) -> u32 {
        let days = now.saturating_sub(self.last_used) as f64 / 86_400.0;
        let recency = 0.5_f64.powf(days / 30.0).max(0.25);
        let worth = 100.0 * (1.0 + f64::from(self.count)).log2() * recency;
        (worth as u32).min(Self::MAX_BOOST)
    }
}

/// The open file.
#[derive(Debug)]
pub struct UsageStore {
    path: PathBuf,
    notice: Option<Problem>,
    connection: Mutex<Connection>,
}

/// Why a file could not be opened, while it may still be mended.
enum Refused {
    Damaged,
    Other(Error),
}

impl UsageStore {
    /// Opens the file, or makes it, readable by its owner only.
    ///
    /// A damaged file is moved aside, see [`UsageStore::notice`].
    ///
    /// # Errors
    /// `unavailable` when the file can't be opened or written, or is a newer version's.
    pub fn open(path: impl Into<PathBuf>) -> Result<UsageStore> {
        let path = path.into();
        database::ensure_version()?;
        let _lock = database::lock(&path, PATIENCE).map_err(|e| unreachable_file(&path, e))?;
        let (connection, notice) = match connect(&path) {
            Ok(connection) => (connection, None),
            Err(Refused::Other(error)) => return Err(error),
            Err(Refused::Damaged) => replace_damaged(&path)?,
        };
        Ok(UsageStore {
            path,
            notice,
            connection: Mutex::new(connection),
        })
    }

    /// What has to be told about opening: that a damaged file was moved aside, and where to.
    pub fn notice(&self) -> Option<&Problem> {
        self.notice.as_ref()
    }

    /// Counts one use of a prompt.
    ///
    /// # Errors
    /// `unavailable` when it can't be written.
    pub fn record(&self, id: &PromptId, at: SystemTime) -> Result<()> {
        let at = at
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO uses (id, count, last_used) VALUES (?1, 1, ?2)
                     ON CONFLICT (id) DO UPDATE
                     SET count = count + 1, last_used = max(last_used, excluded.last_used)",
                )?
                .execute(params![id.as_str(), i64::try_from(at).unwrap_or(i64::MAX)])
                .map(drop)
        })
    }

    /// Reads the use of every prompt that was ever used.
    ///
    /// # Errors
    /// `unavailable` when it can't be read.
    pub fn all(&self) -> Result<HashMap<PromptId, Usage>> {
        self.read(|connection| {
            let mut rows = connection.prepare_cached("SELECT id, count, last_used FROM uses")?;
            let rows = rows.query_map([], |row| {
                let (count, last_used): (i64, i64) = (row.get(1)?, row.get(2)?);
                let count = u32::try_from(count.max(0)).unwrap_or(u32::MAX);
                let usage = Usage {
                    count,
                    last_used: last_used.max(0).unsigned_abs(),
                };
                Ok((PromptId(row.get(0)?), usage))
            })?;
            rows.collect()
        })
    }

    /// Remembers a value given to a placeholder, `text:goal`, as the newest of at most
    /// [`RECENT_VALUES`] different ones.
    ///
    /// An empty value and one over [`MAX_VALUE_BYTES`] are not kept.
    ///
    /// # Errors
    /// `unavailable` when it can't be written.
    pub fn remember_value(&self, kind_and_name: &str, value: &str) -> Result<()> {
        if value.is_empty() || value.len() > MAX_VALUE_BYTES {
            return Ok(());
        }
        self.write(|transaction| {
            // A turn, not a time: two values within one tick of the clock still have an order.
            transaction.execute(
                "INSERT INTO recent_values (name, value, turn) VALUES (
                     ?1, ?2, (SELECT coalesce(max(turn), 0) + 1 FROM recent_values WHERE name = ?1))
                 ON CONFLICT (name, value) DO UPDATE SET turn = excluded.turn",
                [kind_and_name, value],
            )?;
            transaction.execute(
                "DELETE FROM recent_values WHERE name = ?1 AND turn NOT IN (
                     SELECT turn FROM recent_values WHERE name = ?1 ORDER BY turn DESC LIMIT ?2)",
                params![kind_and_name, RECENT_VALUES as i64],
            )?;
            Ok(())
        })
    }

    /// The values remembered for a placeholder, newest first.
    ///
    /// # Errors
    /// `unavailable` when they can't be read.
    pub fn recent_values(&self, kind_and_name: &str) -> Result<Vec<String>> {
        self.read(|connection| {
            let mut rows = connection.prepare_cached(
                "SELECT value FROM recent_values WHERE name = ?1 ORDER BY turn DESC",
            )?;
            let values = rows.query_map([kind_and_name], |row| row.get(0))?;
            values.collect()
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves no half-done work: the transaction was rolled back by its drop.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.connection()).map_err(|e| failed(&self.path, "read", e))
    }

    fn write(&self, work: impl FnOnce(&Transaction) -> rusqlite::Result<()>) -> Result<()> {
        let mut connection = self.connection();
        // Immediate: a transaction that begins by reading can't become a writer while another one
        // writes, however long it waits.
        let done = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                work(&transaction)?;
                transaction.commit()
            });
        done.map_err(|e| failed(&self.path, "write", e))
    }
}

/// Opens and migrates the file as it is.
fn connect(path: &Path) -> Result<Connection, Refused> {
    create_private(path).map_err(|e| Refused::Other(unreachable_file(path, e)))?;
    prepare(path).map_err(|e| match e {
        Prepare::Sqlite(e) if is_damage(&e) => Refused::Damaged,
        Prepare::Sqlite(e) => Refused::Other(failed(path, "open", e)),
        Prepare::Damaged => Refused::Damaged,
        Prepare::Newer(version) => Refused::Other(
            Error::unavailable(format!(
                "{} was written by a newer promptstack (schema {version}, this one knows {})",
                path.display(),
                MIGRATIONS.len()
            ))
            .hint("update promptstack, or move the file away"),
        ),
    })
}

/// Why preparing a connection failed.
enum Prepare {
    Sqlite(rusqlite::Error),
    Damaged,
    Newer(i64),
}

impl From<rusqlite::Error> for Prepare {
    fn from(e: rusqlite::Error) -> Self {
        Prepare::Sqlite(e)
    }
}

fn prepare(path: &Path) -> Result<Connection, Prepare> {
    let mut connection = database::connect(path)?;
    let check: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if check != "ok" {
        return Err(Prepare::Damaged);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let Some(steps) = usize::try_from(version)
        .ok()
        .and_then(|done| MIGRATIONS.get(done..))
    else {
        return Err(Prepare::Newer(version));
    };
    for step in steps {
        transaction.execute_batch(step)?;
    }
    if !steps.is_empty() {
        transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    }
    transaction.commit()?;
    Ok(connection)
}

/// Moves a damaged file to the first free `NAME.damaged-N` and begins a fresh one.
fn replace_damaged(path: &Path) -> Result<(Connection, Option<Problem>)> {
    let free = (1_u32..)
        .map(|n| beside(path, &format!(".damaged-{n}")))
        .find(|to| !to.exists());
    let to = free.ok_or_else(|| Error::internal("no free name for a damaged file"))?;
    database::move_aside(path, &to).map_err(|e| unreachable_file(path, e))?;
    let connection = connect(path).map_err(|refused| match refused {
        Refused::Other(error) => error,
        Refused::Damaged => Error::unavailable(format!("{} can't be made anew", path.display())),
    })?;
    let message = format!(
        "the use counts were damaged and start anew; moved to {}",
        to.display()
    );
    Ok((
        connection,
        Some(Problem::warning(path, Position::START, message)),
    ))
}

fn unreachable_file(path: &Path, cause: std::io::Error) -> Error {
    database::unreachable_file(WHAT, path, cause)
}

fn failed(path: &Path, verb: &str, cause: rusqlite::Error) -> Error {
    let damaged = "restart the host: the file is moved aside and begun anew";
    database::failed(WHAT, path, verb, damaged, cause)
}

#[cfg(test)]
mod tests;
