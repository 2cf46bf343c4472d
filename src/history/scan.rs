//! Answers from the files alone, for when no index can be had.
//!
//! Each file is read once for its row and again for every search: 10,000 take a second rather than a
//! millisecond. Nothing is written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::task::spawn_blocking;

use super::composition::{CompositionId, Entry};
use super::files::{Listed, Stamp};
use super::repository::{
    CompositionRepository, Known, ListQuery, Page, Rebuild, Rebuilt, Row, SearchQuery, Stats,
};
use super::select;
use super::store::Store;
use super::words::{self, Query, snippet, text_of};
use crate::error::{Error, Kind, Result};

/// The files, read one by one.
pub struct ScanRepository {
    files: Arc<Files>,
}

struct Files {
    store: Arc<dyn Store>,
    /// What was read, by the file's name, as long as the file looks the same.
    read: Mutex<HashMap<String, Arc<Read>>>,
}

struct Read {
    stamp: Stamp,
    hash: [u8; 32],
    row: Row,
}

impl ScanRepository {
    /// Reads the files of `store` when it is asked for something.
    pub fn new(store: Arc<dyn Store>) -> Self {
        let read = Mutex::default();
        Self {
            files: Arc::new(Files { store, read }),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let files = self.files.clone();
        let done = spawn_blocking(move || work(&files)).await;
        done.map_err(|e| Error::internal("reading the history panicked").because(e))?
    }
}

#[async_trait]
impl CompositionRepository for ScanRepository {
    fn describe(&self) -> String {
        "the history's files, without an index".into()
    }

    async fn save(&self, _: Vec<Entry>) -> Result<()> {
        Ok(())
    }

    async fn load(&self, id: CompositionId) -> Result<Entry> {
        self.run(move |files| {
            let all = files.all()?;
            let found = all.iter().find(|read| read.row.id == id);
            let found = found.ok_or_else(|| not_found(id))?;
            files.store.read(&found.row.file)
        })
        .await
    }

    async fn search(&self, query: SearchQuery) -> Result<Page> {
        self.run(move |files| files.search(&query)).await
    }

    async fn list(&self, query: ListQuery) -> Result<Page> {
        self.run(move |files| {
            let all = files.all()?;
            Ok(select::list(
                all.iter().map(|read| read.row.clone()),
                &query,
            ))
        })
        .await
    }

    async fn delete(&self, _: Vec<CompositionId>) -> Result<usize> {
        Ok(0)
    }

    async fn known(&self) -> Result<Vec<Known>> {
        self.run(|files| {
            let known = |read: Arc<Read>| Known {
                id: read.row.id,
                sequence: read.row.sequence,
                file: read.row.file.clone(),
                hash: read.hash,
                stamp: Some(read.stamp),
            };
            Ok(files.all()?.into_iter().map(known).collect())
        })
        .await
    }

    async fn confirm(&self, _: Vec<Listed>) -> Result<()> {
        Ok(())
    }

    async fn stats(&self) -> Result<Stats> {
        self.run(|files| Ok(select::stats(files.all()?.iter().map(|read| &read.row))))
            .await
    }

    async fn check(&self) -> Result<Option<String>> {
        Ok(None)
    }

    async fn rebuild(&self, _: Rebuild) -> Result<Rebuilt> {
        Err(Error::unavailable(
            "there is no history index to be made anew",
        ))
    }
}

impl Files {
    /// Every composition; a file that can't be read is logged and left out.
    fn all(&self) -> Result<Vec<Arc<Read>>> {
        let listed = self.store.list()?;
        let mut unread = Unread::default();
        let before = std::mem::take(&mut *self.read.lock().unwrap_or_else(PoisonError::into_inner));
        let mut all = HashMap::with_capacity(listed.len());
        for Listed { file, stamp } in listed {
            let known = before.get(&file).filter(|read| read.stamp == stamp);
            let read = match known {
                Some(read) => read.clone(),
                None => match self.store.read(&file) {
                    Ok(entry) => Arc::new(Read {
                        stamp,
                        hash: entry.hash,
                        row: Row::of(&entry),
                    }),
                    Err(error) => {
                        unread.pass_over(&file, error);
                        continue;
                    }
                },
            };
            all.insert(file, read);
        }
        unread.unless_some(!all.is_empty())?;
        let reads = all.values().cloned().collect();
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = all;
        Ok(reads)
    }

