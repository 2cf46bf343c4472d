//! Makes the index anew from the files, beside the one that is in use, and puts it in its place.
//!
//! What is done so far outlives a killed process, not a power cut: the new file is on the disk for
//! certain only before it is put in place. The old one is kept.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::fault::{Done, Fault, WHAT};
use super::pool::Pool;
use super::{check, entries, list, open, parts, rows};
use crate::config;
use crate::database::{self, beside};
use crate::error::{Error, Kind, Result};
use crate::history::composition::{CompositionId, Entry};
use crate::history::files::{Listed, Stamp};
use crate::history::repository::{Rebuild, Rebuilt, stopped};

/// How long another editor may take to open the index.
const PATIENCE: Duration = Duration::from_secs(5);
/// Files that are handed at once from who reads them to who stores them.
const BATCH: usize = 32;
/// Bytes of words that are gathered before they are written. With FTS5's own 1 MB a text takes half as
/// long again, for what is written is soon merged; more than this leaves the processor's cache.
const GATHERED: i64 = 8 << 20;
/// Such batches that may wait.
const WAITING: usize = 16;
/// Old indexes that are kept.
const BACKUPS: usize = 2;

/// Makes the index anew.
///
/// # Errors
/// `conflict` when another editor does so, `cancelled`, `unavailable`.
pub(super) fn rebuild(pool: &Pool, work: &Rebuild) -> Result<Rebuilt> {
    let path = pool.path();
    let fresh = beside(path, ".rebuild");
    if let Some(folder) = path.parent() {
        config::ensure_folder(folder)?;
    }
    let _lock = database::lock(&fresh, Duration::ZERO).map_err(|e| match e.kind() {
        ErrorKind::WouldBlock => Error::new(
            Kind::Conflict,
            "another editor makes the history index anew",
        )
        .hint("wait until it is done")
        .because(e),
        _ => database::unreachable_file(WHAT, &fresh, e),
    })?;
    let filled = match fill(&fresh, work) {
        Err(fault) if fault.damage().is_some() => {
            // What an earlier attempt left can't be gone on with.
            let _ = fs::remove_file(marker(&fresh));
            fill(&fresh, work)
        }
        filled => filled,
    };
    let mut rebuilt = filled.map_err(|fault| fault.into_error(&fresh, "write"))?;
    let backup = put_in_place(pool, &fresh).map_err(|fault| fault.into_error(path, "replace"));
    rebuilt.backup = backup?;
    let _ = fs::remove_file(marker(&fresh));
    prune(path);
    Ok(rebuilt)
}

/// Fills the file beside the index, and sees it safe on the disk.
fn fill(fresh: &Path, work: &Rebuild) -> Done<Rebuilt> {
    let (mut connection, resumed) = begin(fresh)?;
    let kept = keep(&mut connection, &work.files)?;
    let todo = work
        .files
        .iter()
        .filter(|listed| !kept.contains_key(&listed.file));
    let todo: Vec<&Listed> = todo.collect();
    let mut storing = Storing {
        work,
        done: kept.len(),
        ids: kept.into_values().collect(),
        twice: Vec::new(),
        unreadable: Vec::new(),
        failed: None,
    };
    thread::scope(|scope| {
        let (sender, files) = sync_channel(WAITING);
        let todo = &todo;
        scope.spawn(move || read(work, todo, &sender));
        storing.run(&mut connection, todo.len(), &files)
    })?;
    let mut rebuilt = Rebuilt {
        unreadable: storing.unreadable,
        ..Rebuilt::default()
    };
    if work.cancel.is_cancelled() {
        return Err(Fault::Said(stopped()));
    }
    if resumed {
        check::sound(&connection)?;
    }
    let count: i64 =
        connection.query_row("SELECT count(*) FROM compositions", [], |row| row.get(0))?;
    // A history of which nothing can be read is not an empty one.
    if let (0, Some(failed)) = (count, storing.failed) {
        return Err(Fault::Said(failed));
    }
    rebuilt.count = usize::try_from(count).unwrap_or(0);
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    drop(connection);
    // Who opens it first has nothing to change then.
    drop(database::connect(fresh)?);
    let synced = File::open(fresh).and_then(|file| file.sync_all());
    synced.map_err(|e| Fault::Said(database::unreachable_file(WHAT, fresh, e)))?;
    Ok(rebuilt)
}

