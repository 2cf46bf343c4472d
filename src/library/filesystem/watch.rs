//! Notices changes in the folders that a scan visited.
//!
//! Each folder has a watch of its own: the walk decides what belongs to the library, links
//! included, and after every load the watches are made to agree with it. What is outside but
//! matters is watched too: the targets of linked files, and the nearest parent of a root that
//! does not exist yet.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use notify::event::ModifyKind;
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::walk::is_prompt;
use crate::error::{Error, Result};
use crate::library::source::OnChange;

/// A change is announced when nothing has followed it for this long,
const QUIET: Duration = Duration::from_millis(100);
/// and after this long in any case.
const PATIENCE: Duration = Duration::from_millis(500);
/// The system lost events. Reading a large library can itself be the cause, so the answer, which
/// is to read it again, is given at this distance at most.
const AFTER_LOSS: Duration = Duration::from_secs(10);

/// What is to be watched.
#[derive(Debug, Default, Clone)]
pub(super) struct Wanted {
    /// Folders of the library.
    pub folders: HashSet<PathBuf>,
    /// Files elsewhere that links in the library lead to, and missing folders.
    pub outside: HashSet<PathBuf>,
}

impl Wanted {
    /// After a scan: its folders, or what the root's coming would show in.
    pub(super) fn new(root: &Path, folders: Vec<PathBuf>, targets: Vec<PathBuf>) -> Self {
        let mut wanted = Self {
            folders: folders.into_iter().collect(),
            outside: targets.into_iter().collect(),
        };
        if wanted.folders.is_empty() {
            wanted.outside.extend(first_missing(root));
        }
        wanted
    }

    fn to_watch(&self) -> HashSet<&Path> {
        let outside = self.outside.iter().filter_map(|path| path.parent());
        self.folders
            .iter()
            .map(PathBuf::as_path)
            .chain(outside)
            .collect()
    }

    /// Whether an event can mean another library than before.
    fn concerns(&self, event: &Event) -> bool {
        event.paths.iter().any(|path| {
            if self.folders.contains(path) || self.outside.contains(path) {
                return true;
            }
            let Some(name) = path.file_name().map(|name| name.as_encoded_bytes()) else {
                return false;
            };
            let inside = path
                .parent()
                .is_some_and(|folder| self.folders.contains(folder));
            // Anything that comes, goes or is renamed may be a folder or a link to one.
            let in_place = matches!(
                event.kind,
                EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_))
            );
            inside && !name.starts_with(b".") && (!in_place || is_prompt(name))
        })
    }
}

/// The highest folder on the way to `path` that does not exist.
fn first_missing(path: &Path) -> Option<PathBuf> {
    path.ancestors()
        .take_while(|folder| !folder.exists())
        .last()
        .map(Path::to_owned)
}

enum Signal {
    Event(Event),
    /// Folders came under watch after they had been read: what happened between is not known.
    Again,
}

/// A running watch.
pub(super) struct Watching {
    watcher: Mutex<Watched>,
    wanted: Mutex<Wanted>,
    signals: Sender<Signal>,
}

struct Watched {
    watcher: RecommendedWatcher,
    paths: HashSet<PathBuf>,
}

