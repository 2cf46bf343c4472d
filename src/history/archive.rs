//! The history as the faces see it: the files, the index, and whether both agree.

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

    async fn take(&self, entries: Vec<Entry>) -> Result<()> {
        let behind = self.index.trouble().is_some();
        let saved = self.index.get().await?.save(entries).await;
        saved.inspect_err(|error| self.index.suspect(error))?;
        if behind {
            self.sync().await?;
        }
        Ok(())
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
        let file = self.index.ask(|index| index.load(id)).await?.file;
        self.blocking(move |store| store.read(&file)).await
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
            let file = self.index.ask(|index| index.load(id)).await?.file;
            files.push((id, file));
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
        let Ok(index) = self.index.get().await else {
            return Ok(self.state());
        };
        let times = self.index.times();
        let suspect = |error: &Error| self.index.suspect(error);
        let known = sound(index.as_ref()).await.inspect_err(suspect)?;
        // Listed after that: what is saved in between is read once more, where in the other order it would
        // be taken for a composition without a file.
        let files = self.blocking(|store| store.list()).await?;
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
            true => Ok(State::OutOfSync(glance.unsure.len() + glance.extra.len())),
            false => {
                self.repair(index, glance, known).await?;
                Ok(State::Ready)
            }
        }
    }

    /// Makes the index anew from the files; until that is done, it answers as before.
    ///
    /// # Errors
    /// `conflict` when another editor does so, `cancelled`, `unavailable`.
    pub async fn rebuild(&self, progress: Progress, cancel: CancellationToken) -> Result<Rebuilt> {
        let index = self.index.get().await?;
        let times = self.index.times();
        let before = self.lock().clone();
        let made = self.make_anew(index.as_ref(), progress, cancel).await;
        *self.lock() = match &made {
            Ok(_) => State::Ready,
            Err(_) => before,
        };
        let made = made?;
        // What was saved meanwhile went into the index that was.
        let known = index.known().await?;
        let files = self.blocking(|store| store.list()).await?;
        self.repair(index.as_ref(), sync::glance(&files, &known), known)
            .await?;
        self.index.trust(times);
        self.events
            .publish(Event::HistoryRebuilt { count: made.count });
        Ok(made)
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
        let plan = sync::plan(glance, read, &known);
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
fn read_all(store: &dyn Store, files: Vec<Listed>) -> Vec<(Listed, Result<Entry, String>)> {
    let read = files
        .into_iter()
        .filter_map(|listed| match store.read(&listed.file) {
            Ok(entry) => Some((listed, Ok(entry))),
            Err(error) if error.kind() == Kind::NotFound => None,
            Err(error) => {
                let why = error.message().to_owned();
                Some((listed, Err(why)))
            }
        });
    read.collect()
}

fn now_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use jiff::Zoned;

    use super::*;
    use crate::history::composition::{Composition, Meta};
    use crate::history::files::Files;
    use crate::history::sqlite::SqliteRepository;

    struct House {
        folder: tempfile::TempDir,
        files: Arc<Files>,
    }

    impl House {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let files = Files::new(folder.path().join(".history"), Box::new(Zoned::now));
            Self {
                folder,
                files: Arc::new(files),
            }
        }

        async fn history(&self) -> History {
            let path = self.index();
            let open: Opener = Arc::new(move || {
                let (index, _) = SqliteRepository::open(&path, Zoned::now)?;
                Ok(Arc::new(index))
            });
            History::open(self.files.clone(), open, Arc::default()).await
        }

        fn index(&self) -> PathBuf {
            self.folder.path().join("history.db")
        }

        fn write(&self, text: &str) -> Entry {
            let composition = Composition {
                meta: Meta::new(Timestamp::now(), "/project".into()),
                body: text.as_bytes().to_vec(),
            };
            let file = self.files.save(&composition, None).unwrap().file;
            self.files.read(&file).unwrap()
        }
    }

    async fn found(history: &History, text: &str) -> usize {
        let query = SearchQuery {
            text: text.to_owned(),
            limit: 1000,
            ..SearchQuery::default()
        };
        history.search(query).await.unwrap().rows.len()
    }

    #[tokio::test]
    async fn an_empty_index_is_made_from_the_files_and_differences_are_repaired() {
        let house = House::new();
        let first = house.write("apple");
        house.write("pear");
        let history = house.history().await;
        assert_eq!(history.sync().await.unwrap(), State::Ready);
        assert_eq!(
            (
                found(&history, "apple").await,
                found(&history, "pear").await
            ),
            (1, 1)
        );
        house.write("plum");
        house.files.delete(&first.file).unwrap();
        assert_eq!(history.sync().await.unwrap(), State::Ready);
        assert_eq!(
            (
                found(&history, "apple").await,
                found(&history, "plum").await
            ),
            (0, 1)
        );
    }

    #[tokio::test]
    async fn many_differences_are_offered_and_a_rebuild_keeps_the_old_index() {
        let house = House::new();
        house.write("first");
        let history = house.history().await;
        history.sync().await.unwrap();
        for n in 0..201 {
            house.write(&format!("word{n}"));
        }
        // The first one, too young to be trusted by its looks, may be among them.
        let state = history.sync().await.unwrap();
        assert!(matches!(state, State::OutOfSync(201 | 202)), "{state:?}");
        assert_eq!(found(&history, "word107").await, 0);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let heard = seen.clone();
        let progress: Progress =
            Arc::new(move |done, total| heard.lock().unwrap().push((done, total)));
        let made = history
            .rebuild(progress, CancellationToken::new())
            .await
            .unwrap();
        assert_eq!((made.count, history.state()), (202, State::Ready));
        assert!(made.backup.is_some_and(|backup| backup.exists()));
        assert_eq!(seen.lock().unwrap().last(), Some(&(202, 202)));
        assert_eq!(found(&history, "word107").await, 1);
    }

    #[tokio::test]
    async fn a_rebuild_that_is_stopped_leaves_the_index_as_it_was() {
        let house = House::new();
        house.write("first");
        let history = house.history().await;
        history.sync().await.unwrap();
        let cancel = CancellationToken::new();
        cancel.cancel();
        let stopped = history.rebuild(Arc::new(|_, _| {}), cancel).await;
        assert_eq!(stopped.unwrap_err().kind(), Kind::Cancelled);
        assert_eq!(
            (found(&history, "first").await, history.state()),
            (1, State::Ready)
        );
    }

    #[tokio::test]
    async fn an_unreadable_history_is_an_error_and_nothing_is_forgotten() {
        let house = House::new();
        house.write("kept");
        let history = house.history().await;
        history.sync().await.unwrap();
        let folder = house.files.folder().to_owned();
        std::fs::rename(&folder, folder.with_extension("away")).unwrap();
        std::fs::write(&folder, "not a folder").unwrap();
        assert_eq!(history.sync().await.unwrap_err().kind(), Kind::Unavailable);
        assert_eq!(found(&history, "kept").await, 1);
    }

    #[tokio::test]
    async fn what_is_saved_while_index_and_files_are_compared_is_not_forgotten() {
        let house = Arc::new(House::new());
        house.write("first");
        house.history().await.sync().await.unwrap();
        let during = Arc::new(During {
            files: house.files.clone(),
            saved: Mutex::new(None),
        });
        let (index, _) = SqliteRepository::open(house.index(), Zoned::now).unwrap();
        let index: Arc<dyn CompositionRepository> = Arc::new(index);
        let (writer, other) = (house.clone(), index.clone());
        let runtime = tokio::runtime::Handle::current();
        *during.saved.lock().unwrap() = Some(Box::new(move || {
            runtime
                .block_on(other.save(vec![writer.write("meanwhile")]))
                .unwrap();
        }));
        let open: Opener = Arc::new(move || Ok(index.clone()));
        let history = History::open(during, open, Arc::default()).await;
        history.sync().await.unwrap();
        assert_eq!(found(&history, "meanwhile").await, 1);
    }

    /// Files of which one is saved by somebody else when they have just been listed.
    struct During {
        files: Arc<Files>,
        saved: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    }

    impl Store for During {
        fn list(&self) -> Result<Vec<Listed>> {
            let listed = self.files.list();
            if let Some(save) = self.saved.lock().unwrap().take() {
                save();
            }
            listed
        }

        fn read(&self, file: &str) -> Result<Entry> {
            self.files.read(file)
        }

        fn delete_all(&self, files: &[String]) -> Result<Deleted> {
            self.files.delete_all(files)
        }
    }

    #[tokio::test]
    async fn what_is_saved_is_indexed_as_it_comes_and_deleted_for_good() {
        let house = House::new();
        let history = house.history().await;
        let (sender, saved) = tokio::sync::mpsc::unbounded_channel();
        let entry = house.write("fresh");
        let id = entry.composition.meta.id;
        sender.send(entry).unwrap();
        drop(sender);
        history.follow(saved).await;
        assert_eq!(history.get(id).await.unwrap().composition.body, b"fresh");
        let deleted = history.delete(vec![id]).await.unwrap();
        assert_eq!(deleted.files.len(), 1);
        assert_eq!(history.get(id).await.unwrap_err().kind(), Kind::NotFound);
        assert_eq!(house.files.list().unwrap(), []);
    }

    /// Saves and follows it, as the app does.
    async fn save(house: &House, history: &History, text: &str) {
        let (sender, saved) = tokio::sync::mpsc::unbounded_channel();
        sender.send(house.write(text)).unwrap();
        drop(sender);
        history.follow(saved).await;
    }

    #[tokio::test]
    async fn without_an_index_the_files_answer_until_the_next_save_can_open_it() {
        let house = House::new();
        house.write("first word");
        std::fs::create_dir(house.index()).unwrap();
        let history = house.history().await;
        let note = history.sync().await.unwrap().note().unwrap();
        assert!(note.starts_with("no history index: can't open"), "{note}");
        save(&house, &history, "second word").await;
        assert_eq!(found(&history, "word").await, 2);
        assert!(matches!(history.state(), State::None(_)));
        std::fs::remove_dir(house.index()).unwrap();
        save(&house, &history, "third word").await;
        assert_eq!(
            (found(&history, "word").await, history.state()),
            (3, State::Ready)
        );
    }

    #[tokio::test]
    async fn what_could_not_be_indexed_is_found_all_the_same_and_made_up_for() {
        let house = House::new();
        let history = house.history().await;
        save(&house, &history, "first word").await;
        let away = house.index().with_extension("away");
        crate::database::move_aside(&house.index(), &away).unwrap();
        std::fs::create_dir(house.index()).unwrap();
        save(&house, &history, "second word").await;
        assert_eq!(found(&history, "word").await, 2);
        let deleted = history.choose(&What::Everything, true, Timestamp::now());
        let mut chosen = deleted.await.unwrap();
        chosen.rows.retain(|row| row.preview.starts_with("first"));
        assert_eq!(history.clean_up(chosen).await.unwrap().files.len(), 1);
        std::fs::remove_dir(house.index()).unwrap();
        crate::database::move_aside(&away, &house.index()).unwrap();
        assert_eq!(history.sync().await.unwrap(), State::Ready);
        assert_eq!(
            (
                found(&history, "word").await,
                found(&history, "first").await
            ),
            (1, 0)
        );
    }
}