/// Opens the file that is to be filled: what an earlier attempt left, if it can be trusted, or a new
/// one; says which.
fn begin(fresh: &Path) -> Done<(Connection, bool)> {
    let boot = boot();
    let left = fs::read_to_string(marker(fresh))
        .ok()
        .filter(|left| *left == boot);
    if left.is_some_and(|left| !left.is_empty())
        && let Ok(connection) = database::connect(fresh).map_err(Fault::from)
        && open::ensure_schema(&connection).is_ok()
    {
        hurry(&connection)?;
        return Ok((connection, true));
    }
    let unreachable = |e| Fault::Said(database::unreachable_file(WHAT, fresh, e));
    for suffix in ["-journal", "-wal", "-shm", ""] {
        match fs::remove_file(beside(fresh, suffix)) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(unreachable(e)),
            _ => {}
        }
    }
    open::create(fresh)?;
    fs::write(marker(fresh), boot).map_err(unreachable)?;
    let connection = database::connect(fresh)?;
    hurry(&connection)?;
    Ok((connection, false))
}

/// Nobody else reads this file, and if the machine stops it is begun again: no log, no waiting for the
/// disk. A journal remains, for a process that is killed.
fn hurry(connection: &Connection) -> Done<()> {
    connection.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
    connection.query_row("PRAGMA journal_mode = TRUNCATE", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "cache_size", -64 * 1024)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// The files that are stored already and look as they did, with their compositions; whatever else is
/// there is removed.
fn keep(connection: &mut Connection, files: &[Listed]) -> Done<HashMap<String, CompositionId>> {
    let now: HashMap<&str, _> = files.iter().map(|f| (f.file.as_str(), f.stamp)).collect();
    let mut kept = HashMap::new();
    let transaction = connection.transaction()?;
    for known in list::known(&transaction)? {
        if known.stamp.is_some() && known.stamp == now.get(known.file.as_str()).copied() {
            kept.insert(known.file, known.id);
        } else {
            entries::delete(&transaction, known.id)?;
        }
    }
    transaction.commit()?;
    Ok(kept)
}

/// What was read, each file with what is in it or why that can't be had.
type Batch<'a> = Vec<(&'a Listed, Result<Entry>)>;

/// Reads files until there are no more, or nobody wants them.
fn read<'a>(work: &Rebuild, files: &[&'a Listed], sender: &SyncSender<Batch<'a>>) {
    for batch in files.chunks(BATCH) {
        let batch = batch
            .iter()
            .map(|listed| (*listed, work.store.read(&listed.file)));
        if work.cancel.is_cancelled() || sender.send(batch.collect()).is_err() {
            return;
        }
    }
}

/// What has been stored so far.
struct Storing<'a> {
    work: &'a Rebuild,
    /// Files, also those that can't be read.
    done: usize,
    ids: HashSet<CompositionId>,
    /// Compositions of an id that was stored before.
    twice: Vec<Entry>,
    unreadable: Vec<(String, String)>,
    /// Why one of them could not be read that may be a composition.
    failed: Option<Error>,
}