impl Watching {
    /// Starts with nothing under watch; [`Watching::sync`] adds it.
    pub(super) fn start(on_change: OnChange) -> Result<Arc<Self>> {
        let (signals, received) = mpsc::channel();
        let events = signals.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // Our own reading opens files; that must not make us read again.
            if let Ok(event) = event
                && !matches!(event.kind, EventKind::Access(_))
            {
                let _ = events.send(Signal::Event(event));
            }
        })
        .map_err(unavailable)?;
        let watching = Arc::new(Self {
            watcher: Mutex::new(Watched {
                watcher,
                paths: HashSet::new(),
            }),
            wanted: Mutex::default(),
            signals,
        });
        let weak = Arc::downgrade(&watching);
        std::thread::Builder::new()
            .name("library watch".into())
            .spawn(move || announce(&received, &weak, &on_change))
            .map_err(|error| Error::unavailable("no thread for watching files").because(error))?;
        Ok(watching)
    }

    /// Watches what is wanted and no more. Where a new watch is set, the change is announced once.
    ///
    /// # Errors
    /// The first folder that can't be watched; the others are.
    pub(super) fn sync(&self, wanted: Wanted) -> Result<()> {
        let mut watched = self.watcher();
        let paths: HashSet<PathBuf> = wanted.to_watch().into_iter().map(Path::to_owned).collect();
        *self.wanted() = wanted;
        let stale: Vec<PathBuf> = watched.paths.difference(&paths).cloned().collect();
        for path in stale {
            watched.forget(&path);
        }
        let mut result = Ok(());
        let mut added = false;
        for path in paths {
            if watched.paths.contains(&path) {
                continue;
            }
            match watched.watcher.watch(&path, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    watched.paths.insert(path);
                    added = true;
                }
                // Gone again; its parent tells, or the next load.
                Err(error) if !path.exists() => drop(error),
                Err(error) if result.is_ok() => result = Err(unavailable(error)),
                Err(_) => {}
            }
        }
        if added {
            let _ = self.signals.send(Signal::Again);
        }
        result
    }

    /// Whether an event matters. A watch follows the folder itself, not its name: when a folder
    /// comes, goes or is renamed, watches by its name are given up for the next load to renew.
    fn takes(&self, event: &Event) -> bool {
        let concerns = self.wanted().concerns(event);
        if concerns
            && !matches!(
                event.kind,
                EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_))
            )
        {
            let mut watched = self.watcher();
            let moved = |path: &&PathBuf| event.paths.iter().any(|moved| path.starts_with(moved));
            let lost: Vec<PathBuf> = watched.paths.iter().filter(moved).cloned().collect();
            for path in lost {
                watched.forget(&path);
            }
        }
        concerns
    }

    fn watcher(&self) -> MutexGuard<'_, Watched> {
        self.watcher.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    fn forget(&mut self, path: &Path) {
        self.paths.remove(path);
        // The system ends the watch of a removed folder by itself.
        let _ = self.watcher.unwatch(path);
    }
}

/// Calls `on_change` after each burst of changes, until the watch is dropped.
fn announce(signals: &Receiver<Signal>, watching: &Weak<Watching>, on_change: &OnChange) {
    let mut last_loss: Option<Instant> = None;
    let mut due: Option<(Instant, Instant)> = None;
    loop {
        let signal = match due {
            None => signals.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some((quiet, latest)) => {
                signals.recv_timeout(quiet.min(latest).saturating_duration_since(Instant::now()))
            }
        };
        let now = Instant::now();
        let soon = (
            now + QUIET,
            due.map_or(now + PATIENCE, |(_, latest)| latest),
        );
        match signal {
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                due = None;
                // Dropped while we waited: nobody wants to hear of it.
                if watching.strong_count() == 0 {
                    return;
                }
                on_change();
            }
            Ok(Signal::Again) => due = Some(soon),
            Ok(Signal::Event(event)) if event.need_rescan() => {
                let earliest = last_loss.map_or(now, |last| last + AFTER_LOSS).max(now) + QUIET;
                last_loss = Some(earliest);
                due = Some(due.map_or((earliest, earliest), |(quiet, latest)| (quiet, latest)));
            }
            Ok(Signal::Event(event)) => {
                let Some(watching) = watching.upgrade() else {
                    return;
                };
                if watching.takes(&event) {
                    due = Some(soon);
                }
            }
        }
    }
}

fn unavailable(error: notify::Error) -> Error {
    let place = error
        .paths
        .first()
        .map(|path| format!(" in {}", path.display()));
    let place = place.unwrap_or_default();
    let full = match &error.kind {
        ErrorKind::MaxFilesWatch => true,
        // EMFILE and ENOSPC: too many watchers, too many watches.
        ErrorKind::Io(io) => matches!(io.raw_os_error(), Some(24 | 28)),
        _ => false,
    };
    let hint = if full {
        "raise the limits: sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024"
    } else {
        "the library works, but shows changes only when it is read again"
    };
    Error::unavailable(format!("changes{place} can't be watched"))
        .hint(hint)
        .because(error)
}
