//! Answers in memory, gone with the program.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::entry::{Entry, Key};
use super::too_many;

/// At most so many bytes of answers.
#[derive(Debug)]
pub(super) struct Memory {
    limit: u64,
    entries: Mutex<HashMap<Key, Entry>>,
}

impl Memory {
    pub fn new(limit: u64) -> Self {
        Self {
            limit,
            entries: Mutex::default(),
        }
    }

    pub fn get(&self, key: &Key) -> Option<Entry> {
        self.lock().get(key).cloned()
    }

    /// Takes an answer in, and says how many had to go for it.
    pub fn put(&self, key: Key, entry: Entry) -> u64 {
        let mut entries = self.lock();
        entries.insert(key, entry);
        self.shrink(&mut entries)
    }

    pub fn sweep(&self, now: i64) -> u64 {
        let mut entries = self.lock();
        let before = entries.len();
        entries.retain(|_, entry| entry.at <= now && now < entry.until);
        let old = (before - entries.len()) as u64;
        old + self.shrink(&mut entries)
    }

    /// How many there are and how many bytes they take.
    pub fn size(&self) -> (u64, u64) {
        let entries = self.lock();
        (entries.len() as u64, bytes(&entries))
    }

    fn shrink(&self, entries: &mut HashMap<Key, Entry>) -> u64 {
        if bytes(entries) <= self.limit {
            return 0;
        }
        let all = entries.iter();
        let all = all.map(|(key, entry)| (entry.at, entry.size(), *key));
        let gone: Vec<_> = too_many(all.collect(), self.limit).collect();
        for key in &gone {
            entries.remove(key);
        }
        gone.len() as u64
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes(entries: &HashMap<Key, Entry>) -> u64 {
    entries.values().map(Entry::size).sum()
}
