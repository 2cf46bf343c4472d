//! Answers given before: the same question of the same model is not paid for twice.
//!
//! Keeps whole answers that may be used, never a failure and never a cut one. What is damaged, too
//! old or of the future is as good as not there.

mod entry;
mod files;
mod memory;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use super::later::Later;
use super::{Clock, Services, blocking};
use crate::ai::provider::{Chunk, Failure, Model, Provider, Reply, Request, Sink, Stop, Usage};
use entry::Entry;
use files::Files;
use memory::Memory;

pub use entry::Key;

/// So many bytes.
pub const MEGABYTE: u64 = 1 << 20;

/// The most that is kept unless the configuration says otherwise.
pub const LIMIT: u64 = 500 * MEGABYTE;

/// Which answers of a provider are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether any are.
    pub enabled: bool,
    /// For how long.
    pub ttl: Duration,
}

impl Default for Settings {
    /// All, for a day.
    fn default() -> Self {
        Self {
            enabled: true,
            ttl: Duration::from_secs(86_400),
        }
    }
}

/// The answers given before, of all providers.
#[derive(Debug)]
pub struct Cache {
    place: Place,
    /// Answers that are being written; who reads waits for them.
    writing: Later,
    hits: AtomicU64,
    misses: AtomicU64,
    stored: AtomicU64,
    removed: AtomicU64,
}

#[derive(Debug)]
enum Place {
    Memory(Memory),
    Files(Files),
}

/// What a cache did since it was opened, and what is in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Questions that it could answer.
    pub hits: u64,
    /// Questions that it couldn't.
    pub misses: u64,
    /// Answers that it took in.
    pub stored: u64,
    /// Answers that were too old or too many.
    pub removed: u64,
    /// Answers in it.
    pub entries: u64,
    /// Bytes that they take.
    pub bytes: u64,
}

impl Cache {
    /// A cache that ends with the program, of at most so many bytes.
    pub fn in_memory(limit: u64) -> Self {
        Self::new(Place::Memory(Memory::new(limit)))
    }

    /// A cache in a folder, of at most so many bytes, which several processes may share.
    pub fn in_files(folder: PathBuf, limit: u64) -> Self {
        Self::new(Place::Files(Files::new(folder, limit)))
    }

    fn new(place: Place) -> Self {
        Self {
            place,
            writing: Later::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            stored: AtomicU64::new(0),
            removed: AtomicU64::new(0),
        }
    }

    /// Removes what is too old, and the oldest of what is too much; to be called each hour.
    ///
    /// `now` is in seconds since 1970. Reads the folder of a cache in files.
    pub fn sweep(&self, now: i64) {
        self.finish();
        let removed = match &self.place {
            Place::Memory(memory) => memory.sweep(now),
            Place::Files(files) => files.sweep(now),
        };
        self.removed.fetch_add(removed, Ordering::Relaxed);
    }

    /// What it did and what is in it; reads the folder of a cache in files.
    pub fn stats(&self) -> Stats {
        self.finish();
        let (entries, bytes) = match &self.place {
            Place::Memory(memory) => memory.size(),
            Place::Files(files) => files.size(),
        };
        Stats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            stored: self.stored.load(Ordering::Relaxed),
            removed: self.removed.load(Ordering::Relaxed),
            entries,
            bytes,
        }
    }

    async fn get(self: &Arc<Self>, key: Key, now: i64, ttl: Duration) -> Option<Entry> {
        let found = match &self.place {
            Place::Memory(memory) => memory.get(&key),
            Place::Files(_) => {
                let this = self.clone();
                let read = blocking(move || {
                    this.finish();
                    match &this.place {
                        Place::Files(files) => files.get(&key),
                        Place::Memory(_) => None,
                    }
                });
                read.await.ok().flatten()
            }
        };
        let found = found.filter(|entry| entry.is_fresh(now, ttl));
        let counter = match found {
            Some(_) => &self.hits,
            None => &self.misses,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Takes an answer in; one in files is written later.
    fn put(self: &Arc<Self>, key: Key, entry: Entry) {
        let this = self.clone();
        let write = move || {
            let removed = match &this.place {
                Place::Memory(memory) => Some(memory.put(key, entry)),
                Place::Files(files) => files.put(&key, &entry),
            };
            if let Some(removed) = removed {
                this.stored.fetch_add(1, Ordering::Relaxed);
                this.removed.fetch_add(removed, Ordering::Relaxed);
            }
        };
        match &self.place {
            Place::Memory(_) => write(),
            Place::Files(_) => self.writing.run(write),
        }
    }

    /// Waits until what was taken in is in its place.
    pub(super) fn finish(&self) {
        self.writing.wait();
    }
}

/// What is left to be removed, oldest first, until no more than `limit` bytes are there.
fn too_many<T>(mut entries: Vec<(i64, u64, T)>, limit: u64) -> impl Iterator<Item = T> {
    entries.sort_by_key(|(at, ..)| *at);
    let mut bytes: u64 = entries.iter().map(|(_, size, _)| size).sum();
    entries
        .into_iter()
        .take_while(move |(_, size, _)| {
            let too_many = bytes > limit;
            bytes -= size;
            too_many
        })
        .map(|(.., it)| it)
}

/// The layer that remembers.
pub struct Remember {
    inner: Arc<dyn Provider>,
    base_url: String,
    settings: Settings,
    cache: Arc<Cache>,
    clock: Clock,
}

impl Remember {
    /// Puts the memory around a provider.
    pub fn new(inner: Arc<dyn Provider>, settings: &super::Settings, services: &Services) -> Self {
        Self {
            inner,
            base_url: settings.base_url.clone(),
            settings: settings.cache,
            cache: services.cache.clone(),
            clock: services.clock.clone(),
        }
    }

    fn now(&self) -> i64 {
        (self.clock)().timestamp().as_second()
    }
}

#[async_trait]
impl Provider for Remember {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
        if !self.settings.enabled || request.private {
            return self.inner.stream(request, sink).await;
        }
        let key = Key::new(self.name(), &self.base_url, request);
        let ttl = self.settings.ttl;
        if !request.fresh
            && let Some(entry) = self.cache.get(key, self.now(), ttl).await
        {
            sink(Chunk::Text(entry.text.clone()));
            return Ok(Reply {
                text: entry.text,
                model: entry.model,
                stop: Stop::End,
                usage: Usage::default(),
                request_id: None,
                cached: true,
                left: Vec::new(),
            });
        }
        let reply = self.inner.stream(request, sink).await?;
        if reply.is_usable() {
            let entry = Entry::new(&reply, self.now(), ttl);
            self.cache.put(key, entry);
        }
        Ok(reply)
    }

    async fn count_tokens(&self, model: &str, text: &str) -> Result<u32, Failure> {
        self.inner.count_tokens(model, text).await
    }

    async fn models(&self) -> Result<Vec<Model>, Failure> {
        self.inner.models().await
    }
}

#[cfg(test)]
mod tests;
