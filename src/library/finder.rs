//! Search over the library as it stands, with use counts; the newest of several searches wins.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::Snapshot;
use super::prompt::PromptId;
use super::search::{Hits, SearchIndex, Searcher};
use super::usage::Usage;
use crate::error::{Error, Kind, Result};

/// How often and when each prompt was used.
pub type Uses = HashMap<PromptId, Usage>;

/// Finds prompts.
#[derive(Default)]
pub struct Finder {
    newest: AtomicU64,
    uses: Mutex<Arc<Uses>>,
    state: Mutex<State>,
}

/// What is kept between keystrokes.
#[derive(Default)]
struct State {
    built_from: Option<(u64, Arc<Uses>)>,
    index: Option<SearchIndex>,
    boosts: Vec<u32>,
    searcher: Searcher,
}

/// A search's place in the order of arrival.
pub struct Ticket(u64);

impl Finder {
    /// Takes a place in the order; from now on older searches are superseded.
    pub fn ticket(&self) -> Ticket {
        Ticket(self.newest.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Replaces the use counts.
    pub fn set_uses(&self, uses: Uses) {
        *lock(&self.uses) = Arc::new(uses);
    }

    /// The use counts.
    pub fn uses(&self) -> Arc<Uses> {
        lock(&self.uses).clone()
    }

    /// Finds the best `limit` prompts of `snapshot`; a hit's index counts its prompts.
    ///
    /// # Errors
    /// `cancelled` when a newer ticket was taken.
    pub fn search(
        &self,
        ticket: &Ticket,
        snapshot: &Snapshot,
        query: &str,
        limit: usize,
    ) -> Result<Hits> {
        if self.newest.load(Ordering::Relaxed) != ticket.0 {
            return Err(Error::new(Kind::Cancelled, "a newer search took over"));
        }
        let uses = self.uses();
        let mut state = lock(&self.state);
        state.renew(snapshot, &uses);
        let State {
            index: Some(index),
            boosts,
            searcher,
            ..
        } = &mut *state
        else {
            return Err(Error::internal("the search index is missing"));
        };
        Ok(searcher.search(index, query, boosts, limit))
    }
}

impl Finder {
    /// Gets ready for a library before anybody searches it.
    pub fn prepare(&self, snapshot: &Snapshot) {
        let index = SearchIndex::build(&snapshot.prompts);
        lock(&self.state).adopt(index, snapshot, &self.uses());
    }

    /// Ids for completion, best first; searches of a picker are not superseded by it.
    pub fn complete(&self, snapshot: &Snapshot, query: &str, limit: usize) -> Vec<PromptId> {
        let uses = self.uses();
        let mut state = lock(&self.state);
        state.renew(snapshot, &uses);
        let Some(index) = &state.index else {
            return Vec::new();
        };
        let hits = Searcher::new().search(index, query, &state.boosts, limit);
        hits.rows
            .iter()
            .map(|hit| snapshot.prompts[hit.index as usize].id.clone())
            .collect()
    }
}

impl State {
    /// Builds what depends on the library or the use counts again when they changed.
    fn renew(&mut self, snapshot: &Snapshot, uses: &Arc<Uses>) {
        if self
            .built_from
            .as_ref()
            .is_none_or(|(revision, _)| *revision != snapshot.revision)
        {
            self.adopt(SearchIndex::build(&snapshot.prompts), snapshot, uses);
        } else if self
            .built_from
            .as_ref()
            .is_none_or(|(_, old)| !Arc::ptr_eq(old, uses))
        {
            self.weigh(snapshot, uses);
        }
    }

    fn adopt(&mut self, index: SearchIndex, snapshot: &Snapshot, uses: &Arc<Uses>) {
        self.index = Some(index);
        self.searcher = Searcher::default();
        self.weigh(snapshot, uses);
    }

    fn weigh(&mut self, snapshot: &Snapshot, uses: &Arc<Uses>) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_secs());
        let boost = |id| uses.get(id).map_or(0, |usage: &Usage| usage.boost(now));
        self.boosts = snapshot
            .prompts
            .iter()
            .map(|prompt| boost(&prompt.id))
            .collect();
        self.built_from = Some((snapshot.revision, uses.clone()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
