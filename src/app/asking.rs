//! The one door to models: who is asked for a task, what that may cost, and what it did cost.

mod accounts;
mod door;
mod providers;
mod roles;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use jiff::Zoned;
use jiff::civil::Date;

use super::{App, blocking};
use crate::ai::middleware::cache::{Cache, MEGABYTE};
use crate::ai::middleware::cost::{Known, Ledger, MicroUsd, Override, Price, Prices, Rates};
use crate::ai::middleware::metrics::{Metrics, Summary};
use crate::ai::middleware::rate_limit::{self, Limiter, Limits, Mode};
use crate::ai::middleware::{Services, estimate, remembering};
use crate::ai::provider::{Failure, Model, Provider, Reply, Request, Retry, Sink, Usage};
use crate::config::{CacheBackend, Config, WhenExceeded};
use crate::error::{Error, Kind, Result};
use crate::events::Event;
use crate::tokens::budget::{Budget, Level};
use crate::tokens::{self, models};

pub use crate::ai::middleware::cost::Estimate;
pub use accounts::{Accounts, Kept, Limit};
pub use providers::{KnownProvider, KnownTask, PerMillion};
pub(super) use roles::known;
pub use roles::{Assigned, Choice, LOCAL};

/// The accounts of requests, below `data_dir`.
const METRICS: &str = "metrics.json";

/// What was spent, below `data_dir`.
const LEDGER: &str = "ledger.jsonl";

/// How often answers that are too old are removed.
const SWEEP: Duration = Duration::from_secs(3600);

/// Picodollars in a dollar: what a token costs is counted in them.
const PICO: f64 = 1e12;

/// The providers, made when the first one is asked.
pub(super) struct Asking {
    env: fn(&str) -> Option<String>,
    data_dir: PathBuf,
    services: OnceLock<Services>,
    providers: Mutex<HashMap<String, Arc<dyn Provider>>>,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Asked {
    /// It was answered.
    Answer(Answer),
    /// It may cost so much that the person has to say yes; the question to ask.
    Confirm(String),
}

/// An answer and what it cost.
#[derive(Debug)]
pub struct Answer {
    /// The answer.
    pub reply: Reply,
    /// What it cost; none when nobody knows.
    pub cost: Option<MicroUsd>,
}

impl Asking {
    pub(super) fn new(config: &Config, env: fn(&str) -> Option<String>) -> Self {
        Self {
            env,
            data_dir: config.data_dir.clone(),
            services: OnceLock::new(),
            providers: Mutex::default(),
        }
    }

    fn providers(&self) -> MutexGuard<'_, HashMap<String, Arc<dyn Provider>>> {
        self.providers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Asks for a task; what comes of the answer goes to `sink` at once.
    ///
    /// Every request of the product goes through here. What it took is announced and in the accounts,
    /// also when it failed.
    ///
    /// # Errors
    /// See [`Failure`]; what came of the answer before it broke off is in it.
    pub async fn ask(
        &self,
        assigned: &Assigned,
        request: &Request,
        sink: Sink<'_>,
    ) -> Result<Asked, Failure> {
        let refused = |error| Failure::new(error, Retry::Never);
        let services = self.services().map_err(refused)?;
        if let Some(question) = self.to_confirm(assigned, request).map_err(refused)? {
            return Ok(Asked::Confirm(question));
        }
        let outcome = assigned.asked.stream(request, sink).await;
        let (usage, cached) = match &outcome {
            Ok(reply) => (Some(reply.usage), reply.cached),
            Err(failure) => (failure.usage, false),
        };
        let tariff = &assigned.settings.cost;
        let price = tariff.price(&services.prices, &assigned.provider, &request.model);
        // Some services tell nothing of what an answer took.
        let told = usage.filter(|usage| *usage != Usage::default() || price == Known::Free);
        let cost = match cached {
            true => Some(MicroUsd(0)),
            false => told.and_then(|usage| price.of(&usage)),
        };
        if let Some(usage) = usage {
            self.events.publish(Event::RequestSpent {
                provider: assigned.provider.clone(),
                model: request.model.clone(),
                role: request.role.clone(),
                input: usage.input + usage.cache_read + usage.cache_write,
                output: usage.output,
                micro_usd: cost.map(|cost| cost.0),
                cached,
            });
        }
        services.metrics.save_later(Zoned::now().date());
        outcome.map(|reply| Asked::Answer(Answer { reply, cost }))
    }

    /// Why a text is too large for the model that would get it, if it is.
    ///
    /// # Errors
    /// `internal` when counting breaks off.
    pub async fn too_large(&self, assigned: &Assigned, text: &str) -> Result<Option<String>> {
        let model = models::find(&assigned.model);
        let budget = Budget::of(&self.config.tokens, &model);
        let text = text.to_owned();
        // It waits for the vocabulary.
        let count = blocking(move || tokens::count(text.as_bytes(), &model)).await?;
        Ok(match budget.judge(count.tokens) {
            Level::Refuse { reason } => Some(reason),
            Level::Fine | Level::Warn => None,
        })
    }

    /// Refuses a text that is too large for the model that would get it.
    ///
    /// # Errors
    /// `budget` when it is.
    pub async fn fits(&self, assigned: &Assigned, text: &str) -> Result<()> {
        match self.too_large(assigned, text).await? {
            None => Ok(()),
            Some(reason) => Err(Error::new(Kind::Budget, format!("not sent: {reason}"))
                .hint("shorten it, or take a model with a larger window")),
        }
    }

