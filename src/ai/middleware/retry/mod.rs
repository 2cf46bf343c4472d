//! Patience: what may succeed later is asked again, and a provider in trouble is left alone.
//!
//! Decides by [`Retry`] alone; which answer means what is the provider's to say. Nothing is asked again
//! once a piece of the answer was shown.

mod breaker;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{Jitter, Services};
use crate::ai::provider::{Chunk, Failure, Model, Provider, Reply, Request, Retry, Sink};
use crate::error::Error;
use breaker::{Breaker, Pass, Refusal};

pub use breaker::Breakers;

/// The longest jitter: enough that many do not ask in one moment.
const LONGEST_JITTER: Duration = Duration::from_secs(1);

/// How often and when a provider is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How often at most; 0 for never.
    pub most: u32,
    /// How long the first wait is; each later one is twice as long.
    pub first: Duration,
    /// The longest wait, also when the provider asks for it.
    pub longest: Duration,
}

impl Default for Settings {
    /// Three times, after 1, 2 and 4 seconds; a provider may ask for a minute.
    fn default() -> Self {
        Self {
            most: 3,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
        }
    }
}

/// The layer that asks again.
pub struct Again {
    inner: Arc<dyn Provider>,
    settings: Settings,
    breaker: Arc<Breaker>,
    jitter: Jitter,
}

/// What follows a failure.
enum Next {
    Fail(Failure),
    Wait(Chunk, Duration),
    AtOnce,
}

/// The attempts of one request.
struct Attempts<'a> {
    layer: &'a Again,
    pass: Pass,
    failed: u32,
    connected_again: bool,
}

impl Again {
    /// Puts patience around a provider.
    pub fn new(inner: Arc<dyn Provider>, settings: &super::Settings, services: &Services) -> Self {
        Self {
            breaker: services.breakers.of(inner.name()),
            inner,
            settings: settings.retry,
            jitter: services.jitter.clone(),
        }
    }

    fn begin(&self) -> Result<Attempts<'_>, Refusal> {
        Ok(Attempts {
            layer: self,
            pass: self.breaker.enter(self.inner.name())?,
            failed: 0,
            connected_again: false,
        })
    }

    fn with_jitter(&self, wait: Duration) -> Duration {
        let most = (wait / 4).min(LONGEST_JITTER);
        wait + most.mul_f64((self.jitter)().clamp(0.0, 1.0))
    }
}

impl Attempts<'_> {
    fn succeeded(&mut self) {
        self.pass.succeeded();
    }

    /// Decides what follows a failure; `shown` when a piece of the answer was.
    fn after(&mut self, failure: Failure, shown: bool) -> Next {
        let open = self.pass.failed(&failure);
        let settings = &self.layer.settings;
        let after = match failure.retry {
            _ if shown || open || settings.most == 0 => return Next::Fail(failure),
            Retry::Never | Retry::UntilConfigured => return Next::Fail(failure),
            Retry::Once if self.connected_again => return Next::Fail(failure),
            Retry::Once => {
                self.connected_again = true;
                return Next::AtOnce;
            }
            Retry::Later { after } => after,
        };
        if let Some(after) = after.filter(|after| *after > settings.longest) {
            return Next::Fail(too_long(failure, after));
        }
        if self.failed == settings.most {
            return Next::Fail(failure);
        }
        let doubled = settings.first.saturating_mul(1 << self.failed.min(16));
        let wait = after.unwrap_or(doubled.min(settings.longest));
        let wait = self.layer.with_jitter(wait);
        self.failed += 1;
        let (attempt, all) = (self.failed + 1, settings.most + 1);
        let why = format!("{}, attempt {attempt} of {all}", failure.error.message());
        Next::Wait(Chunk::Waiting { why, wait }, wait)
    }
}

/// The same failure, with the time at which it makes sense to ask again.
fn too_long(failure: Failure, after: Duration) -> Failure {
    let error = &failure.error;
    let error = Error::new(error.kind(), error.message())
        .hint(format!("try again in {}", in_words(after)))
        .because(failure.error);
    Failure { error, ..failure }
}

/// A time as one says it, never too short.
pub(super) fn in_words(time: Duration) -> String {
    let seconds = time.as_millis().div_ceil(1000);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

#[async_trait]
impl Provider for Again {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
        let mut attempts = self.begin()?;
        loop {
            let mut shown = false;
            let mut hear = |chunk| {
                shown |= matches!(&chunk, Chunk::Text(text) if !text.is_empty());
                sink(chunk);
            };
            let failure = match self.inner.stream(request, &mut hear).await {
                Ok(reply) => {
                    attempts.succeeded();
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            match attempts.after(failure, shown) {
                Next::Fail(failure) => return Err(failure),
                Next::AtOnce => {}
                Next::Wait(chunk, wait) => {
                    sink(chunk);
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    async fn count_tokens(&self, model: &str, text: &str) -> Result<u32, Failure> {
        let mut attempts = self.begin()?;
        loop {
            let failure = match self.inner.count_tokens(model, text).await {
                Ok(count) => {
                    attempts.succeeded();
                    return Ok(count);
                }
                Err(failure) => failure,
            };
            match attempts.after(failure, false) {
                Next::Fail(failure) => return Err(failure),
                Next::AtOnce => {}
                Next::Wait(_, wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    async fn models(&self) -> Result<Vec<Model>, Failure> {
        let mut attempts = self.begin()?;
        loop {
            let failure = match self.inner.models().await {
                Ok(models) => {
                    attempts.succeeded();
                    return Ok(models);
                }
                Err(failure) => failure,
            };
            match attempts.after(failure, false) {
                Next::Fail(failure) => return Err(failure),
                Next::AtOnce => {}
                Next::Wait(_, wait) => tokio::time::sleep(wait).await,
            }
        }
    }
}

#[cfg(test)]
mod tests;
