//! The composition root: turns a configuration into an [`App`].
//!
//! The only file that names concrete sources, caches and stores.

pub mod answering;
pub mod asking;
pub mod completing;
pub mod compositions;
pub mod counting;
mod names;
pub mod reviewing;
pub mod selecting;
pub mod titling;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use globset::GlobSet;
use jiff::Zoned;
use serde_json::Value as Json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::{OnceCell, watch};

use asking::Asking;
use counting::Counting;
use selecting::Selecting;

use crate::config::{self, Config, ProjectFile, TrustStore};
use crate::error::{Error, Result};
use crate::events::{Bus, Event, LibraryChange};
use crate::history::History;
use crate::history::archive::Opener;
use crate::history::composition::Entry;
use crate::history::desk::Desk;
use crate::history::files::Files;
use crate::history::sqlite::SqliteRepository;
use crate::library::cache::MemoryCache;
use crate::library::document::Strictness;
use crate::library::filesystem::FilesystemSource;
use crate::library::finder::Finder;
use crate::library::prompt::{Prompt, PromptId};
use crate::library::source::{PromptSource, Watch};
use crate::library::usage::UsageStore;
use crate::library::{Library, Snapshot, starter, validate};
use crate::problem::Problem;
use crate::text::Position;

/// The project's configuration file.
pub const PROJECT_FILE: &str = ".promptstack.yaml";
/// The folder of a project's prompts.
pub const PROJECT_PROMPTS: &str = ".prompts";

/// The folder of the person's own prompts, below the home folder.
const PROMPTS: &str = "prompts";

/// The database of use counts, below `data_dir`.
const USAGE: &str = "usage.db";

/// The folder of compositions, below `data_dir`.
const HISTORY: &str = ".history";

/// The index of the history, below `data_dir`.
const DATABASE: &str = "history.db";

/// What the process was started with.
#[derive(Clone)]
pub struct Boot {
    /// `$PROMPTSTACK_HOME` or `~/.promptstack`.
    pub home: PathBuf,
    /// The person's home, for `~`.
    pub user_home: Option<PathBuf>,
    /// The environment.
    pub env: fn(&str) -> Option<String>,
}

/// Everything a face needs.
pub struct App {
    /// The configuration in force.
    pub config: Config,
    /// The prompts.
    pub library: Library,
    /// Search over them.
    pub finder: Arc<Finder>,
    /// What happens.
    pub events: Arc<Bus>,
    /// Which project files are trusted.
    pub trust: TrustStore,
    /// The project's configuration file, trusted or not.
    pub project: Option<ProjectFile>,
    /// The person's home folder of promptstack.
    pub home: PathBuf,
    /// The files of the history.
    pub files: Arc<Files>,
    /// The compositions that are being written.
    pub desk: Arc<Desk>,
    /// Tokens against the model's window.
    pub counting: Counting,
    selecting: Selecting,
    asking: Asking,
    excluded: Arc<GlobSet>,
    history: OnceCell<Arc<History>>,
    /// What was saved and is not indexed yet, until the history is opened and follows it.
    saved: Mutex<Option<UnboundedReceiver<Entry>>>,
    usage: OnceLock<Arc<UsageStore>>,
    loaded: watch::Sender<bool>,
}

/// An opened app and what there is to say about it.
pub struct Opened {
    /// The app.
    pub app: App,
    /// Findings about the configuration.
    pub problems: Vec<Problem>,
    /// What was done that the person should know, a line each.
    pub notices: Vec<String>,
}