    fn search(&self, query: &SearchQuery) -> Result<Page> {
        let asked = Query::parse(&query.text);
        let (mut found, mut read, mut unread) = (Vec::new(), 0, Unread::default());
        for Listed { file, .. } in self.store.list()? {
            let entry = match self.store.read(&file) {
                Ok(entry) => entry,
                Err(error) => {
                    unread.pass_over(&file, error);
                    continue;
                }
            };
            read += 1;
            let row = Row::of(&entry);
            if !query.filter.admits(&row) {
                continue;
            }
            let mut all = Vec::new();
            words::of_composition(&entry.composition, |word| all.push(word.to_owned()));
            found.extend(asked.score(&all).map(|score| (score, row)));
        }
        unread.unless_some(read > 0)?;
        let mut page = select::search(found, query);
        for row in page.rows.iter_mut().filter(|_| !asked.terms.is_empty()) {
            if let Ok(entry) = self.store.read(&row.file) {
                row.snippet = Some(snippet(&text_of(&entry.composition.body), &asked));
            }
        }
        Ok(page)
    }
}

/// Files that are there and could not be read.
#[derive(Default)]
struct Unread(Option<Error>);

impl Unread {
    fn pass_over(&mut self, file: &str, error: Error) {
        // One that was deleted since it was listed is nothing to speak of.
        if error.kind() != Kind::NotFound {
            tracing::warn!(file, %error, "a composition can't be read");
        }
        if error.kind() == Kind::Unavailable {
            self.0 = Some(error);
        }
    }

    /// A history of which nothing can be read is not an empty one.
    fn unless_some(self, read: bool) -> Result<()> {
        match self.0 {
            Some(error) if !read => Err(error),
            _ => Ok(()),
        }
    }
}

fn not_found(id: CompositionId) -> Error {
    Error::not_found(format!("there is no composition {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::memory::MemoryStore;
    use crate::history::repository::conformance::{entry, reads};

    #[tokio::test]
    async fn the_files_alone_answer_as_an_index_does() {
        reads(async |entries| {
            let store = MemoryStore::default();
            entries.into_iter().for_each(|entry| store.put(entry));
            Arc::new(ScanRepository::new(Arc::new(store))) as _
        })
        .await;
    }

    #[tokio::test]
    async fn what_changed_is_read_again_and_what_is_broken_is_left_out() {
        let store = Arc::new(MemoryStore::default());
        store.put(entry("a.md", 0, "first"));
        store.break_file("broken.md");
        let index = ScanRepository::new(store.clone());
        let previews = async || {
            let all = ListQuery {
                limit: 9,
                ..ListQuery::default()
            };
            let rows = index.list(all).await.unwrap().rows;
            rows.into_iter().map(|row| row.preview).collect::<Vec<_>>()
        };
        assert_eq!(previews().await, ["first"]);
        store.put(entry("a.md", 0, "second"));
        store.put(entry("broken.md", 1, "mended"));
        assert_eq!(previews().await, ["mended", "second"]);
        store.delete_all(&["a.md".into()]).unwrap();
        assert_eq!(previews().await, ["mended"]);
    }

    #[tokio::test]
    async fn a_history_of_which_nothing_can_be_read_is_not_empty() {
        let index = ScanRepository::new(Arc::new(Broken));
        let kinds = [
            index.list(ListQuery::default()).await.map(drop),
            index.search(SearchQuery::default()).await.map(drop),
            index.stats().await.map(drop),
        ];
        for answer in kinds {
            assert_eq!(answer.unwrap_err().kind(), Kind::Unavailable);
        }
    }

    /// Files on a disk that fails.
    struct Broken;

    impl Store for Broken {
        fn list(&self) -> Result<Vec<Listed>> {
            let (file, stamp) = ("a.md".to_owned(), Stamp::default());
            Ok(vec![Listed { file, stamp }])
        }

        fn read(&self, _: &str) -> Result<Entry> {
            Err(Error::unavailable("can't read it"))
        }

        fn delete_all(&self, _: &[String]) -> Result<crate::history::files::Deleted> {
            Err(Error::unavailable("can't delete it"))
        }
    }
}
