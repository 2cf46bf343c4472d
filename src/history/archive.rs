//! The history as the faces see it: the files, the index, and whether both agree.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::cleanup::{self, Chosen, What};
use super::composition::{CompositionId, Entry};
use super::files::{Deleted, Listed};
use super::index::Index;
pub use super::index::Opener;
use super::repository::{
    CompositionRepository, Known, ListQuery, Page, Progress, Rebuild, Rebuilt, SearchQuery, Stats,
    stopped,
};
use super::store::Store;
use super::sync::{self, Glance};
use crate::error::{Error, Kind, Result};
use crate::events::{Bus, Event};

/// How many saved compositions are indexed together.
const BATCH: usize = 64;

/// A file changed so short a time ago may change again and look the same, in nanoseconds.
const UNSETTLED: i64 = 2_000_000_000;

/// How the index stands to the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It was not compared with them yet.
    Unknown,
    /// It has what they have.
    Ready,
    /// It differs in about so many compositions, which is more than is repaired unasked.
    OutOfSync(usize),
    /// It is being made anew: so many of so many files.
    Rebuilding(usize, usize),
    /// There is none, or it may lack something, and why; the files answer, slowly.
    None(String),
}

impl State {
    /// What there is to say about it, if anything.
    pub fn note(&self) -> Option<String> {
        match self {
            State::Unknown | State::Ready => None,
            State::OutOfSync(n) => Some(format!(
                "history index out of sync by {n} (:Prompt rebuild makes it anew)"
            )),
            State::Rebuilding(done, total) => Some(format!("index being made: {done}/{total}")),
            State::None(why) => Some(format!("no history index: {why}")),
        }
    }
}

/// The history.
pub struct History {
    store: Arc<dyn Store>,
    index: Index,
    state: Mutex<State>,
    /// Held while the index is made anew.
    making: tokio::sync::Mutex<()>,
    /// Files that could not be read when the index was to have them.
    unread: Mutex<BTreeSet<String>>,
    /// Whether the last comparison failed.
    again: AtomicBool,
    events: Arc<Bus>,
}

impl History {
    /// A history over the index that `open` opens; over the files alone as long as it can't.
    pub async fn open(store: Arc<dyn Store>, open: Opener, events: Arc<Bus>) -> Self {
        let index = Index::new(store.clone(), open);
        // Where this fails, the index keeps why.
        let _ = index.get().await;
        Self {
            store,
            index,
            state: Mutex::new(State::Unknown),
            making: tokio::sync::Mutex::default(),
            unread: Mutex::default(),
            again: AtomicBool::new(false),
            events,
        }
    }

    /// Indexes what was saved, as it comes; what can't be indexed is made up for with the next save, a
    /// comparison or a rebuild, and until then the files answer.
    pub async fn follow(&self, mut saved: UnboundedReceiver<Entry>) {
        let mut entries = Vec::new();
        while saved.recv_many(&mut entries, BATCH).await > 0 {
            if let Err(error) = self.take(std::mem::take(&mut entries)).await {
                tracing::warn!(%error, "a composition is not indexed");
            }
        }
    }

    async fn take(&self, mut entries: Vec<Entry>) -> Result<()> {
        let behind = self.index.trouble().is_some() || self.again.load(Ordering::Relaxed);
        entries.extend(self.read_again().await?);
        let index = self.index.get().await?;
        let again = if behind { entries.clone() } else { Vec::new() };
        let mut saved = index.save(entries).await;
        if behind && saved.is_err() {
            // The first call may only have found out what became of the file meanwhile.
            saved = index.save(again).await;
        }
        saved.inspect_err(|error| self.index.suspect(error))?;
        if behind {
            self.sync().await?;
        }
        Ok(())
    }

    /// What can be read by now of what could not be.
    async fn read_again(&self) -> Result<Vec<Entry>> {
        let unread = std::mem::take(&mut *self.unread());
        if unread.is_empty() {
            return Ok(Vec::new());
        }
        let (entries, unread) = self
            .blocking(move |store| {
                let (mut entries, mut still) = (Vec::new(), BTreeSet::new());
                for file in unread {
                    match store.read(&file) {
                        Ok(entry) => entries.push(entry),
                        Err(error) if error.kind() == Kind::Unavailable => _ = still.insert(file),
                        Err(_) => {}
                    }
                }
                Ok((entries, still))
            })
            .await?;
        self.unread().extend(unread);
        Ok(entries)
    }

    /// How the index stands to the files.
    pub fn state(&self) -> State {
        let state = self.lock().clone();
        match (state, self.index.trouble()) {
            (state @ State::Rebuilding(..), _) | (state, None) => state,
            (_, Some(why)) => State::None(why),
        }
    }

    /// Lists compositions.
    ///
    /// # Errors
    /// `unavailable` when the history can't be read.
    pub async fn list(&self, query: ListQuery) -> Result<Page> {
        self.index.ask(|index| index.list(query.clone())).await
    }

