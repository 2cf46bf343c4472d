//! How many requests a minute and how many tokens an hour there may be, of all providers and of each.
//!
//! What a provider says with an answer of its own limits holds too, for that provider.

mod bucket;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::retry::in_words;
use super::{Count, Services, input_tokens};
use crate::ai::provider::{
    Chunk, Failure, Left, Model, Provider, Reply, Request, Retry, Sink, Usage, What,
};
use crate::error::{Error, Kind};
use bucket::{Bucket, Window};

/// How many there may be, and what happens when there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// For all providers together.
    pub global: Limits,
    /// For a provider by its name.
    pub providers: BTreeMap<String, Limits>,
    /// What happens to a request that is one too many.
    pub mode: Mode,
}

impl Default for Settings {
    /// 100 requests a minute and 100,000 tokens an hour, waiting.
    fn default() -> Self {
        Self {
            global: Limits {
                requests_per_minute: Some(100),
                tokens_per_hour: Some(100_000),
            },
            providers: BTreeMap::new(),
            mode: Mode::Wait,
        }
    }
}

/// How many there may be; none for as many as one likes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests, attempts counted.
    pub requests_per_minute: Option<u32>,
    /// Tokens of questions and answers.
    pub tokens_per_hour: Option<u64>,
}

/// What happens to a request that is one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It waits for its turn.
    Wait,
    /// It is refused.
    Refuse,
}

/// The buckets of all providers.
#[derive(Debug)]
pub struct Limiter {
    settings: Settings,
    buckets: Mutex<Buckets>,
}

#[derive(Debug)]
struct Buckets {
    global: Pair,
    providers: BTreeMap<String, Own>,
}

/// What one provider has.
#[derive(Debug)]
struct Own {
    configured: Pair,
    requests: Window,
    tokens: Window,
}

#[derive(Debug)]
struct Pair {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
}

impl Pair {
    fn new(limits: Limits) -> Self {
        let requests = limits.requests_per_minute.map(u64::from);
        Self {
            requests: requests.map(|most| Bucket::new(most, Duration::from_secs(60))),
            tokens: limits
                .tokens_per_hour
                .map(|most| Bucket::new(most, Duration::from_secs(3600))),
        }
    }
}

impl Limiter {
    /// Full buckets.
    pub fn new(settings: Settings) -> Self {
        Self {
            buckets: Mutex::new(Buckets {
                global: Pair::new(settings.global),
                providers: BTreeMap::new(),
            }),
            settings,
        }
    }

    /// Takes in what a provider says: so many are left until its own window begins anew.
    fn learn(&self, provider: &str, said: &Left) {
        let until = Instant::now() + said.reset;
        let window = Window::new(said.remaining, until);
        self.with(provider, |_, own| match said.what {
            What::Requests => own.requests = window,
            What::Tokens => own.tokens = window,
        });
    }

    /// Reserves a turn, and says how long it is until then.
    fn reserve(self: &Arc<Self>, provider: &str, tokens: u64) -> Result<(Turn, Duration), Error> {
        let now = Instant::now();
        self.with(provider, |global, own| {
            let pairs = [global, &mut own.configured];
            let mut requests: Vec<&mut Bucket> = Vec::new();
            let mut all: Vec<&mut Bucket> = Vec::new();
            for pair in pairs {
                requests.extend(&mut pair.requests);
                all.extend(&mut pair.tokens);
            }
            if let Some(bucket) = all.iter().find(|bucket| tokens > bucket.most()) {
                let most = bucket.most();
                let message =
                    format!("this takes up to {tokens} tokens, and {most} an hour are allowed");
                return Err(Error::new(Kind::RateLimited, message)
                    .hint("ask for less, or raise 'tokens_per_hour'"));
            }
            let buckets = requests.iter().map(|bucket| bucket.wait(1, now));
            let buckets = buckets.chain(all.iter().map(|bucket| bucket.wait(tokens, now)));
            let windows = [own.requests.wait(1, now), own.tokens.wait(tokens, now)];
            let wait = buckets.chain(windows).max().unwrap_or_default();
            if !wait.is_zero() && self.settings.mode == Mode::Refuse {
                let message = format!("{provider} is asked too often");
                let hint = format!("try again in {}", in_words(wait));
                return Err(Error::new(Kind::RateLimited, message).hint(hint));
            }
            requests.into_iter().for_each(|bucket| bucket.take(1, now));
            all.into_iter().for_each(|bucket| bucket.take(tokens, now));
            own.requests.take(1);
            own.tokens.take(tokens);
            let turn = Turn {
                limiter: self.clone(),
                provider: provider.to_owned(),
                tokens,
                begun: false,
            };
            Ok((turn, wait))
        })
    }