impl App {
    /// Opens the app for a working directory; nothing of the library is read yet.
    ///
    /// `setup` is what the editor's configuration says, null without one. Whatever is wrong is
    /// among the findings: the app opens all the same.
    pub fn open(boot: &Boot, cwd: &Path, setup: Json) -> Opened {
        let mut notices = Vec::new();
        let mut problems = Vec::new();
        if let Err(error) = config::ensure_home(&boot.home) {
            problems.push(finding(&boot.home, &error));
        }
        let trust = TrustStore::new(&boot.home);
        let project_root = find_project(cwd, boot.user_home.as_deref());
        let project = read_project(&project_root, &mut problems);
        let trusted = project
            .clone()
            .filter(|file| trust.is_trusted(&file.path, &file.text, &mut problems));
        if let (Some(file), None) = (&project, &trusted) {
            notices.push(format!(
                "{} has no effect until you trust it (:Prompt trust in Neovim shows it)",
                file.path.display()
            ));
        }
        let loaded = config::load(config::Inputs {
            home: &boot.home,
            user_home: boot.user_home.as_deref(),
            env: &boot.env,
            project: trusted,
            setup,
        });
        problems.extend(loaded.problems);
        notices.extend(loaded.notices);
        let config = loaded.config;
        let own = boot.home.join(PROMPTS);
        if (boot.env)("PROMPTSTACK_NO_STARTER").is_none() {
            // Beside the prompts and not in `data_dir`, which one face may have set and another not:
            // with another record what was deleted would come back.
            let record = boot.home.join("starter.json");
            match starter::install(&own, &record) {
                Ok(installed) => {
                    problems.extend(installed.problems);
                    if !installed.added.is_empty() {
                        let count = installed.added.len();
                        notices.push(format!(
                            "{count} starter prompts are now in {}",
                            own.display()
                        ));
                    }
                }
                Err(error) => problems.push(finding(&own, &error)),
            }
        }
        let sources = sources(&config, &own, &project_root);
        let (excluded, wrong) =
            compositions::excluded(&config.history.exclude, &boot.home.join("config.yaml"));
        problems.extend(wrong);
        problems.extend(names::check(&config, &boot.home.join("config.yaml")));
        let clock = Box::new(Zoned::now);
        let files = Arc::new(Files::new(config.data_dir.join(HISTORY), clock));
        let events = Arc::new(Bus::default());
        let (announced, folder) = (events.clone(), files.folder().to_owned());
        let (saving, saved) = unbounded_channel();
        let desk = Desk::new(files.clone(), move |entry| {
            announced.publish(Event::CompositionSaved {
                id: entry.composition.meta.id.to_string(),
                path: folder.join(&entry.file),
                sequence: entry.composition.meta.sequence,
            });
            // Without a reader there is no index to be kept.
            let _ = saving.send(entry.clone());
        });
        let app = App {
            library: Library::new(sources, Arc::new(MemoryCache::default())),
            finder: Arc::default(),
            events,
            files,
            desk: Arc::new(desk),
            counting: Counting::new(&config),
            selecting: Selecting::default(),
            asking: Asking::new(&config, boot.env),
            excluded,
            history: OnceCell::new(),
            saved: Mutex::new(Some(saved)),
            trust,
            project,
            home: boot.home.clone(),
            usage: OnceLock::new(),
            loaded: watch::Sender::new(false),
            config,
        };
        Opened {
            app,
            problems,
            notices,
        }
    }

    /// Reads the library again and announces what differs.
    pub async fn refresh(&self) {
        let change = self.library.refresh().await;
        let first = !self.loaded.send_replace(true);
        if !first && change.is_empty() {
            return;
        }
        let snapshot = self.library.snapshot();
        let (finder, prompts) = (self.finder.clone(), snapshot.clone());
        // The next letter typed in a picker should not have to wait for it.
        let _ = tokio::task::spawn_blocking(move || finder.prepare(&prompts)).await;
        let report = validate::library(&snapshot);
        tracing::info!(
            prompts = report.prompts,
            errors = report.errors,
            "library read"
        );
        let names = |ids: Vec<PromptId>| ids.into_iter().map(|id| id.0).collect();
        self.events.publish(Event::LibraryChanged(LibraryChange {
            added: names(change.added),
            changed: names(change.changed),
            removed: names(change.removed),
            total: report.prompts,
            errors: report.files_with_errors,
            warnings: report.files_with_warnings,
            first,
        }));
    }

