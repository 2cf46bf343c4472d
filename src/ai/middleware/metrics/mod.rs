//! The accounts: how many requests, how long, how many tokens, by day, provider, model and role.
//!
//! Kept in memory until the program calls [`Metrics::save`]. Money is not counted here: the ledger
//! knows it, and [`Summary`] brings both together.

mod histogram;
mod store;
mod summary;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::cost::Account;
use super::later::Later;
use super::{Clock, Services};
use crate::ai::provider::{Failure, Model, Provider, Reply, Request, Sink, Usage};
use crate::error::{Error, Result};
use histogram::Histogram;

pub use summary::{Row, Summary};

/// What is counted of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Requests that ended, however they did.
    pub requests: u64,
    /// Those that an answer given before was good for.
    pub hits: u64,
    /// Those that failed.
    pub failures: u64,
    /// Those that were withdrawn.
    pub cancelled: u64,
    /// Tokens of questions that were paid in full.
    pub input: u64,
    /// Tokens of answers.
    pub output: u64,
    /// Tokens of questions that the provider had kept.
    pub cache_read: u64,
    /// Tokens of questions that the provider keeps from now on.
    pub cache_write: u64,
    /// How long answers took that were not there before.
    pub latency: Histogram,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        let Self {
            requests,
            hits,
            failures,
            cancelled,
            input,
            output,
            cache_read,
            cache_write,
            latency,
        } = self;
        let pairs = [
            (requests, other.requests),
            (hits, other.hits),
            (failures, other.failures),
            (cancelled, other.cancelled),
            (input, other.input),
            (output, other.output),
            (cache_read, other.cache_read),
            (cache_write, other.cache_write),
        ];
        for (own, more) in pairs {
            *own = own.saturating_add(more);
        }
        latency.add(&other.latency);
    }

    fn add_usage(&mut self, usage: &Usage) {
        let taken = Self {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
            ..Self::default()
        };
        self.add(&taken);
    }
}

/// Counts by account.
pub(crate) type Accounts = BTreeMap<Account, Counts>;

/// The accounts of this process, and those in a file that all processes share.
#[derive(Debug)]
pub struct Metrics {
    path: PathBuf,
    /// What is not in the file yet.
    new: Mutex<Accounts>,
    saving: Later,
}

impl Metrics {
    /// The accounts in a file, which need not exist yet.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            new: Mutex::default(),
            saving: Later::default(),
        }
    }

    /// Adds what this process counted to the file, without what is older than 400 days.
    ///
    /// Waits for the disk. What could not be written stays, for the next time.
    ///
    /// # Errors
    /// `unavailable` when the file can't be written.
    pub fn save(&self, today: Date) -> Result<()> {
        let mut new = self.lock();
        if new.is_empty() {
            return Ok(());
        }
        store::add(&self.path, &new, today).map_err(|error| self.unusable(error))?;
        new.clear();
        Ok(())
    }

    /// As [`Metrics::save`], while nobody waits for it; a failure is in the log.
    pub fn save_later(self: &Arc<Self>, today: Date) {
        let this = self.clone();
        self.saving.run(move || {
            if let Err(error) = this.save(today) {
                tracing::warn!(%error, "the accounts are not saved");
            }
        });
    }

    /// Waits until what was to be saved is.
    pub(super) fn finish(&self) {
        self.saving.wait();
    }

    /// All accounts, with what is not in the file yet; reads the file.
    ///
    /// # Errors
    /// `unavailable` when the file can't be read; one that is damaged counts as empty.
    pub fn accounts(&self) -> Result<Accounts> {
        let new = self.lock();
        let mut all = store::read(&self.path).map_err(|error| self.unusable(error))?;
        store::merge(&mut all, &new);
        Ok(all)
    }

    fn count(&self, account: Account, counts: &Counts) {
        self.lock().entry(account).or_default().add(counts);
    }

    fn lock(&self) -> MutexGuard<'_, Accounts> {
        self.new.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unusable(&self, error: std::io::Error) -> Error {
        let path = self.path.display();
        Error::unavailable(format!("the accounts {path} can't be used: {error}")).because(error)
    }
}

/// The layer that counts.
pub struct Measure {
    inner: Arc<dyn Provider>,
    metrics: Arc<Metrics>,
    clock: Clock,
}

impl Measure {
    /// Puts the accounts around a provider.
    pub fn new(inner: Arc<dyn Provider>, services: &Services) -> Self {
        Self {
            inner,
            metrics: services.metrics.clone(),
            clock: services.clock.clone(),
        }
    }
}

#[async_trait]
impl Provider for Measure {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
        let account = Account {
            day: (self.clock)().date().to_string(),
            provider: self.name().to_owned(),
            model: request.model.clone(),
            role: request.role.clone(),
        };
        let mut running = Running {
            metrics: &self.metrics,
            account,
            counts: Counts {
                requests: 1,
                cancelled: 1,
                ..Counts::default()
            },
        };
        let since = Instant::now();
        let answer = self.inner.stream(request, sink).await;
        running.ended(&answer, since.elapsed());
        answer
    }

    async fn count_tokens(&self, model: &str, text: &str) -> Result<u32, Failure> {
        self.inner.count_tokens(model, text).await
    }

    async fn models(&self) -> Result<Vec<Model>, Failure> {
        self.inner.models().await
    }
}

/// A request that counts as cancelled unless it ends, and is counted when it is dropped.
struct Running<'a> {
    metrics: &'a Metrics,
    account: Account,
    counts: Counts,
}

impl Running<'_> {
    fn ended(&mut self, answer: &Result<Reply, Failure>, took: Duration) {
        let counts = &mut self.counts;
        counts.cancelled = 0;
        match answer {
            Ok(reply) if reply.cached => counts.hits = 1,
            Ok(reply) => {
                counts.add_usage(&reply.usage);
                counts.latency.count(took);
            }
            Err(failure) => {
                counts.failures = 1;
                counts.add_usage(&failure.usage.unwrap_or_default());
            }
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.metrics
            .count(std::mem::take(&mut self.account), &self.counts);
    }
}

#[cfg(test)]
mod tests;
