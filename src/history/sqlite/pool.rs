//! Connections to the one file, whoever replaces it meanwhile.
//!
//! Making the index anew puts another file in its place. A connection goes on with the file that it
//! opened, so each is asked before it is used whether that is still the one of this name.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::counts::Counts;
use super::fault::{Done, Fault, WHAT};
use super::open::{self, Now};
use crate::database;
use crate::error::{Error, Result};

/// Connections that are kept open.
const KEPT: usize = 4;
/// How many files may come to stand in the place of one another while a single write begins.
const ATTEMPTS: usize = 10;
/// Statements that a connection keeps ready: a few for each part of the index.
const STATEMENTS: usize = 512;

/// Connections to one file.
pub(super) struct Pool {
    path: PathBuf,
    pub(super) now: Now,
    idle: Mutex<Vec<Open>>,
    /// The file that was opened last.
    seen: Mutex<Option<Identity>>,
    /// Held while writing: to wait here is cheaper than to wait for the file.
    writing: Mutex<()>,
    damage: Mutex<Option<String>>,
}

struct Open {
    connection: Connection,
    file: Identity,
    counts: Counts,
}

/// Device and number of a file.
type Identity = (u64, u64);

impl Pool {
    pub(super) fn new(path: PathBuf, now: Now) -> Self {
        Self {
            seen: Mutex::new(identity(&path)),
            path,
            now,
            idle: Mutex::default(),
            writing: Mutex::default(),
            damage: Mutex::default(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What was found to be wrong with the file, if anything was.
    pub(super) fn damage(&self) -> Option<String> {
        lock(&self.damage).clone()
    }

    /// Reads the file as it is at one moment.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Done<T>) -> Result<T> {
        self.read_counting(|connection, _| work(connection))
    }

    /// Reads the file as it is at one moment, where it also matters how many rows there are.
    pub(super) fn read_counting<T>(
        &self,
        work: impl FnOnce(&Connection, &mut Counts) -> Done<T>,
    ) -> Result<T> {
        let done = self.take().and_then(|open| self.read_by(open, work));
        self.said(done, "read")
    }

    /// Reads by a connection that was never used: FTS5's own check believes what a connection remembers
    /// of a table, whatever others wrote since, and takes a merge for damage.
    pub(super) fn read_afresh<T>(&self, work: impl FnOnce(&Connection) -> Done<T>) -> Result<T> {
        let done = self
            .connect()
            .and_then(|open| self.read_by(open, |connection, _| work(connection)));
        self.said(done, "read")
    }

    /// Changes the file, as a whole or not at all.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Done<T>) -> Result<T> {
        let _alone = lock(&self.writing);
        self.said(self.try_write(work), "write")
    }

    fn read_by<T>(
        &self,
        mut open: Open,
        work: impl FnOnce(&Connection, &mut Counts) -> Done<T>,
    ) -> Done<T> {
        let transaction = open.connection.transaction()?;
        let done = work(&transaction, &mut open.counts)?;
        transaction.commit()?;
        self.give_back(open);
        Ok(done)
    }

    fn try_write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Done<T>) -> Done<T> {
        for _ in 0..ATTEMPTS {
            let mut open = self.take()?;
            let transaction = open
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Whoever puts another file in its place holds the old one's lock while doing so: now
            // that we have it, a file that is in its place stays there.
            if identity(&self.path) != Some(open.file) {
                continue;
            }
            let done = work(&transaction)?;
            transaction.commit()?;
            open.counts.forget();
            self.give_back(open);
            return Ok(done);
        }
        let message = format!("{WHAT} {} is replaced all the time", self.path.display());
        Err(Fault::Said(Error::unavailable(message)))
    }

    /// Makes the next use open the file anew. Locks that a failed call left behind go with the last
    /// connection that is closed.
    pub(super) fn close(&self) {
        lock(&self.idle).clear();
    }

    /// Makes the next use open the file anew, as one that is not known to be damaged.
    pub(super) fn forget(&self) {
        self.close();
        *lock(&self.seen) = None;
        *lock(&self.damage) = None;
    }

    fn take(&self) -> Done<Open> {
        let file = identity(&self.path);
        while let Some(open) = lock(&self.idle).pop() {
            if Some(open.file) == file {
                return Ok(open);
            }
        }
        self.connect()
    }

    fn connect(&self) -> Done<Open> {
        let gone = identity(&self.path).is_none();
        if gone {
            open::prepare(&self.path, self.now)?;
        }
        let connection = database::connect(&self.path)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // The file that was opened has the name as long as nobody renamed it in between; then the
        // identity is wrong and the connection not used a second time.
        let file = identity(&self.path).unwrap_or_default();
        let before = lock(&self.seen).replace(file);
        // A new file may get the number of the old one.
        let other = before.is_some_and(|before| gone || before != file);
        if other && is_empty(&connection)? {
            let message = format!("{WHAT} {} is gone and begun anew", self.path.display());
            let error = Error::unavailable(message).hint("the next save fills it from the files");
            return Err(Fault::Said(error));
        }
        Ok(Open {
            connection,
            file,
            counts: Counts::default(),
        })
    }

    fn give_back(&self, open: Open) {
        let mut idle = lock(&self.idle);
        if idle.len() < KEPT {
            idle.push(open);
        }
    }

    fn said<T>(&self, done: Done<T>, verb: &str) -> Result<T> {
        done.map_err(|fault| {
            self.close();
            if let Some(damage) = fault.damage() {
                tracing::warn!(damage, "the history index is damaged");
                *lock(&self.damage) = Some(damage);
            }
            fault.into_error(&self.path, verb)
        })
    }
}

/// Whether nothing is in it: what stands in the place of one that was filled is no answer then.
fn is_empty(connection: &Connection) -> Done<bool> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM compositions)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

fn identity(path: &Path) -> Option<Identity> {
    let found = fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