impl Storing<'_> {
    /// Stores `todo` files as they come, a part of the words at a time.
    fn run(
        &mut self,
        connection: &mut Connection,
        todo: usize,
        files: &Receiver<Batch<'_>>,
    ) -> Done<()> {
        // Parts of one size: a last one of few rows would be ranked by itself.
        let size = todo.div_ceil(todo.div_ceil(parts::ROWS as usize).max(1));
        let mut files = files.iter().peekable();
        while files.peek().is_some() {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let first = rows::next(&transaction)?;
            let part = parts::create(&transaction, first)?;
            parts::gather(&transaction, part, GATHERED)?;
            let mut row = first;
            while row < first + size as i64 {
                let Some(batch) = files.next() else { break };
                for (listed, entry) in batch {
                    if let Some(entry) = self.take(listed, entry) {
                        rows::insert(&transaction, row, &entry, self.trusted(listed))?;
                        parts::insert(&transaction, part, row, &entry.composition)?;
                        row += 1;
                    }
                    self.done += 1;
                }
                (self.work.progress)(self.done, self.work.files.len());
            }
            parts::gather(&transaction, part, parts::GATHERED)?;
            parts::seal(&transaction, part)?;
            transaction.commit()?;
        }
        let transaction = connection.transaction()?;
        for entry in &self.twice {
            entries::save(&transaction, entry)?;
        }
        Ok(transaction.commit()?)
    }

    /// What was read, if it is a composition that was not stored before.
    fn take(&mut self, listed: &Listed, entry: Result<Entry>) -> Option<Entry> {
        match entry {
            Ok(entry) if self.ids.insert(entry.composition.meta.id) => return Some(entry),
            Ok(entry) => self.twice.push(entry),
            // It was deleted since it was listed.
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => {
                let why = error.message().to_owned();
                self.unreadable.push((listed.file.clone(), why));
                if error.kind() == Kind::Unavailable {
                    self.failed = Some(error);
                }
            }
        }
        None
    }

    /// How a file looks, if a change would show.
    fn trusted(&self, listed: &Listed) -> Option<Stamp> {
        Some(listed.stamp).filter(|stamp| stamp.modified < self.work.settled)
    }
}

/// Puts the file in the place of the index, and gives the name under which the old one is kept.
fn put_in_place(pool: &Pool, fresh: &Path) -> Done<Option<PathBuf>> {
    let path = pool.path();
    let unreachable = |e| Fault::Said(database::unreachable_file(WHAT, path, e));
    let _lock = database::lock(path, PATIENCE).map_err(unreachable)?;
    let mut backup = None;
    if path.exists() {
        // Whoever waits to write gets its turn when the file has gone, sees that, and writes into the
        // new one. A damaged file can't be locked, nor can anybody write into it.
        let mut old = unless_damaged(database::connect(path).map_err(Fault::from))?;
        let locked = match &mut old {
            Some(old) => begin_exclusively(old)?,
            None => None,
        };
        let to = open::free_name(path, "backup", (pool.now)())?;
        let moved = database::move_aside(path, &to).and_then(|()| fs::rename(fresh, path));
        if let Err(error) = moved {
            // Whoever has it open writes into the log that was moved.
            drop(locked);
            drop(old);
            pool.close();
            let _ = database::move_back(&to, path);
            return Err(unreachable(error));
        }
        drop(locked);
        drop(old);
        pool.forget();
        tidy(&to);
        backup = Some(to);
    } else {
        fs::rename(fresh, path).map_err(unreachable)?;
    }
    if let Some(folder) = path.parent() {
        // Some file systems refuse to sync a folder; then an old name costs another rebuild.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    pool.forget();
    Ok(backup)
}

/// Removes an old index's log, if all of it is in the file.
fn tidy(backup: &Path) {
    let log = beside(backup, "-wal");
    if fs::metadata(&log).is_ok_and(|found| found.len() == 0) {
        let _ = fs::remove_file(log);
        let _ = fs::remove_file(beside(backup, "-shm"));
    }
}

fn begin_exclusively(old: &mut Connection) -> Done<Option<Transaction<'_>>> {
    // So that the copy is one file and complete; what is in use can't be shortened, and moves along.
    let _ = old.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    let begun = old.transaction_with_behavior(TransactionBehavior::Immediate);
    unless_damaged(begun.map_err(Fault::from))
}

/// Nothing where the file is to blame.
fn unless_damaged<T>(done: Done<T>) -> Done<Option<T>> {
    match done {
        Err(fault) if fault.damage().is_some() => Ok(None),
        done => done.map(Some),
    }
}

/// Removes all but the last old indexes.
fn prune(path: &Path) {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return;
    };
    let begin = format!("{}.backup-", name.to_string_lossy());
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut backups: Vec<String> = names.filter(|name| name.starts_with(&begin)).collect();
    backups.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
    backups.sort();
    for old in backups.iter().rev().skip(BACKUPS) {
        for suffix in database::SUFFIXES {
            let _ = fs::remove_file(beside(&folder.join(old), suffix));
        }
    }
}

/// The file that says since when the machine has been running: what was not yet written to the disk
/// is still there.
fn marker(fresh: &Path) -> PathBuf {
    beside(fresh, ".boot")
}

fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default()
}
