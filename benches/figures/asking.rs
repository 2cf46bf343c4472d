//! What stands around a provider, against the provider alone: one that answers at once.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Zoned;
use promptstack::ai::middleware::cache::{Cache, MEGABYTE};
use promptstack::ai::middleware::cost::{Ledger, Prices};
use promptstack::ai::middleware::metrics::Metrics;
use promptstack::ai::middleware::rate_limit::{self, Limiter, Limits};
use promptstack::ai::middleware::{Services, Settings, remembering, stack};
use promptstack::ai::provider::{
    Chunk, Failure, Message, Model, Provider, Reply, Request, Sink, Speaker, Stop, Usage,
};
use promptstack::tokens::{self, models, vocabulary};
use tokio::runtime::Builder;

use super::numbers::{Quantity, Samples};
use super::table::{Figure, Measured, Target, quartiles};

pub const FIGURES: [Figure; 2] = [
    Figure {
        name: "a request through all layers, beyond the provider alone",
        target: Target::AtMost(Quantity::Seconds(0.0002)),
    },
    Figure {
        name: "an answer given before, from the cache's files",
        target: Target::AtMost(Quantity::Seconds(0.001)),
    },
];

const MODEL: &str = "claude-sonnet-5-5";
const ROUNDS: usize = 501;

pub fn measure() -> Vec<Result<Measured, String>> {
    vocabulary::wait();
    let folder = tempfile::tempdir().expect("a temporary folder");
    // As the host's.
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let bare: Arc<dyn Provider> = Arc::new(AtOnce);
    let services = services(folder.path());
    let layered = stack(bare.clone(), &Settings::default(), &services);
    let ask = |provider: &Arc<dyn Provider>, request: &Request| {
        let answer = runtime.block_on(provider.stream(request, &mut |_| {}));
        assert!(answer.is_ok(), "{answer:?}");
    };
    let (mut alone, mut around, mut again, mut line) = Default::default();
    let mut file = File::create(folder.path().join("bare")).expect("a file");
    // They take turns, so that all meet the same disk.
    for n in 0..ROUNDS {
        let new = request(n);
        Samples::time(&mut alone, || ask(&bare, &new));
        Samples::time(&mut around, || ask(&layered, &new));
        // What is written after the answer holds up nobody who reads it.
        services.finish();
        Samples::time(&mut again, || ask(&layered, &new));
        Samples::time(&mut line, || write_and_sync(&mut file));
    }
    let beyond = around.median() - alone.median();
    vec![
        Ok(Measured {
            value: Quantity::Seconds(beyond),
            note: format!(
                "{}; alone {}",
                quartiles(&around),
                Quantity::Seconds(alone.median())
            ),
            // What is reserved is brought to the disk beside the request.
            reference: Some((
                "a line and its sync".into(),
                Quantity::Seconds(line.median()),
            )),
        }),
        Ok(Measured::median(&again)),
    ]
}

/// As much as a reservation in the ledger.
fn write_and_sync(file: &mut File) {
    let written = file.write_all(&[b'x'; 300]);
    written.and_then(|()| file.sync_data()).expect("a disk");
}

/// A provider that answers at once.
struct AtOnce;

#[async_trait]
impl Provider for AtOnce {
    fn name(&self) -> &str {
        "claude"
    }

    async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
        let text = "An answer of a few words.".to_owned();
        sink(Chunk::Text(text.clone()));
        Ok(Reply {
            text,
            model: request.model.clone(),
            stop: Stop::End,
            usage: Usage {
                input: 100,
                output: 7,
                ..Usage::default()
            },
            request_id: None,
            cached: false,
            left: Vec::new(),
        })
    }

    async fn count_tokens(&self, _: &str, _: &str) -> Result<u32, Failure> {
        Ok(100)
    }

    async fn models(&self) -> Result<Vec<Model>, Failure> {
        Ok(Vec::new())
    }
}

/// The services of the product, in a folder, without limits that would make a request wait.
fn services(data: &Path) -> Services {
    Services {
        clock: Arc::new(Zoned::now),
        jitter: Arc::new(|| 0.0),
        ids: Arc::new(|| uuid::Uuid::now_v7().to_string()),
        count: remembering(Arc::new(|model, text| {
            let count = tokens::count(text.as_bytes(), &models::find(model));
            u64::from(count.tokens.0)
        })),
        cache: Arc::new(Cache::in_files(data.join("cache"), 100 * MEGABYTE)),
        ledger: Arc::new(Ledger::new(data.join("ledger.jsonl"))),
        prices: Arc::new(Prices::built_in().expect("the table")),
        breakers: Arc::default(),
        limiter: Arc::new(Limiter::new(rate_limit::Settings {
            global: Limits::default(),
            ..rate_limit::Settings::default()
        })),
        metrics: Arc::new(Metrics::new(data.join("metrics.json"))),
    }
}

/// A question of some 300 words that was not asked before.
fn request(n: usize) -> Request {
    let text = format!(
        "{n}: {}",
        "write tests for each function that fails ".repeat(43)
    );
    Request {
        model: MODEL.into(),
        role: "suggest".into(),
        system: "You review prompts.".into(),
        messages: vec![Message {
            speaker: Speaker::User,
            text,
        }],
        max_tokens: 1_000,
        temperature: None,
        effort: None,
        schema: None,
        fresh: false,
        confirmed: true,
        private: false,
    }
}
