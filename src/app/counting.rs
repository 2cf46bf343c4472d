//! Tokens of compositions against the window of the model that is configured.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::config::Config;
use crate::history::composition::CompositionId;
use crate::tokens::budget::{Budget, Level};
use crate::tokens::models::{self, Model};
use crate::tokens::tally::Tally;
use crate::tokens::{self, Count, Tokens};

/// Counts, and remembers what it counted of compositions that are open.
pub struct Counting {
    model: Model,
    budget: Budget,
    tallies: Mutex<HashMap<CompositionId, Tally>>,
}

/// A count and how it stands to the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// How many tokens.
    pub count: Count,
    /// How that stands to the window.
    pub level: Level,
    /// As it is shown: `~320 tok (0.2%)`.
    pub text: String,
}

impl Counting {
    pub(super) fn new(config: &Config) -> Self {
        let model = models::find(&config.model);
        Self {
            model,
            budget: Budget::of(&config.tokens, &model),
            tallies: Mutex::default(),
        }
    }

    /// Counts an open composition; after an edit only what changed. Never waits for the vocabulary.
    pub fn open(&self, id: CompositionId, text: &[u8]) -> Counted {
        // Taken out, so that counting one does not hold up the others.
        let tally = self.lock().remove(&id);
        let mut tally = tally.unwrap_or_else(|| Tally::new(&self.model));
        let counted = self.judge(tally.update(text));
        self.lock().insert(id, tally);
        counted
    }

    /// Forgets an open composition.
    pub fn close(&self, id: CompositionId) {
        self.lock().remove(&id);
    }

    /// Counts a text once; blocking, for it waits for the vocabulary.
    pub fn once(&self, text: &[u8]) -> Count {
        tokens::count(text, &self.model)
    }

    /// The model that is counted for.
    pub fn model(&self) -> Model {
        self.model
    }

    /// The window of the model.
    pub fn window(&self) -> Tokens {
        self.budget.window
    }

    /// Judges a count.
    pub fn judge(&self, count: Count) -> Counted {
        Counted {
            count,
            level: self.budget.judge(count.tokens),
            text: self.budget.describe(count),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<CompositionId, Tally>> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
