use std::sync::Mutex;
use std::time::Duration;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::cost::{Caps, MicroUsd};
use super::fake::{Fake, Hands, Step, ask, failure, later, request, services};
use super::rate_limit::{Limiter, Limits, Mode};
use super::*;
use crate::ai::provider::{Chunk, Retry};
use crate::error::Kind;

struct Case {
    fake: Arc<Fake>,
    whole: Arc<dyn Provider>,
    services: Services,
    _home: tempfile::TempDir,
}

impl Case {
    /// A stack that may ask so often a minute, and spend so much a day.
    fn new(requests: u32, daily: u64, script: impl IntoIterator<Item = Step>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut services = services(home.path(), &Hands::new());
        services.limiter = Arc::new(Limiter::new(rate_limit::Settings {
            global: Limits {
                requests_per_minute: Some(requests),
                tokens_per_hour: None,
            },
            mode: Mode::Refuse,
            ..Default::default()
        }));
        let mut settings = Settings::default();
        settings.cost.caps = Caps {
            daily: Some(MicroUsd(daily)),
            monthly: None,
        };
        let fake = Fake::new(script);
        Self {
            whole: stack(fake.clone(), &settings, &services),
            fake,
            services,
            _home: home,
        }
    }

    /// Requests, hits and failures as metrics counts them.
    fn counted(&self) -> (u64, u64, u64) {
        let all = self.services.metrics.accounts().unwrap();
        let all = all.values();
        all.fold((0, 0, 0), |sum, it| {
            (sum.0 + it.requests, sum.1 + it.hits, sum.2 + it.failures)
        })
    }

    /// Requests in the ledger and micro-dollars.
    fn spent(&self) -> (u64, u64) {
        let all = self.services.ledger.accounts().unwrap();
        let all = all.iter();
        all.fold((0, 0), |sum, (_, it)| {
            (sum.0 + it.requests, sum.1 + it.micro_usd.0)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn metrics_stands_around_the_cache_and_the_cache_around_the_money() {
    // Enough for one request: 1 token in, 50 out at most; it takes 100 in and 50 out.
    let case = Case::new(10, 600, []);
    let first = case.whole.complete(&request("a")).await.unwrap();
    let again = case.whole.complete(&request("a")).await.unwrap();
    assert!(!first.cached && again.cached);
    let other = case.whole.complete(&request("b")).await.unwrap_err();
    assert_eq!(other.error.kind(), Kind::Budget);
    assert_eq!(case.counted(), (3, 1, 1));
    assert_eq!(case.spent(), (1, 600));
    assert_eq!(case.fake.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_money_stands_around_the_repetition() {
    let case = Case::new(10, 600, [Step::Fail("", later()), Step::Fail("", later())]);
    let (answer, heard) = ask(&*case.whole, &request("a")).await;
    assert!(answer.is_ok());
    assert!(matches!(
        heard[..],
        [Chunk::Waiting { .. }, Chunk::Waiting { .. }, Chunk::Text(_)]
    ));
    assert_eq!(case.fake.asked(), 3);
    assert_eq!(case.spent(), (1, 600));
    assert_eq!(case.counted(), (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_repetition_stands_around_the_pace() {
    let case = Case::new(1, 600, [Step::Fail("", later())]);
    let refused = case.whole.complete(&request("a")).await.unwrap_err();
    assert_eq!(refused.error.kind(), Kind::RateLimited);
    assert_eq!(case.fake.asked(), 1);
    assert_eq!(case.spent(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_the_breaker_holds_back_takes_no_turn() {
    let refused = failure(Kind::Auth, Retry::UntilConfigured);
    let case = Case::new(2, 600, [Step::Fail("", refused)]);
    for _ in 0..5 {
        let failure = case.whole.complete(&request("a")).await.unwrap_err();
        assert_eq!(failure.error.kind(), Kind::Auth);
    }
    case.services.breakers.reset();
    assert!(case.whole.complete(&request("a")).await.is_ok());
}

/// What metrics had counted each time that the log was written.
#[derive(Clone)]
struct Watch {
    metrics: Arc<metrics::Metrics>,
    seen: Arc<Mutex<Vec<u64>>>,
}

impl Subscriber for Watch {
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        of.target().contains("middleware::log")
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        let counted = self.metrics.accounts().unwrap();
        let requests = counted.values().map(|it| it.requests).sum();
        self.seen.lock().unwrap().push(requests);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn the_log_stands_around_metrics() {
    let case = Case::new(10, 600, []);
    let watch = Watch {
        metrics: case.services.metrics.clone(),
        seen: Arc::default(),
    };
    let _guard = tracing::subscriber::set_default(watch.clone());
    for text in ["a", "a", "b"] {
        let _ = case.whole.complete(&request(text)).await;
    }
    assert_eq!(*watch.seen.lock().unwrap(), [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn counting_and_listing_go_through_all_layers() {
    let case = Case::new(10, 600, [Step::Fail("", later()), Step::Fail("", later())]);
    assert_eq!(case.whole.count_tokens("m", "a").await.unwrap(), 7);
    assert!(case.whole.models().await.unwrap().is_empty());
    assert_eq!((case.whole.name(), case.fake.asked()), ("claude", 4));
    assert_eq!(case.spent(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_withdraws_while_it_waits_pays_nothing() {
    let case = Case::new(10, 600, [Step::Fail("", later())]);
    let asked = request("a");
    let half = Duration::from_millis(500);
    let given_up = case.whole.complete(&asked);
    assert!(tokio::time::timeout(half, given_up).await.is_err());
    // The settlement is written by the pool; time goes on only when that is idle.
    tokio::time::sleep(half).await;
    assert_eq!(case.spent(), (1, 0));
}

#[test]
fn a_text_that_several_ask_for_is_counted_once_for_each_model() {
    let counted = Arc::new(Mutex::new(Vec::new()));
    let heard = counted.clone();
    let count = remembering(Arc::new(move |model, text| {
        let mut heard = heard.lock().unwrap();
        heard.push(format!("{model} {text}"));
        (model.len() * 100 + text.len()) as u64
    }));
    for (model, text, tokens) in [
        ("m", "one", 103),
        ("m", "one", 103),
        ("other", "one", 503),
        ("m", "three", 105),
        ("m", "one", 103),
    ] {
        assert_eq!(count(model, text), tokens, "{model} {text}");
    }
    assert_eq!(*counted.lock().unwrap(), ["m one", "other one", "m three"]);
    // Many others are asked for, and it is not kept for ever.
    for n in 0..100 {
        count("m", &n.to_string());
    }
    count("m", "one");
    assert_eq!(counted.lock().unwrap().len(), 3 + 100 + 1);
}
