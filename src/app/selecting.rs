//! What goes along with a composition: the library and, if wanted, the compositions of the last days as
//! candidates, indexed once as they stand.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::answering::TAG as ANSWER;
use super::{App, blocking};
use crate::compose::budget::{self, Limits, MOST, NEAR};
use crate::compose::linear::LinearSelector;
use crate::compose::ranked::RankedSelector;
use crate::compose::select::{ContextSelector, Question, Selection};
use crate::compose::{Candidate, Composition, OLDEST_DAYS, Origin, Use, Uses};
use crate::error::Result;
use crate::history::repository::{Filter, ListQuery, Order, Row};
use crate::library::prompt::{Prompt, PromptId};
use crate::library::{Library, Snapshot, finder};
use crate::tokens::budget::Budget;
use crate::tokens::{self, models};

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
    /// Of the library and of the history.
    revision: (u64, u64),
    selector: Arc<dyn ContextSelector>,
}

/// How the ids of compositions begin among candidates; the file's name follows.
const PAST: &str = "history/";

/// The most compositions that are candidates: those saved last.
const MOST_PAST: usize = 200;

/// Bytes of a line that two texts don't have in common by chance.
const LINE: usize = 24;

/// A text that goes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// Its title.
    pub title: String,
    /// It.
    pub text: String,
}

/// Compositions of the last days.
#[derive(Default)]
struct Past {
    now: Timestamp,
    rows: Vec<Row>,
}

impl Past {
    /// Another number where there are others.
    fn version(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for row in &self.rows {
            (row.id, row.sequence).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn candidate(&self, row: &Row, body: String) -> Candidate {
        let days = self.now.duration_since(row.updated).as_hours() / 24;
        Candidate {
            id: format!("{PAST}{}", row.file),
            title: title(row),
            tags: row.tags.clone(),
            body,
            origin: Origin::History {
                age_days: u32::try_from(days).unwrap_or(0),
            },
            ..Candidate::default()
        }
    }
}

/// The title of a composition: its name, or how it begins.
fn title(row: &Row) -> String {
    const MOST: usize = 60;
    let begin = || row.preview.chars().take(MOST).collect();
    row.name.clone().unwrap_or_else(begin)
}

/// Whether a text has a line of another one, so that the other one says little that is new.
pub(super) fn shares_a_line(text: &str, other: &str) -> bool {
    let whole = |line: &&str| line.len() >= LINE && !line.contains("{{");
    let mut lines = other.lines().map(str::trim).filter(whole);
    text.trim() == other.trim() || lines.any(|line| text.contains(line))
}

impl App {
    /// Chooses the prompts that go along with a composition, and compositions of the last days where
    /// `review.history` allows it; prompts with errors are never chosen. There is room for them in the window of
    /// the model that is asked, or of the one that compositions are written for.
    ///
    /// Without use counts and without a history it chooses all the same.
    ///
    /// # Errors
    /// When what was chosen can't be read.
    pub async fn select_context(
        &self,
        by: Selector,
        text: &str,
        model: Option<&str>,
    ) -> Result<Selection> {
        let snapshot = self.snapshot().await;
        let past = match self.config.review.history {
            true => self.past().await,
            false => Past::default(),
        };
        let selector = self.selector(by, &snapshot, &past).await?;
        let mut ranking = selector.rank(&Question {
            composition: Composition { text, named: &[] },
            uses: &uses(&self.finder.uses()),
            limit: MOST + NEAR + past.rows.len(),
        });
        let mut others = Vec::new();
        for row in ranking.others {
            if others.len() == MOST + NEAR {
                break;
            }
            // What was saved of this very text, and what went into it, says nothing new.
            let is_new = match row.id.starts_with(PAST) {
                true => match self.companion(&row.id).await {
                    Ok(it) => !shares_a_line(text, &it.text),
                    Err(_) => false,
                },
                false => true,
            };
            if is_new {
                others.push(row);
            }
        }
        ranking.others = others;
        let mut texts = vec![(String::new(), text.to_owned())];
        for row in ranking.named.iter().chain(ranking.others.iter().take(MOST)) {
            texts.push((row.id.clone(), self.companion(&row.id).await?.text));
        }
        let model = model.map_or(self.counting.model(), models::find);
        // Waits for the vocabulary.
        let counts = blocking(move || {
            let count = |text: &str| tokens::count(text.as_bytes(), &model).tokens.0;
            let counted = texts.into_iter().map(|(id, text)| (id, count(&text)));
            counted.collect::<HashMap<_, _>>()
        })
        .await?;
        let tokens = |id: &str| counts.get(id).copied().unwrap_or_default();
        let limits = Limits {
            window: Budget::of(&self.config.tokens, &model).window.0,
            composition: tokens(""),
        };
        Ok(budget::fit(ranking, limits, tokens))
    }

    /// A text that may go along, by its id.
    ///
    /// # Errors
    /// `not_found`; `unavailable` when it can't be read.
    pub async fn companion(&self, id: &str) -> Result<Companion> {
        if let Some(file) = id.strip_prefix(PAST) {
            let (files, file) = (self.files.clone(), file.to_owned());
            let entry = blocking(move || files.read(&file)).await??;
            return Ok(Companion {
                title: title(&Row::of(&entry)),
                text: String::from_utf8_lossy(&entry.composition.body).into_owned(),
            });
        }
        let prompt = self.library.get(&PromptId(id.to_owned())).await?;
        Ok(Companion {
            title: prompt.info.title.clone(),
            text: prompt.body.clone(),
        })
    }

    /// The compositions of the last days; none where the history can't be read.
    async fn past(&self) -> Past {
        let now = self.files.now();
        let query = ListQuery {
            filter: Filter {
                since: now
                    .checked_sub(SignedDuration::from_hours(24 * i64::from(OLDEST_DAYS)))
                    .ok(),
                ..Filter::default()
            },
            order: Order::Updated,
            limit: MOST_PAST,
            offset: 0,
        };
        match self.history().await.list(query).await {
            Ok(page) => {
                // What a model wrote is nobody's composition.
                let is_own = |row: &Row| !row.tags.iter().any(|tag| tag == ANSWER);
                let rows = page.rows.into_iter().filter(is_own).collect();
                Past { now, rows }
            }
            Err(error) => {
                tracing::warn!(%error, "no composition of the history goes along");
                Past::default()
            }
        }
    }

    async fn selector(
        &self,
        by: Selector,
        snapshot: &Snapshot,
        past: &Past,
    ) -> Result<Arc<dyn ContextSelector>> {
        let revision = (snapshot.revision, past.version());
        let warm = || {
            self.selecting
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(warm) = warm().get(&by).filter(|warm| warm.revision == revision) {
            return Ok(warm.selector.clone());
        }
        let mut candidates = candidates(&self.library, snapshot).await;
        for row in &past.rows {
            // One that was deleted meanwhile is none.
            if let Ok(it) = self.companion(&format!("{PAST}{}", row.file)).await {
                candidates.push(past.candidate(row, it.text));
            }
        }
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
