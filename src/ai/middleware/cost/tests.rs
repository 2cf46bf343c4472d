use std::time::Duration;

use super::*;
use crate::ai::middleware::fake::{
    Fake, Hands, Step, ask, failure, later, reply, request, services,
};

const UNLIMITED: Caps = Caps {
    daily: None,
    monthly: None,
};

/// What a question of 100 bytes may cost by the tests' table: 100 in and 50 out.
const EACH: u64 = 600;

struct Case {
    fake: Arc<Fake>,
    layer: Cost,
    services: Services,
    hands: Hands,
    _home: tempfile::TempDir,
}

impl Case {
    fn new(settings: Settings, script: impl IntoIterator<Item = Step>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let hands = Hands::new();
        let services = services(home.path(), &hands);
        let fake = Fake::new(script);
        let settings = super::super::Settings {
            cost: settings,
            ..Default::default()
        };
        Self {
            layer: Cost::new(fake.clone(), &settings, &services),
            fake,
            services,
            hands,
            _home: home,
        }
    }

    async fn ask(&self) -> Result<Reply, Failure> {
        self.layer.complete(&question()).await
    }

    /// Micro-dollars, and how many are open and how many unknown.
    fn spent(&self) -> (u64, u64, u64) {
        let accounts = self.services.ledger.accounts().unwrap();
        let all = accounts.into_iter().map(|(_, spent)| spent);
        all.fold((0, 0, 0), |sum, it| {
            (sum.0 + it.micro_usd.0, sum.1 + it.open, sum.2 + it.unknown)
        })
    }
}

fn question() -> Request {
    request(&"x".repeat(100))
}

fn capped(daily: u64) -> Settings {
    Settings {
        caps: Caps {
            daily: Some(MicroUsd(daily)),
            monthly: None,
        },
        ..Settings::default()
    }
}

fn refusal(answer: Result<Reply, Failure>) -> String {
    let failure = answer.unwrap_err();
    assert_eq!(failure.error.kind(), Kind::Budget);
    assert_eq!(failure.retry, Retry::Never);
    failure.error.to_string()
}

