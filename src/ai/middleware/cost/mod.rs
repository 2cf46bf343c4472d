//! Money: nothing is sent that is too dear, and what was sent is in the ledger.
//!
//! Asks nobody: a request that a person has to see first is refused until it comes back confirmed.

mod ledger;
mod prices;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{Clock, Count, Ids, Services, blocking, input_tokens};
use crate::ai::provider::{Chunk, Failure, Model, Provider, Reply, Request, Retry, Sink, Usage};
use crate::error::{Error, Kind};

pub use ledger::{Account, Caps, Item, Ledger, Spent};
pub use prices::{MicroUsd, Override, Price, Prices, Rates, Tier};

/// What may be spent at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Where its prices are from.
    pub tariff: Tariff,
    /// What all providers together may cost.
    pub caps: Caps,
    /// A request that may cost more has to be confirmed by the person; none asks never.
    pub confirm_above: Option<MicroUsd>,
    /// Whether models without a known price are asked although there are caps.
    pub allow_unknown: bool,
}

impl Default for Settings {
    /// $50 a day and $500 a month; a request above ten cents is confirmed.
    fn default() -> Self {
        Self {
            tariff: Tariff::Listed,
            caps: Caps {
                daily: Some(MicroUsd(50_000_000)),
                monthly: Some(MicroUsd(500_000_000)),
            },
            confirm_above: Some(MicroUsd(100_000)),
            allow_unknown: false,
        }
    }
}

/// Where the prices of a provider are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tariff {
    /// It is the maker of the models: the table, unless the person says otherwise.
    Listed,
    /// It is somebody else who speaks its protocol: what the person says, nothing else.
    Said,
    /// It costs nothing, such as a model on this machine.
    Free,
}

/// What is known of the price of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It costs this.
    Priced(Price),
    /// Nobody knows, so it is not free.
    Unknown,
    /// It costs nothing.
    Free,
}

/// What a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// The tokens of the question, roughly.
    pub input: u64,
    /// The longest answer in tokens.
    pub output: u64,
    /// What it may cost at most; none when nobody knows.
    pub cost: Option<MicroUsd>,
}

impl Known {
    /// What a request cost by what it took; none when nobody knows.
    pub fn of(&self, usage: &Usage) -> Option<MicroUsd> {
        match self {
            Known::Priced(price) => Some(price.cost(usage)),
            Known::Unknown => None,
            Known::Free => Some(MicroUsd(0)),
        }
    }
}

impl Settings {
    /// What a model costs here.
    pub fn price(&self, prices: &Prices, provider: &str, model: &str) -> Known {
        let listed = || match self.tariff {
            Tariff::Listed => prices.listed(model),
            _ => None,
        };
        if self.tariff == Tariff::Free {
            return Known::Free;
        }
        let found = prices.said(provider, model).or_else(listed);
        found.map_or(Known::Unknown, |price| Known::Priced(price.clone()))
    }
}

/// What a request may take at most.
pub(super) fn estimate(request: &Request, price: Known, count: &Count) -> Estimate {
    let (input, output) = (input_tokens(request, count), u64::from(request.max_tokens));
    let cost = match price {
        Known::Priced(price) => Some(price.at_most(input, output)),
        Known::Unknown => None,
        Known::Free => Some(MicroUsd(0)),
    };
    Estimate {
        input,
        output,
        cost,
    }
}

/// The layer that keeps the budget.
pub struct Cost {
    inner: Arc<dyn Provider>,
    settings: Settings,
    prices: Arc<Prices>,
    ledger: Arc<Ledger>,
    clock: Clock,
    ids: Ids,
    count: Count,
}

impl Cost {
    /// Puts the budget around a provider.
    pub fn new(inner: Arc<dyn Provider>, settings: &super::Settings, services: &Services) -> Self {
        Self {
            inner,
            settings: settings.cost,
            prices: services.prices.clone(),
            ledger: services.ledger.clone(),
            clock: services.clock.clone(),
            ids: services.ids.clone(),
            count: services.count.clone(),
        }
    }

    /// Whether a request may be sent as far as the request alone tells.
    fn check(&self, request: &Request, estimate: &Estimate) -> Result<(), Error> {
        let caps = &self.settings.caps;
        let capped = caps.daily.is_some() || caps.monthly.is_some();
        let model = &request.model;
        if estimate.cost.is_none() && capped && !self.settings.allow_unknown {
            let message = format!("nobody knows what '{model}' costs, so no limit would hold");
            return Err(Error::new(Kind::Budget, message)
                .hint("say its price in the configuration, or allow models without one"));
        }
        let Some(limit) = self.settings.confirm_above else {
            return Ok(());
        };
        if request.confirmed || estimate.cost.is_some_and(|cost| cost <= limit) {
            return Ok(());
        }
        let cost = match estimate.cost {
            Some(cost) => format!("may cost {cost}"),
            None => "costs nobody knows how much".into(),
        };
        let (input, output) = (estimate.input, estimate.output);
        Err(Error::new(
            Kind::Budget,
            format!("this {cost}: ~{input} tokens in, at most {output} out"),
        )
        .hint(format!(
            "what may cost more than {limit} has to be confirmed"
        )))
    }
}