    fn with<T>(&self, provider: &str, work: impl FnOnce(&mut Pair, &mut Own) -> T) -> T {
        let mut buckets: MutexGuard<'_, Buckets> =
            self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let Buckets { global, providers } = &mut *buckets;
        let own = providers.entry(provider.to_owned()).or_insert_with(|| {
            let limits = self.settings.providers.get(provider);
            Own {
                configured: Pair::new(limits.copied().unwrap_or_default()),
                requests: Window::default(),
                tokens: Window::default(),
            }
        });
        work(global, own)
    }
}

/// A reserved turn; given back when it is dropped before it begins.
struct Turn {
    limiter: Arc<Limiter>,
    provider: String,
    tokens: u64,
    begun: bool,
}

impl Turn {
    /// Corrects the tokens that were reserved by those that it took, where that is known, and takes in
    /// what the provider says of its own limits.
    fn end(self, answer: &Result<Reply, Failure>) {
        for said in answer.iter().flat_map(|reply| &reply.left) {
            self.limiter.learn(&self.provider, said);
        }
        let usage = match answer {
            Ok(reply) => Some(reply.usage).filter(|usage| *usage != Usage::default()),
            // What brought nothing took none, as far as anybody says.
            Err(failure) if failure.partial.is_empty() => Some(failure.usage.unwrap_or_default()),
            Err(failure) => failure.usage,
        };
        let Some(usage) = usage else { return };
        let took = [
            usage.input,
            usage.output,
            usage.cache_read,
            usage.cache_write,
        ];
        let took = took.into_iter().fold(0, u64::saturating_add);
        let now = Instant::now();
        self.limiter.with(&self.provider, |global, own| {
            for bucket in [&mut global.tokens, &mut own.configured.tokens] {
                let Some(bucket) = bucket else { continue };
                bucket.give_back(self.tokens);
                bucket.take(took, now);
            }
        });
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.begun {
            return;
        }
        self.limiter.with(&self.provider, |global, own| {
            for pair in [global, &mut own.configured] {
                pair.requests
                    .iter_mut()
                    .for_each(|bucket| bucket.give_back(1));
                let tokens = self.tokens;
                pair.tokens
                    .iter_mut()
                    .for_each(|bucket| bucket.give_back(tokens));
            }
            own.requests.give_back(1);
            own.tokens.give_back(self.tokens);
        });
    }
}

/// The layer that keeps the pace.
pub struct RateLimit {
    inner: Arc<dyn Provider>,
    limiter: Arc<Limiter>,
    count: Count,
}

impl RateLimit {
    /// Puts the pace around a provider.
    pub fn new(inner: Arc<dyn Provider>, services: &Services) -> Self {
        Self {
            inner,
            limiter: services.limiter.clone(),
            count: services.count.clone(),
        }
    }

    async fn turn(&self, tokens: u64, sink: Sink<'_>) -> Result<Turn, Failure> {
        // What is refused here is not asked again: the person chose not to wait.
        let reserved = self.limiter.reserve(self.name(), tokens);
        let (mut turn, wait) = reserved.map_err(|error| Failure::new(error, Retry::Never))?;
        if !wait.is_zero() {
            let why = format!("{} was asked often, waiting for a turn", self.name());
            sink(Chunk::Waiting { why, wait });
            tokio::time::sleep(wait).await;
        }
        turn.begun = true;
        Ok(turn)
    }
}

#[async_trait]
impl Provider for RateLimit {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
        let tokens = input_tokens(request, &self.count);
        let tokens = tokens.saturating_add(u64::from(request.max_tokens));
        let turn = self.turn(tokens, sink).await?;
        let answer = self.inner.stream(request, sink).await;
        turn.end(&answer);
        answer
    }

    async fn count_tokens(&self, model: &str, text: &str) -> Result<u32, Failure> {
        self.turn(0, &mut |_| {}).await?;
        self.inner.count_tokens(model, text).await
    }

    async fn models(&self) -> Result<Vec<Model>, Failure> {
        self.turn(0, &mut |_| {}).await?;
        self.inner.models().await
    }
}

#[cfg(test)]
mod tests;