    /// Finds text in compositions, best first.
    ///
    /// # Errors
    /// `unavailable` when the history can't be read.
    pub async fn search(&self, query: SearchQuery) -> Result<Page> {
        self.index.ask(|index| index.search(query.clone())).await
    }

    /// Reads a composition as its file has it.
    ///
    /// # Errors
    /// `not_found`; `unavailable` when it can't be read.
    pub async fn get(&self, id: CompositionId) -> Result<Entry> {
        let file = self.file_of(id).await?;
        self.blocking(move |store| store.read(&file)).await
    }

    /// The file of a composition. What is saved while the index is made anew is missing in the new one for a
    /// moment.
    async fn file_of(&self, id: CompositionId) -> Result<String> {
        let is_made = matches!(self.state(), State::Rebuilding(..));
        let found = match self.index.ask(|index| index.load(id)).await {
            Err(error) if is_made && error.kind() == Kind::NotFound => {
                self.index.files().load(id).await
            }
            found => found,
        };
        Ok(found?.file)
    }

    /// The history in numbers.
    ///
    /// # Errors
    /// `unavailable` when the history can't be read.
    pub async fn stats(&self) -> Result<Stats> {
        self.index.ask(|index| index.stats()).await
    }

    /// Deletes compositions for good.
    ///
    /// # Errors
    /// `not_found` for one that is not there; `unavailable` when nothing could be deleted.
    pub async fn delete(&self, ids: Vec<CompositionId>) -> Result<Deleted> {
        let mut files = Vec::with_capacity(ids.len());
        for id in ids {
            files.push((id, self.file_of(id).await?));
        }
        self.delete_files(files).await
    }

    /// Chooses what a clean-up would delete.
    ///
    /// # Errors
    /// `unavailable` when the history can't be read.
    pub async fn choose(&self, what: &What, drafts: bool, now: Timestamp) -> Result<Chosen> {
        let all = ListQuery {
            limit: usize::MAX,
            ..ListQuery::default()
        };
        let rows = self.list(all).await?.rows;
        Ok(cleanup::choose(rows, what, drafts, now))
    }

    /// Deletes what a clean-up has chosen.
    ///
    /// # Errors
    /// `unavailable` when nothing could be deleted.
    pub async fn clean_up(&self, chosen: Chosen) -> Result<Deleted> {
        let files = chosen.rows.into_iter().map(|row| (row.id, row.file));
        self.delete_files(files.collect()).await
    }

    /// Compares the index with the files: few differences are repaired, of many it is only said how
    /// many there are. An empty or damaged index is made anew.
    ///
    /// # Errors
    /// `unavailable` when the files can't be read: then nothing is known, and nothing is forgotten.
    pub async fn sync(&self) -> Result<State> {
        let compared = self.compare().await;
        self.again.store(compared.is_err(), Ordering::Relaxed);
        compared
    }

    async fn compare(&self) -> Result<State> {
        let Ok(index) = self.index.get().await else {
            return Ok(self.state());
        };
        let times = self.index.times();
        let suspect = |error: &Error| self.index.suspect(error);
        let known = sound(index.as_ref()).await.inspect_err(suspect)?;
        // Listed after that: what is saved in between is read once more, where in the other order it would
        // be taken for a composition without a file.
        let files = self.blocking(|store| store.list()).await;
        let files = files.inspect_err(|error| {
            // What is empty because it was never filled is no answer.
            if known.is_empty() {
                suspect(error);
            }
        })?;
        let agreed = self.agree(index.as_ref(), files, known).await;
        let state = agreed.inspect_err(suspect)?;
        self.index.trust(times);
        *self.lock() = state;
        Ok(self.state())
    }

    async fn agree(
        &self,
        index: &dyn CompositionRepository,
        files: Vec<Listed>,
        known: Vec<Known>,
    ) -> Result<State> {
        if known.is_empty() && !files.is_empty() {
            self.rebuild(Arc::new(|_, _| {}), CancellationToken::new())
                .await?;
            return Ok(State::Ready);
        }
        let glance = sync::glance(&files, &known);
        match glance.is_large(known.len()) {
            true => Ok(State::OutOfSync(glance.differences())),
            false => {
                self.repair(index, glance, known).await?;
                Ok(State::Ready)
            }
        }
    }

