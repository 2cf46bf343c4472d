//! What is put around a provider: memory, money, patience and accounts.
//!
//! Each layer is a [`Provider`] that holds one, and none knows which. Times, chance and ids are handed
//! in; a layer that waits does so on the runtime's clock.

pub mod cache;
pub mod cost;
mod disk;
#[cfg(test)]
mod fake;
mod later;
pub mod log;
pub mod metrics;
pub mod rate_limit;
pub mod retry;

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Zoned;

use super::provider::{Provider, Request};
use crate::error::{Error, Result};
use cost::{Estimate, Prices};

/// The person's own date and time.
pub type Clock = Arc<dyn Fn() -> Zoned + Send + Sync>;

/// A number from 0 to 1, another one each time.
pub type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// An id that nothing had before.
pub type Ids = Arc<dyn Fn() -> String + Send + Sync>;

/// How many tokens a text takes of a model, roughly.
pub type Count = Arc<dyn Fn(&str, &str) -> u64 + Send + Sync>;

/// What is decided for one provider.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Its address: the same question to another one is another question.
    pub base_url: String,
    /// Which answers are kept, and for how long.
    pub cache: cache::Settings,
    /// What may be spent.
    pub cost: cost::Settings,
    /// How often and when it is asked again.
    pub retry: retry::Settings,
}

/// What the layers of all providers share.
#[derive(Clone)]
pub struct Services {
    /// The person's own date and time.
    pub clock: Clock,
    /// Chance, so that not everybody asks again at once.
    pub jitter: Jitter,
    /// The ids of requests.
    pub ids: Ids,
    /// Tokens, for what is not sent yet.
    pub count: Count,
    /// The answers given before.
    pub cache: Arc<cache::Cache>,
    /// What was spent.
    pub ledger: Arc<cost::Ledger>,
    /// What models cost.
    pub prices: Arc<Prices>,
    /// Which providers are left alone for now.
    pub breakers: Arc<retry::Breakers>,
    /// How many requests and tokens there may be.
    pub limiter: Arc<rate_limit::Limiter>,
    /// The accounts.
    pub metrics: Arc<metrics::Metrics>,
}

impl Services {
    /// Waits until what answers left to be written is written; for a thread that may wait, and a program
    /// that ends.
    pub fn finish(&self) {
        self.cache.finish();
        self.ledger.finish();
        self.metrics.finish();
    }
}

/// Puts the layers around a provider, the last line outermost.
///
/// - `rate_limit` is innermost: every attempt takes its turn, also a repeated one.
/// - `retry` is around it, so that one request is one, however often it was tried.
/// - `cost` is around that: what is reserved and settled is the request. A refusal is never repeated.
/// - `cache` is around `cost`: an answer given before is free, and allowed when nothing more may be spent.
/// - `metrics` is around `cache`, or it would not see the hits.
/// - `log` is outermost: what it says of a request is what the caller got.
pub fn stack(
    provider: Arc<dyn Provider>,
    settings: &Settings,
    services: &Services,
) -> Arc<dyn Provider> {
    let layer = rate_limit::RateLimit::new(provider, services);
    let layer = retry::Again::new(Arc::new(layer), settings, services);
    let layer = cost::Cost::new(Arc::new(layer), settings, services);
    let layer = cache::Remember::new(Arc::new(layer), settings, services);
    let layer = metrics::Measure::new(Arc::new(layer), services);
    let layer = log::Log::new(Arc::new(layer));
    Arc::new(layer)
}

/// What a request to a provider may cost at most, to be shown before it is sent.
pub fn estimate(
    provider: &str,
    request: &Request,
    settings: &Settings,
    services: &Services,
) -> Estimate {
    let price = settings
        .cost
        .price(&services.prices, provider, &request.model);
    cost::estimate(request, price, &services.count)
}

/// A count that remembers what it was asked for last: several layers ask for the same question.
pub fn remembering(count: Count) -> Count {
    /// As many texts as the questions of a few requests have.
    const MOST: usize = 16;
    let hasher = RandomState::new();
    let known: Mutex<VecDeque<(u64, u64)>> = Mutex::default();
    Arc::new(move |model, text| {
        let key = hasher.hash_one((model, text));
        let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, tokens)) = lock().iter().find(|(known, _)| *known == key) {
            return *tokens;
        }
        let tokens = count(model, text);
        let mut known = lock();
        known.truncate(MOST - 1);
        known.push_front((key, tokens));
        tokens
    })
}

/// The tokens of everything that a request sends.
fn input_tokens(request: &Request, count: &Count) -> u64 {
    let of = |text: &str| match text {
        "" => 0,
        text => count(&request.model, text),
    };
    let schema = request.schema.as_ref();
    let schema = schema.map_or(0, |schema| of(&schema.schema.to_string()));
    let messages = request.messages.iter().map(|message| of(&message.text));
    messages.fold(
        of(&request.system).saturating_add(schema),
        u64::saturating_add,
    )
}

/// Does what may wait for the disk where nothing else waits for it.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::internal("work on the disk broke off").because(error))
}

#[cfg(test)]
mod tests;
