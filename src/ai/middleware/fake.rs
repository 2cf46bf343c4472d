//! A provider that answers as it is told, and what tests of the layers need besides.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Zoned;

use super::cache::{Cache, MEGABYTE};
use super::cost::{Ledger, Prices};
use super::metrics::Metrics;
use super::rate_limit::{self, Limiter};
use super::retry::Breakers;
use super::{Clock, Services};
use crate::ai::provider::{
    Chunk, Failure, Message, Model, Provider, Reply, Request, Retry, Sink, Speaker, Stop, Usage,
};
use crate::error::{Error, Kind};

/// What the provider does when it is asked.
pub enum Step {
    /// Says its text in one piece.
    Answer(Reply),
    /// Says something, or nothing, and fails.
    Fail(&'static str, Failure),
    /// Thinks first.
    After(Duration, Box<Step>),
}

/// A provider with a script; without one it says [`reply`].
#[derive(Default)]
pub struct Fake {
    name: &'static str,
    script: Mutex<VecDeque<Step>>,
    asked: AtomicU32,
}

impl Fake {
    pub fn new(script: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Self::named("claude", script)
    }

    pub fn named(name: &'static str, script: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self {
            name,
            script: Mutex::new(script.into_iter().collect()),
            asked: AtomicU32::new(0),
        })
    }

    /// How often it was asked for an answer.
    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Provider for Fake {
    fn name(&self) -> &str {
        self.name
    }

    async fn stream(&self, _: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let next = self.script.lock().unwrap().pop_front();
        let mut step = next.unwrap_or_else(|| Step::Answer(reply("answer")));
        while let Step::After(time, then) = step {
            tokio::time::sleep(time).await;
            step = *then;
        }
        match step {
            Step::Answer(reply) => {
                sink(Chunk::Text(reply.text.clone()));
                Ok(reply)
            }
            Step::Fail(text, mut failure) => {
                if !text.is_empty() {
                    sink(Chunk::Text(text.into()));
                }
                failure.partial = text.into();
                Err(failure)
            }
            Step::After(..) => unreachable!("unwrapped above"),
        }
    }

    async fn count_tokens(&self, model: &str, text: &str) -> Result<u32, Failure> {
        let mut request = request(text);
        request.model = model.into();
        self.stream(&request, &mut |_| {}).await.map(|_| 7)
    }

    async fn models(&self) -> Result<Vec<Model>, Failure> {
        self.stream(&request(""), &mut |_| {})
            .await
            .map(|_| Vec::new())
    }
}

/// An answer that took 100 tokens in and 50 out.
pub fn reply(text: &str) -> Reply {
    Reply {
        text: text.into(),
        model: "m".into(),
        stop: Stop::End,
        usage: Usage {
            input: 100,
            output: 50,
            ..Usage::default()
        },
        request_id: Some("req".into()),
        cached: false,
        left: Vec::new(),
    }
}

/// A question of one message: 1 token in for each of its bytes, at most 50 out.
pub fn request(text: &str) -> Request {
    Request {
        model: "m".into(),
        role: "suggest".into(),
        system: String::new(),
        messages: vec![Message {
            speaker: Speaker::User,
            text: text.into(),
        }],
        max_tokens: 50,
        temperature: None,
        effort: None,
        schema: None,
        fresh: false,
        confirmed: false,
    }
}

/// A failure with a message and no text.
pub fn failure(kind: Kind, retry: Retry) -> Failure {
    Failure::new(Error::new(kind, "it failed"), retry)
}

/// The next try may succeed, and the provider says no more.
pub fn later() -> Failure {
    failure(Kind::Unavailable, Retry::Later { after: None })
}

/// A clock that a test sets.
#[derive(Clone)]
pub struct Hands(Arc<Mutex<Zoned>>);

impl Hands {
    pub fn new() -> Self {
        let noon = "2026-11-21T12:00:00+00:00[UTC]".parse().unwrap();
        Self(Arc::new(Mutex::new(noon)))
    }

    pub fn forward(&self, time: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(time).unwrap();
    }

    pub fn now(&self) -> Zoned {
        self.0.lock().unwrap().clone()
    }

    pub fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || hands.now())
    }
}

/// The price of model `m`: $1 for a million tokens in, $10 out, so 1 and 10 micro-dollars each.
pub const PRICES: &str = "
models:
  - { model: m, looked_up: 2026-11-21, source: [a test], rates: { input: 1000000, output: 10000000 } }
";

/// Services in a folder, with no limits of requests and tokens.
pub fn services(home: &Path, hands: &Hands) -> Services {
    let number = AtomicU64::new(0);
    Services {
        clock: hands.clock(),
        jitter: Arc::new(|| 0.0),
        ids: Arc::new(move || format!("id-{}", number.fetch_add(1, Ordering::SeqCst))),
        count: Arc::new(|_, text| text.len() as u64),
        cache: Arc::new(Cache::in_memory(MEGABYTE)),
        ledger: Arc::new(Ledger::new(home.join("data/ledger.jsonl"))),
        prices: Arc::new(Prices::parse(PRICES).unwrap()),
        breakers: Arc::new(Breakers::default()),
        limiter: Arc::new(Limiter::new(rate_limit::Settings {
            global: rate_limit::Limits::default(),
            ..rate_limit::Settings::default()
        })),
        metrics: Arc::new(Metrics::new(home.join("data/metrics.json"))),
    }
}

/// Asks, and gives what came to the sink besides.
pub async fn ask(
    provider: &dyn Provider,
    request: &Request,
) -> (Result<Reply, Failure>, Vec<Chunk>) {
    let mut heard = Vec::new();
    let answer = provider
        .stream(request, &mut |chunk| heard.push(chunk))
        .await;
    (answer, heard)
}
