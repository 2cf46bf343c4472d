//! The circuit breaker: a provider that refuses or keeps failing is not asked for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::in_words;
use crate::ai::provider::{Failure, Retry};
use crate::error::{Error, Kind};

/// So many failures in a row open it.
const FAILURES: u32 = 5;

/// For so long; then one request may try.
const REST: Duration = Duration::from_secs(60);

/// The breakers of all providers, by name.
#[derive(Debug, Default)]
pub struct Breakers(Mutex<HashMap<String, Arc<Breaker>>>);

impl Breakers {
    /// The breaker of a provider, the same for all who ask.
    pub(super) fn of(&self, provider: &str) -> Arc<Breaker> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(provider.to_owned()).or_default().clone()
    }

    /// Lets everything be asked again; to be called when the configuration has changed.
    pub fn reset(&self) {
        for breaker in self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            *breaker.lock() = State::default();
        }
    }
}

/// Whether one provider is asked.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug)]
enum State {
    /// It is, and failed so often in a row.
    Closed(u32),
    /// It is not until then; `trial` when one request tries already.
    Resting { until: Instant, trial: bool },
    /// It is not until the configuration changes, for this reason.
    Refused(Kind, String, Option<String>),
}

impl Default for State {
    fn default() -> Self {
        Self::Closed(0)
    }
}

/// Why a request was not let through.
#[derive(Debug)]
pub(super) struct Refusal(Error, Retry);

impl From<Refusal> for Failure {
    fn from(Refusal(error, retry): Refusal) -> Self {
        Self::new(error, retry)
    }
}

/// A request that was let through, from its first attempt to its last.
pub(super) struct Pass {
    breaker: Arc<Breaker>,
    trial: bool,
}

impl Breaker {
    /// Lets a request through, or says why not.
    pub fn enter(self: &Arc<Self>, provider: &str) -> Result<Pass, Refusal> {
        let mut state = self.lock();
        let trial = match &mut *state {
            State::Closed(_) => false,
            State::Refused(kind, message, hint) => {
                let mut error = Error::new(*kind, message.clone());
                if let Some(hint) = hint {
                    error = error.hint(hint.clone());
                }
                return Err(Refusal(error, Retry::UntilConfigured));
            }
            State::Resting { until, trial } => {
                let rest = until.saturating_duration_since(Instant::now());
                if *trial || !rest.is_zero() {
                    let message = format!("{provider} failed {FAILURES} times in a row");
                    let hint = match *trial {
                        true => "another request is trying it just now".into(),
                        false => format!("it is asked again in {}", in_words(rest)),
                    };
                    let error = Error::unavailable(message).hint(hint);
                    let after = (!*trial).then_some(rest);
                    return Err(Refusal(error, Retry::Later { after }));
                }
                *trial = true;
                true
            }
        };
        Ok(Pass {
            breaker: self.clone(),
            trial,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// The provider answered.
    pub fn succeeded(&mut self) {
        self.end(|_| State::default());
    }

    /// The provider failed; says whether it is left alone from now on.
    pub fn failed(&mut self, failure: &Failure) -> bool {
        if failure.retry == Retry::Never && failure.error.kind() == Kind::RateLimited {
            // Our own limit refused it, which says nothing of the provider.
            return false;
        }
        let trial = self.trial;
        self.end(|state| match (failure.retry, state) {
            (Retry::UntilConfigured, _) => {
                let error = &failure.error;
                let hint = error.hint_text().map(ToOwned::to_owned);
                State::Refused(error.kind(), error.message().to_owned(), hint)
            }
            // It was reached, and had an answer.
            (Retry::Never, State::Closed(_) | State::Resting { .. }) => State::default(),
            (Retry::Once, State::Closed(failures)) => State::Closed(failures),
            (Retry::Later { .. }, State::Closed(failures)) if failures + 1 < FAILURES => {
                State::Closed(failures + 1)
            }
            (Retry::Once | Retry::Later { .. }, State::Closed(_) | State::Resting { .. }) => {
                State::Resting {
                    until: Instant::now() + REST,
                    trial: false,
                }
            }
            (_, refused @ State::Refused(..)) => refused,
        });
        trial || !matches!(*self.breaker.lock(), State::Closed(_))
    }

    /// Goes to another state, unless the state belongs to somebody else's trial.
    fn end(&mut self, next: impl FnOnce(State) -> State) {
        let mut state = self.breaker.lock();
        let resting = matches!(*state, State::Resting { .. });
        if resting && !self.trial {
            return;
        }
        self.trial = false;
        *state = next(std::mem::take(&mut *state));
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.trial
            && let State::Resting { trial, .. } = &mut *self.breaker.lock()
        {
            // Withdrawn before there was an answer: the next one may try.
            *trial = false;
        }
    }
}
