//! Prompts that were read lately, with their text.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::library::prompt::{Prompt, PromptId};

/// A place for prompts that have been read. A cache may forget at any time and never fails: the
/// source is asked again.
pub trait PromptCache: Send + Sync {
    /// A prompt, if it is still known.
    fn get(&self, id: &PromptId) -> Option<Arc<Prompt>>;
    /// Keeps a prompt in place of an earlier one of that name.
    fn set(&self, id: PromptId, prompt: Arc<Prompt>);
    /// Forgets a prompt.
    fn invalidate(&self, id: &PromptId);
    /// Forgets all.
    fn clear(&self);
}

/// A cache in memory, which forgets what was not asked for longest.
pub struct MemoryCache {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    prompts: HashMap<PromptId, Entry>,
    /// The names in the order of their last use.
    by_use: BTreeMap<u64, PromptId>,
    uses: u64,
    bytes: usize,
}

struct Entry {
    prompt: Arc<Prompt>,
    bytes: usize,
    used: u64,
}

impl MemoryCache {
    /// Makes a cache that holds prompts of `limit` bytes together.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryCache {
    /// 16 MiB: some 2,500 prompts of the usual size.
    fn default() -> Self {
        Self::new(16 * 1024 * 1024)
    }
}

impl PromptCache for MemoryCache {
    fn get(&self, id: &PromptId) -> Option<Arc<Prompt>> {
        let mut state = self.state();
        let State {
            prompts,
            by_use,
            uses,
            ..
        } = &mut *state;
        let entry = prompts.get_mut(id)?;
        *uses += 1;
        if let Some(id) = by_use.remove(&entry.used) {
            by_use.insert(*uses, id);
        }
        entry.used = *uses;
        Some(entry.prompt.clone())
    }

    fn set(&self, id: PromptId, prompt: Arc<Prompt>) {
        let bytes = size(&id, &prompt);
        let mut state = self.state();
        state.remove(&id);
        if bytes > self.limit {
            return;
        }
        state.uses += 1;
        let used = state.uses;
        state.bytes += bytes;
        state.by_use.insert(used, id.clone());
        state.prompts.insert(
            id,
            Entry {
                prompt,
                bytes,
                used,
            },
        );
        while state.bytes > self.limit
            && let Some((_, oldest)) = state.by_use.pop_first()
        {
            state.remove(&oldest);
        }
    }

    fn invalidate(&self, id: &PromptId) {
        self.state().remove(id);
    }

    fn clear(&self) {
        *self.state() = State::default();
    }
}

impl State {
    fn remove(&mut self, id: &PromptId) {
        if let Some(entry) = self.prompts.remove(id) {
            self.bytes -= entry.bytes;
            self.by_use.remove(&entry.used);
        }
    }
}

/// About what a prompt takes in memory.
fn size(id: &PromptId, prompt: &Prompt) -> usize {
    let extra: usize = prompt
        .extra
        .iter()
        .map(|(key, value)| key.len() + value.to_string().len())
        .sum();
    512 + 2 * id.0.len() + prompt.body.len() + prompt.info.description.len() + extra
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(name: &str, bytes: usize) -> (PromptId, Arc<Prompt>) {
        let prompt = Prompt {
            info: crate::library::prompt::PromptInfo::default(),
            extra: BTreeMap::new(),
            body: "x".repeat(bytes),
            body_line: 1,
        };
        (PromptId(name.into()), Arc::new(prompt))
    }

    fn names(cache: &MemoryCache) -> String {
        let state = cache.state();
        assert_eq!(state.prompts.len(), state.by_use.len());
        assert_eq!(
            state.bytes,
            state
                .prompts
                .values()
                .map(|entry| entry.bytes)
                .sum::<usize>()
        );
        state.by_use.values().map(PromptId::as_str).collect()
    }

    #[test]
    fn what_was_not_asked_for_longest_is_forgotten_first() {
        let cache = MemoryCache::new(5_000);
        for name in ["a", "b", "c"] {
            let (id, prompt) = prompt(name, 1_000);
            cache.set(id, prompt);
        }
        assert!(cache.get(&PromptId("a".into())).is_some());
        let (id, large) = prompt("d", 1_000);
        cache.set(id, large);
        assert_eq!(names(&cache), "cad");
    }

    #[test]
    fn a_prompt_replaces_its_earlier_self_and_can_be_forgotten() {
        let cache = MemoryCache::new(5_000);
        for bytes in [1_000, 2_000, 1_000] {
            let (id, prompt) = prompt("a", bytes);
            cache.set(id, prompt);
        }
        let (id, other) = prompt("b", 10);
        cache.set(id.clone(), other);
        assert_eq!(names(&cache), "ab");
        cache.invalidate(&id);
        cache.invalidate(&id);
        assert_eq!(names(&cache), "a");
        cache.clear();
        assert_eq!(names(&cache), "");
    }

    #[test]
    fn a_prompt_larger_than_the_cache_is_not_kept() {
        let cache = MemoryCache::new(5_000);
        let (id, first) = prompt("a", 10);
        cache.set(id.clone(), first);
        cache.set(id.clone(), prompt("a", 5_000).1);
        assert!(cache.get(&id).is_none());
    }
}
