//! The files below some folders, kept between searches: one begins while the walk still goes on.
//!
//! Which files there are is [`super::finder`]'s work, which of them is meant [`super::ranking`]'s.
//! Starts no thread: [`Walk::run`] and [`Catalog::find`] block, and belong on one that may.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::finder::{End, Finder, Found};
use super::ranking::Ranking;
use super::secret::is_secret;
use crate::error::{Error, Kind, Result};

/// Folders that are kept; the one that was asked for longest ago goes.
const KEPT: usize = 4;

/// Files below folders.
#[derive(Debug, Default)]
pub struct Catalog {
    folders: Mutex<Vec<Arc<Folder>>>,
    newest: AtomicU64,
}

/// A search's place in the order of arrival.
#[derive(Debug, Clone, Copy)]
pub struct Ticket(u64);

/// One folder, as far as it has been read.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    state: Mutex<State>,
    ended: Condvar,
    dropped: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    /// What is searched.
    files: Ranking,
    /// What a later walk has found so far; it takes the place of `files` at its end.
    next: Option<Ranking>,
    walking: bool,
    begun: Option<Instant>,
    limited: bool,
    failed: Option<Error>,
}

/// A reading of a folder that has not begun yet.
#[derive(Debug)]
pub struct Walk(Arc<Folder>);

/// Files that match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// How many match.
    pub matching: usize,
    /// How many there are.
    pub all: usize,
    /// Whether the folder is still being read.
    pub loading: bool,
    /// Whether there are more than are kept.
    pub limited: bool,
    /// The best of them, best first.
    pub rows: Vec<Listed>,
}

/// A file that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its path below the folder.
    pub path: String,
    /// The first bytes of the characters that matched, in order.
    pub positions: Vec<u32>,
    /// Whether it is likely to hold secrets.
    pub secret: bool,
}

impl Catalog {
    /// Takes a place in the order; from now on older searches are superseded.
    pub fn ticket(&self) -> Ticket {
        Ticket(self.newest.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// A folder, with the walk that has to be run where what is known of it is older than `age`.
    pub fn folder(&self, root: &Path, now: Instant, age: Duration) -> (Arc<Folder>, Option<Walk>) {
        let mut folders = lock(&self.folders);
        let known = folders.iter().position(|folder| folder.root == root);
        let folder = match known {
            Some(at) => folders.remove(at),
            None => Arc::new(Folder::new(root)),
        };
        folders.push(folder.clone());
        if folders.len() > KEPT {
            folders.remove(0).dropped.store(true, Ordering::Relaxed);
        }
        let walk = folder.begin(now, age).then(|| Walk(folder.clone()));
        (folder, walk)
    }

    /// Finds the best `limit` files; without a ticket, other searches are not superseded by it.
    ///
    /// Waits for the walk's end, at most for `patience`: what is small is then complete at once.
    ///
    /// # Errors
    /// `cancelled` when a newer ticket was taken; `not_found` when the folder can't be read.
    pub fn find(
        &self,
        ticket: Option<Ticket>,
        folder: &Folder,
        query: &str,
        limit: usize,
        patience: Duration,
    ) -> Result<Listing> {
        let state = folder.wait(patience);
        if ticket.is_some_and(|ticket| self.newest.load(Ordering::Relaxed) != ticket.0) {
            return Err(Error::new(Kind::Cancelled, "a newer search took over"));
        }
        if let Some(error) = &state.failed {
            return Err(Error::new(error.kind(), error.message().to_owned()));
        }
        let ranked = state.files.rank(query, limit);
        let found = state.files.found();
        let rows = ranked.rows.iter().map(|row| {
            let path = &found[row.index as usize].path;
            let within = |span: &std::ops::Range<u32>| {
                let (start, end) = (span.start as usize, span.end as usize);
                let chars = path[start..end].char_indices();
                chars.map(move |(at, _)| (start + at) as u32)
            };
            Listed {
                path: path.clone(),
                positions: row.spans.iter().flat_map(within).collect(),
                secret: is_secret(&folder.root.join(path)).is_some(),
            }
        });
        Ok(Listing {
            matching: ranked.total,
            all: found.len(),
            loading: state.walking,
            limited: state.limited,
            rows: rows.collect(),
        })
    }
}

impl Folder {
    fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            state: Mutex::default(),
            ended: Condvar::new(),
            dropped: AtomicBool::new(false),
        }
    }

    /// Whether a walk is to be run, which is then taken for begun.
    fn begin(&self, now: Instant, age: Duration) -> bool {
        let mut state = lock(&self.state);
        let fresh = state
            .begun
            .is_some_and(|begun| now.saturating_duration_since(begun) < age);
        if state.walking || (fresh && state.failed.is_none()) {
            return false;
        }
        state.walking = true;
        state.begun = Some(now);
        state.next = (!state.files.found().is_empty()).then(Ranking::default);
        true
    }

    /// The state, after the walk has had some time.
    fn wait(&self, patience: Duration) -> MutexGuard<'_, State> {
        let state = lock(&self.state);
        let waited = self
            .ended
            .wait_timeout_while(state, patience, |state| state.walking);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Walk {
    /// Reads the folder.
    pub fn run(self) {
        let folder = &self.0;
        let walked = Finder::new(&folder.root).run(|mut batch| {
            if folder.dropped.load(Ordering::Relaxed) {
                return ControlFlow::Break(());
            }
            // A link to a folder is nothing that can be linked to as a file.
            batch.retain(|found: &Found| !found.folder);
            let mut state = lock(&folder.state);
            match &mut state.next {
                Some(next) => next.extend(batch),
                None => state.files.extend(batch),
            }
            ControlFlow::Continue(())
        });
        let mut state = lock(&folder.state);
        if let Some(next) = state.next.take() {
            state.files = next;
        }
        state.limited = matches!(&walked, Ok(walked) if walked.end == End::Limit);
        state.failed = walked.err();
        state.walking = false;
        folder.ended.notify_all();
    }
}

/// Ends the walk for those who wait, also when it was never run.
impl Drop for Walk {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        if state.walking {
            state.walking = false;
            state.next = None;
            state.begun = None;
            self.0.ended.notify_all();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Disk {
        dir: tempfile::TempDir,
        catalog: Catalog,
        now: Instant,
    }

