//! Which prompts go along with a composition: the library as candidates, indexed once as it stands.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{App, blocking};
use crate::compose::budget::{self, Limits, MOST, NEAR};
use crate::compose::linear::LinearSelector;
use crate::compose::ranked::RankedSelector;
use crate::compose::select::{ContextSelector, Question, Selection};
use crate::compose::{Candidate, Composition, Origin, Use, Uses};
use crate::error::Result;
use crate::library::prompt::Prompt;
use crate::library::{Library, Snapshot, finder};
use crate::tokens;

/// Uses that are no further from the last one of all belong to the last session.
const SESSION: Duration = Duration::from_secs(8 * 3600);

/// Which selector is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Selector {
    /// By what the words say.
    #[default]
    Ranked,
    /// By points.
    Linear,
}

/// The selectors, as the library stood when each was asked last.
#[derive(Default)]
pub(super) struct Selecting(Mutex<HashMap<Selector, Warm>>);

struct Warm {
    revision: u64,
    selector: Arc<dyn ContextSelector>,
}

impl App {
    /// Chooses the prompts that go along with a composition; prompts with errors are never chosen.
    ///
    /// Without use counts it chooses all the same.
    ///
    /// # Errors
    /// When a chosen prompt can't be read.
    pub async fn select_context(&self, by: Selector, text: &str) -> Result<Selection> {
        let snapshot = self.snapshot().await;
        let selector = self.selector(by, &snapshot).await?;
        let ranking = selector.rank(&Question {
            composition: Composition { text, named: &[] },
            uses: &uses(&self.finder.uses()),
            limit: MOST + NEAR,
        });
        let mut texts = vec![(String::new(), text.to_owned())];
        for row in ranking.named.iter().chain(ranking.others.iter().take(MOST)) {
            let id = crate::library::prompt::PromptId(row.id.clone());
            texts.push((row.id.clone(), self.library.get(&id).await?.body.clone()));
        }
        let model = self.counting.model();
        // Waits for the vocabulary.
        let counts = blocking(move || {
            let count = |text: &str| tokens::count(text.as_bytes(), &model).tokens.0;
            let counted = texts.into_iter().map(|(id, text)| (id, count(&text)));
            counted.collect::<HashMap<_, _>>()
        })
        .await?;
        let tokens = |id: &str| counts.get(id).copied().unwrap_or_default();
        let limits = Limits {
            window: self.counting.window().0,
            composition: tokens(""),
        };
        Ok(budget::fit(ranking, limits, tokens))
    }

    async fn selector(
        &self,
        by: Selector,
        snapshot: &Snapshot,
    ) -> Result<Arc<dyn ContextSelector>> {
        let revision = snapshot.revision;
        let warm = || {
            self.selecting
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(warm) = warm().get(&by).filter(|warm| warm.revision == revision) {
            return Ok(warm.selector.clone());
        }
        let candidates = candidates(&self.library, snapshot).await;
        let selector: Arc<dyn ContextSelector> = blocking(move || match by {
            Selector::Ranked => {
                Arc::new(RankedSelector::new(candidates)) as Arc<dyn ContextSelector>
            }
            Selector::Linear => Arc::new(LinearSelector::new(candidates)),
        })
        .await?;
        let made = Warm {
            revision,
            selector: selector.clone(),
        };
        warm().insert(by, made);
        Ok(selector)
    }
}

/// The prompts of a library that may be used, as candidates; one that vanished meanwhile is left out.
pub async fn candidates(library: &Library, snapshot: &Snapshot) -> Vec<Candidate> {
    let mut candidates = Vec::with_capacity(snapshot.prompts.len());
    for info in snapshot
        .prompts
        .iter()
        .filter(|info| info.error().is_none())
    {
        match library.get(&info.id).await {
            Ok(prompt) => candidates.push(candidate(&prompt)),
            Err(error) => tracing::warn!(id = %info.id, %error, "no candidate"),
        }
    }
    candidates
}

fn candidate(prompt: &Prompt) -> Candidate {
    let info = &prompt.info;
    let keywords = match prompt.extra.get("keywords") {
        Some(serde_json::Value::String(words)) => words.split(',').map(str::to_owned).collect(),
        Some(serde_json::Value::Array(words)) => words
            .iter()
            .filter_map(|word| word.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    Candidate {
        id: info.id.0.clone(),
        title: info.title.clone(),
        description: info.description.clone(),
        category: info.category.clone(),
        tags: info.tags.clone(),
        keywords,
        body: prompt.body.clone(),
        origin: Origin::Library,
    }
}

fn uses(known: &finder::Uses) -> Uses {
    let last = known
        .values()
        .map(|usage| usage.last_used)
        .max()
        .unwrap_or_default();
    let uses = known.iter().map(|(id, usage)| {
        let in_last_session = last - usage.last_used <= SESSION.as_secs();
        (
            id.0.clone(),
            Use {
                count: usage.count,
                in_last_session,
            },
        )
    });
    uses.collect()
}
