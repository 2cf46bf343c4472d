//! Notices changes in the folders that a scan visited.
//!
//! Each folder has a watch of its own: the walk decides what belongs to the library, links
//! included, and after every load the watches are made to agree with it. What is outside but
//! matters is watched too: the targets of links, there or not, folders that could not be listed, and
//! a root that does not exist yet. All by their real paths: two watches of one folder would be one
//! to the system, and its events would come under one of the two names.

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
    folders: HashSet<PathBuf>,
    /// What else matters by itself; the folder that it stands in is there.
    outside: HashSet<PathBuf>,
}

impl Wanted {
    /// After a scan: its folders by their real paths, and what else matters by any path.
    pub(super) fn new(root: &Path, folders: Vec<PathBuf>, others: Vec<PathBuf>) -> Self {
        let folders: HashSet<PathBuf> = folders.into_iter().collect();
        let mut outside = HashSet::new();
        let root = folders.is_empty().then(|| root.to_owned());
        for path in others.into_iter().chain(root) {
            add_outside(path, &mut outside);
        }
        Self { folders, outside }
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

/// Adds a path, or the highest part of it that is missing; through links that lead nowhere, each of
/// them and what the last one misses.
fn add_outside(path: PathBuf, outside: &mut HashSet<PathBuf>) {
    let mut next = Some(path);
    while let Some(path) = next.take() {
        let missing = path.ancestors().take_while(|part| !part.exists()).last();
        let missing = missing.unwrap_or(&path);
        let Some((folder, name)) = missing.parent().zip(missing.file_name()) else {
            return;
        };
        let Ok(folder) = folder.canonicalize() else {
            return;
        };
        let place = folder.join(name);
        if !place.exists()
            && let Ok(target) = place.read_link()
        {
            next = Some(folder.join(target));
        }
        // Links in a circle come by here again.
        if !outside.insert(place) {
            return;
        }
    }
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
            match watched.watch(&path) {
                Ok(()) => added = true,
                // Gone again; its parent tells, or the next load.
                Err(error) if !path.exists() => drop(error),
                Err(error) if result.is_ok() => result = Err(unavailable(error)),
                Err(_) => {}
            }
        }
        if added {
            self.announce();
        }
        result
    }

    /// Announces a change that no event told of.
    pub(super) fn announce(&self) {
        let _ = self.signals.send(Signal::Again);
    }

    /// Watches the same paths anew: a folder may have been replaced by another.
    fn renew(&self) {
        let mut watched = self.watcher();
        let paths: Vec<PathBuf> = watched.paths.iter().cloned().collect();
        for path in paths {
            watched.forget(&path);
            if let Err(error) = watched.watch(&path) {
                tracing::debug!(%error, "left for the next load to watch");
            }
        }
    }

    /// Behaves as if the system had lost events.
    #[cfg(test)]
    pub(super) fn lose(&self) {
        let event = Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
        self.signals.send(Signal::Event(event)).unwrap();
    }

    /// Whether an event matters. A watch follows the folder itself, not its name: when a folder
    /// comes, goes or is renamed, watches by its name are given up for the next load to renew.
    pub(super) fn takes(&self, event: &Event) -> bool {
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
    fn watch(&mut self, path: &Path) -> notify::Result<()> {
        if cfg!(test) && path.ends_with("unwatchable") {
            // The superuser, as whom tests may run, may watch everything.
            let refused = notify::Error::io(std::io::ErrorKind::PermissionDenied.into());
            return Err(refused.add_path(path.to_owned()));
        }
        self.watcher.watch(path, RecursiveMode::NonRecursive)?;
        self.paths.insert(path.to_owned());
        Ok(())
    }

    fn forget(&mut self, path: &Path) {
        self.paths.remove(path);
        // The system ends the watch of a removed folder by itself.
        let _ = self.watcher.unwatch(path);
    }
}

/// Calls `on_change` after each burst of changes, until the watch is dropped.
fn announce(signals: &Receiver<Signal>, watching: &Weak<Watching>, on_change: &OnChange) {
    let mut last_loss: Option<Instant> = None;
    let mut lost = false;
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
                let Some(watching) = watching.upgrade() else {
                    return;
                };
                if std::mem::take(&mut lost) {
                    watching.renew();
                }
                on_change();
            }
            Ok(Signal::Again) => due = Some(soon),
            Ok(Signal::Event(event)) if event.need_rescan() => {
                let earliest = last_loss.map_or(now, |last| last + AFTER_LOSS).max(now) + QUIET;
                last_loss = Some(earliest);
                lost = true;
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
