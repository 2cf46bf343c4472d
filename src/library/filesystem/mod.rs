//! A folder of prompt files as a source.
//!
//! Reading order: `walk` finds the files with several threads (`queue`), `file` takes one from
//! `index` or through `read`, `watch` notices changes.
//!
//! Links to folders are followed, each folder once, under its own name where it has one in the
//! library. Entries with a leading dot and `README.md` are no prompts.

mod file;
mod index;
mod queue;
mod read;
mod walk;
mod watch;

#[cfg(test)]
mod tests;

use std::ffi::CString;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use rustix::fs::CWD;

use self::file::Name;
use self::index::Index;
use self::read::Trouble;
use self::walk::{Found, Scan};
use self::watch::{Wanted, Watching};
use crate::error::{Error, Result};
use crate::library::document::Strictness;
use crate::library::prompt::{Prompt, PromptId};
use crate::library::source::{Loaded, OnChange, PromptSource, Watch};
use crate::problem::Problem;
use crate::text::Position;

/// A folder of prompt files.
pub struct FilesystemSource(Arc<Folder>);

struct Folder {
    name: String,
    root: PathBuf,
    strictness: Strictness,
    max_file_size: u64,
    index_file: Option<PathBuf>,
    watches: Mutex<Watches>,
}

#[derive(Default)]
struct Watches {
    /// What the last load would have watched.
    wanted: Option<Wanted>,
    running: Vec<Weak<Watching>>,
}

impl FilesystemSource {
    /// Makes a source of the files under `root`, which need not exist. `max_file_size` is in
    /// bytes; `index_file` remembers what was read, so that a later load reads only what changed.
    pub fn new(
        name: impl Into<String>,
        root: impl Into<PathBuf>,
        strictness: Strictness,
        max_file_size: u64,
        index_file: Option<PathBuf>,
    ) -> Self {
        Self(Arc::new(Folder {
            name: name.into(),
            root: root.into(),
            strictness,
            max_file_size,
            index_file,
            watches: Mutex::default(),
        }))
    }
}

#[async_trait]
impl PromptSource for FilesystemSource {
    fn name(&self) -> &str {
        &self.0.name
    }

    async fn load(&self) -> Loaded {
        let folder = self.0.clone();
        let root = self.0.root.clone();
        tokio::task::spawn_blocking(move || folder.load())
            .await
            .unwrap_or_else(|error| {
                tracing::error!(%error, "reading a prompt folder failed");
                let message = "reading this folder failed inside promptstack, see its log";
                let problem = Problem::error(root, Position::START, message);
                Loaded {
                    prompts: Vec::new(),
                    problems: vec![problem],
                }
            })
    }

    async fn get(&self, id: &PromptId) -> Result<Prompt> {
        let folder = self.0.clone();
        let id = id.clone();
        tokio::task::spawn_blocking(move || folder.get(id))
            .await
            .map_err(|error| Error::internal("reading a prompt failed").because(error))?
    }

    fn watch(&self, on_change: OnChange) -> Result<Watch> {
        let watching = Watching::start(on_change)?;
        let mut watches = self.0.watches();
        let wanted = watches.wanted.clone().unwrap_or_else(|| {
            let root = Some(&self.0.root).filter(|root| root.is_dir());
            let folders = root.and_then(|root| root.canonicalize().ok());
            Wanted::new(&self.0.root, folders.into_iter().collect(), Vec::new())
        });
        if let Err(error) = watching.sync(wanted) {
            // The rest is watched. The load that this brings about tries again, and tells people.
            tracing::warn!(%error, source = %self.0.name, "a part of the library is not watched");
            watching.announce();
        }
        watches.running.push(Arc::downgrade(&watching));
        Ok(Watch::new(watching))
    }
}