    /// Whether the library has been read once.
    pub fn is_loaded(&self) -> bool {
        *self.loaded.borrow()
    }

    /// Waits until the library has been read once, and gives it as it stands.
    pub async fn snapshot(&self) -> Arc<Snapshot> {
        // The sender lives in this very struct, so the wait can't fail.
        let _ = self.loaded.subscribe().wait_for(|loaded| *loaded).await;
        self.library.snapshot()
    }

    /// A prompt that may be used: one with an error is refused with the error's place.
    ///
    /// # Errors
    /// `not_found`, or `invalid_input` for a prompt with an error.
    pub async fn usable(&self, id: &PromptId) -> Result<Arc<Prompt>> {
        self.snapshot().await;
        let prompt = self.library.get(id).await?;
        match prompt.info.error() {
            None => Ok(prompt),
            Some(problem) => {
                let place = format!(
                    "{}:{}:{}",
                    problem.path.display(),
                    problem.line,
                    problem.column
                );
                let error = Error::invalid(format!("{place}: {}", problem.message));
                Err(match &problem.hint {
                    Some(hint) => error.hint(hint),
                    None => error,
                })
            }
        }
    }

    /// The history; the first call opens its index, and what is saved is indexed from then on.
    pub async fn history(&self) -> &Arc<History> {
        self.history.get_or_init(|| self.open_history()).await
    }

    async fn open_history(&self) -> Arc<History> {
        let path = self.database_path();
        let open: Opener = Arc::new(move || {
            let (index, notice) = SqliteRepository::open(&path, Zoned::now)?;
            if let Some(notice) = notice {
                tracing::warn!(%notice, "the history index was damaged");
            }
            Ok(Arc::new(index))
        });
        let history = History::open(self.files.clone(), open, self.events.clone()).await;
        let history = Arc::new(history);
        let saved = self
            .saved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(saved) = saved {
            let following = history.clone();
            tokio::spawn(async move { following.follow(saved).await });
        }
        history
    }

    /// The index goes with the other data where `data_dir` alone was set.
    fn database_path(&self) -> PathBuf {
        let configured = &self.config.database_path;
        match *configured == self.home.join("data").join(DATABASE) {
            true => self.config.data_dir.join(DATABASE),
            false => configured.clone(),
        }
    }

    /// A library of one folder beside the person's own.
    pub fn folder(&self, root: &Path) -> Library {
        let max = self.config.library.max_file_size.0;
        let source = FilesystemSource::new("folder", root, Strictness::Other, max, None);
        Library::new(vec![Arc::new(source)], Arc::new(MemoryCache::default()))
    }

    /// The folder of the person's own prompts.
    pub fn prompts_dir(&self) -> PathBuf {
        self.home.join(PROMPTS)
    }

    /// Checks one text as if it stood in the file `path`.
    pub fn check_text(&self, path: &Path, text: &str) -> validate::Report {
        let strictness = match real(path).starts_with(real(&self.prompts_dir())) {
            true => Strictness::Own,
            false => Strictness::Other,
        };
        validate::report(validate::check_text(path, text, strictness), 1)
    }

    /// Watches the library; each change is followed by `refresh` through the caller's `on_change`.
    pub fn watch(&self, on_change: impl Fn() + Send + Sync + 'static) -> Vec<Watch> {
        let (watches, errors) = self.library.watch(Arc::new(on_change));
        for error in errors {
            tracing::warn!(%error, "a source is not watched");
        }
        watches
    }

    /// The store of use counts and values; blocking, so call it from a thread that may wait.
    ///
    /// # Errors
    /// `unavailable` when the database can't be opened.
    pub fn usage(&self) -> Result<Arc<UsageStore>> {
        if let Some(store) = self.usage.get() {
            return Ok(store.clone());
        }
        let store = Arc::new(UsageStore::open(self.config.data_dir.join(USAGE))?);
        Ok(self.usage.get_or_init(|| store).clone())
    }

