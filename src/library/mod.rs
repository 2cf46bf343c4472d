//! The prompt library: prompts from several sources under one roof.
//!
//! Precedence is the order of the sources. Where two hold the same id, the first keeps it and the
//! other is shown as `source:id`; nothing is hidden and nothing replaced. `source` is the contract
//! that a place of prompts fulfils; `decode`, `front_matter`, `document`, `snapshot` and `validate`
//! do no I/O.

pub mod cache;
pub mod decode;
pub mod document;
pub mod filesystem;
pub mod finder;
pub mod front_matter;
pub mod prompt;
pub mod search;
mod snapshot;
pub mod source;
pub mod starter;
pub mod usage;
pub mod validate;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use futures::future::join_all;

use self::cache::PromptCache;
use self::prompt::{Prompt, PromptId};
use self::snapshot::{State, difference, merge};
use self::source::{OnChange, PromptSource, Watch};
use crate::error::{Error, Kind, Result};

pub use self::snapshot::{Change, Snapshot};

/// Prompts from several sources.
pub struct Library {
    sources: Vec<Arc<dyn PromptSource>>,
    cache: Arc<dyn PromptCache>,
    state: RwLock<State>,
    /// How many refreshes have begun.
    begun: AtomicU64,
    refreshing: tokio::sync::Mutex<Refreshed>,
}

/// The last refresh that came to its end.
#[derive(Default)]
struct Refreshed {
    number: u64,
    change: Change,
}

impl Library {
    /// Makes a library of sources in the order of their precedence, their names all different. It
    /// is empty until [`Library::refresh`].
    pub fn new(sources: Vec<Arc<dyn PromptSource>>, cache: Arc<dyn PromptCache>) -> Self {
        Self {
            sources,
            cache,
            state: RwLock::default(),
            begun: AtomicU64::new(0),
            refreshing: tokio::sync::Mutex::default(),
        }
    }

    /// Loads all sources at once and says what is different from before.
    ///
    /// Of several calls at a time one refresh runs, and one more for all that came meanwhile:
    /// what a caller gets began after its call. Those that share a refresh share its change.
    pub async fn refresh(&self) -> Change {
        let before = self.begun.load(Ordering::SeqCst);
        let mut last = self.refreshing.lock().await;
        if last.number > before {
            return last.change.clone();
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let loaded = join_all(self.sources.iter().map(|source| source.load())).await;
        let names = self.sources.iter().map(|source| source.name());
        let (prompts, origins, problems) = merge(names.zip(loaded).collect());
        let old = self.state().snapshot;
        let change = Change {
            problems: old.problems != problems,
            ..difference(&old.prompts, &prompts)
        };
        // A source's order may change with what it holds: where from is always replaced.
        let snapshot = if change.is_empty() {
            old
        } else {
            Arc::new(Snapshot {
                prompts,
                problems,
                revision: old.revision + 1,
            })
        };
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State {
            snapshot,
            origins: origins.into(),
        };
        for id in change.changed.iter().chain(&change.removed) {
            self.cache.invalidate(id);
        }
        *last = Refreshed {
            number,
            change: change.clone(),
        };
        change
    }

    /// The library as the last refresh found it.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.state().snapshot
    }

    /// Reads a prompt with its text, from the cache where that has it as the snapshot knows it.
    ///
    /// # Errors
    /// `not_found` with the nearest ids as a hint, `unavailable` when the source can't read it.
    pub async fn get(&self, id: &PromptId) -> Result<Arc<Prompt>> {
        let State { snapshot, origins } = self.state();
        let Some(at) = snapshot.position(id) else {
            return Err(missing(&snapshot, id));
        };
        let (info, origin) = (&snapshot.prompts[at], origins[at]);
        // By version, not by invalidation alone: a reader that began before a change may store
        // the old text after it.
        if let Some(cached) = self
            .cache
            .get(id)
            .filter(|cached| cached.info.version == info.version)
        {
            return Ok(cached);
        }
        let inner = PromptId(id.as_str()[origin.prefix..].to_owned());
        let mut prompt =
            self.sources[origin.source]
                .get(&inner)
                .await
                .map_err(|error| match error.kind() {
                    Kind::NotFound => missing(&snapshot, id),
                    _ => error,
                })?;
        prompt.info.id = id.clone();
        let prompt = Arc::new(prompt);
        self.cache.set(id.clone(), prompt.clone());
        Ok(prompt)
    }

    /// Calls `on_change` when a source may hold something else, while the watches are kept. A
    /// source that can't be watched is among the errors and works all the same.
    pub fn watch(&self, on_change: OnChange) -> (Vec<Watch>, Vec<Error>) {
        let mut watches = Vec::new();
        let mut errors = Vec::new();
        for source in &self.sources {
            match source.watch(on_change.clone()) {
                Ok(watch) => watches.push(watch),
                Err(error) => errors.push(error),
            }
        }
        (watches, errors)
    }

    fn state(&self) -> State {
        self.state
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn missing(snapshot: &Snapshot, id: &PromptId) -> Error {
    let near = snapshot.nearest(id);
    let near: Vec<String> = near
        .into_iter()
        .filter(|near| *near != id)
        .map(|near| format!("'{near}'"))
        .collect();
    let error = Error::not_found(format!("there is no prompt '{id}'"));
    match near.as_slice() {
        [] => error.hint("list the prompts to see their names"),
        near => error.hint(format!("did you mean {}?", near.join(" or "))),
    }
}