impl Folder {
    fn load(&self) -> Loaded {
        let started = nanos_now();
        let bytes = self
            .index_file
            .as_deref()
            .and_then(read_index)
            .unwrap_or_default();
        let index = Index::parse(&bytes, &self.root, self.strictness).unwrap_or_default();
        let scan = Scan {
            source: &self.name,
            root: &self.root,
            strictness: self.strictness,
            max_file_size: self.max_file_size,
            index,
        };
        let Found {
            batches,
            mut problems,
            folders,
            others,
            read,
            exists,
        } = scan.run();
        let count = batches.iter().map(Vec::len).sum();
        let changed = read > 0 || count != scan.index.len();
        if let Some(file) = self.index_file.as_deref().filter(|_| changed)
            && let Err(error) = index::write(file, &self.root, self.strictness, started, &batches)
        {
            tracing::warn!(%error, source = %self.name, "the index of the library was not written");
        }
        tracing::debug!(source = %self.name, prompts = count, read, exists, "folder read");
        let mut prompts = Vec::with_capacity(count);
        prompts.extend(batches.into_iter().flatten().map(|(info, _)| info));
        problems.extend(self.sync_watches(folders, others));
        Loaded { prompts, problems }
    }

    fn sync_watches(&self, folders: Vec<PathBuf>, others: Vec<PathBuf>) -> Option<Problem> {
        let wanted = Wanted::new(&self.root, folders, others);
        let mut watches = self.watches();
        watches
            .running
            .retain(|watching| watching.strong_count() > 0);
        let mut problem = None;
        for watching in watches.running.iter().filter_map(Weak::upgrade) {
            if let Err(error) = watching.sync(wanted.clone()) {
                let hint = error.hint_text().unwrap_or_default().to_owned();
                let found = Problem::warning(&self.root, Position::START, error.message());
                problem = Some(found.hint(hint));
            }
        }
        watches.wanted = Some(wanted);
        problem
    }

    fn get(&self, id: PromptId) -> Result<Prompt> {
        let path = self.path_of(&id)?;
        let name = CString::new(path.as_os_str().as_encoded_bytes())
            .map_err(|_| Error::invalid("a prompt's name has no NUL in it"))?;
        let mut buffer = Vec::new();
        let prompt = read::read(CWD, &name, self.max_file_size, &mut buffer)
            .and_then(|(length, stamp)| {
                let category = id.0.rsplit_once('/').map_or("", |(folder, _)| folder);
                let name = Name {
                    id: id.clone(),
                    category,
                    source: &self.name,
                    path: &path,
                };
                file::examine(
                    name,
                    &buffer[..length],
                    stamp,
                    self.strictness,
                    |extra, body, line| (extra, body.to_owned(), line),
                )
            })
            .map_err(|trouble| match trouble {
                Trouble::Vanished => missing(&id),
                trouble => {
                    let problem = trouble.problem(&path);
                    let error =
                        Error::unavailable(format!("{}: {}", path.display(), problem.message));
                    match problem.hint {
                        Some(hint) => error.hint(hint),
                        None => error,
                    }
                }
            })?;
        let (info, (extra, body, body_line)) = prompt;
        Ok(Prompt {
            info,
            extra,
            body,
            body_line,
        })
    }

    /// The file of an id: below the root, not hidden, of whichever extension there is.
    fn path_of(&self, id: &PromptId) -> Result<PathBuf> {
        let plain = Path::new(id.as_str()).components().all(|part| match part {
            Component::Normal(name) => !name.as_encoded_bytes().starts_with(b"."),
            _ => false,
        });
        let extensions = ["md", "markdown"]
            .into_iter()
            .map(|extension| format!("{id}.{extension}"));
        extensions
            .filter(|file| {
                let name = file.rsplit('/').next().unwrap_or(file);
                plain && walk::is_prompt(name.as_bytes())
            })
            .map(|file| self.root.join(file))
            .find(|path| path.symlink_metadata().is_ok())
            .ok_or_else(|| missing(id))
    }

    fn watches(&self) -> std::sync::MutexGuard<'_, Watches> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn missing(id: &PromptId) -> Error {
    Error::not_found(format!("there is no prompt '{id}'"))
}

/// The bytes of an index, if it is a file at all.
fn read_index(file: &Path) -> Option<Vec<u8>> {
    let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
    is_file.then(|| std::fs::read(file).ok()).flatten()
}

fn nanos_now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