#[tokio::test(start_paused = true)]
async fn what_it_cost_is_settled_where_anybody_knows() {
    let used = |input, output| {
        let mut reply = reply("a");
        reply.usage.input = input;
        reply.usage.output = output;
        Step::Answer(reply)
    };
    let mut paid = failure(Kind::Unavailable, Retry::Never);
    paid.usage = Some(Usage {
        output: 7,
        ..Usage::default()
    });
    let rows = [
        ("less than reserved", used(90, 1), (100, 0, 0)),
        ("more than reserved", used(100, 500), (5_100, 0, 0)),
        ("nobody says", used(0, 0), (EACH, 1, 0)),
        ("failed at once", Step::Fail("", later()), (0, 0, 0)),
        ("failed and says what", Step::Fail("", paid), (70, 0, 0)),
        ("cut", Step::Fail("par", later()), (EACH, 1, 0)),
    ];
    for (name, step, expected) in rows {
        let case = Case::new(Settings::default(), [step]);
        let _ = case.ask().await;
        assert_eq!(case.spent(), expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_withdrawn_costs_nothing_only_while_nothing_was_asked() {
    /// Says that it waits, or says something, and then nothing for long.
    struct Slow(Vec<Chunk>);

    #[async_trait]
    impl Provider for Slow {
        fn name(&self) -> &str {
            "claude"
        }
        async fn stream(&self, _: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
            self.0.iter().cloned().for_each(sink);
            tokio::time::sleep(Duration::from_secs(99)).await;
            Ok(reply(""))
        }
        async fn count_tokens(&self, _: &str, _: &str) -> Result<u32, Failure> {
            Ok(0)
        }
        async fn models(&self) -> Result<Vec<Model>, Failure> {
            Ok(Vec::new())
        }
    }
    let waiting = |seconds| Chunk::Waiting {
        why: String::new(),
        wait: Duration::from_secs(seconds),
    };
    let text = Chunk::Text("a".into());
    let rows = [
        (vec![], EACH),
        (vec![waiting(60)], 0),
        (vec![waiting(5)], EACH),
        (vec![text.clone()], EACH),
        (vec![text, waiting(60)], EACH),
    ];
    for (said, expected) in rows {
        let case = Case::new(Settings::default(), []);
        let settings = super::super::Settings::default();
        let layer = Cost::new(Arc::new(Slow(said.clone())), &settings, &case.services);
        let asked = question();
        let (time, call) = (Duration::from_secs(9), layer.complete(&asked));
        assert!(tokio::time::timeout(time, call).await.is_err());
        // The settlement is written by the pool; time goes on only when that is idle.
        tokio::time::sleep(time).await;
        assert_eq!(case.spent().0, expected, "{said:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_withdrawn_while_it_is_reserved_costs_nothing() {
    let case = Case::new(Settings::default(), []);
    assert!(case.ask().await.is_ok());
    let file = std::fs::File::open(case._home.path().join("data/ledger.jsonl")).unwrap();
    file.lock().unwrap();
    let asked = question();
    let given_up = case.layer.complete(&asked);
    assert!(
        tokio::time::timeout(Duration::ZERO, given_up)
            .await
            .is_err()
    );
    drop(file);
    // Time goes on only when the pool is idle.
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!((case.spent().0, case.fake.asked()), (EACH, 1));
}

#[tokio::test(start_paused = true)]
async fn caps_hold_under_ten_requests_at_once() {
    let settings = capped(3 * EACH + 599);
    let slow = || {
        let answer = Step::Answer(reply("a"));
        Step::After(Duration::from_secs(1), Box::new(answer))
    };
    let case = Case::new(settings, (0..10).map(|_| slow()));
    let all = futures::future::join_all((0..10).map(|_| case.ask())).await;
    assert_eq!(all.iter().filter(|answer| answer.is_ok()).count(), 3);
    assert_eq!(case.fake.asked(), 3);
    assert_eq!(case.spent(), (3 * EACH, 0, 0));
    for answer in all.into_iter().filter(Result::is_err) {
        let said = refusal(answer);
        assert!(
            said.starts_with("the daily limit is $0.0024: $0.0018 is spent"),
            "{said}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_cap_is_of_the_day_and_of_the_month() {
    let settings = Settings {
        caps: Caps {
            daily: Some(MicroUsd(EACH)),
            monthly: Some(MicroUsd(2 * EACH)),
        },
        ..Settings::default()
    };
    let case = Case::new(settings, []);
    let days = Duration::from_secs(86_400);
    assert!(case.ask().await.is_ok());
    assert!(refusal(case.ask().await).contains("the daily limit"));
    case.hands.forward(days);
    assert!(case.ask().await.is_ok());
    case.hands.forward(days);
    assert!(refusal(case.ask().await).contains("the monthly limit"));
    case.hands.forward(days * 8);
    assert!(case.ask().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_model_without_a_price_is_never_free() {
    let unknown = |allow, caps, confirm_above| Settings {
        caps,
        confirm_above,
        allow_unknown: allow,
        ..Settings::default()
    };
    let caps = Settings::default().caps;
    // Whether it is allowed, the caps, the limit to confirm, confirmed, sent.
    let rows = [
        (false, caps, None, false, false),
        (false, caps, None, true, false),
        (true, caps, None, false, true),
        (false, UNLIMITED, None, false, true),
        (true, caps, Some(MicroUsd(1_000_000)), false, false),
        (true, caps, Some(MicroUsd(1_000_000)), true, true),
    ];
    for (row, (allow, caps, above, confirmed, sent)) in rows.into_iter().enumerate() {
        let case = Case::new(unknown(allow, caps, above), []);
        let mut asked = question();
        asked.model = "nobody knows".into();
        asked.confirmed = confirmed;
        let answer = case.layer.complete(&asked).await;
        assert_eq!(answer.is_ok(), sent, "row {row}");
        let expected = if sent { (0, 0, 1) } else { (0, 0, 0) };
        assert_eq!(case.spent(), expected, "row {row}");
    }
}

#[tokio::test(start_paused = true)]
async fn whose_prices_hold_is_decided_for_each_provider() {
    let of = |tariff| {
        let settings = Settings {
            tariff,
            ..Settings::default()
        };
        Case::new(settings, [])
    };
    let free = of(Tariff::Free);
    assert!(free.ask().await.is_ok());
    assert!(free.services.ledger.accounts().unwrap().is_empty());
    let said = of(Tariff::Said);
    assert!(refusal(said.ask().await).starts_with("nobody knows what 'm' costs"));
    assert!(of(Tariff::Listed).ask().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_may_be_dear_is_shown_first() {
    let settings = Settings {
        confirm_above: Some(MicroUsd(EACH - 1)),
        ..Settings::default()
    };
    let case = Case::new(settings, []);
    assert_eq!(
        refusal(case.ask().await),
        "this may cost $0.0006: ~100 tokens in, at most 50 out \
         (what may cost more than $0.0006 has to be confirmed)"
    );
    assert_eq!(case.fake.asked(), 0);
    let settings = super::super::Settings {
        cost: settings,
        ..Default::default()
    };
    let shown = super::super::estimate("claude", &question(), &settings, &case.services);
    let expected = Estimate {
        input: 100,
        output: 50,
        cost: Some(MicroUsd(EACH)),
    };
    assert_eq!(shown, expected);
    let mut asked = question();
    asked.confirmed = true;
    assert!(case.layer.complete(&asked).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_that_can_not_be_accounted_for() {
    let case = Case::new(Settings::default(), []);
    std::fs::write(case._home.path().join("data"), "no folder").unwrap();
    let (answer, _) = ask(&case.layer, &question()).await;
    assert_eq!(answer.unwrap_err().error.kind(), Kind::Unavailable);
    assert_eq!(case.fake.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn counting_and_listing_cost_nothing() {
    let case = Case::new(capped(0), []);
    assert!(case.layer.count_tokens("m", "a").await.is_ok());
    assert!(case.layer.models().await.is_ok());
    assert_eq!(case.spent(), (0, 0, 0));
}