    impl Disk {
        fn new(files: &[&str]) -> Self {
            let disk = Self {
                dir: tempfile::tempdir().expect("a folder"),
                catalog: Catalog::default(),
                now: Instant::now(),
            };
            files.iter().for_each(|name| disk.write(name));
            disk
        }

        fn write(&self, name: &str) {
            let path = self.dir.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            fs::write(path, "").expect("a file");
        }

        /// The folder, read as far as it has to be.
        fn read(&self, age: Duration) -> Arc<Folder> {
            let (folder, walk) = self.catalog.folder(self.dir.path(), self.now, age);
            if let Some(walk) = walk {
                walk.run();
            }
            folder
        }

        fn find(&self, folder: &Folder, query: &str) -> Listing {
            self.catalog
                .find(None, folder, query, 10, Duration::ZERO)
                .expect("a listing")
        }

        fn paths(&self, age: Duration, query: &str) -> Vec<String> {
            let listing = self.find(&self.read(age), query);
            listing.rows.into_iter().map(|row| row.path).collect()
        }
    }

    #[test]
    fn files_are_found_with_the_letters_that_matched() {
        let disk = Disk::new(&["src/größe.rs", "src/main.rs", "id_rsa"]);
        let folder = disk.read(Duration::ZERO);
        let listing = disk.find(&folder, "größe");
        let row = &listing.rows[0];
        assert_eq!((listing.matching, listing.all), (1, 3));
        assert_eq!(row.path, "src/größe.rs");
        let letters: Vec<char> = row
            .positions
            .iter()
            .filter_map(|at| row.path[*at as usize..].chars().next())
            .collect();
        assert_eq!(letters, "größe".chars().collect::<Vec<_>>());
        let secret: Vec<bool> = disk
            .find(&folder, "")
            .rows
            .iter()
            .map(|row| row.secret)
            .collect();
        assert_eq!(secret, [true, false, false]);
    }

    #[test]
    fn a_folder_is_read_again_only_when_what_is_known_is_too_old() {
        let mut disk = Disk::new(&["a.md"]);
        let age = Duration::from_secs(3);
        assert_eq!(disk.paths(age, ""), ["a.md"]);
        disk.write("b.md");
        assert_eq!(disk.paths(age, ""), ["a.md"]);
        disk.now += age;
        assert_eq!(disk.paths(age, ""), ["a.md", "b.md"]);
        fs::remove_file(disk.dir.path().join("a.md")).expect("a file");
        assert_eq!(disk.paths(Duration::ZERO, ""), ["b.md"]);
    }

    #[test]
    fn while_it_is_read_again_what_was_known_is_still_found() {
        let disk = Disk::new(&["a.md"]);
        disk.read(Duration::ZERO);
        let (folder, walk) = disk
            .catalog
            .folder(disk.dir.path(), disk.now, Duration::ZERO);
        let listing = disk.find(&folder, "");
        assert!(listing.loading);
        assert_eq!(listing.rows.len(), 1);
        let (_, second) = disk
            .catalog
            .folder(disk.dir.path(), disk.now, Duration::ZERO);
        assert!(second.is_none(), "one walk at a time");
        drop(walk);
        assert!(
            !disk.find(&folder, "").loading,
            "a walk that never ran ended"
        );
    }

    #[test]
    fn a_newer_search_supersedes_an_older_one() {
        let disk = Disk::new(&["a.md"]);
        let folder = disk.read(Duration::ZERO);
        let (old, new) = (disk.catalog.ticket(), disk.catalog.ticket());
        let find = |ticket| {
            disk.catalog
                .find(Some(ticket), &folder, "", 10, Duration::ZERO)
        };
        assert_eq!(find(old).expect_err("superseded").kind(), Kind::Cancelled);
        assert!(find(new).is_ok());
    }

    #[test]
    fn the_folder_that_was_asked_for_longest_ago_is_forgotten() {
        let disk = Disk::new(&["0/x", "1/x", "2/x", "3/x", "4/x"]);
        let folder = |name: &str| {
            let root = disk.dir.path().join(name);
            disk.catalog.folder(&root, disk.now, Duration::MAX)
        };
        let first = folder("0").0;
        for name in ["1", "2", "0", "3", "4"] {
            folder(name);
        }
        assert!(Arc::ptr_eq(&folder("0").0, &first), "asked for again");
        let walk = folder("1").1.expect("it has to be read anew");
        walk.run();
    }

    #[test]
    fn a_folder_that_can_not_be_read_says_so_and_is_tried_again() {
        let disk = Disk::new(&[]);
        let root = disk.dir.path().join("later");
        let find = || {
            let (folder, walk) = disk.catalog.folder(&root, disk.now, Duration::MAX);
            if let Some(walk) = walk {
                walk.run();
            }
            disk.catalog.find(None, &folder, "", 10, Duration::ZERO)
        };
        assert_eq!(find().expect_err("no folder").kind(), Kind::NotFound);
        disk.write("later/a.md");
        assert_eq!(find().expect("a listing").all, 1);
    }
}
