//! The work of a scan, shared between its threads.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rustix::fs::{Dev, DirEntry};

use super::index::Row;

/// A folder to list: its name below the root (`""` for the root), its path, and that without links.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub name: String,
    pub path: PathBuf,
    pub real: PathBuf,
}

/// An open folder, kept open while files in it are to be read.
pub(super) struct Folder<'a> {
    pub place: Place,
    pub fd: OwnedFd,
    /// Its files, sorted by name.
    pub files: Vec<DirEntry>,
    /// What the index knows of them, sorted by name.
    pub known: Vec<Row<'a>>,
}

pub(super) enum Job<'a> {
    /// A folder to list.
    Folder(Place),
    /// A link to a folder.
    Link(Place),
    /// Some files of a folder.
    Files(Arc<Folder<'a>>, Range<usize>),
}

#[derive(Default)]
struct State<'a> {
    files: Vec<(Arc<Folder<'a>>, Range<usize>)>,
    folders: Vec<Place>,
    links: BTreeSet<Place>,
    busy: usize,
    visited: HashSet<(Dev, u64)>,
}

/// Files go first, so that few folders are open at once; links go last and in their order, so that
/// a folder keeps its own name however the threads run.
#[derive(Default)]
pub(super) struct Queue<'a> {
    state: Mutex<State<'a>>,
    wake: Condvar,
}

/// Reports a job as done when dropped, even by a panic: the other threads would wait for ever.
pub(super) struct Busy<'q, 'a>(&'q Queue<'a>);

impl Drop for Busy<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.busy -= 1;
        if state.busy == 0 {
            self.0.wake.notify_all();
        }
    }
}

impl<'a> Queue<'a> {
    /// The next job; waits while others may still add some, `None` when all is done.
    pub(super) fn next(&self) -> Option<(Job<'a>, Busy<'_, 'a>)> {
        let mut state = self.state();
        loop {
            let job = if let Some((folder, some)) = state.files.pop() {
                Job::Files(folder, some)
            } else if let Some(place) = state.folders.pop() {
                Job::Folder(place)
            } else if state.busy > 0 {
                state = self
                    .wake
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            } else {
                Job::Link(state.links.pop_first()?)
            };
            state.busy += 1;
            return Some((job, Busy(self)));
        }
    }

    /// Hands out the files of a folder, `batch` at a time.
    pub(super) fn files(&self, folder: Folder<'a>, batch: usize) {
        let count = folder.files.len();
        let folder = Arc::new(folder);
        let batches = (0..count)
            .step_by(batch)
            .map(|from| from..count.min(from + batch));
        self.state()
            .files
            .extend(batches.map(|some| (folder.clone(), some)));
        self.wake.notify_all();
    }

    pub(super) fn folder(&self, place: Place) {
        self.state().folders.push(place);
        self.wake.notify_one();
    }

    pub(super) fn link(&self, place: Place) {
        self.state().links.insert(place);
    }

    /// Whether a folder is met for the first time.
    pub(super) fn visit(&self, device: Dev, inode: u64) -> bool {
        self.state().visited.insert((device, inode))
    }

    fn state(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
