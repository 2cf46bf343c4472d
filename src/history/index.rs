//! The index, and the files in its place while it can't be trusted to have everything.
//!
//! An index that can't be opened, read or written may lack something. From then on the files answer, slowly
//! and completely, until it was compared with them again. When that is done is not decided here.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::spawn_blocking;

use super::repository::CompositionRepository;
use super::scan::ScanRepository;
use super::store::Store;
use crate::error::{Error, Kind, Result};

/// Opens the index; blocking. Called again where it failed.
pub type Opener = Arc<dyn Fn() -> Result<Arc<dyn CompositionRepository>> + Send + Sync>;

/// What a repository answers, when it has.
pub(super) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// The index, open or not.
pub(super) struct Index {
    open: Opener,
    opened: tokio::sync::Mutex<Option<Arc<dyn CompositionRepository>>>,
    files: ScanRepository,
    trouble: Mutex<Trouble>,
}

#[derive(Default)]
struct Trouble {
    why: Option<String>,
    times: u64,
}

impl Index {
    pub(super) fn new(store: Arc<dyn Store>, open: Opener) -> Self {
        Self {
            open,
            opened: tokio::sync::Mutex::default(),
            files: ScanRepository::new(store),
            trouble: Mutex::default(),
        }
    }

    /// The index itself; opened now, if it was not to be had before.
    ///
    /// # Errors
    /// Those of its opening.
    pub(super) async fn get(&self) -> Result<Arc<dyn CompositionRepository>> {
        let mut opened = self.opened.lock().await;
        if let Some(index) = opened.as_ref() {
            return Ok(index.clone());
        }
        let open = self.open.clone();
        let opening = spawn_blocking(move || open()).await;
        let index = opening
            .unwrap_or_else(|e| Err(Error::internal("opening the index panicked").because(e)))
            .inspect_err(|error| self.suspect(error))?;
        *opened = Some(index.clone());
        Ok(index)
    }

    /// Asks the index, or the files while it may lack something.
    pub(super) async fn ask<T>(
        &self,
        ask: impl for<'a> Fn(&'a dyn CompositionRepository) -> Answer<'a, T>,
    ) -> Result<T> {
        if self.trouble().is_none()
            && let Ok(index) = self.get().await
        {
            let answer = ask(index.as_ref()).await;
            match answer {
                Err(error) if is_trouble(&error) => self.suspect(&error),
                answer => return answer,
            }
        }
        ask(&self.files).await
    }

    /// The files, which lack nothing and are slow.
    pub(super) fn files(&self) -> &dyn CompositionRepository {
        &self.files
    }

    /// Why it may lack something.
    pub(super) fn trouble(&self) -> Option<String> {
        self.lock().why.clone()
    }

    /// How many times there was trouble; for [`Index::trust`].
    pub(super) fn times(&self) -> u64 {
        self.lock().times
    }

    /// Lets the files answer, if that is an error after which it may lack something.
    pub(super) fn suspect(&self, error: &Error) {
        if !is_trouble(error) {
            return;
        }
        let mut trouble = self.lock();
        if trouble.why.is_none() {
            tracing::error!(%error, "the files answer in place of the history index");
        }
        trouble.why = Some(error.to_string());
        trouble.times += 1;
    }

    /// Lets it answer: it was compared with the files, and that began when there had been trouble so
    /// many times.
    pub(super) fn trust(&self, times: u64) {
        let mut trouble = self.lock();
        if trouble.times == times {
            trouble.why = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the index is to blame, and not what was asked of it.
fn is_trouble(error: &Error) -> bool {
    matches!(error.kind(), Kind::Unavailable | Kind::Internal)
}