#[async_trait]
impl Provider for Cost {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
        let refused = |error| Failure::new(error, Retry::Never);
        let price = self
            .settings
            .price(&self.prices, self.name(), &request.model);
        if price == Known::Free {
            return self.inner.stream(request, sink).await;
        }
        let estimate = estimate(request, price.clone(), &self.count);
        self.check(request, &estimate).map_err(refused)?;
        let item = Item {
            id: (self.ids)(),
            at: (self.clock)(),
            provider: self.name().to_owned(),
            model: request.model.clone(),
            role: request.role.clone(),
            estimate: estimate.cost,
        };
        let mut open = Open {
            ledger: self.ledger.clone(),
            item: Arc::new(item),
            state: State::Unsent,
        };
        open.reserve(self.settings.caps).await.map_err(refused)?;
        let answer = self
            .inner
            .stream(request, &mut |chunk| {
                open.hear(&chunk);
                sink(chunk);
            })
            .await;
        open.close(&answer, &price).await;
        answer
    }

    async fn count_tokens(&self, model: &str, text: &str) -> Result<u32, Failure> {
        self.inner.count_tokens(model, text).await
    }

    async fn models(&self) -> Result<Vec<Model>, Failure> {
        self.inner.models().await
    }
}

/// A request in the ledger; one that is dropped while nothing was asked for is settled with nothing.
struct Open {
    ledger: Arc<Ledger>,
    item: Arc<Item>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody was asked yet.
    Unsent,
    /// The provider has it, or had it and said nothing.
    Sent,
    /// No attempt runs until then; those before brought nothing.
    Idle(Instant),
    /// A piece of the answer came, so it costs.
    Heard,
    /// It is settled, or never will be.
    Closed,
}

impl Open {
    async fn reserve(&mut self, caps: Caps) -> Result<(), Error> {
        let (ledger, item) = (self.ledger.clone(), self.item.clone());
        let (tell, told) = oneshot::channel();
        tokio::task::spawn_blocking(move || match ledger.reserve(&item, &caps) {
            Ok(reserved) => {
                let _ = tell.send(Ok(()));
                // Beside the request, which waits for no disk.
                ledger.sync(reserved);
            }
            Err(error) => drop(tell.send(Err(error))),
        });
        let broke_off = |_| Err(Error::internal("work on the disk broke off"));
        let reserved = told.await.unwrap_or_else(broke_off);
        self.state = match reserved {
            Ok(()) => State::Sent,
            Err(_) => State::Closed,
        };
        reserved
    }

    fn hear(&mut self, chunk: &Chunk) {
        self.state = match chunk {
            Chunk::Waiting { wait, .. } if self.state != State::Heard => {
                State::Idle(Instant::now() + *wait)
            }
            Chunk::Text(text) if !text.is_empty() => State::Heard,
            _ => return,
        };
    }

    /// Settles, where it is known what it cost; else the reservation stands.
    async fn close(mut self, answer: &Result<Reply, Failure>, price: &Known) {
        let heard = self.state == State::Heard;
        self.state = State::Closed;
        let usage = match answer {
            Ok(reply) if reply.usage == Usage::default() && !reply.text.is_empty() => return,
            Ok(reply) => reply.usage,
            Err(failure) => match failure.usage {
                Some(usage) => usage,
                // Providers charge for an answer that broke off, and nobody says how much.
                None if heard || !failure.partial.is_empty() => return,
                None => Usage::default(),
            },
        };
        let cost = match price {
            Known::Priced(price) => Some(price.cost(&usage)),
            _ if usage == Usage::default() => Some(MicroUsd(0)),
            _ => None,
        };
        let (ledger, item) = (self.ledger.clone(), self.item.clone());
        if !ledger::is_dearer(cost, item.estimate) {
            return ledger.settle_later(item, cost, usage);
        }
        let settled = blocking(move || ledger.settle(&item, cost, &usage)).await;
        if let Err(error) = settled.and_then(|settled| settled) {
            tracing::warn!(id = self.item.id, %error, "a request could not be settled");
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let nothing_asked = match self.state {
            State::Unsent => true,
            State::Idle(until) => Instant::now() < until,
            _ => false,
        };
        if nothing_asked && Handle::try_current().is_ok() {
            let item = self.item.clone();
            // Should it come before the reservation, that one counts no more.
            self.ledger
                .settle_later(item, Some(MicroUsd(0)), Usage::default());
        }
    }
}

#[cfg(test)]
mod tests;
