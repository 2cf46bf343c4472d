use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::OnceLock;

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
    assert_eq!(history.sync().await.unwrap(), State::OutOfSync(201));
    assert_eq!(found(&history, "word107").await, 0);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let heard = seen.clone();
    let progress: Progress = Arc::new(move |done, total| heard.lock().unwrap().push((done, total)));
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
async fn two_rebuilds_follow_each_other_and_one_that_waits_can_be_stopped() {
    let house = House::new();
    house.write("kept");
    let history = house.history().await;
    let progress = || -> Progress { Arc::new(|_, _| {}) };
    let stopped = CancellationToken::new();
    let (first, second, third) = tokio::join!(
        history.rebuild(progress(), CancellationToken::new()),
        history.rebuild(progress(), CancellationToken::new()),
        async {
            stopped.cancel();
            history.rebuild(progress(), stopped.clone()).await
        },
    );
    assert_eq!((first.unwrap().count, second.unwrap().count), (1, 1));
    assert_eq!(third.unwrap_err().kind(), Kind::Cancelled);
    assert_eq!(history.state(), State::Ready);
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
    let (during, index) = During::of(&house, None);
    let (writer, other) = (house.clone(), index.clone());
    let runtime = tokio::runtime::Handle::current();
    during.then(move || {
        runtime
            .block_on(other.save(vec![writer.write("meanwhile")]))
            .unwrap();
    });
    let open: Opener = Arc::new(move || Ok(index.clone()));
    let history = History::open(during, open, Arc::default()).await;
    history.sync().await.unwrap();
    assert_eq!(found(&history, "meanwhile").await, 1);
}

#[tokio::test]
async fn what_is_saved_while_the_index_is_made_anew_is_always_there() {
    let house = Arc::new(House::new());
    house.write("first");
    let (during, index) = During::of(&house, None);
    let (writer, other) = (house.clone(), index.clone());
    let open: Opener = Arc::new(move || Ok(index.clone()));
    let history = Arc::new(History::open(during.clone(), open, Arc::default()).await);
    let saved = Arc::new(OnceLock::new());
    let runtime = tokio::runtime::Handle::current();
    let (on, id) = (runtime.clone(), saved.clone());
    during.then(move || {
        let entry = writer.write("meanwhile");
        id.set(entry.composition.meta.id).unwrap();
        // The one that is in use; what is being made does not have it.
        on.block_on(other.save(vec![entry])).unwrap();
    });
    // The new one is in place by now.
    let (asked, id, found_it) = (history.clone(), saved.clone(), Arc::new(OnceLock::new()));
    let found = found_it.clone();
    during.then(move || {
        let entry = runtime.block_on(asked.get(*id.get().unwrap()));
        found
            .set(entry.map(|entry| entry.composition.body))
            .unwrap();
    });
    let progress: Progress = Arc::new(|_, _| {});
    history
        .rebuild(progress, CancellationToken::new())
        .await
        .unwrap();
    let read = found_it.get().unwrap().as_ref();
    assert_eq!(read.unwrap(), b"meanwhile");
    assert!(history.get(*saved.get().unwrap()).await.is_ok());
    let nobody = history.get(CompositionId::new()).await;
    assert_eq!(nobody.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_file_that_could_not_be_read_is_indexed_when_it_can_be() {
    let house = House::new();
    house.write("first word");
    let second = house.write("second word");
    let (store, index) = During::of(&house, Some(second.file));
    let open: Opener = Arc::new(move || Ok(index.clone()));
    let history = History::open(store.clone(), open, Arc::default()).await;
    assert_eq!(history.sync().await.unwrap(), State::Ready);
    assert_eq!(found(&history, "word").await, 1);
    save(&house, &history, "third word").await;
    assert_eq!(found(&history, "word").await, 2, "it still can't be read");
    *store.broken.lock().unwrap() = None;
    save(&house, &history, "fourth word").await;
    assert_eq!(found(&history, "word").await, 4);
}

/// Files of which one can't be read, and what somebody does when they have just been listed, once each time.
struct During {
    files: Arc<Files>,
    broken: Mutex<Option<String>>,
    listed: Mutex<VecDeque<Box<dyn FnOnce() + Send>>>,
}

impl During {
    /// The files of a house, one of them broken, and its index.
    fn of(house: &House, broken: Option<String>) -> (Arc<Self>, Arc<dyn CompositionRepository>) {
        let (index, _) = SqliteRepository::open(house.index(), Zoned::now).unwrap();
        let during = Self {
            files: house.files.clone(),
            broken: Mutex::new(broken),
            listed: Mutex::default(),
        };
        (Arc::new(during), Arc::new(index))
    }

    fn then(&self, act: impl FnOnce() + Send + 'static) {
        self.listed.lock().unwrap().push_back(Box::new(act));
    }
}

impl Store for During {
    fn list(&self) -> Result<Vec<Listed>> {
        let listed = self.files.list();
        let act = self.listed.lock().unwrap().pop_front();
        if let Some(act) = act {
            act();
        }
        listed
    }

    fn read(&self, file: &str) -> Result<Entry> {
        if self.broken.lock().unwrap().as_deref() == Some(file) {
            return Err(Error::unavailable("the disk fails"));
        }
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
