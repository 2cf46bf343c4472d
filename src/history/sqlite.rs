//! The history's index as one SQLite file.
//!
//! What is in it comes from the history's files and can be made from them again, so damage costs time
//! and nothing else. Every call goes to a thread that may wait.

mod check;
mod condition;
mod counts;
mod entries;
mod fault;
mod list;
mod open;
mod parts;
mod pool;
mod rebuild;
mod rows;
mod search;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Zoned;
use tokio::task::spawn_blocking;

use super::composition::{CompositionId, Entry};
use super::files::Listed;
use super::repository::{
    CompositionRepository, Known, ListQuery, Page, Rebuild, Rebuilt, SearchQuery, Stats,
};
use crate::error::{Error, Result};
use crate::problem::Problem;
use fault::WHAT;
use pool::Pool;

/// Compositions that are stored before others get their turn.
const BATCH: usize = 200;

/// An open index.
pub struct SqliteRepository {
    pool: Arc<Pool>,
}

impl SqliteRepository {
    /// Opens the file, or makes it, readable by its owner only; blocking.
    ///
    /// One that is damaged is moved aside and a fresh one begun; what comes along says so. `now` tells
    /// the time that goes into the names of files moved aside.
    ///
    /// # Errors
    /// `unavailable` when the file can't be opened or written, is a newer version's or something else.
    pub fn open(path: impl Into<PathBuf>, now: fn() -> Zoned) -> Result<(Self, Option<Problem>)> {
        let path = path.into();
        let notice = open::prepare(&path, now)?;
        let pool = Arc::new(Pool::new(path, now));
        Ok((Self { pool }, notice))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Pool) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let pool = self.pool.clone();
        let done = spawn_blocking(move || work(&pool)).await;
        done.map_err(|e| Error::internal("the history index panicked").because(e))?
    }
}

#[async_trait]
impl CompositionRepository for SqliteRepository {
    fn describe(&self) -> String {
        format!("{WHAT} {}", self.pool.path().display())
    }

    async fn save(&self, entries: Vec<Entry>) -> Result<()> {
        self.run(move |pool| {
            for batch in entries.chunks(BATCH) {
                pool.write(|transaction| {
                    batch
                        .iter()
                        .try_for_each(|entry| entries::save(transaction, entry).map(drop))
                })?;
            }
            Ok(())
        })
        .await
    }

    async fn load(&self, id: CompositionId) -> Result<Entry> {
        let found = self.run(move |pool| pool.read(|connection| rows::load(connection, id)));
        let missing = || Error::not_found(format!("there is no composition {id}"));
        found.await?.ok_or_else(missing)
    }

    async fn search(&self, query: SearchQuery) -> Result<Page> {
        self.run(move |pool| search::search(pool, &query)).await
    }

    async fn list(&self, query: ListQuery) -> Result<Page> {
        self.run(move |pool| list::list(pool, &query)).await
    }

    async fn delete(&self, ids: Vec<CompositionId>) -> Result<usize> {
        self.run(move |pool| {
            let mut gone = 0;
            for batch in ids.chunks(BATCH) {
                gone += pool.write(|transaction| {
                    batch.iter().try_fold(0, |gone, id| {
                        Ok(gone + usize::from(entries::delete(transaction, *id)?))
                    })
                })?;
            }
            Ok(gone)
        })
        .await
    }

    async fn known(&self) -> Result<Vec<Known>> {
        self.run(|pool| pool.read(list::known)).await
    }

    async fn confirm(&self, files: Vec<Listed>) -> Result<()> {
        self.run(move |pool| {
            if files.is_empty() {
                return Ok(());
            }
            pool.write(|transaction| list::confirm(transaction, &files))
        })
        .await
    }

    async fn stats(&self) -> Result<Stats> {
        self.run(|pool| pool.read(list::stats)).await
    }

    async fn check(&self) -> Result<Option<String>> {
        self.run(check::check).await
    }

    async fn rebuild(&self, work: Rebuild) -> Result<Rebuilt> {
        self.run(move |pool| rebuild::rebuild(pool, &work)).await
    }
}

#[cfg(test)]
mod tests;