    /// What a request may take and cost at most.
    ///
    /// # Errors
    /// `internal` when the table of prices is damaged.
    pub fn estimate(&self, assigned: &Assigned, request: &Request) -> Result<Estimate> {
        let services = self.services()?;
        Ok(estimate(
            &assigned.provider,
            request,
            &assigned.settings,
            services,
        ))
    }

    /// The question that a person has to answer before a request is sent, if there is one.
    fn to_confirm(&self, assigned: &Assigned, request: &Request) -> Result<Option<String>> {
        let Some(limit) = assigned.settings.cost.confirm_above else {
            return Ok(None);
        };
        let Estimate {
            input,
            output,
            cost,
        } = self.estimate(assigned, request)?;
        let unknown = cost.is_none() && assigned.settings.cost.allow_unknown;
        let dear = cost.is_some_and(|cost| cost > limit) || unknown;
        if request.confirmed || !dear {
            return Ok(None);
        }
        let cost = match cost {
            Some(cost) => format!("at most {cost}"),
            None => "nobody knows how much it costs".into(),
        };
        Ok(Some(format!(
            "Ask {}? ~{input} tokens in, up to {output} out, {cost}",
            request.model
        )))
    }

    /// What was asked and spent on some days.
    ///
    /// # Errors
    /// `unavailable` when the accounts can't be read.
    pub async fn spending(&self, from: Date, to: Date) -> Result<Summary> {
        let services = self.services()?.clone();
        blocking(move || {
            let counted = services.metrics.accounts()?;
            let spent = services.ledger.accounts()?;
            Ok(Summary::new(&(from..=to), &counted, &spent))
        })
        .await?
    }

    /// The models that a provider offers; asks it.
    ///
    /// # Errors
    /// `config` for a provider that is not configured, `auth` without its key, and those of asking.
    pub async fn models(&self, provider: &str) -> Result<Vec<Model>> {
        let asked = self.provider(provider).await?;
        Ok(asked.models().await?)
    }

    /// Waits until what answers left to be written is written, before the program ends. Blocking.
    pub fn finish(&self) {
        if let Some(services) = self.asking.services.get() {
            services.finish();
        }
    }

    fn services(&self) -> Result<&Services> {
        if let Some(services) = self.asking.services.get() {
            return Ok(services);
        }
        let made = self.make_services()?;
        let cache = Arc::downgrade(&made.cache);
        if self.asking.services.set(made).is_ok() {
            tokio::spawn(sweep(cache));
        }
        let services = self.asking.services.get();
        services.ok_or_else(|| Error::internal("the services of models are gone"))
    }

    fn make_services(&self) -> Result<Services> {
        let config = &self.config;
        let data = &self.asking.data_dir;
        let limit = u64::from(config.caching.max_cache_size_mb) * MEGABYTE;
        let cache = match config.caching.backend {
            CacheBackend::File => Cache::in_files(config.caching.cache_dir.clone(), limit),
            CacheBackend::Memory => Cache::in_memory(limit),
        };
        Ok(Services {
            clock: Arc::new(Zoned::now),
            jitter: Arc::new(|| f64::from(uuid::Uuid::now_v7().as_bytes()[15]) / 255.0),
            ids: Arc::new(|| uuid::Uuid::now_v7().to_string()),
            count: remembering(Arc::new(|model, text| {
                let count = tokens::count(text.as_bytes(), &models::find(model));
                u64::from(count.tokens.0)
            })),
            cache: Arc::new(cache),
            ledger: Arc::new(Ledger::new(data.join(LEDGER))),
            prices: Arc::new(Prices::built_in()?.with(said_prices(config))),
            breakers: Arc::default(),
            limiter: Arc::new(Limiter::new(rates(config))),
            metrics: Arc::new(Metrics::new(data.join(METRICS))),
        })
    }
}

/// Removes answers that are too old, each hour, as long as anybody keeps answers.
async fn sweep(cache: Weak<Cache>) {
    while let Some(kept) = cache.upgrade() {
        let swept =
            tokio::task::spawn_blocking(move || kept.sweep(Zoned::now().timestamp().as_second()));
        if let Err(error) = swept.await {
            tracing::warn!(%error, "kept answers are not looked through");
        }
        tokio::time::sleep(SWEEP).await;
    }
}

/// What the person says that models cost.
fn said_prices(config: &Config) -> Vec<Override> {
    let pico = |dollars: f64| (dollars * PICO).round() as u64;
    let said = config
        .rate_limiting
        .providers
        .iter()
        .filter_map(|(name, rate)| {
            // One price without the other says nothing of a request.
            let (input, output) = (rate.cost_per_input_token?, rate.cost_per_output_token?);
            let rates = Rates {
                input: pico(input),
                output: pico(output),
                cache_read: None,
                cache_write: None,
            };
            Some(Override {
                provider: Some(name.clone()),
                model: None,
                price: Price {
                    rates,
                    above: Vec::new(),
                },
            })
        });
    said.collect()
}

fn rates(config: &Config) -> rate_limit::Settings {
    let configured = &config.rate_limiting;
    let of_provider = configured.providers.iter().map(|(name, rate)| {
        let limits = Limits {
            requests_per_minute: rate.requests_per_minute,
            tokens_per_hour: rate.tokens_per_hour.map(u64::from),
        };
        (name.clone(), limits)
    });
    rate_limit::Settings {
        global: Limits {
            requests_per_minute: Some(configured.global.requests_per_minute),
            tokens_per_hour: Some(u64::from(configured.global.tokens_per_hour)),
        },
        providers: of_provider.collect(),
        mode: match configured.when_exceeded {
            WhenExceeded::Wait => Mode::Wait,
            WhenExceeded::Refuse => Mode::Refuse,
        },
    }
}
