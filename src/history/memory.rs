//! An index in memory: what the others are compared with.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::composition::{CompositionId, Entry};
use super::files::{Deleted, Listed, Stamp};
use super::repository::{
    CompositionRepository, Known, ListQuery, Page, Rebuild, Rebuilt, Row, SearchQuery, Stats,
    stopped,
};
use super::select;
use super::store::Store;
use super::words::{self, Query, snippet};
use crate::error::{Error, Result};

/// Compositions that are gone with the process.
#[derive(Default)]
pub struct MemoryRepository {
    entries: Mutex<BTreeMap<CompositionId, (Entry, Option<Stamp>)>>,
}

impl MemoryRepository {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<CompositionId, (Entry, Option<Stamp>)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CompositionRepository for MemoryRepository {
    fn describe(&self) -> String {
        "the history index in memory".into()
    }

    async fn save(&self, entries: Vec<Entry>) -> Result<()> {
        let mut all = self.entries();
        for entry in entries {
            let meta = &entry.composition.meta;
            let newer = |old: &(Entry, _)| old.0.composition.meta.sequence > meta.sequence;
            if all.get(&meta.id).is_some_and(newer) {
                continue;
            }
            all.retain(|_, (old, _)| old.file != entry.file);
            all.insert(entry.composition.meta.id, (entry, None));
        }
        Ok(())
    }

    async fn load(&self, id: CompositionId) -> Result<Entry> {
        let found = self.entries().get(&id).map(|(entry, _)| entry.clone());
        found.ok_or_else(|| Error::not_found(format!("there is no composition {id}")))
    }

    async fn search(&self, query: SearchQuery) -> Result<Page> {
        let asked = Query::parse(&query.text);
        let entries = self.entries();
        let found = entries.values().filter_map(|(entry, _)| {
            let row = Row::of(entry);
            let mut all = Vec::new();
            words::of_composition(&entry.composition, |word| all.push(word.to_owned()));
            let score = asked.score(&all)?;
            query.filter.admits(&row).then_some((score, row))
        });
        let mut page = select::search(found.collect(), &query);
        for row in page.rows.iter_mut().filter(|_| !asked.terms.is_empty()) {
            let body = &entries[&row.id].0.composition.body;
            row.snippet = Some(snippet(&words::text_of(body), &asked));
        }
        Ok(page)
    }

    async fn list(&self, query: ListQuery) -> Result<Page> {
        let entries = self.entries();
        let rows = entries.values().map(|(entry, _)| Row::of(entry));
        Ok(select::list(rows, &query))
    }

    async fn delete(&self, ids: Vec<CompositionId>) -> Result<usize> {
        let mut entries = self.entries();
        let gone = ids.iter().filter(|id| entries.remove(id).is_some());
        Ok(gone.count())
    }

    async fn known(&self) -> Result<Vec<Known>> {
        let known = |(id, (entry, stamp)): (&CompositionId, &(Entry, Option<Stamp>))| Known {
            id: *id,
            sequence: entry.composition.meta.sequence,
            file: entry.file.clone(),
            hash: entry.hash,
            stamp: *stamp,
        };
        Ok(self.entries().iter().map(known).collect())
    }

    async fn confirm(&self, files: Vec<Listed>) -> Result<()> {
        for (entry, stamp) in self.entries().values_mut() {
            if let Some(listed) = files.iter().find(|listed| listed.file == entry.file) {
                *stamp = Some(listed.stamp);
            }
        }
        Ok(())
    }

    async fn stats(&self) -> Result<Stats> {
        let rows: Vec<Row> = self.entries().values().map(|(e, _)| Row::of(e)).collect();
        Ok(select::stats(&rows))
    }

    async fn check(&self) -> Result<Option<String>> {
        Ok(None)
    }

    async fn rebuild(&self, work: Rebuild) -> Result<Rebuilt> {
        let fresh = MemoryRepository::default();
        let mut rebuilt = Rebuilt::default();
        for (done, listed) in work.files.iter().enumerate() {
            (work.progress)(done, work.files.len());
            if work.cancel.is_cancelled() {
                return Err(stopped());
            }
            match work.store.read(&listed.file) {
                Ok(entry) => fresh.save(vec![entry]).await?,
                Err(error) => rebuilt
                    .unreadable
                    .push((listed.file.clone(), error.to_string())),
            }
        }
        let entries = std::mem::take(&mut *fresh.entries());
        rebuilt.count = entries.len();
        *self.entries() = entries;
        Ok(rebuilt)
    }
}

/// Files in memory.
#[derive(Default)]
pub struct MemoryStore {
    files: Mutex<BTreeMap<String, (Listed, Option<Entry>)>>,
}

impl MemoryStore {
    /// Writes a file.
    pub fn put(&self, entry: Entry) {
        self.write(entry.file.clone(), Some(entry));
    }

    /// Writes a file that is no composition.
    pub fn break_file(&self, file: &str) {
        self.write(file.to_owned(), None);
    }

    fn write(&self, file: String, entry: Option<Entry>) {
        let mut files = self.files();
        let stamp = Stamp {
            size: entry
                .as_ref()
                .map_or(0, |e| e.composition.body.len() as u64),
            modified: files
                .get(&file)
                .map_or(1, |(listed, _)| listed.stamp.modified + 1),
        };
        files.insert(file.clone(), (Listed { file, stamp }, entry));
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, (Listed, Option<Entry>)>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn list(&self) -> Result<Vec<Listed>> {
        Ok(self
            .files()
            .values()
            .map(|(listed, _)| listed.clone())
            .collect())
    }

    fn read(&self, file: &str) -> Result<Entry> {
        match self.files().get(file) {
            Some((_, Some(entry))) => Ok(entry.clone()),
            Some((_, None)) => Err(Error::invalid(format!("{file} is no composition"))),
            None => Err(Error::not_found(format!("there is no {file}"))),
        }
    }

    fn delete_all(&self, names: &[String]) -> Result<Deleted> {
        let mut deleted = Deleted::default();
        for name in names {
            if let Some((listed, _)) = self.files().remove(name) {
                deleted.files.push(name.clone());
                deleted.bytes += listed.stamp.size;
            }
        }
        Ok(deleted)
    }
}