    /// Opens the store of use counts and says what was wrong with it; blocking.
    pub fn open_usage(&self) -> Option<Problem> {
        match self.usage() {
            Ok(store) => store.notice().cloned(),
            Err(error) => Some(finding(&self.config.data_dir.join(USAGE), &error)),
        }
    }

    /// Reads the use counts, which other editors may have changed; blocking.
    ///
    /// # Errors
    /// `unavailable` when the database can't be read.
    pub fn read_uses(&self) -> Result<()> {
        self.finder.set_uses(self.usage()?.all()?);
        Ok(())
    }

    /// Counts a use; blocking.
    ///
    /// # Errors
    /// `unavailable` when the database can't be written.
    pub fn record_use(&self, id: &str) -> Result<()> {
        self.usage()?
            .record(&PromptId(id.to_owned()), SystemTime::now())?;
        self.read_uses()
    }
}

/// The person's own prompts, then the project's, then the other folders in the order configured:
/// a cloned repository can't replace a prompt that somebody knows by its name.
fn sources(config: &Config, own: &Path, project_root: &Path) -> Vec<Arc<dyn PromptSource>> {
    let project = project_root.join(PROJECT_PROMPTS);
    let mut folders = vec![("user".to_owned(), own.to_owned(), Strictness::Own)];
    folders.push(("project".to_owned(), project, Strictness::Other));
    for path in &config.library.paths {
        if folders
            .iter()
            .any(|(_, known, _)| real(known) == real(path))
        {
            continue;
        }
        let stem = path
            .file_name()
            .map_or("folder".into(), |name| name.to_string_lossy());
        let name = free_name(&stem, &folders);
        folders.push((name, path.clone(), Strictness::Other));
    }
    let index = |root: &Path| {
        let name = config::content_hash(&root.to_string_lossy());
        config
            .data_dir
            .join("index")
            .join(format!("{}.idx", &name[..16]))
    };
    let max = config.library.max_file_size.0;
    folders
        .into_iter()
        .map(|(name, root, strictness)| {
            let index = index(&root);
            Arc::new(FilesystemSource::new(
                &name,
                root,
                strictness,
                max,
                Some(index),
            )) as _
        })
        .collect()
}

fn free_name(stem: &str, taken: &[(String, PathBuf, Strictness)]) -> String {
    let free = |name: &String| !taken.iter().any(|(other, ..)| other == name);
    let numbered = (2..).map(|n| format!("{stem}-{n}"));
    std::iter::once(stem.to_owned())
        .chain(numbered)
        .find(free)
        .unwrap_or_default()
}

/// The project of a working directory: the nearest folder upwards, below the person's home, that
/// has prompts or a configuration file; else the working directory itself.
fn find_project(cwd: &Path, user_home: Option<&Path>) -> PathBuf {
    let marks = [PROJECT_PROMPTS, PROJECT_FILE];
    let mut folders = cwd.ancestors().take_while(|dir| Some(*dir) != user_home);
    let is_project = |dir: &&Path| {
        marks
            .iter()
            .any(|mark| dir.join(mark).symlink_metadata().is_ok())
    };
    folders.find(is_project).unwrap_or(cwd).to_owned()
}

/// The project's configuration file, where it has one; one that can't be read is among the findings.
fn read_project(root: &Path, problems: &mut Vec<Problem>) -> Option<ProjectFile> {
    let path = root.join(PROJECT_FILE);
    path.symlink_metadata().ok()?;
    match config::read_project_file(&path) {
        Ok(file) => Some(file),
        Err(error) => {
            problems.push(finding(&path, &error));
            None
        }
    }
}

/// The path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn finding(path: &Path, error: &Error) -> Problem {
    let problem = Problem::error(path, Position::START, error.message());
    match error.hint_text() {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// Does what may wait for a disk, or takes long, where nothing else waits for it.
async fn blocking<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(job).await;
    done.map_err(|e| Error::internal("a job stopped half-way").because(e))
}