    /// Makes the index anew from the files; until that is done, it answers as before. Waits for one that
    /// is under way here.
    ///
    /// # Errors
    /// `conflict` when another editor does so, `cancelled`, `unavailable`.
    pub async fn rebuild(&self, progress: Progress, cancel: CancellationToken) -> Result<Rebuilt> {
        let index = self.index.get().await?;
        let _turn = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(stopped()),
            turn = self.making.lock() => turn,
        };
        let times = self.index.times();
        let before = self.lock().clone();
        let made = self.make_anew(index.as_ref(), progress, cancel).await;
        let made = match made {
            Ok(made) => self.catch_up(index.as_ref()).await.map(|()| made),
            Err(error) => Err(error),
        };
        *self.lock() = match &made {
            Ok(_) => State::Ready,
            Err(_) => before,
        };
        let made = made?;
        self.index.trust(times);
        self.events
            .publish(Event::HistoryRebuilt { count: made.count });
        Ok(made)
    }

    /// Takes in what was saved while the index was made anew: it went into the index that was.
    async fn catch_up(&self, index: &dyn CompositionRepository) -> Result<()> {
        let known = index.known().await?;
        let files = self.blocking(|store| store.list()).await?;
        self.repair(index, sync::glance(&files, &known), known)
            .await
    }

    async fn make_anew(
        &self,
        index: &dyn CompositionRepository,
        progress: Progress,
        cancel: CancellationToken,
    ) -> Result<Rebuilt> {
        let files = self.blocking(|store| store.list()).await?;
        let total = files.len();
        *self.lock() = State::Rebuilding(0, total);
        let (done, counted) = tokio::sync::watch::channel(0);
        let work = Rebuild {
            store: self.store.clone(),
            files,
            settled: now_ns().saturating_sub(UNSETTLED),
            progress: Arc::new(move |n, total| {
                done.send_replace(n);
                progress(n, total);
            }),
            cancel,
        };
        let making = index.rebuild(work);
        tokio::pin!(making);
        let mut counted = counted;
        loop {
            tokio::select! {
                made = &mut making => return made,
                changed = counted.changed() => match changed {
                    Ok(()) => *self.lock() = State::Rebuilding(*counted.borrow_and_update(), total),
                    Err(_) => return making.await,
                },
            }
        }
    }

    async fn repair(
        &self,
        index: &dyn CompositionRepository,
        glance: Glance,
        known: Vec<Known>,
    ) -> Result<()> {
        if glance == Glance::default() {
            return Ok(());
        }
        let unsure = glance.unsure.clone();
        let read = self
            .blocking(move |store| Ok(read_all(store, unsure)))
            .await?;
        let failed = read.iter().filter_map(|(listed, read)| {
            let error = read.as_ref().err()?;
            (error.kind() == Kind::Unavailable).then(|| listed.file.clone())
        });
        *self.unread() = failed.collect();
        let read = read.into_iter().map(|(listed, read)| {
            let why = |error: Error| error.message().to_owned();
            (listed, read.map_err(why))
        });
        let plan = sync::plan(glance, read.collect(), &known);
        for (file, why) in &plan.unreadable {
            tracing::warn!(file, why, "a composition can't be read");
        }
        let wrong = [plan.missing, plan.different].concat();
        tracing::info!(
            saved = wrong.len(),
            forgotten = plan.extra.len(),
            "the history index is repaired"
        );
        index.delete(plan.extra).await?;
        index.save(wrong).await?;
        let settled = now_ns().saturating_sub(UNSETTLED);
        let same = plan
            .same
            .into_iter()
            .filter(|listed| listed.stamp.modified < settled);
        index.confirm(same.collect()).await
    }

    async fn delete_files(&self, files: Vec<(CompositionId, String)>) -> Result<Deleted> {
        let names: Vec<String> = files.iter().map(|(_, file)| file.clone()).collect();
        let deleted = self.blocking(move |store| store.delete_all(&names)).await?;
        let gone: std::collections::HashSet<&String> = deleted.files.iter().collect();
        let ids = files.iter().filter(|(_, file)| gone.contains(file));
        let ids: Vec<CompositionId> = ids.map(|(id, _)| *id).collect();
        if let Ok(index) = self.index.get().await
            && let Err(error) = index.delete(ids).await
        {
            // They are gone all the same.
            self.index.suspect(&error);
        }
        Ok(deleted)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.store.clone();
        let done = spawn_blocking(move || work(store.as_ref())).await;
        done.map_err(|e| Error::internal("reading the history stopped half-way").because(e))?
    }

    fn unread(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an index knows; nothing, where it is damaged.
async fn sound(index: &dyn CompositionRepository) -> Result<Vec<Known>> {
    match index.check().await? {
        None => index.known().await,
        Some(damage) => {
            tracing::warn!(damage, "the history index is damaged");
            Ok(Vec::new())
        }
    }
}

/// Reads files; one that was deleted since it was listed is left out.
fn read_all(store: &dyn Store, files: Vec<Listed>) -> Vec<(Listed, Result<Entry>)> {
    let read = files.into_iter().map(|listed| {
        let entry = store.read(&listed.file);
        (listed, entry)
    });
    read.filter(|(_, entry)| !matches!(entry, Err(e) if e.kind() == Kind::NotFound))
        .collect()
}

fn now_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests;
